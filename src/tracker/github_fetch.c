/* Facts from GitHub's REST interface. */
#include "base/base.h"

#include "tracker/github_private.h"

#include "base/arena.h"
#include "base/digest.h"
#include "base/json.h"
#include "base/text.h"

/* Raw texts, without the base64 that JSON would wrap them in. */
#define GHFETCH_RAW "application/vnd.github.raw+json"

/* --- issues and pull requests --- */

enum { GHISSUE_PULL, GHISSUE_ISSUE, GHISSUE_REPOSITORY };

/* A pull request is an issue too, but shown as one it lacks its head: so it is asked for as what it mostly is. */
static int ghfetch_pull_ask(struct walk *r, struct err *e)
{
    struct github_ref of;
    if (github_ref_of(r, &of, e) < 0)
        return -ERR_INPUT;
    return github_to(r, arena_fmt(r->arena, "/repos/%s/pulls/%" PRId64, of.repository, of.number));
}

static int ghfetch_pull_take(struct walk *r, struct err *e)
{
    struct issue *to = &walk_here(r)->issue;
    if (github_issue_read(r->arena, r->answer, NULL, to, e) < 0)
        return err_within(e, "read pull request");
    to->type = GITHUB_PULL;
    return STEP_DONE;
}

static int ghfetch_pull_refused(struct walk *r, struct err *why)
{
    return r->prev->status == 404 ? walk_next(r, GHISSUE_ISSUE) : walk_absent(r, why);
}

static int ghfetch_issue_ask(struct walk *r, struct err *e)
{
    struct github_ref of;
    if (github_ref_of(r, &of, e) < 0)
        return -ERR_INPUT;
    return github_to(r, arena_fmt(r->arena, "/repos/%s/issues/%" PRId64, of.repository, of.number));
}

static int ghfetch_issue_take(struct walk *r, struct err *e)
{
    struct issue *to = &walk_here(r)->issue;
    if (github_issue_read(r->arena, r->answer, NULL, to, e) < 0)
        return err_within(e, "read issue");
    if (text_same(to->type, GITHUB_PULL)) /* made between the two questions */
        return fail(e, ERR_TRANSIENT, "read issue: it is a pull request, which was not there yet");
    return walk_next(r, GHISSUE_REPOSITORY);
}

/* An issue does not say whether its repository is private. */
static int ghfetch_repository_ask(struct walk *r, struct err *e)
{
    struct github_ref of;
    if (!github_ref_read(r->arena, walk_here(r)->issue.ref, &of))
        return fail(e, ERR_INPUT, "read issue: there is no repository %.200s", walk_here(r)->issue.project);
    return github_to(r, arena_fmt(r->arena, "/repos/%s", of.repository));
}

static int ghfetch_repository_take(struct walk *r, struct err *e)
{
    (void)e;
    walk_here(r)->issue.is_private = json_bool(json_get(r->answer, "private"), true);
    return STEP_DONE;
}

/* --- lists that are read to their end --- */

/*
 * One page after the other into one member of the fact. Lists shift while they are read, so an item may come twice:
 * rules name things by id, and count nothing.
 */
struct ghlist {
    const struct field_table *rows;
    size_t at; /* of the struct many in the fact */
    /* The address of the first page; STEP_SEND, or as walk_phase.ask. */
    int (*first)(struct walk *r, struct err *e);
    /* Completes an item that was read. False: it is not wanted. NULL: all are, as they are. */
    bool (*keep)(const struct walk *r, const struct json *one, void *item);
    const char *member; /* where the list may stand in the answer; NULL: it is the answer */
};

static const struct ghlist *ghlist_of(const struct walk *r);

static int ghlist_ask(struct walk *r, struct err *e)
{
    return github_page(r) ? STEP_SEND : ghlist_of(r)->first(r, e);
}

