/* file.c — the part of io.h that makes files and folders: whole or not at all. */
#include "io.h"

#include "buf.h"
#include "mem.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static int create_failed(const char *path, struct err *e)
{
    err_sys(e, RC_CREATE, "IO-005", "cannot make the file");
    return err_place(e, "%s", path);
}

/* A device, pipe or socket is written to, never renamed over: /dev/null must stay what it is. */
static int open_special(const char *path) { return open(path, O_WRONLY | O_CLOEXEC); }

/* The number in BASE.NUMBER.tmp, a temporary file of ours; 0 when it is none. */
static pid_t temp_owner(const char *name, const char *base, size_t n)
{
    char *end;
    if (strncmp(name, base, n) != 0 || name[n] != '.' || name[n + 1] < '1' || name[n + 1] > '9')
        return 0;
    long pid = strtol(name + n + 1, &end, 10);
    return strcmp(end, ".tmp") == 0 && pid < INT_MAX ? (pid_t)pid : 0;
}

/* Who is killed leaves his temporary file. Whoever makes the same file next clears it away, when
 * there is no such process and, as that could be one of another machine, nobody holds its lock. */
static void sweep_temps(const char *path)
{
    const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
    size_t n = strlen(base);
    char *dir CLEANUP(mem_freep) =
        slash ? mem_text((struct str){path, (size_t)(slash - path) + 1}) : mem_text(str_of("."));
    DIR *d = opendir(dir);
    struct dirent *entry;
    while (d && (entry = readdir(d))) {
        pid_t pid = temp_owner(entry->d_name, base, n);
        if (pid == 0 || kill(pid, 0) == 0 || errno != ESRCH)
            continue;
        int fd = openat(dirfd(d), entry->d_name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
        if (fd < 0)
            continue;
        if (flock(fd, LOCK_EX | LOCK_NB) == 0)
            (void)unlinkat(dirfd(d), entry->d_name, 0);
        (void)close(fd);
    }
    if (d)
        (void)closedir(d);
}

/* Never a file that is there: in /tmp somebody else could have made it, to keep it in his hands
 * or to have another of ours written over (a hard link). One that a dead process left behind under
 * our number goes first. */
static int open_temp(struct newfile *f)
{
    size_t n = strlen(f->path) + 32;
    f->temp = mem_new(n);
    (void)snprintf(f->temp, n, "%s.%ld.tmp", f->path, (long)getpid());
    (void)unlink(f->temp);
    sweep_temps(f->path);
    int fd = open(f->temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (fd >= 0)
        (void)flock(fd, LOCK_EX | LOCK_NB); /* where there are no locks, the number has to do */
    return fd;
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

int file_secret(const char *path, char *ret, size_t size, struct err *e)
{
    char *text CLEANUP(mem_freep) = NULL;
    size_t n = 0;
    ret[0] = '\0';
    int rc = file_slurp(path, size - 1, &text, &n, e);
    if (rc < 0)
        return rc;
    size_t k = strcspn(text, "\r\n");
    memcpy(ret, text, k);
    ret[k] = '\0';
    explicit_bzero(text, n);
    return 0;
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

static int remove_at(int parent, const char *name, const char *shown, struct err *e);

/* All entries of an open folder; takes over its descriptor. */
static int empty_folder(int fd, const char *shown, struct err *e)
{
    DIR *d = fd < 0 ? NULL : fdopendir(fd);
    if (!d) {
        int rc = remove_failed(shown, e);
        if (fd >= 0)
            (void)close(fd);
        return rc;
    }
    int rc = 0;
    struct dirent *entry;
    while (rc == 0 && (entry = readdir(d))) {
        char below[512]; /* for messages only, so it may be cut */
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        (void)snprintf(below, sizeof below, "%s/%.255s", shown, entry->d_name);
        rc = remove_at(dirfd(d), entry->d_name, below, e);
    }
    (void)closedir(d);
    return rc;
}

/* From descriptor to descriptor: root empties folders of the server's user, who could put a
 * symbolic link in the place of a folder that was just looked at. */
static int remove_at(int parent, const char *name, const char *shown, struct err *e)
{
    struct stat st;
    if (fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return errno == ENOENT ? 0 : remove_failed(shown, e);
    if (!S_ISDIR(st.st_mode))
        return unlinkat(parent, name, 0) < 0 ? remove_failed(shown, e) : 0;
    int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    int rc = empty_folder(fd, shown, e);
    if (rc == 0 && unlinkat(parent, name, AT_REMOVEDIR) < 0)
        rc = remove_failed(shown, e);
    return rc;
}

int dir_remove(const char *path, struct err *e) { return remove_at(AT_FDCWD, path, path, e); }
