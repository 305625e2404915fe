/* yml_priv.h — the tree between the YAML parser (yaml.c) and the binder (yml_bind.c). Its memory is
 * the arena's that yml_parse was given. Tier 1. */
#ifndef RTA_YML_PRIV_H
#define RTA_YML_PRIV_H

#include "yml.h"

enum yml_shape { YML_SCALAR, YML_SEQUENCE, YML_MAPPING };

struct yml_node {
    enum yml_shape shape;
    bool plain;      /* a scalar without quotes */
    struct str text; /* of a scalar; NUL-terminated, no NUL inside */
    struct yaml_mark at;
    struct str key; /* of a mapping's member */
    struct yaml_mark key_at;
    struct yml_node *first, *last, *next; /* children, in order of the file */
    size_t n;                             /* children */
};

/* One document; name must live as long as the marks are used. RC_CONFIG. */
MUST_CHECK int yml_parse(struct str bytes, const char *name, struct arena *a, struct yml_node **ret,
                         struct err *e);

#endif
