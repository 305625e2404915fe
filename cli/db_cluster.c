/* db_cluster.c — the private cluster: find PostgreSQL's programs, choose a place that the server's
 * user can reach, make, start, stop and remove it. A server refuses to run as root, so root hands
 * it to an unprivileged user by setpriv or runuser. Access is by the file system alone: the
 * socket's folder belongs to that user and to nobody else. */
#include "db_parts.h"

#include "hash.h"
#include "mem.h"
#include "proc.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <pwd.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define SOCKET_MAX 107 /* sun_path */
#define SOCKET_NAME "/.s.PGSQL.5432"
#define ARGV_MAX 32
#define SETTINGS                                                                                 \
    " -c listen_addresses='' -c unix_socket_permissions=0700 -c shared_buffers=128MB"            \
    " -c wal_level=minimal -c max_wal_senders=0 -c max_wal_size=2GB -c checkpoint_timeout=15min" \
    " -c maintenance_work_mem=256MB -c work_mem=32MB -c max_connections=50 -c timezone=UTC"      \
    " -c log_timezone=UTC -c jit=off" SETTINGS_LOG
/* What was refused, for `rta db audit`: who and why, without statements and what stood in them. */
#define SETTINGS_LOG                                                              \
    " -c logging_collector=on -c log_destination=jsonlog -c log_directory=log"    \
    " -c log_filename=rta-%Y-%m.log -c log_rotation_size=0 -c log_file_mode=0600" \
    " -c log_error_verbosity=terse -c log_min_error_statement=panic"              \
    " -c log_parameter_max_length_on_error=0"
#define SETTINGS_FAST " -c fsync=off -c synchronous_commit=off -c full_page_writes=off"

static bool runnable(const char *dir, const char *name)
{
    char path[1200];
    return snprintf(path, sizeof path, "%s/%s", dir, name) < (int)sizeof path &&
           access(path, X_OK) == 0;
}

static bool is_server(const char *dir)
{
    return runnable(dir, "initdb") && runnable(dir, "pg_ctl");
}

static bool bindir_of_config(char *ret, size_t size)
{
    static const char *const argv[] = {"pg_config", "--bindir", NULL};
    struct buf out;
    buf_init(&out, 4096);
    struct proc_io io = {.out = &out, .err_path = "/dev/null"};
    struct err ignored = {0};
    bool found = proc_run(argv, &io, &ignored) == 0;
    if (found) {
        (void)snprintf(ret, size, "%.*s", (int)strcspn(buf_z(&out), "\n"), buf_z(&out));
        found = is_server(ret);
    }
    buf_free(&out);
    return found;
}

static bool bindir_of_debian(const char *version, char *ret, size_t size)
{
    glob_t g;
    long best = -1;
    if (glob("/usr/lib/postgresql/*/bin", 0, NULL, &g) != 0)
        return false;
    for (size_t i = 0; i < g.gl_pathc; i++) {
        const char *number = g.gl_pathv[i] + sizeof "/usr/lib/postgresql/" - 1;
        long n = strtol(number, NULL, 10);
        bool wanted = !version || n == strtol(version, NULL, 10);
        if (wanted && n > best && is_server(g.gl_pathv[i])) {
            best = n;
            (void)snprintf(ret, size, "%s", g.gl_pathv[i]);
        }
    }
    globfree(&g);
    return best >= 0;
}

static bool bindir_of_path(char *ret, size_t size)
{
    const char *path = stage_env("PATH");
    while (path && *path) {
        size_t n = strcspn(path, ":");
        (void)snprintf(ret, size, "%.*s", (int)n, path);
        if (is_server(ret))
            return true;
        path += n + (path[n] == ':');
    }
    return false;
}

/* A server reads the files of its own major version alone. "postgres (PostgreSQL) 15.18" */
static int same_major(const char *version, const char *bindir, struct err *e)
{
    char program[1100];
    const char *argv[] = {program, "--version", NULL};
    struct buf out CLEANUP(buf_free) = {.max = 4096};
    struct proc_io io = {.out = &out, .err_path = "/dev/null"};
    (void)snprintf(program, sizeof program, "%s/postgres", bindir);
    int rc = proc_run(argv, &io, e);
    const char *number = rc == 0 ? strstr(buf_z(&out), ") ") : NULL;
    long wanted = strtol(version, NULL, 10), have = number ? strtol(number + 2, NULL, 10) : 0;
    if (rc < 0 || wanted == have)
        return rc;
    err_set(e, RC_CONFIG, "DB-070", "the private database is of PostgreSQL %ld, here is %ld",
            wanted, have);
    return err_hint(e, "install postgresql-%ld, or move the store as docs/deploy/upgrade.md says",
                    wanted);
}

