/* count_zero.c — cells that no record fell into. Where the declaration says that the register is
 * whole (zeros: declared), every combination of declared codes and periods without a record is a
 * true zero; nowhere else, and not where records were refused, for they might have been there. */
#include "count.h"

#include "mem.h"

#include <inttypes.h>

#define ZEROS_MAX 2000000

/* The numbers of the codes of each dimension that make the grid. */
struct grid_dim {
    size_t n;
    uint32_t *numbers; /* NULL: 0 … n - 1 */
};

static uint32_t part_of(const struct counter *k, cell_key key, size_t i)
{
    unsigned bits = coder_bits(k->coders[i]);
    return (uint32_t)(key >> k->shift[i]) & (uint32_t)(((uint64_t)1 << bits) - 1);
}

static int declared_periods(struct counter *k, size_t i, struct grid_dim *g, struct err *e)
{
    int n = period_between(k->r->from, k->r->to) + 1;
    g->numbers = mem_array((size_t)n, sizeof *g->numbers);
    for (g->n = 0; g->n < (size_t)n; g->n++) {
        char text[PERIOD_TEXT_MAX];
        size_t len = period_text(period_add(k->r->from, (int)g->n), text);
        int rc = coder_put(k->coders[i], (struct str){text, len}, &g->numbers[g->n], e);
        if (rc < 0)
            return rc;
    }
    return 0;
}

static int dims_of(struct counter *k, struct grid_dim *g, size_t *ret_all, struct err *e)
{
    const struct count_dim *d = k->r->dims.items;
    size_t all = k->r->measures.n;
    for (size_t i = 0; i < k->r->dims.n; i++) {
        g[i].n = 1;
        if (!k->coders[i])
            continue;
        g[i].n = coder_declared(k->coders[i]);
        int rc = d[i].kind == COUNT_DATE ? declared_periods(k, i, &g[i], e) : 0;
        if (rc < 0)
            return rc;
        if (g[i].n && all > ZEROS_MAX / g[i].n)
            return yaml_fault(e, k->r->at, "COUNT-065",
                              "the declared codes and periods make more than %d cells", ZEROS_MAX);
        all *= g[i].n;
    }
    *ret_all = all;
    return 0;
}

/* The at-th combination: the last dimension runs fastest. */
static cell_key key_at(const struct counter *k, const struct grid_dim *g, size_t at)
{
    cell_key key = (cell_key)(at % k->r->measures.n) << k->measure_shift;
    at /= k->r->measures.n;
    for (size_t i = k->r->dims.n; i-- > 0;) {
        size_t number = at % g[i].n;
        at /= g[i].n;
        if (k->coders[i])
            key |= (cell_key)(g[i].numbers ? g[i].numbers[number] : number) << k->shift[i];
    }
    return key;
}

/* Cells of periods that were not declared. */
static void tell_outside(const struct counter *k, const struct grid_dim *g, const struct cell *list,
                         size_t n)
{
    size_t last = k->r->dims.n - 1, outside = 0;
    if (!g[last].numbers)
        return;
    bool *in = mem_array(coder_count(k->coders[last]) + 1, sizeof *in);
    for (size_t i = 0; i < g[last].n; i++)
        in[g[last].numbers[i]] = true;
    for (size_t i = 0; i < n; i++)
        outside += !in[part_of(k, list[i].key, last)];
    mem_free(in);
    if (outside)
        stage_note(k->st, "%zu cells lie outside of the declared periods, where nothing is filled",
                   outside);
}

int counter_zeros(struct counter *k, struct cell **list, size_t *n, struct err *e)
{
    struct grid_dim g[COUNT_DIMS_MAX] = {{0, NULL}};
    size_t all = 0;
    if (!k->r->zeros)
        return 0;
    if (k->refused) {
        stage_note(k->st,
                   "records were refused: which cells are zero is not known, none is written");
        return 0;
    }
    int rc = dims_of(k, g, &all, e);
    if (rc >= 0) {
        tell_outside(k, g, *list, *n);
        struct cell *more = mem_array(*n + all, sizeof *more);
        if (*n)
            memcpy(more, *list, *n * sizeof *more);
        for (size_t i = 0; i < all; i++)
            more[*n + i] = (struct cell){.key = key_at(k, g, i)};
        *list = k->filled = more;
        *n += all;
    }
    for (size_t i = 0; i < k->r->dims.n; i++)
        mem_free(g[i].numbers);
    return rc;
}
