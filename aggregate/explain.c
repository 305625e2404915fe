/* explain.c — `rta explain`: where a figure comes from, from the cell on the page down to the line
 * of the sender's file. Owns struct explain and everything in it. */
#include "explain.h"

#include "asof.h"
#include "bounds.h"
#include "mem.h"

#include <sys/stat.h>

#define TEXT_MAX ((size_t)64 << 20)
#define OP(f) offsetof(struct explain_options, f)

static const struct opt opts[] = {
    {.name = "row",
     .letter = 'r',
     .kind = OPT_TEXT,
     .arg = "ROW",
     .offset = OP(row),
     .help = "of the table: its label, its code, or #N"},
    {.name = "column",
     .letter = 'c',
     .kind = OPT_TEXT,
     .arg = "COLUMN",
     .offset = OP(column),
     .help = "of the table: its label, its code, or #N"},
    {.name = "at",
     .kind = OPT_TEXT,
     .arg = "rNcM",
     .offset = OP(at),
     .help = "the cell in row N and column M, as the page's links name it"},
    {.name = "key",
     .letter = 'k',
     .kind = OPT_TEXT,
     .arg = "KEY",
     .offset = OP(key),
     .help = "a figure by its codes: 'CRIME: A.AL.0101.OFF._T._T.NR:2022'"},
    {.name = "as-of", .kind = OPT_TEXT, .arg = "X", .offset = OP(as_of), .help = ASOF_HELP},
    {.name = "recorded",
     .kind = OPT_FLAG,
     .offset = OP(recorded),
     .help = "only what the edition recorded; do not ask the store what came later"},
    {.name = "internal",
     .kind = OPT_FLAG,
     .offset = OP(internal),
     .help = "show what is kept back, too; for coordinators"},
    {.name = "json", .kind = OPT_FLAG, .offset = OP(json), .help = "as JSON"},
    {.name = "lang",
     .kind = OPT_TEXT,
     .arg = "LANG",
     .offset = OP(lang),
     .help = "language of labels (default: en)"},
    {.name = "write",
     .kind = OPT_TEXT,
     .arg = "PLAN",
     .offset = OP(write),
     .help = "write the explanations of a whole edition; rta build does this"},
    {.name = "version-of",
     .kind = OPT_FLAG,
     .offset = OP(version),
     .help = "only say, as JSON, which version --as-of means; rta build asks this"},
};

static const struct opt_example examples[] = {
    {"rta explain editions/rita-2022 T2 --row Albania --column 'Offences, 2022'", "a printed cell"},
    {"rta explain editions/rita-2022 rita-areas --at r1c2 --json", "the same by its place"},
    {"rta explain CRIME REF_AREA=AL ICCS=0101 COUNTED=OFF TIME_PERIOD=2022", "an observation"},
    {"rta explain CRIME_IND REF_AREA=AL ICCS=0101 COUNTED=OFF INDICATOR=rate_100k TIME_PERIOD=2022",
     "a result"},
};

static const struct opt_program program = {
    .verb = "explain",
    .group = "aggregate",
    .summary = "say where a figure comes from",
    .arguments = "[EDITION TABLE | STRUCTURE DIM=CODE...]",
    .min_args = 0,
    .max_args = -1,
    .description =
        "Goes down from a printed cell, or from a figure named by its codes: the indicator and its "
        "formula, numerator and denominator, and every observation behind them with its "
        "submission, sender, decisions, mapping, the sender's own code and text, file, SHA-256, "
        "place in the file, and its other versions.\n\n"
        "A dimension that is not named is its total. TABLE is the table's name, T3 for the third "
        "one, or its title. A figure that is kept back stays so: it says why, not what.",
    .opts = opts,
    .nopts = ARRAY_LEN(opts),
    .examples = examples,
    .nexamples = ARRAY_LEN(examples),
};

