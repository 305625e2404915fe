/* db_digest.h — what a store holds, as numbers that two stores can be compared by: rows and a
 * digest of every table, of every structure as of every version, and where the sequences stand. The
 * digests do not depend on the order of rows. */
#ifndef RTA_CLI_DB_DIGEST_H
#define RTA_CLI_DB_DIGEST_H

#include "db.h"
#include "json.h"

/* Which store it is: digits that it got when it was made (aggregate/asof.h has the same). */
#define DB_STORE_ID 17
MUST_CHECK int db_store_id(struct db *db, char ret[DB_STORE_ID], struct err *e);

/* {store_id, version, migrations, tables[], as_of[], sequences[]}; the caller's. Within an open
 * transaction, whose snapshot it is of. */
MUST_CHECK int db_digest(struct db *db, struct json **ret, struct err *e);
/* How the store found differs from the one recorded: texts appended to ret (an array); 0 = not at
 * all. A sequence may have moved on. */
size_t db_digest_compare(const struct json *recorded, const struct json *found, struct json *ret);

#endif
