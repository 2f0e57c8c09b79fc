/*
 * Who has signed what. The CSV is an export that people make by hand, so its columns are known by name, and a line that
 * cannot be right is left out with a warning; what would lose many people at once is an error. libcsv is fed line by
 * line, so that messages can name lines.
 */
#include "base/base.h"

#include "conf/contributions.h"

#include "base/arena.h"
#include "base/text.h"
#include "base/utf8.h"

#include <csv.h>

enum { PEOPLE_LOGIN_BYTES = 100, PEOPLE_COLUMNS = 200 };
enum { PEOPLE_LOGIN, PEOPLE_ACCOUNT, PEOPLE_CORE, PEOPLE_WANTED };

static const struct {
    const char *name;
    bool is_required;
} people_columns[PEOPLE_WANTED] = {
    [PEOPLE_LOGIN] = {"GitHub Username", true},
    [PEOPLE_ACCOUNT] = {"Account Name", true},
    [PEOPLE_CORE] = {"Is Core Contributor", false},
};

struct people_row {
    struct contributor who;
    int line;
};

struct people_reader {
    struct arena *arena;
    struct problems *problems;
    const char *file;
    struct many rows; /* of struct people_row, as they stand in the file */

    /* CSV. */
    struct csv_parser csv;
    int line;     /* being fed */
    int row_line; /* where the row begins that is being read */
    bool is_inside;
    size_t n_fields;
    struct str fields[PEOPLE_COLUMNS];
    size_t places[PEOPLE_WANTED]; /* of the wanted columns; PEOPLE_COLUMNS: there is none */
    size_t n_columns;             /* 0: the header has not been read yet */
    bool is_refused;
};

static void people_say(const struct people_reader *r, int line, bool is_warning, const char *text)
{
    problem_add(r->problems,
                (struct problem){.file = r->file, .line = line, .column = 1, .text = text, .is_warning = is_warning});
}

/* ---- people, however they are written ---- */

/* Also those of managed accounts, which have underscores. NULL: it is none. */
static const char *people_login(struct arena *a, struct str s)
{
    if (s.n && s.p[0] == '@')
        s = (struct str){s.p + 1, s.n - 1};
    if (s.n == 0 || s.n > PEOPLE_LOGIN_BYTES)
        return NULL;
    for (size_t i = 0; i < s.n; i++) {
        bool is_letter = (s.p[i] >= 'a' && s.p[i] <= 'z') || (s.p[i] >= 'A' && s.p[i] <= 'Z');
        bool is_sign = s.p[i] == '-' || s.p[i] == '_' || s.p[i] == '[' || s.p[i] == ']';
        if (!is_letter && !is_sign && !(s.p[i] >= '0' && s.p[i] <= '9'))
            return NULL;
    }
    return text_lower(a, arena_str(a, s));
}

static int people_by_login(const void *a, const void *b)
{
    const struct people_row *x = a, *y = b;
    int order = strcmp(x->who.login, y->who.login);
    return order ? order : (x->line > y->line) - (x->line < y->line);
}

/* By login; of equal ones the last. */
static void people_settle(struct people_reader *r, struct people *ret)
{
    struct people_row *rows = r->rows.v;
    *ret = (struct people){0};
    if (!rows) {
        if (!r->is_refused)
            people_say(r, 0, true, "the file names nobody: nobody has an agreement");
        return;
    }
    ret->v = arena_array(r->arena, r->rows.n, sizeof *ret->v);
    qsort(rows, r->rows.n, sizeof *rows, people_by_login);
    for (size_t i = 0; i < r->rows.n; i++) {
        bool is_last = i + 1 == r->rows.n || strcmp(rows[i].who.login, rows[i + 1].who.login) != 0;
        if (is_last)
            ret->v[ret->n++] = rows[i].who;
        else
            people_say(r, rows[i + 1].line, true,
                       arena_fmt(r->arena, "%s is there already, in line %d; this line counts", rows[i].who.login,
                                 rows[i].line));
    }
}

