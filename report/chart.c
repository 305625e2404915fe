/* chart.c — rta chart: draws one stream of figures as SVG. Like rta table, it computes no figure.
 */
#include "also.h"
#include "chart_model.h"

#include <stddef.h>

#include "stage.h"

#define FORMATS "svg|html"
enum { TO_SVG, TO_HTML };

struct options {
    int to;
    struct opt_list sets, also;
    const char *lang, *date;
    bool unsealed;
};

static const struct opt options[] = {
    {.name = "to",
     .kind = OPT_ENUM,
     .offset = offsetof(struct options, to),
     .arg = "FORMAT",
     .words = FORMATS,
     .help = "what to write: svg, a file of its own, or html, a figure for a page (default: svg)"},
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
    {.name = "unsealed",
     .kind = OPT_FLAG,
     .offset = offsetof(struct options, unsealed),
     .help = "accept a stream without a seal, from a foreign tool"},
};

static const struct opt_example examples[] = {
    {"rta chart rita/area-trend --set period=2022 --set area=0401 < crime.csv > robbery.svg",
     "robbery over the years, a small chart for each partner"},
};

static const struct opt_program program = {
    .verb = "chart",
    .group = "report",
    .summary = "draw figures as a chart",
    .arguments = "LAYOUT",
    .min_args = 1,
    .max_args = 1,
    .description =
        "Reads one sealed stream on standard input and draws it as LAYOUT says: "
        "config/reports/LAYOUT.yaml. Kinds are lines, multiples, bars and range.\n\n"
        "Axes begin at zero; what was not reported is a gap, never a zero; breaks in a series are "
        "marked, provisional points hollow. Every point tells its figure.",
    .opts = options,
    .nopts = ARRAY_LEN(options),
    .examples = examples,
    .nexamples = ARRAY_LEN(examples),
};

static void write_chart(struct buf *b, const void *ctx, int to)
{
    if (to == TO_HTML)
        chart_html(b, ctx);
    else
        chart_svg(b, ctx);
}

static int run(struct stage *st, struct err *e)
{
    const struct options *o = st->options;
    struct view_options vo = {o->lang, o->date, o->sets.items, o->sets.n, o->unsealed};
    struct view v;
    struct cube cube;
    struct chart c;
    int rc = view_stdin(st, LAYOUT_CHART, &vo, &v, &cube, e);
    if (rc >= 0)
        rc = chart_make(&c, &v, &cube, e);
    if (rc >= 0) {
        struct also a = {"the chart", FORMATS, &c, write_chart};
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
