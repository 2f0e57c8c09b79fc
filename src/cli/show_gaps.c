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
