/*
 * follow.c: issues in trackers that bridges write to, and whose changes by people matter to those bridges: which they
 * are, which changes, and which issues they are written to for.
 */
#include "base/base.h"
#include "base/arena.h"
#include "base/text.h"
#include "poll/reconcile_private.h"
#include "rule/decide.h"
#include "store/store.h"
#include "tracker/driver.h"

static bool follow_is_by(const struct conf_bridge *b, const struct conf_tracker *t)
{
    return b->to == t && rule_kind(b)->follows && (tracker_driver(t)->can & TRACKER_FOLLOW);
}

bool follow_is_any(const struct conf_bridge *b, const struct conf_tracker *t)
{
    AUTO(arena_auto) struct arena *a = arena_new(RECONCILE_CURSOR_BYTES);
    struct texts projects = {0};
    if (t && follow_is_by(b, t))
        rule_kind(b)->follows(b, a, &projects);
    return projects.n > 0;
}

const char *follow_projects(const struct follow *w, struct arena *a)
{
    const struct config *c = w->config;
    struct texts projects = {0};
    const char *ret = NULL;
    for (size_t i = 0; i < c->n_bridges; i++)
        if (follow_is_by(&c->bridges[i], w->tracker))
            rule_kind(&c->bridges[i])->follows(&c->bridges[i], a, &projects);
    for (size_t i = 0; i < projects.n; i++)
        ret = ret ? arena_fmt(a, "%s,%s", ret, projects.v[i]) : projects.v[i];
    return ret;
}

static bool follow_heeds(const struct follow *w, const char *field)
{
    const struct config *c = w->config;
    size_t n = strlen(field);
    for (size_t i = 0; i < c->n_bridges; i++) {
        const char *at = follow_is_by(&c->bridges[i], w->tracker) ? rule_kind(&c->bridges[i])->follows_fields : "";
        for (; *at; at += strcspn(at, ","), at += *at == ',')
            if (strncasecmp(at, field, n) == 0 && (at[n] == ',' || at[n] == '\0'))
                return true;
    }
    return false;
}

int64_t follow_changed(const struct follow *w, const struct issue *i)
{
    int64_t newest = 0;
    MANY_EACH(const struct issue_change, one, &i->past)
    if (one->field && one->at_ms > newest && follow_heeds(w, one->field))
        newest = one->at_ms;
    return newest;
}

struct many follow_past(const struct follow *w, const struct issue *i, int64_t since_ms, struct arena *a)
{
    struct many ret = {0};
    MANY_EACH(const struct issue_change, one, &i->past)
    if (one->field && follow_heeds(w, one->field) && (one->at_ms >= since_ms || text_same(one->field, "Key")))
        *MANY_ADD(a, &ret, struct issue_change) = (struct issue_change){
            .at_ms = one->at_ms,
            .by = arena_text(a, one->by),
            .field = arena_text(a, one->field),
            .removed = arena_text(a, one->removed),
            .added = arena_text(a, one->added),
        };
    return ret;
}

static bool follow_links_to(const struct follow *w, const char *tracker)
{
    const struct config *c = w->config;
    for (size_t i = 0; i < c->n_bridges; i++)
        if (follow_is_by(&c->bridges[i], w->tracker) && text_same(c->bridges[i].from->name, tracker))
            return true;
    return false;
}

/* What the store knows of that key. */
static int follow_links_of(const struct follow *w, const char *ref, struct arena *a, struct many *ret, struct err *e)
{
    struct many all = {0};
    int rc = store_get_links(w->store, w->tracker->name, ref, a, &all, e);
    MANY_EACH(const struct linked, l, &all)
    if (follow_links_to(w, l->tracker))
        *MANY_ADD(a, ret, struct linked) = *l;
    return rc;
}

int follow_links(const struct follow *w, const struct issue *i, struct arena *a, struct many *ret, struct err *e)
{
    int rc = follow_links_of(w, i->ref, a, ret, e);
    MANY_EACH(const struct issue_change, one, &i->past)
    if (rc == 0 && ret->n == 0 && text_same(one->field, "Key") && !text_blank(one->removed))
        rc = follow_links_of(w, one->removed, a, ret, e);
    return rc;
}
