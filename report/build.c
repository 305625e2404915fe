/* build.c — rta build: one edition of a report, from the store to a folder that can be published.
 * It runs the programs that do each step by hand, and knows neither database nor network. */
#include "build_plan.h"

#include "period.h"

#include <stddef.h>
#include <unistd.h>

static const struct opt options[] = {
    {.name = "period",
     .letter = 'p',
     .kind = OPT_TEXT,
     .offset = offsetof(struct build_options, period),
     .arg = "PERIOD",
     .required = true,
     .help = "the period reported on, as 2022 or 2025-Q1"},
    {.name = "as-of",
     .kind = OPT_TEXT,
     .offset = offsetof(struct build_options, as_of),
     .arg = "X",
     .help = "the figures as they were known on a day, at version:N or in edition:FOLDER (default:"
             " as they are now)"},
    {.name = "out",
     .letter = 'o',
     .kind = OPT_TEXT,
     .offset = offsetof(struct build_options, out),
     .arg = "DIR",
     .help = "folder in which REPORT-PERIOD/ is made (default: editions)"},
    {.name = "lang",
     .kind = OPT_TEXT,
     .offset = offsetof(struct build_options, lang),
     .arg = "LANG",
     .help = "language of labels and numbers (default: en)"},
    {.name = "edition",
     .kind = OPT_TEXT,
     .offset = offsetof(struct build_options, edition),
     .arg = "TEXT",
     .help = "what the edition is called (default: 1)"},
    {.name = "data",
     .letter = 'd',
     .kind = OPT_LIST,
     .offset = offsetof(struct build_options, data),
     .arg = "NAME=FILE",
     .help = "take a dataset from a sealed stream instead of the store"},
    {.name = "force",
     .letter = 'f',
     .kind = OPT_FLAG,
     .offset = offsetof(struct build_options, force),
     .help = "build even when nothing has changed"},
};

static const struct opt_example examples[] = {
    {"rta build rita --period 2022", "the threat assessment of 2022 from the store"},
    {"rta build rita --period 2022 --as-of 2026-01-31 --out old", "the same as it was known then"},
};

static const struct opt_program program = {
    .verb = "build",
    .group = "report",
    .summary = "build an edition of a report",
    .arguments = "REPORT",
    .min_args = 1,
    .max_args = 1,
    .description =
        "Builds config/reports/REPORT.yaml: pulls and derives its datasets, makes every table and "
        "chart, fills the templates, and writes index.html (one page, no script needed, nothing "
        "fetched), each table as CSV and JSON, each chart as SVG, the data as SDMX-CSV, and "
        "manifest.json.\n\n"
        "The edition appears whole or not at all; on any failure the one in place stays as it was. "
        "A second building of the same edition ends with 75. When nothing has changed since the "
        "edition in place was built, that is said and nothing is done.",
    .opts = options,
    .nopts = ARRAY_LEN(options),
    .examples = examples,
    .nexamples = ARRAY_LEN(examples),
};

/* Variables that pipes and texts may use. */
static void set_vars(struct build *b)
{
    struct view_var *vars = arena_array(&b->conf->arena, 8, sizeof *vars);
    size_t n = 0;
    vars[n++] = (struct view_var){"period", b->o->period};
    vars[n++] = (struct view_var){"as_of", b->o->as_of ? b->o->as_of : ""};
    vars[n++] = (struct view_var){"store", b->store ? b->store : ""};
    vars[n++] = (struct view_var){"edition", b->o->edition ? b->o->edition : "1"};
    vars[n++] = (struct view_var){"work", b->work};
    vars[n++] = (struct view_var){"region", b->view.region->id};
    b->view.vars = vars;
    b->view.nvars = n;
}

