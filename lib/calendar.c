/* calendar.c — see calendar.h. Everything is bound from config/calendar.yaml into the arena of the
 * conf and checked against the structures and the region once. */
#include "calendar.h"

#include <unistd.h>

struct days {
    struct yaml_list steps; /* int64_t */
    int64_t due, freeze, approval, answer;
};

struct raw_rule {
    const char *structure, *frequency, *from, *to, *sender;
    struct yaml_list partners;
    struct days days;
    struct yaml_mark at;
};

struct raw_calendar {
    const char *order;
    struct days days;
    struct yaml_list rules;
    struct yaml_mark at;
};

static const struct yaml_field step_fields[] = {{.kind = YAML_INT}};
static const struct yaml_type step_type = {sizeof(int64_t), step_fields, ARRAY_LEN(step_fields)};

#define TEXT(field, must)                                                             \
    {                                                                                 \
        .key = #field, .kind = YAML_TEXT, .offset = offsetof(struct raw_rule, field), \
        .required = (must)                                                            \
    }
/* Days that are not given are those of `days` at the top; -1 says so. */
#define DAY(type, field, otherwise)                                                   \
    {                                                                                 \
        .key = #field, .kind = YAML_INT, .offset = offsetof(struct type, days.field), \
        .fallback = otherwise                                                         \
    }
#define STEPS(owner)                                                                         \
    {                                                                                        \
        .key = "reminders", .kind = YAML_LIST, .offset = offsetof(struct owner, days.steps), \
        .type = &step_type                                                                   \
    }

static const struct yaml_field rule_fields[] = {
    TEXT(structure, true),
    TEXT(frequency, true),
    TEXT(from, true),
    TEXT(to, false),
    TEXT(sender, false),
    {.key = "partners",
     .kind = YAML_LIST,
     .offset = offsetof(struct raw_rule, partners),
     .type = &yaml_text_type},
    DAY(raw_rule, due, "-1"),
    STEPS(raw_rule),
    DAY(raw_rule, freeze, "-1"),
    DAY(raw_rule, approval, "-1"),
    DAY(raw_rule, answer, "-1"),
    {.kind = YAML_MARK, .offset = offsetof(struct raw_rule, at)}};
static const struct yaml_type rule_type = {sizeof(struct raw_rule), rule_fields,
                                           ARRAY_LEN(rule_fields)};

static const struct yaml_field calendar_fields[] = {
    DAY(raw_calendar, due, "30"),
    STEPS(raw_calendar),
    DAY(raw_calendar, freeze, "60"),
    DAY(raw_calendar, approval, "75"),
    DAY(raw_calendar, answer, "5"),
    {.key = "order", .kind = YAML_TEXT, .offset = offsetof(struct raw_calendar, order)},
    {.key = "expect",
     .kind = YAML_LIST,
     .offset = offsetof(struct raw_calendar, rules),
     .type = &rule_type},
    {.kind = YAML_MARK, .offset = offsetof(struct raw_calendar, at)}};
static const struct yaml_type calendar_type = {sizeof(struct raw_calendar), calendar_fields,
                                               ARRAY_LEN(calendar_fields)};

static int take_period(const struct raw_rule *raw, const char *text, enum freq freq,
                       struct period *ret, struct err *e)
{
    struct err why = {.rc = RC_OK};
    if (period_parse(ret, str_of(text), &why) < 0)
        return yaml_fault(e, raw->at, "CAL-002", "%s", why.text);
    if (ret->freq != freq)
        return yaml_fault(e, raw->at, "CAL-008", "%s is no period of frequency %c", text,
                          (char)freq);
    return 0;
}

static int64_t either(int64_t own, int64_t otherwise) { return own < 0 ? otherwise : own; }

/* Reminders rise, the first not before `last`; gives the last of them, or -1. */
static int64_t take_steps(struct calendar_rule *r, const struct yaml_list *own,
                          const struct yaml_list *all, int64_t last)
{
    static const int64_t usual[] = {30, 37, 45};
    const struct yaml_list *from = own->n ? own : all;
    const int64_t *step = from->n ? from->items : usual;
    r->nsteps = from->n ? from->n : ARRAY_LEN(usual);
    if (r->nsteps > CALENDAR_STEPS_MAX)
        return -1;
    for (size_t i = 0; i < r->nsteps; i++) {
        if (step[i] < last + (i ? 1 : 0) || step[i] > 9999)
            return -1;
        last = step[i];
        r->steps[i] = (int)last;
    }
    return last;
}

