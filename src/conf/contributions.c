/*
 * The options of a bridge of GitHub contributions, with what the bot that it replaces had fixed in its code as their
 * defaults, and the files that they name. All of it is checked at once, so that one run shows every problem.
 */
#include "base/base.h"

#include "conf/contributions.h"

#include "base/arena.h"
#include "base/text.h"
#include "base/when.h"
#include "conf/config.h"
#include "conf/contrib_texts.h" /* made from templates/ by meson */

enum { CONTRIB_STATUS_BYTES = 140 /* GitHub's limit */ };

/* ---- options ---- */

static const struct opt contrib_status_opts[] = {
    OPTION_TEXT(struct contrib_status, good, OPT_RELOAD, "The author is authorized to contribute",
                "Description of the status when there is an agreement"),
    OPTION_TEXT(struct contrib_status, bad, OPT_RELOAD, "We need a signed Contributor Agreement",
                "Description when the agreement is missing"),
    OPTION_TEXT(struct contrib_status, bot, OPT_RELOAD, "Bots don't need contributor agreements",
                "Description when the author is a bot"),
    OPTION_TEXT(struct contrib_status, private, OPT_RELOAD, "No contributor agreement is needed in a private repo",
                "Description in a private repository of private_orgs"),
    OPTION_TEXT(struct contrib_status, no_contributions, OPT_RELOAD,
                "This repo does not accept outside contributions except under contract",
                "Description in a repository of closed_orgs"),
};
static const struct opt_table contrib_status_table = OPT_TABLE_OF("status", struct contrib_status, contrib_status_opts);

static const struct opt contrib_labels_opts[] = {
    OPTION_TEXT(struct contrib_labels, outside, OPT_RELOAD, "open-source-contribution",
                "Label of pull requests from outside"),
    OPTION_TEXT(struct contrib_labels, blended, OPT_RELOAD, "blended", "Label of those of jointly funded projects"),
    OPTION_TEXT(struct contrib_labels, core, OPT_RELOAD, "core contributor",
                "Label of those of core contributors; it is never taken off"),
    OPTION_TEXTS(struct contrib_labels, prune_closed, OPT_RELOAD,
                 "[needs maintainer attention, needs reviewer assigned, needs test run, waiting for eng review, "
                 "waiting on author]",
                 "Labels that are taken off when a pull request is closed or merged"),
    OPTION_TEXTS(struct contrib_labels, prune_merged, OPT_RELOAD,
                 "[blocked by other work, changes requested, inactive, needs more product information, "
                 "needs rescoping]",
                 "Labels that are taken off only when it is merged"),
};
static const struct opt_table contrib_labels_table = OPT_TABLE_OF("labels", struct contrib_labels, contrib_labels_opts);

static const struct opt contrib_projects_opts[] = {
    OPTION_TEXT(struct contrib_projects, ospr, OPT_RELOAD, NULL,
                "Board of pull requests from outside, ORG:NUMBER; without it they are put on none"),
    OPTION_TEXT(struct contrib_projects, blended, OPT_RELOAD, NULL,
                "Board of those of jointly funded projects, ORG:NUMBER"),
};
static const struct opt_table contrib_projects_table =
    OPT_TABLE_OF("projects", struct contrib_projects, contrib_projects_opts);

static const struct opt contrib_fields_opts[] = {
    OPTION_TEXT(struct contrib_fields, opened, OPT_RELOAD, "Date opened", "Field with the day of opening"),
    OPTION_TEXT(struct contrib_fields, owner, OPT_RELOAD, "Repo Owner / Owning Team",
                "Field with who owns the repository"),
    OPTION_TEXT(struct contrib_fields, closed, OPT_RELOAD, "Date merged/closed",
                "Field with the day of closing or merging"),
};
static const struct opt_table contrib_fields_table = OPT_TABLE_OF("fields", struct contrib_fields, contrib_fields_opts);

static const char *const contrib_descriptions[] = {[CONTRIB_PLAIN] = "plain", [CONTRIB_WIKI] = "wiki", NULL};

