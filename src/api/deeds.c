#include "base/base.h"
#include "api/deeds.h"
#include "api/rows.h"
#include "base/arena.h"
#include "base/json.h"
#include "base/text.h"
#include "engine/deed.h"
#include "store/people.h"

struct deed_call { /* what a verb that acts leaves for its answer */
    struct deed deed;
    struct verb_call *call;
    int64_t event, made;
};

static void deed_acted(struct deed *d, const struct err *e)
{
    struct verb_call *c = CONTAINER(d, struct deed_call, deed)->call;
    c->acted(c, e);
}

static struct deed_call *deed_call_new(struct verb_call *c)
{
    struct deed_call *d = ARENA_NEW(c->arena, struct deed_call);
    d->call = c;
    d->event = c->args[0].number;
    d->deed.who = c->who;
    d->deed.done = deed_acted;
    d->deed.made = &d->made;
    c->found = d;
    return d;
}

/* --- retry --- */

void retry_act(struct verb_call *c, struct engine *g)
{
    struct deed_call *d = deed_call_new(c);
    deed_retry(g, &d->deed, d->event);
}

void retry_answer(const struct verb_call *c, const struct engine *g, struct json_out *o)
{
    (void)g;
    const struct deed_call *d = c->found;
    json_put_int(o, "event", d->event);
    json_put_int(o, "head", d->deed.head);
    json_put_text(o, "did",
                  d->deed.was == VERDICT_PARKED    ? "brought forward"
                  : d->deed.was == VERDICT_RUNNING ? "runs already"
                                                   : "comes next already");
    if (d->deed.held_by)
        json_put_text(o, "held_by", d->deed.held_by);
}

/* --- drop --- */

enum { DROP_ID, DROP_REASON };

void drop_act(struct verb_call *c, struct engine *g)
{
    struct deed_call *d = deed_call_new(c);
    deed_drop(g, &d->deed, d->event, c->args[DROP_REASON].text);
}

void drop_answer(const struct verb_call *c, const struct engine *g, struct json_out *o)
{
    (void)g;
    const struct deed_call *d = c->found;
    json_put_int(o, "event", d->event);
    json_put_text(o, "verdict", verdict_name(VERDICT_DROPPED));
}

/* --- replay --- */

enum { REPLAY_ID, REPLAY_EDIT };

void replay_act(struct verb_call *c, struct engine *g)
{
    struct deed_call *d = deed_call_new(c);
    const char *body = c->args[REPLAY_EDIT].text;
    if (body)
        deed_replay_edited(g, &d->deed, &d->event, str_of(body));
    else
        deed_replay(g, &d->deed, &d->event, 1);
}

void replay_answer(const struct verb_call *c, const struct engine *g, struct json_out *o)
{
    (void)g;
    const struct deed_call *d = c->found;
    json_put_int(o, "event", d->event);
    json_put_int(o, "replayed_as", d->made);
}

/* --- replay of many --- */

enum {
    CHOICE_LOOKS = 100 * 1000,               /* events that one call looks at */
    CHOICE_TRACE_BYTES = 512 * 1024 * 1024,  /* and the traces of them */
    CHOICE_SCRATCH_BYTES = 512 * 1024 * 1024 /* one trace, parsed */
};

struct choice {
    struct deed deed;
    struct verb_call *call;
    struct arena *scratch;
    struct many rows; /* event_row */
    int64_t *ids;
    int64_t looked, untraced, next;
    size_t trace_bytes;
};

/* A rule's name, "bugzilla-to-jira[dev]", or what is in the brackets. */
static bool choice_is_rule(const char *rule, const char *wanted)
{
    const char *inside = rule ? strrchr(rule, '[') : NULL;
    size_t n = strlen(wanted);
    if (text_same(rule, wanted))
        return true;
    return inside && strncmp(inside + 1, wanted, n) == 0 && strcmp(inside + 1 + n, "]") == 0;
}

static bool choice_matched(struct choice *ch, const char *wanted, struct str trace)
{
    const struct json *parsed;
    struct err e = {0};
    arena_reset(ch->scratch);
    if (json_parse(ch->scratch, trace, &parsed, &e) < 0)
        return false;
    JSON_EACH (unit, json_path(parsed, "decision.units"))
        if (json_bool(json_get(unit, "matched"), false) && choice_is_rule(json_text(json_get(unit, "rule")), wanted))
            return true;
    return false;
}

static void choice_add(struct choice *ch, const struct event_row *row)
{
    struct arena *a = ch->call->arena;
    struct event_row *kept = many_add(a, &ch->rows, sizeof *kept);
    *kept = *row;
    const char **const texts[] = {&kept->tracker, &kept->kind,   &kept->subject,
                                  &kept->target,  &kept->reason, &kept->request_id};
    for (size_t i = 0; i < COUNT(texts); i++)
        *texts[i] = arena_text(a, *texts[i]);
}

