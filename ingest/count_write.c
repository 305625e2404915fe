/* count_write.c — the cells as a sealed stream, in the order of their codes: declared ones as they
 * are declared, others by bytes, periods by time. SRC says file and lines, and how many records. */
#include "count.h"

#include "mem.h"
#include "sdmx.h"

#include <inttypes.h>

#define FRONT 3

enum tail { T_VALUE, T_STATUS, T_CONF, T_COMMENT, T_NATURE, T_SENDER, T_SRC, T_SRC_VALUE, T_N };
static const char *const tail_names[T_N] = {"OBS_VALUE", "OBS_STATUS[]", "CONF_STATUS",
                                            "COMMENT",   "NATURE",       "SENDER",
                                            "SRC[]",     "SRC_VALUE[]"};

static uint32_t part_of(const struct counter *k, cell_key key, size_t i)
{
    unsigned bits = coder_bits(k->coders[i]);
    return (uint32_t)(key >> k->shift[i]) & (uint32_t)(((uint64_t)1 << bits) - 1);
}

/* From codes as they were met to their order. The measure and the file stay. */
static void rank_all(struct counter *k, struct cell *list, size_t n)
{
    for (size_t i = 0; i < k->r->dims.n; i++)
        if (k->coders[i])
            coder_rank(k->coders[i]);
    for (size_t c = 0; c < n; c++) {
        cell_key key = list[c].key & (((cell_key)1 << (COUNT_FILE_BITS + 6)) - 1);
        for (size_t i = 0; i < k->r->dims.n; i++)
            if (k->coders[i])
                key |= (cell_key)coder_ranked(k->coders[i], part_of(k, list[c].key, i))
                       << k->shift[i];
        list[c].key = key;
    }
}

static int by_key(const void *a, const void *b)
{
    const struct cell *x = a, *y = b;
    return (x->key > y->key) - (x->key < y->key);
}

#define FEW_CODES 20

/* Texts that mostly occur once tell records apart; codes bring them together. */
static int look_at_codes(const struct counter *k, const struct cell *list, size_t n, size_t i,
                         struct err *e)
{
    const struct count_dim *d = (const struct count_dim *)k->r->dims.items + i;
    size_t codes = coder_count(k->coders[i]), used = 0, once = 0;
    uint64_t *records = mem_array(codes + 1, sizeof *records);
    for (size_t c = 0; c < n; c++)
        if ((list[c].key >> k->measure_shift & 63) == 0)
            records[part_of(k, list[c].key, i)] += list[c].records;
    for (size_t c = coder_declared(k->coders[i]); c < codes; c++) {
        used += records[c] > 0;
        once += records[c] == 1;
    }
    mem_free(records);
    if (used < FEW_CODES || once <= used / 2)
        return 0;
    err_set(e, RC_DATA, "PERS-004", "%zu of %zu texts of %s occur once only: that is no code", once,
            used, d->id);
    return err_hint(e, "take another column, or declare its codes; if these are no personal data, "
                       "say why under personal: in the declaration");
}

static int look_at_all(const struct counter *k, const struct cell *list, size_t n, struct err *e)
{
    const struct count_dim *d = k->r->dims.items;
    int rc = 0;
    for (size_t i = 0; i < k->r->dims.n && rc == 0; i++)
        if (d[i].kind == COUNT_CODES && strcmp(d[i].others, "keep") == 0 &&
            !personal_exempted(&k->r->personal, str_of(d[i].id)))
            rc = look_at_codes(k, list, n, i, e);
    return rc;
}

static char *put_number(char *to, uint64_t v)
{
    char digits[24];
    size_t n = 0;
    do
        digits[n++] = (char)('0' + v % 10);
    while (v /= 10);
    while (n)
        *to++ = digits[--n];
    return to;
}

static char *put_text(char *to, struct str s)
{
    memcpy(to, s.p, s.n);
    return to + s.n;
}

/* file:2-815 (14 records) */
static void put_src(const struct counter *k, const struct cell *c, struct buf *src)
{
    char text[96], *to = text;
    if (c->records != 0) {
        *to++ = ':';
        to = put_number(to, c->first);
    }
    if (c->records > 1) {
        *to++ = '-';
        to = put_number(to, c->last);
    }
    if (c->records != 1) {
        to = put_text(to, STR(" ("));
        to = put_number(to, c->records);
        to = put_text(to, STR(" records)"));
    }
    sdmx_item(src, str_of(k->files[c->key & (COUNT_FILES_MAX)]));
    buf_add(src, text, (size_t)(to - text)); /* nothing to escape in it */
}

