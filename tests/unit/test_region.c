/* test_region.c — names as of a date with their marks, orders, footnotes, rights of senders, and
 * every fault of region.yaml with its place. */
#include "region.h"

#include "io.h"

#include <setjmp.h>
#include <stdarg.h>
#include <unistd.h>

#include <cmocka.h>

static char dir[] = "/tmp/rta-region-XXXXXX";

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

#define HEAD "region: R\nname: Region\npartners:\n"
#define XK                                                            \
    "  - code: XK\n    mark: \"*\"\n    footnote: note\n    names:\n" \
    "      - {lang: en, form: short, name: Kosovo}\n"                 \
    "      - {lang: sq, form: short, name: Kosovë}\n"
#define MK                                                               \
    "  - code: MK\n    names:\n"                                         \
    "      - {lang: en, form: short, name: Old, to: \"2019-02-11\"}\n"   \
    "      - {lang: en, form: short, name: New, from: \"2019-02-12\"}\n" \
    "      - {lang: en, form: long, name: Republic of New, from: \"2019-02-12\"}\n"
#define ORDERS                                               \
    "orders:\n  alpha:\n    - {codes: [XK, MK]}\n  dated:\n" \
    "    - {from: \"2020-01-01\", to: \"2021-12-31\", codes: [MK, XK]}\n"
#define NOTES "footnotes:\n  note: {en: Without prejudice}\n"
#define SENDERS                                               \
    "senders:\n  MK-A: {partner: MK, name: Ministry}\n"       \
    "  OUT: {name: Outside, outside: true, areas: [\"*\"]}\n" \
    "  TWO: {partner: XK, name: Two, areas: [XK, MK]}\n"

static void put(const char *text)
{
    char path[256];
    struct err e = {.rc = RC_OK};
    (void)snprintf(path, sizeof path, "%s/region.yaml", dir);
    assert_int_equal(file_write(path, str_of(text), &e), 0);
}

static void test_names(void **state)
{
    (void)state;
    struct conf c;
    struct err e = {.rc = RC_OK};
    const struct region *r;
    put(HEAD XK MK ORDERS NOTES SENDERS);
    assert_int_equal(conf_open(&c, dir, &e), 0);
    assert_int_equal(region_load(&c, &r, &e), 0);
    assert_int_equal(r->npartners, 2);
    assert_string_equal(region_name(&c, r, "XK", "sq", "2026-01-01"), "Kosovë*");
    assert_string_equal(region_name(&c, r, "XK", "de", "2026-01-01"), "Kosovo*");
    assert_string_equal(region_name(&c, r, "MK", "en", "2019-02-11"), "Old");
    assert_string_equal(region_name(&c, r, "MK", "en", "2019-02-12"), "New");
    assert_string_equal(region_name(&c, r, "MK", NULL, NULL), "New");
    assert_string_equal(
        region_name_form(&c, r, "MK", (const char *const[2]){"en", "long"}, "2024-01-01"),
        "Republic of New");
    assert_string_equal(
        region_name_form(&c, r, "XK", (const char *const[2]){"en", "long"}, "2024-01-01"),
        "Kosovo*");
    assert_string_equal(region_name(&c, r, "ZZ", "en", NULL), "ZZ");
    assert_string_equal(region_footnote(r, "note", "sq"), "Without prejudice");
    assert_null(region_footnote(r, "none", "en"));
    conf_close(&c);
}

static void test_orders_and_senders(void **state)
{
    (void)state;
    struct conf c;
    struct err e = {.rc = RC_OK};
    const struct region *r;
    const char *const *codes;
    size_t n;
    put(HEAD XK MK ORDERS NOTES SENDERS);
    assert_int_equal(conf_open(&c, dir, &e), 0);
    assert_int_equal(region_load(&c, &r, &e), 0);
    assert_int_equal(region_order(&c, r, "dated", "2020-06-01", &codes, &n, &e), 0);
    assert_int_equal(n, 2);
    assert_string_equal(codes[0], "MK");
    assert_int_equal(region_order(&c, r, "dated", "2022-01-01", &codes, &n, &e), -RC_CONFIG);
    assert_string_equal(e.id, "REGION-009");
    err_clear(&e);
    assert_int_equal(region_order(&c, r, "alpa", NULL, &codes, &n, &e), -RC_CONFIG);
    assert_string_equal(e.id, "REGION-008");
    assert_non_null(strstr(e.hint, "alpha"));
    assert_true(sender_may(region_sender(r, STR("MK-A")), STR("MK")));
    assert_false(sender_may(region_sender(r, STR("MK-A")), STR("XK")));
    assert_true(sender_may(region_sender(r, STR("OUT")), STR("XK")));
    assert_true(sender_may(region_sender(r, STR("TWO")), STR("MK")));
    assert_false(sender_may(region_sender(r, STR("TWO")), STR("AL")));
    assert_null(region_sender(r, STR("MK")));
    conf_close(&c);
}

static void refused(const char *text, const char *id)
{
    struct conf c;
    struct err e = {.rc = RC_OK};
    const struct region *r = NULL;
    put(text);
    assert_int_equal(conf_open(&c, dir, &e), 0);
    assert_int_equal(region_load(&c, &r, &e), -RC_CONFIG);
    assert_null(r);
    assert_string_equal(e.id, id);
    assert_non_null(strstr(e.place, "region.yaml:"));
    conf_close(&c);
}

static void test_refused(void **state)
{
    (void)state;
    refused(HEAD MK MK SENDERS, "REGION-001");
    refused(HEAD XK SENDERS, "REGION-002");
    refused(HEAD "  - code: AL\n    names:\n      - {lang: sq, form: short, name: a}\n"
                 "senders:\n  A: {partner: AL, name: a}\n",
            "REGION-003");
    refused(HEAD
            "  - code: AL\n    names:\n"
            "      - {lang: en, form: short, name: a, from: 1.1.2020}\nsenders:\n  A: {name: a}\n",
            "REGION-004");
    refused(HEAD "  - code: AL\n    names:\n      - {lang: en, form: short, name: a, from: "
                 "\"2020-01-02\", to: \"2020-01-01\"}\nsenders:\n  A: {name: a}\n",
            "REGION-005");
    refused(HEAD MK "orders:\n  a:\n    - {codes: [MK, MK]}\n" SENDERS, "REGION-006");
    refused(HEAD MK "orders:\n  a:\n    - {codes: [AL]}\n" SENDERS, "REGION-006");
    refused(HEAD MK "senders:\n  A: {partner: AL, name: a}\n", "REGION-007");
    refused(HEAD "  - code: AL\n    names:\n      - {lang: en, form: tall, name: a}\n"
                 "senders:\n  A: {name: a}\n",
            "REGION-010");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_names),
                                       cmocka_unit_test(test_orders_and_senders),
                                       cmocka_unit_test(test_refused)};
    return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