static int print_version(struct explain *x, struct err *e)
{
    struct db_result *r CLEANUP(db_result_freep) = NULL;
    CLEANUP(js_freep) struct json *j = js_object();
    struct buf b CLEANUP(buf_free) = {.max = 1 << 16};
    char version[32];
    const char *params[] = {version};
    int rc = explain_open(x, x->o->as_of, e);
    (void)snprintf(version, sizeof version, "%lld", (long long)x->version);
    if (rc >= 0)
        rc = db_query(x->db, "read the version",
                      "SELECT to_char(published_at, 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') FROM"
                      " rta.submission WHERE version = $1",
                      params, 1, &r, e);
    if (rc < 0)
        return rc;
    js_set(j, "version", js_int(x->version));
    js_set(j, "published_at", db_rows(r) ? js_string(db_cell(r, 0, 0)) : js_null());
    js_set(j, "store_id", js_text(x->store));
    js_write(&b, j, true);
    buf_char(&b, '\n');
    out_str(&x->st->out, buf_view(&b));
    return 0;
}

static int print(struct explain *x, const struct json *doc, struct err *e)
{
    struct buf b CLEANUP(buf_free) = {.max = TEXT_MAX};
    if (x->o->json) {
        js_write(&b, doc, true);
        buf_char(&b, '\n');
    } else {
        explain_text(&b, doc);
    }
    int rc = buf_ok(&b, "the explanation", e);
    if (rc >= 0)
        out_str(&x->st->out, buf_view(&b));
    return rc;
}

static bool is_folder(const char *path)
{
    struct stat s;
    return stat(path, &s) == 0 && S_ISDIR(s.st_mode);
}

static int of_edition(const struct explain *x, struct err *e)
{
    const struct explain_options *o = x->o;
    if (x->st->nargs != 2)
        return err_set(e, RC_USAGE, "EXPLAIN-002",
                       "an edition wants the name of one of its tables");
    if (o->as_of)
        return err_set(e, RC_USAGE, "EXPLAIN-003",
                       "an edition has its own moment: leave --as-of out");
    if (!o->at && !o->row && !o->column)
        return err_set(e, RC_USAGE, "EXPLAIN-004", "which cell? say --row and --column, or --at");
    return 1;
}

static int of_key(const struct explain *x, struct err *e)
{
    const struct explain_options *o = x->o;
    if (!o->key && !x->st->nargs)
        return err_set(e, RC_USAGE, "EXPLAIN-001", "which figure?");
    if (o->at || o->row || o->column || o->recorded)
        return err_set(e, RC_USAGE, "EXPLAIN-005",
                       "--row, --column, --at and --recorded are for editions");
    if (o->key && x->st->nargs)
        return err_set(e, RC_USAGE, "EXPLAIN-006", "--key takes no further argument: %s",
                       x->st->args[0]);
    return 0;
}

/* 1: a cell of an edition, 0: a figure by its codes. */
static int usage(const struct explain *x, struct err *e)
{
    bool folder = x->st->nargs > 0 && !x->o->key && is_folder(x->st->args[0]);
    int rc = folder ? of_edition(x, e) : of_key(x, e);
    return rc < 0 ? err_hint(e, "see rta explain --help") : rc;
}

static int explain(struct explain *x, struct err *e)
{
    CLEANUP(js_freep) struct json *doc = NULL;
    int rc = stage_conf(x->st, &x->conf, e);
    if (rc >= 0)
        rc = region_load(x->conf, &x->region, e);
    if (rc < 0)
        return rc;
    if (x->o->version)
        return print_version(x, e);
    if (x->o->write)
        return explain_write(x, x->o->write, e);
    if ((rc = usage(x, e)) < 0)
        return rc;
    rc = rc ? explain_printed(x, &doc, e) : explain_key(x, &doc, e);
    return rc < 0 ? rc : print(x, doc, e);
}

static int run(struct stage *st, struct err *e)
{
    const struct explain_options *o = st->options;
    struct explain x = {.st = st, .o = o, .lang = o->lang ? o->lang : "en", .store = ""};
    x.index = map_new(0);
    x.subs = map_new(0);
    x.submission = js_object();
    int rc = explain(&x, e);
    explain_close(&x);
    return rc;
}

int main(int argc, char **argv)
{
    struct explain_options o = {.key = NULL};
    return stage_main(&program, &o, run, argc, argv);
}
