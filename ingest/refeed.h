/* refeed.h — an input that has to be read twice, because what explains its values may stand behind
 * them: all bytes of a source go into a temporary file without a name, and are read again from any
 * place, by several readers at once. Memory does not grow with the input. */
#ifndef RTA_REFEED_H
#define RTA_REFEED_H

#include "io.h"

struct refeed;
/* Reads src to its end. name: for places of faults; it and dir (of temporary files; NULL: /tmp)
 * outlive the refeed. RC_CREATE, RC_IO, or what the source fails with. */
MUST_CHECK int refeed_open(struct refeed **ret, struct source *src, const char *name,
                           const char *dir, struct err *e);
void refeed_close(struct refeed *r); /* NULL is fine */
/* The bytes from one on. The caller closes it, before the refeed. */
struct source *refeed_from(struct refeed *r, uint64_t at);

#endif
