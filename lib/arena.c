/* arena.c — see arena.h. A list of chunks, newest first; each chunk owns its bytes. */
#include "arena.h"

#include "bounds.h"
#include "mem.h"

#include <stdarg.h>
#include <stdalign.h>
#include <unistd.h>

struct arena_chunk {
    struct arena_chunk *next;
    size_t used, cap;
    max_align_t data[];
};

static NORETURN void too_much(size_t max)
{
    char text[96];
    int n = snprintf(text, sizeof text, "rta: error: more than %zu bytes in one arena [MEM-002]\n",
                     max);
    if (n > 0 && write(STDERR_FILENO, text, (size_t)n) < 0)
        _exit(RC_SYSTEM);
    _exit(RC_SYSTEM);
}

static struct arena_chunk *grow(struct arena *a, size_t n)
{
    size_t cap = n > 32768 ? n : 32768;
    struct arena_chunk *c = mem_new(sizeof *c + cap);
    c->cap = cap;
    c->next = a->chunks;
    a->chunks = c;
    return c;
}

void *arena_new(struct arena *a, size_t n)
{
    size_t max = a->max ? a->max : LIMIT_ARENA_BYTES, unit = alignof(max_align_t);
    if (n > max || a->used > max - n)
        too_much(max);
    n = (n + unit - 1) / unit * unit;
    struct arena_chunk *c = a->chunks;
    if (!c || c->cap - c->used < n)
        c = grow(a, n);
    void *p = (char *)c->data + c->used;
    c->used += n;
    a->used += n;
    return p;
}

void *arena_array(struct arena *a, size_t n, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(n, size, &bytes))
        too_much(a->max ? a->max : LIMIT_ARENA_BYTES);
    return arena_new(a, bytes);
}

char *arena_text(struct arena *a, struct str s)
{
    char *z = arena_new(a, s.n + 1);
    if (s.n)
        memcpy(z, s.p, s.n);
    return z;
}

struct str arena_str(struct arena *a, struct str s) { return (struct str){arena_text(a, s), s.n}; }

char *arena_fmt(struct arena *a, const char *fmt, ...)
{
    va_list ap, again;
    va_start(ap, fmt);
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    char *z = arena_new(a, (size_t)(n < 0 ? 0 : n) + 1);
    if (n > 0)
        (void)vsnprintf(z, (size_t)n + 1, fmt, again);
    va_end(again);
    return z;
}

void arena_free(struct arena *a)
{
    if (!a)
        return;
    for (struct arena_chunk *c = a->chunks, *next; c; c = next) {
        next = c->next;
        mem_free(c);
    }
    *a = (struct arena){.max = a->max};
}
