/* upkeep.c: what is due now and then: records beyond their retention, counts of folded log lines. A bounded bite a
 * turn. */
#include "base/base.h"
#include "engine/engine_private.h"
#include "base/log.h"
#include "store/damage.h"

enum { UPKEEP_EVERY_MS = 60 * 1000, UPKEEP_MORE_MS = 50, UPKEEP_BITE = 200 };

static void upkeep_fired(struct loop_timer *t);

static void upkeep_next(struct engine *g, int64_t after_ms)
{
    loop_timer_start(g->parts.loop, &g->upkeep, after_ms, upkeep_fired);
}

static int upkeep_prune(struct engine *g)
{
    struct err e = {0};
    int64_t now;
    if (store_damage(g->parts.store)) /* what can still be read may be all that there is */
        return 0;
    const struct age_clocks clocks = engine_clocks(g);
    if (!age_may_forget(&clocks, &now))
        return 0;
    const struct conf_retention *keep = &g->config->retention;
    int n = store_prune(g->parts.store, now - keep->events, now - keep->traces, UPKEEP_BITE, &e);
    if (n < 0)
        log_line(LOG_WARNING, "engine", "old records cannot be removed, ignored", LOG_STR("error", e.text));
    return n;
}

static void upkeep_fired(struct loop_timer *t)
{
    struct engine *g = CONTAINER(t, struct engine, upkeep);
    log_flush();
    upkeep_next(g, upkeep_prune(g) > 0 ? UPKEEP_MORE_MS : UPKEEP_EVERY_MS);
}

void upkeep_start(struct engine *g)
{
    upkeep_next(g, UPKEEP_EVERY_MS);
}
