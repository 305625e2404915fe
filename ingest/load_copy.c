/* load_copy.c — observations as COPY BINARY: we parse, we encode, so that no byte of a sender's
 * file is ever read by COPY itself. Rows are kept by year in buffers and go out in chunks, because
 * one connection runs one COPY at a time. A load_table owns its buffer. */
#include "load.h"

#include "mem.h"

#define CHUNK ((size_t)1 << 19)
#define CHUNKS_MAX ((size_t)24 << 20) /* of all years together */
#define FIELDS 11
#define NUMERIC_NEG 0x4000
#define NUMERIC_NAN 0xC000

static void put16(char *p, unsigned v)
{
    p[0] = (char)(v >> 8);
    p[1] = (char)v;
}

static void put32(char *p, uint32_t v)
{
    put16(p, v >> 16);
    put16(p + 2, v & 0xffff);
}

static void add32(struct buf *b, uint32_t v)
{
    char p[4];
    put32(p, v);
    buf_add(b, p, 4);
}

static void add_bytes(struct buf *b, struct str s)
{
    add32(b, (uint32_t)s.n);
    buf_add(b, s.p, s.n);
}

/* What is not given is NULL. */
static void add_text(struct buf *b, struct str s)
{
    if (s.n)
        add_bytes(b, s);
    else
        add32(b, UINT32_MAX);
}

/* One group of four decimal digits, from a text whose digits before `from` and after `to` are
 * zeros. */
static unsigned group(const char *digits, ssize_t at, ssize_t n)
{
    unsigned v = 0;
    for (ssize_t i = at; i < at + 4; i++)
        v = v * 10 + (i >= 0 && i < n ? (unsigned)(digits[i] - '0') : 0);
    return v;
}

/* The digits of a decimal text, without its point; *ret_whole of them stand before it. */
static size_t digits_of(struct str text, char digits[80], size_t *ret_whole)
{
    size_t n = 0;
    bool point = false;
    *ret_whole = 0;
    for (size_t i = 0; i < text.n && n < 80; i++) {
        if (text.p[i] == '.') {
            point = true;
            continue;
        }
        digits[n++] = text.p[i];
        *ret_whole += !point;
    }
    return n;
}

void load_encode_numeric(struct buf *b, struct str value)
{
    char out[96], digits[80];
    size_t whole = 0, ngroups = 0, used = 0;
    if (value.n == 0) {
        add32(b, UINT32_MAX);
        return;
    }
    bool nan = value.p[0] == 'N', negative = value.p[0] == '-';
    size_t n = nan ? 0 : digits_of(str_cut(value, negative), digits, &whole);
    int weight = (int)((whole + 3) / 4) - 1, first = weight;
    ssize_t at = (ssize_t)whole - 4 * (weight + 1); /* first group, may begin before the text */
    for (; at < (ssize_t)n && ngroups < 20; at += 4) {
        unsigned g = group(digits, at, (ssize_t)n);
        if (g == 0 && ngroups == 0) {
            first--;
            continue;
        }
        put16(out + 8 + 2 * ngroups++, g);
        used = g ? ngroups : used; /* zeros at the end are not stored */
    }
    put16(out, (unsigned)used);
    put16(out + 2, used ? (unsigned)first & 0xffff : 0);
    put16(out + 4, nan ? NUMERIC_NAN : negative && used ? NUMERIC_NEG : 0);
    put16(out + 6, (unsigned)(n - whole));
    add_bytes(b, (struct str){out, 8 + 2 * used});
}

void load_encode(struct buf *b, const struct load_obs *o, int32_t sub, int64_t seq, char action)
{
    const int32_t fixed[] = {o->series, o->period, o->lineage, sub};
    char head[2 + 8 * ARRAY_LEN(fixed)];
    put16(head, seq < 0 ? FIELDS : FIELDS + 2);
    for (size_t i = 0; i < ARRAY_LEN(fixed); i++) {
        put32(head + 2 + 8 * i, 4);
        put32(head + 6 + 8 * i, (uint32_t)fixed[i]);
    }
    buf_add(b, head, sizeof head);
    load_encode_numeric(b, o->value);
    for (size_t i = 0; i < ARRAY_LEN(o->text); i++)
        add_text(b, o->text[i]);
    if (seq < 0)
        return;
    add32(b, 8);
    add32(b, (uint32_t)((uint64_t)seq >> 32));
    add32(b, (uint32_t)seq);
    add_text(b, (struct str){&action, 1});
}

