/* xlsx_parts.c — the small parts of a workbook: relations, the list of sheets, the epoch, what
 * cell styles make of numbers. Only what is needed is followed: a relation that leads nowhere, and
 * one that leads in a circle, harms nobody. All memory is the workbook's arena. */
#include "xlsx.h"

#include "bounds.h"
#include "serial.h"

static const char *const main_ns[] = {"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
                                      "http://purl.oclc.org/ooxml/spreadsheetml/main"};

bool xlsx_own(const struct xml_tag *t)
{
    return str_is(t->ns, main_ns[0]) || str_is(t->ns, main_ns[1]);
}

static bool ends_with(struct str s, const char *end)
{
    size_t n = strlen(end);
    return s.n >= n && memcmp(s.p + s.n - n, end, n) == 0;
}

static int number(struct str s, uint64_t most, uint64_t *ret)
{
    uint64_t v = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9' || v > most)
            return -1;
        v = v * 10 + (uint64_t)(s.p[i] - '0');
    }
    *ret = v;
    return s.n && v <= most ? 0 : -1;
}

static bool truth(struct str s) { return str_is(s, "1") || str_is(s, "true"); }

/* --- relations ----------------------------------------------------------------------------------
 */

struct relation {
    const char *id, *type, *target; /* the part, from the root of the archive */
};

struct relations {
    struct arena *a;
    const char *folder; /* of the part that relates */
    struct relation *items;
    size_t n, cap;
};

/* "xl" and "../media/x" → "media/x"; a target with a '/' in front is absolute. */
static const char *resolve(struct arena *a, const char *folder, struct str target)
{
    bool absolute = target.n && target.p[0] == '/';
    char *path = absolute ? arena_text(a, str_cut(target, 1))
                          : arena_fmt(a, "%s%s%.*s", folder, *folder ? "/" : "", STR_ARG(target));
    size_t to = 0;
    for (char *p = path; *p;) {
        size_t n = strcspn(p, "/\\");
        bool up = n == 2 && p[0] == '.' && p[1] == '.', here = n == 1 && p[0] == '.';
        char *next = p + n + (p[n] != '\0');
        while (up && to && path[--to] != '/')
            ;
        if (!up && !here) {
            if (to)
                path[to++] = '/';
            memmove(path + to, p, n);
            to += n;
        }
        p = next;
    }
    path[to] = '\0';
    return path;
}

static int on_relation(void *to, struct xml *xml, const struct xml_tag *t, struct err *e)
{
    struct relations *r = to;
    (void)xml;
    if (!str_is(t->name, "Relationship") || str_is(xml_attr(t, NULL, "TargetMode"), "External"))
        return 0;
    if (r->n == LIMIT_SHEETS * 2)
        return err_set(e, RC_DATA, "XLSX-005", "more than %u relations", LIMIT_SHEETS * 2);
    if (r->n == r->cap) {
        struct relation *old = r->items;
        r->cap = r->cap ? r->cap * 2 : 32;
        r->items = arena_array(r->a, r->cap, sizeof *r->items);
        if (r->n)
            memcpy(r->items, old, r->n * sizeof *old);
    }
    r->items[r->n++] = (struct relation){arena_text(r->a, xml_attr(t, NULL, "Id")),
                                         arena_text(r->a, xml_attr(t, NULL, "Type")),
                                         resolve(r->a, r->folder, xml_attr(t, NULL, "Target"))};
    return 0;
}

static int read_part(struct xlsx *x, const char *part, const struct xml_handler *h, void *to,
                     struct err *e)
{
    struct source *src = NULL;
    int rc = zip_part(&src, x->zip, part, e);
    if (rc >= 0)
        rc = xml_read(src, h, to, e);
    source_close(src);
    return rc;
}

static int read_relations(struct xlsx *x, const char *part, const char *folder,
                          struct relations *ret, struct err *e)
{
    static const struct xml_handler h = {.start = on_relation};
    *ret = (struct relations){.a = &x->arena, .folder = folder};
    return zip_has(x->zip, part) ? read_part(x, part, &h, ret, e) : 0;
}

/* The part of a type, or NULL: its address ends so in both dialects. */
static const char *of_type(const struct xlsx *x, const struct relations *r, const char *type)
{
    for (size_t i = 0; i < r->n; i++)
        if (ends_with(str_of(r->items[i].type), type) && zip_has(x->zip, r->items[i].target))
            return r->items[i].target;
    return NULL;
}

/* --- the workbook -------------------------------------------------------------------------------
 */

static int on_workbook(void *to, struct xml *xml, const struct xml_tag *t, struct err *e)
{
    struct xlsx *x = to;
    (void)xml;
    if (!xlsx_own(t))
        return 0;
    if (str_is(t->name, "workbookPr"))
        x->epoch_1904 = truth(xml_attr(t, NULL, "date1904"));
    if (!str_is(t->name, "sheet"))
        return 0;
    if (x->nsheets == LIMIT_SHEETS)
        return err_set(e, RC_DATA, "XLSX-006", "more than %u sheets", LIMIT_SHEETS);
    struct str name = xml_attr(t, NULL, "name"), state = xml_attr(t, NULL, "state");
    x->sheets[x->nsheets++] = (struct xlsx_sheet){arena_text(&x->arena, name),
                                                  arena_text(&x->arena, xml_attr(t, "*", "id")),
                                                  NULL, state.n && !str_is(state, "visible")};
    return 0;
}

