/* conf_keep.c — what a configuration has loaded already, by kind and name, so that a code list or a
 * structure is read once a run. The list and everything on it belong to the arena of the conf. */
#include "conf.h"

struct conf_kept {
    struct conf_kept *next;
    const char *kind, *name;
    void *value;
};

void **conf_keep(struct conf *c, const char *kind, const char *name)
{
    struct conf_kept **at = &c->kept;
    for (; *at; at = &(*at)->next)
        if (strcmp((*at)->kind, kind) == 0 && strcmp((*at)->name, name) == 0)
            return &(*at)->value;
    struct conf_kept *k = arena_new(&c->arena, sizeof *k);
    k->kind = arena_text(&c->arena, str_of(kind));
    k->name = arena_text(&c->arena, str_of(name));
    *at = k;
    return &k->value;
}
