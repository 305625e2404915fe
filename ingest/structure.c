/* structure.c — rta structure: structures and code lists between config/ and SDMX, and what changed
 * between two versions of a code list. */
#include "structure_model.h"

#include "bounds.h"

#include <stddef.h>

struct structure_options {
    const char *to, *id, *columns, *prepared;
    int format, report;
    bool force;
};

static const struct opt opts[] = {
    {.name = "format",
     .letter = 'f',
     .kind = OPT_ENUM,
     .offset = offsetof(struct structure_options, format),
     .arg = "FORMAT",
     .help = "export: the message to write (default sdmx-ml-2.1)",
     .words = "sdmx-ml-2.1|sdmx-ml-3.0|sdmx-json"},
    {.name = "prepared",
     .kind = OPT_TEXT,
     .offset = offsetof(struct structure_options, prepared),
     .arg = "TIME",
     .help = "export: when it was prepared (default now), 2026-01-31T12:00:00Z"},
    {.name = "to",
     .letter = 't',
     .kind = OPT_TEXT,
     .offset = offsetof(struct structure_options, to),
     .arg = "FOLDER",
     .help = "import: the configuration that is written to"},
    {.name = "force",
     .kind = OPT_FLAG,
     .offset = offsetof(struct structure_options, force),
     .help = "import: replace files that are there"},
    {.name = "id",
     .kind = OPT_TEXT,
     .offset = offsetof(struct structure_options, id),
     .arg = "ID",
     .help = "the code list of a CSV file, or the only one to compare"},
    {.name = "columns",
     .kind = OPT_TEXT,
     .offset = offsetof(struct structure_options, columns),
     .arg = "OURS=THEIRS,...",
     .help = "which columns of a CSV file are code, parent, label_en ..."},
    {.name = "report",
     .kind = OPT_ENUM,
     .offset = offsetof(struct structure_options, report),
     .arg = "FORM",
     .help = "diff: how it is told (default table)",
     .words = "table|csv|json"},
};

static const struct opt_example examples[] = {
    {"rta structure export CRIME > crime.xml", "a structure and its code lists, to register"},
    {"rta structure import --to config crim_dsd.xml", "somebody's structure, to map from or to"},
    {"rta structure diff AREA new/AREA.csv", "our code list against another version"},
};

static const struct opt_program program = {
    .verb = "structure",
    .group = "ingest",
    .summary = "bring structures and code lists in and out",
    .arguments = "export [NAME...] | import FILE | diff OLD NEW",
    .min_args = 1,
    .max_args = 64,
    .description =
        "export writes structures of the configuration with all their code lists (or code lists "
        "alone) as one SDMX structure message: concept scheme, code lists with their names in "
        "every language and their parents, data structures, dataflows. Without a NAME, all "
        "structures. What SDMX has no place for stands in annotations; import reads it back.\n\n"
        "import reads an SDMX-ML 2.1 or 3.0 or SDMX-JSON structure message, or a code list as "
        "CSV, and writes structures/ID.yaml and codelists/ID.csv into a configuration. A file "
        "that is there is never replaced without --force. rta config check proves the result.\n\n"
        "diff compares code lists, each a file or a name in the configuration: codes added, "
        "removed, renamed, re-parented. Exit code 1 when there is any difference.",
    .opts = opts,
    .nopts = ARRAY_LEN(opts),
    .examples = examples,
    .nexamples = ARRAY_LEN(examples),
};

static void freep(struct model *m) { model_free(m); }

static int usage(const char *text, struct err *e)
{
    err_set(e, RC_USAGE, "STRUCT-046", "%s", text);
    return err_hint(e, "rta structure --help shows what each word takes.");
}

static const char *now_text(char text[32])
{
    struct timespec now;
    struct tm t;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    (void)gmtime_r(&now.tv_sec, &t);
    return strftime(text, 32, "%Y-%m-%dT%H:%M:%SZ", &t) ? text : "1970-01-01T00:00:00Z";
}

