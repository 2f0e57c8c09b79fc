/*
 * github_hooks_private.h: the webhooks of the pretend GitHub. Each keeps a log of its deliveries, sends them in order,
 * `parallel` at a time, and never again by itself. What control asks of it makes the next ones go astray.
 */
#ifndef SANDBOX_GITHUB_HOOKS_PRIVATE_H
#define SANDBOX_GITHUB_HOOKS_PRIVATE_H

#include "base/digest.h"
#include "sandbox/github_private.h"

struct http_call;

struct sg_delivery {
    struct sg_hook *hook;
    uint64_t id, repo; /* repo 0: none */
    char guid[UUID_TEXT_BYTES];
    const char *event;
    char *action, *body, *answer; /* body NULL: too old to be kept */
    int64_t at_ms, sent_ms, took_ms;
    int status;  /* HTTP; 0: no answer */
    char *words; /* "OK", "Invalid HTTP Response: 503"…; NULL: not sent yet */
    bool is_again;
    int64_t copies; /* to be sent so many times more */
    struct list link;
    struct loop_timer timer;
    struct http_call *call;
    struct arena *arena;
};
struct sg_hook {
    struct sg_site *site;
    uint64_t id;
    struct sg_repo *repo; /* or org, or the App whose own it is */
    struct sg_user *org;
    struct sg_app *app;
    char *url, *secret;
    bool is_form, is_active;
    struct sandbox_words events;
    int64_t created_ms, updated_ms;
    int last_status;
    char *last_words;
    SANDBOX_LIST(struct sg_delivery *) log; /* oldest first */
    struct list queue, held;
    size_t n_queue, n_held, n_late; /* late: of delay_ms */
    int64_t flying, parallel;
    int64_t lose, forget, twice; /* so many of the next ones fail, never were, come twice */
    int64_t hold;                /* so many are gathered and then sent in reverse order; 0: none */
    int64_t delay_ms;
};

/* github_hooks.c */
struct sg_hook *sg_hook_new(struct sg_site *g, struct sg_repo *repo, struct sg_user *org, int64_t now_ms);
void sg_hook_free(struct sg_hook *h); /* takes it off its lists too */
struct sg_hook *sg_hook_find(const struct sg_site *g, uint64_t id);
struct sg_hook *sg_hook_of_app(const struct sg_site *g, const struct sg_app *app); /* NULL: it has none */
bool sg_hook_wants(const struct sg_hook *h, const char *event);
bool sg_hook_hears_of(const struct sg_hook *h, const struct sg_repo *r); /* r NULL: of no repository */
const char *sg_hook_owner(const struct sg_hook *h);                      /* whose it is, by name */
void sg_hook_push(struct sandbox_call *c, struct sg_hook *h, const struct sg_event *ev, const char *body);
void sg_hook_again(struct sandbox_call *c, const struct sg_delivery *former); /* the same once more */
struct sg_delivery *sg_delivery_find(const struct sg_hook *h, uint64_t id);
/* The headers that a delivery bears; in the arena. */
struct http_headers sg_delivery_headers(const struct sg_delivery *d, struct arena *a, struct str body);
struct str sg_delivery_bytes(const struct sg_delivery *d, struct text *room); /* as JSON or as a form */
void sg_hooks_free(struct sg_site *g);

/* github_hook_rest.c */
bool sg_hook_read(struct sandbox_call *c, struct sg_hook *h, const struct json *from); /* false: error is answered */
void sg_put_hook(struct sandbox_call *c, struct json_out *o, const char *key, const struct sg_hook *h);
void sg_put_delivery(struct sandbox_call *c, const struct sg_delivery *d, bool is_whole);
void sg_hook_list(struct sandbox_call *c);
void sg_hook_get(struct sandbox_call *c);
void sg_hook_post(struct sandbox_call *c);
void sg_hook_patch(struct sandbox_call *c);
void sg_hook_delete(struct sandbox_call *c);
void sg_hook_ping(struct sandbox_call *c);
void sg_app_hook_get(struct sandbox_call *c);
void sg_app_hook_patch(struct sandbox_call *c);
void sg_delivery_list(struct sandbox_call *c);
void sg_delivery_get(struct sandbox_call *c);
void sg_delivery_again(struct sandbox_call *c);

#endif
