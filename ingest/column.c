/* column.c — interning of one column; the map owns the texts. */
#include "column.h"

void column_init(struct column *c, const char *name, int at)
{
    *c = (struct column){.name = name, .at = at, .ids = map_new(COLUMN_CODES_MAX)};
}

void column_free(struct column *c)
{
    map_free(c->ids);
    *c = (struct column){0};
}

size_t column_look(struct column *c, struct str text)
{
    uint64_t *slot = map_put(c->ids, text, map_count(c->ids), NULL);
    if (!slot)
        return COLUMN_NONE;
    size_t id = (size_t)*slot;
    c->last = map_key(c->ids, id);
    c->last_id = id;
    c->any = true;
    return id;
}

size_t column_find(const struct column *c, struct str text)
{
    const uint64_t *slot = map_find(c->ids, text);
    return slot ? (size_t)*slot : COLUMN_NONE;
}
