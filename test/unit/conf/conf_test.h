/* conf_test.h: files and variables given as tables, and problems compared as the text that people see. */
#ifndef CONF_TEST_H
#define CONF_TEST_H

#include "base/base.h"

#include "base/arena.h"
#include "base/text.h"
#include "conf/opt.h"

#include <setjmp.h>
#include <cmocka.h>

struct fake {
    const char *name, *content;
};
struct fakes {
    const struct fake *files, *env; /* both end in a row without name */
};

static const char *fake_find(const struct fake *rows, const char *name)
{
    for (; rows && rows->name; rows++)
        if (strcmp(rows->name, name) == 0)
            return rows->content;
    return NULL;
}

static int fake_read(void *ctx, struct arena *a, const char *path, struct str *ret, struct err *e)
{
    const struct fakes *f = ctx;
    const char *content = fake_find(f->files, path);
    if (!content)
        return err_fill(e, ERR_MISSING, 0, __FILE__, __LINE__, "cannot read %s: No such file or directory", path);
    *ret = str_of(arena_text(a, content));
    return 0;
}

static const char *fake_env(void *ctx, const char *name)
{
    const struct fakes *f = ctx;
    return fake_find(f->env, name);
}

UNUSED static struct conf_source fake_source(struct fakes *f)
{
    return (struct conf_source){fake_read, fake_env, f};
}

/* All problems as text, in the arena of p. */
static const char *problems_text(const struct problems *p)
{
    struct text t;
    text_init(&t, 1 << 20);
    for (size_t i = 0; i < p->n; i++)
        problem_write(&p->v[i], &t);
    const char *ret = arena_text(p->arena, text_z(&t));
    text_free(&t);
    return ret;
}

#define assert_problems(p, expected) assert_string_equal(problems_text(p), (expected))

/* A file of the project, or one beside it; NULL when there is none. */
UNUSED static const char *project_file(struct arena *a, const char *path)
{
    const char *project = getenv("PROJECT");
    FILE *f = fopen(arena_fmt(a, "%s/%s", project ? project : ".", path), "rb");
    if (!f)
        return NULL;
    char *content = arena_zero(a, 1 << 20);
    size_t n = fread(content, 1, (1 << 20) - 1, f);
    (void)fclose(f);
    assert_true(n > 0 && n < (1 << 20) - 1);
    return content;
}

#endif
