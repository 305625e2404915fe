/* read_ods.c — a workbook of OpenDocument (ODS): content.xml as it streams by. A number is taken
 * from office:value, never from how it is shown. Repeated rows and columns are counted, not copied.
 * Owns the texts of one cell and the names of the few styles that matter. */
#include "grid.h"

#include "arena.h"
#include "bounds.h"
#include "map.h"
#include "xml.h"
#include "zip.h"

#define OFFICE "urn:oasis:names:tc:opendocument:xmlns:office:1.0"
#define TABLE "urn:oasis:names:tc:opendocument:xmlns:table:1.0"
#define TEXT "urn:oasis:names:tc:opendocument:xmlns:text:1.0"
#define STYLE "urn:oasis:names:tc:opendocument:xmlns:style:1.0"
#define CALC "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"
#define SPANS 64 /* spans inside spans */

struct ods {
    struct grid *g;
    struct arena arena;
    struct map *hidden_styles, *super_styles;
    const char *style; /* the one being declared */
    bool spreadsheet;
    size_t sheets;      /* seen so far */
    size_t table_depth; /* of the sheet; 0: outside */
    bool wanted;
    size_t skip; /* depth of an element that is left out with all in it */
    size_t line, col, columns, row_times, cell_times;
    bool in_cell, covered, has_formula, has_text;
    enum cell_kind kind;
    struct number_format format; /* of a number */
    struct buf value, text;
    bool from_value; /* the value is an attribute */
    size_t span_super[SPANS], nsuper, paragraphs;
};

static bool is(const struct xml_tag *t, const char *ns, const char *name)
{
    return str_is(t->name, name) && str_is(t->ns, ns);
}

static int fault(struct ods *o, const char *id, const char *what, struct str text, struct err *e)
{
    err_set(e, RC_DATA, id, "%s: \"%.*s\"", what, STR_ARG(text));
    err_hint(e, "The workbook is damaged: open it in an office program and save it again.");
    return grid_place(o->g, o->line ? o->line : 1, o->in_cell ? o->col : SIZE_MAX, e);
}

/* A count of at least 1. */
static int times(struct ods *o, const struct xml_tag *t, const char *name, size_t *ret,
                 struct err *e)
{
    struct str s = xml_attr(t, TABLE, name);
    size_t v = 0;
    *ret = 1;
    if (!s.p)
        return 0;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9' || v > (size_t)1 << 30)
            return fault(o, "ODS-001", "this is no count", s, e);
        v = v * 10 + (size_t)(s.p[i] - '0');
    }
    if (!v)
        return fault(o, "ODS-002", "nothing can stand this many times", s, e);
    *ret = v;
    return 0;
}

static bool hidden(const struct xml_tag *t)
{
    struct str s = xml_attr(t, TABLE, "visibility");
    return str_is(s, "collapse") || str_is(s, "filter");
}

/* --- styles -------------------------------------------------------------------------------------
 */

static void start_style(struct ods *o, const struct xml_tag *t)
{
    if (is(t, STYLE, "style"))
        o->style = arena_text(&o->arena, xml_attr(t, STYLE, "name"));
    else if (!o->style)
        return;
    else if (is(t, STYLE, "table-properties") && str_is(xml_attr(t, TABLE, "display"), "false"))
        (void)map_put(o->hidden_styles, str_of(o->style), 1, NULL);
    else if (is(t, STYLE, "text-properties")) {
        struct str s = xml_attr(t, STYLE, "text-position");
        if (s.n >= 5 && (memcmp(s.p, "super", 5) == 0 || (s.p[0] >= '1' && s.p[0] <= '9')))
            (void)map_put(o->super_styles, str_of(o->style), 1, NULL);
    }
}

/* --- sheets, columns, rows ----------------------------------------------------------------------
 */

