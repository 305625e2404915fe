/* map_plan.c — from config/maps/NAME.yaml and the header of a stream to a plan: which of the
 * sender's dimensions feeds which of ours, and whether rows can fall together. Everything that was
 * read lives in the arena of conf; the columns and indexes are the plan's. */
#include "map_cite.h"
#include "yml.h"

struct y_rule {
    const char *key;
    const char *value, *table, *part, *law;
    struct yaml_list from;
    bool same, fold;
    struct yaml_mark at;
};

struct y_map {
    const char *map, *from, *to;
    struct yaml_list dimensions, where;
    struct yaml_mark at;
};

static const struct yaml_field rule_fields[] = {
    {"value", YAML_TEXT, offsetof(struct y_rule, value), false, NULL, NULL, NULL},
    {"from", YAML_LIST, offsetof(struct y_rule, from), false, &yaml_text_type, NULL, NULL},
    {"table", YAML_TEXT, offsetof(struct y_rule, table), false, NULL, NULL, NULL},
    {"part", YAML_TEXT, offsetof(struct y_rule, part), false, NULL, NULL, NULL},
    {"law", YAML_TEXT, offsetof(struct y_rule, law), false, NULL, NULL, NULL},
    {"same", YAML_BOOL, offsetof(struct y_rule, same), false, NULL, NULL, NULL},
    {"fold", YAML_BOOL, offsetof(struct y_rule, fold), false, NULL, NULL, NULL},
    {NULL, YAML_MARK, offsetof(struct y_rule, at), false, NULL, NULL, NULL},
};
static const struct yaml_type rule_type = {sizeof(struct y_rule), rule_fields,
                                           ARRAY_LEN(rule_fields)};
static const struct yaml_field map_fields[] = {
    {"map", YAML_TEXT, offsetof(struct y_map, map), true, NULL, NULL, NULL},
    {"from", YAML_TEXT, offsetof(struct y_map, from), true, NULL, NULL, NULL},
    {"to", YAML_TEXT, offsetof(struct y_map, to), true, NULL, NULL, NULL},
    {"dimensions", YAML_MAP, offsetof(struct y_map, dimensions), true, &rule_type, NULL, NULL},
    {"where", YAML_MAP, offsetof(struct y_map, where), false, &yaml_group_type, NULL, NULL},
    {NULL, YAML_MARK, offsetof(struct y_map, at), false, NULL, NULL, NULL},
};
static const struct yaml_type map_type = {sizeof(struct y_map), map_fields, ARRAY_LEN(map_fields)};

static int read_map(struct conf *c, const char *name, struct y_map *ret, struct err *e)
{
    const char *path = NULL;
    int rc = conf_path(c, "maps", name, "yaml", &path, e);
    if (rc < 0)
        return rc;
    rc = yaml_bind_file(path, &map_type, ret, &c->arena, e);
    if (rc < 0)
        return rc;
    if (strcmp(ret->map, name) != 0)
        return yaml_fault(e, ret->at, "MAP-001", "the map is called '%s' in a file named %s.yaml",
                          ret->map, name);
    return 0;
}

/* No map is for this structure: say what there is. */
static int no_map(struct conf *c, struct str id, const struct err *broken, const struct buf *have,
                  struct err *e)
{
    err_set(e, RC_CONFIG, "MAP-002", "no map in %s/maps is from %.*s", c->dir, STR_ARG(id));
    if (broken->rc != RC_OK)
        return err_hint(e, "a map could not be read: %.200s: %.200s", broken->place, broken->text);
    return err_hint(e, "there are:%s; --map NAME names one", have->n ? buf_z(have) : " none");
}

static int choose(struct conf *c, struct str id, struct y_map *ret, struct err *e)
{
    const char *const *names = NULL;
    size_t n = 0, found = 0;
    struct err broken = {0};
    struct buf have;
    int rc = conf_list(c, "maps", "yaml", &names, &n, e);
    if (rc < 0)
        return rc;
    buf_init(&have, 1 << 12);
    for (size_t i = 0; i < n; i++) {
        struct y_map one;
        if (read_map(c, names[i], &one, &broken) < 0)
            continue;
        buf_fmt(&have, "%s %s (from %s)", have.n ? "," : "", one.map, one.from);
        if (!str_is(id, one.from))
            continue;
        if (found++)
            rc = yaml_fault(e, one.at, "MAP-003", "two maps are from %s: %s and %s", one.from,
                            ret->map, one.map);
        *ret = one;
    }
    if (rc == 0 && found == 0)
        rc = no_map(c, id, &broken, &have, e);
    else if (rc < 0)
        err_hint(e, "choose one with --map NAME");
    buf_free(&have);
    return rc;
}

