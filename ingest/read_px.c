/* read_px.c — the cells of a PC-Axis file, row by row over STUB and HEADING, last variable fastest.
 * With KEYS a line begins with the keys of its stub, and lines of nothing but zeros were left out
 * by the writer: they are put back. Owns the lexer, the cube and the keys. */
#include "read_px.h"

#include "bounds.h"
#include "mem.h"

#define STUBS_MAX ((uint64_t)1 << 31)

struct cells {
    struct px *r;
    struct read_row row;
    uint64_t n, columns;             /* columns: cells of a line */
    struct map *keys[READ_DIMS_MAX]; /* of the stub, in the order of the KEYS statements */
    size_t var[READ_DIMS_MAX];       /* which variable each is */
    uint64_t *seen;
    size_t line, col; /* where DATA begins */
};

static int one(struct cells *c, uint64_t at, struct err *e)
{
    struct px *r = c->r;
    cube_seek(&r->cube, at);
    cube_fill(&r->cube, &c->row);
    c->row.line = r->lex.at_line;
    c->row.raw = buf_view(&r->lex.text);
    return desk_cell(r->d, &c->row, buf_view(&r->lex.text), r->lex.at_col, e);
}

static int cut(struct cells *c, uint64_t had, struct err *e)
{
    err_set(e, RC_DATA, "WIRE-054", "DATA ends after %llu of %llu cells", (unsigned long long)had,
            (unsigned long long)c->n);
    err_hint(e, "The file was cut off, or its VALUES do not fit its DATA.");
    return px_fault(&c->r->lex, e);
}

/* The next cell or key; semicolons may stand at the ends of lines. */
static int next(struct cells *c, enum px_token *t, struct err *e)
{
    int rc;
    do
        rc = px_cell(&c->r->lex, t, e);
    while (rc >= 0 && *t == PX_SIGN);
    return rc;
}

static int at_end(struct cells *c, struct err *e)
{
    enum px_token t;
    bool closed = false;
    int rc;
    while ((rc = px_cell(&c->r->lex, &t, e)) >= 0 && t == PX_SIGN)
        closed = true;
    if (rc < 0)
        return rc;
    if (t != PX_END) {
        err_set(e, RC_DATA, "WIRE-055", "more cells in DATA than the %llu that the VALUES make",
                (unsigned long long)c->n);
        return px_fault(&c->r->lex, e);
    }
    if (closed)
        return 0;
    struct err why = {.rc = RC_OK};
    err_set(&why, RC_DATA, "WIRE-056", "DATA is not closed by a semicolon: was the file cut off?");
    err_hint(&why, "Compare the last cell with the publisher's table.");
    (void)px_fault(&c->r->lex, &why);
    stage_warn(desk_stage(c->r->d), &why);
    stage_raise(desk_stage(c->r->d), RC_PARTIAL);
    return 0;
}

static int read_matrix(struct cells *c, struct err *e)
{
    enum px_token t;
    for (uint64_t i = 0; i < c->n; i++) {
        int rc = next(c, &t, e);
        if (rc >= 0 && t == PX_END)
            return cut(c, i, e);
        if (rc >= 0)
            rc = one(c, i, e);
        if (rc < 0)
            return rc;
    }
    return at_end(c, e);
}

/* --- KEYS ---------------------------------------------------------------------------------------
 */

static int index_keys(struct cells *c, struct err *e)
{
    struct px *r = c->r;
    for (size_t i = 0; i < r->nstub; i++) {
        size_t k = 0; /* its place among the keys of a line */
        for (size_t j = 0; j < r->nstub; j++)
            k += r->order[j]->keys_number < r->order[i]->keys_number;
        const struct px_var *v = r->own[i] ? r->own[i] : r->order[i];
        const struct px_list *l = v->keys == 1 && v->codes.n ? &v->codes : &v->values;
        c->var[k] = i;
        c->keys[k] = map_new(0);
        for (size_t j = 0; j < l->n; j++) {
            bool fresh;
            (void)map_put(c->keys[k], l->v[j], j, &fresh);
            if (!fresh) {
                err_set(e, RC_DATA, "WIRE-057", "the key \"%.*s\" of %.*s stands for two values",
                        STR_ARG(l->v[j]), STR_ARG(v->name));
                return err_place(e, "%s", desk_name(r->d));
            }
        }
    }
    return 0;
}

