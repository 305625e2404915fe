/* grid.c — see grid.h. Owns the cells of one row, the merged ranges that reach into it and their
 * texts. */
#include "grid.h"

#include "bounds.h"
#include "mem.h"
#include "stage.h"

struct slot {
    const char *kept; /* NULL: in `bytes` */
    size_t off, n;
    bool filled; /* from a merged range */
};

struct merge {
    size_t top, left, bottom, right;
    char *text; /* of the corner, once its row was there */
    size_t n;
    unsigned char kind;
};

struct grid {
    struct grid_options o;
    struct grid_sink sink;
    char *sheet;
    size_t line, last; /* the row at hand; the last one given to the sink */
    bool row_hidden;
    struct slot *slots;
    unsigned char *kinds;
    struct str *views;
    size_t n, cap;
    struct buf bytes;
    struct merge *merges; /* by their top, once sorted */
    size_t nmerges, merge_cap, next_merge;
    bool unsorted;
    struct merge *active; /* reach into the row at hand */
    size_t nactive, active_cap;
    bool *hidden; /* by column; NULL: none */
    bool *hidden_seen;
    uint64_t cells; /* of this sheet */
    size_t hidden_line;
    uint64_t hidden_rows, hidden_columns, formulas, filled, no_dates;
    char first_no_date[160];
};

struct grid *grid_new(const struct grid_options *o, const struct grid_sink *sink)
{
    struct grid *g = mem_new(sizeof *g);
    g->o = *o;
    g->sink = *sink;
    buf_init(&g->bytes, 4 * LIMIT_ROW_BYTES);
    return g;
}

static void drop_sheet(struct grid *g)
{
    for (size_t i = 0; i < g->nactive; i++)
        mem_free(g->active[i].text);
    g->nmerges = g->next_merge = g->nactive = g->hidden_line = 0;
    mem_freep(&g->sheet);
    mem_freep(&g->hidden);
    mem_freep(&g->hidden_seen);
    g->line = g->last = g->n = 0;
    g->cells = 0;
}

void grid_closep(struct grid **g)
{
    if (!*g)
        return;
    drop_sheet(*g);
    mem_free((*g)->slots);
    mem_free((*g)->kinds);
    mem_free((*g)->views);
    mem_free((*g)->merges);
    mem_free((*g)->active);
    buf_free(&(*g)->bytes);
    mem_free(*g);
    *g = NULL;
}

const char *grid_name(const struct grid *g) { return g->o.name; }
bool grid_fills(const struct grid *g) { return g->o.fill; }

int grid_place(const struct grid *g, size_t line, size_t col, struct err *e)
{
    char ref[CELL_REF_MAX];
    if (!g->sheet)
        return err_place(e, "%s", g->o.name);
    if (!line)
        return err_place(e, "%s#%s", g->o.name, g->sheet);
    (void)cell_ref(ref, line, col == SIZE_MAX ? 0 : col + 1);
    return err_place(e, "%s#%s!%s", g->o.name, g->sheet, ref);
}

int grid_sheet(struct grid *g, const struct grid_sheet *sheet, struct err *e)
{
    drop_sheet(g);
    g->sheet = mem_text(str_of(sheet->name));
    return g->sink.sheet(g->sink.to, sheet, e);
}

void grid_hide_columns(struct grid *g, size_t from, size_t to)
{
    if (!g->hidden) {
        g->hidden = mem_array(LIMIT_COLUMNS, sizeof *g->hidden);
        g->hidden_seen = mem_array(LIMIT_COLUMNS, sizeof *g->hidden_seen);
    }
    for (size_t i = from; i <= to && i < LIMIT_COLUMNS; i++)
        g->hidden[i] = true;
}

int grid_merge(struct grid *g, size_t top, size_t left, const size_t bottom_right[2], struct err *e)
{
    if (!g->o.fill || bottom_right[0] < top || bottom_right[1] < left ||
        bottom_right[1] >= LIMIT_COLUMNS)
        return 0;
    if (g->nmerges == LIMIT_MERGES) {
        err_set(e, RC_DATA, "SHEET-001", "more than %u merged ranges", LIMIT_MERGES);
        return grid_place(g, 0, 0, e);
    }
    if (g->nmerges == g->merge_cap) {
        g->merge_cap = g->merge_cap ? g->merge_cap * 2 : 64;
        g->merges = mem_resize(g->merges, g->merge_cap * sizeof *g->merges);
    }
    g->unsorted = g->unsorted || (g->nmerges && g->merges[g->nmerges - 1].top > top);
    g->merges[g->nmerges++] =
        (struct merge){top, left, bottom_right[0], bottom_right[1], NULL, 0, CELL_TEXT};
    return 0;
}

