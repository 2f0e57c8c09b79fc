/*
 * All interleavings, at small size, of what can happen to the lanes: events come, attempts begin, fail, wait, end; time
 * passes; people drop; two issues turn out to be one; batches reach the disk or fail; the daemon dies and begins again
 * from what is on disk. The store is a model here: what is on disk and what the open batch makes of it, with those who
 * wait for it. Lanes, what moves events through them (course.h) and retries are the real ones.
 *
 * A state is reached by a path of actions, and is built anew from its path; those seen before are not gone into again.
 */
#include "base/base.h"
#include "../base/unit.h"
#include "base/map.h"
#include "engine/course.h"
#include "engine/retry.h"

enum { EVENTS = 4, LANES = 2, WAITS = 8, PATH = 100, TIME_END = 2 };
static const struct conf_retry MODEL_RETRY = {.first = 1, .factor = 2, .cap = 2, .give_up = 2};

enum what {
    ADD,
    TAKE,
    JOIN,
    END,
    NOTHING,
    FAIL,
    EXPIRE,
    HOLD,
    DROP,
    RETRY,
    TICK,
    WAKE,
    COMMIT,
    COMMIT_FAILS,
    CRASH,
    ACTIONS
};
static const char *const what_names[] = {"add",  "take",  "join", "end",  "nothing", "fail",         "expire", "hold",
                                         "drop", "retry", "tick", "wake", "commit",  "commit fails", "crash"};

struct row { /* of the queue */
    int8_t issue, lane, attempts, retry_at;
    bool is_there, has_ended, was_late; /* late: taken back after its lane had gone on */
};
struct disk {
    struct row rows[EVENTS + 1]; /* by id */
    int8_t lane_of[LANES + 1];   /* by issue */
    int8_t joined;               /* the lane of what both issues are linked with; 0: not known yet */
};
enum wait_kind { WAIT_ADD = 1, WAIT_OUTCOME, WAIT_DROP, WAIT_RETRY, WAIT_JOIN };
struct wait {
    enum wait_kind kind;
    int8_t event, lane;
    bool parks;
    int8_t until;
};
enum phase { GATHERS = 1, JOINS, WORKS, RECORDED };

struct limits { /* what this search may do */
    int events, crashes, failures, drops, retries;
    bool is_joined, may_hold, never_fails;
};

struct facts { /* plain data, all of it part of the state's identity */
    struct disk on_disk, batch;
    struct wait waits[WAITS];
    int8_t n_waits, now, added, crashes, failures, drops, retries;
    int8_t phase[EVENTS + 1]; /* of the event's attempt; 0: none */
    bool is_dirty;
};
struct world {
    struct facts f;
    struct lanes lanes;
    struct lane *lane_of[EVENTS + 1];   /* of the event's attempt */
    struct course_end ends[EVENTS + 1]; /* of attempts whose outcome waits */
    struct course_drop drops[EVENTS + 1];
    const struct limits *may;
    const char *wrong;
};
struct step {
    enum what what;
    int event; /* or the issue that one is added to */
};

/* --- what the engine does --- */

static struct row *row_of(struct world *w, int event)
{
    return &w->f.batch.rows[event];
}

static void claim(struct world *w, bool holds, const char *text)
{
    if (!holds && !w->wrong)
        w->wrong = text;
}

static void wait_for(struct world *w, struct wait wait)
{
    assert_true(w->f.n_waits < WAITS);
    w->f.waits[w->f.n_waits++] = wait;
    w->f.is_dirty = true;
}

static void model_add(struct world *w, int issue)
{
    int event = ++w->f.added;
    int8_t lane = w->f.batch.lane_of[issue];
    *row_of(w, event) = (struct row){.issue = (int8_t)issue, .lane = lane, .is_there = true};
    wait_for(w, (struct wait){.kind = WAIT_ADD, .event = (int8_t)event, .lane = lane});
}

static void model_take(struct world *w)
{
    struct lane *l = lanes_take(&w->lanes);
    int event = (int)l->head.id;
    claim(w, !w->f.on_disk.rows[event].has_ended, "an event that has ended begins again");
    claim(w, w->f.phase[event] == 0, "an event is attempted twice at a time");
    w->f.phase[event] = GATHERS;
    w->lane_of[event] = l;
}

