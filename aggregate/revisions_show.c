/* revisions_show.c — revisions as a table of 80 columns, as CSV and as JSON. */
#include "revisions.h"

#include "csv.h"
#include "text.h"

/* A mean as text, "" when there is none; a fault of arithmetic cannot be: the sums are decimals. */
static const char *mean(const struct rev *r, const char *part, const char *of, int times)
{
    struct buf b;
    struct err e = {.rc = RC_OK};
    buf_init(&b, 4096);
    if (rev_mean(&b, part, of, times, &e) < 0)
        buf_reset(&b);
    const char *text = arena_fmt(&r->conf->arena, "%s", buf_z(&b));
    buf_free(&b);
    return text;
}

static const char *count_text(const struct rev *r, int64_t n)
{
    return arena_fmt(&r->conf->arena, "%lld", (long long)n);
}

struct means {
    const char *mr, *mar, *rmar;
};

static struct means means_of(const struct rev *r, const struct rev_sum *s)
{
    const char *n = count_text(r, s->compared);
    return (struct means){mean(r, s->diff, n, 1), mean(r, s->size, n, 1),
                          mean(r, s->size, s->later, 100)};
}

/* ---- text ---- */

static void put_label(const struct rev *r, struct buf *b, const struct rev_group *g)
{
    size_t width = 0;
    for (size_t i = 0; i < r->nby; i++) {
        const char *key = g->key[i] && *g->key[i] ? g->key[i] : "-";
        buf_fmt(b, "%s%s", i ? " " : "", key);
        width += text_width(str_of(key)) + (i ? 1 : 0);
    }
    if (width > 12) {
        buf_char(b, '\n');
        width = 0;
    }
    for (; width < 12; width++)
        buf_char(b, ' ');
}

static void put_sum(const struct rev *r, struct buf *b, const struct rev_sum *s)
{
    struct means m = means_of(r, s);
    buf_fmt(b, "%8lld%8lld%6lld%6lld%6lld%6lld %9s %9s %8s\n", (long long)s->compared,
            (long long)s->revised, (long long)s->up, (long long)s->down, (long long)s->added,
            (long long)s->dropped, *m.mr ? m.mr : "-", *m.mar ? m.mar : "-",
            *m.rmar ? m.rmar : "-");
}

static void put_cell(const struct rev *r, struct buf *b, const struct rev_cell *c)
{
    for (size_t k = 0; k < r->ndims; k++)
        buf_fmt(b, "%s%s", k ? " " : "", *c->key[k] ? c->key[k] : "-");
    buf_fmt(b, "\n    %s: %s -> %s", c->what, *c->old ? c->old : "-", *c->now ? c->now : "-");
    if (*c->diff)
        buf_fmt(b, " (%s%s)", *c->diff == '-' ? "" : "+", c->diff);
    if (*c->old_sub)
        buf_fmt(b, ", no. %s", c->old_sub);
    if (*c->sub)
        buf_fmt(b, " -> no. %s", c->sub);
    if (*c->reason)
        buf_fmt(b, ", %s", c->reason);
    buf_char(b, '\n');
}

static void show_text(const struct rev *r, struct buf *b)
{
    const struct rev_sum *t = &r->total.sum;
    if (r->from)
        buf_fmt(b, "revisions of %s, from %s to %s\n\n", r->title, r->from, r->to);
    else
        buf_fmt(b, "revisions of %s, every step of every submission\n\n", r->title);
    buf_fmt(b, "%-12s%8s%8s%6s%6s%6s%6s %9s %9s %8s\n", r->nby == 1 ? r->by[0] : "", "n", "revised",
            "up", "down", "new", "gone", "MR", "MAR", "RMAR %");
    for (size_t i = 0; i < r->ngroups; i++) {
        put_label(r, b, &r->groups[i]);
        put_sum(r, b, &r->groups[i].sum);
    }
    buf_fmt(b, "%-12s", "all");
    put_sum(r, b, t);
    buf_fmt(b,
            "\nbesides: %lld became a number, %lld ceased to be one, %lld got other marks\n"
            "MR = sum(L - P) / n, MAR = sum|L - P| / n, RMAR = 100 sum|L - P| / sum|L|,\n"
            "P earlier, L later, n compared (ESS handbook for quality reports; OECD)\n",
            (long long)t->given, (long long)t->taken, (long long)t->marks);
    if (r->ncells)
        buf_text(b, r->o->cells ? "\nchanges\n" : "\nlargest\n");
    for (size_t i = 0; i < r->ncells; i++)
        put_cell(r, b, &r->cells[i]);
}

/* ---- CSV ---- */

static void field(struct buf *b, const char *z, char after)
{
    csv_put(b, str_of(z), ',');
    buf_char(b, after);
}

