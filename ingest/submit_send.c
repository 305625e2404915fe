/* submit_send.c — what is packed goes to the server, in the order of its numbers, and the answers
 * come back. Each step is in the ledger before the next; a run that ended anywhere is finished by
 * the next one. Owns the connection. */
#include "mem.h"
#include "remote.h"
#include "submit.h"

#include <unistd.h>

struct sender_run {
    struct submit *s;
    struct remote *remote;
    struct sign_public coordinator;
    bool proves; /* receipts must be signed by it */
};

static void on_progress(void *ctx, uint64_t done, uint64_t total)
{
    stage_progress(ctx, "bytes", done, total);
}

static void tell(struct submit *s, const struct entry *x)
{
    struct json *o = js_object();
    js_set(o, "packet", js_text(x->packet));
    js_set(o, "sha256", js_text(x->sha256));
    js_set(o, "sequence", js_int(x->sequence));
    js_set(o, "state", js_text(sent_words[x->state]));
    event_emit(s->st->events, "packet", o);
}

static int step(struct submit *s, struct entry *x, enum sent state, const char *note, struct err *e)
{
    int rc = ledger_step(&s->ledger, x, state, note, e);
    if (rc == 0)
        tell(s, x);
    return rc;
}

static int put(struct sender_run *r, struct entry *x, struct err *e)
{
    struct submit *s = r->s;
    const char *path = arena_fmt(&s->ledger.arena, "%s/%s", s->ledger.dir, x->packet);
    char sha[SHA256_HEX];
    int rc = sha256_file(path, sha, e);
    if (rc < 0)
        return rc;
    if (strcmp(sha, x->sha256) != 0) {
        err_set(e, RC_DATA, "SUBMIT-020", "the packet in the outbox has been changed");
        (void)err_hint(e, "take it back from a backup, or begin anew with a new key and outbox");
        return err_place(e, "%s", path);
    }
    rc = remote_put(r->remote, arena_fmt(&s->ledger.arena, "in/%s", x->packet), path, e);
    if (rc < 0)
        return rc;
    /* the note of a rejection names the receipt that said so, which may still be there */
    rc = step(s, x, SENT_SENT, x->state == SENT_REJECTED ? x->note : "", e);
    if (rc == 0)
        stage_note(s->st, "sent %s", x->packet);
    return rc;
}

/* A packet of which no answer was seen may have been taken long ago: its receipt is looked for
 * first. */
static int send_all(struct sender_run *r, struct err *e)
{
    for (size_t i = 0; i < r->s->ledger.n; i++) {
        struct entry *x = &r->s->ledger.entries[i];
        if (x->state != SENT_PACKED && x->state != SENT_REJECTED)
            continue;
        int rc = put(r, x, e);
        if (rc < 0)
            return rc;
    }
    return 0;
}

/* ---- answers -----------------------------------------------------------------------------------
 */

static enum sent state_of(const struct entry *x, const struct json *j)
{
    struct str state = js_str(js_get(j, "state"));
    bool ours = str_is(js_str(js_get(j, "packet_sha256")), x->sha256);
    bool consumed = js_kind_of(js_get(j, "consumed")) == JS_TRUE;
    if (str_is(state, "accepted"))
        return ours ? SENT_ACCEPTED : SENT_SENT;
    if (str_is(state, "held"))
        return ours ? SENT_HELD : SENT_SENT;
    return ours && consumed ? SENT_REFUSED : SENT_REJECTED;
}

static int show(struct submit *s, const struct json *j, struct err *e)
{
    struct buf b;
    buf_init(&b, (size_t)1 << 20);
    receipt_show(&b, j);
    int rc = buf_ok(&b, "the receipt in words", e);
    if (rc == 0)
        out_str(&s->st->out, buf_view(&b));
    out_flush(&s->st->out);
    buf_free(&b);
    return rc;
}

/* 1 when there is an answer that we did not know. */
static int take_answer(struct sender_run *r, struct entry *x, struct str bytes, struct err *e)
{
    struct submit *s = r->s;
    struct json *j CLEANUP(js_freep) = NULL;
    char hex[SHA256_HEX];
    sha256_text(bytes, hex);
    if (strcmp(hex, x->note) == 0)
        return 0; /* seen before */
    int rc = receipt_read(&j, bytes, r->proves ? &r->coordinator : NULL, e);
    if (rc < 0)
        return err_place(e, "%s%s", x->packet, RECEIPT_SUFFIX);
    enum sent state = state_of(x, j);
    if (state == SENT_SENT)
        return 0;
    const char *keep =
        arena_fmt(&s->ledger.arena, "%s/%.*s%s", s->ledger.dir,
                  (int)(strlen(x->packet) - strlen(PACKET_SUFFIX)), x->packet, RECEIPT_SUFFIX);
    rc = file_write(keep, bytes, e);
    if (rc == 0)
        rc = step(s, x, state, hex, e);
    if (rc == 0)
        rc = show(s, j, e);
    return rc < 0 ? rc : 1;
}