/* The sender's dimensions are the columns between ACTION and OBS_VALUE. */
static int take_columns(struct plan *p, struct conf *c, const struct sdmx_reader *in, struct err *e)
{
    int action = sdmx_find(in, "ACTION"), value = sdmx_find(in, "OBS_VALUE");
    int id = sdmx_find(in, "STRUCTURE_ID"), flow = sdmx_find(in, "DATAFLOW");
    int from = action > id ? action : id;
    if (from < flow)
        from = flow;
    if (value < 0)
        return err_set(e, RC_DATA, "MAP-004", "the stream has no column OBS_VALUE");
    p->columns = mem_array((size_t)value + 1, sizeof *p->columns);
    p->identical = arena_array(&c->arena, (size_t)value + 1, sizeof *p->identical);
    p->time = SIZE_MAX;
    for (int i = from + 1; i < value; i++)
        column_init(&p->columns[p->ncolumns++], sdmx_column(in, (size_t)i), i);
    return 0;
}

static int find_column(const struct plan *p, const char *name, struct yaml_mark at, size_t *ret,
                       struct err *e)
{
    const char *words[LIMIT_FINDINGS_SHOWN];
    size_t n = 0;
    for (size_t i = 0; i < p->ncolumns; i++) {
        if (strcmp(p->columns[i].name, name) == 0) {
            *ret = i;
            return 0;
        }
        if (n < ARRAY_LEN(words))
            words[n++] = p->columns[i].name;
    }
    const char *near = word_nearest(str_of(name), words, n);
    yaml_fault(e, at, "MAP-005", "the stream has no dimension %s", name);
    return near ? err_hint(e, "did you mean %s?", near)
                : err_hint(e, "does the profile that read the file fit this map?");
}

static int bind_table(struct rule *r, struct conf *c, const struct y_rule *y,
                      const struct dimension *dim, struct err *e)
{
    if (!dim->codes && dim->role == DIM_TIME)
        return yaml_fault(e, y->at, "MAP-006", "a period is not mapped by a table");
    r->kind = RULE_TABLE;
    r->part = str_of(y->part ? y->part : "");
    r->law = y->law;
    if (r->law && r->nfrom > 1)
        return yaml_fault(e, y->at, "MAP-017", "a citation stands in one dimension");
    if (r->nfrom > 1 || r->law)
        column_init(&r->joined, dim->id, -1);
    int rc = r->law ? cite_load(c, &r->words, e) : 0;
    return rc < 0 ? rc : table_load(&r->table, c, y->table, y->fold, dim, e);
}

/* A rule says one thing: a constant, the same code, or a table. */
static int prove_rule(const struct y_rule *y, const struct dimension *d, struct err *e)
{
    if ((y->value != NULL) + y->same + (y->table != NULL) != 1)
        return yaml_fault(e, y->at, "MAP-007", "%s needs one of value, same and table", d->id);
    if (y->value && y->from.n)
        return yaml_fault(e, y->at, "MAP-008", "%s has a value, so 'from' says nothing", d->id);
    if ((y->part || y->fold || y->law) && !y->table)
        return yaml_fault(e, y->at, "MAP-009", "'part', 'law' and 'fold' belong to a table");
    if (y->from.n > MAP_FROM_MAX || (y->same && y->from.n > 1))
        return yaml_fault(e, y->at, "MAP-010", "too many dimensions in 'from'");
    if (y->value && d->codes && !codelist_find(d->codes, str_of(y->value)))
        return yaml_fault(e, y->at, "MAP-011", "%s is no code of %s", y->value, d->codes->id);
    return 0;
}

static int bind_rule(struct plan *p, struct conf *c, const struct y_rule *y, size_t dim,
                     struct err *e)
{
    struct rule *r = &p->rules[dim];
    const struct dimension *d = &p->to->dims[dim];
    const char *const *names = y->from.items;
    int rc = prove_rule(y, d, e);
    if (rc < 0)
        return rc;
    if (y->value) {
        r->kind = RULE_VALUE;
        r->value = str_of(y->value);
        return 0;
    }
    r->nfrom = y->from.n ? y->from.n : 1;
    for (size_t i = 0; i < r->nfrom; i++) {
        rc = find_column(p, y->from.n ? names[i] : d->id, y->at, &r->from[i], e);
        if (rc < 0)
            return rc;
    }
    if (y->table)
        return bind_table(r, c, y, d, e);
    r->kind = RULE_SAME;
    p->identical[r->from[0]] = true;
    return 0;
}

/* A dimension that the map does not name: the period stands for itself, and a figure that the
 * sender does not break down is the total. */
