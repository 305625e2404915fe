/* test_hash.c — known digests (FIPS 180-4 examples; xxhsum -H2 of the same bytes), in one piece and
 * in portions, and the hashing source. */
#include "unit.h"

#include "lib/hash.h"
#include "lib/json.h"

#include <unistd.h>

static void sha_is(const char *text, const char *want)
{
    char hex[SHA256_HEX];
    struct sha256 *h = sha256_new();
    for (const char *p = text; *p; p++)
        sha256_add(h, p, 1);
    sha256_add(h, NULL, 0);
    sha256_hex(h, hex);
    assert_string_equal(hex, want);
    sha256_free(h);
}

static void test_sha256(void **state)
{
    (void)state;
    sha_is("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    sha_is("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    sha256_free(NULL);
}

static void test_xxh3(void **state)
{
    (void)state;
    char a[XXH3_HEX], b[XXH3_HEX];
    struct xxh3 *h = xxh3_new();
    xxh3_hex(h, a);
    assert_string_equal(a, "99aa06d3014798d86001c324468d497f");
    xxh3_add(h, "ab", 2);
    xxh3_hex(h, b);
    xxh3_add(h, "c", 1);
    xxh3_hex(h, b);
    assert_string_equal(b, "06b05ab6733a618578af5f94892f3950");
    xxh3_free(h);
    xxh3_free(NULL);
    assert_int_equal(hash64(STR("abc")), 0x78af5f94892f3950ULL);
    assert_int_equal(hash64(STR("")), hash64((struct str){NULL, 0}));
}

static void test_hashing(void **state)
{
    (void)state;
    struct sha256 *h = sha256_new();
    struct source *s = source_sha256(source_memory(STR("abc"), "x"), h);
    char *text CLEANUP(mem_freep) = NULL, hex[SHA256_HEX];
    size_t n = 0;
    assert_string_equal(s->name, "x");
    assert_int_equal(source_slurp(s, 100, &text, &n, NULL), 0);
    assert_string_equal(text, "abc");
    sha256_hex(h, hex);
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    source_close(s);
    sha256_free(h);
}

static void test_file(void **state)
{
    (void)state;
    char path[64], hex[SHA256_HEX];
    (void)snprintf(path, sizeof path, "/tmp/test_hash.%ld", (long)getpid());
    assert_int_equal(file_write(path, STR("abc"), NULL), 0);
    assert_int_equal(sha256_file(path, hex, NULL), 0);
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_int_equal(unlink(path), 0);
    struct err e = {0};
    assert_int_equal(sha256_file(path, hex, &e), -RC_DATA);
    assert_string_equal(e.id, "IO-001");
}

/* The seal is of all else, whatever it says itself and wherever it stands. */
static void test_seal(void **state)
{
    static const char *const texts[] = {"{\"a\":1,\"b\":[\"x\"]}",
                                        "{\"seal\": \"no\", \"a\": 1, \"b\": [\"x\"]}",
                                        "{\"a\":1,\"b\":[\"y\"],\"seal\":\"\"}"};
    char hex[3][SHA256_HEX], plain[SHA256_HEX];
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct err e = {.rc = RC_OK};
        CLEANUP(js_freep) struct json *j = NULL;
        assert_int_equal(js_parse(&j, str_of(texts[i]), "", &e), 0);
        sha256_seal(j, hex[i]);
    }
    sha256_text(str_of(texts[0]), plain);
    assert_string_equal(hex[0], plain);
    assert_string_equal(hex[1], plain);
    assert_string_not_equal(hex[2], plain);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_sha256), cmocka_unit_test(test_xxh3),
                                       cmocka_unit_test(test_hashing), cmocka_unit_test(test_file),
                                       cmocka_unit_test(test_seal)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
