/* mustache.c — fills templates. Parsed templates live in an arena of the rendering; values and
 * names are views into the data and the sources, which the caller owns. */
#include "mustache.h"

#include "io.h"
#include "bounds.h"
#include "mem.h"
#include "mustache_parse.h"

#include <unistd.h>

/* One level of names: the innermost is asked first. */
struct frame {
    const struct json *value;
    const struct frame *up;
};

struct cached {
    struct str name, indent;
    struct mtemplate t;
    bool missing;
    struct cached *next;
};

struct renderer {
    struct buf *out;
    const struct mustache_options *o;
    unsigned depth, max_depth;
    struct arena arena;
    struct cached *cache;
    struct err *e;
};

static int render_parts(struct renderer *r, const struct mtemplate *t, const struct part *from,
                        const struct part *to, const struct frame *f);

void html_escape(struct buf *b, struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        switch (s.p[i]) {
        case '&':
            buf_text(b, "&amp;");
            break;
        case '<':
            buf_text(b, "&lt;");
            break;
        case '>':
            buf_text(b, "&gt;");
            break;
        case '"':
            buf_text(b, "&quot;");
            break;
        case '\'':
            buf_text(b, "&#39;");
            break;
        default:
            buf_char(b, s.p[i]);
        }
    }
}

static const struct json *member(const struct json *j, struct str name)
{
    if (js_kind_of(j) != JS_OBJECT || name.n > LIMIT_CODE_BYTES)
        return NULL;
    char key[LIMIT_CODE_BYTES + 1];
    memcpy(key, name.p, name.n);
    key[name.n] = 0;
    return js_get(j, key);
}

static struct str first_name(struct str *rest)
{
    const char *dot = memchr(rest->p, '.', rest->n);
    struct str head = {rest->p, dot ? (size_t)(dot - rest->p) : rest->n};
    *rest = str_cut(*rest, head.n + (dot != NULL));
    return head;
}

/* The value of a name, or NULL: its first part is sought outwards, the others only inside it. */
static const struct json *look_up(const struct frame *f, struct str name)
{
    if (str_is(name, "."))
        return f->value;
    struct str rest = name, head = first_name(&rest);
    const struct json *v = NULL;
    for (; f && !v; f = f->up)
        v = member(f->value, head);
    while (v && rest.n)
        v = member(v, first_name(&rest));
    return v;
}

static int get(struct renderer *r, const struct mtemplate *t, const struct part *p,
               const struct frame *f, const struct json **ret)
{
    *ret = look_up(f, p->text);
    if (*ret || !r->o->strict)
        return 0;
    err_set(r->e, RC_DATA, "MUS-010", "the data have no '%.*s'", STR_ARG(p->text));
    err_hint(r->e, "correct the name, or add it to the data; null stands for nothing to show");
    return mustache_at(r->e, t, p->pos);
}

static bool truthy(const struct json *v)
{
    switch (js_kind_of(v)) {
    case JS_NULL:
    case JS_FALSE:
        return false;
    case JS_STRING:
    case JS_ARRAY:
        return js_kind_of(v) == JS_ARRAY ? js_count(v) > 0 : js_str(v).n > 0;
    case JS_TRUE:
    case JS_NUMBER:
    case JS_OBJECT:
        return true;
    }
    return false;
}

static int enter(struct renderer *r, const struct mtemplate *t, size_t pos)
{
    if (r->depth < r->max_depth) {
        r->depth++;
        return 0;
    }
    err_set(r->e, RC_CONFIG, "MUS-007", "more than %u sections and partials inside each other",
            r->max_depth);
    err_hint(r->e, "a partial that calls itself needs an end: an empty list in the data");
    return mustache_at(r->e, t, pos);
}

static int render_section(struct renderer *r, const struct mtemplate *t, const struct part *p,
                          const struct frame *f)
{
    const struct json *v = NULL;
    int rc = get(r, t, p, f, &v);
    if (rc < 0)
        return rc;
    bool on = truthy(v);
    if (on == (p->kind == PART_INVERTED))
        return 0;
    if ((rc = enter(r, t, p->pos)) < 0)
        return rc;
    if (p->kind == PART_INVERTED) {
        rc = render_parts(r, t, p->next, p->end, f);
    } else if (js_kind_of(v) == JS_ARRAY) {
        for (size_t i = 0; rc >= 0 && i < js_count(v); i++)
            rc = render_parts(r, t, p->next, p->end, &(struct frame){js_at(v, i), f});
    } else {
        rc = render_parts(r, t, p->next, p->end, &(struct frame){v, f});
    }
    r->depth--;
    return rc;
}

/* Every line of a partial gets the blanks that stood before its tag. */
static struct str indented(struct arena *a, struct str s, struct str indent)
{
    size_t lines = 0;
    for (size_t i = 0; i < s.n; i++)
        lines += i == 0 || s.p[i - 1] == '\n';
    char *p = arena_new(a, s.n + lines * indent.n + 1), *w = p;
    for (size_t i = 0; i < s.n; i++) {
        if (i == 0 || s.p[i - 1] == '\n') {
            memcpy(w, indent.p, indent.n);
            w += indent.n;
        }
        *w++ = s.p[i];
    }
    return (struct str){p, (size_t)(w - p)};
}

