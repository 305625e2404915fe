/* test_mail.c — the text of a mail: no header can be put in from outside, what is not ASCII is
 * encoded whole, lines are short, and the same letter is the same bytes. */
#include "unit.h"

#include "lib/mail.h"

static const char *const to[] = {"a@example.org", "b.c@sub.example.org"};

static struct mail letter(void)
{
    return (struct mail){.from = "desk@example.org",
                         .from_name = "Desk",
                         .to = to,
                         .nto = 2,
                         .subject = "Figures",
                         .body = "Hello\n",
                         .id = "rta.1@example.org",
                         .when = 1779257045}; /* 2026-05-20 06:04:05 UTC */
}

static char *compose(const struct mail *m)
{
    struct buf b;
    struct err e = {.rc = RC_OK};
    buf_init(&b, 1u << 20);
    assert_int_equal(mail_compose(&b, m, &e), 0);
    char *z = mem_text(buf_view(&b));
    buf_free(&b);
    return z;
}

static void test_whole(void **state)
{
    (void)state;
    struct mail m = letter();
    char *z = compose(&m);
    assert_string_equal(z, "Date: Wed, 20 May 2026 06:04:05 +0000\r\n"
                           "From: Desk\r\n <desk@example.org>\r\n"
                           "To: <a@example.org>,\r\n <b.c@sub.example.org>\r\n"
                           "Subject: Figures\r\n"
                           "Message-ID: <rta.1@example.org>\r\n"
                           "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
                           "Content-Type: text/plain; charset=utf-8\r\n"
                           "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
                           "Hello\r\n");
    mem_free(z);
}

/* Every header line is one of those that we write, or continues one. */
static void test_injection(void **state)
{
    (void)state;
    static const char *const evil[] = {
        "x\r\nBcc: evil@example.org",
        "x\nBcc: e@example.org\n\nhi",
        "=?UTF-8?Q?x?=",
        "a\rb",
        "\"; <evil@example.org>",
        "\xd0\x9a\xd0\xbe\xd1\x81\xd0\xbe\xd0\xb2\xd0\xbe*\r\nTo: e"};
    static const char *const known[] = {
        "Date: ",           "From: ", "To: ",           "Subject: ",  "Message-ID: ",
        "Auto-Submitted: ", "MIME-",  "Content-Type: ", "Content-Tr", " "};
    for (size_t i = 0; i < ARRAY_LEN(evil); i++) {
        struct mail m = letter();
        m.subject = m.from_name = evil[i];
        char *z = compose(&m), *line = z;
        size_t n = 0;
        while (strncmp(line, "\r\n", 2) != 0) {
            size_t k = 0;
            while (k < ARRAY_LEN(known) && strncmp(line, known[k], strlen(known[k])) != 0)
                k++;
            assert_true(k < ARRAY_LEN(known));
            char *end = strstr(line, "\r\n");
            assert_non_null(end);
            assert_true(end - line <= 76);
            assert_null(memchr(line, '\n', (size_t)(end - line)));
            line = end + 2;
            n++;
        }
        assert_in_range(n, 10, 16);
        assert_null(strstr(z, "\r\nBcc"));
        mem_free(z);
    }
}

static void test_words(void **state)
{
    (void)state;
    struct mail m = letter();
    m.subject = "\xc5\xa0ta je: \xd0\x9a"; /* "Šta je: К" */
    char *z = compose(&m);
    assert_non_null(strstr(z, "Subject: =?UTF-8?B?xaB0YSBqZTog0Jo=?=\r\n"));
    mem_free(z);
    char many[402];
    for (size_t i = 0; i < 400; i += 2)
        memcpy(many + i, "\xd0\x9a", 2);
    many[400] = '\0';
    m.subject = many;
    z = compose(&m);
    size_t words = 0;
    for (const char *c = z; (c = strstr(c, "=?UTF-8?B?")); c++)
        words++;
    assert_int_equal(words, 10); /* 42 bytes of whole characters each */
    mem_free(z);
}

static void test_body(void **state)
{
    (void)state;
    static const struct {
        const char *in, *out;
    } is[] = {
        {".\n", "=2E\r\n"},
        {"a \nb", "a=20\r\nb\r\n"},
        {"From me\n", "=46rom me\r\n"},
        {"\xc5\xa1=", "=C5=A1=3D\r\n"},
        {"a\rb\n", "a=0Db\r\n"},
        {"", ""},
        {"\t\n", "=09\r\n"},
        {"\n\n", "\r\n\r\n"},
    };
    for (size_t i = 0; i < ARRAY_LEN(is); i++) {
        struct mail m = letter();
        m.body = is[i].in;
        char *z = compose(&m);
        assert_string_equal(strstr(z, "\r\n\r\n") + 4, is[i].out);
        mem_free(z);
    }
    char wide[1001];
    memset(wide, 'x', 1000);
    wide[1000] = '\0';
    struct mail m = letter();
    m.body = wide;
    char *z = compose(&m);
    for (const char *c = strstr(z, "\r\n\r\n") + 4; *c;) {
        const char *end = strstr(c, "\r\n");
        assert_in_range(end - c, 1, 76);
        c = end + 2;
    }
    mem_free(z);
}

static void test_faults(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",      "a",     "@b",      "a@",   "a@b@c", "a b@c",     "a@b\r\nBcc: c@d",
        "<a@b>", "a,b@c", "\"a\"@b", "a@b>", "-a@b",  "a@\xd0\x9a"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct err e = {.rc = RC_OK};
        struct buf b;
        buf_init(&b, 4096);
        struct mail m = letter();
        m.to = &bad[i];
        m.nto = 1;
        assert_int_equal(mail_compose(&b, &m, &e), -RC_CONFIG);
        assert_string_equal(e.id, "MAIL-001");
        m = letter();
        m.id = bad[i];
        err_clear(&e);
        assert_int_equal(mail_compose(&b, &m, &e), -RC_DATA);
        assert_int_equal(b.n, 0);
        buf_free(&b);
    }
    struct err e = {.rc = RC_OK};
    struct mail m = letter();
    static const char *const urls[] = {"http://x", "smtp://me:secret@x", "", "file:///etc/passwd"};
    for (size_t i = 0; i < ARRAY_LEN(urls); i++) {
        struct mail_server s = {.url = urls[i], .timeout_ms = 1000};
        err_clear(&e);
        assert_int_equal(mail_send(&s, &m, &e), -RC_CONFIG);
        assert_string_equal(e.id, "MAIL-015");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole),  cmocka_unit_test(test_injection),
        cmocka_unit_test(test_words),  cmocka_unit_test(test_body),
        cmocka_unit_test(test_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
