/* cube.c — reads a stream and indexes it by the codes of its dimensions. The dimensions are the
 * columns between ACTION and OBS_VALUE. All text is copied into the cube's arena. */
#include "cube.h"

#include "buf.h"
#include "map.h"
#include "mem.h"
#include "sdmx.h"

#define KEY_MAX 4096

static void make_key(struct buf *key, const struct cube *c, const struct str *codes)
{
    buf_reset(key);
    for (size_t i = 0; i < c->ndims; i++) {
        buf_str(key, codes[i]);
        buf_char(key, '\x1f');
    }
}

static int read_columns(struct cube *c, const struct sdmx_reader *r, struct err *e)
{
    c->ncolumns = sdmx_columns(r);
    const char **names = arena_array(&c->arena, c->ncolumns, sizeof *names);
    int first = -1, value = -1;
    for (size_t i = 0; i < c->ncolumns; i++) {
        names[i] = arena_text(&c->arena, str_of(sdmx_column(r, i)));
        if (strcmp(names[i], "ACTION") == 0 || strcmp(names[i], "STRUCTURE_ID") == 0 ||
            strcmp(names[i], "STRUCTURE") == 0 || strcmp(names[i], "DATAFLOW") == 0)
            first = (int)i;
        if (strcmp(names[i], "OBS_VALUE") == 0)
            value = (int)i;
    }
    c->columns = names;
    if (first < 0 || value <= first + 1 || value - first - 1 > CUBE_DIMS_MAX) {
        err_set(e, RC_DATA, "CUBE-001", "no dimensions stand between ACTION and OBS_VALUE");
        err_hint(e, "give it the output of rta pull or rta derive");
        return err_place(e, "%s:1", c->name);
    }
    c->value = (size_t)value;
    for (size_t i = (size_t)first + 1; i < c->value; i++)
        c->dim[c->ndims++] = i;
    return 0;
}

static bool wanted(const struct sdmx_row *row, const struct cube_filter *f, size_t n,
                   const size_t *column)
{
    for (size_t i = 0; i < n; i++) {
        bool found = false;
        for (size_t k = 0; k < f[i].n && !found; k++)
            found = str_eq(row->cell[column[i]], f[i].codes[k]);
        if (!found)
            return false;
    }
    return true;
}

static bool within(unsigned char c, unsigned first, unsigned last)
{
    return c >= first && c <= last;
}

/* The bytes of the control character (C0, DEL, C1), mark of direction or line separator at p. */
static size_t control_at(const unsigned char *p, size_t n)
{
    if (p[0] < ' ' || p[0] == 127)
        return 1;
    if (n > 1 && ((p[0] == 0xc2 && p[1] < 0xa0) || (p[0] == 0xd8 && p[1] == 0x9c)))
        return 2;
    if (n < 3 || p[0] != 0xe2)
        return 0;
    bool mark = p[1] == 0x80 && (within(p[2], 0x8e, 0x8f) || within(p[2], 0xa8, 0xae));
    return mark || (p[1] == 0x81 && within(p[2], 0xa6, 0xa9)) ? 3 : 0;
}

/* A copy with blanks in their place: a comment must not drive a terminal, break a page, or turn the
 * digits beside it round. */
static struct str clean(struct arena *a, struct str s)
{
    char *p = arena_text(a, s);
    for (size_t i = 0; i < s.n; i++) {
        size_t n = control_at((const unsigned char *)p + i, s.n - i);
        if (n)
            memset(p + i, ' ', n);
        i += n ? n - 1 : 0;
    }
    return (struct str){p, s.n};
}

static int keep(struct cube *c, const struct sdmx_row *row, struct buf *key, struct err *e)
{
    if (c->n == c->cap) {
        c->cap = c->cap ? c->cap * 2 : 256;
        c->rows = mem_resize(c->rows, c->cap * sizeof *c->rows);
    }
    struct str *cell = arena_array(&c->arena, c->ncolumns, sizeof *cell);
    for (size_t i = 0; i < c->ncolumns; i++)
        cell[i] = row->cell[i].n ? clean(&c->arena, row->cell[i]) : (struct str){"", 0};
    struct str codes[CUBE_DIMS_MAX];
    for (size_t i = 0; i < c->ndims; i++)
        codes[i] = cell[c->dim[i]];
    make_key(key, c, codes);
    bool fresh = false;
    uint64_t *slot = map_put(c->index, buf_view(key), c->n, &fresh);
    if (!slot || !fresh) {
        err_set(e, RC_DATA, "CUBE-002", "these codes stand already in line %zu of the stream",
                slot ? c->rows[*slot].line : 0);
        err_hint(e, "a report needs one figure for one key: pull one version, one source");
        return err_place(e, "%s:%zu", c->name, row->line);
    }
    c->rows[c->n++] = (struct cube_row){cell, row->line};
    return 0;
}

