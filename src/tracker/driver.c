#include "base/base.h"

#include "tracker/driver.h"

#include "base/arena.h"
#include "base/json.h"
#include "base/text.h"
#include "base/utf8.h"
#include "tracker/tracker_private.h"

const struct tracker_driver *const tracker_drivers[] = {&tracker_bugzilla, &tracker_github, &tracker_jira, NULL};
const struct conf_kind *const tracker_kinds[] = {&tracker_bugzilla.kind, &tracker_github.kind, &tracker_jira.kind,
                                                 NULL};

const struct tracker_driver *tracker_driver(const struct conf_tracker *conf)
{
    for (size_t i = 0; tracker_drivers[i]; i++)
        if (&tracker_drivers[i]->kind == conf->kind)
            return tracker_drivers[i];
    return NULL;
}

static void driver_check_one(const struct tracker_driver *d)
{
    check(!text_blank(d->kind.name) && d->kind.opts);
    check(d->step && d->sign && d->issue_url && d->issue_ref);
    check(!(d->can & TRACKER_WEBHOOK) || (d->verify && d->decode && d->identify));
    check(!(d->can & TRACKER_VERIFY_HEAD) || (d->can & TRACKER_WEBHOOK));
    check(!(d->can & TRACKER_CREATE) || (d->look && d->look_lag_ms));
    check(!d->is_granted == !d->grant);
    check(!(d->can & TRACKER_LOG) || (d->hook_header && d->delivery_header));
    check(!(d->can & TRACKER_FOLLOW) || (d->is_hooked && d->look_lag_ms));
    check(!(d->can & TRACKER_USERS) == !d->groups);
}

void tracker_drivers_check(void)
{
    for (size_t i = 0; tracker_drivers[i]; i++) {
        driver_check_one(tracker_drivers[i]);
        check(tracker_kinds[i] == &tracker_drivers[i]->kind);
        for (size_t j = 0; j < i; j++)
            check(!text_same(tracker_drivers[i]->kind.name, tracker_drivers[j]->kind.name));
    }
}

/* --- the common reading of an answer --- */

enum { REFUSAL_SAID_POINTS = 300 };

static const struct {
    int status;
    enum err_class class;
} refusal_rows[] = {
    {401, ERR_AUTH},    {403, ERR_AUTH},     {404, ERR_MISSING},   {408, ERR_TRANSIENT}, {409, ERR_CONFLICT},
    {410, ERR_MISSING}, {412, ERR_CONFLICT}, {425, ERR_TRANSIENT}, {429, ERR_LIMITED},
};

static bool refusal_spent(const struct http_response *r)
{
    return http_header_get(&r->headers, "Retry-After") ||
           text_same(http_header_get(&r->headers, "X-RateLimit-Remaining"), "0");
}

static enum err_class refusal_class(const struct http_request *sent, const struct http_response *r)
{
    int status = r->status;
    if (status == 403 && refusal_spent(r))
        return ERR_LIMITED;
    for (size_t i = 0; i < COUNT(refusal_rows); i++)
        if (refusal_rows[i].status == status)
            return refusal_rows[i].class;
    if (status >= 300 && status < 400)
        return ERR_CONFIG;
    if (status >= 400 && status < 500)
        return ERR_INPUT;
    if (status == 503 && http_header_get(&r->headers, "Retry-After"))
        return ERR_LIMITED;
    if (sent->effect == HTTP_CREATE || (sent->effect != HTTP_READ && (status == 502 || status == 504)))
        return ERR_UNCERTAIN;
    return ERR_TRANSIENT;
}

/* "create issue: HTTP 429 Too Many Requests (jira-burst-based): words of the tracker" */
static const char *refusal_text(struct text *to, const struct http_response *r, const char *what, const char *said)
{
    const char *reason = http_header_get(&r->headers, "RateLimit-Reason");
    const char *where = r->status >= 300 && r->status < 400 ? http_header_get(&r->headers, "Location") : NULL;
    text_addf(to, "%s: HTTP %d", what, r->status);
    if (!text_blank(http_reason(r->status)))
        text_addf(to, " %s", http_reason(r->status));
    if (!text_blank(reason))
        text_addf(to, " (%.60s)", reason);
    if (!text_blank(where))
        text_addf(to, " to %.200s", where);
    if (!text_blank(said) && !text_same(said, http_reason(r->status))) {
        struct str s = str_of(said);
        text_addz(to, ": ");
        text_add(to, (struct str){s.p, utf8_prefix(s, REFUSAL_SAID_POINTS)});
    }
    return text_z(to);
}

