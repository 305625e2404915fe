/* axis.c — members of dimensions in their order, and the lookup of the row where items cross. */
#include "axis.h"

#include "period.h"

struct members {
    const char **codes;
    size_t n;
};

int axis_base(const struct view *v, const struct cube *c, struct str *ret, struct err *e)
{
    const struct yaml_group *g = v->layout->filter.items;
    for (size_t i = 0; i < v->layout->filter.n; i++) {
        int d = cube_dim(c, g[i].key);
        const char *const *codes = g[i].values.items;
        const char *code = NULL;
        if (d < 0 || g[i].values.n != 1)
            continue;
        int rc = view_fill(v, codes[0], &code, e);
        if (rc < 0)
            return rc;
        ret[d] = str_of(code);
    }
    return 0;
}

static int no_dimension(const struct group *g, const char *dim, const struct cube *c, struct err *e)
{
    return yaml_fault(e, g->at, "AXIS-001", "the stream has no dimension %s: %s", dim, c->name);
}

static int pin_where(const struct view *v, const struct cube *c, const struct group *g,
                     struct str *pins, struct err *e)
{
    const struct yaml_pair *w = g->where.items;
    for (size_t i = 0; i < g->where.n; i++) {
        int d = cube_dim(c, w[i].key);
        const char *code = NULL;
        if (d < 0)
            return no_dimension(g, w[i].key, c, e);
        int rc = view_fill(v, w[i].value, &code, e);
        if (rc < 0)
            return rc;
        pins[d] = str_of(code);
    }
    return 0;
}

static int period_members(const struct view *v, const struct group *g, struct members *m,
                          struct err *e)
{
    const char *last = NULL;
    struct period p;
    int rc = view_fill(v, "{period}", &last, e);
    if (rc < 0 || (rc = period_parse(&p, str_of(last), e)) < 0)
        return rc;
    m->n = (size_t)g->periods;
    m->codes = arena_array(&v->conf->arena, m->n, sizeof *m->codes);
    for (size_t i = 0; i < m->n; i++) {
        char text[PERIOD_TEXT_MAX];
        size_t n = period_text(period_add(p, (int)i - (int)m->n + 1), text);
        m->codes[i] = arena_text(&v->conf->arena, (struct str){text, n});
    }
    return 0;
}

static int list_members(const struct view *v, const struct group *g, struct members *m,
                        struct err *e)
{
    const struct codelist *l = view_codes(v, g->over);
    if (!l)
        return yaml_fault(e, g->at, "AXIS-002", "dimension %s has no code list", g->over);
    const struct code *top = NULL;
    if (g->below) {
        const char *code = NULL;
        int rc = view_fill(v, g->below, &code, e);
        if (rc < 0)
            return rc;
        top = codelist_find(l, str_of(code));
        if (!top)
            return yaml_fault(e, g->at, "AXIS-004", "%s is no code of %s", code, l->id);
    }
    m->codes = arena_array(&v->conf->arena, l->n, sizeof *m->codes);
    for (size_t i = 0; i < l->n; i++) {
        if (!g->below || l->codes[i].parent == top)
            m->codes[m->n++] = arena_text(&v->conf->arena, l->codes[i].id);
    }
    return 0;
}

static int code_members(const struct view *v, const struct group *g, struct members *m,
                        struct err *e)
{
    const char *const *codes = g->codes.items;
    const struct codelist *l = view_codes(v, g->over);
    m->n = g->codes.n;
    m->codes = arena_array(&v->conf->arena, m->n, sizeof *m->codes);
    for (size_t i = 0; i < m->n; i++) {
        int rc = view_fill(v, codes[i], &m->codes[i], e);
        if (rc < 0)
            return rc;
        if (!l || codelist_find(l, str_of(m->codes[i])))
            continue;
        const struct code *near[3] = {0};
        yaml_fault(e, g->at, "AXIS-005", "%s is no code of %s", m->codes[i], l->id);
        if (codelist_nearest(l, str_of(m->codes[i]), near))
            err_hint(e, "nearest: %.*s (%s)", STR_ARG(near[0]->id), code_label(l, near[0], "en"));
        return -RC_CONFIG;
    }
    return 0;
}

static int members_of(const struct view *v, const struct group *g, struct members *m, struct err *e)
{
    if (g->partners) {
        const char *const *codes = NULL;
        int rc = region_order(v->conf, v->region, g->partners, v->date, &codes, &m->n, e);
        if (rc < 0)
            return rc;
        m->codes = arena_array(&v->conf->arena, m->n, sizeof *m->codes);
        for (size_t i = 0; i < m->n; i++)
            m->codes[i] = codes[i];
        return 0;
    }
    if (g->periods)
        return period_members(v, g, m, e);
    return g->codes.n ? code_members(v, g, m, e) : list_members(v, g, m, e);
}

