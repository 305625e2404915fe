/* read_jsonstat_look.c — the first pass: which dataset of the file, its dimensions and their
 * categories, and where the cells stand. Members may come in any order, so each is noted where it
 * is met and put together at the end. All memory is the cube's arena. */
#include "read_jsonstat.h"

#include "mem.h"

#define SETS_MAX 256
#define SIZE_MOST ((uint64_t)1 << 31)
#define CELLS_MOST ((uint64_t)1 << 40)

struct category {
    struct str code;
    uint64_t at;
};

struct jdim {
    struct str name;
    struct category *cats; /* as in index, or in label when there is no index */
    size_t n, cap;
    bool indexed;
};

struct set { /* one candidate */
    struct str name, label;
    struct jscan_place place;
};

struct look {
    struct jsonstat *r;
    struct arena *a;
    struct walk w;
    struct set sets[SETS_MAX];
    size_t nsets;
    struct jdim dims[READ_DIMS_MAX];
    size_t ndims;
    struct str ids[READ_DIMS_MAX], time;
    size_t nids, nsizes, ntimes;
    uint64_t sizes[READ_DIMS_MAX];
};

static int file_fault(const struct look *l, struct err *e)
{
    return err_place(e, "%s", desk_name(l->r->d));
}

/* --- which dataset ------------------------------------------------------------------------------
 */

static struct str keep(struct look *l, struct str s) { return arena_str(l->a, s); }

static int add_set(struct look *l, struct str name, struct jscan_place place, struct err *e)
{
    if (l->nsets == SETS_MAX) {
        err_set(e, RC_DATA, "WIRE-016", "more than %d datasets in one file", SETS_MAX);
        return walk_fault(&l->w, e);
    }
    l->sets[l->nsets++] = (struct set){keep(l, name), STR(""), place};
    return 0;
}

/* One item of a collection: a dataset only when it is there whole, not just as a link. */
static int look_item(struct look *l, struct err *e)
{
    struct jscan_place place = l->w.t.place;
    struct str label = STR("");
    bool whole = false;
    int rc = walk_want(&l->w, JSCAN_OBJECT, "an item", e);
    while (rc >= 0 && (rc = walk_member(&l->w, e)) > 0) {
        whole = whole || walk_is(&l->w, "dimension");
        if (walk_is(&l->w, "label") && l->w.t.kind == JSCAN_STRING)
            label = keep(l, l->w.t.text);
        rc = walk_skip(&l->w, e);
    }
    if (rc < 0 || !whole)
        return rc;
    rc = add_set(l, label, place, e);
    return rc;
}

static int look_collection(struct look *l, struct jscan_place link, struct err *e)
{
    int rc = link.at ? walk_at(&l->w, l->r->feed, link, e) : 0;
    if (!link.at || rc < 0)
        return rc;
    rc = walk_want(&l->w, JSCAN_OBJECT, "link", e);
    while (rc >= 0 && (rc = walk_member(&l->w, e)) > 0) {
        if (walk_is(&l->w, "item") && l->w.t.kind == JSCAN_ARRAY) {
            while (rc >= 0 && (rc = walk_item(&l->w, e)) > 0)
                rc = look_item(l, e);
        } else {
            rc = walk_skip(&l->w, e);
        }
    }
    return rc;
}

/* {"error":[{"status":…,"id":…,"label":…}]} */
static int told_error(struct look *l, struct err *e)
{
    struct str label = STR("no reason");
    int rc = l->w.t.kind == JSCAN_ARRAY ? walk_item(&l->w, e) : 0;
    if (l->w.t.kind == JSCAN_STRING)
        label = keep(l, l->w.t.text);
    while (rc >= 0 && l->w.t.kind != JSCAN_STRING && (rc = walk_member(&l->w, e)) > 0) {
        if (walk_is(&l->w, "label") && l->w.t.kind == JSCAN_STRING)
            label = keep(l, l->w.t.text);
        rc = walk_skip(&l->w, e);
        l->w.t.kind = JSCAN_KEY; /* the next member, whatever this one was */
    }
    if (rc < 0)
        return rc;
    err_set(e, RC_DATA, "WIRE-017", "the file is an answer with an error: %.*s", STR_ARG(label));
    err_hint(e, "Ask the server for fewer cells, or correct the query.");
    return file_fault(l, e);
}

