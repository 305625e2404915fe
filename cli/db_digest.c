/* db_digest.c — see db_digest.h. A digest is the sum of two 64-bit hashes of every row's text: rows
 * can come in any order, and what a version held is what it got less what ended before it, so that
 * all versions of a structure take one look at its tables. */
#include "db_digest.h"

#include "bounds.h"
#include "buf.h"
#include "hash.h"

#define ROW_HASH(text, sign)                                                  \
    "sum(" sign "hashtextextended(" text ", 0)::numeric) || ':' || sum(" sign \
    "hashtextextended(" text ", 1)::numeric)"
#define OBS_TEXT(o)                                                                            \
    "ROW(" o ".series_id, " o ".period, " o ".lineage_id, " o ".from_sub, " o ".value, " o     \
    ".obs_status, " o ".conf_status, " o ".comment, " o ".nature, " o ".src, " o ".src_value)" \
    "::text"

int db_store_id(struct db *db, char ret[DB_STORE_ID], struct err *e)
{
    struct db_result *r CLEANUP(db_result_freep) = NULL;
    int rc = db_query(db, "read the store's number",
                      "SELECT left(md5(sha256 || ' ' || extract(epoch FROM applied_at)), 16)"
                      " FROM rta.migration WHERE n = 1",
                      NULL, 0, &r, e);
    (void)snprintf(ret, DB_STORE_ID, "%s", rc >= 0 && db_rows(r) ? db_value(r, 0, 0) : "");
    return rc;
}

static int head(struct db *db, struct json *j, struct err *e)
{
    struct db_result *r CLEANUP(db_result_freep) = NULL;
    char id[DB_STORE_ID];
    int rc = db_query(db, "read the state of the store",
                      "SELECT (SELECT coalesce(max(version), 0) FROM rta.submission),"
                      " (SELECT count(*) FROM rta.migration)",
                      NULL, 0, &r, e);
    if (rc >= 0)
        rc = db_store_id(db, id, e);
    if (rc < 0)
        return rc;
    js_set(j, "store_id", js_text(id));
    js_set(j, "version", js_int(db_integer(r, 0, 0, 0)));
    js_set(j, "migrations", js_int(db_integer(r, 0, 1, 0)));
    return 0;
}

static struct json *counted(const struct db_result *r, size_t row, const char *name)
{
    struct json *j = js_object();
    js_set(j, "name", js_text(name));
    js_set(j, "rows", js_int(db_integer(r, row, 0, 0)));
    js_set(j, "digest", js_string(db_cell(r, row, 1)));
    return j;
}

static int tables(struct db *db, struct json *ret, struct err *e)
{
    struct db_result *names CLEANUP(db_result_freep) = NULL;
    int rc = db_query(db, "list the tables",
                      "SELECT relname FROM pg_class WHERE relnamespace = 'rta'::regnamespace AND"
                      " relkind = 'r' ORDER BY relname COLLATE \"C\"",
                      NULL, 0, &names, e);
    for (size_t i = 0; rc >= 0 && i < db_rows(names); i++) {
        struct db_result *r CLEANUP(db_result_freep) = NULL;
        struct buf sql CLEANUP(buf_free) = {.max = 4096};
        buf_text(&sql, "SELECT count(*), coalesce(" ROW_HASH("t::text", "") ", '0:0') FROM rta.");
        db_quote_name(db, &sql, db_value(names, i, 0));
        buf_text(&sql, " t");
        rc = db_query(db, "count a table", buf_z(&sql), NULL, 0, &r, e);
        if (rc >= 0)
            js_push(ret, counted(r, 0, db_value(names, i, 0)));
    }
    return rc;
}

static void arm(struct buf *sql, const char *tab, const char *which, const char *at,
                const char *sign)
{
    buf_fmt(sql,
            "SELECT f.version AS v, %s AS s, " OBS_TEXT("o") " AS t FROM rta.\"%s_%s\" o JOIN"
                                                             " rta.submission f ON f.id = o.%s",
            sign, tab, which, at);
}

/* Every version in which the structure changed. */
static int versions(struct db *db, const char *id, const char *tab, struct json *ret, struct err *e)
{
    struct db_result *r CLEANUP(db_result_freep) = NULL, *now CLEANUP(db_result_freep) = NULL;
    struct buf sql CLEANUP(buf_free) = {.max = 1 << 16};
    const char *params[] = {id};
    buf_text(&sql, "SELECT sum(n) OVER w, sum(a) OVER w || ':' || sum(b) OVER w, v FROM (SELECT v,"
                   " sum(s) AS n, sum(s * hashtextextended(t, 0)::numeric) AS a,"
                   " sum(s * hashtextextended(t, 1)::numeric) AS b FROM (");
    arm(&sql, tab, "obs", "from_sub", "1");
    buf_text(&sql, " UNION ALL ");
    arm(&sql, tab, "hist", "from_sub", "1");
    buf_text(&sql, " UNION ALL ");
    arm(&sql, tab, "hist", "to_sub", "-1");
    buf_text(&sql, ") q GROUP BY v) g WINDOW w AS (ORDER BY v) ORDER BY v");
    int rc = db_query(db, "sum up every version", buf_z(&sql), NULL, 0, &r, e);
    for (size_t i = 0; rc >= 0 && i < db_rows(r); i++) {
        struct json *j = counted(r, i, id);
        js_set(j, "version", js_int(db_integer(r, i, 2, 0)));
        js_push(ret, j);
    }
    /* and what a reader is given now, by the way that he asks */
    if (rc >= 0)
        rc = db_query(
            db, "sum up the latest version",
            "SELECT count(*), coalesce(" ROW_HASH(
                OBS_TEXT("o"), "") ", '0:0'),"
                                   " rta.version_of('') FROM rta.as_of($1, rta.version_of('')) o",
            params, 1, &now, e);
    if (rc < 0)
        return rc;
    struct json *j = counted(now, 0, id);
    js_set(j, "version", js_text("now"));
    js_push(ret, j);
    return 0;
}

