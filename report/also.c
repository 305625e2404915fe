/* also.c — writes further formats to files: a report needs each table as HTML, CSV and JSON, and
 * one reading of the stream is enough for all. */
#include "also.h"

#define ALSO_MAX ((size_t)64 << 20)

/* The index of a word among "a|b|c", or -1. */
static int format_of(struct str word, const char *words)
{
    int i = 0;
    for (struct str rest = str_of(words); rest.n; i++) {
        const char *bar = memchr(rest.p, '|', rest.n);
        struct str one = {rest.p, bar ? (size_t)(bar - rest.p) : rest.n};
        if (str_eq(one, word))
            return i;
        rest = str_cut(rest, one.n + (bar != NULL));
    }
    return -1;
}

static int to_file(const struct also *a, int to, const char *path, struct err *e)
{
    struct buf b;
    buf_init(&b, ALSO_MAX);
    a->write(&b, a->ctx, to);
    int rc = buf_ok(&b, path, e);
    if (rc >= 0)
        rc = file_write(path, buf_view(&b), e);
    buf_free(&b);
    return rc;
}

static int to_files(const struct also *a, const struct opt_list *list, struct err *e)
{
    int rc = 0;
    for (size_t i = 0; i < list->n && rc >= 0; i++) {
        const char *arg = list->items[i], *eq = strchr(arg, '=');
        int to = eq ? format_of((struct str){arg, (size_t)(eq - arg)}, a->words) : -1;
        if (to < 0 || !eq[1]) {
            err_set(e, RC_USAGE, "ALSO-001", "--also wants FORMAT=FILE, not '%s'", arg);
            return err_hint(e, "formats are %s", a->words);
        }
        rc = to_file(a, to, eq + 1, e);
    }
    return rc;
}

int also_write(const struct also *a, int to, struct out *out, const struct opt_list *list,
               struct err *e)
{
    struct buf b;
    buf_init(&b, ALSO_MAX);
    a->write(&b, a->ctx, to);
    int rc = buf_ok(&b, a->what, e);
    if (rc >= 0)
        rc = to_files(a, list, e);
    if (rc >= 0)
        out_str(out, buf_view(&b));
    buf_free(&b);
    return rc;
}
