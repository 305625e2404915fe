/* xlsx_strings.c — the shared strings of a workbook: their bytes and ends one after another, in
 * memory up to a limit and after that in a temporary file, so that no workbook can ask for more. */
#include "xlsx.h"

#include "bounds.h"
#include "mem.h"
#include "whole.h"

#include <unistd.h>

struct strings {
    struct buf text; /* the first `nkept` strings */
    uint64_t *ends;
    size_t nkept, cap;
    uint64_t n;
    int fd[2]; /* texts, and their ends as 64-bit words; -1: not needed yet */
    struct out out[2];
    uint64_t spilled;
};

/* --- runs of text -------------------------------------------------------------------------------
 */

static int hex(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
                                  : -1;
}

/* _x000D_ and the like: a character that XML cannot hold. Controls become a blank. */
static size_t escape(struct str s, char *ret)
{
    int v = 0;
    if (s.n < 7 || s.p[1] != 'x' || s.p[6] != '_')
        return 0;
    for (size_t i = 2; i < 6; i++) {
        if (hex(s.p[i]) < 0)
            return 0;
        v = v * 16 + hex(s.p[i]);
    }
    *ret = v == '\n' || v == '\t' ? (char)v : v < 0x20 ? ' ' : v < 0x7f ? (char)v : '?';
    return v < 0x7f ? 7 : 0;
}

static void add_text(struct buf *b, struct str s)
{
    while (s.n) {
        const char *at = memchr(s.p, '_', s.n);
        size_t n = at ? (size_t)(at - s.p) : s.n, len = 0;
        char c;
        buf_add(b, s.p, n);
        s = str_cut(s, n);
        if (!s.n)
            return;
        len = escape(s, &c);
        buf_char(b, len ? c : '_');
        s = str_cut(s, len ? len : 1);
    }
}

void rich_begin(struct rich *r, struct buf *text) { *r = (struct rich){.text = text}; }

void rich_start(struct rich *r, const struct xml_tag *t)
{
    if (!xlsx_own(t))
        return;
    if (str_is(t->name, "t"))
        r->in_t = true;
    else if (str_is(t->name, "rPh"))
        r->phonetic = true;
    else if (str_is(t->name, "r"))
        r->super = false;
    else if (str_is(t->name, "vertAlign"))
        r->super = str_is(xml_attr(t, NULL, "val"), "superscript");
}

void rich_text(struct rich *r, struct str s)
{
    if (!r->in_t || r->phonetic)
        return;
    if (r->super)
        superscript(r->text, s);
    else
        add_text(r->text, s);
}

void rich_end(struct rich *r, const struct xml_tag *t)
{
    if (!xlsx_own(t))
        return;
    if (str_is(t->name, "t"))
        r->in_t = false;
    else if (str_is(t->name, "rPh"))
        r->phonetic = false;
    else if (str_is(t->name, "r"))
        r->super = false;
}

/* --- keeping ------------------------------------------------------------------------------------
 */

static int open_temp(struct strings *s, size_t i, struct err *e)
{
    int rc = temp_file(&s->fd[i], e);
    if (rc < 0)
        return rc;
    int copy = dup(s->fd[i]); /* the output closes its own */
    if (copy < 0)
        return err_sys(e, RC_SYSTEM, "XLSX-001", "no file descriptor");
    out_init(&s->out[i], copy, "temporary file");
    return 0;
}

static int spill(struct strings *s, struct str text, struct err *e)
{
    for (size_t i = 0; i < 2; i++) {
        int rc = s->fd[i] < 0 ? open_temp(s, i, e) : 0;
        if (rc < 0)
            return rc;
    }
    s->spilled += text.n;
    if (s->spilled > LIMIT_STRINGS_DISK || s->n > LIMIT_STRINGS) {
        err_set(e, RC_DATA, "XLSX-002",
                "the shared texts of the workbook are too many or too long");
        return err_hint(e, "No workbook holds so much text: ask the sender what it is.");
    }
    out_str(&s->out[0], text);
    out_put(&s->out[1], &s->spilled, sizeof s->spilled);
    s->n++;
    return 0;
}