/* --- cells --------------------------------------------------------------------------------------
 */

static void reserve(struct grid *g, size_t n)
{
    if (n <= g->cap)
        return;
    size_t cap = g->cap ? g->cap : 64;
    while (cap < n)
        cap *= 2;
    g->slots = mem_resize(g->slots, cap * sizeof *g->slots);
    g->kinds = mem_resize(g->kinds, cap);
    g->views = mem_resize(g->views, cap * sizeof *g->views);
    g->cap = cap;
}

/* Empty cells up to, not including, column n. */
static void widen(struct grid *g, size_t n)
{
    reserve(g, n);
    for (; g->n < n; g->n++) {
        g->slots[g->n] = (struct slot){"", 0, 0, false};
        g->kinds[g->n] = CELL_TEXT;
    }
}

int grid_row(struct grid *g, size_t line, bool hidden, struct err *e)
{
    if (line <= g->line || line > LIMIT_SHEET_ROWS) {
        err_set(e, RC_DATA, "SHEET-002", "row %zu follows row %zu", line, g->line);
        err_hint(e, "Rows of a sheet ascend and end at %zu: the file is damaged.",
                 LIMIT_SHEET_ROWS);
        return grid_place(g, g->line ? g->line : 1, SIZE_MAX, e);
    }
    g->line = line;
    g->row_hidden = hidden;
    g->n = 0;
    buf_reset(&g->bytes);
    return 0;
}

/* 1: the cell is to be left out. */
static int hidden_cell(struct grid *g, size_t col, struct err *e)
{
    bool column = g->hidden && g->hidden[col];
    if (g->o.hidden == HIDDEN_REFUSE) {
        err_set(e, RC_DATA, "SHEET-003", "the %s is hidden, and a cell in it is filled",
                column ? "column" : "row");
        err_hint(e, "Say in the profile what hidden cells are: hidden: include, or hidden: skip.");
        return grid_place(g, g->line, col, e);
    }
    if (g->row_hidden && g->hidden_line != g->line) {
        g->hidden_line = g->line;
        g->hidden_rows++;
    }
    if (column && !g->hidden_seen[col]) {
        g->hidden_seen[col] = true;
        g->hidden_columns++;
    }
    return g->o.hidden == HIDDEN_SKIP;
}

static int put(struct grid *g, size_t col, enum cell_kind kind, struct slot slot, struct err *e)
{
    if (col < g->n || col >= LIMIT_COLUMNS) {
        err_set(e, RC_DATA, "SHEET-004", "a cell stands in column %zu, after column %zu", col + 1,
                g->n);
        err_hint(e, "Cells of a row ascend and end at %zu: the file is damaged.", LIMIT_COLUMNS);
        return grid_place(g, g->line, g->n ? g->n - 1 : 0, e);
    }
    if (!slot.n)
        return 0; /* as if it were not there */
    if (g->row_hidden || (g->hidden && g->hidden[col])) {
        int rc = hidden_cell(g, col, e);
        if (rc)
            return rc < 0 ? rc : 0;
    }
    if (++g->cells > LIMIT_SHEET_CELLS) {
        err_set(e, RC_DATA, "SHEET-005", "more than %llu filled cells",
                (unsigned long long)LIMIT_SHEET_CELLS);
        return grid_place(g, g->line, col, e);
    }
    widen(g, col + 1);
    g->slots[col] = slot;
    g->kinds[col] = (unsigned char)kind;
    return 0;
}

int grid_cell(struct grid *g, size_t col, enum cell_kind kind, struct str text, struct err *e)
{
    size_t off = g->bytes.n;
    buf_str(&g->bytes, text);
    if (g->bytes.full) {
        err_set(e, RC_DATA, "SHEET-006", "a row of more than %zu bytes", g->bytes.max);
        return grid_place(g, g->line, col, e);
    }
    return put(g, col, kind, (struct slot){NULL, off, text.n, false}, e);
}

int grid_cell_kept(struct grid *g, size_t col, enum cell_kind kind, struct str text, struct err *e)
{
    return put(g, col, kind, (struct slot){text.p ? text.p : "", 0, text.n, false}, e);
}

static int put_date(struct grid *g, size_t col, struct str number, bool epoch_1904, struct err *e)
{
    char date[SERIAL_TEXT_MAX];
    size_t n;
    if (serial_date(number, epoch_1904, date, &n))
        return grid_cell(g, col, CELL_DATE, (struct str){date, n}, e);
    char ref[CELL_REF_MAX];
    if (!g->no_dates++ && cell_ref(ref, g->line, col + 1))
        (void)snprintf(g->first_no_date, sizeof g->first_no_date, "%.120s!%s", g->sheet, ref);
    return grid_cell(g, col, CELL_NO_DATE, number, e);
}

