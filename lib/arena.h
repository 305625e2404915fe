/* arena.h — memory that lives as long as the stage: configuration, code lists, dictionaries.
 * Nothing is freed alone; arena_free frees all. Passing the maximum ends the program with 71.
 * Tier 0. */
#ifndef RTA_ARENA_H
#define RTA_ARENA_H

#include "base.h"

struct arena_chunk;
struct arena {
    struct arena_chunk *chunks;
    size_t used, max; /* bytes handed out; 0 as max means LIMIT_ARENA_BYTES */
};

/* n bytes, zeroed, aligned for any type; owned by the arena. A zeroed struct arena is ready. */
void *arena_new(struct arena *a, size_t n);
void *arena_array(struct arena *a, size_t n, size_t size);
/* A NUL-terminated copy. */
char *arena_text(struct arena *a, struct str s);
char *arena_fmt(struct arena *a, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* A view of a copy. */
struct str arena_str(struct arena *a, struct str s);
/* Accepts zeroed. */
void arena_free(struct arena *a);

#endif
