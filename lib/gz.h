/* gz.h — gzip in and out (zlib.h is included in gz.c alone, isa-l in gz_isal.c). Tier 1. */
#ifndef RTA_GZ_H
#define RTA_GZ_H

#include "io.h"

/* If the bytes begin with the gzip magic 1f 8b, a source of the inflated bytes; otherwise the bytes
 * as they are (nothing is lost by looking). Takes over `below`. Several members one after another
 * are one stream. Truncation is RC_DATA [GZ-002], a wrong checksum [GZ-003], more than max_output
 * bytes (0 = LIMIT_GZIP_OUTPUT) or a ratio past LIMIT_GZIP_RATIO [GZ-004]. */
MUST_CHECK int source_gunzip(struct source **ret, struct source *below, uint64_t max_output,
                             struct err *e);

/* The same; `best` false: by zlib alone, although a faster library was there at build time. */
MUST_CHECK int source_gunzip_by(struct source **ret, struct source *below, uint64_t max_output,
                                bool best, struct err *e);

/* A whole gzip member of the bytes, reproducible: no name, no time. Appends to b. */
struct buf;
MUST_CHECK int gz_pack(struct buf *b, struct str bytes, struct err *e);

#endif
