/* table_model.c — lays a cube out into a table. All memory is the arena of the configuration. */
#include "table_model.h"

#include "buf.h"

const char *view_anchor(const struct view *v)
{
    struct buf b;
    buf_init(&b, 4096);
    buf_text(&b, v->name);
    for (size_t i = 0; i < v->nvars; i++) {
        if (strcmp(v->vars[i].name, "period") != 0)
            buf_fmt(&b, "-%s", v->vars[i].value);
    }
    for (size_t i = 0; i < b.n; i++) {
        char *p = &b.p[i];
        bool good =
            (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || (*p >= '0' && *p <= '9');
        *p = good || *p == '_' ? *p : '-';
    }
    const char *text = arena_text(&v->conf->arena, buf_view(&b));
    buf_free(&b);
    return text;
}

bool table_note_at(const struct notes *n, size_t i, struct note *ret)
{
    const struct note_list *lists[] = {&n->marks, &n->legend, &n->statuses, &n->numbered,
                                       &n->lines};
    for (size_t k = 0; k < ARRAY_LEN(lists); i -= lists[k]->n, k++) {
        if (i < lists[k]->n) {
            *ret = lists[k]->items[i];
            if (lists[k] == &n->lines)
                ret->mark = "";
            return true;
        }
    }
    return false;
}

static int texts(struct table *t, struct err *e)
{
    const struct view *v = t->view;
    const struct {
        const struct yaml_list *pairs;
        const char **ret;
    } all[] = {{&v->layout->title, &t->title},
               {&v->layout->subtitle, &t->subtitle},
               {&v->layout->stub, &t->stub},
               {&v->layout->note, &t->note}};
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        int rc = view_text(v, all[i].pairs, all[i].ret, e);
        if (rc < 0)
            return rc;
        notes_mention_text(&t->notes, *all[i].ret);
    }
    return 0;
}

static void mention_items(struct table *t, const struct axis *a)
{
    for (size_t i = 0; i < a->n; i++) {
        if (a->items[i].code)
            notes_mention(&t->notes, str_of(a->items[i].code));
    }
}

/* The item that says how a figure is shown: the column, unless only the row says so. */
static struct item shown_as(struct table *t, const struct item *row, const struct item *column,
                            bool found)
{
    const struct group *c = column->group, *r = row->group;
    bool column_says = c->show || c->as || c->decimals >= 0;
    bool row_says = r->show || r->as || r->decimals >= 0;
    struct item says = !column_says && row_says ? *row : *column;
    if (!found && row->total && c->total_or) {
        struct group *g = arena_new(&t->view->conf->arena, sizeof *g);
        *g = *c;
        g->or_show = c->total_or;
        says.group = g;
    }
    return says;
}

static int fill_cells(struct table *t, const struct str *base, struct err *e)
{
    for (size_t r = 0; r < t->rows.n; r++) {
        for (size_t k = 0; k < t->columns.n; k++) {
            const struct item *column = &t->columns.items[k], *row = &t->rows.items[r];
            const struct item *items[3] = {row, column, NULL};
            const struct cube_row *found = NULL;
            int rc = axis_find(t->view, t->cube, base, items, &found, e);
            if (rc < 0)
                return rc;
            struct item says = shown_as(t, row, column, found != NULL);
            struct figure *f = &t->cells[r * t->columns.n + k];
            if ((rc = figure_make(t->view, t->cube, found, &says, &t->notes, f, e)) < 0)
                return rc;
        }
    }
    return 0;
}

/* A class from 1 to 5 by the rank of a cell among the plain cells of its row: comparing, no sums.
 */
static void shade_row(struct table *t, size_t r)
{
    size_t n = 0;
    for (size_t k = 0; k < t->columns.n; k++)
        n += table_cell(t, r, k)->is_number && !t->columns.items[k].total;
    for (size_t k = 0; k < t->columns.n; k++) {
        const struct figure *f = table_cell(t, r, k);
        size_t below = 0;
        if (!f->is_number || t->columns.items[k].total || t->columns.items[k].group->show)
            continue;
        for (size_t o = 0; o < t->columns.n; o++) {
            const struct figure *g = table_cell(t, r, o);
            if (g->is_number && !t->columns.items[o].total)
                below += num_cmp(g->num, f->num) < 0;
        }
        size_t rank = n > 1 ? below * 4 / (n - 1) : 2;
        t->heat[r * t->columns.n + k] = (unsigned char)(1 + rank);
    }
}

static void count_figures(struct table *t)
{
    size_t have = 0, n = t->rows.n * t->columns.n;
    for (size_t i = 0; i < n; i++)
        have += t->cells[i].gap == NULL;
    notes_complete(&t->notes, have, n);
}

int table_make(struct table *ret, const struct view *v, const struct cube *c, struct err *e)
{
    struct arena *a = &v->conf->arena;
    struct str base[CUBE_DIMS_MAX] = {{0}};
    *ret = (struct table){.view = v, .cube = c, .id = view_anchor(v)};
    notes_init(&ret->notes, v);
    int rc = texts(ret, e);
    if (rc >= 0)
        rc = axis_base(v, c, base, e);
    if (rc >= 0)
        rc = axis_build(v, c, &v->layout->rows, base, &ret->rows, e);
    if (rc >= 0)
        rc = axis_build(v, c, &v->layout->columns, base, &ret->columns, e);
    if (rc < 0)
        return rc;
    for (size_t i = 0; i < ret->columns.n; i++)
        ret->headings = ret->headings || ret->columns.items[i].heading[0];
    mention_items(ret, &ret->rows);
    mention_items(ret, &ret->columns);
    ret->cells = arena_array(a, ret->rows.n * ret->columns.n + 1, sizeof *ret->cells);
    if ((rc = fill_cells(ret, base, e)) < 0)
        return rc;
    if (v->layout->heat) {
        ret->heat = arena_new(a, ret->rows.n * ret->columns.n + 1);
        for (size_t r = 0; r < ret->rows.n; r++)
            shade_row(ret, r);
    }
    if (v->layout->completeness)
        count_figures(ret);
    notes_finish(&ret->notes);
    return 0;
}

void figure_marks(struct buf *b, const struct figure *f, const char *sep)
{
    buf_text(b, f->status);
    for (size_t i = 0; i < f->nnotes; i++) {
        if (i || f->status[0])
            buf_text(b, sep);
        buf_fmt(b, "%u", f->notes[i]);
    }
}
