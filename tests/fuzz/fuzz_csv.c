/* fuzz_csv.c — libFuzzer target: the best scanner and the byte-at-a-time twin must give the same
 * rows and the same faults. The first byte picks the dialect and the size of the portions.
 * Covers: lib/csv.c lib/csv_scan.c */
#include "lib/csv.h"
#include "lib/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

struct portions {
    struct source source;
    struct str left;
    size_t most;
};

static ssize_t portion(struct source *s, char *p, size_t n, struct err *e)
{
    (void)e;
    struct portions *x = (struct portions *)s;
    size_t k = x->left.n < x->most ? x->left.n : x->most;
    k = k < n ? k : n;
    if (k)
        memcpy(p, x->left.p, k);
    x->left = str_cut(x->left, k);
    return (ssize_t)k;
}

static void must(bool ok)
{
    if (!ok)
        abort();
}

static void same_row(const struct csv_row *a, const struct csv_row *b)
{
    must(a->n == b->n && a->line == b->line && str_eq(a->raw, b->raw));
    for (size_t i = 0; i < a->n; i++)
        must(str_eq(a->cell[i], b->cell[i]) && a->quoted[i] == b->quoted[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    if (n == 0)
        return 0;
    struct csv_dialect d = {.sep = data[0] & 1 ? ';' : ',', .quote = data[0] & 2 ? '\0' : '"'};
    d.cr_only = data[0] & 4;
    d.lazy_quotes = data[0] & 8;
    d.max_row = data[0] & 16 ? 70 : 0;
    struct str bytes = {(const char *)data + 1, n - 1};
    struct portions x = {{portion, NULL, "x"}, bytes, 1 + (size_t)(data[0] >> 5) * 37};
    struct portions y = {{portion, NULL, "x"}, bytes, 65536};
    struct csv_reader *a = csv_open(&x.source, &d);
    d.scalar = true;
    struct csv_reader *b = csv_open(&y.source, &d);
    struct csv_row one, two;
    struct err e = {0}, f = {0};
    int rc;
    while ((rc = csv_next(a, &one, &e)) > 0) {
        must(csv_next(b, &two, &f) == 1);
        same_row(&one, &two);
    }
    must(csv_next(b, &two, &f) == rc);
    must(strcmp(e.id, f.id) == 0 && strcmp(e.place, f.place) == 0 && strcmp(e.id, "CSV-009") != 0);
    csv_close(a);
    csv_close(b);
    return 0;
}
