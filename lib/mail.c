/* mail.c — the text of a mail. Owns nothing; everything is appended to the caller's buffer. */
#include "mail.h"

#include "period.h"
#include "text.h"

#define LINE_MAX_QP 75 /* characters before the soft line end */
#define WORD_BYTES 42  /* of text in one encoded word: 56 letters of base64 */

bool mail_address_ok(const char *z)
{
    const char *at = strchr(z, '@');
    size_t n = strlen(z);
    if (!at || at == z || !at[1] || strchr(at + 1, '@') || n > 254)
        return false;
    for (const char *c = z; *c; c++)
        if (*c <= ' ' || *c >= 0x7f || strchr("\"(),:;<>[]\\%", *c))
            return false;
    return z[0] != '-' && z[0] != '.';
}

/* May it stand as it is? bad: characters that would mean something in this header. */
static bool plain_ascii(const char *z, const char *bad)
{
    bool encoded = strstr(z, "=?") != NULL;
    for (; *z && !encoded; z++)
        encoded = *z < ' ' || *z >= 0x7f || strchr(bad, *z);
    return !encoded;
}

static void base64(struct buf *b, const unsigned char *p, size_t n)
{
    static const char set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < n; i += 3) {
        uint32_t v = (uint32_t)p[i] << 16;
        v |= i + 1 < n ? (uint32_t)p[i + 1] << 8 : 0;
        v |= i + 2 < n ? (uint32_t)p[i + 2] : 0;
        buf_char(b, set[v >> 18]);
        buf_char(b, set[(v >> 12) & 63]);
        buf_char(b, i + 1 < n ? set[(v >> 6) & 63] : '=');
        buf_char(b, i + 2 < n ? set[v & 63] : '=');
    }
}

/* A text of a header: as it is when it is short plain ASCII, else as encoded words of whole
 * characters, one a line. Control characters become blanks. */
static void header_text(struct buf *b, const char *z, const char *bad)
{
    if (plain_ascii(z, bad) && strlen(z) < 60) {
        buf_text(b, z);
        return;
    }
    struct str rest = str_of(z);
    for (bool first = true; rest.n; first = false) {
        unsigned char word[WORD_BYTES];
        size_t n = 0;
        while (rest.n) {
            struct str next = rest;
            (void)text_next(&next);
            size_t bytes = rest.n - next.n;
            if (n + bytes > sizeof word)
                break;
            memcpy(word + n, rest.p, bytes);
            if (word[n] < ' ' || word[n] == 0x7f)
                word[n] = ' ';
            n += bytes;
            rest = next;
        }
        buf_text(b, first ? "=?UTF-8?B?" : "\r\n =?UTF-8?B?");
        base64(b, word, n);
        buf_text(b, "?=");
    }
}

/* Quoted-printable: what is not printable ASCII, '=', blanks at line ends, and a dot or "From " at
 * a line's beginning (which mail programs touch) are written as =XX. */
static bool as_is(const char *c, bool first)
{
    unsigned char u = (unsigned char)*c;
    if (u == ' ')
        return c[1] != '\n' && c[1] != '\0';
    return u > ' ' && u < 0x7f && u != '=' && !(first && (u == '.' || u == 'F'));
}

static void body_text(struct buf *b, const char *z)
{
    size_t at = 0;
    for (const char *c = z; *c; c++) {
        bool same = as_is(c, at == 0);
        size_t width = same ? 1 : 3;
        if (*c == '\n') {
            buf_text(b, "\r\n");
            at = 0;
            continue;
        }
        if (at + width > LINE_MAX_QP) {
            buf_text(b, "=\r\n");
            at = 0;
        }
        if (same)
            buf_char(b, *c);
        else
            buf_fmt(b, "=%02X", (unsigned char)*c);
        at += width;
    }
    if (at)
        buf_text(b, "\r\n");
}

/* "Wed, 20 May 2026 06:00:00 +0000" without the C library's ideas of place and language. */
static void date(struct buf *b, int64_t when)
{
    static const char days[] = "ThuFriSatSunMonTueWed"; /* 1970-01-01 was a Thursday */
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    int64_t day = when >= 0 ? when / 86400 : 0, second = when >= 0 ? when % 86400 : 0;
    struct period p = period_add((struct period){FREQ_DAY, 1970, 1}, (int)day), month;
    if (!period_parent(p, FREQ_MONTH, &month))
        month = (struct period){FREQ_MONTH, p.year, 1};
    buf_fmt(b, "Date: %.3s, %d %.3s %d %02d:%02d:%02d +0000\r\n", days + day % 7 * 3,
            (int)(period_first_day(p) - period_first_day(month)) + 1,
            months + (month.index - 1) * 3, p.year, (int)(second / 3600), (int)(second / 60 % 60),
            (int)(second % 60));
}

static int check(const struct mail *m, struct err *e)
{
    if (m->nto == 0)
        return err_set(e, RC_CONFIG, "MAIL-002", "a mail without an addressee");
    for (size_t i = 0; i <= m->nto; i++) {
        const char *z = i < m->nto ? m->to[i] : m->from;
        if (!z || !mail_address_ok(z)) {
            err_set(e, RC_CONFIG, "MAIL-001", "\"%s\" is no mail address", z ? z : "");
            return err_hint(e, "write name@example.org, without brackets and without a display"
                               " name");
        }
    }
    if (!m->id || !mail_address_ok(m->id))
        return err_set(e, RC_DATA, "MAIL-003", "\"%s\" is no message id", m->id ? m->id : "");
    return 0;
}

int mail_compose(struct buf *b, const struct mail *m, struct err *e)
{
    int rc = check(m, e);
    if (rc < 0)
        return rc;
    date(b, m->when);
    buf_text(b, "From: ");
    if (m->from_name && *m->from_name) {
        header_text(b, m->from_name, "=?\"\\<>(),:;@[].");
        buf_fmt(b, "\r\n <%s>\r\n", m->from);
    } else
        buf_fmt(b, "<%s>\r\n", m->from);
    for (size_t i = 0; i < m->nto; i++)
        buf_fmt(b, "%s<%s>", i ? ",\r\n " : "To: ", m->to[i]);
    buf_text(b, "\r\nSubject: ");
    header_text(b, m->subject, "");
    buf_fmt(b, "\r\nMessage-ID: <%s>\r\n", m->id);
    buf_text(b, "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
                "Content-Type: text/plain; charset=utf-8\r\n"
                "Content-Transfer-Encoding: quoted-printable\r\n\r\n");
    body_text(b, m->body);
    return 0;
}
