/*
 * Search, in a small JQL: clauses joined by AND, each one or several in ( ) joined by OR, then ORDER BY. Fields:
 * project, key (issue, id), created, updated, creator, reporter, assignee, labels, status, issuetype, summary and text.
 * Operators = != ~ in, not in, is, >= > <= <. Functions: currentUser(), now(), issuesWithRemoteLinksByGlobalId("…").
 * The newest issues are looked at first and a bound on created ends the walk, so the usual question costs the same with
 * any number of issues.
 */
#include "base/base.h"

#include "sandbox/jira_handlers_private.h"
#include "sandbox/jira_history_private.h"

enum {
    JQL_CLAUSES = 16,
    JQL_VALUES = 200,
    JQL_PAGE = 50,
    JQL_PAGE_MAX = 5000,
    JQL_BYTES = 20000,
    JQL_AGO_MAX = 10000000
};

enum jql_field {
    JQL_PROJECT,
    JQL_KEY,
    JQL_CREATED,
    JQL_UPDATED,
    JQL_CREATOR,
    JQL_REPORTER,
    JQL_ASSIGNEE,
    JQL_LABELS,
    JQL_STATUS,
    JQL_TYPE,
    JQL_SUMMARY,
    JQL_TEXT
};
static const struct {
    const char *name;
    enum jql_field field;
} jql_fields[] = {
    {"project", JQL_PROJECT}, {"key", JQL_KEY},           {"issuekey", JQL_KEY},        {"issue", JQL_KEY},
    {"id", JQL_KEY},          {"created", JQL_CREATED},   {"createdDate", JQL_CREATED}, {"updated", JQL_UPDATED},
    {"creator", JQL_CREATOR}, {"reporter", JQL_REPORTER}, {"assignee", JQL_ASSIGNEE},   {"labels", JQL_LABELS},
    {"status", JQL_STATUS},   {"issuetype", JQL_TYPE},    {"type", JQL_TYPE},           {"summary", JQL_SUMMARY},
    {"text", JQL_TEXT},
};

enum jql_op { JQL_EQ, JQL_NE, JQL_LIKE, JQL_IN, JQL_NOT_IN, JQL_IS, JQL_IS_NOT, JQL_GE, JQL_GT, JQL_LE, JQL_LT };
static const struct {
    const char *text;
    enum jql_op op;
} jql_ops[] = {{"!=", JQL_NE},  {">=", JQL_GE}, {"<=", JQL_LE}, {"=", JQL_EQ},
               {"~", JQL_LIKE}, {">", JQL_GT},  {"<", JQL_LT}};

struct jql_clause {
    enum jql_field field;
    enum jql_op op;
    const char *values[JQL_VALUES];
    size_t n;
    size_t group;      /* of those of one number one has to match */
    bool is_alone;     /* there is no other in its group */
    bool is_global_id; /* values are global ids of remote links */
    int64_t time_ms;
};
struct jql {
    struct sandbox_call *c;
    const char *at;
    struct jql_clause *clauses;
    size_t n, groups;
    enum jql_field order;
    bool is_oldest_first;
    const char *problem;
    int64_t since_ms;           /* bound on created */
    struct sandbox_words fresh; /* ids that the index's lag does not touch */
};

static void jql_problem(struct jql *q, const char *problem)
{
    if (!q->problem)
        q->problem = problem;
}

static void jql_space(struct jql *q)
{
    q->at += strspn(q->at, " \t\r\n");
}

/* Up to the closing quote; a backslash makes the next character plain. */
static const char *jql_quoted(struct jql *q, char quote)
{
    char *word = arena_bytes(q->c->arena, strlen(q->at) + 1);
    size_t n = 0;
    for (; *q->at && *q->at != quote; q->at++) {
        if (*q->at == '\\' && q->at[1])
            q->at++;
        word[n++] = *q->at;
    }
    q->at += *q->at != '\0';
    word[n] = '\0';
    return word;
}

/* A bare word or a quoted text; NULL at anything else. */
static const char *jql_word(struct jql *q)
{
    jql_space(q);
    char quote = *q->at;
    if (quote == '"' || quote == '\'') {
        q->at++;
        return jql_quoted(q, quote);
    }
    size_t n = strcspn(q->at, " \t\r\n,()=!<>~\"'");
    if (n == 0)
        return NULL;
    const char *word = arena_str(q->c->arena, (struct str){q->at, n});
    q->at += n;
    return word;
}

