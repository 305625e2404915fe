/* killer.c — ends a program, or the database server, at an exact point of what the program does.
 * It runs COMMAND under ptrace with all its children, counts the system calls that others can see
 * the effect of (writes, messages, renames, syncs), before and after each, and at the AT-th of
 * these points kills, so that the same AT hits the same place again.
 *
 *   killer [-a AT] [-1] [-p PIDFILE] [-o REPORT] COMMAND [ARGUMENT...]
 *
 * -a  the point; 0 or left out: count alone    -1  kill only the process that is there, not all
 * -p  stop the server of this postmaster.pid at once (SIGQUIT) instead, wait until it is gone, go
 * on -o  write `killed AT CALL`, `stopped AT CALL` or `ended POINTS` Exit code: 137 killed, else
 * that of COMMAND. Owns no memory but its tables. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PROCESSES 256

struct killer {
    long at, points;
    bool one, done, exited;
    const char *pidfile, *report, *call, *inside[PROCESSES];
    pid_t main, pids[PROCESSES];
    int n, code;
};

struct call {
    long nr;
    const char *name;
};

static const struct call calls[] = {
    {SYS_write, "write"},
    {SYS_writev, "writev"},
    {SYS_pwrite64, "pwrite"},
    {SYS_sendto, "send"},
    {SYS_sendmsg, "sendmsg"},
    {SYS_connect, "connect"},
    {SYS_sendfile, "sendfile"},
    {SYS_splice, "splice"},
    {SYS_copy_file_range, "copy_file_range"},
    {SYS_fsync, "fsync"},
    {SYS_fdatasync, "fdatasync"},
    {SYS_ftruncate, "ftruncate"},
#ifdef SYS_rename
    {SYS_rename, "rename"},
    {SYS_unlink, "unlink"},
    {SYS_link, "link"},
    {SYS_mkdir, "mkdir"},
    {SYS_rmdir, "rmdir"},
#endif
#ifdef SYS_renameat
    {SYS_renameat, "renameat"},
#endif
    {SYS_renameat2, "renameat2"},
    {SYS_unlinkat, "unlinkat"},
    {SYS_linkat, "linkat"},
    {SYS_mkdirat, "mkdirat"},
    {SYS_flock, "flock"},
    {SYS_exit_group, "exit"},
};

static void die(const char *what)
{
    fprintf(stderr, "killer: %s: %s\n", what, strerror(errno));
    exit(71);
}

static void report(const struct killer *k, const char *what, long n)
{
    FILE *f = k->report ? fopen(k->report, "w") : NULL;
    if (!f)
        return;
    fprintf(f, "%s %ld %s\n", what, n, k->call ? k->call : "");
    if (fclose(f) != 0)
        die(k->report);
}

/* ---- processes ---- */

static int find(struct killer *k, pid_t pid)
{
    for (int i = 0; i < k->n; i++)
        if (k->pids[i] == pid)
            return i;
    if (k->n == PROCESSES) {
        errno = EAGAIN;
        die("processes");
    }
    k->inside[k->n] = NULL;
    k->pids[k->n] = pid;
    return k->n++;
}

static void forget(struct killer *k, pid_t pid)
{
    int i = find(k, pid);
    k->n--;
    k->pids[i] = k->pids[k->n];
    k->inside[i] = k->inside[k->n];
}

static void stop_server(const struct killer *k)
{
    const struct timespec tick = {.tv_nsec = 2000000};
    char line[32] = "";
    FILE *f = fopen(k->pidfile, "r");
    if (!f || !fgets(line, sizeof line, f))
        die(k->pidfile);
    fclose(f);
    pid_t pid = (pid_t)atol(line);
    if (pid <= 1 || kill(pid, SIGQUIT) < 0)
        die("stop the server");
    for (int i = 0; i < 10000 && kill(pid, 0) == 0; i++)
        nanosleep(&tick, NULL);
}

/* One more point; true when the process that is there was killed. */
static bool point(struct killer *k, pid_t pid, const char *call)
{
    if (k->done || ++k->points != k->at)
        return false;
    k->done = true;
    k->call = call;
    report(k, k->pidfile ? "stopped" : "killed", k->at);
    if (k->pidfile) {
        stop_server(k);
        return false;
    }
    if (k->one) {
        kill(pid, SIGKILL);
        return true;
    }
    for (int i = 0; i < k->n; i++)
        kill(k->pids[i], SIGKILL);
    return true;
}

static bool at_call(struct killer *k, pid_t pid)
{
    struct __ptrace_syscall_info info;
    int i = find(k, pid);
    if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, (void *)sizeof info, &info) <= 0)
        return false;
    if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
        const char *name = NULL;
        if (info.entry.nr == SYS_openat && (info.entry.args[2] & O_CREAT))
            name = "create";
        for (size_t c = 0; c < sizeof calls / sizeof *calls && !name; c++)
            if ((uint64_t)calls[c].nr == info.entry.nr)
                name = calls[c].name;
        k->inside[i] = name;
        return name && point(k, pid, name);
    }
    const char *name = k->inside[i];
    k->inside[i] = NULL;
    return name && point(k, pid, name);
}

static void over(struct killer *k, pid_t pid, int status)
{
    forget(k, pid);
    if (pid != k->main)
        return;
    k->exited = true;
    k->code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static void follow(struct killer *k)
{
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, __WALL)) > 0) {
        if (WIFEXITED(status) || WIFSIGNALED(status)) {
            over(k, pid, status);
            continue;
        }
        (void)find(k, pid); /* a child may show up before its parent's event */
        int sig = WSTOPSIG(status), event = status >> 16;
        bool killed = false;
        if (sig == (SIGTRAP | 0x80)) {
            killed = at_call(k, pid);
            sig = 0;
        } else if (event != 0 || sig == SIGTRAP || sig == SIGSTOP) {
            sig = 0;
        }
        if (!killed)
            ptrace(PTRACE_SYSCALL, pid, NULL, (void *)(intptr_t)sig);
    }
}

static void start(struct killer *k, char **argv)
{
    const long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL | PTRACE_O_TRACEFORK |
                         PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC;
    int status;
    k->main = fork();
    if (k->main < 0)
        die("fork");
    if (k->main == 0) {
        ptrace(PTRACE_TRACEME, 0, NULL, NULL);
        raise(SIGSTOP);
        execvp(argv[0], argv);
        die(argv[0]);
    }
    if (waitpid(k->main, &status, 0) < 0 || !WIFSTOPPED(status) ||
        ptrace(PTRACE_SETOPTIONS, k->main, NULL, (void *)options) < 0)
        die("trace");
    (void)find(k, k->main);
    ptrace(PTRACE_SYSCALL, k->main, NULL, NULL);
}

int main(int argc, char **argv)
{
    struct killer k = {0};
    int c;
    while ((c = getopt(argc, argv, "+a:1p:o:")) != -1) {
        if (c == 'a')
            k.at = atol(optarg);
        else if (c == '1')
            k.one = true;
        else if (c == 'p')
            k.pidfile = optarg;
        else if (c == 'o')
            k.report = optarg;
        else
            return 64;
    }
    if (optind == argc)
        return 64;
    start(&k, argv + optind);
    follow(&k);
    if (!k.done)
        report(&k, "ended", k.points);
    return k.code;
}
