/* map_row.h — what map_row.c (looking up) and map_emit.c (writing) share. */
#ifndef RTA_MAP_ROW_H
#define RTA_MAP_ROW_H

#include "map_run.h"
#include "period.h"

#define ORIGIN_ARTICLE (1 << 30) /* found through the article, not by its own line */

struct choice { /* the lines a rule chose for the row */
    const struct entry *entry[MAP_SPLIT_MAX];
    size_t n;
    uint32_t token; /* the source code, folded */
    bool article;
};

struct row_state {
    struct str structure_id; /* of the first row; owned */
    int at[OUT_N];           /* the stream's column of each attribute, or -1 */
    int action;              /* the stream's column of the action, or -1 */
    size_t *ids;             /* by source dimension: number of the row's code */
    bool *wanted;            /* by source dimension: is the number asked for at all? */
    size_t tables[STRUCTURE_DIMS_MAX], ntables; /* dimensions that a table decides */
    bool started, same_series, parts, ours;     /* ours: the last row was of the map's structure */
    bool fixed;    /* the last row's choices do not depend on its period */
    bool key_good; /* src_key is that of this series */
    struct choice choice[STRUCTURE_DIMS_MAX];
    struct span *spans;
    size_t nspans;
    struct map *articles; /* which totals and which parts were seen */
    struct buf joined, key, src_key, identity;
    struct str *cells; /* of the output row */
};

/* map_emit.c */
extern const char *const out_names[OUT_N]; /* as sdmx_find wants them */
/* The source text that a table rule looks up, for the report. */
struct str rule_source(struct mapper *m, size_t dim);
MUST_CHECK int row_emit(struct mapper *m, const struct sdmx_row *row, const struct span *sp,
                        struct err *e);
/* The row's value in the report, when it went `instead` of to a code; NULL: as chosen. */
MUST_CHECK int row_tally(struct mapper *m, const struct sdmx_row *row, const char *instead,
                         struct err *e);

#endif
