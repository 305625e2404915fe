/* check_trail.c — the trail of check_store.h. A run is: its length - 1 and its kind in a number,
 * then, but for NONE, how far its first series and period lie from the last ones. A long trail owns
 * a temporary file that has no name; when that cannot be had or written, it stays in memory. */
#include "buf.h"
#include "check_store.h"
#include "mem.h"
#include "stage.h"

#include <errno.h>
#include <unistd.h>

enum run_kind {
    RUN_SERIES, /* the next series, the same period */
    RUN_PERIOD, /* the same series, the next period */
    RUN_NONE
};

#define RUN_BYTES 30u /* at most */
#define PIECE ((size_t)1 << 16)
#define TRAIL_MEMORY (((size_t)1 << 20) - 2 * RUN_BYTES) /* so that its buffer has 1 MB */

struct run {
    enum run_kind kind;
    uint32_t series, period; /* of the first record */
    uint64_t n;
};

struct trail {
    struct buf code;
    struct run run;          /* not written yet */
    uint32_t series, period; /* of the last run that was written */
    int fd;                  /* -1: none */
    uint64_t stored;         /* bytes in the file */
    bool stays;              /* in memory from now on */
};

struct trail *trail_new(void)
{
    struct trail *t = mem_new(sizeof *t);
    buf_init(&t->code, SIZE_MAX / 2);
    t->fd = -1;
    return t;
}

void trail_free(struct trail *t)
{
    if (!t)
        return;
    if (t->fd >= 0)
        (void)close(t->fd);
    buf_free(&t->code);
    mem_free(t);
}

size_t trail_bytes(const struct trail *t) { return t->code.cap; }
uint64_t trail_length(const struct trail *t) { return t->stored + t->code.n; }

static int open_file(void)
{
    const char *dir = stage_env("TMPDIR");
    char name[1024];
    (void)snprintf(name, sizeof name, "%.1000s/rta-trail-XXXXXX", dir ? dir : "/tmp");
    int fd = mkstemp(name);
    if (fd >= 0)
        (void)unlink(name);
    return fd;
}

/* What is in memory, whole runs, to the file; all of it or nothing. */
static void spill(struct trail *t)
{
    size_t done = 0;
    if (t->fd < 0)
        t->fd = open_file();
    while (t->fd >= 0 && done < t->code.n) {
        ssize_t put = pwrite(t->fd, t->code.p + done, t->code.n - done, (off_t)(t->stored + done));
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            break;
        done += (size_t)put;
    }
    if (done < t->code.n) {
        t->stays = true;
        return;
    }
    t->stored += done;
    buf_reset(&t->code);
}

static void put_number(struct buf *b, uint64_t v)
{
    for (; v >= 0x80; v >>= 7)
        buf_char(b, (char)(0x80 | (v & 0x7F)));
    buf_char(b, (char)v);
}

static void put_step(struct buf *b, uint32_t from, uint32_t to)
{
    int64_t v = (int64_t)to - (int64_t)from;
    put_number(b, ((uint64_t)v << 1) ^ (uint64_t)(v >> 63));
}

static void put_run(struct trail *t)
{
    const struct run *r = &t->run;
    if (r->n == 0)
        return;
    put_number(&t->code, (r->n - 1) << 2 | r->kind);
    if (r->kind == RUN_NONE)
        return;
    put_step(&t->code, t->series, r->series);
    put_step(&t->code, t->period, r->period);
    t->series = r->series;
    t->period = r->period;
    if (t->code.n >= TRAIL_MEMORY && !t->stays)
        spill(t);
}

static bool goes_on(struct run *r, uint32_t series, uint32_t period)
{
    if (r->n == 0)
        return false;
    if (series == STORE_NONE || r->kind == RUN_NONE)
        return series == STORE_NONE && r->kind == RUN_NONE;
    if (r->n == 1 && series == r->series)
        r->kind = RUN_PERIOD;
    if (r->kind == RUN_PERIOD)
        return series == r->series && period == r->period + r->n;
    return series == r->series + r->n && period == r->period;
}

void trail_add(struct trail *t, uint32_t series, uint32_t period)
{
    if (goes_on(&t->run, series, period)) {
        t->run.n++;
        return;
    }
    put_run(t);
    t->run = (struct run){series == STORE_NONE ? RUN_NONE : RUN_SERIES, series, period, 1};
}

