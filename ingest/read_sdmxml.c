/* read_sdmxml.c — SDMX-ML data messages: generic 2.0 and 2.1, structure-specific 2.0 (compact), 2.1
 * and 3.0. One pass: what is said of a series is kept until it ends. A generic message says which
 * of its values are dimensions; a structure-specific one does not, so the profile must. Owns the
 * texts of the components. */
#include "read.h"

#include "bounds.h"
#include "map.h"
#include "mem.h"
#include "xml.h"

#define COMPONENTS_MAX 256

enum scope { SCOPE_SET, SCOPE_SERIES, SCOPE_OBS, SCOPES };
enum place { IN_NOTHING, IN_KEY, IN_ATTRIBUTES, IN_GROUP, IN_GROUP_KEY };

struct component {
    const char *name;
    bool dim, value, ignore;
    int attribute; /* -1: none */
    size_t slot;
    const struct profile_column *column;
    struct buf texts[SCOPES];
    bool has[SCOPES];
};

struct sdmxml {
    struct desk *d;
    const struct profile *p;
    struct arena arena;
    struct map *names;
    struct component *comps, obs_value; /* obs_value: of a generic message */
    size_t n;
    bool generic, started, data, in_header;
    enum scope scope;
    enum place place;
    struct str at_obs; /* dimensionAtObservation */
    struct str id, ids[8];
    size_t nids;
    struct buf text;
    struct read_row row;
    size_t col;
    char header_action;
};

static int in_file(const struct sdmxml *r, struct err *e)
{
    return err_place(e, "%s", desk_name(r->d));
}

/* --- components ---------------------------------------------------------------------------------
 */

static const struct profile_column *column_of(const struct profile *p, struct str name)
{
    const struct profile_column *c = p->columns.items;
    for (size_t i = 0; i < p->columns.n; i++)
        if (c[i].heading && str_is(name, c[i].heading))
            return &c[i];
    return NULL;
}

static bool listed(const struct profile *p, struct str name)
{
    const char *const *ids = p->dimensions.items;
    for (size_t i = 0; i < p->dimensions.n; i++)
        if (str_is(name, ids[i]))
            return true;
    return str_is(name, "TIME_PERIOD");
}

static bool own_words(struct str name)
{
    return str_is(name, "type") || str_is(name, "action") || str_is(name, "id") ||
           str_is(name, "setID") || str_is(name, "structureRef") || str_is(name, "dataScope") ||
           str_is(name, "REPORTING_YEAR_START_DAY");
}

static int bind_dim(struct sdmxml *r, struct component *c, struct err *e)
{
    const char *id = c->column ? c->column->dimension : c->name;
    if (!profile_id_ok(id)) {
        err_set(e, RC_DATA, "WIRE-081", "\"%s\" cannot be the id of a dimension", id);
        err_hint(e, "Declare it in the profile: columns: {heading: %s, dimension: ID}.", c->name);
        return in_file(r, e);
    }
    int rc = desk_heading(r->d, id, str_of(c->name), 1, 1, e);
    if (rc < 0)
        return rc;
    size_t had = r->started ? desk_ndims(r->d) : 0;
    c->dim = true;
    c->slot = desk_dim(r->d, id);
    if (c->slot >= READ_DIMS_MAX || (r->started && c->slot >= had)) {
        err_set(e, RC_DATA, "WIRE-082", "%s is a dimension here, but not at the beginning",
                c->name);
        return in_file(r, e);
    }
    return 0;
}

/* What a name that is met for the first time stands for. */
static int bind(struct sdmxml *r, struct component *c, bool key, struct err *e)
{
    struct str name = str_of(c->name);
    c->column = column_of(r->p, name);
    c->attribute = -1;
    if (c->column && !c->column->dimension) {
        c->ignore = c->column->ignore;
        c->value = c->column->value;
        if (c->column->attribute)
            c->attribute = profile_attribute(c->column->attribute);
        return 0;
    }
    if (c->column || key || (!r->generic && listed(r->p, name)))
        return bind_dim(r, c, e);
    c->value = !r->generic && str_is(name, "OBS_VALUE");
    c->attribute = profile_attribute(c->name);
    c->ignore = !c->value && c->attribute < 0;
    if (!c->ignore || own_words(name))
        return 0;
    if (!r->generic && !r->p->others) {
        err_set(e, RC_DATA, "WIRE-096", "%s is not declared: is it a dimension?", c->name);
        return err_hint(e, "Name it in the profile among the dimensions, or in columns with "
                           "attribute or ignore: true; others: ignore passes over all of them.");
    }
    stage_note(desk_stage(r->d), "%s is not taken over", c->name);
    return 0;
}

