/* revisions.h — the parts of `rta revisions`: what changed between two states of the store, over
 * all its submissions, or between two built editions; and the sums that describe it.
 *
 * For n figures that both states give as numbers, P the earlier and L the later one:
 *   MR   mean revision            sum(L - P) / n
 *   MAR  mean absolute revision   sum|L - P| / n
 *   RMAR relative MAR             100 * sum|L - P| / sum|L|
 * as the ESS handbook for quality reports (Eurostat, indicators on revisions: MR, MAR, RMAR, the
 * latter with the later estimate below) and the OECD/Eurostat guidelines on revisions analysis have
 * them. Sums are exact decimals (of the server or of num.h); each mean is rounded once. */
#ifndef RTA_AGGREGATE_REVISIONS_H
#define RTA_AGGREGATE_REVISIONS_H

#include "json.h"
#include "pull.h"
#include "ratio.h"

#define REV_BY_MAX 6

enum rev_form { REV_TEXT, REV_CSV, REV_JSON };

struct rev_options {
    struct pull_options pull; /* its period; the rest is not offered */
    const char *from, *to, *by;
    int form;
    bool editions, cells;
    int64_t top;
};

struct rev_sum {
    int64_t compared, revised, up, down; /* compared: numbers in both states */
    int64_t added, dropped;              /* in one state alone */
    int64_t given, taken;                /* became a number, ceased to be one */
    int64_t marks;                       /* the same number with other marks */
    const char *diff, *size, *later;     /* exact sums of L - P, |L - P|, |L| */
};

struct rev_group {
    const char *key[REV_BY_MAX];
    struct rev_sum sum;
};

/* One change; empty texts for what is not there. */
struct rev_cell {
    const char *what; /* revised, new, deleted, given, taken, marks */
    const char *key[STRUCTURE_DIMS_MAX];
    const char *old, *now, *diff;
    const char *old_sub, *sub, *reason;
};

struct rev {
    struct stage *st;
    const struct rev_options *o;
    struct conf *conf;
    struct pull pull; /* the selection; of the store alone */
    struct db_result *groups_rows, *cells_rows;
    const char *title, *from, *to; /* what is compared */
    const char *by[REV_BY_MAX];
    size_t nby;
    struct rev_group *groups, total; /* groups: in order of their keys */
    size_t ngroups;
    const char *dims[STRUCTURE_DIMS_MAX];
    size_t ndims;
    struct rev_cell *cells; /* all that changed, or the largest, largest first */
    size_t ncells;
};

/* store */
MUST_CHECK int rev_store(struct rev *r, struct err *e);
/* editions */
MUST_CHECK int rev_editions(struct rev *r, struct err *e);
/* show */
void rev_show(const struct rev *r, struct buf *b);
/* MR, MAR or RMAR with 4 decimals: part / of * times; "" when `of` is zero. Appends to b. */
MUST_CHECK int rev_mean(struct buf *b, const char *part, const char *of, int times, struct err *e);

#endif
