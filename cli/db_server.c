/* db_server.c — what only the private cluster's own superuser may do: let people in by name, make
 * the login `rta` (which owns the database and is nothing more), make the roles of the store, and
 * bring a cluster of before, whose `rta` was the superuser, to this. No other program ever logs in
 * as the superuser. Owns nothing. */
#include "db_parts.h"

#include "region.h"

#define SUPERUSER "rta_server"
#define UPGRADER "rta_upgrade"

/* The superuser is let in as himself by the operating system alone. Everybody else is whoever he
 * says: to the socket's folder come its owner and root only, and both could read the files. */
#define HBA                                                              \
    "# Written by rta db start. The lock is the socket's folder: only\n" \
    "# its owner and root come in, by the name of any role.\n"           \
    "local all " SUPERUSER " peer map=rta_server\n"                      \
    "local replication all reject\n"                                     \
    "local all all trust\n"

const char *db_server_superuser(void) { return SUPERUSER; }

void db_server_files(struct buf *hba, struct buf *ident, const char *user)
{
    buf_text(hba, HBA);
    buf_text(ident, "# Written by rta db start.\n");
    buf_fmt(ident, "rta_server \"%s\" " SUPERUSER "\nrta_server root " SUPERUSER "\n", user);
}

int db_server_open(struct db **ret, const char *user, const char *database, struct err *e)
{
    struct buf dsn;
    bool ours = false;
    buf_init(&dsn, 65536);
    int rc = db_dsn(&dsn, &ours, e);
    if (rc >= 0 && !ours)
        rc = err_set(e, RC_BUG, "DB-100", "the private database is not the one in use");
    /* of a keyword given twice the last one counts */
    buf_fmt(&dsn, " user=%s dbname=%s", user, database);
    if (rc >= 0 && (rc = buf_ok(&dsn, "the connection string", e)) >= 0)
        rc = db_open(ret, buf_z(&dsn), "rta-db", e);
    buf_free(&dsn);
    return rc;
}

/* ---- a cluster of before ---- */

/* initdb's own role cannot stop being a superuser and cannot give away what it owns: it takes its
 * new name, and a new `rta` gets every object of the schema. */
#define UPGRADE                                                                                    \
    "BEGIN; ALTER ROLE rta RENAME TO " SUPERUSER "; CREATE ROLE rta LOGIN CREATEDB;"               \
    " DO $$ DECLARE o record; BEGIN"                                                               \
    "  EXECUTE format('ALTER DATABASE %I OWNER TO rta', current_database());"                      \
    "  FOR o IN SELECT 'SCHEMA rta' AS what WHERE to_regnamespace('rta') IS NOT NULL"              \
    "   UNION ALL SELECT format('%s rta.%I', CASE c.relkind WHEN 'v' THEN 'VIEW'"                  \
    "     WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, c.relname) FROM pg_class c"                   \
    "     WHERE c.relnamespace = to_regnamespace('rta') AND c.relkind IN ('r', 'p', 'v', 'S')"     \
    "     AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid"                         \
    "       AND d.classid = 'pg_class'::regclass AND d.deptype IN ('a', 'i') AND c.relkind = 'S')" \
    "   UNION ALL SELECT format('ROUTINE %s', p.oid::regprocedure) FROM pg_proc p"                 \
    "     WHERE p.pronamespace = to_regnamespace('rta')"                                           \
    "  LOOP EXECUTE 'ALTER ' || o.what || ' OWNER TO rta'; END LOOP; END $$; COMMIT"

static int upgrade_in(const char *database, struct err *e)
{
    struct db *db CLEANUP(db_closep) = NULL;
    int rc = db_server_open(&db, UPGRADER, database, e);
    return rc < 0 ? rc : db_script(db, "take the superuser's rights from rta", UPGRADE, e);
}

static int upgrade(struct stage *st, struct err *e)
{
    struct db *db CLEANUP(db_closep) = NULL;
    struct db_result *there CLEANUP(db_result_freep) = NULL;
    int rc = db_server_open(&db, "rta", "postgres", e);
    if (rc >= 0)
        rc = db_script(db, "prepare to take the superuser's rights from rta",
                       "DO $$ BEGIN IF to_regrole('" UPGRADER "') IS NULL THEN"
                       " CREATE ROLE " UPGRADER " SUPERUSER LOGIN; END IF; END $$",
                       e);
    if (rc >= 0)
        rc = db_query(db, "look for the database",
                      "SELECT datname FROM pg_database WHERE datname = 'rta'", NULL, 0, &there, e);
    if (rc >= 0)
        rc = upgrade_in(db_rows(there) ? "rta" : "postgres", e);
    if (rc >= 0)
        stage_note(st, "rta is no superuser of the private database any more");
    return rc;
}

#define PREPARE                                                                     \
    "DO $$ BEGIN IF to_regrole('rta') IS NULL THEN CREATE ROLE rta LOGIN CREATEDB;" \
    " END IF; END $$; DROP ROLE IF EXISTS " UPGRADER ";"                            \
    " REVOKE CREATE, TEMPORARY ON DATABASE postgres FROM PUBLIC"

