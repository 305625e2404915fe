/* db_audit.c — `rta db audit`: what was done and what was refused. Refusals roll their transaction
 * back, so nothing in the database can keep them: they are taken from the server's own JSON log
 * into the chain, each once, and how far the log was read is kept. Owns the line being read. */
#include "db_parts.h"

#include "hash.h"
#include "json.h"
#include "mem.h"

#include <glob.h>

#define LINE_MAX_BYTES ((size_t)4 << 20) /* a line longer than that is none of the server's */

struct taking {
    struct db *db;
    const char *name; /* the log's file name without folders */
    char database[80];
    struct buf line;
    char first[SHA256_HEX]; /* of the first line; "" before it was read */
    int64_t from;           /* bytes that were read another time */
    int64_t bytes;          /* bytes of whole lines so far */
    int64_t taken, odd;
};

static char *text_of(const struct json *j, const char *key)
{
    return mem_text(js_str(js_get(j, key)));
}

static int refusal(struct taking *t, const struct json *j, int64_t *ret_taken, struct err *e)
{
    static const char *const keep[] = {"timestamp", "message", "remote_host", "application_name",
                                       "ps"};
    struct db_result *r CLEANUP(db_result_freep) = NULL;
    struct buf detail, key;
    struct json *d = js_object();
    buf_init(&detail, LINE_MAX_BYTES);
    buf_init(&key, 4096);
    for (size_t i = 0; i < ARRAY_LEN(keep); i++)
        if (js_get(j, keep[i]))
            js_set(d, keep[i], js_string(js_str(js_get(j, keep[i]))));
    js_write(&detail, d, false);
    js_free(d);
    buf_str(&key, js_str(js_get(j, "session_id")));
    buf_char(&key, '/');
    buf_str(&key, js_str(js_get(j, "line_num")));
    char *user = text_of(j, "user"), *state = text_of(j, "state_code"), *ps = text_of(j, "ps");
    const char *params[] = {user, state, buf_z(&key), *ps ? ps : "session", buf_z(&detail)};
    int rc = buf_ok(&detail, "a line of the log", e);
    if (rc >= 0)
        rc = db_query(t->db, "take a refusal into the audit",
                      "SELECT rta.audit_refusal($1, $2, $3, $4, $5::jsonb)::integer", params, 5, &r,
                      e);
    if (rc >= 0)
        *ret_taken += db_integer(r, 0, 0, 0);
    mem_free(user);
    mem_free(state);
    mem_free(ps);
    buf_free(&detail);
    buf_free(&key);
    return rc;
}

/* SQLSTATEs that may be a refusal; the database has the last word. */
static bool of_interest(struct str state)
{
    return str_eq(state, str_of("42501")) || str_eq(state, str_of("RT077")) ||
           (state.n == 5 && (memcmp(state.p, "28", 2) == 0 || memcmp(state.p, "23", 2) == 0));
}

static int whole_line(struct taking *t, struct err *e)
{
    struct err bad = {0};
    struct json *j = NULL;
    int rc = js_parse(&j, buf_view(&t->line), t->name, &bad);
    if (rc < 0) {
        t->odd++;
        return 0;
    }
    if (of_interest(js_str(js_get(j, "state_code"))) &&
        str_eq(js_str(js_get(j, "dbname")), str_of(t->database)))
        rc = refusal(t, j, &t->taken, e);
    js_free(j);
    return rc;
}

/* The first line tells which log it is: names come again. */
static int first_line(struct taking *t, struct err *e)
{
    struct db_result *r CLEANUP(db_result_freep) = NULL;
    struct sha256 *h = sha256_new();
    sha256_add(h, buf_z(&t->line), t->line.n);
    sha256_hex(h, t->first);
    sha256_free(h);
    const char *params[] = {t->name, t->first};
    int rc = db_query(t->db, "ask how far the log was read",
                      "SELECT bytes FROM rta.audit_log WHERE file = $1 AND first = $2", params, 2,
                      &r, e);
    if (rc >= 0)
        t->from = db_rows(r) ? db_integer(r, 0, 0, 0) : 0;
    return rc;
}

static int bytes_in(struct taking *t, struct str s, struct err *e)
{
    int rc = 0;
    while (s.n > 0 && rc >= 0) {
        const char *end = memchr(s.p, '\n', s.n);
        size_t n = end ? (size_t)(end - s.p) : s.n;
        buf_add(&t->line, s.p, n);
        s = str_cut(s, end ? n + 1 : n);
        if (!end)
            break;
        int64_t began = t->bytes;
        t->bytes += (int64_t)t->line.n + 1;
        if (!t->first[0])
            rc = first_line(t, e);
        if (rc >= 0 && began >= t->from)
            rc = whole_line(t, e);
        buf_reset(&t->line);
    }
    return rc;
}

static int read_log(struct taking *t, struct source *in, struct err *e)
{
    char chunk[65536];
    ssize_t n;
    while ((n = in->read(in, chunk, sizeof chunk, e)) > 0) {
        int rc = bytes_in(t, (struct str){chunk, (size_t)n}, e);
        if (rc < 0)
            return rc;
    }
    return (int)n;
}

