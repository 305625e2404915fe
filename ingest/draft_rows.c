/* draft_rows.c — what kind of file a draft is for, and its rows: a workbook by its first bytes, a
 * text by trying encodings and separators on its beginning. Owns nothing that outlives the call but
 * what lies in the draft's arena. */
#include "profile_draft.h"

#include "bounds.h"
#include "gz.h"
#include "mem.h"
#include "read_book.h"
#include "text.h"

#define HEAD_BYTES ((size_t)256 << 10)
#define LINES 200

/* --- the kind -----------------------------------------------------------------------------------
 */

static int read_head(const char *path, char **ret, size_t *ret_n, struct err *e)
{
    struct source *s CLEANUP(source_closep) = NULL;
    int rc = source_open(&s, path, e);
    if (rc >= 0)
        rc = source_gunzip(&s, s, 0, e);
    if (rc < 0)
        return rc;
    char *p = mem_new(HEAD_BYTES + 1);
    size_t n = 0;
    ssize_t got = 0;
    while (n < HEAD_BYTES && (got = s->read(s, p + n, HEAD_BYTES - n, e)) > 0)
        n += (size_t)got;
    if (got < 0) {
        mem_free(p);
        return (int)got;
    }
    *ret = p;
    *ret_n = n;
    return 0;
}

static bool has(struct str s, const char *what)
{
    return memmem(s.p, s.n < 512 ? s.n : 512, what, strlen(what)) != NULL;
}

static int no_table(const struct draft *d, const char *format, struct err *e)
{
    err_set(e, RC_DATA, "DRAFT-001", "this looks like %s, which describes itself", format);
    err_hint(e,
             "A profile of such a file is short: see its chapter in docs/contracts/profiles.md.");
    return err_place(e, "%s", d->name);
}

/* Files that are no tables of cells. */
static int refuse_others(const struct draft *d, struct str s, struct err *e)
{
    struct str t = s;
    if (t.n >= 3 && memcmp(t.p, "\xef\xbb\xbf", 3) == 0)
        t = str_cut(t, 3);
    t = read_trim(t, NULL);
    if (t.n && t.p[0] == '{')
        return no_table(d, "JSON (json-stat, sdmx-json)", e);
    if (t.n && t.p[0] == '<')
        return no_table(d, "XML (sdmx-ml)", e);
    if (has(t, "CHARSET=") || has(t, "AXIS-VERSION="))
        return no_table(d, "PC-Axis (px)", e);
    if (has(t, "\\TIME_PERIOD\t") || has(t, "\\time\t"))
        return no_table(d, "Eurostat's TSV (eurostat-tsv)", e);
    if (t.n >= 9 && (memcmp(t.p, "STRUCTURE", 9) == 0 || memcmp(t.p, "DATAFLOW", 8) == 0))
        return no_table(d, "SDMX-CSV (sdmx-csv)", e);
    return 0;
}

static void encoding(struct draft *d, const char *name, bool sure, const char *why)
{
    d->encoding = name;
    d->sure = sure;
    d->why = why;
}

/* The first word with a byte that encodings read differently. */
static void take_sample(struct draft *d, struct str s)
{
    size_t i = 0;
    while (i < s.n && !((unsigned char)s.p[i] & 0x80))
        i++;
    size_t from = i, to = i;
    while (from > 0 && i - from < 20 && !strchr(" \t\r\n,;\"", s.p[from - 1]))
        from--;
    while (to < s.n && to - i < 20 && !strchr(" \t\r\n,;\"", s.p[to]))
        to++;
    d->sample = arena_str(&d->arena, (struct str){s.p + from, to - from});
}

/* One byte a character: Cyrillic words are made of high bytes alone; Central European letters stand
 * where Western Europe has signs. */
