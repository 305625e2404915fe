/* test_arena.c — zeroed and aligned memory, copies that are copies, and a maximum that ends the
 * program with 71 before memory does. */
#include "lib/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdalign.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

static void test_pieces(void **state)
{
    (void)state;
    struct arena a = {0};
    unsigned char *last = NULL;
    for (size_t n = 1; n < 5000; n += 7) {
        unsigned char *p = arena_new(&a, n);
        assert_int_equal((uintptr_t)p % alignof(max_align_t), 0);
        for (size_t i = 0; i < n; i++)
            assert_int_equal(p[i], 0);
        memset(p, 0xaa, n);
        assert_true(!last || p != last);
        last = p;
    }
    assert_true(a.used >= 5000);
    unsigned char *big = arena_new(&a, 1 << 20);
    assert_int_equal(big[(1 << 20) - 1], 0);
    arena_free(&a);
    assert_null(a.chunks);
    assert_int_equal(a.used, 0);
    arena_free(&a);
    arena_free(NULL);
}

static void test_text(void **state)
{
    (void)state;
    struct arena a CLEANUP(arena_free) = {0};
    char from[] = "abc";
    char *copy = arena_text(&a, (struct str){from, 2});
    struct str view = arena_str(&a, (struct str){from, 3});
    from[0] = 'X';
    assert_string_equal(copy, "ab");
    assert_true(str_is(view, "abc") && view.p[3] == '\0');
    assert_string_equal(arena_text(&a, (struct str){NULL, 0}), "");
    assert_string_equal(arena_fmt(&a, "%s-%d", "x", 12), "x-12");
    assert_string_equal(arena_fmt(&a, "%s", ""), "");
    int *many = arena_array(&a, 1000, sizeof *many);
    assert_int_equal(many[999], 0);
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

static void too_much(void)
{
    struct arena a = {.max = 1000};
    (void)arena_new(&a, 600);
    (void)arena_new(&a, 600);
}

static void overflow(void)
{
    struct arena a = {0};
    (void)arena_array(&a, SIZE_MAX / 2, 3);
}

static void test_maximum(void **state)
{
    (void)state;
    assert_int_equal(exit_of(too_much), RC_SYSTEM);
    assert_int_equal(exit_of(overflow), RC_SYSTEM);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pieces),
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_maximum),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
