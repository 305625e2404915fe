/* test_sdmx.c — the stream format: what is written is read again, whatever is cut or changed is
 * refused, and the shapes that the SDMX-CSV guides allow are understood. With a folder as argument
 * the guides' own examples in it are read, too. */
#include "sdmx.h"

#include "buf.h"
#include "hash.h"
#include "mem.h"

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

static const char *const columns[] = {"STRUCTURE[;]", "STRUCTURE_ID", "ACTION", "GEO",
                                      "TIME_PERIOD",  "OBS_VALUE",    "SRC[]"};
#define N ARRAY_LEN(columns)

/* Every change of every byte; under the sanitizers, where a reader costs a hundred times as much,
 * of every 16th kind. */
#ifdef __SANITIZE_ADDRESS__
#define FLIP_STEP 64
#else
#define FLIP_STEP 1
#endif

/* Two rows and a seal, as the writer makes them. The caller frees. */
static char *sample(size_t rows, size_t *ret_n)
{
    int fd = memfd_create("sdmx", 0);
    struct out o;
    struct err e = {.rc = RC_OK};
    out_init(&o, fd, "memory");
    struct sdmx_writer *w = sdmx_create(&o, columns, N);
    for (size_t i = 0; i < rows; i++) {
        char value[24];
        (void)snprintf(value, sizeof value, "%zu", i * 7);
        const struct str cells[N] = {STR("dataflow"),
                                     STR("WB:X(1.0)"),
                                     STR("I"),
                                     i % 2 ? STR("A, \"B\"\nC") : STR("XK"),
                                     STR("2024"),
                                     str_of(value),
                                     STR("file name.csv:1:2;x")};
        sdmx_write(w, cells);
    }
    assert_int_equal(sdmx_written(w), rows);
    sdmx_finish(w);
    sdmx_free(w);
    out_flush(&o);
    char *p = NULL;
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    char path[64];
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    assert_int_equal(file_slurp(path, 1 << 24, &p, ret_n, &e), 0);
    assert_int_equal(out_close(&o, &e), 0);
    return p;
}

/* Read all of it; 0 or what refused it. */
static int drain(struct str bytes, const struct sdmx_options *options, uint64_t *ret_rows,
                 struct err *e)
{
    struct source *s CLEANUP(source_closep) = source_memory(bytes, "t.csv");
    struct sdmx_reader *r CLEANUP(sdmx_closep) = NULL;
    struct sdmx_row row;
    *ret_rows = 0;
    int rc = sdmx_open(&r, s, options, e);
    while (rc >= 0 && (rc = sdmx_next(r, &row, e)) > 0)
        (*ret_rows)++;
    return rc;
}

static void refused(const char *text, const char *id)
{
    struct err e = {.rc = RC_OK};
    uint64_t rows;
    assert_int_equal(drain(str_of(text), NULL, &rows, &e), -RC_DATA);
    assert_string_equal(e.id, id);
    assert_true(e.place[0] != '\0');
}

static void test_round_trip(void **state)
{
    (void)state;
    size_t n;
    char *p CLEANUP(mem_freep) = sample(3, &n);
    struct err e = {.rc = RC_OK};
    struct source *s CLEANUP(source_closep) = source_memory((struct str){p, n}, "t.csv");
    struct sdmx_reader *r CLEANUP(sdmx_closep) = NULL;
    struct sdmx_row row;
    assert_int_equal(sdmx_open(&r, s, NULL, &e), 0);
    assert_int_equal(sdmx_columns(r), N);
    assert_int_equal(sdmx_find(r, "SRC"), 6);
    assert_int_equal(sdmx_find(r, "SRC[]"), 6);
    assert_int_equal(sdmx_find(r, "NOPE"), -1);
    assert_int_equal(sdmx_next(r, &row, &e), 1);
    assert_int_equal(sdmx_next(r, &row, &e), 1);
    assert_true(str_is(row.cell[3], "A, \"B\"\nC"));
    assert_true(str_is(sdmx_structure_id(r), "WB:X(1.0)"));
    assert_int_equal(row.action, 'I');
    assert_int_equal(sdmx_next(r, &row, &e), 1);
    assert_string_equal(sdmx_seal(r), "");
    assert_int_equal(sdmx_next(r, &row, &e), 0);
    assert_int_equal(strlen(sdmx_seal(r)), 32);
    assert_int_equal(sdmx_next(r, &row, &e), 0);
    assert_int_equal(sdmx_records(r), 3);
}

