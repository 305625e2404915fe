/* pull_from.c — where the observations of a version stand. Usually all current ones are in _obs and
 * the former ones in _hist. A submission that was just published and not settled yet has its rows
 * in _wait: what it ends or replaces is left out of _obs, what it brings is added, so that settling
 * changes no answer. docs/contracts/store.md. */
#include "pull.h"

#include "asof.h"

static int find_unsettled(struct pull *p, int64_t version, struct err *e)
{
    struct db_result *r CLEANUP(db_result_freep) = NULL;
    const char *params[] = {p->structure->id};
    int rc = db_query(p->db, "look for what is not settled",
                      "SELECT id, version FROM rta.submission"
                      " WHERE structure = $1 AND version IS NOT NULL AND NOT settled",
                      params, 1, &r, e);
    if (rc < 0 || db_rows(r) == 0 || db_integer(r, 0, 1, 0) > version)
        return rc;
    p->unsettled = db_integer(r, 0, 0, 0);
    /* there are no statistics of what waits: do not let the server take it for little */
    return db_script(p->db, "read what is not settled", "SET LOCAL enable_nestloop = off", e);
}

int pull_version(struct pull *p, struct err *e)
{
    int64_t version = 0, now = 0;
    int rc = asof_version(p->db, &p->conf->arena, p->o->as_of, &version, &now, e);
    if (rc < 0)
        return rc;
    (void)snprintf(p->version, sizeof p->version, "%lld", (long long)version);
    p->past = version != now;
    return find_unsettled(p, version, e);
}

#define OBS(a)                                                                            \
#a ".series_id, " #a ".period, " #a ".lineage_id, " #a ".from_sub, " #a ".value, " #a \
       ".obs_status, " #a ".conf_status, " #a ".comment, " #a ".nature, " #a ".src, " #a  \
       ".src_value"

/* What the unsettled submission brings, and the condition that a current row h is not touched by
 * it. */
static void waiting(const struct pull *p, struct buf *sql)
{
    buf_fmt(sql,
            " UNION ALL SELECT " OBS(h) "%s FROM rta.\"%s_wait\" h WHERE h.from_sub = %lld"
                                        " AND h.what IN ('n', 'r', 'c')",
            p->o->history ? ", NULL" : "", p->tab, (long long)p->unsettled);
}

static void untouched(const struct pull *p, struct buf *sql)
{
    buf_fmt(sql,
            " NOT EXISTS (SELECT FROM rta.\"%s_wait\" w WHERE w.from_sub = %lld"
            " AND w.series_id = h.series_id AND w.period = h.period AND w.what <> 'u')",
            p->tab, (long long)p->unsettled);
}

static void history(const struct pull *p, struct buf *sql)
{
    buf_fmt(sql,
            "(SELECT " OBS(h) ", h.to_sub FROM rta.\"%s_hist\" h UNION ALL"
                              " SELECT " OBS(h) ", %s AS to_sub FROM rta.\"%s_obs\" h",
            p->tab, p->unsettled ? "w.from_sub" : "NULL::integer", p->tab);
    if (p->unsettled) {
        buf_fmt(sql,
                " LEFT JOIN rta.\"%s_wait\" w ON w.from_sub = %lld AND w.what <> 'u'"
                " AND w.series_id = h.series_id AND w.period = h.period",
                p->tab, (long long)p->unsettled);
        waiting(p, sql);
    }
    buf_text(sql, ") o");
}

static void past(const struct pull *p, struct buf *sql)
{
    buf_fmt(sql,
            "(SELECT " OBS(h) " FROM rta.\"%s_obs\" h JOIN rta.submission f ON f.id = h.from_sub"
                              " WHERE f.version <= %s",
            p->tab, p->version);
    if (p->unsettled) {
        buf_text(sql, " AND");
        untouched(p, sql);
        waiting(p, sql);
    }
    buf_fmt(sql,
            " UNION ALL SELECT " OBS(h) " FROM rta.\"%s_hist\" h"
                                        " JOIN rta.submission f ON f.id = h.from_sub"
                                        " JOIN rta.submission t ON t.id = h.to_sub"
                                        " WHERE f.version <= %s AND t.version > %s) o",
            p->tab, p->version, p->version);
}

static void current(const struct pull *p, struct buf *sql)
{
    if (!p->unsettled) {
        buf_fmt(sql, "rta.\"%s_obs\" o", p->tab);
        return;
    }
    buf_fmt(sql, "(SELECT " OBS(h) " FROM rta.\"%s_obs\" h WHERE", p->tab);
    untouched(p, sql);
    waiting(p, sql);
    buf_text(sql, ") o");
}

void pull_from(const struct pull *p, struct buf *sql, bool ranked)
{
    buf_text(sql, " FROM ");
    if (p->o->history)
        history(p, sql);
    else if (p->past)
        past(p, sql);
    else
        current(p, sql);
    buf_text(sql, " JOIN (SELECT s.*");
    for (size_t i = 0; i < p->ndims && ranked; i++)
        buf_fmt(sql, "%ss.%s", i ? ", " : ", row_number() OVER (ORDER BY ", p->column[i]);
    buf_fmt(sql,
            "%s FROM rta.\"%s_series\" s WHERE true%s) s USING (series_id)"
            " JOIN rta.lineage l ON l.id = o.lineage_id WHERE true%s",
            ranked ? ") AS ord" : "", p->tab, buf_z(&p->where), buf_z(&p->when));
}
