/* sdmxjson_look.c — the first pass over an SDMX-JSON message: which data sets there are and where
 * their parts stand, then the structure that explains their numbers. */
#include "read_sdmxjson.h"

#include "mem.h"

#define VALUES_MAX ((size_t)1 << 22)

struct look {
    struct sdmxjson *r;
    struct walk w;
    struct jscan_place structures, sets; /* of the arrays; line 0: not seen */
    struct jscan_place structure;        /* 1.0 has one, not in an array */
    uint64_t wanted;                     /* number of the structure */
};

static int in_file(const struct look *l, struct err *e)
{
    return err_place(e, "%s", desk_name(l->r->d));
}

static struct str keep(struct look *l, struct str s) { return arena_str(&l->r->cube.arena, s); }

/* --- where --------------------------------------------------------------------------------------
 */

static int look_members(struct look *l, bool top, struct err *e)
{
    int rc = walk_want(&l->w, JSCAN_OBJECT, top ? "the file" : "data", e);
    while (rc >= 0 && (rc = walk_member(&l->w, e)) > 0) {
        if (top && walk_is(&l->w, "data") && l->w.t.kind == JSCAN_OBJECT) {
            rc = look_members(l, false, e);
            continue;
        }
        if (walk_is(&l->w, "structures") && l->w.t.kind == JSCAN_ARRAY)
            l->structures = l->w.t.place;
        else if (walk_is(&l->w, "structure") && l->w.t.kind == JSCAN_OBJECT)
            l->structure = l->w.t.place;
        else if (walk_is(&l->w, "dataSets") && l->w.t.kind == JSCAN_ARRAY)
            l->sets = l->w.t.place;
        rc = walk_skip(&l->w, e);
    }
    return rc;
}

static int look_file(struct look *l, struct err *e)
{
    int rc = walk_at(&l->w, l->r->feed, walk_start, e);
    if (rc >= 0)
        rc = look_members(l, true, e);
    if (rc >= 0)
        rc = jscan_next(l->w.j, &l->w.t, e); /* nothing may follow */
    if (rc < 0)
        return rc;
    if (l->sets.line && (l->structures.line || l->structure.line))
        return 0;
    err_set(e, RC_DATA, "WIRE-061", "there are no %s in the file",
            l->sets.line ? "structures" : "dataSets");
    err_hint(e, "Is it an SDMX-JSON data message?");
    return in_file(l, e);
}

static int read_action(struct look *l, struct sj_set *s, struct err *e)
{
    static const char *const words[] = {"Information", "Append", "Merge", "Replace", "Delete"};
    if (l->w.t.kind == JSCAN_NULL)
        return 0;
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (l->w.t.kind == JSCAN_STRING && str_is(l->w.t.text, words[i])) {
            s->action = words[i][0];
            return 0;
        }
    err_set(e, RC_DATA, "WIRE-062", "the action \"%.*s\" is none that we know",
            STR_ARG(l->w.t.text));
    return walk_fault(&l->w, e);
}

/* Where the parts of a data set stand. */
static void note_part(struct look *l, struct sj_set *s)
{
    bool object = l->w.t.kind == JSCAN_OBJECT;
    if (object && walk_is(&l->w, "observations"))
        s->observations = l->w.t.place;
    else if (object && walk_is(&l->w, "series"))
        s->series = l->w.t.place;
    else if (object && walk_is(&l->w, "dimensionGroupAttributes"))
        s->groups = l->w.t.place;
    else if (!object && walk_is(&l->w, "attributes") && l->w.t.kind == JSCAN_ARRAY)
        s->attributes = l->w.t.place;
    if (object)
        jscan_loose(l->w.j); /* its keys are checked when it is read */
}

static int look_set(struct look *l, struct err *e)
{
    int rc = walk_want(&l->w, JSCAN_OBJECT, "a data set", e);
    if (rc >= 0 && l->r->nsets == SJ_SETS_MAX) {
        err_set(e, RC_DATA, "WIRE-063", "more than %d data sets", SJ_SETS_MAX);
        return walk_fault(&l->w, e);
    }
    if (rc < 0)
        return rc;
    struct sj_set *s = &l->r->sets[l->r->nsets++];
    s->action = 'M';
    while (rc >= 0 && (rc = walk_member(&l->w, e)) > 0) {
        note_part(l, s);
        if (walk_is(&l->w, "action"))
            rc = read_action(l, s, e);
        else if (walk_is(&l->w, "structure") && l->w.t.kind == JSCAN_NUMBER &&
                 !walk_number(l->w.t.text, 1 << 20, &s->structure))
            rc = walk_want(&l->w, JSCAN_NULL, "structure", e);
        if (rc >= 0)
            rc = walk_skip(&l->w, e);
    }
    return rc;
}

