/* check_content.c — rules between values: parts and wholes, comparisons. They run at the end, over
 * the store, each in one pass over the series. */
#include "check_run.h"

static bool in_codes(const struct pick *p, struct str code)
{
    for (size_t i = 0; i < p->n; i++)
        if (str_is(code, p->codes[i]))
            return true;
    return false;
}

static bool picked(const struct checker *c, const struct pick *list, size_t n, const uint32_t *key)
{
    for (size_t i = 0; i < n; i++)
        if (!in_codes(&list[i], column_text(&c->dims[list[i].dim], key[list[i].dim])))
            return false;
    return true;
}

/* The series that a rule begins from: for the kinds with two sides, the left one. */
bool rule_applies(const struct checker *c, const struct content *r, const uint32_t *key)
{
    if (!picked(c, r->where, r->nwhere, key))
        return false;
    if (r->kind == KIND_COMPARE || r->kind == KIND_RATE)
        return picked(c, r->left, r->nleft, key) || picked(c, r->right, r->nright, key);
    return true;
}

/* The series with one code changed, STORE_NONE when there is none such. */
static uint32_t sibling(struct checker *c, const uint32_t *key, size_t dim, struct str code)
{
    uint32_t other[STRUCTURE_DIMS_MAX];
    size_t id = column_find(&c->dims[dim], code);
    if (id == COLUMN_NONE)
        return STORE_NONE;
    memcpy(other, key, c->store.ndims * sizeof *other);
    other[dim] = (uint32_t)id;
    return store_series(&c->store, other, false, NULL);
}

bool value_at(struct checker *c, uint32_t series, uint32_t moment, struct cell *ret)
{
    uint32_t at = store_cell(&c->store, series, moment, false);
    ret->at = at;
    ret->moment = moment;
    return at != STORE_NONE && store_get(&c->store, at, &ret->v);
}

size_t all_cells(struct checker *c, uint32_t series, struct cell *ret)
{
    size_t n = 0;
    for (uint32_t at = store_at(&c->store, series)->head; at;) {
        const struct chunk *ch = pool_at(&c->store.chunks, at - 1);
        for (uint32_t k = 0; k < STORE_SLOTS; k++) {
            ret[n].at = (at - 1) * 16 + k;
            ret[n].moment = ch->base + k;
            if (ch->record[k] && store_get(&c->store, ret[n].at, &ret[n].v))
                n++;
        }
        at = ch->next;
    }
    return n;
}

void checker_key(struct checker *c, size_t dim, struct str code)
{
    const struct dimension *d = &c->s->dims[dim];
    buf_fmt(&c->key, "%s%s=", dim ? " & " : "", d->id);
    buf_str(&c->key, code);
    if (dim == 0)
        buf_reset(&c->brief);
    if (d->role == DIM_FREQ || (d->total && str_is(code, d->total)))
        return;
    buf_fmt(&c->brief, "%s%s=", c->brief.n ? " & " : "", d->id);
    buf_str(&c->brief, code);
}

static void series_key(struct checker *c, uint32_t series, uint32_t moment)
{
    const uint32_t *key = store_at(&c->store, series)->key;
    char text[PERIOD_TEXT_MAX];
    buf_reset(&c->key);
    for (size_t d = 0; d < c->store.ndims; d++)
        checker_key(c, d, column_text(&c->dims[d], key[d]));
    size_t n = period_text(c->moments[moment].p, text);
    checker_key(c, c->store.ndims, (struct str){text, n});
}

void content_finding(struct checker *c, const struct content *r, uint32_t series,
                     const struct cell *one, const struct cell *two, const char *detail)
{
    const struct series *s = store_at(&c->store, series);
    const struct attr_state *a = attr_state(c, ATTR_SENDER, s->sender);
    char value[NUM_TEXT_MAX];
    uint32_t record = *store_record(&c->store, one->at) - 1;
    struct finding x = {.rule = r->id, .fix = r->fix};
    x.level = a->sender && a->sender->outside ? r->outside : r->level;
    buf_reset(&c->place);
    buf_reset(&c->other);
    buf_reset(&c->reason);
    places_get(c->places, record, &c->place);
    if (two)
        places_get(c->places, *store_record(&c->store, two->at) - 1, &c->other);
    buf_fmt(&c->reason, "%s: %s", r->text, detail);
    series_key(c, series, one->moment);
    x.value = (struct str){value, num_text(one->v, value)};
    x.place = buf_view(&c->place);
    x.other = buf_view(&c->other);
    x.key = buf_view(&c->key);
    x.brief = buf_view(&c->brief);
    x.reason = buf_z(&c->reason);
    findings_add(c->findings, &x);
    if (x.level != LEVEL_ERROR)
        return;
    checker_refuse(c, record, r->id);
    if (two)
        checker_refuse(c, *store_record(&c->store, two->at) - 1, r->id);
}

