/* measure.c — run a command and append "LABEL seconds cpu-seconds peak-KiB exit server-cpu-seconds"
 * to a file. For bench.sh: one of them around each member of a pipe, one around the pipe. The
 * server's time is that of the process MEASURE_SERVER and of the children that it has seen end. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double seconds(struct timeval t) { return (double)t.tv_sec + (double)t.tv_usec / 1e6; }

/* CPU time of the server with its ended children, in seconds; 0 without one. */
static double server(void)
{
    const char *pid = getenv("MEASURE_SERVER");
    char path[64], text[1024];
    if (!pid || snprintf(path, sizeof path, "/proc/%s/stat", pid) >= (int)sizeof path)
        return 0;
    FILE *f = fopen(path, "r");
    size_t n = f ? fread(text, 1, sizeof text - 1, f) : 0;
    if (f)
        (void)fclose(f);
    text[n] = '\0';
    char *p = strrchr(text, ')');
    for (int skip = 0; p && skip < 12; skip++)
        p = strchr(p + 1, ' ');
    double ticks = 0;
    for (int i = 0; p && i < 4; i++)
        ticks += (double)strtoull(p, &p, 10);
    return ticks / (double)sysconf(_SC_CLK_TCK);
}

int main(int argc, char **argv)
{
    if (argc < 4) {
        (void)fprintf(stderr, "usage: measure LABEL FILE COMMAND [ARGUMENT...]\n");
        return 64;
    }
    double before = server(), begin = now();
    pid_t pid = fork();
    if (pid == 0) {
        (void)execvp(argv[3], argv + 3);
        perror(argv[3]);
        _exit(127);
    }
    int status = 0;
    struct rusage use;
    if (pid < 0 || wait4(pid, &status, 0, &use) < 0)
        return 71;
    double wall = now() - begin;
    int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    if (before > 0) /* a backend ends a moment after its client */
        (void)nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
    char line[256];
    int n = snprintf(line, sizeof line, "%s %.3f %.3f %ld %d %.2f\n", argv[1], wall,
                     seconds(use.ru_utime) + seconds(use.ru_stime), use.ru_maxrss, code,
                     server() - before);
    int fd = open(argv[2], O_WRONLY | O_CREAT | O_APPEND, 0666);
    if (fd < 0 || write(fd, line, (size_t)n) != n)
        return 74;
    return code;
}
