/* load_store.c — the one transaction of a load: begun with its own tables, ended by the functions
 * of config/schema/0003_load.sql, and its receipt. Nothing is visible before the commit, and the
 * commit comes after the seal. */
#include "load.h"

#include "date.h"
#include "hash.h"

#define DICTIONARY_MAX 500000 /* entries read at the start; more are sorted out by the server */

static int fill_series(struct load *l, int64_t n, struct err *e)
{
    struct buf sql;
    buf_init(&sql, 65536);
    if (n == 0 || n > DICTIONARY_MAX)
        return 0;
    buf_text(&sql, "SELECT series_id");
    for (size_t i = 0; i < l->ndims; i++) {
        char name[64];
        size_t k = 0;
        for (const char *p = l->structure->dims[i].id; *p && k < sizeof name - 1; p++)
            name[k++] = (char)(*p >= 'A' && *p <= 'Z' ? *p + ('a' - 'A') : *p);
        name[k] = '\0';
        buf_text(&sql, ", ");
        db_quote_name(l->db, &sql, name);
    }
    buf_fmt(&sql, " FROM rta.\"%s_series\"", l->tab);
    int rc = load_dict_fill(&l->series, l->db, buf_z(&sql), NULL, 0, e);
    buf_free(&sql);
    return rc;
}

static int fill_lineages(struct load *l, int64_t n, struct err *e)
{
    const char *params[] = {l->sender->key};
    if (n == 0 || n > DICTIONARY_MAX)
        return 0;
    return load_dict_fill(&l->lineage, l->db,
                          "SELECT id, sender, src_key, grade, reviewed FROM rta.lineage"
                          " WHERE sender = $1",
                          params, 1, e);
}

static int session(struct load *l, struct err *e)
{
    char sql[256];
    (void)snprintf(sql, sizeof sql,
                   "BEGIN; SET LOCAL lock_timeout = '%llds'; SET LOCAL work_mem = '64MB';"
                   " SET LOCAL maintenance_work_mem = '256MB';"
                   " SET LOCAL min_parallel_table_scan_size = '256MB'",
                   (long long)l->o->wait);
    return db_script(l->db, "begin the load", sql, e);
}

/* --received must be a moment, in one way of writing it; asked before any work is done. */
static int check_received(struct load *l, struct err *e)
{
    struct err why = {0};
    const char *params[] = {l->o->received};
    if (!l->o->received ||
        (moment_ok(l->o->received) &&
         db_query(l->db, "read --received", "SELECT $1::timestamptz", params, 1, NULL, &why) >= 0))
        return 0;
    err_set(e, RC_USAGE, "LOAD-030", "--received is no moment: %s", l->o->received);
    return err_hint(e, "write 2026-01-31 or 2026-01-31T12:00:00Z");
}

/* What was published and only waits to be moved comes first. In transactions of their own: it
 * stands whatever becomes of this load. */
static int settle(struct load *l, struct err *e)
{
    char sql[128];
    (void)snprintf(sql, sizeof sql, "SET lock_timeout = '%llds'; SELECT rta.settle()",
                   (long long)l->o->wait);
    int rc = db_script(l->db, "settle what was published", sql, e);
    return rc < 0 ? rc : db_script(l->db, "clear what is settled", "SELECT rta.sweep()", e);
}

/* Does it wait for approval? The rules stand in the store, which goes by them too. */
static int ask_policy(struct load *l, struct err *e)
{
    struct db_result *r CLEANUP(db_result_freep) = NULL;
    const char *params[] = {l->structure->id, l->sender->key};
    int rc = db_query(l->db, "ask for the approval rule", "SELECT mode FROM rta.policy_of($1, $2)",
                      params, 2, &r, e);
    l->waits = l->o->pending || (rc >= 0 && strcmp(db_value(r, 0, 0), "auto") != 0);
    return rc;
}

