/* map_tally.c — where every source's total went: per dimension, source, target and unit, exact
 * sums. Proof that nothing was lost: per dimension and unit the sums of all lines equal the sum of
 * the input. Texts are the arena's. */
#include "arena.h"
#include "buf.h"
#include "csv.h"
#include "json.h"
#include "map_run.h"
#include "text.h"

struct account {
    const char *dim;
    struct str source, target, unit;
    char grade;
    bool reviewed;
    struct num weight, total;
    uint64_t rows, missing;
};

struct tally {
    struct arena arena;
    struct map *index;
    struct buf key;
    struct account *list;
    size_t n, cap;
};

struct tally *tally_new(void)
{
    struct tally *t = mem_new(sizeof *t);
    t->index = map_new(0);
    buf_init(&t->key, LIMIT_ROW_BYTES);
    return t;
}

void tally_free(struct tally *t)
{
    if (!t)
        return;
    arena_free(&t->arena);
    map_free(t->index);
    buf_free(&t->key);
    mem_free(t->list);
    mem_free(t);
}

static struct account *account(struct tally *t, const struct account *like)
{
    bool fresh = false;
    char weight[NUM_TEXT_MAX];
    (void)num_text(like->weight, weight);
    buf_reset(&t->key);
    buf_fmt(&t->key, "%s\n%s\n%c%d\n", like->dim, weight, like->grade, like->reviewed);
    buf_str(&t->key, like->source);
    buf_char(&t->key, '\n');
    buf_str(&t->key, like->target);
    buf_char(&t->key, '\n');
    buf_str(&t->key, like->unit);
    uint64_t *slot = map_put(t->index, buf_view(&t->key), t->n, &fresh);
    if (!slot)
        return NULL;
    if (!fresh)
        return &t->list[*slot];
    if (t->n == t->cap) {
        t->cap = t->cap ? t->cap * 2 : 64;
        t->list = mem_resize(t->list, t->cap * sizeof *t->list);
    }
    struct account *a = &t->list[t->n++];
    *a = *like;
    a->source = arena_str(&t->arena, like->source);
    a->target = arena_str(&t->arena, like->target);
    a->unit = arena_str(&t->arena, like->unit);
    return a;
}

int tally_add(struct tally *t, const struct tally_part *part, struct err *e)
{
    const struct entry *en = part->entry;
    struct account like = {
        .dim = part->dim, .source = part->source, .unit = part->unit, .weight = {1, 0}};
    struct err why = {0};
    struct num v;
    like.target = en && !en->aside ? en->target : str_of(part->instead ? part->instead : "(aside)");
    like.grade = en && en->grade ? en->grade : '-';
    like.reviewed = en && en->reviewed;
    if (en)
        like.weight = en->weight;
    struct account *a = account(t, &like);
    if (!a)
        return err_set(e, RC_DATA, "MAP-070", "the report has too many lines");
    a->rows++;
    if (num_parse(&v, part->value, &num_plain, &why) < 0) {
        a->missing++;
        return 0;
    }
    int rc = num_mul(&v, v, like.weight, e);
    return rc < 0 ? rc : num_add(&a->total, a->total, v, e);
}

/* --- balances -----------------------------------------------------------------------------------
 */

enum way { MAPPED, ASIDE, REFUSED, WAYS };

/* Of one dimension and unit. */
struct balance {
    struct num ways[WAYS];
};

struct balances {
    const char **dims; /* in the order of the accounts */
    size_t ndims;
    struct map *index; /* dimension and unit → number in list */
    struct balance *list;
    size_t n;
    struct buf key;
};

static struct str balance_key(struct balances *s, const char *dim, struct str unit)
{
    buf_reset(&s->key);
    buf_fmt(&s->key, "%s\n", dim);
    buf_str(&s->key, unit);
    return buf_view(&s->key);
}

static void note_dim(struct balances *s, const char *dim)
{
    for (size_t i = 0; i < s->ndims; i++)
        if (strcmp(s->dims[i], dim) == 0)
            return;
    s->dims = mem_resize(s->dims, (s->ndims + 1) * sizeof *s->dims);
    s->dims[s->ndims++] = dim;
}

