/* map_lost.c — the book of rows that were refused: every reason once, with its count and the first
 * place, so that one run shows all that is to be done. Texts are kept in an arena of the book. */
#include "arena.h"
#include "buf.h"
#include "csv.h"
#include "map_run.h"
#include "text.h"

#define NEAREST 3
#define NEAREST_MAX 4 /* letters wrong at most */

struct line {
    enum lost_kind kind;
    size_t rule;
    struct str code, period, place; /* the first one's */
    uint64_t n;
};

struct lost {
    struct arena arena;
    struct map *index;
    struct buf key;
    struct line *lines;
    size_t n, cap;
};

struct lost *lost_new(void)
{
    struct lost *l = mem_new(sizeof *l);
    l->index = map_new(0);
    buf_init(&l->key, LIMIT_ROW_BYTES);
    return l;
}

void lost_free(struct lost *l)
{
    if (!l)
        return;
    arena_free(&l->arena);
    map_free(l->index);
    buf_free(&l->key);
    mem_free(l->lines);
    mem_free(l);
}

size_t lost_count(const struct lost *l) { return l->n; }

void lost_add(struct lost *l, enum lost_kind kind, size_t rule, struct str code, struct str period,
              struct str place)
{
    bool fresh = false;
    buf_reset(&l->key);
    buf_fmt(&l->key, "%d %zu ", (int)kind, rule);
    buf_str(&l->key, code);
    uint64_t *slot = map_put(l->index, buf_view(&l->key), l->n, &fresh);
    if (!slot)
        return;
    if (!fresh) {
        l->lines[*slot].n++;
        return;
    }
    if (l->n == l->cap) {
        l->cap = l->cap ? l->cap * 2 : 16;
        l->lines = mem_resize(l->lines, l->cap * sizeof *l->lines);
    }
    l->lines[l->n++] = (struct line){kind,
                                     rule,
                                     arena_str(&l->arena, code),
                                     arena_str(&l->arena, period),
                                     arena_str(&l->arena, place),
                                     1};
}

struct near {
    const struct entry *entry;
    size_t distance;
};

static void insert_near(struct near best[NEAREST], const struct entry *en, size_t distance)
{
    struct near one = {en, distance};
    for (size_t i = 0; i < NEAREST; i++) {
        if (best[i].entry && best[i].distance <= one.distance)
            continue;
        struct near held = best[i];
        best[i] = one;
        one = held;
        if (!one.entry)
            return;
    }
}

/* The nearest sources of the table, by code or by label. */
static size_t nearest(const struct table *t, struct str code, struct near best[NEAREST])
{
    struct buf a, b;
    size_t n = 0;
    buf_init(&a, LIMIT_ROW_BYTES);
    buf_init(&b, LIMIT_ROW_BYTES);
    text_fold(&a, code);
    size_t most = a.n / 3 < NEAREST_MAX ? a.n / 3 + 1 : NEAREST_MAX;
    for (size_t o = 0; o < t->norigins; o++) {
        const struct entry *en = &t->entries[t->origins[o].first];
        buf_reset(&b);
        text_fold(&b, en->source);
        size_t d = text_distance(buf_view(&a), buf_view(&b), most);
        if (en->label.n) {
            buf_reset(&b);
            text_fold(&b, en->label);
            size_t by_label = text_distance(buf_view(&a), buf_view(&b), most);
            d = by_label < d ? by_label : d;
        }
        if (d <= most)
            insert_near(best, en, d);
    }
    while (n < NEAREST && best[n].entry)
        n++;
    buf_free(&a);
    buf_free(&b);
    return n;
}

/* One line of a table, with everything left open that a person has to decide. */
static void put_stub(struct buf *b, const struct table *t, struct str code)
{
    struct near best[NEAREST] = {{NULL, 0}};
    size_t n = nearest(t, code, best);
    csv_put(b, code, ',');
    buf_text(b, ",,,1,,,,,,,");
    if (n) {
        struct buf note;
        buf_init(&note, LIMIT_ROW_BYTES);
        buf_fmt(&note, "nearest: %.*s -> %.*s", STR_ARG(best[0].entry->source),
                STR_ARG(best[0].entry->target));
        csv_put(b, buf_view(&note), ',');
        buf_free(&note);
    }
}

