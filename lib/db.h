/* db.h — PostgreSQL by libpq (libpq-fe.h is included in db*.c of lib alone). Statements have
 * parameters, results are drained, messages carry the server's primary, detail and hint and name
 * what we were doing. Tier 3. */
#ifndef RTA_DB_H
#define RTA_DB_H

#include "buf.h"

struct db;
struct db_result;

/* dsn: libpq's own form, or NULL for what db_dsn gives. program: shown by the server as the
 * application. The session speaks UTF-8, ISO dates and UTC. RC_UNAVAILABLE [DB-001] with a hint on
 * how to start it, RC_DENIED [DB-002] for a refused login, RC_CONFIG [DB-003] when the database is
 * not there. */
MUST_CHECK int db_open(struct db **ret, const char *dsn, const char *program, struct err *e);
void db_close(struct db *db); /* NULL is fine; an open transaction is rolled back */
void db_closep(struct db **db);

/* One statement. params: n texts, NULL for SQL NULL. what: "intern the series", for "cannot intern
 * the series: …". SQLSTATE 42501 → RC_DENIED, 40001/40P01/55P03/53* → RC_RETRY, 08*, 57P* →
 * RC_UNAVAILABLE, 22*, 23* → RC_DATA, 3F000 and 42P01 (no schema, no table) → RC_CONFIG, RTnnn (our
 * own functions) → nnn, the rest RC_BUG; always [DB-010]. *ret may be NULL when no rows are wanted.
 */
MUST_CHECK int db_query(struct db *db, const char *what, const char *sql, const char *const *params,
                        size_t n, struct db_result **ret, struct err *e);
/* Several statements without parameters or results (migrations). */
MUST_CHECK int db_script(struct db *db, const char *what, const char *sql, struct err *e);
size_t db_rows(const struct db_result *r);
size_t db_cols(const struct db_result *r);
/* NUL-terminated, "" for NULL; belongs to the result. */
const char *db_value(const struct db_result *r, size_t row, size_t col);
/* The same as a view, and as a number (fallback when it is none). */
struct str db_cell(const struct db_result *r, size_t row, size_t col);
int64_t db_integer(const struct db_result *r, size_t row, size_t col, int64_t fallback);
bool db_null(const struct db_result *r, size_t row, size_t col);
void db_result_free(struct db_result *r); /* NULL is fine */
void db_result_freep(struct db_result **r);

/* Many rows, with parameters, in memory of a few thousand rows: a cursor named "rta_stream" of the
 * open transaction (begin one first; one stream at a time). Rows come in batches: db_stream_next
 * gives 1 and the next batch (the caller frees), 0 at the end. */
MUST_CHECK int db_stream(struct db *db, const char *what, const char *sql,
                         const char *const *params, size_t n, struct err *e);
MUST_CHECK int db_stream_next(struct db *db, struct db_result **ret, struct err *e);

/* COPY … FROM STDIN: begin, any number of puts, end. cancel makes the server forget it. */
MUST_CHECK int db_copy_begin(struct db *db, const char *what, const char *sql, struct err *e);
MUST_CHECK int db_copy_put(struct db *db, struct str bytes, struct err *e);
MUST_CHECK int db_copy_end(struct db *db, uint64_t *ret_rows, struct err *e);
void db_copy_cancel(struct db *db);
/* One field of COPY TEXT, escaped; append your own tabs and line ends. */
void db_copy_field(struct buf *b, struct str s);
/* An SQL identifier quoted by libpq, appended; only for names that cannot be parameters. */
void db_quote_name(struct db *db, struct buf *b, const char *name);

/* Make the database that the DSN (NULL as in db_open) names, by way of the server's database
 * "postgres". 1 when it was made, 0 when it is there already. */
MUST_CHECK int db_create(const char *dsn, const char *program, struct err *e);

/* The private cluster: a server of our own in $RTA_HOME (else var/ of the source tree that the
 * program was built in, else ~/.local/share/rta). Its place is remembered in <home>/cluster,
 * because a cluster of root's cannot live under a folder that its user cannot enter. */
struct db_cluster {
    char home[1024];  /* the folder that RTA_HOME means */
    char data[1024];  /* PGDATA */
    char socket[108]; /* folder of the socket; with its name it must fit sockaddr_un */
    char user[64];    /* the system user that runs it; "" = who calls */
    bool made;        /* <home>/cluster is there: data, socket and user are valid */
};
MUST_CHECK int db_cluster_find(struct db_cluster *ret, struct err *e);
/* Write <home>/cluster. */
MUST_CHECK int db_cluster_save(const struct db_cluster *c, struct err *e);

/* Which server the programs use: RTA_DSN; else "" (libpq's own PG* variables) when PGHOST,
 * PGSERVICE or PGDATABASE is set; else the private cluster. Appended to b. RC_UNAVAILABLE [DB-004]
 * when there is none of them. *ret_private (may be NULL): it is the private cluster. */
MUST_CHECK int db_dsn(struct buf *b, bool *ret_private, struct err *e);

#endif
