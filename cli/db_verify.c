/* db_verify.c — `rta db verify`: is the store what its audit says, do the accounts close, does
 * every row belong somewhere? The questions are written here and use nothing but PostgreSQL's own
 * functions: a store whose functions were changed cannot talk its way out. Owns nothing. */
#include "db_parts.h"

#include "json.h"

#define SHOWN 20 /* faults of one check that are told */

/* What rta.audit_text writes, in words of our own. */
#define ENTRY                                                                                    \
    "encode(sha256(convert_to(jsonb_build_array(n, to_char(at AT TIME ZONE 'UTC',"               \
    " 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'), who, action, object, detail, prev)::text, 'UTF8'))," \
    " 'hex')"

/* A row is as the chain last recorded it; the last entry of each object. */
#define AS_RECORDED(table, key)                                                                  \
    "SELECT coalesce(a.object, '" table ":' || x." key "), CASE WHEN x." key                     \
    " IS NULL THEN 'is gone' WHEN a.object IS NULL THEN 'was never recorded'"                    \
    " ELSE 'is not as it was recorded' END"                                                      \
    " FROM rta." table " x FULL JOIN (SELECT DISTINCT ON (object) object, detail FROM rta.audit" \
    "  WHERE action IN ('" table ".insert', '" table ".update', '" table ".baseline')"           \
    "  ORDER BY object, n DESC) a ON a.object = '" table ":' || x." key " WHERE x." key          \
    " IS NULL OR a.object IS NULL OR NOT to_jsonb(x) @> a.detail"

/* A table of the configuration is as the last migration left it. */
#define CONFIG(table)                                                                    \
    "SELECT '" table "', 'was changed after the last migration' WHERE (SELECT"           \
    " coalesce(jsonb_agg(to_jsonb(x) ORDER BY to_jsonb(x)), '[]') FROM rta." table " x)" \
    " IS DISTINCT FROM (SELECT detail -> 'rows' FROM rta.audit WHERE action = 'config'"  \
    " AND object = '" table "' ORDER BY n DESC LIMIT 1)"

struct check {
    const char *name, *what;
    const char *needs; /* a table that may have been dropped; NULL: the chain's own, or none */
    const char *sql; /* gives place and fault, no row when all is well; @ is a structure's tables */
};

