/* explain_text.c — the document for people: a tree by indentation, 80 columns. */
#include "explain.h"

#include "text.h"

#define WIDTH 80

static bool filled(const struct json *j, const char *field)
{
    return js_str(js_get(j, field)).n > 0;
}

/* One line, folded between words; what follows the first line stands two columns deeper. Control
 * characters of the data never reach the terminal. */
static void line(struct buf *b, size_t indent, const struct buf *text)
{
    struct str rest = buf_view(text);
    size_t at = indent;
    for (size_t i = 0; i < indent; i++)
        buf_char(b, ' ');
    while (rest.n) {
        const char *blank = memchr(rest.p, ' ', rest.n);
        struct str word = {rest.p, blank ? (size_t)(blank - rest.p) : rest.n};
        size_t width = text_width(word);
        if (at > indent && at + width > WIDTH) {
            b->n -= b->p[b->n - 1] == ' ';
            buf_char(b, '\n');
            for (at = 0; at < indent + 2; at++)
                buf_char(b, ' ');
        }
        buf_str(b, word);
        at += width + 1;
        rest = str_cut(rest, word.n + 1);
        if (rest.n && at < WIDTH)
            buf_char(b, ' ');
    }
    while (b->n && b->p[b->n - 1] == ' ')
        b->n--;
    buf_char(b, '\n');
}

static void safe(struct buf *to, struct str s)
{
    char text[4096];
    size_t n = s.n < sizeof text - 1 ? s.n : sizeof text - 1;
    if (n)
        memcpy(text, s.p, n);
    text[n] = '\0';
    err_disarm(text);
    buf_text(to, text);
}

/* "name: value" when there is one. */
static void fact(struct buf *b, size_t indent, const char *name, struct str value)
{
    struct buf t CLEANUP(buf_free) = {.max = 1 << 16};
    if (!value.n)
        return;
    buf_fmt(&t, "%s: ", name);
    safe(&t, value);
    line(b, indent, &t);
}

static void field(struct buf *b, size_t indent, const char *name, const struct json *j,
                  const char *key)
{
    fact(b, indent, name, js_str(js_get(j, key)));
}

static const struct json *named(const struct json *list, const char *field_, struct str value)
{
    for (size_t i = 0; i < js_count(list); i++)
        if (str_eq(js_str(js_get(js_at(list, i), field_)), value))
            return js_at(list, i);
    return NULL;
}

static void add(struct buf *t, const char *before, const struct json *j, const char *key)
{
    if (!filled(j, key))
        return;
    buf_text(t, before);
    safe(t, js_str(js_get(j, key)));
}

static void value_text(struct buf *t, const struct json *v)
{
    if (filled(v, "hidden"))
        add(t, "", v, "hidden");
    else if (js_kind_of(js_get(v, "given")) == JS_TRUE)
        add(t, "", v, "value");
    else
        buf_text(t, "not given");
    add(t, ", status ", v, "status");
    if (!filled(v, "hidden"))
        add(t, ", confidentiality ", v, "conf");
}

/* A line of fields, each between what stands before and after it; of an empty one nothing. */
struct part {
    const char *before, *key, *after;
};

static void sentence(struct buf *b, size_t indent, const struct json *j, const struct part *parts,
                     size_t n)
{
    struct buf t CLEANUP(buf_free) = {.max = 1 << 16};
    for (size_t i = 0; i < n; i++) {
        add(&t, parts[i].before, j, parts[i].key);
        if (filled(j, parts[i].key))
            buf_text(&t, parts[i].after);
    }
    if (t.n)
        line(b, indent, &t);
}

/* ---- submissions ---- */

static void decisions(struct buf *b, size_t indent, const struct json *list)
{
    static const struct part said[] = {{"decision ", "at", ""},
                                       {": ", "step", ""},
                                       {" by ", "who", ""},
                                       {": ", "reason", ""},
                                       {", of sha256 ", "digest", ""}};
    for (size_t i = 0; i < js_count(list); i++)
        sentence(b, indent, js_at(list, i), said, ARRAY_LEN(said));
}

static void submission(struct buf *b, size_t indent, const struct json *s)
{
    static const struct part what[] = {{"submission ", "id", ""},
                                       {", version ", "version", ""},
                                       {", published ", "published_at", ""},
                                       {", received ", "received_at", ""},
                                       {": ", "reason", ""}};
    static const struct part who[] = {
        {"sender ", "sender", ""}, {", ", "sender_name", ""}, {"; loaded by ", "loaded_by", ""}};
    static const struct part file[] = {{"file ", "file_name", ""},
                                       {", sha256 ", "file_sha256", ""}};
    if (!s)
        return;
    sentence(b, indent, s, what, ARRAY_LEN(what));
    sentence(b, indent, s, who, ARRAY_LEN(who));
    sentence(b, indent, s, file, ARRAY_LEN(file));
    decisions(b, indent, js_get(s, "decisions"));
}

/* ---- observations ---- */

static void source(struct buf *b, size_t indent, const struct json *o)
{
    struct buf t CLEANUP(buf_free) = {.max = 1 << 16};
    const struct json *places = js_get(o, "src");
    for (size_t i = 0; i < js_count(places); i++) {
        buf_text(&t, i ? ", " : "at ");
        safe(&t, js_str(js_at(places, i)));
    }
    if (filled(o, "src_value")) {
        add(&t, t.n ? ", as \"" : "as \"", o, "src_value");
        buf_char(&t, '"');
    }
    if (t.n)
        line(b, indent, &t);
    buf_reset(&t);
    add(&t, "their codes: ", o, "src_key");
    if (filled(o, "grade")) {
        add(&t, t.n ? "; grade " : "grade ", o, "grade");
        buf_text(&t, str_is(js_str(js_get(o, "reviewed")), "Y") ? ", reviewed" : ", not reviewed");
    }
    if (t.n)
        line(b, indent, &t);
}

