#include "base/base.h"
#include "engine/question.h"
#include "base/arena.h"
#include "engine/engine_private.h"

bool question_is_open(const struct question *q)
{
    return q->arena != NULL;
}

/* What was asked with is freed last, since the one who is told may ask again with the same object, or free it. */
static void question_end(struct question *q, const struct fact *f, const struct err *e)
{
    struct arena *arena = TAKE(q->arena);
    struct config *config = TAKE(q->config);
    q->done(q, f, e);
    config_put(config);
    arena_free(arena);
}

static void question_answered(struct work *w, const struct err *e)
{
    struct question *q = CONTAINER(w, struct question, work);
    if (!e && w->result.fact)
        w->result.fact->key = q->want;
    question_end(q, e ? NULL : w->result.fact, e);
}

void question_ask(struct engine *g, struct question *q, const struct fact_key *want)
{
    q->config = config_get(g->config);
    q->arena = arena_new(ENGINE_ARENA_BYTES);
    q->bytes_left = ENGINE_ANSWER_BYTES;
    q->want = (struct fact_key){
        .kind = want->kind,
        .tracker = arena_text(q->arena, want->tracker),
        .ref = arena_text(q->arena, want->ref),
        .by = arena_text(q->arena, want->by),
        .unless = arena_text(q->arena, want->unless),
    };
    const struct fetch_parts parts = {
        .conf = config_tracker(q->config, want->tracker),
        .arena = q->arena,
        .bytes_left = &q->bytes_left,
        .done = question_answered,
    };
    if (parts.conf) {
        engine_fetch(g, &q->work, &q->want, &parts);
        return;
    }
    struct err e = {0};
    fail(&e, ERR_CONFIG, "tracker %s is not configured any more", want->tracker);
    question_end(q, NULL, &e);
}

void question_change(struct engine *g, struct question *q, const char *tracker, const struct change *change)
{
    struct err e = {0};
    q->config = config_get(g->config);
    q->arena = arena_new(ENGINE_ARENA_BYTES);
    q->bytes_left = ENGINE_ANSWER_BYTES;
    const struct conf_tracker *t = config_tracker(q->config, tracker);
    if (!t) {
        fail(&e, ERR_CONFIG, "tracker %s is not configured any more", tracker);
        question_end(q, NULL, &e);
        return;
    }
    q->work = (struct work){
        .tools = &g->tools,
        .remote = engine_remote(g, t->name),
        .bytes_left = &q->bytes_left,
        .kind = WORK_CHANGE,
        .call = {.conf = t, .arena = q->arena, .change = change},
        .done = question_answered,
    };
    work_start(&q->work);
}

void question_cancel(struct question *q)
{
    if (!question_is_open(q))
        return;
    work_cancel(&q->work);
    config_put(TAKE(q->config));
    arena_free(TAKE(q->arena));
}
