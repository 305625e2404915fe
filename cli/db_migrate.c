/* db_migrate.c — `rta db init` and `rta db migrate`: numbered files of config/schema, each in a
 * transaction of its own and recorded with its SHA-256, so that a store can prove which schema it
 * has; then structures and code lists follow the configuration. */
#include "db_parts.h"

#include "hash.h"
#include "bounds.h"
#include "mem.h"

#define MIGRATIONS_START                                                                   \
    "CREATE SCHEMA IF NOT EXISTS rta;"                                                     \
    "CREATE TABLE IF NOT EXISTS rta.migration (n integer PRIMARY KEY, name text NOT NULL," \
    " sha256 text NOT NULL, applied_at timestamptz NOT NULL DEFAULT clock_timestamp())"

static void digest(struct str text, char ret[SHA256_HEX])
{
    struct sha256 *h = sha256_new();
    sha256_add(h, text.p, text.n);
    sha256_hex(h, ret);
    sha256_free(h);
}

/* "0001_store" → 1; 0 when the name has no number. */
static int number_of(const char *name)
{
    int n = 0;
    for (size_t i = 0; i < 4; i++) {
        if (name[i] < '0' || name[i] > '9')
            return 0;
        n = n * 10 + (name[i] - '0');
    }
    return name[4] == '_' ? n : 0;
}

static int record(struct db *db, int n, const char *name, const char *sha, struct err *e)
{
    char number[16];
    (void)snprintf(number, sizeof number, "%d", n);
    const char *params[] = {number, name, sha};
    return db_query(db, "record the migration",
                    "INSERT INTO rta.migration (n, name, sha256) VALUES ($1, $2, $3)", params, 3,
                    NULL, e);
}

static int apply(struct stage *st, struct db *db, const char *path, const char *name, struct err *e)
{
    char sha[SHA256_HEX], *text = NULL;
    size_t n = 0;
    int rc = file_slurp(path, LIMIT_CONFIG_BYTES, &text, &n, e);
    if (rc < 0)
        return rc;
    digest((struct str){text, n}, sha);
    rc = db_script(db, "begin a migration", "BEGIN", e);
    if (rc >= 0 && (rc = db_script(db, "apply a migration", text, e)) < 0)
        (void)err_place(e, "%s", path);
    if (rc >= 0)
        rc = record(db, number_of(name), name, sha, e);
    if (rc >= 0)
        rc = db_script(db, "commit a migration", "COMMIT", e);
    mem_free(text);
    if (rc >= 0)
        stage_note(st, "applied %s", name);
    return rc;
}

/* The file of a migration that is in the store already must be the one that was applied. */
static int same(const struct db_result *done, size_t row, const char *path, const char *name,
                struct err *e)
{
    char sha[SHA256_HEX];
    int rc = sha256_file(path, sha, e);
    if (rc < 0)
        return rc;
    if (strcmp(sha, db_value(done, row, 2)) == 0 && strcmp(name, db_value(done, row, 1)) == 0)
        return 0;
    err_set(e, RC_CONFIG, "DB-040", "migration %s was changed after it was applied as %s", name,
            db_value(done, row, 1));
    (void)err_place(e, "%s", path);
    return err_hint(e, "put the file back as it was and write a new migration");
}

static int apply_all(struct stage *st, struct db *db, struct conf *c, struct err *e)
{
    struct db_result *done CLEANUP(db_result_freep) = NULL;
    const char *const *names = NULL;
    size_t n = 0;
    int rc = db_script(db, "prepare migrations", MIGRATIONS_START, e);
    if (rc >= 0)
        rc = db_query(db, "read the migrations",
                      "SELECT n, name, sha256 FROM rta.migration ORDER BY n", NULL, 0, &done, e);
    if (rc >= 0)
        rc = conf_list(c, "schema", "sql", &names, &n, e);
    if (rc < 0)
        return rc;
    if (db_rows(done) > n) {
        err_set(e, RC_CONFIG, "DB-041", "the store has %zu migrations, the configuration %zu",
                db_rows(done), n);
        return err_hint(e, "this program is older than the store: update it");
    }
    for (size_t i = 0; i < n && rc >= 0; i++) {
        const char *path = NULL;
        if (number_of(names[i]) != (int)i + 1)
            return err_set(e, RC_CONFIG, "DB-042", "migration %s does not continue the numbers",
                           names[i]);
        rc = conf_path(c, "schema", names[i], "sql", &path, e);
        if (rc >= 0)
            rc = i < db_rows(done) ? same(done, i, path, names[i], e)
                                   : apply(st, db, path, names[i], e);
    }
    return rc;
}

static int migrate(struct stage *st, const char *distributed, struct err *e)
{
    struct db *db CLEANUP(db_closep) = NULL;
    struct conf *c = NULL;
    int rc = stage_conf(st, &c, e);
    if (rc < 0 || (rc = db_server_roles(st, e)) < 0 || (rc = db_open(&db, NULL, "rta-db", e)) < 0)
        return rc;
    /* an administrator of the store acts for its owner */
    rc = db_script(db, "act for the owner of the store",
                   "DO $$ DECLARE o text := (SELECT pg_catalog.pg_get_userbyid(nspowner)"
                   " FROM pg_catalog.pg_namespace WHERE nspname = 'rta'); BEGIN"
                   " IF o <> current_user AND pg_catalog.pg_has_role(o, 'member') THEN"
                   " EXECUTE pg_catalog.format('SET ROLE %I', o); END IF; END $$",
                   e);
    if (rc >= 0)
        rc = db_script(db, "wait for other migrations",
                       "SELECT pg_advisory_lock(hashtextextended('rta.migrate', 0))", e);
    if (rc >= 0)
        rc = apply_all(st, db, c, e);
    if (rc >= 0 && distributed)
        rc = db_distribute(st, db, distributed, e);
    if (rc >= 0)
        rc = db_script(db, "begin the synchronisation", "BEGIN", e);
    if (rc >= 0)
        rc = db_sync(st, db, e);
    if (rc >= 0)
        rc = db_workers(db, e);
    if (rc >= 0)
        rc = db_script(db, "grant", "SELECT rta.grant_all(); SELECT rta.far_grant()", e);
    return rc < 0 ? rc : db_script(db, "commit the synchronisation", "COMMIT", e);
}

int db_migrate(struct stage *st, struct err *e) { return migrate(st, NULL, e); }

int db_init(struct stage *st, struct err *e)
{
    const struct db_options *o = st->options;
    int rc = db_create(NULL, "rta-db", e);
    if (rc > 0)
        stage_note(st, "made the database");
    return rc < 0 ? rc : migrate(st, o->distributed, e);
}