/* The folder of the server's programs (initdb, pg_ctl): that of pg_config, else the newest of
 * /usr/lib/postgresql, else where PATH finds initdb. version: the major version that a data folder
 * needs, or NULL. ret has room for size bytes. */
static int pg_bindir(const char *version, char *ret, size_t size, struct err *e)
{
    if (version && bindir_of_debian(version, ret, size))
        return 0;
    if (bindir_of_config(ret, size) || bindir_of_debian(NULL, ret, size) ||
        bindir_of_path(ret, size))
        return version ? same_major(version, ret, e) : 0;
    err_set(e, RC_UNAVAILABLE, "DB-022", "PostgreSQL's programs initdb and pg_ctl are not there");
    return err_hint(e, "install postgresql (15 or newer), or name a server in RTA_DSN");
}

/* ---- running something as the server's user ---- */

struct command {
    const char *argv[ARGV_MAX];
    size_t n;
    char uid[96], gid[96];
};

static void word(struct command *c, const char *w)
{
    if (c->n < ARGV_MAX - 1)
        c->argv[c->n++] = w;
}

static bool on_path(const char *name)
{
    return runnable("/usr/bin", name) || runnable("/usr/sbin", name) || runnable("/bin", name) ||
           runnable("/sbin", name);
}

static void as_user(struct command *c, const char *user)
{
    *c = (struct command){.n = 0};
    if (!*user)
        return;
    if (on_path("setpriv")) {
        (void)snprintf(c->uid, sizeof c->uid, "--reuid=%s", user);
        (void)snprintf(c->gid, sizeof c->gid, "--regid=%lu",
                       (unsigned long)(getpwnam(user) ? getpwnam(user)->pw_gid : 0));
        word(c, "setpriv");
        word(c, c->uid);
        word(c, c->gid);
        word(c, "--init-groups");
    } else {
        word(c, "runuser");
        word(c, "-u");
        word(c, user);
    }
    word(c, "--");
}

static int quiet_run(const struct command *c, struct buf *out, const char *err_path, struct err *e)
{
    struct proc_io io = {.out = out, .err_path = err_path, .dir = "/"};
    return proc_run(c->argv, &io, e);
}

static bool reachable(const char *user, const char *dir)
{
    struct command c;
    struct err ignored = {0};
    struct buf out;
    as_user(&c, user);
    word(&c, "test");
    word(&c, "-w");
    word(&c, dir);
    buf_init(&out, 4096);
    int rc = quiet_run(&c, &out, "/dev/null", &ignored);
    buf_free(&out);
    return rc == 0;
}

/* ---- the place ---- */

static const char *server_user(void)
{
    if (geteuid() != 0)
        return "";
    return getpwnam("postgres") ? "postgres" : "nobody";
}

/* The folder that we just made, to the server's user. Not by its name: who may write above it could
 * have put a link to something else there. */
static int hand_over(const char *path, const struct passwd *pw, struct err *e)
{
    struct stat s;
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), rc = 0;
    bool ours = fd >= 0 && fstat(fd, &s) == 0 && s.st_uid == geteuid();
    if (fd >= 0 && !ours)
        errno = EPERM;
    if (!ours || fchown(fd, pw->pw_uid, pw->pw_gid) != 0)
        rc = err_sys(e, RC_CREATE, "DB-023", "cannot hand %s to %s", path, pw->pw_name);
    if (fd >= 0)
        (void)close(fd);
    return rc;
}

/* A folder of the user's own, closed to others. One that is there must be his already: in /tmp
 * somebody else could have made it. */
static int own_folder(const char *path, const char *user, struct err *e)
{
    const struct passwd *pw = *user ? getpwnam(user) : NULL;
    struct stat s;
    int rc = mkdir(path, 0700) == 0 && pw ? hand_over(path, pw, e) : 0;
    if (rc < 0)
        return rc;
    uid_t uid = pw ? pw->pw_uid : geteuid();
    if (lstat(path, &s) != 0)
        return err_sys(e, RC_CREATE, "DB-024", "cannot make the folder %s", path);
    if (!S_ISDIR(s.st_mode) || s.st_uid != uid || (s.st_mode & 077) != 0)
        return err_set(e, RC_DENIED, "DB-025", "%s is not a folder of %s alone", path,
                       *user ? user : "yours");
    return 0;
}

