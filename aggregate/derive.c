/* derive.c — rta derive: indicators from figures, exactly and with their terms. What an indicator
 * is stands in config/indicators; this program knows kinds, not offences and not countries. Owns
 * the figures while it runs. */
#include "derive_trace.h"

struct derive_options {
    const char *population, *region, *base_period, *trace;
    bool unsealed;
};

#define OP(f) offsetof(struct derive_options, f)
static const struct opt opts[] = {
    {"population", 'p', OPT_TEXT, OP(population), "FILE",
     "populations for rates: a sealed stream of rta pull POP (default: rates have no population)",
     NULL, 0, 0, false},
    {"region", 'r', OPT_TEXT, OP(region), "ID",
     "also give the figures of all partners of the region together (default: areas alone)", NULL, 0,
     0, false},
    {"base-period", 'b', OPT_TEXT, OP(base_period), "PERIOD",
     "where indices and growth begin (default: the base in the indicators file)", NULL, 0, 0,
     false},
    {"trace", 0, OPT_TEXT, OP(trace), "FILE",
     "write which figures went into each result, for rta explain (default: not written)", NULL, 0,
     0, false},
    {"unsealed", 'u', OPT_FLAG, OP(unsealed), NULL,
     "accept streams without a seal, from a foreign tool", NULL, 0, 0, false},
};

static const struct opt_example examples[] = {
    {"rta pull POP > pop.csv", "populations, all vintages"},
    {"rta pull CRIME | rta derive -p pop.csv rate_100k > rates.csv", "rates by area"},
    {"rta pull CRIME | rta derive -p pop.csv -r WB6 count change_pct", "and of the region"},
};

static const struct opt_program program = {
    "derive",
    "aggregate",
    "compute indicators: rates, changes, shares, indices, ranks",
    "[INDICATOR...]",
    0,
    -1,
    "Reads a sealed stream of one structure from standard input and writes the indicators of "
    "config/indicators/STRUCTURE.yaml, all or those named, as structure STRUCTURE_IND: sorted, "
    "sealed, each with the numbers it was computed from, the population's source and vintage, and "
    "the worst status of its inputs.\n\n"
    "A missing or suppressed input makes the result empty, with the reason; it is never a zero. "
    "Everything is computed exactly and rounded once, half away from zero. Rows of another unit "
    "than the indicators' own are put aside and counted.\n\n"
    "Figures of the region hold only the partners that have all inputs, and say how many of how "
    "many, who is missing, and how much of the population they cover; changes over time use the "
    "partners that have both periods.",
    opts,
    ARRAY_LEN(opts),
    examples,
    ARRAY_LEN(examples)};

/* What the first row decides: the structure, and so the indicators and the populations. */
struct work {
    struct data data;
    struct plan *plan;
    struct people *people;
    bool begun;
};

static int check_region(const struct work *w, const struct derive_options *o, struct err *e)
{
    const struct region *r = w->data.region;
    if (!o->region || strcmp(o->region, r->id) == 0)
        return 0;
    (void)err_set(e, RC_USAGE, "DERIVE-050", "no region '%s'", o->region);
    return err_hint(e, "the configuration's region is %s", r->id);
}

static int load_structure(struct conf *c, struct str id, const struct structure **ret,
                          struct err *e)
{
    int rc = structure_by_full_id(c, id, ret, e);
    if (rc < 0 || *ret)
        return rc;
    (void)err_set(e, RC_DATA, "DERIVE-051", "structure %.*s is not one of the configuration",
                  STR_ARG(id));
    return err_hint(e, "a sender's own structure must pass rta map first");
}

static int begin(struct work *w, struct stage *st, const struct sdmx_reader *in, struct err *e)
{
    const struct derive_options *o = st->options;
    const struct structure *s = NULL;
    const struct region *region = NULL;
    struct conf *c = NULL;
    int rc = stage_conf(st, &c, e);
    if (rc == 0)
        rc = load_structure(c, sdmx_structure_id(in), &s, e);
    if (rc == 0)
        rc = region_load(c, &region, e);
    if (rc == 0)
        rc = plan_load(&w->plan, c, s, e);
    if (rc == 0)
        rc = plan_want(w->plan, st->args, st->nargs, e);
    if (rc == 0)
        rc = plan_base(w->plan, o->base_period, e);
    if (rc == 0 && o->population)
        rc = people_load(&w->people, w->plan, o->population, o->unsealed, e);
    if (rc < 0)
        return rc;
    data_init(&w->data, s);
    w->begun = true;
    w->data.region = region;
    w->data.plan = w->plan;
    w->data.people = w->people;
    rc = check_region(w, o, e);
    if (rc == 0 && o->trace)
        rc = trace_open(&w->data.trace, c, &w->data, o->trace, e);
    return rc;
}

static int read_all(struct work *w, struct stage *st, struct sdmx_reader *in, struct err *e)
{
    struct sdmx_row row;
    int rc;
    while ((rc = sdmx_next(in, &row, e)) > 0) {
        rc = w->begun ? 0 : begin(w, st, in, e);
        if (rc == 0)
            rc = data_row(&w->data, in, &row, &st->totals, e);
        if (rc < 0)
            return rc;
    }
    if (w->begun)
        data_finish(&w->data);
    if (rc == 0 && !w->begun) {
        (void)err_set(e, RC_DATA, "DERIVE-052", "the stream has no rows to compute with");
        return err_hint(e, "what did the stage before say?");
    }
    return rc;
}

/* Rates without populations are all empty: say so before a reader wonders. */
static void warn_people(const struct work *w, struct stage *st)
{
    const struct indicator *all = w->plan->indicators.items;
    bool rates = false;
    for (size_t i = 0; i < w->plan->indicators.n; i++)
        rates |= all[i].wanted && (all[i].kind == KIND_RATE || all[i].kind == KIND_RANK);
    if (w->people || !rates)
        return;
    struct err e = {0};
    (void)err_set(&e, RC_USAGE, "DERIVE-054", "no populations were given: every rate is empty");
    (void)err_hint(&e, "make them with rta pull POP > FILE, and give --population FILE");
    stage_warn(st, &e);
}

/* The region's own row would stand twice. */
static int refuse_region_rows(const struct data *d, struct err *e)
{
    if (data_area(d, d->region->id) == SIZE_MAX)
        return 0;
    (void)err_set(e, RC_DATA, "DERIVE-053", "the stream holds figures of %s itself", d->region->id);
    return err_hint(e, "pull the partners alone, or leave --region out");
}

static int run(struct stage *st, struct err *e)
{
    const struct derive_options *o = st->options;
    struct source *src CLEANUP(source_closep) = NULL;
    struct sdmx_reader *in CLEANUP(sdmx_closep) = NULL;
    struct sdmx_options how = {.unsealed = o->unsealed};
    struct work w = {0};
    int rc = stage_stdin(st, &src, e);
    if (rc == 0)
        rc = sdmx_open(&in, src, &how, e);
    if (rc < 0)
        return rc;
    st->totals.used = true;
    rc = read_all(&w, st, in, e);
    if (rc == 0 && o->region)
        rc = refuse_region_rows(&w.data, e);
    if (rc == 0)
        warn_people(&w, st);
    if (rc == 0)
        rc = emit_all(&w.data, st, o->region != NULL, e);
    if (rc == 0)
        rc = trace_finish(w.data.trace, e);
    trace_free(w.data.trace);
    if (w.begun)
        data_free(&w.data);
    people_free(w.people);
    return rc;
}

int main(int argc, char **argv)
{
    struct derive_options options = {0};
    return stage_main(&program, &options, run, argc, argv);
}