struct top {
    bool dataset, collection, other;
    struct jscan_place link;
};

static int look_top(struct look *l, struct top *top, struct err *e)
{
    int rc = walk_at(&l->w, l->r->feed, walk_start, e);
    if (rc >= 0)
        rc = walk_want(&l->w, JSCAN_OBJECT, "the file", e);
    while (rc >= 0 && (rc = walk_member(&l->w, e)) > 0) {
        if (walk_is(&l->w, "error"))
            return told_error(l, e);
        if (walk_is(&l->w, "class") && l->w.t.kind == JSCAN_STRING) {
            top->collection = str_is(l->w.t.text, "collection");
            top->other = !top->collection && !str_is(l->w.t.text, "dataset");
        }
        top->dataset = top->dataset || walk_is(&l->w, "dimension");
        if (walk_is(&l->w, "link"))
            top->link = l->w.t.place;
        else if (l->w.t.kind == JSCAN_OBJECT)
            rc = add_set(l, buf_view(&l->w.key), l->w.t.place, e);
        if (rc >= 0)
            rc = walk_skip(&l->w, e);
    }
    if (rc >= 0)
        rc = jscan_next(l->w.j, &l->w.t, e); /* nothing may follow */
    return rc;
}

static int no_choice(const struct look *l, const char *want, struct err *e)
{
    if (!l->nsets) {
        err_set(e, RC_DATA, "WIRE-018", "there is no dataset in the file");
        err_hint(e, "A collection that only links to datasets has no values: fetch one of them.");
        return file_fault(l, e);
    }
    char names[400] = "";
    for (size_t i = 0, n = 0; i < l->nsets && n + 70 < sizeof names; i++, n = strlen(names))
        (void)snprintf(names + n, sizeof names - n, "%s%zu \"%.*s\"", i ? ", " : "", i + 1,
                       (int)(l->sets[i].name.n > 50 ? 50 : l->sets[i].name.n),
                       l->sets[i].name.n ? l->sets[i].name.p : "");
    if (want)
        err_set(e, RC_DATA, "WIRE-019", "there is no dataset \"%s\" in the file", want);
    else
        err_set(e, RC_DATA, "WIRE-020", "%zu datasets in one file", l->nsets);
    err_hint(e, "The profile says which one, by name or number: dataset. There are %s.", names);
    return file_fault(l, e);
}

static int choose(const struct look *l, struct jscan_place *ret, struct err *e)
{
    const char *want = l->r->p->dataset;
    const struct set *found = !want && l->nsets == 1 ? &l->sets[0] : NULL;
    uint64_t number = 0;
    for (size_t i = 0; want && i < l->nsets && !found; i++)
        found = str_is(l->sets[i].name, want) ? &l->sets[i] : NULL;
    if (!found && want && walk_number(str_of(want), l->nsets, &number) && number)
        found = &l->sets[number - 1];
    if (!found)
        return no_choice(l, want, e);
    *ret = found->place;
    return 0;
}

static int find_dataset(struct look *l, struct jscan_place *ret, struct err *e)
{
    struct top top = {0};
    int rc = look_top(l, &top, e);
    if (rc < 0)
        return rc;
    if (top.other) {
        err_set(e, RC_DATA, "WIRE-021", "the class of the file is neither dataset nor collection");
        return file_fault(l, e);
    }
    if (top.dataset) {
        *ret = walk_start;
        return 0;
    }
    if (top.collection) {
        l->nsets = 0;
        rc = look_collection(l, top.link, e);
    }
    return rc < 0 ? rc : choose(l, ret, e);
}

/* --- the dataset --------------------------------------------------------------------------------
 */

static int too_many(struct look *l, const char *what, struct err *e)
{
    err_set(e, RC_DATA, "WIRE-022", "more than %d %s", READ_DIMS_MAX - 1, what);
    return walk_fault(&l->w, e);
}