static const struct opt contrib_opts[] = {
    OPTION_PATH_AS("people", struct contributions, people_file, OPT_REQUIRED | OPT_RELOAD, NULL,
                   "Who has signed an agreement: a CSV with the columns GitHub Username and Account Name, or YAML"),
    OPTION_PATH_AS("orgs", struct contributions, orgs_file, OPT_RELOAD, NULL,
                   "The organisations whose people are internal, YAML; without it nobody is"),
    OPTION_PATH(struct contributions, jira_info, OPT_RELOAD, NULL,
                "The Jira sites that labels may ask for, YAML; without it there are none"),
    OPTION_PATH(struct contributions, labels_file, OPT_RELOAD, NULL,
                "The labels that repositories shall have, YAML, for sync-labels: "
                "{name: {color: d73a4a, description: text}} or {name: {delete: true}}"),
    OPTION_PATH(struct contributions, templates, OPT_RELOAD, NULL,
                "Folder of comment texts, NAME.md, each in place of ours; without it all are ours"),
    OPTION_TABLE(struct contributions, projects, contrib_projects_table,
                 "Boards that pull requests from outside are put on"),
    OPTION_TEXTS(struct contributions, private_orgs, OPT_RELOAD, "[edx]",
                 "Organisations in whose private repositories no agreement is needed"),
    OPTION_TEXTS(struct contributions, closed_orgs, OPT_RELOAD, "[edx]",
                 "Organisations that take no contributions from outside"),
    OPTION_TEXTS(struct contributions, accounts, OPT_RELOAD, NULL,
                 "Logins whose comments count as ours, such as that of the bot before"),
    OPTION_TEXT(struct contributions, group_prefix, OPT_RELOAD, "openedx/",
                "What is put before an owner that is a group"),
    OPTION_TEXT(struct contributions, boards_annotation, OPT_RELOAD, "openedx.org/add-to-projects",
                "Annotation of catalog-info.yaml that lists a repository's own boards"),
    OPTION_TEXT(struct contributions, status_context, OPT_RELOAD, "openedx/cla", "Context of the commit status"),
    OPTION_TEXT(struct contributions, agreement_url, OPT_RELOAD,
                "https://docs.openedx.org/en/latest/developers/quickstarts/so_you_want_to_contribute.html#id175",
                "Address of the page that explains the agreement"),
    OPTION_TABLE(struct contributions, status, contrib_status_table, "Descriptions of the commit status"),
    OPTION_TABLE(struct contributions, labels, contrib_labels_table, "Labels that are put on and taken off"),
    OPTION_TABLE(struct contributions, fields, contrib_fields_table, "Names of the board's fields"),
    OPTION_TABLE(struct contributions, tickets, tickets_table,
                 "Ticket mode: an issue in the Jira of the bridge's to for each pull request from outside"),
    OPTION_TEXT(struct contributions, jira_label, OPT_RELOAD,
                "jira:", "What a label begins with that asks for an issue in Jira"),
    OPTION_TEXT(struct contributions, jira_mark, OPT_RELOAD, "from-GitHub", "Label of the issues that are made"),
    OPTION_TEXT(struct contributions, jira_ask, OPT_RELOAD, NULL, "Where to ask for a Jira that is not known"),
    OPTION_TEXT(
        struct contributions, survey_url, OPT_RELOAD, NULL,
        "Address of a survey that is offered when a pull request is closed, in which {repo}, {number}, {author}, "
        "{opened}, {closed} and {merged} are filled in; without it there is none"),
    OPTION_TEXT(struct contributions, rescan_since, OPT_RELOAD, "2018-01-01",
                "Pull requests that were opened before this day are not rescanned"),
    OPTION_WORD(struct contributions, description, OPT_RELOAD, "plain", contrib_descriptions,
                "How the text of a pull request is written in Jira: as it is, or turned into wiki markup"),
};
const struct opt_table contributions_table =
    OPT_TABLE_OF("bridge github-contributions", struct contributions, contrib_opts);

/* ---- texts ---- */

