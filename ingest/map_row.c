/* map_row.c — a row of the sender becomes rows of ours: look up every rule, refuse what cannot be
 * mapped for sure, split by weights, hand on or hold back. What is kept between rows (numbers of
 * codes, spans of periods, the last SRC_KEY) is owned by the state and freed by mapper_end. */
#include "map_row.h"

#include "map_cite.h"

static void grow_spans(struct row_state *s, size_t id)
{
    if (id < s->nspans)
        return;
    size_t n = s->nspans ? s->nspans * 2 : 64;
    while (n <= id)
        n *= 2;
    s->spans = mem_resize(s->spans, n * sizeof *s->spans);
    memset(s->spans + s->nspans, 0, (n - s->nspans) * sizeof *s->spans);
    s->nspans = n;
}

static const struct span *span_of(struct row_state *s, const struct column *c, size_t id)
{
    struct period p;
    grow_spans(s, id);
    struct span *sp = &s->spans[id];
    if (sp->known)
        return sp;
    sp->known = true;
    sp->good = period_parse(&p, column_text(c, id), NULL) == 0;
    if (sp->good) {
        sp->first = period_first_day(p);
        sp->last = period_last_day(p);
        sp->n = period_text(p, sp->text);
        sp->same = str_eq(column_text(c, id), (struct str){sp->text, sp->n});
    }
    return sp;
}

/* The text that a rule looks up, and its number. */
static struct str rule_text(struct row_state *s, struct rule *r, const struct plan *p, size_t *id)
{
    if (r->nfrom == 1) {
        *id = s->ids[r->from[0]];
        struct str text = column_text(&p->columns[r->from[0]], *id);
        if (!r->law)
            return text;
        if (cite_normal(r->words, r->table, r->law, text, &s->joined))
            text = buf_view(&s->joined);
        *id = column_id(&r->joined, text);
        return *id == COLUMN_NONE ? text : column_text(&r->joined, *id);
    }
    buf_reset(&s->joined);
    for (size_t i = 0; i < r->nfrom; i++) {
        if (i)
            buf_char(&s->joined, '|');
        buf_str(&s->joined, column_text(&p->columns[r->from[i]], s->ids[r->from[i]]));
    }
    *id = column_id(&r->joined, buf_view(&s->joined));
    return *id == COLUMN_NONE ? buf_view(&s->joined) : column_text(&r->joined, *id);
}

struct str rule_source(struct mapper *m, size_t dim)
{
    size_t id;
    return rule_text(m->state, &m->plan.rules[dim], &m->plan, &id);
}

/* Where the last separator stands, or text.n. */
static size_t part_at(struct str text, struct str sep)
{
    for (size_t i = sep.n && text.n > sep.n ? text.n - sep.n : 0; i > 0; i--)
        if (memcmp(text.p + i, sep.p, sep.n) == 0)
            return i;
    return text.n;
}

/* A paragraph that the table does not name goes where its article goes. */
static int32_t find_origin(const struct rule *r, struct str text)
{
    int32_t o = table_find(r->table, text);
    while (o < 0 && r->part.n) {
        size_t at = part_at(text, r->part);
        if (at == text.n)
            break;
        o = cite_cover(r->table, text, at, r->part);
        if (o >= 0)
            return o | ORIGIN_ARTICLE;
        text.n = at;
        o = table_find(r->table, text);
        if (o >= 0)
            o |= ORIGIN_ARTICLE;
    }
    return o;
}

static int32_t origin_of(struct rule *r, struct str text, size_t id)
{
    if (id >= r->norigin) {
        size_t n = r->norigin ? r->norigin * 2 : 64;
        while (n <= id)
            n *= 2;
        r->origin = mem_resize(r->origin, n * sizeof *r->origin);
        for (size_t i = r->norigin; i < n; i++)
            r->origin[i] = -2;
        r->norigin = n;
    }
    if (r->origin[id] == -2)
        r->origin[id] = find_origin(r, text);
    return r->origin[id];
}

/* The lines of an origin that hold all of the row's period; a line that holds a part of it only
 * makes the row ambiguous. */
static int pick_entries(struct choice *ch, const struct table *t, const struct origin *o,
                        const struct span *sp)
{
    ch->n = 0;
    if (!o->always && !sp->good)
        return LOST_TIME;
    for (size_t i = o->first; i < o->first + o->n; i++) {
        const struct entry *en = &t->entries[i];
        bool all = o->always || (en->from <= sp->first && sp->last <= en->to);
        if (!all && en->from <= sp->last && sp->first <= en->to)
            return LOST_STRADDLE;
        if (all)
            ch->entry[ch->n++] = en;
    }
    return ch->n ? -1 : LOST_PERIOD;
}

