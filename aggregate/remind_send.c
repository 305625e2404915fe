/* remind_send.c — the way out of letters that the store keeps: first done, then marked, so that a
 * killed run is finished by the next and nothing is lost. */
#include "remind.h"

#include "mail.h"

static int mark(struct remind *r, const char *id, const char *what, struct err *e)
{
    const char *params[] = {id, what};
    return db_query(r->db, "mark a letter", "SELECT rta.letter_done($1::integer, $2)", params, 2,
                    NULL, e);
}

static int write_one(struct remind *r, const struct db_result *rows, size_t i, struct err *e)
{
    struct buf text;
    const char *path = arena_fmt(&r->conf->arena, "%s/%s", r->out, db_value(rows, i, 1));
    buf_init(&text, (size_t)2 << 20);
    buf_fmt(&text, "Subject: %s\n\n", db_value(rows, i, 2));
    buf_str(&text, db_cell(rows, i, 3));
    int rc = buf_ok(&text, "the letter", e);
    if (rc >= 0)
        rc = file_write(path, buf_view(&text), e);
    buf_free(&text);
    if (rc < 0)
        return rc;
    r->written++;
    out_str(&r->st->out, str_of(path));
    out_str(&r->st->out, STR("\n"));
    return mark(r, db_value(rows, i, 0), "written", e);
}

int remind_write(struct remind *r, struct err *e)
{
    struct db_result *rows CLEANUP(db_result_freep) = NULL;
    int rc = db_query(r->db, "read the letters to write",
                      "SELECT id, file_name, subject, body FROM rta.letter"
                      " WHERE written_at IS NULL ORDER BY id",
                      NULL, 0, &rows, e);
    if (rc >= 0 && db_rows(rows) > 0)
        rc = dir_make(r->out, e);
    for (size_t i = 0; rc >= 0 && i < db_rows(rows); i++)
        rc = write_one(r, rows, i, e);
    return rc;
}

/* A text[] of checked addresses, "{a@b,c@d}", into views; changes the text. */
static size_t split(char *list, const char **ret, size_t most)
{
    size_t n = 0;
    for (char *c = list; *c; c++) {
        bool part = *c == '{' || *c == '}' || *c == ',' || *c == '"';
        if (part)
            *c = '\0';
        else if ((c == list || c[-1] == '\0') && n < most)
            ret[n++] = c;
    }
    return n;
}

static int mail_one(struct remind *r, const struct db_result *rows, size_t i, struct err *e)
{
    const char *to[MAILING_ADDRESSES_MAX];
    struct arena *a = &r->conf->arena;
    char *list = arena_text(a, db_cell(rows, i, 1));
    struct mail_server server = {.url = r->policy.server,
                                 .netrc = r->policy.netrc,
                                 .plain = !r->policy.tls,
                                 .timeout_ms = 60000};
    struct mail m = {.from = r->policy.from,
                     .from_name = r->policy.name,
                     .to = to,
                     .nto = split(list, to, ARRAY_LEN(to)),
                     .subject = db_value(rows, i, 2),
                     .body = db_value(rows, i, 3),
                     .id = db_value(rows, i, 4),
                     .when = db_integer(rows, i, 5, 0)};
    int rc = mail_send(&server, &m, e);
    if (rc < 0)
        return err_place(e, "%s", db_value(rows, i, 6));
    r->mailed++;
    return mark(r, db_value(rows, i, 0), "mailed", e);
}

/* One that fails does not hold up the others; the first failure is the run's. */
int remind_mail(struct remind *r, struct err *e)
{
    struct db_result *rows CLEANUP(db_result_freep) = NULL;
    int rc = db_query(r->db, "read the letters to send",
                      "SELECT id, mail_to::text, subject, body, message_id,"
                      " floor(extract(epoch FROM made_at))::bigint, file_name FROM rta.letter"
                      " WHERE mailed_at IS NULL AND mail_to <> '{}' ORDER BY id",
                      NULL, 0, &rows, e);
    for (size_t i = 0; rc >= 0 && i < db_rows(rows); i++) {
        struct err why = {.rc = RC_OK};
        if (mail_one(r, rows, i, &why) >= 0)
            continue;
        stage_error(r->st, &why);
        stage_raise(r->st, why.rc);
        r->waiting++;
    }
    return rc;
}
