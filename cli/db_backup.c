/* db_backup.c — `rta db backup FOLDER`: the store as pg_dump writes it, of one snapshot, and beside
 * it a manifest of that same snapshot by which a restored store can be compared. The folder is
 * filled beside its place and put there in one step when everything is on the disk: it is there
 * whole or not at all, whenever anything is killed. */
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

#define DUMP "store.dump"
#define MANIFEST "manifest.json"

struct backup {
    struct stage *st;
    char place[1024], fresh[1100], dump[1200];
    struct db *db;
    int lock;
    struct json *manifest;
};

/* ---- the place ---- */

static int take_place(struct backup *b, const char *path, struct err *e)
{
    struct stat s;
    size_t n = strlen(path);
    while (n > 1 && path[n - 1] == '/')
        n--;
    if (snprintf(b->place, sizeof b->place, "%.*s", (int)n, path) >= (int)sizeof b->place)
        return err_set(e, RC_CREATE, "BACKUP-001", "the path is too long: %s", path);
    (void)snprintf(b->fresh, sizeof b->fresh, "%s.new", b->place);
    (void)snprintf(b->dump, sizeof b->dump, "%s/" DUMP, b->fresh);
    if (lstat(b->place, &s) == 0) {
        err_set(e, RC_CREATE, "BACKUP-002", "%s is there already", b->place);
        return err_hint(e, "a backup is never overwritten: name a new folder");
    }
    int rc = dir_make(b->fresh, e);
    if (rc < 0)
        return rc;
    b->lock = open(b->fresh, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (b->lock >= 0 && flock(b->lock, LOCK_EX | LOCK_NB) == 0) {
        (void)chmod(b->fresh, 0700); /* it holds what is kept back, too */
        return 0;
    }
    if (b->lock < 0 || errno != EWOULDBLOCK)
        return err_sys(e, RC_CREATE, "BACKUP-003", "cannot lock %s", b->fresh);
    err_set(e, RC_RETRY, "BACKUP-004", "another backup is being made there");
    (void)err_place(e, "%s", b->fresh);
    return err_hint(e, "wait for it, or name another folder");
}

static int to_disk(const char *path, int flags, struct err *e)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | flags), rc = 0;
    if (fd < 0 || fsync(fd) != 0)
        rc = err_sys(e, RC_IO, "BACKUP-005", "cannot bring %s to the disk", path);
    if (fd >= 0)
        (void)close(fd);
    return rc;
}

static int put_in_place(struct backup *b, struct err *e)
{
    char parent[1024], *slash;
    int rc = to_disk(b->dump, 0, e);
    if (rc >= 0)
        rc = to_disk(b->fresh, O_DIRECTORY, e);
    if (rc >= 0 && rename(b->fresh, b->place) != 0)
        rc = err_sys(e, RC_CREATE, "BACKUP-006", "cannot put the backup in its place");
    (void)snprintf(parent, sizeof parent, "%s", b->place);
    slash = strrchr(parent, '/');
    if (slash)
        slash[slash == parent ? 1 : 0] = '\0';
    return rc < 0 ? rc : to_disk(slash ? parent : ".", O_DIRECTORY, e);
}

/* ---- the contents ---- */

/* What pg_dump said last, for people. */
static void last_words(const char *path, char *ret, size_t size)
{
    char *text = NULL;
    size_t n = 0;
    struct err ignored = {0};
    ret[0] = '\0';
    if (file_slurp(path, 1 << 20, &text, &n, &ignored) < 0)
        return;
    while (n && text[n - 1] == '\n')
        text[--n] = '\0';
    char *from = strstr(text, "error: "), *end = strrchr(text, '\n'); /* details follow it */
    if (!from)
        from = end ? end + 1 : text;
    (void)snprintf(ret, size, "%.*s", (int)strcspn(from, "\n"), from);
    mem_free(text);
}

/* It failed: because the server is gone, or by itself? */
static int dump_failed(struct backup *b, const char *log, int code, struct err *e)
{
    char words[400];
    struct err gone = {0};
    last_words(log, words, sizeof words);
    if (code < 0 && code != -RC_SYSTEM && code != -RC_PARTIAL)
        return err_set(e, (enum rc) - code, "BACKUP-007", "pg_dump failed: %s", words);
    if (db_script(b->db, "ask whether the server is still there", "SELECT 1", &gone) < 0) {
        err_set(e, RC_UNAVAILABLE, "BACKUP-008", "the server went away during the backup");
        return err_hint(e, "nothing was left behind; make it again when the server is back");
    }
    err_set(e, RC_IO, "BACKUP-009", "pg_dump failed: %s", words);
    return err_hint(e, "is there room on the disk, and is its version at least the server's?");
}

static int dump(struct backup *b, const char *snapshot, struct err *e)
{
    char program[1100], log[1200], snap[128];
    struct buf dsn CLEANUP(buf_free) = {.max = 65536};
    struct err why = {0};
    int rc = db_dsn(&dsn, NULL, e);
    if (rc >= 0)
        rc = db_tool("pg_dump", program, sizeof program, e);
    if (rc < 0)
        return rc;
    (void)snprintf(snap, sizeof snap, "--snapshot=%s", snapshot);
    (void)snprintf(log, sizeof log, "%s/log", b->fresh);
    const char *argv[] = {program, "--format=custom", "--schema=rta", "--no-owner", "--no-password",
                          snap,    "--dbname",        buf_z(&dsn),    NULL};
    if (!dsn.n)
        argv[6] = NULL; /* the PG* variables say it */
    /* we open the file: a pg_dump that outlives us can never write into the next one */
    struct proc_io io = {.err_path = log, .out_path = b->dump};
    rc = proc_run(argv, &io, &why);
    if (rc != 0)
        return dump_failed(b, log, rc, e);
    return unlink(log) == 0 || errno == ENOENT
               ? 0
               : err_sys(e, RC_IO, "BACKUP-010", "cannot remove %s", log);
}

