#include "base/base.h"
#include "model/field.h"
#include "base/arena.h"
#include "base/json.h"
#include "base/text.h"
#include "base/when.h"

bool texts_have(const struct texts *t, const char *text)
{
    for (size_t i = 0; i < t->n; i++)
        if (text_same(t->v[i], text))
            return true;
    return false;
}

/* An array whose room is the power of two at or above n: when n is one, the next item needs a larger array. */
static void *field_room(struct arena *a, void *old, size_t n, size_t item)
{
    if (n && (n & (n - 1)))
        return old;
    void *v = arena_array(a, n ? 2 * n : 1, item);
    if (n)
        memcpy(v, old, n * item);
    return v;
}

void texts_add(struct arena *a, struct texts *t, const char *text)
{
    t->v = field_room(a, t->v, t->n, sizeof *t->v);
    t->v[t->n++] = text;
}

void *many_add(struct arena *a, struct many *m, size_t size)
{
    m->v = field_room(a, m->v, m->n, size);
    return (char *)m->v + size * m->n++;
}

int words_find(const struct words *w, const char *word)
{
    for (size_t i = 0; i < w->n; i++)
        if (text_same(w->v[i], word))
            return (int)i;
    return -1;
}

/* One value on its way in: what it is bound to, and where it goes. */
struct field_in {
    const struct field *row;
    const struct json *v;
    struct arena *arena;
    void *to;
};

static int field_refuse(const struct field_in *in, const char *expected, struct err *e)
{
    const char *text = json_text(in->v);
    if (text)
        return fail(e, ERR_INPUT, "%s: expected %s, not '%.40s'", in->row->path, expected, text);
    return fail(e, ERR_INPUT, "%s: expected %s, not %s", in->row->path, expected, json_kind_name(json_kind(in->v)));
}

static const char *field_number(const struct json *v, struct arena *a)
{
    int64_t whole;
    if (json_int(v, &whole))
        return arena_fmt(a, "%" PRId64, whole);
    AUTO(text_auto) struct text t;
    struct json_out o;
    text_init(&t, 64);
    json_start(&o, &t);
    json_put(&o, NULL, v);
    return arena_text(a, text_z(&t));
}

/* The text of a string, number or boolean, in the arena; NULL for anything else. */
static const char *field_text(const struct json *v, struct arena *a)
{
    switch (json_kind(v)) {
    case JSON_STRING:
        return arena_text(a, json_text(v));
    case JSON_BOOL:
        return json_bool(v, false) ? "true" : "false";
    case JSON_NUMBER:
        return field_number(v, a);
    case JSON_ABSENT:
    case JSON_NULL:
    case JSON_ARRAY:
    case JSON_OBJECT:
        break;
    }
    return NULL;
}

static int field_read_text(const struct field_in *in, struct err *e)
{
    const char *text = field_text(in->v, in->arena);
    if (!text)
        return field_refuse(in, "a text", e);
    *(const char **)in->to = text;
    return 0;
}

static int field_read_bool(const struct field_in *in, struct err *e)
{
    static const char *const words[] = {"no", "yes", "false", "true", "off", "on", "0", "1"};
    const char *text = field_text(in->v, in->arena);
    for (size_t i = 0; text && i < COUNT(words); i++)
        if (text_same_nocase(text, words[i])) {
            *(bool *)in->to = i % 2;
            return 0;
        }
    return field_refuse(in, "true or false", e);
}

static bool field_int(const struct json *v, int64_t *ret)
{
    const char *text = json_text(v);
    return text ? str_int(str_of(text), ret) : json_int(v, ret);
}

static int field_read_int(const struct field_in *in, struct err *e)
{
    return field_int(in->v, in->to) ? 0 : field_refuse(in, "a whole number", e);
}

static int field_read_count(const struct field_in *in, struct err *e)
{
    int64_t n;
    if (!field_int(in->v, &n) || n < 0)
        return field_refuse(in, "a whole number from 0", e);
    *(size_t *)in->to = (size_t)n;
    return 0;
}

