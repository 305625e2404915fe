/* test_text.c — encodings to UTF-8 with all that can be wrong in them; width, folding, distance. */
#include "unit.h"

#include "lib/buf.h"
#include "lib/text.h"
#include "lib/text_scan.h"

static int read_text(struct str bytes, const char *encoding, size_t most, struct buf *ret,
                     struct err *e)
{
    struct source *s = NULL;
    int rc = source_text(&s, test_source(bytes, 9, most), encoding, e);
    char p[64];
    while (rc >= 0) {
        ssize_t got = s->read(s, p, most ? most : sizeof p, e);
        if (got <= 0) {
            rc = (int)got;
            break;
        }
        buf_add(ret, p, (size_t)got);
    }
    source_close(s);
    return rc;
}

static void gives(struct str bytes, const char *encoding, const char *want)
{
    for (size_t most = 0; most < 9; most++) {
        struct buf b;
        struct err e = {0};
        buf_init(&b, 1 << 20);
        assert_int_equal(read_text(bytes, encoding, most, &b, &e), 0);
        assert_string_equal(buf_z(&b), want);
        buf_free(&b);
    }
}

static void fails(struct str bytes, const char *encoding, const char *id, const char *place)
{
    for (size_t most = 0; most < 9; most++) {
        struct buf b;
        struct err e = {0};
        buf_init(&b, 1 << 20);
        assert_true(read_text(bytes, encoding, most, &b, &e) < 0);
        assert_string_equal(e.id, id);
        assert_string_equal(e.place, place);
        buf_free(&b);
    }
}

static void test_encodings(void **state)
{
    (void)state;
    gives(STR("Pe\xc4\x87 \xe2\x82\xac"), "UTF-8", "Peć €");
    gives(STR("\xef\xbb\xbf"
              "a\n"),
          "utf8", "a\n");
    gives(STR(""), "UTF-8", "");
    gives(STR("\xef"
              "\xbf\xbd"),
          "UTF-8", "\xef\xbf\xbd");
    gives(STR("\xf0\x9f\x98\x80 0123456789"), "UTF-8", "\xf0\x9f\x98\x80 0123456789");
    gives(STR("\x8a"
              "abac, \xc8"
              "a\xe8"
              "ak, \xf0or\xf0"
              "e"),
          "windows_1250", "Šabac, Čačak, đorđe");
    gives(STR("\xcd\xe8\xf8, \x83\xa3"), "Windows-1251", "Ниш, ѓЈ");
    gives(STR("\x93Tiran\xeb\x94 \x80"), "Windows-1252", "“Tiranë” €");
    gives(STR("Tiran\xeb"), "ISO-8859-1", "Tiranë");
    gives(STR("\xa9"
              "abac \xe6"),
          "iso-8859-2", "Šabac ć");
    gives(STR("\xbd\xd8\xe8"), "ISO-8859-5", "Ниш");
    gives(STR("\xbao\xba \xaa \xde \xa4"), "ISO_8859_16", "șoș Ș Ț €");
    gives(STR("Tiran\x91\r"), "macroman", "Tiranë\r");
    gives(STR("\xff\xfe"
              "a\0\x07\x01"),
          "UTF-16", "ać");
    gives(STR("\xfe\xff\0a\x01\x07"), "UTF-16", "ać");
    gives(STR("a\0\x07\x01"), "UTF-16LE", "ać");
    gives(STR("\xff\xfe"
              "a\0"),
          "UTF-16LE", "a");
    gives(STR("\0a\xd8\x3d\xde\0"), "UTF-16BE", "a\xf0\x9f\x98\x80");
}

static void test_invalid(void **state)
{
    (void)state;
    fails(STR("abc\nd\xe8k"), "UTF-8", "TEXT-002", "t.csv:2:2");
    fails(STR("0123456789\n0123456789\n0123456\xff"), "UTF-8", "TEXT-002", "t.csv:3:8");
    fails(STR("a\xc4"), "UTF-8", "TEXT-002", "t.csv:1:2");
    fails(STR("a\xe2\x82"), "UTF-8", "TEXT-002", "t.csv:1:2");
    fails(STR("\xc0\x80"), "UTF-8", "TEXT-002", "t.csv:1:1");
    fails(STR("\xe0\x80\x80"), "UTF-8", "TEXT-002", "t.csv:1:1");
    fails(STR("\xed\xa0\x80"), "UTF-8", "TEXT-002", "t.csv:1:1");
    fails(STR("\xf4\x90\x80\x80"), "UTF-8", "TEXT-002", "t.csv:1:1");
    fails(STR("\xf5\x80\x80\x80"), "UTF-8", "TEXT-002", "t.csv:1:1");
    fails(STR("a\n\0b"), "UTF-8", "TEXT-003", "t.csv:2:1");
    fails(STR("0123456\0"
              "89abcdef"),
          "UTF-8", "TEXT-003", "t.csv:1:8");
    fails(STR("ab\x81"), "Windows-1252", "TEXT-002", "t.csv:1:3");
    fails(STR("a\n\x93"
              "b"),
          "ISO-8859-1", "TEXT-004", "t.csv:2:1");
    fails(STR("a\0b"), "Windows-1250", "TEXT-003", "t.csv:1:2");
    fails(STR("a\0b"), "UTF-16LE", "TEXT-002", "t.csv:1:2");
    fails(STR("a\0\0\xd8"
              "b\0"),
          "UTF-16LE", "TEXT-002", "t.csv:1:2");
    fails(STR("\0a\0\0"), "UTF-16BE", "TEXT-003", "t.csv:1:2");
}

