#include "base/base.h"
#include "base/log.h"
#include "base/arena.h"
#include "base/json.h"
#include "base/text.h"
#include "unit.h"

#include <pthread.h>

struct capture {
    struct text lines;
    size_t n;
    int64_t now_ms;
};

static void capture_line(void *ctx, struct str line)
{
    struct capture *c = ctx;
    text_add(&c->lines, line);
    c->n++;
}

static int64_t capture_now(void *ctx)
{
    return ((struct capture *)ctx)->now_ms;
}

static struct capture captured;

static void start(enum log_format format, enum log_level level)
{
    text_free(&captured.lines);
    text_init(&captured.lines, 1 << 20);
    captured.n = 0;
    captured.now_ms = INT64_C(1795194156123);
    log_to(&(struct log_sink){capture_line, capture_now, &captured}, format, level);
}

static void test_before_start(void **state)
{
    (void)state;
    assert_false(log_wants(LOG_ERROR));
    log_line(LOG_ERROR, "x", "nobody hears this", LOG_INT("n", 1));
    log_flush();
}

static void test_text(void **state)
{
    (void)state;
    start(LOG_TEXT, LOG_INFO);
    log_line(LOG_INFO, "engine", "verdict", LOG_INT("event", 12), LOG_STR("reason", "no tag"));
    assert_string_equal(text_z(&captured.lines), "2026-11-20T17:02:36.123Z info  engine: verdict event=12 reason=\"no "
                                                 "tag\"\n");
    start(LOG_TEXT, LOG_INFO);
    log_line(LOG_WARNING, "m", "two\nlines", LOG_STR("a", ""), LOG_STR("b", NULL), LOG_STR("c", "x=y"),
             LOG_STR("d", "q\"\n\x1b[31m"), LOG_STR("e", "bare-1.2/ä"), LOG_STR("f", "\xFF"), LOG_INT("g", -5));
    assert_string_equal(text_z(&captured.lines),
                        "2026-11-20T17:02:36.123Z warning m: two lines a=\"\" b=\"\" c=\"x=y\" "
                        "d=\"q\\\"\\n\\u001b[31m\" e=bare-1.2/ä f=\"\xEF\xBF\xBD\" g=-5\n");
}

static void test_json(void **state)
{
    (void)state;
    start(LOG_JSON, LOG_INFO);
    log_line(LOG_INFO, "engine", "verdict", LOG_INT("event", 12), LOG_STR("reason", "no \"tag\"\n"));
    assert_string_equal(text_z(&captured.lines),
                        "{\"time\":\"2026-11-20T17:02:36.123Z\",\"level\":\"info\",\"module\":\"engine\",\"message\":"
                        "\"verdict\",\"event\":12,\"reason\":\"no \\\"tag\\\"\\n\"}\n");
}

static void test_levels(void **state)
{
    (void)state;
    start(LOG_TEXT, LOG_WARNING);
    assert_true(log_wants(LOG_ERROR) && log_wants(LOG_WARNING) && !log_wants(LOG_INFO) && !log_wants(LOG_DEBUG));
    log_line(LOG_INFO, "m", "quiet", LOG_INT("n", 1));
    assert_int_equal(captured.n, 0);
    log_write(LOG_ERROR, "m", "loud", NULL, 0);
    assert_string_equal(text_z(&captured.lines), "2026-11-20T17:02:36.123Z error m: loud\n");
    enum log_level level = LOG_ERROR;
    assert_int_equal(log_level_parse("Debug", &level, NULL), 0);
    assert_int_equal(level, LOG_DEBUG);
    struct err e = {0};
    assert_int_equal(log_level_parse("loud", &level, &e), -ERR_INPUT);
    assert_int_equal(level, LOG_DEBUG);
}

static void test_long_values(void **state)
{
    (void)state;
    static char value[100000];
    memset(value, 'x', sizeof value - 1);
    memcpy(value + 511, "€", 3); /* across the limit of 512 bytes */
    for (int format = LOG_JSON; format <= LOG_TEXT; format++) {
        start((enum log_format)format, LOG_INFO);
        log_line(LOG_INFO, "m", "long", LOG_STR("v", value), LOG_STR("after", "y"));
        assert_in_range(captured.lines.n, 511, 700);
        assert_null(strstr(text_z(&captured.lines), "€"));
        assert_non_null(strstr(text_z(&captured.lines), "after"));
    }
}

