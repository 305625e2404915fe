/* derive_collect.c — which figures go into a result, and what becomes of it when one is missing: a
 * missing figure is a reason, never a zero. */
#include "derive_trace.h"

const char *reason_word(enum reason r)
{
    static const char *const words[] = {
        "",      "suppressed-input", "missing-input", "no-population", "too-few-partners",
        "break", "zero-base",        "small-base"};
    return words[r];
}

/* The gravest stays: what is kept back hides what is merely missing. */
static void because(struct inputs *in, enum reason r)
{
    if (r && (!in->reason || r < in->reason))
        in->reason = r;
}

static char greater(char a, char b) { return a > b ? a : b; }

static void note_cell(struct inputs *in, const struct cell *c)
{
    in->status = worse_status(in->status, c->status);
    in->conf = worse_conf(in->conf, c->conf);
    in->grade = greater(in->grade, c->grade);
    if (c->reviewed)
        in->reviewed = in->reviewed == 'N' || c->reviewed != 'Y' ? 'N' : 'Y';
    in->illustrative |= c->illustrative;
    in->senders |= (uint64_t)1 << c->sender;
}

int inputs_add(struct inputs *to, const struct inputs *from, struct err *e)
{
    for (size_t i = 0; i < ARRAY_LEN(to->sum); i++) {
        int rc = num_add(&to->sum[i], to->sum[i], from->sum[i], e);
        if (rc < 0)
            return rc;
    }
    to->parts = from->parts;
    to->status = worse_status(to->status, from->status);
    to->conf = worse_conf(to->conf, from->conf);
    to->grade = greater(to->grade, from->grade);
    if (from->reviewed)
        to->reviewed = to->reviewed == 'N' ? 'N' : from->reviewed;
    to->illustrative |= from->illustrative;
    to->broke |= from->broke;
    to->senders |= from->senders;
    to->choices |= from->choices;
    return 0;
}

/* Whose figures are being taken, into what. */
struct taker {
    const struct data *d;
    const struct target *t;
    size_t area;
    struct inputs *in;
    struct err *e;
};

static int take(struct taker *k, size_t group, struct period p, struct num *sum)
{
    const struct cell *c = data_cell(k->d, group, k->area, p);
    const struct cell_key key = {(uint32_t)group, (uint32_t)k->area, period_code(p)};
    trace_figure(k->d->trace, k->d, &key, (size_t)(sum - k->in->sum));
    if (c)
        note_cell(k->in, c);
    if (c && c->given)
        return num_add(sum, *sum, c->value, k->e);
    because(k->in, c && c->suppressed ? REASON_SUPPRESSED : REASON_INPUT);
    return 0;
}

/* n periods that end with `last`. */
static int take_many(struct taker *k, struct period last, int n, struct num *sum)
{
    int rc = 0;
    for (int i = n - 1; i >= 0 && rc == 0; i--)
        rc = take(k, k->t->group, period_add(last, -i), sum);
    return rc;
}

/* Does the level of the series break after `from`, up to and with `to`? */
static void look_for_break(struct taker *k, size_t group, struct period from, struct period to)
{
    for (struct period p = period_add(from, 1); period_cmp(p, to) <= 0; p = period_add(p, 1)) {
        const struct cell *c = data_cell(k->d, group, k->area, p);
        if (c && c->status == 'B')
            k->in->broke = true;
    }
    if (k->in->broke)
        k->in->status = worse_status(k->in->status, 'B');
}

static struct period year_before(struct period p) { return period_add(p, -freq_per_year(p.freq)); }

size_t year_source(const struct data *d, size_t group, size_t area, int year, size_t *ret_order)
{
    for (size_t i = 0; year_order[i]; i++) {
        size_t g = d->group[group].by_freq[i];
        enum freq freq = (enum freq)year_order[i];
        for (int index = 1; g != SIZE_MAX && index <= freq_per_year(freq); index++) {
            if (!data_cell(d, g, area, (struct period){freq, year, index}))
                continue;
            *ret_order = i;
            return g;
        }
    }
    return SIZE_MAX;
}

/* All of a year, from the frequency that the area sends. */
static int take_year(struct taker *k, int year)
{
    size_t order = 0, group = year_source(k->d, k->t->group, k->area, year, &order);
    enum freq freq = (enum freq)year_order[order];
    int n = freq_per_year(freq), rc = 0;
    for (int i = 1; i <= n && rc == 0; i++)
        rc = take(k, group, (struct period){freq, year, i}, &k->in->sum[0]);
    return rc;
}

