#include "base/base.h"
#include "api/hooks.h"
#include "base/arena.h"
#include "base/digest.h"
#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "engine/engine.h"
#include "tracker/driver.h"

enum { HOOKS_ANSWER_BYTES = 200, HOOKS_RID_BYTES = 100 };

/* Addresses of those that lockstep replaces have no tracker in them: the first of that kind that feeds a bridge. */
static const struct {
    const char *path, *kind;
} hooks_old[] = {
    {"/bugzilla_webhook", "bugzilla"}, {"/bugzilla_webhook/", "bugzilla"}, {"/github/hook-receiver", "github"}};

static const struct conf_tracker *hooks_first(const struct config *c, const char *kind)
{
    for (size_t i = 0; i < c->n_bridges; i++)
        if (strcmp(c->bridges[i].from->kind->name, kind) == 0)
            return c->bridges[i].from;
    return NULL;
}

const struct conf_tracker *hooks_tracker(const struct engine *g, struct arena *a, const char *path)
{
    const struct config *c = engine_config(g);
    size_t n = strcspn(path, "?");
    for (size_t i = 0; i < COUNT(hooks_old); i++)
        if (str_same((struct str){path, n}, str_of(hooks_old[i].path)))
            return hooks_first(c, hooks_old[i].kind);
    if (!text_starts(path, "/hooks/"))
        return NULL;
    const struct conf_tracker *t = config_tracker(c, arena_str(a, (struct str){path + 7, n - 7}));
    return t && (tracker_driver(t)->can & TRACKER_WEBHOOK) ? t : NULL;
}

/* The sender does not learn more than that its key is wrong. */
static void hooks_refuse(struct http_exchange *x, const struct conf_tracker *t, const struct err *e)
{
    struct http_headers h = {0};
    struct arena *a = http_exchange_arena(x);
    http_header_add(a, &h, "Content-Type", "application/json");
    http_header_add(a, &h, "WWW-Authenticate", "Basic realm=\"lockstep\"");
    log_line(LOG_WARNING, "api", "delivery refused", LOG_STR("tracker", t->name), LOG_STR("reason", e->text));
    http_reply(x, 401, &h, STR("{\"detail\":\"Incorrect API Key\"}"));
}

static int hooks_verify(struct engine *g, const struct conf_tracker *t, struct http_exchange *x,
                        const struct http_request *r)
{
    struct err e = {0};
    int rc = engine_verify(g, t, http_exchange_arena(x), r, &e);
    if (rc < 0)
        hooks_refuse(x, t, &e);
    return rc;
}

void hooks_head(struct engine *g, const struct conf_tracker *t, struct http_exchange *x, const struct http_request *r)
{
    if (tracker_driver(t)->can & TRACKER_VERIFY_HEAD)
        (void)(hooks_verify(g, t, x, r) < 0);
}

static void hooks_taken(void *ctx, const struct receipt *receipt, const struct err *e)
{
    struct http_exchange *x = ctx;
    if (e) {
        http_reply_problem(x, 503, "the delivery cannot be stored now; send it again");
        return;
    }
    AUTO(text_auto) struct text answer;
    text_init(&answer, HOOKS_ANSWER_BYTES);
    text_addf(&answer, "{\"id\":%" PRId64 "%s}", receipt->id, receipt->is_duplicate ? ",\"duplicate\":true" : "");
    http_reply_json(x, 200, text_str(&answer));
}

/* The sender's X-Request-Id if it is sane, else a new one; the same through all retries of the event. */
static const char *hooks_request_id(struct arena *a, const struct http_request *r)
{
    const char *given = http_header_get(&r->headers, "X-Request-Id");
    char uuid[UUID_TEXT_BYTES];
    size_t n = given ? strlen(given) : 0;
    bool sane = n > 0 && n <= HOOKS_RID_BYTES;
    for (size_t i = 0; sane && i < n; i++)
        sane = given[i] > ' ' && given[i] < 0x7f;
    return sane ? given : arena_text(a, uuid_text(uuid));
}

void hooks_body(struct engine *g, const struct conf_tracker *t, struct http_exchange *x, const struct http_request *r)
{
    if (!(tracker_driver(t)->can & TRACKER_VERIFY_HEAD) && hooks_verify(g, t, x, r) < 0)
        return;
    const struct intake_delivery d = {.request = r, .request_id = hooks_request_id(http_exchange_arena(x), r)};
    http_exchange_soon(x);
    engine_take(g, t, &d, &(const struct intake_told){hooks_taken, x});
}
