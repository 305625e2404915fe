/* structure_conf.c — the model from and to config/: structures/ID.yaml and codelists/ID.csv; and
 * code lists of others as CSV. */
#include "structure_model.h"

#include "bounds.h"
#include "csv.h"
#include "json.h"
#include "mem.h"
#include "text.h"

#include <unistd.h>

/* --- CSV ----------------------------------------------------------------------------------------
 */

/* What a column of the file is called here: itself, or as "ours=theirs" says; NULL: nothing. */
static const char *ours(struct model *m, const char *columns, struct str theirs)
{
    if (!columns)
        return arena_text(&m->arena, theirs);
    for (const char *p = columns; *p;) {
        size_t n = strcspn(p, ","), eq = strcspn(p, "=,");
        if (eq < n && str_eq(theirs, (struct str){p + eq + 1, n - eq - 1}))
            return arena_text(&m->arena, (struct str){p, eq});
        p += n + (p[n] == ',');
    }
    return NULL;
}

static bool known(const char *col)
{
    static const char *const words[] = {"code",   "parent",     "valid_from", "valid_to",
                                        "source", "confidence", "note"};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (strcmp(col, words[i]) == 0)
            return true;
    return strncmp(col, "label_", 6) == 0 && col[6] &&
           strspn(col + 6, "abcdefghijklmnopqrstuvwxyz") == strlen(col + 6);
}

struct csv_in {
    struct csv_reader *csv;
    const char **names;
    size_t n, code;
};

static int csv_head(struct model *m, struct csv_in *in, const struct csv_row *row,
                    const char *columns, const char *name, struct err *e)
{
    in->names = arena_array(&m->arena, row->n, sizeof *in->names);
    in->n = row->n;
    in->code = SIZE_MAX;
    for (size_t i = 0; i < row->n; i++) {
        const char *col = in->names[i] = ours(m, columns, row->cell[i]);
        if (col && !known(col)) {
            err_set(e, RC_DATA, "STRUCT-029", "a code list has no column \"%s\"", col);
            err_hint(e,
                     "--columns code=THEIRS,label_en=THEIRS says which of the file's are taken.");
            return err_place(e, "%s:%zu", name, row->line);
        }
        if (col && strcmp(col, "code") == 0)
            in->code = i;
    }
    if (in->code != SIZE_MAX)
        return 0;
    err_set(e, RC_DATA, "STRUCT-030", "no column is the code");
    err_hint(e, "--columns code=THEIRS,label_en=THEIRS says which one.");
    return err_place(e, "%s:%zu", name, row->line);
}

static int csv_line(struct model *m, struct csv_in *in, struct sm_list *l,
                    const struct csv_row *row, const char *name, struct err *e)
{
    if (row->n != in->n) {
        err_set(e, RC_DATA, "STRUCT-031", "%zu fields under a header of %zu", row->n, in->n);
        return err_place(e, "%s:%zu", name, row->line);
    }
    struct sm_row *to = list_row(m, l, row->cell[in->code]);
    for (size_t i = 0; i < in->n; i++)
        if (i != in->code && in->names[i] && !list_set(m, l, to, in->names[i], row->cell[i])) {
            err_set(e, RC_DATA, "STRUCT-032", "more than %d columns", SM_CELLS_MAX);
            return err_place(e, "%s:%zu", name, row->line);
        }
    return 0;
}

int model_read_csv(struct model *m, struct source *src, const char *id, const char *columns,
                   struct err *e)
{
    struct csv_in in = {.csv = csv_open(src, &(struct csv_dialect){.sep = ',', .quote = '"'})};
    struct sm_list *l = model_list(m, str_of(id));
    struct csv_row row;
    int rc = csv_next(in.csv, &row, e);
    if (rc == 0) {
        err_set(e, RC_DATA, "STRUCT-033", "the file is empty");
        rc = err_place(e, "%s", src->name);
    }
    if (rc > 0)
        rc = csv_head(m, &in, &row, columns, src->name, e);
    while (rc >= 0 && (rc = csv_next(in.csv, &row, e)) > 0)
        rc = csv_line(m, &in, l, &row, src->name, e);
    csv_close(in.csv);
    return rc;
}

/* --- config -------------------------------------------------------------------------------------
 */

