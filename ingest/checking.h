/* checking.h — what the parts of `rta check` share: findings and where they go, the places they
 * stood in, the rules. docs/contracts/rules.md, findings.md. */
#ifndef RTA_CHECKING_H
#define RTA_CHECKING_H

#include "bounds.h"
#include "check_word.h"
#include "mem.h"
#include "num.h"
#include "region.h"
#include "sdmx.h"
#include "stage.h"
#include "structure.h"

/* ---- findings (check_find.c) ---- */
enum level { LEVEL_ERROR, LEVEL_WARNING, LEVEL_INFORMATION, LEVELS };
extern const char *const level_words[LEVELS + 1];

struct finding {
    const char *rule; /* id */
    enum level level;
    struct str
        group; /* findings of a rule with one group are told once, with a count; empty: each */
    struct str place, other, key, value;
    struct str brief; /* the key without what goes without saying, for people */
    const char *reason, *fix;
};

struct findings;
/* file: FILE.csv or FILE.ndjson for all of them, or NULL. */
MUST_CHECK int findings_open(struct findings **ret, const char *file, struct err *e);
void findings_add(struct findings *f, const struct finding *x);
/* A finding of no group that nobody will read, because enough of its kind are told and no file asks
 * for all: true, and it is counted; its texts need not be made. */
bool findings_silent(struct findings *f, const char *rule, enum level level);
uint64_t findings_count(const struct findings *f, enum level level);
/* To people: by level and rule, at most LIMIT_FINDINGS_SHOWN of each; then a line per level. */
void findings_tell(const struct findings *f, struct stage *st);
/* Publish the file. */
MUST_CHECK int findings_close(struct findings *f, struct err *e);
void findings_free(struct findings *f);

/* ---- places (check_place.c): SRC of every record, in one byte or less for most ---- */
struct places;
struct places *places_new(void);
void places_free(struct places *p);
void places_add(struct places *p, struct str src);
/* Append the text of record i (0-based). */
void places_get(const struct places *p, uint32_t i, struct buf *b);
size_t places_bytes(const struct places *p);

/* ---- rules (check_rules.c): config/rules/ID.yaml ---- */
#define RULES_MAX 32
#define PERIODS_MAX 100 /* looked back over by a jump rule */
#define PARTS_MAX 64    /* of one whole */

enum check_kind {
    KIND_WHOLE,
    KIND_NONNEG,
    KIND_CHILD,    /* child_le_parent */
    KIND_CHILDREN, /* children_le_parent: their sum */
    KIND_PARTS,    /* parts_total */
    KIND_COMPARE,
    KIND_JUMP,
    KIND_RATE
};

struct pick { /* a dimension and the codes that are meant */
    size_t dim;
    const char *const *codes;
    size_t n;
    const uint64_t *set; /* the same as bits by order in the code list; NULL: there is no list */
};

struct content {
    const char *id, *text, *fix;
    enum check_kind kind;
    enum level level, outside;
    int dim;                           /* -1: none */
    struct pick *where, *left, *right; /* arena of conf */
    size_t nwhere, nleft, nright;
    const char *total;
    const char *const *parts;
    size_t nparts;
    struct num relative, absolute, mad, tolerance, per;
    bool by_relative, by_mad;
    int64_t periods;
};

struct rules {
    struct content *list;
    size_t n;               /* at most RULES_MAX */
    uint32_t whole, nonneg; /* the rules of these kinds, as bits */
};
/* No file is no rules. */
MUST_CHECK int rules_load(struct rules *r, struct conf *c, const struct structure *s,
                          struct err *e);

#endif
