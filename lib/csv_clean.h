/* csv_clean.h — may a record that was written without any quotes stay so? Writers put fields side
 * by side and ask once, by vectors, instead of looking at each field. Private to the writers of
 * streams and their tests. Tier 1. */
#ifndef RTA_CSV_CLEAN_H
#define RTA_CSV_CLEAN_H

#include "base.h"

/* Bytes behind a record that must be readable, whatever they are. */
#define CSV_CLEAN_PAST ((size_t)63)

/* Do these n bytes, without the line end, hold exactly `commas` commas, no quote and no control
 * character, and does no field begin or end with a blank? Then no field needs quotes. */
typedef bool (*csv_cleaner)(const char *p, size_t n, size_t commas);

bool csv_clean_scalar(const char *p, size_t n, size_t commas);
/* The fastest one that this processor has. */
csv_cleaner csv_clean_best(void);
/* All that this processor has, for tests: NULL past the last. */
csv_cleaner csv_clean_nth(size_t i);

#endif