static bool jql_take(struct jql *q, const char *text)
{
    jql_space(q);
    size_t n = strlen(text);
    bool is_name = text[0] >= 'a' && text[0] <= 'z';
    if (strncasecmp(q->at, text, n) != 0 || (is_name && q->at[n] && !strchr(" \t\r\n(\"'", q->at[n])))
        return false;
    q->at += n;
    return true;
}

static const char *jql_user_value(struct jql *q, const char *word)
{
    const struct sj_user *me = q->c->jira_user;
    return strcmp(word, "currentUser") == 0 && me ? me->account_id : word;
}

static void jql_value(struct jql *q, struct jql_clause *k)
{
    const char *word = jql_word(q);
    if (!word || k->n == JQL_VALUES) {
        jql_problem(q, "Error in the JQL Query: Expecting a value, list or function.");
        return;
    }
    if (jql_take(q, "(")) {
        k->is_global_id = strcmp(word, "issuesWithRemoteLinksByGlobalId") == 0;
        while (k->is_global_id && !jql_take(q, ")") && *q->at && k->n < JQL_VALUES) {
            k->values[k->n++] = jql_word(q);
            jql_take(q, ",");
        }
        if (k->is_global_id)
            return;
        if (!jql_take(q, ")"))
            jql_problem(q, "Error in the JQL Query: Expecting ')'.");
        word = jql_user_value(q, word);
    }
    k->values[k->n++] = word;
}

static void jql_list(struct jql *q, struct jql_clause *k)
{
    if (!jql_take(q, "(")) {
        jql_value(q, k);
        return;
    }
    do
        jql_value(q, k);
    while (!q->problem && jql_take(q, ","));
    if (!jql_take(q, ")"))
        jql_problem(q, "Error in the JQL Query: Expecting ')'.");
}

static bool jql_operator(struct jql *q, struct jql_clause *k)
{
    jql_space(q);
    for (size_t i = 0; i < COUNT(jql_ops); i++)
        if (jql_take(q, jql_ops[i].text)) {
            k->op = jql_ops[i].op;
            return true;
        }
    if (jql_take(q, "in"))
        k->op = JQL_IN;
    else if (jql_take(q, "not") && jql_take(q, "in"))
        k->op = JQL_NOT_IN;
    else if (jql_take(q, "is"))
        k->op = jql_take(q, "not") ? JQL_IS_NOT : JQL_IS;
    else
        return false;
    return true;
}

/* "-20m", "-2h", "-1d". */
static bool jql_ago(const char *word, int64_t *ret_ms)
{
    static const struct {
        char unit;
        int64_t ms;
    } units[] = {{'m', 60000}, {'h', 3600000}, {'d', 86400000}, {'w', 604800000}};
    size_t n = strlen(word);
    int64_t count = 0;
    if (n < 2 || word[0] != '-' || !str_int((struct str){word + 1, n - 2}, &count) || count < 0 || count > JQL_AGO_MAX)
        return false;
    for (size_t i = 0; i < COUNT(units); i++)
        if (word[n - 1] == units[i].unit) {
            *ret_ms = count * units[i].ms;
            return true;
        }
    return false;
}

/* "-20m", "2026-01-02 10:00", "2026/01/02", "now". */
static bool jql_time(struct jql *q, const char *word, int64_t *ret_ms)
{
    int64_t ago = 0;
    if (!word)
        return false;
    if (strcmp(word, "now") == 0 || jql_ago(word, &ago)) {
        *ret_ms = q->c->now_ms - ago;
        return true;
    }
    char *text = arena_fmt(q->c->arena, strlen(word) == 10 ? "%sT00:00:00" : "%s:00", word);
    for (char *p = text; *p; p++)
        *p = *p == '/' ? '-' : *p;
    return when_parse(text, ret_ms, NULL) == 0;
}

