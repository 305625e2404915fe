/* xlsx_sheet.c — the cells of one sheet, as they stream by. Where the profile fills merged ranges
 * the part is read twice, because a sheet names them after its cells. Nothing is believed of what
 * it says about its own size. */
#include "xlsx.h"

#include "bounds.h"

enum inside { IN_NOTHING, IN_VALUE, IN_FORMULA, IN_RICH };

struct cells {
    struct xlsx *x;
    struct grid *g;
    bool in_data;
    size_t line, col; /* of the cell; col SIZE_MAX before the first of a row */
    enum inside in;
    char type;                         /* 'n', 's', 'b', 'e', 'd', 'S' (str), 'i' (inlineStr) */
    size_t style;                      /* + 1; 0: none */
    bool has_value, has_formula, wide; /* wide: the value did not fit */
    struct buf value, formula, scratch;
    struct rich rich;
};

static int fault(struct cells *c, const char *id, const char *what, struct str text, struct err *e)
{
    err_set(e, RC_DATA, id, "%s: \"%.*s\"", what, STR_ARG(text));
    err_hint(e, "The workbook is damaged, or was written by a faulty program: open it in an office "
                "program and save it again.");
    return grid_place(c->g, c->line ? c->line : 1, c->col, e);
}

static size_t past_dollar(struct str s, size_t i) { return i + (i < s.n && s.p[i] == '$'); }

/* "B4", "$B$4" → line 4, column 1. */
static bool parse_ref(struct str s, size_t *ret_line, size_t *ret_col)
{
    size_t i = past_dollar(s, 0), col = 0, line = 0;
    for (; i < s.n && s.p[i] >= 'A' && s.p[i] <= 'Z' && col <= LIMIT_COLUMNS; i++)
        col = col * 26 + (size_t)(s.p[i] - 'A' + 1);
    i = past_dollar(s, i);
    for (; i < s.n && s.p[i] >= '0' && s.p[i] <= '9' && line <= LIMIT_SHEET_ROWS; i++)
        line = line * 10 + (size_t)(s.p[i] - '0');
    *ret_line = line;
    *ret_col = col - 1;
    return i == s.n && col - 1 < LIMIT_COLUMNS && line - 1 < LIMIT_SHEET_ROWS;
}

static bool parse_size(struct str s, size_t most, size_t *ret)
{
    size_t v = 0;
    for (size_t i = 0; i < s.n && v <= most; i++) {
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
        v = v * 10 + (size_t)(s.p[i] - '0');
    }
    *ret = v;
    return s.n && v <= most;
}

static bool truth(struct str s) { return str_is(s, "1") || str_is(s, "true"); }

/* --- tags ---------------------------------------------------------------------------------------
 */

static void start_columns(struct cells *c, const struct xml_tag *t)
{
    size_t from, to;
    if (truth(xml_attr(t, NULL, "hidden")) &&
        parse_size(xml_attr(t, NULL, "min"), LIMIT_COLUMNS, &from) && from &&
        parse_size(xml_attr(t, NULL, "max"), LIMIT_COLUMNS, &to))
        grid_hide_columns(c->g, from - 1, to - 1);
}

static int start_row(struct cells *c, const struct xml_tag *t, struct err *e)
{
    struct str r = xml_attr(t, NULL, "r");
    size_t line = c->line + 1;
    c->col = SIZE_MAX;
    if (r.p && !parse_size(r, LIMIT_SHEET_ROWS, &line))
        return fault(c, "XLSX-010", "this is the number of no row", r, e);
    int rc = grid_row(c->g, line, truth(xml_attr(t, NULL, "hidden")), e);
    c->line = line;
    return rc;
}

static char type_of(struct str t)
{
    static const char *const words[] = {"n", "s", "b", "e", "d", "str", "inlineStr"};
    static const char letters[] = "nsbedSi";
    if (!t.p)
        return 'n';
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (str_is(t, words[i]))
            return letters[i];
    return '?';
}

