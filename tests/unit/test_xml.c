/* test_xml.c — XML as a stream: tags, attributes, namespaces, texts in one piece whatever the
 * portions; document types, depth, length and broken documents refused with their place. */
#include "unit.h"

#include "lib/bounds.h"
#include "lib/buf.h"
#include "lib/xml.h"

static int on_start(void *to, struct xml *x, const struct xml_tag *t, struct err *e)
{
    struct buf *b = to;
    (void)e;
    buf_fmt(b, "<%.*s%s%.*s", STR_ARG(t->ns), t->ns.n ? "|" : "", STR_ARG(t->name));
    struct xml_tag name;
    struct str value;
    for (size_t i = 0; xml_attr_at(t, i, &name, &value); i++)
        buf_fmt(b, " %.*s=%.*s", STR_ARG(name.name), STR_ARG(value));
    buf_fmt(b, " @%zu:%zu>", xml_line(x), xml_column(x));
    return str_is(t->name, "stop") ? 1 : str_is(t->name, "bad") ? -RC_DATA : 0;
}

static int on_text(void *to, struct xml *x, struct str s, struct err *e)
{
    (void)x, (void)e;
    buf_fmt(to, "[%.*s]", STR_ARG(s));
    return 0;
}

static int on_end(void *to, struct xml *x, const struct xml_tag *t, struct err *e)
{
    (void)x, (void)e;
    buf_fmt(to, "</%.*s %zu>", STR_ARG(t->name), t->depth);
    return 0;
}

static const struct xml_handler handler = {on_start, on_text, on_end};

static int read_all(struct str bytes, size_t most, struct buf *b, struct err *e)
{
    struct source *s = test_source(bytes, 5, most);
    int rc = xml_read(s, &handler, b, e);
    source_close(s);
    return rc;
}

static void gives(const char *text, const char *want)
{
    for (size_t most = 0; most < 4; most++) {
        struct buf b;
        struct err e = {0};
        buf_init(&b, 1 << 20);
        assert_true(read_all(str_of(text), most, &b, &e) >= 0);
        assert_string_equal(buf_z(&b), want);
        buf_free(&b);
    }
}

static void fails(struct str text, const char *id, const char *place)
{
    struct buf b;
    struct err e = {0};
    buf_init(&b, 1 << 24);
    assert_int_equal(read_all(text, 4096, &b, &e), -RC_DATA);
    assert_string_equal(e.id, id);
    if (place)
        assert_string_equal(e.place, place);
    buf_free(&b);
}

static void test_events(void **state)
{
    (void)state;
    gives("<a x='1'><b>t &amp; <![CDATA[<u>]]></b> <c/></a>",
          "<a x=1 @1:1><b @1:10>[t & <u>]</b 2>[ ]<c @1:41></c 2></a 1>");
    gives("<?xml version='1.0' encoding='ISO-8859-1'?>\n<a>\xeb</a>", "<a @2:1>[\xc3\xab]</a 1>");
    gives("<p:a xmlns:p='u:1' p:x='1' x='2'><b xmlns='d'/></p:a>",
          "<u:1|a x=1 x=2 @1:1><d|b @1:34></b 2></a 1>");
    gives("<a>\n<stop/><never/></a>", "<a @1:1>[\n]<stop @2:1>");
}

static int on_attrs(void *to, struct xml *x, const struct xml_tag *t, struct err *e)
{
    (void)x, (void)e;
    const char *const ns[] = {NULL, "*", "u:1", "u:2"};
    for (size_t i = 0; i < ARRAY_LEN(ns); i++) {
        struct str s = xml_attr(t, ns[i], "id");
        buf_fmt(to, "%.*s,", STR_ARG(s));
    }
    return 0;
}

static void test_attributes(void **state)
{
    (void)state;
    struct buf b;
    struct err e = {0};
    const struct xml_handler h = {on_attrs, NULL, NULL};
    struct source *s =
        source_memory(STR("<a xmlns:p='u:1' xmlns:q='u:2' q:id='2' p:id='1' id='0'/>"), "t");
    buf_init(&b, 1 << 10);
    assert_int_equal(xml_read(s, &h, &b, &e), 0);
    assert_string_equal(buf_z(&b), "0,2,1,2,");
    source_close(s);
    buf_free(&b);
}

static void test_refused(void **state)
{
    (void)state;
    fails(STR("<a><b></a>"), "XML-001", "t.csv:1:9");
    fails(STR(""), "XML-001", NULL);
    fails(STR("<a>\n<b"), "XML-001", NULL);
    fails(STR("<a>\xff</a>"), "XML-001", "t.csv:1:4");
    fails(STR("<a>&lol;</a>"), "XML-001", "t.csv:1:4");
    fails(STR("<!DOCTYPE a [<!ENTITY l 'ha'><!ENTITY m '&l;&l;'>]><a>&m;</a>"), "XML-002", NULL);
    fails(STR("<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>"), "XML-002", "t.csv:1:40");
    fails(STR("<?xml version='1.0' encoding='ebcdic'?><a/>"), "XML-001", NULL);
}

static void test_bounds(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 1 << 24);
    for (int i = 0; i < LIMIT_XML_DEPTH + 1; i++)
        buf_text(&b, "<a>");
    fails(buf_view(&b), "XML-003", "t.csv:1:769");
    const char *const heads[] = {"<a>", "<a x='", "<a><!--", "<a><?p "};
    for (size_t k = 0; k < ARRAY_LEN(heads); k++) {
        buf_reset(&b);
        buf_text(&b, heads[k]);
        for (size_t i = 0; i < LIMIT_XML_TEXT + 3 * LIMIT_IO_CHUNK; i++)
            buf_char(&b, 'x');
        fails(buf_view(&b), "XML-004", NULL);
    }
    buf_free(&b);
}

static void test_errors_below(void **state)
{
    (void)state;
    struct buf b;
    struct err e = {0};
    buf_init(&b, 1 << 10);
    assert_int_equal(read_all(STR("<a><bad/></a>"), 0, &b, &e), -RC_DATA);
    struct test_source *t = (struct test_source *)test_source(STR("<a>"), 0, 0);
    t->fail = RC_IO;
    memset(&e, 0, sizeof e);
    assert_int_equal(xml_read(&t->source, &handler, &b, &e), -RC_IO);
    source_close(&t->source);
    buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_events),       cmocka_unit_test(test_attributes),
        cmocka_unit_test(test_refused),      cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_errors_below),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
