/* test_jscan.c — the JSON tokenizer: what the grammar allows and refuses, places, limits, repeated
 * keys, and that portions of any size give the same tokens. */
#include "unit.h"

#include "lib/buf.h"
#include "lib/jscan.h"

/* Tokens as text: kind, place and what they say. */
static int tokens(struct str json, uint64_t seed, struct buf *b, struct err *e)
{
    struct source *src CLEANUP(source_closep) = test_source(json, seed, seed ? 3 : 0);
    struct jscan *j = jscan_open(src, &(struct jscan_limits){5, 40, 50});
    struct jscan_token k;
    int rc;
    while ((rc = jscan_next(j, &k, e)) > 0)
        buf_fmt(b, "%c%zu:%zu(%.*s) ", "ntf0skoae"[k.kind], k.place.line, k.place.col,
                STR_ARG(k.text));
    jscan_close(j);
    return rc;
}

static void expect(const char *json, const char *want)
{
    for (uint64_t seed = 0; seed < 4; seed++) {
        struct err e = {.rc = RC_OK};
        struct buf b CLEANUP(buf_free) = {.max = 65536};
        int rc = tokens(str_of(json), seed, &b, &e);
        if (rc < 0)
            buf_fmt(&b, "%s %s", e.id, e.place);
        assert_string_equal(buf_z(&b), want);
    }
}

static void test_tokens(void **state)
{
    (void)state;
    expect(" {\"a\" : [1, -2.50e+3,\n null],\"b\":{}} ",
           "o1:2() k1:3(a) a1:9() 01:10(1) 01:13(-2.50e+3) n2:2(null) e2:6() k2:8(b) o2:12() "
           "e2:13() e2:14() ");
    expect("\"\\u0041\\ud83d\\ude00\\n\xc3\xa9\"", "s1:1(A\xf0\x9f\x98\x80\n\xc3\xa9) ");
    expect("[]", "a1:1() e1:2() ");
    expect("true", "t1:1(true) ");
}

static void test_refused(void **state)
{
    (void)state;
    expect("[1,]", "a1:1() 01:2(1) JSCAN-001 t.csv:1:4");
    expect("{\"a\":1,}", "o1:1() k1:2(a) 01:6(1) JSCAN-001 t.csv:1:8");
    expect("[01]", "a1:1() 01:2(0) JSCAN-001 t.csv:1:3");
    expect("[1.]", "a1:1() JSCAN-001 t.csv:1:4");
    expect("nul", "JSCAN-007 t.csv:1:4");
    expect("\"\\ud800\"", "JSCAN-002 t.csv:1:2");
    expect("\"\\udc00\"", "JSCAN-002 t.csv:1:2");
    expect("\"\\x\"", "JSCAN-001 t.csv:1:3");
    expect("\"\x01\"", "JSCAN-008 t.csv:1:2");
    expect("\"\xc0\xaf\"", "JSCAN-002 t.csv:1:2");
    expect("\"\xed\xa0\x80\"", "JSCAN-002 t.csv:1:2");
    expect("1 2", "01:1(1) JSCAN-001 t.csv:1:3");
    expect("", "JSCAN-007 t.csv:1:1");
    expect("{1:2}", "o1:1() JSCAN-001 t.csv:1:2");
    expect("[[[[[[", "a1:1() a1:2() a1:3() a1:4() a1:5() JSCAN-003 t.csv:1:6");
    expect("\"12345678901234567890123456789012345678901234567890\"", "JSCAN-004 t.csv:1:1");
    expect("{\"a\":{\"a\":1},\"a\":2}",
           "o1:1() k1:2(a) o1:6() k1:7(a) 01:11(1) e1:12() JSCAN-005 t.csv:1:14");
}

/* The same key late in an object of many, and more keys than allowed. */
static void test_many_keys(void **state)
{
    (void)state;
    for (int same = 0; same < 2; same++) {
        struct err e = {.rc = RC_OK};
        struct buf b CLEANUP(buf_free) = {.max = 65536}, out CLEANUP(buf_free) = {.max = 65536};
        buf_char(&b, '{');
        for (int i = 0; i < 40 + 20 * !same; i++)
            buf_fmt(&b, "\"k%d\":%d,", i, i);
        buf_text(&b, "\"k3\":0}");
        assert_int_equal(tokens(buf_view(&b), 0, &out, &e), -RC_DATA);
        assert_string_equal(e.id, same ? "JSCAN-005" : "JSCAN-006");
    }
}

static void test_skip_and_seek(void **state)
{
    (void)state;
    static const char text[] = "{\"a\":[1,{\"x\":[2]}],\n\"b\":[3,4]}";
    struct source *src CLEANUP(source_closep) =
        source_memory(STR("{\"a\":[1,{\"x\":[2]}],\n\"b\":[3,4]}"), "s");
    struct jscan *j CLEANUP(jscan_closep) = jscan_open(src, NULL);
    struct jscan_token t;
    struct err e = {.rc = RC_OK};
    assert_int_equal(jscan_next(j, &t, &e), 1);
    assert_int_equal(jscan_next(j, &t, &e), 1);
    assert_int_equal(jscan_next(j, &t, &e), 1);
    assert_int_equal(t.kind, JSCAN_ARRAY);
    assert_int_equal(jscan_skip(j, &t, &e), 0);
    assert_int_equal(jscan_next(j, &t, &e), 1);
    assert_true(str_is(t.text, "b"));
    assert_int_equal(jscan_next(j, &t, &e), 1);
    struct jscan_place at = t.place;
    assert_int_equal(at.line, 2);
    struct source *rest CLEANUP(source_closep) = source_memory(str_of(text + at.at), "s");
    jscan_seek(j, rest, at);
    assert_int_equal(jscan_next(j, &t, &e), 1);
    assert_int_equal(t.kind, JSCAN_ARRAY);
    assert_int_equal(jscan_next(j, &t, &e), 1);
    assert_true(str_is(t.text, "3"));
    assert_int_equal(t.place.col, 6);
    assert_int_equal(jscan_next(j, &t, &e), 1);
    assert_int_equal(jscan_next(j, &t, &e), 1);
    assert_int_equal(t.kind, JSCAN_END);
    assert_int_equal(jscan_next(j, &t, &e), 0);
}

/* Every byte of a small document replaced by every other: an answer, never a crash. */
static void test_flipped(void **state)
{
    (void)state;
    static const char text[] = "{\"a\":[1.5,\"\\u00e9\xc3\xa9\",null],\"b\":{\"c\":true}}";
    for (size_t i = 0; i + 1 < sizeof text; i++)
        for (int c = 0; c < 256; c++) {
            char copy[sizeof text];
            struct err e = {.rc = RC_OK};
            struct buf b CLEANUP(buf_free) = {.max = 65536};
            memcpy(copy, text, sizeof text);
            copy[i] = (char)c;
            int rc = tokens((struct str){copy, sizeof text - 1}, 0, &b, &e);
            assert_true(rc == 0 || (rc == -RC_DATA && e.place[0]));
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tokens),    cmocka_unit_test(test_refused),
        cmocka_unit_test(test_many_keys), cmocka_unit_test(test_skip_and_seek),
        cmocka_unit_test(test_flipped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
