/* test_packet.c — a packet is what was signed or nothing: every byte changed, left out or added is
 * refused; so is everything that a manifest must not say, and every other spelling of it. */
#include "unit.h"

#include "ingest/packet.h"

#include <sys/stat.h>
#include <unistd.h>

static char dir[64], bytes[16384];
static size_t nbytes;
static struct sign_key *key;
static struct packet_manifest good;

static const char *at(const char *name)
{
    static char path[160];
    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    return path;
}

static int write_packet(const struct packet_manifest *m, struct err *e)
{
    struct newfile f;
    char file[160], *read = NULL;
    size_t n = 0;
    (void)snprintf(file, sizeof file, "%s", at("AL.csv"));
    assert_int_equal(file_create(&f, at("p.rtap"), NULL), 0);
    int rc = packet_write(&f.out, m, key, file, e);
    if (rc < 0) {
        file_abandon(&f);
        return rc;
    }
    assert_int_equal(file_publish(&f, NULL), 0);
    assert_int_equal(file_slurp(at("p.rtap"), sizeof bytes, &read, &n, NULL), 0);
    memcpy(bytes, read, n);
    nbytes = n;
    mem_free(read);
    return 0;
}

static int setup(void **state)
{
    static const char *const periods[] = {"2025-Q1", "2025-Q2"};
    static char sha[SHA256_HEX];
    (void)state;
    (void)snprintf(dir, sizeof dir, "/tmp/test_packet.XXXXXX");
    assert_non_null(mkdtemp(dir));
    assert_int_equal(file_write(at("AL.csv"), STR("a;b\n1;2\n"), NULL), 0);
    assert_int_equal(sign_key_make(at("key"), NULL, NULL), 0);
    assert_int_equal(sign_key_load(&key, at("key"), NULL, NULL), 0);
    sha256_text(STR("a;b\n1;2\n"), sha);
    good = (struct packet_manifest){.partner = "AL",
                                    .sender = "AL-ASP",
                                    .structure = "AL:X(1.0)",
                                    .profile = "al-police",
                                    .periods = periods,
                                    .nperiods = 2,
                                    .file = "AL.csv",
                                    .file_sha256 = sha,
                                    .bytes = 8,
                                    .sequence = 1,
                                    .previous = "",
                                    .created = "2026-01-31T12:00:00Z",
                                    .reason = "first \"delivery\" ë",
                                    .reason_code = "first",
                                    .config = "",
                                    .key = sign_key_public(key)->id};
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    sign_key_free(key);
    return dir_remove(dir, NULL);
}

/* Is it a whole packet that this key signed? */
static bool accepted(const char *p, size_t n)
{
    struct packet k;
    struct err e = {0};
    if (packet_open(&k, source_memory((struct str){p, n}, "p"), &e) < 0) {
        assert_true(e.rc == RC_DATA && e.id[0]);
        return false;
    }
    bool ok = packet_signed_by(&k, sign_key_public(key)) && packet_file(&k, NULL, &e) == 0;
    packet_close(&k);
    return ok;
}

static void test_round(void **state)
{
    (void)state;
    struct packet k;
    char name[PACKET_NAME], want[PACKET_NAME];
    assert_int_equal(write_packet(&good, NULL), 0);
    assert_true(nbytes % 512 == 0);
    assert_true(accepted(bytes, nbytes));
    assert_int_equal(packet_open(&k, source_memory((struct str){bytes, nbytes}, "p"), NULL), 0);
    assert_string_equal(k.m.reason, good.reason);
    assert_string_equal(k.m.periods[1], "2025-Q2");
    manifest_packet_name(&k.m, name);
    (void)snprintf(want, sizeof want, "AL-ASP-%.8s-000001.rtap", good.key);
    assert_string_equal(name, want);
    packet_close(&k);
}

static void test_every_byte(void **state)
{
    (void)state;
    static char odd[sizeof bytes + 2];
    assert_int_equal(write_packet(&good, NULL), 0);
    for (size_t i = 0; i < nbytes; i++) {
        memcpy(odd, bytes, nbytes);
        odd[i] = (char)(odd[i] ^ (1 << (i % 8)));
        if (accepted(odd, nbytes))
            fail_msg("a changed byte %zu of %zu passes", i, nbytes);
    }
    for (size_t n = 0; n < nbytes; n += n % 512 == 511 || n % 512 == 0 ? 1 : 37)
        assert_false(accepted(bytes, n));
    memcpy(odd, bytes, nbytes);
    odd[nbytes] = 0;
    assert_false(accepted(odd, nbytes + 1));
}

