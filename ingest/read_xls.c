/* read_xls.c — an old Excel workbook (XLS, BIFF8: Excel 97 to 2003), held in memory because its
 * container scatters it: its size is bounded before. FreeXL was tried: it gives formulas without
 * their results and errors as numbers, so the format is read here. Its parts: xls.h, cfb.h. */
#include "xls.h"

#include "bounds.h"
#include "cfb.h"
#include "io.h"
#include "mem.h"
#include "serial.h"

#define SHEETS_MAX 1024
#define FORMATS_MAX 4096

static int add_sheet(struct xls *x, const struct xls_record *r, struct err *e)
{
    struct buf b;
    if (r->body.n < 8 || x->nsheets == SHEETS_MAX)
        return xls_broken(x, "a sheet's name is cut short, or there are too many", e);
    struct xls_bytes s = {x, str_cut(r->body, 6), r->next};
    buf_init(&b, 4096);
    int rc = xls_text(&s, false, &b, e);
    x->sheets[x->nsheets++] =
        (struct xls_sheet){arena_text(&x->arena, buf_view(&b)), xls_u32(r->body.p),
                           r->body.p[4] != 0, r->body.p[5] == 0};
    buf_free(&b);
    return rc;
}

static int add_format(struct xls *x, const struct xls_record *r, struct err *e)
{
    struct buf b;
    if (r->body.n < 5 || x->ncustom == FORMATS_MAX)
        return 0;
    struct xls_bytes s = {x, str_cut(r->body, 2), r->next};
    buf_init(&b, LIMIT_ROW_BYTES);
    int rc = xls_text(&s, true, &b, e);
    if (rc >= 0)
        x->custom[x->ncustom++] =
            (struct xls_format){xls_u16(r->body.p), format_of_code(buf_view(&b))};
    buf_free(&b);
    return rc;
}

static struct number_format format_of(const struct xls *x, unsigned id)
{
    for (size_t i = 0; i < x->ncustom; i++)
        if (x->custom[i].id == id)
            return x->custom[i].format;
    return format_of_id(id < 164 ? id : 0);
}

static int password(const struct xls *x, struct err *e)
{
    err_set(e, RC_DATA, "XLS-009", "the workbook has a password");
    err_hint(e, "Ask the sender for one without.");
    return grid_place(x->g, 0, 0, e);
}

static int on_record(struct xls *x, const struct xls_record *r, struct err *e)
{
    struct str b = r->body;
    switch (r->type) {
    case XLS_FILEPASS:
        return password(x, e);
    case XLS_DATEMODE:
        x->epoch_1904 = b.n >= 2 && xls_u16(b.p) == 1;
        return 0;
    case XLS_FONT:
        if (x->nfonts < FORMATS_MAX)
            x->super[x->nfonts++] = b.n >= 10 && xls_u16(b.p + 8) == 1;
        return 0;
    case XLS_FORMAT:
        return add_format(x, r, e);
    case XLS_XF:
        if (x->nformats < LIMIT_STYLES)
            x->formats[x->nformats++] = format_of(x, b.n >= 4 ? xls_u16(b.p + 2) : 0);
        return 0;
    case XLS_BOUNDSHEET:
        return add_sheet(x, r, e);
    case XLS_SST:
        return x->strings ? xls_broken(x, "it holds its shared texts twice", e)
                          : xls_strings(x, r, e);
    default:
        return 0;
    }
}

static int read_globals(struct xls *x, struct err *e)
{
    struct xls_record r;
    size_t at = 0;
    int rc = xls_record(x, at, &r, e);
    if (rc <= 0 || r.type != XLS_BOF || r.body.n < 4)
        return rc < 0 ? rc : xls_broken(x, "it does not begin as one", e);
    if (xls_u16(r.body.p) != 0x0600) {
        err_set(e, RC_DATA, "XLS-010", "the workbook is of Excel 95 or older");
        err_hint(e, "Open it in an office program and save it as XLSX.");
        return grid_place(x->g, 0, 0, e);
    }
    x->sheets = arena_array(&x->arena, SHEETS_MAX, sizeof *x->sheets);
    x->super = arena_array(&x->arena, FORMATS_MAX, sizeof *x->super);
    x->custom = arena_array(&x->arena, FORMATS_MAX, sizeof *x->custom);
    x->formats = arena_array(&x->arena, LIMIT_STYLES, sizeof *x->formats);
    for (rc = 0, at = r.next; rc >= 0; at = r.next) {
        rc = xls_record(x, at, &r, e);
        if (rc <= 0)
            return rc < 0 ? rc : xls_broken(x, "its first part has no end", e);
        if (r.type == XLS_EOF)
            return 0;
        rc = on_record(x, &r, e);
    }
    return rc;
}

static int read_sheets(struct xls *x, struct err *e)
{
    for (size_t i = 0; i < x->nsheets; i++) {
        const struct grid_sheet sheet = {x->sheets[i].name, i + 1, x->sheets[i].hidden};
        if (!x->sheets[i].cells)
            continue;
        int rc = grid_sheet(x->g, &sheet, e);
        if (rc > 0)
            rc = xls_cells(x, &x->sheets[i], e) < 0 ? -RC_DATA : grid_sheet_end(x->g, e);
        if (rc < 0)
            return rc;
    }
    return 0;
}

static int read_xls(const char *path, struct grid *g, struct err *e)
{
    static const char *const names[] = {"Workbook", "Book", NULL};
    struct xls x = {.g = g};
    char *file CLEANUP(mem_freep) = NULL, *stream CLEANUP(mem_freep) = NULL;
    size_t nfile = 0, nstream = 0;
    int rc = file_slurp(path, LIMIT_XLS_BYTES, &file, &nfile, e);
    if (rc >= 0)
        rc = cfb_stream((struct str){file, nfile}, names, &stream, &nstream, e);
    if (rc == 0) {
        err_set(e, RC_DATA, "XLS-011", "the file holds no Excel workbook");
        err_hint(e, "An XLSX with a password looks so, too: ask the sender for one without.");
        rc = -RC_DATA;
    }
    if (rc < 0)
        return grid_place(g, 0, 0, e);
    x.stream = (struct str){stream, nstream};
    rc = read_globals(&x, e);
    if (rc >= 0)
        rc = read_sheets(&x, e);
    arena_free(&x.arena);
    return rc;
}

const struct book book_xls = {"xls", read_xls};