static void mapping(struct buf *b, size_t indent, const struct json *list)
{
    static const struct part said[] = {{"", "dim", ""},
                                       {": ", "source", ""},
                                       {" is ", "target", ""},
                                       {", weight ", "weight", ""},
                                       {", grade ", "grade", ""},
                                       {", reviewed ", "reviewed", ""},
                                       {"; config/maps/", "table", ".csv"},
                                       {" by ", "authority", ""}};
    for (size_t i = 0; i < js_count(list); i++)
        sentence(b, indent, js_at(list, i), said, ARRAY_LEN(said));
}

static const struct json *submission_of(const struct json *doc, const struct json *v,
                                        const char *field_)
{
    return named(js_get(doc, "submissions"), "id", js_str(js_get(v, field_)));
}

static void others(struct buf *b, size_t indent, const struct json *doc, const struct json *list,
                   const char *word)
{
    for (size_t i = 0; i < js_count(list); i++) {
        const struct json *v = js_at(list, i);
        struct buf t CLEANUP(buf_free) = {.max = 1 << 16};
        int64_t until = js_integer(js_get(v, "until"), 0);
        buf_fmt(&t, "%s: ", word);
        value_text(&t, v);
        add(&t, ", from version ", v, "version");
        if (until)
            buf_fmt(&t, " to %lld", (long long)until - 1);
        add(&t, ", submission ", v, "submission");
        add(&t, ", ", submission_of(doc, v, "submission"), "reason");
        if (until)
            add(&t, "; ended by ", v, "ended_by");
        if (until)
            add(&t, ", ", submission_of(doc, v, "ended_by"), "reason");
        line(b, indent, &t);
    }
}

static void observation(struct buf *b, size_t indent, const struct json *doc, const struct json *o)
{
    struct buf t CLEANUP(buf_free) = {.max = 1 << 16};
    if (!o)
        return;
    add(&t, "", o, "label");
    buf_text(&t, ": ");
    if (js_kind_of(js_get(o, "there")) == JS_TRUE)
        value_text(&t, o);
    else
        buf_text(&t, "not in the store then");
    line(b, indent, &t);
    buf_reset(&t);
    indent += 2;
    add(&t, "", o, "structure");
    add(&t, " ", o, "key");
    line(b, indent, &t);
    field(b, indent, "remark", o, "comment");
    field(b, indent, "nature", o, "nature");
    source(b, indent, o);
    mapping(b, indent + 2, js_get(o, "mapping"));
    submission(b, indent, submission_of(doc, o, "submission"));
    others(b, indent, doc, js_get(o, "earlier"), "before");
    others(b, indent, doc, js_get(o, "later"), "since");
}

/* ---- the cell ---- */

static void result(struct buf *b, const struct json *r)
{
    static const char *const facts[][2] = {{"formula", "formula"},
                                           {"numerator", "numerator"},
                                           {"denominator", "denominator"},
                                           {"status", "status"},
                                           {"no value because", "reason"},
                                           {"remark", "comment"},
                                           {"nature", "nature"},
                                           {"population", "population"},
                                           {"vintage", "vintage"},
                                           {"missing partners", "missing"},
                                           {"per cent of the people covered", "covered"}};
    struct buf t CLEANUP(buf_free) = {.max = 1 << 16};
    if (js_kind_of(r) != JS_OBJECT)
        return;
    add(&t, "indicator: ", r, "name");
    add(&t, ", ", r, "indicator");
    add(&t, ", unit ", r, "unit");
    line(b, 2, &t);
    for (size_t i = 0; i < ARRAY_LEN(facts); i++)
        field(b, 2, facts[i][0], r, facts[i][1]);
    buf_reset(&t);
    add(&t, "partners: ", r, "areas");
    add(&t, " of ", r, "of_areas");
    if (t.n)
        line(b, 2, &t);
}

static void parts(struct buf *b, const struct json *doc, const struct json *list)
{
    for (size_t i = 0; i < js_count(list); i++) {
        const struct json *p = js_at(list, i), *items = js_get(p, "items");
        bool role = filled(p, "role");
        struct buf t CLEANUP(buf_free) = {.max = 1 << 16};
        add(&t, "", p, "role");
        if (role)
            line(b, 2, &t);
        for (size_t k = 0; k < js_count(items); k++)
            observation(b, role ? 4 : 2, doc,
                        named(js_get(doc, "observations"), "id",
                              js_str(js_get(js_at(items, k), "observation"))));
    }
}

void explain_text(struct buf *b, const struct json *doc)
{
    const struct json *c = js_at(js_get(doc, "cells"), 0), *r = js_get(c, "result");
    struct buf t CLEANUP(buf_free) = {.max = 1 << 16};
    if (filled(c, "row")) {
        add(&t, "", c, "row");
        add(&t, "; ", c, "column");
        add(&t, ": ", c, "text");
        line(b, 0, &t);
        buf_reset(&t);
        add(&t, "table ", doc, "table");
        add(&t, ", cell ", c, "id");
        add(&t, ": ", doc, "title");
        line(b, 2, &t);
        buf_reset(&t);
    } else if (js_kind_of(r) == JS_OBJECT) {
        add(&t, "", r, "name");
        add(&t, ": ", r, "value");
        line(b, 0, &t);
        buf_reset(&t);
    }
    add(&t, "", c, "structure");
    add(&t, " ", c, "key");
    add(&t, ", store version ", doc, "store");
    line(b, t.n && !b->n ? 0 : 2, &t);
    if (filled(c, "hidden"))
        field(b, 2, "no more is told", c, "hidden");
    result(b, r);
    parts(b, doc, js_get(c, "parts"));
}
