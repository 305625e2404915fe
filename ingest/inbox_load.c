/* inbox_load.c — a proved file through read | map | check | load, and what came of it. A file that
 * was loaded by somebody who did not live to answer is only checked again. Owns nothing beyond the
 * call; results go to the delivery. */
#include "inbox.h"

#include "bounds.h"
#include "mem.h"

#include <unistd.h>

#define FINDINGS_KEPT 100
#define LINES_KEPT 60

struct places {
    const char *findings, *receipt, *log;
    const char *load[16];
};

static void places_of(struct delivery *d, struct places *w)
{
    struct inbox *in = d->desk->in;
    struct arena *a = &d->desk->arena;
    const struct packet_manifest *m = &d->packet.m;
    const char *dir = arena_fmt(a, "%s/.run", d->desk->work);
    size_t n = 0;
    w->findings = arena_fmt(a, "%s/findings.ndjson", dir);
    w->receipt = arena_fmt(a, "%s/receipt.json", dir);
    w->log = arena_fmt(a, "%s/log", dir);
    w->load[n++] = stage_program(in->st, "load");
    w->load[n++] = "--quiet";
    w->load[n++] = arena_fmt(a, "--config=%s", in->conf->dir);
    w->load[n++] = arena_fmt(a, "--partner=%s", m->sender);
    w->load[n++] = arena_fmt(a, "--reason=%s", m->reason);
    w->load[n++] = arena_fmt(a, "--file=%s", d->file);
    w->load[n++] = arena_fmt(a, "--receipt=%s", w->receipt);
    w->load[n++] = arena_fmt(a, "--findings=%s", w->findings);
    if (*in->received)
        w->load[n++] = arena_fmt(a, "--received=%s", in->received);
    if (*m->reason_code)
        w->load[n++] = arena_fmt(a, "--reason-code=%s", m->reason_code);
    w->load[n] = NULL;
}

struct tally {
    struct json *list;
    int64_t n[3];
};

struct by_line {
    int (*line)(void *to, struct str line, struct err *e); /* 1: enough */
    void *to;
};

static int lines_of(struct str rest, struct buf *line, const struct by_line *how, struct err *e)
{
    int rc = 0;
    while (rc == 0 && rest.n) {
        const char *end = memchr(rest.p, '\n', rest.n);
        struct str part = {rest.p, end ? (size_t)(end - rest.p) : rest.n};
        buf_str(line, part);
        rest = str_cut(rest, part.n + (end != NULL));
        if (!end)
            continue;
        rc = buf_ok(line, "a line of our own programs", e);
        if (rc == 0 && line->n)
            rc = how->line(how->to, buf_view(line), e);
        buf_reset(line);
    }
    return rc;
}

/* Every line of a file that a program of the pipe wrote, whatever its size: there may be a finding
 * for each row of a large delivery. None when there is no file. */
static int each_line(const char *path, const struct by_line *how, struct err *e)
{
    char *chunk CLEANUP(mem_freep) = NULL;
    struct source *s CLEANUP(source_closep) = NULL;
    struct buf line CLEANUP(buf_free) = {.max = LIMIT_ROW_BYTES};
    ssize_t got = 0;
    int rc = access(path, F_OK) < 0 ? 1 : source_open(&s, path, e);
    if (rc != 0)
        return rc < 0 ? rc : 0;
    chunk = mem_new(LIMIT_IO_CHUNK);
    while (rc == 0 && (got = s->read(s, chunk, LIMIT_IO_CHUNK, e)) > 0)
        rc = lines_of((struct str){chunk, (size_t)got}, &line, how, e);
    if (rc == 0 && got < 0)
        return (int)got;
    if (rc == 0 && line.n) /* the last of a program that was killed */
        rc = how->line(how->to, buf_view(&line), e);
    return rc < 0 ? rc : 0;
}

static int count_finding(void *to, struct str line, struct err *e)
{
    static const char *const levels[] = {"error", "warning", "information"};
    static const char *const kept[] = {"level", "rule", "place", "reason", "fix"};
    struct tally *t = to;
    struct json *j CLEANUP(js_freep) = NULL;
    int rc = js_parse(&j, line, "findings", e);
    if (rc < 0)
        return rc;
    for (size_t i = 0; i < ARRAY_LEN(levels); i++)
        t->n[i] += str_is(js_str(js_get(j, "level")), levels[i]);
    if (js_count(t->list) == FINDINGS_KEPT)
        return 0;
    struct json *x = js_object();
    for (size_t i = 0; i < ARRAY_LEN(kept); i++)
        js_set(x, kept[i], js_string(js_str(js_get(j, kept[i]))));
    js_push(t->list, x);
    return 0;
}

