/* fault.c — stands between a program and the system (LD_PRELOAD) and lets the n-th call of a kind
 * go wrong. All processes of a run whose names begin with FAULT_ONLY count together, in FAULT_FILE.
 *
 *   FAULT_FILE  struct shared below; the runner reads it       FAULT_ONLY  rta, or one program
 *   FAULT_CALL  read write sync close rename open memory connect send recv any
 *   FAULT_AT    which of them; 0 or left out: count alone      FAULT_ON    also all later ones
 *   FAULT_DO    EIO ENOSPC EINTR EMFILE ENOMEM ECONNRESET ECONNREFUSED: fails so
 *               short: one byte alone   eof: nothing comes any more   cut: the connection is cut
 *               hold: stops itself before the call, for the runner to act
 *               INT TERM HUP PIPE KILL: that signal, before the call
 *
 * Calls go to the kernel directly; memory to glibc's own names. Standard error never fails: what
 * the programs say there is looked at. Owns no memory but the mapped file. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum kind { READ, WRITE, SYNC, CLOSE, RENAME, OPEN, MEMORY, CONNECT, SEND, RECV, ANY, KINDS };

struct shared {
    uint64_t n[KINDS];
    uint32_t hit; /* so often something was done */
    uint32_t pid; /* by whom at last */
    char who[16];
};

enum deed { NOTHING, FAIL, SHORT, END_OF, CUT, HOLD, SIGNAL };

struct word {
    const char *word;
    enum deed deed;
    int value;
};

static const struct word words[] = {
    {"EIO", FAIL, EIO},
    {"ENOSPC", FAIL, ENOSPC},
    {"EINTR", FAIL, EINTR},
    {"EMFILE", FAIL, EMFILE},
    {"ENOMEM", FAIL, ENOMEM},
    {"ECONNRESET", FAIL, ECONNRESET},
    {"ECONNREFUSED", FAIL, ECONNREFUSED},
    {"short", SHORT, 0},
    {"eof", END_OF, 0},
    {"cut", CUT, 0},
    {"hold", HOLD, 0},
    {"INT", SIGNAL, SIGINT},
    {"TERM", SIGNAL, SIGTERM},
    {"HUP", SIGNAL, SIGHUP},
    {"PIPE", SIGNAL, SIGPIPE},
    {"KILL", SIGNAL, SIGKILL},
};
static const char *const kinds[KINDS] = {"read",   "write",   "sync", "close", "rename", "open",
                                         "memory", "connect", "send", "recv",  "any"};

static struct {
    struct shared *shared; /* NULL: not our program, or not begun */
    enum kind kind;
    uint64_t at;
    bool on;
    struct word what;
} g;

/* Not by memory that is counted: nothing here allocates. */
__attribute__((constructor)) static void begin(void)
{
    const char *file = getenv("FAULT_FILE"), *kind = getenv("FAULT_CALL"), *at = getenv("FAULT_AT");
    const char *what = getenv("FAULT_DO"), *only = getenv("FAULT_ONLY");
    const char *name = program_invocation_short_name;
    if (!only)
        only = "rta";
    if (!file || strncmp(name, only, strlen(only)) != 0)
        return;
    int fd = (int)syscall(SYS_openat, AT_FDCWD, file, O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return;
    void *p = mmap(NULL, sizeof(struct shared), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    (void)syscall(SYS_close, fd);
    if (p == MAP_FAILED)
        return;
    for (size_t i = 0; kind && i < KINDS; i++)
        if (strcmp(kinds[i], kind) == 0)
            g.kind = (enum kind)i;
    for (size_t i = 0; what && i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i].word, what) == 0)
            g.what = words[i];
    g.at = at ? strtoull(at, NULL, 10) : 0;
    g.on = getenv("FAULT_ON") != NULL;
    g.shared = p;
}

static bool turn(enum kind kind)
{
    uint64_t n = __atomic_add_fetch(&g.shared->n[kind], 1, __ATOMIC_RELAXED);
    return g.at && g.kind == kind && (n == g.at || (g.on && n > g.at));
}

/* What to do with this call; a signal or a stop has happened when it returns. */
static enum deed deed(enum kind kind)
{
    if (!g.shared)
        return NOTHING;
    bool now = turn(kind);
    if (kind != MEMORY && turn(ANY))
        now = true;
    if (!now)
        return NOTHING;
    g.shared->pid = (uint32_t)getpid();
    strncpy(g.shared->who, program_invocation_short_name, sizeof g.shared->who - 1);
    __atomic_add_fetch(&g.shared->hit, 1, __ATOMIC_SEQ_CST);
    if (g.what.deed == HOLD || g.what.deed == SIGNAL) {
        (void)kill(getpid(), g.what.deed == HOLD ? SIGSTOP : g.what.value);
        return NOTHING;
    }
    if (g.what.deed == FAIL)
        errno = g.what.value;
    return g.what.deed;
}

static size_t some(enum deed d, size_t n) { return d == SHORT && n > 1 ? 1 : n; }

/* ---- files ---- */

ssize_t read(int fd, void *p, size_t n)
{
    enum deed d = deed(READ);
    if (d == END_OF)
        return 0;
    return d == FAIL ? -1 : (ssize_t)syscall(SYS_read, fd, p, some(d, n));
}
ssize_t __read_chk(int fd, void *p, size_t n, size_t room);
ssize_t __read_chk(int fd, void *p, size_t n, size_t room)
{
    if (n > room)
        abort();
    return read(fd, p, n);
}

