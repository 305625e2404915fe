/* buf.c — see buf.h. Owns p. */
#include "buf.h"

#include "mem.h"

#include <stdarg.h>

void buf_init(struct buf *b, size_t max) { *b = (struct buf){.max = max}; }

void buf_free(struct buf *b)
{
    if (!b)
        return;
    mem_free(b->p);
    *b = (struct buf){.max = b->max};
}

void buf_reset(struct buf *b)
{
    b->n = 0;
    b->full = false;
    if (b->p)
        b->p[0] = '\0';
}

/* Room for n more bytes and the NUL; false (and full) when that passes the maximum. */
static bool reserve(struct buf *b, size_t n)
{
    if (b->full || n > b->max || b->n > b->max - n) {
        b->full = true;
        return false;
    }
    size_t need = b->n + n + 1;
    if (need <= b->cap)
        return true;
    size_t cap = b->cap ? b->cap : 128;
    while (cap < need)
        cap *= 2;
    b->p = mem_resize(b->p, cap);
    b->cap = cap;
    return true;
}

void buf_add(struct buf *b, const void *p, size_t n)
{
    if (!reserve(b, n))
        return;
    if (n)
        memcpy(b->p + b->n, p, n);
    b->n += n;
    b->p[b->n] = '\0';
}

void buf_char(struct buf *b, char c) { buf_add(b, &c, 1); }

void buf_text(struct buf *b, const char *z) { buf_add(b, z, strlen(z)); }

void buf_str(struct buf *b, struct str s) { buf_add(b, s.p, s.n); }

void buf_int(struct buf *b, int64_t v)
{
    char text[24];
    size_t at = sizeof text;
    uint64_t size = v < 0 ? -(uint64_t)v : (uint64_t)v;
    do
        text[--at] = (char)('0' + size % 10);
    while (size /= 10);
    if (v < 0)
        text[--at] = '-';
    buf_add(b, text + at, sizeof text - at);
}

void buf_fmt(struct buf *b, const char *fmt, ...)
{
    va_list ap, again;
    va_start(ap, fmt);
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    if (n > 0 && reserve(b, (size_t)n)) {
        (void)vsnprintf(b->p + b->n, (size_t)n + 1, fmt, again);
        b->n += (size_t)n;
    }
    va_end(again);
}

int buf_ok(const struct buf *b, const char *what, struct err *e)
{
    if (!b->full)
        return 0;
    return err_set(e, RC_DATA, "BUF-001", "%s is longer than the %zu bytes allowed", what, b->max);
}
