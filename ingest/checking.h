/* checking.h — what the parts of `rta check` share: findings and where they go, the compact store
 * of series and values, the places they stood in, the rules. docs/contracts/rules.md, findings.md.
 */
#ifndef RTA_CHECKING_H
#define RTA_CHECKING_H

#include "bounds.h"
#include "column.h"
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

/* ---- series (check_store.c) ---- */
#define STORE_NONE UINT32_MAX
#define STORE_SLOTS 14 /* periods in one chunk of 64 bytes */

struct pool { /* items that never move, in segments */
    char **segments;
    size_t n, size;
};
void *pool_at(const struct pool *p, size_t i);

struct series {
    uint32_t head;   /* first chunk + 1 */
    uint32_t sender; /* number of the SENDER text */
    uint32_t rules;  /* bit i: content rule i applies */
    uint32_t key[];  /* numbers of the codes, without the period */
};

struct chunk {
    uint32_t next, base;          /* next chunk + 1; the first period's number */
    uint32_t record[STORE_SLOTS]; /* record + 1; 0: none */
};

struct store {
    size_t ndims; /* without the period */
    struct pool series, chunks, values;
    uint32_t *index;
    size_t nindex;
    bool with_values;
    struct num *large; /* values that do not fit 28 bits */
    size_t nlarge, caplarge;
};
void store_init(struct store *s, size_t ndims, bool with_values);
void store_free(struct store *s);
/* The number of a series, made when `create`; STORE_NONE when it is not there. */
uint32_t store_series(struct store *s, const uint32_t *key, bool create, bool *ret_new);
struct series *store_at(const struct store *s, uint32_t series);
/* The cell of a period: chunk * 16 + slot; STORE_NONE when it is not there. */
uint32_t store_cell(struct store *s, uint32_t series, uint32_t period, bool create);
uint32_t *store_record(const struct store *s, uint32_t cell);
void store_put(struct store *s, uint32_t cell, struct num v);
/* False: no value. */
bool store_get(const struct store *s, uint32_t cell, struct num *ret);

/* ---- rules (check_rules.c): config/rules/ID.yaml ---- */
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
    size_t n; /* at most 32 */
};
/* No file is no rules. */
MUST_CHECK int rules_load(struct rules *r, struct conf *c, const struct structure *s,
                          struct err *e);

#endif
