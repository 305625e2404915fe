/* db_restore.c — `rta db restore FOLDER`: --verify proves a backup by restoring it into a private
 * cluster of its own and comparing every table and every version with the manifest; --into restores
 * it for good, into a database that has no store. One transaction: all of it or nothing. */
#include "db_digest.h"
#include "db_parts.h"

#include "hash.h"
#include "mem.h"
#include "proc.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define SHOWN 10 /* differences told */

struct restore {
    struct stage *st;
    const char *folder;
    char dump[1200], home[1100];
    struct json *manifest;
    int lock;
};

/* ---- the backup ---- */

static int damaged(const struct restore *r, const char *what, struct err *e)
{
    err_set(e, RC_DATA, "RESTORE-001", "%s", what);
    (void)err_place(e, "%s", r->folder);
    return err_hint(e, "take another backup: this one is not what was written");
}

static int look(struct restore *r, struct err *e)
{
    char path[1200], hex[SHA256_HEX];
    struct stat s;
    (void)snprintf(path, sizeof path, "%s/manifest.json", r->folder);
    if (access(path, R_OK) != 0) {
        err_sys(e, RC_DATA, "RESTORE-002", "this is no backup");
        (void)err_place(e, "%s", path);
        return err_hint(e, "name the folder that rta db backup made");
    }
    int rc = js_parse_file(&r->manifest, path, e);
    if (rc < 0)
        return rc;
    sha256_seal(r->manifest, hex);
    if (!str_is(js_str(js_get(r->manifest, "seal")), hex))
        return damaged(r, "the manifest was changed", e);
    const struct json *d = js_get(r->manifest, "dump");
    (void)snprintf(r->dump, sizeof r->dump, "%s/store.dump", r->folder);
    if (stat(r->dump, &s) != 0 || (int64_t)s.st_size != js_integer(js_get(d, "bytes"), -1))
        return damaged(r, "the dump has not the size that it was written with", e);
    rc = sha256_file(r->dump, hex, e);
    if (rc >= 0 && !str_is(js_str(js_get(d, "sha256")), hex))
        return damaged(r, "the dump has not the SHA-256 that it was written with", e);
    return rc;
}

/* ---- into a database ---- */

static int open_empty(struct db **ret, const char *dsn, struct err *e)
{
    struct db_result *r CLEANUP(db_result_freep) = NULL;
    int rc = db_open(ret, dsn, "rta-db", e);
    if (rc >= 0)
        rc = db_query(*ret, "look for a store", "SELECT to_regnamespace('rta') IS NULL", NULL, 0,
                      &r, e);
    if (rc < 0 || strcmp(db_value(r, 0, 0), "t") == 0)
        return rc;
    err_set(e, RC_DENIED, "RESTORE-003", "the database has a store already");
    return err_hint(e, "restore into an empty database: make one with createdb, or rta db start in"
                       " a new RTA_HOME, and do not migrate it");
}

/* The roles that rights were given to, where this login may make them. */
static int make_roles(struct db *db, const struct json *names, struct err *e)
{
    int rc = 0;
    for (size_t i = 0; i < js_count(names) && rc >= 0; i++) {
        struct db_result *there CLEANUP(db_result_freep) = NULL;
        char name[64];
        struct buf sql CLEANUP(buf_free) = {.max = 4096};
        (void)snprintf(name, sizeof name, "%.*s", STR_ARG(js_str(js_at(names, i))));
        const char *params[] = {name};
        rc = db_query(db, "look for a role", "SELECT to_regrole($1) IS NOT NULL", params, 1, &there,
                      e);
        if (rc < 0 || strcmp(db_value(there, 0, 0), "t") == 0)
            continue;
        buf_text(&sql, "CREATE ROLE ");
        db_quote_name(db, &sql, name);
        buf_text(&sql, " NOLOGIN");
        rc = db_script(db, "make a role of the store", buf_z(&sql), e);
        if (rc < 0)
            (void)err_hint(e, "have the server's administrator make the role %s", name);
    }
    return rc;
}

static int load(struct restore *r, const char *dsn, struct err *e)
{
    char program[1100];
    struct err why = {0};
    int rc = db_tool("pg_restore", program, sizeof program, e);
    if (rc < 0)
        return rc;
    const char *argv[] = {program,
                          "--single-transaction",
                          "--exit-on-error",
                          "--no-owner",
                          "--no-password",
                          "--dbname",
                          dsn,
                          r->dump,
                          NULL};
    struct proc_io io = {0};
    rc = proc_run(argv, &io, &why);
    if (rc == 0)
        return 0;
    err_set(e, rc < 0 && rc != -RC_SYSTEM ? (enum rc) - rc : RC_DATA, "RESTORE-004",
            "pg_restore could not restore the dump; nothing was kept");
    return err_hint(e, "its own words stand above");
}

static int compare(struct restore *r, struct db *db, struct err *e)
{
    CLEANUP(js_freep) struct json *found = NULL, *said = js_array();
    int rc = db_script(db, "begin reading", "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", e);
    if (rc >= 0)
        rc = db_digest(db, &found, e);
    if (rc < 0)
        return rc;
    const struct json *store = js_get(r->manifest, "store");
    size_t n = db_digest_compare(store, found, said);
    if (!n) {
        stage_note(r->st, "the same: %zu tables, %zu states of structures, version %lld",
                   js_count(js_get(store, "tables")), js_count(js_get(store, "as_of")),
                   (long long)js_integer(js_get(store, "version"), 0));
        return 0;
    }
    for (size_t i = 0; i < n && i < SHOWN; i++)
        stage_note(r->st, "differs: %.*s", STR_ARG(js_str(js_at(said, i))));
    err_set(e, RC_DATA, "RESTORE-005", "the restored store differs from the backup in %zu places",
            n);
    return err_hint(e, "do not rely on this backup; make another one");
}

