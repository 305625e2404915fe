/* derive_emit.h — between the parts that make rows (derive_emit.c, derive_rank.c) and the table
 * that holds them until they are sorted (derive_rows.c). */
#ifndef RTA_DERIVE_EMIT_H
#define RTA_DERIVE_EMIT_H

#include "derive.h"

/* What a row says besides its target. Views live until rows_add returns. */
struct result {
    const char *area;
    struct inputs in;
    struct str value;
    int decimals;
    const char *remark; /* ours, after the sender's comment; NULL: none */
    bool together;      /* of several areas: the next four are filled */
    size_t n, of;
    struct str missing; /* joined by ';' */
    struct str covered; /* per cent of the region's population; "" unknown */
};

struct rows;
struct rows *rows_new(struct data *d, struct stage *st);
void rows_add(struct rows *r, const struct target *t, const struct result *x);
/* Sort, write and seal. */
void rows_write(struct rows *r);
void rows_free(struct rows *r);
void rows_freep(struct rows **r);

/* Does the indicator speak about these figures at all? */
bool applies(const struct data *d, const struct indicator *ind, size_t group);

/* The ranks of one period; present: which partners have figures there. */
MUST_CHECK int rank_period(const struct data *d, const struct target *t, struct rows *rows,
                           struct err *e);
/* Codes of partners that are not `in`, joined. */
void missing_partners(const struct region *r, const bool *in, struct buf *ret);
#endif
