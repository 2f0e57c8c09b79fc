/*
 * The file's top level and the life of a snapshot. Trackers and bridges, which depend on the program's kinds, are read
 * in config_parts.c. Every check goes on after a problem, so that one run shows all of them; the snapshot is thrown
 * away at the end when there was any error.
 */
#include "base/base.h"

#include "conf/config.h"

#include "base/arena.h"
#include "base/digest.h"
#include "base/text.h"
#include "conf/address.h"
#include "conf/config_private.h"

#define CONF_SECOND INT64_C(1000)
#define CONF_DAY    (86400 * CONF_SECOND)

/* ---- tables ---- */

/* Address, limits and store are taken when the daemon starts; the rest follows a reload. */
static const struct opt conf_server_opts[] = {
    OPTION_TEXT(struct conf_server, listen, 0, "127.0.0.1:8080",
                "Where to listen: HOST:PORT, [IPV6]:PORT or unix:PATH. $PORT overrides the port"),
    OPTION_URL(struct conf_server, public_url, OPT_RELOAD, NULL,
               "The address at which trackers and people reach this server"),
    OPTION_SIZE(struct conf_server, body_limit, 0, "25MiB", 1 << 10, 1 << 30,
                "Largest body of a request; beyond it the answer is 413"),
    OPTION_INT(struct conf_server, connections, 0, "1024", 1, 100000, "Connections served at the same time"),
    OPTION_TIME(struct conf_server, request_timeout, 0, "30s", CONF_SECOND, 3600 * CONF_SECOND,
                "A request must be whole within this time, or its connection is cut"),
    OPTION_TIME(
        struct conf_server, refresh, OPT_RELOAD, "15m", 0, CONF_DAY,
        "How often the files and addresses that this one names are read again; 0s: only when told to. A change of "
        "this file itself waits until told"),
    OPTION_SECRET(struct conf_server, api_key, OPT_RELOAD,
                  "Key that opens the API; without it only the socket beside the store does"),
};
const struct opt_table conf_server_table = OPT_TABLE_OF("server", struct conf_server, conf_server_opts);

static const struct opt conf_retry_opts[] = {
    OPTION_TIME(struct conf_retry, first, OPT_RELOAD, "30s", CONF_SECOND, 30 * CONF_DAY,
                "Pause after the first failure"),
    OPTION_INT(struct conf_retry, factor, OPT_RELOAD, "2", 1, 100, "Each pause is this many times the one before"),
    OPTION_TIME(struct conf_retry, cap, OPT_RELOAD, "12h", CONF_SECOND, 30 * CONF_DAY, "Longest pause"),
    OPTION_TIME(struct conf_retry, give_up, OPT_RELOAD, "7d", CONF_SECOND, 3650 * CONF_DAY,
                "Time from the event after which it expires"),
    OPTION_TIME(struct conf_retry, every, OPT_RELOAD, NULL, CONF_SECOND, 30 * CONF_DAY,
                "A fixed pause, in place of first, factor and cap"),
};
const struct opt_table conf_retry_table = OPT_TABLE_OF("retry", struct conf_retry, conf_retry_opts);

static const struct opt conf_retention_opts[] = {
    OPTION_TIME(struct conf_retention, events, OPT_RELOAD, "90d", CONF_DAY, 36500 * CONF_DAY,
                "How long events that have ended are kept"),
    OPTION_TIME(struct conf_retention, traces, OPT_RELOAD, "30d", CONF_DAY, 36500 * CONF_DAY,
                "How long the traces of their attempts are kept"),
};
const struct opt_table conf_retention_table = OPT_TABLE_OF("retention", struct conf_retention, conf_retention_opts);

/* The top level. Trackers and bridges are not rows, since their shape depends on their kinds. */
static const struct opt conf_opts[] = {
    OPTION_TEXT(struct config, store, 0, "sqlite:lockstep.db", "The database, sqlite:PATH. $DATABASE_URL overrides it"),
    OPTION_TABLE(struct config, server, conf_server_table, "The HTTP server"),
    OPTION_TABLE(struct config, retry, conf_retry_table, "What happens after an attempt that failed"),
    OPTION_TABLE(struct config, retention, conf_retention_table, "How long records are kept"),
};
const struct opt_table conf_table = OPT_TABLE_OF("the configuration", struct config, conf_opts);

/* Names of the design that come later: said clearly, instead of being taken for mistakes. */
static const char *const conf_later[] = {"watches", "assertions", "responders", "sinks", "users"};
/* Valid words of the top level that no row reads. */
static const char *const conf_elsewhere[] = {"trackers",   "bridges", "jobs",  "watches", "assertions",
                                             "responders", "sinks",   "users", NULL};

/* ---- the snapshot's life ---- */

/* What config_get and config_put count; people see the first member only. */
struct conf_snapshot {
    struct config config;
    struct arena *arena;
    unsigned holders;
};

static struct conf_snapshot *conf_snapshot_of(struct config *c)
{
    return CONTAINER(c, struct conf_snapshot, config);
}

