/* Plain pages for people: lists, an issue, a bug. */
#include "base/base.h"

#include "sandbox/bugzilla_private.h"
#include "sandbox/github_handlers_private.h"
#include "sandbox/jira_private.h"
#include "sandbox/pages_private.h"

enum { PAGE_ROWS = 200 };

static const char page_style[] =
    "body{font:15px/1.5 system-ui,sans-serif;margin:0;color:#172b4d;background:#f7f8f9}"
    "header{background:#253858;color:#fff;padding:.6rem 1.2rem}header a{color:#fff;margin-right:1.2rem}"
    "main{max-width:60rem;margin:1rem auto;padding:0 1rem}h1{font-size:1.4rem}h2{font-size:1.05rem;margin-top:1.6rem}"
    "table{border-collapse:collapse;width:100%;background:#fff}td,th{text-align:left;padding:.35rem .6rem;"
    "border:1px solid #dfe1e6;vertical-align:top}th{background:#f4f5f7;font-weight:600;width:10rem}"
    "thead th{width:auto}pre{white-space:pre-wrap;overflow-wrap:anywhere;background:#fff;border:1px solid #dfe1e6;"
    "padding:.6rem;margin:.3rem 0 1rem;font:14px/1.5 ui-monospace,monospace}.tag{background:#dfe1e6;"
    "border-radius:3px;padding:0 .4rem;margin-right:.3rem}.by{color:#5e6c84}"
    "@media(prefers-color-scheme:dark){body{background:#1d2125;color:#c7d1db}table,pre{background:#22272b}"
    "td,th,pre{border-color:#454f59}th{background:#2c333a}a{color:#85b8ff}.tag{background:#454f59}}";

void page_text(struct text *t, const char *s)
{
    for (; s && *s; s++) {
        switch (*s) {
        case '&':
            text_addz(t, "&amp;");
            break;
        case '<':
            text_addz(t, "&lt;");
            break;
        case '>':
            text_addz(t, "&gt;");
            break;
        case '"':
            text_addz(t, "&quot;");
            break;
        case '\'':
            text_addz(t, "&#39;");
            break;
        default:
            text_addc(t, *s);
        }
    }
}

struct text *page_begin(struct sandbox_call *c, int status, const char *title)
{
    struct text *t = sandbox_plain(c, status, "text/html; charset=utf-8");
    http_header_add(c->arena, &c->headers, "Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'");
    text_addz(t, "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
                 "content=\"width=device-width\"><title>");
    page_text(t, title);
    text_addf(t, "</title><style>%s</style></head><body><header><a href=\"/jira/\">Sandbox Jira</a>", page_style);
    text_addz(t, "<a href=\"/bugzilla/\">Sandbox Bugzilla</a>"
                 "<a href=\"/github/\">Sandbox GitHub</a></header><main><h1>");
    page_text(t, title);
    text_addz(t, "</h1>");
    return t;
}

void page_end(struct text *t)
{
    text_addz(t, "</main></body></html>\n");
}

void page_row(struct text *t, const char *name, const char *value)
{
    text_addz(t, "<tr><th scope=\"row\">");
    page_text(t, name);
    text_addz(t, "</th><td>");
    page_text(t, value);
    text_addz(t, "</td></tr>");
}

/* Only http links become links. */
void page_link(struct text *t, const char *url, const char *title)
{
    bool is_web = text_starts(url, "http://") || text_starts(url, "https://");
    if (is_web) {
        text_addz(t, "<a href=\"");
        page_text(t, url);
        text_addz(t, "\">");
    }
    page_text(t, title);
    text_addz(t, is_web ? "</a>" : "");
}

void page_tags(struct text *t, const char *name, const struct sandbox_words *words)
{
    text_addz(t, "<tr><th scope=\"row\">");
    page_text(t, name);
    text_addz(t, "</th><td>");
    for (size_t i = 0; i < words->n; i++) {
        text_addz(t, "<span class=\"tag\">");
        page_text(t, words->v[i]);
        text_addz(t, "</span>");
    }
    text_addz(t, "</td></tr>");
}

void page_said(struct sandbox_call *c, const char *who, int64_t at_ms, const char *text)
{
    struct text *t = c->out;
    text_addz(t, "<div class=\"by\">");
    page_text(t, who);
    text_addf(t, " · %s</div><pre>", sandbox_time(c, at_ms));
    page_text(t, text);
    text_addz(t, "</pre>");
}

void page_missing(struct sandbox_call *c, const char *title)
{
    page_end(page_begin(c, 404, title));
}