static int ghlist_take(struct walk *r, struct err *e)
{
    const struct ghlist *l = ghlist_of(r);
    struct many *to = (struct many *)(void *)((char *)walk_here(r) + l->at);
    const struct json *list = l->member && json_get(r->answer, l->member) ? json_get(r->answer, l->member) : r->answer;
    if (json_kind(list) != JSON_ARRAY)
        return fail(e, ERR_TRANSIENT, "%s: the answer is no list", r->work->phases[0].what);
    void *item = arena_bytes(r->arena, l->rows->size);
    JSON_EACH (one, list) {
        memset(item, 0, l->rows->size);
        if (field_read(l->rows, one, r->arena, item, e) < 0)
            return err_within(e, "%s", r->work->phases[0].what);
        if (!l->keep || l->keep(r, one, item))
            memcpy(many_add(r->arena, to, l->rows->size), item, l->rows->size);
    }
    return github_further(r, e);
}

/* --- comments --- */

static int ghcomments_first(struct walk *r, struct err *e)
{
    struct github_ref of;
    if (github_ref_of(r, &of, e) < 0)
        return -ERR_INPUT;
    return github_to(
        r, arena_fmt(r->arena, "/repos/%s/issues/%" PRId64 "/comments?per_page=100", of.repository, of.number));
}

/* "a,b": is this login among them? */
static bool ghcomments_by(const char *logins, const char *login)
{
    for (const char *at = logins; login && *at; at += *at == ',') {
        size_t n = strcspn(at, ",");
        struct str one = str_trim((struct str){at, n});
        if (one.n == strlen(login) && strncasecmp(one.p, login, one.n) == 0)
            return true;
        at += n;
    }
    return false;
}

static bool ghcomments_keep(const struct walk *r, const struct json *one, void *item)
{
    struct comment *c = item;
    (void)one;
    c->number = -1;
    c->marker = github_marker_find(r->arena, c->text);
    return !r->c->want->by || ghcomments_by(r->c->want->by, c->author);
}

/* --- statuses of a commit --- */

static const struct field ghstatus_rows[] = {
    F_TEXT(struct commit_status, context, "context"),         F_TEXT(struct commit_status, state, "state"),
    F_TEXT(struct commit_status, description, "description"), F_TEXT(struct commit_status, url, "target_url"),
    F_WHEN(struct commit_status, at_ms, "created_at"),
};
static const struct field_table ghstatus_table = FIELD_TABLE("status", struct commit_status, ghstatus_rows);

enum { GHSTATUS_LIST, GHSTATUS_OLD };

/* GitHub has them in two places; what stands in for it may have that of the bot before alone. */
static int ghstatus_ask(struct walk *r, bool is_old, struct err *e)
{
    struct github_ref of;
    const char *ref = r->c->want->ref, *at = strrchr(ref, '@');
    size_t n = at ? (size_t)(at - ref) : 0;
    if (!at || at[1] == '\0' || !github_ref_read(r->arena, arena_str(r->arena, (struct str){ref, n}), &of))
        return fail(e, ERR_INPUT, "\"%.200s\" is no commit: expected OWNER/REPO@COMMIT", ref);
    return github_to(r, arena_fmt(r->arena, "/repos/%s/%s%s%s?per_page=100", of.repository,
                                  is_old ? "statuses/" : "commits/", tracker_escape(r->arena, at + 1),
                                  is_old ? "" : "/statuses"));
}

static int ghstatus_first(struct walk *r, struct err *e)
{
    return ghstatus_ask(r, false, e);
}

static int ghstatus_old_ask(struct walk *r, struct err *e)
{
    return ghstatus_ask(r, true, e);
}

static int ghstatus_refused(struct walk *r, struct err *why)
{
    return r->prev->status == 404 ? walk_next(r, GHSTATUS_OLD) : walk_absent(r, why);
}

static int ghstatus_order(const void *a, const void *b)
{
    const struct commit_status *one = a, *two = b;
    return (one->at_ms < two->at_ms) - (one->at_ms > two->at_ms);
}

/* Newest first whatever the order in which they came; of the same second, in that order. */
void github_sort_statuses(struct many *all)
{
    struct commit_status *v = all->v;
    for (size_t i = 1; i < all->n; i++) { /* nearly sorted as it comes */
        struct commit_status one = v[i];
        size_t to = i;
        for (; to > 0 && ghstatus_order(&v[to - 1], &one) > 0; to--)
            v[to] = v[to - 1];
        v[to] = one;
    }
}

