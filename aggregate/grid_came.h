/* grid_came.h — what came, by partner, structure and period: the store's accounts of deliveries as
 * they were known at a moment, added up here. The server only reads its tables; everything is
 * counted in whole numbers by small integers. All memory is the struct's (came_free) or the
 * arena's. */
#ifndef RTA_AGGREGATE_GRID_CAME_H
#define RTA_AGGREGATE_GRID_CAME_H

#include "arena.h"
#include "db.h"
#include "period.h"

/* Everything that was delivered for one structure, by one partner (outside is "") or by one outside
 * source for one area, in one frequency. Texts are the arena's. */
struct lane {
    const char *structure, *who, *outside;
    enum freq freq;
};

/* One period of a lane. Moments are seconds since 1970; NO_MOMENT: there is none. */
#define NO_MOMENT INT64_MIN
struct came_cell {
    uint32_t lane;
    int32_t period;              /* its code */
    int64_t best;                /* state << 32 | number of the submission that has come furthest */
    int64_t first, first_number; /* moment and number of the first delivery, */
    int first_state;             /* and how far it came */
    int64_t received, latest;    /* first one that stood or was replaced; last one that stands */
    int64_t published, asked;    /* first; of the oldest open warning's delivery */
    int32_t open, deliveries, sent_back;
    int32_t packets; /* deliveries that the inbox refused and that became no submission */
    int64_t counted; /* the delivery that was counted last */
};

struct came {
    struct arena *a;
    struct map *lane_keys, *cell_keys, *words;
    struct lane *lanes;
    struct came_cell *cells;
    size_t nlanes, ncells, lane_cap, cell_cap;
};

struct came_want {
    const char *moment;    /* for the server */
    bool then;             /* what was known at the moment, instead of now */
    const char *structure; /* "": all */
    const char *partner;   /* "": all */
};

/* Read the store within the open transaction. States are enum cell_state's of grid.h. */
MUST_CHECK int came_read(struct came *c, struct db *db, struct arena *a,
                         const struct came_want *want, struct err *e);
/* The lane, or -1: nothing ever came. */
int64_t came_lane(const struct came *c, const struct lane *l);
/* NULL when nothing came. */
const struct came_cell *came_find(const struct came *c, int64_t lane, struct period p);
void came_free(struct came *c); /* accepts zeroed */

#endif
