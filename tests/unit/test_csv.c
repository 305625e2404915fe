/* test_csv.c — the CSV reader: rows, faults with their places, and every scanner against the
 * byte-at-a-time twin on generated input, cut into odd portions. */
#include "unit.h"

#include "lib/buf.h"
#include "lib/csv.h"
#include "lib/csv_clean.h"
#include "lib/csv_scan.h"

static const struct csv_dialect rfc = {.sep = ',', .quote = '"'};

static void collect(void *to, const void *p, size_t n) { buf_add(to, p, n); }

/* Everything a reader says about some bytes, as text; what its tap saw is what its rows were. */
static void transcript(struct buf *b, struct str bytes, struct csv_dialect d, uint64_t seed,
                       size_t most)
{
    struct source *s = test_source(bytes, seed, most);
    struct csv_reader *r = csv_open(s, &d);
    struct csv_row row;
    struct err e = {0};
    struct buf tapped, rows;
    int rc;
    buf_init(&tapped, 1 << 24);
    buf_init(&rows, 1 << 24);
    csv_tap(r, collect, &tapped);
    while ((rc = csv_next(r, &row, &e)) > 0) {
        buf_fmt(b, "%zu:", row.line);
        if (row.line % 3 == 0) {
            csv_tap_now(r);
            assert_int_equal(tapped.n, rows.n);
        }
        buf_str(&rows, row.raw);
        for (size_t i = 0; i < row.n; i++) {
            buf_fmt(b, "%zu%c[", csv_column(r, i), row.quoted[i] ? 'q' : 'u');
            buf_str(b, row.cell[i]);
            buf_char(b, ']');
        }
        buf_text(b, "<");
        buf_str(b, row.raw);
        buf_text(b, ">\n");
    }
    buf_fmt(b, "%d %zu %s %s %s", rc, csv_blank(r), e.id, e.place, e.text);
    assert_true(rc < 0 || tapped.n == rows.n);
    assert_memory_equal(buf_z(&tapped), buf_z(&rows), tapped.n);
    buf_free(&tapped);
    buf_free(&rows);
    csv_close(r);
    source_close(s);
}

static void says(const char *bytes, struct csv_dialect d, const char *want)
{
    for (int scalar = 0; scalar < 2; scalar++) {
        struct buf b;
        buf_init(&b, 1 << 20);
        d.scalar = scalar;
        transcript(&b, str_of(bytes), d, 0, 0);
        assert_string_equal(buf_z(&b), want);
        buf_free(&b);
    }
}

static void test_rows(void **state)
{
    (void)state;
    says("", rfc, "0 0   ");
    says("a,b\n1,2\n", rfc, "1:1u[a]3u[b]<a,b\n>\n2:1u[1]3u[2]<1,2\n>\n0 0   ");
    says("a,b\r\n1,2", rfc, "1:1u[a]3u[b]<a,b\r\n>\n2:1u[1]3u[2]<1,2>\n0 0   ");
    says("\xef\xbb\xbf"
         "a\n",
         rfc, "1:1u[a]<a\n>\n0 0   ");
    says(",\n", rfc, "1:1u[]2u[]<,\n>\n0 0   ");
    says("\"\",\n", rfc, "1:1q[]4u[]<\"\",\n>\n0 0   ");
    says("\n\r\na\n\n", rfc, "3:1u[a]<a\n>\n0 3   ");
    says("\"a \"\"b\"\"\",\"c\nd\"\nx\n", rfc,
         "1:1q[a \"b\"]11q[c\nd]<\"a \"\"b\"\"\",\"c\nd\"\n>\n3:1u[x]<x\n>\n0 0   ");
    says("\"a\"\r\n\"b\"", rfc, "1:1q[a]<\"a\"\r\n>\n2:1q[b]<\"b\">\n0 0   ");
    says("\"a\rb\"\n", rfc, "1:1q[a\rb]<\"a\rb\"\n>\n0 0   ");
    says("a\t\"b\n", (struct csv_dialect){.sep = '\t'}, "1:1u[a]3u[\"b]<a\t\"b\n>\n0 0   ");
    says("a;b\rc;d\r", (struct csv_dialect){.sep = ';', .quote = '"', .cr_only = true},
         "1:1u[a]3u[b]<a;b\r>\n2:1u[c]3u[d]<c;d\r>\n0 0   ");
    says("a\"b,\"c\"\n", (struct csv_dialect){.sep = ',', .quote = '"', .lazy_quotes = true},
         "1:1u[a\"b]5q[c]<a\"b,\"c\"\n>\n0 0   ");
}

