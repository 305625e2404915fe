/* structure_model.c — see structure_model.h. */
#include "structure_model.h"

#include "map.h"

#include "mem.h"

#define THINGS_MAX 65536

void model_free(struct model *m)
{
    mem_free(m->lists);
    mem_free(m->structures);
    mem_free(m->concepts);
    arena_free(&m->arena);
}

/* Room for one more in a table of pointers or items. */
static void *room(void *items, size_t n, size_t size)
{
    return (n & (n - 1)) == 0 ? mem_resize(items, (n ? 2 * n : 1) * size) : items;
}

struct sm_list *model_list(struct model *m, struct str id)
{
    if (m->nlists == THINGS_MAX)
        return NULL;
    m->lists = room(m->lists, m->nlists, sizeof(struct sm_list *));
    struct sm_list *l = arena_new(&m->arena, sizeof *l);
    l->id = arena_text(&m->arena, id);
    return m->lists[m->nlists++] = l;
}

struct sm_list *model_find(const struct model *m, const char *id)
{
    for (size_t i = 0; i < m->nlists; i++)
        if (strcmp(m->lists[i]->id, id) == 0)
            return m->lists[i];
    return NULL;
}

struct sm_structure *model_structure(struct model *m, struct str id)
{
    if (m->nstructures == THINGS_MAX)
        return NULL;
    m->structures = room(m->structures, m->nstructures, sizeof(struct sm_structure *));
    struct sm_structure *s = arena_new(&m->arena, sizeof *s);
    s->id = arena_text(&m->arena, id);
    return m->structures[m->nstructures++] = s;
}

struct sm_concept *model_concept(struct model *m, struct str id)
{
    if (m->nconcepts == THINGS_MAX)
        return NULL;
    m->concepts = room(m->concepts, m->nconcepts, sizeof *m->concepts);
    struct sm_concept *c = &m->concepts[m->nconcepts++];
    *c = (struct sm_concept){.id = arena_text(&m->arena, id)};
    return c;
}

struct sm_row *list_row(struct model *m, struct sm_list *l, struct str code)
{
    if (l->n == l->cap) {
        size_t cap = l->cap ? l->cap * 2 : 16;
        struct sm_row *more = arena_array(&m->arena, cap, sizeof *more);
        if (l->n)
            memcpy(more, l->rows, l->n * sizeof *more);
        l->rows = more;
        l->cap = cap;
    }
    l->rows[l->n] = (struct sm_row){.code = arena_str(&m->arena, code)};
    return &l->rows[l->n++];
}

bool list_set(struct model *m, struct sm_list *l, struct sm_row *row, const char *col,
              struct str value)
{
    size_t i = 0;
    while (i < l->ncols && strcmp(l->cols[i], col) != 0)
        i++;
    if (i == SM_CELLS_MAX)
        return false;
    if (i == l->ncols)
        l->cols[l->ncols++] = arena_text(&m->arena, str_of(col));
    if (i >= row->n) {
        size_t n = i + 4;
        struct str *more = arena_array(&m->arena, n, sizeof *more);
        if (row->n)
            memcpy(more, row->cells, row->n * sizeof *more);
        row->cells = more;
        row->n = n;
    }
    row->cells[i] = arena_str(&m->arena, value);
    return true;
}

struct str list_get(const struct sm_list *l, const struct sm_row *row, const char *col)
{
    for (size_t i = 0; i < l->ncols && i < row->n; i++)
        if (strcmp(l->cols[i], col) == 0)
            return row->cells[i].p ? row->cells[i] : STR("");
    return STR("");
}

const struct sm_row *list_find(const struct sm_list *l, struct str code)
{
    for (size_t i = 0; i < l->n; i++)
        if (str_eq(l->rows[i].code, code))
            return &l->rows[i];
    return NULL;
}

void list_annotate(struct model *m, struct sm_list *l, struct sm_row *row, struct str type,
                   struct str text)
{
    static const char *const kept[] = {"valid_from", "valid_to", "source", "confidence", "note"};
    for (size_t i = 0; i < ARRAY_LEN(kept); i++)
        if (str_is(type, kept[i])) {
            (void)list_set(m, l, row, kept[i], text);
            return;
        }
    m->dropped++;
}

