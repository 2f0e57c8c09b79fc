/* Stores of every older schema, with data in them, open and lose nothing. What a schema was is written down here. */
#include "base/base.h"
#include "unit_store.h"
#include "store/people.h"

/* 23 bytes of a key */
#define ZEROS "0000000000000000000000000000000000000000000000"

static const char *const past[STORE_SCHEMA] = {
    [1] = "CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;"
          "CREATE TABLE event (id INTEGER PRIMARY KEY, tracker TEXT NOT NULL, source INTEGER NOT NULL, request_id TEXT,"
          " recovered INTEGER NOT NULL, received_ms INTEGER NOT NULL, kind TEXT NOT NULL, subject TEXT NOT NULL,"
          " lane INTEGER NOT NULL, headers TEXT, body BLOB);"
          "CREATE TABLE queue (id INTEGER PRIMARY KEY, lane INTEGER NOT NULL, subject INTEGER NOT NULL,"
          " attempts INTEGER NOT NULL, retry_at_ms INTEGER NOT NULL);"
          "CREATE TABLE seen (key BLOB PRIMARY KEY, event INTEGER NOT NULL) WITHOUT ROWID;"
          "CREATE TABLE outcome (event INTEGER PRIMARY KEY, verdict INTEGER NOT NULL, subject INTEGER NOT NULL,"
          " ended_ms INTEGER NOT NULL, attempts INTEGER NOT NULL);"
          "CREATE TABLE attempt (id INTEGER PRIMARY KEY, started_ms INTEGER NOT NULL, ended_ms INTEGER NOT NULL,"
          " verdict INTEGER NOT NULL, class TEXT, retry_at_ms INTEGER NOT NULL, target TEXT, reason TEXT, trace BLOB);"
          "CREATE TABLE effect (key TEXT PRIMARY KEY, event INTEGER NOT NULL, state INTEGER NOT NULL,"
          " phase INTEGER NOT NULL, note TEXT, result TEXT, at_ms INTEGER NOT NULL) WITHOUT ROWID;"
          "CREATE TABLE link (from_tracker TEXT, from_ref TEXT, to_tracker TEXT, to_ref TEXT, event INTEGER NOT NULL,"
          " confirmed INTEGER NOT NULL, at_ms INTEGER NOT NULL,"
          " PRIMARY KEY (from_tracker, from_ref, to_tracker, to_ref)) WITHOUT ROWID;"
          "CREATE INDEX link_to ON link (to_tracker, to_ref);"
          /* 7 ended, 8 is parked, 9 waits; ids up to 20 were given */
          "INSERT INTO meta VALUES ('floor', 20);"
          "INSERT INTO event VALUES (7, 'bugzilla', 0, 'r7', 0, 7000, 'bug.create', 'bugzilla:12', 5, '{}', 'seven'),"
          " (8, 'bugzilla', 0, 'r8', 1, 8000, 'bug.modify', 'bugzilla:12', 5, '{}', 'eight'),"
          " (9, 'bugzilla', 0, NULL, 0, 9000, 'undecodable', '', 6, NULL, 'nine');"
          "INSERT INTO queue VALUES (8, 5, 0, 1, 99000), (9, 6, 0, 0, 0);"
          "INSERT INTO seen VALUES (x'" ZEROS "07', 7), (x'" ZEROS "08', 8), (x'" ZEROS "09', 9);"
          "INSERT INTO outcome VALUES (7, 0, 0, 7500, 1);"
          "INSERT INTO attempt VALUES (7 * 1048576 + 1, 7100, 7500, 0, NULL, 0, 'jira:JB-1', NULL, '{}'),"
          " (8 * 1048576 + 1, 8100, 8500, 8, 'transient', 99000, NULL, 'HTTP 503', '{}');"
          "INSERT INTO effect VALUES ('bugzilla:12>jira:JB', 7, 2, 3, 'note', 'JB-1', 7400);"
          "INSERT INTO link VALUES ('bugzilla', '12', 'jira', 'JB-1', 7, 1, 7450);",
    [2] = "CREATE TABLE audit (id INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, who TEXT NOT NULL, verb TEXT NOT NULL,"
          " event INTEGER NOT NULL, note TEXT);"
          "CREATE INDEX audit_event ON audit (event);"
          "CREATE TABLE replay (event INTEGER PRIMARY KEY, original INTEGER NOT NULL);"
          "CREATE INDEX replay_original ON replay (original);"
          "CREATE INDEX outcome_dead ON outcome (ended_ms) WHERE verdict >= 3;"
          "INSERT INTO audit VALUES (1, 8800, 'ada', 'retry', 8, 'why');"
          "INSERT INTO replay VALUES (8, 7);",
    [3] = "CREATE TABLE lane (issue INTEGER PRIMARY KEY, lane INTEGER NOT NULL);"
          "CREATE INDEX lane_member ON lane (lane);"
          "INSERT INTO lane VALUES (77, 5);",
    [4] = "ALTER TABLE event ADD COLUMN checksum INTEGER;"
          "ALTER TABLE effect DROP COLUMN phase; ALTER TABLE effect DROP COLUMN note;",
};

