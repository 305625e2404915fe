/* structure_out.c — the model as SDMX-ML 2.1, SDMX-ML 3.0 and SDMX-JSON 2.0 structure messages:
 * code lists, one concept scheme, data structures, a dataflow for each. What SDMX has no place for
 * (validity, sources, which code is the total) stands in annotations, so that nothing is lost on
 * the way back. */
#include "structure_model.h"

#include "json.h"

#define NS "http://www.sdmx.org/resources/sdmxml/schemas/"
#define CONCEPTS "CONCEPTS"
#define URN "urn:sdmx:org.sdmx.infomodel."

/* Attributes that every structure of ours has, and the lists of two of them. */
static const struct {
    const char *id, *name, *codelist;
} attributes[] = {{"OBS_STATUS", "Status of the observation", "OBS_STATUS"},
                  {"CONF_STATUS", "Confidentiality", "CONF_STATUS"},
                  {"COMMENT", "Remark", NULL},
                  {"NATURE", "Nature of the figure", NULL}};

struct writing {
    const struct model *m;
    struct buf *b;
    bool three; /* 3.0 */
    const char *agency, *version;
};

/* --- XML ----------------------------------------------------------------------------------------
 */

static void esc(struct buf *b, struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (c == '<')
            buf_text(b, "&lt;");
        else if (c == '>')
            buf_text(b, "&gt;");
        else if (c == '&')
            buf_text(b, "&amp;");
        else if (c == '"')
            buf_text(b, "&quot;");
        else if ((unsigned char)c >= ' ' || c == '\n' || c == '\t')
            buf_char(b, c);
    }
}

static void name(struct writing *w, const char *lang, struct str text)
{
    buf_fmt(w->b, "<com:Name xml:lang=\"%s\">", lang);
    esc(w->b, text);
    buf_text(w->b, "</com:Name>");
}

static void annotation(struct writing *w, const char *type, struct str text)
{
    buf_fmt(w->b,
            "<com:Annotation><com:AnnotationType>%s</com:AnnotationType>"
            "<com:AnnotationText xml:lang=\"en\">",
            type);
    esc(w->b, text);
    buf_text(w->b, "</com:AnnotationText></com:Annotation>");
}

/* Agency, version and, in 2.1, that it is final. */
static void head(struct writing *w, const char *element, const char *id)
{
    buf_fmt(w->b, "<str:%s id=\"%s\" agencyID=\"%s\" version=\"%s\"%s>", element, id, w->agency,
            w->version, w->three ? "" : " isFinal=\"true\"");
}

static void code(struct writing *w, const struct sm_list *l, const struct sm_row *row)
{
    struct buf *b = w->b;
    bool open = false;
    buf_fmt(b, "<str:Code id=\"%.*s\">", STR_ARG(row->code));
    for (size_t i = 0; i < l->ncols && i < row->n; i++)
        if (row->cells[i].n && strcmp(l->cols[i], "parent") != 0 &&
            strncmp(l->cols[i], "label_", 6) != 0) {
            buf_text(b, open ? "" : "<com:Annotations>");
            annotation(w, l->cols[i], row->cells[i]);
            open = true;
        }
    buf_text(b, open ? "</com:Annotations>" : "");
    for (size_t i = 0; i < l->ncols && i < row->n; i++)
        if (row->cells[i].n && strncmp(l->cols[i], "label_", 6) == 0)
            name(w, l->cols[i] + 6, row->cells[i]);
    struct str parent = list_get(l, row, "parent");
    if (parent.n)
        buf_fmt(b,
                w->three ? "<str:Parent>%.*s</str:Parent>"
                         : "<str:Parent><Ref id=\"%.*s\"/></str:Parent>",
                STR_ARG(parent));
    buf_text(b, "</str:Code>\n");
}

static void list(struct writing *w, const struct sm_list *l)
{
    struct buf cols CLEANUP(buf_free) = {.max = 65536};
    head(w, "Codelist", l->id);
    for (size_t i = 0; i < l->ncols; i++)
        buf_fmt(&cols, "%s%s", i ? "," : "", l->cols[i]);
    buf_text(w->b, "<com:Annotations>");
    annotation(w, "columns", buf_view(&cols));
    buf_text(w->b, "</com:Annotations>");
    name(w, "en", str_of(l->name ? l->name : l->id));
    buf_char(w->b, '\n');
    for (size_t i = 0; i < l->n; i++)
        code(w, l, &l->rows[i]);
    buf_text(w->b, "</str:Codelist>\n");
}

