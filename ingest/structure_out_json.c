/* structure_out_json.c — the model as an SDMX-JSON 2.0 structure message. */
#include "structure_model.h"

#include "json.h"

#define URN "urn:sdmx:org.sdmx.infomodel."

struct writing {
    struct model arena; /* only its arena, for texts */
    const struct model *m;
    const char *agency, *version;
};

static void put(struct json *o, const char *key, const char *text)
{
    js_set(o, key, js_text(text));
}

static struct json *artefact(struct writing *w, const char *id, const char *name)
{
    struct json *o = js_object(), *names = js_object();
    put(o, "id", id);
    put(o, "agencyID", w->agency);
    put(o, "version", w->version);
    put(o, "name", name ? name : id);
    put(names, "en", name ? name : id);
    js_set(o, "names", names);
    return o;
}

static void annotate(struct json *o, const char *type, struct str text)
{
    struct json *all = js_get(o, "annotations"), *one = js_object();
    put(one, "type", type);
    js_set(one, "text", js_string(text));
    if (!all) {
        all = js_array();
        js_set(o, "annotations", all);
    }
    js_push(all, one);
}

static struct json *code(const struct sm_list *l, const struct sm_row *row)
{
    struct json *o = js_object(), *names = js_object();
    js_set(o, "id", js_string(row->code));
    js_set(o, "name", js_string(list_get(l, row, "label_en")));
    js_set(o, "names", names);
    for (size_t i = 0; i < l->ncols && i < row->n; i++) {
        if (!row->cells[i].n)
            continue;
        if (strncmp(l->cols[i], "label_", 6) == 0)
            js_set(names, l->cols[i] + 6, js_string(row->cells[i]));
        else if (strcmp(l->cols[i], "parent") == 0)
            js_set(o, "parent", js_string(row->cells[i]));
        else
            annotate(o, l->cols[i], row->cells[i]);
    }
    return o;
}

static struct json *list(struct writing *w, const struct sm_list *l)
{
    struct json *o = artefact(w, l->id, l->name), *codes = js_array();
    struct buf cols CLEANUP(buf_free) = {.max = 65536};
    for (size_t i = 0; i < l->ncols; i++)
        buf_fmt(&cols, "%s%s", i ? "," : "", l->cols[i]);
    annotate(o, "columns", buf_view(&cols));
    for (size_t i = 0; i < l->n; i++)
        js_push(codes, code(l, &l->rows[i]));
    js_set(o, "codes", codes);
    return o;
}

static void represent(struct writing *w, struct json *o, const char *codelist, const char *type)
{
    struct json *r = js_object();
    if (codelist) {
        put(r, "enumeration",
            arena_fmt(&w->arena.arena, URN "codelist.Codelist=%s:%s(%s)", w->agency, codelist,
                      w->version));
    } else {
        struct json *f = js_object();
        put(f, "dataType", type);
        js_set(r, "format", f);
    }
    js_set(o, "localRepresentation", r);
}

static struct json *component(struct writing *w, const char *id, const char *codelist,
                              const char *type)
{
    struct json *o = js_object();
    put(o, "id", id);
    put(o, "conceptIdentity",
        arena_fmt(&w->arena.arena, URN "conceptscheme.Concept=%s:CONCEPTS(%s).%s", w->agency,
                  w->version, id));
    represent(w, o, codelist, type);
    return o;
}

static struct json *dims(struct writing *w, const struct sm_structure *s)
{
    struct json *all = js_object(), *plain = js_array();
    put(all, "id", "DimensionDescriptor");
    for (size_t i = 0; i < s->ndims; i++) {
        const struct sm_dim *d = &s->dims[i];
        bool time = strcmp(d->id, "TIME_PERIOD") == 0;
        struct json *o =
            component(w, d->id, d->codelist, time ? "ObservationalTimePeriod" : "String");
        if (d->total)
            annotate(o, "total", str_of(d->total));
        if (time) {
            js_set(all, "timeDimension", o);
        } else {
            js_set(o, "position", js_int((int64_t)i));
            js_push(plain, o);
        }
    }
    js_set(all, "dimensions", plain);
    return all;
}

