/* load.c — `rta load`: a sealed stream into the store, in one transaction that commits after the
 * seal. Owns the struct load and everything in it. */
#include "load.h"

static const struct opt load_opts[] = {
    {.name = "partner",
     .letter = 'p',
     .kind = OPT_TEXT,
     .arg = "CODE",
     .offset = offsetof(struct load_options, partner),
     .help = "refuse a delivery of any other partner or sender (default: take what it says)"},
    {.name = "sender",
     .kind = OPT_TEXT,
     .arg = "KEY",
     .offset = offsetof(struct load_options, sender),
     .help = "who sent it, for a stream without the column SENDER"},
    {.name = "reason",
     .letter = 'r',
     .kind = OPT_TEXT,
     .arg = "TEXT",
     .offset = offsetof(struct load_options, reason),
     .help = "why it was sent; kept with the submission"},
    {.name = "received",
     .kind = OPT_TEXT,
     .arg = "MOMENT",
     .offset = offsetof(struct load_options, received),
     .help = "when it came in, 2026-01-31 or 2026-01-31T12:00:00Z (default: now)"},
    {.name = "pending",
     .kind = OPT_FLAG,
     .offset = offsetof(struct load_options, pending),
     .help = "publish nothing: it waits for approval (default: as config/policies/approval.yaml"
             " says)"},
    {.name = "findings",
     .kind = OPT_TEXT,
     .arg = "FILE",
     .offset = offsetof(struct load_options, findings),
     .help =
         "keep what rta check found with the submission: its --findings FILE.ndjson or --events"},
    {.name = "reason-code",
     .kind = OPT_TEXT,
     .arg = "CODE",
     .offset = offsetof(struct load_options, reason_code),
     .help = "kind of the reason: first, routine, major, error or other"},
    {.name = "supersedes",
     .kind = OPT_INT,
     .arg = "N",
     .min = 1,
     .max = INT32_MAX,
     .offset = offsetof(struct load_options, supersedes),
     .help = "takes the place of a submission that waits or was returned"},
    {.name = "file",
     .kind = OPT_TEXT,
     .arg = "FILE",
     .offset = offsetof(struct load_options, file),
     .help = "the original file; its name and SHA-256 are kept"},
    {.name = "receipt",
     .kind = OPT_TEXT,
     .arg = "FILE",
     .offset = offsetof(struct load_options, receipt),
     .help = "write the receipt as JSON"},
    {.name = "remember",
     .kind = OPT_TEXT,
     .arg = "FILE",
     .offset = offsetof(struct load_options, remember),
     .help = "write the receipt there, too, for --known"},
    {.name = "known",
     .kind = OPT_TEXT,
     .arg = "FILE",
     .offset = offsetof(struct load_options, known),
     .help = "read no stream: give the receipt in FILE once more if what it tells of still stands,"
             " else end with 1; `rta run --once` asks so"},
    {.name = "refused",
     .kind = OPT_INT,
     .arg = "N",
     .max = INT64_MAX,
     .offset = offsetof(struct load_options, refused),
     .help = "rows refused before that the seal does not tell of (default: 0)"},
    {.name = "wait",
     .kind = OPT_INT,
     .arg = "SECONDS",
     .min = 1,
     .max = 86400,
     .offset = offsetof(struct load_options, wait),
     .help = "give up with 75 when another load publishes for longer (default: 600)"},
    {.name = "again",
     .kind = OPT_FLAG,
     .offset = offsetof(struct load_options, again),
     .help = "load a stream that was loaded before, taking back what changed since"},
    {.name = "unsealed",
     .kind = OPT_FLAG,
     .offset = offsetof(struct load_options, unsealed),
     .help = "accept a stream of a foreign tool, which has no seal"},
};

static const struct opt_example load_examples[] = {
    {"rta check <mapped.csv | rta load --partner AL --reason 'first submission'",
     "load what was checked"},
    {"rta load --partner AL --file AL-2025Q1.csv --receipt AL.json <checked.csv",
     "keep the file's SHA-256 and write a receipt"},
};

static const struct opt_program program = {
    .verb = "load",
    .group = "ingest",
    .summary = "load a sealed stream into the store, writing only what differs",
    .arguments = "",
    .description =
        "Reads SDMX-CSV on standard input. One delivery is one transaction: it becomes visible "
        "as a whole after the seal was found and is right, or not at all.\n\n"
        "Rows are applied in order of appearance. A, I and M merge: an empty cell changes nothing. "
        "R replaces the observation. D deletes: the observation, or, where measure or attribute "
        "cells are filled, those cells; an empty dimension stands for every code; a sender deletes "
        "only what it sent itself. A value, status, comment or nature that differs makes a new "
        "version of the observation, the former one is kept; another place in the source alone "
        "does "
        "not.\n\n"
        "The same stream again (the same seal) writes nothing and gives its receipt again, also "
        "when "
        "a correction came in between: the correction stands, and a warning says so.\n\n"
        "A delivery that config/policies/approval.yaml wants approved is published by `rta "
        "submission`; until then it waits, seen by nobody who reads figures.",
    .opts = load_opts,
    .nopts = ARRAY_LEN(load_opts),
    .examples = load_examples,
    .nexamples = ARRAY_LEN(load_examples),
};

static int copy_rows(struct load *l, struct sdmx_row *row, struct err *e)
{
    int rc = 1;
    while (rc > 0) {
        if ((rc = load_row(l, row, e)) < 0)
            return rc;
        if (l->rows % 65536 == 0)
            stage_progress(l->st, "rows", l->rows, 0);
        rc = sdmx_next(l->reader, row, e);
    }
    return rc;
}

static int load_stream(struct load *l, struct source *in, struct err *e)
{
    const struct sdmx_options how = {.unsealed = l->o->unsealed};
    struct load_counts counts;
    struct sdmx_row row;
    int rc = sdmx_open(&l->reader, in, &how, e);
    if (rc < 0 || (rc = sdmx_next(l->reader, &row, e)) < 0)
        return rc;
    if (rc == 0) {
        err_set(e, RC_DATA, "LOAD-040", "the delivery holds no row");
        return err_place(e, "%s", sdmx_name(l->reader));
    }
    if ((rc = load_columns(l, &row, e)) < 0 || (rc = load_begin(l, e)) < 0 ||
        (rc = copy_rows(l, &row, e)) < 0 || (rc = load_finish(l, &counts, e)) < 0)
        return rc;
    return load_report(l, &counts, e);
}

static int load_all(struct load *l, struct source **in, struct err *e)
{
    int rc = stage_conf(l->st, &l->conf, e);
    if (rc >= 0)
        rc = region_load(l->conf, &l->region, e);
    if (rc >= 0)
        rc = load_reason(l, e);
    if (rc >= 0)
        rc = stage_stdin(l->st, in, e);
    return rc < 0 ? rc : load_stream(l, *in, e);
}

static int run(struct stage *st, struct err *e)
{
    struct load l = {.st = st, .o = st->options};
    struct source *in CLEANUP(source_closep) = NULL;
    load_keys_init(&l);
    int rc = l.o->known ? load_known(&l, e) : load_all(&l, &in, e);
    db_close(l.db);
    sdmx_close(l.reader);
    load_tables_free(&l);
    load_dict_free(&l.series);
    load_dict_free(&l.lineage);
    load_keys_free(&l);
    return rc;
}

int main(int argc, char **argv)
{
    struct load_options o = {.wait = 600};
    return stage_main(&program, &o, run, argc, argv);
}