static int conf_codelist(struct model *m, struct conf *c, const char *id, struct err *e)
{
    const struct codelist *checked;
    const char *path;
    struct source *src CLEANUP(source_closep) = NULL;
    if (model_find(m, id))
        return 0;
    int rc = codelist_load(c, id, &checked, e);
    if (rc >= 0)
        rc = conf_path(c, "codelists", id, "csv", &path, e);
    if (rc >= 0)
        rc = source_open(&src, path, e);
    return rc < 0 ? rc : model_read_csv(m, src, id, NULL, e);
}

static void conf_dims(struct model *m, const struct structure *s, struct sm_structure *to)
{
    for (size_t i = 0; i < s->ndims; i++)
        to->dims[i] = (struct sm_dim){s->dims[i].id, s->dims[i].codes ? s->dims[i].codes->id : NULL,
                                      s->dims[i].name, s->dims[i].total, i};
    to->ndims = s->ndims;
    struct str full = str_of(s->full_id);
    size_t colon = strcspn(full.p, ":"), open = strcspn(full.p, "(");
    to->agency = arena_text(&m->arena, (struct str){full.p, colon});
    to->version = arena_text(&m->arena, (struct str){full.p + open + 1, full.n - open - 2});
    to->name = s->name;
    to->count = s->whole;
}

/* A structure with its code lists, and those of the attributes; or one code list. */
int model_read_conf(struct model *m, struct conf *c, const char *name, struct err *e)
{
    static const char *const attributes[] = {"OBS_STATUS", "CONF_STATUS"};
    const struct structure *s;
    const char *const *names;
    size_t n;
    bool is_structure = false;
    int rc = conf_list(c, "structures", "yaml", &names, &n, e);
    for (size_t i = 0; i < n && rc >= 0; i++)
        is_structure = is_structure || strcmp(names[i], name) == 0;
    if (rc < 0 || !is_structure)
        return rc < 0 ? rc : conf_codelist(m, c, name, e);
    rc = structure_load(c, name, &s, e);
    for (size_t i = 0; rc >= 0 && i < s->ndims; i++)
        if (s->dims[i].codes)
            rc = conf_codelist(m, c, s->dims[i].codes->id, e);
    for (size_t i = 0; rc >= 0 && i < ARRAY_LEN(attributes); i++)
        rc = conf_codelist(m, c, attributes[i], e);
    if (rc < 0)
        return rc;
    struct sm_structure *to = model_structure(m, str_of(name));
    conf_dims(m, s, to);
    return 0;
}

/* --- files --------------------------------------------------------------------------------------
 */

int model_read_file(struct model *m, const char *path, const char *id, const char *columns,
                    struct err *e)
{
    struct source *src CLEANUP(source_closep) = NULL;
    size_t n = strlen(path);
    int rc = source_open(&src, path, e);
    if (rc < 0)
        return rc;
    if (n > 4 && strcmp(path + n - 4, ".csv") == 0) {
        const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
        const char *own = arena_text(&m->arena, (struct str){base, strlen(base) - 4});
        struct source *below = src;
        src = NULL; /* taken over, also when it fails */
        rc = source_text(&src, below, "UTF-8", e);
        return rc < 0 ? rc : model_read_csv(m, src, id ? id : own, columns, e);
    }
    char *bytes CLEANUP(mem_freep) = NULL;
    rc = source_slurp(src, LIMIT_JSON_BYTES, &bytes, &n, e);
    if (rc < 0)
        return rc;
    size_t i = n >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    while (i < n && strchr(" \t\r\n", bytes[i]) && bytes[i])
        i++;
    if (i < n && bytes[i] == '{')
        return model_read_json(m, (struct str){bytes + i, n - i}, path, e);
    struct source *xml CLEANUP(source_closep) = source_memory((struct str){bytes, n}, path);
    return model_read_xml(m, xml, e);
}

static int put_file(struct stage *st, const char *path, struct str bytes, bool force, struct err *e)
{
    if (!force && access(path, F_OK) == 0) {
        err_set(e, RC_CREATE, "STRUCT-034", "the file is there already");
        err_hint(e, "rta structure diff tells the differences; --force replaces it.");
        return err_place(e, "%s", path);
    }
    int rc = file_write(path, bytes, e);
    if (rc >= 0)
        stage_note(st, "written: %s", path);
    return rc;
}

