/* yaml.c — libyaml's events to a tree of our own (yml_priv.h), with everything refused that makes
 * YAML surprising: anchors and aliases, tags, more than one document, keys that are not scalars,
 * duplicate keys. The parser is libyaml's own, freed here; the tree is the arena's. */
#include <yaml.h>

#include "yml_priv.h"

#include "bounds.h"
#include "mem.h"

#include <stdarg.h>

int yaml_fault(struct err *e, struct yaml_mark at, const char *id, const char *fmt, ...)
{
    char text[768];
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    if (e && e->rc)
        return -RC_CONFIG; /* the first one wins, its place too */
    int rc = err_set(e, RC_CONFIG, id, "%s", text);
    if (at.line)
        (void)err_place(e, "%s:%u:%u", at.file, at.line, at.col);
    else
        (void)err_place(e, "%s", at.file);
    return rc;
}

struct reader {
    yaml_parser_t parser;
    const char *name;
    struct arena *arena;
    size_t nodes;
};

static struct yaml_mark mark_of(const struct reader *r, yaml_mark_t m)
{
    return (struct yaml_mark){r->name, (unsigned)m.line + 1, (unsigned)m.column + 1};
}

static int syntax(struct reader *r, struct err *e)
{
    const yaml_parser_t *p = &r->parser;
    struct yaml_mark at = mark_of(r, p->problem_mark);
    if (p->error == YAML_READER_ERROR)
        at = (struct yaml_mark){.file = r->name};
    int rc =
        yaml_fault(e, at, "YAML-001", "not valid YAML: %s", p->problem ? p->problem : "unreadable");
    if (p->error == YAML_READER_ERROR)
        (void)err_hint(e, "the file must be UTF-8 text; byte %zu is not", p->problem_offset);
    else
        (void)err_hint(e, "look at the indentation, the quotes and the colons near this place");
    return rc;
}

static int next_event(struct reader *r, yaml_event_t *ret, struct err *e)
{
    return yaml_parser_parse(&r->parser, ret) ? 0 : syntax(r, e);
}

/* What an event may not carry: an alias, an anchor, a tag. */
static int refuse_extras(struct reader *r, const yaml_event_t *ev, struct err *e)
{
    const yaml_char_t *anchor = NULL, *tag = NULL;
    if (ev->type == YAML_ALIAS_EVENT) {
        anchor = ev->data.alias.anchor;
    } else if (ev->type == YAML_SCALAR_EVENT) {
        anchor = ev->data.scalar.anchor;
        tag = ev->data.scalar.tag;
    } else if (ev->type == YAML_SEQUENCE_START_EVENT) {
        anchor = ev->data.sequence_start.anchor;
        tag = ev->data.sequence_start.tag;
    } else if (ev->type == YAML_MAPPING_START_EVENT) {
        anchor = ev->data.mapping_start.anchor;
        tag = ev->data.mapping_start.tag;
    }
    if (anchor) {
        int rc = yaml_fault(e, mark_of(r, ev->start_mark), "YAML-002",
                            "anchors and aliases are not used here: '%s'", (const char *)anchor);
        (void)err_hint(e, "write the value out; text that begins with & or * needs quotes");
        return rc;
    }
    if (tag) {
        int rc = yaml_fault(e, mark_of(r, ev->start_mark), "YAML-003",
                            "tags are not used here: '%s'", (const char *)tag);
        (void)err_hint(e, "leave the tag out; text that begins with ! needs quotes");
        return rc;
    }
    return 0;
}

static int fill_scalar(struct reader *r, const yaml_event_t *ev, struct yml_node *n, struct err *e)
{
    struct str s = {(const char *)ev->data.scalar.value, ev->data.scalar.length};
    if (s.n && memchr(s.p, 0, s.n))
        return yaml_fault(e, n->at, "YAML-004", "a NUL character inside a text");
    n->text = arena_str(r->arena, s);
    n->plain = ev->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    return 0;
}

static void append(struct yml_node *parent, struct yml_node *child)
{
    if (parent->last)
        parent->last->next = child;
    else
        parent->first = child;
    parent->last = child;
    parent->n++;
}

static int compare_members(const void *a, const void *b)
{
    const struct yml_node *x = *(struct yml_node *const *)a, *y = *(struct yml_node *const *)b;
    int c = str_cmp(x->key, y->key);
    if (c)
        return c;
    if (x->key_at.line != y->key_at.line)
        return x->key_at.line < y->key_at.line ? -1 : 1;
    return (x->key_at.col > y->key_at.col) - (x->key_at.col < y->key_at.col);
}

/* Sorted, so that a hostile mapping of a million keys stays cheap. */
static int refuse_duplicates(const struct yml_node *map, struct err *e)
{
    if (map->n < 2)
        return 0;
    struct yml_node **m CLEANUP(mem_freep) = mem_array(map->n, sizeof *m);
    size_t n = 0;
    for (struct yml_node *c = map->first; c; c = c->next)
        m[n++] = c;
    qsort(m, n, sizeof *m, compare_members);
    for (size_t i = 1; i < n; i++) {
        if (!str_eq(m[i - 1]->key, m[i]->key))
            continue;
        int rc = yaml_fault(e, m[i]->key_at, "YAML-005", "the key '%.*s' stands here twice",
                            STR_ARG(m[i]->key));
        (void)err_hint(e, "it stands first at line %u; keep one of them", m[i - 1]->key_at.line);
        return rc;
    }
    return 0;
}

