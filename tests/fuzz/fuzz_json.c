/* fuzz_json.c — any bytes as JSON: what is accepted is written and read back to the same text, and
 * refusals have a place. Built with -fsanitize=fuzzer (clang).
 * Covers: lib/json.c */
#include "json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct json *j CLEANUP(js_freep) = NULL, *again CLEANUP(js_freep) = NULL;
    struct err e = {.rc = RC_OK};
    struct buf one CLEANUP(buf_free) = {.max = 1 << 24}, two CLEANUP(buf_free) = {.max = 1 << 24};
    if (js_parse(&j, (struct str){(const char *)data, size}, "fuzz", &e) < 0) {
        if (e.rc != RC_DATA || !e.place[0])
            abort();
        return 0;
    }
    js_write(&one, j, false);
    if (js_parse(&again, buf_view(&one), "again", NULL) < 0)
        abort();
    js_write(&two, again, false);
    if (!str_eq(buf_view(&one), buf_view(&two)))
        abort();
    return 0;
}
