/* limits.c: what the headers of an answer tell of a tracker's limits: how long to wait, how much is left. */
#include "base/base.h"

#include "tracker/tracker_private.h"

#include "base/text.h"
#include "base/when.h"

enum {
    LIMITS_LEAST_MS = 1000,               /* Jira sends Retry-After: 0 and means "not yet" */
    LIMITS_UNSAID_MS = 60 * 1000,         /* limited, and nobody says until when */
    LIMITS_MOST_MS = 24 * 60 * 60 * 1000, /* a header cannot stop a tracker for longer */
    LIMITS_SLACK_MS = 1000,               /* resets and dates may be told in whole seconds */
    LIMITS_NEAR_SHARE = 5                 /* near is when less than one part of these is left */
};

static const char *limits_header(const struct http_response *r, const char *name)
{
    return http_header_get(&r->headers, name);
}

/* A whole number, at most LIMITS_MOST_MS, or false: "120", not "120.5", not "-1", not a date. */
static bool limits_number(const char *s, int64_t *ret)
{
    int64_t n = 0;
    if (text_blank(s))
        return false;
    for (; *s; s++) {
        if (*s < '0' || *s > '9')
            return false;
        n = n < LIMITS_MOST_MS ? n * 10 + (*s - '0') : n;
    }
    *ret = n < LIMITS_MOST_MS ? n : LIMITS_MOST_MS;
    return true;
}

static int64_t limits_clamp(int64_t at, int64_t now, int64_t least)
{
    if (at < now + least)
        return now + least;
    return at > now + LIMITS_MOST_MS ? now + LIMITS_MOST_MS : at;
}

/* When the allowance is renewed, by our clock: told as a date or as seconds since 1970, by the clock that Date shows.
 */
static bool limits_reset(const struct http_response *r, int64_t *ret_ms)
{
    const char *reset = limits_header(r, "X-RateLimit-Reset"), *date = limits_header(r, "Date");
    int64_t at = 0, theirs = r->received_ms;
    if (text_blank(reset) || when_parse(reset, &at, NULL) < 0)
        return false;
    if (!text_blank(date) && when_parse_http(date, &theirs, NULL) < 0)
        theirs = r->received_ms;
    *ret_ms = r->received_ms + (at - theirs);
    return true;
}

/* While something is left it was another limit that refused, whose end the reset does not tell. */
static bool limits_is_spent(const struct http_response *r)
{
    int64_t left = 0;
    return !limits_number(limits_header(r, "X-RateLimit-Remaining"), &left) || left == 0;
}

int64_t tracker_retry_at(const struct http_response *r)
{
    const char *after = limits_header(r, "Retry-After");
    int64_t now = r->received_ms, at = 0, seconds = 0;
    if (limits_number(after, &seconds))
        at = now + (seconds < LIMITS_MOST_MS / 1000 ? seconds * 1000 : LIMITS_MOST_MS);
    else if (text_blank(after) || when_parse_http(after, &at, NULL) < 0)
        at = limits_is_spent(r) && limits_reset(r, &at) ? at : now + LIMITS_UNSAID_MS;
    return limits_clamp(at, now, LIMITS_LEAST_MS);
}

/* Less than a fifth of the allowance, by figures that hold still. */
static bool limits_few(const struct http_response *r, int64_t left)
{
    int64_t whole = 0, reset = 0;
    bool is_over = limits_reset(r, &reset) && reset <= r->received_ms;
    return !is_over && limits_number(limits_header(r, "X-RateLimit-Limit"), &whole) && left < whole / LIMITS_NEAR_SHARE;
}

/* What is left, spread over the time until there is more. */
static void limits_spread(const struct http_response *r, int64_t left, struct tracker_limits *ret)
{
    int64_t now = r->received_ms, at = 0;
    if (!limits_reset(r, &at) || at <= now)
        return;
    at = limits_clamp(at + LIMITS_SLACK_MS, now, 0);
    ret->gap_ms = 1 + (at - now) / (left + 1);
    ret->until_ms = at;
}

/* Jira Data Center's bucket: so many more in each interval. */
static bool limits_refill(const struct http_response *r, struct tracker_limits *ret)
{
    int64_t seconds = 0, more = 0;
    if (!limits_number(limits_header(r, "X-RateLimit-Interval-Seconds"), &seconds) || seconds == 0 ||
        !limits_number(limits_header(r, "X-RateLimit-FillRate"), &more) || more == 0)
        return false;
    if (seconds > LIMITS_MOST_MS / 1000)
        seconds = LIMITS_MOST_MS / 1000;
    ret->gap_ms = 1 + seconds * 1000 / more;
    ret->until_ms = r->received_ms + (ret->gap_ms > LIMITS_UNSAID_MS ? ret->gap_ms : LIMITS_UNSAID_MS);
    return true;
}

void tracker_limits(const struct http_response *r, struct tracker_limits *ret)
{
    int64_t left = 0;
    bool is_said = limits_number(limits_header(r, "X-RateLimit-Remaining"), &left);
    *ret = (struct tracker_limits){
        .is_near =
            text_same_nocase(limits_header(r, "X-RateLimit-NearLimit"), "true") || (is_said && limits_few(r, left)),
        .is_of_issue = text_same(limits_header(r, "RateLimit-Reason"), "jira-per-issue-on-write"),
    };
    if (ret->is_near && !limits_refill(r, ret) && is_said)
        limits_spread(r, left, ret);
}
