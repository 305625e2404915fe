/* draft_look.c — what the rows of a draft's file look like: where the header is, and how the cells
 * of each column are written. Counts only; nothing is decided here that a person does not see. */
#include "profile_draft.h"

#include "mem.h"
#include "period.h"

#include <ctype.h>

/* --- one text -----------------------------------------------------------------------------------
 */

struct parts {
    size_t points, commas, blanks, digits, after, groups;
    char last;          /* the last separator */
    bool other, threes; /* threes: every separator has three digits behind it */
};

static size_t blank_at(struct str s)
{
    static const char *const blanks[] = {"\xc2\xa0", "\xe2\x80\xaf", "\xe2\x80\x89", " "};
    for (size_t i = 0; i < ARRAY_LEN(blanks); i++) {
        size_t n = strlen(blanks[i]);
        if (s.n >= n && memcmp(s.p, blanks[i], n) == 0)
            return n;
    }
    return 0;
}

static void scan(struct str s, struct parts *p)
{
    *p = (struct parts){.threes = true};
    while (s.n) {
        char c = s.p[0];
        size_t blank = blank_at(s);
        if (c >= '0' && c <= '9') {
            p->digits++;
            p->after++;
            s = str_cut(s, 1);
            continue;
        }
        p->threes = p->threes && (!p->groups || p->after == 3);
        p->groups++;
        p->points += c == '.';
        p->commas += c == ',';
        p->blanks += blank > 0;
        p->other = p->other || !(c == '.' || c == ',' || blank);
        p->last = blank ? ' ' : c;
        p->after = 0;
        s = str_cut(s, blank ? blank : 1);
    }
}

static enum draft_form form_of_one(const struct parts *p, char sep)
{
    bool point = sep == '.';
    size_t n = point ? p->points : p->commas;
    if (n > 1)
        return p->threes && p->after == 3 ? (point ? FORM_POINT_BOTH : FORM_COMMA_BOTH) : FORM_N;
    if (p->after == 3 && p->digits <= 6)
        return point ? FORM_POINT_THREE : FORM_COMMA_THREE;
    return point ? FORM_POINT : FORM_COMMA;
}

/* Blanks, or both separators: what stands last and once is the decimal sign. */
static enum draft_form form_of_many(const struct parts *p)
{
    if (p->blanks)
        return p->blanks + (p->last != ' ') == p->groups ? FORM_BLANK : FORM_N;
    size_t ends = p->last == '.' ? p->points : p->commas;
    if (ends != 1)
        return FORM_N;
    return p->last == '.' ? FORM_COMMA_BOTH : FORM_POINT_BOTH;
}

enum draft_form draft_form(struct str s)
{
    struct parts p;
    if (s.n && (s.p[0] == '-' || s.p[0] == '+'))
        s = str_cut(s, 1);
    if (!s.n || s.n > 40 || s.p[0] < '0' || s.p[0] > '9')
        return FORM_N;
    scan(s, &p);
    if (p.other || !p.after)
        return FORM_N;
    if (!p.groups)
        return FORM_WHOLE;
    if (p.blanks || (p.points && p.commas))
        return form_of_many(&p);
    return form_of_one(&p, p.last);
}

bool draft_period(struct str s)
{
    struct period p;
    s = read_trim(s, ".");
    return s.n >= 4 && period_parse(&p, s, NULL) >= 0 && p.year >= 1900 && p.year <= 2100;
}

bool draft_is_period(const struct draft_column *c)
{
    return c->filled && (c->periods + c->dates) * 10 >= c->filled * 9;
}

bool draft_is_value(const struct draft_column *c)
{
    return c->filled && !draft_is_period(c) && (c->numbers + c->signs) * 2 >= c->filled;
}

/* --- the header ---------------------------------------------------------------------------------
 */

static bool numeric(const struct draft_row *r, size_t i)
{
    struct str s = read_trim(r->cell[i], NULL);
    return s.n && ((r->kind && (r->kind[i] & CELL_KIND) == CELL_NUMBER) || draft_form(s) != FORM_N);
}

static size_t filled(const struct draft_row *r)
{
    size_t n = 0;
    for (size_t i = 0; i < r->n; i++)
        n += read_trim(r->cell[i], NULL).n > 0;
    return n;
}

/* Cells that could be figures: numbers that are no periods. */
static size_t figures(const struct draft_row *r)
{
    size_t n = 0;
    for (size_t i = 0; i < r->n; i++)
        n += numeric(r, i) && !draft_period(r->cell[i]);
    return n;
}

static size_t periods(const struct draft_row *r, size_t *ret_first)
{
    size_t n = 0;
    for (size_t i = 0; i < r->n; i++)
        if (draft_period(r->cell[i]) && !n++)
            *ret_first = i;
    return n;
}

/* Figures, or, where all of them are hidden behind marks, a number among other cells: but not a row
 * of periods, which heads a wide table. */
static bool is_data(const struct draft_row *r)
{
    size_t n = 0, from;
    for (size_t i = 0; i < r->n; i++)
        n += numeric(r, i);
    return figures(r) || (n && filled(r) > 2 && periods(r, &from) < 2);
}

