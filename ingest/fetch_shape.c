/* fetch_shape.c — see fetch_shape.h. A shape owns its arena and list. */
#include "fetch_shape.h"

#include "json.h"
#include "map.h"
#include "mem.h"
#include "structure_model.h"

static struct shape_item *add(struct shape *s, const char *list, struct str id)
{
    if (s->n == s->cap) {
        s->cap = s->cap ? 2 * s->cap : 256;
        s->items = mem_resize(s->items, s->cap * sizeof *s->items);
    }
    struct shape_item *item = &s->items[s->n++];
    *item = (struct shape_item){list, arena_text(&s->arena, id), "", ""};
    return item;
}

void shape_free(struct shape *s)
{
    arena_free(&s->arena);
    mem_free(s->items);
}

/* --- SDMX-ML ------------------------------------------------------------------------------------
 */

static const char *name_of(struct arena *a, const struct sm_list *l, const struct sm_row *row)
{
    struct str name = list_get(l, row, "label_en");
    for (size_t i = 0; i < l->ncols && !name.n; i++)
        if (strncmp(l->cols[i], "label_", 6) == 0)
            name = list_get(l, row, l->cols[i]);
    return arena_text(a, name);
}

static void add_list(struct shape *s, const struct sm_list *l)
{
    const char *id = arena_text(&s->arena, str_of(l->id));
    for (size_t i = 0; i < l->n; i++) {
        struct shape_item *item = add(s, id, l->rows[i].code);
        item->name = name_of(&s->arena, l, &l->rows[i]);
        item->parent = arena_text(&s->arena, list_get(l, &l->rows[i], "parent"));
    }
}

static int read_xml(const char *path, struct shape *s, struct err *e)
{
    struct source *src CLEANUP(source_closep) = NULL;
    struct model m = {.nlists = 0};
    int rc = source_open(&src, path, e);
    if (rc == 0)
        rc = model_read_xml(&m, src, e);
    for (size_t i = 0; rc == 0 && i < m.nlists; i++)
        add_list(s, m.lists[i]);
    for (size_t i = 0; rc == 0 && i < m.nstructures; i++)
        for (size_t k = 0; k < m.structures[i]->ndims; k++) {
            const struct sm_dim *d = &m.structures[i]->dims[k];
            struct shape_item *item = add(s, "", str_of(d->id));
            if (d->codelist)
                item->parent = arena_text(&s->arena, str_of(d->codelist));
        }
    model_free(&m);
    return rc;
}

/* --- PxWeb --------------------------------------------------------------------------------------
 */

static int read_json(const char *path, struct shape *s, struct err *e)
{
    struct json *j CLEANUP(js_freep) = NULL;
    int rc = js_parse_file(&j, path, e);
    if (rc < 0)
        return rc;
    const struct json *variables = js_get(j, "variables");
    for (size_t i = 0; i < js_count(variables); i++) {
        const struct json *v = js_at(variables, i);
        const struct json *values = js_get(v, "values"), *texts = js_get(v, "valueTexts");
        struct shape_item *dim = add(s, "", js_str(js_get(v, "code")));
        const char *list = dim->id;
        dim->name = arena_text(&s->arena, js_str(js_get(v, "text")));
        for (size_t k = 0; k < js_count(values); k++) {
            struct shape_item *c = add(s, list, js_str(js_at(values, k)));
            c->name = arena_text(&s->arena, js_str(js_at(texts, k)));
        }
    }
    return 0;
}

int shape_read(const char *path, struct shape *ret, struct err *e)
{
    struct source *src CLEANUP(source_closep) = NULL;
    char first = ' ';
    *ret = (struct shape){.n = 0};
    int rc = source_open(&src, path, e);
    ssize_t got = 1;
    while (rc == 0 && got > 0 && strchr(" \t\r\n\xef\xbb\xbf", first))
        got = src->read(src, &first, 1, e);
    if (rc < 0 || got < 0)
        return rc < 0 ? rc : (int)got;
    rc = first == '{' ? read_json(path, ret, e) : read_xml(path, ret, e);
    if (rc >= 0 && ret->n == 0) {
        err_set(e, RC_DATA, "FETCH-051", "no structure of dimensions and codes is in it");
        return err_place(e, "%s", path);
    }
    return rc < 0 ? rc : 0;
}

/* --- differences --------------------------------------------------------------------------------
 */

static struct str key_of(struct buf *b, const struct shape_item *item)
{
    buf_reset(b);
    buf_text(b, item->list);
    buf_char(b, '\0');
    buf_text(b, item->id);
    return buf_view(b);
}

static struct map *index_of(const struct shape *s, struct buf *b)
{
    struct map *m = map_new(0);
    for (size_t i = 0; i < s->n; i++)
        (void)map_put(m, key_of(b, &s->items[i]), i, NULL);
    return m;
}

/* Among the dimensions that both have, where does each stand? */
static size_t place(const struct shape *s, const struct shape_item *item, const struct map *other,
                    struct buf *b)
{
    size_t n = 0;
    for (size_t i = 0; i < s->n && &s->items[i] != item; i++)
        n += s->items[i].list[0] == '\0' && map_find(other, key_of(b, &s->items[i])) != NULL;
    return n;
}

size_t shape_diff(const struct shape *before, const struct shape *now, shape_tell tell, void *ctx)
{
    struct buf b;
    size_t n = 0;
    buf_init(&b, 65536);
    struct map *old = index_of(before, &b), *new = index_of(now, &b);
    for (size_t i = 0; i < before->n; i++)
        if (!map_find(new, key_of(&b, &before->items[i])))
            n++, tell(ctx, "removed", &before->items[i], NULL);
    for (size_t i = 0; i < now->n; i++) {
        const struct shape_item *item = &now->items[i];
        const uint64_t *at = map_find(old, key_of(&b, item));
        const struct shape_item *was = at ? &before->items[*at] : NULL;
        if (!was) {
            n++, tell(ctx, "added", NULL, item);
            continue;
        }
        if (strcmp(was->name, item->name) != 0)
            n++, tell(ctx, "renamed", was, item);
        if (strcmp(was->parent, item->parent) != 0)
            n++, tell(ctx, item->list[0] ? "re-parented" : "other-list", was, item);
        if (item->list[0] == '\0' && place(before, was, new, &b) != place(now, item, old, &b))
            n++, tell(ctx, "moved", was, item);
    }
    map_free(old);
    map_free(new);
    buf_free(&b);
    return n;
}
