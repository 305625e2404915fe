/* profile_try.c — see profile_try.h. Two lines a cell, 80 columns: where it stands, what stands
 * there, what is understood; below, the codes. */
#include "profile_try.h"

#include "read_input.h"
#include "text.h"

#define WHERE 14
#define RAW 22
#define LINE 80

struct
try {
    struct out *out;
    size_t most, shown;
    const char *sheet; /* the last one named */
};

/* At most `most` columns of it, cut with "…", padded to `pad`. */
static void put(struct buf *b, struct str s, size_t most, size_t pad)
{
    size_t width = 0, whole = text_width(s);
    struct str left = s;
    while (left.n) {
        struct str at = left;
        uint32_t c = text_next(&left);
        struct str one = {at.p, (size_t)(left.p - at.p)};
        size_t w = text_width(one);
        if (width + w > most - (whole > most))
            break;
        if (c < 0x20 || c == 0x7f)
            buf_char(b, ' ');
        else
            buf_str(b, one);
        width += c < 0x20 ? 1 : w;
    }
    if (whole > most) {
        buf_text(b, "…");
        width++;
    }
    for (; width < pad; width++)
        buf_char(b, ' ');
}

static void understood(struct buf *b, const struct desk_shown *c)
{
    if (c->why)
        buf_fmt(b, "refused: %s", c->why->text);
    else if (c->missing)
        buf_text(b, "(nothing: no row)");
    else if (!c->value.n)
        buf_text(b, "(no value)");
    else
        buf_str(b, c->value);
    if (c->status[0])
        buf_fmt(b, "  status %s", c->status);
    if (c->conf.n)
        buf_fmt(b, "  confidential %.*s", STR_ARG(c->conf));
    if (c->aside)
        buf_text(b, "  a total: kept aside");
}

static void put_codes(struct buf *b, const struct desk_shown *c)
{
    size_t width = 0;
    for (size_t i = 0; i < c->ndims; i++) {
        struct buf one;
        buf_init(&one, 4096);
        buf_fmt(&one, "%s=", c->ids[i]);
        put(&one, c->codes[i].n ? c->codes[i] : STR("?"), 30, 0);
        size_t w = text_width(buf_view(&one));
        if (!width || width + 2 + w > LINE) {
            buf_text(b, width ? "\n" : "");
            for (width = 0; width < 4; width++)
                buf_char(b, ' ');
        } else {
            buf_text(b, "  ");
            width += 2;
        }
        buf_str(b, buf_view(&one));
        width += w;
        buf_free(&one);
    }
    buf_text(b, width ? "\n" : "");
}

static void on_cell(void *to, const struct desk_shown *c)
{
    struct try *t = to;
    struct buf b, what;
    char ref[CELL_REF_MAX];
    if (t->most && t->shown >= t->most)
        return;
    buf_init(&b, 1 << 16);
    buf_init(&what, 1 << 16);
    if (!t->shown++)
        buf_text(&b, "place         stands there            understood\n");
    if (c->row->sheet && c->row->sheet != t->sheet)
        buf_fmt(&b, "-- sheet %s\n", c->row->sheet);
    t->sheet = c->row->sheet;
    if (c->row->sheet)
        (void)cell_ref(ref, c->row->line, c->field);
    else
        (void)snprintf(ref, sizeof ref, "%zu:%zu", c->row->line, c->field);
    put(&b, str_of(ref), WHERE - 1, WHERE);
    put(&b, c->raw, RAW, RAW + 2);
    understood(&what, c);
    put(&b, buf_view(&what), LINE - WHERE - RAW - 2, 0);
    buf_char(&b, '\n');
    put_codes(&b, c);
    out_str(t->out, buf_view(&b));
    buf_free(&b);
    buf_free(&what);
}

int profile_try(struct stage *st, const char *profile, const char *path, size_t most, struct err *e)
{
    struct try t = {.out = &st->out, .most = most};
    const struct desk_options o = {
        .name = input_name(NULL, path), .shown = 0, .show = on_cell, .show_to = &t};
    const struct profile *p;
    struct conf *c;
    struct desk *d CLEANUP(desk_closep) = NULL;
    int rc = stage_conf(st, &c, e);
    if (rc >= 0)
        rc = profile_load(c, profile, -1, &p, e);
    if (rc >= 0)
        rc = desk_open(&d, st, p, &o, e);
    if (rc >= 0)
        rc = read_input(st, p, d, path, e);
    return rc < 0 ? rc : desk_finish(d, true, e);
}
