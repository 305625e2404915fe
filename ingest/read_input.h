/* read_input.h — from a profile and a path to the desk, whatever the format: shared by `rta read`
 * and `rta profile test`. */
#ifndef RTA_READ_INPUT_H
#define RTA_READ_INPUT_H

#include "read.h"

/* path NULL or "-": standard input. Gzip is recognised. */
MUST_CHECK int read_input(struct stage *st, const struct profile *p, struct desk *d,
                          const char *path, struct err *e);
/* What SRC and messages call it: `name` when given, else the path without folders. */
const char *input_name(const char *name, const char *path);

#endif
