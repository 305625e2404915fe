/* stage.c — the kit of every program (stage.h): the one home of exit, of standard output and error,
 * and of the environment. Owns the stage's output, events, configuration and its own arena, which
 * holds what it hands out as text. */
#include "stage.h"

#include "mem.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

#define MESSAGE_BYTES ((size_t)8192)
#define PATH_BYTES 4096

struct stage_private {
    struct arena arena;
    struct opt_result parsed;
    const char *bin_dir, *home;
    struct timespec started, shown; /* monotonic: the start, and the last progress */
    bool progress, conf_open;       /* a line of progress stands on the terminal */
};

/* ---- the environment ------------------------------------------------------------------------ */

const char *stage_env(const char *name)
{
    const char *v = getenv(name);
    return v && v[0] ? v : NULL;
}

const char *stage_bin_dir(struct stage *st)
{
    if (st->priv->bin_dir)
        return st->priv->bin_dir;
    char self[PATH_BYTES];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    while (n > 1 && self[n - 1] != '/')
        n--;
    struct str dir = n > 1 ? (struct str){self, (size_t)n - 1} : STR(".");
    return st->priv->bin_dir = arena_text(&st->priv->arena, dir);
}

const char *stage_program(struct stage *st, const char *verb)
{
    return arena_fmt(&st->priv->arena, "%s/rta-%s", stage_bin_dir(st), verb);
}

/* In a source tree (build/V/bin) the home is var/ there, so that nothing is left elsewhere. */
const char *stage_home(struct stage *st)
{
    struct stage_private *p = st->priv;
    const char *given = stage_env("RTA_HOME"), *user = stage_env("HOME");
    if (p->home)
        return p->home;
    if (given)
        return p->home = arena_text(&p->arena, str_of(given));
    const char *root = arena_fmt(&p->arena, "%s/../../..", stage_bin_dir(st));
    struct stat s;
    if (stat(arena_fmt(&p->arena, "%s/lib/stage.h", root), &s) == 0) {
        char *real = realpath(root, NULL);
        p->home = arena_fmt(&p->arena, "%s/var", real ? real : root);
        mem_free(real);
        return p->home;
    }
    return p->home = arena_fmt(&p->arena, "%s/.local/share/rta", user ? user : "");
}

/* ---- messages ------------------------------------------------------------------------------- */

static void write_err(const char *p, size_t n)
{
    while (n) {
        ssize_t put = write(STDERR_FILENO, p, n);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return; /* nobody can be told */
        p += put;
        n -= (size_t)put;
    }
}

/* One message in one write, after what stdout still holds. */
static void speak(struct stage *st, struct buf *b)
{
    if (st->out.p)
        out_flush(&st->out);
    if (st->priv && st->priv->progress)
        write_err("\r\033[K", 4);
    if (st->priv)
        st->priv->progress = false;
    write_err(buf_z(b), b->n);
    buf_free(b);
}

static void begin(const struct stage *st, struct buf *b, const char *word, const char *color)
{
    const char *verb = st->program->verb;
    buf_init(b, MESSAGE_BYTES);
    buf_fmt(b, "rta%s%s: ", verb[0] ? "-" : "", verb);
    if (word)
        buf_fmt(b, "%s%s%s: ", st->color ? color : "", word, st->color ? "\033[0m" : "");
}

static void tell(struct stage *st, const struct err *e, const char *level, const char *color)
{
    struct buf b;
    begin(st, &b, level, color);
    if (e->place[0])
        buf_fmt(&b, "%s: ", e->place);
    buf_fmt(&b, "%s [%s]\n", e->text, e->id);
    if (e->hint[0])
        buf_fmt(&b, "  hint: %s\n", e->hint);
    speak(st, &b);
    struct json *o = js_object();
    js_set(o, "level", js_text(level));
    js_set(o, "id", js_text(e->id));
    js_set(o, "place", js_text(e->place));
    js_set(o, "text", js_text(e->text));
    js_set(o, "hint", js_text(e->hint));
    event_emit(st->events, "message", o);
}

void stage_error(struct stage *st, const struct err *e) { tell(st, e, "error", "\033[1;31m"); }

void stage_warn(struct stage *st, const struct err *e) { tell(st, e, "warning", "\033[1;33m"); }

