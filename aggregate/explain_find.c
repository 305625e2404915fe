/* explain_find.c — one printed cell: an edition's own explanations say what it stands on, and the
 * store, when it is the same one and answers, what has become of that since. */
#include "explain.h"

#include "bounds.h"
#include "hash.h"
#include "key.h"
#include "mem.h"
#include "text.h"
#include "yml.h"

#include <unistd.h>

#define SHOWN 4 /* names in a hint */

/* ---- files of the edition ---- */

/* The file must be the one that the manifest lists. */
static int check_file(struct explain *x, const char *folder, const char *name, struct err *e)
{
    CLEANUP(js_freep) struct json *m = NULL;
    struct arena *a = &x->conf->arena;
    char hex[SHA256_HEX];
    int rc = js_parse_file(&m, arena_fmt(a, "%s/manifest.json", folder), e);
    if (rc >= 0)
        rc = sha256_file(arena_fmt(a, "%s/%s", folder, name), hex, e);
    const struct json *files = js_get(m, "outputs");
    for (size_t i = 0; rc >= 0 && i < js_count(files); i++) {
        const struct json *f = js_at(files, i);
        if (str_is(js_str(js_get(f, "file")), name) && str_is(js_str(js_get(f, "sha256")), hex))
            return 0;
    }
    if (rc < 0)
        return rc;
    err_set(e, RC_DATA, "EXPLAIN-050", "the file is not the one that the edition was built with");
    (void)err_place(e, "%s/%s", folder, name);
    return err_hint(e, "build the edition again");
}

static int open_file(struct explain *x, const char *folder, const char *id, struct json **ret,
                     struct err *e)
{
    const char *name = arena_fmt(&x->conf->arena, "explain/%s.json", id);
    const char *path = arena_fmt(&x->conf->arena, "%s/%s", folder, name);
    if (access(path, F_OK) != 0) {
        err_set(e, RC_DATA, "EXPLAIN-051", "the edition has no explanations");
        (void)err_place(e, "%s", path);
        return err_hint(e, "it was built from given streams, or before there were any: build it"
                           " again from the store");
    }
    int rc = check_file(x, folder, name, e);
    return rc < 0 ? rc : js_parse_file(ret, path, e);
}

/* "T3" and "3" are the third table of the edition. */
static int64_t number_of(const char *text)
{
    const char *digits = text[0] == 'T' ? text + 1 : text;
    size_t n = strspn(digits, "0123456789");
    return n && n < 6 && !digits[n] ? (int64_t)strtol(digits, NULL, 10) : 0;
}

static bool folds_to(struct str a, struct str b)
{
    struct buf x CLEANUP(buf_free) = {.max = 1 << 16}, y CLEANUP(buf_free) = {.max = 1 << 16};
    text_fold(&x, a);
    text_fold(&y, b);
    return str_eq(buf_view(&x), buf_view(&y));
}

static int find_table(struct explain *x, const char *folder, const char *name, const char **ret,
                      struct err *e)
{
    CLEANUP(js_freep) struct json *index = NULL;
    int rc = open_file(x, folder, "index", &index, e);
    const struct json *tables = js_get(index, "tables");
    const char **ids = mem_array(js_count(tables) + 1, sizeof *ids);
    const char *named = NULL;
    int64_t number = number_of(name);
    size_t titled = 0;
    for (size_t i = 0; rc >= 0 && i < js_count(tables); i++) {
        const struct json *t = js_at(tables, i);
        ids[i] = arena_text(&x->conf->arena, js_str(js_get(t, "table")));
        bool exact = strcmp(ids[i], name) == 0 || js_integer(js_get(t, "number"), -1) == number;
        if (exact)
            named = ids[i];
        else if (folds_to(js_str(js_get(t, "title")), str_of(name)) && ++titled)
            *ret = ids[i];
    }
    if (named)
        *ret = named;
    if (rc >= 0 && !named && titled > 1) {
        rc = err_set(e, RC_USAGE, "EXPLAIN-056", "%zu tables are called %s", titled, name);
        (void)err_hint(e, "say which by its number, as T%zu", js_count(tables));
    }
    if (rc >= 0 && !*ret) {
        const char *near = word_nearest(str_of(name), ids, js_count(tables));
        rc = err_set(e, RC_USAGE, "EXPLAIN-052", "the edition has no table %s", name);
        if (near)
            (void)err_hint(e, "did you mean %s?", near);
        else
            (void)err_hint(e, "there are %zu, T1 to T%zu; %s is the first", js_count(tables),
                           js_count(tables), js_count(tables) ? ids[0] : "none");
    }
    mem_free(ids);
    return rc;
}

/* ---- the cell ---- */

