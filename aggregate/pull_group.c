/* pull_group.c — sums over dimensions, and the sums that must not be made: of unlike units, of a
 * code and what lies below it, of codes that no code stands for together. A group with a member
 * that is missing or suppressed has no sum; it says how many it lacks. */
#include "pull.h"

#define SEP '\x1f'
/* columns of the sums after the dimensions */
enum {
    G_PERIOD,
    G_SUM,
    G_STATUS,
    G_CONF,
    G_NATURE,
    G_SENDER,
    G_GRADE,
    G_REVIEWED,
    G_SUB,
    G_GIVEN,
    G_SUPPRESSED,
    G_MEMBERS
};

/* What stands for a dimension in every row of the sums: the one code that was met, or the total. */
struct summed {
    const char *code[STRUCTURE_DIMS_MAX]; /* NULL: grouped by it */
};

static int not_addable(const struct dimension *d, struct str a, struct str b, struct err *e)
{
    if (d->role == DIM_UNIT) {
        err_set(e, RC_USAGE, "PULL-030", "unlike units cannot be added: %.*s and %.*s", STR_ARG(a),
                STR_ARG(b));
        return err_hint(e, "choose one with %s=…, or add %s to --group", d->id, d->id);
    }
    err_set(e, RC_USAGE, "PULL-031", "%s has no code for the sum of %.*s and %.*s", d->id,
            STR_ARG(a), STR_ARG(b));
    return err_hint(e, "choose one with %s=…, or add %s to --group", d->id, d->id);
}

static int counts_twice(const struct dimension *d, struct str a, struct str b, struct err *e)
{
    err_set(e, RC_USAGE, "PULL-032", "%s: %.*s would be counted twice, it is in %.*s", d->id,
            STR_ARG(a), STR_ARG(b));
    return err_hint(e, "choose codes with %s=… that have nothing in common", d->id);
}

static struct str next_code(struct str *rest)
{
    const char *end = memchr(rest->p, SEP, rest->n);
    struct str code = {rest->p, end ? (size_t)(end - rest->p) : rest->n};
    *rest = str_cut(*rest, code.n + 1);
    return code;
}

static int disjoint(const struct dimension *d, struct str list, struct err *e)
{
    for (struct str ra = list; ra.n > 0;) {
        struct str a = next_code(&ra);
        const struct code *ca = d->codes ? codelist_find(d->codes, a) : NULL;
        for (struct str rb = list; rb.n > 0;) {
            struct str b = next_code(&rb);
            const struct code *cb = d->codes ? codelist_find(d->codes, b) : NULL;
            bool total = d->total && str_is(b, d->total) && !str_eq(a, b);
            if (total || (ca && cb && code_below(ca, cb)))
                return counts_twice(d, a, b, e);
        }
    }
    return 0;
}

static int sum_dimension(struct pull *p, size_t i, struct str list, struct summed *ret,
                         struct err *e)
{
    const struct dimension *d = &p->structure->dims[i];
    struct str rest = list, first = next_code(&rest);
    if (rest.n == 0) {
        ret->code[i] = arena_text(&p->conf->arena, first);
        return 0;
    }
    int rc = disjoint(d, list, e);
    if (rc < 0)
        return rc;
    if (!d->total || d->role == DIM_UNIT)
        return not_addable(d, first, next_code(&rest), e);
    ret->code[i] = d->total;
    return 0;
}

/* Which codes of the dimensions to be summed does the selection meet? */
static int check_sums(struct pull *p, struct summed *ret, struct err *e)
{
    struct db_result *r CLEANUP(db_result_freep) = NULL;
    struct buf sql;
    buf_init(&sql, (size_t)1 << 20);
    buf_text(&sql, "SELECT 1");
    for (size_t i = 0; i < p->ndims; i++)
        if (!p->grouped[i])
            buf_fmt(&sql, ", coalesce(string_agg(DISTINCT s.%s, E'\\x1f' ORDER BY s.%s), '')",
                    p->column[i], p->column[i]);
    pull_from(p, &sql, false);
    int rc = buf_ok(&sql, "the query", e);
    if (rc >= 0)
        rc = db_query(p->db, "look at what is to be summed", buf_z(&sql), p->params, p->nparams, &r,
                      e);
    buf_free(&sql);
    size_t at = 1;
    for (size_t i = 0; i < p->ndims && rc >= 0; i++) {
        ret->code[i] = NULL;
        if (!p->grouped[i])
            rc = sum_dimension(p, i, db_cell(r, 0, at++), ret, e);
    }
    return rc;
}

static void names(const struct pull *p, struct buf *sql, const char *prefix, const char *suffix)
{
    for (size_t i = 0; i < p->ndims; i++)
        if (p->grouped[i])
            buf_fmt(sql, "%s%s%s", prefix, p->column[i], suffix);
}

/* Members of a group are the series that it has in any period asked for: a series without a figure
 * in one of them is missing there. */
