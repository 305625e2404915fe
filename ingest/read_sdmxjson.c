/* read_sdmxjson.c — SDMX-JSON 1.0 and 2.x data messages: data sets in the order of the file, series
 * and flat observations. Keys are positions in the lists of the structure. A series' attributes may
 * stand behind its observations: those are then read again. Owns the kept input and the cube. */
#include "read_sdmxjson.h"

#include "bounds.h"
#include "mem.h"

struct pass {
    struct sdmxjson *r;
    struct walk w, again;
    struct read_row row;
    const struct sj_set *set;
    struct buf text;                     /* of the entries of one observation */
    struct buf above[SJ_LEVELS][ATTR_N]; /* attributes of data set and series */
    struct sj_group *groups;
    size_t ngroups;
    bool flat;         /* the data set has no series */
    bool series_attrs; /* a series has attributes that we take */
};

/* --- keys ---------------------------------------------------------------------------------------
 */

/* The next number of a key, off its front; *more: a colon followed. */
static bool next_index(struct str *key, bool *more, uint64_t most, uint64_t *ret)
{
    const char *end = key->n ? memchr(key->p, ':', key->n) : NULL;
    struct str one = {key->p, end ? (size_t)(end - key->p) : key->n};
    bool ok = *more && walk_number(one, most, ret);
    *more = end != NULL;
    *key = str_cut(*key, one.n + (end != NULL));
    return ok;
}

/* "0:12:3" into the positions of the dimensions of a level; of series and observation both where a
 * data set without series has a structure with them. */
static int read_key(struct pass *s, enum sj_level level, struct walk *w, struct err *e)
{
    struct sdmxjson *r = s->r;
    struct str key = buf_view(&w->key);
    bool ok = true, more = true;
    for (size_t i = 0; i < r->ndims && ok; i++) {
        const struct sj_part *d = &r->dims[i];
        uint64_t at = 0;
        if (d->level != level && !(s->flat && d->level == SJ_SERIES))
            continue;
        ok = next_index(&key, &more, d->n - 1, &at);
        r->cube.pos[d->at] = (size_t)at;
    }
    bool none = more && level == SJ_SERIES; /* no dimension at this level */
    if (ok && !key.n && (!more || none))
        return 0;
    err_set(e, RC_DATA, "WIRE-076", "the key \"%.*s\" does not fit the dimensions of its level",
            STR_ARG(buf_view(&w->key)));
    return jscan_fault(w->j, w->key_at, e);
}

/* --- attributes ---------------------------------------------------------------------------------
 */

/* The next entry of an array, the default once it has ended. */
static int next_entry(const struct sdmxjson *r, const struct sj_part *p, struct walk *w,
                      bool *ended, struct buf *b, struct err *e)
{
    int rc = *ended ? 0 : walk_item(w, e);
    if (rc > 0)
        return sdmxjson_entry(r, p, w, b, e);
    *ended = true;
    if (rc == 0)
        buf_str(b, p->unset);
    return rc;
}

/* What is left of an array: annotations. */
static int rest(struct walk *w, bool ended, struct err *e)
{
    int rc = 0;
    while (rc >= 0 && !ended && (rc = walk_item(w, e)) > 0)
        rc = walk_skip(w, e);
    return rc < 0 ? rc : 0;
}

/* An array of the attributes of a level, into what stands above the observations. */
static int read_above(struct pass *s, enum sj_level level, struct walk *w, struct str *to,
                      struct err *e)
{
    struct sdmxjson *r = s->r;
    int rc = walk_want(w, JSCAN_ARRAY, "attributes", e);
    bool ended = false;
    for (size_t i = 0; i < r->nattrs && rc >= 0; i++) {
        const struct sj_part *p = &r->attrs[i];
        struct buf *b = p->attribute >= 0 ? &s->above[level][p->attribute] : &s->text;
        if (p->level != level)
            continue;
        buf_reset(b);
        rc = next_entry(r, p, w, &ended, b, e);
        if (to && p->attribute >= 0 && rc >= 0)
            to[p->attribute] = arena_str(&r->cube.arena, buf_view(b));
    }
    return rc < 0 ? rc : rest(w, ended, e);
}

