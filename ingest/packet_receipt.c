/* packet_receipt.c — the answer to a packet: a line of JSON and a line that proves it, so that both
 * appear together; and the same in words. Owns nothing that it returns. */
#include "packet.h"

#include "text.h"

#include <stdarg.h>

#define WIDTH 79
#define FINDINGS_SHOWN 20

static void put_hex(struct buf *b, const unsigned char *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        buf_fmt(b, "%02x", p[i]);
}

static bool get_hex(struct str s, unsigned char *ret, size_t n)
{
    static const char digits[] = "0123456789abcdef";
    if (s.n != 2 * n)
        return false;
    for (size_t i = 0; i < 2 * n; i++) {
        const char *d = s.p[i] ? strchr(digits, s.p[i]) : NULL;
        if (!d)
            return false;
        unsigned v = (unsigned)(d - digits);
        ret[i / 2] = (unsigned char)(i % 2 ? ret[i / 2] | v : v << 4);
    }
    return true;
}

int receipt_write(struct buf *b, const struct json *j, const struct sign_key *key, struct err *e)
{
    unsigned char signature[SIGN_BYTES];
    size_t from = b->n;
    js_write(b, j, false);
    int rc = buf_ok(b, "the receipt", e);
    if (rc == 0 && key)
        rc = sign_bytes(key, (struct str){b->p + from, b->n - from}, signature, e);
    if (rc < 0)
        return rc;
    buf_fmt(b, "\n{\"key\":\"%s\",\"signature\":\"", key ? sign_key_public(key)->id : "");
    if (key)
        put_hex(b, signature, SIGN_BYTES);
    buf_text(b, "\"}\n");
    return buf_ok(b, "the receipt", e);
}

/* Who signed the first line, as the second says it; false when that does not hold. */
static bool proved(struct str first, const struct json *second, const struct sign_public *key)
{
    unsigned char signature[SIGN_BYTES];
    return str_is(js_str(js_get(second, "key")), key->id) &&
           get_hex(js_str(js_get(second, "signature")), signature, SIGN_BYTES) &&
           sign_verify(key, first, signature);
}

int receipt_read(struct json **ret, struct str bytes, const struct sign_public *key, struct err *e)
{
    struct json *second CLEANUP(js_freep) = NULL;
    const char *end = bytes.n ? memchr(bytes.p, '\n', bytes.n) : NULL;
    *ret = NULL;
    if (!end || bytes.p[bytes.n - 1] != '\n')
        return err_set(e, RC_DATA, "RECEIPT-001", "this is no receipt: a line is missing");
    struct str first = {bytes.p, (size_t)(end - bytes.p)};
    int rc = js_parse(&second, str_cut(bytes, first.n + 1), "receipt, second line", e);
    if (rc == 0)
        rc = js_parse(ret, first, "receipt", e);
    if (rc == 0 && !str_is(js_str(js_get(*ret, "format")), RECEIPT_FORMAT))
        rc = err_set(e, RC_DATA, "RECEIPT-002", "this is no receipt of format %s", RECEIPT_FORMAT);
    if (rc == 0 && key && !proved(first, second, key)) {
        err_set(e, RC_DENIED, "RECEIPT-003", "the coordinator did not sign this receipt");
        rc = err_hint(e,
                      "ask the coordinator whether the key has changed; do not trust the receipt");
    }
    if (rc < 0) {
        js_free(*ret);
        *ret = NULL;
    }
    return rc;
}

/* ---- in words ----------------------------------------------------------------------------------
 */

/* "label    words words …", broken at blanks, later lines indented under the first word. */
static void line(struct buf *b, const char *label, struct str words)
{
    char word[1024];
    buf_fmt(b, "%-10s", label);
    size_t col = 10, indent = 10;
    while (words.n) {
        size_t n = 0;
        while (n < words.n && words.p[n] != ' ' && n < sizeof word - 1)
            n++;
        memcpy(word, words.p, n);
        word[n] = '\0';
        err_disarm(word);
        size_t width = text_width(str_of(word));
        if (col > indent && col + 1 + width > WIDTH) {
            buf_fmt(b, "\n%*s", (int)indent, "");
            col = indent;
        }
        buf_fmt(b, "%s%s", col > indent ? " " : "", word);
        col += width + (col > indent);
        words = str_cut(words, n + (n < words.n && words.p[n] == ' '));
    }
    buf_char(b, '\n');
}

