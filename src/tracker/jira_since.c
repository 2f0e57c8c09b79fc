/*
 * What has changed since a time, newest change first: issues of the projects that are named, and those that we made,
 * wherever they were moved to. Each with its past, as far as the search shows that.
 */
#include "base/base.h"

#include "tracker/jira_private.h"

#include "base/arena.h"
#include "base/json.h"
#include "base/text.h"
#include "base/when.h"

enum { SINCE_AT_ONCE = 100, SINCE_MINUTE_MS = 60 * 1000, SINCE_JQL_BYTES = 64 * 1024 };

struct since_page { /* "since MS", or "since MS MINUTES cloud TOKEN", "since MS MINUTES server OFFSET" */
    int64_t ms;
    int64_t minutes; /* ago: the question is the same for each page */
    bool is_cloud;
    const char *page; /* NULL: the first */
};

static const char *const since_kinds[] = {"server ", "cloud "};

static bool since_number(const char **at, int64_t *ret)
{
    struct str word = {*at, strcspn(*at, " ")};
    *at += word.n + (word.p[word.n] == ' ');
    return str_int(word, ret);
}

/* The first page is asked for in the other way too, where the kind of Jira is only guessed. */
static bool since_is_other(struct walk *r)
{
    return json_bool(json_get(walk_noted(r), "is_other"), false);
}

static bool since_more(const char *at, struct since_page *ret)
{
    if (!since_number(&at, &ret->minutes))
        return false;
    ret->is_cloud = text_starts(at, since_kinds[1]);
    if (!ret->is_cloud && !text_starts(at, since_kinds[0]))
        return false;
    ret->page = at + strlen(since_kinds[ret->is_cloud]);
    return true;
}

static int since_read(struct walk *r, struct since_page *ret, struct err *e)
{
    const char *ref = r->c->want->ref, *at = text_starts(ref, "since ") ? ref + strlen("since ") : "";
    *ret = (struct since_page){.is_cloud = jira_is_cloud(r->c->conf) != since_is_other(r)};
    if (!since_number(&at, &ret->ms) || (*at && !since_more(at, ret)))
        return fail(e, ERR_INPUT, "\"%.200s\" is no list of issues: expected since MS", ref);
    if (ret->page)
        return 0;
    int64_t ago = r->c->now_ms > ret->ms ? r->c->now_ms - ret->ms : 0;
    ret->minutes = ago / SINCE_MINUTE_MS + 1 + WALK_LOOK_BEFORE_MIN; /* clocks differ, and JQL cuts off seconds */
    return 0;
}

/* JQL's times are read in the account's zone, so they are given as minutes ago. */
static const char *since_jql(const struct walk *r, const struct since_page *p)
{
    AUTO(text_auto) struct text t = {0};
    const char *sign = "";
    text_init(&t, SINCE_JQL_BYTES);
    text_addz(&t, "(project in (");
    for (const char *at = r->c->want->by ? r->c->want->by : ""; *at; at += strspn(at, ",")) {
        size_t n = strcspn(at, ",");
        text_addz(&t, sign);
        jira_put_quoted(&t, arena_str(r->arena, (struct str){at, n}));
        sign = ", ";
        at += n;
    }
    text_addf(&t, ") OR creator = currentUser()) AND updated >= \"-%" PRId64 "m\" ORDER BY updated DESC", p->minutes);
    return arena_text(r->arena, text_z(&t));
}

static void since_put_fields(struct json_out *o)
{
    static const char *const fields[] = {"project", "issuetype", "summary", "status", "updated"};
    json_open(o, "fields", '[');
    for (size_t i = 0; i < COUNT(fields); i++)
        json_put_text(o, NULL, fields[i]);
    json_close(o);
}

/* Cloud wants one text where Server wants a list. */
static void since_put_rest(struct json_out *o, const struct since_page *p)
{
    int64_t offset = 0;
    if (p->is_cloud) {
        json_put_text(o, "expand", "changelog");
        if (p->page)
            json_put_text(o, "nextPageToken", p->page);
        return;
    }
    json_open(o, "expand", '[');
    json_put_text(o, NULL, "changelog");
    json_close(o);
    json_put_int(o, "startAt", p->page && str_int(str_of(p->page), &offset) ? offset : 0);
}

static int since_ask(struct walk *r, struct err *e)
{
    AUTO(text_auto) struct text t = {0};
    struct json_out o;
    struct since_page p;
    int rc = since_read(r, &p, e);
    if (rc < 0)
        return rc;
    if (text_blank(r->c->want->by))
        return fail(e, ERR_BUG, "list changed issues: no project is named");
    jira_to_search(r, p.is_cloud);
    walk_open(&t, &o);
    json_put_text(&o, "jql", since_jql(r, &p));
    json_put_int(&o, "maxResults", SINCE_AT_ONCE);
    since_put_fields(&o);
    since_put_rest(&o, &p);
    return walk_send(r, &t, &o, e);
}

