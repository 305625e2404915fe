/* test_err.c — the first error wins, nothing of it can drive a terminal, nothing overflows. */
#include "lib/err.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static void test_first_wins(void **state)
{
    (void)state;
    struct err e = {0};
    assert_int_equal(err_set(&e, RC_DATA, "T-001", "row %d", 7), -RC_DATA);
    assert_int_equal(err_set(&e, RC_IO, "T-002", "later"), -RC_IO);
    errno = ENOENT;
    assert_int_equal(err_sys(&e, RC_IO, "T-003", "later"), -RC_IO);
    assert_int_equal(err_place(&e, "%s:%d", "f", 3), -RC_DATA);
    assert_int_equal(err_place(&e, "elsewhere"), -RC_DATA);
    assert_int_equal(err_hint(&e, "do this"), -RC_DATA);
    (void)err_hint(&e, "do that");
    assert_int_equal(e.rc, RC_DATA);
    assert_string_equal(e.id, "T-001");
    assert_string_equal(e.text, "row 7");
    assert_string_equal(e.place, "f:3");
    assert_string_equal(e.hint, "do this");
    err_clear(&e);
    assert_int_equal(e.rc, RC_OK);
    assert_int_equal(e.text[0] | e.place[0] | e.hint[0] | e.id[0], 0);
}

static void test_system(void **state)
{
    (void)state;
    struct err e = {0};
    errno = ENOENT;
    assert_int_equal(err_sys(&e, RC_IO, "T-004", "cannot open"), -RC_IO);
    assert_string_equal(e.text, "cannot open: No such file or directory");
}

static void test_nobody_asks(void **state)
{
    (void)state;
    assert_int_equal(err_set(NULL, RC_DATA, "T-005", "x"), -RC_DATA);
    assert_int_equal(err_sys(NULL, RC_IO, "T-006", "x"), -RC_IO);
    assert_int_equal(err_place(NULL, "x"), -RC_BUG);
    assert_int_equal(err_hint(NULL, "x"), -RC_BUG);
}

static void test_disarmed_and_bounded(void **state)
{
    (void)state;
    struct err e = {0};
    char big[2000];
    memset(big, 'x', sizeof big - 1);
    big[sizeof big - 1] = '\0';
    (void)err_set(&e, RC_DATA, "T-007-very-long-id", "\x1b[31m%s\n", big);
    assert_string_equal(e.id, "T-007-very-");
    assert_int_equal(e.text[0], '?');
    assert_int_equal(strlen(e.text), sizeof e.text - 1);
    (void)err_place(&e, "a\nb%s", big);
    assert_int_equal(e.place[1], '?');
    assert_int_equal(strlen(e.place), sizeof e.place - 1);
    (void)err_hint(&e, "\x7f%s", big);
    assert_int_equal(e.hint[0], '?');
    assert_int_equal(strlen(e.hint), sizeof e.hint - 1);
}

/* C1 controls, marks of direction, line separators and broken bytes; letters stay. */
static void test_disarmed_beyond_ascii(void **state)
{
    (void)state;
    struct err e = {0};
    (void)err_set(&e, RC_DATA, "T-008",
                  "a\xc2\x9b"
                  "2Jb\xe2\x80\xae"
                  "c\xe2\x81\xa7\xe2\x80\xa8\xd8\x9c");
    assert_string_equal(e.text, "a?2Jb?c???");
    (void)err_place(&e, "\x9b"
                        "31m\xc0\x9b\xed\xa0\x80\xf4\x90\x80\x80\xf8\x90\x80\x80");
    assert_string_equal(e.place, "?31m?????????????");
    (void)err_hint(&e, "Čačak, Скопје … \xf0\x9f\x98\x80 \xc3");
    assert_string_equal(e.hint, "Čačak, Скопје … \xf0\x9f\x98\x80 ?");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_first_wins),
        cmocka_unit_test(test_system),
        cmocka_unit_test(test_nobody_asks),
        cmocka_unit_test(test_disarmed_and_bounded),
        cmocka_unit_test(test_disarmed_beyond_ascii),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
