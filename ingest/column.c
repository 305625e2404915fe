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
    size_t id = map_intern(c->ids, text, NULL);
    if (id == SIZE_MAX)
        return COLUMN_NONE;
    c->last = map_key(c->ids, id);
    c->last_id = id;
    c->any = true;
    return id;
}
