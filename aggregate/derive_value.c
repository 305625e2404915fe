/* derive_value.c — the arithmetic of each kind, exact and rounded once (half away from zero), and
 * the reasons for which a computed result is not given. */
#include "derive.h"

#include "ratio.h"

static bool below(struct num v, int64_t least) { return num_cmp(v, (struct num){least, 0}) < 0; }

/* What stands under the line may not be zero; what is compared may not be small. */
static enum reason check_base(const struct indicator *ind, const struct inputs *in)
{
    if (in->broke && ind->on_break == BREAK_EMPTY)
        return REASON_BREAK;
    if (num_is_zero(in->sum[1]) || (ind->kind == KIND_POINTS && num_is_zero(in->sum[3])))
        return ind->kind == KIND_RATE ? REASON_POPULATION : REASON_ZERO;
    bool both = ind->kind == KIND_PERCENT || ind->kind == KIND_TO_DATE || ind->kind == KIND_GROWTH;
    if (ind->kind == KIND_RATE)
        return REASON_NONE;
    if (below(in->sum[1], ind->min_base) || (both && below(in->sum[0], ind->min_base)) ||
        (ind->kind == KIND_POINTS && below(in->sum[3], ind->min_base)))
        return REASON_SMALL;
    return REASON_NONE;
}

/* sum[at] / sum[at + 1] * scale */
static struct ratio *quotient(const struct inputs *in, size_t at, int64_t scale)
{
    struct ratio *r = ratio_of_num(in->sum[at]);
    struct ratio *d CLEANUP(ratio_freep) = ratio_of_num(in->sum[at + 1]);
    struct ratio *s CLEANUP(ratio_freep) = ratio_of_int(scale);
    ratio_div(r, d);
    ratio_mul(r, s);
    return r;
}

static void put_quotient(struct buf *b, const struct inputs *in, int64_t scale, int64_t less,
                         int decimals)
{
    struct ratio *r CLEANUP(ratio_freep) = quotient(in, 0, scale);
    struct ratio *l CLEANUP(ratio_freep) = ratio_of_int(less);
    ratio_sub(r, l);
    ratio_text(b, r, decimals);
}

static void put_points(struct buf *b, const struct inputs *in, int decimals)
{
    struct ratio *now CLEANUP(ratio_freep) = quotient(in, 0, 100);
    struct ratio *before CLEANUP(ratio_freep) = quotient(in, 2, 100);
    ratio_sub(now, before);
    ratio_text(b, now, decimals);
}

static void put_growth(struct buf *b, struct inputs *in, int decimals)
{
    struct ratio *r CLEANUP(ratio_freep) = quotient(in, 0, 1);
    if (ratio_sign(r) <= 0 || !in->parts)
        in->reason = REASON_ZERO; /* nothing grows from or to zero at a yearly rate */
    else
        ratio_root_text(b, r, in->parts, -1, 100, decimals);
}

static void put_num(struct buf *b, struct num v, int decimals)
{
    char z[NUM_TEXT_MAX];
    size_t n = num_text(decimals < 0 ? v : num_round(v, decimals), z);
    buf_add(b, z, n);
}

static void put_computed(const struct indicator *ind, struct inputs *in, struct buf *b)
{
    int decimals = (int)ind->decimals;
    switch ((enum kind)ind->kind) {
    case KIND_RATE:
        put_quotient(b, in, ind->per, 0, decimals);
        return;
    case KIND_PERCENT:
    case KIND_TO_DATE:
        put_quotient(b, in, 100, 100, decimals);
        return;
    case KIND_GROWTH:
        put_growth(b, in, decimals);
        return;
    case KIND_INDEX:
        put_quotient(b, in, 100 * (int64_t)in->parts, 0, decimals);
        return;
    case KIND_SHARE:
        put_quotient(b, in, 100, 0, decimals);
        return;
    case KIND_POINTS:
        put_points(b, in, decimals);
        return;
    case KIND_COUNT:
    case KIND_CHANGE:
    case KIND_RANK:
        return;
    }
}

void result_text(const struct indicator *ind, struct inputs *in, struct buf *ret, int *ret_decimals)
{
    struct num v = in->sum[0];
    *ret_decimals = (int)ind->decimals;
    if (in->reason)
        return;
    if (ind->kind == KIND_CHANGE) {
        if (in->broke && ind->on_break == BREAK_EMPTY)
            in->reason = REASON_BREAK;
        else if (num_sub(&v, in->sum[0], in->sum[1], NULL) < 0)
            in->reason = REASON_INPUT; /* cannot be: both have passed a sum of this size */
    } else if (ind->kind != KIND_COUNT) {
        in->reason = check_base(ind, in);
        if (!in->reason)
            put_computed(ind, in, ret);
        return;
    }
    if (in->reason)
        return;
    if (*ret_decimals < 0)
        *ret_decimals = v.scale;
    put_num(ret, v, *ret_decimals);
}
