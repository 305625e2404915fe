/* test_json.c — numbers keep their spelling, texts can never pass for numbers, places are those of
 * the file and not of the marked copy. */
#include "lib/json.h"
#include "lib/io.h"

#include <setjmp.h>
#include <stdarg.h>
#include <unistd.h>
#include <cmocka.h>

static void round_trip(const char *in, const char *out)
{
    struct json *j CLEANUP(js_freep) = NULL;
    struct err e = {0};
    struct buf b;
    buf_init(&b, 1 << 16);
    if (js_parse(&j, str_of(in), "t.json", &e) < 0)
        fail_msg("%s: %s", in, e.text);
    js_write(&b, j, false);
    assert_string_equal(buf_z(&b), out);
    buf_free(&b);
}

static void test_round_trip(void **state)
{
    (void)state;
    round_trip(" { \"b\" : 1 , \"a\" : [ true, false, null ] } ",
               "{\"b\":1,\"a\":[true,false,null]}");
    round_trip("[0.10,-0,1e5,1E-400,123456789012345678901234567890.5]",
               "[0.10,-0,1e5,1E-400,123456789012345678901234567890.5]");
    round_trip("\"1.5 \\\"2\\\" \\\\\"", "\"1.5 \\\"2\\\" \\\\\"");
    round_trip("[]", "[]");
    round_trip("{}", "{}");
    round_trip("-12", "-12");
    round_trip("\"\\u0160\\n\\t<\"", "\"\xc5\xa0\\n\\u0009\\u003c\"");
    round_trip("\"\\ud83d\\ude00\"", "\"\xf0\x9f\x98\x80\"");
}

