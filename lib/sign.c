/* sign.c — see sign.h. A key owns OpenSSL's key. Passphrases are wiped after use. */
#include <openssl/evp.h> /* before ours: it uses names that base.h poisons */
#include <openssl/pem.h>

#include "sign.h"

#include "hash.h"
#include "mem.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEY_FILE_BYTES 16384
#define PASSPHRASE_BYTES 1024

/* What stands before the 32 bytes in a SubjectPublicKeyInfo of Ed25519 (RFC 8410). */
static const unsigned char spki[12] = {0x30, 0x2a, 0x30, 0x05, 0x06, 0x03,
                                       0x2b, 0x65, 0x70, 0x03, 0x21, 0x00};

struct sign_key {
    EVP_PKEY *key;
    struct sign_public public;
};

static void name_key(struct sign_public *p)
{
    char hex[SHA256_HEX];
    sha256_text((struct str){(const char *)p->bytes, sizeof p->bytes}, hex);
    memcpy(p->id, hex, SIGN_ID_HEX - 1);
    p->id[SIGN_ID_HEX - 1] = '\0';
}

void sign_public_text(const struct sign_public *p, char ret[SIGN_PUBLIC_TEXT])
{
    unsigned char der[sizeof spki + SIGN_PUBLIC_BYTES], text[SIGN_PUBLIC_TEXT + 4];
    memcpy(der, spki, sizeof spki);
    memcpy(der + sizeof spki, p->bytes, SIGN_PUBLIC_BYTES);
    (void)EVP_EncodeBlock(text, der, sizeof der);
    memcpy(ret, text, SIGN_PUBLIC_TEXT - 1);
    ret[SIGN_PUBLIC_TEXT - 1] = '\0';
}

int sign_public_read(struct sign_public *ret, struct str text, struct err *e)
{
    unsigned char der[48] = {0};
    char again[SIGN_PUBLIC_TEXT];
    *ret = (struct sign_public){.id = ""};
    bool ok = text.n == SIGN_PUBLIC_TEXT - 1 &&
              EVP_DecodeBlock(der, (const unsigned char *)text.p, (int)text.n) == 45 &&
              memcmp(der, spki, sizeof spki) == 0;
    if (ok) { /* one spelling only */
        memcpy(ret->bytes, der + sizeof spki, SIGN_PUBLIC_BYTES);
        sign_public_text(ret, again);
        ok = str_is(text, again);
    }
    if (!ok) {
        err_set(e, RC_CONFIG, "SIGN-005", "this is not an Ed25519 public key");
        return err_hint(e, "it is the line of 60 characters that rta submit --new-key prints, or "
                           "openssl pkey -pubout writes between BEGIN and END");
    }
    name_key(ret);
    return 0;
}

int sign_public_file(struct sign_public *ret, const char *path, struct err *e)
{
    char *text CLEANUP(mem_freep) = NULL;
    size_t n = 0;
    int rc = file_slurp(path, KEY_FILE_BYTES, &text, &n, e);
    if (rc < 0)
        return rc;
    struct str line = {text, 0}, found = {text, 0};
    for (size_t i = 0; i <= n; i++) {
        if (i < n && text[i] != '\n' && text[i] != '\r')
            continue;
        line.n = (size_t)(text + i - line.p);
        if (found.n == 0 && line.n && line.p[0] != '-')
            found = line;
        line.p = text + i + 1;
    }
    rc = sign_public_read(ret, found, e);
    return rc < 0 ? err_place(e, "%s", path) : 0;
}

bool sign_verify(const struct sign_public *p, struct str bytes,
                 const unsigned char signature[SIGN_BYTES])
{
    EVP_PKEY *key =
        EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, p->bytes, SIGN_PUBLIC_BYTES);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool ok = key && ctx && EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, key) == 1 &&
              EVP_DigestVerify(ctx, signature, SIGN_BYTES,
                               (const unsigned char *)(bytes.n ? bytes.p : ""), bytes.n) == 1;
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(key);
    return ok;
}

int sign_bytes(const struct sign_key *k, struct str bytes, unsigned char ret[SIGN_BYTES],
               struct err *e)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    size_t n = SIGN_BYTES;
    bool ok = ctx && EVP_DigestSignInit(ctx, NULL, NULL, NULL, k->key) == 1 &&
              EVP_DigestSign(ctx, ret, &n, (const unsigned char *)(bytes.n ? bytes.p : ""),
                             bytes.n) == 1 &&
              n == SIGN_BYTES;
    EVP_MD_CTX_free(ctx);
    return ok ? 0 : err_set(e, RC_SYSTEM, "SIGN-006", "cannot sign");
}

/* The first line of a file, without its end. */
static int read_passphrase(const char *path, char ret[PASSPHRASE_BYTES], struct err *e)
{
    ret[0] = '\0';
    if (!path)
        return 0;
    int rc = file_secret(path, ret, PASSPHRASE_BYTES, e);
    if (rc == 0 && !ret[0]) {
        err_set(e, RC_CONFIG, "SIGN-007", "the first line of the passphrase file is empty");
        return err_place(e, "%s", path);
    }
    return rc;
}