static int add_up(struct balances *s, const struct tally *t, struct err *e)
{
    int rc = 0;
    for (size_t i = 0; i < t->n && rc >= 0; i++) {
        const struct account *a = &t->list[i];
        if (a->dim[0] == '\0')
            continue;
        note_dim(s, a->dim);
        bool fresh;
        uint64_t *at = map_put(s->index, balance_key(s, a->dim, a->unit), s->n, &fresh);
        if (!at)
            return err_set(e, RC_DATA, "MAP-076", "the report has too many units");
        if (fresh)
            s->list[s->n++] = (struct balance){{{0, 0}}};
        enum way way = str_is(a->target, "(aside)")     ? ASIDE
                       : str_is(a->target, "(refused)") ? REFUSED
                                                        : MAPPED;
        struct num *sum = &s->list[*at].ways[way];
        rc = num_add(sum, *sum, a->total, e);
    }
    return rc;
}

static void balances_open(struct balances *s, const struct tally *t)
{
    *s = (struct balances){.index = map_new(0)};
    s->list = mem_array(t->n + 1, sizeof *s->list);
    buf_init(&s->key, LIMIT_ROW_BYTES);
}

static void balances_close(struct balances *s)
{
    mem_free(s->dims);
    mem_free(s->list);
    map_free(s->index);
    buf_free(&s->key);
}

/* NULL: nothing of this unit has the dimension. */
static const struct balance *balance_of(struct balances *s, const char *dim, struct str unit)
{
    const uint64_t *at = map_find(s->index, balance_key(s, dim, unit));
    return at ? &s->list[*at] : NULL;
}

static int prove(struct balances *s, const char *dim, const struct account *all, struct err *e)
{
    const struct balance *b = balance_of(s, dim, all->unit);
    struct num sum = {0, 0};
    char have[NUM_TEXT_MAX], want[NUM_TEXT_MAX];
    int rc = 0;
    for (size_t k = 0; b && k < WAYS && rc >= 0; k++)
        rc = num_add(&sum, sum, b->ways[k], e);
    if (!b || rc < 0 || num_cmp(sum, all->total) == 0)
        return rc;
    have[num_text(sum, have)] = want[num_text(all->total, want)] = '\0';
    return err_set(e, RC_BUG, "MAP-071", "%s: %s of %s went somewhere", dim, have, want);
}

static void put_line(struct buf *b, const struct account *a)
{
    char total[NUM_TEXT_MAX], weight[NUM_TEXT_MAX];
    (void)num_text(a->total, total);
    (void)num_text(a->weight, weight);
    csv_put(b, str_of(a->dim), ',');
    buf_char(b, ',');
    csv_put(b, a->source, ',');
    buf_char(b, ',');
    csv_put(b, a->target, ',');
    buf_char(b, ',');
    csv_put(b, a->unit, ',');
    buf_fmt(b, ",%s,%c,%c,%llu,%llu,%s\n", weight, a->grade, a->reviewed ? 'Y' : 'N',
            (unsigned long long)a->rows, (unsigned long long)a->missing, total);
}

static void put_csv(const struct tally *t, struct buf *b)
{
    buf_text(b, "dimension,source,target,unit,weight,grade,reviewed,rows,no_value,total\n");
    for (size_t i = 0; i < t->n; i++)
        put_line(b, &t->list[i]);
}

static struct json *number(struct num v)
{
    char text[NUM_TEXT_MAX];
    size_t n = num_text(v, text);
    return js_number((struct str){text, n});
}

static void put_json(const struct tally *t, struct buf *b)
{
    struct json *list CLEANUP(js_freep) = js_array();
    for (size_t i = 0; i < t->n; i++) {
        const struct account *a = &t->list[i];
        struct json *j = js_object();
        js_set(j, "dimension", js_text(a->dim));
        js_set(j, "source", js_string(a->source));
        js_set(j, "target", js_string(a->target));
        js_set(j, "unit", js_string(a->unit));
        js_set(j, "weight", number(a->weight));
        js_set(j, "grade", js_string((struct str){&a->grade, 1}));
        js_set(j, "reviewed", js_bool(a->reviewed));
        js_set(j, "rows", js_int((int64_t)a->rows));
        js_set(j, "no_value", js_int((int64_t)a->missing));
        js_set(j, "total", number(a->total));
        js_push(list, j);
    }
    js_write(b, list, true);
    buf_char(b, '\n');
}