void stage_note(struct stage *st, const char *fmt, ...)
{
    if (st->common.quiet)
        return;
    char text[MESSAGE_BYTES / 2];
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    err_disarm(text);
    struct buf b;
    begin(st, &b, NULL, "");
    buf_fmt(&b, "%s\n", text);
    speak(st, &b);
}

void stage_raise(struct stage *st, enum rc rc)
{
    if (rc > st->status)
        st->status = rc;
}

static int64_t ms_since(struct timespec then)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)(now.tv_sec - then.tv_sec) * 1000 + (now.tv_nsec - then.tv_nsec) / 1000000;
}

void stage_progress(struct stage *st, const char *what, uint64_t done, uint64_t total)
{
    struct stage_private *p = st->priv;
    if (!st->tty_err || st->common.quiet || ms_since(p->shown) < 100)
        return;
    (void)clock_gettime(CLOCK_MONOTONIC, &p->shown);
    struct buf b;
    buf_init(&b, MESSAGE_BYTES);
    buf_fmt(&b, "\r\033[K%s %llu", what, (unsigned long long)done);
    if (total)
        buf_fmt(&b, " of %llu", (unsigned long long)total);
    write_err(buf_z(&b), b.n);
    buf_free(&b);
    p->progress = true;
}

/* ---- what programs ask for ------------------------------------------------------------------- */

int stage_conf(struct stage *st, struct conf **ret, struct err *e)
{
    if (!st->priv->conf_open) {
        const char *dir = st->common.config ? st->common.config : stage_env("RTA_CONFIG");
        int rc = conf_open(&st->conf, dir, e);
        if (rc < 0)
            return rc;
        st->priv->conf_open = true;
    }
    *ret = &st->conf;
    return 0;
}

int stage_stdin(struct stage *st, struct source **ret, struct err *e)
{
    if (isatty(STDIN_FILENO)) {
        const char *verb = st->program->verb;
        err_set(e, RC_USAGE, "STAGE-001", "standard input is a terminal");
        return err_hint(e, "name a file, or send one: rta %s < FILE", verb);
    }
    return source_open(ret, "-", e);
}

/* ---- start ------------------------------------------------------------------------------------
 */

/* A program started with 0, 1 or 2 closed would take its first file for standard output. What fills
 * the gap cannot be used: reading or writing it fails, as it would on a closed descriptor. */
static void open_standard_fds(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0)
            (void)open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

static void hygiene(void)
{
    open_standard_fds();
    (void)signal(SIGPIPE, SIG_DFL);
    (void)setlocale(LC_ALL, "C");
    (void)umask(umask(0) | 022);
}

/* Events go where the option says, else RTA_EVENTS; children take part under the same run id. */
static int start_events(struct stage *st, struct err *e)
{
    const char *verb = st->program->verb, *run = stage_env("RTA_RUN");
    const char *to = st->common.events ? st->common.events : stage_env("RTA_EVENTS");
    const char *name = arena_fmt(&st->priv->arena, "rta%s%s", verb[0] ? "-" : "", verb);
    int rc = to ? events_open(&st->events, to, name, run, e) : 0;
    if (rc < 0 || !st->events)
        return rc;
    (void)setenv("RTA_EVENTS", to, 1);
    (void)setenv("RTA_RUN", events_run(st->events), 1);
    struct json *o = js_object(), *args = js_array();
    for (int i = 0; i < st->nargs; i++)
        js_push(args, js_text(st->args[i]));
    js_set(o, "args", args);
    js_set(o, "version", js_text(RTA_VERSION));
    event_emit(st->events, "start", o);
    return 0;
}

/* --help and its sisters: true when one was asked for and answered. */
static bool answer(struct stage *st)
{
    const struct opt_common *c = &st->common;
    const char *verb = st->program->verb;
    struct buf b;
    buf_init(&b, (size_t)1 << 20);
    if (c->help)
        opt_help(&b, st->program);
    else if (c->version)
        buf_fmt(&b, "rta%s%s %s\n", verb[0] ? "-" : "", verb, RTA_VERSION);
    else if (c->man)
        opt_man(&b, st->program);
    else if (c->completion)
        opt_completion(&b, st->program);
    else if (c->json_help) {
        opt_describe_json(&b, st->program);
        buf_char(&b, '\n');
    }
    out_str(&st->out, buf_view(&b));
    bool answered = b.n > 0;
    buf_free(&b);
    return answered;
}

