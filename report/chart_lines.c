/* chart_lines.c — one panel of lines over periods: the background in grey, breaks as a gap with a
 * mark, provisional points hollow, a gap where nothing was reported, labels at the line's end. */
#include "chart_model.h"

#define HEIGHT_SMALL (150 * PX)
#define HEIGHT_LARGE (300 * PX)
#define LEFT (44 * PX)
#define TOP (24 * PX)
#define BOTTOM (24 * PX)

static bool small(const struct chart *c) { return c->panels.n > 1; }

int64_t lines_height(const struct chart *c)
{
    if (c->view->layout->height)
        return c->view->layout->height * PX;
    return small(c) ? HEIGHT_SMALL : HEIGHT_LARGE;
}

static int64_t x_of(const struct pen *p, size_t i)
{
    size_t n = p->c->points.n;
    return n < 2 ? p->x + p->w / 2 : p->x + p->w * (int64_t)i / (int64_t)(n - 1);
}

static int64_t y_of(const struct pen *p, const struct figure *f)
{
    return p->y + p->h - scale_place(&p->c->axis, f->num, p->h);
}

static void grid(const struct pen *p)
{
    struct num v;
    const struct view *view = p->c->view;
    for (size_t i = 0; scale_tick(&p->c->axis, i, &v); i++) {
        struct figure f = {.is_number = true, .num = v};
        int64_t y = y_of(p, &f);
        int64_t xy[4] = {p->x, y, p->x + p->w, y};
        draw_line(p->b, num_is_zero(v) ? "zero" : "grid", num_is_zero(v) ? "#777777" : "#dddddd",
                  xy);
        const char *text = figure_number(view->conf, words_numbers(view->words, view->lang), v);
        draw_text(p->b, p->x - 6 * PX, y + 4 * PX, "end", "tick", text);
    }
    size_t n = p->c->points.n, every = small(p->c) ? (n > 1 ? n - 1 : 1) : 1;
    for (size_t i = 0; i < n; i += every)
        draw_text(p->b, x_of(p, i), p->y + p->h + 16 * PX,
                  small(p->c) && n > 1 ? (i ? "end" : "start") : "middle", "tick",
                  p->c->points.items[i].label);
}

/* The line, broken where a figure is missing or the series has a break. */
static void path(const struct pen *p, const struct figure *f, const char *class_,
                 const char *colour, const char *dash)
{
    bool open = false;
    buf_fmt(p->b, "<path class=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\"", class_,
            colour);
    if (*dash)
        buf_fmt(p->b, " stroke-dasharray=\"%s\"", dash);
    buf_text(p->b, " d=\"");
    for (size_t i = 0; i < p->c->points.n; i++) {
        if (!f[i].is_number) {
            open = false;
            continue;
        }
        buf_char(p->b, open && !f[i].broken ? 'L' : 'M');
        draw_px(p->b, x_of(p, i));
        buf_char(p->b, ' ');
        draw_px(p->b, y_of(p, &f[i]));
        open = true;
    }
    buf_text(p->b, "\"/>\n");
}

static void breaks(const struct pen *p, const struct figure *f)
{
    for (size_t i = 1; i < p->c->points.n; i++) {
        if (!f[i].is_number || !f[i].broken)
            continue;
        int64_t x = (x_of(p, i - 1) + x_of(p, i)) / 2;
        buf_text(p->b, "<g>");
        draw_title(p->b, arena_fmt(&p->c->view->conf->arena, "%s: %s", p->c->points.items[i].label,
                                   view_word(p->c->view, "break")));
        for (int64_t side = -2 * PX; side <= 2 * PX; side += 4 * PX) {
            int64_t xy[4] = {x + side, p->y + p->h - 8 * PX, x + side, p->y + p->h + 2 * PX};
            draw_line(p->b, "break", "#777777", xy);
        }
        buf_text(p->b, "</g>\n");
    }
}

