/* check_store.h — the series of one delivery, the values of their periods, and which record gave
 * each. A series is known by its key: the numbers of its codes, packed into as few words as they
 * need. A value takes two bytes while it is a whole number below 65,534, else four, else a place in
 * a list; no value is ever rounded. The record of a value is asked for by findings only: it is
 * found again through the trail, and once many were asked for kept beside the values. */
#ifndef RTA_CHECK_STORE_H
#define RTA_CHECK_STORE_H

#include "map.h"
#include "num.h"

#define STORE_NONE UINT32_MAX
#define STORE_SLOTS 28u /* periods in one chunk of 64 bytes */

struct pool { /* items that never move, in segments */
    char **segments;
    size_t n, size;
};
#define POOL_SEGMENT ((size_t)4096)
static inline void *pool_at(const struct pool *p, size_t i)
{
    return p->segments[i / POOL_SEGMENT] + i % POOL_SEGMENT * p->size;
}

struct series {
    uint32_t head; /* first chunk + 1 */
    uint32_t kind; /* the caller's */
    uint64_t key[];
};

struct chunk {
    uint32_t next; /* chunk + 1 */
    uint32_t base; /* first period / STORE_SLOTS; CHUNK_WIDE: the values stand elsewhere */
    union {
        uint16_t narrow[STORE_SLOTS];
        uint32_t wide; /* in the pool of wide ones */
    };
};
#define CHUNK_WIDE (UINT32_C(1) << 31)

struct store {
    size_t words; /* of a key */
    struct pool series, chunks, wides;
    uint32_t *index;
    size_t nindex;
    struct map *far;   /* series and base of a chunk far from the first → its number */
    uint32_t guess;    /* the series found last */
    struct num *large; /* values that do not fit 28 bits */
    size_t nlarge, caplarge;
    struct pool records; /* by chunk and slot, record + 1; used when `recorded` */
    bool recorded;
};

void store_init(struct store *s, size_t words);
/* Accepts zeroed. */
void store_free(struct store *s);
/* The number of a series, made when it was not there. */
uint32_t store_series(struct store *s, const uint64_t *key, bool *ret_new);
/* STORE_NONE when it is not there. */
uint32_t store_find(const struct store *s, const uint64_t *key);
static inline struct series *store_at(const struct store *s, uint32_t series)
{
    return pool_at(&s->series, series);
}

/* Put the value of a period, NULL for none; false when the period was there: nothing is changed. */
bool store_add(struct store *s, uint32_t series, uint32_t period, const struct num *v);
/* False: no value. */
bool store_get(const struct store *s, uint32_t series, uint32_t period, struct num *ret);

struct cell { /* one value of a series */
    uint32_t series, moment;
    struct num v;
};
/* After the last store_add: from here on the values of a series come in order of their periods'
 * numbers. */
void store_order(struct store *s);
/* All values of a series; ret has room for every period and STORE_SLOTS more. Their number. */
size_t store_cells(const struct store *s, uint32_t series, struct cell *ret);

/* From now on records are kept; those there are must be given again by store_remember. */
void store_record_all(struct store *s);
void store_remember(struct store *s, uint32_t series, uint32_t period, uint32_t record);
uint32_t store_record(const struct store *s, uint32_t series, uint32_t period);

/* The trail (check_trail.c): series and period of every record, in order. Deliveries are sorted one
 * way or another, so that most of it is runs; what is not goes to a temporary file that has no
 * name, or, where there is no room for one, stays in memory. */
struct trail;
struct trail *trail_new(void);
void trail_free(struct trail *t); /* NULL is fine */
/* series STORE_NONE: the record is of none. */
void trail_add(struct trail *t, uint32_t series, uint32_t period);
/* Every record that is of a series, in order. RC_IO when the temporary file cannot be read. */
MUST_CHECK int trail_walk(const struct trail *t,
                          void (*see)(void *to, uint32_t record, uint32_t series, uint32_t period),
                          void *to, struct err *e);
/* The record of one value, STORE_NONE when there is none: costs a look at the whole trail. */
MUST_CHECK int trail_find(const struct trail *t, uint32_t series, uint32_t period, uint32_t *ret,
                          struct err *e);
uint64_t trail_length(const struct trail *t); /* bytes to be looked at */
size_t trail_bytes(const struct trail *t);    /* in memory */

#endif