static int ghstatus_take(struct walk *r, struct err *e)
{
    int rc = ghlist_take(r, e);
    if (rc == STEP_DONE)
        github_sort_statuses(&walk_here(r)->statuses);
    return rc;
}

/* --- webhooks --- */

static const struct field ghhooks_rows[] = {
    F_TEXT(struct hook, id, "id"),
    F_TEXT(struct hook, name, "name"),
    F_TEXT(struct hook, url, "config.url"),
    F_BOOL(struct hook, enabled, "active"),
};
static const struct field_table ghhooks_table = FIELD_TABLE("webhook", struct hook, ghhooks_rows);

/* "repos/OWNER/REPO" or "orgs/ORG", escaped; INPUT when it is neither. */
const char *github_owner(struct walk *r, const char *ref, struct err *e)
{
    struct github_ref of;
    if (github_is_app_place(ref)) {
        fail(e, ERR_INPUT, "the App's webhook is set at GitHub, where the App is");
        return NULL;
    }
    if (github_ref_read(r->arena, ref, &of) && of.number == 0)
        return arena_fmt(r->arena, "repos/%s", of.repository);
    if (!text_blank(ref) && !strchr(ref, '/') && github_ref_read(r->arena, arena_fmt(r->arena, "%s/x", ref), &of))
        return arena_fmt(r->arena, "orgs/%s", of.owner);
    fail(e, ERR_INPUT, "\"%.200s\" is neither a repository, OWNER/REPO, nor an organisation", ref);
    return NULL;
}

enum { GHHOOKS_LIST, GHHOOKS_APP, GHHOOKS_APP_EVENTS };

static int ghhooks_ask(struct walk *r, struct err *e)
{
    if (!github_is_app_place(r->c->want->ref))
        return ghlist_ask(r, e);
    r->st->phase = GHHOOKS_APP;
    return github_app_hook_ask(r, e);
}

static int ghhooks_first(struct walk *r, struct err *e)
{
    const char *owner = text_blank(r->c->want->ref) ? NULL : github_owner(r, r->c->want->ref, e);
    if (owner)
        return github_to(r, arena_fmt(r->arena, "/%s/hooks?per_page=100", owner));
    if (!text_blank(r->c->want->ref))
        return -(int)ERR_INPUT;
    r->ret->fact = tracker_fact(r->arena, FACT_MISSING, "GitHub lists webhooks of one repository or organisation");
    return STEP_DONE;
}

/* "a,b" */
const char *github_words(const struct walk *r, const struct json *list)
{
    AUTO(text_auto) struct text t = {0};
    text_init(&t, TRACKER_NOTE_BYTES);
    JSON_EACH (one, list)
        if (json_text(one))
            text_addf(&t, "%s%s", t.n ? "," : "", json_text(one));
    return arena_text(r->arena, text_z(&t));
}

/* A hook has many events, and one last answer. */
static bool ghhooks_keep(const struct walk *r, const struct json *one, void *item)
{
    struct hook *h = item;
    int64_t status = 0;
    h->event = github_words(r, json_get(one, "events"));
    h->errors = json_int(json_path(one, "last_response.code"), &status) && status >= 400;
    return true;
}

/* --- repositories of an organisation, or of an App's installation --- */

static const struct field ghrepos_rows[] = {
    F_TEXT(struct named, id, "full_name"),
    F_TEXT(struct named, name, "full_name"),
};
static const struct field_table ghrepos_table = FIELD_TABLE("repository", struct named, ghrepos_rows);

static int ghrepos_first(struct walk *r, struct err *e)
{
    if (github_is_app(r->c->conf) && github_is_app_place(r->c->want->ref))
        return github_to(r, "/installation/repositories?per_page=100");
    const char *owner = github_owner(r, r->c->want->ref, e);
    if (!owner)
        return -ERR_INPUT;
    return text_starts(owner, "orgs/") ? github_to(r, arena_fmt(r->arena, "/%s/repos?per_page=100", owner))
                                       : fail(e, ERR_INPUT, "\"%.200s\" is no organisation", r->c->want->ref);
}

