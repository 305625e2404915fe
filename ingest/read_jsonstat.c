/* read_jsonstat.c — JSON-stat 1.x and 2.0 with Eurostat's dialect. Values and status are two lanes
 * that are read side by side from two places of the kept input; where one of them is an object
 * without order, the status is looked up instead. Owns the kept input, the cube and the lanes. */
#include "read_jsonstat.h"

#include "bounds.h"
#include "mem.h"

#define STATUS_MAX ((size_t)8 << 20) /* entries of a status without order */

struct lane {
    enum lane_kind kind;
    struct walk w;
    uint64_t at; /* the cell of the current entry */
    bool have;   /* there is one */
    bool begun;
    struct buf text; /* its text; empty for null */
};

struct pass {
    struct jsonstat *r;
    struct lane value, status;
    struct map *lookup, *words; /* cell → number of a word; when the lanes cannot go together */
    struct read_row row;
};

static int lane_open(struct lane *l, struct jsonstat *r, const struct lane_at *at, struct err *e)
{
    l->kind = at->kind;
    buf_init(&l->text, LIMIT_JSON_STRING + 16);
    if (at->kind != LANE_ARRAY && at->kind != LANE_OBJECT)
        return 0;
    int rc = walk_at(&l->w, r->feed, at->place, e);
    if (at->kind == LANE_OBJECT)
        jscan_loose(l->w.j);
    return rc;
}

static void lane_free(struct lane *l)
{
    walk_free(&l->w);
    buf_free(&l->text);
}

/* The next entry of a lane into it. */
static int lane_next(struct lane *l, const struct jsonstat *r, const char *what, struct err *e)
{
    int rc;
    uint64_t at = l->begun ? l->at + 1 : 0;
    rc = l->kind == LANE_OBJECT ? walk_member(&l->w, e) : walk_item(&l->w, e);
    l->have = rc > 0;
    l->begun = true;
    if (rc <= 0)
        return rc;
    if (l->kind == LANE_OBJECT && !walk_number(buf_view(&l->w.key), UINT64_MAX, &at))
        at = UINT64_MAX;
    if (at >= r->cube.cells) {
        struct str key = l->kind == LANE_OBJECT ? buf_view(&l->w.key) : STR("too many");
        err_set(e, RC_DATA, "WIRE-030", "%s has a cell %.*s, but the sizes make %llu cells", what,
                STR_ARG(key), (unsigned long long)r->cube.cells);
        return walk_fault(&l->w, e);
    }
    l->at = at;
    buf_reset(&l->text);
    if (walk_scalar(&l->w))
        buf_str(&l->text, l->w.t.text);
    else if (l->w.t.kind != JSCAN_NULL)
        return walk_want(&l->w, JSCAN_NUMBER, what, e);
    return 0;
}

/* --- one cell -----------------------------------------------------------------------------------
 */

/* A status that says why there is no value is the mark of a missing value; others are flags. */
static bool is_mark(const struct profile *p, struct str status)
{
    const struct profile_miss *m = p->missing.items;
    for (size_t i = 0; i < p->missing.n; i++)
        if (str_is(status, m[i].mark))
            return true;
    return str_is(status, ":");
}

static int cell(struct pass *s, uint64_t at, struct str text, struct str status, struct err *e)
{
    struct jsonstat *r = s->r;
    const struct walk *w = s->value.have && s->value.at == at ? &s->value.w : &s->status.w;
    cube_seek(&r->cube, at);
    cube_fill(&r->cube, &s->row);
    s->row.line = w->t.place.line;
    s->row.raw = text;
    s->row.attrs[ATTR_STATUS] = status;
    if (!text.n && is_mark(r->p, status)) {
        text = status;
        s->row.attrs[ATTR_STATUS] = STR("");
    }
    return desk_cell(r->d, &s->row, text, w->t.place.col, e);
}

/* --- side by side -------------------------------------------------------------------------------
 */

/* The next cell of either lane, or of both. */
static int step(struct pass *s, struct err *e)
{
    struct lane *v = &s->value, *t = &s->status;
    bool from_v = v->have && (!t->have || v->at <= t->at);
    bool from_t = t->have && (!v->have || t->at <= v->at);
    struct str status = t->kind == LANE_ALL ? s->r->all : STR(""), text = STR("");
    int rc = 0;
    if (from_t)
        status = buf_view(&t->text);
    if (from_v)
        text = buf_view(&v->text);
    if (from_v || status.n)
        rc = cell(s, from_v ? v->at : t->at, text, status, e);
    if (rc >= 0 && from_v)
        rc = lane_next(v, s->r, "value", e);
    if (rc >= 0 && from_t)
        rc = lane_next(t, s->r, "status", e);
    return rc;
}

static int together(struct pass *s, struct err *e)
{
    int rc = lane_next(&s->value, s->r, "value", e);
    if (rc >= 0 && s->status.kind > LANE_ALL)
        rc = lane_next(&s->status, s->r, "status", e);
    while (rc >= 0 && (s->value.have || s->status.have))
        rc = step(s, e);
    return rc;
}

/* --- without order ------------------------------------------------------------------------------
 */

static struct str cell_key(const uint64_t *at)
{
    return (struct str){(const char *)at, sizeof *at};
}