/* The findings as check wrote them, one a line; the first FINDINGS_KEPT in full. */
static int read_findings(struct delivery *d, const char *path, struct err *e)
{
    static const char *const counts[] = {"errors", "warnings", "information"};
    struct tally t = {.list = NULL};
    if (access(path, F_OK) < 0)
        return 0;
    t.list = js_array();
    int rc = each_line(path, &(struct by_line){count_finding, &t}, e);
    d->findings = js_object();
    for (size_t i = 0; i < ARRAY_LEN(counts); i++)
        js_set(d->findings, counts[i], js_int(t.n[i]));
    js_set(d->findings, "list", t.list);
    return rc;
}

/* Our folders are not the sender's business. */
static int keep_message(void *to, struct str line, struct err *e)
{
    struct delivery *d = to;
    const char *dir = d->desk->in->dir;
    (void)e;
    if (!memmem(line.p, line.n, dir, strlen(dir)))
        js_push(d->messages, js_string(line));
    return js_count(d->messages) == LINES_KEPT;
}

/* What the programs said, for whoever must correct it. */
static int read_log(struct delivery *d, const char *path, struct err *e)
{
    if (access(path, F_OK) < 0)
        return 0;
    d->messages = js_array();
    return each_line(path, &(struct by_line){keep_message, d}, e);
}

static int accepted(struct delivery *d, const char *receipt, struct err *e)
{
    struct err none = {.rc = RC_OK};
    if (!d->load) {
        int rc = js_parse_file(&d->load, receipt, e);
        if (rc < 0)
            return rc;
    }
    d->submission = (int32_t)js_integer(js_get(d->load, "receipt"), 0);
    return delivery_verdict(d, VERDICT_ACCEPTED, "", &none);
}

/* The pipe failed: by its data, for now, or for good. */
static int failed(struct delivery *d, const struct err *why, struct err *e)
{
    struct err said = {.rc = RC_OK};
    if (why->rc == RC_DATA || why->rc == RC_DENIED || why->rc == RC_USAGE) {
        err_set(&said, RC_DATA, "INBOX-020", "the file did not pass: %s", why->text);
        err_hint(&said, "correct the file as the findings and messages say, and send it anew");
        return delivery_verdict(d, VERDICT_REFUSED, "data", &said);
    }
    if (why->rc == RC_BUG || why->rc == RC_SYSTEM) {
        d->consumed = false;
        err_set(&said, RC_BUG, "INBOX-021", "the coordinator's programs failed: %s", why->text);
        err_hint(&said, "nothing need be done by the sender; the coordinator looks into it");
        stage_warn(d->desk->in->st, &said); /* also with --quiet: cron is to say it */
        return delivery_verdict(d, VERDICT_HELD, "fault", &said);
    }
    *e = *why;
    return -(int)why->rc;
}

int delivery_load(struct delivery *d, struct err *e)
{
    struct inbox *in = d->desk->in;
    struct arena *a = &d->desk->arena;
    struct places w;
    struct err why = {.rc = RC_OK};
    places_of(d, &w);
    int loaded = store_loaded(d, &d->load, e);
    if (loaded < 0)
        return loaded;
    const struct packet_pipe pipe = {.st = in->st,
                                     .conf = in->conf,
                                     .profile = d->packet.m.profile,
                                     .file = d->file,
                                     .findings = arena_fmt(a, "--findings=%s", w.findings),
                                     .log = w.log,
                                     .stream = arena_fmt(a, "%s/.run/stream.csv", d->desk->work),
                                     .load = loaded ? NULL : w.load,
                                     .timeout_s = (unsigned)in->o->timeout};
    int ran = packet_pipe(&pipe, &why);
    int rc = read_findings(d, w.findings, e);
    if (rc == 0)
        rc = read_log(d, w.log, e);
    if (rc < 0)
        return rc;
    return ran >= 0 || loaded ? accepted(d, w.receipt, e) : failed(d, &why, e);
}
