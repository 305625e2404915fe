/* jscan.c — see jscan.h. One byte is looked at a time from a chunk of the source; what a token says
 * is collected in a buffer. The keys of open objects lie one after another in one buffer, as a
 * stack; an object with many of them gets a map. Owns all of that, not the source. */
#include "jscan.h"

#include "bounds.h"
#include "buf.h"
#include "map.h"
#include "mem.h"
#include "text.h"

#define FEW_KEYS 16
#define NUMBER_BYTES ((size_t)4096)

struct level {
    bool object, loose, any;
    size_t keys, nkeys; /* where this object's keys begin in the stack; how many */
    struct map *many;
};

enum state { WANT_VALUE, WANT_FIRST, WANT_MORE, WANT_KEY, WANT_COLON, DONE };

struct jscan {
    struct source *src;
    struct jscan_limits max;
    char *chunk;
    size_t n, i;
    uint64_t base; /* of the chunk's first byte */
    size_t line;
    uint64_t line_at;
    bool ended, part; /* part: begun by jscan_seek, nothing is asked of what follows */
    struct level *levels;
    size_t depth, cap;
    struct buf text, keys;
    enum state state;
};

static void drop_levels(struct jscan *j)
{
    while (j->depth)
        map_free(j->levels[--j->depth].many);
    j->keys.n = 0;
}

struct jscan *jscan_open(struct source *src, const struct jscan_limits *limits)
{
    struct jscan *j = mem_new(sizeof *j);
    j->src = src;
    if (limits)
        j->max = *limits;
    j->max.depth = j->max.depth ? j->max.depth : LIMIT_JSON_DEPTH;
    j->max.string = j->max.string ? j->max.string : LIMIT_JSON_STRING;
    j->max.keys = j->max.keys ? j->max.keys : LIMIT_JSON_KEYS;
    j->chunk = mem_new(LIMIT_IO_CHUNK);
    j->line = 1;
    buf_init(&j->text, j->max.string + LIMIT_IO_CHUNK + 8); /* one run is past it at most */
    buf_init(&j->keys, LIMIT_JSON_BYTES);
    return j;
}

void jscan_close(struct jscan *j)
{
    if (!j)
        return;
    drop_levels(j);
    buf_free(&j->text);
    buf_free(&j->keys);
    mem_free(j->levels);
    mem_free(j->chunk);
    mem_free(j);
}

void jscan_closep(struct jscan **j)
{
    jscan_close(*j);
    *j = NULL;
}

void jscan_seek(struct jscan *j, struct source *src, struct jscan_place place)
{
    drop_levels(j);
    j->src = src;
    j->n = j->i = 0;
    j->base = place.at;
    j->line = place.line;
    j->line_at = place.at - (place.col - 1);
    j->ended = false;
    j->part = true;
    j->state = WANT_VALUE;
}

size_t jscan_depth(const struct jscan *j) { return j->depth; }
const char *jscan_name(const struct jscan *j) { return j->src->name; }

int jscan_fault(const struct jscan *j, struct jscan_place place, struct err *e)
{
    return err_place(e, "%s:%zu:%zu", j->src->name, place.line, place.col);
}

static struct jscan_place here(const struct jscan *j)
{
    uint64_t at = j->base + j->i;
    return (struct jscan_place){at, j->line, (size_t)(at - j->line_at) + 1};
}

/* --- bytes --------------------------------------------------------------------------------------
 */

/* The next byte without taking it: -1 at the end, -2 when the source failed. */
static int fill(struct jscan *j, struct err *e)
{
    if (j->ended)
        return -1;
    j->base += j->n;
    j->n = j->i = 0;
    ssize_t got = j->src->read(j->src, j->chunk, LIMIT_IO_CHUNK, e);
    if (got < 0)
        return -2;
    j->n = (size_t)got;
    j->ended = got == 0;
    return got ? (unsigned char)j->chunk[0] : -1;
}

static inline int peek(struct jscan *j, struct err *e)
{
    return j->i < j->n ? (unsigned char)j->chunk[j->i] : fill(j, e);
}

static int early(struct jscan *j, int c, struct err *e)
{
    if (c == -2)
        return e->rc ? -(int)e->rc : -RC_IO;
    err_set(e, RC_DATA, "JSCAN-007", "the JSON ends too early");
    err_hint(e, "The file was cut off; fetch it again.");
    return jscan_fault(j, here(j), e);
}

