/* grid.c — reads the store's accounts set by set (one query, one row a cell that something came
 * for) and lays them over what the calendar expects. The calendar is read here and not kept in the
 * store: it is configuration, has its own history, and a question about the past may be asked with
 * the calendar of today. */
#include "grid.h"

#include "map.h"
#include "mem.h"

/* Columns of the query. */
enum {
    Q_STRUCTURE,
    Q_WHO,
    Q_OUTSIDE,
    Q_FREQ,
    Q_PERIOD,
    Q_BEST,
    Q_FIRST,
    Q_RECEIVED,
    Q_LATEST,
    Q_PUBLISHED,
    Q_OPEN,
    Q_ASKED,
    Q_DELIVERIES,
    Q_BACK
};

/* The state of every delivery: now as it stands; at a moment the last decision by then, and what
 * was published by then is published, unless another took its place. What was taken back is
 * withdrawn; the submission that does so (act T) is the desk's and no delivery. Deliveries of a
 * partner count for the partner, those of an outside source for the areas that they cover. best:
 * state and number packed, so that the highest is found without sorting; first: moment, number and
 * whether it stood, likewise. */
#define STATES                                                                       \
    "ARRAY['superseded', 'refused', 'withdrawn', 'returned', 'received', 'checked'," \
    " 'waiting', 'accepted', 'approved', 'published']"
#define STATE_NOW "array_position(" STATES ", s.state) - 1"
#define STATE_THEN                                                            \
    "CASE WHEN s.published_at <= $1::timestamptz"                             \
    " AND coalesce(d.to_state, '') NOT IN ('withdrawn', 'superseded') THEN 9" \
    " ELSE array_position(" STATES ", coalesce(d.to_state, 'received')) - 1 END"
#define SAID                                                                                     \
    " LEFT JOIN (SELECT d.submission, d.to_state FROM rta.decision d JOIN (SELECT max(id) AS id" \
    " FROM rta.decision WHERE at <= $1::timestamptz GROUP BY submission) m USING (id)) d"        \
    " ON d.submission = s.id"
#define QUERY(state, said)                                                                        \
    "WITH asked AS (SELECT submission, count(*)::integer AS open FROM rta.finding"                \
    "  WHERE level IN ('warning', 'question')"                                                    \
    "  AND (answered_at IS NULL OR answered_at > $1::timestamptz) GROUP BY submission),"          \
    " s AS (SELECT s.id, s.structure, s.partner, s.sender, asked.open,"                           \
    "  date_part('epoch', s.received_at)::bigint AS received,"                                    \
    "  CASE WHEN t.supersedes IS NOT NULL THEN 2 ELSE " state " END AS state,"                    \
    "  CASE WHEN t.supersedes IS NULL AND s.published_at <= $1::timestamptz"                      \
    "   THEN (s.published_at AT TIME ZONE 'UTC')::date - date '1970-01-01' END AS published"      \
    "  FROM rta.submission s LEFT JOIN asked ON asked.submission = s.id" said                     \
    "  LEFT JOIN (SELECT DISTINCT supersedes FROM rta.submission WHERE act = 'T'"                 \
    "   AND state = 'published' AND published_at <= $1::timestamptz) t ON t.supersedes = s.id"    \
    "  WHERE s.act <> 'T' AND s.received_at <= $1::timestamptz AND ($2 = '' OR s.structure = $2)" \
    "   AND ($3 = '' OR s.partner IN ('', $3))),"                                                 \
    " one AS (SELECT s.id, s.structure, CASE WHEN s.partner = '' THEN c.area ELSE s.partner END"  \
    "   AS who, CASE WHEN s.partner = '' THEN s.sender ELSE '' END AS outside, c.freq, c.period," \
    "   min(s.state)::bigint AS state, min(s.open) AS open, min(s.received) AS received,"         \
    "   min(s.published) AS published"                                                            \
    "  FROM rta.coverage c JOIN s ON s.id = c.submission GROUP BY 1, 2, 3, 4, 5, 6)"              \
    " SELECT structure, who, outside, freq, period, max((state << 32) | id),"                     \
    "  min((received << 32) | (id::bigint * 2) | CASE WHEN state >= 4 THEN 1 ELSE 0 END),"        \
    "  min(received) FILTER (WHERE state >= 4 OR state = 0) / 86400,"                             \
    "  max(received) FILTER (WHERE state >= 4) / 86400, min(published),"                          \
    "  coalesce(sum(open) FILTER (WHERE state >= 4), 0),"                                         \
    "  min(received) FILTER (WHERE state >= 4 AND open > 0) / 86400, count(*),"                   \
    "  count(*) FILTER (WHERE state = 3) FROM one GROUP BY 1, 2, 3, 4, 5"

