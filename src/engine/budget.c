#include "base/base.h"
#include "engine/budget.h"

void budget_configure(struct budget *b, int64_t most, int64_t window_ms)
{
    b->most = most;
    b->window_ms = window_ms;
}

void budget_free(struct budget *b)
{
    mem_free(b->places);
    mem_free(b->promises);
    *b = (struct budget){0};
}

static bool budget_holds(const struct budget_place *p, int64_t now_ms)
{
    return p->is_taken || p->until_ms > now_ms;
}

int64_t budget_used(const struct budget *b, int64_t now_ms)
{
    int64_t used = 0;
    for (size_t i = 0; i < b->n_places; i++)
        used += budget_holds(&b->places[i], now_ms);
    return used;
}

/* --- promises --- */

/* Those whose event has not come for it: perhaps there is nothing to create any more. */
static void budget_forget_stale(struct budget *b, int64_t now_ms)
{
    size_t n = 0;
    for (size_t i = 0; i < b->n_promises; i++)
        if (b->promises[i].at_ms > now_ms - BUDGET_KEPT_MS)
            b->promises[n++] = b->promises[i];
    b->n_promises = n;
}

/* Its place among the promises; that behind the last when it has none. */
static size_t budget_promised(const struct budget *b, int64_t event)
{
    size_t i = 0;
    while (i < b->n_promises && b->promises[i].event != event)
        i++;
    return i;
}

static void budget_fulfil(struct budget *b, size_t promise)
{
    if (promise == b->n_promises)
        return;
    b->n_promises--;
    memmove(&b->promises[promise], &b->promises[promise + 1], (b->n_promises - promise) * sizeof *b->promises);
}

static int budget_by_time(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/*
 * When the place of the n-th promise is there, given that none is left for it now: first those that are used come free,
 * in the order of their times; then those of the promises before it.
 */
static int64_t budget_when(const struct budget *b, size_t n, int64_t left, int64_t now_ms)
{
    size_t used = 0, at = (size_t)((int64_t)n - left);
    int64_t *ends = mem_grow(NULL, b->n_places + 1, sizeof *ends);
    for (size_t i = 0; i < b->n_places; i++)
        if (budget_holds(&b->places[i], now_ms))
            ends[used++] = b->places[i].is_taken ? now_ms + b->window_ms : b->places[i].until_ms;
    qsort(ends, used, sizeof *ends, budget_by_time);
    int64_t when = at < used ? ends[at] : b->promises[n - (size_t)b->most].at_ms + b->window_ms;
    mem_free(ends);
    return when > now_ms ? when : now_ms + 1;
}

static int64_t budget_promise(struct budget *b, int64_t event, size_t promise, int64_t at_ms)
{
    if (promise == b->n_promises) {
        if (b->n_promises == b->promise_room) {
            b->promise_room = 2 * b->promise_room + 16;
            b->promises = mem_grow(b->promises, b->promise_room, sizeof *b->promises);
        }
        b->n_promises++;
    }
    b->promises[promise] = (struct budget_promise){event, at_ms};
    return at_ms;
}

/* --- places --- */

static struct budget_place *budget_place(struct budget *b, size_t place)
{
    if (place >= b->room) {
        b->room = 2 * place + 16;
        b->places = mem_grow(b->places, b->room, sizeof *b->places);
    }
    while (b->n_places <= place)
        b->places[b->n_places++] = (struct budget_place){.until_ms = INT64_MIN};
    return &b->places[place];
}

static int64_t budget_occupy(struct budget *b, int64_t now_ms)
{
    size_t place = 0;
    while (place < b->n_places && budget_holds(&b->places[place], now_ms))
        place++;
    budget_place(b, place)->is_taken = true;
    return (int64_t)place;
}

int64_t budget_take(struct budget *b, int64_t event, int64_t now_ms, int64_t *ret_at_ms)
{
    budget_forget_stale(b, now_ms);
    size_t promise = budget_promised(b, event);
    int64_t left = b->most - budget_used(b, now_ms); /* negative after the limit was lowered */
    bool is_due = promise < b->n_promises && b->promises[promise].at_ms <= now_ms;
    if (left > (is_due ? 0 : (int64_t)promise)) {
        budget_fulfil(b, promise);
        return budget_occupy(b, now_ms);
    }
    bool is_kept = promise < b->n_promises && !is_due;
    *ret_at_ms =
        is_kept ? b->promises[promise].at_ms : budget_promise(b, event, promise, budget_when(b, promise, left, now_ms));
    return -1;
}

void budget_answered(struct budget *b, size_t place, int64_t at_ms)
{
    *budget_place(b, place) = (struct budget_place){.until_ms = at_ms + b->window_ms};
}

void budget_return(struct budget *b, size_t place)
{
    *budget_place(b, place) = (struct budget_place){.until_ms = INT64_MIN};
}
