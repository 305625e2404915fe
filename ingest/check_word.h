/* check_word.h — the texts of one column as dense numbers. Nearly every code, period and flag has
 * eight bytes or fewer: such a text is one machine word, so a cell costs a load and a comparison or
 * a probe, and longer ones a hash. No text of a stream holds a NUL (CSV-001), so padding a word
 * with NULs keeps different texts different. */
#ifndef RTA_CHECK_WORD_H
#define RTA_CHECK_WORD_H

#include "map.h"

#define WORDS_MAX ((size_t)1 << 22) /* distinct texts in one column */
#define WORDS_FULL UINT32_MAX       /* more than that */
#define WORD_BYTES ((size_t)8)

struct word_slot {
    uint64_t word; /* WORD_NONE: nothing stands here */
    uint32_t id;
};

struct words {
    const char *name; /* not owned */
    int at;           /* index in the stream; -1: not there, every cell is empty */
    struct map *ids;  /* owned: text → number, 0-based in order of appearance */
    struct word_slot *slots;
    size_t mask, used;
    uint64_t last; /* the newest short text */
    uint32_t last_id;
    struct str longest; /* the newest long one, in the map's memory */
    uint32_t longest_id;
};

void words_init(struct words *w, const char *name, int at);
/* Accepts zeroed. */
void words_free(struct words *w);
uint32_t words_short(struct words *w, uint64_t word, struct str text);
uint32_t words_long(struct words *w, struct str text);
/* The number of a text that was seen, or WORDS_FULL. */
uint32_t words_find(const struct words *w, struct str text);

static inline struct str words_text(const struct words *w, size_t id)
{
    return map_key(w->ids, id);
}

static inline struct str words_cell(const struct words *w, const struct str *cells)
{
    return w->at < 0 ? (struct str){"", 0} : cells[w->at];
}

/* The bytes of a short text as a word. `within` holds the text, or does not: then it is copied. */
static inline uint64_t word_of(struct str text, struct str within)
{
    uint64_t word = 0;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    uintptr_t at = (uintptr_t)text.p, from = (uintptr_t)within.p;
    if (text.n && at - from < within.n && within.n - (at - from) >= WORD_BYTES) {
        memcpy(&word, text.p, sizeof word);
        return word & (UINT64_MAX >> (8 * (WORD_BYTES - text.n)));
    }
#else
    (void)within;
#endif
    if (text.n)
        memcpy(&word, text.p, text.n);
    return word;
}

/* Is the text that of the word, which is WORD_NONE for a long text? Then nothing is to be looked
 * up.
 */
#define WORD_NONE (UINT64_C(1) << 56) /* begins with a NUL and goes on: no text */
static inline bool word_is(uint64_t word, struct str text, struct str within)
{
    return text.n <= WORD_BYTES && word_of(text, within) == word;
}

/* The number of a text, or WORDS_FULL. */
static inline uint32_t words_id(struct words *w, struct str text, struct str within)
{
    if (text.n > WORD_BYTES)
        return words_long(w, text);
    uint64_t word = word_of(text, within);
    return word == w->last ? w->last_id : words_short(w, word, text);
}

#endif
