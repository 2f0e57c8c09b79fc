#include "base/base.h"

#include "base/arena.h"
#include "base/text.h"
#include "http/message.h"

#include <setjmp.h>

#include <cmocka.h>

static struct arena *arena;

static int open_arena(UNUSED void **state)
{
    arena = arena_new(1024 * 1024);
    return 0;
}

static int close_arena(UNUSED void **state)
{
    arena_free(arena);
    return 0;
}

static void test_headers(UNUSED void **state)
{
    struct http_header given[] = {{.name = "Given", .value = "before"}};
    struct http_headers h = {given, 1};
    for (int i = 0; i < 20; i++)
        http_header_add(arena, &h, arena_fmt(arena, "X-%d", i), arena_fmt(arena, "%d", i));
    http_header_add(arena, &h, "x-3", "another");
    http_header_add_secret(arena, &h, "Token", "word");
    assert_int_equal(h.n, 23);
    assert_string_equal(http_header_get(&h, "GIVEN"), "before");
    assert_string_equal(http_header_get(&h, "x-3"), "3");
    assert_string_equal(http_header_get(&h, "X-19"), "19");
    assert_null(http_header_get(&h, "X-20"));
    assert_null(http_header_get(&h, ""));
    assert_true(h.v[22].is_secret);
    assert_false(h.v[21].is_secret);
    assert_null(http_header_get(&(struct http_headers){0}, "x"));
}

static void test_reasons(UNUSED void **state)
{
    assert_string_equal(http_reason(200), "OK");
    assert_string_equal(http_reason(404), "Not Found");
    assert_string_equal(http_reason(503), "Service Unavailable");
    assert_string_equal(http_reason(299), "");
    assert_string_equal(http_reason(-1), "");
}

static void test_escape(UNUSED void **state)
{
    static const struct {
        const char *plain, *escaped;
    } rows[] = {{"", ""},
                {"abc-._~XYZ09", "abc-._~XYZ09"},
                {"a b/c?d=e&f+g%", "a%20b%2Fc%3Fd%3De%26f%2Bg%25"},
                {"\xc3\xa9\x7f\x01", "%C3%A9%7F%01"}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        AUTO(text_auto) struct text t;
        text_init(&t, 1000);
        http_escape(&t, rows[i].plain);
        assert_string_equal(text_z(&t), rows[i].escaped);
        assert_string_equal(http_unescape(arena, text_str(&t), true), rows[i].plain);
    }
}

static void test_unescape(UNUSED void **state)
{
    static const struct {
        const char *s;
        bool plus;
        const char *wanted;
    } rows[] = {{"a+b", true, "a b"},  {"a+b", false, "a+b"}, {"%", false, "%"},           {"%4", false, "%4"},
                {"%zz", false, "%zz"}, {"%4g", false, "%4g"}, {"%00", false, "%00"},       {"%2B", true, "+"},
                {"%2b%", true, "+%"},  {"%%41", true, "%A"},  {"%C3%A9", true, "\xc3\xa9"}};
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_string_equal(http_unescape(arena, str_of(rows[i].s), rows[i].plus), rows[i].wanted);
}

static void test_query(UNUSED void **state)
{
    static const struct {
        const char *url, *name, *wanted;
    } rows[] = {
        {"/p?a=b&c=d", "a", "b"},   {"/p?a=b&c=d", "c", "d"},    {"/p?a=b&c=d", "d", NULL},
        {"/p", "a", NULL},          {"/p?", "a", NULL},          {"/p?a", "a", ""},
        {"/p?a=", "a", ""},         {"/p?a=1&a=2", "a", "1"},    {"/p?aa=1&a=2", "a", "2"},
        {"/p?x=a=b", "x", "a=b"},   {"/p?&&a=1", "a", "1"},      {"/p?q=a+b%26c", "q", "a b&c"},
        {"/p?%61=1", "a", "1"},     {"/p#?a=1", "a", NULL},      {"/p?a=1#b", "a", "1"},
        {"/p?b=1#&a=2", "a", NULL}, {"http://h/?a=?", "a", "?"}, {"", "a", NULL},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        const char *got = http_query(arena, rows[i].url, rows[i].name);
        if (!text_same(got, rows[i].wanted))
            fail_msg("%s: %s is %s", rows[i].url, rows[i].name, got ? got : "absent");
    }
}

static void test_join(UNUSED void **state)
{
    assert_string_equal(http_join(arena, "http://h", "/p"), "http://h/p");
    assert_string_equal(http_join(arena, "http://h/x//", "/p"), "http://h/x/p");
    assert_string_equal(http_join(arena, "", "/p"), "/p");
    assert_string_equal(http_join(arena, "/", "/p"), "/p");
}