const char *label_column(struct model *m, struct str lang)
{
    const char *dash = lang.n ? memchr(lang.p, '-', lang.n) : NULL;
    if (dash)
        lang.n = (size_t)(dash - lang.p);
    return lang.n ? arena_fmt(&m->arena, "label_%.*s", STR_ARG(lang)) : "label_en";
}

struct str urn_id(struct str urn)
{
    const char *eq = urn.n ? memchr(urn.p, '=', urn.n) : NULL;
    if (!eq)
        return urn;
    urn = str_cut(urn, (size_t)(eq - urn.p) + 1);
    const char *colon = memchr(urn.p, ':', urn.n);
    if (colon)
        urn = str_cut(urn, (size_t)(colon - urn.p) + 1);
    const char *open = memchr(urn.p, '(', urn.n), *close = memchr(urn.p, ')', urn.n);
    if (close && close + 1 < urn.p + urn.n && close[1] == '.')
        return str_cut(urn, (size_t)(close - urn.p) + 2);
    return open ? (struct str){urn.p, (size_t)(open - urn.p)} : urn;
}

/* --- after reading ------------------------------------------------------------------------------
 */

static bool id_ok(const char *id, const char *also)
{
    size_t n = 0;
    for (; id && id[n]; n++)
        if (!((id[n] >= 'A' && id[n] <= 'Z') || (id[n] >= 'a' && id[n] <= 'z') ||
              (id[n] >= '0' && id[n] <= '9') || id[n] == '_' || strchr(also, id[n])))
            return false;
    return n > 0 && n <= 100;
}

/* The parent of each code by number, SIZE_MAX for none: every code once, every parent there. */
static int find_parents(const struct sm_list *l, struct map *codes, size_t *parents, struct err *e)
{
    bool fresh;
    for (size_t i = 0; i < l->n; i++) {
        if (!l->rows[i].code.n)
            return err_set(e, RC_DATA, "STRUCT-047", "code %zu of %s is empty", i + 1, l->id);
        (void)map_put(codes, l->rows[i].code, i, &fresh);
        if (!fresh)
            return err_set(e, RC_DATA, "STRUCT-048", "the code \"%.*s\" of %s is there twice",
                           STR_ARG(l->rows[i].code), l->id);
    }
    for (size_t i = 0; i < l->n; i++) {
        struct str parent = list_get(l, &l->rows[i], "parent");
        const uint64_t *at = parent.n ? map_find(codes, parent) : NULL;
        if (parent.n && !at) {
            err_set(e, RC_DATA, "STRUCT-049", "the parent \"%.*s\" of code \"%.*s\" is not in %s",
                    STR_ARG(parent), STR_ARG(l->rows[i].code), l->id);
            return err_hint(e, "Ask for the whole code list, not for a part of it.");
        }
        parents[i] = at ? (size_t)*at : SIZE_MAX;
    }
    return 0;
}

/* From every code its parents lead to the top: what was walked before is not walked again. */
static int find_circle(const struct sm_list *l, size_t *parents, struct err *e)
{
    for (size_t i = 0; i < l->n; i++) {
        size_t steps = 0, at = i;
        while (parents[at] != SIZE_MAX && steps++ <= l->n)
            at = parents[at];
        if (parents[at] != SIZE_MAX) {
            err_set(e, RC_DATA, "STRUCT-050", "the parents of code \"%.*s\" of %s lead in a circle",
                    STR_ARG(l->rows[i].code), l->id);
            return err_hint(e, "The list is damaged: ask its owner.");
        }
        for (size_t k = i; parents[k] != SIZE_MAX;) {
            size_t next = parents[k];
            parents[k] = SIZE_MAX;
            k = next;
        }
    }
    return 0;
}

static int settle_tree(const struct sm_list *l, struct err *e)
{
    struct map *codes = map_new(0);
    size_t *parents = mem_array(l->n + 1, sizeof *parents);
    int rc = find_parents(l, codes, parents, e);
    if (rc >= 0)
        rc = find_circle(l, parents, e);
    map_free(codes);
    mem_free(parents);
    return rc;
}