static void test_faults(void **state)
{
    (void)state;
    says("a\nb\"c\n", rfc,
         "1:1u[a]<a\n>\n-65 0 CSV-002 t.csv:2:2 a quote inside a field that does not begin with "
         "one");
    says("x,\"b\"c\n", rfc, "-65 0 CSV-003 t.csv:1:6 text after the closing quote of a field");
    says("x\ny,\"b\n\nc", rfc,
         "1:1u[x]<x\n>\n-65 0 CSV-004 t.csv:2:3 the quote that is opened here is never closed");
    says("x,\"b\"\"\n\nc", rfc,
         "-65 0 CSV-004 t.csv:1:3 the quote that is opened here is never closed");
    says("a\rb\n", rfc, "-65 0 CSV-005 t.csv:1:2 a carriage return without its line feed");
    says("a\r", rfc, "-65 0 CSV-005 t.csv:1:2 a carriage return without its line feed");
    says("\"a\"\rb\n", rfc, "-65 0 CSV-005 t.csv:1:4 a carriage return without its line feed");
    says("a\rb\n", (struct csv_dialect){.sep = ',', .cr_only = true},
         "1:1u[a]<a\r>\n-65 0 CSV-006 t.csv:2:2 a line feed in a file whose lines end with CR "
         "alone");
    says("a,b,c\n", (struct csv_dialect){.sep = ',', .max_cols = 2},
         "-65 0 CSV-008 t.csv:1:1 more than 2 fields in one record");
    says("abcdef\n", (struct csv_dialect){.sep = ',', .max_row = 4},
         "-65 0 CSV-007 t.csv:1:1 a record longer than the 4 bytes allowed");
    struct buf b;
    buf_init(&b, 4096);
    transcript(&b, (struct str){"a\n\"b\0c\"\n", 9}, rfc, 0, 0);
    assert_string_equal(buf_z(&b), "1:1u[a]<a\n>\n-65 0 CSV-001 t.csv:2:3 a NUL byte");
    buf_free(&b);
}

static void csv_closep(struct csv_reader **r) { csv_close(*r); }

static void test_fault_stays(void **state)
{
    (void)state;
    struct source *s = test_source(STR("a\"\n"), 0, 0);
    struct csv_reader *r CLEANUP(csv_closep) = csv_open(s, &rfc);
    struct csv_row row;
    for (int i = 0; i < 2; i++) {
        struct err e = {0};
        assert_int_equal(csv_next(r, &row, &e), -RC_DATA);
        assert_string_equal(e.id, "CSV-002");
    }
    source_close(s);
}

static void test_long_open_quote(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 1 << 24);
    buf_text(&b, "a\nb,\"");
    for (int i = 0; i < 300000; i++)
        buf_text(&b, "0123456789abcde\n");
    struct source *s = test_source(buf_view(&b), 5, 70000);
    struct csv_reader *r CLEANUP(csv_closep) = csv_open(s, &rfc);
    struct csv_row row;
    struct err e = {0};
    assert_int_equal(csv_next(r, &row, &e), 1);
    assert_int_equal(csv_next(r, &row, &e), -RC_DATA);
    assert_string_equal(e.id, "CSV-007");
    assert_non_null(strstr(e.hint, "line 2, column 3"));
    source_close(s);
    buf_free(&b);
}

static void test_source_fails(void **state)
{
    (void)state;
    struct source *s = test_source(STR("a\nb"), 0, 0);
    ((struct test_source *)s)->fail = RC_IO;
    struct csv_reader *r CLEANUP(csv_closep) = csv_open(s, &rfc);
    struct csv_row row;
    struct err e = {0};
    assert_int_equal(csv_next(r, &row, &e), -RC_IO);
    source_close(s);
}

