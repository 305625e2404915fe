/* policy.h — config/policies/approval.yaml: who publishes without approval. Everything lives in the
 * arena of the conf. */
#ifndef RTA_CLI_POLICY_H
#define RTA_CLI_POLICY_H

#include "conf.h"
#include "yml.h"

enum policy_mode { POLICY_AUTO, POLICY_FOUR_EYES };

struct policy_line {
    int mode;                                       /* enum policy_mode */
    bool answers;                                   /* warnings want an answer before acceptance */
    const char *from, *to;                          /* ISO dates, NULL = open; to is the last day */
    const char *outside;                            /* "true", "false", NULL: both */
    struct yaml_list structures, partners, senders; /* const char *; empty: all */
    struct yaml_mark at;
};

struct policy {
    struct yaml_list lines; /* struct policy_line, in order */
};

/* RC_CONFIG with place: a name that the region or the structures do not have [POLICY-001], a date
 * that is none [-002]. Without the file there is no line: four eyes for everybody. */
MUST_CHECK int policy_load(struct conf *c, struct policy *ret, struct err *e);

#endif
