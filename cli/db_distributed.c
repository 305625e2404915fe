/* db_distributed.c — `rta db init --distributed=FILE`: the servers that hold the observations
 * become foreign servers of the store, and get their tables. config/schema/0011_distributed.sql
 * says how they are written and read. Passwords stand in no argument, in no table and in no
 * message: only in a file that libpq reads (passfile, service). Owns nothing. */
#include "db_parts.h"

#include "json.h"

#define WORKERS_MAX 64
/* What libpq is told of a worker, in the file's words. */
static const char *const words[] = {"host", "port", "dbname", "user", "passfile", "sslmode"};

/* Citus is another thing than servers in a file: name it, do not pretend. */
static int no_citus(const char *file, struct db *db, struct err *e)
{
    struct db_result *r CLEANUP(db_result_freep) = NULL;
    if (strcmp(file, "citus") != 0)
        return 0;
    int rc = db_query(db, "look for Citus",
                      "SELECT 1 FROM pg_available_extensions WHERE name = 'citus'", NULL, 0, &r, e);
    if (rc < 0)
        return rc;
    err_set(e, RC_CONFIG, "DB-120", "the store is not laid out by Citus (%s on this server)",
            db_rows(r) ? "which is there" : "which is not there");
    return err_hint(e, "name a file of workers instead: --distributed=workers.csv; see"
                       " docs/scaling.md");
}

/* The options of one worker, as a JSON object. */
static int options_of(const struct conf_table *t, struct buf *ret, struct err *e)
{
    struct json *j = js_object();
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        struct str v = conf_cell(t, words[i]);
        if (v.n)
            js_set(j, words[i], js_string(v));
    }
    js_write(ret, j, false);
    js_free(j);
    return buf_ok(ret, "the options of a worker", e);
}

#define OWNER                                                 \
    "(SELECT pg_catalog.pg_get_userbyid(nspowner)::text FROM" \
    " pg_catalog.pg_namespace WHERE nspname = 'rta')"
#define MAKE_SERVER                                                                                \
    "SELECT format('DROP SERVER IF EXISTS %1$I CASCADE;"                                           \
    " CREATE SERVER %1$I FOREIGN DATA WRAPPER postgres_fdw OPTIONS (%2$s, fetch_size ''10000'',"   \
    " batch_size ''1000'', async_capable ''true'', use_remote_estimate ''true'');"                 \
    " GRANT USAGE ON FOREIGN SERVER %1$I TO %3$I;"                                                 \
    " CREATE USER MAPPING FOR %3$I SERVER %1$I OPTIONS (user %4$L, password_required ''false'')'," \
    " $1::text, (SELECT string_agg(format('%s %L', key, value), ', ')"                             \
    "  FROM jsonb_each_text($2::jsonb) WHERE key <> 'user'), " OWNER                               \
    ", coalesce($2::jsonb ->> 'user', " OWNER ")),"                                                \
    " (SELECT string_agg(format('%s=''%s''', key,"                                                 \
    "  replace(replace(value, '\\', '\\\\'), '''', '\\''')), ' ')"                                 \
    "  FROM jsonb_each_text(jsonb_build_object('user', " OWNER ") || $2::jsonb))"

/* by: who may make foreign servers; db: the store's owner. */
static int add_worker(struct db *by, struct db *db, const struct conf_table *t, int n,
                      struct err *e)
{
    struct db_result *r CLEANUP(db_result_freep) = NULL;
    struct buf json CLEANUP(buf_free) = {.max = 65536};
    struct buf name CLEANUP(buf_free) = {.max = 65536};
    char number[16];
    buf_add(&name, conf_cell(t, "name").p, conf_cell(t, "name").n);
    (void)snprintf(number, sizeof number, "%d", n);
    int rc = options_of(t, &json, e);
    if (rc < 0)
        return rc;
    const char *params[] = {buf_z(&name), buf_z(&json)};
    if ((rc = db_query(by, "write down a worker", MAKE_SERVER, params, 2, &r, e)) < 0 ||
        (rc = db_script(by, "make a foreign server", db_value(r, 0, 0), e)) < 0)
        return rc;
    const char *add[] = {number, buf_z(&name), db_value(r, 0, 1)};
    return db_query(db, "add a worker", "SELECT rta.far_add($1, $2, $3)", add, 3, NULL, e);
}

static int by_whom(struct db **ret, struct err *e)
{
    struct buf dsn CLEANUP(buf_free) = {.max = 65536};
    bool ours = false;
    int rc = db_dsn(&dsn, &ours, e);
    if (rc >= 0)
        rc = ours ? db_server_open(ret, db_server_superuser(), "rta", e)
                  : db_open(ret, NULL, "rta-db", e);
    if (rc >= 0 && (rc = db_script(*ret, "make the extension postgres_fdw",
                                   "CREATE EXTENSION IF NOT EXISTS postgres_fdw", e)) < 0)
        return err_hint(e, "the first time, a superuser of the server runs this command");
    return rc;
}

