/* check_code.h — what the texts of a stream mean to `rta check`: codes and the key that they make,
 * periods, flags. Each text is looked up once and kept by its number. */
#ifndef RTA_CHECK_CODE_H
#define RTA_CHECK_CODE_H

#include "checking.h"
#include "period.h"

struct checker;

/* The number of a code is its order in the code list; of a text without a list, its own. All
 * numbers of a series, each in a field of its own, are its key. */
struct field {
    size_t word;
    unsigned shift;
    uint64_t mask;
};

struct code_state {
    const struct code *code; /* NULL: free text, or not in the list */
    uint64_t bits;           /* its number where the key has it */
    bool known, bad, dated;
    char letter; /* of a code of one letter */
};

struct moment { /* a period, by number; the same for all its spellings */
    struct period p;
    char first[11], last[11]; /* ISO dates, for the validity of codes */
    uint32_t rank;            /* order in time, set at the end */
    bool follows;             /* the moment of the rank before is the period before */
};

struct time_state { /* a text in TIME_PERIOD */
    bool good;
    uint32_t moment;
    char why[160];
};

enum attr_kind {
    ATTR_STATUS,
    ATTR_CONF,
    ATTR_NATURE,
    ATTR_SENDER,
    ATTR_GRADE,
    ATTR_REVIEWED,
    ATTRS
};

struct attr_state {
    uint32_t set;        /* ATTR_STATUS: letters */
    bool known, bad, no; /* no: ATTR_REVIEWED is N */
    const struct sender *sender;
};

struct kind {        /* what many series have in common */
    uint32_t sender; /* number of the SENDER text */
    uint32_t rules;  /* bit i: content rule i applies */
};

/* check_code.c: what a text in a column means, looked up once. */
const struct code_state *code_state_look(struct checker *c, size_t dim, size_t id);
const struct time_state *time_state(struct checker *c, size_t id);
const struct attr_state *attr_state(struct checker *c, enum attr_kind kind, size_t id);
/* The number of a code in a dimension, STORE_NONE when it has none; and back. */
uint32_t code_number(const struct checker *c, size_t dim, struct str code);
struct str code_text(const struct checker *c, size_t dim, uint32_t number);
void key_change(const struct checker *c, uint64_t *key, size_t dim, uint32_t number);

#endif
