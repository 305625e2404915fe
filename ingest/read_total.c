/* read_total.c — totals that a sender puts among his rows are no data but a check: each is compared
 * with the sum of the cells that share its other dimensions. The book owns its sums; a sum too
 * large for a num is never compared. */
#include "read_desk.h"

#include "bounds.h"
#include "map.h"
#include "mem.h"

struct sum {
    struct num parts, total;
    bool has_parts, has_total, open, unknown; /* open: a part is missing; unknown: too large */
    size_t line, field, decl;
    const char *sheet;
};

struct totals_book {
    const struct profile *p;
    const struct profile_total *decls;
    size_t n;
    size_t slots[16]; /* of the declared dimensions */
    size_t ndims;
    struct map *keys;
    struct sum *sums;
    size_t cap;
    struct buf key;
};

struct totals_book *totals_open(const struct profile *p)
{
    if (!p->totals.n)
        return NULL;
    struct totals_book *b = mem_new(sizeof *b);
    b->p = p;
    b->decls = p->totals.items;
    b->n = p->totals.n < ARRAY_LEN(b->slots) ? p->totals.n : ARRAY_LEN(b->slots);
    b->keys = map_new(0);
    buf_init(&b->key, LIMIT_ROW_BYTES);
    return b;
}

void totals_close(struct totals_book *b)
{
    if (!b)
        return;
    map_free(b->keys);
    mem_free(b->sums);
    buf_free(&b->key);
    mem_free(b);
}

void totals_bind(struct totals_book *b, struct desk *d, size_t ndims)
{
    if (!b)
        return;
    for (size_t i = 0; i < b->n; i++)
        b->slots[i] = desk_dim(d, b->decls[i].dimension);
    b->ndims = ndims;
}

int totals_which(const struct totals_book *b, const struct str *dims)
{
    for (size_t i = 0; i < b->n; i++) {
        const char *const *codes = b->decls[i].codes.items;
        for (size_t k = 0; k < b->decls[i].codes.n; k++)
            if (str_is(dims[b->slots[i]], codes[k]))
                return (int)i;
    }
    return -1;
}

/* The dimensions that a total and its parts have in common, and which total it is. */
static struct sum *find(struct totals_book *b, size_t decl, const struct str *dims)
{
    buf_reset(&b->key);
    buf_char(&b->key, (char)decl);
    for (size_t i = 0; i < b->ndims; i++) {
        if (i != b->slots[decl])
            buf_str(&b->key, dims[i]);
        buf_char(&b->key, '\x1f');
    }
    bool fresh;
    size_t i = map_intern(b->keys, buf_view(&b->key), &fresh);
    if (i == SIZE_MAX)
        return NULL;
    if (i >= b->cap) {
        b->cap = b->cap ? b->cap * 2 : 64;
        b->sums = mem_resize(b->sums, b->cap * sizeof *b->sums);
    }
    if (fresh)
        b->sums[i] = (struct sum){.decl = decl};
    return &b->sums[i];
}

static void add_part(struct totals_book *b, size_t decl, const struct str *dims,
                     const struct num *num)
{
    struct sum *s = b->decls[decl].sum ? find(b, decl, dims) : NULL;
    struct err ignored = {.rc = RC_OK};
    if (!s)
        return;
    if (!num)
        s->open = true;
    else if (num_add(&s->parts, s->parts, *num, &ignored) < 0)
        s->unknown = true;
    s->has_parts = true;
}

void totals_add(struct totals_book *b, int which, const struct str *dims, const struct num *num,
                const struct read_row *row, size_t field)
{
    if (which < 0) {
        for (size_t i = 0; i < b->n; i++)
            add_part(b, i, dims, num);
        return;
    }
    struct sum *s = num && b->decls[which].sum ? find(b, (size_t)which, dims) : NULL;
    if (!s)
        return;
    s->total = *num;
    s->has_total = true;
    s->line = row->line;
    s->sheet = row->sheet;
    s->field = field;
}

size_t totals_check(const struct totals_book *b, struct read_findings *f)
{
    size_t wrong = 0;
    for (size_t i = 0; i < map_count(b->keys); i++) {
        const struct sum *s = &b->sums[i];
        int c = num_cmp(s->parts, s->total);
        if (!s->has_total || !s->has_parts || s->unknown || c == 0 || (c < 0 && s->open))
            continue;
        char parts[NUM_TEXT_MAX], total[NUM_TEXT_MAX];
        struct err why = {.rc = RC_OK};
        struct read_row row = {.line = s->line, .sheet = s->sheet};
        (void)num_text(s->parts, parts);
        (void)num_text(s->total, total);
        err_set(&why, RC_DATA, "READ-017", "the total of %s is %s, but its parts add up to %s",
                b->decls[s->decl].dimension, total, parts);
        err_hint(&why, "Ask the sender which of them is right; the parts were taken, the total is "
                       "never stored.");
        read_findings_add(f, &row, s->field, str_of(total), &why, false);
        wrong++;
    }
    return wrong;
}
