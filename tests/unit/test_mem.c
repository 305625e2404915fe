/* test_mem.c — memory is zeroed, copies end in NUL, and a shortage ends the program with 71. */
#include "lib/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

static void test_pieces(void **state)
{
    (void)state;
    int *p = mem_array(100, sizeof *p);
    for (int i = 0; i < 100; i++)
        assert_int_equal(p[i], 0);
    p[99] = 5;
    p = mem_resize(p, 1000 * sizeof *p);
    assert_int_equal(p[99], 5);
    mem_freep(&p);
    assert_null(p);
    mem_freep(&p);
    mem_free(NULL);
    void *nothing = mem_new(0), *none = mem_array(0, 0), *small = mem_resize(NULL, 0);
    assert_true(nothing && none && small);
    mem_free(nothing);
    mem_free(none);
    mem_free(small);
    char *z = mem_text((struct str){"abcd", 2});
    assert_string_equal(z, "ab");
    mem_free(z);
    z = mem_text((struct str){NULL, 0});
    assert_string_equal(z, "");
    mem_free(z);
}

static int exit_of(void (*f)(void))
{
    pid_t pid = fork();
    if (pid == 0) {
        (void)close(STDERR_FILENO);
        f();
        _exit(0);
    }
    int status = 0;
    assert_true(pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void huge(void) { mem_free(mem_new(SIZE_MAX / 2)); }
static void huge_product(void) { mem_free(mem_array(SIZE_MAX / 2, 8)); }
static void huge_growth(void) { mem_free(mem_resize(NULL, SIZE_MAX / 2)); }

static void test_shortage(void **state)
{
    (void)state;
    assert_int_equal(exit_of(huge), RC_SYSTEM);
    assert_int_equal(exit_of(huge_product), RC_SYSTEM);
    assert_int_equal(exit_of(huge_growth), RC_SYSTEM);
}

static void test_views(void **state)
{
    (void)state;
    assert_true(str_eq(STR("a"), str_of("a")) && !str_eq(STR("a"), STR("ab")));
    assert_true(str_eq((struct str){NULL, 0}, STR("")));
    assert_true(str_cmp(STR("a"), STR("ab")) < 0 && str_cmp(STR("b"), STR("ab")) > 0);
    assert_int_equal(str_cmp(STR("ab"), STR("ab")), 0);
    assert_true(str_is(str_cut(STR("abc"), 1), "bc"));
    assert_int_equal(str_cut(STR("abc"), 9).n, 0);
    assert_true(str_is(str_trim(STR(" \t a b\t ")), "a b"));
    assert_int_equal(str_trim(STR("  ")).n, 0);
    assert_int_equal(str_of(NULL).n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pieces),
        cmocka_unit_test(test_shortage),
        cmocka_unit_test(test_views),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
