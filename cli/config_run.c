/* config_run.c — see config_run.h. Texts live in the arena of the configuration; the words of the
 * program go through a temporary file that is removed at once. */
#include "config_run.h"

#include "mem.h"
#include "proc.h"
#include "sdmx.h"

#include <unistd.h>

#define WORDS_BYTES ((size_t)65536)
#define COLUMNS_MAX (STRUCTURE_DIMS_MAX + 8)
#define PATIENCE_S 30

static const char *text_of(const struct yml_node *root, const char *key)
{
    for (const struct yml_node *m = root->first; m; m = m->next)
        if (str_is(m->key, key) && m->shape == YML_SCALAR)
            return m->text.p;
    return "";
}

/* The name of the first thing under a key: of the first member, or the id of the first item. */
static const char *first_under(const struct yml_node *root, const char *key, struct arena *a)
{
    for (const struct yml_node *m = root->first; m; m = m->next) {
        if (!str_is(m->key, key) || !m->first)
            continue;
        return m->shape == YML_MAPPING ? arena_text(a, m->first->key) : text_of(m->first, "id");
    }
    return "";
}

static size_t add_column(const char **column, size_t n, struct str name, struct arena *a)
{
    for (size_t i = 0; i < n; i++)
        if (str_is(name, column[i]))
            return n;
    if (n < COLUMNS_MAX - 3)
        column[n++] = arena_text(a, name);
    return n;
}

/* The sender's dimensions that a map reads: what stands after `from`, and the keys of `where`. */
static size_t sender_columns(const struct yml_node *n, struct arena *a, const char **column,
                             size_t count)
{
    for (const struct yml_node *m = n->first; m; m = m->next) {
        if (str_is(n->key, "where"))
            count = add_column(column, count, m->key, a);
        else if (m->shape != YML_SCALAR)
            count = sender_columns(m, a, column, count);
        else if (str_is(m->key, "from") || str_is(n->key, "from"))
            count = add_column(column, count, m->text, a);
    }
    return count;
}

/* A stream of one row in a structure of ours (the first code of every list), or of a sender. */
static int write_stream(struct conf *c, const char *path, const char *structure,
                        const struct yml_node *root, struct err *e)
{
    const struct structure *s = NULL;
    const char *column[COLUMNS_MAX] = {"STRUCTURE[;]", "STRUCTURE_ID", "ACTION"};
    struct str cell[COLUMNS_MAX] = {STR("datastructure"), str_of(structure), STR("I")};
    size_t n = 3;
    int rc = structure_by_full_id(c, str_of(structure), &s, e);
    if (rc < 0)
        return rc;
    for (size_t i = 0; s && i < s->ndims; i++) {
        const struct codelist *codes = s->dims[i].codes;
        column[n] = s->dims[i].id;
        cell[n++] = codes && codes->n ? codes->codes[0].id : STR("2020");
    }
    if (s)
        cell[1] = str_of(s->full_id);
    for (const struct yml_node *m = root->first; !s && m; m = m->next)
        if (m->shape == YML_MAPPING)
            n = sender_columns(m, &c->arena, column, n);
    if (!s)
        column[n++] = "TIME_PERIOD";
    for (size_t i = 3; !s && i < n; i++)
        cell[i] = STR("2020");
    column[n] = "OBS_VALUE";
    cell[n++] = STR("1");
    struct newfile f;
    rc = file_create(&f, path, e);
    if (rc < 0)
        return rc;
    struct sdmx_writer *w CLEANUP(sdmx_freep) = sdmx_create(&f.out, column, n);
    sdmx_write(w, cell);
    sdmx_finish(w);
    return file_publish(&f, e);
}

/* Layouts say what they draw; the other files of a report are texts. */
static bool is_layout(const struct yml_node *root)
{
    for (const struct yml_node *m = root->first; m; m = m->next)
        if (str_is(m->key, "kind") || str_is(m->key, "columns"))
            return true;
    return false;
}

