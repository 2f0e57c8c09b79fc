#include "base/base.h"
#include "api/plan_words.h"
#include "cli/show_private.h"
#include "base/utf8.h"

enum { SHOW_REASON_POINTS = 100, SHOW_BODY_POINTS = 600 };

const char *show_text(const struct json *v, const char *path)
{
    const char *text = json_text(json_path(v, path));
    return text ? text : "";
}

/* On one line: control characters, also those of eight bits (U+0080 to U+009F), are not for a terminal. */
static void show_safe(struct text *to, struct str s)
{
    bool is_after_blank = false;
    for (size_t i = 0; i < s.n; i++) {
        bool is_wide = s.p[i] == '\xc2' && i + 1 < s.n && (unsigned char)s.p[i + 1] < 0xa0;
        bool is_blank = is_wide || (unsigned char)s.p[i] <= ' ' || s.p[i] == 0x7f;
        if (!is_blank || !is_after_blank)
            text_addc(to, is_blank ? ' ' : s.p[i]);
        is_after_blank = is_blank;
        i += is_wide;
    }
}

void show_cut(struct text *to, const char *text, size_t points)
{
    struct str s = str_of(text);
    size_t n = utf8_prefix(s, points);
    show_safe(to, (struct str){s.p, n});
    if (n < s.n)
        text_addz(to, "…");
}

/* --- events --- */

void show_events(const struct json *answer, struct text *to)
{
    static const struct show_column columns[] = {
        {.title = "EVENT", .path = "id", .most = 19},
        {.title = "RECEIVED", .path = "received", .most = 19, .is_time = true},
        {.title = "ISSUE", .path = "subject", .most = 24, .keeps_end = true},
        {.title = "WHAT", .path = "kind", .most = 28},
        {.title = "VERDICT", .path = "verdict", .most = 10},
        {.title = "TARGET", .path = "target", .most = 24, .keeps_end = true},
        {.title = "REASON", .path = "reason", .most = SHOW_REASON_POINTS},
    };
    if (json_count(json_get(answer, "events")) == 0)
        text_addz(to, "there are no such events\n");
    show_table(json_get(answer, "events"), columns, COUNT(columns), to);
}

/* --- explain --- */

static void show_line(struct text *to, const char *name, const char *value)
{
    if (!value[0])
        return;
    text_addf(to, "  %-12s", name);
    show_cut(to, value, SHOW_BODY_POINTS);
    text_addc(to, '\n');
}

int64_t show_number(const struct json *v, const char *path)
{
    int64_t n = 0;
    json_int(json_path(v, path), &n);
    return n;
}

static void show_number_line(struct text *to, const char *name, const struct json *v)
{
    int64_t n;
    if (json_int(v, &n))
        text_addf(to, "  %-12s%" PRId64 "\n", name, n);
}

static void show_head(const struct json *ev, struct text *to)
{
    int64_t id = 0;
    json_int(json_get(ev, "id"), &id);
    text_addf(to, "event %" PRId64 "  ", id);
    show_cut(to, show_text(ev, "subject"), SHOW_REASON_POINTS);
    text_addz(to, "  ");
    show_cut(to, show_text(ev, "kind"), SHOW_REASON_POINTS);
    text_addc(to, '\n');
    static const char *const parts[] = {"verdict",  "reason",  "target",   "received",  "ended",
                                        "retry_at", "held_by", "held_why", "request_id"};
    for (size_t i = 0; i < COUNT(parts); i++)
        show_line(to, parts[i], show_text(ev, parts[i]));
    if (json_bool(json_get(ev, "recovered"), false))
        show_line(to, "recovered", "no webhook told of it; the tracker's log or list did");
    show_number_line(to, "replay of", json_get(ev, "replay_of"));
    show_number_line(to, "replayed as", json_get(ev, "replayed_as"));
}

static void show_notes(const struct json *notes, struct text *to)
{
    JSON_EACH (note, notes) {
        text_addz(to, "      note: ");
        show_cut(to, json_text(note) ? json_text(note) : "", SHOW_BODY_POINTS);
        text_addc(to, '\n');
    }
}

