/* Nothing is lost in documents of any shape; hostile ones cost little; any thread may convert. */
#include "base/base.h"
#include "rule/markup.h"

#include <pthread.h>
#include <setjmp.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/text.h"
#include "base/utf8.h"

enum { HARD_DOCUMENTS = 3000, HARD_BYTES = 1 << 20, HARD_THREADS = 4 };

/* A document being made up: blocks of all kinds around numbered words, "w17z". */
struct maker {
    struct text out;
    char indent[64];
    uint64_t seed;
    unsigned words, depth;
};

static unsigned maker_below(struct maker *m, unsigned n)
{
    m->seed ^= m->seed << 13;
    m->seed ^= m->seed >> 7;
    m->seed ^= m->seed << 17;
    return (unsigned)(m->seed >> 33) % n;
}

static void maker_word(struct maker *m)
{
    text_addf(&m->out, "w%uz", m->words++);
}

static void maker_inline(struct maker *m)
{
    static const char *const frames[][2] = {
        {"", ""},       {"**", "**"},    {"_", "_"},     {"~~", "~~"},     {"`", "`"},     {"[", "](http://u)"},
        {"![", "](u)"}, {"<b>", "</b>"}, {"(", ")"},     {"\\*", "*"},     {"{", "}"},     {"<", ">"},
        {"$", "$"},     {"http://", ""}, {"&lt;", "|"},  {"h1. ", " -- "}, {"# ", "\\\\"}, {"[^", "] "},
        {"*", ""},      {"[", ""},       {"<int ", ">"}, {":", ":"},       {"\"", "\""},   {"<!--x-->", "<br>"}};
    static const char *const between[] = {" ", " ", "\n", "", "  \n", ", ", "\\\n", "<br>"};
    unsigned frame = maker_below(m, COUNT(frames)), nested = maker_below(m, 4);
    text_addz(&m->out, frames[frame][0]);
    maker_word(m);
    if (nested == 0 && m->depth < 4) {
        m->depth++;
        maker_inline(m);
        m->depth--;
    }
    text_addz(&m->out, frames[frame][1]);
    const char *gap = between[maker_below(m, COUNT(between))];
    text_addz(&m->out, gap);
    if (strchr(gap, '\n'))
        text_addz(&m->out, m->indent);
}

static void maker_line(struct maker *m, const char *prefix)
{
    text_addz(&m->out, m->indent);
    text_addz(&m->out, prefix);
    for (unsigned i = 0, n = 1 + maker_below(m, 5); i < n; i++)
        maker_inline(m);
    text_addc(&m->out, '\n');
}

static void maker_lines(struct maker *m, const char *before, const char *each, const char *after)
{
    text_addf(&m->out, "%s%s\n", m->indent, before);
    for (unsigned i = 0, n = 1 + maker_below(m, 3); i < n; i++) {
        text_addf(&m->out, "%s%s", m->indent, each);
        maker_word(m);
        text_addz(&m->out, " {code} ");
        maker_word(m);
        text_addc(&m->out, '\n');
    }
    text_addf(&m->out, "%s%s\n", m->indent, after);
}

static void maker_table(struct maker *m)
{
    text_addf(&m->out, "\n%s|a|b|\n%s|-|-|\n", m->indent, m->indent);
    for (unsigned i = 0, n = maker_below(m, 3); i < n; i++) {
        text_addf(&m->out, "%s|", m->indent);
        maker_word(m);
        text_addz(&m->out, "\\||**");
        maker_word(m);
        text_addz(&m->out, "**|\n");
    }
}

static void maker_blocks(struct maker *m);

static void maker_nested(struct maker *m, const char *prefix, const char *indent)
{
    size_t n = strlen(m->indent);
    if (m->depth > 3 || n + strlen(indent) >= sizeof m->indent) {
        maker_line(m, prefix);
        return;
    }
    maker_line(m, prefix);
    memcpy(m->indent + n, indent, strlen(indent) + 1);
    m->depth++;
    maker_blocks(m);
    m->depth--;
    m->indent[n] = '\0';
}

static void maker_block(struct maker *m)
{
    switch (maker_below(m, 14)) {
    case 0:
        maker_line(m, "# ");
        break;
    case 1:
        maker_nested(m, "- ", "  ");
        break;
    case 2:
        maker_nested(m, "1. ", "   ");
        break;
    case 3:
        maker_nested(m, "> ", "> ");
        break;
    case 4:
        maker_nested(m, "- [ ] ", "  ");
        break;
    case 5:
        maker_lines(m, "```c", "", "```");
        break;
    case 6:
        maker_lines(m, "<div class=\"x\">", "<p>", "</div>");
        break;
    case 7:
        maker_lines(m, "", "    ", "");
        break;
    case 8:
        maker_table(m);
        break;
    case 9:
        maker_lines(m, "> [!NOTE]", "> ", "");
        break;
    case 10:
        maker_lines(m, "<script>", "", "</script>");
        break;
    default:
        maker_line(m, "");
        break;
    }
    if (maker_below(m, 3) > 0)
        text_addf(&m->out, "%s\n", m->indent);
}

