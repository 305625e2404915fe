/* structure_xml.c — SDMX-ML 2.1 and 3.0 structure messages into the model: code lists, concepts,
 * data structures. What else a message holds is passed over. References are <Ref id=…> in 2.1 and
 * URNs in 3.0; both are taken by the id alone, since config/ has one namespace. */
#include "structure_model.h"

#include "bounds.h"
#include "xml.h"

struct reading {
    struct model *m;
    struct sm_list *list;
    struct sm_row *row;
    struct sm_concept *idea; /* the concept; the word itself is C++ to the formatter */
    struct sm_structure *dsd;
    struct sm_dim *dim;
    bool in_parent, in_identity, in_enumeration, in_annotation, in_measure, in_dims;
    struct buf text;
    struct str lang, type, note;
};

static bool is(const struct xml_tag *t, const char *name) { return str_is(t->name, name); }

static const char *keep(struct reading *r, struct str s) { return arena_text(&r->m->arena, s); }

static struct str attr(const struct xml_tag *t, const char *name)
{
    struct str s = xml_attr(t, NULL, name);
    return s.p ? s : STR("");
}

/* A list or structure that only points to one elsewhere has nothing to take. */
static bool external(const struct xml_tag *t)
{
    return str_is(attr(t, "isExternalReference"), "true");
}

static int too_many(struct err *e)
{
    return err_set(e, RC_DATA, "STRUCT-035", "too many artefacts in one message");
}

static int start_list(struct reading *r, const struct xml_tag *t, struct err *e)
{
    if (external(t))
        return 0;
    r->list = model_list(r->m, attr(t, "id"));
    if (!r->list)
        return too_many(e);
    r->list->agency = keep(r, attr(t, "agencyID"));
    r->list->version = keep(r, attr(t, "version"));
    return 0;
}

static int start_dsd(struct reading *r, const struct xml_tag *t, struct err *e)
{
    if (external(t))
        return 0;
    r->dsd = model_structure(r->m, attr(t, "id"));
    if (!r->dsd)
        return too_many(e);
    r->dsd->agency = keep(r, attr(t, "agencyID"));
    r->dsd->version = keep(r, attr(t, "version"));
    return 0;
}

static int start_dim(struct reading *r, const struct xml_tag *t, struct err *e)
{
    struct sm_structure *s = r->dsd;
    uint64_t position = 0;
    struct str p = attr(t, "position"), id = attr(t, "id");
    if (s->ndims == STRUCTURE_DIMS_MAX)
        return err_set(e, RC_DATA, "STRUCT-036", "more than %d dimensions", STRUCTURE_DIMS_MAX);
    for (size_t i = 0; i < p.n && i < 6 && p.p[i] >= '0' && p.p[i] <= '9'; i++)
        position = position * 10 + (uint64_t)(p.p[i] - '0');
    bool time = is(t, "TimeDimension");
    r->dim = &s->dims[s->ndims++];
    *r->dim = (struct sm_dim){.id = id.n   ? keep(r, id)
                                    : time ? "TIME_PERIOD"
                                           : NULL,
                              .order = time       ? SIZE_MAX
                                       : position ? position
                                                  : s->ndims};
    return 0;
}

static void reference(struct reading *r, struct str id)
{
    if (!id.n)
        return;
    if (r->in_parent && r->row)
        (void)list_set(r->m, r->list, r->row, "parent", id);
    else if (r->in_identity && r->dim && !r->dim->id)
        r->dim->id = keep(r, id);
    else if (r->in_enumeration && r->dim)
        r->dim->codelist = keep(r, id);
    else if (r->in_enumeration && r->idea)
        r->idea->codelist = keep(r, id);
}

/* What only says how to take what comes next. */
static void start_mark(struct reading *r, const struct xml_tag *t)
{
    if (is(t, "DimensionList"))
        r->in_dims = r->dsd != NULL; /* attributes name dimensions, too */
    else if (is(t, "Parent"))
        r->in_parent = true;
    else if (is(t, "ConceptIdentity"))
        r->in_identity = true;
    else if (is(t, "Enumeration"))
        r->in_enumeration = true;
    else if (is(t, "Annotation"))
        r->in_annotation = true;
    else if (is(t, "PrimaryMeasure") || is(t, "Measure"))
        r->in_measure = true;
}

static int start_inner(struct reading *r, const struct xml_tag *t, struct err *e)
{
    bool dim = is(t, "Dimension") || is(t, "TimeDimension") || is(t, "MeasureDimension");
    if (is(t, "Code") && r->list)
        r->row = list_row(r->m, r->list, attr(t, "id"));
    else if (r->in_dims && dim)
        return start_dim(r, t, e);
    else if (is(t, "Ref"))
        reference(r, attr(t, "id"));
    else if (is(t, "TextFormat") && r->in_measure && r->dsd)
        r->dsd->count = str_is(attr(t, "textType"), "Count");
    start_mark(r, t);
    return 0;
}

