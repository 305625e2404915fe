/* walk.h — walking through JSON by members and items, for readers that know what they look for. The
 * key of a member is kept while its value is read; deeper walks overwrite it. */
#ifndef RTA_WALK_H
#define RTA_WALK_H

#include "buf.h"
#include "jscan.h"
#include "refeed.h"

struct walk {
    struct refeed *feed;
    struct source *src;
    struct jscan *j;
    struct buf key;
    struct jscan_place key_at;
    struct jscan_token t; /* the first token of the value */
};

/* Stand before the value at a place of the input; its first token is then in t. */
MUST_CHECK int walk_at(struct walk *w, struct refeed *feed, struct jscan_place place,
                       struct err *e);
void walk_free(struct walk *w); /* accepts zeroed */
/* The next member of the object, or item of the array, that was entered last: 1, or 0 at its end.
 * The value before must be read or skipped. */
MUST_CHECK int walk_member(struct walk *w, struct err *e);
MUST_CHECK int walk_item(struct walk *w, struct err *e);
MUST_CHECK int walk_skip(struct walk *w, struct err *e);
/* The value in t is of this kind, or RC_DATA: what says whose value it is. */
MUST_CHECK int walk_want(struct walk *w, enum jscan_kind kind, const char *what, struct err *e);
/* Is the value a text, number or word? */
bool walk_scalar(const struct walk *w);
static inline bool walk_is(const struct walk *w, const char *key)
{
    return str_is(buf_view(&w->key), key);
}
/* A whole number from text, at most `most`. */
bool walk_number(struct str s, uint64_t most, uint64_t *ret);
/* RC_DATA of the caller's own gets the place of t. */
int walk_fault(const struct walk *w, struct err *e);

extern const struct jscan_place walk_start;

#endif
