/* remind_send.c — config/policies/mail.yaml, and the way out of letters that the store keeps: first
 * done, then marked, so that a killed run is finished by the next and nothing is lost. */
#include "remind.h"

#include "mail.h"

#include <unistd.h>

#define ADDRESSES_MAX 64 /* of one partner */

static const struct yaml_field partner_fields[] = {
    {.key = "to",
     .kind = YAML_LIST,
     .offset = offsetof(struct mail_partner, to),
     .type = &yaml_text_type},
    {.key = "lang", .kind = YAML_TEXT, .offset = offsetof(struct mail_partner, lang)}};
static const struct yaml_type partner_type = {sizeof(struct mail_partner), partner_fields,
                                              ARRAY_LEN(partner_fields)};
#define TEXT(field)                                                                     \
    {                                                                                   \
        .key = #field, .kind = YAML_TEXT, .offset = offsetof(struct mail_policy, field) \
    }
static const struct yaml_field policy_fields[] = {
    TEXT(server),
    TEXT(netrc),
    TEXT(from),
    TEXT(name),
    TEXT(lang),
    TEXT(signature),
    {.key = "tls",
     .kind = YAML_BOOL,
     .offset = offsetof(struct mail_policy, tls),
     .fallback = "true"},
    {.key = "partners",
     .kind = YAML_MAP,
     .offset = offsetof(struct mail_policy, partners),
     .type = &partner_type},
    {.kind = YAML_MARK, .offset = offsetof(struct mail_policy, at)}};
static const struct yaml_type policy_type = {sizeof(struct mail_policy), policy_fields,
                                             ARRAY_LEN(policy_fields)};

static int check_partner(struct remind *r, const struct mail_partner *p, struct err *e)
{
    const struct region *g;
    const char *const *to = p->to.items;
    int rc = region_load(r->conf, &g, e);
    if (rc >= 0 && !region_partner(g, str_of(p->key)))
        rc = yaml_fault(e, r->policy.at, "REM-001", "\"%s\" is no partner", p->key);
    for (size_t i = 0; i < p->to.n && rc >= 0; i++)
        if (!mail_address_ok(to[i]))
            rc = yaml_fault(e, r->policy.at, "REM-002", "%s: \"%s\" is no mail address", p->key,
                            to[i]);
    if (rc >= 0 && p->to.n > ADDRESSES_MAX)
        rc = yaml_fault(e, r->policy.at, "REM-006", "%s: more than %d addresses", p->key,
                        ADDRESSES_MAX);
    if (rc >= 0 && p->lang && strchr(p->lang, '/'))
        rc = yaml_fault(e, r->policy.at, "REM-003", "\"%s\" is no language", p->lang);
    return rc;
}

int remind_policy(struct remind *r, struct err *e)
{
    struct conf *c = r->conf;
    const char *path = arena_fmt(&c->arena, "%s/policies/mail.yaml", c->dir);
    int rc =
        access(path, F_OK) == 0 ? yaml_bind_file(path, &policy_type, &r->policy, &c->arena, e) : 0;
    const struct mail_partner *p = r->policy.partners.items;
    for (size_t i = 0; i < r->policy.partners.n && rc >= 0; i++)
        rc = check_partner(r, &p[i], e);
    if (rc >= 0 && r->policy.server && (!r->policy.from || !mail_address_ok(r->policy.from)))
        rc = yaml_fault(e, r->policy.at, "REM-004", "a server without a sender's address (from)");
    if (rc >= 0 && r->o->mail && !r->policy.server) {
        err_set(e, RC_CONFIG, "REM-005", "no mail server is configured");
        (void)err_place(e, "%s", path);
        return err_hint(e, "name one there (server, from, partners), or leave --mail away");
    }
    return rc;
}

const struct mail_partner *remind_partner(const struct remind *r, const char *partner)
{
    const struct mail_partner *p = r->policy.partners.items;
    for (size_t i = 0; i < r->policy.partners.n; i++)
        if (strcmp(p[i].key, partner) == 0)
            return &p[i];
    return NULL;
}

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
    const char *to[ADDRESSES_MAX];
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
