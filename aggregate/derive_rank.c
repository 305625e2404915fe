/* derive_rank.c — competition ranks of the partners by a rate: 1 is the highest, equals share a
 * rank. The rates are compared as they are printed, so that a reader can check the rank on the
 * page and no rank rests on digits that nobody sees. */
#include "derive_emit.h"
#include "derive_trace.h"

#include "mem.h"

struct ranked {
    struct inputs in;
    struct num rate;
    bool given; /* has a rate */
};

static int rate_of(const struct data *d, const struct target *t, const char *area,
                   struct ranked *ret, struct err *e)
{
    struct buf text CLEANUP(buf_free) = {.max = 1 << 16};
    struct target rate = {t->ind->other, t->group, t->period};
    size_t mark = trace_mark(d->trace);
    int decimals, rc = collect(d, &rate, area, &ret->in, e);
    if (rc < 0)
        return rc;
    result_text(rate.ind, &ret->in, &text, &decimals);
    ret->given = text.n != 0;
    if (!ret->given)
        trace_cut(d->trace, mark);
    return text.n ? num_parse(&ret->rate, buf_view(&text), &num_plain, e) : 0;
}

static size_t rank_of(const struct ranked *all, size_t n, size_t i)
{
    size_t higher = 0;
    for (size_t k = 0; k < n; k++)
        higher += all[k].given && num_cmp(all[k].rate, all[i].rate) > 0;
    return higher + 1;
}

int rank_one(const struct data *d, const struct target *t, size_t area, struct rows *rows,
             struct err *e)
{
    size_t n = d->region->npartners, own = 0;
    struct ranked *all CLEANUP(mem_freep) = mem_array(n, sizeof *all);
    bool *in CLEANUP(mem_freep) = mem_array(n, sizeof *in);
    struct buf missing CLEANUP(buf_free) = {.max = 1 << 16};
    struct result x = {.together = true, .of = n};
    char text[24] = "";
    for (size_t i = 0; i < n; i++) {
        const char *code = d->region->partners[i].code;
        int rc = rate_of(d, t, code, &all[i], e);
        if (rc < 0)
            return rc;
        in[i] = all[i].given;
        x.n += in[i];
        if (data_area(d, code) == area)
            own = i;
    }
    missing_partners(d->region, in, &missing);
    x.missing = buf_view(&missing);
    x.in = all[own].in;
    if (all[own].given && (int64_t)x.n < t->ind->min_areas)
        x.in.reason = REASON_AREAS;
    else if (all[own].given)
        (void)snprintf(text, sizeof text, "%zu", rank_of(all, n, own));
    x.value = str_of(text);
    rows_put(rows, t, area, &x);
    return 0;
}
