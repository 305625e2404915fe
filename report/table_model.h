/* table_model.h — a table laid out: what the writers (text, CSV, HTML, JSON) share. The model does
 * no arithmetic: a figure stands in the stream or nowhere. All memory is the arena of conf. */
#ifndef RTA_TABLE_MODEL_H
#define RTA_TABLE_MODEL_H

#include "buf.h"
#include "figure.h"

struct table {
    const struct view *view;
    const char *id; /* "rita-areas", for anchors; with --set values: "rita-areas-0101" */
    const char *title, *subtitle, *stub, *note;
    struct axis rows, columns;
    struct figure *cells; /* rows.n × columns.n */
    unsigned char *heat;  /* 0 none, 1 … 5 within its row; NULL when the layout asks for none */
    const char *explain;  /* page that explains each figure, with anchors r1c1 …; NULL: none */
    size_t width;         /* of text output */
    bool headings;        /* some column has a heading above it */
    struct notes notes;
    const struct cube *cube;
};

/* Lay the cube out; ret lives as long as v and c. RC_CONFIG: the layout does not settle every
 * dimension, or names what the figures lack. */
MUST_CHECK int table_make(struct table *ret, const struct view *v, const struct cube *c,
                          struct err *e);
static inline const struct figure *table_cell(const struct table *t, size_t row, size_t column)
{
    return &t->cells[row * t->columns.n + column];
}
/* An anchor from the layout's name and the variables other than period. */
const char *view_anchor(const struct view *v);

/* The notes as lines in their order: mark (may be "") and text. Returns how many there are; i past
 * the last gives false. */
bool table_note_at(const struct notes *n, size_t i, struct note *ret);

void table_text(struct buf *b, const struct table *t, size_t width);
void table_csv(struct buf *b, const struct table *t);
void table_html(struct buf *b, const struct table *t);
void table_json(struct buf *b, const struct table *t);
/* The warning over figures that are made up, if any is. */
void illustrative_html(struct buf *b, const struct notes *n);
/* Notes under a figure or table as HTML. */
void notes_html(struct buf *b, const struct notes *n, const char *extra);
/* The notes of a figure or cell as superscript marks: "b,1". */
void figure_marks(struct buf *b, const struct figure *f, const char *sep);

#endif