/* How many zeros the format shows in front of a whole number. */
static size_t zeros_before(struct str number, size_t width)
{
    for (size_t i = 0; i < number.n; i++)
        if (number.p[i] < '0' || number.p[i] > '9')
            return 0;
    return number.n < width ? width - number.n : 0;
}

int grid_number(struct grid *g, size_t col, struct str number, const struct number_format *f,
                bool epoch_1904, struct err *e)
{
    static const char zeros[] = "00000000000000000000000000000000";
    char text[sizeof zeros];
    unsigned kind = CELL_NUMBER;
    if (!f || !number.n)
        return grid_cell(g, col, CELL_NUMBER, number, e);
    if (f->date)
        return put_date(g, col, number, epoch_1904, e);
    kind |= f->percent ? CELL_PERCENT : 0u;
    kind |= (f->commas & 1 ? CELL_PER_1K : 0u) | (f->commas & 2 ? CELL_PER_1M : 0u);
    size_t n = zeros_before(number, f->zeros);
    if (n && g->o.zeros) {
        memcpy(text, zeros, n);
        memcpy(text + n, number.p, number.n);
        number = (struct str){text, n + number.n};
    } else if (n) {
        kind |= CELL_ZEROS;
    }
    return grid_cell(g, col, (enum cell_kind)kind, number, e);
}

void grid_formula(struct grid *g) { g->formulas++; }

/* --- merged ranges ------------------------------------------------------------------------------
 */

static struct str text_at(const struct grid *g, size_t col)
{
    const struct slot *s = &g->slots[col];
    return (struct str){s->kept ? s->kept : g->bytes.p + s->off, s->n};
}

static void fill_merge(struct grid *g, const struct merge *m, size_t line)
{
    widen(g, m->right + 1);
    for (size_t c = m->left; c <= m->right; c++) { /* what lies under a range is not seen */
        if (line == m->top && c == m->left)
            continue;
        g->slots[c] = (struct slot){m->text, 0, m->n, true};
        g->kinds[c] = m->kind | CELL_COVERED;
        g->filled++;
        g->cells++;
    }
}

static int by_top(const void *a, const void *b)
{
    const struct merge *x = a, *y = b;
    if (x->top != y->top)
        return x->top < y->top ? -1 : 1;
    return (x->left > y->left) - (x->left < y->left);
}

/* A range whose corner stands in this row, unless there is nothing to fill with. */
static int begin_merge(struct grid *g, struct merge m, struct err *e)
{
    struct str s = m.left < g->n && !g->slots[m.left].filled ? text_at(g, m.left) : STR("");
    if (!s.n)
        return 0;
    if (g->nactive == LIMIT_COLUMNS) {
        err_set(e, RC_DATA, "SHEET-009", "more merged ranges in one row than it has columns");
        return grid_place(g, m.top, m.left, e);
    }
    if (g->nactive == g->active_cap) {
        g->active_cap = g->active_cap ? g->active_cap * 2 : 64;
        g->active = mem_resize(g->active, g->active_cap * sizeof *g->active);
    }
    m.text = mem_text(s);
    m.n = s.n;
    m.kind = g->kinds[m.left];
    g->active[g->nactive++] = m;
    return 0;
}

/* Fill the row `line` from the ranges that cover it. Those that are over go when the next row
 * comes: their texts stand in this one's cells. */
static int fill_merges(struct grid *g, size_t line, struct err *e)
{
    size_t kept = 0;
    int rc = 0;
    for (size_t i = 0; i < g->nactive; i++) {
        if (g->active[i].bottom >= line)
            g->active[kept++] = g->active[i];
        else
            mem_free(g->active[i].text);
    }
    g->nactive = kept;
    if (g->unsorted)
        qsort(g->merges, g->nmerges, sizeof *g->merges, by_top);
    g->unsorted = false;
    for (; g->next_merge < g->nmerges && g->merges[g->next_merge].top <= line && rc >= 0;
         g->next_merge++)
        if (g->merges[g->next_merge].top == line)
            rc = begin_merge(g, g->merges[g->next_merge], e);
    for (size_t i = 0; i < g->nactive && rc >= 0; i++)
        fill_merge(g, &g->active[i], line);
    if (rc < 0 || g->cells <= LIMIT_SHEET_CELLS)
        return rc;
    err_set(e, RC_DATA, "SHEET-007", "merged ranges fill more than %llu cells",
            (unsigned long long)LIMIT_SHEET_CELLS);
    return grid_place(g, line, SIZE_MAX, e);
}

