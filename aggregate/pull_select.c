/* pull_select.c — what is asked for, as SQL with parameters: dimensions with their codes, a span of
 * time, a version of the store. Everything a user types travels as a parameter. Texts live in the
 * arena of conf. */
#include "pull.h"

#include "bounds.h"

#define SEP "\x1f"

/* The next parameter: "$3". */
static const char *next_param(struct pull *p, const char *value)
{
    p->params[p->nparams++] = value;
    return arena_fmt(&p->conf->arena, "$%zu", p->nparams);
}

/* ---- dimensions ---- */

static int unknown_code(const struct dimension *d, struct str text, struct err *e)
{
    const struct code *near[3];
    size_t n = codelist_nearest(d->codes, text, near);
    err_set(e, RC_USAGE, "PULL-001", "%s has no code %.*s", d->id, STR_ARG(text));
    return n ? err_hint(e, "did you mean %.*s?", STR_ARG(near[0]->id)) : -RC_USAGE;
}

static void add_code(struct buf *list, struct str code)
{
    if (list->n)
        buf_text(list, SEP);
    buf_str(list, code);
}

/* "0101" or "01+", which takes in everything below. */
static int add_choice(const struct dimension *d, struct str text, struct buf *list, struct err *e)
{
    bool below = text.n > 1 && text.p[text.n - 1] == '+';
    if (below)
        text.n--;
    if (text.n == 0)
        return err_set(e, RC_USAGE, "PULL-002", "an empty code for %s", d->id);
    if (!d->codes) {
        add_code(list, text);
        return 0;
    }
    const struct code *c = codelist_find(d->codes, text);
    if (!c)
        return unknown_code(d, text, e);
    add_code(list, text);
    for (size_t i = 0; below && i < d->codes->n; i++)
        if (code_below(&d->codes->codes[i], c))
            add_code(list, d->codes->codes[i].id);
    return 0;
}

static int add_dimension(struct pull *p, const char *arg, struct err *e)
{
    const char *equals = strchr(arg, '=');
    char name[64];
    size_t n = equals ? (size_t)(equals - arg) : 0;
    if (n == 0 || n >= sizeof name) {
        err_set(e, RC_USAGE, "PULL-003", "not a selection: %s", arg);
        return err_hint(e, "write DIMENSION=code,code or DIMENSION=code+");
    }
    (void)snprintf(name, sizeof name, "%.*s", (int)n, arg);
    int at = structure_dim(p->structure, name);
    if (at < 0 || at >= (int)p->ndims) {
        err_set(e, RC_USAGE, "PULL-004", "%s has no dimension %s", p->structure->id, name);
        return err_hint(e, at < 0 ? "see config/structures/%s.yaml" : "time is chosen by --period",
                        p->structure->id);
    }
    struct buf list;
    buf_init(&list, LIMIT_CONFIG_BYTES);
    struct str rest = str_of(equals + 1);
    int rc = 0;
    for (bool more = true; more && rc >= 0;) {
        const char *comma = memchr(rest.p, ',', rest.n);
        size_t k = comma ? (size_t)(comma - rest.p) : rest.n;
        rc = add_choice(&p->structure->dims[at], (struct str){rest.p, k}, &list, e);
        more = comma != NULL;
        rest = str_cut(rest, k + 1);
    }
    if (rc >= 0 && p->nparams >= STRUCTURE_DIMS_MAX)
        rc = err_set(e, RC_USAGE, "PULL-005", "too many selections");
    if (rc >= 0)
        buf_fmt(&p->where, " AND s.%s = ANY (string_to_array(%s, E'\\x1f'))", p->column[at],
                next_param(p, arena_text(&p->conf->arena, buf_view(&list))));
    buf_free(&list);
    return rc;
}

/* ---- time ---- */

/* The first period of a frequency that begins on or after a day, or the last one that ends on or
 * before it. */
static struct period edge(enum freq freq, struct period day, bool first)
{
    struct period p = day;
    if (freq != FREQ_DAY && !period_parent(day, freq, &p))
        p = day;
    int32_t d = period_first_day(day);
    if (first && period_first_day(p) < d)
        p = period_add(p, 1);
    if (!first && period_last_day(p) > d)
        p = period_add(p, -1);
    return p;
}

static int32_t days_between(struct period a, struct period b)
{
    return period_first_day(b) - period_first_day(a);
}

/* The days at the edges of a span, from a period's own day number. */
static struct period day_of(int32_t day)
{
    struct period p = {FREQ_DAY, 1970, 1};
    return period_add(p, (int)(day - period_first_day(p)));
}