static int look_sets(struct look *l, struct err *e)
{
    uint64_t want = 0;
    int rc = walk_at(&l->w, l->r->feed, l->sets, e);
    while (rc >= 0 && (rc = walk_item(&l->w, e)) > 0)
        rc = look_set(l, e);
    if (rc < 0)
        return rc;
    struct sdmxjson *r = l->r;
    if (r->p->dataset) {
        if (!walk_number(str_of(r->p->dataset), r->nsets, &want) || !want) {
            err_set(e, RC_DATA, "WIRE-064", "there is no data set \"%s\": the file has %zu",
                    r->p->dataset, r->nsets);
            err_hint(e, "dataset in the profile is the number of one, from 1.");
            return in_file(l, e);
        }
        r->sets[0] = r->sets[want - 1];
        r->nsets = 1;
    }
    for (size_t i = 1; i < r->nsets; i++)
        if (r->sets[i].structure != r->sets[0].structure) {
            err_set(e, RC_DATA, "WIRE-065", "the data sets have different structures");
            err_hint(e, "Name one in the profile by its number: dataset.");
            return in_file(l, e);
        }
    l->wanted = r->nsets ? r->sets[0].structure : 0;
    return 0;
}

/* --- parts --------------------------------------------------------------------------------------
 */

static int add_value(struct look *l, struct sj_part *p, struct str s, struct err *e)
{
    if (cube_room(&l->r->cube, e) < 0)
        return walk_fault(&l->w, e);
    if (p->n == VALUES_MAX) {
        err_set(e, RC_DATA, "WIRE-066", "more than %zu values of %.*s", VALUES_MAX, STR_ARG(p->id));
        return walk_fault(&l->w, e);
    }
    if (p->n == p->cap) {
        size_t cap = p->cap ? p->cap * 2 : 8;
        struct str *more = arena_array(&l->r->cube.arena, cap, sizeof *more);
        if (p->n)
            memcpy(more, p->values, p->n * sizeof *more);
        p->values = more;
        p->cap = cap;
    }
    p->values[p->n++] = keep(l, s);
    return 0;
}

/* {"id":…}, {"value":…}, {"values":[…]} */
static int read_value(struct look *l, struct sj_part *p, struct err *e)
{
    struct str id = STR(""), value = STR("");
    if (l->w.t.kind == JSCAN_NULL) /* "no value" as one of the values */
        return add_value(l, p, id, e);
    int rc = walk_want(&l->w, JSCAN_OBJECT, "a value", e);
    while (rc >= 0 && (rc = walk_member(&l->w, e)) > 0) {
        if (walk_is(&l->w, "id") && walk_scalar(&l->w))
            id = keep(l, l->w.t.text);
        else if ((walk_is(&l->w, "value") || (walk_is(&l->w, "name") && !value.n)) &&
                 walk_scalar(&l->w))
            value = keep(l, l->w.t.text);
        rc = walk_skip(&l->w, e);
    }
    return rc < 0 ? rc : add_value(l, p, id.n ? id : value, e);
}

static int read_roles(struct look *l, struct sj_part *p, struct err *e)
{
    int rc = 0;
    if (l->w.t.kind == JSCAN_STRING) /* 1.0: "role":"time" */
        p->time = p->time || str_is(l->w.t.text, "time") || str_is(l->w.t.text, "TIME_PERIOD");
    if (l->w.t.kind != JSCAN_ARRAY)
        return walk_skip(&l->w, e);
    while (rc >= 0 && (rc = walk_item(&l->w, e)) > 0) {
        p->time = p->time || (l->w.t.kind == JSCAN_STRING && str_is(l->w.t.text, "TIME_PERIOD"));
        rc = walk_skip(&l->w, e);
    }
    return rc;
}

