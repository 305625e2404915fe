/* submission_step.c — the steps. Each is one call of rta.submission_decide and its like: what may
 * be done, by whom, and on exactly what, the database knows. Publishing is followed by settling, in
 * a transaction of its own, which changes nothing that a reader sees and may as well be done by the
 * next load. */
#include "submission.h"

#include "date.h"

#define MOMENT "'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'"

struct outcome {
    const char *id;
    char state[24], version[16], digest[65];
};

static int say(struct desk_run *r, const struct outcome *o, struct err *e)
{
    if (o->version[0])
        stage_note(r->st, "submission %s: %s, version %s", o->id, o->state, o->version);
    else
        stage_note(r->st, "submission %s: %s", o->id, o->state);
    if (!r->o->json)
        return 0;
    struct buf b CLEANUP(buf_free) = {.max = 65536};
    CLEANUP(js_freep) struct json *j = js_object();
    js_set(j, "submission", js_number(str_of(o->id)));
    js_set(j, "state", js_text(o->state));
    js_set(j, "version", o->version[0] ? js_number(str_of(o->version)) : js_null());
    js_set(j, "digest", js_text(o->digest));
    js_write(&b, j, false);
    buf_char(&b, '\n');
    int rc = buf_ok(&b, "the answer", e);
    if (rc >= 0)
        out_str(&r->st->out, buf_view(&b));
    return rc;
}

static int finish(struct desk_run *r, struct outcome *o, struct err *e)
{
    struct db_result *a CLEANUP(db_result_freep) = NULL;
    const char *params[] = {o->id};
    int rc = db_query(r->db, "read the submission",
                      "SELECT state, version, rta.submission_digest(id) FROM rta.submission"
                      " WHERE id = $1",
                      params, 1, &a, e);
    if (rc < 0 || db_rows(a) == 0)
        return rc;
    (void)snprintf(o->state, sizeof o->state, "%s", db_value(a, 0, 0));
    (void)snprintf(o->version, sizeof o->version, "%s", db_value(a, 0, 1));
    (void)snprintf(o->digest, sizeof o->digest, "%s", db_value(a, 0, 2));
    return say(r, o, e);
}

/* The digest that was shown: whole, or its first characters when they are enough to mean it. */
static int whole_digest(struct desk_run *r, const char *id, char ret[65], struct err *e)
{
    struct db_result *a CLEANUP(db_result_freep) = NULL;
    const char *params[] = {id}, *given = r->o->digest;
    size_t n = strlen(given);
    if (n < 12 || n > 64 || strspn(given, "0123456789abcdef") != n) {
        err_set(e, RC_USAGE, "SUBM-010", "no digest: %s", given);
        return err_hint(e, "give at least 12 characters of what `rta submission show %s` prints",
                        id);
    }
    int rc =
        db_query(r->db, "read the digest", "SELECT rta.submission_digest($1)", params, 1, &a, e);
    if (rc < 0)
        return rc;
    bool fits = strncmp(given, db_value(a, 0, 0), n) == 0;
    (void)snprintf(ret, 65, "%s", fits ? db_value(a, 0, 0) : given);
    return 0;
}

static int decide(struct desk_run *r, const char *id, struct err *e)
{
    char digest[65] = "";
    struct outcome o = {.id = id};
    int rc = r->o->digest ? whole_digest(r, id, digest, e) : 0;
    const char *params[] = {
        id, r->verb, r->o->reason, r->o->digest ? digest : NULL, r->o->embargo, r->o->at};
    if (rc >= 0)
        rc = db_query(r->db, r->verb,
                      "SELECT state FROM rta.submission_decide($1, $2, $3, $4,"
                      " $5::timestamptz, $6::timestamptz)",
                      params, ARRAY_LEN(params), NULL, e);
    return rc < 0 ? rc : finish(r, &o, e);
}

/* ---- publishing ---- */

static int settle(struct desk_run *r, struct err *e)
{
    int rc = db_script(r->db, "settle what was published", "SELECT rta.settle()", e);
    return rc < 0 ? rc : db_script(r->db, "clear what is settled", "SELECT rta.sweep()", e);
}

/* Each by itself: one that must be looked at again does not hold up the others. */
static int publish_due(struct desk_run *r, struct err *e)
{
    struct db_result *a CLEANUP(db_result_freep) = NULL;
    int rc = db_query(r->db, "look for what is due",
                      "SELECT id FROM rta.submission WHERE state = 'approved'"
                      " AND (embargo IS NULL OR embargo <= clock_timestamp())"
                      " ORDER BY embargo NULLS FIRST, id",
                      NULL, 0, &a, e);
    for (size_t i = 0; rc >= 0 && i < db_rows(a); i++) {
        struct err fault = {0};
        if (decide(r, db_value(a, i, 0), &fault) >= 0)
            continue;
        stage_error(r->st, &fault);
        stage_raise(r->st, fault.rc);
    }
    if (rc >= 0 && db_rows(a) == 0)
        stage_note(r->st, "nothing is due");
    return rc;
}