static int parse_node(struct reader *r, const yaml_event_t *ev, int depth, struct yml_node **ret,
                      struct err *e);

static int parse_sequence(struct reader *r, struct yml_node *n, int depth, struct err *e)
{
    for (;;) {
        yaml_event_t ev;
        int rc = next_event(r, &ev, e);
        if (rc < 0)
            return rc;
        bool end = ev.type == YAML_SEQUENCE_END_EVENT;
        struct yml_node *child = NULL;
        if (!end)
            rc = parse_node(r, &ev, depth + 1, &child, e);
        yaml_event_delete(&ev);
        if (rc < 0 || end)
            return rc;
        append(n, child);
    }
}

/* The key of the next member into *ret; NULL at the mapping's end. */
static int parse_key(struct reader *r, int depth, struct yml_node **ret, struct err *e)
{
    yaml_event_t ev;
    int rc = next_event(r, &ev, e);
    if (rc < 0)
        return rc;
    *ret = NULL;
    if (ev.type != YAML_MAPPING_END_EVENT) {
        rc = parse_node(r, &ev, depth, ret, e);
        if (rc == 0 && (*ret)->shape != YML_SCALAR)
            rc = yaml_fault(e, (*ret)->at, "YAML-006", "a key must be a plain text");
    }
    yaml_event_delete(&ev);
    return rc;
}

static int parse_mapping(struct reader *r, struct yml_node *n, int depth, struct err *e)
{
    for (;;) {
        struct yml_node *key, *value = NULL;
        int rc = parse_key(r, depth + 1, &key, e);
        if (rc < 0)
            return rc;
        if (!key)
            return refuse_duplicates(n, e);
        yaml_event_t ev;
        rc = next_event(r, &ev, e);
        if (rc < 0)
            return rc;
        rc = parse_node(r, &ev, depth + 1, &value, e);
        yaml_event_delete(&ev);
        if (rc < 0)
            return rc;
        value->key = key->text;
        value->key_at = key->at;
        append(n, value);
    }
}

static int parse_node(struct reader *r, const yaml_event_t *ev, int depth, struct yml_node **ret,
                      struct err *e)
{
    int rc = refuse_extras(r, ev, e);
    if (rc < 0)
        return rc;
    struct yaml_mark at = mark_of(r, ev->start_mark);
    if (depth > LIMIT_YAML_DEPTH)
        return yaml_fault(e, at, "YAML-007", "nested deeper than %d levels", LIMIT_YAML_DEPTH);
    if (++r->nodes > LIMIT_YAML_NODES)
        return yaml_fault(e, at, "YAML-008", "more than %u values in one file", LIMIT_YAML_NODES);
    struct yml_node *n = arena_new(r->arena, sizeof *n);
    n->at = at;
    *ret = n;
    if (ev->type == YAML_SEQUENCE_START_EVENT) {
        n->shape = YML_SEQUENCE;
        return parse_sequence(r, n, depth, e);
    }
    if (ev->type == YAML_MAPPING_START_EVENT) {
        n->shape = YML_MAPPING;
        return parse_mapping(r, n, depth, e);
    }
    n->shape = YML_SCALAR;
    return fill_scalar(r, ev, n, e);
}

/* Skip to the document's root event, which is left in *ret; the caller deletes it. */
static int root_event(struct reader *r, yaml_event_t *ret, struct err *e)
{
    for (;;) {
        int rc = next_event(r, ret, e);
        if (rc < 0)
            return rc;
        yaml_event_type_t type = ret->type;
        if (type != YAML_STREAM_START_EVENT && type != YAML_DOCUMENT_START_EVENT &&
            type != YAML_STREAM_END_EVENT)
            return 0;
        yaml_event_delete(ret);
        if (type == YAML_STREAM_END_EVENT)
            return yaml_fault(e, (struct yaml_mark){r->name, 1, 1}, "YAML-009",
                              "the file is empty");
    }
}

static int expect_end(struct reader *r, struct err *e)
{
    for (;;) {
        yaml_event_t ev;
        int rc = next_event(r, &ev, e);
        if (rc < 0)
            return rc;
        yaml_event_type_t type = ev.type;
        struct yaml_mark at = mark_of(r, ev.start_mark);
        yaml_event_delete(&ev);
        if (type == YAML_STREAM_END_EVENT)
            return 0;
        if (type == YAML_DOCUMENT_START_EVENT)
            return yaml_fault(e, at, "YAML-010", "a second document in one file");
    }
}

static int parse_document(struct reader *r, struct yml_node **ret, struct err *e)
{
    yaml_event_t ev;
    int rc = root_event(r, &ev, e);
    if (rc < 0)
        return rc;
    rc = parse_node(r, &ev, 1, ret, e);
    yaml_event_delete(&ev);
    return rc < 0 ? rc : expect_end(r, e);
}

int yml_parse(struct str bytes, const char *name, struct arena *a, struct yml_node **ret,
              struct err *e)
{
    struct reader r = {.name = name, .arena = a};
    if (!yaml_parser_initialize(&r.parser))
        return err_set(e, RC_SYSTEM, "YAML-011", "the YAML parser does not start");
    yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&r.parser, (const unsigned char *)(bytes.p ? bytes.p : ""),
                                 bytes.n);
    int rc = parse_document(&r, ret, e);
    yaml_parser_delete(&r.parser);
    return rc;
}