int load_begin(struct load *l, struct err *e)
{
    static char series_copy[] = "COPY pg_temp.rta_k FROM STDIN";
    struct db_result *r CLEANUP(db_result_freep) = NULL;
    const char *params[] = {l->structure->id};
    int rc = db_open(&l->db, NULL, "rta-load", e);
    if (rc < 0 || (rc = check_received(l, e)) < 0 || (rc = settle(l, e)) < 0 ||
        (rc = session(l, e)) < 0 || (rc = ask_policy(l, e)) < 0 ||
        (rc = db_query(l->db, "begin the load", "SELECT * FROM rta.load_begin($1)", params, 1, &r,
                       e)) < 0)
        return rc;
    l->sub = (int32_t)db_integer(r, 0, 0, 0);
    (void)snprintf(l->submission, sizeof l->submission, "%d", l->sub);
    buf_init(&l->ordered.rows, (size_t)16 << 20);
    buf_init(&l->deletes, (size_t)16 << 20);
    l->ordered.ordered = true;
    (void)snprintf(l->ordered.name, sizeof l->ordered.name, "pg_temp.rta_g");
    load_dict_init(&l->series, series_copy, "SELECT rta.load_block('series', $1)");
    load_dict_init(&l->lineage, "COPY pg_temp.rta_l FROM STDIN",
                   "SELECT rta.load_block('lineage', $1)");
    rc = fill_series(l, db_integer(r, 0, 1, 0), e);
    return rc < 0 ? rc : fill_lineages(l, db_integer(r, 0, 2, 0), e);
}

/* ---- the end ---- */

/* '{a,b}' of the years, tables or counts. */
static void arrays(const struct load *l, struct buf years[3])
{
    for (size_t k = 0; k < 3; k++)
        buf_char(&years[k], '{');
    for (size_t i = 0; i < l->ntables; i++) {
        const char *sep = i ? "," : "";
        buf_fmt(&years[0], "%s%d", sep, l->tables[i].year);
        buf_fmt(&years[1], "%s\"%s\"", sep, l->tables[i].name);
        buf_fmt(&years[2], "%s%llu", sep, (unsigned long long)l->tables[i].n);
    }
    for (size_t k = 0; k < 3; k++)
        buf_char(&years[k], '}');
}

/* The first six columns of an answer. */
static void take_counts(const struct db_result *r, struct load_counts *c)
{
    int64_t *to[] = {&c->fresh,      &c->revised, &c->unchanged,
                     &c->superseded, &c->deleted, &c->over_sender};
    for (size_t k = 0; k < ARRAY_LEN(to); k++)
        *to[k] = db_integer(r, 0, k, 0);
}

static int reconcile(struct load *l, const struct buf *tables, struct err *e)
{
    const char *params[] = {l->structure->id, l->submission, buf_z(tables)};
    return db_query(l->db, "intern the series", "SELECT rta.load_reconcile($1, $2, $3)", params, 3,
                    NULL, e);
}

