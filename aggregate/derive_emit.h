/* derive_emit.h — between the parts that make rows (derive_emit.c, derive_rank.c) and the table
 * that holds them until they are sorted (derive_rows.c). */
#ifndef RTA_DERIVE_EMIT_H
#define RTA_DERIVE_EMIT_H

#include "derive.h"

/* What a row says besides its target. Views live until rows_put returns. */
struct result {
    struct inputs in;
    struct str value;
    int decimals;
    const char *remark; /* ours, after the sender's comment; NULL: none */
    bool together;      /* of several areas: the next four are filled */
    size_t n, of;
    struct str missing; /* joined by ';' */
    struct str covered; /* per cent of the region's population; "" unknown */
};

#define REGION UINT32_MAX /* in the place of an area: the partners together */

struct rows;
struct rows *rows_new(struct data *d, struct stage *st);
/* There shall be such a row: for an area (data_area), or REGION. */
void rows_plan(struct rows *r, const struct target *t, size_t area);
/* Makes one planned row's result and calls rows_put. */
typedef int (*rows_make)(const struct data *d, const struct target *t, size_t area,
                         struct rows *rows, struct err *e);
/* Make and write all planned rows, sorted; seal. */
MUST_CHECK int rows_write(struct rows *r, rows_make make, struct err *e);
void rows_put(struct rows *r, const struct target *t, size_t area, const struct result *x);
void rows_freep(struct rows **r);

/* One partner's rank among all. */
MUST_CHECK int rank_one(const struct data *d, const struct target *t, size_t area,
                        struct rows *rows, struct err *e);
/* Codes of partners that are not `in`, joined. */
void missing_partners(const struct region *r, const bool *in, struct buf *ret);
#endif