/* 0 … 9999 days, reminders rising, freeze behind the last of them, approval not before it. */
static int take_days(struct calendar_rule *r, const struct days *own, const struct days *all,
                     struct yaml_mark at, struct err *e)
{
    int64_t due = either(own->due, all->due), freeze = either(own->freeze, all->freeze),
            approval = either(own->approval, all->approval),
            answer = either(own->answer, all->answer),
            last = due < 0 || due > 9999 ? -1 : take_steps(r, &own->steps, &all->steps, due);
    if (last < 0 || answer < 0 || answer > 9999 || freeze < last || approval < freeze ||
        approval > 9999)
        return yaml_fault(e, at, "CAL-006",
                          "days must rise: due, at most %d reminders, freeze, approval",
                          CALENDAR_STEPS_MAX);
    r->due = (int)due;
    r->freeze = (int)freeze;
    r->approval = (int)approval;
    r->answer = (int)answer;
    return 0;
}

static int take_people(const struct calendar_rule *r, const struct region *g, struct err *e)
{
    const char *const *code = r->partners.items;
    for (size_t i = 0; i < r->partners.n; i++)
        if (!region_partner(g, str_of(code[i])))
            return yaml_fault(e, r->at, "CAL-004", "\"%s\" is no partner", code[i]);
    const struct sender *s = r->sender ? region_sender(g, str_of(r->sender)) : NULL;
    if (r->sender && (!s || s->partner))
        return yaml_fault(e, r->at, "CAL-005", "\"%s\" is no outside sender of config/region.yaml",
                          r->sender);
    return 0;
}

static int take_rule(struct conf *c, const struct raw_rule *raw, const struct days *all,
                     struct calendar_rule *r, struct err *e)
{
    const struct region *g;
    const char *path;
    *r = (struct calendar_rule){.structure = raw->structure,
                                .partners = raw->partners,
                                .sender = raw->sender,
                                .ends = raw->to != NULL,
                                .at = raw->at};
    struct err why = {.rc = RC_OK};
    if (conf_path(c, "structures", raw->structure, "yaml", &path, &why) < 0) {
        (void)yaml_fault(e, raw->at, "CAL-009", "%s", why.text);
        return err_hint(e, "%s", why.hint);
    }
    if (!freq_valid(raw->frequency[0]) || raw->frequency[1])
        return yaml_fault(e, raw->at, "CAL-001", "\"%s\" is no frequency (A S T Q M W D)",
                          raw->frequency);
    r->freq = (enum freq)raw->frequency[0];
    int rc = take_period(raw, raw->from, r->freq, &r->from, e);
    if (rc >= 0 && raw->to)
        rc = take_period(raw, raw->to, r->freq, &r->to, e);
    if (rc >= 0 && raw->to && period_cmp(r->to, r->from) < 0)
        rc = yaml_fault(e, raw->at, "CAL-003", "the span ends (%s) before it begins (%s)", raw->to,
                        raw->from);
    if (rc >= 0)
        rc = take_days(r, &raw->days, all, raw->at, e);
    if (rc >= 0)
        rc = region_load(c, &g, e);
    return rc < 0 ? rc : take_people(r, g, e);
}

static bool holds(const struct calendar_rule *r, struct period p)
{
    return r->freq == p.freq && period_cmp(r->from, p) <= 0 &&
           (!r->ends || period_cmp(p, r->to) <= 0);
}

bool calendar_covers(const struct calendar_rule *r, const char *partner)
{
    const char *const *code = r->partners.items;
    for (size_t i = 0; i < r->partners.n; i++)
        if (strcmp(code[i], partner) == 0)
            return true;
    return r->partners.n == 0;
}

static bool share_partner(const struct calendar_rule *a, const struct calendar_rule *b)
{
    const char *const *code = a->partners.items;
    if (a->partners.n == 0 || b->partners.n == 0)
        return a->partners.n == b->partners.n;
    for (size_t i = 0; i < a->partners.n; i++)
        if (calendar_covers(b, code[i]))
            return true;
    return false;
}