/* What is being laid. */
struct lay {
    struct grid *g;
    const struct grid_want *want;
    struct db_result *rows;
    struct map *found; /* key of a cell → row */
    int32_t from, to;  /* days that periods must lie within */
    struct map *names; /* structure → name, in the arena */
};

static void key_of(char ret[160], const char *structure, const char *who, const char *outside,
                   const char *period)
{
    (void)snprintf(ret, 160, "%s\x1f%s\x1f%s\x1f%s", structure, who, outside, period);
}

static int find_partner(struct grid *g, const char *code, struct err *e)
{
    if (region_partner(g->region, str_of(code)))
        return 0;
    err_set(e, RC_USAGE, "GRID-001", "%s is no partner of the region", code);
    return err_hint(e, "see the partners in config/region.yaml");
}

static int find_structure(struct conf *c, const char *id, struct err *e)
{
    const char *path;
    struct err why = {.rc = RC_OK};
    if (conf_path(c, "structures", id, "yaml", &path, &why) >= 0)
        return 0;
    err_set(e, RC_USAGE, "GRID-002", "structure %s: %s", id, why.text);
    return err_hint(e, "%s", why.hint);
}

static int edge(struct str text, struct period *ret, struct err *e)
{
    struct err why = {.rc = RC_OK};
    if (text.n == 0 || period_parse(ret, text, &why) >= 0)
        return 0;
    err_set(e, RC_USAGE, "GRID-003", "--period: %s", why.text);
    return err_hint(e, "write 2026-Q1, 2024..2026, 2024.. or ..2025");
}

static int take_span(struct lay *l, const char *text, struct err *e)
{
    struct period from = {FREQ_ANNUAL, 1000, 1}, to = {FREQ_ANNUAL, 9998, 1};
    if (text) {
        const char *dots = strstr(text, "..");
        struct str a = dots ? (struct str){text, (size_t)(dots - text)} : str_of(text);
        struct str b = dots ? str_of(dots + 2) : a;
        int rc = edge(a, &from, e);
        if (rc < 0 || (rc = edge(b, &to, e)) < 0)
            return rc;
        if ((a.n == 0 && b.n == 0) || period_last_day(to) < period_first_day(from))
            return err_set(e, RC_USAGE, "GRID-004", "--period holds no time: %s", text);
    }
    l->from = period_first_day(from);
    l->to = period_last_day(to);
    return 0;
}

/* The moment that is asked about, and the day that counts as today in it. */
static int take_moment(struct lay *l, struct db *db, struct err *e)
{
    struct grid *g = l->g;
    struct db_result *r CLEANUP(db_result_freep) = NULL;
    const char *params[] = {l->want->as_of ? l->want->as_of : ""};
    int rc = db_query(db, "find the moment",
                      "SELECT to_char(m, 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'),"
                      " to_char(m, 'YYYY-MM-DD') FROM rta.moment_of($1) m",
                      params, 1, &r, e);
    if (rc < 0)
        return rc;
    (void)snprintf(g->moment, sizeof g->moment, "%s", db_value(r, 0, 0));
    const char *today = l->want->today ? l->want->today : db_value(r, 0, 1);
    if (!l->want->today && !l->want->as_of)
        g->today = day_today();
    else if ((rc = day_parse(&g->today, today, "--today", e)) < 0)
        return rc;
    day_text(g->today, g->today_text);
    return 0;
}

static int ask(struct lay *l, struct db *db, struct err *e)
{
    struct db_result *names CLEANUP(db_result_freep) = NULL;
    struct arena *a = &l->g->conf->arena;
    const char *params[] = {l->g->moment, l->want->structure ? l->want->structure : "",
                            l->want->partner ? l->want->partner : ""};
    const char *sql = l->want->as_of ? QUERY(STATE_THEN, SAID) : QUERY(STATE_NOW, "");
    int rc = db_query(db, "read what came", sql, params, ARRAY_LEN(params), &l->rows, e);
    if (rc >= 0)
        rc = db_query(db, "read the structures", "SELECT id, name FROM rta.structure", NULL, 0,
                      &names, e);
    if (rc < 0)
        return rc;
    for (size_t i = 0; i < db_rows(names); i++) {
        const char *name = arena_text(a, db_cell(names, i, 1));
        (void)map_put(l->names, db_cell(names, i, 0), (uint64_t)(uintptr_t)name, NULL);
    }
    for (size_t i = 0; i < db_rows(l->rows); i++) {
        char key[160], period[PERIOD_TEXT_MAX];
        struct period p;
        rc = period_of_code(&p, (enum freq)db_value(l->rows, i, Q_FREQ)[0],
                            (int32_t)db_integer(l->rows, i, Q_PERIOD, 0), e);
        if (rc < 0)
            return rc;
        (void)period_text(p, period);
        key_of(key, db_value(l->rows, i, Q_STRUCTURE), db_value(l->rows, i, Q_WHO),
               db_value(l->rows, i, Q_OUTSIDE), period);
        (void)map_put(l->found, str_of(key), i, NULL);
    }
    return 0;
}

