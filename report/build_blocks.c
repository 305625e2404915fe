/* build_blocks.c — the sections of a report: each table, chart, set of facts and sentence is made
 * by the programs that make them by hand, and comes back as HTML or JSON for the page. */
#include "build_plan.h"

#include "bounds.h"
#include "mem.h"
#include "mustache.h"
#include "table_model.h"

#define SETS_MAX 24

/* One block being made. */
struct job {
    struct build *b;
    const struct plan_block *k;
    const char *layout, *verb, *anchor;
    const char *argv[28 + 2 * SETS_MAX];
    size_t argc; /* without --to FORMAT */
};

/* view_anchor names the files as the programs name their figures: variables in the order given. */
static int prepare(struct job *j, const char *each, struct err *e)
{
    struct build *b = j->b;
    struct arena *a = &b->conf->arena;
    const struct plan_block *k = j->k;
    const struct yaml_pair *set = k->set.items;
    struct view_var *vars = arena_array(a, SETS_MAX, sizeof *vars);
    struct view v = b->view;
    size_t n = 0;
    for (size_t i = 0; i < b->view.nvars && n < SETS_MAX; i++) {
        const char *name = b->view.vars[i].name;
        if (strcmp(name, "period") == 0 || (each && strcmp(name, each) == 0))
            vars[n++] = b->view.vars[i];
    }
    for (size_t i = 0; i < k->set.n && n < SETS_MAX; i++) {
        vars[n].name = set[i].key;
        int rc = view_fill(&b->view, set[i].value, &vars[n++].value, e);
        if (rc < 0)
            return rc;
    }
    v.name = j->layout;
    v.vars = vars;
    v.nvars = n;
    j->anchor = view_anchor(&v);
    j->argv[j->argc++] = stage_program(b->st, j->verb);
    j->argv[j->argc++] = j->layout;
    j->argv[j->argc++] = "--lang";
    j->argv[j->argc++] = b->lang;
    if (b->date) {
        j->argv[j->argc++] = "--date";
        j->argv[j->argc++] = b->date;
    }
    for (size_t i = 0; i < n; i++) {
        j->argv[j->argc++] = "--set";
        j->argv[j->argc++] = arena_fmt(a, "%s=%s", vars[i].name, vars[i].value);
    }
    return 0;
}

static int write_as(struct job *j, const char *format, const char *path, struct err *e)
{
    j->argv[j->argc] = "--to";
    j->argv[j->argc + 1] = format;
    j->argv[j->argc + 2] = NULL;
    return build_program(j->b, j->argv, build_stream(j->b, j->k->data), path, e);
}

static void link_file(struct json *files, const char *href, const char *label)
{
    struct json *file = js_object();
    js_set(file, "href", js_text(href));
    js_set(file, "label", js_text(label));
    js_push(files, file);
}

/* Ask for a file of the edition beside what is written to the page, and link it. */
static void also(struct job *j, const char *folder, const char *format, const char *label,
                 struct json *files)
{
    struct arena *a = &j->b->conf->arena;
    const char *name = arena_fmt(a, "%s/%s.%s", folder, j->anchor, format);
    j->argv[j->argc++] = "--also";
    j->argv[j->argc++] = arena_fmt(a, "%s=%s/%s", format, j->b->fresh, name);
    link_file(files, name, label);
}

/* Is the dataset kept out of the edition? */
static bool data_hidden(const struct build *b, const char *name)
{
    const struct plan_data *d = b->plan->datasets.items;
    for (size_t i = 0; i < b->plan->datasets.n; i++) {
        if (strcmp(d[i].name, name) == 0)
            return d[i].hidden;
    }
    return true;
}

static int slurp(struct job *j, const char *format, char **ret, size_t *ret_n, struct err *e)
{
    const char *path = arena_fmt(&j->b->conf->arena, "%s/part.%s", j->b->work, format);
    int rc = write_as(j, format, path, e);
    return rc < 0 ? rc : file_slurp(path, LIMIT_JSON_BYTES, ret, ret_n, e);
}

static struct json *new_block(const char *kind)
{
    struct json *block = js_object();
    js_set(block, "kind", js_text(kind));
    js_set(block, "html", js_text(""));
    js_set(block, "facts", js_null());
    js_set(block, "say", js_text(""));
    js_set(block, "has_files", js_bool(strcmp(kind, "facts") != 0));
    js_set(block, "files", js_array());
    return block;
}

/* The table's figures lead to the page that explains them, made when all tables are there. */
static void explained(struct job *j, struct json *files)
{
    struct build *b = j->b;
    struct arena *a = &b->conf->arena;
    const char *page = arena_fmt(a, "explain/%s.html", j->anchor);
    struct json *t = js_object();
    js_set(t, "file", js_text(arena_fmt(a, "tables/%s.json", j->anchor)));
    js_set(t, "data", js_text(j->k->data));
    js_push(b->explained, t);
    j->argv[j->argc++] = "--explain";
    j->argv[j->argc++] = page;
    link_file(files, page, view_word(&b->view, "explained"));
}