/* In an archived one nothing changes, and nothing can be changed. */
static bool ghrepos_keep(const struct walk *r, const struct json *one, void *item)
{
    const struct named *n = item;
    (void)r;
    return !text_blank(n->name) && !json_bool(json_get(one, "archived"), false) &&
           !json_bool(json_get(one, "disabled"), false);
}

/* --- labels of a repository --- */

static const struct field ghnames_rows[] = {F_TEXT(struct named, name, "name")};
static const struct field_table ghnames_table = FIELD_TABLE("label", struct named, ghnames_rows);

static int ghnames_first(struct walk *r, struct err *e)
{
    struct github_ref of;
    const char *ref = r->c->want->ref;
    if (!github_ref_read(r->arena, ref, &of) || of.number)
        return fail(e, ERR_INPUT, "\"%.200s\" is no repository: expected OWNER/REPO", ref);
    return github_to(r, arena_fmt(r->arena, "/repos/%s/labels?per_page=100", of.repository));
}

static const struct field ghlabels_rows[] = {
    F_TEXT(struct label, name, "name"),
    F_TEXT(struct label, color, "color"),
    F_TEXT(struct label, description, "description"),
};
static const struct field_table ghlabels_table = FIELD_TABLE("label", struct label, ghlabels_rows);

static const struct ghlist ghlists[FACT_KINDS] = {
    [FACT_COMMENTS] = {&github_comment, offsetof(struct fact, comments), ghcomments_first, ghcomments_keep, NULL},
    [FACT_STATUSES] = {&ghstatus_table, offsetof(struct fact, statuses), ghstatus_first, NULL, NULL},
    [FACT_HOOKS] = {&ghhooks_table, offsetof(struct fact, hooks), ghhooks_first, ghhooks_keep, NULL},
    [FACT_REPOSITORIES] = {&ghrepos_table, offsetof(struct fact, names), ghrepos_first, ghrepos_keep, "repositories"},
    [FACT_LABELS] = {&ghnames_table, offsetof(struct fact, names), ghnames_first, NULL, NULL},
    [FACT_PALETTE] = {&ghlabels_table, offsetof(struct fact, labels), ghnames_first, NULL, NULL},
};

static const struct ghlist *ghlist_of(const struct walk *r)
{
    return &ghlists[r->c->want->kind];
}

/* --- lists of which one page is read at a time --- */

/* Is it the address of a further page that is asked for, as an earlier one gave it? Then so it is. */
static bool ghpage_is_further(struct walk *r)
{
    if (!github_is_home(r, r->c->want->ref))
        return false;
    r->next->url = r->c->want->ref;
    return true;
}

/*
 * "all" has plain issues as well, newest change first. The others are for pull requests alone, oldest first: so that
 * new ones change the last page only.
 */
static const struct {
    const char *word, *path;
} ghissues_lists[] = {
    {" open", "/repos/%s/pulls?state=open&sort=created&direction=asc&per_page=100"},
    {" pulls", "/repos/%s/pulls?state=all&sort=created&direction=asc&per_page=100"},
    {" all", "/repos/%s/issues?state=all&sort=updated&direction=desc&per_page=100"},
};

/* The path of such a list, "" when it is none. */
static const char *ghissues_path(struct walk *r, const char *word, const char *repository)
{
    for (size_t i = 0; i < COUNT(ghissues_lists); i++) {
        const char *path = ghissues_lists[i].path, *hole = strstr(path, "%s");
        if (text_same(word, ghissues_lists[i].word))
            return arena_fmt(r->arena, "%.*s%s%s", (int)(hole - path), path, repository, hole + 2);
    }
    return "";
}

static int ghissues_ask(struct walk *r, struct err *e)
{
    struct github_ref of;
    const char *ref = r->c->want->ref, *space = strchr(ref, ' ');
    if (r->c->want->unless)
        http_header_add(r->arena, &r->next->headers, "If-None-Match", r->c->want->unless);
    if (ghpage_is_further(r))
        return STEP_SEND;
    const char *name = space ? arena_str(r->arena, (struct str){ref, (size_t)(space - ref)}) : "";
    const char *path = github_ref_read(r->arena, name, &of) && !of.number ? ghissues_path(r, space, of.repository) : "";
    if (!path[0])
        return fail(e, ERR_INPUT, "\"%.200s\" is no list of issues: expected OWNER/REPO and open, pulls or all", ref);
    return github_to(r, path);
}

