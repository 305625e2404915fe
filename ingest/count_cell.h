/* count_cell.h — the memory of a count: cells under packed keys, and sets of identifiers of which
 * only keyed hashes are kept. */
#ifndef RTA_COUNT_CELL_H
#define RTA_COUNT_CELL_H

#include "hash.h"

typedef unsigned __int128 cell_key;

struct cell {
    cell_key key;
    uint64_t value, records; /* they differ where persons are counted */
    uint64_t first, last;    /* lines */
};

struct cells;
struct cells *cells_new(void);
void cells_free(struct cells *c);
/* Add a record of a line to the cell of a key, made when new. Additions wait in a short queue, so
 * that the memory of one is fetched while others are worked on; they are made in order. */
void cells_add(struct cells *c, cell_key key, uint64_t value, uint64_t line);
/* All cells, in the order of their making; what waited is added. The list is the cells' own and
 * changes with no later addition. */
struct cell *cells_all(struct cells *c, size_t *ret_n);
/* Were there more cells than can be held? */
bool cells_full(const struct cells *c);

enum id_seen { ID_NEW, ID_SECOND, ID_AGAIN };

struct id_set;
MUST_CHECK int id_set_new(struct id_set **ret, struct err *e);
void id_set_free(struct id_set *s);
/* Was this text, with this key beside it, there before? Negative: too many. */
MUST_CHECK int id_set_add(struct id_set *s, cell_key beside, struct str text, struct err *e);
uint64_t id_set_count(const struct id_set *s);
uint64_t id_set_repeated(const struct id_set *s); /* texts that came more than once */

#endif
