/* proc.h — run other programs: one, or several joined by pipes, each watched to its end. Arguments
 * go as a vector; no shell is ever involved. Tier 3. */
#ifndef RTA_PROC_H
#define RTA_PROC_H

#include "buf.h"

struct proc_cmd {
    const char *const *argv; /* NULL-terminated; argv[0] is a path or found on PATH */
};

struct proc_io {
    const char *in_path;  /* NULL: /dev/null */
    const char *out_path; /* NULL: captured into `out` when given, else inherited */
    struct buf *out;
    const char *err_path;   /* NULL: inherited; appended otherwise */
    const char *dir;        /* working folder, NULL: ours */
    const char *const *env; /* extra "NAME=value", NULL-terminated, or NULL */
    unsigned timeout_s;     /* 0: none; on time-out all are killed, RC_RETRY */
};

/* Run n commands as one pipeline. 0 when all ended with 0; otherwise -(the code of the first one in
 * the order of the pipe that failed by itself; a death by SIGPIPE counts only when nobody else
 * failed), with [PROC-001] naming it. A code that is not one of enum rc becomes RC_SYSTEM.
 * RC_PARTIAL (1) of a member is success when no other failed: the return value is then 1. */
MUST_CHECK int proc_pipe(const struct proc_cmd *cmds, size_t n, const struct proc_io *io,
                         struct err *e);
/* One command. */
MUST_CHECK int proc_run(const char *const *argv, const struct proc_io *io, struct err *e);

#endif
