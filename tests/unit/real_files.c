/* real_files.c — reads published conformance files with the product's own readers:
 *   real_files csv FOLDER   csv-spectrum: csvs/X.csv must hold what json/X.json says; but
 *                           location_coordinates has quotes inside unquoted fields and another
 *                           telephone number than its JSON, and must be refused, and
 *                           newlines_crlf comes without the CR that its JSON still has
 *   real_files sdmx FOLDER  the examples of the SDMX-CSV field guide: all read, but 18, whose rows
 *                           have a field more than its header, as published
 *   real_files json FOLDER  JSONTestSuite: every y_ accepted and every n_ refused by both of our
 *                           JSON readers, the tree (json.h) and the tokens (jscan.h); i_ may be
 *                           either, but must end. Exceptions: a key twice is refused by both,
 *                           since readers differ in which value they take; the tree refuses a NUL
 *                           inside a text, since no manifest or receipt of ours can hold one
 * Prints one line a fault and the sum; ends with 1 when something was not as it should be. */
#include <glob.h>
#include <stdio.h>
#include <string.h>

#include "csv.h"
#include "jscan.h"
#include "json.h"
#include "mem.h"
#include "sdmx.h"

#define COLUMNS_MAX 16

/* Equal, a CR before a line end in the expected text not counted. */
static bool same_text(struct str want, struct str got)
{
    size_t k = 0;
    for (size_t i = 0; i < want.n; i++) {
        if (want.p[i] == '\r' && i + 1 < want.n && want.p[i + 1] == '\n')
            continue;
        if (k == got.n || got.p[k++] != want.p[i])
            return false;
    }
    return k == got.n;
}

static bool same_row(const struct csv_row *row, char names[][64], size_t n, const struct json *want)
{
    if (row->n != n || js_count(want) != n)
        return false;
    for (size_t i = 0; i < n; i++) {
        const struct json *v = js_get(want, names[i]);
        if (!v || !same_text(js_str(v), row->cell[i]))
            return false;
    }
    return true;
}

static bool read_csv(struct source *src, const struct json *want, struct err *e)
{
    struct csv_reader *r = csv_open(src, &(struct csv_dialect){.sep = ',', .quote = '"'});
    struct csv_row row;
    char names[COLUMNS_MAX][64];
    size_t n = 0, rows = 0;
    bool ok = csv_next(r, &row, e) == 1 && row.n <= COLUMNS_MAX;
    for (; ok && n < row.n; n++)
        snprintf(names[n], sizeof names[n], "%.*s", STR_ARG(row.cell[n]));
    int rc = 0;
    while (ok && (rc = csv_next(r, &row, e)) == 1)
        ok = same_row(&row, names, n, js_at(want, rows++));
    csv_close(r);
    return ok && rc == 0 && rows == js_count(want);
}

static bool csv_case(const char *path)
{
    char json[4096];
    const char *name = strrchr(path, '/') + 1;
    snprintf(json, sizeof json, "%.*s/../json/%.*s.json", (int)(name - path), path,
             (int)(strlen(name) - 4), name);
    struct err e = {0};
    struct source *src = NULL;
    struct json *want = NULL;
    bool ok = js_parse_file(&want, json, &e) >= 0 && source_open(&src, path, &e) >= 0 &&
              read_csv(src, want, &e);
    if (strcmp(name, "location_coordinates.csv") == 0 && *e.id) {
        printf("refused, as it should be: %s %s [%s]\n", e.place, e.text, e.id);
        ok = true;
    }
    if (!ok)
        printf("FAILED %s: %s %s\n", name, e.place, e.text);
    if (src)
        source_close(src);
    js_free(want);
    return ok;
}

static int read_sdmx(struct source *src, struct err *e)
{
    struct sdmx_reader *r = NULL;
    int rc = sdmx_open(&r, src, &(struct sdmx_options){.unsealed = true}, e);
    struct sdmx_row row;
    while (rc >= 0 && (rc = sdmx_next(r, &row, e)) == 1)
        ;
    sdmx_close(r);
    return rc;
}

static bool sdmx_case(const char *path)
{
    const char *name = strrchr(path, '/') + 1;
    bool refuse = strncmp(name, "18-", 3) == 0;
    struct err e = {0};
    struct source *src = NULL;
    int rc = source_open(&src, path, &e);
    if (rc >= 0)
        rc = read_sdmx(src, &e);
    if (src)
        source_close(src);
    bool ok = refuse ? rc < 0 && strcmp(e.id, "SDMX-004") == 0 : rc == 0;
    if (!ok)
        printf("FAILED %s: %s %s [%s]\n", name, e.place, e.text, e.id);
    else if (refuse)
        printf("refused, as it should be: %s %s [%s]\n", e.place, e.text, e.id);
    return ok;
}

static int read_tokens(const char *path, struct err *e)
{
    struct source *src CLEANUP(source_closep) = NULL;
    struct jscan_token t;
    int rc = source_open(&src, path, e);
    if (rc < 0)
        return rc;
    struct jscan *j CLEANUP(jscan_closep) = jscan_open(src, &(struct jscan_limits){.depth = 512});
    while ((rc = jscan_next(j, &t, e)) == 1)
        ;
    return rc;
}

static bool json_case(const char *path)
{
    const char *name = strrchr(path, '/') + 1;
    struct err tree = {0}, tokens = {0};
    struct json *j CLEANUP(js_freep) = NULL;
    int a = js_parse_file(&j, path, &tree), b = read_tokens(path, &tokens);
    bool twice = strncmp(name, "y_object_duplicated_key", 23) == 0;
    bool nul = strcmp(name, "y_object_escaped_null_in_key.json") == 0 ||
               strcmp(name, "y_string_null_escape.json") == 0;
    bool want = name[0] == 'y' && !twice;
    bool ok = name[0] == 'i' || ((a == 0) == (want && !nul) && (b == 0) == want);
    if (!ok)
        printf("FAILED %s: tree %d %s, tokens %d %s\n", name, a, tree.text, b, tokens.text);
    return ok;
}

static const struct suite {
    const char *word, *files, *what;
    bool (*one)(const char *path);
} suites[] = {
    {"csv", "csvs/*.csv", "cases of csv-spectrum hold", csv_case},
    {"sdmx", "*.csv", "examples of the SDMX-CSV guide are as expected", sdmx_case},
    {"json", "test_parsing/*.json", "files of JSONTestSuite are as expected", json_case},
};

int main(int argc, char **argv)
{
    const struct suite *s = NULL;
    for (size_t i = 0; i < 3 && argc == 3; i++)
        if (strcmp(argv[1], suites[i].word) == 0)
            s = &suites[i];
    if (!s)
        return fprintf(stderr, "usage: real_files csv|sdmx|json FOLDER\n"), 64;
    char pattern[4096];
    snprintf(pattern, sizeof pattern, "%s/%s", argv[2], s->files);
    glob_t g = {0};
    if (glob(pattern, 0, NULL, &g) != 0)
        return fprintf(stderr, "no files %s\n", pattern), 1;
    size_t good = 0, all = g.gl_pathc;
    for (size_t i = 0; i < all; i++)
        good += s->one(g.gl_pathv[i]);
    globfree(&g);
    printf("%zu of %zu %s\n", good, all, s->what);
    return good == all ? 0 : 1;
}
