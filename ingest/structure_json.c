/* structure_json.c — SDMX-JSON structure messages (1.0 and 2.x) into the model. */
#include "structure_model.h"

#include "json.h"

static struct str text(const struct json *j, const char *key) { return js_str(js_get(j, key)); }

static const char *keep(struct model *m, struct str s)
{
    return s.n ? arena_text(&m->arena, s) : NULL;
}

/* English first, else what there is. */
static const char *name_of(struct model *m, const struct json *j)
{
    struct str en = text(js_get(j, "names"), "en");
    return keep(m, en.n ? en : text(j, "name"));
}

static bool external(const struct json *j)
{
    return js_kind_of(js_get(j, "isExternalReference")) == JS_TRUE;
}

static bool set_names(struct model *m, struct sm_list *l, struct sm_row *row, const struct json *j)
{
    const struct json *names = js_get(j, "names");
    bool ok = true;
    for (size_t i = 0; i < js_count(names) && ok; i++) {
        const char *lang;
        const struct json *v = js_member(names, i, &lang);
        ok = list_set(m, l, row, label_column(m, str_of(lang)), js_str(v));
    }
    if (!js_count(names) && text(j, "name").n)
        ok = list_set(m, l, row, "label_en", text(j, "name"));
    return ok;
}

static void columns(struct model *m, struct sm_list *l, struct str s)
{
    while (s.n && l->ncols < SM_CELLS_MAX) {
        const char *end = memchr(s.p, ',', s.n);
        struct str one = {s.p, end ? (size_t)(end - s.p) : s.n};
        l->cols[l->ncols++] = arena_text(&m->arena, one);
        s = str_cut(s, one.n + 1);
    }
}

/* The text of an annotation of one type; empty when there is none. */
static struct str annotation(const struct json *j, const char *type)
{
    const struct json *all = js_get(j, "annotations");
    for (size_t i = 0; i < js_count(all); i++)
        if (str_is(text(js_at(all, i), "type"), type))
            return text(js_at(all, i), "text");
    return STR("");
}

static int read_list(struct model *m, const struct json *j, struct err *e)
{
    const struct json *codes = js_get(j, "codes");
    if (external(j))
        return 0;
    struct sm_list *l = model_list(m, text(j, "id"));
    if (!l)
        return err_set(e, RC_DATA, "STRUCT-040", "too many code lists in one message");
    l->agency = keep(m, text(j, "agencyID"));
    l->version = keep(m, text(j, "version"));
    l->name = name_of(m, j);
    columns(m, l, annotation(j, "columns"));
    for (size_t i = 0; i < js_count(codes); i++) {
        const struct json *c = js_at(codes, i), *notes = js_get(c, "annotations");
        struct sm_row *row = list_row(m, l, text(c, "id"));
        bool ok = set_names(m, l, row, c);
        if (text(c, "parent").n)
            ok = list_set(m, l, row, "parent", urn_id(text(c, "parent"))) && ok;
        for (size_t k = 0; k < js_count(notes); k++)
            list_annotate(m, l, row, text(js_at(notes, k), "type"), text(js_at(notes, k), "text"));
        if (!ok)
            return err_set(e, RC_DATA, "STRUCT-041", "names in more than %d languages",
                           SM_CELLS_MAX);
    }
    return 0;
}

static int read_dim(struct model *m, struct sm_structure *s, const struct json *j, bool time,
                    struct err *e)
{
    struct str id = text(j, "id"), concept = text(j, "conceptIdentity");
    if (s->ndims == STRUCTURE_DIMS_MAX)
        return err_set(e, RC_DATA, "STRUCT-042", "more than %d dimensions", STRUCTURE_DIMS_MAX);
    if (!id.n)
        id = urn_id(concept);
    if (!id.n)
        return err_set(e, RC_DATA, "STRUCT-043", "a dimension of %s has no id", s->id);
    struct sm_dim *d = &s->dims[s->ndims++];
    int64_t position = js_integer(js_get(j, "position"), -1);
    struct str list = urn_id(text(js_get(j, "localRepresentation"), "enumeration"));
    struct str total = annotation(j, "total");
    *d = (struct sm_dim){.id = keep(m, id),
                         .codelist = keep(m, list),
                         .total = keep(m, total),
                         .order = time            ? SIZE_MAX
                                  : position >= 0 ? (size_t)position
                                                  : s->ndims};
    return 0;
}

static int read_dims(struct model *m, struct sm_structure *s, const struct json *list,
                     struct err *e)
{
    const struct json *dims = js_get(list, "dimensions"), *times = js_get(list, "timeDimensions");
    const struct json *time = js_get(list, "timeDimension");
    int rc = 0;
    for (size_t i = 0; i < js_count(dims) && rc >= 0; i++)
        rc = read_dim(m, s, js_at(dims, i), false, e);
    for (size_t i = 0; i < js_count(times) && rc >= 0; i++)
        rc = read_dim(m, s, js_at(times, i), true, e);
    if (rc >= 0 && js_kind_of(time) == JS_OBJECT)
        rc = read_dim(m, s, time, true, e);
    return rc;
}

static int read_structure(struct model *m, const struct json *j, struct err *e)
{
    const struct json *parts = js_get(j, "dataStructureComponents");
    if (external(j))
        return 0;
    struct sm_structure *s = model_structure(m, text(j, "id"));
    if (!s)
        return err_set(e, RC_DATA, "STRUCT-044", "too many structures in one message");
    s->agency = keep(m, text(j, "agencyID"));
    s->version = keep(m, text(j, "version"));
    s->name = name_of(m, j);
    const struct json *measures = js_get(js_get(parts, "measureList"), "measures");
    const struct json *format = js_get(js_get(js_at(measures, 0), "localRepresentation"), "format");
    s->count = js_count(measures) && (str_is(text(format, "dataType"), "Count") ||
                                      str_is(text(format, "textType"), "Count"));
    return read_dims(m, s, js_get(parts, "dimensionList"), e);
}

static int read_concepts(struct model *m, const struct json *scheme, struct err *e)
{
    const struct json *all = js_get(scheme, "concepts");
    for (size_t i = 0; i < js_count(all); i++) {
        const struct json *j = js_at(all, i);
        struct sm_concept *c = model_concept(m, text(j, "id"));
        if (!c)
            return err_set(e, RC_DATA, "STRUCT-045", "too many concepts in one message");
        c->name = name_of(m, j);
        c->codelist = keep(m, urn_id(text(js_get(j, "coreRepresentation"), "enumeration")));
    }
    return 0;
}

static int read_all(struct model *m, const struct json *data, struct err *e)
{
    static const struct {
        const char *key;
        int (*one)(struct model *m, const struct json *j, struct err *e);
    } parts[] = {{"codelists", read_list},
                 {"conceptSchemes", read_concepts},
                 {"dataStructures", read_structure}};
    int rc = 0;
    for (size_t k = 0; k < ARRAY_LEN(parts); k++) {
        const struct json *all = js_get(data, parts[k].key);
        for (size_t i = 0; i < js_count(all) && rc >= 0; i++)
            rc = parts[k].one(m, js_at(all, i), e);
    }
    return rc;
}

int model_read_json(struct model *m, struct str bytes, const char *name, struct err *e)
{
    struct json *j CLEANUP(js_freep) = NULL;
    int rc = js_parse(&j, bytes, name, e);
    const struct json *data = js_get(j, "data");
    if (rc >= 0)
        rc = read_all(m, js_kind_of(data) == JS_OBJECT ? data : j, e);
    return rc < 0 ? err_place(e, "%s", name) : 0;
}
