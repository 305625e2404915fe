/* wording.h — config/explain.yaml: what is said in words about the computation of a figure. All in
 * the arena of the configuration. Tier 2. */
#ifndef RTA_WORDING_H
#define RTA_WORDING_H

#include "conf.h"
#include "yml.h"

struct wording_kind {
    const char *key;          /* one of wording_kinds */
    struct yaml_list formula; /* struct yaml_pair: language and text */
    struct yaml_list sums;    /* const char *: what goes into it, in order */
};

struct wording {
    struct yaml_list kinds;                          /* struct wording_kind */
    struct yaml_list rounded, hidden, hidden_status; /* struct yaml_pair */
    struct yaml_mark at;
};

#define WORDING_KINDS 10
/* The kinds of indicators, in the order of enum kind (aggregate/derive_plan.h). */
extern const char *const wording_kinds[WORDING_KINDS];

/* RC_CONFIG with the place: no file, a kind without words [WORDING-001], words for no kind [-002],
 * no words in English [-003]. */
MUST_CHECK int wording_load(struct conf *c, const struct wording **ret, struct err *e);

#endif
