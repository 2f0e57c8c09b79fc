#include "conf_test.h"

#include "base/secret.h"
#include "conf/address.h"

struct inner {
    int64_t n;
};
struct sample {
    const char *text, *url, *path, *other;
    struct texts texts, none;
    struct secret *secret;
    struct secrets secrets;
    bool flag;
    int64_t number, pause, size;
    struct rate rate;
    int word;
    struct inner inner;
};
static const char *const words[] = {"join", "keep", NULL};
static const struct opt inner_opts[] = {OPTION_INT(struct inner, n, 0, "3", 0, 0, "A number")};
static const struct opt_table inner_table = OPT_TABLE_OF("inner", struct inner, inner_opts);
static const struct opt sample_opts[] = {
    OPTION_TEXT(struct sample, text, 0, "dflt", "A text"),
    OPTION_URL(struct sample, url, 0, NULL, "An address"),
    OPTION_PATH(struct sample, path, 0, NULL, "A file"),
    OPTION_PATH_AS("another", struct sample, other, 0, NULL, "A file by another name"),
    OPTION_TEXTS(struct sample, texts, 0, "[a b, c]", "Texts"),
    OPTION_TEXTS(struct sample, none, 0, NULL, "More texts"),
    OPTION_SECRET(struct sample, secret, 0, "A secret"),
    OPTION_SECRETS(struct sample, secrets, 0, "Secrets"),
    OPTION_BOOL(struct sample, flag, 0, "true", "A flag"),
    OPTION_INT(struct sample, number, 0, "5", 1, 10, "A number"),
    OPTION_TIME(struct sample, pause, 0, "10s", 1000, 60000, "A pause"),
    OPTION_SIZE(struct sample, size, 0, "1MiB", 1024, 2 << 20, "A size"),
    OPTION_RATE(struct sample, rate, 0, NULL, "A rate"),
    OPTION_WORD(struct sample, word, 0, "join", words, "A word"),
    OPTION_TABLE(struct sample, inner, inner_table, "More"),
};
static const struct opt_table sample_table = OPT_TABLE_OF("the sample", struct sample, sample_opts);
static const struct opt must_opts[] = {OPTION_TEXT(struct sample, text, OPT_REQUIRED, NULL, "A text")};
static const struct opt_table must_table = OPT_TABLE_OF("must", struct sample, must_opts);

static const struct fake files[] = {
    {"/etc/key", "from file\n"}, {"dir/key", "beside\r\n"}, {"dir/two", "a\n\n"}, {"dir/empty", ""}, {NULL, NULL}};
static const struct fake env[] = {{"NAME", "value"}, {"EMPTY", ""}, {"N", "7"}, {"HOST", "h.example"}, {NULL, NULL}};

struct reading {
    struct arena *arena;
    struct problems problems;
    struct fakes fakes;
    struct conf_source source;
    struct sample s;
};

static void read_sample(struct reading *x, const struct opt_table *t, const char *content)
{
    static const char *const ignore[] = {"elsewhere", NULL};
    x->arena = arena_new(64 << 20);
    x->fakes = (struct fakes){files, env};
    x->source = fake_source(&x->fakes);
    x->s = (struct sample){0};
    problems_init(&x->problems, x->arena);
    struct opt_read r = {x->arena, &x->problems, &x->source, "top", ignore};
    opts_read(t, yaml_read(x->arena, "dir/f", str_of(content), &x->problems), &r, &x->s);
}

static void end_sample(struct reading *x)
{
    opts_release(&sample_table, &x->s);
    assert_null(x->s.secret);
    assert_int_equal(x->s.secrets.n, 0);
    arena_free(x->arena);
}

static void test_defaults(void **state)
{
    (void)state;
    static const char *const contents[] = {"", "{}", "text: ~\nurl:\nnumber: null\ninner:\n"};
    for (size_t i = 0; i < COUNT(contents); i++) {
        struct reading x;
        read_sample(&x, &sample_table, contents[i]);
        assert_problems(&x.problems, "");
        assert_string_equal(x.s.text, "dflt");
        assert_null(x.s.url);
        assert_null(x.s.path);
        assert_null(x.s.secret);
        assert_true(x.s.flag);
        assert_int_equal(x.s.number, 5);
        assert_int_equal(x.s.pause, 10000);
        assert_int_equal(x.s.size, 1 << 20);
        assert_true(x.s.rate.per_second == 0);
        assert_int_equal(x.s.word, 0);
        assert_int_equal(x.s.inner.n, 3);
        end_sample(&x);
    }
}

