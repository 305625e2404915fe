/* status_html.c — the page that the coordinator opens in the morning:
 * templates/status/page.mustache over the grid. Filters are check boxes and style sheet alone;
 * without :has() everything shows. */
#include "status.h"

#include "mustache.h"

/* How a cell looks: what is owed, what waits, what is well. */
static const char *class_of(const struct cell *c)
{
    if (!cell_there(c))
        return "none";
    if (c->rule && !cell_came(c))
        return c->state == CELL_NOT_DUE || c->state == CELL_UNSEEN ? "later" : "owed";
    return c->open || c->state < CELL_PUBLISHED ? "waits" : "good";
}

static struct json *cell_view(const struct status *s, const struct cell *c)
{
    struct json *j = js_object();
    int32_t late = cell_there(c) ? cell_late(c, s->grid.today) : 0;
    char text[32], received[DAY_TEXT_MAX] = "";
    (void)snprintf(text, sizeof text, "%d", late);
    if (c->received != NO_DAY)
        day_text(c->received, received);
    js_set(j, "word", js_text(cell_there(c) ? state_word(c->state) : ""));
    js_set(j, "class", js_text(class_of(c)));
    js_set(j, "late", late ? js_text(text) : js_null());
    js_set(j, "open", c->open ? js_int(c->open) : js_null());
    js_set(j, "received", js_text(received));
    js_set(j, "submission", c->submission && cell_there(c) ? js_int(c->submission) : js_null());
    return j;
}

static struct json *share(int64_t part, int64_t of)
{
    char text[64];
    if (of == 0)
        return js_text("-");
    (void)snprintf(text, sizeof text, "%lld of %lld", (long long)part, (long long)of);
    return js_text(text);
}

static void set_tally(struct json *row, const struct status *s, const struct tally *t)
{
    char text[PERIOD_TEXT_MAX] = "-", mean[32];
    if (t->any)
        (void)period_text(t->newest, text);
    js_set(row, "in_time", share(t->in_time, t->expected));
    js_set(row, "late", js_text(mean_text(t->days_late, t->late, mean)));
    js_set(row, "to_receipt", js_text(mean_text(t->to_receipt, t->came, mean)));
    js_set(row, "to_publication", js_text(mean_text(t->to_publication, t->published, mean)));
    js_set(row, "stood", share(t->first_stood, t->first_decided));
    js_set(row, "open", js_int(t->open));
    js_set(row, "newest", js_text(text));
    js_set(row, "age", t->any ? js_int(s->grid.today - period_last_day(t->newest)) : js_null());
}

static struct json *row_view(const struct status *s, const struct block *b, size_t p)
{
    struct json *row = js_object(), *cells = js_array();
    struct tally t = {0};
    bool acts = false;
    for (size_t k = status_from(s, b); k < b->periods; k++) {
        struct json *c = cell_view(s, grid_cell(&s->grid, b, p, k));
        struct str class = js_str(js_get(c, "class"));
        acts = acts || str_is(class, "owed") || str_is(class, "waits");
        js_push(cells, c);
    }
    tally_block(&t, &s->grid, b, p);
    js_set(row, "code", js_text(s->grid.partners[p]));
    js_set(row, "name", js_text(status_name(s, s->grid.partners[p])));
    js_set(row, "acts", js_bool(acts));
    js_set(row, "cells", cells);
    set_tally(row, s, &t);
    return row;
}

static struct json *block_view(const struct status *s, const struct block *b)
{
    struct json *j = js_object(), *periods = js_array(), *rows = js_array();
    size_t from = status_from(s, b);
    char id[160];
    (void)snprintf(id, sizeof id, "%.100s-%c", b->structure, (char)b->freq);
    for (size_t k = from; k < b->periods; k++) {
        char text[PERIOD_TEXT_MAX];
        (void)period_text(period_add(b->from, (int)k), text);
        js_push(periods, js_text(text));
    }
    for (size_t p = 0; p < s->grid.npartners; p++)
        js_push(rows, row_view(s, b, p));
    js_set(j, "id", js_text(id));
    js_set(j, "structure", js_text(b->structure));
    js_set(j, "name", js_text(b->name));
    js_set(j, "freq", js_text(freq_word(b->freq)));
    js_set(j, "earlier", from ? js_int((int64_t)from) : js_null());
    js_set(j, "periods", periods);
    js_set(j, "rows", rows);
    return j;
}

static struct json *page_view(const struct status *s)
{
    struct json *j = js_object(), *blocks = js_array(), *partners = js_array();
    struct waits w = status_waits(&s->grid);
    const struct {
        const char *key;
        int64_t n;
    } counts[] = {{"missing", w.missing},
                  {"returned", w.returned},
                  {"answers", w.answers},
                  {"decide", w.decide},
                  {"approve", w.approve}};
    char known[32];
    (void)snprintf(known, sizeof known, "%.10s %.5s UTC", s->grid.moment, s->grid.moment + 11);
    js_set(j, "region", js_text(s->grid.region->name));
    js_set(j, "today", js_text(s->grid.today_text));
    js_set(j, "as_of", js_text(known));
    js_set(j, "version", js_text(RTA_VERSION));
    for (size_t i = 0; i < ARRAY_LEN(counts); i++)
        js_set(j, counts[i].key, js_int(counts[i].n));
    for (size_t i = 0; i < s->grid.npartners; i++) {
        struct json *p = js_object();
        js_set(p, "code", js_text(s->grid.partners[i]));
        js_set(p, "name", js_text(status_name(s, s->grid.partners[i])));
        js_push(partners, p);
    }
    for (size_t i = 0; i < s->grid.nblocks; i++)
        if (s->grid.blocks[i].periods)
            js_push(blocks, block_view(s, &s->grid.blocks[i]));
    js_set(j, "partners", partners);
    js_set(j, "blocks", blocks);
    js_set(j, "notes", status_marks(s));
    return j;
}

int status_html(const struct status *s, struct buf *b, struct err *e)
{
    struct arena *a = &s->grid.conf->arena;
    const char *folders[] = {arena_fmt(a, "%s/../templates/status", s->grid.conf->dir),
                             arena_fmt(a, "%s/../templates/common", s->grid.conf->dir)};
    struct mustache_folders from = {folders, ARRAY_LEN(folders), a};
    struct mustache_options o = {.partial = mustache_from_folders, .ctx = &from, .strict = true};
    struct json *page = page_view(s);
    int rc = mustache_render(b, STR("{{>page}}\n"), "status", page, &o, e);
    js_free(page);
    return rc;
}
