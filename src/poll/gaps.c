#include "base/base.h"
#include "poll/gaps.h"
#include "base/arena.h"
#include "base/text.h"
#include "conf/config.h"
#include "http/message.h"

enum { GAP_ECHO_MS = 2000 }; /* times of trackers are whole seconds, and clocks differ */

static const char *const gap_hook_words[GAP_HOOKS] = {
    [GAP_HOOK_UNKNOWN] = "unknown", [GAP_HOOK_NONE] = "none",       [GAP_HOOK_HEARD] = "heard",
    [GAP_HOOK_WORKING] = "working", [GAP_HOOK_FAILING] = "failing", [GAP_HOOK_DISABLED] = "disabled"};
static const struct words gap_hook_table = {gap_hook_words, GAP_HOOKS};

const char *gap_hook_name(enum gap_hook h)
{
    return gap_hook_words[h];
}

static const struct field place_state_rows[] = {
    F_WHEN(struct place_state, first_ms, "first"),
    F_WHEN(struct place_state, until_ms, "until"),
    F_WHEN(struct place_state, checked_ms, "checked"),
    F_WHEN(struct place_state, floor_ms, "floor"),
    F_WHEN(struct place_state, updated_ms, "updated"),
    F_WHEN(struct place_state, log_ms, "log"),
    F_WHEN(struct place_state, log_read_ms, "log_read"),
    F_WHEN(struct place_state, hooks_read_ms, "hooks_read"),
    F_INT(struct place_state, missed, "missed"),
    F_INT(struct place_state, recovered, "recovered"),
    F_WORD(struct place_state, hook, "hook", gap_hook_table),
    F_TEXT(struct place_state, hook_id, "hook_id"),
    F_TEXT(struct place_state, tag, "tag"),
    F_TEXT(struct place_state, trouble, "trouble"),
    F_TEXT(struct place_state, note, "note"),
    F_BOOL(struct place_state, is_gone, "gone"),
};
const struct field_table place_state_table = FIELD_TABLE("place", struct place_state, place_state_rows);

struct place_state place_state_copy(struct arena *a, const struct place_state *s)
{
    struct place_state copy = *s;
    const char **const texts[] = {&copy.hook_id, &copy.tag, &copy.trouble, &copy.note};
    for (size_t i = 0; i < COUNT(texts); i++)
        *texts[i] = arena_text(a, *texts[i]);
    return copy;
}

const char *gap_place(struct arena *a, const char *ref)
{
    struct str place = {ref, strcspn(ref, "#")};
    return memchr(place.p, '/', place.n) ? arena_str(a, place) : NULL;
}

/* --- webhooks --- */

/* Where deliveries of those that lockstep replaces arrive, by the kind of tracker, and its own. */
bool gap_is_our_hook(struct arena *a, const struct conf_tracker *t, const char *public_url, const char *url)
{
    static const struct {
        const char *kind, *path;
    } old[] = {{"github", "/github/hook-receiver"}, {"bugzilla", "/bugzilla_webhook"}};
    struct url home, there;
    if (!url || !url_parse(a, url, &there))
        return false;
    bool is_here = !public_url || !url_parse(a, public_url, &home) ||
                   (text_same_nocase(home.host, there.host) && home.port == there.port);
    bool is_ours = text_ends(there.path, arena_fmt(a, "/hooks/%s", t->name));
    for (size_t i = 0; i < COUNT(old); i++)
        is_ours |= text_same(t->kind->name, old[i].kind) && text_ends(there.path, old[i].path);
    return is_here && is_ours;
}

static enum gap_hook gap_hook_state(const struct hook *h)
{
    return !h->enabled ? GAP_HOOK_DISABLED : h->errors > 0 ? GAP_HOOK_FAILING : GAP_HOOK_WORKING;
}

enum gap_hook gap_our_hook(struct arena *a, const struct conf_tracker *t, const char *public_url, const struct fact *f,
                           const struct hook **ret_hook)
{
    const struct hook *best = NULL;
    MANY_EACH(const struct hook, h, &f->hooks)
    if (gap_is_our_hook(a, t, public_url, h->url) && (!best || h->enabled || !best->enabled))
        best = h;
    *ret_hook = best;
    return f->state != FACT_HERE ? GAP_HOOK_UNKNOWN : best ? gap_hook_state(best) : GAP_HOOK_NONE;
}

enum gap_hook gap_worst_hook(const struct fact *f)
{
    enum gap_hook worst = GAP_HOOK_NONE;
    if (f->state != FACT_HERE)
        return GAP_HOOK_UNKNOWN;
    MANY_EACH(const struct hook, h, &f->hooks)
    if (gap_hook_state(h) > worst)
        worst = gap_hook_state(h);
    return worst;
}

/* --- what was missed --- */

enum gap gap_of_issue(const struct sightings *s, const struct issue *i, bool has_log)
{
    const struct sighting *seen = sightings_issue(s, i->ref);
    if (!seen)
        return GAP_MISSED;
    if ((has_log ? seen->received_ms : seen->heeded_ms) >= i->changed_ms)
        return GAP_NONE;
    return seen->applied_ms + GAP_ECHO_MS >= i->changed_ms ? GAP_ECHO : GAP_MISSED;
}

enum gap gap_of_followed(const struct sightings *s, const struct issue *i, const struct many *links, struct arena *a)
{
    enum gap gap = gap_of_issue(s, i, false);
    MANY_EACH(const struct linked, l, links)
    {
        const struct sighting *seen = sightings_issue(s, arena_fmt(a, "%s:%s", l->tracker, l->ref));
        if (seen && seen->heeded_ms >= i->changed_ms)
            return GAP_NONE;
        if (seen && gap == GAP_MISSED && (seen->is_open || seen->applied_ms + GAP_ECHO_MS >= i->changed_ms))
            gap = GAP_ECHO;
    }
    return gap;
}
