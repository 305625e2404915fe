/* fetch.c — rta-fetch: files that others publish, into the spool folder, with a receipt each. Owns
 * nothing beyond the run. */
#include "fetch.h"

#include "mem.h"

static const struct opt fetch_opts[] = {
    {.name = "spool",
     .letter = 's',
     .kind = OPT_TEXT,
     .arg = "DIR",
     .offset = offsetof(struct fetch_options, spool),
     .help = "folder for the files and their receipts (default: spool under RTA_HOME)"},
    {.name = "print-url",
     .kind = OPT_FLAG,
     .offset = offsetof(struct fetch_options, print_url),
     .help = "print the address of each source and fetch nothing"},
    {.name = "force",
     .letter = 'f',
     .kind = OPT_FLAG,
     .offset = offsetof(struct fetch_options, force),
     .help = "fetch also what has not changed"},
    {.name = "retries",
     .kind = OPT_INT,
     .arg = "N",
     .min = 0,
     .max = 100,
     .offset = offsetof(struct fetch_options, retries),
     .help = "try again so many times when that may help (default: 5)"},
    {.name = "backoff-ms",
     .kind = OPT_INT,
     .arg = "MS",
     .min = 1,
     .max = 60000,
     .offset = offsetof(struct fetch_options, backoff_ms),
     .help = "wait so long before the second attempt, twice as long before each next one"
             " (default: 1000)"},
    {.name = "poll-ms",
     .kind = OPT_INT,
     .arg = "MS",
     .min = 1,
     .max = 600000,
     .offset = offsetof(struct fetch_options, poll_ms),
     .help = "ask so often whether an answer is ready that the server prepares (default: 10000)"},
    {.name = "check",
     .letter = 'c',
     .kind = OPT_FLAG,
     .offset = offsetof(struct fetch_options, check),
     .help = "fetch no data: print what changed in the structure and its code lists since the one"
             " that is kept, and end with 1 if anything did"},
    {.name = "accept",
     .kind = OPT_FLAG,
     .offset = offsetof(struct fetch_options, accept),
     .help = "with --check: keep the structure of now from here on"},
};

static const struct opt_example fetch_examples[] = {
    {"rta fetch eurostat-crim_off_cat eurostat-demo_pjan",
     "fetch two tables; what has not changed since the last time is not sent again"},
    {"rta fetch --check eurostat-crim_off_cat", "did a code list change, before data are loaded?"},
    {"rta fetch --print-url eurostat-demo_pjan", "print the address that would be asked"},
};

static const struct opt_program program = {
    .verb = "fetch",
    .group = "ingest",
    .summary = "fetch published files into the spool folder, with receipts",
    .arguments = "SOURCE...",
    .min_args = 1,
    .max_args = -1,
    .description =
        "A SOURCE is a file of config/sources: an address, or a query to Eurostat, an SDMX server "
        "or "
        "PxWeb, with limits of size and time. A file appears in the spool whole or not at all; "
        "beside it stands "
        "FILE.receipt.json with its address, SHA-256 and what the server said about its "
        "version.\n\n"
        "What has not changed is not sent again. Connection faults and the answers 408, 429, 500, "
        "502, 503 and 504 are tried again, not before the time that the server asks for; a "
        "transfer that broke off is taken up where it ended, also by a later run.\n\n"
        "What is too large for one answer is fetched in pieces, NAME-1, NAME-2 and so on; what the "
        "server prepares first is waited for, also by a later run.\n\n"
        "Exit codes: 0 fetched or unchanged, 65 what came is not what the source expects, 69 the "
        "server cannot be reached or has a fault, 75 it says to come back later, 77 it does not "
        "permit it, 78 the source file is at fault. With several sources all are tried, and the "
        "highest code is given.",
    .opts = fetch_opts,
    .nopts = ARRAY_LEN(fetch_opts),
    .examples = fetch_examples,
    .nexamples = ARRAY_LEN(fetch_examples),
};

static int fetch_one(struct stage *st, const struct fetch_options *o, const char *name,
                     struct err *e)
{
    struct conf *c = NULL;
    struct fetch_source s;
    int rc = stage_conf(st, &c, e);
    if (rc == 0)
        rc = fetch_source_read(c, name, stage_home(st), &s, e);
    if (rc < 0)
        return rc;
    if (o->check)
        return fetch_check(st, &s, o, e);
    if (!o->print_url)
        return fetch_run(st, &s, o, e);
    out_str(&st->out, str_of(s.address));
    out_str(&st->out, STR("\n"));
    return 0;
}

static int run(struct stage *st, struct err *e)
{
    struct fetch_options *o = st->options;
    struct buf spool;
    buf_init(&spool, 4096);
    buf_fmt(&spool, "%s/spool", stage_home(st));
    if (!o->spool)
        o->spool = buf_z(&spool);
    int rc = buf_ok(&spool, "the path of the spool", e);
    for (int i = 0; i < st->nargs && rc == 0; i++) {
        struct err now = {.rc = RC_OK};
        int got = fetch_one(st, o, st->args[i], &now);
        if (got == 0)
            continue;
        if (st->nargs == 1) {
            *e = now;
            rc = got;
            continue;
        }
        stage_error(st, &now); /* the others are tried all the same */
        stage_raise(st, (enum rc) - got);
    }
    buf_free(&spool);
    return rc;
}

int main(int argc, char **argv)
{
    struct fetch_options o = {.retries = 5, .backoff_ms = 1000, .poll_ms = 10000};
    return stage_main(&program, &o, run, argc, argv);
}
