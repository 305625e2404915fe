/* load_key.c — which series and which lineage a row belongs to, and what it covers. Rows mostly
 * come in an order that was there before (the series of a period as in the period before, the
 * periods of a series one after the other), so each answer is first looked for beside the last one,
 * and a hash is taken only when that fails. Owns the marks, the coverage and the scratch of a load.
 */
#include "load.h"

#include "bounds.h"
#include "mem.h"

#define NONE UINT32_MAX

void load_keys_init(struct load *l)
{
    buf_init(&l->key, (size_t)8 << 20);
    buf_init(&l->lin, (size_t)8 << 20);
    buf_init(&l->src, (size_t)8 << 20);
    l->cover.groups = map_new(0);
    l->cover.places = map_new(0);
    l->at = SIZE_MAX;
}

void load_keys_free(struct load *l)
{
    map_free(l->cover.groups);
    map_free(l->cover.places);
    mem_free(l->cover.at);
    mem_free(l->cover.cells);
    mem_free(l->marks);
    buf_free(&l->key);
    buf_free(&l->lin);
    buf_free(&l->src);
}

/* ---- series ---- */

/* Where the cells stand as they came, each a separator from the next, their bytes are taken at
 * once; a quoted cell or a label in between shows in the distance. */
static bool take_span(struct load *l, const struct sdmx_row *row)
{
    const struct str *c = &row->cell[l->dim[0]];
    size_t at = 0;
    for (size_t i = 0; i + 1 < l->ndims; i++)
        if (c[i].p + c[i].n + 1 != c[i + 1].p)
            return false;
    const struct str *end = &c[l->ndims - 1];
    buf_add(&l->key, c->p, (size_t)(end->p + end->n - c->p));
    for (size_t i = 0; i + 1 < l->ndims && !l->key.full; i++) {
        at += c[i].n;
        l->key.p[at++] = LOAD_SEP;
    }
    return true;
}

size_t load_series_find(struct load *l, const struct sdmx_row *row)
{
    buf_reset(&l->key);
    if (!l->adjacent || !take_span(l, row))
        for (size_t i = 0; i < l->ndims; i++) {
            if (i)
                buf_char(&l->key, LOAD_SEP);
            buf_str(&l->key, load_dim(l, row, i));
        }
    struct str key = buf_view(&l->key);
    if (l->at != SIZE_MAX && str_eq(key, map_key(l->series.ids, l->at)))
        return l->at;
    return map_number(l->series.ids, key, l->at + 1);
}

/* A mark for every place, made when it is needed. */
static struct load_mark *mark_of(struct load *l, size_t at)
{
    if (at >= l->nmarks) {
        size_t n = l->nmarks ? l->nmarks : 1024;
        while (n <= at)
            n *= 2;
        l->marks = mem_resize(l->marks, n * sizeof *l->marks);
        for (size_t i = l->nmarks; i < n; i++)
            l->marks[i] = (struct load_mark){.lineage = SIZE_MAX};
        l->nmarks = n;
    }
    return &l->marks[at];
}

int load_series_take(struct load *l, const struct sdmx_row *row, size_t at, int32_t *ret,
                     struct err *e)
{
    int32_t code = period_code(l->period);
    int rc = buf_ok(&l->key, "the codes of a series", e);
    if (rc >= 0 && at == SIZE_MAX)
        rc = load_dict_add(l, &l->series, buf_view(&l->key), &at, e);
    if (rc < 0)
        return rc;
    struct load_mark *m = mark_of(l, at);
    if (m->last == 0 && (rc = load_cover_group(l, row, &m->group, e)) < 0)
        return rc;
    /* periods of a series that go forward cannot repeat an observation */
    if (code <= m->last)
        l->suspect = true;
    m->last = code;
    l->at = at;
    *ret = l->series.number[at];
    return load_cover(l, m, code, e);
}

/* ---- lineages ---- */

