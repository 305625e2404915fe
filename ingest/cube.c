/* cube.c — see cube.h. Codes and names live in the cube's arena; which cells were there is one bit
 * a cell, or, where the cube is too large for that, the text of each position. */
#include "cube.h"

#include "bounds.h"
#include "mem.h"
#include "period.h"
#include "read_plan.h"

#define TEXTS_MAX ((size_t)512 << 20)
#define CODES_MAX ((size_t)1 << 22)  /* of all dimensions */
#define BITS_MAX ((uint64_t)1 << 31) /* cells of a bitmap: 256 MB, used page by page */
#define KEYS_MAX ((size_t)16 << 20)  /* positions of a larger cube */

void cube_init(struct cube *c, struct desk *d, const struct profile *p)
{
    *c = (struct cube){.d = d, .p = p};
    buf_init(&c->period, 4096);
    c->used = arena_array(&c->arena, p->columns.n + 1, sizeof *c->used);
}

void cube_free(struct cube *c)
{
    mem_free(c->seen);
    map_free(c->keys);
    buf_free(&c->period);
    arena_free(&c->arena);
    *c = (struct cube){0};
}

static bool printable(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] < ' ' || s.p[i] == 0x7f)
            return false;
    return true;
}

int cube_add(struct cube *c, struct str name, struct cube_dim **ret, struct err *e)
{
    for (size_t i = 0; i < c->ndims; i++)
        if (str_is(name, c->dims[i].name))
            return err_set(e, RC_DATA, "WIRE-005", "the dimension \"%.*s\" is there twice",
                           STR_ARG(name));
    if (!printable(name))
        return err_set(e, RC_DATA, "WIRE-035", "a control character in the name of a dimension");
    if (c->ndims == READ_DIMS_MAX - 1)
        return err_set(e, RC_DATA, "WIRE-006", "more than %d dimensions", READ_DIMS_MAX - 1);
    *ret = &c->dims[c->ndims++];
    **ret = (struct cube_dim){.name = arena_text(&c->arena, name)};
    return 0;
}

int cube_room(const struct cube *c, struct err *e)
{
    if (c->arena.used < TEXTS_MAX)
        return 0;
    return err_set(e, RC_DATA, "WIRE-097", "more than %zu bytes of names and codes", TEXTS_MAX);
}

int cube_code(struct cube *c, struct cube_dim *dim, struct str code, struct err *e)
{
    if (code.n > LIMIT_ROW_BYTES / 4 || !printable(code))
        return err_set(e, RC_DATA, "WIRE-007", "a code of %s with control characters or too long",
                       dim->name);
    if (cube_room(c, e) < 0)
        return -RC_DATA;
    if (c->ncodes++ == CODES_MAX)
        return err_set(e, RC_DATA, "WIRE-008", "more than %zu codes", CODES_MAX);
    if (dim->n == dim->cap) {
        size_t cap = dim->cap ? dim->cap * 2 : 16;
        struct str *more = arena_array(&c->arena, cap, sizeof *more);
        if (dim->n)
            memcpy(more, dim->codes, dim->n * sizeof *more);
        dim->codes = more;
        dim->cap = cap;
    }
    dim->codes[dim->n++] = arena_str(&c->arena, code);
    return 0;
}

const struct profile_column *cube_column(struct cube *c, struct str name)
{
    const struct profile_column *col = c->p->columns.items;
    for (size_t i = 0; i < c->p->columns.n; i++)
        if (col[i].heading && str_is(name, col[i].heading)) {
            c->used[i] = true;
            return &col[i];
        }
    return NULL;
}

/* --- binding ------------------------------------------------------------------------------------
 */

/* Up to `most` digits off the front; how many there were. */
static size_t digits(struct str *s, size_t most, int *ret)
{
    size_t n = 0;
    *ret = 0;
    for (; n < most && n < s->n && s->p[n] >= '0' && s->p[n] <= '9'; n++)
        *ret = *ret * 10 + (s->p[n] - '0');
    *s = str_cut(*s, n);
    return n;
}

bool cube_period(char freq, struct str s, char ret[PERIOD_TEXT_MAX], size_t *ret_n)
{
    struct period p = {(enum freq)freq, 0, 1}, again;
    s = read_trim(s, NULL);
    bool ok = freq && strchr("ASTQMW", freq) && digits(&s, 4, &p.year) == 4 && p.year >= 1000;
    if (ok && freq != 'A') {
        for (size_t k = 0; k < 2 && s.n && (s.p[0] < '0' || s.p[0] > '9'); k++)
            s = str_cut(s, 1); /* a letter, a dash, or both */
        ok = digits(&s, 2, &p.index) > 0;
    }
    if (!ok || s.n)
        return false;
    *ret_n = period_text(p, ret);
    return period_parse(&again, (struct str){ret, *ret_n}, NULL) == 0 && period_eq(p, again);
}

static int turn_codes(struct cube *c, struct cube_dim *dim, struct err *e)
{
    static const struct yaml_list none = {0};
    const struct profile_column *col = dim->column;
    char freq = col && col->period ? "\0ASTQMWD"[col->period] : dim->freq;
    for (size_t i = 0; i < dim->n; i++) {
        char text[PERIOD_TEXT_MAX];
        size_t n;
        struct str s = dim_code(c->p, dim->codes[i], col ? col->trim : NULL, col && col->footnotes,
                                col ? &col->codes : &none);
        bool same = str_eq(s, read_trim(dim->codes[i], NULL));
        dim->codes[i] = s;
        if (!freq || !dim->part || !same)
            continue;
        if (!cube_period(freq, s, text, &n)) {
            err_set(e, RC_DATA, "WIRE-009", "\"%.*s\" of %s is no period of frequency %c",
                    STR_ARG(s), dim->name, freq);
            return err_hint(e, "The profile can name the period under codes of that column.");
        }
        dim->codes[i] = arena_str(&c->arena, (struct str){text, n});
    }
    return 0;
}

