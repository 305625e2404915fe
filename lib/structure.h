/* structure.h — data structure definitions: which dimensions, from which code lists, in which
 * order, and so the columns of a stream. config/structures/ID.yaml. Tier 2. */
#ifndef RTA_STRUCTURE_H
#define RTA_STRUCTURE_H

#include "codes.h"
#include "period.h"

#define STRUCTURE_DIMS_MAX 24

enum dim_role { DIM_PLAIN, DIM_FREQ, DIM_AREA, DIM_UNIT, DIM_TIME };

struct dimension {
    const char *id;               /* "REF_AREA" */
    enum dim_role role;           /* by id: FREQ, REF_AREA, UNIT_MEASURE, TIME_PERIOD */
    const struct codelist *codes; /* NULL for TIME_PERIOD and free-text dimensions */
    const char *total;            /* the code that means "all of it" ("_T"), or NULL */
    const char *name;             /* English */
};

struct structure {
    const char *id;                            /* "CRIME" */
    const char *full_id;                       /* "WB:CRIME(1.0.0)" */
    const char *name;                          /* English */
    struct dimension dims[STRUCTURE_DIMS_MAX]; /* TIME_PERIOD is the last */
    size_t ndims;
    bool whole; /* values are counts: whole numbers of zero or more */
};

/* Columns that every stream of observations has after its dimensions, in this order. [] marks those
 * that may hold several values, joined by ';'. */
#define COL_VALUE "OBS_VALUE"
#define COL_STATUS "OBS_STATUS[]" /* SDMX CL_OBS_STATUS letters; empty = normal */
#define COL_CONF "CONF_STATUS"    /* SDMX CL_CONF_STATUS; empty = free */
#define COL_COMMENT "COMMENT"
#define COL_NATURE "NATURE"         /* empty = reported; ILLUSTRATIVE = made up for show */
#define COL_SENDER "SENDER"         /* region.yaml, senders */
#define COL_SRC "SRC[]"             /* file:line:field or file#sheet!cell */
#define COL_SRC_KEY "SRC_KEY[]"     /* sender's codes, "iccs=ICCS0101 & geo=AL" */
#define COL_SRC_VALUE "SRC_VALUE[]" /* the text in the file, where it differs from OBS_VALUE */
#define COL_GRADE "GRADE"           /* comparability A … E, the worst of what was mapped */
#define COL_REVIEWED "REVIEWED"     /* Y, N: did a person review every mapping used */

/* config/structures/ID.yaml with its code lists, kept by the configuration; loaded once.
 * RC_CONFIG with the place of the fault. */
MUST_CHECK int structure_load(struct conf *c, const char *id, const struct structure **ret,
                              struct err *e);
/* By "WB:CRIME(1.0.0)", "WB:CRIME" or "CRIME"; *ret NULL when config/structures has none such. */
MUST_CHECK int structure_by_full_id(struct conf *c, struct str full_id,
                                    const struct structure **ret, struct err *e);
/* Index of a dimension, or -1. */
int structure_dim(const struct structure *s, const char *id);
int structure_role(const struct structure *s, enum dim_role role);

#endif
