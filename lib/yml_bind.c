/* yml_bind.c — the tree of a YAML file into C structures, by a const table; see yml.h. What is
 * bound is the caller's arena's; the tree lives only while binding. */
#include "yml_priv.h"

#include "io.h"
#include "bounds.h"
#include "mem.h"
#include "text.h"

#include <errno.h>

static const struct yaml_field text_field[] = {{.kind = YAML_TEXT}};
const struct yaml_type yaml_text_type = {sizeof(const char *), text_field, 1};
static const struct yaml_field pair_field[] = {
    {.kind = YAML_TEXT, .offset = offsetof(struct yaml_pair, value)}};
const struct yaml_type yaml_pair_type = {sizeof(struct yaml_pair), pair_field, 1};
static const struct yaml_field group_field[] = {
    {.kind = YAML_LIST, .offset = offsetof(struct yaml_group, values), .type = &yaml_text_type}};
const struct yaml_type yaml_group_type = {sizeof(struct yaml_group), group_field, 1};

const char *word_nearest(struct str text, const char *const *words, size_t n)
{
    const char *best = NULL;
    size_t limit = text.n / 3 ? text.n / 3 : 1, least = limit + 1;
    for (size_t i = 0; i < n && text.n > 1; i++) {
        size_t d = text_distance(text, str_of(words[i]), limit);
        if (d < least) {
            least = d;
            best = words[i];
        }
    }
    return best;
}

struct binder {
    struct arena *arena;
    struct err *e;
};

static int bind_value(struct binder *b, const struct yml_node *n, const struct yaml_field *f,
                      char *object);

static const char *shape_name(const struct yml_node *n)
{
    if (n->shape == YML_SEQUENCE)
        return "a list";
    if (n->shape == YML_MAPPING)
        return "a mapping";
    return n->text.n ? "a text" : "nothing";
}

static const char *label(const struct yml_node *n, const struct yaml_field *f)
{
    return f->key ? f->key : n->key.p ? n->key.p : "value";
}

static int wrong_type(struct binder *b, const struct yml_node *n, const struct yaml_field *f,
                      const char *wanted)
{
    if (n->shape == YML_SCALAR && n->text.n)
        return yaml_fault(b->e, n->at, "YAML-012", "'%s' must be %s, not '%.*s'", label(n, f),
                          wanted, STR_ARG(n->text));
    return yaml_fault(b->e, n->at, "YAML-013", "'%s' must be %s, not %s", label(n, f), wanted,
                      shape_name(n));
}

static int bind_int(struct binder *b, const struct yml_node *n, const struct yaml_field *f,
                    void *at)
{
    struct str s = n->text, digits = s;
    if (digits.n && (digits.p[0] == '-' || digits.p[0] == '+'))
        digits = str_cut(digits, 1);
    bool ok = digits.n > 0;
    for (size_t i = 0; i < digits.n; i++)
        ok = ok && digits.p[i] >= '0' && digits.p[i] <= '9';
    errno = 0;
    long long v = ok ? strtoll(s.p, NULL, 10) : 0;
    if (!ok || errno)
        return wrong_type(b, n, f, "a whole number");
    *(int64_t *)at = v;
    return 0;
}

static int bind_bool(struct binder *b, const struct yml_node *n, const struct yaml_field *f,
                     void *at)
{
    if (!str_is(n->text, "true") && !str_is(n->text, "false"))
        return wrong_type(b, n, f, "true or false");
    *(bool *)at = n->text.p[0] == 't';
    return 0;
}

static int bind_char(struct binder *b, const struct yml_node *n, const struct yaml_field *f,
                     void *at)
{
    static const struct {
        const char *word;
        char c;
    } words[] = {{"tab", '\t'}, {"comma", ','}, {"semicolon", ';'},
                 {"pipe", '|'}, {"space", ' '}, {"none", '\0'}};
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if (str_is(n->text, words[i].word)) {
            *(char *)at = words[i].c;
            return 0;
        }
    }
    if (n->text.n != 1)
        return wrong_type(b, n, f, "one character (or tab, comma, semicolon, pipe, space, none)");
    *(char *)at = n->text.p[0];
    return 0;
}

