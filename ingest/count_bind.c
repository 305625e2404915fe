/* count_bind.c — where a register's columns stand, by its header rows. Messages name what was
 * declared, never what stands in the file: a file without a header has a record there. */
#include "count.h"

#include "bounds.h"
#include "mem.h"

#include <stddef.h>

struct heads {
    struct str *cells; /* in the arena */
    size_t n, line;
    const char *name;
};

/* Blanks and line breaks within count as one blank. */
static struct str collapse(struct arena *a, struct str s)
{
    s = count_trim(s, NULL);
    char *to = arena_new(a, s.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (!strchr(" \t\r\n", s.p[i]))
            to[n++] = s.p[i];
        else if (n && to[n - 1] != ' ')
            to[n++] = ' ';
    }
    return (struct str){to, n};
}

static int read_heads(struct csv_reader *csv, const struct count_register *r, const char *name,
                      struct csv_row *ret, struct err *e)
{
    struct csv_row row;
    for (int64_t i = 0; i < r->skip_rows + r->header_rows; i++) {
        int rc = csv_next(csv, &row, e);
        if (rc < 0)
            return rc;
        if (rc == 0) {
            err_set(e, RC_DATA, "COUNT-030", "the file ends inside its header");
            return err_place(e, "%s", name);
        }
    }
    *ret = row;
    return 0;
}

static int not_found(const struct heads *h, const char *heading, size_t found, struct err *e)
{
    if (found)
        err_set(e, RC_DATA, "COUNT-031", "%zu columns are headed \"%s\"", found, heading);
    else
        err_set(e, RC_DATA, "COUNT-032", "no column is headed \"%s\"", heading);
    err_hint(e, found
                    ? "tell them apart by number"
                    : "are skip_rows, header_rows, delimiter and encoding right? The headings are "
                      "sought on this line");
    return err_place(e, "%s:%zu", h->name, h->line);
}

static int find(const struct heads *h, const struct count_column *c, struct arena *a, size_t *ret,
                struct err *e)
{
    struct str want = c->heading ? collapse(a, str_of(c->heading)) : STR("");
    size_t found = 0, i = (size_t)c->number - 1;
    if (c->number) {
        *ret = i;
        if (i < h->n && (!c->heading || str_eq(h->cells[i], want)))
            return 0;
        err_set(e, RC_DATA, "COUNT-033", "column %zu is not there, or not headed \"%s\"", i + 1,
                c->heading ? c->heading : "");
        return err_place(e, "%s:%zu", h->name, h->line);
    }
    for (i = 0; i < h->n; i++)
        if (str_eq(h->cells[i], want)) {
            *ret = i;
            found++;
        }
    return found == 1 ? 0 : not_found(h, c->heading, found, e);
}

/* What would leave as it stands must not be headed like personal data. */
static int look_at_head(const struct counter *k, const struct count_dim *d, const struct heads *h,
                        size_t field, struct err *e)
{
    bool leaves =
        d->kind == COUNT_DATE || (d->kind == COUNT_CODES && strcmp(d->others, "keep") == 0);
    const char *what = leaves ? personal_heading(k->personal, h->cells[field]) : NULL;
    if (!what || personal_exempted(&k->r->personal, str_of(d->id)))
        return 0;
    return personal_in_heading(e, what, h->name, h->line, field + 1);
}

static int bind_all(struct counter *k, const struct heads *h, struct arena *a, struct err *e)
{
    const struct count_dim *d = k->r->dims.items;
    const struct count_filter *f = k->r->filters.items;
    const struct count_measure *m = k->r->measures.items;
    int rc = 0;
    for (size_t i = 0; i < k->r->dims.n && rc == 0; i++) {
        if (d[i].kind == COUNT_CONSTANT)
            continue;
        rc = find(h, &d[i].column, a, &k->fields[i], e);
        if (rc == 0)
            rc = look_at_head(k, &d[i], h, k->fields[i], e);
    }
    for (size_t i = 0; i < k->r->filters.n && rc == 0; i++)
        rc = find(h, &f[i].column, a, &k->filter_fields[i], e);
    for (size_t i = 0; i < k->r->measures.n && rc == 0; i++)
        if (m[i].what == WHAT_PERSONS)
            rc = find(h, &m[i].column, a, &k->measure_fields[i], e);
    if (rc == 0 && k->r->identified)
        rc = find(h, &k->r->identifier.column, a, &k->id_field, e);
    return rc;
}

int counter_bind_row(struct counter *k, const struct csv_row *head, struct err *e)
{
    struct arena a = {0};
    struct heads h = {.name = k->files[k->file], .n = head->n, .line = head->line};
    h.cells = arena_array(&a, head->n + 1, sizeof *h.cells);
    for (size_t i = 0; i < head->n; i++)
        h.cells[i] = collapse(&a, head->cell[i]);
    int rc = bind_all(k, &h, &a, e);
    k->width = h.n;
    arena_free(&a);
    return rc;
}

int counter_bind(struct counter *k, struct csv_reader *csv, struct err *e)
{
    struct csv_row head = {.n = 0};
    int rc = read_heads(csv, k->r, k->files[k->file], &head, e);
    return rc < 0 ? rc : counter_bind_row(k, &head, e);
}