static void guess_bytes(struct draft *d, struct str s)
{
    static const char letters[] = "\x8a\x9a\x8e\x9e\xe6\xe8\xf0\xd0\xc8\xc6"; /* Šš Žž ćč đĐ ČĆ */
    size_t high = 0, side = 0, central = 0;
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c < 0x80)
            continue;
        high++;
        side += i > 0 && (unsigned char)s.p[i - 1] >= 0xc0 && c >= 0xc0;
        central += memchr(letters, c, sizeof letters - 1) != NULL;
    }
    if (side * 2 > high)
        encoding(d, "Windows-1251", false, "most bytes past 127 stand beside another one");
    else if (central * 2 > high)
        encoding(d, "Windows-1250", false, "bytes that are letters of Central Europe");
    else
        encoding(d, "Windows-1252", false, "bytes past 127 that are no UTF-8");
    d->other = strcmp(d->encoding, "Windows-1250") == 0 ? "Windows-1252" : "Windows-1250";
    take_sample(d, s);
}

static void guess_encoding(struct draft *d, struct str s, bool whole)
{
    size_t zeros[2] = {0, 0}, high = 0;
    for (size_t i = 0; i < s.n; i++) {
        zeros[i & 1] += s.p[i] == '\0';
        high += (unsigned char)s.p[i] >= 0x80;
    }
    while (!whole && s.n && (unsigned char)s.p[s.n - 1] >= 0x80)
        s.n--; /* a character may have been cut */
    if (s.n >= 3 && memcmp(s.p, "\xef\xbb\xbf", 3) == 0)
        encoding(d, "UTF-8", true, "it begins with the mark of UTF-8");
    else if (s.n >= 2 && (memcmp(s.p, "\xff\xfe", 2) == 0 || memcmp(s.p, "\xfe\xff", 2) == 0))
        encoding(d, "UTF-16", true, "it begins with the mark of UTF-16");
    else if (zeros[1] * 4 > s.n)
        encoding(d, "UTF-16LE", false, "every second byte is zero");
    else if (zeros[0] * 4 > s.n)
        encoding(d, "UTF-16BE", false, "every first byte of two is zero");
    else if (!high)
        encoding(d, "UTF-8", true, "ASCII characters only, so far as was looked");
    else if (text_valid(s))
        encoding(d, "UTF-8", true, "characters past ASCII are valid UTF-8");
    else
        guess_bytes(d, s);
}

/* --- the separator ------------------------------------------------------------------------------
 */

static int text_source(const struct draft *d, struct source **ret, struct err *e)
{
    struct source *s = NULL;
    int rc = source_open(&s, d->path, e);
    if (rc >= 0)
        rc = source_gunzip(&s, s, 0, e);
    if (rc >= 0)
        rc = source_text(&s, s, d->encoding, e);
    if (rc >= 0)
        *ret = s;
    return rc;
}

/* How many of the first rows have the commonest number of fields, if that is above 1. */
static size_t agree(const struct draft *d, char sep)
{
    struct source *s CLEANUP(source_closep) = NULL;
    size_t widths[65] = {0}, best = 0;
    struct err ignored = {.rc = RC_OK};
    if (text_source(d, &s, &ignored) < 0)
        return 0;
    struct csv_reader *csv = csv_open(s, &(struct csv_dialect){.sep = sep, .quote = '"'});
    struct csv_row row;
    for (size_t i = 0; i < LINES && csv_next(csv, &row, &ignored) > 0; i++)
        widths[row.n < 64 ? row.n : 64]++;
    csv_close(csv);
    for (size_t i = 2; i < 65; i++)
        best = widths[i] > best ? widths[i] : best;
    return best;
}

static int guess_delimiter(struct draft *d, struct err *e)
{
    static const char seps[] = ";\t,|";
    size_t best = 0;
    for (size_t i = 0; seps[i]; i++) {
        size_t n = agree(d, seps[i]);
        if (n > best) {
            best = n;
            d->delimiter = seps[i];
        }
    }
    if (d->delimiter)
        return 0;
    err_set(e, RC_DATA, "DRAFT-002", "no separator parts the lines into columns");
    err_hint(e, "Comma, semicolon, tab and bar were tried: is it a table?");
    return err_place(e, "%s", d->name);
}

