#include "base/base.h"
#include "api/api.h"
#include "api/args.h"
#include "api/hooks.h"
#include "api/jobs.h"
#include "api/verb.h"
#include "base/arena.h"
#include "base/json.h"
#include "base/secret.h"
#include "base/text.h"
#include "engine/engine.h"
#include "engine/metrics.h"
#include "engine/redact.h"
#include "io/loop.h"
#include "io/user.h"
#include "poll/poll.h"
#include "poll/reconcile.h"
#include "store/store.h"

enum { API_ANSWER_BYTES = 64 * 1024 * 1024, API_JOB_ARENA_BYTES = 512 * 1024 * 1024, API_JOBS_MAX = 64 };

struct api {
    struct api_parts parts;
    unsigned jobs; /* verbs on the pool */
};

struct api *api_new(const struct api_parts *parts)
{
    struct api *a = mem_zero(sizeof *a);
    a->parts = *parts;
    return a;
}

void api_free(struct api *a)
{
    mem_free(a);
}

bool api_busy(const struct api *a)
{
    return a->jobs > 0;
}

/* --- access --- */

static bool api_is_operator(const struct api *a, struct http_exchange *x, const struct http_request *r)
{
    const struct secret *key = engine_config(a->parts.engine)->server.api_key;
    struct arena *arena = http_exchange_arena(x);
    if (http_exchange_is_private(x))
        return true;
    const char *const given[] = {http_header_get(&r->headers, "X-Api-Key"), http_bearer(arena, &r->headers),
                                 http_basic_password(arena, &r->headers)};
    for (size_t i = 0; i < COUNT(given); i++)
        if (!text_blank(given[i]))
            return key && secret_same(key, str_of(given[i]));
    return false;
}

/* A problem whose status wants a header beside it. */
static void api_problem_with(struct http_exchange *x, int status, const char *detail, const char *header,
                             const char *value)
{
    struct http_headers h = {0};
    http_header_add(http_exchange_arena(x), &h, "Content-Type", "application/problem+json");
    http_header_add(http_exchange_arena(x), &h, header, value);
    AUTO(text_auto) struct text t;
    text_init(&t, API_ANSWER_BYTES);
    struct json_out o;
    json_start(&o, &t);
    json_open(&o, NULL, '{');
    json_put_text(&o, "type", "about:blank");
    json_put_text(&o, "title", http_reason(status));
    json_put_int(&o, "status", status);
    json_put_text(&o, "detail", detail);
    json_close(&o);
    http_reply(x, status, &h, text_str(&t));
}

static void api_forbid(const struct api *a, struct http_exchange *x)
{
    if (engine_config(a->parts.engine)->server.api_key)
        api_problem_with(x, 401, "wrong or missing api_key", "WWW-Authenticate", "Basic realm=\"lockstep\"");
    else
        http_reply_problem(x, 403, "server.api_key is not set: only the socket beside the store may ask this");
}

/*
 * A browser that knows the key (Basic) would send it along with a form of any page. It says which page it was; only our
 * own may change anything.
 */
static bool api_is_foreign(const struct api *a, const struct http_request *r)
{
    const char *origin = http_header_get(&r->headers, "Origin");
    const char *host = http_header_get(&r->headers, "Host");
    const char *own = engine_config(a->parts.engine)->server.public_url;
    if (strcmp(r->method, "GET") == 0 || strcmp(r->method, "HEAD") == 0 || !origin)
        return false;
    const char *authority = strstr(origin, "://");
    size_t n = strlen(origin);
    bool is_own = own && text_starts(own, origin) && (own[n] == '\0' || own[n] == '/');
    return !is_own && !(authority && text_same(authority + 3, host));
}

/* --- small answers --- */

static void api_reply_text(struct http_exchange *x, int status, const char *type, struct str body)
{
    struct http_headers h = {0};
    http_header_add(http_exchange_arena(x), &h, "Content-Type", type);
    http_reply(x, status, &h, body);
}