static int bind_sheets(struct xlsx *x, const struct relations *r, struct err *e)
{
    for (size_t i = 0; i < x->nsheets; i++) {
        struct xlsx_sheet *s = &x->sheets[i];
        size_t k = 0;
        while (k < r->n && strcmp(r->items[k].id, s->id) != 0)
            k++;
        if (k < r->n && !ends_with(str_of(r->items[k].type), "/worksheet"))
            continue;
        if (k == r->n || !zip_has(x->zip, r->items[k].target)) {
            err_set(e, RC_DATA, "XLSX-007", "the cells of the sheet are not in the file");
            err_hint(e, "The workbook is damaged: ask for it again.");
            return err_place(e, "%s#%s", grid_name(x->grid), s->name);
        }
        s->part = r->items[k].target;
    }
    return 0;
}

int xlsx_workbook(struct xlsx *x, struct err *e)
{
    static const struct xml_handler h = {.start = on_workbook};
    struct relations root, own;
    int rc = read_relations(x, "_rels/.rels", "", &root, e);
    if (rc < 0)
        return rc;
    const char *part = of_type(x, &root, "/officeDocument");
    part = part ? part : "xl/workbook.xml";
    if (ends_with(str_of(part), ".bin") || !zip_has(x->zip, part)) {
        err_set(e, RC_DATA, "XLSX-008", "the archive holds no workbook in XML");
        err_hint(e, "Is it XLSB, a text document, or a plain archive? Save it as XLSX.");
        return err_place(e, "%s", grid_name(x->grid));
    }
    const char *slash = strrchr(part, '/');
    const char *folder =
        slash ? arena_text(&x->arena, (struct str){part, (size_t)(slash - part)}) : "";
    const char *rels = arena_fmt(&x->arena, "%s%s_rels/%s.rels", folder, *folder ? "/" : "",
                                 slash ? slash + 1 : part);
    x->sheets = arena_array(&x->arena, LIMIT_SHEETS, sizeof *x->sheets);
    rc = read_relations(x, rels, folder, &own, e);
    if (rc >= 0)
        rc = read_part(x, part, &h, x, e);
    if (rc < 0)
        return rc;
    x->strings_part = of_type(x, &own, "/sharedStrings");
    x->styles_part = of_type(x, &own, "/styles");
    return bind_sheets(x, &own, e);
}

/* --- styles -------------------------------------------------------------------------------------
 */

struct custom_format {
    uint64_t id;
    struct number_format format;
};

struct styles {
    struct xlsx *x;
    struct custom_format *custom; /* those that say more than how many decimals are shown */
    size_t ncustom;
    bool in_cells; /* inside cellXfs */
};

static struct number_format format_of(const struct styles *s, uint64_t id)
{
    for (size_t i = 0; i < s->ncustom; i++)
        if (s->custom[i].id == id)
            return s->custom[i].format;
    return format_of_id(id < 164 ? (unsigned)id : 0);
}

static void add_format(struct styles *s, uint64_t id, struct str code)
{
    struct number_format f = format_of_code(code);
    if (f.date || f.percent || f.commas || f.zeros || id < 164)
        s->custom[s->ncustom++] = (struct custom_format){id, f};
}

static int on_style(void *to, struct xml *xml, const struct xml_tag *t, struct err *e)
{
    struct styles *s = to;
    uint64_t id;
    (void)xml;
    if (!xlsx_own(t))
        return 0;
    s->in_cells = s->in_cells || str_is(t->name, "cellXfs");
    bool format = str_is(t->name, "numFmt"), cell = s->in_cells && str_is(t->name, "xf");
    if (!format && !cell)
        return 0;
    if (s->x->nformats == LIMIT_STYLES || s->ncustom == LIMIT_STYLES)
        return err_set(e, RC_DATA, "XLSX-009", "more than %u cell styles", LIMIT_STYLES);
    if (number(xml_attr(t, NULL, "numFmtId"), UINT32_MAX, &id) < 0)
        id = 0;
    if (format)
        add_format(s, id, xml_attr(t, NULL, "formatCode"));
    if (cell)
        s->x->formats[s->x->nformats++] = format_of(s, id);
    return 0;
}

static int on_style_end(void *to, struct xml *xml, const struct xml_tag *t, struct err *e)
{
    struct styles *s = to;
    (void)xml, (void)e;
    if (str_is(t->name, "cellXfs"))
        s->in_cells = false;
    return 0;
}

int xlsx_styles(struct xlsx *x, struct err *e)
{
    static const struct xml_handler h = {.start = on_style, .end = on_style_end};
    if (!x->styles_part)
        return 0;
    struct styles s = {.x = x};
    s.custom = arena_array(&x->arena, LIMIT_STYLES, sizeof *s.custom);
    x->formats = arena_array(&x->arena, LIMIT_STYLES, sizeof *x->formats);
    return read_part(x, x->styles_part, &h, &s, e);
}