static int open_view(struct build *b, struct err *e)
{
    struct layout *stand_in = arena_new(&b->conf->arena, sizeof *stand_in);
    stand_in->at = b->plan->at;
    b->lang = b->o->lang ? b->o->lang : "en";
    b->date = b->o->as_of && strlen(b->o->as_of) >= 10 && strspn(b->o->as_of, "0123456789") == 4
                  ? arena_text(&b->conf->arena, (struct str){b->o->as_of, 10})
                  : NULL;
    b->view = (struct view){.conf = b->conf,
                            .layout = stand_in,
                            .name = b->plan->report,
                            .lang = b->lang,
                            .date = b->date ? b->date : "9999-12-31"};
    int rc = words_load(b->conf, &b->view.words, e);
    if (rc >= 0)
        rc = region_load(b->conf, &b->view.region, e);
    if (rc >= 0)
        rc = structure_load(b->conf, b->plan->structure, &b->view.structure, e);
    if (rc >= 0)
        set_vars(b);
    return rc;
}

/* The period is part of the name of a folder that takes the place of another: no other text may. */
static int check_period(const struct build *b, struct err *e)
{
    struct period p;
    struct err why = {0};
    if (!strchr(b->o->period, '/') && period_parse(&p, str_of(b->o->period), &why) >= 0)
        return 0;
    err_set(e, RC_USAGE, "BUILD-021", "--period is not a period: '%s'", b->o->period);
    return err_hint(e, "write one as 2022 or 2025-Q1");
}

static void name_folders(struct build *b)
{
    struct arena *a = &b->conf->arena;
    struct str dir = str_of(b->o->out ? b->o->out : "editions");
    while (dir.n > 1 && dir.p[dir.n - 1] == '/')
        dir.n--;
    b->out = arena_fmt(a, "%.*s/%s-%s", STR_ARG(dir), b->plan->report, b->o->period);
    b->fresh = arena_fmt(a, "%s.new", b->out);
    b->work = arena_fmt(a, "%s/.work", b->fresh);
}

static int make(struct build *b, struct json *key, struct err *e)
{
    int rc = build_begin(b, e);
    if (rc >= 0)
        rc = build_data(b, e);
    if (rc >= 0)
        rc = build_page(b, e);
    if (rc >= 0)
        rc = build_explain(b, e);
    if (rc < 0) {
        js_free(key);
        return rc;
    }
    /* The parts are no part of the edition, nor of its manifest. */
    if ((rc = build_manifest(b, key, e)) < 0)
        return rc;
    return build_publish(b, e);
}

static int run_locked(struct build *b, struct err *e)
{
    struct json *key = NULL;
    int rc = build_store(b, e);
    if (rc < 0)
        return rc;
    set_vars(b);
    if ((rc = build_key(b, &key, e)) < 0)
        return rc;
    bool knows = b->o->data.n > 0 || b->store[0];
    if (!b->o->force && knows && build_same(b, key)) {
        js_free(key);
        stage_note(b->st, "nothing to do: %s is up to date", b->out);
        return 0;
    }
    if ((rc = make(b, key, e)) < 0) {
        build_abandon(b);
        return rc;
    }
    stage_note(b->st, "built %s %s into %s: %zu tables, %zu charts", b->plan->report, b->o->period,
               b->out, b->ntables, b->ncharts);
    return 0;
}

static int run(struct stage *st, struct err *e)
{
    struct build b = {.st = st, .o = st->options, .lock = -1};
    int rc = check_period(&b, e);
    if (rc >= 0)
        rc = stage_conf(st, &b.conf, e);
    if (rc >= 0)
        rc = build_plan_load(b.conf, st->args[0], &b.plan, e);
    if (rc < 0)
        return rc;
    name_folders(&b);
    b.inputs = js_array();
    b.explained = js_array();
    if ((rc = open_view(&b, e)) >= 0)
        rc = build_lock(&b, e);
    if (rc >= 0)
        rc = run_locked(&b, e);
    if (b.lock >= 0)
        close(b.lock);
    js_free(b.inputs);
    js_free(b.explained);
    return rc;
}

int main(int argc, char **argv)
{
    struct build_options o = {0};
    return stage_main(&program, &o, run, argc, argv);
}