/* A store as a program that knew that schema left it. */
static void past_make(struct place *p, int64_t schema)
{
    struct db *d = NULL;
    p->url = arena_fmt(p->a, "sqlite:%s/past%d.db", p->folder, (int)schema);
    assert_int_equal(db_open(&d, p->url, DB_WRITE, &p->e), 0);
    for (int64_t n = 1; n <= schema; n++)
        if (db_exec(d, past[n], &p->e) < 0)
            fail_msg("%s", p->e.text);
    assert_int_equal(db_set_schema(d, schema, &p->e), 0);
    db_close(d);
}

static void past_events(struct place *p)
{
    struct entry en;
    static const char *const bodies[] = {"seven", "eight", "nine"};
    for (int64_t id = 7; id <= 9; id++) {
        assert_int_equal(store_get_event(p->s, id, p->a, &en, &p->e), 0);
        assert_int_equal(en.received_ms, 1000 * id);
        assert_true(str_same(en.body, str_of(bodies[id - 7])));
        assert_int_equal(en.is_recovered, id == 8);
        assert_false(en.is_damaged); /* nobody knows */
    }
    struct pending_list l = place_pending(p);
    assert_int_equal(l.n, 2);
    assert_int_equal(l.ids[0], 8);
    assert_int_equal(l.retry_at_ms[0], 99000);
    assert_int_equal(l.why[0], ERR_TRANSIENT);
    assert_int_equal(l.ids[1], 9);
}

static void past_effects(struct place *p)
{
    struct effect f;
    struct many links;
    assert_int_equal(store_get_effect(p->s, "bugzilla:12>jira:JB", p->a, &f, &p->e), 1);
    assert_int_equal(f.state, EFFECT_DONE);
    assert_int_equal(f.event, 7);
    assert_string_equal(f.result, "JB-1");
    assert_int_equal(f.at_ms, 7400);
    f.key = "bugzilla:13>jira:JB";
    assert_int_equal(store_put_effect(p->s, &f, &p->e), 0);
    assert_int_equal(store_get_links(p->s, "jira", "JB-1", p->a, &links, &p->e), 0);
    assert_int_equal(links.n, 1);
}

/* The same deliveries are known still, and a new one goes the whole way. */
static void past_goes_on(struct place *p)
{
    struct entry again = place_entry(p, 7);
    memset(again.dedup, 0, sizeof again.dedup);
    again.dedup[23] = 7;
    assert_int_equal(store_add_event(p->s, &again, &p->e), 0);
    assert_int_equal(again.id, 7);
    int64_t id = place_add(p, 1);
    assert_int_equal(id, 21);
    assert_int_equal(place_attempt(p, id, 1, VERDICT_APPLIED), 0);
    assert_int_equal(place_attempt(p, 9, 1, VERDICT_DISCARDED), 0);
    store_commit(p->s);
}

static void past_people(struct place *p, int64_t schema)
{
    AUTO(store_reader_auto) struct store_reader *r = NULL;
    struct event_story story;
    uint64_t lane = 0;
    assert_int_equal(store_reader_open(&r, p->url, &p->e), 0);
    assert_int_equal(store_read_event(r, 8, p->a, &story, &p->e), 0);
    assert_int_equal(story.row.verdict, VERDICT_PARKED);
    assert_int_equal(story.attempts.n, 1);
    assert_int_equal(story.audit.n, schema >= 2);
    assert_int_equal(story.row.replay_of, schema >= 2 ? 7 : 0);
    assert_int_equal(store_lane_of(p->s, 77, &lane, &p->e), schema >= 3);
    assert_int_equal(lane, schema >= 3 ? 5 : 0);
}

static void test_every_past(void **state)
{
    struct place *p = *state;
    for (int64_t schema = 1; schema < STORE_SCHEMA; schema++) {
        AUTO(store_reader_auto) struct store_reader *r = NULL;
        past_make(p, schema);
        assert_int_equal(store_reader_open(&r, p->url, &p->e), -ERR_CONFIG); /* a reader changes nothing */
        assert_non_null(strstr(p->e.text, "start the daemon on it once"));
        store_close(TAKE(p->s));
        place_open(p);
        past_events(p);
        past_effects(p);
        past_people(p, schema);
        past_goes_on(p);
        place_reopen(p);
        assert_true(place_has(p, 21));
    }
}

/* All ways to one schema lead to the same tables. */
static void test_same_tables(void **state)
{
    struct place *p = *state;
    const char *first = NULL;
    for (int64_t schema = 0; schema < STORE_SCHEMA; schema++) {
        AUTO(db_auto) struct db *d = NULL;
        AUTO(db_stmt_auto) struct db_stmt *st = NULL;
        past_make(p, schema);
        store_close(TAKE(p->s));
        place_open(p);
        assert_int_equal(db_open(&d, p->url, DB_READ, &p->e), 0);
        assert_int_equal(db_prepare(d,
                                    "SELECT group_concat(sql, ';') FROM (SELECT sql FROM sqlite_schema ORDER BY name)",
                                    &st, &p->e),
                         0);
        assert_int_equal(db_next(st, &p->e), 1);
        const char *tables = arena_str(p->a, db_text(st, 0));
        assert_non_null(strstr(tables, "checksum INTEGER"));
        assert_null(strstr(tables, "phase"));
        first = first ? first : tables;
        assert_string_equal(tables, first);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {PLACE_TEST(test_every_past), PLACE_TEST(test_same_tables)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
