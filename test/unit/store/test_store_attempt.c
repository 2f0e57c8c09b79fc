/* Attempts, effects and links. */
#include "base/base.h"
#include "unit_store.h"

static void test_ends_once(void **state)
{
    struct place *p = *state;
    static const enum verdict ends[] = {VERDICT_UNCHANGED, VERDICT_APPLIED, VERDICT_DISCARDED, VERDICT_DROPPED,
                                        VERDICT_EXPIRED};
    for (size_t i = 0; i < COUNT(ends); i++) {
        int64_t id = place_add(p, (int64_t)i);
        assert_int_equal(place_attempt(p, id, 1, VERDICT_PARKED), 0);
        assert_int_equal(place_attempt(p, id, 1, VERDICT_PARKED), -ERR_CONFLICT); /* that number is taken */
        assert_int_equal(place_attempt(p, id, 2, ends[i]), 0);
        assert_int_equal(place_attempt(p, id, 3, ends[i]), -ERR_CONFLICT);
        assert_non_null(strstr(p->e.text, "has ended already"));
        assert_int_equal(place_attempt(p, id, 3, VERDICT_PARKED), -ERR_CONFLICT);
    }
    store_commit(p->s);
    assert_int_equal(place_pending(p).n, 0);
}

static void test_refused(void **state)
{
    struct place *p = *state;
    int64_t id = place_add(p, 1);
    assert_int_equal(place_attempt(p, id + 1, 1, VERDICT_APPLIED), -ERR_MISSING);
    assert_int_equal(place_attempt(p, id, 0, VERDICT_APPLIED), -ERR_BUG);
    assert_int_equal(place_attempt(p, id, 1 << 20, VERDICT_APPLIED), -ERR_BUG);
    assert_int_equal(place_attempt(p, id, 1, VERDICT_RUNNING), -ERR_BUG);
    assert_int_equal(place_attempt(p, id, 1, VERDICT_QUEUED), -ERR_BUG);
    assert_int_equal(place_attempt(p, id, (1 << 20) - 1, VERDICT_APPLIED), 0);
    assert_int_equal(place_pending(p).n, 0);
}

static void test_effects(void **state)
{
    struct place *p = *state;
    struct effect f = {.key = "bugzilla:12#c3", .event = 4, .state = EFFECT_INTENT, .at_ms = 9};
    struct effect back;
    assert_int_equal(store_get_effect(p->s, f.key, p->a, &back, &p->e), 0);
    assert_int_equal(store_put_effect(p->s, &f, &p->e), 0);
    assert_int_equal(store_get_effect(p->s, f.key, p->a, &back, &p->e), 1); /* before the commit as well */
    assert_string_equal(back.key, f.key);
    assert_int_equal(back.event, 4);
    assert_int_equal(back.state, EFFECT_INTENT);
    assert_null(back.result);
    assert_int_equal(back.at_ms, 9);
    f.state = EFFECT_DONE;
    f.result = "JB-7";
    assert_int_equal(store_put_effect(p->s, &f, &p->e), 0);
    place_reopen(p);
    assert_int_equal(store_get_effect(p->s, f.key, p->a, &back, &p->e), 1);
    assert_int_equal(back.state, EFFECT_DONE);
    assert_string_equal(back.result, "JB-7");
    assert_int_equal(store_get_effect(p->s, "bugzilla:12#c", p->a, &back, &p->e), 0);
}

static void put_link(struct place *p, const char *from, const char *to, int64_t event, bool is_confirmed)
{
    struct link_record l = {"bugzilla", from, "jira", to, event, is_confirmed, 1};
    assert_int_equal(store_put_link(p->s, &l, &p->e), 0);
}

static struct many get_links(struct place *p, const char *tracker, const char *ref)
{
    struct many m = {NULL, 0};
    assert_int_equal(store_get_links(p->s, tracker, ref, p->a, &m, &p->e), 0);
    return m;
}

static void test_links(void **state)
{
    struct place *p = *state;
    put_link(p, "1", "JB-1", 1, false);
    put_link(p, "1", "JB-2", 2, true);
    put_link(p, "2", "JB-2", 3, false);
    put_link(p, "1", "JB-1", 9, true); /* confirmed later; made by the first */
    struct link_record back_link = {"jira", "JB-2", "bugzilla", "2", 4, true, 1};
    assert_int_equal(store_put_link(p->s, &back_link, &p->e), 0);
    place_reopen(p);

    struct many m = get_links(p, "bugzilla", "1");
    const struct linked *l = m.v;
    assert_int_equal(m.n, 2);
    assert_string_equal(l[0].tracker, "jira");
    assert_string_equal(l[0].ref, "JB-1");
    assert_int_equal(l[0].event, 1);
    assert_true(l[0].is_confirmed);
    assert_string_equal(l[1].ref, "JB-2");

    m = get_links(p, "jira", "JB-2"); /* from the other side; once, though both directions are there */
    l = m.v;
    assert_int_equal(m.n, 2);
    assert_string_equal(l[0].tracker, "bugzilla");
    assert_string_equal(l[0].ref, "1");
    assert_string_equal(l[1].ref, "2");
    assert_int_equal(l[1].event, 3);
    assert_true(l[1].is_confirmed);

    assert_int_equal(get_links(p, "github", "1").n, 0);
    assert_int_equal(store_remove_links_to(p->s, "jira", "JB-2", &p->e), 0);
    assert_int_equal(get_links(p, "bugzilla", "1").n, 1);
    assert_int_equal(get_links(p, "jira", "JB-2").n, 1); /* its own link to the bug stays */
    assert_int_equal(store_remove_links_to(p->s, "jira", "JB-99", &p->e), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLACE_TEST(test_ends_once),
        PLACE_TEST(test_refused),
        PLACE_TEST(test_effects),
        PLACE_TEST(test_links),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
