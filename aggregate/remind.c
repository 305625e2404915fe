/* remind.c — `rta remind`: letters to partners who owe figures or answers. First a letter and all
 * it reminds of are kept in the store, in one transaction; then its file is written and its mail
 * sent, and marked. A run that is killed leaves marks open, and the next one goes on there. */
#include "remind.h"

static const struct opt opts[] = {
    {.name = "today",
     .kind = OPT_TEXT,
     .arg = "DAY",
     .offset = offsetof(struct remind_options, today),
     .help = "the day that counts as today (default: the clock's, UTC)"},
    {.name = "partner",
     .kind = OPT_TEXT,
     .arg = "P",
     .offset = offsetof(struct remind_options, partner),
     .help = "write to this partner alone (default: to all)"},
    {.name = "out",
     .letter = 'o',
     .kind = OPT_TEXT,
     .arg = "DIR",
     .offset = offsetof(struct remind_options, out),
     .help = "folder of the letters (default: letters/ in RTA_HOME)"},
    {.name = "mail",
     .kind = OPT_FLAG,
     .offset = offsetof(struct remind_options, mail),
     .help = "also send them as config/policies/mail.yaml says"},
    {.name = "dry-run",
     .letter = 'n',
     .kind = OPT_FLAG,
     .offset = offsetof(struct remind_options, dry_run),
     .help = "show the letters that would be written; keep and send nothing"},
};

static const struct opt_example examples[] = {
    {"rta remind --dry-run", "what would be written today"},
    {"rta remind --mail --quiet", "daily, in cron"},
};

static const struct opt_program program = {
    .verb = "remind",
    .group = "aggregate",
    .summary = "write to partners who owe figures or answers",
    .arguments = "",
    .description =
        "One letter to each partner for whom a day of reminder of config/calendar.yaml has come "
        "(T+30, T+37, T+45 after the end of a period), or whose time to answer a warning is over. "
        "The letter names all that is missing or was returned, and all open warnings. Texts are "
        "templates/letters/LANGUAGE/reminder.mustache; the first line is the subject.\n\n"
        "No step of a period is reminded of twice. Each letter is kept in the store before it is "
        "written or sent; a run that was killed is finished by the next one, and a mail that has "
        "to be sent again has the same Message-ID.\n\n"
        "Letters are a coordinator's. An analyst may look at the one to the own partner with "
        "--dry-run (77 without it).",
    .opts = opts,
    .nopts = ARRAY_LEN(opts),
    .examples = examples,
    .nexamples = ARRAY_LEN(examples),
};

static void show(struct remind *r, const struct letter *l)
{
    struct buf b;
    buf_init(&b, (size_t)1 << 20);
    buf_fmt(&b, "==== %s\nSubject: ", l->file);
    buf_str(&b, l->subject);
    buf_text(&b, "\n\n");
    buf_str(&b, l->body);
    buf_char(&b, '\n');
    out_str(&r->st->out, buf_view(&b));
    buf_free(&b);
}

static int one_partner(struct remind *r, const char *partner, struct err *e)
{
    struct letter l = {.partner = partner};
    bool any = false;
    int rc = letter_make(r, partner, &l, &any, e);
    if (rc >= 0 && any && r->o->dry_run)
        show(r, &l);
    else if (rc >= 0 && any)
        rc = letter_keep(r, &l, e);
    if (rc >= 0 && any)
        r->made += r->o->dry_run || rc > 0;
    letter_free(&l);
    return rc;
}

/* Two runs at once would name two letters of one day alike. */
static int alone(struct remind *r, struct err *e)
{
    struct db_result *got CLEANUP(db_result_freep) = NULL;
    int rc = db_query(r->db, "wait for other reminders",
                      "SELECT pg_try_advisory_lock(hashtextextended('rta.remind', 0))", NULL, 0,
                      &got, e);
    if (rc >= 0 && strcmp(db_value(got, 0, 0), "t") != 0) {
        err_set(e, RC_RETRY, "REM-010", "another rta remind is at work");
        return err_hint(e, "try again when it has finished");
    }
    return rc;
}

static int may_write(struct remind *r, struct err *e)
{
    if (r->o->dry_run || r->grid.sees_all)
        return 0;
    err_set(e, RC_DENIED, "REM-012", "letters are written by a coordinator");
    return err_hint(e, "`rta remind --dry-run` shows the one to your own partner");
}

static int policy(struct remind *r, struct err *e)
{
    int rc = mail_policy_load(r->conf, &r->policy, e);
    if (rc < 0 || !r->o->mail || r->policy.server)
        return rc;
    err_set(e, RC_CONFIG, "REM-005", "no mail server is configured");
    (void)err_place(e, "%s", r->policy.path);
    return err_hint(e, "name one there (server, from, partners), or leave --mail away");
}

static int remind(struct remind *r, struct err *e)
{
    struct grid_want want = {.today = r->o->today, .partner = r->o->partner};
    int rc = stage_conf(r->st, &r->conf, e);
    if (rc < 0 || (rc = policy(r, e)) < 0 || (rc = db_open(&r->db, NULL, "rta-remind", e)) < 0 ||
        (!r->o->dry_run && (rc = alone(r, e)) < 0) ||
        (rc = grid_read(&r->grid, r->st, r->db, &want, e)) < 0 || (rc = may_write(r, e)) < 0)
        return rc;
    r->out = r->o->out ? r->o->out : arena_fmt(&r->conf->arena, "%s/letters", stage_home(r->st));
    for (size_t i = 0; i < r->grid.npartners && rc >= 0; i++)
        rc = one_partner(r, r->grid.partners[i], e);
    if (rc < 0 || r->o->dry_run)
        return rc;
    rc = remind_write(r, e);
    return rc < 0 || !r->o->mail ? rc : remind_mail(r, e);
}

static int run(struct stage *st, struct err *e)
{
    struct remind r = {.st = st, .o = st->options};
    int rc = remind(&r, e);
    if (r.o->dry_run)
        stage_note(st, "%llu letters would be written", (unsigned long long)r.made);
    else
        stage_note(st, "%llu new letters, %llu written, %llu mailed", (unsigned long long)r.made,
                   (unsigned long long)r.written, (unsigned long long)r.mailed);
    grid_free(&r.grid);
    db_close(r.db);
    return rc;
}

int main(int argc, char **argv)
{
    struct remind_options o = {.today = NULL};
    return stage_main(&program, &o, run, argc, argv);
}
