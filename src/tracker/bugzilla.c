/*
 * Bugzilla: Mozilla's (5.1 and later), which takes the key in a header and tells who we are at /rest/whoami; and stock
 * 5.0 and 5.2, which ignore the header, serve such a request as a stranger's, and have no whoami.
 *
 * With `api_key_in: auto` the key goes in the header. An answer that a stranger would get too (no access, log in first,
 * people's addresses hidden) is in doubt: whoami then tells. It knows us: the answer stands. There is no whoami: the
 * request is sent again with the key in the query. This needs no memory, and the option saves the extra exchanges.
 */
#include "base/base.h"

#include "tracker/bugzilla_private.h"

#include "base/arena.h"
#include "base/json.h"
#include "base/secret.h"
#include "base/text.h"
#include "base/when.h"
#include "tracker/tracker_private.h"

enum { KEY_AUTO, KEY_HEADER, KEY_QUERY };
static const char *const bugzilla_key_words[] = {"auto", "header", "query", NULL};

struct bugzilla_conf {
    struct secret *api_key;
    int api_key_in;
    const char *login;
};

static const struct opt bugzilla_rows[] = {
    OPTION_SECRET(struct bugzilla_conf, api_key, OPT_REQUIRED | OPT_RELOAD,
                  "The API key of the account that lockstep uses"),
    OPTION_WORD(
        struct bugzilla_conf, api_key_in, OPT_RELOAD, "auto", bugzilla_key_words,
        "Where the key is sent: header (Mozilla, 5.1 and later), query (stock 5.0 and 5.2), or auto to find out"),
    OPTION_TEXT(struct bugzilla_conf, login, OPT_RELOAD, NULL,
                "Login name of that account, to be checked where Bugzilla has no whoami (stock 5.0 and 5.2)"),
};
static const struct opt_table bugzilla_table = OPT_TABLE_OF("tracker bugzilla", struct bugzilla_conf, bugzilla_rows);

static void bugzilla_check(void *of, const struct yaml *at, const struct opt_read *r)
{
    const struct bugzilla_conf *own = of;
    if (own->api_key_in == KEY_QUERY)
        yaml_warning(r->problems, at, r->key, NULL,
                     "with api_key_in: query the key is a part of addresses, which servers and proxies log");
}

/* --- one run: a fact or a change, on its way --- */

/* In doubt: an answer that we would also get if the key had been ignored. Kept as the first letter of the note. */
enum bugzilla_doubt {
    DOUBT_NONE = 0,
    DOUBT_ACCESS = 'F', /* we may not see it */
    DOUBT_PLACE = 'M',  /* nothing is there, says something that is not Bugzilla's REST service */
    DOUBT_LOGIN = 'L',  /* log in first */
    DOUBT_PEOPLE = 'P'  /* addresses of people are hidden */
};
enum bugzilla_phase { PHASE_FIRST, PHASE_PROBE, PHASE_KEYED, PHASE_AGAIN };

struct bugzilla_run;
struct bugzilla_op {
    const char *what;
    const char *method;
    const char *before, *after; /* the path, around the ref when it takes one; a query may follow */
    const char *(*query)(struct bugzilla_run *r, struct err *e); /* what follows `after`; NULL: it failed */
    int (*body)(struct bugzilla_run *r, struct err *e);
    int (*take)(struct bugzilla_run *r, struct err *e);
    bool (*hides_people)(const struct bugzilla_run *r);
    enum http_effect effect;
    bool takes_ref;
    bool may_lack; /* that there is no such thing is an answer, not a mistake in the configuration */
};

struct bugzilla_run {
    const struct tracker_call *c;
    const struct bugzilla_conf *own;
    struct tracker_state *st;
    const struct http_response *prev;
    struct http_request *next;
    struct tracker_result *ret;
    const struct bugzilla_op *op;
    const struct json *answer;
    bool is_forbidden; /* set by bugzilla_judge */
    enum bugzilla_doubt doubt;
};

/* --- facts --- */

