/* build_run.c — the other programs that a building runs: the pipes of its datasets, each watched to
 * its end. The report folder itself knows neither the store nor the network. */
#include "build_plan.h"

#include "bounds.h"
#include "mem.h"
#include "proc.h"
#include "sdmx.h"

#define ARGS_MAX 64
#define STEPS_MAX 16

int build_program(struct build *b, const char *const *argv, const char *in, const char *out,
                  struct err *e)
{
    const char *env[] = {arena_fmt(&b->conf->arena, "RTA_CONFIG=%s", b->conf->dir), NULL};
    struct proc_io io = {.in_path = in, .out_path = out, .env = env};
    int rc = proc_run(argv, &io, e);
    return rc < 0 ? rc : 0;
}

const char *build_stream(const struct build *b, const char *name)
{
    return arena_fmt(&b->conf->arena, "%s/%s.csv", b->work, name);
}

static const char *given(const struct build *b, const char *name)
{
    for (size_t i = 0; i < b->o->data.n; i++) {
        const char *arg = b->o->data.items[i], *eq = strchr(arg, '=');
        if (eq && str_eq((struct str){arg, (size_t)(eq - arg)}, str_of(name)))
            return eq + 1;
    }
    return NULL;
}

/* The version that the edition is of, settled once: --as-of can say it in many ways. */
int build_store(struct build *b, struct err *e)
{
    const struct plan_data *d = b->plan->datasets.items;
    struct arena *a = &b->conf->arena;
    bool needed = false;
    for (size_t i = 0; i < b->plan->datasets.n; i++)
        needed = needed || !given(b, d[i].name);
    b->store = b->published = b->store_id = "";
    if (!needed)
        return 0;
    struct buf out;
    buf_init(&out, LIMIT_REPLY_BYTES);
    const char *argv[] = {stage_program(b->st, "explain"), "--version-of", "--as-of",
                          b->o->as_of ? b->o->as_of : "", NULL};
    const char *env[] = {arena_fmt(a, "RTA_CONFIG=%s", b->conf->dir), NULL};
    struct proc_io io = {.out = &out, .env = env};
    CLEANUP(js_freep) struct json *j = NULL;
    int rc = proc_run(argv, &io, e);
    if (rc >= 0)
        rc = js_parse(&j, buf_view(&out), "rta explain --version-of", e);
    if (rc >= 0) {
        b->store = arena_text(a, js_str(js_get(j, "version")));
        b->store_id = arena_text(a, js_str(js_get(j, "store_id")));
        b->published = arena_text(a, js_str(js_get(j, "published_at")));
    }
    buf_free(&out);
    return rc < 0 ? rc : 0;
}

const char *build_trace(const struct build *b, const struct plan_data *d)
{
    const struct plan_step *s = d->pipe.items;
    for (size_t i = 0; i < d->pipe.n; i++)
        if (s[i].trace)
            return arena_fmt(&b->conf->arena, "%s/%s.trace", b->work, d->name);
    return NULL;
}

bool build_explains(const struct build *b, const char *data)
{
    const struct plan_data *d = b->plan->datasets.items;
    for (size_t i = 0; i < b->plan->datasets.n; i++)
        if (strcmp(d[i].name, data) == 0)
            return !given(b, data) && (d[i].pipe.n == 1 || build_trace(b, &d[i]));
    return false;
}

static int fill_args(struct build *b, const struct plan_data *d, const struct plan_step *s,
                     const char **argv, struct err *e)
{
    const char *const *args = s->args.items;
    size_t n = 0;
    argv[n++] = stage_program(b->st, s->run);
    for (size_t i = 0; i < s->args.n && n < ARGS_MAX - 6; i++) {
        int rc = view_fill(&b->view, args[i], &argv[n++], e);
        if (rc < 0)
            return rc;
    }
    if (s->as_of && b->store[0]) {
        argv[n++] = "--as-of";
        argv[n++] = arena_fmt(&b->conf->arena, "version:%s", b->store);
    }
    if (s->trace) {
        argv[n++] = "--trace";
        argv[n++] = build_trace(b, d);
    }
    argv[n] = NULL;
    return 0;
}

/* The commands of a dataset, for the manifest: the folder of the streams has no name there. */
static int note_pipe(struct build *b, const struct plan_data *d, struct json *in, struct err *e)
{
    const struct plan_step *s = d->pipe.items;
    struct json *pipe = js_array();
    js_set(in, "pipe", pipe);
    for (size_t i = 0; i < d->pipe.n && !given(b, d->name); i++) {
        const char *argv[ARGS_MAX];
        struct json *step = js_array();
        js_push(pipe, step);
        int rc = fill_args(b, d, &s[i], argv, e);
        if (rc < 0)
            return rc;
        js_push(step, js_text(s[i].run));
        for (size_t k = 1; argv[k]; k++) {
            size_t n = strlen(b->work);
            bool work = strncmp(argv[k], b->work, n) == 0;
            js_push(step,
                    js_text(work ? arena_fmt(&b->conf->arena, "{work}%s", argv[k] + n) : argv[k]));
        }
    }
    return 0;
}

