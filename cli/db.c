/* db.c — `rta db`: the store's server, its schema and its state. With RTA_DSN or PG* variables it
 * looks after the user's own server; without, after a private cluster. Owns nothing. */
#include "db_parts.h"

static const struct opt db_opts[] = {
    {.name = "fast",
     .kind = OPT_FLAG,
     .offset = offsetof(struct db_options, fast),
     .help = "start: do not wait for the disk; for tests, a crash may lose everything"},
    {.name = "json",
     .kind = OPT_FLAG,
     .offset = offsetof(struct db_options, json),
     .help = "status, health, audit, verify: as JSON"},
    {.name = "yes",
     .kind = OPT_FLAG,
     .offset = offsetof(struct db_options, yes),
     .help = "drop: really remove the private cluster with everything in it"},
    {.name = "verify",
     .kind = OPT_FLAG,
     .offset = offsetof(struct db_options, verify),
     .help = "restore: into a private cluster of its own, and compare"},
    {.name = "into",
     .kind = OPT_FLAG,
     .offset = offsetof(struct db_options, into),
     .help = "restore: into the database in use, which must have no store"},
    {.name = "take",
     .kind = OPT_TEXT,
     .arg = "LOGFILE",
     .offset = offsetof(struct db_options, take),
     .help = "audit: first take the refusals from this JSON log of the server (default: the "
             "private database's own)"},
    {.name = "dry-run",
     .kind = OPT_FLAG,
     .offset = offsetof(struct db_options, dry_run),
     .help = "retain: only show what is due"},
    {.name = "distributed",
     .kind = OPT_TEXT,
     .arg = "FILE",
     .offset = offsetof(struct db_options, distributed),
     .help = "init: lay the observations out over the servers of this table (name,host,dbname and "
             "port,user,passfile,sslmode)"},
    {.name = "anchor",
     .kind = OPT_TEXT,
     .arg = "HASH",
     .offset = offsetof(struct db_options, anchor),
     .help = "verify: the chain must hold this hash, which was written down earlier"},
};

static const struct opt_example db_examples[] = {
    {"rta db start && rta db migrate", "a private database, ready for rta load"},
    {"RTA_DSN='host=pg.example dbname=rta' rta db init", "the store on a server of your own"},
    {"rta db start && rta db init --distributed=workers.csv", "a store over several servers"},
    {"rta db backup /mnt/store-1 && rta db restore /mnt/store-1 --verify", "a proved backup"},
    {"rta db psql -- -c 'select * from rta.receipt'", "SQL"},
};

static const struct opt_program program = {
    .verb = "db",
    .group = "cli",
    .summary = "start, migrate and look at the database",
    .arguments = "COMMAND [ARGUMENT...]",
    .min_args = 1,
    .max_args = -1,
    .description =
        "  start    start the private database, making it when there is none\n"
        "  stop     stop it\n"
        "  init     make the database that RTA_DSN names, and migrate it\n"
        "  migrate  bring the schema, the structures and the code lists up to date\n"
        "  status   versions, submissions, observations and sizes\n"
        "  health   room, age and care of the store, with advice (1 when there is any)\n"
        "  backup   write the store into a new folder, with a manifest\n"
        "  restore  prove such a backup (--verify), or bring it back (--into)\n"
        "  audit    take what the server refused into the audit, and list the audit\n"
        "  verify   prove that the audit is whole, that every submission's accounts\n"
        "           close, and that no row is without its origin (65 when not)\n"
        "  grant    LOGIN ROLE: let a login act in a role of the store (or revoke)\n"
        "  retain   DIR: delete raw packets of the desk whose time has come\n"
        "  psql     run psql on the store; its arguments follow --\n"
        "  dsn      print the connection string in use\n"
        "  drop     stop the private database and remove it (needs --yes)\n\n"
        "The server is the one that RTA_DSN names, else that of the PG* variables, else a private "
        "one in RTA_HOME: a Unix socket that only its user and root can reach, no network port.",
    .opts = db_opts,
    .nopts = ARRAY_LEN(db_opts),
    .examples = db_examples,
    .nexamples = ARRAY_LEN(db_examples),
};

static int run(struct stage *st, struct err *e)
{
    static const struct {
        const char *word;
        int (*run)(struct stage *st, struct err *e);
        bool more; /* takes further arguments */
    } commands[] = {
        {"start", db_start, false},     {"stop", db_stop, false},     {"init", db_init, false},
        {"migrate", db_migrate, false}, {"status", db_status, false}, {"psql", db_psql, true},
        {"audit", db_audit, false},     {"verify", db_verify, false}, {"dsn", db_show_dsn, false},
        {"drop", db_drop, false},       {"backup", db_backup, true},  {"restore", db_restore, true},
        {"health", db_health, false},   {"grant", db_grant, true},    {"revoke", db_revoke, true},
        {"retain", db_retain, true},
    };
    for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
        if (strcmp(commands[i].word, st->args[0]) != 0)
            continue;
        if (st->nargs > 1 && !commands[i].more)
            return err_set(e, RC_USAGE, "DB-020", "%s takes no argument: %s", st->args[0],
                           st->args[1]);
        const struct db_options *o = st->options;
        if (o->distributed && strcmp(st->args[0], "init") != 0)
            return err_set(e, RC_USAGE, "DB-125", "--distributed is for init alone");
        return commands[i].run(st, e);
    }
    err_set(e, RC_USAGE, "DB-021", "no such command: %s", st->args[0]);
    return err_hint(
        e, "start, stop, init, migrate, status, health, backup, restore, audit, verify, grant,"
           " revoke, retain, psql, dsn or drop");
}

int main(int argc, char **argv)
{
    struct db_options o = {.fast = false};
    return stage_main(&program, &o, run, argc, argv);
}
