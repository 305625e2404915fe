/* db.c — see db.h. The one place that speaks libpq: connection, statements, streams and COPY. A
 * struct db owns its connection; a struct db_result owns one PGresult. Nothing here prints: notices
 * of the server are dropped, errors travel. */
#include "db.h"

#include "bounds.h"
#include "mem.h"

#include <errno.h>
#include <libpq-fe.h>

#define STREAM_FETCH "FETCH FORWARD 4096 FROM rta_stream"

struct db {
    PGconn *conn;
    const char *copying; /* what a COPY is doing; NULL outside of one */
    const char *streaming;
};

struct db_result {
    PGresult *res;
};

static void drop_notice(void *arg, const PGresult *res)
{
    (void)arg;
    (void)res;
}

/* libpq's messages have several lines and a final line end. */
static struct str first_line(const char *text)
{
    struct str s = str_of(text);
    const char *end = s.n ? memchr(s.p, '\n', s.n) : NULL;
    if (end)
        s.n = (size_t)(end - s.p);
    return s;
}

static int open_failed(PGconn *conn, struct err *e)
{
    const char *text = PQerrorMessage(conn);
    struct str line = first_line(text);
    if (PQconnectionNeedsPassword(conn) || strstr(text, "authentication failed") ||
        strstr(text, "no pg_hba.conf entry") || strstr(text, "permission denied for database") ||
        (strstr(text, "role \"") && strstr(text, "does not exist"))) {
        err_set(e, RC_DENIED, "DB-002", "the database refuses the login: %.*s", STR_ARG(line));
        return err_hint(e, "check user and password in RTA_DSN or the PG* variables");
    }
    if (strstr(text, "database \"") && strstr(text, "does not exist")) {
        err_set(e, RC_CONFIG, "DB-003", "the database is not there: %.*s", STR_ARG(line));
        return err_hint(e, "make it with `rta db init`");
    }
    err_set(e, RC_UNAVAILABLE, "DB-001", "no database answers: %.*s", STR_ARG(line));
    return err_hint(e, "start the private one with `rta db start`, or name a server in RTA_DSN");
}

static int session_start(struct db *db, struct err *e)
{
    return db_script(db, "set up the session",
                     "SET client_min_messages = error; SET datestyle = 'ISO, YMD'; "
                     "SET timezone = 'UTC'; SET bytea_output = 'hex'; "
                     "SET search_path = pg_catalog, pg_temp; SET cursor_tuple_fraction = 1",
                     e);
}

static int open_dsn(struct db **ret, const char *dsn, const char *program, struct err *e)
{
    const char *keys[] = {"connect_timeout", "dbname", "client_encoding",
                          "fallback_application_name", NULL};
    const char *values[] = {"10", dsn, "UTF8", program, NULL};
    PGconn *conn = PQconnectdbParams(keys, values, 1);
    if (!conn)
        return err_set(e, RC_SYSTEM, "DB-005", "no memory for a connection");
    if (PQstatus(conn) != CONNECTION_OK) {
        int rc = open_failed(conn, e);
        PQfinish(conn);
        return rc;
    }
    PQsetNoticeReceiver(conn, drop_notice, NULL);
    struct db *db = mem_new(sizeof *db);
    db->conn = conn;
    int rc = session_start(db, e);
    if (rc < 0) {
        db_close(db);
        return rc;
    }
    *ret = db;
    return 0;
}

int db_open(struct db **ret, const char *dsn, const char *program, struct err *e)
{
    struct buf own;
    buf_init(&own, LIMIT_REPLY_BYTES);
    int rc = dsn ? 0 : db_dsn(&own, NULL, e);
    if (rc >= 0)
        rc = open_dsn(ret, dsn ? dsn : buf_z(&own), program, e);
    buf_free(&own);
    return rc;
}

void db_close(struct db *db)
{
    if (!db)
        return;
    PQfinish(db->conn);
    mem_free(db);
}