static int field_read_when(const struct field_in *in, struct err *e)
{
    const char *text = json_kind(in->v) == JSON_BOOL ? NULL : field_text(in->v, in->arena);
    if (!text)
        return field_refuse(in, "a time", e);
    if (text[0] != '\0' && when_parse(text, in->to, e) < 0)
        return err_within(e, "%s", in->row->path);
    return 0;
}

static int field_read_texts(const struct field_in *in, struct err *e)
{
    if (json_kind(in->v) != JSON_ARRAY)
        return field_refuse(in, "a list of texts", e);
    struct texts texts = {0};
    JSON_EACH (item, in->v) {
        const char *text = json_kind(item) == JSON_BOOL ? NULL : field_text(item, in->arena);
        if (!text)
            return field_refuse(in, "a list of nothing but texts", e);
        texts_add(in->arena, &texts, text);
    }
    *(struct texts *)in->to = texts;
    return 0;
}

static int field_read_word(const struct field_in *in, struct err *e)
{
    const char *text = json_text(in->v);
    int place = text ? words_find(in->row->words, text) : -1;
    if (place < 0)
        return field_refuse(in, "one of its words", e);
    *(unsigned *)in->to = (unsigned)place;
    return 0;
}

static int field_read_one(const struct field_in *in, struct err *e)
{
    if (json_kind(in->v) != JSON_OBJECT)
        return field_refuse(in, "an object", e);
    return field_read(in->row->sub, in->v, in->arena, in->to, e) < 0 ? err_within(e, "%s", in->row->path) : 0;
}

static int field_read_many(const struct field_in *in, struct err *e)
{
    if (json_kind(in->v) != JSON_ARRAY)
        return field_refuse(in, "a list of objects", e);
    struct many many = {0};
    JSON_EACH (item, in->v) {
        if (json_kind(item) != JSON_OBJECT)
            return field_refuse(in, "a list of nothing but objects", e);
        if (field_read(in->row->sub, item, in->arena, many_add(in->arena, &many, in->row->sub->size), e) < 0)
            return err_within(e, "%s.%zu", in->row->path, many.n - 1);
    }
    *(struct many *)in->to = many;
    return 0;
}

static void field_write_text(const struct field *f, const void *from, struct json_out *o)
{
    json_put_text(o, f->path, *(const char *const *)from);
}

static void field_write_bool(const struct field *f, const void *from, struct json_out *o)
{
    json_put_bool(o, f->path, *(const bool *)from);
}

/* Beyond the whole numbers of JSON the digits go out as a text, which is read back as well. */
static void field_write_int(const struct field *f, const void *from, struct json_out *o)
{
    int64_t n = *(const int64_t *)from, limit = INT64_C(1) << 53;
    if (n > -limit && n < limit) {
        json_put_int(o, f->path, n);
        return;
    }
    AUTO(text_auto) struct text t;
    text_init(&t, 32);
    text_addf(&t, "%" PRId64, n);
    json_put_text(o, f->path, text_z(&t));
}

static void field_write_count(const struct field *f, const void *from, struct json_out *o)
{
    int64_t n = (int64_t) * (const size_t *)from;
    field_write_int(f, &n, o);
}

static void field_write_when(const struct field *f, const void *from, struct json_out *o)
{
    char buf[WHEN_TEXT_BYTES];
    json_put_text(o, f->path, when_text(*(const int64_t *)from, buf));
}

static void field_write_texts(const struct field *f, const void *from, struct json_out *o)
{
    const struct texts *texts = from;
    json_open(o, f->path, '[');
    for (size_t i = 0; i < texts->n; i++)
        json_put_text(o, NULL, texts->v[i]);
    json_close(o);
}

static void field_write_word(const struct field *f, const void *from, struct json_out *o)
{
    unsigned place = *(const unsigned *)from;
    json_put_text(o, f->path, place < f->words->n ? f->words->v[place] : NULL);
}

static void field_write_one(const struct field *f, const void *from, struct json_out *o)
{
    json_open(o, f->path, '{');
    field_write(f->sub, from, o);
    json_close(o);
}

