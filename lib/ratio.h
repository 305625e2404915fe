/* ratio.h — exact rationals of any size (GMP; gmp.h is included in ratio.c alone), so that an
 * indicator is computed exactly and rounded once. Tier 1. */
#ifndef RTA_RATIO_H
#define RTA_RATIO_H

#include "buf.h"
#include "num.h"

struct ratio; /* opaque; owned by whoever made it */

struct ratio *ratio_of_num(struct num v);
struct ratio *ratio_of_int(int64_t v);
void ratio_freep(struct ratio **r); /* *r NULL is fine */

/* a = a op b */
void ratio_sub(struct ratio *a, const struct ratio *b);
void ratio_mul(struct ratio *a, const struct ratio *b);
/* b must not be zero (an assertion). */
void ratio_div(struct ratio *a, const struct ratio *b);
int ratio_sign(const struct ratio *a);

/* Canonical decimal text with exactly `decimals` places, rounded once, half away from zero. */
void ratio_text(struct buf *b, const struct ratio *r, int decimals);
/* The same for (r^(1/n) + shift) * scale, exactly rounded without computing the irrational root:
 * r >= 0, n >= 1. For compound growth: r = C_n/C_0, shift = -1, scale = 100. */
void ratio_root_text(struct buf *b, const struct ratio *r, unsigned n, int shift, int scale,
                     int decimals);

#endif
