/* test_derive.c — the arithmetic of each kind of indicator, its reasons, and rates against integers
 * computed here in another way. */
#include "aggregate/derive.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static struct num n(const char *text)
{
    struct num v;
    assert_int_equal(num_parse(&v, str_of(text), &num_plain, NULL), 0);
    return v;
}

static void expect(const struct indicator *ind, struct inputs in, const char *want, enum reason why)
{
    struct buf b;
    int decimals = 0;
    buf_init(&b, 1024);
    result_text(ind, &in, &b, &decimals);
    assert_string_equal(buf_z(&b), want);
    assert_int_equal(in.reason, why);
    buf_free(&b);
}

static struct inputs two(const char *a, const char *b)
{
    return (struct inputs){.sum = {n(a), n(b)}, .parts = 1};
}

static void test_counts(void **state)
{
    (void)state;
    const struct indicator count = {.kind = KIND_COUNT, .decimals = -1};
    const struct indicator change = {.kind = KIND_CHANGE, .decimals = -1};
    const struct indicator whole = {.kind = KIND_COUNT, .decimals = 0};
    const struct indicator strict = {.kind = KIND_CHANGE, .decimals = -1, .on_break = BREAK_EMPTY};
    expect(&count, two("12.50", "0"), "12.50", REASON_NONE);
    expect(&whole, two("12.50", "0"), "13", REASON_NONE);
    expect(&count, two("0", "0"), "0", REASON_NONE);
    expect(&change, two("3", "5.5"), "-2.5", REASON_NONE);
    struct inputs missing = two("3", "5");
    missing.reason = REASON_INPUT;
    expect(&change, missing, "", REASON_INPUT);
    struct inputs broken = two("3", "5");
    broken.broke = true;
    expect(&change, broken, "-2", REASON_NONE);
    expect(&strict, broken, "", REASON_BREAK);
}

static void test_rates(void **state)
{
    (void)state;
    const struct indicator rate = {.kind = KIND_RATE, .decimals = 2, .per = 100000, .min_base = 10};
    expect(&rate, two("88", "2958266"), "2.97", REASON_NONE);
    expect(&rate, two("1", "2000000"), "0.05", REASON_NONE);
    expect(&rate, two("1", "20000000"), "0.01", REASON_NONE); /* 0.005: away from zero */
    expect(&rate, two("0", "622182"), "0.00", REASON_NONE);
    expect(&rate, two("5", "0"), "", REASON_POPULATION);
    uint64_t x = 12345;
    for (int i = 0; i < 20000; i++) {
        x = x * 6364136223846793005ULL + 1442695040888963407ULL;
        uint64_t c = (x >> 33) % 300000, p = (x >> 13) % 7000000 + 1, k = c * 10000000;
        uint64_t q = k / p + (k % p >= p - k % p ? 1 : 0);
        char want[32];
        (void)snprintf(want, sizeof want, "%llu.%02llu", (unsigned long long)(q / 100),
                       (unsigned long long)(q % 100));
        expect(&rate, (struct inputs){.sum = {{(int64_t)c, 0}, {(int64_t)p, 0}}}, want,
               REASON_NONE);
    }
}

static void test_changes(void **state)
{
    (void)state;
    const struct indicator percent = {.kind = KIND_PERCENT, .decimals = 1, .min_base = 10};
    const struct indicator any = {.kind = KIND_TO_DATE, .decimals = 1};
    expect(&percent, two("125", "100"), "25.0", REASON_NONE);
    expect(&percent, two("10", "10"), "0.0", REASON_NONE);
    expect(&percent, two("10", "9"), "", REASON_SMALL);
    expect(&percent, two("9.99", "10"), "", REASON_SMALL);
    expect(&percent, two("3", "0"), "", REASON_ZERO);
    expect(&any, two("3", "1"), "200.0", REASON_NONE);
    expect(&any, two("0", "1"), "-100.0", REASON_NONE);
    expect(&any, two("1999", "2000"), "-0.1", REASON_NONE); /* -0.05 */
}

static void test_growth_and_index(void **state)
{
    (void)state;
    const struct indicator growth = {.kind = KIND_GROWTH, .decimals = 1, .on_break = BREAK_EMPTY};
    const struct indicator index = {.kind = KIND_INDEX, .decimals = 1};
    struct inputs in = two("161051", "100000");
    in.parts = 5;
    expect(&growth, in, "10.0", REASON_NONE);
    in.broke = true;
    expect(&growth, in, "", REASON_BREAK);
    expect(&growth, two("0", "5"), "", REASON_ZERO);
    expect(&growth, two("5", "0"), "", REASON_ZERO);
    in = two("50", "400");
    in.parts = 4; /* a year of four quarters */
    expect(&index, in, "50.0", REASON_NONE);
    expect(&index, two("0", "7"), "0.0", REASON_NONE);
    expect(&index, two("7", "0"), "", REASON_ZERO);
}

static void test_shares(void **state)
{
    (void)state;
    const struct indicator share = {.kind = KIND_SHARE, .decimals = 0, .min_base = 5};
    const struct indicator points = {.kind = KIND_POINTS, .decimals = 1};
    expect(&share, two("54", "587"), "9", REASON_NONE); /* TE-SAT 2017, annex 3 */
    expect(&share, two("1", "4"), "", REASON_SMALL);
    expect(&share, two("0", "0"), "", REASON_ZERO);
    struct inputs in = {.sum = {n("1"), n("3"), n("1"), n("6")}};
    expect(&points, in, "16.7", REASON_NONE); /* not 33.3 - 16.7 */
    in.sum[3] = n("0");
    expect(&points, in, "", REASON_ZERO);
}

static void test_worst(void **state)
{
    (void)state;
    assert_int_equal(worse_status('B', 'P'), 'B');
    assert_int_equal(worse_status('P', 'E'), 'E');
    assert_int_equal(worse_status('\0', 'P'), 'P');
    assert_int_equal(worse_status('P', '\0'), 'P');
    assert_int_equal(worse_status('\0', '\0'), '\0');
    assert_int_equal(worse_status('B', 'O'), 'O'); /* a missing kind, or a letter not known */
    assert_int_equal(worse_conf('N', 'C'), 'C');
    struct inputs a = {.grade = 'B', .reviewed = 'Y', .status = 'P', .senders = 1};
    struct inputs b = {
        .grade = 'D', .reviewed = 'N', .status = 'B', .senders = 4, .illustrative = true};
    assert_int_equal(inputs_add(&a, &b, NULL), 0);
    assert_true(a.grade == 'D' && a.reviewed == 'N' && a.status == 'B' && a.senders == 5);
    assert_true(a.illustrative);
    struct inputs c = {.grade = 'A', .reviewed = 'Y'};
    assert_int_equal(inputs_add(&a, &c, NULL), 0);
    assert_true(a.grade == 'D' && a.reviewed == 'N');
    for (enum reason r = REASON_NONE; r <= REASON_SMALL; r++)
        assert_true((r == REASON_NONE) == (reason_word(r)[0] == '\0'));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_counts),  cmocka_unit_test(test_rates),
        cmocka_unit_test(test_changes), cmocka_unit_test(test_growth_and_index),
        cmocka_unit_test(test_shares),  cmocka_unit_test(test_worst),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