static void linef(struct buf *b, const char *label, const char *fmt, ...) PRINTF_LIKE(3, 4);
static void linef(struct buf *b, const char *label, const char *fmt, ...)
{
    char text[4096];
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    line(b, label, str_of(text));
}

static struct str get(const struct json *j, const char *key) { return js_str(js_get(j, key)); }

static long long whole(const struct json *j, const char *key)
{
    return (long long)js_integer(js_get(j, key), 0);
}

void manifest_show(struct buf *b, const struct packet_manifest *m)
{
    char name[PACKET_NAME];
    manifest_packet_name(m, name);
    line(b, "packet", str_of(name));
    linef(b, "file", "%s, %lld bytes, sha256 %s", m->file, (long long)m->bytes, m->file_sha256);
    linef(b, "sender", "%s%s%s, key %s", m->sender, *m->partner ? " of " : "", m->partner, m->key);
    linef(b, "chain", "number %lld%s%s, made %s", (long long)m->sequence,
          *m->previous ? " after " : ", the first", m->previous, m->created);
    linef(b, "read as", "%s", m->profile);
    struct buf periods;
    buf_init(&periods, 16384);
    for (size_t i = 0; i < m->nperiods; i++)
        buf_fmt(&periods, "%s%s", i ? " " : "", m->periods[i]);
    if (m->nperiods)
        line(b, "periods", buf_view(&periods));
    buf_free(&periods);
    linef(b, "reason", "%s%s%s%s", m->reason, *m->reason_code ? " (" : "", m->reason_code,
          *m->reason_code ? ")" : "");
}

static void show_load(struct buf *b, const struct json *load)
{
    const struct json *rows = js_get(load, "rows");
    if (js_kind_of(load) != JS_OBJECT)
        return;
    struct str state = get(load, "state");
    linef(b, "loaded", "as submission %lld%s%.*s%s", whole(load, "receipt"), state.n ? ", " : "",
          STR_ARG(state),
          js_kind_of(js_get(load, "repeat")) == JS_TRUE ? "; it was there already" : "");
    if (js_kind_of(rows) == JS_OBJECT)
        linef(b, "rows", "%lld: %lld new, %lld revised, %lld unchanged", whole(rows, "in"),
              whole(rows, "new"), whole(rows, "revised"), whole(rows, "unchanged"));
}

static void show_findings(struct buf *b, const struct json *f)
{
    if (js_kind_of(f) != JS_OBJECT)
        return;
    linef(b, "findings", "%lld errors, %lld warnings", whole(f, "errors"), whole(f, "warnings"));
    const struct json *list = js_get(f, "list");
    size_t n = js_kind_of(list) == JS_ARRAY ? js_count(list) : 0;
    for (size_t i = 0; i < n && i < FINDINGS_SHOWN; i++) {
        const struct json *x = js_at(list, i);
        if (str_is(get(x, "level"), "information"))
            continue;
        linef(b, "", "%.*s: %.*s: %.*s [%.*s]", STR_ARG(get(x, "level")), STR_ARG(get(x, "place")),
              STR_ARG(get(x, "reason")), STR_ARG(get(x, "rule")));
        if (get(x, "fix").n)
            linef(b, "", "- %.*s", STR_ARG(get(x, "fix")));
    }
    if (n > FINDINGS_SHOWN)
        linef(b, "", "and %zu more, in the receipt", n - FINDINGS_SHOWN);
}

void receipt_show(struct buf *b, const struct json *j)
{
    const struct json *file = js_get(j, "file"), *said = js_get(j, "messages");
    line(b, "packet", get(j, "packet"));
    if (get(file, "name").n)
        linef(b, "file", "%.*s, %lld bytes", STR_ARG(get(file, "name")), whole(file, "bytes"));
    linef(b, "answer", "%.*s, %.*s", STR_ARG(get(j, "state")), STR_ARG(get(j, "answered_at")));
    if (get(j, "reason").n)
        line(b, "why", get(j, "reason"));
    if (get(j, "hint").n)
        line(b, "do", get(j, "hint"));
    show_load(b, js_get(j, "load"));
    show_findings(b, js_get(j, "findings"));
    size_t n = js_kind_of(said) == JS_ARRAY ? js_count(said) : 0;
    for (size_t i = 0; i < n; i++)
        line(b, i ? "" : "messages", js_str(js_at(said, i)));
}