static int component(struct sdmxml *r, struct str name, bool key, struct component **ret,
                     struct err *e)
{
    bool fresh;
    size_t i = map_intern(r->names, name, &fresh);
    if (i >= COMPONENTS_MAX) {
        err_set(e, RC_DATA, "WIRE-083", "more than %d components", COMPONENTS_MAX);
        return -RC_DATA;
    }
    struct component *c = *ret = &r->comps[i];
    if (!fresh)
        return 0;
    c->name = arena_text(&r->arena, name);
    for (size_t k = 0; k < SCOPES; k++)
        buf_init(&c->texts[k], LIMIT_ROW_BYTES);
    r->n = i + 1;
    return bind(r, c, key, e);
}

static int put(struct sdmxml *r, struct str name, struct str value, struct err *e)
{
    struct component *c;
    bool key = r->place == IN_KEY;
    int rc = component(r, name, key, &c, e);
    if (rc < 0)
        return rc;
    if (r->place == IN_GROUP) {
        if (c->attribute < 0 || !value.n)
            return 0;
        err_set(e, RC_DATA, "WIRE-084", "%s is an attribute of a group", c->name);
        return err_hint(e, "It would have to hold for all series of the group: ask the sender for "
                           "it at series or observations, or declare it with ignore: true.");
    }
    if (c->has[r->scope])
        return err_set(e, RC_DATA, "WIRE-085", "%s is there twice", c->name);
    if (str_is(name, "REPORTING_YEAR_START_DAY") && !str_is(value, "--01-01")) {
        err_set(e, RC_DATA, "WIRE-086", "reporting years that begin on %.*s", STR_ARG(value));
        return err_hint(e, "Its quarters are not those of the calendar: such a file is not read.");
    }
    c->has[r->scope] = true;
    buf_reset(&c->texts[r->scope]);
    buf_str(&c->texts[r->scope], value);
    return 0;
}

static void forget(struct sdmxml *r, enum scope from)
{
    for (size_t i = 0; i < r->n; i++)
        for (size_t k = from; k < SCOPES; k++)
            r->comps[i].has[k] = false;
    r->obs_value.has[SCOPE_OBS] = false;
}

/* The nearest text that was said of a component. */
static struct str said(const struct component *c)
{
    for (size_t k = SCOPES; k-- > 0;)
        if (c->has[k])
            return buf_view(&c->texts[k]);
    return STR("");
}

/* --- the beginning ------------------------------------------------------------------------------
 */

static int check_id(struct sdmxml *r, struct err *e)
{
    const char *want = r->p->structure;
    bool found = !r->nids;
    for (size_t i = 0; want && i < r->nids; i++)
        found = found || str_is(r->ids[i], want);
    if (want && !found) {
        err_set(e, RC_DATA, "WIRE-087", "the file is of structure \"%.*s\", not \"%s\"",
                STR_ARG(r->ids[0]), want);
        return in_file(r, e);
    }
    r->id = want ? str_of(want) : r->nids ? r->ids[0] : STR("");
    if (r->id.n)
        return 0;
    err_set(e, RC_DATA, "WIRE-088", "neither the profile nor the file names the structure");
    return in_file(r, e);
}

/* A structure-specific message: the profile says what the dimensions are. */
static int declared(struct sdmxml *r, struct err *e)
{
    const struct profile_column *c = r->p->columns.items;
    const char *const *ids = r->p->dimensions.items;
    struct component *ignored;
    size_t n = 0;
    int rc = 0;
    for (size_t i = 0; i < r->p->columns.n && rc >= 0; i++)
        if (c[i].heading && c[i].dimension) {
            rc = component(r, str_of(c[i].heading), false, &ignored, e);
            n++;
        }
    for (size_t i = 0; i < r->p->dimensions.n && rc >= 0; i++) {
        bool named = false;
        for (size_t k = 0; k < r->p->columns.n; k++)
            named = named || (c[k].dimension && strcmp(c[k].dimension, ids[i]) == 0);
        if (!named)
            rc = component(r, str_of(ids[i]), false, &ignored, e);
        n++;
    }
    if (rc < 0 || n)
        return rc;
    err_set(e, RC_DATA, "WIRE-089",
            "a structure-specific message does not say what is a dimension");
    err_hint(e, "Name them in the profile: dimensions: [FREQ, …].");
    return in_file(r, e);
}