/* Visit every component's concept once, in order of appearance. */
static void concepts(const struct model *m,
                     void (*visit)(void *to, const char *id, const char *text), void *to)
{
    for (size_t i = 0; i < m->nstructures; i++) {
        const struct sm_structure *s = m->structures[i];
        for (size_t k = 0; k < s->ndims; k++) {
            bool had = false;
            for (size_t j = 0; j < i; j++)
                for (size_t n = 0; n < m->structures[j]->ndims; n++)
                    had = had || strcmp(m->structures[j]->dims[n].id, s->dims[k].id) == 0;
            if (!had)
                visit(to, s->dims[k].id, s->dims[k].name);
        }
    }
    visit(to, "OBS_VALUE", "Observation value");
    for (size_t i = 0; i < ARRAY_LEN(attributes); i++)
        visit(to, attributes[i].id, attributes[i].name);
}

static void xml_concept(void *to, const char *id, const char *text)
{
    struct writing *w = to;
    buf_fmt(w->b, "<str:Concept id=\"%s\">", id);
    name(w, "en", str_of(text));
    buf_text(w->b, "</str:Concept>\n");
}

static void identity(struct writing *w, const char *id)
{
    if (w->three)
        buf_fmt(w->b,
                "<str:ConceptIdentity>" URN "conceptscheme.Concept=%s:" CONCEPTS
                "(%s).%s</str:ConceptIdentity>",
                w->agency, w->version, id);
    else
        buf_fmt(w->b,
                "<str:ConceptIdentity><Ref id=\"%s\" maintainableParentID=\"" CONCEPTS
                "\" maintainableParentVersion=\"%s\" agencyID=\"%s\" package=\"conceptscheme\" "
                "class=\"Concept\"/></str:ConceptIdentity>",
                id, w->version, w->agency);
}

static void coded(struct writing *w, const char *id)
{
    buf_text(w->b, "<str:LocalRepresentation><str:Enumeration>");
    if (w->three)
        buf_fmt(w->b, URN "codelist.Codelist=%s:%s(%s)", w->agency, id, w->version);
    else
        buf_fmt(w->b,
                "<Ref id=\"%s\" version=\"%s\" agencyID=\"%s\" package=\"codelist\" "
                "class=\"Codelist\"/>",
                id, w->version, w->agency);
    buf_text(w->b, "</str:Enumeration></str:LocalRepresentation>");
}

static void format(struct writing *w, const char *type)
{
    buf_fmt(w->b,
            "<str:LocalRepresentation><str:TextFormat textType=\"%s\"/></str:LocalRepresentation>",
            type);
}

static void dim(struct writing *w, const struct sm_dim *d, size_t position)
{
    bool time = strcmp(d->id, "TIME_PERIOD") == 0;
    const char *element = time ? "TimeDimension" : "Dimension";
    buf_fmt(w->b, "<str:%s id=\"%s\"", element, d->id);
    if (!time || !w->three)
        buf_fmt(w->b, " position=\"%zu\"", position);
    buf_char(w->b, '>');
    if (d->total) {
        buf_text(w->b, "<com:Annotations>");
        annotation(w, "total", str_of(d->total));
        buf_text(w->b, "</com:Annotations>");
    }
    identity(w, d->id);
    if (d->codelist)
        coded(w, d->codelist);
    else
        format(w, time ? "ObservationalTimePeriod" : "String");
    buf_fmt(w->b, "</str:%s>\n", element);
}

static void xml_attributes(struct writing *w)
{
    buf_text(w->b, "<str:AttributeList id=\"AttributeDescriptor\">\n");
    for (size_t i = 0; i < ARRAY_LEN(attributes); i++) {
        buf_fmt(w->b, "<str:Attribute id=\"%s\" %s>", attributes[i].id,
                w->three ? "usage=\"optional\"" : "assignmentStatus=\"Conditional\"");
        identity(w, attributes[i].id);
        if (attributes[i].codelist && model_find(w->m, attributes[i].codelist))
            coded(w, attributes[i].codelist);
        else
            format(w, "String");
        buf_fmt(w->b, "<str:AttributeRelationship>%s</str:AttributeRelationship></str:Attribute>\n",
                w->three ? "<str:Observation/>"
                         : "<str:PrimaryMeasure><Ref id=\"OBS_VALUE\"/></str:PrimaryMeasure>");
    }
    buf_text(w->b, "</str:AttributeList>\n");
}

