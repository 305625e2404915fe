/* view.c — the context of one table or chart. All memory is the arena of the configuration. */
#include "view.h"

#include "buf.h"
#include "period.h"
#include "stage.h"

#define TEXT_MAX (1 << 16)

static int take_sets(struct view *v, const struct view_options *o, struct err *e)
{
    struct view_var *vars = arena_array(&v->conf->arena, o->nsets + 1, sizeof *vars);
    for (size_t i = 0; i < o->nsets; i++) {
        const char *eq = strchr(o->sets[i], '=');
        if (!eq || eq == o->sets[i]) {
            err_set(e, RC_USAGE, "VIEW-001", "--set wants name=value, not '%s'", o->sets[i]);
            return err_hint(e, "for example --set period=2022");
        }
        struct str name = {o->sets[i], (size_t)(eq - o->sets[i])};
        vars[i].name = arena_text(&v->conf->arena, name);
        vars[i].value = arena_text(&v->conf->arena, str_of(eq + 1));
    }
    v->vars = vars;
    v->nvars = o->nsets;
    return 0;
}

int view_open(struct view *ret, struct conf *c, const char *layout, enum layout_use use,
              const struct view_options *o, struct err *e)
{
    *ret = (struct view){.conf = c,
                         .name = layout,
                         .lang = o->lang ? o->lang : "en",
                         .date = o->date ? o->date : "9999-12-31"};
    int rc = layout_load(c, layout, use, &ret->layout, e);
    if (rc >= 0)
        rc = words_load(c, &ret->words, e);
    if (rc >= 0)
        rc = region_load(c, &ret->region, e);
    if (rc >= 0)
        rc = structure_load(c, ret->layout->structure, &ret->structure, e);
    return rc < 0 ? rc : take_sets(ret, o, e);
}

const struct codelist *view_codes(const struct view *v, const char *dim)
{
    int i = structure_dim(v->structure, dim);
    return i < 0 ? NULL : v->structure->dims[i].codes;
}

const char *view_label(const struct view *v, const char *dim, struct str code)
{
    int i = structure_dim(v->structure, dim);
    if (i >= 0 && v->structure->dims[i].role == DIM_AREA && region_partner(v->region, code)) {
        const char *z = arena_text(&v->conf->arena, code);
        return region_name(v->conf, v->region, z, v->lang, v->date);
    }
    const struct codelist *l = i < 0 ? NULL : v->structure->dims[i].codes;
    const struct code *found = l ? codelist_find(l, code) : NULL;
    return found ? code_label(l, found, v->lang) : arena_text(&v->conf->arena, code);
}

const char *view_word(const struct view *v, const char *key)
{
    return words_text(v->words, key, v->lang);
}

static int fault(const struct view *v, struct str name, struct err *e)
{
    err_set(e, RC_CONFIG, "VIEW-003", "nothing is set for {%.*s}", STR_ARG(name));
    err_place(e, "%s:%u:%u", v->layout->at.file, v->layout->at.line, v->layout->at.col);
    return err_hint(e, "give --set name=value, or correct the layout");
}

/* Append the value of name, name:DIM, name+1 or name-1. */
static int add_var(const struct view *v, struct str spec, struct buf *b, struct err *e)
{
    size_t n = 0;
    while (n < spec.n && !strchr(":+-", spec.p[n]))
        n++;
    struct str name = {spec.p, n}, rest = str_cut(spec, n);
    const char *value = NULL;
    for (size_t i = 0; i < v->nvars; i++) {
        if (str_is(name, v->vars[i].name))
            value = v->vars[i].value;
    }
    if (!value)
        return fault(v, spec, e);
    if (rest.n == 0) {
        buf_text(b, value);
        return 0;
    }
    if (rest.p[0] == ':') {
        const char *dim = arena_text(&v->conf->arena, str_cut(rest, 1));
        buf_text(b, view_label(v, dim, str_of(value)));
        return 0;
    }
    int by = 0;
    for (size_t i = 1; i < rest.n; i++) {
        if (rest.p[i] < '0' || rest.p[i] > '9' || i > 4)
            return fault(v, spec, e);
        by = by * 10 + (rest.p[i] - '0');
    }
    struct period p;
    int rc = period_parse(&p, str_of(value), e);
    if (rc < 0)
        return rc;
    char text[PERIOD_TEXT_MAX];
    period_text(period_add(p, rest.p[0] == '-' ? -by : by), text);
    buf_text(b, text);
    return 0;
}