/* One log, one transaction: it was read as far as is written down. */
static int take_log(struct stage *st, struct db *db, const char *path, struct err *e)
{
    struct source *in CLEANUP(source_closep) = NULL;
    struct db_result *r CLEANUP(db_result_freep) = NULL;
    const char *slash = strrchr(path, '/');
    struct taking t = {.db = db, .name = slash ? slash + 1 : path};
    char bytes[32];
    int rc = source_open(&in, path, e);
    if (rc >= 0)
        rc = db_script(db, "begin reading the log", "BEGIN", e);
    if (rc >= 0)
        rc = db_query(db, "ask for the database", "SELECT current_database()", NULL, 0, &r, e);
    if (rc < 0)
        return rc;
    (void)snprintf(t.database, sizeof t.database, "%s", db_value(r, 0, 0));
    buf_init(&t.line, LINE_MAX_BYTES);
    rc = read_log(&t, in, e);
    buf_free(&t.line);
    (void)snprintf(bytes, sizeof bytes, "%lld", (long long)t.bytes);
    const char *params[] = {t.name, t.first, bytes};
    if (rc >= 0 && t.first[0])
        rc = db_query(db, "write down how far the log was read",
                      "SELECT rta.audit_read($1, $2, $3)", params, 3, NULL, e);
    if (rc >= 0)
        rc = db_script(db, "end reading the log", "COMMIT", e);
    if (rc >= 0 && t.taken > 0)
        stage_note(st, "took %lld refusals from %s", (long long)t.taken, t.name);
    if (rc >= 0 && t.odd > 0) {
        struct err w = {0};
        err_set(&w, RC_DATA, "DB-101", "%lld lines of %s are not of a server's JSON log",
                (long long)t.odd, t.name);
        err_hint(&w, "set log_destination = 'jsonlog', see docs/deploy/roles.md");
        stage_warn(st, &w);
    }
    return rc;
}

/* The logs of the private database; a name is a month, so their order is that of time. */
static int take_own(struct stage *st, struct db *db, struct err *e)
{
    struct db_cluster c;
    char pattern[1100];
    glob_t g;
    int rc = db_cluster_find(&c, e);
    if (rc < 0 || !c.made)
        return rc;
    (void)snprintf(pattern, sizeof pattern, "%s/log/*.json", c.data);
    if (glob(pattern, 0, NULL, &g) != 0)
        return 0;
    for (size_t i = 0; i < g.gl_pathc && rc >= 0; i++)
        rc = take_log(st, db, g.gl_pathv[i], e);
    globfree(&g);
    return rc;
}

static int take(struct stage *st, struct db *db, struct err *e)
{
    const struct db_options *o = st->options;
    struct buf dsn;
    bool ours = false;
    if (o->take)
        return take_log(st, db, o->take, e);
    buf_init(&dsn, 65536);
    int rc = db_dsn(&dsn, &ours, e);
    buf_free(&dsn);
    return rc >= 0 && ours ? take_own(st, db, e) : rc;
}

/* ---- showing it ---- */

#define LIST                                                                                   \
    "SELECT n, to_char(at, 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), who, action, object,"            \
    " CASE action WHEN 'refused' THEN coalesce(detail ->> 'message', '')"                      \
    "  WHEN 'decision.insert' THEN concat_ws(' ', detail ->> 'submission', detail ->> 'step'," \
    "   detail ->> 'to_state', detail ->> 'reason')"                                           \
    "  WHEN 'submission.insert' THEN detail ->> 'state'"                                       \
    "  WHEN 'submission.update' THEN detail ->> 'state'"                                       \
    "  WHEN 'grant' THEN detail ->> 'login'"                                                   \
    "  WHEN 'revoke' THEN detail ->> 'login' WHEN 'purge.insert' THEN detail ->> 'file'"       \
    "  ELSE '' END,"                                                                           \
    " jsonb_build_object('n', n, 'at', at, 'who', who, 'action', action, 'object', object,"    \
    "  'detail', detail, 'prev', prev, 'hash', hash)::text FROM rta.audit ORDER BY n"

static void show_line(struct buf *b, const struct db_result *r, size_t i)
{
    char text[512];
    (void)snprintf(text, sizeof text, "%6s %s %-12s %-17s %s", db_value(r, i, 0), db_value(r, i, 1),
                   db_value(r, i, 2), db_value(r, i, 3), db_value(r, i, 4));
    err_disarm(text);
    buf_fmt(b, "%s\n", text);
    if (!*db_value(r, i, 5))
        return;
    (void)snprintf(text, sizeof text, "%s", db_value(r, i, 5));
    err_disarm(text);
    buf_fmt(b, "       %s\n", text);
}

static int show(struct stage *st, struct db *db, struct err *e)
{
    const struct db_options *o = st->options;
    struct db_result *r = NULL;
    struct buf b;
    size_t n = 0;
    int rc = db_script(db, "begin reading", "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", e);
    if (rc >= 0)
        rc = db_stream(db, "read the audit", LIST, NULL, 0, e);
    buf_init(&b, (size_t)256 << 20);
    while (rc >= 0 && (rc = db_stream_next(db, &r, e)) > 0) {
        buf_reset(&b);
        for (size_t i = 0; i < db_rows(r); i++, n++) {
            if (o->json)
                buf_fmt(&b, "%s%s", n ? ",\n" : "[\n", db_value(r, i, 6));
            else
                show_line(&b, r, i);
        }
        out_str(&st->out, buf_view(&b));
        db_result_free(r);
    }
    if (o->json && rc >= 0)
        out_str(&st->out, str_of(n ? "\n]\n" : "[]\n"));
    buf_free(&b);
    return rc;
}

int db_audit(struct stage *st, struct err *e)
{
    struct db *db CLEANUP(db_closep) = NULL;
    int rc = db_open(&db, NULL, "rta-db", e);
    if (rc >= 0)
        rc = take(st, db, e);
    return rc < 0 ? rc : show(st, db, e);
}
