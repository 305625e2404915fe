/* read_record.c — see read_record.h. Codes are views into the record wherever they can be. */
#include "read_record.h"

#include "bounds.h"
#include "csv.h"
#include "date.h"
#include "mem.h"

void record_init(struct record *r, struct desk *d, const struct profile *p)
{
    r->d = d;
    r->p = p;
    buf_init(&r->time, LIMIT_ROW_BYTES);
    buf_init(&r->raw, LIMIT_ROW_BYTES);
}

void record_drop(struct record *r)
{
    for (size_t i = 0; i < r->nbufs; i++) {
        buf_free(&r->above[i]);
        buf_free(&r->texts[i]);
    }
    r->nbufs = 0;
    r->plan = (struct plan){.width = 0};
    const char *sheet = r->row.sheet;
    r->row = (struct read_row){.sheet = sheet};
}

void record_free(struct record *r)
{
    buf_free(&r->time);
    buf_free(&r->raw);
}

static void add_time(struct record *r, struct str part)
{
    if (!part.n)
        return;
    buf_text(&r->time, r->time.n ? "-" : "");
    buf_str(&r->time, part);
}

int record_start(struct record *r, const struct place_codes *const *places, size_t n,
                 struct arena *a, struct err *e)
{
    const struct plan *plan = &r->plan;
    r->above = arena_array(a, plan->ndims + 1, sizeof *r->above);
    r->texts = arena_array(a, plan->ndims + 1, sizeof *r->texts);
    for (r->nbufs = 0; r->nbufs < plan->ndims; r->nbufs++) {
        buf_init(&r->above[r->nbufs], LIMIT_ROW_BYTES);
        buf_init(&r->texts[r->nbufs], LIMIT_ROW_BYTES);
    }
    for (size_t i = 0; i < plan->ndims; i++)
        r->row.fields[plan->dims[i].slot] = plan->dims[i].field + 1;
    buf_reset(&r->time);
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < places[i]->n; k++) {
            size_t slot = places[i]->codes[k].slot;
            if (r->row.fields[slot] || r->row.dims[slot].n)
                return yaml_fault(e, r->p->at, "TABLE-011",
                                  "a dimension is said twice: by a name or marker, and by another "
                                  "one or a column");
            r->row.dims[slot] = str_of(places[i]->codes[k].code);
        }
        if (places[i]->time)
            add_time(r, str_of(places[i]->time));
    }
    r->time_fixed = r->time.n;
    if (r->time_fixed && plan->time_parts == 1)
        r->row.dims[plan->time] = buf_view(&r->time);
    return 0;
}

/* --- what is no record --------------------------------------------------------------------------
 */

/* How many cells are filled, and the first of them. */
static size_t filled(const struct table_row *row, struct str *ret_first)
{
    size_t n = 0;
    for (size_t i = 0; i < row->n; i++) {
        struct str s = read_trim(row->cell[i], NULL);
        if (s.n && !n++)
            *ret_first = s;
    }
    return n;
}

static bool passed_over(struct record *r, const struct table_row *row)
{
    struct str first = STR("");
    if (row->n && row->cell[0].n && !r->p->notes.n) /* the common case */
        return false;
    size_t n = filled(row, &first);
    if (n == 0) {
        desk_blank_row(r->d);
        return true;
    }
    const char *const *notes = r->p->notes.items;
    for (size_t i = 0; n == 1 && i < r->p->notes.n; i++) {
        size_t k = strlen(notes[i]);
        if (first.n >= k && memcmp(first.p, notes[i], k) == 0) {
            desk_note_row(r->d);
            return true;
        }
    }
    return false;
}

/* With ragged, and in a sheet, only empty fields may lack or be too many. */
static bool width_fits(const struct record *r, const struct table_row *row)
{
    size_t n = row->n;
    if (n == r->plan.width || !(r->p->ragged || r->row.sheet))
        return n == r->plan.width;
    if (r->row.sheet && r->p->others)
        return true;
    while (n > r->plan.width && row->cell[n - 1].n == 0)
        n--;
    return n <= r->plan.width;
}

static int refuse(struct record *r, size_t field, struct err *why, struct err *e)
{
    return desk_refuse(r->d, &r->row, field, r->plan.nvalues, why, e);
}

static int refuse_width(struct record *r, const struct table_row *row, struct err *e)
{
    struct err why = {.rc = RC_OK};
    err_set(&why, RC_DATA, "READ-011", "%zu fields under a header of %zu", row->n, r->plan.width);
    err_hint(&why, row->n < r->plan.width
                       ? "A separator is missing; if empty fields may be left off at the end, the "
                         "profile can say so: ragged: true."
                   : r->row.sheet ? "Something stands to the right of the table."
                                  : "A field that holds the separator must stand in quotes.");
    return refuse(r, r->row.sheet ? row->n : 0, &why, e);
}

