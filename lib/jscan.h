/* jscan.h — JSON (RFC 8259) as a stream of tokens: for files of any size, where json.h would build
 * a tree. Strict: what the grammar does not allow is refused with name:line:col, and nothing is
 * repaired. Numbers keep their text. Memory is bounded by the longest string, the depth and the
 * keys of the objects that are open, never by the file. Tier 1. */
#ifndef RTA_JSCAN_H
#define RTA_JSCAN_H

#include "io.h"

enum jscan_kind {
    JSCAN_NULL,
    JSCAN_TRUE,
    JSCAN_FALSE,
    JSCAN_NUMBER,
    JSCAN_STRING,
    JSCAN_KEY,
    JSCAN_OBJECT,
    JSCAN_ARRAY,
    JSCAN_END /* of the innermost object or array */
};

/* Where a token begins; enough to go on from there with another scanner. */
struct jscan_place {
    uint64_t at;      /* byte */
    size_t line, col; /* 1-based, col in bytes */
};

struct jscan_token {
    enum jscan_kind kind;
    struct str text; /* of a string or key, decoded (may hold NUL); of a number, as it stands;
                        lives until the next call */
    struct jscan_place place;
};

struct jscan_limits { /* 0: what bounds.h says */
    size_t depth, string, keys;
};

struct jscan;

/* Reads from src, which stays the caller's. A UTF-8 BOM at the very start is skipped. */
struct jscan *jscan_open(struct source *src, const struct jscan_limits *limits);
void jscan_close(struct jscan *j); /* NULL is fine */
void jscan_closep(struct jscan **j);
/* Begin again with a source whose first byte stands at `place`, where a value begins. */
void jscan_seek(struct jscan *j, struct source *src, struct jscan_place place);

/* 1 and a token; 0 once the one value is whole and nothing but blanks follows (after jscan_seek:
 * once that value is whole). RC_DATA: against the grammar [JSCAN-001], not UTF-8 [-002], too deep
 * [-003], string or number too long [-004], key twice in one object [-005], too many keys [-006],
 * ends too early [-007]. */
MUST_CHECK int jscan_next(struct jscan *j, struct jscan_token *ret, struct err *e);
/* The rest of the value whose first token was read last. */
MUST_CHECK int jscan_skip(struct jscan *j, const struct jscan_token *first, struct err *e);
/* The keys of the object just entered are the caller's to check: it may have millions. */
void jscan_loose(struct jscan *j);
size_t jscan_depth(const struct jscan *j);
const char *jscan_name(const struct jscan *j); /* of the source */
/* RC_DATA of the caller's own gets its place so. */
int jscan_fault(const struct jscan *j, struct jscan_place place, struct err *e);

#endif
