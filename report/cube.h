/* cube.h — a stream of observations read into memory, as a lookup from the codes of its dimensions
 * to its rows. A report's stream is small: one edition's figures. Owns all it holds. */
#ifndef RTA_CUBE_H
#define RTA_CUBE_H

#include "arena.h"
#include "io.h"

#define CUBE_DIMS_MAX 24

struct cube_row {
    const struct str *cell; /* by column of the stream */
    size_t line;
};

struct cube {
    struct arena arena;
    const char *const *columns;
    size_t ncolumns;
    size_t dim[CUBE_DIMS_MAX]; /* columns that are dimensions, TIME_PERIOD last */
    size_t ndims;
    size_t value; /* column of OBS_VALUE */
    struct cube_row *rows;
    size_t n, cap;
    struct map *index;     /* by key: row number */
    const char *structure; /* of the first row: "WB:CRIME_IND(1.0.0)" */
    const char *seal;
    const char *name; /* of the stream, for messages */
};

/* Which rows to keep: dimension and the codes wanted. */
struct cube_filter {
    const char *dim;
    const struct str *codes;
    size_t n;
};

/* Read to the seal (unless unsealed); src stays the caller's. Repeated keys are RC_DATA
 * [CUBE-002]. A filter on a dimension that the stream lacks is [CUBE-003]. */
MUST_CHECK int cube_read(struct cube *ret, struct source *src, bool unsealed,
                         const struct cube_filter *filter, size_t nfilter, struct err *e);
void cube_free(struct cube *c); /* accepts zeroed */

/* Position among the dimensions, or -1. */
int cube_dim(const struct cube *c, const char *id);
/* The column, or -1. */
int cube_column(const struct cube *c, const char *name);
/* The row with these codes, one for each dimension; NULL when there is none. */
const struct cube_row *cube_find(const struct cube *c, const struct str *codes);
/* A cell by column name; empty when the stream has no such column. */
struct str cube_cell(const struct cube *c, const struct cube_row *row, const char *column);
/* The one code that all rows have in a dimension: 1; 0 when the cube is empty; 2 when they differ,
 * and then two of them. */
int cube_only(const struct cube *c, size_t dim, struct str ret[2]);
/* Has any row this code in this dimension (and these codes where pins[i].p is not NULL)? */
bool cube_has(const struct cube *c, size_t dim, struct str code, const struct str *pins);

#endif