static const struct check checks[] = {
    {"chain", "every entry of the audit has its hash and follows the one before", NULL,
     "SELECT 'audit:' || n, CASE WHEN hash <> again THEN 'was changed'"
     " ELSE 'does not follow the entry before' END FROM (SELECT n, prev, hash, " ENTRY " AS again,"
     " lag(hash, 1, '') OVER w AS h, lag(n, 1, 0::bigint) OVER w AS m FROM rta.audit"
     " WINDOW w AS (ORDER BY n)) x WHERE hash <> again OR prev <> h OR n <> m + 1 ORDER BY n"},
    {"submissions", "every submission is as it was last recorded", NULL,
     AS_RECORDED("submission", "id")},
    {"decisions", "every decision is as it was recorded", "decision",
     AS_RECORDED("decision", "id")},
    {"deliveries", "every packet is as it was last recorded", "delivery",
     AS_RECORDED("delivery", "id")},
    {"packets", "the packets of a sender follow each other by number and hash", "delivery",
     "SELECT 'delivery:' || id, 'does not follow packet ' || s || ' of ' || sender FROM (SELECT id,"
     " sender, sequence, prev_hash, lag(sequence, 1, 0) OVER w AS s,"
     " lag(packet_sha256, 1, '') OVER w AS p FROM rta.delivery WHERE chained"
     " WINDOW w AS (PARTITION BY sender, key_id ORDER BY sequence)) x"
     " WHERE sequence <> s + 1 OR prev_hash <> p ORDER BY 1"},
    {"deletions", "every deletion of a packet is as it was recorded", "purge",
     AS_RECORDED("purge", "packet_sha256")},
    {"migrations", "every migration is as it was recorded", NULL, AS_RECORDED("migration", "n")},
    {"config", "who may send what, and the rules of approval, are those of the last migration",
     NULL, CONFIG("sender") " UNION ALL " CONFIG("policy")},
    {"guards", "the triggers that record and refuse are in force", NULL,
     "SELECT w.t, 'has no trigger ' || w.g || ' in force' FROM (VALUES ('audit', 'rta_frozen'),"
     " ('decision', 'rta_frozen'), ('decision', 'audit'), ('decision', 'decision_right'),"
     " ('submission', 'rta_frozen'), ('submission', 'audit'), ('migration', 'rta_frozen'),"
     " ('migration', 'audit'), ('delivery', 'rta_frozen'), ('delivery', 'audit'),"
     " ('purge', 'rta_frozen'), ('purge', 'audit')) w (t, g)"
     " WHERE NOT EXISTS (SELECT FROM pg_trigger g"
     " WHERE g.tgrelid = to_regclass('rta.' || w.t) AND g.tgname = w.g AND g.tgenabled = 'A')"},
    {"rights", "tables, views and functions let in whom they should", NULL,
     "SELECT c.relname, 'shows every row to everybody who may read it' FROM pg_class c"
     " WHERE c.relnamespace = 'rta'::regnamespace AND CASE c.relkind WHEN 'v' THEN"
     "  NOT coalesce(c.reloptions @> ARRAY['security_invoker=true'], false)"
     "  AND NOT (c.relname ~ '_(obs|hist)$' AND EXISTS (SELECT FROM pg_class f"
     "   WHERE f.relnamespace = c.relnamespace AND f.relkind = 'p'"
     "   AND f.relname = regexp_replace(c.relname, '_(obs|hist)$', '_far')))"
     "  ELSE c.relkind IN ('r', 'p') AND NOT c.relispartition AND NOT c.relrowsecurity AND "
     "(c.relname"
     "  IN ('submission', 'decision', 'finding', 'coverage', 'lineage', 'audit', 'delivery', "
     "'letter')"
     "  OR c.relname IN (SELECT tab || x FROM rta.structure, unnest(ARRAY['_series', '_wait',"
     "  '_waitrow', '_waitdel']) x)) END"
     " UNION ALL SELECT p.oid::regprocedure::text, 'runs with its owner''s rights in a path of "
     "others'"
     " FROM pg_proc p WHERE p.pronamespace = 'rta'::regnamespace AND p.prosecdef"
     " AND NOT coalesce(array_to_string(p.proconfig, ';') ~ 'search_path=(\"?rta\"?, )?pg_catalog',"
     " false) UNION ALL SELECT c.oid::regclass::text, 'is open to everybody' FROM pg_class c,"
     " aclexplode(c.relacl) a WHERE c.relnamespace = 'rta'::regnamespace AND a.grantee = 0"
     " UNION ALL SELECT p.oid::regprocedure::text, 'may be run by everybody' FROM pg_proc p"
     " WHERE p.pronamespace = 'rta'::regnamespace AND (p.proacl IS NULL OR EXISTS (SELECT"
     "  FROM aclexplode(p.proacl) a WHERE a.grantee = 0))"
     " UNION ALL SELECT 'default privileges', 'are given to everybody' FROM pg_default_acl d,"
     " aclexplode(d.defaclacl) a WHERE a.grantee = 0 ORDER BY 1"},
    {"rows", "the rows of every submission add up", NULL,
     "SELECT 'submission:' || id, format('%s rows came in, %s are accounted for', rows_in, rows_new"
     " + rows_revised + rows_unchanged + rows_superseded + rows_delete) FROM rta.submission"
     " WHERE rows_in <> rows_new + rows_revised + rows_unchanged + rows_superseded + rows_delete"
     " OR least(rows_new, rows_revised, rows_unchanged, rows_superseded, rows_delete, rows_deleted,"
     " rows_refused, over_sender) < 0 ORDER BY id"},
    {"versions", "versions have no gap, and their moments do not go back", NULL,
     "SELECT 'version:' || version, CASE WHEN version <> v + 1 THEN 'does not follow ' || v"
     " ELSE 'is earlier than the one before' END FROM (SELECT version, published_at,"
     " lag(version, 1, 0) OVER w AS v, lag(published_at) OVER w AS p FROM rta.submission"
     " WHERE version IS NOT NULL WINDOW w AS (ORDER BY version)) x"
     " WHERE version <> v + 1 OR published_at < p ORDER BY version"},
};

