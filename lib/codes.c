/* codes.c — see codes.h. A list and everything it points to live in the arena of the conf; the rows
 * that are being read live in a `struct loading`, freed at the end of the load. */
#include "codes.h"

#include "buf.h"
#include "hash.h"
#include "bounds.h"
#include "mem.h"
#include "text.h"

/* One row while the file is read: the parent is a name until all codes are known. */
struct pending {
    struct code code;
    struct str parent;
    size_t line;
};

struct loading {
    struct conf *conf;
    const char *path;
    struct conf_table *table;
    struct pending *rows;
    size_t n, cap;
    const char **columns; /* label columns, by language */
    struct codelist *list;
};

static const char *const need[] = {"code", "label_en", NULL};
static const char *const may[] = {"parent",     "valid_from", "valid_to", "source",
                                  "confidence", "note",       NULL};

static void find_languages(struct loading *l)
{
    struct arena *a = &l->conf->arena;
    size_t n = 0;
    while (conf_column(l->table, n))
        n++;
    const char **langs = arena_array(a, n + 1, sizeof *langs);
    l->columns = arena_array(a, n + 1, sizeof *l->columns);
    for (size_t i = 0; i < n; i++) {
        const char *name = conf_column(l->table, i);
        if (strncmp(name, "label_", 6) != 0)
            continue;
        langs[l->list->nlangs] = arena_text(a, str_of(name + 6));
        l->columns[l->list->nlangs++] = arena_text(a, str_of(name));
    }
    l->list->langs = langs;
}

static bool date_like(struct str s)
{
    static const char shape[] = "dddd-dd-dd";
    if (s.n == 0)
        return true;
    if (s.n != 4 && s.n != 7 && s.n != 10)
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (shape[i] == 'd' ? s.p[i] < '0' || s.p[i] > '9' : s.p[i] != '-')
            return false;
    return true;
}

static int row_fault(const struct loading *l, size_t line, struct err *e)
{
    return err_place(e, "%s:%zu", l->path, line);
}

static int check_row(const struct loading *l, const struct pending *p, struct err *e)
{
    struct str from = p->code.valid_from, to = p->code.valid_to;
    if (p->code.id.n == 0 || p->code.id.n > LIMIT_CODE_BYTES)
        err_set(e, RC_CONFIG, "CODES-001", "a code has 1 to %zu bytes, this one %zu",
                LIMIT_CODE_BYTES, p->code.id.n);
    else if (conf_cell(l->table, "label_en").n == 0)
        err_set(e, RC_CONFIG, "CODES-005", "code \"%.*s\" has no English label",
                STR_ARG(p->code.id));
    else if (!date_like(from) || !date_like(to) || (from.n && to.n && str_cmp(from, to) > 0))
        err_set(e, RC_CONFIG, "CODES-006",
                "the validity \"%.*s\" to \"%.*s\" of code \"%.*s\" is no span of dates",
                STR_ARG(from), STR_ARG(to), STR_ARG(p->code.id));
    else
        return 0;
    return row_fault(l, p->line, e);
}

static int add_row(struct loading *l, struct err *e)
{
    struct arena *a = &l->conf->arena;
    if (l->n == l->cap) {
        l->cap = l->cap ? l->cap * 2 : 64;
        l->rows = mem_resize(l->rows, l->cap * sizeof *l->rows);
    }
    struct pending *p = &l->rows[l->n];
    *p = (struct pending){.line = conf_line(l->table)};
    p->code.id = arena_str(a, conf_cell(l->table, "code"));
    p->code.order = l->n;
    p->code.valid_from = arena_str(a, conf_cell(l->table, "valid_from"));
    p->code.valid_to = arena_str(a, conf_cell(l->table, "valid_to"));
    p->code.note = arena_text(a, conf_cell(l->table, "note"));
    p->parent = arena_str(a, conf_cell(l->table, "parent"));
    const char **labels = arena_array(a, l->list->nlangs + 1, sizeof *labels);
    for (size_t i = 0; i < l->list->nlangs; i++)
        labels[i] = arena_text(a, conf_cell(l->table, l->columns[i]));
    p->code.labels = labels;
    l->n++;
    return check_row(l, p, e);
}

static size_t slot_of(const struct codelist *l, struct str id)
{
    size_t mask = l->nslots - 1, at = (size_t)hash64(id) & mask;
    while (l->slots[at] && !str_eq(l->codes[l->slots[at] - 1].id, id))
        at = (at + 1) & mask;
    return at;
}

const struct code *codelist_find(const struct codelist *l, struct str id)
{
    uint32_t number = l->slots[slot_of(l, id)];
    return number ? &l->codes[number - 1] : NULL;
}

static int index_codes(struct loading *l, struct err *e)
{
    struct codelist *list = l->list;
    list->nslots = 16;
    while (list->nslots < l->n * 2)
        list->nslots *= 2;
    uint32_t *slots = arena_array(&l->conf->arena, list->nslots, sizeof *slots);
    list->slots = slots;
    for (size_t i = 0; i < l->n; i++) {
        size_t at = slot_of(list, list->codes[i].id);
        if (slots[at]) {
            err_set(e, RC_CONFIG, "CODES-002", "code \"%.*s\" stands here a second time",
                    STR_ARG(list->codes[i].id));
            err_hint(e, "It stood first on line %zu.", l->rows[slots[at] - 1].line);
            return row_fault(l, l->rows[i].line, e);
        }
        slots[at] = (uint32_t)i + 1;
    }
    return 0;
}