/* From here on it writes: nobody else may, to the same thing, and all that is earlier must have ended. */
static void model_works(struct world *w, int event)
{
    const struct row *own = row_of(w, event);
    for (int other = 1; other <= EVENTS; other++) {
        const struct row *row = row_of(w, other);
        bool is_same = w->may->is_joined || row->issue == own->issue;
        if (other == event || !row->is_there || !is_same)
            continue;
        claim(w, w->f.phase[other] < WORKS, "two events of an issue are worked on at a time");
        claim(w, other > event || row->issue != own->issue || row->has_ended || row->was_late,
              "an event overtakes an earlier one");
    }
    w->f.phase[event] = WORKS;
}

static void model_move_events(struct world *w, const struct lane *from, int8_t into)
{
    for (size_t i = 0; i <= from->n_behind; i++)
        row_of(w, (int)lane_event_at(from, i))->lane = into;
    for (int issue = 1; issue <= LANES; issue++)
        if (w->f.batch.lane_of[issue] == (int8_t)from->key)
            w->f.batch.lane_of[issue] = into;
    w->f.is_dirty = true;
}

/* What it is about is news: on disk before anything is written, or another may not know it. */
static void model_joins(struct world *w, int event)
{
    w->f.phase[event] = JOINS;
    wait_for(w, (struct wait){.kind = WAIT_JOIN, .event = (int8_t)event});
}

/* The attempt knows now what it is about. */
static void model_join(struct world *w, int event)
{
    struct lane *own = w->lane_of[event];
    int8_t into = w->f.batch.joined;
    if (!w->may->is_joined || into == (int8_t)own->key) {
        model_works(w, event);
        return;
    }
    if (into == 0) {
        w->f.batch.joined = (int8_t)own->key;
        model_joins(w, event);
        return;
    }
    model_move_events(w, own, into);
    if (course_join(&w->lanes, &w->lane_of[event], (uint64_t)into))
        model_joins(w, event);
    else
        w->f.phase[event] = 0;
}

static void model_record(struct world *w, int event, bool parks, int8_t until)
{
    struct row *row = row_of(w, event);
    row->attempts++;
    row->retry_at = until;
    row->has_ended = !parks;
    w->f.phase[event] = RECORDED;
    w->ends[event] = (struct course_end){.lane = w->lane_of[event], .event = {event, row->attempts}};
    wait_for(w, (struct wait){.kind = WAIT_OUTCOME, .event = (int8_t)event, .parks = parks, .until = until});
}

/* It came to nothing: its lane does not wait for the disk. */
static void model_nothing(struct world *w, int event)
{
    model_record(w, event, false, 0);
    w->f.phase[event] = 0;
    w->lane_of[event] = NULL;
    course_aside(&w->lanes, &w->ends[event]);
}

static void model_fail(struct world *w, int event, enum err_class class)
{
    const struct err e = {.class = class};
    const struct retry_case c = {.error = &e,
                                 .attempts = row_of(w, event)->attempts + 1,
                                 .age_ms = w->f.now,
                                 .now_ms = w->f.now,
                                 .random = UINT32_MAX};
    int64_t at = 0;
    bool later = retry_decide(&MODEL_RETRY, &c, &at) == RETRY_LATER;
    claim(w, !later || (at >= w->f.now && at <= TIME_END), "a retry is neither soon nor ever");
    claim(w, class != ERR_PERMANENT || !later, "what cannot succeed is tried again");
    model_record(w, event, later, (int8_t)at);
}

/* Its tracker is not worth asking: nothing is recorded. */
static void model_hold(struct world *w, int event)
{
    w->f.phase[event] = 0;
    lanes_park(&w->lanes, w->lane_of[event], (struct lane_wait){INT64_MAX, ERR_AUTH, w->may});
}

static void model_drop(struct world *w, int event)
{
    struct row *row = row_of(w, event);
    struct lane *l = lanes_find(&w->lanes, (uint64_t)row->lane);
    row->has_ended = true;
    course_drop(&w->lanes, l, (struct lane_event){event, row->attempts}, &w->drops[event]);
    wait_for(w, (struct wait){.kind = WAIT_DROP, .event = (int8_t)event});
    w->f.drops++;
}

static void model_retry(struct world *w, int event)
{
    wait_for(w, (struct wait){.kind = WAIT_RETRY, .event = (int8_t)event});
    w->f.retries++;
}

/* --- the disk answers --- */