/* Send what is in a table's buffer: one COPY, begun and ended. */
static int send_rows(struct load *l, struct load_table *t, bool seq, struct err *e)
{
    static const char begin[] = "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0";
    static const char end[] = "\377\377";
    char sql[320];
    uint64_t done = 0;
    if (t->rows.n == 0)
        return 0;
    (void)snprintf(sql, sizeof sql,
                   "COPY %s (series_id, period, lineage_id, from_sub, value, obs_status,"
                   " conf_status, comment, nature, src, src_value%s) FROM STDIN (FORMAT binary)",
                   t->name, seq ? ", seq, act" : "");
    int rc = buf_ok(&t->rows, "a chunk of rows", e);
    if (rc >= 0)
        rc = db_copy_begin(l->db, "copy the rows", sql, e);
    if (rc < 0)
        return rc;
    if ((rc = db_copy_put(l->db, (struct str){begin, 19}, e)) < 0 ||
        (rc = db_copy_put(l->db, buf_view(&t->rows), e)) < 0 ||
        (rc = db_copy_put(l->db, (struct str){end, 2}, e)) < 0) {
        db_copy_cancel(l->db);
        return rc;
    }
    buf_reset(&t->rows);
    return db_copy_end(l->db, &done, e);
}

static int flush_tables(struct load *l, struct err *e)
{
    int rc = 0;
    for (size_t i = 0; i < l->ntables && rc >= 0; i++)
        rc = send_rows(l, &l->tables[i], false, e);
    return rc;
}

/* The private table of a year, asked of the server when the year is met first. */
static int table_of(struct load *l, int year, struct load_table **ret, struct err *e)
{
    if (l->last_table < l->ntables && l->tables[l->last_table].year == year) {
        *ret = &l->tables[l->last_table];
        return 0;
    }
    for (size_t i = 0; i < l->ntables; i++)
        if (l->tables[i].year == year) {
            l->last_table = i;
            *ret = &l->tables[i];
            return 0;
        }
    char text[16];
    (void)snprintf(text, sizeof text, "%d", year);
    const char *params[] = {l->structure->id, l->submission, text, l->waits ? "t" : "f"};
    struct db_result *r CLEANUP(db_result_freep) = NULL;
    int rc = db_query(l->db, "make room for a year", "SELECT rta.load_table($1, $2, $3, $4)",
                      params, 4, &r, e);
    if (rc < 0)
        return rc;
    l->tables = mem_resize(l->tables, (l->ntables + 1) * sizeof *l->tables);
    struct load_table *t = &l->tables[l->ntables];
    *t = (struct load_table){.year = year};
    (void)snprintf(t->name, sizeof t->name, "%s", db_value(r, 0, 0));
    buf_init(&t->rows, (size_t)16 << 20);
    l->last_table = l->ntables++;
    *ret = t;
    return 0;
}

static size_t buffered(const struct load *l)
{
    size_t n = 0;
    for (size_t i = 0; i < l->ntables; i++)
        n += l->tables[i].rows.n;
    return n;
}

int load_put(struct load *l, const struct load_obs *o, int year, char action, struct err *e)
{
    if (l->in_order) {
        load_encode(&l->ordered.rows, o, l->sub, (int64_t)l->rows, action);
        l->ordered.n++;
        return l->ordered.rows.n < CHUNK ? 0 : send_rows(l, &l->ordered, true, e);
    }
    struct load_table *t = NULL;
    int rc = table_of(l, year, &t, e);
    if (rc < 0)
        return rc;
    load_encode(&t->rows, o, l->sub, -1, action);
    t->n++;
    if (t->rows.n >= CHUNK)
        rc = send_rows(l, t, false, e);
    else if (l->ntables > CHUNKS_MAX / CHUNK && l->rows % 4096 == 0 && buffered(l) > CHUNKS_MAX)
        rc = flush_tables(l, e);
    return rc;
}

int load_copy_text(struct db *db, const char *sql, struct buf *b, struct err *e)
{
    uint64_t done = 0;
    if (b->n == 0)
        return 0;
    int rc = buf_ok(b, "a chunk of rows", e);
    if (rc >= 0)
        rc = db_copy_begin(db, "copy the rows", sql, e);
    if (rc < 0)
        return rc;
    if ((rc = db_copy_put(db, buf_view(b), e)) < 0) {
        db_copy_cancel(db);
        return rc;
    }
    buf_reset(b);
    return db_copy_end(db, &done, e);
}

int load_flush(struct load *l, struct err *e)
{
    int rc = flush_tables(l, e);
    if (rc >= 0)
        rc = send_rows(l, &l->ordered, true, e);
    if (rc >= 0)
        rc = load_copy_text(l->db, "COPY pg_temp.rta_d FROM STDIN", &l->deletes, e);
    if (rc >= 0)
        rc = load_dict_flush(&l->series, l->db, e);
    return rc < 0 ? rc : load_dict_flush(&l->lineage, l->db, e);
}

void load_tables_free(struct load *l)
{
    for (size_t i = 0; i < l->ntables; i++)
        buf_free(&l->tables[i].rows);
    mem_free(l->tables);
    buf_free(&l->ordered.rows);
    buf_free(&l->deletes);
}