static int load_partial(struct renderer *r, struct str name, struct str indent, struct cached **ret)
{
    for (struct cached *c = r->cache; c; c = c->next) {
        if (str_eq(c->name, name) && str_eq(c->indent, indent)) {
            *ret = c;
            return 0;
        }
    }
    struct cached *c = arena_new(&r->arena, sizeof *c);
    c->name = name;
    c->indent = indent;
    struct str source = {0};
    const char *file = "partial";
    int rc = r->o->partial ? r->o->partial(r->o->ctx, name, &source, &file, r->e) : 0;
    if (rc < 0)
        return rc;
    c->missing = rc == 0;
    if (indent.n)
        source = indented(&r->arena, source, indent);
    if ((rc = mustache_parse(&c->t, source, file, r->max_depth, &r->arena, r->e)) < 0)
        return rc;
    c->next = r->cache;
    r->cache = c;
    *ret = c;
    return 0;
}

static int render_partial(struct renderer *r, const struct mtemplate *t, const struct part *p,
                          const struct frame *f)
{
    struct cached *c = NULL;
    int rc = load_partial(r, p->text, p->indent, &c);
    if (rc == 0 && c->missing && r->o->strict) {
        err_set(r->e, RC_CONFIG, "MUS-008", "there is no partial '%.*s'", STR_ARG(p->text));
        return mustache_at(r->e, t, p->pos);
    }
    if (rc < 0 || (rc = enter(r, t, p->pos)) < 0)
        return rc;
    rc = render_parts(r, &c->t, c->t.first, NULL, f);
    r->depth--;
    return rc;
}

static int render_value(struct renderer *r, const struct mtemplate *t, const struct part *p,
                        const struct frame *f)
{
    const struct json *v = NULL;
    int rc = get(r, t, p, f, &v);
    if (rc < 0)
        return rc;
    enum js_kind kind = js_kind_of(v);
    if (r->o->strict && (kind == JS_ARRAY || kind == JS_OBJECT)) {
        err_set(r->e, RC_DATA, "MUS-011", "'%.*s' is a list or an object, not a text",
                STR_ARG(p->text));
        return mustache_at(r->e, t, p->pos);
    }
    struct str s = js_str(v);
    if (p->kind == PART_RAW)
        buf_str(r->out, s);
    else
        html_escape(r->out, s);
    return 0;
}

static int render_parts(struct renderer *r, const struct mtemplate *t, const struct part *from,
                        const struct part *to, const struct frame *f)
{
    int rc = 0;
    for (const struct part *p = from; p && p != to && rc >= 0 && !r->out->full; p = p->next) {
        switch (p->kind) {
        case PART_TEXT:
            buf_str(r->out, p->text);
            break;
        case PART_VALUE:
        case PART_RAW:
            rc = render_value(r, t, p, f);
            break;
        case PART_SECTION:
        case PART_INVERTED:
            rc = render_section(r, t, p, f);
            p = p->end;
            break;
        case PART_PARTIAL:
            rc = render_partial(r, t, p, f);
            break;
        case PART_END:
            break;
        }
    }
    return rc < 0 ? rc : 0;
}

int mustache_render(struct buf *out, struct str source, const char *name, const struct json *data,
                    const struct mustache_options *options, struct err *e)
{
    struct renderer r = {.out = out,
                         .o = options,
                         .max_depth = options->depth ? options->depth : MUSTACHE_DEPTH,
                         .e = e};
    struct mtemplate t;
    int rc = mustache_parse(&t, source, name, r.max_depth, &r.arena, e);
    if (rc >= 0)
        rc = render_parts(&r, &t, t.first, NULL, &(struct frame){data, NULL});
    arena_free(&r.arena);
    return rc;
}

static bool name_is_safe(struct str name)
{
    if (name.n == 0 || name.n > LIMIT_CODE_BYTES || name.p[0] == '/')
        return false;
    for (size_t i = 0; i < name.n; i++) {
        if ((unsigned char)name.p[i] < ' ' || name.p[i] == 127)
            return false;
        if (name.p[i] == '.' && i + 1 < name.n && name.p[i + 1] == '.')
            return false;
    }
    return true;
}

int mustache_from_folders(void *ctx, struct str name, struct str *ret, const char **ret_name,
                          struct err *e)
{
    struct mustache_folders *m = ctx;
    if (!name_is_safe(name))
        return err_set(e, RC_CONFIG, "MUS-009", "'%.*s' is no name of a partial", STR_ARG(name));
    for (size_t i = 0; i < m->n; i++) {
        const char *path = arena_fmt(m->arena, "%s/%.*s.mustache", m->folders[i], STR_ARG(name));
        char *text = NULL;
        size_t n = 0;
        if (access(path, F_OK) != 0)
            continue;
        int rc = file_slurp(path, LIMIT_CONFIG_BYTES, &text, &n, e);
        if (rc < 0)
            return rc;
        *ret = arena_str(m->arena, (struct str){text, n});
        mem_free(text);
        *ret_name = path;
        return 1;
    }
    return 0;
}
