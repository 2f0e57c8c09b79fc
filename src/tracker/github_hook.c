/* What GitHub tells: webhook deliveries, and how it writes issues, comments and people, there and in answers. */
#include "base/base.h"

#include "tracker/github_private.h"

#include "base/arena.h"
#include "base/digest.h"
#include "base/json.h"
#include "base/text.h"
#include "base/when.h"

/* --- who says so --- */

int github_verify(const struct conf_tracker *conf, struct arena *a, const struct http_request *r, struct err *e)
{
    (void)a;
    const struct github_conf *own = conf->own;
    enum tracker_signature kind = TRACKER_SHA256;
    const char *text = http_header_get(&r->headers, "X-Hub-Signature-256");
    if (own->hook_secret.n == 0)
        return fail(e, ERR_AUTH, "no hook_secret configured");
    if (!text && own->allow_sha1) {
        kind = TRACKER_SHA1;
        text = http_header_get(&r->headers, "X-Hub-Signature");
    }
    if (text_blank(text))
        return fail(e, ERR_AUTH, "no signature given: expected %s",
                    kind == TRACKER_SHA1 ? "X-Hub-Signature" : "X-Hub-Signature-256");
    return tracker_signed(kind, &own->hook_secret, text, r->body, e);
}

/* --- rows --- */

static const struct field ghook_issue_rows[] = {
    F_TEXT(struct issue, id, "node_id"),
    F_TEXT(struct issue, url, "html_url"),
    F_TEXT(struct issue, project, "base.repo.full_name"),
    F_BOOL(struct issue, is_private, "base.repo.private"),
    F_TEXT(struct issue, summary, "title"),
    F_TEXT(struct issue, description, "body"),
    F_TEXT(struct issue, status, "state"),
    F_TEXT(struct issue, resolution, "state_reason"),
    F_TEXT(struct issue, creator, "user.login"),
    F_TEXT(struct issue, creator_kind, "user.type"),
    F_TEXT(struct issue, assignee, "assignee.login"),
    F_WHEN(struct issue, created_ms, "created_at"),
    F_WHEN(struct issue, closed_ms, "closed_at"),
    F_WHEN(struct issue, changed_ms, "updated_at"),
    F_BOOL(struct issue, pull.is_draft, "draft"),
    F_TEXT(struct issue, pull.head, "head.sha"),
    F_TEXT(struct issue, pull.association, "author_association"),
    F_WHEN(struct issue, pull.merged_ms, "pull_request.merged_at"),
    F_WHEN(struct issue, pull.merged_ms, "merged_at"),
    F_INT(struct issue, pull.added, "additions"),
    F_INT(struct issue, pull.deleted, "deletions"),
};
static const struct field_table ghook_issue_table = FIELD_TABLE("issue", struct issue, ghook_issue_rows);

static const struct field ghook_comment_rows[] = {
    F_TEXT(struct comment, id, "id"),
    F_TEXT(struct comment, author, "user.login"),
    F_TEXT(struct comment, text, "body"),
    F_WHEN(struct comment, at_ms, "created_at"),
};
const struct field_table github_comment = FIELD_TABLE("comment", struct comment, ghook_comment_rows);

static const struct field ghook_person_rows[] = {
    F_TEXT(struct person, id, "id"),
    F_TEXT(struct person, login, "login"),
    F_TEXT(struct person, name, "name"),
};
const struct field_table github_person = FIELD_TABLE("account", struct person, ghook_person_rows);

/* --- issues --- */

/* "https://HOST/repos/OWNER/REPO" → "OWNER/REPO": an issue names its repository in no other way. */
static const char *ghook_repository(struct arena *a, const char *url)
{
    const char *end = url ? strstr(url, "/repos/") : NULL;
    return end ? arena_text(a, end + strlen("/repos/")) : NULL;
}

static bool ghook_is_repository(struct arena *a, const char *name)
{
    struct github_ref of;
    return github_ref_read(a, name, &of) && of.number == 0;
}

static void ghook_labels(struct arena *a, const struct json *labels, struct texts *to)
{
    JSON_EACH (one, labels) {
        const char *name = json_text(one) ? json_text(one) : json_text(json_get(one, "name"));
        if (name)
            texts_add(a, to, name);
    }
}

/* What only pull requests have: `base` where they are shown as such, `pull_request` where they are shown as issues. */
static bool ghook_is_pull(const struct json *from)
{
    return json_kind(json_get(from, "base")) == JSON_OBJECT || json_kind(json_get(from, "pull_request")) == JSON_OBJECT;
}