static int ghissues_take(struct walk *r, struct err *e)
{
    struct fact *f = walk_here(r);
    if (json_kind(r->answer) != JSON_ARRAY)
        return fail(e, ERR_TRANSIENT, "list issues: the answer is no list");
    JSON_EACH (one, r->answer)
        if (github_issue_read(r->arena, one, NULL, MANY_ADD(r->arena, &f->issues, struct issue), e) < 0)
            return err_within(e, "list issues");
    f->text = github_next_page(r);
    f->tag = arena_text(r->arena, http_header_get(&r->prev->headers, "ETag"));
    return STEP_DONE;
}

static int ghissues_refused(struct walk *r, struct err *why)
{
    if (r->prev->status != 304 || !r->c->want->unless)
        return walk_absent(r, why);
    r->ret->fact = tracker_fact(r->arena, FACT_SAME, NULL);
    r->ret->fact->tag = arena_text(r->arena, r->c->want->unless);
    return STEP_DONE;
}

/* --- the log of a webhook's deliveries --- */

static const struct field ghlog_rows[] = {
    F_TEXT(struct hook_delivery, id, "id"),
    F_TEXT(struct hook_delivery, guid, "guid"),
    F_TEXT(struct hook_delivery, event, "event"),
    F_TEXT(struct hook_delivery, action, "action"),
    F_TEXT(struct hook_delivery, repository, "repository_id"),
    F_WHEN(struct hook_delivery, at_ms, "delivered_at"),
    F_INT(struct hook_delivery, status, "status_code"),
    F_BOOL(struct hook_delivery, is_again, "redelivery"),
};
static const struct field_table ghlog_table = FIELD_TABLE("delivery", struct hook_delivery, ghlog_rows);

/* "OWNER/REPO/hooks/1…", "ORG/hooks/1…", "@app/hooks/1…" → the path; INPUT when it is none. */
static const char *ghlog_path(struct walk *r, struct err *e)
{
    const char *ref = r->c->want->ref, *hooks = strstr(ref, "/hooks/");
    if (!hooks || hooks[strspn(hooks, "/abcdefghijklmnopqrstuvwxyz0123456789")] != '\0') {
        fail(e, ERR_INPUT, "\"%.200s\" names no webhook: expected OWNER/REPO/hooks/ID, or ORG/hooks/ID", ref);
        return NULL;
    }
    const char *place = arena_str(r->arena, (struct str){ref, (size_t)(hooks - ref)});
    if (github_is_app_place(place)) { /* has one only */
        const char *behind = strchr(hooks + strlen("/hooks/"), '/');
        return arena_fmt(r->arena, "/app/hook%s", behind ? behind : "");
    }
    const char *owner = github_owner(r, place, e);
    return owner ? arena_fmt(r->arena, "/%s%s", owner, hooks) : NULL;
}

/* The log of the App's webhook, and there is no App any more to ask as. */
static bool ghlog_is_gone(struct walk *r)
{
    const char *ref = r->c->want->ref;
    bool is_apps = github_is_app_place(arena_str(r->arena, (struct str){ref, strcspn(ref, "/")}));
    if (is_apps && !github_is_app(r->c->conf))
        r->ret->fact = tracker_fact(r->arena, FACT_MISSING, "lockstep is no GitHub App here");
    return r->ret->fact != NULL;
}

static int ghlog_ask(struct walk *r, struct err *e)
{
    if (ghpage_is_further(r))
        return STEP_SEND;
    if (ghlog_is_gone(r))
        return STEP_DONE;
    const char *path = ghlog_path(r, e);
    return path ? github_to(r, arena_fmt(r->arena, "%s/deliveries?per_page=100", path)) : -(int)ERR_INPUT;
}

