/* check_rules.c — config/rules/ID.yaml to content rules. Everything lives in the arena of conf. */
#include "checking.h"
#include "yml.h"

#define ID_MAX 11

struct y_check {
    const char *id, *dimension, *total, *relative, *absolute, *mad, *tolerance, *per, *text, *fix;
    struct yaml_list where, left, right, parts;
    int kind, level, outside;
    int64_t periods;
    struct yaml_mark at;
};

struct y_rules {
    const char *rules;
    struct yaml_list checks;
    struct yaml_mark at;
};

static const char *const kinds[] = {"whole",
                                    "nonneg",
                                    "child_le_parent",
                                    "children_le_parent",
                                    "parts_total",
                                    "compare",
                                    "jump",
                                    "rate_count",
                                    NULL};
static const char *const outside_words[] = {"error", "warning", "information", "same", NULL};

#define TEXT_FIELD(name)                                                          \
    {                                                                             \
#name, YAML_TEXT, offsetof(struct y_check, name), false, NULL, NULL, NULL \
    }
static const struct yaml_field check_fields[] = {
    {"id", YAML_TEXT, offsetof(struct y_check, id), true, NULL, NULL, NULL},
    {"kind", YAML_ENUM, offsetof(struct y_check, kind), true, NULL, kinds, NULL},
    {"level", YAML_ENUM, offsetof(struct y_check, level), true, NULL, level_words, NULL},
    {"outside", YAML_ENUM, offsetof(struct y_check, outside), false, NULL, outside_words, "same"},
    {"text", YAML_TEXT, offsetof(struct y_check, text), true, NULL, NULL, NULL},
    {"fix", YAML_TEXT, offsetof(struct y_check, fix), true, NULL, NULL, NULL},
    TEXT_FIELD(dimension),
    TEXT_FIELD(total),
    TEXT_FIELD(relative),
    TEXT_FIELD(absolute),
    TEXT_FIELD(mad),
    TEXT_FIELD(tolerance),
    TEXT_FIELD(per),
    {"periods", YAML_INT, offsetof(struct y_check, periods), false, NULL, NULL, "5"},
    {"parts", YAML_LIST, offsetof(struct y_check, parts), false, &yaml_text_type, NULL, NULL},
    {"where", YAML_MAP, offsetof(struct y_check, where), false, &yaml_group_type, NULL, NULL},
    {"left", YAML_MAP, offsetof(struct y_check, left), false, &yaml_group_type, NULL, NULL},
    {"right", YAML_MAP, offsetof(struct y_check, right), false, &yaml_group_type, NULL, NULL},
    {NULL, YAML_MARK, offsetof(struct y_check, at), false, NULL, NULL, NULL},
};
static const struct yaml_type check_type = {sizeof(struct y_check), check_fields,
                                            ARRAY_LEN(check_fields)};
static const struct yaml_field rules_fields[] = {
    {"rules", YAML_TEXT, offsetof(struct y_rules, rules), true, NULL, NULL, NULL},
    {"checks", YAML_LIST, offsetof(struct y_rules, checks), true, &check_type, NULL, NULL},
    {NULL, YAML_MARK, offsetof(struct y_rules, at), false, NULL, NULL, NULL},
};
static const struct yaml_type rules_type = {sizeof(struct y_rules), rules_fields,
                                            ARRAY_LEN(rules_fields)};

struct binding {
    struct conf *conf;
    const struct structure *s;
    const struct y_check *y;
};

static int code_known(const struct binding *b, size_t dim, const char *code, struct err *e)
{
    const struct codelist *l = b->s->dims[dim].codes;
    const struct code *near[3];
    if (!code)
        code = "";
    if (!l || codelist_find(l, str_of(code)))
        return 0;
    yaml_fault(e, b->y->at, "CHECK-010", "%s is no code of %s", code, l->id);
    return codelist_nearest(l, str_of(code), near)
               ? err_hint(e, "nearest: %.*s", STR_ARG(near[0]->id))
               : -(int)e->rc;
}

static int find_dim(const struct binding *b, const char *name, struct err *e)
{
    int d = structure_dim(b->s, name);
    if (d < 0 || (size_t)d + 1 == b->s->ndims)
        return yaml_fault(e, b->y->at, "CHECK-011", "%s has no dimension %s to compare by",
                          b->s->id, name);
    return d;
}