static int bind_enum(struct binder *b, const struct yml_node *n, const struct yaml_field *f,
                     void *at)
{
    char list[256] = "";
    size_t count = 0, used = 0;
    for (; f->words[count]; count++) {
        if (str_is(n->text, f->words[count])) {
            *(int *)at = (int)count;
            return 0;
        }
        int put =
            snprintf(list + used, sizeof list - used, "%s%s", count ? ", " : "", f->words[count]);
        used = put < 0 || used + (size_t)put >= sizeof list ? sizeof list - 1 : used + (size_t)put;
    }
    char wanted[300];
    (void)snprintf(wanted, sizeof wanted, "one of %s", list);
    int rc = wrong_type(b, n, f, wanted);
    const char *near = word_nearest(n->text, f->words, count);
    if (near)
        (void)err_hint(b->e, "did you mean '%s'?", near);
    return rc;
}

/* The field that an element is bound by when it is not an object; NULL when it is one. */
static const struct yaml_field *element_field(const struct yaml_type *t)
{
    const struct yaml_field *only = NULL;
    for (size_t i = 0; i < t->n; i++) {
        if (t->fields[i].kind == YAML_MARK)
            continue;
        if (t->fields[i].key || only)
            return NULL;
        only = &t->fields[i];
    }
    return only;
}

static void set_marks(const struct yml_node *n, const struct yaml_type *t, char *object)
{
    for (size_t i = 0; i < t->n; i++)
        if (t->fields[i].kind == YAML_MARK)
            *(struct yaml_mark *)(void *)(object + t->fields[i].offset) = n->at;
}

static const struct yaml_field *find_field(const struct yaml_type *t, struct str key)
{
    for (size_t i = 0; i < t->n; i++)
        if (t->fields[i].key && str_is(key, t->fields[i].key))
            return &t->fields[i];
    return NULL;
}

static int unknown_key(struct binder *b, const struct yml_node *member, const struct yaml_type *t)
{
    int rc =
        yaml_fault(b->e, member->key_at, "YAML-014", "unknown key '%.*s'", STR_ARG(member->key));
    const char **words CLEANUP(mem_freep) = mem_array(t->n, sizeof *words);
    char list[400] = "";
    size_t n = 0, used = 0;
    for (size_t i = 0; i < t->n; i++) {
        if (!t->fields[i].key)
            continue;
        words[n++] = t->fields[i].key;
        int put =
            snprintf(list + used, sizeof list - used, "%s%s", n > 1 ? ", " : "", t->fields[i].key);
        used = put < 0 || used + (size_t)put >= sizeof list ? sizeof list - 1 : used + (size_t)put;
    }
    const char *near = word_nearest(member->key, words, n);
    if (near)
        (void)err_hint(b->e, "did you mean '%s'?", near);
    else
        (void)err_hint(b->e, "the keys that may stand here: %s", list);
    return rc;
}

static int bind_absent(struct binder *b, const struct yml_node *n, const struct yaml_field *f,
                       char *object)
{
    if (f->required)
        return yaml_fault(b->e, n->at, "YAML-015", "the key '%s' is missing", f->key);
    if (!f->fallback)
        return 0;
    struct yml_node given = {.shape = YML_SCALAR, .at = n->at, .text = str_of(f->fallback)};
    return bind_value(b, &given, f, object);
}

static int bind_object(struct binder *b, const struct yml_node *n, const struct yaml_type *t,
                       char *object, const struct yaml_field *f)
{
    if (n->shape != YML_MAPPING)
        return wrong_type(b, n, f, "a mapping (key: value)");
    bool *given CLEANUP(mem_freep) = mem_array(t->n, sizeof *given);
    set_marks(n, t, object);
    for (const struct yml_node *m = n->first; m; m = m->next) {
        const struct yaml_field *field = find_field(t, m->key);
        if (!field)
            return unknown_key(b, m, t);
        given[field - t->fields] = true;
        int rc = bind_value(b, m, field, object);
        if (rc < 0)
            return rc;
    }
    for (size_t i = 0; i < t->n; i++) {
        if (given[i] || !t->fields[i].key)
            continue;
        int rc = bind_absent(b, n, &t->fields[i], object);
        if (rc < 0)
            return rc;
    }
    return 0;
}

