/*
 * The manual of the configuration. What an option is called, may be and defaults to comes from the rows that read it;
 * only the prose between the tables is written here. One walk over the tables serves both forms of the page.
 */
#include "base/base.h"

#include "conf/docs.h"

#include "base/text.h"
#include "conf/contributions.h"
#include "conf/jbi.h"

/* How a page is written: its two forms differ in these alone. */
struct docs {
    struct text *to;
    bool is_roff;
};

/* A test reads it as a configuration, so it cannot go stale. */
static const char docs_example[] = "server:\n"
                                   "  listen: 127.0.0.1:8080\n"
                                   "store: sqlite:lockstep.db\n"
                                   "\n"
                                   "trackers:\n"
                                   "  bugzilla:\n"
                                   "    kind: bugzilla\n"
                                   "    url: https://bugzilla.mozilla.org\n"
                                   "    api_key: ${BUGZILLA_API_KEY}\n"
                                   "    hook_key: ${JBI_API_KEY}\n"
                                   "  jira:\n"
                                   "    kind: jira\n"
                                   "    url: https://example.atlassian.net\n"
                                   "    user: ${JIRA_USERNAME}\n"
                                   "    token: ${file:jira.token}\n"
                                   "    rate: 10/s\n"
                                   "\n"
                                   "bridges:\n"
                                   "  - kind: bugzilla-to-jira\n"
                                   "    from: bugzilla\n"
                                   "    to: jira\n"
                                   "    actions: actions.yaml\n";

/* Blocks of prose: a title (NULL: none) and its text. */
struct docs_prose {
    const char *title, *text;
};
static const struct docs_prose docs_opening[] = {
    {"DESCRIPTION",
     "lockstep.yaml names the trackers that lockstep keeps in step and the bridges between them. It is YAML 1.2: only "
     "true and false are booleans, duplicate keys are refused, anchors, aliases and merge keys (<<) work, and a file "
     "holds one document. Relative paths are relative to the file they stand in. A reload reads every file again; one "
     "that is not valid changes nothing. The command lockstep check reports all problems of the files at once."},
    {"VALUES",
     "In every text, ${NAME} is replaced by an environment variable, which must be set; ${NAME:-default} has a "
     "default for one that is unset or empty; ${file:PATH} is the content of a file without its last line break; "
     "$${ stands for ${ itself. Durations are written 250ms, 30s, 5m, 12h, 7d or 1h30m; sizes 512, 64KiB or "
     "25MiB; rates 10/s, 600/m or 1000/h. A list is allowed where several secrets may be valid while one is "
     "being replaced by another."},
};
static const struct docs_prose docs_trackers[] = {
    {"trackers", "A map of names to trackers. A name has at most 40 small letters, digits, - and _. Each tracker has a "
                 "kind; the options of all kinds come first, then those of each kind."},
};
static const struct docs_prose docs_bridges[] = {
    {"bridges",
     "A list. The options of all kinds come first, then those of each kind. A bridge without a name is called "
     "as its kind; a second one gets -2 behind it, and so on."},
};
static const struct docs_prose docs_jobs[] = {
    {"jobs",
     "A list of what is to be done again and again, in the background. When each is due next is kept over restarts; "
     "one that is overdue at a start, and one that is new, begins within a minute. A rescan of what has not changed "
     "since "
     "the last time costs one question a page of the list."},
};
static const struct docs_prose docs_actions[] = {
    {"ACTION FILES",
     "The file that the option actions of a bridge bugzilla-to-jira names is a list of actions in the "
     "format of Mozilla's Jira Bugzilla Integration. Unknown keys give a warning; unknown steps and values "
     "of another type are refused. A map that is given replaces its default as a whole. The step "
     "maybe_update_issue_status needs a status_map, maybe_update_issue_resolution a resolution_map, and "
     "must come after maybe_update_issue_status where a group has both."},
};
static const struct docs_prose docs_contributions[] = {
    {"PEOPLE FILES",
     "The file that the option people of a bridge github-contributions names is a CSV with a header. The columns "
     "GitHub Username and Account Name must be there, Is Core Contributor may be (1 or true); their order and all "
     "other columns do not matter. An Account Name of Individual Contributors is an agreement of the person's own, "
     "another one that of an institution, an empty one none. Of lines with the same login the last counts. A line that "
     "cannot be right is left out with a warning. A file whose name ends in .yaml or .yml is a map of logins instead; "
     "each has institution, agreement (none, individual or institution; without it institution where there is "
     "one) and core_contributor, all of them optional."},
    {"ORGANISATION FILES",
     "The option orgs names a YAML map of institutions. The key and name are what Account Name may say; "
     "internal-ghorgs lists the organisations at GitHub that its people are internal to, and internal: true "
     "stands for all. The keys agreement, committer, contractor and contact are known and not used."},
    {"JIRA INFO FILES",
     "The option jira_info names a YAML map. A key is what stands behind jira: in a label, whatever its "
     "capitals; server, email, token, mapping and description are required, contact and search_lag are optional. Each "
     "entry becomes a tracker of kind jira, called jira- and the key in small letters. In email and token, ${NAME} and "
     "${file:PATH} work unless the file was fetched from an address. An entry that cannot be used is a warning, and "
     "the others go on working. The mapping is a YAML map with defaults (project, type) and repos, a list of entries "
     "with name, project and type: the first whose name, a shell pattern, matches OWNER/REPO is laid over the "
     "defaults. A pattern that begins with * needs quotes. A mapping that is a file is read and checked with the "
     "configuration. One at an address is read when it is needed, and every five minutes; while it is not usable, the "
     "last one since the start that was stays in use, and without one, what needs it waits."},
};
static const struct docs_prose docs_templates[] = {
    {"COMMENT TEXTS",
     "The folder that the option templates names may hold a file for each of the texts below; where it has none, a "
     "text of lockstep's own is used. In them, {{name}} is a variable, {{#name}} to {{/name}} is kept when "
     "the variable is set, {{^name}} to {{/name}} when it is not, and {{! a remark }} is left out. A line with "
     "nothing but such a tag leaves no line. GitHub shows a single line break in a comment as one."},
};
static const struct docs_prose docs_environment[] = {
    {"ENVIRONMENT", "PORT overrides the port in server.listen, and DATABASE_URL overrides store."},
};

