/* map_table.c — reading and proving a table of config/maps: a table that could lose or double a
 * figure is refused before the first row is read. Entries live in the arena of conf; the index and
 * scratch memory are owned here. */
#include "mapping.h"
#include "period.h"
#include "text.h"
#include "yml.h"

#define DAY_FIRST INT32_MIN
#define DAY_LAST INT32_MAX

static const char *const columns_must[] = {"source", "target", "weight", "grade", NULL};
static const char *const columns_may[] = {"source_label", "reviewed",   "valid_from", "valid_to",
                                          "authority",    "confidence", "note",       NULL};

struct reading { /* one load */
    struct table *t;
    struct conf *conf;
    const struct dimension *dim;
    struct entry *rows; /* in file order */
    uint32_t *owner;    /* by row: origin */
    size_t n, cap;
    struct buf key;
};

static struct yaml_mark line_of(const struct reading *r, size_t line)
{
    return (struct yaml_mark){r->t->path, (unsigned)line, 1};
}

static int read_day(const struct reading *r, struct str text, bool last, int32_t *ret, size_t line,
                    struct err *e)
{
    struct period p;
    struct err why = {0};
    if (text.n == 0) {
        *ret = last ? DAY_LAST : DAY_FIRST;
        return 0;
    }
    if ((text.n != 4 && text.n != 7 && text.n != 10) || period_parse(&p, text, &why) < 0)
        return yaml_fault(e, line_of(r, line), "MAP-020",
                          "'%.*s' is no date (YYYY, YYYY-MM or YYYY-MM-DD)", STR_ARG(text));
    *ret = last ? period_last_day(p) : period_first_day(p);
    return 0;
}

static int read_weight(const struct reading *r, struct str text, struct entry *en, struct err *e)
{
    struct err why = {0};
    struct num one = {1, 0}, zero = {0, 0};
    if (text.n == 0)
        text = STR("1");
    if (num_parse(&en->weight, text, &num_plain, &why) < 0 || num_cmp(en->weight, zero) <= 0 ||
        num_cmp(en->weight, one) > 0)
        return yaml_fault(e, line_of(r, en->line), "MAP-021",
                          "weight '%.*s' is no decimal above 0 and up to 1", STR_ARG(text));
    en->whole = num_cmp(en->weight, one) == 0;
    return 0;
}

static int read_target(const struct reading *r, struct entry *en, struct str grade, struct err *e)
{
    const struct codelist *l = r->dim->codes;
    const struct code *near[3];
    if (en->target.n == 0) {
        en->aside = true;
        if (str_is(grade, "-"))
            return 0;
        yaml_fault(e, line_of(r, en->line), "MAP-022", "no target for '%.*s'", STR_ARG(en->source));
        return err_hint(e, "to set a source aside on purpose give grade '-' and a note");
    }
    if (grade.n != 1 || grade.p[0] < 'A' || grade.p[0] > 'E')
        return yaml_fault(e, line_of(r, en->line), "MAP-023", "grade '%.*s' is none of A B C D E",
                          STR_ARG(grade));
    en->grade = grade.p[0];
    if (!l || codelist_find(l, en->target))
        return 0;
    yaml_fault(e, line_of(r, en->line), "MAP-024", "target '%.*s' is no code of %s",
               STR_ARG(en->target), l->id);
    return codelist_nearest(l, en->target, near)
               ? err_hint(e, "nearest: %.*s", STR_ARG(near[0]->id))
               : -(int)e->rc;
}

/* The text that is compared: as written, or folded. */
static struct str match_text(bool fold, struct buf *b, struct str text)
{
    if (!fold)
        return text;
    buf_reset(b);
    text_fold(b, text);
    return buf_view(b);
}

