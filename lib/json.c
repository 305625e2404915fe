/* json.c — see json.h. jansson would turn 0.10 into a double, so every number is given to it as a
 * string that begins with a NUL byte, which no text of ours can hold: the spelling stays, and a
 * number can always be told from a text. A struct json is jansson's json_t and counts references.
 */
#include <jansson.h>

/* From here on these words are ours (json.h); jansson's are asked by its predicates before. */
static int is_object(const json_t *j) { return json_is_object(j); }
static int is_array(const json_t *j) { return json_is_array(j); }
static int is_string(const json_t *j) { return json_is_string(j); }
static int is_true(const json_t *j) { return json_is_true(j); }
static int is_false(const json_t *j) { return json_is_false(j); }

#include "json.h"

#include "io.h"
#include "bounds.h"
#include "mem.h"
#include "num.h"

#include <assert.h>

static json_t *in(const struct json *j) { return (json_t *)(uintptr_t)j; }
static struct json *of(json_t *j) { return (struct json *)j; }

/* Before main: jansson takes its memory from us, so that a shortage ends the program as every other
 * shortage does, and is never taken for a fault of what was read or said. */
__attribute__((constructor)) static void use_our_memory(void)
{
    json_set_alloc_funcs(mem_new, mem_free);
}

/* jansson gives NULL only for what is no UTF-8. */
static struct json *made(json_t *j)
{
    if (!j)
        mem_out();
    return of(j);
}

/* --- reading text --------------------------------------------------------------------------- */

static bool is_digit(struct str s, size_t i) { return i < s.n && s.p[i] >= '0' && s.p[i] <= '9'; }

/* Past the digits at i; i itself when there are none. */
static size_t skip_digits(struct str s, size_t i)
{
    while (is_digit(s, i))
        i++;
    return i;
}

/* Length of the JSON number at the front; 0 when there is none. */
static size_t number_length(struct str s)
{
    size_t i = s.n && s.p[0] == '-', from = i;
    i = skip_digits(s, i);
    if (i == from || (s.p[from] == '0' && i > from + 1))
        return 0;
    if (i < s.n && s.p[i] == '.') {
        from = i + 1;
        i = skip_digits(s, from);
        if (i == from)
            return 0;
    }
    if (i < s.n && (s.p[i] == 'e' || s.p[i] == 'E')) {
        from = i + 1;
        from += from < s.n && (s.p[from] == '-' || s.p[from] == '+');
        i = skip_digits(s, from);
        if (i == from)
            return 0;
    }
    return i;
}

#define MARK "\"\\u0000"
#define MARK_BYTES (sizeof MARK - 1 + 1) /* and the closing quote */

/* The document with its numbers marked, and how far each mark shifts what follows. */
struct marked {
    struct buf text;
    size_t *ends; /* where marked numbers end in text; rising */
    size_t n, cap;
};

static void mark_number(struct marked *m, struct str number)
{
    buf_text(&m->text, MARK);
    buf_str(&m->text, number);
    buf_char(&m->text, '"');
    if (m->n == m->cap) {
        m->cap = m->cap ? 2 * m->cap : 64;
        m->ends = mem_resize(m->ends, m->cap * sizeof *m->ends);
    }
    m->ends[m->n++] = m->text.n;
}

/* Length of the string literal at the front, its quotes included; *ret_nul: where it has \u0000. */
static size_t string_length(struct str s, size_t *ret_nul)
{
    size_t i = 1;
    for (; i < s.n && s.p[i] != '"'; i++) {
        if (s.p[i] != '\\')
            continue;
        if (s.n - i >= 6 && memcmp(s.p + i, "\\u0000", 6) == 0)
            *ret_nul = i;
        i++;
    }
    return i < s.n ? i + 1 : s.n;
}

/* Offset of the first \u0000, or SIZE_MAX. */
static size_t mark_numbers(struct marked *m, struct str s)
{
    size_t at = 0;
    while (at < s.n) {
        struct str rest = str_cut(s, at);
        size_t nul = SIZE_MAX, n = number_length(rest);
        if (n) {
            mark_number(m, (struct str){rest.p, n});
        } else if (rest.p[0] == '"') {
            n = string_length(rest, &nul);
            if (nul != SIZE_MAX)
                return at + nul;
            buf_add(&m->text, rest.p, n);
        } else {
            n = 1;
            buf_char(&m->text, rest.p[0]);
        }
        at += n;
    }
    return SIZE_MAX;
}

static size_t original_offset(const struct marked *m, size_t at)
{
    size_t before = 0;
    while (before < m->n && m->ends[before] <= at)
        before++;
    return at - before * MARK_BYTES;
}

static void place_offset(struct str bytes, size_t at, const char *name, struct err *e)
{
    size_t line = 1, col = 1;
    for (size_t i = 0; i < at && i < bytes.n; i++) {
        col++;
        if (bytes.p[i] == '\n')
            line++, col = 1;
    }
    (void)err_place(e, "%s:%zu:%zu", name, line, col);
}

