/* region.c — see region.h. Everything is bound from config/region.yaml into the arena of the conf
 * and checked once; the questions are answered from there. */
#include "region.h"

#include <stddef.h>

struct span {
    const char *from, *to;
    struct yaml_list codes; /* const char * */
    struct yaml_mark at;
};

struct order {
    const char *key;
    struct yaml_list spans; /* struct span */
};

struct footnote {
    const char *key;
    struct yaml_list texts; /* struct yaml_pair: language, text */
};

struct raw_sender {
    struct sender sender; /* its key first */
    struct yaml_mark at;
};

struct region_data {
    const char *id, *name;
    struct yaml_list partners, orders, footnotes, senders;
    struct yaml_mark at;
};

#define TEXT(type, field, must)                                                   \
    {                                                                             \
        .key = #field, .kind = YAML_TEXT, .offset = offsetof(struct type, field), \
        .required = (must)                                                        \
    }
#define MARK(type)                                             \
    {                                                          \
        .kind = YAML_MARK, .offset = offsetof(struct type, at) \
    }
#define TYPE(name, item)                                                             \
    static const struct yaml_type name##_type = {sizeof(struct item), name##_fields, \
                                                 ARRAY_LEN(name##_fields)}

static const char *const form_words[] = {"short", "long", "adjective"};

static const struct yaml_field name_fields[] = {
    TEXT(region_name, lang, true), TEXT(region_name, name, true), TEXT(region_name, from, false),
    TEXT(region_name, to, false), TEXT(region_name, form, true)};
TYPE(name, region_name);

static const struct yaml_field partner_fields[] = {TEXT(partner, code, true),
                                                   TEXT(partner, mark, false),
                                                   TEXT(partner, footnote, false),
                                                   {.key = "names",
                                                    .kind = YAML_LIST,
                                                    .offset = offsetof(struct partner, names),
                                                    .required = true,
                                                    .type = &name_type},
                                                   MARK(partner)};
TYPE(partner, partner);

static const struct yaml_field span_fields[] = {TEXT(span, from, false),
                                                TEXT(span, to, false),
                                                {.key = "codes",
                                                 .kind = YAML_LIST,
                                                 .offset = offsetof(struct span, codes),
                                                 .required = true,
                                                 .type = &yaml_text_type},
                                                MARK(span)};
TYPE(span, span);

static const struct yaml_field order_fields[] = {
    {.kind = YAML_LIST, .offset = offsetof(struct order, spans), .type = &span_type}};
TYPE(order, order);

static const struct yaml_field footnote_fields[] = {
    {.kind = YAML_MAP, .offset = offsetof(struct footnote, texts), .type = &yaml_pair_type}};
TYPE(footnote, footnote);

static const struct yaml_field sender_fields[] = {
    {.key = "partner", .kind = YAML_TEXT, .offset = offsetof(struct raw_sender, sender.partner)},
    {.key = "name",
     .kind = YAML_TEXT,
     .offset = offsetof(struct raw_sender, sender.name),
     .required = true},
    {.key = "group", .kind = YAML_TEXT, .offset = offsetof(struct raw_sender, sender.group)},
    {.key = "outside", .kind = YAML_BOOL, .offset = offsetof(struct raw_sender, sender.outside)},
    {.key = "areas",
     .kind = YAML_LIST,
     .offset = offsetof(struct raw_sender, sender.areas),
     .type = &yaml_text_type},
    MARK(raw_sender)};
TYPE(sender, raw_sender);

#define PART(word, k, t, must)                                                                     \
    {                                                                                              \
        .key = #word, .kind = k, .offset = offsetof(struct region_data, word), .required = (must), \
        .type = &t##_type                                                                          \
    }
static const struct yaml_field region_fields[] = {{.key = "region",
                                                   .kind = YAML_TEXT,
                                                   .offset = offsetof(struct region_data, id),
                                                   .required = true},
                                                  TEXT(region_data, name, true),
                                                  PART(partners, YAML_LIST, partner, true),
                                                  PART(orders, YAML_MAP, order, false),
                                                  PART(footnotes, YAML_MAP, footnote, false),
                                                  PART(senders, YAML_MAP, sender, true),
                                                  MARK(region_data)};
TYPE(region, region_data);

/* YYYY-MM-DD, or nothing. */
static bool date_ok(const char *z)
{
    static const char shape[] = "dddd-dd-dd";
    size_t i = 0;
    if (!z)
        return true;
    for (; shape[i] && z[i]; i++)
        if (shape[i] == 'd' ? z[i] < '0' || z[i] > '9' : z[i] != '-')
            return false;
    return !shape[i] && !z[i];
}

static int check_span(const char *from, const char *to, struct yaml_mark at, struct err *e)
{
    if (!date_ok(from) || !date_ok(to))
        return yaml_fault(e, at, "REGION-004", "\"%s\" is no date (YYYY-MM-DD)",
                          date_ok(from) ? to : from);
    if (from && to && strcmp(from, to) > 0)
        return yaml_fault(e, at, "REGION-005", "the span ends (%s) before it begins (%s)", to,
                          from);
    return 0;
}

const struct partner *region_partner(const struct region *r, struct str code)
{
    for (size_t i = 0; i < r->npartners; i++)
        if (str_is(code, r->partners[i].code))
            return &r->partners[i];
    return NULL;
}

const char *region_footnote(const struct region *r, const char *id, const char *lang)
{
    const struct footnote *f = r->data->footnotes.items;
    for (size_t i = 0; i < r->data->footnotes.n; i++) {
        if (strcmp(f[i].key, id) != 0)
            continue;
        const struct yaml_pair *t = f[i].texts.items;
        const char *english = NULL;
        for (size_t k = 0; k < f[i].texts.n; k++) {
            if (lang && strcmp(t[k].key, lang) == 0)
                return t[k].value;
            if (strcmp(t[k].key, "en") == 0)
                english = t[k].value;
        }
        return english;
    }
    return NULL;
}

static bool is_form(const char *form)
{
    for (size_t i = 0; i < ARRAY_LEN(form_words); i++)
        if (strcmp(form, form_words[i]) == 0)
            return true;
    return false;
}

static int check_partner(const struct region *r, const struct partner *p, struct err *e)
{
    const struct region_name *n = p->names.items;
    bool english = false;
    if (region_partner(r, str_of(p->code)) != p)
        return yaml_fault(e, p->at, "REGION-001", "partner %s stands here a second time", p->code);
    if (p->footnote && !region_footnote(r, p->footnote, "en"))
        return yaml_fault(e, p->at, "REGION-002",
                          "footnote \"%s\" of partner %s has no English text", p->footnote,
                          p->code);
    for (size_t i = 0; i < p->names.n; i++) {
        int rc = check_span(n[i].from, n[i].to, p->at, e);
        if (rc < 0)
            return rc;
        if (!is_form(n[i].form))
            return yaml_fault(e, p->at, "REGION-010",
                              "\"%s\" is no form of a name: short, long, adjective", n[i].form);
        english = english || (strcmp(n[i].lang, "en") == 0 && strcmp(n[i].form, "short") == 0);
    }
    if (!english)
        return yaml_fault(e, p->at, "REGION-003", "partner %s has no English short name", p->code);
    return 0;
}

static size_t lists(const struct span *s, const char *code)
{
    const char *const *codes = s->codes.items;
    size_t n = 0;
    for (size_t i = 0; i < s->codes.n; i++)
        n += strcmp(codes[i], code) == 0;
    return n;
}

static int check_order(const struct region *r, const struct order *o, struct err *e)
{
    const struct span *s = o->spans.items;
    for (size_t i = 0; i < o->spans.n; i++) {
        int rc = check_span(s[i].from, s[i].to, s[i].at, e);
        if (rc < 0)
            return rc;
        bool all = s[i].codes.n == r->npartners;
        for (size_t p = 0; all && p < r->npartners; p++)
            all = lists(&s[i], r->partners[p].code) == 1;
        if (!all)
            return yaml_fault(e, s[i].at, "REGION-006",
                              "order %s does not list every partner exactly once", o->key);
    }
    return 0;
}

static int check_all(const struct region *r, struct err *e)
{
    const struct order *orders = r->data->orders.items;
    const struct raw_sender *senders = r->data->senders.items;
    int rc = 0;
    for (size_t i = 0; i < r->npartners && rc >= 0; i++)
        rc = check_partner(r, &r->partners[i], e);
    for (size_t i = 0; i < r->data->orders.n && rc >= 0; i++)
        rc = check_order(r, &orders[i], e);
    for (size_t i = 0; i < r->nsenders && rc >= 0; i++) {
        const struct sender *s = &senders[i].sender;
        if (s->partner && !region_partner(r, str_of(s->partner)))
            rc = yaml_fault(e, senders[i].at, "REGION-007", "sender %s: \"%s\" is no partner",
                            s->key, s->partner);
    }
    return rc;
}

int region_load(struct conf *c, const struct region **ret, struct err *e)
{
    void **kept = conf_keep(c, "", "region");
    if (!*kept) {
        struct region *r = arena_new(&c->arena, sizeof *r);
        r->data = arena_new(&c->arena, sizeof *r->data);
        const char *path = arena_fmt(&c->arena, "%s/region.yaml", c->dir);
        int rc = yaml_bind_file(path, &region_type, r->data, &c->arena, e);
        if (rc < 0)
            return rc;
        r->id = r->data->id;
        r->name = r->data->name;
        r->partners = r->data->partners.items;
        r->npartners = r->data->partners.n;
        r->nsenders = r->data->senders.n;
        struct sender *s = arena_array(&c->arena, r->nsenders + 1, sizeof *s);
        for (size_t i = 0; i < r->nsenders; i++)
            s[i] = ((const struct raw_sender *)r->data->senders.items)[i].sender;
        r->senders = s;
        rc = check_all(r, e);
        if (rc < 0)
            return rc;
        *kept = r;
    }
    *ret = *kept;
    return 0;
}

const struct sender *region_sender(const struct region *r, struct str key)
{
    for (size_t i = 0; i < r->nsenders; i++)
        if (str_is(key, r->senders[i].key))
            return &r->senders[i];
    return NULL;
}

/* No date asks for what is valid without an end. */
static bool holds(const char *from, const char *to, const char *date)
{
    if (!date)
        return !to;
    return (!from || strcmp(from, date) <= 0) && (!to || strcmp(date, to) <= 0);
}

static const char *find_name(const struct partner *p, const char *lang, const char *form,
                             const char *date)
{
    const struct region_name *n = p->names.items;
    for (size_t i = 0; i < p->names.n; i++)
        if (strcmp(n[i].lang, lang) == 0 && strcmp(n[i].form, form) == 0 &&
            holds(n[i].from, n[i].to, date))
            return n[i].name;
    return NULL;
}

const char *region_name_form(struct conf *c, const struct region *r, const char *code,
                             const char *const lang_form[2], const char *date)
{
    const char *lang = lang_form[0] ? lang_form[0] : "en";
    const struct partner *p = region_partner(r, str_of(code));
    if (!p)
        return arena_text(&c->arena, str_of(code));
    const char *name = find_name(p, lang, lang_form[1], date);
    if (!name)
        name = find_name(p, lang, "short", date);
    if (!name)
        name = find_name(p, "en", lang_form[1], date);
    if (!name)
        name = find_name(p, "en", "short", date);
    return arena_fmt(&c->arena, "%s%s", name ? name : code, p->mark ? p->mark : "");
}

const char *region_name(struct conf *c, const struct region *r, const char *code, const char *lang,
                        const char *date)
{
    return region_name_form(c, r, code, (const char *const[2]){lang, "short"}, date);
}

int region_order(struct conf *c, const struct region *r, const char *order, const char *date,
                 const char *const **ret, size_t *ret_n, struct err *e)
{
    const struct order *orders = r->data->orders.items;
    const struct order *o = NULL;
    const char **words = arena_array(&c->arena, r->data->orders.n + 1, sizeof *words);
    for (size_t i = 0; i < r->data->orders.n; i++) {
        words[i] = orders[i].key;
        if (strcmp(orders[i].key, order) == 0)
            o = &orders[i];
    }
    if (!o) {
        const char *near = word_nearest(str_of(order), words, r->data->orders.n);
        yaml_fault(e, r->data->at, "REGION-008", "the region has no order \"%s\"", order);
        return near ? err_hint(e, "Did you mean %s?", near) : -RC_CONFIG;
    }
    const struct span *s = o->spans.items;
    for (size_t i = 0; i < o->spans.n; i++) {
        if (!holds(s[i].from, s[i].to, date))
            continue;
        *ret = s[i].codes.items;
        *ret_n = s[i].codes.n;
        return 0;
    }
    return yaml_fault(e, r->data->at, "REGION-009", "order %s says nothing for %s", order,
                      date ? date : "today");
}

bool sender_may(const struct sender *s, struct str area)
{
    const char *const *areas = s->areas.items;
    for (size_t i = 0; i < s->areas.n; i++)
        if (strcmp(areas[i], "*") == 0 || str_is(area, areas[i]))
            return true;
    return s->areas.n == 0 && s->partner && str_is(area, s->partner);
}
