/* grid_came.c — see grid_came.h. The rows of submissions are kept while those of their coverage go
 * by; then they are forgotten. */
#include "grid_came.h"

#include "grid.h"
#include "map.h"
#include "mem.h"

/* The state of every delivery: now as it stands; at a moment the last decision by then, and what
 * was published by then is published, unless another took its place. What was taken back is
 * withdrawn; the submission that does so (act T) is the desk's and no delivery. */
#define STATE_NOW "s.state, NULL"
#define STATE_THEN                                                                           \
    "CASE WHEN s.published_at <= $1::timestamptz AND coalesce(d.said & 15, 4) NOT IN (0, 2)" \
    " THEN 'published' ELSE 'received' END, d.said & 15"
/* The number of the last decision by then, with the state that it led to in its last four bits:
 * found in one pass, without sorting or joining. */
#define SAID                                                                                       \
    " LEFT JOIN (SELECT submission, max(id << 4 | CASE to_state WHEN 'published' THEN 9"           \
    "  WHEN 'accepted' THEN 7 WHEN 'received' THEN 4 WHEN 'approved' THEN 8 WHEN 'checked' THEN 5" \
    "  WHEN 'waiting' THEN 6 WHEN 'returned' THEN 3 WHEN 'withdrawn' THEN 2 WHEN 'refused' THEN 1" \
    "  ELSE 0 END) AS said FROM rta.decision WHERE at <= $1::timestamptz GROUP BY submission) d"   \
    " ON d.submission = s.id"
#define SECONDS(column) "floor(date_part('epoch', " column "))::bigint"
#define SUBMISSIONS(state, said)                                                                   \
    "SELECT s.id, s.structure, s.partner, CASE WHEN s.partner = '' THEN s.sender ELSE '' END,"     \
    " " SECONDS(                                                                                   \
        "s.received_at") ", " state ", t.supersedes IS NOT NULL,"                                  \
                         " CASE WHEN s.published_at <= $1::timestamptz THEN " SECONDS(             \
                             "s.published_at") " END,"                                             \
                                               " asked.open"                                       \
                                               " FROM rta.submission s LEFT JOIN (SELECT "         \
                                               "submission, count(*) AS open FROM rta.finding"     \
                                               "  WHERE level IN ('warning', 'question')"          \
                                               "  AND (answered_at IS NULL OR answered_at > "      \
                                               "$1::timestamptz) GROUP BY submission) asked"       \
                                               "  ON asked.submission = s.id"                      \
                                               " LEFT JOIN (SELECT DISTINCT supersedes FROM "      \
                                               "rta.submission WHERE act = 'T'"                    \
                                               "  AND state = 'published' AND published_at <= "    \
                                               "$1::timestamptz) t ON t.supersedes = s.id" said    \
                                               " WHERE s.act <> 'T' AND s.received_at <= "         \
                                               "$1::timestamptz AND ($2 = '' OR s.structure = $2)" \
                                               " AND ($3 = '' OR s.partner IN ('', $3))"
enum {
    S_ID,
    S_STRUCTURE,
    S_PARTNER,
    S_OUTSIDE,
    S_RECEIVED,
    S_STATE,
    S_SAID,
    S_TAKEN_BACK,
    S_PUBLISHED,
    S_OPEN
};

/* By submission, so that one which names several areas of a partner is met in one go. */
#define COVERAGE                                                                               \
    "SELECT submission, area, freq, period FROM rta.coverage WHERE ($1 = '' AND $2 = '')"      \
    " OR submission IN (SELECT s.id FROM rta.submission s WHERE ($1 = '' OR s.structure = $1)" \
    "  AND ($2 = '' OR s.partner IN ('', $2))) ORDER BY submission"
enum { C_SUBMISSION, C_AREA, C_FREQ, C_PERIOD };

/* What the inbox refused for its contents, with what its signed manifest says it was about. */
#define PACKETS                                                                                  \
    "SELECT d.id, d.partner, d.manifest ->> 'structure', p, " SECONDS(                           \
        "d.received_at") " FROM rta.delivery d, jsonb_array_elements_text(d.manifest -> "        \
                         "'periods') p"                                                          \
                         " WHERE d.state = 'refused' AND d.chained AND d.partner <> ''"          \
                         " AND d.received_at <= $1::timestamptz AND ($2 = '' OR d.manifest ->> " \
                         "'structure' = $2)"                                                     \
                         " AND ($3 = '' OR d.partner = $3)"
enum { P_ID, P_PARTNER, P_STRUCTURE, P_PERIOD, P_RECEIVED };

struct sub {
    int64_t id, received, published;
    int state;
    int32_t open;
    const char *structure, *partner, *outside; /* partner "": who it speaks for is its areas */
};

/* Submissions by number: at[id] is 1 + its place, 0 when it is not asked about. */
struct subs {
    struct sub *items;
    uint32_t *at;
    size_t n, cap, top;
};

