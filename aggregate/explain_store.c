/* explain_store.c — every version of the observations asked about, all in one question for each
 * structure, and the submissions that brought them with the decisions on those. What the store
 * gives is JSON made by the server, so that columns which a later schema adds are at hand. */
#include "explain.h"

#include "asof.h"
#include "bounds.h"
#include "key.h"
#include "mem.h"

int explain_open(struct explain *x, const char *as_of, struct err *e)
{
    struct arena *a = &x->conf->arena;
    int rc = db_open(&x->db, NULL, "rta-explain", e);
    if (rc >= 0)
        rc =
            db_script(x->db, "begin reading", "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", e);
    if (rc >= 0)
        rc = asof_version(x->db, a, as_of, &x->version, &x->now, e);
    return rc < 0 ? rc : asof_store(x->db, a, &x->store, e);
}

int explain_may_see(struct explain *x, struct err *e)
{
    struct db_result *r CLEANUP(db_result_freep) = NULL;
    int rc = db_query(x->db, "ask for the role",
                      "SELECT coalesce((SELECT pg_has_role(session_user, oid, 'MEMBER') FROM"
                      " pg_roles WHERE rolname = 'rta_coordinator'), false) OR session_user ="
                      " (SELECT pg_get_userbyid(nspowner) FROM pg_namespace WHERE nspname ="
                      " 'rta')",
                      NULL, 0, &r, e);
    if (rc < 0)
        return rc;
    if (strcmp(db_value(r, 0, 0), "t") != 0) {
        err_set(e, RC_DENIED, "EXPLAIN-031", "only a coordinator may see what is kept back");
        return err_hint(e, "leave --internal out");
    }
    x->internal = true;
    return 0;
}

size_t explain_want(struct explain *x, const struct structure *s, struct str key)
{
    struct buf name CLEANUP(buf_free) = {.max = LIMIT_ROW_BYTES};
    bool fresh = false;
    buf_fmt(&name, "%s\t", s->id);
    buf_str(&name, key);
    size_t n = map_intern(x->index, buf_view(&name), &fresh);
    if (!fresh)
        return n;
    if (x->nwanted == x->wanted_cap) {
        x->wanted_cap = x->wanted_cap ? 2 * x->wanted_cap : 256;
        x->wanted = mem_resize(x->wanted, x->wanted_cap * sizeof *x->wanted);
    }
    x->wanted[x->nwanted++] = (struct wanted){.s = s, .key = arena_str(&x->conf->arena, key)};
    return n;
}

void explain_close(struct explain *x)
{
    for (size_t i = 0; i < x->nwanted; i++) {
        js_free(x->wanted[i].versions);
        js_free(x->wanted[i].described);
    }
    mem_free(x->wanted);
    map_free(x->index);
    map_free(x->subs);
    js_free(x->submission);
    mappings_free(x->mappings);
    db_close(x->db);
}

/* ---- the question ---- */

/* Number, codes and period of every observation of a structure, as one text: records parted by
 * 0x1e, fields by 0x1f. False when there is none. */
static bool list_keys(const struct explain *x, const struct structure *s, struct buf *b)
{
    struct buf scratch CLEANUP(buf_free) = {.max = LIMIT_ROW_BYTES};
    struct str codes[STRUCTURE_DIMS_MAX];
    for (size_t i = 0; i < x->nwanted; i++) {
        const struct wanted *w = &x->wanted[i];
        struct period p;
        if (w->s != s || w->versions)
            continue;
        size_t n = key_split(w->key, &scratch, codes, ARRAY_LEN(codes));
        if (n != s->ndims || period_parse(&p, codes[n - 1], NULL) < 0)
            continue; /* not one that the store can hold */
        if (b->n)
            buf_char(b, 0x1e);
        buf_fmt(b, "%zu\x1f%d", i, period_code(p));
        for (size_t k = 0; k + 1 < n; k++) {
            buf_char(b, 0x1f);
            buf_str(b, codes[k]);
        }
    }
    return b->n > 0;
}

static void lower(struct buf *b, const char *z)
{
    for (; *z; z++)
        buf_char(b, (char)(*z >= 'A' && *z <= 'Z' ? *z + ('a' - 'A') : *z));
}

static void table(struct buf *sql, const struct structure *s, const char *which)
{
    buf_text(sql, "rta.\"");
    lower(sql, s->id);
    buf_fmt(sql, "_%s\"", which);
}

static void relation(struct buf *sql, const struct structure *s, const char *which,
                     const struct buf *to)
{
    buf_fmt(sql,
            "SELECT s.n, o.series_id, o.period, o.lineage_id, o.from_sub, o.value, o.obs_status,"
            " o.conf_status, o.comment, o.nature, o.src, o.src_value, %s AS to_sub FROM s JOIN ",
            buf_z(to));
    table(sql, s, which);
    buf_text(sql, " o USING (series_id, period)");
}

