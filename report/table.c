/* table.c — rta table: lays one stream of figures out as a table. It computes nothing: a total is a
 * row of the stream or is not there. */
#include "also.h"
#include "table_model.h"

#include <stddef.h>

#include "stage.h"

#define FORMATS "text|csv|html|json"
enum { TO_TEXT, TO_CSV, TO_HTML, TO_JSON };

struct options {
    int to;
    struct opt_list sets, also;
    const char *lang, *date, *explain;
    int64_t width;
    bool unsealed;
};

static const struct opt options[] = {
    {.name = "to",
     .kind = OPT_ENUM,
     .offset = offsetof(struct options, to),
     .arg = "FORMAT",
     .words = FORMATS,
     .help = "what to write: text, csv, html or json (default: text)"},
    {.name = "also",
     .kind = OPT_LIST,
     .offset = offsetof(struct options, also),
     .arg = "FORMAT=FILE",
     .help = "write another format to a file in the same run; may be given several times"},
    {.name = "set",
     .kind = OPT_LIST,
     .offset = offsetof(struct options, sets),
     .arg = "NAME=VALUE",
     .help = "a variable of the layout; may be given several times"},
    {.name = "lang",
     .kind = OPT_TEXT,
     .offset = offsetof(struct options, lang),
     .arg = "LANG",
     .help = "language of labels and numbers (default: en)"},
    {.name = "date",
     .kind = OPT_TEXT,
     .offset = offsetof(struct options, date),
     .arg = "YYYY-MM-DD",
     .help = "names and orders as of this day (default: the newest)"},
    {.name = "width",
     .kind = OPT_INT,
     .offset = offsetof(struct options, width),
     .arg = "COLUMNS",
     .min = 40,
     .max = 400,
     .help = "width of text output (default: 80)"},
    {.name = "explain",
     .kind = OPT_TEXT,
     .offset = offsetof(struct options, explain),
     .arg = "PAGE",
     .help = "html: link each figure to its explanation there, PAGE#r1c1 for the first (default: no"
             " links)"},
    {.name = "unsealed",
     .kind = OPT_FLAG,
     .offset = offsetof(struct options, unsealed),
     .help = "accept a stream without a seal, from a foreign tool"},
};

static const struct opt_example examples[] = {
    {"rta pull CRIME --period 2022 | rta derive -p pop.csv -r WB6 rate_100k | "
     "rta table rita/areas --set period=2022",
     "crime areas by partner, on the terminal"},
    {"rta table te-sat/arrests --to csv --set period=2024 < terror.csv", "for a spreadsheet"},
};

static const struct opt_program program = {
    .verb = "table",
    .group = "report",
    .summary = "lay figures out as a table",
    .arguments = "LAYOUT",
    .min_args = 1,
    .max_args = 1,
    .description =
        "Reads one sealed stream (from rta pull or rta derive) on standard input and lays it out "
        "as "
        "LAYOUT says: config/reports/LAYOUT.yaml, for example rita/areas.\n\n"
        "Nothing is computed here: totals are rows that rta derive --region made. Zero, not "
        "available, not applicable and suppressed are four different marks; a suppressed figure is "
        "never shown. What leaves here has no seal.",
    .opts = options,
    .nopts = ARRAY_LEN(options),
    .examples = examples,
    .nexamples = ARRAY_LEN(examples),
};

static void write_table(struct buf *b, const void *ctx, int to)
{
    const struct table *t = ctx;
    switch (to) {
    case TO_CSV:
        table_csv(b, t);
        break;
    case TO_HTML:
        table_html(b, t);
        break;
    case TO_JSON:
        table_json(b, t);
        break;
    default:
        table_text(b, t, t->width);
    }
}

static int run(struct stage *st, struct err *e)
{
    const struct options *o = st->options;
    struct view_options vo = {o->lang, o->date, o->sets.items, o->sets.n, o->unsealed};
    struct view v;
    struct cube cube;
    struct table t;
    int rc = view_stdin(st, LAYOUT_TABLE, &vo, &v, &cube, e);
    if (rc >= 0)
        rc = table_make(&t, &v, &cube, e);
    if (rc >= 0) {
        t.explain = o->explain;
        t.width = o->width ? (size_t)o->width : 80;
        struct also a = {"the table", FORMATS, &t, write_table};
        rc = also_write(&a, o->to, &st->out, &o->also, e);
    }
    cube_free(&cube);
    return rc;
}

int main(int argc, char **argv)
{
    struct options o = {0};
    return stage_main(&program, &o, run, argc, argv);
}
