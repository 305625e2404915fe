/* submission_page.c — a page of facts and tables as text for a terminal of 80 columns, and as HTML
 * (templates/submission). Both are written from one model, so they cannot tell different things.
 * What others wrote is disarmed for the terminal and escaped for the page. */
#include "submission.h"

#include "mustache.h"
#include "text.h"

#define WIDTH 80
#define INDENT 6
#define COLUMNS_MAX 12

void page_begin(struct page *p, const char *title, const char *lead)
{
    p->data = js_object();
    js_set(p->data, "title", js_text(title));
    js_set(p->data, "lead", js_text(lead));
    js_set(p->data, "version", js_text(RTA_VERSION));
    js_set(p->data, "facts", js_array());
    js_set(p->data, "tables", js_array());
}

void page_fact(struct page *p, const char *name, struct str text)
{
    if (text.n == 0)
        return;
    struct json *f = js_object();
    js_set(f, "name", js_text(name));
    js_set(f, "text", js_string(text));
    js_push(js_get(p->data, "facts"), f);
}

void page_rows(struct page *p, const struct page_table *t, const struct json *rows)
{
    struct json *table = js_object(), *heads = js_array(), *lines = js_array();
    for (size_t k = 0; k < t->n; k++) {
        struct json *h = js_object();
        js_set(h, "text", js_text(t->columns[k].head));
        js_set(h, "right", js_bool(t->columns[k].right));
        js_push(heads, h);
    }
    for (size_t i = 0; i < js_count(rows); i++) {
        struct json *line = js_object(), *cells = js_array(), *row = js_at(rows, i);
        for (size_t k = 0; k < t->n; k++) {
            struct json *cell = js_object();
            js_set(cell, "text", js_string(js_str(js_get(row, t->columns[k].key))));
            js_set(cell, "right", js_bool(t->columns[k].right));
            js_push(cells, cell);
        }
        js_set(line, "cells", cells);
        js_set(line, "note", t->note ? js_string(js_str(js_get(row, t->note))) : js_text(""));
        js_push(lines, line);
    }
    js_set(table, "caption", js_text(t->caption));
    js_set(table, "none", js_text(js_count(rows) ? "" : t->none));
    js_set(table, "width", js_int((int64_t)t->n));
    js_set(table, "heads", heads);
    js_set(table, "rows", lines);
    js_push(js_get(p->data, "tables"), table);
}

void page_free(struct page *p)
{
    js_free(p->data);
    p->data = NULL;
}

/* ---- text ---- */

/* A cell that cannot drive a terminal, in scratch. */
static struct str safe(struct buf *scratch, struct str s)
{
    buf_reset(scratch);
    buf_str(scratch, s);
    if (scratch->p)
        err_disarm(scratch->p);
    return buf_view(scratch);
}

static void pad(struct buf *b, size_t n)
{
    while (n--)
        buf_char(b, ' ');
}

/* Where a line of at most `width` columns ends: after a word, or within one that is too long. */
static size_t line_end(struct str s, size_t width)
{
    size_t used = 0, word = 0;
    struct str rest = s;
    while (rest.n > 0) {
        struct str before = rest;
        (void)text_next(&rest);
        used += text_width((struct str){before.p, before.n - rest.n});
        if (used > width)
            return word ? word : s.n - before.n;
        if (before.p[0] == ' ')
            word = s.n - before.n;
    }
    return s.n;
}

/* Text in lines from column `indent` on; the first begins where the buffer stands. */
static void wrap(struct buf *b, struct str s, size_t indent)
{
    while (s.n > 0) {
        size_t n = line_end(s, WIDTH - indent);
        if (n == 0)
            n = s.n;
        buf_str(b, (struct str){s.p, n});
        buf_char(b, '\n');
        s = str_cut(s, n);
        while (s.n > 0 && s.p[0] == ' ')
            s = str_cut(s, 1);
        if (s.n > 0)
            pad(b, indent);
    }
}

