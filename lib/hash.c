/* hash.c — see hash.h. A running hash owns its state; source_sha256 owns the source below, not the
 * hash. xxHash is compiled in (its short-key path is what dictionaries live on); streams are hashed
 * in hash_xxh3.c. */
#include <openssl/evp.h> /* before ours: it uses names that base.h poisons */
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "hash.h"

#include "bounds.h"
#include "json.h"
#include "mem.h"

#include <sys/random.h>

uint64_t hash64(struct str s) { return XXH3_64bits(s.n ? s.p : "", s.n); }

int hash_key_draw(struct hash_key *ret, struct err *e)
{
    if (getrandom(ret->bytes, sizeof ret->bytes, 0) != (ssize_t)sizeof ret->bytes)
        return err_sys(e, RC_SYSTEM, "HASH-001", "no random bytes for a key");
    return 0;
}

struct hash128 hash128_keyed(const struct hash_key *k, struct str s)
{
    XXH128_hash_t h = XXH3_128bits_withSecret(s.n ? s.p : "", s.n, k->bytes, sizeof k->bytes);
    return (struct hash128){h.high64, h.low64};
}

void hash_hex(const unsigned char *p, size_t n, char *ret)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < n; i++) {
        *ret++ = digits[p[i] >> 4];
        *ret++ = digits[p[i] & 15];
    }
    *ret = '\0';
}

struct sha256 {
    EVP_MD_CTX *ctx;
};

struct sha256 *sha256_new(void)
{
    struct sha256 *h = mem_new(sizeof *h);
    h->ctx = EVP_MD_CTX_new();
    if (!h->ctx || EVP_DigestInit_ex(h->ctx, EVP_sha256(), NULL) != 1)
        mem_out();
    return h;
}

void sha256_add(struct sha256 *h, const void *p, size_t n)
{
    if (n && EVP_DigestUpdate(h->ctx, p, n) != 1)
        mem_out();
}

void sha256_hex(struct sha256 *h, char ret[SHA256_HEX])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    if (EVP_DigestFinal_ex(h->ctx, digest, &n) != 1 || n != 32)
        mem_out();
    hash_hex(digest, n, ret);
}

void sha256_free(struct sha256 *h)
{
    if (!h)
        return;
    EVP_MD_CTX_free(h->ctx);
    mem_free(h);
}

void sha256_text(struct str bytes, char ret[SHA256_HEX])
{
    struct sha256 *h = sha256_new();
    sha256_add(h, bytes.p, bytes.n);
    sha256_hex(h, ret);
    sha256_free(h);
}

void sha256_seal(const struct json *doc, char ret[SHA256_HEX])
{
    CLEANUP(js_freep) struct json *rest = js_object();
    struct buf text CLEANUP(buf_free) = {.max = LIMIT_JSON_BYTES};
    for (size_t i = 0; i < js_count(doc); i++) {
        const char *key = NULL;
        struct json *value = js_member(doc, i, &key);
        if (strcmp(key, "seal") != 0)
            js_set(rest, key, js_share(value));
    }
    js_write(&text, rest, false);
    if (text.full)
        (void)snprintf(ret, SHA256_HEX, "too large"); /* which is nobody's SHA-256 */
    else
        sha256_text(buf_view(&text), ret);
}

struct source_hashed {
    struct source source;
    struct source *below;
    struct sha256 *h;
};

static ssize_t hashed_read(struct source *s, char *p, size_t n, struct err *e)
{
    struct source_hashed *x = (struct source_hashed *)s;
    ssize_t got = x->below->read(x->below, p, n, e);
    if (got > 0)
        sha256_add(x->h, p, (size_t)got);
    return got;
}

static void hashed_close(struct source *s)
{
    source_close(((struct source_hashed *)s)->below);
    mem_free(s);
}

struct source *source_sha256(struct source *below, struct sha256 *h)
{
    struct source_hashed *x = mem_new(sizeof *x);
    *x = (struct source_hashed){{hashed_read, hashed_close, below->name}, below, h};
    return &x->source;
}

static int drain(struct source *s, struct err *e)
{
    char *chunk CLEANUP(mem_freep) = mem_new(LIMIT_IO_CHUNK);
    ssize_t got;
    do
        got = s->read(s, chunk, LIMIT_IO_CHUNK, e);
    while (got > 0);
    return (int)got;
}

int sha256_file(const char *path, char ret[SHA256_HEX], struct err *e)
{
    struct source *file = NULL;
    int rc = source_open(&file, path, e);
    if (rc < 0)
        return rc;
    struct sha256 *h = sha256_new();
    struct source *s = source_sha256(file, h);
    rc = drain(s, e);
    if (rc == 0)
        sha256_hex(h, ret);
    source_close(s);
    sha256_free(h);
    return rc;
}