static void api_lbheartbeat(struct api *a, struct http_exchange *x)
{
    (void)a;
    http_reply_json(x, 200, STR("{\"status\":\"ok\"}"));
}

static void api_robots(struct api *a, struct http_exchange *x)
{
    (void)a;
    api_reply_text(x, 200, "text/plain", STR("User-agent: *\nDisallow: /\n"));
}

static void api_version(struct api *a, struct http_exchange *x)
{
    AUTO(text_auto) struct text t;
    text_init(&t, API_ANSWER_BYTES);
    struct json_out o;
    json_start(&o, &t);
    json_open(&o, NULL, '{');
    json_put_text(&o, "source", "lockstep");
    json_put_text(&o, "version", a->parts.version);
    json_put_text(&o, "commit", a->parts.commit);
    json_put_text(&o, "build", "");
    json_close(&o);
    http_reply_json(x, 200, text_str(&t));
}

static const struct conf_bridge *api_jbi(const struct config *c)
{
    for (size_t i = 0; i < c->n_bridges; i++)
        if (text_same(c->bridges[i].kind->name, "bugzilla-to-jira"))
            return &c->bridges[i];
    return NULL;
}

static void api_put_address(struct json_out *o, struct arena *a, const struct conf_tracker *t)
{
    json_put_text(o, arena_fmt(a, "%s_base_url", t->kind->name), t->url);
}

/*
 * What the bridge that lockstep takes the place of told of itself, which is the addresses of its two trackers. Those of
 * others are nobody's business: anybody may ask this.
 */
static void api_index(struct api *a, struct http_exchange *x)
{
    const struct config *c = engine_config(a->parts.engine);
    AUTO(text_auto) struct text t;
    text_init(&t, API_ANSWER_BYTES);
    struct json_out o;
    json_start(&o, &t);
    json_open(&o, NULL, '{');
    json_put_text(&o, "title", "lockstep");
    json_put_text(&o, "description", "Keeps bug trackers in step");
    json_put_text(&o, "version", a->parts.version);
    json_open(&o, "configuration", '{');
    const struct conf_bridge *bridge = api_jbi(c);
    if (bridge) {
        api_put_address(&o, http_exchange_arena(x), bridge->from);
        api_put_address(&o, http_exchange_arena(x), bridge->to);
    }
    json_close(&o);
    json_close(&o);
    http_reply_json(x, 200, text_str(&t));
}

static void api_metrics(struct api *a, struct http_exchange *x)
{
    AUTO(text_auto) struct text t;
    text_init(&t, API_ANSWER_BYTES);
    engine_measure(a->parts.engine);
    metrics_set(a->parts.metrics, METRIC_CONNECTIONS, NULL, NULL, a->parts.connections(a->parts.ctx));
    metrics_write(a->parts.metrics, &t);
    api_reply_text(x, 200, "text/plain; version=0.0.4; charset=utf-8", text_str(&t));
}

/* --- the heartbeat: the checks' last results, never a call to a tracker --- */

static const char *api_level_word(enum health_level level)
{
    return level == HEALTH_OK ? "ok" : level == HEALTH_WARNING ? "warning" : "error";
}

static void api_put_check(struct json_out *o, const struct health_check *c)
{
    const struct health_message *m = c->messages.v;
    json_open(o, c->name, '{');
    json_put_text(o, "status", api_level_word(c->level));
    json_put_int(o, "level", c->level);
    json_open(o, "messages", '{');
    for (size_t i = 0; i < c->messages.n; i++)
        json_put_text(o, m[i].id, m[i].text);
    json_close(o);
    json_close(o);
}

