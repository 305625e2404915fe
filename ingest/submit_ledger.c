/* submit_ledger.c — what is known of each packet of an outbox, on disk before anything is done that
 * depends on it. Entries and their texts live in the ledger's arena. */
#include "submit.h"

#include "bounds.h"
#include "mem.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

const char *const sent_words[] = {"packed", "sent", "held", "accepted", "refused", "rejected"};

static int word_of(struct str s)
{
    for (size_t i = 0; i < ARRAY_LEN(sent_words); i++)
        if (str_is(s, sent_words[i]))
            return (int)i;
    return -1;
}

static struct entry *find(struct ledger *l, struct str packet)
{
    for (size_t i = 0; i < l->n; i++)
        if (str_is(packet, l->entries[i].packet))
            return &l->entries[i];
    return NULL;
}

static struct entry *append(struct ledger *l)
{
    if (l->n == l->cap) {
        l->cap = l->cap ? l->cap * 2 : 64;
        l->entries = mem_resize(l->entries, l->cap * sizeof *l->entries);
    }
    struct entry *x = &l->entries[l->n++];
    *x = (struct entry){.packet = ""};
    return x;
}

static const char *text(struct ledger *l, const struct json *j, const char *key)
{
    return arena_text(&l->arena, js_str(js_get(j, key)));
}

static int read_line(struct ledger *l, struct str line, size_t number, struct err *e)
{
    struct json *j CLEANUP(js_freep) = NULL;
    int rc = js_parse(&j, line, l->path, e);
    if (rc < 0)
        return rc;
    int state = word_of(js_str(js_get(j, "state")));
    struct entry *x = find(l, js_str(js_get(j, "packet")));
    if (state < 0 || (!x && state != SENT_PACKED)) {
        err_set(e, RC_DATA, "SUBMIT-001", "the ledger of the outbox cannot be understood");
        return err_place(e, "%s:%zu", l->path, number);
    }
    if (!x) {
        x = append(l);
        x->packet = text(l, j, "packet");
        x->sha256 = text(l, j, "sha256");
        x->key = text(l, j, "key");
        x->file = text(l, j, "file");
        x->file_sha256 = text(l, j, "file_sha256");
        x->profile = text(l, j, "profile");
        x->sequence = js_integer(js_get(j, "sequence"), 0);
    }
    x->state = (enum sent)state;
    x->at = text(l, j, "at");
    x->note = text(l, j, "note");
    return 0;
}

/* All whole lines; *ret_whole: bytes in them. */
static int read_lines(struct ledger *l, struct str all, size_t *ret_whole, struct err *e)
{
    size_t number = 0;
    *ret_whole = 0;
    for (struct str left = all; left.n;) {
        const char *end = memchr(left.p, '\n', left.n);
        if (!end)
            return 0;
        struct str line = {left.p, (size_t)(end - left.p)};
        int rc = read_line(l, line, ++number, e);
        if (rc < 0)
            return rc;
        *ret_whole += line.n + 1;
        left = str_cut(left, line.n + 1);
    }
    return 0;
}

static int read_ledger(struct ledger *l, struct err *e)
{
    char *bytes CLEANUP(mem_freep) = NULL;
    size_t n = 0, whole = 0;
    if (access(l->path, F_OK) < 0 && errno == ENOENT)
        return 0;
    int rc = file_slurp(l->path, LIMIT_JSON_BYTES, &bytes, &n, e);
    if (rc == 0)
        rc = read_lines(l, (struct str){bytes, n}, &whole, e);
    if (rc == 0 && whole < n && l->lock >= 0 && truncate(l->path, (off_t)whole) < 0) {
        err_sys(e, RC_IO, "SUBMIT-002", "cannot mend the ledger");
        rc = err_place(e, "%s", l->path);
    }
    return rc;
}

int ledger_open(struct ledger *l, const char *dir, bool lock, struct err *e)
{
    *l = (struct ledger){.lock = -1};
    l->dir = arena_text(&l->arena, str_of(dir));
    l->path = arena_fmt(&l->arena, "%s/ledger.ndjson", dir);
    if (lock) {
        int rc = dir_make(dir, e);
        if (rc == 0)
            rc = file_lock(arena_fmt(&l->arena, "%s/.lock", dir), false, &l->lock, e);
        if (rc < 0)
            return rc;
        if (rc == 0) {
            err_set(e, RC_RETRY, "SUBMIT-003", "another rta submit works with this outbox");
            return err_place(e, "%s", dir);
        }
    }
    return read_ledger(l, e);
}

void ledger_close(struct ledger *l)
{
    if (l->lock >= 0)
        (void)close(l->lock);
    mem_free(l->entries);
    arena_free(&l->arena);
    *l = (struct ledger){.lock = -1};
}

/* One line, one write, on the disk before we go on. */
static int write_line(struct ledger *l, const struct json *j, struct err *e)
{
    struct buf b;
    struct out o;
    bool first = access(l->path, F_OK) < 0;
    buf_init(&b, 65536);
    js_write(&b, j, false);
    buf_char(&b, '\n');
    int rc = buf_ok(&b, "a line of the ledger", e);
    if (rc < 0) {
        buf_free(&b);
        return rc;
    }
    int fd = open(l->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (fd < 0) {
        buf_free(&b);
        err_sys(e, RC_CREATE, "SUBMIT-004", "cannot write the ledger");
        return err_place(e, "%s", l->path);
    }
    out_init(&o, fd, l->path);
    out_str(&o, buf_view(&b));
    out_flush(&o);
    if (!o.broken && fsync(fd) < 0)
        o.broken = errno;
    buf_free(&b);
    rc = out_close(&o, e);
    return rc == 0 && first ? dir_sync(l->dir, e) : rc;
}

int ledger_add(struct ledger *l, const struct entry *x, struct err *e)
{
    struct json *j CLEANUP(js_freep) = js_object();
    js_set(j, "packet", js_text(x->packet));
    js_set(j, "state", js_text(sent_words[SENT_PACKED]));
    js_set(j, "at", js_text(x->at));
    js_set(j, "sha256", js_text(x->sha256));
    js_set(j, "key", js_text(x->key));
    js_set(j, "sequence", js_int(x->sequence));
    js_set(j, "file", js_text(x->file));
    js_set(j, "file_sha256", js_text(x->file_sha256));
    js_set(j, "profile", js_text(x->profile));
    int rc = write_line(l, j, e);
    if (rc == 0)
        *append(l) = *x;
    return rc;
}

int ledger_step(struct ledger *l, struct entry *x, enum sent state, const char *note, struct err *e)
{
    char now[PACKET_MOMENT];
    struct json *j CLEANUP(js_freep) = js_object();
    packet_now(now);
    x->state = state;
    x->at = arena_text(&l->arena, str_of(now));
    x->note = arena_text(&l->arena, str_of(note));
    js_set(j, "packet", js_text(x->packet));
    js_set(j, "state", js_text(sent_words[state]));
    js_set(j, "at", js_text(now));
    js_set(j, "note", js_text(note));
    return write_line(l, j, e);
}