static void added(struct world *w, const struct wait *wait, bool is_good)
{
    if (is_good)
        course_added(&w->lanes, (uint64_t)wait->lane, wait->event);
    else
        claim(w, !row_of(w, wait->event)->is_there, "what could not be stored is there");
}

/* It comes back when its lane may have gone on. */
static void late(struct world *w, int event)
{
    row_of(w, event)->was_late = w->f.on_disk.rows[event].was_late = true;
}

static void recorded(struct world *w, const struct wait *wait, bool is_good)
{
    const struct course_end *end = &w->ends[wait->event];
    const struct lane_wait until = {wait->until, ERR_TRANSIENT, NULL}, again = {w->f.now + 1, ERR_TRANSIENT, NULL};
    if (is_good)
        course_recorded(&w->lanes, end, wait->parks ? &until : NULL);
    else
        course_unrecorded(&w->lanes, end, &again);
    if (!end->lane && !is_good)
        late(w, wait->event);
    if (end->lane) {
        w->f.phase[wait->event] = 0;
        w->lane_of[wait->event] = NULL;
    }
    w->ends[wait->event] = (struct course_end){0};
}

static void dropped(struct world *w, const struct wait *wait, bool is_good)
{
    const struct course_drop *d = &w->drops[wait->event];
    course_dropped(&w->lanes, d, is_good);
    if (!d->claimed && !is_good)
        late(w, wait->event);
    w->drops[wait->event] = (struct course_drop){0};
}

static void retried(struct world *w, const struct wait *wait, bool is_good)
{
    const struct row *row = &w->f.on_disk.rows[wait->event];
    if (!is_good || row->has_ended)
        return;
    course_retried(&w->lanes, (uint64_t)row->lane, wait->event);
    const struct lane *l = lanes_find(&w->lanes, (uint64_t)row->lane);
    claim(w, !l || lane_place(l, wait->event) < 0 || l->state != LANE_PARKED, "what is to be retried waits");
}

static void joined(struct world *w, const struct wait *wait, bool is_good)
{
    if (is_good)
        model_works(w, wait->event);
    else
        model_record(w, wait->event, true, (int8_t)(w->f.now + 1));
}

static void model_commit(struct world *w, bool is_good)
{
    static void (*const told[])(struct world *, const struct wait *, bool) = {[WAIT_ADD] = added,
                                                                              [WAIT_OUTCOME] = recorded,
                                                                              [WAIT_DROP] = dropped,
                                                                              [WAIT_RETRY] = retried,
                                                                              [WAIT_JOIN] = joined};
    struct facts *f = &w->f;
    if (is_good)
        f->on_disk = f->batch;
    else
        f->batch = f->on_disk;
    struct wait waits[WAITS];
    int n = f->n_waits;
    memcpy(waits, f->waits, sizeof waits);
    memset(f->waits, 0, sizeof f->waits);
    f->n_waits = 0;
    f->is_dirty = false;
    for (int i = 0; i < n && !w->wrong; i++)
        told[waits[i].kind](w, &waits[i], is_good);
}

static void model_crash(struct world *w)
{
    struct facts *f = &w->f;
    lanes_free(&w->lanes);
    lanes_init(&w->lanes);
    f->batch = f->on_disk;
    memset(f->waits, 0, sizeof f->waits);
    memset(f->phase, 0, sizeof f->phase);
    memset(w->lane_of, 0, sizeof w->lane_of);
    memset(w->ends, 0, sizeof w->ends);
    memset(w->drops, 0, sizeof w->drops);
    f->n_waits = 0;
    f->is_dirty = false;
    for (int event = 1; event <= EVENTS; event++) {
        const struct row *row = &f->on_disk.rows[event];
        if (!row->is_there || row->has_ended)
            continue;
        const struct lane_wait wait = {row->retry_at, ERR_TRANSIENT, NULL};
        course_loaded(&w->lanes, (uint64_t)f->on_disk.lane_of[row->lane], (struct lane_event){event, row->attempts},
                      row->attempts > 0 ? &wait : NULL);
    }
}

/* --- which actions there are --- */

/* Its lane, when it has not ended and was taken in. */
static const struct lane *pending_in(struct world *w, int event)
{
    const struct row *row = row_of(w, event);
    const struct lane *l = row->is_there && !row->has_ended ? lanes_find(&w->lanes, (uint64_t)row->lane) : NULL;
    return l && lane_place(l, event) >= 0 ? l : NULL;
}

