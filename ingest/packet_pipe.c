/* packet_pipe.c — a file through the pipe, the same at the partner's and at the coordinator's:
 * read, map, check and, there, load. What is read is kept for a moment, because only it says
 * whether the file is in one of our structures already, and then there is nothing to map. */
#include "packet.h"

#include "mem.h"
#include "proc.h"
#include "sdmx.h"
#include "stage.h"
#include "structure.h"

#include <fcntl.h>
#include <unistd.h>

/* Is the stream's first row in a structure of ours? What cannot be read is for the others to say.
 */
static bool standard(struct conf *c, const char *path)
{
    struct source *s CLEANUP(source_closep) = NULL;
    struct sdmx_reader *r CLEANUP(sdmx_closep) = NULL;
    const struct sdmx_options how = {.unsealed = true};
    const struct structure *found = NULL;
    struct err ignored = {.rc = RC_OK};
    struct sdmx_row row;
    return source_open(&s, path, &ignored) == 0 && sdmx_open(&r, s, &how, &ignored) == 0 &&
           sdmx_next(r, &row, &ignored) > 0 &&
           structure_by_full_id(c, sdmx_structure_id(r), &found, &ignored) == 0 && found;
}

/* A file without a name that is gone when we are; `path` leads to it. */
static int scratch(char path[64], struct err *e)
{
    const char *dir = stage_env("TMPDIR");
    char *name CLEANUP(mem_freep) = NULL;
    struct buf b;
    buf_init(&b, 4096);
    buf_fmt(&b, "%s/rta.XXXXXX", dir ? dir : "/tmp");
    name = b.p;
    int fd = mkostemp(name, O_CLOEXEC);
    if (fd < 0) {
        err_sys(e, RC_CREATE, "PACKET-010", "cannot make a temporary file");
        return err_place(e, "%s", name);
    }
    (void)unlink(name);
    (void)snprintf(path, 64, "/proc/self/fd/%d", fd);
    return fd;
}

static int run_rest(const struct packet_pipe *p, const char *config, const char *stream,
                    struct err *e)
{
    const char *const map[] = {stage_program(p->st, "map"), "--quiet", config, NULL};
    const char *check[5] = {stage_program(p->st, "check"), "--quiet", config, p->findings, NULL};
    struct proc_cmd cmds[3];
    size_t n = 0;
    if (!standard(p->conf, stream))
        cmds[n++].argv = map;
    cmds[n++].argv = check;
    if (p->load)
        cmds[n++].argv = p->load;
    const struct proc_io io = {
        .in_path = stream, .out_path = "/dev/null", .err_path = p->log, .timeout_s = p->timeout_s};
    return proc_pipe(cmds, n, &io, e);
}

int packet_pipe(const struct packet_pipe *p, struct err *e)
{
    struct arena a = {.chunks = NULL};
    char unnamed[64];
    int fd = p->stream ? -1 : scratch(unnamed, e);
    const char *stream = p->stream ? p->stream : unnamed;
    const char *config = arena_fmt(&a, "--config=%s", p->conf->dir);
    const char *const read[] = {stage_program(p->st, "read"),
                                "--quiet",
                                config,
                                arena_fmt(&a, "--profile=%s", p->profile),
                                "--",
                                p->file,
                                NULL};
    const struct proc_io io = {.out_path = stream, .err_path = p->log, .timeout_s = p->timeout_s};
    int rc = p->stream || fd >= 0 ? proc_run(read, &io, e) : fd;
    if (rc >= 0) {
        int rest = run_rest(p, config, stream, e);
        rc = rest < 0 ? rest : rc | rest;
    }
    if (fd >= 0)
        (void)close(fd);
    arena_free(&a);
    return rc;
}
