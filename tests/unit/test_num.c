/* test_num.c — decimals as senders write them, and arithmetic against plain integers. */
#include "lib/num.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static const struct num_style comma = {',', "", false}, comma_dot = {',', ".", false},
                              dot_comma = {'.', ",", false}, comma_blank = {',', " ", false},
                              apostrophe = {'.', "'", false}, sheet = {'.', "", true},
                              whole = {'\0', "", false};

static void test_parse(void **state)
{
    (void)state;
    static const struct {
        const char *in;
        const struct num_style *style;
        const char *out;
    } good[] = {
        {"0", &num_plain, "0"},
        {"-0", &num_plain, "0"},
        {"+7", &num_plain, "7"},
        {"007", &num_plain, "7"},
        {"12.50", &num_plain, "12.50"},
        {"-0.05", &num_plain, "-0.05"},
        {".5", &num_plain, "0.5"},
        {"5.", &num_plain, "5"},
        {"-0.00", &num_plain, "0.00"},
        {"\xe2\x88\x92"
         "3",
         &num_plain, "-3"},
        {"99999999999999999999999999999999999999", &num_plain,
         "99999999999999999999999999999999999999"},
        {"-99999999999999999999.999999999999999999", &num_plain,
         "-99999999999999999999.999999999999999999"},
        {"000000000000000000000000000000000000000000001", &num_plain, "1"},
        {"0.000000000000000001", &num_plain, "0.000000000000000001"},
        {"1,5", &comma, "1.5"},
        {"1.234,5", &comma_dot, "1234.5"},
        {"1234,5", &comma_dot, "1234.5"},
        {"12.345.678", &comma_dot, "12345678"},
        {"1,234.50", &dot_comma, "1234.50"},
        {"1 234,5", &comma_blank, "1234.5"},
        {"1\xc2\xa0"
         "234",
         &comma_blank, "1234"},
        {"1\xe2\x80\xaf"
         "234\xe2\x80\x89"
         "567",
         &comma_blank, "1234567"},
        {"1'234.5", &apostrophe, "1234.5"},
        {"1.5E3", &sheet, "1500"},
        {"1.5e-3", &sheet, "0.0015"},
        {"1E+02", &sheet, "100"},
        {"0E99", &sheet, "0"},
        {"1.25E1", &sheet, "12.5"},
        {"42", &whole, "42"},
    };
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        struct err e = {0};
        struct num v;
        char z[NUM_TEXT_MAX];
        if (num_parse(&v, str_of(good[i].in), good[i].style, &e) < 0)
            fail_msg("%s: %s", good[i].in, e.text);
        assert_int_equal(num_text(v, z), strlen(good[i].out));
        assert_string_equal(z, good[i].out);
    }
}

static void test_refused(void **state)
{
    (void)state;
    static const struct {
        const char *in;
        const struct num_style *style;
        const char *id;
    } bad[] = {
        {"", &num_plain, "NUM-001"},
        {" ", &num_plain, "NUM-001"},
        {"-", &num_plain, "NUM-001"},
        {".", &num_plain, "NUM-001"},
        {"NaN", &num_plain, "NUM-001"},
        {"inf", &num_plain, "NUM-001"},
        {"12a", &num_plain, "NUM-001"},
        {"0x10", &num_plain, "NUM-001"},
        {"n.a.", &num_plain, "NUM-001"},
        {":", &num_plain, "NUM-001"},
        {"12%", &num_plain, "NUM-001"},
        {"\xe2\x88\x92", &num_plain, "NUM-001"},
        {"1 ", &num_plain, "NUM-003"},
        {" 1", &num_plain, "NUM-003"},
        {"--1", &num_plain, "NUM-001"},
        {"1-2", &num_plain, "NUM-003"},
        {"1,5", &num_plain, "NUM-003"},
        {"1.234,5", &num_plain, "NUM-003"},
        {"1.234", &comma, "NUM-003"},
        {"1.5", &whole, "NUM-003"},
        {"1E5", &num_plain, "NUM-003"},
        {"1.23.456", &comma_dot, "NUM-003"},
        {"1234.567", &comma_dot, "NUM-003"},
        {"1.2345", &comma_dot, "NUM-003"},
        {".123", &comma_dot, "NUM-003"},
        {"1.234.", &comma_dot, "NUM-003"},
        {"1,234,567", &comma_dot, "NUM-003"},
        {"1.5,234", &dot_comma, "NUM-003"},
        {"1 23", &comma_blank, "NUM-003"},
        {"1E", &sheet, "NUM-003"},
        {"1E+", &sheet, "NUM-003"},
        {"1E12345", &sheet, "NUM-003"},
        {"1.5.2", &sheet, "NUM-003"},
        {"100000000000000000000000000000000000000", &num_plain, "NUM-002"},
        {"0.0000000000000000001", &num_plain, "NUM-002"},
        {"1E38", &sheet, "NUM-002"},
        {"1E400", &sheet, "NUM-002"},
        {"1E-19", &sheet, "NUM-002"},
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct err e = {0};
        struct num v = {77, 0};
        if (num_parse(&v, str_of(bad[i].in), bad[i].style, &e) != -RC_DATA)
            fail_msg("accepted: '%s'", bad[i].in);
        if (strcmp(e.id, bad[i].id) != 0)
            fail_msg("'%s': %s, not %s", bad[i].in, e.id, bad[i].id);
        assert_true(v.m == 77);
    }
}