static int group_key(struct pass *s, struct sj_group *g, struct err *e)
{
    struct cube *c = &s->r->cube;
    struct str key = buf_view(&s->w.key);
    bool ok = true, more = true;
    for (size_t i = 0; i < c->ndims; i++) {
        uint64_t at = 0;
        const char *end = key.n ? memchr(key.p, ':', key.n) : NULL;
        struct str one = {key.p, end ? (size_t)(end - key.p) : key.n};
        g->pos[i] = SIZE_MAX;
        ok = ok && more && (!one.n || walk_number(one, c->dims[i].n - 1, &at));
        if (one.n)
            g->pos[i] = (size_t)at;
        more = end != NULL;
        key = str_cut(key, one.n + (end != NULL));
    }
    if (ok && !more)
        return 0;
    err_set(e, RC_DATA, "WIRE-077", "the key \"%.*s\" does not fit the %zu dimensions",
            STR_ARG(buf_view(&s->w.key)), c->ndims);
    return jscan_fault(s->w.j, s->w.key_at, e);
}

/* Attributes of partial keys, when one of them is taken over. */
static int read_groups(struct pass *s, struct err *e)
{
    struct sdmxjson *r = s->r;
    bool wanted = false;
    s->ngroups = 0;
    for (size_t i = 0; i < r->nattrs; i++)
        wanted = wanted || (r->attrs[i].level == SJ_GROUP && r->attrs[i].attribute >= 0);
    if (!wanted || !s->set->groups.line)
        return 0;
    if (!s->groups)
        s->groups = mem_array(SJ_GROUPS_MAX, sizeof *s->groups);
    int rc = walk_at(&s->w, r->feed, s->set->groups, e);
    while (rc >= 0 && (rc = walk_member(&s->w, e)) > 0) {
        if (s->ngroups == SJ_GROUPS_MAX) {
            err_set(e, RC_DATA, "WIRE-078", "more than %d groups with attributes", SJ_GROUPS_MAX);
            return walk_fault(&s->w, e);
        }
        struct sj_group *g = &s->groups[s->ngroups++];
        *g = (struct sj_group){0};
        rc = group_key(s, g, e);
        if (rc >= 0)
            rc = read_above(s, SJ_GROUP, &s->w, g->attrs, e);
    }
    return rc;
}

/* From the widest to the narrowest: what is nearer to the observation holds. */
static void fill_attrs(struct pass *s)
{
    const struct cube *c = &s->r->cube;
    for (size_t i = 0; i < ATTR_N; i++)
        s->row.attrs[i] = buf_view(&s->above[SJ_DATASET][i]);
    for (size_t g = 0; g < s->ngroups; g++) {
        bool fits = true;
        for (size_t i = 0; i < c->ndims && fits; i++)
            fits = s->groups[g].pos[i] == SIZE_MAX || s->groups[g].pos[i] == c->pos[i];
        for (size_t i = 0; i < ATTR_N && fits; i++)
            if (s->groups[g].attrs[i].n)
                s->row.attrs[i] = s->groups[g].attrs[i];
    }
    for (size_t i = 0; i < ATTR_N; i++)
        if (s->above[SJ_SERIES][i].n)
            s->row.attrs[i] = buf_view(&s->above[SJ_SERIES][i]);
}

/* --- observations -------------------------------------------------------------------------------
 */

struct piece { /* of s->text */
    size_t from, n;
    struct jscan_place place;
};

static struct str piece_text(const struct pass *s, const struct piece *p)
{
    return p->n ? (struct str){s->text.p + p->from, p->n} : STR("");
}

static const struct sj_part *nth_part(const struct sdmxjson *r, size_t i)
{
    if (i < r->nmeasures)
        return &r->measures[i];
    i -= r->nmeasures;
    for (size_t k = 0; k < r->nattrs; k++)
        if (r->attrs[k].level == SJ_OBS && i-- == 0)
            return &r->attrs[k];
    return NULL;
}