static int start_table(struct ods *o, const struct xml_tag *t, struct err *e)
{
    struct str name = xml_attr(t, TABLE, "name"), style = xml_attr(t, TABLE, "style-name");
    if (o->table_depth)
        return fault(o, "ODS-003", "a table stands inside a cell", name, e);
    const struct grid_sheet sheet = {arena_text(&o->arena, name), ++o->sheets,
                                     style.n && map_find(o->hidden_styles, style)};
    if (o->sheets > LIMIT_SHEETS)
        return fault(o, "ODS-004", "too many sheets", name, e);
    o->line = o->columns = 0;
    o->table_depth = t->depth;
    int rc = grid_sheet(o->g, &sheet, e);
    o->wanted = rc > 0;
    if (rc == 0)
        o->skip = t->depth;
    return rc < 0 ? rc : 0;
}

static int start_column(struct ods *o, const struct xml_tag *t, struct err *e)
{
    size_t n;
    int rc = times(o, t, "number-columns-repeated", &n, e);
    if (rc < 0)
        return rc;
    if (hidden(t) && o->columns < LIMIT_COLUMNS)
        grid_hide_columns(o->g, o->columns, o->columns + n - 1);
    o->columns = o->columns + n < LIMIT_COLUMNS ? o->columns + n : LIMIT_COLUMNS;
    return 0;
}

static int start_row(struct ods *o, const struct xml_tag *t, struct err *e)
{
    int rc = times(o, t, "number-rows-repeated", &o->row_times, e);
    o->col = 0;
    return rc < 0 ? rc : grid_row(o->g, o->line + 1, hidden(t), e);
}

static int end_row(struct ods *o, struct err *e)
{
    int rc = grid_row_end(o->g, o->row_times, e);
    o->line += o->row_times;
    if (o->line > LIMIT_SHEET_ROWS)
        o->line = LIMIT_SHEET_ROWS; /* only empty rows may go so far */
    return rc;
}

/* --- cells --------------------------------------------------------------------------------------
 */

static void take_value(struct ods *o, struct str s)
{
    o->from_value = s.p != NULL;
    buf_str(&o->value, s);
}

static void cell_type(struct ods *o, const struct xml_tag *t)
{
    struct str type = xml_attr(t, OFFICE, "value-type");
    bool error = str_is(xml_attr(t, CALC, "value-type"), "error");
    o->kind = CELL_TEXT;
    o->format = (struct number_format){.percent = false};
    if (error) {
        o->kind = CELL_ERROR; /* its name is the text shown */
    } else if (str_is(type, "boolean")) {
        o->kind = CELL_BOOL;
        take_value(o, str_is(xml_attr(t, OFFICE, "boolean-value"), "true") ? STR("TRUE")
                                                                           : STR("FALSE"));
    } else if (str_is(type, "date") || str_is(type, "time")) {
        o->kind = CELL_DATE;
        take_value(o, xml_attr(t, OFFICE, str_is(type, "date") ? "date-value" : "time-value"));
    } else if (str_is(type, "string")) {
        struct str s = xml_attr(t, OFFICE, "string-value");
        if (s.p)
            take_value(o, s);
    } else if (type.n) { /* float, percentage, currency */
        o->kind = CELL_NUMBER;
        o->format.percent = str_is(type, "percentage");
        take_value(o, read_trim(xml_attr(t, OFFICE, "value"), NULL));
    }
}

static int start_cell(struct ods *o, const struct xml_tag *t, struct err *e)
{
    size_t down, right;
    o->in_cell = true;
    o->covered = is(t, TABLE, "covered-table-cell");
    buf_reset(&o->value);
    buf_reset(&o->text);
    o->from_value = o->has_text = false;
    o->paragraphs = o->nsuper = 0;
    struct str formula = xml_attr(t, TABLE, "formula");
    o->has_formula = formula.p != NULL;
    int rc = times(o, t, "number-columns-repeated", &o->cell_times, e);
    if (rc >= 0)
        rc = times(o, t, "number-rows-spanned", &down, e);
    if (rc >= 0)
        rc = times(o, t, "number-columns-spanned", &right, e);
    if (rc < 0)
        return rc;
    cell_type(o, t);
    if (o->has_formula && !xml_attr(t, OFFICE, "value-type").p) {
        o->kind = CELL_FORMULA;
        take_value(o, formula);
    }
    const size_t end[2] = {o->line + down, o->col + right - 1};
    return down > 1 || right > 1 ? grid_merge(o->g, o->line + 1, o->col, end, e) : 0;
}