/* Of our own: in order unless there is something to say. */
static void api_own_check(struct arena *a, struct health_report *to, enum health_level level, const char *name,
                          const char *id, const char *text)
{
    struct health_check *c = MANY_ADD(a, &to->checks, struct health_check);
    *c = (struct health_check){.name = name, .level = text ? level : HEALTH_OK};
    if (text)
        *MANY_ADD(a, &c->messages, struct health_message) = (struct health_message){.id = id, .text = text};
}

/* The first is named like the check of JBI's queue that it takes the place of. */
static void api_checks(const struct api *a, struct arena *arena, struct health_report *ret)
{
    const struct engine *g = a->parts.engine;
    bool is_refused = metrics_get(a->parts.metrics, METRIC_CONFIG_REFUSED, NULL, NULL) > 0;
    api_own_check(arena, ret, HEALTH_ERROR, "queue.writable", "queue.backend.ping", engine_store_trouble(g));
    api_own_check(arena, ret, HEALTH_ERROR, "store.intact", "store.damaged", engine_store_damage(g));
    api_own_check(arena, ret, HEALTH_WARNING, "configuration.accepted", "configuration.refused",
                  is_refused ? "what was read before stays in use; the log says what is wrong" : NULL);
    MANY_EACH(const struct health_check, c, &engine_health(g)->checks)
    *MANY_ADD(arena, &ret->checks, struct health_check) = *c;
    reconciler_health(poll_reconciler(a->parts.poll), arena, ret);
}

static void api_heartbeat(struct api *a, struct http_exchange *x)
{
    struct health_report all = {0};
    enum health_level worst = HEALTH_OK;
    api_checks(a, http_exchange_arena(x), &all);
    MANY_EACH(const struct health_check, c, &all.checks)
    worst = c->level > worst ? c->level : worst;
    AUTO(text_auto) struct text t;
    text_init(&t, API_ANSWER_BYTES);
    struct json_out o;
    json_start(&o, &t);
    json_open(&o, NULL, '{');
    json_put_text(&o, "status", api_level_word(worst));
    json_open(&o, "checks", '{');
    MANY_EACH(const struct health_check, c, &all.checks)
    json_put_text(&o, c->name, api_level_word(c->level));
    json_close(&o);
    json_open(&o, "details", '{');
    MANY_EACH(const struct health_check, c, &all.checks)
    if (c->level != HEALTH_OK)
        api_put_check(&o, c);
    json_close(&o);
    json_close(&o);
    http_reply_json(x, worst == HEALTH_ERROR ? 503 : 200, text_str(&t));
}

/* --- verbs --- */

struct api_job { /* a verb on the pool */
    struct loop_job job;
    struct api *api;
    struct http_exchange *exchange;
    const struct verb *verb;
    struct verb_call call;
    char *store_url;
    int64_t user;     /* who asks over the unix socket; -1: not known */
    struct err error; /* class NONE: it went well */
};

/* Who asks over the unix socket. Looked up on the pool, since that may take its time. */
static const char *api_job_who(const struct api_job *job)
{
    return job->user < 0 ? "unknown" : user_name(job->call.arena, job->user);
}

static void api_job_work(struct loop_job *j)
{
    struct api_job *job = CONTAINER(j, struct api_job, job);
    struct store_reader *reader = NULL;
    struct err e = {0};
    if (!job->call.who)
        job->call.who = api_job_who(job);
    if (!job->verb->read)
        return;
    int rc = store_reader_open(&reader, job->store_url, &e);
    if (rc == 0)
        rc = job->verb->read(&job->call, reader, &e);
    store_reader_close(reader);
    if (rc < 0)
        job->error = e;
}

static void api_job_reply(const struct api_job *job, struct str answer)
{
    const struct verb *v = job->verb;
    struct http_headers h = {0};
    http_header_add(job->call.arena, &h, "Content-Type", "application/json");
    if (v->place)
        http_header_add(job->call.arena, &h, "Location", v->place(&job->call));
    http_reply(job->exchange, v->status ? v->status : 200, &h, answer);
}

