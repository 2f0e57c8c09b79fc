/* What trackers did not tell, for people. */
#include "base/base.h"
#include "cli/show_private.h"

static void show_gap_count(const struct json *of, struct text *to)
{
    int64_t missed = 0, recovered = 0;
    json_int(json_get(of, "missed"), &missed);
    json_int(json_get(of, "recovered"), &recovered);
    text_addf(to, "%" PRId64 " missed, %" PRId64 " recovered", missed, recovered);
}

static void show_gap_place(const struct json *place, struct text *to)
{
    static const char *const said[] = {"trouble", "note"};
    const char *name = show_text(place, "place");
    text_addz(to, "  ");
    show_padded(to, name[0] ? name : "all of it", 36);
    text_addz(to, "  hook ");
    show_padded(to, show_text(place, "hook"), 8);
    text_addf(to, "  until %.19s  ", show_text(place, "complete_until")[0] ? show_text(place, "complete_until") : "-");
    show_gap_count(place, to);
    if (json_bool(json_get(place, "gone"), false))
        text_addz(to, "  gone");
    text_addc(to, '\n');
    for (size_t i = 0; i < COUNT(said); i++)
        if (show_text(place, said[i])[0]) {
            text_addz(to, "    ");
            show_cut(to, show_text(place, said[i]), 300);
            text_addc(to, '\n');
        }
}

void show_gaps(const struct json *answer, struct text *to)
{
    JSON_EACH (tracker, json_get(answer, "trackers")) {
        const char *since = show_text(tracker, "complete_since"), *until = show_text(tracker, "complete_until");
        show_cut(to, show_text(tracker, "tracker"), 60);
        if (since[0] && until[0])
            text_addf(to, ": complete from %.19s to %.19s UTC; ", since, until);
        else
            text_addz(to, ": not known to be complete yet; ");
        show_gap_count(tracker, to);
        text_addc(to, '\n');
        JSON_EACH (place, json_get(tracker, "places"))
            show_gap_place(place, to);
    }
    if (json_count(json_get(answer, "trackers")) == 0)
        text_addz(to, "no bridge reads a tracker whose gaps can be looked for\n");
}

static void show_hook_row(const struct json *h, struct text *to)
{
    const char *state = !json_bool(json_get(h, "enabled"), false)  ? "disabled"
                        : json_bool(json_get(h, "failing"), false) ? "failing"
                                                                   : "enabled";
    text_addz(to, json_bool(json_get(h, "ours"), false) ? "  ours  " : "        ");
    show_padded(to, show_text(h, "id"), 12);
    text_addz(to, "  ");
    show_padded(to, state, 8);
    text_addz(to, "  ");
    show_cut(to, show_text(h, "url"), 200);
    text_addz(to, "  ");
    show_cut(to, show_text(h, "events"), 300);
    text_addc(to, '\n');
}

static void show_hook_step(const struct json *s, bool is_dry, struct text *to)
{
    text_addf(to, "  %s%s", is_dry ? "would " : "", show_text(s, "what"));
    for (size_t i = 0; i < 2; i++) {
        const char *more = show_text(s, i == 0 ? "id" : "url");
        text_addz(to, more[0] ? "  " : "");
        show_cut(to, more, 200);
    }
    text_addc(to, '\n');
}

static void show_hook_state(const struct json *place, struct text *to)
{
    const char *state = show_text(place, "state"), *by = show_text(place, "by");
    text_addf(to, ": %s", state);
    if (by[0]) {
        text_addz(to, ", that of ");
        show_cut(to, by, 200);
        text_addz(to, " tells of it");
    } else if (text_same(state, "none")) {
        text_addz(to, strchr(show_text(place, "place"), '/') ? ": nothing from it can arrive" : "");
    }
}

void show_hooks(const struct json *answer, bool is_list, struct text *to)
{
    bool is_dry = json_bool(json_get(answer, "dry_run"), false);
    JSON_EACH (p, json_get(answer, "places")) {
        show_cut(to, show_text(p, "tracker"), 60);
        text_addc(to, ':');
        show_cut(to, show_text(p, "place"), 200);
        show_hook_state(p, to);
        JSON_EACH (event, json_get(p, "lacks"))
            text_addf(to, "%s%s", event == json_first(json_get(p, "lacks")) ? ", does not tell of " : ", ",
                      json_text(event) ? json_text(event) : "");
        text_addc(to, '\n');
        if (show_text(p, "trouble")[0]) {
            text_addz(to, "  ");
            show_cut(to, show_text(p, "trouble"), 300);
            text_addc(to, '\n');
        }
        JSON_EACH (h, json_get(p, "hooks"))
            if (is_list)
                show_hook_row(h, to);
        JSON_EACH (s, json_get(p, "steps"))
            show_hook_step(s, is_dry, to);
    }
    if (json_count(json_get(answer, "places")) == 0)
        text_addz(to, "no repository has sent an event yet; name one: github:OWNER/REPO\n");
}
