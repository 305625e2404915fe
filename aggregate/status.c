/* status.c — `rta status`: who has sent what, when, how late, and what waits for whom. Reads the
 * store in one snapshot; owns the grid while it runs. */
#include "status.h"

#include <unistd.h>

static const struct opt status_opts[] = {
    {.name = "as-of",
     .kind = OPT_TEXT,
     .arg = "X",
     .offset = offsetof(struct status_options, want.as_of),
     .help = "as it was known on 2026-01-31 (its end, UTC), at a moment, at version:N, after"
             " submission:N, or when edition:FOLDER was built (default: now)"},
    {.name = "today",
     .kind = OPT_TEXT,
     .arg = "DAY",
     .offset = offsetof(struct status_options, want.today),
     .help = "the day that counts as today for what is due (default: the day of --as-of, else"
             " the clock's, UTC)"},
    {.name = "structure",
     .letter = 's',
     .kind = OPT_TEXT,
     .arg = "S",
     .offset = offsetof(struct status_options, want.structure),
     .help = "this structure alone (default: all of config/calendar.yaml)"},
    {.name = "partner",
     .kind = OPT_TEXT,
     .arg = "P",
     .offset = offsetof(struct status_options, want.partner),
     .help = "this partner alone (default: all)"},
    {.name = "period",
     .letter = 'p',
     .kind = OPT_TEXT,
     .arg = "A..B",
     .offset = offsetof(struct status_options, want.period),
     .help = "periods within a span: 2026-Q1, 2024..2026, 2024.. (default: all; text and html"
             " show the newest)"},
    {.name = "columns",
     .kind = OPT_INT,
     .arg = "N",
     .min = 0,
     .max = 1000,
     .offset = offsetof(struct status_options, columns),
     .help = "how many of the newest periods text and html show, 0 for all (default: 8, or all"
             " of --period)"},
    {.name = "all",
     .kind = OPT_FLAG,
     .offset = offsetof(struct status_options, want.all),
     .help = "also what came although the calendar does not expect it"},
    {.name = "to",
     .kind = OPT_ENUM,
     .arg = "FORM",
     .words = "text|csv|json|html",
     .offset = offsetof(struct status_options, to),
     .help = "text, csv, json or html: one page that needs nothing else (default: text)"},
};

static const struct opt_example examples[] = {
    {"rta status", "who has sent what"},
    {"rta status --to html >status.html", "the page for the morning"},
    {"rta status --structure CRIME --as-of 2026-05-20", "as it was known that evening"},
};

static const struct opt_program program = {
    .verb = "status",
    .group = "aggregate",
    .summary = "show what was expected, what came, and how late",
    .arguments = "",
    .description =
        "A grid of partners and periods for every structure of config/calendar.yaml: published, "
        "approved, accepted, waiting, checked, received, returned, missing, or not due yet; days "
        "late as +N, open warnings as !. Under it, for each partner: in time (punctuality), mean "
        "days late, mean days from the end of the period to receipt and to publication "
        "(timeliness), first deliveries that stood, open warnings, the newest period and its "
        "age.\n\n"
        "A delivery is in time when it was received by the day that the calendar says (UTC). A "
        "delivery that was returned, refused or withdrawn did not come.\n\n"
        "A coordinator sees all partners; an analyst sees the own partner alone, since what others "
        "have on the way is not the analyst's to see, and nothing could be said of what is "
        "missing.",
    .opts = status_opts,
    .nopts = ARRAY_LEN(status_opts),
    .examples = examples,
    .nexamples = ARRAY_LEN(examples),
};

size_t status_from(const struct status *s, const struct block *b)
{
    size_t most = s->o->columns < 0 ? (s->o->want.period ? 0 : 8) : (size_t)s->o->columns;
    return most && b->periods > most ? b->periods - most : 0;
}

const char *status_name(const struct status *s, const char *code)
{
    return region_name(s->grid.conf, s->grid.region, code, "en", s->grid.today_text);
}

struct waits status_waits(const struct grid *g)
{
    struct waits w = {0};
    for (size_t i = 0; i < g->ncells; i++) {
        const struct cell *c = &g->cells[i];
        w.missing +=
            c->rule && !cell_came(c) && c->state != CELL_NOT_DUE && c->state != CELL_UNSEEN;
        w.returned += c->rule && c->state == CELL_RETURNED;
        w.answers += c->open > 0;
        w.decide += c->state >= CELL_RECEIVED && c->state <= CELL_WAITING;
        w.approve += c->state == CELL_ACCEPTED || c->state == CELL_APPROVED;
    }
    return w;
}

static int show(struct status *s, struct err *e)
{
    struct buf b;
    int rc = 0;
    if (s->o->to == STATUS_CSV || s->o->to == STATUS_JSON) {
        (s->o->to == STATUS_CSV ? status_csv : status_json)(s, &s->st->out);
        return 0;
    }
    buf_init(&b, (size_t)256 << 20);
    if (s->o->to == STATUS_HTML)
        rc = status_html(s, &b, e);
    else
        status_text(s, &b);
    if (rc >= 0 && (rc = buf_ok(&b, "the status", e)) >= 0)
        out_str(&s->st->out, buf_view(&b));
    buf_free(&b);
    return rc;
}

static int run(struct stage *st, struct err *e)
{
    struct db *db CLEANUP(db_closep) = NULL;
    struct status s = {.st = st, .o = st->options};
    s.color = isatty(STDOUT_FILENO) == 1 && !st->common.no_color && !stage_env("NO_COLOR");
    int rc = db_open(&db, NULL, "rta-status", e);
    if (rc >= 0)
        rc = grid_read(&s.grid, st, db, &s.o->want, e);
    if (rc >= 0)
        rc = show(&s, e);
    if (rc >= 0 && !s.grid.sees_all)
        stage_note(st,
                   "only what is yours to see: what other partners have on the way is left out");
    if (rc >= 0 && s.grid.unexpected && !s.o->want.all && !s.o->want.period)
        stage_note(st, "%llu period%s came that the calendar does not expect (--all shows them)",
                   (unsigned long long)s.grid.unexpected, s.grid.unexpected == 1 ? "" : "s");
    grid_free(&s.grid);
    return rc;
}

int main(int argc, char **argv)
{
    struct status_options o = {.columns = -1};
    return stage_main(&program, &o, run, argc, argv);
}