/* A repeated row, as it was before ranges filled it. */
static void unfill(struct grid *g)
{
    for (size_t i = 0; i < g->n; i++)
        if (g->slots[i].filled)
            g->slots[i] = (struct slot){"", 0, 0, false};
}

/* --- rows ---------------------------------------------------------------------------------------
 */

static int deliver(struct grid *g, size_t line, struct err *e)
{
    if (g->nmerges) {
        int rc = fill_merges(g, line, e);
        if (rc < 0)
            return rc;
    }
    if (g->cells > LIMIT_SHEET_CELLS) {
        err_set(e, RC_DATA, "SHEET-010", "repeated rows hold more than %llu cells",
                (unsigned long long)LIMIT_SHEET_CELLS);
        return grid_place(g, line, SIZE_MAX, e);
    }
    while (g->n && !g->slots[g->n - 1].n)
        g->n--;
    for (size_t i = 0; i < g->n; i++)
        g->views[i] = text_at(g, i);
    const struct table_row row = {g->views, g->kinds, g->n, line, {"", 0}};
    g->last = line;
    return g->sink.row(g->sink.to, &row, e);
}

/* The rows between the last one given and `line`, which the file leaves out. */
static int deliver_gap(struct grid *g, size_t line, struct err *e)
{
    struct slot *slots = g->slots;
    size_t n = g->n, cap = g->cap;
    unsigned char *kinds = g->kinds;
    int rc = 0;
    if (g->last + 1 == line)
        return 0;
    g->slots = NULL; /* the row at hand waits */
    g->kinds = NULL;
    g->n = g->cap = 0;
    while (rc == 0 && g->last + 1 < line) {
        g->n = 0;
        rc = deliver(g, g->last + 1, e);
    }
    mem_free(g->slots);
    mem_free(g->kinds);
    g->slots = slots;
    g->kinds = kinds;
    g->n = n;
    g->cap = cap;
    reserve(g, n ? n : 1);
    if (cap)
        g->views = mem_resize(g->views, cap * sizeof *g->views);
    return rc;
}

int grid_row_end(struct grid *g, size_t times, struct err *e)
{
    int rc = 0;
    bool any = false;
    for (size_t i = 0; i < g->n && !any; i++)
        any = g->slots[i].n > 0;
    if (times == 0 || g->line + times - 1 > LIMIT_SHEET_ROWS)
        times = times && !any ? LIMIT_SHEET_ROWS - g->line + 1 : times;
    if (times == 0 || g->line + times - 1 > LIMIT_SHEET_ROWS) {
        err_set(e, RC_DATA, "SHEET-008", "a row is repeated %zu times", times);
        err_hint(e, "A sheet ends at row %zu: the file is damaged.", LIMIT_SHEET_ROWS);
        return grid_place(g, g->line, SIZE_MAX, e);
    }
    size_t n = g->n, first = g->line;
    g->line += times - 1;
    if (!any)
        return 0; /* told when a filled one follows */
    rc = deliver_gap(g, first, e);
    for (size_t i = 0; i < times && rc == 0; i++) {
        g->n = n;
        if (i && g->nmerges)
            unfill(g);
        g->cells += i ? n : 0;
        rc = deliver(g, first + i, e);
    }
    return rc;
}

int grid_sheet_end(struct grid *g, struct err *e)
{
    int rc = g->sink.end(g->sink.to, e);
    drop_sheet(g);
    return rc;
}

void superscript(struct buf *b, struct str s)
{
    static const char *const digits[] = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] >= '0' && s.p[i] <= '9')
            buf_text(b, digits[s.p[i] - '0']);
        else
            buf_char(b, s.p[i]);
    }
}

void grid_tell(const struct grid *g, struct stage *st)
{
    static const char *const did[] = {"refused", "taken in", "left out"};
    if (g->hidden_rows || g->hidden_columns)
        stage_note(st, "hidden and %s: %llu rows, %llu columns", did[g->o.hidden],
                   (unsigned long long)g->hidden_rows, (unsigned long long)g->hidden_columns);
    if (g->filled)
        stage_note(st, "%llu cells filled from merged ranges", (unsigned long long)g->filled);
    if (g->no_dates)
        stage_note(st,
                   "%llu cells are formatted as dates and hold the number of none; the first: %s",
                   (unsigned long long)g->no_dates, g->first_no_date);
    if (g->formulas)
        stage_note(st, "%llu cells are stored results of formulas",
                   (unsigned long long)g->formulas);
}

uint64_t grid_hidden(const struct grid *g) { return g->hidden_rows + g->hidden_columns; }

const struct book *book_of(int format)
{
    return format == FORMAT_XLSX ? &book_xlsx : format == FORMAT_ODS ? &book_ods : &book_xls;
}