static void api_job_answer(struct api_job *job)
{
    AUTO(text_auto) struct text t;
    text_init(&t, API_ANSWER_BYTES);
    struct json_out o;
    json_start(&o, &t);
    json_open(&o, NULL, '{');
    job->verb->answer(&job->call, job->api->parts.engine, &o);
    json_close(&o);
    if (text_full(&t))
        http_reply_problem(job->exchange, 500, "the answer is too large; ask for less");
    else
        api_job_reply(job, text_str(&t));
}

static int api_status(enum err_class class)
{
    static const int statuses[ERR_CLASSES] = {
        [ERR_INPUT] = 400,  [ERR_MISSING] = 404,   [ERR_CONFLICT] = 409,
        [ERR_CONFIG] = 409, [ERR_TRANSIENT] = 503, [ERR_UNCERTAIN] = 503,
    };
    return statuses[class] ? statuses[class] : 500;
}

static void api_job_end(struct api_job *job, const struct err *e)
{
    if (e)
        http_reply_problem(job->exchange, api_status(e->class), e->text);
    else
        api_job_answer(job);
    job->api->jobs--;
    arena_free(job->call.arena);
    mem_free(job->store_url);
    mem_free(job);
}

static void api_job_acted(struct verb_call *c, const struct err *e)
{
    api_job_end(CONTAINER(c, struct api_job, call), e);
}

static void api_job_done(struct loop_job *j)
{
    struct api_job *job = CONTAINER(j, struct api_job, job);
    if (job->error.class == ERR_PERMANENT) /* only reading the store was tried */
        engine_note_damage(job->api->parts.engine, &job->error);
    if (job->error.class != ERR_NONE)
        api_job_end(job, &job->error);
    else if (job->verb->act)
        job->verb->act(&job->call, job->api->parts.engine);
    else
        api_job_end(job, NULL);
}

static void api_run_verb(struct api *a, struct http_exchange *x, const struct verb *v, const struct http_request *r,
                         const char *in_path)
{
    if (a->jobs >= API_JOBS_MAX) {
        http_reply_problem(x, 503, "too many questions at once");
        return;
    }
    struct err e = {0};
    struct api_job *job = mem_zero(sizeof *job);
    *job = (struct api_job){.job = {.work = api_job_work, .done = api_job_done},
                            .api = a,
                            .exchange = x,
                            .verb = v,
                            .call = {.who = http_exchange_is_private(x) ? NULL : "server.api_key",
                                     .acted = api_job_acted,
                                     .poll = a->parts.poll},
                            .user = http_exchange_user(x)};
    job->call.arena = arena_new(API_JOB_ARENA_BYTES);
    if (args_read(v, &job->call, r, in_path, &e) < 0) {
        http_reply_problem(x, 400, e.text);
        arena_free(job->call.arena);
        mem_free(job);
        return;
    }
    if (v->begin)
        v->begin(&job->call, a->parts.engine);
    job->store_url = mem_text(a->parts.store_url);
    a->jobs++;
    loop_job_start(a->parts.loop, &job->job);
}

static void api_verb(struct api *a, struct http_exchange *x, const struct http_request *r)
{
    static const char prefix[] = "/api/v1";
    struct arena *arena = http_exchange_arena(x);
    const char *path = text_starts(r->url, prefix) ? r->url + sizeof prefix - 1 : "";
    const char *allowed = NULL;
    for (const struct verb *v = verbs; v->name; v++) {
        const char *in_path = args_match(arena, v, path);
        if (in_path)
            allowed = allowed ? arena_fmt(arena, "%s, %s", allowed, v->method) : v->method;
        if (in_path && strcmp(v->method, r->method) == 0) {
            api_run_verb(a, x, v, r, in_path);
            return;
        }
    }
    if (allowed)
        api_problem_with(x, 405, "this method is not for this path", "Allow", allowed);
    else
        http_reply_problem(x, 404, "there is nothing here");
}

