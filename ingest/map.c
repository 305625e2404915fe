/* map.c — rta map: the sender's structure and codes to ours. Which code is which is decided in
 * config/maps and nowhere else; what no line decides is refused, and told once. Owns the mapper. */
#include "map_run.h"

#include <fcntl.h>

struct map_options {
    const char *map, *stubs, *report;
    bool keep_going, unsealed;
};

static const struct opt opts[] = {
    {"map", 'm', OPT_TEXT, offsetof(struct map_options, map), "NAME",
     "use config/maps/NAME.yaml (default: the map whose 'from' is the stream's structure)", NULL, 0,
     0, false},
    {"keep-going", 'k', OPT_FLAG, offsetof(struct map_options, keep_going), NULL,
     "pass on, sealed, what could be mapped (default: the seal is withheld when a row is refused)",
     NULL, 0, 0, false},
    {"stubs", 's', OPT_TEXT, offsetof(struct map_options, stubs), "FILE",
     "write a table's lines for all unmapped codes, for a person to complete", NULL, 0, 0, false},
    {"report", 'r', OPT_TEXT, offsetof(struct map_options, report), "FILE|-",
     "write how much of each source's total went to which code: CSV, JSON for a name ending in "
     ".json; -: a table instead of the stream",
     NULL, 0, 0, false},
    {"unsealed", 'u', OPT_FLAG, offsetof(struct map_options, unsealed), NULL,
     "accept a stream without a seal, from a foreign tool", NULL, 0, 0, false},
};

static const struct opt_example examples[] = {
    {"rta read --profile al-police AL.csv | rta map | rta check", "a delivery on its way"},
    {"rta map --stubs todo.csv < read.csv > mapped.csv", "what is missing in the map?"},
    {"rta map --report - < read.csv", "a look at what would go where"},
    {"rta map --report where.csv -k < read.csv > mapped.csv", "where did every offence go?"},
};

static const struct opt_program program = {
    "map",
    "ingest",
    "translate a sender's structure and codes into the standard ones",
    "",
    0,
    0,
    "Reads a sealed stream in the sender's structure from standard input and writes it in the "
    "structure that the map names. A map is config/maps/NAME.yaml with tables NAME.csv beside it: "
    "source code, target code, weight, comparability grade, reviewer, validity.\n\n"
    "A row is refused when its code is in no table, when no line of the table holds all of its "
    "period, or when the meaning of the code changes within the period. Every unmapped code is "
    "told once, with its count, the first place, the nearest codes and a line to complete. By "
    "default the seal is withheld then (exit 65) and nothing can be loaded; --keep-going passes "
    "the rest on (exit 1).\n\n"
    "Rows of several sources that share one target are summed exactly; a sum with a missing part "
    "is left empty. Split weights give exact decimals, marked E. SRC_KEY holds the sender's codes, "
    "SRC_VALUE the sender's text where the value changed.",
    opts,
    ARRAY_LEN(opts),
    examples,
    ARRAY_LEN(examples)};

static bool only_reports(const struct map_options *o)
{
    return o->report && strcmp(o->report, "-") == 0;
}

static int open_output(struct mapper *m, struct stage *st, struct err *e)
{
    struct out *to = &st->out;
    const char *columns[OUT_DIMS + STRUCTURE_DIMS_MAX + OUT_N] = {"STRUCTURE[;]", "STRUCTURE_ID",
                                                                  "ACTION"};
    size_t n = OUT_DIMS;
    for (size_t d = 0; d < m->plan.to->ndims; d++)
        columns[n++] = m->plan.to->dims[d].id;
    for (size_t i = 0; i < OUT_N; i++)
        columns[n++] = out_columns[i];
    if (only_reports(st->options)) {
        int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
        if (fd < 0)
            return err_sys(e, RC_SYSTEM, "MAP-082", "cannot open /dev/null");
        to = &m->nowhere;
        out_init(to, fd, "/dev/null");
    }
    m->out = sdmx_create(to, columns, n);
    return 0;
}

/* Columns past the value that a stream of ours does not have are not carried: say so. */
static void tell_dropped(const struct mapper *m, const struct sdmx_reader *in, struct stage *st)
{
    int value = sdmx_find(in, "OBS_VALUE");
    for (size_t i = (size_t)value; i < sdmx_columns(in); i++) {
        bool known = false;
        for (size_t k = 0; k < OUT_N; k++)
            known |= sdmx_find(in, sdmx_column(in, i)) == sdmx_find(in, out_columns[k]);
        if (!known)
            stage_note(st, "%s: column %s is not carried on", m->plan.name, sdmx_column(in, i));
    }
}