/* Bytes that are UTF-8, but for one in a while; looked at in portions, byte by byte and by vectors.
 */
static void test_looks(void **state)
{
    static const char *const pieces[] = {"a",
                                         "0123456789abcdef",
                                         "\n",
                                         "\xd0\x88",
                                         "\xe2\x82\xac",
                                         "\xf0\x9f\x98\x80",
                                         "\xc2\x80",
                                         "\x7f",
                                         "\x01"};
    static const char bad[] = "\0\x80\xc0\xc1\xe0\xed\xf4\xf5\xff\xc3";
    uint64_t seed = 3;
    (void)state;
    for (int round = 0; round < 3000; round++) {
        struct buf in;
        char place[64] = "";
        buf_init(&in, 1 << 20);
        for (uint64_t left = test_random(&seed) % 60; left; left--)
            buf_text(&in, pieces[test_random(&seed) % (round % 2 ? ARRAY_LEN(pieces) : 3)]);
        if (round % 3 == 0) {
            size_t line = 1 + text_count(buf_z(&in), in.n, '\n'), col = 1;
            for (size_t i = in.n; i > 0 && in.p[i - 1] != '\n'; i--)
                col++;
            (void)snprintf(place, sizeof place, "t.csv:%zu:%zu", line, col);
            buf_char(&in, bad[test_random(&seed) % (sizeof bad - 1)]);
            buf_text(&in, "xyz 0123456789\n");
        }
        for (size_t most = 0; most < 40; most += 1 + test_random(&seed) % 7) {
            struct buf out;
            struct err e = {0};
            buf_init(&out, 1 << 20);
            assert_int_equal(read_text(buf_view(&in), "UTF-8", most, &out, &e) < 0, place[0] != 0);
            assert_string_equal(e.place, place);
            assert_true(place[0] || str_eq(buf_view(&in), buf_view(&out)));
            buf_free(&out);
        }
        size_t n = 0, lines = 0, plain = 0;
        for (; n < in.n; n++)
            lines += in.p[n] == '\n';
        while (plain < in.n && in.p[plain] && !(in.p[plain] & 0x80))
            plain++;
        assert_int_equal(text_count(buf_z(&in), n, '\n'), lines);
        assert_int_equal(text_plain(buf_z(&in), n), plain);
        buf_free(&in);
    }
}

static void test_marks(void **state)
{
    (void)state;
    fails(STR("\xff\xfe"
              "a\0"),
          "UTF-8", "TEXT-005", "t.csv:1:1");
    fails(STR("\xef\xbb\xbf"
              "a"),
          "Windows-1250", "TEXT-005", "t.csv:1:1");
    fails(STR("\xfe\xff\0a"), "UTF-16LE", "TEXT-005", "t.csv:1:1");
    fails(STR("\xef\xbb\xbf"
              "a"),
          "UTF-16", "TEXT-005", "t.csv:1:1");
    fails(STR("a\0"), "UTF-16", "TEXT-006", "t.csv:1:1");
    fails(STR("a"), "EBCDIC", "TEXT-001", "");
    struct err e = {0};
    struct source *s = NULL;
    assert_int_equal(source_text(&s,
                                 test_source(STR("\xff\xfe"
                                                 "a"),
                                             0, 0),
                                 "UTF-8", &e),
                     -RC_DATA);
    assert_string_equal(e.hint, "declare encoding: UTF-16LE");
    assert_string_equal(text_encoding("iso_8859_2"), "ISO-8859-2");
    assert_null(text_encoding("latin1"));
    assert_null(text_encoding("UTF-1"));
}

/* Long input crosses the buffers, in one encoding of each kind. */
static void test_long(void **state)
{
    (void)state;
    struct buf in, want, out;
    buf_init(&in, 1 << 22);
    buf_init(&want, 1 << 22);
    buf_init(&out, 1 << 22);
    for (int i = 0; i < 150000; i++) {
        buf_text(&in, i % 7 ? "\xe8" : "x");
        buf_text(&want, i % 7 ? "č" : "x");
    }
    assert_int_equal(read_text(buf_view(&in), "Windows-1250", 0, &out, NULL), 0);
    assert_true(str_eq(buf_view(&want), buf_view(&out)));
    buf_reset(&out);
    assert_int_equal(read_text(buf_view(&want), "UTF-8", 0, &out, NULL), 0);
    assert_true(str_eq(buf_view(&want), buf_view(&out)));
    buf_free(&in);
    buf_free(&want);
    buf_free(&out);
}

