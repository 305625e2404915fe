/* whole.h — a file that has to be looked at from several sides (an archive, an old workbook) when
 * it does not come as one: from standard input, or gzipped. It is copied to a temporary file
 * without a name, which is gone however the program ends. */
#ifndef RTA_WHOLE_H
#define RTA_WHOLE_H

#include "io.h"

struct whole {
    char *path; /* to open it by; owned */
    int fd;     /* of the temporary file; -1: path is the file itself */
};

/* A temporary file without a name, in TMPDIR or /tmp. -RC_SYSTEM. */
MUST_CHECK int temp_file(int *ret_fd, struct err *e);

/* path NULL or "-": standard input, given open as `in`, which stays the caller's. A regular file
 * that is not gzipped is used as it stands. RC_DATA [WHOLE-003] past LIMIT_SPOOL_BYTES. */
MUST_CHECK int whole_open(struct whole *ret, const char *path, struct source *in, struct err *e);
/* The first bytes, up to n; how many, or negative. */
ssize_t whole_peek(const struct whole *s, char *to, size_t n);
void whole_close(struct whole *s);

#endif