static int begin(struct mapper *m, struct stage *st, const struct sdmx_reader *in, struct err *e)
{
    const struct map_options *o = st->options;
    struct conf *c = NULL;
    int rc = stage_conf(st, &c, e);
    if (rc == 0)
        rc = plan_load(&m->plan, c, o->map, sdmx_structure_id(in), in, e);
    if (rc < 0)
        return rc;
    if (o->report)
        m->tally = tally_new();
    mapper_start(m, in);
    rc = open_output(m, st, e);
    if (rc == 0)
        tell_dropped(m, in, st);
    return rc;
}

static void tell_written(const struct mapper *m, struct stage *st)
{
    uint64_t rows = sdmx_written(m->out), unreviewed = m->unreviewed + merge_unreviewed(m->merge);
    if (unreviewed)
        stage_note(st, "%s: %llu rows written, %llu of them by mappings that nobody has reviewed",
                   m->plan.name, (unsigned long long)rows, (unsigned long long)unreviewed);
    else
        stage_note(st, "%s: %llu rows written", m->plan.name, (unsigned long long)rows);
}

static int finish(struct mapper *m, struct stage *st, struct err *e)
{
    const struct map_options *o = st->options;
    int rc = merge_write(m->merge, m->out, st, e);
    if (rc < 0)
        return rc;
    lost_tell(m->lost, &m->plan, st);
    if (o->stubs)
        rc = lost_stubs(m->lost, &m->plan, o->stubs, e);
    if (rc == 0 && m->tally)
        rc = tally_write(m->tally, only_reports(o) ? NULL : o->report, &st->out, e);
    if (rc < 0)
        return rc;
    tell_written(m, st);
    if (lost_count(m->lost) == 0 || o->keep_going) {
        sdmx_refuse(m->out, m->totals->refused);
        sdmx_finish(m->out);
        if (lost_count(m->lost))
            stage_raise(st, RC_PARTIAL);
        return 0;
    }
    err_set(e, RC_DATA, "MAP-080", "%llu rows could not be mapped: the seal is withheld",
            (unsigned long long)m->totals->refused);
    return err_hint(e, "complete the map, or pass the rest on with --keep-going");
}

/* A row that cannot be counted with, such as one whose sum has too many digits. */
static int row_fault(const struct sdmx_reader *in, const struct sdmx_row *row, struct err *e)
{
    int src = sdmx_find(in, "SRC");
    if (src >= 0)
        return err_place(e, "%.*s", STR_ARG(row->cell[src]));
    return err_place(e, "%s:%zu", sdmx_name(in), row->line);
}

static int copy(struct mapper *m, struct stage *st, struct sdmx_reader *in, struct err *e)
{
    struct sdmx_row row;
    bool begun = false;
    int rc;
    while ((rc = sdmx_next(in, &row, e)) > 0) {
        if (!begun)
            rc = begin(m, st, in, e);
        begun = true;
        if (rc < 0)
            return rc;
        if ((rc = mapper_row(m, in, &row, e)) < 0)
            return row_fault(in, &row, e);
    }
    if (rc < 0)
        return rc;
    if (!begun) {
        err_set(e, RC_DATA, "MAP-081", "the stream has no rows, so there is nothing to map");
        return err_hint(e, "what did the reading stage say?");
    }
    sdmx_refuse(m->out, sdmx_refused(in));
    return finish(m, st, e);
}

static int run(struct stage *st, struct err *e)
{
    const struct map_options *o = st->options;
    struct source *src CLEANUP(source_closep) = NULL;
    struct sdmx_reader *in CLEANUP(sdmx_closep) = NULL;
    struct sdmx_options how = {.unsealed = o->unsealed};
    struct mapper m = {.totals = &st->totals};
    int rc = stage_stdin(st, &src, e);
    if (rc == 0)
        rc = sdmx_open(&in, src, &how, e);
    if (rc < 0)
        return rc;
    st->totals.used = true;
    rc = copy(&m, st, in, e);
    mapper_end(&m);
    out_drop(&m.nowhere);
    return rc;
}

int main(int argc, char **argv)
{
    struct map_options options = {0};
    return stage_main(&program, &options, run, argc, argv);
}
