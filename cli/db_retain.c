/* db_retain.c — `rta db retain DIR`: raw packets whose time has come leave the desk's folders
 * accepted and refused, by config/policies/retention.yaml. A file goes only when its bytes are
 * those that the store remembers, in the transaction that records it. Owns what it reads of the
 * rules. */
#include "db_parts.h"

#include "arena.h"
#include "hash.h"
#include "retention.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static bool listed(const struct yaml_list *list, const char *word)
{
    const char *const *items = list->items;
    for (size_t i = 0; i < list->n; i++)
        if (strcmp(items[i], word) == 0)
            return true;
    return list->n == 0;
}

/* A packet that was answered for good and is not deleted yet. */
struct packet {
    const char *sha, *folder, *state, *partner, *sender;
    int64_t age; /* days since it was answered */
};

static const struct retention_line *rule_of(const struct retention *r, const struct packet *p)
{
    const struct retention_line *l = r->lines.items;
    for (size_t i = 0; i < r->lines.n; i++)
        if ((l[i].state == 0 || strcmp(retention_states[l[i].state], p->state) == 0) &&
            listed(&l[i].partners, p->partner) && listed(&l[i].senders, p->sender))
            return &l[i];
    return NULL;
}

/* "<dir>/<state>/<folder>/NAME.<twelve digits of the hash>…", or "" when it is not there. */
static const char *find_file(struct arena *a, const char *dir, const struct packet *p)
{
    char mark[16];
    const char *found = "";
    const char *folder = arena_fmt(a, "%s/%s/%s", dir, p->state, p->folder);
    (void)snprintf(mark, sizeof mark, ".%.12s.", p->sha);
    if (strchr(p->folder, '/') || p->folder[0] == '.' || p->folder[0] == '\0')
        return "";
    DIR *d = opendir(folder);
    for (struct dirent *f; d && (f = readdir(d));)
        if (f->d_name[0] != '.' && strstr(f->d_name, mark))
            found = arena_fmt(a, "%s/%s", folder, f->d_name);
    if (d)
        (void)closedir(d);
    return found;
}

/* Recorded and deleted, or neither. */
static int purge(struct db *db, const struct packet *p, const char *path, int64_t bytes,
                 const struct retention_line *rule, struct err *e)
{
    char size[32], line[64];
    (void)snprintf(size, sizeof size, "%lld", (long long)bytes);
    (void)snprintf(line, sizeof line, "retention.yaml:%u, %lld days", rule->at.line,
                   (long long)rule->days);
    const char *params[] = {p->sha, path, *path ? size : NULL, line};
    int rc = db_script(db, "begin a deletion", "BEGIN", e);
    if (rc >= 0)
        rc = db_query(db, "record a deletion", "SELECT rta.purge_add($1, $2, $3, $4)", params, 4,
                      NULL, e);
    if (rc >= 0 && *path && unlink(path) != 0) {
        err_sys(e, RC_IO, "DB-111", "cannot delete a packet");
        rc = err_place(e, "%s", path);
    }
    return rc < 0 ? rc : db_script(db, "end a deletion", "COMMIT", e);
}

struct retaining {
    struct stage *st;
    struct db *db;
    struct arena *arena;
    const char *dir;
    int64_t due, gone, left;
};

static int one(struct retaining *k, const struct packet *p, const struct retention_line *rule,
               struct err *e)
{
    const struct db_options *o = k->st->options;
    const char *path = find_file(k->arena, k->dir, p);
    char sha[SHA256_HEX] = "";
    struct stat s = {.st_size = 0};
    k->due++;
    int rc = *path ? sha256_file(path, sha, e) : 0;
    if (rc < 0)
        return rc;
    if (*path && (lstat(path, &s) != 0 || !S_ISREG(s.st_mode) || strcmp(sha, p->sha) != 0)) {
        struct err w = {0};
        err_set(&w, RC_DATA, "DB-112", "the packet is not the one that came in; it is left");
        (void)err_place(&w, "%s", path);
        stage_warn(k->st, &w);
        k->left++;
        stage_raise(k->st, RC_PARTIAL);
        return 0;
    }
    struct buf line;
    buf_init(&line, 8192);
    buf_fmt(&line, "%s %s %lld days: %s\n", o->dry_run ? "due" : "deleted", p->state,
            (long long)p->age, *path ? path : "not there any more");
    if (!o->dry_run)
        rc = purge(k->db, p, path, (int64_t)s.st_size, rule, e);
    if (rc >= 0)
        out_str(&k->st->out, buf_view(&line));
    buf_free(&line);
    k->gone += rc >= 0;
    return rc;
}

#define PACKETS                                                                         \
    "SELECT d.packet_sha256, d.folder, d.state, d.partner, d.sender,"                   \
    " floor(extract(epoch FROM clock_timestamp() - d.answered_at) / 86400)::bigint"     \
    " FROM rta.delivery d WHERE d.chained AND d.answered_at IS NOT NULL AND NOT EXISTS" \
    " (SELECT FROM rta.purge p WHERE p.packet_sha256 = d.packet_sha256) ORDER BY d.id"

static int all(struct retaining *k, const struct retention *r, struct err *e)
{
    struct db_result *rows CLEANUP(db_result_freep) = NULL;
    int rc = db_query(k->db, "look for packets", PACKETS, NULL, 0, &rows, e);
    for (size_t i = 0; rc >= 0 && i < db_rows(rows); i++) {
        const struct packet p = {db_value(rows, i, 0), db_value(rows, i, 1),
                                 db_value(rows, i, 2), db_value(rows, i, 3),
                                 db_value(rows, i, 4), db_integer(rows, i, 5, 0)};
        const struct retention_line *rule = rule_of(r, &p);
        if (rule && rule->days > 0 && p.age >= rule->days)
            rc = one(k, &p, rule, e);
    }
    return rc;
}

int db_retain(struct stage *st, struct err *e)
{
    struct db *db CLEANUP(db_closep) = NULL;
    struct conf *c = NULL;
    struct retention r;
    struct stat s;
    if (st->nargs != 2) {
        err_set(e, RC_USAGE, "DB-113", "retain takes the desk's folder");
        return err_hint(e, "rta db retain DIR, the folder that rta inbox was given");
    }
    int rc = stage_conf(st, &c, e);
    if (rc < 0 || (rc = retention_load(c, &r, e)) < 0)
        return rc;
    struct retaining k = {.st = st, .arena = &c->arena, .dir = st->args[1]};
    if (stat(k.dir, &s) != 0 || !S_ISDIR(s.st_mode))
        return err_set(e, RC_USAGE, "DB-114", "there is no folder %s", k.dir);
    if ((rc = db_open(&db, NULL, "rta-db", e)) < 0)
        return rc;
    k.db = db;
    rc = all(&k, &r, e);
    if (rc >= 0)
        stage_note(st, "%lld packets due, %lld %s, %lld left", (long long)k.due, (long long)k.gone,
                   ((const struct db_options *)st->options)->dry_run ? "would be deleted"
                                                                     : "deleted",
                   (long long)k.left);
    return rc;
}
