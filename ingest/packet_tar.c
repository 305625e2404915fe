/* packet_tar.c — POSIX ustar, the part of it that packets and bundles need, so that any tar can
 * look into them. Reading is strict: a header is what tar_header writes for that name and size,
 * byte for byte, so there is one spelling of a packet and nothing can hide in it. Owns nothing. */
#include "packet.h"

#include "bounds.h"
#include "mem.h"

static int bad(const struct tar_in *t, const char *why, struct err *e)
{
    err_set(e, RC_DATA, "PACKET-001", "this is no packet: %s", why);
    return err_place(e, "%s", t->in->name);
}

static void octal(char *to, size_t digits, uint64_t v)
{
    to[digits] = '\0';
    while (digits--) {
        to[digits] = (char)('0' + (int)(v & 7));
        v >>= 3;
    }
}

void tar_header(char ret[TAR_BLOCK], const char *name, uint64_t bytes)
{
    unsigned sum = 0;
    memset(ret, 0, TAR_BLOCK);
    size_t n = strlen(name);
    memcpy(ret, name, n < 100 ? n : 99);
    octal(ret + 100, 7, 0644);
    octal(ret + 108, 7, 0);
    octal(ret + 116, 7, 0);
    octal(ret + 124, 11, bytes);
    octal(ret + 136, 11, 0);
    memset(ret + 148, ' ', 8);
    ret[156] = '0';
    memcpy(ret + 257,
           "ustar\0"
           "00",
           8);
    octal(ret + 329, 7, 0);
    octal(ret + 337, 7, 0);
    for (size_t i = 0; i < TAR_BLOCK; i++)
        sum += (unsigned char)ret[i];
    octal(ret + 148, 6, sum);
    ret[155] = ' ';
}

/* n bytes or the end; fewer than n only at the end. */
static ssize_t fill(struct source *s, char *p, size_t n, struct err *e)
{
    size_t have = 0;
    while (have < n) {
        ssize_t got = s->read(s, p + have, n - have, e);
        if (got < 0)
            return got;
        if (got == 0)
            break;
        have += (size_t)got;
    }
    return (ssize_t)have;
}

static bool zeros(const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (p[i])
            return false;
    return true;
}

/* After the first block of zeros: one more, and nothing. */
static int end_of_all(struct tar_in *t, struct err *e)
{
    char more[TAR_BLOCK + 1];
    ssize_t got = fill(t->in, more, sizeof more, e);
    if (got < 0)
        return (int)got;
    return got == TAR_BLOCK && zeros(more, TAR_BLOCK) ? 0 : bad(t, "it does not end properly", e);
}

int tar_next(struct tar_in *t, struct err *e)
{
    char head[TAR_BLOCK], same[TAR_BLOCK];
    uint64_t bytes = 0;
    ssize_t got = fill(t->in, head, TAR_BLOCK, e);
    if (got < 0)
        return (int)got;
    if (got < TAR_BLOCK)
        return bad(t, "it ends too early", e);
    if (zeros(head, TAR_BLOCK))
        return end_of_all(t, e);
    memcpy(t->name, head, 100);
    t->name[100] = '\0';
    for (size_t i = 124; i < 135; i++)
        bytes = bytes * 8 + (uint64_t)(head[i] - '0');
    tar_header(same, t->name, bytes & 077777777777ULL);
    if (memcmp(head, same, TAR_BLOCK) != 0)
        return bad(t, "a header is damaged or of another kind", e);
    t->left = bytes;
    t->pad = (unsigned)((TAR_BLOCK - bytes % TAR_BLOCK) % TAR_BLOCK);
    return 1;
}

static int skip_pad(struct tar_in *t, struct err *e)
{
    char pad[TAR_BLOCK];
    unsigned n = t->pad;
    t->pad = 0;
    ssize_t got = fill(t->in, pad, n, e);
    if (got < 0)
        return (int)got;
    return (size_t)got == n && zeros(pad, n) ? 0 : bad(t, "a member does not end properly", e);
}

ssize_t tar_read(struct tar_in *t, char *p, size_t n, struct err *e)
{
    if (t->left == 0)
        return skip_pad(t, e);
    ssize_t got = t->in->read(t->in, p, n < t->left ? n : (size_t)t->left, e);
    if (got == 0)
        return bad(t, "it ends too early", e);
    if (got > 0)
        t->left -= (uint64_t)got;
    return got;
}

int tar_slurp(struct tar_in *t, size_t max, char **ret, size_t *ret_n, struct err *e)
{
    if (t->left > max)
        return bad(t, "a member is too large", e);
    size_t n = (size_t)t->left, have = 0;
    char *p = mem_new(n + 1);
    ssize_t got;
    char end;
    while (have < n && (got = tar_read(t, p + have, n - have, e)) > 0)
        have += (size_t)got;
    int rc = have < n ? -1 : (int)tar_read(t, &end, 1, e);
    if (rc < 0) {
        mem_free(p);
        return e ? -(int)e->rc : -RC_DATA;
    }
    *ret = p;
    *ret_n = n;
    return 0;
}

int tar_pass(struct tar_in *t, struct out *out, char ret[SHA256_HEX], struct err *e)
{
    char *chunk CLEANUP(mem_freep) = mem_new(LIMIT_IO_CHUNK);
    struct sha256 *h = sha256_new();
    ssize_t got;
    while ((got = tar_read(t, chunk, LIMIT_IO_CHUNK, e)) > 0) {
        sha256_add(h, chunk, (size_t)got);
        if (out)
            out_put(out, chunk, (size_t)got);
    }
    sha256_hex(h, ret);
    sha256_free(h);
    return (int)got;
}

void tar_pad(struct out *o, uint64_t bytes)
{
    static const char zero[TAR_BLOCK];
    out_put(o, zero, (size_t)((TAR_BLOCK - bytes % TAR_BLOCK) % TAR_BLOCK));
}

void tar_member(struct out *o, const char *name, struct str bytes)
{
    char head[TAR_BLOCK];
    tar_header(head, name, bytes.n);
    out_put(o, head, TAR_BLOCK);
    out_str(o, bytes);
    tar_pad(o, bytes.n);
}

void tar_end(struct out *o)
{
    static const char zero[2 * TAR_BLOCK];
    out_put(o, zero, sizeof zero);
}
