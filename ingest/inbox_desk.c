/* inbox_desk.c — one partner's folder: what is complete is claimed by a rename, copied to where
 * nobody else writes, and examined there in the order of its names, which is that of its numbers.
 * The lock is shared with the programs that load: nobody else begins while they still run. */
#include "inbox.h"

#include "bounds.h"
#include "mem.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static bool ends_with(const char *z, const char *end)
{
    size_t n = strlen(z), k = strlen(end);
    return n > k && strcmp(z + n - k, end) == 0;
}

static void skip(struct desk *k, const char *path, const char *why)
{
    struct err e = {.rc = RC_OK};
    err_set(&e, RC_DATA, "INBOX-040", "left alone: %s", why);
    err_place(&e, "%s", path);
    stage_warn(k->in->st, &e);
    stage_raise(k->in->st, RC_PARTIAL);
}

/* The name under which we work with it: an odd one is not carried further. */
static const char *safe_name(struct desk *k, const char *name)
{
    char hex[SHA256_HEX];
    if (packet_plain_name(str_of(name)))
        return name;
    sha256_text(str_of(name), hex);
    return arena_fmt(&k->arena, "unnamed-%.12s%s", hex, PACKET_SUFFIX);
}

/* 1 when it was claimed, 0 when it is not for us. */
static int claim(struct desk *k, const char *from, const char *name, struct err *e)
{
    struct stat st;
    const char *to = arena_fmt(&k->arena, "%s/%s", k->work, safe_name(k, name));
    if (lstat(from, &st) < 0)
        return 0; /* gone again */
    if (!S_ISREG(st.st_mode)) {
        skip(k, from, "it is no ordinary file");
        return 0;
    }
    if (access(to, F_OK) == 0)
        return 0; /* one of this name is at work; next time */
    int rc = file_move(from, to, e);
    if (rc < 0)
        return rc;
    /* what lies in our own folder now is looked at once more: the sender could change it until then
     */
    if (lstat(to, &st) == 0 && S_ISREG(st.st_mode))
        return 1;
    (void)unlink(to);
    skip(k, from, "it became no ordinary file while it was taken");
    return 0;
}

static int claim_all(struct desk *k, struct err *e)
{
    const char *const *names = NULL;
    size_t n = 0;
    int rc = dir_names(k->door, &k->arena, &names, &n, e);
    for (size_t i = 0; rc >= 0 && i < n; i++)
        if (names[i][0] != '.' && !ends_with(names[i], ".part"))
            rc = claim(k, arena_fmt(&k->arena, "%s/%s", k->door, names[i]), names[i], e);
    return rc < 0 ? rc : 0;
}

/* What was held is looked at again: "STEM.SHA12.rtap" becomes "STEM.rtap". */
static int unhold_all(struct desk *k, struct err *e)
{
    const char *const *names = NULL;
    size_t n = 0, tail = 13 + strlen(PACKET_SUFFIX);
    int rc = dir_names(k->held, &k->arena, &names, &n, e);
    for (size_t i = 0; rc >= 0 && i < n; i++) {
        size_t len = strlen(names[i]);
        if (len <= tail || !ends_with(names[i], PACKET_SUFFIX))
            continue;
        const char *name =
            arena_fmt(&k->arena, "%.*s%s", (int)(len - tail), names[i], PACKET_SUFFIX);
        rc = claim(k, arena_fmt(&k->arena, "%s/%s", k->held, names[i]), name, e);
    }
    return rc < 0 ? rc : 0;
}

/* Our own copy and its hash: whoever still has the file open at the door cannot change it. */
static int copy_in(struct delivery *d, struct err *e)
{
    char *chunk CLEANUP(mem_freep) = mem_new(LIMIT_IO_CHUNK);
    struct source *s CLEANUP(source_closep) = NULL;
    struct newfile f;
    ssize_t got;
    int rc = source_open(&s, d->path, e);
    if (rc == 0)
        rc = file_create(&f, d->copy, e);
    if (rc < 0)
        return rc;
    struct sha256 *h = sha256_new();
    while ((got = s->read(s, chunk, LIMIT_IO_CHUNK, e)) > 0) {
        sha256_add(h, chunk, (size_t)got);
        out_put(&f.out, chunk, (size_t)got);
        d->bytes += (uint64_t)got;
    }
    sha256_hex(h, d->sha256);
    sha256_free(h);
    if (got < 0)
        file_abandon(&f);
    return got < 0 ? (int)got : file_publish(&f, e);
}

