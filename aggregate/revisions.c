/* revisions.c — `rta revisions`: how much published figures were revised. Owns struct rev and what
 * it holds; texts are views into the rows read or the configuration's arena. */
#include "revisions.h"

#include "mem.h"

static const struct opt opts[] = {
    {.name = "from",
     .kind = OPT_TEXT,
     .arg = "X",
     .offset = offsetof(struct rev_options, from),
     .help = "the earlier state: 2026-01-31, a moment, version:N, submission:N, edition:FOLDER"
             " (default with --to: the empty store)"},
    {.name = "to",
     .kind = OPT_TEXT,
     .arg = "X",
     .offset = offsetof(struct rev_options, to),
     .help = "the later state (default with --from: now)"},
    {.name = "by",
     .letter = 'b',
     .kind = OPT_TEXT,
     .arg = "A,B",
     .offset = offsetof(struct rev_options, by),
     .help = "sums by partner, period, year, sender, submission, reason or a dimension"
             " (default: partner; of editions: dataset)"},
    {.name = "period",
     .letter = 'p',
     .kind = OPT_TEXT,
     .arg = "A..B",
     .offset = offsetof(struct rev_options, pull.period),
     .help = "periods within a span, as for pull (default: all)"},
    {.name = "top",
     .kind = OPT_INT,
     .arg = "N",
     .min = 0,
     .max = 100000,
     .offset = offsetof(struct rev_options, top),
     .help = "list the N largest revisions (default: 10)"},
    {.name = "cells",
     .kind = OPT_FLAG,
     .offset = offsetof(struct rev_options, cells),
     .help = "list everything that changed, in order of its codes; csv lists it instead of sums"},
    {.name = "editions",
     .kind = OPT_FLAG,
     .offset = offsetof(struct rev_options, editions),
     .help = "compare the published figures of two built editions: DIR_A DIR_B"},
    {.name = "form",
     .kind = OPT_ENUM,
     .arg = "FORM",
     .words = "text|csv|json",
     .offset = offsetof(struct rev_options, form),
     .help = "text, csv or json (default: text)"},
};

static const struct opt_example examples[] = {
    {"rta revisions CRIME --from 2026-01-31 --to 2026-04-30", "between two days"},
    {"rta revisions CRIME --by reason,partner", "over all submissions"},
    {"rta revisions --editions editions/rita-2025 editions/rita-2026", "what changed in print"},
};

static const struct opt_program program = {
    .verb = "revisions",
    .group = "aggregate",
    .summary = "measure how much figures were revised",
    .arguments = "STRUCTURE [DIM=CODE,CODE... | DIM=CODE+]... | DIR_A DIR_B",
    .min_args = 1,
    .max_args = -1,
    .description =
        "Between two states of the store, or, with neither --from nor --to, over every step of "
        "every submission. Counts what was revised (up and down), new, deleted, became a number "
        "or ceased to be one, or got other marks alone, and gives, over the figures that both "
        "states have as numbers (P the earlier, L the later, n of them):\n\n"
        "  MR    mean revision            sum(L - P) / n\n"
        "  MAR   mean absolute revision   sum|L - P| / n\n"
        "  RMAR  relative MAR, per cent   100 * sum|L - P| / sum|L|\n\n"
        "as the ESS handbook for quality reports and the OECD/Eurostat guidelines on revisions "
        "analysis define them. Sums are exact; each mean is rounded once, to 4 decimals. Sums by "
        "submission or reason have the cells that it changed as their n.",
    .opts = opts,
    .nopts = ARRAY_LEN(opts),
    .examples = examples,
    .nexamples = ARRAY_LEN(examples),
};

int rev_mean(struct buf *b, const char *part, const char *of, int times, struct err *e)
{
    struct num p, q;
    int rc = num_parse(&p, str_of(part), &num_plain, e);
    if (rc >= 0)
        rc = num_parse(&q, str_of(of), &num_plain, e);
    if (rc < 0 || num_is_zero(q))
        return rc;
    struct ratio *x CLEANUP(ratio_freep) = ratio_of_num(p);
    struct ratio *y CLEANUP(ratio_freep) = ratio_of_num(q);
    struct ratio *t CLEANUP(ratio_freep) = ratio_of_int(times);
    ratio_mul(x, t);
    ratio_div(x, y);
    ratio_text(b, x, 4);
    return 0;
}

static int revisions(struct rev *r, struct err *e)
{
    int rc = stage_conf(r->st, &r->conf, e);
    if (rc < 0)
        return rc;
    if (r->o->editions && (r->st->nargs != 2 || r->o->from || r->o->to || r->o->pull.period)) {
        err_set(e, RC_USAGE, "REV-001",
                "--editions takes two folders, and neither --from, --to"
                " nor --period");
        return err_hint(e, "write rta revisions --editions DIR_A DIR_B");
    }
    return r->o->editions ? rev_editions(r, e) : rev_store(r, e);
}

static int run(struct stage *st, struct err *e)
{
    struct rev r = {.st = st, .o = st->options};
    struct buf b;
    buf_init(&r.pull.where, (size_t)1 << 20);
    buf_init(&r.pull.when, (size_t)1 << 20);
    buf_init(&b, (size_t)1 << 30);
    int rc = revisions(&r, e);
    if (rc >= 0) {
        rev_show(&r, &b);
        rc = buf_ok(&b, "the revisions", e);
    }
    if (rc >= 0)
        out_str(&st->out, buf_view(&b));
    db_result_free(r.groups_rows);
    db_result_free(r.cells_rows);
    db_close(r.pull.db);
    buf_free(&r.pull.where);
    buf_free(&r.pull.when);
    buf_free(&b);
    mem_free(r.groups);
    mem_free(r.cells);
    return rc;
}

int main(int argc, char **argv)
{
    struct rev_options o = {.top = 10};
    return stage_main(&program, &o, run, argc, argv);
}
