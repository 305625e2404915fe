/* file_dir.c — the part of io.h that looks into folders, moves and locks. */
#include "arena.h"
#include "buf.h"
#include "io.h"
#include "mem.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

int dir_names(const char *path, struct arena *a, const char *const **ret, size_t *ret_n,
              struct err *e)
{
    DIR *d = opendir(path);
    size_t n = 0, cap = 0;
    const char **names CLEANUP(mem_freep) = NULL;
    struct dirent *entry;
    if (!d) {
        err_sys(e, RC_IO, "IO-007", "cannot look into the folder");
        return err_place(e, "%s", path);
    }
    while ((entry = readdir(d))) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        if (n == cap)
            names = mem_resize(names, (cap = cap ? cap * 2 : 64) * sizeof *names);
        names[n++] = arena_text(a, str_of(entry->d_name));
    }
    (void)closedir(d);
    if (n)
        qsort(names, n, sizeof *names, compare_names);
    const char **list = arena_array(a, n + 1, sizeof *list);
    for (size_t i = 0; i < n; i++)
        list[i] = names[i];
    *ret = list;
    *ret_n = n;
    return 0;
}

int dir_sync(const char *path, struct err *e)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool ok = fd >= 0 && (fsync(fd) == 0 || errno == EINVAL || errno == EROFS);
    int rc = 0;
    if (!ok) {
        err_sys(e, RC_IO, "IO-008", "cannot make the folder keep its entries");
        rc = err_place(e, "%s", path);
    }
    if (fd >= 0)
        (void)close(fd);
    return rc;
}

static int sync_parent(const char *path, struct err *e)
{
    const char *slash = strrchr(path, '/');
    struct str dir =
        slash ? (struct str){path, slash == path ? 1 : (size_t)(slash - path)} : STR(".");
    char *z CLEANUP(mem_freep) = mem_text(dir);
    return dir_sync(z, e);
}

int file_move(const char *from, const char *to, struct err *e)
{
    if (rename(from, to) < 0) {
        err_sys(e, RC_CREATE, "IO-009", "cannot move the file to %s", to);
        return err_place(e, "%s", from);
    }
    int rc = sync_parent(to, e);
    return rc < 0 ? rc : sync_parent(from, e);
}

int file_lock(const char *path, bool inherited, int *ret_fd, struct err *e)
{
    int flags = O_RDWR | O_CREAT | O_NOFOLLOW | (inherited ? 0 : O_CLOEXEC);
    *ret_fd = open(path, flags, 0666);
    if (*ret_fd < 0) {
        err_sys(e, RC_CREATE, "IO-010", "cannot make the lock");
        return err_place(e, "%s", path);
    }
    while (flock(*ret_fd, LOCK_EX | LOCK_NB) < 0) {
        if (errno == EINTR)
            continue;
        (void)close(*ret_fd);
        *ret_fd = -1;
        return 0;
    }
    return 1;
}
