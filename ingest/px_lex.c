/* px_lex.c — the bytes of a PC-Axis file as tokens. Owns its chunk and the text of one token. */
#include "read_px.h"

#include "bounds.h"
#include "mem.h"

#define TEXT_MAX ((size_t)1 << 20)

void px_lex_init(struct px_lex *x, struct source *src, const char *name)
{
    *x = (struct px_lex){.src = src, .name = name, .line = 1, .col = 1};
    x->chunk = mem_new(LIMIT_IO_CHUNK);
    buf_init(&x->text, TEXT_MAX);
}

void px_lex_free(struct px_lex *x)
{
    mem_free(x->chunk);
    buf_free(&x->text);
}

int px_fault(const struct px_lex *x, struct err *e)
{
    return err_place(e, "%s:%zu:%zu", x->name, x->at_line, x->at_col);
}

/* -1 at the end, -2 when the source failed. */
static int peek(struct px_lex *x, struct err *e)
{
    if (x->i < x->n)
        return (unsigned char)x->chunk[x->i];
    ssize_t got = x->src->read(x->src, x->chunk, LIMIT_IO_CHUNK, e);
    x->i = 0;
    x->n = got > 0 ? (size_t)got : 0;
    return got < 0 ? -2 : got ? (unsigned char)x->chunk[0] : -1;
}

static void take(struct px_lex *x)
{
    if (x->chunk[x->i++] == '\n') {
        x->line++;
        x->col = 1;
    } else {
        x->col++;
    }
}

static int failed(const struct err *e) { return e->rc ? -(int)e->rc : -RC_IO; }

static int blanks(struct px_lex *x, const char *also, struct err *e)
{
    int c;
    while ((c = peek(x, e)) >= 0 &&
           (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == 0x1a || (c && strchr(also, c))))
        take(x);
    x->at_line = x->line;
    x->at_col = x->col;
    return c;
}

static int too_long(struct px_lex *x, struct err *e)
{
    err_set(e, RC_DATA, "WIRE-036", "more than %zu bytes in one text", TEXT_MAX);
    return px_fault(x, e);
}

/* A quoted piece, added to the text. */
static int quoted(struct px_lex *x, struct err *e)
{
    take(x);
    for (;;) {
        int c = peek(x, e);
        if (c == -2)
            return failed(e);
        if (c < 0) {
            err_set(e, RC_DATA, "WIRE-037", "the file ends inside quotes");
            return px_fault(x, e);
        }
        take(x);
        if (x->text.full)
            return too_long(x, e);
        if (c == '"')
            return 0;
        if (c != '\n' && c != '\r')
            buf_char(&x->text, (char)c);
    }
}

static int word(struct px_lex *x, const char *stops, struct err *e)
{
    int c;
    while ((c = peek(x, e)) > ' ' && c != '"' && !strchr(stops, c) && !x->text.full) {
        buf_char(&x->text, (char)c);
        take(x);
    }
    if (c == -2)
        return failed(e);
    return x->text.full ? too_long(x, e) : 0;
}

int px_next(struct px_lex *x, enum px_token *ret, struct err *e)
{
    static const char signs[] = "=()[],;";
    int c = blanks(x, "", e), rc = 0;
    buf_reset(&x->text);
    if (c == -2)
        return failed(e);
    if (c < 0) {
        *ret = PX_END;
    } else if (c == '"') {
        size_t line = x->line, col = x->col;
        *ret = PX_TEXT;
        while (rc >= 0 && c == '"') {
            rc = quoted(x, e);
            c = rc < 0 ? 0 : blanks(x, "", e);
        }
        x->at_line = line;
        x->at_col = col;
    } else if (c && strchr(signs, c)) {
        *ret = PX_SIGN;
        x->sign = (char)c;
        take(x);
    } else {
        *ret = PX_WORD;
        rc = word(x, signs, e);
        if (rc >= 0 && !x->text.n) {
            err_set(e, RC_DATA, "WIRE-038", "byte %02x is no part of a statement", (unsigned)c);
            return px_fault(x, e);
        }
    }
    return rc;
}

int px_cell(struct px_lex *x, enum px_token *ret, struct err *e)
{
    int c = blanks(x, ",", e), rc;
    buf_reset(&x->text);
    if (c == -2)
        return failed(e);
    *ret = c < 0 ? PX_END : c == ';' ? PX_SIGN : c == '"' ? PX_TEXT : PX_WORD;
    if (c < 0)
        return 0;
    if (c == ';') {
        take(x);
        return 0;
    }
    rc = c == '"' ? quoted(x, e) : word(x, ",;", e);
    if (rc >= 0 && c != '"' && !x->text.n) {
        err_set(e, RC_DATA, "WIRE-039", "byte %02x is no part of a number", (unsigned)c);
        return px_fault(x, e);
    }
    return rc;
}
