/* fetch_shape.c — see fetch_shape.h. A shape owns its arena and list. */
#include "fetch_shape.h"

#include "json.h"
#include "map.h"
#include "mem.h"
#include "xml.h"

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

struct taker {
    struct shape *s;
    const char *list; /* of the code list we are in; NULL */
    size_t item;      /* number + 1 of the code or dimension we are in; 0 */
    bool dims, parent, values, name, english;
};

static struct shape_item *current(const struct taker *t)
{
    return t->item ? &t->s->items[t->item - 1] : NULL;
}

/* The id at the end of a URN: "…Codelist=ESTAT:FREQ(1.0)"; the text itself when it is none. */
static struct str urn_id(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] == '=') {
            const char *colon = memchr(s.p + i, ':', s.n - i);
            s = str_cut(s, colon ? (size_t)(colon - s.p) + 1 : i + 1);
            break;
        }
    const char *open = s.n ? memchr(s.p, '(', s.n) : NULL;
    return open ? (struct str){s.p, (size_t)(open - s.p)} : s;
}

static void start_item(struct taker *t, const struct xml_tag *tag)
{
    struct str id = xml_attr(tag, NULL, "id");
    bool code = t->list && str_is(tag->name, "Code");
    bool dim = t->dims && (str_is(tag->name, "Dimension") || str_is(tag->name, "TimeDimension"));
    if (id.p && (code || dim)) {
        (void)add(t->s, code ? t->list : "", id);
        t->item = t->s->n;
        t->english = false;
    }
}

static int on_start(void *to, struct xml *x, const struct xml_tag *tag, struct err *e)
{
    struct taker *t = to;
    (void)x, (void)e;
    if (str_is(tag->name, "Codelist")) {
        struct str id = xml_attr(tag, NULL, "id");
        t->list = id.p ? arena_text(&t->s->arena, id) : NULL;
    } else if (str_is(tag->name, "DimensionList")) {
        t->dims = true;
    } else if (str_is(tag->name, "Parent")) {
        t->parent = true;
    } else if (str_is(tag->name, "Enumeration")) {
        t->values = true;
    } else if (str_is(tag->name, "Ref") && current(t) && (t->parent || t->values)) {
        struct str id = xml_attr(tag, NULL, "id");
        if (id.p)
            current(t)->parent = arena_text(&t->s->arena, id);
    } else if (str_is(tag->name, "Name") && current(t) && current(t)->list[0]) {
        bool english = str_is(xml_attr(tag, "*", "lang"), "en");
        t->name = english || current(t)->name[0] == '\0';
    } else {
        start_item(t, tag);
    }
    return 0;
}

static int on_text(void *to, struct xml *x, struct str text, struct err *e)
{
    struct taker *t = to;
    struct shape_item *item = current(t);
    (void)x, (void)e;
    while (text.n && strchr(" \t\r\n", text.p[0]))
        text = str_cut(text, 1);
    while (text.n && strchr(" \t\r\n", text.p[text.n - 1]))
        text.n--;
    if (!item || text.n == 0)
        return 0;
    if (t->name)
        item->name = arena_text(&t->s->arena, text);
    else if (t->parent || t->values)
        item->parent = arena_text(&t->s->arena, urn_id(text));
    return 0;
}

static int on_end(void *to, struct xml *x, const struct xml_tag *tag, struct err *e)
{
    struct taker *t = to;
    (void)x, (void)e;
    t->name = false;
    if (str_is(tag->name, "Codelist"))
        t->list = NULL;
    else if (str_is(tag->name, "DimensionList"))
        t->dims = false;
    else if (str_is(tag->name, "Parent"))
        t->parent = false;
    else if (str_is(tag->name, "Enumeration"))
        t->values = false;
    else if (str_is(tag->name, "Code") || str_is(tag->name, "Dimension") ||
             str_is(tag->name, "TimeDimension"))
        t->item = 0;
    return 0;
}

static int read_xml(const char *path, struct shape *s, struct err *e)
{
    static const struct xml_handler handler = {on_start, on_text, on_end};
    struct source *src CLEANUP(source_closep) = NULL;
    struct taker t = {.s = s};
    int rc = source_open(&src, path, e);
    return rc < 0 ? rc : xml_read(src, &handler, &t, e);
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
