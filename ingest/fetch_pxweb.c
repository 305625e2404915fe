/* fetch_pxweb.c — a PxWeb table: its limits and its variables are asked first, the query is cut so
 * that no answer has more cells than the server gives, and no more calls are made in its time
 * window than it takes. Memory is the configuration's arena. */
#include "fetch_pieces.h"

#include "json.h"
#include "mem.h"

struct limits {
    int64_t cells, values, calls, window;
};

struct table {
    struct pieces p;
    struct limits limits;
    int64_t called; /* so often */
};

/* Fetch a small JSON beside the data. */
static int fetch_beside(struct table *t, const char *address, const char *ending,
                        struct fetch_outcome *out, struct json **ret, struct err *e)
{
    const struct fetch_source *s = t->p.whole;
    const char *file = arena_fmt(t->p.a, "%s.%s.json", s->source, ending);
    struct fetch_source *beside = fetch_clone(t->p.a, s, address, file, FORMAT_JSON);
    int rc = fetch_get(t->p.st, beside, t->p.o, out, e);
    t->called++;
    if (rc < 0)
        return rc;
    char *path CLEANUP(mem_freep) = fetch_path(t->p.o, "", file, "");
    return js_parse_file(ret, path, e);
}

static int64_t limit(const struct json *j, const char *key, int64_t fallback)
{
    int64_t v = js_integer(js_get(j, key), fallback);
    return v > 0 ? v : fallback;
}

/* The server's own limits; PxWeb's usual ones when it does not tell. */
static int read_limits(struct table *t, struct err *e)
{
    struct fetch_outcome out;
    struct json *j CLEANUP(js_freep) = NULL;
    struct err why = {.rc = RC_OK};
    struct buf url;
    buf_init(&url, 8192);
    fetch_base(&url, &t->p.whole->builder);
    buf_text(&url, "/?config");
    int rc = fetch_beside(t, arena_text(t->p.a, buf_view(&url)), "limits", &out, &j, &why);
    buf_free(&url);
    if (rc < 0 && rc != -RC_DATA) {
        *e = why;
        return rc;
    }
    if (rc < 0)
        stage_note(t->p.st, "%s: the server does not tell its limits: the usual ones are kept",
                   t->p.whole->source);
    t->limits = (struct limits){limit(j, "maxCells", 100000), limit(j, "maxValues", 10000),
                                limit(j, "maxCalls", 5), limit(j, "timeWindow", 10)};
    return 0;
}

static bool has_value(const struct json *values, const char *code)
{
    for (size_t i = 0; i < js_count(values); i++)
        if (str_is(js_str(js_at(values, i)), code))
            return true;
    return false;
}

static int unknown(const struct table *t, const char *what, const char *name, struct err *e)
{
    const struct fetch_builder *x = &t->p.whole->builder;
    yaml_fault(e, x->at, "FETCH-048", "the table has no %s '%s'", what, name);
    return err_hint(e, "rta fetch --check prints what the table has and what changed");
}

/* The codes that the source names, each of which must be there; all when it names none. */
static int choose(struct table *t, const struct json *variable, struct yaml_group *g, struct err *e)
{
    const struct fetch_builder *x = &t->p.whole->builder;
    const struct yaml_group *named = x->dimensions.items;
    const struct json *values = js_get(variable, "values");
    g->key = arena_text(t->p.a, js_str(js_get(variable, "code")));
    for (size_t i = 0; i < x->dimensions.n; i++) {
        if (strcmp(named[i].key, g->key) != 0 || named[i].values.n == 0)
            continue;
        const char *const *codes = named[i].values.items;
        for (size_t k = 0; k < named[i].values.n; k++)
            if (!has_value(values, codes[k]))
                return unknown(t, "value", codes[k], e);
        g->values = named[i].values;
        return 0;
    }
    const char **all = arena_array(t->p.a, js_count(values) + 1, sizeof *all);
    for (size_t i = 0; i < js_count(values); i++)
        all[i] = arena_text(t->p.a, js_str(js_at(values, i)));
    g->values = (struct yaml_list){all, js_count(values)};
    return 0;
}

/* All variables with the codes to ask for, in the order of the table. */
static int choose_all(struct table *t, const struct json *meta, struct yaml_list *ret,
                      struct err *e)
{
    const struct fetch_builder *x = &t->p.whole->builder;
    const struct yaml_group *named = x->dimensions.items;
    const struct json *variables = js_get(meta, "variables");
    struct yaml_group *g = arena_array(t->p.a, js_count(variables) + 1, sizeof *g);
    for (size_t i = 0; i < js_count(variables); i++) {
        int rc = choose(t, js_at(variables, i), &g[i], e);
        if (rc < 0)
            return rc;
    }
    *ret = (struct yaml_list){g, js_count(variables)};
    for (size_t i = 0; i < x->dimensions.n; i++) {
        bool found = false;
        for (size_t k = 0; k < ret->n; k++)
            found |= strcmp(named[i].key, g[k].key) == 0;
        if (!found)
            return unknown(t, "variable", named[i].key, e);
    }
    if (ret->n == 0) {
        err_set(e, RC_DATA, "FETCH-049", "the server describes no variables of the table");
        return err_place(e, "%s", t->p.whole->source);
    }
    return 0;
}