static void field_write_many(const struct field *f, const void *from, struct json_out *o)
{
    const struct many *many = from;
    json_open(o, f->path, '[');
    for (size_t i = 0; i < many->n; i++) {
        json_open(o, NULL, '{');
        field_write(f->sub, (const char *)many->v + i * f->sub->size, o);
        json_close(o);
    }
    json_close(o);
}

static bool field_blank_one(const struct field *f, const void *at);

static bool field_blank_text(const struct field *f, const void *at)
{
    (void)f;
    return !*(const char *const *)at;
}

static bool field_blank_bool(const struct field *f, const void *at)
{
    (void)f;
    return !*(const bool *)at;
}

static bool field_blank_int(const struct field *f, const void *at)
{
    (void)f;
    return *(const int64_t *)at == 0;
}

static bool field_blank_count(const struct field *f, const void *at)
{
    (void)f;
    return *(const size_t *)at == 0;
}

static bool field_blank_word(const struct field *f, const void *at)
{
    (void)f;
    return *(const unsigned *)at == 0;
}

static bool field_blank_texts(const struct field *f, const void *at)
{
    (void)f;
    return ((const struct texts *)at)->n == 0;
}

static bool field_blank_many(const struct field *f, const void *at)
{
    (void)f;
    return ((const struct many *)at)->n == 0;
}

static const struct {
    int (*read)(const struct field_in *in, struct err *e);
    void (*write)(const struct field *f, const void *from, struct json_out *o);
    bool (*is_blank)(const struct field *f, const void *at); /* as a zeroed struct has it */
} field_types[] = {
    [FIELD_TEXT] = {field_read_text, field_write_text, field_blank_text},
    [FIELD_BOOL] = {field_read_bool, field_write_bool, field_blank_bool},
    [FIELD_INT] = {field_read_int, field_write_int, field_blank_int},
    [FIELD_COUNT] = {field_read_count, field_write_count, field_blank_count},
    [FIELD_WHEN] = {field_read_when, field_write_when, field_blank_int},
    [FIELD_WORD] = {field_read_word, field_write_word, field_blank_word},
    [FIELD_TEXTS] = {field_read_texts, field_write_texts, field_blank_texts},
    [FIELD_ONE] = {field_read_one, field_write_one, field_blank_one},
    [FIELD_MANY] = {field_read_many, field_write_many, field_blank_many},
};

static bool field_blank_one(const struct field *f, const void *at)
{
    for (size_t i = 0; i < f->sub->n; i++) {
        const struct field *inner = &f->sub->fields[i];
        if (!field_types[inner->type].is_blank(inner, (const char *)at + inner->at))
            return false;
    }
    return true;
}

int field_read(const struct field_table *t, const struct json *from, struct arena *a, void *to, struct err *e)
{
    if (json_kind(from) != JSON_OBJECT)
        return fail(e, ERR_INPUT, "%s: expected an object, not %s", t->name, json_kind_name(json_kind(from)));
    for (size_t i = 0; i < t->n; i++) {
        const struct field *row = &t->fields[i];
        struct field_in in = {row, json_path(from, row->path), a, (char *)to + row->at};
        enum json_kind kind = json_kind(in.v);
        if (kind != JSON_ABSENT && kind != JSON_NULL) {
            int r = field_types[row->type].read(&in, e);
            if (r < 0)
                return r;
        } else if (row->required) {
            return fail(e, ERR_INPUT, "%s: '%s' is missing", t->name, row->path);
        }
    }
    return 0;
}

void field_write(const struct field_table *t, const void *from, struct json_out *o)
{
    for (size_t i = 0; i < t->n; i++) {
        const struct field *row = &t->fields[i];
        const void *at = (const char *)from + row->at;
        bool wanted = row->type == FIELD_WORD || !field_types[row->type].is_blank(row, at);
        if (wanted && !strchr(row->path, '.'))
            field_types[row->type].write(row, at, o);
    }
}

void field_write_whole(const struct field_table *t, const void *from, struct text *to)
{
    struct json_out o;
    json_start(&o, to);
    json_open(&o, NULL, '{');
    field_write(t, from, &o);
    json_close(&o);
}