static int start_cell(struct cells *c, const struct xml_tag *t, struct err *e)
{
    struct str ref = xml_attr(t, NULL, "r"), type = xml_attr(t, NULL, "t"),
               style = xml_attr(t, NULL, "s");
    size_t line = c->line, col = c->col == SIZE_MAX ? 0 : c->col + 1;
    if (ref.p && (!parse_ref(ref, &line, &col) || line != c->line))
        return fault(c, "XLSX-011", "this is no cell of the row", ref, e);
    c->col = col;
    c->type = type_of(type);
    c->style = 0;
    if (c->type == '?')
        return fault(c, "XLSX-012", "cells of this type are not known", type, e);
    if (style.p && (!parse_size(style, LIMIT_STYLES, &c->style) ||
                    (c->x->nformats && c->style >= c->x->nformats)))
        return fault(c, "XLSX-013", "the cell has a style that is not declared", style, e);
    c->style += style.p != NULL;
    c->has_value = c->has_formula = false;
    buf_reset(&c->value);
    buf_reset(&c->formula);
    rich_begin(&c->rich, &c->value);
    return 0;
}

static int on_start(void *to, struct xml *xml, const struct xml_tag *t, struct err *e)
{
    struct cells *c = to;
    (void)xml;
    if (!xlsx_own(t))
        return 0;
    if (t->name.n == 1 && c->in_data) {
        switch (t->name.p[0]) {
        case 'c':
            return start_cell(c, t, e);
        case 'v':
            c->in = IN_VALUE;
            c->has_value = true;
            return 0;
        case 'f':
            c->in = IN_FORMULA;
            c->has_formula = true;
            return 0;
        default:
            break;
        }
    }
    if (c->in == IN_RICH)
        rich_start(&c->rich, t);
    else if (str_is(t->name, "row") && c->in_data)
        return start_row(c, t, e);
    else if (str_is(t->name, "is"))
        c->in = IN_RICH;
    else if (str_is(t->name, "sheetData"))
        c->in_data = true;
    else if (str_is(t->name, "col"))
        start_columns(c, t);
    return 0;
}

static int on_text(void *to, struct xml *xml, struct str text, struct err *e)
{
    struct cells *c = to;
    (void)xml, (void)e;
    if (c->in == IN_VALUE)
        buf_str(&c->value, text);
    else if (c->in == IN_FORMULA)
        buf_str(&c->formula, text);
    else if (c->in == IN_RICH)
        rich_text(&c->rich, text);
    return 0;
}

/* --- cells --------------------------------------------------------------------------------------
 */

static int put_shared(struct cells *c, struct err *e)
{
    struct str s = read_trim(buf_view(&c->value), NULL);
    size_t i;
    int rc =
        parse_size(s, (size_t)1 << 40, &i) ? strings_get(c->x->strings, i, &c->scratch, &s, e) : 1;
    if (rc < 0)
        return rc;
    if (rc == 1)
        return fault(c, "XLSX-014", "there is no shared text of this number", s, e);
    if (s.p == c->scratch.p)
        return grid_cell(c->g, c->col, CELL_TEXT, s, e);
    return grid_cell_kept(c->g, c->col, CELL_TEXT, s, e);
}

static int put_number(struct cells *c, struct str s, struct err *e)
{
    const struct xlsx *x = c->x;
    const struct number_format *f =
        c->style && c->style <= x->nformats ? &x->formats[c->style - 1] : NULL;
    return grid_number(c->g, c->col, read_trim(s, NULL), f, x->epoch_1904, e);
}

/* A formula that nobody has calculated: its own text, which no number or code can be. */
static int put_formula(struct cells *c, struct err *e)
{
    buf_reset(&c->value);
    buf_char(&c->value, '=');
    buf_str(&c->value, buf_view(&c->formula));
    return grid_cell(c->g, c->col, CELL_FORMULA, buf_view(&c->value), e);
}