static void test_many_rows(void **state)
{
    (void)state;
    size_t n;
    uint64_t rows;
    struct err e = {.rc = RC_OK};
    char *p CLEANUP(mem_freep) = sample(5000, &n);
    assert_true(n > 2 * 65536);
    assert_int_equal(drain((struct str){p, n}, NULL, &rows, &e), 0);
    assert_int_equal(rows, 5000);
    p[n / 2] ^= 1;
    assert_int_equal(drain((struct str){p, n}, NULL, &rows, &e), -RC_DATA);
}

static void test_empty_is_sealed(void **state)
{
    (void)state;
    size_t n;
    uint64_t rows;
    struct err e = {.rc = RC_OK};
    char *p CLEANUP(mem_freep) = sample(0, &n);
    assert_int_equal(drain((struct str){p, n}, NULL, &rows, &e), 0);
    assert_int_equal(rows, 0);
}

static void test_cut_anywhere(void **state)
{
    (void)state;
    size_t n;
    uint64_t rows;
    char *p CLEANUP(mem_freep) = sample(3, &n);
    for (size_t cut = 0; cut < n; cut++) {
        struct err e = {.rc = RC_OK};
        int rc = drain((struct str){p, cut}, NULL, &rows, &e);
        if (rc != -RC_DATA)
            fail_msg("a stream cut after %zu of %zu bytes was not refused", cut, n);
    }
}

static void test_change_anywhere(void **state)
{
    (void)state;
    size_t n;
    uint64_t rows;
    char *p CLEANUP(mem_freep) = sample(3, &n);
    for (size_t i = 0; i < n; i++)
        for (int flip = 1; flip < 256; flip += FLIP_STEP) {
            struct err e = {.rc = RC_OK};
            p[i] = (char)(p[i] ^ flip);
            int rc = drain((struct str){p, n}, NULL, &rows, &e);
            p[i] = (char)(p[i] ^ flip);
            if (rc != -RC_DATA)
                fail_msg("byte %zu changed by %d was not refused", i, flip);
        }
}

static void test_insert_anywhere(void **state)
{
    (void)state;
    size_t n;
    uint64_t rows;
    char *p CLEANUP(mem_freep) = sample(2, &n);
    char *q CLEANUP(mem_freep) = mem_new(n + 1);
    for (size_t i = 0; i <= n; i++) {
        memcpy(q, p, i);
        q[i] = '\n';
        memcpy(q + i + 1, p + i, n - i);
        struct err e = {.rc = RC_OK};
        if (drain((struct str){q, n + 1}, NULL, &rows, &e) != -RC_DATA)
            fail_msg("a line end put in at byte %zu was not refused", i);
    }
}

