/* test_period.c — every spelling, every border of the calendar, and the laws that hold for all
 * periods: what is written is read back, codes and days agree with the order. */
#include "lib/period.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static const enum freq all[] = {FREQ_ANNUAL, FREQ_HALF, FREQ_TRIMESTER, FREQ_QUARTER,
                                FREQ_MONTH,  FREQ_WEEK, FREQ_DAY};

static void test_spellings(void **state)
{
    (void)state;
    static const struct {
        const char *in, *out;
    } good[] = {
        {"2026", "2026"},
        {"2026-A1", "2026"},
        {"2026A1", "2026"},
        {"2026-S1", "2026-S1"},
        {"2026S2", "2026-S2"},
        {"2026-T3", "2026-T3"},
        {"2026-Q1", "2026-Q1"},
        {"2026Q4", "2026-Q4"},
        {"2026-M03", "2026-03"},
        {"2026-03", "2026-03"},
        {"2026M12", "2026-12"},
        {"2026-W05", "2026-W05"},
        {"2026-D090", "2026-03-31"},
        {"2026-03-31", "2026-03-31"},
        {"2026-03-31T00:00:00", "2026-03-31"},
        {"2026-01-01/P3M", "2026-Q1"},
        {"2026-10-01T00:00:00/P3M", "2026-Q4"},
        {"2026-01-01/P1Y", "2026"},
        {"2026-01-01/P12M", "2026"},
        {"2026-07-01/P6M", "2026-S2"},
        {"2026-05-01/P4M", "2026-T2"},
        {"2024-02-01/P1M", "2024-02"},
        {"2025-12-29/P7D", "2026-W01"},
        {"2025-12-29/P1W", "2026-W01"},
        {"2024-02-29/P1D", "2024-02-29"},
        {"2020-W53", "2020-W53"},
        {"2024-D366", "2024-12-31"},
        {"1000", "1000"},
        {"9999-12-31", "9999-12-31"},
        {"2000-02-29", "2000-02-29"},
    };
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        struct err e = {0};
        struct period p;
        char z[PERIOD_TEXT_MAX];
        if (period_parse(&p, str_of(good[i].in), &e) < 0)
            fail_msg("%s: %s", good[i].in, e.text);
        assert_int_equal(period_text(p, z), strlen(good[i].out));
        assert_string_equal(z, good[i].out);
    }
}

static const struct {
    const char *in, *id;
} refused[] = {
    {"", "PERIOD-001"},
    {"202", "PERIOD-001"},
    {"20266", "PERIOD-001"},
    {"2026.", "PERIOD-001"},
    {" 2026", "PERIOD-001"},
    {"2026-", "PERIOD-001"},
    {"2026-1", "PERIOD-001"},
    {"202603", "PERIOD-001"},
    {"2026-q1", "PERIOD-001"},
    {"2026-Q", "PERIOD-001"},
    {"2026-Q11", "PERIOD-001"},
    {"2026-W5", "PERIOD-001"},
    {"2026-D90", "PERIOD-001"},
    {"2026-03-3", "PERIOD-001"},
    {"2026-03-31T12:00:00", "PERIOD-001"},
    {"2026-03-31T00:00:00Z", "PERIOD-001"},
    {"2026-Q1/P3M", "PERIOD-001"},
    {"2026/P1Y", "PERIOD-001"},
    {"2026-03-31 00:00:00", "PERIOD-001"},
    {"31.03.2026", "PERIOD-001"},
    {"2026-A2", "PERIOD-002"},
    {"2026-S3", "PERIOD-002"},
    {"2026-T4", "PERIOD-002"},
    {"2026-Q5", "PERIOD-002"},
    {"2026-Q0", "PERIOD-002"},
    {"2026-13", "PERIOD-002"},
    {"2026-00", "PERIOD-002"},
    {"2026-M00", "PERIOD-002"},
    {"2026-W54", "PERIOD-002"},
    {"2025-W53", "PERIOD-002"},
    {"2025-D366", "PERIOD-002"},
    {"2026-D000", "PERIOD-002"},
    {"2025-02-29", "PERIOD-002"},
    {"1900-02-29", "PERIOD-002"},
    {"2026-04-31", "PERIOD-002"},
    {"2026-00-10", "PERIOD-002"},
    {"2026-01-00", "PERIOD-002"},
    {"0999", "PERIOD-002"},
    {"2026-02-01/P3M", "PERIOD-003"},
    {"2026-01-02/P1Y", "PERIOD-003"},
    {"2026-04-01/P6M", "PERIOD-003"},
    {"2026-01-01/P7D", "PERIOD-003"},
    {"2026-01-01/P2M", "PERIOD-003"},
    {"2026-01-01/", "PERIOD-003"},
    {"2026-01-01/P1M ", "PERIOD-003"},
};

static void test_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
        struct err e = {0};
        struct period p = {FREQ_DAY, 1, 1};
        if (period_parse(&p, str_of(refused[i].in), &e) != -RC_DATA)
            fail_msg("accepted: '%s'", refused[i].in);
        assert_string_equal(e.id, refused[i].id);
        assert_int_equal(p.year, 1); /* untouched */
    }
}