/* Once for each structure. wrote: versions of observations that a submission wrote; ended: those
 * that it ended. A submission whose rows wait has them in _wait alone. */
static const struct check structure_checks[] = {
    {"observations", "the observations are those that the submissions account for", NULL,
     "WITH seen AS (SELECT sub, sum(w)::bigint AS wrote, sum(e)::bigint AS ended FROM ("
     "  SELECT from_sub AS sub, count(*) AS w, 0 AS e FROM rta.@_obs GROUP BY 1"
     "  UNION ALL SELECT from_sub, count(*), 0 FROM rta.@_hist GROUP BY 1"
     "  UNION ALL SELECT to_sub, 0, count(*) FROM rta.@_hist GROUP BY 1) x GROUP BY sub)"
     " SELECT 'submission:' || coalesce(s.id, n.sub), CASE"
     " WHEN s.id IS NULL THEN 'has observations and is not there'"
     " WHEN s.version IS NULL OR NOT s.settled THEN 'has observations and is not published'"
     " WHEN s.rows_revised + s.rows_deleted <> coalesce(n.ended, 0) THEN"
     "  format('%s observations ended, %s accounted for', coalesce(n.ended, 0),"
     "   s.rows_revised + s.rows_deleted)"
     " ELSE format('%s observations written, %s accounted for', coalesce(n.wrote, 0),"
     "   s.rows_new + s.rows_revised) END"
     " FROM (SELECT * FROM rta.submission WHERE structure = $1) s FULL JOIN seen n ON n.sub = s.id"
     " WHERE s.id IS NULL OR CASE WHEN s.version IS NOT NULL AND s.settled THEN"
     "  s.rows_revised + s.rows_deleted <> coalesce(n.ended, 0) OR coalesce(n.wrote, 0) NOT BETWEEN"
     "  s.rows_new + s.rows_revised AND s.rows_new + s.rows_revised + s.rows_deleted"
     "  ELSE n.sub IS NOT NULL END ORDER BY 1"},
    {"waiting", "the waiting observations are those of submissions that wait", NULL,
     "SELECT 'submission:' || w.sub, CASE WHEN s.id IS NULL THEN 'has waiting rows and is not "
     "there'"
     " WHEN s.version IS NOT NULL AND s.settled THEN 'is settled and has waiting rows'"
     " ELSE format('%s rows wait, %s accounted for', w.n, s.rows_new + s.rows_revised"
     "  + s.rows_unchanged + s.rows_deleted) END"
     " FROM (SELECT from_sub AS sub, count(*) AS n FROM rta.@_wait GROUP BY 1) w"
     " LEFT JOIN rta.submission s ON s.id = w.sub AND s.structure = $1"
     " WHERE s.id IS NULL OR (NOT s.settled AND s.state NOT IN ('withdrawn', 'returned',"
     "  'superseded') AND w.n <> s.rows_new + s.rows_revised + s.rows_unchanged + s.rows_deleted)"
     " ORDER BY 1"},
    {"orphans", "every observation has its series, its lineage and its submissions", NULL,
     "SELECT format('%s:%s/%s', o.t, o.series_id, o.period), CASE WHEN k.series_id IS NULL THEN"
     " 'has no series' WHEN l.id IS NULL THEN 'has no lineage' ELSE 'ends before it begins' END"
     " FROM (SELECT '@_obs' AS t, series_id, period, lineage_id, from_sub, NULL AS to_sub"
     "   FROM rta.@_obs UNION ALL SELECT '@_hist', series_id, period, lineage_id, from_sub, to_sub"
     "   FROM rta.@_hist UNION ALL SELECT '@_wait', series_id, period, lineage_id, from_sub, NULL"
     "   FROM rta.@_wait) o LEFT JOIN rta.@_series k USING (series_id)"
     " LEFT JOIN rta.lineage l ON l.id = o.lineage_id LEFT JOIN rta.submission f ON f.id = from_sub"
     " LEFT JOIN rta.submission t ON t.id = o.to_sub WHERE $1::text <> ''"
     " AND (k.series_id IS NULL OR l.id IS NULL"
     " OR (o.to_sub IS NOT NULL AND NOT coalesce(t.version > f.version, false))) LIMIT 100"},
};

