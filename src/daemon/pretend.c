/* pretend.c: the command `sandbox`. */
#include "base/base.h"
#include "base/arena.h"
#include "base/text.h"
#include "daemon/commands.h"
#include "http/client.h"
#include "io/file.h"
#include "io/loop.h"
#include "sandbox/sandbox.h"

enum { PRETEND_LISTEN, PRETEND_SEED, PRETEND_URL, PRETEND_FAULT, PRETEND_CLEAR };
enum { PRETEND_SEED_BYTES = 64 * 1024 * 1024, PRETEND_TIMEOUT_MS = 10 * 1000 };

struct pretend {
    struct loop *loop;
    struct loop_signal interrupt, term;
    enum exit_code result;
};

static void pretend_interrupt(struct loop_signal *s, int number)
{
    (void)number;
    loop_stop(CONTAINER(s, struct pretend, interrupt)->loop);
}

static void pretend_term(struct loop_signal *s, int number)
{
    (void)number;
    loop_stop(CONTAINER(s, struct pretend, term)->loop);
}

/* --- a fault for one that runs --- */

static void pretend_told(void *ctx, const struct http_response *r, const struct err *e)
{
    struct pretend *p = ctx;
    p->result = r && r->status < 300 ? EXIT_DONE : r ? EXIT_REFUSED : EXIT_FAILED;
    if (!r)
        complain("sandbox: %s", e->text);
    else
        out_write(r->body);
    loop_stop(p->loop);
}

static enum exit_code pretend_fault(const struct command_line *line)
{
    const char *url = line->values[PRETEND_URL] ? line->values[PRETEND_URL] : "http://127.0.0.1:8100";
    const char *fault = line->values[PRETEND_FAULT];
    if (!fault && !line->values[PRETEND_CLEAR]) {
        complain("sandbox fault: needs --fault JSON or --clear");
        return EXIT_USAGE;
    }
    struct pretend p = {.loop = loop_new()};
    struct http_client *client = http_client_new(p.loop);
    struct http_request r = {
        .method = fault ? "POST" : "DELETE",
        .url = http_join(line->arena, url, "/_sandbox/faults"),
        .body = fault ? str_of(fault) : (struct str){0},
    };
    http_header_add(line->arena, &r.headers, "Content-Type", "application/json");
    http_send(client, &r, PRETEND_TIMEOUT_MS, line->arena, pretend_told, &p);
    loop_run(p.loop);
    http_client_free(client);
    loop_free(p.loop);
    return p.result;
}

/* --- the sandbox itself --- */

static void pretend_run(struct pretend *p, const struct sandbox *s)
{
    int port = sandbox_port(s);
    loop_signal_start(p->loop, &p->interrupt, SIGNAL_INT, pretend_interrupt);
    loop_signal_start(p->loop, &p->term, SIGNAL_TERM, pretend_term);
    printf("Jira      http://127.0.0.1:%d/jira/       user bot@example.org, token sandbox-jira-token\n"
           "Bugzilla  http://127.0.0.1:%d/bugzilla/   key sandbox-bugzilla-key\n"
           "GitHub    http://127.0.0.1:%d/github/     token sandbox-github-token\n"
           "Control   http://127.0.0.1:%d/_sandbox/state\n",
           port, port, port, port);
    fflush(stdout);
    loop_run(p->loop);
    loop_signal_stop(&p->interrupt);
    loop_signal_stop(&p->term);
}

static int pretend_start(struct pretend *p, const struct command_line *line, struct sandbox **ret, struct err *e)
{
    struct sandbox_conf conf = {.listen =
                                    line->values[PRETEND_LISTEN] ? line->values[PRETEND_LISTEN] : "127.0.0.1:8100"};
    struct str seed = {0};
    if (line->values[PRETEND_SEED]) {
        int rc = file_read(line->arena, line->values[PRETEND_SEED], PRETEND_SEED_BYTES, &seed, e);
        if (rc < 0)
            return rc;
        conf.seed = seed.p;
    }
    return sandbox_new(ret, p->loop, &conf, e);
}

enum exit_code command_sandbox(const struct command *c, const struct command_line *line)
{
    if (line->n_rest == 1 && strcmp(line->rest[0], "fault") == 0)
        return pretend_fault(line);
    if (line->n_rest > 0) {
        complain("%s: unexpected \"%s\"", c->name, line->rest[0]);
        return EXIT_USAGE;
    }
    struct pretend p = {.loop = loop_new()};
    struct sandbox *s;
    struct err e = {0};
    int rc = pretend_start(&p, line, &s, &e);
    if (rc < 0) {
        complain("sandbox: %s", e.text);
    } else {
        pretend_run(&p, s);
        sandbox_free(s);
    }
    loop_free(p.loop);
    return rc < 0 ? EXIT_FAILED : EXIT_DONE;
}
