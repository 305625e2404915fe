/* test_key.c — keys are put together and taken apart without loss, and what is no key is refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "key.h"

static void round_trip(const struct str *codes, size_t n, const char *want)
{
    struct buf key CLEANUP(buf_free) = {.max = 4096}, scratch CLEANUP(buf_free) = {.max = 4096};
    struct str back[8];
    key_add(&key, codes, n);
    assert_string_equal(buf_z(&key), want);
    assert_int_equal(key_split(buf_view(&key), &scratch, back, 8), n);
    for (size_t i = 0; i < n; i++)
        assert_true(str_eq(back[i], codes[i]));
}

static void test_plain(void **state)
{
    (void)state;
    const struct str codes[] = {STR("A"), STR("AL"), STR("_T"), STR("2021")};
    round_trip(codes, 4, "A.AL._T:2021");
}

static void test_odd_codes(void **state)
{
    (void)state;
    const struct str codes[] = {STR("a.b"), STR(""), STR("100% sure: \x1f\x7f"), STR("\xc3\xa9"),
                                STR("2021-Q1")};
    round_trip(codes, 5, "a%2Eb..100%25%20sure%3A%20%1F%7F.\xc3\xa9:2021-Q1");
}

static void test_two(void **state)
{
    (void)state;
    const struct str codes[] = {STR("A"), STR("2021")};
    round_trip(codes, 2, "A:2021");
}

static void test_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"", "A.AL", "A%2:2021", "A%zz:2021", "A%2e:2021", "A:20%2"};
    struct buf scratch CLEANUP(buf_free) = {.max = 4096};
    struct str ret[8];
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_int_equal(key_split(str_of(bad[i]), &scratch, ret, 8), 0);
    assert_int_equal(key_split(STR("1.2.3.4.5.6.7.8:9"), &scratch, ret, 8), 0);
    assert_int_equal(key_split(STR("1.2.3.4.5.6.7:8"), &scratch, ret, 8), 8);
    assert_int_equal(key_split(STR("1.2:3"), &scratch, ret, 65), 0); /* more than it knows */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain),
        cmocka_unit_test(test_odd_codes),
        cmocka_unit_test(test_two),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
