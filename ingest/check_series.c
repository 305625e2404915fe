/* check_series.c — rules about time (jumps) and about counts beside rates. All on exact numbers:
 * thresholds are compared by multiplying out, never by dividing. */
#include "check_run.h"

/* a > b * percent / 100 */
static int beyond(struct num a, struct num b, struct num percent, bool *ret, struct err *e)
{
    struct num left, right, hundred = {100, 0};
    int rc = num_mul(&left, a, hundred, e);
    if (rc == 0)
        rc = num_mul(&right, b, percent, e);
    if (rc == 0)
        *ret = num_cmp(left, right) > 0;
    return rc;
}

static struct num magnitude(struct num v)
{
    v.m = v.m < 0 ? -v.m : v.m;
    return v;
}

static int by_rank(const void *a, const void *b, void *checker)
{
    const struct checker *c = checker;
    uint32_t x = c->moments[((const struct cell *)a)->moment].rank;
    uint32_t y = c->moments[((const struct cell *)b)->moment].rank;
    return (x > y) - (x < y);
}

/* Is `now` of the period after that of the cell before it? Both are in order of time. */
static bool follows(const struct checker *c, const struct cell *now)
{
    const struct moment *a = &c->moments[now[-1].moment], *b = &c->moments[now->moment];
    return b->follows && b->rank == a->rank + 1;
}

static void told(char *to, size_t n, const struct checker *c, struct num v,
                 const struct cell *before)
{
    char x[NUM_TEXT_MAX], y[NUM_TEXT_MAX], when[PERIOD_TEXT_MAX];
    (void)num_text(v, x);
    (void)num_text(before->v, y);
    (void)period_text(c->moments[before->moment].p, when);
    (void)snprintf(to, n, "%s after %s in %s", x, y, when);
}

/* More than `relative` per cent of the smaller of the two, and at least `absolute`. */
static int jump_before(struct checker *c, const struct content *r, const struct cell *now,
                       struct err *e)
{
    const struct cell *before = now - 1;
    struct num diff, least;
    bool far = false;
    char text[200];
    int rc = num_sub(&diff, now->v, before->v, e);
    if (rc < 0)
        return rc;
    diff = magnitude(diff);
    least = num_cmp(now->v, before->v) < 0 ? now->v : before->v;
    if (num_cmp(diff, r->absolute) < 0)
        return 0;
    rc = beyond(diff, magnitude(least), r->relative, &far, e);
    if (rc < 0 || !far)
        return rc;
    told(text, sizeof text, c, now->v, before);
    content_finding(c, r, now, before, text);
    return 0;
}

static int by_value(const void *a, const void *b)
{
    return num_cmp(*(const struct num *)a, *(const struct num *)b);
}

/* Twice the median, so that it stays exact. */
static int median2(struct num *list, size_t n, struct num *ret, struct err *e)
{
    qsort(list, n, sizeof *list, by_value);
    return num_add(ret, list[(n - 1) / 2], list[n / 2], e);
}

/* The value against the median of the `periods` before it, `mad` times the median of their absolute
 * distances from it. With small counts that median is 0 and would flag all: `absolute` keeps it. */
static int jump_median(struct checker *c, const struct content *r, const struct cell *now,
                       struct err *e)
{
    struct num list[PERIODS_MAX], two = {2, 0}, med2, dev2, d, limit, twice;
    size_t n = (size_t)r->periods;
    char text[200];
    int rc = 0;
    for (size_t i = 0; i < n; i++)
        list[i] = now[-(ptrdiff_t)n + (ptrdiff_t)i].v;
    rc = median2(list, n, &med2, e);
    for (size_t i = 0; rc == 0 && i < n; i++) {
        rc = num_mul(&twice, list[i], two, e);
        if (rc == 0)
            rc = num_sub(&d, twice, med2, e);
        list[i] = magnitude(d);
    }
    if (rc == 0)
        rc = median2(list, n, &dev2, e); /* four times the deviation */
    if (rc == 0)
        rc = num_mul(&limit, dev2, r->mad, e);
    if (rc == 0)
        rc = num_mul(&twice, now->v, two, e);
    if (rc == 0)
        rc = num_sub(&d, twice, med2, e);
    if (rc == 0)
        rc = num_mul(&twice, magnitude(d), two, e);
    if (rc < 0)
        return rc;
    struct num four = {4, 0}, least;
    rc = num_mul(&least, r->absolute, four, e);
    if (rc < 0 || num_cmp(twice, limit) <= 0 || num_cmp(twice, least) < 0)
        return rc;
    told(text, sizeof text, c, now->v, now - 1);
    content_finding(c, r, now, now - 1, text);
    return 0;
}