static int ghlog_take(struct walk *r, struct err *e)
{
    struct fact *f = walk_here(r);
    if (json_kind(r->answer) != JSON_ARRAY)
        return fail(e, ERR_TRANSIENT, "list deliveries: the answer is no list");
    JSON_EACH (one, r->answer)
        if (field_read(&ghlog_table, one, r->arena, MANY_ADD(r->arena, &f->deliveries, struct hook_delivery), e) < 0)
            return err_within(e, "list deliveries");
    f->text = github_next_page(r);
    return STEP_DONE;
}

static int ghdelivery_ask(struct walk *r, struct err *e)
{
    if (ghlog_is_gone(r))
        return STEP_DONE;
    const char *path = ghlog_path(r, e);
    return path ? github_to(r, path) : -(int)ERR_INPUT;
}

/* The body is written anew: it has the same meaning, and its signature was GitHub's affair. */
static int ghdelivery_take(struct walk *r, struct err *e)
{
    AUTO(text_auto) struct text t = {0};
    struct json_out o;
    struct fact *f = walk_here(r);
    const struct json *payload = json_path(r->answer, "request.payload");
    text_init(&t, r->prev->body.n + 64);
    json_start(&o, &t);
    json_put(&o, NULL, payload);
    if (json_kind(payload) == JSON_ABSENT || json_kind(payload) == JSON_NULL || text_full(&t))
        return fail(e, ERR_INPUT, "read delivery: it has no payload that can be read");
    f->text = json_text(payload) ? json_text(payload) : arena_text(r->arena, text_z(&t));
    JSON_EACH (one, json_path(r->answer, "request.headers"))
        if (json_text(one))
            *MANY_ADD(r->arena, &f->names, struct named) = (struct named){.id = json_key(one), .name = json_text(one)};
    return STEP_DONE;
}

/* --- people --- */

/* A token's account is asked for; that of an App is found by its name. */
static int ghfetch_whoami_ask(struct walk *r, struct err *e)
{
    return github_is_app(r->c->conf) ? github_app_who_ask(r, e) : github_to(r, "/user");
}

static int ghfetch_person_take(struct walk *r, struct err *e)
{
    struct person *who = MANY_ADD(r->arena, &walk_here(r)->people, struct person);
    if (field_read(&github_person, r->answer, r->arena, who, e) < 0)
        return err_within(e, "%s", r->work->phases[0].what);
    return text_blank(who->login) ? fail(e, ERR_TRANSIENT, "%s: without a login", r->work->phases[0].what) : STEP_DONE;
}

static int ghfetch_whoami_take(struct walk *r, struct err *e)
{
    return github_is_app(r->c->conf) ? github_app_who_take(r, e) : ghfetch_person_take(r, e);
}

/* Asked for what every GitHub has. */
static int ghfetch_no_github(struct walk *r, struct err *why)
{
    if (r->prev->status != 404)
        return walk_absent(r, why);
    return fail(why, ERR_CONFIG, "%.300s: is url the address of GitHub's API?", arena_text(r->arena, why->text));
}

static int ghfetch_person_ask(struct walk *r, struct err *e)
{
    if (text_blank(r->c->want->ref))
        return fail(e, ERR_INPUT, "read account: no login is named");
    return github_to(r, arena_fmt(r->arena, "/users/%s", tracker_escape(r->arena, r->c->want->ref)));
}

/* --- files --- */

/* A path's parts, each escaped; INPUT when one of them would lead elsewhere. */
static const char *ghfile_path(struct walk *r, const char *path, struct err *e)
{
    AUTO(text_auto) struct text t = {0};
    text_init(&t, TRACKER_NOTE_BYTES);
    for (path += strspn(path, "/"); *path; path += strspn(path, "/")) {
        size_t n = strcspn(path, "/");
        const char *part = arena_str(r->arena, (struct str){path, n});
        if (text_same(part, ".") || text_same(part, "..")) {
            fail(e, ERR_INPUT, "a file's path has no part \"%s\"", part);
            return NULL;
        }
        text_addf(&t, "/%s", tracker_escape(r->arena, part));
        path += n;
    }
    return arena_text(r->arena, text_z(&t));
}

