/* sign.h — Ed25519 signatures (OpenSSL libcrypto, in sign.c alone): who says so. A private key is a
 * PEM file (PKCS#8) that only its owner may read; a public key is written as the one line of base64
 * that `openssl pkey -pubout` puts between its BEGIN and END. Tier 1. */
#ifndef RTA_SIGN_H
#define RTA_SIGN_H

#include "io.h"

#define SIGN_BYTES 64
#define SIGN_PUBLIC_BYTES 32
#define SIGN_PUBLIC_TEXT 61 /* 60 characters and the NUL */
#define SIGN_ID_HEX 17      /* 16 and the NUL: the first half of the public key's SHA-256 */

struct sign_public {
    unsigned char bytes[SIGN_PUBLIC_BYTES];
    char id[SIGN_ID_HEX];
};

/* A private key; the caller frees. */
struct sign_key;

/* A new key into a new file of mode 0600, encrypted when passphrase_file is not NULL (its first
 * line is the passphrase). A file that is there is never replaced: RC_CREATE [SIGN-001]. */
MUST_CHECK int sign_key_make(const char *path, const char *passphrase_file, struct err *e);
/* RC_DENIED when others may read the file [SIGN-002] or the passphrase is wrong [SIGN-004],
 * RC_CONFIG when it holds no Ed25519 key [SIGN-003], RC_DATA when it is not there. */
MUST_CHECK int sign_key_load(struct sign_key **ret, const char *path, const char *passphrase_file,
                             struct err *e);
void sign_key_free(struct sign_key *k); /* NULL is fine */
const struct sign_public *sign_key_public(const struct sign_key *k);

/* The signature of the bytes as they are (no digest before). */
MUST_CHECK int sign_bytes(const struct sign_key *k, struct str bytes, unsigned char ret[SIGN_BYTES],
                          struct err *e);
bool sign_verify(const struct sign_public *p, struct str bytes,
                 const unsigned char signature[SIGN_BYTES]);

/* Public keys as text; RC_CONFIG [SIGN-005] for what is none. */
MUST_CHECK int sign_public_read(struct sign_public *ret, struct str text, struct err *e);
void sign_public_text(const struct sign_public *p, char ret[SIGN_PUBLIC_TEXT]);
/* The first line with a public key of a file: bare, or within a PEM. */
MUST_CHECK int sign_public_file(struct sign_public *ret, const char *path, struct err *e);

#endif