int view_fill(const struct view *v, const char *text, const char **ret, struct err *e)
{
    const char *open = strchr(text, '{');
    if (!open) {
        *ret = text;
        return 0;
    }
    struct buf b;
    buf_init(&b, TEXT_MAX);
    int rc = 0;
    const char *p = text;
    for (; open && rc >= 0; open = strchr(p, '{')) {
        const char *close = strchr(open, '}');
        buf_str(&b, (struct str){p, (size_t)(open - p)});
        const char *tag = open[1] == '{' ? strstr(open, "}}") : NULL;
        if (tag) {
            buf_str(&b, (struct str){open, (size_t)(tag + 2 - open)});
            p = tag + 2;
            continue;
        }
        p = close ? close + 1 : open + strlen(open);
        struct str spec = {open + 1, (size_t)(close ? close - open - 1 : 0)};
        rc = close ? add_var(v, spec, &b, e) : fault(v, str_of(open), e);
    }
    buf_text(&b, p);
    if (rc >= 0)
        rc = buf_ok(&b, "a text of the layout", e);
    *ret = arena_text(&v->conf->arena, str_of(buf_z(&b)));
    buf_free(&b);
    return rc;
}

int view_text(const struct view *v, const struct yaml_list *pairs, const char **ret, struct err *e)
{
    return view_fill(v, text_in(pairs, v->lang), ret, e);
}

int view_read(const struct view *v, struct cube *ret, struct source *src, bool unsealed,
              struct err *e)
{
    const struct yaml_group *g = v->layout->filter.items;
    size_t n = v->layout->filter.n;
    struct cube_filter *f = arena_array(&v->conf->arena, n + 1, sizeof *f);
    for (size_t i = 0; i < n; i++) {
        const char *const *codes = g[i].values.items;
        struct str *filled = arena_array(&v->conf->arena, g[i].values.n + 1, sizeof *filled);
        for (size_t k = 0; k < g[i].values.n; k++) {
            const char *code = NULL;
            int rc = view_fill(v, codes[k], &code, e);
            if (rc < 0)
                return rc;
            filled[k] = str_of(code);
        }
        f[i] = (struct cube_filter){g[i].key, filled, g[i].values.n};
    }
    int rc = cube_read(ret, src, unsealed, f, n, e);
    if (rc < 0)
        return err_hint(e, "the layout is for structure %s", v->structure->id);
    if (ret->n == 0)
        return rc;
    /* WB:CRIME(1.0.0) and WB:CRIME_IND(1.0.0) are figures of structure CRIME. */
    struct str id = str_of(ret->structure);
    const char *colon = memchr(id.p, ':', id.n), *open = memchr(id.p, '(', id.n);
    size_t from = colon ? (size_t)(colon - id.p) + 1 : 0;
    id = (struct str){id.p + from, (open ? (size_t)(open - id.p) : id.n) - from};
    if (id.n > 4 && memcmp(id.p + id.n - 4, "_IND", 4) == 0)
        id.n -= 4;
    if (str_is(id, v->structure->id))
        return 0;
    err_set(e, RC_DATA, "VIEW-004", "the layout is for structure %s, the stream holds %s",
            v->structure->id, ret->structure);
    err_place(e, "%s:2", ret->name);
    cube_free(ret);
    return -RC_DATA;
}

int view_stdin(struct stage *st, enum layout_use use, const struct view_options *o,
               struct view *ret, struct cube *cube, struct err *e)
{
    struct conf *conf = NULL;
    CLEANUP(source_closep) struct source *in = NULL;
    *cube = (struct cube){0};
    int rc = stage_conf(st, &conf, e);
    if (rc >= 0)
        rc = view_open(ret, conf, st->args[0], use, o, e);
    if (rc >= 0)
        rc = stage_stdin(st, &in, e);
    if (rc >= 0)
        rc = view_read(ret, cube, in, o->unsealed, e);
    return rc;
}
