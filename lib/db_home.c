/* db_home.c — where the private cluster is and which server the programs use (db.h). Reads the
 * environment and <home>/cluster only; owns nothing. */
#include "db.h"

#include "io.h"
#include "mem.h"
#include "stage.h"

#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

/* a and b joined, or an error: a path is never cut. */
static int put(char *ret, size_t size, const char *a, const char *b, struct err *e)
{
    int n = snprintf(ret, size, "%s%s", a, b);
    if (n >= 0 && (size_t)n < size)
        return 0;
    err_set(e, RC_CONFIG, "DB-006", "the path of the private cluster is too long");
    return err_hint(e, "set RTA_HOME to a shorter path");
}

/* The source tree that this program was built in: <tree>/build/<variant>/bin/<program>, with a
 * config folder beside. */
static bool source_tree(char *ret, size_t size)
{
    ssize_t n = readlink("/proc/self/exe", ret, size - 8);
    if (n <= 0)
        return false;
    ret[n] = '\0';
    char *build = strstr(ret, "/build/");
    if (!build)
        return false;
    struct stat st;
    memcpy(build, "/config", sizeof "/config");
    bool is = stat(ret, &st) == 0 && S_ISDIR(st.st_mode);
    *build = '\0';
    return is;
}

static int find_home(struct db_cluster *c, struct err *e)
{
    char tree[1024];
    const char *given = stage_env("RTA_HOME"), *user_home = stage_env("HOME");
    if (given && given[0] == '/')
        return put(c->home, sizeof c->home, given, "", e);
    if (given) {
        char cwd[512], folder[520];
        if (!getcwd(cwd, sizeof cwd))
            return err_sys(e, RC_SYSTEM, "DB-007", "cannot find the working folder");
        (void)snprintf(folder, sizeof folder, "%s/", cwd);
        return put(c->home, sizeof c->home, folder, given, e);
    }
    if (source_tree(tree, sizeof tree))
        return put(c->home, sizeof c->home, tree, "/var", e);
    if (user_home)
        return put(c->home, sizeof c->home, user_home, "/.local/share/rta", e);
    return put(c->home, sizeof c->home, "/var/lib/rta", "", e);
}

static void read_line(struct db_cluster *c, struct str line)
{
    static const struct {
        const char *key;
        size_t at, size;
    } fields[] = {
        {"data=", offsetof(struct db_cluster, data), sizeof c->data},
        {"socket=", offsetof(struct db_cluster, socket), sizeof c->socket},
        {"user=", offsetof(struct db_cluster, user), sizeof c->user},
    };
    for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
        size_t n = strlen(fields[i].key);
        if (line.n < n || memcmp(line.p, fields[i].key, n) != 0 || line.n - n >= fields[i].size)
            continue;
        memcpy((char *)c + fields[i].at, line.p + n, line.n - n);
        ((char *)c + fields[i].at)[line.n - n] = '\0';
    }
}

int db_cluster_find(struct db_cluster *ret, struct err *e)
{
    memset(ret, 0, sizeof *ret);
    int rc = find_home(ret, e);
    char path[1100], *text = NULL;
    size_t n = 0;
    if (rc < 0 || (rc = put(path, sizeof path, ret->home, "/cluster", e)) < 0)
        return rc;
    if (access(path, F_OK) != 0)
        return 0;
    if ((rc = file_slurp(path, 8192, &text, &n, e)) < 0)
        return rc;
    struct str rest = {text, n};
    while (rest.n > 0) {
        const char *end = memchr(rest.p, '\n', rest.n);
        struct str line = {rest.p, end ? (size_t)(end - rest.p) : rest.n};
        read_line(ret, line);
        rest = str_cut(rest, line.n + 1);
    }
    mem_free(text);
    ret->made = ret->data[0] && ret->socket[0];
    return 0;
}

int db_cluster_save(const struct db_cluster *c, struct err *e)
{
    char path[1100];
    int rc = put(path, sizeof path, c->home, "/cluster", e);
    if (rc < 0)
        return rc;
    struct buf b;
    buf_init(&b, 8192);
    buf_fmt(&b, "data=%s\nsocket=%s\nuser=%s\n", c->data, c->socket, c->user);
    rc = buf_ok(&b, path, e);
    if (rc >= 0)
        rc = file_write(path, buf_view(&b), e);
    buf_free(&b);
    return rc;
}

/* Who must answer at the private socket: its folder may be in /tmp, where anybody could put up a
 * server of his own once it is gone. Data belong to the user that runs their server. */
static void put_peer(struct buf *b, const struct db_cluster *c)
{
    struct stat s;
    const struct passwd *pw =
        c->user[0] ? NULL : getpwuid(stat(c->data, &s) == 0 ? s.st_uid : geteuid());
    const char *peer = pw ? pw->pw_name : c->user;
    if (peer[0] && !strpbrk(peer, " '\\"))
        buf_fmt(b, " requirepeer=%s", peer);
}

int db_dsn(struct buf *b, bool *ret_private, struct err *e)
{
    const char *dsn = stage_env("RTA_DSN");
    if (ret_private)
        *ret_private = false;
    if (dsn) {
        buf_text(b, dsn);
        return 0;
    }
    if (stage_env("PGHOST") || stage_env("PGSERVICE") || stage_env("PGDATABASE"))
        return 0;
    struct db_cluster c;
    int rc = db_cluster_find(&c, e);
    if (rc < 0)
        return rc;
    if (!c.made) {
        err_set(e, RC_UNAVAILABLE, "DB-004", "there is no database: %s holds none", c.home);
        return err_hint(e, "make a private one with `rta db start`, or name a server in RTA_DSN");
    }
    if (ret_private)
        *ret_private = true;
    /* people have logins of their own: PGUSER names one */
    buf_fmt(b, "host=%s dbname=rta%s", c.socket, stage_env("PGUSER") ? "" : " user=rta");
    put_peer(b, &c);
    return buf_ok(b, "the connection string", e);
}