static void jql_check_values(struct jql *q, struct jql_clause *k)
{
    bool is_time = k->field == JQL_CREATED || k->field == JQL_UPDATED;
    if (is_time && !jql_time(q, k->n ? k->values[0] : NULL, &k->time_ms))
        jql_problem(q, arena_fmt(q->c->arena, "Date value '%s' is invalid.", k->n ? k->values[0] : ""));
    if (k->is_alone && k->field == JQL_CREATED && (k->op == JQL_GE || k->op == JQL_GT) && k->time_ms > q->since_ms)
        q->since_ms = k->time_ms;
    for (size_t i = 0; k->field == JQL_PROJECT && i < k->n; i++) {
        const struct sj_project *p = sj_project_find(q->c->s->jira, q->c->arena, k->values[i]);
        if (!p || !sj_may(p, SJ_BROWSE_PROJECTS))
            jql_problem(q,
                        arena_fmt(q->c->arena, "The value '%s' does not exist for the field 'project'.", k->values[i]));
    }
}

static bool jql_field_find(const char *word, enum jql_field *ret)
{
    for (size_t i = 0; word && i < COUNT(jql_fields); i++)
        if (text_same_nocase(jql_fields[i].name, word)) {
            *ret = jql_fields[i].field;
            return true;
        }
    return false;
}

static void jql_clause_read(struct jql *q, bool is_alone)
{
    struct jql_clause *k = &q->clauses[q->n];
    k->group = q->groups;
    k->is_alone = is_alone;
    const char *word = jql_word(q);
    if (q->n == JQL_CLAUSES || !jql_field_find(word, &k->field)) {
        jql_problem(q, arena_fmt(q->c->arena, "Field '%s' does not exist or you do not have permission to view it.",
                                 word ? word : q->at));
        return;
    }
    if (!jql_operator(q, k)) {
        jql_problem(q, "Error in the JQL Query: Expecting operator.");
        return;
    }
    q->n++;
    if (k->op == JQL_IN || k->op == JQL_NOT_IN)
        jql_list(q, k);
    else
        jql_value(q, k);
    if (!q->problem)
        jql_check_values(q, k);
}

/* One clause, or several in parentheses, joined by OR. */
static void jql_group_read(struct jql *q)
{
    bool is_alone = !jql_take(q, "(");
    do
        jql_clause_read(q, is_alone);
    while (!is_alone && !q->problem && jql_take(q, "or"));
    if (!is_alone && !jql_take(q, ")"))
        jql_problem(q, "Error in the JQL Query: Expecting ')'.");
    q->groups++;
}

static void jql_order(struct jql *q)
{
    if (!jql_take(q, "by") || !jql_field_find(jql_word(q), &q->order))
        jql_problem(q, "Error in the JQL Query: Expecting 'by' and a field after 'order'.");
    q->is_oldest_first = jql_take(q, "asc");
    if (!q->is_oldest_first)
        jql_take(q, "desc");
    else if (q->order == JQL_UPDATED)
        jql_problem(q, "The sandbox orders by updated in descending order only.");
}

static void jql_parse(struct jql *q)
{
    jql_space(q);
    bool more = *q->at && strncasecmp(q->at, "order", 5) != 0;
    while (more && !q->problem) {
        jql_group_read(q);
        more = !q->problem && jql_take(q, "and");
    }
    if (!q->problem && jql_take(q, "order"))
        jql_order(q);
    jql_space(q);
    if (*q->at)
        jql_problem(q, arena_fmt(q->c->arena, "Error in the JQL Query: Expecting either 'AND' but got '%s'.", q->at));
    if (q->n == 0)
        jql_problem(q, "Unbounded JQL queries are not allowed here. Please add a search restriction to your query.");
}

static bool jql_has_global_id(const struct jql_clause *k, const struct sj_issue *i)
{
    for (size_t n = 0; n < i->remotes.n; n++)
        for (size_t v = 0; v < k->n; v++)
            if (i->remotes.v[n]->global_id && text_same(i->remotes.v[n]->global_id, k->values[v]))
                return true;
    return false;
}

static bool jql_user_is(const struct sj_user *u, const char *value)
{
    return u && (text_same(u->account_id, value) || text_same_nocase(u->email, value));
}

