/* What a node of the tree says: the words of YAML 1.2's core schema, and messages about it. */
#include "base/base.h"

#include "conf/yaml.h"

#include "base/arena.h"
#include "base/text.h"

/* Maps of options are short: a plain search is the quickest. */
const struct yaml *yaml_get(const struct yaml *map, const char *key)
{
    if (!map || map->kind != YAML_MAP)
        return NULL;
    for (size_t i = 0; i < map->n; i++)
        if (strcmp(map->items[2 * i]->text, key) == 0)
            return map->items[2 * i + 1];
    return NULL;
}

/* One of three spellings, without quotes. */
static bool yaml_is_word(const struct yaml *y, const char *const words[3])
{
    if (!y || y->kind != YAML_SCALAR || !y->plain)
        return false;
    for (int i = 0; i < 3; i++)
        if (strcmp(y->text, words[i]) == 0)
            return true;
    return false;
}

/* `a:` with nothing behind it is an empty plain scalar. */
bool yaml_is_null(const struct yaml *y)
{
    static const char *const words[] = {"null", "Null", "NULL"};
    if (!y)
        return true;
    if (y->kind != YAML_SCALAR || !y->plain)
        return false;
    return y->text[0] == '\0' || strcmp(y->text, "~") == 0 || yaml_is_word(y, words);
}

bool yaml_bool(const struct yaml *y, bool *ret)
{
    static const char *const yes[] = {"true", "True", "TRUE"};
    static const char *const no[] = {"false", "False", "FALSE"};
    bool is = yaml_is_word(y, yes);
    if (!is && !yaml_is_word(y, no))
        return false;
    *ret = is;
    return true;
}

/* At least one digit, nothing else, no overflow. */
static bool yaml_digits(const char *s, int base, bool is_negative, int64_t *ret)
{
    int64_t v = 0;
    if (*s == '\0')
        return false;
    for (; *s; s++) {
        int d = hex_digit(*s);
        if (d < 0 || d >= base || __builtin_mul_overflow(v, base, &v) ||
            __builtin_add_overflow(v, is_negative ? -d : d, &v))
            return false;
    }
    *ret = v;
    return true;
}

/* YAML 1.2: 0o17 is octal, 012 is twelve, and there are no underscores. */
bool yaml_int(const struct yaml *y, int64_t *ret)
{
    if (!y || y->kind != YAML_SCALAR || !y->plain)
        return false;
    const char *s = y->text;
    if (text_starts(s, "0o"))
        return yaml_digits(s + 2, 8, false, ret);
    if (text_starts(s, "0x"))
        return yaml_digits(s + 2, 16, false, ret);
    bool is_negative = *s == '-';
    return yaml_digits(s + (is_negative || *s == '+'), 10, is_negative, ret);
}

static const char *yaml_skip_digits(const char *s)
{
    while (*s >= '0' && *s <= '9')
        s++;
    return s;
}

static const char *yaml_skip_sign(const char *s)
{
    return s + (*s == '-' || *s == '+');
}

/* A decimal number, of any size, with or without fraction and exponent. */
static bool yaml_is_decimal(const char *s)
{
    const char *whole = yaml_skip_sign(s), *end = yaml_skip_digits(whole);
    bool has_digits = end > whole;
    if (*end == '.') {
        const char *fraction = end + 1;
        end = yaml_skip_digits(fraction);
        has_digits |= end > fraction;
    }
    if (!has_digits)
        return false;
    if (*end == 'e' || *end == 'E') {
        const char *exponent = yaml_skip_sign(end + 1);
        end = yaml_skip_digits(exponent);
        if (end == exponent)
            return false;
    }
    return *end == '\0';
}

/* Whole numbers of any size, decimals, infinity and not-a-number. */
bool yaml_is_number(const struct yaml *y)
{
    static const char *const infinite[] = {".inf", ".Inf", ".INF"};
    static const char *const nan[] = {".nan", ".NaN", ".NAN"};
    struct yaml unsigned_one = *y;
    unsigned_one.text = yaml_skip_sign(y->text);
    int64_t n;
    return yaml_int(y, &n) || yaml_is_decimal(y->text) || yaml_is_word(&unsigned_one, infinite) || yaml_is_word(y, nan);
}

bool yaml_is_text(const struct yaml *y)
{
    bool b;
    if (!y || y->kind != YAML_SCALAR)
        return false;
    return !y->plain || !(y->number || yaml_is_null(y) || yaml_bool(y, &b));
}

/* With an article, to stand behind "got". */
const char *yaml_kind_name(const struct yaml *y)
{
    bool b;
    if (yaml_is_null(y))
        return "nothing";
    if (y->kind == YAML_LIST)
        return "a list";
    if (y->kind == YAML_MAP)
        return "a map";
    if (yaml_is_text(y))
        return "a text";
    return yaml_bool(y, &b) ? "a boolean" : "a number";
}

/* No message is longer: the values in them are cut by problem_quote. */
PRINTF(3, 0) static void yaml_report(struct problems *p, struct problem one, const char *format, va_list args)
{
    char line[1024];
    (void)vsnprintf(line, sizeof line, format, args);
    one.text = line;
    problem_add(p, one);
}

void yaml_problem(struct problems *p, const struct yaml *at, const char *key, const char *near, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    yaml_report(p, (struct problem){.file = at->file, .line = at->line, .column = at->column, .key = key, .near = near},
                format, args);
    va_end(args);
}

void yaml_warning(struct problems *p, const struct yaml *at, const char *key, const char *near, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    yaml_report(
        p,
        (struct problem){
            .file = at->file, .line = at->line, .column = at->column, .key = key, .near = near, .is_warning = true},
        format, args);
    va_end(args);
}
