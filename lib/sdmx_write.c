/* sdmx_write.c — the writing half of sdmx.h. Records go straight into the buffer of the output, at
 * first without quotes, cells that stand side by side in a record that was read in one piece; one
 * look at the whole then tells whether that was right, and if not, they are written anew, cell by
 * cell. What is in the buffer is hashed in one go when it is handed to the kernel, by a tap on the
 * output: a message flushes it, too. The writer owns its hash and row counters only. */
#include "sdmx.h"

#include "buf.h"
#include "csv_clean.h"
#include "hash.h"
#include "mem.h"

struct sdmx_writer {
    struct out *out;
    struct xxh3 *hash;
    csv_cleaner clean;
    size_t columns;
    uint64_t rows, refused;
};

#define ONES UINT64_C(0x0101010101010101)
#define TOPS UINT64_C(0x8080808080808080)

static inline uint64_t word_has(uint64_t w, unsigned char c)
{
    uint64_t x = w ^ ONES * c;
    return (x - ONES) & ~x & TOPS;
}

/* Comma, quote, or a control character: false positives (a tab) only cost two quotes. */
static inline uint64_t word_special(const char *p)
{
    uint64_t w;
    memcpy(&w, p, sizeof w);
    return word_has(w, ',') | word_has(w, '"') | ((w - ONES * 0x20) & ~w & TOPS);
}

static inline bool byte_special(char c) { return c == ',' || c == '"' || (unsigned char)c < 0x20; }

static inline bool needs_quotes(struct str s)
{
    if (s.n < 8) {
        for (size_t i = 0; i < s.n; i++)
            if (byte_special(s.p[i]))
                return true;
    } else {
        uint64_t found = word_special(s.p + s.n - 8);
        for (size_t i = 0; i + 8 < s.n; i += 8)
            found |= word_special(s.p + i);
        if (found)
            return true;
    }
    return s.n && (s.p[0] == ' ' || s.p[s.n - 1] == ' ');
}

static void tap(void *hash, const void *p, size_t n) { xxh3_add(hash, p, n); }

static void put(struct sdmx_writer *w, const char *p, size_t n)
{
    while (n) {
        if (w->out->n == w->out->cap)
            out_flush(w->out);
        size_t room = w->out->cap - w->out->n, k = n < room ? n : room;
        memcpy(w->out->p + w->out->n, p, k);
        w->out->n += k;
        p += k;
        n -= k;
    }
}

static void put_quoted(struct sdmx_writer *w, struct str s)
{
    put(w, "\"", 1);
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '"')
            put(w, "\"", 1);
        put(w, s.p + i, 1);
    }
    put(w, "\"", 1);
}

static void put_cells(struct sdmx_writer *w, const struct str *cells)
{
    for (size_t i = 0; i < w->columns; i++) {
        if (needs_quotes(cells[i])) {
            put_quoted(w, cells[i]);
            put(w, i + 1 < w->columns ? "," : "\n", 1);
            continue;
        }
        if (w->out->cap - w->out->n > cells[i].n) {
            char *to = w->out->p + w->out->n;
            if (cells[i].n)
                memcpy(to, cells[i].p, cells[i].n);
            to[cells[i].n] = i + 1 < w->columns ? ',' : '\n';
            w->out->n += cells[i].n + 1;
            continue;
        }
        put(w, cells[i].p, cells[i].n);
        put(w, i + 1 < w->columns ? "," : "\n", 1);
    }
}

static inline char *copy(char *to, const char *p, size_t n)
{
    uint64_t a, b;
    uint32_t c, d;
    if (n > 16) {
        memcpy(to, p, n);
    } else if (n >= 8) {
        memcpy(&a, p, 8);
        memcpy(&b, p + n - 8, 8);
        memcpy(to, &a, 8);
        memcpy(to + n - 8, &b, 8);
    } else if (n >= 4) {
        memcpy(&c, p, 4);
        memcpy(&d, p + n - 4, 4);
        memcpy(to, &c, 4);
        memcpy(to + n - 4, &d, 4);
    } else if (n) {
        to[0] = p[0];
        to[n / 2] = p[n / 2];
        to[n - 1] = p[n - 1];
    }
    return to + n;
}

/* The end of the cells from i on that stand one behind the other with commas between them, in the
 * same memory. */
static inline size_t run_of(const struct str *cells, size_t n, size_t i, struct str *ret)
{
    uintptr_t end = (uintptr_t)cells[i].p + cells[i].n;
    while (++i < n && (uintptr_t)cells[i].p == end + 1 && cells[i].p[-1] == ',')
        end = (uintptr_t)cells[i].p + cells[i].n;
    ret->n = end - (uintptr_t)ret->p;
    return i;
}

