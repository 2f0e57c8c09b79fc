#include "base/base.h"
#include "rule/members.h"

#include "base/text.h"
#include "rule/plan_private.h"

bool members_decide(const struct event *ev, struct arena *a, struct decision *ret)
{
    bool is_of_users = ev->source != SOURCE_WEBHOOK && text_same(ev->target, "user") && text_same(ev->action, "sync");
    if (!is_of_users)
        return false;
    struct unit *unit = MANY_ADD(a, &ret->units, struct unit);
    *unit = (struct unit){.rule = "groups", .matched = true, .operation = "update"};
    for (size_t i = 0; i < ev->issue.groups.n; i++) {
        struct change *c = plan_change(a, unit, CHANGE_GROUP_ADD);
        c->step = "update";
        c->issue = (struct target){.tracker = ev->tracker, .ref = ev->issue.ref};
        c->id = ev->issue.id;
        c->name = ev->issue.groups.v[i];
        c->may_refuse = true; /* the user, or the group, may be gone; whoever is left out is found again */
    }
    return true;
}
