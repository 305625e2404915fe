/* packet.c — a packet: manifest.json, manifest.sig and the file as "payload", in this order, in one
 * ustar file. A packet owns its source and the manifest's text and words. */
#include "packet.h"

#include "bounds.h"
#include "mem.h"

/* The file's bytes, hashed again as they go: what is signed is what is sent. */
static int put_file(struct out *o, const struct packet_manifest *m, const char *file, struct err *e)
{
    struct source *s CLEANUP(source_closep) = NULL;
    char *chunk CLEANUP(mem_freep) = mem_new(LIMIT_IO_CHUNK), hex[SHA256_HEX];
    int64_t bytes = 0;
    ssize_t got;
    int rc = source_open(&s, file, e);
    if (rc < 0)
        return rc;
    struct sha256 *h = sha256_new();
    while ((got = s->read(s, chunk, LIMIT_IO_CHUNK, e)) > 0 && (bytes += got) <= m->bytes) {
        sha256_add(h, chunk, (size_t)got);
        out_put(o, chunk, (size_t)got);
    }
    sha256_hex(h, hex);
    sha256_free(h);
    if (got < 0)
        return (int)got;
    if (bytes == m->bytes && strcmp(hex, m->file_sha256) == 0)
        return 0;
    err_set(e, RC_DATA, "PACKET-004", "the file has changed while it was packed");
    return err_place(e, "%s", file);
}

int packet_write(struct out *o, const struct packet_manifest *m, const struct sign_key *key,
                 const char *file, struct err *e)
{
    unsigned char signature[SIGN_BYTES];
    char head[TAR_BLOCK];
    struct buf b;
    int rc = manifest_check(m, e);
    if (rc < 0)
        return rc;
    buf_init(&b, PACKET_MANIFEST_BYTES);
    manifest_write(&b, m);
    rc = buf_ok(&b, "the manifest", e);
    if (rc == 0)
        rc = sign_bytes(key, buf_view(&b), signature, e);
    if (rc == 0) {
        tar_member(o, "manifest.json", buf_view(&b));
        tar_member(o, "manifest.sig", (struct str){(const char *)signature, SIGN_BYTES});
        tar_header(head, "payload", (uint64_t)m->bytes);
        out_put(o, head, TAR_BLOCK);
        rc = put_file(o, m, file, e);
        tar_pad(o, (uint64_t)m->bytes);
        tar_end(o);
    }
    buf_free(&b);
    return rc;
}

/* The next member must be this one. */
static int expect(struct packet *p, const char *name, struct err *e)
{
    int rc = tar_next(&p->tar, e);
    if (rc < 0 || (rc > 0 && strcmp(p->tar.name, name) == 0))
        return rc < 0 ? rc : 0;
    err_set(e, RC_DATA, "PACKET-005", "this is no packet: it has no '%s' where it should stand",
            name);
    return err_place(e, "%s", p->in->name);
}

static int read_head(struct packet *p, struct err *e)
{
    char *signature CLEANUP(mem_freep) = NULL;
    size_t n = 0;
    int rc = expect(p, "manifest.json", e);
    if (rc == 0)
        rc = tar_slurp(&p->tar, PACKET_MANIFEST_BYTES, &p->text, &p->ntext, e);
    if (rc == 0)
        rc = manifest_read(&p->m, (struct str){p->text, p->ntext}, &p->arena, e);
    if (rc == 0)
        rc = expect(p, "manifest.sig", e);
    if (rc == 0)
        rc = tar_slurp(&p->tar, SIGN_BYTES, &signature, &n, e);
    if (rc == 0 && n != SIGN_BYTES)
        rc =
            err_set(e, RC_DATA, "PACKET-006", "the signature has %zu bytes, not %d", n, SIGN_BYTES);
    if (rc == 0)
        memcpy(p->signature, signature, SIGN_BYTES);
    if (rc == 0)
        rc = expect(p, "payload", e);
    if (rc == 0 && p->tar.left != (uint64_t)p->m.bytes)
        rc = err_set(e, RC_DATA, "PACKET-007", "the file is not as long as the manifest says");
    return rc < 0 ? err_place(e, "%s", p->in->name) : 0;
}

int packet_open(struct packet *ret, struct source *in, struct err *e)
{
    *ret = (struct packet){.in = in, .tar = {.in = in}};
    int rc = read_head(ret, e);
    if (rc < 0)
        packet_close(ret);
    return rc;
}

bool packet_signed_by(const struct packet *p, const struct sign_public *key)
{
    return strcmp(p->m.key, key->id) == 0 &&
           sign_verify(key, (struct str){p->text, p->ntext}, p->signature);
}

int packet_file(struct packet *p, struct out *out, struct err *e)
{
    char hex[SHA256_HEX];
    int rc = tar_pass(&p->tar, out, hex, e);
    if (rc < 0)
        return rc;
    if (strcmp(hex, p->m.file_sha256) != 0)
        rc = err_set(e, RC_DATA, "PACKET-008", "the file is not the one that the manifest names");
    else if ((rc = tar_next(&p->tar, e)) > 0)
        rc = err_set(e, RC_DATA, "PACKET-009", "there is something after the file");
    return rc < 0 ? err_place(e, "%s", p->in->name) : 0;
}

void packet_close(struct packet *p)
{
    source_close(p->in);
    mem_free(p->text);
    arena_free(&p->arena);
    *p = (struct packet){.in = NULL};
}
