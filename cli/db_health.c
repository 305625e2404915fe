/* db_health.c — `rta db health`: how much room the store takes and has, what PostgreSQL has put off
 * (dead rows, statistics), what waits, and what runs out, with advice in plain words. Reads what a
 * login without special rights may read; what it may not see is left out. */
#include "db_parts.h"

#include "json.h"

#include <stdarg.h>
#include <sys/statvfs.h>

#define DEAD_PERCENT 20 /* of a table's rows, from DEAD_ROWS on */
#define DEAD_ROWS 10000
#define USED_PERCENT 80   /* of connections */
#define NUMBER_PERCENT 50 /* of what a sequence can count */
#define FREE_PERCENT 10   /* of the disk */
#define WAITING_DAYS 30
#define OLD_XIDS 1000000000 /* of 2 147 483 648 */
#define TABLES_SHOWN 10

struct health {
    struct db *db;
    struct json *doc, *advice;
};

static void advise(struct health *h, const char *fmt, ...) PRINTF_LIKE(2, 3);
static void advise(struct health *h, const char *fmt, ...)
{
    char text[600];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    js_push(h->advice, js_text(text));
}

static int64_t number(const struct json *j, const char *key)
{
    return js_integer(js_get(j, key), 0);
}

/* One row of numbers and texts (kind: a letter a column, n or t) under their names. */
static void put_row(struct json *j, const struct db_result *r, size_t row, const char *kinds,
                    const char *const *names)
{
    for (size_t i = 0; kinds[i]; i++) {
        if (db_null(r, row, i))
            js_set(j, names[i], js_null());
        else if (kinds[i] == 'n')
            js_set(j, names[i], js_int(db_integer(r, row, i, 0)));
        else
            js_set(j, names[i], js_string(db_cell(r, row, i)));
    }
}

/* ---- what is asked ---- */

static int server(struct health *h, struct err *e)
{
    static const char *const names[] = {"server",      "up_since",        "bytes",
                                        "connections", "max_connections", "longest_transaction_s",
                                        "xid_age"};
    struct db_result *r CLEANUP(db_result_freep) = NULL;
    int rc = db_query(h->db, "look at the server",
                      "SELECT current_setting('server_version'),"
                      " to_char(pg_postmaster_start_time(), 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'),"
                      " pg_database_size(current_database()),"
                      " (SELECT sum(numbackends) FROM pg_stat_database),"
                      " current_setting('max_connections')::integer,"
                      " (SELECT extract(epoch FROM max(clock_timestamp() - xact_start))::bigint"
                      "  FROM pg_stat_activity WHERE datname = current_database()"
                      "  AND pid <> pg_backend_pid()),"
                      " (SELECT age(datfrozenxid) FROM pg_database WHERE datname ="
                      "  current_database())",
                      NULL, 0, &r, e);
    if (rc < 0)
        return rc;
    put_row(h->doc, r, 0, "ttnnnnn", names);
    int64_t most = number(h->doc, "max_connections"), used = number(h->doc, "connections");
    if (most && used * 100 > most * USED_PERCENT)
        advise(h,
               "%lld of %lld connections are in use: close what is idle, or raise"
               " max_connections",
               (long long)used, (long long)most);
    if (number(h->doc, "longest_transaction_s") > 3600)
        advise(h,
               "a transaction has been open for %lld minutes and keeps dead rows alive: see"
               " pg_stat_activity",
               (long long)number(h->doc, "longest_transaction_s") / 60);
    if (number(h->doc, "xid_age") > OLD_XIDS)
        advise(h, "transaction numbers run out: run VACUUM FREEZE on the whole database soon");
    return 0;
}

