/* ratio.c — see ratio.h. A ratio owns one GMP rational, always in lowest terms. */
#include "ratio.h"

#include "mem.h"

#include <assert.h>
#include <gmp.h>

struct ratio {
    mpq_t q;
};

static void *resize(void *p, size_t was, size_t n)
{
    (void)was;
    return mem_resize(p, n);
}

static void release(void *p, size_t n)
{
    (void)n;
    mem_free(p);
}

/* Before main: GMP would abort when memory is out; this ends the program as every shortage does. */
__attribute__((constructor)) static void use_our_memory(void)
{
    mp_set_memory_functions(mem_new, resize, release);
}

static struct ratio *ratio_new(void)
{
    struct ratio *r = mem_new(sizeof *r);
    mpq_init(r->q);
    return r;
}

static void set_int128(mpz_t z, __int128 v)
{
    unsigned __int128 m = v < 0 ? -(unsigned __int128)v : (unsigned __int128)v;
    uint64_t words[2] = {(uint64_t)(m >> 64), (uint64_t)m};
    mpz_import(z, 2, 1, sizeof words[0], 0, 0, words);
    if (v < 0)
        mpz_neg(z, z);
}

struct ratio *ratio_of_num(struct num v)
{
    struct ratio *r = ratio_new();
    set_int128(mpq_numref(r->q), v.m);
    mpz_ui_pow_ui(mpq_denref(r->q), 10, (unsigned long)v.scale);
    mpq_canonicalize(r->q);
    return r;
}

struct ratio *ratio_of_int(int64_t v)
{
    struct ratio *r = ratio_new();
    set_int128(mpq_numref(r->q), v);
    return r;
}

static void ratio_free(struct ratio *r)
{
    if (!r)
        return;
    mpq_clear(r->q);
    mem_free(r);
}

void ratio_freep(struct ratio **r)
{
    ratio_free(*r);
    *r = NULL;
}

void ratio_sub(struct ratio *a, const struct ratio *b) { mpq_sub(a->q, a->q, b->q); }
void ratio_mul(struct ratio *a, const struct ratio *b) { mpq_mul(a->q, a->q, b->q); }

void ratio_div(struct ratio *a, const struct ratio *b)
{
    assert(mpq_sgn(b->q) != 0);
    mpq_div(a->q, a->q, b->q);
}

int ratio_sign(const struct ratio *a) { return mpq_sgn(a->q); }

/* k / 10^decimals as text. */
static void put_scaled(struct buf *b, const mpz_t k, int decimals)
{
    size_t places = decimals > 0 ? (size_t)decimals : 0;
    char *z CLEANUP(mem_freep) = mem_new(mpz_sizeinbase(k, 10) + 2);
    (void)mpz_get_str(z, 10, k);
    struct str digits = str_of(z);
    if (mpz_sgn(k) < 0) {
        buf_char(b, '-');
        digits = str_cut(digits, 1);
    }
    size_t whole = digits.n > places ? digits.n - places : 0;
    if (whole)
        buf_add(b, digits.p, whole);
    else
        buf_char(b, '0');
    if (!places)
        return;
    buf_char(b, '.');
    for (size_t i = digits.n; i < places; i++)
        buf_char(b, '0');
    buf_add(b, digits.p + whole, digits.n - whole);
}

void ratio_text(struct buf *b, const struct ratio *r, int decimals)
{
    mpz_t k, twice;
    mpz_inits(k, twice, NULL);
    mpz_ui_pow_ui(k, 10, (unsigned long)decimals);
    mpz_mul(k, k, mpq_numref(r->q));
    int sign = mpz_sgn(k);
    mpz_abs(k, k);
    /* floor(|k|/den + 1/2) = floor((2|k| + den) / 2den) */
    mpz_mul_2exp(k, k, 1);
    mpz_add(k, k, mpq_denref(r->q));
    mpz_mul_2exp(twice, mpq_denref(r->q), 1);
    mpz_fdiv_q(k, k, twice);
    if (sign < 0)
        mpz_neg(k, k);
    put_scaled(b, k, decimals);
    mpz_clears(k, twice, NULL);
}

/* h = floor(2 s r^(1/n)); true when that is exact. The floor of a root is the root of the floor. */
static bool doubled_root(mpz_t h, const struct ratio *r, unsigned n, const mpz_t s)
{
    mpz_t left;
    mpz_init(left);
    mpz_mul_2exp(h, s, 1);
    mpz_pow_ui(h, h, n);
    mpz_mul(h, h, mpq_numref(r->q));
    mpz_fdiv_qr(h, left, h, mpq_denref(r->q));
    bool exact = mpz_sgn(left) == 0;
    exact = mpz_root(h, h, n) != 0 && exact;
    mpz_clear(left);
    return exact;
}

void ratio_root_text(struct buf *b, const struct ratio *r, unsigned n, int shift, int scale,
                     int decimals)
{
    assert(n >= 1 && scale > 0 && decimals >= 0 && mpq_sgn(r->q) >= 0);
    mpz_t h, s;
    mpz_inits(h, s, NULL);
    mpz_ui_pow_ui(s, 10, (unsigned long)decimals);
    mpz_mul_ui(s, s, (unsigned long)scale);
    bool exact = doubled_root(h, r, n, s);
    /* y = 2 s (root + shift); h becomes floor(y), and y/2 is what is to be rounded. */
    mpz_mul_si(s, s, 2L * shift);
    mpz_add(h, h, s);
    if (mpz_sgn(h) >= 0) {
        mpz_add_ui(h, h, 1);
        mpz_fdiv_q_2exp(h, h, 1);
    } else {
        mpz_neg(h, h);
        if (!exact)
            mpz_sub_ui(h, h, 1); /* floor(-y) */
        mpz_add_ui(h, h, 1);
        mpz_fdiv_q_2exp(h, h, 1);
        mpz_neg(h, h);
    }
    put_scaled(b, h, decimals);
    mpz_clears(h, s, NULL);
}