static void count(struct delivery *d, bool again)
{
    struct stage *st = d->desk->in->st;
    st->totals.in++;
    if (again)
        st->totals.merged++;
    else if (d->verdict == VERDICT_ACCEPTED)
        st->totals.passed++;
    else if (d->verdict == VERDICT_REFUSED)
        st->totals.refused++;
    else
        st->totals.aside++;
    if (again)
        stage_note(st, "%s: %s: a repetition; its receipt is there again", d->desk->name, d->name);
    else if (d->verdict == VERDICT_ACCEPTED)
        stage_note(st, "%s: %s: accepted as submission %d", d->desk->name, d->name, d->submission);
    else
        stage_note(st, "%s: %s: %s (%s): %s", d->desk->name, d->name, verdict_words[d->verdict],
                   d->code, d->reason);
    if (!again && d->verdict != VERDICT_ACCEPTED)
        stage_raise(st, RC_PARTIAL);
}

/* A packet that waits as before gets no new receipt. */
static bool same_hold(const struct delivery *d, const struct known *k)
{
    return d->verdict == VERDICT_HELD && strcmp(k->state, "held") == 0 && k->receipt &&
           strcmp(k->code, d->code) == 0;
}

static int examine(struct delivery *d, struct err *e)
{
    struct known k;
    int rc = copy_in(d, e);
    if (rc == 0)
        rc = store_known(d, &k, e);
    if (rc < 0)
        return rc;
    bool again = k.there && k.chained && strcmp(k.folder, d->desk->name) == 0;
    if (k.there && k.chained && !again) {
        rc = delivery_elsewhere(d, e);
    } else if (again) {
        rc = delivery_again(d, k.state, k.receipt, e);
    } else if ((rc = delivery_judge(d, e)) == 0) {
        rc = same_hold(d, &k) ? store_answer(d, k.receipt, e) : delivery_answer(d, e);
        if (rc == 0 && same_hold(d, &k))
            rc = delivery_again(d, k.state, k.receipt, e);
    }
    if (rc == 0)
        count(d, again);
    mem_free(k.receipt);
    return rc;
}

static int examine_one(struct desk *k, const char *name, struct err *e)
{
    struct delivery d = {.desk = k, .name = name, .code = ""};
    d.path = arena_fmt(&k->arena, "%s/%s", k->work, name);
    d.copy = arena_fmt(&k->arena, "%s/.copy", k->work);
    int rc = examine(&d, e);
    packet_close(&d.packet);
    js_free(d.load);
    js_free(d.findings);
    js_free(d.messages);
    return rc < 0 ? err_place(e, "%s", d.path) : 0;
}

static int examine_all(struct desk *k, struct err *e)
{
    const char *const *names = NULL;
    size_t n = 0;
    int rc = dir_names(k->work, &k->arena, &names, &n, e);
    for (size_t i = 0; rc == 0 && i < n; i++) {
        if (names[i][0] == '.')
            continue;
        stage_progress(k->in->st, "packets", i, n);
        rc = examine_one(k, names[i], e);
    }
    return rc;
}

static int open_desk(struct desk *k, struct err *e)
{
    struct arena *a = &k->arena;
    const char *dir = k->in->dir;
    k->door = arena_fmt(a, "%s/partners/%s/in", dir, k->name);
    k->out = arena_fmt(a, "%s/partners/%s/out", dir, k->name);
    k->work = arena_fmt(a, "%s/claimed/%s", dir, k->name);
    k->held = arena_fmt(a, "%s/held/%s", dir, k->name);
    int rc = dir_make(k->work, e);
    if (rc == 0)
        rc = dir_make(k->held, e);
    if (rc == 0)
        rc = dir_make(k->out, e);
    if (rc == 0)
        rc = file_lock(arena_fmt(a, "%s/.lock", k->work), true, &k->lock, e);
    if (rc != 0)
        return rc < 0 ? rc : 0;
    err_set(e, RC_RETRY, "INBOX-041",
            "another inbox is at this folder, or a load of it still runs");
    return err_place(e, "%s", k->door);
}

int desk_run(struct inbox *in, const char *name, struct err *e)
{
    struct desk k = {.in = in, .name = name, .lock = -1};
    int rc = open_desk(&k, e);
    if (rc == 0) /* a file laid open by an inbox that was killed: no packet may come to clear it */
        rc = dir_remove(arena_fmt(&k.arena, "%s/.run", k.work), e);
    if (rc == 0)
        rc = unhold_all(&k, e);
    if (rc == 0)
        rc = claim_all(&k, e);
    if (rc == 0)
        rc = examine_all(&k, e);
    if (k.lock >= 0)
        (void)close(k.lock);
    arena_free(&k.arena);
    return rc;
}
