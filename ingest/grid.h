/* grid.h — where the cells of all workbooks arrive and become rows. A reader of a format
 * (read_xlsx.c, read_ods.c, read_xls.c) says which sheets there are and hands over cells from left
 * to right and from top to bottom; here they are kept for one row, merged ranges filled, hidden
 * cells treated as declared, repeated and missing rows counted out. Memory does not grow with the
 * sheet. */
#ifndef RTA_GRID_H
#define RTA_GRID_H

#include "profile.h"
#include "read_table.h"
#include "serial.h"

struct grid_sheet {
    const char *name; /* lives until the sheet ends */
    size_t number;    /* 1-based */
    bool hidden;
};

/* Who takes the rows. */
struct grid_sink {
    void *to;
    /* 1: its rows are wanted, 0: not. */
    int (*sheet)(void *to, const struct grid_sheet *sheet, struct err *e);
    /* 0, or 1: enough of this sheet. Rows without a filled cell come with n 0, but not the last. */
    int (*row)(void *to, const struct table_row *row, struct err *e);
    int (*end)(void *to, struct err *e);
};

struct grid_options {
    const char *name; /* of the file, for places */
    int hidden;       /* enum hidden_cells; of cells. Sheets are the sink's matter */
    bool fill;        /* merged ranges */
    bool zeros;       /* numbers come with the zeros in front that they are shown with */
};

struct grid;
struct grid *grid_new(const struct grid_options *o, const struct grid_sink *sink);
void grid_closep(struct grid **g);
const char *grid_name(const struct grid *g);
bool grid_fills(const struct grid *g);

/* Digits as ¹²³, the rest as it is: what stands raised beside 125 is a mark, and never makes it
 * 1251. */
void superscript(struct buf *b, struct str s);

/* What a reader calls. A sheet: 1 when it is wanted. */
MUST_CHECK int grid_sheet(struct grid *g, const struct grid_sheet *sheet, struct err *e);
/* Before the first row; 0-based, both ends in. */
void grid_hide_columns(struct grid *g, size_t from, size_t to);
/* Before the row `top` (1-based) ends; columns 0-based. RC_DATA when there are too many. */
MUST_CHECK int grid_merge(struct grid *g, size_t top, size_t left, const size_t bottom_right[2],
                          struct err *e);
/* Rows 1-based, ascending. */
MUST_CHECK int grid_row(struct grid *g, size_t line, bool hidden, struct err *e);
/* Columns 0-based, ascending; the text is copied. */
MUST_CHECK int grid_cell(struct grid *g, size_t col, enum cell_kind kind, struct str text,
                         struct err *e);
/* The same, for a text that lives until the row ends. */
MUST_CHECK int grid_cell_kept(struct grid *g, size_t col, enum cell_kind kind, struct str text,
                              struct err *e);
/* A number as the file holds it, which f (NULL: nothing) makes a date of, or shows otherwise. */
MUST_CHECK int grid_number(struct grid *g, size_t col, struct str number,
                           const struct number_format *f, bool epoch_1904, struct err *e);
void grid_formula(struct grid *g); /* the cell just given is a formula's stored result */
/* The row stands `times` times. 1: enough of this sheet. */
MUST_CHECK int grid_row_end(struct grid *g, size_t times, struct err *e);
MUST_CHECK int grid_sheet_end(struct grid *g, struct err *e);

/* "name#sheet!B4" (col 0-based; SIZE_MAX: the row), or "name#sheet" with line 0. Returns -e->rc. */
int grid_place(const struct grid *g, size_t line, size_t col, struct err *e);
/* Say what was hidden, merged and calculated. */
struct stage;
void grid_tell(const struct grid *g, struct stage *st);

/* Rows and columns that are hidden and filled. */
uint64_t grid_hidden(const struct grid *g);

/* A format of workbooks: all its sheets, to their end or until the sink has enough of each. */
struct book {
    const char *format;
    int (*read)(const char *path, struct grid *g, struct err *e);
};
extern const struct book book_xlsx, book_ods, book_xls;
/* By enum read_format. */
const struct book *book_of(int format);

#endif
