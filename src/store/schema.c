/*
 * schema.c: the tables, as numbered migrations. Number n brings a store from schema n to n + 1; what a migration
 * once did is never changed, later ones are added below it.
 */
#include "base/base.h"
#include "store/store_private.h"

/*
 * One event that comes in touches the last page of event, queue and seen, and no other: all three grow at their right
 * edge. It leaves by a row in outcome and one in attempt, and by the end of its row in queue. queue and outcome are
 * narrow, so that lists and the start walk them quickly; bodies and traces are the last columns of their rows.
 */
static const char *const schema_steps[STORE_SCHEMA] = {
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;"
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
    "CREATE INDEX link_to ON link (to_tracker, to_ref);",

    /* 2: what people did. Dead letters (verdicts 3 DROPPED, 4 EXPIRED) are found by when they ended. */
    "CREATE TABLE audit (id INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, who TEXT NOT NULL, verb TEXT NOT NULL,"
    " event INTEGER NOT NULL, note TEXT);"
    "CREATE INDEX audit_event ON audit (event);"
    "CREATE TABLE replay (event INTEGER PRIMARY KEY, original INTEGER NOT NULL);"
    "CREATE INDEX replay_original ON replay (original);"
    "CREATE INDEX outcome_dead ON outcome (ended_ms) WHERE verdict >= 3;",

    /* 3: the lanes of issues that links joined, by the hash of the name. */
    ("CREATE TABLE lane (issue INTEGER PRIMARY KEY, lane INTEGER NOT NULL);"
     "CREATE INDEX lane_member ON lane (lane);"),

    /* 4: what finds damage that leaves the tables in order; null in rows of before. And what no program uses. */
    ("ALTER TABLE event ADD COLUMN checksum INTEGER;"
     "ALTER TABLE effect DROP COLUMN phase; ALTER TABLE effect DROP COLUMN note;"),

    /* 5: long work, and where those who look for gaps have got to. Unfinished jobs are those of states 0 and 1. */
    ("CREATE TABLE job (id INTEGER PRIMARY KEY, kind TEXT NOT NULL, tracker TEXT NOT NULL, target TEXT NOT NULL,"
     " options TEXT, who TEXT NOT NULL, state INTEGER NOT NULL, place TEXT, found INTEGER NOT NULL,"
     " skipped INTEGER NOT NULL, note TEXT, began_ms INTEGER NOT NULL, ended_ms INTEGER NOT NULL);"
     "CREATE INDEX job_open ON job (id) WHERE state < 2;"
     "CREATE TABLE job_event (job INTEGER NOT NULL, event INTEGER NOT NULL, PRIMARY KEY (job, event)) WITHOUT ROWID;"
     "CREATE INDEX job_of_event ON job_event (event);"
     "CREATE TABLE cursor (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;"),
};

static int schema_newer(struct db *d, int64_t number, struct err *e)
{
    return fail(e, ERR_CONFIG, "store %s has schema %" PRId64 ", this program knows %d: use a newer lockstep",
                db_name(d), number, STORE_SCHEMA);
}

int schema_known(struct db *d, int64_t *ret, struct err *e)
{
    int rc = db_schema(d, ret, e);
    return rc == 0 && *ret > STORE_SCHEMA ? schema_newer(d, *ret, e) : rc;
}

static int schema_step(struct db *d, int64_t number, struct err *e)
{
    int rc = db_begin(d, e);
    if (rc == 0)
        rc = db_exec(d, schema_steps[number], e);
    if (rc == 0)
        rc = db_set_schema(d, number + 1, e);
    if (rc == 0)
        rc = db_commit(d, e);
    if (rc == 0)
        return 0;
    db_rollback(d);
    return err_within(e, "to schema %" PRId64, number + 1);
}

int schema_migrate(struct db *d, struct err *e)
{
    int64_t number = 0;
    int rc = schema_known(d, &number, e);
    for (; rc == 0 && number < STORE_SCHEMA; number++)
        rc = schema_step(d, number, e);
    return rc;
}

int schema_check(struct db *d, struct err *e)
{
    int64_t number = 0;
    int rc = schema_known(d, &number, e);
    if (rc == 0 && number < STORE_SCHEMA)
        return fail(e, ERR_CONFIG, "store %s has schema %" PRId64 ", not %d: start the daemon on it once", db_name(d),
                    number, STORE_SCHEMA);
    return rc;
}