static void measure(struct writing *w, const struct sm_structure *s)
{
    const char *element = w->three ? "Measure" : "PrimaryMeasure";
    buf_fmt(w->b, "<str:MeasureList id=\"MeasureDescriptor\"><str:%s id=\"OBS_VALUE\">", element);
    identity(w, "OBS_VALUE");
    format(w, s->count ? "Count" : "Decimal");
    buf_fmt(w->b, "</str:%s></str:MeasureList>\n", element);
}

static void structure(struct writing *w, const struct sm_structure *s)
{
    head(w, "DataStructure", s->id);
    name(w, "en", str_of(s->name ? s->name : s->id));
    buf_text(w->b,
             "\n<str:DataStructureComponents>\n<str:DimensionList id=\"DimensionDescriptor\">\n");
    for (size_t i = 0; i < s->ndims; i++)
        dim(w, &s->dims[i], i + 1);
    buf_text(w->b, "</str:DimensionList>\n");
    xml_attributes(w);
    measure(w, s);
    buf_text(w->b, "</str:DataStructureComponents>\n</str:DataStructure>\n");
}

static void flow(struct writing *w, const struct sm_structure *s)
{
    head(w, "Dataflow", s->id);
    name(w, "en", str_of(s->name ? s->name : s->id));
    buf_text(w->b, "<str:Structure>");
    if (w->three)
        buf_fmt(w->b, URN "datastructure.DataStructure=%s:%s(%s)", w->agency, s->id, w->version);
    else
        buf_fmt(w->b,
                "<Ref id=\"%s\" version=\"%s\" agencyID=\"%s\" package=\"datastructure\" "
                "class=\"DataStructure\"/>",
                s->id, w->version, w->agency);
    buf_text(w->b, "</str:Structure></str:Dataflow>\n");
}

static void xml_flows(struct writing *w)
{
    if (!w->m->nstructures)
        return;
    buf_text(w->b, "<str:Dataflows>\n");
    for (size_t i = 0; i < w->m->nstructures; i++)
        flow(w, w->m->structures[i]);
    buf_text(w->b, "</str:Dataflows>\n");
}

static void xml_lists(struct writing *w)
{
    if (!w->m->nlists)
        return;
    buf_text(w->b, "<str:Codelists>\n");
    for (size_t i = 0; i < w->m->nlists; i++)
        list(w, w->m->lists[i]);
    buf_text(w->b, "</str:Codelists>\n");
}

static void xml_concepts(struct writing *w)
{
    if (!w->m->nstructures)
        return;
    buf_text(w->b, w->three ? "<str:ConceptSchemes>\n" : "<str:Concepts>\n");
    head(w, "ConceptScheme", CONCEPTS);
    name(w, "en", STR("Concepts"));
    buf_char(w->b, '\n');
    concepts(w->m, xml_concept, w);
    buf_text(w->b, "</str:ConceptScheme>\n");
    buf_text(w->b, w->three ? "</str:ConceptSchemes>\n" : "</str:Concepts>\n");
}

static void identify(struct writing *w)
{
    const struct sm_structure *s = w->m->nstructures ? w->m->structures[0] : NULL;
    const struct sm_list *l = w->m->nlists ? w->m->lists[0] : NULL;
    w->agency = s ? s->agency : l && l->agency ? l->agency : "SDMX";
    w->version = s ? s->version : l && l->version ? l->version : "1.0.0";
}

void model_write_xml(const struct model *m, enum sm_format f, const char *prepared, struct buf *b)
{
    struct writing w = {.m = m, .b = b, .three = f == SM_ML30};
    const char *v = w.three ? "v3_0" : "v2_1";
    identify(&w);
    buf_fmt(b,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<mes:Structure xmlns:mes=\"" NS "%s/message\" xmlns:str=\"" NS
            "%s/structure\" xmlns:com=\"" NS "%s/common\">\n"
            "<mes:Header><mes:ID>RTA</mes:ID><mes:Test>false</mes:Test>"
            "<mes:Prepared>%s</mes:Prepared><mes:Sender id=\"%s\"/></mes:Header>\n"
            "<mes:Structures>\n",
            v, v, v, prepared, w.agency);
    if (w.three) { /* each version has its own order */
        xml_lists(&w);
        xml_concepts(&w);
        xml_flows(&w);
    } else {
        xml_flows(&w);
        xml_lists(&w);
        xml_concepts(&w);
    }
    if (m->nstructures)
        buf_text(b, "<str:DataStructures>\n");
    for (size_t i = 0; i < m->nstructures; i++)
        structure(&w, m->structures[i]);
    buf_text(b, m->nstructures ? "</str:DataStructures>\n" : "");
    buf_text(b, "</mes:Structures>\n</mes:Structure>\n");
}