/* ---- CSV ---- */

/* Where a wanted column stands; a problem, or PEOPLE_COLUMNS, when it is missing. */
static size_t people_column(struct people_reader *r, size_t wanted)
{
    const char *name = people_columns[wanted].name;
    const char **names = arena_array(r->arena, r->n_fields + 1, sizeof *names);
    for (size_t i = 0; i < r->n_fields; i++) {
        names[i] = arena_str(r->arena, str_trim(r->fields[i]));
        if (text_same_nocase(names[i], name))
            return i;
    }
    if (people_columns[wanted].is_required) {
        const char *near = problem_near(name, names, r->n_fields);
        people_say(r, r->row_line, false,
                   arena_fmt(r->arena, "there is no column \"%s\"%s%s", name, near ? "; the nearest is " : "",
                             near ? problem_quote(r->arena, near) : ""));
        r->is_refused = true;
    }
    return PEOPLE_COLUMNS;
}

static void people_header(struct people_reader *r)
{
    for (size_t i = 0; i < PEOPLE_WANTED; i++)
        r->places[i] = people_column(r, i);
    r->n_columns = r->n_fields;
}

/* "" when there is no such column. */
static struct str people_field(const struct people_reader *r, size_t wanted)
{
    size_t place = r->places[wanted];
    return place < r->n_columns ? str_trim(r->fields[place]) : STR("");
}

/* Rows of people without a login are usual: they are of no use here. */
static void people_row_read(struct people_reader *r)
{
    struct str login = people_field(r, PEOPLE_LOGIN), account = people_field(r, PEOPLE_ACCOUNT);
    struct str core = people_field(r, PEOPLE_CORE);
    if (r->n_fields != r->n_columns) {
        people_say(r, r->row_line, true,
                   arena_fmt(r->arena, "expected %zu columns, as in the header, got %zu; the line is left out",
                             r->n_columns, r->n_fields));
        return;
    }
    if (login.n == 0)
        return;
    struct contributor who = {.login = people_login(r->arena, login)};
    if (!who.login) {
        people_say(r, r->row_line, true,
                   arena_fmt(r->arena, "expected a login of GitHub, got %s; the line is left out",
                             problem_quote(r->arena, arena_str(r->arena, login))));
        return;
    }
    who.is_signed = account.n > 0;
    if (who.is_signed && !str_same(account, STR("Individual Contributors")))
        who.institution = arena_str(r->arena, account);
    who.is_core = str_same(core, STR("1")) || text_same_nocase(arena_str(r->arena, core), "true");
    *MANY_ADD(r->arena, &r->rows, struct people_row) = (struct people_row){who, r->row_line};
}

/* libcsv's: one field. Only what is needed is kept. */
static void people_on_field(void *field, size_t n, void *ctx)
{
    struct people_reader *r = ctx;
    size_t i = r->n_fields++;
    bool is_wanted = r->n_columns == 0;
    for (size_t k = 0; k < PEOPLE_WANTED && !is_wanted; k++)
        is_wanted = r->places[k] == i;
    if (i < PEOPLE_COLUMNS && is_wanted)
        r->fields[i] = str_of(arena_str(r->arena, (struct str){field, n}));
}

/* libcsv's: the end of a row. */
static void people_on_row(int c, void *ctx)
{
    struct people_reader *r = ctx;
    (void)c;
    r->is_inside = false;
    if (r->n_columns == 0 && r->n_fields > PEOPLE_COLUMNS) {
        people_say(r, r->row_line, false, arena_fmt(r->arena, "more than %d columns", PEOPLE_COLUMNS));
        r->is_refused = true;
    } else if (r->n_columns == 0) {
        people_header(r);
    } else {
        people_row_read(r);
    }
    r->n_fields = 0;
}

static void people_csv_begin(struct people_reader *r)
{
    check(csv_init(&r->csv, CSV_STRICT | CSV_STRICT_FINI) == 0);
    r->n_fields = 0;
    r->is_inside = false;
}

