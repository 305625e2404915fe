/* xlsx.h — the parts of an XLSX workbook, for read_xlsx.c and its helpers: xlsx_parts.c (relations,
 * workbook, styles), xlsx_strings.c (shared strings), xlsx_sheet.c (cells). Office Open XML,
 * ECMA-376 part 1, transitional and strict alike. */
#ifndef RTA_XLSX_H
#define RTA_XLSX_H

#include "arena.h"
#include "grid.h"
#include "xml.h"
#include "zip.h"

struct xlsx_sheet {
    const char *name, *id, *part; /* part NULL: not a sheet of cells (a chart) */
    bool hidden;
};

struct strings; /* shared strings */

struct xlsx {
    struct zip *zip;
    struct grid *grid;
    struct arena arena;
    struct xlsx_sheet *sheets;
    size_t nsheets;
    const char *strings_part, *styles_part; /* NULL: none */
    bool epoch_1904;
    struct number_format *formats; /* by cell style */
    size_t nformats;
    struct strings *strings;
};

/* Is the tag the spreadsheet's own: transitional or strict? */
bool xlsx_own(const struct xml_tag *t);

/* xlsx_parts.c: the workbook: its sheets, epoch, styles. Takes the archive as it is open. */
MUST_CHECK int xlsx_workbook(struct xlsx *x, struct err *e);
MUST_CHECK int xlsx_styles(struct xlsx *x, struct err *e);

/* xlsx_strings.c: LIMIT_STRINGS_MEMORY in memory, the rest in a temporary file. */
MUST_CHECK int strings_load(struct xlsx *x, struct err *e);
/* The i-th; in `scratch` when it was on disk, else lives as long as the workbook. 1: it is not
 * there. */
MUST_CHECK int strings_get(struct strings *s, uint64_t i, struct buf *scratch, struct str *ret,
                           struct err *e);
void strings_free(struct strings *s);

/* A text of several runs (<si>, <is>): superscript digits become ¹²³, so that 125 with a footnote
 * is never 1251; phonetic hints and phonetic runs are left out. */
struct rich {
    struct buf *text;
    bool in_t, phonetic, super;
};
void rich_begin(struct rich *r, struct buf *text);
void rich_start(struct rich *r, const struct xml_tag *t);
void rich_text(struct rich *r, struct str s);
void rich_end(struct rich *r, const struct xml_tag *t);

/* xlsx_sheet.c */
MUST_CHECK int xlsx_cells(struct xlsx *x, const struct xlsx_sheet *sheet, struct err *e);

#endif