static bool may_drop(struct world *w, int event)
{
    const struct lane *l = w->f.drops < w->may->drops ? pending_in(w, event) : NULL;
    return l && !(l->head.id == event && l->state == LANE_RUNNING);
}

/* One at a time, since they are woken in no order. */
static bool is_holding(const struct world *w)
{
    const struct lane *l;
    for (size_t at = 0; lanes_each(&w->lanes, &at, &l);)
        if (l->wait.held_by)
            return true;
    return false;
}

static bool may(struct world *w, struct step s)
{
    const struct facts *f = &w->f;
    bool is_event = s.event >= 1 && s.event <= EVENTS;
    enum phase phase = is_event ? (enum phase)f->phase[s.event] : 0;
    switch (s.what) {
    case ADD:
        return s.event >= 1 && s.event <= LANES && f->added < w->may->events;
    case JOIN:
        return phase == GATHERS;
    case END:
    case NOTHING:
        return phase == WORKS;
    case FAIL:
    case EXPIRE:
        return phase == WORKS && !w->may->never_fails;
    case HOLD:
        return phase == GATHERS && w->may->may_hold && !is_holding(w);
    case DROP:
        return is_event && may_drop(w, s.event);
    case RETRY:
        return is_event && f->retries < w->may->retries && pending_in(w, s.event);
    case TAKE:
        return s.event == 0 && !list_empty(&w->lanes.ready);
    case TICK:
        return s.event == 0 && f->now < TIME_END && !w->may->never_fails;
    case WAKE:
        return s.event == 0 && w->may->may_hold && w->lanes.parked.n > 0;
    case COMMIT:
        return s.event == 0 && f->is_dirty;
    case COMMIT_FAILS:
        return s.event == 0 && f->is_dirty && f->failures < w->may->failures;
    case CRASH:
        return s.event == 0 && f->crashes < w->may->crashes;
    case ACTIONS:
        break;
    }
    return false;
}

static void act(struct world *w, struct step s)
{
    struct facts *f = &w->f;
    switch (s.what) {
    case ADD:
        model_add(w, s.event);
        break;
    case TAKE:
        model_take(w);
        break;
    case JOIN:
        model_join(w, s.event);
        break;
    case END:
        model_record(w, s.event, false, 0);
        break;
    case NOTHING:
        model_nothing(w, s.event);
        break;
    case FAIL:
        model_fail(w, s.event, ERR_TRANSIENT);
        break;
    case EXPIRE:
        model_fail(w, s.event, ERR_PERMANENT);
        break;
    case HOLD:
        model_hold(w, s.event);
        break;
    case DROP:
        model_drop(w, s.event);
        break;
    case RETRY:
        model_retry(w, s.event);
        break;
    case TICK:
        f->now++;
        lanes_wake_due(&w->lanes, f->now);
        break;
    case WAKE:
        lanes_wake_held(&w->lanes, w->may, SIZE_MAX);
        break;
    case COMMIT:
    case COMMIT_FAILS:
        f->failures = (int8_t)(f->failures + (s.what == COMMIT_FAILS));
        model_commit(w, s.what == COMMIT);
        break;
    case CRASH:
        f->crashes++;
        model_crash(w);
        break;
    case ACTIONS:
        break;
    }
}

/* --- what must hold --- */

static bool waits_for(const struct facts *f, int event, enum wait_kind kind)
{
    for (int i = 0; i < f->n_waits; i++)
        if (f->waits[i].kind == kind && f->waits[i].event == event)
            return true;
    return false;
}

static void check_lane(struct world *w, const struct lane *l, int *seen)
{
    size_t n_attempts = 0;
    for (size_t i = 0; i <= l->n_behind; i++) {
        int64_t event = lane_event_at(l, i);
        claim(w, event >= 1 && event <= EVENTS, "a lane holds what never was");
        seen[event]++;
        n_attempts += w->f.phase[event] != 0 || w->drops[event].claimed == l;
        claim(w, i < 2 || event > lane_event_at(l, i - 1), "a lane's events are not in order");
        claim(w, i == 0 || event > l->head.id || l->state == LANE_RUNNING, "a lane's head is not its first");
        claim(w, i == 0 || w->f.phase[event] == 0, "an event behind another runs");
    }
    claim(w, n_attempts == (l->state == LANE_RUNNING), "a lane runs without an attempt, or not with one");
    claim(w, (l->due.place != 0) == (l->state == LANE_PARKED), "parked, but not in the heap, or the other way round");
    claim(w, list_linked(&l->ready) == (l->state == LANE_READY), "ready, but not on the list, or the other way round");
}