struct verdict {
    struct stage *st;
    struct db *db;
    struct json *list;
    struct buf text;
    int64_t faults;
    char place[160], fault[160]; /* the first one */
};

static void tell(struct verdict *v, const struct check *c, const char *structure,
                 const struct db_result *r)
{
    struct json *j = js_object(), *faults = js_array();
    size_t n = r ? db_rows(r) : 0;
    js_set(j, "check", js_text(c->name));
    if (structure)
        js_set(j, "structure", js_text(structure));
    js_set(j, "faults", js_int((int64_t)n));
    buf_fmt(&v->text, "%-7s %s%s%s\n", n ? "WRONG" : "ok", structure ? structure : "",
            structure ? ": " : "", c->what);
    for (size_t i = 0; i < n && i < SHOWN; i++) {
        char line[400];
        struct json *f = js_object();
        (void)snprintf(line, sizeof line, "%s %s", db_value(r, i, 0), db_value(r, i, 1));
        err_disarm(line);
        buf_fmt(&v->text, "        %s\n", line);
        js_set(f, "place", js_string(db_cell(r, i, 0)));
        js_set(f, "fault", js_string(db_cell(r, i, 1)));
        js_push(faults, f);
    }
    if (n > SHOWN)
        buf_fmt(&v->text, "        … %zu in all\n", n);
    if (n && v->faults == 0) {
        (void)snprintf(v->place, sizeof v->place, "%s", db_value(r, 0, 0));
        (void)snprintf(v->fault, sizeof v->fault, "%s", db_value(r, 0, 1));
    }
    js_set(j, "places", faults);
    js_push(v->list, j);
    v->faults += (int64_t)n;
}

static int ask(struct verdict *v, const struct check *c, const char *structure, const char *tab,
               struct err *e)
{
    struct db_result *r CLEANUP(db_result_freep) = NULL;
    const char *params[] = {structure}, *needs[] = {c->needs};
    struct buf sql;
    int rc = c->needs ? db_query(v->db, "look for a table",
                                 "SELECT 'table:' || $1, 'is not there'"
                                 " WHERE to_regclass('rta.' || $1) IS NULL",
                                 needs, 1, &r, e)
                      : 0;
    if (rc < 0)
        return rc;
    if (c->needs && db_rows(r)) {
        tell(v, c, structure, r);
        return 0;
    }
    db_result_freep(&r);
    buf_init(&sql, 65536);
    for (const char *p = c->sql; *p; p++)
        if (*p == '@' && tab)
            buf_text(&sql, tab);
        else
            buf_char(&sql, *p);
    rc = buf_ok(&sql, "a question", e);
    if (rc >= 0)
        rc = db_query(v->db, "verify the store", buf_z(&sql), params, structure ? 1 : 0, &r, e);
    buf_free(&sql);
    if (rc >= 0)
        tell(v, c, structure, r);
    return rc;
}

/* The names of a structure's tables stand in the SQL as they are: nothing but these. */
static bool plain(const char *tab)
{
    return *tab && tab[strspn(tab, "abcdefghijklmnopqrstuvwxyz0123456789_")] == '\0';
}