static int emit(struct pass *s, const struct piece *pieces, struct err *e)
{
    struct sdmxjson *r = s->r;
    int rc = 0;
    fill_attrs(s);
    const struct sj_part *p;
    for (size_t i = r->nmeasures; (p = nth_part(r, i)); i++)
        if (p->attribute >= 0 && pieces[i].n)
            s->row.attrs[p->attribute] = piece_text(s, &pieces[i]);
    for (size_t i = 0; i < r->nmeasures && rc >= 0; i++) {
        const struct sj_part *m = &r->measures[i];
        if (!m->taken)
            continue;
        const struct yaml_pair *sets = m->column ? m->column->sets.items : NULL;
        for (size_t k = 0; sets && k < m->column->sets.n; k++)
            s->row.dims[desk_dim(r->d, sets[k].key)] = str_of(sets[k].value);
        s->row.line = pieces[i].place.line;
        s->row.raw = piece_text(s, &pieces[i]);
        rc = desk_cell(r->d, &s->row, s->row.raw, pieces[i].place.col, e);
    }
    return rc;
}

/* [value, attribute, …, annotation, …] */
static int read_observation(struct pass *s, struct walk *w, struct err *e)
{
    struct sdmxjson *r = s->r;
    struct piece pieces[2 * SJ_PARTS_MAX] = {0};
    const struct sj_part *p;
    bool ended = false;
    struct jscan_place at = w->t.place;
    int rc = walk_want(w, JSCAN_ARRAY, "an observation", e);
    buf_reset(&s->text);
    for (size_t i = 0; rc >= 0 && (p = nth_part(r, i)); i++) {
        pieces[i].from = s->text.n;
        rc = next_entry(r, p, w, &ended, &s->text, e);
        pieces[i].place = at;
        if (!ended)
            pieces[i].place = w->t.place;
        pieces[i].n = s->text.n - pieces[i].from;
    }
    if (rc >= 0)
        rc = rest(w, ended, e);
    if (rc >= 0)
        rc = buf_ok(&s->text, "the attributes of one observation", e);
    return rc < 0 ? rc : emit(s, pieces, e);
}

static int read_observations(struct pass *s, struct walk *w, struct err *e)
{
    struct cube *c = &s->r->cube;
    int rc = walk_want(w, JSCAN_OBJECT, "observations", e);
    jscan_loose(w->j);
    while (rc >= 0 && (rc = walk_member(w, e)) > 0) {
        rc = read_key(s, SJ_OBS, w, e);
        if (rc < 0)
            break;
        if (!cube_first(c)) {
            err_set(e, RC_DATA, "WIRE-079",
                    "the observation \"%.*s\" is there twice, or there are "
                    "too many",
                    STR_ARG(buf_view(&w->key)));
            return jscan_fault(w->j, w->key_at, e);
        }
        cube_fill(c, &s->row);
        rc = read_observation(s, w, e);
    }
    return rc;
}

/* --- series and sets ----------------------------------------------------------------------------
 */

static int read_one_series(struct pass *s, struct err *e)
{
    struct jscan_place later = {0};
    bool known = !s->series_attrs;
    int rc = walk_want(&s->w, JSCAN_OBJECT, "a series", e);
    for (size_t i = 0; i < ATTR_N; i++)
        buf_reset(&s->above[SJ_SERIES][i]);
    while (rc >= 0 && (rc = walk_member(&s->w, e)) > 0) {
        if (walk_is(&s->w, "attributes") && s->w.t.kind == JSCAN_ARRAY) {
            rc = read_above(s, SJ_SERIES, &s->w, NULL, e);
            known = true;
        } else if (walk_is(&s->w, "observations") && known) {
            rc = read_observations(s, &s->w, e);
        } else {
            if (walk_is(&s->w, "observations"))
                later = s->w.t.place;
            if (s->w.t.kind == JSCAN_OBJECT)
                jscan_loose(s->w.j);
            rc = walk_skip(&s->w, e);
        }
    }
    if (rc < 0 || !later.line)
        return rc;
    rc = walk_at(&s->again, s->r->feed, later, e);
    return rc < 0 ? rc : read_observations(s, &s->again, e);
}