/* Everything of the snapshot is in its own arena, since units of work may hold it long after a reload. */
static struct config *conf_new(const char *file)
{
    struct conf_snapshot *s = mem_zero(sizeof *s);
    s->arena = arena_new(CONFIG_BYTES);
    s->holders = 1;
    s->config.file = arena_text(s->arena, file);
    return &s->config;
}

struct config *config_get(struct config *c)
{
    (void)__atomic_add_fetch(&conf_snapshot_of(c)->holders, 1, __ATOMIC_RELAXED);
    return c;
}

/* Fit for one that was only partly read. */
void conf_tracker_release(struct conf_tracker *t)
{
    opts_release(&conf_tracker_table, t);
    if (t->own)
        opts_release(t->kind->opts, t->own);
}

/* Secrets are wiped one by one: the arena that holds the rest is only freed. */
static void conf_release(struct config *c)
{
    opts_release(&conf_table, c);
    for (size_t i = 0; i < c->n_trackers; i++)
        conf_tracker_release(c->trackers[i]);
    for (size_t i = 0; i < c->n_bridges; i++)
        if (c->bridges[i].own)
            opts_release(c->bridges[i].kind->opts, c->bridges[i].own);
}

/* Pool threads may hold a snapshot as well as the loop: hence the atomic count. */
void config_put(struct config *c)
{
    if (!c || __atomic_sub_fetch(&conf_snapshot_of(c)->holders, 1, __ATOMIC_ACQ_REL) > 0)
        return;
    struct conf_snapshot *s = conf_snapshot_of(c);
    conf_release(c);
    arena_free(s->arena);
    mem_free(s);
}

const struct conf_tracker *config_tracker(const struct config *c, const char *name)
{
    for (size_t i = 0; i < c->n_trackers; i++)
        if (strcmp(c->trackers[i]->name, name) == 0)
            return c->trackers[i];
    return NULL;
}

/* ---- what the tables cannot say ---- */

/* A problem of an option that may be absent: at its value, else at the map, else of the file. */
static void conf_problem(const struct conf_reader *c, const struct yaml *map, const char *name, const char *text)
{
    const struct yaml *at = yaml_get(map, name);
    const char *key = map == c->root ? name : arena_fmt(c->read.arena, "server.%s", name);
    if (at)
        yaml_problem(c->read.problems, at, key, NULL, "%s", text);
    else
        problem_add(c->read.problems, (struct problem){.file = c->config->file, .key = key, .text = text});
}

/* The listen address, with $PORT put in, and a socket's path made relative to the file. */
static void conf_check_listen(const struct conf_reader *c)
{
    const struct opt_read *r = &c->read;
    const struct yaml *server = yaml_get(c->root, "server");
    const char **listen = &c->config->server.listen;
    const char *port = r->source->env(r->source->ctx, "PORT");
    const struct yaml *at = yaml_get(server, "listen");
    if (!*listen) /* refused already */
        return;
    if (at && !address_is_listen(*listen)) {
        conf_problem(c, server, "listen",
                     arena_fmt(r->arena, "expected HOST:PORT, [IPV6]:PORT or unix:PATH, got %s",
                               problem_quote(r->arena, at->text)));
        return;
    }
    if (text_starts(*listen, "unix:"))
        *listen = arena_fmt(r->arena, "unix:%s", opts_beside(r->arena, c->config->file, *listen + strlen("unix:")));
    else if (!text_blank(port))
        *listen = address_with_port(r->arena, *listen, port);
    if (!address_is_listen(*listen))
        conf_problem(c, server, "listen",
                     "the port or path that results is not valid; $PORT is a number up to 65535, "
                     "and the path of a unix socket has at most 107 bytes");
}

/* A URL from the environment may hold a password: it is never shown. */
static void conf_check_store(const struct conf_reader *c)
{
    const struct opt_read *r = &c->read;
    const char **store = &c->config->store;
    const char *override = r->source->env(r->source->ctx, "DATABASE_URL");
    if (!text_blank(override))
        *store = arena_text(r->arena, override);
    const char *from = text_blank(override) ? "" : "$DATABASE_URL: ";
    if (!*store) /* refused already */
        return;
    if (text_starts(*store, "postgresql:") || text_starts(*store, "postgres:")) {
        conf_problem(c, c->root, "store",
                     arena_fmt(r->arena, "%sPostgreSQL is not supported yet; use sqlite:PATH", from));
        return;
    }
    const char *path = text_starts(*store, "sqlite:") ? *store + strlen("sqlite:") : "";
    if (text_starts(path, "//"))
        path += 2;
    if (path[0] == '\0')
        conf_problem(c, c->root, "store", arena_fmt(r->arena, "%sexpected sqlite:PATH", from));
    else
        *store = arena_fmt(r->arena, "sqlite:%s", opts_beside(r->arena, c->config->file, path));
}

