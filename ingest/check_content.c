/* check_content.c — rules between values: parts and wholes, comparisons. They run at the end, over
 * the store, each in one pass over the series. Most series have nothing to be compared with: that
 * is found out by their keys, before any value is read. */
#include "check_run.h"

#define TRAIL_LOOKS ((uint64_t)8 << 20) /* bytes of the trail that may be looked at in vain */

static bool in_codes(const struct checker *c, const struct pick *p, const uint64_t *key)
{
    uint32_t number = key_number(c, key, p->dim);
    if (p->set)
        return p->set[number / 64] >> (number % 64) & 1;
    for (size_t i = 0; i < p->n; i++)
        if (str_is(code_text(c, p->dim, number), p->codes[i]))
            return true;
    return false;
}

bool picked(const struct checker *c, const struct pick *list, size_t n, const uint64_t *key)
{
    for (size_t i = 0; i < n; i++)
        if (!in_codes(c, &list[i], key))
            return false;
    return true;
}

/* The series that a rule begins from: for the kinds with two sides, the left one. */
bool rule_applies(const struct checker *c, const struct content *r, const uint64_t *key)
{
    if (!picked(c, r->where, r->nwhere, key))
        return false;
    if (r->kind == KIND_COMPARE || r->kind == KIND_RATE)
        return picked(c, r->left, r->nleft, key) || picked(c, r->right, r->nright, key);
    return true;
}

/* The series with one code changed, STORE_NONE when there is none such. */
static uint32_t sibling(const struct checker *c, const uint64_t *key, size_t dim, uint32_t number)
{
    uint64_t other[STRUCTURE_DIMS_MAX];
    if (number == STORE_NONE)
        return STORE_NONE;
    memcpy(other, key, c->store.words * sizeof *other);
    key_change(c, other, dim, number);
    return store_find(&c->store, other);
}

bool right_key(const struct checker *c, const struct content *r, uint64_t *key)
{
    for (size_t i = 0; i < r->nright; i++) {
        uint32_t number = code_number(c, r->right[i].dim, str_of(r->right[i].codes[0]));
        if (number == STORE_NONE)
            return false;
        key_change(c, key, r->right[i].dim, number);
    }
    return true;
}

static bool value_at(const struct checker *c, uint32_t series, uint32_t moment, struct cell *ret)
{
    ret->series = series;
    ret->moment = moment;
    return store_get(&c->store, series, moment, &ret->v);
}

void checker_key(struct checker *c, size_t dim, struct str code)
{
    const struct dimension *d = &c->s->dims[dim];
    buf_fmt(&c->key_text, "%s%s=", dim ? " & " : "", d->id);
    buf_str(&c->key_text, code);
    if (dim == 0)
        buf_reset(&c->brief);
    if (d->role == DIM_FREQ || (d->total && str_is(code, d->total)))
        return;
    buf_fmt(&c->brief, "%s%s=", c->brief.n ? " & " : "", d->id);
    buf_str(&c->brief, code);
}

static void series_key(struct checker *c, uint32_t series, uint32_t moment)
{
    const uint64_t *key = store_at(&c->store, series)->key;
    char text[PERIOD_TEXT_MAX];
    buf_reset(&c->key_text);
    for (size_t d = 0; d + 1 < c->s->ndims; d++)
        checker_key(c, d, code_text(c, d, key_number(c, key, d)));
    size_t n = period_text(c->moments[moment].p, text);
    checker_key(c, c->s->ndims - 1, (struct str){text, n});
}

static void remember(void *checker, uint32_t record, uint32_t series, uint32_t period)
{
    store_remember(&((struct checker *)checker)->store, series, period, record);
}

/* A few questions are answered from the trail; many are worth four bytes for every value. */
uint32_t checker_record(struct checker *c, uint32_t series, uint32_t moment)
{
    uint32_t record = STORE_NONE;
    if (c->store.recorded)
        return store_record(&c->store, series, moment);
    c->looked += trail_length(c->trail) + 64;
    if (c->looked < TRAIL_LOOKS) {
        (void)(trail_find(c->trail, series, moment, &record, &c->trouble) < 0);
        return record;
    }
    store_record_all(&c->store);
    (void)(trail_walk(c->trail, remember, c, &c->trouble) < 0);
    return store_record(&c->store, series, moment);
}

static enum level level_of(struct checker *c, const struct content *r, uint32_t series)
{
    uint32_t sender = c->kinds[store_at(&c->store, series)->kind].sender;
    const struct attr_state *a = attr_state(c, ATTR_SENDER, sender);
    return a->sender && a->sender->outside ? r->outside : r->level;
}

