/* gz.c — see gz.h. zlib reads the headers of members, and what follows where isa-l is not there. A
 * gunzip source owns the source below, its input buffer and the states of both. */
#include <zlib.h> /* before ours: it uses names that base.h poisons */

#include "gz.h"

#include "gz_isal.h"

#include "buf.h"
#include "bounds.h"
#include "mem.h"

struct source_gz {
    struct source source;
    struct source *below;
    unsigned char *in; /* LIMIT_IO_CHUNK bytes; z.next_in points into it */
    z_stream z;
    struct gz_body *body; /* NULL: zlib does it */
    bool in_body;         /* behind the header, of a member that body decodes */
    bool plain;           /* not gzip: the bytes as they are */
    bool eof;             /* the source below has no more */
    bool in_member;       /* a member has begun and has not ended */
    bool padding;         /* zero bytes behind the last member */
    uint64_t taken, given, max;
};

static int damaged(struct source_gz *g, const char *msg, bool checksum, struct err *e)
{
    size_t held = g->body ? gz_body_held(g->body) : 0;
    if (checksum) {
        err_set(e, RC_DATA, "GZ-003", "the compressed file's checksum is wrong");
        err_hint(e, "the file is damaged: fetch or copy it again");
    } else {
        err_set(e, RC_DATA, "GZ-001", "the compressed data are damaged (%s) after %llu bytes", msg,
                (unsigned long long)(g->taken - g->z.avail_in - held));
        err_hint(e, "the file is damaged: fetch or copy it again, in binary mode");
    }
    return err_place(e, "%s", g->source.name);
}

static int cut_short(struct source_gz *g, struct err *e)
{
    err_set(e, RC_DATA, "GZ-002", "the compressed file ends too early, after %llu bytes",
            (unsigned long long)g->taken);
    err_hint(e, "it was not copied whole: fetch or copy it again");
    return err_place(e, "%s", g->source.name);
}

static int zlib_fault(struct source_gz *g, struct err *e)
{
    const char *msg = g->z.msg ? g->z.msg : "not a gzip member";
    bool checksum =
        strcmp(msg, "incorrect data check") == 0 || strcmp(msg, "incorrect length check") == 0;
    return damaged(g, msg, checksum, e);
}

/* Deflate cannot honestly pass the ratio; the slack is what zlib may hold back at the beginning. */
static int check_size(struct source_gz *g, struct err *e)
{
    uint64_t used = g->taken - g->z.avail_in;
    if (g->given <= g->max && g->given <= used * LIMIT_GZIP_RATIO + LIMIT_IO_CHUNK)
        return 0;
    err_set(e, RC_DATA, "GZ-004", "the compressed file of %llu bytes so far holds more than %llu",
            (unsigned long long)used, (unsigned long long)g->given - 1);
    err_hint(e, "is this a decompression bomb? if the file is honest, raise the limit");
    return err_place(e, "%s", g->source.name);
}

/* Make input available: 1, or 0 at the end. */
static int refill(struct source_gz *g, struct err *e)
{
    if (g->z.avail_in)
        return 1;
    if (g->eof)
        return 0;
    ssize_t got = g->below->read(g->below, (char *)g->in, LIMIT_IO_CHUNK, e);
    if (got < 0)
        return (int)got;
    g->eof = got == 0;
    g->taken += (uint64_t)got;
    g->z.next_in = g->in;
    g->z.avail_in = (uInt)got;
    return got > 0;
}

/* Between members: 1 when another begins, 0 at the end (zero padding, as tapes have it, is no
 * member and is passed over). */
static int between(struct source_gz *g, struct err *e)
{
    int rc;
    while ((rc = refill(g, e)) > 0) {
        for (; g->z.avail_in && *g->z.next_in == 0; g->z.avail_in--, g->z.next_in++)
            g->padding = true;
        if (!g->z.avail_in)
            continue;
        if (g->padding || *g->z.next_in != 0x1f) {
            err_set(e, RC_DATA, "GZ-005", "bytes that are not gzip behind the compressed data");
            return err_place(e, "%s", g->source.name);
        }
        g->in_member = true;
        g->in_body = false;
        return inflateReset(&g->z) == Z_OK ? 1 : zlib_fault(g, e);
    }
    return rc;
}

/* Decode with zlib; before a body that is not for it, only the header. */
static int run_zlib(struct source_gz *g, struct err *e)
{
    int z = inflate(&g->z, g->body ? Z_BLOCK : Z_NO_FLUSH);
    if (z != Z_OK && z != Z_STREAM_END && z != Z_BUF_ERROR)
        return zlib_fault(g, e);
    if (z == Z_STREAM_END)
        g->in_member = false;
    if (g->body && z == Z_OK && g->z.data_type & 128) { /* behind the header */
        g->in_body = true;
        gz_body_begin(g->body);
    }
    return 0;
}