static void text_facts(const struct json *facts, struct buf *b, struct buf *scratch)
{
    size_t width = 0;
    for (size_t i = 0; i < js_count(facts); i++) {
        size_t n = js_str(js_get(js_at(facts, i), "name")).n;
        width = n > width ? n : width;
    }
    for (size_t i = 0; i < js_count(facts); i++) {
        const struct json *f = js_at(facts, i);
        struct str name = js_str(js_get(f, "name"));
        buf_str(b, name);
        pad(b, width + 2 - name.n);
        wrap(b, safe(scratch, js_str(js_get(f, "text"))), width + 2);
    }
}

static void text_cells(const struct json *cells, const size_t *width, struct buf *b,
                       struct buf *scratch)
{
    size_t n = js_count(cells);
    for (size_t k = 0; k < n; k++) {
        const struct json *cell = js_at(cells, k);
        struct str s = safe(scratch, js_str(js_get(cell, "text")));
        size_t gap = text_width(s) < width[k] ? width[k] - text_width(s) : 0;
        bool right = js_kind_of(js_get(cell, "right")) == JS_TRUE;
        if (right)
            pad(b, gap);
        buf_str(b, s);
        if (k + 1 < n)
            pad(b, (right ? 0 : gap) + 2);
    }
    while (b->n > 0 && b->p[b->n - 1] == ' ')
        b->p[--b->n] = '\0';
    buf_char(b, '\n');
}

static void measure(const struct json *cells, size_t *width, struct buf *scratch)
{
    for (size_t k = 0; k < js_count(cells) && k < COLUMNS_MAX; k++) {
        size_t n = text_width(safe(scratch, js_str(js_get(js_at(cells, k), "text"))));
        width[k] = n > width[k] ? n : width[k];
    }
}

static void text_table(const struct json *t, struct buf *b, struct buf *scratch)
{
    size_t width[COLUMNS_MAX] = {0};
    const struct json *rows = js_get(t, "rows");
    struct str caption = js_str(js_get(t, "caption")), none = js_str(js_get(t, "none"));
    if (caption.n) {
        buf_str(b, caption);
        buf_char(b, '\n');
    }
    if (none.n) {
        buf_str(b, none);
        buf_char(b, '\n');
        return;
    }
    measure(js_get(t, "heads"), width, scratch);
    for (size_t i = 0; i < js_count(rows); i++)
        measure(js_get(js_at(rows, i), "cells"), width, scratch);
    text_cells(js_get(t, "heads"), width, b, scratch);
    for (size_t i = 0; i < js_count(rows); i++) {
        text_cells(js_get(js_at(rows, i), "cells"), width, b, scratch);
        struct str note = js_str(js_get(js_at(rows, i), "note"));
        if (note.n) {
            pad(b, INDENT);
            wrap(b, safe(scratch, note), INDENT);
        }
    }
}

void page_text(const struct page *p, struct buf *b)
{
    struct buf scratch;
    struct str lead = js_str(js_get(p->data, "lead"));
    const struct json *tables = js_get(p->data, "tables");
    bool facts = js_count(js_get(p->data, "facts")) > 0;
    buf_init(&scratch, (size_t)1 << 20);
    if (facts) {
        buf_str(b, js_str(js_get(p->data, "title")));
        buf_char(b, '\n');
        text_facts(js_get(p->data, "facts"), b, &scratch);
    }
    if (lead.n) {
        buf_str(b, lead);
        buf_char(b, '\n');
    }
    for (size_t i = 0; i < js_count(tables); i++) {
        if (facts || i > 0)
            buf_char(b, '\n');
        text_table(js_at(tables, i), b, &scratch);
    }
    buf_free(&scratch);
}

/* ---- HTML ---- */

int page_html(const struct page *p, struct conf *c, struct buf *b, struct err *e)
{
    const char *folders[] = {arena_fmt(&c->arena, "%s/../templates/submission", c->dir),
                             arena_fmt(&c->arena, "%s/../templates/common", c->dir)};
    struct mustache_folders from = {folders, ARRAY_LEN(folders), &c->arena};
    struct mustache_options o = {.partial = mustache_from_folders, .ctx = &from, .strict = true};
    return mustache_render(b, STR("{{>page}}\n"), "submission", p->data, &o, e);
}
