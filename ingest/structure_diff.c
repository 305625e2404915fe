/* structure_diff.c — what changed between two versions of a code list: codes added, removed,
 * renamed (in any language), re-parented. In the order of the new list, what was removed last. */
#include "structure_model.h"

#include "bounds.h"
#include "csv.h"
#include "json.h"
#include "map.h"

struct diff {
    struct out *out;
    enum diff_format f;
    struct buf line;
    size_t n;
};

/* One change of one code: in what (a column), from what to what. */
struct change {
    const char *change, *what;
    struct str was, now;
};

static void tell(struct diff *d, const char *list, struct str code, struct change c)
{
    const struct str cells[] = {str_of(list), code, str_of(c.change), str_of(c.what), c.was, c.now};
    static const char *const names[] = {"list", "code", "change", "what", "old", "new"};
    d->n++;
    buf_reset(&d->line);
    if (d->f == DIFF_JSON) { /* one at a time: there may be a million */
        struct json *o = js_object();
        for (size_t i = 0; i < ARRAY_LEN(cells); i++)
            js_set(o, names[i], js_string(cells[i]));
        buf_text(&d->line, d->n > 1 ? ",\n  " : "\n  ");
        js_write(&d->line, o, false);
        js_free(o);
    } else if (d->f == DIFF_CSV) {
        for (size_t i = 0; i < ARRAY_LEN(cells); i++) {
            csv_put(&d->line, cells[i], ',');
            buf_char(&d->line, i + 1 < ARRAY_LEN(cells) ? ',' : '\n');
        }
    } else {
        buf_fmt(&d->line, "%-12s %-10s %-12.*s", list, c.change, STR_ARG(code));
        if (*c.what)
            buf_fmt(&d->line, " %s:", c.what);
        if (c.was.n)
            buf_fmt(&d->line, " %.*s", STR_ARG(c.was));
        if (c.was.n && c.now.n)
            buf_text(&d->line, " ->");
        if (c.now.n)
            buf_fmt(&d->line, " %.*s", STR_ARG(c.now));
        while (d->line.n && d->line.p[d->line.n - 1] == ' ')
            d->line.n--;
        buf_char(&d->line, '\n');
    }
    out_str(d->out, buf_view(&d->line));
}

static void compare(struct diff *d, const struct sm_list *a, const struct sm_row *x,
                    const struct sm_list *b, const struct sm_row *y)
{
    struct str was = list_get(a, x, "parent"), now = list_get(b, y, "parent");
    if (!str_eq(was, now))
        tell(d, b->id, y->code, (struct change){"re-parented", "parent", was, now});
    for (size_t i = 0; i < a->ncols; i++) {
        if (strncmp(a->cols[i], "label_", 6) != 0)
            continue;
        was = list_get(a, x, a->cols[i]);
        now = list_get(b, y, a->cols[i]);
        if (!str_eq(was, now))
            tell(d, b->id, y->code, (struct change){"renamed", a->cols[i], was, now});
    }
    for (size_t i = 0; i < b->ncols; i++) { /* languages that are new */
        bool had = strncmp(b->cols[i], "label_", 6) != 0;
        for (size_t k = 0; k < a->ncols; k++)
            had = had || strcmp(a->cols[k], b->cols[i]) == 0;
        now = list_get(b, y, b->cols[i]);
        if (!had && now.n)
            tell(d, b->id, y->code, (struct change){"renamed", b->cols[i], STR(""), now});
    }
}

/* Number + 1 of each code; 0 for one that is not there. */
static struct map *index_of(const struct sm_list *l)
{
    struct map *m = map_new(0);
    for (size_t i = 0; i < l->n; i++)
        (void)map_put(m, l->rows[i].code, i, NULL);
    return m;
}

static void diff_list(struct diff *d, const struct sm_list *a, const struct sm_list *b)
{
    struct map *olds = index_of(a), *news = index_of(b);
    for (size_t i = 0; i < b->n; i++) {
        const uint64_t *at = map_find(olds, b->rows[i].code);
        if (at)
            compare(d, a, &a->rows[*at], b, &b->rows[i]);
        else
            tell(d, b->id, b->rows[i].code,
                 (struct change){"added", "", STR(""), list_get(b, &b->rows[i], "label_en")});
    }
    for (size_t i = 0; i < a->n; i++)
        if (!map_find(news, a->rows[i].code))
            tell(d, b->id, a->rows[i].code,
                 (struct change){"removed", "", list_get(a, &a->rows[i], "label_en"), STR("")});
    map_free(olds);
    map_free(news);
}

size_t model_diff(const struct model *old, const struct model *new, const char *id,
                  enum diff_format f, struct out *out)
{
    struct diff d = {.out = out, .f = f, .line = {.max = LIMIT_ROW_BYTES}};
    if (f == DIFF_CSV)
        out_str(out, STR("list,code,change,what,old,new\n"));
    if (f == DIFF_JSON)
        out_str(out, STR("["));
    for (size_t i = 0; i < new->nlists; i++) {
        const struct sm_list *b = new->lists[i], *a = model_find(old, b->id);
        if (!a && old->nlists == 1 && new->nlists == 1)
            a = old->lists[0]; /* two files that were only named otherwise */
        if (a && (!id || strcmp(id, b->id) == 0))
            diff_list(&d, a, b);
    }
    if (f == DIFF_JSON)
        out_str(out, d.n ? STR("\n]\n") : STR("]\n"));
    buf_free(&d.line);
    return d.n;
}