static void test_texts(void **state)
{
    (void)state;
    static const struct {
        const char *content;
        size_t n;
        const char *first, *problems;
    } cases[] = {
        {"", 2, "a b", ""},
        {"texts: ~\nanother: x.csv\n", 2, "a b", ""},
        {"texts: []\n", 0, NULL, ""},
        {"texts: one, two\n", 1, "one, two", ""},
        {"texts: ['${NAME}', 7]\n", 2, "value", ""},
        {"texts: [[a], '', {}, ok, ~]\n", 1, "ok",
         "dir/f:1:9: top.texts: expected a text or a list of texts, none of them empty, got a list\n"
         "dir/f:1:14: top.texts: expected a text or a list of texts, none of them empty, got \"\"\n"
         "dir/f:1:18: top.texts: expected a text or a list of texts, none of them empty, got a map\n"
         "dir/f:1:26: top.texts: expected a text or a list of texts, none of them empty, got \"~\"\n"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct reading x;
        read_sample(&x, &sample_table, cases[i].content);
        assert_problems(&x.problems, cases[i].problems);
        assert_int_equal(x.s.texts.n, cases[i].n);
        assert_true(cases[i].n == 0 || text_same(x.s.texts.v[0], cases[i].first));
        assert_int_equal(x.s.none.n, 0);
        assert_true(text_same(x.s.other, i == 1 ? "dir/x.csv" : NULL));
        end_sample(&x);
    }
}

static void test_values(void **state)
{
    (void)state;
    struct reading x;
    read_sample(&x, &sample_table,
                "text: 12\nurl: https://${HOST}:8443/a/b//\npath: sub/x.yaml\nsecret: ${NAME}\n"
                "secrets: [one, '${file:key}']\nflag: false\nnumber: \"${N}\"\npause: 1m\nsize: 2MiB\nrate: 90/m\n"
                "word: keep\ninner: {n: 9}\nelsewhere: 1\n");
    assert_problems(&x.problems, "");
    assert_string_equal(x.s.text, "12");
    assert_string_equal(x.s.url, "https://h.example:8443/a/b");
    assert_string_equal(x.s.path, "dir/sub/x.yaml");
    assert_true(str_same(secret_reveal(x.s.secret), STR("value")));
    assert_int_equal(x.s.secrets.n, 2);
    assert_true(str_same(secret_reveal(x.s.secrets.v[0]), STR("one")));
    assert_true(str_same(secret_reveal(x.s.secrets.v[1]), STR("beside")));
    assert_false(x.s.flag);
    assert_int_equal(x.s.number, 7);
    assert_int_equal(x.s.pause, 60000);
    assert_int_equal(x.s.size, 2 << 20);
    assert_true(x.s.rate.per_second > 1.49 && x.s.rate.per_second < 1.51);
    assert_int_equal(x.s.rate.burst, 1);
    assert_int_equal(x.s.word, 1);
    assert_int_equal(x.s.inner.n, 9);
    end_sample(&x);
}

static void test_rates(void **state)
{
    (void)state;
    static const struct {
        const char *content;
        int64_t per_1000s, burst;
    } cases[] = {{"rate: 10/s", 10000, 10},
                 {"rate: 600/m", 10000, 10},
                 {"rate: 36/h", 10, 1},
                 {"rate: 0.5/s", 500, 1},
                 {"rate: 2.5/s", 2500, 2}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct reading x;
        read_sample(&x, &sample_table, cases[i].content);
        assert_problems(&x.problems, "");
        assert_int_equal((int64_t)(x.s.rate.per_second * 1000 + 0.0001), cases[i].per_1000s);
        assert_int_equal(x.s.rate.burst, cases[i].burst);
        end_sample(&x);
    }
}

static void test_refusals(void **state)
{
    (void)state;
    static const struct {
        const char *content, *problems;
    } cases[] = {
        {"[a]", "dir/f:1:1: top: expected a map, got a list\n"},
        {"txet: a", "dir/f:1:1: top.txet: unknown option of the sample; did you mean \"text\"?\n"},
        {"elsewher: a", "dir/f:1:1: top.elsewher: unknown option of the sample; did you mean \"elsewhere\"?\n"},
        {"qqqqqqqq: a", "dir/f:1:1: top.qqqqqqqq: unknown option of the sample\n"},
        {"inner: {m: 1}", "dir/f:1:9: top.inner.m: unknown option of inner; did you mean \"n\"?\n"},
        {"inner: {n: -1}", "dir/f:1:12: top.inner.n: expected a whole number, got \"-1\"\n"},
        {"text: [a]", "dir/f:1:7: top.text: expected a text, got a list\n"},
        {"flag: yes", "dir/f:1:7: top.flag: expected true or false, got \"yes\"\n"},
        {"number: 0", "dir/f:1:9: top.number: expected a whole number, from 1 to 10, got \"0\"\n"},
        {"number: 11", "dir/f:1:9: top.number: expected a whole number, from 1 to 10, got \"11\"\n"},
        {"number: 1.5", "dir/f:1:9: top.number: expected a whole number, from 1 to 10, got \"1.5\"\n"},
        {"pause: soon",
         "dir/f:1:8: top.pause: expected a duration such as 30s, 5m, 12h or 7d, from 1s to 1m, got \"soon\"\n"},
        {"pause: 2m",
         "dir/f:1:8: top.pause: expected a duration such as 30s, 5m, 12h or 7d, from 1s to 1m, got \"2m\"\n"},
        {"size: 3MiB",
         "dir/f:1:7: top.size: expected a size such as 64KiB or 25MiB, from 1KiB to 2MiB, got \"3MiB\"\n"},
        {"rate: 10", "dir/f:1:7: top.rate: expected a rate such as 10/s, 600/m or 1000/h, got \"10\"\n"},
        {"rate: 0/s", "dir/f:1:7: top.rate: expected a rate such as 10/s, 600/m or 1000/h, got \"0/s\"\n"},
        {"rate: 10/d", "dir/f:1:7: top.rate: expected a rate such as 10/s, 600/m or 1000/h, got \"10/d\"\n"},
        {"rate: -1/s", "dir/f:1:7: top.rate: expected a rate such as 10/s, 600/m or 1000/h, got \"-1/s\"\n"},
        {"rate: 99999999999999999999/s",
         "dir/f:1:7: top.rate: expected a rate such as 10/s, 600/m or 1000/h, got \"99999999999999999999/s\"\n"},
        {"word: kep", "dir/f:1:7: top.word: expected one of join, keep, got \"kep\"; did you mean \"keep\"?\n"},
        {"url: ftp://x",
         "dir/f:1:6: top.url: expected an http or https address without user, query and fragment, got \"ftp://x\"\n"},
        {"url: https://u:p@x",
         "dir/f:1:6: top.url: expected an http or https address without user, query and fragment\n"},
        {"url: 'http://'",
         "dir/f:1:6: top.url: expected an http or https address without user, query and fragment, got \"http://\"\n"},
        {"path: ''", "dir/f:1:7: top.path: expected a file or an http or https address, got \"\"\n"},
        {"secret: ''", "dir/f:1:9: top.secret: expected a secret, which may not be empty\n"},
        {"secret: ${EMPTY}", "dir/f:1:9: top.secret: expected a secret, which may not be empty\n"},
        {"secret: ${file:empty}", "dir/f:1:9: top.secret: expected a secret, which may not be empty\n"},
        {"secret: [a]", "dir/f:1:9: top.secret: expected a secret, which may not be empty, got a list\n"},
        {"secrets: []",
         "dir/f:1:10: top.secrets: expected a secret or a list of secrets, which may not be empty, got a list\n"},
        {"secrets: [a, {}]",
         "dir/f:1:14: top.secrets: expected a secret or a list of secrets, which may not be empty, got a map\n"},
        {"secrets: [a, ~]",
         "dir/f:1:14: top.secrets: expected a secret or a list of secrets, which may not be empty\n"},
        {"text: ${NONE}\nnumber: ${NONE}", "dir/f:1:7: top.text: the environment variable NONE is not set\n"
                                           "dir/f:2:9: top.number: the environment variable NONE is not set\n"},
        {"number: ${NAME}", "dir/f:1:9: top.number: expected a whole number, from 1 to 10, got \"${NAME}\"\n"},
        {"text: ${NAME", "dir/f:1:7: top.text: ${ has no closing }\n"},
        {"text: ${}",
         "dir/f:1:7: top.text: expected ${NAME}, ${NAME:-default} or ${file:PATH}, got \"\" in the braces\n"},
        {"text: ${A-B}",
         "dir/f:1:7: top.text: expected ${NAME}, ${NAME:-default} or ${file:PATH}, got \"A-B\" in the braces\n"},
        {"text: '${file:}'", "dir/f:1:7: top.text: expected the path of a file in ${file:PATH}\n"},
        {"text: ${file:none}", "dir/f:1:7: top.text: cannot read dir/none: No such file or directory\n"},
        {"number: x\nflag: 1\nword: z\n", "dir/f:2:7: top.flag: expected true or false, got \"1\"\n"
                                          "dir/f:1:9: top.number: expected a whole number, from 1 to 10, got \"x\"\n"
                                          "dir/f:3:7: top.word: expected one of join, keep, got \"z\"\n"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct reading x;
        read_sample(&x, &sample_table, cases[i].content);
        assert_problems(&x.problems, cases[i].problems);
        end_sample(&x);
    }
    struct reading x;
    read_sample(&x, &must_table, "elsewhere: 1\n");
    assert_problems(&x.problems, "dir/f:1:1: top.text: is required: a text\n");
    end_sample(&x);
}

static void test_expand(void **state)
{
    (void)state;
    static const struct {
        const char *content, *text;
    } cases[] = {
        {"text: a ${NAME} b ${N}", "a value b 7"},
        {"text: ${NONE:-x y}", "x y"},
        {"text: ${EMPTY:-x}", "x"},
        {"text: ${EMPTY}", ""},
        {"text: ${NAME:-x}", "value"},
        {"text: ${NONE:-}", ""},
        {"text: $NAME $ $$ {NAME}", "$NAME $ $$ {NAME}"},
        {"text: $${NAME} $$${NAME}", "${NAME} $${NAME}"},
        {"text: ${file:/etc/key}", "from file"},
        {"text: ${file:key}", "beside"},
        {"text: ${file:two}", "a\n"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct reading x;
        read_sample(&x, &sample_table, cases[i].content);
        assert_problems(&x.problems, "");
        assert_string_equal(x.s.text, cases[i].text);
        end_sample(&x);
    }
}

static void test_places(void **state)
{
    (void)state;
    static const struct {
        const char *file, *path, *expected;
    } cases[] = {
        {"a/b.yaml", "c", "a/c"},        {"b.yaml", "c", "c"},
        {"/b.yaml", "c", "/c"},          {"a/b.yaml", "/c", "/c"},
        {"a/b", "http://x", "http://x"}, {"a/b", "https://x/y", "https://x/y"},
        {"a/b.yaml", "../c", "a/../c"},
    };
    AUTO(arena_auto) struct arena *a = arena_new(1 << 20);
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_string_equal(opts_beside(a, cases[i].file, cases[i].path), cases[i].expected);
}

static void test_listen(void **state)
{
    (void)state;
    static const char *const good[] = {"127.0.0.1:8080", "localhost:0", "[::1]:80",    "[fe80::1%eth0]:65535",
                                       "a-b.c:1",        "unix:/run/x", "unix:x.sock", "0.0.0.0:00080"};
    static const char *const bad[] = {"",      "8080", ":8080", "a:",    "a:b",   "a:65536",  "a:-1", "::1:80",
                                      "[::1]", "[]:1", "[1]:1", "unix:", "a b:1", "a:123456", "a:1 ", "http://a:1"};
    for (size_t i = 0; i < COUNT(good); i++)
        assert_true(address_is_listen(good[i]));
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_false(address_is_listen(bad[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults), cmocka_unit_test(test_texts),    cmocka_unit_test(test_values),
        cmocka_unit_test(test_rates),    cmocka_unit_test(test_refusals), cmocka_unit_test(test_expand),
        cmocka_unit_test(test_places),   cmocka_unit_test(test_listen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
