/* meaning.h — what a sender may mean by a cell that is no plain number; the profile says which. */
#ifndef RTA_MEANING_H
#define RTA_MEANING_H

/* A mark that stands for a value. */
enum miss {
    MISS_NOT_GIVEN,
    MISS_NOT_AVAILABLE,
    MISS_ZERO,
    MISS_NOT_APPLICABLE,
    MISS_SUPPRESSED,
    MISS_UNKNOWN
};

/* A number that is shown otherwise than it is stored. */
enum shown_number { SHOWN_UNSAID, SHOWN_STORED, SHOWN_SHOWN };
struct profile_formats {
    int percent, thousands, zeros; /* enum shown_number */
};

/* A value that is said to be a multiple, by UNIT_MULT. */
enum unit_mult { MULT_UNSAID, MULT_APPLY, MULT_KEEP };

#endif