int github_issue_read(struct arena *a, const struct json *from, const char *repository, struct issue *ret,
                      struct err *e)
{
    int64_t number = 0;
    if (field_read(&ghook_issue_table, from, a, ret, e) < 0)
        return -ERR_INPUT;
    if (!json_int(json_get(from, "number"), &number) || number <= 0)
        return fail(e, ERR_INPUT, "number: expected a number above 0");
    if (!ret->project)
        ret->project = ghook_repository(a, json_text(json_get(from, "repository_url")));
    if (!ret->project)
        ret->project = repository;
    if (!ghook_is_repository(a, ret->project))
        return fail(e, ERR_INPUT, "the repository is not named OWNER/REPO");
    ret->ref = arena_fmt(a, "%s#%" PRId64, ret->project, number);
    ret->type = ghook_is_pull(from) ? GITHUB_PULL : GITHUB_ISSUE;
    if (ret->pull.merged_ms)
        ret->status = "merged";
    ghook_labels(a, json_get(from, "labels"), &ret->labels);
    return 0;
}

/* --- markers --- */

static const char ghook_marker_begin[] = "<!-- lockstep: ", ghook_marker_end[] = " -->";

/* Percent-encoded, dashes that would end the HTML comment too. */
const char *github_marker_text(struct arena *a, const char *marker)
{
    AUTO(text_auto) struct text t = {0};
    text_init(&t, TRACKER_NOTE_BYTES);
    text_addz(&t, ghook_marker_begin);
    for (const char *p = tracker_escape(a, marker); *p; p++)
        if (*p == '-')
            text_addz(&t, "%2D");
        else
            text_addc(&t, *p);
    text_addz(&t, ghook_marker_end);
    return arena_text(a, text_z(&t));
}

const char *github_marker_find(struct arena *a, const char *text)
{
    const char *at = text ? strstr(text, ghook_marker_begin) : NULL;
    at = at ? at + strlen(ghook_marker_begin) : NULL;
    const char *end = at ? strstr(at, ghook_marker_end) : NULL;
    return end ? http_unescape(a, (struct str){at, (size_t)(end - at)}, false) : NULL;
}

/* --- what they say --- */

struct ghook { /* a delivery being read */
    struct arena *arena;
    const struct http_request *request;
    const struct json *root;
    const char *repository; /* "OWNER/REPO", an organisation, or "" */
    bool is_private;
    struct event *ret;
};

/* A form has the JSON in its field `payload`. */
static struct str ghook_body(struct arena *a, const struct http_request *r)
{
    const char *type = http_header_get(&r->headers, "Content-Type"), form[] = "application/x-www-form-urlencoded";
    if (!type || strncasecmp(type, form, strlen(form)) != 0)
        return r->body;
    return str_of(http_query(a, arena_fmt(a, "?%s", arena_str(a, r->body)), "payload"));
}

static const char *ghook_text(const struct ghook *h, const char *path)
{
    return json_text(json_path(h->root, path));
}

static void ghook_where(struct ghook *h)
{
    const char *paths[] = {"repository.full_name", "organization.login", "installation.account.login"};
    for (size_t i = 0; i < COUNT(paths) && text_blank(h->repository); i++)
        h->repository = ghook_text(h, paths[i]);
    bool is_odd = h->repository && strchr(h->repository, '/') && !ghook_is_repository(h->arena, h->repository);
    h->repository = h->repository && !is_odd ? h->repository : "";
    h->is_private = json_bool(json_path(h->root, "repository.private"), false);
}

/* The sender's clock, as near to what happened as it tells; 0: it does not. Sent again, it is the same. */
static int64_t ghook_when(const struct ghook *h)
{
    static const char *const paths[] = {"review.submitted_at",     "comment.updated_at", "issue.updated_at",
                                        "pull_request.updated_at", "updated_at",         "head_commit.timestamp"};
    int64_t at = 0;
    for (size_t i = 0; i < COUNT(paths); i++) {
        const char *text = ghook_text(h, paths[i]);
        if (!text_blank(text) && when_parse(text, &at, NULL) == 0 && at > 0)
            return at;
    }
    return 0;
}

