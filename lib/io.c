/* io.c — see io.h. A source owns its descriptor and its copy of the name. */
#include "io.h"

#include "buf.h"
#include "bounds.h"
#include "mem.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

struct source_file {
    struct source source;
    int fd;
    char *name;
};

static ssize_t file_read(struct source *s, char *p, size_t n, struct err *e)
{
    struct source_file *f = (struct source_file *)s;
    for (;;) {
        ssize_t got = read(f->fd, p, n);
        if (got >= 0)
            return got;
        if (errno == EINTR)
            continue;
        err_sys(e, RC_IO, "IO-002", "cannot read");
        return err_place(e, "%s", f->name);
    }
}

static void file_close(struct source *s)
{
    struct source_file *f = (struct source_file *)s;
    if (f->fd > STDERR_FILENO)
        (void)close(f->fd);
    mem_free(f->name);
    mem_free(f);
}

int source_open(struct source **ret, const char *path, struct err *e)
{
    bool standard = strcmp(path, "-") == 0;
    int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;
    if (fd < 0 || (!standard && fstat(fd, &st) < 0)) {
        err_sys(e, RC_DATA, "IO-001", "cannot open the file");
        return err_place(e, "%s", path);
    }
    if (!standard && S_ISDIR(st.st_mode)) {
        (void)close(fd);
        err_set(e, RC_DATA, "IO-003", "this is a folder, not a file");
        return err_place(e, "%s", path);
    }
    struct source_file *f = mem_new(sizeof *f);
    f->fd = fd;
    f->name = mem_text(str_of(standard ? "stdin" : path));
    f->source = (struct source){file_read, file_close, f->name};
    *ret = &f->source;
    return 0;
}

struct source_bytes {
    struct source source;
    struct str left;
    char *name;
};

static ssize_t bytes_read(struct source *s, char *p, size_t n, struct err *e)
{
    (void)e;
    struct source_bytes *b = (struct source_bytes *)s;
    size_t k = n < b->left.n ? n : b->left.n;
    if (k)
        memcpy(p, b->left.p, k);
    b->left = str_cut(b->left, k);
    return (ssize_t)k;
}

static void bytes_close(struct source *s)
{
    mem_free(((struct source_bytes *)s)->name);
    mem_free(s);
}

struct source *source_memory(struct str bytes, const char *name)
{
    struct source_bytes *b = mem_new(sizeof *b);
    b->left = bytes;
    b->name = mem_text(str_of(name));
    b->source = (struct source){bytes_read, bytes_close, b->name};
    return &b->source;
}

int source_slurp(struct source *s, size_t max, char **ret, size_t *ret_n, struct err *e)
{
    struct buf b;
    buf_init(&b, max);
    char *chunk CLEANUP(mem_freep) = mem_new(LIMIT_IO_CHUNK);
    ssize_t got;
    while ((got = s->read(s, chunk, LIMIT_IO_CHUNK, e)) > 0 && !b.full)
        buf_add(&b, chunk, (size_t)got);
    int rc = got < 0 ? (int)got : buf_ok(&b, s->name, e);
    if (rc < 0) {
        err_place(e, "%s", s->name);
        buf_free(&b);
        return rc;
    }
    *ret_n = b.n;
    *ret = b.p ? b.p : mem_new(1);
    return 0;
}

void source_close(struct source *s)
{
    if (s)
        s->close(s);
}

void source_closep(struct source **s)
{
    source_close(*s);
    *s = NULL;
}

int file_slurp(const char *path, size_t max, char **ret, size_t *ret_n, struct err *e)
{
    struct source *s CLEANUP(source_closep) = NULL;
    int rc = source_open(&s, path, e);
    return rc < 0 ? rc : source_slurp(s, max, ret, ret_n, e);
}

void out_init(struct out *o, int fd, const char *name)
{
    *o = (struct out){.fd = fd, .cap = LIMIT_IO_CHUNK, .name = name};
    o->p = mem_new(o->cap);
}

static void write_all(struct out *o, const char *p, size_t n)
{
    if (o->tap && n)
        o->tap(o->tap_to, p, n);
    while (n && !o->broken) {
        ssize_t put = write(o->fd, p, n);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0) {
            o->broken = errno;
            return;
        }
        p += put;
        n -= (size_t)put;
        o->written += (uint64_t)put;
    }
}

void out_flush(struct out *o)
{
    write_all(o, o->p, o->n);
    o->n = 0;
}

void out_put(struct out *o, const void *p, size_t n)
{
    if (n >= o->cap - o->n)
        out_flush(o);
    if (n >= o->cap) {
        write_all(o, p, n);
        return;
    }
    if (n)
        memcpy(o->p + o->n, p, n);
    o->n += n;
}

void out_str(struct out *o, struct str s) { out_put(o, s.p, s.n); }

int out_close(struct out *o, struct err *e)
{
    out_flush(o);
    if (close(o->fd) < 0 && !o->broken)
        o->broken = errno;
    int broken = o->broken;
    mem_free(o->p);
    o->p = NULL;
    o->fd = -1;
    if (!broken)
        return 0;
    errno = broken;
    err_sys(e, RC_IO, "IO-004", "the output did not arrive");
    return err_place(e, "%s", o->name);
}

void out_drop(struct out *o)
{
    if (!o->p)
        return;
    if (o->fd > STDERR_FILENO)
        (void)close(o->fd);
    mem_free(o->p);
    *o = (struct out){.fd = -1};
}
