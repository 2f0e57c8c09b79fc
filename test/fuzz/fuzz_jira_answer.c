/*
 * Answers of anything that calls itself a Jira. The first bytes choose the work and the statuses; the rest, cut at
 * zero bytes, are the bodies of the answers in turn. Every work must end within the exchanges that it may take.
 */
#include "base/base.h"

#include "base/arena.h"
#include "base/secret.h"
#include "base/text.h"
#include "tracker/driver.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct fuzz_in {
    const uint8_t *p;
    size_t n;
};

static unsigned fuzz_byte(struct fuzz_in *in)
{
    if (in->n == 0)
        return 0;
    in->n--;
    return *in->p++;
}

static struct str fuzz_body(struct arena *a, struct fuzz_in *in)
{
    const uint8_t *end = in->n ? memchr(in->p, 0, in->n) : NULL;
    size_t n = end ? (size_t)(end - in->p) : in->n;
    struct str s = {(const char *)in->p, n};
    in->p += end ? n + 1 : n;
    in->n -= end ? n + 1 : n;
    return (struct str){arena_str(a, s), n};
}

static void fuzz_change(struct change *c, unsigned kind)
{
    static const char *names[] = {"A", "B"};
    static struct field_value fields[] = {{"summary", VALUE_TEXT, "S", 0}, {"resolution", VALUE_NAME, "Fixed", 0}};
    *c = (struct change){.kind = (enum change_kind)(kind % CHANGE_KINDS),
                         .issue = {"jira", "JB-7", 0},
                         .other = {"jira", "JB-9", 0},
                         .marker = "m",
                         .project = "JB",
                         .name = "Done",
                         .text = "t",
                         .url = "u",
                         .may_refuse = kind & 16,
                         .or_nobody = kind & 32,
                         .may_create = kind & 64,
                         .fields = {fields, COUNT(fields)},
                         .add = {names, COUNT(names)}};
}

static int fuzz_step(const struct tracker_call *c, bool look, struct tracker_state *st,
                     const struct http_response *prev, struct http_request *next, struct tracker_result *ret,
                     struct err *e)
{
    return look ? tracker_jira.look(c, st, prev, next, ret, e) : tracker_jira.step(c, st, prev, next, ret, e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const int statuses[] = {200, 200, 200, 201, 204, 400, 403, 404, 409, 429, 500, 503};
    struct fuzz_in in = {data, size};
    AUTO(arena_auto) struct arena *a = arena_new(256 << 20);
    struct conf_tracker conf = {.name = "jira", .kind = &tracker_jira.kind, .url = "https://jira.example/x"};
    struct change change;
    unsigned what = fuzz_byte(&in), kind = fuzz_byte(&in);
    struct fact_key want = {(enum fact_kind)(kind % FACT_KINDS), "jira", "JB-7"};
    struct tracker_call c = {.conf = &conf, .arena = a, .now_ms = 1795000000000, .since_ms = 1};
    struct tracker_state st = {0};
    struct tracker_result ret = {0};
    struct http_request next = {0};
    struct http_response answer, *prev = NULL;
    struct err e = {0};
    conf.url = what & 4 ? "https://x.atlassian.net" : conf.url; /* Cloud, or Server */
    conf.own = arena_zero(a, tracker_jira.kind.opts->size);
    fuzz_change(&change, kind);
    c.want = what & 1 ? &want : NULL;
    c.change = what & 1 ? NULL : &change;
    for (int i = 0; i < DRIVER_STEPS; i++) {
        int rc = fuzz_step(&c, !c.want && what & 2, &st, prev, &next, &ret, &e);
        if (rc < 0)
            check((enum err_class) - rc == e.class && e.text[0] != '\0');
        if (rc != STEP_SEND)
            return 0;
        check(next.method && strncmp(next.url, conf.url, strlen(conf.url)) == 0);
        answer = (struct http_response){.status = statuses[fuzz_byte(&in) % COUNT(statuses)], .received_ms = 1};
        answer.body = fuzz_body(a, &in);
        prev = &answer;
    }
    check(c.want && c.want->kind == FACT_PROJECTS); /* the one that may need more pages than it can have */
    return 0;
}
