/*
 * As a GitHub App: its private key signs a short proof of who we are (a JSON web token), for which GitHub grants one of
 * the App's installations a token of an hour. All else is asked with that.
 */
#include "base/base.h"

#include "tracker/github_private.h"

#include "base/arena.h"
#include "base/digest.h"
#include "base/json.h"
#include "base/rsa.h"
#include "base/secret.h"
#include "base/text.h"
#include "base/when.h"

enum {
    GHAPP_EARLY_S = 60,     /* so that a clock of ours that is ahead is none of the future's there */
    GHAPP_PROOF_S = 9 * 60, /* GitHub takes ten minutes at most */
    GHAPP_CLAIMS_BYTES = 1024,
    GHAPP_ID_BYTES = 100
};

/* --- what an operator says --- */

bool github_is_app(const struct conf_tracker *conf)
{
    const struct github_conf *own = conf->own;
    return !text_blank(own->app_id);
}

static bool ghapp_id_is_good(const char *id)
{
    size_t n = strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");
    return n <= GHAPP_ID_BYTES && id[n] == '\0';
}

/* What is wrong with the way we show who we are, and the option to look at; NULL: nothing. */
static const char *ghapp_wrong(struct arena *a, const struct github_conf *own, const char **ret_option)
{
    struct err e = {0};
    bool has_id = !text_blank(own->app_id);
    *ret_option = has_id ? "app_id" : "token";
    if (own->token && (has_id || own->private_key))
        return "give either token, or app_id with private_key, not both";
    if (!own->token && !has_id && !own->private_key)
        return "give a token, or app_id and private_key of a GitHub App";
    if (!own->token && (!has_id || !own->private_key))
        return "a GitHub App needs both app_id and private_key";
    if (has_id && !ghapp_id_is_good(own->app_id))
        return "expected the number or the client id of a GitHub App";
    *ret_option = "private_key";
    if (has_id && rsa_check(secret_reveal(own->private_key), &e) < 0)
        return arena_text(a, e.text);
    *ret_option = "installation";
    return own->installation && !has_id ? "installation is an App's: give app_id and private_key, no token" : NULL;
}

void github_app_check(const struct github_conf *own, const struct yaml *at, const struct opt_read *r)
{
    const char *option, *wrong = ghapp_wrong(r->arena, own, &option);
    if (wrong)
        yaml_problem(r->problems, at, arena_fmt(r->arena, "%s.%s", r->key, option), NULL, "%s", wrong);
}

/* --- the proof --- */

static const char *ghapp_claims(struct arena *a, const char *app_id, int64_t now_ms)
{
    AUTO(text_auto) struct text t = {0};
    struct json_out o;
    int64_t issued_s = now_ms / 1000 - GHAPP_EARLY_S;
    text_init(&t, GHAPP_CLAIMS_BYTES);
    json_start(&o, &t);
    json_open(&o, NULL, '{');
    json_put_int(&o, "iat", issued_s);
    json_put_int(&o, "exp", issued_s + GHAPP_PROOF_S);
    json_put_text(&o, "iss", app_id);
    json_close(&o);
    return arena_text(a, text_z(&t));
}

const char *github_app_proof(const struct conf_tracker *conf, struct arena *a, int64_t now_ms)
{
    const struct github_conf *own = conf->own;
    struct str signature;
    const char *claims = ghapp_claims(a, own->app_id, now_ms);
    const char *text = arena_fmt(a, "%s.%s", base64url_text(a, STR("{\"alg\":\"RS256\",\"typ\":\"JWT\"}")),
                                 base64url_text(a, str_of(claims)));
    if (rsa_sign(a, secret_reveal(own->private_key), str_of(text), &signature, NULL) < 0)
        return NULL;
    return arena_fmt(a, "%s.%s", text, base64url_text(a, signature));
}

bool github_is_app_path(const struct conf_tracker *conf, struct arena *a, const char *url)
{
    const char *app = http_join(a, conf->url, "/app");
    size_t n = strlen(app);
    return github_is_app(conf) && text_starts(url, app) && (url[n] == '\0' || url[n] == '/' || url[n] == '?');
}

/* --- the grant --- */

static int ghapp_list_ask(struct walk *r, struct err *e)
{
    (void)e;
    return github_to(r, "/app/installations?per_page=100");
}

/* "acme 12, widgets 13" */
static const char *ghapp_names(struct walk *r)
{
    enum { NAMES_BYTES = 300 };
    AUTO(text_auto) struct text t = {0};
    text_init(&t, NAMES_BYTES);
    JSON_EACH (one, r->answer) {
        const char *login = json_text(json_path(one, "account.login"));
        int64_t id = 0;
        (void)json_int(json_get(one, "id"), &id);
        text_addf(&t, "%s%s %" PRId64, t.n ? ", " : "", login ? login : "?", id);
    }
    return arena_fmt(r->arena, "%s%s", text_z(&t), text_full(&t) || github_next_page(r) ? "…" : "");
}