static void maker_blocks(struct maker *m)
{
    for (unsigned i = 0, n = 1 + maker_below(m, 4); i < n; i++)
        maker_block(m);
}

static void words_are_there(const char *markdown, const char *jira, unsigned words)
{
    char word[16];
    for (unsigned i = 0; i < words; i++) {
        assert_true(snprintf(word, sizeof word, "w%uz", i) > 0);
        if (!strstr(jira, word))
            print_message("--- lost %s\n%s\n--- of\n%s\n", word, jira, markdown);
        assert_non_null(strstr(jira, word));
    }
}

static void test_nothing_is_lost(void **state)
{
    (void)state;
    AUTO(arena_auto) struct arena *a = arena_new(16 << 20);
    unsigned all = 0;
    for (uint64_t i = 1; i <= HARD_DOCUMENTS; i++) {
        struct maker m = {.seed = i * 0x9e3779b97f4a7c15};
        text_init(&m.out, HARD_BYTES);
        maker_blocks(&m);
        for (unsigned flags = 0; flags <= MARKUP_KEEP_LINES; flags++)
            words_are_there(text_z(&m.out), markup_to_jira(a, text_z(&m.out), flags), m.words);
        all += m.words;
        text_free(&m.out);
        arena_reset(a);
    }
    assert_true(all > 20 * HARD_DOCUMENTS / 2);
}

/* Any bytes: the result is valid, and the same bytes give the same result. */
static void test_any_bytes(void **state)
{
    (void)state;
    static const char alphabet[] = "a*_`[]()<>!#-+|~\\{}&;:$1.= \n\n\t\r\"'^h\x80\xc3\xa9\xf0\x9f\xff";
    AUTO(arena_auto) struct arena *a = arena_new(16 << 20);
    struct maker m = {.seed = 42};
    for (unsigned i = 0; i < 2 * HARD_DOCUMENTS; i++) {
        char text[200];
        size_t n = maker_below(&m, sizeof text - 1);
        for (size_t k = 0; k < n; k++)
            text[k] = alphabet[maker_below(&m, sizeof alphabet - 1)];
        text[n] = '\0';
        const char *jira = markup_to_jira(a, text, i & 1);
        assert_true(utf8_valid(str_of(jira)));
        assert_string_equal(jira, markup_to_jira(a, text, i & 1));
        arena_reset(a);
    }
    assert_string_equal(markup_to_jira(a, "a\xff\xc3(\xed\xa0\x80 b", 0), "a\xef\xbf\xbd\xef\xbf\xbd(\xef\xbf\xbd"
                                                                          "\xef\xbf\xbd\xef\xbf\xbd b");
    assert_string_equal(markup_to_jira(a, NULL, 0), "");
}

/* A document of one piece over and over, with a word in front and one at the end. */
static const char *hard_repeated(struct arena *a, const char *head, const char *piece, size_t bytes)
{
    struct text t;
    text_init(&t, bytes + 64);
    text_addf(&t, "first\n\n%s", head);
    while (t.n + strlen(piece) < bytes)
        text_addz(&t, piece);
    text_addz(&t, "\n\nlast");
    const char *markdown = arena_text(a, text_z(&t));
    text_free(&t);
    return markdown;
}

static void hard_case(const char *head, const char *piece, size_t bytes)
{
    AUTO(arena_auto) struct arena *a = arena_new(64 << 20);
    const char *markdown = hard_repeated(a, head, piece, bytes);
    clock_t from = clock();
    const char *jira = markup_to_jira(a, markdown, 0);
    double seconds = (double)(clock() - from) / CLOCKS_PER_SEC;
    if (seconds > 10)
        print_message("%s%s: %g s\n", head, piece, seconds);
    assert_true(seconds < 30);
    assert_true(utf8_valid(str_of(jira)));
    assert_true(text_starts(jira, "first"));
    assert_non_null(strstr(jira + strlen(jira) - strlen("last{noformat}"), "last"));
}

