/* mapping.h — what the parts of `rta map` share: the plan (a map of config/maps with its tables),
 * the buffer of rows that may be summed, the book of what could not be mapped, the tally of where
 * every source's total went. docs/contracts/maps.md. */
#ifndef RTA_MAPPING_H
#define RTA_MAPPING_H

#include "column.h"
#include "bounds.h"
#include "mem.h"
#include "num.h"
#include "sdmx.h"
#include "stage.h"
#include "structure.h"

#define MAP_FROM_MAX 4   /* dimensions joined to one source code */
#define MAP_SPLIT_MAX 64 /* targets of one source code in one period */

/* One line of a table: a source code, where it goes, and from when to when. */
struct entry {
    struct str source, label, target, note;
    struct num weight;
    bool whole;  /* the weight is 1 */
    bool aside;  /* set aside on purpose: no target, grade '-' */
    bool shared; /* another source has the same target at the same time */
    bool reviewed;
    char grade;
    int32_t from, to; /* days; both belong to it */
    size_t line;
};

/* All lines of one source code: table->entries[first … first + n - 1]. */
struct origin {
    size_t first, n;
    bool always; /* one line, of all times */
};

struct table {
    const char *name, *path;
    struct entry *entries; /* by source, in order of first appearance; arena of conf */
    size_t n;
    struct origin *origins;
    size_t norigins;
    struct map *index; /* matched text → origin; owned */
    bool fold;
};

enum rule_kind { RULE_VALUE, RULE_SAME, RULE_TABLE };

struct rule {
    enum rule_kind kind;
    struct str value;          /* RULE_VALUE */
    size_t from[MAP_FROM_MAX]; /* source dimensions, indices into plan->columns */
    size_t nfrom;
    struct table *table;
    struct str part;      /* what parts a paragraph from its article; empty: nothing does */
    struct column joined; /* texts as looked up, when nfrom > 1 */
    int32_t *origin;      /* by number of the text: origin, -1 not there, -2 not asked yet */
    size_t norigin;
};

struct condition { /* rows with other codes are set aside */
    size_t column;
    const char *const *codes;
    size_t n;
};

struct plan {
    const char *name, *from;
    const struct structure *to;
    struct column *columns; /* the sender's dimensions; owned */
    size_t ncolumns;
    size_t time;                           /* the one that holds the period */
    struct rule rules[STRUCTURE_DIMS_MAX]; /* by dimension of `to` */
    struct condition *where;
    size_t nwhere;
    bool *identical; /* by column: its code stands in the row as it is, so SRC_KEY leaves it out */
    bool open;       /* rows of different source codes can fall on one target through the rules */
};

/* Load the map for a stream: `name`, or the one whose `from` is `structure_id`. */
MUST_CHECK int plan_load(struct plan *p, struct conf *c, const char *name, struct str structure_id,
                         const struct sdmx_reader *in, struct err *e);
void plan_free(struct plan *p);
/* map_table.c: read and prove a table: targets are codes of the list, weights sum to 1 at any time,
 * no two lines contradict each other. The table lives in the arena of conf, its index is owned by
 * the plan (table_free). */
MUST_CHECK int table_load(struct table **ret, struct conf *c, const char *name, bool fold,
                          const struct dimension *dim, struct err *e);
void table_free(struct table *t);
/* The origin of a text, or -1. */
int32_t table_find(const struct table *t, struct str text);

/* The periods seen, by number in their column. */
struct span {
    int32_t first, last; /* days */
    bool good, known;
    char text[24]; /* the standard spelling, when good */
    size_t n;
};

/* map_lost.c: every reason a row was refused for, once, with its count and first place. */
enum lost_kind {
    LOST_UNMAPPED,
    LOST_PERIOD,   /* the code is known, but in no period that holds the row's */
    LOST_STRADDLE, /* the row's period is partly in one validity, partly in another */
    LOST_TIME,     /* the period cannot be read and the mapping depends on it */
    LOST_TWICE,    /* an article's total and its paragraphs in one delivery */
    LOST_FOREIGN,  /* a row of another structure */
    LOST_VALUE     /* a value that is to be split is no number */
};
struct lost;
struct lost *lost_new(void);
void lost_free(struct lost *l);
void lost_add(struct lost *l, enum lost_kind kind, size_t rule, struct str code, struct str period,
              struct str place);
size_t lost_count(const struct lost *l);
void lost_tell(struct lost *l, const struct plan *p, struct stage *st);
/* A table's lines for every unmapped code, to be completed by a person. */
MUST_CHECK int lost_stubs(const struct lost *l, const struct plan *p, const char *path,
                          struct err *e);

/* One result of a row. Views live until the next row. */
struct result {
    const struct str *cells; /* by column of the output */
    struct str identity;     /* the source codes, folded: who the part is */
    struct str original;     /* the value's text in the file */
};

/* map_merge.c: rows held back because others may fall on the same target. */
struct merge;
struct merge *merge_new(const struct plan *p);
void merge_free(struct merge *m);
/* True when the row was added to one that is there already. */
bool merge_add(struct merge *m, const struct result *r);
/* Write all in order of first appearance; tells of sums that could not be made. */
MUST_CHECK int merge_write(struct merge *m, struct sdmx_writer *w, struct stage *st, struct err *e);

/* map_tally.c: --report. */
struct tally;
struct tally *tally_new(void);
void tally_free(struct tally *t);
/* Take part of a row's value: by table line, or NULL with a word for where it went instead. */
MUST_CHECK int tally_add(struct tally *t, const char *dim, struct str source,
                         const struct entry *entry, const char *instead, struct str unit,
                         struct str value, struct err *e);
/* Write it; a total that does not close is our bug. */
MUST_CHECK int tally_write(const struct tally *t, const char *path, struct err *e);

/* Columns of the output: STRUCTURE STRUCTURE_ID ACTION, dimensions, then these. */
enum out_column {
    OUT_VALUE,
    OUT_STATUS,
    OUT_CONF,
    OUT_COMMENT,
    OUT_NATURE,
    OUT_SENDER,
    OUT_SRC,
    OUT_SRC_KEY,
    OUT_SRC_VALUE,
    OUT_GRADE,
    OUT_REVIEWED,
    OUT_N
};
extern const char *const out_columns[OUT_N];
#define OUT_DIMS 3 /* where the dimensions begin */

/* map_row.c: one row of the sender to the rows of ours. */
struct mapper {
    struct plan plan;
    struct lost *lost;
    struct merge *merge;
    struct tally *tally; /* NULL: nobody asked */
    struct sdmx_writer *out;
    struct totals *totals;
    struct row_state *state; /* private */
};
void mapper_start(struct mapper *m, const struct sdmx_reader *in);
MUST_CHECK int mapper_row(struct mapper *m, const struct sdmx_reader *in,
                          const struct sdmx_row *row, struct err *e);
void mapper_end(struct mapper *m);

/* OBS_STATUS cells as sets of letters. */
uint32_t status_set(struct str cell);
/* "B;P" into ret (at least 54 bytes); returns its length. */
size_t status_text(uint32_t set, char ret[64]);
#define STATUS_BIT(c) (1u << ((c) - 'A'))

#endif
