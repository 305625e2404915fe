/* policy.c — see policy.h. Bound from the file and held against the region and the structures, so
 * that a misspelt sender cannot quietly fall under another line. */
#include "policy.h"

#include <stddef.h>

#include "period.h"
#include "region.h"
#include "structure.h"

static const char *const mode_words[] = {"auto", "four-eyes", NULL};

#define LIST(field)                                                                      \
    {                                                                                    \
        .key = #field, .kind = YAML_LIST, .offset = offsetof(struct policy_line, field), \
        .type = &yaml_text_type                                                          \
    }
#define TEXT(field)                                                                     \
    {                                                                                   \
        .key = #field, .kind = YAML_TEXT, .offset = offsetof(struct policy_line, field) \
    }

static const struct yaml_field line_fields[] = {
    {.key = "mode",
     .kind = YAML_ENUM,
     .offset = offsetof(struct policy_line, mode),
     .required = true,
     .words = mode_words},
    {.key = "answers",
     .kind = YAML_BOOL,
     .offset = offsetof(struct policy_line, answers),
     .required = true},
    TEXT(from),
    TEXT(to),
    TEXT(outside),
    LIST(structures),
    LIST(partners),
    LIST(senders),
    {.kind = YAML_MARK, .offset = offsetof(struct policy_line, at)}};
static const struct yaml_type line_type = {sizeof(struct policy_line), line_fields,
                                           ARRAY_LEN(line_fields)};
static const struct yaml_field policy_fields[] = {{.key = "approval",
                                                   .kind = YAML_LIST,
                                                   .offset = offsetof(struct policy, lines),
                                                   .required = true,
                                                   .type = &line_type}};
static const struct yaml_type policy_type = {sizeof(struct policy), policy_fields,
                                             ARRAY_LEN(policy_fields)};

static const char *item(const struct yaml_list *l, size_t i)
{
    return ((const char *const *)l->items)[i];
}

static int unknown(struct yaml_mark at, const char *kind, const char *name, struct err *e)
{
    return yaml_fault(e, at, "POLICY-001", "there is no %s %s", kind, name);
}

static int check_names(struct conf *c, const struct region *r, const struct policy_line *l,
                       struct err *e)
{
    for (size_t i = 0; i < l->senders.n; i++)
        if (!region_sender(r, str_of(item(&l->senders, i))))
            return unknown(l->at, "sender", item(&l->senders, i), e);
    for (size_t i = 0; i < l->partners.n; i++)
        if (!region_partner(r, str_of(item(&l->partners, i))))
            return unknown(l->at, "partner", item(&l->partners, i), e);
    for (size_t i = 0; i < l->structures.n; i++) {
        const struct structure *s;
        struct err why = {0};
        if (structure_load(c, item(&l->structures, i), &s, &why) < 0)
            return unknown(l->at, "structure", item(&l->structures, i), e);
    }
    if (l->outside && strcmp(l->outside, "true") != 0 && strcmp(l->outside, "false") != 0)
        return unknown(l->at, "truth value", l->outside, e);
    return 0;
}

static int check_date(const char *z, struct yaml_mark at, struct err *e)
{
    struct period day;
    struct err why = {0};
    if (!z || (period_parse(&day, str_of(z), &why) >= 0 && day.freq == FREQ_DAY))
        return 0;
    return yaml_fault(e, at, "POLICY-002", "\"%s\" is no date (YYYY-MM-DD)", z);
}

int policy_load(struct conf *c, struct policy *ret, struct err *e)
{
    const struct region *region;
    const char *path;
    struct err none = {0};
    *ret = (struct policy){.lines = {0}};
    if (conf_path(c, "policies", "approval", "yaml", &path, &none) < 0)
        return 0;
    int rc = region_load(c, &region, e);
    if (rc >= 0)
        rc = yaml_bind_file(path, &policy_type, ret, &c->arena, e);
    const struct policy_line *l = ret->lines.items;
    for (size_t i = 0; i < ret->lines.n && rc >= 0; i++)
        if ((rc = check_names(c, region, &l[i], e)) >= 0 &&
            (rc = check_date(l[i].from, l[i].at, e)) >= 0)
            rc = check_date(l[i].to, l[i].at, e);
    return rc;
}