static const struct field bugzilla_issue_rows[] = {
    F_TEXT(struct issue, ref, "id"),
    F_BOOL(struct issue, is_private, "is_private"),
    F_TEXT(struct issue, summary, "summary"),
    F_TEXT(struct issue, type, "type"),
    F_TEXT(struct issue, product, "product"),
    F_TEXT(struct issue, component, "component"),
    F_TEXT(struct issue, whiteboard, "whiteboard"),
    F_TEXT(struct issue, status, "status"),
    F_TEXT(struct issue, resolution, "resolution"),
    F_TEXT(struct issue, priority, "priority"),
    F_TEXT(struct issue, severity, "severity"),
    F_TEXT(struct issue, points, "cf_fx_points"),
    F_TEXT(struct issue, creator, "creator"),
    F_TEXT(struct issue, assignee, "assigned_to"),
    F_TEXT(struct issue, dupe_of, "dupe_of"),
    F_WHEN(struct issue, changed_ms, "last_change_time"),
    F_TEXTS(struct issue, keywords, "keywords"),
    F_TEXTS(struct issue, see_also, "see_also"),
    F_TEXTS(struct issue, groups, "groups"),
    F_TEXTS(struct issue, depends_on, "depends_on"),
    F_TEXTS(struct issue, blocks, "blocks"),
    F_TEXTS(struct issue, duplicates, "duplicates"),
    F_TEXTS(struct issue, regressions, "regressions"),
    F_TEXTS(struct issue, regressed_by, "regressed_by"),
};
const struct field_table bugzilla_issue = FIELD_TABLE("bug", struct issue, bugzilla_issue_rows);

static const struct field bugzilla_comment_rows[] = {
    F_TEXT(struct comment, id, "id"),         F_INT(struct comment, number, "count"),
    F_TEXT(struct comment, author, "author"), F_TEXT(struct comment, author, "creator"),
    F_TEXT(struct comment, text, "text"),     F_BOOL(struct comment, is_private, "is_private"),
    F_WHEN(struct comment, at_ms, "time"),
};
static const struct field_table bugzilla_comment = FIELD_TABLE("comment", struct comment, bugzilla_comment_rows);

static const struct field bugzilla_attachment_rows[] = {
    F_TEXT(struct attachment, id, "id"),
    F_TEXT(struct attachment, content_type, "content_type"),
    F_TEXT(struct attachment, description, "summary"),
    F_TEXT(struct attachment, file_name, "file_name"),
    F_BOOL(struct attachment, is_private, "is_private"),
    F_BOOL(struct attachment, is_obsolete, "is_obsolete"),
    F_BOOL(struct attachment, is_patch, "is_patch"),
    F_WHEN(struct attachment, at_ms, "creation_time"),
};
static const struct field_table bugzilla_attachment =
    FIELD_TABLE("attachment", struct attachment, bugzilla_attachment_rows);

static const struct field bugzilla_person_rows[] = {
    F_TEXT(struct person, id, "id"),
    F_TEXT(struct person, login, "name"),
    F_TEXT(struct person, name, "real_name"),
};
static const struct field_table bugzilla_person = FIELD_TABLE("account", struct person, bugzilla_person_rows);

static const struct field bugzilla_hook_rows[] = {
    F_TEXT(struct hook, id, "id"),           F_TEXT(struct hook, name, "name"),
    F_TEXT(struct hook, url, "url"),         F_TEXT(struct hook, event, "event"),
    F_TEXT(struct hook, product, "product"), F_TEXT(struct hook, component, "component"),
    F_BOOL(struct hook, enabled, "enabled"), F_INT(struct hook, errors, "errors"),
};
static const struct field_table bugzilla_hook = FIELD_TABLE("webhook", struct hook, bugzilla_hook_rows);

static int bugzilla_done(struct bugzilla_run *r, struct fact *f)
{
    r->ret->fact = f;
    return STEP_DONE;
}

static const struct json *bugzilla_first_bug(const struct bugzilla_run *r)
{
    return json_first(json_get(r->answer, "bugs"));
}

static int bugzilla_take_issue(struct bugzilla_run *r, struct err *e)
{
    const struct json *bug = bugzilla_first_bug(r);
    if (!bug) /* asked for in bulk, stock Bugzilla leaves unknown bugs out in silence */
        return bugzilla_done(r, tracker_fact(r->c->arena, FACT_MISSING, "the answer holds no such bug"));
    struct fact *f = tracker_fact(r->c->arena, FACT_HERE, NULL);
    if (field_read(&bugzilla_issue, bug, r->c->arena, &f->issue, e) < 0)
        return err_within(e, "%s", r->op->what);
    if (f->issue.groups.n > 0)
        f->issue.is_private = true;
    return bugzilla_done(r, f);
}