static int ask(struct sender_run *r, struct entry *x, struct err *e)
{
    struct buf b;
    const char *name =
        arena_fmt(&r->s->ledger.arena, "out/%.*s%s",
                  (int)(strlen(x->packet) - strlen(PACKET_SUFFIX)), x->packet, RECEIPT_SUFFIX);
    buf_init(&b, PACKET_RECEIPT_BYTES);
    int rc = remote_get(r->remote, name, &b, e);
    if (rc > 0)
        rc = take_answer(r, x, buf_view(&b), e);
    buf_free(&b);
    return rc;
}

static bool waits(const struct entry *x)
{
    return x->state == SENT_SENT || x->state == SENT_HELD || x->state == SENT_PACKED;
}

/* Ask for all; *ret_open: how many are still without a final answer. */
static int ask_all(struct sender_run *r, size_t *ret_open, struct err *e)
{
    *ret_open = 0;
    for (size_t i = 0; i < r->s->ledger.n; i++) {
        struct entry *x = &r->s->ledger.entries[i];
        if (!waits(x))
            continue;
        int rc = ask(r, x, e);
        if (rc < 0)
            return rc;
        *ret_open += waits(x);
    }
    return 0;
}

static int64_t now_s(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec;
}

static void nap(int64_t ms)
{
    struct timespec t = {ms / 1000, ms % 1000 * 1000000};
    (void)nanosleep(&t, NULL);
}

static int wait_answers(struct sender_run *r, struct err *e)
{
    const struct submit_options *o = r->s->o;
    int64_t end = now_s() + o->wait;
    size_t open = 0;
    for (;;) {
        int rc = ask_all(r, &open, e);
        if (rc < 0 || open == 0 || now_s() >= end)
            return rc;
        stage_progress(r->s->st, "waiting for the receipt, seconds left", (uint64_t)(end - now_s()),
                       0);
        nap(o->poll);
    }
}

/* What the run as a whole came to. */
static void judge(struct submit *s)
{
    bool asked = s->o->wait > 0;
    for (size_t i = 0; i < s->ledger.n; i++) {
        const struct entry *x = &s->ledger.entries[i];
        if (s->file && i != s->current)
            continue;
        if (s->file && x->state == SENT_REFUSED)
            stage_raise(s->st, RC_DATA);
        if (x->state == SENT_REJECTED)
            stage_raise(s->st, RC_DENIED);
        if (!waits(x))
            continue;
        stage_note(s->st, "%s: %s", x->packet,
                   x->state == SENT_HELD ? "held by the coordinator" : "no receipt yet");
        if (asked)
            stage_raise(s->st, RC_RETRY);
    }
}

/* The answer of a file that was sent long ago, once more. */
static int show_again(struct submit *s, struct err *e)
{
    const struct entry *x = s->file ? &s->ledger.entries[s->current] : NULL;
    struct json *j CLEANUP(js_freep) = NULL;
    char *bytes CLEANUP(mem_freep) = NULL;
    size_t n = 0;
    if (!x || x->state != SENT_ACCEPTED)
        return 0;
    const char *path =
        arena_fmt(&s->ledger.arena, "%s/%.*s%s", s->ledger.dir,
                  (int)(strlen(x->packet) - strlen(PACKET_SUFFIX)), x->packet, RECEIPT_SUFFIX);
    int rc = file_slurp(path, PACKET_RECEIPT_BYTES, &bytes, &n, e);
    if (rc == 0)
        rc = receipt_read(&j, (struct str){bytes, n}, NULL, e);
    return rc < 0 ? rc : show(s, j, e);
}

static int open_remote(struct sender_run *r, struct remote_options *to, struct err *e)
{
    const struct submit_options *o = r->s->o;
    *to = (struct remote_options){.url = o->to,
                                  .ssh_key = o->ssh_key,
                                  .known_hosts = o->known_hosts,
                                  .home = stage_env("HOME"),
                                  .cert = o->cert,
                                  .cert_key = o->cert_key,
                                  .ca = o->ca,
                                  .netrc = o->netrc,
                                  .passphrase = o->login,
                                  .progress = on_progress,
                                  .ctx = r->s->st};
    int rc = 0;
    r->proves = o->coordinator != NULL;
    if (r->proves)
        rc = sign_public_file(&r->coordinator, o->coordinator, e);
    return rc < 0 ? rc : remote_open(&r->remote, to, e);
}

int submit_send(struct submit *s, struct err *e)
{
    struct sender_run r = {.s = s};
    struct remote_options to;
    size_t open = 0;
    int rc = show_again(s, e);
    if (rc == 0)
        rc = open_remote(&r, &to, e);
    if (rc == 0)
        rc = ask_all(&r, &open, e); /* a packet may be there although we were cut off */
    if (rc == 0)
        rc = send_all(&r, e);
    if (rc == 0)
        rc = wait_answers(&r, e);
    if (rc == 0)
        judge(s);
    remote_close(r.remote);
    return rc;
}
