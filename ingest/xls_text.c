/* xls_text.c — records of an old Excel workbook, and its texts, which may be cut anywhere by the
 * end of a record. Characters of a text are kept until its runs are known: what is raised becomes
 * ¹²³. */
#include "xls.h"

#include "bounds.h"
#include "mem.h"

int xls_broken(const struct xls *x, const char *what, struct err *e)
{
    err_set(e, RC_DATA, "XLS-001", "the workbook is damaged: %s", what);
    err_hint(e, "Open it in an office program and save it as XLSX, or get it again.");
    return grid_place(x->g, 0, 0, e);
}

int xls_record(const struct xls *x, size_t at, struct xls_record *ret, struct err *e)
{
    *ret = (struct xls_record){0, {NULL, 0}, at};
    if (at > x->stream.n || x->stream.n - at < 4)
        return 0;
    const char *p = x->stream.p + at;
    size_t n = xls_u16(p + 2);
    if (n > x->stream.n - at - 4)
        return xls_broken(x, "a record is cut short", e);
    *ret = (struct xls_record){xls_u16(p), {p + 4, n}, at + 4 + n};
    return 1;
}

/* Go on in the CONTINUE record that follows, when this one is used up. */
static int more(struct xls_bytes *s, struct err *e)
{
    struct xls_record r;
    int rc = xls_record(s->x, s->next, &r, e);
    if (rc < 0)
        return rc;
    if (rc == 0 || r.type != XLS_CONTINUE)
        return xls_broken(s->x, "a text is cut short", e);
    s->left = r.body;
    s->next = r.next;
    return 0;
}

/* Past n bytes; the first ones to `to` when it is not NULL. */
static int take(struct xls_bytes *s, char *to, size_t n, struct err *e)
{
    while (n) {
        int rc = s->left.n ? 0 : more(s, e);
        if (rc < 0)
            return rc;
        size_t k = n < s->left.n ? n : s->left.n;
        if (to) {
            memcpy(to, s->left.p, k);
            to += k;
        }
        s->left = str_cut(s->left, k);
        n -= k;
    }
    return 0;
}

/* Characters; where a record ends among them, the next one says anew how wide they are. */
static int take_chars(struct xls_bytes *s, uint16_t *to, size_t n, bool wide, struct err *e)
{
    for (size_t i = 0; i < n; i++) {
        char c[2] = {0, 0};
        if (!s->left.n) {
            int rc = more(s, e);
            if (rc >= 0)
                rc = take(s, c, 1, e);
            if (rc < 0)
                return rc;
            wide = c[0] & 1;
            c[0] = 0;
        }
        int rc = take(s, c, wide ? 2 : 1, e);
        if (rc < 0)
            return rc;
        to[i] = (uint16_t)xls_u16(c);
    }
    return 0;
}

static void put_char(struct buf *b, uint32_t c, bool super)
{
    char u[4];
    size_t n = 1;
    u[0] = (char)c;
    if (c < 0x20 && c != '\n' && c != '\t')
        u[0] = ' ';
    else if (c >= 0x10000) {
        n = 4;
        u[0] = (char)(0xf0 | c >> 18);
        u[1] = (char)(0x80 | (c >> 12 & 0x3f));
        u[2] = (char)(0x80 | (c >> 6 & 0x3f));
        u[3] = (char)(0x80 | (c & 0x3f));
    } else if (c >= 0x800) {
        n = 3;
        u[0] = (char)(0xe0 | c >> 12);
        u[1] = (char)(0x80 | (c >> 6 & 0x3f));
        u[2] = (char)(0x80 | (c & 0x3f));
    } else if (c >= 0x80) {
        n = 2;
        u[0] = (char)(0xc0 | c >> 6);
        u[1] = (char)(0x80 | (c & 0x3f));
    }
    if (super)
        superscript(b, (struct str){u, n});
    else
        buf_add(b, u, n);
}

struct text {
    uint16_t *chars;
    size_t n, nruns;
    char *runs; /* 4 bytes each: from which character, which font */
};

static bool raised(const struct xls *x, const struct text *t, size_t at)
{
    bool super = false;
    for (size_t i = 0; i < t->nruns && xls_u16(t->runs + 4 * i) <= at; i++) {
        unsigned font = xls_u16(t->runs + 4 * i + 2);
        font -= font > 4; /* there is no font 4 */
        super = font < x->nfonts && x->super[font];
    }
    return super;
}

static void put_text(const struct xls *x, const struct text *t, struct buf *b)
{
    bool super = false;
    for (size_t i = 0; i < t->n; i++) {
        uint32_t c = t->chars[i];
        if (c >= 0xd800 && c < 0xdc00 && i + 1 < t->n && t->chars[i + 1] >= 0xdc00 &&
            t->chars[i + 1] < 0xe000)
            c = 0x10000 + ((c - 0xd800) << 10) + (t->chars[++i] - 0xdc00u);
        else if (c >= 0xd800 && c < 0xe000)
            c = 0xfffd;
        if (t->nruns && t->nruns <= 64) /* more are ornament */
            super = raised(x, t, i);
        put_char(b, c, super);
    }
}

static int text_parts(struct xls_bytes *s, size_t n, unsigned flags, struct buf *b, struct err *e)
{
    char count[4] = {0, 0, 0, 0};
    struct text t = {.n = n};
    uint32_t hints = 0;
    int rc = flags & 8 ? take(s, count, 2, e) : 0;
    t.nruns = xls_u16(count);
    if (rc >= 0 && flags & 4)
        rc = take(s, count, 4, e);
    if (rc >= 0 && flags & 4)
        hints = xls_u32(count);
    t.chars = mem_array(n + 1, sizeof *t.chars);
    t.runs = mem_new(t.nruns * 4 + 1);
    if (rc >= 0)
        rc = take_chars(s, t.chars, n, flags & 1, e);
    if (rc >= 0)
        rc = take(s, t.runs, t.nruns * 4, e);
    if (rc >= 0)
        rc = take(s, NULL, hints, e);
    if (rc >= 0)
        put_text(s->x, &t, b);
    mem_free(t.chars);
    mem_free(t.runs);
    return rc;
}

int xls_text(struct xls_bytes *s, bool wide, struct buf *b, struct err *e)
{
    char head[3] = {0, 0, 0};
    int rc = take(s, head, wide ? 2 : 1, e);
    if (rc < 0)
        return rc;
    size_t n = xls_u16(head);
    rc = take(s, head + 2, 1, e);
    if (rc < 0)
        return rc;
    return text_parts(s, n, (unsigned char)head[2], b, e);
}

int xls_strings(struct xls *x, const struct xls_record *sst, struct err *e)
{
    struct xls_bytes s = {x, sst->body, sst->next};
    char counts[8];
    int rc = take(&s, counts, 8, e);
    if (rc < 0)
        return rc;
    size_t n = xls_u32(counts + 4);
    if (n > x->stream.n / 3) /* each takes three bytes at least */
        return xls_broken(x, "it declares more texts than it can hold", e);
    struct buf b;
    buf_init(&b, LIMIT_ROW_BYTES);
    x->strings = arena_array(&x->arena, n + 1, sizeof *x->strings);
    for (; x->nstrings < n && rc >= 0; x->nstrings++) {
        buf_reset(&b);
        rc = xls_text(&s, true, &b, e);
        x->strings[x->nstrings] = arena_str(&x->arena, buf_view(&b));
    }
    buf_free(&b);
    return rc;
}
