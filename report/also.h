/* also.h — what is laid out, in one format on standard output and in others to files, from one
 * reading of the stream: --to FORMAT, --also FORMAT=FILE. */
#ifndef RTA_ALSO_H
#define RTA_ALSO_H

#include "buf.h"
#include "io.h"
#include "opt.h"

struct also {
    const char *what;  /* "the table", for messages */
    const char *words; /* the formats, "svg|html" */
    const void *ctx;
    void (*write)(struct buf *b, const void *ctx, int to); /* in format number `to` */
};

/* Each item of list is FORMAT=FILE with a format of a->words; the file appears whole or not at all.
 * RC_USAGE [ALSO-001] for anything else. Only then is format `to` handed to out. */
MUST_CHECK int also_write(const struct also *a, int to, struct out *out,
                          const struct opt_list *list, struct err *e);

#endif