/* ---- the two forms ---- */

/* Backslashes, dashes, and dots and quotes at the start of a line mean something to roff. */
static void docs_roff(struct text *to, const char *s)
{
    if (*s == '.' || *s == '\'')
        text_addz(to, "\\&");
    for (; *s; s++) {
        if (*s == '\\')
            text_addz(to, "\\e");
        else if (*s == '-')
            text_addz(to, "\\-");
        else
            text_addc(to, *s);
        if (*s == '\n' && (s[1] == '.' || s[1] == '\''))
            text_addz(to, "\\&");
    }
}

/* Only these matter in the tables and paragraphs that we write. */
static void docs_markdown(struct text *to, const char *s)
{
    for (; *s; s++) {
        if (strchr("|<\\*", *s))
            text_addc(to, '\\');
        text_addc(to, *s);
    }
}

static void docs_text(const struct docs *d, const char *s)
{
    if (d->is_roff)
        docs_roff(d->to, s);
    else
        docs_markdown(d->to, s);
}

/* A word as it stands in the file. */
static void docs_code(const struct docs *d, const char *s)
{
    text_addz(d->to, d->is_roff ? "\\fB" : "`");
    if (d->is_roff)
        docs_roff(d->to, s);
    else
        text_addz(d->to, s);
    text_addz(d->to, d->is_roff ? "\\fR" : "`");
}

/* Level 1 is a section, 2 a part of one. */
static void docs_title(const struct docs *d, int level, const char *title)
{
    text_addz(d->to, d->is_roff ? (level == 1 ? ".SH \"" : ".SS \"") : (level == 1 ? "\n## " : "\n### "));
    docs_text(d, title);
    text_addz(d->to, d->is_roff ? "\"\n" : "\n\n");
}

/* One line of help, which has no full stop. */
static void docs_paragraph(const struct docs *d, const char *s)
{
    if (text_blank(s))
        return;
    docs_text(d, s);
    text_addz(d->to, d->is_roff ? ".\n" : ".\n\n");
}