static int bind_element(struct binder *b, const struct yml_node *n, const struct yaml_field *f,
                        char *element)
{
    const struct yaml_field *own = element_field(f->type);
    if (!own)
        return bind_object(b, n, f->type, element, f);
    set_marks(n, f->type, element);
    return bind_value(b, n, own, element);
}

static int bind_list(struct binder *b, const struct yml_node *n, const struct yaml_field *f,
                     struct yaml_list *ret)
{
    bool many = n->shape == YML_SEQUENCE;
    if (!many && n->shape == YML_SCALAR && n->plain && !n->text.n)
        return wrong_type(b, n, f, "a list ([] for an empty one)");
    const struct yml_node *first = many ? n->first : n;
    size_t count = many ? n->n : 1;
    char *items = count ? arena_array(b->arena, count, f->type->size) : NULL;
    const struct yml_node *item = first;
    for (size_t i = 0; i < count; i++, item = item->next) {
        int rc = bind_element(b, item, f, items + i * f->type->size);
        if (rc < 0)
            return rc;
    }
    *ret = (struct yaml_list){items, count};
    return 0;
}

static int bind_map(struct binder *b, const struct yml_node *n, const struct yaml_field *f,
                    struct yaml_list *ret)
{
    if (n->shape != YML_MAPPING)
        return wrong_type(b, n, f, "a mapping (key: value)");
    char *items = n->n ? arena_array(b->arena, n->n, f->type->size) : NULL;
    size_t i = 0;
    for (const struct yml_node *m = n->first; m; m = m->next, i++) {
        char *element = items + i * f->type->size;
        *(const char **)(void *)element = arena_text(b->arena, m->key);
        int rc = bind_element(b, m, f, element);
        if (rc < 0)
            return rc;
    }
    *ret = (struct yaml_list){items, n->n};
    return 0;
}

static int bind_scalar(struct binder *b, const struct yml_node *n, const struct yaml_field *f,
                       void *at)
{
    if (n->shape != YML_SCALAR)
        return wrong_type(b, n, f, "a single value");
    if (f->kind == YAML_INT)
        return bind_int(b, n, f, at);
    if (f->kind == YAML_BOOL)
        return bind_bool(b, n, f, at);
    if (f->kind == YAML_CHAR)
        return bind_char(b, n, f, at);
    if (f->kind == YAML_ENUM)
        return bind_enum(b, n, f, at);
    *(const char **)at = arena_text(b->arena, n->text);
    return 0;
}

static int bind_value(struct binder *b, const struct yml_node *n, const struct yaml_field *f,
                      char *object)
{
    void *at = object + f->offset;
    switch (f->kind) {
    case YAML_TEXT:
    case YAML_INT:
    case YAML_BOOL:
    case YAML_CHAR:
    case YAML_ENUM:
        return bind_scalar(b, n, f, at);
    case YAML_OBJECT:
        return bind_object(b, n, f->type, at, f);
    case YAML_LIST:
        return bind_list(b, n, f, at);
    case YAML_MAP:
        return bind_map(b, n, f, at);
    case YAML_MARK:
        break;
    }
    return err_set(b->e, RC_BUG, "YAML-016", "a mark bound as a value");
}

int yaml_bind(struct str bytes, const char *name, const struct yaml_type *type, void *ret,
              struct arena *a, struct err *e)
{
    struct arena tree CLEANUP(arena_free) = {0};
    struct yml_node *root = NULL;
    const char *file = arena_text(a, str_of(name));
    memset(ret, 0, type->size);
    int rc = yml_parse(bytes, file, &tree, &root, e);
    if (rc < 0)
        return rc;
    struct binder b = {a, e};
    const struct yaml_field whole = {.key = "the file", .kind = YAML_OBJECT, .type = type};
    return bind_object(&b, root, type, ret, &whole);
}

int yaml_bind_file(const char *path, const struct yaml_type *type, void *ret, struct arena *a,
                   struct err *e)
{
    char *bytes CLEANUP(mem_freep) = NULL;
    size_t n;
    int rc = file_slurp(path, LIMIT_CONFIG_BYTES, &bytes, &n, e);
    if (rc < 0) {
        if (e)
            e->rc = RC_CONFIG;
        return -RC_CONFIG;
    }
    return yaml_bind((struct str){bytes, n}, path, type, ret, a, e);
}
