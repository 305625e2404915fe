/* column.h — a column of codes as dense numbers: most cells repeat the one above, so a cell costs a
 * comparison, a change costs one look-up, and no row costs an allocation. */
#ifndef RTA_COLUMN_H
#define RTA_COLUMN_H

#include "map.h"

#define COLUMN_CODES_MAX ((size_t)1 << 22) /* distinct texts in one column */
#define COLUMN_NONE SIZE_MAX               /* more than that */

struct column {
    const char *name; /* not owned */
    int at;           /* index in the stream; -1: not there, every cell is empty */
    struct map *ids;  /* owned: text → number, 0-based in order of appearance */
    struct str last;  /* key of the newest number, in the map's memory */
    size_t last_id;
    bool any;
};

void column_init(struct column *c, const char *name, int at);
/* Accepts zeroed. */
void column_free(struct column *c);
size_t column_look(struct column *c, struct str text);
/* The number of a text that was seen, or COLUMN_NONE. */
size_t column_find(const struct column *c, struct str text);

static inline struct str column_cell(const struct column *c, const struct str *cells)
{
    return c->at < 0 ? (struct str){"", 0} : cells[c->at];
}

/* The number of a text, or COLUMN_NONE. */
static inline size_t column_id(struct column *c, struct str text)
{
    if (c->any && str_eq(c->last, text))
        return c->last_id;
    return column_look(c, text);
}

static inline struct str column_text(const struct column *c, size_t id)
{
    return map_key(c->ids, id);
}

#endif
