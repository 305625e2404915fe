/* num.c — see num.h. The integer of a num never has more than 38 digits, so that
 * negating never overflows; sums and products use the compiler's overflow check. */
#include "num.h"

#include <assert.h>

#define DIGITS_MAX 38

const struct num_style num_plain = {.decimal = '.', .thousands = "", .exponent = false};

static __int128 pow10_of(int n)
{
    assert(n >= 0 && n <= DIGITS_MAX);
    __int128 p = 1;
    while (n-- > 0)
        p *= 10;
    return p;
}

static bool too_big(__int128 m) { return m >= pow10_of(DIGITS_MAX) || -m >= pow10_of(DIGITS_MAX); }

/* --- parsing -------------------------------------------------------------------------------- */

struct scan {
    struct str s; /* what is left */
    const struct num_style *style;
    __int128 m;
    int ndigits; /* significant ones in m */
    int seen;    /* digits read, zeros in front too */
    int scale;
    bool long_; /* more than fits */
};

static bool is_digit(struct str s) { return s.n && s.p[0] >= '0' && s.p[0] <= '9'; }

/* Length of the sign at the front: '-', '+' or U+2212; 0 when there is none. */
static size_t sign_length(struct str s)
{
    if (s.n && (s.p[0] == '-' || s.p[0] == '+'))
        return 1;
    return s.n >= 3 && memcmp(s.p, "\xe2\x88\x92", 3) == 0 ? 3 : 0;
}

/* Length of a blank that parts thousands: space, U+00A0, U+202F, U+2009. */
static size_t blank_length(struct str s)
{
    if (s.n && s.p[0] == ' ')
        return 1;
    if (s.n >= 2 && memcmp(s.p, "\xc2\xa0", 2) == 0)
        return 2;
    if (s.n >= 3 && (memcmp(s.p, "\xe2\x80\xaf", 3) == 0 || memcmp(s.p, "\xe2\x80\x89", 3) == 0))
        return 3;
    return 0;
}

static size_t thousands_length(const struct scan *c)
{
    char sep = c->style->thousands ? c->style->thousands[0] : '\0';
    if (!sep)
        return 0;
    if (sep == ' ')
        return blank_length(c->s);
    return c->s.n && c->s.p[0] == sep ? 1 : 0;
}

static void take_digit(struct scan *c)
{
    int d = c->s.p[0] - '0';
    c->s = str_cut(c->s, 1);
    c->seen++;
    if (c->ndigits || d)
        c->ndigits++;
    if (c->ndigits > DIGITS_MAX)
        c->long_ = true;
    else
        c->m = c->m * 10 + d;
}

static int take_digits(struct scan *c)
{
    int n = 0;
    for (; is_digit(c->s); n++)
        take_digit(c);
    return n;
}

/* Digits before the decimal sign, in groups of three when the style parts them and one is parted.
 */
static bool take_whole(struct scan *c)
{
    int n = take_digits(c);
    size_t gap = thousands_length(c);
    if (!gap)
        return true;
    if (n < 1 || n > 3)
        return false;
    while ((gap = thousands_length(c))) {
        c->s = str_cut(c->s, gap);
        if (take_digits(c) != 3)
            return false;
    }
    return true;
}

/* E, a sign and at most four digits; moves the scale. */
static bool take_exponent(struct scan *c)
{
    if (!c->s.n || (c->s.p[0] != 'E' && c->s.p[0] != 'e'))
        return true;
    if (!c->style->exponent || !c->seen)
        return false;
    struct str s = str_cut(c->s, 1);
    bool negative = s.n && s.p[0] == '-';
    s = str_cut(s, sign_length(s));
    int v = 0, n = 0;
    for (; is_digit(s) && n < 5; n++, s = str_cut(s, 1))
        v = v * 10 + (s.p[0] - '0');
    if (n < 1 || n > 4)
        return false;
    c->s = s;
    c->scale += negative ? v : -v;
    return true;
}

