/* fuzz_markup: any bytes become valid markup in both modes; each cut is valid and within its limit. */
#include "base/base.h"
#include "base/arena.h"
#include "base/utf8.h"
#include "rule/markup.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fuzz_cut(struct arena *a, const char *text)
{
    static const size_t limits[] = {0, 1, 7, 20, 41, 100, 255, 1000, 32767};
    size_t whole = utf8_points(str_of(text));
    for (size_t i = 0; i < COUNT(limits); i++) {
        const char *cut = markup_cut(a, text, limits[i]), *words = text_cut_words(a, text, limits[i]);
        check(utf8_valid(str_of(cut)) && utf8_points(str_of(cut)) <= limits[i]);
        check(utf8_valid(str_of(words)) && utf8_points(str_of(words)) <= limits[i]);
        check(whole > limits[i] || (strcmp(cut, text) == 0 && strcmp(words, text) == 0));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 1 << 16)
        return 0;
    AUTO(arena_auto) struct arena *a = arena_new(64 << 20);
    const char *markdown = arena_str(a, (struct str){(const char *)data, size});
    for (unsigned flags = 0; flags <= MARKUP_KEEP_LINES; flags++) {
        const char *jira = markup_to_jira(a, markdown, flags);
        check(utf8_valid(str_of(jira)));
        fuzz_cut(a, jira);
    }
    return 0;
}