static int add_all(struct stage *st, struct db *db, const char *file, struct err *e)
{
    static const char *const columns[] = {"name", "host", "dbname", NULL};
    static const char *const optional[] = {"port", "user", "passfile", "sslmode", NULL};
    struct conf_table *t CLEANUP(conf_table_closep) = NULL;
    struct db *by CLEANUP(db_closep) = NULL;
    int n = 0, more = 0, rc = conf_table_open(&t, file, columns, optional, e);
    if (rc < 0 || (rc = by_whom(&by, e)) < 0 || (rc = db_script(db, "begin", "BEGIN", e)) < 0)
        return rc;
    while ((more = conf_table_next(t, e)) > 0) {
        if (n >= WORKERS_MAX || !conf_cell(t, "name").n || !conf_cell(t, "host").n ||
            !conf_cell(t, "dbname").n) {
            err_set(e, RC_CONFIG, "DB-121", "a worker needs name, host and dbname; %d at most",
                    WORKERS_MAX);
            return err_place(e, "%s:%zu", file, conf_line(t));
        }
        if ((rc = add_worker(by, db, t, n++, e)) < 0)
            return rc;
    }
    if (more < 0)
        return more;
    if (n < 2) {
        err_set(e, RC_CONFIG, "DB-122", "a store over several servers has two workers at least");
        return err_place(e, "%s", file);
    }
    stage_note(st, "the observations stand on %d workers", n);
    return db_script(db, "commit the workers", "COMMIT", e);
}

int db_distribute(struct stage *st, struct db *db, const char *file, struct err *e)
{
    struct db_result *r CLEANUP(db_result_freep) = NULL;
    int rc = no_citus(file, db, e);
    if (rc >= 0)
        rc = db_query(db, "look for workers",
                      "SELECT (SELECT count(*) FROM rta.worker),"
                      " (SELECT count(*) FROM rta.structure)",
                      NULL, 0, &r, e);
    if (rc < 0)
        return rc;
    if (db_integer(r, 0, 0, 0) > 0) {
        stage_note(st, "the store has its workers already; the file is not read again");
        return 0;
    }
    if (db_integer(r, 0, 1, 0) > 0) {
        err_set(e, RC_CONFIG, "DB-123", "the store has its tables already, on one server");
        return err_hint(e, "make a new store with --distributed and load the deliveries once more,"
                           " in their order; see docs/scaling.md");
    }
    return add_all(st, db, file, e);
}

static int worker_tables(const char *conninfo, const char *script, struct err *e)
{
    struct db *far CLEANUP(db_closep) = NULL;
    struct buf sql CLEANUP(buf_free) = {.max = (size_t)1 << 20};
    buf_fmt(&sql, "BEGIN; SET LOCAL client_min_messages = error; %s; COMMIT", script);
    int rc = buf_ok(&sql, "the tables of a worker", e);
    if (rc < 0 || (rc = db_create(conninfo, "rta-db", e)) < 0 ||
        (rc = db_open(&far, conninfo, "rta-db", e)) < 0)
        return rc;
    return db_script(far, "make the tables of a worker", buf_z(&sql), e);
}

int db_workers(struct db *db, struct err *e)
{
    struct db_result *r CLEANUP(db_result_freep) = NULL;
    int rc = db_query(db, "read the workers",
                      "SELECT name, conninfo, rta.far_script(n) FROM rta.worker ORDER BY n", NULL,
                      0, &r, e);
    for (size_t i = 0; rc >= 0 && i < db_rows(r); i++)
        if ((rc = worker_tables(db_value(r, i, 1), db_value(r, i, 2), e)) < 0)
            (void)err_place(e, "worker %s", db_value(r, i, 0));
    return rc;
}

int db_not_distributed(struct db *db, const char *what, struct err *e)
{
    struct db_result *r CLEANUP(db_result_freep) = NULL;
    int rc = db_query(db, "look for workers",
                      "SELECT 1 FROM pg_catalog.pg_class WHERE relname = 'worker' AND relnamespace"
                      " = to_regnamespace('rta')",
                      NULL, 0, &r, e);
    if (rc < 0 || db_rows(r) == 0)
        return rc;
    db_result_free(r);
    r = NULL;
    if ((rc = db_query(db, "look for workers", "SELECT 1 FROM rta.worker", NULL, 0, &r, e)) < 0 ||
        db_rows(r) == 0)
        return rc;
    err_set(e, RC_CONFIG, "DB-124", "%s does not reach the rows on the workers", what);
    return err_hint(e, "see \"Backups\" in docs/scaling.md");
}
