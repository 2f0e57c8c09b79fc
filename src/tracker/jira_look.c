/*
 * Looking for a creation whose answer was lost, by our marker: a property of the issue or comment. Issues are found
 * by who made them, where and when; search cannot ask for a property that no app has declared, so the marker of each
 * candidate is read: with the search itself (Cloud), or of those with our summary one by one (Server). When nothing
 * says that there is one to be found, words of the summary keep the candidates few.
 */
#include "base/base.h"

#include "tracker/jira_private.h"

#include "base/arena.h"
#include "base/json.h"
#include "base/text.h"
#include "base/when.h"
#include "tracker/tracker_private.h"

enum { LOOK_SEARCH, LOOK_PROPERTY };
enum {
    LOOK_AT_ONCE = 100,
    LOOK_PAGES_MOST = 50,
    LOOK_KEYS_MOST = DRIVER_STEPS - LOOK_PAGES_MOST - 1,
    LOOK_FIRST_PAGES = 3,
    LOOK_WORD_LEAST = 5,
    LOOK_WORD_MOST = 40,
    LOOK_WORDS = 2,
    LOOK_AFTER_MIN = 30,
    LOOK_MINUTE_MS = 60 * 1000,
};

/* What is remembered between the requests. */
struct look_state {
    const char *token; /* of the next page, Cloud */
    int64_t start;     /* of the next page, Server and comments */
    int64_t pages;     /* read so far */
    struct texts keys; /* issues whose marker is still to be read */
    bool is_other;     /* searched as the other kind of Jira is: it was guessed wrong which of them this is */
};

static struct look_state look_load(struct walk *r)
{
    struct look_state s = {0};
    const struct json *note = walk_noted(r);
    s.token = json_text(json_get(note, "token"));
    json_int(json_get(note, "start"), &s.start);
    json_int(json_get(note, "pages"), &s.pages);
    s.is_other = json_bool(json_get(note, "is_other"), false);
    JSON_EACH (key, json_get(note, "keys"))
        texts_add(r->arena, &s.keys, json_text(key));
    return s;
}

static int look_save(struct walk *r, const struct look_state *s, int64_t phase, struct err *e)
{
    AUTO(text_auto) struct text t = {0};
    struct json_out o;
    walk_open(&t, &o);
    json_put_text(&o, "token", s->token);
    json_put_int(&o, "start", s->start);
    json_put_int(&o, "pages", s->pages);
    json_put_bool(&o, "is_other", s->is_other);
    json_open(&o, "keys", '[');
    for (size_t i = 0; i < s->keys.n; i++)
        json_put_text(&o, NULL, s->keys.v[i]);
    json_close(&o);
    return walk_note(r, &t, &o, e) < 0 ? -(int)ERR_PERMANENT : walk_next(r, phase);
}

static int look_found(struct walk *r, const char *ref)
{
    r->ret->ref = arena_text(r->arena, ref);
    return STEP_DONE;
}

/* Nobody says that it was begun: what cannot be known need not keep it from being made. */
static void look_unsure(struct walk *r, const char *why)
{
    r->ret->note = arena_fmt(r->arena, "whether it was made before is not known for sure: %.300s", why);
}

/* More than can be read: not found would be a guess. A matter of this issue; the tracker itself is well. */
static int look_too_much(const char *what, struct err *e)
{
    return fail(e, ERR_INPUT, "look: too many %s to read them all; whether ours is there cannot be said", what);
}

/* --- issues --- */

static const char *look_summary(const struct walk *r)
{
    MANY_EACH(const struct field_value, v, &r->c->change->fields)
    if (text_same(v->field, "summary"))
        return v->text ? v->text : "";
    return "";
}

/* A word to every indexer, and one that none leaves out: nothing but letters between spaces. */
static bool look_is_word(struct str s)
{
    static const char *const left_out[] = {"their", "there", "these", "under"};
    for (size_t i = 0; i < s.n; i++)
        if ((s.p[i] | 0x20) < 'a' || (s.p[i] | 0x20) > 'z')
            return false;
    for (size_t i = 0; i < COUNT(left_out); i++)
        if (s.n == strlen(left_out[i]) && strncasecmp(s.p, left_out[i], s.n) == 0)
            return false;
    return s.n >= LOOK_WORD_LEAST && s.n <= LOOK_WORD_MOST;
}

/* The longest words of the summary. */
static void look_put_words(struct text *t, const char *summary)
{
    struct str words[LOOK_WORDS] = {0};
    for (const char *at = summary; *at;) {
        struct str word = {at, strcspn(at, " \t")};
        size_t i = LOOK_WORDS;
        at += word.n + (at[word.n] != '\0');
        while (look_is_word(word) && i > 0 && words[i - 1].n < word.n) {
            if (i < LOOK_WORDS)
                words[i] = words[i - 1];
            words[--i] = word;
        }
    }
    for (size_t i = 0; i < LOOK_WORDS && words[i].n > 0; i++)
        text_addf(t, " AND summary ~ \"%.*s\"", (int)words[i].n, words[i].p);
}

