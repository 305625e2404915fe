/* count_run.c — record after record into the cells: filtered, coded, its identifier asked for, and
 * counted. What is said of a record is its place and the column, never a text of it. */
#include "count.h"

#include "bounds.h"
#include "mem.h"

static const char *heading_of(const struct count_column *c) { return c->heading ? c->heading : ""; }

/* Say why a record is refused; `what`: the dimension or column. One place for all the messages. */
static void explain(enum count_fault f, const char *what, struct err *e)
{
    switch (f) {
    case FAULT_WIDTH:
        err_set(e, RC_DATA, "COUNT-040", "the record has not as many fields as the header");
        err_hint(e, "a field that holds the separator must stand in quotes");
        break;
    case FAULT_BLANK:
        err_set(e, RC_DATA, "COUNT-041", "%s is blank, and no code is declared for that", what);
        err_hint(e, "declare one: blank: CODE");
        break;
    case FAULT_CODE:
        err_set(e, RC_DATA, "COUNT-042", "the text is none of the codes declared for %s", what);
        err_hint(e, "look at the place, and add it to codes; or name a code for all others");
        break;
    case FAULT_DATE:
        err_set(e, RC_DATA, "COUNT-043", "no date as declared for %s", what);
        break;
    case FAULT_NUMBER:
        err_set(e, RC_DATA, "COUNT-044", "no number as declared, for %s", what);
        err_hint(e, "see decimal and thousands");
        break;
    case FAULT_BAND:
        err_set(e, RC_DATA, "COUNT-045", "the number is in no band of %s", what);
        err_hint(e, "add a band, or name a code: outside: CODE");
        break;
    case FAULT_LONG:
        err_set(e, RC_DATA, "COUNT-046", "the text is too long to be a code of %s", what);
        break;
    case FAULT_ID_BLANK:
        err_set(e, RC_DATA, "COUNT-047", "the identifier is blank (%s)", what);
        break;
    case FAULT_ID_REPEATED:
        err_set(e, RC_DATA, "COUNT-048", "the identifier stood in the file before (%s)", what);
        break;
    case FAULT_PERSON_BLANK:
        err_set(e, RC_DATA, "COUNT-049", "a person is not identified (%s)", what);
        err_hint(e, "declare what a blank means: blank: each or blank: leave");
        break;
    case FAULT_CELL:
        err_set(e, RC_DATA, "COUNT-069",
                "the cell is no text (an error, a truth, a formula without "
                "a result)");
        break;
    case FAULT_NONE:
    case FAULT_N:
        break;
    }
}

static void refuse(struct counter *k, enum count_fault f, const char *what, size_t line,
                   size_t field)
{
    struct err e = {.rc = RC_OK};
    k->refused++;
    if (k->faults[f]++ >= k->shown && k->shown)
        return;
    explain(f, what, &e);
    if (field)
        err_place(&e, "%s:%zu:%zu", k->files[k->file], line, field);
    else
        err_place(&e, "%s:%zu", k->files[k->file], line);
    stage_error(k->st, &e);
}

static bool listed(const struct yaml_list *list, struct str text)
{
    const char *const *words = list->items;
    for (size_t i = 0; i < list->n; i++)
        if (str_is(text, words[i]))
            return true;
    return false;
}

static bool filtered(const struct counter *k, const struct csv_row *row)
{
    const struct count_filter *f = k->r->filters.items;
    for (size_t i = 0; i < k->r->filters.n; i++) {
        struct str s = count_trim(row->cell[k->filter_fields[i]], NULL);
        if (f[i].in.n ? !listed(&f[i].in, s) : listed(&f[i].not_in, s))
            return true;
    }
    return false;
}

/* 1 and the key; 0 when the record was refused. */
static int key_of(struct counter *k, const struct csv_row *row, cell_key *ret, struct err *e)
{
    const struct count_dim *d = k->r->dims.items;
    cell_key key = k->file;
    for (size_t i = 0; i < k->r->dims.n; i++) {
        uint32_t code;
        if (!k->coders[i])
            continue;
        int rc = coder_code(k->coders[i], row->cell[k->fields[i]], &code, e);
        if (rc < 0) {
            e->place[0] = '\0';
            return err_place(e, "%s:%zu:%zu", k->files[k->file], row->line, k->fields[i] + 1);
        }
        if (rc > 0) {
            refuse(k, (enum count_fault)rc, d[i].id, row->line, k->fields[i] + 1);
            return 0;
        }
        key |= (cell_key)code << k->shift[i];
    }
    *ret = key;
    return 1;
}

/* May the record be counted, by its identifier? 1 yes; 0: set aside or refused. */
static int identify(struct counter *k, const struct csv_row *row, struct err *e)
{
    const struct count_identifier *id = &k->r->identifier;
    struct str text = count_trim(row->cell[k->id_field], NULL);
    if (text.n == 0) {
        k->id_blank++;
        if (id->blank == BLANK_EACH)
            return 1;
        refuse(k, FAULT_ID_BLANK, heading_of(&id->column), row->line, k->id_field + 1);
        return 0;
    }
    int seen = id_set_add(k->ids, 0, text, e);
    if (seen <= 0)
        return seen < 0 ? seen : 1;
    k->id_repeated++;
    if (id->repeated == REPEATED_COUNT)
        return 1;
    if (id->repeated == REPEATED_FIRST)
        k->aside++;
    else
        refuse(k, FAULT_ID_REPEATED, heading_of(&id->column), row->line, k->id_field + 1);
    return 0;
}