static int start_desk(struct sdmxml *r, struct err *e)
{
    const struct profile_column *c = r->p->columns.items;
    int rc = check_id(r, e);
    for (size_t i = 0; i < r->p->columns.n; i++) {
        const struct yaml_pair *sets = c[i].sets.items;
        for (size_t k = 0; k < c[i].sets.n; k++)
            (void)desk_dim(r->d, sets[k].key);
    }
    if (rc >= 0)
        rc = desk_start(r->d, e);
    r->started = true;
    return rc;
}

/* --- observations -------------------------------------------------------------------------------
 */

static int begin_obs(struct sdmxml *r, struct xml *x)
{
    forget(r, SCOPE_OBS);
    r->scope = SCOPE_OBS;
    r->row.line = xml_line(x);
    r->col = xml_column(x);
    return 0;
}

static int emit(struct sdmxml *r, const struct component *value, struct err *e)
{
    const struct yaml_pair *sets = value->column ? value->column->sets.items : NULL;
    for (size_t k = 0; sets && k < value->column->sets.n; k++)
        r->row.dims[desk_dim(r->d, sets[k].key)] = str_of(sets[k].value);
    r->row.raw = said(value);
    return desk_cell(r->d, &r->row, r->row.raw, r->col, e);
}

static void fill_row(struct sdmxml *r)
{
    for (size_t i = 0; i < ATTR_N; i++)
        r->row.attrs[i] = STR("");
    for (size_t i = 0; i < r->n; i++) {
        const struct component *c = &r->comps[i];
        if (c->dim) {
            struct str s = read_trim(said(c), c->column ? c->column->trim : NULL);
            const char *to = c->column ? pair_find(&c->column->codes, s) : NULL;
            r->row.dims[c->slot] = to ? str_of(to) : s;
        } else if (c->attribute >= 0) {
            r->row.attrs[c->attribute] = said(c);
        }
    }
    r->row.structure = r->id;
}

/* Every measure that is there; an observation without any is a missing value. */
static int end_obs(struct sdmxml *r, struct err *e)
{
    int rc = r->started ? 0 : start_desk(r, e);
    bool any = false;
    fill_row(r);
    for (size_t i = 0; i < r->n && rc >= 0; i++)
        if (r->comps[i].value && r->comps[i].has[SCOPE_OBS]) {
            rc = emit(r, &r->comps[i], e);
            any = true;
        }
    const struct component *none = &r->obs_value; /* or what a generic message has */
    for (size_t i = 0; i < r->n && !any; i++)
        none = r->comps[i].value ? &r->comps[i] : none;
    if (rc >= 0 && !any)
        rc = emit(r, none, e);
    forget(r, SCOPE_OBS);
    r->scope = SCOPE_SERIES;
    return rc;
}

/* --- tags ---------------------------------------------------------------------------------------
 */

static bool is(const struct xml_tag *t, const char *name) { return str_is(t->name, name); }

static int all_attrs(struct sdmxml *r, const struct xml_tag *t, struct err *e)
{
    struct xml_tag name;
    struct str value;
    int rc = 0;
    for (size_t i = 0; rc >= 0 && xml_attr_at(t, i, &name, &value); i++)
        if (!name.ns.n)
            rc = put(r, name.name, value, e);
    return rc;
}

static char action_of(struct str s)
{
    static const char *const words[] = {"Information", "Append", "Merge", "Replace", "Delete"};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (str_is(s, words[i]))
            return words[i][0];
    return '\0';
}

static int begin_set(struct sdmxml *r, const struct xml_tag *t, struct err *e)
{
    struct str action = xml_attr(t, "*", "action");
    if (!action.p)
        action = xml_attr(t, NULL, "action");
    forget(r, SCOPE_SET);
    r->scope = SCOPE_SET;
    r->data = true;
    r->row.action = action.p ? action_of(action) : r->header_action ? r->header_action : 'I';
    if (!r->row.action)
        return err_set(e, RC_DATA, "WIRE-090", "the action \"%.*s\" is none that we know",
                       STR_ARG(action));
    if (r->row.action == 'D') {
        err_set(e, RC_DATA, "WIRE-091", "a data set with action Delete is not taken from a file");
        return err_hint(e, "Send the corrected value, or an empty one with its status.");
    }
    if (r->generic || r->started)
        return r->generic ? 0 : all_attrs(r, t, e);
    int rc = declared(r, e);
    if (rc >= 0)
        rc = start_desk(r, e);
    return rc < 0 ? rc : all_attrs(r, t, e);
}

