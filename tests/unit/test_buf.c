/* test_buf.c — the buffer with a maximum, the arena, the error value. */
#include "unit.h"

#include "lib/arena.h"
#include "lib/buf.h"

#include <errno.h>

static void test_append(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 1000);
    assert_string_equal(buf_z(&b), "");
    buf_text(&b, "a");
    buf_char(&b, 'b');
    buf_str(&b, STR("cd"));
    buf_fmt(&b, "%d%s", 12, "x");
    buf_add(&b, NULL, 0);
    assert_string_equal(buf_z(&b), "abcd12x");
    assert_true(str_is(buf_view(&b), "abcd12x"));
    for (int i = 0; i < 300; i++)
        buf_text(&b, "...");
    assert_int_equal(b.n, 907);
    assert_int_equal(buf_ok(&b, "it", NULL), 0);
    buf_free(&b);
    buf_free(&b);
    buf_free(NULL);
}

static void test_int(void **state)
{
    struct buf b;
    (void)state;
    buf_init(&b, 1000);
    const int64_t v[] = {0, 7, -7, 10, 1234567890123, INT64_MAX, INT64_MIN};
    for (size_t i = 0; i < ARRAY_LEN(v); i++) {
        char want[32];
        (void)snprintf(want, sizeof want, "%lld", (long long)v[i]);
        buf_reset(&b);
        buf_int(&b, v[i]);
        assert_string_equal(buf_z(&b), want);
    }
    buf_free(&b);
}

static void test_full(void **state)
{
    (void)state;
    struct buf b;
    struct err e = {0};
    buf_init(&b, 5);
    buf_text(&b, "abcde");
    assert_int_equal(buf_ok(&b, "it", &e), 0);
    buf_char(&b, 'f');
    buf_fmt(&b, "%s", "");
    assert_string_equal(buf_z(&b), "abcde");
    assert_int_equal(buf_ok(&b, "the name", &e), -RC_DATA);
    assert_string_equal(e.id, "BUF-001");
    assert_non_null(strstr(e.text, "the name is longer than the 5 bytes"));
    buf_reset(&b);
    assert_int_equal(buf_ok(&b, "it", NULL), 0);
    buf_fmt(&b, "%s", "123456");
    assert_true(b.full);
    assert_int_equal(b.n, 0);
    buf_free(&b);
}

static void test_arena(void **state)
{
    (void)state;
    struct arena a = {0};
    char *first = arena_text(&a, STR("first"));
    for (int i = 0; i < 5000; i++)
        assert_int_equal(*(char *)arena_new(&a, 50), 0);
    uint64_t *big = arena_array(&a, 10000, sizeof *big);
    assert_int_equal((uintptr_t)big % sizeof(uint64_t), 0);
    assert_string_equal(first, "first");
    assert_string_equal(arena_fmt(&a, "%d-%s", 7, "x"), "7-x");
    assert_string_equal(arena_fmt(&a, "%s", ""), "");
    assert_true(str_is(arena_str(&a, STR("view")), "view"));
    arena_free(&a);
    arena_free(&a);
    arena_free(NULL);
}

static void test_err(void **state)
{
    (void)state;
    struct err e = {0};
    assert_int_equal(err_set(&e, RC_DATA, "T-001", "bad %s\x1b[31m", "thing"), -RC_DATA);
    assert_string_equal(e.text, "bad thing?[31m");
    assert_int_equal(err_set(&e, RC_IO, "T-002", "later"), -RC_IO);
    assert_string_equal(e.id, "T-001");
    assert_int_equal(err_place(&e, "f:%d", 1), -RC_DATA);
    assert_int_equal(err_place(&e, "g"), -RC_DATA);
    assert_string_equal(e.place, "f:1");
    assert_int_equal(err_hint(&e, "do\nthis"), -RC_DATA);
    assert_string_equal(e.hint, "do?this");
    err_clear(&e);
    errno = ENOENT;
    assert_int_equal(err_sys(&e, RC_SYSTEM, "T-003", "cannot"), -RC_SYSTEM);
    assert_string_equal(e.text, "cannot: No such file or directory");
    assert_int_equal(err_sys(&e, RC_IO, "T-004", "later"), -RC_IO);
    assert_int_equal(err_set(NULL, RC_IO, "T-005", "x"), -RC_IO);
    assert_int_equal(err_sys(NULL, RC_IO, "T-006", "x"), -RC_IO);
    assert_int_equal(err_place(NULL, "x"), -RC_BUG);
    assert_int_equal(err_hint(NULL, "x"), -RC_BUG);
}

static void test_str(void **state)
{
    (void)state;
    assert_true(str_eq(STR(""), (struct str){NULL, 0}));
    assert_true(str_cmp(STR("a"), STR("ab")) < 0);
    assert_true(str_cmp(STR("b"), STR("ab")) > 0);
    assert_int_equal(str_cmp(STR("ab"), STR("ab")), 0);
    assert_true(str_is(str_trim(STR(" \ta b\t ")), "a b"));
    assert_true(str_is(str_trim(STR("  ")), ""));
    assert_true(str_is(str_cut(STR("abc"), 1), "bc"));
    assert_true(str_is(str_cut(STR("abc"), 9), ""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_append), cmocka_unit_test(test_int),
                                       cmocka_unit_test(test_full),   cmocka_unit_test(test_arena),
                                       cmocka_unit_test(test_err),    cmocka_unit_test(test_str)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
