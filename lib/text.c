/* text.c — the part of text.h that turns declared encodings into UTF-8. A text source owns the
 * source below, iconv's state and its buffers. UTF-8 input is checked in the caller's own buffer,
 * without a copy. Places count bytes of UTF-8. */
#include "text.h"

#include "buf.h"
#include "bounds.h"
#include "mem.h"
#include "text_scan.h"

#include <ctype.h>
#include <errno.h>
#include <iconv.h>

struct encoding {
    const char *name;  /* canonical; also what a BOM says */
    const char *iconv; /* NULL: UTF-8 */
    bool c1;           /* its bytes 80 … 9f are control characters */
};

static const struct encoding encodings[] = {
    {"UTF-8", NULL, false},
    {"UTF-16", "UTF-16", false},
    {"UTF-16LE", "UTF-16LE", false},
    {"UTF-16BE", "UTF-16BE", false},
    {"Windows-1250", "CP1250", false},
    {"Windows-1251", "CP1251", false},
    {"Windows-1252", "CP1252", false},
    {"ISO-8859-1", "ISO-8859-1", true},
    {"ISO-8859-2", "ISO-8859-2", true},
    {"ISO-8859-5", "ISO-8859-5", true},
    {"ISO-8859-16", "ISO-8859-16", true},
    {"MacRoman", "MACINTOSH", false},
};

/* Equal but for case, '-' and '_'? */
static bool same_name(const char *a, const char *b)
{
    for (;;) {
        while (*a == '-' || *a == '_')
            a++;
        while (*b == '-' || *b == '_')
            b++;
        if (tolower((unsigned char)*a) != tolower((unsigned char)*b))
            return false;
        if (!*a)
            return true;
        a++;
        b++;
    }
}

static const struct encoding *find_encoding(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(encodings); i++)
        if (same_name(name, encodings[i].name))
            return &encodings[i];
    return NULL;
}

const char *text_encoding(const char *name)
{
    const struct encoding *x = find_encoding(name);
    return x ? x->name : NULL;
}

struct source_text {
    struct source source;
    struct source *below;
    const struct encoding *encoding;
    iconv_t cd; /* (iconv_t)-1 for UTF-8 */
    char *in;   /* LIMIT_IO_CHUNK bytes: what was read and not yet used */
    size_t in_at, in_n;
    char *out; /* what was converted and not yet handed on */
    size_t out_at, out_n;
    bool eof;
    size_t line, col; /* of the next byte given */
    char part[4];     /* a character that the last portion cut */
    size_t part_n;
};

#define OUT_SIZE (LIMIT_IO_CHUNK * 4)

static int bad_byte(struct source_text *t, const char *p, size_t n, struct err *e)
{
    char hex[3 * 4 + 1] = "";
    for (size_t i = 0; i < n && i < 4; i++)
        (void)snprintf(hex + 3 * i, 4, " %02x", (unsigned)(unsigned char)p[i]);
    err_set(e, RC_DATA, "TEXT-002", "bytes that are not valid %s:%s", t->encoding->name, hex);
    err_hint(e, "declare the encoding that the file is really in, or correct the file");
    return err_place(e, "%s:%zu:%zu", t->source.name, t->line, t->col);
}

static int nul_byte(struct source_text *t, struct err *e)
{
    err_set(e, RC_DATA, "TEXT-003", "a NUL character in a text");
    err_hint(e, t->encoding->iconv && strncmp(t->encoding->name, "UTF-16", 6) == 0
                    ? "the file is damaged, or not a text"
                    : "the file is damaged, not a text, or UTF-16");
    return err_place(e, "%s:%zu:%zu", t->source.name, t->line, t->col);
}

static int control_byte(struct source_text *t, uint32_t c, struct err *e)
{
    err_set(e, RC_DATA, "TEXT-004", "a control character (%02x), which no text in %s holds",
            (unsigned)c, t->encoding->name);
    err_hint(e, "the file is probably in a Windows encoding: Windows-1250, Windows-1251 or "
                "Windows-1252");
    return err_place(e, "%s:%zu:%zu", t->source.name, t->line, t->col);
}

/* How many bytes the character that begins with c has; 0: none begins so. */
static size_t length_of(unsigned char c)
{
    return c < 0x80 ? 1 : c < 0xc2 ? 0 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : c < 0xf5 ? 4 : 0;
}

/* Check one whole character. */
static int check_one(struct source_text *t, const char *p, size_t n, struct err *e)
{
    struct str s = {p, n};
    if (!*p)
        return nul_byte(t, e);
    uint32_t c = text_next(&s);
    if (s.n || (c == 0xfffd && !(n == 3 && memcmp(p, "\xef\xbf\xbd", 3) == 0)))
        return bad_byte(t, p, n, e);
    if (t->encoding->c1 && c >= 0x80 && c < 0xa0)
        return control_byte(t, c, e);
    return 0;
}