static int try_place(struct db_cluster *c, const char *folder, struct err *e)
{
    char pg[1000];
    if (snprintf(pg, sizeof pg, "%s/pg", folder) >= (int)sizeof pg)
        return err_set(e, RC_CONFIG, "DB-026", "the path is too long: %s", folder);
    int rc = dir_make(folder, e);
    if (rc < 0 || (rc = own_folder(pg, c->user, e)) < 0)
        return rc;
    if (!reachable(c->user, pg)) {
        (void)rmdir(pg);
        return 0;
    }
    (void)snprintf(c->data, sizeof c->data, "%s/data", pg);
    char socket[1100];
    (void)snprintf(socket, sizeof socket, "%s/run", pg);
    if (strlen(socket) + strlen(SOCKET_NAME) > SOCKET_MAX || strpbrk(socket, "',\\\" "))
        (void)snprintf(socket, sizeof socket, "/tmp/rta-%08x-run",
                       (unsigned)(hash64(str_of(pg)) & 0xffffffffu));
    (void)snprintf(c->socket, sizeof c->socket, "%.*s", SOCKET_MAX, socket);
    return 1;
}

/* Its name can be guessed, so in /tmp it could be somebody else's, who could then change what
 * stands in it. */
static int own_parent(const char *path, struct err *e)
{
    struct stat s;
    int rc = dir_make(path, e);
    if (rc < 0)
        return rc;
    if (lstat(path, &s) == 0 && S_ISDIR(s.st_mode) && s.st_uid == geteuid() &&
        (s.st_mode & 022) == 0)
        return 0;
    err_set(e, RC_DENIED, "DB-043", "%s is not a folder of yours alone", path);
    return err_hint(e, "remove it, or set RTA_HOME to a folder that everybody may enter");
}

static int choose_place(struct stage *st, struct db_cluster *c, struct err *e)
{
    char other[64];
    (void)snprintf(c->user, sizeof c->user, "%s", server_user());
    int rc = try_place(c, c->home, e);
    if (rc != 0)
        return rc;
    (void)snprintf(other, sizeof other, "%s/rta-%08x",
                   strncmp(c->home, "/tmp/", 5) == 0 ? "/tmp" : "/var/lib",
                   (unsigned)(hash64(str_of(c->home)) & 0xffffffffu));
    if ((rc = own_parent(other, e)) < 0)
        return rc;
    rc = try_place(c, other, e);
    if (rc == 0) {
        err_set(e, RC_DENIED, "DB-027", "user %s can reach neither %s nor %s", c->user, c->home,
                other);
        return err_hint(e, "set RTA_HOME to a folder that everybody may enter");
    }
    if (rc > 0)
        stage_note(st, "%s cannot enter %s, so the database lives in %s", c->user, c->home, other);
    return rc;
}

/* ---- make, start, stop ---- */

static void beside_data(const struct db_cluster *c, const char *name, char *ret, size_t size)
{
    (void)snprintf(ret, size, "%.*s%s", (int)(strlen(c->data) - strlen("/data")), c->data, name);
}

/* initdb beside the final place, renamed when it has finished: a cluster is there or it is not. */
static int cluster_make(const struct db_cluster *c, const char *bindir, bool fast, struct err *e)
{
    char temp[1100], initdb[1100];
    struct stat s;
    if (stat(c->data, &s) == 0)
        return 0;
    if (c->made) {
        err_set(e, RC_UNAVAILABLE, "DB-033", "the data of the private database are gone: %s",
                c->data);
        return err_hint(e, "put them back, or remove %s/cluster to begin anew", c->home);
    }
    beside_data(c, "/new", temp, sizeof temp);
    (void)snprintf(initdb, sizeof initdb, "%s/initdb", bindir);
    int rc = dir_remove(temp, e);
    if (rc < 0)
        return rc;
    struct command cmd;
    as_user(&cmd, c->user);
    const char *const words[] = {"-U",
                                 db_server_superuser(),
                                 "--auth=trust",
                                 "--encoding=UTF8",
                                 "--locale=C",
                                 "--no-instructions",
                                 "-D"};
    word(&cmd, initdb);
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        word(&cmd, words[i]);
    word(&cmd, temp);
    if (fast)
        word(&cmd, "--no-sync");
    struct buf out;
    buf_init(&out, 1u << 20);
    rc = quiet_run(&cmd, &out, NULL, e);
    buf_free(&out);
    if (rc == 0 && rename(temp, c->data) != 0)
        return err_sys(e, RC_CREATE, "DB-028", "cannot put the database in its place");
    return rc;
}

