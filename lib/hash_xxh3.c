/* hash_xxh3.c — the running XXH3-128 of hash.h: over whole blocks of a stream, with the vectors
 * that this processor has, where the library was built with that choice. Owns its state. */
#if defined(__x86_64__) && __has_include(<xxh_x86dispatch.h>)
#include <xxh_x86dispatch.h> /* puts itself in place of the functions of xxhash.h */
#else
#include <xxhash.h>
#endif

#include "hash.h"

#include "mem.h"

#include <assert.h>

struct xxh3 {
    XXH3_state_t *state;
};

struct xxh3 *xxh3_new(void)
{
    struct xxh3 *h = mem_new(sizeof *h);
    h->state = XXH3_createState(); /* aligned as its vectors need */
    if (!h->state || XXH3_128bits_reset(h->state) != XXH_OK)
        mem_out();
    return h;
}

void xxh3_add(struct xxh3 *h, const void *p, size_t n)
{
    bool ok = n == 0 || XXH3_128bits_update(h->state, p, n) == XXH_OK;
    assert(ok);
}

void xxh3_hex(const struct xxh3 *h, char ret[XXH3_HEX])
{
    XXH128_canonical_t c;
    XXH128_canonicalFromHash(&c, XXH3_128bits_digest(h->state));
    hash_hex(c.digest, sizeof c.digest, ret);
}

void xxh3_free(struct xxh3 *h)
{
    if (!h)
        return;
    (void)XXH3_freeState(h->state);
    mem_free(h);
}