/* 1: all persons that must be identified are. */
static int know_persons(struct counter *k, const struct csv_row *row)
{
    const struct count_measure *m = k->r->measures.items;
    for (size_t i = 0; i < k->r->measures.n; i++) {
        if (m[i].what != WHAT_PERSONS || m[i].blank != BLANK_REFUSE)
            continue;
        if (count_trim(row->cell[k->measure_fields[i]], NULL).n)
            continue;
        refuse(k, FAULT_PERSON_BLANK, heading_of(&m[i].column), row->line,
               k->measure_fields[i] + 1);
        return 0;
    }
    return 1;
}

static int count_person(struct counter *k, const struct count_measure *m, cell_key key,
                        struct str text, size_t line, struct err *e)
{
    text = count_trim(text, NULL);
    if (text.n == 0) {
        k->person_blank++;
        if (m->blank == BLANK_EACH)
            cells_add(k->cells, key, 1, line);
        return 0;
    }
    /* The file is no part of the cell: a person is one in all of them. */
    int seen = id_set_add(k->persons, key >> COUNT_FILE_BITS << COUNT_FILE_BITS, text, e);
    if (seen >= 0)
        cells_add(k->cells, key, seen == ID_NEW, line);
    return seen < 0 ? seen : 0;
}

static int count_it(struct counter *k, const struct csv_row *row, cell_key key, struct err *e)
{
    const struct count_measure *m = k->r->measures.items;
    int rc = 0;
    k->counted++;
    for (size_t i = 0; i < k->r->measures.n && rc == 0; i++) {
        cell_key own = key | (cell_key)i << k->measure_shift;
        if (m[i].what == WHAT_RECORDS)
            cells_add(k->cells, own, 1, row->line);
        else
            rc = count_person(k, &m[i], own, row->cell[k->measure_fields[i]], row->line, e);
    }
    return rc;
}

static bool empty(const struct csv_row *row)
{
    for (size_t i = 0; i < row->n; i++)
        if (count_trim(row->cell[i], NULL).n)
            return false;
    return true;
}

int counter_row(struct counter *k, const struct csv_row *row, struct err *e)
{
    cell_key key = 0;
    if (row->cell[0].n == 0 && empty(row)) {
        k->blank_rows++;
        return 0;
    }
    k->in++;
    if (row->n != k->width) {
        refuse(k, FAULT_WIDTH, "", row->line, 0);
        return 0;
    }
    if (k->r->filters.n && filtered(k, row)) {
        k->filtered++;
        return 0;
    }
    int rc = key_of(k, row, &key, e);
    if (rc > 0 && k->persons)
        rc = know_persons(k, row);
    if (rc > 0 && k->r->identified)
        rc = identify(k, row, e);
    return rc > 0 ? count_it(k, row, key, e) : rc;
}

int counter_open(struct counter *k, const char *name, struct err *e)
{
    if (k->nfiles == COUNT_FILES_MAX)
        return err_set(e, RC_USAGE, "COUNT-062", "more than %d files", COUNT_FILES_MAX);
    k->files = mem_resize(k->files, (k->nfiles + 1) * sizeof *k->files);
    k->file = k->nfiles++;
    k->files[k->file] = name;
    return 0;
}

void counter_refuse_cell(struct counter *k, size_t line, size_t field)
{
    k->in++;
    refuse(k, FAULT_CELL, "", line, field);
}

int counter_file(struct counter *k, struct source *text, const char *name, struct err *e)
{
    const struct csv_dialect dialect = {.sep = k->r->delimiter,
                                        .quote = k->r->quote,
                                        .cr_only = k->r->line_end == 1,
                                        .lazy_quotes = k->r->lazy_quotes};
    struct csv_row row;
    int rc = counter_open(k, name, e);
    if (rc < 0)
        return rc;
    struct csv_reader *csv = csv_open(text, &dialect);
    rc = counter_bind(k, csv, e);
    while (rc >= 0 && (rc = csv_next(csv, &row, e)) > 0)
        rc = counter_row(k, &row, e);
    csv_close(csv);
    return rc;
}

void counter_start(struct counter *k)
{
    const struct count_dim *d = k->r->dims.items;
    unsigned at = COUNT_FILE_BITS;
    k->cells = cells_new();
    k->measure_shift = at;
    at += 6;
    for (size_t i = k->r->dims.n; i-- > 0;) {
        if (d[i].kind == COUNT_CONSTANT)
            continue;
        k->coders[i] = coder_new(&d[i], k->r);
        k->shift[i] = at;
        at += coder_bits(k->coders[i]);
    }
    k->shift[COUNT_DIMS_MAX - 1] = at; /* the width of the key, which the caller checks */
    k->filter_fields = mem_array(k->r->filters.n + 1, sizeof *k->filter_fields);
    k->measure_fields = mem_array(k->r->measures.n + 1, sizeof *k->measure_fields);
}

void counter_end(struct counter *k)
{
    for (size_t i = 0; i < COUNT_DIMS_MAX; i++)
        coder_free(k->coders[i]);
    cells_free(k->cells);
    id_set_free(k->ids);
    id_set_free(k->persons);
    mem_free(k->files);
    mem_free(k->filled);
    mem_free(k->filter_fields);
    mem_free(k->measure_fields);
}
