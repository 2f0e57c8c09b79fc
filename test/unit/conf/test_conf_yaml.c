#include "conf_test.h"

#include "conf/yaml.h"

struct yaml_case {
    const char *content, *problems;
};

/* The tree as compact text: quoted "x", plain x, [list], {map}. */
static void write_tree(const struct yaml *y, struct text *to)
{
    if (!y) {
        text_addz(to, "(none)");
    } else if (y->kind == YAML_SCALAR) {
        text_addf(to, y->plain ? "%s" : "\"%s\"", y->text);
    } else {
        text_addc(to, y->kind == YAML_MAP ? '{' : '[');
        size_t step = y->kind == YAML_MAP ? 2 : 1;
        for (size_t i = 0; i < y->n * step; i++) {
            text_addz(to, i == 0 ? "" : i % step ? ":" : ",");
            write_tree(y->items[i], to);
        }
        text_addc(to, y->kind == YAML_MAP ? '}' : ']');
    }
}

static void test_tree(void **state)
{
    (void)state;
    static const struct yaml_case cases[] = {
        {"", "(none)"},
        {"# nothing\n", "(none)"},
        {"---\n", "(none)"},
        {"~", "(none)"},
        {"\xef\xbb\xbf"
         "a: 1\n",
         "{a:1}"},
        {"a: 1\r\nb: 2\r\n", "{a:1,b:2}"},
        {"%YAML 1.2\n---\na\n...\n", "a"},
        {"[a, 'b', \"c\\n\", {d: }]", "[a,\"b\",\"c\n\",{d:}]"},
        {"a: |\n  x\n  y\n", "{a:\"x\ny\n\"}"},
        {"[!!str 1, !!int \"2\", ! 3, !!seq [x], !!map {}]", "[\"1\",2,\"3\",[x],{}]"},
        {"[&a x, *a, &a y, *a]", "[x,x,y,y]"},
        {"[&a {k: v}, {<<: *a, j: w}]", "[{k:v},{j:w,k:v}]"},
        {"[&a {k: v}, {<<: *a, k: w}]", "[{k:v},{k:w}]"},
        {"[&a {k: v}, {k: w, <<: *a}]", "[{k:v},{k:w}]"},
        {"[&a {k: 1, l: 1}, &b {k: 2, m: 2}, {<<: [*a, *b]}]", "[{k:1,l:1},{k:2,m:2},{k:1,l:1,m:2}]"},
        {"[&a {k: 1}, &b {<<: *a, l: 2}, {<<: *b}]", "[{k:1},{l:2,k:1},{l:2,k:1}]"},
        {"{<<: {a: 1}, b: 2}", "{b:2,a:1}"},
        {"{\"<<\": 1}", "{\"<<\":1}"},
        {"{<<: []}", "{}"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        AUTO(arena_auto) struct arena *a = arena_new(64 << 20);
        AUTO(text_auto) struct text t;
        struct problems p;
        problems_init(&p, a);
        text_init(&t, 1000);
        write_tree(yaml_read(a, "f", str_of(cases[i].content), &p), &t);
        assert_problems(&p, "");
        assert_string_equal(text_z(&t), cases[i].problems);
    }
}

static void test_refusals(void **state)
{
    (void)state;
    static const struct yaml_case cases[] = {
        {"a: 1\nb:\n\t- c\n", "f:3:1: a tab cannot indent; use spaces\n"},
        {"a:\n  b: 1\n  \tc: 2\n", "f:3:3: a tab cannot indent; use spaces\n"},
        {"a: 1\nb: \xff\n", "f:2:4: not UTF-8; save the file as UTF-8\n"},
        {"a: \xc3", "f:1:4: not UTF-8; save the file as UTF-8\n"},
        {"\xc3\xa4\xc3\xa4\xed\xa0\x80", "f:1:3: not UTF-8; save the file as UTF-8\n"},
        {"\xff\xfe"
         "a",
         "f:1:1: the file is UTF-16; save it as UTF-8\n"},
        {"\xfe\xff"
         "a",
         "f:1:1: the file is UTF-16; save it as UTF-8\n"},
        {"a:\n \xef\xbb\xbf"
         "b",
         "f:2:2: a byte order mark may only stand at the very start\n"},
        {"a: x\x01\n", "f:1:5: the control character U+0001 is not allowed\n"},
        {"a: \"\\0\"\n", "f:1:4: a text may not hold a NUL character\n"},
        {"a: 1\n---\nb: 2\n", "f:2:1: a second document begins here; a file holds one\n"},
        {"a: 1\nb: 2\na: 3\n", "f:3:1: a: the key is there already, in line 1\n"},
        {"a: {x: 1, x: 2}\nb: 1\nb: 2\n",
         "f:1:11: x: the key is there already, in line 1\nf:3:1: b: the key is there already, in line 2\n"},
        {"{<<: {a: 1}, <<: {b: 1}}", "f:1:14: <<: the key is there already, in line 1\n"},
        {"{<<: x}", "f:1:2: <<: expected a map or a list of maps to merge, got a text\n"},
        {"{<<: [{a: 1}, 2]}", "f:1:2: <<: expected a map or a list of maps to merge, got a list\n"},
        {"? [a]\n: b\n", "f:1:3: a key must be a text, got a list\n"},
        {"a: *b\n", "f:1:4: there is no anchor \"b\" before this alias; a text that begins with * needs quotes\n"},
        {"a: 1\nrepos:\n  - name: *\n", "f:3:11: a text that begins with * needs quotes: \"*\"\n"},
        {"ä: {name: */x, b: 1}\n", "f:1:11: a text that begins with * needs quotes: \"*/x\"\n"},
        {"a: *", "f:1:4: a text that begins with * needs quotes: \"*\"\n"},
        {"&a [*a]\n", "f:1:5: the anchor \"a\" contains itself\n"},
        {"&a {<<: *a}\n", "f:1:9: the anchor \"a\" contains itself\n"},
        {"a: !ruby/object 1\n", "f:1:4: the tag \"!ruby/object\" is not supported here\n"},
        {"a: !!map 1\n", "f:1:4: the tag \"tag:yaml.org,2002:map\" is not supported here\n"},
        {"a: [1\nb: 2\n",
         "f:2:2: not valid YAML: did not find expected ',' or ']', while parsing a flow sequence from line 1 on\n"},
        {"a: b: c\n", "f:1:5: not valid YAML: mapping values are not allowed in this context\n"},
        {"a: 'b\n",
         "f:2:1: not valid YAML: found unexpected end of stream, while scanning a quoted scalar from line 1 on\n"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        AUTO(arena_auto) struct arena *a = arena_new(64 << 20);
        struct problems p;
        problems_init(&p, a);
        assert_null(yaml_read(a, "f", str_of(cases[i].content), &p));
        assert_problems(&p, cases[i].problems);
    }
}

static void refuse(const char *content, size_t n, const char *problems)
{
    AUTO(arena_auto) struct arena *a = arena_new(64 << 20);
    struct problems p;
    problems_init(&p, a);
    assert_null(yaml_read(a, "f", (struct str){content, n}, &p));
    assert_problems(&p, problems);
}

/* Nine lists, each of nine aliases of the one before. */
static void test_laughs(void **state)
{
    (void)state;
    AUTO(text_auto) struct text t;
    text_init(&t, 1 << 20);
    text_addz(&t, "a0: &a0 [lol,lol,lol,lol,lol,lol,lol,lol,lol]\n");
    for (int i = 1; i < 10; i++) {
        text_addf(&t, "a%d: &a%d [", i, i);
        for (int k = 0; k < 9; k++)
            text_addf(&t, "*a%d%s", i - 1, k < 8 ? "," : "]\n");
    }
    refuse(t.p, t.n, "f:6:14: the file unfolds to more than 200000 values\n");
    /* The same by merges. */
    text_reset(&t);
    text_addz(&t, "m0: &m0 {");
    for (int i = 0; i < 1000; i++)
        text_addf(&t, "k%d: v,", i);
    text_addz(&t, "}\n");
    text_addz(&t, "m1: {<<: [");
    for (int i = 0; i < 1000; i++)
        text_addz(&t, "*m0,");
    text_addz(&t, "]}\n");
    refuse(t.p, t.n, "f:2:403: the file unfolds to more than 200000 values\n");
}

static void test_bounds(void **state)
{
    (void)state;
    for (int depth = 63; depth <= 100000; depth = depth == 63 ? 64 : depth == 64 ? 65 : depth + 99935) {
        AUTO(arena_auto) struct arena *a = arena_new(64 << 20);
        struct problems p;
        char *s = arena_zero(a, 2 * (size_t)depth + 1);
        memset(s, '[', (size_t)depth);
        memset(s + depth, ']', (size_t)depth);
        problems_init(&p, a);
        assert_true((yaml_read(a, "f", str_of(s), &p) != NULL) == (depth <= YAML_DEPTH));
        assert_problems(&p, depth <= YAML_DEPTH ? "" : "f:1:65: nested deeper than 64 levels\n");
    }
    /* By aliases: 40 levels put into 40 levels. */
    AUTO(text_auto) struct text t;
    text_init(&t, YAML_BYTES + 100);
    text_addf(&t, "- &a %.*s%.*s\n- %.*s*a%.*s\n", 40, "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", 40,
              "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]", 40, "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", 40,
              "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]");
    refuse(t.p, t.n, "f:2:43: nested deeper than 64 levels\n");
    text_reset(&t);
    while (t.n <= YAML_BYTES)
        text_addz(&t, "# a comment that is rather long\n");
    refuse(t.p, t.n, "f:1:1: the file is larger than 4 MiB\n");
    text_reset(&t);
    text_addc(&t, '[');
    for (int i = 0; i < YAML_NODES; i++)
        text_addz(&t, "1,");
    text_addc(&t, ']');
    refuse(t.p, t.n, "f:1:400000: the file unfolds to more than 200000 values\n");
}

/* As many keys as fit: sorting them is not quadratic, nor are 30,000 anchors. */
static void test_wide(void **state)
{
    (void)state;
    AUTO(arena_auto) struct arena *a = arena_new(64 << 20);
    AUTO(text_auto) struct text t;
    struct problems p;
    problems_init(&p, a);
    text_init(&t, YAML_BYTES);
    for (int i = 0; i < 30000; i++)
        text_addf(&t, "k%d: [&n%d x, *n%d]\n", i, i, i / 2);
    const struct yaml *y = yaml_read(a, "f", text_str(&t), &p);
    assert_problems(&p, "");
    assert_int_equal(y->n, 30000);
    assert_int_equal(yaml_get(y, "k29999")->line, 30000);
}

static void test_words(void **state)
{
    (void)state;
    static const struct {
        const char *content, *kind;
        bool is_text;
    } cases[] = {
        {"true", "a boolean", false},   {"False", "a boolean", false},
        {"TRUE", "a boolean", false},   {"yes", "a text", true},
        {"no", "a text", true},         {"on", "a text", true},
        {"off", "a text", true},        {"Y", "a text", true},
        {"tRUE", "a text", true},       {"\"true\"", "a text", true},
        {"~x", "a text", true},         {"nullx", "a text", true},
        {"\"null\"", "a text", true},   {"1", "a number", false},
        {"-12", "a number", false},     {"+3", "a number", false},
        {"0o17", "a number", false},    {"0x1F", "a number", false},
        {"012", "a number", false},     {"1.5", "a number", false},
        {"1.", "a number", false},      {".5", "a number", false},
        {"1e3", "a number", false},     {"1e", "a text", true},
        {".", "a text", true},          {"-", "a list", false},
        {".inf", "a number", false},    {"-.INF", "a number", false},
        {".nan", "a number", false},    {"-.nan", "a text", true},
        {"0o8", "a text", true},        {"0x", "a text", true},
        {"1_000", "a text", true},      {"12:30", "a text", true},
        {"P1", "a text", true},         {"'1'", "a text", true},
        {"2026-01-01", "a text", true}, {"99999999999999999999", "a number", false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        AUTO(arena_auto) struct arena *a = arena_new(64 << 20);
        struct problems p;
        problems_init(&p, a);
        const struct yaml *y = yaml_read(a, "f", str_of(cases[i].content), &p);
        assert_string_equal(yaml_kind_name(y), cases[i].kind);
        assert_int_equal(yaml_is_text(y), cases[i].is_text);
    }
    assert_string_equal(yaml_kind_name(NULL), "nothing");
    assert_false(yaml_is_text(NULL));
    assert_true(yaml_is_null(NULL));
    assert_null(yaml_get(NULL, "a"));
}

static void test_numbers(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool ok;
        int64_t n;
    } cases[] = {
        {"0", true, 0},
        {"-9223372036854775808", true, INT64_MIN},
        {"9223372036854775807", true, INT64_MAX},
        {"9223372036854775808", false, 0},
        {"-9223372036854775809", false, 0},
        {"0x7fffffffffffffff", true, INT64_MAX},
        {"0o17", true, 15},
        {"+7", true, 7},
        {"007", true, 7},
        {"", false, 0},
        {"-", false, 0},
        {"+-1", false, 0},
        {"1.0", false, 0},
        {"a", false, 0},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        int64_t n = 0;
        assert_int_equal(yaml_int(&(struct yaml){.plain = true, .text = cases[i].text}, &n), cases[i].ok);
        assert_true(n == cases[i].n);
        assert_false(yaml_int(&(struct yaml){.plain = false, .text = cases[i].text}, &n));
    }
}

/* Ever more problems do not take ever more memory; the errors are counted. */
static void test_problems(void **state)
{
    (void)state;
    AUTO(arena_auto) struct arena *a = arena_new(64 << 20);
    struct problems p;
    problems_init(&p, a);
    for (int i = 0; i < 5000; i++)
        problem_add(&p, (struct problem){.file = "f", .line = i, .text = "x", .is_warning = i % 2});
    assert_int_equal(p.n, PROBLEMS_MAX);
    assert_int_equal(p.errors, 2500);
    assert_string_equal(p.v[PROBLEMS_MAX - 1].text, "there are more problems than are shown");
    problems_init(&p, a);
    problem_add(&p,
                (struct problem){.file = "a\nb", .line = 3, .column = 4, .key = "k\033[1m", .text = "t", .near = "n"});
    problem_add(&p, (struct problem){.file = "f", .text = "t", .is_warning = true});
    assert_problems(&p, "a\\x0ab:3:4: k\\x1b[1m: t; did you mean \"n\"?\nf: warning: t\n");
    assert_string_equal(problem_quote(a, "\xc3\xa4"), "\"\xc3\xa4\"");
    assert_string_equal(problem_quote(a, "0123456789012345678901234567890123456789012345678901234567890123"),
                        "\"012345678901234567890123456789012345678901234567890123456789…\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tree),    cmocka_unit_test(test_refusals), cmocka_unit_test(test_laughs),
        cmocka_unit_test(test_bounds),  cmocka_unit_test(test_wide),     cmocka_unit_test(test_words),
        cmocka_unit_test(test_numbers), cmocka_unit_test(test_problems),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