void db_closep(struct db **db)
{
    db_close(*db);
    *db = NULL;
}

/* ---- failures ---- */

static enum rc rc_of_own_state(const char *state)
{
    int n = 0;
    for (const char *p = state + 2; *p >= '0' && *p <= '9'; p++)
        n = n * 10 + (*p - '0');
    switch (n) {
    case RC_USAGE:
    case RC_DATA:
    case RC_UNAVAILABLE:
    case RC_RETRY:
    case RC_DENIED:
    case RC_CONFIG:
        return (enum rc)n;
    default:
        return RC_BUG;
    }
}

static enum rc rc_of_state(const char *state)
{
    static const struct {
        const char *prefix;
        enum rc rc;
    } table[] = {
        {"42501", RC_DENIED}, {"40001", RC_RETRY},    {"40P01", RC_RETRY},     {"55P03", RC_RETRY},
        {"53", RC_RETRY},     {"08", RC_UNAVAILABLE}, {"57P", RC_UNAVAILABLE}, {"22", RC_DATA},
        {"23", RC_DATA},      {"3F000", RC_CONFIG},   {"42P01", RC_CONFIG},    {"42883", RC_CONFIG},
    };
    if (strncmp(state, "RT", 2) == 0)
        return rc_of_own_state(state);
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        if (strncmp(state, table[i].prefix, strlen(table[i].prefix)) == 0)
            return table[i].rc;
    return RC_BUG;
}

static const char *hint_of(enum rc rc, const char *server)
{
    if (*server)
        return server;
    if (rc == RC_CONFIG)
        return "bring the store up to date with `rta db migrate`";
    if (rc == RC_RETRY)
        return "nothing was changed; try again later";
    if (rc == RC_UNAVAILABLE)
        return "nothing was changed; see `rta db status`";
    if (rc == RC_DENIED)
        return "nothing was changed; what each role may is in docs/contracts/store.md";
    return NULL;
}

static const char *field(const PGresult *res, int code)
{
    const char *text = res ? PQresultErrorField(res, code) : NULL;
    return text ? text : "";
}

static int failed(struct db *db, const PGresult *res, const char *what, struct err *e)
{
    const char *state = field(res, PG_DIAG_SQLSTATE);
    const char *primary = field(res, PG_DIAG_MESSAGE_PRIMARY);
    const char *detail = field(res, PG_DIAG_MESSAGE_DETAIL);
    bool lost = PQstatus(db->conn) == CONNECTION_BAD;
    bool memory = strstr(PQerrorMessage(db->conn), "out of memory") != NULL; /* libpq's own */
    enum rc other = lost ? RC_UNAVAILABLE : memory ? RC_SYSTEM : RC_BUG;
    enum rc rc = *state ? rc_of_state(state) : other;
    struct str line = first_line(*primary ? primary : PQerrorMessage(db->conn));
    bool ours = rc == RC_BUG && *state;
    err_set(e, rc, "DB-010", "cannot %s: %.*s%s%s%s%s%s", what, STR_ARG(line), *detail ? " (" : "",
            detail, *detail ? ")" : "", ours ? ", SQLSTATE " : "", ours ? state : "");
    const char *hint = hint_of(rc, field(res, PG_DIAG_MESSAGE_HINT));
    return hint ? err_hint(e, "%s", hint) : -(int)rc;
}

static bool good(const PGresult *res)
{
    ExecStatusType s = PQresultStatus(res);
    return s == PGRES_COMMAND_OK || s == PGRES_TUPLES_OK;
}

/* ---- statements ---- */

static int take(struct db *db, PGresult *res, const char *what, struct db_result **ret,
                struct err *e)
{
    if (!good(res)) {
        int rc = failed(db, res, what, e);
        PQclear(res);
        return rc;
    }
    if (!ret) {
        PQclear(res);
        return 0;
    }
    *ret = mem_new(sizeof **ret);
    (*ret)->res = res;
    return 0;
}