static int add(struct strings *s, struct str text, struct err *e)
{
    size_t used = s->text.n + s->nkept * sizeof *s->ends;
    if (s->n != s->nkept || used + text.n + sizeof *s->ends > LIMIT_STRINGS_MEMORY)
        return spill(s, text, e);
    if (s->nkept == s->cap) {
        s->cap = s->cap ? s->cap * 2 : 256;
        s->ends = mem_resize(s->ends, s->cap * sizeof *s->ends);
    }
    buf_str(&s->text, text);
    s->ends[s->nkept++] = s->text.n;
    s->n++;
    return 0;
}

static int read_at(int fd, void *to, size_t n, uint64_t at, struct err *e)
{
    ssize_t got = pread(fd, to, n, (off_t)at);
    return got == (ssize_t)n ? 0
                             : err_sys(e, RC_IO, "XLSX-003", "the temporary file cannot be read");
}

int strings_get(struct strings *s, uint64_t i, struct buf *scratch, struct str *ret, struct err *e)
{
    uint64_t span[2] = {0, 0};
    if (i >= s->n)
        return 1;
    if (i < s->nkept) {
        uint64_t from = i ? s->ends[i - 1] : 0;
        *ret = (struct str){s->text.p ? s->text.p + from : "", s->ends[i] - from};
        return 0;
    }
    uint64_t k = i - s->nkept;
    int rc = k ? read_at(s->fd[1], span, sizeof span, (k - 1) * sizeof *span, e)
               : read_at(s->fd[1], &span[1], sizeof *span, 0, e);
    size_t n = (size_t)(span[1] - span[0]);
    if (rc < 0)
        return rc;
    char *p = mem_new(n + 1);
    rc = n ? read_at(s->fd[0], p, n, span[0], e) : 0;
    buf_reset(scratch);
    buf_add(scratch, p, n);
    mem_free(p);
    *ret = buf_view(scratch);
    return rc;
}

void strings_free(struct strings *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < 2; i++) {
        out_drop(&s->out[i]);
        if (s->fd[i] >= 0)
            close(s->fd[i]);
    }
    buf_free(&s->text);
    mem_free(s->ends);
    mem_free(s);
}

/* --- reading ------------------------------------------------------------------------------------
 */

struct loader {
    struct strings *s;
    struct rich rich;
    struct buf text;
};

static int on_start(void *to, struct xml *xml, const struct xml_tag *t, struct err *e)
{
    struct loader *l = to;
    (void)xml, (void)e;
    if (xlsx_own(t) && str_is(t->name, "si")) {
        buf_reset(&l->text);
        rich_begin(&l->rich, &l->text);
    } else {
        rich_start(&l->rich, t);
    }
    return 0;
}

static int on_text(void *to, struct xml *xml, struct str text, struct err *e)
{
    struct loader *l = to;
    (void)xml, (void)e;
    rich_text(&l->rich, text);
    return 0;
}

static int on_end(void *to, struct xml *xml, const struct xml_tag *t, struct err *e)
{
    struct loader *l = to;
    (void)xml;
    if (!xlsx_own(t) || !str_is(t->name, "si")) {
        rich_end(&l->rich, t);
        return 0;
    }
    int rc = buf_ok(&l->text, "a shared text", e);
    return rc < 0 ? rc : add(l->s, buf_view(&l->text), e);
}

int strings_load(struct xlsx *x, struct err *e)
{
    static const struct xml_handler h = {on_start, on_text, on_end};
    struct strings *s = mem_new(sizeof *s);
    struct loader l = {.s = s};
    struct source *src = NULL;
    x->strings = s;
    s->fd[0] = s->fd[1] = -1;
    buf_init(&s->text, LIMIT_STRINGS_MEMORY + 1);
    if (!x->strings_part)
        return 0;
    buf_init(&l.text, LIMIT_ROW_BYTES);
    rich_begin(&l.rich, &l.text);
    int rc = zip_part(&src, x->zip, x->strings_part, e);
    if (rc >= 0)
        rc = xml_read(src, &h, &l, e);
    source_close(src);
    buf_free(&l.text);
    for (size_t i = 0; i < 2 && rc >= 0; i++) {
        if (s->fd[i] < 0)
            continue;
        rc = out_close(&s->out[i], e);
        s->out[i] = (struct out){.fd = -1};
    }
    return rc;
}