static bool jql_key_is(const struct sj_issue *i, const char *value)
{
    int64_t id = 0;
    bool is_id = value[0] && !value[strspn(value, "0123456789")];
    for (const char *p = value; is_id && *p && id < INT64_MAX / 20; p++)
        id = id * 10 + (*p - '0');
    return is_id ? i->id == (uint64_t)id : text_same_nocase(i->key, value);
}

static bool jql_is_letter(char c)
{
    char small = (char)(c | 0x20);
    return (small >= 'a' && small <= 'z') || (c >= '0' && c <= '9') || c == '_' || (unsigned char)c >= 0x80;
}

/* What an index takes for one word: "node.js" and "snake_case" are. */
static size_t jql_token(const char *at)
{
    size_t n = 0;
    while (jql_is_letter(at[n]) || (n && (at[n] == '.' || at[n] == '\'') && jql_is_letter(at[n + 1])))
        n++;
    return n;
}

static bool jql_has_token(const char *text, struct str wanted)
{
    for (const char *at = text ? text : ""; *at;) {
        size_t n = jql_token(at);
        if (n == wanted.n && strncasecmp(at, wanted.p, n) == 0)
            return true;
        at += n ? n : 1;
    }
    return false;
}

/* All words of the value, in no order. */
static bool jql_contains(const char *text, const char *value)
{
    for (const char *at = value; *at;) {
        size_t n = jql_token(at);
        if (n && !jql_has_token(text, (struct str){at, n}))
            return false;
        at += n ? n : 1;
    }
    return true;
}

static bool jql_value_is(const struct sj_site *j, const struct sj_issue *i, enum jql_field field, const char *value)
{
    switch (field) {
    case JQL_PROJECT:
        return text_same_nocase(i->project->key, value) || text_same_nocase(i->project->name, value);
    case JQL_KEY:
        return jql_key_is(i, value);
    case JQL_CREATOR:
        return jql_user_is(i->creator, value);
    case JQL_REPORTER:
        return jql_user_is(i->reporter, value);
    case JQL_ASSIGNEE:
        return jql_user_is(i->assignee, value);
    case JQL_LABELS:
        return sandbox_words_has(&i->labels, value);
    case JQL_STATUS:
        return text_same_nocase(j->statuses.v[i->status].name, value);
    case JQL_TYPE:
        return text_same_nocase(i->project->types.v[i->type], value);
    case JQL_SUMMARY:
        return jql_contains(i->summary, value);
    case JQL_TEXT:
        return jql_contains(i->summary, value) || jql_contains(i->description, value);
    case JQL_CREATED:
    case JQL_UPDATED:
        break;
    }
    return false;
}

static bool jql_is_empty(const struct sj_issue *i, enum jql_field field)
{
    return (field == JQL_ASSIGNEE && !i->assignee) || (field == JQL_LABELS && i->labels.n == 0);
}

static bool jql_time_matches(const struct jql_clause *k, int64_t ms)
{
    int64_t minute = ms / 60000, wanted = k->time_ms / 60000; /* JQL knows minutes only */
    switch (k->op) {
    case JQL_GE:
        return minute >= wanted;
    case JQL_GT:
        return minute > wanted;
    case JQL_LE:
        return minute <= wanted;
    case JQL_LT:
        return minute < wanted;
    case JQL_EQ:
        return minute == wanted;
    case JQL_NE:
    case JQL_LIKE:
    case JQL_IN:
    case JQL_NOT_IN:
    case JQL_IS:
    case JQL_IS_NOT:
        break;
    }
    return false;
}

static bool jql_clause_matches(const struct sj_site *j, const struct jql_clause *k, const struct sj_issue *i)
{
    if (k->field == JQL_CREATED)
        return jql_time_matches(k, i->created_ms);
    if (k->field == JQL_UPDATED)
        return jql_time_matches(k, i->updated_ms);
    if (k->op == JQL_IS || k->op == JQL_IS_NOT)
        return jql_is_empty(i, k->field) == (k->op == JQL_IS);
    bool is_one = k->is_global_id && jql_has_global_id(k, i);
    for (size_t n = 0; !k->is_global_id && !is_one && n < k->n; n++)
        is_one = jql_value_is(j, i, k->field, k->values[n]);
    return is_one != (k->op == JQL_NE || k->op == JQL_NOT_IN);
}

