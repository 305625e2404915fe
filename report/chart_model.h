/* chart_model.h — a chart laid out: figures by panel, series and point, one scale for all panels,
 * and the drawing in thousandths of a pixel. No floating point: a figure's place is its exact
 * decimal times the length, divided by the scale. All memory is the arena of conf. */
#ifndef RTA_CHART_MODEL_H
#define RTA_CHART_MODEL_H

#include "buf.h"
#include "figure.h"

/* Values of one axis as whole numbers of 10^-scale; lo <= 0 <= hi, both multiples of step. */
struct scale {
    int scale;
    __int128 lo, hi, step;
};

struct chart {
    const struct view *view;
    const struct cube *cube;
    const char *id, *title, *subtitle, *note;
    struct axis panels, points, series, background, highlight;
    struct figure *figures; /* panels × series × points */
    struct figure *behind;  /* background × points */
    struct scale axis;      /* of all figures */
    struct notes notes;
    struct note_list legend[2]; /* marks and letters of the figures, for the table of the chart */
};

/* The same as table_make, for charts; RC_CONFIG also for more series than can be told apart. */
MUST_CHECK int chart_make(struct chart *ret, const struct view *v, const struct cube *c,
                          struct err *e);
static inline const struct figure *chart_at(const struct chart *c, size_t panel, size_t series,
                                            size_t point)
{
    return &c->figures[(panel * c->series.n + series) * c->points.n + point];
}

/* The scale that holds all of n figures (gaps are skipped) in at most `ticks` steps from zero. */
struct scale scale_of(const struct figure *f, size_t n, int ticks);
/* Where v stands on a length in thousandths, from lo. */
int64_t scale_place(const struct scale *s, struct num v, int64_t length);
/* Tick i as a number without needless decimals; false past hi. */
bool scale_tick(const struct scale *s, size_t i, struct num *ret);

/* Drawing. Lengths are thousandths of a pixel. */
#define PX 1000
struct pen {
    struct buf *b;
    const struct chart *c;
    int64_t x, y, w, h; /* the plot's rectangle */
};
void draw_px(struct buf *b, int64_t milli);
/* class carries the theme; the colour is what is seen where no style sheet is. */
void draw_line(struct buf *b, const char *class_, const char *colour, const int64_t xy[4]);
/* anchor: start, middle, end. */
void draw_text(struct buf *b, int64_t x, int64_t y, const char *anchor, const char *class_,
               const char *text);
/* Right-aligned at x; in two lines when it is wider than `width`. */
void draw_label(struct buf *b, int64_t x, int64_t y, int64_t width, const char *text);
void draw_title(struct buf *b, const char *text);
const char *series_colour(size_t i);
/* Strokes tell lines apart where colours do not; "" is a whole line. */
const char *series_dash(size_t i);
/* About how wide a text is at 12 px. */
int64_t text_length(const char *z);

/* One panel each: the height it needs, and its drawing in w × height at the origin. */
int64_t lines_height(const struct chart *c);
void lines_draw(struct buf *b, const struct chart *c, size_t panel, int64_t w);
int64_t bars_height(const struct chart *c);
void bars_draw(struct buf *b, const struct chart *c, size_t panel, int64_t w);
int64_t range_height(const struct chart *c);
void range_draw(struct buf *b, const struct chart *c, size_t panel, int64_t w);

void chart_svg(struct buf *b, const struct chart *c);
void chart_html(struct buf *b, const struct chart *c);
/* The figures of the drawing, folded away under it: the table that is one click away. */
void chart_table(struct buf *b, const struct chart *c);

#endif
