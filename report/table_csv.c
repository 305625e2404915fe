/* table_csv.c — a table as CSV and as JSON. The CSV is a rectangle: heading, rows, then rows whose
 * first cell begins with '#' carry the title and the notes, because a file travels alone. Text that
 * a spreadsheet would take for a formula gets an apostrophe; numbers are never touched. */
#include "table_model.h"

#include "csv.h"
#include "json.h"
#include "key.h"

static void put(struct buf *b, const char *z, bool first)
{
    if (!first)
        buf_char(b, ',');
    if (*z && strchr("=+-@\t\r", *z)) {
        struct buf safe;
        buf_init(&safe, 1 << 16);
        buf_fmt(&safe, "'%s", z);
        csv_put(b, buf_view(&safe), ',');
        buf_free(&safe);
        return;
    }
    csv_put(b, str_of(z), ',');
}

static void put_number(struct buf *b, const char *z)
{
    buf_char(b, ',');
    buf_text(b, z);
}

static const char *column_name(const struct table *t, const struct item *it)
{
    if (!it->heading[0])
        return it->label;
    return arena_fmt(&t->view->conf->arena, "%s: %s", it->heading, it->label);
}

static void note_row(struct buf *b, const struct table *t, const char *kind, const char *text)
{
    put(b, kind, true);
    put(b, text, false);
    for (size_t i = 0; i < t->columns.n * 2; i++)
        buf_char(b, ',');
    buf_char(b, '\n');
}

static void note_rows(struct buf *b, const struct table *t)
{
    struct note n;
    note_row(b, t, "#title", t->title);
    if (t->subtitle[0])
        note_row(b, t, "#subtitle", t->subtitle);
    if (notes_illustrative(&t->notes))
        note_row(b, t, "#illustrative", notes_illustrative(&t->notes));
    for (size_t i = 0; table_note_at(&t->notes, i, &n); i++) {
        const char *text = arena_fmt(&t->view->conf->arena, "%s %s", n.mark, n.text);
        note_row(b, t, "#note", n.mark[0] ? text : n.text);
    }
    if (t->note[0])
        note_row(b, t, "#note", t->note);
}

/* Why there is no number, and the letters and numbers of notes: "suppressed", "b,1". */
static const char *marks_of(const struct table *t, const struct figure *f)
{
    struct buf b;
    buf_init(&b, 256);
    if (f->gap)
        buf_text(&b, f->gap);
    if (f->gap && f->nnotes)
        buf_char(&b, ' ');
    figure_marks(&b, f, " ");
    const char *text = arena_text(&t->view->conf->arena, buf_view(&b));
    buf_free(&b);
    return text;
}

void table_csv(struct buf *b, const struct table *t)
{
    put(b, "code", true);
    put(b, t->stub[0] ? t->stub : "label", false);
    for (size_t k = 0; k < t->columns.n; k++) {
        const char *name = column_name(t, &t->columns.items[k]);
        put(b, name, false);
        put(b, arena_fmt(&t->view->conf->arena, "%s (mark)", name), false);
    }
    buf_char(b, '\n');
    for (size_t r = 0; r < t->rows.n; r++) {
        const struct item *it = &t->rows.items[r];
        put(b, it->code ? it->code : "", true);
        put(b, it->label, false);
        for (size_t k = 0; k < t->columns.n; k++) {
            const struct figure *f = table_cell(t, r, k);
            if (f->is_number)
                put_number(b, f->raw);
            else
                put(b, f->raw, false);
            put(b, marks_of(t, f), false);
        }
        buf_char(b, '\n');
    }
    note_rows(b, t);
}

static struct json *text_or_null(const char *z) { return z && *z ? js_text(z) : js_null(); }

/* The row of the stream that the figure is from, by its codes. */
static struct json *key_json(const struct table *t, const struct figure *f)
{
    struct str codes[CUBE_DIMS_MAX];
    struct buf key CLEANUP(buf_free) = {.max = 1 << 16};
    if (!f->row)
        return js_null();
    for (size_t i = 0; i < t->cube->ndims; i++)
        codes[i] = f->row->cell[t->cube->dim[i]];
    key_add(&key, codes, t->cube->ndims);
    return js_string(buf_view(&key));
}

static struct json *cell_json(const struct table *t, size_t r, size_t k)
{
    const struct figure *f = table_cell(t, r, k);
    struct json *j = js_object(), *notes = js_array();
    js_set(j, "text", js_text(f->text));
    js_set(j, "value", text_or_null(f->raw));
    js_set(j, "gap", text_or_null(f->gap));
    js_set(j, "status", text_or_null(f->status));
    for (size_t i = 0; i < f->nnotes; i++)
        js_push(notes, js_int(f->notes[i]));
    js_set(j, "notes", notes);
    js_set(j, "key", key_json(t, f));
    return j;
}

static struct json *item_json(const struct item *it)
{
    struct json *j = js_object();
    js_set(j, "id", text_or_null(it->group->id));
    js_set(j, "label", js_text(it->label));
    js_set(j, "code", text_or_null(it->code));
    js_set(j, "heading", text_or_null(it->heading));
    js_set(j, "total", js_bool(it->total));
    return j;
}

static struct json *list_json(const struct note_list *l, const char *key)
{
    struct json *list = js_array();
    for (size_t i = 0; i < l->n; i++) {
        struct json *j = js_object();
        js_set(j, key, js_text(l->items[i].mark));
        js_set(j, "text", js_text(l->items[i].text));
        js_push(list, j);
    }
    return list;
}

static struct json *row_json(const struct table *t, size_t r)
{
    struct json *row = item_json(&t->rows.items[r]), *cells = js_array(), *by = js_object();
    for (size_t k = 0; k < t->columns.n; k++) {
        const struct group *g = t->columns.items[k].group;
        js_push(cells, cell_json(t, r, k));
        if (g->id && !g->over)
            js_set(by, g->id, cell_json(t, r, k));
    }
    js_set(row, "cells", cells);
    js_set(row, "by", by);
    return row;
}

void table_json(struct buf *b, const struct table *t)
{
    struct json *j = js_object(), *columns = js_array(), *rows = js_array();
    js_set(j, "table", js_text(t->view->name));
    js_set(j, "id", js_text(t->id));
    js_set(j, "title", js_text(t->title));
    js_set(j, "subtitle", text_or_null(t->subtitle));
    js_set(j, "structure", js_text(t->cube->structure));
    js_set(j, "seal", text_or_null(t->cube->seal));
    js_set(j, "illustrative", js_bool(notes_illustrative(&t->notes) != NULL));
    js_set(j, "stub", js_text(t->stub));
    for (size_t k = 0; k < t->columns.n; k++)
        js_push(columns, item_json(&t->columns.items[k]));
    for (size_t r = 0; r < t->rows.n; r++)
        js_push(rows, row_json(t, r));
    js_set(j, "columns", columns);
    js_set(j, "rows", rows);
    js_set(j, "marks", list_json(&t->notes.marks, "mark"));
    js_set(j, "legend", list_json(&t->notes.legend, "mark"));
    js_set(j, "statuses", list_json(&t->notes.statuses, "mark"));
    js_set(j, "notes", list_json(&t->notes.numbered, "number"));
    js_set(j, "lines", list_json(&t->notes.lines, "kind"));
    js_set(j, "note", text_or_null(t->note));
    js_write(b, j, true);
    buf_char(b, '\n');
    js_free(j);
}