static void query(const struct pull *p, struct buf *sql)
{
    buf_text(sql, "WITH pick AS MATERIALIZED (SELECT s.series_id, ");
    names(p, sql, "s.", ", ");
    buf_text(sql, "o.period, o.value, o.obs_status, o.conf_status, o.nature, l.sender, l.grade,"
                  " l.reviewed, o.from_sub");
    pull_from(p, sql, false);
    buf_text(sql, "), members AS (SELECT ");
    names(p, sql, "", ", ");
    buf_text(sql, "count(DISTINCT series_id) AS members FROM pick GROUP BY ");
    names(p, sql, "", ", ");
    buf_text(sql, "1::text) SELECT ");
    names(p, sql, "", ", ");
    buf_text(sql,
             "period, sum(value) FILTER (WHERE value <> 'NaN'),"
             " coalesce(string_agg(DISTINCT nullif(obs_status, ''), ';'), ''), max(conf_status),"
             " max(nature), string_agg(DISTINCT sender, '+'), max(grade), min(reviewed),"
             " max(from_sub), count(value) FILTER (WHERE value <> 'NaN'),"
             " count(*) FILTER (WHERE value IS NULL AND conf_status <> ''), max(members)"
             " FROM pick JOIN members USING (");
    buf_text(sql, p->column[p->freq]);
    for (size_t i = 0; i < p->ndims; i++)
        if (p->grouped[i] && (int)i != p->freq)
            buf_fmt(sql, ", %s", p->column[i]);
    buf_text(sql, ") GROUP BY ");
    names(p, sql, "", ", ");
    buf_text(sql, "period ORDER BY ");
    names(p, sql, "", ", ");
    buf_text(sql, "period");
}

/* "P;B;P" of the members as a set in alphabetical order. */
static struct str status_set(struct str list, char ret[56])
{
    size_t n = 0;
    for (char c = 'A'; c <= 'Z'; c++)
        if (list.n && memchr(list.p, c, list.n)) {
            if (n)
                ret[n++] = ';';
            ret[n++] = c;
        }
    return (struct str){ret, n};
}

static int write_sum(struct pull *p, const struct db_result *r, size_t row, const void *ctx,
                     struct err *e)
{
    const struct summed *s = ctx;
    struct str cell[PULL_COLUMNS_MAX] = {STR("dataflow"), str_of(p->structure->full_id), STR("R")};
    char period[PERIOD_TEXT_MAX], note[128] = "", status[56];
    size_t n = 3, q = 0;
    struct str freq = {"", 0};
    for (size_t i = 0; i < p->ndims; i++) {
        cell[n++] = s->code[i] ? str_of(s->code[i]) : db_cell(r, row, q++);
        if ((int)i == p->freq)
            freq = cell[n - 1];
    }
    int rc = pull_period(p, freq, db_value(r, row, q + G_PERIOD), period, e);
    if (rc < 0)
        return rc;
    int64_t given = db_integer(r, row, q + G_GIVEN, 0), of = db_integer(r, row, q + G_MEMBERS, 0);
    int64_t hidden = db_integer(r, row, q + G_SUPPRESSED, 0);
    if (given != of)
        (void)snprintf(
            note, sizeof note, "sum of %lld of %lld figures: %lld missing, %lld suppressed",
            (long long)given, (long long)of, (long long)(of - given - hidden), (long long)hidden);
    bool print = given == of || (p->o->partial_sums && hidden == 0);
    cell[n++] = str_of(period);
    cell[n++] = print ? db_cell(r, row, q + G_SUM) : (struct str){"", 0};
    cell[n++] = status_set(db_cell(r, row, q + G_STATUS), status);
    cell[n++] = db_cell(r, row, q + G_CONF);
    cell[n++] = str_of(note);
    cell[n++] = db_cell(r, row, q + G_NATURE);
    cell[n++] = db_cell(r, row, q + G_SENDER);
    n += 3; /* SRC, SRC_KEY, SRC_VALUE: of the members */
    cell[n++] = db_cell(r, row, q + G_GRADE);
    cell[n++] = db_cell(r, row, q + G_REVIEWED);
    cell[n++] = db_cell(r, row, q + G_SUB);
    cell[n++] = db_cell(r, row, q + G_GIVEN);
    cell[n++] = db_cell(r, row, q + G_MEMBERS);
    sdmx_write(p->writer, cell);
    return 0;
}

int pull_group(struct pull *p, struct err *e)
{
    static const char *const more[] = {"SUBMISSION", "N_SUMMED", "OF_MEMBERS"};
    struct summed s;
    int rc = check_sums(p, &s, e);
    if (rc < 0)
        return rc;
    struct buf sql;
    buf_init(&sql, (size_t)1 << 20);
    query(p, &sql);
    rc = buf_ok(&sql, "the query", e);
    if (rc >= 0)
        rc = db_stream(p->db, "sum the observations", buf_z(&sql), p->params, p->nparams, e);
    buf_free(&sql);
    if (rc < 0)
        return rc;
    pull_open_writer(p, more, ARRAY_LEN(more));
    return pull_each(p, write_sum, &s, e);
}
