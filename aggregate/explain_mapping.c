/* explain_mapping.c — by which lines of config/maps the sender's codes became ours. The store keeps
 * the grade and the review as they were when the figure was loaded; weight, authority and reviewer
 * stand in the tables, and are told as the tables have them now. Maps are read once, when the first
 * figure of a sender asks. */
#include "explain.h"

#include "bounds.h"
#include "csv.h"
#include "mem.h"
#include "sdmx.h"
#include "text.h"
#include "yml.h"

struct rule {
    const char *key; /* our dimension */
    const char *value, *table, *part, *law;
    struct yaml_list from;
    bool same, fold;
};
struct a_map {
    const char *map, *from, *to;
    struct yaml_list dimensions, where;
};
struct a_profile {
    const char *sender, *structure;
};

static const struct yaml_field rule_fields[] = {
    {"value", YAML_TEXT, offsetof(struct rule, value), false, NULL, NULL, NULL},
    {"from", YAML_LIST, offsetof(struct rule, from), false, &yaml_text_type, NULL, NULL},
    {"table", YAML_TEXT, offsetof(struct rule, table), false, NULL, NULL, NULL},
    {"part", YAML_TEXT, offsetof(struct rule, part), false, NULL, NULL, NULL},
    {"law", YAML_TEXT, offsetof(struct rule, law), false, NULL, NULL, NULL},
    {"same", YAML_BOOL, offsetof(struct rule, same), false, NULL, NULL, NULL},
    {"fold", YAML_BOOL, offsetof(struct rule, fold), false, NULL, NULL, NULL},
};
static const struct yaml_type rule_type = {sizeof(struct rule), rule_fields,
                                           ARRAY_LEN(rule_fields)};
static const struct yaml_field map_fields[] = {
    {"map", YAML_TEXT, offsetof(struct a_map, map), true, NULL, NULL, NULL},
    {"from", YAML_TEXT, offsetof(struct a_map, from), true, NULL, NULL, NULL},
    {"to", YAML_TEXT, offsetof(struct a_map, to), true, NULL, NULL, NULL},
    {"dimensions", YAML_MAP, offsetof(struct a_map, dimensions), true, &rule_type, NULL, NULL},
    {"where", YAML_MAP, offsetof(struct a_map, where), false, &yaml_group_type, NULL, NULL},
};
static const struct yaml_type map_type = {sizeof(struct a_map), map_fields, ARRAY_LEN(map_fields)};

enum { SOURCE, LABEL, TARGET, WEIGHT, GRADE, REVIEWED, FROM, TO, AUTHORITY, COLUMNS };
static const char *const names[COLUMNS] = {"source",     "source_label", "target",
                                           "weight",     "grade",        "reviewed",
                                           "valid_from", "valid_to",     "authority"};

struct line {
    struct str cell[COLUMNS];
};
struct table {
    const char *name;
    struct line *line;
    size_t n, cap;
};

struct mappings {
    struct a_map *maps;
    size_t nmaps;
    struct table *tables;
    size_t ntables, cap;
};

void mappings_free(struct mappings *m)
{
    for (size_t i = 0; m && i < m->ntables; i++)
        mem_free(m->tables[i].line);
    if (m)
        mem_free(m->tables);
    mem_free(m);
}

static int read_maps(struct explain *x, struct err *e)
{
    const char *const *list = NULL;
    size_t n = 0;
    struct mappings *m = x->mappings = mem_new(sizeof *m);
    int rc = conf_list(x->conf, "maps", "yaml", &list, &n, e);
    m->maps = arena_array(&x->conf->arena, n, sizeof *m->maps);
    for (size_t i = 0; i < n && rc >= 0; i++) {
        const char *path = NULL;
        struct err faulty = {0}; /* rta map says so; nothing is explained by that map */
        rc = conf_path(x->conf, "maps", list[i], "yaml", &path, e);
        if (rc >= 0 &&
            yaml_bind_file(path, &map_type, &m->maps[m->nmaps], &x->conf->arena, &faulty) >= 0)
            m->nmaps++;
    }
    return rc;
}