/* --- codes --------------------------------------------------------------------------------------
 */

static struct str field(const struct table_row *row, size_t i)
{
    return i < row->n ? row->cell[i] : STR("");
}

static enum cell_kind kind_of(const struct table_row *row, size_t i)
{
    return row->kind && i < row->n ? (enum cell_kind)(row->kind[i] & CELL_KIND) : CELL_TEXT;
}

/* One number over several columns or rows is one number: for which of them, nobody has said. */
static int refuse_covered(struct record *r, size_t i, struct err *e)
{
    struct err why = {.rc = RC_OK};
    err_set(&why, RC_DATA, "TABLE-023", "the value stands in a merged range, not in this cell");
    err_hint(&why, "It would be counted once for every cell of the range: ask the sender which one "
                   "it is for.");
    return desk_refuse(r->d, &r->row, i + 1, 1, &why, e);
}

/* 2019.0 and 1E3 in a number cell are the codes 2019 and 1000. */
static struct str whole_number(struct str s, struct buf *b)
{
    struct num n;
    char digits[NUM_TEXT_MAX];
    static const struct num_style style = {'.', "", true};
    bool plain = true;
    for (size_t i = 0; i < s.n; i++)
        plain = plain && s.p[i] >= '0' && s.p[i] <= '9';
    if (plain || num_parse(&n, s, &style, NULL) < 0)
        return s;
    struct num whole = num_round(n, 0);
    if (num_cmp(whole, n) != 0)
        return s;
    buf_reset(b);
    buf_add(b, digits, num_text(whole, digits));
    return buf_view(b);
}

static int bad_date(const struct profile_column *c, struct str s, struct err *why)
{
    err_set(why, RC_DATA, "TABLE-012", "\"%.*s\" is no date of the form %s", STR_ARG(s),
            c->date ? c->date : "YYYY-MM-DD");
    return err_hint(why, "The profile says under date how dates are written.");
}

static int date_code(const struct profile_column *c, enum cell_kind kind, struct str *s,
                     struct buf *b, struct err *why)
{
    static const enum freq freqs[] = {FREQ_DAY,     FREQ_ANNUAL, FREQ_HALF,
                                      FREQ_QUARTER, FREQ_MONTH,  FREQ_DAY};
    const char *format = kind == CELL_DATE || !c->date ? "YYYY-MM-DD*" : c->date;
    char text[PERIOD_TEXT_MAX];
    size_t n;
    if (!date_read(format, *s, freqs[c->as], text, &n))
        return bad_date(c, *s, why);
    buf_reset(b);
    buf_add(b, text, n);
    *s = buf_view(b);
    return 0;
}

/* A code T that an office program has taken for a truth is no code any more. */
static int refuse_truth(const struct profile_column *c, struct str s, struct err *why)
{
    err_set(why, RC_DATA, "TABLE-021", "the cell of %s is a truth value (%.*s), no text",
            c->dimension, STR_ARG(s));
    return err_hint(why,
                    "An office program may have made it of a code such as T: ask the sender. "
                    "If it is meant, the profile can say so: codes: {%.*s: …}.",
                    STR_ARG(s));
}

static int refuse_code(const struct profile_column *c, enum cell_kind kind, struct str s,
                       struct err *why)
{
    if (kind == CELL_NO_DATE) {
        err_set(why, RC_DATA, "TABLE-024",
                "the cell of %s is formatted as a date, but %.*s is none", c->dimension,
                STR_ARG(s));
        return err_hint(why, "The sender's sheet should hold a date there, or a number.");
    }
    err_set(why, RC_DATA, "TABLE-013", "the cell of %s holds %.*s", c->dimension, STR_ARG(s));
    return err_hint(why, "An error, or a formula without a stored result, is no code.");
}

/* A number as a code: whole, with its zeros in front when the profile says so. */
static struct str number_code(struct record *r, const struct table_row *row, size_t at,
                              struct str s, struct buf *b)
{
    if (row->kind[at] & CELL_ZEROS && !r->p->formats.zeros)
        desk_bare_code(r->d, &r->row, at + 1);
    return whole_number(s, b);
}

