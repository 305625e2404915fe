/* derive_rank.c — competition ranks of the partners by a rate: 1 is the highest, equals share a
 * rank. The rates are compared as they are printed, so that a reader can check the rank on the
 * page and no rank rests on digits that nobody sees. */
#include "derive_emit.h"

#include "mem.h"

struct ranked {
    struct inputs in;
    struct num rate;
    bool given;   /* has a rate */
    bool present; /* has figures in this period at all */
};

static int rate_of(const struct data *d, const struct target *t, const char *area,
                   struct ranked *ret, struct err *e)
{
    struct buf text CLEANUP(buf_free) = {.max = 1 << 16};
    struct target rate = {t->ind->other, t->group, t->period};
    int decimals, rc = collect(d, &rate, area, &ret->in, e);
    if (rc < 0)
        return rc;
    result_text(rate.ind, &ret->in, &text, &decimals);
    ret->present = ret->in.senders != 0;
    ret->given = text.n != 0;
    return text.n ? num_parse(&ret->rate, buf_view(&text), &num_plain, e) : 0;
}

static size_t rank_of(const struct ranked *all, size_t n, size_t i)
{
    size_t higher = 0;
    for (size_t k = 0; k < n; k++)
        higher += all[k].given && num_cmp(all[k].rate, all[i].rate) > 0;
    return higher + 1;
}

static void add_row(const struct target *t, struct rows *rows, const struct ranked *r,
                    const struct result *common, const char *text)
{
    struct result x = *common;
    x.in = r->in;
    if (r->given && (int64_t)common->n < t->ind->min_areas)
        x.in.reason = REASON_AREAS;
    if (!x.in.reason)
        x.value = str_of(text);
    rows_add(rows, t, &x);
}

int rank_period(const struct data *d, const struct target *t, struct rows *rows, struct err *e)
{
    size_t n = d->region->npartners;
    struct ranked *all CLEANUP(mem_freep) = mem_array(n, sizeof *all);
    bool *in CLEANUP(mem_freep) = mem_array(n, sizeof *in);
    struct buf missing CLEANUP(buf_free) = {.max = 1 << 16};
    struct result common = {.together = true, .of = n};
    for (size_t i = 0; i < n; i++) {
        int rc = rate_of(d, t, d->region->partners[i].code, &all[i], e);
        if (rc < 0)
            return rc;
        in[i] = all[i].given;
        common.n += in[i];
    }
    missing_partners(d->region, in, &missing);
    common.missing = buf_view(&missing);
    for (size_t i = 0; i < n; i++) {
        char text[24] = "";
        if (!all[i].present)
            continue;
        if (all[i].given)
            (void)snprintf(text, sizeof text, "%zu", rank_of(all, n, i));
        common.area = d->region->partners[i].code;
        add_row(t, rows, &all[i], &common, text);
    }
    return 0;
}
