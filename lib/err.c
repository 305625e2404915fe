/* err.c — see err.h. Owns nothing: all text is copied into the value. */
#include "err.h"

#include <errno.h>
#include <stdarg.h>

static void disarm(char *z)
{
    for (; *z; z++)
        if ((unsigned char)*z < 0x20 || *z == 0x7f)
            *z = '?';
}

static PRINTF_LIKE(3, 0) void fill(char *dst, size_t size, const char *fmt, va_list ap)
{
    if (dst[0])
        return;
    (void)vsnprintf(dst, size, fmt, ap);
    disarm(dst);
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
