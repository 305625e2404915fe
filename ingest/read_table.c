/* read_table.c — see read_table.h. A table's header is read once into an arena and becomes a plan;
 * after that a record is views only. What "as above" repeats is kept in buffers. Everything of one
 * table is freed when the next begins. */
#include "read_table.h"

#include "bounds.h"
#include "mem.h"
#include "pattern.h"
#include "read_place.h"
#include "read_plan.h"
#include "read_record.h"

enum state { SEEK, SKIP, HEAD, DATA };

struct table {
    struct record r; /* desk, profile, plan, buffers */
    struct arena arena;
    enum state state;
    size_t seen; /* rows of this state, or of the sheet */
    struct heads heads;
    struct str **head_rows;
    size_t *head_widths, *head_lines;
    struct place_codes file, sheet, table; /* what names and markers said */
    const struct profile_table *current;
    bool *found; /* by declared table */
    bool started;
    size_t ndims;
};

int table_open(struct table **ret, struct desk *d, const struct profile *p, struct err *e)
{
    struct table *t = mem_new(sizeof *t);
    record_init(&t->r, d, p);
    t->found = mem_array(p->tables.n + 1, sizeof *t->found);
    int rc = place_file(&t->file, d, p, e);
    if (rc < 0)
        table_closep(&t);
    else
        *ret = t;
    return rc;
}

static void drop_table(struct table *t)
{
    record_drop(&t->r);
    arena_free(&t->arena);
    t->arena = (struct arena){0};
}

void table_closep(struct table **t)
{
    if (!*t)
        return;
    drop_table(*t);
    record_free(&(*t)->r);
    place_free(&(*t)->file);
    place_free(&(*t)->sheet);
    place_free(&(*t)->table);
    mem_free((*t)->found);
    mem_free(*t);
    *t = NULL;
}

/* --- the header ---------------------------------------------------------------------------------
 */

static void await_header(struct table *t)
{
    size_t n = (size_t)t->r.p->header_rows;
    drop_table(t);
    t->head_rows = arena_array(&t->arena, n, sizeof *t->head_rows);
    t->head_widths = arena_array(&t->arena, n, sizeof *t->head_widths);
    t->head_lines = arena_array(&t->arena, n, sizeof *t->head_lines);
    t->heads = (struct heads){t->head_rows, t->head_widths, t->head_lines, 0, 0, t->r.row.sheet, 0};
    t->state = t->r.p->skip_rows ? SKIP : HEAD;
    t->seen = 0;
}

int table_begin(struct table *t, const char *sheet, const struct profile_place *where,
                struct err *e)
{
    t->r.row.sheet = sheet;
    memset(t->found, 0, t->r.p->tables.n);
    place_reset(&t->table);
    int rc = place_sheet(&t->sheet, t->r.d, sheet, where, e);
    if (rc < 0)
        return rc;
    await_header(t);
    if (t->r.p->tables.n)
        t->state = SEEK;
    return 0;
}

static bool blank_row(const struct table_row *row)
{
    for (size_t i = 0; i < row->n; i++)
        if (read_trim(row->cell[i], NULL).n)
            return false;
    return true;
}

/* A sheet has no end to the right: a column that is declared by its number is there. */
static void widen_sheet(struct table *t)
{
    const struct profile_column *c = t->r.p->columns.items;
    for (size_t i = 0; t->r.row.sheet && i < t->r.p->columns.n; i++)
        if (!c[i].heading && c[i].number > (int64_t)t->heads.width &&
            c[i].number <= (int64_t)LIMIT_COLUMNS)
            t->heads.width = (size_t)c[i].number;
}

static int header_done(struct table *t, struct err *e)
{
    const struct profile *p = t->r.p;
    widen_sheet(t);
    t->heads.time_before = t->file.has_time + t->sheet.has_time + t->table.has_time;
    int rc = plan_make(&t->r.plan, t->r.d, p, &t->heads, &t->arena, e);
    if (rc >= 0 && !t->started)
        rc = desk_start(t->r.d, e);
    if (rc >= 0 && t->started && desk_ndims(t->r.d) != t->ndims) {
        err_set(e, RC_DATA, "TABLE-007", "this table has another dimension than the ones before");
        err_hint(e, "All tables of a file make one stream: a column that only some have needs a "
                    "constant.");
        rc = desk_place(t->r.d, t->r.row.sheet, t->head_lines[t->heads.n - 1], 0, e);
    }
    if (rc < 0)
        return rc;
    t->started = true;
    t->ndims = desk_ndims(t->r.d);
    t->state = DATA;
    const struct place_codes *const places[3] = {&t->file, &t->sheet, &t->table};
    return record_start(&t->r, places, 3, &t->arena, e);
}