static int give_passphrase(char *to, int size, int writing, void *ctx)
{
    const char *phrase = ctx;
    size_t n = strlen(phrase);
    (void)writing;
    if (n == 0 || n > (size_t)size)
        return -1;
    memcpy(to, phrase, n);
    return (int)n;
}

static bool write_key(BIO *bio, EVP_PKEY *key, char *phrase)
{
    const EVP_CIPHER *cipher = phrase[0] ? EVP_aes_256_cbc() : NULL;
    return PEM_write_bio_PKCS8PrivateKey(bio, key, cipher, NULL, 0,
                                         phrase[0] ? give_passphrase : NULL, phrase) == 1;
}

/* Made under its own name, with O_EXCL: whoever has a key never loses it to a slip. */
static int put_key(const char *path, EVP_PKEY *key, char *phrase, struct err *e)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *bytes = NULL;
    long n = bio && write_key(bio, key, phrase) ? BIO_get_mem_data(bio, &bytes) : -1;
    int rc = n > 0 ? 0 : err_set(e, RC_SYSTEM, "SIGN-008", "cannot write the key");
    int fd = -1;
    if (rc == 0 &&
        (fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600)) < 0) {
        rc = err_sys(e, RC_CREATE, "SIGN-001", "cannot make the key file");
        (void)err_place(e, "%s", path);
    }
    if (rc == 0) {
        struct out o;
        out_init(&o, fd, path);
        out_put(&o, bytes, (size_t)n);
        out_flush(&o);
        if (!o.broken && fsync(fd) < 0)
            o.broken = errno;
        rc = out_close(&o, e);
    }
    BIO_free(bio);
    return rc;
}

int sign_key_make(const char *path, const char *passphrase_file, struct err *e)
{
    char phrase[PASSPHRASE_BYTES];
    int rc = read_passphrase(passphrase_file, phrase, e);
    if (rc < 0)
        return rc;
    EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    rc = key ? put_key(path, key, phrase, e)
             : err_set(e, RC_SYSTEM, "SIGN-009", "cannot make a key");
    EVP_PKEY_free(key);
    explicit_bzero(phrase, sizeof phrase);
    return rc;
}

static int open_key(const char *path, BIO **ret, struct err *e)
{
    struct stat st;
    char *text CLEANUP(mem_freep) = NULL;
    size_t n = 0;
    int rc = file_slurp(path, KEY_FILE_BYTES, &text, &n, e);
    if (rc < 0)
        return rc;
    if (stat(path, &st) < 0 || (st.st_mode & 077) != 0) {
        explicit_bzero(text, n);
        err_set(e, RC_DENIED, "SIGN-002", "others may read this private key");
        (void)err_hint(e, "chmod 600 it, and make a new one if somebody may have seen it");
        return err_place(e, "%s", path);
    }
    *ret = BIO_new(BIO_s_mem());
    if (!*ret || BIO_write(*ret, text, (int)n) != (int)n)
        rc = err_set(e, RC_SYSTEM, "SIGN-010", "cannot read the key");
    explicit_bzero(text, n);
    return rc;
}

/* Why OpenSSL gave no key. */
static int no_key(const char *path, bool encrypted, bool phrase, struct err *e)
{
    if (encrypted) {
        err_set(e, RC_DENIED, "SIGN-004",
                phrase ? "the passphrase does not open this key" : "this key has a passphrase");
        (void)err_hint(e, "name the file whose first line it is with --passphrase-file");
    } else {
        err_set(e, RC_CONFIG, "SIGN-003", "this file holds no Ed25519 private key");
        (void)err_hint(e, "make one with rta submit --new-key FILE");
    }
    return err_place(e, "%s", path);
}

int sign_key_load(struct sign_key **ret, const char *path, const char *passphrase_file,
                  struct err *e)
{
    char phrase[PASSPHRASE_BYTES];
    BIO *bio = NULL;
    *ret = NULL;
    int rc = read_passphrase(passphrase_file, phrase, e);
    if (rc == 0)
        rc = open_key(path, &bio, e);
    if (rc == 0) {
        char *bytes = NULL;
        long n = BIO_get_mem_data(bio, &bytes);
        bool encrypted = n > 0 && memmem(bytes, (size_t)n, "ENCRYPTED", 9);
        struct sign_key *k = mem_new(sizeof *k);
        size_t size = SIGN_PUBLIC_BYTES;
        k->key = PEM_read_bio_PrivateKey(bio, NULL, give_passphrase, phrase);
        if (k->key && EVP_PKEY_get_raw_public_key(k->key, k->public.bytes, &size) == 1 &&
            size == SIGN_PUBLIC_BYTES && EVP_PKEY_is_a(k->key, "ED25519")) {
            name_key(&k->public);
            *ret = k;
        } else {
            sign_key_free(k);
            rc = no_key(path, encrypted, passphrase_file != NULL, e);
        }
    }
    BIO_free(bio);
    explicit_bzero(phrase, sizeof phrase);
    return rc;
}

void sign_key_free(struct sign_key *k)
{
    if (!k)
        return;
    EVP_PKEY_free(k->key);
    mem_free(k);
}

const struct sign_public *sign_key_public(const struct sign_key *k) { return &k->public; }
