/* conf_table.c — tables of configuration (conf.h): CSV whose columns have names. The table owns its
 * source, its reader and a copy of the header; cells are views until the next row. */
#include "conf.h"

#include "buf.h"
#include "csv.h"
#include "mem.h"
#include "yml.h"

#define COLUMNS_MAX 256

struct conf_table {
    struct arena arena; /* path and header */
    struct source *source;
    struct csv_reader *csv;
    struct csv_row row;
    const char *path;
    const char **column;
    size_t n;
};

static bool listed(const char *const *names, const char *name)
{
    for (; names && *names; names++)
        if (strcmp(*names, name) == 0)
            return true;
    return false;
}

static bool is_label(const char *name)
{
    return strncmp(name, "label_", 6) == 0 && name[6] != '\0';
}

static int at(const struct conf_table *t, size_t i, struct err *e)
{
    return err_place(e, "%s:%zu:%zu", t->path, t->row.line, csv_column(t->csv, i));
}

static int unknown_column(const struct conf_table *t, size_t i, const char *const *columns,
                          const char *const *optional, struct err *e)
{
    const char *words[COLUMNS_MAX];
    size_t n = 0;
    for (; columns && *columns && n < COLUMNS_MAX; columns++)
        words[n++] = *columns;
    for (; optional && *optional && n < COLUMNS_MAX; optional++)
        words[n++] = *optional;
    err_set(e, RC_CONFIG, "CONF-011", "this table has no column '%s'", t->column[i]);
    const char *near = word_nearest(str_of(t->column[i]), words, n);
    if (near)
        err_hint(e, "did you mean %s?", near);
    return at(t, i, e);
}

static int check_column(const struct conf_table *t, size_t i, const char *const *columns,
                        const char *const *optional, struct err *e)
{
    const char *name = t->column[i];
    for (size_t k = 0; k < i; k++)
        if (strcmp(t->column[k], name) == 0) {
            err_set(e, RC_CONFIG, "CONF-010", "column '%s' stands twice", name);
            return at(t, i, e);
        }
    bool known = listed(columns, name) || listed(optional, name) || is_label(name) ||
                 strcmp(name, "note") == 0;
    return known ? 0 : unknown_column(t, i, columns, optional, e);
}

static int check_header(const struct conf_table *t, const char *const *columns,
                        const char *const *optional, struct err *e)
{
    for (size_t i = 0; i < t->n; i++) {
        int rc = check_column(t, i, columns, optional, e);
        if (rc < 0)
            return rc;
    }
    for (; columns && *columns; columns++) {
        bool there = false;
        for (size_t i = 0; i < t->n && !there; i++)
            there = strcmp(t->column[i], *columns) == 0;
        if (!there) {
            err_set(e, RC_CONFIG, "CONF-012", "the column '%s' is missing", *columns);
            return err_place(e, "%s:%zu", t->path, t->row.line);
        }
    }
    return 0;
}

static int read_header(struct conf_table *t, struct err *e)
{
    int rc = csv_next(t->csv, &t->row, e);
    if (rc < 0)
        return rc;
    if (rc == 0 || t->row.n > COLUMNS_MAX) {
        err_set(e, RC_CONFIG, "CONF-013", "this table has no header row");
        return err_place(e, "%s:1", t->path);
    }
    t->n = t->row.n;
    t->column = arena_array(&t->arena, t->n, sizeof *t->column);
    for (size_t i = 0; i < t->n; i++)
        t->column[i] = arena_text(&t->arena, t->row.cell[i]);
    return 0;
}

/* A fault in a file of configuration is the configuration's, not the data's. */
static int as_config(int rc, struct err *e)
{
    if (rc != -RC_DATA)
        return rc;
    if (e)
        e->rc = RC_CONFIG;
    return -RC_CONFIG;
}

int conf_table_open(struct conf_table **ret, const char *path, const char *const *columns,
                    const char *const *optional, struct err *e)
{
    static const struct csv_dialect dialect = {.sep = ',', .quote = '"'};
    struct conf_table *t CLEANUP(conf_table_closep) = mem_new(sizeof *t);
    t->path = arena_text(&t->arena, str_of(path));
    int rc = source_open(&t->source, path, e);
    if (rc < 0)
        return as_config(rc, e);
    t->csv = csv_open(t->source, &dialect);
    rc = read_header(t, e);
    if (rc == 0)
        rc = check_header(t, columns, optional, e);
    if (rc < 0)
        return as_config(rc, e);
    *ret = t;
    t = NULL;
    return 0;
}

int conf_table_next(struct conf_table *t, struct err *e)
{
    int rc = csv_next(t->csv, &t->row, e);
    if (rc <= 0)
        return as_config(rc, e);
    if (t->row.n == t->n)
        return 1;
    err_set(e, RC_CONFIG, "CONF-014", "%zu fields, but the header has %zu", t->row.n, t->n);
    err_hint(e, "a field with a comma in it needs quotes");
    return err_place(e, "%s:%zu", t->path, t->row.line);
}

struct str conf_cell(const struct conf_table *t, const char *column)
{
    for (size_t i = 0; i < t->n; i++)
        if (strcmp(t->column[i], column) == 0)
            return t->row.cell[i];
    return STR("");
}

size_t conf_line(const struct conf_table *t) { return t->row.line; }

const char *conf_column(const struct conf_table *t, size_t i)
{
    return i < t->n ? t->column[i] : NULL;
}

void conf_table_close(struct conf_table *t)
{
    if (!t)
        return;
    csv_close(t->csv);
    source_close(t->source);
    arena_free(&t->arena);
    mem_free(t);
}

void conf_table_closep(struct conf_table **t)
{
    conf_table_close(*t);
    *t = NULL;
}
