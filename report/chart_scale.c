/* chart_scale.c — exact scales: steps of 1, 2 or 5 times a power of ten, on whole numbers. */
#include "chart_model.h"

/* v as a whole number of 10^-scale, scale being at least v's own. */
static __int128 whole(struct num v, int scale)
{
    __int128 m = v.m;
    for (int i = v.scale; i < scale; i++)
        m *= 10;
    return m;
}

struct scale scale_of(const struct figure *f, size_t n, int ticks)
{
    struct scale s = {0};
    for (size_t i = 0; i < n; i++) {
        if (f[i].is_number && f[i].num.scale > s.scale)
            s.scale = f[i].num.scale;
    }
    for (size_t i = 0; i < n; i++) {
        if (!f[i].is_number)
            continue;
        __int128 m = whole(f[i].num, s.scale);
        s.hi = m > s.hi ? m : s.hi;
        s.lo = m < s.lo ? m : s.lo;
    }
    if (s.hi == 0 && s.lo == 0)
        s.hi = whole((struct num){1, 0}, s.scale);
    static const int leads[] = {1, 2, 5};
    __int128 power = 1;
    for (int i = 0; s.step == 0; i = (i + 1) % 3) {
        __int128 step = leads[i] * power;
        if (step * ticks >= s.hi - s.lo)
            s.step = step;
        if (i == 2)
            power *= 10;
    }
    s.hi = (s.hi + s.step - 1) / s.step * s.step;
    s.lo = -((-s.lo + s.step - 1) / s.step * s.step);
    return s;
}

int64_t scale_place(const struct scale *s, struct num v, int64_t length)
{
    return (int64_t)((whole(v, s->scale) - s->lo) * length / (s->hi - s->lo));
}

bool scale_tick(const struct scale *s, size_t i, struct num *ret)
{
    __int128 m = s->lo + s->step * (__int128)i;
    if (m > s->hi)
        return false;
    struct num v = {m, s->scale};
    /* All ticks of a scale show the same decimals: those of the step. */
    __int128 step = s->step;
    while (v.scale > 0 && step % 10 == 0) {
        step /= 10;
        v.m /= 10;
        v.scale--;
    }
    *ret = v;
    return true;
}