int db_query(struct db *db, const char *what, const char *sql, const char *const *params, size_t n,
             struct db_result **ret, struct err *e)
{
    return take(db, PQexecParams(db->conn, sql, (int)n, NULL, params, NULL, NULL, 0), what, ret, e);
}

int db_script(struct db *db, const char *what, const char *sql, struct err *e)
{
    return take(db, PQexec(db->conn, sql), what, NULL, e);
}

int db_stream(struct db *db, const char *what, const char *sql, const char *const *params, size_t n,
              struct err *e)
{
    struct buf b;
    buf_init(&b, LIMIT_CONFIG_BYTES);
    buf_text(&b, "DECLARE rta_stream NO SCROLL CURSOR FOR ");
    buf_text(&b, sql);
    int rc = buf_ok(&b, "a query", e);
    if (rc >= 0)
        rc = db_query(db, what, buf_z(&b), params, n, NULL, e);
    buf_free(&b);
    db->streaming = what;
    return rc;
}

int db_stream_next(struct db *db, struct db_result **ret, struct err *e)
{
    struct db_result *r = NULL;
    int rc = db_query(db, db->streaming, STREAM_FETCH, NULL, 0, &r, e);
    if (rc < 0)
        return rc;
    if (db_rows(r) > 0) {
        *ret = r;
        return 1;
    }
    db_result_free(r);
    return db_query(db, db->streaming, "CLOSE rta_stream", NULL, 0, NULL, e);
}

size_t db_rows(const struct db_result *r) { return (size_t)PQntuples(r->res); }

size_t db_cols(const struct db_result *r) { return (size_t)PQnfields(r->res); }

const char *db_value(const struct db_result *r, size_t row, size_t col)
{
    return PQgetvalue(r->res, (int)row, (int)col);
}

struct str db_cell(const struct db_result *r, size_t row, size_t col)
{
    return (struct str){PQgetvalue(r->res, (int)row, (int)col),
                        (size_t)PQgetlength(r->res, (int)row, (int)col)};
}

int64_t db_integer(const struct db_result *r, size_t row, size_t col, int64_t fallback)
{
    const char *text = db_value(r, row, col);
    char *end = NULL;
    errno = 0;
    long long v = strtoll(text, &end, 10);
    return *text && !*end && errno == 0 ? v : fallback;
}

bool db_null(const struct db_result *r, size_t row, size_t col)
{
    return PQgetisnull(r->res, (int)row, (int)col) == 1;
}

void db_result_free(struct db_result *r)
{
    if (!r)
        return;
    PQclear(r->res);
    mem_free(r);
}

void db_result_freep(struct db_result **r)
{
    db_result_free(*r);
    *r = NULL;
}

/* ---- COPY ---- */

int db_copy_begin(struct db *db, const char *what, const char *sql, struct err *e)
{
    PGresult *res = PQexec(db->conn, sql);
    if (PQresultStatus(res) != PGRES_COPY_IN) {
        int rc = failed(db, res, what, e);
        PQclear(res);
        return rc;
    }
    PQclear(res);
    db->copying = what;
    return 0;
}

int db_copy_put(struct db *db, struct str bytes, struct err *e)
{
    while (bytes.n > 0) {
        struct str part = {bytes.p, bytes.n < (1u << 20) ? bytes.n : (1u << 20)};
        if (PQputCopyData(db->conn, part.p, (int)part.n) != 1)
            return failed(db, NULL, db->copying, e);
        bytes = str_cut(bytes, part.n);
    }
    return 0;
}

/* The state of the connection is only known again when every result was fetched. */
static int copy_drain(struct db *db, uint64_t *ret_rows, struct err *e)
{
    int rc = 0;
    PGresult *res;
    while ((res = PQgetResult(db->conn))) {
        if (good(res) && ret_rows)
            *ret_rows = strtoull(PQcmdTuples(res), NULL, 10);
        if (!good(res) && rc == 0)
            rc = failed(db, res, db->copying, e);
        PQclear(res);
    }
    db->copying = NULL;
    return rc;
}

