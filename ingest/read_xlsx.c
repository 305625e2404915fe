/* read_xlsx.c — a workbook of Office Open XML (XLSX, XLSM): which sheets it has, and their cells
 * one after another. Its parts: xlsx.h. */
#include "xlsx.h"

#include "bounds.h"

static int read_sheets(struct xlsx *x, struct err *e)
{
    for (size_t i = 0; i < x->nsheets; i++) {
        const struct xlsx_sheet *s = &x->sheets[i];
        const struct grid_sheet sheet = {s->name, i + 1, s->hidden};
        if (!s->part)
            continue;
        int rc = grid_sheet(x->grid, &sheet, e);
        if (rc > 0 && !x->strings)
            rc = (rc = strings_load(x, e)) < 0 ? rc : 1;
        if (rc > 0)
            rc = (rc = xlsx_cells(x, s, e)) < 0 ? rc : grid_sheet_end(x->grid, e);
        if (rc < 0)
            return rc;
    }
    return 0;
}

static int read_xlsx(const char *path, struct grid *g, struct err *e)
{
    struct xlsx x = {.grid = g};
    int rc = zip_open(&x.zip, path, grid_name(g), e);
    if (rc >= 0)
        rc = xlsx_workbook(&x, e);
    if (rc >= 0)
        rc = xlsx_styles(&x, e);
    if (rc >= 0)
        rc = read_sheets(&x, e);
    strings_free(x.strings);
    zip_closep(&x.zip);
    arena_free(&x.arena);
    return rc;
}

const struct book book_xlsx = {"xlsx", read_xlsx};
