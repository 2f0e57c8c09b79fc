#include "base/base.h"
#include "cli/progress.h"
#include "base/text.h"
#include "io/file.h"
#include "io/loop.h"

enum {
    PROGRESS_LINE_BYTES = 4096,
    PROGRESS_AGAIN_US = 100 * 1000,
    PROGRESS_SURE_MS = 1000, /* before that a rate is a guess */
    PROGRESS_BAR_LEAST = 10,
    PROGRESS_BAR_MOST = 40,
};

/* --- the line --- */

static void progress_number(enum progress_unit unit, double n, struct text *to)
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    size_t i = 0;
    if (unit == PROGRESS_COUNT) {
        text_addf(to, "%.0f", n);
        return;
    }
    for (; n >= 1024 && i < COUNT(units) - 1; i++)
        n /= 1024;
    text_addf(to, i > 0 && n < 100 ? "%.1f %s" : "%.0f %s", n, units[i]);
}

static void progress_duration(int64_t ms, struct text *to)
{
    int64_t s = (ms + 999) / 1000;
    if (s < 60)
        text_addf(to, "%" PRId64 " s", s);
    else if (s < 3600)
        text_addf(to, "%" PRId64 " min %02" PRId64 " s", s / 60, s % 60);
    else
        text_addf(to, "%" PRId64 " h %02" PRId64 " min", s / 3600, s % 3600 / 60);
}

static void progress_rate(const struct progress *p, int64_t took_ms, struct text *to)
{
    double rate = (double)p->done * 1000.0 / (double)took_ms;
    bool is_slow = p->unit == PROGRESS_COUNT && rate < 1;
    if (is_slow)
        rate *= 60;
    if (p->unit == PROGRESS_COUNT && rate < 9.95)
        text_addf(to, "%.1f", rate);
    else
        progress_number(p->unit, rate, to);
    text_addz(to, is_slow ? "/min" : "/s");
}

/* "12 of 40, 6.0/s, 5 s left" */
static void progress_figures(const struct progress *p, int64_t took_ms, struct text *to)
{
    progress_number(p->unit, (double)p->done, to);
    if (p->total > 0) {
        text_addz(to, " of ");
        progress_number(p->unit, (double)p->total, to);
    }
    if (took_ms < PROGRESS_SURE_MS || p->done <= 0)
        return;
    text_addz(to, ", ");
    progress_rate(p, took_ms, to);
    if (p->total <= p->done)
        return;
    double left_ms = (double)(p->total - p->done) * (double)took_ms / (double)p->done;
    if (left_ms > 1e15)
        return;
    text_addz(to, ", ");
    progress_duration((int64_t)left_ms, to);
    text_addz(to, " left");
}

static void progress_bar(double part, size_t width, struct text *to)
{
    size_t full = (size_t)(part * (double)width);
    text_addz(to, "[");
    for (size_t i = 0; i < width; i++)
        text_addc(to, i < full ? '#' : '.');
    text_addz(to, "] ");
}

void progress_line(const struct progress *p, int64_t took_ms, unsigned columns, struct text *to)
{
    AUTO(text_auto) struct text figures;
    AUTO(text_auto) struct text line;
    text_init(&figures, PROGRESS_LINE_BYTES);
    text_init(&line, PROGRESS_LINE_BYTES);
    progress_figures(p, took_ms, &figures);
    text_addf(&line, "%s ", p->what);
    if (p->total > 0) {
        double part = p->done >= p->total ? 1 : p->done > 0 ? (double)p->done / (double)p->total : 0;
        size_t used = line.n + strlen("[] 100 % ") + figures.n + 1;
        size_t room = columns > used ? columns - used : 0;
        if (room >= PROGRESS_BAR_LEAST)
            progress_bar(part, room < PROGRESS_BAR_MOST ? room : PROGRESS_BAR_MOST, &line);
        text_addf(&line, "%3.0f %% ", part * 100);
    }
    text_add(&line, text_str(&figures));
    size_t most = columns > 0 ? columns - 1 : 0; /* the last column would make some terminals begin a line */
    text_add(to, (struct str){line.p, line.n < most ? line.n : most});
}

/* --- the terminal --- */

void progress_start(struct progress *p, const char *what, bool is_wanted)
{
    *p = (struct progress){.what = what, .columns = is_wanted ? err_columns() : 0, .began_us = clock_mono_us()};
}

bool progress_shows(const struct progress *p)
{
    return p->columns > 0;
}

void progress_at(struct progress *p, int64_t done, int64_t total)
{
    int64_t now = clock_mono_us();
    p->done = done;
    p->total = total;
    if (!progress_shows(p) || (p->drawn_us > 0 && now - p->drawn_us < PROGRESS_AGAIN_US))
        return;
    AUTO(text_auto) struct text t;
    text_init(&t, PROGRESS_LINE_BYTES);
    text_addc(&t, '\r');
    progress_line(p, (now - p->began_us) / 1000, p->columns, &t);
    text_addz(&t, "\033[K");
    fputs(text_z(&t), stderr);
    p->drawn_us = now;
    p->is_drawn = true;
}

void progress_clear(struct progress *p)
{
    if (p->is_drawn)
        fputs("\r\033[K", stderr);
    p->is_drawn = false;
}
