/* key.h — the name of one observation in one word: its codes in the order of the structure, joined
 * by '.', then ':' and the period: "A.AL.0101.OFF._T._T.NR:2021". A '.', ':', '%', blank or control
 * byte within a code is written %2E, so a key can always be taken apart again. Tier 1. */
#ifndef RTA_KEY_H
#define RTA_KEY_H

#include "buf.h"

/* n codes, the last of them the period; appended. */
void key_add(struct buf *b, const struct str *codes, size_t n);
/* Take a key apart: views into scratch, which holds the text afterwards. Gives how many codes there
 * are (the period is the last), or 0 when it is no key or has more than max. scratch must not be
 * touched while the views are used. */
size_t key_split(struct str key, struct buf *scratch, struct str *ret, size_t max);

#endif
