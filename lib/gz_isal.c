/* gz_isal.c — see gz_isal.h. A body owns isa-l's state. */
#include "gz_isal.h"

#include "mem.h"

#ifdef RTA_ISAL
#include <isa-l/igzip_lib.h>

struct gz_body {
    struct inflate_state state;
};

struct gz_body *gz_body_new(void)
{
    struct gz_body *b = mem_new(sizeof *b);
    isal_inflate_init(&b->state);
    return b;
}

void gz_body_begin(struct gz_body *b)
{
    isal_inflate_reset(&b->state);
    b->state.crc_flag = ISAL_GZIP_NO_HDR_VER; /* the trailer is compared */
}

static const char *reason(int rc)
{
    switch (rc) {
    case ISAL_INVALID_BLOCK:
        return "invalid block";
    case ISAL_INVALID_SYMBOL:
        return "invalid code";
    case ISAL_INVALID_LOOKBACK:
        return "invalid distance too far back";
    default:
        return "invalid member";
    }
}

enum gz_result gz_body_run(struct gz_body *b, struct gz_span *s, const char **ret_why)
{
    struct inflate_state *st = &b->state;
    st->next_in = (unsigned char *)(uintptr_t)s->in; /* it only reads them */
    st->avail_in = (uint32_t)s->in_n;
    st->next_out = s->out;
    st->avail_out = (uint32_t)s->out_n;
    int rc = isal_inflate(st);
    *s = (struct gz_span){st->next_in, st->avail_in, st->next_out, st->avail_out};
    if (rc == ISAL_INCORRECT_CHECKSUM)
        return GZ_CHECKSUM;
    if (rc < 0) {
        *ret_why = reason(rc);
        return GZ_DAMAGED;
    }
    return st->block_state == ISAL_BLOCK_FINISH ? GZ_END : GZ_MORE;
}

size_t gz_body_held(const struct gz_body *b)
{
    return b->state.read_in_length > 0 ? (size_t)b->state.read_in_length / 8 : 0;
}
#else
struct gz_body *gz_body_new(void) { return NULL; }
void gz_body_begin(struct gz_body *b) { (void)b; }
enum gz_result gz_body_run(struct gz_body *b, struct gz_span *s, const char **ret_why)
{
    (void)b;
    (void)s;
    *ret_why = "no decoder";
    return GZ_DAMAGED;
}
size_t gz_body_held(const struct gz_body *b)
{
    (void)b;
    return 0;
}
#endif

void gz_body_free(struct gz_body *b) { mem_free(b); }
