/* key.c — see key.h. Owns nothing. */
#include "key.h"

static bool plain(char c)
{
    return (unsigned char)c > ' ' && c != '.' && c != ':' && c != '%' && c != 0x7f;
}

void key_add(struct buf *b, const struct str *codes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (i)
            buf_char(b, i + 1 == n ? ':' : '.');
        for (size_t k = 0; k < codes[i].n; k++) {
            if (plain(codes[i].p[k]))
                buf_char(b, codes[i].p[k]);
            else
                buf_fmt(b, "%%%02X", (unsigned char)codes[i].p[k]);
        }
    }
}

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* One code's bytes; the scratch has room for the whole key, so views into it stay. */
static bool unescape(struct str code, struct buf *scratch)
{
    for (size_t i = 0; i < code.n; i++) {
        if (code.p[i] != '%') {
            buf_char(scratch, code.p[i]);
            continue;
        }
        int high = i + 2 < code.n ? digit(code.p[i + 1]) : -1;
        int low = i + 2 < code.n ? digit(code.p[i + 2]) : -1;
        if (high < 0 || low < 0)
            return false;
        buf_char(scratch, (char)(high * 16 + low));
        i += 2;
    }
    return true;
}

static struct str until(struct str rest, char sign)
{
    const char *end = rest.n ? memchr(rest.p, sign, rest.n) : NULL;
    return (struct str){rest.p, end ? (size_t)(end - rest.p) : rest.n};
}

size_t key_split(struct str key, struct buf *scratch, struct str *ret, size_t max)
{
    size_t from[64], n = 0;
    struct str head = until(key, ':'), rest = head;
    if (head.n == key.n || max > ARRAY_LEN(from))
        return 0;
    buf_reset(scratch);
    for (bool more = true; more;) {
        struct str code = until(rest, '.');
        more = code.n < rest.n;
        if (n + 1 >= max)
            return 0;
        from[n] = scratch->n;
        if (!unescape(code, scratch))
            return 0;
        ret[n].n = scratch->n - from[n];
        n++;
        rest = str_cut(rest, code.n + 1);
    }
    from[n] = scratch->n;
    if (!unescape(str_cut(key, head.n + 1), scratch) || scratch->full)
        return 0;
    ret[n].n = scratch->n - from[n];
    n++;
    for (size_t i = 0; i < n; i++)
        ret[i].p = buf_z(scratch) + from[i];
    return n;
}
