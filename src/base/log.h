/*
 * log.h: one line a unit of work.
 *
 * A line has a level, a module, a message and key=value pairs; it is written as JSON (the default of the daemon) or
 * as text for people. Values from outside are cut at 512 bytes and control characters are escaped. Lines with the same
 * module and message within 10 s beyond the first 20 are folded into a count. Where lines go is set once, at start, by
 * the program (log_to). Loop thread and pool threads may log. Modules from base to rule do not log above debug.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/base.h"

enum log_level { LOG_ERROR, LOG_WARNING, LOG_INFO, LOG_DEBUG };
enum log_format { LOG_JSON, LOG_TEXT };

struct log_sink {
    void (*write)(void *ctx, struct str line); /* line ends in a newline; called under the log's lock */
    int64_t (*now_ms)(void *ctx);              /* wall clock */
    void *ctx;
};
void log_to(const struct log_sink *sink, enum log_format format, enum log_level level);
void log_flush(void); /* write the counts of folded lines now: at the end, and now and then */
bool log_wants(enum log_level level);
int log_level_parse(const char *name, enum log_level *ret, struct err *e);

/* log_line(LOG_INFO, "engine", "verdict", LOG_INT("event", id), LOG_STR("reason", text)); */
struct log_pair {
    const char *key;
    const char *text; /* NULL: number */
    int64_t number;
};
#define LOG_INT(k, v) ((struct log_pair){.key = (k), .number = (v)})
#define LOG_STR(k, v) log_pair_text((k), (v))
static inline struct log_pair log_pair_text(const char *key, const char *text) /* NULL is an empty text */
{
    return (struct log_pair){.key = key, .text = text ? text : ""};
}
#define log_line(level, module, message, ...)                                                                          \
    log_write((level), (module), (message), (const struct log_pair[]){__VA_ARGS__},                                    \
              sizeof((const struct log_pair[]){__VA_ARGS__}) / sizeof(struct log_pair))
void log_write(enum log_level level, const char *module, const char *message, const struct log_pair *pairs, size_t n);

#endif
