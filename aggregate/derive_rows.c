/* derive_rows.c — the rows of the output: made in any order, held, sorted by dimensions and period,
 * written in the columns of docs/contracts/stream.md. Texts are the rows' own arena's. */
#include "derive_emit.h"

#include "mem.h"

enum { FIXED = 3 }; /* STRUCTURE, STRUCTURE_ID, ACTION */

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

struct rows {
    struct data *d;
    struct stage *st;
    struct arena arena;
    struct str **row;
    size_t n, cap, width, ndims;
    struct str full_id;
    struct map *texts; /* one copy of every text that repeats */
};

/* "WB:CRIME(1.0.0)" to "WB:CRIME_IND(1.0.0)" */
static struct str result_id(struct arena *a, const char *full_id)
{
    const char *version = strchr(full_id, '(');
    size_t n = version ? (size_t)(version - full_id) : strlen(full_id);
    return str_of(arena_fmt(a, "%.*s_IND%s", (int)n, full_id, version ? version : ""));
}

struct rows *rows_new(struct data *d, struct stage *st)
{
    struct rows *r = mem_new(sizeof *r);
    r->d = d;
    r->st = st;
    r->texts = map_new(0);
    r->full_id = result_id(&r->arena, d->s->full_id);
    for (size_t i = 0; i < d->s->ndims; i++)
        r->ndims += d->s->dims[i].role != DIM_UNIT;
    r->ndims++; /* INDICATOR */
    r->width = FIXED + r->ndims + C_COUNT;
    return r;
}

void rows_free(struct rows *r)
{
    if (!r)
        return;
    mem_free(r->row);
    map_free(r->texts);
    arena_free(&r->arena);
    mem_free(r);
}

void rows_freep(struct rows **r)
{
    rows_free(*r);
    *r = NULL;
}

static struct str keep(struct rows *r, struct str s)
{
    if (!s.n)
        return STR("");
    size_t i = map_intern(r->texts, s, NULL);
    return i == SIZE_MAX ? arena_str(&r->arena, s) : map_key(r->texts, i);
}

static struct str keep_letter(struct rows *r, char c)
{
    return c ? keep(r, (struct str){&c, 1}) : STR("");
}

static struct str keep_num(struct rows *r, struct num v)
{
    char z[NUM_TEXT_MAX];
    size_t n = num_text(v, z);
    return keep(r, (struct str){z, n});
}

static struct str keep_count(struct rows *r, size_t n)
{
    char z[24];
    int len = snprintf(z, sizeof z, "%zu", n);
    return keep(r, (struct str){z, len > 0 ? (size_t)len : 0});
}

