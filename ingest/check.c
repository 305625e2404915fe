/* check.c — rta check: does a delivery hold what a delivery must hold? The rows go on as they are
 * or not at all; nothing is corrected. Owns the checker, the spool and the names of the columns. */
#include "check_run.h"

struct check_options {
    const char *findings, *quarantine;
    bool keep_going, unsealed;
};

static const struct opt opts[] = {
    {"findings", 'f', OPT_TEXT, offsetof(struct check_options, findings), "FILE",
     "write all findings to FILE.csv or FILE.ndjson", NULL, 0, 0, false},
    {"keep-going", 'k', OPT_FLAG, offsetof(struct check_options, keep_going), NULL,
     "pass on, sealed, the rows without an error (default: an error withholds the seal)", NULL, 0,
     0, false},
    {"quarantine", 'Q', OPT_TEXT, offsetof(struct check_options, quarantine), "FILE",
     "write the refused rows to FILE (SDMX-CSV), each with its rules", NULL, 0, 0, false},
    {"unsealed", 'u', OPT_FLAG, offsetof(struct check_options, unsealed), NULL,
     "accept a stream without a seal, from a foreign tool", NULL, 0, 0, false},
};

static const struct opt_example examples[] = {
    {"rta read --profile al-police AL.csv | rta map | rta check | rta load", "a delivery"},
    {"rta check --findings AL.csv < mapped.csv > checked.csv", "all findings, for a spreadsheet"},
    {"rta check -k --quarantine refused.csv < mapped.csv > good.csv", "take what is good"},
};

static const struct opt_program program = {
    "check",
    "ingest",
    "check a delivery and pass it on when it holds",
    "",
    0,
    0,
    "Reads a sealed stream in one of our structures from standard input and writes the same "
    "stream. "
    "What is wrong is told on standard error, all of it in one run, each with its place in the "
    "sender's file, the reason and the fix.\n\n"
    "An error must be corrected: the seal is withheld, nothing can be loaded, exit 65; with "
    "--keep-going the other rows are passed on (exit 1). Of a comparison that fails, every row "
    "that "
    "takes part is refused, because none is known to be the right one. A warning waits for an "
    "answer: the rows pass, exit 1. Information asks for nothing.\n\n"
    "Checked for every row: structure, codes and their validity, period and frequency, value, "
    "flags, sender and area, embargo; and repeated rows. Content rules (parts and wholes, jumps, "
    "rates beside counts) are in config/rules; figures from an outside publisher may have a milder "
    "level there. docs/contracts/findings.md explains every finding.",
    opts,
    ARRAY_LEN(opts),
    examples,
    ARRAY_LEN(examples)};

struct run {
    struct checker c;
    struct spool *spool;
    struct sdmx_writer *pass;
    const char **columns; /* as they stand in a header */
    size_t ncolumns;
    const struct check_options *o;
};

/* The header again: [] where several values may stand. */
static void name_columns(struct run *r, struct stage *st, const struct sdmx_reader *in)
{
    static const char *const many[] = {"OBS_STATUS", "SRC", "SRC_KEY", "SRC_VALUE"};
    r->ncolumns = sdmx_columns(in);
    r->columns = arena_array(&st->conf.arena, r->ncolumns + 1, sizeof *r->columns);
    for (size_t i = 0; i < r->ncolumns; i++) {
        const char *name = sdmx_column(in, i);
        r->columns[i] = name;
        if (strcmp(name, "STRUCTURE") == 0)
            r->columns[i] = "STRUCTURE[;]";
        for (size_t k = 0; k < ARRAY_LEN(many); k++)
            if (strcmp(name, many[k]) == 0)
                r->columns[i] = arena_fmt(&st->conf.arena, "%s[]", name);
    }
}

/* The header alone tells no structure, so this waits for the first row. */
static int begin(struct run *r, struct stage *st, const struct sdmx_reader *in, struct err *e)
{
    r->c.st = st;
    int rc = stage_conf(st, &r->c.conf, e);
    if (rc == 0)
        rc = checker_start(&r->c, in, e);
    if (rc < 0)
        return rc;
    r->c.keep_refusals = r->o->quarantine != NULL;
    if (r->o->keep_going || r->o->quarantine)
        return spool_open(&r->spool, r->columns, r->ncolumns, e);
    return 0;
}

