/* db_parts.h — the parts of `rta db`: cluster (start, stop, drop), migrate (init, migrate), sync
 * (structures and code lists into the store), show (status, psql, dsn). */
#ifndef RTA_CLI_DB_PARTS_H
#define RTA_CLI_DB_PARTS_H

#include "db.h"
#include "stage.h"

struct db_options {
    bool fast, json, yes;
};

/* Each gives 0 or -RC_x. */
MUST_CHECK int db_start(struct stage *st, struct err *e);
MUST_CHECK int db_stop(struct stage *st, struct err *e);
MUST_CHECK int db_drop(struct stage *st, struct err *e);
MUST_CHECK int db_init(struct stage *st, struct err *e);
MUST_CHECK int db_migrate(struct stage *st, struct err *e);
MUST_CHECK int db_status(struct stage *st, struct err *e);
MUST_CHECK int db_psql(struct stage *st, struct err *e);
MUST_CHECK int db_show_dsn(struct stage *st, struct err *e);

/* Structures and code lists of the configuration into the store, within an open transaction; then
 * senders and approval rules. */
MUST_CHECK int db_sync(struct stage *st, struct db *db, struct err *e);
MUST_CHECK int db_sync_people(struct stage *st, struct db *db, struct err *e);

#endif
