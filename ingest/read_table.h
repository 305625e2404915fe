/* read_table.h — tables of cells, long or wide, from any source of rows: delimited text or a sheet.
 * The profile's layout is worked here: rows before the header, header bands, several tables one
 * below the other, stubs that are blank when repeated, remarks, widths. */
#ifndef RTA_READ_TABLE_H
#define RTA_READ_TABLE_H

#include "read.h"

struct table_row {
    const struct str *cell;
    const unsigned char *kind; /* enum cell_kind by cell; NULL: all are texts */
    size_t n;                  /* may be 0 in a sheet */
    size_t line;               /* 1-based */
    struct str raw;
};

struct table;

/* d and p outlive the table. The codes in the file's name are taken here. */
MUST_CHECK int table_open(struct table **ret, struct desk *d, const struct profile *p,
                          struct err *e);
void table_closep(struct table **t);

/* A sheet begins (sheet NULL: a delimited file; else it outlives the desk): a header is awaited
 * anew. where: what the profile says of this sheet, NULL for nothing. */
MUST_CHECK int table_begin(struct table *t, const char *sheet, const struct profile_place *where,
                           struct err *e);
/* 0, or negative when the run cannot go on. Faults of a row become findings. */
MUST_CHECK int table_row(struct table *t, const struct table_row *row, struct err *e);
/* The sheet or file has ended: RC_DATA when it did so inside a header, or a table was not there. */
MUST_CHECK int table_end(struct table *t, struct err *e);

#endif
