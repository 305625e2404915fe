/* fuzz_gz.c — libFuzzer target: whatever is claimed to be gzip ends in bytes or in an error, within
 * its limit; and what was packed comes back.
 * Covers: lib/gz.c */
#include "lib/buf.h"
#include "lib/gz.h"
#include "lib/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

#define MOST ((size_t)1 << 20)

static int inflate_all(struct str bytes, struct buf *b)
{
    struct source *s = NULL;
    struct err e = {0};
    int rc = source_gunzip(&s, source_memory(bytes, "x"), MOST, &e);
    if (rc < 0)
        return rc;
    char p[3000];
    ssize_t got;
    while ((got = s->read(s, p, sizeof p, &e)) > 0)
        buf_add(b, p, (size_t)got);
    source_close(s);
    return (int)got;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct str bytes = {(const char *)data, n};
    struct buf b, z;
    buf_init(&b, 2 * MOST);
    buf_init(&z, 2 * MOST);
    (void)inflate_all(bytes, &b);
    if (b.full && n < MOST)
        abort();
    buf_reset(&b);
    if (gz_pack(&z, bytes, NULL) < 0 || inflate_all(buf_view(&z), &b) < 0 ||
        !str_eq(buf_view(&b), bytes))
        abort();
    buf_free(&b);
    buf_free(&z);
    return 0;
}