static void tell_finding(struct checker *c, struct finding x, const struct cell *one,
                         const struct cell *two, const char *detail)
{
    char value[NUM_TEXT_MAX];
    buf_reset(&c->place);
    buf_reset(&c->other);
    buf_reset(&c->reason);
    places_get(c->places, checker_record(c, one->series, one->moment), &c->place);
    if (two)
        places_get(c->places, checker_record(c, two->series, two->moment), &c->other);
    buf_fmt(&c->reason, "%s: %s", x.reason, detail);
    series_key(c, one->series, one->moment);
    x.value = (struct str){value, num_text(one->v, value)};
    x.place = buf_view(&c->place);
    x.other = buf_view(&c->other);
    x.key = buf_view(&c->key_text);
    x.brief = buf_view(&c->brief);
    x.reason = buf_z(&c->reason);
    findings_add(c->findings, &x);
}

void content_finding(struct checker *c, const struct content *r, const struct cell *one,
                     const struct cell *two, const struct told *told)
{
    struct finding x = {.rule = r->id, .reason = r->text, .fix = r->fix};
    char detail[300];
    x.level = level_of(c, r, one->series);
    if (!findings_silent(c->findings, x.rule, x.level)) {
        told->write(detail, sizeof detail, told);
        tell_finding(c, x, one, two, detail);
    }
    if (x.level != LEVEL_ERROR)
        return;
    checker_refuse(c, checker_record(c, one->series, one->moment), r->id);
    if (two)
        checker_refuse(c, checker_record(c, two->series, two->moment), r->id);
}

/* "231 against 1387 of 05012" */
static void against(char *to, size_t n, const struct told *t)
{
    char x[NUM_TEXT_MAX], y[NUM_TEXT_MAX];
    (void)num_text(t->a, x);
    (void)num_text(t->b, y);
    (void)snprintf(to, n, "%s against %s of %.*s", x, y, STR_ARG(t->of));
}

/* One rule and what is looked up once for it. */
struct asking {
    const struct content *r;
    struct cell *cells;     /* room for a series */
    uint32_t *first, *next; /* KIND_CHILDREN: by code, the number of a child, STORE_NONE */
    uint32_t total;         /* KIND_PARTS */
    uint32_t parts[PARTS_MAX];
    bool possible;
};

/* The parent is the nearest ancestor that has a value in the same period, all else being equal. */
static void child_le_parent(struct checker *c, const struct asking *a, uint32_t series)
{
    const uint64_t *key = store_at(&c->store, series)->key;
    size_t dim = (size_t)a->r->dim, n = 0;
    const struct codelist *l = c->s->dims[dim].codes;
    const struct code *code = &l->codes[key_number(c, key, dim)];
    for (const struct code *p = code->parent; p; p = p->parent) {
        uint32_t above = sibling(c, key, dim, (uint32_t)p->order);
        if (above == STORE_NONE)
            continue;
        if (n == 0 && (n = store_cells(&c->store, series, a->cells)) == 0)
            return;
        for (size_t i = 0; i < n; i++) {
            struct cell whole, *part = &a->cells[i];
            if (part->series == STORE_NONE || !value_at(c, above, part->moment, &whole))
                continue;
            if (num_cmp(part->v, whole.v) > 0)
                content_finding(c, a->r, part, &whole,
                                &(struct told){against, part->v, whole.v, p->id, {0, 0}});
            part->series = STORE_NONE; /* its parent was found */
        }
    }
}

struct adding { /* parts of one total in one period */
    struct num sum;
    size_t have;
    bool greater; /* one part alone is greater than the whole */
    struct cell parts[PARTS_MAX];
};

static int add_part(const struct checker *c, uint32_t series, const struct cell *whole,
                    struct adding *ret, struct err *e)
{
    struct cell part;
    if (series == STORE_NONE || !value_at(c, series, whole->moment, &part))
        return 0;
    ret->parts[ret->have++] = part;
    ret->greater |= num_cmp(part.v, whole->v) > 0;
    return num_add(&ret->sum, ret->sum, part.v, e);
}

static int add_parts(const struct checker *c, const uint32_t parts[2], const uint32_t *list,
                     const struct cell *whole, struct adding *ret, struct err *e)
{
    int rc = 0;
    ret->sum = (struct num){0, 0};
    ret->have = 0;
    ret->greater = false;
    for (size_t k = parts[0]; rc == 0 && k < parts[1]; k++)
        rc = add_part(c, list[k], whole, ret, e);
    return rc;
}