/* "231 against 1387 of 05012" */
static const char *against(char *to, size_t n, struct num a, struct num b, struct str of)
{
    char x[NUM_TEXT_MAX], y[NUM_TEXT_MAX];
    (void)num_text(a, x);
    (void)num_text(b, y);
    (void)snprintf(to, n, "%s against %s of %.*s", x, y, STR_ARG(of));
    return to;
}

/* The parent is the nearest ancestor that has a value in the same period, all else being equal. */
static void child_le_parent(struct checker *c, const struct content *r, uint32_t series,
                            struct cell *cells)
{
    const uint32_t *key = store_at(&c->store, series)->key;
    size_t dim = (size_t)r->dim, n;
    char text[200];
    const struct code *code = c->codes[dim][key[dim]].code;
    n = code ? all_cells(c, series, cells) : 0;
    for (const struct code *p = n ? code->parent : NULL; p; p = p->parent) {
        uint32_t above = sibling(c, key, dim, p->id);
        for (size_t i = 0; above != STORE_NONE && i < n; i++) {
            struct cell whole;
            if (cells[i].at == STORE_NONE || !value_at(c, above, cells[i].moment, &whole))
                continue;
            if (num_cmp(cells[i].v, whole.v) > 0)
                content_finding(c, r, series, &cells[i], &whole,
                                against(text, sizeof text, cells[i].v, whole.v, p->id));
            cells[i].at = STORE_NONE; /* its parent was found */
        }
    }
}

struct adding { /* parts of one total in one period */
    struct num sum;
    size_t have;
    bool greater; /* one part alone is greater than the whole */
    uint32_t records[PARTS_MAX];
};

static int add_part(struct checker *c, uint32_t series, const struct cell *whole,
                    struct adding *ret, struct err *e)
{
    struct cell part;
    if (series == STORE_NONE || !value_at(c, series, whole->moment, &part))
        return 0;
    if (ret->have < ARRAY_LEN(ret->records))
        ret->records[ret->have] = *store_record(&c->store, part.at) - 1;
    ret->have++;
    ret->greater |= num_cmp(part.v, whole->v) > 0;
    return num_add(&ret->sum, ret->sum, part.v, e);
}

static void refuse_parts(struct checker *c, const struct content *r, uint32_t series,
                         const struct adding *a)
{
    const struct attr_state *s = attr_state(c, ATTR_SENDER, store_at(&c->store, series)->sender);
    if ((s->sender && s->sender->outside ? r->outside : r->level) != LEVEL_ERROR)
        return;
    for (size_t i = 0; i < a->have && i < ARRAY_LEN(a->records); i++)
        checker_refuse(c, a->records[i], r->id);
}

/* The direct parts together; one that is greater alone is child_le_parent's finding. */
static int children_le_parent(struct checker *c, const struct content *r, uint32_t series,
                              struct cell *cells, struct err *e)
{
    const uint32_t *key = store_at(&c->store, series)->key;
    size_t dim = (size_t)r->dim;
    const struct codelist *l = c->s->dims[dim].codes;
    const struct code *code = c->codes[dim][key[dim]].code;
    uint32_t below[PARTS_MAX];
    size_t nbelow = 0, n = 0;
    for (size_t i = code ? 0 : l->n; i < l->n && nbelow < ARRAY_LEN(below); i++)
        if (l->codes[i].parent == code) {
            below[nbelow] = sibling(c, key, dim, l->codes[i].id);
            nbelow += below[nbelow] != STORE_NONE;
        }
    n = nbelow > 1 ? all_cells(c, series, cells) : 0;
    for (size_t i = 0; i < n; i++) {
        struct adding a = {0};
        char text[200];
        int rc = 0;
        for (size_t k = 0; rc == 0 && k < nbelow; k++)
            rc = add_part(c, below[k], &cells[i], &a, e);
        if (rc < 0)
            return rc;
        if (a.have < 2 || a.greater || num_cmp(a.sum, cells[i].v) <= 0)
            continue;
        content_finding(c, r, series, &cells[i], NULL,
                        against(text, sizeof text, a.sum, cells[i].v, code->id));
        refuse_parts(c, r, series, &a);
    }
    return 0;
}

