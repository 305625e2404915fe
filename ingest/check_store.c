/* check_store.c — see check_store.h. Nothing is moved while it grows but the index, nothing is
 * freed alone. Segments are owned by the pools. */
#include "check_store.h"
#include "mem.h"

#define FIRST_INDEX ((size_t)1024)
#define NEAR 32u /* chunks, 896 periods */
/* narrow: 0 no record, 1 a record without a value, else the value + 2 */
#define NARROW_LEAST 2u
#define NARROW_MOST (UINT16_MAX - NARROW_LEAST)
/* wide: 0, 1 as above, else scale + 1 above 28 bits of the value, or LARGE above a place */
#define MANTISSA ((1u << 28) - 1)
#define SCALE_MAX 12
#define LARGE 14u

static void *pool_add(struct pool *p)
{
    if (p->n % POOL_SEGMENT == 0) {
        p->segments = mem_resize(p->segments, (p->n / POOL_SEGMENT + 1) * sizeof *p->segments);
        p->segments[p->n / POOL_SEGMENT] = mem_array(POOL_SEGMENT, p->size);
    }
    return pool_at(p, p->n++);
}

static void pool_free(struct pool *p)
{
    for (size_t i = 0; i * POOL_SEGMENT < p->n; i++)
        mem_free(p->segments[i]);
    mem_free(p->segments);
    *p = (struct pool){0};
}

void store_init(struct store *s, size_t words)
{
    *s = (struct store){.words = words};
    s->series.size = sizeof(struct series) + words * sizeof(uint64_t);
    s->chunks.size = sizeof(struct chunk);
    s->wides.size = STORE_SLOTS * sizeof(uint32_t);
    s->records.size = STORE_SLOTS * sizeof(uint32_t);
    s->nindex = FIRST_INDEX;
    s->index = mem_array(s->nindex, sizeof *s->index);
}

void store_free(struct store *s)
{
    pool_free(&s->series);
    pool_free(&s->chunks);
    pool_free(&s->wides);
    pool_free(&s->records);
    mem_free(s->index);
    mem_free(s->large);
    map_free(s->far);
    *s = (struct store){0};
}

/* ---- series ---- */

static bool same_key(const struct store *s, uint32_t series, const uint64_t *key)
{
    const uint64_t *have = store_at(s, series)->key;
    for (size_t i = 0; i < s->words; i++)
        if (have[i] != key[i])
            return false;
    return true;
}