static int end_cell(struct ods *o, struct err *e)
{
    struct str s = o->from_value ? buf_view(&o->value) : buf_view(&o->text);
    int rc = buf_ok(&o->text, "a cell", e);
    if (rc >= 0)
        rc = buf_ok(&o->value, "a cell", e);
    if (rc < 0)
        return grid_place(o->g, o->line + 1, o->col, e);
    if (o->covered)
        s = STR(""); /* hidden under a merged range */
    if (s.n && o->has_formula && o->kind != CELL_FORMULA)
        grid_formula(o->g);
    for (size_t i = 0; i < o->cell_times && s.n && rc >= 0; i++)
        rc = o->kind == CELL_NUMBER ? grid_number(o->g, o->col + i, s, &o->format, false, e)
                                    : grid_cell(o->g, o->col + i, o->kind, s, e);
    o->col = o->col + o->cell_times < LIMIT_COLUMNS ? o->col + o->cell_times : LIMIT_COLUMNS;
    o->in_cell = false;
    return rc;
}

/* What stands in a cell: paragraphs, spans, blanks; not its comments and drawings. */
static void start_text(struct ods *o, const struct xml_tag *t)
{
    if (!str_is(t->ns, TEXT)) {
        o->skip = t->depth;
        return;
    }
    if (str_is(t->name, "p") && o->paragraphs++)
        buf_char(&o->text, '\n');
    else if (str_is(t->name, "tab"))
        buf_char(&o->text, '\t');
    else if (str_is(t->name, "line-break"))
        buf_char(&o->text, '\n');
    else if (str_is(t->name, "s")) {
        struct str c = xml_attr(t, TEXT, "c");
        size_t n = c.n == 1 && c.p[0] >= '1' && c.p[0] <= '9' ? (size_t)(c.p[0] - '0') : 1;
        while (n--)
            buf_char(&o->text, ' ');
    } else if (str_is(t->name, "span") && o->nsuper < SPANS &&
               map_find(o->super_styles, xml_attr(t, TEXT, "style-name")))
        o->span_super[o->nsuper++] = t->depth;
}

/* --- the document -------------------------------------------------------------------------------
 */

static int start_in_table(struct ods *o, const struct xml_tag *t, struct err *e)
{
    if (o->in_cell && !str_is(t->ns, TABLE)) {
        start_text(o, t);
        return 0;
    }
    if (!str_is(t->ns, TABLE)) {
        o->skip = t->depth; /* forms, drawings */
        return 0;
    }
    if (str_is(t->name, "table-cell") || str_is(t->name, "covered-table-cell"))
        return start_cell(o, t, e);
    if (str_is(t->name, "table-row"))
        return start_row(o, t, e);
    if (str_is(t->name, "table-column"))
        return start_column(o, t, e);
    if (str_is(t->name, "table"))
        return start_table(o, t, e);
    if (str_is(t->name, "shapes") || str_is(t->name, "named-expressions"))
        o->skip = t->depth;
    return 0; /* groups and headers of rows and columns: what is in them counts */
}

