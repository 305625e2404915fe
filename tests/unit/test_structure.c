/* test_structure.c — structure definitions: roles, ids, and every fault with its place. */
#include "structure.h"

#include "io.h"

#include <setjmp.h>
#include <stdarg.h>
#include <unistd.h>

#include <cmocka.h>

static char dir[] = "/tmp/rta-struct-XXXXXX";

static void put(const char *kind, const char *name, const char *text)
{
    char path[256];
    struct err e = {.rc = RC_OK};
    (void)snprintf(path, sizeof path, "%s/%s", dir, kind);
    assert_int_equal(dir_make(path, &e), 0);
    (void)snprintf(path, sizeof path, "%s/%s/%s", dir, kind, name);
    assert_int_equal(file_write(path, str_of(text), &e), 0);
}

static int make_dir(void **state)
{
    (void)state;
    if (!mkdtemp(dir))
        return -1;
    put("codelists", "AREA.csv", "code,label_en\nXK,Kosovo*\n_T,Total\n");
    return 0;
}

static int remove_dir(void **state)
{
    (void)state;
    struct err e = {.rc = RC_OK};
    return dir_remove(dir, &e);
}

#define HEAD "structure: X\nagency: WB\nversion: 1.2.3\nname: Ex\nvalues: count\ndimensions:\n"
#define TIME "  - {id: TIME_PERIOD, name: Period}\n"

static void test_loaded(void **state)
{
    (void)state;
    struct conf c;
    struct err e = {.rc = RC_OK};
    const struct structure *s, *t;
    put("structures", "X.yaml",
        HEAD "  - {id: FREQ, name: Frequency}\n"
             "  - {id: REF_AREA, codelist: AREA, name: Area, total: _T}\n"
             "  - {id: THING, name: Thing}\n" TIME);
    assert_int_equal(conf_open(&c, dir, &e), 0);
    assert_int_equal(structure_load(&c, "X", &s, &e), 0);
    assert_string_equal(s->full_id, "WB:X(1.2.3)");
    assert_int_equal(s->ndims, 4);
    assert_true(s->whole);
    assert_int_equal(structure_role(s, DIM_AREA), 1);
    assert_int_equal(structure_role(s, DIM_TIME), 3);
    assert_int_equal(structure_role(s, DIM_UNIT), -1);
    assert_int_equal(structure_dim(s, "THING"), 2);
    assert_int_equal(structure_dim(s, "OTHER"), -1);
    assert_non_null(s->dims[1].codes);
    assert_null(s->dims[2].codes);
    const char *const same[] = {"WB:X(1.2.3)", "WB:X", "X", "WB:X(9)"};
    for (size_t i = 0; i < ARRAY_LEN(same); i++) {
        assert_int_equal(structure_by_full_id(&c, str_of(same[i]), &t, &e), 0);
        assert_ptr_equal(t, s);
    }
    const char *const other[] = {"ESTAT:X(1.2.3)", "Y", "", "WB:X_IND(1.0)"};
    for (size_t i = 0; i < ARRAY_LEN(other); i++) {
        assert_int_equal(structure_by_full_id(&c, str_of(other[i]), &t, &e), 0);
        assert_null(t);
    }
    conf_close(&c);
}

static void refused(const char *text, const char *id)
{
    struct conf c;
    struct err e = {.rc = RC_OK};
    const struct structure *s = NULL;
    put("structures", "X.yaml", text);
    assert_int_equal(conf_open(&c, dir, &e), 0);
    assert_int_equal(structure_load(&c, "X", &s, &e), -RC_CONFIG);
    assert_null(s);
    assert_string_equal(e.id, id);
    assert_non_null(strstr(e.place, "X.yaml:"));
    conf_close(&c);
}

static void test_refused(void **state)
{
    (void)state;
    refused(HEAD "  - {id: area, name: a}\n" TIME, "STRUCT-001");
    refused(HEAD "  - {id: ACTION, name: a}\n" TIME, "STRUCT-001");
    refused(HEAD "  - {id: A, name: a}\n  - {id: A, name: a}\n" TIME, "STRUCT-002");
    refused(HEAD "  - {id: A, name: a}\n  - {id: TIME_PERIOD, codelist: AREA, name: a}\n",
            "STRUCT-003");
    refused(HEAD "  - {id: A, codelist: AREA, name: a, total: ALL}\n" TIME, "STRUCT-004");
    refused("structure: Y\nagency: WB\nversion: 1\nname: Ex\nvalues: count\ndimensions:\n"
            "  - {id: A, name: a}\n" TIME,
            "STRUCT-005");
    refused(HEAD TIME, "STRUCT-006");
    refused(HEAD TIME "  - {id: A, name: a}\n", "STRUCT-007");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_loaded),
                                       cmocka_unit_test(test_refused)};
    return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