/*
 * Files of repositories are read through the API, so that private ones can be, also when they are named as
 * https://raw.githubusercontent.com/OWNER/REPO/HEAD/PATH, where no token of ours goes. NULL: it is no such address.
 */
static const char *ghfile_raw(struct walk *r, const char *address)
{
    static const char host[] = "https://raw.githubusercontent.com/", head[] = "/HEAD/";
    struct url api;
    const char *at = text_starts(address, host) ? strstr(address, head) : NULL;
    if (!at || !url_parse(r->arena, r->c->conf->url, &api) || !text_same(api.host, "api.github.com"))
        return NULL;
    struct str repository = {address + strlen(host), (size_t)(at - address) - strlen(host)};
    const char *path = http_unescape(r->arena, str_of(at + strlen(head)), false);
    return arena_fmt(r->arena, "%s:%s", arena_str(r->arena, repository), path);
}

static int ghfile_ask(struct walk *r, struct err *e)
{
    struct github_ref of;
    const char *ref = r->c->want->ref, *in_api = strstr(ref, "://") ? ghfile_raw(r, ref) : NULL;
    if (strstr(ref, "://") && !in_api)
        return walk_file_ask(r, e);
    ref = in_api ? in_api : ref;
    const char *colon = strchr(ref, ':');
    const char *repository = arena_str(r->arena, (struct str){ref, colon ? (size_t)(colon - ref) : 0});
    if (!colon || colon[1] == '\0' || !github_ref_read(r->arena, repository, &of) || of.number)
        return fail(e, ERR_INPUT, "\"%.200s\" is no file: expected OWNER/REPO:PATH, or an address", ref);
    const char *path = ghfile_path(r, colon + 1, e);
    return path ? github_to(r, arena_fmt(r->arena, "/repos/%s/contents%s", of.repository, path)) : -(int)ERR_INPUT;
}

/* {"encoding": "base64", "content": TEXT in lines}; false: it is something else. */
static bool ghfile_unwrap(struct walk *r, const struct json *from, struct str *ret)
{
    const char *lines = json_text(json_get(from, "content"));
    if (!lines || !text_same(json_text(json_get(from, "encoding")), "base64"))
        return false;
    char *code = arena_text(r->arena, lines), *end = code;
    for (const char *p = lines; *p; p++)
        if (*p != '\n' && *p != '\r')
            *end++ = *p;
    return base64_read(r->arena, (struct str){code, (size_t)(end - code)}, ret, NULL) == 0;
}

/* Who knows no raw texts, as a proxy in between may not, answers with the file in JSON. */
static int ghfile_take(struct walk *r, struct err *e)
{
    const char *type = http_header_get(&r->prev->headers, "Content-Type");
    const struct json *v = NULL;
    struct str text;
    bool is_json = type && strstr(type, "json") && !strstr(type, "raw");
    if (!is_json || json_parse(r->arena, r->prev->body, &v, NULL) < 0 || !ghfile_unwrap(r, v, &text))
        return walk_file_take(r, e);
    walk_here(r)->text = text.p;
    return STEP_DONE;
}

/* --- health --- */

static int ghfetch_health_ask(struct walk *r, struct err *e)
{
    (void)e;
    return github_to(r, "/zen");
}

static int ghfetch_health_take(struct walk *r, struct err *e)
{
    (void)e;
    const char *version = http_header_get(&r->prev->headers, "X-GitHub-Enterprise-Version");
    walk_here(r)->text = version ? arena_fmt(r->arena, "GitHub Enterprise Server %.40s", version) : "GitHub";
    return STEP_DONE;
}

/* --- the lists of work --- */

static const struct walk_phase ghfetch_issue[] = {
    [GHISSUE_PULL] = {"read pull request", "GET", HTTP_READ, ghfetch_pull_ask, ghfetch_pull_take, ghfetch_pull_refused},
    [GHISSUE_ISSUE] = {"read issue", "GET", HTTP_READ, ghfetch_issue_ask, ghfetch_issue_take, walk_absent},
    [GHISSUE_REPOSITORY] = {"read repository", "GET", HTTP_READ, ghfetch_repository_ask, ghfetch_repository_take,
                            walk_absent}};
