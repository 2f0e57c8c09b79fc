#include "base/base.h"

#include "sandbox/sandbox_private.h"

void sandbox_set_text(char **at, const char *text)
{
    char *former = *at;
    *at = text ? mem_text(text) : NULL;
    mem_free(former);
}

void sandbox_words_clear(struct sandbox_words *w)
{
    for (size_t i = 0; i < w->n; i++)
        mem_free(w->v[i]);
    mem_free(w->v);
    *w = (struct sandbox_words){0};
}

static size_t words_place(const struct sandbox_words *w, const char *word)
{
    size_t i = 0;
    while (i < w->n && strcmp(w->v[i], word) != 0)
        i++;
    return i;
}

bool sandbox_words_has(const struct sandbox_words *w, const char *word)
{
    return word && words_place(w, word) < w->n;
}

bool sandbox_words_add(struct sandbox_words *w, const char *word)
{
    if (!word || sandbox_words_has(w, word))
        return false;
    SANDBOX_ADD(w, mem_text(word));
    return true;
}

bool sandbox_words_remove(struct sandbox_words *w, const char *word)
{
    size_t at = word ? words_place(w, word) : w->n;
    if (at == w->n)
        return false;
    mem_free(w->v[at]);
    w->n--;
    for (; at < w->n; at++)
        w->v[at] = w->v[at + 1];
    return true;
}

void sandbox_words_copy(struct sandbox_words *to, const struct sandbox_words *from)
{
    sandbox_words_clear(to);
    for (size_t i = 0; i < from->n; i++)
        SANDBOX_ADD(to, mem_text(from->v[i]));
}

int sandbox_words_find(const struct sandbox_words *w, const char *word)
{
    for (size_t i = 0; word && i < w->n; i++)
        if (text_same_nocase(w->v[i], word))
            return (int)i;
    return -1;
}

void sandbox_words_read(struct sandbox_words *w, const struct json *list)
{
    if (json_kind(list) != JSON_ARRAY)
        return;
    JSON_EACH (it, list)
        sandbox_words_add(w, json_text(it));
}

void sandbox_words_split(struct sandbox_words *w, const char *list)
{
    while (list && *list) {
        size_t n = strcspn(list, ",");
        struct str piece = str_trim((struct str){list, n});
        if (piece.n) {
            struct text word;
            text_init(&word, piece.n);
            text_add(&word, piece);
            sandbox_words_add(w, text_z(&word));
            text_free(&word);
        }
        list += n + (list[n] == ',');
    }
}

char *sandbox_words_join(struct arena *a, const struct sandbox_words *w, const char *between)
{
    AUTO(text_auto) struct text t;
    text_init(&t, SANDBOX_BODY_BYTES);
    for (size_t i = 0; i < w->n; i++) {
        text_addz(&t, i ? between : "");
        text_addz(&t, w->v[i]);
    }
    return arena_text(a, text_z(&t));
}
