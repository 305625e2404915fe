/* bundle_unpack.c — out of a bundle: first all of it is proved, then the files appear. A reader
 * owns its source and the list. */
#include "bundle.h"

#include "mem.h"

#include <unistd.h>

struct reader {
    struct tar_in tar;
    struct json *list;
    size_t n;
};

static int bad(const struct reader *r, const char *why, struct err *e)
{
    err_set(e, RC_DATA, "BUNDLE-010", "this is no whole bundle: %s", why);
    (void)err_hint(e, "have it copied once more");
    return err_place(e, "%s", r->tar.in->name);
}

static int open_bundle(struct reader *r, const char *path, struct err *e)
{
    char *text CLEANUP(mem_freep) = NULL;
    struct json *j CLEANUP(js_freep) = NULL;
    size_t n = 0;
    *r = (struct reader){.n = 0};
    int rc = source_open(&r->tar.in, path, e);
    if (rc == 0)
        rc = tar_next(&r->tar, e);
    if (rc > 0 && strcmp(r->tar.name, "bundle.json") != 0)
        rc = 0;
    if (rc == 0)
        return bad(r, "it does not begin with its list", e);
    if (rc > 0)
        rc = tar_slurp(&r->tar, PACKET_RECEIPT_BYTES, &text, &n, e);
    if (rc == 0)
        rc = js_parse(&j, (struct str){text, n}, "bundle.json", e);
    if (rc < 0)
        return rc;
    if (!str_is(js_str(js_get(j, "format")), BUNDLE_FORMAT) ||
        js_kind_of(js_get(j, "files")) != JS_ARRAY)
        return bad(r, "its list is of another format", e);
    r->list = js_share(js_get(j, "files"));
    r->n = js_count(r->list);
    return r->n <= BUNDLE_FILES ? 0 : bad(r, "it lists too many files", e);
}

static void close_bundle(struct reader *r)
{
    source_close(r->tar.in);
    js_free(r->list);
}

/* One file as the list says it, into out (NULL: nowhere). */
static int read_file(struct reader *r, size_t i, struct out *out, struct err *e)
{
    char hex[SHA256_HEX];
    const struct json *x = js_at(r->list, i);
    int rc = tar_next(&r->tar, e);
    if (rc <= 0)
        return rc < 0 ? rc : bad(r, "a file is missing", e);
    if (!bundle_name(r->tar.name) || !str_is(js_str(js_get(x, "name")), r->tar.name) ||
        js_integer(js_get(x, "bytes"), -1) != (int64_t)r->tar.left)
        return bad(r, "a file is not as listed", e);
    rc = tar_pass(&r->tar, out, hex, e);
    if (rc < 0)
        return rc;
    return str_is(js_str(js_get(x, "sha256")), hex) ? 0 : bad(r, "a file is damaged", e);
}

static int prove(const char *path, struct err *e)
{
    struct reader r;
    int rc = open_bundle(&r, path, e);
    for (size_t i = 0; rc == 0 && i < r.n; i++)
        rc = read_file(&r, i, NULL, e);
    if (rc == 0 && (rc = tar_next(&r.tar, e)) > 0)
        rc = bad(&r, "there is more in it than listed", e);
    close_bundle(&r);
    return rc;
}

/* 1: it is to be written, 0: it is there. A receipt may be replaced by a newer answer. */
static int look(const char *to, const struct json *x, struct err *e)
{
    char hex[SHA256_HEX];
    if (access(to, F_OK) < 0)
        return 1;
    int rc = sha256_file(to, hex, e);
    if (rc < 0 || str_is(js_str(js_get(x, "sha256")), hex))
        return rc;
    size_t n = strlen(to), k = strlen(RECEIPT_SUFFIX);
    if (n > k && strcmp(to + n - k, RECEIPT_SUFFIX) == 0)
        return 1;
    err_set(e, RC_DATA, "BUNDLE-011", "another packet of this name is there already");
    return err_place(e, "%s", to);
}

