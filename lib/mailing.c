/* mailing.c — see mailing.h. */
#include "mailing.h"

#include "mail.h"

#include <unistd.h>

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

/* en, sr-Latn: the name of a folder, and nothing that leaves it. */
static bool is_language(const char *z)
{
    size_t n = strlen(z);
    return n >= 2 && n <= 16 &&
           strspn(z, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") == n;
}

static int check_partner(const struct mail_policy *m, const struct region *g,
                         const struct mail_partner *p, struct err *e)
{
    const char *const *to = p->to.items;
    if (!region_partner(g, str_of(p->key)))
        return yaml_fault(e, m->at, "REM-001", "\"%s\" is no partner", p->key);
    for (size_t i = 0; i < p->to.n; i++)
        if (!mail_address_ok(to[i]))
            return yaml_fault(e, m->at, "REM-002", "%s: \"%s\" is no mail address", p->key, to[i]);
    if (p->to.n > MAILING_ADDRESSES_MAX)
        return yaml_fault(e, m->at, "REM-006", "%s: more than %d addresses", p->key,
                          MAILING_ADDRESSES_MAX);
    return 0;
}

static int check_language(const struct mail_policy *m, const char *lang, struct err *e)
{
    return !lang || is_language(lang)
               ? 0
               : yaml_fault(e, m->at, "REM-003", "\"%s\" is no language", lang);
}

static int check_server(const struct mail_policy *m, struct err *e)
{
    const char *rest = m->server ? strstr(m->server, "://") : NULL;
    if (!m->server)
        return 0;
    if (!rest || !rest[3] || strchr(rest, '@') ||
        (strncmp(m->server, "smtp://", 7) != 0 && strncmp(m->server, "smtps://", 8) != 0))
        return yaml_fault(e, m->at, "REM-007",
                          "server: smtp://HOST:PORT or smtps://HOST, without name or password");
    if (!m->from || !mail_address_ok(m->from))
        return yaml_fault(e, m->at, "REM-004", "a server without a sender's address (from)");
    return 0;
}

int mail_policy_load(struct conf *c, struct mail_policy *ret, struct err *e)
{
    const struct region *g;
    *ret = (struct mail_policy){.tls = true,
                                .path = arena_fmt(&c->arena, "%s/policies/mail.yaml", c->dir)};
    const char *path = ret->path;
    int rc = region_load(c, &g, e);
    if (rc >= 0 && access(path, F_OK) == 0)
        rc = yaml_bind_file(path, &policy_type, ret, &c->arena, e);
    ret->path = path;
    const struct mail_partner *p = ret->partners.items;
    if (rc >= 0)
        rc = check_language(ret, ret->lang, e);
    for (size_t i = 0; i < ret->partners.n && rc >= 0; i++)
        if ((rc = check_partner(ret, g, &p[i], e)) >= 0)
            rc = check_language(ret, p[i].lang, e);
    return rc < 0 ? rc : check_server(ret, e);
}

const struct mail_partner *mail_policy_partner(const struct mail_policy *m, const char *partner)
{
    const struct mail_partner *p = m->partners.items;
    for (size_t i = 0; i < m->partners.n; i++)
        if (strcmp(p[i].key, partner) == 0)
            return &p[i];
    return NULL;
}

const char *mail_policy_letters(struct conf *c, const struct mail_policy *m, const char *partner,
                                const char **ret_lang)
{
    const struct mail_partner *p = mail_policy_partner(m, partner);
    const char *const langs[] = {p ? p->lang : NULL, m->lang, "en"};
    const char *folder = "";
    for (size_t i = 0; i < ARRAY_LEN(langs); i++) {
        if (!langs[i])
            continue;
        *ret_lang = langs[i];
        folder = arena_fmt(&c->arena, "%s/../templates/letters/%s", c->dir, langs[i]);
        if (access(arena_fmt(&c->arena, "%s/reminder.mustache", folder), R_OK) == 0)
            break;
    }
    return folder;
}
