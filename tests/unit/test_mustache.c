/* test_mustache.c — what the official cases do not say: strict names, limits, places of faults. */
#include <setjmp.h>
#include <stdarg.h>

#include "base.h"

#include <cmocka.h>

#include "lib/mustache.h"

struct result {
    int rc;
    char text[512];
    struct err e;
};

static int partial(void *ctx, struct str name, struct str *ret, const char **ret_name,
                   struct err *e)
{
    (void)ctx;
    (void)e;
    *ret_name = "loop.mustache";
    if (str_is(name, "loop"))
        *ret = STR("x{{>loop}}");
    else if (str_is(name, "row"))
        *ret = STR("<{{name}}>\n");
    else
        return 0;
    return 1;
}

static struct result render(const char *source, const char *data, bool strict, size_t max)
{
    struct result r = {0};
    struct json *j = NULL;
    assert_int_equal(js_parse(&j, str_of(data), "data", &r.e), 0);
    struct buf out;
    buf_init(&out, max);
    struct mustache_options o = {.partial = partial, .strict = strict};
    r.rc = mustache_render(&out, str_of(source), "t.mustache", j, &o, &r.e);
    if (r.rc == 0)
        r.rc = buf_ok(&out, "the page", &r.e);
    snprintf(r.text, sizeof r.text, "%s", buf_z(&out));
    buf_free(&out);
    js_free(j);
    return r;
}

static void expect(const char *source, const char *data, const char *want)
{
    struct result r = render(source, data, true, 4096);
    assert_string_equal(r.e.text, "");
    assert_int_equal(r.rc, 0);
    assert_string_equal(r.text, want);
}

static void fails(const char *source, const char *data, const char *id, const char *place)
{
    struct result r = render(source, data, true, 4096);
    assert_true(r.rc < 0);
    assert_string_equal(r.e.id, id);
    assert_string_equal(r.e.place, place);
}

static void test_values(void **state)
{
    (void)state;
    expect("{{a}} {{{a}}} {{&a}}", "{\"a\":\"<'&\\\">\"}",
           "&lt;&#39;&amp;&quot;&gt; <'&\"> <'&\">");
    expect("{{n}} {{m}}", "{\"n\":1.50,\"m\":0}", "1.50 0");
    expect("{{a.b.c}}", "{\"a\":{\"b\":{\"c\":\"x\"}}}", "x");
    expect("{{#l}}{{.}};{{/l}}", "{\"l\":[1,2]}", "1;2;");
    expect("{{#l}}{{>row}}{{/l}}", "{\"l\":[{\"name\":\"a\"},{\"name\":\"b\"}]}", "<a>\n<b>\n");
}

/* Zero is a figure and counts as true; an empty text does not. */
static void test_truth(void **state)
{
    (void)state;
    expect("{{#n}}figure {{.}}{{/n}}{{^n}}none{{/n}}", "{\"n\":0}", "figure 0");
    expect("{{^s}}none{{/s}}{{#s}}some{{/s}}", "{\"s\":\"\"}", "none");
    expect("{{^s}}none{{/s}}{{#s}}some{{/s}}", "{\"s\":null}", "none");
}

static void test_strict(void **state)
{
    (void)state;
    fails("a\n {{b}}", "{\"a\":1}", "MUS-010", "t.mustache:2:2");
    fails("{{#b}}{{/b}}", "{}", "MUS-010", "t.mustache:1:1");
    fails("{{a.b}}", "{\"a\":{}}", "MUS-010", "t.mustache:1:1");
    fails("{{a}}", "{\"a\":[1]}", "MUS-011", "t.mustache:1:1");
    fails("\n{{>none}}", "{}", "MUS-008", "t.mustache:2:1");
    struct result r = render("[{{b}}{{#c}}x{{/c}}{{>none}}]", "{}", false, 4096);
    assert_int_equal(r.rc, 0);
    assert_string_equal(r.text, "[]");
}

static void test_faults(void **state)
{
    (void)state;
    fails("ab {{x", "{}", "MUS-001", "t.mustache:1:4");
    fails("{{=x=}}", "{}", "MUS-002", "t.mustache:1:1");
    fails("{{#a}}\n{{/b}}", "{\"a\":1}", "MUS-003", "t.mustache:2:1");
    fails("{{/b}}", "{}", "MUS-003", "t.mustache:1:1");
    fails("\n\n{{#a}}", "{\"a\":1}", "MUS-006", "t.mustache:3:1");
    fails("{{ }}", "{}", "MUS-005", "t.mustache:1:1");
}

static void test_limits(void **state)
{
    (void)state;
    fails("{{>loop}}", "{}", "MUS-007", "loop.mustache:1:2");
    struct result r = render("{{#l}}0123456789{{/l}}", "{\"l\":[1,2,3,4,5]}", true, 20);
    assert_int_equal(r.rc, -RC_DATA);
    assert_string_equal(r.e.id, "BUF-001");
    char deep[1024] = "";
    for (size_t i = 0; i < 70; i++)
        snprintf(deep + i * 6, sizeof deep - i * 6, "{{#a}}");
    struct result d = render(deep, "{\"a\":1}", true, 100);
    assert_string_equal(d.e.id, "MUS-004");
}

static void test_folders(void **state)
{
    (void)state;
    struct str text = {0};
    const char *name = NULL;
    struct err e = {0};
    const char *folders[] = {"."};
    struct mustache_folders m = {.folders = folders, .n = 1};
    assert_int_equal(mustache_from_folders(&m, STR("../x"), &text, &name, &e), -RC_CONFIG);
    assert_string_equal(e.id, "MUS-009");
    err_clear(&e);
    assert_int_equal(mustache_from_folders(&m, STR("/etc/passwd"), &text, &name, &e), -RC_CONFIG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values), cmocka_unit_test(test_truth),
        cmocka_unit_test(test_strict), cmocka_unit_test(test_faults),
        cmocka_unit_test(test_limits), cmocka_unit_test(test_folders),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