static int apply(struct load *l, const struct buf list[3], struct load_counts *c, struct err *e)
{
    struct db_result *r CLEANUP(db_result_freep) = NULL;
    const char act[] = {l->first, '\0'};
    const char *params[] = {l->structure->id,        l->submission,          act,
                            l->in_order ? "t" : "f", l->suspect ? "t" : "f", buf_z(&list[0]),
                            buf_z(&list[1]),         buf_z(&list[2]),        l->sender->key};
    int rc = reconcile(l, &list[1], e);
    if (rc >= 0)
        rc = db_query(l->db, "compare with the store",
                      "SELECT rows_new, rows_revised, rows_unchanged, rows_superseded,"
                      " rows_deleted, over_sender"
                      " FROM rta.load_apply($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                      params, 9, &r, e);
    if (rc >= 0)
        take_counts(r, c);
    return rc;
}

/* Refused before the store: what the seal tells and what the user adds. */
int64_t load_refused(const struct load *l)
{
    return l->o->refused + (int64_t)sdmx_refused(l->reader);
}

const char *load_file_name(const struct load *l)
{
    const char *slash = l->o->file ? strrchr(l->o->file, '/') : NULL;
    return slash ? slash + 1 : l->o->file ? l->o->file : l->prefix;
}

static struct json *record(struct load *l, const struct load_counts *c, const char *sha)
{
    struct json *j = js_object();
    js_set(j, "id", js_int(l->sub));
    js_set(j, "structure", js_text(l->structure->id));
    js_set(j, "partner", js_text(l->partner));
    js_set(j, "sender", js_text(l->sender->key));
    js_set(j, "reason", js_text(l->o->reason ? l->o->reason : ""));
    js_set(j, "received_at", js_text(l->o->received));
    js_set(j, "file_name", js_text(load_file_name(l)));
    js_set(j, "file_sha256", js_text(sha));
    js_set(j, "stream_seal", js_text(sdmx_seal(l->reader)));
    js_set(j, "src_prefix", js_text(l->prefix));
    js_set(j, "rows_in", js_int((int64_t)l->rows));
    js_set(j, "rows_new", js_int(c->fresh));
    js_set(j, "rows_revised", js_int(c->revised));
    js_set(j, "rows_unchanged", js_int(c->unchanged));
    js_set(j, "rows_superseded", js_int(c->superseded));
    js_set(j, "rows_delete", js_int((int64_t)l->delete_rows));
    js_set(j, "rows_deleted", js_int(c->deleted));
    js_set(j, "rows_refused", js_int(load_refused(l)));
    js_set(j, "over_sender", js_int(c->over_sender));
    js_set(j, "partial", js_bool(load_refused(l) > 0));
    js_set(j, "reason_code", js_text(l->o->reason_code ? l->o->reason_code : ""));
    if (l->o->supersedes)
        js_set(j, "supersedes", js_int(l->o->supersedes));
    return j;
}

static int record_text(struct load *l, const struct load_counts *c, struct buf *ret, struct err *e)
{
    char sha[SHA256_HEX] = "";
    int rc = l->o->file ? sha256_file(l->o->file, sha, e) : 0;
    if (rc < 0)
        return rc;
    struct json *j = record(l, c, sha);
    js_write(ret, j, false);
    js_free(j);
    return buf_ok(ret, "the record of the submission", e);
}

static int publish(struct load *l, struct load_counts *c, const struct buf *text, struct err *e)
{
    struct db_result *r CLEANUP(db_result_freep) = NULL;
    const char *params[] = {buf_z(text)};
    int rc = db_query(l->db, "publish the submission",
                      "SELECT version, to_char(published_at, 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')"
                      " FROM rta.load_publish($1::jsonb)",
                      params, 1, &r, e);
    if (rc < 0)
        return rc;
    c->version = db_integer(r, 0, 0, 0);
    (void)snprintf(c->published_at, sizeof c->published_at, "%s", db_value(r, 0, 1));
    (void)snprintf(c->state, sizeof c->state, "published");
    return 0;
}

/* Everything is kept, nothing is seen: until two persons say so. */
static int keep_waiting(struct load *l, const struct buf list[3], struct load_counts *c,
                        const struct buf *text, struct err *e)
{
    struct db_result *r CLEANUP(db_result_freep) = NULL;
    const char act[] = {l->first, '\0'};
    const char *params[] = {buf_z(text),
                            act,
                            l->in_order ? "t" : "f",
                            l->suspect ? "t" : "f",
                            buf_z(&list[1]),
                            l->o->findings ? "t" : "f"};
    int rc = reconcile(l, &list[1], e);
    if (rc >= 0)
        rc = db_query(l->db, "keep the submission",
                      "SELECT rows_new, rows_revised, rows_unchanged, rows_superseded,"
                      " rows_deleted, over_sender, state"
                      " FROM rta.load_wait($1::jsonb, $2, $3, $4, $5, $6)",
                      params, 6, &r, e);
    if (rc < 0)
        return rc;
    take_counts(r, c);
    (void)snprintf(c->state, sizeof c->state, "%s", db_value(r, 0, 6));
    return 0;
}

static int accounts_close(const struct load *l, const struct load_counts *c, struct err *e)
{
    int64_t sum = c->fresh + c->revised + c->unchanged + c->superseded + (int64_t)l->delete_rows;
    if (sum == (int64_t)l->rows && c->unchanged >= 0 && c->superseded >= 0)
        return 0;
    return err_set(e, RC_BUG, "LOAD-031", "the accounting does not close: %lld of %llu rows",
                   (long long)sum, (unsigned long long)l->rows);
}

/* The rows, their accounts and the record of the submission. */
static int write_rows(struct load *l, const struct buf list[3], struct load_counts *c,
                      struct buf *text, struct err *e)
{
    /* what the counts of a waiting one are is found with its rows; until then they close plainly */
    const struct load_counts plain = {.fresh = (int64_t)(l->rows - l->delete_rows)};
    int rc = load_extra(l, e);
    if (rc < 0)
        return rc;
    if (l->waits) {
        if ((rc = record_text(l, &plain, text, e)) < 0 ||
            (rc = keep_waiting(l, list, c, text, e)) < 0)
            return rc;
        return accounts_close(l, c, e);
    }
    if ((rc = apply(l, list, c, e)) < 0 || (rc = accounts_close(l, c, e)) < 0 ||
        (rc = record_text(l, c, text, e)) < 0)
        return rc;
    return publish(l, c, text, e);
}

static int write_down(struct load *l, struct load_counts *c, struct err *e)
{
    struct buf list[3], text;
    for (size_t k = 0; k < 3; k++)
        buf_init(&list[k], (size_t)1 << 20);
    buf_init(&text, (size_t)1 << 20);
    arrays(l, list);
    int rc = write_rows(l, list, c, &text, e);
    for (size_t k = 0; k < 3; k++)
        buf_free(&list[k]);
    buf_free(&text);
    return rc < 0 ? rc : db_script(l->db, "commit the load", "COMMIT", e);
}

int load_repeated(struct load *l, const char *const ask[3], struct load_counts *c, struct err *e)
{
    struct db_result *r CLEANUP(db_result_freep) = NULL;
    int rc = db_query(l->db, "look for the same stream",
                      "SELECT submission, version,"
                      " to_char(published_at, 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), later, state"
                      " FROM rta.load_repeat($1, $2, $3)",
                      ask, 3, &r, e);
    if (rc < 0 || db_rows(r) == 0)
        return rc;
    c->submission = c->repeat_of = db_integer(r, 0, 0, 0);
    c->version = db_integer(r, 0, 1, 0);
    c->later = db_integer(r, 0, 3, 0);
    c->unchanged = (int64_t)(l->rows - l->delete_rows);
    (void)snprintf(c->published_at, sizeof c->published_at, "%s", db_value(r, 0, 2));
    (void)snprintf(c->state, sizeof c->state, "%s", db_value(r, 0, 4));
    return 1;
}

/* The very same stream again: its receipt stands, and nothing is written. */
static int repeat(struct load *l, struct load_counts *c, struct err *e)
{
    const char *const ask[] = {l->structure->id, sdmx_seal(l->reader), l->sender->key};
    int rc = l->o->again ? 0 : load_repeated(l, ask, c, e);
    if (rc <= 0)
        return rc;
    rc = db_script(l->db, "leave the store as it is", "ROLLBACK", e);
    return rc < 0 ? rc : 1;
}

int load_finish(struct load *l, struct load_counts *c, struct err *e)
{
    *c = (struct load_counts){.submission = l->sub};
    int rc = load_flush(l, e);
    if (rc >= 0)
        rc = db_query(l->db, "wait for the turn to publish", "SELECT rta.load_lock()", NULL, 0,
                      NULL, e);
    if (rc >= 0)
        rc = repeat(l, c, e);
    if (rc != 0)
        return rc < 0 ? rc : 0;
    return write_down(l, c, e);
}
