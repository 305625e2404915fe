/* derive_rows.c — the rows of the output, in the columns of docs/contracts/stream.md. Which rows
 * there are is planned first, each as one 64-bit word that sorts by dimensions, indicator and
 * period; their texts are made one row at a time while writing, in one buffer of the rows' own. */
#include "derive_emit.h"
#include "derive_trace.h"

#include "mem.h"

enum { FIXED = 3 }; /* STRUCTURE, STRUCTURE_ID, ACTION */
enum { WIDTH_MAX = FIXED + STRUCTURE_DIMS_MAX + 1 + 19 };

static const char *const tail[] = {
    "OBS_VALUE",   "OBS_STATUS[]", "CONF_STATUS", "COMMENT",     "NATURE",  "UNIT",     "DECIMALS",
    "NUMERATOR",   "DENOMINATOR",  "POP_SOURCE",  "POP_VINTAGE", "N_AREAS", "OF_AREAS", "MISSING[]",
    "POP_COVERED", "REASON",       "SENDER",      "GRADE",       "REVIEWED"};
enum column {
    C_VALUE,
    C_STATUS,
    C_CONF,
    C_COMMENT,
    C_NATURE,
    C_UNIT,
    C_DECIMALS,
    C_NUMERATOR,
    C_DENOMINATOR,
    C_POP_SOURCE,
    C_POP_VINTAGE,
    C_N,
    C_OF,
    C_MISSING,
    C_COVERED,
    C_REASON,
    C_SENDER,
    C_GRADE,
    C_REVIEWED,
    C_COUNT
};

struct pair {
    size_t group;
    uint32_t area;
    char freq; /* of the result */
};

struct rows {
    struct data *d;
    struct stage *st;
    struct sdmx_writer *out;
    size_t width, ndims;
    char full_id[256];
    struct map *index; /* of the pairs */
    struct pair *pair;
    size_t npairs, pair_cap;
    uint64_t *key; /* pair << 32 | indicator << 24 | period code */
    size_t n, cap;
    struct buf text; /* of the row being made */
    size_t from[WIDTH_MAX], len[WIDTH_MAX];
};

/* "WB:CRIME(1.0.0)" to "WB:CRIME_IND(1.0.0)" */
static void result_id(struct rows *r, const char *full_id)
{
    const char *version = strchr(full_id, '(');
    size_t n = version ? (size_t)(version - full_id) : strlen(full_id);
    (void)snprintf(r->full_id, sizeof r->full_id, "%.*s_IND%s", (int)n, full_id,
                   version ? version : "");
}

struct rows *rows_new(struct data *d, struct stage *st)
{
    struct rows *r = mem_new(sizeof *r);
    r->d = d;
    r->st = st;
    r->index = map_new(0);
    buf_init(&r->text, 1 << 24);
    result_id(r, d->s->full_id);
    for (size_t i = 0; i < d->s->ndims; i++)
        r->ndims += d->s->dims[i].role != DIM_UNIT;
    r->ndims++; /* INDICATOR */
    r->width = FIXED + r->ndims + C_COUNT;
    return r;
}

static void rows_free(struct rows *r)
{
    if (!r)
        return;
    sdmx_free(r->out);
    mem_free(r->pair);
    mem_free(r->key);
    map_free(r->index);
    buf_free(&r->text);
    mem_free(r);
}

void rows_freep(struct rows **r)
{
    rows_free(*r);
    *r = NULL;
}

/* --- the plan ------------------------------------------------------------------------------- */

static size_t pair_of(struct rows *r, const struct pair *p)
{
    char key[64];
    bool fresh = false;
    int n = snprintf(key, sizeof key, "%zu/%u/%c", p->group, (unsigned)p->area, p->freq);
    size_t at = (size_t)*map_put(r->index, (struct str){key, (size_t)n}, r->npairs, &fresh);
    if (!fresh)
        return at;
    if (r->npairs == r->pair_cap) {
        r->pair_cap = r->pair_cap ? 2 * r->pair_cap : 256;
        r->pair = mem_resize(r->pair, r->pair_cap * sizeof *r->pair);
    }
    r->pair[r->npairs++] = *p;
    return at;
}

