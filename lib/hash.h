/* hash.h — XXH3-128 for seals and dictionaries (xxhash.h is included in hash.c and hash_xxh3.c
 * alone) and SHA-256 for receipts (OpenSSL libcrypto, likewise). Tier 1. */
#ifndef RTA_HASH_H
#define RTA_HASH_H

#include "io.h"

#define XXH3_HEX 33   /* 32 hexadecimal digits and the NUL */
#define SHA256_HEX 65 /* 64 and the NUL */

/* XXH3-64: for tables in memory, never written anywhere. */
uint64_t hash64(struct str s);

/* Keyed 128-bit hashes: equal texts can be told without keeping them. The key is drawn anew for
 * each run and never leaves it, so nothing can be looked up in what a run forgot to wipe. */
struct hash_key {
    unsigned char bytes[192];
};
struct hash128 {
    uint64_t high, low;
};
/* RC_SYSTEM when the system gives no random bytes. */
MUST_CHECK int hash_key_draw(struct hash_key *ret, struct err *e);
struct hash128 hash128_keyed(const struct hash_key *k, struct str s);

/* Bytes as lower-case hex, NUL-terminated: 2 n + 1 bytes in ret. */
void hash_hex(const unsigned char *p, size_t n, char *ret);

/* A running XXH3-128; owned by the caller. */
struct xxh3;
struct xxh3 *xxh3_new(void);
void xxh3_add(struct xxh3 *h, const void *p, size_t n);
/* The digest so far, big-endian canonical form in lower-case hex; can go on adding. */
void xxh3_hex(const struct xxh3 *h, char ret[XXH3_HEX]);
void xxh3_free(struct xxh3 *h);

struct sha256;
struct sha256 *sha256_new(void);
void sha256_add(struct sha256 *h, const void *p, size_t n);
/* Ends it; add nothing more. */
void sha256_hex(struct sha256 *h, char ret[SHA256_HEX]);
void sha256_free(struct sha256 *h);
/* Of bytes in memory. */
void sha256_text(struct str bytes, char ret[SHA256_HEX]);
/* Of a document as compact JSON without its member "seal": what that member has to say. */
struct json;
void sha256_seal(const struct json *doc, char ret[SHA256_HEX]);
MUST_CHECK int sha256_file(const char *path, char ret[SHA256_HEX], struct err *e);
/* A source that hashes what passes; the digest of all bytes read is valid at its end.
 * Takes over `below`; h stays the caller's and must outlive it. */
struct source *source_sha256(struct source *below, struct sha256 *h);

#endif