static const struct {
    const char *name, *help, *content;
} contrib_text_rows[CONTRIB_TEXTS] = {
    [CONTRIB_WELCOME] = {"welcome", "First comment on a pull request from outside", TEXT_WELCOME},
    [CONTRIB_WELCOME_CLOSED] = {"welcome_closed", "The same, when it is closed or merged already", TEXT_WELCOME_CLOSED},
    [CONTRIB_BLENDED] = {"blended", "First comment on one of a jointly funded project", TEXT_BLENDED},
    [CONTRIB_NO_CONTRIBUTIONS] = {"no_contributions", "First comment where no contributions are taken",
                                  TEXT_NO_CONTRIBUTIONS},
    [CONTRIB_NEED_CLA] = {"need_cla", "Part of the welcome: the agreement is missing", TEXT_NEED_CLA},
    [CONTRIB_FIRST_TIME] = {"first_time", "Part of the welcome: a first pull request", TEXT_FIRST_TIME},
    [CONTRIB_DRAFT] = {"draft", "Part of the welcome and of blended: it is a draft", TEXT_DRAFT},
    [CONTRIB_SURVEY] = {"survey", "Comment when a pull request is closed, with survey_url", TEXT_SURVEY},
    [CONTRIB_JIRA_ISSUE] = {"jira_issue", "Comment when an issue was made in Jira", TEXT_JIRA_ISSUE},
    [CONTRIB_NO_JIRA_SERVER] = {"no_jira_server", "Comment when a label asks for a Jira that is not known",
                                TEXT_NO_JIRA_SERVER},
    [CONTRIB_NO_JIRA_MAPPING] = {"no_jira_mapping", "Comment when that Jira has no project for the repository",
                                 TEXT_NO_JIRA_MAPPING},
    [CONTRIB_TICKET] = {"ticket", "Comment that names the ticket, in ticket mode", TEXT_TICKET},
};

const char *contrib_text_name(enum contrib_text t)
{
    return t < CONTRIB_TEXTS ? contrib_text_rows[t].name : "unknown";
}

const char *contrib_text_help(enum contrib_text t)
{
    return t < CONTRIB_TEXTS ? contrib_text_rows[t].help : "";
}

const struct contrib_variable contrib_variables[] = {
    {"author", "Login of the pull request's author"},
    {"repo", "The repository, OWNER/REPO"},
    {"number", "The pull request's number"},
    {"title", "Its title"},
    {"url", "Its address"},
    {"owner", "Who owns the repository, in code style so that nobody is notified"},
    {"owner_is_person", "Set when the owner is a person, not a group"},
    {"maintained", "Set when the repository has an owner"},
    {"no_maintainer", "Set when it has none and is in production"},
    {"unmaintained", "Set when it has none and is not in production"},
    {"agreement_url", "The option of this name"},
    {"need_cla", "The text need_cla, when the agreement is missing; in welcome only"},
    {"first_time", "The text first_time, when it is the author's first pull request; in welcome only"},
    {"draft", "The text draft, when it is a draft; in welcome and blended only"},
    {"merged", "Set when the pull request is merged"},
    {"survey_url", "The survey's address, filled in; in survey only"},
    {"nick", "What the label asks for; in the texts about Jira only, as all below"},
    {"key", "Key of the issue that was made"},
    {"jira_url", "Its address"},
    {"description", "What the Jira info file calls the site"},
    {"contact", "Whom it names to ask"},
    {"ask", "The option jira_ask"},
    {NULL, NULL},
};

/* ---- checking ---- */

struct contrib_at { /* a bridge being checked */
    struct contributions *to;
    const struct yaml *map;
    const struct opt_read *r;
};

PRINTF(4, 5)
static void contrib_problem(const struct contrib_at *at, const char *under, const char *name, const char *format, ...)
{
    char text[512];
    const struct yaml *map = under ? yaml_get(at->map, under) : at->map, *value = yaml_get(map, name);
    const char *key = problem_key(at->r->arena, at->r->key, under ? under : name);
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    yaml_problem(at->r->problems, value ? value : at->map, under ? problem_key(at->r->arena, key, name) : key, NULL,
                 "%s", text);
}

/* The content of a file that an option names; false when it names none, or with a problem. */
static bool contrib_content(const struct contrib_at *at, const char *name, const char *path, struct str *ret)
{
    struct err e = {0};
    if (text_blank(path))
        return false;
    if (at->r->source->read(at->r->source->ctx, at->r->arena, path, ret, &e) == 0)
        return true;
    contrib_problem(at, NULL, name, "%s", e.text);
    return false;
}