/* All parts given: they sum to the total. Some given: they do not pass it. */
static int parts_total(struct checker *c, const struct content *r, uint32_t series,
                       struct cell *cells, struct err *e)
{
    const uint32_t *key = store_at(&c->store, series)->key;
    size_t dim = (size_t)r->dim, n = 0;
    uint32_t parts[PARTS_MAX];
    if (!str_is(column_text(&c->dims[dim], key[dim]), r->total))
        return 0;
    for (size_t k = 0; k < r->nparts; k++)
        parts[k] = sibling(c, key, dim, str_of(r->parts[k]));
    n = all_cells(c, series, cells);
    for (size_t i = 0; i < n; i++) {
        struct adding a = {0};
        char text[200];
        int rc = 0;
        for (size_t k = 0; rc == 0 && k < r->nparts; k++)
            rc = add_part(c, parts[k], &cells[i], &a, e);
        if (rc < 0)
            return rc;
        int cmp = num_cmp(a.sum, cells[i].v);
        if (a.have == 0 || cmp == 0 || (cmp < 0 && a.have < r->nparts))
            continue;
        content_finding(c, r, series, &cells[i], NULL,
                        against(text, sizeof text, a.sum, cells[i].v, str_of(r->total)));
        refuse_parts(c, r, series, &a);
    }
    return 0;
}

static void compare(struct checker *c, const struct content *r, uint32_t series, struct cell *cells)
{
    uint32_t key[STRUCTURE_DIMS_MAX];
    memcpy(key, store_at(&c->store, series)->key, c->store.ndims * sizeof *key);
    if (!picked(c, r->left, r->nleft, key))
        return;
    for (size_t i = 0; i < r->nright; i++) {
        size_t id = column_find(&c->dims[r->right[i].dim], str_of(r->right[i].codes[0]));
        if (id == COLUMN_NONE)
            return;
        key[r->right[i].dim] = (uint32_t)id;
    }
    uint32_t right = store_series(&c->store, key, false, NULL);
    size_t n = right == STORE_NONE || right == series ? 0 : all_cells(c, series, cells);
    for (size_t i = 0; i < n; i++) {
        struct cell limit;
        char text[200];
        if (!value_at(c, right, cells[i].moment, &limit) || num_cmp(cells[i].v, limit.v) <= 0)
            continue;
        content_finding(
            c, r, series, &cells[i], &limit,
            against(text, sizeof text, cells[i].v, limit.v, str_of(r->right[0].codes[0])));
    }
}

static int check_one(struct checker *c, const struct content *r, uint32_t series,
                     struct cell *cells, struct err *e)
{
    switch (r->kind) {
    case KIND_CHILD:
        child_le_parent(c, r, series, cells);
        return 0;
    case KIND_CHILDREN:
        return children_le_parent(c, r, series, cells, e);
    case KIND_PARTS:
        return parts_total(c, r, series, cells, e);
    case KIND_COMPARE:
        compare(c, r, series, cells);
        return 0;
    case KIND_JUMP:
        return check_jump(c, r, series, cells, e);
    case KIND_WHOLE:
    case KIND_NONNEG:
    case KIND_RATE:
        return 0;
    }
    return 0;
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
    for (uint32_t i = 0; i < n; i++)
        c->moments[order[i]].rank = i;
    mem_free(order);
}

/* A comparison that cannot be made exactly: the longest figure of the series is to blame. */
static int too_long(struct checker *c, const struct content *r, uint32_t series, struct cell *cells,
                    struct err *e)
{
    char text[NUM_TEXT_MAX];
    size_t n = all_cells(c, series, cells), longest = 0, length = 0;
    for (size_t i = 0; i < n; i++) {
        size_t k = num_text(cells[i].v, text);
        longest = k > length ? i : longest;
        length = k > length ? k : length;
    }
    buf_reset(&c->place);
    if (n)
        places_get(c->places, *store_record(&c->store, cells[longest].at) - 1, &c->place);
    err_place(e, "%.*s", STR_ARG(buf_view(&c->place)));
    return err_hint(e, "rule %s cannot be asked of a figure of so many digits: correct it", r->id);
}

int check_content(struct checker *c, struct err *e)
{
    int rc = 0;
    rank_moments(c);
    struct cell *cells = mem_array(map_count(c->moment_ids) + STORE_SLOTS, sizeof *cells);
    for (size_t i = 0; i < c->rules.n && rc == 0; i++) {
        const struct content *r = &c->rules.list[i];
        if (r->kind == KIND_RATE)
            rc = check_rates(c, r, e);
        for (uint32_t s = 0; s < c->store.series.n && rc == 0; s++)
            if (store_at(&c->store, s)->rules >> i & 1 && (rc = check_one(c, r, s, cells, e)) < 0)
                rc = too_long(c, r, s, cells, e);
    }
    mem_free(cells);
    return rc;
}