static int read_part_member(struct look *l, struct sj_part *p, struct err *e)
{
    uint64_t key;
    int rc = 0;
    if (walk_is(&l->w, "role") || walk_is(&l->w, "roles"))
        return read_roles(l, p, e);
    if (walk_is(&l->w, "values") && l->w.t.kind == JSCAN_ARRAY) {
        while (rc >= 0 && (rc = walk_item(&l->w, e)) > 0)
            rc = read_value(l, p, e);
        p->coded = p->n > 0;
        return rc;
    }
    if (walk_is(&l->w, "id") && l->w.t.kind == JSCAN_STRING)
        p->id = keep(l, l->w.t.text);
    else if (walk_is(&l->w, "keyPosition") && l->w.t.kind == JSCAN_NUMBER)
        p->key = walk_number(l->w.t.text, 1 << 30, &key) ? (int64_t)key : -1;
    else if (walk_is(&l->w, "default") && walk_scalar(&l->w))
        p->unset = keep(l, l->w.t.text);
    return walk_skip(&l->w, e);
}

static int read_part(struct look *l, struct sj_part *p, struct err *e)
{
    int rc = walk_want(&l->w, JSCAN_OBJECT, "a component", e);
    p->key = -1;
    p->attribute = -1;
    while (rc >= 0 && (rc = walk_member(&l->w, e)) > 0)
        rc = read_part_member(l, p, e);
    if (rc >= 0 && !p->id.n) {
        err_set(e, RC_DATA, "WIRE-067", "a component without an id");
        return walk_fault(&l->w, e);
    }
    p->time = p->time || str_is(p->id, "TIME_PERIOD");
    return rc;
}

/* {"dataSet":[…],"dimensionGroup":[…],"series":[…],"observation":[…]} */
static int read_levels(struct look *l, struct sj_part *parts, size_t max, size_t *n, struct err *e)
{
    static const char *const levels[] = {"dataSet", "dimensionGroup", "series", "observation"};
    int rc = walk_want(&l->w, JSCAN_OBJECT, "components", e);
    while (rc >= 0 && (rc = walk_member(&l->w, e)) > 0) {
        size_t level = 0;
        while (level < SJ_LEVELS && !walk_is(&l->w, levels[level]))
            level++;
        if (level == SJ_LEVELS || l->w.t.kind != JSCAN_ARRAY) {
            rc = walk_skip(&l->w, e);
            continue;
        }
        while (rc >= 0 && (rc = walk_item(&l->w, e)) > 0) {
            if (*n == max) {
                err_set(e, RC_DATA, "WIRE-068", "more than %zu components", max);
                return walk_fault(&l->w, e);
            }
            parts[*n].level = (enum sj_level)level;
            rc = read_part(l, &parts[(*n)++], e);
        }
    }
    return rc;
}

static void add_id(struct sdmxjson *r, struct str id, bool flow)
{
    if (flow || !r->id.n)
        r->id = id;
    if (r->nids < ARRAY_LEN(r->ids))
        r->ids[r->nids++] = id;
}

/* The id at the end of a URN of the dataflow, data structure or provision agreement. */
static int read_link(struct look *l, struct err *e)
{
    struct sdmxjson *r = l->r;
    struct str urn = STR("");
    bool flow = false, ours = false;
    int rc = walk_want(&l->w, JSCAN_OBJECT, "a link", e);
    while (rc >= 0 && (rc = walk_member(&l->w, e)) > 0) {
        bool text = l->w.t.kind == JSCAN_STRING;
        if (text && walk_is(&l->w, "urn"))
            urn = keep(l, l->w.t.text);
        if (text && walk_is(&l->w, "rel")) {
            flow = str_is(l->w.t.text, "dataflow");
            ours = flow || str_is(l->w.t.text, "datastructure") ||
                   str_is(l->w.t.text, "provisionagreement");
        }
        rc = walk_skip(&l->w, e);
    }
    const char *eq = urn.n ? memchr(urn.p, '=', urn.n) : NULL;
    if (rc >= 0 && eq && ours)
        add_id(r, str_cut(urn, (size_t)(eq - urn.p) + 1), flow);
    return rc;
}

static int read_links(struct look *l, struct err *e)
{
    int rc = 0;
    if (l->w.t.kind != JSCAN_ARRAY)
        return walk_skip(&l->w, e);
    while (rc >= 0 && (rc = walk_item(&l->w, e)) > 0)
        rc = read_link(l, e);
    return rc;
}