static void page_home(struct sandbox_call *c)
{
    struct text *t = page_begin(c, 200, "Lockstep sandbox");
    text_addz(t, "<p>A pretend <a href=\"/jira/\">Jira</a>, a pretend <a href=\"/bugzilla/\">Bugzilla</a> and a "
                 "pretend <a href=\"/github/\">GitHub</a>, in memory. "
                 "Control: <a href=\"/_sandbox/state\">state</a>, <a href=\"/_sandbox/writes\">writes</a>, "
                 "<a href=\"/_sandbox/exchanges\">exchanges</a>, <a href=\"/_sandbox/faults\">faults</a>.</p>");
    page_end(t);
}

static void page_jira_row(struct sandbox_call *c, const struct sj_issue *i)
{
    struct text *t = c->out;
    text_addz(t, "<tr><td><a href=\"/jira/browse/");
    page_text(t, i->key);
    text_addz(t, "\">");
    page_text(t, i->key);
    text_addz(t, "</a></td><td>");
    page_text(t, i->summary);
    text_addz(t, "</td><td>");
    page_text(t, c->s->jira->statuses.v[i->status].name);
    text_addz(t, "</td></tr>");
}

static void page_jira(struct sandbox_call *c)
{
    const struct sj_site *j = c->s->jira;
    struct text *t = page_begin(c, 200, "Sandbox Jira");
    text_addz(t, "<h2>Projects</h2><table>");
    for (size_t i = 0; i < j->projects.n; i++)
        page_row(t, j->projects.v[i]->key,
                 arena_fmt(c->arena, "%s, %zu issues", j->projects.v[i]->name, j->projects.v[i]->issues.n));
    text_addz(t, "</table><h2>Newest issues</h2><table><thead><tr><th>Key</th><th>Summary</th><th>Status</th></tr>"
                 "</thead><tbody>");
    size_t shown = 0;
    for (size_t i = j->issues.n; i > 0 && shown < PAGE_ROWS; i--) {
        if (j->issues.v[i - 1]->is_deleted)
            continue;
        page_jira_row(c, j->issues.v[i - 1]);
        shown++;
    }
    text_addz(t, "</tbody></table>");
    page_end(t);
}

static void page_issue_links(struct sandbox_call *c, const struct sj_issue *i)
{
    struct text *t = c->out;
    text_addz(t, "<h2>Links</h2><ul>");
    for (size_t n = 0; n < i->remotes.n; n++) {
        const struct json *object = NULL;
        if (json_parse(c->arena, str_of(i->remotes.v[n]->object), &object, NULL) != 0)
            continue;
        const char *url = json_text(json_get(object, "url")), *title = json_text(json_get(object, "title"));
        text_addz(t, "<li>");
        page_link(t, url ? url : "", title ? title : "");
        text_addz(t, "</li>");
    }
    for (size_t n = 0; n < i->links.n; n++) {
        const struct sj_link *l = i->links.v[n];
        const struct sj_link_type *type = &c->s->jira->link_types.v[l->type];
        const struct sj_issue *other = l->outward == i ? l->inward : l->outward;
        text_addz(t, "<li>");
        page_text(t, l->outward == i ? type->inward : type->outward);
        text_addz(t, " ");
        page_link(t, arena_fmt(c->arena, "%s/jira/browse/%s", c->base, other->key), other->key);
        text_addz(t, "</li>");
    }
    text_addz(t, "</ul>");
}

/* An option shows its value; all else as it is. */
static const char *page_custom(struct arena *a, const char *json)
{
    const struct json *v;
    const char *option = json_parse(a, str_of(json), &v, NULL) == 0 ? json_text(json_get(v, "value")) : NULL;
    return option ? option : json;
}

static void page_issue_table(struct sandbox_call *c, const struct sj_issue *i)
{
    const struct sj_site *j = c->s->jira;
    struct text *t = c->out;
    struct sandbox_words components = {0};
    for (size_t n = 0; n < i->components.n; n++)
        sandbox_words_add(&components, i->components.v[n]->name);
    text_addz(t, "<table>");
    page_row(t, "Type", i->project->types.v[i->type]);
    page_row(t, "Status", j->statuses.v[i->status].name);
    page_row(t, "Resolution", i->resolution < 0 ? "Unresolved" : j->resolutions.v[i->resolution]);
    page_row(t, "Priority", i->priority < 0 ? "" : j->priorities.v[i->priority]);
    page_row(t, "Assignee", i->assignee ? i->assignee->name : "Unassigned");
    page_row(t, "Reporter", i->reporter ? i->reporter->name : "");
    page_tags(t, "Labels", &i->labels);
    page_tags(t, "Components", &components);
    for (size_t n = 0; n < j->fields.n; n++)
        if (i->custom[n])
            page_row(t, j->fields.v[n].name, page_custom(c->arena, i->custom[n]));
    page_row(t, "Updated", sj_time(c, i->updated_ms));
    text_addz(t, "</table>");
    sandbox_words_clear(&components);
}