static int read_row(struct reading *r, const struct conf_table *t, struct err *e)
{
    struct arena *a = &r->conf->arena;
    if (r->n == r->cap) {
        r->cap = r->cap ? r->cap * 2 : 256;
        r->rows = mem_resize(r->rows, r->cap * sizeof *r->rows);
        r->owner = mem_resize(r->owner, r->cap * sizeof *r->owner);
    }
    struct entry *en = &r->rows[r->n];
    *en = (struct entry){.line = conf_line(t)};
    en->source = arena_str(a, conf_cell(t, "source"));
    en->label = arena_str(a, conf_cell(t, "source_label"));
    en->target = arena_str(a, conf_cell(t, "target"));
    en->note = arena_str(a, conf_cell(t, "note"));
    en->reviewed = conf_cell(t, "reviewed").n > 0;
    if (en->source.n == 0)
        return yaml_fault(e, line_of(r, en->line), "MAP-025", "a line without a source");
    int rc = read_target(r, en, conf_cell(t, "grade"), e);
    if (rc == 0)
        rc = read_weight(r, conf_cell(t, "weight"), en, e);
    if (rc == 0)
        rc = read_day(r, conf_cell(t, "valid_from"), false, &en->from, en->line, e);
    if (rc == 0)
        rc = read_day(r, conf_cell(t, "valid_to"), true, &en->to, en->line, e);
    if (rc == 0 && en->from > en->to)
        rc = yaml_fault(e, line_of(r, en->line), "MAP-026", "valid_to lies before valid_from");
    if (rc < 0)
        return rc;
    struct str key = match_text(r->t->fold, &r->key, en->source);
    const uint64_t *id = map_put(r->t->index, key, map_count(r->t->index), NULL);
    if (!id || *id > INT32_MAX / 2)
        return yaml_fault(e, line_of(r, en->line), "MAP-027", "too many sources");
    r->owner[r->n++] = (uint32_t)*id;
    return 0;
}

/* Bring the lines of one source together, keeping their order. */
static void gather(struct reading *r)
{
    struct table *t = r->t;
    t->norigins = map_count(t->index);
    t->origins = arena_array(&r->conf->arena, t->norigins + 1, sizeof *t->origins);
    t->entries = arena_array(&r->conf->arena, r->n + 1, sizeof *t->entries);
    t->n = r->n;
    for (size_t i = 0; i < r->n; i++)
        t->origins[r->owner[i]].n++;
    for (size_t o = 1; o < t->norigins; o++)
        t->origins[o].first = t->origins[o - 1].first + t->origins[o - 1].n;
    size_t *next = mem_array(t->norigins + 1, sizeof *next);
    for (size_t i = 0; i < r->n; i++) {
        struct origin *o = &t->origins[r->owner[i]];
        t->entries[o->first + next[r->owner[i]]++] = r->rows[i];
    }
    mem_free(next);
}

static bool meet(const struct entry *a, const struct entry *b)
{
    return a->from <= b->to && b->from <= a->to;
}

/* On the day when one line begins to be valid, the weights of all valid lines sum to 1. As sums
 * change on such days, and on the day after one ends, checking these is checking all. */
static int sum_on(const struct reading *r, const struct origin *o, int32_t day, struct err *e)
{
    const struct entry *en = &r->t->entries[o->first];
    struct num sum = {0, 0}, one = {1, 0};
    char text[NUM_TEXT_MAX];
    size_t n = 0, line = 0;
    for (size_t i = 0; i < o->n; i++) {
        if (en[i].from > day || en[i].to < day)
            continue;
        int rc = num_add(&sum, sum, en[i].weight, e);
        if (rc < 0)
            return rc;
        n++;
        line = en[i].line;
    }
    if (n == 0 || num_cmp(sum, one) == 0)
        return 0;
    (void)num_text(sum, text);
    yaml_fault(e, line_of(r, line), "MAP-028", "the weights of '%.*s' sum to %s, not to 1",
               STR_ARG(en->source), text);
    return err_hint(e, "of the lines valid at the same time; valid_from and valid_to part others");
}

/* Two lines of one source (or of two that fold together) that are valid on one day. */
static int prove_pair(const struct reading *r, const struct entry *a, const struct entry *b,
                      struct err *e)
{
    bool named = str_eq(a->source, b->source), target = str_eq(a->target, b->target);
    if (!meet(a, b) || (named && !target))
        return 0;
    if (named)
        return yaml_fault(e, line_of(r, a->line), "MAP-030",
                          "the same source and target as in line %zu, at the same time", b->line);
    yaml_fault(e, line_of(r, a->line), "MAP-031",
               "'%.*s' and '%.*s' of line %zu are one source when folded", STR_ARG(a->source),
               STR_ARG(b->source), b->line);
    return err_hint(e, "keep one of them, or leave 'fold' out of the map");
}

/* Once a source means something, it means something on every day until its last line ends: what it
 * means in between must not be left open. */
static int prove_days(const struct reading *r, const struct origin *o, struct err *e)
{
    const struct entry *en = &r->t->entries[o->first];
    for (size_t i = 0; i < o->n; i++) {
        bool last = true, followed = en[i].to == DAY_LAST;
        for (size_t k = 0; k < o->n && !followed; k++) {
            last = last && en[k].to <= en[i].to;
            followed = en[k].from <= en[i].to + 1 && en[k].to > en[i].to;
        }
        if (followed || last)
            continue;
        yaml_fault(e, line_of(r, en[i].line), "MAP-032",
                   "between this line of '%.*s' and the next one there are days without any",
                   STR_ARG(en[i].source));
        return err_hint(e, "mend valid_to or valid_from; a time in which the code meant nothing is "
                           "a line without a target and with grade '-'");
    }
    return 0;
}