/* The header's last row is the one above the first row that holds figures; what is above it and
 * nearly as wide belongs to it; what is above that are titles. */
static size_t first_data(const struct draft *d)
{
    size_t i = 0;
    while (i < d->nrows && !is_data(&d->rows[i]))
        i++;
    return i < d->nrows ? i : d->nrows > 1;
}

static void find_width(struct draft *d)
{
    for (size_t i = 0; i < d->nrows; i++)
        if (filled(&d->rows[i]) && d->rows[i].n > d->width)
            d->width = d->rows[i].n;
    if (d->width > DRAFT_COLUMNS)
        d->width = DRAFT_COLUMNS;
}

void draft_find_header(struct draft *d)
{
    find_width(d);
    d->columns = arena_array(&d->arena, d->width + 1, sizeof *d->columns);
    if (!d->nrows)
        return;
    size_t data = first_data(d), last = data ? data - 1 : 0;
    while (last && !filled(&d->rows[last]))
        last--;
    const struct draft_row *head = &d->rows[last];
    size_t first = last, wide = filled(head);
    while (first && filled(&d->rows[first - 1]) > 1 && filled(&d->rows[first - 1]) * 3 >= wide)
        first--;
    d->skip = first;
    d->heads = last - first + 1;
    d->head_line = head->line;
    d->wide = periods(head, &d->from) >= 3;
    for (size_t i = 0; i < d->width; i++)
        d->columns[i].head = i < head->n ? read_trim(head->cell[i], NULL) : STR("");
}

/* --- columns ------------------------------------------------------------------------------------
 */

static void add_text(struct draft *d, struct draft_column *c, struct str s)
{
    bool fresh;
    if (s.n > 60)
        s.n = 60;
    if (!c->texts)
        c->texts = map_new(DRAFT_TEXTS);
    size_t i = c->nlist < DRAFT_TEXTS || map_find(c->texts, s) ? map_intern(c->texts, s, &fresh)
                                                               : SIZE_MAX;
    if (i == SIZE_MAX) {
        c->more++;
        return;
    }
    if (fresh)
        c->list[c->nlist++] = (struct draft_text){arena_str(&d->arena, s), 0};
    c->list[i].n++;
}

/* "380,000.00€", "€ 40": a sign of up to four bytes beside a number. */
static bool add_signed(struct draft *d, struct draft_column *c, struct str s)
{
    size_t head = 0, tail = 0;
    while (head < s.n && !strchr("0123456789+-", s.p[head]))
        head++;
    while (tail < s.n - head && !(s.p[s.n - 1 - tail] >= '0' && s.p[s.n - 1 - tail] <= '9'))
        tail++;
    if ((head > 0) + (tail > 0) != 1 || head + tail > 5)
        return false;
    struct str sign = read_trim(head ? (struct str){s.p, head} : str_cut(s, s.n - tail), NULL);
    enum draft_form f = draft_form(read_trim((struct str){s.p + head, s.n - head - tail}, NULL));
    if (f == FORM_N || !sign.n || strchr("<>~?()*.,", sign.p[0]))
        return false;
    if (!c->sign.n)
        c->sign = arena_str(&d->arena, sign);
    if (!str_eq(c->sign, sign))
        return false;
    c->signs++;
    c->forms[f]++;
    return true;
}

/* K001 is a code, EUR 40 an amount. */
static bool glued(struct str s)
{
    size_t i = 0;
    while (i < s.n && isalpha((unsigned char)s.p[i]))
        i++;
    return i && i < s.n && isdigit((unsigned char)s.p[i]);
}

static void count_cell(struct draft *d, struct draft_column *c, struct str s, enum cell_kind kind)
{
    s = read_trim(s, NULL);
    if (!s.n) {
        c->blank++;
        return;
    }
    c->filled++;
    if (!c->distinct)
        c->distinct = map_new(1000);
    (void)map_intern(c->distinct, s, NULL);
    c->periods += draft_period(s);
    c->dates += kind == CELL_DATE;
    bool code = s.n > 1 && s.p[0] == '0' && isdigit((unsigned char)s.p[1]); /* 0110, 01.1 */
    enum draft_form f = kind == CELL_NUMBER          ? FORM_CELL
                        : kind == CELL_TEXT && !code ? draft_form(s)
                                                     : FORM_N;
    if (f != FORM_N) {
        c->numbers++;
        c->forms[f]++;
    } else if (glued(s) || !add_signed(d, c, s)) {
        add_text(d, c, s);
    }
}

void draft_count_row(struct draft *d, const struct table_row *row)
{
    if (row->line <= d->head_line || !row->n)
        return;
    d->data_rows++;
    for (size_t i = 0; i < d->width; i++)
        count_cell(d, &d->columns[i], i < row->n ? row->cell[i] : STR(""),
                   row->kind && i < row->n ? (enum cell_kind)(row->kind[i] & CELL_KIND)
                                           : CELL_TEXT);
}
