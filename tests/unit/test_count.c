/* Registers: dates in declared forms, cells under packed keys against a plain count, identifiers of
 * which only hashes are kept, and what personal data look like. */
#include "ingest/count.h"
#include "unit.h"

static void dates(void **state)
{
    static const struct {
        const char *format, *text, *want; /* NULL: refused */
        enum freq freq;
    } cases[] = {
        {"YYYY-MM-DD", "2024-02-29", "2024-02", FREQ_MONTH},
        {"YYYY-MM-DD", "2023-02-29", NULL, FREQ_MONTH},
        {"YYYY-MM-DD", "1900-02-29", NULL, FREQ_DAY},
        {"YYYY-MM-DD", "2000-02-29", "2000-02-29", FREQ_DAY},
        {"D.M.YYYY.", "3.1.2024.", "2024-Q1", FREQ_QUARTER},
        {"D.M.YYYY.", "03.12.2024.", "2024-Q4", FREQ_QUARTER},
        {"D.M.YYYY.", "3.1.2024", NULL, FREQ_QUARTER},
        {"DD.MM.YYYY", "3.1.2024", NULL, FREQ_MONTH},
        {"DD.MM.YYYY", "31.06.2024", NULL, FREQ_ANNUAL},
        {"DD/MM/YYYY hh:mm*", "01/07/2024 23:59:59 +01", "2024-S2", FREQ_HALF},
        {"DD/MM/YYYY hh:mm*", "01/07/2024 25:59", NULL, FREQ_HALF},
        {"YYYYMMDD", "20240630", "2024-S1", FREQ_HALF},
        {"YYYYMMDD", "2024063", NULL, FREQ_HALF},
        {"YYYY", "0999", NULL, FREQ_ANNUAL},
        {"YYYY", "2024 ", NULL, FREQ_ANNUAL},
        {"YYYY-MM", "2024-13", NULL, FREQ_MONTH},
        {"YYYY-MM", "2024-00", NULL, FREQ_MONTH},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char got[PERIOD_TEXT_MAX];
        size_t n = 0;
        bool good = date_read(cases[i].format, str_of(cases[i].text), cases[i].freq, got, &n);
        assert_int_equal(good, cases[i].want != NULL);
        if (good)
            assert_true(str_is((struct str){got, n}, cases[i].want));
    }
}

static void date_formats(void **state)
{
    static const char *const good[] = {"YYYY", "YYYY-MM", "D.M.YYYY.", "YYYY-MM-DD hh:mm:ss",
                                       "DD. MM. YYYY*"};
    static const char *const bad[] = {"",       "YY-MM-DD", "YYYY-DD", "MM-DD",   "YYYY-MM-MM",
                                      "YYYY*x", "*",        "YYYYY",   "YYYY-MMM"};
    char finest[2];
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(good); i++)
        assert_true(date_format_ok(good[i], finest));
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_false(date_format_ok(bad[i], finest));
}

static void cells(void **state)
{
    enum { KEYS = 5000, ADDS = 200000 };
    uint64_t *records = mem_array(KEYS, sizeof *records), *values = mem_array(KEYS, sizeof *values);
    uint64_t seed = 7, total = 0;
    struct cells *c = cells_new();
    (void)state;
    for (uint64_t i = 1; i <= ADDS; i++) {
        uint64_t r = test_random(&seed), k = r % KEYS, value = r >> 60;
        cells_add(c, (cell_key)k << 70 | k, value, i);
        records[k]++;
        values[k] += value;
    }
    size_t n;
    const struct cell *list = cells_all(c, &n);
    for (size_t i = 0; i < n; i++) {
        uint64_t k = (uint64_t)(list[i].key >> 70);
        assert_true(k < KEYS);
        assert_int_equal(list[i].records, records[k]);
        assert_int_equal(list[i].value, values[k]);
        assert_true(list[i].first >= 1 && list[i].first <= list[i].last && list[i].last <= ADDS);
        total += list[i].records;
        records[k] = 0;
    }
    assert_int_equal(total, ADDS);
    for (size_t k = 0; k < KEYS; k++)
        assert_int_equal(records[k], 0);
    assert_false(cells_full(c));
    cells_free(c);
    mem_free(records);
    mem_free(values);
}

static void identifiers(void **state)
{
    struct err e = {.rc = RC_OK};
    struct id_set *s = NULL;
    (void)state;
    assert_int_equal(id_set_new(&s, &e), 0);
    for (int round = 0; round < 3; round++)
        for (int i = 0; i < 20000; i++) {
            char text[32];
            int n = snprintf(text, sizeof text, "K-%d", i);
            int want = round == 0 ? ID_NEW : round == 1 ? ID_SECOND : ID_AGAIN;
            assert_int_equal(id_set_add(s, (cell_key)(i % 2), (struct str){text, (size_t)n}, &e),
                             want);
        }
    assert_int_equal(id_set_count(s), 20000);
    assert_int_equal(id_set_repeated(s), 20000);
    assert_int_equal(id_set_add(s, 2, STR("K-1"), &e), ID_NEW); /* beside another cell */
    assert_int_equal(id_set_add(s, 0, STR(""), &e), ID_NEW);
    id_set_free(s);
}

static void hashes(void **state)
{
    struct hash_key a, b;
    struct err e = {.rc = RC_OK};
    (void)state;
    assert_int_equal(hash_key_draw(&a, &e), 0);
    assert_int_equal(hash_key_draw(&b, &e), 0);
    struct hash128 x = hash128_keyed(&a, STR("1505990715015")),
                   y = hash128_keyed(&b, STR("1505990715015")),
                   z = hash128_keyed(&a, STR("1505990715015"));
    assert_true(x.high == z.high && x.low == z.low);
    assert_false(x.high == y.high && x.low == y.low);
}

static void trims(void **state)
{
    (void)state;
    assert_true(str_is(count_trim(STR(" \t\xc2\xa0 a b\xc2\xa0\r\n"), NULL), "a b"));
    assert_true(str_is(count_trim(STR("..2016."), "."), "2016"));
    assert_int_equal(count_trim(STR(" \xc2\xa0 "), NULL).n, 0);
    assert_int_equal(count_trim((struct str){NULL, 0}, ".").n, 0);
}

static void personal(void **state)
{
    static const char *const is[] = {
        "0101006500006",     "x 0101006500006, y", "J05101234A",    "a.b+c@mail.example.org",
        "+355 69 123 4567",  "0038344123456",      "a@b.co",        "x @ y a@b.me",
        "петар@полиција.мк", "044 123 456",        "069/12-34-567", "(033) 123-456",
        "02/3123-456",       "011 123456",         "067-20-1234"};
    static const char *const is_not[] = {
        "0101006500007", "3213006500006", "01010065000061",  "RS_KZ_2005:246",
        "2024-01-31",    "X99991234A",    "@example.org",    "a@b",
        "+38344",        "0012",          "Vjedhje e rëndë", "12345678",
        "a@b.c",         "@b.com",        "044123456",       "01-02-2024",
        "05/03/2024",    "01 02 03 04",   "0101-0203",       "0701 90 50",
        "2024/12-3456",  "010-019",       "0,123 456 789",   "011.123456"};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(is); i++)
        assert_non_null(personal_text(str_of(is[i])));
    for (size_t i = 0; i < ARRAY_LEN(is_not); i++)
        assert_null(personal_text(str_of(is_not[i])));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dates),       cmocka_unit_test(date_formats), cmocka_unit_test(cells),
        cmocka_unit_test(identifiers), cmocka_unit_test(hashes),       cmocka_unit_test(trims),
        cmocka_unit_test(personal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