static bool bugzilla_is_hidden(const char *login)
{
    return !text_blank(login) && !strchr(login, '@');
}

static bool bugzilla_issue_hides(const struct bugzilla_run *r)
{
    const struct json *bug = bugzilla_first_bug(r);
    const char *assigned = json_text(json_get(bug, "assigned_to"));
    return bugzilla_is_hidden(json_text(json_get(bug, "creator"))) && (text_blank(assigned) || !strchr(assigned, '@'));
}

static const struct json *bugzilla_comments(const struct bugzilla_run *r)
{
    return json_get(json_first(json_get(r->answer, "bugs")), "comments");
}

static bool bugzilla_creators_hide(const struct json *list)
{
    JSON_EACH (one, list)
        if (!bugzilla_is_hidden(json_text(json_get(one, "creator"))))
            return false;
    return json_count(list) > 0;
}

static bool bugzilla_comments_hide(const struct bugzilla_run *r)
{
    return bugzilla_creators_hide(bugzilla_comments(r));
}

static int bugzilla_take_comments(struct bugzilla_run *r, struct err *e)
{
    const struct json *list = bugzilla_comments(r);
    struct fact *f = tracker_fact(r->c->arena, FACT_HERE, NULL);
    struct comment *to = ARENA_ARRAY(r->c->arena, struct comment, json_count(list));
    f->comments = (struct many){to, json_count(list)};
    JSON_EACH (one, list) {
        to->number = -1;
        if (field_read(&bugzilla_comment, one, r->c->arena, to++, e) < 0)
            return err_within(e, "%s", r->op->what);
    }
    return bugzilla_done(r, f);
}

static const struct json *bugzilla_attachments(const struct bugzilla_run *r)
{
    return json_first(json_get(r->answer, "bugs"));
}

static bool bugzilla_attachments_hide(const struct bugzilla_run *r)
{
    return bugzilla_creators_hide(bugzilla_attachments(r));
}

static int bugzilla_take_attachments(struct bugzilla_run *r, struct err *e)
{
    const struct json *list = bugzilla_attachments(r);
    struct fact *f = tracker_fact(r->c->arena, FACT_HERE, NULL);
    struct attachment *to = ARENA_ARRAY(r->c->arena, struct attachment, json_count(list));
    f->attachments = (struct many){to, json_count(list)};
    JSON_EACH (one, list)
        if (field_read(&bugzilla_attachment, one, r->c->arena, to++, e) < 0)
            return err_within(e, "%s", r->op->what);
    return bugzilla_done(r, f);
}

/*
 * "since MS", "since MS OFFSET": what has changed then or later, oldest change first, a page at a time. A bug that
 * changes meanwhile moves to the end, so the next page begins at the last one's time and shows some again, rather than
 * at a number, which would pass over some; only a page of one time alone is passed by its number.
 */
enum { BUGZILLA_PAGE = 500 };

static bool bugzilla_since(const char *ref, int64_t *ret_ms, int64_t *ret_offset)
{
    const char *at = text_starts(ref, "since ") ? ref + strlen("since ") : "";
    size_t n = strcspn(at, " ");
    *ret_offset = 0;
    return str_int((struct str){at, n}, ret_ms) && (!at[n] || str_int(str_of(at + n + 1), ret_offset)) &&
           *ret_ms >= 0 && *ret_offset >= 0;
}

static const char *bugzilla_since_query(struct bugzilla_run *r, struct err *e)
{
    char since[WHEN_TEXT_BYTES];
    int64_t ms, offset;
    if (!bugzilla_since(r->c->want->ref, &ms, &offset)) {
        fail(e, ERR_INPUT, "\"%.200s\" is no list of bugs: expected since MS", r->c->want->ref);
        return NULL;
    }
    return arena_fmt(r->c->arena,
                     "?last_change_time=%.19sZ&order=changeddate,bug_id&limit=%d&offset=%" PRId64
                     "&include_fields=id,summary,whiteboard,product,component,groups,creation_time,last_change_time",
                     when_text(ms, since), BUGZILLA_PAGE, offset);
}

