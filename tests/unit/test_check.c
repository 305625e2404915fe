/* test_check.c — the memory of `rta check`: places of ten million records in little, texts, series
 * and values that come back as they went in, records found again; and that a message between rows
 * does not spoil a seal. */
#include "unit.h"

#include "ingest/check_store.h"
#include "ingest/checking.h"
#include "lib/buf.h"
#include "lib/mem.h"

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

/* The form with the number in the place of each '#'. */
static void put_form(char *to, size_t n, const char *form, uint32_t number)
{
    size_t at = 0;
    for (; *form && at + 12 < n; form++)
        if (*form == '#')
            at += (size_t)snprintf(to + at, n - at, "%u", number);
        else
            to[at++] = *form;
    to[at] = '\0';
}

/* Places that step on in every way, so that the expected text is made and dropped in turn. */
static void test_places_guessed(void **state)
{
    (void)state;
    enum { N = 30000 };
    static const char *const forms[] = {"A.csv:#:12", "#", "7#:9", "x#y#", "a\x01#"};
    struct places *p = places_new();
    struct buf b;
    char text[64];
    uint64_t seed = 7;
    buf_init(&b, 4096);
    for (int pass = 0; pass < 2; pass++) {
        seed = 7;
        for (uint32_t i = 0, n = 0, form = 0, step = 1; i < N; i++, n += step) {
            if (test_random(&seed) % 200 == 0) {
                form = (uint32_t)(test_random(&seed) % ARRAY_LEN(forms));
                step = (uint32_t)(test_random(&seed) % 3);
                n = i % 7 ? n : (uint32_t)(test_random(&seed) % 100000);
            }
            put_form(text, sizeof text, forms[form], n);
            if (pass == 0) {
                places_add(p, str_of(text));
                continue;
            }
            buf_reset(&b);
            places_get(p, i, &b);
            assert_string_equal(buf_z(&b), text);
        }
    }
    buf_free(&b);
    places_free(p);
}

static void word_text(char *to, size_t n, uint32_t i)
{
    static const char *const forms[] = {"#", "code#", "a long text with # in it", "\xc3\xa9#"};
    if (i == 0)
        to[0] = '\0';
    else
        put_form(to, n, forms[i % ARRAY_LEN(forms)], i);
}

/* Texts get one number each, whichever way they are looked up and wherever they stand. */
static void test_words(void **state)
{
    (void)state;
    enum { N = 3000 };
    struct words w;
    char text[64];
    uint64_t seed = 3;
    words_init(&w, "X", 0);
    for (uint32_t k = 0; k < 4 * N; k++) {
        uint32_t i = k < N ? k : (uint32_t)(test_random(&seed) % N);
        memset(text, 'x', sizeof text);
        word_text(text, sizeof text, i);
        struct str s = str_of(text);
        text[s.n] = ','; /* what follows in the row is no part of it */
        struct str row = {text, k % 2 ? sizeof text : s.n};
        uint32_t id = words_id(&w, s, k % 3 ? row : (struct str){"elsewhere", 9});
        text[s.n] = '\0';
        assert_true(str_eq(words_text(&w, id), s));
        assert_int_equal(words_find(&w, s), id);
        assert_int_equal(words_id(&w, s, row), id);
    }
    assert_int_equal(words_find(&w, STR("nowhere")), WORDS_FULL);
    words_free(&w);
}

enum { SERIES = 3000, PERIODS = 90 };

static bool has_period(uint32_t i, uint32_t p) { return p % (1 + i % 3) == 0; }

static struct num some_value(uint32_t i, uint32_t p)
{
    uint64_t seed = (uint64_t)i * PERIODS + p + 1;
    uint64_t r = test_random(&seed);
    if (i % 5 != 0)
        return (struct num){(__int128)(r % 65534), 0};
    switch (r % 4) {
    case 0:
        return (struct num){(__int128)(r >> 40), 0};
    case 1:
        return (struct num){(__int128)(r >> 40), (int)(r % 7)};
    case 2:
        return (struct num){-(__int128)(r >> 8), (int)(r % 17)};
    default:
        return (struct num){(__int128)(r % 3 + 65532), 0};
    }
}