static int read_structure(struct look *l, struct err *e)
{
    struct sdmxjson *r = l->r;
    int rc = walk_want(&l->w, JSCAN_OBJECT, "the structure", e);
    while (rc >= 0 && (rc = walk_member(&l->w, e)) > 0) {
        if (walk_is(&l->w, "dimensions"))
            rc = read_levels(l, r->dims, READ_DIMS_MAX - 1, &r->ndims, e);
        else if (walk_is(&l->w, "measures"))
            rc = read_levels(l, r->measures, SJ_PARTS_MAX, &r->nmeasures, e);
        else if (walk_is(&l->w, "attributes"))
            rc = read_levels(l, r->attrs, SJ_PARTS_MAX, &r->nattrs, e);
        else if (walk_is(&l->w, "links"))
            rc = read_links(l, e);
        else
            rc = walk_skip(&l->w, e);
    }
    return rc;
}

static int find_structure(struct look *l, struct err *e)
{
    uint64_t n = 0;
    int rc;
    if (!l->structures.line) {
        rc = walk_at(&l->w, l->r->feed, l->structure, e);
        return rc < 0 ? rc : read_structure(l, e);
    }
    rc = walk_at(&l->w, l->r->feed, l->structures, e);
    while (rc >= 0 && (rc = walk_item(&l->w, e)) > 0) {
        if (n++ == l->wanted)
            return read_structure(l, e);
        rc = walk_skip(&l->w, e);
    }
    if (rc < 0)
        return rc;
    err_set(e, RC_DATA, "WIRE-069", "there is no structure %llu", (unsigned long long)l->wanted);
    return in_file(l, e);
}

/* --- binding ------------------------------------------------------------------------------------
 */

/* In the order of the key where the file says it; within a level that must be its own order. */
static int order_dims(struct look *l, size_t order[READ_DIMS_MAX], struct err *e)
{
    struct sdmxjson *r = l->r;
    for (size_t i = 0; i < r->ndims; i++) {
        size_t k = i;
        for (; k > 0 && r->dims[order[k - 1]].key > r->dims[i].key && r->dims[i].key >= 0; k--)
            order[k] = order[k - 1];
        order[k] = i;
        for (size_t j = 0; j < i; j++)
            if (r->dims[j].level == r->dims[i].level && r->dims[j].key >= r->dims[i].key &&
                r->dims[i].key >= 0) {
                err_set(e, RC_DATA, "WIRE-070",
                        "%.*s and %.*s do not stand in the order of their keyPosition",
                        STR_ARG(r->dims[j].id), STR_ARG(r->dims[i].id));
                return in_file(l, e);
            }
    }
    return 0;
}

static int add_dims(struct look *l, struct err *e)
{
    struct sdmxjson *r = l->r;
    size_t order[READ_DIMS_MAX] = {0};
    int rc = order_dims(l, order, e);
    for (size_t i = 0; i < r->ndims && rc >= 0; i++) {
        struct sj_part *p = &r->dims[order[i]];
        struct cube_dim *dim;
        if (!p->n || (p->level == SJ_DATASET && p->n != 1) || p->level == SJ_GROUP) {
            err_set(e, RC_DATA, "WIRE-071", "the dimension %.*s has %zu values at its level",
                    STR_ARG(p->id), p->n);
            return in_file(l, e);
        }
        rc = cube_add(&r->cube, p->id, &dim, e);
        if (rc < 0)
            return in_file(l, e);
        p->at = r->cube.ndims - 1;
        dim->time = p->time;
        for (size_t k = 0; k < p->n && rc >= 0; k++)
            rc = cube_code(&r->cube, dim, p->values[k], e);
    }
    return rc < 0 ? in_file(l, e) : 0;
}

static void bind_attrs(struct look *l)
{
    struct sdmxjson *r = l->r;
    for (size_t i = 0; i < r->nattrs; i++) {
        struct sj_part *p = &r->attrs[i];
        const struct profile_column *c = cube_column(&r->cube, p->id);
        char id[64];
        (void)snprintf(id, sizeof id, "%.*s", STR_ARG(p->id));
        p->attribute =
            c ? (c->attribute ? profile_attribute(c->attribute) : -1) : profile_attribute(id);
        if (!c && p->attribute < 0)
            stage_note(desk_stage(r->d), "attribute %s is not taken over", id);
    }
}