static int32_t day_or_none(const struct db_result *r, size_t row, size_t col)
{
    return db_null(r, row, col) ? NO_DAY : (int32_t)db_integer(r, row, col, 0);
}

static void fill(struct lay *l, const struct block *b, const char *partner, struct cell *c)
{
    const struct db_result *r = l->rows;
    char key[160], period[PERIOD_TEXT_MAX];
    c->rule = calendar_find(l->g->calendar, b->structure, partner, c->period);
    if (period_last_day(c->period) >= l->g->today)
        c->rule = NULL; /* not over: nothing is expected yet, but it may be there */
    c->due = c->rule ? calendar_day(c->period, c->rule->due) : NO_DAY;
    c->state = c->rule && l->g->today > c->due ? CELL_MISSING : CELL_NOT_DUE;
    c->received = c->latest = c->published = c->asked = NO_DAY;
    (void)period_text(c->period, period);
    key_of(key, b->structure, partner, c->rule && c->rule->sender ? c->rule->sender : "", period);
    const uint64_t *row = map_find(l->found, str_of(key));
    if (!row)
        return;
    size_t i = (size_t)*row;
    int64_t best = db_integer(r, i, Q_BEST, 0);
    c->state = (enum cell_state)(best >> 32);
    c->submission = best & 0xffffffff;
    c->first_stood = db_integer(r, i, Q_FIRST, 0) & 1;
    c->received = day_or_none(r, i, Q_RECEIVED);
    c->latest = day_or_none(r, i, Q_LATEST);
    c->published = day_or_none(r, i, Q_PUBLISHED);
    c->open = (int32_t)db_integer(r, i, Q_OPEN, 0);
    c->asked = day_or_none(r, i, Q_ASKED);
    c->deliveries = (int32_t)db_integer(r, i, Q_DELIVERIES, 0);
    c->sent_back = (int32_t)db_integer(r, i, Q_BACK, 0);
}

/* The first and last period of a block: what its rules expect by today, and what came. */
struct span {
    struct period from, to;
    bool any;
};

static void widen(struct lay *l, struct span *s, struct period p)
{
    if (period_first_day(p) < l->from || period_last_day(p) > l->to)
        return;
    if (!s->any || period_cmp(p, s->from) < 0)
        s->from = p;
    if (!s->any || period_cmp(s->to, p) < 0)
        s->to = p;
    s->any = true;
}

static struct period at_day(enum freq f, int32_t day)
{
    struct period d = period_add((struct period){FREQ_DAY, 1970, 1}, day), p = d;
    if (f != FREQ_DAY)
        (void)period_parent(d, f, &p);
    return p;
}

/* Periods of a rule that are over by today and lie within the days asked for. */
static void widen_rule(struct lay *l, struct span *s, const struct calendar_rule *r)
{
    struct period last = period_add(at_day(r->freq, l->g->today), -1), first = r->from;
    if (r->ends && period_cmp(r->to, last) < 0)
        last = r->to;
    while (period_cmp(first, last) <= 0 && period_first_day(first) < l->from)
        first = period_add(first, 1);
    while (period_cmp(first, last) <= 0 && period_last_day(last) > l->to)
        last = period_add(last, -1);
    if (period_cmp(first, last) <= 0) {
        widen(l, s, first);
        widen(l, s, last);
    }
}

static void widen_rows(struct lay *l, struct span *s, const struct block *b)
{
    struct err ignored = {.rc = RC_OK};
    for (size_t i = 0; i < db_rows(l->rows); i++) {
        struct period p;
        if (db_value(l->rows, i, Q_FREQ)[0] == (char)b->freq &&
            strcmp(db_value(l->rows, i, Q_STRUCTURE), b->structure) == 0 &&
            !db_value(l->rows, i, Q_OUTSIDE)[0] &&
            period_of_code(&p, b->freq, (int32_t)db_integer(l->rows, i, Q_PERIOD, 0), &ignored) >=
                0)
            widen(l, s, p);
    }
}

/* Reserve the block's cells; their periods are set, nothing else. */
static void reserve(struct grid *g, struct block *b, const struct span *s)
{
    b->from = s->from;
    b->periods = s->any ? (size_t)period_between(s->from, s->to) + 1 : 0;
    b->first = g->ncells;
    g->ncells += b->periods * g->npartners;
    g->cells = mem_resize(g->cells, (g->ncells + 1) * sizeof *g->cells);
    memset(g->cells + b->first, 0, b->periods * g->npartners * sizeof *g->cells);
    for (size_t i = 0; i < g->npartners; i++)
        for (size_t k = 0; k < b->periods; k++)
            grid_cell(g, b, i, k)->period = period_add(s->from, (int)k);
}

