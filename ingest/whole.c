/* whole.c — see whole.h. */
#include "whole.h"

#include "bounds.h"
#include "gz.h"
#include "mem.h"
#include "stage.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

int temp_file(int *ret_fd, struct err *e)
{
    const char *dir = stage_env("TMPDIR");
    char path[4096];
    int n = snprintf(path, sizeof path, "%s/rta-XXXXXX", dir ? dir : "/tmp");
    int fd = n > 0 && (size_t)n < sizeof path ? mkostemp(path, O_CLOEXEC) : -1;
    if (fd < 0)
        return err_sys(e, RC_SYSTEM, "WHOLE-001", "no temporary file in %s", dir ? dir : "/tmp");
    (void)unlink(path);
    *ret_fd = fd;
    return 0;
}

static int copy(int fd, struct source *src, struct err *e)
{
    struct out out;
    char *p CLEANUP(mem_freep) = mem_new(LIMIT_IO_CHUNK);
    int own = dup(fd); /* the output closes its own */
    ssize_t got;
    if (own < 0)
        return err_sys(e, RC_SYSTEM, "WHOLE-002", "no file descriptor");
    out_init(&out, own, "temporary file");
    while ((got = src->read(src, p, LIMIT_IO_CHUNK, e)) > 0) {
        out_put(&out, p, (size_t)got);
        if (out.written <= LIMIT_SPOOL_BYTES)
            continue;
        got = err_set(e, RC_DATA, "WHOLE-003", "a workbook of more than %llu bytes",
                      (unsigned long long)LIMIT_SPOOL_BYTES);
        err_place(e, "%s", src->name);
        break;
    }
    if (got < 0) {
        out_drop(&out);
        return (int)got;
    }
    return out_close(&out, e);
}

/* A regular file that is not gzipped. */
static bool as_it_stands(const char *path)
{
    struct stat st;
    unsigned char head[2] = {0, 0};
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return false;
    bool good = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && read(fd, head, 2) >= 0 &&
                !(head[0] == 0x1f && head[1] == 0x8b);
    close(fd);
    return good;
}

/* By its descriptor: the file has no name any more. */
static int whole_name(struct whole *s)
{
    char path[64];
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", s->fd);
    s->path = mem_text(str_of(path));
    return 0;
}

int whole_open(struct whole *ret, const char *path, struct source *in, struct err *e)
{
    struct source *src = NULL;
    bool standard = !path || strcmp(path, "-") == 0;
    *ret = (struct whole){NULL, -1};
    if (!standard && as_it_stands(path)) {
        ret->path = mem_text(str_of(path));
        return 0;
    }
    int rc = temp_file(&ret->fd, e);
    if (rc >= 0 && standard)
        rc = copy(ret->fd, in, e);
    else if (rc >= 0)
        rc = source_open(&src, path, e);
    if (rc >= 0 && src)
        rc = source_gunzip(&src, src, LIMIT_SPOOL_BYTES, e);
    if (rc >= 0 && src)
        rc = copy(ret->fd, src, e);
    source_close(src);
    return rc < 0 ? rc : whole_name(ret);
}

ssize_t whole_peek(const struct whole *s, char *to, size_t n)
{
    int fd = open(s->path, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd < 0 ? -1 : read(fd, to, n);
    if (fd >= 0)
        close(fd);
    return got;
}

void whole_close(struct whole *s)
{
    mem_freep(&s->path);
    if (s->fd >= 0)
        close(s->fd);
    s->fd = -1;
}
