/* derive.h — what the parts of rta derive share: the indicators of one structure (derive_plan.c),
 * the figures and populations they are computed from (derive_data.c, derive_people.c), what one
 * area or several give to one result (derive_collect.c), the arithmetic (derive_value.c) and the
 * rows (derive_emit.c). docs/contracts/indicators.md says what each kind means. */
#ifndef RTA_DERIVE_H
#define RTA_DERIVE_H

#include "derive_plan.h"
#include "map.h"
#include "num.h"
#include "region.h"
#include "sdmx.h"
#include "stage.h"

enum reason {
    REASON_NONE,
    REASON_SUPPRESSED,
    REASON_INPUT,
    REASON_POPULATION,
    REASON_AREAS,
    REASON_BREAK,
    REASON_ZERO,
    REASON_SMALL
};
const char *reason_word(enum reason r);

struct cell {
    struct num value;
    bool given, suppressed, illustrative;
    char status, conf, grade, reviewed; /* 0: none; status and conf the worst ones */
    uint8_t sender;
    const char *comment; /* NULL: none */
};

/* Figures that differ only in area and time. */
struct group {
    struct str codes[STRUCTURE_DIMS_MAX]; /* by dimension; empty for area, unit, time */
    enum freq freq;
    size_t by_freq[5];     /* the groups of the frequencies of year_order; SIZE_MAX: none */
    size_t *cells, n, cap; /* in order of the stream */
};

struct cell_key {
    uint32_t group, area;
    int32_t code; /* period_code */
};

struct people; /* derive_people.c */
struct trace;  /* derive_trace.c */

#define SENDERS_MAX 64
struct data {
    const struct structure *s;
    const struct region *region;
    const struct plan *plan;
    const struct people *people; /* NULL: no populations were given */
    struct trace *trace;         /* NULL: nobody asked what went into the results */
    struct arena arena;
    struct map *groups, *areas, *senders, *index;
    struct group *group;
    size_t ngroups, group_cap;
    struct cell *cell;
    struct cell_key *key; /* of the cells */
    size_t ncells, cell_cap;
};

void data_init(struct data *d, const struct structure *s);
void data_free(struct data *d);
/* The stream's rows; other units are put aside (totals). RC_DATA: not a number, not a period, a
 * repeated figure, another structure. */
MUST_CHECK int data_row(struct data *d, const struct sdmx_reader *in, const struct sdmx_row *row,
                        struct totals *t, struct err *e);
extern const char year_order[]; /* "AQMST": where a year's figure is looked for, in this order */
/* After the last row. */
void data_finish(struct data *d);
/* NULL when the stream had no such figure. */
const struct cell *data_cell(const struct data *d, size_t group, size_t area, struct period p);
/* The group that differs in one code; SIZE_MAX when there is none. */
size_t data_sibling(const struct data *d, size_t group, int dim, struct str code);
/* SIZE_MAX for an area without figures. */
size_t data_area(const struct data *d, const char *code);
/* The worse of two status letters, of two confidentiality letters; the lists are in the contract.
 */
char worse_status(char a, char b);
char worse_conf(char a, char b);

/* The stream of populations in the file path. The caller's
 * (people_free). RC_DATA: no stream of populations, a period that is no year, one stated twice. */
MUST_CHECK int people_load(struct people **ret, const struct plan *p, const char *path,
                           bool unsealed, struct err *e);
void people_free(struct people *p);
/* The population on 1 January of a year by the plan's choices; *ret_choice says which. False: none.
 * earlier: also the nearest year before, for saying how much of a region is covered. */
bool people_find(const struct people *p, const char *area, int year, bool earlier, struct num *ret,
                 size_t *ret_choice);
char people_status(const struct people *p, const char *area, int year, size_t choice);

/* What goes into one result: sums in the order of the kind, and the worst of what was used. */
struct inputs {
    struct num sum[4];
    unsigned parts; /* periods behind sum[1]: those of an index's base; years of growth */
    enum reason reason;
    char status, conf, grade, reviewed;
    bool illustrative, broke;
    uint64_t senders, choices; /* sets */
    const char *comment;
};

/* One result to be: which indicator of which figures, when. */
struct target {
    const struct indicator *ind;
    size_t group;
    struct period period; /* annual for a year made of quarters */
};
/* 0 (a missing input is a reason in ret), or -RC_DATA when numbers overflow. */
MUST_CHECK int collect(const struct data *d, const struct target *t, const char *area,
                       struct inputs *ret, struct err *e);
MUST_CHECK int inputs_add(struct inputs *to, const struct inputs *from, struct err *e);

/* The group, of this one and those of other frequencies, that gives an area's figure of a year: the
 * annual one, else quarters, months …; SIZE_MAX when none has any part of it. *ret_order: how far
 * down that list. */
size_t year_source(const struct data *d, size_t group, size_t area, int year, size_t *ret_order);

/* The result's text, rounded once; "" and in->reason when there is none. *ret_decimals: places. */
void result_text(const struct indicator *ind, struct inputs *in, struct buf *ret,
                 int *ret_decimals);

/* All rows of all wanted indicators to the stream, sorted and sealed. */
MUST_CHECK int emit_all(struct data *d, struct stage *st, bool region, struct err *e);

#endif
