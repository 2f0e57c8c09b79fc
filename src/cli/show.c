#include "base/base.h"
#include "cli/show.h"
#include "base/utf8.h"

enum { SHOW_COLUMNS = 7, SHOW_REASON_POINTS = 100, SHOW_BODY_POINTS = 600 };

static const char *show_text(const struct json *v, const char *path)
{
    const char *text = json_text(json_path(v, path));
    return text ? text : "";
}

/* Control characters, also those of eight bits (U+0080 to U+009F), are not for a terminal. */
static void show_safe(struct text *to, struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        bool is_wide = s.p[i] == '\xc2' && i + 1 < s.n && (unsigned char)s.p[i + 1] < 0xa0;
        text_addc(to, is_wide || (unsigned char)s.p[i] < ' ' || s.p[i] == 0x7f ? ' ' : s.p[i]);
        i += is_wide;
    }
}

static void show_cut(struct text *to, const char *text, size_t points)
{
    struct str s = str_of(text);
    size_t n = utf8_prefix(s, points);
    show_safe(to, (struct str){s.p, n});
    if (n < s.n)
        text_addz(to, "…");
}

static void show_padded(struct text *to, const char *text, size_t width)
{
    show_cut(to, text, width);
    for (size_t n = utf8_points(str_of(text)); n < width; n++)
        text_addc(to, ' ');
}

/* --- events --- */

static const struct show_column {
    const char *title, *path;
    size_t width; /* 0: the last, as long as it is */
} show_columns[SHOW_COLUMNS] = {
    {"EVENT", "id", 8},         {"RECEIVED", "received", 19}, {"ISSUE", "subject", 20}, {"WHAT", "kind", 28},
    {"VERDICT", "verdict", 10}, {"TARGET", "target", 18},     {"REASON", "reason", 0},
};

static void show_cell(const struct json *row, const struct show_column *c, struct text *to)
{
    char number[32];
    int64_t n;
    const char *text = show_text(row, c->path);
    if (strcmp(c->path, "received") == 0) { /* seconds are enough in a list */
        snprintf(number, sizeof number, "%.19s", text);
        text = number;
    }
    if (json_int(json_path(row, c->path), &n)) {
        snprintf(number, sizeof number, "%" PRId64, n);
        text = number;
    }
    if (c->width > 0)
        show_padded(to, text, c->width);
    else
        show_cut(to, text, SHOW_REASON_POINTS);
    text_addz(to, c->width > 0 ? "  " : "");
}

void show_events(const struct json *answer, struct text *to)
{
    for (size_t i = 0; i < SHOW_COLUMNS; i++) {
        show_padded(to, show_columns[i].title, show_columns[i].width ? show_columns[i].width : strlen("REASON"));
        text_addz(to, show_columns[i].width ? "  " : "\n");
    }
    JSON_EACH (row, json_get(answer, "events")) {
        for (size_t i = 0; i < SHOW_COLUMNS; i++)
            show_cell(row, &show_columns[i], to);
        text_addc(to, '\n');
    }
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

static int64_t show_number(const struct json *v, const char *path)
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
    static const char *const parts[] = {"verdict", "reason", "target", "received", "ended", "retry_at", "request_id"};
    for (size_t i = 0; i < COUNT(parts); i++)
        show_line(to, parts[i], show_text(ev, parts[i]));
    show_number_line(to, "replay of", json_get(ev, "replay_of"));
    show_number_line(to, "replayed as", json_get(ev, "replayed_as"));
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
        text_addf(to, " → %s\n", show_text(change, "kind"));
    }
    JSON_EACH (note, json_get(unit, "notes")) {
        text_addz(to, "      note: ");
        show_cut(to, json_text(note) ? json_text(note) : "", SHOW_BODY_POINTS);
        text_addc(to, '\n');
    }
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

static void show_audit_rows(const struct json *rows, struct text *to)
{
    JSON_EACH (row, rows) {
        text_addf(to, "  %.19s  ", show_text(row, "at"));
        show_padded(to, show_text(row, "who"), 16);
        text_addf(to, "  %-8s event %" PRId64, show_text(row, "verb"), show_number(row, "event"));
        if (show_text(row, "note")[0])
            text_addz(to, ": ");
        show_cut(to, show_text(row, "note"), SHOW_BODY_POINTS);
        text_addc(to, '\n');
    }
}

void show_explain(const struct json *answer, struct text *to)
{
    show_head(json_get(answer, "event"), to);
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
