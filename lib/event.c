/* event.c — see event.h. Owns its descriptor (unless it was given as fd:N) and the run id. */
#include "event.h"

#include "io.h"
#include "mem.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define EVENT_VERSION 1
#define EVENT_BYTES ((size_t)1 << 20)

struct events {
    int fd;
    bool own; /* close it at the end */
    uint64_t seq, lost;
    char *program, *run;
};

/* fd:N: an open descriptor that whoever started us left for it. */
static int given_fd(const char *path, int *ret, struct err *e)
{
    char *end;
    errno = 0;
    long fd = strtol(path + 3, &end, 10);
    bool ok = !errno && end != path + 3 && !*end && fd >= 0 && fd < 65536;
    if (!ok || fcntl((int)fd, F_GETFD) < 0) {
        int rc = err_set(e, RC_USAGE, "EVENT-001", "no open file descriptor for events: %s", path);
        (void)err_hint(e, "write fd:N with the number of an open one, or the name of a file");
        return rc;
    }
    *ret = (int)fd;
    return 0;
}

/* Time and process: two runs on one machine never share it. */
static char *make_run(void)
{
    struct timespec now;
    struct tm t;
    char text[64];
    (void)clock_gettime(CLOCK_REALTIME, &now);
    (void)gmtime_r(&now.tv_sec, &t);
    size_t n = strftime(text, sizeof text, "%Y%m%dT%H%M%S", &t);
    (void)snprintf(text + n, sizeof text - n, ".%06ldZ-%ld", now.tv_nsec / 1000, (long)getpid());
    return mem_text(str_of(text));
}

int events_open(struct events **ret, const char *path, const char *program, const char *run,
                struct err *e)
{
    *ret = NULL;
    if (!path)
        return 0;
    int fd = -1;
    bool own = strncmp(path, "fd:", 3) != 0;
    if (!own) {
        int rc = given_fd(path, &fd, e);
        if (rc < 0)
            return rc;
    } else if ((fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666)) < 0) {
        int rc = err_sys(e, RC_CREATE, "EVENT-002", "cannot open the file for events");
        (void)err_place(e, "%s", path);
        return rc;
    }
    struct events *ev = mem_new(sizeof *ev);
    *ev = (struct events){.fd = fd, .own = own, .program = mem_text(str_of(program))};
    ev->run = run && *run ? mem_text(str_of(run)) : make_run();
    *ret = ev;
    return 0;
}

void events_close(struct events *ev)
{
    if (!ev)
        return;
    if (ev->own)
        (void)close(ev->fd);
    mem_free(ev->program);
    mem_free(ev->run);
    mem_free(ev);
}

const char *events_run(const struct events *ev) { return ev ? ev->run : NULL; }

uint64_t events_lost(const struct events *ev) { return ev ? ev->lost : 0; }

static void write_line(struct events *ev, const struct buf *line)
{
    ssize_t put;
    do
        put = write(ev->fd, line->p, line->n);
    while (put < 0 && errno == EINTR);
    if (line->full || put != (ssize_t)line->n)
        ev->lost++;
}

/* Our members first and in a fixed order, so that people can read the lines too. */
void event_emit(struct events *ev, const char *event, struct json *fields)
{
    if (!ev) {
        js_free(fields);
        return;
    }
    struct json *j = js_object();
    js_set(j, "v", js_int(EVENT_VERSION));
    js_set(j, "run", js_text(ev->run));
    js_set(j, "program", js_text(ev->program));
    js_set(j, "seq", js_int((int64_t)++ev->seq));
    js_set(j, "event", js_text(event));
    const char *key = NULL;
    size_t n = js_kind_of(fields) == JS_OBJECT ? js_count(fields) : 0;
    for (size_t i = 0; i < n; i++) {
        struct json *value = js_member(fields, i, &key);
        if (!js_get(j, key))
            js_set(j, key, js_share(value));
    }
    struct buf line;
    buf_init(&line, EVENT_BYTES);
    js_write(&line, j, false);
    buf_char(&line, '\n');
    write_line(ev, &line);
    buf_free(&line);
    js_free(j);
    js_free(fields);
}
