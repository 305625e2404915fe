/* explain_write.c — every printed cell of an edition that is being built, in one run: the tables'
 * JSON says which row of which stream a cell is, the streams and traces lead to observations, the
 * store is asked once for each structure. For each table a JSON document and a page that the
 * edition's own pages link to. Plan file and documents: docs/contracts/explain.md. */
#include "explain.h"

#include "bounds.h"
#include "mem.h"
#include "mustache.h"

#define DATASETS_MAX 64
#define PAGE_MAX ((size_t)256 << 20)

struct work {
    struct explain *x;
    const struct json *plan;
    const char *out; /* folder of the edition */
    struct dataset data[DATASETS_MAX];
    size_t ndata;
    struct json **table; /* as rta table wrote them; owned */
    struct json **doc;   /* owned */
    size_t n;
    struct str template;
    const char *template_name;
    struct mustache_options how;
    struct mustache_folders folders;
};

static const char *text_in(const struct work *w, const struct json *j, const char *key)
{
    const struct json *v = js_get(j, key);
    return js_kind_of(v) == JS_STRING ? arena_text(&w->x->conf->arena, js_str(v)) : NULL;
}

static struct dataset *dataset_of(struct work *w, const struct json *table)
{
    struct str name = js_str(js_get(table, "data"));
    for (size_t i = 0; i < w->ndata; i++)
        if (str_is(name, w->data[i].name))
            return &w->data[i];
    return NULL;
}

static int read_plan(struct work *w, struct err *e)
{
    const struct json *data = js_get(w->plan, "data"), *tables = js_get(w->plan, "tables");
    w->out = text_in(w, w->plan, "out");
    w->n = js_count(tables);
    w->table = mem_array(w->n + 1, sizeof *w->table);
    w->doc = mem_array(w->n + 1, sizeof *w->doc);
    for (size_t i = 0; i < js_count(data) && w->ndata < DATASETS_MAX; i++) {
        const struct json *j = js_at(data, i);
        w->data[w->ndata++] = (struct dataset){.name = text_in(w, j, "name"),
                                               .stream = text_in(w, j, "stream"),
                                               .trace = text_in(w, j, "trace")};
    }
    for (size_t i = 0; i < w->n; i++) {
        const char *file = text_in(w, js_at(tables, i), "file");
        if (!w->out || !file || !dataset_of(w, js_at(tables, i)))
            return err_set(e, RC_DATA, "EXPLAIN-020", "the plan names no folder, file or dataset");
        int rc =
            js_parse_file(&w->table[i], arena_fmt(&w->x->conf->arena, "%s/%s", w->out, file), e);
        if (rc < 0)
            return rc;
    }
    return 0;
}

/* Visit every cell that is a row of its stream. */
typedef int visit(struct work *w, size_t table, size_t row, size_t column, struct str key,
                  struct err *e);

static int each_cell(struct work *w, visit *f, struct err *e)
{
    int rc = 0;
    for (size_t t = 0; t < w->n; t++) {
        const struct json *rows = js_get(w->table[t], "rows");
        for (size_t r = 0; r < js_count(rows); r++) {
            const struct json *cells = js_get(js_at(rows, r), "cells");
            for (size_t c = 0; c < js_count(cells) && rc >= 0; c++) {
                struct str key = js_str(js_get(js_at(cells, c), "key"));
                if (key.n)
                    rc = f(w, t, r, c, key, e);
            }
        }
    }
    return rc;
}

static int need(struct work *w, size_t table, size_t row, size_t column, struct str key,
                struct err *e)
{
    (void)row, (void)column, (void)e;
    dataset_need(dataset_of(w, js_at(js_get(w->plan, "tables"), table)), key);
    return 0;
}

/* "Offences, 2021" of a column, "Albania*" of a row. */
static const char *item_label(const struct work *w, const struct json *item)
{
    const char *heading = text_in(w, item, "heading"), *label = text_in(w, item, "label");
    if (!heading)
        return label ? label : "";
    return arena_fmt(&w->x->conf->arena, "%s, %s", heading, label ? label : "");
}

