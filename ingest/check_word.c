/* check_word.c — see check_word.h. The map owns all texts and gives the numbers; the table of words
 * is a short cut to them and owns its slots only. */
#include "check_word.h"

#include "mem.h"

#define FIRST_SLOTS ((size_t)64)

static void clear(struct word_slot *slots, size_t n)
{
    for (size_t i = 0; i < n; i++)
        slots[i].word = WORD_NONE;
}

void words_init(struct words *w, const char *name, int at)
{
    *w = (struct words){.name = name, .at = at, .ids = map_new(WORDS_MAX), .last = WORD_NONE};
    w->slots = mem_array(FIRST_SLOTS, sizeof *w->slots);
    w->mask = FIRST_SLOTS - 1;
    clear(w->slots, FIRST_SLOTS);
}

void words_free(struct words *w)
{
    map_free(w->ids);
    mem_free(w->slots);
    *w = (struct words){0};
}

static size_t probe(const struct words *w, uint64_t word)
{
    uint64_t h = word * UINT64_C(0x9e3779b97f4a7c15);
    size_t i = (size_t)(h ^ h >> 32) & w->mask;
    while (w->slots[i].word != word && w->slots[i].word != WORD_NONE)
        i = (i + 1) & w->mask;
    return i;
}

static void widen(struct words *w)
{
    struct word_slot *old = w->slots;
    size_t n = w->mask + 1;
    w->slots = mem_array(n * 2, sizeof *w->slots);
    w->mask = n * 2 - 1;
    clear(w->slots, n * 2);
    for (size_t i = 0; i < n; i++)
        if (old[i].word != WORD_NONE)
            w->slots[probe(w, old[i].word)] = old[i];
    mem_free(old);
}

uint32_t words_short(struct words *w, uint64_t word, struct str text)
{
    size_t i = probe(w, word);
    if (w->slots[i].word == WORD_NONE) {
        size_t id = map_intern(w->ids, text, NULL);
        if (id == SIZE_MAX)
            return WORDS_FULL;
        w->slots[i] = (struct word_slot){word, (uint32_t)id};
        if (++w->used * 2 > w->mask) {
            widen(w);
            i = probe(w, word);
        }
    }
    w->last = word;
    w->last_id = w->slots[i].id;
    return w->last_id;
}

uint32_t words_long(struct words *w, struct str text)
{
    if (w->longest.n && str_eq(w->longest, text))
        return w->longest_id;
    size_t id = map_intern(w->ids, text, NULL);
    if (id == SIZE_MAX)
        return WORDS_FULL;
    w->longest = map_key(w->ids, id);
    return w->longest_id = (uint32_t)id;
}

uint32_t words_find(const struct words *w, struct str text)
{
    const uint64_t *slot = map_find(w->ids, text);
    return slot ? (uint32_t)*slot : WORDS_FULL;
}
