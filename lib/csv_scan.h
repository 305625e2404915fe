/* csv_scan.h — where the fields of delimited text end: private to csv.c, csv_scan.c and their
 * tests. A scanner turns bytes into a list of positions of the separators and record ends that
 * stand outside quotes, and marks the first byte that breaks the rules; it never decides what the
 * fault is called (csv.c does that, byte by byte, for all scanners alike). Beside the positions it
 * lists where records end, with what the record's reader would else have to count. Tier 1. */
#ifndef RTA_CSV_SCAN_H
#define RTA_CSV_SCAN_H

#include "base.h"

#define CSV_BLOCK ((size_t)64)

/* The end of a record. Counts run from the beginning of the input, modulo 2^32. */
struct csv_end {
    uint32_t at;      /* index into pos */
    uint32_t lines;   /* line ends up to here, this one and those inside quotes included */
    uint32_t escapes; /* doubled quotes up to here */
};

struct csv_scan {
    char sep, quote; /* quote 0: none */
    char eol, other; /* LF and CR, or CR and LF when cr_only */
    bool lazy;       /* quotes inside unquoted fields are data (scalar only) */

    bool inside; /* after the bytes seen: in quotes */
    bool closed; /* the last byte was a closing quote */
    bool cr;     /* the last byte was a CR outside quotes that still needs its LF */
    bool fresh;  /* the last byte ended a field, or nothing was seen: a quote may open */
    bool quoted; /* a quote opened a field, ever */
    uint32_t lines, escapes; /* as in csv_end */
    size_t bad;              /* position of the first fault; SIZE_MAX: none */

    uint32_t *pos; /* positions found; room for all bytes given and CSV_BLOCK more */
    size_t n;
    struct csv_end *end; /* records that end; room for as many as one call is given bytes */
    size_t ends;
};

/* Scan p[from … from+n); positions are relative to p. Scanners other than csv_scan_scalar want n to
 * be a multiple of CSV_BLOCK, except in the last call. After a fault they may stop. */
typedef void (*csv_scanner)(struct csv_scan *s, const char *p, size_t from, size_t n);

void csv_scan_init(struct csv_scan *s, char sep, char quote, bool cr_only, bool lazy);
void csv_scan_scalar(struct csv_scan *s, const char *p, size_t from, size_t n);
/* The fastest one that this processor has. */
csv_scanner csv_scan_best(void);
/* All that this processor has, for tests: NULL past the last. */
csv_scanner csv_scan_nth(size_t i);

#endif