static void add_line(struct explain *x, struct table *t, const struct csv_row *row,
                     const size_t at[COLUMNS])
{
    if (t->n == t->cap) {
        t->cap = t->cap ? 2 * t->cap : 64;
        t->line = mem_resize(t->line, t->cap * sizeof *t->line);
    }
    struct line *l = &t->line[t->n++];
    for (size_t i = 0; i < COLUMNS; i++)
        l->cell[i] = at[i] < row->n ? arena_str(&x->conf->arena, row->cell[at[i]]) : STR("");
}

static int read_lines(struct explain *x, struct table *t, struct source *src, struct err *e)
{
    struct csv_dialect dialect = {.sep = ',', .quote = '"'};
    struct csv_reader *in = csv_open(src, &dialect);
    struct csv_row row;
    size_t at[COLUMNS];
    int rc = csv_next(in, &row, e);
    for (size_t i = 0; i < COLUMNS; i++) {
        at[i] = SIZE_MAX;
        for (size_t k = 0; rc > 0 && k < row.n; k++)
            if (str_is(row.cell[k], names[i]))
                at[i] = k;
    }
    while (rc > 0 && (rc = csv_next(in, &row, e)) > 0)
        add_line(x, t, &row, at);
    csv_close(in);
    return rc;
}

static int find_table(struct explain *x, const char *name, const struct table **ret, struct err *e)
{
    struct mappings *m = x->mappings;
    struct source *src CLEANUP(source_closep) = NULL;
    const char *path = NULL;
    for (size_t i = 0; i < m->ntables; i++)
        if (strcmp(m->tables[i].name, name) == 0) {
            *ret = &m->tables[i];
            return 0;
        }
    if (m->ntables == m->cap) {
        m->cap = m->cap ? 2 * m->cap : 16;
        m->tables = mem_resize(m->tables, m->cap * sizeof *m->tables);
    }
    struct table *t = &m->tables[m->ntables++];
    *t = (struct table){.name = name};
    int rc = conf_path(x->conf, "maps", name, "csv", &path, e);
    if (rc >= 0)
        rc = source_open(&src, path, e);
    *ret = t;
    return rc < 0 ? rc : read_lines(x, t, src, e);
}

/* ---- one observation ---- */

/* The sender's code of a dimension from one item of SRC_KEY: "OFFENCE=Vrasje & SEX=M". False when
 * it is left out, because it is the same as ours. */
static bool source_code(struct str key, const char *dim, struct str *ret)
{
    size_t n = strlen(dim);
    while (key.n) {
        const char *amp = memmem(key.p, key.n, " & ", 3);
        struct str part = {key.p, amp ? (size_t)(amp - key.p) : key.n};
        if (part.n > n && part.p[n] == '=' && memcmp(part.p, dim, n) == 0) {
            *ret = str_cut(part, n + 1);
            return true;
        }
        key = str_cut(key, part.n + 3);
    }
    return false;
}

static bool alike(struct str a, struct str b, bool fold)
{
    if (!fold || str_eq(a, b))
        return str_eq(a, b);
    struct buf x CLEANUP(buf_free) = {.max = 1 << 16}, y CLEANUP(buf_free) = {.max = 1 << 16};
    text_fold(&x, a);
    text_fold(&y, b);
    return str_eq(buf_view(&x), buf_view(&y));
}

/* Dates and prefixes of dates compare as text against the year of the period. */
static bool holds(const struct line *l, struct str period)
{
    struct str year = {period.p, period.n < 4 ? period.n : 4};
    struct str from = l->cell[FROM], to = l->cell[TO];
    from.n = from.n > 4 ? 4 : from.n;
    to.n = to.n > 4 ? 4 : to.n;
    return (!from.n || str_cmp(from, year) <= 0) && (!to.n || str_cmp(to, year) >= 0);
}