static int odd(struct jscan *j, int c, const char *want, struct err *e)
{
    if (c < 0)
        return early(j, c, e);
    if (c > ' ' && c < 0x7f)
        err_set(e, RC_DATA, "JSCAN-001", "'%c' where JSON has %s", c, want);
    else
        err_set(e, RC_DATA, "JSCAN-008", "byte %02x where JSON has %s", (unsigned)c, want);
    return jscan_fault(j, here(j), e);
}

/* Past blanks: the byte there. */
static int blanks(struct jscan *j, struct err *e)
{
    for (;;) {
        int c = peek(j, e);
        if (c != ' ' && c != '\n' && c != '\r' && c != '\t')
            return c;
        j->i++;
        if (c == '\n') {
            j->line++;
            j->line_at = j->base + j->i;
        }
    }
}

/* --- scalars ------------------------------------------------------------------------------------
 */

static int too_long(struct jscan *j, struct jscan_place at, size_t max, struct err *e)
{
    err_set(e, RC_DATA, "JSCAN-004", "more than %zu bytes in one value", max);
    return jscan_fault(j, at, e);
}

static int word(struct jscan *j, const char *z, enum jscan_kind kind, struct jscan_token *ret,
                struct err *e)
{
    for (const char *w = z; *w; w++) {
        int c = peek(j, e);
        if (c != *w)
            return odd(j, c, "null, true or false", e);
        j->i++;
    }
    ret->kind = kind;
    ret->text = str_of(z);
    return 1;
}

/* Digits, at least one. */
static int digits(struct jscan *j, struct err *e)
{
    size_t n = 0;
    for (;; n++) {
        int c = peek(j, e);
        if (c < '0' || c > '9')
            return n ? 0 : odd(j, c, "a digit", e);
        buf_char(&j->text, (char)c);
        j->i++;
        if (j->text.n > NUMBER_BYTES)
            return too_long(j, here(j), NUMBER_BYTES, e);
    }
}

static bool take(struct jscan *j, const char *any, struct err *e)
{
    int c = peek(j, e);
    if (c <= 0 || !strchr(any, c))
        return false;
    buf_char(&j->text, (char)c);
    j->i++;
    return true;
}

static int number(struct jscan *j, struct jscan_token *ret, struct err *e)
{
    buf_reset(&j->text);
    take(j, "-", e);
    int rc = take(j, "0", e) ? 0 : digits(j, e);
    if (rc >= 0 && take(j, ".", e))
        rc = digits(j, e);
    if (rc >= 0 && take(j, "eE", e)) {
        take(j, "+-", e);
        rc = digits(j, e);
    }
    if (rc < 0)
        return rc;
    int c = peek(j, e);
    if (c == -2)
        return early(j, c, e);
    ret->kind = JSCAN_NUMBER;
    ret->text = buf_view(&j->text);
    return 1;
}

static int hex4(struct jscan *j, uint32_t *ret, struct err *e)
{
    *ret = 0;
    for (int k = 0; k < 4; k++) {
        int c = peek(j, e), v = c >= '0' && c <= '9'   ? c - '0'
                                : c >= 'a' && c <= 'f' ? c - 'a' + 10
                                : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                                       : -1;
        if (v < 0)
            return odd(j, c, "a hexadecimal digit", e);
        *ret = *ret << 4 | (uint32_t)v;
        j->i++;
    }
    return 0;
}

static void put_char(struct buf *b, uint32_t c)
{
    if (c < 0x80) {
        buf_char(b, (char)c);
        return;
    }
    if (c < 0x800) {
        buf_char(b, (char)(0xc0 | c >> 6));
    } else {
        if (c < 0x10000) {
            buf_char(b, (char)(0xe0 | c >> 12));
        } else {
            buf_char(b, (char)(0xf0 | c >> 18));
            buf_char(b, (char)(0x80 | (c >> 12 & 0x3f)));
        }
        buf_char(b, (char)(0x80 | (c >> 6 & 0x3f)));
    }
    buf_char(b, (char)(0x80 | (c & 0x3f)));
}

static int not_text(struct jscan *j, struct jscan_place at, const char *what, struct err *e)
{
    err_set(e, RC_DATA, "JSCAN-002", "%s", what);
    return jscan_fault(j, at, e);
}

static int escape_u(struct jscan *j, struct jscan_place at, struct err *e)
{
    uint32_t c, low;
    int rc = hex4(j, &c, e);
    if (rc >= 0 && c >= 0xd800 && c < 0xdc00) {
        if (peek(j, e) != '\\')
            return not_text(j, at, "half of a surrogate pair", e);
        j->i++;
        if (peek(j, e) != 'u')
            return not_text(j, at, "half of a surrogate pair", e);
        j->i++;
        rc = hex4(j, &low, e);
        if (rc >= 0 && (low < 0xdc00 || low > 0xdfff))
            return not_text(j, at, "half of a surrogate pair", e);
        c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
    } else if (rc >= 0 && c >= 0xdc00 && c < 0xe000) {
        return not_text(j, at, "half of a surrogate pair", e);
    }
    if (rc >= 0)
        put_char(&j->text, c);
    return rc;
}