int db_copy_end(struct db *db, uint64_t *ret_rows, struct err *e)
{
    int sent = PQputCopyEnd(db->conn, NULL) == 1 ? 0 : failed(db, NULL, db->copying, e);
    int rc = copy_drain(db, ret_rows, e);
    return sent < 0 ? sent : rc;
}

void db_copy_cancel(struct db *db)
{
    struct err ignored = {0};
    if (!db->copying)
        return;
    (void)PQputCopyEnd(db->conn, "cancelled by the client");
    if (copy_drain(db, NULL, &ignored) < 0)
        err_clear(&ignored);
}

void db_copy_field(struct buf *b, struct str s)
{
    static const char special[] = "\b\f\n\r\t\v\\";
    static const char letter[] = "bfnrtv\\";
    size_t from = 0;
    for (size_t i = 0; i < s.n; i++) {
        const char *hit = s.p[i] ? strchr(special, s.p[i]) : NULL;
        if (!hit)
            continue;
        buf_add(b, s.p + from, i - from);
        buf_char(b, '\\');
        buf_char(b, letter[hit - special]);
        from = i + 1;
    }
    if (s.n > from)
        buf_add(b, s.p + from, s.n - from);
}

void db_quote_name(struct db *db, struct buf *b, const char *name)
{
    char *q = PQescapeIdentifier(db->conn, name, strlen(name));
    buf_text(b, q ? q : "\"\"");
    PQfreemem(q);
}

/* ---- making the database ---- */

static int create_named(const char *dsn, const char *name, const char *program, struct err *e)
{
    struct db *db CLEANUP(db_closep) = NULL;
    struct buf b;
    buf_init(&b, LIMIT_REPLY_BYTES);
    /* the last dbname of a connection string wins */
    bool uri = strstr(dsn, "://") != NULL;
    buf_fmt(&b, "%s%sdbname=postgres", dsn, !uri ? " " : strchr(dsn, '?') ? "&" : "?");
    int rc = buf_ok(&b, "a connection string", e);
    if (rc >= 0)
        rc = open_dsn(&db, buf_z(&b), program, e);
    buf_reset(&b);
    if (rc >= 0) {
        buf_text(&b, "CREATE DATABASE ");
        db_quote_name(db, &b, name);
        buf_text(&b, " ENCODING 'UTF8' TEMPLATE template0");
        rc = db_query(db, "make the database", buf_z(&b), NULL, 0, NULL, e);
    }
    buf_free(&b);
    return rc < 0 ? rc : 1;
}

/* The database that a DSN and the environment name together. */
static char *database_of(const char *dsn)
{
    const char *keys[] = {"dbname", NULL};
    const char *values[] = {dsn, NULL};
    PGconn *conn = PQconnectStartParams(keys, values, 1);
    char *name = mem_text(str_of(conn && PQdb(conn) ? PQdb(conn) : ""));
    PQfinish(conn);
    return name;
}

int db_create(const char *dsn, const char *program, struct err *e)
{
    struct err why = {0};
    struct db *db CLEANUP(db_closep) = NULL;
    struct buf own;
    buf_init(&own, LIMIT_REPLY_BYTES);
    int rc = dsn ? (buf_text(&own, dsn), 0) : db_dsn(&own, NULL, e);
    if (rc >= 0 && (rc = open_dsn(&db, buf_z(&own), program, &why)) < 0) {
        if (why.rc == RC_CONFIG) {
            char *name = database_of(buf_z(&own));
            rc = create_named(buf_z(&own), name, program, e);
            mem_free(name);
        } else if (e) {
            *e = why;
        }
    }
    buf_free(&own);
    return rc;
}