static void test_hint_names_the_other_reading(void **state)
{
    (void)state;
    struct err e = {0};
    struct num v;
    assert_int_equal(num_parse(&v, STR("1.234"), &comma, &e), -RC_DATA);
    assert_non_null(strstr(e.text, "decimal sign ',', thousands not parted"));
    assert_non_null(strstr(e.hint, "1.234"));
    err_clear(&e);
    assert_int_equal(num_parse(&v, STR("1.234,50"), &num_plain, &e), -RC_DATA);
    assert_non_null(strstr(e.hint, "it would be 1234.50"));
    err_clear(&e);
    assert_int_equal(num_parse(&v, STR("1E5"), &num_plain, &e), -RC_DATA);
    assert_non_null(strstr(e.hint, "exponents"));
    err_clear(&e);
    assert_int_equal(num_parse(&v, STR("1-2"), &num_plain, &e), -RC_DATA);
    assert_non_null(strstr(e.hint, "the declared style is"));
}

/* A small generator of our own, so that every run tests the same numbers. */
static uint64_t step(uint64_t *x)
{
    *x ^= *x << 13;
    *x ^= *x >> 7;
    *x ^= *x << 17;
    return *x;
}

static int64_t p10(int n) { return n ? 10 * p10(n - 1) : 1; }

/* Rounding against integers: the nearest, and the greater in size of two that are as near. */
static void test_round_differential(void **state)
{
    (void)state;
    uint64_t seed = 20260331;
    for (int i = 0; i < 200000; i++) {
        int scale = (int)(step(&seed) % 10), to = (int)(step(&seed) % 10);
        int64_t m = (int64_t)(step(&seed) % 2000000001) - 1000000000;
        struct num r = num_round((struct num){m, scale}, to);
        assert_int_equal(r.scale, to);
        if (to >= scale) {
            assert_true(r.m == (__int128)m * p10(to - scale));
            continue;
        }
        int64_t unit = p10(scale - to), size = m < 0 ? -m : m;
        int64_t down = size / unit,
                want = size - down * unit >= (down + 1) * unit - size ? down + 1 : down;
        assert_true(r.m == (m < 0 ? -want : want));
    }
    struct num huge = {1, 0};
    for (int i = 0; i < 37; i++)
        huge.m *= 10;
    assert_int_equal(num_round(huge, 5).scale, 0); /* no room for zeros: the value stays */
}

static void test_arithmetic_differential(void **state)
{
    (void)state;
    uint64_t seed = 7;
    for (int i = 0; i < 100000; i++) {
        struct num a = {(int64_t)(step(&seed) % 2000001) - 1000000, (int)(step(&seed) % 5)};
        struct num b = {(int64_t)(step(&seed) % 2000001) - 1000000, (int)(step(&seed) % 5)};
        __int128 x = a.m * p10(4 - a.scale), y = b.m * p10(4 - b.scale); /* in 1/10^4 */
        struct num s, d, p, back;
        char z[NUM_TEXT_MAX];
        assert_int_equal(num_add(&s, a, b, NULL), 0);
        assert_int_equal(num_sub(&d, a, b, NULL), 0);
        assert_int_equal(num_mul(&p, a, b, NULL), 0);
        assert_true(s.m * p10(4 - s.scale) == x + y && d.m * p10(4 - d.scale) == x - y);
        assert_true(p.m * p10(8 - p.scale) == x * y);
        assert_int_equal(num_cmp(a, b), (x > y) - (x < y));
        size_t n = num_text(p, z);
        assert_int_equal(num_parse(&back, (struct str){z, n}, &num_plain, NULL), 0);
        assert_true(back.m == p.m && back.scale == p.scale);
    }
}

static void test_overflow(void **state)
{
    (void)state;
    struct num big, r = {5, 0};
    struct err e = {0};
    assert_int_equal(num_parse(&big, STR("99999999999999999999999999999999999999"), &num_plain, &e),
                     0);
    assert_int_equal(num_add(&r, big, big, &e), -RC_DATA);
    assert_string_equal(e.id, "NUM-004");
    assert_int_equal(num_add(&r, big, (struct num){1, 0}, NULL), -RC_DATA);
    assert_int_equal(num_add(&r, big, (struct num){1, 1}, NULL), -RC_DATA);
    assert_int_equal(num_mul(&r, big, (struct num){2, 0}, NULL), -RC_DATA);
    assert_int_equal(num_mul(&r, big, big, NULL), -RC_DATA);
    assert_int_equal(num_mul(&r, (struct num){3, 18}, (struct num){3, 1}, NULL), -RC_DATA);
    assert_true(r.m == 5);
    assert_int_equal(num_mul(&r, (struct num){30, 18}, (struct num){3, 1}, NULL), 0);
    assert_true(r.m == 9 && r.scale == 18);
    assert_int_equal(num_sub(&r, big, big, NULL), 0);
    assert_true(num_is_zero(r));
    struct num fine = {1, 18};
    assert_true(num_cmp(big, fine) > 0 && num_cmp(fine, big) < 0);
    assert_int_equal(num_cmp((struct num){10, 1}, (struct num){100, 2}), 0);
    assert_true(num_cmp((struct num){-15, 1}, (struct num){-149, 2}) < 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_hint_names_the_other_reading),
        cmocka_unit_test(test_round_differential),
        cmocka_unit_test(test_arithmetic_differential),
        cmocka_unit_test(test_overflow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
