/* read_jsonstat.h — between the two passes over a JSON-stat file: where its datasets and their
 * parts stand (read_jsonstat_look.c), and the walk over values and status (read_jsonstat.c). */
#ifndef RTA_READ_JSONSTAT_H
#define RTA_READ_JSONSTAT_H

#include "cube.h"
#include "walk.h"

/* How values or status are given. */
enum lane_kind { LANE_NONE, LANE_ALL, LANE_ARRAY, LANE_OBJECT };

struct lane_at {
    enum lane_kind kind;
    struct jscan_place place;
    bool ascending; /* an object whose positions rise: it can be read beside the other */
    uint64_t n;     /* entries */
};

struct jsonstat {
    struct desk *d;
    const struct profile *p;
    struct refeed *feed;
    struct cube cube;
    struct lane_at value, status;
    struct str all; /* LANE_ALL: the status of every cell */
};

/* Find the dataset and read all of it but the cells; starts the desk. */
MUST_CHECK int jsonstat_look(struct jsonstat *r, struct err *e);

#endif
