/* pull.c — `rta pull`: figures out of the store as a sealed stream, in one snapshot, as of any
 * moment. Owns the struct pull and everything in it. */
#include "pull.h"

#include "asof.h"

static const struct opt pull_opts[] = {
    {.name = "period",
     .letter = 'p',
     .kind = OPT_TEXT,
     .arg = "A..B",
     .offset = offsetof(struct pull_options, period),
     .help = "periods within a span: 2024-Q1, 2018..2022, 2018.., ..2022 (default: all)"},
    {.name = "as-of",
     .kind = OPT_TEXT,
     .arg = "X",
     .offset = offsetof(struct pull_options, as_of),
     .help = ASOF_HELP},
    {.name = "group",
     .letter = 'g',
     .kind = OPT_TEXT,
     .arg = "DIM,DIM",
     .offset = offsetof(struct pull_options, group),
     .help = "sum over all other dimensions (default: no sums)"},
    {.name = "partial-sums",
     .kind = OPT_FLAG,
     .offset = offsetof(struct pull_options, partial_sums),
     .help = "with --group: also print sums that lack members; never with a suppressed one"},
    {.name = "history",
     .kind = OPT_FLAG,
     .offset = offsetof(struct pull_options, history),
     .help = "every version of each figure, with the submission that ended it"},
};

static const struct opt_example pull_examples[] = {
    {"rta pull CRIME ICCS=0101+ --period 2018..2022", "homicide and what is below it"},
    {"rta pull CRIME REF_AREA=AL,XK --as-of 2026-01-31", "as it was at the end of a day"},
    {"rta pull CRIME OC_LINK=Y,N --group REF_AREA,ICCS,COUNTED", "sums over the rest"},
};

static const struct opt_program program = {
    .verb = "pull",
    .group = "aggregate",
    .summary = "read figures out of the store as a sealed stream",
    .arguments = "STRUCTURE [DIM=CODE,CODE... | DIM=CODE+]...",
    .min_args = 1,
    .max_args = -1,
    .description =
        "Writes SDMX-CSV with a seal, ordered by dimensions and period, from one snapshot of the "
        "store. CODE+ takes in all codes below. A span of time means the periods that lie wholly "
        "within it, of every frequency.\n\n"
        "--group sums over the dimensions that it does not name, after making sure that units are "
        "alike and nothing is counted twice. A group that lacks a member (not given, or "
        "suppressed) "
        "has no value; COMMENT, N_SUMMED and OF_MEMBERS say why.",
    .opts = pull_opts,
    .nopts = ARRAY_LEN(pull_opts),
    .examples = pull_examples,
    .nexamples = ARRAY_LEN(pull_examples),
};

/* The table of what waits is held before the snapshot is taken: nobody can clear it away between
 * the snapshot, which may need it, and the query. */
static int begin(struct pull *p, struct err *e)
{
    char sql[256];
    (void)snprintf(sql, sizeof sql,
                   "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;"
                   " SET LOCAL work_mem = '128MB';"
                   " LOCK TABLE ONLY rta.\"%s_wait\" IN ACCESS SHARE MODE",
                   p->tab);
    return db_script(p->db, "begin reading", sql, e);
}

static int pull(struct pull *p, struct err *e)
{
    int rc = stage_conf(p->st, &p->conf, e);
    if (rc < 0 || (rc = pull_arguments(p, e)) < 0 ||
        (rc = db_open(&p->db, NULL, "rta-pull", e)) < 0 || (rc = begin(p, e)) < 0 ||
        (rc = pull_version(p, e)) < 0)
        return rc;
    rc = p->o->group ? pull_group(p, e) : pull_rows(p, e);
    if (rc < 0)
        return rc;
    sdmx_finish(p->writer);
    p->st->totals.used = true;
    p->st->totals.in = p->st->totals.passed = sdmx_written(p->writer);
    return 0;
}

static int run(struct stage *st, struct err *e)
{
    struct pull p = {.st = st, .o = st->options};
    buf_init(&p.where, (size_t)1 << 20);
    buf_init(&p.when, (size_t)1 << 20);
    buf_init(&p.src, (size_t)8 << 20);
    int rc = pull(&p, e);
    sdmx_free(p.writer);
    db_close(p.db);
    map_free(p.prefix);
    buf_free(&p.where);
    buf_free(&p.when);
    buf_free(&p.src);
    return rc;
}

int main(int argc, char **argv)
{
    struct pull_options o = {.period = NULL};
    return stage_main(&program, &o, run, argc, argv);
}