static int roles(struct backup *b, struct json *ret, struct err *e)
{
    struct db_result *r CLEANUP(db_result_freep) = NULL;
    int rc = db_query(b->db, "list the roles",
                      "SELECT rolname FROM pg_roles WHERE NOT rolcanlogin AND rolname LIKE"
                      " 'rta\\_%' ORDER BY rolname COLLATE \"C\"",
                      NULL, 0, &r, e);
    for (size_t i = 0; rc >= 0 && i < db_rows(r); i++)
        js_push(ret, js_string(db_cell(r, i, 0)));
    return rc;
}

static int write_manifest(struct backup *b, struct json *store, struct err *e)
{
    char hex[SHA256_HEX], path[1200];
    struct stat s;
    struct buf text CLEANUP(buf_free) = {.max = (size_t)64 << 20};
    struct json *m = b->manifest = js_object(), *file = js_object(), *list = js_array();
    js_set(m, "format", js_int(1));
    js_set(m, "rta", js_text(RTA_VERSION));
    js_set(m, "roles", list);
    js_set(m, "store", store);
    js_set(m, "dump", file);
    int rc = roles(b, list, e);
    if (rc >= 0)
        rc = sha256_file(b->dump, hex, e);
    if (rc >= 0 && stat(b->dump, &s) != 0)
        rc = err_sys(e, RC_IO, "BACKUP-011", "cannot look at %s", b->dump);
    if (rc < 0)
        return rc;
    js_set(file, "file", js_text(DUMP));
    js_set(file, "bytes", js_int((int64_t)s.st_size));
    js_set(file, "sha256", js_text(hex));
    sha256_seal(m, hex);
    js_set(m, "seal", js_text(hex));
    js_write(&text, m, true);
    buf_char(&text, '\n');
    (void)snprintf(path, sizeof path, "%s/" MANIFEST, b->fresh);
    rc = buf_ok(&text, "the manifest", e);
    if (rc >= 0)
        rc = file_write(path, buf_view(&text), e);
    return rc < 0 ? rc : to_disk(path, 0, e);
}

/* Row security would hide rows from anybody else, and pg_dump refuses to go on then. */
static int owner_only(struct backup *b, struct err *e)
{
    struct db_result *r CLEANUP(db_result_freep) = NULL;
    int rc = db_query(b->db, "ask for the owner",
                      "SELECT coalesce((SELECT pg_has_role(nspowner, 'MEMBER') FROM pg_namespace"
                      " WHERE nspname = 'rta'), true)",
                      NULL, 0, &r, e);
    if (rc < 0 || strcmp(db_value(r, 0, 0), "t") == 0)
        return rc;
    err_set(e, RC_DENIED, "BACKUP-013", "only the store's owner can back it up");
    return err_hint(e, "everybody else sees a part of it alone");
}

/* The snapshot is ours; pg_dump takes it over while our transaction is open. */
static int fill(struct backup *b, struct err *e)
{
    struct db_result *r CLEANUP(db_result_freep) = NULL;
    struct json *store = NULL;
    int rc = db_open(&b->db, NULL, "rta-db", e);
    if (rc >= 0)
        rc = owner_only(b, e);
    if (rc >= 0)
        rc = db_not_distributed(b->db, "a backup", e);
    if (rc >= 0)
        rc = db_script(b->db, "begin reading",
                       "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL"
                       " idle_in_transaction_session_timeout = 0",
                       e);
    if (rc >= 0)
        rc = db_query(b->db, "share the snapshot", "SELECT pg_export_snapshot()", NULL, 0, &r, e);
    if (rc >= 0)
        rc = dump(b, db_value(r, 0, 0), e);
    if (rc >= 0)
        rc = db_digest(b->db, &store, e);
    return rc < 0 ? rc : write_manifest(b, store, e);
}

static int make(struct backup *b, struct err *e)
{
    /* what a killed one left behind */
    (void)unlink(b->dump);
    int rc = fill(b, e);
    return rc < 0 ? rc : put_in_place(b, e);
}

static void abandon(struct backup *b)
{
    struct err ignored = {0};
    if (b->lock >= 0 && dir_remove(b->fresh, &ignored) < 0)
        stage_warn(b->st, &ignored);
}

int db_backup(struct stage *st, struct err *e)
{
    struct backup b = {.st = st, .lock = -1};
    if (st->nargs != 2) {
        err_set(e, RC_USAGE, "BACKUP-012", "backup wants the folder to be made");
        return err_hint(e, "rta db backup /mnt/backups/2026-11-22");
    }
    int rc = take_place(&b, st->args[1], e);
    if (rc >= 0 && (rc = make(&b, e)) < 0)
        abandon(&b);
    if (rc >= 0) {
        const struct json *s = js_get(b.manifest, "store");
        stage_note(st,
                   "backed up version %lld into %s: %zu tables, %lld bytes; prove it with rta"
                   " db restore %s --verify",
                   (long long)js_integer(js_get(s, "version"), 0), b.place,
                   js_count(js_get(s, "tables")),
                   (long long)js_integer(js_get(js_get(b.manifest, "dump"), "bytes"), 0), b.place);
    }
    db_close(b.db);
    js_free(b.manifest);
    if (b.lock >= 0)
        (void)close(b.lock);
    return rc;
}