static int on_start(void *to, struct xml *x, const struct xml_tag *t, struct err *e)
{
    struct reading *r = to;
    (void)x;
    buf_reset(&r->text);
    if (t->depth == 1 && !is(t, "Structure") && !is(t, "RegistryInterface")) {
        err_set(e, RC_DATA, "STRUCT-037", "<%.*s> is no SDMX-ML structure message",
                STR_ARG(t->name));
        return err_hint(e, "Data messages are for rta read.");
    }
    struct str lang = xml_attr(t, "*", "lang");
    if (lang.p)
        r->lang = arena_str(&r->m->arena, lang);
    else if (is(t, "Name"))
        r->lang = STR("en");
    if (is(t, "Codelist"))
        return start_list(r, t, e);
    if (is(t, "DataStructure"))
        return start_dsd(r, t, e);
    if (is(t, "Concept")) {
        r->idea = model_concept(r->m, attr(t, "id"));
        return r->idea ? 0 : too_many(e);
    }
    return start_inner(r, t, e);
}

static int on_text(void *to, struct xml *x, struct str text, struct err *e)
{
    struct reading *r = to;
    (void)x;
    (void)e;
    buf_reset(&r->text);
    buf_str(&r->text, text);
    return 0;
}

static int end_name(struct reading *r, struct str text, struct err *e)
{
    bool english = str_is(r->lang, "en");
    if (r->row) {
        if (!list_set(r->m, r->list, r->row, label_column(r->m, r->lang), text))
            return err_set(e, RC_DATA, "STRUCT-038", "names in more than %d languages",
                           SM_CELLS_MAX);
    } else if (r->list) {
        if (!r->list->name || english)
            r->list->name = keep(r, text);
    } else if (r->idea) {
        if (!r->idea->name || english)
            r->idea->name = keep(r, text);
    } else if (r->dsd && !r->dim && (!r->dsd->name || english)) {
        r->dsd->name = keep(r, text);
    }
    return 0;
}

/* "columns" of a list keeps the order and those that are empty throughout. */
static void columns(struct reading *r, struct str text)
{
    while (text.n && r->list->ncols < SM_CELLS_MAX) {
        const char *end = memchr(text.p, ',', text.n);
        struct str one = {text.p, end ? (size_t)(end - text.p) : text.n};
        r->list->cols[r->list->ncols++] = keep(r, one);
        text = str_cut(text, one.n + 1);
    }
}

static void end_annotation(struct reading *r)
{
    if (r->row)
        list_annotate(r->m, r->list, r->row, r->type, r->note);
    else if (r->list && str_is(r->type, "columns") && !r->list->ncols)
        columns(r, r->note);
    else if (r->dim && str_is(r->type, "total"))
        r->dim->total = keep(r, r->note);
    r->in_annotation = false;
    r->type = r->note = STR("");
}

static void end_thing(struct reading *r, const struct xml_tag *t)
{
    if (is(t, "Code"))
        r->row = NULL;
    else if (is(t, "Codelist"))
        r->list = NULL;
    else if (is(t, "Concept"))
        r->idea = NULL;
    else if (is(t, "DataStructure"))
        r->dsd = NULL;
    else if (is(t, "DimensionList"))
        r->in_dims = false;
    else if (is(t, "Dimension") || is(t, "TimeDimension") || is(t, "MeasureDimension"))
        r->dim = NULL;
    else if (is(t, "PrimaryMeasure") || is(t, "Measure"))
        r->in_measure = false;
}

static int on_end(void *to, struct xml *x, const struct xml_tag *t, struct err *e)
{
    struct reading *r = to;
    struct str text = str_trim(buf_view(&r->text));
    int rc = 0;
    (void)x;
    if (is(t, "Name"))
        rc = end_name(r, text, e);
    else if (is(t, "AnnotationType"))
        r->type = arena_str(&r->m->arena, text);
    else if (is(t, "AnnotationText"))
        r->note = arena_str(&r->m->arena, text);
    else if (is(t, "Annotation"))
        end_annotation(r);
    else if (is(t, "Parent") || is(t, "ConceptIdentity") || is(t, "Enumeration") || is(t, "URN")) {
        reference(r, urn_id(text));
        if (!is(t, "URN"))
            r->in_parent = r->in_identity = r->in_enumeration = false;
    } else
        end_thing(r, t);
    buf_reset(&r->text);
    return rc;
}

int model_read_xml(struct model *m, struct source *src, struct err *e)
{
    static const struct xml_handler handler = {on_start, on_text, on_end};
    struct reading r = {.m = m};
    buf_init(&r.text, LIMIT_XML_TEXT + 16);
    int rc = xml_read(src, &handler, &r, e);
    buf_free(&r.text);
    for (size_t i = 0; i < m->nstructures && rc >= 0; i++)
        for (size_t k = 0; k < m->structures[i]->ndims && rc >= 0; k++)
            if (!m->structures[i]->dims[k].id)
                rc = err_set(e, RC_DATA, "STRUCT-039", "a dimension of %s has no id",
                             m->structures[i]->id);
    return rc < 0 ? rc : 0;
}