static int structures(struct db *db, struct json *ret, struct err *e)
{
    struct db_result *r CLEANUP(db_result_freep) = NULL;
    int rc = db_query(db, "list the structures", "SELECT id, tab FROM rta.structure ORDER BY id",
                      NULL, 0, &r, e);
    for (size_t i = 0; rc >= 0 && i < db_rows(r); i++)
        rc = versions(db, db_value(r, i, 0), db_value(r, i, 1), ret, e);
    return rc;
}

static int sequences(struct db *db, struct json *ret, struct err *e)
{
    struct db_result *r CLEANUP(db_result_freep) = NULL;
    int rc = db_query(db, "read the sequences",
                      "SELECT coalesce(last_value, 0), sequencename FROM pg_sequences WHERE"
                      " schemaname = 'rta' ORDER BY sequencename COLLATE \"C\"",
                      NULL, 0, &r, e);
    for (size_t i = 0; rc >= 0 && i < db_rows(r); i++) {
        struct json *j = js_object();
        js_set(j, "name", js_string(db_cell(r, i, 1)));
        js_set(j, "last", js_int(db_integer(r, i, 0, 0)));
        js_push(ret, j);
    }
    return rc;
}

int db_digest(struct db *db, struct json **ret, struct err *e)
{
    struct json *j = js_object(), *t = js_array(), *a = js_array(), *s = js_array();
    int rc = head(db, j, e);
    js_set(j, "tables", t);
    js_set(j, "as_of", a);
    js_set(j, "sequences", s);
    if (rc >= 0)
        rc = tables(db, t, e);
    if (rc >= 0)
        rc = structures(db, a, e);
    if (rc >= 0)
        rc = sequences(db, s, e);
    if (rc < 0)
        js_free(j);
    else
        *ret = j;
    return rc;
}

/* ---- comparing ---- */

static const struct json *like(const struct json *list, const struct json *item)
{
    for (size_t i = 0; i < js_count(list); i++) {
        const struct json *j = js_at(list, i);
        if (str_eq(js_str(js_get(j, "name")), js_str(js_get(item, "name"))) &&
            str_eq(js_str(js_get(j, "version")), js_str(js_get(item, "version"))))
            return j;
    }
    return NULL;
}

static size_t say(struct json *ret, const struct json *item, const char *what, struct str a,
                  struct str b)
{
    struct buf t CLEANUP(buf_free) = {.max = 1 << 12};
    buf_str(&t, item ? js_str(js_get(item, "name")) : STR("store"));
    if (js_get(item, "version")) {
        buf_text(&t, " as of ");
        buf_str(&t, js_str(js_get(item, "version")));
    }
    buf_fmt(&t, ": %s: %.*s recorded, %.*s found", what, STR_ARG(a), STR_ARG(b));
    js_push(ret, js_string(buf_view(&t)));
    return 1;
}

static size_t compare_list(const struct json *recorded, const struct json *found, struct json *ret)
{
    size_t n = 0;
    for (size_t i = 0; i < js_count(recorded); i++) {
        const struct json *a = js_at(recorded, i), *b = like(found, a);
        struct str rows = js_str(js_get(a, "rows")), digest = js_str(js_get(a, "digest"));
        if (!b)
            n += say(ret, a, "rows", rows, STR("nothing"));
        else if (!str_eq(rows, js_str(js_get(b, "rows"))))
            n += say(ret, a, "rows", rows, js_str(js_get(b, "rows")));
        else if (!str_eq(digest, js_str(js_get(b, "digest"))))
            n += say(ret, a, "digest", digest, js_str(js_get(b, "digest")));
    }
    for (size_t i = 0; i < js_count(found); i++)
        if (!like(recorded, js_at(found, i)))
            n += say(ret, js_at(found, i), "rows", STR("nothing"),
                     js_str(js_get(js_at(found, i), "rows")));
    return n;
}

size_t db_digest_compare(const struct json *recorded, const struct json *found, struct json *ret)
{
    static const char *const heads[] = {"store_id", "version", "migrations"};
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(heads); i++) {
        struct str a = js_str(js_get(recorded, heads[i])), b = js_str(js_get(found, heads[i]));
        if (!str_eq(a, b))
            n += say(ret, NULL, heads[i], a, b);
    }
    n += compare_list(js_get(recorded, "tables"), js_get(found, "tables"), ret);
    n += compare_list(js_get(recorded, "as_of"), js_get(found, "as_of"), ret);
    const struct json *s = js_get(recorded, "sequences");
    for (size_t i = 0; i < js_count(s); i++) {
        const struct json *a = js_at(s, i), *b = like(js_get(found, "sequences"), a);
        if (!b || js_integer(js_get(b, "last"), -1) < js_integer(js_get(a, "last"), 0))
            n += say(ret, a, "last number", js_str(js_get(a, "last")), js_str(js_get(b, "last")));
    }
    return n;
}
