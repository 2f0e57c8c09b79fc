/* docs.h: lockstep.yaml's manual, written from the tables that read it. Pure. */
#ifndef CONF_DOCS_H
#define CONF_DOCS_H

#include "conf/config.h"

/* The whole page lockstep.yaml(5), as roff for man(7); and the same as Markdown. */
void conf_docs_man(struct text *to, const struct conf_kinds *kinds);
void conf_docs_markdown(struct text *to, const struct conf_kinds *kinds);

#endif
