/* load_copy.c — the rows on their way into the server's private tables, one table a year. One
 * connection runs one COPY at a time: the table whose COPY is open takes its rows at once, the
 * others' are held back until there is enough of them for a COPY of its own, because beginning one
 * costs the server as much as a few thousand rows. A load_table owns its buffer. */
#include "load.h"

#include "mem.h"

#define SEND ((size_t)1 << 16)               /* from an open COPY */
#define CHUNK (((size_t)1 << 20) - 8192)     /* held back, one table */
#define HELD_MAX (((size_t)4 << 20) - 65536) /* held back, all tables together */

static int begin_copy(struct load *l, struct load_table *t, struct err *e)
{
    static const char head[] = "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0";
    static const char *const texts[LOAD_TEXTS] = {", obs_status", ", conf_status", ", comment",
                                                  ", nature",     ", src",         ", src_value"};
    char sql[320];
    size_t n = (size_t)snprintf(sql, sizeof sql,
                                "COPY %s (series_id, period, lineage_id, from_sub, value", t->name);
    for (unsigned i = 0; i < LOAD_TEXTS; i++)
        if (t->filled >> i & 1)
            n += (size_t)snprintf(sql + n, sizeof sql - n, "%s", texts[i]);
    (void)snprintf(sql + n, sizeof sql - n, "%s) FROM STDIN (FORMAT binary)",
                   t->ordered ? ", seq, act" : "");
    int rc = db_copy_begin(l->db, "copy the rows", sql, e);
    if (rc < 0)
        return rc;
    l->open = t;
    return db_copy_put(l->db, (struct str){head, 19}, e);
}

static int send_held(struct load *l, struct load_table *t, struct err *e)
{
    int rc = buf_ok(&t->rows, "a chunk of rows", e);
    if (rc >= 0)
        rc = db_copy_put(l->db, buf_view(&t->rows), e);
    l->held -= t->rows.n;
    buf_reset(&t->rows);
    return rc;
}

int load_pause(struct load *l, struct err *e)
{
    uint64_t done = 0;
    struct load_table *t = l->open;
    if (!t)
        return 0;
    int rc = send_held(l, t, e);
    if (rc >= 0)
        rc = db_copy_put(l->db, STR("\377\377"), e);
    if (rc < 0)
        return rc;
    l->open = NULL;
    buf_free(&t->rows);
    return db_copy_end(l->db, &done, e);
}

/* What a table holds back goes out, by a COPY that stays open. */
static int send_table(struct load *l, struct load_table *t, struct err *e)
{
    int rc = 0;
    if (t->rows.n == 0)
        return 0;
    if (l->open != t && ((rc = load_pause(l, e)) < 0 || (rc = begin_copy(l, t, e)) < 0))
        return rc;
    return send_held(l, t, e);
}

/* The private table of a year, asked of the server when the year is met first. */
static int new_table(struct load *l, int year, struct err *e)
{
    char text[16];
    (void)snprintf(text, sizeof text, "%d", year);
    const char *params[] = {l->structure->id, l->submission, text, l->waits ? "t" : "f"};
    struct db_result *r CLEANUP(db_result_freep) = NULL;
    int rc = load_pause(l, e);
    if (rc >= 0)
        rc = db_query(l->db, "make room for a year", "SELECT rta.load_table($1, $2, $3, $4)",
                      params, 4, &r, e);
    if (rc < 0)
        return rc;
    l->tables = mem_resize(l->tables, (l->ntables + 1) * sizeof *l->tables);
    struct load_table *t = &l->tables[l->ntables];
    *t = (struct load_table){.year = year};
    (void)snprintf(t->name, sizeof t->name, "%s", db_value(r, 0, 0));
    buf_init(&t->rows, (size_t)16 << 20);
    l->last_table = l->ntables++;
    return 0;
}

static int table_of(struct load *l, int year, struct load_table **ret, struct err *e)
{
    int rc = 0;
    if (l->last_table >= l->ntables || l->tables[l->last_table].year != year) {
        size_t i = 0;
        while (i < l->ntables && l->tables[i].year != year)
            i++;
        l->last_table = i;
        rc = i < l->ntables ? 0 : new_table(l, year, e);
    }
    *ret = &l->tables[l->last_table];
    return rc;
}

static int send_largest(struct load *l, struct err *e)
{
    struct load_table *t = &l->tables[0];
    for (size_t i = 1; i < l->ntables; i++)
        if (l->tables[i].rows.n > t->rows.n)
            t = &l->tables[i];
    return send_table(l, t, e);
}

int load_put(struct load *l, const struct load_obs *o, int year, char action, struct err *e)
{
    struct load_table *t = &l->ordered;
    int rc = l->in_order ? 0 : table_of(l, year, &t, e);
    unsigned filled = load_filled(o);
    if (rc >= 0 && (filled & ~t->filled)) { /* one column more: those before go without it */
        if ((rc = send_table(l, t, e)) >= 0 && l->open == t)
            rc = load_pause(l, e);
        t->filled |= filled;
    }
    if (rc < 0)
        return rc;
    size_t before = t->rows.n;
    load_encode(&t->rows, o, t->filled, l->sub, l->in_order ? (int64_t)l->rows : -1, action);
    l->held += t->rows.n - before;
    t->n++;
    if (t->rows.n >= (l->open == t ? SEND : CHUNK))
        return send_table(l, t, e);
    return l->held < HELD_MAX ? 0 : send_largest(l, e);
}

int load_copy_text(struct load *l, const char *sql, struct buf *b, struct err *e)
{
    uint64_t done = 0;
    if (b->n == 0)
        return 0;
    int rc = load_pause(l, e);
    if (rc >= 0)
        rc = buf_ok(b, "a chunk of rows", e);
    if (rc >= 0)
        rc = db_copy_begin(l->db, "copy the rows", sql, e);
    if (rc < 0)
        return rc;
    if ((rc = db_copy_put(l->db, buf_view(b), e)) < 0) {
        db_copy_cancel(l->db);
        return rc;
    }
    buf_reset(b);
    return db_copy_end(l->db, &done, e);
}

int load_flush(struct load *l, struct err *e)
{
    int rc = load_pause(l, e);
    for (size_t i = 0; i < l->ntables && rc >= 0; i++)
        rc = send_table(l, &l->tables[i], e);
    if (rc >= 0)
        rc = send_table(l, &l->ordered, e);
    if (rc >= 0)
        rc = load_pause(l, e);
    if (rc >= 0)
        rc = load_copy_text(l, "COPY pg_temp.rta_d FROM STDIN", &l->deletes, e);
    if (rc >= 0)
        rc = load_dict_flush(l, &l->series, e);
    return rc < 0 ? rc : load_dict_flush(l, &l->lineage, e);
}

void load_tables_free(struct load *l)
{
    for (size_t i = 0; i < l->ntables; i++)
        buf_free(&l->tables[i].rows);
    mem_free(l->tables);
    buf_free(&l->ordered.rows);
    buf_free(&l->deletes);
}