/* "no rule", "matched: create", "did not match: …" for each rule. */
static void show_unit(const struct json *unit, struct text *to)
{
    const char *reason = show_text(unit, "reason");
    bool matched = json_bool(json_get(unit, "matched"), false);
    text_addz(to, "    ");
    show_cut(to, show_text(unit, "rule"), SHOW_REASON_POINTS);
    text_addf(to, ": %s", matched ? "matched" : "did not match");
    if (show_text(unit, "operation")[0])
        text_addf(to, ", operation %s", show_text(unit, "operation"));
    if (reason[0]) {
        text_addz(to, ": ");
        show_cut(to, reason, SHOW_BODY_POINTS);
    }
    text_addc(to, '\n');
    JSON_EACH (change, json_get(unit, "changes")) {
        text_addz(to, "      plan: ");
        show_cut(to, show_text(change, "step"), SHOW_REASON_POINTS);
        text_addz(to, " → ");
        show_change(to, change, ":");
        text_addc(to, '\n');
    }
    show_notes(json_get(unit, "notes"), to);
    show_notes(json_get(unit, "undone"), to);
}

static void show_fact(const struct json *fact, struct text *to)
{
    text_addf(to, "    %s %s:", show_text(fact, "key.kind"), show_text(fact, "key.tracker"));
    show_cut(to, show_text(fact, "key.ref"), SHOW_REASON_POINTS);
    const char *state = show_text(fact, "state");
    if (state[0] && strcmp(state, "here") != 0) {
        text_addf(to, ": %s: ", state);
        show_cut(to, show_text(fact, "why"), SHOW_BODY_POINTS);
    }
    text_addc(to, '\n');
}

static void show_exchange(const struct json *x, struct text *to)
{
    int64_t status = 0, took = 0;
    json_int(json_path(x, "answer.status"), &status);
    json_int(json_get(x, "took_ms"), &took);
    text_addz(to, "    ");
    show_cut(to, show_text(x, "method"), SHOW_REASON_POINTS);
    text_addc(to, ' ');
    show_cut(to, show_text(x, "url"), SHOW_BODY_POINTS);
    if (status) {
        text_addf(to, "  → %" PRId64 " in %" PRId64 " ms\n", status, took);
    } else {
        text_addz(to, "  → no answer: ");
        show_cut(to, show_text(x, "error"), SHOW_BODY_POINTS);
        text_addc(to, '\n');
    }
    if (show_text(x, "body")[0]) {
        text_addz(to, "      sent ");
        show_cut(to, show_text(x, "body"), SHOW_BODY_POINTS);
        text_addc(to, '\n');
    }
    if (status >= 400) {
        text_addz(to, "      got  ");
        show_cut(to, show_text(x, "answer.body"), SHOW_BODY_POINTS);
        text_addc(to, '\n');
    }
}

static void show_each(const struct json *list, const char *title, void (*show)(const struct json *, struct text *),
                      struct text *to)
{
    if (json_count(list) == 0)
        return;
    text_addf(to, "  %s\n", title);
    JSON_EACH (item, list)
        show(item, to);
}

static void show_effect(const struct json *effect, struct text *to)
{
    text_addz(to, "    ");
    show_cut(to, json_text(effect) ? json_text(effect) : "", SHOW_BODY_POINTS);
    text_addc(to, '\n');
}

static void show_attempt(const struct json *at, struct text *to)
{
    int64_t number = 0;
    json_int(json_get(at, "number"), &number);
    text_addf(to, "\nattempt %" PRId64 "  %s  %s\n", number, show_text(at, "started"), show_text(at, "verdict"));
    show_line(to, "reason", show_text(at, "reason"));
    show_line(to, "class", show_text(at, "class"));
    show_line(to, "retry at", show_text(at, "retry_at"));
    show_each(json_path(at, "trace.decision.units"), "rules", show_unit, to);
    show_each(json_path(at, "trace.effects"), "what was done", show_effect, to);
    show_each(json_path(at, "trace.facts"), "facts", show_fact, to);
    show_each(json_path(at, "trace.exchanges"), "exchanges", show_exchange, to);
}

