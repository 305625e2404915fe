/* err.c — see err.h. Owns nothing: all text is copied into the value. */
#include "err.h"

#include <errno.h>
#include <stdarg.h>

/* The length of the UTF-8 character at z, and the character; 0 for bytes that are none. */
static size_t decode(const unsigned char *z, uint32_t *ret)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t n = z[0] < 0x80   ? 1
               : z[0] < 0xc2 ? 0
               : z[0] < 0xe0 ? 2
               : z[0] < 0xf0 ? 3
               : z[0] < 0xf5 ? 4
                             : 0;
    uint32_t c = n == 1 ? z[0] : z[0] & (0x7fu >> n);
    for (size_t i = 1; i < n; i++) { /* the NUL at the end is no continuation */
        if ((z[i] & 0xc0) != 0x80)
            return 0;
        c = c << 6 | (z[i] & 0x3fu);
    }
    *ret = c;
    return n && c >= least[n] && c <= 0x10ffff && (c < 0xd800 || c > 0xdfff) ? n : 0;
}

/* Controls of both sets (U+009B is ESC [ to many terminals), and what breaks or turns a line. */
static bool drives(uint32_t c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x061c || c == 0x200e || c == 0x200f ||
           (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

void err_disarm(char *z)
{
    char *to = z;
    while (*z) {
        uint32_t c = 0;
        size_t n = decode((const unsigned char *)z, &c);
        if (n == 0 || drives(c))
            *to++ = '?';
        for (size_t i = 0; n && !drives(c) && i < n; i++)
            *to++ = z[i];
        z += n ? n : 1;
    }
    *to = '\0';
}

static PRINTF_LIKE(3, 0) void fill(char *dst, size_t size, const char *fmt, va_list ap)
{
    if (dst[0])
        return;
    (void)vsnprintf(dst, size, fmt, ap);
    err_disarm(dst);
}

static int set(struct err *e, enum rc rc, const char *id)
{
    e->rc = rc;
    (void)snprintf(e->id, sizeof e->id, "%s", id);
    e->place[0] = e->text[0] = e->hint[0] = '\0';
    return -(int)rc;
}

int err_set(struct err *e, enum rc rc, const char *id, const char *fmt, ...)
{
    if (!e || e->rc)
        return -(int)rc;
    set(e, rc, id);
    va_list ap;
    va_start(ap, fmt);
    fill(e->text, sizeof e->text, fmt, ap);
    va_end(ap);
    return -(int)rc;
}

int err_sys(struct err *e, enum rc rc, const char *id, const char *fmt, ...)
{
    int saved = errno;
    if (!e || e->rc)
        return -(int)rc;
    set(e, rc, id);
    va_list ap;
    va_start(ap, fmt);
    fill(e->text, sizeof e->text, fmt, ap);
    va_end(ap);
    size_t n = strlen(e->text);
    (void)snprintf(e->text + n, sizeof e->text - n, ": %s", strerror(saved));
    return -(int)rc;
}

int err_place(struct err *e, const char *fmt, ...)
{
    if (!e)
        return -RC_BUG;
    va_list ap;
    va_start(ap, fmt);
    fill(e->place, sizeof e->place, fmt, ap);
    va_end(ap);
    return -(int)e->rc;
}

int err_hint(struct err *e, const char *fmt, ...)
{
    if (!e)
        return -RC_BUG;
    va_list ap;
    va_start(ap, fmt);
    fill(e->hint, sizeof e->hint, fmt, ap);
    va_end(ap);
    return -(int)e->rc;
}

void err_clear(struct err *e) { *e = (struct err){.rc = RC_OK}; }