/* The keys of a line: which line of the matrix it is. *ret c->n: the end. */
static int read_line_keys(struct cells *c, uint64_t *ret, struct err *e)
{
    size_t pos[READ_DIMS_MAX] = {0};
    struct px *r = c->r;
    for (size_t k = 0; k < r->nstub; k++) {
        enum px_token t;
        int rc = next(c, &t, e);
        if (rc < 0)
            return rc;
        if (t == PX_END) {
            *ret = UINT64_MAX;
            return k ? cut(c, 0, e) : 0;
        }
        const uint64_t *at = map_find(c->keys[k], buf_view(&r->lex.text));
        if (!at) {
            err_set(e, RC_DATA, "WIRE-058", "\"%.*s\" is no key of %.*s",
                    STR_ARG(buf_view(&r->lex.text)), STR_ARG(r->order[c->var[k]]->name));
            return px_fault(&r->lex, e);
        }
        pos[c->var[k]] = (size_t)*at;
    }
    *ret = 0;
    for (size_t i = 0; i < r->nstub; i++)
        *ret = *ret * r->cube.dims[i].n + pos[i];
    return 0;
}

static int read_line(struct cells *c, uint64_t line, struct err *e)
{
    uint64_t bit = 1ull << (line % 64);
    if (c->seen[line / 64] & bit) {
        err_set(e, RC_DATA, "WIRE-059", "these keys stood before another line already");
        return px_fault(&c->r->lex, e);
    }
    c->seen[line / 64] |= bit;
    for (uint64_t i = 0; i < c->columns; i++) {
        enum px_token t;
        int rc = next(c, &t, e);
        if (rc >= 0 && t == PX_END)
            return cut(c, line * c->columns + i, e);
        if (rc >= 0)
            rc = one(c, line * c->columns + i, e);
        if (rc < 0)
            return rc;
    }
    return 0;
}

static int restore(struct cells *c, uint64_t lines, struct err *e)
{
    struct px *r = c->r;
    uint64_t n = 0;
    buf_reset(&r->lex.text);
    buf_char(&r->lex.text, '0');
    r->lex.at_line = c->line;
    r->lex.at_col = c->col;
    for (uint64_t line = 0; line < lines; line++) {
        if (c->seen[line / 64] >> (line % 64) & 1)
            continue;
        for (uint64_t i = 0; i < c->columns; i++, n++) {
            int rc = one(c, line * c->columns + i, e);
            if (rc < 0)
                return rc;
        }
    }
    if (n)
        stage_note(desk_stage(r->d),
                   "%llu zeros put back: KEYS leaves out lines of nothing but zeros",
                   (unsigned long long)n);
    return 0;
}

static int read_keyed(struct cells *c, struct err *e)
{
    uint64_t lines = c->n / c->columns, line = UINT64_MAX;
    int rc = index_keys(c, e);
    if (rc < 0)
        return rc;
    if (lines > STUBS_MAX) {
        err_set(e, RC_DATA, "WIRE-060", "more than %llu lines with keys",
                (unsigned long long)STUBS_MAX);
        return px_fault(&c->r->lex, e);
    }
    c->seen = mem_array((size_t)(lines / 64 + 1), sizeof *c->seen);
    while ((rc = read_line_keys(c, &line, e)) >= 0 && line != UINT64_MAX)
        if ((rc = read_line(c, line, e)) < 0)
            return rc;
    return rc < 0 ? rc : restore(c, lines, e);
}

static int read_cells(struct px *r, struct err *e)
{
    struct cells c = {.r = r, .n = r->cube.cells, .columns = 1};
    c.line = r->lex.at_line;
    c.col = r->lex.at_col;
    for (size_t i = r->nstub; i < r->norder; i++)
        c.columns *= r->cube.dims[i].n;
    int rc = r->nkeys ? read_keyed(&c, e) : read_matrix(&c, e);
    for (size_t i = 0; i < r->nstub; i++)
        map_free(c.keys[i]);
    mem_free(c.seen);
    return rc;
}

static int read_px(struct desk *d, const struct profile *p, struct source *src, struct err *e)
{
    struct px *r = mem_new(sizeof *r);
    r->d = d;
    r->p = p;
    px_lex_init(&r->lex, src, desk_name(d));
    cube_init(&r->cube, d, p);
    int rc = px_head(r, e);
    if (rc >= 0)
        rc = read_cells(r, e);
    px_lex_free(&r->lex);
    cube_free(&r->cube);
    mem_free(r);
    return rc;
}

const struct reader reader_px = {"px", read_px};