static int read_ids(struct look *l, struct err *e)
{
    int rc = walk_want(&l->w, JSCAN_ARRAY, "id", e);
    while (rc >= 0 && (rc = walk_item(&l->w, e)) > 0) {
        rc = walk_want(&l->w, JSCAN_STRING, "an id", e);
        if (rc >= 0 && l->nids == READ_DIMS_MAX - 1)
            rc = too_many(l, "dimensions in id", e);
        if (rc >= 0)
            l->ids[l->nids++] = keep(l, l->w.t.text);
    }
    return rc;
}

static int read_sizes(struct look *l, struct err *e)
{
    int rc = walk_want(&l->w, JSCAN_ARRAY, "size", e);
    while (rc >= 0 && (rc = walk_item(&l->w, e)) > 0) {
        if (l->nsizes == READ_DIMS_MAX - 1)
            return too_many(l, "sizes", e);
        bool scalar = l->w.t.kind == JSCAN_NUMBER || l->w.t.kind == JSCAN_STRING;
        if (!scalar || !walk_number(l->w.t.text, SIZE_MOST, &l->sizes[l->nsizes])) {
            err_set(e, RC_DATA, "WIRE-023", "\"%.*s\" is no size of a dimension",
                    STR_ARG(l->w.t.text));
            return walk_fault(&l->w, e);
        }
        l->nsizes++;
    }
    return rc;
}

static int read_role(struct look *l, struct err *e)
{
    int rc = walk_want(&l->w, JSCAN_OBJECT, "role", e);
    while (rc >= 0 && (rc = walk_member(&l->w, e)) > 0) {
        if (!walk_is(&l->w, "time") || l->w.t.kind != JSCAN_ARRAY) {
            rc = walk_skip(&l->w, e);
            continue;
        }
        while (rc >= 0 && (rc = walk_item(&l->w, e)) > 0) {
            if (l->w.t.kind == JSCAN_STRING && !l->ntimes++)
                l->time = keep(l, l->w.t.text);
            rc = walk_skip(&l->w, e);
        }
    }
    return rc;
}

static int add_category(struct look *l, struct jdim *d, struct str code, uint64_t at, struct err *e)
{
    if (cube_room(&l->r->cube, e) < 0)
        return walk_fault(&l->w, e);
    if (d->n == (size_t)1 << 22) {
        err_set(e, RC_DATA, "WIRE-024", "more than %zu categories", d->n);
        return walk_fault(&l->w, e);
    }
    if (d->n == d->cap) {
        size_t cap = d->cap ? d->cap * 2 : 8;
        struct category *more = arena_array(l->a, cap, sizeof *more);
        if (d->n)
            memcpy(more, d->cats, d->n * sizeof *more);
        d->cats = more;
        d->cap = cap;
    }
    d->cats[d->n++] = (struct category){keep(l, code), at};
    return 0;
}

static int read_index(struct look *l, struct jdim *d, struct err *e)
{
    int rc = 0;
    uint64_t at;
    d->n = 0;
    d->indexed = true;
    if (l->w.t.kind == JSCAN_ARRAY) {
        while (rc >= 0 && (rc = walk_item(&l->w, e)) > 0) {
            rc = walk_want(&l->w, JSCAN_STRING, "a category", e);
            if (rc >= 0)
                rc = add_category(l, d, l->w.t.text, d->n, e);
        }
        return rc;
    }
    rc = walk_want(&l->w, JSCAN_OBJECT, "index", e);
    while (rc >= 0 && (rc = walk_member(&l->w, e)) > 0) {
        if (l->w.t.kind != JSCAN_NUMBER || !walk_number(l->w.t.text, SIZE_MOST, &at)) {
            err_set(e, RC_DATA, "WIRE-025", "the position of category \"%.*s\" is no whole number",
                    STR_ARG(buf_view(&l->w.key)));
            return walk_fault(&l->w, e);
        }
        rc = add_category(l, d, buf_view(&l->w.key), at, e);
    }
    return rc;
}

