/* read_desk.h — the inside of the desk, for its own files: read_desk.c (writing), read_value.c
 * (texts to values), read_finding.c (what was refused), read_total.c (check sums). */
#ifndef RTA_READ_DESK_H
#define RTA_READ_DESK_H

#include "read.h"
#include "status_set.h"

enum value_kind {
    VALUE_GIVEN,
    VALUE_MISSING,
    VALUE_KEPT
}; /* kept: empty, but said with a status */

struct read_value {
    enum value_kind kind;
    struct str text; /* OBS_VALUE; may lie in `digits` */
    uint32_t status; /* letters of CL_OBS_STATUS, bit 0 = A */
    struct str conf; /* CL_CONF_STATUS */
    char digits[NUM_TEXT_MAX];
};

/* Text to value, under the profile. comment: texts of footnotes are added. Faults fill e. */
MUST_CHECK int value_read(const struct profile *p, enum cell_kind kind, struct str text,
                          struct read_value *ret, struct buf *comment, struct err *e);
/* A decimal text with or without an exponent, rounded to n significant digits (and to what a stream
 * can hold), half away from zero; zeros at the end go. RC_DATA [TABLE-005]. */
MUST_CHECK int num_digits(struct num *ret, struct str text, int n, struct err *e);
/* The sender's status and confidentiality of an attribute column, added to v. */
MUST_CHECK int value_status(const struct profile *p, struct str status, struct str conf,
                            struct read_value *v, struct err *e);

/* What is multiplied with a power of ten, because its number is shown so or UNIT_MULT says it, and
 * what was left as it stands without a word of the profile. For one desk. */
struct scaling {
    struct str mult;                   /* UNIT_MULT of a row that has none */
    uint64_t unsaid[3], applied, kept; /* unsaid: percent, thousands, codes without their zeros */
    char first[3][160];                /* places */
};
/* v: a value as it stands; its row has UNIT_MULT and how the number is shown. comment: what is
 * kept, is said there. RC_DATA [READ-030…] when nothing says what is meant. */
MUST_CHECK int scale_value(struct scaling *s, const struct profile *p, const struct read_row *row,
                           size_t field, struct read_value *v, struct buf *comment, struct err *e);
/* A code without the zeros that it is shown with. */
void scale_bare(struct scaling *s, const struct read_row *row, size_t field);
/* Notes on what was left, and on what was done. */
void scale_tell(const struct scaling *s, struct stage *st);
/* v in digits, 20 at most; the place behind them. */
char *ref_number(char *to, size_t v);

struct read_findings;
MUST_CHECK int read_findings_open(struct read_findings **ret, struct stage *st,
                                  const struct desk_options *o, struct err *e);
/* List one and put its record into the quarantine. `why` has id, text and hint; place is given
 * here. level: refused (error) or a warning. */
void read_findings_add(struct read_findings *f, const struct read_row *row, size_t field,
                       struct str value, struct err *why, bool refused);
/* Say what was not shown, publish the quarantine. */
MUST_CHECK int findings_finish(struct read_findings *f, struct err *e);
void read_findings_close(struct read_findings *f);

struct totals_book; /* NULL: the profile has none */
struct totals_book *totals_open(const struct profile *p);
void totals_close(struct totals_book *b);
/* The dimensions are known now. */
void totals_bind(struct totals_book *b, struct desk *d, size_t ndims);
/* Is the cell a total? The number of the declaration, or -1. */
int totals_which(const struct totals_book *b, const struct str *dims);
/* Book a cell: which as above (a total), or -1 (a part). num NULL: missing or refused. */
void totals_add(struct totals_book *b, int which, const struct str *dims, const struct num *num,
                const struct read_row *row, size_t field);
/* Tell every sum that does not close. Returns how many. */
size_t totals_check(const struct totals_book *b, struct read_findings *f);

#endif