static void show_audit_event(const struct json *row, struct text *to)
{
    if (show_number(row, "event") > 0) /* else it was done to a job, which the note names */
        text_addf(to, "%" PRId64, show_number(row, "event"));
}

static void show_audit_rows(const struct json *rows, struct text *to)
{
    static const struct show_column columns[] = {
        {.title = "WHEN", .path = "at", .most = 19, .is_time = true},
        {.title = "WHO", .path = "who", .most = 16},
        {.title = "WHAT", .path = "verb", .most = 16},
        {.title = "EVENT", .write = show_audit_event, .most = 19},
        {.title = "NOTE", .path = "note", .most = SHOW_BODY_POINTS},
    };
    show_table(rows, columns, COUNT(columns), to);
}

void show_explain(const struct json *answer, struct text *to)
{
    show_head(json_get(answer, "event"), to);
    if (json_bool(json_get(json_get(answer, "delivery"), "damaged"), false))
        text_addz(to, "damaged: the store does not hold what was taken in; look for it in a backup\n");
    JSON_EACH (at, json_get(answer, "attempts"))
        show_attempt(at, to);
    if (json_count(json_get(answer, "audit")) > 0) {
        text_addz(to, "\nwhat people did\n");
        show_audit_rows(json_get(answer, "audit"), to);
    }
}

/* --- what people do --- */

void show_audit(const struct json *answer, struct text *to)
{
    show_audit_rows(json_get(answer, "audit"), to);
    if (to->n == 0)
        text_addz(to, "nobody did anything\n");
}

void show_retry(const struct json *answer, struct text *to)
{
    int64_t event = show_number(answer, "event"), head = show_number(answer, "head");
    text_addf(to, "event %" PRId64 ": ", event);
    if (head != event)
        text_addf(to, "event %" PRId64 ", which it waits for, ", head);
    text_addf(to, "%s\n", show_text(answer, "did"));
    if (show_text(answer, "held_by")[0])
        text_addf(to, "  %s is not asked for now; it goes on when that answers again\n", show_text(answer, "held_by"));
}

void show_drop(const struct json *answer, struct text *to)
{
    text_addf(to, "event %" PRId64 ": dropped\n", show_number(answer, "event"));
}

static void show_chosen(const struct json *answer, struct text *to)
{
    bool is_dry = json_bool(json_get(answer, "dry_run"), false);
    size_t n = 0;
    JSON_EACH (row, json_get(answer, "events"))
        n += is_dry || show_number(row, "replayed_as") > 0;
    if (json_count(json_get(answer, "events")) > 0)
        show_events(answer, to);
    text_addf(to, "%zu of %" PRId64 " events %s\n", n, show_number(answer, "looked_at"),
              is_dry ? "would be replayed" : "replayed");
    if (show_number(answer, "without_trace") > 0)
        text_addf(to, "%" PRId64 " have no trace any more, so their rules are not known\n",
                  show_number(answer, "without_trace"));
    if (show_number(answer, "next_after") > 0)
        text_addf(to, "there are more: go on with --after %" PRId64 "\n", show_number(answer, "next_after"));
}

void show_replay(const struct json *answer, struct text *to)
{
    if (json_get(answer, "events"))
        show_chosen(answer, to);
    else
        text_addf(to, "event %" PRId64 ": replayed as %" PRId64 "\n", show_number(answer, "event"),
                  show_number(answer, "replayed_as"));
}

/* --- what another configuration would do --- */

enum { SHOW_VALUE_POINTS = 160 };

static void show_value(struct text *to, const struct json *v)
{
    int64_t n;
    if (json_int(v, &n))
        text_addf(to, "%" PRId64, n);
    else
        show_cut(to, json_text(v) ? json_text(v) : "null", SHOW_VALUE_POINTS);
}

static void show_list(struct text *to, const struct json *list, char sign)
{
    JSON_EACH (item, list) {
        text_addf(to, " %c", sign);
        show_value(to, item);
    }
}

