#include "base/base.h"
#include "rule/labels.h"

#include "base/arena.h"
#include "base/text.h"
#include "base/utf8.h"

static bool label_space(uint32_t point)
{
    return point <= ' ' || (point >= 0x7f && point <= 0xa0) || point == 0x1680 ||
           (point >= 0x2000 && point <= 0x200a) || point == 0x2028 || point == 0x2029 || point == 0x202f ||
           point == 0x205f || point == 0x3000;
}

/* How a piece of text becomes a label. */
struct label_form {
    char separator;
    uint32_t drop; /* a character that goes; 0 none */
    bool brackets; /* [label] */
};

/* The label that a piece makes, or NULL when nothing is left of it. */
static const char *label_text(struct arena *a, struct str piece, const struct label_form *form)
{
    enum { POINT_BYTES = 4 };
    size_t most = LABEL_UNITS - (form->brackets ? 2 : 0);
    char *label = arena_bytes(a, (piece.n < most * POINT_BYTES ? piece.n : most * POINT_BYTES) + sizeof "[]");
    size_t first = form->brackets ? 1 : 0, n = first, units = 0, end = first;
    for (size_t at = 0; at < piece.n;) {
        uint32_t point = utf8_next(piece, &at);
        bool space = label_space(point);
        if (point == form->drop || (space && n == first))
            continue;
        units += point > 0xffff ? 2 : 1;
        if (units > most)
            break;
        if (space)
            label[n++] = '.';
        else
            end = n += utf8_put(label + n, point);
    }
    if (end == first)
        return NULL;
    if (form->brackets) {
        label[0] = '[';
        label[end++] = ']';
    }
    label[end] = '\0';
    return label;
}

static const struct label_form label_word = {',', 0, false};

static void label_add(struct arena *a, struct texts *ret, const char *label)
{
    if (label && ret->n < LABELS_MAX && !texts_have(ret, label))
        texts_add(a, ret, label);
}

/* Add the labels of at most LABELS_MAX pieces between the separators. */
static void label_pieces(struct arena *a, struct str s, const struct label_form *form, struct texts *ret)
{
    for (size_t pieces = 0; s.n && pieces < LABELS_MAX;) {
        const char *end = memchr(s.p, form->separator, s.n);
        size_t n = end ? (size_t)(end - s.p) : s.n;
        struct str piece = str_trim((struct str){s.p, n});
        if (piece.n) {
            label_add(a, ret, label_text(a, piece, form));
            pieces++;
        }
        n += end ? 1 : 0;
        s.p += n;
        s.n -= n;
    }
}

void labels_of_whiteboard(struct arena *a, const char *whiteboard, enum jbi_brackets brackets, struct texts *ret)
{
    label_add(a, ret, "bugzilla");
    if (text_blank(whiteboard))
        return;
    if (brackets != JBI_BRACKETS_YES)
        label_pieces(a, str_of(whiteboard), &(struct label_form){']', '[', false}, ret);
    if (brackets != JBI_BRACKETS_NO)
        label_pieces(a, str_of(whiteboard), &(struct label_form){']', '[', true}, ret);
}

void labels_of_words(struct arena *a, const char *words, struct texts *ret)
{
    if (!text_blank(words))
        label_pieces(a, str_of(words), &label_word, ret);
}

void labels_of_texts(struct arena *a, const struct texts *words, struct texts *ret)
{
    for (size_t i = 0; i < words->n && i < LABELS_MAX; i++)
        label_add(a, ret, label_text(a, str_of(words->v[i]), &label_word));
}
