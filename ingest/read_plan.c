/* read_plan.c — see read_plan.h. Every declared column must be found, every column found must be
 * declared, and none may be taken twice: what is left over is refused, not guessed at. */
#include "read_plan.h"

#include "pattern.h"

struct maker {
    struct desk *d;
    const struct profile *p;
    const struct heads *h;
    struct arena *a;
    struct plan *plan;
    bool *taken;
};

struct str heading_text(struct arena *a, struct str s)
{
    struct str t = read_trim(s, NULL);
    char *to = arena_new(a, t.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < t.n; i++) {
        bool nbsp = i + 1 < t.n && memcmp(t.p + i, "\xc2\xa0", 2) == 0;
        bool blank = nbsp || memchr(" \t\r\n", t.p[i], 4) != NULL;
        i += nbsp;
        if (!blank)
            to[n++] = t.p[i];
        else if (n && to[n - 1] != ' ')
            to[n++] = ' ';
    }
    return (struct str){to, n};
}

struct str dim_text(const struct profile *p, struct str s, const char *trim, bool footnotes)
{
    s = read_trim(s, trim);
    return footnotes ? read_trim(read_unmark(p, s, NULL), trim) : s;
}

struct str pattern_part(const char *pattern, struct str s)
{
    struct pattern_capture c[PATTERN_CAPTURES];
    size_t n;
    if (!pattern || !s.n)
        return s;
    return pattern_match(pattern, s, c, &n) && n ? read_trim(c[0].text, NULL)
                                                 : (struct str){NULL, 0};
}

/* Where the header names column i: the place for messages about it. */
static int at_head(const struct maker *m, size_t row, size_t i, struct err *e)
{
    return desk_place(m->d, m->h->sheet, m->h->lines[row], i + 1, e);
}

static size_t head_row(const struct maker *m, int64_t row)
{
    return row ? (size_t)row - 1 : m->h->n - 1;
}

static struct str head_of(const struct maker *m, size_t row, size_t i)
{
    return i < m->h->widths[row] ? m->h->rows[row][i] : STR("");
}

static int not_found(const struct maker *m, const struct profile_column *c, size_t row,
                     struct err *e)
{
    const char **words = arena_array(m->a, m->plan->width + 1, sizeof *words);
    size_t n = 0;
    for (size_t i = 0; i < m->plan->width; i++)
        if (!m->taken[i] && head_of(m, row, i).n)
            words[n++] = arena_text(m->a, head_of(m, row, i));
    err_set(e, RC_DATA, "READ-004", "no column is headed \"%s\"", c->heading);
    const char *near = word_nearest(str_of(c->heading), words, n);
    if (near)
        err_hint(e, "There is \"%s\".", near);
    else
        err_hint(e,
                 "Are header_rows and skip_rows of the profile right? The headings are sought on "
                 "this line.");
    return desk_place(m->d, m->h->sheet, m->h->lines[row], 0, e);
}

/* 1 and the field, 0 when an optional column is absent. */
static int find_column(struct maker *m, const struct profile_column *c, size_t *ret, struct err *e)
{
    size_t row = head_row(m, c->row), found = 0;
    struct str want = c->heading ? heading_text(m->a, str_of(c->heading)) : STR("");
    if (c->number) {
        size_t i = *ret = (size_t)c->number - 1;
        if (i >= m->plan->width && c->optional)
            return 0;
        if (i < m->plan->width && (!c->heading || str_eq(head_of(m, row, i), want)))
            return 1;
        err_set(e, RC_DATA, "READ-007", "column %zu is headed \"%.*s\", not \"%s\"", i + 1,
                STR_ARG(head_of(m, row, i)), c->heading ? c->heading : "");
        return at_head(m, row, i, e);
    }
    for (size_t i = 0; i < m->plan->width; i++) {
        if (!str_eq(head_of(m, row, i), want))
            continue;
        if (found++) {
            err_set(e, RC_DATA, "READ-005", "two columns are headed \"%s\"", c->heading);
            err_hint(e, "Tell them apart in the profile by number: %zu and %zu.", *ret + 1, i + 1);
            return at_head(m, row, i, e);
        }
        *ret = i;
    }
    return found ? 1 : c->optional ? 0 : not_found(m, c, row, e);
}

static void add_slot(struct plan *plan, size_t slot)
{
    for (size_t i = 0; i < plan->nsets; i++)
        if (plan->set_slots[i] == slot)
            return;
    if (plan->nsets < READ_DIMS_MAX)
        plan->set_slots[plan->nsets++] = slot;
}