static void test_source_fails(void **state)
{
    (void)state;
    static const char *const names[] = {"UTF-8", "Windows-1250"};
    for (size_t i = 0; i < 4; i++) {
        struct source *below = test_source((struct str){"abcd", i / 2 * 4}, 0, 0), *s = NULL;
        ((struct test_source *)below)->fail = RC_IO;
        struct err e = {0};
        char p[10];
        int rc = source_text(&s, below, names[i % 2], &e);
        while (rc == 0 && (rc = (int)s->read(s, p, sizeof p, &e)) > 0)
            rc = 0;
        assert_int_equal(rc, -RC_IO);
        source_close(s);
    }
}

static void fold_is(const char *text, const char *want)
{
    struct buf b;
    buf_init(&b, 4096);
    text_fold(&b, str_of(text));
    assert_string_equal(buf_z(&b), want);
    buf_free(&b);
}

static void test_fold(void **state)
{
    (void)state;
    fold_is("", "");
    fold_is("  --Novi   Sad. ", "novi sad");
    fold_is("Нови Сад", "novi sad");
    fold_is("Ђорђе, Đorđe / Djordje", "djordje djordje djordje");
    fold_is("Џаково Љубљана Његош ЋЧШЖ", "dzakovo ljubljana njegos ccsz");
    fold_is("Ѓорче Ќичево Ѕвезда", "gjorce kjicevo dzvezda");
    fold_is("Ǵorče Ḱičevo", "gjorce kjicevo");
    fold_is("Tiranë, Çorovodë", "tirane corovode");
    fold_is("Timișoara Timişoara Țara", "timisoara timisoara tara");
    fold_is("c\xcc\x8c", "c");
    fold_is("Straße Łódź Ærø", "strasse lodz aero");
    fold_is("a\xc2\xa0"
            "b “c”",
            "a b c");
    fold_is("Αθήνα", "Αθήνα");
    fold_is("a\xff"
            "b",
            "a b");
    fold_is("ÀÿžŽ×ÆĲŉ", "ayzz aeijn");
}

static void test_width(void **state)
{
    (void)state;
    assert_int_equal(text_width(STR("abc")), 3);
    assert_int_equal(text_width(str_of("Ниш č")), 5);
    assert_int_equal(text_width(str_of("漢字")), 4);
    assert_int_equal(text_width(str_of("c\xcc\x8c")), 1);
    assert_int_equal(text_width(str_of("a\xff")), 2);
    assert_int_equal(text_width(STR("")), 0);
}

static void test_valid(void **state)
{
    (void)state;
    assert_true(text_valid(str_of("Ниш 漢 \xf0\x9f\x98\x80")));
    assert_true(text_valid(STR("")));
    assert_false(text_valid((struct str){"a\0b", 3}));
    assert_false(text_valid(STR("\xed\xa0\x80")));
    assert_false(text_valid(STR("\xe2\x82")));
    assert_false(text_valid(STR("\x80")));
    struct str s = STR("\xe2\x82"
                       "a");
    assert_int_equal(text_next(&s), 0xfffd);
    assert_int_equal(text_next(&s), 0xfffd);
    assert_int_equal(text_next(&s), 'a');
    assert_int_equal(text_next(&s), 0);
}

static void test_distance(void **state)
{
    (void)state;
    assert_int_equal(text_distance(STR(""), STR(""), 3), 0);
    assert_int_equal(text_distance(STR("abc"), STR("abc"), 0), 0);
    assert_int_equal(text_distance(STR("abc"), STR("acb"), 3), 1);
    assert_int_equal(text_distance(STR("abcdef"), STR("acbdfe"), 3), 2);
    assert_int_equal(text_distance(STR("ab"), STR("ba"), 1), 1);
    assert_int_equal(text_distance(STR("xab"), STR("yba"), 2), 2);
    assert_int_equal(text_distance(STR("kitten"), STR("sitting"), 9), 3);
    assert_int_equal(text_distance(STR("kitten"), STR("sitting"), 2), 3);
    assert_int_equal(text_distance(STR("abc"), STR(""), 5), 3);
    assert_int_equal(text_distance(str_of("čabar"), str_of("cabar"), 5), 1);
    assert_int_equal(text_distance(STR("a"), STR("abcdef"), 2), 3);
    assert_int_equal(text_distance(STR("abcdef"), STR("uvwxyz"), 2), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_encodings), cmocka_unit_test(test_invalid),
        cmocka_unit_test(test_looks),     cmocka_unit_test(test_marks),
        cmocka_unit_test(test_long),      cmocka_unit_test(test_source_fails),
        cmocka_unit_test(test_fold),      cmocka_unit_test(test_width),
        cmocka_unit_test(test_valid),     cmocka_unit_test(test_distance),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