/* Bytes of the first line, with its break: LF, CR LF or CR. */
static size_t people_line(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '\n')
            return i + 1;
        if (s.p[i] == '\r')
            return i + 1 < s.n && s.p[i + 1] == '\n' ? i + 2 : i + 1;
    }
    return s.n;
}

/* One line. Where its quotes are wrong, it is left out, and reading begins anew behind it. */
static void people_feed(struct people_reader *r, struct str line)
{
    r->line++;
    if (!r->is_inside) {
        if (str_trim(line).n == 0)
            return;
        r->row_line = r->line;
        r->is_inside = true;
    }
    if (csv_parse(&r->csv, line.p, line.n, people_on_field, people_on_row, r) == line.n)
        return;
    check(csv_error(&r->csv) == CSV_EPARSE);
    people_say(r, r->row_line, r->n_columns > 0, "a quote inside a value must be doubled; the line is left out");
    r->is_refused |= r->n_columns == 0;
    csv_free(&r->csv);
    people_csv_begin(r);
}

/* Quotes that never close swallow everybody behind them: that is no warning. */
static void people_csv(struct people_reader *r, struct str s)
{
    people_csv_begin(r);
    while (s.n && !r->is_refused) {
        size_t n = people_line(s);
        people_feed(r, (struct str){s.p, n});
        s = (struct str){s.p + n, s.n - n};
    }
    if (csv_fini(&r->csv, people_on_field, people_on_row, r) != 0 && !r->is_refused) {
        people_say(r, r->row_line, false, "the quotes that open here do not close");
        r->is_refused = true;
    }
    csv_free(&r->csv);
    if (r->n_columns == 0 && !r->is_refused) {
        people_say(r, 0, false, "the file is empty; its first line must name the columns");
        r->is_refused = true;
    }
}

/* False: nothing can be read from such bytes. */
static bool people_check(struct people_reader *r, struct str s)
{
    int line = 1;
    for (size_t i = 0; i < s.n;) {
        size_t n = utf8_step((struct str){s.p + i, s.n - i});
        if (n == 0 || s.p[i] == '\0') {
            people_say(r, line, false, "not UTF-8; save the file as UTF-8");
            return false;
        }
        line += s.p[i] == '\n';
        i += n;
    }
    return true;
}

/* ---- YAML ---- */

static const char *const people_keys[] = {"institution", "agreement", "core_contributor"};
static const char *const people_agreements[] = {"none", "individual", "institution"};
static const struct words people_agreement_words = {people_agreements, COUNT(people_agreements)};

/* A text member; NULL when it is absent. False: a warning, and the entry cannot be used. */
static bool people_member(const struct people_reader *r, const struct yaml *entry, const char *key, const char *name,
                          const char **ret)
{
    const struct yaml *at = yaml_get(entry, name);
    if (yaml_is_null(at))
        return true;
    if (at->kind == YAML_SCALAR) {
        *ret = at->text;
        return true;
    }
    yaml_warning(r->problems, at, problem_key(r->arena, key, name), NULL,
                 "expected a text, got %s; the entry is left out", yaml_kind_name(at));
    return false;
}

static void people_unknown(const struct people_reader *r, const struct yaml *entry, const char *key)
{
    for (size_t i = 0; entry->kind == YAML_MAP && i < entry->n; i++) {
        const struct yaml *name = entry->items[2 * i];
        bool is_known = false;
        for (size_t k = 0; k < COUNT(people_keys); k++)
            is_known |= strcmp(people_keys[k], name->text) == 0;
        if (!is_known)
            yaml_warning(r->problems, name, problem_key(r->arena, key, name->text),
                         problem_near(name->text, people_keys, COUNT(people_keys)), "unknown key");
    }
}

