/* submission.c — `rta submission`: the coordinator's desk. What waits, what is in it, what it would
 * change, who decided what, and the steps themselves, which the database takes or refuses. Owns the
 * connection. */
#include "submission.h"

#include "yml.h"

static const struct opt submission_opts[] = {
    {.name = "reason",
     .letter = 'r',
     .kind = OPT_TEXT,
     .arg = "TEXT",
     .offset = offsetof(struct submission_options, reason),
     .help = "why; a question, a return and a withdrawal need one"},
    {.name = "digest",
     .letter = 'd',
     .kind = OPT_TEXT,
     .arg = "HEX",
     .offset = offsetof(struct submission_options, digest),
     .help = "what you decide on, as show prints it (its first 12 characters will do); approve"
             " needs it"},
    {.name = "embargo",
     .kind = OPT_TEXT,
     .arg = "MOMENT",
     .offset = offsetof(struct submission_options, embargo),
     .help =
         "with approve: not to be published before 2027-02-01 or 2027-02-01T09:00:00Z, which is to"
         " come"},
    {.name = "due",
     .kind = OPT_FLAG,
     .offset = offsetof(struct submission_options, due),
     .help = "with publish: all approved ones whose embargo is over"},
    {.name = "at",
     .kind = OPT_TEXT,
     .arg = "MOMENT",
     .offset = offsetof(struct submission_options, at),
     .help =
         "with publish, and with withdraw of what is published: the true moment, when a history is"
         " loaded once more"},
    {.name = "finding",
     .letter = 'f',
     .kind = OPT_INT,
     .arg = "N",
     .min = 1,
     .max = INT32_MAX,
     .offset = offsetof(struct submission_options, finding),
     .help = "with answer: this finding (default: all that are open)"},
    {.name = "rule",
     .kind = OPT_TEXT,
     .arg = "ID",
     .offset = offsetof(struct submission_options, rule),
     .help = "with answer: all findings of this rule"},
    {.name = "state",
     .kind = OPT_TEXT,
     .arg = "STATE",
     .offset = offsetof(struct submission_options, state),
     .help = "with list: only these (default: all that are on their way)"},
    {.name = "partner",
     .letter = 'p',
     .kind = OPT_TEXT,
     .arg = "CODE",
     .offset = offsetof(struct submission_options, partner),
     .help = "with list: only this partner or sender"},
    {.name = "structure",
     .kind = OPT_TEXT,
     .arg = "ID",
     .offset = offsetof(struct submission_options, structure),
     .help = "with list: only this structure"},
    {.name = "all",
     .letter = 'a',
     .kind = OPT_FLAG,
     .offset = offsetof(struct submission_options, all),
     .help = "with list: also those that are published, returned or withdrawn"},
    {.name = "limit",
     .kind = OPT_INT,
     .arg = "N",
     .max = INT32_MAX,
     .offset = offsetof(struct submission_options, limit),
     .help = "at most N lines of a list, a diff or a history, 0: all (default: 200)"},
    {.name = "json",
     .letter = 'j',
     .kind = OPT_FLAG,
     .offset = offsetof(struct submission_options, json),
     .help = "write JSON"},
    {.name = "html",
     .kind = OPT_FLAG,
     .offset = offsetof(struct submission_options, html),
     .help = "write a page of HTML"},
};

static const struct opt_example submission_examples[] = {
    {"rta submission list", "what is on its way"},
    {"rta submission diff 12", "what it would change"},
    {"rta submission answer 12 'counted by decision since 2024' --rule CHECK-109",
     "answer for the sender"},
    {"rta submission accept 12", "one person accepts"},
    {"rta submission approve 12 --digest 3f9a0c52e1b7 --embargo 2027-02-01",
     "another one approves exactly that"},
    {"rta submission publish --due", "for cron: publish what is approved and due"},
};

