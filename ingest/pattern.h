/* pattern.h — declared patterns for texts that hold a code: sheet names, file names, marker rows,
 * headings. '*' stands for any text, {ID} for a text (not empty) that is the code of dimension ID,
 * {} for one without a name; everything else stands for itself. A wildcard takes the shortest text
 * that lets what follows fit. Nothing is allocated: captures are views into text and pattern. */
#ifndef RTA_PATTERN_H
#define RTA_PATTERN_H

#include "base.h"

#define PATTERN_CAPTURES 16
#define PATTERN_TEXT_MAX 4096 /* longer texts fit no pattern */

struct pattern_capture {
    struct str name, text; /* name empty for {} */
};

/* Does all of text fit? *ret_n captures in the order of the pattern. */
bool pattern_match(const char *pattern, struct str text,
                   struct pattern_capture ret[PATTERN_CAPTURES], size_t *ret_n);
/* Can it be used: braces closed, wildcards apart, not too many captures? What is wrong, or NULL. */
const char *pattern_fault(const char *pattern);
/* The i-th name of a capture, n 0 past the last or for {}. */
bool pattern_names(const char *pattern, const char *id);

#endif