static int run_pipe(struct build *b, const struct plan_data *d, struct err *e)
{
    const struct plan_step *s = d->pipe.items;
    struct proc_cmd cmds[STEPS_MAX];
    if (d->pipe.n == 0 || d->pipe.n > STEPS_MAX)
        return yaml_fault(e, d->at, "BUILD-010", "dataset %s needs a pipe of 1 to %d steps",
                          d->name, STEPS_MAX);
    for (size_t i = 0; i < d->pipe.n; i++) {
        const char **argv = arena_array(&b->conf->arena, ARGS_MAX, sizeof *argv);
        int rc = fill_args(b, d, &s[i], argv, e);
        if (rc < 0)
            return rc;
        cmds[i].argv = argv;
    }
    const char *env[] = {arena_fmt(&b->conf->arena, "RTA_CONFIG=%s", b->conf->dir), NULL};
    struct proc_io io = {.out_path = build_stream(b, d->name), .env = env};
    int rc = proc_pipe(cmds, d->pipe.n, &io, e);
    if (rc < 0)
        err_hint(e, "dataset %s could not be made; the edition in place is as it was", d->name);
    return rc < 0 ? rc : 0;
}

/* Read the stream once to its seal, and write it without the seal into the edition. */
static int keep(struct build *b, const struct plan_data *d, const char *from, struct err *e)
{
    struct json *in = js_object();
    js_set(in, "name", js_text(d->name));
    CLEANUP(source_closep) struct source *src = NULL;
    CLEANUP(sdmx_closep) struct sdmx_reader *r = NULL;
    struct sdmx_options so = {0};
    struct sdmx_row row;
    int64_t unreviewed = 0;
    int rc = note_pipe(b, d, in, e);
    if (rc >= 0)
        rc = source_open(&src, from, e);
    if (rc >= 0)
        rc = sdmx_open(&r, src, &so, e);
    while (rc >= 0 && (rc = sdmx_next(r, &row, e)) > 0) {
        int nature = sdmx_find(r, "NATURE"), reviewed = sdmx_find(r, "REVIEWED");
        unreviewed += reviewed >= 0 && str_is(row.cell[reviewed], "N");
        b->illustrative =
            b->illustrative || (nature >= 0 && str_is(row.cell[nature], "ILLUSTRATIVE"));
    }
    if (rc < 0) {
        js_free(in);
        return rc;
    }
    js_set(in, "records", js_int((int64_t)sdmx_records(r)));
    js_set(in, "unreviewed", js_int(unreviewed));
    js_set(in, "seal", js_text(sdmx_seal(r)));
    js_push(b->inputs, in);
    return 0;
}

static int copy_open(struct build *b, const struct plan_data *d, const char *from, struct err *e)
{
    char *text = NULL;
    size_t n = 0;
    int rc = file_slurp(from, LIMIT_JSON_BYTES, &text, &n, e);
    if (rc < 0)
        return rc;
    size_t end = n && text[n - 1] == '\n' ? n - 1 : n;
    while (end && text[end - 1] != '\n')
        end--;
    if (strncmp(text + end, "#seal,", 6) == 0)
        n = end;
    const char *path = arena_fmt(&b->conf->arena, "%s/data/%s.csv", b->fresh, d->name);
    rc = file_write(path, (struct str){text, n}, e);
    mem_free(text);
    return rc;
}

static int copy_given(const char *from, const char *to, struct err *e)
{
    char *text = NULL;
    size_t n = 0;
    int rc = file_slurp(from, LIMIT_JSON_BYTES, &text, &n, e);
    if (rc >= 0)
        rc = file_write(to, (struct str){text, n}, e);
    mem_free(text);
    return rc;
}

int build_data(struct build *b, struct err *e)
{
    const struct plan_data *d = b->plan->datasets.items;
    for (size_t i = 0; i < b->plan->datasets.n; i++) {
        const char *file = given(b, d[i].name), *stream = build_stream(b, d[i].name);
        stage_progress(b->st, d[i].name, i, b->plan->datasets.n);
        int rc = file ? copy_given(file, stream, e) : run_pipe(b, &d[i], e);
        if (rc >= 0)
            rc = keep(b, &d[i], stream, e);
        if (rc >= 0 && !d[i].hidden)
            rc = copy_open(b, &d[i], stream, e);
        if (rc < 0)
            return rc;
    }
    return 0;
}
