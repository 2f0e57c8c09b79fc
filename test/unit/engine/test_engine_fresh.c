#include "base/base.h"
#include "../base/unit.h"
#include "base/arena.h"
#include "conf/config.h"
#include "conf/problem.h"
#include "engine/fresh.h"
#include "rule/decide.h"
#include "tracker/driver.h"

static int fresh_source(void *ctx, struct arena *a, const char *path, struct str *ret, struct err *e)
{
    (void)ctx, (void)a, (void)path, (void)e;
    *ret =
        STR("store: sqlite:x.db\ntrackers:\n  bugzilla: {kind: bugzilla, url: 'https://b', api_key: a, hook_key: k}\n");
    return 0;
}

static const char *fresh_env(void *ctx, const char *name)
{
    (void)ctx, (void)name;
    return NULL;
}

static struct config *some_config(struct arena *a)
{
    const struct conf_kinds kinds = {tracker_kinds, rule_conf_kinds};
    const struct conf_source source = {fresh_source, fresh_env, NULL};
    struct problems p;
    problems_init(&p, a);
    struct config *c = config_read("/x/lockstep.yaml", &kinds, &source, &p);
    assert_non_null(c);
    return c;
}

static struct fresh_event *event_of(struct config *c, int64_t id)
{
    struct fresh_event *f = fresh_new(c, 1 << 20);
    f->entry.id = f->event.id = id;
    return f;
}

static bool has(struct fresh *all, int64_t id, const struct config *c)
{
    AUTO(fresh_auto) struct fresh_event *f = fresh_take(all, id, c);
    assert_true(!f || (f->event.id == id && f->config == c));
    return f != NULL;
}

static void test_each_once(void **state)
{
    (void)state;
    AUTO(arena_auto) struct arena *a = arena_new(1 << 20);
    struct config *c = some_config(a);
    struct fresh all = {0};
    for (int64_t id = 1; id <= FRESH_EVENTS; id++)
        fresh_keep(&all, event_of(c, id));
    for (int64_t id = FRESH_EVENTS; id > 1; id--) {
        assert_true(has(&all, id, c));
        assert_false(has(&all, id, c));
    }
    assert_false(has(&all, 1 + FRESH_EVENTS, c));
    fresh_free(&all);
    config_put(c);
}

/* A bounded number of bounded ones: the newest stay. */
static void test_few_and_small(void **state)
{
    (void)state;
    AUTO(arena_auto) struct arena *a = arena_new(1 << 20);
    struct config *c = some_config(a);
    struct fresh all = {0};
    for (int64_t id = 1; id <= 3 * FRESH_EVENTS; id++)
        fresh_keep(&all, event_of(c, id));
    assert_false(has(&all, 2 * FRESH_EVENTS, c));
    assert_true(has(&all, 3 * FRESH_EVENTS, c));
    struct fresh_event *large = event_of(c, 3 * FRESH_EVENTS + 1);
    (void)arena_bytes(large->arena, FRESH_BYTES);
    fresh_keep(&all, large);
    assert_false(has(&all, 3 * FRESH_EVENTS + 1, c));
    assert_false(has(&all, 2 * FRESH_EVENTS + 1, c));
    fresh_free(&all);
    config_put(c);
}

/* Another configuration may decode it otherwise. */
static void test_not_after_a_reload(void **state)
{
    (void)state;
    AUTO(arena_auto) struct arena *a = arena_new(1 << 20);
    struct config *before = some_config(a), *after = some_config(a);
    struct fresh all = {0};
    fresh_keep(&all, event_of(before, 7));
    config_put(before);
    assert_false(has(&all, 7, after));
    assert_false(has(&all, 7, before));
    fresh_free(&all);
    config_put(after);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_each_once), cmocka_unit_test(test_few_and_small),
                                       cmocka_unit_test(test_not_after_a_reload)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