static void test_urls(UNUSED void **state)
{
    static const struct {
        const char *url, *scheme, *host;
        int port;
        const char *path, *query, *fragment;
    } rows[] = {
        {"http://h", "http", "h", 0, "/", "", ""},
        {"HTTPS://Example.ORG:8443/A/b?C=d&e#F", "https", "example.org", 8443, "/A/b", "C=d&e", "F"},
        {"http://h?q", "http", "h", 0, "/", "q", ""},
        {"http://h#f?x", "http", "h", 0, "/", "", "f?x"},
        {"http://h/?a?b#c#d", "http", "h", 0, "/", "a?b", "c#d"},
        {"http://h:/p", "http", "h", 0, "/p", "", ""},
        {"http://user:pa:ss@h:1/p@x", "http", "h", 1, "/p@x", "", ""},
        {"http://good.example@evil.example/", "http", "evil.example", 0, "/", "", ""},
        {"http://[::1]:80/p", "http", "[::1]", 80, "/p", "", ""},
        {"http://[FE80::1]", "http", "[fe80::1]", 0, "/", "", ""},
        {"http://b\xc3\xbc"
         "cher.example/\xc3\xbc",
         "http",
         "b\xc3\xbc"
         "cher.example",
         0, "/\xc3\xbc", "", ""},
        {"http://127.0.0.1:65535//x", "http", "127.0.0.1", 65535, "//x", "", ""},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct url u;
        if (!url_parse(arena, rows[i].url, &u))
            fail_msg("%s is refused", rows[i].url);
        assert_string_equal(u.scheme, rows[i].scheme);
        assert_string_equal(u.host, rows[i].host);
        assert_int_equal(u.port, rows[i].port);
        assert_string_equal(u.path, rows[i].path);
        assert_string_equal(u.query, rows[i].query);
        assert_string_equal(u.fragment, rows[i].fragment);
    }
}

static void test_urls_refused(UNUSED void **state)
{
    static const char *const rows[] = {
        "",
        "h",
        "//h/p",
        "/p",
        "ftp://h/",
        "javascript://h",
        "http:/h",
        "http:h",
        "http://",
        "http:///p",
        "http://:80/",
        "http://u@/",
        "http://h:x",
        "http://h:65536",
        "http://h:-1",
        "http://h:1:2",
        "http://h h/",
        "http://h/a b",
        "http://h\t",
        "http://h/\n",
        " http://h",
        "http://h\\x",
        "http://[::1/",
        "http://[]/",
        "http://[g::1]/",
        "http://::1/",
        "http://h%41/",
        "http://h,x/",
        "http://[::1]x/",
        "http://a[::1]/",
        "http://h;@x:y/",
        "x http://h/",
    };
    struct url u = {.port = -7};
    for (size_t i = 0; i < COUNT(rows); i++)
        if (url_parse(arena, rows[i], &u))
            fail_msg("%s has the host %s", rows[i], u.host);
    assert_false(url_parse(arena, NULL, &u));
    assert_int_equal(u.port, -7);
}

static void test_credentials(UNUSED void **state)
{
    static const struct {
        const char *value, *password, *token;
    } rows[] = {
        {"Basic dXNlcjpwYTpzcw==", "pa:ss", NULL}, /* user:pa:ss */
        {"basic   dXNlcjpwYTpzcw== ", "pa:ss", NULL},
        {"BASIC Og==", "", NULL},       /* : */
        {"Basic dXNlcg==", NULL, NULL}, /* user */
        {"Basic !!!!", NULL, NULL},
        {"Basic ", NULL, NULL},
        {"Basic", NULL, NULL},
        {"BasicdXNlcjpw", NULL, NULL},
        {"Bearer abc", NULL, "abc"},
        {"bearer  abc ", NULL, "abc"},
        {"Bearer", NULL, NULL},
        {"Token abc", NULL, NULL},
        {"", NULL, NULL},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct http_headers h = {0};
        http_header_add(arena, &h, "authorization", rows[i].value);
        const char *password = http_basic_password(arena, &h), *token = http_bearer(arena, &h);
        if (!text_same(password, rows[i].password) || !text_same(token, rows[i].token))
            fail_msg("%s: %s %s", rows[i].value, password ? password : "-", token ? token : "-");
    }
    assert_null(http_bearer(arena, &(struct http_headers){0}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_headers),  cmocka_unit_test(test_reasons),      cmocka_unit_test(test_escape),
        cmocka_unit_test(test_unescape), cmocka_unit_test(test_query),        cmocka_unit_test(test_join),
        cmocka_unit_test(test_urls),     cmocka_unit_test(test_urls_refused), cmocka_unit_test(test_credentials),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
