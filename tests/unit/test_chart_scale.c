/* test_chart_scale.c — ticks and places of charts are exact. */
#include <setjmp.h>
#include <stdarg.h>

#include "base.h"

#include <cmocka.h>

#include "report/chart_model.h"

static struct figure figure(const char *text)
{
    struct figure f = {.is_number = true};
    struct err e = {0};
    assert_int_equal(num_parse(&f.num, str_of(text), &num_plain, &e), 0);
    return f;
}

static void ticks_are(const char *const *values, size_t n, int ticks, const char *const *want)
{
    struct figure f[8] = {0};
    for (size_t i = 0; i < n; i++)
        f[i] = figure(values[i]);
    struct scale s = scale_of(f, n, ticks);
    struct num v;
    size_t i = 0;
    for (; want[i]; i++) {
        char text[NUM_TEXT_MAX];
        assert_true(scale_tick(&s, i, &v));
        num_text(v, text);
        assert_string_equal(text, want[i]);
    }
    assert_false(scale_tick(&s, i, &v));
}

static void test_ticks(void **state)
{
    (void)state;
    ticks_are((const char *[]){"3", "7"}, 2, 5, (const char *[]){"0", "2", "4", "6", "8", NULL});
    ticks_are((const char *[]){"1"}, 1, 5, (const char *[]){"0", "1", NULL});
    ticks_are((const char *[]){"0"}, 1, 5, (const char *[]){"0", "1", NULL});
    ticks_are((const char *[]){"0.00", "0.07"}, 2, 4,
              (const char *[]){"0.00", "0.02", "0.04", "0.06", "0.08", NULL});
    ticks_are((const char *[]){"1.5", "120.98"}, 2, 5,
              (const char *[]){"0", "50", "100", "150", NULL});
    ticks_are((const char *[]){"-31.1", "12"}, 2, 5,
              (const char *[]){"-40", "-30", "-20", "-10", "0", "10", "20", NULL});
}

/* A figure on a tick stands exactly on it; the ends are the ends. */
static void test_places(void **state)
{
    (void)state;
    struct figure f[] = {figure("0.5"), figure("2.37")};
    struct scale s = scale_of(f, 2, 5);
    assert_int_equal(scale_place(&s, (struct num){0, 0}, 100 * PX), 0);
    assert_int_equal(scale_place(&s, f[0].num, 100 * PX), 100 * PX / 5);
    assert_int_equal(scale_place(&s, (struct num){25, 1}, 100 * PX), 100 * PX);
    assert_int_equal(scale_place(&s, f[1].num, 100 * PX), 94800);
}

static void test_gaps_do_not_count(void **state)
{
    (void)state;
    struct figure f[] = {figure("3"), {.is_number = false, .num = {.m = 9999}}};
    struct scale s = scale_of(f, 2, 5);
    assert_true(s.hi == 3 && s.lo == 0);
}

static void test_px(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 100);
    draw_px(&b, 12340);
    buf_char(&b, ' ');
    draw_px(&b, -500);
    buf_char(&b, ' ');
    draw_px(&b, 7050);
    buf_char(&b, ' ');
    draw_px(&b, 3000);
    assert_string_equal(buf_z(&b), "12.34 -0.5 7.05 3");
    buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ticks),
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_gaps_do_not_count),
        cmocka_unit_test(test_px),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
