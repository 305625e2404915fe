/* submit_show.c — the ledger as a table of at most 80 columns. Owns nothing. */
#include "submit.h"

#include "text.h"

/* s, cut or filled to `width` columns. */
static void cell(struct buf *b, const char *s, size_t width)
{
    size_t used = 0;
    struct str left = str_of(s);
    while (left.n && used < width) {
        struct str before = left;
        (void)text_next(&left);
        struct str one = {before.p, before.n - left.n};
        if (used + text_width(one) > width)
            break;
        buf_str(b, one);
        used += text_width(one);
    }
    buf_fmt(b, "%*s", (int)(width - used), "");
}

void submit_status(const struct ledger *l, struct buf *b)
{
    buf_text(b, "number  state     since                 packet, file\n");
    for (size_t i = 0; i < l->n; i++) {
        const struct entry *x = &l->entries[i];
        buf_fmt(b, "%6lld  ", (long long)x->sequence);
        cell(b, sent_words[x->state], 10);
        cell(b, x->at, 22);
        buf_fmt(b, "%s\n%40s", x->packet, "");
        cell(b, x->file, 39);
        while (b->n && b->p[b->n - 1] == ' ')
            b->p[--b->n] = '\0';
        buf_char(b, '\n');
    }
}
