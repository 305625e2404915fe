/* count_cell.c — see count_cell.h. Both tables are open addressing with linear probing; cells stand
 * in one array in order of their making, and the table holds their numbers. What every record
 * touches is 32 bytes, in one line of the cache; the rest of a cell stands apart. Each owns its
 * memory. */
#include "count_cell.h"

#include "bounds.h"
#include "buf.h"
#include "mem.h"

#define QUEUE ((size_t)64)
#define LINE ((size_t)64)

struct waiting {
    cell_key key;
    uint64_t hash, value, line;
};

struct busy {
    cell_key key;
    uint64_t records, last;
};

struct calm {
    uint64_t first;
    uint64_t less; /* records less value, modulo 2^64 */
};

struct cells {
    struct busy *busy; /* in busy_memory, from a line of the cache on */
    void *busy_memory;
    struct calm *calm;
    struct cell *list; /* made at the end */
    size_t n, cap, mask;
    uint32_t *slots; /* number + 1; 0: free */
    struct waiting queue[QUEUE];
    size_t queued;
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

static void new_slots(struct cells *c)
{
    c->mask = 2 * c->cap - 1;
    c->slots = mem_array(c->mask + 1, sizeof *c->slots);
    mem_scattered(c->slots, (c->mask + 1) * sizeof *c->slots);
}

/* Room for cap cells, those that there are taken over. */
static void new_busy(struct cells *c)
{
    size_t bytes = c->cap * sizeof *c->busy + LINE;
    char *memory = mem_new(bytes);
    mem_scattered(memory, bytes);
    struct busy *busy = (void *)(memory + (LINE - (uintptr_t)memory % LINE));
    if (c->n)
        memcpy(busy, c->busy, c->n * sizeof *busy);
    mem_free(c->busy_memory);
    c->busy_memory = memory;
    c->busy = busy;
}

struct cells *cells_new(void)
{
    struct cells *c = mem_new(sizeof *c);
    c->cap = 1024;
    new_slots(c);
    new_busy(c);
    c->calm = mem_array(c->cap, sizeof *c->calm);
    return c;
}

void cells_free(struct cells *c)
{
    if (!c)
        return;
    mem_free(c->busy_memory);
    mem_free(c->calm);
    mem_free(c->list);
    mem_free(c->slots);
    mem_free(c);
}

static void grow(struct cells *c)
{
    c->cap *= 2;
    c->calm = mem_resize(c->calm, c->cap * sizeof *c->calm);
    new_busy(c);
    mem_free(c->slots);
    new_slots(c);
    for (size_t i = 0; i < c->n; i++) {
        size_t at = mix(c->busy[i].key) & c->mask;
        while (c->slots[at])
            at = (at + 1) & c->mask;
        c->slots[at] = (uint32_t)(i + 1);
    }
}

/* The number of the key's cell, made when new. */
static size_t number_of(struct cells *c, const struct waiting *w)
{
    size_t at = w->hash & c->mask;
    for (; c->slots[at]; at = (at + 1) & c->mask)
        if (c->busy[c->slots[at] - 1].key == w->key)
            return c->slots[at] - 1;
    if (c->n == c->cap) {
        grow(c);
        return number_of(c, w);
    }
    c->slots[at] = (uint32_t)(c->n + 1);
    c->busy[c->n] = (struct busy){.key = w->key};
    c->calm[c->n] = (struct calm){.first = w->line};
    return c->n++;
}

static void settle(struct cells *c, const struct waiting *w)
{
    if (c->n >= LIMIT_MAP_ENTRIES) {
        c->full = true;
        return;
    }
    size_t number = number_of(c, w); /* may move the cells */
    struct busy *cell = &c->busy[number];
    cell->records++;
    cell->last = w->line;
    if (w->value != 1)
        c->calm[number].less += 1 - w->value;
}

/* Ask for the memory of all before working on the first. */
static void drain(struct cells *c)
{
    for (size_t i = 0; i < c->queued; i++) {
        uint32_t slot = c->slots[c->queue[i].hash & c->mask];
        if (slot)
            __builtin_prefetch(&c->busy[slot - 1], 1);
    }
    for (size_t i = 0; i < c->queued; i++)
        settle(c, &c->queue[i]);
    c->queued = 0;
}

void cells_add(struct cells *c, cell_key key, uint64_t value, uint64_t line)
{
    struct waiting *w = &c->queue[c->queued++];
    *w = (struct waiting){key, mix(key), value, line};
    __builtin_prefetch(&c->slots[w->hash & c->mask]);
    if (c->queued == QUEUE)
        drain(c);
}

bool cells_full(const struct cells *c) { return c->full; }

struct cell *cells_all(struct cells *c, size_t *ret_n)
{
    drain(c);
    *ret_n = c->n;
    mem_free(c->list);
    c->list = mem_array(c->n + 1, sizeof *c->list);
    for (size_t i = 0; i < c->n; i++) {
        const struct busy *b = &c->busy[i];
        const struct calm *k = &c->calm[i];
        c->list[i] = (struct cell){b->key, b->records - k->less, b->records, k->first, b->last};
    }
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