static int bugzilla_take_issues(struct bugzilla_run *r, struct err *e)
{
    struct fact *f = tracker_fact(r->c->arena, FACT_HERE, NULL);
    const struct json *bugs = json_get(r->answer, "bugs");
    int64_t since = 0, offset = 0, last = 0;
    bugzilla_since(r->c->want->ref, &since, &offset);
    JSON_EACH (one, bugs) {
        struct issue *to = MANY_ADD(r->c->arena, &f->issues, struct issue);
        if (field_read(&bugzilla_issue, one, r->c->arena, to, e) < 0)
            return err_within(e, "%s", r->op->what);
        to->is_private |= to->groups.n > 0;
        last = to->changed_ms;
    }
    if (json_count(bugs) >= BUGZILLA_PAGE)
        f->text = last > since
                      ? arena_fmt(r->c->arena, "since %" PRId64, last)
                      : arena_fmt(r->c->arena, "since %" PRId64 " %" PRId64, since, offset + (int64_t)f->issues.n);
    return bugzilla_done(r, f);
}

/* The account may have webhooks to others; ours end at one of our paths, whatever stands before it. */
static bool bugzilla_is_our_hook(const struct bugzilla_run *r, const char *text)
{
    struct url u;
    if (!text || !url_parse(r->c->arena, text, &u))
        return false;
    return strstr(u.path, "/bugzilla_webhook") ||
           text_ends(u.path, arena_fmt(r->c->arena, "/hooks/%s", r->c->conf->name));
}

static int bugzilla_take_hooks(struct bugzilla_run *r, struct err *e)
{
    struct fact *f = tracker_fact(r->c->arena, FACT_HERE, NULL);
    JSON_EACH (one, json_get(r->answer, "webhooks")) {
        if (!bugzilla_is_our_hook(r, json_text(json_get(one, "url"))))
            continue;
        struct hook *to = MANY_ADD(r->c->arena, &f->hooks, struct hook);
        if (field_read(&bugzilla_hook, one, r->c->arena, to, e) < 0)
            return err_within(e, "%s", r->op->what);
    }
    return bugzilla_done(r, f);
}

static struct fact *bugzilla_account(struct bugzilla_run *r, const struct person *who)
{
    struct fact *f = tracker_fact(r->c->arena, FACT_HERE, NULL);
    struct person *one = ARENA_NEW(r->c->arena, struct person);
    *one = *who;
    f->people = (struct many){one, 1};
    return f;
}

static int bugzilla_take_whoami(struct bugzilla_run *r, struct err *e)
{
    struct person who = {0};
    if (field_read(&bugzilla_person, r->answer, r->c->arena, &who, e) < 0)
        return err_within(e, "%s", r->op->what);
    if (text_blank(who.id) || text_same(who.id, "0"))
        return fail(e, ERR_AUTH, "%s: Bugzilla does not know us", r->op->what);
    return bugzilla_done(r, bugzilla_account(r, &who));
}

/* A wrong key is refused before this answers; a right one with another login answers false. A login must be given. */
#define NO_LOGIN "unknown"

static int bugzilla_take_login(struct bugzilla_run *r, struct err *e)
{
    const char *login = r->own->login;
    bool is_ours = !text_blank(login) && json_bool(json_get(r->answer, "result"), false);
    if (!text_blank(login) && !is_ours)
        return fail(e, ERR_AUTH, "%s: the key is not that of %s", r->op->what, login);
    struct person who = {.id = is_ours ? login : NO_LOGIN, .login = is_ours ? login : NULL};
    return bugzilla_done(r, bugzilla_account(r, &who));
}

static int bugzilla_take_version(struct bugzilla_run *r, struct err *e)
{
    const char *version = json_text(json_get(r->answer, "version"));
    if (!version)
        return fail(e, ERR_CONFIG, "%s: the answer has no version: is url the address of a Bugzilla?", r->op->what);
    struct fact *f = tracker_fact(r->c->arena, FACT_HERE, NULL);
    f->text = arena_fmt(r->c->arena, "Bugzilla %s", version);
    return bugzilla_done(r, f);
}

