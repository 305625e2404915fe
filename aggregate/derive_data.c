/* derive_data.c — the stream's figures in memory: groups that differ only in area and time, and an
 * index over (group, area, period). Everything is the data's own. */
#include "derive.h"

#include "bounds.h"
#include "mem.h"

#define KEY_SEP '\x1f' /* no code holds it: the reader of the stream saw to that, and we look */

void data_init(struct data *d, const struct structure *s)
{
    *d = (struct data){.s = s};
    d->groups = map_new(0);
    d->areas = map_new(0);
    d->senders = map_new(SENDERS_MAX);
    d->index = map_new(0);
}

void data_free(struct data *d)
{
    for (size_t i = 0; i < d->ngroups; i++)
        mem_free(d->group[i].cells);
    mem_free(d->group);
    mem_free(d->cell);
    mem_free(d->key);
    map_free(d->groups);
    map_free(d->areas);
    map_free(d->senders);
    map_free(d->index);
    arena_free(&d->arena);
}

/* From the worst: a break first (SDMX guideline on OBS_STATUS), then what makes a figure less its
 * own, then what makes it less certain. A letter not listed is worse than all: it is unknown. */
static char worse(char a, char b, const char *order)
{
    if (!a || !b)
        return a ? a : b;
    const char *x = strchr(order, a), *y = strchr(order, b);
    if (!x || !y)
        return x ? b : a;
    return x <= y ? a : b;
}

char worse_status(char a, char b) { return worse(a, b, "BDUIEFGKWJVSPNA"); }
char worse_conf(char a, char b) { return worse(a, b, "CAOTGMDSNEF"); }

static bool kept(const struct dimension *dim)
{
    return dim->role == DIM_PLAIN || dim->role == DIM_FREQ;
}

#define KEY_BYTES 8192 /* 24 codes of at most 256 bytes fit */

static struct str group_key(const struct data *d, const struct str *codes, char key[KEY_BYTES])
{
    size_t n = 0;
    for (size_t i = 0; i < d->s->ndims; i++) {
        size_t len = codes[i].n < 300 ? codes[i].n : 300;
        if (!kept(&d->s->dims[i]))
            continue;
        if (len)
            memcpy(key + n, codes[i].p, len);
        n += len;
        key[n++] = KEY_SEP;
    }
    return (struct str){key, n};
}

/* A dense number that map_find gives back, too. */
static size_t number(struct map *m, struct str key, bool *ret_fresh)
{
    return (size_t)*map_put(m, key, map_count(m), ret_fresh);
}

static size_t group_of(struct data *d, const struct str *codes)
{
    char key[KEY_BYTES];
    bool fresh = false;
    size_t at = number(d->groups, group_key(d, codes, key), &fresh);
    if (!fresh)
        return at;
    if (d->ngroups == d->group_cap) {
        d->group_cap = d->group_cap ? 2 * d->group_cap : 256;
        d->group = mem_resize(d->group, d->group_cap * sizeof *d->group);
    }
    struct group *g = &d->group[d->ngroups++];
    *g = (struct group){0};
    for (size_t i = 0; i < d->s->ndims; i++)
        if (kept(&d->s->dims[i]))
            g->codes[i] = arena_str(&d->arena, codes[i]);
    return at;
}

size_t data_sibling(const struct data *d, size_t group, int dim, struct str code)
{
    char key[KEY_BYTES];
    struct str codes[STRUCTURE_DIMS_MAX];
    memcpy(codes, d->group[group].codes, sizeof codes);
    codes[dim] = code;
    const uint64_t *at = map_find(d->groups, group_key(d, codes, key));
    return at ? (size_t)*at : SIZE_MAX;
}

size_t data_area(const struct data *d, const char *code)
{
    const uint64_t *at = map_find(d->areas, str_of(code));
    return at ? (size_t)*at : SIZE_MAX;
}

static struct str key_bytes(const struct cell_key *k)
{
    return (struct str){(const char *)k, sizeof *k};
}

const struct cell *data_cell(const struct data *d, size_t group, size_t area, struct period p)
{
    if (group == SIZE_MAX || area == SIZE_MAX)
        return NULL;
    struct cell_key k = {(uint32_t)group, (uint32_t)area, period_code(p)};
    const uint64_t *at = map_find(d->index, key_bytes(&k));
    return at ? &d->cell[*at] : NULL;
}

/* --- one row -------------------------------------------------------------------------------- */

struct place {
    const struct sdmx_reader *in;
    const struct sdmx_row *row;
};

static int fault_at(const struct place *at, struct err *e)
{
    return err_place(e, "%s:%zu", sdmx_name(at->in), at->row->line);
}

static struct str cell_of(const struct place *at, const char *column)
{
    int i = sdmx_find(at->in, column);
    return i < 0 ? STR("") : at->row->cell[i];
}

static char worst_letter(struct str set, char (*pick)(char, char))
{
    char worst = '\0';
    struct str one;
    while (sdmx_items(&set, &one))
        if (one.n)
            worst = pick(worst, one.p[0]);
    return worst;
}

static bool has_letter(struct str set, char letter)
{
    return set.n && memchr(set.p, letter, set.n) != NULL;
}

/* Value, and why there is none: empty, NaN, or kept back. */
static int fill_value(struct cell *c, const struct place *at, struct err *e)
{
    struct str value = cell_of(at, "OBS_VALUE"), status = cell_of(at, "OBS_STATUS");
    struct str conf = cell_of(at, "CONF_STATUS");
    c->status = worst_letter(status, worse_status);
    c->conf = conf.n && !str_is(conf, "F") ? conf.p[0] : '\0';
    c->given = value.n && !str_is(value, "NaN");
    c->suppressed = !value.n && (c->conf || has_letter(status, 'Q'));
    if (!c->given)
        return 0;
    int rc = num_parse(&c->value, value, &num_plain, e);
    return rc < 0 ? fault_at(at, e) : 0;
}

