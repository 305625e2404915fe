/* count.c — `rta count`: a register of single records to counted cells. Options, the chain of
 * sources and the accounts; the parts are count_*.c. Owns the counter. */
#include "count.h"

#include "bounds.h"
#include "gz.h"
#include "profile.h"
#include "text.h"

#include <inttypes.h>
#include <stddef.h>

struct count_options {
    const char *declared, *name;
    bool keep_going;
    int64_t limit;
};

static const struct opt opts[] = {
    {.name = "register",
     .letter = 'r',
     .kind = OPT_TEXT,
     .offset = offsetof(struct count_options, declared),
     .arg = "NAME|FILE",
     .help = "what is counted and how: a name in config/counts, or a file ending in .yaml",
     .required = true},
    {.name = "name",
     .letter = 'n',
     .kind = OPT_TEXT,
     .offset = offsetof(struct count_options, name),
     .arg = "NAME",
     .help = "file name that SRC shall show, of one file (default: the name without folders)"},
    {.name = "keep-going",
     .letter = 'k',
     .kind = OPT_FLAG,
     .offset = offsetof(struct count_options, keep_going),
     .help = "seal the counts although records were refused, and end with 1"},
    {.name = "limit",
     .kind = OPT_INT,
     .offset = offsetof(struct count_options, limit),
     .arg = "N",
     .help = "show so many refusals of one kind, 0 for all (default 50)",
     .min = 0,
     .max = 1000000000},
};

static const struct opt_example examples[] = {
    {"rta count -r incidents incidents-2025.csv | rta map | rta check",
     "a register of cases into cells of our structure"},
    {"rta count -r street-crime 2018-*.csv > cells.csv", "twelve files as one register"},
};

static const struct opt_program program = {
    .verb = "count",
    .group = "ingest",
    .summary = "count a register's records into cells",
    .arguments = "[FILE|-]...",
    .min_args = 0,
    .max_args = -1,
    .description =
        "Reads registers of single records (incidents, cases, persons) in delimited text or a "
        "sheet "
        "of a workbook and "
        "writes how many there are of each combination of the declared dimensions, as a sealed "
        "stream in the sender's own codes. Only counts leave: no record, name, identifier or free "
        "text stands in the stream, in a message or in an event; places are line numbers.\n\n"
        "Identifiers that are repeated or blank are treated by the declared rule and always "
        "reported. Persons are counted once in each cell, by an identifier of which only a hash "
        "under a key of the run is kept, in memory.\n\n"
        "Records in = counted + repeated set aside + filtered + refused; the sum is printed and "
        "checked. A refused record withholds the stream (exit 65); --keep-going counts the others "
        "(exit 1).",
    .opts = opts,
    .nopts = ARRAY_LEN(opts),
    .examples = examples,
    .nexamples = ARRAY_LEN(examples),
};

