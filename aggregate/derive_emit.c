/* derive_emit.c — which results there are: every indicator of every area and period that has
 * figures, and of the region, whose sums never hold a missing partner as zero. */
#include "derive_emit.h"
#include "derive_trace.h"

#include "bounds.h"
#include "mem.h"

/* --- what there is to compute --------------------------------------------------------------- */

static bool in_list(const struct yaml_list *l, struct str code)
{
    const char *const *z = l->items;
    for (size_t i = 0; i < l->n; i++)
        if (str_is(code, z[i]))
            return true;
    return false;
}

static bool frequency_fits(const struct indicator *ind, enum freq freq)
{
    char c = (char)freq;
    if (ind->freq.n && !in_list(&ind->freq, (struct str){&c, 1}))
        return false;
    bool alone = ind->kind == KIND_COUNT || ind->kind == KIND_SHARE || ind->kind == KIND_RANK ||
                 (ind->kind == KIND_RATE && ind->span == SPAN_PERIOD);
    if (!alone && !freq_per_year(freq))
        return false; /* weeks and days: no period a year before is the same one */
    if (ind->kind == KIND_GROWTH && !ind->years)
        return ind->base_period.freq == freq;
    if (ind->kind == KIND_INDEX)
        return ind->base_period.freq == freq || ind->base_period.freq == FREQ_ANNUAL;
    return true;
}

static bool share_fits(const struct data *d, const struct indicator *share, const struct group *g)
{
    const char *total = d->s->dims[share->over_dim].total;
    struct str code = g->codes[share->over_dim];
    if (share->codes.n)
        return in_list(&share->codes, code);
    return !total || !str_is(code, total);
}

/* Does the indicator speak about these figures at all? */
static bool applies(const struct data *d, const struct indicator *ind, size_t group)
{
    const struct group *g = &d->group[group];
    const struct yaml_group *w = ind->where.items;
    if (!frequency_fits(ind, g->freq))
        return false;
    for (size_t i = 0; i < ind->where.n; i++)
        if (!in_list(&w[i].values, g->codes[structure_dim(d->s, w[i].key)]))
            return false;
    if (ind->kind == KIND_SHARE)
        return share_fits(d, ind, g);
    return !ind->other || applies(d, ind->other, group);
}

/* One figure's place in time: which result it is part of. */
struct spot {
    struct period period;
    uint32_t area;
};

static int compare_spots(const void *a, const void *b)
{
    const struct spot *x = a, *y = b;
    int c = period_cmp(x->period, y->period);
    return c ? c : (x->area > y->area) - (x->area < y->area);
}

/* Is the result a year that may be made of other periods? */
static bool of_years(const struct indicator *ind)
{
    const struct indicator *rate = ind->kind == KIND_RANK ? ind->other : ind;
    return rate->kind == KIND_RATE && rate->span == SPAN_YEAR;
}

/* Does the area's year come from this group? Then the result belongs to it, and to no other. */
static bool gives_year(const struct data *d, size_t group, const struct spot *s)
{
    size_t order;
    return year_source(d, group, s->area, s->period.year, &order) == group;
}

/* Of the groups of several frequencies, the one that the region's year belongs to. */
static bool region_year(const struct data *d, size_t group, int year)
{
    size_t best = SIZE_MAX, from = SIZE_MAX;
    for (size_t i = 0; i < d->region->npartners; i++) {
        size_t area = data_area(d, d->region->partners[i].code), order;
        size_t g = area == SIZE_MAX ? SIZE_MAX : year_source(d, group, area, year, &order);
        if (g == SIZE_MAX || order >= best)
            continue;
        best = order;
        from = g;
    }
    return from == group;
}

/* The distinct spots of a group for an indicator, by time; the caller frees. */
static struct spot *spots_of(const struct data *d, const struct indicator *ind, size_t group,
                             size_t *ret_n)
{
    const struct group *g = &d->group[group];
    bool years = of_years(ind);
    struct spot *s = mem_array(g->n, sizeof *s);
    size_t n = 0, out = 0;
    for (size_t i = 0; i < g->n; i++) {
        const struct cell_key *k = &d->key[g->cells[i]];
        struct spot x = {.area = k->area};
        if (period_of_code(&x.period, g->freq, k->code, NULL) < 0)
            continue;
        if (years &&
            (!period_parent(x.period, FREQ_ANNUAL, &x.period) || !gives_year(d, group, &x)))
            continue;
        s[n++] = x;
    }
    qsort(s, n, sizeof *s, compare_spots);
    for (size_t i = 0; i < n; i++)
        if (!out || compare_spots(&s[out - 1], &s[i]) != 0)
            s[out++] = s[i];
    *ret_n = out;
    return s;
}

