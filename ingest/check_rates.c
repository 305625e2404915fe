/* check_rates.c — counts beside rates: a count and its rate imply a population, which is that of
 * all offences of one area and period. Each group of series that have one population is looked at
 * alone, so that memory is that of the largest one. Numbers are exact. */
#include "check_run.h"

struct pair { /* a count and its rate */
    uint32_t group, count, rate;
};

struct implied { /* the population that they imply in one period: count * per / rate */
    __int128 middle;
    uint32_t pair;
    struct num count, rate;
};

struct both {
    uint32_t moment, pair;
};

struct rates {
    const struct content *r;
    struct pair *pairs;
    size_t n, cap;
    struct both *both; /* of one group: every count with a rate */
    size_t nboth, capboth;
    struct both *sorted; /* the same, by period */
    uint32_t *starts;    /* by period, where it begins in sorted */
    size_t nmoments;
    struct implied *list; /* of one period */
    size_t caplist;
    struct cell *cells;
};

/* count * per * 2 / (2 * rate + shift units of its last place), as a whole number. */
static __int128 divide(struct num count, struct num per, struct num rate, int shift)
{
    __int128 top = count.m * per.m * 2, under = rate.m * 2 + shift;
    int scale = rate.scale - count.scale - per.scale;
    for (; scale > 0 && top < (__int128)1 << 120; scale--)
        top *= 10;
    for (; scale < 0; scale++)
        under *= 10;
    if (under <= 0)
        return 0;
    if (top == (__int128)(uint64_t)top && under == (__int128)(uint64_t)under)
        return (uint64_t)top / (uint64_t)under;
    return top / under;
}

/* The rate was rounded: it stands for an interval, and so does the population. */
static __int128 lowest(const struct implied *i, struct num per)
{
    return divide(i->count, per, i->rate, 1);
}

static __int128 highest(const struct implied *i, struct num per)
{
    struct num least = {1, i->rate.scale};
    return divide(i->count, per, i->rate.m > 1 ? i->rate : least, -1);
}

