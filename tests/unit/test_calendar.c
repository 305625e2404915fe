/* test_calendar.c — days of periods over leap years and year ends, steps on and around their day,
 * which rule holds, and every fault of calendar.yaml with its place. */
#include "calendar.h"

#include "io.h"

#include <setjmp.h>
#include <stdarg.h>
#include <unistd.h>

#include <cmocka.h>

static char dir[] = "/tmp/rta-calendar-XXXXXX";

#define REGION                                                          \
    "region: R\nname: Region\npartners:\n"                              \
    "  - {code: AA, names: [{lang: en, form: short, name: Aaland}]}\n"  \
    "  - {code: BB, names: [{lang: en, form: short, name: Beeland}]}\n" \
    "senders:\n  AA-P: {partner: AA, name: P}\n  OUT: {name: O, outside: true}\n"

static int put(const char *name, const char *text)
{
    char path[128];
    struct err e = {.rc = RC_OK};
    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    return file_write(path, str_of(text), &e);
}

static int make_dir(void **state)
{
    (void)state;
    char path[64];
    struct err e = {.rc = RC_OK};
    if (!mkdtemp(dir))
        return -1;
    (void)snprintf(path, sizeof path, "%s/structures", dir);
    return dir_make(path, &e) < 0 || put("region.yaml", REGION) < 0 ||
                   put("structures/CRIME.yaml", "structure: CRIME\n") < 0
               ? -1
               : 0;
}

static int remove_dir(void **state)
{
    (void)state;
    struct err e = {.rc = RC_OK};
    return dir_remove(dir, &e);
}

static struct period period(const char *text)
{
    struct period p;
    struct err e = {.rc = RC_OK};
    assert_int_equal(period_parse(&p, str_of(text), &e), 0);
    return p;
}

static int32_t day(const char *text)
{
    int32_t d;
    struct err e = {.rc = RC_OK};
    assert_int_equal(day_parse(&d, text, "--today", &e), 0);
    return d;
}

static void test_days(void **state)
{
    (void)state;
    static const struct {
        const char *period;
        int days;
        const char *day;
    } is[] = {
        {"2026-Q1", 30, "2026-04-30"},   {"2026-Q4", 30, "2027-01-30"},
        {"2023-Q4", 60, "2024-02-29"},   {"2022-Q4", 60, "2023-03-01"},
        {"2024", 0, "2024-12-31"},       {"2024-02", 1, "2024-03-01"},
        {"2023-02", 1, "2023-03-01"},    {"2000-02", 0, "2000-02-29"},
        {"1900-02", 0, "1900-02-28"},    {"2020-W53", 30, "2021-02-02"},
        {"2024-S1", 75, "2024-09-13"},   {"2024-12-31", 1, "2025-01-01"},
        {"1969-12-31", 0, "1969-12-31"}, {"2024-T2", 37, "2024-10-07"},
    };
    char text[DAY_TEXT_MAX];
    for (size_t i = 0; i < ARRAY_LEN(is); i++)
        assert_string_equal(day_text(calendar_day(period(is[i].period), is[i].days), text),
                            is[i].day);
    for (int32_t d = -350000; d < 2900000; d += 371)
        assert_int_equal(day(day_text(d, text)), d);
}

static void test_no_day(void **state)
{
    (void)state;
    static const char *const bad[] = {"",           "2026",       "2026-1-1",    "2026-02-30",
                                      "2026-13-01", "2026-W05-1", "2026-01-01x", "20260101",
                                      "2026-D0900", "2026-Q1xxx"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        int32_t d;
        struct err e = {.rc = RC_OK};
        assert_int_equal(day_parse(&d, bad[i], "--today", &e), -RC_USAGE);
        assert_string_equal(e.id, "CAL-010");
    }
}

static void test_step(void **state)
{
    (void)state;
    struct calendar_rule r = {.steps = {30, 37, 45}, .nsteps = 3};
    struct period q = period("2026-Q1"); /* ends on 31 March */
    static const struct {
        const char *today;
        int step;
    } is[] = {{"2026-03-31", -1}, {"2026-04-29", -1}, {"2026-04-30", 30}, {"2026-05-06", 30},
              {"2026-05-07", 37}, {"2026-05-14", 37}, {"2026-05-15", 45}, {"2029-01-01", 45}};
    for (size_t i = 0; i < ARRAY_LEN(is); i++)
        assert_int_equal(calendar_step(&r, q, day(is[i].today)), is[i].step);
}

