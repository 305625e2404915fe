/* read_delim.c — delimited text in any declared dialect: its records are the rows of a table
 * (read_table.c). */
#include "read_table.h"

static int read_rows(struct table *t, struct csv_reader *csv, struct err *e)
{
    struct csv_row row;
    int rc = table_begin(t, NULL, NULL, e);
    while (rc >= 0 && (rc = csv_next(csv, &row, e)) > 0) {
        const struct table_row r = {row.cell, NULL, row.n, row.line, row.raw};
        rc = table_row(t, &r, e);
    }
    return rc < 0 ? rc : table_end(t, e);
}

static int read_delimited(struct desk *d, const struct profile *p, struct source *src,
                          struct err *e)
{
    const struct csv_dialect dialect = {.sep = p->delimiter,
                                        .quote = p->quote,
                                        .cr_only = p->line_end == 1,
                                        .lazy_quotes = p->lazy_quotes};
    struct table *t CLEANUP(table_closep) = NULL;
    int rc = table_open(&t, d, p, e);
    if (rc < 0)
        return rc;
    struct csv_reader *csv = csv_open(src, &dialect);
    rc = read_rows(t, csv, e);
    csv_close(csv);
    return rc;
}

const struct reader reader_delimited = {"delimited", read_delimited};
