/* buf.h — a growable byte buffer with a mandatory maximum. Appending cannot fail at the place of
 * the call: a buffer that would pass its maximum becomes `full`, ignores what follows, and is
 * asked once, at the end, with buf_ok. Tier 0. */
#ifndef RTA_BUF_H
#define RTA_BUF_H

#include "err.h"

struct buf {
    char *p; /* always NUL-terminated once something was added; NULL before */
    size_t n, cap, max;
    bool full;
};

void buf_init(struct buf *b, size_t max);
/* Accepts zeroed. */
void buf_free(struct buf *b);
/* Empty it, keep the memory, forget `full`. */
void buf_reset(struct buf *b);

void buf_add(struct buf *b, const void *p, size_t n);
void buf_char(struct buf *b, char c);
void buf_text(struct buf *b, const char *z);
void buf_str(struct buf *b, struct str s);
/* A whole number in decimal, many times faster than by buf_fmt. */
void buf_int(struct buf *b, int64_t v);
void buf_fmt(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* 0, or -RC_DATA [BUF-001] naming `what` when the maximum was passed. */
MUST_CHECK int buf_ok(const struct buf *b, const char *what, struct err *e);

static inline struct str buf_view(const struct buf *b) { return (struct str){b->p, b->n}; }
/* As C text; "" when nothing was added. */
static inline const char *buf_z(const struct buf *b) { return b->p ? b->p : ""; }

#endif