/* JQL's times are read in the account's zone, so they are given as minutes ago. */
static const char *look_jql(const struct walk *r)
{
    AUTO(text_auto) struct text t = {0};
    int64_t first = (r->c->now_ms - r->c->since_ms) / LOOK_MINUTE_MS;
    int64_t last = (r->c->now_ms - r->c->until_ms) / LOOK_MINUTE_MS;
    text_init(&t, 4096);
    text_addz(&t, "project = ");
    jira_put_quoted(&t, r->c->change->project);
    if (r->c->since_ms > 0)
        text_addf(&t, " AND created >= \"-%" PRId64 "m\"", (first > 0 ? first : 0) + WALK_LOOK_BEFORE_MIN);
    if (last > LOOK_AFTER_MIN)
        text_addf(&t, " AND created <= \"-%" PRId64 "m\"", last - LOOK_AFTER_MIN);
    if (r->c->is_first)
        look_put_words(&t, look_summary(r));
    text_addz(&t, " AND creator = currentUser() ORDER BY created DESC");
    return arena_text(r->arena, text_z(&t));
}

static bool look_is_cloud(const struct walk *r, const struct look_state *s)
{
    return jira_is_cloud(r->c->conf) != s->is_other;
}

static int look_search_ask(struct walk *r, struct err *e)
{
    AUTO(text_auto) struct text t = {0};
    struct json_out o;
    struct look_state s = look_load(r);
    if (text_blank(r->c->change->project))
        return fail(e, ERR_BUG, "look: no project is named");
    jira_to_search(r, look_is_cloud(r, &s));
    walk_open(&t, &o);
    json_put_text(&o, "jql", look_jql(r));
    json_put_int(&o, "maxResults", LOOK_AT_ONCE);
    json_open(&o, "fields", '[');
    json_put_text(&o, NULL, "summary");
    json_close(&o);
    if (look_is_cloud(r, &s)) {
        json_open(&o, "properties", '[');
        json_put_text(&o, NULL, JIRA_MARKER_KEY);
        json_close(&o);
        if (s.token)
            json_put_text(&o, "nextPageToken", s.token);
    } else {
        json_put_int(&o, "startAt", s.start);
    }
    return walk_send(r, &t, &o, e);
}

static bool look_is_ours(const struct walk *r, const struct json *value)
{
    return text_same(json_text(json_get(value, "marker")), r->c->change->marker);
}

/* As Jira keeps it: without white space at the ends. */
static bool look_is_summary(const struct walk *r, const char *summary)
{
    return summary && str_same(str_trim(str_of(look_summary(r))), str_trim(str_of(summary)));
}

static int look_go(struct walk *r, struct look_state *s, struct err *e)
{
    if (s->keys.n > LOOK_KEYS_MOST && !r->c->is_first)
        return look_too_much("issues with the same summary", e);
    if (s->keys.n > LOOK_KEYS_MOST) {
        look_unsure(r, "of the issues with the same summary only the newest were read");
        s->keys.n = LOOK_KEYS_MOST;
    }
    return s->keys.n ? look_save(r, s, LOOK_PROPERTY, e) : STEP_DONE;
}

/* There are further pages. */
static int look_further(struct walk *r, struct look_state *s, struct err *e)
{
    if (s->pages < (r->c->is_first ? LOOK_FIRST_PAGES : LOOK_PAGES_MOST))
        return look_save(r, s, LOOK_SEARCH, e);
    if (!r->c->is_first)
        return look_too_much("new issues", e);
    look_unsure(r, "of our issues only the newest were read");
    return look_go(r, s, e);
}

static int look_search_take(struct walk *r, struct err *e)
{
    struct look_state s = look_load(r);
    const struct json *issues = json_get(r->answer, "issues");
    int64_t total = 0;
    if (json_kind(issues) != JSON_ARRAY)
        return fail(e, ERR_TRANSIENT, "look: the answer has no issues");
    JSON_EACH (one, issues) {
        const char *key = json_text(json_get(one, "key"));
        const struct json *value = json_path(one, "properties." JIRA_MARKER_KEY);
        if (key && look_is_ours(r, value))
            return look_found(r, key);
        if (key && !value && look_is_summary(r, json_text(json_path(one, "fields.summary"))))
            texts_add(r->arena, &s.keys, key);
    }
    s.pages++;
    s.start += (int64_t)json_count(issues);
    s.token = json_text(json_get(r->answer, "nextPageToken"));
    json_int(json_get(r->answer, "total"), &total);
    bool has_more = look_is_cloud(r, &s) ? s.token && !json_bool(json_get(r->answer, "isLast"), false)
                                         : s.start < total && json_count(issues) > 0;
    return has_more ? look_further(r, &s, e) : look_go(r, &s, e);
}