static int read_category(struct look *l, struct jdim *d, struct err *e)
{
    int rc = walk_want(&l->w, JSCAN_OBJECT, "category", e);
    while (rc >= 0 && (rc = walk_member(&l->w, e)) > 0) {
        if (walk_is(&l->w, "index") && l->w.t.kind != JSCAN_NULL) {
            rc = read_index(l, d, e);
        } else if (walk_is(&l->w, "label") && !d->indexed && l->w.t.kind == JSCAN_OBJECT) {
            while (rc >= 0 && (rc = walk_member(&l->w, e)) > 0) {
                rc = add_category(l, d, buf_view(&l->w.key), d->n, e);
                if (rc >= 0)
                    rc = walk_skip(&l->w, e);
            }
        } else {
            rc = walk_skip(&l->w, e);
        }
    }
    return rc;
}

static int read_dimension(struct look *l, struct err *e)
{
    if (l->ndims == READ_DIMS_MAX - 1)
        return too_many(l, "dimensions", e);
    struct jdim *d = &l->dims[l->ndims++];
    d->name = keep(l, buf_view(&l->w.key));
    int rc = walk_want(&l->w, JSCAN_OBJECT, "a dimension", e);
    while (rc >= 0 && (rc = walk_member(&l->w, e)) > 0)
        rc = walk_is(&l->w, "category") ? read_category(l, d, e) : walk_skip(&l->w, e);
    return rc;
}

/* 1.x keeps id, size and role in here. */
static int read_dimensions(struct look *l, struct err *e)
{
    int rc = walk_want(&l->w, JSCAN_OBJECT, "dimension", e);
    while (rc >= 0 && (rc = walk_member(&l->w, e)) > 0) {
        if (walk_is(&l->w, "id") && l->w.t.kind == JSCAN_ARRAY)
            rc = read_ids(l, e);
        else if (walk_is(&l->w, "size") && l->w.t.kind == JSCAN_ARRAY)
            rc = read_sizes(l, e);
        else if (walk_is(&l->w, "role"))
            rc = read_role(l, e);
        else
            rc = read_dimension(l, e);
    }
    return rc;
}

/* Where a lane stands and of which kind it is; its entries are gone through once. */
static int look_lane(struct look *l, struct lane_at *at, struct err *e)
{
    uint64_t last = 0, here;
    int rc = 0;
    *at = (struct lane_at){.place = l->w.t.place, .ascending = true};
    if (l->w.t.kind == JSCAN_ARRAY) {
        at->kind = LANE_ARRAY;
        for (; rc >= 0 && (rc = walk_item(&l->w, e)) > 0; at->n++)
            rc = walk_skip(&l->w, e);
        return rc;
    }
    if (l->w.t.kind != JSCAN_OBJECT)
        return walk_want(&l->w, JSCAN_OBJECT, "value", e);
    at->kind = LANE_OBJECT;
    jscan_loose(l->w.j);
    for (; rc >= 0 && (rc = walk_member(&l->w, e)) > 0; at->n++) {
        bool number = walk_number(buf_view(&l->w.key), UINT64_MAX, &here);
        at->ascending = at->ascending && number && (!at->n || here > last);
        last = here;
        rc = walk_skip(&l->w, e);
    }
    return rc;
}

/* A text: the status of all; old Eurostat: {"value":[…],"category":…}. */
static int look_status(struct look *l, struct err *e)
{
    struct jsonstat *r = l->r;
    if (l->w.t.kind == JSCAN_NULL)
        return 0;
    if (l->w.t.kind == JSCAN_STRING) {
        r->status.kind = LANE_ALL;
        r->all = keep(l, l->w.t.text);
        return 0;
    }
    if (l->w.t.kind == JSCAN_ARRAY)
        return look_lane(l, &r->status, e);
    struct jscan_place place = l->w.t.place;
    int rc = look_lane(l, &r->status, e);
    if (rc < 0 || r->status.ascending || r->status.n > 2)
        return rc;
    struct walk w = {0}; /* two members whose names are no numbers */
    rc = walk_at(&w, r->feed, place, e);
    while (rc >= 0 && (rc = walk_member(&w, e)) > 0) {
        if (walk_is(&w, "value") && w.t.kind == JSCAN_ARRAY)
            r->status = (struct lane_at){LANE_ARRAY, w.t.place, true, SIZE_MAX};
        rc = walk_skip(&w, e);
    }
    walk_free(&w);
    return rc;
}

