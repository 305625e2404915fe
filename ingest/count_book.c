/* count_book.c — a register that is a sheet of a workbook: its rows as records, cell by cell as the
 * file holds them. Numbers come with the declared decimal sign, days in the declared manner; an
 * error, a truth or a formula without a result is no text of a record. Owns the row at hand. */
#include "count.h"

#include "bounds.h"
#include "grid.h"
#include "gz.h"
#include "mem.h"
#include "read_book.h"

struct book_run {
    struct counter *k;
    const char *file;
    struct grid *g;
    struct buf bytes, names;
    struct str *cells;
    size_t *offs; /* of cells that stand in bytes; SIZE_MAX: a view */
    size_t cap;
    int64_t row;
    bool begun, bound;
};

static int on_sheet(void *to, const struct grid_sheet *sheet, struct err *e)
{
    struct book_run *b = to;
    const struct count_register *r = b->k->r;
    struct arena *a = &b->k->st->conf.arena;
    if (b->names.n < 400)
        buf_fmt(&b->names, "%s\"%s\"", b->names.n ? ", " : "", sheet->name);
    bool wanted = r->sheet ? strcmp(r->sheet, sheet->name) == 0 : !sheet->hidden;
    if (!wanted)
        return 0;
    if (b->begun) {
        err_set(e, RC_DATA, "COUNT-066", "the workbook has several sheets, and none is named");
        err_hint(e, "say in the declaration which one is the register: sheet: NAME. There are %s",
                 buf_z(&b->names));
        return err_place(e, "%s", b->file);
    }
    b->begun = true;
    int rc = counter_open(b->k, arena_fmt(a, "%s#%s", b->file, sheet->name), e);
    return rc < 0 ? rc : 1;
}

/* 31.1.2024. of 2024-01-31T17:45:00, as the declaration writes it. */
static void put_date(struct buf *to, const char *format, struct str iso)
{
    static const char letters[] = "YMDhms";
    static const unsigned char at[] = {0, 5, 8, 11, 14, 17};
    for (const char *f = format; *f && *f != '*';) {
        const char *letter = strchr(letters, *f);
        size_t n = 1, from = letter ? at[letter - letters] : 0, width = *f == 'Y' ? 4 : 2;
        while (letter && f[n] == *f)
            n++;
        if (!letter)
            buf_char(to, *f);
        else if (from + width <= iso.n)
            buf_add(to, iso.p + from + (n == 1 && iso.p[from] == '0'),
                    width - (n == 1 && iso.p[from] == '0'));
        else
            buf_text(to, width == 4 ? "0000" : "00");
        f += n;
    }
}

static const struct count_dim *dim_at(const struct counter *k, size_t field)
{
    const struct count_dim *d = k->r->dims.items;
    for (size_t i = 0; i < k->r->dims.n; i++)
        if (k->coders[i] && k->fields[i] == field)
            return &d[i];
    return NULL;
}

static bool is_code(const struct count_dim *d, struct str s)
{
    const struct yaml_pair *pairs = d->codes.items;
    for (size_t i = 0; i < d->codes.n; i++)
        if (str_is(s, pairs[i].key))
            return true;
    return false;
}

/* 1.5E0 is 1.5, 2019.0 the code 2019; zeros in front are kept. */
static void put_number(struct book_run *b, size_t field, struct str s)
{
    static const struct num_style style = {'.', "", true};
    struct num n;
    char digits[NUM_TEXT_MAX];
    bool zeros = s.n > 1 && s.p[0] == '0' && s.p[1] != '.';
    if (zeros || num_parse(&n, s, &style, NULL) < 0)
        return;
    struct num whole = num_round(n, 0);
    size_t len = num_text(num_cmp(whole, n) == 0 ? whole : n, digits);
    b->offs[field] = b->bytes.n;
    for (size_t i = 0; i < len; i++)
        buf_char(&b->bytes, digits[i] == '.' ? b->k->r->decimal : digits[i]);
}