static int put_cell(struct cells *c, struct err *e)
{
    struct str s = buf_view(&c->value);
    int rc = buf_ok(&c->value, "a cell", e);
    if (rc < 0)
        return grid_place(c->g, c->line, c->col, e);
    if (c->has_formula && !s.n && !(c->type == 'S' && c->has_value))
        return put_formula(c, e);
    if (c->has_formula)
        grid_formula(c->g);
    switch (c->type) {
    case 's':
        return s.n ? put_shared(c, e) : 0;
    case 'b':
        s = truth(read_trim(s, NULL)) ? STR("TRUE") : s.n ? STR("FALSE") : s;
        return grid_cell(c->g, c->col, CELL_BOOL, s, e);
    case 'e':
        return grid_cell(c->g, c->col, CELL_ERROR, s, e);
    case 'd':
        return grid_cell(c->g, c->col, CELL_DATE, s, e);
    case 'n':
        return put_number(c, s, e);
    default:
        return grid_cell(c->g, c->col, CELL_TEXT, s, e);
    }
}

static int on_end(void *to, struct xml *xml, const struct xml_tag *t, struct err *e)
{
    struct cells *c = to;
    (void)xml;
    if (!xlsx_own(t))
        return 0;
    if (c->in == IN_RICH && !str_is(t->name, "is")) {
        rich_end(&c->rich, t);
        return 0;
    }
    if (c->in != IN_NOTHING) {
        c->in = IN_NOTHING;
        return 0;
    }
    if (!c->in_data)
        return 0;
    if (str_is(t->name, "c"))
        return put_cell(c, e);
    if (str_is(t->name, "row"))
        return grid_row_end(c->g, 1, e);
    if (str_is(t->name, "sheetData"))
        c->in_data = false;
    return 0;
}

/* --- merged ranges ------------------------------------------------------------------------------
 */

static int on_merge(void *to, struct xml *xml, const struct xml_tag *t, struct err *e)
{
    struct cells *c = to;
    size_t line, col, end[2];
    (void)xml;
    if (!xlsx_own(t) || !str_is(t->name, "mergeCell"))
        return 0;
    struct str ref = xml_attr(t, NULL, "ref");
    const char *colon = ref.n ? memchr(ref.p, ':', ref.n) : NULL;
    size_t n = colon ? (size_t)(colon - ref.p) : ref.n;
    if (!colon || !parse_ref((struct str){ref.p, n}, &line, &col) ||
        !parse_ref(str_cut(ref, n + 1), &end[0], &end[1]))
        return fault(c, "XLSX-016", "this is no range of cells", ref, e);
    return grid_merge(c->g, line, col, end, e);
}

static int read_part(struct cells *c, const char *part, const struct xml_handler *h, struct err *e)
{
    struct source *src = NULL;
    int rc = zip_part(&src, c->x->zip, part, e);
    if (rc >= 0)
        rc = xml_read(src, h, c, e);
    source_close(src);
    return rc;
}

int xlsx_cells(struct xlsx *x, const struct xlsx_sheet *sheet, struct err *e)
{
    static const struct xml_handler cells = {on_start, on_text, on_end};
    static const struct xml_handler merges = {.start = on_merge};
    struct cells c = {.x = x, .g = x->grid, .col = SIZE_MAX};
    buf_init(&c.value, LIMIT_ROW_BYTES);
    buf_init(&c.formula, LIMIT_ROW_BYTES);
    buf_init(&c.scratch, LIMIT_ROW_BYTES);
    int rc = grid_fills(x->grid) ? read_part(&c, sheet->part, &merges, e) : 0;
    if (rc >= 0)
        rc = read_part(&c, sheet->part, &cells, e);
    buf_free(&c.value);
    buf_free(&c.formula);
    buf_free(&c.scratch);
    return rc < 0 ? rc : 0;
}
