/* csv.c — see csv.h. The reader owns one buffer of input, the list of positions that the scanner
 * found in it, the cells of the current row, and a scratch buffer for fields with doubled quotes
 * (the record's own bytes stay as they came, because seals are taken over them). */
#include "csv.h"

#include "buf.h"
#include "csv_scan.h"
#include "bounds.h"
#include "mem.h"

#include <assert.h>

#define FIRST_BUFFER ((size_t)128 << 10)

struct csv_reader {
    struct source *src;
    struct csv_dialect d;
    csv_scanner scanner;
    struct csv_scan scan;
    char *p;                      /* cap bytes, one more for an end that the input lacks */
    size_t begin, seen, end, cap; /* record; scanned up to; filled up to */
    size_t next;                  /* first position not used yet */
    size_t next_end;              /* first record end not used yet */
    uint32_t lines, escapes;      /* of the record end before, as in csv_end */
    size_t first;                 /* first position of the current row */
    size_t row_begin;             /* where the current row begins */
    bool eof, started;
    size_t line, blank;
    struct str *cell;
    bool *quoted;
    size_t cells;  /* room */
    char *scratch; /* cap bytes, made when needed */
    size_t scratched;
    void (*tap)(void *to, const void *p, size_t n);
    void *tap_to;
    size_t tapped; /* bytes before this were handed on */
};

struct csv_reader *csv_open(struct source *src, const struct csv_dialect *dialect)
{
    struct csv_reader *r = mem_new(sizeof *r);
    r->src = src;
    r->d = *dialect;
    if (r->d.max_row == 0 || r->d.max_row > (size_t)1 << 30) /* positions are 32 bits wide */
        r->d.max_row = LIMIT_ROW_BYTES;
    if (r->d.max_cols == 0)
        r->d.max_cols = LIMIT_COLUMNS;
    bool lazy = r->d.lazy_quotes && r->d.quote;
    r->scanner = r->d.scalar || lazy ? csv_scan_scalar : csv_scan_best();
    csv_scan_init(&r->scan, r->d.sep, r->d.quote, r->d.cr_only, lazy);
    r->cap = FIRST_BUFFER;
    r->p = mem_new(r->cap + 1);
    /* not zeroed: only what was written is read, and every code list opens a reader */
    r->scan.pos = mem_resize(NULL, (r->cap + CSV_BLOCK) * sizeof *r->scan.pos);
    r->scan.end = mem_resize(NULL, (FIRST_BUFFER + 2 * CSV_BLOCK) * sizeof *r->scan.end);
    r->cells = 64;
    r->cell = mem_array(r->cells, sizeof *r->cell);
    r->quoted = mem_array(r->cells, sizeof *r->quoted);
    r->line = 1;
    return r;
}

void csv_close(struct csv_reader *r)
{
    if (!r)
        return;
    mem_free(r->p);
    mem_free(r->scan.pos);
    mem_free(r->scan.end);
    mem_free(r->cell);
    mem_free(r->quoted);
    mem_free(r->scratch);
    mem_free(r);
}

/* Where the byte-by-byte look at a faulty record stands. */
struct look {
    size_t line, col;           /* of the byte looked at */
    size_t open_line, open_col; /* of the quote that is open */
    bool inside, closed, fresh;
};

static int fault(struct csv_reader *r, const struct look *k, struct err *e)
{
    return err_place(e, "%s:%zu:%zu", r->src->name, k->line, k->col);
}

/* A CR or LF that ends no record: 0 when it is the first half of a CRLF. */
static int line_fault(struct csv_reader *r, const struct look *k, const char *p, bool more,
                      struct err *e)
{
    if (*p == '\n') {
        err_set(e, RC_DATA, "CSV-006", "a line feed in a file whose lines end with CR alone");
        err_hint(e, "remove cr_only from the declaration of this file");
        return fault(r, k, e);
    }
    if (more && p[1] == '\n')
        return 0;
    err_set(e, RC_DATA, "CSV-005", "a carriage return without its line feed");
    err_hint(e, "if the file's lines end with a carriage return alone, declare that (in a profile, "
                "line_end: cr); if it is "
                "part of a text, the field must stand in quotes");
    return fault(r, k, e);
}