static void check_world(struct world *w)
{
    int seen[EVENTS + 1] = {0};
    size_t at = 0, events = 0, running = 0, parked = 0;
    const struct lane *l;
    while (lanes_each(&w->lanes, &at, &l)) {
        check_lane(w, l, seen);
        events += 1 + l->n_behind;
        running += l->state == LANE_RUNNING;
        parked += l->state == LANE_PARKED;
    }
    claim(w, events == w->lanes.events, "the count of events is wrong");
    claim(w, running == w->lanes.running, "the count of running lanes is wrong");
    claim(w, parked == w->lanes.parked.n, "the count of parked lanes is wrong");
    for (int event = 1; event <= EVENTS; event++) {
        const struct row *row = &w->f.batch.rows[event];
        bool is_pending = row->is_there && !row->has_ended;
        bool is_ending = w->f.phase[event] == RECORDED || w->drops[event].claimed;
        bool is_coming = waits_for(&w->f, event, WAIT_ADD);
        claim(w, seen[event] == ((is_pending || is_ending) && !is_coming), "an event vanished, or is there twice");
    }
}

/* Whatever happened: when nothing more happens, everything ends. */
static void drain(struct world *w)
{
    w->f.now = TIME_END; /* and one more: what a failed commit put off */
    for (int i = 0; i < 60 && !w->wrong; i++) {
        struct step next = {.what = ACTIONS};
        static const enum what order[] = {COMMIT, JOIN, END, TAKE};
        for (size_t k = 0; k < COUNT(order) && next.what == ACTIONS; k++)
            for (int event = 0; event <= EVENTS && next.what == ACTIONS; event++)
                if (may(w, (struct step){order[k], event}))
                    next = (struct step){order[k], event};
        if (next.what != ACTIONS) {
            act(w, next);
            continue;
        }
        lanes_wake_held(&w->lanes, w->may, SIZE_MAX);
        lanes_wake_due(&w->lanes, TIME_END + 1);
    }
    for (int event = 1; event <= EVENTS; event++)
        claim(w, !w->f.on_disk.rows[event].is_there || w->f.on_disk.rows[event].has_ended, "an event never ends");
    claim(w, w->lanes.events == 0, "a lane is left over");
}

/* --- the search --- */

struct search {
    const struct limits *may;
    struct map *seen;
    struct step path[PATH];
    int n_path;
    size_t states, steps, deepest;
};

static void world_build(struct world *w, const struct search *s)
{
    *w = (struct world){.may = s->may};
    for (int8_t issue = 1; issue <= LANES; issue++)
        w->f.batch.lane_of[issue] = issue;
    w->f.on_disk = w->f.batch;
    lanes_init(&w->lanes);
    for (int i = 0; i < s->n_path; i++)
        act(w, s->path[i]);
}

static void put(char *to, size_t *n, int64_t v)
{
    memcpy(to + *n, &v, sizeof v);
    *n += sizeof v;
}

static void put_lane(char *to, size_t *n, const struct lane *l)
{
    put(to, n, (int64_t)l->key);
    put(to, n, (int64_t)l->state);
    put(to, n, l->state == LANE_PARKED ? l->due.key : 0);
    put(to, n, l->wait.held_by != NULL);
    put(to, n, l->wait.why);
    put(to, n, l->head.attempts);
    for (size_t i = 0; i <= l->n_behind; i++)
        put(to, n, lane_event_at(l, i));
    put(to, n, -1);
}

static void put_waiting(char *to, size_t *n, const struct course_end *end, const struct course_drop *drop)
{
    put(to, n, (int64_t)end->key);
    put(to, n, (int64_t)drop->key);
    put(to, n, drop->claimed != NULL);
    put(to, n, drop->was_parked);
    put(to, n, drop->wait.until_ms);
    put(to, n, drop->wait.held_by != NULL);
}

