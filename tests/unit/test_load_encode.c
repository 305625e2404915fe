/* test_load_encode.c — what we hand to COPY, byte for byte: the binary numeric against values
 * written down from PostgreSQL's own numeric_send, a row's frame, and the escapes of COPY TEXT. */
#include "ingest/load.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static void hex_of(const struct buf *b, char *ret, size_t size)
{
    size_t n = 0;
    for (size_t i = 0; i < b->n && n + 3 < size; i++)
        n += (size_t)snprintf(ret + n, size - n, "%02x", (unsigned char)b->p[i]);
}

/* Length, then number of digits, weight, sign, scale, and the digits of base 10000. */
static void test_numeric(void **state)
{
    static const char *const table[][2] = {
        {"", "ffffffff"},
        {"0", "000000080000000000000000"},
        {"0.00", "000000080000000000000002"},
        {"7", "0000000a00010000000000000007"},
        {"-7", "0000000a00010000400000000007"},
        {"10000", "0000000a00010001000000000001"},
        {"10001", "0000000c000200010000000000010001"},
        {"12.50", "0000000c0002000000000002000c1388"},
        {"0.0001", "0000000a0001ffff000000040001"},
        {"0.00001", "0000000a0001fffe0000000503e8"},
        {"123456789", "0000000e0003000200000000000109291a85"},
        {"NaN", "0000000800000000c0000000"},
        {"0007", "0000000a00010000000000000007"},
        {"10009999", "0000000c000200010000000003e8270f"},
        {"120000", "0000000a0001000100000000000c"},
        {"99999999", "0000000c0002000100000000270f270f"},
        {"100000000", "0000000a00010002000000000001"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        struct buf b;
        char got[256] = "";
        buf_init(&b, 4096);
        load_encode_numeric(&b, str_of(table[i][0]));
        hex_of(&b, got, sizeof got);
        assert_string_equal(got, table[i][1]);
        buf_free(&b);
    }
}

static void test_row(void **state)
{
    (void)state;
    struct buf b;
    char got[512] = "";
    struct load_obs o = {.series = 1, .period = 2022001, .lineage = 2, .value = STR("")};
    o.text[0] = STR("P");
    buf_init(&b, 4096);
    assert_int_equal(load_filled(&o), 1);
    load_encode(&b, &o, 1, 3, -1, 'R');
    hex_of(&b, got, sizeof got);
    assert_string_equal(got, "0006"
                             "0000000400000001"
                             "00000004001eda71"
                             "0000000400000002"
                             "0000000400000003"
                             "ffffffff"
                             "0000000150");
    buf_reset(&b);
    load_encode(&b, &o, 63, 3, -1, 'R');
    hex_of(&b, got, sizeof got);
    assert_string_equal(got, "000b"
                             "0000000400000001"
                             "00000004001eda71"
                             "0000000400000002"
                             "0000000400000003"
                             "ffffffff"
                             "0000000150"
                             "ffffffff"
                             "ffffffff"
                             "ffffffff"
                             "ffffffff"
                             "ffffffff");
    buf_reset(&b);
    load_encode(&b, &o, 63, 3, 9, 'M');
    hex_of(&b, got, sizeof got);
    assert_memory_equal(got, "000d", 4);
    assert_string_equal(got + strlen(got) - 34, "00000008"
                                                "0000000000000009"
                                                "00000001"
                                                "4d");
    buf_free(&b);
}

/* Texts too long for the row on the stack are the same bytes. */
static void test_long(void **state)
{
    (void)state;
    static char text[5000];
    struct buf b;
    struct load_obs o = {.series = 1, .period = 2022001, .lineage = 2, .value = STR("7")};
    memset(text, 'x', sizeof text);
    o.text[2] = (struct str){text, sizeof text};
    o.text[4] = STR("y");
    buf_init(&b, 16384);
    load_encode(&b, &o, 4 + 16 + 32, 3, -1, 'R');
    assert_int_equal(b.n, 2 + 4 * 8 + 4 + 10 + 4 + sizeof text + 4 + 1 + 4);
    assert_memory_equal(b.p + 48, "\0\0\x13\x88xxx", 7);
    assert_memory_equal(b.p + b.n - 10, "x\0\0\0\1y\xff\xff\xff\xff", 10);
    buf_free(&b);
}

static void test_copy_field(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 4096);
    db_copy_field(&b, STR("\\."));
    db_copy_field(&b, STR("\ta\nb\r\\N"));
    assert_string_equal(buf_z(&b), "\\\\.\\ta\\nb\\r\\\\N");
    buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numeric),
        cmocka_unit_test(test_row),
        cmocka_unit_test(test_long),
        cmocka_unit_test(test_copy_field),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
