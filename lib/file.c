/* file.c — the part of io.h that makes files and folders: whole or not at all. */
#include "io.h"

#include "buf.h"
#include "mem.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static int create_failed(const char *path, struct err *e)
{
    err_sys(e, RC_CREATE, "IO-005", "cannot make the file");
    return err_place(e, "%s", path);
}

int file_create(struct newfile *f, const char *path, struct err *e)
{
    *f = (struct newfile){.path = mem_text(str_of(path))};
    size_t n = strlen(path) + 32;
    f->temp = mem_new(n);
    (void)snprintf(f->temp, n, "%s.%ld.tmp", path, (long)getpid());
    int fd = open(f->temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0666);
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
    if (rc == 0 && rename(f->temp, f->path) < 0)
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