static int copy(struct run *r, struct stage *st, struct sdmx_reader *in, struct err *e)
{
    struct sdmx_row row;
    int rc = stage_conf(st, &r->c.conf, e);
    if (rc < 0)
        return rc;
    name_columns(r, st, in);
    r->pass = sdmx_create(&st->out, r->columns, r->ncolumns);
    while ((rc = sdmx_next(in, &row, e)) > 0) {
        if (st->totals.in++ == 0)
            rc = begin(r, st, in, e);
        else if (st->totals.in >= UINT32_MAX)
            rc = err_set(e, RC_DATA, "CHECK-050", "more than %u rows in one delivery", UINT32_MAX);
        if (rc >= 0)
            rc = checker_row(&r->c, in, &row, e);
        if (rc < 0)
            return rc;
        if (r->spool)
            sdmx_pass(spool_writer(r->spool), in, &row);
        else if (!checker_refused(&r->c, r->c.record))
            sdmx_pass(r->pass, in, &row);
    }
    sdmx_refuse(r->pass, sdmx_refused(in));
    return rc;
}

static void note(struct run *r, const char *id, enum level level, const char *reason,
                 const char *fix)
{
    struct finding x = {.rule = id, .level = level, .reason = reason, .fix = fix};
    findings_add(r->c.findings, &x);
}

/* What is true of the delivery as a whole. */
static void check_delivery(struct run *r, struct stage *st)
{
    char text[160];
    if (st->totals.in == 0)
        note(r, "CHECK-120", LEVEL_WARNING, "the delivery has no rows",
             "send a row with 0 for what did not happen, and none for what is not known");
    if (r->c.no_value) {
        (void)snprintf(text, sizeof text, "%llu rows have no value",
                       (unsigned long long)r->c.no_value);
        note(r, "CHECK-121", LEVEL_INFORMATION, text, "");
    }
    if (r->c.unreviewed) {
        (void)snprintf(text, sizeof text, "%llu rows were mapped by lines that nobody reviewed",
                       (unsigned long long)r->c.unreviewed);
        note(r, "CHECK-122", LEVEL_INFORMATION, text, "");
    }
}

static int finish(struct run *r, struct stage *st, struct err *e)
{
    bool seal;
    int rc = st->totals.in ? check_content(&r->c, e) : 0;
    if (rc < 0)
        return rc;
    check_delivery(r, st);
    uint64_t errors = findings_count(r->c.findings, LEVEL_ERROR);
    seal = errors == 0 || r->o->keep_going;
    if (r->spool)
        rc = spool_part(r->spool, &r->c, seal ? r->pass : NULL, r->o->quarantine, e);
    if (rc == 0)
        rc = findings_close(r->c.findings, e);
    if (rc < 0)
        return rc;
    st->totals.refused = r->c.nrefused;
    st->totals.passed = st->totals.in - r->c.nrefused;
    findings_tell(r->c.findings, st);
    if (seal) {
        sdmx_refuse(r->pass, r->c.nrefused);
        sdmx_finish(r->pass);
        if (errors || findings_count(r->c.findings, LEVEL_WARNING))
            stage_raise(st, RC_PARTIAL);
        return 0;
    }
    err_set(e, RC_DATA, "CHECK-051", "%llu errors: the seal is withheld, nothing can be loaded",
            (unsigned long long)errors);
    return err_hint(e, "correct the file, or pass the other rows on with --keep-going");
}

static int run(struct stage *st, struct err *e)
{
    struct run r = {.o = st->options};
    struct source *src CLEANUP(source_closep) = NULL;
    struct sdmx_reader *in CLEANUP(sdmx_closep) = NULL;
    struct sdmx_options how = {.unsealed = r.o->unsealed};
    int rc = findings_open(&r.c.findings, r.o->findings, e);
    if (rc == 0)
        rc = stage_stdin(st, &src, e);
    if (rc == 0)
        rc = sdmx_open(&in, src, &how, e);
    if (rc == 0) {
        st->totals.used = true;
        rc = copy(&r, st, in, e);
    }
    if (rc == 0)
        rc = finish(&r, st, e);
    spool_free(r.spool);
    sdmx_free(r.pass);
    checker_free(&r.c);
    return rc;
}

int main(int argc, char **argv)
{
    struct check_options options = {0};
    return stage_main(&program, &options, run, argc, argv);
}
