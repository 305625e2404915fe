/* fetch_shape.h — what a structure says, flat: dimensions in their order, and codes with names and
 * parents; and how two of them differ. */
#ifndef INGEST_FETCH_SHAPE_H
#define INGEST_FETCH_SHAPE_H

#include "arena.h"
#include "io.h"

struct shape_item {
    const char *list;   /* "" for a dimension, else the code list */
    const char *id;     /* of the dimension or code */
    const char *name;   /* English if there; "" */
    const char *parent; /* of a code; the code list of a dimension; "" */
};

struct shape {
    struct arena arena;
    struct shape_item *items;
    size_t n, cap;
};

/* From SDMX-ML 2.1 or 3.0, or PxWeb's JSON, by the first byte. shape_free it in every case. */
MUST_CHECK int shape_read(const char *path, struct shape *ret, struct err *e);
void shape_free(struct shape *s);

/* Each difference once: a word (added, removed, renamed, re-parented, other-list, moved), what
 * stood before and what stands now (NULL where there is none). Returns how many. */
typedef void (*shape_tell)(void *ctx, const char *word, const struct shape_item *before,
                           const struct shape_item *now);
size_t shape_diff(const struct shape *before, const struct shape *now, shape_tell tell, void *ctx);

#endif