static void test_repeated(void **state)
{
    (void)state;
    static const char *const pieces[] = {
        ">",     "> ",      "- ",       "1. ",         "[",         "![",     "![l",   "*",       "_",    "*a ",
        "**a ",  "`",       "`a``b",    "<",           "<a ",       "<!A",    "<?",    "<b>",     "&",    "\\",
        "a@b",   "www.a",   "http://",  "[a](",        "[a](<b",    "[a][b]", "[^a]",  "~~a",     "|",    "$a",
        ":a",    "#",       "{",        "(",           "# a\n",     "- a\n",  "> a\n", "|a|\n",   "a\n",  "a  \n",
        "```\n", "<div>\n", "[a]: b\n", "[^a]: b\n\n", "- [ ] a\n", "a\n=\n", "<br>",  ":smile:", "\x80", "*a*",
    };
    for (size_t i = 0; i < COUNT(pieces); i++)
        hard_case("", pieces[i], strcmp(pieces[i], "```\n") == 0 ? 50004 : 50000);
}

static void test_one_mebibyte(void **state)
{
    (void)state;
    static const char *const pieces[] = {">", "[", "*", "\\", "a b\n", "# a\n", "- a\n", "|a|\n|-|\n", "a@b "};
    for (size_t i = 0; i < COUNT(pieces); i++)
        hard_case("", pieces[i], HARD_BYTES - 64);
    hard_case("", "word *word* ", 4 * HARD_BYTES); /* longer than what is parsed */
}

/* Tables whose rows the parser would fill up, and lines below deep nesting, cost as much as plain text. */
static void test_amplified(void **state)
{
    (void)state;
    AUTO(arena_auto) struct arena *a = arena_new(32 << 20);
    static const size_t columns[] = {50, 900, 5000};
    for (size_t i = 0; i < COUNT(columns); i++) {
        AUTO(text_auto) struct text head;
        text_init(&head, HARD_BYTES);
        for (size_t k = 0; k < columns[i]; k++)
            text_addz(&head, "|a");
        text_addc(&head, '\n');
        for (size_t k = 0; k < columns[i]; k++)
            text_addz(&head, "|-");
        text_addc(&head, '\n');
        hard_case(text_z(&head), "a\n", 300000);
    }
    const char *deep = hard_repeated(a, "", ">", 30000);
    hard_case(deep, "b\n", 500000);
}

static void test_depth(void **state)
{
    (void)state;
    AUTO(arena_auto) struct arena *a = arena_new(64 << 20);
    AUTO(text_auto) struct text t;
    text_init(&t, HARD_BYTES);
    for (unsigned i = 0; i < 190; i++)
        text_addz(&t, "> ");
    text_addz(&t, "inner **word**");
    const char *jira = markup_to_jira(a, text_z(&t), 0);
    assert_non_null(strstr(jira, "inner word"));
    text_reset(&t);
    for (unsigned i = 0; i < 300; i++)
        text_addf(&t, "%*s- item%u\n", (int)(2 * i), "", i);
    jira = markup_to_jira(a, text_z(&t), 0);
    assert_non_null(strstr(jira, "\n******** item7\n"));
    for (unsigned i = 0; i < 300; i++)
        assert_non_null(strstr(jira, arena_fmt(a, "item%u", i)));
    text_reset(&t);
    for (unsigned i = 0; i < 500; i++)
        text_addz(&t, "**a ");
    for (unsigned i = 0; i < 500; i++)
        text_addz(&t, " b**");
    assert_true(utf8_valid(str_of(markup_to_jira(a, text_z(&t), 0))));
}

static void *hard_thread(void *arg)
{
    (void)arg;
    AUTO(arena_auto) struct arena *a = arena_new(1 << 20);
    for (unsigned i = 0; i < 300; i++) {
        const char *jira = markup_to_jira(a, "|~~a~~|\n|-|\n|www.x.y|\n\n- [x] a@b.c", 0);
        if (strcmp(jira, "|| -a- ||\n| [www.x.y|http://www.x.y] |\n\n* ☒ [mailto:a@b.c]") != 0)
            return a;
        arena_reset(a);
    }
    return NULL;
}

static void test_threads(void **state)
{
    (void)state;
    pthread_t threads[HARD_THREADS];
    for (size_t i = 0; i < HARD_THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, hard_thread, NULL), 0);
    for (size_t i = 0; i < HARD_THREADS; i++) {
        void *failed = NULL;
        assert_int_equal(pthread_join(threads[i], &failed), 0);
        assert_null(failed);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_is_lost), cmocka_unit_test(test_any_bytes), cmocka_unit_test(test_repeated),
        cmocka_unit_test(test_one_mebibyte),    cmocka_unit_test(test_amplified), cmocka_unit_test(test_depth),
        cmocka_unit_test(test_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
