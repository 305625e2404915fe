/* structure.c — see structure.h. A definition is bound from YAML, checked, and kept in the arena of
 * the conf with the code lists that its dimensions name. */
#include "structure.h"

#include "yml.h"

#include <stddef.h>

struct raw_dim {
    const char *id, *codelist, *name, *total;
    struct yaml_mark at;
};

struct raw {
    const char *id, *agency, *version, *name;
    int values;
    struct yaml_list dims;
    struct yaml_mark at;
};

static const struct yaml_field dim_fields[] = {
    {.key = "id", .kind = YAML_TEXT, .offset = offsetof(struct raw_dim, id), .required = true},
    {.key = "codelist", .kind = YAML_TEXT, .offset = offsetof(struct raw_dim, codelist)},
    {.key = "name", .kind = YAML_TEXT, .offset = offsetof(struct raw_dim, name), .required = true},
    {.key = "total", .kind = YAML_TEXT, .offset = offsetof(struct raw_dim, total)},
    {.kind = YAML_MARK, .offset = offsetof(struct raw_dim, at)},
};
static const struct yaml_type dim_type = {sizeof(struct raw_dim), dim_fields,
                                          ARRAY_LEN(dim_fields)};
static const char *const value_words[] = {"count", "number", NULL};

#define TEXT(k, f)                                                                       \
    {                                                                                    \
        .key = k, .kind = YAML_TEXT, .offset = offsetof(struct raw, f), .required = true \
    }
static const struct yaml_field fields[] = {
    TEXT("structure", id),
    TEXT("agency", agency),
    TEXT("version", version),
    TEXT("name", name),
    {.key = "values",
     .kind = YAML_ENUM,
     .offset = offsetof(struct raw, values),
     .required = true,
     .words = value_words},
    {.key = "dimensions",
     .kind = YAML_LIST,
     .offset = offsetof(struct raw, dims),
     .required = true,
     .type = &dim_type},
    {.kind = YAML_MARK, .offset = offsetof(struct raw, at)},
};
static const struct yaml_type type = {sizeof(struct raw), fields, ARRAY_LEN(fields)};

static enum dim_role role_of(const char *id)
{
    static const struct {
        const char *id;
        enum dim_role role;
    } roles[] = {{"FREQ", DIM_FREQ},
                 {"REF_AREA", DIM_AREA},
                 {"UNIT_MEASURE", DIM_UNIT},
                 {"TIME_PERIOD", DIM_TIME}};
    for (size_t i = 0; i < ARRAY_LEN(roles); i++)
        if (strcmp(id, roles[i].id) == 0)
            return roles[i].role;
    return DIM_PLAIN;
}

/* SDMX identifiers; letters, digits and '_', as a column of the store must be, too. */
static bool id_valid(const char *id)
{
    size_t n = strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
    return n > 0 && n <= 60 && id[n] == '\0' && id[0] >= 'A' && id[0] <= 'Z';
}

/* Columns of the stream that a dimension must not be called like. */
static bool id_taken(const char *id)
{
    static const char *const words[] = {"STRUCTURE",  "STRUCTURE_ID", "ACTION",  "OBS_VALUE",
                                        "OBS_STATUS", "CONF_STATUS",  "COMMENT", "NATURE",
                                        "SENDER",     "SRC",          "SRC_KEY", "SRC_VALUE",
                                        "GRADE",      "REVIEWED"};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (strcmp(id, words[i]) == 0)
            return true;
    return false;
}

static int add_dim(struct conf *c, struct structure *s, const struct raw_dim *raw, struct err *e)
{
    if (!id_valid(raw->id) || id_taken(raw->id))
        return yaml_fault(e, raw->at, "STRUCT-001", "\"%s\" cannot be the id of a dimension",
                          raw->id);
    if (structure_dim(s, raw->id) >= 0)
        return yaml_fault(e, raw->at, "STRUCT-002", "dimension %s stands here a second time",
                          raw->id);
    struct dimension *d = &s->dims[s->ndims++];
    *d = (struct dimension){raw->id, role_of(raw->id), NULL, raw->total, raw->name};
    if (!raw->codelist)
        return 0;
    if (d->role == DIM_TIME)
        return yaml_fault(e, raw->at, "STRUCT-003", "TIME_PERIOD takes no code list");
    int rc = codelist_load(c, raw->codelist, &d->codes, e);
    if (rc < 0)
        return rc;
    if (d->total && !codelist_find(d->codes, str_of(d->total)))
        return yaml_fault(e, raw->at, "STRUCT-004", "total \"%s\" is not in code list %s", d->total,
                          raw->codelist);
    return 0;
}