int axis_members(const struct view *v, const struct group *g, const char ***ret, size_t *ret_n,
                 struct err *e)
{
    struct members m = {0};
    int rc = members_of(v, g, &m, e);
    *ret = m.codes;
    *ret_n = m.n;
    return rc;
}

static struct item *add_item(struct axis *a, const struct group *g, size_t no, const char *heading)
{
    struct item *it = &a->items[a->n++];
    *it = (struct item){.group = g, .group_no = no, .heading = heading, .total = g->total};
    return it;
}

static int add_members(const struct view *v, const struct cube *c, struct axis *a,
                       const struct item *proto, const struct str *base, const struct members *m)
{
    const struct group *g = proto->group;
    int d = cube_dim(c, g->over);
    for (size_t i = 0; i < m->n; i++) {
        struct str pins[CUBE_DIMS_MAX];
        for (size_t k = 0; k < CUBE_DIMS_MAX; k++)
            pins[k] = proto->pins[k].p ? proto->pins[k] : base[k];
        if (g->present && !cube_has(c, (size_t)d, str_of(m->codes[i]), pins))
            continue;
        struct item *it = add_item(a, g, proto->group_no, proto->heading);
        memcpy(it->pins, proto->pins, sizeof it->pins);
        it->pins[d] = str_of(m->codes[i]);
        it->dim = g->over;
        it->code = m->codes[i];
        it->label = view_label(v, g->over, str_of(it->code));
        it->total = g->total || (g->region && strcmp(it->code, v->region->id) == 0);
    }
    return 0;
}

static int add_group(const struct view *v, const struct cube *c, const struct group *g,
                     struct axis *a, struct item *proto, const struct str *base, struct err *e)
{
    const char *label = NULL;
    int rc = view_text(v, &g->label, &label, e);
    if (rc >= 0)
        rc = pin_where(v, c, g, proto->pins, e);
    if (rc < 0)
        return rc;
    if (!g->over) {
        struct item *it = add_item(a, g, proto->group_no, "");
        memcpy(it->pins, proto->pins, sizeof it->pins);
        it->label = label;
        return 0;
    }
    if (cube_dim(c, g->over) < 0)
        return no_dimension(g, g->over, c, e);
    struct members m = {0};
    if ((rc = members_of(v, g, &m, e)) < 0)
        return rc;
    if (g->region) {
        const char **more = arena_array(&v->conf->arena, m.n + 1, sizeof *more);
        for (size_t i = 0; i < m.n; i++)
            more[i] = m.codes[i];
        more[m.n++] = v->region->id;
        m.codes = more;
    }
    struct item *grown = arena_array(&v->conf->arena, a->n + m.n + 1, sizeof *grown);
    if (a->n)
        memcpy(grown, a->items, a->n * sizeof *grown);
    a->items = grown;
    proto->heading = label;
    return add_members(v, c, a, proto, base, &m);
}

int axis_build(const struct view *v, const struct cube *c, const struct yaml_list *groups,
               const struct str *base, struct axis *ret, struct err *e)
{
    const struct group *g = groups->items;
    *ret = (struct axis){0};
    for (size_t i = 0; i < groups->n; i++) {
        struct item *room = arena_array(&v->conf->arena, ret->n + 1, sizeof *room);
        if (ret->n)
            memcpy(room, ret->items, ret->n * sizeof *room);
        ret->items = room;
        struct item proto = {.group = &g[i], .group_no = i};
        int rc = add_group(v, c, &g[i], ret, &proto, base, e);
        if (rc < 0)
            return rc;
    }
    return 0;
}

int axis_find(const struct view *v, const struct cube *c, const struct str *base,
              const struct item *const items[3], const struct cube_row **ret, struct err *e)
{
    struct str pins[CUBE_DIMS_MAX];
    memcpy(pins, base, sizeof pins);
    for (size_t i = 0; i < 3; i++) {
        for (size_t d = 0; items[i] && d < c->ndims; d++) {
            if (items[i]->pins[d].p)
                pins[d] = items[i]->pins[d];
        }
    }
    *ret = NULL;
    for (size_t d = 0; d < c->ndims; d++) {
        struct str only[2] = {{0}};
        if (pins[d].p)
            continue;
        int n = cube_only(c, d, only);
        if (n == 0)
            return 0;
        pins[d] = only[0];
        if (n == 1)
            continue;
        yaml_fault(e, v->layout->at, "AXIS-003", "the layout does not say which %s: %.*s or %.*s",
                   c->columns[c->dim[d]], STR_ARG(only[0]), STR_ARG(only[1]));
        return err_hint(e, "name it in the filter, or lay it out over rows or columns");
    }
    *ret = cube_find(c, pins);
    return 0;
}