/* " (provisional, estimated)" in words, for the title of a point. */
static const char *status_words(const struct chart *c, const struct figure *f)
{
    struct buf b;
    buf_init(&b, 1024);
    struct str letters = cube_cell(c->cube, f->row, "OBS_STATUS");
    for (size_t i = 0; i < letters.n; i++) {
        const struct word *w = word_find(&c->view->words->statuses, (struct str){letters.p + i, 1});
        if (w)
            buf_fmt(&b, "%s%s", b.n ? ", " : " (", text_in(&w->text, c->view->lang));
    }
    if (b.n)
        buf_char(&b, ')');
    const char *text = arena_text(&c->view->conf->arena, buf_view(&b));
    buf_free(&b);
    return text;
}

static void circle(const struct pen *p, size_t i, const struct figure *f, size_t series,
                   const char *name)
{
    const struct view *v = p->c->view;
    const char *colour = series_colour(series);
    buf_fmt(
        p->b,
        "<circle class=\"s%zu%s\" r=\"%s\" stroke-width=\"1.5\" stroke=\"%s\" fill=\"%s\" cx=\"",
        series + 1, f->provisional ? " hollow" : " full", small(p->c) ? "2.5" : "3.5", colour,
        f->provisional ? "#ffffff" : colour);
    draw_px(p->b, x_of(p, i));
    buf_text(p->b, "\" cy=\"");
    draw_px(p->b, y_of(p, f));
    buf_text(p->b, "\">");
    draw_title(p->b, arena_fmt(&v->conf->arena, "%s%s%s: %s%s", name, *name ? ", " : "",
                               p->c->points.items[i].label, f->text, status_words(p->c, f)));
    buf_text(p->b, "</circle>\n");
}

/* Labels at the ends of lines, pushed apart so that none covers another. */
static void end_labels(const struct pen *p, size_t panel)
{
    int64_t last = -(1000 * PX);
    bool done[16] = {0};
    for (size_t round = 0; round < p->c->series.n; round++) {
        size_t best = SIZE_MAX;
        int64_t best_y = 0;
        for (size_t s = 0; s < p->c->series.n && s < ARRAY_LEN(done); s++) {
            const struct figure *f = chart_at(p->c, panel, s, 0);
            size_t i = p->c->points.n;
            while (i && !f[i - 1].is_number)
                i--;
            int64_t y = i ? y_of(p, &f[i - 1]) : 0;
            if (i && !done[s] && (best == SIZE_MAX || y < best_y)) {
                best = s;
                best_y = y;
            }
        }
        if (best == SIZE_MAX)
            return;
        done[best] = true;
        best_y = best_y < last + 14 * PX ? last + 14 * PX : best_y;
        last = best_y;
        draw_text(p->b, p->x + p->w + 8 * PX, best_y + 4 * PX, "start", "label",
                  p->c->series.items[best].label);
    }
}

static int64_t right_margin(const struct chart *c)
{
    int64_t most = 0;
    for (size_t s = 0; s < c->series.n; s++) {
        int64_t n = text_length(c->series.items[s].label);
        most = n > most ? n : most;
    }
    return most + 16 * PX;
}

void lines_draw(struct buf *b, const struct chart *c, size_t panel, int64_t w)
{
    int64_t h = lines_height(c), top = small(c) ? TOP : 10 * PX;
    int64_t right = small(c) ? 10 * PX : right_margin(c);
    struct pen p = {b, c, LEFT, top, w - LEFT - right, h - top - BOTTOM};
    bool any = false;
    if (small(c))
        draw_text(b, 0, 13 * PX, "start", "panel", c->panels.items[panel].label);
    grid(&p);
    for (size_t k = 0; k < c->background.n; k++)
        path(&p, &c->behind[k * c->points.n], "behind", "#b0b0b0", "");
    for (size_t s = 0; s < c->series.n; s++) {
        const struct figure *f = chart_at(c, panel, s, 0);
        char class_[32];
        snprintf(class_, sizeof class_, "line s%zu", s + 1);
        path(&p, f, class_, series_colour(s), series_dash(s));
        breaks(&p, f);
        for (size_t i = 0; i < c->points.n; i++) {
            any = any || f[i].is_number;
            if (f[i].is_number)
                circle(&p, i, &f[i], s, c->series.items[s].label);
        }
    }
    if (!small(c))
        end_labels(&p, panel);
    if (!any)
        draw_text(b, p.x + p.w / 2, p.y + p.h - 8 * PX, "middle", "none",
                  view_word(c->view, "no-data"));
}
