/* revisions_store.c — revisions of the store as SQL: two states joined by series and period, or
 * every step of every observation. The server adds exactly (numeric); nothing is added here. */
#include "revisions.h"

#include "asof.h"
#include "mem.h"

#include <strings.h>

/* Columns of a change: x.what, x.old, x.now, x.diff, x.old_sub, x.sub over o (o.series_id,
 * o.period) and s. Equal marks: every attribute but the value. */
#define CHANGE                                                                          \
    "SELECT y.*, CASE WHEN was IS NULL AND isnow IS NULL THEN NULL"                     \
    " WHEN was IS NULL THEN 'new' WHEN isnow IS NULL THEN 'deleted'"                    \
    " WHEN old IS NULL AND now IS NOT NULL THEN 'given'"                                \
    " WHEN old IS NOT NULL AND now IS NULL THEN 'taken'"                                \
    " WHEN old <> now THEN 'revised' WHEN marked THEN 'marks' ELSE 'same' END AS what," \
    " CASE WHEN was AND isnow THEN now - old END AS diff FROM (%s) y"

/* Two states. A figure that is gone was ended by a submission that only the history knows. */
static void two_states(const struct rev *r, struct buf *b, size_t at)
{
    const char *tab = r->pull.tab, *id = r->pull.structure->id;
    struct buf inner;
    buf_init(&inner, (size_t)1 << 20);
    buf_fmt(&inner,
            "SELECT coalesce(a.series_id, b.series_id) AS series_id,"
            " coalesce(a.period, b.period) AS period, a.series_id IS NOT NULL OR NULL AS was,"
            " b.series_id IS NOT NULL OR NULL AS isnow, nullif(a.value, 'NaN') AS old,"
            " nullif(b.value, 'NaN') AS now, a.from_sub AS old_sub,"
            " CASE WHEN b.series_id IS NULL THEN coalesce((SELECT h.to_sub FROM rta.\"%s_hist\" h"
            "  WHERE h.series_id = a.series_id AND h.period = a.period"
            "  AND h.from_sub = a.from_sub LIMIT 1), rta.unsettled('%s'))"
            "  WHEN a.from_sub IS DISTINCT FROM b.from_sub THEN b.from_sub END AS sub,"
            " (a.value = 'NaN', a.obs_status, a.conf_status, a.comment, a.nature)"
            "  IS DISTINCT FROM (b.value = 'NaN', b.obs_status, b.conf_status, b.comment,"
            "  b.nature) AS marked, coalesce(b.lineage_id, a.lineage_id) AS lineage_id"
            " FROM rta.as_of('%s', $%zu::integer) a"
            " FULL JOIN rta.as_of('%s', $%zu::integer) b"
            " ON b.series_id = a.series_id AND b.period = a.period",
            tab, id, id, at, id, at + 1);
    buf_fmt(b, CHANGE, buf_z(&inner));
    buf_free(&inner);
}

/* Every step: each version against the one that it ended, and what ended without a follower. What
 * is published and not settled yet ends versions, too. */
