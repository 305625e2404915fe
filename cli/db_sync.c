/* db_sync.c — structures and code lists of the configuration into the store, so that SQL users see
 * labels and hierarchies, and every structure has its tables. Only what differs is written. */
#include "db_parts.h"

#include "bounds.h"
#include "structure.h"

#define SYNC_TABLES                                            \
    "CREATE TEMP TABLE t_code (LIKE rta.code) ON COMMIT DROP;" \
    "CREATE TEMP TABLE t_label (LIKE rta.code_label) ON COMMIT DROP"

/* A text array literal: {"a","b"}. */
static void array_item(struct buf *b, const char *z)
{
    buf_text(b, b->n ? ",\"" : "{\"");
    for (; *z; z++) {
        if (*z == '"' || *z == '\\')
            buf_char(b, '\\');
        buf_char(b, *z);
    }
    buf_char(b, '"');
}

static int sync_structure(struct db *db, const struct structure *s, struct err *e)
{
    struct buf part[3];
    int rc = 0;
    for (size_t i = 0; i < 3; i++)
        buf_init(&part[i], 65536);
    for (size_t i = 0; i < s->ndims; i++) {
        const struct dimension *d = &s->dims[i];
        if (d->role == DIM_TIME)
            continue;
        array_item(&part[0], d->id);
        array_item(&part[1], d->codes ? d->codes->id : "");
        array_item(&part[2], d->total ? d->total : "");
    }
    for (size_t i = 0; i < 3 && rc >= 0; i++) {
        buf_char(&part[i], '}');
        rc = buf_ok(&part[i], "a structure", e);
    }
    const char *params[] = {s->id,           s->full_id,      s->name,        s->whole ? "t" : "f",
                            buf_z(&part[0]), buf_z(&part[1]), buf_z(&part[2])};
    if (rc >= 0)
        rc = db_query(db, "make the tables of a structure",
                      "SELECT rta.structure_sync($1, $2, $3, $4, $5, $6, $7)", params, 7, NULL, e);
    for (size_t i = 0; i < 3; i++)
        buf_free(&part[i]);
    return rc;
}

static void code_row(struct buf *b, const struct codelist *l, const struct code *c)
{
    char numbers[64];
    struct str parent = c->parent ? c->parent->id : (struct str){NULL, 0};
    db_copy_field(b, str_of(l->id));
    buf_char(b, '\t');
    db_copy_field(b, c->id);
    buf_char(b, '\t');
    if (c->parent)
        db_copy_field(b, parent);
    else
        buf_text(b, "\\N");
    (void)snprintf(numbers, sizeof numbers, "\t%zu\t%zu\t", c->order, c->depth);
    buf_text(b, numbers);
    const struct str rest[] = {str_of(code_label(l, c, "en")), c->valid_from, c->valid_to,
                               str_of(c->note)};
    for (size_t i = 0; i < ARRAY_LEN(rest); i++) {
        db_copy_field(b, rest[i]);
        buf_char(b, i + 1 < ARRAY_LEN(rest) ? '\t' : '\n');
    }
}

static void label_rows(struct buf *b, const struct codelist *l, const struct code *c)
{
    for (size_t i = 0; i < l->nlangs; i++) {
        if (!c->labels[i][0])
            continue;
        const struct str cells[] = {str_of(l->id), c->id, str_of(l->langs[i]),
                                    str_of(c->labels[i])};
        for (size_t k = 0; k < ARRAY_LEN(cells); k++) {
            db_copy_field(b, cells[k]);
            buf_char(b, k + 1 < ARRAY_LEN(cells) ? '\t' : '\n');
        }
    }
}

static int copy_into(struct db *db, const char *sql, const struct buf *b, struct err *e)
{
    uint64_t rows = 0;
    int rc = buf_ok(b, "the code lists", e);
    if (rc >= 0)
        rc = db_copy_begin(db, "copy the code lists", sql, e);
    if (rc >= 0 && (rc = db_copy_put(db, buf_view(b), e)) < 0)
        db_copy_cancel(db);
    return rc < 0 ? rc : db_copy_end(db, &rows, e);
}

static int sync_codes(struct db *db, struct conf *c, struct err *e)
{
    const char *const *names = NULL;
    size_t n = 0;
    struct buf codes, labels;
    buf_init(&codes, LIMIT_JSON_BYTES);
    buf_init(&labels, LIMIT_JSON_BYTES);
    int rc = conf_list(c, "codelists", "csv", &names, &n, e);
    for (size_t i = 0; i < n && rc >= 0; i++) {
        const struct codelist *l = NULL;
        rc = codelist_load(c, names[i], &l, e);
        for (size_t k = 0; rc >= 0 && k < l->n; k++) {
            code_row(&codes, l, &l->codes[k]);
            label_rows(&labels, l, &l->codes[k]);
        }
    }
    if (rc >= 0)
        rc = db_script(db, "prepare the code lists", SYNC_TABLES, e);
    if (rc >= 0)
        rc = copy_into(db, "COPY pg_temp.t_code FROM STDIN", &codes, e);
    if (rc >= 0)
        rc = copy_into(db, "COPY pg_temp.t_label FROM STDIN", &labels, e);
    if (rc >= 0)
        rc = db_script(db, "update the code lists", "SELECT rta.code_sync()", e);
    buf_free(&codes);
    buf_free(&labels);
    return rc;
}

int db_sync(struct stage *st, struct db *db, struct err *e)
{
    const char *const *names = NULL;
    size_t n = 0;
    struct conf *c = NULL;
    int rc = stage_conf(st, &c, e);
    if (rc >= 0)
        rc = conf_list(c, "structures", "yaml", &names, &n, e);
    for (size_t i = 0; i < n && rc >= 0; i++) {
        const struct structure *s = NULL;
        rc = structure_load(c, names[i], &s, e);
        if (rc >= 0)
            rc = sync_structure(db, s, e);
    }
    if (rc >= 0)
        rc = sync_codes(db, c, e);
    return rc < 0 ? rc : db_sync_people(st, db, e);
}
