/* test_codes.c — code lists from a small configuration of its own: what is found, what is near, and
 * every fault of a list with its place. */
#include "codes.h"

#include "io.h"
#include "mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <unistd.h>

#include <cmocka.h>

static char dir[] = "/tmp/rta-codes-XXXXXX";

static int make_dir(void **state)
{
    (void)state;
    return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
    (void)state;
    struct err e = {.rc = RC_OK};
    return dir_remove(dir, &e);
}

static void put(const char *id, const char *text)
{
    char path[256];
    struct err e = {.rc = RC_OK};
    (void)snprintf(path, sizeof path, "%s/codelists", dir);
    assert_int_equal(dir_make(path, &e), 0);
    (void)snprintf(path, sizeof path, "%s/codelists/%s.csv", dir, id);
    assert_int_equal(file_write(path, str_of(text), &e), 0);
}

static void test_found(void **state)
{
    (void)state;
    struct conf c;
    struct err e = {.rc = RC_OK};
    const struct codelist *l, *again;
    put("GOOD", "code,parent,label_en,label_sq,valid_from,valid_to,note\n"
                "0101,01,Intentional homicide,Vrasje me dashje,,,in the list\n"
                "01,,Acts leading to death,,,,\n"
                "ICCS02-04,,Mixed,,2014,2016-06,\n"
                "01011,0101,Murder,,,,\n");
    assert_int_equal(conf_open(&c, dir, &e), 0);
    assert_int_equal(codelist_load(&c, "GOOD", &l, &e), 0);
    assert_int_equal(codelist_load(&c, "GOOD", &again, &e), 0);
    assert_ptr_equal(l, again);
    assert_int_equal(l->n, 4);
    const struct code *top = codelist_find(l, STR("01")), *leaf = codelist_find(l, STR("01011"));
    assert_non_null(top);
    assert_int_equal(top->order, 1);
    assert_int_equal(top->depth, 0);
    assert_int_equal(leaf->depth, 2);
    assert_true(code_below(leaf, top));
    assert_false(code_below(top, top));
    assert_false(code_below(top, leaf));
    assert_null(codelist_find(l, STR("ICCS02")));
    assert_null(codelist_find(l, STR("")));
    const struct code *hom = codelist_find(l, STR("0101"));
    assert_string_equal(code_label(l, hom, "sq"), "Vrasje me dashje");
    assert_string_equal(code_label(l, hom, "mk"), "Intentional homicide");
    assert_string_equal(code_label(l, top, "sq"), "Acts leading to death");
    assert_string_equal(code_label(l, top, NULL), "Acts leading to death");
    assert_string_equal(hom->note, "in the list");
    conf_close(&c);
}

static void test_valid(void **state)
{
    (void)state;
    const struct code c = {.valid_from = STR("2014"), .valid_to = STR("2016-06")};
    const struct code open = {.note = ""};
    assert_true(code_valid(&c, STR("2014-01-01"), STR("2014-12-31")));
    assert_true(code_valid(&c, STR("2016-06-30"), STR("2016-06-30")));
    assert_true(code_valid(&c, STR("2013-07-01"), STR("2014-06-30")));
    assert_false(code_valid(&c, STR("2016-07-01"), STR("2016-07-31")));
    assert_false(code_valid(&c, STR("2013-01-01"), STR("2013-12-31")));
    assert_true(code_valid(&open, STR("1900-01-01"), STR("1900-12-31")));
}

static void test_nearest(void **state)
{
    (void)state;
    struct conf c;
    struct err e = {.rc = RC_OK};
    const struct codelist *l;
    const struct code *near[3];
    put("NEAR", "code,label_en\nP_HTHAB,Per hundred thousand\nNR,Number\nP_MHAB,Per million\n");
    assert_int_equal(conf_open(&c, dir, &e), 0);
    assert_int_equal(codelist_load(&c, "NEAR", &l, &e), 0);
    assert_int_equal(codelist_nearest(l, STR("p_hthabs"), near), 1);
    assert_true(str_is(near[0]->id, "P_HTHAB"));
    assert_int_equal(codelist_nearest(l, STR("Numbr"), near), 1);
    assert_true(str_is(near[0]->id, "NR"));
    assert_int_equal(codelist_nearest(l, STR("something else"), near), 0);
    assert_int_equal(codelist_nearest(l, STR(""), near), 0);
    conf_close(&c);
}

static void refused(const char *text, const char *id, const char *line)
{
    struct conf c;
    struct err e = {.rc = RC_OK};
    const struct codelist *l = NULL;
    put("BAD", text);
    assert_int_equal(conf_open(&c, dir, &e), 0);
    assert_int_equal(codelist_load(&c, "BAD", &l, &e), -RC_CONFIG);
    assert_null(l);
    assert_string_equal(e.id, id);
    assert_non_null(strstr(e.place, line));
    conf_close(&c);
}

static void test_refused(void **state)
{
    (void)state;
    refused("code,parent,label_en\n,,x\n", "CODES-001", "BAD.csv:2");
    refused("code,parent,label_en\nA,,x\nB,,y\nA,,z\n", "CODES-002", "BAD.csv:4");
    refused("code,parent,label_en\nA,,x\nB,C,y\n", "CODES-003", "BAD.csv:3");
    refused("code,parent,label_en\nA,B,x\nB,A,y\n", "CODES-004", "BAD.csv:2");
    refused("code,parent,label_en\nA,A,x\n", "CODES-004", "BAD.csv:2");
    refused("code,parent,label_en\nA,,\n", "CODES-005", "BAD.csv:2");
    refused("code,label_en,valid_from\nA,x,1.1.2014\n", "CODES-006", "BAD.csv:2");
    refused("code,label_en,valid_from,valid_to\nA,x,2015,2014\n", "CODES-006", "BAD.csv:2");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_found), cmocka_unit_test(test_valid),
                                       cmocka_unit_test(test_nearest),
                                       cmocka_unit_test(test_refused)};
    return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
