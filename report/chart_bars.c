/* chart_bars.c — one panel of horizontal bars from zero: points are rows, series stand under each
 * other in a row. Every bar carries its figure; where there is none, the mark that says why. */
#include "chart_model.h"

#include "mustache.h"

#define BAR (16 * PX)
#define ROW_GAP (10 * PX)
#define FOOT (22 * PX)

int64_t bars_height(const struct chart *c)
{
    int64_t row = BAR * (int64_t)c->series.n + ROW_GAP;
    int64_t head = c->series.n > 1 ? 22 * PX : 4 * PX;
    return head + row * (int64_t)c->points.n + FOOT + (c->panels.n > 1 ? 20 * PX : 0);
}

static int64_t left_margin(const struct chart *c, int64_t w)
{
    int64_t most = 0;
    for (size_t i = 0; i < c->points.n; i++) {
        int64_t n = text_length(c->points.items[i].label);
        most = n > most ? n : most;
    }
    most += 12 * PX;
    return most > w * 3 / 10 ? w * 3 / 10 : most;
}

static void grid(const struct pen *p)
{
    struct num v;
    const struct view *view = p->c->view;
    for (size_t i = 0; scale_tick(&p->c->axis, i, &v); i++) {
        int64_t x = p->x + scale_place(&p->c->axis, v, p->w);
        int64_t xy[4] = {x, p->y, x, p->y + p->h};
        draw_line(p->b, num_is_zero(v) ? "zero" : "grid", num_is_zero(v) ? "#777777" : "#dddddd",
                  xy);
        draw_text(p->b, x, p->y + p->h + 15 * PX, "middle", "tick",
                  figure_number(view->conf, words_numbers(view->words, view->lang), v));
    }
}

static void bar(const struct pen *p, size_t s, size_t i, const struct figure *f, int64_t y)
{
    const struct chart *c = p->c;
    int64_t zero = p->x + scale_place(&c->axis, (struct num){0, 0}, p->w);
    if (!f->is_number) {
        draw_text(p->b, zero + 5 * PX, y + 12 * PX, "start", "value", f->text);
        return;
    }
    int64_t x = p->x + scale_place(&c->axis, f->num, p->w);
    int64_t from = x < zero ? x : zero, width = x < zero ? zero - x : x - zero;
    buf_fmt(p->b, "<rect class=\"s%zu%s\" fill=\"%s\" x=\"", s + 1, f->provisional ? " pale" : "",
            series_colour(s));
    draw_px(p->b, from);
    buf_text(p->b, "\" y=\"");
    draw_px(p->b, y + PX);
    buf_text(p->b, "\" width=\"");
    draw_px(p->b, width);
    buf_text(p->b, "\" height=\"14\">");
    const char *name = c->series.items[s].label;
    draw_title(p->b, arena_fmt(&c->view->conf->arena, "%s%s%s: %s", c->points.items[i].label,
                               *name ? ", " : "", name, f->text));
    buf_text(p->b, "</rect>\n");
    const char *text =
        arena_fmt(&c->view->conf->arena, "%s%s%s", f->text, f->status[0] ? " " : "", f->status);
    draw_text(p->b, (x < zero ? zero : x) + 5 * PX, y + 12 * PX, "start", "value", text);
}

/* The names of the series once, over the first row, in their colours. */
static void heads(const struct pen *p, int64_t y)
{
    int64_t x = p->x;
    for (size_t s = 0; s < p->c->series.n; s++) {
        buf_fmt(p->b, "<rect class=\"s%zu\" fill=\"%s\" width=\"10\" height=\"10\" x=\"", s + 1,
                series_colour(s));
        draw_px(p->b, x);
        buf_text(p->b, "\" y=\"");
        draw_px(p->b, y);
        buf_text(p->b, "\"/>\n");
        draw_text(p->b, x + 15 * PX, y + 9 * PX, "start", "label", p->c->series.items[s].label);
        x += text_length(p->c->series.items[s].label) + 32 * PX;
    }
}

void bars_draw(struct buf *b, const struct chart *c, size_t panel, int64_t w)
{
    int64_t head = (c->series.n > 1 ? 22 * PX : 4 * PX) + (c->panels.n > 1 ? 20 * PX : 0);
    int64_t left = left_margin(c, w), h = bars_height(c);
    struct pen p = {b, c, left, head, w - left - 56 * PX, h - head - FOOT};
    if (c->panels.n > 1)
        draw_text(b, 0, 13 * PX, "start", "panel", c->panels.items[panel].label);
    grid(&p);
    if (c->series.n > 1)
        heads(&p, head - 18 * PX);
    int64_t y = head + ROW_GAP / 2;
    for (size_t i = 0; i < c->points.n; i++) {
        int64_t middle = y + BAR * (int64_t)c->series.n / 2 + 4 * PX;
        draw_label(b, left - 8 * PX, middle, left - 8 * PX, c->points.items[i].label);
        for (size_t s = 0; s < c->series.n; s++, y += BAR)
            bar(&p, s, i, chart_at(c, panel, s, i), y);
        y += ROW_GAP;
    }
}
