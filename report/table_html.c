/* table_html.c — a table as an HTML figure that can stand in any page: no inline style, no script,
 * a box of its own to scroll in, scope on every heading, its notes under it. */
#include "table_model.h"

#include "mustache.h"

static void esc(struct buf *b, const char *z) { html_escape(b, str_of(z)); }

static void numbered_html(struct buf *b, const struct note_list *l, const char *id)
{
    if (l->n == 0)
        return;
    buf_text(b, "<ol>\n");
    for (size_t i = 0; i < l->n; i++) {
        buf_fmt(b, "<li id=\"%s-n%zu\">", id, i + 1);
        esc(b, l->items[i].text);
        buf_text(b, "</li>\n");
    }
    buf_text(b, "</ol>\n");
}

static void legend_html(struct buf *b, const struct note_list *l, bool *first)
{
    for (size_t i = 0; i < l->n; i++) {
        buf_text(b, *first ? "<p class=\"legend\">" : " &#183; ");
        buf_text(b, "<b>");
        esc(b, l->items[i].mark);
        buf_text(b, "</b> ");
        esc(b, l->items[i].text);
        *first = false;
    }
}

static void notes_body(struct buf *b, const struct notes *n, const char *id, const char *extra)
{
    for (size_t i = 0; i < n->marks.n; i++) {
        buf_text(b, "<p class=\"mark\">");
        esc(b, n->marks.items[i].mark);
        buf_char(b, ' ');
        esc(b, n->marks.items[i].text);
        buf_text(b, "</p>\n");
    }
    bool first = true;
    if (!n->v->layout->legend || strcmp(n->v->layout->legend, "none") != 0) {
        legend_html(b, &n->legend, &first);
        legend_html(b, &n->statuses, &first);
    }
    if (!first)
        buf_text(b, "</p>\n");
    numbered_html(b, &n->numbered, id);
    if (extra && *extra) {
        buf_text(b, "<p>");
        esc(b, extra);
        buf_text(b, "</p>\n");
    }
    for (size_t i = 0; i < n->lines.n; i++) {
        buf_fmt(b, "<p class=\"%s\">", n->lines.items[i].mark);
        esc(b, n->lines.items[i].text);
        buf_text(b, "</p>\n");
    }
}

void notes_html(struct buf *b, const struct notes *n, const char *extra)
{
    buf_text(b, "<div class=\"notes\">\n");
    notes_body(b, n, view_anchor(n->v), extra);
    buf_text(b, "</div>\n");
}

/* One heading row of spanners: runs of columns of one group under one heading. */
static void spanners(struct buf *b, const struct table *t)
{
    buf_text(b, "<tr><th scope=\"col\" rowspan=\"2\" class=\"stub\">");
    esc(b, t->stub);
    buf_text(b, "</th>");
    for (size_t k = 0; k < t->columns.n;) {
        const struct item *it = &t->columns.items[k];
        size_t span = 1;
        while (k + span < t->columns.n && t->columns.items[k + span].group_no == it->group_no)
            span++;
        if (it->heading[0]) {
            buf_fmt(b, "<th scope=\"colgroup\" colspan=\"%zu\" class=\"span\">", span);
            esc(b, it->heading);
            buf_text(b, "</th>");
            k += span;
            continue;
        }
        buf_text(b, "<th scope=\"col\" rowspan=\"2\">");
        esc(b, it->label);
        buf_text(b, "</th>");
        k++;
    }
    buf_text(b, "</tr>\n");
}

static void head(struct buf *b, const struct table *t)
{
    buf_text(b, "<thead>\n");
    if (t->headings)
        spanners(b, t);
    buf_text(b, "<tr>");
    if (!t->headings) {
        buf_text(b, "<th scope=\"col\" class=\"stub\">");
        esc(b, t->stub);
        buf_text(b, "</th>");
    }
    for (size_t k = 0; k < t->columns.n; k++) {
        const struct item *it = &t->columns.items[k];
        if (t->headings && !it->heading[0])
            continue;
        buf_fmt(b, "<th scope=\"col\"%s>", it->total ? " class=\"total\"" : "");
        esc(b, it->label);
        buf_text(b, "</th>");
    }
    buf_text(b, "</tr>\n</thead>\n");
}

static void marks_html(struct buf *b, const struct table *t, const struct figure *f)
{
    if (!f->status[0] && f->nnotes == 0)
        return;
    buf_text(b, "<sup>");
    esc(b, f->status);
    for (size_t i = 0; i < f->nnotes; i++) {
        if (i || f->status[0])
            buf_char(b, ',');
        buf_fmt(b, "<a href=\"#%s-n%u\">%u</a>", t->id, f->notes[i], f->notes[i]);
    }
    buf_text(b, "</sup>");
}

