/* read_sdmxjson.h — what the structure of an SDMX-JSON message says (sdmxjson_look.c), for the walk
 * over its data sets (read_sdmxjson.c). Everything lives in the cube's arena. */
#ifndef RTA_READ_SDMXJSON_H
#define RTA_READ_SDMXJSON_H

#include "cube.h"
#include "walk.h"

#define SJ_PARTS_MAX 128 /* attributes and measures of one structure */
#define SJ_SETS_MAX 1024
#define SJ_GROUPS_MAX 4096

enum sj_level { SJ_DATASET, SJ_GROUP, SJ_SERIES, SJ_OBS, SJ_LEVELS };

/* A dimension, measure or attribute. */
struct sj_part {
    struct str id;
    enum sj_level level;
    struct str *values; /* their ids, else the values themselves */
    size_t n, cap;
    bool coded; /* an entry is a number in values */
    bool time;
    int64_t key;      /* keyPosition; -1 */
    struct str unset; /* `default` */
    size_t at;        /* a dimension's number in the cube */
    int attribute;    /* of the desk; -1: not taken over */
    bool taken;       /* a measure's */
    const struct profile_column *column;
};

struct sj_set {
    uint64_t structure;
    char action;
    struct jscan_place observations, series, attributes, groups; /* line 0: none */
};

/* Attributes of a partial key: positions, SIZE_MAX where the group says nothing. */
struct sj_group {
    size_t pos[READ_DIMS_MAX];
    struct str attrs[ATTR_N];
};

struct sdmxjson {
    struct desk *d;
    const struct profile *p;
    struct refeed *feed;
    struct cube cube;
    struct sj_part dims[READ_DIMS_MAX], measures[SJ_PARTS_MAX], attrs[SJ_PARTS_MAX];
    size_t ndims, nmeasures, nattrs;
    struct sj_set sets[SJ_SETS_MAX];
    size_t nsets;
    struct str id; /* "ECB:EXR(1.0)" */
    struct str ids[8];
    size_t nids;
};

/* Where the data sets are, and the structure of those that are wanted; starts the desk. */
MUST_CHECK int sdmxjson_look(struct sdmxjson *r, struct err *e);
/* An entry of a part as text: looked up where the part is coded, parts of a list joined by ';', the
 * default where it is null. The value's first token is in w. Appended to b. */
MUST_CHECK int sdmxjson_entry(const struct sdmxjson *r, const struct sj_part *part, struct walk *w,
                              struct buf *b, struct err *e);

#endif
