/* read_tsv.c — Eurostat's TSV: a series a line, its codes joined in the first column, a period a
 * column, cells of "value flags". Periods and dimension names come from the header, which lives in
 * the arena of the reader. */
#include "read.h"

#include "period.h"

struct tsv {
    struct desk *d;
    const struct profile *p;
    struct csv_reader *csv;
    struct arena arena;
    size_t slots[READ_DIMS_MAX], ndims, time;
    struct str *periods; /* by field */
    size_t width;
    struct read_row row;
};

static char key_sep(const struct tsv *r) { return r->p->key_delimiter ? r->p->key_delimiter : ','; }

static int fault(const struct tsv *r, size_t line, size_t field, struct err *e)
{
    return err_place(e, "%s:%zu:%zu", desk_name(r->d), line, field);
}

/* "freq,iccs,unit,geo\TIME_PERIOD" */
static int read_names(struct tsv *r, struct str head, size_t line, struct err *e)
{
    const char *back = memchr(head.p, '\\', head.n);
    struct str time = back ? str_cut(head, (size_t)(back - head.p) + 1) : STR("");
    time = read_trim(time, NULL);
    bool ok = (time.n == 4 && strncasecmp(time.p, "time", 4) == 0) ||
              (time.n == 11 && strncasecmp(time.p, "time_period", 11) == 0);
    struct str names = {head.p, back ? (size_t)(back - head.p) : 0};
    while (ok && names.n && r->ndims < READ_DIMS_MAX - 1) {
        const char *end = memchr(names.p, key_sep(r), names.n);
        struct str one = {names.p, end ? (size_t)(end - names.p) : names.n};
        size_t slot = desk_dim(r->d, arena_text(&r->arena, read_trim(one, NULL)));
        ok = one.n && slot == r->ndims;
        r->slots[r->ndims++] = slot;
        names = str_cut(names, one.n + 1);
    }
    if (ok && r->ndims && !names.n)
        return 0;
    err_set(e, RC_DATA, "READ-018",
            "the first heading is \"%.*s\", not dimension,dimension\\TIME_PERIOD", STR_ARG(head));
    err_hint(e, "Is this Eurostat's TSV, and key_delimiter of the profile right?");
    return fault(r, line, 1, e);
}

static int read_header(struct tsv *r, struct err *e)
{
    struct csv_row row;
    int rc = csv_next(r->csv, &row, e);
    if (rc < 0)
        return rc;
    if (rc == 0) {
        err_set(e, RC_DATA, "READ-019", "the file is empty");
        return err_place(e, "%s", desk_name(r->d));
    }
    rc = read_names(r, row.cell[0], row.line, e);
    if (rc < 0)
        return rc;
    r->time = desk_dim(r->d, "TIME_PERIOD");
    r->width = row.n;
    r->periods = arena_array(&r->arena, row.n, sizeof *r->periods);
    for (size_t i = 1; i < row.n; i++) {
        struct period period;
        char text[PERIOD_TEXT_MAX];
        rc = period_parse(&period, read_trim(row.cell[i], NULL), e);
        if (rc < 0)
            return fault(r, row.line, i + 1, e);
        r->periods[i] = arena_str(&r->arena, (struct str){text, period_text(period, text)});
    }
    r->row.time_canonical = true;
    for (size_t i = 0; i < r->ndims; i++)
        r->row.fields[r->slots[i]] = 1;
    return desk_start(r->d, e);
}

static int refuse(struct tsv *r, const char *hint, struct err *why, struct err *e)
{
    err_hint(why, "%s", hint);
    return desk_refuse(r->d, &r->row, 0, r->width - 1, why, e);
}

/* Codes of the first column into the row. false: not as many as there are dimensions. */
static size_t split_key(struct tsv *r, struct str key)
{
    size_t n = 0;
    char sep = key_sep(r);
    for (bool more = true; more; n++) {
        const char *end = memchr(key.p, sep, key.n);
        struct str one = {key.p, end ? (size_t)(end - key.p) : key.n};
        more = end != NULL;
        if (n < r->ndims)
            r->row.dims[r->slots[n]] = read_trim(one, NULL);
        key = str_cut(key, one.n + 1);
    }
    return n;
}

static int read_record(struct tsv *r, const struct csv_row *row, struct err *e)
{
    struct err why = {.rc = RC_OK};
    r->row.line = row->line;
    r->row.raw = row->raw;
    if (row->n != r->width) {
        err_set(&why, RC_DATA, "READ-020", "%zu columns under a header of %zu", row->n, r->width);
        return refuse(r, "The line was cut or a tab was lost.", &why, e);
    }
    size_t n = split_key(r, row->cell[0]);
    if (n != r->ndims) {
        err_set(&why, RC_DATA, "READ-021", "%zu codes in the first column, not %zu", n, r->ndims);
        return refuse(r, "The header names the dimensions, in this order.", &why, e);
    }
    for (size_t i = 1; i < row->n; i++) {
        r->row.dims[r->time] = r->periods[i];
        int rc = desk_cell(r->d, &r->row, row->cell[i], i + 1, e);
        if (rc < 0)
            return rc;
    }
    return 0;
}

static int read_tsv(struct desk *d, const struct profile *p, struct source *src, struct err *e)
{
    struct tsv r = {.d = d, .p = p};
    struct csv_row row;
    r.csv = csv_open(src, &(struct csv_dialect){.sep = p->delimiter ? p->delimiter : '\t',
                                                .quote = p->delimiter ? p->quote : '\0',
                                                .cr_only = p->line_end == 1});
    int rc = read_header(&r, e);
    while (rc >= 0 && (rc = csv_next(r.csv, &row, e)) > 0)
        rc = read_record(&r, &row, e);
    csv_close(r.csv);
    arena_free(&r.arena);
    return rc;
}

const struct reader reader_tsv = {"eurostat-tsv", read_tsv};
