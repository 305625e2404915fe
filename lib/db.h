/* db.h — PostgreSQL by libpq (libpq-fe.h is included in db*.c of lib alone). Statements have
 * parameters, results are drained, messages carry the server's primary, detail and hint and name
 * what we were doing. Tier 3. */
#ifndef RTA_DB_H
#define RTA_DB_H

#include "buf.h"

struct db;
struct db_result;

/* dsn: libpq's own form, or NULL for what stage_dsn (RTA_DSN, PG*, else the private cluster) gives.
 * RC_UNAVAILABLE [DB-001] with a hint on how to start it; RC_DENIED for a refused login. */
MUST_CHECK int db_open(struct db **ret, const char *dsn, const char *program, struct err *e);
void db_close(struct db *db); /* NULL is fine; an open transaction is rolled back */
void db_closep(struct db **db);

/* One statement. params: n texts, NULL for SQL NULL. what: "while interning series", for messages.
 * SQLSTATE 42501 → RC_DENIED, 40001/40P01/55P03 → RC_RETRY, 53* → RC_RETRY, 08*, 57P* → RC_UNAVAILABLE,
 * 22*, 23* → RC_DATA, the rest RC_BUG. *ret may be NULL when no rows are wanted. */
MUST_CHECK int db_query(struct db *db, const char *what, const char *sql,
                        const char *const *params, size_t n, struct db_result **ret,
                        struct err *e);
/* Several statements without parameters or results (migrations). */
MUST_CHECK int db_script(struct db *db, const char *what, const char *sql, struct err *e);
size_t db_rows(const struct db_result *r);
size_t db_cols(const struct db_result *r);
/* NUL-terminated, "" for NULL; belongs to the result. */
const char *db_value(const struct db_result *r, size_t row, size_t col);
bool db_null(const struct db_result *r, size_t row, size_t col);
const char *db_colname(const struct db_result *r, size_t col);
void db_result_free(struct db_result *r); /* NULL is fine */
void db_result_freep(struct db_result **r);

/* COPY … FROM STDIN: begin, any number of puts, end. cancel makes the server forget it. */
MUST_CHECK int db_copy_begin(struct db *db, const char *what, const char *sql, struct err *e);
MUST_CHECK int db_copy_put(struct db *db, struct str bytes, struct err *e);
MUST_CHECK int db_copy_end(struct db *db, uint64_t *ret_rows, struct err *e);
void db_copy_cancel(struct db *db);
/* One field of COPY TEXT, escaped; append your own tabs and line ends. */
void db_copy_field(struct buf *b, struct str s);
/* COPY … TO STDOUT: begin with db_copy_out, then 1 and a line (without its LF), 0 at the end. */
MUST_CHECK int db_copy_out(struct db *db, const char *what, const char *sql, struct err *e);
MUST_CHECK int db_copy_next(struct db *db, struct str *ret_line, struct err *e);
/* An SQL identifier or literal quoted by libpq, appended; only for names that cannot be parameters. */
void db_quote_name(struct db *db, struct buf *b, const char *name);
void db_quote_text(struct db *db, struct buf *b, const char *text);

#endif
