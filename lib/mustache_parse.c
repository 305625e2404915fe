/* mustache_parse.c — cuts a template into parts, with the specification's rule for tags that stand
 * alone on their line. All memory is the arena's. */
#include "mustache_parse.h"

struct parser {
    struct mtemplate *t;
    struct arena *arena;
    struct str open, close; /* delimiters */
    struct part **tail;
    struct part **stack; /* open sections */
    unsigned depth, max_depth;
    size_t pos;
    struct err *e;
};

struct tag {
    size_t start, end; /* of the whole tag */
    char sigil;        /* 0 for a plain value */
    struct str body;
};

int mustache_at(struct err *e, const struct mtemplate *t, size_t pos)
{
    size_t line = 1, col = 1;
    for (size_t i = 0; i < pos && i < t->source.n; i++) {
        bool end = t->source.p[i] == '\n';
        line += end;
        col = end ? 1 : col + 1;
    }
    return err_place(e, "%s:%zu:%zu", t->name, line, col);
}

static bool find(struct str s, size_t from, struct str what, size_t *ret)
{
    if (from > s.n)
        return false;
    const char *p = memmem(s.p + from, s.n - from, what.p, what.n);
    if (p)
        *ret = (size_t)(p - s.p);
    return p != NULL;
}

static struct part *add_part(struct parser *p, enum part_kind kind, struct str text, size_t pos)
{
    struct part *part = arena_new(p->arena, sizeof *part);
    part->kind = kind;
    part->text = text;
    part->pos = pos;
    *p->tail = part;
    p->tail = &part->next;
    return part;
}

static void add_text(struct parser *p, size_t from, size_t to)
{
    if (to > from)
        add_part(p, PART_TEXT, (struct str){p->t->source.p + from, to - from}, from);
}

static struct str trim(struct str s)
{
    while (s.n && strchr(" \t\r\n", s.p[0]))
        s.p++, s.n--;
    while (s.n && strchr(" \t\r\n", s.p[s.n - 1]))
        s.n--;
    return s;
}

/* The next tag from p->pos: 1, 0 when there is none. */
static int next_tag(struct parser *p, struct tag *ret)
{
    struct str s = p->t->source;
    if (s.n == 0 || !find(s, p->pos, p->open, &ret->start))
        return 0;
    size_t from = ret->start + p->open.n, end = 0;
    char sigil = from < s.n ? s.p[from] : 0;
    char closing[2] = {0};
    if (sigil == '{')
        closing[0] = '}';
    else if (sigil == '=')
        closing[0] = '=';
    bool special = sigil && strchr("#^/!>&={", sigil);
    from += special;
    struct str last = {arena_fmt(p->arena, "%s%.*s", closing, STR_ARG(p->close)),
                       p->close.n + strlen(closing)};
    if (!find(s, from, last, &end)) {
        err_set(p->e, RC_CONFIG, "MUS-001", "a tag is opened and not closed");
        err_hint(p->e, "end it with %.*s", STR_ARG(last));
        return mustache_at(p->e, p->t, ret->start);
    }
    ret->sigil = special ? sigil : 0;
    ret->body = trim((struct str){s.p + from, end - from});
    ret->end = end + last.n;
    return 1;
}

static bool is_blank(char c) { return c == ' ' || c == '\t'; }

/* Does the tag stand alone on its line? *ret_line where the line begins, *ret_next after its end.
 */
static bool stands_alone(struct str s, const struct tag *tag, size_t *ret_line, size_t *ret_next)
{
    size_t line = tag->start, next = tag->end;
    while (line && is_blank(s.p[line - 1]))
        line--;
    while (next < s.n && is_blank(s.p[next]))
        next++;
    if (line && s.p[line - 1] != '\n')
        return false;
    if (next + 1 < s.n && s.p[next] == '\r' && s.p[next + 1] == '\n')
        next++;
    *ret_line = line;
    *ret_next = next < s.n ? next + 1 : next;
    return next == s.n || s.p[next] == '\n';
}

