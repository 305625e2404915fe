/* config_check.h — verify a whole configuration: every file loads, every reference finds what it
 * names. */
#ifndef RTA_CONFIG_CHECK_H
#define RTA_CONFIG_CHECK_H

#include "stage.h"

/* A folder of the configuration and the ending of its files. */
struct config_kind {
    const char *kind, *ext;
};
extern const struct config_kind config_kinds[];
extern const size_t config_kinds_count;

/* Tell every fault; -RC_CONFIG when there was one. */
MUST_CHECK int config_check(struct stage *st, struct conf *c, struct err *e);

#endif
