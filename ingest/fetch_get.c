/* fetch_get.c — one source into the spool: asked for only when it changed, tried again when that
 * helps, taken up where it broke off, looked at, and published whole. Beside FILE stand
 * FILE.receipt.json (what is there), .FILE.part (what was begun), .FILE.part.json (of what), and
 * .FILE.lock. A failed fetch leaves FILE and its receipt alone. */
#include "fetch.h"

#include "hash.h"
#include "json.h"
#include "mem.h"

#include <errno.h>
#include <fcntl.h>
#include <strings.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

struct job {
    struct stage *st;
    const struct fetch_source *s;
    const struct fetch_options *o;
    char *file, *receipt, *part, *state, *lock, *later; /* paths; owned */
    int lock_fd;
    int64_t end;                /* on the clock of fetch_now_ms */
    struct fetch_receipt old;   /* of the file that is there */
    bool have_old, other_range; /* other_range: the server sent what was not asked for */
    bool prepared;              /* what is asked for now was prepared for us */
    struct fetch_outcome *ends;
    struct out out; /* onto part */
};

int64_t fetch_now_ms(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void fetch_sleep_ms(int64_t ms)
{
    struct timespec t = {ms / 1000, (long)(ms % 1000) * 1000000};
    while (nanosleep(&t, &t) < 0)
        ;
}

char *fetch_path(const struct fetch_options *o, const char *before, const char *file,
                 const char *after)
{
    struct buf b;
    buf_init(&b, 1 << 16);
    buf_fmt(&b, "%s/%s%s%s", o->spool, before, file, after);
    return b.p; /* the caller's */
}

static int job_open(struct job *j, struct err *e)
{
    const char *spool = j->o->spool, *file = j->s->file;
    j->file = fetch_path(j->o, "", file, "");
    j->receipt = fetch_path(j->o, "", file, ".receipt.json");
    j->part = fetch_path(j->o, ".", file, ".part");
    j->state = fetch_path(j->o, ".", file, ".part.json");
    j->lock = fetch_path(j->o, ".", file, ".lock");
    j->later = fetch_path(j->o, ".", file, ".later");
    j->lock_fd = -1;
    j->end = fetch_now_ms() + j->s->time_limit * 1000;
    int rc = dir_make(spool, e);
    if (rc < 0)
        return rc;
    j->lock_fd = open(j->lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (j->lock_fd < 0) {
        err_sys(e, RC_CREATE, "FETCH-027", "cannot make the lock");
        return err_place(e, "%s", j->lock);
    }
    if (flock(j->lock_fd, LOCK_EX | LOCK_NB) < 0) {
        err_set(e, RC_RETRY, "FETCH-006", "another fetch of this source is under way");
        return err_place(e, "%s", j->file);
    }
    return 0;
}

static void job_close(struct job *j)
{
    out_drop(&j->out);
    if (j->lock_fd >= 0)
        (void)close(j->lock_fd);
    mem_free(j->file);
    mem_free(j->receipt);
    mem_free(j->part);
    mem_free(j->state);
    mem_free(j->lock);
    mem_free(j->later);
}

/* Is the file there the one that its receipt describes, and of this address? */
static void look_at_old(struct job *j, const char *shown)
{
    char sha[SHA256_HEX];
    struct err ignored = {.rc = RC_OK};
    j->have_old = fetch_receipt_read(j->receipt, &j->old) == 1 && strcmp(j->old.url, shown) == 0 &&
                  access(j->file, R_OK) == 0 && sha256_file(j->file, sha, &ignored) == 0 &&
                  strcmp(sha, j->old.sha256) == 0;
}

static void forget_part(struct job *j)
{
    (void)unlink(j->part);
    (void)unlink(j->state);
}

/* What a transfer can be taken up with: a strong ETag, else a date that names one version (RFC
 * 9110, 8.8.2.2); "" when there is neither. */
static const char *validator_of(const struct http_reply *r)
{
    return r->etag[0] == '"' ? r->etag : r->settled ? r->last_modified : "";
}

static int write_state(struct job *j, const struct http_reply *r, struct err *e)
{
    struct json *o CLEANUP(js_freep) = js_object();
    js_set(o, "url", js_text(j->s->address));
    js_set(o, "validator", js_text(validator_of(r)));
    struct buf b;
    buf_init(&b, 65536);
    js_write(&b, o, true);
    int rc = buf_ok(&b, "the state of a transfer", e);
    if (rc == 0)
        rc = file_write(j->state, buf_view(&b), e);
    buf_free(&b);
    return rc;
}

/* How much of a transfer that broke off can be taken up; 0 and "" when nothing can. */
static uint64_t part_size(struct job *j, char *validator, size_t size)
{
    struct json *o CLEANUP(js_freep) = NULL;
    struct err ignored = {.rc = RC_OK};
    struct stat st;
    validator[0] = '\0';
    if (stat(j->part, &st) < 0 || st.st_size <= 0 || js_parse_file(&o, j->state, &ignored) < 0)
        return 0;
    struct str v = js_str(js_get(o, "validator"));
    if (!str_is(js_str(js_get(o, "url")), j->s->address) || v.n == 0 || v.n >= size)
        return 0;
    (void)snprintf(validator, size, "%.*s", STR_ARG(v));
    return (uint64_t)st.st_size;
}

/* A body begins: from its first byte, or where the part ends. */
static int sink_begin(void *ctx, const struct http_reply *r, struct err *e)
{
    struct job *j = ctx;
    bool resumed = r->status == 206 && r->first > 0;
    int fd =
        open(j->part, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | (resumed ? 0 : O_TRUNC), 0666);
    off_t at = fd < 0 ? -1 : lseek(fd, 0, SEEK_END);
    if (at < 0) {
        err_sys(e, RC_CREATE, "FETCH-016", "cannot make the file");
        return err_place(e, "%s", j->part);
    }
    out_init(&j->out, fd, j->part);
    if (resumed && (uint64_t)at != r->first) {
        j->other_range = true;
        forget_part(j);
        err_set(e, RC_UNAVAILABLE, "FETCH-017",
                "asked for the bytes from %lld on, the server sent others", (long long)at);
        return err_place(e, "%s", j->s->source);
    }
    return resumed ? 0 : write_state(j, r, e);
}

static int sink_body(void *ctx, struct str bytes, struct err *e)
{
    struct job *j = ctx;
    out_str(&j->out, bytes);
    return j->out.broken ? out_close(&j->out, e) : 0;
}

static void sink_progress(void *ctx, uint64_t done, uint64_t total)
{
    struct job *j = ctx;
    stage_progress(j->st, j->s->source, done, total);
}

/* One request; what was received is in the part, whatever the result. */
static int attempt(struct job *j, struct http_reply *r, struct err *e)
{
    const struct fetch_source *s = j->s;
    const struct http_sink sink = {sink_begin, sink_body, sink_progress, j};
    char validator[256];
    bool ask = j->have_old && !j->o->force && !j->s->post && !j->prepared;
    struct http_request q = {.url = s->address,
                             .headers = s->lines,
                             .secret = s->secret,
                             .etag = ask ? j->old.etag : NULL,
                             .last_modified = ask ? j->old.last_modified : NULL,
                             .from = part_size(j, validator, sizeof validator),
                             .validator = validator,
                             .plain_http = s->plain_http,
                             .files = s->files,
                             .ssh_key = s->ssh_key,
                             .known_hosts = s->known_hosts,
                             .netrc = s->netrc,
                             .ca = s->ca,
                             .post = s->post,
                             .redirects = (unsigned)s->redirects,
                             .max_bytes = (uint64_t)s->max_bytes,
                             .timeout_ms = j->end - fetch_now_ms()};
    int rc = http_get(&q, &sink, r, e);
    if (j->out.p) {
        out_flush(&j->out);
        if (!j->out.broken && rc == 0 && fsync(j->out.fd) < 0 && errno != EINVAL && errno != EROFS)
            j->out.broken = errno;
        int closed = out_close(&j->out, rc < 0 ? NULL : e);
        rc = rc < 0 ? rc : closed < 0 ? err_place(e, "%s", j->part) : 0;
    }
    return rc;
}

/* May the answer pass when asked again? A part that the server refuses is given up first. */
static bool try_again(struct job *j, int rc, const struct http_reply *r)
{
    if (rc < 0)
        return r->again || j->other_range;
    if (r->status == 416) {
        forget_part(j);
        return true;
    }
    return r->status == 408 || r->status == 429 || r->status == 500 ||
           (r->status >= 502 && r->status <= 504);
}

/* What an answer that is no good means. */
static int refuse(struct job *j, const struct http_reply *r, struct err *e)
{
    struct buf b;
    buf_init(&b, 1024);
    fetch_fault_text(buf_view(&r->trouble), &b);
    const char *colon = b.n ? ": " : "", *text = buf_z(&b);
    if (r->status == 429 || (r->status == 503 && r->retry_after > 0)) {
        err_set(e, RC_RETRY, "FETCH-007", "the server says to come back later (%d)%s%s", r->status,
                colon, text);
        if (r->retry_after > 0)
            err_hint(e, "not before %lld seconds from now", (long long)r->retry_after);
    } else if (r->status >= 500) {
        err_set(e, RC_UNAVAILABLE, "FETCH-008", "the server has a fault of its own (%d)%s%s",
                r->status, colon, text);
        err_hint(e, "try later");
    } else if (r->status == 401 || r->status == 403) {
        err_set(e, RC_DENIED, "FETCH-009", "the server does not permit it (%d)%s%s", r->status,
                colon, text);
        err_hint(e, "does the source need a token_file, or has its token expired?");
    } else if (r->status == 413) {
        j->ends->too_big = true;
        err_set(e, RC_DATA, "FETCH-010", "too much is asked for (413)%s%s", colon, text);
        err_hint(e, "name fewer codes or a shorter period in the source, or split it in two");
    } else {
        j->ends->nothing = r->status == 404;
        err_set(e, RC_DATA, "FETCH-011", "the server answered %d%s%s", r->status, colon, text);
        err_hint(e, "check the address in the source, its flow, dimensions and codes");
    }
    buf_free(&b);
    return err_place(e, "%s", j->s->source);
}

static bool is_good(const struct http_reply *r)
{
    return r->status == 200 || r->status == 203 || r->status == 206;
}

/* Wait before the next attempt; false when there is no time left for that. */
static bool wait_for(struct job *j, const struct http_reply *r, int64_t k)
{
    int64_t ms = j->o->backoff_ms << (k < 10 ? k : 10);
    if (ms > 60000)
        ms = 60000;
    if (r->retry_after > ms / 1000)
        ms = r->retry_after > 1000000 ? INT64_MAX / 2 : r->retry_after * 1000;
    if (ms >= j->end - fetch_now_ms())
        return false;
    char why[48] = "the transfer failed";
    if (r->status && !is_good(r))
        (void)snprintf(why, sizeof why, "the server answered %d", r->status);
    stage_note(j->st, "%s: %s; again in %lld.%03lld s", j->s->source, why, (long long)(ms / 1000),
               (long long)(ms % 1000));
    fetch_sleep_ms(ms);
    return true;
}

/* Ask until an answer is good (1), says that nothing changed (0), or no attempt is left. */
static int transfer(struct job *j, struct http_reply *r, struct err *e)
{
    for (int64_t k = 0;; k++) {
        struct err now = {.rc = RC_OK};
        int rc = attempt(j, r, &now);
        if (rc == 0 && is_good(r))
            return 1;
        if (rc == 0 && r->status == 304 && j->have_old)
            return 0;
        bool again = try_again(j, rc, r) && k < j->o->retries && wait_for(j, r, k);
        if (again) {
            http_reply_free(r);
            continue;
        }
        char validator[256];
        if (rc == -RC_DATA || part_size(j, validator, sizeof validator) == 0)
            forget_part(j); /* a later run can do nothing with it */
        if (rc < 0) {
            *e = now;
            return rc;
        }
        return refuse(j, r, e);
    }
}

/* Plain bytes were asked for; gzip is known by its first bytes, anything else cannot be read. */
static int check_encoding(const struct job *j, const struct http_reply *r, struct err *e)
{
    static const char *const known[] = {"", "identity", "gzip", "x-gzip"};
    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        if (strcasecmp(r->encoding, known[i]) == 0)
            return 0;
    err_set(e, RC_DATA, "FETCH-030", "the server encodes the data as '%s', which was not asked for",
            r->encoding);
    return err_place(e, "%s", j->s->source);
}

static int publish(struct job *j, const struct http_reply *r, struct fetch_receipt *to,
                   bool *ret_changed, struct err *e)
{
    struct stat st;
    int rc = check_encoding(j, r, e);
    if (rc == 0)
        rc = fetch_look(j->part, j->s->source, (enum fetch_format)j->s->expect, &to->gzip, e);
    if (rc == 0)
        rc = sha256_file(j->part, to->sha256, e);
    if (rc < 0 || stat(j->part, &st) < 0)
        return rc < 0 ? rc : err_sys(e, RC_IO, "FETCH-028", "the file is gone");
    to->bytes = (int64_t)st.st_size;
    *ret_changed = !j->have_old || strcmp(to->sha256, j->old.sha256) != 0;
    if (*ret_changed && rename(j->part, j->file) < 0) {
        err_sys(e, RC_CREATE, "FETCH-029", "cannot make the file");
        return err_place(e, "%s", j->file);
    }
    (void)snprintf(to->final_url, sizeof to->final_url, "%s", r->url);
    (void)snprintf(to->etag, sizeof to->etag, "%s", r->etag);
    (void)snprintf(to->last_modified, sizeof to->last_modified, "%s", r->last_modified);
    (void)snprintf(to->date, sizeof to->date, "%s", r->date);
    (void)snprintf(to->type, sizeof to->type, "%s", r->type);
    to->status = 200; /* of the whole, also when its last piece was a 206 */
    return fetch_receipt_write(j->receipt, to, e);
}

static void tell(struct job *j, const struct fetch_receipt *r, bool changed)
{
    if (!changed)
        stage_note(j->st, "%s: unchanged, %s stays", j->s->source, j->file);
    else
        stage_note(j->st, "%s: %lld bytes in %s%s", j->s->source, (long long)r->bytes, j->file,
                   r->gzip ? ", compressed (gzip)" : "");
}

/* The number of a request that an earlier run made and that was not ready then. */
static void read_later(const struct job *j, char ret[128])
{
    struct json *o CLEANUP(js_freep) = NULL;
    struct err ignored = {.rc = RC_OK};
    ret[0] = '\0';
    if (js_parse_file(&o, j->later, &ignored) < 0 ||
        !str_is(js_str(js_get(o, "url")), j->s->address))
        return;
    struct str id = js_str(js_get(o, "id"));
    if (id.n < 128)
        (void)snprintf(ret, 128, "%.*s", STR_ARG(id));
}

static int write_later(const struct job *j, const char *id, struct err *e)
{
    struct json *o CLEANUP(js_freep) = js_object();
    struct buf b;
    js_set(o, "url", js_text(j->s->address));
    js_set(o, "id", js_text(id));
    buf_init(&b, 65536);
    js_write(&b, o, true);
    int rc = buf_ok(&b, "the number of a request", e);
    if (rc == 0)
        rc = file_write(j->later, buf_view(&b), e);
    buf_free(&b);
    return rc;
}

/* The server prepares the data: wait for them and fetch them from where they will be. */
static int transfer_later(struct job *j, const char *id, struct http_reply *r, struct err *e)
{
    struct buf url;
    buf_init(&url, 8192);
    int rc = fetch_await(j->st, j->s, j->o, id, j->end, &url, e);
    if (rc != -RC_RETRY)
        (void)unlink(j->later);
    if (rc == 0) {
        struct fetch_source there = *j->s;
        const struct fetch_source *here = j->s;
        there.address = buf_z(&url);
        http_reply_free(r);
        forget_part(j);
        j->s = &there;
        j->prepared = true;
        rc = transfer(j, r, e);
        j->s = here;
    }
    buf_free(&url);
    return rc;
}

static int transfer_all(struct job *j, struct http_reply *r, struct err *e)
{
    char id[128] = "";
    const struct fetch_builder *x = &j->s->builder;
    bool may_prepare = x->flow && (x->kind == KIND_SDMX_21 || x->kind == KIND_SDMX_30);
    if (may_prepare)
        read_later(j, id);
    if (id[0]) {
        struct err lost = {.rc = RC_OK};
        int rc = transfer_later(j, id, r, &lost);
        if (rc != -RC_DATA) {
            *e = lost;
            return rc;
        }
        stage_warn(j->st, &lost); /* what was prepared is gone: ask anew */
    }
    int rc = transfer(j, r, e);
    if (rc <= 0 || !may_prepare)
        return rc;
    fetch_async_id(j->part, id);
    if (!id[0])
        return rc;
    rc = write_later(j, id, e);
    forget_part(j);
    return rc < 0 ? rc : transfer_later(j, id, r, e);
}

/* A server that repeats the token in its answer shall not make us show it. */
static void hide(char *text, const char *secret)
{
    size_t n = strlen(secret);
    for (char *p = text; n && (p = strstr(p, secret)); p += n)
        memset(p, '*', n);
}

static void hide_token(const struct fetch_source *s, struct err *e)
{
    const char *blank = s->secret ? strrchr(s->secret, ' ') : NULL;
    if (!blank)
        return;
    hide(e->text, blank + 1);
    hide(e->hint, blank + 1);
}

int fetch_get(struct stage *st, const struct fetch_source *s, const struct fetch_options *o,
              struct fetch_outcome *ret, struct err *e)
{
    struct job j = {.st = st, .s = s, .o = o, .lock_fd = -1, .ends = ret};
    struct http_reply r = {.status = 0};
    struct fetch_receipt receipt = {.source = s->source, .file = s->file, .query = s->post};
    struct buf shown;
    buf_init(&shown, sizeof receipt.url - 1);
    http_url_show(&shown, s->address);
    (void)snprintf(receipt.url, sizeof receipt.url, "%s", buf_z(&shown));
    buf_free(&shown);
    *ret = (struct fetch_outcome){.changed = false};
    int rc = job_open(&j, e);
    if (rc == 0) {
        look_at_old(&j, receipt.url);
        rc = transfer_all(&j, &r, e);
    }
    if (rc > 0) {
        rc = publish(&j, &r, &receipt, &ret->changed, e);
        forget_part(&j); /* published, the same as before, or not what was wanted */
    }
    if (rc == 0)
        tell(&j, &receipt, ret->changed);
    else
        hide_token(s, e);
    http_reply_free(&r);
    job_close(&j);
    return rc;
}