static int ghapp_list_take(struct walk *r, struct err *e)
{
    AUTO(text_auto) struct text t = {0};
    struct json_out o;
    int64_t id = 0;
    if (json_kind(r->answer) != JSON_ARRAY)
        return fail(e, ERR_TRANSIENT, "list installations: the answer is no list");
    size_t n = json_count(r->answer);
    if (n == 0)
        return fail(e, ERR_CONFIG, "the App is installed nowhere");
    if (n > 1)
        return fail(e, ERR_CONFIG, "the App is installed in %zu places: say with installation which is meant (%s)", n,
                    ghapp_names(r));
    JSON_EACH (one, r->answer)
        if (!json_int(json_get(one, "id"), &id) || id <= 0)
            return fail(e, ERR_TRANSIENT, "list installations: one without a number");
    walk_open(&t, &o);
    json_put_int(&o, "installation", id);
    int rc = walk_note(r, &t, &o, e);
    return rc < 0 ? rc : walk_next(r, 1);
}

static int ghapp_token_ask(struct walk *r, struct err *e)
{
    const struct github_conf *own = r->c->conf->own;
    int64_t id = own->installation;
    if (!id && !json_int(json_get(walk_noted(r), "installation"), &id))
        return fail(e, ERR_BUG, "no installation is known");
    return github_to(r, arena_fmt(r->arena, "/app/installations/%" PRId64 "/access_tokens", id));
}

static int ghapp_token_take(struct walk *r, struct err *e)
{
    const char *token = json_text(json_get(r->answer, "token"));
    const char *until = json_text(json_get(r->answer, "expires_at"));
    int64_t expires_ms;
    if (text_blank(token) || token[strcspn(token, " \t\r\n")] || !until || when_parse(until, &expires_ms, NULL) < 0)
        return fail(e, ERR_TRANSIENT, "get a token: the answer has none");
    r->ret->token = token;
    r->ret->expires_ms = expires_ms;
    return STEP_DONE;
}

/* Without it nothing can be done: a person must look. */
static int ghapp_refused(struct walk *r, struct err *why)
{
    bool is_unknown = why->class == ERR_MISSING;
    return fail_code(why, ERR_CONFIG, r->prev->status, "%.300s%s", arena_text(r->arena, why->text),
                     is_unknown ? ": are url, app_id and installation right?" : "");
}

static const struct walk_phase ghapp_known[] = {
    {"get a token", "POST", HTTP_READ, ghapp_token_ask, ghapp_token_take, ghapp_refused}};
static const struct walk_phase ghapp_found[] = {
    {"list installations", "GET", HTTP_READ, ghapp_list_ask, ghapp_list_take, ghapp_refused},
    {"get a token", "POST", HTTP_READ, ghapp_token_ask, ghapp_token_take, ghapp_refused}};
const struct walk_work github_app_grant = WALK_WORK(ghapp_known), github_app_found = WALK_WORK(ghapp_found);

/* --- its webhook --- */

static const char ghapp_place[] = "@app";

const char *github_app_place(const struct conf_tracker *conf)
{
    return github_is_app(conf) ? ghapp_place : NULL;
}

bool github_is_app_place(const char *ref)
{
    return text_same(ref, ghapp_place);
}

int github_app_hook_ask(struct walk *r, struct err *e)
{
    (void)e;
    (void)walk_here(r);
    return github_is_app(r->c->conf) ? github_to(r, "/app/hook/config") : STEP_DONE;
}

/* There is one or none, and nothing says whether it is switched off. */
int github_app_hook_take(struct walk *r, struct err *e)
{
    (void)e;
    const char *url = json_text(json_get(r->answer, "url"));
    if (text_blank(url))
        return STEP_DONE;
    *MANY_ADD(r->arena, &walk_here(r)->hooks, struct hook) =
        (struct hook){.id = "app", .name = "web", .url = url, .enabled = true};
    return walk_next(r, r->st->phase + 1);
}

int github_app_hook_refused(struct walk *r, struct err *why)
{
    return r->prev->status == 404 ? STEP_DONE : walk_absent(r, why);
}

int github_app_events_take(struct walk *r, struct err *e)
{
    (void)e;
    ((struct hook *)walk_here(r)->hooks.v)->event = github_words(r, json_get(r->answer, "events"));
    return STEP_DONE;
}

/* --- who we are --- */

int github_app_who_ask(struct walk *r, struct err *e)
{
    (void)e;
    return github_to(r, "/app");
}

int github_app_who_take(struct walk *r, struct err *e)
{
    AUTO(text_auto) struct text t = {0};
    struct json_out o;
    const char *slug = json_text(json_get(r->answer, "slug"));
    if (text_blank(slug))
        return fail(e, ERR_TRANSIENT, "%s: without a slug", r->work->phases[0].what);
    walk_open(&t, &o);
    json_put_text(&o, "login", arena_fmt(r->arena, "%s[bot]", slug));
    int rc = walk_note(r, &t, &o, e);
    return rc < 0 ? rc : walk_next(r, 1);
}

static const char *ghapp_login(struct walk *r)
{
    const char *login = json_text(json_get(walk_noted(r), "login"));
    return login ? login : "";
}

int github_app_bot_ask(struct walk *r, struct err *e)
{
    (void)e;
    return github_to(r, arena_fmt(r->arena, "/users/%s", tracker_escape(r->arena, ghapp_login(r))));
}

/* Its login is enough to know it by. */
int github_app_bot_refused(struct walk *r, UNUSED struct err *why)
{
    struct person *who = MANY_ADD(r->arena, &walk_here(r)->people, struct person);
    who->login = arena_text(r->arena, ghapp_login(r));
    return STEP_DONE;
}
