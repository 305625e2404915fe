/* xml.c — see xml.h. Expat pushes, the handlers take; characters are gathered until the next tag.
 * Owns expat's parser and the buffer of characters. */
#include <expat.h> /* before ours: it uses names that base.h poisons */

#include "xml.h"

#include "bounds.h"
#include "buf.h"

#define SEP '\n' /* between namespace and name: no URI holds it */

struct xml {
    XML_Parser parser;
    const struct xml_handler *h;
    void *to;
    struct source *src;
    struct buf text;
    size_t depth;
    uint64_t fed, seen; /* bytes given to expat; where what it is at begins */
    int rc;             /* what a handler stopped with */
    struct err *e;
};

static void split(const char *name, struct xml_tag *ret)
{
    const char *sep = strchr(name, SEP);
    ret->ns = sep ? (struct str){name, (size_t)(sep - name)} : STR("");
    ret->name = str_of(sep ? sep + 1 : name);
}

size_t xml_line(const struct xml *x) { return XML_GetCurrentLineNumber(x->parser); }
size_t xml_column(const struct xml *x) { return XML_GetCurrentColumnNumber(x->parser) + 1; }

static int place(struct xml *x, struct err *e)
{
    return err_place(e, "%s:%zu:%zu", x->src->name, xml_line(x), xml_column(x));
}

static void stop(struct xml *x, int rc)
{
    if (rc == 0 || x->rc)
        return;
    if (rc < 0 && x->e)
        place(x, x->e);
    x->rc = rc;
    (void)XML_StopParser(x->parser, XML_FALSE);
}

static void too_long(struct xml *x, const char *what, size_t most)
{
    int rc =
        err_set(x->e, RC_DATA, "XML-004", "%s of more than %zu bytes in one piece", what, most);
    err_hint(x->e, "No table holds such a cell: is this the right file?");
    stop(x, rc < 0 ? rc : -RC_DATA);
}

/* The characters gathered so far, before a tag. */
static void flush(struct xml *x)
{
    if (!x->text.n && !x->text.full)
        return;
    if (x->text.full)
        too_long(x, "a text", LIMIT_XML_TEXT);
    else if (x->h->text && !x->rc)
        stop(x, x->h->text(x->to, x, buf_view(&x->text), x->e));
    buf_reset(&x->text);
}

static void XMLCALL on_start(void *to, const XML_Char *name, const XML_Char **attrs)
{
    struct xml *x = to;
    struct xml_tag tag = {.attrs = (const char *const *)attrs, .depth = ++x->depth};
    flush(x);
    if (x->rc)
        return;
    if (x->depth > LIMIT_XML_DEPTH) {
        int rc =
            err_set(x->e, RC_DATA, "XML-003", "elements nested deeper than %d", LIMIT_XML_DEPTH);
        stop(x, rc);
        return;
    }
    split(name, &tag);
    if (x->h->start)
        stop(x, x->h->start(x->to, x, &tag, x->e));
}

static void XMLCALL on_end(void *to, const XML_Char *name)
{
    struct xml *x = to;
    struct xml_tag tag = {.depth = x->depth--};
    flush(x);
    if (x->rc || !x->h->end)
        return;
    split(name, &tag);
    stop(x, x->h->end(x->to, x, &tag, x->e));
}

static void XMLCALL on_text(void *to, const XML_Char *p, int n)
{
    struct xml *x = to;
    if (!x->h->text || x->rc)
        return;
    buf_add(&x->text, p, (size_t)n);
    if (x->text.full)
        too_long(x, "a text", LIMIT_XML_TEXT);
}

static void XMLCALL on_doctype(void *to, const XML_Char *name, const XML_Char *sysid,
                               const XML_Char *pubid, int subset)
{
    struct xml *x = to;
    (void)name, (void)sysid, (void)pubid, (void)subset;
    int rc = err_set(x->e, RC_DATA, "XML-002", "a document type (<!DOCTYPE) is not accepted");
    err_hint(x->e, "No format for data needs one, and its entities can be made to harm.");
    stop(x, rc);
}

static int broken(struct xml *x)
{
    enum XML_Error code = XML_GetErrorCode(x->parser);
    err_set(x->e, RC_DATA, "XML-001", "not well-formed XML: %s", XML_ErrorString(code));
    err_hint(x->e, "The file is damaged, cut short, or no XML: get it again from its sender.");
    return place(x, x->e);
}

/* One piece into expat; 1 when a handler stopped. */
static int feed(struct xml *x, ssize_t got)
{
    enum XML_Status status = XML_ParseBuffer(x->parser, (int)got, got == 0);
    x->fed += (uint64_t)got;
    if (x->rc)
        return x->rc;
    if (status != XML_STATUS_OK)
        return broken(x);
    XML_Index at = XML_GetCurrentByteIndex(x->parser); /* -1: it waits for more before it looks */
    if (at > 0)
        x->seen = (uint64_t)at;
    if (x->fed > x->seen + LIMIT_XML_TEXT + LIMIT_IO_CHUNK)
        too_long(x, "a tag or comment", LIMIT_XML_TEXT);
    return x->rc;
}

static int run(struct xml *x)
{
    for (;;) {
        void *p = XML_GetBuffer(x->parser, (int)LIMIT_IO_CHUNK);
        if (!p)
            return err_set(x->e, RC_SYSTEM, "XML-005", "no memory for the XML parser");
        ssize_t got = x->src->read(x->src, p, LIMIT_IO_CHUNK, x->e);
        if (got < 0)
            return (int)got;
        int rc = feed(x, got);
        if (rc || got == 0)
            return rc;
    }
}

int xml_read(struct source *src, const struct xml_handler *h, void *to, struct err *e)
{
    struct err own = {.rc = RC_OK};
    struct xml x = {.h = h, .to = to, .src = src, .e = e ? e : &own};
    x.parser = XML_ParserCreateNS(NULL, SEP);
    if (!x.parser)
        return err_set(e, RC_SYSTEM, "XML-006", "no memory for an XML parser");
    buf_init(&x.text, LIMIT_XML_TEXT);
    XML_SetUserData(x.parser, &x);
    XML_SetElementHandler(x.parser, on_start, on_end);
    XML_SetCharacterDataHandler(x.parser, on_text);
    XML_SetStartDoctypeDeclHandler(x.parser, on_doctype);
    int rc = run(&x);
    XML_ParserFree(x.parser);
    buf_free(&x.text);
    return rc;
}

bool xml_attr_at(const struct xml_tag *tag, size_t i, struct xml_tag *ret_name, struct str *ret)
{
    if (!tag->attrs || !tag->attrs[2 * i]) /* only ever one past the last is asked for */
        return false;
    split(tag->attrs[2 * i], ret_name);
    *ret = str_of(tag->attrs[2 * i + 1]);
    return true;
}

/* Is "ns SEP name" this attribute? */
static bool is_attr(const char *have, const char *ns, const char *name)
{
    const char *sep = strchr(have, SEP);
    if (strcmp(sep ? sep + 1 : have, name) != 0)
        return false;
    if (!ns)
        return !sep;
    size_t n = sep ? (size_t)(sep - have) : 0;
    return strcmp(ns, "*") == 0 || (strlen(ns) == n && memcmp(have, ns, n) == 0);
}

struct str xml_attr(const struct xml_tag *tag, const char *ns, const char *name)
{
    for (size_t i = 0; tag->attrs && tag->attrs[i]; i += 2)
        if (is_attr(tag->attrs[i], ns, name))
            return str_of(tag->attrs[i + 1]);
    return (struct str){NULL, 0};
}
