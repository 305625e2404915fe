/* file.c — the part of io.h that makes files and folders: whole or not at all. */
#include "io.h"

#include "buf.h"
#include "mem.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static int create_failed(const char *path, struct err *e)
{
    err_sys(e, RC_CREATE, "IO-005", "cannot make the file");
    return err_place(e, "%s", path);
}

/* A device, pipe or socket is written to, never renamed over: /dev/null must stay what it is. */
static int open_special(const char *path) { return open(path, O_WRONLY | O_CLOEXEC); }

static int open_temp(struct newfile *f)
{
    size_t n = strlen(f->path) + 32;
    f->temp = mem_new(n);
    (void)snprintf(f->temp, n, "%s.%ld.tmp", f->path, (long)getpid());
    return open(f->temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0666);
}

int file_create(struct newfile *f, const char *path, struct err *e)
{
    struct stat st, self;
    char real[PATH_MAX];
    bool exists = stat(path, &st) == 0;
    *f = (struct newfile){.path = NULL};
    if (exists && S_ISDIR(st.st_mode)) {
        errno = EISDIR;
        return create_failed(path, e);
    }
    bool link = exists && lstat(path, &self) == 0 && S_ISLNK(self.st_mode);
    f->path = mem_text(str_of(link && realpath(path, real) ? real : path));
    int fd = exists && !S_ISREG(st.st_mode) ? open_special(path) : open_temp(f);
    if (fd < 0) {
        int rc = create_failed(path, e);
        mem_freep(&f->temp);
        file_abandon(f);
        return rc;
    }
    out_init(&f->out, fd, f->path);
    return 0;
}

int file_publish(struct newfile *f, struct err *e)
{
    out_flush(&f->out);
    if (!f->out.broken && fsync(f->out.fd) < 0 && errno != EINVAL && errno != EROFS)
        f->out.broken = errno;
    int rc = out_close(&f->out, e);
    if (rc == 0 && f->temp && rename(f->temp, f->path) < 0)
        rc = create_failed(f->path, e);
    if (rc == 0)
        mem_freep(&f->temp);
    file_abandon(f);
    return rc;
}

void file_abandon(struct newfile *f)
{
    out_drop(&f->out);
    if (f->temp)
        (void)unlink(f->temp);
    mem_freep(&f->temp);
    mem_freep(&f->path);
}

int file_write(const char *path, struct str bytes, struct err *e)
{
    struct newfile f;
    int rc = file_create(&f, path, e);
    if (rc < 0)
        return rc;
    out_str(&f.out, bytes);
    return file_publish(&f, e);
}

int dir_make(const char *path, struct err *e)
{
    char *z CLEANUP(mem_freep) = mem_text(str_of(path));
    for (char *p = z + 1; *p; p++) {
        if (*p != '/')
            continue;
        *p = '\0';
        if (mkdir(z, 0777) < 0 && errno != EEXIST)
            return create_failed(z, e);
        *p = '/';
    }
    if (mkdir(z, 0777) < 0 && errno != EEXIST)
        return create_failed(z, e);
    struct stat st;
    if (stat(z, &st) < 0 || !S_ISDIR(st.st_mode)) {
        errno = ENOTDIR;
        return create_failed(z, e);
    }
    return 0;
}

static int remove_failed(const char *path, struct err *e)
{
    err_sys(e, RC_IO, "IO-006", "cannot remove");
    return err_place(e, "%s", path);
}

int dir_remove(const char *path, struct err *e)
{
    struct stat st;
    if (lstat(path, &st) < 0)
        return errno == ENOENT ? 0 : remove_failed(path, e);
    if (!S_ISDIR(st.st_mode))
        return unlink(path) < 0 ? remove_failed(path, e) : 0;
    DIR *d = opendir(path);
    if (!d)
        return remove_failed(path, e);
    int rc = 0;
    struct dirent *entry;
    while (rc == 0 && (entry = readdir(d))) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        struct buf below;
        buf_init(&below, 4096);
        buf_fmt(&below, "%s/%s", path, entry->d_name);
        rc = buf_ok(&below, "a path", e);
        if (rc == 0)
            rc = dir_remove(buf_z(&below), e);
        buf_free(&below);
    }
    (void)closedir(d);
    if (rc == 0 && rmdir(path) < 0)
        rc = remove_failed(path, e);
    return rc;
}