static struct json *attributes(struct writing *w)
{
    static const char *const ids[] = {"OBS_STATUS", "CONF_STATUS", "COMMENT", "NATURE"};
    struct json *all = js_object(), *items = js_array();
    put(all, "id", "AttributeDescriptor");
    for (size_t i = 0; i < ARRAY_LEN(ids); i++) {
        struct json *o = component(w, ids[i], model_find(w->m, ids[i]) ? ids[i] : NULL, "String");
        struct json *to = js_object();
        js_set(to, "observation", js_object());
        js_set(o, "attributeRelationship", to);
        put(o, "usage", "optional");
        js_push(items, o);
    }
    js_set(all, "attributes", items);
    return all;
}

static struct json *structure(struct writing *w, const struct sm_structure *s)
{
    struct json *o = artefact(w, s->id, s->name), *parts = js_object();
    struct json *measures = js_object(), *items = js_array();
    put(measures, "id", "MeasureDescriptor");
    js_push(items, component(w, "OBS_VALUE", NULL, s->count ? "Count" : "Decimal"));
    js_set(measures, "measures", items);
    js_set(parts, "dimensionList", dims(w, s));
    js_set(parts, "attributeList", attributes(w));
    js_set(parts, "measureList", measures);
    js_set(o, "dataStructureComponents", parts);
    return o;
}

static void concept(struct json *to, const char *id, const char *name)
{
    struct json *o = js_object(), *names = js_object();
    for (size_t i = 0; i < js_count(to); i++)
        if (str_is(js_str(js_get(js_at(to, i), "id")), id)) {
            js_free(o);
            js_free(names);
            return;
        }
    put(o, "id", id);
    put(o, "name", name);
    put(names, "en", name);
    js_set(o, "names", names);
    js_push(to, o);
}

static struct json *scheme(struct writing *w)
{
    struct json *o = artefact(w, "CONCEPTS", "Concepts"), *all = js_array();
    for (size_t i = 0; i < w->m->nstructures; i++)
        for (size_t k = 0; k < w->m->structures[i]->ndims; k++)
    concept(all, w->m->structures[i]->dims[k].id, w->m->structures[i]->dims[k].name);
    concept(all, "OBS_VALUE", "Observation value");
    concept(all, "OBS_STATUS", "Status of the observation");
    concept(all, "CONF_STATUS", "Confidentiality");
    concept(all, "COMMENT", "Remark");
    concept(all, "NATURE", "Nature of the figure");
    js_set(o, "concepts", all);
    return o;
}

static struct json *flow(struct writing *w, const struct sm_structure *s)
{
    struct json *o = artefact(w, s->id, s->name);
    put(o, "structure",
        arena_fmt(&w->arena.arena, URN "datastructure.DataStructure=%s:%s(%s)", w->agency, s->id,
                  w->version));
    return o;
}

static struct json *meta(struct writing *w, const char *prepared)
{
    struct json *o = js_object(), *sender = js_object();
    put(o, "schema", "https://json.sdmx.org/2.0.0/sdmx-json-structure-schema.json");
    put(o, "id", "RTA");
    js_set(o, "test", js_bool(false));
    put(o, "prepared", prepared);
    put(sender, "id", w->agency);
    js_set(o, "sender", sender);
    return o;
}

void model_write_json(const struct model *m, const char *prepared, struct buf *b)
{
    struct writing w = {.m = m};
    const struct sm_structure *s = m->nstructures ? m->structures[0] : NULL;
    const struct sm_list *l = m->nlists ? m->lists[0] : NULL;
    w.agency = s ? s->agency : l && l->agency ? l->agency : "SDMX";
    w.version = s ? s->version : l && l->version ? l->version : "1.0.0";
    struct json *root = js_object(), *data = js_object();
    struct json *lists = js_array(), *structures = js_array(), *flows = js_array();
    for (size_t i = 0; i < m->nlists; i++)
        js_push(lists, list(&w, m->lists[i]));
    for (size_t i = 0; i < m->nstructures; i++) {
        js_push(structures, structure(&w, m->structures[i]));
        js_push(flows, flow(&w, m->structures[i]));
    }
    js_set(data, "codelists", lists);
    if (s) {
        struct json *schemes = js_array();
        js_push(schemes, scheme(&w));
        js_set(data, "conceptSchemes", schemes);
    }
    js_set(data, "dataStructures", structures);
    js_set(data, "dataflows", flows);
    js_set(root, "meta", meta(&w, prepared));
    js_set(root, "data", data);
    js_write(b, root, true);
    buf_char(b, '\n');
    js_free(root);
    arena_free(&w.arena.arena);
}
