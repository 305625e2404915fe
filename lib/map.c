/* map.c — see map.h. Entries stand in order of insertion in one array; the table holds only their
 * numbers and half of their hashes, so that a miss is decided without touching a key. The map owns
 * everything: entries, table, and the chunks that key bytes are packed into. */
#include "map.h"

#include "hash.h"
#include "bounds.h"
#include "mem.h"

#include <assert.h>

struct entry {
    const char *key;
    size_t n;
    uint64_t value;
    uint64_t hash;
};

struct slot {
    uint32_t number; /* entry + 1; 0: free */
    uint32_t tag;    /* upper half of the hash */
};

struct key_chunk {
    struct key_chunk *next;
    size_t used, cap;
    char bytes[];
};

struct map {
    struct entry *entries;
    size_t n, cap, max;
    struct slot *slots;
    size_t mask;
    struct key_chunk *keys;
};

#define FIRST_SLOTS ((size_t)64)
#define KEY_CHUNK ((size_t)32768)

struct map *map_new(size_t max)
{
    struct map *m = mem_new(sizeof *m);
    m->max = max && max < LIMIT_MAP_ENTRIES ? max : LIMIT_MAP_ENTRIES;
    m->slots = mem_array(FIRST_SLOTS, sizeof *m->slots);
    m->mask = FIRST_SLOTS - 1;
    return m;
}

void map_free(struct map *m)
{
    if (!m)
        return;
    for (struct key_chunk *c = m->keys, *next; c; c = next) {
        next = c->next;
        mem_free(c);
    }
    mem_free(m->entries);
    mem_free(m->slots);
    mem_free(m);
}

/* The slot that holds the key, or the free one where it belongs. */
static struct slot *locate(const struct map *m, struct str key, uint64_t hash)
{
    uint32_t tag = (uint32_t)(hash >> 32);
    for (size_t i = (size_t)hash & m->mask;; i = (i + 1) & m->mask) {
        struct slot *s = &m->slots[i];
        if (!s->number)
            return s;
        if (s->tag != tag)
            continue;
        const struct entry *e = &m->entries[s->number - 1];
        if (e->n == key.n && (key.n == 0 || memcmp(e->key, key.p, key.n) == 0))
            return s;
    }
}

static void widen(struct map *m)
{
    size_t size = (m->mask + 1) * 2;
    mem_free(m->slots);
    m->slots = mem_array(size, sizeof *m->slots);
    m->mask = size - 1;
    for (size_t k = 0; k < m->n; k++) {
        size_t i = (size_t)m->entries[k].hash & m->mask;
        while (m->slots[i].number)
            i = (i + 1) & m->mask;
        m->slots[i] = (struct slot){(uint32_t)(k + 1), (uint32_t)(m->entries[k].hash >> 32)};
    }
}

static const char *keep_key(struct map *m, struct str key)
{
    struct key_chunk *c = m->keys;
    if (!c || c->cap - c->used < key.n) {
        size_t cap = key.n > KEY_CHUNK ? key.n : KEY_CHUNK;
        c = mem_new(sizeof *c + cap);
        c->cap = cap;
        c->next = m->keys;
        m->keys = c;
    }
    char *p = c->bytes + c->used;
    if (key.n)
        memcpy(p, key.p, key.n);
    c->used += key.n;
    return p;
}

/* The number of the key, added with value `fresh` when it was not there; SIZE_MAX past the max. */
static size_t enter(struct map *m, struct str key, uint64_t fresh, bool *ret_new)
{
    uint64_t hash = hash64(key);
    struct slot *s = locate(m, key, hash);
    if (ret_new)
        *ret_new = false;
    if (s->number)
        return s->number - 1;
    if (m->n == m->max)
        return SIZE_MAX;
    if (m->n == m->cap) {
        m->cap = m->cap ? m->cap * 2 : 32;
        m->entries = mem_resize(m->entries, m->cap * sizeof *m->entries);
    }
    m->entries[m->n] = (struct entry){keep_key(m, key), key.n, fresh, hash};
    *s = (struct slot){(uint32_t)(m->n + 1), (uint32_t)(hash >> 32)};
    m->n++;
    if (ret_new)
        *ret_new = true;
    if (m->n * 2 > m->mask)
        widen(m);
    return m->n - 1;
}

uint64_t *map_find(const struct map *m, struct str key)
{
    struct slot *s = locate(m, key, hash64(key));
    return s->number ? &m->entries[s->number - 1].value : NULL;
}

uint64_t *map_put(struct map *m, struct str key, uint64_t fresh, bool *ret_new)
{
    size_t i = enter(m, key, fresh, ret_new);
    return i == SIZE_MAX ? NULL : &m->entries[i].value;
}

size_t map_intern(struct map *m, struct str key, bool *ret_new)
{
    return enter(m, key, m->n, ret_new); /* so that map_find gives the number, too */
}

size_t map_number(const struct map *m, struct str key, size_t guess)
{
    if (guess < m->n) {
        const struct entry *e = &m->entries[guess];
        if (e->n == key.n && (key.n == 0 || memcmp(e->key, key.p, key.n) == 0))
            return guess;
    }
    return (size_t)locate(m, key, hash64(key))->number - 1;
}

size_t map_count(const struct map *m) { return m->n; }

struct str map_key(const struct map *m, size_t i)
{
    assert(i < m->n);
    return (struct str){m->entries[i].key, m->entries[i].n};
}