static int link_parents(struct loading *l, struct code *codes, struct err *e)
{
    for (size_t i = 0; i < l->n; i++) {
        struct str parent = l->rows[i].parent;
        if (!parent.n)
            continue;
        codes[i].parent = codelist_find(l->list, parent);
        if (!codes[i].parent) {
            err_set(e, RC_CONFIG, "CODES-003",
                    "parent \"%.*s\" of code \"%.*s\" is not in this list", STR_ARG(parent),
                    STR_ARG(codes[i].id));
            return row_fault(l, l->rows[i].line, e);
        }
    }
    for (size_t i = 0; i < l->n; i++) {
        for (const struct code *c = codes[i].parent; c; c = c->parent)
            if (++codes[i].depth > l->n) {
                err_set(e, RC_CONFIG, "CODES-004", "code \"%.*s\" is its own ancestor",
                        STR_ARG(codes[i].id));
                return row_fault(l, l->rows[i].line, e);
            }
    }
    return 0;
}

static int read_rows(struct loading *l, struct err *e)
{
    int rc = conf_table_open(&l->table, l->path, need, may, e);
    if (rc < 0)
        return rc;
    find_languages(l);
    while ((rc = conf_table_next(l->table, e)) > 0) {
        rc = add_row(l, e);
        if (rc < 0)
            return rc;
    }
    return rc;
}

static int load(struct loading *l, struct err *e)
{
    int rc = read_rows(l, e);
    if (rc < 0)
        return rc;
    struct code *codes = arena_array(&l->conf->arena, l->n + 1, sizeof *codes);
    for (size_t i = 0; i < l->n; i++)
        codes[i] = l->rows[i].code;
    l->list->codes = codes;
    l->list->n = l->n;
    rc = index_codes(l, e);
    return rc < 0 ? rc : link_parents(l, codes, e);
}

int codelist_load(struct conf *c, const char *id, const struct codelist **ret, struct err *e)
{
    void **kept = conf_keep(c, "codelists", id);
    if (!*kept) {
        struct loading l = {.conf = c};
        int rc = conf_path(c, "codelists", id, "csv", &l.path, e);
        if (rc < 0)
            return rc;
        l.list = arena_new(&c->arena, sizeof *l.list);
        l.list->id = arena_text(&c->arena, str_of(id));
        rc = load(&l, e);
        conf_table_close(l.table);
        mem_free(l.rows);
        if (rc < 0)
            return rc;
        *kept = l.list;
    }
    *ret = *kept;
    return 0;
}

const char *code_label(const struct codelist *l, const struct code *c, const char *lang)
{
    const char *english = "";
    for (size_t i = 0; i < l->nlangs; i++) {
        if (lang && c->labels[i][0] && strcmp(l->langs[i], lang) == 0)
            return c->labels[i];
        if (strcmp(l->langs[i], "en") == 0)
            english = c->labels[i];
    }
    return english[0] ? english : c->id.p;
}

bool code_below(const struct code *c, const struct code *ancestor)
{
    for (c = c->parent; c; c = c->parent)
        if (c == ancestor)
            return true;
    return false;
}

static size_t distance(const struct codelist *l, const struct code *c, struct str folded,
                       size_t max)
{
    struct buf b;
    buf_init(&b, 4096);
    text_fold(&b, c->id);
    size_t best = text_distance(folded, buf_view(&b), max);
    for (size_t i = 0; i < l->nlangs && best; i++) {
        buf_reset(&b);
        text_fold(&b, str_of(c->labels[i]));
        size_t d = b.n ? text_distance(folded, buf_view(&b), max) : max + 1;
        best = d < best ? d : best;
    }
    buf_free(&b);
    return best;
}

size_t codelist_nearest(const struct codelist *l, struct str text, const struct code *ret[3])
{
    size_t far[3], n = 0;
    struct buf b;
    buf_init(&b, 4096);
    text_fold(&b, text);
    size_t max = b.n / 3 ? b.n / 3 : 1;
    for (size_t i = 0; i < l->n && b.n; i++) {
        size_t d = distance(l, &l->codes[i], buf_view(&b), max), at = n < 3 ? n : 3;
        if (d > max)
            continue;
        while (at > 0 && far[at - 1] > d)
            at--;
        for (size_t k = n < 3 ? n : 2; k > at; k--)
            far[k] = far[k - 1], ret[k] = ret[k - 1];
        if (at < 3) {
            far[at] = d, ret[at] = &l->codes[i];
            n += n < 3;
        }
    }
    buf_free(&b);
    return n;
}

bool code_valid(const struct code *c, struct str first, struct str last)
{
    if (c->valid_to.n && first.n > c->valid_to.n)
        first.n = c->valid_to.n; /* compare to the precision of the end */
    bool begun = !c->valid_from.n || str_cmp(c->valid_from, last) <= 0;
    return begun && (!c->valid_to.n || str_cmp(first, c->valid_to) <= 0);
}
