/* check_series.c — rules about time: jumps. All on exact numbers: thresholds are compared by
 * multiplying out, never by dividing. */
#include "check_run.h"

int num_beyond(struct num a, struct num b, struct num percent, bool *ret, struct err *e)
{
    const __int128 limit = (__int128)1 << 60;
    struct num left, right, hundred = {100, 0};
    if (a.scale == b.scale && percent.scale == 0 && a.m >= 0 && b.m >= 0 && a.m < limit &&
        b.m < limit && percent.m < limit) { /* products below 2^120 */
        *ret = a.m * hundred.m > b.m * percent.m;
        return 0;
    }
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

/* "700 after 200 in 2015" */
static void after(char *to, size_t n, const struct told *t)
{
    char x[NUM_TEXT_MAX], y[NUM_TEXT_MAX];
    (void)num_text(t->a, x);
    (void)num_text(t->b, y);
    (void)snprintf(to, n, "%s after %s in %.*s", x, y, STR_ARG(t->of));
}

static void tell(struct checker *c, const struct content *r, const struct cell *now)
{
    char when[PERIOD_TEXT_MAX];
    const struct cell *before = now - 1;
    size_t n = period_text(c->moments[before->moment].p, when);
    const struct told t = {after, now->v, before->v, {when, n}, {0, 0}};
    content_finding(c, r, now, before, &t);
}

/* More than `relative` per cent of the smaller of the two, and at least `absolute`. */
static int jump_before(struct checker *c, const struct content *r, const struct cell *now,
                       struct err *e)
{
    const struct cell *before = now - 1;
    struct num diff, least;
    bool far = false;
    int rc = num_sub(&diff, now->v, before->v, e);
    if (rc < 0)
        return rc;
    diff = magnitude(diff);
    least = num_cmp(now->v, before->v) < 0 ? now->v : before->v;
    if (num_cmp(diff, r->absolute) < 0)
        return 0;
    rc = num_beyond(diff, magnitude(least), r->relative, &far, e);
    if (rc < 0 || !far)
        return rc;
    tell(c, r, now);
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
    tell(c, r, now);
    return 0;
}

/* The thresholds of a rule in machine words: nearly all pairs are whole numbers that lie nearer to
 * each other than they allow, and are let go without arithmetic of many digits. */
struct calm {
    int64_t least;         /* the least whole number that is not below `absolute` */
    int64_t hundred, most; /* a jump has difference * hundred > smaller * most; 0: not known */
};

static struct calm calm_of(const struct content *r)
{
    const int64_t limit = INT64_C(1) << 40;
    struct calm ret = {0, 0, 0};
    __int128 one = 1;
    for (int i = 0; i < r->absolute.scale; i++)
        one *= 10;
    __int128 least = r->absolute.m / one + (r->absolute.m % one != 0);
    ret.least = least < limit ? (int64_t)least : 0;
    if (!r->by_relative || r->relative.scale > 6 || r->relative.m > limit)
        return ret;
    ret.most = (int64_t)r->relative.m;
    ret.hundred = 100;
    for (int i = 0; i < r->relative.scale; i++)
        ret.hundred *= 10;
    return ret;
}

static bool near(const struct cell *a, const struct cell *b, const struct calm *calm)
{
    const int64_t limit = INT64_C(1) << 60;
    if (a->v.scale || b->v.scale || a->v.m < 0 || b->v.m < 0 || a->v.m > limit || b->v.m > limit)
        return false;
    int64_t x = (int64_t)a->v.m, y = (int64_t)b->v.m;
    int64_t low = x < y ? x : y, gap = x < y ? y - x : x - y;
    if (gap < calm->least)
        return true;
    return calm->hundred && (__int128)gap * calm->hundred <= (__int128)low * calm->most;
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
    struct calm calm = calm_of(r);
    int rc = 0;
    if (!in_time(c, cells, n))
        qsort_r(cells, n, sizeof *cells, by_rank, c);
    for (size_t i = 1; i < n && rc == 0; i++) {
        run = follows(c, &cells[i]) ? run + 1 : 0;
        if (run && r->by_relative && !near(&cells[i - 1], &cells[i], &calm))
            rc = jump_before(c, r, &cells[i], e);
        if (rc == 0 && r->by_mad && run >= (size_t)r->periods)
            rc = jump_median(c, r, &cells[i], e);
    }
    return rc;
}