/* --- what people's scripts ask of the bot that lockstep takes the place of --- */

/* Forms, each asked as the verb that it is. */
static const struct api_form {
    const char *path;
    int (*body)(const struct config *c, struct arena *a, struct str form, struct str *ret, struct err *e);
} api_forms[] = {{"/github/rescan", job_form}, {"/jira/user/rescan", job_users_form}};

static const struct api_form *api_form_of(const struct http_request *r)
{
    for (size_t i = 0; i < COUNT(api_forms); i++)
        if (str_same((struct str){r->url, strcspn(r->url, "?")}, str_of(api_forms[i].path)))
            return &api_forms[i];
    return NULL;
}

static void api_form_head(struct api *a, struct http_exchange *x, const struct http_request *r)
{
    if (strcmp(r->method, "POST") != 0)
        api_problem_with(x, 405, "a rescan is asked for by POST", "Allow", "POST");
    else if (!api_is_operator(a, x, r))
        api_forbid(a, x);
    else if (api_is_foreign(a, r))
        http_reply_problem(x, 403, "a page of another site may not ask this");
}

static void api_form_body(struct api *a, struct http_exchange *x, const struct http_request *r)
{
    struct http_request verb = *r;
    struct err e = {0};
    if (api_form_of(r)->body(engine_config(a->parts.engine), http_exchange_arena(x), r->body, &verb.body, &e) < 0)
        http_reply_problem(x, 400, e.text);
    else
        api_run_verb(a, x, verb_find("rescan"), &verb, "");
}

/* --- routes --- */

static const struct api_route {
    const char *path;
    void (*answer)(struct api *a, struct http_exchange *x);
} api_routes[] = {
    {"/", api_index},
    {"/__lbheartbeat__", api_lbheartbeat},
    {"/__heartbeat__", api_heartbeat},
    {"/__version__", api_version},
    {"/robots.txt", api_robots},
    {"/metrics", api_metrics},
};

static const struct api_route *api_route(const char *url)
{
    struct str path = {url, strcspn(url, "?")};
    for (size_t i = 0; i < COUNT(api_routes); i++)
        if (str_same(path, str_of(api_routes[i].path)))
            return &api_routes[i];
    return NULL;
}

/* Everything is refused here that the headers suffice to refuse, so that no stranger makes us read a body. */
void api_head(void *ctx, struct http_exchange *x, const struct http_request *r)
{
    struct api *a = ctx;
    const struct conf_tracker *t = hooks_tracker(a->parts.engine, http_exchange_arena(x), r->url);
    const struct api_route *route = t ? NULL : api_route(r->url);
    if (t && strcmp(r->method, "POST") == 0)
        hooks_head(a->parts.engine, t, x, r);
    else if (t)
        api_problem_with(x, 405, "a webhook is sent by POST", "Allow", "POST");
    else if (route && strcmp(r->method, "GET") != 0 && strcmp(r->method, "HEAD") != 0)
        api_problem_with(x, 405, "only GET and HEAD", "Allow", "GET, HEAD");
    else if (route)
        route->answer(a, x);
    else if (api_form_of(r))
        api_form_head(a, x, r);
    else if (!text_starts(r->url, "/api/v1/"))
        http_reply_problem(x, 404, "there is nothing here");
    else if (!api_is_operator(a, x, r))
        api_forbid(a, x);
    else if (api_is_foreign(a, r))
        http_reply_problem(x, 403, "a page of another site may not ask this");
}

void api_body(void *ctx, struct http_exchange *x, const struct http_request *r)
{
    struct api *a = ctx;
    const struct conf_tracker *t = hooks_tracker(a->parts.engine, http_exchange_arena(x), r->url);
    if (t)
        hooks_body(a->parts.engine, t, x, r);
    else if (api_form_of(r))
        api_form_body(a, x, r);
    else
        api_verb(a, x, r);
}
