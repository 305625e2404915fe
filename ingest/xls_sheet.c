/* xls_sheet.c — the cells of one sheet of an old Excel workbook. Numbers stand in binary here, and
 * nowhere else in this product: each is written at once as the shortest decimal that means the same
 * number, which is what Excel writes when it saves the file as XLSX. */
#include "xls.h"

#include "binary64.h"
#include "bounds.h"
#include "mem.h"
#include "num.h"

#define XLS_ROWS 65536

struct sheet {
    struct xls *x;
    struct grid *g;
    size_t line;  /* 1-based; 0: no row is open */
    bool *hidden; /* by row */
    bool pending; /* a formula whose text is in a record that follows */
    size_t pending_line, pending_col;
    struct buf text;
};

/* --- numbers ------------------------------------------------------------------------------------
 */

static struct str binary_at(const char *p, char ret[BINARY64_TEXT_MAX])
{
    uint64_t bits = (uint64_t)xls_u32(p) | (uint64_t)xls_u32(p + 4) << 32;
    return (struct str){ret, binary64_text(bits, false, ret)};
}

/* 30 bits of a number, or of a whole one; either may be meant in hundredths. */
static struct str short_number(uint32_t rk, char ret[BINARY64_TEXT_MAX])
{
    bool hundredths = rk & 1;
    if (!(rk & 2))
        return (struct str){ret, binary64_text((uint64_t)(rk & ~3u) << 32, hundredths, ret)};
    char digits[NUM_TEXT_MAX];
    struct num v = {(int32_t)rk >> 2, 0};
    if (hundredths) /* no zeros behind the point that nobody wrote */
        for (v.scale = 2; v.scale && v.m % 10 == 0; v.scale--)
            v.m /= 10;
    size_t n = num_text(v, digits);
    memcpy(ret, digits, n);
    return (struct str){ret, n};
}

static int fault(struct sheet *s, const char *id, const char *what, size_t col, struct err *e)
{
    err_set(e, RC_DATA, id, "%s", what);
    err_hint(e, "The workbook is damaged: open it in an office program and save it as XLSX.");
    return grid_place(s->g, s->line ? s->line : 1, col, e);
}

static int put_number(struct sheet *s, size_t col, unsigned style, struct str text, struct err *e)
{
    const struct xls *x = s->x;
    const struct number_format *f = style < x->nformats ? &x->formats[style] : NULL;
    return grid_number(s->g, col, text, f, x->epoch_1904, e);
}

static int put_error(struct sheet *s, size_t col, unsigned char code, struct err *e)
{
    static const struct {
        unsigned char code;
        const char *name;
    } errors[] = {{0, "#NULL!"},  {7, "#DIV/0!"}, {15, "#VALUE!"}, {23, "#REF!"},
                  {29, "#NAME?"}, {36, "#NUM!"},  {42, "#N/A"}};
    const char *name = "#ERROR!";
    for (size_t i = 0; i < ARRAY_LEN(errors); i++)
        if (errors[i].code == code)
            name = errors[i].name;
    return grid_cell(s->g, col, CELL_ERROR, str_of(name), e);
}

static int put_truth(struct sheet *s, size_t col, char v, struct err *e)
{
    return grid_cell(s->g, col, CELL_BOOL, v ? STR("TRUE") : STR("FALSE"), e);
}

/* --- rows and cells -----------------------------------------------------------------------------
 */

/* The row of a cell is open. */
static int to_row(struct sheet *s, size_t row, struct err *e)
{
    int rc = 0;
    if (s->pending) {
        s->pending = false;
        return fault(s, "XLS-003", "the text of a formula is missing", s->pending_col, e);
    }
    if (s->line == row + 1)
        return 0;
    if (s->line)
        rc = grid_row_end(s->g, 1, e);
    if (rc == 0)
        rc = grid_row(s->g, row + 1, s->hidden[row], e);
    s->line = row + 1;
    return rc;
}

static int put_formula(struct sheet *s, size_t col, struct str body, struct err *e)
{
    char text[BINARY64_TEXT_MAX];
    const char *p = body.p + 6;
    if (body.n < 14)
        return fault(s, "XLS-004", "a formula is cut short", col, e);
    grid_formula(s->g);
    if (xls_u16(p + 6) != 0xffff)
        return put_number(s, col, xls_u16(body.p + 4), binary_at(p, text), e);
    switch (p[0]) {
    case 0:
        s->pending = true;
        s->pending_line = s->line;
        s->pending_col = col;
        return 0;
    case 1:
        return put_truth(s, col, p[2], e);
    case 2:
        return put_error(s, col, (unsigned char)p[2], e);
    default:
        return 0; /* an empty text */
    }
}

static int put_string(struct sheet *s, const struct xls_record *r, size_t col, size_t skip,
                      struct err *e)
{
    struct xls_bytes b = {s->x, str_cut(r->body, skip), r->next};
    buf_reset(&s->text);
    int rc = xls_text(&b, true, &s->text, e);
    return rc < 0 ? rc : grid_cell(s->g, col, CELL_TEXT, buf_view(&s->text), e);
}