/* Figure spaces keep the decimal signs of a column under each other. */
static void pad(struct buf *b, const struct table *t, size_t k, const struct figure *f)
{
    int most = 0;
    for (size_t r = 0; r < t->rows.n; r++) {
        const struct figure *g = table_cell(t, r, k);
        most = g->is_number && g->num.scale > most ? g->num.scale : most;
    }
    if (f->num.scale >= most)
        return;
    if (f->num.scale == 0)
        buf_text(b, "\u2008");
    for (int i = f->num.scale; i < most; i++)
        buf_text(b, "\u2007");
}

/* A figure leads to its explanation. The link is for the pointer alone: whoever moves by keys would
 * have to pass hundreds, and finds the page of explanations under the table. */
static void link_html(struct buf *b, const struct table *t, size_t r, size_t k)
{
    buf_text(b, "<a class=\"why\" tabindex=\"-1\" href=\"");
    esc(b, t->explain);
    buf_fmt(b, "#r%zuc%zu\">", r + 1, k + 1);
}

static void cell_text(struct buf *b, const struct table *t, const struct figure *f, bool words)
{
    const struct word *w =
        f->gap && !words ? word_find(&t->view->words->marks, str_of(f->gap)) : NULL;
    if (w) {
        buf_text(b, "<abbr title=\"");
        esc(b, text_in(&w->text, t->view->lang));
        buf_text(b, "\">");
    }
    esc(b, f->text);
    if (w)
        buf_text(b, "</abbr>");
}

static void cell_html(struct buf *b, const struct table *t, size_t r, size_t k)
{
    const struct figure *f = table_cell(t, r, k);
    const struct item *it = &t->columns.items[k];
    bool words = it->group->as && strcmp(it->group->as, "signed") != 0;
    bool linked = t->explain && f->row;
    const char *kind = f->gap ? "gap" : words ? "word" : "num";
    buf_fmt(b, "<td class=\"%s%s", kind, it->total ? " total" : "");
    if (t->heat && t->heat[r * t->columns.n + k])
        buf_fmt(b, " heat%d", t->heat[r * t->columns.n + k]);
    buf_text(b, "\">");
    if (linked)
        link_html(b, t, r, k);
    cell_text(b, t, f, words);
    if (linked)
        buf_text(b, "</a>");
    if (f->is_number && !words)
        pad(b, t, k, f);
    marks_html(b, t, f);
    buf_text(b, "</td>");
}

static void body(struct buf *b, const struct table *t)
{
    size_t open = SIZE_MAX;
    for (size_t r = 0; r < t->rows.n; r++) {
        const struct item *it = &t->rows.items[r];
        if (it->group_no != open) {
            buf_text(b, open == SIZE_MAX ? "<tbody>\n" : "</tbody>\n<tbody>\n");
            if (it->heading[0]) {
                buf_fmt(b, "<tr class=\"group\"><th scope=\"rowgroup\" colspan=\"%zu\">",
                        t->columns.n + 1);
                esc(b, it->heading);
                buf_text(b, "</th></tr>\n");
            }
            open = it->group_no;
        }
        buf_fmt(b, "<tr%s><th scope=\"row\">", it->total ? " class=\"total\"" : "");
        esc(b, it->label);
        buf_text(b, "</th>");
        for (size_t k = 0; k < t->columns.n; k++)
            cell_html(b, t, r, k);
        buf_text(b, "</tr>\n");
    }
    if (open != SIZE_MAX)
        buf_text(b, "</tbody>\n");
}

void illustrative_html(struct buf *b, const struct notes *n)
{
    const char *text = notes_illustrative(n);
    if (!text)
        return;
    buf_text(b, "<p class=\"illustrative\">");
    esc(b, text);
    buf_text(b, "</p>\n");
}

/* The title stands outside the box that scrolls, so that a narrow screen wraps it. */
void table_html(struct buf *b, const struct table *t)
{
    buf_fmt(b, "<figure class=\"table\" id=\"%s\">\n", t->id);
    buf_fmt(b, "<figcaption id=\"%s-c\"><b>", t->id);
    esc(b, t->title);
    buf_text(b, "</b>");
    if (t->subtitle[0]) {
        buf_text(b, " <span>");
        esc(b, t->subtitle);
        buf_text(b, "</span>");
    }
    buf_text(b, "</figcaption>\n");
    illustrative_html(b, &t->notes);
    buf_fmt(b, "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-labelledby=\"%s-c\">\n",
            t->id);
    buf_fmt(b, "<table aria-labelledby=\"%s-c\">\n", t->id);
    head(b, t);
    body(b, t);
    buf_text(b, "</table>\n</div>\n");
    notes_html(b, &t->notes, t->note);
    buf_text(b, "</figure>\n");
}
