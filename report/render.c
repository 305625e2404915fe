/* render.c — rta render: fills a Mustache template with JSON data and finished fragments. */
#include "mustache.h"

#include <stddef.h>

#include "bounds.h"
#include "mem.h"
#include "stage.h"

#define PAGE_MAX ((size_t)256 << 20)

struct options {
    struct opt_list data, fragments;
    const char *out, *templates;
};

static const struct opt options[] = {
    {.name = "data",
     .letter = 'd',
     .kind = OPT_LIST,
     .offset = offsetof(struct options, data),
     .arg = "NAME=FILE",
     .help = "JSON that the template knows as NAME; '.' as NAME gives the members of an object "
             "names of their own"},
    {.name = "fragment",
     .kind = OPT_LIST,
     .offset = offsetof(struct options, fragments),
     .arg = "NAME=FILE",
     .help = "text that the template knows as {{{fragments.NAME}}}, put in as it is"},
    {.name = "templates",
     .kind = OPT_TEXT,
     .offset = offsetof(struct options, templates),
     .arg = "DIR",
     .help = "folder of templates (default: templates/ beside the configuration)"},
    {.name = "out",
     .letter = 'o',
     .kind = OPT_TEXT,
     .offset = offsetof(struct options, out),
     .arg = "FILE",
     .help = "write here, whole or not at all (default: standard output)"},
};

static const struct opt_example examples[] = {
    {"rta render rita/index --data .=page.json --out index.html", "a page from its data"},
};

static const struct opt_program program = {
    .verb = "render",
    .group = "report",
    .summary = "fill a template",
    .arguments = "TEMPLATE",
    .min_args = 1,
    .max_args = 1,
    .description =
        "Fills templates/TEMPLATE.mustache. Partials are sought in the template's folder, then in "
        "templates/common/. Data are escaped for HTML; fragments are finished HTML and are not.\n\n"
        "A name that the data lack is an error with its place: a page with a silent gap is worse "
        "than no page.",
    .opts = options,
    .nopts = ARRAY_LEN(options),
    .examples = examples,
    .nexamples = ARRAY_LEN(examples),
};

/* "name=file" into a name in the arena and a view of the file. */
static int split(struct stage *st, const char *arg, const char **name, const char **file,
                 struct err *e)
{
    const char *eq = strchr(arg, '=');
    if (!eq || eq == arg || !eq[1])
        return err_set(e, RC_USAGE, "RENDER-001", "'%s' is not NAME=FILE", arg);
    *name = arena_text(&st->conf.arena, (struct str){arg, (size_t)(eq - arg)});
    *file = eq + 1;
    return 0;
}

static int add_data(struct stage *st, struct json *root, const char *arg, struct err *e)
{
    const char *name = NULL, *file = NULL;
    struct json *j = NULL;
    int rc = split(st, arg, &name, &file, e);
    if (rc >= 0)
        rc = js_parse_file(&j, file, e);
    if (rc < 0)
        return rc;
    if (strcmp(name, ".") != 0) {
        js_set(root, name, j);
        return 0;
    }
    for (size_t i = 0; i < js_count(j) && js_kind_of(j) == JS_OBJECT; i++) {
        const char *key = NULL;
        struct json *value = js_member(j, i, &key);
        js_set(root, key, js_share(value));
    }
    js_free(j);
    return 0;
}

static int add_fragment(struct stage *st, struct json *fragments, const char *arg, struct err *e)
{
    const char *name = NULL, *file = NULL;
    char *text = NULL;
    size_t n = 0;
    int rc = split(st, arg, &name, &file, e);
    if (rc >= 0)
        rc = file_slurp(file, LIMIT_JSON_BYTES, &text, &n, e);
    if (rc < 0)
        return rc;
    js_set(fragments, name, js_string((struct str){text, n}));
    mem_free(text);
    return 0;
}

static int gather(struct stage *st, struct json *root, struct err *e)
{
    const struct options *o = st->options;
    struct json *fragments = js_object();
    int rc = 0;
    for (size_t i = 0; i < o->data.n && rc >= 0; i++)
        rc = add_data(st, root, o->data.items[i], e);
    for (size_t i = 0; i < o->fragments.n && rc >= 0; i++)
        rc = add_fragment(st, fragments, o->fragments.items[i], e);
    js_set(root, "fragments", fragments);
    return rc;
}

static int fill(struct stage *st, struct conf *c, const struct json *root, struct buf *b,
                struct err *e)
{
    const struct options *o = st->options;
    const char *dir = o->templates ? o->templates : arena_fmt(&c->arena, "%s/../templates", c->dir);
    const char *slash = strrchr(st->args[0], '/');
    struct str folder = {st->args[0], slash ? (size_t)(slash - st->args[0]) : 0};
    const char *own = arena_fmt(&c->arena, "%s/%.*s", dir, STR_ARG(folder));
    const char *folders[] = {own, arena_fmt(&c->arena, "%s/common", dir)};
    struct mustache_folders m = {folders, ARRAY_LEN(folders), &c->arena};
    struct mustache_options mo = {.partial = mustache_from_folders, .ctx = &m, .strict = true};
    struct str text = {0};
    const char *name = NULL;
    int rc = mustache_from_folders(&m, str_of(slash ? slash + 1 : st->args[0]), &text, &name, e);
    if (rc == 0) {
        err_set(e, RC_CONFIG, "RENDER-002", "there is no template %s", st->args[0]);
        return err_place(e, "%s", own);
    }
    if (rc > 0)
        rc = mustache_render(b, text, name, root, &mo, e);
    return rc < 0 ? rc : buf_ok(b, "the page", e);
}

static int run(struct stage *st, struct err *e)
{
    const struct options *o = st->options;
    struct conf *conf = NULL;
    int rc = stage_conf(st, &conf, e);
    if (rc < 0)
        return rc;
    CLEANUP(js_freep) struct json *root = js_object();
    struct buf b;
    buf_init(&b, PAGE_MAX);
    rc = gather(st, root, e);
    if (rc >= 0)
        rc = fill(st, conf, root, &b, e);
    if (rc >= 0 && o->out)
        rc = file_write(o->out, buf_view(&b), e);
    else if (rc >= 0)
        out_str(&st->out, buf_view(&b));
    buf_free(&b);
    return rc < 0 ? rc : 0;
}

int main(int argc, char **argv)
{
    struct options o = {0};
    return stage_main(&program, &o, run, argc, argv);
}