/* The codes of a pick as bits by their order. */
static const uint64_t *code_set(const struct binding *b, const struct pick *p)
{
    const struct codelist *l = b->s->dims[p->dim].codes;
    if (!l)
        return NULL;
    uint64_t *set = arena_array(&b->conf->arena, l->n / 64 + 1, sizeof *set);
    for (size_t i = 0; i < p->n; i++) {
        const struct code *code = codelist_find(l, str_of(p->codes[i] ? p->codes[i] : ""));
        if (code)
            set[code->order / 64] |= UINT64_C(1) << (code->order % 64);
    }
    return set;
}

static int bind_picks(const struct binding *b, const struct yaml_list *from, struct pick **ret,
                      size_t *ret_n, struct err *e)
{
    const struct yaml_group *g = from->items;
    struct pick *list = arena_array(&b->conf->arena, from->n + 1, sizeof *list);
    for (size_t i = 0; i < from->n; i++) {
        int d = find_dim(b, g[i].key, e);
        if (d < 0)
            return d;
        list[i] = (struct pick){(size_t)d, g[i].values.items, g[i].values.n, NULL};
        for (size_t k = 0; k < list[i].n; k++) {
            int rc = code_known(b, (size_t)d, list[i].codes[k], e);
            if (rc < 0)
                return rc;
        }
        list[i].set = code_set(b, &list[i]);
    }
    *ret = list;
    *ret_n = from->n;
    return 0;
}

static int bind_number(const struct binding *b, const char *text, const char *fallback,
                       struct num *ret, struct err *e)
{
    struct err why = {0};
    const char *t = text ? text : fallback;
    if (!t)
        return 0;
    if (num_parse(ret, str_of(t), &num_plain, &why) < 0 || ret->m < 0)
        return yaml_fault(e, b->y->at, "CHECK-012", "'%s' is no decimal of zero or more", t);
    return 0;
}

static int bind_parts(const struct binding *b, struct content *c, struct err *e)
{
    c->total = b->y->total;
    c->parts = b->y->parts.items;
    c->nparts = b->y->parts.n;
    if (c->kind != KIND_PARTS)
        return 0;
    if (!c->total || c->nparts < 2 || c->nparts > PARTS_MAX)
        return yaml_fault(e, b->y->at, "CHECK-013", "parts_total needs a total and 2 to %d parts",
                          PARTS_MAX);
    int rc = code_known(b, (size_t)c->dim, c->total, e);
    for (size_t i = 0; rc == 0 && i < c->nparts; i++)
        rc = code_known(b, (size_t)c->dim, c->parts[i], e);
    return rc;
}

/* What each kind needs. */
static int prove(const struct binding *b, const struct content *c, struct err *e)
{
    bool tree = c->kind == KIND_CHILD || c->kind == KIND_CHILDREN;
    bool dim = tree || c->kind == KIND_PARTS || c->kind == KIND_RATE;
    if (dim && c->dim < 0)
        return yaml_fault(e, b->y->at, "CHECK-014", "%s needs a dimension", kinds[c->kind]);
    if (tree && !b->s->dims[c->dim].codes)
        return yaml_fault(e, b->y->at, "CHECK-015", "%s has no code list", b->y->dimension);
    if (c->kind == KIND_JUMP && !b->y->relative && !b->y->mad)
        return yaml_fault(e, b->y->at, "CHECK-018", "jump needs relative or mad");
    if (c->periods < 3 || c->periods > PERIODS_MAX)
        return yaml_fault(e, b->y->at, "CHECK-019", "periods must be 3 to %d", PERIODS_MAX);
    return 0;
}

static int prove_sides(const struct binding *b, const struct content *c, struct err *e)
{
    if (c->kind != KIND_COMPARE && c->kind != KIND_RATE)
        return 0;
    if (c->nleft == 0 || c->nright == 0)
        return yaml_fault(e, b->y->at, "CHECK-016", "%s needs left and right", kinds[c->kind]);
    for (size_t i = 0; i < c->nright; i++)
        if (c->right[i].n != 1)
            return yaml_fault(e, b->y->at, "CHECK-017", "right names one code of each dimension");
    return 0;
}