static void test_other_key(void **state)
{
    (void)state;
    struct packet k;
    struct sign_key *other = NULL;
    assert_int_equal(write_packet(&good, NULL), 0);
    assert_int_equal(sign_key_make(at("other"), NULL, NULL), 0);
    assert_int_equal(sign_key_load(&other, at("other"), NULL, NULL), 0);
    assert_int_equal(packet_open(&k, source_memory((struct str){bytes, nbytes}, "p"), NULL), 0);
    assert_false(packet_signed_by(&k, sign_key_public(other)));
    struct sign_public lie = *sign_key_public(other); /* another key that goes by our name */
    memcpy(lie.id, sign_key_public(key)->id, sizeof lie.id);
    assert_false(packet_signed_by(&k, &lie));
    packet_close(&k);
    sign_key_free(other);
}

static void refuses(struct packet_manifest m)
{
    struct err e = {0};
    assert_int_equal(write_packet(&m, &e), -RC_DATA);
    assert_string_equal(e.id, "PACKET-002");
}

static void test_unfit(void **state)
{
    (void)state;
    static const char *const names[] = {"../x", "a/b", ".hidden", "", "a\nb", "a\033[2J", "\xff"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct packet_manifest m = good;
        m.file = names[i];
        refuses(m);
        m = good;
        m.profile = names[i];
        refuses(m);
        m = good;
        m.sender = names[i];
        refuses(m);
        if (*names[i]) {
            m = good;
            m.partner = names[i];
            refuses(m);
        }
    }
    static const char *const period[] = {"2025-Q9"};
    struct packet_manifest m = good;
    m.periods = period, m.nperiods = 1, refuses(m);
    m = good, m.reason = "a\nb", refuses(m);
    m = good, m.sequence = 0, refuses(m);
    m = good, m.sequence = 1000000, refuses(m);
    m = good, m.sequence = 2, refuses(m); /* without the one before */
    m = good, m.previous = good.file_sha256, refuses(m);
    m = good, m.created = "yesterday", refuses(m);
    m = good, m.key = "ABCDEF0123456789", refuses(m);
    m = good, m.file_sha256 = "00", refuses(m);
    m = good, m.bytes = -1, refuses(m);
}

static void test_changed_file(void **state)
{
    (void)state;
    struct err e = {0};
    struct packet_manifest m = good;
    m.bytes = 7;
    assert_int_equal(write_packet(&m, &e), -RC_DATA);
    assert_string_equal(e.id, "PACKET-004");
}

static void test_spellings(void **state)
{
    (void)state;
    struct packet_manifest m;
    struct arena a = {0};
    struct buf b;
    buf_init(&b, 65536);
    manifest_write(&b, &good);
    assert_int_equal(manifest_read(&m, buf_view(&b), &a, NULL), 0);
    buf_char(&b, '\n');
    struct err e = {0};
    assert_int_equal(manifest_read(&m, buf_view(&b), &a, &e), -RC_DATA);
    assert_string_equal(e.id, "PACKET-003");
    err_clear(&e);
    assert_int_equal(manifest_read(&m, STR("[]"), &a, &e), -RC_DATA);
    err_clear(&e);
    assert_int_equal(manifest_read(&m, STR("{\"format\":"), &a, &e), -RC_DATA);
    buf_free(&b);
    arena_free(&a);
}

static void test_tar(void **state)
{
    (void)state;
    struct buf b;
    buf_init(&b, 8192);
    char head[TAR_BLOCK];
    tar_header(head, "x", 3);
    buf_add(&b, head, sizeof head);
    struct tar_in t = {.in = source_memory(buf_view(&b), "t")};
    char *p = NULL;
    size_t n = 0;
    assert_int_equal(tar_next(&t, NULL), 1);
    assert_string_equal(t.name, "x");
    struct err e = {0};
    assert_int_equal(tar_slurp(&t, 2, &p, &n, &e), -RC_DATA); /* larger than allowed */
    err_clear(&e);
    assert_int_equal(tar_slurp(&t, 10, &p, &n, &e), -RC_DATA); /* ends too early */
    source_close(t.in);
    head[0] = 'y'; /* the sum no longer fits */
    t = (struct tar_in){.in = source_memory((struct str){head, sizeof head}, "t")};
    err_clear(&e);
    assert_int_equal(tar_next(&t, &e), -RC_DATA);
    source_close(t.in);
    buf_free(&b);
}