/* Current, former and, where a submission is published and not yet settled, what it brought; such a
 * one has ended what it revises. */
static void versions(struct buf *sql, const struct structure *s, bool waiting)
{
    struct buf to CLEANUP(buf_free) = {.max = 1 << 16};
    if (waiting) {
        buf_text(&to, "(SELECT w.from_sub FROM ");
        table(&to, s, "wait");
        buf_fmt(&to,
                " w WHERE w.from_sub = (SELECT rta.unsettled('%s')) AND w.series_id = o.series_id"
                " AND w.period = o.period AND w.what <> 'u')",
                s->id);
    } else {
        buf_text(&to, "NULL::integer");
    }
    relation(sql, s, "obs", &to);
    buf_reset(&to);
    buf_text(&to, "o.to_sub");
    buf_text(sql, " UNION ALL ");
    relation(sql, s, "hist", &to);
    if (!waiting)
        return;
    buf_reset(&to);
    buf_text(&to, "NULL::integer");
    buf_text(sql, " UNION ALL ");
    relation(sql, s, "wait", &to);
    buf_fmt(sql, " WHERE o.from_sub = (SELECT rta.unsettled('%s')) AND o.what IN ('n', 'r', 'c')",
            s->id);
}

static void question(const struct structure *s, bool waiting, struct buf *sql)
{
    buf_text(sql, "WITH k AS MATERIALIZED (SELECT string_to_array(r, E'\\x1f') AS c FROM"
                  " unnest(string_to_array($1, E'\\x1e')) r), s AS MATERIALIZED (SELECT"
                  " c[1]::integer AS n, series_id, c[2]::integer AS period FROM k JOIN ");
    table(sql, s, "series");
    buf_text(sql, " s ON true");
    for (size_t i = 0; i + 1 < s->ndims; i++) {
        buf_text(sql, " AND s.\"");
        lower(sql, s->dims[i].id);
        buf_fmt(sql, "\" = c[%zu]", i + 3);
    }
    buf_text(sql, "), v AS (");
    versions(sql, s, waiting);
    buf_text(sql,
             ") SELECT v.n, jsonb_build_object('value', v.value::text, 'status', v.obs_status,"
             " 'conf', v.conf_status, 'comment', v.comment, 'nature', v.nature, 'submission',"
             " v.from_sub, 'version', f.version, 'to_submission', v.to_sub, 'to_version',"
             " t.version, 'sender', l.sender, 'src', rta.src_text(f.src_prefix, v.src),"
             " 'src_key', l.src_key, 'src_value', v.src_value, 'grade', l.grade, 'reviewed',"
             " l.reviewed)::text FROM v JOIN rta.submission f ON f.id = v.from_sub AND f.version"
             " IS NOT NULL LEFT JOIN rta.submission t ON t.id = v.to_sub JOIN rta.lineage l ON"
             " l.id = v.lineage_id ORDER BY v.n, f.version");
}

static int is_there(struct explain *x, const char *table, bool *ret, struct err *e)
{
    struct db_result *r CLEANUP(db_result_freep) = NULL;
    const char *params[] = {table};
    int rc = db_query(
        x->db, "look for a table",
        "SELECT to_regclass($1) IS NOT NULL AND has_table_privilege(to_regclass($1), 'SELECT')",
        params, 1, &r, e);
    *ret = rc >= 0 && strcmp(db_value(r, 0, 0), "t") == 0;
    return rc;
}

static int take_versions(struct explain *x, const struct db_result *r, struct err *e)
{
    for (size_t i = 0; i < db_rows(r); i++) {
        struct json *v = NULL;
        int64_t n = db_integer(r, i, 0, -1);
        if (n < 0 || (size_t)n >= x->nwanted)
            return err_set(e, RC_BUG, "EXPLAIN-030", "the store answered what was not asked");
        int rc = js_parse(&v, db_cell(r, i, 1), "the store", e);
        if (rc < 0)
            return rc;
        struct wanted *w = &x->wanted[n];
        if (!w->versions)
            w->versions = js_array();
        (void)map_intern(x->subs, js_str(js_get(v, "submission")), NULL);
        if (js_integer(js_get(v, "to_submission"), 0))
            (void)map_intern(x->subs, js_str(js_get(v, "to_submission")), NULL);
        js_push(w->versions, v);
    }
    return 0;
}

static int ask(struct explain *x, const struct structure *s, struct err *e)
{
    struct db_result *r CLEANUP(db_result_freep) = NULL;
    struct buf keys CLEANUP(buf_free) = {.max = LIMIT_JSON_BYTES};
    struct buf sql CLEANUP(buf_free) = {.max = 1 << 16}, wait CLEANUP(buf_free) = {.max = 256};
    bool waiting = false;
    if (!list_keys(x, s, &keys))
        return 0;
    buf_text(&wait, "rta.\"");
    lower(&wait, s->id);
    buf_text(&wait, "_wait\"");
    int rc = buf_ok(&keys, "the list of observations", e);
    if (rc >= 0)
        rc = is_there(x, buf_z(&wait), &waiting, e);
    question(s, waiting, &sql);
    const char *params[] = {buf_z(&keys)};
    if (rc >= 0)
        rc = db_query(x->db, "read the versions of the figures", buf_z(&sql), params, 1, &r, e);
    return rc < 0 ? rc : take_versions(x, r, e);
}