static void test_refusals(void **state)
{
    (void)state;
    refused("", "SDMX-001");
    refused("a,b,c\n1,2,3\n", "SDMX-002");
    refused("STRUCTURE", "SDMX-002");
    refused("STRUCTURE,STRUCTURE_ID,A,A\n", "SDMX-003");
    refused("STRUCTURE,STRUCTURE_ID,,A\n", "SDMX-003");
    refused("STRUCTURE,X,A\n", "SDMX-008");
    refused("DATAFLOW,A\n", "SDMX-009");
    refused("STRUCTURE,STRUCTURE_ID,ACTION\ndataflow,X,Z\n", "SDMX-005");
    refused("STRUCTURE,STRUCTURE_ID,ACTION\ndataflow,X,\n", "SDMX-005");
    refused("STRUCTURE,STRUCTURE_ID,A\ndata,X,1\n", "SDMX-006");
    refused("STRUCTURE,STRUCTURE_ID,A\ndataflow,X\n", "SDMX-004");
    refused("STRUCTURE,STRUCTURE_ID,A\ndataflow,X,1,\n", "SDMX-004");
    refused("STRUCTURE,STRUCTURE_ID,A\ndataflow,X,1\n", "SDMX-010");
    refused("STRUCTURE,STRUCTURE_ID,A\ndataflow,X,1\n#seal,2,xxh3:00\n", "SDMX-011");
    refused("STRUCTURE,STRUCTURE_ID,A\ndataflow,X,1\n#seal,1,xxh3:00\n", "SDMX-012");
}

static void test_seal_is_checked_when_not_asked_for(void **state)
{
    (void)state;
    struct err e = {.rc = RC_OK};
    uint64_t rows;
    const struct sdmx_options o = {.unsealed = true};
    assert_int_equal(drain(STR("STRUCTURE,STRUCTURE_ID,A\ndataflow,X,1\n"), &o, &rows, &e), 0);
    assert_int_equal(rows, 1);
    int rc = drain(STR("STRUCTURE,STRUCTURE_ID,A\ndataflow,X,1\n#seal,1,xxh3:00\n"), &o, &rows, &e);
    assert_int_equal(rc, -RC_DATA);
}

static void test_after_the_seal(void **state)
{
    (void)state;
    size_t n;
    uint64_t rows;
    char *p CLEANUP(mem_freep) = sample(1, &n);
    struct buf b;
    buf_init(&b, 1 << 20);
    buf_add(&b, p, n);
    buf_add(&b, p, n);
    struct err e = {.rc = RC_OK};
    assert_int_equal(drain(buf_view(&b), NULL, &rows, &e), -RC_DATA);
    assert_string_equal(e.id, "SDMX-013");
    buf_free(&b);
}

/* The first row of an unsealed text, its cells joined by '|'. */
static void first_row(const char *text, const struct sdmx_options *options, const char *names,
                      const char *want)
{
    struct err e = {.rc = RC_OK};
    struct source *s CLEANUP(source_closep) = source_memory(str_of(text), "t.csv");
    struct sdmx_reader *r CLEANUP(sdmx_closep) = NULL;
    struct sdmx_row row;
    struct buf head, cells;
    buf_init(&head, 4096);
    buf_init(&cells, 4096);
    assert_int_equal(sdmx_open(&r, s, options, &e), 0);
    assert_int_equal(sdmx_next(r, &row, &e), 1);
    for (size_t i = 0; i < sdmx_columns(r); i++) {
        buf_fmt(&head, "%s%s", i ? "|" : "", sdmx_column(r, i));
        buf_fmt(&cells, "%s%.*s", i ? "|" : "", STR_ARG(row.cell[i]));
    }
    assert_string_equal(buf_z(&head), names);
    assert_string_equal(buf_z(&cells), want);
    buf_free(&head);
    buf_free(&cells);
}