static int add_figure(struct job *j, struct json *block, struct err *e)
{
    char *html = NULL;
    size_t n = 0;
    struct json *files = js_array();
    js_set(block, "files", files);
    if (j->k->chart) {
        j->b->ncharts++;
        also(j, "charts", "svg", "SVG", files);
    } else {
        j->b->ntables++;
        also(j, "tables", "csv", "CSV", files);
        also(j, "tables", "json", "JSON", files);
        if (build_explains(j->b, j->k->data))
            explained(j, files);
    }
    if (!data_hidden(j->b, j->k->data))
        link_file(files, arena_fmt(&j->b->conf->arena, "data/%s.csv", j->k->data), "SDMX-CSV");
    int rc = slurp(j, "html", &html, &n, e);
    if (rc < 0)
        return rc;
    js_set(block, "html", js_string((struct str){html, n}));
    mem_free(html);
    return 0;
}

static int facts_of(struct job *j, struct json **ret, struct err *e)
{
    char *text = NULL;
    size_t n = 0;
    int rc = slurp(j, "json", &text, &n, e);
    if (rc >= 0)
        rc = js_parse(ret, (struct str){text, n}, j->layout, e);
    mem_free(text);
    return rc;
}

/* A sentence over the first row of a table, filled with the words of its cells. */
static int add_sentence(struct job *j, struct json *block, struct err *e)
{
    CLEANUP(js_freep) struct json *facts = NULL;
    const char *text = NULL;
    int rc = view_text(&j->b->view, &j->k->text, &text, e);
    if (rc >= 0)
        rc = facts_of(j, &facts, e);
    if (rc < 0)
        return rc;
    const struct json *row = js_at(js_get(facts, "rows"), 0);
    struct mustache_options mo = {.strict = true};
    struct buf out;
    buf_init(&out, 1 << 16);
    rc = mustache_render(&out, str_of(text), j->layout, js_get(row, "by"), &mo, e);
    if (rc < 0)
        yaml_fault(e, j->k->at, "BUILD-011", "the sentence cannot be filled");
    js_set(block, "say", js_string(buf_view(&out)));
    buf_free(&out);
    return rc;
}

static int make_block(struct build *b, const struct plan_block *k, const char *each,
                      struct json **ret, struct err *e)
{
    struct job j = {.b = b, .k = k, .verb = k->chart ? "chart" : "table"};
    j.layout = k->table ? k->table : k->chart ? k->chart : k->facts ? k->facts : k->say;
    struct json *block = new_block(k->table ? "table" : k->chart ? "chart" : "facts");
    struct json *facts = NULL;
    int rc = prepare(&j, each, e);
    if (rc >= 0 && (k->table || k->chart))
        rc = add_figure(&j, block, e);
    else if (rc >= 0 && k->say)
        rc = add_sentence(&j, block, e);
    else if (rc >= 0 && (rc = facts_of(&j, &facts, e)) >= 0)
        js_set(block, "facts", facts);
    if (rc < 0)
        js_free(block);
    else
        *ret = block;
    return rc;
}

static int make_blocks(struct build *b, const struct plan_section *s, struct json *item,
                       struct err *e)
{
    const struct plan_block *k = s->blocks.items;
    struct json *blocks = js_array();
    js_set(item, "blocks", blocks);
    for (size_t i = 0; i < s->blocks.n; i++) {
        struct json *block = NULL;
        int rc = make_block(b, &k[i], s->each, &block, e);
        if (rc < 0)
            return rc;
        js_push(blocks, block);
    }
    return 0;
}

static int make_item(struct build *b, const struct plan_section *s, const char *code,
                     struct json *items, struct err *e)
{
    struct arena *a = &b->conf->arena;
    struct view_var *vars = arena_array(a, b->view.nvars + 1, sizeof *vars);
    struct view before = b->view;
    memcpy(vars, before.vars, before.nvars * sizeof *vars);
    const char *title = NULL, *intro = NULL;
    struct json *item = js_object();
    js_push(items, item);
    if (code) {
        vars[b->view.nvars++] = (struct view_var){s->each, code};
        b->view.vars = vars;
        title = view_label(&b->view, s->members.over, str_of(code));
    }
    js_set(item, "id", js_text(code ? arena_fmt(a, "%s-%s", s->id, code) : s->id));
    js_set(item, "title", title ? js_text(title) : js_null());
    int rc = view_text(&b->view, &s->intro, &intro, e);
    js_set(item, "intro", js_text(intro ? intro : ""));
    if (rc >= 0)
        rc = make_blocks(b, s, item, e);
    b->view = before;
    return rc;
}

int build_section(struct build *b, const struct plan_section *s, struct json **ret, struct err *e)
{
    const char *title = NULL;
    int rc = view_text(&b->view, &s->title, &title, e);
    if (rc < 0)
        return rc;
    const char **codes = NULL;
    size_t n = 1;
    if (s->each && (rc = axis_members(&b->view, &s->members, &codes, &n, e)) < 0)
        return rc;
    struct json *section = js_object(), *items = js_array();
    js_set(section, "id", js_text(s->id));
    js_set(section, "title", js_text(title));
    js_set(section, "apart", js_bool(s->apart));
    js_set(section, "each", js_bool(s->each != NULL));
    js_set(section, "items", items);
    for (size_t i = 0; i < n && rc >= 0; i++) {
        stage_progress(b->st, s->id, i, n);
        rc = make_item(b, s, codes ? codes[i] : NULL, items, e);
    }
    if (rc < 0)
        js_free(section);
    else
        *ret = section;
    return rc;
}
