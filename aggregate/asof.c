/* asof.c — see asof.h. Owns the manifest while it looks into it. */
#include "asof.h"

#include "hash.h"
#include "json.h"

/* A store was made at one moment, to the microsecond, and its copies keep it. */
int asof_store(struct db *db, struct arena *a, const char **ret, struct err *e)
{
    struct db_result *r CLEANUP(db_result_freep) = NULL;
    *ret = "";
    int rc = db_query(db, "read the store's number",
                      "SELECT left(md5(sha256 || ' ' || extract(epoch FROM applied_at)), 16)"
                      " FROM rta.migration WHERE n = 1",
                      NULL, 0, &r, e);
    if (rc >= 0 && db_rows(r) == 1)
        *ret = arena_text(a, db_cell(r, 0, 0));
    return rc;
}

static bool sealed(const struct json *m)
{
    char hex[SHA256_HEX];
    sha256_seal(m, hex);
    return str_is(js_str(js_get(m, "seal")), hex);
}

static int refuse(const char *path, const char *what, struct err *e)
{
    err_set(e, RC_DATA, "ASOF-002", "%s", what);
    (void)err_place(e, "%s", path);
    return err_hint(e, "build the edition again, or name the version itself: version:N");
}

static int look(const struct json *m, const char *path, const char *store, struct arena *a,
                const char **ret, struct err *e)
{
    const struct json *key = js_get(m, "key");
    struct str version = js_str(js_get(key, "store")), id = js_str(js_get(key, "store_id"));
    if (js_kind_of(m) != JS_OBJECT || js_kind_of(key) != JS_OBJECT)
        return refuse(path, "this is no manifest of an edition", e);
    if (!js_get(m, "seal"))
        return refuse(path, "the edition is older than sealed manifests", e);
    if (!sealed(m))
        return refuse(path, "the manifest was changed after the edition was built", e);
    if (!version.n || version.n > 9) {
        err_set(e, RC_DATA, "ASOF-003", "the edition was not built from a store");
        (void)err_place(e, "%s", path);
        return err_hint(e, "it was made of streams given with --data");
    }
    if (!id.n || !str_is(id, store)) {
        err_set(e, RC_DATA, "ASOF-004", "the edition was built from another store, %.*s",
                STR_ARG(id));
        (void)err_place(e, "%s", path);
        return err_hint(e, "this store is %s; `rta db dsn` says where it is", store);
    }
    *ret = arena_fmt(a, "version:%.*s", STR_ARG(version));
    return 0;
}

int asof_text(struct db *db, struct arena *a, const char *as_of, const char **ret, struct err *e)
{
    static const char word[] = "edition:";
    CLEANUP(js_freep) struct json *m = NULL;
    struct err why = {0};
    const char *store = "";
    *ret = as_of ? as_of : "";
    if (!as_of || strncmp(as_of, word, sizeof word - 1) != 0)
        return 0;
    const char *path = arena_fmt(a, "%s/manifest.json", as_of + sizeof word - 1);
    if (js_parse_file(&m, path, &why) < 0) {
        err_set(e, RC_DATA, "ASOF-001", "cannot read the edition's manifest: %s", why.text);
        (void)err_place(e, "%s", why.place[0] ? why.place : path);
        return err_hint(e, "name the folder that holds manifest.json");
    }
    int rc = asof_store(db, a, &store, e);
    return rc < 0 ? rc : look(m, path, store, a, ret, e);
}

int asof_version(struct db *db, struct arena *a, const char *as_of, int64_t *ret, int64_t *ret_now,
                 struct err *e)
{
    struct db_result *r CLEANUP(db_result_freep) = NULL;
    const char *text = NULL;
    int rc = asof_text(db, a, as_of, &text, e);
    if (rc < 0)
        return rc;
    const char *params[] = {text};
    rc = db_query(db, "find the version", "SELECT rta.version_of($1), rta.version_of('')", params,
                  1, &r, e);
    if (rc < 0)
        return rc;
    *ret = db_integer(r, 0, 0, 0);
    if (ret_now)
        *ret_now = db_integer(r, 0, 1, 0);
    return 0;
}
