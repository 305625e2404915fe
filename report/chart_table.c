/* chart_table.c — the figures of a chart as a small table that opens under it, for readers who want
 * the numbers and for those to whom a drawing says nothing. Points run across where there are
 * several panels, else down. Owns nothing. */
#include "chart_model.h"

#include "mustache.h"

static void esc(struct buf *b, const char *z) { html_escape(b, str_of(z)); }

/* A line of the chart: a series in a panel, or one of the background. */
struct line {
    const char *panel, *series;
    const struct figure *figures; /* as many as points */
};

static size_t line_count(const struct chart *c)
{
    return c->panels.n * c->series.n + c->background.n;
}

static struct line line_at(const struct chart *c, size_t i)
{
    size_t own = c->panels.n * c->series.n;
    if (i >= own)
        return (struct line){c->background.items[i - own].label, "",
                             &c->behind[(i - own) * c->points.n]};
    return (struct line){c->panels.items[i / c->series.n].label,
                         c->series.items[i % c->series.n].label, &c->figures[i * c->points.n]};
}

static void line_heading(struct buf *b, const struct chart *c, size_t i, const char *scope)
{
    struct line l = line_at(c, i);
    buf_fmt(b, "<th scope=\"%s\">", scope);
    esc(b, l.panel);
    if (*l.panel && *l.series)
        buf_text(b, ", ");
    esc(b, l.series);
    if (!*l.panel && !*l.series)
        esc(b, c->title);
    buf_text(b, "</th>");
}

static void cell(struct buf *b, const struct chart *c, const struct figure *f)
{
    const struct word *w = f->gap ? word_find(&c->view->words->marks, str_of(f->gap)) : NULL;
    buf_text(b, f->gap ? "<td class=\"gap\">" : "<td class=\"num\">");
    if (w) {
        buf_text(b, "<abbr title=\"");
        esc(b, text_in(&w->text, c->view->lang));
        buf_text(b, "\">");
    }
    esc(b, f->text);
    if (w)
        buf_text(b, "</abbr>");
    if (f->status[0]) {
        buf_text(b, "<sup>");
        esc(b, f->status);
        buf_text(b, "</sup>");
    }
    buf_text(b, "</td>");
}

static void point_heading(struct buf *b, const struct chart *c, size_t i, const char *scope)
{
    buf_fmt(b, "<th scope=\"%s\">", scope);
    esc(b, c->points.items[i].label);
    buf_text(b, "</th>");
}

static void legend(struct buf *b, const struct chart *c)
{
    size_t shown = 0;
    for (size_t l = 0; l < ARRAY_LEN(c->legend); l++) {
        for (size_t i = 0; i < c->legend[l].n; i++) {
            buf_text(b, shown++ ? " &#183; <b>" : "<p class=\"legend\"><b>");
            esc(b, c->legend[l].items[i].mark);
            buf_text(b, "</b> ");
            esc(b, c->legend[l].items[i].text);
        }
    }
    if (shown)
        buf_text(b, "</p>\n");
}

void chart_table(struct buf *b, const struct chart *c)
{
    bool across = c->panels.n > 1;
    size_t lines = line_count(c), rows = across ? lines : c->points.n;
    size_t columns = across ? c->points.n : lines;
    buf_text(b, "<details class=\"figures\"><summary>");
    esc(b, view_word(c->view, "chart-figures"));
    buf_fmt(b,
            "</summary>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
            "aria-labelledby=\"%s-c\">\n<table aria-labelledby=\"%s-c\">\n<thead>\n<tr><td></td>",
            c->id, c->id);
    for (size_t k = 0; k < columns; k++)
        (across ? point_heading : line_heading)(b, c, k, "col");
    buf_text(b, "</tr>\n</thead>\n<tbody>\n");
    for (size_t r = 0; r < rows; r++) {
        buf_text(b, "<tr>");
        (across ? line_heading : point_heading)(b, c, r, "row");
        for (size_t k = 0; k < columns; k++)
            cell(b, c, &line_at(c, across ? r : k).figures[across ? k : r]);
        buf_text(b, "</tr>\n");
    }
    buf_text(b, "</tbody>\n</table>\n</div>\n");
    legend(b, c);
    buf_text(b, "</details>\n");
}
