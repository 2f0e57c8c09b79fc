/* Any bytes as a YAML tree, and as an action file: no crash, no leak, no time or memory without end. */
#include "base/base.h"

#include "base/arena.h"
#include "base/text.h"
#include "conf/jbi.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void write_all(const struct problems *p)
{
    AUTO(text_auto) struct text t;
    text_init(&t, 1 << 24);
    for (size_t i = 0; i < p->n; i++)
        problem_write(&p->v[i], &t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    AUTO(arena_auto) struct arena *a = arena_new(256 << 20);
    struct problems p;
    struct jbi_actions actions;
    struct str content = {(const char *)data, n};
    problems_init(&p, a);
    const struct yaml *y = yaml_read(a, "fuzz.yaml", content, &p);
    check(!y || p.errors == 0);
    jbi_read(a, "fuzz.yaml", content, &p, &actions);
    for (size_t i = 0; i < actions.n; i++)
        check(actions.v[i].tag[0] && actions.v[i].project && actions.v[i].description && actions.v[i].contacts.v);
    write_all(&p);
    return 0;
}