static struct str place_of(const struct row_state *s, const struct sdmx_row *row)
{
    return s->at[OUT_SRC] >= 0 ? row->cell[s->at[OUT_SRC]] : (struct str){"", 0};
}

/* Look up one table rule; false and a line in the book of losses when it finds nothing sure. */
static int resolve(struct mapper *m, size_t dim, const struct span *sp, struct str place,
                   struct err *e)
{
    struct row_state *s = m->state;
    struct rule *r = &m->plan.rules[dim];
    struct choice *ch = &s->choice[dim];
    size_t id;
    struct str text = rule_text(s, r, &m->plan, &id);
    if (id == COLUMN_NONE)
        return err_set(e, RC_DATA, "MAP-040", "too many different codes for %s",
                       m->plan.to->dims[dim].id);
    int32_t o = origin_of(r, text, id);
    int lost = o < 0 ? LOST_UNMAPPED : -1;
    if (o >= 0) {
        const struct origin * or = &r->table->origins[o & ~ORIGIN_ARTICLE];
        lost = pick_entries(ch, r->table, or, sp);
        ch->article = (o & ORIGIN_ARTICLE) != 0;
        ch->token = ch->article ? (uint32_t)id | UINT32_C(1) << 31 : (uint32_t)o;
        s->fixed &= or->always;
    }
    if (lost < 0)
        return 1;
    lost_add(m->lost, (enum lost_kind)lost, dim, text,
             column_text(&m->plan.columns[m->plan.time], s->ids[m->plan.time]), place);
    return 0;
}

/* The key under which totals and parts of one code meet: all other codes of the row, and it. */
static uint64_t *seen_slot(struct mapper *m, size_t dim, struct str code)
{
    struct row_state *s = m->state;
    const struct rule *r = &m->plan.rules[dim];
    buf_reset(&s->key);
    buf_add(&s->key, &dim, sizeof dim);
    for (size_t c = 0; c < m->plan.ncolumns; c++) {
        bool own = false;
        for (size_t i = 0; i < r->nfrom; i++)
            own |= r->from[i] == c;
        if (!own)
            buf_add(&s->key, &s->ids[c], sizeof s->ids[c]);
    }
    buf_str(&s->key, code);
    return map_put(s->articles, buf_view(&s->key), 0, NULL);
}

/* An article's total and its paragraphs must not arrive together: the total would count twice. A
 * code is a total to the longer ones and a part to every shorter one. */
static bool twice(struct mapper *m, size_t dim, struct str place)
{
    enum { TOTAL = 1, PART = 2 };
    size_t id;
    struct str text = rule_text(m->state, &m->plan.rules[dim], &m->plan, &id), base = text;
    struct str sep = m->plan.rules[dim].part;
    uint64_t *seen = seen_slot(m, dim, text);
    bool both = seen && (*seen & PART);
    if (seen)
        *seen |= TOTAL;
    for (size_t at = part_at(base, sep); at < base.n; at = part_at(base, sep)) {
        base.n = at;
        seen = seen_slot(m, dim, base);
        both |= seen && (*seen & TOTAL);
        if (seen)
            *seen |= PART;
    }
    if (both)
        lost_add(m->lost, LOST_TWICE, dim, text,
                 column_text(&m->plan.columns[m->plan.time], m->state->ids[m->plan.time]), place);
    return both;
}

static bool is_number_like(struct str v) { return v.n && !str_is(v, "NaN"); }

/* 1 when every rule has its lines, 0 when the row is refused. */
static int resolve_all(struct mapper *m, const struct sdmx_row *row, const struct span *sp,
                       struct err *e)
{
    struct row_state *s = m->state;
    struct str place = place_of(s, row);
    int good = 1;
    if (s->same_series && s->fixed && !s->parts)
        return 1;
    s->fixed = true;
    for (size_t t = 0; t < s->ntables; t++) {
        int rc = resolve(m, s->tables[t], sp, place, e);
        if (rc < 0)
            return rc;
        good &= rc;
    }
    for (size_t d = 0; s->parts && d < m->plan.to->ndims; d++)
        if (m->plan.rules[d].part.n && is_number_like(row->cell[s->at[OUT_VALUE]]) &&
            twice(m, d, place))
            good = 0;
    s->fixed &= good != 0;
    return good;
}

static bool meets_where(const struct mapper *m)
{
    for (size_t w = 0; w < m->plan.nwhere; w++) {
        const struct condition *c = &m->plan.where[w];
        struct str text = column_text(&m->plan.columns[c->column], m->state->ids[c->column]);
        bool found = false;
        for (size_t i = 0; i < c->n && !found; i++)
            found = str_is(text, c->codes[i]);
        if (!found)
            return false;
    }
    return true;
}

