/* test_sign.c — Ed25519 keys in files: who may read them, passphrases, other kinds of keys, one
 * spelling of a public key; and the signature of RFC 8032 (test 2). */
#include "unit.h"

#include "lib/sign.h"

#include <sys/stat.h>
#include <unistd.h>

static char dir[64];

static const char *at(const char *name)
{
    static char path[4][128];
    static unsigned n;
    n = (n + 1) % 4;
    (void)snprintf(path[n], sizeof path[n], "%s/%s", dir, name);
    return path[n];
}

static int setup(void **state)
{
    (void)state;
    (void)snprintf(dir, sizeof dir, "/tmp/test_sign.XXXXXX");
    return mkdtemp(dir) ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    return dir_remove(dir, NULL);
}

static void test_file(void **state)
{
    (void)state;
    struct stat st;
    struct err e = {0};
    struct sign_key *k = NULL;
    unsigned char s[SIGN_BYTES];
    assert_int_equal(sign_key_make(at("a"), NULL, NULL), 0);
    assert_int_equal(stat(at("a"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(sign_key_make(at("a"), NULL, &e), -RC_CREATE);
    assert_string_equal(e.id, "SIGN-001");
    assert_int_equal(sign_key_load(&k, at("a"), NULL, NULL), 0);
    assert_int_equal(sign_bytes(k, STR("hello"), s, NULL), 0);
    assert_true(sign_verify(sign_key_public(k), STR("hello"), s));
    assert_false(sign_verify(sign_key_public(k), STR("hellO"), s));
    for (size_t i = 0; i < SIGN_BYTES * 8; i++) {
        s[i / 8] = (unsigned char)(s[i / 8] ^ (1 << (i % 8)));
        assert_false(sign_verify(sign_key_public(k), STR("hello"), s));
        s[i / 8] = (unsigned char)(s[i / 8] ^ (1 << (i % 8)));
    }
    sign_key_free(k);
    assert_int_equal(chmod(at("a"), 0640), 0);
    err_clear(&e);
    assert_int_equal(sign_key_load(&k, at("a"), NULL, &e), -RC_DENIED);
    assert_string_equal(e.id, "SIGN-002");
    assert_null(k);
    sign_key_free(NULL);
}

static void test_passphrase(void **state)
{
    (void)state;
    struct err e = {0};
    struct sign_key *k = NULL;
    assert_int_equal(file_write(at("right"), STR("a long phrase\nsecond line"), NULL), 0);
    assert_int_equal(file_write(at("wrong"), STR("another"), NULL), 0);
    assert_int_equal(file_write(at("empty"), STR("\n"), NULL), 0);
    assert_int_equal(sign_key_make(at("p"), at("right"), NULL), 0);
    assert_int_equal(sign_key_load(&k, at("p"), at("right"), NULL), 0);
    sign_key_free(k);
    assert_int_equal(sign_key_load(&k, at("p"), at("wrong"), &e), -RC_DENIED);
    assert_string_equal(e.id, "SIGN-004");
    err_clear(&e);
    assert_int_equal(sign_key_load(&k, at("p"), NULL, &e), -RC_DENIED);
    assert_string_equal(e.id, "SIGN-004");
    err_clear(&e);
    assert_int_equal(sign_key_make(at("q"), at("empty"), &e), -RC_CONFIG);
    assert_string_equal(e.id, "SIGN-007");
}

static void test_no_key(void **state)
{
    (void)state;
    static const char x25519[] =
        "-----BEGIN PRIVATE KEY-----\n"
        "MC4CAQAwBQYDK2VuBCIEIHBgJSkMlCGT6FAnb1jkNxBGWZKn0ZRXbVPhQ1jUQFhM\n"
        "-----END PRIVATE KEY-----\n";
    static const char *const texts[] = {"", "not a key\n", x25519};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct err e = {0};
        struct sign_key *k = NULL;
        assert_int_equal(file_write(at("n"), str_of(texts[i]), NULL), 0);
        assert_int_equal(chmod(at("n"), 0600), 0);
        assert_int_equal(sign_key_load(&k, at("n"), NULL, &e), -RC_CONFIG);
        assert_string_equal(e.id, "SIGN-003");
        assert_null(k);
    }
    struct sign_key *k = NULL;
    struct err e = {0};
    assert_int_equal(sign_key_load(&k, at("absent"), NULL, &e), -RC_DATA);
}

/* RFC 8032, 7.1, test 2. */
static void test_rfc(void **state)
{
    (void)state;
    static const unsigned char pub[] = {0x3d, 0x40, 0x17, 0xc3, 0xe8, 0x43, 0x89, 0x5a,
                                        0x92, 0xb7, 0x0a, 0xa7, 0x4d, 0x1b, 0x7e, 0xbc,
                                        0x9c, 0x98, 0x2c, 0xcf, 0x2e, 0xc4, 0x96, 0x8c,
                                        0xc0, 0xcd, 0x55, 0xf1, 0x2a, 0xf4, 0x66, 0x0c};
    static const unsigned char sig[] = {
        0x92, 0xa0, 0x09, 0xa9, 0xf0, 0xd4, 0xca, 0xb8, 0x72, 0x0e, 0x82, 0x0b, 0x5f,
        0x64, 0x25, 0x40, 0xa2, 0xb2, 0x7b, 0x54, 0x16, 0x50, 0x3f, 0x8f, 0xb3, 0x76,
        0x22, 0x23, 0xeb, 0xdb, 0x69, 0xda, 0x08, 0x5a, 0xc1, 0xe4, 0x3e, 0x15, 0x99,
        0x6e, 0x45, 0x8f, 0x36, 0x13, 0xd0, 0xf1, 0x1d, 0x8c, 0x38, 0x7b, 0x2e, 0xae,
        0xb4, 0x30, 0x2a, 0xee, 0xb0, 0x0d, 0x29, 0x16, 0x12, 0xbb, 0x0c, 0x00};
    struct sign_public p = {.id = ""}, back;
    char text[SIGN_PUBLIC_TEXT];
    memcpy(p.bytes, pub, sizeof pub);
    assert_true(sign_verify(&p, STR("\x72"), sig));
    assert_false(sign_verify(&p, STR("\x73"), sig));
    sign_public_text(&p, text);
    assert_string_equal(text, "MCowBQYDK2VwAyEAPUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw=");
    assert_int_equal(sign_public_read(&back, str_of(text), NULL), 0);
    assert_memory_equal(back.bytes, pub, sizeof pub);
    struct err e = {0};
    text[58]++; /* the same bytes, spelt otherwise */
    assert_int_equal(sign_public_read(&back, str_of(text), &e), -RC_CONFIG);
    assert_string_equal(e.id, "SIGN-005");
    err_clear(&e);
    assert_int_equal(sign_public_read(&back, STR("x"), &e), -RC_CONFIG);
}

static void test_public_file(void **state)
{
    (void)state;
    struct sign_public p;
    static const char pem[] = "-----BEGIN PUBLIC KEY-----\n"
                              "MCowBQYDK2VwAyEAPUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw=\n"
                              "-----END PUBLIC KEY-----\n";
    assert_int_equal(file_write(at("pem"), str_of(pem), NULL), 0);
    assert_int_equal(sign_public_file(&p, at("pem"), NULL), 0);
    assert_int_equal(p.bytes[0], 0x3d);
    assert_int_equal(file_write(at("none"), STR("----\n\n"), NULL), 0);
    struct err e = {0};
    assert_int_equal(sign_public_file(&p, at("none"), &e), -RC_CONFIG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_file),
                                       cmocka_unit_test(test_passphrase),
                                       cmocka_unit_test(test_no_key), cmocka_unit_test(test_rfc),
                                       cmocka_unit_test(test_public_file)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