static int ask_structures(struct verdict *v, struct err *e)
{
    struct db_result *r CLEANUP(db_result_freep) = NULL;
    int rc = db_query(v->db, "read the structures", "SELECT id, tab FROM rta.structure ORDER BY id",
                      NULL, 0, &r, e);
    for (size_t i = 0; rc >= 0 && i < db_rows(r); i++) {
        if (!plain(db_value(r, i, 1)))
            return err_set(e, RC_DATA, "DB-102", "a structure with odd tables: %s",
                           db_value(r, i, 1));
        for (size_t k = 0; k < ARRAY_LEN(structure_checks) && rc >= 0; k++)
            rc = ask(v, &structure_checks[k], db_value(r, i, 0), db_value(r, i, 1), e);
    }
    return rc;
}

/* A hash that somebody wrote down stands in the chain. */
static int ask_anchor(struct verdict *v, const char *anchor, struct err *e)
{
    static const struct check c = {"anchor", "the hash that was written down is in the chain", NULL,
                                   NULL};
    struct db_result *r CLEANUP(db_result_freep) = NULL;
    const char *params[] = {anchor};
    int rc = db_query(v->db, "look for the anchor",
                      "SELECT 'anchor:' || $1, 'is not in the chain'"
                      " WHERE NOT EXISTS (SELECT FROM rta.audit WHERE hash = lower($1))",
                      params, 1, &r, e);
    if (rc >= 0)
        tell(v, &c, NULL, r);
    return rc;
}

static int answer(struct verdict *v, struct err *e)
{
    const struct db_options *o = v->st->options;
    struct db_result *r CLEANUP(db_result_freep) = NULL;
    int rc = db_query(v->db, "read the head of the audit",
                      "SELECT n, hash FROM rta.audit ORDER BY n DESC LIMIT 1", NULL, 0, &r, e);
    if (rc < 0)
        return rc;
    bool empty = db_rows(r) == 0;
    if (o->json) {
        struct json *j = js_object();
        js_set(j, "ok", js_bool(v->faults == 0));
        js_set(j, "entries", js_int(empty ? 0 : db_integer(r, 0, 0, 0)));
        js_set(j, "head", empty ? js_null() : js_string(db_cell(r, 0, 1)));
        js_set(j, "checks", js_share(v->list));
        buf_reset(&v->text);
        js_write(&v->text, j, true);
        buf_char(&v->text, '\n');
        js_free(j);
    } else if (!empty) {
        buf_fmt(&v->text, "\n%s entries; to prove later that none of them was replaced, keep\n%s\n",
                db_value(r, 0, 0), db_value(r, 0, 1));
    }
    out_str(&v->st->out, buf_view(&v->text));
    if (v->faults == 0)
        return 0;
    err_set(e, RC_DATA, "DB-103", "the store is not what it should be: %s (%lld faults)", v->fault,
            (long long)v->faults);
    (void)err_place(e, "%s", v->place);
    return err_hint(e, "somebody changed it by hand: compare with a backup");
}

/* One moment of the store, everything of it: whoever would see a part only is refused. */
#define BEGIN_ALL "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL row_security = off"

int db_verify(struct stage *st, struct err *e)
{
    const struct db_options *o = st->options;
    struct db *db CLEANUP(db_closep) = NULL;
    struct verdict v = {.st = st, .list = js_array()};
    buf_init(&v.text, (size_t)16 << 20);
    int rc = db_open(&db, NULL, "rta-db", e);
    v.db = db;
    if (rc >= 0)
        rc = db_script(db, "begin verifying", BEGIN_ALL, e);
    for (size_t i = 0; i < ARRAY_LEN(checks) && rc >= 0; i++)
        rc = ask(&v, &checks[i], NULL, NULL, e);
    if (rc >= 0)
        rc = ask_structures(&v, e);
    if (rc >= 0 && o->anchor)
        rc = ask_anchor(&v, o->anchor, e);
    if (rc >= 0)
        rc = answer(&v, e);
    buf_free(&v.text);
    js_free(v.list);
    return rc;
}