static int intern_row(struct mapper *m, const struct sdmx_row *row, struct err *e)
{
    struct row_state *s = m->state;
    s->same_series = s->started;
    for (size_t c = 0; c < m->plan.ncolumns; c++) {
        struct column *col = &m->plan.columns[c];
        if (!s->wanted[c])
            continue;
        size_t id = column_id(col, column_cell(col, row->cell));
        if (id == COLUMN_NONE)
            return err_set(e, RC_DATA, "MAP-041", "too many different codes in %s", col->name);
        if (id != s->ids[c] && c != m->plan.time)
            s->same_series = false;
        s->ids[c] = id;
    }
    s->started = true;
    s->key_good &= s->same_series;
    return 0;
}

static int refuse(struct mapper *m, const struct sdmx_row *row, const char *word, struct err *e)
{
    if (strcmp(word, "(aside)") == 0)
        m->totals->aside++;
    else
        m->totals->refused++;
    m->state->fixed = false;
    return row_tally(m, row, word, e);
}

int mapper_row(struct mapper *m, const struct sdmx_reader *in, const struct sdmx_row *row,
               struct err *e)
{
    struct row_state *s = m->state;
    m->totals->in++;
    if (!s->ours || !sdmx_front_repeats(in))
        s->ours = str_eq(sdmx_structure_id(in), s->structure_id);
    if (!s->ours) {
        lost_add(m->lost, LOST_FOREIGN, 0, sdmx_structure_id(in), (struct str){"", 0},
                 place_of(s, row));
        m->totals->refused++;
        return 0;
    }
    int rc = intern_row(m, row, e);
    if (rc < 0)
        return rc;
    if (!meets_where(m))
        return refuse(m, row, "(aside)", e);
    const struct span *sp = span_of(s, &m->plan.columns[m->plan.time], s->ids[m->plan.time]);
    rc = resolve_all(m, row, sp, e);
    if (rc < 0)
        return rc;
    if (rc == 0)
        return refuse(m, row, "(refused)", e);
    return row_emit(m, row, sp, e);
}

/* Numbers are asked for of the period and of what a table, a condition, SRC_KEY or the report looks
 * at; a code that only passes through needs none. */
static void choose_wanted(struct mapper *m)
{
    const struct plan *p = &m->plan;
    struct row_state *s = m->state;
    s->wanted = mem_array(p->ncolumns + 1, sizeof *s->wanted);
    for (size_t c = 0; c < p->ncolumns; c++)
        s->wanted[c] = s->parts || m->tally || !p->identical[c] || c == p->time;
    for (size_t w = 0; w < p->nwhere; w++)
        s->wanted[p->where[w].column] = true;
    for (size_t t = 0; t < s->ntables; t++) {
        const struct rule *r = &p->rules[s->tables[t]];
        for (size_t i = 0; i < r->nfrom; i++)
            s->wanted[r->from[i]] = true;
    }
}

void mapper_start(struct mapper *m, const struct sdmx_reader *in)
{
    struct row_state *s = m->state = mem_new(sizeof *s);
    struct str id = sdmx_structure_id(in);
    m->lost = lost_new();
    m->merge = merge_new(&m->plan);
    s->structure_id = (struct str){mem_text(id), id.n};
    s->ids = mem_array(m->plan.ncolumns + 1, sizeof *s->ids);
    s->cells = mem_array(OUT_DIMS + STRUCTURE_DIMS_MAX + OUT_N, sizeof *s->cells);
    s->articles = map_new(0);
    buf_init(&s->joined, LIMIT_ROW_BYTES);
    buf_init(&s->key, LIMIT_ROW_BYTES);
    buf_init(&s->src_key, LIMIT_ROW_BYTES);
    buf_init(&s->identity, LIMIT_ROW_BYTES);
    for (size_t i = 0; i < OUT_N; i++)
        s->at[i] = sdmx_find(in, out_names[i]);
    s->action = sdmx_find(in, "ACTION");
    s->cells[0] = STR("datastructure");
    s->cells[1] = str_of(m->plan.to->full_id);
    for (size_t d = 0; d < m->plan.to->ndims; d++) {
        s->parts |= m->plan.rules[d].part.n > 0;
        if (m->plan.rules[d].kind == RULE_TABLE)
            s->tables[s->ntables++] = d;
    }
    choose_wanted(m);
}

void mapper_end(struct mapper *m)
{
    struct row_state *s = m->state;
    if (s) {
        mem_free((void *)(uintptr_t)s->structure_id.p);
        mem_free(s->ids);
        mem_free(s->wanted);
        mem_free(s->cells);
        mem_free(s->spans);
        map_free(s->articles);
        buf_free(&s->joined);
        buf_free(&s->key);
        buf_free(&s->src_key);
        buf_free(&s->identity);
        mem_free(s);
    }
    lost_free(m->lost);
    merge_free(m->merge);
    tally_free(m->tally);
    plan_free(&m->plan);
    sdmx_free(m->out);
}
