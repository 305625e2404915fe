/* bundle_pack.c — files into a bundle. Owns nothing beyond the call. */
#include "bundle.h"

#include "bounds.h"
#include "mem.h"

#include <sys/stat.h>

static bool ends_with(const char *z, const char *end)
{
    size_t n = strlen(z), k = strlen(end);
    return n > k && strcmp(z + n - k, end) == 0;
}

bool bundle_name(const char *name)
{
    return packet_plain_name(str_of(name)) &&
           (ends_with(name, PACKET_SUFFIX) || ends_with(name, RECEIPT_SUFFIX));
}

static const char *base_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static int describe(const char *path, struct json *list, struct err *e)
{
    char hex[SHA256_HEX];
    struct stat st;
    if (!bundle_name(base_of(path))) {
        err_set(e, RC_DATA, "BUNDLE-001", "a bundle carries packets (%s) and receipts (%s)",
                PACKET_SUFFIX, RECEIPT_SUFFIX);
        return err_place(e, "%s", path);
    }
    for (size_t i = 0; i < js_count(list); i++)
        if (str_is(js_str(js_get(js_at(list, i), "name")), base_of(path))) {
            err_set(e, RC_DATA, "BUNDLE-002", "two files have the same name");
            return err_place(e, "%s", path);
        }
    int64_t bytes = stat(path, &st) == 0 ? (int64_t)st.st_size : 0;
    if (bytes > TAR_FILE_BYTES) {
        err_set(e, RC_DATA, "BUNDLE-005", "the file does not fit into a bundle");
        return err_place(e, "%s", path);
    }
    int rc = sha256_file(path, hex, e);
    if (rc < 0)
        return rc;
    struct json *x = js_object();
    js_set(x, "name", js_text(base_of(path)));
    js_set(x, "bytes", js_int(bytes));
    js_set(x, "sha256", js_text(hex));
    js_push(list, x);
    return 0;
}

static int put_file(struct out *o, const char *path, int64_t bytes, struct err *e)
{
    char *chunk CLEANUP(mem_freep) = mem_new(LIMIT_IO_CHUNK), head[TAR_BLOCK];
    struct source *s CLEANUP(source_closep) = NULL;
    int64_t done = 0;
    ssize_t got = 0;
    int rc = source_open(&s, path, e);
    if (rc < 0)
        return rc;
    tar_header(head, base_of(path), (uint64_t)bytes);
    out_put(o, head, TAR_BLOCK);
    while ((got = s->read(s, chunk, LIMIT_IO_CHUNK, e)) > 0 && (done += got) <= bytes)
        out_put(o, chunk, (size_t)got);
    if (got < 0)
        return (int)got;
    tar_pad(o, (uint64_t)bytes);
    if (done == bytes)
        return 0;
    err_set(e, RC_DATA, "BUNDLE-003", "the file has changed while it was packed");
    return err_place(e, "%s", path);
}

static int put_all(struct out *o, const struct json *list, const char *const *files, size_t n,
                   struct err *e)
{
    struct json *j CLEANUP(js_freep) = js_object();
    char now[PACKET_MOMENT];
    struct buf b;
    packet_now(now);
    js_set(j, "format", js_text(BUNDLE_FORMAT));
    js_set(j, "created", js_text(now));
    js_set(j, "files", js_share(list));
    buf_init(&b, PACKET_RECEIPT_BYTES);
    js_write(&b, j, true);
    buf_char(&b, '\n');
    int rc = buf_ok(&b, "the list of the bundle", e);
    if (rc == 0)
        tar_member(o, "bundle.json", buf_view(&b));
    for (size_t i = 0; rc == 0 && i < n; i++)
        rc = put_file(o, files[i], js_integer(js_get(js_at(list, i), "bytes"), 0), e);
    if (rc == 0)
        tar_end(o);
    buf_free(&b);
    return rc;
}

int bundle_pack(struct stage *st, const char *output, const char *const *files, size_t n,
                struct err *e)
{
    struct json *list CLEANUP(js_freep) = js_array();
    struct newfile f;
    int rc = n <= BUNDLE_FILES
                 ? 0
                 : err_set(e, RC_USAGE, "BUNDLE-004", "more than %d files", BUNDLE_FILES);
    for (size_t i = 0; rc == 0 && i < n; i++)
        rc = describe(files[i], list, e);
    if (rc == 0)
        rc = file_create(&f, output, e);
    if (rc < 0)
        return rc;
    rc = put_all(&f.out, list, files, n, e);
    if (rc < 0) {
        file_abandon(&f);
        return rc;
    }
    rc = file_publish(&f, e);
    if (rc == 0)
        stage_note(st, "%zu files in %s", n, output);
    return rc;
}