/* ---- walking it ---- */

struct walk {
    bool (*see)(struct walk *w, const struct run *r); /* false: enough was seen */
    void (*each)(void *to, uint32_t record, uint32_t series, uint32_t period);
    void *to;
    uint32_t record, series, period;   /* of the next run; of the last one */
    uint32_t want_series, want_period; /* trail_find */
    bool enough;
};

static uint64_t get_number(const unsigned char **p)
{
    uint64_t v = 0;
    int shift = 0;
    for (; **p & 0x80; shift += 7)
        v |= (uint64_t)(*(*p)++ & 0x7F) << shift;
    return v | (uint64_t) * (*p)++ << shift;
}

static uint32_t get_step(const unsigned char **p, uint32_t from)
{
    uint64_t v = get_number(p);
    return (uint32_t)((int64_t)from + ((int64_t)(v >> 1) ^ -(int64_t)(v & 1)));
}

static void see_run(struct walk *w, const struct run *r)
{
    w->enough = r->n && r->kind != RUN_NONE && !w->see(w, r);
    if (!w->enough)
        w->record += (uint32_t)r->n;
}

/* Runs that begin before `end`: how many bytes they took. */
static size_t see_bytes(struct walk *w, const char *p, const char *end)
{
    const unsigned char *at = (const unsigned char *)p, *stop = (const unsigned char *)end;
    while (at < stop && !w->enough) {
        uint64_t head = get_number(&at);
        struct run r = {.kind = (enum run_kind)(head & 3), .n = (head >> 2) + 1};
        if (r.kind != RUN_NONE) {
            w->series = r.series = get_step(&at, w->series);
            w->period = r.period = get_step(&at, w->period);
        }
        see_run(w, &r);
    }
    return (size_t)((const char *)at - p);
}

/* Piece by piece; of each but the last, what may be half a run waits for the next. */
static int see_file(const struct trail *t, struct walk *w, struct err *e)
{
    char *piece CLEANUP(mem_freep) = mem_new(PIECE);
    size_t have = 0;
    for (uint64_t at = 0; (at < t->stored || have) && !w->enough;) {
        ssize_t got = pread(t->fd, piece + have, PIECE - have, (off_t)at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 || (got == 0 && at < t->stored))
            return err_sys(e, RC_IO, "CHECK-042", "the temporary file cannot be read back");
        at += (uint64_t)got;
        have += (size_t)got;
        size_t whole = at == t->stored ? have : have > RUN_BYTES ? have - RUN_BYTES : 0;
        size_t used = see_bytes(w, piece, piece + whole);
        memmove(piece, piece + used, have - used);
        have -= used;
    }
    return 0;
}

static int see_all(const struct trail *t, struct walk *w, struct err *e)
{
    int rc = t->stored ? see_file(t, w, e) : 0;
    if (rc < 0)
        return rc;
    (void)see_bytes(w, t->code.p, t->code.p + t->code.n);
    if (!w->enough)
        see_run(w, &t->run);
    return 0;
}

static bool see_each(struct walk *w, const struct run *r)
{
    for (uint64_t i = 0; i < r->n; i++)
        w->each(w->to, w->record + (uint32_t)i,
                r->series + (r->kind == RUN_SERIES ? (uint32_t)i : 0),
                r->period + (r->kind == RUN_PERIOD ? (uint32_t)i : 0));
    return true;
}

int trail_walk(const struct trail *t,
               void (*see)(void *to, uint32_t record, uint32_t series, uint32_t period), void *to,
               struct err *e)
{
    return see_all(t, &(struct walk){.see = see_each, .each = see, .to = to}, e);
}

static bool see_whether(struct walk *w, const struct run *r)
{
    uint64_t i = r->kind == RUN_SERIES ? (uint64_t)w->want_series - r->series
                                       : (uint64_t)w->want_period - r->period;
    bool rest = r->kind == RUN_SERIES ? w->want_period == r->period : w->want_series == r->series;
    if (i >= r->n || !rest)
        return true;
    w->record += (uint32_t)i;
    return false;
}

int trail_find(const struct trail *t, uint32_t series, uint32_t period, uint32_t *ret,
               struct err *e)
{
    struct walk w = {.see = see_whether, .want_series = series, .want_period = period};
    int rc = see_all(t, &w, e);
    *ret = w.enough ? w.record : STORE_NONE;
    return rc;
}