static const struct json *show_field_value(const struct json *f)
{
    return json_get(f, "text") ? json_get(f, "text") : json_get(f, "number");
}

static void show_assignments(struct text *to, const struct json *fields)
{
    JSON_EACH (f, fields) {
        text_addf(to, " %s = ", show_text(f, "field"));
        show_value(to, show_field_value(f));
        text_addz(to, json_next(f) ? "," : "");
    }
}

/* Whatever else a change has, by name. */
static void show_rest(struct text *to, const struct json *change)
{
    static const char *const told[] = {"kind",    "step", "issue",  "other", "name",
                                       "project", "text", "fields", "add",   "remove"};
    const char *open = " (";
    JSON_EACH (member, change) {
        bool is_told = false;
        for (size_t i = 0; i < COUNT(told); i++)
            is_told = is_told || strcmp(told[i], json_key(member)) == 0;
        if (is_told)
            continue;
        text_addf(to, "%s%s", open, json_key(member));
        if (json_kind(member) != JSON_BOOL) {
            text_addc(to, ' ');
            show_value(to, member);
        }
        open = ", ";
    }
    text_addz(to, open[0] == ',' ? ")" : "");
}

static void show_place(struct text *to, const struct json *change, const char *then)
{
    text_addz(to, show_text(change, "kind"));
    if (show_text(change, "issue.ref")[0]) {
        text_addf(to, " %s:", show_text(change, "issue.tracker"));
        show_cut(to, show_text(change, "issue.ref"), SHOW_REASON_POINTS);
    }
    text_addz(to, then);
}

static void show_quoted(struct text *to, const struct json *change, const char *before)
{
    if (!json_get(change, "text"))
        return;
    text_addf(to, "%s\"", before);
    show_cut(to, plan_seen(show_text(change, "text")), SHOW_VALUE_POINTS);
    text_addc(to, '"');
}

/* Those of a pull request have members besides that only GitHub understands. */
static bool show_brief(struct text *to, const struct json *change)
{
    const char *kind = show_text(change, "kind");
    const struct json *value = strcmp(kind, "commit_status") == 0 ? json_get(change, "value")
                               : strcmp(kind, "board_field") == 0
                                   ? show_field_value(json_first(json_get(change, "fields")))
                                   : NULL;
    if (!value && strcmp(kind, "board_add") != 0)
        return false;
    text_addc(to, ' ');
    show_cut(to, show_text(change, "name"), SHOW_VALUE_POINTS);
    text_addz(to, value ? " = " : "");
    if (value)
        show_value(to, value);
    show_quoted(to, change, ", ");
    return true;
}

void show_change(struct text *to, const struct json *change, const char *then)
{
    const char *name = show_text(change, "name");
    show_place(to, change, then);
    if (show_brief(to, change))
        return;
    if (show_text(change, "project")[0])
        text_addf(to, " %s:", show_text(change, "project"));
    if (!name[0] && strcmp(show_text(change, "kind"), "assign") == 0)
        name = "nobody";
    text_addz(to, name[0] ? " " : "");
    show_cut(to, name, SHOW_VALUE_POINTS);
    show_quoted(to, change, name[0] ? ", " : " ");
    if (show_text(change, "other.ref")[0])
        text_addf(to, " %s:%s", show_text(change, "other.tracker"), show_text(change, "other.ref"));
    else if (json_get(change, "other"))
        text_addz(to, " the new issue");
    show_assignments(to, json_get(change, "fields"));
    show_list(to, json_get(change, "add"), '+');
    show_list(to, json_get(change, "remove"), '-');
    show_rest(to, change);
}

struct show_side { /* the old plan or the new one */
    char sign;
    const char *head, *changes, *notes;
};

static void show_signed(struct text *to, const struct show_side *s, const struct json *unit)
{
    const struct json *head = json_get(unit, s->head);
    text_addf(to, "  %c ", s->sign);
    show_cut(to, show_text(unit, "rule"), SHOW_REASON_POINTS);
    text_addf(to, " %s", json_bool(json_get(head, "discarded"), false) ? "discarded" : show_text(head, "operation"));
}

