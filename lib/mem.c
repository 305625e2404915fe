/* mem.c — see mem.h. */
#include "mem.h"

#include <sys/mman.h>
#include <unistd.h>

NORETURN void mem_out(void)
{
    static const char text[] = "rta: error: out of memory [MEM-001]\n";
    if (write(STDERR_FILENO, text, sizeof text - 1) < 0)
        _exit(RC_SYSTEM);
    _exit(RC_SYSTEM);
}

void *mem_new(size_t n)
{
    void *p = calloc(1, n ? n : 1);
    if (!p)
        mem_out();
    return p;
}

void *mem_array(size_t n, size_t size)
{
    void *p = calloc(n ? n : 1, size ? size : 1);
    if (!p)
        mem_out();
    return p;
}

void *mem_resize(void *p, size_t n)
{
    void *q = realloc(p, n ? n : 1);
    if (!q)
        mem_out();
    return q;
}

void mem_scattered(void *p, size_t n)
{
    const uintptr_t large = (uintptr_t)2 << 20, at = (uintptr_t)p;
    uintptr_t from = (at + large - 1) & ~(large - 1), to = (at + n) & ~(large - 1);
    if (from < to) /* only advice: when it is not taken, nothing is lost */
        (void)madvise((void *)from, to - from, MADV_HUGEPAGE);
}

char *mem_text(struct str s)
{
    char *z = mem_new(s.n + 1);
    if (s.n)
        memcpy(z, s.p, s.n);
    return z;
}

void mem_free(void *p) { free(p); }

void mem_freep(void *pp)
{
    void **p = pp;
    free(*p);
    *p = NULL;
}