/* A cell's text as a delimited file would have it; false when it is none. */
static bool put_text(struct book_run *b, size_t field, struct str s, unsigned kind)
{
    const struct counter *k = b->k;
    const struct count_dim *d = dim_at(k, field);
    if (!d || !s.n)
        return true; /* as it stands */
    switch ((enum cell_kind)(kind & CELL_KIND)) {
    case CELL_ERROR:
    case CELL_FORMULA:
    case CELL_NO_DATE:
        return false;
    case CELL_BOOL:
        return is_code(d, s);
    case CELL_DATE:
        if (d->kind != COUNT_DATE)
            return true;
        b->offs[field] = b->bytes.n;
        put_date(&b->bytes, d->date, s);
        return true;
    case CELL_NUMBER:
        put_number(b, field, s);
        return true;
    case CELL_TEXT:
        break;
    }
    return true;
}

static void reserve(struct book_run *b, size_t n)
{
    if (n <= b->cap)
        return;
    b->cap = n * 2;
    b->cells = mem_resize(b->cells, b->cap * sizeof *b->cells);
    b->offs = mem_resize(b->offs, b->cap * sizeof *b->offs);
}

/* The row as a record: as wide as the header, views of what was rewritten set last, when the buffer
 * does not move any more. The field that is no text, or 0. */
static size_t fill(struct book_run *b, const struct table_row *row, struct csv_row *ret)
{
    size_t n = b->bound && row->n < b->k->width ? b->k->width : row->n, bad = 0;
    reserve(b, n + 1);
    buf_reset(&b->bytes);
    for (size_t i = 0; i < n; i++) {
        b->cells[i] = i < row->n ? row->cell[i] : STR("");
        b->offs[i] = SIZE_MAX;
        if (b->bound && !bad && i < row->n && !put_text(b, i, row->cell[i], row->kind[i]))
            bad = i + 1;
    }
    size_t end = b->bytes.n;
    for (size_t i = n; i-- > 0;)
        if (b->offs[i] != SIZE_MAX) {
            b->cells[i] = (struct str){b->bytes.p + b->offs[i], end - b->offs[i]};
            end = b->offs[i];
        }
    *ret = (struct csv_row){.cell = b->cells, .n = n, .line = row->line};
    return bad;
}

static int on_row(void *to, const struct table_row *row, struct err *e)
{
    struct book_run *b = to;
    const struct count_register *r = b->k->r;
    struct csv_row record;
    size_t bad = fill(b, row, &record);
    if (b->bound) {
        if (bad)
            counter_refuse_cell(b->k, record.line, bad);
        return bad || !record.n ? 0 : counter_row(b->k, &record, e);
    }
    if (++b->row < r->skip_rows + r->header_rows)
        return 0;
    b->bound = true;
    return counter_bind_row(b->k, &record, e);
}

static int on_end(void *to, struct err *e)
{
    const struct book_run *b = to;
    if (b->bound)
        return 0;
    err_set(e, RC_DATA, "COUNT-067", "the sheet ends inside its header");
    return err_place(e, "%s", b->file);
}

int counter_book(struct counter *k, const char *path, const char *name, struct err *e)
{
    const struct count_register *r = k->r;
    struct book_run b = {.k = k, .file = name};
    const struct grid_sink sink = {&b, on_sheet, on_row, on_end};
    const struct grid_options o = {name, r->hidden, false, true};
    struct source *in CLEANUP(source_closep) = NULL;
    struct whole file = {NULL, -1};
    int rc = strcmp(path, "-") == 0 ? stage_stdin(k->st, &in, e) : 0;
    if (rc >= 0 && in)
        rc = source_gunzip(&in, in, LIMIT_SPOOL_BYTES, e);
    if (rc >= 0)
        rc = whole_open(&file, path, in, e);
    if (rc >= 0)
        rc = book_looks(r->format, &file, name, e);
    b.g = grid_new(&o, &sink);
    buf_init(&b.bytes, LIMIT_ROW_BYTES);
    buf_init(&b.names, 4096);
    if (rc >= 0)
        rc = book_of(r->format)->read(file.path, b.g, e);
    if (rc >= 0 && !b.begun) {
        err_set(e, RC_DATA, "COUNT-068", "the workbook has no such sheet");
        err_hint(e, "there are %s", buf_z(&b.names));
        rc = err_place(e, "%s", name);
    }
    if (rc >= 0)
        grid_tell(b.g, k->st);
    grid_closep(&b.g);
    whole_close(&file);
    buf_free(&b.bytes);
    buf_free(&b.names);
    mem_free(b.cells);
    mem_free(b.offs);
    return rc;
}
