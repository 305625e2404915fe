/* count_cell.c — see count_cell.h. Both tables are open addressing with linear probing; cells stand
 * in one array in order of their making, and the table holds their numbers. Each owns its memory.
 */
#include "count_cell.h"

#include "bounds.h"
#include "buf.h"
#include "mem.h"

#define QUEUE ((size_t)32)

struct waiting {
    cell_key key;
    uint64_t hash, value, line;
};

struct cells {
    struct cell *list;
    size_t n, cap, mask;
    uint32_t *slots; /* number + 1; 0: free */
    struct waiting queue[QUEUE];
    size_t queued; /* ever */
    bool full;
};

static uint64_t mix(cell_key key)
{
    uint64_t h = ((uint64_t)(key >> 64) * 0x9e3779b97f4a7c15ULL) ^ (uint64_t)key;
    h *= 0xff51afd7ed558ccdULL;
    h ^= h >> 32;
    h *= 0xc4ceb9fe1a85ec53ULL;
    return h ^ h >> 29;
}

struct cells *cells_new(void)
{
    struct cells *c = mem_new(sizeof *c);
    c->cap = 1024;
    c->mask = 2 * c->cap - 1;
    c->list = mem_array(c->cap, sizeof *c->list);
    c->slots = mem_array(c->mask + 1, sizeof *c->slots);
    return c;
}

void cells_free(struct cells *c)
{
    if (!c)
        return;
    mem_free(c->list);
    mem_free(c->slots);
    mem_free(c);
}

static void grow(struct cells *c)
{
    c->cap *= 2;
    c->mask = 2 * c->cap - 1;
    c->list = mem_resize(c->list, c->cap * sizeof *c->list);
    mem_free(c->slots);
    c->slots = mem_array(c->mask + 1, sizeof *c->slots);
    for (size_t i = 0; i < c->n; i++) {
        size_t at = mix(c->list[i].key) & c->mask;
        while (c->slots[at])
            at = (at + 1) & c->mask;
        c->slots[at] = (uint32_t)(i + 1);
    }
}

/* The number of the key's cell, made when new. */
static size_t number_of(struct cells *c, cell_key key, uint64_t hash)
{
    size_t at = hash & c->mask;
    for (; c->slots[at]; at = (at + 1) & c->mask)
        if (c->list[c->slots[at] - 1].key == key)
            return c->slots[at] - 1;
    if (c->n == c->cap) {
        grow(c);
        return number_of(c, key, hash);
    }
    c->slots[at] = (uint32_t)(c->n + 1);
    c->list[c->n] = (struct cell){.key = key};
    return c->n++;
}

static void settle(struct cells *c, const struct waiting *w)
{
    if (c->n >= LIMIT_MAP_ENTRIES) {
        c->full = true;
        return;
    }
    size_t number = number_of(c, w->key, w->hash); /* may move the list */
    struct cell *cell = &c->list[number];
    if (cell->records++ == 0)
        cell->first = w->line;
    cell->last = w->line;
    cell->value += w->value;
}

void cells_add(struct cells *c, cell_key key, uint64_t value, uint64_t line)
{
    struct waiting *w = &c->queue[c->queued % QUEUE];
    if (c->queued >= QUEUE)
        settle(c, w);
    *w = (struct waiting){key, mix(key), value, line};
    __builtin_prefetch(&c->slots[w->hash & c->mask]);
    c->queued++;
    if (c->queued < QUEUE)
        return;
    const struct waiting *half = &c->queue[(c->queued + QUEUE / 2) % QUEUE];
    uint32_t slot = c->slots[half->hash & c->mask];
    if (slot)
        __builtin_prefetch(&c->list[slot - 1], 1);
}

static void drain(struct cells *c)
{
    size_t n = c->queued < QUEUE ? c->queued : QUEUE;
    for (size_t i = c->queued - n; i < c->queued; i++)
        settle(c, &c->queue[i % QUEUE]);
    c->queued = 0;
}

bool cells_full(const struct cells *c) { return c->full; }

struct cell *cells_all(struct cells *c, size_t *ret_n)
{
    drain(c);
    *ret_n = c->n;
    return c->list;
}

/* --- identifiers --------------------------------------------------------------------------------
 */

#define ID_MAX ((size_t)1 << 31)

struct id_set {
    struct hash_key key;
    struct hash128 *slots; /* all zero: free; the lowest bit of low: came again */
    size_t n, mask;
    uint64_t repeated;
    struct buf joined;
};

int id_set_new(struct id_set **ret, struct err *e)
{
    struct id_set *s = mem_new(sizeof *s);
    int rc = hash_key_draw(&s->key, e);
    if (rc < 0) {
        mem_free(s);
        return rc;
    }
    s->mask = 4095;
    s->slots = mem_array(s->mask + 1, sizeof *s->slots);
    buf_init(&s->joined, LIMIT_ROW_BYTES + sizeof(cell_key));
    *ret = s;
    return 0;
}

void id_set_free(struct id_set *s)
{
    if (!s)
        return;
    buf_free(&s->joined);
    mem_free(s->slots);
    mem_free(s);
}

static size_t seek(const struct id_set *s, struct hash128 h)
{
    size_t at = h.high & s->mask;
    for (; s->slots[at].high || s->slots[at].low; at = (at + 1) & s->mask)
        if (s->slots[at].high == h.high && ((s->slots[at].low ^ h.low) & ~(uint64_t)1) == 0)
            break;
    return at;
}

static void widen(struct id_set *s)
{
    struct hash128 *old = s->slots;
    size_t n = s->mask + 1;
    s->mask = 2 * n - 1;
    s->slots = mem_array(s->mask + 1, sizeof *s->slots);
    for (size_t i = 0; i < n; i++)
        if (old[i].high || old[i].low)
            s->slots[seek(s, old[i])] = old[i];
    mem_free(old);
}

int id_set_add(struct id_set *s, cell_key beside, struct str text, struct err *e)
{
    buf_reset(&s->joined);
    buf_add(&s->joined, &beside, sizeof beside);
    buf_str(&s->joined, text);
    int rc = buf_ok(&s->joined, "an identifier", e);
    if (rc < 0)
        return rc;
    struct hash128 h = hash128_keyed(&s->key, buf_view(&s->joined));
    h.high |= (uint64_t)(h.high == 0); /* a free slot is all zero */
    h.low &= ~(uint64_t)1;
    size_t at = seek(s, h);
    if (s->slots[at].high) {
        bool again = s->slots[at].low & 1;
        s->slots[at].low |= 1;
        s->repeated += !again;
        return again ? ID_AGAIN : ID_SECOND;
    }
    if (s->n >= ID_MAX)
        return err_set(e, RC_DATA, "COUNT-070", "more than %zu identifiers", ID_MAX);
    s->slots[at] = h;
    if (++s->n > s->mask / 4 * 3)
        widen(s);
    return ID_NEW;
}

uint64_t id_set_count(const struct id_set *s) { return s->n; }
uint64_t id_set_repeated(const struct id_set *s) { return s->repeated; }