/* Put the record as if no cell needed quotes: its length, or 0 when there is no room. */
static size_t put_runs(const struct sdmx_writer *w, const struct str *cells)
{
    const struct out *out = w->out;
    char *from = out->p + out->n, *to = from;
    size_t room = out->cap - out->n;
    for (size_t i = 0; i < w->columns;) {
        struct str run = {cells[i].p, 0};
        i = run_of(cells, w->columns, i, &run);
        if (room < run.n + 1 + CSV_CLEAN_PAST)
            return 0;
        room -= run.n + 1;
        to = copy(to, run.p, run.n);
        *to++ = ',';
    }
    to[-1] = '\n';
    return (size_t)(to - from);
}

/* False when a cell needs quotes, or the record is longer than the buffer. */
static bool put_plain(struct sdmx_writer *w, const struct str *cells)
{
    struct out *out = w->out;
    size_t n = put_runs(w, cells);
    if (n == 0) {
        out_flush(out);
        n = put_runs(w, cells);
    }
    if (n == 0 || !w->clean(out->p + out->n, n - 1, w->columns - 1))
        return false;
    out->n += n;
    return true;
}

static void put_record(struct sdmx_writer *w, const struct str *cells)
{
    if (!put_plain(w, cells))
        put_cells(w, cells);
}

struct sdmx_writer *sdmx_create(struct out *out, const char *const *columns, size_t n)
{
    struct sdmx_writer *w = mem_new(sizeof *w);
    struct str *names CLEANUP(mem_freep) = mem_array(n + 1, sizeof *names);
    for (size_t i = 0; i < n; i++)
        names[i] = str_of(columns[i]);
    out_flush(out); /* what stands before the header is no part of the stream */
    w->out = out;
    w->hash = xxh3_new();
    w->columns = n;
    w->clean = csv_clean_best();
    out->tap = tap;
    out->tap_to = w->hash;
    put_record(w, names);
    return w;
}

void sdmx_write(struct sdmx_writer *w, const struct str *cells)
{
    put_record(w, cells);
    w->rows++;
}

void sdmx_pass(struct sdmx_writer *w, const struct sdmx_reader *in, const struct sdmx_row *row)
{
    struct str raw = row->raw;
    if (!sdmx_verbatim(in) || raw.n < 2 || raw.p[raw.n - 1] != '\n' || raw.p[raw.n - 2] == '\r') {
        sdmx_write(w, row->cell);
        return;
    }
    put(w, raw.p, raw.n);
    w->rows++;
}

void sdmx_finish(struct sdmx_writer *w)
{
    char hex[XXH3_HEX], seal[96], refused[SDMX_REFUSED_TEXT];
    out_flush(w->out);
    w->out->tap = NULL;
    if (w->refused) /* the hash vouches for the number too */
        xxh3_add(w->hash, refused, sdmx_refused_text(w->refused, refused));
    xxh3_hex(w->hash, hex);
    int n = snprintf(seal, sizeof seal, "#seal,%llu,xxh3:%s", (unsigned long long)w->rows, hex);
    out_put(w->out, seal, (size_t)n);
    if (w->refused) {
        out_put(w->out, ",", 1);
        out_put(w->out, refused, strlen(refused));
    }
    for (size_t i = w->refused ? 4 : 3; i < w->columns; i++)
        out_put(w->out, ",", 1);
    out_put(w->out, "\n", 1);
}

size_t sdmx_refused_text(uint64_t rows, char ret[SDMX_REFUSED_TEXT])
{
    return (size_t)snprintf(ret, SDMX_REFUSED_TEXT, "refused:%llu", (unsigned long long)rows);
}

void sdmx_refuse(struct sdmx_writer *w, uint64_t rows) { w->refused += rows; }

uint64_t sdmx_written(const struct sdmx_writer *w) { return w->rows; }

void sdmx_free(struct sdmx_writer *w)
{
    if (!w)
        return;
    if (w->out->tap_to == w->hash)
        w->out->tap = NULL;
    xxh3_free(w->hash);
    mem_free(w);
}

void sdmx_freep(struct sdmx_writer **w)
{
    sdmx_free(*w);
    *w = NULL;
}

void sdmx_item(struct buf *cell, struct str value)
{
    if (cell->n)
        buf_char(cell, ';');
    if (!value.n || (!memchr(value.p, ';', value.n) && !memchr(value.p, '%', value.n))) {
        buf_str(cell, value);
        return;
    }
    for (size_t i = 0; i < value.n; i++) {
        if (value.p[i] == ';')
            buf_text(cell, "%3B");
        else if (value.p[i] == '%')
            buf_text(cell, "%25");
        else
            buf_char(cell, value.p[i]);
    }
}

bool sdmx_items(struct str *rest, struct str *ret)
{
    if (!rest->n)
        return false;
    const char *end = memchr(rest->p, ';', rest->n);
    *ret = (struct str){rest->p, end ? (size_t)(end - rest->p) : rest->n};
    *rest = str_cut(*rest, ret->n + 1);
    return true;
}
