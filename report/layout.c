/* layout.c — binds layouts. All memory is the arena of the configuration. */
#include "layout.h"

#include "num.h"

#include <stddef.h>

#define FIELD(struct_, name_, kind_)                                            \
    {                                                                           \
        .key = #name_, .kind = kind_, .offset = offsetof(struct struct_, name_) \
    }
#define LIST(struct_, name_, kind_, type_)                                                      \
    {                                                                                           \
        .key = #name_, .kind = kind_, .offset = offsetof(struct struct_, name_), .type = &type_ \
    }

static const struct yaml_field group_fields[] = {
    FIELD(group, id, YAML_TEXT),
    LIST(group, label, YAML_MAP, yaml_pair_type),
    LIST(group, where, YAML_MAP, yaml_pair_type),
    FIELD(group, over, YAML_TEXT),
    FIELD(group, partners, YAML_TEXT),
    LIST(group, codes, YAML_LIST, yaml_text_type),
    FIELD(group, below, YAML_TEXT),
    FIELD(group, periods, YAML_INT),
    FIELD(group, all, YAML_BOOL),
    FIELD(group, present, YAML_BOOL),
    FIELD(group, region, YAML_BOOL),
    FIELD(group, total, YAML_BOOL),
    FIELD(group, show, YAML_TEXT),
    FIELD(group, as, YAML_TEXT),
    FIELD(group, steady, YAML_TEXT),
    FIELD(group, total_or, YAML_TEXT),
    {.key = "or", .kind = YAML_TEXT, .offset = offsetof(struct group, or_show)},
    {.key = "decimals",
     .kind = YAML_INT,
     .offset = offsetof(struct group, decimals),
     .fallback = "-1"},
    {.kind = YAML_MARK, .offset = offsetof(struct group, at)},
};
const struct yaml_type layout_group_type = {sizeof(struct group), group_fields,
                                            ARRAY_LEN(group_fields)};

static const struct yaml_field layout_fields[] = {
    FIELD(layout, kind, YAML_TEXT),
    LIST(layout, title, YAML_MAP, yaml_pair_type),
    LIST(layout, subtitle, YAML_MAP, yaml_pair_type),
    LIST(layout, note, YAML_MAP, yaml_pair_type),
    LIST(layout, stub, YAML_MAP, yaml_pair_type),
    {.key = "structure",
     .kind = YAML_TEXT,
     .offset = offsetof(struct layout, structure),
     .required = true},
    LIST(layout, filter, YAML_MAP, yaml_group_type),
    LIST(layout, rows, YAML_LIST, layout_group_type),
    LIST(layout, columns, YAML_LIST, layout_group_type),
    LIST(layout, panels, YAML_LIST, layout_group_type),
    LIST(layout, points, YAML_LIST, layout_group_type),
    LIST(layout, series, YAML_LIST, layout_group_type),
    LIST(layout, background, YAML_LIST, layout_group_type),
    LIST(layout, highlight, YAML_LIST, layout_group_type),
    LIST(layout, marks, YAML_MAP, yaml_pair_type),
    FIELD(layout, heat, YAML_BOOL),
    FIELD(layout, completeness, YAML_BOOL),
    FIELD(layout, compact, YAML_BOOL),
    FIELD(layout, height, YAML_INT),
    FIELD(layout, legend, YAML_TEXT),
    {.kind = YAML_MARK, .offset = offsetof(struct layout, at)},
};
static const struct yaml_type layout_type = {sizeof(struct layout), layout_fields,
                                             ARRAY_LEN(layout_fields)};

static bool one_of(const char *word, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(word, words[i]) == 0)
            return true;
    }
    return false;
}

static int check_shown(const struct group *g, struct err *e)
{
    static const char *const as[] = {"number", "signed", "direction", "text"};
    struct num v;
    struct err bad = {0};
    if (g->as && !one_of(g->as, as, ARRAY_LEN(as)))
        return yaml_fault(e, g->at, "LAYOUT-007",
                          "as: is number, signed, direction or text, not %s", g->as);
    if (g->steady && num_parse(&v, str_of(g->steady), &num_plain, &bad) < 0)
        return yaml_fault(e, g->at, "LAYOUT-008", "steady: is not a number: %s", g->steady);
    if (g->periods < 0 || g->periods > 400)
        return yaml_fault(e, g->at, "LAYOUT-003", "periods must be 1 to 400");
    if (g->decimals > NUM_SCALE_MAX)
        return yaml_fault(e, g->at, "LAYOUT-004", "decimals must be 0 to %d", NUM_SCALE_MAX);
    return 0;
}

static int check_group(const struct group *g, struct err *e)
{
    int sets =
        (g->partners != NULL) + (g->codes.n > 0) + (g->below != NULL) + (g->periods != 0) + g->all;
    if (!g->over && (sets || g->region)) {
        yaml_fault(e, g->at, "LAYOUT-001", "members are given, but not of which dimension");
        return err_hint(e, "add over: with a dimension of the structure");
    }
    if (g->over && sets != 1) {
        yaml_fault(e, g->at, "LAYOUT-002", "the members of %s are not given, or given twice",
                   g->over);
        return err_hint(e, "give one of partners, codes, below, periods, all");
    }
    return check_shown(g, e);
}

static int check_groups(const struct yaml_list *list, struct err *e)
{
    const struct group *g = list->items;
    for (size_t i = 0; i < list->n; i++) {
        int rc = check_group(&g[i], e);
        if (rc < 0)
            return rc;
    }
    return 0;
}

static int check_layout(const struct layout *l, enum layout_use use, struct err *e)
{
    const struct yaml_list *lists[] = {&l->rows,   &l->columns,    &l->panels,   &l->points,
                                       &l->series, &l->background, &l->highlight};
    for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
        int rc = check_groups(lists[i], e);
        if (rc < 0)
            return rc;
    }
    if (use == LAYOUT_TABLE && (l->rows.n == 0 || l->columns.n == 0))
        return yaml_fault(e, l->at, "LAYOUT-005", "a table needs rows and columns");
    if (use == LAYOUT_CHART && (!l->kind || l->points.n == 0))
        return yaml_fault(e, l->at, "LAYOUT-006", "a chart needs a kind and points");
    static const char *const kinds[] = {"lines", "multiples", "bars", "range"};
    if (use == LAYOUT_CHART && !one_of(l->kind, kinds, ARRAY_LEN(kinds)))
        return yaml_fault(e, l->at, "LAYOUT-009",
                          "kind: is lines, multiples, bars or range, not %s", l->kind);
    return 0;
}

int layout_load(struct conf *c, const char *name, enum layout_use use, const struct layout **ret,
                struct err *e)
{
    const char *path = NULL;
    int rc = conf_path(c, "reports", name, "yaml", &path, e);
    if (rc < 0)
        return rc;
    struct layout *l = arena_new(&c->arena, sizeof *l);
    if ((rc = yaml_bind_file(path, &layout_type, l, &c->arena, e)) < 0)
        return rc;
    if ((rc = check_layout(l, use, e)) < 0)
        return rc;
    *ret = l;
    return 0;
}