static int parse_marked(struct json **ret, struct marked *m, struct str bytes, const char *name,
                        struct err *e)
{
    size_t nul = mark_numbers(m, bytes);
    if (nul != SIZE_MAX) {
        int rc = err_set(e, RC_DATA, "JSON-002", "a NUL character inside a text");
        place_offset(bytes, nul, name, e);
        return rc;
    }
    int rc = buf_ok(&m->text, name, e);
    if (rc < 0)
        return rc;
    json_error_t bad;
    json_t *j = json_loadb(buf_z(&m->text), m->text.n,
                           JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL, &bad);
    if (j) {
        *ret = of(j);
        return 0;
    }
    char *near = strstr(bad.text, " near '"); /* shows our marks; the place says it better */
    if (near)
        *near = '\0';
    rc = err_set(e, RC_DATA, "JSON-001", "not valid JSON: %s", bad.text);
    size_t at = bad.position > 0 ? (size_t)bad.position : 0;
    place_offset(bytes, original_offset(m, at), name, e);
    return rc;
}

int js_parse(struct json **ret, struct str bytes, const char *name, struct err *e)
{
    struct marked m = {0};
    buf_init(&m.text, LIMIT_JSON_BYTES * 5); /* a marked digit is 9 bytes, a comma between them */
    int rc = parse_marked(ret, &m, bytes, name, e);
    buf_free(&m.text);
    mem_free(m.ends);
    return rc;
}

int js_parse_file(struct json **ret, const char *path, struct err *e)
{
    char *bytes CLEANUP(mem_freep) = NULL;
    size_t n;
    int rc = file_slurp(path, LIMIT_JSON_BYTES, &bytes, &n, e);
    return rc < 0 ? rc : js_parse(ret, (struct str){bytes, n}, path, e);
}

void js_free(struct json *j) { json_decref(in(j)); }

void js_freep(struct json **j)
{
    js_free(*j);
    *j = NULL;
}

/* --- making --------------------------------------------------------------------------------- */

struct json *js_object(void) { return made(json_object()); }
struct json *js_array(void) { return made(json_array()); }
struct json *js_null(void) { return made(json_null()); }
struct json *js_bool(bool v) { return made(v ? json_true() : json_false()); }

/* Bytes that a lead byte announces; 0 for one that is none. */
static size_t utf8_announced(unsigned char c)
{
    if (c < 0x80)
        return 1;
    if (c < 0xc2 || c > 0xf4)
        return 0;
    return c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
}

/* Length of the valid UTF-8 character at the front (NUL is none); 0 when there is none. */
static size_t utf8_length(struct str s)
{
    static const uint32_t least[] = {0, 1, 0x80, 0x800, 0x10000};
    unsigned char c = (unsigned char)s.p[0];
    size_t n = utf8_announced(c);
    if (!n || s.n < n)
        return 0;
    uint32_t v = n == 1 ? c : c & (0x7fu >> n);
    for (size_t i = 1; i < n; i++) {
        unsigned char d = (unsigned char)s.p[i];
        if ((d & 0xc0) != 0x80)
            return 0;
        v = v << 6 | (d & 0x3f);
    }
    return v < least[n] || v > 0x10ffff || (v >= 0xd800 && v < 0xe000) ? 0 : n;
}

struct json *js_string(struct str s)
{
    struct buf b;
    buf_init(&b, SIZE_MAX / 4);
    while (s.n) {
        size_t n = utf8_length(s);
        if (n)
            buf_add(&b, s.p, n);
        else
            buf_text(&b, "\xef\xbf\xbd");
        s = str_cut(s, n ? n : 1);
    }
    struct json *j = made(json_stringn(buf_z(&b), b.n));
    buf_free(&b);
    return j;
}

struct json *js_text(const char *z) { return z ? js_string(str_of(z)) : js_null(); }

struct json *js_number(struct str decimal)
{
    assert(decimal.n && number_length(decimal) == decimal.n);
    struct buf b;
    buf_init(&b, SIZE_MAX / 4);
    buf_char(&b, '\0');
    buf_str(&b, decimal);
    struct json *j = made(json_stringn(b.p, b.n));
    buf_free(&b);
    return j;
}

struct json *js_int(int64_t v)
{
    char z[24];
    int n = snprintf(z, sizeof z, "%lld", (long long)v);
    return js_number((struct str){z, n > 0 ? (size_t)n : 0});
}

void js_set(struct json *object, const char *key, struct json *value)
{
    int rc = json_object_set_new(in(object), key, value ? in(value) : json_null());
    assert(rc == 0); /* else: no object, or a key that is not UTF-8: a fault of the caller */
    (void)rc;
}

void js_push(struct json *array, struct json *value)
{
    int rc = json_array_append_new(in(array), value ? in(value) : json_null());
    assert(rc == 0);
    (void)rc;
}