/* Columns in the order that people expect: the code, its parent, labels, the rest. */
static size_t columns_in_order(const struct sm_list *l, const char *ret[SM_CELLS_MAX])
{
    static const char *const after[] = {"valid_from", "valid_to", "source", "confidence", "note"};
    size_t n = 0;
    for (size_t i = 0; i < l->ncols; i++)
        if (strcmp(l->cols[i], "parent") == 0)
            ret[n++] = l->cols[i];
    for (size_t i = 0; i < l->ncols; i++)
        if (strcmp(l->cols[i], "label_en") == 0)
            ret[n++] = l->cols[i];
    for (size_t i = 0; i < l->ncols; i++)
        if (strncmp(l->cols[i], "label_", 6) == 0 && strcmp(l->cols[i], "label_en") != 0)
            ret[n++] = l->cols[i];
    for (size_t k = 0; k < ARRAY_LEN(after); k++)
        for (size_t i = 0; i < l->ncols; i++)
            if (strcmp(l->cols[i], after[k]) == 0)
                ret[n++] = l->cols[i];
    return n;
}

static void list_csv(const struct sm_list *l, struct buf *b)
{
    const char *cols[SM_CELLS_MAX];
    size_t n = columns_in_order(l, cols);
    buf_text(b, "code");
    for (size_t i = 0; i < n; i++)
        buf_fmt(b, ",%s", cols[i]);
    buf_char(b, '\n');
    for (size_t r = 0; r < l->n; r++) {
        csv_put(b, l->rows[r].code, ',');
        for (size_t i = 0; i < n; i++) {
            buf_char(b, ',');
            csv_put(b, list_get(l, &l->rows[r], cols[i]), ',');
        }
        buf_char(b, '\n');
    }
}

static void put_key(struct buf *b, const char *key, const char *text)
{
    buf_fmt(b, "%s: ", key);
    js_quote(b, str_of(text));
}

static void structure_yaml(const struct sm_structure *s, struct buf *b)
{
    buf_fmt(b, "structure: %s\nagency: ", s->id);
    js_quote(b, str_of(s->agency));
    buf_text(b, "\nversion: ");
    js_quote(b, str_of(s->version));
    buf_char(b, '\n');
    put_key(b, "name", s->name ? s->name : s->id);
    buf_fmt(b, "\nvalues: %s\ndimensions:\n", s->count ? "count" : "number");
    for (size_t i = 0; i < s->ndims; i++) {
        const struct sm_dim *d = &s->dims[i];
        buf_text(b, "  - {");
        put_key(b, "id", d->id);
        if (d->codelist) {
            buf_text(b, ", ");
            put_key(b, "codelist", d->codelist);
        }
        buf_text(b, ", ");
        put_key(b, "name", d->name);
        if (d->total) {
            buf_text(b, ", ");
            put_key(b, "total", d->total);
        }
        buf_text(b, "}\n");
    }
}

int model_write_conf(const struct model *m, struct stage *st, const char *dir, bool force,
                     struct err *e)
{
    struct buf b CLEANUP(buf_free) = {.max = LIMIT_JSON_BYTES};
    char path[4096];
    int rc = 0;
    for (int i = 0; i < 2 && rc >= 0; i++) {
        (void)snprintf(path, sizeof path, "%.4000s/%s", dir, i ? "codelists" : "structures");
        rc = dir_make(path, e);
    }
    for (size_t i = 0; i < m->nlists && rc >= 0; i++) {
        buf_reset(&b);
        list_csv(m->lists[i], &b);
        (void)snprintf(path, sizeof path, "%.3900s/codelists/%s.csv", dir, m->lists[i]->id);
        rc = buf_ok(&b, path, e);
        if (rc >= 0)
            rc = put_file(st, path, buf_view(&b), force, e);
    }
    for (size_t i = 0; i < m->nstructures && rc >= 0; i++) {
        buf_reset(&b);
        structure_yaml(m->structures[i], &b);
        (void)snprintf(path, sizeof path, "%.3900s/structures/%s.yaml", dir, m->structures[i]->id);
        rc = put_file(st, path, buf_view(&b), force, e);
    }
    return rc;
}