static int new_lineage(struct load *l, const struct sdmx_row *row, size_t *ret, struct err *e)
{
    size_t seps = 0;
    for (size_t i = 0; i < l->lin.n; i++)
        seps += l->lin.p[i] == LOAD_SEP;
    if (seps != 3) {
        err_set(e, RC_DATA, "LOAD-021", "a control character in SRC_KEY, GRADE or REVIEWED");
        return load_fault_at(l, row, e);
    }
    int rc = buf_ok(&l->lin, "the sender's codes of a row", e);
    return rc < 0 ? rc : load_dict_add(l, &l->lineage, buf_view(&l->lin), ret, e);
}

int load_lineage_take(struct load *l, const struct sdmx_row *row, int32_t *ret, struct err *e)
{
    static const enum load_col parts[] = {LOAD_SRC_KEY, LOAD_GRADE, LOAD_REVIEWED};
    struct load_mark *m = &l->marks[l->at];
    int rc = 0;
    if (l->lin_head == 0) {
        buf_text(&l->lin, l->sender->key);
        l->lin_head = l->lin.n;
    }
    l->lin.n = l->lin_head;
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        buf_char(&l->lin, LOAD_SEP);
        if (l->col[parts[i]] >= 0)
            buf_str(&l->lin, row->cell[l->col[parts[i]]]);
    }
    size_t at = map_number(l->lineage.ids, buf_view(&l->lin), m->lineage);
    if (at == SIZE_MAX)
        rc = new_lineage(l, row, &at, e);
    if (rc < 0)
        return rc;
    m->lineage = at;
    *ret = l->lineage.number[at];
    return 0;
}

/* ---- coverage ---- */

static int too_many(struct err *e)
{
    return err_set(e, RC_SYSTEM, "LOAD-060", "too many areas and periods for memory");
}

int load_cover_group(struct load *l, const struct sdmx_row *row, uint32_t *ret, struct err *e)
{
    struct load_cover *c = &l->cover;
    char key[LIMIT_CODE_BYTES + 8];
    bool fresh = false;
    struct str area = l->area < 0 ? (struct str){"", 0} : load_dim(l, row, (size_t)l->area);
    int n = snprintf(key, sizeof key, "%.*s%c%c", STR_ARG(area), LOAD_SEP, (char)l->period.freq);
    if (n < 0 || (size_t)n >= sizeof key)
        return too_many(e);
    size_t at = map_intern(c->groups, (struct str){key, (size_t)n}, &fresh);
    if (at >= NONE)
        return too_many(e);
    if (fresh) {
        c->at = mem_resize(c->at, (at + 1) * sizeof *c->at);
        c->at[at] = NONE;
        c->ngroups = at + 1;
    }
    *ret = (uint32_t)at;
    return 0;
}

static bool is_cell(const struct load_cover *c, uint32_t at, uint32_t group, int32_t period)
{
    return at < c->n && c->cells[at].group == group && c->cells[at].period == period;
}

/* The cell of a group and period by its key; NONE past what a map holds. */
static uint32_t find_cell(struct load_cover *c, uint32_t group, int32_t period)
{
    const uint32_t key[2] = {group, (uint32_t)period};
    bool fresh = false;
    size_t at = map_intern(c->places, (struct str){(const char *)key, sizeof key}, &fresh);
    if (at >= NONE)
        return NONE;
    if (fresh) {
        if ((c->n & (c->n - 1)) == 0) /* full at every power of two */
            c->cells = mem_resize(c->cells, (c->n ? c->n * 2 : 1) * sizeof *c->cells);
        c->cells[c->n++] = (struct load_cell){.group = group, .period = period, .next = NONE};
    }
    return (uint32_t)at;
}

int load_cover(struct load *l, struct load_mark *m, int32_t period, struct err *e)
{
    struct load_cover *c = &l->cover;
    uint32_t *at = &c->at[m->group];
    if (!is_cell(c, *at, m->group, period)) {
        uint32_t before = *at, next = before < c->n ? c->cells[before].next : NONE;
        if (!is_cell(c, next, m->group, period) && (next = find_cell(c, m->group, period)) == NONE)
            return too_many(e);
        if (before < c->n)
            c->cells[before].next = next;
        *at = next;
    }
    c->cells[*at].rows++;
    return 0;
}