static int compare_texts(const void *a, const void *b)
{
    return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

/* The distinct texts, sorted, joined by '+'. */
static struct str keep_joined(struct rows *r, struct str *text, size_t n)
{
    struct buf b CLEANUP(buf_free) = {.max = 1 << 16};
    qsort(text, n, sizeof *text, compare_texts);
    for (size_t i = 0; i < n; i++) {
        if (!text[i].n || (i && str_eq(text[i], text[i - 1])))
            continue;
        if (b.n)
            buf_char(&b, '+');
        buf_str(&b, text[i]);
    }
    return keep(r, buf_view(&b));
}

static struct str keep_senders(struct rows *r, uint64_t set)
{
    struct str text[SENDERS_MAX];
    size_t n = 0;
    for (size_t i = 0; i < map_count(r->d->senders) && i < SENDERS_MAX; i++)
        if (set >> i & 1)
            text[n++] = map_key(r->d->senders, i);
    return keep_joined(r, text, n);
}

static struct str keep_choices(struct rows *r, uint64_t set, bool vintage)
{
    const struct choice *c = r->d->plan->population.choices.items;
    struct str text[CHOICES_MAX];
    size_t n = 0;
    for (size_t i = 0; i < r->d->plan->population.choices.n && i < CHOICES_MAX; i++)
        if (set >> i & 1)
            text[n++] = str_of(vintage ? c[i].vintage : c[i].source);
    return keep_joined(r, text, n);
}

static void put_key(struct rows *r, const struct target *t, const struct result *x,
                    struct str *cell)
{
    const struct structure *s = r->d->s;
    char freq = (char)t->period.freq, z[PERIOD_TEXT_MAX];
    size_t at = FIXED;
    cell[0] = STR("datastructure");
    cell[1] = r->full_id;
    cell[2] = STR("I");
    for (size_t i = 0; i + 1 < s->ndims; i++) {
        if (s->dims[i].role == DIM_UNIT)
            continue;
        struct str code = r->d->group[t->group].codes[i];
        if (s->dims[i].role == DIM_AREA)
            code = str_of(x->area);
        else if (s->dims[i].role == DIM_FREQ)
            code = (struct str){&freq, 1};
        cell[at++] = keep(r, code);
    }
    cell[at++] = str_of(t->ind->id);
    size_t n = period_text(t->period, z);
    cell[at] = keep(r, (struct str){z, n});
}

/* What was divided or compared; nothing where it is not known whole, or may not be told. */
static void put_terms(struct rows *r, const struct target *t, const struct result *x,
                      struct str *cell)
{
    enum reason why = x->in.reason;
    bool nothing = t->ind->kind == KIND_RANK || (x->together && !x->n);
    if (nothing || why == REASON_SUPPRESSED || why == REASON_INPUT || why == REASON_AREAS)
        return;
    cell[C_NUMERATOR] = keep_num(r, x->in.sum[0]);
    if (t->ind->kind != KIND_COUNT && why != REASON_POPULATION)
        cell[C_DENOMINATOR] = keep_num(r, x->in.sum[1]);
}

static struct str comment(struct rows *r, const struct result *x)
{
    struct buf b CLEANUP(buf_free) = {.max = 1 << 20};
    if (x->in.comment)
        buf_text(&b, x->in.comment);
    if (x->in.comment && x->remark)
        buf_text(&b, "; ");
    if (x->remark)
        buf_text(&b, x->remark);
    return keep(r, buf_view(&b));
}

static void put_tail(struct rows *r, const struct target *t, const struct result *x,
                     struct str *cell)
{
    cell[C_VALUE] = keep(r, x->value);
    cell[C_STATUS] = keep_letter(r, x->in.status);
    cell[C_CONF] = keep_letter(r, x->in.conf);
    cell[C_COMMENT] = comment(r, x);
    cell[C_NATURE] = x->in.illustrative ? STR("ILLUSTRATIVE") : STR("");
    cell[C_UNIT] = str_of(t->ind->unit);
    if (x->value.n)
        cell[C_DECIMALS] = keep_count(r, x->decimals > 0 ? (size_t)x->decimals : 0);
    put_terms(r, t, x, cell);
    cell[C_POP_SOURCE] = keep_choices(r, x->in.choices, false);
    cell[C_POP_VINTAGE] = keep_choices(r, x->in.choices, true);
    if (x->together) {
        cell[C_N] = keep_count(r, x->n);
        cell[C_OF] = keep_count(r, x->of);
        cell[C_MISSING] = keep(r, x->missing);
        cell[C_COVERED] = keep(r, x->covered);
    }
    cell[C_REASON] = str_of(reason_word(x->in.reason));
    cell[C_SENDER] = keep_senders(r, x->in.senders);
    cell[C_GRADE] = keep_letter(r, x->in.grade);
    cell[C_REVIEWED] = keep_letter(r, x->in.reviewed);
}

void rows_add(struct rows *r, const struct target *t, const struct result *x)
{
    if (r->n == r->cap) {
        r->cap = r->cap ? 2 * r->cap : 1024;
        r->row = mem_resize(r->row, r->cap * sizeof *r->row);
    }
    struct str *cell = arena_array(&r->arena, r->width, sizeof *cell);
    for (size_t i = 0; i < r->width; i++)
        cell[i] = STR("");
    put_key(r, t, x, cell);
    put_tail(r, t, x, cell + FIXED + r->ndims);
    r->row[r->n++] = cell;
}

/* By dimensions in their order, the period last; one frequency's periods sort as their text does.
 */
static int compare_rows(const void *a, const void *b, void *ndims)
{
    const struct str *x = *(struct str *const *)a, *y = *(struct str *const *)b;
    int c = 0;
    for (size_t i = 0; i < *(const size_t *)ndims && !c; i++)
        c = str_cmp(x[FIXED + i], y[FIXED + i]);
    return c;
}

void rows_write(struct rows *r)
{
    const struct structure *s = r->d->s;
    const char *columns[FIXED + STRUCTURE_DIMS_MAX + 1 + C_COUNT] = {"STRUCTURE[;]", "STRUCTURE_ID",
                                                                     "ACTION"};
    size_t n = FIXED;
    for (size_t i = 0; i + 1 < s->ndims; i++)
        if (s->dims[i].role != DIM_UNIT)
            columns[n++] = s->dims[i].id;
    columns[n++] = "INDICATOR";
    columns[n++] = s->dims[s->ndims - 1].id;
    for (size_t i = 0; i < C_COUNT; i++)
        columns[n++] = tail[i];
    qsort_r(r->row, r->n, sizeof *r->row, compare_rows, &r->ndims);
    struct sdmx_writer *w CLEANUP(sdmx_freep) = sdmx_create(&r->st->out, columns, n);
    for (size_t i = 0; i < r->n; i++)
        sdmx_write(w, r->row[i]);
    sdmx_finish(w);
    stage_note(r->st, "%zu results written", r->n);
}
