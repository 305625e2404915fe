/* read_record.h — one record of a table to cells of the desk, by the plan that its header gave.
 * Used by read_table.c alone. */
#ifndef RTA_READ_RECORD_H
#define RTA_READ_RECORD_H

#include "read_place.h"
#include "read_plan.h"
#include "read_table.h"

struct record {
    struct desk *d;
    const struct profile *p;
    struct plan plan;
    struct buf *above; /* by plan.dims; only where blank: as-above */
    struct buf *texts; /* by plan.dims: codes that had to be written anew */
    size_t nbufs;      /* of each */
    struct buf time, raw;
    size_t time_fixed; /* bytes of `time` that file, sheet and table have said */
    struct read_row row;
};

void record_init(struct record *r, struct desk *d, const struct profile *p);
/* A table's header was read: r->plan is made. The places' codes go to every row. */
MUST_CHECK int record_start(struct record *r, const struct place_codes *const *places, size_t n,
                            struct arena *a, struct err *e);
MUST_CHECK int record_read(struct record *r, const struct table_row *row, struct err *e);
/* The table is over: its plan and buffers go. */
void record_drop(struct record *r);
void record_free(struct record *r);

#endif
