/* serial.h — the day numbers of spreadsheets, in decimal and without binary numbers; and what
 * number formats make of a number. Nothing is allocated. */
#ifndef RTA_SERIAL_H
#define RTA_SERIAL_H

#include "base.h"

#define SERIAL_TEXT_MAX 32

/* "43830" → "2019-12-31"; with a fraction "2019-12-31T17:45:00" (to the second, halves up); below
 * one day "17:45:00". Epoch 1900, with the 29 February 1900 that never was: day 60 reads
 * 1900-02-29, which no period takes; day 0 reads 1900-01-00. Or 1904. false: no such day. */
bool serial_date(struct str number, bool epoch_1904, char ret[SERIAL_TEXT_MAX], size_t *ret_n);

/* What a number format makes of a number when it shows it. */
struct number_format {
    bool date;            /* a date or time: nothing else is said then */
    bool percent;         /* a hundred times the number */
    unsigned char commas; /* behind the last digit: each shows a thousandth of it */
    unsigned char zeros;  /* 00000: at least so many digits, and nothing else; else 0 */
};
/* A built-in format by its number (ECMA-376 part 1, 18.8.30). */
struct number_format format_of_id(unsigned id);
/* A format code such as dd/mm/yyyy;@ or 0.0% : its first section, which is for positive numbers. */
struct number_format format_of_code(struct str code);

#endif
