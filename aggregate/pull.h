/* pull.h — the parts of `rta pull`: select (arguments to SQL), rows (records as they were loaded),
 * group (sums over dimensions). */
#ifndef RTA_AGGREGATE_PULL_H
#define RTA_AGGREGATE_PULL_H

#include "buf.h"
#include "db.h"
#include "map.h"
#include "sdmx.h"
#include "stage.h"
#include "structure.h"

#define PULL_PARAMS_MAX (STRUCTURE_DIMS_MAX + 4)
#define PULL_COLUMNS_MAX (STRUCTURE_DIMS_MAX + 24)

struct pull_options {
    const char *period, *as_of, *group;
    bool partial_sums, history;
};

struct pull {
    struct stage *st;
    const struct pull_options *o;
    struct conf *conf;
    const struct structure *structure;
    size_t ndims;                        /* without TIME_PERIOD */
    int freq;                            /* dimension */
    char column[STRUCTURE_DIMS_MAX][64]; /* of the dimensions in SQL, quoted */
    char tab[64];
    struct db *db;

    struct buf where;                    /* " AND …" over s (series) */
    struct buf when;                     /* the same over s and o (observations) */
    const char *params[PULL_PARAMS_MAX]; /* in the arena of conf */
    size_t nparams;
    bool grouped[STRUCTURE_DIMS_MAX];
    char version[16];  /* as of which; the latest of the snapshot by default */
    int64_t unsettled; /* the submission of ours that is published and not settled by then; 0 */
    bool past;         /* not the latest: former versions take part */

    struct map *prefix; /* submission → where its SRC begins, in the arena */
    struct buf src;
    struct sdmx_writer *writer;
};

/* select */
MUST_CHECK int pull_arguments(struct pull *p, struct err *e);
/* Settle --as-of within the snapshot. */
MUST_CHECK int pull_version(struct pull *p, struct err *e);
/* Append the relation to read: " FROM … o JOIN … s … WHERE true …". ranked: s.ord is the place of a
 * series in the order of its dimensions, cheaper to sort by than the texts. */
void pull_from(const struct pull *p, struct buf *sql, bool ranked);

/* rows */
MUST_CHECK int pull_rows(struct pull *p, struct err *e);
/* Hand every row of the query that was begun (db_stream) to `row`, until one fails. */
typedef int pull_row(struct pull *p, const struct db_result *r, size_t i, const void *ctx,
                     struct err *e);
MUST_CHECK int pull_each(struct pull *p, pull_row *row, const void *ctx, struct err *e);
void pull_open_writer(struct pull *p, const char *const *more, size_t nmore);
/* Cells 0 … 2 and the period's text of a row; gives the index after TIME_PERIOD. */
MUST_CHECK int pull_period(const struct pull *p, struct str freq, const char *code,
                           char ret[PERIOD_TEXT_MAX], struct err *e);

/* group */
MUST_CHECK int pull_group(struct pull *p, struct err *e);

#endif