static void test_receipt(void **state)
{
    (void)state;
    struct json *j CLEANUP(js_freep) = js_object(), *back = NULL;
    struct buf b, shown;
    struct err e = {0};
    buf_init(&b, 65536);
    buf_init(&shown, 65536);
    js_set(j, "format", js_text(RECEIPT_FORMAT));
    js_set(j, "packet", js_text("P\033[2J"));
    js_set(j, "state", js_text("refused"));
    js_set(j, "reason", js_text("because"));
    assert_int_equal(receipt_write(&b, j, key, &e), 0);
    assert_int_equal(receipt_read(&back, buf_view(&b), sign_key_public(key), &e), 0);
    receipt_show(&shown, back);
    assert_non_null(strstr(buf_z(&shown), "because"));
    assert_null(strchr(buf_z(&shown), '\033'));
    js_free(back);
    for (size_t i = 0; i < b.n; i++) { /* every byte of it is proved */
        b.p[i] = (char)(b.p[i] ^ 2);
        err_clear(&e);
        back = NULL;
        assert_true(receipt_read(&back, buf_view(&b), sign_key_public(key), &e) < 0);
        assert_null(back);
        b.p[i] = (char)(b.p[i] ^ 2);
    }
    buf_reset(&b);
    err_clear(&e);
    assert_int_equal(receipt_write(&b, j, NULL, &e), 0);
    assert_int_equal(receipt_read(&back, buf_view(&b), NULL, &e), 0);
    js_free(back);
    assert_int_equal(receipt_read(&back, buf_view(&b), sign_key_public(key), &e), -RC_DENIED);
    buf_free(&b);
    buf_free(&shown);
}

static void test_keys(void **state)
{
    (void)state;
    struct sign_public p;
    struct err e = {0};
    char text[SIGN_PUBLIC_TEXT], yaml[512];
    const char *id = sign_key_public(key)->id;
    sign_public_text(sign_key_public(key), text);
    (void)snprintf(yaml, sizeof yaml,
                   "sender: AL-ASP\nkeys:\n  - {public: %s, from: 2026-01-01, to: 2026-12-31, "
                   "revoked: 2026-06-01}\n",
                   text);
    assert_int_equal(file_write(at("AL-ASP.yaml"), str_of(yaml), NULL), 0);
    assert_int_equal(file_write(at("XK-KP.yaml"), str_of(yaml), NULL), 0);
    assert_int_equal(packet_key_find(dir, "AL-ASP", id, "2026-01-01", &p, NULL), 0);
    assert_memory_equal(p.bytes, sign_key_public(key)->bytes, SIGN_PUBLIC_BYTES);
    static const struct {
        const char *sender, *day, *id;
    } bad[] = {{"AL-ASP", "2025-12-31", "KEY-003"},
               {"AL-ASP", "2026-06-01", "KEY-002"},
               {"ME-UP", "2026-02-01", "KEY-007"},
               {"XK-KP", "2026-02-01", "KEY-008"},
               {"../AL", "2026-02-01", "KEY-006"}};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        err_clear(&e);
        assert_true(packet_key_find(dir, bad[i].sender, id, bad[i].day, &p, &e) < 0);
        assert_string_equal(e.id, bad[i].id);
    }
    err_clear(&e);
    assert_int_equal(packet_key_find(dir, "AL-ASP", "0000000000000000", "2026-02-01", &p, &e),
                     -RC_DENIED);
    assert_string_equal(e.id, "KEY-005");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round),        cmocka_unit_test(test_every_byte),
        cmocka_unit_test(test_other_key),    cmocka_unit_test(test_unfit),
        cmocka_unit_test(test_changed_file), cmocka_unit_test(test_spellings),
        cmocka_unit_test(test_tar),          cmocka_unit_test(test_receipt),
        cmocka_unit_test(test_keys)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