/* A quote outside quotes that cannot open a field, or a text byte after a closed field. */
static int quote_fault(struct csv_reader *r, const struct look *k, bool closed, struct err *e)
{
    if (closed) {
        err_set(e, RC_DATA, "CSV-003", "text after the closing quote of a field");
        err_hint(e, "a quote inside a quoted field is written twice");
    } else {
        err_set(e, RC_DATA, "CSV-002", "a quote inside a field that does not begin with one");
        err_hint(e, "put the whole field in quotes and write the quote twice, or declare quotes "
                    "to be data");
    }
    return fault(r, k, e);
}

/* The fault of a byte outside quotes, 0 when it has none. `more`: are there bytes after it? */
static int look_outside(struct csv_reader *r, struct look *k, const char *p, bool more,
                        struct err *e)
{
    char c = *p;
    bool closed = k->closed, fresh = k->fresh, quote = r->d.quote && c == r->d.quote;
    k->closed = k->fresh = false;
    if (c == r->scan.sep || c == r->scan.eol) {
        k->fresh = true;
    } else if (c == r->scan.other) {
        return line_fault(r, k, p, more, e);
    } else if (quote && (fresh || closed)) {
        k->inside = true;
        k->open_line = fresh ? k->line : k->open_line;
        k->open_col = fresh ? k->col : k->open_col;
    } else if (closed || (quote && !r->scan.lazy)) {
        return quote_fault(r, k, closed, e);
    }
    return 0;
}

static int look_at(struct csv_reader *r, struct look *k, size_t at, struct err *e)
{
    const char *p = r->p + at;
    if (*p == '\0') {
        err_set(e, RC_DATA, "CSV-001", "a NUL byte");
        err_hint(e, "the file is damaged, not text, or UTF-16 without being declared so");
        return fault(r, k, e);
    }
    if (!k->inside)
        return look_outside(r, k, p, at + 1 < r->end, e);
    if (*p == r->d.quote) {
        k->inside = false;
        k->closed = true;
    }
    return 0;
}

/* Look at the record byte by byte, up to its maximum: the fault found, or 0. */
static int look(struct csv_reader *r, struct look *k, struct err *e)
{
    *k = (struct look){.line = r->line, .col = 1, .fresh = true};
    size_t stop = r->end - r->begin > r->d.max_row ? r->begin + r->d.max_row : r->end;
    for (size_t i = r->begin; i < stop; i++) {
        int rc = look_at(r, k, i, e);
        if (rc < 0)
            return rc;
        k->col++;
        if (r->p[i] == r->scan.eol) {
            k->line++;
            k->col = 1;
        }
    }
    return 0;
}

static int too_long(struct csv_reader *r, struct err *e)
{
    struct look k;
    int rc = look(r, &k, e);
    if (rc < 0)
        return rc;
    err_set(e, RC_DATA, "CSV-007", "a record longer than the %zu bytes allowed", r->d.max_row);
    if (k.inside)
        err_hint(e, "the quote opened in line %zu, column %zu, is perhaps never closed",
                 k.open_line, k.open_col);
    return err_place(e, "%s:%zu:1", r->src->name, r->line);
}

/* The scanner found a fault in the current record: say which. */
static int diagnose(struct csv_reader *r, struct err *e)
{
    if (r->scan.bad - r->begin > r->d.max_row)
        return too_long(r, e);
    struct look k;
    int rc = look(r, &k, e);
    if (rc < 0)
        return rc;
    if (k.inside) {
        err_set(e, RC_DATA, "CSV-004", "the quote that is opened here is never closed");
        return err_place(e, "%s:%zu:%zu", r->src->name, k.open_line, k.open_col);
    }
    err_set(e, RC_BUG, "CSV-009", "the scanner saw a fault that is not there");
    return fault(r, &k, e);
}

/* Hand on the bytes before `to`. */
static void tap_to(struct csv_reader *r, size_t to)
{
    if (to <= r->tapped)
        return;
    if (r->tap)
        r->tap(r->tap_to, r->p + r->tapped, to - r->tapped);
    r->tapped = to;
}

void csv_tap(struct csv_reader *r, void (*tap)(void *to, const void *p, size_t n), void *to)
{
    r->tap = tap;
    r->tap_to = to;
}

void csv_tap_now(struct csv_reader *r) { tap_to(r, r->row_begin); }

/* Make room for a read: drop what was used, and grow when a record needs more. No whole record is
 * left when this is called. */