static int on_start(void *to, struct xml *xml, const struct xml_tag *t, struct err *e)
{
    struct ods *o = to;
    (void)xml;
    if (o->skip)
        return 0;
    if (o->table_depth)
        return start_in_table(o, t, e);
    if (str_is(t->ns, STYLE))
        start_style(o, t);
    else if (is(t, OFFICE, "spreadsheet"))
        o->spreadsheet = true;
    else if (o->spreadsheet && is(t, TABLE, "tracked-changes"))
        o->skip = t->depth;
    else if (o->spreadsheet && is(t, TABLE, "table"))
        return start_table(o, t, e);
    return 0;
}

static int on_text(void *to, struct xml *xml, struct str text, struct err *e)
{
    struct ods *o = to;
    (void)xml, (void)e;
    if (o->skip || !o->in_cell || !o->paragraphs)
        return 0;
    if (o->nsuper)
        superscript(&o->text, text);
    else
        buf_str(&o->text, text);
    return 0;
}

static int end_table(struct ods *o, struct err *e)
{
    o->table_depth = 0;
    return o->wanted ? grid_sheet_end(o->g, e) : 0;
}

static int on_end(void *to, struct xml *xml, const struct xml_tag *t, struct err *e)
{
    struct ods *o = to;
    (void)xml;
    if (o->skip) {
        if (o->skip == t->depth)
            o->skip = 0;
        return o->skip == 0 && o->table_depth == t->depth ? end_table(o, e) : 0;
    }
    if (o->nsuper && o->span_super[o->nsuper - 1] == t->depth)
        o->nsuper--;
    if (!o->table_depth)
        return 0;
    if (o->in_cell && (is(t, TABLE, "table-cell") || is(t, TABLE, "covered-table-cell")))
        return end_cell(o, e);
    if (is(t, TABLE, "table-row")) {
        int rc = end_row(o, e);
        return rc < 0 ? rc : 0;
    }
    return t->depth == o->table_depth ? end_table(o, e) : 0;
}

static int on_manifest(void *to, struct xml *xml, const struct xml_tag *t, struct err *e)
{
    const struct grid *g = to;
    (void)xml;
    if (!str_is(t->name, "encryption-data"))
        return 0;
    err_set(e, RC_DATA, "ODS-005", "the workbook has a password");
    err_hint(e, "Ask the sender for one without.");
    return err_place(e, "%s", grid_name(g));
}

static int read_part(struct zip *z, const char *part, const struct xml_handler *h, void *to,
                     struct err *e)
{
    struct source *src = NULL;
    int rc = zip_part(&src, z, part, e);
    if (rc >= 0)
        rc = xml_read(src, h, to, e);
    source_close(src);
    return rc;
}

static int read_content(struct zip *z, struct grid *g, struct err *e)
{
    static const struct xml_handler h = {on_start, on_text, on_end};
    struct ods o = {
        .g = g, .hidden_styles = map_new(LIMIT_STYLES), .super_styles = map_new(LIMIT_STYLES)};
    buf_init(&o.value, LIMIT_ROW_BYTES);
    buf_init(&o.text, LIMIT_ROW_BYTES);
    int rc = read_part(z, "content.xml", &h, &o, e);
    if (rc >= 0 && !o.spreadsheet) {
        err_set(e, RC_DATA, "ODS-006", "the document is no spreadsheet");
        rc = err_place(e, "%s", grid_name(g));
    }
    buf_free(&o.value);
    buf_free(&o.text);
    map_free(o.hidden_styles);
    map_free(o.super_styles);
    arena_free(&o.arena);
    return rc;
}

static int read_ods(const char *path, struct grid *g, struct err *e)
{
    static const struct xml_handler manifest = {.start = on_manifest};
    struct zip *z = NULL;
    int rc = zip_open(&z, path, grid_name(g), e);
    if (rc >= 0 && zip_has(z, "META-INF/manifest.xml"))
        rc = read_part(z, "META-INF/manifest.xml", &manifest, g, e);
    if (rc >= 0)
        rc = read_content(z, g, e);
    zip_closep(&z);
    return rc;
}

const struct book book_ods = {"ods", read_ods};
