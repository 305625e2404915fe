/* inbox_answer.c — the answer: into the store first, then to the partner's folder, then the packet
 * to where it belongs. A kill after the first of these is healed by giving the same answer again.
 * Owns nothing. */
#include "inbox.h"

#include "mem.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

static struct json *text_or_null(const char *z) { return js_text(z && *z ? z : NULL); }

static struct json *make_receipt(struct delivery *d)
{
    const struct packet_manifest *m = &d->packet.m;
    struct json *j = js_object(), *list = js_array();
    char now[PACKET_MOMENT];
    packet_now(now);
    js_set(j, "format", js_text(RECEIPT_FORMAT));
    js_set(j, "packet", js_text(d->name));
    js_set(j, "packet_sha256", js_text(d->sha256));
    js_set(j, "state", js_text(verdict_words[d->verdict]));
    js_set(j, "consumed", js_bool(d->consumed));
    js_set(j, "code", js_text(d->code));
    js_set(j, "reason", js_text(d->reason));
    js_set(j, "hint", js_text(d->hint));
    js_set(j, "received_at", text_or_null(d->received));
    js_set(j, "answered_at", js_text(now));
    js_set(j, "proved", js_bool(d->proved));
    if (d->opened) {
        struct json *file = js_object();
        js_set(j, "partner", js_text(m->partner));
        js_set(j, "sender", js_text(m->sender));
        js_set(j, "key", js_text(m->key));
        js_set(j, "sequence", js_int(m->sequence));
        js_set(file, "name", js_text(m->file));
        js_set(file, "bytes", js_int(m->bytes));
        js_set(file, "sha256", js_text(m->file_sha256));
        js_set(j, "file", file);
    }
    if (d->submission)
        js_push(list, js_int(d->submission));
    js_set(j, "submissions", list);
    js_set(j, "load", d->load ? js_share(d->load) : js_null());
    js_set(j, "findings", d->findings ? js_share(d->findings) : js_null());
    js_set(j, "messages",
           d->messages && d->verdict != VERDICT_ACCEPTED ? js_share(d->messages) : js_array());
    return j;
}

static int stem(const char *name)
{
    size_t n = strlen(name), k = strlen(PACKET_SUFFIX);
    return (int)(n > k && strcmp(name + n - k, PACKET_SUFFIX) == 0 ? n - k : n);
}

/* Receipts go to a folder that a partner should not be able to write to; if one is a link all the
 * same, it is not followed. */
static int put_receipt(struct delivery *d, const char *receipt, bool final, struct err *e)
{
    struct arena *a = &d->desk->arena;
    struct stat st;
    const char *path =
        arena_fmt(a, "%s/%.*s%s", d->desk->out, stem(d->name), d->name, RECEIPT_SUFFIX);
    int other = final ? 0 : store_named(d, d->name, e);
    if (other < 0)
        return other;
    if (other) /* that packet's answer stays */
        path = arena_fmt(a, "%s/%.*s.%.12s%s", d->desk->out, stem(d->name), d->name, d->sha256,
                         RECEIPT_SUFFIX);
    if (lstat(path, &st) == 0 && !S_ISREG(st.st_mode) && unlink(path) < 0) {
        err_sys(e, RC_IO, "INBOX-030", "something else stands where the receipt belongs");
        return err_place(e, "%s", path);
    }
    int rc = file_write(path, str_of(receipt), e);
    return rc < 0 ? rc : dir_sync(d->desk->out, e);
}

/* Our copy to its place, then what was claimed goes. */
static int put_away(struct delivery *d, const char *where, struct err *e)
{
    struct arena *a = &d->desk->arena;
    const char *dir = arena_fmt(a, "%s/%s/%s", d->desk->in->dir, where, d->desk->name);
    const char *to =
        arena_fmt(a, "%s/%.*s.%.12s%s", dir, stem(d->name), d->name, d->sha256, PACKET_SUFFIX);
    int rc = dir_make(dir, e);
    if (rc == 0)
        rc = file_move(d->copy, to, e);
    if (rc == 0 && unlink(d->path) < 0 && errno != ENOENT) {
        err_sys(e, RC_IO, "INBOX-031", "cannot remove what was taken in");
        rc = err_place(e, "%s", d->path);
    }
    if (rc == 0)
        rc = dir_remove(arena_fmt(a, "%s/.run", d->desk->work), e);
    return rc < 0 ? rc : dir_sync(d->desk->work, e);
}

static void tell(const struct delivery *d)
{
    struct json *o = js_object();
    js_set(o, "packet", js_text(d->name));
    js_set(o, "sha256", js_text(d->sha256));
    js_set(o, "folder", js_text(d->desk->name));
    js_set(o, "state", js_text(verdict_words[d->verdict]));
    js_set(o, "code", js_text(d->code));
    js_set(o, "submission", d->submission ? js_int(d->submission) : js_null());
    event_emit(d->desk->in->st->events, "delivery", o);
}

int delivery_answer(struct delivery *d, struct err *e)
{
    struct json *j CLEANUP(js_freep) = make_receipt(d);
    struct buf b;
    buf_init(&b, PACKET_RECEIPT_BYTES);
    int rc = receipt_write(&b, j, d->desk->in->key, e);
    if (rc == 0)
        rc = store_answer(d, buf_z(&b), e);
    if (rc == 0)
        rc = put_receipt(d, buf_z(&b), d->consumed, e);
    if (rc == 0)
        rc = put_away(d, verdict_words[d->verdict], e);
    if (rc == 0)
        tell(d);
    buf_free(&b);
    return rc;
}

int delivery_elsewhere(struct delivery *d, struct err *e)
{
    struct err why = {.rc = RC_OK};
    struct buf b;
    err_set(&why, RC_DENIED, "INBOX-032", "this packet came in at another door before");
    (void)delivery_verdict(d, VERDICT_REFUSED, "sender", &why);
    struct json *j CLEANUP(js_freep) = make_receipt(d);
    buf_init(&b, PACKET_RECEIPT_BYTES);
    int rc = receipt_write(&b, j, d->desk->in->key, e);
    if (rc == 0)
        rc = store_elsewhere(d, e);
    if (rc == 0)
        rc = put_receipt(d, buf_z(&b), false, e);
    if (rc == 0)
        rc = put_away(d, "refused", e);
    if (rc == 0)
        tell(d);
    buf_free(&b);
    return rc;
}

int delivery_again(struct delivery *d, const char *state, const char *receipt, struct err *e)
{
    int rc = receipt ? put_receipt(d, receipt, true, e) : 0;
    return rc < 0 ? rc : put_away(d, state, e);
}
