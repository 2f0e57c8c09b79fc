/* Options of ticket mode: the old bot's statuses and labels as defaults, and the ways through a workflow. */
#include "base/base.h"

#include "conf/tickets.h"

#include "base/arena.h"
#include "base/text.h"
#include "conf/template.h"

enum { TICKETS_HOPS = 4, TICKETS_STATUSES = 256 };

static const struct opt tickets_opts[] = {
    OPTION_TEXT(struct tickets, project, OPT_RELOAD, NULL,
                "Key of the project that tickets are made in; without it there are none"),
    OPTION_TEXT(struct tickets, blended_project, OPT_RELOAD, NULL,
                "Project of those of jointly funded projects, [BD-12] in the title; without it the same"),
    OPTION_TEXT(struct tickets, type, OPT_RELOAD, "Pull Request Review", "Type of the issues"),
    OPTION_TEXT(struct tickets, first, OPT_RELOAD, "Needs Triage", "First status of a ticket"),
    OPTION_TEXT(struct tickets, no_agreement, OPT_RELOAD, "Community Manager Review",
                "First status when the author has signed no agreement"),
    OPTION_TEXT(struct tickets, draft, OPT_RELOAD, "Waiting on Author",
                "First status of a draft, and when the author is a core contributor"),
    OPTION_TEXT(struct tickets, closed, OPT_RELOAD, "Rejected", "Status when the pull request is closed"),
    OPTION_TEXT(struct tickets, merged, OPT_RELOAD, "Merged", "Status when it is merged"),
    OPTION_TEXT(struct tickets, reopened, OPT_RELOAD, "Community Manager Review",
                "Status when it is opened again and the one before closing is not known"),
    OPTION_MAP(struct tickets, fields, OPT_RELOAD,
               "Further fields of new tickets: a field's name or id, and its value, which may name {{url}}, {{repo}}, "
               "{{number}}, {{title}}, {{author}}, {{author_name}}, {{institution}}, {{added}} and {{deleted}}"),
    OPTION_MAP(struct tickets, transitions, OPT_RELOAD,
               "The workflow, as far as tickets need it: a status, and those that it leads to"),
    OPTION_BOOL(struct tickets, search, OPT_RELOAD, "true",
                "Where transitions know no way, ask what other tickets are offered in the statuses between"),
    OPTION_MAP(struct tickets, transition_fields, OPT_RELOAD,
               "What transitions may need: a field's name or id, and its value"),
    OPTION_MAP(struct tickets, closed_fields, OPT_RELOAD, "The same on the way to closed, before those"),
    OPTION_MAP(struct tickets, merged_fields, OPT_RELOAD, "The same on the way to merged, before those"),
    OPTION_MAP(struct tickets, labels, OPT_RELOAD,
               "Labels of statuses that are not called as the status in small letters: a status, and its label"),
    OPTION_TEXTS(struct tickets, status_labels, OPT_RELOAD,
                 "[architecture review, awaiting prioritization, blocked by other work, changes requested, "
                 "community manager review, engineering review, merged, needs triage, open edx community review, "
                 "product review, rejected, waiting on author]",
                 "Labels of a pull request that say its ticket's status, and give way to the next; none is made"),
};
const struct opt_table tickets_table = OPT_TABLE_OF("tickets", struct tickets, tickets_opts);

const struct ticket_variable ticket_variables[] = {
    {"url", "Address of the pull request"},
    {"repo", "The repository, OWNER/REPO"},
    {"number", "The pull request's number"},
    {"title", "Its title"},
    {"author", "Login of its author"},
    {"author_name", "The author's name, or login"},
    {"institution", "Where the author is, by the people file"},
    {"added", "How many lines it adds"},
    {"deleted", "How many it deletes"},
    {NULL, NULL},
};

/* --- checking --- */

static void tickets_problem(const struct yaml *map, const struct opt_read *r, const char *name, const char *text)
{
    const struct yaml *value = yaml_get(map, name);
    const char *key = problem_key(r->arena, problem_key(r->arena, r->key, "tickets"), name);
    yaml_problem(r->problems, value ? value : map, key, NULL, "%s", text);
}

static void tickets_check_statuses(const struct tickets *t, const struct yaml *map, const struct opt_read *r)
{
    const struct {
        const char *name, *value;
    } rows[] = {{"type", t->type},     {"first", t->first},   {"no_agreement", t->no_agreement}, {"draft", t->draft},
                {"closed", t->closed}, {"merged", t->merged}, {"reopened", t->reopened}};
    for (size_t i = 0; i < COUNT(rows); i++)
        if (text_blank(rows[i].value) || strlen(rows[i].value) > 255)
            tickets_problem(map, r, rows[i].name, "expected a text of 1 to 255 bytes");
}

