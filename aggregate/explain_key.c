/* explain_key.c — one figure named by its codes: an observation of the store, or a result, for
 * which the programs that compute it are run once more on just the figures that it needs. */
#include "explain.h"

#include "bounds.h"
#include "derive_plan.h"
#include "key.h"
#include "proc.h"

#include <unistd.h>

#define ARGS_MAX (STRUCTURE_DIMS_MAX + 16)

/* What is asked: a structure, or its results. names: the dimensions of the key, the period last. */
struct asked {
    const struct structure *s;
    struct plan *plan;
    const struct indicator *ind; /* NULL: an observation */
    const char *names[STRUCTURE_DIMS_MAX + 1];
    struct str codes[STRUCTURE_DIMS_MAX + 1];
    size_t n;
};

static int find_shape(struct explain *x, struct asked *a, struct str id, struct err *e)
{
    bool derived = id.n > 4 && memcmp(id.p + id.n - 4, "_IND", 4) == 0;
    struct err why = {0};
    struct str base = {id.p, derived ? id.n - 4 : id.n};
    const char *name = arena_text(&x->conf->arena, base);
    if (structure_load(x->conf, name, &a->s, &why) < 0) {
        err_set(e, RC_USAGE, "EXPLAIN-040", "no structure or edition is called %.*s", STR_ARG(id));
        return err_hint(e, "%s", why.hint[0] ? why.hint : "name a structure, as CRIME");
    }
    int rc = derived ? plan_load(&a->plan, x->conf, a->s, e) : 0;
    for (size_t i = 0; rc >= 0 && i < a->s->ndims; i++) {
        if (derived && a->s->dims[i].role == DIM_UNIT)
            continue;
        if (derived && i + 1 == a->s->ndims)
            a->names[a->n++] = "INDICATOR";
        a->names[a->n++] = a->s->dims[i].id;
    }
    return rc;
}

/* ---- the codes ---- */

static int wrong_form(struct err *e)
{
    return err_hint(e, "write --key 'CRIME: A.AL.0101.OFF._T._T.NR:2022', or CRIME REF_AREA=AL …"
                       " TIME_PERIOD=2022");
}

static int from_key(struct explain *x, struct asked *a, struct str text, struct err *e)
{
    const char *colon = memchr(text.p, ':', text.n);
    struct buf *scratch = arena_new(&x->conf->arena, sizeof *scratch);
    if (!colon) {
        err_set(e, RC_USAGE, "EXPLAIN-041", "this is no key: %.*s", STR_ARG(text));
        return wrong_form(e);
    }
    struct str id = str_trim((struct str){text.p, (size_t)(colon - text.p)});
    struct str key = str_trim((struct str){colon + 1, (size_t)(text.p + text.n - colon - 1)});
    int rc = find_shape(x, a, id, e);
    if (rc < 0)
        return rc;
    buf_init(scratch, LIMIT_ROW_BYTES);
    size_t n = key_split(key, scratch, a->codes, ARRAY_LEN(a->codes));
    for (size_t i = 0; i < n && i < ARRAY_LEN(a->codes); i++)
        a->codes[i] = arena_str(&x->conf->arena, a->codes[i]);
    buf_free(scratch);
    if (n == a->n)
        return 0;
    err_set(e, RC_USAGE, "EXPLAIN-042", "%.*s has %zu codes, not %zu", STR_ARG(id), a->n, n);
    return wrong_form(e);
}

static int set_code(struct asked *a, const char *arg, struct err *e)
{
    const char *equals = strchr(arg, '=');
    size_t n = equals ? (size_t)(equals - arg) : 0;
    for (size_t i = 0; i < a->n && n; i++)
        if (str_is((struct str){arg, n}, a->names[i])) {
            a->codes[i] = str_of(equals + 1);
            return 0;
        }
    const char *near = word_nearest((struct str){arg, n}, a->names, a->n);
    err_set(e, RC_USAGE, "EXPLAIN-043", "not a dimension and its code: %s", arg);
    return near ? err_hint(e, "did you mean %s?", near) : wrong_form(e);
}

/* What is not said is the total; the frequency is that of the period, the unit that of the
 * indicators. Empty: nothing stands for it. */
static struct str code_unsaid(struct explain *x, struct asked *a, const struct dimension *d)
{
    static const char freqs[] = "ASTQMWD";
    struct err ignored = {0};
    struct period p;
    if (d->total)
        return str_of(d->total);
    if (d->role == DIM_FREQ && period_parse(&p, a->codes[a->n - 1], &ignored) >= 0)
        return (struct str){strchr(freqs, (char)p.freq), 1};
    if (d->role == DIM_UNIT && (a->plan || plan_load(&a->plan, x->conf, a->s, &ignored) >= 0) &&
        a->plan->unit)
        return str_of(a->plan->unit);
    return STR("");
}

