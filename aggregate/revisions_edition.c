/* revisions_edition.c — two built editions: which published figures changed. The figures are those
 * of data/NAME.csv (SDMX-CSV without a seal); what stands before OBS_VALUE is a figure's key. Texts
 * live in the arena of the configuration. */
#include "revisions.h"

#include "map.h"
#include "mem.h"
#include "sdmx.h"

#include <dirent.h>

#define SEP '\x1f'

/* One published figure. */
struct published {
    const char *dataset, *key, *value;
    bool met;
};

struct book {
    struct published *items;
    size_t n, cap;
    struct map *where;   /* dataset and key → index + 1 */
    const char *columns; /* names before OBS_VALUE of the first dataset, joined */
};

static void add_key(struct buf *b, const struct sdmx_row *row, size_t first, size_t end)
{
    buf_reset(b);
    for (size_t i = first; i < end; i++) {
        if (i > first)
            buf_char(b, SEP);
        buf_str(b, row->cell[i]);
    }
}

static int add_figure(struct rev *r, struct book *k, const struct published *p, struct err *e)
{
    bool fresh = false;
    const char *full = arena_fmt(&r->conf->arena, "%s%c%s", p->dataset, SEP, p->key);
    if (k->n == k->cap) {
        k->cap = k->cap ? k->cap * 2 : 1024;
        k->items = mem_resize(k->items, k->cap * sizeof *k->items);
    }
    if (!map_put(k->where, str_of(full), k->n + 1, &fresh))
        return err_set(e, RC_DATA, "REV-010", "an edition of too many figures");
    if (!fresh)
        return err_set(e, RC_DATA, "REV-011", "%s has a figure twice", p->dataset);
    k->items[k->n++] = *p;
    return 0;
}

static int read_rows(struct rev *r, struct book *k, const char *dataset, struct sdmx_reader *in,
                     struct err *e)
{
    struct arena *a = &r->conf->arena;
    struct sdmx_row row;
    struct buf key;
    int value = sdmx_find(in, COL_VALUE), action = sdmx_find(in, "ACTION");
    if (value < 0)
        return err_set(e, RC_DATA, "REV-012", "no column %s", COL_VALUE);
    size_t first = (size_t)action + 1;
    buf_init(&key, (size_t)1 << 20);
    for (size_t i = first; i < (size_t)value; i++)
        buf_fmt(&key, "%s%s", i > first ? "," : "", sdmx_column(in, i));
    k->columns = k->columns ? k->columns : arena_text(a, buf_view(&key));
    int rc = 0;
    while (rc >= 0 && (rc = sdmx_next(in, &row, e)) > 0) {
        add_key(&key, &row, first, (size_t)value);
        struct published p = {dataset, arena_text(a, buf_view(&key)),
                              arena_text(a, row.cell[value]), false};
        rc = add_figure(r, k, &p, e);
    }
    buf_free(&key);
    return rc;
}