static int check_overlap(const struct calendar_rule *rules, size_t n, struct err *e)
{
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < i; k++) {
            const struct calendar_rule *a = &rules[i], *b = &rules[k];
            bool meet = holds(a, b->from) || holds(b, a->from);
            if (meet && strcmp(a->structure, b->structure) == 0 && share_partner(a, b))
                return yaml_fault(e, a->at, "CAL-007",
                                  "the rule of line %u says the same partners and periods of %s",
                                  b->at.line, a->structure);
        }
    return 0;
}

int calendar_load(struct conf *c, const struct calendar **ret, struct err *e)
{
    void **kept = conf_keep(c, "", "calendar");
    if (!*kept) {
        struct calendar *cal = arena_new(&c->arena, sizeof *cal);
        struct raw_calendar raw = {.days = {.due = 0}};
        const char *path = arena_fmt(&c->arena, "%s/calendar.yaml", c->dir);
        int rc =
            access(path, F_OK) == 0 ? yaml_bind_file(path, &calendar_type, &raw, &c->arena, e) : 0;
        const struct raw_rule *from = raw.rules.items;
        struct calendar_rule *rules = arena_array(&c->arena, raw.rules.n + 1, sizeof *rules);
        for (size_t i = 0; i < raw.rules.n && rc >= 0; i++)
            rc = take_rule(c, &from[i], &raw.days, &rules[i], e);
        if (rc >= 0)
            rc = check_overlap(rules, raw.rules.n, e);
        if (rc < 0)
            return rc;
        *cal = (struct calendar){rules, raw.rules.n, raw.order};
        *kept = cal;
    }
    *ret = *kept;
    return 0;
}

const struct calendar_rule *calendar_find(const struct calendar *cal, const char *structure,
                                          const char *partner, struct period p)
{
    const struct calendar_rule *found = NULL;
    for (size_t i = 0; i < cal->n; i++) {
        const struct calendar_rule *r = &cal->rules[i];
        if (holds(r, p) && calendar_covers(r, partner) && strcmp(r->structure, structure) == 0 &&
            (!found || r->partners.n))
            found = r;
    }
    return found;
}

int calendar_partners(struct conf *c, const struct calendar *cal, const char *date,
                      const char *const **ret, size_t *ret_n, struct err *e)
{
    const struct region *g;
    int rc = region_load(c, &g, e);
    if (rc < 0 || cal->order)
        return rc < 0 ? rc : region_order(c, g, cal->order, date, ret, ret_n, e);
    const char **codes = arena_array(&c->arena, g->npartners + 1, sizeof *codes);
    for (size_t i = 0; i < g->npartners; i++)
        codes[i] = g->partners[i].code;
    *ret = codes;
    *ret_n = g->npartners;
    return 0;
}

int32_t calendar_day(struct period p, int days) { return period_last_day(p) + days; }

int calendar_step(const struct calendar_rule *r, struct period p, int32_t today)
{
    int step = -1;
    for (size_t i = 0; i < r->nsteps; i++)
        if (calendar_day(p, r->steps[i]) <= today)
            step = r->steps[i];
    return step;
}

int day_parse(int32_t *ret, const char *text, const char *what, struct err *e)
{
    struct period p;
    struct err why = {.rc = RC_OK};
    if (strlen(text) != 10 || text[4] != '-' || text[7] != '-' ||
        period_parse(&p, str_of(text), &why) < 0 || p.freq != FREQ_DAY) {
        err_set(e, RC_USAGE, "CAL-010", "%s: \"%s\" is no day", what, text);
        return err_hint(e, "write it as 2026-01-31");
    }
    *ret = period_first_day(p);
    return 0;
}

const char *day_text(int32_t day, char ret[DAY_TEXT_MAX])
{
    char text[PERIOD_TEXT_MAX];
    struct period p = {FREQ_DAY, 1970, 1};
    size_t n = period_text(period_add(p, day), text);
    memcpy(ret, text, n + 1); /* 10 digits and lines, which fit */
    return ret;
}

int32_t day_today(void) { return (int32_t)(time(NULL) / 86400); }