ssize_t pread(int fd, void *p, size_t n, off_t at)
{
    enum deed d = deed(READ);
    return d == FAIL ? -1 : (ssize_t)syscall(SYS_pread64, fd, p, some(d, n), at);
}
ssize_t pread64(int fd, void *p, size_t n, off_t at) __attribute__((alias("pread")));

ssize_t write(int fd, const void *p, size_t n)
{
    enum deed d = fd == STDERR_FILENO ? NOTHING : deed(WRITE);
    return d == FAIL ? -1 : (ssize_t)syscall(SYS_write, fd, p, some(d, n));
}

ssize_t writev(int fd, const struct iovec *v, int n)
{
    enum deed d = fd == STDERR_FILENO ? NOTHING : deed(WRITE);
    return d == FAIL ? -1 : (ssize_t)syscall(SYS_writev, fd, v, n);
}

int fsync(int fd) { return deed(SYNC) == FAIL ? -1 : (int)syscall(SYS_fsync, fd); }

int fdatasync(int fd) { return deed(SYNC) == FAIL ? -1 : (int)syscall(SYS_fdatasync, fd); }

/* A close that fails has closed. */
int close(int fd)
{
    enum deed d = deed(CLOSE);
    int why = errno, rc = (int)syscall(SYS_close, fd);
    if (d != FAIL)
        return rc;
    errno = why;
    return -1;
}

int rename(const char *from, const char *to)
{
    return deed(RENAME) == FAIL ? -1 : (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}

int renameat(int f, const char *from, int t, const char *to)
{
    return deed(RENAME) == FAIL ? -1 : (int)syscall(SYS_renameat2, f, from, t, to, 0);
}

int renameat2(int f, const char *from, int t, const char *to, unsigned flags)
{
    return deed(RENAME) == FAIL ? -1 : (int)syscall(SYS_renameat2, f, from, t, to, flags);
}

static int opened(int dir, const char *path, int flags, unsigned mode)
{
    return deed(OPEN) == FAIL ? -1 : (int)syscall(SYS_openat, dir, path, flags, mode);
}

static unsigned mode_of(int flags, va_list ap)
{
    return (flags & O_CREAT) || (flags & O_TMPFILE) == O_TMPFILE ? va_arg(ap, unsigned) : 0;
}

int open(const char *path, int flags, ...)
{
    va_list ap;
    va_start(ap, flags);
    unsigned mode = mode_of(flags, ap);
    va_end(ap);
    return opened(AT_FDCWD, path, flags, mode);
}
int open64(const char *path, int flags, ...) __attribute__((alias("open")));

int openat(int dir, const char *path, int flags, ...)
{
    va_list ap;
    va_start(ap, flags);
    unsigned mode = mode_of(flags, ap);
    va_end(ap);
    return opened(dir, path, flags, mode);
}
int openat64(int dir, const char *path, int flags, ...) __attribute__((alias("openat")));

/* The fortified spellings. */
int __open_2(const char *path, int flags);
int __open_2(const char *path, int flags) { return opened(AT_FDCWD, path, flags, 0); }
int __open64_2(const char *path, int flags) __attribute__((alias("__open_2")));
int __openat_2(int dir, const char *path, int flags);
int __openat_2(int dir, const char *path, int flags) { return opened(dir, path, flags, 0); }
int __openat64_2(int dir, const char *path, int flags) __attribute__((alias("__openat_2")));

/* ---- memory ---- */

void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t n);

void *malloc(size_t n) { return deed(MEMORY) == FAIL ? NULL : __libc_malloc(n); }

void *calloc(size_t n, size_t size) { return deed(MEMORY) == FAIL ? NULL : __libc_calloc(n, size); }

void *realloc(void *p, size_t n) { return deed(MEMORY) == FAIL ? NULL : __libc_realloc(p, n); }

/* ---- connections ---- */

int connect(int fd, const struct sockaddr *a, socklen_t n)
{
    return deed(CONNECT) == FAIL ? -1 : (int)syscall(SYS_connect, fd, a, n);
}

/* A connection that is reset is gone for good. */
static enum deed talk(enum kind kind, int fd)
{
    enum deed d = deed(kind);
    int why = errno;
    if (d == CUT || (d == FAIL && why == ECONNRESET))
        (void)shutdown(fd, SHUT_RDWR);
    errno = why;
    return d;
}

ssize_t send(int fd, const void *p, size_t n, int flags)
{
    enum deed d = talk(SEND, fd);
    return d == FAIL ? -1 : (ssize_t)syscall(SYS_sendto, fd, p, some(d, n), flags, NULL, 0);
}

ssize_t recv(int fd, void *p, size_t n, int flags)
{
    enum deed d = talk(RECV, fd);
    if (d == END_OF)
        return 0;
    return d == FAIL ? -1 : (ssize_t)syscall(SYS_recvfrom, fd, p, some(d, n), flags, NULL, NULL);
}
ssize_t __recv_chk(int fd, void *p, size_t n, size_t room, int flags);
ssize_t __recv_chk(int fd, void *p, size_t n, size_t room, int flags)
{
    if (n > room)
        abort();
    return recv(fd, p, n, flags);
}
