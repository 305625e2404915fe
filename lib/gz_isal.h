/* gz_isal.h — the body and trailer of a gzip member by isa-l, where it was there at build time
 * (RTA_ISAL): private to gz.c. zlib reads the headers and does all of it elsewhere. Tier 1. */
#ifndef RTA_GZ_ISAL_H
#define RTA_GZ_ISAL_H

#include "base.h"

struct gz_span { /* moved on by what was taken and given */
    const unsigned char *in;
    size_t in_n;
    unsigned char *out;
    size_t out_n;
};

enum gz_result { GZ_MORE, GZ_END, GZ_DAMAGED, GZ_CHECKSUM };

struct gz_body;
/* NULL: this build has none. */
struct gz_body *gz_body_new(void);
void gz_body_free(struct gz_body *b); /* NULL is fine */
/* Behind a header. */
void gz_body_begin(struct gz_body *b);
/* GZ_MORE: room or input was used up; output may be left even when no input is. GZ_END: behind the
 * trailer, which is right. *ret_why: what is damaged. */
enum gz_result gz_body_run(struct gz_body *b, struct gz_span *s, const char **ret_why);
/* Bytes that were taken and not looked at yet. */
size_t gz_body_held(const struct gz_body *b);

#endif