static void tell_unmapped(const struct line *x, const struct plan *p, struct err *w)
{
    const struct table *t = p->rules[x->rule].table;
    struct near best[NEAREST] = {{NULL, 0}};
    size_t n = nearest(t, x->code, best);
    struct buf hint;
    buf_init(&hint, 1 << 12);
    err_set(w, RC_DATA, "MAP-050", "%s: '%.*s' is not in maps/%s.csv (%llu rows)",
            p->to->dims[x->rule].id, STR_ARG(x->code), t->name, (unsigned long long)x->n);
    for (size_t i = 0; i < n; i++)
        buf_fmt(&hint, "%s'%.*s' (%.*s)", i ? ", " : "nearest: ", STR_ARG(best[i].entry->source),
                STR_ARG(best[i].entry->target));
    buf_text(&hint, n ? "; add a line: " : "add a line: ");
    put_stub(&hint, t, x->code);
    err_hint(w, "%s", buf_z(&hint));
    buf_free(&hint);
}

/* The period that is told is that of the first row. */
static void tell_dated(const struct line *x, const struct plan *p, struct err *w)
{
    const char *dim = p->to->dims[x->rule].id, *table = p->rules[x->rule].table->name;
    unsigned long long n = (unsigned long long)x->n;
    if (x->kind == LOST_PERIOD) {
        err_set(w, RC_DATA, "MAP-051", "%s: '%.*s' is in maps/%s.csv, but not for %.*s (%llu rows)",
                dim, STR_ARG(x->code), table, STR_ARG(x->period), n);
        err_hint(w, "see valid_from and valid_to there");
    } else if (x->kind == LOST_STRADDLE) {
        err_set(w, RC_DATA, "MAP-052", "%s: the meaning of '%.*s' changes within %.*s (%llu rows)",
                dim, STR_ARG(x->code), STR_ARG(x->period), n);
        err_hint(w,
                 "ask for figures of shorter periods, or let a line of maps/%s.csv hold all of it",
                 table);
    } else {
        err_set(w, RC_DATA, "MAP-053", "%s: '%.*s' depends on the period, and '%.*s' is none", dim,
                STR_ARG(x->code), STR_ARG(x->period));
        err_hint(w, "%llu rows; see 'trim' and 'dimension: TIME_PERIOD' in the profile", n);
    }
}

static void tell_other(const struct line *x, const struct plan *p, struct err *w)
{
    unsigned long long n = (unsigned long long)x->n;
    if (x->kind == LOST_TWICE) {
        err_set(w, RC_DATA, "MAP-054",
                "%s: '%.*s' comes as a total and as parts for %.*s (%llu rows)",
                p->to->dims[x->rule].id, STR_ARG(x->code), STR_ARG(x->period), n);
        err_hint(w, "an article's row is the total of its paragraphs: send one or the other");
    } else if (x->kind == LOST_FOREIGN) {
        err_set(w, RC_DATA, "MAP-055", "rows of structure '%.*s' among those of %s (%llu rows)",
                STR_ARG(x->code), p->from, n);
        err_hint(w, "map one structure at a time");
    } else {
        err_set(w, RC_DATA, "MAP-056", "'%.*s' is to be split by weights but is no number",
                STR_ARG(x->code));
        err_hint(w, "%llu rows; see 'missing' in the profile", n);
    }
}

void lost_tell(struct lost *l, const struct plan *p, struct stage *st)
{
    for (size_t i = 0; i < l->n; i++) {
        const struct line *x = &l->lines[i];
        struct err w = {0};
        if (x->kind == LOST_UNMAPPED)
            tell_unmapped(x, p, &w);
        else if (x->kind == LOST_PERIOD || x->kind == LOST_STRADDLE || x->kind == LOST_TIME)
            tell_dated(x, p, &w);
        else
            tell_other(x, p, &w);
        err_place(&w, "%.*s", STR_ARG(x->place));
        stage_error(st, &w);
    }
}

int lost_stubs(const struct lost *l, const struct plan *p, const char *path, struct err *e)
{
    struct buf b;
    buf_init(&b, LIMIT_CONFIG_BYTES);
    buf_text(&b, "source,source_label,target,weight,grade,reviewed,valid_from,valid_to,authority,"
                 "confidence,note\n");
    for (size_t i = 0; i < l->n; i++) {
        const struct line *x = &l->lines[i];
        if (x->kind != LOST_UNMAPPED)
            continue;
        put_stub(&b, p->rules[x->rule].table, x->code);
        buf_char(&b, '\n');
    }
    int rc = buf_ok(&b, path, e);
    if (rc == 0)
        rc = file_write(path, buf_view(&b), e);
    buf_free(&b);
    return rc;
}
