/* chart_range.c — one partner against the region: a row for each point, on a scale of its own from
 * zero to the highest figure of the row; the series are the partners, the highlighted one is filled
 * and named by its figure. */
#include "chart_model.h"

#define ROW (30 * PX)
#define HEAD (22 * PX)
#define RIGHT (178 * PX)
#define VALUE (68 * PX)

int64_t range_height(const struct chart *c) { return HEAD + ROW * (int64_t)c->points.n + 6 * PX; }

static bool highlighted(const struct chart *c, size_t s)
{
    const struct item *it = &c->series.items[s];
    for (size_t k = 0; k < c->highlight.n; k++) {
        const struct item *h = &c->highlight.items[k];
        for (size_t d = 0; d < c->cube->ndims; d++) {
            if (h->pins[d].p && it->pins[d].p && str_eq(h->pins[d], it->pins[d]))
                return true;
        }
    }
    return false;
}

static void dot(const struct pen *p, const struct scale *s, const struct figure *f, bool strong,
                const char *name, const char *row)
{
    buf_fmt(p->b,
            "<circle class=\"%s\" r=\"%s\" stroke-width=\"1.5\" stroke=\"%s\" fill=\"%s\" cx=\"",
            strong ? "strong" : "other", strong ? "6" : "4", strong ? "#0072b2" : "#777777",
            strong ? "#0072b2" : "#ffffff");
    draw_px(p->b, p->x + scale_place(s, f->num, p->w));
    buf_text(p->b, "\" cy=\"");
    draw_px(p->b, p->y);
    buf_text(p->b, "\">");
    draw_title(p->b, arena_fmt(&p->c->view->conf->arena, "%s, %s: %s", name, row, f->text));
    buf_text(p->b, "</circle>\n");
}

/* Lowest and highest figure of a row; false when there is none. */
static bool ends(const struct figure *f, size_t n, const struct figure **lo,
                 const struct figure **hi)
{
    *lo = *hi = NULL;
    for (size_t i = 0; i < n; i++) {
        if (!f[i].is_number)
            continue;
        *lo = !*lo || num_cmp(f[i].num, (*lo)->num) < 0 ? &f[i] : *lo;
        *hi = !*hi || num_cmp(f[i].num, (*hi)->num) > 0 ? &f[i] : *hi;
    }
    return *lo != NULL;
}

static void row(const struct pen *p, size_t panel, size_t i)
{
    const struct chart *c = p->c;
    struct arena *a = &c->view->conf->arena;
    struct figure *f = arena_array(a, c->series.n, sizeof *f);
    const struct figure *lo = NULL, *hi = NULL;
    const char *name = c->points.items[i].label;
    const char *own = view_word(c->view, "no-data");
    for (size_t s = 0; s < c->series.n; s++)
        f[s] = *chart_at(c, panel, s, i);
    draw_label(p->b, p->x - 12 * PX, p->y + 4 * PX, p->x - 12 * PX, name);
    if (!ends(f, c->series.n, &lo, &hi)) {
        draw_text(p->b, p->x, p->y + 4 * PX, "start", "none", own);
        return;
    }
    struct scale s = scale_of(f, c->series.n, 1000);
    int64_t base[4] = {p->x, p->y, p->x + p->w, p->y};
    draw_line(p->b, "grid", "#dddddd", base);
    int64_t span[4] = {p->x + scale_place(&s, lo->num, p->w), p->y,
                       p->x + scale_place(&s, hi->num, p->w), p->y};
    draw_line(p->b, "span", "#999999", span);
    for (int strong = 0; strong < 2; strong++) {
        for (size_t k = 0; k < c->series.n; k++) {
            if (f[k].is_number && highlighted(c, k) == (strong == 1))
                dot(p, &s, &f[k], strong == 1, c->series.items[k].label, name);
        }
    }
    for (size_t k = 0; k < c->series.n; k++) {
        if (highlighted(c, k))
            own = f[k].text;
    }
    draw_text(p->b, p->x + p->w + VALUE, p->y + 4 * PX, "end", "strongvalue", own);
    draw_text(p->b, p->x + p->w + RIGHT - 4 * PX, p->y + 4 * PX, "end", "tick",
              arena_fmt(a, "%s\u2009\u2013\u2009%s", lo->text, hi->text));
}

void range_draw(struct buf *b, const struct chart *c, size_t panel, int64_t w)
{
    int64_t left = 0;
    for (size_t i = 0; i < c->points.n; i++) {
        int64_t n = text_length(c->points.items[i].label);
        left = n > left ? n : left;
    }
    left += 16 * PX;
    left = left > w * 3 / 10 ? w * 3 / 10 : left;
    struct pen p = {b, c, left, HEAD + ROW / 2, w - left - RIGHT, 0};
    const char *own = c->highlight.n ? c->highlight.items[0].label : "";
    draw_text(b, p.x + p.w + VALUE, 14 * PX, "end", "tick", own);
    draw_text(b, p.x + p.w + RIGHT - 4 * PX, 14 * PX, "end", "tick",
              arena_fmt(&c->view->conf->arena, "%s\u2009\u2013\u2009%s",
                        view_word(c->view, "lowest"), view_word(c->view, "highest")));
    draw_text(b, p.x, 14 * PX, "middle", "tick", "0");
    for (size_t i = 0; i < c->points.n; i++, p.y += ROW)
        row(&p, panel, i);
}
