/* also.h — further formats of one table or chart in one run: --also FORMAT=FILE. */
#ifndef RTA_ALSO_H
#define RTA_ALSO_H

#include "buf.h"
#include "opt.h"

/* Write what is laid out (ctx) in format number `to`. */
typedef void (*also_write)(struct buf *b, const void *ctx, int to);

/* Each item of list is FORMAT=FILE with a format of words ("svg|html"); the file appears whole or
 * not at all. RC_USAGE [ALSO-001] for anything else. */
MUST_CHECK int also_files(const struct opt_list *list, const char *words, also_write write,
                          const void *ctx, struct err *e);

#endif