/* A mapping that is a file of the operator's is read now, the company's at its address when it is needed. */
static void contrib_check_mapping(const struct contrib_at *at, struct jira_nick *nick)
{
    enum { MAPPING_ARENA_BYTES = 64 << 20 };
    AUTO(arena_auto) struct arena *scratch = arena_new(MAPPING_ARENA_BYTES);
    struct err e = {0};
    struct str content = {0};
    if (at->r->source->read(at->r->source->ctx, at->r->arena, nick->mapping, &content, &e) < 0 ||
        jira_mapping_check(scratch, nick->mapping, content, at->r->problems, &e) < 0)
        yaml_problem(at->r->problems, nick->options, problem_key(at->r->arena, nick->nick, "mapping"), NULL, "%s",
                     e.text);
    else
        nick->mapping_text = arena_str(at->r->arena, content);
}

/* A label that the bridge itself puts on would be made again and again. */
static void contrib_check_deleted(const struct contrib_at *at)
{
    const struct contributions *c = at->to;
    const struct {
        const char *name, *label;
    } rows[] = {{"outside", c->labels.outside}, {"blended", c->labels.blended}, {"core", c->labels.core}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct wanted_label *l = wanted_labels_find(&c->wanted_labels, rows[i].label);
        if (l && l->is_deleted)
            contrib_problem(at, NULL, "labels_file", "line %d of it deletes %s, which labels.%s puts on pull requests",
                            l->line, problem_quote(at->r->arena, l->name), rows[i].name);
    }
}

static void contrib_check_files(const struct contrib_at *at)
{
    struct contributions *c = at->to;
    struct arena *a = at->r->arena;
    struct problems *p = at->r->problems;
    struct str s;
    if (contrib_content(at, "people", c->people_file, &s))
        people_read(a, c->people_file, s, p, &c->people);
    if (contrib_content(at, "orgs", c->orgs_file, &s))
        orgs_read(a, c->orgs_file, s, p, &c->orgs);
    if (contrib_content(at, "jira_info", c->jira_info, &s))
        jira_info_read(a, c->jira_info, s, p, &c->nicks);
    if (contrib_content(at, "labels_file", c->labels_file, &s))
        wanted_labels_read(a, c->labels_file, s, p, &c->wanted_labels);
    contrib_check_deleted(at);
    for (size_t i = 0; i < c->nicks.n; i++) {
        const char *mapping = c->nicks.v[i].mapping;
        if (c->nicks.v[i].tracker && !text_starts(mapping, "https://") && !text_starts(mapping, "http://"))
            contrib_check_mapping(at, &c->nicks.v[i]);
    }
}

static const char *contrib_text_path(const struct contrib_at *at, enum contrib_text t)
{
    const char *folder = at->to->templates;
    return arena_fmt(at->r->arena, "%s%s%s.md", folder, text_ends(folder, "/") ? "" : "/", contrib_text_rows[t].name);
}

/* One of the operator's; false when it is not there, so that ours takes its place. */
static bool contrib_text_own(const struct contrib_at *at, enum contrib_text t, const char **ret_path, struct str *ret)
{
    struct err e = {0};
    if (text_blank(at->to->templates))
        return false;
    const char *path = contrib_text_path(at, t);
    int rc = at->r->source->read(at->r->source->ctx, at->r->arena, path, ret, &e);
    if (rc == 0)
        *ret_path = path;
    else if (rc != -ERR_MISSING)
        contrib_problem(at, NULL, "templates", "%s", e.text);
    return rc == 0;
}

/* A folder with none of the files is a wrong folder. */
static void contrib_check_texts(const struct contrib_at *at)
{
    const char *known[COUNT(contrib_variables)];
    size_t n_known = 0, n_own = 0, errors = at->r->problems->errors;
    while (contrib_variables[n_known].name) {
        known[n_known] = contrib_variables[n_known].name;
        n_known++;
    }
    for (enum contrib_text t = 0; t < CONTRIB_TEXTS; t++) {
        struct str content = str_of(contrib_text_rows[t].content);
        const char *path = contrib_text_rows[t].name;
        n_own += contrib_text_own(at, t, &path, &content);
        at->to->texts[t] = template_read(at->r->arena, path, content, known, n_known, at->r->problems);
    }
    if (!text_blank(at->to->templates) && n_own == 0 && at->r->problems->errors == errors)
        contrib_problem(at, NULL, "templates", "there is no %s, nor any of the other texts",
                        contrib_text_path(at, CONTRIB_WELCOME));
}