static int bind_dim(struct cube *c, struct cube_dim *dim, struct err *e)
{
    const struct profile_column *col = dim->column = cube_column(c, str_of(dim->name));
    const char *id = col ? col->dimension : dim->time ? "TIME_PERIOD" : dim->name;
    if (col && col->ignore) {
        dim->ignore = true;
        if (dim->n <= 1)
            return 0;
        err_set(e, RC_DATA, "WIRE-010", "the dimension %s has %zu codes and cannot be ignored",
                dim->name, dim->n);
        return err_hint(e, "Its cells would stand for one another; declare what it is.");
    }
    if (!id || !profile_id_ok(id)) {
        err_set(e, RC_DATA, "WIRE-011", "\"%s\" cannot be the id of a dimension", dim->name);
        return err_hint(e, "Declare it in the profile: columns: {heading: %s, dimension: ID}.",
                        dim->name);
    }
    int rc = desk_heading(c->d, id, str_of(dim->name), 1, 1, e);
    if (rc < 0)
        return rc;
    dim->part = strcmp(id, "TIME_PERIOD") == 0;
    dim->slot = desk_dim(c->d, id);
    for (size_t i = 0; !dim->part && &c->dims[i] != dim; i++)
        if (!c->dims[i].ignore && c->dims[i].slot == dim->slot)
            return err_set(e, RC_DATA, "WIRE-012", "%s and %s are both the dimension %s",
                           c->dims[i].name, dim->name, id);
    if (dim->part) {
        c->nparts++;
        c->time = dim->slot;
    }
    return 0;
}

/* A heading that the file does not have: its profile is another file's. */
static int check_used(const struct cube *c, struct err *e)
{
    const struct profile_column *col = c->p->columns.items;
    for (size_t i = 0; i < c->p->columns.n; i++)
        if (!c->used[i] && !col[i].optional) {
            err_set(e, RC_DATA, "WIRE-013", "the file has no %s",
                    col[i].heading ? col[i].heading : "columns by number");
            return err_hint(e, "The profile declares it; if it may be absent: optional: true.");
        }
    return 0;
}

int cube_start(struct cube *c, uint64_t most, struct err *e)
{
    int rc = 0;
    c->cells = 1;
    for (size_t i = 0; i < c->ndims && rc >= 0; i++) {
        rc = bind_dim(c, &c->dims[i], e);
        if (c->dims[i].n == 0)
            c->cells = 0;
        else if (c->cells > UINT64_MAX / c->dims[i].n)
            c->cells = UINT64_MAX;
        else if (c->cells != UINT64_MAX)
            c->cells *= c->dims[i].n;
    }
    for (size_t i = 0; i < c->ndims && rc >= 0; i++)
        rc = turn_codes(c, &c->dims[i], e);
    if (rc >= 0)
        rc = check_used(c, e);
    if (rc < 0)
        return err_place(e, "%s", desk_name(c->d));
    if (most && c->cells > most) {
        err_set(e, RC_DATA, "WIRE-014", "the sizes of the dimensions make more than %llu cells",
                (unsigned long long)most);
        return err_place(e, "%s", desk_name(c->d));
    }
    if (!c->nparts && !pair_find(&c->p->constants, STR("TIME_PERIOD"))) {
        err_set(e, RC_DATA, "WIRE-015", "nothing is TIME_PERIOD");
        err_hint(e, "Declare the dimension of time in the profile, or a constant TIME_PERIOD.");
        return err_place(e, "%s", desk_name(c->d));
    }
    return desk_start(c->d, e);
}

/* --- cells --------------------------------------------------------------------------------------
 */

void cube_seek(struct cube *c, uint64_t cell)
{
    for (size_t i = c->ndims; i-- > 0;) {
        c->pos[i] = (size_t)(cell % c->dims[i].n);
        cell /= c->dims[i].n;
    }
}

void cube_fill(struct cube *c, struct read_row *row)
{
    buf_reset(&c->period);
    for (size_t i = 0; i < c->ndims; i++) {
        const struct cube_dim *dim = &c->dims[i];
        if (dim->ignore)
            continue;
        struct str code = dim->codes[c->pos[i]];
        if (dim->part && c->nparts > 1) {
            buf_text(&c->period, c->period.n ? "-" : "");
            buf_str(&c->period, code);
        } else {
            row->dims[dim->slot] = code;
        }
    }
    if (c->nparts > 1)
        row->dims[c->time] = buf_view(&c->period);
}

bool cube_first(struct cube *c)
{
    uint64_t cell = 0;
    bool fresh = true;
    if (c->cells > BITS_MAX) {
        if (!c->keys)
            c->keys = map_new(KEYS_MAX);
        struct str key = {(const char *)c->pos, c->ndims * sizeof *c->pos};
        return map_put(c->keys, key, 0, &fresh) && fresh;
    }
    if (!c->seen)
        c->seen = mem_array((size_t)(c->cells / 64 + 1), sizeof *c->seen);
    for (size_t i = 0; i < c->ndims; i++)
        cell = cell * c->dims[i].n + c->pos[i];
    uint64_t bit = 1ull << (cell % 64);
    fresh = !(c->seen[cell / 64] & bit);
    c->seen[cell / 64] |= bit;
    return fresh;
}

void cube_forget(struct cube *c)
{
    mem_free(c->seen);
    map_free(c->keys);
    c->seen = NULL;
    c->keys = NULL;
}