static int escape(struct jscan *j, struct jscan_place at, struct err *e)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    int c = peek(j, e);
    const char *k = c > 0 ? strchr(from, c) : NULL;
    if (k) {
        buf_char(&j->text, to[k - from]);
        j->i++;
        return 0;
    }
    if (c != 'u')
        return odd(j, c, "an escape", e);
    j->i++;
    return escape_u(j, at, e);
}

/* A character of two to four bytes, checked. */
static int character(struct jscan *j, int first, struct err *e)
{
    char p[4] = {(char)first};
    struct jscan_place at = here(j);
    size_t n = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
    j->i++;
    for (size_t k = 1; k < n; k++) {
        int c = peek(j, e);
        if (c < 0)
            return early(j, c, e);
        if ((c & 0xc0) != 0x80)
            break;
        p[k] = (char)c;
        j->i++;
    }
    if (!n || !text_valid((struct str){p, n}))
        return not_text(j, at, "these bytes are not UTF-8", e);
    buf_add(&j->text, p, n);
    return 0;
}

/* Plain ASCII as far as the chunk goes. */
static void run(struct jscan *j)
{
    size_t k = j->i;
    for (; k < j->n; k++) {
        unsigned char c = (unsigned char)j->chunk[k];
        if (c < ' ' || c >= 0x80 || c == '"' || c == '\\')
            break;
    }
    buf_add(&j->text, j->chunk + j->i, k - j->i);
    j->i = k;
}

static int string(struct jscan *j, struct jscan_token *ret, struct err *e)
{
    buf_reset(&j->text);
    j->i++;
    for (;;) {
        struct jscan_place at = here(j);
        int rc = 0, c = peek(j, e);
        if (j->text.n > j->max.string)
            return too_long(j, ret->place, j->max.string, e);
        if (c == '"')
            break;
        if (c < ' ') {
            if (c >= 0)
                return odd(j, c, "an escape (no control characters stand in strings)", e);
            return early(j, c, e);
        }
        if (c == '\\') {
            j->i++;
            rc = escape(j, at, e);
        } else if (c >= 0x80) {
            rc = character(j, c, e);
        } else {
            run(j);
        }
        if (rc < 0)
            return rc;
    }
    j->i++;
    ret->kind = JSCAN_STRING;
    ret->text = buf_view(&j->text);
    return 1;
}

/* --- objects and arrays -------------------------------------------------------------------------
 */

static int open_level(struct jscan *j, bool object, struct jscan_token *ret, struct err *e)
{
    if (j->depth == j->max.depth) {
        err_set(e, RC_DATA, "JSCAN-003", "more than %zu levels of nesting", j->max.depth);
        return jscan_fault(j, ret->place, e);
    }
    if (j->depth == j->cap) {
        j->cap = j->cap ? j->cap * 2 : 16;
        j->levels = mem_resize(j->levels, j->cap * sizeof *j->levels);
    }
    j->levels[j->depth++] = (struct level){.object = object, .keys = j->keys.n};
    j->i++;
    j->state = WANT_FIRST;
    ret->kind = object ? JSCAN_OBJECT : JSCAN_ARRAY;
    ret->text = STR("");
    return 1;
}

static int close_level(struct jscan *j, struct jscan_token *ret)
{
    struct level *l = &j->levels[--j->depth];
    map_free(l->many);
    j->keys.n = l->keys;
    j->i++;
    j->state = j->depth ? WANT_MORE : DONE;
    ret->kind = JSCAN_END;
    ret->text = STR("");
    return 1;
}

static bool among(const struct jscan *j, const struct level *l, struct str key)
{
    for (size_t at = l->keys; at < j->keys.n;) {
        size_t n;
        memcpy(&n, j->keys.p + at, sizeof n);
        at += sizeof n;
        if (n == key.n && (n == 0 || memcmp(j->keys.p + at, key.p, n) == 0))
            return true;
        at += n;
    }
    return false;
}

/* Few keys are compared one by one; with more of them they move into a map. */
static void to_map(struct jscan *j, struct level *l)
{
    l->many = map_new(0);
    for (size_t at = l->keys; at < j->keys.n;) {
        size_t n;
        memcpy(&n, j->keys.p + at, sizeof n);
        at += sizeof n;
        (void)map_put(l->many, (struct str){j->keys.p + at, n}, 0, NULL);
        at += n;
    }
    j->keys.n = l->keys;
}

