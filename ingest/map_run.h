/* map_run.h — one run of `rta map`: rows translated (map_row.c), held back where they may be summed
 * (map_merge.c), told where they could not be mapped (map_lost.c), accounted for (map_tally.c). */
#ifndef RTA_MAP_RUN_H
#define RTA_MAP_RUN_H

#include "mapping.h"
#include "status_set.h"

/* The periods seen, by number in their column. */
struct span {
    int32_t first, last; /* days */
    bool good, known;
    bool same;     /* the sender writes it so, too */
    char text[24]; /* the standard spelling, when good */
    size_t n;
};

/* map_lost.c: every reason a row was refused for, once, with its count and first place. */
enum lost_kind {
    LOST_UNMAPPED,
    LOST_PERIOD,   /* the code is known, but in no period that holds the row's */
    LOST_STRADDLE, /* the row's period is partly in one validity, partly in another */
    LOST_TIME,     /* the period cannot be read and the mapping depends on it */
    LOST_TWICE,    /* an article's total and its paragraphs in one delivery */
    LOST_FOREIGN,  /* a row of another structure */
    LOST_VALUE     /* a value that is to be split is no number */
};
struct lost;
struct lost *lost_new(void);
void lost_free(struct lost *l);
void lost_add(struct lost *l, enum lost_kind kind, size_t rule, struct str code, struct str period,
              struct str place);
size_t lost_count(const struct lost *l);
void lost_tell(struct lost *l, const struct plan *p, struct stage *st);
/* A table's lines for every unmapped code, to be completed by a person. */
MUST_CHECK int lost_stubs(const struct lost *l, const struct plan *p, const char *path,
                          struct err *e);

/* One result of a row. Views live until the next row. */
struct result {
    const struct str *cells; /* by column of the output */
    struct str identity;     /* the source codes, folded: who the part is */
    struct str original;     /* the value's text in the file */
};

/* map_merge.c: rows held back because others may fall on the same target. */
struct merge;
struct merge *merge_new(const struct plan *p);
void merge_free(struct merge *m);
/* True when the row was added to one that is there already. */
bool merge_add(struct merge *m, const struct result *r);
/* Write all in order of first appearance; tells of sums that could not be made. */
MUST_CHECK int merge_write(struct merge *m, struct sdmx_writer *w, struct stage *st, struct err *e);
uint64_t merge_unreviewed(const struct merge *m);

/* map_tally.c: --report. */
struct tally;
struct tally *tally_new(void);
void tally_free(struct tally *t);
/* Take part of a row's value: by table line, or NULL with a word for where it went instead. */
struct tally_part {
    const char *dim; /* "": the input as a whole */
    struct str source, unit, value;
    const struct entry *entry;
    const char *instead;
};
MUST_CHECK int tally_add(struct tally *t, const struct tally_part *part, struct err *e);
/* Prove that per dimension and unit all of the input went somewhere (our bug, if not), and write
 * it: to the file, as JSON where its name ends so, else CSV; or as a table for people to `out`. */
MUST_CHECK int tally_write(const struct tally *t, const char *path, struct out *out, struct err *e);

/* Columns of the output: STRUCTURE STRUCTURE_ID ACTION, dimensions, then these. */
enum out_column {
    OUT_VALUE,
    OUT_STATUS,
    OUT_CONF,
    OUT_COMMENT,
    OUT_NATURE,
    OUT_SENDER,
    OUT_SRC,
    OUT_SRC_KEY,
    OUT_SRC_VALUE,
    OUT_GRADE,
    OUT_REVIEWED,
    OUT_N
};
extern const char *const out_columns[OUT_N];
#define OUT_DIMS 3 /* where the dimensions begin */

/* map_row.c: one row of the sender to the rows of ours. */
struct mapper {
    struct plan plan;
    struct lost *lost;
    struct merge *merge;
    struct tally *tally; /* NULL: nobody asked */
    struct sdmx_writer *out;
    struct totals *totals;
    struct row_state *state; /* private */
    uint64_t unreviewed;     /* rows written at once that a mapping without a reviewer made */
    struct out nowhere;      /* of a run that only reports */
};
void mapper_start(struct mapper *m, const struct sdmx_reader *in);
MUST_CHECK int mapper_row(struct mapper *m, const struct sdmx_reader *in,
                          const struct sdmx_row *row, struct err *e);
void mapper_end(struct mapper *m);

#endif
