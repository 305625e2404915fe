/* sdmx.h — SDMX-CSV streams: 1.0, 2.0 and 2.1 in, 2.0 out, and the seal that proves a stream is
 * whole (docs/contracts/stream.md). Tier 2. */
#ifndef RTA_SDMX_H
#define RTA_SDMX_H

#include "csv.h"

struct sdmx_options {
    bool unsealed; /* a foreign stream: no seal is asked for (one that is there is checked) */
    char sep;      /* 0: read it from the header, as the format says */
    bool slack;    /* tolerate empty fields past the header's last (a fault of the guide) */
};

struct sdmx_row {
    const struct str *cell; /* one a column; labels stripped; live until the next row */
    struct str raw;         /* the record's bytes, its line end included */
    size_t line;
    char action; /* 'I' 'A' 'M' 'R' 'D'; 'I' when the column is absent */
};

struct sdmx_reader;

/* Reads the header. src stays the caller's and must outlive the reader. RC_DATA: empty input
 * [SDMX-001], not SDMX-CSV [-002], repeated or empty column name [-003], another separator than the
 * one asked for [-007]. */
MUST_CHECK int sdmx_open(struct sdmx_reader **ret, struct source *src,
                         const struct sdmx_options *options, struct err *e);
void sdmx_close(struct sdmx_reader *r); /* NULL is fine */
void sdmx_closep(struct sdmx_reader **r);

/* Columns as named in the header, without ": Name" and without the [..] suffix; "" for the columns
 * of names that labels=name puts between them. */
size_t sdmx_columns(const struct sdmx_reader *r);
const char *sdmx_column(const struct sdmx_reader *r, size_t i);
/* Index by name ("SRC" finds "SRC[]"), or -1. */
int sdmx_find(const struct sdmx_reader *r, const char *name);
const char *sdmx_name(const struct sdmx_reader *r); /* of the source, for places */

/* 1 and a row; 0 after the last one, once the seal was found and is right; -RC_DATA otherwise: no
 * seal [SDMX-010], wrong count [-011] or hash [-012], bytes after it [-013], a seal that is not as
 * we write it, or blank lines in a sealed stream [-014], wrong field count [-004], unknown action
 * [-005], first cell is no kind of structure [-006]. In labels=both what precedes the first ": " of
 * a cell is the code, when it looks like one. After -004 to -006, faults of one row whose line and
 * raw are then filled, the next call goes on behind it. Nothing read from a stream may be treated
 * as complete before 0. */
MUST_CHECK int sdmx_next(struct sdmx_reader *r, struct sdmx_row *ret, struct err *e);
/* Did the last sdmx_next fail for its row alone (width, kind, action)? Then ret's line and raw are
 * set, and the next call goes on behind it: who refuses rows one by one can list them all. */
bool sdmx_row_fault(const struct sdmx_reader *r);
/* The structure id of the current row ("WB:CRIME(1.0.0)"), from STRUCTURE_ID or DATAFLOW. */
struct str sdmx_structure_id(const struct sdmx_reader *r);
/* Does the current row begin as the one before, byte for byte: kind of structure, structure,
 * action? Then what was found of them is right for this row, too. */
bool sdmx_front_repeats(const struct sdmx_reader *r);
uint64_t sdmx_records(const struct sdmx_reader *r);
/* Are the bytes of a row what a writer of the same columns may write? No other separator, no
 * labels. */
bool sdmx_verbatim(const struct sdmx_reader *r);
/* The hash in the seal, in hex, once sdmx_next gave 0; "" for an unsealed stream. */
const char *sdmx_seal(const struct sdmx_reader *r);
/* How many rows the stages before refused (--keep-going), as the seal says; known at the end. */
uint64_t sdmx_refused(const struct sdmx_reader *r);

/* Add a value to the cell of a [] column: ';' between values, ';' and '%' inside them as %3B, %25.
 */
struct buf;
void sdmx_item(struct buf *cell, struct str value);
/* Take the next value off such a cell; false when none is left. Escapes stay as they are. */
bool sdmx_items(struct str *rest, struct str *ret);

/* The cell of the seal that tells refused rows: "refused:3". Gives its length. */
#define SDMX_REFUSED_TEXT 32
size_t sdmx_refused_text(uint64_t rows, char ret[SDMX_REFUSED_TEXT]);

struct sdmx_writer;
/* Columns as they shall stand in the header, STRUCTURE[;] first. `out` stays the caller's. */
struct sdmx_writer *sdmx_create(struct out *out, const char *const *columns, size_t n);
/* One record of n cells. */
void sdmx_write(struct sdmx_writer *w, const struct str *cells);
/* The row that `in` has just given, unchanged: its very bytes, where they are comma-separated and
 * end with a line feed; else its cells. The columns are those of `in`. */
void sdmx_pass(struct sdmx_writer *w, const struct sdmx_reader *in, const struct sdmx_row *row);
/* Write the seal. Without it the stream is refused by every reader: that is how a stage that fails
 * says so to the next one. */
void sdmx_finish(struct sdmx_writer *w);
uint64_t sdmx_written(const struct sdmx_writer *w);
/* Before sdmx_finish: rows that this stage or one before it refused; the seal hands their number
 * on, so that the submission says that it is partial. Numbers add up. */
void sdmx_refuse(struct sdmx_writer *w, uint64_t rows);
void sdmx_free(struct sdmx_writer *w); /* NULL is fine; writes nothing */
void sdmx_freep(struct sdmx_writer **w);

#endif