/* A text in so many columns, cut with an ellipsis. */
static void put_cell(struct buf *b, struct str s, size_t width)
{
    size_t have = 0, all = text_width(s);
    struct str rest = s;
    while (rest.n) {
        struct str before = rest;
        (void)text_next(&rest);
        struct str one = {before.p, before.n - rest.n};
        size_t w = text_width(one);
        if (have + w + (all > width) > width)
            break;
        buf_str(b, one);
        have += w;
    }
    if (all > width) {
        buf_text(b, "…");
        have++;
    }
    for (; have < width; have++)
        buf_char(b, ' ');
}

static void put_number(struct buf *b, const char *text, size_t width)
{
    buf_fmt(b, "%*s", (int)width, text);
}

static void put_account(struct buf *b, const struct account *a)
{
    char total[NUM_TEXT_MAX], weight[NUM_TEXT_MAX];
    (void)num_text(a->total, total);
    (void)num_text(a->weight, weight);
    put_cell(b, a->source, 34);
    buf_text(b, "  ");
    put_cell(b, a->target, 12);
    put_number(b, weight, 6);
    buf_fmt(b, "  %c %c", a->grade, a->reviewed ? 'Y' : 'N');
    buf_fmt(b, "%7llu", (unsigned long long)a->rows);
    put_number(b, total, 12);
    buf_char(b, '\n');
}

/* What is in, and where it went: in = mapped + aside + refused. */
static void put_balance(struct balances *s, const char *dim, const struct account *all,
                        struct buf *b)
{
    static const char *const words[] = {"mapped", "aside", "refused"};
    static const struct balance nothing = {{{0, 0}}};
    const struct balance *have = balance_of(s, dim, all->unit);
    char text[NUM_TEXT_MAX];
    (void)num_text(all->total, text);
    buf_fmt(b, "%.*s%sin %s =", STR_ARG(all->unit), all->unit.n ? ": " : "", text);
    for (size_t k = 0; k < WAYS; k++) {
        (void)num_text((have ? have : &nothing)->ways[k], text);
        buf_fmt(b, "%s %s %s", k ? " +" : "", words[k], text);
    }
    buf_char(b, '\n');
}

static void put_table(const struct tally *t, struct balances *s, struct buf *b)
{
    for (size_t d = 0; d < s->ndims; d++) {
        buf_fmt(b, "%s%s\n", b->n ? "\n" : "", s->dims[d]);
        buf_fmt(b, "%-34s  %-12s%6s  %-3s%7s%12s\n", "source", "target", "weight", "G R", "rows",
                "total");
        for (size_t i = 0; i < t->n; i++)
            if (strcmp(t->list[i].dim, s->dims[d]) == 0)
                put_account(b, &t->list[i]);
        for (size_t i = 0; i < t->n; i++)
            if (t->list[i].dim[0] == '\0')
                put_balance(s, s->dims[d], &t->list[i], b);
    }
    buf_text(b, "\nG: comparability grade; R: has a person reviewed it\n");
}

static int prove_all(const struct tally *t, struct balances *s, struct err *e)
{
    int rc = add_up(s, t, e);
    for (size_t i = 0; i < t->n && rc >= 0; i++)
        for (size_t k = 0; k < s->ndims && rc >= 0 && t->list[i].dim[0] == '\0'; k++)
            rc = prove(s, s->dims[k], &t->list[i], e);
    return rc;
}

int tally_write(const struct tally *t, const char *path, struct out *out, struct err *e)
{
    struct buf b;
    struct balances sums CLEANUP(balances_close);
    size_t n = path ? strlen(path) : 0;
    balances_open(&sums, t);
    int rc = prove_all(t, &sums, e);
    if (rc < 0)
        return rc;
    buf_init(&b, LIMIT_CONFIG_BYTES);
    if (!path)
        put_table(t, &sums, &b);
    else if (n > 5 && strcmp(path + n - 5, ".json") == 0)
        put_json(t, &b);
    else
        put_csv(t, &b);
    if (rc == 0)
        rc = buf_ok(&b, "the report", e);
    if (rc == 0 && path)
        rc = file_write(path, buf_view(&b), e);
    else if (rc == 0)
        out_str(out, buf_view(&b));
    buf_free(&b);
    return rc;
}
