/* What Jira tells: webhook deliveries. */
#include "base/base.h"

#include "tracker/jira_private.h"

#include "base/arena.h"
#include "base/digest.h"
#include "base/json.h"
#include "base/text.h"
#include "base/when.h"

/* --- who says so --- */

/* Cloud signs what it sends when its webhook has a secret; an older Server can only be given an address with a key. */
int jira_verify(const struct conf_tracker *conf, struct arena *a, const struct http_request *r, struct err *e)
{
    const struct jira_conf *own = conf->own;
    const char *signature = http_header_get(&r->headers, "X-Hub-Signature");
    const char *key = http_header_get(&r->headers, "X-Api-Key");
    if (signature && own->hook_secret.n)
        return tracker_signed(TRACKER_SHA256, &own->hook_secret, signature, r->body, e);
    if (own->hook_secret.n && conf->hook_key.n == 0)
        return fail(e, ERR_AUTH, "no signature given: expected X-Hub-Signature");
    if (text_blank(key))
        key = http_query(a, r->url, "key");
    return tracker_key(&conf->hook_key, key, e);
}

/* --- what they say --- */

static const struct field jhook_delta_rows[] = {
    F_TEXT_MUST(struct delta, field, "field"),
    F_TEXT(struct delta, removed, "fromString"),
    F_TEXT(struct delta, added, "toString"),
};
static const struct field_table jhook_delta = FIELD_TABLE("change", struct delta, jhook_delta_rows);

static const struct field jhook_event_rows[] = {
    F_TEXT_MUST(struct event, target, "webhookEvent"),
    F_MANY(struct event, deltas, "changelog.items", jhook_delta),
};
static const struct field_table jhook_event = FIELD_TABLE("webhook", struct event, jhook_event_rows);

static const struct field jhook_comment_rows[] = {
    F_TEXT(struct comment, id, "id"),
    F_TEXT(struct comment, author, "author.name"), /* Server */
    F_TEXT(struct comment, author, "author.accountId"),
    F_TEXT(struct comment, text, "body"),
    F_WHEN(struct comment, at_ms, "created"),
};
static const struct field_table jhook_comment = FIELD_TABLE("comment", struct comment, jhook_comment_rows);

/* "jira:issue_updated" → "issue", "updated". */
static void jhook_name(struct arena *a, struct event *ret)
{
    const char *name = text_starts(ret->target, "jira:") ? ret->target + 5 : ret->target;
    const char *last = strrchr(name, '_');
    ret->target = last ? arena_str(a, (struct str){name, (size_t)(last - name)}) : name;
    ret->action = last ? last + 1 : "";
}

/* "issue.updated:status,labels" */
static const char *jhook_routing(struct arena *a, const struct event *ev)
{
    const char *ret = arena_fmt(a, "%s%s%s", ev->target, text_blank(ev->action) ? "" : ".", ev->action), *sign = ":";
    MANY_EACH(const struct delta, d, &ev->deltas)
    {
        ret = arena_fmt(a, "%s%s%s", ret, sign, d->field);
        sign = ",";
    }
    return ret;
}

/* Comments have authors where other events have users. */
static int jhook_actor(const struct json *root, struct arena *a, struct event *ret, struct err *e)
{
    static const char *const paths[] = {"user", "comment.updateAuthor", "comment.author"};
    for (size_t i = 0; i < COUNT(paths); i++) {
        const struct json *who = json_path(root, paths[i]);
        if (json_kind(who) == JSON_OBJECT)
            return field_read(&jira_person, who, a, &ret->actor, e) < 0 ? err_within(e, "%s", paths[i]) : 0;
    }
    return 0;
}

/* Many events are of no issue: of a version, a sprint, a user. */
static int jhook_issue(const struct json *root, struct arena *a, struct event *ret, struct err *e)
{
    const struct json *issue = json_get(root, "issue");
    ret->issue.ref = ret->issue.project = "";
    if (json_kind(issue) != JSON_OBJECT)
        return 0;
    if (field_read(&jira_issue, issue, a, &ret->issue, e) < 0)
        return err_within(e, "issue");
    ret->issue.is_private = json_kind(json_path(issue, "fields.security")) == JSON_OBJECT;
    return 0;
}

static int jhook_comment_read(const struct json *root, struct arena *a, struct event *ret, struct err *e)
{
    const struct json *comment = json_get(root, "comment");
    ret->has_comment = json_kind(comment) == JSON_OBJECT;
    ret->comment.number = -1;
    if (!ret->has_comment)
        return 0;
    if (field_read(&jhook_comment, comment, a, &ret->comment, e) < 0)
        return err_within(e, "comment");
    /* Only some may see it, or only the people of a service desk. */
    ret->comment.is_private =
        json_kind(json_get(comment, "visibility")) == JSON_OBJECT || !json_bool(json_get(comment, "jsdPublic"), true);
    return 0;
}

/* The digest stands in for the name that a sender did not give. */
static const char *jhook_delivery(struct arena *a, const struct http_request *r)
{
    uint8_t digest[SHA256_BYTES];
    char hex[2 * SHA256_BYTES + 1];
    const char *given = http_header_get(&r->headers, "X-Atlassian-Webhook-Identifier");
    if (!text_blank(given))
        return arena_text(a, given);
    sha256(r->body, digest);
    hex_write(digest, sizeof digest, hex);
    return arena_text(a, hex);
}

int jira_decode(const struct conf_tracker *conf, struct arena *a, const struct http_request *r, struct event *ret,
                struct err *e)
{
    const struct json *root = NULL;
    int64_t at = 0;
    (void)conf;
    if (json_parse(a, r->body, &root, e) < 0)
        return err_within(e, "webhook");
    if (json_kind(root) != JSON_OBJECT)
        return fail(e, ERR_INPUT, "webhook: expected an object, got %s", json_kind_name(json_kind(root)));
    if (field_read(&jhook_event, root, a, ret, e) < 0 || jhook_issue(root, a, ret, e) < 0 ||
        jhook_actor(root, a, ret, e) < 0 || jhook_comment_read(root, a, ret, e) < 0)
        return err_within(e, "webhook");
    jhook_name(a, ret);
    if (json_int(json_get(root, "timestamp"), &at) && at >= 0)
        ret->happened_ms = at;
    ret->routing = jhook_routing(a, ret);
    ret->hook = "";
    ret->delivery = jhook_delivery(a, r);
    return 0;
}

/* --- which delivery it is --- */

void jira_identify(const struct event *ev, struct text *to)
{
    text_addz(to, ev->delivery);
}