static void fill(struct store *s, struct trail *t)
{
    for (uint32_t p = 0; p < PERIODS; p++)
        for (uint32_t k = 0; k < SERIES; k++) {
            uint32_t i = p % 2 ? SERIES - 1 - k : k;
            uint64_t key[2] = {i % 50, i / 50};
            bool fresh = false;
            uint32_t one = store_series(s, key, &fresh);
            assert_int_equal(fresh, p == 0);
            assert_int_equal(one, i);
            uint32_t period = p * 7 % PERIODS;
            if (!has_period(i, period)) {
                trail_add(t, STORE_NONE, STORE_NONE);
                continue;
            }
            struct num v = some_value(i, period);
            assert_true(store_add(s, one, period, period % 10 == 9 ? NULL : &v));
            assert_false(store_add(s, one, period, &v));
            assert_false(store_add(s, one, period, NULL));
            trail_add(t, one, period);
        }
}

static void test_store(void **state)
{
    (void)state;
    struct store s;
    struct trail *t = trail_new();
    store_init(&s, 2);
    fill(&s, t);
    store_order(&s);
    struct cell cells[PERIODS + 2 * STORE_SLOTS];
    for (uint32_t i = 0; i < SERIES; i++) {
        uint64_t key[2] = {i % 50, i / 50};
        assert_int_equal(store_find(&s, key), i);
        size_t n = store_cells(&s, i, cells), at = 0;
        for (uint32_t p = 0; p < PERIODS; p++) {
            struct num v, want = some_value(i, p);
            bool have = has_period(i, p) && p % 10 != 9;
            assert_int_equal(store_get(&s, i, p, &v), have);
            if (!have)
                continue;
            assert_true(v.m == want.m && v.scale == want.scale);
            assert_true(cells[at].moment == p && cells[at].series == i);
            assert_true(cells[at].v.m == want.m && cells[at].v.scale == want.scale);
            at++;
        }
        assert_int_equal(at, n);
    }
    uint64_t none[2] = {50, 0};
    assert_int_equal(store_find(&s, none), STORE_NONE);
    trail_free(t);
    store_free(&s);
}

static void remember(void *to, uint32_t record, uint32_t series, uint32_t period)
{
    store_remember(to, series, period, record);
}

static void prove_found(struct trail *t, uint32_t series, uint32_t period, uint32_t record)
{
    uint32_t found;
    struct err e = {0};
    assert_int_equal(trail_find(t, series, period, &found, &e), 0);
    assert_int_equal(found, record);
}

static void test_records(void **state)
{
    (void)state;
    struct store s;
    struct trail *t = trail_new();
    struct err e = {0};
    store_init(&s, 2);
    fill(&s, t);
    store_record_all(&s);
    assert_int_equal(trail_walk(t, remember, &s, &e), 0);
    uint32_t record = 0;
    for (uint32_t p = 0; p < PERIODS; p++)
        for (uint32_t k = 0; k < SERIES; k++, record++) {
            uint32_t i = p % 2 ? SERIES - 1 - k : k, period = p * 7 % PERIODS;
            if (has_period(i, period))
                assert_int_equal(store_record(&s, i, period), record);
            if (record % 5003 == 0)
                prove_found(t, i, period, has_period(i, period) ? record : STORE_NONE);
        }
    trail_free(t);
    store_free(&s);
}

struct seen {
    uint64_t seed;
    uint32_t record, n;
};

/* Runs of all sorts, the same from the same seed. */
static bool next_step(struct seen *s, uint32_t *series, uint32_t *period)
{
    uint64_t r = test_random(&s->seed);
    switch (r % 8) {
    case 0:
        *series = (uint32_t)(r >> 40);
        *period = (uint32_t)(r >> 20) % 5000;
        return true;
    case 1:
        return false;
    case 2:
    case 3:
        ++*period;
        return true;
    default:
        ++*series;
        return true;
    }
}

