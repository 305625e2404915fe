/* xls.h — the parts of an old Excel workbook ([MS-XLS], BIFF8): records and texts (xls_text.c), the
 * workbook's own records and its sheets (read_xls.c), cells (xls_sheet.c). */
#ifndef RTA_XLS_H
#define RTA_XLS_H

#include "arena.h"
#include "grid.h"

enum xls_record_type {
    XLS_FORMULA = 0x0006,
    XLS_EOF = 0x000a,
    XLS_DATEMODE = 0x0022,
    XLS_FILEPASS = 0x002f,
    XLS_FONT = 0x0031,
    XLS_CONTINUE = 0x003c,
    XLS_COLINFO = 0x007d,
    XLS_BOUNDSHEET = 0x0085,
    XLS_MULRK = 0x00bd,
    XLS_RSTRING = 0x00d6,
    XLS_XF = 0x00e0,
    XLS_MERGECELLS = 0x00e5,
    XLS_SST = 0x00fc,
    XLS_LABELSST = 0x00fd,
    XLS_NUMBER = 0x0203,
    XLS_LABEL = 0x0204,
    XLS_BOOLERR = 0x0205,
    XLS_STRING = 0x0207,
    XLS_ROW = 0x0208,
    XLS_RK = 0x027e,
    XLS_FORMAT = 0x041e,
    XLS_BOF = 0x0809
};

struct xls_sheet {
    const char *name;
    size_t at; /* of its first record */
    bool hidden, cells;
};

struct xls_format {
    unsigned id;
    struct number_format format;
};

struct xls {
    struct grid *g;
    struct str stream;
    struct arena arena;
    struct xls_sheet *sheets;
    size_t nsheets;
    bool epoch_1904;
    bool *super; /* by font */
    size_t nfonts;
    struct number_format *formats; /* by cell format */
    size_t nformats;
    struct xls_format *custom; /* those that the workbook declares */
    size_t ncustom;
    struct str *strings;
    size_t nstrings;
};

struct xls_record {
    unsigned type;
    struct str body;
    size_t next; /* where the one after it begins */
};

static inline unsigned xls_u16(const char *p)
{
    return (unsigned)(unsigned char)p[0] | (unsigned)(unsigned char)p[1] << 8;
}
static inline uint32_t xls_u32(const char *p)
{
    return xls_u16(p) | (uint32_t)xls_u16(p + 2) << 16;
}

/* RC_DATA [XLS-001] with the file as place. */
int xls_broken(const struct xls *x, const char *what, struct err *e);
/* 1, 0 at the end of the stream, -RC_DATA when a record is longer than it. */
MUST_CHECK int xls_record(const struct xls *x, size_t at, struct xls_record *ret, struct err *e);

/* Bytes that run on through CONTINUE records. */
struct xls_bytes {
    const struct xls *x;
    struct str left;
    size_t next; /* record after the current one */
};
/* A text with its length in 16 bits (wide false: in 8), its runs and hints; into b, in UTF-8. */
MUST_CHECK int xls_text(struct xls_bytes *s, bool wide, struct buf *b, struct err *e);
MUST_CHECK int xls_strings(struct xls *x, const struct xls_record *sst, struct err *e);

/* xls_sheet.c */
MUST_CHECK int xls_cells(struct xls *x, const struct xls_sheet *sheet, struct err *e);

#endif
