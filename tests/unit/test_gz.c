/* test_gz.c — gzip in and out: cut at every byte, several members, bombs, damage, plain bytes; all
 * of it by the library that is best and by zlib alone, which must say the same. */
#include "unit.h"

#include "lib/buf.h"
#include "lib/gz.h"

/* Inflate bytes, read in odd portions: the result code; the text in *ret. */
static int inflate_by(bool best, struct str bytes, uint64_t max, size_t most, struct buf *ret,
                      struct err *e)
{
    struct source *s = NULL;
    int rc = source_gunzip_by(&s, test_source(bytes, 3, most), max, best, e);
    char p[257];
    while (rc >= 0) {
        ssize_t got = s->read(s, p, most % 2 ? sizeof p : sizeof p / 9, e);
        if (got <= 0) {
            rc = (int)got;
            break;
        }
        buf_add(ret, p, (size_t)got);
    }
    source_close(s);
    return rc;
}

/* Both ways: the same bytes, the same end. */
static int inflate_all(struct str bytes, uint64_t max, size_t most, struct buf *ret, struct err *e)
{
    struct buf plain;
    struct err why = {0};
    buf_init(&plain, ret->max);
    int rc = inflate_by(false, bytes, max, most, &plain, &why);
    assert_int_equal(inflate_by(true, bytes, max, most, ret, e), rc);
    assert_string_equal(e->id, why.id);
    assert_true(rc < 0 || str_eq(buf_view(&plain), buf_view(ret)));
    buf_free(&plain);
    return rc;
}

static void pack(struct buf *b, struct str bytes) { assert_int_equal(gz_pack(b, bytes, NULL), 0); }

static void fails(struct str bytes, uint64_t max, const char *id)
{
    struct buf out;
    struct err e = {0};
    buf_init(&out, 1 << 24);
    assert_int_equal(inflate_all(bytes, max, 50, &out, &e), -RC_DATA);
    assert_string_equal(e.id, id);
    assert_string_equal(e.place, "t.csv");
    buf_free(&out);
}

static void gives(struct str bytes, size_t most, struct str want)
{
    struct buf out;
    struct err e = {0};
    buf_init(&out, 1 << 24);
    assert_int_equal(inflate_all(bytes, 0, most, &out, &e), 0);
    assert_true(str_eq(buf_view(&out), want));
    buf_free(&out);
}

static void test_round_trip(void **state)
{
    (void)state;
    struct buf text, z;
    buf_init(&text, 1 << 24);
    buf_init(&z, 1 << 24);
    uint64_t seed = 11;
    for (int i = 0; i < 40000; i++)
        buf_fmt(&text, "%u,", (unsigned)(test_random(&seed) % 5000));
    pack(&z, buf_view(&text));
    gives(buf_view(&z), 0, buf_view(&text));
    gives(buf_view(&z), 1000, buf_view(&text));
    struct buf again;
    buf_init(&again, 1 << 24);
    pack(&again, buf_view(&text));
    assert_true(str_eq(buf_view(&z), buf_view(&again)));
    assert_int_equal((unsigned char)z.p[4] | (unsigned char)z.p[5], 0); /* no time */
    buf_free(&again);
    buf_free(&text);
    buf_free(&z);
}

static void test_members(void **state)
{
    (void)state;
    struct buf z;
    buf_init(&z, 1 << 16);
    pack(&z, STR("one,"));
    pack(&z, STR(""));
    pack(&z, STR("two"));
    for (size_t most = 0; most < 5; most++)
        gives(buf_view(&z), most, STR("one,two"));
    size_t n = z.n;
    buf_add(&z, "\0\0\0", 3); /* padding */
    gives(buf_view(&z), 2, STR("one,two"));
    buf_text(&z, "x");
    fails(buf_view(&z), 0, "GZ-005");
    z.n = n;
    buf_text(&z, "<html>");
    fails(buf_view(&z), 0, "GZ-005");
    z.n = n;
    buf_text(&z, "\x1f\x1f more");
    fails(buf_view(&z), 0, "GZ-001");
    buf_free(&z);
}

static void test_truncated(void **state)
{
    (void)state;
    struct buf z;
    buf_init(&z, 1 << 16);
    pack(&z, STR("abcabcabc,1,2,3\nabc,4,5,6\n"));
    for (size_t n = 2; n < z.n; n++)
        fails((struct str){z.p, n}, 0, "GZ-002");
    buf_free(&z);
}

