/* profile.c — `rta profile`: a first profile for a file that nobody has read yet, and what a
 * profile makes of a file. draft looks and asks (profile_draft.h); test shows (profile_try.c). */
#include "profile_draft.h"
#include "profile_try.h"
#include "read_input.h"

#include <stddef.h>

struct profile_options {
    const char *sheet;
    int64_t rows;
};

static const struct opt opts[] = {
    {.name = "sheet",
     .kind = OPT_TEXT,
     .offset = offsetof(struct profile_options, sheet),
     .arg = "NAME",
     .help = "draft: the sheet to look at (default: the first that is filled)"},
    {.name = "rows",
     .letter = 'r',
     .kind = OPT_INT,
     .offset = offsetof(struct profile_options, rows),
     .arg = "N",
     .help = "test: show so many cells, 0 for all (default 20)",
     .min = 0,
     .max = 1000000000},
};

static const struct opt_example examples[] = {
    {"rta profile draft AL-2022.xlsx > al.yaml", "what can be seen, and what has to be asked"},
    {"rta profile test al.yaml AL-2022.xlsx", "each cell beside what is understood"},
};

static const struct opt_program program = {
    .verb = "profile",
    .group = "ingest",
    .summary = "draft a profile for a file, or try one",
    .arguments = "draft FILE | test PROFILE FILE",
    .min_args = 2,
    .max_args = 3,
    .description =
        "draft looks at a file (delimited text in any encoding, XLSX, ODS, XLS; gzipped or not) "
        "and "
        "writes a profile for it, with the evidence beside every line and a question for every "
        "doubt. A draft is refused by rta read until a person has answered and removed draft: "
        "true.\n\n"
        "test reads FILE with PROFILE (a name in config/profiles, or a file ending in .yaml, a "
        "draft, too) and shows the first cells: where each stands, what stands there, what is "
        "understood. No stream is written.",
    .opts = opts,
    .nopts = ARRAY_LEN(opts),
    .examples = examples,
    .nexamples = ARRAY_LEN(examples),
};

static int keep_row(struct draft *d, const struct table_row *row, struct err *e)
{
    (void)e;
    if (d->nrows == DRAFT_ROWS)
        return 1;
    struct draft_row *r = &d->rows[d->nrows++];
    *r = (struct draft_row){arena_array(&d->arena, row->n + 1, sizeof(struct str)), NULL, row->n,
                            row->line};
    for (size_t i = 0; i < row->n; i++)
        r->cell[i] = arena_str(&d->arena, row->cell[i]);
    if (row->kind) {
        r->kind = arena_new(&d->arena, row->n + 1);
        memcpy(r->kind, row->kind, row->n);
    }
    return 0;
}

static int count_row(struct draft *d, const struct table_row *row, struct err *e)
{
    (void)e;
    draft_count_row(d, row);
    return 0;
}

static int draft(struct stage *st, struct err *e)
{
    const struct profile_options *o = st->options;
    struct draft d = {.path = st->args[1], .name = input_name(NULL, st->args[1]), .want = o->sheet};
    int rc = draft_kind(&d, e);
    if (rc >= 0)
        rc = draft_rows(&d, keep_row, e);
    if (rc >= 0) {
        draft_find_header(&d);
        rc = draft_rows(&d, count_row, e);
    }
    if (rc >= 0)
        draft_write(&d, &st->out);
    for (size_t i = 0; d.columns && i < d.width; i++) {
        map_free(d.columns[i].texts);
        map_free(d.columns[i].distinct);
    }
    arena_free(&d.arena);
    return rc;
}

static int run(struct stage *st, struct err *e)
{
    const struct profile_options *o = st->options;
    const char *what = st->args[0];
    if (strcmp(what, "draft") == 0 && st->nargs == 2)
        return draft(st, e);
    if (strcmp(what, "test") == 0 && st->nargs == 3)
        return profile_try(st, st->args[1], st->args[2], (size_t)o->rows, e);
    err_set(e, RC_USAGE, "TRY-001", "rta profile does not know '%s' with %d words behind it", what,
            st->nargs - 1);
    return err_hint(e, "rta profile draft FILE, or rta profile test PROFILE FILE");
}

int main(int argc, char **argv)
{
    struct profile_options o = {.rows = 20};
    return stage_main(&program, &o, run, argc, argv);
}