static size_t slot_of(const struct store *s, const uint64_t *key)
{
    uint64_t h = 0;
    for (size_t i = 0; i < s->words; i++) {
        h = (h ^ key[i] ^ key[i] >> 33) * UINT64_C(0xff51afd7ed558ccd);
        h = (h ^ h >> 33) * UINT64_C(0xc4ceb9fe1a85ec53);
        h ^= h >> 33;
    }
    size_t i = (size_t)h & (s->nindex - 1);
    while (s->index[i] && !same_key(s, s->index[i] - 1, key))
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

uint32_t store_find(const struct store *s, const uint64_t *key)
{
    uint32_t found = s->index[slot_of(s, key)];
    return found ? found - 1 : STORE_NONE;
}

static uint32_t make_series(struct store *s, const uint64_t *key, size_t slot)
{
    if (s->series.n * 10 >= s->nindex * 7) {
        grow_index(s);
        slot = slot_of(s, key);
    }
    struct series *one = pool_add(&s->series);
    memcpy(one->key, key, s->words * sizeof *key);
    s->index[slot] = (uint32_t)s->series.n;
    return s->guess = (uint32_t)s->series.n - 1;
}

/* A delivery sorted by series asks for the same one again, one sorted by period for the next. */
uint32_t store_series(struct store *s, const uint64_t *key, bool *ret_new)
{
    *ret_new = false;
    if (s->guess < s->series.n) {
        if (same_key(s, s->guess, key))
            return s->guess;
        uint32_t next = s->guess + 1 < s->series.n ? s->guess + 1 : 0;
        if (same_key(s, next, key))
            return s->guess = next;
    }
    size_t slot = slot_of(s, key);
    if (s->index[slot])
        return s->guess = s->index[slot] - 1;
    *ret_new = true;
    return make_series(s, key, slot);
}

/* ---- values ---- */

/* The chain of a series begins with its chunks of the first NEAR bases, so that a look at it is
 * short; those behind them are found by a map, for daily figures and hostile ones. */
struct far_key {
    uint32_t series, base;
};

static struct str far_text(const struct far_key *k)
{
    return (struct str){(const char *)k, sizeof *k};
}

static uint32_t base_of(const struct chunk *c) { return c->base & ~CHUNK_WIDE; }

static struct chunk *chunk_of(const struct store *s, uint32_t series, uint32_t period,
                              uint32_t *ret_at)
{
    uint32_t base = period / STORE_SLOTS;
    if (base >= NEAR) {
        const struct far_key key = {series, base};
        const uint64_t *found = s->far ? map_find(s->far, far_text(&key)) : NULL;
        *ret_at = found ? (uint32_t)*found : 0;
        return found ? pool_at(&s->chunks, *found) : NULL;
    }
    for (uint32_t at = store_at(s, series)->head; at;) {
        struct chunk *c = pool_at(&s->chunks, at - 1);
        if (base_of(c) == base) {
            *ret_at = at - 1;
            return c;
        }
        if (base_of(c) >= NEAR)
            break;
        at = c->next;
    }
    return NULL;
}

/* Where a new chunk is linked in: at the head, or behind the near ones. */
static uint32_t *link_for(struct store *s, uint32_t series, uint32_t base)
{
    uint32_t *link = &store_at(s, series)->head;
    while (base >= NEAR && *link) {
        struct chunk *c = pool_at(&s->chunks, *link - 1);
        if (base_of(c) >= NEAR)
            break;
        link = &c->next;
    }
    return link;
}

static struct chunk *add_chunk(struct store *s, uint32_t series, uint32_t period)
{
    struct chunk *c = pool_add(&s->chunks);
    if (s->recorded)
        (void)pool_add(&s->records);
    c->base = period / STORE_SLOTS;
    uint32_t *link = link_for(s, series, c->base);
    c->next = *link;
    *link = (uint32_t)s->chunks.n;
    if (c->base >= NEAR) {
        const struct far_key key = {series, c->base};
        if (!s->far)
            s->far = map_new(0);
        (void)map_put(s->far, far_text(&key), s->chunks.n - 1, NULL);
    }
    return c;
}

static uint32_t *wide_slot(const struct store *s, const struct chunk *c, uint32_t slot)
{
    return (uint32_t *)pool_at(&s->wides, c->wide) + slot;
}

static uint32_t wide_word(struct store *s, const struct num *v)
{
    if (v->m >= 0 && v->m <= MANTISSA && v->scale <= SCALE_MAX)
        return (uint32_t)(v->scale + 1) << 28 | (uint32_t)v->m;
    if (s->nlarge == s->caplarge) {
        s->caplarge = s->caplarge ? s->caplarge * 2 : 64;
        s->large = mem_resize(s->large, s->caplarge * sizeof *s->large);
    }
    s->large[s->nlarge] = *v;
    return LARGE << 28 | ((uint32_t)s->nlarge++ & MANTISSA);
}

static void widen_chunk(struct store *s, struct chunk *c)
{
    uint32_t *to = pool_add(&s->wides);
    for (size_t i = 0; i < STORE_SLOTS; i++)
        to[i] = c->narrow[i] < NARROW_LEAST ? c->narrow[i]
                                            : UINT32_C(1) << 28 | (c->narrow[i] - NARROW_LEAST);
    memset(c->narrow, 0, sizeof c->narrow);
    c->wide = (uint32_t)s->wides.n - 1;
    c->base |= CHUNK_WIDE;
}

bool store_add(struct store *s, uint32_t series, uint32_t period, const struct num *v)
{
    uint32_t at, slot = period % STORE_SLOTS;
    struct chunk *c = chunk_of(s, series, period, &at);
    if (!c)
        c = add_chunk(s, series, period);
    bool narrow = !v || (v->scale == 0 && v->m >= 0 && v->m <= NARROW_MOST);
    if (!(c->base & CHUNK_WIDE)) {
        if (c->narrow[slot])
            return false;
        if (narrow) {
            c->narrow[slot] = v ? (uint16_t)(NARROW_LEAST + (uint32_t)v->m) : 1;
            return true;
        }
        widen_chunk(s, c);
    }
    uint32_t *to = wide_slot(s, c, slot);
    if (*to)
        return false;
    *to = v ? wide_word(s, v) : 1;
    return true;
}

static inline bool read_slot(const struct store *s, const struct chunk *c, uint32_t slot,
                             struct num *ret)
{
    if (!(c->base & CHUNK_WIDE)) {
        *ret = (struct num){(uint32_t)c->narrow[slot] - NARROW_LEAST, 0};
        return c->narrow[slot] >= NARROW_LEAST;
    }
    uint32_t v = *wide_slot(s, c, slot);
    if (v >> 28 == LARGE)
        *ret = s->large[v & MANTISSA];
    else
        *ret = (struct num){v & MANTISSA, (int)(v >> 28) - 1};
    return v >> 28 != 0;
}

bool store_get(const struct store *s, uint32_t series, uint32_t period, struct num *ret)
{
    uint32_t at;
    const struct chunk *c = chunk_of(s, series, period, &at);
    return c && read_slot(s, c, period % STORE_SLOTS, ret);
}

/* ---- all of it, at the end ---- */

static int by_base(const void *a, const void *b)
{
    const struct chunk *x = *(struct chunk *const *)a, *y = *(struct chunk *const *)b;
    return base_of(x) < base_of(y) ? -1 : base_of(x) > base_of(y);
}

struct order { /* room for the chunks of one series, and their numbers + 1 */
    struct chunk **list;
    size_t cap;
};

/* The chunks of one series, by their base; the links are numbers, so that they are moved along. */
static void sort_chain(struct store *s, struct series *one, struct order *o)
{
    size_t n = 0;
    for (uint32_t at = one->head; at; n++) {
        if (n == o->cap) {
            o->cap = o->cap ? o->cap * 2 : 64;
            o->list = mem_resize(o->list, o->cap * sizeof *o->list);
        }
        struct chunk *c = o->list[n] = pool_at(&s->chunks, at - 1);
        uint32_t next = c->next;
        c->next = at; /* its own number, while they are sorted */
        at = next;
    }
    if (n < 2) {
        if (n)
            o->list[0]->next = 0;
        return;
    }
    qsort(o->list, n, sizeof *o->list, by_base);
    one->head = o->list[0]->next;
    for (size_t i = 0; i < n; i++)
        o->list[i]->next = i + 1 < n ? o->list[i + 1]->next : 0;
}

void store_order(struct store *s)
{
    struct order o = {NULL, 0};
    for (uint32_t i = 0; i < s->series.n; i++)
        sort_chain(s, store_at(s, i), &o);
    mem_free(o.list);
}

size_t store_cells(const struct store *s, uint32_t series, struct cell *ret)
{
    size_t n = 0;
    for (uint32_t at = store_at(s, series)->head; at;) {
        const struct chunk *c = pool_at(&s->chunks, at - 1);
        uint32_t first = (c->base & ~CHUNK_WIDE) * STORE_SLOTS;
        for (uint32_t k = 0; k < STORE_SLOTS; k++) {
            ret[n].series = series;
            ret[n].moment = first + k;
            n += read_slot(s, c, k, &ret[n].v);
        }
        at = c->next;
    }
    return n;
}

/* ---- records ---- */

void store_record_all(struct store *s)
{
    s->recorded = true;
    while (s->records.n < s->chunks.n)
        (void)pool_add(&s->records);
}

void store_remember(struct store *s, uint32_t series, uint32_t period, uint32_t record)
{
    uint32_t at;
    if (chunk_of(s, series, period, &at))
        ((uint32_t *)pool_at(&s->records, at))[period % STORE_SLOTS] = record + 1;
}

uint32_t store_record(const struct store *s, uint32_t series, uint32_t period)
{
    uint32_t at;
    const struct chunk *c = chunk_of(s, series, period, &at);
    return c ? ((const uint32_t *)pool_at(&s->records, at))[period % STORE_SLOTS] - 1 : STORE_NONE;
}
