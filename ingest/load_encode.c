/* load_encode.c — observations as rows of COPY BINARY: we parse, we encode, so that no byte of a
 * sender's file is ever read by COPY itself. Owns nothing. */
#include "load.h"

#define FIXED 5 /* series period lineage submission value */
#define NUMERIC_NEG 0x4000
#define NUMERIC_NAN 0xC000
#define NUMERIC_MAX 64 /* 20 groups and the head */
#define ROW_MAX 1024

static void put16(char *p, unsigned v)
{
    p[0] = (char)(v >> 8);
    p[1] = (char)v;
}

static void put32(char *p, uint32_t v)
{
    v = __builtin_bswap32(v); /* x86 and ARM alike: the network's order */
    memcpy(p, &v, 4);
}

/* One group of four decimal digits, from a text whose digits before `from` and after `to` are
 * zeros. */
static unsigned group(const char *digits, ssize_t at, ssize_t n)
{
    unsigned v = 0;
    for (ssize_t i = at; i < at + 4; i++)
        v = v * 10 + (i >= 0 && i < n ? (unsigned)(digits[i] - '0') : 0);
    return v;
}

/* The digits of a decimal text, without its point; *ret_whole of them stand before it. */
static size_t digits_of(struct str text, char digits[80], size_t *ret_whole)
{
    size_t n = 0;
    bool point = false;
    *ret_whole = 0;
    for (size_t i = 0; i < text.n && n < 80; i++) {
        if (text.p[i] == '.') {
            point = true;
            continue;
        }
        digits[n++] = text.p[i];
        *ret_whole += !point;
    }
    return n;
}

/* A number of at most eight digits: most counts are. false: something else. */
static bool small_count(char *out, struct str value, size_t *ret)
{
    uint32_t v = 0;
    if (value.n > 8)
        return false;
    for (size_t i = 0; i < value.n; i++) {
        unsigned d = (unsigned char)value.p[i] - (unsigned)'0';
        if (d > 9)
            return false;
        v = v * 10 + d;
    }
    unsigned high = v / 10000, low = v % 10000;
    size_t n = 0;
    if (high)
        put16(out + 12 + 2 * n++, high);
    if (low)
        put16(out + 12 + 2 * n++, low);
    put32(out, (uint32_t)(8 + 2 * n));
    put16(out + 4, (unsigned)n);
    put16(out + 6, high != 0);
    put32(out + 8, 0);
    *ret = 12 + 2 * n;
    return true;
}

/* The value with its length in front; how many bytes. */
static size_t numeric(char out[NUMERIC_MAX], struct str value)
{
    char digits[80];
    size_t whole = 0, ngroups = 0, used = 0, size = 0;
    if (value.n == 0) {
        put32(out, UINT32_MAX);
        return 4;
    }
    if (small_count(out, value, &size))
        return size;
    bool nan = value.p[0] == 'N', negative = value.p[0] == '-';
    size_t n = nan ? 0 : digits_of(str_cut(value, negative), digits, &whole);
    int weight = (int)((whole + 3) / 4) - 1, first = weight;
    ssize_t at = (ssize_t)whole - 4 * (weight + 1); /* first group, may begin before the text */
    for (; at < (ssize_t)n && ngroups < 20; at += 4) {
        unsigned g = group(digits, at, (ssize_t)n);
        if (g == 0 && ngroups == 0) {
            first--;
            continue;
        }
        put16(out + 12 + 2 * ngroups++, g);
        used = g ? ngroups : used; /* zeros at the end are not stored */
    }
    put32(out, (uint32_t)(8 + 2 * used));
    put16(out + 4, (unsigned)used);
    put16(out + 6, used ? (unsigned)first & 0xffff : 0);
    put16(out + 8, nan ? NUMERIC_NAN : negative && used ? NUMERIC_NEG : 0);
    put16(out + 10, (unsigned)(n - whole));
    return 12 + 2 * used;
}

void load_encode_numeric(struct buf *b, struct str value)
{
    char out[NUMERIC_MAX];
    buf_add(b, out, numeric(out, value));
}

unsigned load_filled(const struct load_obs *o)
{
    unsigned filled = 0;
    for (unsigned i = 0; i < LOAD_TEXTS; i++)
        filled |= (unsigned)(o->text[i].n != 0) << i;
    return filled;
}

/* What is not given is NULL. */
static char *put_text(char *p, struct str s)
{
    put32(p, s.n ? (uint32_t)s.n : UINT32_MAX);
    if (s.n)
        memcpy(p + 4, s.p, s.n);
    return p + 4 + s.n;
}

/* Count of columns, then those that every row has. */
static char *put_fixed(char *p, const struct load_obs *o, int32_t sub, unsigned columns)
{
    const int32_t fixed[] = {o->series, o->period, o->lineage, sub};
    put16(p, columns);
    p += 2;
    for (size_t i = 0; i < ARRAY_LEN(fixed); i++, p += 8) {
        put32(p, 4);
        put32(p + 4, (uint32_t)fixed[i]);
    }
    return p + numeric(p, o->value);
}

static char *put_order(char *p, int64_t seq, char action)
{
    put32(p, 8);
    put32(p + 4, (uint32_t)((uint64_t)seq >> 32));
    put32(p + 8, (uint32_t)seq);
    return put_text(p + 12, (struct str){&action, 1});
}

/* Texts that do not fit into the row that is put together on the stack. */
static void add_long(struct buf *b, const struct load_obs *o, unsigned filled)
{
    for (unsigned i = 0; i < LOAD_TEXTS; i++) {
        char head[4];
        if (!(filled >> i & 1))
            continue;
        (void)put_text(head, (struct str){NULL, 0});
        if (o->text[i].n)
            put32(head, (uint32_t)o->text[i].n);
        buf_add(b, head, 4);
        buf_str(b, o->text[i]);
    }
}

void load_encode(struct buf *b, const struct load_obs *o, unsigned filled, int32_t sub, int64_t seq,
                 char action)
{
    char row[ROW_MAX + NUMERIC_MAX + 64];
    size_t texts = 0;
    for (unsigned i = 0; i < LOAD_TEXTS; i++)
        texts += 4 + o->text[i].n;
    unsigned columns = FIXED + (unsigned)__builtin_popcount(filled) + (seq < 0 ? 0 : 2);
    char *p = put_fixed(row, o, sub, columns);
    if (texts > ROW_MAX) {
        buf_add(b, row, (size_t)(p - row));
        add_long(b, o, filled);
        p = row;
    } else {
        for (unsigned i = 0; i < LOAD_TEXTS; i++)
            if (filled >> i & 1)
                p = put_text(p, o->text[i]);
    }
    if (seq >= 0)
        p = put_order(p, seq, action);
    buf_add(b, row, (size_t)(p - row));
}