/* --- changes --- */

static int bugzilla_see_also_body(struct bugzilla_run *r, struct err *e)
{
    AUTO(text_auto) struct text t = {0};
    struct json_out o;
    text_init(&t, TRACKER_BODY_BYTES);
    if (text_blank(r->c->other_url))
        return fail(e, ERR_BUG, "%s: there is no address to add", r->op->what);
    json_start(&o, &t);
    json_open(&o, NULL, '{');
    json_open(&o, "see_also", '{');
    json_open(&o, "add", '[');
    json_put_text(&o, NULL, r->c->other_url);
    json_close(&o);
    json_close(&o);
    json_close(&o);
    return tracker_body(r->c->arena, r->next, &t, e);
}

static int bugzilla_take_see_also(struct bugzilla_run *r, struct err *e)
{
    (void)e;
    const struct json *changes = json_get(bugzilla_first_bug(r), "changes");
    r->ret->unchanged = json_kind(changes) == JSON_OBJECT && json_count(changes) == 0;
    return STEP_DONE;
}

static const struct bugzilla_op bugzilla_facts[FACT_KINDS] = {
    [FACT_ISSUE] = {.what = "read bug",
                    .method = "GET",
                    .before = "/rest/bug/",
                    .after = "",
                    .takes_ref = true,
                    .may_lack = true,
                    .take = bugzilla_take_issue,
                    .hides_people = bugzilla_issue_hides},
    [FACT_COMMENTS] = {.what = "read comments",
                       .method = "GET",
                       .before = "/rest/bug/",
                       .after = "/comment",
                       .takes_ref = true,
                       .may_lack = true,
                       .take = bugzilla_take_comments,
                       .hides_people = bugzilla_comments_hide},
    [FACT_ATTACHMENTS] = {.what = "read attachments",
                          .method = "GET",
                          .before = "/rest/bug/",
                          .after = "/attachment?exclude_fields=data",
                          .takes_ref = true,
                          .may_lack = true,
                          .take = bugzilla_take_attachments,
                          .hides_people = bugzilla_attachments_hide},
    [FACT_WHOAMI] = {.what = "ask who we are",
                     .method = "GET",
                     .before = "/rest/whoami",
                     .after = "",
                     .take = bugzilla_take_whoami},
    [FACT_HOOKS] = {.what = "list webhooks",
                    .method = "GET",
                    .before = "/rest/webhooks/list",
                    .after = "",
                    .may_lack = true,
                    .take = bugzilla_take_hooks},
    [FACT_ISSUES] = {.what = "list changed bugs",
                     .method = "GET",
                     .before = "/rest/bug",
                     .after = "",
                     .query = bugzilla_since_query,
                     .take = bugzilla_take_issues},
    [FACT_HEALTH] = {.what = "ask for the version",
                     .method = "GET",
                     .before = "/rest/version",
                     .after = "",
                     .take = bugzilla_take_version},
};
static const struct bugzilla_op bugzilla_valid_login = {
    .what = "check the key", .method = "GET", .before = "/rest/valid_login", .after = "", .take = bugzilla_take_login};
static const struct bugzilla_op bugzilla_changes[CHANGE_KINDS] = {
    [CHANGE_SEE_ALSO] = {.what = "add to see also",
                         .method = "PUT",
                         .effect = HTTP_IDEMPOTENT,
                         .before = "/rest/bug/",
                         .after = "",
                         .takes_ref = true,
                         .body = bugzilla_see_also_body,
                         .take = bugzilla_take_see_also},
};

/* --- what went wrong --- */

