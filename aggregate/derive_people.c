/* derive_people.c — populations: the rows of a sealed POP stream, and which of them a rate takes.
 * Owns the maps and numbers. */
#include "derive.h"

#include "mem.h"

struct person_count {
    struct num value;
    char status;
};

struct people {
    const struct plan *plan;
    struct map *index; /* area, year, source, vintage */
    struct person_count *item;
    size_t n, cap;
};

static struct str key_of(char *text, size_t size, struct str area, int year,
                         const struct str which[2])
{
    int n = snprintf(text, size, "%.*s\x1f%d\x1f%.*s\x1f%.*s", STR_ARG(area), year,
                     STR_ARG(which[0]), STR_ARG(which[1]));
    return (struct str){text, n < 0 ? 0 : (size_t)n < size ? (size_t)n : size - 1};
}

static struct str column(const struct sdmx_reader *in, const struct sdmx_row *row, const char *name)
{
    int i = sdmx_find(in, name);
    return i < 0 ? STR("") : row->cell[i];
}

/* Is the row of the population that the plan selects (both sexes, say)? */
static bool selected(const struct people *p, const struct sdmx_reader *in,
                     const struct sdmx_row *row)
{
    const struct yaml_pair *s = p->plan->population.select.items;
    for (size_t i = 0; i < p->plan->population.select.n; i++)
        if (!str_is(column(in, row, s[i].key), s[i].value))
            return false;
    return true;
}

static int keep(struct people *p, struct str key, const struct person_count *c, struct err *e)
{
    bool fresh = false;
    (void)map_put(p->index, key, p->n, &fresh);
    if (!fresh) {
        (void)err_set(e, RC_DATA, "DERIVE-032", "this population stands in the stream twice");
        return err_hint(e, "nobody can say which holds: rta pull POP without --history has one");
    }
    if (p->n == p->cap) {
        p->cap = p->cap ? 2 * p->cap : 256;
        p->item = mem_resize(p->item, p->cap * sizeof *p->item);
    }
    p->item[p->n++] = *c;
    return 0;
}

static int read_row(struct people *p, const struct sdmx_reader *in, const struct sdmx_row *row,
                    struct err *e)
{
    struct str value = column(in, row, "OBS_VALUE"), set = column(in, row, "OBS_STATUS"), one;
    struct period period;
    struct person_count c = {0};
    char text[600];
    if (!selected(p, in, row) || !value.n || str_is(value, "NaN"))
        return 0;
    int rc = period_parse(&period, column(in, row, "TIME_PERIOD"), e);
    if (rc == 0)
        rc = num_parse(&c.value, value, &num_plain, e);
    if (rc == 0 && period.freq != FREQ_ANNUAL)
        rc = err_set(e, RC_DATA, "DERIVE-030", "a population must be of a year, on 1 January");
    if (rc < 0)
        return err_place(e, "%s:%zu", sdmx_name(in), row->line);
    while (sdmx_items(&set, &one))
        c.status = worse_status(c.status, one.n ? one.p[0] : '\0');
    const struct str which[2] = {column(in, row, "POP_SOURCE"), column(in, row, "POP_VINTAGE")};
    struct str key = key_of(text, sizeof text, column(in, row, "REF_AREA"), period.year, which);
    rc = keep(p, key, &c, e);
    return rc < 0 ? err_place(e, "%s:%zu", sdmx_name(in), row->line) : 0;
}

static int read_all(struct people *p, const char *path, bool unsealed, struct err *e)
{
    struct source *src CLEANUP(source_closep) = NULL;
    struct sdmx_reader *in CLEANUP(sdmx_closep) = NULL;
    struct sdmx_options how = {.unsealed = unsealed};
    struct sdmx_row row;
    int rc = source_open(&src, path, e);
    if (rc == 0)
        rc = sdmx_open(&in, src, &how, e);
    if (rc < 0)
        return rc;
    if (sdmx_find(in, "POP_SOURCE") < 0 || sdmx_find(in, "POP_VINTAGE") < 0) {
        (void)err_set(e, RC_DATA, "DERIVE-031", "this is no stream of populations");
        (void)err_place(e, "%s", path);
        return err_hint(e, "make one with: rta pull POP > FILE");
    }
    while ((rc = sdmx_next(in, &row, e)) > 0) {
        rc = read_row(p, in, &row, e);
        if (rc < 0)
            return rc;
    }
    return rc;
}

int people_load(struct people **ret, const struct plan *plan, const char *path, bool unsealed,
                struct err *e)
{
    struct people *p = mem_new(sizeof *p);
    p->plan = plan;
    p->index = map_new(0);
    int rc = read_all(p, path, unsealed, e);
    if (rc < 0) {
        people_free(p);
        return rc;
    }
    *ret = p;
    return 0;
}

void people_free(struct people *p)
{
    if (!p)
        return;
    map_free(p->index);
    mem_free(p->item);
    mem_free(p);
}

static const struct person_count *look(const struct people *p, const char *area, int year,
                                       const struct choice *c)
{
    char text[600];
    const struct str which[2] = {str_of(c->source), str_of(c->vintage)};
    const uint64_t *at = map_find(p->index, key_of(text, sizeof text, str_of(area), year, which));
    return at && p->item[*at].value.m > 0 ? &p->item[*at] : NULL;
}

static bool may(const struct choice *c, const char *area, int year)
{
    const char *const *a = c->areas.items;
    bool listed = c->areas.n == 0;
    for (size_t i = 0; i < c->areas.n; i++)
        listed |= strcmp(a[i], area) == 0;
    return listed && year >= c->from && year <= c->to;
}

static bool of_year(const struct people *p, const char *area, int year, struct num *ret,
                    size_t *ret_choice)
{
    const struct choice *c = p->plan->population.choices.items;
    for (size_t i = 0; i < p->plan->population.choices.n; i++) {
        const struct person_count *found =
            may(&c[i], area, year) ? look(p, area, year, &c[i]) : NULL;
        if (!found)
            continue;
        *ret = found->value;
        *ret_choice = i;
        return true;
    }
    return false;
}

#define EARLIER_YEARS 20 /* further back a population says nothing about today's region */

bool people_find(const struct people *p, const char *area, int year, bool earlier, struct num *ret,
                 size_t *ret_choice)
{
    if (!p)
        return false;
    for (int back = 0; back <= (earlier ? EARLIER_YEARS : 0); back++)
        if (of_year(p, area, year - back, ret, ret_choice))
            return true;
    return false;
}

char people_status(const struct people *p, const char *area, int year, size_t choice)
{
    const struct choice *c = p->plan->population.choices.items;
    const struct person_count *found = look(p, area, year, &c[choice]);
    return found ? found->status : '\0';
}