static void all_steps(const struct rev *r, struct buf *b)
{
    const char *tab = r->pull.tab, *id = r->pull.structure->id;
    struct buf inner;
    buf_init(&inner, (size_t)1 << 20);
    buf_fmt(&inner,
            "WITH v AS (SELECT n.*, NULL::integer AS to_sub FROM rta.\"%s_now\" n"
            " UNION ALL SELECT h.series_id, h.period, h.lineage_id, h.from_sub, h.value,"
            "  h.obs_status, h.conf_status, h.comment, h.nature, h.src, h.src_value, h.to_sub"
            "  FROM rta.\"%s_hist\" h"
            " UNION ALL SELECT o.series_id, o.period, o.lineage_id, o.from_sub, o.value,"
            "  o.obs_status, o.conf_status, o.comment, o.nature, o.src, o.src_value, w.from_sub"
            "  FROM rta.\"%s_wait\" w JOIN rta.\"%s_obs\" o USING (series_id, period)"
            "  WHERE w.from_sub = rta.unsettled('%s') AND w.what <> 'u'),"
            " p AS (SELECT v.*, lag(v.to_sub) OVER k = v.from_sub AS follows,"
            "  lag(nullif(v.value, 'NaN')) OVER k AS before, lag(v.from_sub) OVER k AS before_sub,"
            "  lead(v.from_sub) OVER k IS DISTINCT FROM v.to_sub AS ends,"
            "  (lag(v.value = 'NaN') OVER k, lag(v.obs_status) OVER k, lag(v.conf_status) OVER k,"
            "   lag(v.comment) OVER k, lag(v.nature) OVER k) IS DISTINCT FROM"
            "   (v.value = 'NaN', v.obs_status, v.conf_status, v.comment, v.nature) AS marked"
            "  FROM v JOIN rta.submission f ON f.id = v.from_sub"
            "  WINDOW k AS (PARTITION BY v.series_id, v.period ORDER BY f.version))"
            " SELECT series_id, period, follows OR NULL AS was, true AS isnow,"
            "  CASE WHEN follows THEN before END AS old, nullif(value, 'NaN') AS now,"
            "  CASE WHEN follows THEN before_sub END AS old_sub, from_sub AS sub, marked,"
            "  lineage_id FROM p"
            " UNION ALL SELECT series_id, period, true, NULL, nullif(value, 'NaN'), NULL, from_sub,"
            "  to_sub, true, lineage_id FROM p WHERE to_sub IS NOT NULL AND ends",
            tab, tab, tab, tab, id);
    buf_fmt(b, CHANGE, buf_z(&inner));
    buf_free(&inner);
}

static void relation(const struct rev *r, struct buf *b)
{
    buf_text(b, " FROM (");
    if (r->o->from || r->o->to)
        two_states(r, b, r->pull.nparams + 1);
    else
        all_steps(r, b);
    buf_fmt(b,
            ") o JOIN (SELECT s.* FROM rta.\"%s_series\" s WHERE true%s) s USING (series_id)"
            " LEFT JOIN rta.submission f ON f.id = o.sub"
            " LEFT JOIN rta.lineage l ON l.id = o.lineage_id WHERE o.what IS NOT NULL%s",
            r->pull.tab, buf_z(&r->pull.where), buf_z(&r->pull.when));
}

/* One word of --by as an expression; NULL when there is none such. */
static const char *expression(const struct rev *r, struct str word)
{
    static const struct {
        const char *word, *sql;
    } known[] = {{"period", "rta.period_text(s.freq, o.period)"},
                 {"year", "(o.period / 1000)::text"},
                 {"sender", "coalesce(l.sender, '')"},
                 {"submission", "coalesce(o.sub::text, '')"},
                 {"reason", "coalesce(f.reason_code, '')"}};
    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        if (str_is(word, known[i].word))
            return known[i].sql;
    int area = structure_role(r->pull.structure, DIM_AREA);
    if (str_is(word, "partner") && area >= 0)
        return arena_fmt(&r->conf->arena, "s.%s", r->pull.column[area]);
    for (size_t i = 0; i < r->pull.ndims; i++) {
        const char *id = r->pull.structure->dims[i].id;
        if (strlen(id) == word.n && strncasecmp(id, word.p, word.n) == 0)
            return arena_fmt(&r->conf->arena, "s.%s", r->pull.column[i]);
    }
    return NULL;
}

static int take_by(struct rev *r, const char *sql[REV_BY_MAX], struct err *e)
{
    bool area = structure_role(r->pull.structure, DIM_AREA) >= 0;
    struct str rest = str_of(r->o->by ? r->o->by : area ? "partner" : "year");
    for (bool more = true; more;) {
        const char *comma = memchr(rest.p, ',', rest.n);
        struct str word = {rest.p, comma ? (size_t)(comma - rest.p) : rest.n};
        const char *found = r->nby < REV_BY_MAX ? expression(r, word) : NULL;
        if (!found) {
            err_set(e, RC_USAGE, "REV-002", "--by: %.*s is nothing to add up by", STR_ARG(word));
            return err_hint(e,
                            "at most %d of partner, period, year, sender, submission, reason, or"
                            " dimensions of config/structures/%s.yaml",
                            REV_BY_MAX, r->pull.structure->id);
        }
        sql[r->nby] = found;
        r->by[r->nby++] = arena_text(&r->conf->arena, word);
        more = comma != NULL;
        rest = str_cut(rest, word.n + 1);
    }
    return 0;
}