/* A record larger than the first buffer, with many cells and doubled quotes. */
static void test_large_record(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 1 << 24);
    for (int i = 0; i < 16000; i++)
        buf_text(&b, i ? ",\"a\"\"bcdefghijklmnopqrstuvwxyz\"" : "\"\"");
    buf_text(&b, "\nz\n");
    struct source *s = test_source(buf_view(&b), 7, 4000);
    struct csv_reader *r CLEANUP(csv_closep) = csv_open(s, &rfc);
    struct csv_row row;
    struct err e = {0};
    assert_int_equal(csv_next(r, &row, &e), 1);
    assert_int_equal(row.n, 16000);
    assert_int_equal(row.cell[0].n, 0);
    for (size_t i = 1; i < row.n; i++)
        assert_true(str_is(row.cell[i], "a\"bcdefghijklmnopqrstuvwxyz"));
    assert_int_equal(row.raw.n, b.n - 2);
    assert_int_equal(csv_next(r, &row, &e), 1);
    assert_true(str_is(row.cell[0], "z"));
    assert_int_equal(row.line, 2);
    assert_int_equal(csv_next(r, &row, &e), 0);
    source_close(s);
    buf_free(&b);
}

/* Bytes that look like CSV, more or less. */
static void generate(struct buf *b, uint64_t *seed, unsigned wild)
{
    static const char usual[] = "aaabcd1234567890.,,,,,;\n\n \xc3\xab";
    static const char odd[] = "\"\"\"\"\r\n,\r\0\"";
    size_t n = (size_t)(test_random(seed) % 700);
    for (size_t i = 0; i < n; i++) {
        uint64_t x = test_random(seed);
        if (x % 1000 < wild)
            buf_char(b, odd[(x >> 20) % (sizeof odd - 1)]);
        else if (x % 1000 < wild + 30)
            buf_text(b, (x >> 20) % 4 ? ",\"x\"" : ",\"x \"\"y\"\"\r\n,z\"");
        else
            buf_char(b, usual[(x >> 20) % (sizeof usual - 1)]);
    }
}

static void test_scanners_agree(void **state)
{
    (void)state;
    uint64_t seed = 20260101;
    for (int i = 0; i < 6000; i++) {
        struct buf in, a, b;
        buf_init(&in, 1 << 16);
        buf_init(&a, 1 << 20);
        buf_init(&b, 1 << 20);
        generate(&in, &seed, i % 3 == 0 ? 0 : i % 3 == 1 ? 2 : 40);
        struct csv_dialect d = {.sep = i % 11 ? ',' : ';', .quote = i % 7 ? '"' : 0};
        d.cr_only = i % 13 == 0;
        d.max_row = i % 17 == 0 ? 90 : 0;
        transcript(&a, buf_view(&in), d, test_random(&seed), i % 5 ? 1 + (size_t)i % 200 : 0);
        d.scalar = true;
        transcript(&b, buf_view(&in), d, test_random(&seed), 64);
        assert_int_equal(a.n, b.n);
        assert_memory_equal(buf_z(&a), buf_z(&b), a.n);
        buf_free(&in);
        buf_free(&a);
        buf_free(&b);
    }
}

/* Each scanner this processor has, on whole inputs: same positions up to the same first fault. */
static void compare_scanner(csv_scanner f, const struct buf *in, char quote, bool cr_only)
{
    static uint32_t want_pos[4096], pos[4096];
    static struct csv_end want_end[4096], end[4096];
    struct csv_scan want, got;
    csv_scan_init(&want, ',', quote, cr_only, false);
    csv_scan_init(&got, ',', quote, cr_only, false);
    want.pos = want_pos;
    got.pos = pos;
    want.end = want_end;
    got.end = end;
    csv_scan_scalar(&want, buf_z(in), 0, in->n);
    f(&got, buf_z(in), 0, in->n);
    assert_int_equal(want.bad, got.bad);
    assert_true(got.n >= want.n);
    assert_memory_equal(want_pos, pos, want.n * sizeof *pos);
    assert_true(got.ends >= want.ends);
    assert_memory_equal(want_end, end, want.ends * sizeof *end);
    if (got.bad == SIZE_MAX) {
        assert_int_equal(got.n, want.n);
        assert_int_equal(got.ends, want.ends);
        assert_int_equal(got.lines, want.lines);
        assert_int_equal(want.inside, got.inside);
        assert_int_equal(want.cr, got.cr);
        assert_int_equal(want.escapes, got.escapes);
        assert_int_equal(want.quoted, got.quoted);
    }
}

