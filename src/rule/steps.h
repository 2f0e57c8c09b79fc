/* steps.h: the steps that an action file may name, as a table: what each does and the function that plans it. */
#ifndef RULE_STEPS_H
#define RULE_STEPS_H

#include "conf/jbi.h"

struct rule_case;
struct rule_step {
    const char *help;                 /* one line, for the documentation */
    void (*run)(struct rule_case *c); /* adds changes, notes and needs; never fails */
};
/* In the order of enum jbi_step; the name of each is jbi_step_name. */
extern const struct rule_step rule_steps[JBI_STEPS];

#endif