/* `every` is a policy of its own, so figures of the other one beside it would be a misunderstanding. */
static void conf_check_retry(const struct conf_reader *c)
{
    static const char *const excluded[] = {"first", "factor", "cap"};
    const struct yaml *map = yaml_get(c->root, "retry");
    const struct conf_retry *retry = &c->config->retry;
    const struct yaml *cap = yaml_get(map, "cap");
    for (size_t i = 0; retry->every && i < COUNT(excluded); i++) {
        const struct yaml *at = yaml_get(map, excluded[i]);
        if (at)
            yaml_problem(c->read.problems, at, arena_fmt(c->read.arena, "retry.%s", excluded[i]), NULL,
                         "excludes retry.every; give one or the other");
    }
    if (cap && retry->cap && retry->cap < retry->first)
        yaml_problem(c->read.problems, cap, "retry.cap", NULL, "must not be shorter than retry.first");
}

/* Nothing, or a list or map without items: such a key can stay in a file that is written ahead of time. */
static bool conf_is_empty(const struct yaml *y)
{
    return yaml_is_null(y) || (y->kind != YAML_SCALAR && y->n == 0);
}

/* Silence would let people believe that their watches run. */
static void conf_refuse_later(const struct conf_reader *c)
{
    for (size_t i = 0; i < c->root->n; i++) {
        const struct yaml *key = c->root->items[2 * i];
        for (size_t k = 0; k < COUNT(conf_later); k++)
            if (strcmp(key->text, conf_later[k]) == 0 && !conf_is_empty(c->root->items[2 * i + 1]))
                yaml_problem(c->read.problems, key, key->text, NULL, "not supported yet");
    }
}

/* ---- reading ---- */

/* The order is the one in which problems are shown; bridges need the trackers' names. */
static void conf_read_root(struct conf_reader *c)
{
    if (!c->root) {
        problem_add(c->read.problems, (struct problem){.file = c->config->file,
                                                       .text = "the file is empty; it needs trackers and bridges"});
        return;
    }
    if (c->root->kind != YAML_MAP) {
        yaml_problem(c->read.problems, c->root, "", NULL, "expected a map, got %s", yaml_kind_name(c->root));
        return;
    }
    c->read.ignore = conf_elsewhere;
    opts_read(&conf_table, c->root, &c->read, c->config);
    c->read.ignore = NULL;
    conf_refuse_later(c);
    conf_check_listen(c);
    conf_check_store(c);
    conf_check_retry(c);
    conf_read_trackers(c);
    conf_read_bridges(c);
    conf_read_jobs(c);
}

/* ---- what was read, in one number ---- */

struct conf_summed { /* a source that sums up all that is read of another one */
    struct conf_source source;
    const struct conf_source *inner;
    uint64_t *sum;
};

static int conf_summed_read(void *ctx, struct arena *a, const char *path, struct str *ret, struct err *e)
{
    struct conf_summed *s = ctx;
    int rc = s->inner->read(s->inner->ctx, a, path, ret, e);
    *s->sum = checksum(str_of(path), *s->sum);
    if (rc == 0)
        *s->sum = checksum(*ret, *s->sum);
    return rc;
}

static const char *conf_summed_env(void *ctx, const char *name)
{
    struct conf_summed *s = ctx;
    const char *value = s->inner->env(s->inner->ctx, name);
    *s->sum = checksum(str_of(value ? value : ""), checksum(str_of(name), *s->sum));
    return value;
}

static const struct conf_source *conf_summed(struct config *c, const struct conf_source *inner)
{
    struct conf_summed *s = ARENA_NEW(conf_snapshot_of(c)->arena, struct conf_summed);
    *s = (struct conf_summed){{conf_summed_read, conf_summed_env, s}, inner, &c->digest};
    return &s->source;
}

/* Fill the reader with the file's tree; false when it cannot be read. */
static bool conf_open(struct config *c, const struct conf_source *source, struct problems *p, struct conf_reader *ret)
{
    struct arena *arena = conf_snapshot_of(c)->arena;
    struct str content;
    struct err e = {0};
    size_t errors = p->errors;
    source = conf_summed(c, source);
    if (source->read(source->ctx, arena, c->file, &content, &e)) {
        problem_add(p, (struct problem){.file = "", .text = e.text});
        return false;
    }
    c->own_digest = c->digest;
    *ret = (struct conf_reader){
        .config = c,
        .root = yaml_read(arena, c->file, content, p),
        .read = {.arena = arena, .problems = p, .source = source, .key = ""},
    };
    return p->errors == errors;
}

struct config *config_read(const char *file, const struct conf_kinds *kinds, const struct conf_source *source,
                           struct problems *p)
{
    size_t errors = p->errors;
    struct config *c = conf_new(file);
    struct conf_reader reader;
    if (conf_open(c, source, p, &reader)) {
        reader.kinds = kinds;
        conf_read_root(&reader);
    }
    if (p->errors == errors)
        return c;
    config_put(c);
    return NULL;
}

const char *config_read_store(struct arena *a, const char *file, const struct conf_source *source, struct problems *p)
{
    struct config *c = conf_new(file);
    struct conf_reader reader;
    const char *store = NULL;
    if (conf_open(c, source, p, &reader) && reader.root && reader.root->kind == YAML_MAP) {
        reader.read.ignore = conf_elsewhere;
        opts_read(&conf_table, reader.root, &reader.read, c);
        conf_check_store(&reader);
        store = arena_text(a, c->store);
    }
    config_put(c);
    return store;
}