static int since_by_time(const void *a, const void *b)
{
    const struct issue_change *one = a, *two = b;
    return (one->at_ms > two->at_ms) - (one->at_ms < two->at_ms);
}

static const struct field since_change_rows[] = {
    F_TEXT(struct issue_change, field, "field"),
    F_TEXT(struct issue_change, removed, "fromString"),
    F_TEXT(struct issue_change, added, "toString"),
};
static const struct field_table since_change = FIELD_TABLE("change", struct issue_change, since_change_rows);

static const struct field since_history_rows[] = {
    F_TEXT(struct issue_change, by, "author.name"), /* Server */
    F_TEXT(struct issue_change, by, "author.accountId"),
    F_WHEN(struct issue_change, at_ms, "created"),
};
static const struct field_table since_history = FIELD_TABLE("history", struct issue_change, since_history_rows);

/* Cloud shows the newest first, Server the oldest. What is not shown at all may be anything. */
static int since_past(struct walk *r, const struct json *log, struct issue *to, struct err *e)
{
    if (json_kind(log) != JSON_OBJECT)
        *MANY_ADD(r->arena, &to->past, struct issue_change) =
            (struct issue_change){.at_ms = to->changed_ms, .field = "status", .added = to->status};
    JSON_EACH (entry, json_get(log, "histories")) {
        struct issue_change who = {0};
        if (field_read(&since_history, entry, r->arena, &who, e) < 0)
            return -ERR_INPUT;
        JSON_EACH (item, json_get(entry, "items")) {
            struct issue_change *one = MANY_ADD(r->arena, &to->past, struct issue_change);
            *one = who;
            if (field_read(&since_change, item, r->arena, one, e) < 0)
                return -ERR_INPUT;
        }
    }
    if (to->past.n > 0)
        qsort(to->past.v, to->past.n, sizeof(struct issue_change), since_by_time);
    return 0;
}

static const char *since_next(struct walk *r, const struct since_page *p, size_t n)
{
    int64_t offset = 0, total = 0;
    const char *page = json_text(json_get(r->answer, "nextPageToken"));
    bool is_last = text_blank(page) || json_bool(json_get(r->answer, "isLast"), false);
    if (!p->is_cloud) {
        json_int(json_get(r->answer, "total"), &total);
        is_last = n == 0 || (p->page && !str_int(str_of(p->page), &offset)) || offset + (int64_t)n >= total;
        page = arena_fmt(r->arena, "%" PRId64, offset + (int64_t)n);
    }
    return is_last ? NULL
                   : arena_fmt(r->arena, "since %" PRId64 " %" PRId64 " %s%s", p->ms, p->minutes,
                               since_kinds[p->is_cloud], page);
}

static int since_take(struct walk *r, struct err *e)
{
    struct since_page p;
    struct fact *f = walk_here(r);
    const struct json *issues = json_get(r->answer, "issues");
    if (json_kind(issues) != JSON_ARRAY)
        return fail(e, ERR_TRANSIENT, "list changed issues: the answer has no issues");
    JSON_EACH (one, issues) {
        struct issue *to = MANY_ADD(r->arena, &f->issues, struct issue);
        if (field_read(&jira_issue, one, r->arena, to, e) < 0 || since_past(r, json_get(one, "changelog"), to, e) < 0)
            return err_within(e, "list changed issues");
    }
    int rc = since_read(r, &p, e);
    f->text = rc < 0 ? NULL : since_next(r, &p, f->issues.n);
    return rc < 0 ? rc : STEP_DONE;
}

/* A search is there in every Jira, in one way or the other; what is refused otherwise is said in its own words. */
static int since_refused(struct walk *r, struct err *why)
{
    AUTO(text_auto) struct text t = {0};
    struct json_out o;
    if (why->class != ERR_MISSING)
        return -(int)why->class;
    if (!jira_is_guessed(r->c->conf) || since_is_other(r))
        return fail(why, ERR_CONFIG, "%.300s (is deployment right? it is %s)", arena_text(r->arena, why->text),
                    jira_is_cloud(r->c->conf) ? "cloud" : "server");
    walk_open(&t, &o);
    json_put_bool(&o, "is_other", true);
    int rc = walk_note(r, &t, &o, why);
    return rc < 0 ? rc : walk_next(r, 0);
}

const struct walk_phase jira_since[1] = {
    {"list changed issues", "POST", HTTP_READ, since_ask, since_take, since_refused}};
