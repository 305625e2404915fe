/* proc.c — see proc.h. Children are started by posix_spawn: an argument vector, no shell, and a
 * failing exec is known at once. Owns the pipes and the list of children while it runs. */
#include "proc.h"

#include "mem.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

#define PROC_MAX 32
#define OUTPUT_MODE 0666

/* A pipeline that runs. */
struct line {
    const struct proc_cmd *cmds;
    size_t n, started, ended;
    pid_t pid[PROC_MAX];
    int status[PROC_MAX];
    bool over[PROC_MAX];
    const struct proc_io *io;
    int capture;    /* the reading end for io->out, or -1 */
    int64_t end_ms; /* deadline on the monotonic clock, 0: none */
    bool late;
};

static int64_t now_ms(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void drop_fd(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
    *fd = -1;
}

static size_t count_env(char *const *env)
{
    size_t n = 0;
    while (env && env[n])
        n++;
    return n;
}

static bool same_name(const char *a, const char *b)
{
    size_t n = strcspn(b, "=");
    return strncmp(a, b, n) == 0 && a[n] == '=';
}

/* Our environment with the extra values in place of ours. The list is the caller's; the texts are
 * not copied. */
static char **make_env(const char *const *extra)
{
    size_t more = 0, n = 0;
    while (extra && extra[more])
        more++;
    char **env = mem_array(count_env(environ) + more + 1, sizeof *env);
    for (char **v = environ; v && *v; v++) {
        bool replaced = false;
        for (size_t i = 0; i < more && !replaced; i++)
            replaced = same_name(*v, extra[i]);
        if (!replaced)
            env[n++] = *v;
    }
    for (size_t i = 0; i < more; i++) {
        union {
            const char *in;
            char *out;
        } text = {extra[i]}; /* posix_spawn takes char *const[] and changes nothing */
        env[n++] = text.out;
    }
    return env;
}

/* The descriptors of member i: what it reads and writes. */
struct ends {
    int in, out, err;
};

static int spawn(struct line *l, size_t i, struct ends ends, struct err *e)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attr;
    sigset_t defaults;
    (void)posix_spawn_file_actions_init(&actions);
    (void)posix_spawnattr_init(&attr);
    (void)sigemptyset(&defaults);
    (void)sigaddset(&defaults, SIGPIPE);
    (void)posix_spawnattr_setsigdefault(&attr, &defaults);
    (void)posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGDEF);
    int from[3] = {ends.in, ends.out, ends.err};
    for (int fd = 0; fd < 3; fd++)
        if (from[fd] >= 0 && from[fd] != fd)
            (void)posix_spawn_file_actions_adddup2(&actions, from[fd], fd);
    if (l->io->dir)
        (void)posix_spawn_file_actions_addchdir_np(&actions, l->io->dir);
    char **env CLEANUP(mem_freep) = make_env(l->io->env);
    union {
        const char *const *in;
        char *const *out;
    } argv = {l->cmds[i].argv};
    int failed = posix_spawnp(&l->pid[i], l->cmds[i].argv[0], &actions, &attr, argv.out, env);
    (void)posix_spawn_file_actions_destroy(&actions);
    (void)posix_spawnattr_destroy(&attr);
    if (!failed) {
        l->started = i + 1;
        return 0;
    }
    errno = failed;
    err_sys(e, RC_SYSTEM, "PROC-002", "cannot start %s", l->cmds[i].argv[0]);
    return err_hint(e, "is it installed, and is the working folder there?");
}

static int open_end(const char *path, int flags, int *ret, struct err *e)
{
    *ret = open(path, flags | O_CLOEXEC, OUTPUT_MODE);
    if (*ret >= 0)
        return 0;
    enum rc rc = flags & O_CREAT ? RC_CREATE : RC_DATA;
    err_sys(e, rc, "PROC-003", "cannot open the file for a command");
    return err_place(e, "%s", path);
}

static int make_pipe(int ret[2], struct err *e)
{
    if (pipe2(ret, O_CLOEXEC) == 0)
        return 0;
    ret[0] = ret[1] = -1;
    return err_sys(e, RC_SYSTEM, "PROC-004", "cannot make a pipe");
}

/* Where the last member writes: a file, our buffer, or our own output (-1). */
static int last_out(struct line *l, int *ret, struct err *e)
{
    if (l->io->out_path)
        return open_end(l->io->out_path, O_WRONLY | O_CREAT | O_TRUNC, ret, e);
    if (!l->io->out)
        return 0;
    int ends[2];
    int rc = make_pipe(ends, e);
    l->capture = ends[0];
    *ret = ends[1];
    return rc;
}

static int start(struct line *l, struct err *e)
{
    struct ends ends = {-1, -1, -1};
    int next_in = -1;
    int rc = open_end(l->io->in_path ? l->io->in_path : "/dev/null", O_RDONLY, &ends.in, e);
    if (rc == 0 && l->io->err_path)
        rc = open_end(l->io->err_path, O_WRONLY | O_CREAT | O_APPEND, &ends.err, e);
    for (size_t i = 0; rc == 0 && i < l->n; i++) {
        int between[2] = {-1, -1};
        rc = i + 1 < l->n ? make_pipe(between, e) : last_out(l, &between[1], e);
        ends.out = between[1];
        next_in = between[0];
        if (rc == 0)
            rc = spawn(l, i, ends, e);
        drop_fd(&ends.in);
        drop_fd(&ends.out);
        ends.in = next_in;
    }
    drop_fd(&ends.in);
    drop_fd(&ends.err);
    return rc;
}

