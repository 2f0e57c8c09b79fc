/* All users of a Jira, the members of its groups, and putting users into groups. It takes an administrator's rights. */
#include "base/base.h"

#include "tracker/jira_private.h"

#include "base/arena.h"
#include "base/json.h"
#include "base/text.h"

enum { JUSERS_PAGE = 200, JUSERS_MEMBERS = 50 };

/* "50 partner-ubc" → 50, and what is behind it. */
static int64_t jusers_from(const struct walk *r, const char **ret_rest)
{
    const char *ref = r->c->want->ref;
    size_t n = strcspn(ref, " ");
    int64_t from = 0;
    *ret_rest = ref[n] ? ref + n + 1 : "";
    return str_int((struct str){ref, n}, &from) && from > 0 ? from : 0;
}

/* --- users --- */

/* Server has no list of all users, but a dot is in every address. */
static int jusers_all_ask(struct walk *r, struct err *e)
{
    const char *rest;
    int64_t from = jusers_from(r, &rest);
    const char *list = jira_is_cloud(r->c->conf) ? "users/search?"
                                                 : "user/search?username=.&includeActive=true&includeInactive=false&";
    (void)e;
    return jira_to(r, arena_fmt(r->arena, "%sstartAt=%" PRId64 "&maxResults=%d", list, from, JUSERS_PAGE));
}

/* A program's account is no user. */
static bool jusers_is_person(const struct json *one)
{
    const char *type = json_text(json_get(one, "accountType"));
    return json_bool(json_get(one, "active"), true) && (!type || strcmp(type, "atlassian") == 0);
}

static int jusers_take(struct walk *r, const struct json *list, bool (*wants)(const struct json *one), struct err *e)
{
    struct fact *f = walk_here(r);
    JSON_EACH (one, list) {
        struct person who = {0};
        if (field_read(&jira_person, one, r->arena, &who, e) < 0)
            return err_within(e, "%s", r->work->phases[0].what);
        who.mail = arena_text(r->arena, json_text(json_get(one, "emailAddress")));
        if (!text_blank(who.id) && wants(one))
            *MANY_ADD(r->arena, &f->people, struct person) = who;
    }
    return STEP_DONE;
}

/* A page may show fewer than were asked for; only behind the last one there is none. */
static int jusers_all_take(struct walk *r, struct err *e)
{
    const char *rest;
    if (json_kind(r->answer) != JSON_ARRAY)
        return fail(e, ERR_TRANSIENT, "list users: the answer is no list");
    if (json_count(r->answer) > 0)
        walk_here(r)->text = arena_fmt(r->arena, "%" PRId64, jusers_from(r, &rest) + JUSERS_PAGE);
    return jusers_take(r, r->answer, jusers_is_person, e);
}

/* --- groups --- */

static int jusers_members_ask(struct walk *r, struct err *e)
{
    const char *group;
    int64_t from = jusers_from(r, &group);
    if (text_blank(group))
        return fail(e, ERR_BUG, "list members: no group is named");
    return jira_to(r, arena_fmt(r->arena,
                                "group/member?groupname=%s&includeInactiveUsers=true&startAt=%" PRId64 "&maxResults=%d",
                                tracker_escape(r->arena, group), from, JUSERS_MEMBERS));
}

static bool jusers_is_any(const struct json *one)
{
    (void)one;
    return true;
}

static int jusers_members_take(struct walk *r, struct err *e)
{
    const struct json *values = json_get(r->answer, "values");
    const char *group;
    int64_t from = jusers_from(r, &group);
    if (json_kind(values) != JSON_ARRAY)
        return fail(e, ERR_TRANSIENT, "list members: the answer has no list");
    if (json_count(values) > 0 && !json_bool(json_get(r->answer, "isLast"), false))
        walk_here(r)->text = arena_fmt(r->arena, "%" PRId64 " %s", from + (int64_t)json_count(values), group);
    return jusers_take(r, values, jusers_is_any, e);
}

static int jusers_add_ask(struct walk *r, struct err *e)
{
    AUTO(text_auto) struct text t = {0};
    struct json_out o;
    const struct change *c = r->c->change;
    if (text_blank(c->id) || text_blank(c->name))
        return fail(e, ERR_BUG, "no user, or no group, is named");
    walk_open(&t, &o);
    json_put_text(&o, jira_is_cloud(r->c->conf) ? "accountId" : "name", c->id);
    (void)jira_to(r, arena_fmt(r->arena, "group/user?groupname=%s", tracker_escape(r->arena, c->name)));
    return walk_send(r, &t, &o, e);
}

static int jusers_add_refused(struct walk *r, struct err *why)
{
    return strcasestr(why->text, "already a member") ? walk_nothing(r, NULL) : -(int)why->class;
}

/* --- the lists --- */

const struct walk_phase jira_accounts[1] = {
    {"list users", "GET", HTTP_READ, jusers_all_ask, jusers_all_take, walk_absent}};
const struct walk_phase jira_members[1] = {
    {"list members", "GET", HTTP_READ, jusers_members_ask, jusers_members_take, walk_absent}};
const struct walk_phase jira_group_add[1] = {
    {"add to group", "POST", HTTP_IDEMPOTENT, jusers_add_ask, NULL, jusers_add_refused}};