/* Is there anything before it to compare with? The first year of a series has no change. */
static bool comparable(const struct indicator *ind, struct period first, struct period p)
{
    int back = 0, year = freq_per_year(p.freq);
    bool change = ind->kind == KIND_CHANGE || ind->kind == KIND_PERCENT ||
                  ind->kind == KIND_TO_DATE || ind->kind == KIND_POINTS;
    if (ind->kind == KIND_GROWTH && !ind->years)
        return period_cmp(p, ind->base_period) > 0;
    if (ind->kind == KIND_RATE && ind->span == SPAN_ROLLING)
        back = year - 1;
    else if (ind->kind == KIND_GROWTH)
        back = (int)ind->years * year;
    else if (change)
        back = year;
    return back == 0 || period_cmp(period_add(p, -back), first) >= 0;
}

/* --- one area ------------------------------------------------------------------------------- */

static void remark_points(const struct target *t, const struct inputs *in, char *ret, size_t size)
{
    char a[NUM_TEXT_MAX], b[NUM_TEXT_MAX];
    ret[0] = '\0';
    if (t->ind->kind != KIND_POINTS || in->reason)
        return;
    (void)num_text(in->sum[2], a);
    (void)num_text(in->sum[3], b);
    (void)snprintf(ret, size, "a year before: %s of %s", a, b);
}

static int one_area(const struct data *d, const struct target *t, size_t area, struct rows *rows,
                    struct err *e)
{
    struct buf text CLEANUP(buf_free) = {.max = 1 << 16};
    struct result x = {0};
    char remark[200], code[LIMIT_CODE_BYTES + 1];
    struct str key = map_key(d->areas, area);
    (void)snprintf(code, sizeof code, "%.*s", STR_ARG(key));
    int rc = collect(d, t, code, &x.in, e);
    if (rc < 0)
        return rc;
    result_text(t->ind, &x.in, &text, &x.decimals);
    x.value = buf_view(&text);
    remark_points(t, &x.in, remark, sizeof remark);
    x.remark = remark[0] ? remark : NULL;
    rows_put(rows, t, area, &x);
    return 0;
}

/* --- the region ----------------------------------------------------------------------------- */

void missing_partners(const struct region *r, const bool *in, struct buf *ret)
{
    for (size_t i = 0; i < r->npartners; i++)
        if (!in[i])
            sdmx_item(ret, str_of(r->partners[i].code));
}

/* Per cent of the region's people who live where the figures come from; "" when the population of a
 * partner is not known at all. */
static int put_covered(const struct data *d, int year, const bool *in, struct buf *ret,
                       struct err *e)
{
    struct inputs part = {0}, share = {0};
    const struct indicator percent = {.kind = KIND_SHARE, .decimals = 1};
    int decimals;
    for (size_t i = 0; i < d->region->npartners; i++) {
        struct num v;
        size_t choice;
        if (!people_find(d->people, d->region->partners[i].code, year, true, &v, &choice))
            return 0;
        part.sum[0] = in[i] ? v : (struct num){0};
        part.sum[1] = v;
        int rc = inputs_add(&share, &part, e);
        if (rc < 0)
            return rc;
    }
    result_text(&percent, &share, ret, &decimals);
    return 0;
}

/* Sum what the partners that can be counted give; in[i] says who they are. */
static int add_partners(const struct data *d, const struct target *t, struct result *x, bool *in,
                        struct err *e)
{
    enum reason why = REASON_INPUT; /* of the region, when nobody can be counted */
    for (size_t i = 0; i < d->region->npartners; i++) {
        struct inputs one;
        size_t mark = trace_mark(d->trace);
        int rc = collect(d, t, d->region->partners[i].code, &one, e);
        if (rc < 0)
            return rc;
        if (one.reason == REASON_SUPPRESSED ||
            (one.reason == REASON_POPULATION && why == REASON_INPUT))
            why = one.reason;
        if (one.reason || (one.broke && t->ind->on_break == BREAK_EMPTY)) {
            trace_cut(d->trace, mark);
            continue;
        }
        in[i] = true;
        x->n++;
        rc = inputs_add(&x->in, &one, e);
        if (rc < 0)
            return rc;
    }
    x->in.comment = NULL;
    if (!x->n)
        x->in.reason = why;
    else if ((int64_t)x->n < t->ind->min_areas)
        x->in.reason = REASON_AREAS;
    return 0;
}