/* ---- submissions ---- */

/* decisions by submission, in their order. */
static int take_decisions(struct explain *x, const char *ids, struct err *e)
{
    struct db_result *r CLEANUP(db_result_freep) = NULL;
    const char *params[] = {ids};
    bool there = false;
    int rc = is_there(x, "rta.decision", &there, e);
    if (rc < 0 || !there)
        return rc;
    rc = db_query(
        x->db, "read the decisions",
        "SELECT submission, jsonb_build_object('at', to_char(at, 'YYYY-MM-DD\"T\"HH24:MI:SS"
        "\"Z\"'), 'step', step, 'from', from_state, 'to', to_state, 'who', who, 'reason',"
        " coalesce(reason, ''), 'digest', coalesce(digest, ''))::text FROM rta.decision"
        " WHERE submission = ANY (string_to_array($1, ',')::integer[]) ORDER BY"
        " submission, id",
        params, 1, &r, e);
    for (size_t i = 0; rc >= 0 && i < db_rows(r); i++) {
        struct json *d = NULL, *s = js_get(x->submission, db_value(r, i, 0));
        rc = js_parse(&d, db_cell(r, i, 1), "the store", e);
        if (rc >= 0 && s) {
            js_push(js_get(s, "decisions"), d);
            js_set(s, "has_decisions", js_bool(true));
        } else {
            js_free(d);
        }
    }
    return rc;
}

static const char *sender_name(const struct explain *x, struct str key)
{
    const struct sender *s = region_sender(x->region, key);
    return s && s->name ? s->name : "";
}

static void take_submission(struct explain *x, const char *id, struct json *s)
{
    static const char *const fields[] = {
        "id",     "version",     "structure",   "partner",      "sender",
        "reason", "reason_code", "received_at", "published_at", "loaded_by",
        "policy", "file_name",   "file_sha256", "stream_seal",  "partial"};
    struct json *j = js_object();
    for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
        const struct json *v = js_get(s, fields[i]);
        js_set(j, fields[i], v ? js_share(v) : js_text(""));
    }
    js_set(j, "sender_name", js_text(sender_name(x, js_str(js_get(s, "sender")))));
    js_set(j, "decisions", js_array());
    js_set(j, "has_decisions", js_bool(false));
    js_set(x->submission, id, j);
}

static int ask_submissions(struct explain *x, struct err *e)
{
    struct db_result *r CLEANUP(db_result_freep) = NULL;
    struct buf ids CLEANUP(buf_free) = {.max = LIMIT_JSON_BYTES};
    for (size_t i = 0; i < map_count(x->subs); i++) {
        buf_text(&ids, i ? "," : "");
        buf_str(&ids, map_key(x->subs, i));
    }
    const char *params[] = {buf_z(&ids)};
    if (!ids.n)
        return 0;
    int rc = db_query(x->db, "read the submissions",
                      "SELECT id, (to_jsonb(f) || jsonb_build_object('received_at',"
                      " to_char(received_at, 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), 'published_at',"
                      " to_char(published_at, 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')))::text FROM"
                      " rta.submission f WHERE id = ANY (string_to_array($1, ',')::integer[])"
                      " ORDER BY id",
                      params, 1, &r, e);
    for (size_t i = 0; rc >= 0 && i < db_rows(r); i++) {
        CLEANUP(js_freep) struct json *s = NULL;
        rc = js_parse(&s, db_cell(r, i, 1), "the store", e);
        if (rc >= 0)
            take_submission(x, db_value(r, i, 0), s);
    }
    return rc < 0 ? rc : take_decisions(x, buf_z(&ids), e);
}

int explain_fetch(struct explain *x, struct err *e)
{
    const struct structure *done[64];
    size_t ndone = 0;
    int rc = 0;
    for (size_t i = 0; i < x->nwanted && rc >= 0; i++) {
        bool asked = false;
        for (size_t k = 0; k < ndone; k++)
            asked = asked || done[k] == x->wanted[i].s;
        if (asked || ndone == ARRAY_LEN(done))
            continue;
        done[ndone++] = x->wanted[i].s;
        rc = ask(x, x->wanted[i].s, e);
    }
    if (rc >= 0)
        rc = ask_submissions(x, e);
    for (size_t i = 0; i < x->nwanted && rc >= 0; i++)
        if (!x->wanted[i].described)
            rc = explain_describe(x, &x->wanted[i], i, e);
    return rc;
}