static void add_dim(struct maker *m, const struct profile_column *c, size_t field)
{
    bool time = strcmp(c->dimension, "TIME_PERIOD") == 0;
    m->plan->time_parts += time;
    m->plan->dims[m->plan->ndims++] =
        (struct plan_dim){field, desk_dim(m->d, c->dimension), c, time};
}

static int add_column(struct maker *m, const struct profile_column *c, struct err *e)
{
    size_t field;
    int rc = find_column(m, c, &field, e);
    if (rc <= 0)
        return rc;
    if (m->taken[field]) {
        err_set(e, RC_CONFIG, "READ-013", "the profile declares column %zu twice", field + 1);
        return at_head(m, head_row(m, c->row), field, e);
    }
    m->taken[field] = true;
    const char *id = c->dimension ? c->dimension : c->attribute;
    size_t row = head_row(m, c->row);
    rc = id ? desk_heading(m->d, id, head_of(m, row, field), m->h->lines[row], field + 1, e) : 0;
    if (rc < 0 && m->h->sheet && e)
        e->place[0] = '\0'; /* the cell of the sheet says it better */
    if (rc < 0)
        return at_head(m, row, field, e);
    if (c->dimension)
        add_dim(m, c, field);
    else if (c->attribute)
        m->plan->attrs[profile_attribute(c->attribute)] = field + 1;
    else if (c->value)
        m->plan->values[m->plan->nvalues++].field = field;
    const struct yaml_pair *sets = c->sets.items;
    for (size_t i = 0; c->value && i < c->sets.n; i++)
        add_slot(m->plan, desk_dim(m->d, sets[i].key));
    return 0;
}

/* The codes that value columns stand for, once all slots are known. */
static void fill_sets(struct maker *m)
{
    const struct profile_column *c = m->p->columns.items;
    size_t v = 0;
    for (size_t i = 0; i < m->p->columns.n; i++) {
        size_t field;
        struct err ignored = {.rc = RC_OK};
        if (!c[i].value || find_column(m, &c[i], &field, &ignored) <= 0)
            continue;
        struct str *sets = arena_array(m->a, m->plan->nsets + 1, sizeof *sets);
        for (size_t k = 0; k < m->plan->nsets; k++)
            for (size_t j = 0; j < c[i].sets.n; j++) {
                const struct yaml_pair *s = (const struct yaml_pair *)c[i].sets.items + j;
                if (desk_dim(m->d, s->key) == m->plan->set_slots[k])
                    sets[k] = str_of(s->value);
            }
        m->plan->values[v++].sets = sets;
    }
}

/* --- wide ---------------------------------------------------------------------------------------
 */

/* "2005 Vineyards": one heading that names two dimensions. */
static struct str head_part(struct str s, int part)
{
    const char *blank = part == PART_ALL || !s.n ? NULL : memchr(s.p, ' ', s.n);
    size_t at = blank ? (size_t)(blank - s.p) : s.n;
    if (part == PART_REST)
        return str_cut(s, blank ? at + 1 : at);
    return (struct str){s.p, at};
}

static int level_code(struct maker *m, const struct profile_level *l, size_t i, struct str *ret,
                      struct err *e)
{
    size_t row = head_row(m, l->row), from = (size_t)l->from - 1, k = i;
    while (l->fill && k > from && !head_of(m, row, k).n)
        k--;
    struct str head = head_part(head_of(m, row, k), l->part);
    *ret = dim_text(m->p, head, l->trim, l->footnotes);
    if (ret->n && l->pattern)
        *ret = pattern_part(l->pattern, *ret);
    *ret = code_of(&l->codes, *ret);
    if (ret->n)
        return 0;
    if (head.n) {
        err_set(e, RC_DATA, "TABLE-006", "the heading \"%.*s\" does not fit the pattern \"%s\"",
                STR_ARG(head), l->pattern ? l->pattern : "");
        err_hint(e, "The profile says what the headings of %s look like.", l->dimension);
        return at_head(m, row, i, e);
    }
    err_set(e, RC_DATA, "READ-009", "column %zu has no heading for %s", i + 1, l->dimension);
    err_hint(e,
             "The profile can say where the values end (to: %zu), or fill: true for merged "
             "headings.",
             i);
    return at_head(m, row, i, e);
}

