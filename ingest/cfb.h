/* cfb.h — one stream out of a compound file (the container of old Office files, [MS-CFB]). The file
 * is held in memory, bounded before; every chain of sectors is bounded by their number. */
#ifndef RTA_CFB_H
#define RTA_CFB_H

#include "err.h"

/* Is there a stream of one of the names (ASCII, without regard to case)? Its bytes in *ret, owned
 * by the caller (mem_free). 0 when there is none; 1; -RC_DATA: CFB-001 … 003, without a place. */
MUST_CHECK int cfb_stream(struct str file, const char *const *names, char **ret, size_t *ret_n,
                          struct err *e);

#endif
