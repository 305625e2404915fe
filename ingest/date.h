/* date.h — dates in a declared manner to periods. A format is the date with letters for its digits:
 * YYYY MM DD hh mm ss, where a single M or D also takes one digit; '*' at the end stands for
 * anything; everything else stands for itself. Nothing is allocated. */
#ifndef RTA_DATE_H
#define RTA_DATE_H

#include "period.h"

/* Can it be used? ret_finest: 'Y', 'M' or 'D', the finest period that it can tell. */
bool date_format_ok(const char *format, char ret_finest[2]);
/* The SDMX text of the period of `freq` that holds the date; false when text is no such date. */
bool date_read(const char *format, struct str text, enum freq freq, char ret[PERIOD_TEXT_MAX],
               size_t *ret_n);

#endif