static void make_room(struct csv_reader *r)
{
    size_t gone = r->begin;
    tap_to(r, gone);
    r->scan.ends = r->next_end = 0;
    if (gone) {
        memmove(r->p, r->p + gone, r->end - gone);
        for (size_t i = r->next; i < r->scan.n; i++)
            r->scan.pos[i - r->next] = r->scan.pos[i] - (uint32_t)gone;
        r->scan.n -= r->next;
        r->next = r->begin = r->tapped = r->row_begin = 0;
        r->seen -= gone;
        r->end -= gone;
    }
    if (r->cap - r->end >= FIRST_BUFFER / 2)
        return;
    r->cap *= 2;
    r->p = mem_resize(r->p, r->cap + 1);
    r->scan.pos = mem_resize(r->scan.pos, (r->cap + CSV_BLOCK) * sizeof *r->scan.pos);
    mem_freep(&r->scratch);
}

static void scan(struct csv_reader *r, size_t n)
{
    r->scanner(&r->scan, r->p, r->seen, n);
    r->seen += n;
}

/* The end of the input: what was not scanned, a last line end that it lacks, what stays open. */
static void finish(struct csv_reader *r)
{
    struct csv_scan *s = &r->scan;
    r->eof = true;
    scan(r, r->end - r->seen);
    if (s->bad != SIZE_MAX)
        return;
    if (s->inside || s->cr) {
        s->bad = r->end;
    } else if (r->end > r->begin && (s->n == 0 || r->p[r->end - 1] != s->eol)) {
        r->p[r->end] = s->eol;
        s->end[s->ends++] = (struct csv_end){(uint32_t)s->n, ++s->lines, s->escapes};
        s->pos[s->n++] = (uint32_t)r->end;
    }
}

/* More bytes, scanned in whole blocks. */
static int fill(struct csv_reader *r, struct err *e)
{
    make_room(r);
    size_t room = r->cap - r->end, most = room < FIRST_BUFFER ? room : FIRST_BUFFER;
    ssize_t got = r->src->read(r->src, r->p + r->end, most, e);
    if (got < 0)
        return (int)got;
    r->end += (size_t)got;
    if (got == 0) {
        finish(r);
        return 0;
    }
    if (!r->started) {
        if (r->end < 3)
            return 0;
        r->started = true;
        if (memcmp(r->p, "\xef\xbb\xbf", 3) == 0)
            r->begin = r->seen = r->tapped = 3;
    }
    scan(r, (r->end - r->seen) / CSV_BLOCK * CSV_BLOCK);
    return 0;
}

static void more_cells(struct csv_reader *r, size_t n)
{
    size_t had = r->cells;
    while (r->cells < n)
        r->cells *= 2;
    r->cell = mem_resize(r->cell, r->cells * sizeof *r->cell);
    r->quoted = mem_resize(r->quoted, r->cells * sizeof *r->quoted);
    memset(r->quoted + had, 0, (r->cells - had) * sizeof *r->quoted);
}

/* The text of a field without its quotes, doubled ones halved. */
static struct str halve(struct csv_reader *r, struct str s)
{
    const char *q = s.n ? memchr(s.p, r->d.quote, s.n) : NULL;
    if (!q)
        return s;
    if (!r->scratch)
        r->scratch = mem_new(r->cap);
    char *to = r->scratch + r->scratched, *at = to;
    while (q) {
        size_t n = (size_t)(q - s.p) + 1;
        memcpy(at, s.p, n);
        at += n;
        s = str_cut(s, n + 1);
        q = s.n ? memchr(s.p, r->d.quote, s.n) : NULL;
    }
    memcpy(at, s.p, s.n);
    at += s.n;
    r->scratched += (size_t)(at - to);
    return (struct str){to, (size_t)(at - to)};
}

/* Take the quotes off those of the n cells that have them. */
static void unquote(struct csv_reader *r, size_t n, bool escapes)
{
    const char quote = r->d.quote;
    r->scratched = 0;
    for (size_t i = 0; i < n; i++) {
        struct str *c = &r->cell[i];
        r->quoted[i] = c->n && c->p[0] == quote;
        if (!r->quoted[i])
            continue;
        *c = (struct str){c->p + 1, c->n - 2};
        if (escapes)
            *c = halve(r, *c);
    }
}

