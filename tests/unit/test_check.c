/* test_check.c — the memory of `rta check`: places of ten million records in little, series and
 * values that come back as they went in; and that a message between rows does not spoil a seal. */
#include "unit.h"

#include "ingest/checking.h"
#include "lib/buf.h"

#include <unistd.h>

static void place_text(char *to, size_t n, uint64_t *seed, uint32_t i)
{
    uint64_t r = test_random(seed) % 100;
    if (r < 60)
        (void)snprintf(to, n, "AL 2025.csv:%u:3", i + 2);
    else if (r < 80)
        (void)snprintf(to, n, "AL 2025.csv:%u:%u", i / 15, (unsigned)(test_random(seed) % 300));
    else if (r < 85)
        (void)snprintf(to, n, "b.xlsx#Sheet %u!C%u", (unsigned)(test_random(seed) % 3), i);
    else if (r < 90)
        (void)snprintf(to, n, "a:007:0:00:1234567890123456789:%u", i);
    else if (r < 93)
        (void)snprintf(to, n, "a:1;a:2;a:3;a:4;a:5;a:6;a:7;a:%u", i);
    else if (r < 96)
        to[0] = '\0';
    else
        (void)snprintf(to, n, "99999999999999:%u", UINT32_MAX - i);
}

static void test_places(void **state)
{
    (void)state;
    enum { N = 5000 };
    struct places *p = places_new();
    struct buf b;
    char text[128];
    uint64_t seed = 42;
    buf_init(&b, 4096);
    for (uint32_t i = 0; i < N; i++) {
        place_text(text, sizeof text, &seed, i);
        places_add(p, str_of(text));
    }
    seed = 42;
    for (uint32_t i = 0; i < N; i++) {
        place_text(text, sizeof text, &seed, i);
        buf_reset(&b);
        places_get(p, i, &b);
        assert_string_equal(buf_z(&b), text);
    }
    buf_reset(&b);
    places_get(p, N, &b); /* past the end: nothing */
    assert_int_equal(b.n, 0);
    buf_free(&b);
    places_free(p);
}

/* A long file costs nothing a record, a wide one a byte. */
static void test_places_small(void **state)
{
    (void)state;
    enum { N = 100000 };
    char text[64];
    struct places *tall = places_new(), *wide = places_new();
    for (uint32_t i = 0; i < N; i++) {
        (void)snprintf(text, sizeof text, "AL.csv:%u:3", i + 2);
        places_add(tall, str_of(text));
        (void)snprintf(text, sizeof text, "AL.csv:%u:%u", i / 40 + 2, i % 40 * 5 + 10);
        places_add(wide, str_of(text));
    }
    assert_true(places_bytes(tall) < N / 20);
    assert_true(places_bytes(wide) < N * 2);
    places_free(tall);
    places_free(wide);
}

static void test_store(void **state)
{
    (void)state;
    struct store s;
    store_init(&s, 2, true);
    for (uint32_t i = 0; i < 3000; i++) {
        bool fresh = false;
        uint32_t key[2] = {i % 50, i / 50}, again;
        uint32_t one = store_series(&s, key, true, &fresh);
        assert_true(fresh);
        again = store_series(&s, key, true, &fresh);
        assert_int_equal(one, again);
        assert_false(fresh);
        for (uint32_t p = 0; p < 30; p += 1 + i % 3) {
            uint32_t cell = store_cell(&s, one, 29 - p, true);
            assert_int_equal(*store_record(&s, cell), 0);
            *store_record(&s, cell) = i * 30 + p + 1;
        }
    }
    for (uint32_t i = 0; i < 3000; i++) {
        uint32_t key[2] = {i % 50, i / 50};
        uint32_t one = store_series(&s, key, false, NULL);
        assert_int_not_equal(one, STORE_NONE);
        for (uint32_t p = 0; p < 30; p += 1 + i % 3)
            assert_int_equal(*store_record(&s, store_cell(&s, one, 29 - p, false)), i * 30 + p + 1);
        assert_int_equal(store_cell(&s, one, 1000, false), STORE_NONE);
    }
    uint32_t none[2] = {50, 0};
    assert_int_equal(store_series(&s, none, false, NULL), STORE_NONE);
    store_free(&s);
}

static void test_values(void **state)
{
    (void)state;
    static const char *const texts[] = {"0",
                                        "0.00",
                                        "268435455",
                                        "268435456",
                                        "-1",
                                        "12.34",
                                        "0.000000000001",
                                        "0.0000000000001",
                                        "123456789012345678901234567890",
                                        "-0.5",
                                        "1.50"};
    struct store s;
    struct err e = {0};
    uint32_t key[1] = {0};
    store_init(&s, 1, true);
    uint32_t one = store_series(&s, key, true, NULL);
    struct num v;
    uint32_t empty = store_cell(&s, one, 100, true);
    assert_false(store_get(&s, empty, &v));
    for (uint32_t i = 0; i < ARRAY_LEN(texts); i++) {
        assert_int_equal(num_parse(&v, str_of(texts[i]), &num_plain, &e), 0);
        store_put(&s, store_cell(&s, one, i, true), v);
    }
    for (uint32_t i = 0; i < ARRAY_LEN(texts); i++) {
        char text[NUM_TEXT_MAX];
        assert_true(store_get(&s, store_cell(&s, one, i, false), &v));
        (void)num_text(v, text);
        assert_string_equal(text, texts[i]);
    }
    store_free(&s);
}

/* Messages flush the output of a stage: the seal must be that of all bytes nevertheless. */
static void test_flushed_seal(void **state)
{
    (void)state;
    static const char *const columns[] = {"STRUCTURE[;]", "STRUCTURE_ID", "ACTION", "OBS_VALUE"};
    const struct str cells[] = {STR("datastructure"), STR("WB:X(1.0.0)"), STR("I"), STR("1")};
    char name[] = "/tmp/test_check.XXXXXX";
    int fd = mkstemp(name);
    struct err e = {0};
    struct out o;
    out_init(&o, fd, name);
    struct sdmx_writer *w = sdmx_create(&o, columns, ARRAY_LEN(columns));
    for (int i = 0; i < 5; i++) {
        sdmx_write(w, cells);
        out_flush(&o);
    }
    sdmx_write(w, cells);
    sdmx_finish(w);
    sdmx_free(w);
    assert_int_equal(out_close(&o, &e), 0);
    struct source *src = NULL;
    struct sdmx_reader *r = NULL;
    struct sdmx_options how = {0};
    struct sdmx_row row;
    assert_int_equal(source_open(&src, name, &e), 0);
    assert_int_equal(sdmx_open(&r, src, &how, &e), 0);
    for (int i = 0; i < 6; i++)
        assert_int_equal(sdmx_next(r, &row, &e), 1);
    assert_int_equal(sdmx_next(r, &row, &e), 0);
    sdmx_close(r);
    source_close(src);
    (void)unlink(name);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_places),       cmocka_unit_test(test_places_small),
        cmocka_unit_test(test_store),        cmocka_unit_test(test_values),
        cmocka_unit_test(test_flushed_seal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
