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

/* The label that a piece of text makes, or NULL when nothing is left of it. */
static const char *label_text(struct arena *a, struct str piece, bool brackets)
{
    enum { POINT_BYTES = 4 };
    size_t most = LABEL_UNITS - (brackets ? 2 : 0);
    size_t room = (piece.n < most ? piece.n : most) * POINT_BYTES;
    char *label = arena_bytes(a, room + 3); /* two brackets and the end */
    size_t first = brackets ? 1 : 0, n = first, units = 0, end = first;
    for (size_t at = 0; at < piece.n;) {
        uint32_t point = utf8_next(piece, &at);
        bool space = label_space(point);
        units += space && n == first ? 0 : point > 0xffff ? 2 : 1;
        if (units > most)
            break;
        if (space && n == first)
            continue;
        if (space)
            label[n++] = '.';
        else
            end = n += utf8_put(label + n, point);
    }
    if (end == first)
        return NULL;
    if (brackets) {
        label[0] = '[';
        label[end++] = ']';
    }
    label[end] = '\0';
    return label;
}

static void label_add(struct arena *a, struct texts *ret, const char *label)
{
    if (label && ret->n < LABELS_MAX && !texts_have(ret, label))
        texts_add(a, ret, label);
}

/* The whiteboard without its opening brackets. */
static struct str label_closed(struct arena *a, const char *whiteboard)
{
    size_t n = 0;
    char *closed = arena_bytes(a, strlen(whiteboard) + 1);
    for (const char *p = whiteboard; *p; p++)
        if (*p != '[')
            closed[n++] = *p;
    return (struct str){closed, n};
}

/* Add a label for each piece between the separators. */
static void label_pieces(struct arena *a, struct str s, char separator, bool brackets, struct texts *ret)
{
    while (s.n && ret->n < LABELS_MAX) {
        const char *end = memchr(s.p, separator, s.n);
        size_t n = end ? (size_t)(end - s.p) : s.n;
        struct str piece = str_trim((struct str){s.p, n});
        if (piece.n)
            label_add(a, ret, label_text(a, piece, brackets));
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
    struct str closed = label_closed(a, whiteboard);
    if (brackets != JBI_BRACKETS_YES)
        label_pieces(a, closed, ']', false, ret);
    if (brackets != JBI_BRACKETS_NO)
        label_pieces(a, closed, ']', true, ret);
}

void labels_of_words(struct arena *a, const char *words, struct texts *ret)
{
    if (!text_blank(words))
        label_pieces(a, str_of(words), ',', false, ret);
}

void labels_of_texts(struct arena *a, const struct texts *words, struct texts *ret)
{
    for (size_t i = 0; i < words->n; i++)
        label_add(a, ret, label_text(a, str_of(words->v[i]), false));
}