/* Bugzilla's own numbers say more than the status that comes with them. */
static const struct {
    int64_t low, high;
    enum err_class class;
    bool is_forbidden; /* our credentials are good, our rights are not */
    enum bugzilla_doubt doubt;
} bugzilla_faults[] = {
    {51, 51, ERR_MISSING, false, DOUBT_NONE},
    {100, 101, ERR_MISSING, false, DOUBT_NONE},
    {102, 102, ERR_MISSING, true, DOUBT_ACCESS},
    {106, 106, ERR_INPUT, true, DOUBT_NONE},
    {109, 110, ERR_INPUT, true, DOUBT_NONE},
    {113, 113, ERR_INPUT, true, DOUBT_NONE},
    {115, 115, ERR_INPUT, true, DOUBT_NONE},
    {120, 120, ERR_INPUT, true, DOUBT_NONE},
    {300, 304, ERR_AUTH, false, DOUBT_NONE},
    {306, 306, ERR_AUTH, false, DOUBT_NONE},
    {410, 410, ERR_AUTH, false, DOUBT_LOGIN},
    {32000, 32000, ERR_TRANSIENT, false, DOUBT_NONE},
    {-32000, -32000, ERR_TRANSIENT, false, DOUBT_NONE},
    {32614, 32614, ERR_MISSING, false, DOUBT_NONE},
};

static int bugzilla_fault(struct bugzilla_run *r, int64_t code, struct err *why)
{
    const char *said = json_text(json_get(r->answer, "message"));
    enum err_class class = ERR_INPUT;
    for (size_t i = 0; i < COUNT(bugzilla_faults); i++)
        if (code >= bugzilla_faults[i].low && code <= bugzilla_faults[i].high) {
            class = bugzilla_faults[i].class;
            r->is_forbidden = bugzilla_faults[i].is_forbidden;
            r->doubt = bugzilla_faults[i].doubt;
        }
    return fail_code(why, class, (int)code, "%s: Bugzilla error %" PRId64 ": %.300s", r->op->what, code,
                     said ? said : "without a message");
}

/* An answer of the web server or a proxy, not of Bugzilla's REST service. */
static int bugzilla_foreign(struct bugzilla_run *r, struct err *why)
{
    enum { BLOCKED_MS = 60 * 60 * 1000 };
    struct http_request sent = {.effect = r->op->effect};
    int rc = tracker_refusal(&sent, r->prev, r->op->what, json_text(json_get(r->answer, "message")), why);
    if (rc == -ERR_LIMITED && !http_header_get(&r->prev->headers, "Retry-After"))
        why->retry_at_ms = r->prev->received_ms + BLOCKED_MS; /* Mozilla blocks an address for an hour */
    else if (rc == -ERR_MISSING || rc == -ERR_AUTH) {
        r->doubt = r->prev->status == 404 ? DOUBT_PLACE : DOUBT_ACCESS;
        r->is_forbidden = rc == -ERR_AUTH;
    }
    return rc;
}

/* 0 when the answer is what was asked for; r->answer is set. */
static int bugzilla_judge(struct bugzilla_run *r, struct err *why)
{
    int64_t code = 0;
    bool is_good = r->prev->status >= 200 && r->prev->status < 300;
    if (is_good && tracker_answer(r->c->arena, r->prev, r->op->what, &r->answer, why) < 0)
        return -ERR_TRANSIENT;
    if (!is_good && json_parse(r->c->arena, r->prev->body, &r->answer, NULL) < 0)
        return bugzilla_foreign(r, why);
    bool has_code = json_int(json_get(r->answer, "code"), &code);
    if (is_good && !json_bool(json_get(r->answer, "error"), false))
        return 0;
    if (is_good || (has_code && r->prev->status != 429 && code != r->prev->status))
        return bugzilla_fault(r, code, why);
    return bugzilla_foreign(r, why);
}

/* --- the way through --- */

static int bugzilla_ask(struct bugzilla_run *r, const struct bugzilla_op *op, bool in_query, struct err *e)
{
    struct arena *a = r->c->arena;
    const char *ref = r->c->want ? r->c->want->ref : r->c->change->issue.ref;
    const char *login = r->own->login, *key = "", *query = op->query ? op->query(r, e) : "";
    if (!query)
        return -ERR_INPUT;
    if (op->takes_ref && text_blank(ref))
        return fail(e, ERR_BUG, "%s: no bug is named", op->what);
    if (op == &bugzilla_valid_login)
        key = arena_fmt(a, "?login=%s&api_key=", tracker_escape(a, text_blank(login) ? NO_LOGIN : login));
    else if (in_query)
        key = strchr(op->after, '?') || query[0] ? "&api_key=" : "?api_key=";
    const char *path =
        arena_fmt(a, "%s%s%s%s%s", op->before, op->takes_ref ? tracker_escape(a, ref) : "", op->after, query, key);
    *r->next = (struct http_request){.method = op->method, .effect = op->effect};
    r->next->url = http_join(a, r->c->conf->url, path);
    http_header_add(a, &r->next->headers, "Accept", "application/json");
    int rc = op->body ? op->body(r, e) : 0;
    return rc < 0 ? rc : STEP_SEND;
}

