/* stage.h — the kit that every program stands on: start-up hygiene, options, configuration, events,
 * messages, accounting and exit. A program is an option table and one run function. The one home of
 * exit, of writing to standard output and error, and of getenv. Tier 3. */
#ifndef RTA_STAGE_H
#define RTA_STAGE_H

#include "conf.h"
#include "event.h"
#include "io.h"
#include "opt.h"

/* Line accounting: in = passed + refused + merged + aside. Printed at the end on stderr (unless
 * --quiet), sent as event "totals", and checked: a sum that does not close is RC_BUG. */
struct totals {
    uint64_t in, passed, refused, merged, aside;
    bool used;
    const char *unit; /* "rows" by default */
};

struct stage {
    const struct opt_program *program;
    void *options; /* filled before run */
    const char **args;
    int nargs;
    struct conf conf; /* opened on first stage_conf */
    struct events *events;
    struct out out; /* standard output, buffered; closed and checked by the kit */
    struct totals totals;
    struct opt_common common;
    bool tty_err, color; /* is stderr a terminal, may it have colours */
    enum rc status;      /* only rises: stage_raise */
    struct stage_private *priv;
};

typedef int (*stage_run)(struct stage *st, struct err *e);

/* main of every program: return stage_main(&program, options, size, run, argc, argv). Opens fds
 * 0-2, resets SIGPIPE, sets locale "C", umask 022 minimum, parses, runs, prints the error, closes
 * and checks stdout, prints totals, returns the exit code. run returns 0 or -RC_x. */
int stage_main(const struct opt_program *program, void *options, stage_run run, int argc,
               char **argv);

/* The configuration, opened on first use (--config, RTA_CONFIG, beside the program). */
MUST_CHECK int stage_conf(struct stage *st, struct conf **ret, struct err *e);
/* Read the environment; NULL when unset or empty. */
const char *stage_env(const char *name);

/* To people, on stderr: "rta-read: error: PLACE: TEXT [ID]" and "  hint: …" lines. They flush
 * stdout first, send the same as event "message", and raise nothing. */
void stage_error(struct stage *st, const struct err *e);
void stage_warn(struct stage *st, const struct err *e);
void stage_note(struct stage *st, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* Raise the exit status of a run that goes on (RC_PARTIAL); a higher one stays. */
void stage_raise(struct stage *st, enum rc rc);
/* Progress, on a terminal only and not more than ten times a second; total 0: unknown. */
void stage_progress(struct stage *st, const char *what, uint64_t done, uint64_t total);

/* Standard input as a source, refused with a hint when it is a terminal. */
MUST_CHECK int stage_stdin(struct stage *st, struct source **ret, struct err *e);

/* Place of the running program's folder (".../bin"), and of another program of the family:
 * "<folder>/rta-VERB", in the arena of the kit. */
const char *stage_bin_dir(struct stage *st);
const char *stage_program(struct stage *st, const char *verb);
/* The folder of the private database, the spool and the editions: RTA_HOME, else var/ of the source
 * tree for programs that run from its build folder, else ~/.local/share/rta. Not made. */
const char *stage_home(struct stage *st);
#define RTA_VERSION "0.1.0"

#endif