static int parse_edge(struct str text, struct period *ret, struct err *e)
{
    struct err why = {0};
    if (period_parse(ret, text, &why) >= 0)
        return 0;
    err_set(e, RC_USAGE, "PULL-006", "--period: %s", why.text);
    return err_hint(e, "write 2024-Q1, 2018..2022, 2018.. or ..2022");
}

static int add_period(struct pull *p, const char *text, struct err *e)
{
    static const enum freq all[] = {FREQ_ANNUAL, FREQ_HALF, FREQ_TRIMESTER, FREQ_QUARTER,
                                    FREQ_MONTH,  FREQ_WEEK, FREQ_DAY};
    const char *dots = strstr(text, "..");
    struct str a = dots ? (struct str){text, (size_t)(dots - text)} : str_of(text);
    struct str b = dots ? str_of(dots + 2) : a;
    struct period from = {FREQ_ANNUAL, 1000, 1}, to = {FREQ_ANNUAL, 9998, 1};
    int rc = a.n ? parse_edge(a, &from, e) : 0;
    if (rc >= 0 && b.n)
        rc = parse_edge(b, &to, e);
    if (rc < 0)
        return rc;
    struct period first = day_of(period_first_day(from)), last = day_of(period_last_day(to));
    if ((a.n == 0 && b.n == 0) || days_between(first, last) < 0)
        return err_set(e, RC_USAGE, "PULL-007", "--period holds no time: %s", text);
    buf_fmt(&p->when, " AND o.period BETWEEN %d AND %d AND (false", first.year * 1000 - 1000,
            last.year * 1000 + 1999);
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        buf_fmt(&p->when, " OR (s.freq = '%c' AND o.period BETWEEN %d AND %d)", (char)all[i],
                period_code(edge(all[i], first, true)), period_code(edge(all[i], last, false)));
    buf_char(&p->when, ')');
    return 0;
}

static int add_group(struct pull *p, const char *text, struct err *e)
{
    struct str rest = str_of(text);
    p->grouped[p->freq] = true;
    for (bool more = true; more;) {
        const char *comma = memchr(rest.p, ',', rest.n);
        size_t n = comma ? (size_t)(comma - rest.p) : rest.n;
        char name[64];
        (void)snprintf(name, sizeof name, "%.*s", (int)(n < sizeof name ? n : sizeof name - 1),
                       rest.p);
        int at = structure_dim(p->structure, name);
        if (at < 0) {
            err_set(e, RC_USAGE, "PULL-008", "--group: %s has no dimension %s", p->structure->id,
                    name);
            return err_hint(e, "see config/structures/%s.yaml", p->structure->id);
        }
        p->grouped[at] = true;
        more = comma != NULL;
        rest = str_cut(rest, n + 1);
    }
    return 0;
}

static void columns(struct pull *p)
{
    size_t k = 0;
    for (const char *c = p->structure->id; *c && k < sizeof p->tab - 1; c++)
        p->tab[k++] = (char)(*c >= 'A' && *c <= 'Z' ? *c + ('a' - 'A') : *c);
    for (size_t i = 0; i < p->ndims; i++) {
        char *to = p->column[i];
        k = 0;
        to[k++] = '"';
        for (const char *c = p->structure->dims[i].id; *c && k < sizeof p->column[i] - 2; c++)
            to[k++] = (char)(*c >= 'A' && *c <= 'Z' ? *c + ('a' - 'A') : *c);
        to[k] = '"';
    }
}

static int find_structure(struct pull *p, const char *name, struct err *e)
{
    struct err why = {0};
    int rc = structure_load(p->conf, name, &p->structure, &why);
    if (rc < 0) {
        err_set(e, strchr(name, '=') ? RC_USAGE : why.rc, "PULL-009", "structure %s: %s", name,
                why.text);
        (void)err_place(e, "%s", why.place);
        return err_hint(e, "%s", why.hint);
    }
    p->ndims = p->structure->ndims - 1;
    p->freq = structure_role(p->structure, DIM_FREQ);
    if (p->freq < 0)
        return err_set(e, RC_CONFIG, "PULL-010", "structure %s has no dimension FREQ", name);
    columns(p);
    return 0;
}

int pull_arguments(struct pull *p, struct err *e)
{
    const struct pull_options *o = p->o;
    int rc = find_structure(p, p->st->args[0], e);
    for (int i = 1; i < p->st->nargs && rc >= 0; i++)
        rc = add_dimension(p, p->st->args[i], e);
    if (rc >= 0 && o->period)
        rc = add_period(p, o->period, e);
    if (rc >= 0 && o->group)
        rc = add_group(p, o->group, e);
    if (rc >= 0 && o->history && (o->group || o->as_of))
        rc = err_set(e, RC_USAGE, "PULL-011", "--history goes with neither --group nor --as-of");
    return rc < 0 ? rc : buf_ok(&p->where, "the selection", e);
}