static int put_shared(struct sheet *s, size_t col, struct str body, struct err *e)
{
    uint32_t i = body.n >= 10 ? xls_u32(body.p + 6) : UINT32_MAX;
    if (i >= s->x->nstrings)
        return fault(s, "XLS-005", "there is no shared text of this number", col, e);
    return grid_cell_kept(s->g, col, CELL_TEXT, s->x->strings[i], e);
}

static int put_many(struct sheet *s, size_t col, struct str body, struct err *e)
{
    int rc = 0;
    char text[BINARY64_TEXT_MAX];
    for (size_t at = 4; at + 6 + 2 <= body.n && rc >= 0; at += 6)
        rc = put_number(s, col++, xls_u16(body.p + at),
                        short_number(xls_u32(body.p + at + 2), text), e);
    return rc;
}

static int put_cell(struct sheet *s, const struct xls_record *r, struct err *e)
{
    char text[BINARY64_TEXT_MAX];
    struct str b = r->body;
    size_t col = xls_u16(b.p + 2);
    unsigned style = b.n >= 6 ? xls_u16(b.p + 4) : 0;
    static const unsigned char least[] = {14, 10, 8};
    size_t need = r->type == XLS_NUMBER ? least[0] : r->type == XLS_RK ? least[1] : least[2];
    if (b.n < need)
        return fault(s, "XLS-006", "a cell is cut short", col, e);
    switch (r->type) {
    case XLS_NUMBER:
        return put_number(s, col, style, binary_at(b.p + 6, text), e);
    case XLS_RK:
        return put_number(s, col, style, short_number(xls_u32(b.p + 6), text), e);
    case XLS_MULRK:
        return put_many(s, col, b, e);
    case XLS_LABELSST:
        return put_shared(s, col, b, e);
    case XLS_BOOLERR:
        return b.p[7] ? put_error(s, col, (unsigned char)b.p[6], e) : put_truth(s, col, b.p[6], e);
    case XLS_FORMULA:
        return put_formula(s, col, b, e);
    default:
        return put_string(s, r, col, 6, e);
    }
}

static int on_record(struct sheet *s, const struct xls_record *r, struct err *e)
{
    switch (r->type) {
    case XLS_NUMBER:
    case XLS_RK:
    case XLS_MULRK:
    case XLS_LABELSST:
    case XLS_LABEL:
    case XLS_RSTRING:
    case XLS_BOOLERR:
    case XLS_FORMULA: {
        if (r->body.n < 6)
            return fault(s, "XLS-007", "a cell is cut short", SIZE_MAX, e);
        int rc = to_row(s, xls_u16(r->body.p), e);
        return rc ? rc : put_cell(s, r, e);
    }
    case XLS_STRING:
        if (!s->pending)
            return 0;
        s->pending = false;
        return put_string(s, r, s->pending_col, 0, e);
    default:
        return 0;
    }
}

/* What is said beside the cells: hidden rows and columns, merged ranges. */
static int look_ahead(struct sheet *s, const struct xls_record *r, struct err *e)
{
    struct str b = r->body;
    int rc = 0;
    if (r->type == XLS_ROW && b.n >= 14 && xls_u16(b.p + 12) & 0x20)
        s->hidden[xls_u16(b.p)] = true;
    else if (r->type == XLS_COLINFO && b.n >= 10 && xls_u16(b.p + 8) & 1)
        grid_hide_columns(s->g, xls_u16(b.p), xls_u16(b.p + 2));
    else if (r->type == XLS_MERGECELLS)
        for (size_t at = 2; at + 8 <= b.n && rc >= 0; at += 8) {
            const size_t end[2] = {xls_u16(b.p + at + 2) + 1u, xls_u16(b.p + at + 6)};
            rc = grid_merge(s->g, xls_u16(b.p + at) + 1u, xls_u16(b.p + at + 4), end, e);
        }
    return rc;
}

/* All records of the sheet, but not of what is embedded in it. */
static int walk(struct sheet *s, size_t at,
                int (*fn)(struct sheet *, const struct xls_record *, struct err *), struct err *e)
{
    struct xls_record r;
    size_t depth = 0;
    int rc;
    while ((rc = xls_record(s->x, at, &r, e)) > 0) {
        at = r.next;
        if (r.type == XLS_BOF)
            depth++;
        else if (r.type == XLS_EOF && depth-- <= 1)
            return 0;
        else if (depth == 1 && (rc = fn(s, &r, e)) != 0)
            return rc < 0 ? rc : 0;
    }
    return rc < 0 ? rc : xls_broken(s->x, "a sheet has no end", e);
}

int xls_cells(struct xls *x, const struct xls_sheet *sheet, struct err *e)
{
    struct sheet s = {.x = x, .g = x->g};
    s.hidden = mem_array(XLS_ROWS, sizeof *s.hidden);
    buf_init(&s.text, LIMIT_ROW_BYTES);
    int rc = walk(&s, sheet->at, look_ahead, e);
    if (rc >= 0)
        rc = walk(&s, sheet->at, on_record, e);
    if (rc >= 0 && s.pending)
        rc = fault(&s, "XLS-008", "the text of the last formula is missing", s.pending_col, e);
    if (rc >= 0 && s.line)
        rc = grid_row_end(s.g, 1, e);
    mem_free(s.hidden);
    buf_free(&s.text);
    return rc < 0 ? rc : 0;
}
