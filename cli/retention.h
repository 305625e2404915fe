/* retention.h — how long raw packets are kept: config/policies/retention.yaml. Memory is the
 * configuration's arena. */
#ifndef RTA_CLI_RETENTION_H
#define RTA_CLI_RETENTION_H

#include "conf.h"
#include "yml.h"

struct retention_line {
    int state;                          /* index in retention_states; 0 fits any */
    int64_t days;                       /* after the answer; 0: for good */
    struct yaml_list partners, senders; /* const char *; empty: all */
    struct yaml_mark at;
};
struct retention {
    struct yaml_list lines; /* struct retention_line; the first that fits rules */
};
extern const char *const retention_states[]; /* "any", "accepted", "refused" */

/* RC_CONFIG with place: a wrong key, days that are none. No file: no lines. */
MUST_CHECK int retention_load(struct conf *c, struct retention *ret, struct err *e);

#endif
