/* zip.h — the parts of an archive as sources (minizip/unzip.h is included in zip.c alone). Nothing
 * is ever written to disk by a name that an archive gives, and an archive inside an archive is not
 * opened. Sizes that an archive declares are never believed: bytes are counted as they come, a
 * ratio past LIMIT_ZIP_RATIO stops. Tier 1. */
#ifndef RTA_ZIP_H
#define RTA_ZIP_H

#include "io.h"

struct zip;

/* Open an archive for reading; `name` is what messages call it. RC_DATA: ZIP-001 no archive, or its
 * directory is damaged; ZIP-002 too many entries; ZIP-003 two entries of one name. */
MUST_CHECK int zip_open(struct zip **ret, const char *path, const char *name, struct err *e);
/* For CLEANUP; accepts NULL inside. */
void zip_closep(struct zip **z);

/* Parts in the order of the directory; names with '/' between folders, spelled as they are. */
size_t zip_count(const struct zip *z);
struct str zip_name(const struct zip *z, size_t i);
/* Without regard to upper and lower case of ASCII letters, as OPC asks. */
bool zip_has(const struct zip *z, const char *part);

/* The bytes of a part; its name for places is "NAME!PART". One part is open at a time: the source
 * is closed before the next is opened, and before the archive. RC_DATA: ZIP-004 no such part;
 * ZIP-005 encrypted; ZIP-006 a compression that we do not read; ZIP-007 damaged; ZIP-008 cut short;
 * ZIP-009 wrong checksum (told at the end of the part); ZIP-010 too large. */
MUST_CHECK int zip_part(struct source **ret, struct zip *z, const char *part, struct err *e);

#endif
