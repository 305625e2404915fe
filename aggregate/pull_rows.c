/* pull_rows.c — observations out, as they were loaded: the value's own text, its marks, its place
 * in the source and the submission it came with. Cells are views into the batch of rows or into the
 * scratch buffers of struct pull. */
#include "pull.h"

/* Columns of the query after the dimensions. */
enum {
    Q_PERIOD,
    Q_VALUE,
    Q_STATUS,
    Q_CONF,
    Q_COMMENT,
    Q_NATURE,
    Q_SENDER,
    Q_SRC,
    Q_SRC_KEY,
    Q_SRC_VALUE,
    Q_GRADE,
    Q_REVIEWED,
    Q_SUB,
    Q_TO_SUB,
    Q_N
};
#define SQL_COLUMNS                                                                         \
    "o.period, o.value, o.obs_status, o.conf_status, o.comment, o.nature, l.sender, o.src," \
    " l.src_key, o.src_value, l.grade, l.reviewed, o.from_sub"

static const char *const obs_columns[] = {COL_VALUE,     COL_STATUS, COL_CONF,    COL_COMMENT,
                                          COL_NATURE,    COL_SENDER, COL_SRC,     COL_SRC_KEY,
                                          COL_SRC_VALUE, COL_GRADE,  COL_REVIEWED};

void pull_open_writer(struct pull *p, const char *const *more, size_t nmore)
{
    const char *names[PULL_COLUMNS_MAX] = {"STRUCTURE[;]", "STRUCTURE_ID", "ACTION"};
    size_t n = 3;
    for (size_t i = 0; i < p->structure->ndims; i++)
        names[n++] = p->structure->dims[i].id;
    for (size_t i = 0; i < ARRAY_LEN(obs_columns); i++)
        names[n++] = obs_columns[i];
    for (size_t i = 0; i < nmore; i++)
        names[n++] = more[i];
    p->writer = sdmx_create(&p->st->out, names, n);
}

int pull_period(const struct pull *p, struct str freq, const char *code, char ret[PERIOD_TEXT_MAX],
                struct err *e)
{
    struct period period;
    (void)p;
    int32_t n = (int32_t)strtol(code, NULL, 10);
    int rc = period_of_code(&period, freq.n ? (enum freq)freq.p[0] : FREQ_ANNUAL, n, e);
    if (rc >= 0)
        (void)period_text(period, ret);
    return rc;
}

/* rta.src_text, on this side. */
static struct str src_whole(struct pull *p, struct str src, struct str submission)
{
    uint64_t *slot = map_find(p->prefix, submission);
    const char *prefix = slot ? (const char *)(uintptr_t)*slot : "";
    if (src.n == 0)
        return src;
    buf_reset(&p->src);
    for (;;) {
        const char *end = memchr(src.p, ';', src.n);
        struct str part = {src.p, end ? (size_t)(end - src.p) : src.n};
        if (part.n && (part.p[0] == ':' || part.p[0] == '#'))
            buf_text(&p->src, prefix);
        buf_str(&p->src, part.n && part.p[0] == '=' ? str_cut(part, 1) : part);
        if (!end)
            return buf_view(&p->src);
        buf_char(&p->src, ';');
        src = str_cut(src, part.n + 1);
    }
}

static int read_prefixes(struct pull *p, struct err *e)
{
    struct db_result *r CLEANUP(db_result_freep) = NULL;
    p->prefix = map_new(0);
    int rc = db_query(p->db, "read the submissions", "SELECT id, src_prefix FROM rta.submission",
                      NULL, 0, &r, e);
    for (size_t i = 0; rc >= 0 && i < db_rows(r); i++) {
        const char *text = arena_text(&p->conf->arena, db_cell(r, i, 1));
        if (!map_put(p->prefix, db_cell(r, i, 0), (uint64_t)(uintptr_t)text, NULL))
            return err_set(e, RC_SYSTEM, "PULL-020", "too many submissions for memory");
    }
    return rc;
}

static int write_row(struct pull *p, const struct db_result *r, size_t row, const void *ctx,
                     struct err *e)
{
    (void)ctx;
    struct str cell[PULL_COLUMNS_MAX] = {STR("dataflow"), str_of(p->structure->full_id), STR("R")};
    char period[PERIOD_TEXT_MAX];
    size_t n = 3, q = p->ndims;
    int rc =
        pull_period(p, db_cell(r, row, (size_t)p->freq), db_value(r, row, q + Q_PERIOD), period, e);
    if (rc < 0)
        return rc;
    for (size_t i = 0; i < p->ndims; i++)
        cell[n++] = db_cell(r, row, i);
    cell[n++] = str_of(period);
    for (size_t i = Q_VALUE; i < Q_SUB; i++)
        cell[n++] = db_cell(r, row, q + i);
    cell[3 + p->ndims + Q_SRC] =
        src_whole(p, db_cell(r, row, q + Q_SRC), db_cell(r, row, q + Q_SUB));
    cell[n++] = db_cell(r, row, q + Q_SUB);
    if (p->o->history)
        cell[n] = db_cell(r, row, q + Q_TO_SUB);
    sdmx_write(p->writer, cell);
    return 0;
}

static void query(const struct pull *p, struct buf *sql)
{
    buf_text(sql, "SELECT ");
    for (size_t i = 0; i < p->ndims; i++)
        buf_fmt(sql, "s.%s, ", p->column[i]);
    buf_fmt(sql, "%s%s", SQL_COLUMNS, p->o->history ? ", o.to_sub" : "");
    pull_from(p, sql, true);
    buf_fmt(sql, " ORDER BY s.ord, o.period%s",
            p->o->history ? ", (SELECT f.version FROM rta.submission f WHERE f.id = o.from_sub)"
                          : "");
}

int pull_each(struct pull *p, pull_row *row, const void *ctx, struct err *e)
{
    for (;;) {
        struct db_result *r = NULL;
        int rc = db_stream_next(p->db, &r, e);
        if (rc <= 0)
            return rc;
        for (size_t i = 0; i < db_rows(r) && rc >= 0; i++)
            rc = row(p, r, i, ctx, e);
        db_result_free(r);
        if (rc < 0)
            return rc;
    }
}

int pull_rows(struct pull *p, struct err *e)
{
    static const char *const more[] = {"SUBMISSION", "TO_SUBMISSION"};
    struct buf sql;
    buf_init(&sql, (size_t)1 << 20);
    query(p, &sql);
    int rc = read_prefixes(p, e);
    if (rc >= 0)
        rc = buf_ok(&sql, "the query", e);
    if (rc >= 0)
        rc = db_stream(p->db, "read the observations", buf_z(&sql), p->params, p->nparams, e);
    buf_free(&sql);
    if (rc < 0)
        return rc;
    pull_open_writer(p, more, p->o->history ? 2 : 1);
    return pull_each(p, write_row, NULL, e);
}
