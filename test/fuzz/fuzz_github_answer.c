/*
 * Answers of anything that calls itself GitHub. The first bytes choose the work, the statuses and the headers; the
 * rest, cut at zero bytes, are the bodies of the answers in turn. Every work must end within the exchanges that it may
 * take, and all but a file must be asked of the tracker's own host.
 */
#include "base/base.h"

#include "base/secret.h"
#include "fuzz_answer.h"
#include "tracker/github_private.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char fuzz_api[] = "https://api.github.com";

static void fuzz_change(struct change *c, unsigned kind)
{
    static const char *names[] = {"A", "B"};
    static struct field_value fields[] = {{"title", VALUE_TEXT, "S", 0}};
    *c = (struct change){.kind = (enum change_kind)(kind % CHANGE_KINDS),
                         .issue = {"github", "o/r#7", 0},
                         .other = {"github", "PVTI", 0},
                         .marker = "m",
                         .project = "o/r",
                         .name = "Done",
                         .text = "t",
                         .data = "{}",
                         .id = "9",
                         .content = "PR",
                         .value = "success",
                         .url = "u",
                         .may_refuse = kind & 16,
                         .fields = {fields, COUNT(fields)},
                         .add = {names, COUNT(names)},
                         .remove = {names, kind & 32 ? COUNT(names) : 0}};
}

/* What a fact of that kind is asked about, or what the fuzzer thinks of. */
static const char *fuzz_ref(struct arena *a, struct fuzz_in *in, enum fact_kind kind)
{
    static const char *const refs[FACT_KINDS] = {[FACT_HOOKS] = "o/r",
                                                 [FACT_STATUSES] = "o/r@abc",
                                                 [FACT_FILE] = "o/r:dir/file",
                                                 [FACT_BOARD] = "o:1",
                                                 [FACT_ISSUES] = "o/r all",
                                                 [FACT_REPOSITORIES] = "o",
                                                 [FACT_DELIVERIES] = "o/hooks/1",
                                                 [FACT_DELIVERY] = "o/r/hooks/1/deliveries/2"};
    if (fuzz_byte(in) & 1)
        return fuzz_body(a, in).p;
    return refs[kind] ? refs[kind] : "o/r#7";
}

static void fuzz_headers(struct arena *a, struct fuzz_in *in, struct http_headers *to)
{
    unsigned what = fuzz_byte(in);
    if (what & 1)
        http_header_add(a, to, "Link", arena_fmt(a, "<%s/2>; rel=\"next\"", fuzz_api));
    if (what & 2)
        http_header_add(a, to, "Location", what & 4 ? "https://evil.example/" : "/x");
    if (what & 8)
        http_header_add(a, to, what & 16 ? "Link" : "Location", fuzz_body(a, in).p);
}

/* Credentials go to the tracker's own host alone: by another reading of addresses than the driver's. */
static bool fuzz_is_signed(struct arena *a, const struct conf_tracker *conf, struct http_request *r)
{
    struct url u;
    tracker_github.sign(conf, NULL, 0, a, r);
    if (!http_header_get(&r->headers, "Authorization"))
        return false;
    check(url_parse(a, r->url, &u) && strcmp(u.host, "api.github.com") == 0 && strcmp(u.scheme, "https") == 0);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const int statuses[] = {200, 200, 200, 201, 204, 301, 302, 304, 400, 403, 404, 422, 429, 451, 500, 503};
    struct fuzz_in in = {data, size};
    AUTO(arena_auto) struct arena *a = arena_new(256 << 20);
    struct conf_tracker conf = {.name = "github", .kind = &tracker_github.kind, .url = fuzz_api};
    struct change change;
    unsigned what = fuzz_byte(&in), kind = fuzz_byte(&in);
    struct fact_key want = {.kind = (enum fact_kind)(kind % FACT_KINDS), .tracker = "github"};
    const struct fact_key also = {.kind = FACT_STATUSES, .tracker = "github", .ref = "o/r@abc"};
    struct tracker_call c = {.conf = &conf, .arena = a, .now_ms = 1795000000000, .since_ms = 1795000000000};
    struct fuzz_talk f = {.c = &c};
    bool was_moved = false;
    AUTO(secret_auto) struct secret *token = secret_new(STR("token"));
    conf.own = &(struct github_conf){.token = token};
    fuzz_change(&change, kind);
    want.ref = fuzz_ref(a, &in, want.kind);
    want.unless = what & 4 ? "tag" : NULL;
    c.want = what & 1 ? &want : NULL;
    c.also = want.kind == FACT_BOARD_ITEMS && what & 8 ? &also : NULL;
    c.change = what & 1 ? NULL : &change;
    f.looks = !c.want && what & 2;
    for (int i = 0; i < DRIVER_STEPS; i++) {
        if (!fuzz_goes_on(&tracker_github, &f))
            return 0;
        check(f.next.method && f.next.url);
        check(fuzz_is_signed(a, &conf, &f.next) || (c.want && want.kind == FACT_FILE));
        f.answer = (struct http_response){.status = statuses[fuzz_byte(&in) % COUNT(statuses)], .received_ms = 1};
        was_moved |= f.answer.status == 301 || f.answer.status == 302;
        fuzz_headers(a, &in, &f.answer.headers);
        f.answer.body = fuzz_body(a, &in);
    }
    check(was_moved || (c.want && want.kind == FACT_BOARD_ITEMS)); /* nobody is on so many boards */
    return 0;
}
