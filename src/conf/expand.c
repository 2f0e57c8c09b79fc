/*
 * ${NAME}, ${NAME:-default} and ${file:PATH} inside the texts of a configuration. Results may be secret, so messages
 * name the variable or the file, never a value. A result is not expanded again.
 */
#include "base/base.h"

#include "conf/opt.h"

#include "base/arena.h"
#include "base/text.h"

/* The longest value; keys and certificates fit. */
enum { EXPAND_BYTES = 16 << 10 };

struct expand {
    const struct yaml *at;
    const char *key;
    const struct opt_read *r;
    struct text out;
};

/* The folder is all before the last slash of the file's own name. */
const char *opts_beside(struct arena *a, const char *file, const char *path)
{
    const char *slash = file ? strrchr(file, '/') : NULL;
    if (!slash || path[0] == '/' || text_starts(path, "http://") || text_starts(path, "https://"))
        return arena_text(a, path);
    return arena_fmt(a, "%.*s/%s", (int)(slash - file), file, path);
}

/* Always false, to be returned. */
static bool expand_problem(const struct expand *x, const char *text)
{
    yaml_problem(x->r->problems, x->at, x->key, NULL, "%s", text);
    return false;
}

/* Length of the variable's name at the start of s. */
static size_t expand_name_bytes(const char *s)
{
    size_t n = 0;
    while ((s[n] >= 'A' && s[n] <= 'Z') || (s[n] >= 'a' && s[n] <= 'z') || s[n] == '_' ||
           (n && s[n] >= '0' && s[n] <= '9'))
        n++;
    return n;
}

/* Files of secrets end in a line break that is not part of the secret: one is dropped, no more. */
static bool expand_file(struct expand *x, const char *path)
{
    struct arena *a = x->r->arena;
    struct str content;
    struct err e = {0};
    if (path[0] == '\0')
        return expand_problem(x, "expected the path of a file in ${file:PATH}");
    if (x->r->source->read(x->r->source->ctx, a, opts_beside(a, x->at->file, path), &content, &e))
        return expand_problem(x, e.text);
    if (content.n && memchr(content.p, '\0', content.n))
        return expand_problem(x, arena_fmt(a, "the file %s holds a NUL character", problem_quote(a, path)));
    if (content.n && content.p[content.n - 1] == '\n')
        content.n--;
    if (content.n && content.p[content.n - 1] == '\r')
        content.n--;
    text_add(&x->out, content);
    return true;
}

/* As in a shell, `:-` also stands in for a variable that is set to nothing. */
static bool expand_variable(struct expand *x, const char *inside)
{
    struct arena *a = x->r->arena;
    size_t n = expand_name_bytes(inside);
    const char *rest = inside + n;
    bool has_default = text_starts(rest, ":-");
    if (!n || (*rest && !has_default))
        return expand_problem(x,
                              arena_fmt(a, "expected ${NAME}, ${NAME:-default} or ${file:PATH}, got %s in the braces",
                                        problem_quote(a, inside)));
    const char *name = arena_str(a, (struct str){inside, n});
    const char *value = x->r->source->env(x->r->source->ctx, name);
    if (has_default && text_blank(value))
        value = rest + 2;
    if (!value)
        return expand_problem(x, arena_fmt(a, "the environment variable %s is not set", name));
    text_addz(&x->out, value);
    return true;
}

static bool expand_one(struct expand *x, const char *inside)
{
    return text_starts(inside, "file:") ? expand_file(x, inside + 5) : expand_variable(x, inside);
}

/* False when there was a problem; out then holds a part only. */
static bool expand_all(struct expand *x, const char *s)
{
    while (*s && !text_full(&x->out)) {
        if (text_starts(s, "$${")) {
            text_addz(&x->out, "${");
            s += 3;
        } else if (text_starts(s, "${")) {
            const char *end = strchr(s, '}');
            if (!end)
                return expand_problem(x, "${ has no closing }");
            if (!expand_one(x, arena_str(x->r->arena, (struct str){s + 2, (size_t)(end - s) - 2})))
                return false;
            s = end + 1;
        } else {
            text_addc(&x->out, *s++);
        }
    }
    if (text_full(&x->out))
        return expand_problem(x, "the text is longer than 16 KiB");
    return true;
}

const char *opts_expand(const struct yaml *at, const char *key, const struct opt_read *r)
{
    struct expand x = {.at = at, .key = key, .r = r};
    text_init(&x.out, EXPAND_BYTES);
    const char *ret = expand_all(&x, at->text) ? arena_text(r->arena, text_z(&x.out)) : "";
    if (x.out.p)
        mem_wipe(x.out.p, x.out.n);
    text_free(&x.out);
    return ret;
}