static int put_one(struct reader *r, size_t i, const char *dir, struct err *e)
{
    struct arena a = {.chunks = NULL};
    const struct json *x = js_at(r->list, i);
    const char *name = arena_text(&a, js_str(js_get(x, "name")));
    struct newfile f;
    /* hidden until it is whole, so that an inbox does not take it half */
    const char *to = arena_fmt(&a, "%s/%s", dir, name);
    const char *part = arena_fmt(&a, "%s/.%s.part", dir, name);
    int rc = bundle_name(name) ? look(to, x, e) : bad(r, "a file is not as listed", e);
    if (rc == 0)
        rc = read_file(r, i, NULL, e);
    else if (rc > 0 && (rc = file_create(&f, part, e)) == 0) {
        rc = read_file(r, i, &f.out, e);
        if (rc < 0)
            file_abandon(&f);
        else if ((rc = file_publish(&f, e)) == 0)
            rc = file_move(part, to, e);
        rc = rc < 0 ? rc : 1;
    }
    arena_free(&a);
    return rc;
}

int bundle_unpack(struct stage *st, const char *path, const char *dir, struct err *e)
{
    struct reader r;
    size_t put = 0;
    int rc = prove(path, e);
    if (rc < 0)
        return rc;
    rc = open_bundle(&r, path, e);
    for (size_t i = 0; rc >= 0 && i < r.n; i++) {
        rc = put_one(&r, i, dir, e);
        put += rc > 0;
    }
    if (rc >= 0)
        stage_note(st, "%zu files put into %s, %zu were there", put, dir, r.n - put);
    close_bundle(&r);
    return rc < 0 ? rc : 0;
}

/* ---- show --------------------------------------------------------------------------------------
 */

static int show_packet(const char *path, struct buf *b, struct err *e)
{
    struct packet p;
    struct source *s = NULL;
    int rc = source_open(&s, path, e);
    if (rc == 0)
        rc = packet_open(&p, s, e);
    if (rc < 0)
        return rc;
    manifest_show(b, &p.m);
    rc = packet_file(&p, NULL, e);
    if (rc == 0)
        buf_text(b, "state     whole; whether the signature holds is for the coordinator\n");
    packet_close(&p);
    return rc;
}

static int show_receipt(const char *path, struct buf *b, struct err *e)
{
    struct json *j CLEANUP(js_freep) = NULL;
    char *text CLEANUP(mem_freep) = NULL;
    size_t n = 0;
    int rc = file_slurp(path, PACKET_RECEIPT_BYTES, &text, &n, e);
    if (rc == 0)
        rc = receipt_read(&j, (struct str){text, n}, NULL, e);
    if (rc == 0)
        receipt_show(b, j);
    return rc < 0 ? err_place(e, "%s", path) : 0;
}

static int show_bundle(const char *path, struct buf *b, struct err *e)
{
    struct reader r;
    int rc = prove(path, e);
    if (rc < 0)
        return rc;
    rc = open_bundle(&r, path, e);
    for (size_t i = 0; rc == 0 && i < r.n; i++) {
        const struct json *x = js_at(r.list, i);
        buf_fmt(b, "%12lld  %.*s\n", (long long)js_integer(js_get(x, "bytes"), 0),
                STR_ARG(js_str(js_get(x, "name"))));
    }
    close_bundle(&r);
    return rc;
}

int bundle_show(const char *path, struct buf *b, struct err *e)
{
    size_t n = strlen(path), p = strlen(PACKET_SUFFIX), q = strlen(RECEIPT_SUFFIX);
    if (n > p && strcmp(path + n - p, PACKET_SUFFIX) == 0)
        return show_packet(path, b, e);
    if (n > q && strcmp(path + n - q, RECEIPT_SUFFIX) == 0)
        return show_receipt(path, b, e);
    return show_bundle(path, b, e);
}