static int add_id(struct sdmxml *r, struct str id)
{
    const char *eq = id.n ? memrchr(id.p, '=', id.n) : NULL;
    if (eq)
        id = str_cut(id, (size_t)(eq - id.p) + 1);
    if (id.n && r->nids < ARRAY_LEN(r->ids))
        r->ids[r->nids++] = arena_str(&r->arena, read_trim(id, NULL));
    return 0;
}

static int head_tag(struct sdmxml *r, const struct xml_tag *t)
{
    struct str at = xml_attr(t, NULL, "dimensionAtObservation");
    if (is(t, "Structure") && at.n)
        r->at_obs = arena_str(&r->arena, at);
    if (!is(t, "Ref"))
        return 0;
    struct str agency = xml_attr(t, NULL, "agencyID"), id = xml_attr(t, NULL, "id");
    struct str version = xml_attr(t, NULL, "version");
    if (!agency.n || !id.n)
        return 0;
    char *full = version.n ? arena_fmt(&r->arena, "%.*s:%.*s(%.*s)", STR_ARG(agency), STR_ARG(id),
                                       STR_ARG(version))
                           : arena_fmt(&r->arena, "%.*s:%.*s", STR_ARG(agency), STR_ARG(id));
    return add_id(r, str_of(full));
}

static int root_tag(struct sdmxml *r, const struct xml_tag *t, struct err *e)
{
    r->generic = t->name.n >= 7 && memcmp(t->name.p, "Generic", 7) == 0;
    bool data = r->generic || is(t, "StructureSpecificData") || is(t, "CompactData") ||
                is(t, "StructureSpecificTimeSeriesData") || is(t, "Error");
    if (data && !is(t, "GenericMetadata"))
        return 0;
    err_set(e, RC_DATA, "WIRE-092", "<%.*s> is no SDMX-ML data message", STR_ARG(t->name));
    return err_hint(e, "Structures and code lists are for rta structure import.");
}

static struct str id_of(const struct xml_tag *t)
{
    struct str id = xml_attr(t, NULL, "id");
    return id.p ? id : xml_attr(t, NULL, "concept");
}

/* A group's key says for which series it is: it binds no name. */
static bool group_key(struct sdmxml *r, const struct xml_tag *t)
{
    if (is(t, "GroupKey"))
        r->place = IN_GROUP_KEY;
    return r->place == IN_GROUP_KEY;
}

static int generic_tag(struct sdmxml *r, struct xml *x, const struct xml_tag *t, struct err *e)
{
    struct str id = id_of(t), value = xml_attr(t, NULL, "value");
    if (group_key(r, t))
        return 0;
    if (is(t, "Obs")) {
        return begin_obs(r, x);
    } else if (is(t, "Series")) {
        forget(r, SCOPE_SERIES);
        r->scope = SCOPE_SERIES;
    } else if (is(t, "SeriesKey") || is(t, "ObsKey")) {
        r->place = IN_KEY;
    } else if (is(t, "Group")) {
        r->place = IN_GROUP;
        r->scope = SCOPE_SERIES;
    } else if (is(t, "Attributes") && r->place != IN_GROUP) {
        r->place = IN_ATTRIBUTES;
    } else if (is(t, "Value") && id.n) {
        return put(r, id, value, e);
    } else if (is(t, "ObsDimension")) {
        r->place = IN_KEY;
        int rc = put(r, id.n ? id : r->at_obs.n ? r->at_obs : STR("TIME_PERIOD"), value, e);
        r->place = IN_NOTHING;
        return rc;
    } else if (is(t, "ObsValue")) {
        r->obs_value.has[SCOPE_OBS] = true;
        buf_reset(&r->obs_value.texts[SCOPE_OBS]);
        buf_str(&r->obs_value.texts[SCOPE_OBS], value);
    }
    return 0;
}

static int specific_tag(struct sdmxml *r, struct xml *x, const struct xml_tag *t, struct err *e)
{
    if (is(t, "Series")) {
        forget(r, SCOPE_SERIES);
        r->scope = SCOPE_SERIES;
    } else if (is(t, "Obs")) {
        (void)begin_obs(r, x);
    } else if (is(t, "Group")) {
        r->place = IN_GROUP;
        int rc = all_attrs(r, t, e);
        r->place = IN_NOTHING;
        return rc;
    } else if (is(t, "Comp")) {
        struct str id = xml_attr(t, NULL, "id");
        struct component *c;
        int rc = component(r, id, false, &c, e);
        if (rc >= 0 && (c->attribute >= 0 || c->dim || c->value))
            rc = err_set(e, RC_DATA, "WIRE-093", "%s has several values", c->name);
        return rc;
    } else {
        return 0;
    }
    return all_attrs(r, t, e);
}

