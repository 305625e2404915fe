/* map_emit.c — the rows that a mapped row becomes: one, or one per combination of split weights.
 * Values are text and stay as they are unless a weight changes them; then they are exact decimals,
 * marked E (estimated), with the sender's text in SRC_VALUE. */
#include "map_row.h"

const char *const out_columns[OUT_N] = {COL_VALUE,     COL_STATUS, COL_CONF,    COL_COMMENT,
                                        COL_NATURE,    COL_SENDER, COL_SRC,     COL_SRC_KEY,
                                        COL_SRC_VALUE, COL_GRADE,  COL_REVIEWED};
const char *const out_names[OUT_N] = {"OBS_VALUE", "OBS_STATUS", "CONF_STATUS", "COMMENT",
                                      "NATURE",    "SENDER",     "SRC",         "SRC_KEY",
                                      "SRC_VALUE", "GRADE",      "REVIEWED"};

static void put_escaped(struct buf *b, struct str s)
{
    size_t from = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] != ';' && s.p[i] != '%')
            continue;
        buf_add(b, s.p + from, i - from);
        buf_text(b, s.p[i] == ';' ? "%3B" : "%25");
        from = i + 1;
    }
    buf_add(b, s.p + from, s.n - from);
}

/* The sender's codes that do not stand in the row as they are. */
static struct str src_key(struct mapper *m)
{
    struct row_state *s = m->state;
    if (s->key_good)
        return buf_view(&s->src_key);
    buf_reset(&s->src_key);
    for (size_t c = 0; c < m->plan.ncolumns; c++) {
        if (m->plan.identical[c])
            continue;
        if (s->src_key.n)
            buf_text(&s->src_key, " & ");
        buf_text(&s->src_key, m->plan.columns[c].name);
        buf_char(&s->src_key, '=');
        put_escaped(&s->src_key, column_text(&m->plan.columns[c], s->ids[c]));
    }
    s->key_good = true;
    return buf_view(&s->src_key);
}

static struct str in_cell(const struct row_state *s, const struct sdmx_row *row, enum out_column c)
{
    return s->at[c] < 0 ? (struct str){"", 0} : row->cell[s->at[c]];
}

static struct str action_of(const struct row_state *s, const struct sdmx_row *row)
{
    static const char actions[] = "IAMRD";
    if (s->action >= 0 && row->cell[s->action].n == 1)
        return row->cell[s->action];
    const char *action = memchr(actions, row->action, sizeof actions - 1);
    return (struct str){action ? action : actions, 1};
}

/* What is the same for all combinations. Codes that stay are taken as they stand in the record: the
 * writer passes on in one piece what stands there side by side. */
static void fill_row(struct mapper *m, const struct sdmx_row *row, const struct span *sp)
{
    struct row_state *s = m->state;
    const struct plan *p = &m->plan;
    struct str *attr = s->cells + OUT_DIMS + p->to->ndims;
    s->cells[2] = action_of(s, row);
    for (size_t d = 0; d < p->to->ndims; d++) {
        const struct rule *r = &p->rules[d];
        if (r->kind == RULE_VALUE)
            s->cells[OUT_DIMS + d] = r->value;
        else if (r->kind == RULE_SAME)
            s->cells[OUT_DIMS + d] = column_cell(&p->columns[r->from[0]], row->cell);
        if (r->kind == RULE_SAME && r->from[0] == p->time && sp->good && !sp->same)
            s->cells[OUT_DIMS + d] = (struct str){sp->text, sp->n};
    }
    for (enum out_column c = OUT_VALUE; c <= OUT_SRC_VALUE; c++)
        attr[c] = in_cell(s, row, c);
    attr[OUT_SRC_KEY] = src_key(m);
}

struct combination {
    struct num weight;
    bool whole, aside, shared, reviewed;
    char grade;
};

/* Set the target codes of one combination of the chosen lines. */
static int combine(struct mapper *m, const size_t *turn, struct combination *ret, struct err *e)
{
    struct row_state *s = m->state;
    *ret = (struct combination){{1, 0}, true, false, false, true, 'A'};
    for (size_t t = 0; t < s->ntables; t++) {
        size_t d = s->tables[t];
        const struct entry *en = s->choice[d].entry[turn[t]];
        s->cells[OUT_DIMS + d] = en->target;
        ret->aside |= en->aside;
        ret->shared |= en->shared || s->choice[d].article || m->plan.rules[d].part.n;
        ret->reviewed &= en->reviewed;
        if (en->grade > ret->grade)
            ret->grade = en->grade;
        if (en->whole)
            continue;
        ret->whole = false;
        int rc = num_mul(&ret->weight, ret->weight, en->weight, e);
        if (rc < 0)
            return rc;
    }
    return 0;
}

/* Which source codes the row has, for telling parts of a sum from a repeated row. */
static struct str identity(struct mapper *m)
{
    struct row_state *s = m->state;
    buf_reset(&s->identity);
    for (size_t t = 0; t < s->ntables; t++) {
        const struct choice *ch = &s->choice[s->tables[t]];
        buf_add(&s->identity, &ch->token, sizeof ch->token);
    }
    return buf_view(&s->identity);
}

struct emission { /* of one input row */
    const struct sdmx_row *row;
    struct str value, status, original;
    struct num num; /* of the value, once a weight asks for it */
    char number[NUM_TEXT_MAX], letters[64];
    bool parsed, passed, merged;
};