static const struct opt_program program = {
    .verb = "submission",
    .group = "ingest",
    .summary = "show what was delivered; answer, accept, approve, publish, send back, withdraw",
    .arguments = "STEP [N...] [TEXT]",
    .min_args = 1,
    .max_args = -1,
    .description =
        "Steps that look: list, show N, diff N (what it changes), history [N] (who decided what).\n"
        "Steps that do: answer N TEXT, check N (compare anew), ask N, accept N, approve N, "
        "publish N..., return N, withdraw N.\n\n"
        "A delivery whose sender needs approval waits in the store: received, checked, waiting for "
        "answers, accepted by one person, approved by another one, published. Every step is kept "
        "with who, when, why, and the digest of exactly what was decided on.\n\n"
        "The database decides who may do what. A coordinator sees and does all of this; an analyst "
        "sees what is published and what the own partner has on its way, answers, and withdraws "
        "what is not published; for a list it is as if nothing else were there. Somebody who "
        "loaded a delivery, accepted it or "
        "answered for its sender cannot approve it (77). An approval names the digest that `show` "
        "printed; when an answer or published figures have changed meanwhile, it is refused with "
        "\"look again\" (65): compare anew with `check`. Before its embargo is over, a submission "
        "cannot be published (75).\n\n"
        "What was published stays in the history. To withdraw it makes a new submission that "
        "takes its changes back and needs two persons like any other.",
    .opts = submission_opts,
    .nopts = ARRAY_LEN(submission_opts),
    .examples = submission_examples,
    .nexamples = ARRAY_LEN(submission_examples),
};

int submission_number(struct desk_run *r, int i, const char **ret, struct err *e)
{
    const char *z = i < r->st->nargs ? r->st->args[i] : "";
    size_t n = strlen(z);
    *ret = z;
    if (n > 0 && n <= 9 && strspn(z, "0123456789") == n)
        return 0;
    if (n == 0)
        err_set(e, RC_USAGE, "SUBM-002", "which submission shall I %s?", r->verb);
    else
        err_set(e, RC_USAGE, "SUBM-003", "not the number of a submission: %s", z);
    return err_hint(e, "`rta submission list` shows them");
}

static const struct {
    const char *verb;
    int (*run)(struct desk_run *r, struct err *e);
} verbs[] = {
    {"list", submission_view},    {"show", submission_view},     {"diff", submission_view},
    {"history", submission_view}, {"answer", submission_step},   {"check", submission_step},
    {"ask", submission_step},     {"accept", submission_step},   {"approve", submission_step},
    {"return", submission_step},  {"withdraw", submission_step}, {"publish", submission_step},
};

static int unknown_verb(const char *verb, struct err *e)
{
    const char *words[ARRAY_LEN(verbs)];
    for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
        words[i] = verbs[i].verb;
    const char *near = word_nearest(str_of(verb), words, ARRAY_LEN(verbs));
    err_set(e, RC_USAGE, "SUBM-001", "no such step: %s", verb);
    return near ? err_hint(e, "did you mean %s?", near)
                : err_hint(e, "`rta submission --help` names them");
}

static int run(struct stage *st, struct err *e)
{
    struct desk_run r = {.st = st, .o = st->options, .verb = st->args[0]};
    for (size_t i = 0; i < ARRAY_LEN(verbs); i++) {
        if (strcmp(verbs[i].verb, r.verb) != 0)
            continue;
        int rc = stage_conf(st, &r.conf, e);
        if (rc >= 0)
            rc = db_open(&r.db, NULL, "rta-submission", e);
        if (rc >= 0) /* a load that publishes is waited for, not for ever */
            rc = db_script(r.db, "begin", "SET lock_timeout = '600s'", e);
        if (rc >= 0)
            rc = verbs[i].run(&r, e);
        db_close(r.db);
        return rc;
    }
    return unknown_verb(r.verb, e);
}

int main(int argc, char **argv)
{
    struct submission_options o = {.limit = 200};
    return stage_main(&program, &o, run, argc, argv);
}