/*
 * A new issue is found when the index has caught up, or when its id is among those to be reconciled; likewise one that
 * has changed, by the time of its change.
 */
static bool jql_is_indexed(const struct jql *q, const struct sj_issue *i)
{
    int64_t lag = q->c->s->settings.index_lag_ms, at = i->created_ms;
    for (size_t n = 0; n < q->n; n++)
        at = q->clauses[n].field == JQL_UPDATED ? i->updated_ms : at;
    return lag <= 0 || at + lag <= q->c->now_ms || (q->fresh.n && sandbox_words_has(&q->fresh, sj_id(q->c, i->id)));
}

static bool jql_matches(const struct jql *q, const struct sj_issue *i)
{
    if (i->is_deleted || !sj_may(i->project, SJ_BROWSE_PROJECTS))
        return false;
    for (size_t n = 0, group = 0; group < q->groups; group++) {
        bool is_one = false;
        for (; n < q->n && q->clauses[n].group == group; n++)
            is_one = is_one || jql_clause_matches(q->c->s->jira, &q->clauses[n], i);
        if (!is_one)
            return false;
    }
    return jql_is_indexed(q, i);
}

struct jql_found {
    SANDBOX_LIST(const struct sj_issue *) issues;
};

static int jql_by_update(const void *a, const void *b)
{
    const struct sj_issue *const *x = a, *const *y = b;
    if ((*x)->updated_ms != (*y)->updated_ms)
        return (*x)->updated_ms < (*y)->updated_ms ? 1 : -1;
    return (*x)->id < (*y)->id ? 1 : -1;
}

/* Keys named outright are looked up instead of walked to. */
static bool jql_by_key(const struct jql *q, struct jql_found *found)
{
    for (size_t n = 0; n < q->n; n++) {
        const struct jql_clause *k = &q->clauses[n];
        if (!k->is_alone || k->field != JQL_KEY || k->is_global_id || (k->op != JQL_EQ && k->op != JQL_IN))
            continue;
        for (size_t v = 0; v < k->n; v++) {
            const struct sj_issue *i = sj_issue_find(q->c->s->jira, q->c->arena, k->values[v]);
            if (i && jql_matches(q, i))
                SANDBOX_ADD(&found->issues, i);
        }
        return true;
    }
    return false;
}

/* At most `enough` when issues come in the order that is asked for. */
static void jql_find(const struct jql *q, struct jql_found *found, size_t enough)
{
    const struct sj_site *j = q->c->s->jira;
    size_t n = j->issues.n;
    int64_t since = q->since_ms / 60000 * 60000;
    if (jql_by_key(q, found))
        return;
    if (q->order == JQL_UPDATED || q->is_oldest_first)
        enough = SIZE_MAX;
    for (size_t at = n; at > 0 && found->issues.n < enough; at--) {
        const struct sj_issue *i = j->issues.v[at - 1];
        if (i->created_ms < since)
            break;
        if (jql_matches(q, i))
            SANDBOX_ADD(&found->issues, i);
    }
    if (q->order == JQL_UPDATED && found->issues.n)
        qsort(found->issues.v, found->issues.n, sizeof *found->issues.v, jql_by_update);
}

static const struct sj_issue *jql_nth(const struct jql *q, const struct jql_found *found, size_t n)
{
    return found->issues.v[q->is_oldest_first ? found->issues.n - 1 - n : n];
}

/* A parameter of either form: in the query, or in the body. */
static const char *search_parameter(struct sandbox_call *c, const char *name)
{
    const struct json *v = json_get(c->body, name);
    struct sandbox_words words = {0};
    if (json_kind(v) == JSON_ARRAY) {
        sandbox_words_read(&words, v);
        const char *joined = sandbox_words_join(c->arena, &words, ",");
        sandbox_words_clear(&words);
        return joined;
    }
    return json_text(v) ? json_text(v) : http_query(c->arena, c->request->url, name);
}

static size_t search_number(struct sandbox_call *c, const char *name, int64_t otherwise, int64_t max)
{
    int64_t n = 0;
    if (!sandbox_body_int(json_get(c->body, name), &n))
        n = sandbox_query_int(c, name, otherwise, max);
    return (size_t)(n < 0 ? 0 : n > max ? max : n);
}