static int bind_numbers(const struct binding *b, struct content *c, struct err *e)
{
    const struct y_check *y = b->y;
    int rc = bind_number(b, y->relative, NULL, &c->relative, e);
    if (rc == 0)
        rc = bind_number(b, y->absolute, "0", &c->absolute, e);
    if (rc == 0)
        rc = bind_number(b, y->mad, NULL, &c->mad, e);
    if (rc == 0)
        rc = bind_number(b, y->tolerance, "0", &c->tolerance, e);
    if (rc == 0)
        rc = bind_number(b, y->per, "100000", &c->per, e);
    c->by_relative = y->relative != NULL;
    c->by_mad = y->mad != NULL;
    return rc;
}

static int bind_check(const struct binding *b, struct content *c, struct err *e)
{
    const struct y_check *y = b->y;
    size_t n = strlen(y->id);
    if (n == 0 || n > ID_MAX)
        return yaml_fault(e, y->at, "CHECK-020", "the id of a rule has 1 to %d letters", ID_MAX);
    *c = (struct content){.id = y->id, .text = y->text, .fix = y->fix, .dim = -1};
    c->kind = (enum check_kind)y->kind;
    c->level = (enum level)y->level;
    c->outside = y->outside == LEVELS ? c->level : (enum level)y->outside;
    c->periods = y->periods;
    if (y->dimension) {
        c->dim = find_dim(b, y->dimension, e);
        if (c->dim < 0)
            return c->dim;
    }
    int rc = bind_picks(b, &y->where, &c->where, &c->nwhere, e);
    if (rc == 0)
        rc = bind_picks(b, &y->left, &c->left, &c->nleft, e);
    if (rc == 0)
        rc = bind_picks(b, &y->right, &c->right, &c->nright, e);
    if (rc == 0)
        rc = bind_numbers(b, c, e);
    if (rc == 0)
        rc = prove(b, c, e);
    if (rc == 0)
        rc = prove_sides(b, c, e);
    return rc < 0 ? rc : bind_parts(b, c, e);
}

static bool has_rules(struct conf *c, const char *id, int *ret_rc, struct err *e)
{
    const char *const *names = NULL;
    size_t n = 0;
    *ret_rc = conf_list(c, "rules", "yaml", &names, &n, e);
    for (size_t i = 0; *ret_rc == 0 && i < n; i++)
        if (strcmp(names[i], id) == 0)
            return true;
    return false;
}

int rules_load(struct rules *r, struct conf *c, const struct structure *s, struct err *e)
{
    const char *path = NULL;
    struct y_rules y;
    int rc = 0;
    *r = (struct rules){0};
    if (!has_rules(c, s->id, &rc, e))
        return rc;
    rc = conf_path(c, "rules", s->id, "yaml", &path, e);
    if (rc == 0)
        rc = yaml_bind_file(path, &rules_type, &y, &c->arena, e);
    if (rc < 0)
        return rc;
    if (strcmp(y.rules, s->id) != 0)
        return yaml_fault(e, y.at, "CHECK-021", "rules for %s in the file of %s", y.rules, s->id);
    if (y.checks.n > RULES_MAX)
        return yaml_fault(e, y.at, "CHECK-022", "more than %d rules", RULES_MAX);
    r->list = arena_array(&c->arena, y.checks.n + 1, sizeof *r->list);
    for (size_t i = 0; i < y.checks.n; i++) {
        struct binding b = {c, s, (const struct y_check *)y.checks.items + i};
        for (size_t k = 0; k < i; k++)
            if (strcmp(r->list[k].id, b.y->id) == 0)
                return yaml_fault(e, b.y->at, "CHECK-023", "two rules are called %s", b.y->id);
        rc = bind_check(&b, &r->list[i], e);
        if (rc < 0)
            return rc;
        r->whole |= (uint32_t)(r->list[i].kind == KIND_WHOLE) << i;
        r->nonneg |= (uint32_t)(r->list[i].kind == KIND_NONNEG) << i;
        r->n++;
    }
    return 0;
}
