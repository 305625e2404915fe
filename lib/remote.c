/* remote.c — see remote.h: which kind a server is, and the kind that is a folder of this machine.
 */
#include "remote.h"

#include "http.h"
#include "io.h"
#include "mem.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* "in/X" → "BASE/in/.X.part" */
static char *path_of(const struct remote *r, const char *name, bool part)
{
    const char *slash = strrchr(name, '/');
    int dir = slash ? (int)(slash + 1 - name) : 0;
    struct buf b;
    buf_init(&b, 1 << 16);
    buf_fmt(&b, "%s%.*s%s%s%s", r->base, dir, name, part ? "." : "", name + dir,
            part ? ".part" : "");
    return b.p; /* the caller's */
}

static int copy_to(const char *path, int fd, const char *name, struct err *e)
{
    struct source *s CLEANUP(source_closep) = NULL;
    struct out o;
    char chunk[16384];
    ssize_t got = 0;
    out_init(&o, fd, name);
    int rc = source_open(&s, path, e);
    while (rc == 0 && (got = s->read(s, chunk, sizeof chunk, e)) > 0)
        out_put(&o, chunk, (size_t)got);
    if (rc < 0 || got < 0) {
        out_drop(&o);
        return rc < 0 ? rc : (int)got;
    }
    out_flush(&o);
    if (!o.broken && fsync(fd) < 0)
        o.broken = errno;
    return out_close(&o, e);
}

static int folder_put(struct remote *r, const char *name, const char *path, struct err *e)
{
    char *whole CLEANUP(mem_freep) = path_of(r, name, false);
    char *part CLEANUP(mem_freep) = path_of(r, name, true);
    if (access(whole, F_OK) == 0)
        return 0;
    (void)unlink(part);
    int fd = open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (fd < 0) {
        err_sys(e, errno == EACCES || errno == EPERM ? RC_DENIED : RC_UNAVAILABLE, "REMOTE-003",
                "cannot write into the folder");
        (void)err_hint(e, "is it mounted, and does it have a folder 'in' that you may write?");
        return err_place(e, "%s", part);
    }
    int rc = copy_to(path, fd, part, e);
    if (rc == 0)
        rc = file_move(part, whole, e);
    return rc < 0 ? rc : 1;
}

static int folder_get(struct remote *r, const char *name, struct buf *b, struct err *e)
{
    char *path CLEANUP(mem_freep) = path_of(r, name, false);
    char *bytes CLEANUP(mem_freep) = NULL;
    size_t n = 0;
    if (access(path, F_OK) < 0 && errno == ENOENT)
        return 0;
    int rc = file_slurp(path, b->max, &bytes, &n, e);
    if (rc < 0)
        return rc;
    buf_add(b, bytes, n);
    return 1;
}

static void folder_close(struct remote *r)
{
    mem_free(r->base);
    mem_free(r);
}

static const struct remote_kind folder = {folder_put, folder_get, folder_close};

static int folder_open(struct remote **ret, const struct remote_options *o, const char *path,
                       struct err *e)
{
    if (access(path, X_OK) < 0) {
        err_sys(e, RC_UNAVAILABLE, "REMOTE-004", "cannot enter the folder");
        return err_place(e, "%s", path);
    }
    struct remote *r = mem_new(sizeof *r);
    struct buf b;
    buf_init(&b, 1 << 16);
    buf_fmt(&b, "%s%s", path, path[strlen(path) - 1] == '/' ? "" : "/");
    *r = (struct remote){&folder, o, b.p};
    *ret = r;
    return 0;
}

int remote_open(struct remote **ret, const struct remote_options *o, struct err *e)
{
    char scheme[16];
    *ret = NULL;
    if (!*o->url)
        return err_set(e, RC_USAGE, "REMOTE-005", "the address is empty");
    if (!strstr(o->url, "://"))
        return folder_open(ret, o, o->url, e);
    http_url_scheme(o->url, scheme);
    if (strcmp(scheme, "file") == 0 && strncmp(o->url, "file:///", 8) == 0)
        return folder_open(ret, o, o->url + 7, e);
    if (strcmp(scheme, "sftp") == 0 || strcmp(scheme, "https") == 0)
        return remote_curl_open(ret, o, e);
    err_set(e, RC_USAGE, "REMOTE-001", "files are not sent to an address of scheme '%s'", scheme);
    return err_hint(e, "write sftp://USER@HOST/, https://HOST/FOLDER/, or a folder");
}

void remote_close(struct remote *r)
{
    if (r)
        r->kind->close(r);
}

int remote_put(struct remote *r, const char *name, const char *path, struct err *e)
{
    return r->kind->put(r, name, path, e);
}

int remote_get(struct remote *r, const char *name, struct buf *b, struct err *e)
{
    return r->kind->get(r, name, b, e);
}

void remote_show(const struct remote *r, struct buf *b)
{
    if (r->kind == &folder)
        buf_text(b, r->base);
    else
        http_url_show(b, r->base);
}