/* Made only of what numbers of any style are made of: then the style is at fault, not the text. */
static bool looks_numeric(struct str s)
{
    bool digit = false;
    s = str_cut(s, sign_length(s));
    while (s.n) {
        size_t n = blank_length(s);
        if (is_digit(s))
            digit = true;
        else if (!n && !memchr(".,'", s.p[0], 3) && !(digit && memchr("eE+-", s.p[0], 4)))
            return false;
        s = str_cut(s, n ? n : 1);
    }
    return digit;
}

static const char *style_words(const struct num_style *style, char ret[96])
{
    char decimal[40] = "whole numbers only";
    if (style->decimal)
        (void)snprintf(decimal, sizeof decimal, "decimal sign '%c'", style->decimal);
    const char *sep = style->thousands ? style->thousands : "";
    if (*sep)
        (void)snprintf(ret, 96, "%s, thousands parted by '%s'", decimal, sep);
    else
        (void)snprintf(ret, 96, "%s, thousands not parted", decimal);
    return ret;
}

/* The other readings of a number that goes against the style, for the hint. */
static void hint_reading(struct str text, const struct num_style *style, struct err *e)
{
    const struct num_style others[] = {{'.', "", false},  {',', "", false},  {'.', ",", false},
                                       {',', ".", false}, {',', " ", false}, {'.', " ", false},
                                       {'.', "'", false}, {'.', "", true}};
    for (size_t i = 0; i < ARRAY_LEN(others); i++) {
        struct num v;
        char z[NUM_TEXT_MAX], words[96];
        if (num_parse(&v, text, &others[i], NULL) < 0)
            continue;
        (void)num_text(v, z);
        (void)err_hint(e, "under %s%s it would be %s; declare how the sender writes numbers",
                       style_words(&others[i], words), others[i].exponent ? ", exponents" : "", z);
        return;
    }
    (void)err_hint(e, "the declared style is %s", style_words(style, (char[96]){0}));
}

static int refuse(struct str text, const struct num_style *style, struct err *e)
{
    char words[96];
    if (!e || e->rc)
        return -RC_DATA;
    if (!looks_numeric(text))
        return err_set(e, RC_DATA, "NUM-001", "'%.*s' is not a number", STR_ARG(text));
    (void)err_set(e, RC_DATA, "NUM-003", "'%.*s' is not written in the declared style (%s)",
                  STR_ARG(text), style_words(style, words));
    hint_reading(text, style, e);
    return -RC_DATA;
}

/* Bring the scale into 0 … NUM_SCALE_MAX without losing a digit. */
static bool settle_scale(struct scan *c)
{
    if (c->long_)
        return false;
    if (c->m == 0 && c->scale < 0)
        c->scale = 0;
    if (c->scale < 0 && c->ndigits - c->scale <= DIGITS_MAX) {
        c->m *= pow10_of(-c->scale);
        c->scale = 0;
    }
    return c->scale >= 0 && c->scale <= NUM_SCALE_MAX;
}

int num_parse(struct num *ret, struct str text, const struct num_style *style, struct err *e)
{
    size_t sign = sign_length(text);
    bool negative = sign && text.p[0] != '+';
    struct scan c = {.s = str_cut(text, sign), .style = style};
    if (!take_whole(&c))
        return refuse(text, style, e);
    if (style->decimal && c.s.n && c.s.p[0] == style->decimal) {
        c.s = str_cut(c.s, 1);
        c.scale = take_digits(&c);
    }
    if (!c.seen || !take_exponent(&c) || c.s.n)
        return refuse(text, style, e);
    if (!settle_scale(&c)) {
        int rc = err_set(e, RC_DATA, "NUM-002", "'%.*s' has too many digits", STR_ARG(text));
        (void)err_hint(e, "at most %d digits, %d of them decimals, are kept exactly", DIGITS_MAX,
                       NUM_SCALE_MAX);
        return rc;
    }
    *ret = (struct num){negative ? -c.m : c.m, c.scale};
    return 0;
}

