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
    size_t first;                 /* first position of the current row */
    size_t row_begin;             /* where the current row begins */
    bool eof, started;
    size_t line, blank;
    struct str *cell;
    bool *quoted;
    size_t cells;  /* room */
    char *scratch; /* cap bytes, made when needed */
    size_t scratched;
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
    r->scan.pos = mem_array(r->cap + CSV_BLOCK, sizeof *r->scan.pos);
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

/* Make room for a read: drop what was used, and grow when a record needs more. */
static void make_room(struct csv_reader *r)
{
    size_t gone = r->begin;
    if (gone) {
        memmove(r->p, r->p + gone, r->end - gone);
        for (size_t i = r->next; i < r->scan.n; i++)
            r->scan.pos[i - r->next] = r->scan.pos[i] - (uint32_t)gone;
        r->scan.n -= r->next;
        r->next = r->begin = 0;
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
    r->eof = true;
    scan(r, r->end - r->seen);
    if (r->scan.bad != SIZE_MAX)
        return;
    if (r->scan.inside || r->scan.cr) {
        r->scan.bad = r->end;
    } else if (r->end > r->begin && (r->scan.n == 0 || r->p[r->end - 1] != r->scan.eol)) {
        r->p[r->end] = r->scan.eol;
        r->scan.pos[r->scan.n++] = (uint32_t)r->end;
    }
}

/* More bytes, scanned in whole blocks. */
static int fill(struct csv_reader *r, struct err *e)
{
    make_room(r);
    ssize_t got = r->src->read(r->src, r->p + r->end, r->cap - r->end, e);
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
            r->begin = r->seen = 3;
    }
    scan(r, (r->end - r->seen) / CSV_BLOCK * CSV_BLOCK);
    return 0;
}

static void more_cells(struct csv_reader *r)
{
    r->cells *= 2;
    r->cell = mem_resize(r->cell, r->cells * sizeof *r->cell);
    r->quoted = mem_resize(r->quoted, r->cells * sizeof *r->quoted);
}

/* The text of a quoted field (quotes included in c): doubled quotes halved, lines counted. */
static struct str unquote(struct csv_reader *r, struct str c, size_t *lines)
{
    struct str s = {c.p + 1, c.n - 2};
    const char *end = s.p + s.n, *at = r->scan.inner ? s.p : end;
    while (at < end && (at = memchr(at, r->scan.eol, (size_t)(end - at))) != NULL) {
        ++*lines;
        at++;
    }
    if (!r->scan.escapes || s.n == 0 || !memchr(s.p, r->d.quote, s.n))
        return s;
    if (!r->scratch)
        r->scratch = mem_new(r->cap);
    char *to = r->scratch + r->scratched;
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        to[n++] = s.p[i];
        i += s.p[i] == r->d.quote;
    }
    r->scratched += n;
    return (struct str){to, n};
}

/* Cut the record whose positions begin at r->next into cells; the number of them. */
static size_t cut(struct csv_reader *r, size_t *lines)
{
    const char *p = r->p;
    const uint32_t *pos = r->scan.pos + r->next;
    const char eol = r->scan.eol, quote = r->d.quote;
    size_t n = 0, at = r->begin;
    r->scratched = 0;
    for (bool last = false; !last; n++) {
        size_t end = pos[n];
        struct str c = {p + at, end - at};
        at = end + 1;
        last = p[end] == eol;
        if (last && eol == '\n' && c.n && p[end - 1] == '\r')
            c.n--;
        if (n == r->cells)
            more_cells(r);
        bool q = c.n && quote && c.p[0] == quote;
        r->quoted[n] = q;
        r->cell[n] = q ? unquote(r, c, lines) : c;
    }
    return n;
}

/* Is a whole record there, free of faults? Fills until that is known: 1 yes, 0 the end. */
static int have_record(struct csv_reader *r, size_t *ret_end, struct err *e)
{
    size_t i = r->next;
    for (;;) {
        for (; i < r->scan.n && r->p[r->scan.pos[i]] != r->scan.eol; i++)
            ;
        if (i < r->scan.n && r->scan.pos[i] < r->scan.bad) {
            *ret_end = r->scan.pos[i];
            return 1;
        }
        if (r->scan.bad != SIZE_MAX)
            return diagnose(r, e);
        if (r->seen - r->begin > r->d.max_row)
            return too_long(r, e);
        if (r->eof)
            return 0;
        i -= r->next;
        int rc = fill(r, e);
        if (rc < 0)
            return rc;
        i += r->next;
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

int csv_next(struct csv_reader *r, struct csv_row *ret, struct err *e)
{
    size_t end = 0;
    int rc;
    while ((rc = have_record(r, &end, e)) > 0 && is_blank(r, end)) {
        r->blank++;
        r->line++;
        r->next++;
        r->begin = end + 1;
    }
    if (rc <= 0)
        return rc;
    if (end - r->begin > r->d.max_row)
        return too_long(r, e);
    size_t lines = 0;
    size_t n = cut(r, &lines);
    if (n > r->d.max_cols)
        return too_many(r, e);
    size_t past = end < r->end ? end + 1 : end;
    *ret = (struct csv_row){r->cell, r->quoted, n, r->line, {r->p + r->begin, past - r->begin}};
    r->line += lines + 1;
    r->first = r->next;
    r->row_begin = r->begin;
    r->next += n;
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