static int read_dataset(struct rev *r, struct book *k, const char *folder, const char *name,
                        struct err *e)
{
    struct source *src CLEANUP(source_closep) = NULL;
    struct sdmx_reader *in CLEANUP(sdmx_closep) = NULL;
    const struct sdmx_options o = {.unsealed = true};
    const char *path = arena_fmt(&r->conf->arena, "%s/data/%s", folder, name);
    int rc = source_open(&src, path, e);
    if (rc >= 0)
        rc = sdmx_open(&in, src, &o, e);
    if (rc >= 0)
        rc =
            read_rows(r, k, arena_fmt(&r->conf->arena, "%.*s", (int)strlen(name) - 4, name), in, e);
    return rc < 0 ? err_place(e, "%s", path) : rc;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_csv(const struct dirent *d)
{
    size_t n = strlen(d->d_name);
    return n > 4 && strcmp(d->d_name + n - 4, ".csv") == 0;
}

static int read_edition(struct rev *r, struct book *k, const char *folder, struct err *e)
{
    struct dirent **list = NULL;
    const char *data = arena_fmt(&r->conf->arena, "%s/data", folder);
    k->where = map_new(0);
    int n = scandir(data, &list, is_csv, by_name), rc = 0;
    if (n < 0) {
        err_sys(e, RC_DATA, "REV-013", "no edition that can be read");
        (void)err_place(e, "%s", data);
        return err_hint(e, "name the folder of a built edition, with data/*.csv in it");
    }
    for (int i = 0; i < n; i++) {
        if (rc >= 0)
            rc = read_dataset(r, k, folder, list[i]->d_name, e);
        mem_free(list[i]);
    }
    mem_free(list);
    return rc;
}

/* ---- comparing ---- */

/* Sums of one dataset while they are being made. */
struct running {
    const char *dataset;
    struct rev_sum sum;
    struct num diff, size, later;
};

static struct running *running_of(struct running *list, size_t *n, const char *dataset)
{
    for (size_t i = 0; i < *n; i++)
        if (strcmp(list[i].dataset, dataset) == 0)
            return &list[i];
    list[*n] = (struct running){.dataset = dataset};
    return &list[(*n)++];
}

static bool number_of(const char *text, struct num *ret)
{
    struct err ignored = {.rc = RC_OK};
    return num_parse(ret, str_of(text), &num_plain, &ignored) >= 0;
}

static int add_number(struct running *s, struct num old, struct num now, struct num *diff,
                      struct err *e)
{
    struct num size, later = now;
    int rc = num_sub(diff, now, old, e);
    if (rc < 0)
        return rc;
    size = *diff;
    size.m = size.m < 0 ? -size.m : size.m;
    later.m = later.m < 0 ? -later.m : later.m;
    s->sum.compared++;
    s->sum.up += diff->m > 0;
    s->sum.down += diff->m < 0;
    s->sum.revised += diff->m != 0;
    if ((rc = num_add(&s->diff, s->diff, *diff, e)) >= 0 &&
        (rc = num_add(&s->size, s->size, size, e)) >= 0)
        rc = num_add(&s->later, s->later, later, e);
    return rc;
}

static void add_change(struct rev *r, const char *what, const struct published *old,
                       const struct published *now, const char *diff)
{
    const struct published *any = old ? old : now;
    r->cells[r->ncells++] = (struct rev_cell){.what = what,
                                              .key = {any->dataset, any->key},
                                              .old = old ? old->value : "",
                                              .now = now ? now->value : "",
                                              .diff = diff,
                                              .old_sub = "",
                                              .sub = "",
                                              .reason = ""};
}

/* A figure that is in one edition alone, or a number in one alone. */
static void compare_gap(struct rev *r, struct running *s, const struct published *old,
                        const struct published *now)
{
    struct num ignored;
    bool was = old && number_of(old->value, &ignored), is = now && number_of(now->value, &ignored);
    s->sum.added += !old;
    s->sum.dropped += !now;
    s->sum.given += old && now && is && !was;
    s->sum.taken += old && now && was && !is;
    if (!old || !now)
        add_change(r, old ? "deleted" : "new", old, now, "");
    else if (was != is)
        add_change(r, is ? "given" : "taken", old, now, "");
}

/* One figure of both; old or now NULL: not in that edition. */
static int compare(struct rev *r, struct running *s, const struct published *old,
                   const struct published *now, struct err *e)
{
    struct num p, l, d;
    char text[NUM_TEXT_MAX];
    if (!old || !now || !number_of(old->value, &p) || !number_of(now->value, &l)) {
        compare_gap(r, s, old, now);
        return 0;
    }
    int rc = add_number(s, p, l, &d, e);
    if (rc < 0 || d.m == 0)
        return rc;
    (void)num_text(d, text);
    add_change(r, "revised", old, now, arena_fmt(&r->conf->arena, "%s", text));
    return 0;
}

static int compare_all(struct rev *r, struct book *a, struct book *b, struct running *list,
                       size_t *n, struct err *e)
{
    int rc = 0;
    for (size_t i = 0; i < a->n && rc >= 0; i++) {
        const struct published *old = &a->items[i];
        struct published *now = NULL;
        const char *full = arena_fmt(&r->conf->arena, "%s%c%s", old->dataset, SEP, old->key);
        const uint64_t *at = map_find(b->where, str_of(full));
        if (at) {
            now = &b->items[*at - 1];
            now->met = true;
        }
        rc = compare(r, running_of(list, n, old->dataset), old, now, e);
    }
    for (size_t i = 0; i < b->n && rc >= 0; i++)
        if (!b->items[i].met)
            rc = compare(r, running_of(list, n, b->items[i].dataset), NULL, &b->items[i], e);
    return rc;
}

/* ---- the report ---- */

static const char *num_keep(struct rev *r, struct num v)
{
    char text[NUM_TEXT_MAX];
    (void)num_text(v, text);
    return arena_fmt(&r->conf->arena, "%s", text);
}

static void add_counts(struct rev_sum *to, const struct rev_sum *from)
{
    to->compared += from->compared;
    to->revised += from->revised;
    to->up += from->up;
    to->down += from->down;
    to->added += from->added;
    to->dropped += from->dropped;
    to->given += from->given;
    to->taken += from->taken;
}

static int add_totals(struct rev *r, const struct running *list, size_t n, struct err *e)
{
    struct running all = {.dataset = ""};
    r->groups = mem_array(n + 1, sizeof *r->groups);
    for (size_t i = 0; i < n; i++) {
        struct rev_group *g = &r->groups[r->ngroups++];
        int rc = num_add(&all.diff, all.diff, list[i].diff, e);
        if (rc >= 0)
            rc = num_add(&all.size, all.size, list[i].size, e);
        if (rc >= 0)
            rc = num_add(&all.later, all.later, list[i].later, e);
        if (rc < 0)
            return rc;
        add_counts(&all.sum, &list[i].sum);
        *g = (struct rev_group){.key = {list[i].dataset}, .sum = list[i].sum};
        g->sum.diff = num_keep(r, list[i].diff);
        g->sum.size = num_keep(r, list[i].size);
        g->sum.later = num_keep(r, list[i].later);
    }
    r->total.sum = all.sum;
    r->total.sum.diff = num_keep(r, all.diff);
    r->total.sum.size = num_keep(r, all.size);
    r->total.sum.later = num_keep(r, all.later);
    return 0;
}

static int larger_first(const void *a, const void *b)
{
    const struct rev_cell *x = a, *y = b;
    struct num p = {0, 0}, q = {0, 0};
    bool hasx = number_of(x->diff, &p), hasy = number_of(y->diff, &q);
    if (hasx != hasy)
        return hasx ? -1 : 1;
    p.m = p.m < 0 ? -p.m : p.m;
    q.m = q.m < 0 ? -q.m : q.m;
    int c = num_cmp(q, p);
    c = c ? c : strcmp(x->key[0], y->key[0]);
    return c ? c : strcmp(x->key[1], y->key[1]);
}

static int by_key(const void *a, const void *b)
{
    const struct rev_cell *x = a, *y = b;
    int c = strcmp(x->key[0], y->key[0]);
    return c ? c : strcmp(x->key[1], y->key[1]);
}

/* The key as people read it, once sorting is done. */
static void finish(struct rev *r)
{
    qsort(r->cells, r->ncells, sizeof *r->cells, r->o->cells ? by_key : larger_first);
    if (!r->o->cells) {
        size_t n = 0;
        while (n < r->ncells && n < (size_t)r->o->top && *r->cells[n].diff)
            n++;
        r->ncells = n;
    }
    for (size_t i = 0; i < r->ncells; i++) {
        char *key = arena_fmt(&r->conf->arena, "%s", r->cells[i].key[1]);
        for (char *c = key; *c; c++)
            *c = *c == SEP ? ' ' : *c;
        r->cells[i].key[1] = key;
    }
}

int rev_editions(struct rev *r, struct err *e)
{
    struct book a = {.n = 0}, b = {.n = 0};
    struct running *list = NULL;
    size_t n = 0;
    int rc = read_edition(r, &a, r->st->args[0], e);
    if (rc >= 0)
        rc = read_edition(r, &b, r->st->args[1], e);
    if (rc >= 0) {
        r->title = "editions";
        r->from = r->st->args[0];
        r->to = r->st->args[1];
        r->by[r->nby++] = "dataset";
        r->dims[r->ndims++] = "dataset";
        r->dims[r->ndims++] = "figure";
        r->cells = mem_array(a.n + b.n + 1, sizeof *r->cells);
        list = mem_array(a.n + b.n + 1, sizeof *list);
        rc = compare_all(r, &a, &b, list, &n, e);
    }
    if (rc >= 0)
        rc = add_totals(r, list, n, e);
    if (rc >= 0)
        finish(r);
    map_free(a.where);
    map_free(b.where);
    mem_free(a.items);
    mem_free(b.items);
    mem_free(list);
    return rc;
}
