/* mapping.h — the plan of `rta map`: a map of config/maps with its tables, bound to the columns of
 * a stream. docs/contracts/maps.md. */
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

struct cite_words; /* map_cite.h */

enum rule_kind { RULE_VALUE, RULE_SAME, RULE_TABLE };

struct rule {
    enum rule_kind kind;
    struct str value;          /* RULE_VALUE */
    size_t from[MAP_FROM_MAX]; /* source dimensions, indices into plan->columns */
    size_t nfrom;
    struct table *table;
    struct str part; /* what parts a paragraph from its article; empty: nothing does */
    const char *law; /* its articles may be cited as people do; NULL: not */
    const struct cite_words *words;
    struct column joined; /* texts as looked up, when nfrom > 1 or with a law */
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

#endif
