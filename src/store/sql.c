/* sql.c: every statement of the store, in one table. */
#include "base/base.h"
#include "store/store_private.h"

/* Words used below: 1048576 is 1 << ATTEMPT_BITS; verdicts are numbers of enum verdict, 5 QUEUED, 8 PARKED. */
#define SQL_LIST_COLUMNS                                                                                               \
    " s.id, s.ended_ms, s.attempts, s.retry_at_ms, s.verdict, e.tracker, e.kind, e.subject, a.target, a.reason,"       \
    " e.request_id, e.received_ms, e.source, coalesce(s.lane, e.lane), (SELECT original FROM replay WHERE event = "    \
    "s.id),"                                                                                                           \
    " (SELECT max(event) FROM replay WHERE original = s.id), e.recovered"
#define SQL_LIST_TABLES                                                                                                \
    " FROM s CROSS JOIN event e ON e.id = s.id LEFT JOIN attempt a ON a.id = s.id * 1048576 + s.attempts"

#define SQL_ENTRY_COLUMNS                                                                                              \
    " id, tracker, source, request_id, recovered, received_ms, kind, subject, lane, headers, body, checksum"

#define SQL_JOB_COLUMNS                                                                                                \
    " id, state, options, place, found, skipped, note, began_ms, ended_ms, kind, tracker, target, who"