static int load(struct conf *c, const char *text, const struct calendar **ret, struct err *e)
{
    assert_int_equal(put("calendar.yaml", text), 0);
    assert_int_equal(conf_open(c, dir, e), 0);
    return calendar_load(c, ret, e);
}

static void test_rules(void **state)
{
    (void)state;
    struct conf c;
    struct err e = {.rc = RC_OK};
    const struct calendar *cal;
    assert_int_equal(load(&c,
                          "due: 20\nreminders: [20, 25]\nexpect:\n"
                          "  - {structure: CRIME, frequency: Q, from: 2025-Q2, to: 2025-Q4}\n"
                          "  - {structure: CRIME, frequency: Q, from: 2026-Q1, due: 15}\n"
                          "  - {structure: CRIME, frequency: Q, from: 2025-Q1, partners: BB,"
                          " due: 45, reminders: 45}\n",
                          &cal, &e),
                     0);
    assert_null(calendar_find(cal, "CRIME", "AA", period("2025-Q1")));
    assert_null(calendar_find(cal, "CRIME", "AA", period("2025")));
    assert_null(calendar_find(cal, "OTHER", "AA", period("2025-Q2")));
    assert_int_equal(calendar_find(cal, "CRIME", "AA", period("2025-Q4"))->due, 20);
    assert_int_equal(calendar_find(cal, "CRIME", "AA", period("2026-Q1"))->due, 15);
    assert_int_equal(calendar_find(cal, "CRIME", "BB", period("2025-Q1"))->due, 45);
    assert_int_equal(calendar_find(cal, "CRIME", "BB", period("2031-Q1"))->nsteps, 1);
    assert_int_equal(calendar_find(cal, "CRIME", "AA", period("2026-Q1"))->freeze, 60);
    conf_close(&c);
}

static void test_faults(void **state)
{
    (void)state;
#define RULE "expect:\n  - {structure: CRIME, "
    static const struct {
        const char *text, *id;
    } bad[] = {
        {"expect:\n  - {structure: CRIMES, frequency: A, from: 2020}\n", "CAL-009"},
        {RULE "frequency: X, from: 2020}\n", "CAL-001"},
        {RULE "frequency: QQ, from: 2020}\n", "CAL-001"},
        {RULE "frequency: Q, from: 2020-Q5}\n", "CAL-002"},
        {RULE "frequency: Q, from: 2020}\n", "CAL-008"},
        {RULE "frequency: A, from: 2020, to: 2019}\n", "CAL-003"},
        {RULE "frequency: A, from: 2020, partners: CC}\n", "CAL-004"},
        {RULE "frequency: A, from: 2020, sender: NO}\n", "CAL-005"},
        {RULE "frequency: A, from: 2020, sender: AA-P}\n", "CAL-005"},
        {RULE "frequency: A, from: 2020, reminders: [30, 30]}\n", "CAL-006"},
        {RULE "frequency: A, from: 2020, due: 40, reminders: [30]}\n", "CAL-006"},
        {RULE "frequency: A, from: 2020, reminders: [90]}\n", "CAL-006"},
        {RULE "frequency: A, from: 2020, due: -5, reminders: [-9]}\n", "CAL-006"},
        {RULE "frequency: A, from: 2020}\n  - {structure: CRIME, frequency: A, from: 2022}\n",
         "CAL-007"},
        {RULE "frequency: A, from: 2020, partners: [AA]}\n"
              "  - {structure: CRIME, frequency: A, from: 2010, partners: [BB, AA]}\n",
         "CAL-007"},
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct conf c;
        struct err e = {.rc = RC_OK};
        const struct calendar *cal;
        int rc = load(&c, bad[i].text, &cal, &e);
        if (strcmp(e.id, bad[i].id) != 0)
            fail_msg("%zu: %s (%s), not %s", i, e.id, e.text, bad[i].id);
        assert_int_equal(rc, -RC_CONFIG);
        assert_non_null(strstr(e.place, "calendar.yaml:"));
        conf_close(&c);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_days),  cmocka_unit_test(test_no_day), cmocka_unit_test(test_step),
        cmocka_unit_test(test_rules), cmocka_unit_test(test_faults),
    };
    return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