/* A word of the database, kept once. */
static const char *word(struct came *c, struct str s)
{
    uint64_t *slot = map_put(c->words, s, 0, NULL);
    if (!slot)
        return "";
    if (!*slot)
        *slot = (uint64_t)(uintptr_t)arena_text(c->a, s);
    return (const char *)(uintptr_t)*slot;
}

static int state_of(const struct db_result *r, size_t i)
{
    const char *text = db_value(r, i, S_STATE);
    int s = CELL_PUBLISHED;
    if (db_value(r, i, S_TAKEN_BACK)[0] == 't')
        return CELL_WITHDRAWN;
    if (!db_null(r, i, S_SAID) && strcmp(text, "published") != 0)
        return (int)db_integer(r, i, S_SAID, CELL_RECEIVED);
    while (s > CELL_SUPERSEDED && strcmp(state_word((enum cell_state)s), text) != 0)
        s--;
    return s;
}

static void take_sub(struct came *c, struct subs *s, const struct db_result *r, size_t i)
{
    int64_t id = db_integer(r, i, S_ID, 0);
    bool back = db_value(r, i, S_TAKEN_BACK)[0] == 't';
    if (id <= 0 || id > INT32_MAX)
        return;
    if (s->n == s->cap)
        s->items = mem_resize(s->items, (s->cap = s->cap ? 2 * s->cap : 256) * sizeof *s->items);
    if ((size_t)id >= s->top) {
        size_t top = (size_t)id + (size_t)id / 2 + 256;
        s->at = mem_resize(s->at, top * sizeof *s->at);
        memset(s->at + s->top, 0, (top - s->top) * sizeof *s->at);
        s->top = top;
    }
    s->items[s->n] =
        (struct sub){.id = id,
                     .received = db_integer(r, i, S_RECEIVED, 0),
                     .published = back ? NO_MOMENT : db_integer(r, i, S_PUBLISHED, NO_MOMENT),
                     .state = state_of(r, i),
                     .open = (int32_t)db_integer(r, i, S_OPEN, 0),
                     .structure = word(c, db_cell(r, i, S_STRUCTURE)),
                     .partner = word(c, db_cell(r, i, S_PARTNER)),
                     .outside = word(c, db_cell(r, i, S_OUTSIDE))};
    s->at[id] = (uint32_t)++s->n;
}

static size_t lane_key(const struct lane *l, char ret[256])
{
    const char *const part[] = {l->structure, l->who, l->outside};
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(part); i++) {
        size_t len = strlen(part[i]);
        len = len < 80 ? len : 80; /* codes are shorter */
        memcpy(ret + n, part[i], len);
        n += len;
        ret[n++] = '\x1f';
    }
    ret[n++] = (char)l->freq;
    return n;
}

static uint32_t lane_put(struct came *c, const struct lane *l)
{
    char key[256];
    bool fresh = false;
    size_t at = map_intern(c->lane_keys, (struct str){key, lane_key(l, key)}, &fresh);
    if (fresh) {
        if (c->nlanes == c->lane_cap)
            c->lanes = mem_resize(c->lanes, (c->lane_cap = c->lane_cap ? 2 * c->lane_cap : 64) *
                                                sizeof *c->lanes);
        c->lanes[c->nlanes++] = *l;
    }
    return (uint32_t)at;
}

struct cell_key {
    uint32_t lane;
    int32_t period;
};

static struct came_cell *cell_put(struct came *c, uint32_t lane, int32_t period)
{
    struct cell_key key = {lane, period};
    bool fresh = false;
    size_t at = map_intern(c->cell_keys, (struct str){(const char *)&key, sizeof key}, &fresh);
    if (at == SIZE_MAX)
        return NULL;
    if (fresh) {
        if (c->ncells == c->cell_cap)
            c->cells = mem_resize(c->cells, (c->cell_cap = c->cell_cap ? 2 * c->cell_cap : 1024) *
                                                sizeof *c->cells);
        c->cells[c->ncells++] = (struct came_cell){.lane = lane,
                                                   .period = period,
                                                   .best = -1,
                                                   .first = NO_MOMENT,
                                                   .received = NO_MOMENT,
                                                   .latest = NO_MOMENT,
                                                   .published = NO_MOMENT,
                                                   .asked = NO_MOMENT};
    }
    return &c->cells[at];
}

static void earlier(int64_t *at, int64_t moment)
{
    if (*at == NO_MOMENT || moment < *at)
        *at = moment;
}

static void add(struct came_cell *x, const struct sub *s)
{
    bool stands = s->state >= CELL_RECEIVED;
    int64_t best = ((int64_t)s->state << 32) | (s->id > 0 ? s->id : 0);
    if (x->deliveries++ && x->counted == s->id) {
        x->deliveries--;
        return;
    }
    x->counted = s->id;
    x->packets += s->id < 0;
    x->sent_back += s->state == CELL_RETURNED;
    x->best = best > x->best ? best : x->best;
    if (x->first == NO_MOMENT || s->received < x->first ||
        (s->received == x->first && s->id < x->first_number)) {
        x->first = s->received;
        x->first_number = s->id;
        x->first_state = s->state;
    }
    if (stands || s->state == CELL_SUPERSEDED)
        earlier(&x->received, s->received);
    if (s->published != NO_MOMENT)
        earlier(&x->published, s->published);
    if (!stands)
        return;
    x->latest = s->received > x->latest ? s->received : x->latest;
    x->open += s->open;
    if (s->open)
        earlier(&x->asked, s->received);
}

