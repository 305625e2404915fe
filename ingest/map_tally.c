/* map_tally.c — where every source's total went: per dimension, source, target and unit, exact
 * sums. Proof that nothing was lost: per dimension and unit the sums of all lines equal the sum of
 * the input. Texts are the arena's. */
#include "arena.h"
#include "buf.h"
#include "csv.h"
#include "map_run.h"

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

int tally_write(const struct tally *t, const char *path, struct err *e)
{
    struct buf b;
    int rc = 0;
    buf_init(&b, LIMIT_CONFIG_BYTES);
    buf_text(&b, "dimension,source,target,unit,weight,grade,reviewed,rows,no_value,total\n");
    for (size_t i = 0; i < t->n; i++)
        put_line(&b, &t->list[i]);
    for (size_t i = 0; rc == 0 && i < t->n; i++) {
        if (t->list[i].dim[0] != '\0')
            continue;
        const char *done = "";
        for (size_t k = 0; rc == 0 && k < t->n; k++)
            if (strcmp(t->list[k].dim, done) != 0) {
                done = t->list[k].dim;
                rc = prove(t, done, &t->list[i], e);
            }
    }
    if (rc == 0)
        rc = buf_ok(&b, path, e);
    if (rc == 0)
        rc = file_write(path, buf_view(&b), e);
    buf_free(&b);
    return rc;
}