int draft_kind(struct draft *d, struct err *e)
{
    char *p CLEANUP(mem_freep) = NULL;
    size_t n = 0;
    int rc = read_head(d->path, &p, &n, e);
    if (rc < 0)
        return rc;
    struct str s = {p, n};
    if (n >= 4 && memcmp(p, "PK", 2) == 0) {
        d->format = has(s, "opendocument") ? FORMAT_ODS : FORMAT_XLSX;
        return 0;
    }
    if (n >= 4 && memcmp(p, "\xd0\xcf\x11\xe0", 4) == 0) {
        d->format = FORMAT_XLS;
        return 0;
    }
    d->format = FORMAT_DELIMITED;
    guess_encoding(d, s, n < HEAD_BYTES);
    rc = refuse_others(d, s, e);
    return rc < 0 ? rc : guess_delimiter(d, e);
}

/* --- rows ---------------------------------------------------------------------------------------
 */

struct run {
    struct draft *d;
    draft_fn fn;
    size_t at; /* sheet, from 1 */
    bool chosen, done;
};

static int on_sheet(void *to, const struct grid_sheet *sheet, struct err *e)
{
    struct run *r = to;
    struct draft *d = r->d;
    (void)e;
    r->at = sheet->number;
    if (sheet->number > DRAFT_SHEETS)
        return 0;
    struct draft_sheet *s = &d->sheets[sheet->number - 1];
    if (sheet->number > d->nsheets) {
        d->nsheets = sheet->number;
        *s = (struct draft_sheet){arena_text(&d->arena, str_of(sheet->name)), sheet->hidden, 0};
    }
    s->rows = 0;
    r->chosen = d->want ? strcmp(d->want, sheet->name) == 0 : !sheet->hidden && !r->done;
    return 1;
}

static int on_row(void *to, const struct table_row *row, struct err *e)
{
    struct run *r = to;
    r->d->sheets[r->at - 1].rows += row->n > 0;
    if (!r->chosen)
        return 0;
    r->done = true;
    r->d->sheet = r->at - 1;
    int rc = r->fn(r->d, row, e);
    return rc < 0 ? rc : 0; /* all rows of all sheets are counted */
}

static int on_end(void *to, struct err *e)
{
    (void)to, (void)e;
    return 0;
}

static int book_rows(struct draft *d, draft_fn fn, struct err *e)
{
    struct run r = {.d = d, .fn = fn};
    const struct grid_sink sink = {&r, on_sheet, on_row, on_end};
    const struct grid_options o = {d->name, HIDDEN_INCLUDE, false, false};
    struct whole file;
    int rc = whole_open(&file, d->path, NULL, e);
    if (rc < 0)
        return rc;
    struct grid *g = grid_new(&o, &sink);
    rc = book_of(d->format)->read(file.path, g, e);
    d->hidden_cells = grid_hidden(g);
    grid_closep(&g);
    whole_close(&file);
    if (rc >= 0 && !r.done) {
        err_set(e, RC_DATA, "DRAFT-003",
                d->want ? "no sheet of this name holds a cell" : "no sheet holds a cell");
        return err_place(e, "%s", d->name);
    }
    return rc;
}

static int text_rows(struct draft *d, draft_fn fn, struct err *e)
{
    struct source *s CLEANUP(source_closep) = NULL;
    struct csv_row row;
    int rc = text_source(d, &s, e);
    if (rc < 0)
        return rc;
    struct csv_reader *csv = csv_open(s, &(struct csv_dialect){.sep = d->delimiter, .quote = '"'});
    while ((rc = csv_next(csv, &row, e)) > 0) {
        const struct table_row t = {row.cell, NULL, row.n, row.line, row.raw};
        if ((rc = fn(d, &t, e)) != 0)
            break;
    }
    csv_close(csv);
    return rc < 0 ? rc : 0;
}

int draft_rows(struct draft *d, draft_fn fn, struct err *e)
{
    return d->format == FORMAT_DELIMITED ? text_rows(d, fn, e) : book_rows(d, fn, e);
}