/* Who has an institution has its agreement, unless the entry says otherwise. False: as above. */
static bool people_agreement(const struct people_reader *r, const struct yaml *entry, const char *key,
                             struct contributor *who)
{
    const char *word = NULL;
    if (!people_member(r, entry, key, "agreement", &word))
        return false;
    word = word ? word : who->institution ? "institution" : "none";
    who->is_signed = strcmp(word, "none") != 0;
    if (words_find(&people_agreement_words, word) >= 0)
        return true;
    yaml_warning(r->problems, yaml_get(entry, "agreement"), problem_key(r->arena, key, "agreement"),
                 problem_near(word, people_agreements, COUNT(people_agreements)),
                 "expected none, individual or institution; the entry is left out");
    return false;
}

static bool people_core(const struct people_reader *r, const struct yaml *entry, const char *key, bool *ret)
{
    const struct yaml *core = yaml_get(entry, "core_contributor");
    if (yaml_is_null(core) || yaml_bool(core, ret))
        return true;
    yaml_warning(r->problems, core, problem_key(r->arena, key, "core_contributor"), NULL,
                 "expected true or false; the entry is left out");
    return false;
}

static void people_entry(struct people_reader *r, const struct yaml *name, const struct yaml *entry)
{
    const char *key = problem_key(r->arena, "", name->text);
    struct people_row row = {.who = {.login = people_login(r->arena, str_of(name->text))}, .line = name->line};
    if (!row.who.login) {
        yaml_warning(r->problems, name, key, NULL, "expected a login of GitHub; the entry is left out");
        return;
    }
    if (entry->kind != YAML_MAP && !yaml_is_null(entry)) {
        yaml_warning(r->problems, entry, key, NULL, "expected a map; the entry is left out");
        return;
    }
    people_unknown(r, entry, key);
    if (people_member(r, entry, key, "institution", &row.who.institution) &&
        people_agreement(r, entry, key, &row.who) && people_core(r, entry, key, &row.who.is_core))
        *MANY_ADD(r->arena, &r->rows, struct people_row) = row;
}

static void people_yaml(struct people_reader *r, struct str content)
{
    size_t errors = r->problems->errors;
    const struct yaml *all = yaml_read(r->arena, r->file, content, r->problems);
    if (all && all->kind != YAML_MAP)
        yaml_problem(r->problems, all, "", NULL, "expected a map of logins, got %s", yaml_kind_name(all));
    for (size_t i = 0; all && all->kind == YAML_MAP && i < all->n; i++)
        people_entry(r, all->items[2 * i], all->items[2 * i + 1]);
    r->is_refused = r->problems->errors > errors;
}

/* ---- */

/* By its name, of which an address may have more behind a question mark. */
static bool people_is_yaml(struct arena *a, const char *file)
{
    const char *name = arena_str(a, (struct str){file, strcspn(file, "?#")});
    return text_ends(name, ".yaml") || text_ends(name, ".yml");
}

void people_read(struct arena *a, const char *file, struct str content, struct problems *p, struct people *ret)
{
    struct people_reader r = {.arena = a, .problems = p, .file = file};
    if (people_is_yaml(a, file)) {
        people_yaml(&r, content);
    } else {
        if (content.n >= 3 && memcmp(content.p, "\xef\xbb\xbf", 3) == 0)
            content = (struct str){content.p + 3, content.n - 3};
        r.is_refused = !people_check(&r, content);
        if (!r.is_refused)
            people_csv(&r, content);
    }
    people_settle(&r, ret);
}

static int people_compare(const void *login, const void *one)
{
    return strcmp(login, ((const struct contributor *)one)->login);
}

const struct contributor *people_find(const struct people *all, const char *login)
{
    AUTO(text_auto) struct text low;
    text_init(&low, PEOPLE_LOGIN_BYTES + 1);
    for (const char *c = login; c && *c; c++)
        text_addc(&low, *c >= 'A' && *c <= 'Z' ? (char)(*c + 32) : *c);
    if (all->n == 0 || low.n == 0)
        return NULL;
    return bsearch(text_z(&low), all->v, all->n, sizeof *all->v, people_compare);
}
