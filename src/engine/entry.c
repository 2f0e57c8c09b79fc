/* entry.c: what the journal holds of an event, and the event that it is. */
#include "base/base.h"
#include "base/arena.h"
#include "base/json.h"
#include "base/text.h"
#include "engine/engine_private.h"

enum { ENTRY_OWN_BYTES = 1024 * 1024 };

/* In the headers of an event of our own making, whose body is in our own words; no sender's headers hold it. */
static const char entry_own_header[] = "Lockstep-Event", entry_dry[] = "{\"Lockstep-Event\":\"dry\"}";

int entry_request(struct arena *a, const struct entry *en, struct http_request *ret, struct err *e)
{
    const struct json *headers;
    *ret = (struct http_request){.method = "POST", .url = "", .body = en->body};
    int rc = json_parse(a, str_of(en->headers), &headers, e);
    if (rc < 0)
        return rc;
    JSON_EACH (h, headers)
        http_header_add(a, &ret->headers, json_key(h), json_text(h) ? json_text(h) : "");
    return 0;
}

bool entry_is_own(const struct http_request *r)
{
    return http_header_get(&r->headers, entry_own_header) != NULL;
}

int entry_decode(const struct conf_tracker *t, struct arena *a, const struct http_request *r, struct event *ret,
                 struct err *e)
{
    const struct json *root = NULL;
    if (!entry_is_own(r))
        return tracker_driver(t)->decode(t, a, r, ret, e);
    int rc = json_parse(a, r->body, &root, e);
    return rc < 0 ? rc : field_read(&event_table, root, a, ret, e);
}

int entry_put_own(struct arena *a, const struct event *ev, struct entry *ret, struct err *e)
{
    AUTO(text_auto) struct text t;
    text_init(&t, ENTRY_OWN_BYTES);
    field_write_whole(&event_table, ev, &t);
    if (text_full(&t))
        return fail(e, ERR_INPUT, "an event of more than %d bytes", ENTRY_OWN_BYTES);
    ret->body = (struct str){arena_str(a, text_str(&t)), t.n};
    ret->headers = ev->is_dry ? entry_dry : arena_fmt(a, "{\"%s\":\"1\"}", entry_own_header);
    return 0;
}

bool engine_is_dry(const char *headers)
{
    return text_same(headers, entry_dry);
}

void entry_stamp(const struct entry *en, const struct conf_tracker *t, struct event *ret)
{
    ret->id = en->id;
    ret->tracker = t->name;
    ret->source = en->source;
    ret->request_id = en->request_id;
    ret->is_recovered = en->is_recovered;
}

int entry_event(const struct conf_tracker *t, struct arena *a, const struct entry *en, struct event **ret,
                struct err *e)
{
    struct http_request request;
    int rc = entry_request(a, en, &request, e);
    if (rc < 0)
        return rc;
    struct event *ev = ARENA_NEW(a, struct event);
    ev->received_ms = en->received_ms;
    rc = entry_decode(t, a, &request, ev, e);
    if (rc < 0)
        return rc;
    entry_stamp(en, t, ev);
    *ret = ev;
    return 0;
}

void entry_undecodable(struct arena *a, const struct err *e, struct decision *ret)
{
    *ret = (struct decision){.reason = arena_fmt(a, "undecodable: %s", e->text)};
}