static void see(void *to, uint32_t record, uint32_t series, uint32_t period)
{
    struct seen *s = to;
    static uint32_t want[2];
    if (s->record == 0)
        want[0] = want[1] = 0;
    while (!next_step(s, &want[0], &want[1]))
        s->record++;
    assert_int_equal(record, s->record);
    assert_int_equal(series, want[0]);
    assert_int_equal(period, want[1]);
    s->record++;
    s->n++;
}

/* The long trail goes to a file and stays small; where there is no file it stays in memory. */
static void test_trail(void **state)
{
    (void)state;
    enum { N = 1000000 };
    for (int file = 0; file < 2; file++) {
        struct trail *t = trail_new();
        struct seen s = {.seed = 11}, back = {.seed = 11};
        struct err e = {0};
        uint32_t series = 0, period = 0, n = 0;
        assert_int_equal(setenv("TMPDIR", file ? "/tmp" : "/nowhere/at/all", 1), 0);
        for (uint32_t i = 0; i < N; i++) {
            bool some = next_step(&s, &series, &period);
            trail_add(t, some ? series : STORE_NONE, period);
            n += some;
        }
        assert_int_equal(trail_bytes(t) > (size_t)1 << 20, !file);
        assert_int_equal(trail_walk(t, see, &back, &e), 0);
        assert_int_equal(back.n, n);
        trail_free(t);
    }
    (void)unsetenv("TMPDIR");
}

/* Daily figures of many years in any order: looking for one does not walk along all. */
static void test_far(void **state)
{
    (void)state;
    enum { DAYS = 100003, STEP = 61357 };
    struct store s;
    struct cell *cells = mem_array(DAYS + 2 * STORE_SLOTS, sizeof *cells);
    store_init(&s, 1);
    for (uint32_t i = 0, day = 0; i < DAYS; i++, day = (day + STEP) % DAYS) {
        bool fresh;
        uint64_t key[1] = {day % 2};
        struct num v = {day % 50000, 0};
        assert_true(store_add(&s, store_series(&s, key, &fresh), day, &v));
    }
    store_order(&s);
    for (uint32_t k = 0; k < 2; k++) {
        size_t n = store_cells(&s, k, cells);
        uint32_t first = cells[0].moment;
        assert_true(first < 2);
        assert_int_equal(n, (DAYS + 1 - first) / 2);
        for (uint32_t i = 0; i < n; i++) {
            struct num v;
            assert_int_equal(cells[i].moment, first + 2 * i);
            assert_true(cells[i].v.m == cells[i].moment % 50000);
            assert_true(store_get(&s, k, cells[i].moment, &v) && v.m == cells[i].v.m);
            assert_false(store_add(&s, k, cells[i].moment, NULL));
        }
    }
    mem_free(cells);
    store_free(&s);
}

static void test_values(void **state)
{
    (void)state;
    static const char *const texts[] = {"0",
                                        "0.00",
                                        "65533",
                                        "65534",
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
    uint64_t key[1] = {0};
    bool fresh;
    store_init(&s, 1);
    uint32_t one = store_series(&s, key, &fresh);
    struct num v;
    assert_true(store_add(&s, one, 100, NULL));
    assert_false(store_get(&s, one, 100, &v));
    for (uint32_t i = 0; i < ARRAY_LEN(texts); i++) {
        assert_int_equal(num_parse(&v, str_of(texts[i]), &num_plain, &e), 0);
        assert_true(store_add(&s, one, i, &v));
    }
    for (uint32_t i = 0; i < ARRAY_LEN(texts); i++) {
        char text[NUM_TEXT_MAX];
        assert_true(store_get(&s, one, i, &v));
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
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_places_small),
        cmocka_unit_test(test_store),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_places_guessed),
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_records),
        cmocka_unit_test(test_trail),
        cmocka_unit_test(test_far),
        cmocka_unit_test(test_flushed_seal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