static int set_delimiters(struct parser *p, const struct tag *tag)
{
    size_t blank = 0;
    while (blank < tag->body.n && !strchr(" \t\r\n", tag->body.p[blank]))
        blank++;
    struct str open = {tag->body.p, blank}, close = trim(str_cut(tag->body, blank));
    bool bad = open.n == 0 || close.n == 0;
    for (size_t i = 0; i < close.n; i++)
        bad = bad || strchr(" \t\r\n=", close.p[i]);
    for (size_t i = 0; i < open.n; i++)
        bad = bad || open.p[i] == '=';
    if (bad) {
        err_set(p->e, RC_CONFIG, "MUS-002", "this is no pair of delimiters");
        err_hint(p->e, "write {{=<%% %%>=}}: two words without '='");
        return mustache_at(p->e, p->t, tag->start);
    }
    p->open = open;
    p->close = close;
    return 0;
}

static int close_section(struct parser *p, const struct tag *tag)
{
    struct part *open = p->depth ? p->stack[p->depth - 1] : NULL;
    if (!open || !str_eq(open->text, tag->body)) {
        err_set(p->e, RC_CONFIG, "MUS-003", "section '%.*s' is closed here, but %s%.*s is open",
                STR_ARG(tag->body), open ? "" : "none", STR_ARG(open ? open->text : STR("")));
        return mustache_at(p->e, p->t, tag->start);
    }
    p->depth--;
    open->end = add_part(p, PART_END, tag->body, tag->start);
    return 0;
}

static int open_section(struct parser *p, const struct tag *tag)
{
    if (p->depth == p->max_depth) {
        err_set(p->e, RC_CONFIG, "MUS-004", "more than %u sections inside each other",
                p->max_depth);
        return mustache_at(p->e, p->t, tag->start);
    }
    enum part_kind kind = tag->sigil == '#' ? PART_SECTION : PART_INVERTED;
    p->stack[p->depth++] = add_part(p, kind, tag->body, tag->start);
    return 0;
}

static int add_tag(struct parser *p, const struct tag *tag, struct str indent)
{
    if (tag->sigil == '!')
        return 0;
    if (tag->sigil == '=')
        return set_delimiters(p, tag);
    if (tag->body.n == 0) {
        err_set(p->e, RC_CONFIG, "MUS-005", "a tag without a name");
        return mustache_at(p->e, p->t, tag->start);
    }
    switch (tag->sigil) {
    case '#':
    case '^':
        return open_section(p, tag);
    case '/':
        return close_section(p, tag);
    case '>':
        add_part(p, PART_PARTIAL, tag->body, tag->start)->indent = indent;
        return 0;
    default:
        add_part(p, tag->sigil ? PART_RAW : PART_VALUE, tag->body, tag->start);
        return 0;
    }
}

static int parse_all(struct parser *p)
{
    struct str s = p->t->source;
    for (;;) {
        struct tag tag = {0};
        int rc = next_tag(p, &tag);
        if (rc < 0)
            return rc;
        if (rc == 0)
            break;
        size_t line = tag.start, next = tag.end;
        bool alone =
            tag.sigil && strchr("#^/!>=", tag.sigil) && stands_alone(s, &tag, &line, &next);
        add_text(p, p->pos, alone ? line : tag.start);
        struct str indent = {s.p + line, alone ? tag.start - line : 0};
        if ((rc = add_tag(p, &tag, indent)) < 0)
            return rc;
        p->pos = alone ? next : tag.end;
    }
    add_text(p, p->pos, s.n);
    if (p->depth == 0)
        return 0;
    const struct part *open = p->stack[p->depth - 1];
    err_set(p->e, RC_CONFIG, "MUS-006", "section '%.*s' is never closed", STR_ARG(open->text));
    err_hint(p->e, "close it with {{/%.*s}}", STR_ARG(open->text));
    return mustache_at(p->e, p->t, open->pos);
}

int mustache_parse(struct mtemplate *ret, struct str source, const char *name, unsigned depth,
                   struct arena *a, struct err *e)
{
    *ret = (struct mtemplate){.source = source, .name = name};
    struct parser p = {.t = ret,
                       .arena = a,
                       .open = STR("{{"),
                       .close = STR("}}"),
                       .tail = &ret->first,
                       .stack = arena_array(a, depth, sizeof(struct part *)),
                       .max_depth = depth,
                       .e = e};
    return parse_all(&p);
}
