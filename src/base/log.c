#include "base/base.h"
#include "base/log.h"
#include "base/json.h"
#include "base/map.h"
#include "base/text.h"
#include "base/utf8.h"
#include "base/when.h"

#include <pthread.h>
#include <stdatomic.h>

enum { LOG_VALUE_MAX = 512, LOG_LINE_MAX = 32 << 10, LOG_FOLDS = 64, LOG_WINDOW_MS = 10000, LOG_BURST = 20 };

struct log_fold { /* lines of one module and message in the current window */
    uint64_t key;
    int64_t since_ms;
    int64_t seen;
    enum log_level level;
    char module[32], message[128];
};

/* All of it under the lock, but for the level, which log_wants reads on its own. */
static pthread_mutex_t log_lock = PTHREAD_MUTEX_INITIALIZER;
static struct log_sink log_sink;
static enum log_format log_format;
static struct log_fold log_folds[LOG_FOLDS];
static atomic_int log_most = -1; /* nothing is logged before log_to */

static const char *const log_levels[] = {
    [LOG_ERROR] = "error", [LOG_WARNING] = "warning", [LOG_INFO] = "info", [LOG_DEBUG] = "debug"};

void log_to(const struct log_sink *sink, enum log_format format, enum log_level level)
{
    pthread_mutex_lock(&log_lock);
    log_sink = *sink;
    log_format = format;
    memset(log_folds, 0, sizeof log_folds);
    atomic_store(&log_most, (int)level);
    pthread_mutex_unlock(&log_lock);
}

bool log_wants(enum log_level level)
{
    return (int)level <= atomic_load_explicit(&log_most, memory_order_relaxed);
}

int log_level_parse(const char *name, enum log_level *ret, struct err *e)
{
    for (unsigned i = 0; i < COUNT(log_levels); i++)
        if (text_same_nocase(name, log_levels[i])) {
            *ret = (enum log_level)i;
            return 0;
        }
    return fail(e, ERR_INPUT, "'%.40s' is not a log level: error, warning, info or debug", name);
}

static struct str log_cut(const char *text)
{
    struct str s = {text, strnlen(text, LOG_VALUE_MAX + 1)};
    if (s.n <= LOG_VALUE_MAX)
        return s;
    s.n = LOG_VALUE_MAX;
    while (s.n && ((unsigned char)text[s.n] & 0xC0) == 0x80)
        s.n--; /* not in the middle of a character */
    return s;
}

static void log_json(struct text *line, const struct log_fold *f, const struct log_pair *pairs, size_t n, int64_t now)
{
    char time[WHEN_TEXT_BYTES];
    struct json_out o;
    json_start(&o, line);
    json_open(&o, NULL, '{');
    json_put_text(&o, "time", when_text(now, time));
    json_put_text(&o, "level", log_levels[f->level]);
    json_put_text(&o, "module", f->module);
    json_put_text(&o, "message", f->message);
    for (size_t i = 0; i < n; i++)
        if (pairs[i].text)
            json_put_str(&o, pairs[i].key, log_cut(pairs[i].text));
        else
            json_put_int(&o, pairs[i].key, pairs[i].number);
    json_close(&o);
}

static bool log_is_bare(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] <= ' ' || s.p[i] == '"' || s.p[i] == '=' || s.p[i] == '\\' || s.p[i] == 0x7F)
            return false;
    return s.n > 0 && utf8_valid(s);
}

static void log_quoted(struct text *line, struct str s)
{
    struct json_out o;
    json_start(&o, line);
    json_put_str(&o, NULL, s);
}

static void log_plain(struct text *line, const struct log_fold *f, const struct log_pair *pairs, size_t n, int64_t now)
{
    char time[WHEN_TEXT_BYTES];
    text_addf(line, "%s %-5s %s: ", when_text(now, time), log_levels[f->level], f->module);
    for (const char *p = f->message; *p; p++)
        text_addc(line, (unsigned char)*p < ' ' ? ' ' : *p);
    for (size_t i = 0; i < n; i++) {
        text_addf(line, " %s=", pairs[i].key);
        struct str value = pairs[i].text ? log_cut(pairs[i].text) : STR("");
        if (!pairs[i].text)
            text_addf(line, "%" PRId64, pairs[i].number);
        else if (log_is_bare(value))
            text_add(line, value);
        else
            log_quoted(line, value);
    }
}

static void log_emit(const struct log_fold *f, const struct log_pair *pairs, size_t n, int64_t now)
{
    AUTO(text_auto) struct text line;
    text_init(&line, LOG_LINE_MAX);
    if (log_format == LOG_JSON)
        log_json(&line, f, pairs, n, now);
    else
        log_plain(&line, f, pairs, n, now);
    if (text_full(&line)) { /* far too many pairs: say at least what it was about */
        text_reset(&line);
        (log_format == LOG_JSON ? log_json : log_plain)(&line, f, NULL, 0, now);
    }
    text_addc(&line, '\n');
    log_sink.write(log_sink.ctx, text_str(&line));
}

/* Ends the window of a fold; says how many lines it kept back. */
static void log_unfold(struct log_fold *f, int64_t now)
{
    if (f->seen > LOG_BURST) {
        const struct log_pair pair = LOG_INT("repeats", f->seen - LOG_BURST);
        log_emit(f, &pair, 1, now);
    }
    f->seen = 0;
}

void log_flush(void)
{
    pthread_mutex_lock(&log_lock);
    for (size_t i = 0; i < LOG_FOLDS; i++)
        if (log_folds[i].seen > LOG_BURST)
            log_unfold(&log_folds[i], log_sink.now_ms(log_sink.ctx));
    pthread_mutex_unlock(&log_lock);
}

static void log_copy(char *to, size_t room, const char *from)
{
    size_t n = strnlen(from, room - 1);
    memcpy(to, from, n);
    to[n] = '\0';
}

static void log_head(struct log_fold *f, enum log_level level, const char *module, const char *message)
{
    f->level = level;
    log_copy(f->module, sizeof f->module, module);
    log_copy(f->message, sizeof f->message, message);
    f->key = hash_stable(str_of(module)) * 31 + hash_stable(str_of(message));
}

/* Counts the line; the fold it belongs to, which takes the place of another one if need be. */
static struct log_fold *log_count(const struct log_fold *head, int64_t now)
{
    struct log_fold *f = &log_folds[head->key % LOG_FOLDS];
    for (size_t i = 0; i < LOG_FOLDS; i++) {
        struct log_fold *other = &log_folds[i];
        if (other->seen && (now - other->since_ms >= LOG_WINDOW_MS || now < other->since_ms))
            log_unfold(other, now);
    }
    if (f->seen && f->key != head->key)
        log_unfold(f, now);
    if (!f->seen) {
        *f = *head;
        f->since_ms = now;
    }
    f->seen++;
    return f;
}

void log_write(enum log_level level, const char *module, const char *message, const struct log_pair *pairs, size_t n)
{
    if (!log_wants(level))
        return;
    struct log_fold head = {0};
    log_head(&head, level, module, message);
    pthread_mutex_lock(&log_lock);
    int64_t now = log_sink.now_ms(log_sink.ctx);
    if (log_count(&head, now)->seen <= LOG_BURST)
        log_emit(&head, pairs, n, now);
    pthread_mutex_unlock(&log_lock);
}
