/* measure.c — run a command and append "LABEL seconds cpu-seconds peak-KiB exit" to a file. For
 * bench.sh: one of them around each member of a pipe. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
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

int main(int argc, char **argv)
{
    if (argc < 4) {
        (void)fprintf(stderr, "usage: measure LABEL FILE COMMAND [ARGUMENT...]\n");
        return 64;
    }
    double begin = now();
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
    int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    char line[256];
    int n = snprintf(line, sizeof line, "%s %.3f %.3f %ld %d\n", argv[1], now() - begin,
                     seconds(use.ru_utime) + seconds(use.ru_stime), use.ru_maxrss, code);
    int fd = open(argv[2], O_WRONLY | O_CREAT | O_APPEND, 0666);
    if (fd < 0 || write(fd, line, (size_t)n) != n)
        return 74;
    return code;
}
