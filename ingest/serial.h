/* serial.h — the day numbers of spreadsheets, in decimal and without binary numbers; and which
 * number formats make a date of a number. Nothing is allocated. */
#ifndef RTA_SERIAL_H
#define RTA_SERIAL_H

#include "base.h"

#define SERIAL_TEXT_MAX 32

/* "43830" → "2019-12-31"; with a fraction "2019-12-31T17:45:00" (to the second, halves up); below
 * one day "17:45:00". Epoch 1900, with the 29 February 1900 that never was: day 60 reads
 * 1900-02-29, which no period takes; day 0 reads 1900-01-00. Or 1904. false: no such day. */
bool serial_date(struct str number, bool epoch_1904, char ret[SERIAL_TEXT_MAX], size_t *ret_n);

/* Is it the number of a built-in format of dates (ECMA-376 part 1, 18.8.30)? */
bool format_id_dates(unsigned id);
/* A format code such as dd/mm/yyyy;@ : does its first section hold letters of dates or times? */
bool format_code_dates(struct str code);

#endif