/* The least whole number that is not below `absolute`, or 0. */
static int64_t least_jump(struct num absolute)
{
    __int128 one = 1;
    for (int i = 0; i < absolute.scale; i++)
        one *= 10;
    __int128 least = absolute.m / one + (absolute.m % one != 0);
    return least < INT32_MAX ? (int64_t)least : 0;
}

/* Two whole numbers nearer to each other than any jump: nearly all pairs, without arithmetic of
 * many digits. */
static bool near(const struct cell *a, const struct cell *b, int64_t least)
{
    const int64_t most = INT64_C(1) << 60;
    if (a->v.scale || b->v.scale || a->v.m < 0 || b->v.m < 0 || a->v.m > most || b->v.m > most)
        return false;
    int64_t x = (int64_t)a->v.m, y = (int64_t)b->v.m;
    return (x < y ? y - x : x - y) < least;
}

static bool in_time(const struct checker *c, const struct cell *cells, size_t n)
{
    for (size_t i = 1; i < n; i++)
        if (c->moments[cells[i - 1].moment].rank > c->moments[cells[i].moment].rank)
            return false;
    return true;
}

int check_jump(struct checker *c, const struct content *r, uint32_t series, struct cell *cells,
               struct err *e)
{
    size_t n = store_cells(&c->store, series, cells), run = 0;
    int64_t least = least_jump(r->absolute);
    int rc = 0;
    if (!in_time(c, cells, n))
        qsort_r(cells, n, sizeof *cells, by_rank, c);
    for (size_t i = 1; i < n && rc == 0; i++) {
        run = follows(c, &cells[i]) ? run + 1 : 0;
        if (run && r->by_relative && !near(&cells[i - 1], &cells[i], least))
            rc = jump_before(c, r, &cells[i], e);
        if (rc == 0 && r->by_mad && run >= (size_t)r->periods)
            rc = jump_median(c, r, &cells[i], e);
    }
    return rc;
}

/* ---- counts beside rates ---- */

struct implied { /* the population that a count and its rate imply: count * per / rate */
    uint32_t group;
    struct cell count, rate;
    struct num low, middle, high; /* the rate was rounded: it stands for an interval */
};

struct rates {
    struct implied *list;
    size_t n, cap;
};

/* count * per * 2 / (2 * rate + shift units of its last place), as a whole number. */
static struct num divide(struct num count, struct num per, struct num rate, int shift)
{
    struct num r = {0, 0};
    __int128 top = count.m * per.m * 2, under = rate.m * 2 + shift;
    int scale = rate.scale - count.scale - per.scale;
    for (; scale > 0 && top < (__int128)1 << 120; scale--)
        top *= 10;
    for (; scale < 0; scale++)
        under *= 10;
    r.m = under > 0 ? top / under : 0;
    return r;
}

static void add_implied(struct rates *rs, const struct content *r, struct implied one)
{
    if (one.rate.v.m <= 0 || one.count.v.m <= 0 || one.count.v.m > (__int128)1 << 60 ||
        r->per.m > (__int128)1 << 40 || one.rate.v.m > (__int128)1 << 60)
        return;
    if (rs->n == rs->cap) {
        rs->cap = rs->cap ? rs->cap * 2 : 256;
        rs->list = mem_resize(rs->list, rs->cap * sizeof *rs->list);
    }
    one.low = divide(one.count.v, r->per, one.rate.v, 1);
    one.middle = divide(one.count.v, r->per, one.rate.v, 0);
    one.high = one.rate.v.m > 1
                   ? divide(one.count.v, r->per, one.rate.v, -1)
                   : divide(one.count.v, r->per, (struct num){1, one.rate.v.scale}, -1);
    rs->list[rs->n++] = one;
}