static int run_body(struct source_gz *g, struct err *e)
{
    const char *why = NULL;
    struct gz_span s = {g->z.next_in, g->z.avail_in, g->z.next_out, g->z.avail_out};
    enum gz_result r = gz_body_run(g->body, &s, &why);
    g->z.next_in = (unsigned char *)(uintptr_t)s.in; /* zlib only reads it */
    g->z.avail_in = (uInt)s.in_n;
    g->z.next_out = s.out;
    g->z.avail_out = (uInt)s.out_n;
    if (r == GZ_DAMAGED || r == GZ_CHECKSUM)
        return damaged(g, why ? why : "", r == GZ_CHECKSUM, e);
    if (r == GZ_END)
        g->in_member = g->in_body = false;
    return 0;
}

static ssize_t gz_read(struct source *s, char *p, size_t n, struct err *e)
{
    struct source_gz *g = (struct source_gz *)s;
    if (n > LIMIT_IO_CHUNK)
        n = LIMIT_IO_CHUNK;
    for (;;) {
        int rc = g->in_member ? refill(g, e) : between(g, e);
        if (rc < 0)
            return rc;
        bool dry = rc == 0; /* a body may still hold what it has taken */
        if (dry && !(g->in_member && g->in_body))
            return g->in_member ? cut_short(g, e) : 0;
        g->z.next_out = (unsigned char *)p;
        g->z.avail_out = (uInt)n;
        rc = g->in_body ? run_body(g, e) : run_zlib(g, e);
        if (rc < 0)
            return rc;
        size_t got = n - g->z.avail_out;
        g->given += got;
        rc = check_size(g, e);
        if (rc < 0)
            return rc;
        if (got)
            return (ssize_t)got;
        if (dry && g->in_member)
            return cut_short(g, e);
    }
}

static ssize_t plain_read(struct source *s, char *p, size_t n, struct err *e)
{
    struct source_gz *g = (struct source_gz *)s;
    if (!g->z.avail_in)
        return g->eof ? 0 : g->below->read(g->below, p, n, e);
    size_t k = n < g->z.avail_in ? n : g->z.avail_in;
    memcpy(p, g->z.next_in, k);
    g->z.next_in += k;
    g->z.avail_in -= (uInt)k;
    return (ssize_t)k;
}

static void gz_close(struct source *s)
{
    struct source_gz *g = (struct source_gz *)s;
    if (!g->plain)
        (void)inflateEnd(&g->z);
    gz_body_free(g->body);
    source_close(g->below);
    mem_free(g->in);
    mem_free(g);
}

/* The first two bytes, as far as there are any. */
static int peek(struct source_gz *g, struct err *e)
{
    while (g->taken < 2 && !g->eof) {
        ssize_t got = g->below->read(g->below, (char *)g->in + g->taken,
                                     LIMIT_IO_CHUNK - (size_t)g->taken, e);
        if (got < 0)
            return (int)got;
        g->eof = got == 0;
        g->taken += (uint64_t)got;
    }
    g->z.next_in = g->in;
    g->z.avail_in = (uInt)g->taken;
    return 0;
}

int source_gunzip(struct source **ret, struct source *below, uint64_t max_output, struct err *e)
{
    return source_gunzip_by(ret, below, max_output, true, e);
}

int source_gunzip_by(struct source **ret, struct source *below, uint64_t max_output, bool best,
                     struct err *e)
{
    struct source_gz *g = mem_new(sizeof *g);
    *g = (struct source_gz){.source = {plain_read, gz_close, below->name},
                            .below = below,
                            .in = mem_new(LIMIT_IO_CHUNK),
                            .plain = true,
                            .max = max_output ? max_output : LIMIT_GZIP_OUTPUT};
    int rc = peek(g, e);
    if (rc == 0 && g->taken >= 2 && g->in[0] == 0x1f && g->in[1] == 0x8b) {
        if (inflateInit2(&g->z, 15 + 16) != Z_OK)
            rc = err_set(e, RC_SYSTEM, "GZ-006", "zlib cannot start");
        g->plain = rc != 0;
        g->body = best ? gz_body_new() : NULL;
        g->in_member = true;
        g->source.read = gz_read;
    }
    if (rc < 0) {
        gz_close(&g->source);
        return rc;
    }
    *ret = &g->source;
    return 0;
}

int gz_pack(struct buf *b, struct str bytes, struct err *e)
{
    z_stream z = {0};
    if (deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY) != Z_OK)
        return err_set(e, RC_SYSTEM, "GZ-007", "zlib cannot start");
    unsigned char *chunk CLEANUP(mem_freep) = mem_new(LIMIT_IO_CHUNK);
    const size_t step = (size_t)1 << 30; /* zlib counts in 32 bits */
    int state = Z_OK;
    do {
        if (z.avail_in == 0 && bytes.n) {
            size_t k = bytes.n < step ? bytes.n : step;
            z.next_in = (unsigned char *)(uintptr_t)bytes.p; /* zlib only reads it */
            z.avail_in = (uInt)k;
            bytes = str_cut(bytes, k);
        }
        z.next_out = chunk;
        z.avail_out = (uInt)LIMIT_IO_CHUNK;
        state = deflate(&z, bytes.n ? Z_NO_FLUSH : Z_FINISH);
        buf_add(b, chunk, LIMIT_IO_CHUNK - z.avail_out);
    } while (state == Z_OK && !b->full);
    (void)deflateEnd(&z);
    return buf_ok(b, "the compressed data", e);
}
