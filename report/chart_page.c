/* chart_page.c — a chart as one SVG file, or as an HTML figure whose panels are SVGs of their own,
 * so that a phone can put them under each other. */
#include "chart_model.h"

#include "mustache.h"
#include "table_model.h"
#include "text.h"

#define WIDE (720 * PX)
#define SMALL (232 * PX)
#define ACROSS 3

struct kind {
    const char *name;
    int64_t (*height)(const struct chart *c);
    void (*draw)(struct buf *b, const struct chart *c, size_t panel, int64_t w);
};

static const struct kind *kind_of(const struct chart *c)
{
    static const struct kind kinds[] = {
        {"lines", lines_height, lines_draw},
        {"multiples", lines_height, lines_draw},
        {"bars", bars_height, bars_draw},
        {"range", range_height, range_draw},
    };
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        if (strcmp(kinds[i].name, c->view->layout->kind) == 0)
            return &kinds[i];
    }
    return &kinds[0];
}

static int64_t width_of(const struct chart *c) { return c->panels.n > 1 ? SMALL : WIDE; }

static void esc(struct buf *b, const char *z) { html_escape(b, str_of(z)); }

/* The figures in words, for those who do not see the drawing. */
static void describe(struct buf *b, const struct chart *c, size_t panel)
{
    for (size_t s = 0; s < c->series.n; s++) {
        if (c->series.items[s].label[0]) {
            esc(b, c->series.items[s].label);
            buf_text(b, ": ");
        }
        for (size_t i = 0; i < c->points.n; i++) {
            const struct figure *f = chart_at(c, panel, s, i);
            const struct word *w =
                f->gap ? word_find(&c->view->words->marks, str_of(f->gap)) : NULL;
            buf_text(b, i ? ", " : "");
            esc(b, c->points.items[i].label);
            buf_char(b, ' ');
            esc(b, w ? text_in(&w->text, c->view->lang) : f->text);
        }
        buf_text(b, ". ");
    }
}

static void open_svg(struct buf *b, const struct chart *c, const char *id, int64_t w, int64_t h)
{
    (void)c;
    buf_fmt(
        b,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"chart\" role=\"img\" "
        "aria-labelledby=\"%s-t %s-d\" font-family=\"sans-serif\" font-size=\"12\" viewBox=\"0 0 ",
        id, id);
    draw_px(b, w);
    buf_char(b, ' ');
    draw_px(b, h);
    buf_text(b, "\">\n");
}

static void titles(struct buf *b, const struct chart *c, const char *id, size_t panel)
{
    const char *label = c->panels.items[panel].label;
    buf_fmt(b, "<title id=\"%s-t\">", id);
    if (*label) {
        esc(b, label);
        buf_text(b, ": ");
    }
    esc(b, c->title);
    buf_fmt(b, "</title>\n<desc id=\"%s-d\">", id);
    if (c->subtitle[0]) {
        esc(b, c->subtitle);
        buf_text(b, ". ");
    }
    describe(b, c, panel);
    buf_text(b, "</desc>\n");
}

void chart_html(struct buf *b, const struct chart *c)
{
    const struct kind *k = kind_of(c);
    buf_fmt(b, "<figure class=\"chart %s\" id=\"%s\">\n<figcaption id=\"%s-c\"><b>",
            c->view->layout->kind, c->id, c->id);
    esc(b, c->title);
    buf_text(b, "</b> <span>");
    esc(b, c->subtitle);
    buf_text(b, "</span></figcaption>\n");
    illustrative_html(b, &c->notes);
    if (c->panels.n > 1)
        buf_text(b, "<div class=\"panels many\">\n");
    else /* one wide drawing scrolls on a phone rather than shrink past reading */
        buf_fmt(b,
                "<div class=\"panels one scroll\" tabindex=\"0\" role=\"region\" "
                "aria-labelledby=\"%s-c\">\n",
                c->id);
    for (size_t p = 0; p < c->panels.n; p++) {
        const char *id = arena_fmt(&c->view->conf->arena, "%s-p%zu", c->id, p + 1);
        open_svg(b, c, id, width_of(c), k->height(c));
        titles(b, c, id, p);
        k->draw(b, c, p, width_of(c));
        buf_text(b, "</svg>\n");
    }
    buf_text(b, "</div>\n");
    chart_table(b, c);
    notes_html(b, &c->notes, c->note);
    buf_text(b, "</figure>\n");
}

/* Wrap a text at about `width` and draw it line by line; returns the place under it. */
static int64_t paragraph(struct buf *b, const char *text, const char *class_, int64_t y)
{
    size_t most = (size_t)(WIDE / 6600);
    struct str rest = str_of(text);
    while (rest.n) {
        size_t fit = 0, used = 0;
        struct str look = rest;
        while (look.n) {
            const char *cut = memchr(look.p + 1, ' ', look.n - 1);
            size_t word = cut ? (size_t)(cut - look.p) : look.n;
            used += text_width((struct str){look.p, word});
            if (used > most && fit)
                break;
            fit += word;
            look = str_cut(look, word);
        }
        struct buf line;
        buf_init(&line, 1 << 16);
        buf_str(&line, str_trim((struct str){rest.p, fit}));
        draw_text(b, 0, y, "start", class_, buf_z(&line));
        buf_free(&line);
        rest = str_cut(rest, fit);
        y += 15 * PX;
    }
    return y;
}

void chart_svg(struct buf *b, const struct chart *c)
{
    const struct kind *k = kind_of(c);
    struct arena *a = &c->view->conf->arena;
    size_t across = c->panels.n > 1 ? ACROSS : 1;
    int64_t each = k->height(c) + (c->panels.n > 1 ? 14 * PX : 0), y = 18 * PX;
    struct buf in;
    buf_init(&in, (size_t)64 << 20);
    y = paragraph(&in, c->title, "title", y);
    y = paragraph(&in, c->subtitle, "tick", y);
    if (notes_illustrative(&c->notes))
        y = paragraph(&in, notes_illustrative(&c->notes), "illustrative", y);
    for (size_t p = 0; p < c->panels.n; p++) {
        int64_t x = (int64_t)(p % across) * (SMALL + 12 * PX);
        buf_text(&in, "<g transform=\"translate(");
        draw_px(&in, x);
        buf_char(&in, ' ');
        draw_px(&in, y + (int64_t)(p / across) * each);
        buf_text(&in, ")\">\n");
        k->draw(&in, c, p, width_of(c));
        buf_text(&in, "</g>\n");
    }
    y += (int64_t)((c->panels.n + across - 1) / across) * each + 14 * PX;
    struct note n;
    for (size_t i = 0; table_note_at(&c->notes, i, &n); i++)
        y = paragraph(&in, n.mark[0] ? arena_fmt(a, "%s %s", n.mark, n.text) : n.text, "tick", y);
    y = paragraph(&in, c->note, "tick", y);
    open_svg(b, c, c->id, WIDE, y);
    buf_fmt(b, "<title id=\"%s-t\">", c->id);
    esc(b, c->title);
    buf_fmt(b, "</title>\n<desc id=\"%s-d\">", c->id);
    for (size_t p = 0; p < c->panels.n; p++) {
        esc(b, c->panels.items[p].label);
        buf_text(b, *c->panels.items[p].label ? ": " : "");
        describe(b, c, p);
    }
    buf_text(b, "</desc>\n");
    buf_str(b, buf_view(&in));
    buf_text(b, "</svg>\n");
    buf_free(&in);
}