static int take_rate(struct taker *k, const char *area)
{
    const struct indicator *ind = k->t->ind;
    struct period p = k->t->period;
    int n = freq_per_year(p.freq), rc;
    if (ind->span == SPAN_YEAR)
        rc = take_year(k, p.year);
    else
        rc = take_many(k, p, ind->span == SPAN_PERIOD ? 1 : n, &k->in->sum[0]);
    if (rc < 0)
        return rc;
    size_t choice = 0;
    if (!people_find(k->d->people, area, p.year, false, &k->in->sum[1], &choice)) {
        because(k->in, REASON_POPULATION);
        return 0;
    }
    const struct choice *all = k->d->plan->population.choices.items;
    trace_people(k->d->trace, str_of(area), p.year, &all[choice]);
    k->in->choices |= (uint64_t)1 << choice;
    k->in->status = worse_status(k->in->status, people_status(k->d->people, area, p.year, choice));
    return 0;
}

static int take_change(struct taker *k)
{
    struct period now = k->t->period, before = year_before(now);
    int n = k->t->ind->kind == KIND_TO_DATE ? now.index : 1;
    int rc = take_many(k, now, n, &k->in->sum[0]);
    if (rc == 0)
        rc = take_many(k, before, n, &k->in->sum[1]);
    look_for_break(k, k->t->group, before, now);
    return rc;
}

static int take_growth(struct taker *k)
{
    const struct indicator *ind = k->t->ind;
    struct period now = k->t->period, base = ind->base_period;
    int n = freq_per_year(now.freq);
    if (ind->years)
        base = period_add(now, -(int)ind->years * n);
    k->in->parts = (unsigned)(period_between(base, now) / n);
    int rc = take_many(k, now, 1, &k->in->sum[0]);
    if (rc == 0)
        rc = take_many(k, base, 1, &k->in->sum[1]);
    look_for_break(k, k->t->group, base, now);
    return rc;
}

static int take_index(struct taker *k)
{
    struct period now = k->t->period, base = k->t->ind->base_period;
    int n = base.freq == now.freq ? 1 : freq_per_year(now.freq);
    struct period last = n == 1 ? base : (struct period){now.freq, base.year, n};
    if (base.freq == now.freq)
        last = base;
    k->in->parts = (unsigned)n;
    int rc = take_many(k, now, 1, &k->in->sum[0]);
    if (rc == 0)
        rc = take_many(k, last, n, &k->in->sum[1]);
    if (period_cmp(now, last) > 0)
        look_for_break(k, k->t->group, last, now);
    else
        look_for_break(k, k->t->group, now, last);
    return rc;
}

/* Numerator and denominator of a share at p, into sum[at] and sum[at + 1]. */
static int take_share(struct taker *k, const struct indicator *share, struct period p, size_t at)
{
    const struct dimension *dim = &k->d->s->dims[share->over_dim];
    const char *const *of = share->of.n ? share->of.items : &dim->total;
    size_t n = share->of.n ? share->of.n : 1;
    int rc = take(k, k->t->group, p, &k->in->sum[at]);
    for (size_t i = 0; i < n && rc == 0; i++) {
        size_t group = data_sibling(k->d, k->t->group, share->over_dim, str_of(of[i]));
        rc = take(k, group, p, &k->in->sum[at + 1]);
    }
    return rc;
}

static int take_points(struct taker *k)
{
    const struct indicator *share = k->t->ind->other;
    struct period now = k->t->period, before = year_before(now);
    int rc = take_share(k, share, now, 0);
    if (rc == 0)
        rc = take_share(k, share, before, 2);
    look_for_break(k, k->t->group, before, now);
    return rc;
}

int collect(const struct data *d, const struct target *t, const char *area, struct inputs *ret,
            struct err *e)
{
    *ret = (struct inputs){0};
    struct taker k = {d, t, data_area(d, area), ret, e};
    const struct cell *own = data_cell(d, t->group, k.area, t->period);
    ret->comment = own ? own->comment : NULL;
    switch ((enum kind)t->ind->kind) {
    case KIND_COUNT:
        return take_many(&k, t->period, 1, &ret->sum[0]);
    case KIND_RATE:
        return take_rate(&k, area);
    case KIND_CHANGE:
    case KIND_PERCENT:
    case KIND_TO_DATE:
        return take_change(&k);
    case KIND_GROWTH:
        return take_growth(&k);
    case KIND_INDEX:
        return take_index(&k);
    case KIND_SHARE:
        return take_share(&k, t->ind, t->period, 0);
    case KIND_POINTS:
        return take_points(&k);
    case KIND_RANK:
        break;
    }
    return err_set(e, RC_BUG, "DERIVE-040", "a rank has no inputs of its own");
}
