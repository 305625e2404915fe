/* check_store.c — series and the cells of their periods in 64 bytes for 14 periods: a number of the
 * record that gave the cell, and, where a content rule needs it, the value in 32 bits. Nothing is
 * moved while it grows, nothing is freed alone. Segments are owned by the pools. */
#include "checking.h"
#include "hash.h"

#define SEGMENT 4096 /* items */
#define MANTISSA ((1u << 28) - 1)
#define SCALE_MAX 12
#define LARGE 14u /* in the place of scale + 1: an index into `large` */

void *pool_at(const struct pool *p, size_t i)
{
    return p->segments[i / SEGMENT] + (i % SEGMENT) * p->size;
}

static void *pool_add(struct pool *p)
{
    if (p->n % SEGMENT == 0) {
        p->segments = mem_resize(p->segments, (p->n / SEGMENT + 1) * sizeof *p->segments);
        p->segments[p->n / SEGMENT] = mem_array(SEGMENT, p->size);
    }
    return pool_at(p, p->n++);
}

static void pool_free(struct pool *p)
{
    for (size_t i = 0; i * SEGMENT < p->n; i++)
        mem_free(p->segments[i]);
    mem_free(p->segments);
    *p = (struct pool){0};
}

void store_init(struct store *s, size_t ndims, bool with_values)
{
    *s = (struct store){.ndims = ndims, .with_values = with_values};
    s->series.size = sizeof(struct series) + ndims * sizeof(uint32_t);
    s->chunks.size = sizeof(struct chunk);
    s->values.size = STORE_SLOTS * sizeof(uint32_t);
    s->nindex = 1024;
    s->index = mem_array(s->nindex, sizeof *s->index);
}

void store_free(struct store *s)
{
    pool_free(&s->series);
    pool_free(&s->chunks);
    pool_free(&s->values);
    mem_free(s->index);
    mem_free(s->large);
    *s = (struct store){0};
}

struct series *store_at(const struct store *s, uint32_t series)
{
    return pool_at(&s->series, series);
}

static size_t slot_of(const struct store *s, const uint32_t *key)
{
    size_t bytes = s->ndims * sizeof *key;
    size_t i = (size_t)hash64((struct str){(const char *)key, bytes}) & (s->nindex - 1);
    while (s->index[i] && memcmp(store_at(s, s->index[i] - 1)->key, key, bytes) != 0)
        i = (i + 1) & (s->nindex - 1);
    return i;
}

static void grow_index(struct store *s)
{
    mem_free(s->index);
    s->nindex *= 2;
    s->index = mem_array(s->nindex, sizeof *s->index);
    for (uint32_t i = 0; i < s->series.n; i++)
        s->index[slot_of(s, store_at(s, i)->key)] = i + 1;
}

uint32_t store_series(struct store *s, const uint32_t *key, bool create, bool *ret_new)
{
    size_t i = slot_of(s, key);
    if (ret_new)
        *ret_new = s->index[i] == 0;
    if (s->index[i])
        return s->index[i] - 1;
    if (!create)
        return STORE_NONE;
    if (s->series.n * 10 >= s->nindex * 7) {
        grow_index(s);
        i = slot_of(s, key);
    }
    struct series *one = pool_add(&s->series);
    memcpy(one->key, key, s->ndims * sizeof *key);
    s->index[i] = (uint32_t)s->series.n;
    return (uint32_t)s->series.n - 1;
}

static uint32_t add_chunk(struct store *s, struct series *one, uint32_t base)
{
    struct chunk *c = pool_add(&s->chunks);
    if (s->with_values)
        (void)pool_add(&s->values);
    c->base = base;
    c->next = one->head;
    one->head = (uint32_t)s->chunks.n;
    return (uint32_t)s->chunks.n - 1;
}

uint32_t store_cell(struct store *s, uint32_t series, uint32_t period, bool create)
{
    struct series *one = store_at(s, series);
    uint32_t slot = period % STORE_SLOTS, base = period - slot;
    for (uint32_t c = one->head; c;) {
        const struct chunk *ch = pool_at(&s->chunks, c - 1);
        if (ch->base == base)
            return (c - 1) * 16 + slot;
        c = ch->next;
    }
    return create ? add_chunk(s, one, base) * 16 + slot : STORE_NONE;
}

uint32_t *store_record(const struct store *s, uint32_t cell)
{
    return &((struct chunk *)pool_at(&s->chunks, cell / 16))->record[cell % 16];
}

static uint32_t *packed(const struct store *s, uint32_t cell)
{
    return (uint32_t *)pool_at(&s->values, cell / 16) + cell % 16;
}

void store_put(struct store *s, uint32_t cell, struct num v)
{
    uint32_t *to = packed(s, cell);
    if (v.m >= 0 && v.m <= MANTISSA && v.scale <= SCALE_MAX) {
        *to = (uint32_t)(v.scale + 1) << 28 | (uint32_t)v.m;
        return;
    }
    if (s->nlarge == s->caplarge) {
        s->caplarge = s->caplarge ? s->caplarge * 2 : 64;
        s->large = mem_resize(s->large, s->caplarge * sizeof *s->large);
    }
    s->large[s->nlarge] = v;
    *to = LARGE << 28 | ((uint32_t)s->nlarge++ & MANTISSA);
}

bool store_get(const struct store *s, uint32_t cell, struct num *ret)
{
    uint32_t v = *packed(s, cell);
    if (v == 0)
        return false;
    if (v >> 28 == LARGE)
        *ret = s->large[v & MANTISSA];
    else
        *ret = (struct num){v & MANTISSA, (int)(v >> 28) - 1};
    return true;
}