static void test_all_scanners(void **state)
{
    (void)state;
    uint64_t seed = 7;
    for (int i = 0; i < 3000; i++) {
        struct buf in;
        buf_init(&in, 4000);
        generate(&in, &seed, (unsigned)i % 3 * 7);
        csv_scanner f;
        for (size_t k = 1; (f = csv_scan_nth(k)) != NULL; k++)
            compare_scanner(f, &in, i % 5 ? '"' : '\0', i % 4 == 0);
        buf_free(&in);
    }
}

/* May these cells stand without quotes? Every look says what the plain one says, whatever stands
 * behind the record. */
static bool clean(const char *record, size_t commas)
{
    static char memory[1024];
    size_t n = strlen(record);
    bool want = csv_clean_scalar(record, n, commas);
    csv_cleaner f;
    for (size_t shift = 0; shift < 70; shift += 23)
        for (size_t k = 1; (f = csv_clean_nth(k)) != NULL; k++) {
            memset(memory, k % 2 ? ',' : '"', sizeof memory);
            memcpy(memory + shift, record, n);
            assert_int_equal(f(memory + shift, n, commas), want);
        }
    return want;
}

static void test_clean(void **state)
{
    static const char letters[] = "abcdefgh0123,,,   \"\t\n\x7f\xc3\xab";
    uint64_t seed = 11;
    (void)state;
    assert_true(clean("", 0));
    assert_true(clean("a", 0));
    assert_true(clean("a b,,c", 2));
    assert_true(clean(",", 1));
    assert_false(clean("a b,,c", 1));
    assert_false(clean("a b,,c", 3));
    assert_false(clean(" a", 0));
    assert_false(clean("a ", 0));
    assert_false(clean("a ,b", 1));
    assert_false(clean("a, b", 1));
    assert_false(clean("a,\"b", 1));
    assert_false(clean("a\tb", 0));
    for (int i = 0; i < 20000; i++) {
        char record[200];
        size_t n = test_random(&seed) % 150, commas = 0;
        for (size_t k = 0; k < n; k++) {
            uint64_t x = test_random(&seed);
            record[k] = letters[x % (i % 2 ? 15 : i % 3 ? 18 : sizeof letters - 1)];
            commas += record[k] == ',';
        }
        record[n] = '\0';
        (void)clean(record, i % 7 ? commas : commas + 1);
    }
    char edge[130]; /* blanks and commas at the joints of blocks */
    for (size_t at = 60; at < 68; at++)
        for (size_t blank = 58; blank < 70; blank++) {
            memset(edge, 'x', 128);
            edge[128] = '\0';
            edge[blank] = ' ';
            edge[at] = ',';
            assert_int_equal(clean(edge, 1), blank != at + 1 && blank + 1 != at);
        }
}

static void put_is(const char *field, const char *want)
{
    struct buf b;
    buf_init(&b, 4096);
    csv_put(&b, str_of(field), ';');
    assert_string_equal(buf_z(&b), want);
    buf_free(&b);
}

static void test_put(void **state)
{
    (void)state;
    put_is("", "");
    put_is("plain, text", "plain, text");
    put_is("a;b", "\"a;b\"");
    put_is("say \"no\"", "\"say \"\"no\"\"\"");
    put_is("\"", "\"\"\"\"");
    put_is(" x", "\" x\"");
    put_is("x\t", "\"x\t\"");
    put_is("a\nb", "\"a\nb\"");
    put_is("a\rb", "\"a\rb\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),           cmocka_unit_test(test_faults),
        cmocka_unit_test(test_fault_stays),    cmocka_unit_test(test_long_open_quote),
        cmocka_unit_test(test_source_fails),   cmocka_unit_test(test_large_record),
        cmocka_unit_test(test_scanners_agree), cmocka_unit_test(test_all_scanners),
        cmocka_unit_test(test_clean),          cmocka_unit_test(test_put),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
