/* profile_draft.h — the parts of `rta profile draft`: rows of whatever file it is (draft_rows.c),
 * what its columns hold (draft_look.c), the draft with its evidence (draft_write.c). A draft
 * decides nothing: every doubt becomes a question to a person. All memory is the draft's arena. */
#ifndef RTA_PROFILE_DRAFT_H
#define RTA_PROFILE_DRAFT_H

#include "arena.h"
#include "map.h"
#include "read_table.h"

#define DRAFT_ROWS 60     /* looked at for the header */
#define DRAFT_COLUMNS 256 /* looked at */
#define DRAFT_TEXTS 40    /* distinct texts kept of a column */
#define DRAFT_SHEETS 40   /* named */

/* How texts of a column are written; counts of cells. */
enum draft_form {
    FORM_WHOLE,       /* 123 */
    FORM_POINT,       /* 12.5, 1234.567 */
    FORM_COMMA,       /* 12,5 */
    FORM_POINT_THREE, /* 6.523: thousands or decimals? */
    FORM_COMMA_THREE, /* 6,523 */
    FORM_POINT_BOTH,  /* 1.234,5 or 1.234.567: the point parts thousands */
    FORM_COMMA_BOTH,  /* 1,234.5 or 1,234,567 */
    FORM_BLANK,       /* 1 234 */
    FORM_CELL,        /* a number cell of a sheet */
    FORM_N
};

struct draft_text {
    struct str text;
    uint64_t n;
};

struct draft_column {
    struct str head;
    uint64_t filled, blank, numbers, periods, dates, forms[FORM_N], signs;
    struct map *texts; /* what is no number: text → number of it in list */
    struct draft_text list[DRAFT_TEXTS];
    size_t nlist;
    uint64_t more;   /* texts past the list */
    struct str sign; /* that stood beside numbers: € */
    struct map *distinct;
};

struct draft_row {
    struct str *cell;
    unsigned char *kind;
    size_t n, line;
};

struct draft_sheet {
    const char *name;
    bool hidden;
    uint64_t rows; /* filled */
};

struct draft {
    struct arena arena;
    const char *path, *name, *want; /* want: the sheet that is looked at */
    int format;                     /* enum read_format */
    const char *encoding, *why;     /* why: what says so */
    bool sure;                      /* of the encoding */
    const char *other;              /* that it could be as well */
    struct str sample;              /* a word with a doubtful byte, raw */
    char delimiter;
    struct draft_sheet sheets[DRAFT_SHEETS];
    size_t nsheets, sheet; /* sheet: the one looked at, from 0 */
    struct draft_row rows[DRAFT_ROWS];
    size_t nrows;
    size_t skip, heads, width; /* rows before the header, of the header; columns */
    size_t head_line;          /* of the last header row */
    struct draft_column *columns;
    uint64_t data_rows, hidden_cells;
    bool wide;
    size_t from; /* first column of values, from 0, when wide */
};

/* What kind of file it is; the encoding and delimiter of a text. RC_DATA when there is no draft of
 * such a file. */
MUST_CHECK int draft_kind(struct draft *d, struct err *e);
/* Every row of the file (of the sheet that is looked at), once. fn: 0 go on, 1 enough. */
typedef int (*draft_fn)(struct draft *d, const struct table_row *row, struct err *e);
MUST_CHECK int draft_rows(struct draft *d, draft_fn fn, struct err *e);

/* The first rows are there: where the header is. Then every row again: what the columns hold. */
void draft_find_header(struct draft *d);
void draft_count_row(struct draft *d, const struct table_row *row);
/* Could the text be a period as it stands? */
bool draft_period(struct str s);
/* How the text writes a number; FORM_N: not at all. */
enum draft_form draft_form(struct str s);
/* What a column is taken for. */
bool draft_is_value(const struct draft_column *c);
bool draft_is_period(const struct draft_column *c);

void draft_write(const struct draft *d, struct out *out);

#endif