static int take_head(struct table *t, const struct table_row *row, struct err *e)
{
    size_t i = t->heads.n, n = row->n;
    while (t->r.row.sheet && n && !read_trim(row->cell[n - 1], NULL).n)
        n--;
    t->head_rows[i] = arena_array(&t->arena, n + 1, sizeof(struct str));
    for (size_t k = 0; k < n; k++)
        t->head_rows[i][k] = heading_text(&t->arena, row->cell[k]);
    t->head_widths[i] = n;
    t->head_lines[i] = row->line;
    if (!t->r.row.sheet || n > t->heads.width)
        t->heads.width = n; /* of delimited text the last row counts, of a sheet the widest */
    t->heads.n++;
    return t->heads.n < (size_t)t->r.p->header_rows ? 0 : header_done(t, e);
}

/* --- several tables -----------------------------------------------------------------------------
 */

static struct str first_filled(const struct table_row *row, struct arena *a)
{
    for (size_t i = 0; i < row->n; i++)
        if (read_trim(row->cell[i], NULL).n)
            return row->cell[i].n > PATTERN_TEXT_MAX ? STR("") : heading_text(a, row->cell[i]);
    return STR("");
}

/* Does a table begin here? 1 when its first header row is this one, too. */
static int seek(struct table *t, const struct table_row *row, bool *ret_found, struct err *e)
{
    const struct profile_table *tables = t->r.p->tables.items;
    struct arena a = {0};
    struct str text = first_filled(row, &a);
    int rc = 0;
    *ret_found = false;
    for (size_t i = 0; i < t->r.p->tables.n && text.n && !*ret_found; i++) {
        const char *pattern = tables[i].after ? tables[i].after : tables[i].first;
        rc = place_table(&t->table, t->r.d, &tables[i], pattern, text, e);
        if (rc < 0)
            break;
        if (rc == 0)
            continue;
        *ret_found = true;
        t->current = &tables[i];
        t->found[i] = true;
        await_header(t);
        rc = tables[i].first != NULL;
        if (rc)
            t->state = HEAD;
    }
    arena_free(&a);
    return rc;
}

static bool table_over(struct table *t, const struct table_row *row)
{
    const struct profile_table *c = t->current;
    if (!c)
        return false;
    bool ends = c->blank_row == BLANK_ENDS || (c->blank_row == BLANK_DEFAULT && !c->until);
    if (ends && blank_row(row))
        return true;
    if (!c->until)
        return false;
    struct arena a = {0};
    struct pattern_capture caps[PATTERN_CAPTURES];
    size_t n;
    bool over = pattern_match(c->until, first_filled(row, &a), caps, &n);
    arena_free(&a);
    return over;
}

static int seek_row(struct table *t, const struct table_row *row, struct err *e)
{
    bool found;
    int rc = seek(t, row, &found, e);
    if (rc == 1)
        return take_head(t, row, e);
    if (rc >= 0 && !blank_row(row))
        desk_outside_row(t->r.d);
    return rc;
}

static int data_row(struct table *t, const struct table_row *row, struct err *e)
{
    if (!t->current)
        return record_read(&t->r, row, e);
    if (table_over(t, row)) {
        t->state = SEEK;
        t->current = NULL;
        return seek_row(t, row, e);
    }
    bool found;
    int rc = seek(t, row, &found, e); /* the next one may begin without a row between */
    if (rc == 1)
        return take_head(t, row, e);
    if (found || rc < 0)
        return rc;
    return record_read(&t->r, row, e);
}

int table_row(struct table *t, const struct table_row *row, struct err *e)
{
    switch (t->state) {
    case SEEK:
        return seek_row(t, row, e);
    case SKIP:
        if (++t->seen >= (size_t)t->r.p->skip_rows)
            t->state = HEAD;
        return 0;
    case HEAD:
        t->seen++;
        return take_head(t, row, e);
    case DATA:
        break;
    }
    return data_row(t, row, e);
}

static int missing_table(const struct table *t, size_t i, struct err *e)
{
    const struct profile_table *w = (const struct profile_table *)t->r.p->tables.items + i;
    err_set(e, RC_DATA, "TABLE-008", "no row fits \"%s\", with which a table should begin",
            w->after ? w->after : w->first);
    err_hint(e,
             "The first filled cell of a row is compared; a table that may be absent is declared "
             "optional: true.");
    return desk_place(t->r.d, t->r.row.sheet, 1, 0, e);
}

int table_end(struct table *t, struct err *e)
{
    for (size_t i = 0; i < t->r.p->tables.n; i++) {
        const struct profile_table *w = (const struct profile_table *)t->r.p->tables.items + i;
        if (!t->found[i] && !w->optional)
            return missing_table(t, i, e);
    }
    if (t->state == DATA || t->state == SEEK)
        return 0;
    if (!t->seen && !t->r.p->tables.n)
        err_set(e, RC_DATA, "READ-001", "the file is empty");
    else
        err_set(e, RC_DATA, "READ-003", "the file ends after %zu rows, inside its header", t->seen);
    return t->r.row.sheet ? err_place(e, "%s#%s", desk_name(t->r.d), t->r.row.sheet)
                          : err_place(e, "%s", desk_name(t->r.d));
}
