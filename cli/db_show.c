/* db_show.c — `rta db status`, `psql` and `dsn`: what is in the store, and the way in. */
#include "db_digest.h"
#include "db_parts.h"

#include "json.h"
#include "mem.h"

#include <errno.h>
#include <unistd.h>

int db_show_dsn(struct stage *st, struct err *e)
{
    struct buf dsn;
    buf_init(&dsn, 65536);
    int rc = db_dsn(&dsn, NULL, e);
    if (rc >= 0) {
        buf_char(&dsn, '\n');
        out_str(&st->out, buf_view(&dsn));
    }
    buf_free(&dsn);
    return rc;
}

/* psql takes over: its exit code is ours. */
int db_psql(struct stage *st, struct err *e)
{
    struct buf dsn;
    buf_init(&dsn, 65536);
    int rc = db_dsn(&dsn, NULL, e);
    if (rc >= 0) {
        const char **argv = mem_array((size_t)st->nargs + 3, sizeof *argv);
        argv[0] = "psql";
        argv[1] = "-d";
        argv[2] = buf_z(&dsn);
        for (int i = 1; i < st->nargs; i++)
            argv[i + 2] = st->args[i];
        (void)execvp("psql", (char *const *)(uintptr_t)argv);
        mem_free(argv);
        err_sys(e, RC_UNAVAILABLE, "DB-050", "cannot run psql");
        rc = err_hint(e, "install postgresql-client");
    }
    buf_free(&dsn);
    return rc;
}

struct store_state {
    char id[DB_STORE_ID];
    struct db_result *head;   /* version, submission, published_at, migrations */
    struct db_result *tables; /* rta.status() */
};

static int state_read(struct db *db, struct store_state *s, struct err *e)
{
    int rc = db_script(db, "begin reading", "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", e);
    if (rc >= 0)
        rc = db_query(db, "read the state of the store",
                      "SELECT version, id, to_char(published_at, 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'),"
                      " (SELECT count(*) FROM rta.migration) AS migrations FROM (SELECT 1) one"
                      " LEFT JOIN (SELECT * FROM rta.submission WHERE version IS NOT NULL"
                      "   ORDER BY version DESC LIMIT 1) s ON true",
                      NULL, 0, &s->head, e);
    if (rc >= 0)
        rc = db_query(db, "read the state of the structures",
                      "SELECT structure, version, submission,"
                      " to_char(published_at, 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), submissions,"
                      " series, observations, former, bytes FROM rta.status()",
                      NULL, 0, &s->tables, e);
    if (rc >= 0)
        rc = db_store_id(db, s->id, e);
    return rc;
}

static struct json *number_or_null(const struct db_result *r, size_t row, size_t col)
{
    return db_null(r, row, col) ? js_null() : js_int(db_integer(r, row, col, 0));
}

static struct json *text_or_null(const struct db_result *r, size_t row, size_t col)
{
    return db_null(r, row, col) ? js_null() : js_string(db_cell(r, row, col));
}

static void show_json(struct stage *st, const struct store_state *s)
{
    static const char *const counts[] = {"submissions", "series", "observations", "former",
                                         "bytes"};
    struct json *j = js_object(), *list = js_array();
    js_set(j, "version", js_int(db_integer(s->head, 0, 0, 0)));
    js_set(j, "store_id", js_text(s->id));
    js_set(j, "submission", number_or_null(s->head, 0, 1));
    js_set(j, "published_at", text_or_null(s->head, 0, 2));
    js_set(j, "migrations", number_or_null(s->head, 0, 3));
    for (size_t i = 0; i < db_rows(s->tables); i++) {
        struct json *t = js_object();
        js_set(t, "structure", text_or_null(s->tables, i, 0));
        js_set(t, "version", number_or_null(s->tables, i, 1));
        js_set(t, "submission", number_or_null(s->tables, i, 2));
        js_set(t, "published_at", text_or_null(s->tables, i, 3));
        for (size_t k = 0; k < ARRAY_LEN(counts); k++)
            js_set(t, counts[k], number_or_null(s->tables, i, 4 + k));
        js_push(list, t);
    }
    js_set(j, "structures", list);
    struct buf b;
    buf_init(&b, 1u << 20);
    js_write(&b, j, true);
    buf_char(&b, '\n');
    out_str(&st->out, buf_view(&b));
    buf_free(&b);
    js_free(j);
}

static void show_text(struct stage *st, const struct store_state *s)
{
    struct buf b;
    buf_init(&b, 1u << 20);
    buf_fmt(&b, "version %s, %s, %s migrations\n\n",
            db_null(s->head, 0, 0) ? "0" : db_value(s->head, 0, 0),
            db_null(s->head, 0, 2) ? "nothing published" : db_value(s->head, 0, 2),
            db_value(s->head, 0, 3));
    buf_fmt(&b, "%-10s %8s %10s %9s %12s %9s %8s\n", "structure", "version", "deliveries", "series",
            "observations", "former", "MiB");
    for (size_t i = 0; i < db_rows(s->tables); i++) {
        int64_t bytes = db_integer(s->tables, i, 8, 0);
        buf_fmt(&b, "%-10s %8s %10s %9s %12s %9s %6lld.%lld\n", db_value(s->tables, i, 0),
                db_null(s->tables, i, 1) ? "-" : db_value(s->tables, i, 1),
                db_value(s->tables, i, 4), db_value(s->tables, i, 5), db_value(s->tables, i, 6),
                db_value(s->tables, i, 7), (long long)(bytes >> 20),
                (long long)(((bytes & 0xfffff) * 10) >> 20));
    }
    out_str(&st->out, buf_view(&b));
    buf_free(&b);
}

int db_status(struct stage *st, struct err *e)
{
    const struct db_options *o = st->options;
    struct db *db CLEANUP(db_closep) = NULL;
    struct store_state s = {.head = NULL};
    int rc = db_open(&db, NULL, "rta-db", e);
    if (rc >= 0)
        rc = state_read(db, &s, e);
    if (rc >= 0) {
        if (o->json)
            show_json(st, &s);
        else
            show_text(st, &s);
    }
    db_result_free(s.head);
    db_result_free(s.tables);
    return rc;
}
