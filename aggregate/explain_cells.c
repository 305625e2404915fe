/* explain_cells.c — one cell of the document: the result with its formula and its marks, and the
 * parts that it was computed from. Parts of a result that is kept back are not told. */
#include "explain.h"

#include "derive_plan.h"

static struct json *cell_of(const struct json *row, const char *column)
{
    return js_string(js_str(js_get(row, column)));
}

static int result_json(struct explain *x, const struct json *row, const struct indicator *ind,
                       struct json **ret, struct err *e)
{
    static const char *const columns[][2] = {
        {"unit", "UNIT"},           {"status", "OBS_STATUS"},       {"conf", "CONF_STATUS"},
        {"reason", "REASON"},       {"comment", "COMMENT"},         {"nature", "NATURE"},
        {"numerator", "NUMERATOR"}, {"denominator", "DENOMINATOR"}, {"population", "POP_SOURCE"},
        {"vintage", "POP_VINTAGE"}, {"areas", "N_AREAS"},           {"of_areas", "OF_AREAS"},
        {"missing", "MISSING"},     {"covered", "POP_COVERED"},     {"grade", "GRADE"},
        {"reviewed", "REVIEWED"},   {"value", "OBS_VALUE"}};
    const char *formula = "";
    int rc = explain_formula(x, ind, &formula, e);
    if (rc < 0)
        return rc;
    struct json *j = js_object();
    js_set(j, "indicator", js_text(ind->id));
    js_set(j, "name", js_text(ind->name));
    js_set(j, "formula", js_text(formula));
    for (size_t i = 0; i < ARRAY_LEN(columns); i++)
        js_set(j, columns[i][0], cell_of(row, columns[i][1]));
    *ret = j;
    return 0;
}

static bool kept_back(const struct json *row, const char *why)
{
    struct str reason = js_str(js_get(row, "REASON"));
    bool empty = js_str(js_get(row, "OBS_VALUE")).n == 0;
    return (why && empty) || str_is(reason, "suppressed-input") ||
           str_is(reason, "too-few-partners");
}

int explain_cell(struct explain *x, struct dataset *d, struct str key, struct json **ret,
                 struct err *e)
{
    const struct json *row = dataset_row(d, key);
    const struct indicator *ind = dataset_indicator(d, row);
    const char *why = NULL;
    struct json *j = js_object(), *parts = js_array(), *result = NULL;
    js_set(j, "key", js_string(key));
    js_set(j, "structure",
           js_text(arena_fmt(&x->conf->arena, "%s%s", d->s ? d->s->id : "", ind ? "_IND" : "")));
    js_set(j, "parts", parts);
    int rc = explain_hidden(x, js_str(js_get(row, "CONF_STATUS")),
                            js_str(js_get(row, "OBS_STATUS")), &why, e);
    if (rc >= 0 && ind)
        rc = result_json(x, row, ind, &result, e);
    js_set(j, "result", result ? result : js_null());
    bool hidden = kept_back(row, why);
    js_set(j, "hidden", js_text(!hidden ? "" : why ? why : "kept back"));
    if (rc >= 0 && (!hidden || !ind || x->internal))
        rc = dataset_parts(x, d, key, parts, e); /* a plain observation hides its own value */
    if (rc < 0)
        js_free(j);
    else
        *ret = j;
    return rc;
}

/* ---- what the cells need ---- */

/* Links of a part to its observations, with what a reader wants to see beside them. */
static void name_items(const struct explain *x, struct json *items, struct map *used)
{
    for (size_t i = 0; i < js_count(items); i++) {
        struct json *item = js_at(items, i);
        size_t n = (size_t)js_integer(js_get(item, "n"), 0);
        const struct json *o = n < x->nwanted ? x->wanted[n].described : NULL;
        char number[32];
        (void)snprintf(number, sizeof number, "%zu", n);
        (void)map_intern(used, str_of(number), NULL);
        js_set(item, "observation", js_share(js_get(o, "id")));
        js_set(item, "label", js_share(js_get(o, "label")));
        js_set(item, "value", js_share(js_get(o, "value")));
        js_set(item, "hidden", js_share(js_get(o, "hidden")));
        js_set(item, "given", js_share(js_get(o, "given")));
    }
}

static void note_submissions(const struct json *o, struct map *subs)
{
    static const char *const lists[] = {"earlier", "later"};
    (void)map_intern(subs, js_str(js_get(o, "submission")), NULL);
    for (size_t k = 0; k < ARRAY_LEN(lists); k++) {
        const struct json *l = js_get(o, lists[k]);
        for (size_t i = 0; i < js_count(l); i++) {
            (void)map_intern(subs, js_str(js_get(js_at(l, i), "submission")), NULL);
            (void)map_intern(subs, js_str(js_get(js_at(l, i), "ended_by")), NULL);
        }
    }
}

static struct json *submissions_of(const struct explain *x, const struct map *subs)
{
    struct json *list = js_array();
    for (size_t i = 0; i < js_count(x->submission); i++) {
        const char *id = NULL;
        struct json *s = js_member(x->submission, i, &id);
        if (map_find(subs, str_of(id)))
            js_push(list, js_share(s));
    }
    return list;
}

void explain_attach(struct explain *x, struct json *doc)
{
    struct map *used = map_new(0), *subs = map_new(0);
    struct json *observations = js_array();
    const struct json *cells = js_get(doc, "cells");
    for (size_t i = 0; i < js_count(cells); i++) {
        const struct json *parts = js_get(js_at(cells, i), "parts");
        for (size_t k = 0; k < js_count(parts); k++)
            name_items(x, js_get(js_at(parts, k), "items"), used);
    }
    for (size_t i = 0; i < map_count(used); i++) {
        size_t n = (size_t)strtoul(arena_text(&x->conf->arena, map_key(used, i)), NULL, 10);
        if (n >= x->nwanted || !x->wanted[n].described)
            continue;
        js_push(observations, js_share(x->wanted[n].described));
        note_submissions(x->wanted[n].described, subs);
    }
    js_set(doc, "observations", observations);
    js_set(doc, "submissions", submissions_of(x, subs));
    map_free(used);
    map_free(subs);
}
