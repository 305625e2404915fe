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

static int prove(const struct tally *t, const char *dim, const struct account *all, struct err *e)
{
    struct num sum = {0, 0};
    char have[NUM_TEXT_MAX], want[NUM_TEXT_MAX];
    bool any = false;
    for (size_t i = 0; i < t->n; i++) {
        const struct account *a = &t->list[i];
        if (strcmp(a->dim, dim) != 0 || !str_eq(a->unit, all->unit))
            continue;
        any = true;
        int rc = num_add(&sum, sum, a->total, e);
        if (rc < 0)
            return rc;
    }
    if (!any || num_cmp(sum, all->total) == 0)
        return 0;
    (void)num_text(sum, have);
    (void)num_text(all->total, want);
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
static int put_balance(const struct tally *t, const char *dim, const struct account *all,
                       struct buf *b, struct err *e)
{
    static const char *const words[] = {"mapped", "aside", "refused"};
    struct num sums[3] = {{0, 0}};
    char text[NUM_TEXT_MAX];
    for (size_t i = 0; i < t->n; i++) {
        const struct account *a = &t->list[i];
        if (strcmp(a->dim, dim) != 0 || !str_eq(a->unit, all->unit))
            continue;
        size_t k = str_is(a->target, "(aside)") ? 1 : str_is(a->target, "(refused)") ? 2 : 0;
        int rc = num_add(&sums[k], sums[k], a->total, e);
        if (rc < 0)
            return rc;
    }
    (void)num_text(all->total, text);
    buf_fmt(b, "%.*s%sin %s =", STR_ARG(all->unit), all->unit.n ? ": " : "", text);
    for (size_t k = 0; k < 3; k++) {
        (void)num_text(sums[k], text);
        buf_fmt(b, "%s %s %s", k ? " +" : "", words[k], text);
    }
    buf_char(b, '\n');
    return 0;
}

static bool first_of_dim(const struct tally *t, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (strcmp(t->list[k].dim, t->list[i].dim) == 0)
            return false;
    return t->list[i].dim[0] != '\0';
}

static int put_table(const struct tally *t, struct buf *b, struct err *e)
{
    int rc = 0;
    for (size_t d = 0; d < t->n; d++) {
        if (!first_of_dim(t, d))
            continue;
        const char *dim = t->list[d].dim;
        buf_fmt(b, "%s%s\n", b->n ? "\n" : "", dim);
        buf_fmt(b, "%-34s  %-12s%6s  %-3s%7s%12s\n", "source", "target", "weight", "G R", "rows",
                "total");
        for (size_t i = d; i < t->n; i++)
            if (strcmp(t->list[i].dim, dim) == 0)
                put_account(b, &t->list[i]);
        for (size_t i = 0; i < t->n && rc == 0; i++)
            if (t->list[i].dim[0] == '\0')
                rc = put_balance(t, dim, &t->list[i], b, e);
    }
    buf_text(b, "\nG: comparability grade; R: has a person reviewed it\n");
    return rc;
}

static int prove_all(const struct tally *t, struct err *e)
{
    for (size_t i = 0; i < t->n; i++) {
        if (t->list[i].dim[0] != '\0')
            continue;
        for (size_t k = 0; k < t->n; k++) {
            int rc = first_of_dim(t, k) ? prove(t, t->list[k].dim, &t->list[i], e) : 0;
            if (rc < 0)
                return rc;
        }
    }
    return 0;
}

int tally_write(const struct tally *t, const char *path, struct out *out, struct err *e)
{
    struct buf b;
    size_t n = path ? strlen(path) : 0;
    int rc = prove_all(t, e);
    if (rc < 0)
        return rc;
    buf_init(&b, LIMIT_CONFIG_BYTES);
    if (!path)
        rc = put_table(t, &b, e);
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
