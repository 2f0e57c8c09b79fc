/*
 * Answers of anything that calls itself a Jira. The first bytes choose the work and the statuses; the rest, cut at
 * zero bytes, are the bodies of the answers in turn. Every work must end within the exchanges that it may take.
 */
#include "base/base.h"

#include "fuzz_answer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const int statuses[] = {200, 200, 200, 201, 204, 400, 403, 404, 409, 429, 500, 503};
    struct fuzz_in in = {data, size};
    AUTO(arena_auto) struct arena *a = arena_new(256 << 20);
    struct conf_tracker conf = {.name = "jira", .kind = &tracker_jira.kind, .url = "https://jira.example/x"};
    struct change change;
    unsigned what = fuzz_byte(&in), kind = fuzz_byte(&in);
    struct fact_key want = {.kind = (enum fact_kind)(kind % FACT_KINDS), .tracker = "jira", .ref = "JB-7"};
    struct tracker_call c = {.conf = &conf, .arena = a, .now_ms = 1795000000000, .since_ms = 1};
    struct fuzz_talk f = {.c = &c};
    if (want.kind == FACT_ISSUES) {
        want.ref = what & 2 ? "since 1794999000000 17 server 1" : "since 1794999000000";
        want.by = "JB";
    }
    conf.url = what & 4 ? "https://x.atlassian.net" : conf.url; /* Cloud, or Server */
    conf.own = arena_zero(a, tracker_jira.kind.opts->size);
    fuzz_change(&change, kind);
    c.want = what & 1 ? &want : NULL;
    c.change = what & 1 ? NULL : &change;
    f.looks = !c.want && what & 2;
    for (int i = 0; i < DRIVER_STEPS; i++) {
        if (!fuzz_goes_on(&tracker_jira, &f))
            return 0;
        check(f.next.method && strncmp(f.next.url, conf.url, strlen(conf.url)) == 0);
        f.answer = (struct http_response){.status = statuses[fuzz_byte(&in) % COUNT(statuses)], .received_ms = 1};
        f.answer.body = fuzz_body(a, &in);
    }
    check(c.want && c.want->kind == FACT_PROJECTS); /* the one that may need more pages than it can have */
    return 0;
}