/* Does the name mean this row or column: its code, its label, the part of the label after its
 * heading, or its number? */
static bool means(const struct json *item, size_t i, const char *name)
{
    struct str label = js_str(js_get(item, "label")), code = js_str(js_get(item, "code"));
    const char *part = memmem(label.p ? label.p : "", label.n, ", ", 2);
    struct str last = part ? str_cut(label, (size_t)(part - label.p) + 2) : label;
    if (str_is(code, name) || folds_to(label, str_of(name)) || folds_to(last, str_of(name)))
        return true;
    int64_t n = name[0] == '#' ? number_of(name + 1) : 0;
    return n == (int64_t)i + 1;
}

static int no_item(const struct explain *x, const struct json *items, const char *what,
                   const char *name, struct err *e)
{
    const char **labels = mem_array(js_count(items) + 1, sizeof *labels);
    struct buf list CLEANUP(buf_free) = {.max = 400};
    for (size_t i = 0; i < js_count(items); i++) {
        labels[i] = arena_text(&x->conf->arena, js_str(js_get(js_at(items, i), "label")));
        if (i < SHOWN)
            buf_fmt(&list, "%s%s", i ? "; " : "", labels[i]);
    }
    const char *near = word_nearest(str_of(name), labels, js_count(items));
    err_set(e, RC_USAGE, "EXPLAIN-053", "the table has no %s %s", what, name);
    if (near)
        (void)err_hint(e, "did you mean %s?", near);
    else
        (void)err_hint(e, "there are: %s%s", buf_z(&list), js_count(items) > SHOWN ? " …" : "");
    mem_free(labels);
    return -RC_USAGE;
}

static bool any_means(const struct json *items, const char *name)
{
    for (size_t i = 0; i < js_count(items); i++)
        if (means(js_at(items, i), i, name))
            return true;
    return false;
}

/* "r2c4" */
static bool place_of(struct str id, size_t *ret_row, size_t *ret_column)
{
    char text[32], *end = NULL;
    if (id.n < 4 || id.n >= sizeof text || id.p[0] != 'r')
        return false;
    (void)snprintf(text, sizeof text, "%.*s", (int)id.n, id.p);
    *ret_row = strtoul(text + 1, &end, 10);
    if (*end != 'c')
        return false;
    *ret_column = strtoul(end + 1, &end, 10);
    return *end == '\0' && *ret_row && *ret_column;
}

static bool fits(const struct explain *x, const struct json *doc, const struct json *cell)
{
    const struct explain_options *o = x->o;
    size_t row = 0, column = 0;
    struct str id = js_str(js_get(cell, "id"));
    if (o->at)
        return str_is(id, o->at);
    if (!place_of(id, &row, &column))
        return false;
    return (!o->row || means(js_at(js_get(doc, "rows"), row - 1), row - 1, o->row)) &&
           (!o->column || means(js_at(js_get(doc, "columns"), column - 1), column - 1, o->column));
}

static int not_one(const struct explain *x, const struct json *doc, size_t found,
                   const struct buf *list, struct err *e)
{
    const struct explain_options *o = x->o;
    if (o->row && !any_means(js_get(doc, "rows"), o->row))
        return no_item(x, js_get(doc, "rows"), "row", o->row, e);
    if (o->column && !any_means(js_get(doc, "columns"), o->column))
        return no_item(x, js_get(doc, "columns"), "column", o->column, e);
    if (!found) {
        err_set(e, RC_USAGE, "EXPLAIN-054", "nothing in the figures stands in that cell");
        return err_hint(e, "a mark there says why; the notes of the table explain it");
    }
    err_set(e, RC_USAGE, "EXPLAIN-055", "%zu cells are meant", found);
    return err_hint(e, "%s%s; say --row and --column, or --at", buf_z(list),
                    found > SHOWN ? "; …" : "");
}

static int find_cell(struct explain *x, const struct json *doc, struct json **ret, struct err *e)
{
    struct json *cells = js_get(doc, "cells");
    struct buf list CLEANUP(buf_free) = {.max = 400};
    size_t found = 0;
    for (size_t i = 0; i < js_count(cells); i++) {
        struct json *c = js_at(cells, i);
        if (!fits(x, doc, c))
            continue;
        struct str id = js_str(js_get(c, "id")), row = js_str(js_get(c, "row"));
        struct str column = js_str(js_get(c, "column"));
        if (found < SHOWN)
            buf_fmt(&list, "%s%.*s is %.*s, %.*s", found ? "; " : "", STR_ARG(id), STR_ARG(row),
                    STR_ARG(column));
        found++;
        *ret = c;
    }
    return found == 1 ? 0 : not_one(x, doc, found, &list, e);
}

/* ---- the document ---- */