/* Cut the record of n positions, from r->next, into cells. */
static void cut(struct csv_reader *r, size_t n, bool escapes)
{
    const char *p = r->p + r->begin;
    const uint32_t *pos = r->scan.pos + r->next;
    if (n > r->cells)
        more_cells(r, n);
    struct str *cell = r->cell;
    for (size_t i = 0; i < n; i++) {
        const char *end = r->p + pos[i];
        cell[i] = (struct str){p, (size_t)(end - p)};
        p = end + 1;
    }
    struct str *last = &cell[n - 1];
    if (r->scan.eol == '\n' && last->n && last->p[last->n - 1] == '\r')
        last->n--;
    if (r->scan.quoted)
        unquote(r, n, escapes);
}

/* Is a whole record there, free of faults? Fills until that is known: 1 yes, 0 the end. */
static int have_record(struct csv_reader *r, struct err *e)
{
    for (;;) {
        const struct csv_scan *s = &r->scan;
        if (r->next_end < s->ends && s->pos[s->end[r->next_end].at] < s->bad)
            return 1;
        if (s->bad != SIZE_MAX)
            return diagnose(r, e);
        if (r->seen - r->begin > r->d.max_row)
            return too_long(r, e);
        if (r->eof) {
            tap_to(r, r->begin);
            return 0;
        }
        int rc = fill(r, e);
        if (rc < 0)
            return rc;
    }
}

static bool is_blank(const struct csv_reader *r, size_t end)
{
    return end == r->begin ||
           (end == r->begin + 1 && r->scan.eol == '\n' && r->p[r->begin] == '\r');
}

static int too_many(struct csv_reader *r, struct err *e)
{
    err_set(e, RC_DATA, "CSV-008", "more than %zu fields in one record", r->d.max_cols);
    err_hint(e, "is the declared separator the right one?");
    return err_place(e, "%s:%zu:1", r->src->name, r->line);
}

/* The end of the next record that is not blank, in r->p; 0 when there is none. */
static int next_end(struct csv_reader *r, const struct csv_end **ret, size_t *ret_at, struct err *e)
{
    for (;;) {
        int rc = have_record(r, e);
        if (rc <= 0)
            return rc;
        *ret = &r->scan.end[r->next_end];
        *ret_at = r->scan.pos[(*ret)->at];
        if (!is_blank(r, *ret_at))
            return 1;
        tap_to(r, r->begin);
        r->blank++;
        r->line++;
        r->lines = (*ret)->lines;
        r->next_end++;
        r->next++;
        r->begin = r->tapped = *ret_at + 1;
    }
}

int csv_next(struct csv_reader *r, struct csv_row *ret, struct err *e)
{
    const struct csv_end *x;
    size_t end;
    int rc = next_end(r, &x, &end, e);
    if (rc <= 0)
        return rc;
    if (end - r->begin > r->d.max_row)
        return too_long(r, e);
    size_t n = x->at + 1 - r->next;
    if (n > r->d.max_cols)
        return too_many(r, e);
    cut(r, n, x->escapes != r->escapes);
    size_t past = end < r->end ? end + 1 : end;
    *ret = (struct csv_row){r->cell, r->quoted, n, r->line, {r->p + r->begin, past - r->begin}};
    r->line += x->lines - r->lines;
    r->lines = x->lines;
    r->escapes = x->escapes;
    r->first = r->next;
    r->row_begin = r->begin;
    r->next += n;
    r->next_end++;
    r->begin = past;
    return 1;
}

size_t csv_column(const struct csv_reader *r, size_t i)
{
    return i ? r->scan.pos[r->first + i - 1] + 2 - r->row_begin : 1;
}

size_t csv_blank(const struct csv_reader *r) { return r->blank; }

static bool must_quote(struct str f, char sep)
{
    if (f.n == 0)
        return false;
    char a = f.p[0], z = f.p[f.n - 1];
    if (a == ' ' || a == '\t' || z == ' ' || z == '\t')
        return true;
    for (size_t i = 0; i < f.n; i++) {
        char c = f.p[i];
        if (c == sep || c == '"' || c == '\n' || c == '\r')
            return true;
    }
    return false;
}

void csv_put(struct buf *b, struct str field, char sep)
{
    if (!must_quote(field, sep)) {
        buf_str(b, field);
        return;
    }
    buf_char(b, '"');
    while (field.n) {
        const char *q = memchr(field.p, '"', field.n);
        size_t n = q ? (size_t)(q - field.p) + 1 : field.n;
        buf_add(b, field.p, n);
        if (q)
            buf_char(b, '"');
        field = str_cut(field, n);
    }
    buf_char(b, '"');
}
