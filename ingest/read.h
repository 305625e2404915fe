/* read.h — the two planes of `rta read`. Control plane: a reader of one format opens a file, learns
 * from its header which dimensions there are and tells the desk. Data plane: it hands the desk one
 * cell after another. The desk, which all formats share, makes values of texts, keeps accounts,
 * lists findings and writes the stream. */
#ifndef RTA_READ_H
#define RTA_READ_H

#include "buf.h"
#include "csv.h"
#include "period.h"
#include "profile.h"
#include "sdmx.h"
#include "stage.h"

#define READ_DIMS_MAX 32

/* ATTR_MULT: UNIT_MULT, the power of ten that a value is to be multiplied with. */
enum read_attribute { ATTR_STATUS, ATTR_CONF, ATTR_COMMENT, ATTR_NATURE, ATTR_MULT, ATTR_N };

/* What a cell of a workbook says it is. Text is read as the profile declares; numbers of a sheet
 * are decimal text with a point (and an exponent) whatever the profile says of texts. */
enum cell_kind {
    CELL_TEXT,
    CELL_NUMBER,
    CELL_DATE,
    CELL_BOOL,
    CELL_ERROR,
    CELL_FORMULA,
    CELL_NO_DATE /* formatted as a date, but the number of none */
};
#define CELL_KIND 7     /* the kind; beside it: */
#define CELL_COVERED 8  /* filled from the corner of a merged range */
#define CELL_PERCENT 16 /* the format of the number shows a hundred times it … */
#define CELL_PER_1K 32  /* … or a thousandth, … */
#define CELL_PER_1M 64  /* … or a millionth; both: of 10^9 */
#define CELL_ZEROS 128  /* it shows zeros in front that the stored number has not */

/* What the cells of one record share. Views that must last until desk_cell returned. */
struct read_row {
    struct str dims[READ_DIMS_MAX]; /* by slot; empty: a blank code */
    size_t fields[READ_DIMS_MAX];   /* where each stands, 1-based; 0: not in the record */
    struct str attrs[ATTR_N];       /* as in the file; constants fill what is empty */
    struct str structure, sender;   /* empty: the profile's */
    struct str raw;                 /* the record, for the quarantine */
    struct str cell;                /* what desk_refuse is about, for people; or empty */
    char action;                    /* 0: 'R': a file says all of what it says */
    bool time_canonical;            /* TIME_PERIOD was parsed by the reader */
    size_t line;
    const char *sheet;  /* places are name#sheet!B4; NULL: name:line:field. Outlives the desk */
    unsigned char kind; /* of the cell at hand: enum cell_kind, and how its number is shown */
};

struct read_counts {
    uint64_t in, given, missing, kept, aside, refused; /* cells; kept: missing, but written */
    uint64_t blank_rows, note_rows;
    uint64_t outside_rows; /* of a sheet, outside of the declared tables */
};

struct desk;

/* A cell as it was understood, for people: `rta profile test`. */
struct desk_shown {
    const struct read_row *row;
    size_t field;
    struct str raw, value, conf;
    const char *status;     /* letters of CL_OBS_STATUS, joined by ';' */
    const char *const *ids; /* of the dimensions, in their order */
    const struct str *codes;
    size_t ndims;
    const struct err *why; /* NULL: not refused */
    bool aside, missing;   /* a total; no row is written */
};

struct desk_options {
    const char *name;       /* what SRC calls the file */
    const char *quarantine; /* file, or NULL */
    size_t shown;           /* findings of one rule that go to the terminal; 0: all */
    /* NULL: a stream is written. Else no stream, and every cell goes here. */
    void (*show)(void *to, const struct desk_shown *cell);
    void *show_to;
};

/* st, p and the arena outlive the desk. */
MUST_CHECK int desk_open(struct desk **ret, struct stage *st, const struct profile *p,
                         const struct desk_options *o, struct err *e);
void desk_closep(struct desk **d);

/* Control plane. The slot of a dimension, made when new; READ_DIMS_MAX when there are too many. */
size_t desk_dim(struct desk *d, const char *id);
/* All dimensions are known: fixes their order, takes the constants of the profile and writes the
 * header. */
MUST_CHECK int desk_start(struct desk *d, struct err *e);
/* Is the heading of a column that feeds a dimension or attribute free of personal data? A finding
 * that stops the run else. */
MUST_CHECK int desk_heading(const struct desk *d, const char *id, struct str heading, size_t line,
                            size_t field, struct err *e);
const char *desk_name(const struct desk *d);
size_t desk_ndims(const struct desk *d);
bool desk_keeps(const struct desk *d); /* raw records are wanted, for the quarantine */
/* "name:line:field", or in a sheet "name#sheet!B4"; field 0: the line alone. Returns -e->rc. */
int desk_place(const struct desk *d, const char *sheet, size_t line, size_t field, struct err *e);
/* "B4" (field 0: "4"), NUL-terminated; returns the length. */
#define CELL_REF_MAX 32
size_t cell_ref(char ret[CELL_REF_MAX], size_t line, size_t field);
struct stage *desk_stage(const struct desk *d); /* for notes */

/* Data plane. One cell; field is its 1-based number in the record. Its faults become findings;
 * the result is negative only when the run cannot go on. */
MUST_CHECK int desk_cell(struct desk *d, const struct read_row *row, struct str text, size_t field,
                         struct err *e);
/* `cells` cells of a record cannot be read at all, for the reason in why. */
MUST_CHECK int desk_refuse(struct desk *d, const struct read_row *row, size_t field, uint64_t cells,
                           struct err *why, struct err *e);
void desk_blank_row(struct desk *d);
void desk_note_row(struct desk *d);
void desk_outside_row(struct desk *d);
/* A code was taken of a number that is shown with zeros in front, and nothing says which is meant.
 */
void desk_bare_code(struct desk *d, const struct read_row *row, size_t field);

/* The check sums, the accounts, and the seal, unless rows were refused and keep_going is false. */
MUST_CHECK int desk_finish(struct desk *d, bool keep_going, struct err *e);

/* One format. read takes the decoded source to its end; src stays the caller's. */
struct reader {
    const char *format;
    int (*read)(struct desk *d, const struct profile *p, struct source *src, struct err *e);
};
extern const struct reader reader_delimited, reader_tsv, reader_sdmx, reader_jsonstat,
    reader_sdmxjson, reader_sdmxml, reader_px;

/* Without blanks, line breaks and no-break blanks at both ends, nor the characters of `also`. */
struct str read_trim(struct str s, const char *also);
/* Take declared footnote marks off the end; their texts go to `comment`. */
struct str read_unmark(const struct profile *p, struct str s, struct buf *comment);

#endif
