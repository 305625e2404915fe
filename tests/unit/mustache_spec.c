/* mustache_spec.c — runs the official Mustache cases: mustache_spec FOLDER, where FOLDER holds the
 * specification's *.json. Files of optional modules ("~…") are left aside. Prints one line a failed
 * case and the sum; ends with 1 when one failed or none was found. */
#include "lib/mustache.h"

#include <glob.h>

#include "arena.h"

static int partial(void *ctx, struct str name, struct str *ret, const char **ret_name,
                   struct err *e)
{
    (void)e;
    char key[64];
    snprintf(key, sizeof key, "%.*s", STR_ARG(name));
    const struct json *p = ctx ? js_get(ctx, key) : NULL;
    if (!p)
        return 0;
    *ret = js_str(p);
    *ret_name = "partial";
    return 1;
}

static bool run(const char *file, const struct json *test)
{
    struct err e = {0};
    struct buf out;
    buf_init(&out, 1 << 20);
    struct mustache_options o = {.partial = partial, .ctx = js_get(test, "partials")};
    int rc = mustache_render(&out, js_str(js_get(test, "template")), "template",
                             js_get(test, "data"), &o, &e);
    struct str want = js_str(js_get(test, "expected"));
    bool ok = rc == 0 && str_eq(buf_view(&out), want);
    if (!ok)
        printf("FAILED %s: %.*s\n  want: %.*s\n  got:  %s\n  %s\n", file,
               STR_ARG(js_str(js_get(test, "name"))), STR_ARG(want), buf_z(&out), e.text);
    buf_free(&out);
    return ok;
}

int main(int argc, char **argv)
{
    if (argc != 2)
        return fprintf(stderr, "usage: mustache_spec FOLDER\n"), 64;
    char pattern[4096];
    snprintf(pattern, sizeof pattern, "%s/[a-z]*.json", argv[1]);
    glob_t g = {0};
    size_t good = 0, all = 0;
    if (glob(pattern, 0, NULL, &g) != 0)
        return fprintf(stderr, "no cases in %s\n", argv[1]), 1;
    for (size_t i = 0; i < g.gl_pathc; i++) {
        struct err e = {0};
        struct json *doc = NULL;
        if (js_parse_file(&doc, g.gl_pathv[i], &e) < 0)
            return fprintf(stderr, "%s: %s\n", e.place, e.text), 1;
        const struct json *tests = js_get(doc, "tests");
        for (size_t k = 0; k < js_count(tests); k++, all++)
            good += run(g.gl_pathv[i], js_at(tests, k));
        js_free(doc);
    }
    globfree(&g);
    printf("%zu of %zu official Mustache cases pass\n", good, all);
    return good == all && all ? 0 : 1;
}