/* The series of the rate that stands beside a count. */
static uint32_t rate_of(const struct checker *c, const struct content *r, const uint64_t *key)
{
    uint64_t other[STRUCTURE_DIMS_MAX];
    size_t bytes = c->store.words * sizeof *other;
    memcpy(other, key, bytes);
    if (!right_key(c, r, other) || memcmp(other, key, bytes) == 0)
        return STORE_NONE;
    return store_find(&c->store, other);
}

/* All that has one population: everything equal but the rule's dimension. */
static size_t group_of(const struct checker *c, const struct content *r, const uint64_t *key,
                       struct map *groups)
{
    uint64_t rest[STRUCTURE_DIMS_MAX];
    memcpy(rest, key, c->store.words * sizeof *rest);
    key_change(c, rest, (size_t)r->dim, 0);
    return map_intern(groups, (struct str){(const char *)rest, c->store.words * sizeof *rest},
                      NULL);
}

/* Was each code of the right side ever sent? Else no series needs to be looked at. */
static bool rates_there(const struct checker *c, const struct content *r)
{
    for (size_t i = 0; i < r->nright; i++)
        if (words_find(&c->dims[r->right[i].dim], str_of(r->right[i].codes[0])) == WORDS_FULL)
            return false;
    return true;
}

static void collect(struct checker *c, const struct content *r, struct cell *cells,
                    struct rates *rs)
{
    struct map *groups = map_new(0);
    for (uint32_t s = 0; s < c->store.series.n; s++) {
        const uint64_t *key = store_at(&c->store, s)->key;
        uint32_t rate = rate_of(c, r, key);
        size_t n = rate == STORE_NONE ? 0 : store_cells(&c->store, s, cells);
        size_t group = n ? group_of(c, r, key, groups) : 0;
        for (size_t i = 0; i < n; i++) {
            struct implied one = {.group = (uint32_t)group, .count = cells[i]};
            one.rate = (struct cell){.series = rate, .moment = cells[i].moment};
            if (store_get(&c->store, rate, cells[i].moment, &one.rate.v))
                add_implied(rs, r, one);
        }
    }
    map_free(groups);
}

static int by_group(const void *a, const void *b)
{
    const struct implied *x = a, *y = b;
    if (x->group != y->group)
        return x->group < y->group ? -1 : 1;
    if (x->count.moment != y->count.moment)
        return x->count.moment < y->count.moment ? -1 : 1;
    return num_cmp(x->middle, y->middle);
}

/* One area and period, ordered by the population implied: the middle one is the measure. An offence
 * is at fault when its whole interval lies further from it than the tolerance. */
static int judge(struct checker *c, const struct content *r, const struct implied *g, size_t n,
                 struct err *e)
{
    const struct num measure = g[n / 2].middle;
    for (size_t i = 0; i < n && n > 2; i++) {
        struct num gap = {0, 0};
        bool far = false;
        char text[300], a[NUM_TEXT_MAX], b[NUM_TEXT_MAX], m[NUM_TEXT_MAX];
        int rc = 0;
        if (num_cmp(g[i].low, measure) > 0)
            rc = num_sub(&gap, g[i].low, measure, e);
        else if (num_cmp(g[i].high, measure) < 0)
            rc = num_sub(&gap, measure, g[i].high, e);
        if (rc == 0)
            rc = beyond(gap, measure, r->tolerance, &far, e);
        if (rc < 0)
            return rc;
        if (!far)
            continue;
        (void)num_text(g[i].rate.v, a);
        (void)num_text(g[i].middle, b);
        (void)num_text(measure, m);
        (void)snprintf(text, sizeof text, "with rate %s it implies %s, the others %s", a, b, m);
        content_finding(c, r, &g[i].count, &g[i].rate, text);
    }
    return 0;
}

int check_rates(struct checker *c, const struct content *r, struct cell *cells, struct err *e)
{
    struct rates rs = {0};
    int rc = 0;
    if (!rates_there(c, r))
        return 0;
    collect(c, r, cells, &rs);
    if (rs.n)
        qsort(rs.list, rs.n, sizeof *rs.list, by_group);
    for (size_t i = 0, k; i < rs.n && rc == 0; i = k) {
        for (k = i + 1; k < rs.n && rs.list[k].group == rs.list[i].group &&
                        rs.list[k].count.moment == rs.list[i].count.moment;)
            k++;
        rc = judge(c, r, rs.list + i, k - i, e);
    }
    mem_free(rs.list);
    return rc;
}