static int store(struct health *h, size_t migrations, struct err *e)
{
    static const char *const names[] = {
        "version", "migrations",     "submissions",        "unsettled",
        "waiting", "oldest_waiting", "oldest_waiting_days"};
    struct db_result *r CLEANUP(db_result_freep) = NULL, *life CLEANUP(db_result_freep) = NULL;
    int rc = db_query(h->db, "look for the life of submissions",
                      "SELECT 1 FROM pg_attribute WHERE attrelid = 'rta.submission'::regclass AND"
                      " attname = 'settled'",
                      NULL, 0, &life, e);
    bool lives = rc >= 0 && db_rows(life) == 1;
    if (rc >= 0)
        rc = db_query(h->db, "look at the submissions",
                      lives ? "SELECT coalesce(max(version), 0), (SELECT count(*) FROM"
                              " rta.migration), count(*), count(*) FILTER (WHERE version IS NOT"
                              " NULL AND NOT settled), count(*) FILTER (WHERE state IN"
                              " ('received', 'checked', 'waiting', 'accepted', 'approved')),"
                              " to_char(min(received_at) FILTER (WHERE state IN ('received',"
                              " 'checked', 'waiting', 'accepted', 'approved')), 'YYYY-MM-DD'),"
                              " extract(day FROM clock_timestamp() - min(loaded_at) FILTER (WHERE"
                              " state IN ('received', 'checked', 'waiting', 'accepted',"
                              " 'approved')))::bigint FROM rta.submission"
                            : "SELECT coalesce(max(version), 0), (SELECT count(*) FROM"
                              " rta.migration), count(*), 0, 0, NULL, 0 FROM rta.submission",
                      NULL, 0, &r, e);
    if (rc < 0)
        return rc;
    put_row(h->doc, r, 0, "nnnnntn", names);
    if ((size_t)number(h->doc, "migrations") < migrations)
        advise(h, "the schema is older than this program: run rta db migrate");
    if (number(h->doc, "unsettled"))
        advise(h, "%lld published submissions are not settled yet: the next load does it",
               (long long)number(h->doc, "unsettled"));
    if (number(h->doc, "oldest_waiting_days") > WAITING_DAYS)
        advise(h, "a submission has waited for %lld days: see rta submission list",
               (long long)number(h->doc, "oldest_waiting_days"));
    return 0;
}

static int tables(struct health *h, struct err *e)
{
    static const char *const names[] = {"table",    "bytes",    "rows", "dead",
                                        "vacuumed", "analyzed", "new"};
    struct db_result *r CLEANUP(db_result_freep) = NULL;
    struct json *list = js_array();
    js_set(h->doc, "tables", list);
    int rc = db_query(h->db, "look at the tables",
                      "SELECT relname, pg_total_relation_size(relid), n_live_tup, n_dead_tup,"
                      " to_char(greatest(last_vacuum, last_autovacuum), 'YYYY-MM-DD'),"
                      " to_char(greatest(last_analyze, last_autoanalyze), 'YYYY-MM-DD'),"
                      " n_mod_since_analyze FROM pg_stat_user_tables WHERE schemaname = 'rta'"
                      " ORDER BY 2 DESC, 1",
                      NULL, 0, &r, e);
    for (size_t i = 0; rc >= 0 && i < db_rows(r); i++) {
        struct json *t = js_object();
        put_row(t, r, i, "tnnnttn", names);
        js_push(list, t);
        int64_t dead = number(t, "dead"), live = number(t, "rows");
        if (dead > DEAD_ROWS && dead * 100 > (dead + live) * DEAD_PERCENT)
            advise(h, "%lld of %lld rows of rta.%s are dead: VACUUM ANALYZE rta.%s",
                   (long long)dead, (long long)(dead + live), db_value(r, i, 0), db_value(r, i, 0));
        else if (db_null(r, i, 5) && number(t, "new") > DEAD_ROWS)
            advise(h, "rta.%s was never analyzed: ANALYZE rta.%s", db_value(r, i, 0),
                   db_value(r, i, 0));
    }
    return rc;
}

/* Numbers that fill an integer column; those of blocks stand for 256 each. */
static int sequences(struct health *h, struct err *e)
{
    static const char *const names[] = {"sequence", "last", "percent"};
    struct db_result *r CLEANUP(db_result_freep) = NULL;
    struct json *list = js_array();
    js_set(h->doc, "sequences", list);
    int rc =
        db_query(h->db, "look at the sequences",
                 "SELECT sequencename, coalesce(last_value, 0), coalesce(last_value, 0) * 100 *"
                 " CASE WHEN sequencename LIKE '%\\_block' THEN 256 ELSE 1 END /"
                 " least(max_value, CASE WHEN sequencename LIKE '%\\_block' OR sequencename ="
                 " 'submission_id' THEN 2147483647 ELSE max_value END) FROM pg_sequences WHERE"
                 " schemaname = 'rta' ORDER BY 1",
                 NULL, 0, &r, e);
    for (size_t i = 0; rc >= 0 && i < db_rows(r); i++) {
        struct json *s = js_object();
        put_row(s, r, i, "tnn", names);
        js_push(list, s);
        if (number(s, "percent") >= NUMBER_PERCENT)
            advise(h, "the numbers of rta.%s are used up to %lld per cent: plan a wider column",
                   db_value(r, i, 0), (long long)number(s, "percent"));
    }
    return rc;
}