/* Move the place past n bytes. */
static void advance(struct source_text *t, const char *p, size_t n)
{
    const char *last = n ? memrchr(p, '\n', n) : NULL;
    t->col = last ? (size_t)(p + n - last) : t->col + n;
    t->line += last ? text_count(p, n, '\n') : 0;
}

/* Complete a character that the last portion cut: the bytes used of this one. */
static ssize_t complete(struct source_text *t, const char *p, size_t n, struct err *e)
{
    size_t want = length_of((unsigned char)t->part[0]) - t->part_n, used = want < n ? want : n;
    memcpy(t->part + t->part_n, p, used);
    t->part_n += used;
    if (used < want)
        return (ssize_t)used;
    int rc = check_one(t, t->part, t->part_n, e);
    if (rc == 0)
        advance(t, t->part, t->part_n);
    t->part_n = 0;
    return rc < 0 ? rc : (ssize_t)used;
}

/* Check the character of k bytes at p[i], which may be at fault; places count from p. */
static int doubt(const struct source_text *t, const char *p, size_t i, size_t k, struct err *e)
{
    struct source_text at = *t;
    advance(&at, p, i);
    return k == 0 ? bad_byte(&at, p + i, 1, e) : check_one(&at, p + i, k, e);
}

/* Check what begins with a whole character. */
static int check_whole(struct source_text *t, const char *p, size_t n, struct err *e)
{
    size_t i = 0;
    while (i < n) {
        i += text_plain(p + i, n - i);
        if (i < n && !t->encoding->c1)
            i += text_pairs(p + i, n - i);
        if (i == n)
            break;
        size_t k = length_of((unsigned char)p[i]);
        if (k > n - i) {
            advance(t, p, i);
            t->part_n = n - i;
            memcpy(t->part, p + i, t->part_n);
            return 0;
        }
        bool sure = k && !t->encoding->c1 && text_valid((struct str){p + i, k});
        if (!sure) {
            int rc = doubt(t, p, i, k, e);
            if (rc < 0)
                return rc;
        }
        i += k;
    }
    advance(t, p, n);
    return 0;
}

/* Check UTF-8 that follows what was checked before. */
static int check(struct source_text *t, const char *p, size_t n, struct err *e)
{
    size_t i = 0;
    if (t->part_n && n) {
        ssize_t used = complete(t, p, n, e);
        if (used < 0)
            return (int)used;
        i = (size_t)used;
    }
    return check_whole(t, p + i, n - i, e);
}

/* Nothing may be left over at the end. */
static int check_end(struct source_text *t, const char *p, size_t n, struct err *e)
{
    return n ? bad_byte(t, p, n, e) : 0;
}

static int read_below(struct source_text *t, struct err *e)
{
    if (t->in_at) {
        memmove(t->in, t->in + t->in_at, t->in_n - t->in_at);
        t->in_n -= t->in_at;
        t->in_at = 0;
    }
    ssize_t got = t->below->read(t->below, t->in + t->in_n, LIMIT_IO_CHUNK - t->in_n, e);
    if (got < 0)
        return (int)got;
    t->eof = got == 0;
    t->in_n += (size_t)got;
    return 0;
}

static ssize_t utf8_read(struct source *s, char *p, size_t n, struct err *e)
{
    struct source_text *t = (struct source_text *)s;
    ssize_t got = 0;
    if (t->in_at < t->in_n) { /* what the look at the BOM read */
        got = (ssize_t)(n < t->in_n - t->in_at ? n : t->in_n - t->in_at);
        memcpy(p, t->in + t->in_at, (size_t)got);
        t->in_at += (size_t)got;
    } else if (!t->eof) {
        got = t->below->read(t->below, p, n, e);
    }
    if (got < 0)
        return got;
    int rc = got == 0 ? check_end(t, t->part, t->part_n, e) : check(t, p, (size_t)got, e);
    return rc < 0 ? rc : got;
}

