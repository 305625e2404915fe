/* fetch_pieces.h — a source whose data come in several answers: NAME-1.csv, NAME-2.csv …, each with
 * its receipt. For fetch_run.c and fetch_pxweb.c. */
#ifndef INGEST_FETCH_PIECES_H
#define INGEST_FETCH_PIECES_H

#include "fetch.h"

#define PIECES_MAX 256

struct pieces {
    struct stage *st;
    const struct fetch_source *whole;
    const struct fetch_options *o;
    struct arena *a;
    size_t n;         /* done */
    char vintage[64]; /* Last-Modified of the first */
};

/* A copy of the source whose builder can be changed without touching the other one. */
struct fetch_source *pieces_copy(struct pieces *p, const struct fetch_source *s);
/* Cut in two, by the dimension with the most codes that are named, else by years; false when there
 * is nothing to cut by. */
bool pieces_halve(struct pieces *p, const struct fetch_source *s, struct fetch_source *ret[2]);
/* NAME-3.csv: the file of the third piece. */
const char *pieces_name(struct pieces *p, const char *file, size_t k);
/* One more piece is there: were all of them made at one time? */
void pieces_done(struct pieces *p, const char *file);
/* All are there: remove the whole of an earlier time, and pieces beyond those fetched now. */
void pieces_finish(struct pieces *p);

#endif
