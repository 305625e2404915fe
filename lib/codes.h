/* codes.h — code lists: codes with parents, order, labels per language and validity. Codes are
 * opaque; hierarchy comes only from the list, never from a prefix. A list is
 * config/codelists/ID.csv (docs/contracts/config.md). Tier 2. */
#ifndef RTA_CODES_H
#define RTA_CODES_H

#include "conf.h"

struct code {
    struct str id;
    const struct code *parent;       /* NULL at the top */
    size_t order;                    /* 0-based, as in the file */
    size_t depth;                    /* 0 at the top */
    const char *const *labels;       /* by the list's languages; "" where there is none */
    struct str valid_from, valid_to; /* ISO dates or prefixes of them; empty = open */
    const char *note;
};

struct codelist {
    const char *id;
    const struct code *codes; /* in file order */
    size_t n;
    const char *const *langs; /* "en", "sq" …, the label columns */
    size_t nlangs;
    const uint32_t *slots; /* private: open addressing by hash of id, number + 1, 0 = free */
    size_t nslots;
};

/* Load once per conf; later calls give the same list. RC_CONFIG with place for: empty or too long
 * code [CODES-001], duplicate code [-002], unknown or cyclic parent [-003, -004], missing English
 * label [-005], a validity that is no date or ends before it begins [-006]. */
MUST_CHECK int codelist_load(struct conf *c, const char *id, const struct codelist **ret,
                             struct err *e);
/* NULL when the code is not in the list. */
const struct code *codelist_find(const struct codelist *l, struct str id);
/* Label in a language, else in English, else the code itself. */
const char *code_label(const struct codelist *l, const struct code *c, const char *lang);
bool code_below(const struct code *c, const struct code *ancestor); /* strictly */
/* Up to three codes nearest to text by code or label (folded), best first; for hints. */
size_t codelist_nearest(const struct codelist *l, struct str text, const struct code *ret[3]);
/* Is the code valid at any day of the period (given by its first and last day as ISO dates)? Both
 * ends of a validity belong to it; "2014" as valid_to means until the end of 2014. */
bool code_valid(const struct code *c, struct str first, struct str last);

#endif