static struct json *line_json(const struct rule *r, const struct line *l, struct str source,
                              bool named)
{
    struct json *j = js_object();
    js_set(j, "dim", js_text(r->key));
    js_set(j, "source", js_string(source));
    js_set(j, "source_label", js_string(l->cell[LABEL]));
    js_set(j, "target", js_string(l->cell[TARGET]));
    js_set(j, "weight", l->cell[WEIGHT].n ? js_string(l->cell[WEIGHT]) : js_text("1"));
    js_set(j, "grade", js_string(l->cell[GRADE]));
    js_set(j, "reviewed", js_string(l->cell[REVIEWED]));
    js_set(j, "authority", js_string(l->cell[AUTHORITY]));
    js_set(j, "table", js_text(r->table));
    js_set(j, "named", js_bool(named)); /* their code was another than ours */
    return j;
}

/* The sender's codes of a rule, joined as its table has them. True when he wrote one in his own
 * way; one that is left out is ours. */
static bool source_of(const struct rule *r, struct str key, struct str ours, struct buf *ret)
{
    const char *const *from = r->from.items;
    size_t n = r->from.n ? r->from.n : 1;
    bool any = false;
    for (size_t i = 0; i < n; i++) {
        struct str one = ours;
        any |= source_code(key, r->from.n ? from[i] : r->key, &one);
        buf_text(ret, i ? "|" : "");
        buf_str(ret, one);
    }
    return any;
}

static const struct line *find_line(const struct table *t, const struct rule *r, struct str target,
                                    struct str source, struct str period)
{
    for (size_t i = 0; i < t->n; i++) {
        const struct line *l = &t->line[i];
        if (str_eq(l->cell[TARGET], target) && holds(l, period) &&
            alike(l->cell[SOURCE], source, r->fold))
            return l;
    }
    return NULL;
}

/* The line of one rule for one of the sender's keys. */
static int by_rule(struct explain *x, const struct rule *r, const struct mapped *m, struct str key,
                   struct json *ret, struct err *e)
{
    struct buf source CLEANUP(buf_free) = {.max = 1 << 16};
    const struct table *t = NULL;
    int dim = structure_dim(m->s, r->key);
    if (!r->table || dim < 0)
        return 0;
    bool any = source_of(r, key, m->codes[dim], &source);
    if (!any && r->from.n > 1)
        return 0;
    int rc = find_table(x, r->table, &t, e);
    const struct line *l =
        rc < 0 ? NULL
               : find_line(t, r, m->codes[dim], buf_view(&source), m->codes[m->s->ndims - 1]);
    if (l)
        js_push(ret, line_json(r, l, buf_view(&source), any));
    return rc;
}

static int by_map(struct explain *x, const struct a_map *map, const struct mapped *m,
                  struct json *ret, struct err *e)
{
    const struct rule *r = map->dimensions.items;
    struct str rest = m->src_key, key;
    int rc = 0;
    while (rest.n && sdmx_items(&rest, &key))
        for (size_t i = 0; i < map->dimensions.n && rc >= 0; i++)
            rc = by_rule(x, &r[i], m, key, ret, e);
    return rc;
}

/* Of two maps the one that explains more of the codes that the sender wrote in his own way. */
static size_t score(const struct json *lines)
{
    size_t n = js_count(lines);
    for (size_t i = 0; i < js_count(lines); i++)
        n += js_kind_of(js_get(js_at(lines, i), "named")) == JS_TRUE ? 100 : 0;
    return n;
}

int explain_mapping(struct explain *x, const struct mapped *m, struct json *ret, struct err *e)
{
    CLEANUP(js_freep) struct json *best = NULL;
    int rc = x->mappings ? 0 : read_maps(x, e);
    for (size_t i = 0; rc >= 0 && m->src_key.n && i < x->mappings->nmaps; i++) {
        const struct a_map *map = &x->mappings->maps[i];
        if (strcmp(map->to, m->s->id) != 0)
            continue;
        struct json *found = js_array();
        rc = by_map(x, map, m, found, e);
        if (!best || score(found) > score(best)) {
            js_free(best);
            best = found;
        } else {
            js_free(found);
        }
    }
    for (size_t i = 0; i < js_count(best); i++)
        js_push(ret, js_share(js_at(best, i)));
    return rc;
}