/* ---- the end ----------------------------------------------------------------------------------
 */

static void send_totals(struct stage *st)
{
    const struct totals *t = &st->totals;
    struct json *o = js_object();
    js_set(o, "unit", js_text(t->unit ? t->unit : "rows"));
    js_set(o, "in", js_int((int64_t)t->in));
    js_set(o, "passed", js_int((int64_t)t->passed));
    js_set(o, "refused", js_int((int64_t)t->refused));
    js_set(o, "merged", js_int((int64_t)t->merged));
    js_set(o, "aside", js_int((int64_t)t->aside));
    event_emit(st->events, "totals", o);
}

/* in = passed + refused + merged + aside, or it is our fault. A run that failed half-way has no
 * totals to show. */
static int account(struct stage *st, bool whole, struct err *e)
{
    const struct totals *t = &st->totals;
    if (!t->used)
        return 0;
    bool closes = t->in == t->passed + t->refused + t->merged + t->aside;
    if (!closes && whole)
        return err_set(e, RC_BUG, "STAGE-002",
                       "the accounts do not close: %llu in, but %llu + %llu + %llu + %llu",
                       (unsigned long long)t->in, (unsigned long long)t->passed,
                       (unsigned long long)t->refused, (unsigned long long)t->merged,
                       (unsigned long long)t->aside);
    if (!closes)
        return 0;
    stage_note(st, "%llu %s in: %llu passed, %llu refused, %llu merged, %llu aside",
               (unsigned long long)t->in, t->unit ? t->unit : "rows", (unsigned long long)t->passed,
               (unsigned long long)t->refused, (unsigned long long)t->merged,
               (unsigned long long)t->aside);
    send_totals(st);
    return 0;
}

static void report(struct stage *st, int rc, const struct err *e)
{
    struct err unknown = {.rc = RC_OK};
    if (rc >= 0)
        return;
    if (!e->rc)
        err_set(&unknown, RC_BUG, "STAGE-003", "failed with %d and said nothing", -rc);
    stage_error(st, e->rc ? e : &unknown);
    stage_raise(st, e->rc ? e->rc : RC_BUG);
}

static enum rc finish(struct stage *st)
{
    struct err e = {.rc = RC_OK};
    int rc = out_close(&st->out, &e);
    report(st, rc, &e);
    if (st->priv->progress)
        write_err("\r\033[K", 4);
    struct json *o = js_object();
    js_set(o, "code", js_int(st->status));
    js_set(o, "ms", js_int(ms_since(st->priv->started)));
    event_emit(st->events, "exit", o);
    events_close(st->events);
    if (st->priv->conf_open)
        conf_close(&st->conf);
    opt_release(&st->priv->parsed);
    arena_free(&st->priv->arena);
    return st->status;
}

static int prepare(struct stage *st, int argc, char **argv, struct err *e)
{
    struct opt_result *r = &st->priv->parsed;
    int rc = opt_parse(st->program, argc, argv, st->options, r, e);
    st->common = r->common;
    st->args = r->args;
    st->nargs = r->nargs;
    bool plain = st->common.no_color || stage_env("NO_COLOR");
    st->color = st->tty_err && !plain;
    return rc;
}

int stage_main(const struct opt_program *program, void *options, stage_run run, int argc,
               char **argv)
{
    struct stage_private priv = {.bin_dir = NULL};
    struct stage st = {.program = program, .options = options, .priv = &priv};
    struct err e = {.rc = RC_OK};
    hygiene();
    (void)clock_gettime(CLOCK_MONOTONIC, &priv.started);
    st.tty_err = isatty(STDERR_FILENO) == 1;
    out_init(&st.out, STDOUT_FILENO, "standard output");
    int rc = prepare(&st, argc, argv, &e);
    if (rc == 0 && answer(&st))
        return (int)finish(&st);
    if (rc == 0)
        rc = start_events(&st, &e);
    if (rc == 0)
        rc = run(&st, &e);
    int closed = account(&st, rc >= 0 && e.rc == RC_OK, &e);
    report(&st, rc < 0 ? rc : closed, &e);
    return (int)finish(&st);
}