/* Convert some of the input into `out`. */
static int convert(struct source_text *t, struct err *e)
{
    char *in = t->in + t->in_at, *out = t->out;
    size_t in_n = t->in_n - t->in_at, out_n = OUT_SIZE;
    int why = 0;
    if (iconv(t->cd, &in, &in_n, &out, &out_n) == (size_t)-1)
        why = errno;
    t->in_at = t->in_n - in_n;
    t->out_at = 0;
    t->out_n = OUT_SIZE - out_n;
    int rc = check(t, t->out, t->out_n, e);
    if (rc < 0)
        return rc;
    size_t unit = strncmp(t->encoding->name, "UTF-16", 6) == 0 ? 2 : 1;
    if (why == EILSEQ)
        return bad_byte(t, in, in_n < unit ? in_n : unit, e);
    return why == EINVAL && t->eof ? check_end(t, in, in_n, e) : 0;
}

static ssize_t iconv_read(struct source *s, char *p, size_t n, struct err *e)
{
    struct source_text *t = (struct source_text *)s;
    while (t->out_at == t->out_n) {
        int rc = t->eof || t->in_n - t->in_at >= LIMIT_IO_CHUNK / 2 ? 0 : read_below(t, e);
        if (rc == 0 && t->in_n == t->in_at && t->eof)
            return 0;
        if (rc == 0)
            rc = convert(t, e);
        if (rc < 0)
            return rc;
    }
    size_t k = n < t->out_n - t->out_at ? n : t->out_n - t->out_at;
    memcpy(p, t->out + t->out_at, k);
    t->out_at += k;
    return (ssize_t)k;
}

static void text_close(struct source *s)
{
    struct source_text *t = (struct source_text *)s;
    if (t->cd != (iconv_t)-1)
        (void)iconv_close(t->cd);
    source_close(t->below);
    mem_free(t->in);
    mem_free(t->out);
    mem_free(t);
}

/* What a byte-order mark at the beginning says, and its length; NULL: there is none. */
static const char *bom(const char *p, size_t n, size_t *ret_n)
{
    *ret_n = n >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0 ? 3 : 2;
    if (*ret_n == 3)
        return "UTF-8";
    if (n >= 2 && memcmp(p, "\xff\xfe", 2) == 0)
        return "UTF-16LE";
    return n >= 2 && memcmp(p, "\xfe\xff", 2) == 0 ? "UTF-16BE" : NULL;
}

/* Look at the first bytes, drop the mark, refuse one that contradicts. */
static int begin(struct source_text *t, struct err *e)
{
    int rc = 0;
    while (rc == 0 && t->in_n < 3 && !t->eof)
        rc = read_below(t, e);
    if (rc < 0)
        return rc;
    size_t n;
    const char *says = bom(t->in, t->in_n, &n), *declared = t->encoding->name;
    bool utf16 = strcmp(declared, "UTF-16") == 0;
    if (says && (strcmp(says, declared) == 0 || (utf16 && strncmp(says, declared, 6) == 0))) {
        t->in_at = n;
        t->encoding = find_encoding(says);
        return 0;
    }
    if (!says && !utf16)
        return 0;
    if (says) {
        err_set(e, RC_DATA, "TEXT-005", "declared as %s, but its byte-order mark says %s", declared,
                says);
        err_hint(e, "declare encoding: %s", says);
    } else {
        err_set(e, RC_DATA, "TEXT-006", "declared as UTF-16, but without a byte-order mark");
        err_hint(e, "declare which byte comes first: UTF-16LE (usual on Windows) or UTF-16BE");
    }
    return err_place(e, "%s:1:1", t->source.name);
}

int source_text(struct source **ret, struct source *below, const char *encoding, struct err *e)
{
    const struct encoding *x = find_encoding(encoding);
    struct source_text *t = mem_new(sizeof *t);
    *t = (struct source_text){.source = {utf8_read, text_close, below->name},
                              .below = below,
                              .encoding = x,
                              .cd = (iconv_t)-1,
                              .in = mem_new(LIMIT_IO_CHUNK),
                              .line = 1,
                              .col = 1};
    int rc = 0;
    if (!x) {
        rc = err_set(e, RC_CONFIG, "TEXT-001", "'%s' is not an encoding that is known", encoding);
        err_hint(e, "known are UTF-8, UTF-16, UTF-16LE, UTF-16BE, Windows-1250, Windows-1251, "
                    "Windows-1252, ISO-8859-1, -2, -5, -16, MacRoman");
    }
    if (rc == 0)
        rc = begin(t, e);
    if (rc == 0 && t->encoding->iconv) {
        t->source.read = iconv_read;
        t->out = mem_new(OUT_SIZE);
        t->cd = iconv_open("UTF-8", t->encoding->iconv);
        if (t->cd == (iconv_t)-1)
            rc = err_sys(e, RC_SYSTEM, "TEXT-007", "this system cannot convert %s",
                         t->encoding->name);
    }
    if (rc < 0) {
        text_close(&t->source);
        return rc;
    }
    *ret = &t->source;
    return 0;
}