/* One row of coverage; *ret_lane is that of the row before, used when it is the same. */
static int cover(struct came *c, const struct sub *s, struct str area, char freq, int32_t period,
                 struct err *e)
{
    struct lane l = {.structure = s->structure,
                     .who = *s->partner ? s->partner : word(c, area),
                     .outside = s->outside,
                     .freq = (enum freq)freq};
    struct came_cell *x = cell_put(c, lane_put(c, &l), period);
    if (!x)
        return err_set(e, RC_SYSTEM, "GRID-006", "more periods came than fit into memory");
    add(x, s);
    return 0;
}

static int read_subs(struct came *c, struct db *db, const struct came_want *w, struct subs *s,
                     struct err *e)
{
    const char *params[] = {w->moment, w->structure, w->partner};
    struct db_result *r = NULL;
    int rc = db_stream(db, "read what came",
                       w->then ? SUBMISSIONS(STATE_THEN, SAID) : SUBMISSIONS(STATE_NOW, ""), params,
                       ARRAY_LEN(params), e);
    while (rc >= 0 && (rc = db_stream_next(db, &r, e)) > 0) {
        for (size_t i = 0; i < db_rows(r); i++)
            take_sub(c, s, r, i);
        db_result_free(r);
    }
    return rc;
}

static int read_coverage(struct came *c, struct db *db, const struct came_want *w,
                         const struct subs *s, struct err *e)
{
    const char *params[] = {w->structure, w->partner};
    struct db_result *r = NULL;
    int rc = db_stream(db, "read what it covers", COVERAGE, params, ARRAY_LEN(params), e);
    while (rc >= 0 && (rc = db_stream_next(db, &r, e)) > 0) {
        for (size_t i = 0; i < db_rows(r) && rc >= 0; i++) {
            size_t id = (size_t)db_integer(r, i, C_SUBMISSION, 0);
            if (id < s->top && s->at[id])
                rc = cover(c, &s->items[s->at[id] - 1], db_cell(r, i, C_AREA),
                           db_value(r, i, C_FREQ)[0], (int32_t)db_integer(r, i, C_PERIOD, 0), e);
        }
        db_result_free(r);
    }
    return rc;
}

static int read_packets(struct came *c, struct db *db, const struct came_want *w, struct err *e)
{
    const char *params[] = {w->moment, w->structure, w->partner};
    struct db_result *r CLEANUP(db_result_freep) = NULL;
    int rc = db_query(db, "read what was refused", PACKETS, params, ARRAY_LEN(params), &r, e);
    for (size_t i = 0; rc >= 0 && i < db_rows(r); i++) {
        struct period p;
        struct err ignored = {.rc = RC_OK};
        if (period_parse(&p, db_cell(r, i, P_PERIOD), &ignored) < 0)
            continue;
        struct sub s = {.id = -db_integer(r, i, P_ID, 1),
                        .received = db_integer(r, i, P_RECEIVED, 0),
                        .published = NO_MOMENT,
                        .state = CELL_REFUSED,
                        .structure = word(c, db_cell(r, i, P_STRUCTURE)),
                        .partner = word(c, db_cell(r, i, P_PARTNER)),
                        .outside = ""};
        rc = cover(c, &s, STR(""), (char)p.freq, period_code(p), e);
    }
    return rc;
}

int came_read(struct came *c, struct db *db, struct arena *a, const struct came_want *want,
              struct err *e)
{
    struct subs s = {.items = NULL};
    *c = (struct came){
        .a = a, .lane_keys = map_new(0), .cell_keys = map_new(0), .words = map_new(0)};
    int rc = read_subs(c, db, want, &s, e);
    if (rc >= 0)
        rc = read_coverage(c, db, want, &s, e);
    if (rc >= 0)
        rc = read_packets(c, db, want, e);
    mem_free(s.items);
    mem_free(s.at);
    return rc;
}

int64_t came_lane(const struct came *c, const struct lane *l)
{
    char key[256];
    const uint64_t *at = map_find(c->lane_keys, (struct str){key, lane_key(l, key)});
    return at ? (int64_t)*at : -1;
}

const struct came_cell *came_find(const struct came *c, int64_t lane, struct period p)
{
    struct cell_key key = {(uint32_t)lane, period_code(p)};
    const uint64_t *at =
        lane < 0 ? NULL : map_find(c->cell_keys, (struct str){(const char *)&key, sizeof key});
    return at ? &c->cells[*at] : NULL;
}

void came_free(struct came *c)
{
    map_free(c->lane_keys);
    map_free(c->cell_keys);
    map_free(c->words);
    mem_free(c->lanes);
    mem_free(c->cells);
    *c = (struct came){.a = NULL};
}