static void add_block(struct lay *l, const char *structure, enum freq freq)
{
    struct grid *g = l->g;
    for (size_t i = 0; i < g->nblocks; i++)
        if (g->blocks[i].freq == freq && strcmp(g->blocks[i].structure, structure) == 0)
            return;
    const uint64_t *name = map_find(l->names, str_of(structure));
    g->blocks = mem_resize(g->blocks, (g->nblocks + 1) * sizeof *g->blocks);
    g->blocks[g->nblocks++] =
        (struct block){.structure = structure,
                       .name = name ? (const char *)(uintptr_t)*name : structure,
                       .freq = freq};
}

/* Which blocks there are: those of the calendar in its order, then, when all is asked for, those of
 * what came besides. */
static void plan(struct lay *l)
{
    struct grid *g = l->g;
    const char *only = l->want->structure;
    for (size_t i = 0; i < g->calendar->n; i++)
        if (!only || strcmp(only, g->calendar->rules[i].structure) == 0)
            add_block(l, g->calendar->rules[i].structure, g->calendar->rules[i].freq);
    for (size_t i = 0; i < db_rows(l->rows) && l->want->all; i++)
        if (!db_value(l->rows, i, Q_OUTSIDE)[0])
            add_block(l, arena_text(&g->conf->arena, db_cell(l->rows, i, Q_STRUCTURE)),
                      (enum freq)db_value(l->rows, i, Q_FREQ)[0]);
    for (size_t i = 0; i < g->nblocks; i++) {
        struct block *b = &g->blocks[i];
        struct span s = {.any = false};
        for (size_t k = 0; k < g->calendar->n; k++) {
            const struct calendar_rule *r = &g->calendar->rules[k];
            if (r->freq == b->freq && strcmp(r->structure, b->structure) == 0)
                widen_rule(l, &s, r);
        }
        if (l->want->all)
            widen_rows(l, &s, b);
        reserve(g, b, &s);
    }
}

static void lay_cells(struct lay *l)
{
    struct grid *g = l->g;
    uint64_t met = 0, rows = 0;
    for (size_t i = 0; i < g->nblocks; i++)
        for (size_t p = 0; p < g->npartners; p++)
            for (size_t k = 0; k < g->blocks[i].periods; k++) {
                struct cell *c = grid_cell(g, &g->blocks[i], p, k);
                fill(l, &g->blocks[i], g->partners[p], c);
                met += c->deliveries > 0 && c->rule && !c->rule->sender;
                if (!c->rule && !l->want->all)
                    c->deliveries = 0;
            }
    for (size_t i = 0; i < db_rows(l->rows); i++)
        rows += !db_value(l->rows, i, Q_OUTSIDE)[0] &&
                region_partner(g->region, db_cell(l->rows, i, Q_WHO));
    g->unexpected = rows > met ? rows - met : 0;
}

static int lay(struct lay *l, struct stage *st, struct db *db, struct err *e)
{
    struct grid *g = l->g;
    int rc = stage_conf(st, &g->conf, e);
    if (rc < 0 || (rc = region_load(g->conf, &g->region, e)) < 0 ||
        (rc = calendar_load(g->conf, &g->calendar, e)) < 0 ||
        (rc = take_span(l, l->want->period, e)) < 0)
        return rc;
    if (l->want->partner && (rc = find_partner(g, l->want->partner, e)) < 0)
        return rc;
    if (l->want->structure && (rc = find_structure(g->conf, l->want->structure, e)) < 0)
        return rc;
    if ((rc = take_moment(l, db, e)) < 0)
        return rc;
    rc = calendar_partners(g->conf, g->calendar, g->today_text, &g->partners, &g->npartners, e);
    if (rc < 0)
        return rc;
    if (l->want->partner) {
        const char **one = arena_new(&g->conf->arena, sizeof *one);
        *one = l->want->partner;
        g->partners = one;
        g->npartners = 1;
    }
    if ((rc = ask(l, db, e)) < 0)
        return rc;
    plan(l);
    lay_cells(l);
    return 0;
}

int grid_read(struct grid *g, struct stage *st, struct db *db, const struct grid_want *want,
              struct err *e)
{
    struct lay l = {.g = g, .want = want, .found = map_new(0), .names = map_new(0)};
    int rc = lay(&l, st, db, e);
    db_result_free(l.rows);
    map_free(l.found);
    map_free(l.names);
    return rc;
}

void grid_free(struct grid *g)
{
    mem_free(g->blocks);
    mem_free(g->cells);
    *g = (struct grid){.conf = NULL};
}
