/* db_parts.h — the parts of `rta db`: cluster (start, stop, drop), migrate (init, migrate), sync
 * (structures and code lists into the store), show (status, psql, dsn), audit and verify (what
 * was done, and that the store is what was done to it). */
#ifndef RTA_CLI_DB_PARTS_H
#define RTA_CLI_DB_PARTS_H

#include "db.h"
#include "stage.h"

struct db_options {
    bool fast, json, yes, verify, into, dry_run;
    const char *take, *anchor, *distributed;
};

/* Each gives 0 or -RC_x. */
MUST_CHECK int db_start(struct stage *st, struct err *e);
MUST_CHECK int db_stop(struct stage *st, struct err *e);
MUST_CHECK int db_drop(struct stage *st, struct err *e);
MUST_CHECK int db_init(struct stage *st, struct err *e);
MUST_CHECK int db_migrate(struct stage *st, struct err *e);
MUST_CHECK int db_status(struct stage *st, struct err *e);
MUST_CHECK int db_psql(struct stage *st, struct err *e);
MUST_CHECK int db_grant(struct stage *st, struct err *e);
MUST_CHECK int db_revoke(struct stage *st, struct err *e);
MUST_CHECK int db_retain(struct stage *st, struct err *e);
MUST_CHECK int db_audit(struct stage *st, struct err *e);
MUST_CHECK int db_verify(struct stage *st, struct err *e);
MUST_CHECK int db_backup(struct stage *st, struct err *e);
MUST_CHECK int db_restore(struct stage *st, struct err *e);
MUST_CHECK int db_health(struct stage *st, struct err *e);
MUST_CHECK int db_show_dsn(struct stage *st, struct err *e);

/* A program of PostgreSQL's (pg_dump, pg_restore) that fits the private cluster, else the newest.
 */
MUST_CHECK int db_tool(const char *name, char *ret, size_t size, struct err *e);

/* The private cluster's own superuser (db_server.c), whom no other program uses: his name; who may
 * come in, as pg_hba.conf and pg_ident.conf (user: the system user that runs the server); a
 * connection of the private cluster by any name; the login rta, also for a cluster of before; the
 * roles of the store, one more for each partner of the region, where this login may make them. */
const char *db_server_superuser(void);
void db_server_files(struct buf *hba, struct buf *ident, const char *user);
MUST_CHECK int db_server_open(struct db **ret, const char *user, const char *database,
                              struct err *e);
MUST_CHECK int db_server_prepare(struct stage *st, struct err *e);
MUST_CHECK int db_server_roles(struct stage *st, struct err *e);

/* Structures and code lists of the configuration into the store, within an open transaction; then
 * senders and approval rules. */
MUST_CHECK int db_sync(struct stage *st, struct db *db, struct err *e);
MUST_CHECK int db_sync_people(struct stage *st, struct db *db, struct err *e);

/* Over several servers (db_distributed.c): lay out a new store over the workers of a file; make
 * their tables, also for a structure that is new, within an open transaction; refuse what reaches
 * this server alone. */
MUST_CHECK int db_distribute(struct stage *st, struct db *db, const char *file, struct err *e);
MUST_CHECK int db_workers(struct db *db, struct err *e);
MUST_CHECK int db_not_distributed(struct db *db, const char *what, struct err *e);

#endif