static void docs_prose_all(const struct docs *d, const struct docs_prose *p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        docs_title(d, 1, p[i].title);
        docs_text(d, p[i].text);
        text_addz(d->to, "\n");
    }
}

/* One option: its name, what it is for, what it looks like, its default. */
struct docs_row {
    const char *name, *help, *type, *otherwise, *note;
    bool required;
};

/* Absent defaults are said, not left out: an empty cell looks like a mistake. */
static void docs_default(const struct docs *d, const struct docs_row *row)
{
    if (row->required)
        text_addz(d->to, "required");
    else if (row->otherwise)
        docs_code(d, row->otherwise);
    else
        text_addz(d->to, "none");
}

/* A tagged paragraph: the name, what it is for, then its values. */
static void docs_row_roff(const struct docs *d, const struct docs_row *row)
{
    text_addz(d->to, ".TP\n");
    docs_code(d, row->name);
    text_addz(d->to, "\n");
    docs_text(d, row->help);
    text_addz(d->to, ".\nValue: ");
    docs_text(d, row->type);
    text_addz(d->to, row->required ? "; " : "; default ");
    docs_default(d, row);
    text_addz(d->to, ".");
    docs_text(d, row->note);
    text_addz(d->to, "\n");
}

/* A line of a table. */
static void docs_row_markdown(const struct docs *d, const struct docs_row *row)
{
    text_addz(d->to, "| ");
    docs_code(d, row->name);
    text_addz(d->to, " | ");
    docs_text(d, row->type);
    text_addz(d->to, " | ");
    docs_default(d, row);
    text_addz(d->to, " | ");
    docs_text(d, row->help);
    text_addz(d->to, ".");
    docs_text(d, row->note);
    text_addz(d->to, " |\n");
}

/* Before the rows of one table. */
static void docs_rows_begin(const struct docs *d)
{
    if (!d->is_roff)
        text_addz(d->to, "\n| key | value | default | |\n| --- | --- | --- | --- |\n");
}

static void docs_row(const struct docs *d, const struct docs_row *row)
{
    if (d->is_roff)
        docs_row_roff(d, row);
    else
        docs_row_markdown(d, row);
}

/* ---- option tables ---- */

/* One option of a table; what a reload leaves as it is says so. */
static void docs_option(const struct docs *d, const struct opt *o)
{
    AUTO(text_auto) struct text type;
    text_init(&type, 1024);
    opt_expected(o, &type);
    docs_row(d, &(struct docs_row){.name = o->name,
                                   .help = o->help,
                                   .type = text_z(&type),
                                   .otherwise = o->otherwise,
                                   .note = o->flags & OPT_RELOAD ? "" : " A change needs a restart.",
                                   .required = o->flags & OPT_REQUIRED});
}

/* Plain options first, then each inner table as a part of its own. */
static void docs_options(const struct docs *d, const struct opt_table *t)
{
    bool begun = false;
    for (size_t i = 0; i < t->n; i++) {
        if (t->opts[i].type == OPT_TABLE)
            continue;
        if (!begun)
            docs_rows_begin(d);
        begun = true;
        docs_option(d, &t->opts[i]);
    }
    for (size_t i = 0; i < t->n; i++) {
        if (t->opts[i].type != OPT_TABLE)
            continue;
        docs_title(d, 2, t->opts[i].name);
        docs_paragraph(d, t->opts[i].help);
        docs_options(d, t->opts[i].sub);
    }
}

/* What each kind adds to the common options. */
static void docs_kinds(const struct docs *d, const struct conf_kind *const *kinds)
{
    for (; kinds && *kinds; kinds++) {
        AUTO(text_auto) struct text title;
        text_init(&title, 256);
        text_addf(&title, "kind: %s", (*kinds)->name);
        docs_title(d, 2, text_z(&title));
        docs_paragraph(d, (*kinds)->help);
        docs_options(d, (*kinds)->opts);
    }
}

/* ---- action files ---- */

struct docs_actions_at {
    const struct docs *d;
    const char *under; /* of the row before */
};

/* Rows arrive grouped by the map that they stand in; a new map begins a new part. */
static void docs_action_row(void *ctx, const struct jbi_doc *doc)
{
    struct docs_actions_at *at = ctx;
    if (!text_same(at->under, doc->under)) {
        if (doc->under[0])
            docs_title(at->d, 2, doc->under);
        docs_rows_begin(at->d);
        at->under = doc->under;
    }
    docs_row(at->d, &(struct docs_row){doc->name, doc->help, doc->type, doc->otherwise, "", doc->required});
}

