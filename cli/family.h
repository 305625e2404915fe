/* family.h — the programs that stand beside the front command, as they describe themselves. */
#ifndef RTA_FAMILY_H
#define RTA_FAMILY_H

#include "arena.h"
#include "err.h"

struct member {
    const char *verb, *group, *summary;
};

struct family {
    struct arena arena;
    struct member *members; /* by verb, in order of bytes */
    size_t n;
};

/* Ask every rta-* in the folder (--help-json). One that does not answer is left out. */
MUST_CHECK int family_find(struct family *f, const char *dir, struct err *e);
bool family_has(const struct family *f, const char *verb);
void family_free(struct family *f);

#endif