static int build(struct conf *c, const struct raw *raw, const char *id, struct structure *s,
                 struct err *e)
{
    const struct raw_dim *dims = raw->dims.items;
    if (strcmp(raw->id, id) != 0 || !id_valid(id))
        return yaml_fault(e, raw->at, "STRUCT-005",
                          "the structure calls itself \"%s\" in a file named %s.yaml", raw->id, id);
    if (raw->dims.n < 2 || raw->dims.n > STRUCTURE_DIMS_MAX)
        return yaml_fault(e, raw->at, "STRUCT-006", "a structure has 2 to %d dimensions, not %zu",
                          STRUCTURE_DIMS_MAX, raw->dims.n);
    s->id = raw->id;
    s->name = raw->name;
    s->whole = raw->values == 0;
    s->full_id = arena_fmt(&c->arena, "%s:%s(%s)", raw->agency, raw->id, raw->version);
    for (size_t i = 0; i < raw->dims.n; i++) {
        int rc = add_dim(c, s, &dims[i], e);
        if (rc < 0)
            return rc;
    }
    if (s->dims[s->ndims - 1].role != DIM_TIME)
        return yaml_fault(e, dims[raw->dims.n - 1].at, "STRUCT-007",
                          "the last dimension must be TIME_PERIOD");
    return 0;
}

int structure_load(struct conf *c, const char *id, const struct structure **ret, struct err *e)
{
    void **kept = conf_keep(c, "structures", id);
    if (!*kept) {
        const char *path;
        struct raw raw;
        int rc = conf_path(c, "structures", id, "yaml", &path, e);
        if (rc >= 0)
            rc = yaml_bind_file(path, &type, &raw, &c->arena, e);
        if (rc < 0)
            return rc;
        struct structure *s = arena_new(&c->arena, sizeof *s);
        rc = build(c, &raw, id, s, e);
        if (rc < 0)
            return rc;
        *kept = s;
    }
    *ret = *kept;
    return 0;
}

/* "WB:CRIME(1.0.0)" → agency "WB", id "CRIME", version "1.0.0"; what is not there stays empty. */
static void split(struct str full, struct str *agency, struct str *id)
{
    *agency = (struct str){full.p, 0};
    *id = full;
    for (size_t i = 0; i < id->n; i++)
        if (id->p[i] == ':') {
            agency->n = i;
            *id = str_cut(full, i + 1);
            break;
        }
    for (size_t i = 0; i < id->n; i++)
        if (id->p[i] == '(')
            id->n = i;
}

int structure_by_full_id(struct conf *c, struct str full_id, const struct structure **ret,
                         struct err *e)
{
    struct str agency, id;
    const char *const *names;
    const struct structure *found = NULL;
    size_t n;
    split(full_id, &agency, &id);
    int rc = conf_list(c, "structures", "yaml", &names, &n, e);
    if (rc < 0)
        return rc;
    for (size_t i = 0; i < n && !found; i++) {
        if (!str_is(id, names[i]))
            continue;
        rc = structure_load(c, names[i], &found, e);
        if (rc < 0)
            return rc;
    }
    /* Another agency's structure of the same name is not ours; another version is, and the rules
     * of the configuration at hand apply to it. */
    if (found && agency.n) {
        struct str ours, ignored;
        split(str_of(found->full_id), &ours, &ignored);
        if (!str_eq(agency, ours))
            found = NULL;
    }
    *ret = found;
    return 0;
}

int structure_dim(const struct structure *s, const char *id)
{
    for (size_t i = 0; i < s->ndims; i++)
        if (strcmp(s->dims[i].id, id) == 0)
            return (int)i;
    return -1;
}

int structure_role(const struct structure *s, enum dim_role role)
{
    for (size_t i = 0; i < s->ndims; i++)
        if (s->dims[i].role == role)
            return (int)i;
    return -1;
}
