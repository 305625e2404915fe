/* test_map.c — the hash map: numbers dense and in order, slots that live through growth, limits. */
#include "unit.h"

#include "lib/map.h"

static void map_freep(struct map **m) { map_free(*m); }

static struct str name(char *z, size_t size, uint64_t i)
{
    int n = snprintf(z, size, "%lu%.*s", (unsigned long)i, (int)(i % 40),
                     "----------------------------------------");
    return (struct str){z, (size_t)n};
}

static void test_intern(void **state)
{
    (void)state;
    struct map *m CLEANUP(map_freep) = map_new(0);
    char z[96];
    const size_t many = 50000;
    bool fresh;
    for (size_t i = 0; i < many; i++) {
        assert_int_equal(map_intern(m, name(z, sizeof z, i), &fresh), i);
        assert_true(fresh);
    }
    for (size_t i = 0; i < many; i++) {
        assert_int_equal(map_intern(m, name(z, sizeof z, i), &fresh), i);
        assert_false(fresh);
        assert_true(str_eq(map_key(m, i), name(z, sizeof z, i)));
    }
    assert_int_equal(map_count(m), many);
    assert_null(map_find(m, name(z, sizeof z, many)));
}

static void test_values(void **state)
{
    (void)state;
    struct map *m = map_new(0);
    bool fresh;
    uint64_t *v = map_put(m, STR("a"), 7, &fresh);
    assert_true(fresh);
    assert_int_equal(*v, 7);
    *v += 1;
    assert_int_equal(*map_put(m, STR("a"), 99, &fresh), 8);
    assert_false(fresh);
    assert_int_equal(*map_put(m, STR(""), 5, NULL), 5);
    assert_int_equal(*map_find(m, STR("")), 5);
    assert_int_equal(*map_find(m, (struct str){NULL, 0}), 5);
    assert_int_equal(*map_find(m, STR("a")), 8);
    assert_int_equal(*map_put(m, (struct str){"x\0y", 3}, 1, NULL), 1);
    assert_null(map_find(m, STR("x")));
    map_free(m);
    map_free(NULL);
}

static void test_max(void **state)
{
    (void)state;
    struct map *m CLEANUP(map_freep) = map_new(2);
    assert_int_equal(map_intern(m, STR("a"), NULL), 0);
    assert_int_equal(map_intern(m, STR("b"), NULL), 1);
    assert_int_equal(map_intern(m, STR("c"), NULL), SIZE_MAX);
    assert_null(map_put(m, STR("c"), 0, NULL));
    assert_int_equal(map_intern(m, STR("b"), NULL), 1);
    assert_int_equal(map_count(m), 2);
}

/* A key longer than a chunk, and what stands after it. */
static void test_long_key(void **state)
{
    (void)state;
    struct map *m CLEANUP(map_freep) = map_new(0);
    char *z CLEANUP(mem_freep) = mem_new(100001);
    memset(z, 'k', 100000);
    assert_int_equal(map_intern(m, STR("first"), NULL), 0);
    assert_int_equal(map_intern(m, str_of(z), NULL), 1);
    assert_int_equal(map_intern(m, STR("third"), NULL), 2);
    assert_true(str_eq(map_key(m, 1), str_of(z)));
    assert_true(str_is(map_key(m, 2), "third"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_intern), cmocka_unit_test(test_values),
                                       cmocka_unit_test(test_max), cmocka_unit_test(test_long_key)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
