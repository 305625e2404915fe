/* table_text.c — a table for a terminal: at most `width` columns wide, headings wrapped, cut into
 * blocks when it is wider, notes wrapped under it. Widths are those of text_width. */
#include "table_model.h"

#include "text.h"

#define STUB_MAX 28
#define LABEL_MAX 14
#define GAP 2

struct shape {
    size_t num, marks, width; /* of one column */
};

static void blanks(struct buf *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        buf_char(b, ' ');
}

static size_t widest_word(const char *z)
{
    size_t most = 0;
    struct str s = str_of(z);
    while (s.n) {
        const char *cut = memchr(s.p, ' ', s.n);
        struct str word = {s.p, cut ? (size_t)(cut - s.p) : s.n};
        size_t w = text_width(word);
        most = w > most ? w : most;
        s = str_cut(s, word.n + (cut != NULL));
    }
    return most;
}

static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/* A hyphen that ends at `end` joins two words; one in a date or a code does not part. */
static bool between_letters(const struct str *s, size_t end)
{
    return end >= 2 && end < s->n && is_letter(s->p[end - 2]) && is_letter(s->p[end]);
}

/* The first line of s that fits into width; *s becomes the rest. A longer word is cut. */
static struct str take_line(struct str *s, size_t width)
{
    size_t used = 0, fit = 0, last = 0;
    struct str rest = *s;
    while (rest.n) {
        struct str before = rest;
        uint32_t ch = text_next(&rest);
        struct str one = {before.p, before.n - rest.n};
        used += text_width(one);
        if (used > width && fit)
            break;
        if (ch == ' ')
            last = (size_t)(before.p - s->p);
        fit = (size_t)(rest.p - s->p);
        if (ch == '-' && between_letters(s, fit))
            last = fit;
    }
    size_t n = rest.n == 0 && used <= width ? s->n : last ? last : fit;
    struct str line = {s->p, n};
    *s = str_cut(*s, n);
    while (s->n && s->p[0] == ' ')
        *s = str_cut(*s, 1);
    return line;
}

static void wrapped(struct buf *b, const char *first, const char *text, size_t width)
{
    size_t indent = text_width(str_of(first));
    struct str s = str_of(text);
    for (bool head = true; s.n; head = false) {
        if (head)
            buf_text(b, first);
        else
            blanks(b, indent);
        buf_str(b, take_line(&s, width - indent));
        buf_char(b, '\n');
    }
}

static void marks_text(struct buf *b, const struct figure *f)
{
    buf_text(b, f->status);
    if (f->nnotes == 0)
        return;
    buf_char(b, '(');
    for (size_t i = 0; i < f->nnotes; i++)
        buf_fmt(b, "%s%u", i ? "," : "", f->notes[i]);
    buf_char(b, ')');
}

static size_t marks_width(const struct figure *f)
{
    struct buf b;
    buf_init(&b, 256);
    marks_text(&b, f);
    size_t w = text_width(str_of(buf_z(&b)));
    buf_free(&b);
    return w;
}

static struct shape shape_of(const struct table *t, size_t k)
{
    struct shape s = {0};
    for (size_t r = 0; r < t->rows.n; r++) {
        size_t w = text_width(str_of(table_cell(t, r, k)->text)),
               m = marks_width(table_cell(t, r, k));
        s.num = w > s.num ? w : s.num;
        s.marks = m > s.marks ? m : s.marks;
    }
    size_t label = widest_word(t->columns.items[k].label);
    label = label > LABEL_MAX ? LABEL_MAX : label;
    s.width = s.num + s.marks > label ? s.num + s.marks : label;
    return s;
}

static size_t stub_width(const struct table *t)
{
    size_t most = text_width(str_of(t->stub));
    for (size_t r = 0; r < t->rows.n; r++) {
        size_t w = text_width(str_of(t->rows.items[r].label));
        most = w > most ? w : most;
    }
    return most > STUB_MAX ? STUB_MAX : most;
}

static void cell_text(struct buf *b, const struct figure *f, const struct shape *s)
{
    size_t marks = marks_width(f), w = text_width(str_of(f->text));
    blanks(b, GAP + s->width - s->marks - w);
    buf_text(b, f->text);
    marks_text(b, f);
    blanks(b, s->marks - marks);
}

