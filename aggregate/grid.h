/* grid.h — what was expected, what came, and when: the cells partner × structure × period, made
 * from the calendar and the store's accounts of deliveries as they were known at a moment. Shared
 * by `rta status` and `rta remind`. All memory is the grid's (grid_free) or the configuration's. */
#ifndef RTA_AGGREGATE_GRID_H
#define RTA_AGGREGATE_GRID_H

#include "calendar.h"
#include "db.h"
#include "stage.h"

#define NO_DAY INT32_MIN

/* In rising order of how far a delivery has come; the best one of a period is its state. */
enum cell_state {
    CELL_SUPERSEDED,
    CELL_REFUSED,
    CELL_WITHDRAWN,
    CELL_RETURNED,
    CELL_RECEIVED,
    CELL_CHECKED,
    CELL_WAITING,
    CELL_ACCEPTED,
    CELL_APPROVED,
    CELL_PUBLISHED,
    CELL_NOT_DUE, /* nothing came, and its day has not come */
    CELL_MISSING, /* nothing came, and its day has passed */
    CELL_UNSEEN   /* nothing published; what may be on its way is not this login's to see */
};

/* The first delivery of a period: was it sent back, refused, taken back or replaced, or accepted?
 * Open: nobody has decided yet. */
enum cell_first { FIRST_NONE, FIRST_OPEN, FIRST_FELL, FIRST_STOOD };

struct cell {
    const struct calendar_rule *rule; /* NULL: nobody expects it */
    struct period period;
    int32_t due; /* day; NO_DAY when not expected */
    enum cell_state state;
    int64_t submission;                  /* that the state is of; 0: none */
    int32_t received, latest, published; /* days; NO_DAY */
    int32_t open;                        /* warnings without an answer */
    int32_t asked;                       /* day the oldest of them came; NO_DAY */
    int32_t deliveries, sent_back;
    enum cell_first first;
};

/* One block of the grid: a structure and a frequency; its cells are by partner, then period. */
struct block {
    const char *structure, *name;
    enum freq freq;
    size_t first, periods; /* cells [first, first + partners * periods) */
    struct period from;    /* of the first column */
};

struct grid_want {
    const char *as_of, *today, *structure, *partner, *period;
    bool all; /* also what came and nobody expected */
};

struct grid {
    struct conf *conf;
    const struct region *region;
    const struct calendar *calendar;
    const char *const *partners; /* codes in the calendar's order, those that may be seen */
    size_t npartners;
    bool sees_all; /* this login is shown what everybody has on the way */
    char moment[40], today_text[DAY_TEXT_MAX];
    int32_t today;
    struct block *blocks;
    size_t nblocks;
    struct cell *cells;
    size_t ncells;
    uint64_t unexpected; /* cells that came and nobody expected; not shown unless all */
};

/* Read the store (one snapshot) and lay the grid. RC_USAGE for an unknown partner [GRID-001],
 * structure [GRID-002] or period [GRID-003, -004]; RC_DENIED when nobody's deliveries on their way
 * may be seen [GRID-005]. Begins and ends a transaction of its own. */
MUST_CHECK int grid_read(struct grid *g, struct stage *st, struct db *db,
                         const struct grid_want *want, struct err *e);
void grid_free(struct grid *g); /* accepts zeroed */

static inline struct cell *grid_cell(const struct grid *g, const struct block *b, size_t partner,
                                     size_t period)
{
    return &g->cells[b->first + partner * b->periods + period];
}
/* Is there anything to show in this place? */
bool cell_there(const struct cell *c);
/* Came it, in a form that stands? */
bool cell_came(const struct cell *c);
/* "published", "missing", "not due" … */
const char *state_word(enum cell_state s);
/* Days late, of what came or is still missing; 0: in time or not due. */
int32_t cell_late(const struct cell *c, int32_t today);
/* "quarterly" */
const char *freq_word(enum freq f);

/* What a partner (or everybody) did in a block, over the cells whose day has come. */
struct tally {
    int64_t expected, came, in_time, late, missing; /* missing: and overdue */
    int64_t days_late;                              /* sum over the late ones */
    int64_t to_receipt, to_publication;             /* sums of days from the period's end */
    int64_t published, open, sent_back;
    int64_t first_decided, first_stood; /* first deliveries that were decided on, and stood */
    struct period newest;               /* that came */
    bool any;
};
void tally_cell(struct tally *t, const struct cell *c, int32_t today);
void tally_block(struct tally *t, const struct grid *g, const struct block *b, size_t partner);
/* "12.5" = sum / n to one decimal, half away from zero; "-" when n is 0. */
const char *mean_text(int64_t sum, int64_t n, char ret[32]);

#endif