static void test_damaged(void **state)
{
    (void)state;
    struct buf z;
    buf_init(&z, 1 << 16);
    pack(&z, STR("abcabcabc,1,2,3\nabc,4,5,6\n"));
    z.p[z.n - 6] ^= 1; /* CRC-32 */
    fails(buf_view(&z), 0, "GZ-003");
    z.p[z.n - 6] ^= 1;
    z.p[z.n - 2] ^= 1; /* length */
    fails(buf_view(&z), 0, "GZ-003");
    z.p[z.n - 2] ^= 1;
    z.p[2] = 9; /* method */
    fails(buf_view(&z), 0, "GZ-001");
    buf_free(&z);
}

/* Every byte of a member turned in several ways: never other bytes without a fault. Which of the
 * two faults of damaged data it is may differ by library. */
static void test_turned(void **state)
{
    struct buf text, z;
    uint64_t seed = 5;
    (void)state;
    buf_init(&text, 1 << 20);
    buf_init(&z, 1 << 20);
    for (int i = 0; i < 300; i++)
        buf_fmt(&text, "%u,XK,%u\n", (unsigned)(test_random(&seed) % 50), (unsigned)i % 7);
    pack(&z, buf_view(&text));
    for (size_t i = 0; i < z.n; i++)
        for (int way = 1; way < 256; way = way * 3 + 1) {
            z.p[i] = (char)(z.p[i] ^ way);
            for (int best = 0; best < 2 && i > 1; best++) {
                struct buf out;
                struct err e = {0};
                buf_init(&out, 1 << 24);
                int rc = inflate_by(best, buf_view(&z), 0, 0, &out, &e);
                assert_true(rc == -RC_DATA || (rc == 0 && str_eq(buf_view(&out), buf_view(&text))));
                buf_free(&out);
            }
            z.p[i] = (char)(z.p[i] ^ way);
        }
    buf_free(&text);
    buf_free(&z);
}

static void test_bomb(void **state)
{
    (void)state;
    struct buf z;
    buf_init(&z, 1 << 20);
    char *zeros CLEANUP(mem_freep) = mem_new(1 << 22);
    pack(&z, (struct str){zeros, 1 << 22});
    assert_true(z.n < 8192);
    fails(buf_view(&z), 100000, "GZ-004");
    gives(buf_view(&z), 0, (struct str){zeros, 1 << 22});
    buf_free(&z);
}

static void test_plain(void **state)
{
    (void)state;
    gives(STR(""), 0, STR(""));
    gives(STR("\x1f"), 0, STR("\x1f"));
    gives(STR("a"), 1, STR("a"));
    gives(STR("a,b\n1,2\n"), 1, STR("a,b\n1,2\n"));
    gives(STR("a,b\n1,2\n"), 3, STR("a,b\n1,2\n"));
    fails(STR("\x1f\x8b"), 0, "GZ-002");
}

static void test_source_fails(void **state)
{
    (void)state;
    for (size_t n = 0; n < 12; n++) {
        struct source *below = test_source((struct str){"\x1f\x8b\x08\0\0\0\0\0\2\3\1\1", n}, 3, 1);
        ((struct test_source *)below)->fail = RC_IO;
        struct source *s = NULL;
        struct err e = {0};
        char p[10];
        int rc = source_gunzip(&s, below, 0, &e);
        if (rc == 0)
            rc = (int)s->read(s, p, sizeof p, &e);
        assert_int_equal(rc, -RC_IO);
        source_close(s);
    }
}

static void test_pack_full(void **state)
{
    (void)state;
    struct buf z;
    struct err e = {0};
    buf_init(&z, 10);
    assert_int_equal(gz_pack(&z, STR("more than ten bytes"), &e), -RC_DATA);
    assert_string_equal(e.id, "BUF-001");
    buf_free(&z);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip), cmocka_unit_test(test_members),
        cmocka_unit_test(test_truncated),  cmocka_unit_test(test_damaged),
        cmocka_unit_test(test_turned),     cmocka_unit_test(test_bomb),
        cmocka_unit_test(test_plain),      cmocka_unit_test(test_source_fails),
        cmocka_unit_test(test_pack_full),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
