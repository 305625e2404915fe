/* chart_model.c — lays a cube out into a chart. All memory is the arena of the configuration. */
#include "chart_model.h"

#include "table_model.h"

#define SERIES_MAX 7

static int texts(struct chart *c, struct err *e)
{
    const struct layout *l = c->view->layout;
    int rc = view_text(c->view, &l->title, &c->title, e);
    if (rc >= 0)
        rc = view_text(c->view, &l->subtitle, &c->subtitle, e);
    if (rc >= 0)
        rc = view_text(c->view, &l->note, &c->note, e);
    if (rc < 0)
        return rc;
    notes_mention_text(&c->notes, c->title);
    notes_mention_text(&c->notes, c->subtitle);
    notes_mention_text(&c->notes, c->note);
    return 0;
}

/* A chart without panels or series has one of each, that pins nothing. */
static void at_least_one(const struct view *v, struct axis *a)
{
    static const struct group plain = {.decimals = -1};
    if (a->n)
        return;
    a->items = arena_array(&v->conf->arena, 1, sizeof *a->items);
    a->items[0] = (struct item){.group = &plain, .heading = "", .label = ""};
    a->n = 1;
}

static int axes(struct chart *c, const struct str *base, struct err *e)
{
    const struct layout *l = c->view->layout;
    const struct {
        const struct yaml_list *groups;
        struct axis *axis;
    } all[] = {{&l->panels, &c->panels},
               {&l->series, &c->series},
               {&l->points, &c->points},
               {&l->background, &c->background},
               {&l->highlight, &c->highlight}};
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        int rc = axis_build(c->view, c->cube, all[i].groups, base, all[i].axis, e);
        if (rc < 0)
            return rc;
        for (size_t k = 0; k < all[i].axis->n; k++) {
            if (all[i].axis->items[k].code)
                notes_mention(&c->notes, str_of(all[i].axis->items[k].code));
        }
    }
    at_least_one(c->view, &c->panels);
    at_least_one(c->view, &c->series);
    if (c->series.n > SERIES_MAX)
        return yaml_fault(e, l->at, "CHART-001", "%zu series are more than a reader can tell apart",
                          c->series.n);
    return 0;
}

static int find(struct chart *c, const struct str *base, const struct item *const items[3],
                struct figure *ret, struct err *e)
{
    const struct cube_row *row = NULL;
    const struct item *says = items[1]->group->decimals >= 0 ? items[1] : items[2];
    int rc = axis_find(c->view, c->cube, base, items, &row, e);
    return rc < 0 ? rc : figure_make(c->view, c->cube, row, says, &c->notes, ret, e);
}

static int fill(struct chart *c, const struct str *base, struct err *e)
{
    for (size_t p = 0; p < c->panels.n; p++) {
        for (size_t s = 0; s < c->series.n; s++) {
            for (size_t x = 0; x < c->points.n; x++) {
                const struct item *items[3] = {&c->panels.items[p], &c->series.items[s],
                                               &c->points.items[x]};
                size_t at = (p * c->series.n + s) * c->points.n + x;
                int rc = find(c, base, items, &c->figures[at], e);
                if (rc < 0)
                    return rc;
            }
        }
    }
    for (size_t k = 0; k < c->background.n; k++) {
        for (size_t x = 0; x < c->points.n; x++) {
            const struct item *items[3] = {&c->panels.items[0], &c->points.items[x],
                                           &c->background.items[k]};
            int rc = find(c, base, items, &c->behind[k * c->points.n + x], e);
            if (rc < 0)
                return rc;
        }
    }
    return 0;
}

/* Points carry no numbers of notes: what the notes say stands under the chart as lines. */
static void unnumber(struct chart *c)
{
    struct note_list numbered = c->notes.numbered;
    c->notes.numbered = (struct note_list){0};
    c->legend[0] = c->notes.legend;
    c->legend[1] = c->notes.statuses;
    if (strcmp(c->view->layout->kind, "bars") == 0)
        c->notes.gaps = false; /* bars print marks and letters: the legend says them */
    else
        c->notes.legend = c->notes.statuses = (struct note_list){0};
    for (size_t i = 0; i < numbered.n; i++)
        notes_add(&c->notes, &c->notes.lines, "remark", numbered.items[i].text);
    notes_finish(&c->notes);
}

int chart_make(struct chart *ret, const struct view *v, const struct cube *c, struct err *e)
{
    struct arena *a = &v->conf->arena;
    struct str base[CUBE_DIMS_MAX] = {{0}};
    *ret = (struct chart){.view = v, .cube = c, .id = view_anchor(v)};
    notes_init(&ret->notes, v);
    ret->notes.brief = true;
    int rc = texts(ret, e);
    if (rc >= 0)
        rc = axis_base(v, c, base, e);
    if (rc >= 0)
        rc = axes(ret, base, e);
    if (rc < 0)
        return rc;
    size_t n = ret->panels.n * ret->series.n * ret->points.n;
    size_t nbehind = ret->background.n * ret->points.n;
    struct figure *all = arena_array(a, n + nbehind + 1, sizeof *all);
    ret->figures = all;
    ret->behind = all + n;
    if ((rc = fill(ret, base, e)) < 0)
        return rc;
    ret->axis = scale_of(all, n + nbehind, v->layout->compact ? 4 : 5);
    unnumber(ret);
    return 0;
}