/* What the table says of a gap, in words; else the figure as printed. */
static struct json *printed(const struct json *table, const struct json *cell)
{
    const struct json *legend = js_get(table, "legend");
    struct str text = js_str(js_get(cell, "text"));
    for (size_t i = 0; js_str(js_get(cell, "gap")).n && i < js_count(legend); i++)
        if (str_eq(js_str(js_get(js_at(legend, i), "mark")), text))
            return js_share(js_get(js_at(legend, i), "text"));
    return js_string(text);
}

/* The texts of the notes that a cell bears, as the table prints them. */
static struct json *notes_of(const struct json *table, const struct json *cell)
{
    struct json *list = js_array();
    const struct json *numbers = js_get(cell, "notes"), *notes = js_get(table, "notes");
    for (size_t i = 0; i < js_count(numbers); i++) {
        int64_t n = js_integer(js_at(numbers, i), 0);
        if (n > 0 && (size_t)n <= js_count(notes))
            js_push(list, js_share(js_get(js_at(notes, (size_t)n - 1), "text")));
    }
    return list;
}

static int describe(struct work *w, size_t table, size_t row, size_t column, struct str key,
                    struct err *e)
{
    const struct json *t = w->table[table], *rows = js_get(t, "rows");
    const struct json *cell = js_at(js_get(js_at(rows, row), "cells"), column);
    struct json *j = NULL;
    int rc = explain_cell(w->x, dataset_of(w, js_at(js_get(w->plan, "tables"), table)), key, &j, e);
    if (rc < 0)
        return rc;
    js_set(j, "id", js_text(arena_fmt(&w->x->conf->arena, "r%zuc%zu", row + 1, column + 1)));
    js_set(j, "row", js_text(item_label(w, js_at(rows, row))));
    js_set(j, "column", js_text(item_label(w, js_at(js_get(t, "columns"), column))));
    js_set(j, "text", js_share(js_get(cell, "text")));
    js_set(j, "said", printed(t, cell));
    js_set(j, "notes", notes_of(t, cell));
    js_set(j, "gap", js_string(js_str(js_get(cell, "gap"))));
    js_push(js_get(w->doc[table], "cells"), j);
    return 0;
}

static struct json *labels(const struct work *w, const struct json *items)
{
    struct json *list = js_array();
    for (size_t i = 0; i < js_count(items); i++) {
        struct json *j = js_object();
        js_set(j, "label", js_text(item_label(w, js_at(items, i))));
        js_set(j, "code", js_string(js_str(js_get(js_at(items, i), "code"))));
        js_push(list, j);
    }
    return list;
}

static void begin_docs(struct work *w)
{
    static const char *const shared[] = {"report",  "period",    "lang",
                                         "edition", "heading",   "illustrative_text",
                                         "version", "published", "report_title"};
    for (size_t i = 0; i < w->n; i++) {
        struct json *d = w->doc[i] = js_object();
        const struct json *t = w->table[i];
        js_set(d, "format", js_int(1));
        js_set(d, "table", js_share(js_get(t, "id")));
        js_set(d, "number", js_int((int64_t)i + 1));
        js_set(d, "title", js_share(js_get(t, "title")));
        js_set(d, "subtitle", js_string(js_str(js_get(t, "subtitle"))));
        for (size_t k = 0; k < ARRAY_LEN(shared); k++)
            js_set(d, shared[k], js_string(js_str(js_get(w->plan, shared[k]))));
        js_set(d, "texts", js_share(js_get(w->plan, "texts")));
        js_set(d, "store", js_int(w->x->version));
        js_set(d, "store_id", js_text(w->x->store));
        js_set(d, "illustrative", js_share(js_get(t, "illustrative")));
        js_set(d, "marks", js_share(js_get(t, "marks")));
        js_set(d, "rows", labels(w, js_get(t, "rows")));
        js_set(d, "columns", labels(w, js_get(t, "columns")));
        js_set(d, "cells", js_array());
    }
}

/* ---- files ---- */

