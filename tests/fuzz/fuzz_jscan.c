/* fuzz_jscan.c — any bytes as JSON tokens: whole and byte by byte give the same answer, refusals
 * have a place, and what the tree takes the tokens take. Built with -fsanitize=fuzzer (clang).
 * Covers: lib/jscan.c */
#include "jscan.h"

#include "json.h"
#include "mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct slow {
    struct source source;
    struct str left;
};

static ssize_t slow_read(struct source *s, char *p, size_t n, struct err *e)
{
    struct slow *w = (struct slow *)s;
    (void)n;
    (void)e;
    if (!w->left.n)
        return 0;
    *p = w->left.p[0];
    w->left = str_cut(w->left, 1);
    return 1;
}

static uint64_t run(struct source *src, int *ret_rc)
{
    struct err e = {.rc = RC_OK};
    struct jscan_token t;
    struct jscan *j CLEANUP(jscan_closep) = jscan_open(src, NULL);
    uint64_t sum = 0;
    int rc;
    while ((rc = jscan_next(j, &t, &e)) > 0) {
        sum = (sum * 31 + (uint64_t)t.kind) * 31 + t.place.at * 7 + t.place.line + t.place.col;
        for (size_t i = 0; i < t.text.n; i++)
            sum = sum * 131 + (unsigned char)t.text.p[i];
    }
    if (rc < 0 && (e.rc != RC_DATA || !e.place[0]))
        abort();
    *ret_rc = rc;
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str s = {(const char *)data, size};
    struct slow w = {{slow_read, NULL, "fuzz"}, s};
    struct source *src CLEANUP(source_closep) = source_memory(s, "fuzz");
    struct json *tree CLEANUP(js_freep) = NULL;
    int a, b;
    uint64_t x = run(src, &a), y = run(&w.source, &b);
    bool bom = size >= 3 && memcmp(data, "\xef\xbb\xbf", 3) == 0;
    if (!bom && (x != y || a != b))
        abort();
    if (a < 0 && js_parse(&tree, s, "fuzz", NULL) == 0 && size < 60)
        abort();
    return 0;
}