static int publish(struct desk_run *r, struct err *e)
{
    int rc = 0;
    if (r->o->due && r->st->nargs > 1)
        return err_set(e, RC_USAGE, "SUBM-011", "publish takes numbers or --due, not both");
    if (r->o->due) {
        rc = publish_due(r, e);
    } else {
        const char *id;
        for (int i = 1; rc >= 0 && (i < r->st->nargs || i == 1); i++)
            if ((rc = submission_number(r, i, &id, e)) >= 0)
                rc = decide(r, id, e);
    }
    /* what was published is visible: failing to settle now is no failure */
    struct err late = {0};
    if (settle(r, &late) < 0)
        stage_note(r->st, "it will be settled by the next load: %s", late.text);
    return rc;
}

/* ---- the others ---- */

static int answer(struct desk_run *r, const char *id, struct err *e)
{
    struct db_result *a CLEANUP(db_result_freep) = NULL;
    struct outcome o = {.id = id};
    char finding[24];
    (void)snprintf(finding, sizeof finding, "%lld", (long long)r->o->finding);
    const char *text = r->st->nargs > 2 ? r->st->args[2] : r->o->reason;
    const char *params[] = {id, r->o->finding ? finding : NULL, r->o->rule, text};
    if (!text) {
        err_set(e, RC_USAGE, "SUBM-012", "an answer without words");
        return err_hint(e, "rta submission answer %s 'the answer'", id);
    }
    int rc =
        db_query(r->db, "answer", "SELECT rta.submission_answer($1, $2, $3, $4)", params, 4, &a, e);
    if (rc < 0)
        return rc;
    stage_note(r->st, "%s findings answered", db_value(a, 0, 0));
    return finish(r, &o, e);
}

/* What was published is taken back by a new submission; what was not is simply withdrawn. */
static int withdraw(struct desk_run *r, const char *id, struct err *e)
{
    struct db_result *a CLEANUP(db_result_freep) = NULL, *b CLEANUP(db_result_freep) = NULL;
    const char *params[] = {id, r->o->reason, r->o->at};
    int rc = db_query(r->db, "read the submission",
                      "SELECT 1 FROM rta.submission WHERE id = $1 AND state = 'published'", params,
                      1, &a, e);
    if (rc < 0)
        return rc;
    if (db_rows(a) == 0) {
        rc = decide(r, id, e);
        struct err late = {
            0}; /* also when it was refused: an earlier one may have been killed here */
        if (db_script(r->db, "clear it away", "SELECT rta.sweep()", &late) < 0)
            err_clear(&late); /* the next load does it */
        return rc;
    }
    rc = db_query(r->db, "withdraw", "SELECT rta.submission_take_back($1, $2, $3::timestamptz)",
                  params, 3, &b, e);
    if (rc < 0)
        return rc;
    struct outcome o = {.id = db_value(b, 0, 0)};
    stage_note(r->st, "submission %s takes submission %s back when two persons agree", o.id, id);
    return finish(r, &o, e);
}

static int moment_given(const char *option, const char *text, struct err *e)
{
    if (!text || moment_ok(text))
        return 0;
    err_set(e, RC_USAGE, "SUBM-015", "%s is no moment: %s", option, text);
    return err_hint(e, "write 2026-01-31 or 2026-01-31T12:00:00Z");
}

int submission_step(struct desk_run *r, struct err *e)
{
    const char *id;
    if (moment_given("--embargo", r->o->embargo, e) < 0 || moment_given("--at", r->o->at, e) < 0)
        return -RC_USAGE;
    if (strcmp(r->verb, "publish") == 0)
        return publish(r, e);
    int rc = submission_number(r, 1, &id, e);
    if (rc < 0)
        return rc;
    if (r->st->nargs > (strcmp(r->verb, "answer") == 0 ? 3 : 2)) {
        err_set(e, RC_USAGE, "SUBM-013", "one submission at a time");
        return err_hint(e, "a reason is given with --reason");
    }
    if (strcmp(r->verb, "approve") == 0 && !r->o->digest) {
        err_set(e, RC_USAGE, "SUBM-014", "an approval says of what: --digest is missing");
        return err_hint(e, "`rta submission show %s` prints it", id);
    }
    if (strcmp(r->verb, "answer") == 0)
        return answer(r, id, e);
    return strcmp(r->verb, "withdraw") == 0 ? withdraw(r, id, e) : decide(r, id, e);
}