/* Rows of one key must come from one group, or they could not be sorted together: a year made of
 * quarters belongs to the group of annual figures, if there is one. */
static size_t home(const struct data *d, const struct target *t)
{
    const struct group *g = &d->group[t->group];
    for (size_t i = 0; t->period.freq != g->freq && year_order[i]; i++)
        if (g->by_freq[i] != SIZE_MAX)
            return g->by_freq[i];
    return t->group;
}

void rows_plan(struct rows *r, const struct target *t, size_t area)
{
    const struct indicator *first = r->d->plan->indicators.items;
    struct pair p = {home(r->d, t), (uint32_t)area, (char)t->period.freq};
    if (r->n == r->cap) {
        r->cap = r->cap ? 2 * r->cap : 4096;
        r->key = mem_resize(r->key, r->cap * sizeof *r->key);
    }
    r->key[r->n++] = (uint64_t)pair_of(r, &p) << 32 | (uint64_t)(t->ind - first) << 24 |
                     (uint64_t)period_code(t->period);
}

static struct str area_code(const struct rows *r, uint32_t area)
{
    return area == REGION ? str_of(r->d->region->id) : map_key(r->d->areas, area);
}

static struct str code_of(const struct rows *r, const struct pair *p, size_t dim)
{
    if (r->d->s->dims[dim].role == DIM_AREA)
        return area_code(r, p->area);
    if (r->d->s->dims[dim].role == DIM_FREQ)
        return (struct str){&p->freq, 1};
    return r->d->group[p->group].codes[dim];
}

static int compare_pairs(const void *a, const void *b, void *rows)
{
    const struct rows *r = rows;
    const struct pair *x = &r->pair[*(const uint32_t *)a], *y = &r->pair[*(const uint32_t *)b];
    int c = 0;
    for (size_t i = 0; i + 1 < r->d->s->ndims && !c; i++)
        c = str_cmp(code_of(r, x, i), code_of(r, y, i));
    return c;
}

static int compare_ids(const void *a, const void *b, void *indicators)
{
    const struct indicator *all = indicators;
    return strcmp(all[*(const uint32_t *)a].id, all[*(const uint32_t *)b].id);
}