/* The command for a file, or false. *ret_structure: of the stream it needs, or NULL. */
static bool command(struct conf *c, const char *kind, const char *name, const struct yml_node *root,
                    const char *ret[5], const char **ret_structure)
{
    *ret_structure = NULL;
    if (strcmp(kind, "profiles") == 0) {
        ret[0] = "read", ret[1] = "--profile", ret[2] = name, ret[3] = "/dev/null";
    } else if (strcmp(kind, "counts") == 0) {
        ret[0] = "count", ret[1] = "--register", ret[2] = name, ret[3] = "/dev/null";
    } else if (strcmp(kind, "sources") == 0) {
        ret[0] = "fetch", ret[1] = "--print-url", ret[2] = name;
    } else if (strcmp(kind, "maps") == 0) {
        *ret_structure = text_of(root, "from");
        ret[0] = "map", ret[1] = "--map", ret[2] = name;
    } else if (strcmp(kind, "rules") == 0) {
        *ret_structure = name;
        ret[0] = "check";
    } else if (strcmp(kind, "indicators") == 0) {
        *ret_structure = name;
        ret[0] = "derive", ret[1] = first_under(root, "indicators", &c->arena);
    } else if (strcmp(kind, "reports") == 0 && strchr(name, '/') && is_layout(root)) {
        ret[0] = text_of(root, "kind")[0] ? "chart" : "table", ret[1] = name;
    } else {
        return false;
    }
    return true;
}

/* What the program said first, without its own name and message id, and its hint. A layout whose
 * variables are not set is not at fault: the report that uses it sets them. */
static int as_error(const char *path, struct err *e)
{
    char *words CLEANUP(mem_freep) = NULL;
    size_t n = 0;
    struct err ignored = {.rc = RC_OK};
    if (file_slurp(path, WORDS_BYTES, &words, &n, &ignored) < 0)
        n = 0;
    const char *text = n ? strstr(words, "error: ") : NULL;
    const char *hint = text ? strstr(text, "\n  hint: ") : NULL;
    if (n && strstr(words, "[VIEW-003]"))
        return 0;
    text = text ? text + strlen("error: ") : "its program refuses it";
    size_t length = strcspn(text, "\n");
    for (size_t i = length; i > 0 && text[length - 1] == ']'; i--)
        if (strncmp(text + i - 1, " [", 2) == 0) {
            length = i - 1;
            break;
        }
    err_set(e, RC_CONFIG, "CONFIG-005", "%.*s", (int)length, text);
    if (hint)
        err_hint(e, "%.*s", (int)strcspn(hint + 9, "\n"), hint + 9);
    return -RC_CONFIG;
}

static int ask(struct stage *st, struct conf *c, const char *const *words, const char *dir,
               struct err *e)
{
    const char *argv[10] = {stage_program(st, words[0]), "--quiet", "--config", c->dir};
    size_t n = 4;
    for (size_t i = 1; i < 5 && words[i]; i++)
        argv[n++] = words[i];
    const char *in = arena_fmt(&c->arena, "%s/in", dir);
    const struct proc_io io = {.in_path = access(in, R_OK) == 0 ? in : NULL,
                               .out_path = "/dev/null",
                               .err_path = arena_fmt(&c->arena, "%s/err", dir),
                               .timeout_s = PATIENCE_S};
    return proc_run(argv, &io, e);
}

int config_run(struct stage *st, struct conf *c, const char *kind, const char *name,
               const struct yml_node *root, struct err *e)
{
    const char *words[5] = {NULL}, *structure;
    if (!command(c, kind, name, root, words, &structure) ||
        access(stage_program(st, words[0]), X_OK) != 0)
        return 0;
    char dir[] = "/tmp/rta-config.XXXXXX";
    if (!mkdtemp(dir))
        return err_sys(e, RC_CREATE, "CONFIG-006", "cannot make a folder in /tmp");
    struct err inner = {.rc = RC_OK};
    int rc = 0;
    if (structure)
        rc = write_stream(c, arena_fmt(&c->arena, "%s/in", dir), structure, root, &inner);
    if (rc == 0 && ask(st, c, words, dir, &inner) == -RC_CONFIG)
        rc = as_error(arena_fmt(&c->arena, "%s/err", dir), e);
    else
        rc = 0; /* what it says about our poor input is no fault of the configuration */
    int removed = dir_remove(dir, e);
    return rc < 0 ? rc : removed;
}