static bool fits(const struct table *t, const struct fetch_builder *x)
{
    const struct yaml_group *g = x->dimensions.items;
    int64_t cells = 1, values = 0;
    for (size_t i = 0; i < x->dimensions.n; i++) {
        int64_t n = (int64_t)g[i].values.n;
        values += n;
        if (n && cells > INT64_MAX / n)
            return false;
        cells *= n;
    }
    return cells <= t->limits.cells && values <= t->limits.values;
}

static const char *query(struct arena *a, const struct fetch_builder *x)
{
    static const char *const formats[] = {
        [FORMAT_CSV] = "csv", [FORMAT_JSON] = "json-stat2", [FORMAT_PX] = "px"};
    const struct yaml_group *g = x->dimensions.items;
    struct json *j CLEANUP(js_freep) = js_object();
    struct json *list = js_array(), *response = js_object();
    for (size_t i = 0; i < x->dimensions.n; i++) {
        struct json *one = js_object(), *selection = js_object(), *values = js_array();
        for (size_t k = 0; k < g[i].values.n; k++)
            js_push(values, js_text(((const char *const *)g[i].values.items)[k]));
        js_set(one, "code", js_text(g[i].key));
        js_set(selection, "filter", js_text("item"));
        js_set(selection, "values", values);
        js_set(one, "selection", selection);
        js_push(list, one);
    }
    js_set(response, "format", js_text(formats[x->format]));
    js_set(j, "query", list);
    js_set(j, "response", response);
    struct buf b;
    buf_init(&b, 16 << 20);
    js_write(&b, j, false);
    const char *text = arena_text(a, buf_view(&b));
    buf_free(&b);
    return text;
}

static const char *const *lines_with(struct arena *a, const struct fetch_source *s)
{
    size_t n = 0;
    while (s->lines && s->lines[n])
        n++;
    const char **lines = arena_array(a, n + 2, sizeof *lines);
    for (size_t i = 0; i < n; i++)
        lines[i] = s->lines[i];
    lines[n] = "Content-Type: application/json";
    return lines;
}

/* As many calls as the window takes, then a pause of its length, which must leave time for more. */
static int throttle(struct table *t, struct err *e)
{
    const struct fetch_source *s = t->p.whole;
    if (t->called > 0 && t->called % t->limits.calls == 0) {
        if (t->limits.window >= s->time_limit) {
            err_set(e, RC_RETRY, "FETCH-054",
                    "the server takes %lld calls in %lld seconds, and more are needed",
                    (long long)t->limits.calls, (long long)t->limits.window);
            err_hint(e, "name fewer codes in the source, or raise its time_limit of %lld seconds",
                     (long long)s->time_limit);
            return err_place(e, "%s", s->source);
        }
        fetch_sleep_ms(t->limits.window * 1000);
    }
    t->called++;
    return 0;
}

static int ask(struct table *t, struct fetch_source *s, bool whole, struct err *e)
{
    struct fetch_outcome out;
    if (!fits(t, &s->builder)) {
        struct fetch_source *half[2];
        if (t->p.n >= PIECES_MAX || !pieces_halve(&t->p, s, half)) {
            err_set(e, RC_DATA, "FETCH-050", "the server gives at most %lld cells at once",
                    (long long)t->limits.cells);
            return err_place(e, "%s", s->source);
        }
        int rc = ask(t, half[0], false, e);
        return rc < 0 ? rc : ask(t, half[1], false, e);
    }
    s->post = query(t->p.a, &s->builder);
    s->lines = lines_with(t->p.a, t->p.whole);
    if (!whole)
        s->file = pieces_name(&t->p, t->p.whole->file, t->p.n + 1);
    int rc = throttle(t, e);
    if (rc < 0)
        return rc;
    rc = fetch_get(t->p.st, s, t->p.o, &out, e);
    if (rc == 0 && !whole)
        pieces_done(&t->p, s->file);
    return rc;
}

int fetch_pxweb(struct stage *st, const struct fetch_source *s, const struct fetch_options *o,
                struct err *e)
{
    struct table t = {.p = {.st = st, .whole = s, .o = o, .a = &st->conf.arena}};
    struct json *meta CLEANUP(js_freep) = NULL;
    struct fetch_outcome out;
    int rc = read_limits(&t, e);
    if (rc == 0)
        rc = fetch_beside(&t, s->address, "structure", &out, &meta, e);
    if (rc < 0)
        return rc;
    struct fetch_source *all = pieces_copy(&t.p, s);
    rc = choose_all(&t, meta, &all->builder.dimensions, e);
    if (rc == 0)
        rc = ask(&t, all, true, e);
    if (rc == 0)
        pieces_finish(&t.p);
    return rc;
}