static int open_template(struct work *w, struct err *e)
{
    struct arena *a = &w->x->conf->arena;
    const char **folders = arena_array(a, 1, sizeof *folders);
    folders[0] = arena_fmt(a, "%s/../templates/common", w->x->conf->dir);
    w->folders = (struct mustache_folders){folders, 1, a};
    w->how = (struct mustache_options){
        .partial = mustache_from_folders, .ctx = &w->folders, .strict = true};
    int rc = mustache_from_folders(&w->folders, STR("explain"), &w->template, &w->template_name, e);
    if (rc != 0)
        return rc;
    err_set(e, RC_CONFIG, "EXPLAIN-021", "there is no template common/explain");
    return err_place(e, "%s", folders[0]);
}

static int put_file(struct work *w, const char *id, const char *ext, const struct buf *b,
                    struct err *e)
{
    int rc = buf_ok(b, "an explanation", e);
    return rc < 0 ? rc
                  : file_write(arena_fmt(&w->x->conf->arena, "%s/explain/%s.%s", w->out, id, ext),
                               buf_view(b), e);
}

static int put_doc(struct work *w, const struct json *doc, struct err *e)
{
    struct buf text CLEANUP(buf_free) = {.max = PAGE_MAX};
    const char *id = text_in(w, doc, "table");
    js_write(&text, doc, false);
    buf_char(&text, '\n');
    int rc = put_file(w, id, "json", &text, e);
    buf_reset(&text);
    if (rc >= 0)
        rc = mustache_render(&text, w->template, w->template_name, doc, &w->how, e);
    return rc < 0 ? rc : put_file(w, id, "html", &text, e);
}

static int put_index(struct work *w, struct err *e)
{
    CLEANUP(js_freep) struct json *index = js_object();
    struct json *tables = js_array();
    struct buf text CLEANUP(buf_free) = {.max = PAGE_MAX};
    for (size_t i = 0; i < w->n; i++) {
        struct json *t = js_object();
        js_set(t, "number", js_int((int64_t)i + 1));
        js_set(t, "table", js_share(js_get(w->doc[i], "table")));
        js_set(t, "title", js_share(js_get(w->doc[i], "title")));
        js_push(tables, t);
    }
    js_set(index, "format", js_int(1));
    js_set(index, "store", js_int(w->x->version));
    js_set(index, "store_id", js_text(w->x->store));
    js_set(index, "tables", tables);
    js_write(&text, index, true);
    buf_char(&text, '\n');
    return put_file(w, "index", "json", &text, e);
}

static int write_all(struct work *w, struct err *e)
{
    int rc = read_plan(w, e);
    if (rc >= 0)
        rc = each_cell(w, need, e);
    for (size_t i = 0; i < w->ndata && rc >= 0; i++)
        if (w->data[i].need)
            rc = dataset_read(w->x, &w->data[i], e);
    if (rc < 0)
        return rc;
    begin_docs(w);
    rc = each_cell(w, describe, e);
    if (rc >= 0)
        rc = explain_fetch(w->x, e);
    if (rc >= 0)
        rc = dir_make(arena_fmt(&w->x->conf->arena, "%s/explain", w->out), e);
    if (rc >= 0)
        rc = open_template(w, e);
    for (size_t i = 0; i < w->n && rc >= 0; i++) {
        explain_attach(w->x, w->doc[i]);
        rc = put_doc(w, w->doc[i], e);
    }
    return rc < 0 ? rc : put_index(w, e);
}

int explain_write(struct explain *x, const char *plan, struct err *e)
{
    CLEANUP(js_freep) struct json *p = NULL;
    int rc = js_parse_file(&p, plan, e);
    if (rc >= 0)
        rc = explain_open(x, x->o->as_of, e);
    if (rc < 0)
        return rc;
    struct work *w = mem_new(sizeof *w);
    *w = (struct work){.x = x, .plan = p};
    rc = write_all(w, e);
    for (size_t i = 0; i < w->n; i++) {
        js_free(w->table[i]);
        js_free(w->doc[i]);
    }
    for (size_t i = 0; i < w->ndata; i++)
        dataset_free(&w->data[i]);
    mem_free(w->table);
    mem_free(w->doc);
    mem_free(w);
    return rc;
}