/* What a refusal means once it is certain. */
static int bugzilla_refused(struct bugzilla_run *r, int rc, struct err *why)
{
    enum fact_state state = r->is_forbidden ? FACT_FORBIDDEN : FACT_MISSING;
    bool is_absent = rc == -ERR_MISSING && !r->is_forbidden;
    if (r->doubt == DOUBT_PLACE || (is_absent && r->c->want && !r->op->may_lack))
        return fail(why, ERR_CONFIG, "%.300s: is url the address of a Bugzilla?", arena_text(r->c->arena, why->text));
    if (!r->c->want || !r->op->may_lack || (!is_absent && !r->is_forbidden))
        return rc;
    return bugzilla_done(r, tracker_fact(r->c->arena, state, why->text));
}

static int bugzilla_probe(struct bugzilla_run *r, const char *why, struct err *e)
{
    r->st->phase = PHASE_PROBE;
    r->st->note = arena_fmt(r->c->arena, "%c%s", (char)r->doubt, why);
    return bugzilla_ask(r, &bugzilla_facts[FACT_WHOAMI], false, e);
}

static int bugzilla_again(struct bugzilla_run *r, enum bugzilla_phase phase, struct err *e)
{
    r->st->phase = phase;
    r->st->note = NULL;
    return bugzilla_ask(r, r->op, phase == PHASE_KEYED, e);
}

static int bugzilla_first(struct bugzilla_run *r, struct err *why)
{
    int rc = bugzilla_judge(r, why);
    int key_in = r->own->api_key_in;
    if (rc == 0 && key_in == KEY_AUTO && r->op->hides_people && r->op->hides_people(r)) {
        r->doubt = DOUBT_PEOPLE;
        return bugzilla_probe(r, "", why);
    }
    if (rc == 0)
        return r->op->take(r, why);
    if (key_in != KEY_HEADER && rc == -ERR_MISSING && r->op == &bugzilla_facts[FACT_WHOAMI]) {
        r->doubt = DOUBT_NONE;
        r->op = &bugzilla_valid_login;
        return bugzilla_again(r, PHASE_KEYED, why);
    }
    if (r->doubt && key_in != KEY_QUERY && r->op != &bugzilla_facts[FACT_WHOAMI])
        return bugzilla_probe(r, why->text, why);
    return bugzilla_refused(r, rc, why);
}

/* The key is good: what was in doubt stands. */
static int bugzilla_settled(struct bugzilla_run *r, char doubt, const char *text, struct err *why)
{
    if (doubt == DOUBT_PEOPLE)
        return bugzilla_again(r, PHASE_AGAIN, why);
    if (doubt == DOUBT_LOGIN)
        return fail(why, ERR_AUTH, "%s", text);
    r->is_forbidden = doubt == DOUBT_ACCESS;
    return bugzilla_refused(r, fail(why, ERR_MISSING, "%s", text), why);
}

static int bugzilla_probed(struct bugzilla_run *r, struct err *why)
{
    const struct bugzilla_op *op = r->op;
    const char *note = text_blank(r->st->note) ? "M" : r->st->note;
    struct tracker_result unused = {0}, *ret = r->ret;
    r->op = &bugzilla_facts[FACT_WHOAMI];
    r->ret = &unused;
    int rc = bugzilla_judge(r, why);
    rc = rc < 0 ? rc : r->op->take(r, why);
    r->op = op;
    r->ret = ret;
    if (rc >= 0)
        return bugzilla_settled(r, note[0], note + 1, why);
    if (rc != -ERR_MISSING)
        return rc;
    if (r->own->api_key_in == KEY_HEADER)
        return fail(why, ERR_CONFIG, "%.200s; this Bugzilla has no whoami, so it ignores the header: set api_key_in",
                    note + 1);
    return bugzilla_again(r, PHASE_KEYED, why);
}