static void kill_all(struct line *l, int sig)
{
    for (size_t i = 0; i < l->started; i++)
        if (!l->over[i])
            (void)kill(l->pid[i], sig);
}

static void reap(struct line *l, int flags)
{
    for (size_t i = 0; i < l->started; i++) {
        if (l->over[i])
            continue;
        pid_t got;
        do
            got = waitpid(l->pid[i], &l->status[i], flags);
        while (got < 0 && errno == EINTR);
        if (got == 0)
            continue;
        l->over[i] = true;
        l->ended++;
    }
}

/* Milliseconds left; -1: no deadline. */
static int left_ms(const struct line *l)
{
    if (!l->end_ms)
        return -1;
    int64_t left = l->end_ms - now_ms();
    return left < 0 ? 0 : left > 60000 ? 60000 : (int)left;
}

/* Read the capture to its end or to the deadline. */
static void drain(struct line *l)
{
    char chunk[8192];
    while (l->capture >= 0) {
        struct pollfd p = {.fd = l->capture, .events = POLLIN};
        int left = left_ms(l);
        if (left == 0)
            return;
        int ready = poll(&p, 1, left);
        if (ready <= 0)
            continue; /* interrupted, or the deadline is looked at again */
        ssize_t got = read(l->capture, chunk, sizeof chunk);
        if (got > 0)
            buf_add(l->io->out, chunk, (size_t)got);
        else if (got == 0 || errno != EINTR)
            drop_fd(&l->capture);
    }
}

static void nap(void)
{
    struct timespec t = {0, 5000000};
    (void)nanosleep(&t, NULL);
}

/* Two seconds to end politely, then by force. */
static void stop(struct line *l)
{
    int64_t until = now_ms() + 2000;
    kill_all(l, SIGTERM);
    for (reap(l, WNOHANG); l->ended < l->started && now_ms() < until; reap(l, WNOHANG))
        nap();
    kill_all(l, SIGKILL);
    reap(l, 0);
}

static void watch(struct line *l)
{
    drain(l);
    if (!l->end_ms) {
        reap(l, 0);
        return;
    }
    for (reap(l, WNOHANG); l->ended < l->started && left_ms(l) > 0; reap(l, WNOHANG))
        nap();
    l->late = l->ended < l->started;
    stop(l);
}

static enum rc known_rc(int code)
{
    static const enum rc all[] = {RC_PARTIAL, RC_USAGE,  RC_DATA,   RC_UNAVAILABLE,
                                  RC_BUG,     RC_SYSTEM, RC_CREATE, RC_IO,
                                  RC_RETRY,   RC_DENIED, RC_CONFIG};
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        if ((int)all[i] == code)
            return all[i];
    return RC_SYSTEM;
}

static bool by_sigpipe(int status) { return WIFSIGNALED(status) && WTERMSIG(status) == SIGPIPE; }

static bool is_partial(int status)
{
    return WIFEXITED(status) && WEXITSTATUS(status) == RC_PARTIAL;
}

/* The member to blame: the first in the pipe's order that failed by itself, else one that lost its
 * reader, else n. */
static size_t culprit(const struct line *l)
{
    size_t piped = l->n;
    for (size_t i = 0; i < l->n; i++) {
        int s = l->status[i];
        if (s == 0 || is_partial(s))
            continue;
        if (!by_sigpipe(s))
            return i;
        piped = piped == l->n ? i : piped;
    }
    return piped;
}

static int judge(const struct line *l, struct err *e)
{
    if (l->late) {
        err_set(e, RC_RETRY, "PROC-005", "%s did not end within %u seconds", l->cmds[0].argv[0],
                l->io->timeout_s);
        return err_hint(e, "it was stopped; give it more time, or look at what it waits for");
    }
    size_t i = culprit(l);
    if (i == l->n) {
        int partial = 0;
        for (size_t k = 0; k < l->n; k++)
            partial |= is_partial(l->status[k]);
        return partial;
    }
    int s = l->status[i];
    const char *slash = strrchr(l->cmds[i].argv[0], '/');
    const char *name = slash ? slash + 1 : l->cmds[i].argv[0];
    bool killed = WIFSIGNALED(s);
    return err_set(e, killed ? RC_SYSTEM : known_rc(WEXITSTATUS(s)), "PROC-001",
                   killed ? "%s was ended by signal %d" : "%s ended with code %d", name,
                   killed ? WTERMSIG(s) : WEXITSTATUS(s));
}

int proc_pipe(const struct proc_cmd *cmds, size_t n, const struct proc_io *io, struct err *e)
{
    static const struct proc_io plain = {.in_path = NULL};
    struct line l = {.cmds = cmds, .n = n, .io = io ? io : &plain, .capture = -1};
    if (n == 0 || n > PROC_MAX)
        return err_set(e, RC_BUG, "PROC-006", "a pipeline of %zu commands", n);
    if (l.io->timeout_s)
        l.end_ms = now_ms() + (int64_t)l.io->timeout_s * 1000;
    int rc = start(&l, e);
    if (rc < 0) {
        drop_fd(&l.capture);
        stop(&l);
        return rc;
    }
    watch(&l);
    drop_fd(&l.capture);
    rc = judge(&l, e);
    if (rc >= 0 && l.io->out) {
        int fits = buf_ok(l.io->out, cmds[n - 1].argv[0], e);
        rc = fits < 0 ? fits : rc;
    }
    return rc;
}

int proc_run(const char *const *argv, const struct proc_io *io, struct err *e)
{
    struct proc_cmd cmd = {argv};
    return proc_pipe(&cmd, 1, io, e);
}
