/* test_pattern.c — declared patterns for names and markers; day numbers of spreadsheets; numbers
 * cut to the digits that are meant. */
#include "unit.h"

#include "ingest/pattern.h"
#include "ingest/read_desk.h"
#include "ingest/serial.h"
#include "lib/binary64.h"

/* What the captures are, joined by '|'; "-" when the text does not fit. */
static void fits(const char *pattern, const char *text, const char *want)
{
    struct pattern_capture c[PATTERN_CAPTURES];
    char got[400] = "";
    size_t n, at = 0;
    if (!pattern_match(pattern, str_of(text), c, &n)) {
        assert_string_equal("-", want);
        return;
    }
    for (size_t i = 0; i < n; i++)
        at += (size_t)snprintf(got + at, sizeof got - at, "%s%.*s=%.*s", i ? "|" : "",
                               STR_ARG(c[i].name), STR_ARG(c[i].text));
    assert_string_equal(got, want);
}

static void test_patterns(void **state)
{
    (void)state;
    fits("Viti {T}", "Viti 2024", "T=2024");
    fits("Viti {T}", "Viti ", "-");
    fits("Viti {T}", "viti 2024", "-");
    fits("{A} - {B} (*)", "x - y (z)", "A=x|B=y");
    fits("{A}-{B}", "1-2-3", "A=1|B=2-3");
    fits("*{}.csv", "a.csv", "=a");
    fits("Total*", "Total", "");
    fits("Total*", "Totals of all", "");
    fits("*", "", "");
    fits("abc", "abc", "");
    fits("abc", "abcd", "-");
    fits("{}ab", "ab", "-");
    fits("*a", "aaa", "");
    fits("{T}.csv", "a.csv.csv", "T=a.csv");
    fits("a*b*c", "a-b-b-c", "");
    fits("a*b*c", "a-c-b", "-");
    assert_null(pattern_fault("a{X}b*c"));
    assert_non_null(pattern_fault(""));
    assert_non_null(pattern_fault("a{X"));
    assert_non_null(pattern_fault("*{X}"));
    assert_true(pattern_names("a {TIME} b", "TIME"));
    assert_false(pattern_names("a {TIMES}", "TIME"));
    assert_false(pattern_names(NULL, "TIME"));
}

static void day(const char *number, bool mac, const char *want)
{
    char text[SERIAL_TEXT_MAX];
    size_t n;
    bool ok = serial_date(str_of(number), mac, text, &n);
    assert_int_equal(ok, want != NULL);
    if (want)
        assert_memory_equal(text, want, strlen(want) + 1);
}

static void test_serials(void **state)
{
    (void)state;
    day("1", false, "1900-01-01");
    day("59", false, "1900-02-28");
    day("60", false, "1900-02-29");
    day("61", false, "1900-03-01");
    day("43831", false, "2020-01-01");
    day("43890", false, "2020-02-29");
    day("2958465", false, "9999-12-31");
    day("2958466", false, NULL);
    day("0", true, "1904-01-01");
    day("42369", true, "2020-01-01");
    day("42034.7395833333", false, "2015-01-30T17:45:00");
    day("0.5", false, "12:00:00");
    day("4.3831E4", false, "2020-01-01");
    day("1.99999999", false, "1900-01-02T00:00:00");
    day("-1", false, NULL);
    day("x", false, NULL);
    assert_true(format_of_code(STR("[$-409]d/m/yy;@")).date);
    assert_true(format_of_code(STR("[h]:00")).date);
    assert_false(format_of_code(STR("General")).date);
    assert_false(format_of_code(STR("#,##0.00 \"days\"")).date);
    assert_false(format_of_code(STR("[Red]0.00E+00;dd")).date);
    assert_false(format_of_code(STR("0\\d_m*y")).date);
    assert_true(format_of_id(14).date && !format_of_id(0).date && !format_of_id(49).date);
}

static void shows(const char *code, bool percent, unsigned commas, unsigned zeros)
{
    struct number_format f = format_of_code(str_of(code));
    assert_int_equal(f.percent, percent);
    assert_int_equal(f.commas, commas);
    assert_int_equal(f.zeros, zeros);
}

static void test_formats(void **state)
{
    (void)state;
    shows("0.0%", true, 0, 0);
    shows("0.0\"%\"", false, 0, 0);
    shows("#,##0", false, 0, 0);
    shows("#,##0,", false, 1, 0);
    shows("0.0,,\" Mio\"", false, 2, 0);
    shows("00000", false, 0, 5);
    shows("00000;-0%", false, 0, 5);
    shows("0", false, 0, 0);
    shows("000.00", false, 0, 0);
    shows(",0", false, 0, 0);
    shows("yyyy%", false, 0, 0);
    assert_true(format_of_id(9).percent && format_of_id(10).percent && !format_of_id(11).percent);
}

static void binary(uint64_t bits, bool hundredths, const char *want)
{
    char text[BINARY64_TEXT_MAX];
    assert_int_equal(binary64_text(bits, hundredths, text), strlen(want));
    assert_string_equal(text, want);
}

static void test_binary(void **state)
{
    (void)state;
    binary(0x3fb999999999999a, false, "0.1");
    binary(0x3fd3333333333334, false, "0.30000000000000004");
    binary(0x4093480000000000, false, "1234");
    binary(0x40f8124000000000, true, "985.96");
    binary(0x8000000000000000, false, "-0");
    binary(0x7ff0000000000000, false, "inf");
    binary(0x0000000000000001, false, "5e-324");
}

static void digits(const char *text, int n, const char *want)
{
    struct num v;
    char got[NUM_TEXT_MAX + 1];
    if (!want) {
        assert_int_equal(num_digits(&v, str_of(text), n, NULL), -RC_DATA);
        return;
    }
    assert_int_equal(num_digits(&v, str_of(text), n, NULL), 0);
    got[num_text(v, got)] = '\0';
    assert_string_equal(got, want);
}

static void test_digits(void **state)
{
    (void)state;
    digits("0.30000000000000004", 15, "0.3");
    digits("6.3349597286609993E-2", 15, "0.06334959728661");
    digits("1E-3", 15, "0.001");
    digits("-12.5", 15, "-12.5");
    digits("999.96", 4, "1000");
    digits("1234567", 3, "1230000");
    digits("0.5", 1, "0.5");
    digits("1E-30", 15, "0");
    digits("0", 15, "0");
    digits("123456789012345678", 17, "123456789012345680");
    digits("1.5E+3", 15, "1500");
    digits("1E99", 15, NULL);
    digits("x", 15, NULL);
    digits("1E", 15, NULL);
    digits("", 15, NULL);
}

static void test_refs(void **state)
{
    (void)state;
    char ref[CELL_REF_MAX];
    (void)cell_ref(ref, 1048576, 16384);
    assert_string_equal(ref, "XFD1048576");
    (void)cell_ref(ref, 4, 27);
    assert_string_equal(ref, "AA4");
    (void)cell_ref(ref, 9, 0);
    assert_string_equal(ref, "9");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_patterns), cmocka_unit_test(test_serials),
        cmocka_unit_test(test_formats),  cmocka_unit_test(test_binary),
        cmocka_unit_test(test_digits),   cmocka_unit_test(test_refs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