static const char *const store_sqls[SQLS] = {
    [SQL_LAST_ID] = "SELECT max(coalesce((SELECT max(id) FROM event), 0),"
                    " coalesce((SELECT value FROM meta WHERE key = 'floor'), 0))",
    [SQL_SET_FLOOR] = "INSERT INTO meta (key, value) VALUES ('floor', ?1)"
                      " ON CONFLICT (key) DO UPDATE SET value = excluded.value",

    [SQL_FIND_SEEN] = "SELECT event FROM seen WHERE key = ?1",
    [SQL_ADD_SEEN] = "INSERT INTO seen (key, event) VALUES (?1, ?2)",
    [SQL_ADD_EVENT] = "INSERT INTO event (id, tracker, source, request_id, recovered, received_ms, kind, subject, lane,"
                      " headers, body, checksum) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
    [SQL_ADD_QUEUE] = "INSERT INTO queue (id, lane, subject, attempts, retry_at_ms) VALUES (?1, ?2, ?3, 0, 0)",
    [SQL_GET_EVENT] = "SELECT" SQL_ENTRY_COLUMNS " FROM event WHERE id = ?1",
    [SQL_EACH_PENDING] =
        "SELECT q.id, coalesce(l.lane, q.lane), q.attempts, q.retry_at_ms, a.class FROM queue q LEFT JOIN attempt a"
        " ON q.attempts > 0 AND a.id = q.id * 1048576 + q.attempts"
        " LEFT JOIN lane l ON l.issue = q.lane ORDER BY q.id",

    [SQL_GET_PENDING] = "SELECT q.id, q.lane, q.attempts, q.retry_at_ms, a.class FROM queue q LEFT JOIN attempt a"
                        " ON q.attempts > 0 AND a.id = q.id * 1048576 + q.attempts WHERE q.id = ?1",
    [SQL_HASTEN_QUEUE] = "UPDATE queue SET retry_at_ms = ?2 WHERE id = ?1 AND retry_at_ms > ?2",

    [SQL_ADD_ATTEMPT] = "INSERT INTO attempt (id, started_ms, ended_ms, verdict, class, retry_at_ms, target, reason,"
                        " trace) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    /* One row by VALUES: for INSERT … SELECT SQLite would copy the page first, to undo a part of it. */
    [SQL_ADD_OUTCOME] = "INSERT INTO outcome (event, verdict, subject, ended_ms, attempts)"
                        " VALUES (?1, ?2, (SELECT subject FROM queue WHERE id = ?1), ?3, ?4)",
    [SQL_END_QUEUE] = "DELETE FROM queue WHERE id = ?1",
    [SQL_PARK_QUEUE] = "UPDATE queue SET attempts = ?2, retry_at_ms = ?3 WHERE id = ?1",
    [SQL_PACED_MS] = "SELECT coalesce(sum(retry_at_ms - ended_ms), 0) FROM attempt"
                     " WHERE id >= ?1 * 1048576 AND id < (?1 + 1) * 1048576 AND class = 'paced'",
    [SQL_HAS_EVENT] = "SELECT 1 FROM event WHERE id = ?1",
    [SQL_IS_PENDING] = "SELECT 1 FROM queue WHERE id = ?1",

    [SQL_GET_EFFECT] = "SELECT event, state, result, at_ms FROM effect WHERE key = ?1",
    [SQL_PUT_EFFECT] = "INSERT INTO effect (key, event, state, result, at_ms) VALUES (?1, ?2, ?3, ?4, ?5)"
                       " ON CONFLICT (key) DO UPDATE SET event = excluded.event, state = excluded.state,"
                       " result = excluded.result, at_ms = excluded.at_ms",

    /* A link keeps the event that first made it. */
    [SQL_PUT_LINK] = "INSERT INTO link (from_tracker, from_ref, to_tracker, to_ref, event, confirmed, at_ms)"
                     " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (from_tracker, from_ref, to_tracker, to_ref)"
                     " DO UPDATE SET confirmed = excluded.confirmed, at_ms = excluded.at_ms",
    [SQL_REMOVE_LINKS] = "DELETE FROM link WHERE to_tracker = ?1 AND to_ref = ?2",
    [SQL_GET_LINKS] = "SELECT tracker, ref, min(event), max(confirmed) FROM ("
                      "SELECT to_tracker AS tracker, to_ref AS ref, event, confirmed FROM link"
                      " WHERE from_tracker = ?1 AND from_ref = ?2 UNION ALL "
                      "SELECT from_tracker, from_ref, event, confirmed FROM link"
                      " WHERE to_tracker = ?1 AND to_ref = ?2) GROUP BY tracker, ref ORDER BY min(event), tracker, ref",

    [SQL_OLD_EVENTS] = "SELECT o.event, e.received_ms FROM outcome o CROSS JOIN event e ON e.id = o.event"
                       " WHERE o.verdict < 3 ORDER BY o.event LIMIT ?1",
    [SQL_OLD_DEAD] = "SELECT event, ended_ms FROM outcome WHERE verdict >= 3 ORDER BY ended_ms LIMIT ?1",
    [SQL_OLD_AUDIT] = "SELECT id, at_ms FROM audit ORDER BY id LIMIT ?1",
    [SQL_PRUNE_ATTEMPTS] = "DELETE FROM attempt WHERE id >= ?1 * 1048576 AND id < (?1 + 1) * 1048576",
    /* Those that only resume: their keys begin with the event's id and a slash; '0' follows the slash. */
    [SQL_PRUNE_EFFECTS] = "DELETE FROM effect WHERE key >= ?1 || '/' AND key < ?1 || '0'",
    [SQL_PRUNE_OUTCOME] = "DELETE FROM outcome WHERE event = ?1",
    [SQL_PRUNE_EVENT] = "DELETE FROM event WHERE id = ?1",
    [SQL_PRUNE_REPLAY] = "DELETE FROM replay WHERE event = ?1",
    [SQL_PRUNE_AUDIT] = "DELETE FROM audit WHERE id = ?1",
    [SQL_TRACE_FLOOR] = "SELECT value FROM meta WHERE key = 'trace_floor'",
    [SQL_SET_TRACE_FLOOR] = "INSERT INTO meta (key, value) VALUES ('trace_floor', ?1)"
                            " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
    [SQL_OLD_TRACES] = "SELECT id, ended_ms FROM attempt WHERE id > ?1 ORDER BY id LIMIT ?2",
    [SQL_PRUNE_TRACE] = "UPDATE attempt SET trace = NULL WHERE id = ?1",

    /*
     * ?1 ids below, ?2 ids above, ?3 how many, ?4 verdict (-1 any that has not ended) or null, ?5 hash of the subject
     * or null, ?6 the subject. Two narrow tables are merged by id; a side that the verdict excludes is not walked.
     */
    [SQL_LIST_EVENTS] =
        "WITH s AS MATERIALIZED ("
        "SELECT id, 0 AS ended_ms, attempts, retry_at_ms, CASE WHEN retry_at_ms > 0 THEN 8 ELSE 5 END AS verdict,"
        " lane FROM queue WHERE (?4 IS NULL OR ?4 < 0 OR ?4 >= 5) AND id < ?1 AND id > ?2 AND (?5 IS NULL OR subject = "
        "?5)"
        " AND (?4 IS NULL OR ?4 < 0 OR ?4 = CASE WHEN retry_at_ms > 0 THEN 8 ELSE 5 END)"
        " UNION ALL "
        "SELECT event, ended_ms, attempts, 0, verdict, NULL"
        " FROM outcome WHERE (?4 IS NULL OR ?4 BETWEEN 0 AND 4) AND event < ?1 AND event > ?2"
        " AND (?5 IS NULL OR subject = ?5) AND (?4 IS NULL OR verdict = ?4) ORDER BY 1 DESC LIMIT ?3)"
        " SELECT" SQL_LIST_COLUMNS SQL_LIST_TABLES " WHERE ?6 IS NULL OR e.subject = ?6 ORDER BY s.id DESC",
    [SQL_LIST_ATTEMPTS] = "SELECT id, started_ms, ended_ms, verdict, class, retry_at_ms, target, reason, trace"
                          " FROM attempt WHERE id >= ?1 * 1048576 AND id < (?1 + 1) * 1048576"
                          " ORDER BY id DESC LIMIT ?2",
    [SQL_EVENT_FROM] = "SELECT id, received_ms FROM event WHERE id >= ?1 ORDER BY id LIMIT 1",
    /* ?1 ids above, ?2 verdict or null. Oldest first; without what was replayed already. */
    [SQL_EACH_ENDED] = "WITH s AS (SELECT event AS id, ended_ms, attempts, 0 AS retry_at_ms, verdict, NULL AS lane"
                       " FROM outcome"
                       " WHERE event > ?1 AND (?2 IS NULL OR verdict = ?2)"
                       " AND NOT EXISTS (SELECT 1 FROM replay WHERE original = outcome.event))"
                       " SELECT" SQL_LIST_COLUMNS ", a.trace" SQL_LIST_TABLES " ORDER BY s.id",

    /*
     * ?1 ids above, ?2 up to, ?3 how many. Oldest first, with the raw event and the trace of the last attempt; that of
     * being dropped (verdict 3) is none.
     */
    [SQL_EACH_EVENT] =
        "WITH s AS (SELECT event.id, coalesce(o.ended_ms, 0) AS ended_ms, coalesce(o.attempts, q.attempts) AS attempts,"
        " coalesce(q.retry_at_ms, 0) AS retry_at_ms,"
        " coalesce(o.verdict, CASE WHEN q.retry_at_ms > 0 THEN 8 ELSE 5 END) AS verdict, q.lane AS lane"
        " FROM event LEFT JOIN outcome o ON o.event = event.id LEFT JOIN queue q ON q.id = event.id"
        " WHERE event.id > ?1 AND event.id <= ?2 ORDER BY event.id LIMIT ?3)"
        " SELECT" SQL_LIST_COLUMNS ", e.headers, e.body, t.trace, e.checksum" SQL_LIST_TABLES
        " LEFT JOIN attempt t ON t.id = s.id * 1048576 + s.attempts - (s.verdict = 3) ORDER BY s.id",

    /* ?1 ids above, ?2 how many. Oldest first; without what may be large. */
    [SQL_EACH_HEAD] = "SELECT e.id, e.tracker, e.subject, e.received_ms, e.headers, coalesce(o.verdict, 5),"
                      " coalesce(o.ended_ms, 0), e.source FROM event e LEFT JOIN outcome o ON o.event = e.id"
                      " WHERE e.id > ?1 ORDER BY e.id LIMIT ?2",

    [SQL_CHECK_LAST] = "SELECT max(coalesce((SELECT max(id) FROM event), 0), coalesce((SELECT max(id) FROM queue), 0),"
                       " coalesce((SELECT max(event) FROM outcome), 0))",
    [SQL_CHECK_EVENTS] = "SELECT" SQL_ENTRY_COLUMNS " FROM event WHERE id > ?1 AND id <= ?2 ORDER BY id",
    [SQL_CHECK_ATTEMPTS] = "SELECT trace FROM attempt WHERE id >= (?1 + 1) * 1048576 AND id < (?2 + 1) * 1048576",
    [SQL_CHECK_PLACES] = "SELECT (SELECT count(*) FROM event WHERE id > ?1 AND id <= ?2),"
                         " (SELECT count(*) FROM queue WHERE id > ?1 AND id <= ?2) +"
                         " (SELECT count(*) FROM outcome WHERE event > ?1 AND event <= ?2)",
    [SQL_CHECK_SEEN] = "SELECT key, event FROM seen WHERE key > ?1 ORDER BY key LIMIT ?2",
    [SQL_IS_UNCHECKED] = "SELECT value FROM meta WHERE key = 'unchecked'",
    [SQL_SET_UNCHECKED] = "INSERT OR IGNORE INTO meta (key, value) VALUES ('unchecked', 1)",
    [SQL_SET_CHECKED] = "DELETE FROM meta WHERE key = 'unchecked'",

    [SQL_ADD_AUDIT] = "INSERT INTO audit (at_ms, who, verb, event, note) VALUES (?1, ?2, ?3, ?4, ?5)",
    [SQL_ADD_REPLAY] = "INSERT INTO replay (event, original) VALUES (?1, ?2)",
    [SQL_LIST_AUDIT] = "SELECT id, at_ms, who, verb, event, note FROM audit WHERE (?1 IS NULL OR event = ?1)"
                       " AND id < ?2 ORDER BY id DESC LIMIT ?3",

    [SQL_LAST_JOB] = "SELECT max(id) FROM job",
    [SQL_ADD_JOB] = "INSERT INTO job (id, state, options, place, found, skipped, note, began_ms, ended_ms, kind,"
                    " tracker, target, who) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
    [SQL_PUT_JOB] = "UPDATE job SET state = ?2, options = ?3, place = ?4, found = ?5, skipped = ?6, note = ?7,"
                    " began_ms = ?8, ended_ms = ?9 WHERE id = ?1",
    [SQL_GET_JOB] = "SELECT" SQL_JOB_COLUMNS " FROM job WHERE id = ?1",
    [SQL_OPEN_JOBS] = "SELECT" SQL_JOB_COLUMNS " FROM job WHERE state < 2 ORDER BY id",
    [SQL_LIST_JOBS] = "SELECT" SQL_JOB_COLUMNS " FROM job WHERE id < ?1 ORDER BY id DESC LIMIT ?2",
    [SQL_ADD_JOB_EVENT] = "INSERT OR IGNORE INTO job_event (job, event) VALUES (?1, ?2)",
    [SQL_PRUNE_JOB_EVENT] = "DELETE FROM job_event WHERE event = ?1",
    [SQL_JOB_LEFT] = "SELECT count(q.id), count(CASE WHEN q.retry_at_ms > 0 THEN 1 END),"
                     " count(CASE WHEN o.verdict IN (3, 4) THEN 1 END) FROM job_event j"
                     " LEFT JOIN queue q ON q.id = j.event LEFT JOIN outcome o ON o.event = j.event WHERE j.job = ?1",
    [SQL_JOB_PENDING] = "SELECT j.event FROM job_event j JOIN queue q ON q.id = j.event WHERE j.job = ?1"
                        " AND j.event > ?2 ORDER BY j.event LIMIT ?3",
    [SQL_JOB_VERDICTS] =
        "SELECT coalesce(o.verdict, CASE WHEN q.retry_at_ms > 0 THEN 8 ELSE 5 END), count(*)"
        " FROM job_event j LEFT JOIN outcome o ON o.event = j.event LEFT JOIN queue q ON q.id = j.event"
        " WHERE j.job = ?1 GROUP BY 1",
    [SQL_JOB_EVENTS] = "SELECT event FROM job_event WHERE job = ?1 AND event > ?2 ORDER BY event LIMIT ?3",
    [SQL_GET_CURSOR] = "SELECT value FROM cursor WHERE name = ?1",
    [SQL_PUT_CURSOR] = "INSERT INTO cursor (name, value) VALUES (?1, ?2)"
                       " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
    [SQL_REMOVE_CURSOR] = "DELETE FROM cursor WHERE name = ?1",
    [SQL_EACH_CURSOR] = "SELECT name, value FROM cursor WHERE name >= ?1 AND name < ?2 ORDER BY name",

    [SQL_LANE_OF] = "SELECT lane FROM lane WHERE issue = ?1",
    [SQL_JOIN_LANE] = "INSERT INTO lane (issue, lane) VALUES (?1, ?2) ON CONFLICT (issue) DO UPDATE SET"
                      " lane = excluded.lane",
    [SQL_MERGE_LANES] = "UPDATE lane SET lane = ?2 WHERE lane = ?1",
    [SQL_MOVE_EVENT] = "UPDATE queue SET lane = ?2 WHERE id = ?1",

    [SQL_OLDEST_PENDING] = "SELECT received_ms FROM event WHERE id = (SELECT min(id) FROM queue)",
    [SQL_COUNTS] = "SELECT (SELECT count(*) FROM queue), (SELECT count(*) FROM queue WHERE retry_at_ms > 0),"
                   " (SELECT received_ms FROM event WHERE id = (SELECT min(id) FROM queue))",
};

const char *store_sql_text(enum store_sql which)
{
    return store_sqls[which];
}