static void keep_named(struct json *to, const struct json *from, const char *field,
                       const struct map *wanted)
{
    for (size_t i = 0; i < js_count(from); i++)
        if (map_find(wanted, js_str(js_get(js_at(from, i), field))))
            js_push(to, js_share(js_at(from, i)));
}

static void note_subs(const struct json *list, struct map *subs)
{
    for (size_t i = 0; i < js_count(list); i++) {
        (void)map_intern(subs, js_str(js_get(js_at(list, i), "submission")), NULL);
        (void)map_intern(subs, js_str(js_get(js_at(list, i), "ended_by")), NULL);
    }
}

/* One cell with what it needs, as it was recorded. */
static struct json *narrow(const struct json *doc, struct json *cell)
{
    static const char *const shared[] = {"format", "table",  "number", "title", "subtitle",
                                         "report", "period", "lang",   "store", "store_id"};
    struct json *ret = js_object(), *cells = js_array(), *obs = js_array(), *subs = js_array();
    struct map *used = map_new(0), *ids = map_new(0);
    for (size_t i = 0; i < ARRAY_LEN(shared); i++)
        js_set(ret, shared[i], js_share(js_get(doc, shared[i])));
    js_push(cells, js_share(cell));
    js_set(ret, "cells", cells);
    for (size_t i = 0; i < js_count(js_get(cell, "parts")); i++) {
        const struct json *items = js_get(js_at(js_get(cell, "parts"), i), "items");
        for (size_t k = 0; k < js_count(items); k++)
            (void)map_intern(used, js_str(js_get(js_at(items, k), "observation")), NULL);
    }
    keep_named(obs, js_get(doc, "observations"), "id", used);
    note_subs(obs, ids);
    for (size_t i = 0; i < js_count(obs); i++)
        note_subs(js_get(js_at(obs, i), "earlier"), ids);
    keep_named(subs, js_get(doc, "submissions"), "id", ids);
    js_set(ret, "observations", obs);
    js_set(ret, "submissions", subs);
    map_free(used);
    map_free(ids);
    return ret;
}

/* Ask the store about the same observations, with what came after the edition. */
static int refresh(struct explain *x, struct json *doc, struct err *e)
{
    const struct json *obs = js_get(doc, "observations"), *cell = js_at(js_get(doc, "cells"), 0);
    struct map *number = map_new(0);
    int rc = 0;
    for (size_t i = 0; i < js_count(obs) && rc >= 0; i++) {
        const struct json *o = js_at(obs, i);
        const struct structure *s = NULL;
        rc = structure_by_full_id(x->conf, js_str(js_get(o, "structure")), &s, e);
        if (rc >= 0 && s)
            (void)map_put(number, js_str(js_get(o, "id")),
                          explain_want(x, s, js_str(js_get(o, "key"))), NULL);
    }
    for (size_t i = 0; i < js_count(js_get(cell, "parts")); i++) {
        struct json *items = js_get(js_at(js_get(cell, "parts"), i), "items");
        for (size_t k = 0; k < js_count(items); k++) {
            const uint64_t *n = map_find(number, js_str(js_get(js_at(items, k), "observation")));
            if (n)
                js_set(js_at(items, k), "n", js_int((int64_t)*n));
        }
    }
    map_free(number);
    x->version = js_integer(js_get(doc, "store"), 0);
    x->later = true;
    if (rc >= 0)
        rc = explain_fetch(x, e);
    if (rc >= 0)
        explain_attach(x, doc);
    return rc;
}

int explain_printed(struct explain *x, struct json **ret, struct err *e)
{
    CLEANUP(js_freep) struct json *doc = NULL;
    struct json *cell = NULL;
    const char *table = NULL, *folder = x->st->args[0];
    struct err why = {0};
    int rc = find_table(x, folder, x->st->args[1], &table, e);
    if (rc >= 0)
        rc = open_file(x, folder, table, &doc, e);
    if (rc >= 0)
        rc = find_cell(x, doc, &cell, e);
    if (rc < 0)
        return rc;
    *ret = narrow(doc, cell);
    if (x->o->recorded)
        return 0;
    rc = explain_open(x, NULL, x->o->internal ? e : &why);
    if (rc < 0 && x->o->internal)
        return rc;
    if (rc < 0) {
        stage_note(x->st, "as recorded in the edition: %s", why.text);
        return 0;
    }
    if (!x->store[0] || !str_is(js_str(js_get(*ret, "store_id")), x->store)) {
        stage_note(x->st, "as recorded in the edition: the store at hand is another one");
        return 0;
    }
    rc = x->o->internal ? explain_may_see(x, e) : 0;
    return rc < 0 ? rc : refresh(x, *ret, e);
}