static int pg_ctl(const struct db_cluster *c, const char *bindir, const char *const *words,
                  size_t n, struct err *e)
{
    char program[1100], log[1100];
    struct command cmd;
    as_user(&cmd, c->user);
    (void)snprintf(program, sizeof program, "%s/pg_ctl", bindir);
    beside_data(c, "/log", log, sizeof log);
    word(&cmd, program);
    word(&cmd, "-D");
    word(&cmd, c->data);
    word(&cmd, "-s");
    word(&cmd, "-l");
    word(&cmd, log);
    for (size_t i = 0; i < n; i++)
        word(&cmd, words[i]);
    struct buf out;
    buf_init(&out, 1u << 20);
    int rc = quiet_run(&cmd, &out, "/dev/null", e);
    buf_free(&out);
    return rc;
}

static bool running(const struct db_cluster *c, const char *bindir)
{
    static const char *const words[] = {"status"};
    struct err ignored = {0};
    return pg_ctl(c, bindir, words, 1, &ignored) == 0;
}

/* A file of the data folder, written by the server's user: root does not follow him into it. */
static int data_file(const struct db_cluster *c, const char *name, const struct buf *text,
                     struct err *e)
{
    char path[1100];
    struct command cmd;
    struct buf out;
    int rc = buf_ok(text, name, e);
    if (rc < 0)
        return rc;
    (void)snprintf(path, sizeof path, "%s/%s", c->data, name);
    as_user(&cmd, c->user);
    const char *const words[] = {"sh", "-c", "printf '%s' \"$2\" >\"$1\"", "sh", path, buf_z(text)};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        word(&cmd, words[i]);
    buf_init(&out, 4096);
    rc = quiet_run(&cmd, &out, NULL, e);
    buf_free(&out);
    return rc;
}

/* Who may come in, said anew at every start. */
static int write_access(const struct db_cluster *c, struct err *e)
{
    struct buf hba, ident;
    const struct passwd *pw = c->user[0] ? NULL : getpwuid(geteuid());
    buf_init(&hba, 65536);
    buf_init(&ident, 65536);
    db_server_files(&hba, &ident, pw ? pw->pw_name : c->user);
    int rc = data_file(c, "pg_hba.conf", &hba, e);
    if (rc >= 0)
        rc = data_file(c, "pg_ident.conf", &ident, e);
    buf_free(&hba);
    buf_free(&ident);
    return rc;
}

static int cluster_start(const struct db_cluster *c, const char *bindir, bool fast, struct err *e)
{
    char settings[2048];
    struct err why = {0};
    int rc = own_folder(c->socket, c->user, e);
    if (rc < 0 || (rc = write_access(c, e)) < 0)
        return rc;
    (void)snprintf(settings, sizeof settings, "-c unix_socket_directories='%s'%s%s", c->socket,
                   SETTINGS, fast ? SETTINGS_FAST : "");
    const char *words[] = {"-w", "-t", "60", "-o", settings, "start"};
    if (pg_ctl(c, bindir, words, ARRAY_LEN(words), &why) == 0)
        return 0;
    char log[1100];
    beside_data(c, "/log", log, sizeof log);
    err_set(e, RC_UNAVAILABLE, "DB-029", "the private database does not start");
    return err_hint(e, "its own words are at the end of %s, or of the newest file in %s/log", log,
                    c->data);
}

/* One `rta db start` at a time for a home. */
static int home_lock(const struct db_cluster *c, int *ret_fd, struct err *e)
{
    char path[1100];
    int rc = dir_make(c->home, e);
    if (rc < 0)
        return rc;
    (void)snprintf(path, sizeof path, "%s/lock", c->home);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0 || flock(fd, LOCK_EX) != 0) {
        if (fd >= 0)
            (void)close(fd);
        return err_sys(e, RC_CREATE, "DB-030", "cannot lock %s", path);
    }
    *ret_fd = fd;
    return 0;
}

static int bindir_for(const struct db_cluster *c, char *ret, size_t size, struct err *e)
{
    char path[1100], *version = NULL;
    size_t n = 0;
    struct err ignored = {0};
    (void)snprintf(path, sizeof path, "%s/PG_VERSION", c->data);
    if (c->data[0] && access(path, R_OK) == 0 && file_slurp(path, 64, &version, &n, &ignored) < 0)
        version = NULL;
    int rc = pg_bindir(version, ret, size, e);
    mem_free(version);
    return rc;
}

int db_tool(const char *name, char *ret, size_t size, struct err *e)
{
    struct db_cluster c;
    char bindir[1024];
    struct err none = {0};
    int rc = db_cluster_find(&c, e);
    if (rc < 0)
        return rc;
    if (!c.made)
        c.data[0] = '\0';
    /* where only the clients are installed they are on the path */
    if (bindir_for(&c, bindir, sizeof bindir, &none) < 0 || !runnable(bindir, name))
        (void)snprintf(ret, size, "%s", name);
    else
        (void)snprintf(ret, size, "%s/%s", bindir, name);
    return 0;
}

