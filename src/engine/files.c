/*
 * files.c: files that others keep and that the rules must be able to go by, such as the mapping of a company's Jira.
 * While one is not usable, it is as it was when it was usable last, and that is told. In memory: after a start there is
 * no such version yet, and what needs the file waits until it is mended.
 */
#include "base/base.h"
#include "engine/engine_private.h"
#include "base/arena.h"
#include "base/log.h"
#include "rule/decide.h"

static bool files_judge(const struct config *c, const struct fact *f, struct arena *a, const char **ret_fault)
{
    for (size_t i = 0; i < c->n_bridges; i++) {
        const struct rule_kind *kind = rule_kind(&c->bridges[i]);
        if (kind->judges && kind->judges(&c->bridges[i], f, a, ret_fault))
            return true;
    }
    return false;
}

/* Mended: what waits for it has been waiting for a configuration. */
static void files_tell(struct engine *g, const struct fact *f)
{
    const char *what = !f->why                 ? "a file is usable again"
                       : f->state == FACT_HERE ? "a file is not usable, what it said before is used"
                                               : "a file is not usable";
    log_line(f->why ? LOG_WARNING : LOG_INFO, "engine", what, LOG_STR("tracker", f->key.tracker),
             LOG_STR("file", f->key.ref), LOG_STR("reason", f->why));
    if (!f->why)
        lanes_wake_class(&g->lanes, ERR_CONFIG);
    health_doubt(g->health);
    loop_again(g->parts.loop);
}

/* The new last word on the file; its class says whether it could not be read, or not be understood. */
static struct fact *files_word(const struct fact *f, const struct fact *before, const char *fault, struct arena *a)
{
    struct fact *word = ARENA_NEW(a, struct fact);
    *word = fault && before && before->state == FACT_HERE ? *before : *f;
    word->why = fault;
    word->class = fault ? err_class_name(f->state == FACT_HERE ? ERR_INPUT : ERR_MISSING) : NULL;
    if (fault && (!before || before->state != FACT_HERE)) { /* whatever it says, it never was usable */
        word->state = FACT_FAILED;
        word->text = NULL;
    }
    return word;
}

/* Not being read has reasons without number, of which the first is told. */
static bool files_news(const struct fact *word, const struct fact *before)
{
    const char *class = before ? before->class : NULL, *why = before ? before->why : NULL;
    return !text_same(word->class, class) ||
           (text_same(class, err_class_name(ERR_INPUT)) && !text_same(word->why, why));
}

static struct fact *files_judged(struct engine *g, struct fact *f, const char *fault, struct arena *a)
{
    int64_t now_ms = loop_mono_ms(g->parts.loop);
    const struct fact *before = known_get(&g->files, &f->key, now_ms, a);
    if (fault)
        fault = redact_text(g->redact, a, str_of(fault)).p;
    struct fact *word = files_word(f, before, fault, a);
    known_put_for(&g->files, word, now_ms, INT64_MAX / 2);
    if (files_news(word, before))
        files_tell(g, word);
    if (f->state == FACT_FAILED) /* what waits for it is woken when it is mended */
        f->class = err_class_name(ERR_CONFIG);
    return word->state == FACT_HERE ? word : f;
}

struct fact *engine_keep(struct engine *g, const struct config *c, struct fact *f, struct arena *a)
{
    const char *fault = NULL;
    bool is_judged = f->key.kind == FACT_FILE && files_judge(c, f, a, &fault);
    if (fault)
        known_remove(&g->known, &f->key);
    else
        known_put(&g->known, f, loop_mono_ms(g->parts.loop));
    return is_judged ? files_judged(g, f, fault, a) : f;
}