static int fill_attributes(struct data *d, struct cell *c, const struct place *at, struct err *e)
{
    struct str comment = cell_of(at, "COMMENT"), grade = cell_of(at, "GRADE");
    struct str reviewed = cell_of(at, "REVIEWED");
    size_t sender = map_intern(d->senders, cell_of(at, "SENDER"), NULL);
    if (sender >= SENDERS_MAX)
        return err_set(e, RC_DATA, "DERIVE-020", "more than %d senders in one stream", SENDERS_MAX);
    c->sender = (uint8_t)sender;
    c->comment = comment.n ? arena_text(&d->arena, comment) : NULL;
    c->grade = grade.n ? grade.p[0] : '\0';
    c->reviewed = reviewed.n ? reviewed.p[0] : '\0';
    c->illustrative = str_is(cell_of(at, "NATURE"), "ILLUSTRATIVE");
    return 0;
}

static int store(struct data *d, const struct cell_key *k, const struct cell *c,
                 const struct place *at, struct err *e)
{
    bool fresh = false;
    (void)map_put(d->index, key_bytes(k), d->ncells, &fresh);
    if (!fresh) {
        (void)err_set(e, RC_DATA, "DERIVE-021", "this figure stands in the stream twice");
        (void)fault_at(at, e);
        return err_hint(e, "take one vintage: rta pull with --as-of gives one");
    }
    if (d->ncells == d->cell_cap) {
        d->cell_cap = d->cell_cap ? 2 * d->cell_cap : 1024;
        d->cell = mem_resize(d->cell, d->cell_cap * sizeof *d->cell);
        d->key = mem_resize(d->key, d->cell_cap * sizeof *d->key);
    }
    struct group *g = &d->group[k->group];
    if (g->n == g->cap) {
        g->cap = g->cap ? 2 * g->cap : 16;
        g->cells = mem_resize(g->cells, g->cap * sizeof *g->cells);
    }
    g->cells[g->n++] = d->ncells;
    d->key[d->ncells] = *k;
    d->cell[d->ncells++] = *c;
    return 0;
}

/* The row's codes by dimension; false: another unit, to be put aside. */
static bool read_codes(const struct data *d, const struct place *at, struct str *codes)
{
    for (size_t i = 0; i < d->s->ndims; i++) {
        codes[i] = cell_of(at, d->s->dims[i].id);
        bool unit = d->s->dims[i].role == DIM_UNIT;
        if (unit && d->plan->unit && !str_is(codes[i], d->plan->unit))
            return false;
    }
    return true;
}

static int check_row(const struct data *d, const struct place *at, struct period p, struct str freq,
                     struct err *e)
{
    if (freq.n != 1 || freq.p[0] != (char)p.freq) {
        (void)err_set(e, RC_DATA, "DERIVE-022", "frequency '%.*s' does not fit the period",
                      STR_ARG(freq));
        return fault_at(at, e);
    }
    if (at->row->action == 'D') {
        (void)err_set(e, RC_DATA, "DERIVE-023", "a deletion is no figure to compute with");
        return fault_at(at, e);
    }
    for (size_t i = 0; i < d->s->ndims; i++) {
        struct str code = cell_of(at, d->s->dims[i].id);
        if (code.n <= LIMIT_CODE_BYTES)
            continue;
        (void)err_set(e, RC_DATA, "DERIVE-025", "a code of %s is longer than %zu bytes",
                      d->s->dims[i].id, LIMIT_CODE_BYTES);
        return fault_at(at, e);
    }
    struct str id = sdmx_structure_id(at->in);
    if (!str_is(id, d->s->full_id)) {
        (void)err_set(e, RC_DATA, "DERIVE-024", "structure %.*s in a stream of %s", STR_ARG(id),
                      d->s->full_id);
        return fault_at(at, e);
    }
    return 0;
}

int data_row(struct data *d, const struct sdmx_reader *in, const struct sdmx_row *row,
             struct totals *t, struct err *e)
{
    struct place at = {in, row};
    struct str codes[STRUCTURE_DIMS_MAX];
    struct period p;
    struct cell c = {0};
    t->in++;
    if (!read_codes(d, &at, codes)) {
        t->aside++;
        return 0;
    }
    int rc = period_parse(&p, codes[d->s->ndims - 1], e);
    if (rc < 0)
        return fault_at(&at, e);
    rc = check_row(d, &at, p, codes[structure_role(d->s, DIM_FREQ)], e);
    if (rc == 0)
        rc = fill_value(&c, &at, e);
    if (rc == 0)
        rc = fill_attributes(d, &c, &at, e);
    if (rc < 0)
        return rc;
    size_t group = group_of(d, codes);
    d->group[group].freq = p.freq;
    size_t area = number(d->areas, codes[structure_role(d->s, DIM_AREA)], NULL);
    struct cell_key k = {(uint32_t)group, (uint32_t)area, period_code(p)};
    t->passed++;
    return store(d, &k, &c, &at, e);
}

/* Frequencies that a year's figure can come from: as sent for the year, else added up. */
const char year_order[] = "AQMST";

void data_finish(struct data *d)
{
    int dim = structure_role(d->s, DIM_FREQ);
    for (size_t g = 0; g < d->ngroups; g++)
        for (size_t i = 0; year_order[i]; i++)
            d->group[g].by_freq[i] = data_sibling(d, g, dim, (struct str){&year_order[i], 1});
}
