/* text_scan.h — the fast looks at bytes that text.c and its like take: how far plain ASCII or pairs
 * of UTF-8 reach, how often a byte stands there. With the vectors that every x86-64 has; elsewhere
 * words of eight bytes. Tier 1. */
#ifndef RTA_TEXT_SCAN_H
#define RTA_TEXT_SCAN_H

#include "base.h"

/* How many bytes from p on are ASCII and not NUL. */
size_t text_plain(const char *p, size_t n);
/* How many bytes from p on are whole pairs of UTF-8 (U+0080 to U+07FF). */
size_t text_pairs(const char *p, size_t n);
/* How often c stands in n bytes. */
size_t text_count(const char *p, size_t n, char c);

#endif