/* "openedx:19". */
static void contrib_check_board(const struct contrib_at *at, const char *name, const char *board)
{
    const char *colon = board ? strchr(board, ':') : NULL;
    int64_t number;
    if (!board)
        return;
    bool is_good = colon && colon > board && colon[1] >= '1' && colon[1] <= '9' &&
                   str_int(str_of(colon + 1), &number) && strcspn(board, "/ ") == strlen(board);
    if (!is_good)
        contrib_problem(at, "projects", name, "expected ORG:NUMBER such as openedx:19, got %s",
                        problem_quote(at->r->arena, board));
}

static void contrib_check_address(const struct contrib_at *at, const char *name, const char *address)
{
    if (address &&
        ((!text_starts(address, "https://") && !text_starts(address, "http://")) || strpbrk(address, " \t\n")))
        contrib_problem(at, NULL, name, "expected an http or https address, got %s",
                        problem_quote(at->r->arena, address));
}

/* Texts without which nothing could be found again. */
static void contrib_check_words(const struct contrib_at *at)
{
    const struct contributions *c = at->to;
    const struct {
        const char *under, *name, *text;
        size_t most;
    } rows[] = {
        {NULL, "status_context", c->status_context, 255},
        {NULL, "jira_label", c->jira_label, 50},
        {NULL, "jira_mark", c->jira_mark, 255},
        {NULL, "boards_annotation", c->boards_annotation, 255},
        {"labels", "outside", c->labels.outside, 50},
        {"labels", "blended", c->labels.blended, 50},
        {"labels", "core", c->labels.core, 50},
        {"fields", "opened", c->fields.opened, 255},
        {"fields", "owner", c->fields.owner, 255},
        {"fields", "closed", c->fields.closed, 255},
        {"status", "good", c->status.good, CONTRIB_STATUS_BYTES},
        {"status", "bad", c->status.bad, CONTRIB_STATUS_BYTES},
        {"status", "bot", c->status.bot, CONTRIB_STATUS_BYTES},
        {"status", "private", c->status.private, CONTRIB_STATUS_BYTES},
        {"status", "no_contributions", c->status.no_contributions, CONTRIB_STATUS_BYTES},
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        if (text_blank(rows[i].text) || strlen(rows[i].text) > rows[i].most)
            contrib_problem(at, rows[i].under, rows[i].name, "expected a text of 1 to %zu bytes", rows[i].most);
}

/* A day, compared as a text. */
static void contrib_check_day(const struct contrib_at *at)
{
    const char *day = at->to->rescan_since;
    int64_t ms;
    if (strlen(day) != 10 || when_parse(arena_fmt(at->r->arena, "%sT00:00:00Z", day), &ms, NULL) < 0)
        contrib_problem(at, NULL, "rescan_since", "expected a day such as 2018-01-01, got %s",
                        problem_quote(at->r->arena, day));
}

void contributions_check(void *of, const struct yaml *at, const struct opt_read *r)
{
    const struct contrib_at bridge = {of, at, r};
    contrib_check_words(&bridge);
    contrib_check_board(&bridge, "ospr", bridge.to->projects.ospr);
    contrib_check_board(&bridge, "blended", bridge.to->projects.blended);
    contrib_check_address(&bridge, "agreement_url", bridge.to->agreement_url);
    contrib_check_address(&bridge, "survey_url", bridge.to->survey_url);
    contrib_check_day(&bridge);
    tickets_check(&bridge.to->tickets, at, r);
    contrib_check_files(&bridge);
    contrib_check_texts(&bridge);
}

bool contributions_brings(void *of, size_t i, struct conf_brought *ret)
{
    struct contributions *c = of;
    if (i >= c->nicks.n)
        return false;
    struct jira_nick *nick = &c->nicks.v[i];
    *ret = (struct conf_brought){nick->tracker, nick->nick, nick->tracker ? nick->options : NULL, &nick->tracker,
                                 &nick->why};
    return true;
}
