/* read_delim.c — delimited text in any declared dialect, long and wide. The header is read once
 * into the arena and becomes a plan; after that a record is views only. What "as above" repeats is
 * kept in buffers of the reader. */
#include "read_plan.h"

#include "bounds.h"
#include "mem.h"

struct delim {
    struct desk *d;
    const struct profile *p;
    struct csv_reader *csv;
    struct arena arena;
    struct plan plan;
    struct buf *above; /* by plan.dims; only where blank: as-above */
    struct buf time;
    struct read_row row;
};

/* --- the header ---------------------------------------------------------------------------------
 */

static int end_in_header(const struct delim *r, size_t rows, struct err *e)
{
    if (!rows)
        err_set(e, RC_DATA, "READ-001", "the file is empty");
    else
        err_set(e, RC_DATA, "READ-003", "the file ends after %zu rows, inside its header", rows);
    return err_place(e, "%s", desk_name(r->d));
}

static int read_heads(struct delim *r, struct heads *h, struct err *e)
{
    size_t skip = (size_t)r->p->skip_rows, n = (size_t)r->p->header_rows;
    struct str **rows = arena_array(&r->arena, n, sizeof *rows);
    size_t *widths = arena_array(&r->arena, n, sizeof *widths);
    size_t *lines = arena_array(&r->arena, n, sizeof *lines);
    for (size_t i = 0; i < skip + n; i++) {
        struct csv_row row;
        int rc = csv_next(r->csv, &row, e);
        if (rc <= 0)
            return rc < 0 ? rc : end_in_header(r, i, e);
        if (i < skip)
            continue;
        rows[i - skip] = arena_array(&r->arena, row.n, sizeof(struct str));
        widths[i - skip] = row.n;
        lines[i - skip] = row.line;
        for (size_t k = 0; k < row.n; k++)
            rows[i - skip][k] = heading_text(&r->arena, row.cell[k]);
    }
    *h = (struct heads){rows, widths, lines, n};
    return 0;
}

static int begin(struct delim *r, struct err *e)
{
    struct heads h;
    int rc = read_heads(r, &h, e);
    if (rc >= 0)
        rc = plan_make(&r->plan, r->d, r->p, &h, &r->arena, e);
    if (rc >= 0)
        rc = desk_start(r->d, e);
    if (rc < 0)
        return rc;
    r->above = arena_array(&r->arena, r->plan.ndims + 1, sizeof *r->above);
    for (size_t i = 0; i < r->plan.ndims; i++)
        buf_init(&r->above[i], LIMIT_ROW_BYTES);
    buf_init(&r->time, LIMIT_ROW_BYTES);
    for (size_t i = 0; i < r->plan.ndims; i++)
        r->row.fields[r->plan.dims[i].slot] = r->plan.dims[i].field + 1;
    return 0;
}

/* --- records ------------------------------------------------------------------------------------
 */

/* How many cells are filled, and the first of them. */
static size_t filled(const struct csv_row *row, struct str *ret_first)
{
    size_t n = 0;
    for (size_t i = 0; i < row->n; i++) {
        struct str s = read_trim(row->cell[i], NULL);
        if (s.n && !n++)
            *ret_first = s;
    }
    return n;
}

static bool passed_over(struct delim *r, const struct csv_row *row)
{
    struct str first = STR("");
    if (row->cell[0].n && !r->p->notes.n) /* the common case */
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

/* With ragged, only empty fields may lack or be too many. */
static bool width_fits(const struct delim *r, const struct csv_row *row)
{
    size_t n = row->n;
    if (n == r->plan.width || !r->p->ragged)
        return n == r->plan.width;
    while (n > r->plan.width && row->cell[n - 1].n == 0)
        n--;
    return n <= r->plan.width;
}

static int refuse_width(struct delim *r, const struct csv_row *row, struct err *e)
{
    struct err why = {.rc = RC_OK};
    err_set(&why, RC_DATA, "READ-011", "%zu fields under a header of %zu", row->n, r->plan.width);
    err_hint(&why, row->n > r->plan.width
                       ? "A field that holds the separator must stand in quotes."
                       : "A separator is missing; if empty fields may be left off at the end, the "
                         "profile can say so: ragged: true.");
    return desk_refuse(r->d, &r->row, 0, r->plan.nvalues, &why, e);
}

static struct str field(const struct csv_row *row, size_t i)
{
    return i < row->n ? row->cell[i] : STR("");
}

static void fill_row(struct delim *r, const struct csv_row *row)
{
    buf_reset(&r->time);
    for (size_t i = 0; i < r->plan.ndims; i++) {
        const struct plan_dim *pd = &r->plan.dims[i];
        const struct profile_column *c = pd->column;
        struct str s = dim_code(r->p, field(row, pd->field), c->trim, c->footnotes, &c->codes);
        if (c->blank && s.n) {
            buf_reset(&r->above[i]);
            buf_str(&r->above[i], s);
        } else if (c->blank) {
            s = buf_view(&r->above[i]);
        }
        r->row.dims[pd->slot] = s;
        if (pd->time && r->plan.time_parts > 1) {
            buf_text(&r->time, r->time.n ? "-" : "");
            buf_str(&r->time, s);
        }
    }
    for (size_t i = 0; i < ATTR_N; i++)
        if (r->plan.attrs[i])
            r->row.attrs[i] = read_trim(field(row, r->plan.attrs[i] - 1), NULL);
}

static void fill_value(struct delim *r, const struct plan_value *v)
{
    for (size_t i = 0; i < r->plan.nsets; i++)
        r->row.dims[r->plan.set_slots[i]] = v->sets[i];
    if (r->plan.time_parts < 2)
        return;
    size_t n = r->time.n;
    if (v->time.n) {
        buf_text(&r->time, n ? "-" : "");
        buf_str(&r->time, v->time);
    }
    r->row.dims[r->plan.time] = buf_view(&r->time);
    r->time.n = n; /* the next column has its own; the view keeps its length */
}

static int read_record(struct delim *r, const struct csv_row *row, struct err *e)
{
    if (passed_over(r, row))
        return 0;
    r->row.line = row->line;
    r->row.raw = row->raw;
    if (!width_fits(r, row))
        return refuse_width(r, row, e);
    fill_row(r, row);
    for (size_t i = 0; i < r->plan.nvalues; i++) {
        const struct plan_value *v = &r->plan.values[i];
        fill_value(r, v);
        int rc = desk_cell(r->d, &r->row, field(row, v->field), v->field + 1, e);
        if (rc < 0)
            return rc;
    }
    return 0;
}

static int read_all(struct delim *r, struct err *e)
{
    struct csv_row row;
    int rc = begin(r, e);
    while (rc >= 0 && (rc = csv_next(r->csv, &row, e)) > 0)
        rc = read_record(r, &row, e);
    return rc;
}

static int read_delimited(struct desk *d, const struct profile *p, struct source *src,
                          struct err *e)
{
    const struct csv_dialect dialect = {.sep = p->delimiter,
                                        .quote = p->quote,
                                        .cr_only = p->line_end == 1,
                                        .lazy_quotes = p->lazy_quotes};
    struct delim r = {.d = d, .p = p};
    r.csv = csv_open(src, &dialect);
    int rc = read_all(&r, e);
    for (size_t i = 0; r.above && i < r.plan.ndims; i++)
        buf_free(&r.above[i]);
    buf_free(&r.time);
    csv_close(r.csv);
    arena_free(&r.arena);
    return rc;
}

const struct reader reader_delimited = {"delimited", read_delimited};
