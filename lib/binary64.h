/* binary64.h — numbers that a file holds in binary (IEEE 754 binary64: XLS) as decimal text. The
 * one place where binary floating point may stand: nothing is reckoned with here, a number is only
 * written down. Tier 1. */
#ifndef RTA_BINARY64_H
#define RTA_BINARY64_H

#include "base.h"

#define BINARY64_TEXT_MAX 64

/* The shortest decimal that reads back as the same binary number (at most 17 digits), as office
 * programs write it when they save such a file as XML; with an exponent where %g would. hundredths:
 * the number divided by 100 in binary, as the format's short numbers (RK) are defined ([MS-XLS]
 * 2.5.217). Not a number and infinities become "nan" and "inf", which no number is. The length; ret
 * is NUL-terminated. */
size_t binary64_text(uint64_t bits, bool hundredths, char ret[BINARY64_TEXT_MAX]);

#endif