struct json *js_share(const struct json *j) { return of(json_incref(in(j))); }

/* --- looking -------------------------------------------------------------------------------- */

enum js_kind js_kind_of(const struct json *j)
{
    const json_t *v = in(j);
    if (is_object(v))
        return JS_OBJECT;
    if (is_array(v))
        return JS_ARRAY;
    if (is_true(v))
        return JS_TRUE;
    if (is_false(v))
        return JS_FALSE;
    if (!is_string(v))
        return JS_NULL;
    return json_string_length(v) && !json_string_value(v)[0] ? JS_NUMBER : JS_STRING;
}

struct json *js_get(const struct json *object, const char *key)
{
    return of(json_object_get(in(object), key));
}

size_t js_count(const struct json *j)
{
    return is_array(in(j)) ? json_array_size(in(j)) : json_object_size(in(j));
}

struct json *js_at(const struct json *array, size_t i) { return of(json_array_get(in(array), i)); }

struct json *js_member(const struct json *object, size_t i, const char **ret_key)
{
    void *it = json_object_iter(in(object));
    while (it && i--)
        it = json_object_iter_next(in(object), it);
    if (!it)
        return NULL;
    *ret_key = json_object_iter_key(it);
    return of(json_object_iter_value(it));
}

struct str js_str(const struct json *j)
{
    enum js_kind kind = js_kind_of(j);
    if (kind == JS_TRUE)
        return STR("true");
    if (kind == JS_FALSE)
        return STR("false");
    if (kind != JS_STRING && kind != JS_NUMBER)
        return STR("");
    struct str s = {json_string_value(in(j)), json_string_length(in(j))};
    return kind == JS_NUMBER ? str_cut(s, 1) : s;
}

int64_t js_integer(const struct json *j, int64_t fallback)
{
    struct num v;
    if (js_kind_of(j) != JS_NUMBER || num_parse(&v, js_str(j), &num_plain, NULL) < 0)
        return fallback;
    return v.scale == 0 && v.m == (int64_t)v.m ? (int64_t)v.m : fallback;
}

/* --- writing -------------------------------------------------------------------------------- */

void js_quote(struct buf *b, struct str s)
{
    size_t plain = 0; /* what goes as it is, in one piece */
    buf_char(b, '"');
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c != '"' && c != '\\' && c >= 0x20 && c != '<' && c != 0x7f)
            continue;
        buf_add(b, s.p + plain, i - plain);
        plain = i + 1;
        if (c == '"' || c == '\\')
            buf_fmt(b, "\\%c", c);
        else if (c == '\n')
            buf_text(b, "\\n");
        else
            buf_fmt(b, "\\u%04x", c);
    }
    if (s.n > plain)
        buf_add(b, s.p + plain, s.n - plain);
    buf_char(b, '"');
}

static void new_line(struct buf *b, bool pretty, int depth)
{
    if (!pretty)
        return;
    buf_char(b, '\n');
    for (int i = 0; i < depth; i++)
        buf_text(b, "  ");
}

static void write_value(struct buf *b, const struct json *j, bool pretty, int depth);

static void write_array(struct buf *b, const struct json *j, bool pretty, int depth)
{
    size_t n = js_count(j);
    buf_char(b, '[');
    for (size_t i = 0; i < n; i++) {
        if (i)
            buf_char(b, ',');
        new_line(b, pretty, depth + 1);
        write_value(b, js_at(j, i), pretty, depth + 1);
    }
    if (n)
        new_line(b, pretty, depth);
    buf_char(b, ']');
}

static void write_object(struct buf *b, const struct json *j, bool pretty, int depth)
{
    bool first = true;
    buf_char(b, '{');
    for (void *it = json_object_iter(in(j)); it; it = json_object_iter_next(in(j), it)) {
        if (!first)
            buf_char(b, ',');
        first = false;
        new_line(b, pretty, depth + 1);
        js_quote(b, str_of(json_object_iter_key(it)));
        buf_text(b, pretty ? ": " : ":");
        write_value(b, of(json_object_iter_value(it)), pretty, depth + 1);
    }
    if (!first)
        new_line(b, pretty, depth);
    buf_char(b, '}');
}

static void write_value(struct buf *b, const struct json *j, bool pretty, int depth)
{
    switch (js_kind_of(j)) {
    case JS_NULL:
        buf_text(b, "null");
        return;
    case JS_TRUE:
    case JS_FALSE:
    case JS_NUMBER:
        buf_str(b, js_str(j));
        return;
    case JS_STRING:
        js_quote(b, js_str(j));
        return;
    case JS_ARRAY:
        write_array(b, j, pretty, depth);
        return;
    case JS_OBJECT:
        write_object(b, j, pretty, depth);
        return;
    }
}

void js_write(struct buf *b, const struct json *j, bool pretty) { write_value(b, j, pretty, 0); }
