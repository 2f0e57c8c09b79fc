/* same.h: structs filled and compared by their tables, written apart from field.c, which they test. */
#ifndef UNIT_MODEL_SAME_H
#define UNIT_MODEL_SAME_H

#include "base/base.h"
#include "base/arena.h"
#include "base/json.h"
#include "base/text.h"
#include "model/field.h"
#include "../base/unit.h"

static inline bool same(const struct field_table *t, const void *a, const void *b);

static inline bool same_texts(const struct texts *a, const struct texts *b)
{
    if (a->n != b->n)
        return false;
    for (size_t i = 0; i < a->n; i++)
        if (!text_same(a->v[i], b->v[i]))
            return false;
    return true;
}

static inline bool same_many(const struct field_table *t, const struct many *a, const struct many *b)
{
    if (a->n != b->n)
        return false;
    for (size_t i = 0; i < a->n; i++)
        if (!same(t, (char *)a->v + i * t->size, (char *)b->v + i * t->size))
            return false;
    return true;
}

static inline bool same_member(const struct field *f, const void *a, const void *b)
{
    switch (f->type) {
    case FIELD_TEXT:
        return text_same(*(char *const *)a, *(char *const *)b);
    case FIELD_BOOL:
        return *(const bool *)a == *(const bool *)b;
    case FIELD_INT:
    case FIELD_WHEN:
    case FIELD_COUNT:
        return memcmp(a, b, 8) == 0;
    case FIELD_WORD:
        return memcmp(a, b, sizeof(unsigned)) == 0;
    case FIELD_TEXTS:
        return same_texts(a, b);
    case FIELD_ONE:
        return same(f->sub, a, b);
    case FIELD_MANY:
        return same_many(f->sub, a, b);
    }
    return false;
}

static inline bool same(const struct field_table *t, const void *a, const void *b)
{
    for (size_t i = 0; i < t->n; i++) {
        const struct field *f = &t->fields[i];
        if (!same_member(f, (const char *)a + f->at, (const char *)b + f->at)) {
            print_message("%s: %s differs\n", t->name, f->path);
            return false;
        }
    }
    return true;
}

static inline uint32_t same_draw(uint32_t below)
{
    static uint32_t seed = 4711;
    seed = (uint32_t)((uint64_t)seed * 1664525 + 1013904223);
    return (seed >> 8) % below;
}

static inline const char *same_text(struct arena *a)
{
    static const char *const texts[] = {"", "x", "To Do", "ä€😀", "\"quoted\"\\\n", "null", "0", "\x01"};
    uint32_t i = same_draw(2 * COUNT(texts));
    return i < COUNT(texts) ? texts[i] : arena_fmt(a, "text %u", same_draw(1000));
}

/* Fills about so many percent of the members, at any depth. */
static inline void same_fill(const struct field_table *t, void *to, struct arena *a, uint32_t percent)
{
    static const int64_t numbers[] = {-1,        1, 42, INT64_MAX, INT64_MIN, INT64_C(1) << 53, -(INT64_C(1) << 53),
                                      1700000000};
    for (size_t i = 0; i < t->n; i++) {
        const struct field *f = &t->fields[i];
        void *at = (char *)to + f->at;
        if (same_draw(100) >= percent)
            continue;
        switch (f->type) {
        case FIELD_TEXT:
            *(const char **)at = same_text(a);
            break;
        case FIELD_BOOL:
            *(bool *)at = true;
            break;
        case FIELD_INT:
            *(int64_t *)at = numbers[same_draw(COUNT(numbers))];
            break;
        case FIELD_WHEN:
            *(int64_t *)at = INT64_C(1795194156123) - (int64_t)same_draw(1 << 24) * 1000003;
            break;
        case FIELD_COUNT:
            *(size_t *)at = same_draw(100);
            break;
        case FIELD_WORD:
            *(unsigned *)at = same_draw((uint32_t)f->words->n);
            break;
        case FIELD_TEXTS:
            for (uint32_t n = same_draw(6); n > 0; n--)
                texts_add(a, at, same_text(a));
            break;
        case FIELD_ONE:
            same_fill(f->sub, at, a, percent);
            break;
        case FIELD_MANY:
            for (uint32_t n = same_draw(4); n > 0; n--)
                same_fill(f->sub, many_add(a, at, f->sub->size), a, percent);
            break;
        }
    }
}

/* Writes the struct and reads it again into `to`; the text is in t. */
static inline void same_again(const struct field_table *table, const void *from, void *to, struct arena *a,
                              struct text *t)
{
    struct json_out o;
    json_start(&o, t);
    json_open(&o, NULL, '{');
    field_write(table, from, &o);
    json_close(&o);
    assert_false(text_full(t));
    const struct json *v = NULL;
    struct err e = {0};
    if (json_parse(a, text_str(t), &v, &e) < 0 || field_read(table, v, a, to, &e) < 0)
        print_error("%s\n%s\n", e.text, text_z(t));
    assert_int_equal(e.class, ERR_NONE);
}

/* The struct survives writing and reading at every degree of being filled. */
static inline void same_round_trips(const struct field_table *table)
{
    for (uint32_t round = 0; round < 60; round++) {
        AUTO(arena_auto) struct arena *a = arena_new(4 << 20);
        AUTO(text_auto) struct text t;
        text_init(&t, 1 << 20);
        void *from = arena_zero(a, table->size), *to = arena_zero(a, table->size);
        same_fill(table, from, a, round < 5 ? 100 : round % 10 * 10);
        same_again(table, from, to, a, &t);
        assert_true(same(table, from, to));
    }
}

/* Each eight bytes of the struct belong to some row: no member was forgotten. */
static inline void same_covers(const struct field_table *t)
{
    static const size_t sizes[] = {[FIELD_TEXT] = 8, [FIELD_BOOL] = 1, [FIELD_INT] = 8,    [FIELD_COUNT] = 8,
                                   [FIELD_WHEN] = 8, [FIELD_WORD] = 4, [FIELD_TEXTS] = 16, [FIELD_MANY] = 16};
    bool covered[128] = {false};
    assert_true(t->size / 8 <= COUNT(covered));
    for (size_t i = 0; i < t->n; i++) {
        const struct field *f = &t->fields[i];
        size_t end = f->at + (f->type == FIELD_ONE ? f->sub->size : sizes[f->type]);
        for (size_t word = f->at / 8; word * 8 < end; word++)
            covered[word] = true;
    }
    for (size_t word = 0; word < t->size / 8; word++) {
        if (!covered[word])
            print_error("%s: no row for offset %zu\n", t->name, word * 8);
        assert_true(covered[word]);
    }
}

#endif