static int read_series(struct pass *s, struct err *e)
{
    int rc = walk_at(&s->w, s->r->feed, s->set->series, e);
    jscan_loose(s->w.j);
    while (rc >= 0 && (rc = walk_member(&s->w, e)) > 0) {
        rc = read_key(s, SJ_SERIES, &s->w, e);
        if (rc >= 0)
            rc = read_one_series(s, e);
    }
    return rc;
}

static int refuse_delete(struct pass *s, struct err *e)
{
    struct err why = {.rc = RC_OK};
    const struct jscan_place *at = s->set->series.line ? &s->set->series : &s->set->observations;
    s->row.line = at->line;
    err_set(&why, RC_DATA, "WIRE-080", "a data set with action Delete is not taken from a file");
    err_hint(&why, "Send the corrected value, or an empty one with its status.");
    return desk_refuse(s->r->d, &s->row, at->col, 1, &why, e);
}

static int read_set(struct pass *s, const struct sj_set *set, struct err *e)
{
    struct sdmxjson *r = s->r;
    int rc = 0;
    s->set = set;
    s->flat = !set->series.line;
    s->row.action = set->action;
    s->row.structure = r->id;
    if (set->action == 'D')
        return refuse_delete(s, e);
    for (size_t i = 0; i < ATTR_N; i++) {
        buf_reset(&s->above[SJ_DATASET][i]);
        buf_reset(&s->above[SJ_SERIES][i]);
    }
    cube_forget(&r->cube);
    memset(r->cube.pos, 0, sizeof r->cube.pos);
    if (set->attributes.line) {
        rc = walk_at(&s->w, r->feed, set->attributes, e);
        if (rc >= 0)
            rc = read_above(s, SJ_DATASET, &s->w, NULL, e);
    }
    if (rc >= 0)
        rc = read_groups(s, e);
    if (rc >= 0 && set->series.line)
        rc = read_series(s, e);
    if (rc >= 0 && set->observations.line) {
        rc = walk_at(&s->w, r->feed, set->observations, e);
        if (rc >= 0)
            rc = read_observations(s, &s->w, e);
    }
    return rc;
}

static int read_sdmxjson(struct desk *d, const struct profile *p, struct source *src, struct err *e)
{
    struct sdmxjson *r = mem_new(sizeof *r);
    struct pass *s = mem_new(sizeof *s);
    r->d = d;
    r->p = p;
    s->r = r;
    cube_init(&r->cube, d, p);
    buf_init(&s->text, LIMIT_ROW_BYTES);
    for (size_t i = 0; i < SJ_LEVELS; i++)
        for (size_t k = 0; k < ATTR_N; k++)
            buf_init(&s->above[i][k], LIMIT_ROW_BYTES);
    int rc = refeed_open(&r->feed, src, desk_name(d), stage_env("TMPDIR"), e);
    if (rc >= 0)
        rc = sdmxjson_look(r, e);
    for (size_t i = 0; i < r->nattrs; i++)
        s->series_attrs =
            s->series_attrs || (r->attrs[i].level == SJ_SERIES && r->attrs[i].attribute >= 0);
    for (size_t i = 0; i < r->nsets && rc >= 0; i++)
        rc = read_set(s, &r->sets[i], e);
    for (size_t i = 0; i < SJ_LEVELS; i++)
        for (size_t k = 0; k < ATTR_N; k++)
            buf_free(&s->above[i][k]);
    buf_free(&s->text);
    mem_free(s->groups);
    walk_free(&s->w);
    walk_free(&s->again);
    cube_free(&r->cube);
    refeed_close(r->feed);
    mem_free(s);
    mem_free(r);
    return rc < 0 ? rc : 0;
}

const struct reader reader_sdmxjson = {"sdmx-json", read_sdmxjson};