static void wrong_sum(struct checker *c, const struct content *r, const struct cell *whole,
                      const struct adding *a, struct str of)
{
    content_finding(c, r, whole, NULL, &(struct told){against, a->sum, whole->v, of, {0, 0}});
    if (level_of(c, r, whole->series) != LEVEL_ERROR)
        return;
    for (size_t i = 0; i < a->have; i++)
        checker_refuse(c, checker_record(c, a->parts[i].series, a->parts[i].moment), r->id);
}

/* The direct parts together; one that is greater alone is child_le_parent's finding. */
static int children_le_parent(struct checker *c, const struct asking *a, uint32_t series,
                              struct err *e)
{
    const uint64_t *key = store_at(&c->store, series)->key;
    size_t dim = (size_t)a->r->dim, n = 0;
    const struct code *code = &c->s->dims[dim].codes->codes[key_number(c, key, dim)];
    uint32_t below[PARTS_MAX], range[2] = {0, 0};
    struct adding sum;
    for (uint32_t i = a->first[code->order]; i != STORE_NONE && range[1] < PARTS_MAX;
         i = a->next[i]) {
        below[range[1]] = sibling(c, key, dim, i);
        range[1] += below[range[1]] != STORE_NONE;
    }
    n = range[1] > 1 ? store_cells(&c->store, series, a->cells) : 0;
    for (size_t i = 0; i < n; i++) {
        int rc = add_parts(c, range, below, &a->cells[i], &sum, e);
        if (rc < 0)
            return rc;
        if (sum.have >= 2 && !sum.greater && num_cmp(sum.sum, a->cells[i].v) > 0)
            wrong_sum(c, a->r, &a->cells[i], &sum, code->id);
    }
    return 0;
}

/* All parts given: they sum to the total. Some given: they do not pass it. */
static int parts_total(struct checker *c, const struct asking *a, uint32_t series, struct err *e)
{
    const struct content *r = a->r;
    const uint64_t *key = store_at(&c->store, series)->key;
    size_t dim = (size_t)r->dim, n = 0, found = 0;
    uint32_t parts[PARTS_MAX], range[2] = {0, (uint32_t)r->nparts};
    struct adding sum;
    if (key_number(c, key, dim) != a->total)
        return 0;
    for (size_t k = 0; k < r->nparts; k++) {
        parts[k] = sibling(c, key, dim, a->parts[k]);
        found += parts[k] != STORE_NONE;
    }
    n = found ? store_cells(&c->store, series, a->cells) : 0;
    for (size_t i = 0; i < n; i++) {
        int rc = add_parts(c, range, parts, &a->cells[i], &sum, e);
        if (rc < 0)
            return rc;
        int cmp = num_cmp(sum.sum, a->cells[i].v);
        if (sum.have == 0 || cmp == 0 || (cmp < 0 && sum.have < r->nparts))
            continue;
        wrong_sum(c, r, &a->cells[i], &sum, str_of(r->total));
    }
    return 0;
}

static void compare(struct checker *c, const struct asking *a, uint32_t series)
{
    const struct content *r = a->r;
    uint64_t key[STRUCTURE_DIMS_MAX];
    memcpy(key, store_at(&c->store, series)->key, c->store.words * sizeof *key);
    if (!picked(c, r->left, r->nleft, key) || !right_key(c, r, key))
        return;
    uint32_t right = store_find(&c->store, key);
    size_t n =
        right == STORE_NONE || right == series ? 0 : store_cells(&c->store, series, a->cells);
    for (size_t i = 0; i < n; i++) {
        struct cell limit;
        if (value_at(c, right, a->cells[i].moment, &limit) && num_cmp(a->cells[i].v, limit.v) > 0)
            content_finding(
                c, r, &a->cells[i], &limit,
                &(struct told){
                    against, a->cells[i].v, limit.v, str_of(r->right[0].codes[0]), {0, 0}});
    }
}

static int check_one(struct checker *c, const struct asking *a, uint32_t series, struct err *e)
{
    switch (a->r->kind) {
    case KIND_CHILD:
        child_le_parent(c, a, series);
        return 0;
    case KIND_CHILDREN:
        return children_le_parent(c, a, series, e);
    case KIND_PARTS:
        return parts_total(c, a, series, e);
    case KIND_COMPARE:
        compare(c, a, series);
        return 0;
    case KIND_JUMP:
        return check_jump(c, a->r, series, a->cells, e);
    case KIND_WHOLE:
    case KIND_NONNEG:
    case KIND_RATE:
        return 0;
    }
    return 0;
}

