/* num.h — exact decimal numbers: an integer of up to 38 digits and a number of decimals. No binary
 * floating point, no silent rounding: what does not fit is an error. Tier 1. */
#ifndef RTA_NUM_H
#define RTA_NUM_H

#include "err.h"

#define NUM_SCALE_MAX 18
#define NUM_TEXT_MAX 64

/* value = m / 10^scale, 0 <= scale <= NUM_SCALE_MAX. The scale is kept as written: 12.50 has 2. */
struct num {
    __int128 m;
    int scale;
};

/* How a sender writes numbers. Declared, never guessed. */
struct num_style {
    char decimal;          /* '.' or ','; 0: whole numbers only */
    const char *thousands; /* "" none; else one of ".", ",", "'", " " (a blank; also accepts U+00A0,
                              U+202F, U+2009) */
    bool exponent;         /* 1.5E3 is accepted (spreadsheets) */
};

/* The style of streams: '.', no thousands, no exponent. */
extern const struct num_style num_plain;

/* All of text must be the number: sign '-' or '+', at least one digit; U+2212 is a minus. Thousands
 * must stand every three digits, and only before the decimal sign. RC_DATA ids: NUM-001 not a
 * number, NUM-002 too many digits, NUM-003 against the declared style (`1.234` under decimal ','
 * and thousands '' …) with a hint naming the other reading; NaN, inf and blanks are not numbers. */
MUST_CHECK int num_parse(struct num *ret, struct str text, const struct num_style *style,
                         struct err *e);
/* Canonical text: '-' or nothing, digits, '.', exactly `scale` decimals; no "-0". Returns length.
 */
size_t num_text(struct num v, char ret[NUM_TEXT_MAX]);

int num_cmp(struct num a, struct num b); /* by value: 1.0 equals 1.00 */
bool num_is_zero(struct num v);
/* RC_DATA [NUM-004] on overflow. The scale of a sum is the greater one, of a product the sum. */
MUST_CHECK int num_add(struct num *ret, struct num a, struct num b, struct err *e);
MUST_CHECK int num_sub(struct num *ret, struct num a, struct num b, struct err *e);
MUST_CHECK int num_mul(struct num *ret, struct num a, struct num b, struct err *e);
/* To `decimals` places, half away from zero (what Eurostat publishes). */
struct num num_round(struct num v, int decimals);

#endif