static int prove_origin(const struct reading *r, const struct origin *o, struct err *e)
{
    const struct entry *en = &r->t->entries[o->first];
    int rc = 0;
    if (o->n > MAP_SPLIT_MAX)
        return yaml_fault(e, line_of(r, en->line), "MAP-029", "'%.*s' has more than %d lines",
                          STR_ARG(en->source), MAP_SPLIT_MAX);
    for (size_t i = 0; i < o->n; i++)
        for (size_t k = 0; k < i && rc == 0; k++)
            rc = prove_pair(r, &en[i], &en[k], e);
    for (size_t i = 0; i < o->n && rc == 0; i++) {
        rc = sum_on(r, o, en[i].from, e);
        if (rc == 0 && en[i].to != DAY_LAST)
            rc = sum_on(r, o, en[i].to + 1, e);
    }
    return rc < 0 ? rc : prove_days(r, o, e);
}

static int by_target(const void *a, const void *b)
{
    const struct entry *x = *(const struct entry *const *)a, *y = *(const struct entry *const *)b;
    int c = str_cmp(x->target, y->target);
    return c ? c : (x->from > y->from) - (x->from < y->from);
}

/* Which targets have several sources at one time. Ordered by target and first day, a line meets one
 * before it when it begins before the latest end so far, and one after it when the next begins
 * before its own end. Lines of one source with one target never meet: that was refused above. */
static void find_shared(const struct reading *r)
{
    struct table *t = r->t;
    struct entry **order = mem_array(t->n + 1, sizeof(struct entry *));
    int32_t latest = DAY_FIRST;
    for (size_t i = 0; i < t->n; i++)
        order[i] = &t->entries[i];
    qsort(order, t->n, sizeof(struct entry *), by_target);
    for (size_t i = 0; i < t->n; i++) {
        struct entry *en = order[i], *next = i + 1 < t->n ? order[i + 1] : NULL;
        bool begins = i == 0 || !str_eq(en->target, order[i - 1]->target);
        bool goes_on = next && str_eq(en->target, next->target);
        en->shared =
            !en->aside && ((!begins && en->from <= latest) || (goes_on && next->from <= en->to));
        latest = begins || en->to > latest ? en->to : latest;
    }
    mem_free(order);
}

static int read_all(struct reading *r, struct err *e)
{
    struct conf_table *t CLEANUP(conf_table_closep) = NULL;
    int rc = conf_table_open(&t, r->t->path, columns_must, columns_may, e);
    while (rc == 0 && (rc = conf_table_next(t, e)) > 0)
        rc = read_row(r, t, e);
    if (rc < 0)
        return rc;
    gather(r);
    for (size_t o = 0; rc == 0 && o < r->t->norigins; o++) {
        struct origin * or = &r->t->origins[o];
        const struct entry *en = &r->t->entries[or->first];
        or->always = or->n == 1 && en->from == DAY_FIRST && en->to == DAY_LAST;
        rc = prove_origin(r, or, e);
    }
    if (rc == 0)
        find_shared(r);
    return rc;
}

int table_load(struct table **ret, struct conf *c, const char *name, bool fold,
               const struct dimension *dim, struct err *e)
{
    struct reading r = {.conf = c, .dim = dim};
    r.t = arena_new(&c->arena, sizeof *r.t);
    *ret = r.t;
    *r.t = (struct table){.name = name, .fold = fold};
    int rc = conf_path(c, "maps", name, "csv", &r.t->path, e);
    if (rc < 0)
        return rc;
    r.t->index = map_new(0);
    buf_init(&r.key, LIMIT_ROW_BYTES);
    rc = read_all(&r, e);
    buf_free(&r.key);
    mem_free(r.rows);
    mem_free(r.owner);
    return rc;
}

void table_free(struct table *t)
{
    map_free(t->index);
    t->index = NULL;
}

int32_t table_find(const struct table *t, struct str text)
{
    struct buf b;
    buf_init(&b, LIMIT_ROW_BYTES);
    const uint64_t *slot = map_find(t->index, match_text(t->fold, &b, text));
    buf_free(&b);
    return slot ? (int32_t)*slot : -1;
}