static const char *shown_name(const struct count_options *o, const char *path)
{
    if (o->name)
        return o->name;
    if (strcmp(path, "-") == 0)
        return "stdin";
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static int count_file(struct counter *k, const char *path, struct err *e)
{
    const struct count_options *o = k->st->options;
    struct source *src CLEANUP(source_closep) = NULL;
    struct source *s = NULL;
    if (k->r->format != FORMAT_DELIMITED)
        return counter_book(k, path, shown_name(o, path), e);
    int rc = strcmp(path, "-") == 0 ? stage_stdin(k->st, &s, e) : source_open(&s, path, e);
    if (rc >= 0)
        rc = source_gunzip(&s, s, 0, e);
    if (rc >= 0)
        rc = source_text(&s, s, k->r->encoding, e);
    if (rc < 0)
        return rc;
    src = s;
    return counter_file(k, src, shown_name(o, path), e);
}

static void tell_identifiers(const struct counter *k)
{
    if (k->ids)
        stage_note(k->st,
                   "identifiers: %" PRIu64 " different; %" PRIu64 " of them repeated, in %" PRIu64
                   " more records; %" PRIu64 " records without one",
                   id_set_count(k->ids), id_set_repeated(k->ids), k->id_repeated, k->id_blank);
    if (k->persons)
        stage_note(k->st, "persons: %" PRIu64 " times without an identifier", k->person_blank);
    if (k->blank_rows)
        stage_note(k->st, "passed over: %" PRIu64 " rows without any cell filled", k->blank_rows);
}

static void tell(const struct counter *k)
{
    stage_note(k->st,
               "%" PRIu64 " records: %" PRIu64 " counted, %" PRIu64 " repeated set aside, %" PRIu64
               " filtered, %" PRIu64 " refused",
               k->in, k->counted, k->aside, k->filtered, k->refused);
    tell_identifiers(k);
    k->st->totals = (struct totals){.in = k->in,
                                    .passed = k->counted,
                                    .refused = k->refused,
                                    .aside = k->aside + k->filtered,
                                    .used = true,
                                    .unit = "records"};
    struct json *j = js_object();
    js_set(j, "register", js_text(k->r->name));
    js_set(j, "records", js_int((int64_t)k->in));
    js_set(j, "counted", js_int((int64_t)k->counted));
    js_set(j, "repeated", js_int((int64_t)k->id_repeated));
    js_set(j, "blank", js_int((int64_t)k->id_blank));
    js_set(j, "aside", js_int((int64_t)k->aside));
    js_set(j, "filtered", js_int((int64_t)k->filtered));
    js_set(j, "refused", js_int((int64_t)k->refused));
    event_emit(k->st->events, "count", j);
}

static int finish(struct counter *k, struct err *e)
{
    const struct count_options *o = k->st->options;
    for (size_t f = 0; f < FAULT_N; f++)
        if (k->shown && k->faults[f] > k->shown)
            stage_note(k->st, "%" PRIu64 " more of one kind are not shown; --limit 0 shows all",
                       k->faults[f] - k->shown);
    tell(k);
    if (k->in == 0)
        return err_set(e, RC_DATA, "COUNT-063", "there is a header, but no record");
    if (k->refused && !o->keep_going) {
        err_set(e, RC_DATA, "COUNT-064",
                "%" PRIu64 " of %" PRIu64 " records were refused: nothing is written", k->refused,
                k->in);
        return err_hint(e, "correct them, or count the others with --keep-going");
    }
    if (k->refused)
        stage_raise(k->st, RC_PARTIAL);
    return counter_write(k, e);
}

static int begin(struct counter *k, struct err *e)
{
    const struct count_measure *m = k->r->measures.items;
    int rc = 0;
    counter_start(k);
    if (k->shift[COUNT_DIMS_MAX - 1] > 128)
        return yaml_fault(e, k->r->at, "COUNT-022",
                          "the dimensions have too many codes together; lower max_codes");
    if (k->r->identified)
        rc = id_set_new(&k->ids, e);
    for (size_t i = 0; i < k->r->measures.n && rc == 0; i++)
        if (m[i].what == WHAT_PERSONS && !k->persons)
            rc = id_set_new(&k->persons, e);
    return rc;
}

static int count_all(struct counter *k, struct err *e)
{
    int rc = begin(k, e);
    if (rc == 0 && k->st->nargs == 0)
        rc = count_file(k, "-", e);
    for (int i = 0; i < k->st->nargs && rc == 0; i++)
        rc = count_file(k, k->st->args[i], e);
    return rc < 0 ? rc : finish(k, e);
}

static int run(struct stage *st, struct err *e)
{
    const struct count_options *o = st->options;
    struct conf *c = NULL;
    struct counter k = {.st = st, .shown = (size_t)o->limit};
    int rc = stage_conf(st, &c, e);
    if (rc == 0 && o->name && st->nargs > 1)
        rc = err_set(e, RC_USAGE, "COUNT-023", "--name is for one file");
    if (rc == 0)
        rc = count_load(c, o->declared, &k.r, e);
    if (rc == 0)
        rc = personal_load(c, &k.personal, e);
    if (rc < 0)
        return rc;
    rc = count_all(&k, e);
    counter_end(&k);
    return rc;
}

int main(int argc, char **argv)
{
    struct count_options o = {.limit = LIMIT_FINDINGS_SHOWN};
    return stage_main(&program, &o, run, argc, argv);
}
