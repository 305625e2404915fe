/* read_place.h — the codes that stand outside of a table's cells: in the name of the file, of the
 * sheet, in the row above a table. Texts are copied and owned here. */
#ifndef RTA_READ_PLACE_H
#define RTA_READ_PLACE_H

#include "read.h"

struct place_code {
    size_t slot;
    char *code;
};

struct place_codes {
    struct place_code codes[READ_DIMS_MAX]; /* TIME_PERIOD apart */
    size_t n;
    char *time; /* a part of TIME_PERIOD */
    size_t has_time;
};

void place_reset(struct place_codes *c);
void place_free(struct place_codes *c);

/* What the profile takes from the file's name. RC_DATA [TABLE-009] when it does not fit. */
MUST_CHECK int place_file(struct place_codes *c, struct desk *d, const struct profile *p,
                          struct err *e);
MUST_CHECK int place_sheet(struct place_codes *c, struct desk *d, const char *sheet,
                           const struct profile_place *where, struct err *e);
/* 1 when the text fits the pattern: the table's codes are taken. */
MUST_CHECK int place_table(struct place_codes *c, struct desk *d, const struct profile_table *table,
                           const char *pattern, struct str text, struct err *e);

#endif