static int weigh(struct emission *em, const struct combination *c, struct str *attr, struct err *e)
{
    struct num v;
    attr[OUT_VALUE] = em->value;
    attr[OUT_STATUS] = em->status;
    if (c->whole || !em->parsed)
        return 0;
    int rc = num_mul(&v, em->num, c->weight, e);
    if (rc < 0)
        return rc;
    attr[OUT_VALUE] = (struct str){em->number, num_text(v, em->number)};
    attr[OUT_STATUS] = status_text(status_set(em->status) | STATUS_BIT('E'), em->letters);
    attr[OUT_SRC_VALUE] = em->original;
    return 0;
}

static int emit_one(struct mapper *m, struct emission *em, const size_t *turn, struct err *e)
{
    struct row_state *s = m->state;
    struct str *attr = s->cells + OUT_DIMS + m->plan.to->ndims;
    struct combination c;
    int rc = combine(m, turn, &c, e);
    if (rc < 0 || c.aside)
        return rc;
    rc = weigh(em, &c, attr, e);
    if (rc < 0)
        return rc;
    attr[OUT_GRADE] = (struct str){&c.grade, 1};
    attr[OUT_REVIEWED] = c.reviewed ? STR("Y") : STR("N");
    if (!c.shared) {
        m->unreviewed += !c.reviewed;
        sdmx_write(m->out, s->cells);
        em->passed = true;
        return 0;
    }
    struct result r = {s->cells, identity(m), em->original};
    if (merge_add(m->merge, &r))
        em->merged = true;
    else
        em->passed = true;
    return 0;
}

/* Count through all combinations; true while there is another. */
static bool next_turn(const struct mapper *m, size_t *turn)
{
    const struct row_state *s = m->state;
    for (size_t t = 0; t < s->ntables; t++) {
        if (++turn[t] < s->choice[s->tables[t]].n)
            return true;
        turn[t] = 0;
    }
    return false;
}

static bool is_split(const struct mapper *m)
{
    const struct row_state *s = m->state;
    for (size_t t = 0; t < s->ntables; t++)
        if (s->choice[s->tables[t]].n > 1)
            return true;
    return false;
}

/* A value that is to be split must be a number; missing ones stay missing in every part. */
static bool read_value(struct mapper *m, struct emission *em)
{
    if (!is_split(m) || em->value.n == 0 || str_is(em->value, "NaN"))
        return true;
    em->parsed = num_parse(&em->num, em->value, &num_plain, NULL) == 0;
    return em->parsed;
}

int row_emit(struct mapper *m, const struct sdmx_row *row, const struct span *sp, struct err *e)
{
    struct row_state *s = m->state;
    size_t turn[STRUCTURE_DIMS_MAX];
    struct emission em; /* its buffers need not be cleared */
    for (size_t t = 0; t < s->ntables; t++)
        turn[t] = 0;
    em.row = row;
    em.parsed = em.passed = em.merged = false;
    fill_row(m, row, sp);
    em.value = in_cell(s, row, OUT_VALUE);
    em.status = in_cell(s, row, OUT_STATUS);
    em.original = in_cell(s, row, OUT_SRC_VALUE);
    if (em.original.n == 0)
        em.original = em.value;
    if (!read_value(m, &em)) {
        lost_add(m->lost, LOST_VALUE, 0, em.value, (struct str){"", 0}, in_cell(s, row, OUT_SRC));
        m->totals->refused++;
        return row_tally(m, row, "(refused)", e);
    }
    int rc;
    do {
        rc = emit_one(m, &em, turn, e);
        if (rc < 0)
            return rc;
    } while (next_turn(m, turn));
    m->totals->passed += em.passed;
    m->totals->merged += em.merged && !em.passed;
    m->totals->aside += !em.merged && !em.passed;
    return row_tally(m, row, em.merged || em.passed ? NULL : "(aside)", e);
}

static struct str unit_of(const struct mapper *m)
{
    int d = structure_role(m->plan.to, DIM_UNIT);
    if (d < 0)
        return (struct str){"", 0};
    const struct rule *r = &m->plan.rules[d];
    if (r->kind == RULE_VALUE)
        return r->value;
    return column_text(&m->plan.columns[r->from[0]], m->state->ids[r->from[0]]);
}

int row_tally(struct mapper *m, const struct sdmx_row *row, const char *instead, struct err *e)
{
    struct row_state *s = m->state;
    if (!m->tally)
        return 0;
    struct tally_part part = {"", STR("(all)"), {"", 0}, in_cell(s, row, OUT_VALUE), NULL, "(all)"};
    part.unit = unit_of(m);
    int rc = tally_add(m->tally, &part, e);
    part.instead = instead;
    for (size_t d = 0; rc == 0 && d < m->plan.to->ndims; d++) {
        if (m->plan.rules[d].kind != RULE_TABLE)
            continue;
        part.dim = m->plan.to->dims[d].id;
        part.source = rule_source(m, d);
        part.entry = NULL;
        if (instead)
            rc = tally_add(m->tally, &part, e);
        for (size_t i = 0; !instead && rc == 0 && i < s->choice[d].n; i++) {
            part.entry = s->choice[d].entry[i];
            rc = tally_add(m->tally, &part, e);
        }
    }
    return rc;
}