static int bind_default(struct plan *p, size_t dim, struct yaml_mark at, struct err *e)
{
    struct rule *r = &p->rules[dim];
    const struct dimension *d = &p->to->dims[dim];
    if (d->role == DIM_TIME) {
        *r = (struct rule){.kind = RULE_SAME, .nfrom = 1};
        int rc = find_column(p, d->id, at, &r->from[0], e);
        if (rc == 0)
            p->identical[r->from[0]] = true;
        return rc;
    }
    if (d->total) {
        *r = (struct rule){.kind = RULE_VALUE, .value = str_of(d->total)};
        return 0;
    }
    yaml_fault(e, at, "MAP-012", "the map says nothing about %s", d->id);
    return err_hint(e, "add to dimensions: %s: {value: CODE}, or {from: DIM, table: NAME}", d->id);
}

static int bind_dimensions(struct plan *p, struct conf *c, const struct y_map *y, struct err *e)
{
    const struct y_rule *rules = y->dimensions.items;
    bool bound[STRUCTURE_DIMS_MAX] = {false};
    for (size_t i = 0; i < y->dimensions.n; i++) {
        int dim = structure_dim(p->to, rules[i].key);
        if (dim < 0)
            return yaml_fault(e, rules[i].at, "MAP-013", "%s has no dimension %s", p->to->id,
                              rules[i].key);
        int rc = bind_rule(p, c, &rules[i], (size_t)dim, e);
        if (rc < 0)
            return rc;
        bound[dim] = true;
    }
    for (size_t d = 0; d < p->to->ndims; d++) {
        int rc = bound[d] ? 0 : bind_default(p, d, y->at, e);
        if (rc < 0)
            return rc;
    }
    int time = structure_role(p->to, DIM_TIME);
    if (time < 0 || p->rules[time].kind != RULE_SAME)
        return yaml_fault(e, y->at, "MAP-014", "TIME_PERIOD must be taken as it is (same: true)");
    p->time = p->rules[time].from[0];
    return 0;
}

static int bind_where(struct plan *p, struct conf *c, const struct y_map *y, struct err *e)
{
    const struct yaml_group *g = y->where.items;
    p->nwhere = y->where.n;
    p->where = arena_array(&c->arena, p->nwhere + 1, sizeof *p->where);
    for (size_t i = 0; i < p->nwhere; i++) {
        int rc = find_column(p, g[i].key, y->at, &p->where[i].column, e);
        if (rc < 0)
            return rc;
        p->where[i].codes = g[i].values.items;
        p->where[i].n = g[i].values.n;
    }
    return 0;
}

static bool rule_uses(const struct rule *r, size_t column)
{
    for (size_t i = 0; i < r->nfrom; i++)
        if (r->from[i] == column)
            return true;
    return false;
}

/* Every dimension of the sender must be used: one that is not would make its rows fall together
 * unseen. One that only `where` names gives one code: of several, a part that did not arrive would
 * not be missed, and the rest would pass for the whole. */
static int prove_use(struct plan *p, struct yaml_mark at, struct err *e)
{
    for (size_t c = 0; c < p->ncolumns; c++) {
        const char *name = p->columns[c].name;
        bool used = false;
        size_t choices = 0;
        for (size_t d = 0; d < p->to->ndims; d++)
            used |= rule_uses(&p->rules[d], c);
        for (size_t w = 0; w < p->nwhere; w++)
            if (p->where[w].column == c)
                choices = p->where[w].n;
        if (used || choices == 1)
            continue;
        if (choices == 0) {
            yaml_fault(e, at, "MAP-015", "no rule of the map uses the sender's dimension %s", name);
            return err_hint(e, "name the code to take: where: {%s: [CODE]}", name);
        }
        yaml_fault(e, at, "MAP-016", "'where' takes several codes of %s, and no rule uses it",
                   name);
        return err_hint(e, "take the one that is the total");
    }
    return 0;
}

int plan_load(struct plan *p, struct conf *c, const char *name, struct str structure_id,
              const struct sdmx_reader *in, struct err *e)
{
    struct y_map y;
    *p = (struct plan){0};
    int rc = name ? read_map(c, name, &y, e) : choose(c, structure_id, &y, e);
    if (rc < 0)
        return rc;
    p->name = y.map;
    p->from = y.from;
    rc = structure_load(c, y.to, &p->to, e);
    if (rc == 0)
        rc = take_columns(p, c, in, e);
    if (rc == 0)
        rc = bind_dimensions(p, c, &y, e);
    if (rc == 0)
        rc = bind_where(p, c, &y, e);
    if (rc == 0)
        rc = prove_use(p, y.at, e);
    return rc;
}

void plan_free(struct plan *p)
{
    for (size_t i = 0; i < p->ncolumns; i++)
        column_free(&p->columns[i]);
    for (size_t d = 0; d < STRUCTURE_DIMS_MAX; d++) {
        if (p->rules[d].table)
            table_free(p->rules[d].table);
        column_free(&p->rules[d].joined);
        mem_free(p->rules[d].origin);
    }
    mem_free(p->columns);
    *p = (struct plan){0};
}