static int bugzilla_last(struct bugzilla_run *r, struct err *why)
{
    if (r->st->phase == PHASE_KEYED && r->op == &bugzilla_facts[FACT_WHOAMI])
        r->op = &bugzilla_valid_login;
    int rc = bugzilla_judge(r, why);
    return rc == 0 ? r->op->take(r, why) : bugzilla_refused(r, rc, why);
}

static int bugzilla_advance(struct bugzilla_run *r, struct err *why)
{
    if (!r->op->what)
        return fail(why, ERR_BUG, "Bugzilla has no %s",
                    r->c->want ? fact_kind_name(r->c->want->kind) : change_kind_name(r->c->change->kind));
    if (!r->prev) { /* the beginning, or once more after a crash: nothing here harms when it is done twice */
        *r->st = (struct tracker_state){.phase = PHASE_FIRST};
        return bugzilla_ask(r, r->op, r->own->api_key_in == KEY_QUERY, why);
    }
    if (r->st->phase == PHASE_FIRST)
        return bugzilla_first(r, why);
    return r->st->phase == PHASE_PROBE ? bugzilla_probed(r, why) : bugzilla_last(r, why);
}

static int bugzilla_step(const struct tracker_call *c, struct tracker_state *st, const struct http_response *prev,
                         struct http_request *next, struct tracker_result *ret, struct err *e)
{
    struct err why = {0};
    struct bugzilla_run r = {.c = c, .own = c->conf->own, .st = st, .prev = prev, .next = next, .ret = ret};
    r.op = c->want ? &bugzilla_facts[c->want->kind] : &bugzilla_changes[c->change->kind];
    return tracker_outcome(c, bugzilla_advance(&r, &why), &why, ret, e);
}

/* A request whose query ends in "api_key=" waits for the key there; any other gets the header. */
static void bugzilla_sign(const struct conf_tracker *conf, UNUSED const struct secret *granted, UNUSED int64_t now_ms,
                          struct arena *a, struct http_request *r)
{
    const struct bugzilla_conf *own = conf->own;
    const char *key = arena_str(a, secret_reveal(own->api_key));
    if (!tracker_is_own(conf, a, r->url))
        return;
    if (text_ends(r->url, "?api_key=") || text_ends(r->url, "&api_key=")) {
        r->url = arena_fmt(a, "%s%s", r->url, tracker_escape(a, key));
        r->url_is_secret = true;
    } else {
        http_header_add_secret(a, &r->headers, "X-BUGZILLA-API-KEY", key);
    }
}

/* --- addresses --- */

static const char *bugzilla_issue_url(const struct conf_tracker *conf, struct arena *a, const char *ref)
{
    return http_join(a, conf->url, arena_fmt(a, "/show_bug.cgi?id=%s", tracker_escape(a, ref)));
}

static bool bugzilla_is_number(const char *s)
{
    return !text_blank(s) && s[0] != '0' && strlen(s) <= 18 && s[strspn(s, "0123456789")] == '\0';
}

static const char *bugzilla_issue_ref(const struct conf_tracker *conf, struct arena *a, const char *url)
{
    struct url u;
    if (!tracker_at_home(a, conf->url, url, &u))
        return NULL;
    const char *id = u.query ? http_query(a, arena_fmt(a, "?%s", u.query), "id") : NULL;
    if (!id && u.path && strrchr(u.path, '/')) /* Mozilla's short form, https://HOST/12345 */
        id = strrchr(u.path, '/') + 1;
    return bugzilla_is_number(id) ? id : NULL;
}

const struct tracker_driver tracker_bugzilla = {
    .kind = {.name = "bugzilla", .opts = &bugzilla_table, .check = bugzilla_check},
    .can = TRACKER_WEBHOOK | TRACKER_VERIFY_HEAD | TRACKER_COMMENTS | TRACKER_HOOK_LIST | TRACKER_SINCE,
    .step = bugzilla_step,
    .sign = bugzilla_sign,
    .verify = bugzilla_verify,
    .decode = bugzilla_decode,
    .identify = bugzilla_identify,
    .issue_url = bugzilla_issue_url,
    .issue_ref = bugzilla_issue_ref,
};