static int compare_keys(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* 0 … n-1 sorted by what they stand for; and the place of each in that order. */
struct order {
    uint32_t *sorted, *place;
};

static struct order order_of(size_t n, int (*compare)(const void *, const void *, void *),
                             void *context)
{
    struct order o = {mem_array(n, sizeof(uint32_t)), mem_array(n, sizeof(uint32_t))};
    for (size_t i = 0; i < n; i++)
        o.sorted[i] = (uint32_t)i;
    qsort_r(o.sorted, n, sizeof *o.sorted, compare, context);
    for (size_t i = 0; i < n; i++)
        o.place[o.sorted[i]] = (uint32_t)i;
    return o;
}

/* The key with the numbers of pair and indicator exchanged for others. */
static uint64_t renumber(uint64_t key, const uint32_t *pairs, const uint32_t *indicators)
{
    return (uint64_t)pairs[key >> 32] << 32 | (uint64_t)indicators[key >> 24 & 0xff] << 24 |
           (key & 0xffffff);
}

static void sort(struct rows *r)
{
    struct order pairs = order_of(r->npairs, compare_pairs, r);
    struct order ids =
        order_of(r->d->plan->indicators.n, compare_ids, r->d->plan->indicators.items);
    for (size_t i = 0; i < r->n; i++)
        r->key[i] = renumber(r->key[i], pairs.place, ids.place);
    qsort(r->key, r->n, sizeof *r->key, compare_keys);
    for (size_t i = 0; i < r->n; i++)
        r->key[i] = renumber(r->key[i], pairs.sorted, ids.sorted);
    mem_free(pairs.sorted);
    mem_free(pairs.place);
    mem_free(ids.sorted);
    mem_free(ids.place);
}

/* --- one row -------------------------------------------------------------------------------- */

/* Begin the cell; what is added to r->text until the next one is its text. */
static struct buf *cell(struct rows *r, size_t at)
{
    r->from[at] = r->text.n;
    return &r->text;
}

static void done(struct rows *r, size_t at) { r->len[at] = r->text.n - r->from[at]; }

static void put(struct rows *r, size_t at, struct str s)
{
    buf_str(cell(r, at), s);
    done(r, at);
}

static void put_letter(struct rows *r, size_t at, char c)
{
    if (c)
        put(r, at, (struct str){&c, 1});
}

static void put_num(struct rows *r, size_t at, struct num v)
{
    char z[NUM_TEXT_MAX];
    size_t n = num_text(v, z);
    put(r, at, (struct str){z, n});
}

static void put_count(struct rows *r, size_t at, size_t n)
{
    buf_fmt(cell(r, at), "%zu", n);
    done(r, at);
}

static int compare_texts(const void *a, const void *b)
{
    return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

/* The distinct texts, sorted, joined by '+'. */
static void put_joined(struct rows *r, size_t at, struct str *text, size_t n)
{
    struct buf *b = cell(r, at);
    qsort(text, n, sizeof *text, compare_texts);
    for (size_t i = 0; i < n; i++) {
        if (!text[i].n || (i && str_eq(text[i], text[i - 1])))
            continue;
        if (b->n > r->from[at])
            buf_char(b, '+');
        buf_str(b, text[i]);
    }
    done(r, at);
}

static void put_senders(struct rows *r, size_t at, uint64_t set)
{
    struct str text[SENDERS_MAX];
    size_t n = 0;
    for (size_t i = 0; i < map_count(r->d->senders) && i < SENDERS_MAX; i++)
        if (set >> i & 1)
            text[n++] = map_key(r->d->senders, i);
    put_joined(r, at, text, n);
}

static void put_choices(struct rows *r, size_t at, uint64_t set, bool vintage)
{
    const struct choice *c = r->d->plan->population.choices.items;
    struct str text[CHOICES_MAX];
    size_t n = 0;
    for (size_t i = 0; i < r->d->plan->population.choices.n && i < CHOICES_MAX; i++)
        if (set >> i & 1)
            text[n++] = str_of(vintage ? c[i].vintage : c[i].source);
    put_joined(r, at, text, n);
}

static void put_key_cells(struct rows *r, const struct target *t, size_t area)
{
    const struct structure *s = r->d->s;
    const struct pair p = {t->group, (uint32_t)area, (char)t->period.freq};
    char z[PERIOD_TEXT_MAX];
    size_t at = FIXED;
    put(r, 0, STR("datastructure"));
    put(r, 1, str_of(r->full_id));
    put(r, 2, STR("I"));
    for (size_t i = 0; i + 1 < s->ndims; i++)
        if (s->dims[i].role != DIM_UNIT)
            put(r, at++, code_of(r, &p, i));
    put(r, at++, str_of(t->ind->id));
    size_t n = period_text(t->period, z);
    put(r, at, (struct str){z, n});
}

/* What was divided or compared; nothing where it is not known whole, or may not be told. */
static void put_terms(struct rows *r, const struct target *t, const struct result *x,
                      size_t tail_at)
{
    enum reason why = x->in.reason;
    bool nothing = t->ind->kind == KIND_RANK || (x->together && !x->n);
    if (nothing || why == REASON_SUPPRESSED || why == REASON_INPUT || why == REASON_AREAS)
        return;
    put_num(r, tail_at + C_NUMERATOR, x->in.sum[0]);
    if (t->ind->kind != KIND_COUNT && why != REASON_POPULATION)
        put_num(r, tail_at + C_DENOMINATOR, x->in.sum[1]);
}

static void put_comment(struct rows *r, size_t at, const struct result *x)
{
    struct buf *b = cell(r, at);
    if (x->in.comment)
        buf_text(b, x->in.comment);
    if (x->in.comment && x->remark)
        buf_text(b, "; ");
    if (x->remark)
        buf_text(b, x->remark);
    done(r, at);
}

static void put_tail(struct rows *r, const struct target *t, const struct result *x)
{
    size_t c = FIXED + r->ndims;
    put(r, c + C_VALUE, x->value);
    put_letter(r, c + C_STATUS, x->in.status);
    put_letter(r, c + C_CONF, x->in.conf);
    put_comment(r, c + C_COMMENT, x);
    put(r, c + C_NATURE, x->in.illustrative ? STR("ILLUSTRATIVE") : STR(""));
    put(r, c + C_UNIT, str_of(t->ind->unit));
    if (x->value.n)
        put_count(r, c + C_DECIMALS, x->decimals > 0 ? (size_t)x->decimals : 0);
    put_terms(r, t, x, c);
    put_choices(r, c + C_POP_SOURCE, x->in.choices, false);
    put_choices(r, c + C_POP_VINTAGE, x->in.choices, true);
    if (x->together) {
        put_count(r, c + C_N, x->n);
        put_count(r, c + C_OF, x->of);
        put(r, c + C_MISSING, x->missing);
        put(r, c + C_COVERED, x->covered);
    }
    put(r, c + C_REASON, str_of(reason_word(x->in.reason)));
    put_senders(r, c + C_SENDER, x->in.senders);
    put_letter(r, c + C_GRADE, x->in.grade);
    put_letter(r, c + C_REVIEWED, x->in.reviewed);
}

void rows_put(struct rows *r, const struct target *t, size_t area, const struct result *x)
{
    struct str cells[WIDTH_MAX];
    buf_reset(&r->text);
    memset(r->len, 0, sizeof r->len);
    put_key_cells(r, t, area);
    put_tail(r, t, x);
    for (size_t i = 0; i < r->width; i++)
        cells[i] = r->len[i] ? (struct str){r->text.p + r->from[i], r->len[i]} : STR("");
    if (x->in.reason == REASON_SUPPRESSED || x->in.reason == REASON_AREAS)
        trace_cut(r->d->trace, 0); /* terms are left out: they would tell what is kept back */
    trace_result(r->d->trace, cells + FIXED, r->ndims);
    sdmx_write(r->out, cells);
}

static void open_output(struct rows *r)
{
    const struct structure *s = r->d->s;
    const char *columns[WIDTH_MAX] = {"STRUCTURE[;]", "STRUCTURE_ID", "ACTION"};
    size_t n = FIXED;
    for (size_t i = 0; i + 1 < s->ndims; i++)
        if (s->dims[i].role != DIM_UNIT)
            columns[n++] = s->dims[i].id;
    columns[n++] = "INDICATOR";
    columns[n++] = s->dims[s->ndims - 1].id;
    for (size_t i = 0; i < C_COUNT; i++)
        columns[n++] = tail[i];
    r->out = sdmx_create(&r->st->out, columns, n);
}

int rows_write(struct rows *r, rows_make make, struct err *e)
{
    const struct indicator *all = r->d->plan->indicators.items;
    sort(r);
    open_output(r);
    for (size_t i = 0; i < r->n; i++) {
        const struct pair *p = &r->pair[r->key[i] >> 32];
        struct target t = {.ind = &all[r->key[i] >> 24 & 0xff], .group = p->group};
        int rc = period_of_code(&t.period, (enum freq)p->freq, (int32_t)(r->key[i] & 0xffffff), e);
        if (rc == 0)
            rc = make(r->d, &t, p->area, r, e);
        if (rc == 0)
            rc = buf_ok(&r->text, "a result", e);
        if (rc < 0)
            return rc;
        stage_progress(r->st, "results", i, r->n);
    }
    sdmx_finish(r->out);
    stage_note(r->st, "%zu results written", r->n);
    return 0;
}