static void csv_groups(const struct rev *r, struct buf *b)
{
    for (size_t i = 0; i < r->nby; i++)
        field(b, r->by[i], ',');
    buf_text(b, "compared,revised,up,down,new,deleted,given,taken,marks,sum,sum_abs,sum_later,"
                "mr,mar,rmar_pct\n");
    for (size_t i = 0; i <= r->ngroups; i++) {
        const struct rev_group *g = i < r->ngroups ? &r->groups[i] : &r->total;
        const struct rev_sum *s = &g->sum;
        struct means m = means_of(r, s);
        for (size_t k = 0; k < r->nby; k++)
            field(b, i < r->ngroups ? g->key[k] : "_T", ',');
        buf_fmt(b, "%lld,%lld,%lld,%lld,%lld,%lld,%lld,%lld,%lld,%s,%s,%s,%s,%s,%s\n",
                (long long)s->compared, (long long)s->revised, (long long)s->up, (long long)s->down,
                (long long)s->added, (long long)s->dropped, (long long)s->given,
                (long long)s->taken, (long long)s->marks, s->diff, s->size, s->later, m.mr, m.mar,
                m.rmar);
    }
}

static void csv_cells(const struct rev *r, struct buf *b)
{
    buf_text(b, "what,");
    for (size_t k = 0; k < r->ndims; k++)
        field(b, r->dims[k], ',');
    buf_text(b, "old,new,difference,old_submission,submission,reason\n");
    for (size_t i = 0; i < r->ncells; i++) {
        const struct rev_cell *c = &r->cells[i];
        field(b, c->what, ',');
        for (size_t k = 0; k < r->ndims; k++)
            field(b, c->key[k], ',');
        const char *const rest[] = {c->old, c->now, c->diff, c->old_sub, c->sub};
        for (size_t k = 0; k < ARRAY_LEN(rest); k++)
            field(b, rest[k], ',');
        field(b, c->reason, '\n');
    }
}

/* ---- JSON ---- */

static struct json *number(const char *z) { return *z ? js_number(str_of(z)) : js_null(); }
static struct json *text(const char *z) { return z && *z ? js_text(z) : js_null(); }

static struct json *sum_json(const struct rev *r, const struct rev_sum *s)
{
    struct json *j = js_object();
    struct means m = means_of(r, s);
    const struct {
        const char *key;
        int64_t n;
    } counts[] = {{"compared", s->compared}, {"revised", s->revised}, {"up", s->up},
                  {"down", s->down},         {"new", s->added},       {"deleted", s->dropped},
                  {"given", s->given},       {"taken", s->taken},     {"marks", s->marks}};
    for (size_t i = 0; i < ARRAY_LEN(counts); i++)
        js_set(j, counts[i].key, js_int(counts[i].n));
    js_set(j, "sum", number(s->diff));
    js_set(j, "sum_abs", number(s->size));
    js_set(j, "sum_later", number(s->later));
    js_set(j, "mr", number(m.mr));
    js_set(j, "mar", number(m.mar));
    js_set(j, "rmar_pct", number(m.rmar));
    return j;
}

static struct json *cell_json(const struct rev *r, const struct rev_cell *c)
{
    struct json *j = js_object(), *key = js_object();
    for (size_t k = 0; k < r->ndims; k++)
        js_set(key, r->dims[k], js_text(c->key[k]));
    js_set(j, "what", js_text(c->what));
    js_set(j, "key", key);
    js_set(j, "old", text(c->old));
    js_set(j, "new", text(c->now));
    js_set(j, "difference", text(c->diff));
    js_set(j, "old_submission", number(c->old_sub));
    js_set(j, "submission", number(c->sub));
    js_set(j, "reason", text(c->reason));
    return j;
}

static void show_json(const struct rev *r, struct buf *b)
{
    struct json *j = js_object(), *groups = js_array(), *cells = js_array();
    js_set(j, "of", js_text(r->title));
    js_set(j, "from", text(r->from));
    js_set(j, "to", text(r->to));
    js_set(j, "all", sum_json(r, &r->total.sum));
    for (size_t i = 0; i < r->ngroups; i++) {
        struct json *g = sum_json(r, &r->groups[i].sum), *by = js_object();
        for (size_t k = 0; k < r->nby; k++)
            js_set(by, r->by[k], js_text(r->groups[i].key[k]));
        js_set(g, "by", by);
        js_push(groups, g);
    }
    for (size_t i = 0; i < r->ncells; i++)
        js_push(cells, cell_json(r, &r->cells[i]));
    js_set(j, "groups", groups);
    js_set(j, r->o->cells ? "changes" : "largest", cells);
    js_write(b, j, true);
    buf_char(b, '\n');
    js_free(j);
}

void rev_show(const struct rev *r, struct buf *b)
{
    if (r->o->form == REV_JSON)
        show_json(r, b);
    else if (r->o->form == REV_TEXT)
        show_text(r, b);
    else if (r->o->cells)
        csv_cells(r, b);
    else
        csv_groups(r, b);
}
