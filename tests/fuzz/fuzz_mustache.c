/* fuzz_mustache.c — any bytes as a template: filled or refused with a place, and never beyond the
 * size that the buffer has. A partial is the template itself, so that circles are met. Built with
 * -fsanitize=fuzzer.
 * Covers: lib/mustache.c lib/mustache_parse.c */
#include "lib/mustache.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int itself(void *ctx, struct str name, struct str *ret, const char **ret_name, struct err *e)
{
    (void)e;
    *ret = *(const struct str *)ctx;
    *ret_name = "partial";
    return name.n == 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char text[] = "{\"a\":\"<x & 'y'>\",\"b\":[{\"c\":1},{\"c\":2,\"a\":\"\"}],"
                               "\"d\":{\"e\":{\"f\":true}},\"n\":null,\"z\":0,\"l\":[]}";
    static struct json *json;
    struct err e = {.rc = RC_OK};
    if (!json && js_parse(&json, str_of(text), "data", &e) < 0)
        abort();
    if (!size)
        return 0;
    struct str template = {(const char *)data + 1, size - 1};
    const struct mustache_options o = {
        .partial = itself, .ctx = &template, .strict = data[0] & 1, .depth = 8};
    struct buf b;
    buf_init(&b, 1 << 20);
    int rc = mustache_render(&b, template, "fuzz", json, &o, &e);
    if (b.n > b.max || (rc < 0 && (!e.id[0] || !e.place[0] || e.rc == RC_BUG)))
        abort();
    buf_free(&b);
    return 0;
}
