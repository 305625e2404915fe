/* chart_draw.c — the few shapes that charts are made of. Colours are Okabe and Ito's, as
 * presentation attributes: a style sheet may change them for dark ground, none is needed. */
#include "chart_model.h"

#include "mustache.h"
#include "text.h"

void draw_px(struct buf *b, int64_t milli)
{
    if (milli < 0)
        buf_char(b, '-');
    uint64_t v = milli < 0 ? (uint64_t)-milli : (uint64_t)milli;
    buf_fmt(b, "%llu", (unsigned long long)(v / 1000));
    unsigned part = (unsigned)(v % 1000) / 10;
    if (part)
        buf_fmt(b, part % 10 ? ".%02u" : ".%u", part % 10 ? part : part / 10);
}

static void attribute(struct buf *b, const char *name, int64_t milli)
{
    buf_fmt(b, " %s=\"", name);
    draw_px(b, milli);
    buf_char(b, '"');
}

void draw_line(struct buf *b, const char *class_, const char *colour, const int64_t xy[4])
{
    static const char *const names[] = {"x1", "y1", "x2", "y2"};
    buf_fmt(b, "<line class=\"%s\" stroke=\"%s\"", class_, colour);
    for (size_t i = 0; i < 4; i++)
        attribute(b, names[i], xy[i]);
    buf_text(b, "/>\n");
}

void draw_text(struct buf *b, int64_t x, int64_t y, const char *anchor, const char *class_,
               const char *text)
{
    buf_fmt(b, "<text class=\"%s\" text-anchor=\"%s\"", class_, anchor);
    attribute(b, "x", x);
    attribute(b, "y", y);
    buf_char(b, '>');
    html_escape(b, str_of(text));
    buf_text(b, "</text>\n");
}

void draw_label(struct buf *b, int64_t x, int64_t y, int64_t width, const char *text)
{
    size_t n = strlen(text), cut = 0;
    for (size_t i = 1; i < n && text_length(text) > width; i++) {
        /* The blank nearest to the middle. */
        size_t off = i > n / 2 ? i - n / 2 : n / 2 - i;
        size_t best = cut > n / 2 ? cut - n / 2 : n / 2 - cut;
        if (text[i] == ' ' && (cut == 0 || off < best))
            cut = i;
    }
    if (cut == 0) {
        draw_text(b, x, y, "end", "label", text);
        return;
    }
    struct buf first;
    buf_init(&first, 4096);
    buf_str(&first, (struct str){text, cut});
    draw_text(b, x, y - 6 * PX, "end", "label", buf_z(&first));
    draw_text(b, x, y + 7 * PX, "end", "label", text + cut + 1);
    buf_free(&first);
}

void draw_title(struct buf *b, const char *text)
{
    buf_text(b, "<title>");
    html_escape(b, str_of(text));
    buf_text(b, "</title>");
}

const char *series_colour(size_t i)
{
    static const char *const colours[] = {"#0072b2", "#d55e00", "#009e73", "#cc79a7",
                                          "#e69f00", "#56b4e9", "#444444"};
    return colours[i % ARRAY_LEN(colours)];
}

const char *series_dash(size_t i)
{
    static const char *const dashes[] = {"", "7 3", "2 3", "9 3 2 3", "", "4 2", "1 4"};
    return dashes[i % ARRAY_LEN(dashes)];
}

int64_t text_length(const char *z) { return (int64_t)text_width(str_of(z)) * 6600; }