static int complete(struct explain *x, struct asked *a, struct err *e)
{
    for (size_t i = 0; i < a->n; i++) {
        int at = structure_dim(a->s, a->names[i]);
        if (!a->codes[i].n && at >= 0)
            a->codes[i] = code_unsaid(x, a, &a->s->dims[at]);
        if (a->codes[i].n)
            continue;
        err_set(e, RC_USAGE, "EXPLAIN-044", "no code for %s", a->names[i]);
        return err_hint(e, "add %s=…; see config/structures/%s.yaml", a->names[i], a->s->id);
    }
    return 0;
}

static int check_codes(const struct explain *x, const struct asked *a, struct err *e)
{
    struct period p;
    for (size_t i = 0; i + 1 < a->n; i++) {
        int at = structure_dim(a->s, a->names[i]);
        const struct codelist *l = at < 0 ? NULL : a->s->dims[at].codes;
        const struct code *near[3];
        if (!l || codelist_find(l, a->codes[i]) || str_is(a->codes[i], x->region->id))
            continue;
        size_t n = codelist_nearest(l, a->codes[i], near);
        err_set(e, RC_USAGE, "EXPLAIN-045", "%s has no code %.*s", a->names[i],
                STR_ARG(a->codes[i]));
        return n ? err_hint(e, "did you mean %.*s?", STR_ARG(near[0]->id)) : -RC_USAGE;
    }
    return period_parse(&p, a->codes[a->n - 1], e);
}

static int find_indicator(struct asked *a, struct err *e)
{
    const char *ids[INDICATORS_MAX];
    const struct indicator *all = a->plan->indicators.items;
    struct str id = a->codes[a->n - 2];
    size_t n = 0;
    for (size_t i = 0; i < a->plan->indicators.n && n < ARRAY_LEN(ids); i++) {
        ids[n++] = all[i].id;
        if (str_is(id, all[i].id))
            a->ind = &all[i];
    }
    if (a->ind)
        return 0;
    const char *near = word_nearest(id, ids, n);
    err_set(e, RC_USAGE, "EXPLAIN-046", "%s has no indicator %.*s", a->s->id, STR_ARG(id));
    return near ? err_hint(e, "did you mean %s?", near)
                : err_hint(e, "see config/indicators/%s.yaml", a->s->id);
}

static int read_asked(struct explain *x, struct asked *a, struct err *e)
{
    int rc = 0;
    if (x->o->key) {
        rc = from_key(x, a, str_of(x->o->key), e);
    } else {
        rc = find_shape(x, a, str_of(x->st->args[0]), e);
        for (int i = 1; i < x->st->nargs && rc >= 0; i++)
            rc = set_code(a, x->st->args[i], e);
    }
    bool derived = rc >= 0 && a->n > 1 && strcmp(a->names[a->n - 2], "INDICATOR") == 0;
    if (derived)
        rc = find_indicator(a, e);
    if (rc >= 0)
        rc = complete(x, a, e);
    return rc < 0 ? rc : check_codes(x, a, e);
}

/* ---- a result ---- */

static int run_one(struct explain *x, const struct proc_cmd *cmds, size_t n, const char *out,
                   struct err *e)
{
    const char *env[] = {arena_fmt(&x->conf->arena, "RTA_CONFIG=%s", x->conf->dir), NULL};
    struct proc_io io = {.out_path = out, .env = env, .err_path = "/dev/null"};
    int rc = proc_pipe(cmds, n, &io, e);
    return rc < 0 ? rc : 0;
}

static int pull_people(struct explain *x, const struct asked *a, const char *version,
                       const char *out, struct err *e)
{
    const char *argv[] = {stage_program(x->st, "pull"), a->plan->population.structure, "--as-of",
                          version, NULL};
    struct proc_cmd cmd = {argv};
    return run_one(x, &cmd, 1, out, e);
}

/* Everything of the other dimensions stays in: areas for ranks and the region, periods for changes,
 * the parts of a whole for shares, frequencies for years. */
static bool open_dimension(const struct asked *a, const struct dimension *d)
{
    const struct indicator *share = a->ind->other ? a->ind->other : a->ind;
    bool over = share->kind == KIND_SHARE && d == &a->s->dims[share->over_dim];
    return d->role == DIM_AREA || d->role == DIM_FREQ || over;
}