static int add_across(struct maker *m, size_t i, struct err *e)
{
    const struct profile_level *l = m->p->across.items;
    struct plan_value *v = &m->plan->values[m->plan->nvalues++];
    struct str *sets = arena_array(m->a, m->plan->nsets + 1, sizeof *sets);
    v->field = i;
    v->sets = sets;
    m->taken[i] = true;
    for (size_t k = 0; k < m->p->across.n; k++) {
        struct str code;
        int rc = level_code(m, &l[k], i, &code, e);
        if (rc < 0)
            return rc;
        if (strcmp(l[k].dimension, "TIME_PERIOD") == 0 && m->plan->time_parts > 1) {
            v->time = v->time.n
                          ? str_of(arena_fmt(m->a, "%.*s-%.*s", STR_ARG(v->time), STR_ARG(code)))
                          : code;
            continue;
        }
        for (size_t s = 0; s < m->plan->nsets; s++)
            if (m->plan->set_slots[s] == desk_dim(m->d, l[k].dimension))
                sets[s] = code;
    }
    return 0;
}

static int make_across(struct maker *m, struct err *e)
{
    const struct profile_level *l = m->p->across.items;
    for (size_t k = 0; k < m->p->across.n; k++)
        m->plan->time_parts += strcmp(l[k].dimension, "TIME_PERIOD") == 0;
    for (size_t k = 0; k < m->p->across.n; k++)
        if (strcmp(l[k].dimension, "TIME_PERIOD") != 0 || m->plan->time_parts == 1)
            add_slot(m->plan, desk_dim(m->d, l[k].dimension));
    size_t from = (size_t)l->from - 1, to = l->to ? (size_t)l->to : m->plan->width;
    if (from >= m->plan->width || to > m->plan->width) {
        err_set(e, RC_DATA, "READ-008",
                "the values are declared from column %zu to %zu, but there "
                "are %zu columns",
                from + 1, to, m->plan->width);
        return at_head(m, m->h->n - 1, 0, e);
    }
    for (size_t i = from; i < to; i++) {
        int rc = m->taken[i] ? 0 : add_across(m, i, e);
        if (rc < 0)
            return rc;
    }
    return 0;
}

static bool any_head(const struct maker *m, size_t i)
{
    bool any = false;
    for (size_t k = 0; k < m->h->n; k++)
        any = any || head_of(m, k, i).n;
    return any;
}

static int check_rest(const struct maker *m, struct err *e)
{
    for (size_t i = 0; i < m->plan->width && m->p->others == 0; i++) {
        if (m->taken[i])
            continue;
        if (m->h->sheet && !any_head(m, i)) {
            m->plan->loose[i] = true;
            m->plan->nloose++;
            continue;
        }
        struct str head = head_of(m, m->h->n - 1, i);
        err_set(e, RC_DATA, "READ-006", "column %zu (\"%.*s\") is not declared", i + 1,
                STR_ARG(head));
        err_hint(e, "Say in profile %s what it is: {number: %zu, ignore: true}, or others: ignore.",
                 m->p->name, i + 1);
        return at_head(m, m->h->n - 1, i, e);
    }
    return 0;
}

static int check_slots(const struct maker *m, struct err *e)
{
    bool full = m->plan->nsets == READ_DIMS_MAX;
    for (size_t i = 0; i < m->plan->ndims; i++)
        full = full || m->plan->dims[i].slot >= READ_DIMS_MAX;
    for (size_t i = 0; i < m->plan->nsets; i++)
        full = full || m->plan->set_slots[i] >= READ_DIMS_MAX;
    return full ? yaml_fault(e, m->p->at, "READ-028", "too many dimensions") : 0;
}

int plan_make(struct plan *ret, struct desk *d, const struct profile *p, const struct heads *h,
              struct arena *a, struct err *e)
{
    const struct profile_column *c = p->columns.items;
    size_t width = h->width;
    *ret = (struct plan){.width = width,
                         .time_parts = h->time_before,
                         .loose = arena_array(a, width + 1, sizeof(bool)),
                         .dims = arena_array(a, p->columns.n + 1, sizeof *ret->dims),
                         .values = arena_array(a, p->columns.n + width, sizeof *ret->values)};
    struct maker m = {d, p, h, a, ret, arena_array(a, width + 1, sizeof(bool))};
    int rc = 0;
    for (size_t i = 0; i < p->columns.n && rc >= 0; i++)
        rc = add_column(&m, &c[i], e);
    if (rc >= 0 && p->layout == LAYOUT_WIDE)
        rc = make_across(&m, e);
    else if (rc >= 0)
        fill_sets(&m);
    if (rc >= 0)
        rc = check_rest(&m, e);
    if (rc >= 0)
        rc = check_slots(&m, e);
    ret->time = desk_dim(d, "TIME_PERIOD");
    return rc;
}