static bool search_begin(struct sandbox_call *c, struct jql *q)
{
    const char *text = search_parameter(c, "jql");
    *q = (struct jql){.c = c, .at = text ? text : "", .order = JQL_CREATED};
    q->clauses = ARENA_ARRAY(c->arena, struct jql_clause, JQL_CLAUSES + 1);
    JSON_EACH (it, json_get(c->body, "reconcileIssues")) {
        int64_t id = 0;
        if (sandbox_body_int(it, &id))
            sandbox_words_add(&q->fresh, sj_id(c, (uint64_t)id));
    }
    if (strlen(q->at) > JQL_BYTES)
        q->problem = "The JQL query is too long.";
    else
        jql_parse(q);
    if (q->problem) {
        sj_error(c, 400, q->problem);
        sandbox_words_clear(&q->fresh);
    }
    return !q->problem;
}

static void search_put_issues(const struct jql *q, const struct jql_found *found, size_t start, size_t end,
                              const struct sj_fields *fields)
{
    /* Server's searches have never told of properties. */
    const char *properties = q->c->s->jira->is_cloud ? search_parameter(q->c, "properties") : NULL;
    const char *expand = search_parameter(q->c, "expand");
    json_open(&q->c->json, "issues", '[');
    for (size_t n = start; n < found->issues.n && n < end; n++) {
        sj_put_issue(q->c, jql_nth(q, found, n), fields, NULL);
        sj_put_properties(q->c, jql_nth(q, found, n), properties);
        if (expand && strstr(expand, "changelog"))
            sj_put_changelog(q->c, jql_nth(q, found, n));
        json_close(&q->c->json);
    }
    json_close(&q->c->json);
}

/* POST search/jql: pages by token, no total, only ids unless fields are asked for. */
void sj_search_jql(struct sandbox_call *c)
{
    struct jql q;
    struct jql_found found = {0};
    struct sj_fields fields;
    if (!c->s->jira->is_cloud) {
        sj_error(c, 404, "null for uri: search/jql");
        return;
    }
    if (!search_begin(c, &q))
        return;
    size_t max = search_number(c, "maxResults", JQL_PAGE, JQL_PAGE_MAX);
    int64_t start = 0;
    const char *token = search_parameter(c, "nextPageToken");
    for (const char *p = token; p && *p >= '0' && *p <= '9' && start < INT32_MAX; p++)
        start = start * 10 + (*p - '0');
    size_t end = (size_t)start + max;
    jql_find(&q, &found, end + 1);
    sj_fields_read(&fields, search_parameter(c, "fields"), false);
    struct json_out *o = sandbox_json(c, 200);
    json_open(o, NULL, '{');
    search_put_issues(&q, &found, (size_t)start, end, &fields);
    json_put_bool(o, "isLast", end >= found.issues.n);
    if (end < found.issues.n)
        json_put_text(o, "nextPageToken", sj_id(c, end));
    json_close(o);
    sj_fields_clear(&fields);
    sandbox_words_clear(&q.fresh);
    mem_free(found.issues.v);
}

/* The old search, which Cloud has taken away and Server keeps. */
void sj_search_old(struct sandbox_call *c)
{
    struct jql q;
    struct jql_found found = {0};
    struct sj_fields fields;
    if (c->s->jira->is_cloud) {
        sj_error(c, 410, "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API.");
        return;
    }
    if (!search_begin(c, &q))
        return;
    size_t start = search_number(c, "startAt", 0, INT32_MAX), max = search_number(c, "maxResults", JQL_PAGE, 1000);
    jql_find(&q, &found, SIZE_MAX);
    sj_fields_read(&fields, search_parameter(c, "fields"), true);
    struct json_out *o = sandbox_json(c, 200);
    json_open(o, NULL, '{');
    json_put_text(o, "expand", "schema,names");
    json_put_int(o, "startAt", (int64_t)start);
    json_put_int(o, "maxResults", (int64_t)max);
    json_put_int(o, "total", (int64_t)found.issues.n);
    search_put_issues(&q, &found, start, start + max, &fields);
    json_close(o);
    sj_fields_clear(&fields);
    sandbox_words_clear(&q.fresh);
    mem_free(found.issues.v);
}