static int read_rows(struct cube *c, struct sdmx_reader *r, const struct cube_filter *f,
                     size_t nfilter, struct err *e)
{
    size_t column[CUBE_DIMS_MAX];
    for (size_t i = 0; i < nfilter; i++) {
        int d = i < CUBE_DIMS_MAX ? cube_dim(c, f[i].dim) : -1;
        if (d < 0) {
            err_set(e, RC_CONFIG, "CUBE-003", "the stream has no dimension %s to filter", f[i].dim);
            return err_place(e, "%s:1", c->name);
        }
        column[i] = c->dim[d];
    }
    struct buf key;
    buf_init(&key, KEY_MAX);
    struct sdmx_row row;
    int rc = 0;
    while ((rc = sdmx_next(r, &row, e)) > 0) {
        if (!c->structure)
            c->structure = arena_text(&c->arena, sdmx_structure_id(r));
        if (wanted(&row, f, nfilter, column) && (rc = keep(c, &row, &key, e)) < 0)
            break;
    }
    buf_free(&key);
    return rc < 0 ? rc : 0;
}

int cube_read(struct cube *ret, struct source *src, bool unsealed, const struct cube_filter *filter,
              size_t nfilter, struct err *e)
{
    struct sdmx_options o = {.unsealed = unsealed};
    CLEANUP(sdmx_closep) struct sdmx_reader *r = NULL;
    *ret = (struct cube){.index = map_new(0), .structure = NULL};
    int rc = sdmx_open(&r, src, &o, e);
    if (rc >= 0) {
        ret->name = arena_text(&ret->arena, str_of(sdmx_name(r)));
        rc = read_columns(ret, r, e);
    }
    if (rc >= 0)
        rc = read_rows(ret, r, filter, nfilter, e);
    if (rc < 0) {
        cube_free(ret);
        return rc;
    }
    ret->seal = arena_text(&ret->arena, str_of(sdmx_seal(r)));
    if (!ret->structure)
        ret->structure = "";
    return 0;
}

void cube_free(struct cube *c)
{
    map_free(c->index);
    mem_free(c->rows);
    arena_free(&c->arena);
    *c = (struct cube){0};
}

int cube_dim(const struct cube *c, const char *id)
{
    for (size_t i = 0; i < c->ndims; i++) {
        if (strcmp(c->columns[c->dim[i]], id) == 0)
            return (int)i;
    }
    return -1;
}

int cube_column(const struct cube *c, const char *name)
{
    for (size_t i = 0; i < c->ncolumns; i++) {
        if (strcmp(c->columns[i], name) == 0)
            return (int)i;
    }
    return -1;
}

const struct cube_row *cube_find(const struct cube *c, const struct str *codes)
{
    struct buf key;
    buf_init(&key, KEY_MAX);
    make_key(&key, c, codes);
    const uint64_t *slot = map_find(c->index, buf_view(&key));
    buf_free(&key);
    return slot ? &c->rows[*slot] : NULL;
}

struct str cube_cell(const struct cube *c, const struct cube_row *row, const char *column)
{
    int i = cube_column(c, column);
    return row && i >= 0 ? row->cell[i] : (struct str){"", 0};
}

int cube_only(const struct cube *c, size_t dim, struct str ret[2])
{
    if (c->n == 0)
        return 0;
    ret[0] = c->rows[0].cell[c->dim[dim]];
    for (size_t i = 1; i < c->n; i++) {
        ret[1] = c->rows[i].cell[c->dim[dim]];
        if (!str_eq(ret[0], ret[1]))
            return 2;
    }
    return 1;
}

bool cube_has(const struct cube *c, size_t dim, struct str code, const struct str *pins)
{
    for (size_t i = 0; i < c->n; i++) {
        const struct str *cell = c->rows[i].cell;
        bool same = str_eq(cell[c->dim[dim]], code);
        for (size_t k = 0; k < c->ndims && same; k++)
            same = !pins[k].p || k == dim || str_eq(cell[c->dim[k]], pins[k]);
        if (same)
            return true;
    }
    return false;
}