/* What can be multiplied out. */
static bool can_imply(struct num count, struct num per, struct num rate)
{
    return rate.m > 0 && count.m > 0 && count.m <= (__int128)1 << 60 &&
           per.m <= (__int128)1 << 40 && rate.m <= (__int128)1 << 60;
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

static int by_group(const void *a, const void *b)
{
    const struct pair *x = a, *y = b;
    if (x->group != y->group)
        return x->group < y->group ? -1 : 1;
    return x->count < y->count ? -1 : x->count > y->count;
}

static void find_pairs(const struct checker *c, struct rates *rs)
{
    struct map *groups = map_new(0);
    for (uint32_t s = 0; s < c->store.series.n; s++) {
        const uint64_t *key = store_at(&c->store, s)->key;
        uint32_t rate = rate_of(c, rs->r, key);
        if (rate == STORE_NONE)
            continue;
        if (rs->n == rs->cap) {
            rs->cap = rs->cap ? rs->cap * 2 : 256;
            rs->pairs = mem_resize(rs->pairs, rs->cap * sizeof *rs->pairs);
        }
        rs->pairs[rs->n++] = (struct pair){(uint32_t)group_of(c, rs->r, key, groups), s, rate};
    }
    map_free(groups);
    if (rs->n)
        qsort(rs->pairs, rs->n, sizeof *rs->pairs, by_group);
}

static void add_pair(const struct checker *c, struct rates *rs, size_t pair)
{
    size_t n = store_cells(&c->store, rs->pairs[pair].count, rs->cells);
    for (size_t i = 0; i < n; i++) {
        struct num rate;
        const struct cell *one = &rs->cells[i];
        if (!store_get(&c->store, rs->pairs[pair].rate, one->moment, &rate) ||
            !can_imply(one->v, rs->r->per, rate))
            continue;
        if (rs->nboth == rs->capboth) {
            rs->capboth = rs->capboth ? rs->capboth * 2 : 256;
            rs->both = mem_resize(rs->both, rs->capboth * sizeof *rs->both);
            rs->sorted = mem_resize(rs->sorted, rs->capboth * sizeof *rs->sorted);
        }
        rs->both[rs->nboth++] = (struct both){one->moment, (uint32_t)pair};
    }
}

/* The populations that the pairs both[0 … n) imply in their period. */
static void imply(const struct checker *c, struct rates *rs, const struct both *both, size_t n)
{
    if (n > rs->caplist) {
        rs->caplist = n * 2;
        rs->list = mem_resize(rs->list, rs->caplist * sizeof *rs->list);
    }
    for (size_t i = 0; i < n; i++) {
        struct implied *one = &rs->list[i];
        uint32_t moment = both[i].moment;
        one->pair = both[i].pair;
        (void)store_get(&c->store, rs->pairs[one->pair].count, moment, &one->count);
        (void)store_get(&c->store, rs->pairs[one->pair].rate, moment, &one->rate);
        one->middle = divide(one->count, rs->r->per, one->rate, 0);
    }
}

static int by_middle(const void *a, const void *b)
{
    const struct implied *x = a, *y = b;
    if (x->middle != y->middle)
        return x->middle < y->middle ? -1 : 1;
    return x->pair < y->pair ? -1 : x->pair > y->pair;
}

static void implies(char *to, size_t n, const struct told *t)
{
    char a[NUM_TEXT_MAX], b[NUM_TEXT_MAX], m[NUM_TEXT_MAX];
    (void)num_text(t->a, a);
    (void)num_text(t->b, b);
    (void)num_text(t->c, m);
    (void)snprintf(to, n, "with rate %s it implies %s, the others %s", a, b, m);
}

/* How far the whole interval lies from the measure. */
static struct num gap_of(const struct implied *i, struct num per, __int128 measure)
{
    __int128 edge = i->middle > measure ? lowest(i, per) : highest(i, per);
    bool outside = i->middle > measure ? edge > measure : edge < measure;
    __int128 gap = !outside ? 0 : edge > measure ? edge - measure : measure - edge;
    return (struct num){gap, 0};
}

/* One area and period, ordered by the population implied: the middle one is the measure. An offence
 * is at fault when its whole interval lies further from it than the tolerance. */
static int judge(struct checker *c, struct rates *rs, uint32_t moment, size_t n, struct err *e)
{
    qsort(rs->list, n, sizeof *rs->list, by_middle);
    const struct num measure = {rs->list[n / 2].middle, 0};
    for (size_t i = 0; i < n; i++) {
        const struct implied *one = &rs->list[i];
        const struct pair *p = &rs->pairs[one->pair];
        bool far = false;
        if (one->middle == measure.m)
            continue;
        int rc = num_beyond(gap_of(one, rs->r->per, measure.m), measure, rs->r->tolerance, &far, e);
        if (rc < 0)
            return rc;
        if (!far)
            continue;
        const struct cell count = {p->count, moment, one->count};
        const struct cell rate = {p->rate, moment, one->rate};
        const struct told t = {implies, one->rate, {one->middle, 0}, {"", 0}, measure};
        content_finding(c, rs->r, &count, &rate, &t);
    }
    return 0;
}

static int by_moment(const void *a, const void *b)
{
    const struct both *x = a, *y = b;
    if (x->moment != y->moment)
        return x->moment < y->moment ? -1 : 1;
    return x->pair < y->pair ? -1 : x->pair > y->pair;
}

/* By period, pairs in their order: counted out, unless the periods are far more than the pairs. */
static void sort_both(struct rates *rs)
{
    if (rs->nmoments / 4 > rs->nboth) {
        memcpy(rs->sorted, rs->both, rs->nboth * sizeof *rs->both);
        qsort(rs->sorted, rs->nboth, sizeof *rs->sorted, by_moment);
        return;
    }
    memset(rs->starts, 0, (rs->nmoments + 1) * sizeof *rs->starts);
    for (size_t i = 0; i < rs->nboth; i++)
        rs->starts[rs->both[i].moment + 1]++;
    for (size_t i = 0; i < rs->nmoments; i++)
        rs->starts[i + 1] += rs->starts[i];
    for (size_t i = 0; i < rs->nboth; i++)
        rs->sorted[rs->starts[rs->both[i].moment]++] = rs->both[i];
}

static int check_group(struct checker *c, struct rates *rs, struct err *e)
{
    int rc = 0;
    if (rs->nboth)
        sort_both(rs);
    for (size_t i = 0, k; i < rs->nboth && rc == 0; i = k) {
        for (k = i + 1; k < rs->nboth && rs->sorted[k].moment == rs->sorted[i].moment;)
            k++;
        if (k - i < 3)
            continue;
        imply(c, rs, rs->sorted + i, k - i);
        rc = judge(c, rs, rs->sorted[i].moment, k - i, e);
    }
    rs->nboth = 0;
    return rc;
}

int check_rates(struct checker *c, const struct content *r, struct cell *cells, struct err *e)
{
    struct rates rs = {.r = r, .cells = cells};
    int rc = 0;
    if (!rates_there(c, r))
        return 0;
    rs.nmoments = map_count(c->moment_ids);
    rs.starts = mem_array(rs.nmoments + 1, sizeof *rs.starts);
    find_pairs(c, &rs);
    for (size_t i = 0; i < rs.n && rc == 0;) {
        uint32_t group = rs.pairs[i].group;
        for (; i < rs.n && rs.pairs[i].group == group; i++)
            add_pair(c, &rs, i);
        rc = check_group(c, &rs, e);
    }
    mem_free(rs.pairs);
    mem_free(rs.both);
    mem_free(rs.sorted);
    mem_free(rs.starts);
    mem_free(rs.list);
    return rc;
}
