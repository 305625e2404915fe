/* run_once.h — a pipe into the store that need not be run again (`rta run --once`). */
#ifndef RTA_CLI_RUN_ONCE_H
#define RTA_CLI_RUN_ONCE_H

#include "proc.h"
#include "stage.h"

/* Run the members, of which the last must be load and whose first must read a file, unless exactly
 * this was done before: the receipt is kept in the folder under a digest of all that the outcome
 * follows from, and the store is asked whether it still stands. As proc_pipe. */
MUST_CHECK int run_once(struct stage *st, const struct proc_cmd *cmds, size_t n, const char *folder,
                        const struct proc_io *io, struct err *e);

#endif