static void trim_line(struct buf *b)
{
    while (b->n && b->p[b->n - 1] == ' ')
        b->p[--b->n] = 0;
    buf_char(b, '\n');
}

/* Headings of columns from … to, wrapped, standing at the bottom. */
static void heads(struct buf *b, const struct table *t, const struct shape *s, size_t from,
                  size_t to, size_t stub)
{
    struct str rest[64];
    struct str stub_rest = str_of(t->stub);
    for (size_t k = from; k < to; k++)
        rest[k - from] = str_of(t->columns.items[k].label);
    for (bool more = true; more;) {
        more = stub_rest.n > 0;
        struct str line = take_line(&stub_rest, stub);
        buf_str(b, line);
        blanks(b, stub - text_width(line));
        for (size_t k = from; k < to; k++) {
            more = more || rest[k - from].n;
            line = take_line(&rest[k - from], s[k].width);
            blanks(b, GAP + s[k].width - text_width(line));
            buf_str(b, line);
        }
        trim_line(b);
        more = stub_rest.n > 0;
        for (size_t k = from; k < to; k++)
            more = more || rest[k - from].n;
    }
}

static void rule(struct buf *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        buf_text(b, "\u2500");
    buf_char(b, '\n');
}

/* Spanners over columns from … to: the heading, cut to the width it spans. */
static void spans(struct buf *b, const struct table *t, const struct shape *s, size_t from,
                  size_t to, size_t stub)
{
    blanks(b, stub);
    for (size_t k = from; k < to;) {
        const struct item *it = &t->columns.items[k];
        size_t width = 0, end = k;
        for (; end < to && t->columns.items[end].group_no == it->group_no; end++)
            width += GAP + s[end].width;
        struct str text = str_of(it->heading);
        struct str line = take_line(&text, width - GAP);
        blanks(b, GAP);
        buf_str(b, line);
        blanks(b, width - GAP - text_width(line));
        k = end;
    }
    trim_line(b);
}

static void block(struct buf *b, const struct table *t, const struct shape *s, size_t from,
                  size_t to)
{
    size_t stub = stub_width(t), width = stub, group = SIZE_MAX;
    for (size_t k = from; k < to; k++)
        width += GAP + s[k].width;
    if (t->headings)
        spans(b, t, s, from, to, stub);
    heads(b, t, s, from, to, stub);
    rule(b, width);
    for (size_t r = 0; r < t->rows.n; r++) {
        const struct item *it = &t->rows.items[r];
        if (it->group_no != group && it->heading[0])
            buf_fmt(b, "%s\n", it->heading);
        if (it->total && r && !t->rows.items[r - 1].total)
            rule(b, width);
        group = it->group_no;
        struct str label = str_of(it->label);
        struct str line = take_line(&label, stub);
        while (label.n) {
            buf_str(b, line);
            buf_char(b, '\n');
            line = take_line(&label, stub);
        }
        buf_str(b, line);
        blanks(b, stub - text_width(line));
        for (size_t k = from; k < to; k++)
            cell_text(b, table_cell(t, r, k), &s[k]);
        trim_line(b);
    }
}

void table_text(struct buf *b, const struct table *t, size_t width)
{
    struct shape *s = arena_array(&t->view->conf->arena, t->columns.n + 1, sizeof *s);
    for (size_t k = 0; k < t->columns.n; k++)
        s[k] = shape_of(t, k);
    wrapped(b, "", t->title, width);
    wrapped(b, "", t->subtitle, width);
    if (notes_illustrative(&t->notes))
        wrapped(b, "!! ", notes_illustrative(&t->notes), width);
    for (size_t from = 0; from < t->columns.n;) {
        size_t to = from, used = stub_width(t);
        while (to < t->columns.n && to - from < 64 &&
               (to == from || used + GAP + s[to].width <= width))
            used += GAP + s[to++].width;
        buf_char(b, '\n');
        block(b, t, s, from, to);
        from = to;
    }
    buf_char(b, '\n');
    struct note n;
    for (size_t i = 0; table_note_at(&t->notes, i, &n); i++)
        wrapped(b, n.mark[0] ? arena_fmt(&t->view->conf->arena, "%s ", n.mark) : "", n.text, width);
    wrapped(b, "", t->note, width);
}
