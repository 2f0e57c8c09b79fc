/* demo_show.c: what the demo prints. */
#include "base/base.h"
#include "base/arena.h"
#include "base/json.h"
#include "base/text.h"
#include "base/utf8.h"
#include "cli/show.h"
#include "daemon/demo_private.h"
#include "io/file.h"
#include "model/plan.h"

enum { DEMO_CHANGE_BYTES = 1024 * 1024, DEMO_LINE_POINTS = 100 };

static const char *const demo_colours[VERDICTS] = {
    [VERDICT_APPLIED] = "\033[32m", [VERDICT_UNCHANGED] = "\033[36m", [VERDICT_DISCARDED] = "\033[33m",
    [VERDICT_PARKED] = "\033[31m",  [VERDICT_EXPIRED] = "\033[31m",
};

static const char *demo_word(const struct json *row, const char *name, const char *otherwise)
{
    const char *text = json_text(json_get(row, name));
    return text ? text : otherwise;
}

void demo_show_row(const struct json *row, const char *verdict, int64_t took_us)
{
    enum verdict v = VERDICTS;
    char time[32];
    int64_t id = 0;
    bool colour = out_is_terminal() && verdict_parse(verdict, &v) && demo_colours[v];
    (void)json_int(json_get(row, "id"), &id);
    snprintf(time, sizeof time, "%.1f ms", (double)took_us / 1000.0);
    printf("%6" PRId64 "  %-21.21s %-26.26s %s%-10s%s %-21s %9s\n", id, demo_word(row, "subject", ""),
           demo_word(row, "kind", ""), colour ? demo_colours[v] : "", verdict, colour ? "\033[0m" : "",
           demo_word(row, "target", "-"), time);
}

void demo_show_why(const struct demo *d)
{
    if (demo_delivery(d)->why)
        printf("        %s\n", demo_delivery(d)->why);
}

void demo_show_end(struct demo *d, const struct json *row, bool is_expected)
{
    const char *reason = demo_word(row, "reason", NULL);
    if (json_bool(json_get(row, "recovered"), false))
        printf("        → recovered: no webhook told of it\n");
    if (reason)
        printf("        → %s\n", reason);
    if (!is_expected)
        printf("        NOT AS EXPECTED: %s; see: lockstep explain %" PRId64 "\n", demo_delivery(d)->expect, d->event);
}

void demo_show_changes(const struct json *answer)
{
    const struct json *last = NULL;
    AUTO(text_auto) struct text line;
    text_init(&line, DEMO_CHANGE_BYTES);
    JSON_EACH (one, json_get(answer, "attempts"))
        last = one;
    JSON_EACH (unit, json_path(last, "trace.decision.units"))
        JSON_EACH (change, json_get(unit, "changes")) {
            text_reset(&line);
            show_change(&line, change, ":");
            size_t n = utf8_prefix(text_str(&line), DEMO_LINE_POINTS);
            printf("        · %.*s%s\n", (int)n, text_z(&line), n < line.n ? "…" : "");
        }
}

void demo_show_urls(const struct demo *d)
{
    printf("\nlockstep     %s/__heartbeat__   %s/metrics\n", d->url, d->url);
    printf("             %s events --config %s/lockstep.yaml\n", d->program, d->folder);
    printf("             %s explain 2 --config %s/lockstep.yaml\n", d->program, d->folder);
    printf("             %s gaps --config %s/lockstep.yaml\n", d->program, d->folder);
    printf("Jira         %s/jira/          (pretend)\n", d->sandbox_url);
    printf("Bugzilla     %s/bugzilla/      (pretend)\n", d->sandbox_url);
    printf("GitHub       %s/github/        (pretend)\n", d->sandbox_url);
}