static int read_names(struct stage *st, struct conf *c, struct model *m, struct err *e)
{
    const char *const *names;
    size_t n;
    int rc = 0;
    for (int i = 1; i < st->nargs && rc >= 0; i++)
        rc = model_read_conf(m, c, st->args[i], e);
    if (rc < 0 || st->nargs > 1)
        return rc;
    rc = conf_list(c, "structures", "yaml", &names, &n, e);
    for (size_t i = 0; i < n && rc >= 0; i++)
        rc = model_read_conf(m, c, names[i], e);
    return rc;
}

static int export(struct stage *st, const struct structure_options *o, struct err *e)
{
    struct model m CLEANUP(freep) = {0};
    struct buf b CLEANUP(buf_free) = {.max = LIMIT_JSON_BYTES};
    struct conf *c;
    char now[32];
    const char *prepared = o->prepared ? o->prepared : now_text(now);
    if (prepared[strspn(prepared, "0123456789-:.TZ+")])
        return usage("--prepared is a time as 2026-01-31T12:00:00Z", e);
    int rc = stage_conf(st, &c, e);
    if (rc >= 0)
        rc = read_names(st, c, &m, e);
    if (rc >= 0)
        rc = model_check_ids(&m, e);
    if (rc < 0)
        return rc;
    enum sm_format f = (enum sm_format)o->format;
    if (f == SM_JSON)
        model_write_json(&m, prepared, &b);
    else
        model_write_xml(&m, f, prepared, &b);
    rc = buf_ok(&b, "the message", e);
    if (rc >= 0)
        out_str(&st->out, buf_view(&b));
    return rc;
}

static int import(struct stage *st, const struct structure_options *o, struct err *e)
{
    struct model m CLEANUP(freep) = {0};
    if (st->nargs != 2 || !o->to)
        return usage("import takes one FILE, and --to FOLDER", e);
    int rc = model_read_file(&m, st->args[1], o->id, o->columns, e);
    if (rc >= 0)
        rc = model_settle(&m, st->args[1], e);
    if (rc < 0)
        return rc;
    if (m.dropped)
        stage_note(st, "%zu annotations have no place in the configuration and were left out",
                   m.dropped);
    return model_write_conf(&m, st, o->to, o->force, e);
}

/* A file when there is one of that name with a dot or slash in it; else a name of the
 * configuration. */
static int read_side(struct stage *st, const char *what, const struct structure_options *o,
                     struct model *m, struct err *e)
{
    struct conf *c;
    if (strchr(what, '/') || strchr(what, '.')) {
        int rc = model_read_file(m, what, o->id, o->columns, e);
        return rc < 0 ? rc : model_settle(m, what, e);
    }
    int rc = stage_conf(st, &c, e);
    return rc < 0 ? rc : model_read_conf(m, c, what, e);
}

static int diff(struct stage *st, const struct structure_options *o, struct err *e)
{
    struct model old CLEANUP(freep) = {0}, new CLEANUP(freep) = {0};
    if (st->nargs != 3)
        return usage("diff takes two, the old and the new", e);
    int rc = read_side(st, st->args[1], o, &old, e);
    if (rc >= 0)
        rc = read_side(st, st->args[2], o, &new, e);
    if (rc < 0)
        return rc;
    enum diff_format f = (enum diff_format)o->report;
    if (model_diff(&old, &new, o->id, f, &st->out))
        stage_raise(st, RC_PARTIAL);
    return 0;
}

static int run(struct stage *st, struct err *e)
{
    const struct structure_options *o = st->options;
    const char *what = st->args[0];
    if (strcmp(what, "export") == 0)
        return export(st, o, e);
    if (strcmp(what, "import") == 0)
        return import(st, o, e);
    if (strcmp(what, "diff") == 0)
        return diff(st, o, e);
    return usage("the first word is export, import or diff", e);
}

int main(int argc, char **argv)
{
    struct structure_options o = {0};
    return stage_main(&program, &o, run, argc, argv);
}