/* The text of a column's cell to its code. */
static int cell_code(struct record *r, const struct profile_column *c, const struct table_row *row,
                     size_t i, struct str *ret, struct err *why)
{
    struct buf *b = &r->texts[i];
    size_t at = r->plan.dims[i].field;
    enum cell_kind kind = kind_of(row, at);
    struct str s = dim_text(r->p, field(row, at), c->trim, c->footnotes);
    int rc = 0;
    if (kind == CELL_ERROR || kind == CELL_FORMULA || kind == CELL_NO_DATE)
        return refuse_code(c, kind, s, why);
    if (kind == CELL_NUMBER)
        s = number_code(r, row, at, s, b);
    if (s.n && c->pattern) {
        struct str part = pattern_part(c->pattern, s);
        if (!part.p) {
            err_set(why, RC_DATA, "TABLE-014", "\"%.*s\" does not fit the pattern \"%s\"",
                    STR_ARG(s), c->pattern);
            return err_hint(why, "The profile says what the cells of %s look like.", c->dimension);
        }
        s = part;
    }
    if (s.n && (c->date || c->as))
        rc = date_code(c, kind, &s, b, why);
    *ret = code_of(&c->codes, s);
    return rc < 0 || kind != CELL_BOOL || ret->p != s.p ? rc : refuse_truth(c, s, why);
}

static int fill_row(struct record *r, const struct table_row *row, size_t *ret_bad, struct err *why)
{
    r->time.n = r->time_fixed;
    for (size_t i = 0; i < r->plan.ndims; i++) {
        const struct plan_dim *pd = &r->plan.dims[i];
        const struct profile_column *c = pd->column;
        struct str s;
        *ret_bad = pd->field + 1;
        if (cell_code(r, c, row, i, &s, why) < 0) {
            for (; i < r->plan.ndims; i++) /* what was read of the row before says nothing here */
                r->row.dims[r->plan.dims[i].slot] = STR("");
            return -RC_DATA;
        }
        if (c->blank && s.n) {
            buf_reset(&r->above[i]);
            buf_str(&r->above[i], s);
        } else if (c->blank) {
            s = buf_view(&r->above[i]);
        }
        r->row.dims[pd->slot] = s;
        if (pd->time && r->plan.time_parts > 1)
            add_time(r, s);
    }
    for (size_t i = 0; i < ATTR_N; i++)
        if (r->plan.attrs[i])
            r->row.attrs[i] = read_trim(field(row, r->plan.attrs[i] - 1), NULL);
    return 0;
}

static void fill_value(struct record *r, const struct plan_value *v)
{
    for (size_t i = 0; i < r->plan.nsets; i++)
        r->row.dims[r->plan.set_slots[i]] = v->sets[i];
    if (r->plan.time_parts < 2)
        return;
    size_t n = r->time.n;
    add_time(r, v->time);
    r->row.dims[r->plan.time] = buf_view(&r->time);
    r->time.n = n; /* the next column has its own; the view keeps its length */
}

/* Columns without a heading must be empty: nothing is left out in silence. */
static size_t loose_cell(const struct record *r, const struct table_row *row)
{
    for (size_t i = 0; r->plan.nloose && i < r->plan.width && i < row->n; i++)
        if (r->plan.loose[i] && read_trim(row->cell[i], NULL).n)
            return i + 1;
    return 0;
}

static struct str raw_of(struct record *r, const struct table_row *row)
{
    if (!r->row.sheet || !desk_keeps(r->d))
        return row->raw;
    buf_reset(&r->raw);
    for (size_t i = 0; i < row->n; i++) {
        csv_put(&r->raw, row->cell[i], ',');
        buf_text(&r->raw, i + 1 < row->n ? "," : "");
    }
    return buf_view(&r->raw);
}

int record_read(struct record *r, const struct table_row *row, struct err *e)
{
    struct err why;
    size_t bad = 0;
    why.rc = RC_OK;
    if (passed_over(r, row))
        return 0;
    r->row.line = row->line;
    r->row.raw = raw_of(r, row);
    r->row.cell = STR("");
    if (!width_fits(r, row))
        return refuse_width(r, row, e);
    if ((bad = loose_cell(r, row))) {
        why = (struct err){.rc = RC_OK};
        err_set(&why, RC_DATA, "TABLE-015", "a cell stands in a column without a heading");
        err_hint(&why, "Say in the profile what the column is: {number: %zu, …}.", bad);
        return refuse(r, bad, &why, e);
    }
    if (fill_row(r, row, &bad, &why) < 0) {
        r->row.cell = field(row, bad - 1);
        return refuse(r, bad, &why, e);
    }
    for (size_t i = 0; i < r->plan.nvalues; i++) {
        const struct plan_value *v = &r->plan.values[i];
        fill_value(r, v);
        r->row.kind = row->kind && v->field < row->n ? row->kind[v->field] : CELL_TEXT;
        bool covered = row->kind && v->field < row->n && row->kind[v->field] & CELL_COVERED;
        r->row.cell = field(row, v->field);
        int rc = covered ? refuse_covered(r, v->field, e)
                         : desk_cell(r->d, &r->row, r->row.cell, v->field + 1, e);
        if (rc < 0)
            return rc;
    }
    return 0;
}