static bool compares(const struct indicator *ind)
{
    return ind->kind == KIND_CHANGE || ind->kind == KIND_PERCENT || ind->kind == KIND_TO_DATE ||
           ind->kind == KIND_GROWTH || ind->kind == KIND_INDEX || ind->kind == KIND_POINTS;
}

static int whole_region(const struct data *d, const struct target *t, struct rows *rows,
                        struct err *e)
{
    struct buf text CLEANUP(buf_free) = {.max = 1 << 16},
                    missing CLEANUP(buf_free) = {.max = 1 << 16};
    struct buf covered CLEANUP(buf_free) = {.max = 64};
    bool *in CLEANUP(mem_freep) = mem_array(d->region->npartners, sizeof *in);
    struct result x = {.together = true, .of = d->region->npartners};
    char before[200], remark[300];
    int rc = add_partners(d, t, &x, in, e);
    if (rc == 0)
        rc = put_covered(d, t->period.year, in, &covered, e);
    if (rc < 0)
        return rc;
    result_text(t->ind, &x.in, &text, &x.decimals);
    remark_points(t, &x.in, before, sizeof before);
    bool matched = compares(t->ind) && x.n < x.of && x.n;
    (void)snprintf(remark, sizeof remark, "%s%s%s",
                   matched ? "matched panel: the partners with both periods" : "",
                   matched && before[0] ? "; " : "", before);
    x.remark = remark[0] ? remark : NULL;
    missing_partners(d->region, in, &missing);
    x.value = buf_view(&text);
    x.missing = buf_view(&missing);
    x.covered = buf_view(&covered);
    rows_put(rows, t, REGION, &x);
    return 0;
}

/* --- all ------------------------------------------------------------------------------------ */

static bool is_partner(const struct data *d, uint32_t area)
{
    return region_partner(d->region, map_key(d->areas, area)) != NULL;
}

/* Has the partner figures in this period at all? */
static bool has_figures(const struct data *d, const struct target *t, size_t area)
{
    size_t order;
    if (of_years(t->ind))
        return year_source(d, t->group, area, t->period.year, &order) != SIZE_MAX;
    return data_cell(d, t->group, area, t->period) != NULL;
}

static void plan_ranks(const struct data *d, const struct target *t, struct rows *rows)
{
    for (size_t i = 0; i < d->region->npartners; i++) {
        size_t area = data_area(d, d->region->partners[i].code);
        if (area != SIZE_MAX && has_figures(d, t, area))
            rows_plan(rows, t, area);
    }
}

/* The rows of one period, whose spots these are. */
static void plan_period(const struct data *d, const struct target *t, const struct spot *s,
                        size_t n, bool region, struct rows *rows)
{
    bool whole = !of_years(t->ind) || region_year(d, t->group, t->period.year), partner = false;
    if (t->ind->kind == KIND_RANK) {
        if (whole)
            plan_ranks(d, t, rows);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        rows_plan(rows, t, s[i].area);
        partner |= is_partner(d, s[i].area);
    }
    if (region && partner && whole)
        rows_plan(rows, t, REGION);
}

static void plan_indicator(const struct data *d, struct target *t, bool region, struct rows *rows)
{
    size_t n = 0, end;
    struct spot *s CLEANUP(mem_freep) = spots_of(d, t->ind, t->group, &n);
    for (size_t i = 0; i < n; i = end) {
        for (end = i; end < n && period_eq(s[end].period, s[i].period); end++)
            ;
        t->period = s[i].period;
        if (comparable(t->ind, s[0].period, t->period))
            plan_period(d, t, s + i, end - i, region, rows);
    }
}

static int make_row(const struct data *d, const struct target *t, size_t area, struct rows *rows,
                    struct err *e)
{
    if (t->ind->kind == KIND_RANK)
        return rank_one(d, t, area, rows, e);
    return area == REGION ? whole_region(d, t, rows, e) : one_area(d, t, area, rows, e);
}

int emit_all(struct data *d, struct stage *st, bool region, struct err *e)
{
    struct rows *rows CLEANUP(rows_freep) = rows_new(d, st);
    const struct indicator *all = d->plan->indicators.items;
    for (size_t g = 0; g < d->ngroups; g++) {
        for (size_t i = 0; i < d->plan->indicators.n; i++) {
            struct target t = {.ind = &all[i], .group = g};
            if (all[i].wanted && applies(d, &all[i], g))
                plan_indicator(d, &t, region, rows);
        }
    }
    return rows_write(rows, make_row, e);
}
