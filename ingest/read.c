/* read.c — `rta read`: one sender's file, as its profile declares, to a sealed stream in the
 * sender's own codes, with the place of every cell. Options and the chain of sources; the formats
 * are in read_delim.c, read_tsv.c and read_sdmx.c. */
#include "read.h"
#include "read_book.h"

#include "bounds.h"
#include "gz.h"
#include "text.h"

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

static int open_input(struct stage *st, const struct profile *p, struct source **ret, struct err *e)
{
    struct source *s = NULL;
    bool standard = st->nargs == 0 || strcmp(st->args[0], "-") == 0;
    int rc = standard ? stage_stdin(st, &s, e) : source_open(&s, st->args[0], e);
    if (rc >= 0)
        rc = source_gunzip(&s, s, 0, e);
    if (rc >= 0 && p->format != FORMAT_SDMXML) /* XML says its own */
        rc = source_text(&s, s, p->encoding, e);
    if (rc >= 0)
        *ret = s;
    return rc;
}

static const char *shown_name(const struct stage *st, const struct read_options *o)
{
    if (o->name)
        return o->name;
    if (st->nargs == 0 || strcmp(st->args[0], "-") == 0)
        return "stdin";
    const char *slash = strrchr(st->args[0], '/');
    return slash ? slash + 1 : st->args[0];
}

static int read_text(struct stage *st, const struct profile *p, struct desk *d, struct err *e)
{
    static const struct reader *const readers[] = {
        [FORMAT_DELIMITED] = &reader_delimited,
        [FORMAT_TSV] = &reader_tsv,
        [FORMAT_SDMX] = &reader_sdmx,
        [FORMAT_JSONSTAT] = &reader_jsonstat,
        [FORMAT_PX] = &reader_px,
    };
    struct source *src CLEANUP(source_closep) = NULL;
    if ((size_t)p->format >= ARRAY_LEN(readers) || !readers[p->format])
        return err_set(e, RC_BUG, "TABLE-017", "no reader for this format");
    int rc = open_input(st, p, &src, e);
    return rc < 0 ? rc : readers[p->format]->read(d, p, src, e);
}

static int read_book(struct stage *st, const struct profile *p, struct desk *d, struct err *e)
{
    const char *path = st->nargs ? st->args[0] : NULL;
    struct source *in CLEANUP(source_closep) = NULL;
    struct whole file = {NULL, -1};
    int rc = !path || strcmp(path, "-") == 0 ? stage_stdin(st, &in, e) : 0;
    if (rc >= 0)
        rc = whole_open(&file, path, in, e);
    if (rc >= 0)
        rc = book_read(d, p, &file, e);
    whole_close(&file);
    return rc;
}

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
    const struct desk_options desk = {shown_name(st, o), o->quarantine, (size_t)o->limit};
    rc = desk_open(&d, st, p, &desk, e);
    if (rc >= 0)
        rc = profile_book(p) ? read_book(st, p, d, e) : read_text(st, p, d, e);
    return rc < 0 ? rc : desk_finish(d, o->keep_going, e);
}

int main(int argc, char **argv)
{
    struct read_options o = {.limit = LIMIT_FINDINGS_SHOWN};
    return stage_main(&program, &o, run, argc, argv);
}