/* A search that is refused says nothing about what is there; one that is not there, which kind of Jira this is. */
static int look_search_refused(struct walk *r, struct err *why)
{
    struct look_state s = look_load(r);
    if (why->class == ERR_MISSING && jira_is_guessed(r->c->conf) && !s.is_other)
        return look_save(r, &(struct look_state){.is_other = true}, LOOK_SEARCH, why);
    if (r->c->is_first) {
        look_unsure(r, why->text);
        return STEP_DONE;
    }
    return fail(why, ERR_CONFIG, "%.300s (is deployment right? it is %s)", arena_text(r->arena, why->text),
                jira_is_cloud(r->c->conf) ? "cloud" : "server");
}

static int look_property_ask(struct walk *r, struct err *e)
{
    struct look_state s = look_load(r);
    if (s.keys.n == 0)
        return fail(e, ERR_BUG, "look: no candidate is left");
    return jira_to(
        r, arena_fmt(r->arena, "issue/%s/properties/%s", tracker_escape(r->arena, s.keys.v[0]), JIRA_MARKER_KEY));
}

static int look_next_key(struct walk *r, bool is_ours, struct err *e)
{
    struct look_state s = look_load(r);
    if (is_ours && s.keys.n > 0)
        return look_found(r, s.keys.v[0]);
    if (s.keys.n > 0) {
        s.keys.v++;
        s.keys.n--;
    }
    return look_go(r, &s, e);
}

static int look_property_take(struct walk *r, struct err *e)
{
    return look_next_key(r, look_is_ours(r, json_get(r->answer, "value")), e);
}

static int look_property_refused(struct walk *r, struct err *why)
{
    return why->class == ERR_MISSING ? look_next_key(r, false, why) : -(int)why->class;
}

/* --- comments --- */

static int look_comments_ask(struct walk *r, struct err *e)
{
    (void)e;
    return jira_to(r, arena_fmt(r->arena,
                                "issue/%s/comment?expand=properties&orderBy=-created&startAt=%" PRId64 "&maxResults=%d",
                                jira_key(r), look_load(r).start, LOOK_AT_ONCE));
}

static bool look_comment_is_ours(const struct walk *r, const struct json *comment)
{
    JSON_EACH (one, json_get(comment, "properties"))
        if (text_same(json_text(json_get(one, "key")), JIRA_MARKER_KEY) && look_is_ours(r, json_get(one, "value")))
            return true;
    return false;
}

static int64_t look_created_ms(const struct json *comment)
{
    int64_t at = INT64_MAX;
    const char *text = json_text(json_get(comment, "created"));
    return text && when_parse(text, &at, NULL) == 0 ? at : INT64_MAX;
}

static int look_comments_take(struct walk *r, struct err *e)
{
    struct look_state s = look_load(r);
    const struct json *comments = json_get(r->answer, "comments"), *last = NULL;
    int64_t total = 0;
    if (json_kind(comments) != JSON_ARRAY)
        return fail(e, ERR_TRANSIENT, "look: the answer has no comments");
    JSON_EACH (one, comments) {
        if (look_comment_is_ours(r, one))
            return look_found(r, json_text(json_get(one, "id")));
        last = one;
    }
    s.pages++;
    s.start += (int64_t)json_count(comments);
    json_int(json_get(r->answer, "total"), &total);
    int64_t oldest = r->c->since_ms - (int64_t)WALK_LOOK_BEFORE_MIN * LOOK_MINUTE_MS;
    bool is_past =
        last && look_created_ms(last) < oldest && look_created_ms(json_first(comments)) >= look_created_ms(last);
    if (!last || s.start >= total || is_past)
        return STEP_DONE;
    return s.pages < DRIVER_STEPS - 1 ? look_save(r, &s, 0, e) : look_too_much("comments", e);
}

/* --- the lists --- */

static const struct walk_phase look_issue[] = {
    [LOOK_SEARCH] = {"look for the issue", "POST", HTTP_READ, look_search_ask, look_search_take, look_search_refused},
    [LOOK_PROPERTY] = {"read marker", "GET", HTTP_READ, look_property_ask, look_property_take, look_property_refused}};
static const struct walk_phase look_comment[] = {
    {"look for the comment", "GET", HTTP_READ, look_comments_ask, look_comments_take, NULL}};

const struct walk_work jira_looks[CHANGE_KINDS] = {
    [CHANGE_CREATE] = WALK_WORK(look_issue),
    [CHANGE_COMMENT] = WALK_WORK(look_comment),
};
