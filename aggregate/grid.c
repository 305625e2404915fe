/* grid.c — lays what came (grid_came.h) over what the calendar expects. The calendar is read here
 * and not kept in the store: it is configuration, has its own history, and a question about the
 * past may be asked with the calendar of today. */
#include "grid.h"

#include "asof.h"
#include "grid_came.h"
#include "map.h"
#include "mem.h"

/* What is being laid. */
struct lay {
    struct grid *g;
    const struct grid_want *want;
    struct came came;
    const char *mine;  /* whose deliveries are seen on their way: ",AL,"; NULL: everybody's */
    int32_t from, to;  /* days that periods must lie within */
    struct map *names; /* structure → name, in the arena */
};

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
    const char *params[1];
    int rc = asof_text(db, &g->conf->arena, l->want->as_of, &params[0], e);
    if (rc < 0)
        return rc;
    rc = db_query(db, "find the moment",
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

/* Whose deliveries on their way this login is shown; the rules of the store say so, not we. */
static int take_rights(struct lay *l, struct db *db, struct err *e)
{
    struct db_result *r CLEANUP(db_result_freep) = NULL;
    int rc =
        db_query(db, "ask what may be seen",
                 "SELECT rta.sees_all(), ',' || array_to_string(rta.my_partners(), ',') || ','",
                 NULL, 0, &r, e);
    if (rc < 0)
        return rc;
    l->g->sees_all = strcmp(db_value(r, 0, 0), "t") == 0;
    l->mine = l->g->sees_all ? NULL : arena_text(&l->g->conf->arena, db_cell(r, 0, 1));
    return 0;
}

static bool mine(const struct lay *l, const char *partner)
{
    char code[40];
    (void)snprintf(code, sizeof code, ",%.30s,", partner);
    return !l->mine || strstr(l->mine, code);
}

/* Partners in their order: one when it is asked for, and never one whose deliveries on their way
 * are not to be seen, for whom nothing true could be said. */
static int take_partners(struct lay *l, struct err *e)
{
    struct grid *g = l->g;
    const char *const *all, *one = l->want->partner;
    size_t n, kept = 0;
    int rc = calendar_partners(g->conf, g->calendar, g->today_text, &all, &n, e);
    if (rc < 0)
        return rc;
    const char **list = arena_array(&g->conf->arena, n + 1, sizeof *list);
    if (one) {
        all = &one;
        n = 1;
    }
    for (size_t i = 0; i < n; i++)
        if (mine(l, all[i]))
            list[kept++] = all[i];
    g->partners = list;
    g->npartners = kept;
    if (kept)
        return 0;
    err_set(e, RC_DENIED, "GRID-005", "what %s has on its way is not yours to see",
            one ? one : "a partner");
    return err_hint(e, "ask as a coordinator, or as an analyst of that partner");
}

static int ask(struct lay *l, struct db *db, struct err *e)
{
    struct db_result *names CLEANUP(db_result_freep) = NULL;
    struct arena *a = &l->g->conf->arena;
    const struct came_want want = {.moment = l->g->moment,
                                   .then = l->want->as_of != NULL,
                                   .structure = l->want->structure ? l->want->structure : "",
                                   .partner = l->want->partner ? l->want->partner : ""};
    int rc = came_read(&l->came, db, a, &want, e);
    if (rc >= 0)
        rc = db_query(db, "read the structures", "SELECT id, name FROM rta.structure", NULL, 0,
                      &names, e);
    for (size_t i = 0; rc >= 0 && i < db_rows(names); i++) {
        const char *name = arena_text(a, db_cell(names, i, 1));
        (void)map_put(l->names, db_cell(names, i, 0), (uint64_t)(uintptr_t)name, NULL);
    }
    return rc;
}

/* The day of a moment, UTC. */
static int32_t day_of(int64_t moment)
{
    return moment == NO_MOMENT ? NO_DAY : (int32_t)(moment / 86400 - (moment % 86400 < 0 ? 1 : 0));
}

static enum cell_first first_of(const struct came_cell *x)
{
    if (x->first_state < CELL_RECEIVED)
        return FIRST_FELL;
    return x->first_state < CELL_ACCEPTED ? FIRST_OPEN : FIRST_STOOD;
}

/* What the calendar alone says of a cell. */
static void expect(struct lay *l, const struct block *b, const char *partner, struct cell *c)
{
    c->rule = calendar_find(l->g->calendar, b->structure, partner, c->period);
    if (period_last_day(c->period) >= l->g->today)
        c->rule = NULL; /* not over: nothing is expected yet, but it may be there */
    c->due = c->rule ? calendar_day(c->period, c->rule->due) : NO_DAY;
    c->state = c->rule && l->g->today > c->due ? CELL_MISSING : CELL_NOT_DUE;
    if (c->rule && c->rule->sender && l->mine)
        c->state = CELL_UNSEEN; /* an outside source is no analyst's */
    c->received = c->latest = c->published = c->asked = NO_DAY;
}

static void fill(struct cell *c, const struct came_cell *x)
{
    c->state = (enum cell_state)(x->best >> 32);
    c->submission = x->best & 0xffffffff;
    c->first = first_of(x);
    c->received = day_of(x->received);
    c->latest = day_of(x->latest);
    c->published = day_of(x->published);
    c->open = x->open;
    c->asked = day_of(x->asked);
    c->deliveries = x->deliveries;
    c->sent_back = x->sent_back;
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

/* Is this a partner's own delivery, of somebody in the grid? */
static bool in_grid(const struct lay *l, const struct lane *lane)
{
    if (*lane->outside)
        return false;
    for (size_t i = 0; i < l->g->npartners; i++)
        if (strcmp(l->g->partners[i], lane->who) == 0)
            return true;
    return false;
}

static void widen_came(struct lay *l, struct span *s, const struct block *b)
{
    struct err ignored = {.rc = RC_OK};
    for (size_t i = 0; i < l->came.ncells; i++) {
        const struct lane *lane = &l->came.lanes[l->came.cells[i].lane];
        struct period p;
        if (lane->freq == b->freq && strcmp(lane->structure, b->structure) == 0 &&
            in_grid(l, lane) && period_of_code(&p, b->freq, l->came.cells[i].period, &ignored) >= 0)
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
    for (size_t i = 0; i < l->came.nlanes && l->want->all; i++)
        if (in_grid(l, &l->came.lanes[i]))
            add_block(l, l->came.lanes[i].structure, l->came.lanes[i].freq);
    for (size_t i = 0; i < g->nblocks; i++) {
        struct block *b = &g->blocks[i];
        struct span s = {.any = false};
        for (size_t k = 0; k < g->calendar->n; k++) {
            const struct calendar_rule *r = &g->calendar->rules[k];
            if (r->freq == b->freq && strcmp(r->structure, b->structure) == 0)
                widen_rule(l, &s, r);
        }
        if (l->want->all)
            widen_came(l, &s, b);
        reserve(g, b, &s);
    }
}

/* The cells of one partner in a block; gives how many of them the partner's own deliveries met. */
static uint64_t lay_row(struct lay *l, const struct block *b, size_t partner)
{
    const char *code = l->g->partners[partner], *from = NULL;
    struct lane lane = {b->structure, code, "", b->freq};
    int64_t own = came_lane(&l->came, &lane), at = own;
    uint64_t met = 0;
    for (size_t k = 0; k < b->periods; k++) {
        struct cell *c = grid_cell(l->g, b, partner, k);
        expect(l, b, code, c);
        const char *outside = c->rule ? c->rule->sender : NULL;
        if (outside != from) {
            lane.outside = outside ? outside : "";
            at = outside ? came_lane(&l->came, &lane) : own;
            from = outside;
        }
        const struct came_cell *x = came_find(&l->came, at, c->period);
        if (x && (c->rule || l->want->all)) {
            fill(c, x);
            met += !outside && x->deliveries > x->packets && c->rule;
        }
    }
    return met;
}

static void lay_cells(struct lay *l)
{
    struct grid *g = l->g;
    uint64_t met = 0, came = 0;
    for (size_t i = 0; i < g->nblocks; i++)
        for (size_t p = 0; p < g->npartners; p++)
            met += lay_row(l, &g->blocks[i], p);
    for (size_t i = 0; i < l->came.ncells; i++)
        came += l->came.cells[i].deliveries > l->came.cells[i].packets &&
                in_grid(l, &l->came.lanes[l->came.cells[i].lane]);
    g->unexpected = came > met ? came - met : 0;
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
    if ((rc = take_moment(l, db, e)) < 0 || (rc = take_rights(l, db, e)) < 0 ||
        (rc = take_partners(l, e)) < 0 || (rc = ask(l, db, e)) < 0)
        return rc;
    plan(l);
    lay_cells(l);
    return 0;
}

int grid_read(struct grid *g, struct stage *st, struct db *db, const struct grid_want *want,
              struct err *e)
{
    struct lay l = {.g = g, .want = want, .names = map_new(0)};
    int rc = db_script(db, "begin reading",
                       "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;"
                       " SET LOCAL work_mem = '64MB'; SET LOCAL jit = off;"
                       " SET LOCAL cursor_tuple_fraction = 1",
                       e);
    if (rc >= 0)
        rc = lay(&l, st, db, e);
    if (rc >= 0)
        rc = db_script(db, "end reading", "COMMIT", e);
    came_free(&l.came);
    map_free(l.names);
    return rc;
}

void grid_free(struct grid *g)
{
    mem_free(g->blocks);
    mem_free(g->cells);
    *g = (struct grid){.conf = NULL};
}