/* Only of the private cluster do we know which disk it is on. */
static int disk(struct health *h, struct err *e)
{
    struct buf dsn CLEANUP(buf_free) = {.max = 65536};
    struct db_cluster c;
    struct statvfs s;
    bool ours = false;
    js_set(h->doc, "disk_free", js_null());
    int rc = db_dsn(&dsn, &ours, e);
    if (rc < 0 || !ours || (rc = db_cluster_find(&c, e)) < 0 || statvfs(c.data, &s) != 0)
        return rc;
    uint64_t free_bytes = (uint64_t)s.f_bavail * s.f_frsize,
             all = (uint64_t)s.f_blocks * s.f_frsize;
    js_set(h->doc, "disk_free", js_int((int64_t)free_bytes));
    if (free_bytes < all / 100 * FREE_PERCENT)
        advise(h, "%llu MiB are free on the disk of the database, less than %d per cent: make room",
               (unsigned long long)free_bytes >> 20, FREE_PERCENT);
    else if ((int64_t)free_bytes < number(h->doc, "bytes"))
        advise(h, "less is free on the disk than the store takes: a backup or an upgrade has no"
                  " room there");
    return 0;
}

/* ---- what is told ---- */

static void show_mib(struct buf *b, const char *name, int64_t bytes)
{
    buf_fmt(b, "%-22s %lld.%lld MiB\n", name, (long long)(bytes >> 20),
            (long long)(((bytes & 0xfffff) * 10) >> 20));
}

static void show_text(struct buf *b, const struct json *d)
{
    const struct json *t = js_get(d, "tables"), *a = js_get(d, "advice");
    struct str since = js_str(js_get(d, "up_since")), old = js_str(js_get(d, "oldest_waiting"));
    buf_fmt(b, "%-22s %.*s, up since %.*s\n", "PostgreSQL", STR_ARG(js_str(js_get(d, "server"))),
            STR_ARG(since));
    buf_fmt(b, "%-22s %lld, %lld migrations\n", "version", (long long)number(d, "version"),
            (long long)number(d, "migrations"));
    buf_fmt(b, "%-22s %lld, %lld not settled, %lld waiting%s%.*s\n", "submissions",
            (long long)number(d, "submissions"), (long long)number(d, "unsettled"),
            (long long)number(d, "waiting"), old.n ? " since " : "", STR_ARG(old));
    show_mib(b, "database", number(d, "bytes"));
    if (js_kind_of(js_get(d, "disk_free")) == JS_NUMBER)
        show_mib(b, "free on its disk", number(d, "disk_free"));
    buf_fmt(b, "%-22s %lld of %lld\n\n", "connections", (long long)number(d, "connections"),
            (long long)number(d, "max_connections"));
    buf_fmt(b, "%-26s %10s %12s %9s %11s\n", "largest tables", "MiB", "rows", "dead", "vacuumed");
    for (size_t i = 0; i < js_count(t) && i < TABLES_SHOWN; i++) {
        const struct json *one = js_at(t, i);
        struct str name = js_str(js_get(one, "table")), when = js_str(js_get(one, "vacuumed"));
        int64_t bytes = number(one, "bytes");
        buf_fmt(b, "%-26.*s %8lld.%lld %12lld %9lld %11.*s\n", STR_ARG(name),
                (long long)(bytes >> 20), (long long)(((bytes & 0xfffff) * 10) >> 20),
                (long long)number(one, "rows"), (long long)number(one, "dead"),
                STR_ARG(when.n ? when : STR("-")));
    }
    buf_text(b, js_count(a) ? "\n" : "\nnothing to do\n");
    for (size_t i = 0; i < js_count(a); i++)
        buf_fmt(b, "advice: %.*s\n", STR_ARG(js_str(js_at(a, i))));
}

static int look(struct stage *st, struct health *h, struct err *e)
{
    struct conf *c = NULL;
    const char *const *names = NULL;
    size_t n = 0;
    int rc = stage_conf(st, &c, e);
    if (rc >= 0)
        rc = conf_list(c, "schema", "sql", &names, &n, e);
    if (rc >= 0)
        rc = db_open(&h->db, NULL, "rta-db", e);
    if (rc >= 0)
        rc = server(h, e);
    if (rc >= 0)
        rc = store(h, n, e);
    if (rc >= 0)
        rc = disk(h, e);
    if (rc >= 0)
        rc = tables(h, e);
    return rc < 0 ? rc : sequences(h, e);
}

int db_health(struct stage *st, struct err *e)
{
    const struct db_options *o = st->options;
    struct health h = {.doc = js_object(), .advice = js_array()};
    struct buf b CLEANUP(buf_free) = {.max = (size_t)16 << 20};
    int rc = look(st, &h, e);
    js_set(h.doc, "advice", h.advice);
    if (rc >= 0) {
        if (o->json) {
            js_write(&b, h.doc, true);
            buf_char(&b, '\n');
        } else {
            show_text(&b, h.doc);
        }
        out_str(&st->out, buf_view(&b));
        if (js_count(h.advice))
            stage_raise(st, RC_PARTIAL);
    }
    js_free(h.doc);
    db_close(h.db);
    return rc;
}
