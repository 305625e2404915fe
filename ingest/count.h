/* count.h — the parts of `rta count`: what a register declares (count_schema.c), texts to codes
 * (count_code.c, count_date.c), cells and identifiers (count_cell.c), records (count_run.c), and
 * the stream (count_write.c). docs/contracts/counts.md. Nothing of a record outlives it but its
 * codes, its place and, for identifiers, a keyed hash. */
#ifndef RTA_COUNT_H
#define RTA_COUNT_H

#include "count_cell.h"
#include "csv.h"
#include "date.h"
#include "register.h"
#include "stage.h"

enum freq count_freq(int period);

/* Why a record is refused. The order is that of the messages in count_run.c. */
enum count_fault {
    FAULT_NONE,
    FAULT_WIDTH,
    FAULT_BLANK,
    FAULT_CODE,
    FAULT_DATE,
    FAULT_NUMBER,
    FAULT_BAND,
    FAULT_LONG,
    FAULT_ID_BLANK,
    FAULT_ID_REPEATED,
    FAULT_PERSON_BLANK,
    FAULT_CELL,
    FAULT_N
};

/* One dimension at work: texts to the numbers of their codes. */
struct coder;
struct coder *coder_new(const struct count_dim *d, const struct count_register *r);
void coder_free(struct coder *c);
unsigned coder_bits(const struct coder *c);
/* The code of a cell's text. >0: a fault of the record; negative: the run must stop (too many
 * codes, personal data), with no place in e yet. */
int coder_code(struct coder *c, struct str text, uint32_t *ret, struct err *e);
/* How many codes were met, and how many of them, the first ones, were declared. */
size_t coder_count(const struct coder *c);
size_t coder_declared(const struct coder *c);
/* The number of a code that comes from no record; RC_DATA when there are too many. */
MUST_CHECK int coder_put(struct coder *c, struct str code, uint32_t *ret, struct err *e);
/* The number of a code in the order of the output: declared ones as declared, then by bytes. */
void coder_rank(struct coder *c);
uint32_t coder_ranked(const struct coder *c, uint32_t code);
struct str coder_text(const struct coder *c, uint32_t rank);

/* Without blanks, no-break blanks and line breaks at both ends, nor the characters of `also`. */
struct str count_trim(struct str s, const char *also);

struct counter { /* the whole run */
    struct stage *st;
    const struct count_register *r;
    const struct personal *personal;
    size_t shown;
    const char **files; /* as SRC shows them */
    size_t nfiles, file;
    struct coder *coders[COUNT_DIMS_MAX]; /* by dimension; NULL: a constant, or the measure */
    unsigned shift[COUNT_DIMS_MAX], measure_shift;
    /* Of the current file: */
    size_t width, fields[COUNT_DIMS_MAX], *filter_fields, *measure_fields, id_field;
    /* Of the run: */
    struct cells *cells;
    struct cell *filled; /* with the zeros; NULL: none */
    struct id_set *ids, *persons;
    uint64_t in, counted, aside, filtered, refused, blank_rows;
    uint64_t id_blank, id_repeated, person_blank;
    uint64_t faults[FAULT_N];
};

void counter_start(struct counter *k);
void counter_end(struct counter *k);
/* Count one file. */
MUST_CHECK int counter_file(struct counter *k, struct source *text, const char *name,
                            struct err *e);
/* The same of a workbook. path "-": standard input. */
MUST_CHECK int counter_book(struct counter *k, const char *path, const char *name, struct err *e);
/* Its parts: a file begins (the name outlives k), its header, its records. */
MUST_CHECK int counter_open(struct counter *k, const char *name, struct err *e);
MUST_CHECK int counter_bind_row(struct counter *k, const struct csv_row *head, struct err *e);
MUST_CHECK int counter_row(struct counter *k, const struct csv_row *row, struct err *e);
void counter_refuse_cell(struct counter *k, size_t line, size_t field);
/* Where the columns stand, by the header rows; fills k's fields. */
MUST_CHECK int counter_bind(struct counter *k, struct csv_reader *csv, struct err *e);
/* All declared cells beside those that there are: k's own list, with some keys twice. */
MUST_CHECK int counter_zeros(struct counter *k, struct cell **list, size_t *n, struct err *e);
/* Write the stream and seal it; RC_DATA when there were more cells than can be held. */
MUST_CHECK int counter_write(struct counter *k, struct err *e);

#endif
