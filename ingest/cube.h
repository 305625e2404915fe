/* cube.h — files that are cubes: dimensions with their lists of codes, and cells by position. Which
 * dimension of the file is which of the desk's comes from the profile, or from the file's own
 * word. JSON-stat, SDMX-JSON and PC-Axis share it. */
#ifndef RTA_CUBE_H
#define RTA_CUBE_H

#include "arena.h"
#include "map.h"
#include "period.h"
#include "read.h"

struct cube_dim {
    const char *name; /* as the file has it */
    struct str *codes;
    size_t n, cap;
    bool time; /* the file itself says that this is the time */
    char freq; /* its frequency, as the file says; 0 */
    const struct profile_column *column;
    size_t slot;
    bool part, ignore; /* part: TIME_PERIOD, or one of its parts */
};

struct cube {
    struct desk *d;
    const struct profile *p;
    struct arena arena;
    struct cube_dim dims[READ_DIMS_MAX];
    size_t ndims, ncodes, nparts;
    uint64_t cells;            /* the product; UINT64_MAX when it is not less */
    size_t pos[READ_DIMS_MAX]; /* of the current cell */
    size_t time;               /* slot */
    struct buf period;
    uint64_t *seen; /* a bit a cell */
    struct map *keys;
    bool *used; /* by columns of the profile */
};

void cube_init(struct cube *c, struct desk *d, const struct profile *p);
void cube_free(struct cube *c); /* accepts zeroed */
/* Is there room for more names and codes? RC_DATA without a place else: hostile files are full of
 * long ones. */
MUST_CHECK int cube_room(const struct cube *c, struct err *e);
/* A new dimension; more than the desk can take, or a name twice, is RC_DATA. */
MUST_CHECK int cube_add(struct cube *c, struct str name, struct cube_dim **ret, struct err *e);
/* Its next code; too long, with control characters or too many of them is RC_DATA. */
MUST_CHECK int cube_code(struct cube *c, struct cube_dim *dim, struct str code, struct err *e);
/* The column that the profile declares for a name, marked as found; NULL. */
const struct profile_column *cube_column(struct cube *c, struct str name);
/* All dimensions are there: finds their slots, turns the codes as declared, starts the desk. A
 * declared column that was not found is a fault. most: of cells; 0: any number. */
MUST_CHECK int cube_start(struct cube *c, uint64_t most, struct err *e);
/* The position of a cell by its number, last dimension fastest. */
void cube_seek(struct cube *c, uint64_t cell);
/* The dimensions of the current position into a row. */
void cube_fill(struct cube *c, struct read_row *row);
/* Is the current position there for the first time? */
bool cube_first(struct cube *c);
void cube_forget(struct cube *c); /* which were there */
/* A text as a period of one frequency: year and number, whatever stands between ("2013T4",
 * "2003K1", "20031", "200301"). false: it is none. */
bool cube_period(char freq, struct str s, char ret[PERIOD_TEXT_MAX], size_t *ret_n);

#endif