static void test_refused(void **state)
{
    (void)state;
    static const struct {
        const char *in, *id, *place;
    } bad[] = {
        {"", "JSON-001", "t:1:1"},        {"{\"a\":1,\"a\":2}", "JSON-001", NULL},
        {"[1] x", "JSON-001", "t:1:6"},   {"[01]", "JSON-001", NULL},
        {"[+1]", "JSON-001", NULL},       {"[1.]", "JSON-001", NULL},
        {"[.5]", "JSON-001", NULL},       {"[1e]", "JSON-001", NULL},
        {"[-]", "JSON-001", NULL},        {"[1.5.2]", "JSON-001", NULL},
        {"[0x1]", "JSON-001", NULL},      {"{1:2}", "JSON-001", NULL},
        {"[\"\xff\"]", "JSON-001", NULL}, {"[\"\\ud800\"]", "JSON-001", NULL},
        {"[NaN]", "JSON-001", NULL},      {"[1,\n 22, 3.5, oops]", "JSON-001", "t:2:15"},
        {"[\"abc", "JSON-001", NULL},     {"[\"a\",\n\"b\\u0000\"]", "JSON-002", "t:2:3"},
        {"[1,]", "JSON-001", NULL},       {"{\"a\"}", "JSON-001", NULL},
        {"[\"\\", "JSON-001", NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct json *j = NULL;
        struct err e = {0};
        if (js_parse(&j, str_of(bad[i].in), "t", &e) != -RC_DATA)
            fail_msg("accepted: %s", bad[i].in);
        assert_null(j);
        assert_string_equal(e.id, bad[i].id);
        assert_null(strstr(e.text, "u0000"));
        if (bad[i].place)
            assert_string_equal(e.place, bad[i].place);
    }
    struct json *j = NULL;
    assert_int_equal(js_parse(&j, (struct str){"[1\0]", 4}, "t", NULL), -RC_DATA);
    char deep[6001];
    memset(deep, '[', 6000);
    deep[6000] = '\0';
    assert_int_equal(js_parse(&j, str_of(deep), "t", NULL), -RC_DATA);
}

static void test_looking(void **state)
{
    (void)state;
    struct json *j CLEANUP(js_freep) = NULL;
    const char *key = NULL;
    assert_int_equal(
        js_parse(&j, STR("{\"z\":12,\"a\":\"12\",\"l\":[1,2.50,true,false,null]}"), "t", NULL), 0);
    assert_int_equal(js_kind_of(j), JS_OBJECT);
    assert_int_equal(js_count(j), 3);
    assert_int_equal(js_kind_of(js_get(j, "z")), JS_NUMBER);
    assert_int_equal(js_kind_of(js_get(j, "a")), JS_STRING);
    assert_int_equal(js_integer(js_get(j, "z"), -1), 12);
    assert_int_equal(js_integer(js_get(j, "a"), -1), -1);
    assert_int_equal(js_integer(js_get(j, "none"), 7), 7);
    assert_int_equal(js_kind_of(js_get(j, "none")), JS_NULL);
    struct json *l = js_get(j, "l");
    assert_int_equal(js_kind_of(l), JS_ARRAY);
    assert_int_equal(js_count(l), 5);
    assert_true(str_is(js_str(js_at(l, 1)), "2.50"));
    assert_int_equal(js_integer(js_at(l, 1), -1), -1);
    assert_true(str_is(js_str(js_at(l, 2)), "true") && str_is(js_str(js_at(l, 3)), "false"));
    assert_int_equal(js_kind_of(js_at(l, 4)), JS_NULL);
    assert_int_equal(js_str(js_at(l, 4)).n, 0);
    assert_null(js_at(l, 5));
    assert_ptr_equal(js_member(j, 2, &key), l);
    assert_string_equal(key, "l");
    assert_null(js_member(j, 3, &key));
    assert_int_equal(js_count(NULL), 0);
    assert_null(js_get(NULL, "a"));
}

static void test_making(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 4096);
    struct json *j = js_object(), *l = js_array(), *shared = js_text("twice");
    js_push(l, js_share(shared));
    js_push(l, shared);
    js_push(l, js_text(NULL));
    js_push(l, NULL);
    js_push(l, js_int(INT64_MIN));
    js_push(l, js_number(STR("12.50")));
    js_push(l, js_bool(true));
    js_push(l, js_string((struct str){"a\0\xc3(\xed\xa0\x80"
                                      "b\xf4\x90\x80\x80\xe2\x82",
                                      14}));
    js_push(l, js_null());
    js_set(j, "list", l);
    js_set(j, "empty", js_array());
    js_set(j, "o", js_object());
    js_write(&b, j, true);
    assert_string_equal(
        buf_z(&b), "{\n  \"list\": [\n    \"twice\",\n    \"twice\",\n    null,\n    null,\n"
                   "    -9223372036854775808,\n    12.50,\n    true,\n"
                   "    \"a\xef\xbf\xbd\xef\xbf\xbd(\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"
                   "b"
                   "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\",\n"
                   "    null\n  ],\n  \"empty\": [],\n  \"o\": {}\n}");
    js_free(j);
    buf_free(&b);
    js_free(NULL);
}

static void test_quote(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 256);
    js_quote(&b, STR("</script>\"\\\n\r\x01\x7f"));
    assert_string_equal(buf_z(&b), "\"\\u003c/script>\\\"\\\\\\n\\u000d\\u0001\\u007f\"");
    buf_free(&b);
}

static void test_file(void **state)
{
    (void)state;
    char path[] = "/tmp/rta-json-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "{\"a\":0.5}", 9), 9);
    (void)close(fd);
    struct json *j CLEANUP(js_freep) = NULL;
    struct err e = {0};
    assert_int_equal(js_parse_file(&j, path, &e), 0);
    assert_true(str_is(js_str(js_get(j, "a")), "0.5"));
    (void)unlink(path);
    struct json *none = NULL;
    assert_int_equal(js_parse_file(&none, path, &e), -RC_DATA);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip), cmocka_unit_test(test_refused),
        cmocka_unit_test(test_looking),    cmocka_unit_test(test_making),
        cmocka_unit_test(test_quote),      cmocka_unit_test(test_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