/* The words that lists of steps may hold. */
static void docs_steps(const struct docs *d)
{
    docs_title(d, 2, "steps");
    text_addz(d->to, "The steps are ");
    for (int i = 0; i < JBI_STEPS; i++) {
        text_addz(d->to, i == 0 ? "" : i == JBI_STEPS - 1 ? " and " : ", ");
        docs_code(d, jbi_step_name((enum jbi_step)i));
    }
    text_addz(d->to, ".\n");
}

/* ---- comment texts ---- */

struct docs_word {
    const char *name, *help;
};

/* A list of words, each with a line of help. */
static void docs_word(const struct docs *d, const struct docs_word *w)
{
    text_addz(d->to, d->is_roff ? ".TP\n" : "- ");
    docs_code(d, w->name);
    text_addz(d->to, d->is_roff ? "\n" : ": ");
    docs_text(d, w->help);
    text_addz(d->to, ".\n");
}

static void docs_texts(const struct docs *d)
{
    docs_title(d, 2, "texts");
    for (int i = 0; i < CONTRIB_TEXTS; i++) {
        AUTO(text_auto) struct text name;
        text_init(&name, 100);
        text_addf(&name, "%s.md", contrib_text_name((enum contrib_text)i));
        docs_word(d, &(struct docs_word){text_z(&name), contrib_text_help((enum contrib_text)i)});
    }
    docs_title(d, 2, "variables");
    for (const struct contrib_variable *v = contrib_variables; v->name; v++)
        docs_word(d, &(struct docs_word){v->name, v->help});
}

/* ---- pages ---- */

/* The whole page but for its head and the example. */
static void docs_page(const struct docs *d, const struct conf_kinds *kinds)
{
    struct docs_actions_at actions = {d, NULL};
    docs_prose_all(d, docs_opening, COUNT(docs_opening));
    docs_title(d, 1, "OPTIONS");
    docs_options(d, &conf_table);
    docs_prose_all(d, docs_trackers, COUNT(docs_trackers));
    docs_rows_begin(d);
    docs_row(d, &(struct docs_row){"kind", "Which service it is", "a kind named below", NULL, "", true});
    for (size_t i = 0; i < conf_tracker_table.n; i++)
        docs_option(d, &conf_tracker_table.opts[i]);
    docs_kinds(d, kinds->trackers);
    docs_prose_all(d, docs_bridges, COUNT(docs_bridges));
    docs_options(d, &conf_bridge_table);
    docs_kinds(d, kinds->bridges);
    docs_prose_all(d, docs_jobs, COUNT(docs_jobs));
    docs_options(d, &conf_job_table);
    docs_prose_all(d, docs_actions, COUNT(docs_actions));
    jbi_docs(docs_action_row, &actions);
    docs_steps(d);
    docs_prose_all(d, docs_contributions, COUNT(docs_contributions));
    docs_prose_all(d, docs_templates, COUNT(docs_templates));
    docs_texts(d);
    docs_prose_all(d, docs_environment, COUNT(docs_environment));
}

void conf_docs_man(struct text *to, const struct conf_kinds *kinds)
{
    struct docs d = {to, true};
    /* Long addresses leave a justified line nothing to stretch. */
    text_addz(to, ".TH LOCKSTEP.YAML 5\n.ad l\n.SH NAME\nlockstep.yaml \\- configuration of lockstep\n");
    docs_page(&d, kinds);
    docs_title(&d, 1, "EXAMPLE");
    text_addz(to, ".nf\n");
    docs_roff(to, docs_example);
    text_addz(to, ".fi\n.SH \"SEE ALSO\"\n.BR lockstep (1)\n");
}

void conf_docs_markdown(struct text *to, const struct conf_kinds *kinds)
{
    struct docs d = {to, false};
    text_addz(to, "# lockstep.yaml\n");
    docs_page(&d, kinds);
    docs_title(&d, 1, "EXAMPLE");
    text_addf(to, "```yaml\n%s```\n", docs_example);
}