static void page_issue(struct sandbox_call *c)
{
    const struct sj_issue *i = sj_issue_find(c->s->jira, c->arena, c->part[0]);
    if (!i || i->is_deleted) {
        page_missing(c, "No such issue");
        return;
    }
    struct text *t = page_begin(c, 200, arena_fmt(c->arena, "%s: %s", i->key, i->summary));
    page_issue_table(c, i);
    text_addz(t, "<h2>Description</h2><pre>");
    page_text(t, i->description);
    text_addz(t, "</pre>");
    page_issue_links(c, i);
    text_addz(t, "<h2>Comments</h2>");
    for (size_t n = 0; n < i->comments.n; n++)
        page_said(c, i->comments.v[n]->author ? i->comments.v[n]->author->name : "", i->comments.v[n]->created_ms,
                  i->comments.v[n]->body);
    page_end(t);
}

static void page_bugzilla(struct sandbox_call *c)
{
    const struct sb_site *b = c->s->bugzilla;
    struct text *t = page_begin(c, 200, "Sandbox Bugzilla");
    size_t shown = 0;
    text_addz(t, "<h2>Last changed bugs</h2><table><thead><tr><th>Bug</th><th>Summary</th><th>Status</th>"
                 "<th>Whiteboard</th></tr></thead><tbody>");
    for (const struct list *it = b->by_change.prev; it != &b->by_change && shown < PAGE_ROWS; it = it->prev, shown++) {
        const struct sb_bug *bug = CONTAINER(it, const struct sb_bug, by_change);
        text_addf(t, "<tr><td><a href=\"/bugzilla/show_bug.cgi?id=%" PRIu64 "\">%" PRIu64 "</a></td><td>", bug->id,
                  bug->id);
        page_text(t, sb_bug_text(bug, SB_SUMMARY));
        text_addz(t, sb_bug_is_private(bug) ? " <span class=\"tag\">private</span></td><td>" : "</td><td>");
        page_text(t, sb_bug_text(bug, SB_STATUS));
        text_addz(t, " ");
        page_text(t, sb_bug_text(bug, SB_RESOLUTION));
        text_addz(t, "</td><td>");
        page_text(t, sb_bug_text(bug, SB_WHITEBOARD));
        text_addz(t, "</td></tr>");
    }
    text_addz(t, "</tbody></table>");
    page_end(t);
}

static void page_bug_table(struct text *t, const struct sb_bug *bug)
{
    text_addz(t, "<table>");
    for (int i = SB_SUMMARY + 1; i < SB_TEXTS; i++)
        if (!text_blank(sb_bug_text(bug, (enum sb_text)i)))
            page_row(t, sb_texts[i].name, sb_bug_text(bug, (enum sb_text)i));
    for (int i = 0; i < SB_LISTS; i++)
        if (bug->lists[i].n && i != SB_SEE_ALSO)
            page_tags(t, sb_lists[i].name, &bug->lists[i]);
    text_addz(t, "</table><h2>See also</h2><ul>");
    for (size_t i = 0; i < bug->lists[SB_SEE_ALSO].n; i++) {
        text_addz(t, "<li>");
        page_link(t, bug->lists[SB_SEE_ALSO].v[i], bug->lists[SB_SEE_ALSO].v[i]);
        text_addz(t, "</li>");
    }
    text_addz(t, "</ul>");
}

static void page_bug(struct sandbox_call *c)
{
    const struct sb_bug *bug = sb_bug_find(c->s->bugzilla, sb_number(http_query(c->arena, c->request->url, "id")));
    if (!bug) {
        page_missing(c, "No such bug");
        return;
    }
    struct text *t =
        page_begin(c, 200, arena_fmt(c->arena, "Bug %" PRIu64 ": %s", bug->id, sb_bug_text(bug, SB_SUMMARY)));
    page_bug_table(t, bug);
    text_addz(t, "<h2>Comments</h2>");
    for (size_t i = 0; i < bug->comments.n; i++)
        page_said(c, bug->comments.v[i]->author->login, bug->comments.v[i]->at_ms, bug->comments.v[i]->text);
    page_end(t);
}

const struct sandbox_route sandbox_page_routes[] = {
    {"GET", "", page_home, 0},
    {"GET", "jira", page_jira, 0},
    {"GET", "jira/browse/{}", page_issue, 0},
    {"GET", "bugzilla", page_bugzilla, 0},
    {"GET", "bugzilla/show_bug.cgi", page_bug, 0},
    {"GET", "github", sg_page_home, 0},
    {"GET", "github/raw/{}/{}/HEAD/{...}", sg_page_raw, 0},
    {"GET", "github/{}/{}/pull/{}", sg_page_issue, 0},
    {"GET", "github/{}/{}/issues/{}", sg_page_issue, 0},
};
const size_t sandbox_page_count = COUNT(sandbox_page_routes);
