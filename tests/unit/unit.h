/* unit.h — what every unit test needs: cmocka and its headers, a seeded generator of test bytes,
 * and a source that hands out its bytes in odd portions. */
#ifndef TESTS_UNIT_H
#define TESTS_UNIT_H

#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "lib/io.h"
#include "lib/mem.h"

/* xorshift64*: the same numbers everywhere. */
static inline uint64_t test_random(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * 0x2545f4914f6cdd1dULL;
}

struct test_source {
    struct source source;
    struct str left;
    uint64_t seed; /* 0: everything at once */
    size_t most;   /* at most this many bytes a read */
    int fail;      /* at the end: this instead of 0 */
};

static inline ssize_t test_source_read(struct source *s, char *p, size_t n, struct err *e)
{
    struct test_source *t = (struct test_source *)s;
    size_t k = t->left.n < n ? t->left.n : n;
    if (t->seed && k) {
        size_t some = 1 + (size_t)(test_random(&t->seed) % t->most);
        k = some < k ? some : k;
    }
    if (k == 0 && t->fail)
        return err_set(e, (enum rc)t->fail, "TEST-1", "made to fail");
    if (k)
        memcpy(p, t->left.p, k);
    t->left = str_cut(t->left, k);
    return (ssize_t)k;
}

static inline void test_source_close(struct source *s) { mem_free(s); }

/* Bytes in portions of 1 … most bytes; most 0: all at once. */
static inline struct source *test_source(struct str bytes, uint64_t seed, size_t most)
{
    struct test_source *t = mem_new(sizeof *t);
    *t = (struct test_source){
        {test_source_read, test_source_close, "t.csv"}, bytes, most ? seed | 1 : 0, most, 0};
    return &t->source;
}

#endif
