/* map.h — a hash map from bytes to a 64-bit word or pointer; open addressing over XXH3 hashes,
 * keys copied into memory of its own. Iteration is in order of insertion, so nothing that is
 * printed can depend on a hash. No removal: dictionaries only grow. Tier 1. */
#ifndef RTA_MAP_H
#define RTA_MAP_H

#include "err.h"

struct map; /* opaque */

/* max: entries, at most LIMIT_MAP_ENTRIES (0 takes that). */
struct map *map_new(size_t max);
void map_free(struct map *m); /* NULL is fine */

/* The slot of a key that is there, or NULL. Slots move when the map grows. */
uint64_t *map_find(const struct map *m, struct str key);
/* The slot of the key, made with value `fresh` when it was not there (*ret_new, may be NULL, says).
 * Passing the maximum ends in NULL. */
uint64_t *map_put(struct map *m, struct str key, uint64_t fresh, bool *ret_new);
/* The dense number of a key, 0-based in order of insertion: interning; it is the value of the key,
 * too. SIZE_MAX past the maximum. */
size_t map_intern(struct map *m, struct str key, bool *ret_new);
/* The number of an interned key, SIZE_MAX when it is not there. Number `guess` is tried first
 * (SIZE_MAX: none): where keys come in the same order again, a comparison takes the place of the
 * hash. */
size_t map_number(const struct map *m, struct str key, size_t guess);

size_t map_count(const struct map *m);
/* The i-th key and value in order of insertion. Views live as long as the map. */
struct str map_key(const struct map *m, size_t i);

#endif