/* What a rule would do or would have done; a head alone when all that differs is there. */
static void show_side(struct text *to, const struct show_side *s, const struct json *unit)
{
    const struct json *head = json_get(unit, s->head);
    if (!json_bool(json_get(head, "matched"), false))
        return;
    JSON_EACH (change, json_get(unit, s->changes)) {
        show_signed(to, s, unit);
        text_addz(to, ": ");
        show_change(to, change, " →");
        text_addc(to, '\n');
    }
    JSON_EACH (note, json_get(unit, s->notes)) {
        show_signed(to, s, unit);
        text_addz(to, ": note: ");
        show_value(to, note);
        text_addc(to, '\n');
    }
    if (json_count(json_get(unit, s->changes)) + json_count(json_get(unit, s->notes)) > 0)
        return;
    show_signed(to, s, unit);
    text_addf(to, "%s", show_text(head, "reason")[0] ? ": " : "");
    show_cut(to, show_text(head, "reason"), SHOW_BODY_POINTS);
    text_addf(to, "%s%s\n", show_text(head, "target")[0] ? " " : "", show_text(head, "target"));
}

static bool show_heads_differ(const struct json *unit)
{
    static const char *const parts[] = {"operation", "target", "reason"};
    const struct json *before = json_get(unit, "before"), *after = json_get(unit, "after");
    for (size_t i = 0; i < COUNT(parts); i++)
        if (strcmp(show_text(before, parts[i]), show_text(after, parts[i])) != 0)
            return true;
    return json_bool(json_get(before, "matched"), false) != json_bool(json_get(after, "matched"), false);
}

static void show_difference(const struct json *unit, struct text *to)
{
    static const struct show_side before = {'-', "before", "removed", "notes_removed"},
                                  after = {'+', "after", "added", "notes_added"};
    const char *what = show_text(unit, "what");
    bool heads = show_heads_differ(unit);
    bool gone = json_count(json_get(unit, "removed")) + json_count(json_get(unit, "notes_removed")) > 0;
    bool come = json_count(json_get(unit, "added")) + json_count(json_get(unit, "notes_added")) > 0;
    if (gone || heads)
        show_side(to, &before, unit);
    if (come || heads)
        show_side(to, &after, unit);
    if (strcmp(what, "removed") == 0) {
        const char *why = show_text(unit, "after.reason");
        text_addz(to, "    now: ");
        show_cut(to, json_get(unit, "after") ? why : "there is no such rule", SHOW_BODY_POINTS);
        text_addc(to, '\n');
    }
}

static void show_missing(const struct json *missing, struct text *to)
{
    if (!missing)
        return;
    text_addz(to, "  the recorded facts do not suffice:");
    JSON_EACH (f, missing) {
        text_addf(to, " %s %s:", show_text(f, "kind"), show_text(f, "tracker"));
        show_cut(to, show_text(f, "ref"), SHOW_REASON_POINTS);
        text_addc(to, json_next(f) ? ',' : '\n');
    }
}

void show_simulated(const struct json *event, struct text *to)
{
    const struct json *reason = json_get(event, "reason");
    text_addf(to, "event %" PRId64 "  ", show_number(event, "id"));
    show_cut(to, show_text(event, "subject"), SHOW_REASON_POINTS);
    text_addz(to, "  ");
    show_cut(to, show_text(event, "kind"), SHOW_REASON_POINTS);
    text_addc(to, '\n');
    if (strcmp(show_text(event, "result"), "no_tracker") == 0)
        text_addf(to, "  tracker %s is not in the new configuration\n", show_text(event, "tracker"));
    show_missing(json_get(event, "missing"), to);
    for (int side = 0; reason && side < 2; side++) {
        const char *text = show_text(reason, side ? "after" : "before");
        text_addf(to, "  %c ", side ? '+' : '-');
        show_cut(to, text[0] ? text : "no reason", SHOW_BODY_POINTS);
        text_addc(to, '\n');
    }
    JSON_EACH (unit, json_get(event, "units"))
        show_difference(unit, to);
}