static void test_shapes(void **state)
{
    (void)state;
    const struct sdmx_options o = {.unsealed = true};
    const struct sdmx_options slack = {.unsealed = true, .slack = true};
    first_row(
        "DATAFLOW;GEO: Area;TIME_PERIOD;OBS_VALUE\r\nA:B(1.0): A name;XK: Kosovo*: x;2024;1\r\n",
        &o, "DATAFLOW|GEO|TIME_PERIOD|OBS_VALUE", "A:B(1.0): A name|XK|2024|1");
    first_row("\xEF\xBB\xBFSTRUCTURE[|],STRUCTURE_ID,A[]: Name,B[en;fr],C.D[]\n"
              "dataflow,W:X,P: Papa|Q: Quebec: q,en: yes;fr: oui,1\n",
              &o, "STRUCTURE|STRUCTURE_ID|A|B|C.D", "dataflow|W:X|P|Q|en: yes;fr: oui|1");
    first_row("STRUCTURE,STRUCTURE_ID,STRUCTURE_NAME,ACTION,A,Name,B,Name,C\n"
              "dataflow,W:X,Ex,M,1,one,2,two,3\n",
              &o, "STRUCTURE|STRUCTURE_ID|STRUCTURE_NAME|ACTION|A||B||C",
              "dataflow|W:X|Ex|M|1|one|2|two|3");
    first_row("STRUCTURE,STRUCTURE_ID,A: Name\ndataflow,W:X,\"Normal, special: all\"\n", &o,
              "STRUCTURE|STRUCTURE_ID|A", "dataflow|W:X|Normal, special: all");
    first_row("STRUCTURE,STRUCTURE_ID,A\ndataflow,W:X,1,,\n", &slack, "STRUCTURE|STRUCTURE_ID|A",
              "dataflow|W:X|1");
    first_row("\"STRUCTURE[;]\";\"STRUCTURE_ID\";\"A\"\n\"dataflow\";\"W:X\";\"1;2\"\n", &o,
              "STRUCTURE|STRUCTURE_ID|A", "dataflow|W:X|1;2");
}

static void test_items(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 100);
    sdmx_item(&b, STR("a;b%"));
    sdmx_item(&b, STR("c"));
    assert_string_equal(buf_z(&b), "a%3Bb%25;c");
    struct str rest = buf_view(&b), one;
    assert_true(sdmx_items(&rest, &one));
    assert_true(str_is(one, "a%3Bb%25"));
    assert_true(sdmx_items(&rest, &one));
    assert_true(str_is(one, "c"));
    assert_false(sdmx_items(&rest, &one));
    buf_free(&b);
}

/* The guide's examples: number 18 has a field too many and is refused unless slack. */
static void check_real(const char *folder)
{
    struct dirent *d;
    DIR *dir = opendir(folder);
    size_t files = 0;
    assert_non_null(dir);
    while ((d = readdir(dir))) {
        char path[512], *p = NULL;
        size_t n;
        uint64_t rows;
        struct err e = {.rc = RC_OK};
        if (!strstr(d->d_name, ".csv"))
            continue;
        bool slack = strncmp(d->d_name, "18-", 3) == 0;
        (void)snprintf(path, sizeof path, "%s/%s", folder, d->d_name);
        assert_int_equal(file_slurp(path, 1 << 20, &p, &n, &e), 0);
        int rc = drain((struct str){p, n}, &(struct sdmx_options){.unsealed = true}, &rows, &e);
        if (rc != (slack ? -RC_DATA : 0))
            fail_msg("%s: %s %s [%s]", d->d_name, e.place, e.text, e.id);
        if (slack) {
            assert_string_equal(e.id, "SDMX-004");
            err_clear(&e);
            rc = drain((struct str){p, n}, &(struct sdmx_options){.unsealed = true, .slack = true},
                       &rows, &e);
            assert_int_equal(rc, 0);
        }
        assert_true(rows > 0);
        mem_free(p);
        files++;
    }
    (void)closedir(dir);
    assert_true(files > 0);
    print_message("%zu example files read\n", files);
}

static void test_real(void **state) { check_real(*state); }

int main(int argc, char **argv)
{
    if (argc > 1) {
        const struct CMUnitTest real[] = {cmocka_unit_test_prestate(test_real, argv[1])};
        return cmocka_run_group_tests(real, NULL, NULL);
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_many_rows),
        cmocka_unit_test(test_empty_is_sealed),
        cmocka_unit_test(test_cut_anywhere),
        cmocka_unit_test(test_change_anywhere),
        cmocka_unit_test(test_insert_anywhere),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_seal_is_checked_when_not_asked_for),
        cmocka_unit_test(test_after_the_seal),
        cmocka_unit_test(test_shapes),
        cmocka_unit_test(test_items),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