static int read_dataset(struct look *l, struct jscan_place at, struct err *e)
{
    int rc = walk_at(&l->w, l->r->feed, at, e);
    if (rc >= 0)
        rc = walk_want(&l->w, JSCAN_OBJECT, "the dataset", e);
    while (rc >= 0 && (rc = walk_member(&l->w, e)) > 0) {
        if (walk_is(&l->w, "value") && l->w.t.kind != JSCAN_NULL)
            rc = look_lane(l, &l->r->value, e);
        else if (walk_is(&l->w, "status"))
            rc = look_status(l, e);
        else if (walk_is(&l->w, "id"))
            rc = read_ids(l, e);
        else if (walk_is(&l->w, "size"))
            rc = read_sizes(l, e);
        else if (walk_is(&l->w, "role"))
            rc = read_role(l, e);
        else if (walk_is(&l->w, "dimension"))
            rc = read_dimensions(l, e);
        else
            rc = walk_skip(&l->w, e);
    }
    return rc;
}

/* --- together -----------------------------------------------------------------------------------
 */

/* Categories in the order of their positions, each position once. */
static int order(struct look *l, struct jdim *d, uint64_t size, struct cube_dim *to, struct err *e)
{
    struct str *codes CLEANUP(mem_freep) = mem_array(d->n + 1, sizeof *codes);
    bool bad = d->n != size || (!d->indexed && d->n > 1);
    for (size_t i = 0; i < d->n && !bad; i++) {
        uint64_t at = d->cats[i].at;
        bad = at >= size || codes[at].p;
        if (!bad)
            codes[at] = d->cats[i].code;
    }
    if (bad) {
        err_set(e, RC_DATA, "WIRE-026",
                "the %zu categories of %.*s do not fill its size of %llu, each position once", d->n,
                STR_ARG(d->name), (unsigned long long)size);
        return file_fault(l, e);
    }
    for (size_t i = 0; i < d->n; i++) {
        int rc = cube_code(&l->r->cube, to, codes[i], e);
        if (rc < 0)
            return file_fault(l, e);
    }
    return 0;
}

static int assemble(struct look *l, struct err *e)
{
    struct jsonstat *r = l->r;
    if (l->nids != l->nsizes || !l->nids) {
        err_set(e, RC_DATA, "WIRE-027", "%zu ids, but %zu sizes of dimensions", l->nids, l->nsizes);
        return file_fault(l, e);
    }
    for (size_t i = 0; i < l->nids; i++) {
        struct jdim *d = NULL;
        struct cube_dim *to;
        for (size_t k = 0; k < l->ndims; k++)
            d = str_eq(l->dims[k].name, l->ids[i]) ? &l->dims[k] : d;
        if (!d) {
            err_set(e, RC_DATA, "WIRE-028", "the dimension %.*s is nowhere described",
                    STR_ARG(l->ids[i]));
            return file_fault(l, e);
        }
        int rc = cube_add(&r->cube, l->ids[i], &to, e);
        if (rc < 0)
            return file_fault(l, e);
        to->time = l->ntimes == 1 && str_eq(l->time, l->ids[i]);
        rc = order(l, d, l->sizes[i], to, e);
        if (rc < 0)
            return rc;
    }
    return cube_start(&r->cube, CELLS_MOST, e);
}

int jsonstat_look(struct jsonstat *r, struct err *e)
{
    struct look *l = mem_new(sizeof *l);
    struct jscan_place at;
    l->r = r;
    l->a = &r->cube.arena;
    int rc = find_dataset(l, &at, e);
    if (rc >= 0)
        rc = read_dataset(l, at, e);
    if (rc >= 0)
        rc = assemble(l, e);
    if (rc >= 0 && r->value.kind == LANE_NONE) {
        err_set(e, RC_DATA, "WIRE-029", "the dataset has no values");
        rc = file_fault(l, e);
    }
    walk_free(&l->w);
    mem_free(l);
    return rc;
}
