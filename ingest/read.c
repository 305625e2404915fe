/* read.c — `rta read`: one sender's file, as its profile declares, to a sealed stream in the
 * sender's own codes, with the place of every cell. Options and the chain of sources; the formats
 * are in read_*.c. */
#include "read.h"
#include "read_input.h"

#include "bounds.h"

#include <stddef.h>

struct read_options {
    const char *profile, *name, *quarantine;
    int format; /* 0: the profile's */
    bool keep_going;
    int64_t limit;
};

static const struct opt opts[] = {
    {.name = "profile",
     .letter = 'p',
     .kind = OPT_TEXT,
     .offset = offsetof(struct read_options, profile),
     .arg = "NAME|FILE",
     .help = "how the file is read: a name in config/profiles, or a file ending in .yaml",
     .required = true},
    {.name = "format",
     .kind = OPT_ENUM,
     .offset = offsetof(struct read_options, format),
     .arg = "FORMAT",
     .help = "read this format instead of the profile's",
     .words =
         "profile|delimited|eurostat-tsv|sdmx-csv|json-stat|sdmx-json|sdmx-ml|px|xlsx|ods|xls"},
    {.name = "name",
     .letter = 'n',
     .kind = OPT_TEXT,
     .offset = offsetof(struct read_options, name),
     .arg = "NAME",
     .help = "file name that SRC shall show (default: the name without folders)"},
    {.name = "keep-going",
     .letter = 'k',
     .kind = OPT_FLAG,
     .offset = offsetof(struct read_options, keep_going),
     .help = "seal the rows that passed although others were refused, and end with 1"},
    {.name = "quarantine",
     .letter = 'Q',
     .kind = OPT_TEXT,
     .offset = offsetof(struct read_options, quarantine),
     .arg = "FILE",
     .help = "keep refused records in this CSV file, with place, rule, reason and remedy"},
    {.name = "limit",
     .kind = OPT_INT,
     .offset = offsetof(struct read_options, limit),
     .arg = "N",
     .help = "show so many findings of one rule, 0 for all (default 50)",
     .min = 0,
     .max = 1000000000},
};

static const struct opt_example examples[] = {
    {"rta read --profile al-police AL-2022.csv | rta map | rta check",
     "a national file through the checks, without a database"},
    {"rta read -p eurostat-tsv estat_crim_off_cat.tsv.gz > crime.csv",
     "a Eurostat bulk file, gzipped or not"},
    {"rta read -p al-police -k -Q refused.csv AL-2022.csv | rta map",
     "go on without the refused rows, and keep them"},
};

static const struct opt_program program = {
    .verb = "read",
    .group = "ingest",
    .summary = "read one sender's file into a stream",
    .arguments = "[FILE|-]",
    .min_args = 0,
    .max_args = 1,
    .description =
        "Reads FILE (or standard input) as its profile declares and writes an SDMX-CSV 2.0 stream "
        "in "
        "the sender's own codes; SRC says for every row where it stood. Gzip is recognised. "
        "Nothing "
        "is guessed: what the profile does not cover is refused.\n\n"
        "A fault of a row refuses that row; all of them are listed in one run. Then the seal is "
        "withheld (exit 65), or, with --keep-going, the rest is sealed (exit 1). A fault of the "
        "file "
        "itself stops the run. Totals of the sender are compared with their parts and never "
        "stored.\n\n"
        "Cells in = given + missing + aside + refused; the sum is printed and checked.",
    .opts = opts,
    .nopts = ARRAY_LEN(opts),
    .examples = examples,
    .nexamples = ARRAY_LEN(examples),
};

static int run(struct stage *st, struct err *e)
{
    const struct read_options *o = st->options;
    const struct profile *p;
    struct conf *c;
    struct desk *d CLEANUP(desk_closep) = NULL;
    int rc = stage_conf(st, &c, e);
    if (rc >= 0)
        rc = profile_load(c, o->profile, o->format - 1, &p, e);
    if (rc >= 0 && p->draft) {
        rc = yaml_fault(e, p->at, "TABLE-016", "the profile is a draft");
        err_hint(e, "Answer its questions, try it with rta profile test, and remove draft: true.");
    }
    if (rc < 0)
        return rc;
    const struct desk_options desk = {
        .name = input_name(o->name, st->nargs ? st->args[0] : NULL),
        .quarantine = o->quarantine,
        .shown = (size_t)o->limit,
    };
    rc = desk_open(&d, st, p, &desk, e);
    if (rc >= 0)
        rc = read_input(st, p, d, st->nargs ? st->args[0] : NULL, e);
    return rc < 0 ? rc : desk_finish(d, o->keep_going, e);
}

int main(int argc, char **argv)
{
    struct read_options o = {.limit = LIMIT_FINDINGS_SHOWN};
    return stage_main(&program, &o, run, argc, argv);
}
