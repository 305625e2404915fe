/* csv.h — delimited text as a stream of rows (RFC 4180 and its declared dialects). Cells are views
 * into the reader's buffer and live until the next row. Nothing is guessed, nothing clamped: a
 * stray quote, a NUL byte, an over-long row is an error with line and column. The scan is SIMD or
 * SWAR with a scalar twin that must give the same answers. Tier 1. */
#ifndef RTA_CSV_H
#define RTA_CSV_H

#include "io.h"

struct csv_dialect {
    char sep;         /* ',', ';', '\t', '|', ' ' … */
    char quote;       /* '"', or 0: quotes are data (TSV) */
    bool cr_only;     /* records end with a lone CR (old Macintosh); otherwise LF or CRLF */
    bool lazy_quotes; /* a quote inside an unquoted field is data; RFC 4180 refuses it */
    bool scalar;      /* use the byte-at-a-time twin (tests, --no-simd) */
    size_t max_row;   /* bytes, 0 = LIMIT_ROW_BYTES */
    size_t max_cols;  /* 0 = LIMIT_COLUMNS */
};

struct csv_row {
    const struct str *cell; /* unquoted text */
    const bool *quoted;     /* was it in quotes? "" and nothing can differ */
    size_t n;
    size_t line;    /* physical line where the record begins, 1-based */
    struct str raw; /* the record's bytes, its line end included */
};

struct csv_reader;

/* Reads from src, which stays the caller's and must outlive the reader. A UTF-8 BOM at the very
 * start is skipped. Blank lines (no byte at all) are skipped and counted. */
struct csv_reader *csv_open(struct source *src, const struct csv_dialect *dialect);
void csv_close(struct csv_reader *r); /* NULL is fine */

/* 1 and a row, 0 at the end, -RC_DATA with place name:line:col, or what the source failed with.
 * The number of fields is not checked here. A lone CR inside an unquoted field is refused unless
 * cr_only, with a hint that says so. */
MUST_CHECK int csv_next(struct csv_reader *r, struct csv_row *ret, struct err *e);
/* 1-based column (in bytes) where cell i of the current row begins; for places. */
size_t csv_column(const struct csv_reader *r, size_t i);
/* Let `tap` see the bytes of all rows to come, in order, line ends included and blank lines left
 * out: in large pieces, a row some time after it was given. For a running hash. */
void csv_tap(struct csv_reader *r, void (*tap)(void *to, const void *p, size_t n), void *to);
/* Hand on now what is left of the rows before the current one. */
void csv_tap_now(struct csv_reader *r);
/* Blank lines skipped so far. */
size_t csv_blank(const struct csv_reader *r);

/* One field, quoted when it must be (separator, quote, CR, LF, leading or trailing blank). */
struct buf;
void csv_put(struct buf *b, struct str field, char sep);

#endif