static int read_groups(struct rev *r, const char *const sql[REV_BY_MAX], struct err *e)
{
    struct buf q;
    buf_init(&q, (size_t)1 << 20);
    buf_text(&q, "SELECT ");
    for (size_t i = 0; i < r->nby; i++)
        buf_fmt(&q, "g%zu, ", i);
    buf_text(&q, "count(diff), count(*) FILTER (WHERE what = 'revised'),"
                 " count(*) FILTER (WHERE diff > 0), count(*) FILTER (WHERE diff < 0),"
                 " count(*) FILTER (WHERE what = 'new'), count(*) FILTER (WHERE what = 'deleted'),"
                 " count(*) FILTER (WHERE what = 'given'), count(*) FILTER (WHERE what = 'taken'),"
                 " count(*) FILTER (WHERE what = 'marks'), coalesce(sum(diff), 0),"
                 " coalesce(sum(abs(diff)), 0), coalesce(sum(abs(now)) FILTER"
                 " (WHERE diff IS NOT NULL), 0) FROM (SELECT o.what, o.diff, o.now");
    for (size_t i = 0; i < r->nby; i++)
        buf_fmt(&q, ", (%s) COLLATE \"C\" AS g%zu", sql[i], i);
    relation(r, &q);
    buf_text(&q, ") z GROUP BY GROUPING SETS ((");
    for (size_t i = 0; i < r->nby; i++)
        buf_fmt(&q, "%sg%zu", i ? ", " : "", i);
    buf_text(&q, "), ()) ORDER BY grouping(g0) DESC");
    for (size_t i = 0; i < r->nby; i++)
        buf_fmt(&q, ", g%zu", i);
    int rc = buf_ok(&q, "the query", e);
    if (rc >= 0)
        rc = db_query(r->pull.db, "add up the revisions", buf_z(&q), r->pull.params,
                      r->pull.nparams + (r->o->from || r->o->to ? 2 : 0), &r->groups_rows, e);
    buf_free(&q);
    return rc;
}

static void take_sum(const struct db_result *rows, size_t i, size_t at, struct rev_sum *s)
{
    int64_t *const n[] = {&s->compared, &s->revised, &s->up,    &s->down, &s->added,
                          &s->dropped,  &s->given,   &s->taken, &s->marks};
    for (size_t k = 0; k < ARRAY_LEN(n); k++)
        *n[k] = db_integer(rows, i, at + k, 0);
    s->diff = db_value(rows, i, at + 9);
    s->size = db_value(rows, i, at + 10);
    s->later = db_value(rows, i, at + 11);
}

/* The first row is the sum of all. */
static void take_groups(struct rev *r)
{
    size_t n = db_rows(r->groups_rows);
    r->groups = mem_array(n + 1, sizeof *r->groups);
    for (size_t i = 0; i < n; i++) {
        struct rev_group *g = i ? &r->groups[r->ngroups++] : &r->total;
        for (size_t k = 0; i && k < r->nby; k++)
            g->key[k] = db_value(r->groups_rows, i, k);
        take_sum(r->groups_rows, i, r->nby, &g->sum);
    }
}