static int check_key(struct jscan *j, const struct jscan_token *t, struct err *e)
{
    struct level *l = &j->levels[j->depth - 1];
    bool fresh = true;
    if (l->loose)
        return 1;
    if (l->nkeys++ == j->max.keys) {
        err_set(e, RC_DATA, "JSCAN-006", "more than %zu keys in one object", j->max.keys);
        return jscan_fault(j, t->place, e);
    }
    if (!l->many && l->nkeys > FEW_KEYS)
        to_map(j, l);
    if (l->many) {
        (void)map_put(l->many, t->text, 0, &fresh);
    } else {
        fresh = !among(j, l, t->text);
        buf_add(&j->keys, &t->text.n, sizeof t->text.n);
        buf_str(&j->keys, t->text);
    }
    if (!fresh) {
        err_set(e, RC_DATA, "JSCAN-005", "the key \"%.*s\" stands twice in one object",
                STR_ARG(t->text));
        return jscan_fault(j, t->place, e);
    }
    int rc = buf_ok(&j->keys, "the keys of the open objects", e);
    return rc < 0 ? rc : 1;
}

static int value(struct jscan *j, int c, struct jscan_token *ret, struct err *e)
{
    j->state = j->depth ? WANT_MORE : DONE;
    switch (c) {
    case '{':
        return open_level(j, true, ret, e);
    case '[':
        return open_level(j, false, ret, e);
    case '"':
        return string(j, ret, e);
    case 'n':
        return word(j, "null", JSCAN_NULL, ret, e);
    case 't':
        return word(j, "true", JSCAN_TRUE, ret, e);
    case 'f':
        return word(j, "false", JSCAN_FALSE, ret, e);
    default:
        if (c == '-' || (c >= '0' && c <= '9'))
            return number(j, ret, e);
        return odd(j, c, "a value", e);
    }
}

static int key(struct jscan *j, int c, struct jscan_token *ret, struct err *e)
{
    if (c != '"')
        return odd(j, c, "a key in quotes", e);
    int rc = string(j, ret, e);
    ret->kind = JSCAN_KEY;
    j->state = WANT_COLON;
    return rc < 0 ? rc : check_key(j, ret, e);
}

static int whole(struct jscan *j, struct err *e)
{
    if (j->part)
        return 0;
    int c = blanks(j, e);
    return c == -1 ? 0 : odd(j, c, "nothing more", e);
}

static void skip_bom(struct jscan *j, struct err *e)
{
    if (peek(j, e) == 0xef && j->n >= 3 && memcmp(j->chunk, "\xef\xbb\xbf", 3) == 0)
        j->i = 3;
}

static int after_key(struct jscan *j, int c, struct jscan_token *ret, struct err *e)
{
    if (c != ':')
        return odd(j, c, "a colon", e);
    j->i++;
    c = blanks(j, e);
    ret->place = here(j);
    return value(j, c, ret, e);
}

int jscan_next(struct jscan *j, struct jscan_token *ret, struct err *e)
{
    if (j->state == DONE)
        return whole(j, e);
    if (!j->part && j->base == 0 && j->i == 0 && j->depth == 0)
        skip_bom(j, e);
    int c = blanks(j, e);
    const struct level *l = j->depth ? &j->levels[j->depth - 1] : NULL;
    if (j->state == WANT_COLON)
        return after_key(j, c, ret, e);
    ret->place = here(j);
    if (!l)
        return value(j, c, ret, e);
    if (c == (l->object ? '}' : ']'))
        return close_level(j, ret);
    if (j->state == WANT_MORE) {
        if (c != ',')
            return odd(j, c, l->object ? "a comma or }" : "a comma or ]", e);
        j->i++;
        c = blanks(j, e);
        ret->place = here(j);
    }
    return l->object ? key(j, c, ret, e) : value(j, c, ret, e);
}

int jscan_skip(struct jscan *j, const struct jscan_token *first, struct err *e)
{
    if (first->kind != JSCAN_OBJECT && first->kind != JSCAN_ARRAY)
        return 0;
    size_t until = j->depth - 1;
    struct jscan_token t;
    while (j->depth > until) {
        int rc = jscan_next(j, &t, e);
        if (rc < 0)
            return rc;
    }
    return 0;
}

void jscan_loose(struct jscan *j)
{
    if (j->depth)
        j->levels[j->depth - 1].loose = true;
}
