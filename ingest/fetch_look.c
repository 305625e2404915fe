/* fetch_look.c — what did the server really send? A status of 200 proves little: Eurostat answers a
 * large query with an XML envelope that says "later", faults come as XML, portals answer with web
 * pages, and compressed bytes come without saying so. Owns what it reads for the time of a call. */
#include "fetch.h"

#include "gz.h"
#include "json.h"
#include "mem.h"

#include <ctype.h>
#include <strings.h>

#define LOOK_BYTES ((size_t)65536)

/* The text of the first XML element of this local name, whatever its prefix; empty when absent. */
struct str fetch_element(struct str xml, const char *name)
{
    size_t n = strlen(name);
    for (size_t i = 1; i + n < xml.n; i++) {
        bool begins = xml.p[i - 1] == '<' || xml.p[i - 1] == ':';
        if (!begins || memcmp(xml.p + i, name, n) != 0 || !strchr(" >\t\n", xml.p[i + n]))
            continue;
        const char *open = memchr(xml.p + i, '>', xml.n - i);
        if (!open)
            break;
        struct str rest = str_cut(xml, (size_t)(open - xml.p) + 1);
        const char *close = memchr(rest.p, '<', rest.n);
        return close ? (struct str){rest.p, (size_t)(close - rest.p)} : (struct str){NULL, 0};
    }
    return (struct str){NULL, 0};
}

/* The first text of a JSON fault: {"error":[{"label":…}]} and its relatives. */
static struct str json_fault(const struct json *j)
{
    static const char *const keys[] = {"error", "errors", "label", "title", "message", "detail"};
    if (js_kind_of(j) == JS_STRING)
        return js_str(j);
    if (js_kind_of(j) == JS_ARRAY)
        return json_fault(js_at(j, 0));
    for (size_t i = 0; i < ARRAY_LEN(keys) && js_kind_of(j) == JS_OBJECT; i++) {
        const struct json *v = js_get(j, keys[i]);
        if (v)
            return json_fault(v);
    }
    return (struct str){NULL, 0};
}

/* One line, blanks collapsed, at most 400 bytes. */
static void put_line(struct buf *ret, struct str s)
{
    bool blank = false;
    size_t n = 0;
    for (size_t i = 0; i < s.n && n < 399; i++) {
        if (isspace((unsigned char)s.p[i])) {
            blank = n > 0;
            continue;
        }
        if (blank)
            buf_char(ret, ' ');
        n += blank + 1u;
        blank = false;
        buf_char(ret, s.p[i]);
    }
}

static struct str skip_blanks(struct str s)
{
    if (s.n >= 3 && memcmp(s.p, "\xef\xbb\xbf", 3) == 0)
        s = str_cut(s, 3);
    while (s.n && isspace((unsigned char)*s.p))
        s = str_cut(s, 1);
    return s;
}

void fetch_fault_text(struct str body, struct buf *ret)
{
    static const char *const names[] = {"faultstring", "Text", "title", "h1"};
    body = skip_blanks(body);
    if (body.n && *body.p == '<') {
        for (size_t i = 0; i < ARRAY_LEN(names); i++) {
            struct str s = fetch_element(body, names[i]);
            if (s.n) {
                put_line(ret, s);
                return;
            }
        }
        return;
    }
    struct json *j CLEANUP(js_freep) = NULL;
    struct err ignored = {.rc = RC_OK};
    if (body.n && strchr("{[", *body.p) && js_parse(&j, body, "answer", &ignored) == 0)
        put_line(ret, json_fault(j));
    else
        put_line(ret, body);
}

static int submitted(struct str body, const char *name, struct err *e)
{
    struct str id = fetch_element(body, "id"), status = fetch_element(body, "status");
    err_set(e, RC_RETRY, "FETCH-012",
            "the server prepares the data (request %.*s, %.*s) and has not sent them yet",
            STR_ARG(id), STR_ARG(status));
    err_hint(e,
             "ask …/1.0/async/status/%.*s until it says AVAILABLE, then make "
             "…/1.0/async/data/%.*s the url of the source; or ask for fewer cells",
             STR_ARG(id), STR_ARG(id));
    return err_place(e, "%s", name);
}

/* XML where data were expected. */
static int envelope(struct str body, const char *name, struct err *e)
{
    struct str status = fetch_element(body, "status");
    if (fetch_element(body, "id").n &&
        (str_is(status, "SUBMITTED") || str_is(status, "PROCESSING")))
        return submitted(body, name, e);
    struct buf b;
    buf_init(&b, 1024);
    fetch_fault_text(body, &b);
    bool html = body.n > 5 &&
                (strncasecmp(body.p, "<html", 5) == 0 || strncasecmp(body.p, "<!doc", 5) == 0);
    err_set(e, RC_DATA, "FETCH-013", "the server sent %s instead of data%s%s",
            html ? "a web page" : "an XML message", b.n ? ": " : "", buf_z(&b));
    err_hint(e, html ? "the address leads to a page for people: find the one of the file"
                     : "check the flow, the dimensions and their codes in the source");
    buf_free(&b);
    return err_place(e, "%s", name);
}