/* The issue or pull request that it is about; a mere repository's lane otherwise. */
static int ghook_issue(struct ghook *h, struct err *e)
{
    static const char *const members[] = {"pull_request", "issue"};
    struct issue *to = &h->ret->issue;
    for (size_t i = 0; i < COUNT(members); i++) {
        const struct json *from = json_get(h->root, members[i]);
        if (json_kind(from) != JSON_OBJECT || json_kind(json_get(from, "number")) != JSON_NUMBER)
            continue;
        if (github_issue_read(h->arena, from, h->repository, to, e) < 0)
            return err_within(e, "%s", members[i]);
        to->is_private |= h->is_private;
        to->type = i == 0 ? GITHUB_PULL : to->type;
        return 0;
    }
    to->ref = to->project = h->repository;
    to->is_private = h->is_private;
    return 0;
}

static int ghook_comment(struct ghook *h, struct err *e)
{
    const struct json *from = json_get(h->root, "comment");
    struct comment *to = &h->ret->comment;
    to->number = -1;
    h->ret->has_comment = json_kind(from) == JSON_OBJECT;
    if (!h->ret->has_comment)
        return 0;
    if (field_read(&github_comment, from, h->arena, to, e) < 0)
        return err_within(e, "comment");
    to->marker = github_marker_find(h->arena, to->text);
    return 0;
}

/* A label that came or went, and what `changes` says: {field: {"from": old}}. */
static void ghook_deltas(struct ghook *h)
{
    const char *label = ghook_text(h, "label.name"), *action = h->ret->action;
    bool is_added = text_same(action, "labeled");
    if (label && (is_added || text_same(action, "unlabeled")))
        *MANY_ADD(h->arena, &h->ret->deltas, struct delta) =
            (struct delta){.field = "labels", .added = is_added ? label : NULL, .removed = is_added ? NULL : label};
    JSON_EACH (one, json_get(h->root, "changes"))
        *MANY_ADD(h->arena, &h->ret->deltas, struct delta) =
            (struct delta){.field = json_key(one), .removed = json_text(json_get(one, "from"))};
}

static int ghook_read(struct ghook *h, struct err *e)
{
    struct event *ret = h->ret;
    const struct json *sender = json_get(h->root, "sender");
    const char *action = ghook_text(h, "action");
    ret->action = action ? action : "";
    ret->routing = text_blank(action) ? ret->target : arena_fmt(h->arena, "%s.%s", ret->target, action);
    ret->happened_ms = ghook_when(h);
    ghook_where(h);
    if (json_kind(sender) == JSON_OBJECT && field_read(&github_person, sender, h->arena, &ret->actor, e) < 0)
        return err_within(e, "sender");
    if (ghook_issue(h, e) < 0 || ghook_comment(h, e) < 0)
        return -ERR_INPUT;
    ghook_deltas(h);
    return 0;
}

/* The digest stands in for the name that a sender did not give. */
static const char *ghook_digest(struct arena *a, struct str body)
{
    uint8_t digest[SHA256_BYTES];
    char hex[2 * SHA256_BYTES + 1];
    sha256(body, digest);
    hex_write(digest, sizeof digest, hex);
    return arena_text(a, hex);
}

int github_decode(const struct conf_tracker *conf, struct arena *a, const struct http_request *r, struct event *ret,
                  struct err *e)
{
    struct ghook h = {.arena = a, .request = r, .ret = ret};
    const char *kind = http_header_get(&r->headers, "X-GitHub-Event");
    const char *guid = http_header_get(&r->headers, "X-GitHub-Delivery");
    const char *hook = http_header_get(&r->headers, "X-GitHub-Hook-ID");
    (void)conf;
    if (text_blank(kind))
        return fail(e, ERR_INPUT, "webhook: X-GitHub-Event is missing");
    if (json_parse(a, ghook_body(a, r), &h.root, e) < 0)
        return err_within(e, "webhook");
    if (json_kind(h.root) != JSON_OBJECT)
        return fail(e, ERR_INPUT, "webhook: expected an object, got %s", json_kind_name(json_kind(h.root)));
    ret->target = arena_text(a, kind);
    ret->hook = arena_text(a, hook ? hook : "");
    ret->delivery = text_blank(guid) ? ghook_digest(a, r->body) : arena_text(a, guid);
    return ghook_read(&h, e) < 0 ? err_within(e, "webhook") : 0;
}

/* --- which delivery it is --- */

/* Two hooks, and two Apps, may send different bodies under one name. */
void github_identify(const struct event *ev, struct text *to)
{
    struct json_out o;
    json_start(&o, to);
    json_open(&o, NULL, '[');
    json_put_text(&o, NULL, ev->hook);
    json_put_text(&o, NULL, ev->delivery);
    json_close(&o);
}