/* Which codes stand directly below which, in the order of the list. */
static void find_children(struct asking *a, const struct codelist *l)
{
    a->first = mem_array(l->n + 1, sizeof *a->first);
    a->next = mem_array(l->n + 1, sizeof *a->next);
    for (size_t i = 0; i < l->n; i++)
        a->first[i] = STORE_NONE;
    for (size_t i = l->n; i-- > 0;) {
        if (!l->codes[i].parent)
            continue;
        size_t up = l->codes[i].parent->order;
        a->next[i] = a->first[up];
        a->first[up] = (uint32_t)i;
    }
}

static void prepare(const struct checker *c, struct asking *a)
{
    const struct content *r = a->r;
    a->possible = r->kind != KIND_WHOLE && r->kind != KIND_NONNEG && r->kind != KIND_RATE;
    if (r->kind == KIND_CHILDREN)
        find_children(a, c->s->dims[r->dim].codes);
    if (r->kind != KIND_PARTS)
        return;
    a->total = code_number(c, (size_t)r->dim, str_of(r->total));
    for (size_t k = 0; k < r->nparts; k++)
        a->parts[k] = code_number(c, (size_t)r->dim, str_of(r->parts[k]));
}

static int by_time(const void *a, const void *b, void *checker)
{
    const struct checker *c = checker;
    const struct period x = c->moments[*(const uint32_t *)a].p;
    const struct period y = c->moments[*(const uint32_t *)b].p;
    return x.freq != y.freq ? (x.freq > y.freq) - (x.freq < y.freq) : period_cmp(x, y);
}

static void rank_moments(struct checker *c)
{
    size_t n = map_count(c->moment_ids);
    uint32_t *order = mem_array(n + 1, sizeof *order);
    for (uint32_t i = 0; i < n; i++)
        order[i] = i;
    qsort_r(order, n, sizeof *order, by_time, c);
    for (uint32_t i = 0; i < n; i++) {
        struct moment *m = &c->moments[order[i]], *before = i ? &c->moments[order[i - 1]] : NULL;
        m->rank = i;
        m->follows = before && before->p.freq == m->p.freq && period_between(before->p, m->p) == 1;
    }
    mem_free(order);
}

/* A comparison that cannot be made exactly: the longest figure of the series is to blame. */
static int too_long(struct checker *c, const struct asking *a, uint32_t series, struct err *e)
{
    char text[NUM_TEXT_MAX];
    size_t n = store_cells(&c->store, series, a->cells), longest = 0, length = 0;
    for (size_t i = 0; i < n; i++) {
        size_t k = num_text(a->cells[i].v, text);
        longest = k > length ? i : longest;
        length = k > length ? k : length;
    }
    buf_reset(&c->place);
    if (n)
        places_get(c->places, checker_record(c, series, a->cells[longest].moment), &c->place);
    err_place(e, "%.*s", STR_ARG(buf_view(&c->place)));
    return err_hint(e, "rule %s cannot be asked of a figure of so many digits: correct it",
                    a->r->id);
}

static int check_rule(struct checker *c, size_t i, struct cell *cells, struct err *e)
{
    struct asking a = {.r = &c->rules.list[i], .cells = cells};
    prepare(c, &a);
    int rc = a.r->kind == KIND_RATE ? check_rates(c, a.r, cells, e) : 0;
    for (uint32_t s = 0; a.possible && s < c->store.series.n && rc == 0; s++)
        if (c->kinds[store_at(&c->store, s)->kind].rules >> i & 1 &&
            (rc = check_one(c, &a, s, e)) < 0)
            rc = too_long(c, &a, s, e);
    mem_free(a.first);
    mem_free(a.next);
    return rc;
}

int check_content(struct checker *c, struct err *e)
{
    int rc = 0;
    rank_moments(c);
    store_order(&c->store);
    struct cell *cells = mem_array(map_count(c->moment_ids) + 2 * STORE_SLOTS, sizeof *cells);
    for (size_t i = 0; i < c->rules.n && rc == 0; i++)
        rc = check_rule(c, i, cells, e);
    mem_free(cells);
    if (rc == 0 && c->trouble.rc) {
        *e = c->trouble;
        rc = -(int)e->rc;
    }
    return rc;
}