/* 1: no further. */
static int choice_look(void *ctx, const struct event_row *row, struct str trace)
{
    struct choice *ch = ctx;
    const struct verb_value *args = ch->call->args;
    const char *rule = args[CHOICE_RULE].text;
    if (args[CHOICE_UNTIL].text && row->received_ms >= args[CHOICE_UNTIL].number)
        return 1;
    if (ch->looked == CHOICE_LOOKS || ch->trace_bytes > CHOICE_TRACE_BYTES ||
        (int64_t)ch->rows.n == args[CHOICE_LIMIT].number) {
        ch->next = row->id - 1;
        return 1;
    }
    ch->looked++;
    ch->untraced += rule && !trace.p;
    ch->trace_bytes += rule ? trace.n : 0;
    if (!rule || (trace.p && choice_matched(ch, rule, trace)))
        choice_add(ch, row);
    return 0;
}

int choice_read(struct verb_call *c, struct store_reader *r, struct err *e)
{
    AUTO(arena_auto) struct arena *scratch = arena_new(CHOICE_SCRATCH_BYTES);
    struct choice *ch = ARENA_NEW(c->arena, struct choice);
    const struct ended_filter f = {.after = c->args[CHOICE_AFTER].number,
                                   .since_ms = c->args[CHOICE_SINCE].number,
                                   .verdict = c->args[CHOICE_VERDICT].text};
    *ch = (struct choice){.call = c, .scratch = scratch};
    c->found = ch;
    int rc = store_each_ended(r, &f, choice_look, ch, e);
    ch->scratch = NULL;
    return rc < 0 ? rc : 0;
}

static void choice_acted(struct deed *d, const struct err *e)
{
    struct choice *ch = CONTAINER(d, struct choice, deed);
    size_t made = 0;
    for (size_t i = 0; i < ch->rows.n; i++)
        made += d->made[i] > 0;
    if (!e) {
        ch->call->acted(ch->call, NULL);
        return;
    }
    struct err told = *e;
    (void)(err_within(&told, "after %zu replays", made) < 0);
    ch->call->acted(ch->call, &told);
}

void choice_act(struct verb_call *c, struct engine *g)
{
    struct choice *ch = c->found;
    const struct event_row *rows = ch->rows.v;
    if (c->args[CHOICE_DRY_RUN].number || ch->rows.n == 0) {
        c->acted(c, NULL);
        return;
    }
    ch->ids = ARENA_ARRAY(c->arena, int64_t, ch->rows.n);
    for (size_t i = 0; i < ch->rows.n; i++)
        ch->ids[i] = rows[i].id;
    ch->deed.who = c->who;
    ch->deed.done = choice_acted;
    ch->deed.skips = true;
    ch->deed.made = ARENA_ARRAY(c->arena, int64_t, ch->rows.n);
    deed_replay(g, &ch->deed, ch->ids, ch->rows.n);
}

void choice_answer(const struct verb_call *c, const struct engine *g, struct json_out *o)
{
    const struct choice *ch = c->found;
    const struct event_row *rows = ch->rows.v;
    json_put_bool(o, "dry_run", c->args[CHOICE_DRY_RUN].number != 0);
    json_open(o, "events", '[');
    for (size_t i = 0; i < ch->rows.n; i++) {
        struct event_row row = rows[i];
        row.replayed_as = ch->deed.made ? ch->deed.made[i] : 0;
        json_open(o, NULL, '{');
        rows_put_event(o, &row, g);
        json_close(o);
    }
    json_close(o);
    json_put_int(o, "looked_at", ch->looked);
    json_put_int(o, "without_trace", ch->untraced);
    if (ch->next > 0)
        json_put_int(o, "next_after", ch->next);
}

/* --- audit --- */

enum { AUDIT_EVENT, AUDIT_BEFORE, AUDIT_LIMIT };

int audit_read(struct verb_call *c, struct store_reader *r, struct err *e)
{
    const struct audit_filter f = {.event = c->args[AUDIT_EVENT].number,
                                   .before = c->args[AUDIT_BEFORE].number,
                                   .limit = (int)c->args[AUDIT_LIMIT].number};
    struct many *rows = ARENA_NEW(c->arena, struct many);
    c->found = rows;
    return store_list_audit(r, &f, c->arena, rows, e);
}

void audit_answer(const struct verb_call *c, const struct engine *g, struct json_out *o)
{
    (void)g;
    rows_put_audit(o, c->found);
}