/* All laws for all periods of some years, leap and not, with 52 and 53 weeks. */
static void test_laws(void **state)
{
    (void)state;
    for (size_t f = 0; f < ARRAY_LEN(all); f++) {
        struct period p = {all[f], 1998, 1}, end = {all[f], 2029, 1};
        struct period first = p;
        int n = 0;
        int32_t next_day = period_first_day(p);
        for (; period_cmp(p, end) < 0; n++) {
            struct period back;
            char z[PERIOD_TEXT_MAX];
            size_t len = period_text(p, z);
            assert_int_equal(period_parse(&back, (struct str){z, len}, NULL), 0);
            assert_true(period_eq(p, back));
            assert_int_equal(period_of_code(&back, all[f], period_code(p), NULL), 0);
            assert_true(period_eq(p, back));
            assert_int_equal(period_first_day(p), next_day); /* no gap, no overlap */
            next_day = period_last_day(p) + 1;
            assert_int_equal(period_between(first, p), n);
            assert_true(period_eq(period_add(first, n), p));
            assert_true(period_eq(period_add(p, -n), first));
            struct period after = period_add(p, 1);
            assert_true(period_cmp(p, after) < 0 && period_cmp(after, p) > 0);
            assert_true(period_code(after) > period_code(p));
            p = after;
        }
        assert_true(period_eq(p, end));
    }
}

static void test_days(void **state)
{
    (void)state;
    struct period p;
    assert_int_equal(period_parse(&p, STR("1970-01-01"), NULL), 0);
    assert_int_equal(period_first_day(p), 0);
    assert_int_equal(period_parse(&p, STR("1969-12-31"), NULL), 0);
    assert_int_equal(period_first_day(p), -1);
    assert_int_equal(period_parse(&p, STR("2000-03-01"), NULL), 0);
    assert_int_equal(period_first_day(p), 11017);
    assert_int_equal(period_parse(&p, STR("2024"), NULL), 0);
    assert_int_equal(period_last_day(p) - period_first_day(p), 365);
    assert_int_equal(period_parse(&p, STR("1000"), NULL), 0);
    assert_int_equal(period_first_day(p), -354285);
}

static struct period of(const char *text)
{
    struct period p;
    assert_int_equal(period_parse(&p, str_of(text), NULL), 0);
    return p;
}

static void test_parents(void **state)
{
    (void)state;
    struct period up;
    assert_true(period_parent(of("2026-03"), FREQ_QUARTER, &up) && period_eq(up, of("2026-Q1")));
    assert_true(period_parent(of("2026-Q3"), FREQ_HALF, &up) && period_eq(up, of("2026-S2")));
    assert_true(period_parent(of("2026-03-31"), FREQ_WEEK, &up) && period_eq(up, of("2026-W14")));
    assert_true(period_parent(of("2026-Q3"), FREQ_ANNUAL, &up) && period_eq(up, of("2026")));
    assert_true(period_parent(of("2026"), FREQ_ANNUAL, &up) && period_eq(up, of("2026")));
    assert_false(period_parent(of("2026-Q2"), FREQ_TRIMESTER, &up));
    assert_false(period_parent(of("2026-W14"), FREQ_MONTH, &up)); /* 30 March … 5 April */
    assert_false(period_parent(of("2026"), FREQ_QUARTER, &up));
    assert_true(period_parent(of("2026-W15"), FREQ_MONTH, &up) && period_eq(up, of("2026-04")));
    assert_false(period_parent(of("2026-W01"), FREQ_ANNUAL, &up)); /* begins in 2025 */
}

static void test_order_and_codes(void **state)
{
    (void)state;
    assert_true(period_cmp(of("2026"), of("2026-Q1")) < 0); /* same start: the longer first */
    assert_true(period_cmp(of("2026-Q1"), of("2026-01")) < 0);
    assert_int_equal(period_cmp(of("2026-Q1"), of("2026Q1")), 0);
    assert_int_equal(period_code(of("2026")), 2026000);
    assert_int_equal(period_code(of("2026-12")), 2026012);
    static const int32_t bad[] = {2026001, 999000, 10000000, -1};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct err e = {0};
        struct period p;
        assert_int_equal(period_of_code(&p, FREQ_ANNUAL, bad[i], &e), -RC_DATA);
        assert_string_equal(e.id, "PERIOD-004");
    }
    struct period p;
    struct err e = {0};
    assert_int_equal(period_of_code(&p, FREQ_QUARTER, 2026000, &e), -RC_DATA);
    err_clear(&e);
    assert_int_equal(period_of_code(&p, FREQ_QUARTER, 2026005, &e), -RC_DATA);
    assert_int_equal(freq_per_year(FREQ_WEEK), 0);
    assert_int_equal(freq_per_year(FREQ_DAY), 0);
    assert_true(freq_valid('A') && freq_valid('D') && !freq_valid('X') && !freq_valid('\0'));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_spellings), cmocka_unit_test(test_refused),
        cmocka_unit_test(test_laws),      cmocka_unit_test(test_days),
        cmocka_unit_test(test_parents),   cmocka_unit_test(test_order_and_codes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