/* Facts, lanes by key, and the order of those that are ready. */
static uint64_t world_hash(const struct world *w)
{
    char all[4096];
    size_t n = 0;
    memcpy(all, &w->f, sizeof w->f);
    n = sizeof w->f;
    for (uint64_t key = 1; key <= LANES; key++) {
        put(all, &n, (int64_t)lanes_root(&w->lanes, key));
        const struct lane *l = lanes_find(&w->lanes, key);
        if (l)
            put_lane(all, &n, l);
    }
    for (int event = 1; event <= EVENTS; event++)
        put_waiting(all, &n, &w->ends[event], &w->drops[event]);
    for (const struct list *it = w->lanes.ready.next; it != &w->lanes.ready; it = it->next)
        put(all, &n, (int64_t)CONTAINER(it, const struct lane, ready)->key);
    return hash_stable((struct str){all, n});
}

static void tell_path(const struct search *s, const char *wrong)
{
    print_error("%s, after:", wrong);
    for (int i = 0; i < s->n_path; i++)
        print_error(" %s %d;", what_names[s->path[i].what], s->path[i].event);
    print_error("\n");
}

/* True: it is good, and not seen before. */
static bool search_visit(struct search *s)
{
    struct world w;
    world_build(&w, s);
    uint64_t hash = world_hash(&w);
    bool is_new = !map_get(s->seen, hash);
    if (is_new) {
        map_put(s->seen, hash, s);
        s->states++;
        check_world(&w);
        if (!w.wrong)
            drain(&w);
    }
    if (w.wrong)
        tell_path(s, w.wrong);
    assert_null(w.wrong);
    lanes_free(&w.lanes);
    return is_new;
}

static int search_actions(const struct search *s, struct step *ret)
{
    struct world w;
    int n = 0;
    world_build(&w, s);
    for (int what = 0; what < ACTIONS; what++)
        for (int event = 0; event <= EVENTS; event++)
            if (may(&w, (struct step){(enum what)what, event}))
                ret[n++] = (struct step){(enum what)what, event};
    lanes_free(&w.lanes);
    return n;
}

static void search_from(struct search *s)
{
    struct step next[ACTIONS * (EVENTS + 1)];
    int n = search_actions(s, next);
    assert_true(s->n_path < PATH);
    for (int i = 0; i < n; i++) {
        s->path[s->n_path++] = next[i];
        s->steps++;
        s->deepest = (size_t)s->n_path > s->deepest ? (size_t)s->n_path : s->deepest;
        if (search_visit(s))
            search_from(s);
        s->n_path--;
    }
}

static void search_all(const struct limits *may)
{
    struct search s = {.may = may, .seen = map_new()};
    search_from(&s);
    print_message("%zu states, %zu steps, %zu deep\n", s.states, s.steps, s.deepest);
    map_free(s.seen);
    assert_true(s.states > 1000);
}

static void test_crashes(void **state)
{
    (void)state;
    search_all(&(struct limits){.events = 3, .crashes = 1});
}

static void test_failed_commits(void **state)
{
    (void)state;
    search_all(&(struct limits){.events = 2, .failures = 2});
}

static void test_drops(void **state)
{
    (void)state;
    search_all(&(struct limits){.events = 2, .drops = 1, .failures = 1});
}

static void test_holds(void **state)
{
    (void)state;
    search_all(&(struct limits){.events = 2, .may_hold = true, .crashes = 1, .drops = 1});
}

static void test_merges(void **state)
{
    (void)state;
    search_all(&(struct limits){.events = 3, .is_joined = true, .crashes = 1});
}

static void test_merges_and_drops(void **state)
{
    (void)state;
    search_all(&(struct limits){.events = 3, .is_joined = true, .drops = 1});
}

static void test_merges_and_retries(void **state)
{
    (void)state;
    search_all(&(struct limits){.events = 3, .is_joined = true, .retries = 1});
}

static void test_merges_and_many(void **state)
{
    (void)state;
    search_all(&(struct limits){.events = 4, .is_joined = true, .never_fails = true});
}

static void test_merges_and_failed_commits(void **state)
{
    (void)state;
    search_all(&(struct limits){.events = 3, .is_joined = true, .failures = 1, .never_fails = true});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_crashes),
        cmocka_unit_test(test_failed_commits),
        cmocka_unit_test(test_drops),
        cmocka_unit_test(test_holds),
        cmocka_unit_test(test_merges),
        cmocka_unit_test(test_merges_and_drops),
        cmocka_unit_test(test_merges_and_retries),
        cmocka_unit_test(test_merges_and_failed_commits),
        cmocka_unit_test(test_merges_and_many),

    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
