/* bundle.h — several packets, or several receipts, in one file for a stick: a ustar with
 * bundle.json first, then the files as it lists them. What is in them proves itself; the bundle's
 * hashes only tell damage. docs/contracts/delivery.md. */
#ifndef INGEST_BUNDLE_H
#define INGEST_BUNDLE_H

#include "packet.h"
#include "stage.h"

#define BUNDLE_FILES 10000

struct bundle_options {
    const char *output, *to;
};

/* Write the files into one bundle. */
MUST_CHECK int bundle_pack(struct stage *st, const char *output, const char *const *files, size_t n,
                           struct err *e);
/* Prove all of it, then put every file into the folder under its own name, whole or not at all. A
 * file that is there with the same bytes stays, one with others is RC_DATA. */
MUST_CHECK int bundle_unpack(struct stage *st, const char *path, const char *dir, struct err *e);
/* Append what a bundle, packet or receipt holds, in words. */
MUST_CHECK int bundle_show(const char *path, struct buf *b, struct err *e);
/* What may be in a bundle: packets and receipts by their names. */
bool bundle_name(const char *name);

#endif
