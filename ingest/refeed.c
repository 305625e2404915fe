/* refeed.c — see refeed.h. Owns the descriptor; its sources read by position and own nothing. */
#include "refeed.h"

#include "bounds.h"
#include "mem.h"

#include <errno.h>
#include <unistd.h>

struct refeed {
    int fd;
    const char *name;
};

struct from {
    struct source source;
    int fd;
    off_t at;
};

static int copy(struct refeed *r, struct source *src, struct err *e)
{
    char *chunk CLEANUP(mem_freep) = mem_new(LIMIT_IO_CHUNK);
    ssize_t got;
    while ((got = src->read(src, chunk, LIMIT_IO_CHUNK, e)) > 0)
        for (ssize_t done = 0; done < got;) {
            ssize_t n = write(r->fd, chunk + done, (size_t)(got - done));
            if (n < 0 && errno == EINTR)
                continue;
            if (n < 0) {
                err_sys(e, RC_IO, "WIRE-001", "cannot keep the input in a temporary file");
                return err_hint(e, "TMPDIR names a folder with room for it.");
            }
            done += n;
        }
    return (int)got;
}

int refeed_open(struct refeed **ret, struct source *src, const char *name, const char *dir,
                struct err *e)
{
    char path[1100];
    (void)snprintf(path, sizeof path, "%.1000s/rta-read-XXXXXX", dir ? dir : "/tmp");
    int fd = mkstemp(path);
    if (fd < 0) {
        err_sys(e, RC_CREATE, "WIRE-002", "no temporary file");
        err_place(e, "%s", path);
        return err_hint(e, "TMPDIR names a folder that can be written to.");
    }
    (void)unlink(path);
    struct refeed *r = mem_new(sizeof *r);
    r->fd = fd;
    r->name = name;
    int rc = copy(r, src, e);
    if (rc < 0)
        refeed_close(r);
    else
        *ret = r;
    return rc;
}

void refeed_close(struct refeed *r)
{
    if (!r)
        return;
    (void)close(r->fd);
    mem_free(r);
}

static ssize_t from_read(struct source *s, char *p, size_t n, struct err *e)
{
    struct from *f = (struct from *)s;
    for (;;) {
        ssize_t got = pread(f->fd, p, n, f->at);
        if (got >= 0) {
            f->at += got;
            return got;
        }
        if (errno != EINTR)
            return err_sys(e, RC_IO, "WIRE-003", "cannot read the temporary file again");
    }
}

static void from_close(struct source *s) { mem_free(s); }

struct source *refeed_from(struct refeed *r, uint64_t at)
{
    struct from *f = mem_new(sizeof *f);
    *f = (struct from){{from_read, from_close, r->name}, r->fd, (off_t)at};
    return &f->source;
}