static int bind_measures(struct look *l, struct err *e)
{
    struct sdmxjson *r = l->r;
    size_t taken = 0;
    if (!r->nmeasures) /* 1.0: there is always one */
        r->measures[r->nmeasures++] = (struct sj_part){.id = STR("OBS_VALUE"), .attribute = -1};
    for (size_t i = 0; i < r->nmeasures; i++) {
        struct sj_part *m = &r->measures[i];
        m->column = cube_column(&r->cube, m->id);
        m->taken = m->column ? m->column->value : r->nmeasures == 1;
        taken += m->taken;
        const struct yaml_pair *sets = m->taken && m->column ? m->column->sets.items : NULL;
        for (size_t k = 0; sets && k < m->column->sets.n; k++)
            (void)desk_dim(r->d, sets[k].key);
    }
    if (taken)
        return 0;
    err_set(e, RC_DATA, "WIRE-072", "%zu measures, and the profile takes none", r->nmeasures);
    err_hint(e, "columns: {heading: %.*s, value: true, sets: {DIMENSION: CODE}} for each.",
             STR_ARG(r->measures[0].id));
    return in_file(l, e);
}

static int check_id(struct look *l, struct err *e)
{
    struct sdmxjson *r = l->r;
    const char *want = r->p->structure;
    bool found = !r->nids;
    for (size_t i = 0; want && i < r->nids; i++)
        found = found || str_is(r->ids[i], want);
    if (want ? found : r->id.n > 0) {
        if (want)
            r->id = str_of(want);
        return 0;
    }
    if (want)
        err_set(e, RC_DATA, "WIRE-073", "the file is of structure \"%.*s\", not \"%s\"",
                STR_ARG(r->id), want);
    else
        err_set(e, RC_DATA, "WIRE-074", "neither the profile nor the file names the structure");
    return in_file(l, e);
}

int sdmxjson_look(struct sdmxjson *r, struct err *e)
{
    struct look *l = mem_new(sizeof *l);
    l->r = r;
    int rc = look_file(l, e);
    if (rc >= 0)
        rc = look_sets(l, e);
    if (rc >= 0)
        rc = find_structure(l, e);
    if (rc >= 0)
        rc = check_id(l, e);
    if (rc >= 0)
        rc = add_dims(l, e);
    if (rc >= 0)
        rc = bind_measures(l, e);
    if (rc >= 0) {
        bind_attrs(l);
        rc = cube_start(&r->cube, 0, e);
    }
    walk_free(&l->w);
    mem_free(l);
    return rc;
}

/* --- entries ------------------------------------------------------------------------------------
 */

static int add_entry(const struct sj_part *part, struct walk *w, struct buf *b, struct err *e)
{
    uint64_t at;
    if (!part->coded || w->t.kind != JSCAN_NUMBER) {
        if (!walk_scalar(w))
            return walk_want(w, JSCAN_STRING, "an entry", e);
        buf_str(b, w->t.text);
        return 0;
    }
    if (!walk_number(w->t.text, part->n - 1, &at)) {
        err_set(e, RC_DATA, "WIRE-075", "%.*s has no value %.*s: there are %zu", STR_ARG(part->id),
                STR_ARG(w->t.text), part->n);
        return walk_fault(w, e);
    }
    buf_str(b, part->values[at]);
    return 0;
}

/* {"en":…,"fr":…}: in the language of the profile, else the first. */
static int add_words(const struct sdmxjson *r, struct walk *w, struct buf *b, struct err *e)
{
    size_t from = b->n;
    int rc = 0;
    for (bool first = true; rc >= 0 && (rc = walk_member(w, e)) > 0; first = false) {
        bool ours = r->p->language && walk_is(w, r->p->language);
        if (walk_scalar(w) && (first || ours)) {
            b->n = from;
            buf_str(b, w->t.text);
        }
        rc = walk_skip(w, e);
    }
    return rc;
}

int sdmxjson_entry(const struct sdmxjson *r, const struct sj_part *part, struct walk *w,
                   struct buf *b, struct err *e)
{
    int rc = 0;
    size_t from = b->n;
    switch (w->t.kind) {
    case JSCAN_NULL:
        buf_str(b, part->unset);
        return 0;
    case JSCAN_OBJECT:
        return add_words(r, w, b, e);
    case JSCAN_ARRAY:
        while (rc >= 0 && (rc = walk_item(w, e)) > 0) {
            buf_text(b, b->n > from ? ";" : "");
            if (w->t.kind == JSCAN_OBJECT)
                rc = add_words(r, w, b, e);
            else if (w->t.kind != JSCAN_NULL)
                rc = add_entry(part, w, b, e);
        }
        return rc;
    case JSCAN_TRUE:
    case JSCAN_FALSE:
    case JSCAN_NUMBER:
    case JSCAN_STRING:
    case JSCAN_KEY:
    case JSCAN_END:
        break;
    }
    return add_entry(part, w, b, e);
}
