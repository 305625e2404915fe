/* asof.h — what --as-of may say, in one place: a day, a moment, version:N, submission:N (the store
 * knows those: rta.version_of) and edition:FOLDER, the version that an edition was built from, as
 * its manifest says. Texts are the arena's. */
#ifndef RTA_AGGREGATE_ASOF_H
#define RTA_AGGREGATE_ASOF_H

#include "arena.h"
#include "db.h"

#define ASOF_HELP                                                                               \
    "as it was on 2026-01-31 (its end, UTC), at a moment, at version:N, after submission:N, or" \
    " in edition:FOLDER (default: now)"

/* The form for rta.version_of: as_of itself ("" for NULL), or "version:N" of the edition. Errors:
 * an edition without a manifest, or one whose manifest was changed or names no version, RC_DATA
 * [ASOF-001 … -003]; one of another store RC_DATA [ASOF-004]. db: an open store. */
MUST_CHECK int asof_text(struct db *db, struct arena *a, const char *as_of, const char **ret,
                         struct err *e);
/* The version's number, too; *ret_now (may be NULL): the latest one. */
MUST_CHECK int asof_version(struct db *db, struct arena *a, const char *as_of, int64_t *ret,
                            int64_t *ret_now, struct err *e);
/* Which store this is: 16 hexadecimal digits that it got when it was made; a restored backup has
 * those of the store backed up. */
MUST_CHECK int asof_store(struct db *db, struct arena *a, const char **ret, struct err *e);

#endif