static int on_start(void *to, struct xml *x, const struct xml_tag *t, struct err *e)
{
    struct sdmxml *r = to;
    buf_reset(&r->text);
    if (t->depth == 1)
        return root_tag(r, t, e);
    if (is(t, "Header"))
        r->in_header = true;
    if (r->in_header)
        return head_tag(r, t);
    if (is(t, "DataSet"))
        return begin_set(r, t, e);
    if (!r->data)
        return 0;
    return r->generic ? generic_tag(r, x, t, e) : specific_tag(r, x, t, e);
}

static int on_text(void *to, struct xml *x, struct str text, struct err *e)
{
    struct sdmxml *r = to;
    (void)x;
    (void)e;
    buf_reset(&r->text);
    buf_str(&r->text, text);
    return 0;
}

static int end_head(struct sdmxml *r, const struct xml_tag *t)
{
    struct str text = read_trim(buf_view(&r->text), NULL);
    if (is(t, "Header"))
        r->in_header = false;
    if (is(t, "DataSetAction") && text.n)
        r->header_action = action_of(text);
    if (is(t, "URN") || is(t, "Structure") || is(t, "StructureUsage"))
        if (text.n && memchr(text.p, '=', text.n))
            add_id(r, text);
    return 0;
}

static int end_data(struct sdmxml *r, const struct xml_tag *t, struct err *e)
{
    if (is(t, "Obs"))
        return end_obs(r, e);
    if (is(t, "GroupKey"))
        r->place = IN_GROUP;
    else if (is(t, "SeriesKey") || is(t, "ObsKey") || is(t, "Group") ||
             (is(t, "Attributes") && r->place != IN_GROUP))
        r->place = IN_NOTHING;
    if (is(t, "Series"))
        forget(r, SCOPE_SERIES);
    if (is(t, "Time") && r->generic) { /* 2.0 */
        r->place = IN_KEY;
        int rc = put(r, STR("TIME_PERIOD"), read_trim(buf_view(&r->text), NULL), e);
        r->place = IN_NOTHING;
        return rc;
    }
    if (is(t, "DataSet"))
        r->data = false;
    return 0;
}

static int on_end(void *to, struct xml *x, const struct xml_tag *t, struct err *e)
{
    struct sdmxml *r = to;
    int rc = 0;
    (void)x;
    if (r->in_header)
        rc = end_head(r, t);
    else if (r->data)
        rc = end_data(r, t, e);
    else if (is(t, "Text")) { /* of an error message */
        err_set(e, RC_DATA, "WIRE-094", "the file is an answer with an error: %.*s",
                STR_ARG(buf_view(&r->text)));
        return err_hint(e, "Ask the server for fewer cells, or correct the query.");
    }
    buf_reset(&r->text);
    return rc;
}

static int read_sdmxml(struct desk *d, const struct profile *p, struct source *src, struct err *e)
{
    static const struct xml_handler handler = {on_start, on_text, on_end};
    struct sdmxml *r = mem_new(sizeof *r);
    r->d = d;
    r->p = p;
    r->names = map_new(COMPONENTS_MAX + 1);
    r->comps = mem_array(COMPONENTS_MAX + 1, sizeof *r->comps);
    buf_init(&r->text, LIMIT_XML_TEXT + 16);
    buf_init(&r->obs_value.texts[SCOPE_OBS], LIMIT_ROW_BYTES);
    int rc = xml_read(src, &handler, r, e);
    if (rc >= 0 && !r->started) {
        err_set(e, RC_DATA, "WIRE-095", "the message has no observations");
        rc = in_file(r, e);
    }
    for (size_t i = 0; i < r->n; i++)
        for (size_t k = 0; k < SCOPES; k++)
            buf_free(&r->comps[i].texts[k]);
    buf_free(&r->text);
    buf_free(&r->obs_value.texts[SCOPE_OBS]);
    mem_free(r->comps);
    map_free(r->names);
    arena_free(&r->arena);
    mem_free(r);
    return rc < 0 ? rc : 0;
}

const struct reader reader_sdmxml = {"sdmx-ml", read_sdmxml};