/* --- arithmetic ----------------------------------------------------------------------------- */

size_t num_text(struct num v, char ret[NUM_TEXT_MAX])
{
    assert(v.scale >= 0 && v.scale <= NUM_SCALE_MAX && !too_big(v.m));
    char z[NUM_TEXT_MAX];
    size_t at = sizeof z, n = 0;
    __int128 m = v.m < 0 ? -v.m : v.m;
    for (int i = 0; m || i <= v.scale; i++, m /= 10) {
        if (i && i == v.scale)
            z[--at] = '.';
        z[--at] = (char)('0' + (int)(m % 10));
    }
    if (v.m < 0)
        ret[n++] = '-';
    memcpy(ret + n, z + at, sizeof z - at);
    n += sizeof z - at;
    ret[n] = '\0';
    return n;
}

int num_cmp(struct num a, struct num b)
{
    if (a.scale == b.scale)
        return (a.m > b.m) - (a.m < b.m);
    __int128 pa = pow10_of(a.scale), pb = pow10_of(b.scale);
    __int128 wa = a.m / pa, wb = b.m / pb;
    if (wa != wb)
        return wa < wb ? -1 : 1;
    /* What is left of each is below 1, so 36 digits hold both. */
    __int128 fa = a.m % pa * pb, fb = b.m % pb * pa;
    return (fa > fb) - (fa < fb);
}

bool num_is_zero(struct num v) { return v.m == 0; }

static int overflow(struct err *e)
{
    return err_set(e, RC_DATA, "NUM-004", "a computed number has more than %d digits", DIGITS_MAX);
}

static bool scale_up(struct num *v, int scale)
{
    return !__builtin_mul_overflow(v->m, pow10_of(scale - v->scale), &v->m) && !too_big(v->m);
}

/* Far from any limit: what most sums are made of. */
static bool is_word(__int128 m) { return m == (int64_t)m; }

int num_add(struct num *ret, struct num a, struct num b, struct err *e)
{
    int scale = a.scale > b.scale ? a.scale : b.scale;
    __int128 m;
    if (a.scale == b.scale && is_word(a.m) && is_word(b.m)) {
        *ret = (struct num){a.m + b.m, scale};
        return 0;
    }
    if (!scale_up(&a, scale) || !scale_up(&b, scale) || __builtin_add_overflow(a.m, b.m, &m) ||
        too_big(m))
        return overflow(e);
    *ret = (struct num){m, scale};
    return 0;
}

int num_sub(struct num *ret, struct num a, struct num b, struct err *e)
{
    b.m = -b.m;
    return num_add(ret, a, b, e);
}

int num_mul(struct num *ret, struct num a, struct num b, struct err *e)
{
    __int128 m;
    int scale = a.scale + b.scale;
    if (__builtin_mul_overflow(a.m, b.m, &m) || too_big(m))
        return overflow(e);
    for (; scale > NUM_SCALE_MAX && m % 10 == 0; scale--)
        m /= 10;
    if (scale > NUM_SCALE_MAX)
        return overflow(e);
    *ret = (struct num){m, scale};
    return 0;
}

struct num num_round(struct num v, int decimals)
{
    assert(decimals >= 0 && decimals <= NUM_SCALE_MAX);
    if (decimals >= v.scale) {
        struct num up = v;
        if (!scale_up(&up, decimals))
            return v; /* no room for the zeros; the value is the same */
        up.scale = decimals;
        return up;
    }
    __int128 p = pow10_of(v.scale - decimals), q = v.m / p, r = v.m % p;
    if (r < 0)
        r = -r;
    if (2 * r >= p)
        q += v.m < 0 ? -1 : 1;
    return (struct num){q, decimals};
}