static int compute(struct explain *x, const struct asked *a, const char *dir, struct dataset *d,
                   struct err *e)
{
    struct arena *ar = &x->conf->arena;
    const char *version = arena_fmt(ar, "version:%lld", (long long)x->version);
    const char *people = arena_fmt(ar, "%s/people.csv", dir), *argv[ARGS_MAX];
    size_t n = 0;
    argv[n++] = stage_program(x->st, "pull");
    argv[n++] = a->s->id;
    for (size_t i = 0; i + 2 < a->n; i++) {
        int at = structure_dim(a->s, a->names[i]);
        if (at >= 0 && !open_dimension(a, &a->s->dims[at]))
            argv[n++] = arena_fmt(ar, "%s=%.*s", a->names[i], STR_ARG(a->codes[i]));
    }
    argv[n++] = "--as-of";
    argv[n++] = version;
    argv[n] = NULL;
    d->stream = arena_fmt(ar, "%s/results.csv", dir);
    d->trace = arena_fmt(ar, "%s/trace", dir);
    const char *derive[] = {stage_program(x->st, "derive"),
                            a->ind->id,
                            "--region",
                            x->region->id,
                            "--trace",
                            d->trace,
                            a->plan->population.structure ? "--population" : NULL,
                            people,
                            NULL};
    struct proc_cmd cmds[] = {{argv}, {derive}};
    int rc = a->plan->population.structure ? pull_people(x, a, version, people, e) : 0;
    return rc < 0 ? rc : run_one(x, cmds, 2, d->stream, e);
}

static int derived_cell(struct explain *x, const struct asked *a, struct str key, struct json **ret,
                        struct err *e)
{
    const char *tmp = stage_env("TMPDIR");
    char *dir = arena_fmt(&x->conf->arena, "%s/rta-explain-XXXXXX", tmp ? tmp : "/tmp");
    struct dataset d = {.name = "results"};
    if (!mkdtemp(dir))
        return err_sys(e, RC_CREATE, "EXPLAIN-047", "cannot make a folder in %s",
                       tmp ? tmp : "/tmp");
    dataset_need(&d, key);
    int rc = compute(x, a, dir, &d, e);
    if (rc >= 0)
        rc = dataset_read(x, &d, e);
    if (rc >= 0 && !dataset_row(&d, key)) {
        err_set(e, RC_DATA, "EXPLAIN-048", "there is no such result: %.*s", STR_ARG(key));
        rc = err_hint(e, "the store has no figures for it as of version %lld",
                      (long long)x->version);
    }
    if (rc >= 0)
        rc = explain_cell(x, &d, key, ret, e);
    dataset_free(&d);
    int gone = dir_remove(dir, e);
    return rc < 0 ? rc : gone;
}

/* ---- an observation ---- */

static struct json *plain_cell(struct explain *x, const struct asked *a, struct str key)
{
    struct json *j = js_object(), *parts = js_array(), *part = js_object(), *items = js_array();
    struct json *item = js_object();
    js_set(item, "n", js_int((int64_t)explain_want(x, a->s, key)));
    js_push(items, item);
    js_set(part, "role", js_text(""));
    js_set(part, "items", items);
    js_push(parts, part);
    js_set(j, "key", js_string(key));
    js_set(j, "structure", js_text(a->s->id));
    js_set(j, "parts", parts);
    js_set(j, "result", js_null());
    js_set(j, "hidden", js_text(""));
    return j;
}

static int never_there(const struct explain *x, struct err *e)
{
    if (x->nwanted != 1 || x->wanted[0].versions)
        return 0;
    err_set(e, RC_DATA, "EXPLAIN-049", "the store has never held %s %.*s", x->wanted[0].s->id,
            STR_ARG(x->wanted[0].key));
    return err_hint(e, "see what it holds with rta pull %s", x->wanted[0].s->id);
}

int explain_key(struct explain *x, struct json **ret, struct err *e)
{
    struct asked a = {.n = 0};
    struct json *cell = NULL, *doc = js_object(), *cells = js_array();
    struct buf key CLEANUP(buf_free) = {.max = LIMIT_ROW_BYTES};
    *ret = doc;
    js_set(doc, "format", js_int(1));
    js_set(doc, "cells", cells);
    int rc = read_asked(x, &a, e);
    if (rc >= 0)
        rc = explain_open(x, x->o->as_of, e);
    if (rc >= 0 && x->o->internal)
        rc = explain_may_see(x, e);
    if (rc < 0)
        return rc;
    x->later = true;
    key_add(&key, a.codes, a.n);
    if (a.ind)
        rc = derived_cell(x, &a, buf_view(&key), &cell, e);
    else
        cell = plain_cell(x, &a, buf_view(&key));
    if (rc < 0)
        return rc;
    js_push(cells, cell);
    rc = explain_fetch(x, e);
    if (rc >= 0 && !a.ind)
        rc = never_there(x, e);
    js_set(doc, "store", js_int(x->version));
    js_set(doc, "store_id", js_text(x->store));
    explain_attach(x, doc);
    return rc;
}