/* ours: a private cluster, whose superuser makes the roles; elsewhere this login does, if it may.
 */
static int roles(struct restore *r, struct db *db, const char *dsn, bool ours, struct err *e)
{
    struct db *super CLEANUP(db_closep) = NULL;
    struct buf as CLEANUP(buf_free) = {.max = 65536};
    buf_fmt(&as, "%s user=%s", dsn, db_server_superuser());
    int rc = ours ? db_open(&super, buf_z(&as), "rta-db", e) : 0;
    return rc < 0 ? rc : make_roles(ours ? super : db, js_get(r->manifest, "roles"), e);
}

static int restore_to(struct restore *r, const char *dsn, bool ours, struct err *e)
{
    struct db *db CLEANUP(db_closep) = NULL;
    int rc = open_empty(&db, dsn, e);
    if (rc >= 0)
        rc = roles(r, db, dsn, ours, e);
    if (rc >= 0)
        rc = load(r, dsn, e);
    return rc < 0 ? rc : compare(r, db, e);
}

static int restore_here(struct restore *r, struct err *e)
{
    struct buf dsn CLEANUP(buf_free) = {.max = 65536};
    bool ours = false;
    int rc = db_dsn(&dsn, &ours, e);
    return rc < 0 ? rc : restore_to(r, buf_z(&dsn), ours, e);
}

/* ---- into a cluster of its own ---- */

/* One command of our own on the cluster to be thrown away: nothing in the environment may name
 * another. */
static int there(struct restore *r, const char *const *words, struct buf *out, struct err *e)
{
    char home[1200];
    const char *argv[24] = {
        "env",    "-u",     "RTA_DSN", "-u",         "PGSERVICE",
        "-u",     "PGHOST", "-u",      "PGDATABASE", "-u",
        "PGPORT", "-u",     "PGUSER",  home,         stage_program(r->st, "db")};
    size_t n = 15;
    for (size_t i = 0; words[i] && n < ARRAY_LEN(argv) - 1; i++)
        argv[n++] = words[i];
    (void)snprintf(home, sizeof home, "RTA_HOME=%s", r->home);
    struct proc_io io = {.out = out};
    return proc_run(argv, &io, e);
}

static int drop(struct restore *r, struct err *e)
{
    static const char *const words[] = {"drop", "--yes", "--quiet", NULL};
    struct buf out CLEANUP(buf_free) = {.max = 1 << 16};
    char file[1200];
    (void)snprintf(file, sizeof file, "%s/cluster", r->home);
    int rc = access(file, F_OK) == 0 ? there(r, words, &out, e) : 0;
    return rc < 0 ? rc : dir_remove(r->home, e);
}

/* Always the same folder, so that what a killed one left behind is removed by the next. */
static int take_home(struct restore *r, struct err *e)
{
    char lock[1200];
    const char *home = stage_home(r->st);
    int rc = dir_make(home, e);
    (void)snprintf(r->home, sizeof r->home, "%s/verify", home);
    (void)snprintf(lock, sizeof lock, "%s/verify.lock", home);
    if (rc < 0)
        return rc;
    r->lock = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (r->lock < 0)
        return err_sys(e, RC_CREATE, "RESTORE-006", "cannot make %s", lock);
    if (flock(r->lock, LOCK_EX | LOCK_NB) != 0) {
        err_set(e, RC_RETRY, "RESTORE-007", "another backup is being proved");
        return err_hint(e, "wait for it");
    }
    rc = drop(r, e);
    return rc < 0 ? rc : dir_make(r->home, e);
}

static int verify(struct restore *r, struct err *e)
{
    static const char *const start[] = {"start", "--fast", "--quiet", NULL};
    static const char *const ask[] = {"dsn", NULL};
    struct buf out CLEANUP(buf_free) = {.max = 65536};
    struct err late = {0};
    int rc = take_home(r, e);
    if (rc < 0)
        return rc;
    rc = there(r, start, &out, e);
    buf_reset(&out);
    if (rc >= 0)
        rc = there(r, ask, &out, e);
    if (rc >= 0) {
        while (out.n && out.p[out.n - 1] == '\n')
            out.p[--out.n] = '\0';
        rc = restore_to(r, buf_z(&out), true, e);
    }
    int gone = drop(r, rc < 0 ? &late : e);
    return rc < 0 ? rc : gone;
}

int db_restore(struct stage *st, struct err *e)
{
    const struct db_options *o = st->options;
    struct restore r = {.st = st, .lock = -1};
    if (st->nargs != 2 || o->verify == o->into) {
        err_set(e, RC_USAGE, "RESTORE-008", "restore wants a backup and one of --verify, --into");
        return err_hint(e, "rta db restore FOLDER --verify proves it and touches no store");
    }
    r.folder = st->args[1];
    int rc = look(&r, e);
    if (rc >= 0)
        rc = o->verify ? verify(&r, e) : restore_here(&r, e);
    js_free(r.manifest);
    if (r.lock >= 0)
        (void)close(r.lock);
    return rc;
}
