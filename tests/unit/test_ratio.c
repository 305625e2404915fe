/* test_ratio.c — rounding of quotients and of roots against integers computed here in another way,
 * and values known by heart. */
#include "lib/ratio.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static void expect(const struct ratio *r, int decimals, const char *want)
{
    struct buf b;
    buf_init(&b, 4096);
    ratio_text(&b, r, decimals);
    assert_string_equal(buf_z(&b), want);
    buf_free(&b);
}

static struct ratio *quotient(int64_t a, int64_t b)
{
    struct ratio *r = ratio_of_int(a), *d CLEANUP(ratio_freep) = ratio_of_int(b);
    ratio_div(r, d);
    return r;
}

static void expect_quotient(int64_t a, int64_t b, int decimals, const char *want)
{
    struct ratio *r CLEANUP(ratio_freep) = quotient(a, b);
    expect(r, decimals, want);
}

static void test_known(void **state)
{
    (void)state;
    expect_quotient(1, 2, 0, "1");
    expect_quotient(-1, 2, 0, "-1");
    expect_quotient(5, 2, 0, "3");
    expect_quotient(-5, 1000, 2, "-0.01");
    expect_quotient(-4, 1000, 2, "0.00"); /* never -0.00 */
    expect_quotient(1, 3, 5, "0.33333");
    expect_quotient(2, 3, 0, "1");
    expect_quotient(1999, 2, 1, "999.5");
    expect_quotient(0, 7, 3, "0.000");
    expect_quotient(INT64_MIN, 1, 0, "-9223372036854775808");
    expect_quotient(7, 1000, 1, "0.0");
    expect_quotient(-99995, 100000, 4, "-1.0000");
}

static void test_operations(void **state)
{
    (void)state;
    struct num v;
    assert_int_equal(
        num_parse(&v, STR("-99999999999999999999.999999999999999999"), &num_plain, NULL), 0);
    struct ratio *a CLEANUP(ratio_freep) = ratio_of_num(v),
                    *b CLEANUP(ratio_freep) = ratio_of_num(v),
                    *zero CLEANUP(ratio_freep) = ratio_of_int(0);
    expect(a, 18, "-99999999999999999999.999999999999999999");
    expect(a, 0, "-100000000000000000000");
    assert_int_equal(ratio_sign(a), -1);
    assert_int_equal(ratio_sign(zero), 0);
    ratio_mul(b, a);
    assert_int_equal(ratio_sign(b), 1);
    ratio_div(b, a);
    ratio_sub(zero, a);
    assert_int_equal(ratio_sign(zero), 1);
    ratio_sub(b, zero);
    expect(b, 2, "-200000000000000000000.00");
    ratio_sub(zero, zero);
    assert_int_equal(ratio_sign(zero), 0);
}

static uint64_t step(uint64_t *x)
{
    *x ^= *x << 13;
    *x ^= *x >> 7;
    *x ^= *x << 17;
    return *x;
}

/* round(a / b * 10^5) for any a and b, by long division on integers. */
static void test_rates_differential(void **state)
{
    (void)state;
    uint64_t seed = 99;
    struct ratio *scale CLEANUP(ratio_freep) = ratio_of_int(100000);
    for (int i = 0; i < 50000; i++) {
        int64_t a = (int64_t)(step(&seed) % 200001) - 100000,
                b = (int64_t)(step(&seed) % 9000000) + 1;
        if (i % 3 == 0)
            b = (int64_t)1 << (step(&seed) % 12); /* many exact halves */
        struct ratio *r CLEANUP(ratio_freep) = quotient(a, b);
        ratio_mul(r, scale);
        int64_t top = (a < 0 ? -a : a) * 10000000, k = top / b, left = top % b;
        k += left >= b - left;
        char want[64];
        (void)snprintf(want, sizeof want, "%s%lld.%02lld", a < 0 && k ? "-" : "",
                       (long long)(k / 100), (long long)(k % 100));
        expect(r, 2, want);
    }
}

static void expect_root(int64_t a, int64_t b, unsigned n, int decimals, const char *want)
{
    struct ratio *r CLEANUP(ratio_freep) = quotient(a, b);
    struct buf text;
    buf_init(&text, 4096);
    ratio_root_text(&text, r, n, -1, 100, decimals);
    assert_string_equal(buf_z(&text), want);
    buf_free(&text);
}

static void test_root_known(void **state)
{
    (void)state;
    expect_root(4, 1, 2, 1, "100.0");
    expect_root(1, 4, 2, 1, "-50.0");
    expect_root(0, 5, 3, 2, "-100.00");
    expect_root(1, 1, 7, 2, "0.00");
    expect_root(2, 1, 2, 10, "41.4213562373");
    expect_root(1, 2, 2, 10, "-29.2893218813");
    expect_root(6561, 6250, 1, 2, "4.98");                /* 4.976 */
    expect_root(10005LL * 10005, 100000000, 2, 1, "0.1"); /* exactly 0.05: away from zero */
    expect_root(9995LL * 9995, 100000000, 2, 1, "-0.1");  /* exactly -0.05 */
    expect_root(10005LL * 10005 - 1, 100000000, 2, 1, "0.0");
    expect_root(9995LL * 9995 + 1, 100000000, 2, 1, "0.0"); /* a hair above -0.05; no "-0.0" */
    expect_root(9995LL * 9995 - 1, 100000000, 2, 1, "-0.1");
}

/* k = round(100 (sqrt(a/b) - 1) * 10) is the integer whose half-way borders enclose the root:
 * with x = 1000 sqrt(a/b), (2k+1999)^2 b <= 4 000 000 a < (2k+2001)^2 b for k >= 0. */
static void test_root_differential(void **state)
{
    (void)state;
    uint64_t seed = 4711;
    for (int i = 0; i < 20000; i++) {
        int64_t b = (int64_t)(step(&seed) % 10000) + 1, a = (int64_t)(step(&seed) % 40000) + 1;
        struct ratio *r CLEANUP(ratio_freep) = quotient(a, b);
        struct buf text;
        buf_init(&text, 128);
        ratio_root_text(&text, r, 2, -1, 100, 1);
        bool negative = text.p[0] == '-';
        int64_t k = 0;
        for (size_t c = 0; c < text.n; c++)
            if (text.p[c] >= '0' && text.p[c] <= '9')
                k = 10 * k + (text.p[c] - '0');
        k = negative ? -k : k;
        __int128 x = (__int128)4000000 * a, low = 2 * k + 1999, high = 2 * k + 2001;
        bool from = low <= 0 || x > low * low * b || (k > 0 && x == low * low * b);
        bool to = x < high * high * b || (k < 0 && x == high * high * b);
        if (!from || !to)
            fail_msg("%lld/%lld: %s", (long long)a, (long long)b, buf_z(&text));
        buf_free(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known),
        cmocka_unit_test(test_operations),
        cmocka_unit_test(test_rates_differential),
        cmocka_unit_test(test_root_known),
        cmocka_unit_test(test_root_differential),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
