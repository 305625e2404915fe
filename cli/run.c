/* run.c — `rta run`: several programs of the family as one pipe, each of them watched, so that a
 * shell without pipefail and a cron line get the code of the member that failed, not of the last
 * one. Owns the argument vectors of its members. */
#include "mem.h"
#include "proc.h"
#include "run_once.h"
#include "stage.h"

#define MEMBERS_MAX 32

struct run_options {
    const char *input, *output, *once;
    int64_t timeout;
};

static const struct opt run_opts[] = {
    {.name = "input",
     .letter = 'i',
     .kind = OPT_TEXT,
     .arg = "FILE",
     .offset = offsetof(struct run_options, input),
     .help = "standard input of the first member (default: nothing)"},
    {.name = "output",
     .letter = 'o',
     .kind = OPT_TEXT,
     .arg = "FILE",
     .offset = offsetof(struct run_options, output),
     .help = "file for the output of the last member, made whole or not at all"
             " (default: standard output)"},
    {.name = "once",
     .kind = OPT_TEXT,
     .arg = "FOLDER",
     .offset = offsetof(struct run_options, once),
     .help = "for a pipe that ends with load: keep its receipt in FOLDER, and when files, words,"
             " programs and configuration are all the same again, only ask the store whether it"
             " stands"},
    {.name = "timeout",
     .kind = OPT_INT,
     .arg = "SECONDS",
     .max = 604800,
     .offset = offsetof(struct run_options, timeout),
     .help = "end all members after so long, with exit code 75 (default: never)"},
};

static const struct opt_example run_examples[] = {
    {"rta run -- read --profile al-police AL.csv '|' map '|' check '|' load --partner AL",
     "load a national file; the exit code is that of the member that failed"},
    {"rta run --once receipts -- read --profile al-police AL.csv '|' map '|' check '|' load",
     "the same from cron: a file that was loaded before costs no more than looking at it"},
    {"rta run -o rates.csv -- pull CRIME '|' derive rate_100k --population pop.csv",
     "write a derived stream to a file that appears only when every member finished"},
};

static const struct opt_program program = {
    .verb = "run",
    .group = "cli",
    .summary = "run several programs as one pipe and report the one that failed",
    .arguments = "-- VERB [ARGUMENT...] ['|' VERB [ARGUMENT...]]...",
    .min_args = 1,
    .max_args = -1,
    .description =
        "Members are parted by an argument that is a single '|', quoted for the shell. Each is a "
        "verb of rta with its own arguments; no shell is involved.\n\n"
        "The exit code is that of the first member that failed by itself, in the order of the "
        "pipe; 1 when none failed but one ended with 1; else 0. With --output the file is "
        "replaced only when every member ended with 0 or 1.\n\n"
        "With --once all that the outcome follows from is hashed first: programs, their words, "
        "files that the words name, the configuration. If it was done before and the store says "
        "that its receipt stands, nothing is read, and load gives the receipt again; findings and "
        "other files of the first time stay as they are.",
    .opts = run_opts,
    .nopts = ARRAY_LEN(run_opts),
    .examples = run_examples,
    .nexamples = ARRAY_LEN(run_examples),
};

struct members {
    struct proc_cmd cmd[MEMBERS_MAX];
    const char **words; /* all vectors, one after another, each NULL-terminated */
    size_t n;
};

/* Cut the arguments at '|' and put each verb's program in front. */
static int members_read(struct stage *st, struct members *m, struct err *e)
{
    m->words = mem_array((size_t)st->nargs + MEMBERS_MAX + 1, sizeof *m->words);
    size_t at = 0, begin = 0;
    for (int i = 0; i <= st->nargs; i++) {
        bool end = i == st->nargs || strcmp(st->args[i], "|") == 0;
        if (!end) {
            m->words[at] = at == begin ? stage_program(st, st->args[i]) : st->args[i];
            at++;
            continue;
        }
        if (at == begin) {
            err_set(e, RC_USAGE, "RUN-001", "member %zu of the pipe is empty", m->n + 1);
            return err_hint(e, "Give a verb on both sides of each '|'.");
        }
        if (m->n == MEMBERS_MAX)
            return err_set(e, RC_USAGE, "RUN-002", "more than %d members", MEMBERS_MAX);
        m->words[at++] = NULL;
        m->cmd[m->n++].argv = m->words + begin;
        begin = at;
    }
    return 0;
}

/* With --output: into a temporary file beside it, renamed when every member finished. */
static int run_into(const struct members *m, const struct run_options *o, struct proc_io *io,
                    struct err *e)
{
    struct newfile file;
    int rc = file_create(&file, o->output, e);
    if (rc < 0)
        return rc;
    io->out_path = file.temp;
    int ran = proc_pipe(m->cmd, m->n, io, e);
    if (ran < 0) {
        file_abandon(&file);
        return ran;
    }
    rc = file_publish(&file, e);
    return rc < 0 ? rc : ran;
}

static int run(struct stage *st, struct err *e)
{
    const struct run_options *o = st->options;
    struct members m = {.n = 0};
    int rc = members_read(st, &m, e);
    if (rc == 0) {
        struct proc_io io = {.in_path = o->input, .timeout_s = (unsigned)o->timeout};
        rc = o->once     ? run_once(st, m.cmd, m.n, o->once, &io, e)
             : o->output ? run_into(&m, o, &io, e)
                         : proc_pipe(m.cmd, m.n, &io, e);
    }
    mem_free(m.words);
    if (rc == 1)
        stage_raise(st, RC_PARTIAL);
    return rc < 0 ? rc : 0;
}

int main(int argc, char **argv)
{
    struct run_options o = {.timeout = 0};
    return stage_main(&program, &o, run, argc, argv);
}
