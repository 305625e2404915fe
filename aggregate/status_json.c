/* status_json.c — the grid as JSON: cells and partners' sums, written as they are met, because ten
 * years of a region are some hundred thousand values. The form is that of js_write. */
#include "status.h"

struct writer {
    const struct status *s;
    struct buf b;
    struct out *out;
    bool more; /* an item of the list stands before */
};

static void key(struct buf *b, const char *name)
{
    buf_text(b, ",\n      \"");
    buf_text(b, name);
    buf_text(b, "\": ");
}

static void text(struct buf *b, const char *name, const char *z)
{
    key(b, name);
    if (z)
        js_quote(b, str_of(z));
    else
        buf_text(b, "null");
}

static void integer(struct buf *b, const char *name, int64_t v)
{
    key(b, name);
    buf_int(b, v);
}

static void day(struct buf *b, const char *name, int32_t v)
{
    char z[DAY_TEXT_MAX];
    text(b, name, v == NO_DAY ? NULL : day_text(v, z));
}

static void days(struct buf *b, const char *name, int32_t v, int32_t from)
{
    if (v == NO_DAY || from == NO_DAY)
        text(b, name, NULL);
    else
        integer(b, name, v - from);
}

static void mean(struct buf *b, const char *name, int64_t sum, int64_t n)
{
    char z[32];
    key(b, name);
    buf_text(b, n ? mean_text(sum, n, z) : "null");
}

/* Begin an item with its structure. */
static void open_item(struct writer *w, const struct block *bl)
{
    buf_text(&w->b, w->more ? ",\n    {\n      \"structure\": " : "\n    {\n      \"structure\": ");
    js_quote(&w->b, str_of(bl->structure));
    w->more = true;
}

static void close_item(struct writer *w)
{
    buf_text(&w->b, "\n    }");
    if (w->b.n < (size_t)1 << 18)
        return;
    out_str(w->out, buf_view(&w->b));
    buf_reset(&w->b);
}

static void put_cell(struct writer *w, const struct block *bl, const char *partner,
                     const struct cell *c)
{
    struct buf *b = &w->b;
    char period[PERIOD_TEXT_MAX], freq[2] = {(char)bl->freq, 0};
    int32_t end = period_last_day(c->period), today = w->s->grid.today;
    (void)period_text(c->period, period);
    open_item(w, bl);
    text(b, "partner", partner);
    text(b, "freq", freq);
    text(b, "period", period);
    key(b, "expected");
    buf_text(b, c->rule ? "true" : "false");
    day(b, "due", c->due);
    text(b, "state", state_word(c->state));
    if (c->submission)
        integer(b, "submission", c->submission);
    else
        text(b, "submission", NULL);
    day(b, "received", c->received);
    integer(b, "days_late", cell_late(c, today));
    days(b, "days_to_receipt", c->received, end);
    day(b, "published", c->published);
    days(b, "days_to_publication", c->published, end);
    integer(b, "open_warnings", c->open);
    integer(b, "deliveries", c->deliveries);
    integer(b, "returned", c->sent_back);
    key(b, "first_stood");
    buf_text(b, c->first == FIRST_STOOD ? "true" : c->first == FIRST_FELL ? "false" : "null");
    days(b, "age_days", c->latest == NO_DAY ? NO_DAY : today, c->latest);
    close_item(w);
}

static void put_tally(struct writer *w, const struct block *bl, size_t partner)
{
    const struct grid *g = &w->s->grid;
    struct buf *b = &w->b;
    struct tally t = {0};
    char freq[2] = {(char)bl->freq, 0}, newest[PERIOD_TEXT_MAX];
    tally_block(&t, g, bl, partner);
    if (t.any)
        (void)period_text(t.newest, newest);
    open_item(w, bl);
    text(b, "freq", freq);
    text(b, "partner", g->partners[partner]);
    text(b, "name", status_name(w->s, g->partners[partner]));
    integer(b, "expected", t.expected);
    integer(b, "came", t.came);
    integer(b, "in_time", t.in_time);
    integer(b, "missing", t.missing);
    mean(b, "mean_days_late", t.days_late, t.late);
    mean(b, "mean_days_to_receipt", t.to_receipt, t.came);
    mean(b, "mean_days_to_publication", t.to_publication, t.published);
    integer(b, "first_decided", t.first_decided);
    integer(b, "first_stood", t.first_stood);
    integer(b, "returned", t.sent_back);
    integer(b, "open_warnings", t.open);
    text(b, "newest", t.any ? newest : NULL);
    days(b, "newest_age_days", t.any ? g->today : NO_DAY,
         t.any ? period_last_day(t.newest) : NO_DAY);
    close_item(w);
}

static void put_block(struct writer *w, const struct block *bl, bool cells)
{
    const struct grid *g = &w->s->grid;
    for (size_t p = 0; p < g->npartners; p++) {
        if (!cells)
            put_tally(w, bl, p);
        for (size_t k = 0; k < bl->periods && cells; k++) {
            const struct cell *c = grid_cell(g, bl, p, k);
            if (cell_there(c))
                put_cell(w, bl, g->partners[p], c);
        }
    }
}

static void put_list(struct writer *w, const char *name, bool cells)
{
    buf_fmt(&w->b, ",\n  \"%s\": [", name);
    w->more = false;
    for (size_t i = 0; i < w->s->grid.nblocks; i++)
        put_block(w, &w->s->grid.blocks[i], cells);
    buf_text(&w->b, w->more ? "\n  ]" : "]");
}

static void put_notes(struct writer *w)
{
    struct json *marks = status_marks(w->s);
    buf_text(&w->b, ",\n  \"notes\": [");
    for (size_t i = 0; i < js_count(marks); i++) {
        buf_text(&w->b, i ? ",\n    {\n      \"mark\": " : "\n    {\n      \"mark\": ");
        js_quote(&w->b, js_str(js_get(js_at(marks, i), "mark")));
        text(&w->b, "text", js_str(js_get(js_at(marks, i), "text")).p);
        buf_text(&w->b, "\n    }");
    }
    buf_text(&w->b, js_count(marks) ? "\n  ]\n}\n" : "]\n}\n");
    js_free(marks);
}

void status_json(const struct status *s, struct out *out)
{
    struct writer w = {.s = s, .out = out};
    buf_init(&w.b, (size_t)64 << 20);
    buf_text(&w.b, "{\n  \"today\": ");
    js_quote(&w.b, str_of(s->grid.today_text));
    buf_text(&w.b, ",\n  \"as_of\": ");
    js_quote(&w.b, str_of(s->grid.moment));
    put_list(&w, "cells", true);
    put_list(&w, "partners", false);
    put_notes(&w);
    out_str(out, buf_view(&w.b));
    buf_free(&w.b);
}