/* More pairs than a line may hold: the line loses its pairs, but stays whole. */
static void test_too_many_pairs(void **state)
{
    (void)state;
    static char value[513];
    memset(value, 1, sizeof value - 1);
    struct log_pair pairs[100];
    for (size_t i = 0; i < COUNT(pairs); i++)
        pairs[i] = LOG_STR("v", value);
    start(LOG_JSON, LOG_INFO);
    log_write(LOG_INFO, "m", "many", pairs, COUNT(pairs));
    assert_string_equal(
        text_z(&captured.lines),
        "{\"time\":\"2026-11-20T17:02:36.123Z\",\"level\":\"info\",\"module\":\"m\",\"message\":\"many\"}\n");
}

static void test_folding(void **state)
{
    (void)state;
    start(LOG_TEXT, LOG_INFO);
    for (int i = 0; i < 50; i++)
        log_line(LOG_INFO, "m", "again", LOG_INT("i", i));
    assert_int_equal(captured.n, 20);
    log_line(LOG_INFO, "m", "other", LOG_INT("i", 1));
    log_line(LOG_INFO, "n", "again", LOG_INT("i", 1));
    assert_int_equal(captured.n, 22);
    captured.now_ms += 9999;
    log_line(LOG_INFO, "m", "again", LOG_INT("i", 50));
    assert_int_equal(captured.n, 22);
    text_reset(&captured.lines);
    captured.now_ms += 1;
    log_line(LOG_INFO, "m", "new", LOG_INT("i", 1)); /* any line ends what is over */
    assert_string_equal(text_z(&captured.lines), "2026-11-20T17:02:46.123Z info  m: again repeats=31\n"
                                                 "2026-11-20T17:02:46.123Z info  m: new i=1\n");
    log_line(LOG_INFO, "m", "again", LOG_INT("i", 51));
    assert_int_equal(captured.n, 25);
}

static void test_flush(void **state)
{
    (void)state;
    start(LOG_TEXT, LOG_INFO);
    for (int i = 0; i < 23; i++)
        log_line(LOG_ERROR, "m", "again", LOG_INT("i", i));
    text_reset(&captured.lines);
    log_flush();
    assert_string_equal(text_z(&captured.lines), "2026-11-20T17:02:36.123Z error m: again repeats=3\n");
    log_flush();
    assert_int_equal(captured.n, 21);
}

/* Many different messages share few places: nothing is lost, each is written or counted. */
static void test_many_messages(void **state)
{
    (void)state;
    start(LOG_JSON, LOG_INFO);
    char message[32];
    for (int round = 0; round < 30; round++)
        for (int i = 0; i < 200; i++) {
            (void)snprintf(message, sizeof message, "message %d", i);
            log_line(LOG_INFO, "m", message, LOG_INT("n", 1));
        }
    log_flush();
    int64_t lines = 0, repeats = 0, n;
    AUTO(arena_auto) struct arena *a = arena_new(1 << 20);
    for (const char *p = text_z(&captured.lines), *end; (end = strchr(p, '\n')) != NULL; p = end + 1) {
        const struct json *v = NULL;
        arena_reset(a);
        assert_int_equal(json_parse(a, (struct str){p, (size_t)(end - p)}, &v, NULL), 0);
        lines += json_get(v, "n") != NULL;
        repeats += json_int(json_get(v, "repeats"), &n) ? n : 0;
    }
    assert_int_equal(lines + repeats, 30 * 200);
}

static void *log_often(void *arg)
{
    for (int i = 0; i < 200; i++)
        log_line(LOG_INFO, "pool", (const char *)arg, LOG_INT("i", i));
    return NULL;
}

static void test_threads(void **state)
{
    (void)state;
    start(LOG_TEXT, LOG_INFO);
    static char names[4][2] = {"a", "b", "c", "d"};
    pthread_t threads[COUNT(names)];
    for (size_t i = 0; i < COUNT(names); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, log_often, names[i]), 0);
    for (size_t i = 0; i < COUNT(names); i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    log_flush();
    assert_in_range(captured.n, 4 * 21, 4 * 200);
    text_free(&captured.lines);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_before_start),  cmocka_unit_test(test_text),
                                       cmocka_unit_test(test_json),          cmocka_unit_test(test_levels),
                                       cmocka_unit_test(test_long_values),   cmocka_unit_test(test_too_many_pairs),
                                       cmocka_unit_test(test_folding),       cmocka_unit_test(test_flush),
                                       cmocka_unit_test(test_many_messages), cmocka_unit_test(test_threads)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
