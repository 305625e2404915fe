/* period.h — SDMX time periods: all spellings in, one spelling out. Tier 1. */
#ifndef RTA_PERIOD_H
#define RTA_PERIOD_H

#include "err.h"

#define PERIOD_TEXT_MAX 24

enum freq {
    FREQ_ANNUAL = 'A',
    FREQ_HALF = 'S',
    FREQ_TRIMESTER = 'T', /* four months */
    FREQ_QUARTER = 'Q',
    FREQ_MONTH = 'M',
    FREQ_WEEK = 'W', /* ISO 8601 weeks */
    FREQ_DAY = 'D'
};

struct period {
    enum freq freq;
    int year;  /* 1000 … 9999 */
    int index; /* 1 … 1, 2, 3, 4, 12, 52|53, 365|366 */
};

/* Accepts 2026, 2026-A1, 2026-S1, 2026-T1, 2026-Q1, 2026Q1 (Eurostat), 2026-M03, 2026-03,
 * 2026M03, 2026-W05, 2026-D090, 2026-03-31, 2026-03-31T00:00:00, and ranges 2026-01-01/P3M (also
 * P1Y, P6M, P4M, P1M, P7D, P1W, P1D) that fall exactly on a calendar period. Everything else, also
 * ranges that fall on none (odd periods), is RC_DATA [PERIOD-001..003] with the reason. */
MUST_CHECK int period_parse(struct period *ret, struct str text, struct err *e);
/* Canonical: 2026, 2026-S1, 2026-T1, 2026-Q1, 2026-03, 2026-W05, 2026-03-31. Returns the length. */
size_t period_text(struct period p, char ret[PERIOD_TEXT_MAX]);
/* In words for people: "2026", "2026 Q1", "March 2026" are report matters; not here. */

/* By first day, then longer first. */
int period_cmp(struct period a, struct period b);
bool period_eq(struct period a, struct period b);
/* n periods on (or back). */
struct period period_add(struct period p, int n);
/* Whole periods from a to b of the same frequency. */
int period_between(struct period a, struct period b);
/* The period of a lower frequency that holds all of p; false when none does (a week in a month). */
bool period_parent(struct period p, enum freq freq, struct period *ret);
/* How many a year: 1 2 3 4 12; 0 for weeks and days. */
int freq_per_year(enum freq freq);
bool freq_valid(char c);

/* For the store: a number that sorts by time within one frequency: year * 1000 + index
 * (index 0 for annual). */
int32_t period_code(struct period p);
MUST_CHECK int period_of_code(struct period *ret, enum freq freq, int32_t code, struct err *e);
/* First and last day as days since 1970-01-01 (may be negative). */
int32_t period_first_day(struct period p);
int32_t period_last_day(struct period p);

#endif
