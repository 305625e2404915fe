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
/* Is it 2026-01-31, or that with a time (T09:00, 09:00:00.5) and perhaps a zone (Z, +02:00)?
 * Asked before a moment goes to the server, which would take "tomorrow", and read 03/02/2026 its
 * own way. Hours and minutes are the server's to judge. */
bool moment_ok(const char *text);

#endif
