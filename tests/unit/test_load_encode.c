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
    load_encode(&b, &o, 3, -1, 'R');
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
    load_encode(&b, &o, 3, 9, 'M');
    hex_of(&b, got, sizeof got);
    assert_memory_equal(got, "000d", 4);
    assert_string_equal(got + strlen(got) - 34, "00000008"
                                                "0000000000000009"
                                                "00000001"
                                                "4d");
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
        cmocka_unit_test(test_copy_field),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
