/* db_grant.c — `rta db grant LOGIN ROLE`, `rta db revoke LOGIN ROLE`: who acts in which role, by
 * the private cluster's superuser or, on a server of one's own, by whoever may; written into the
 * audit either way. A login gets no password here: that is the server's administrator's. */
#include "db_parts.h"

static bool role_of_store(const char *role)
{
    static const char *const roles[] = {"rta_reader", "rta_analyst", "rta_coordinator",
                                        "rta_admin"};
    for (size_t i = 0; i < ARRAY_LEN(roles); i++)
        if (strcmp(role, roles[i]) == 0)
            return true;
    return strncmp(role, "rta_analyst_", 12) == 0 && role[12];
}

static int server(struct db **ret, struct err *e)
{
    struct buf dsn;
    bool ours = false;
    buf_init(&dsn, 65536);
    int rc = db_dsn(&dsn, &ours, e);
    buf_free(&dsn);
    if (rc < 0)
        return rc;
    return ours ? db_server_open(ret, db_server_superuser(), "rta", e)
                : db_open(ret, NULL, "rta-db", e);
}

/* "CREATE ROLE x LOGIN", "GRANT r TO x": names between words. */
static int run_named(struct db *db, const char *what, const char *const words[5], struct err *e)
{
    struct buf sql;
    buf_init(&sql, 8192);
    for (size_t i = 0; i < 5; i++)
        if (words[i] && i % 2 == 1)
            db_quote_name(db, &sql, words[i]);
        else if (words[i])
            buf_text(&sql, words[i]);
    int rc = buf_ok(&sql, "a statement", e);
    if (rc >= 0)
        rc = db_query(db, what, buf_z(&sql), NULL, 0, NULL, e);
    buf_free(&sql);
    return rc;
}

static int change(struct db *db, const char *login, const char *role, bool grant, struct err *e)
{
    struct db_result *r CLEANUP(db_result_freep) = NULL;
    const char *params[] = {login};
    const char *const make[5] = {"CREATE ROLE ", login, " LOGIN", NULL, NULL};
    const char *const give[5] = {grant ? "GRANT " : "REVOKE ", role, grant ? " TO " : " FROM ",
                                 login, NULL};
    int rc = db_query(db, "look for the login",
                      "SELECT rolcanlogin FROM pg_catalog.pg_roles WHERE rolname = $1", params, 1,
                      &r, e);
    if (rc >= 0 && db_rows(r) > 0 && *db_value(r, 0, 0) != 't')
        return err_set(e, RC_USAGE, "DB-115", "%s is no login", login);
    if (rc >= 0 && db_rows(r) == 0 && grant)
        rc = run_named(db, "make the login", make, e);
    return rc < 0 ? rc : run_named(db, grant ? "grant a role" : "revoke a role", give, e);
}

static int grant_or_revoke(struct stage *st, bool grant, struct err *e)
{
    struct db *db CLEANUP(db_closep) = NULL;
    if (st->nargs != 3 || !role_of_store(st->args[2])) {
        err_set(e, RC_USAGE, "DB-116", "%s takes a login and a role of the store",
                grant ? "grant" : "revoke");
        return err_hint(e, "rta_reader, rta_analyst_XX for partner XX, rta_coordinator, rta_admin");
    }
    const char *login = st->args[1], *role = st->args[2];
    const char *params[] = {grant ? "grant" : "revoke", role, login};
    int rc = server(&db, e);
    if (rc >= 0)
        rc = db_script(db, "begin", "BEGIN", e);
    if (rc >= 0)
        rc = change(db, login, role, grant, e);
    if (rc >= 0)
        rc = db_query(db, "write it into the audit",
                      "SELECT rta.audit_add($1, $2, jsonb_build_object('login', $3::text))", params,
                      3, NULL, e);
    if (rc >= 0)
        rc = db_script(db, "commit", "COMMIT", e);
    if (rc >= 0)
        stage_note(st, "%s %s %s", login, grant ? "acts as" : "no longer acts as", role);
    return rc;
}

int db_grant(struct stage *st, struct err *e) { return grant_or_revoke(st, true, e); }

int db_revoke(struct stage *st, struct err *e) { return grant_or_revoke(st, false, e); }