int tracker_refusal(const struct http_request *sent, const struct http_response *r, const char *what, const char *said,
                    struct err *e)
{
    AUTO(text_auto) struct text t = {0};
    if (r->status >= 200 && r->status < 300)
        return 0;
    enum err_class class = refusal_class(sent, r);
    text_init(&t, 4096);
    int rc = fail_code(e, class, r->status, "%s", refusal_text(&t, r, what, said));
    if (e && class == ERR_LIMITED)
        e->retry_at_ms = tracker_retry_at(r);
    return rc;
}

/* --- what the drivers share --- */

int tracker_answer(struct arena *a, const struct http_response *r, const char *what, const struct json **ret,
                   struct err *e)
{
    struct err why;
    if (json_parse(a, r->body, ret, &why) < 0)
        return fail_code(e, ERR_TRANSIENT, r->status, "%s: HTTP %d, but the answer is not JSON: %.200s", what,
                         r->status, why.text);
    return 0;
}

const char *tracker_escape(struct arena *a, const char *s)
{
    AUTO(text_auto) struct text t = {0};
    text_init(&t, TRACKER_NOTE_BYTES);
    http_escape(&t, s);
    return arena_text(a, text_z(&t));
}

int tracker_body(struct arena *a, struct http_request *r, const struct text *json, struct err *e)
{
    if (text_full(json))
        return fail(e, ERR_INPUT, "what should be sent is larger than %d bytes", TRACKER_BODY_BYTES);
    r->body = (struct str){arena_str(a, text_str(json)), json->n};
    http_header_add(a, &r->headers, "Content-Type", "application/json");
    return 0;
}

static int home_port(const struct url *u)
{
    if (u->port)
        return u->port;
    return text_same(u->scheme, "https") ? 443 : 80;
}

bool tracker_at_home(struct arena *a, const char *base, const char *text, struct url *ret)
{
    struct url home, there;
    if (!text || !url_parse(a, base, &home) || !url_parse(a, text, &there))
        return false;
    if (!text_same(home.host, there.host) || home_port(&home) != home_port(&there))
        return false;
    *ret = there;
    return true;
}

bool tracker_is_own(const struct conf_tracker *conf, struct arena *a, const char *text)
{
    struct url home, there;
    return tracker_at_home(a, conf->url, text, &there) && url_parse(a, conf->url, &home) &&
           text_same(home.scheme, there.scheme);
}

void tracker_put_value(struct json_out *o, const struct field_value *v)
{
    switch (v->text || v->kind == VALUE_NUMBER ? v->kind : VALUE_NULL) {
    case VALUE_TEXT:
    case VALUE_DATE:
        json_put_text(o, v->field, v->text);
        return;
    case VALUE_NUMBER:
        json_put_int(o, v->field, v->number);
        return;
    case VALUE_NAME:
    case VALUE_OPTION:
        json_open(o, v->field, '{');
        json_put_text(o, v->kind == VALUE_NAME ? "name" : "value", v->text);
        json_close(o);
        return;
    case VALUE_NAMES:
    case VALUE_OPTIONS:
        json_open(o, v->field, '[');
        json_open(o, NULL, '{');
        json_put_text(o, v->kind == VALUE_NAMES ? "name" : "value", v->text);
        json_close(o);
        json_close(o);
        return;
    case VALUE_NULL:
    case VALUE_KINDS:
        break;
    }
    json_put_null(o, v->field);
}

struct fact *tracker_fact(struct arena *a, enum fact_state state, const char *why)
{
    struct fact *f = ARENA_NEW(a, struct fact);
    f->state = state;
    f->why = arena_text(a, why);
    return f;
}

int tracker_outcome(const struct tracker_call *c, int rc, const struct err *why, struct tracker_result *ret,
                    struct err *e)
{
    if (rc >= 0)
        return rc;
    if (c->change && c->change->may_refuse && (why->class == ERR_INPUT || why->class == ERR_MISSING)) {
        ret->note = arena_text(c->arena, why->text);
        ret->unchanged = true;
        return STEP_DONE;
    }
    if (e)
        *e = *why;
    return rc;
}