static void tickets_check_fields(struct tickets *t, const struct yaml *map, const struct opt_read *r)
{
    const char *known[COUNT(ticket_variables)];
    const char *file = arena_fmt(r->arena, "%s: tickets.fields", map->file ? map->file : "");
    size_t n = 0;
    for (; ticket_variables[n].name; n++)
        known[n] = ticket_variables[n].name;
    t->values = arena_array(r->arena, t->fields.n + 1, sizeof *t->values);
    for (size_t i = 0; i < t->fields.n; i++) {
        const struct opt_pair *p = &t->fields.v[i];
        if (p->values.n != 1) {
            tickets_problem(map, r, "fields", arena_fmt(r->arena, "expected one text for %s", p->name));
            continue;
        }
        struct template *value = template_read(r->arena, file, str_of(p->values.v[0]), known, n, r->problems);
        t->values[t->n_values++] = (struct ticket_field){p->name, p->values.v[0], value};
    }
}

void tickets_check(struct tickets *t, const struct yaml *bridge, const struct opt_read *r)
{
    const struct yaml *map = yaml_get(bridge, "tickets");
    if (!map || map->kind != YAML_MAP)
        return;
    if (text_blank(t->project))
        tickets_problem(map, r, "project", "is required: the key of a Jira project");
    else if (yaml_is_null(yaml_get(bridge, "to")))
        tickets_problem(map, r, "project", "needs `to` on the bridge: the Jira that the tickets are made in");
    tickets_check_statuses(t, map, r);
    tickets_check_fields(t, map, r);
}

/* --- what rules ask --- */

static const struct opt_pair *tickets_pair(const struct opt_pairs *pairs, const char *name)
{
    for (size_t i = 0; i < pairs->n; i++)
        if (text_same_nocase(pairs->v[i].name, name))
            return &pairs->v[i];
    return NULL;
}

const char *tickets_one(const struct opt_pairs *pairs, const char *name)
{
    const struct opt_pair *p = tickets_pair(pairs, name);
    return p && p->values.n ? p->values.v[0] : NULL;
}

bool tickets_says_status(const struct tickets *t, const char *label)
{
    for (size_t i = 0; i < t->status_labels.n; i++)
        if (text_same_nocase(t->status_labels.v[i], label))
            return true;
    for (size_t i = 0; i < t->labels.n; i++)
        for (size_t k = 0; k < t->labels.v[i].values.n; k++)
            if (text_same_nocase(t->labels.v[i].values.v[k], label))
                return true;
    return false;
}

const char *tickets_label(const struct tickets *t, struct arena *a, const char *status)
{
    const char *label = tickets_one(&t->labels, status);
    if (!label)
        label = text_lower(a, status);
    return tickets_says_status(t, label) ? label : NULL;
}

/* --- ways --- */

struct tickets_place { /* a status that has been reached */
    const char *status;
    size_t from, hops;
};

static bool tickets_been(const struct tickets_place *v, size_t n, const char *status)
{
    for (size_t i = 0; i < n; i++)
        if (text_same_nocase(v[i].status, status))
            return true;
    return false;
}

static void tickets_back(struct arena *a, const struct tickets_place *v, size_t at, struct texts *ret)
{
    const char *back[TICKETS_HOPS];
    size_t n = 0;
    for (; at != 0 && n < TICKETS_HOPS; at = v[at].from)
        back[n++] = v[at].status;
    while (n > 0)
        texts_add(a, ret, back[--n]);
}

/* Breadth first, so that the first way that is found is the shortest. */
bool tickets_way(const struct tickets *t, struct arena *a, const char *from, const char *to, struct texts *ret)
{
    struct tickets_place v[TICKETS_STATUSES] = {{from, 0, 0}};
    size_t n = 1;
    for (size_t at = 0; at < n && v[at].hops < TICKETS_HOPS; at++) {
        const struct opt_pair *p = tickets_pair(&t->transitions, v[at].status);
        for (size_t i = 0; p && i < p->values.n; i++) {
            const char *next = p->values.v[i];
            if (text_same_nocase(next, to)) {
                tickets_back(a, v, at, ret);
                return true;
            }
            if (n < TICKETS_STATUSES && !tickets_been(v, n, next))
                v[n++] = (struct tickets_place){next, at, v[at].hops + 1};
        }
    }
    return false;
}