/* The user's own server is not ours to start or stop. */
static int private_only(struct stage *st, bool *ret_private, struct err *e)
{
    struct buf dsn;
    struct err none = {0};
    buf_init(&dsn, 65536);
    int rc = db_dsn(&dsn, ret_private, &none);
    if (rc < 0 && none.rc != RC_UNAVAILABLE) {
        if (e)
            *e = none;
    } else {
        *ret_private = rc < 0 || *ret_private;
        rc = 0;
        if (!*ret_private)
            stage_note(st, "RTA_DSN or PG* name a server of your own; it is left alone");
    }
    buf_free(&dsn);
    return rc;
}

static int start_locked(struct stage *st, struct db_cluster *c, struct err *e)
{
    const struct db_options *o = st->options;
    char bindir[1024];
    int rc = db_cluster_find(c, e);
    if (rc == 0 && !c->made)
        rc = choose_place(st, c, e);
    if (rc < 0 || (rc = bindir_for(c, bindir, sizeof bindir, e)) < 0 ||
        (rc = cluster_make(c, bindir, o->fast, e)) < 0)
        return rc;
    if (!c->made && (rc = db_cluster_save(c, e)) < 0)
        return rc;
    if (!running(c, bindir) && (rc = cluster_start(c, bindir, o->fast, e)) < 0)
        return rc;
    return 0;
}

/* The database, as the login rta whatever PGUSER says. */
static int create_database(struct err *e)
{
    struct buf dsn;
    buf_init(&dsn, 65536);
    int rc = db_dsn(&dsn, NULL, e);
    buf_text(&dsn, " user=rta");
    if (rc >= 0 && (rc = buf_ok(&dsn, "the connection string", e)) >= 0)
        rc = db_create(buf_z(&dsn), "rta-db", e);
    buf_free(&dsn);
    return rc;
}

int db_start(struct stage *st, struct err *e)
{
    struct db_cluster c;
    bool ours = true;
    int fd = -1, rc = private_only(st, &ours, e);
    if (rc < 0 || !ours)
        return rc;
    if ((rc = db_cluster_find(&c, e)) < 0 || (rc = home_lock(&c, &fd, e)) < 0)
        return rc;
    rc = start_locked(st, &c, e);
    if (rc >= 0 && (rc = db_server_prepare(st, e)) >= 0)
        rc = create_database(e);
    (void)close(fd);
    if (rc >= 0)
        stage_note(st, "the database runs; its socket is in %s", c.socket);
    return rc < 0 ? rc : 0;
}

int db_stop(struct stage *st, struct err *e)
{
    static const char *const words[] = {"-m", "fast", "-w", "-t", "60", "stop"};
    struct db_cluster c;
    char bindir[1024];
    bool ours = true;
    int rc = private_only(st, &ours, e);
    if (rc < 0 || !ours || (rc = db_cluster_find(&c, e)) < 0)
        return rc;
    if (!c.made) {
        stage_note(st, "there is no private database in %s", c.home);
        return 0;
    }
    if ((rc = bindir_for(&c, bindir, sizeof bindir, e)) < 0)
        return rc;
    if (!running(&c, bindir)) {
        stage_note(st, "the database was not running");
        return 0;
    }
    return pg_ctl(&c, bindir, words, ARRAY_LEN(words), e);
}

int db_drop(struct stage *st, struct err *e)
{
    const struct db_options *o = st->options;
    struct db_cluster c;
    char path[1100];
    if (!o->yes) {
        err_set(e, RC_USAGE, "DB-031", "drop removes the private database for good");
        return err_hint(e, "say --yes when that is meant");
    }
    int rc = db_stop(st, e);
    if (rc < 0 || (rc = db_cluster_find(&c, e)) < 0 || !c.made)
        return rc;
    beside_data(&c, "", path, sizeof path);
    if ((rc = dir_remove(path, e)) < 0 || (rc = dir_remove(c.socket, e)) < 0)
        return rc;
    *strrchr(path, '/') = '\0'; /* a folder that was made for it alone, but not home */
    if (strcmp(path, c.home) != 0)
        (void)rmdir(path);
    (void)snprintf(path, sizeof path, "%s/cluster", c.home);
    if (unlink(path) != 0)
        return err_sys(e, RC_CREATE, "DB-032", "cannot remove %s", path);
    return 0;
}