static const struct walk_phase ghfetch_comments[] = {
    {"list comments", "GET", HTTP_READ, ghlist_ask, ghlist_take, walk_absent}};
static const struct walk_phase ghfetch_statuses[] = {
    [GHSTATUS_LIST] = {"list commit statuses", "GET", HTTP_READ, ghlist_ask, ghstatus_take, ghstatus_refused},
    [GHSTATUS_OLD] = {"list commit statuses", "GET", HTTP_READ, ghstatus_old_ask, ghstatus_take, walk_absent}};
static const struct walk_phase ghfetch_hooks[] = {
    [GHHOOKS_LIST] = {"list webhooks", "GET", HTTP_READ, ghhooks_ask, ghlist_take, walk_absent},
    [GHHOOKS_APP] = {"read the App's webhook", "GET", HTTP_READ, github_app_hook_ask, github_app_hook_take,
                     github_app_hook_refused},
    [GHHOOKS_APP_EVENTS] = {"ask who we are", "GET", HTTP_READ, github_app_who_ask, github_app_events_take, NULL}};
static const struct walk_phase ghfetch_repositories[] = {
    {"list repositories", "GET", HTTP_READ, ghlist_ask, ghlist_take, walk_absent}};
static const struct walk_phase ghfetch_names[] = {
    {"list labels", "GET", HTTP_READ, ghlist_ask, ghlist_take, walk_absent}};
static const struct walk_phase ghfetch_issues[] = {
    {"list issues", "GET", HTTP_READ, ghissues_ask, ghissues_take, ghissues_refused}};
static const struct walk_phase ghfetch_log[] = {
    {"list deliveries", "GET", HTTP_READ, ghlog_ask, ghlog_take, walk_absent}};
static const struct walk_phase ghfetch_delivery[] = {
    {"read delivery", "GET", HTTP_READ, ghdelivery_ask, ghdelivery_take, walk_absent}};
static const struct walk_phase ghfetch_whoami[] = {
    {"ask who we are", "GET", HTTP_READ, ghfetch_whoami_ask, ghfetch_whoami_take, ghfetch_no_github},
    {"read our account", "GET", HTTP_READ, github_app_bot_ask, ghfetch_person_take, github_app_bot_refused}};
static const struct walk_phase ghfetch_person[] = {
    {"read account", "GET", HTTP_READ, ghfetch_person_ask, ghfetch_person_take, walk_absent}};
static const struct walk_phase ghfetch_file[] = {
    {"read file", "GET", HTTP_READ, ghfile_ask, ghfile_take, walk_file_refused}};
static const struct walk_phase ghfetch_health[] = {
    {"ask for its health", "GET", HTTP_READ, ghfetch_health_ask, ghfetch_health_take, ghfetch_no_github}};

const struct walk_work github_facts[FACT_KINDS] = {
    [FACT_ISSUE] = WALK_WORK(ghfetch_issue),
    [FACT_COMMENTS] = WALK_WORK(ghfetch_comments),
    [FACT_STATUSES] = WALK_WORK(ghfetch_statuses),
    [FACT_HOOKS] = WALK_WORK(ghfetch_hooks),
    [FACT_REPOSITORIES] = WALK_WORK(ghfetch_repositories),
    [FACT_LABELS] = WALK_WORK(ghfetch_names),
    [FACT_PALETTE] = WALK_WORK(ghfetch_names),
    [FACT_ISSUES] = WALK_WORK(ghfetch_issues),
    [FACT_DELIVERIES] = WALK_WORK(ghfetch_log),
    [FACT_DELIVERY] = WALK_WORK(ghfetch_delivery),
    [FACT_WHOAMI] = WALK_WORK(ghfetch_whoami),
    [FACT_PERSON] = WALK_WORK(ghfetch_person),
    [FACT_BOARD] = WALK_WORK(github_board_read),
    [FACT_BOARD_ITEMS] = WALK_WORK(github_board_items),
    [FACT_FILE] = WALK_PLAIN(ghfetch_file, GHFETCH_RAW),
    [FACT_HEALTH] = WALK_PLAIN(ghfetch_health, "text/plain"),
};