static int read_cells(struct rev *r, struct err *e)
{
    const struct structure *s = r->pull.structure;
    struct buf q;
    buf_init(&q, (size_t)1 << 20);
    buf_text(&q, "SELECT o.what, ");
    for (size_t i = 0; i < r->pull.ndims; i++) {
        buf_fmt(&q, "s.%s, ", r->pull.column[i]);
        r->dims[r->ndims++] = s->dims[i].id;
    }
    r->dims[r->ndims++] = "TIME_PERIOD";
    buf_text(&q, "rta.period_text(s.freq, o.period), o.old, o.now, o.diff, o.old_sub, o.sub,"
                 " coalesce(f.reason_code, '')");
    relation(r, &q);
    buf_text(&q, " AND o.what <> 'same'");
    if (!r->o->cells)
        buf_text(&q, " AND o.what = 'revised' ORDER BY abs(o.diff) DESC, ");
    else
        buf_text(&q, " ORDER BY ");
    for (size_t i = 0; i < r->pull.ndims; i++)
        buf_fmt(&q, "s.%s, ", r->pull.column[i]);
    buf_text(&q, "o.period, o.sub");
    if (!r->o->cells)
        buf_fmt(&q, " LIMIT %lld", (long long)r->o->top);
    int rc = buf_ok(&q, "the query", e);
    if (rc >= 0)
        rc = db_query(r->pull.db, "read the revisions", buf_z(&q), r->pull.params,
                      r->pull.nparams + (r->o->from || r->o->to ? 2 : 0), &r->cells_rows, e);
    buf_free(&q);
    return rc;
}

static void take_cells(struct rev *r)
{
    const struct db_result *rows = r->cells_rows;
    r->ncells = db_rows(rows);
    r->cells = mem_array(r->ncells + 1, sizeof *r->cells);
    for (size_t i = 0; i < r->ncells; i++) {
        struct rev_cell *c = &r->cells[i];
        size_t at = 0;
        c->what = db_value(rows, i, at++);
        for (size_t k = 0; k < r->ndims; k++)
            c->key[k] = db_value(rows, i, at++);
        c->old = db_value(rows, i, at++);
        c->now = db_value(rows, i, at++);
        c->diff = db_value(rows, i, at++);
        c->old_sub = db_value(rows, i, at++);
        c->sub = db_value(rows, i, at++);
        c->reason = db_value(rows, i, at);
    }
}

/* The two versions as parameters behind those of the selection, and in words. */
static int take_states(struct rev *r, struct err *e)
{
    struct db_result *got CLEANUP(db_result_freep) = NULL;
    struct arena *a = &r->conf->arena;
    const char *params[2];
    int rc = asof_text(r->pull.db, a, r->o->from, &params[0], e);
    if (rc >= 0)
        rc = asof_text(r->pull.db, a, r->o->to, &params[1], e);
    if (rc < 0)
        return rc;
    rc = db_query(r->pull.db, "find the versions",
                  "SELECT CASE WHEN $1 = '' THEN 0 ELSE rta.version_of($1) END,"
                  " rta.version_of($2)",
                  params, 2, &got, e);
    if (rc < 0)
        return rc;
    for (size_t i = 0; i < 2; i++)
        r->pull.params[r->pull.nparams + i] = arena_text(a, db_cell(got, 0, i));
    r->from = arena_fmt(a, "version %s", db_value(got, 0, 0));
    r->to = arena_fmt(a, "version %s", db_value(got, 0, 1));
    if (db_integer(got, 0, 0, 0) > db_integer(got, 0, 1, 0))
        return err_set(e, RC_USAGE, "REV-003", "--from (%s) is later than --to (%s)", r->from,
                       r->to);
    return 0;
}

int rev_store(struct rev *r, struct err *e)
{
    const char *sql[REV_BY_MAX];
    r->pull.st = r->st;
    r->pull.o = &r->o->pull;
    r->pull.conf = r->conf;
    int rc = pull_arguments(&r->pull, e);
    if (rc < 0 || (rc = take_by(r, sql, e)) < 0 ||
        (rc = db_open(&r->pull.db, NULL, "rta-revisions", e)) < 0 ||
        (rc = db_script(r->pull.db, "begin reading",
                        "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;"
                        " SET LOCAL work_mem = '128MB'; SET LOCAL jit = off",
                        e)) < 0)
        return rc;
    r->title = r->pull.structure->id;
    if ((r->o->from || r->o->to) && (rc = take_states(r, e)) < 0)
        return rc;
    rc = read_groups(r, sql, e);
    if (rc >= 0) {
        take_groups(r);
        rc = read_cells(r, e);
    }
    if (rc >= 0)
        take_cells(r);
    return rc;
}