static int load_status(struct pass *s, struct err *e)
{
    struct lane *t = &s->status;
    int rc = 0;
    s->lookup = map_new(STATUS_MAX);
    s->words = map_new(1 << 16);
    while (t->kind > LANE_ALL && (rc = lane_next(t, s->r, "status", e)) >= 0 && t->have) {
        bool fresh;
        size_t word = map_intern(s->words, buf_view(&t->text), NULL);
        uint64_t *slot = map_put(s->lookup, cell_key(&t->at), word, &fresh);
        if (!slot || word == SIZE_MAX) {
            err_set(e, RC_DATA, "WIRE-031", "more than %zu entries in a status without order",
                    STATUS_MAX);
            return walk_fault(&t->w, e);
        }
        if (!fresh) {
            err_set(e, RC_DATA, "WIRE-032", "status has the cell %llu twice",
                    (unsigned long long)t->at);
            return walk_fault(&t->w, e);
        }
    }
    return rc;
}

static struct str status_of(const struct pass *s, uint64_t at)
{
    if (s->status.kind == LANE_ALL)
        return s->r->all;
    const uint64_t *slot = map_find(s->lookup, cell_key(&at));
    return slot ? map_key(s->words, (size_t)*slot) : STR("");
}

/* Cells that have a status and no value, in the order of the file. */
static int only_status(struct pass *s, struct err *e)
{
    struct lane *t = &s->status;
    int rc = 0;
    lane_free(t);
    *t = (struct lane){0};
    s->value.have = false;
    if (s->r->status.kind > LANE_ALL)
        rc = lane_open(t, s->r, &s->r->status, e);
    while (rc >= 0 && t->kind > LANE_ALL && (rc = lane_next(t, s->r, "status", e)) >= 0 &&
           t->have) {
        cube_seek(&s->r->cube, t->at);
        if (t->text.n && cube_first(&s->r->cube))
            rc = cell(s, t->at, STR(""), buf_view(&t->text), e);
    }
    return rc;
}

static int apart(struct pass *s, struct err *e)
{
    struct lane *v = &s->value;
    int rc = load_status(s, e);
    while (rc >= 0 && (rc = lane_next(v, s->r, "value", e)) >= 0 && v->have) {
        cube_seek(&s->r->cube, v->at);
        if (!cube_first(&s->r->cube)) {
            err_set(e, RC_DATA, "WIRE-033", "value has the cell %llu twice",
                    (unsigned long long)v->at);
            return walk_fault(&v->w, e);
        }
        rc = cell(s, v->at, buf_view(&v->text), status_of(s, v->at), e);
    }
    return rc < 0 ? rc : only_status(s, e);
}

/* An array of values has one for every cell; of status too, or a single one for all. */
static int check_lengths(struct jsonstat *r, struct err *e)
{
    bool short_value = r->value.kind == LANE_ARRAY && r->value.n != r->cube.cells;
    bool short_status = r->status.kind == LANE_ARRAY && r->status.n != r->cube.cells &&
                        r->status.n != 1 && r->status.n != SIZE_MAX;
    if (!short_value && !short_status)
        return 0;
    err_set(e, RC_DATA, "WIRE-034", "%s has %llu entries, but the sizes make %llu cells",
            short_value ? "value" : "status",
            (unsigned long long)(short_value ? r->value.n : r->status.n),
            (unsigned long long)r->cube.cells);
    return err_place(e, "%s", desk_name(r->d));
}

static int single_status(struct jsonstat *r, struct err *e)
{
    struct lane l = {0};
    int rc = lane_open(&l, r, &r->status, e);
    if (rc >= 0)
        rc = lane_next(&l, r, "status", e);
    r->status.kind = LANE_ALL;
    r->all = arena_str(&r->cube.arena, buf_view(&l.text));
    lane_free(&l);
    return rc;
}

static int read_cells(struct pass *s, struct err *e)
{
    struct jsonstat *r = s->r;
    int rc = check_lengths(r, e);
    if (rc >= 0 && r->status.kind == LANE_ARRAY && r->status.n == 1 && r->cube.cells > 1)
        rc = single_status(r, e);
    if (rc >= 0)
        rc = lane_open(&s->value, r, &r->value, e);
    if (rc >= 0)
        rc = lane_open(&s->status, r, &r->status, e);
    if (rc < 0)
        return rc;
    bool ordered = (r->value.kind != LANE_OBJECT || r->value.ascending) &&
                   (r->status.kind != LANE_OBJECT || r->status.ascending);
    return ordered ? together(s, e) : apart(s, e);
}

static int read_jsonstat(struct desk *d, const struct profile *p, struct source *src, struct err *e)
{
    struct jsonstat r = {.d = d, .p = p};
    struct pass s = {.r = &r};
    cube_init(&r.cube, d, p);
    int rc = refeed_open(&r.feed, src, desk_name(d), stage_env("TMPDIR"), e);
    if (rc >= 0)
        rc = jsonstat_look(&r, e);
    if (rc >= 0)
        rc = read_cells(&s, e);
    lane_free(&s.value);
    lane_free(&s.status);
    map_free(s.lookup);
    map_free(s.words);
    cube_free(&r.cube);
    refeed_close(r.feed);
    return rc < 0 ? rc : 0;
}

const struct reader reader_jsonstat = {"json-stat", read_jsonstat};