static int settle_list(struct model *m, struct sm_list *l, struct err *e)
{
    if (!id_ok(l->id, "-"))
        return err_set(e, RC_DATA, "STRUCT-020", "\"%s\" cannot be the id of a code list", l->id);
    if (!l->n)
        return err_set(e, RC_DATA, "STRUCT-021", "the code list %s has no codes", l->id);
    for (size_t i = 0; i < l->n; i++) {
        struct sm_row *row = &l->rows[i];
        struct str label = list_get(l, row, "label_en");
        for (size_t k = 0; k < l->ncols && k < row->n && !label.n; k++)
            if (strncmp(l->cols[k], "label_", 6) == 0)
                label = row->cells[k];
        if (!list_get(l, row, "label_en").n &&
            !list_set(m, l, row, "label_en", label.n ? label : row->code))
            return err_set(e, RC_DATA, "STRUCT-022", "more than %d columns in code list %s",
                           SM_CELLS_MAX, l->id);
    }
    return settle_tree(l, e);
}

static void from_concept(const struct model *m, struct sm_dim *d)
{
    for (size_t i = 0; i < m->nconcepts; i++) {
        const struct sm_concept *c = &m->concepts[i];
        if (strcmp(c->id, d->id) != 0)
            continue;
        if (!d->name)
            d->name = c->name;
        if (!d->codelist && strcmp(d->id, "TIME_PERIOD") != 0)
            d->codelist = c->codelist;
    }
    if (!d->name)
        d->name = d->id;
}

static int settle_structure(struct model *m, struct sm_structure *s, struct err *e)
{
    if (!id_ok(s->id, ""))
        return err_set(e, RC_DATA, "STRUCT-023", "\"%s\" cannot be the id of a structure", s->id);
    for (size_t i = 1; i < s->ndims; i++)
        for (size_t k = i; k > 0 && s->dims[k - 1].order > s->dims[k].order; k--) {
            struct sm_dim swap = s->dims[k];
            s->dims[k] = s->dims[k - 1];
            s->dims[k - 1] = swap;
        }
    for (size_t i = 0; i < s->ndims; i++) {
        struct sm_dim *d = &s->dims[i];
        from_concept(m, d);
        if (d->codelist && !id_ok(d->codelist, "-"))
            return err_set(e, RC_DATA, "STRUCT-024", "\"%s\" cannot be the id of a code list",
                           d->codelist);
    }
    if (s->ndims < 2 || strcmp(s->dims[s->ndims - 1].id, "TIME_PERIOD") != 0) {
        err_set(e, RC_DATA, "STRUCT-025", "the structure %s has no dimension TIME_PERIOD", s->id);
        return err_hint(e,
                        "Figures without a time cannot be kept: only its code lists can be taken.");
    }
    return 0;
}

int model_settle(struct model *m, const char *name, struct err *e)
{
    int rc = 0;
    if (!m->nlists && !m->nstructures)
        rc =
            err_set(e, RC_DATA, "STRUCT-026", "there is no code list and no structure in the file");
    for (size_t i = 0; i < m->nlists && rc >= 0; i++) {
        rc = settle_list(m, m->lists[i], e);
        for (size_t k = 0; k < i && rc >= 0; k++)
            if (strcmp(m->lists[k]->id, m->lists[i]->id) == 0)
                rc = err_set(e, RC_DATA, "STRUCT-027", "two code lists are called %s",
                             m->lists[i]->id);
    }
    for (size_t i = 0; i < m->nstructures && rc >= 0; i++)
        rc = settle_structure(m, m->structures[i], e);
    return rc < 0 && name ? err_place(e, "%s", name) : rc;
}

/* SDMX: codes of letters, digits, _ @ $ -; other ids are names of XML. */
int model_check_ids(const struct model *m, struct err *e)
{
    for (size_t i = 0; i < m->nlists; i++) {
        const struct sm_list *l = m->lists[i];
        for (size_t k = 0; k < l->n; k++) {
            const char *code = l->rows[k].code.p;
            if (id_ok(code, "-@$"))
                continue;
            err_set(e, RC_DATA, "STRUCT-028", "the code \"%s\" of %s cannot stand in SDMX", code,
                    l->id);
            return err_hint(e, "Ids there are letters, digits, _, @, $ and -.");
        }
    }
    return 0;
}