struct pen {
    struct sdmx_writer *w;
    struct str cells[FRONT + COUNT_DIMS_MAX + T_N];
    size_t ndims, counted; /* counted: where the measure's code stands; 0: nowhere */
    uint64_t zeros;        /* cells without a record */
    struct buf src;
};

static void open_pen(const struct counter *k, struct pen *p)
{
    const char *columns[FRONT + COUNT_DIMS_MAX + T_N] = {"STRUCTURE[;]", "STRUCTURE_ID", "ACTION"};
    const struct count_dim *d = k->r->dims.items;
    size_t n = FRONT;
    for (size_t i = 0; i < k->r->dims.n; i++) {
        if (i + 1 == k->r->dims.n && k->r->counted) {
            p->counted = n;
            columns[n++] = k->r->counted;
        }
        columns[n++] = d[i].id;
    }
    p->ndims = n - FRONT;
    for (size_t i = 0; i < T_N; i++)
        columns[n++] = tail_names[i];
    p->w = sdmx_create(&k->st->out, columns, n);
    buf_init(&p->src, 1 << 20);
    p->cells[0] = STR("datastructure");
    p->cells[1] = str_of(k->r->structure);
    p->cells[2] = STR("R");
    struct str *tail = p->cells + FRONT + p->ndims;
    for (size_t i = 0; i < T_N; i++)
        tail[i] = STR("");
    tail[T_NATURE] = str_of(k->r->nature);
    tail[T_SENDER] = str_of(k->r->sender);
}

static void put_codes(const struct counter *k, cell_key key, struct pen *p)
{
    const struct count_dim *d = k->r->dims.items;
    const struct count_measure *m = k->r->measures.items;
    size_t at = FRONT;
    for (size_t i = 0; i < k->r->dims.n; i++) {
        if (at == p->counted)
            p->cells[at++] = str_of(m[key >> k->measure_shift & 63].code);
        p->cells[at++] =
            k->coders[i] ? coder_text(k->coders[i], part_of(k, key, i)) : str_of(d[i].value);
    }
}

/* The cell that begins at list[i], over all files; the number of entries used. */
static size_t write_cell(const struct counter *k, const struct cell *list, size_t i, size_t n,
                         struct pen *p)
{
    struct str *tail = p->cells + FRONT + p->ndims;
    char digits[24];
    uint64_t value = 0;
    size_t first = i;
    buf_reset(&p->src);
    for (; i < n && list[i].key >> COUNT_FILE_BITS == list[first].key >> COUNT_FILE_BITS; i++) {
        value += list[i].value;
        if (list[i].records)
            put_src(k, &list[i], &p->src);
    }
    bool none = p->src.n == 0;
    p->zeros += none;
    for (size_t f = 0; none && f < k->nfiles; f++)
        put_src(k, &(struct cell){.key = f}, &p->src);
    put_codes(k, list[first].key, p);
    tail[T_VALUE] = (struct str){digits, (size_t)(put_number(digits, value) - digits)};
    tail[T_SRC] = buf_view(&p->src);
    sdmx_write(p->w, p->cells);
    return i - first;
}

static void finish(struct counter *k, struct pen *p)
{
    sdmx_refuse(p->w, k->refused);
    sdmx_finish(p->w);
    if (k->r->zeros)
        stage_note(k->st, "%" PRIu64 " cells written, %" PRIu64 " of them zero", sdmx_written(p->w),
                   p->zeros);
    else
        stage_note(k->st, "%" PRIu64 " cells written", sdmx_written(p->w));
}

int counter_write(struct counter *k, struct err *e)
{
    struct pen p = {0};
    size_t n;
    struct cell *list = cells_all(k->cells, &n);
    if (cells_full(k->cells))
        return err_set(e, RC_DATA, "COUNT-061", "more than %zu cells", n);
    int rc = look_at_all(k, list, n, e);
    if (rc == 0)
        rc = counter_zeros(k, &list, &n, e);
    if (rc < 0)
        return rc;
    rank_all(k, list, n);
    qsort(list, n, sizeof *list, by_key);
    open_pen(k, &p);
    for (size_t i = 0; i < n && rc == 0;) {
        i += write_cell(k, list, i, n, &p);
        rc = buf_ok(&p.src, "the places of a cell in all its files", e);
    }
    if (rc == 0)
        finish(k, &p);
    sdmx_free(p.w);
    buf_free(&p.src);
    return rc;
}