int db_server_prepare(struct stage *st, struct err *e)
{
    struct db *db CLEANUP(db_closep) = NULL;
    struct err why = {0};
    int rc = db_server_open(&db, SUPERUSER, "postgres", &why);
    if (rc < 0 && why.rc == RC_DENIED && strstr(why.text, "does not exist")) {
        if ((rc = upgrade(st, e)) < 0)
            return rc;
        rc = db_server_open(&db, SUPERUSER, "postgres", e);
    } else if (rc < 0 && e) {
        *e = why;
    }
    return rc < 0 ? rc : db_script(db, "make the login rta", PREPARE, e);
}

/* ---- the roles of the store ---- */

/* rta_admin does not inherit what the owner may: its members say SET ROLE rta for it. */
#define ROLES                                                                                     \
    "DO $$ DECLARE r text; BEGIN"                                                                 \
    " FOREACH r IN ARRAY ARRAY['rta_reader', 'rta_analyst', 'rta_coordinator', 'rta_admin'] LOOP" \
    "  IF to_regrole(r) IS NULL THEN BEGIN EXECUTE format('CREATE ROLE %I NOLOGIN', r);"          \
    "   EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END; END IF;"              \
    " END LOOP; END $$"

/* What a role of a partner is called: rta_analyst_al for AL. */
static void analyst_of(char ret[80], const char *code)
{
    size_t n = (size_t)snprintf(ret, 80, "rta_analyst_");
    for (; *code && n < 79; code++)
        ret[n++] = (char)(*code >= 'A' && *code <= 'Z' ? *code + ('a' - 'A') : *code);
    ret[n] = '\0';
}

static int make_role(struct db *db, const char *role, struct err *e)
{
    struct buf sql;
    buf_init(&sql, 65536);
    buf_text(&sql, "CREATE ROLE ");
    db_quote_name(db, &sql, role);
    buf_text(&sql, " NOLOGIN IN ROLE rta_analyst");
    int rc = buf_ok(&sql, "a role", e);
    if (rc >= 0)
        rc = db_query(db, "make a role", buf_z(&sql), NULL, 0, NULL, e);
    buf_free(&sql);
    return rc;
}

static int missing(struct db *db, const char *role, bool *ret, struct err *e)
{
    struct db_result *r CLEANUP(db_result_freep) = NULL;
    const char *params[] = {role};
    int rc = db_query(db, "look for a role", "SELECT 1 FROM pg_catalog.pg_roles WHERE rolname = $1",
                      params, 1, &r, e);
    *ret = rc >= 0 && db_rows(r) == 0;
    return rc;
}

static int make_all(struct stage *st, struct db *db, const struct region *region, bool may,
                    struct err *e)
{
    int rc = may ? db_script(db, "make the roles", ROLES, e) : 0;
    for (size_t i = 0; i < region->npartners && rc >= 0; i++) {
        char role[80];
        bool lacks = false;
        analyst_of(role, region->partners[i].code);
        if ((rc = missing(db, role, &lacks, e)) < 0 || !lacks)
            continue;
        if (may)
            rc = make_role(db, role, e);
        else
            stage_note(st, "there is no role %s, and %s", role,
                       "this login may not make one: see docs/deploy/roles.md");
    }
    return rc;
}

static int may_make(struct db *db, bool *ret, struct err *e)
{
    struct db_result *r CLEANUP(db_result_freep) = NULL;
    int rc = db_query(db, "ask what this login may do",
                      "SELECT 1 FROM pg_catalog.pg_roles WHERE rolname = current_user"
                      " AND (rolsuper OR rolcreaterole)",
                      NULL, 0, &r, e);
    *ret = rc >= 0 && db_rows(r) > 0;
    return rc;
}

int db_server_roles(struct stage *st, struct err *e)
{
    struct db *db CLEANUP(db_closep) = NULL;
    struct buf dsn;
    struct conf *c = NULL;
    const struct region *region = NULL;
    bool ours = false, may = true;
    int rc = stage_conf(st, &c, e);
    if (rc < 0 || (rc = region_load(c, &region, e)) < 0)
        return rc;
    buf_init(&dsn, 65536);
    rc = db_dsn(&dsn, &ours, e);
    buf_free(&dsn);
    if (rc < 0)
        return rc;
    if (ours)
        rc = (rc = db_server_prepare(st, e)) < 0 ? rc
                                                 : db_server_open(&db, SUPERUSER, "postgres", e);
    else if ((rc = db_open(&db, NULL, "rta-db", e)) >= 0)
        rc = may_make(db, &may, e);
    if (rc >= 0)
        rc = make_all(st, db, region, may, e);
    if (rc >= 0 && ours)
        rc = db_script(db, "let administrators act for rta",
                       "ALTER ROLE rta_admin NOINHERIT; GRANT rta TO rta_admin", e);
    return rc;
}