static int not_expected(const char *name, const char *what, struct err *e)
{
    err_set(e, RC_DATA, "FETCH-014", "what came is not %s", what);
    err_hint(e, "look at the address in a browser; 'expect' of the source says what is wanted");
    return err_place(e, "%s", name);
}

/* Is there a separator in the first line, and no NUL anywhere? */
static bool is_table(struct str s, const char *separators)
{
    const char *end = memchr(s.p, '\n', s.n);
    size_t n = end ? (size_t)(end - s.p) : s.n;
    if (memchr(s.p, '\0', s.n))
        return false;
    for (size_t i = 0; i < n; i++)
        if (strchr(separators, s.p[i]))
            return true;
    return false;
}

static bool is_fault(struct str s)
{
    return fetch_element(s, "faultstring").n || fetch_element(s, "faultcode").n ||
           (fetch_element(s, "queued").p && fetch_element(s, "status").n);
}

/* What these bytes are not, or NULL when they may be what is expected. */
static const char *mismatch(struct str s, enum fetch_format expect)
{
    switch (expect) {
    case FORMAT_ANY:
        return NULL;
    case FORMAT_XML:
        return *s.p == '<' ? NULL : "XML";
    case FORMAT_JSON:
        return *s.p == '{' || *s.p == '[' ? NULL : "JSON";
    case FORMAT_CSV:
        return is_table(s, ",;\t|") && *s.p != '{' ? NULL : "CSV";
    case FORMAT_TSV:
        return is_table(s, "\t") ? NULL : "TSV";
    case FORMAT_PX:
        return memchr(s.p, '=', s.n < 200 ? s.n : 200) ? NULL : "a PC-Axis file";
    case FORMAT_XLSX:
        return s.n > 4 && memcmp(s.p, "PK\3\4", 4) == 0 ? NULL : "an XLSX file";
    }
    return NULL;
}

static int judge(struct str all, const char *name, enum fetch_format expect, struct err *e)
{
    struct str s = skip_blanks(all);
    if (s.n == 0) {
        err_set(e, RC_DATA, "FETCH-015", "the server sent nothing");
        return err_place(e, "%s", name);
    }
    bool xml_welcome = expect == FORMAT_XML || expect == FORMAT_ANY;
    if (*s.p == '<' && (!xml_welcome || is_fault(s)))
        return envelope(s, name, e);
    const char *what = mismatch(s, expect);
    return what ? not_expected(name, what, e) : 0;
}

/* The first bytes, as far as they go, into b. */
static int first_bytes(struct source *s, struct buf *b, struct err *e)
{
    char chunk[4096];
    while (b->n < LOOK_BYTES) {
        ssize_t got = s->read(s, chunk, sizeof chunk, e);
        if (got <= 0)
            return (int)got;
        buf_add(b, chunk, (size_t)got);
    }
    return 0;
}

/* To the end: a compressed file must be whole. */
static int drain(struct source *s, struct err *e)
{
    char *chunk CLEANUP(mem_freep) = mem_new(LOOK_BYTES);
    ssize_t got;
    do
        got = s->read(s, chunk, LOOK_BYTES, e);
    while (got > 0);
    return (int)got;
}

void fetch_async_id(const char *path, char ret[128])
{
    struct source *file = NULL, *s CLEANUP(source_closep) = NULL;
    struct err ignored = {.rc = RC_OK};
    struct buf b;
    ret[0] = '\0';
    if (source_open(&file, path, &ignored) < 0 || source_gunzip(&s, file, 0, &ignored) < 0)
        return;
    buf_init(&b, LOOK_BYTES * 2);
    if (first_bytes(s, &b, &ignored) == 0) {
        struct str body = skip_blanks(buf_view(&b));
        struct str id = fetch_element(body, "id"), status = fetch_element(body, "status");
        bool later = body.n && *body.p == '<' && id.n && id.n < 100 &&
                     (str_is(status, "SUBMITTED") || str_is(status, "PROCESSING"));
        for (size_t i = 0; later && i < id.n; i++)
            later = isalnum((unsigned char)id.p[i]) || strchr("-_.", id.p[i]);
        if (later)
            (void)snprintf(ret, 128, "%.*s", STR_ARG(id));
    }
    buf_free(&b);
}

int fetch_look(const char *path, const char *name, enum fetch_format expect, bool *ret_gzip,
               struct err *e)
{
    struct source *file = NULL, *s CLEANUP(source_closep) = NULL;
    struct buf b;
    int rc = source_open(&file, path, e);
    if (rc < 0)
        return rc;
    char magic[2] = "";
    buf_init(&b, LOOK_BYTES * 2);
    rc = source_gunzip(&s, file, 0, e);
    if (rc == 0)
        rc = first_bytes(s, &b, e);
    if (rc == 0)
        rc = judge(buf_view(&b), name, expect, e);
    if (rc == 0)
        rc = source_open(&file, path, e);
    if (rc == 0) {
        *ret_gzip = file->read(file, magic, 2, e) == 2 && memcmp(magic, "\x1f\x8b", 2) == 0;
        source_close(file);
    }
    if (rc == 0 && *ret_gzip)
        rc = drain(s, e);
    buf_free(&b);
    return rc;
}
