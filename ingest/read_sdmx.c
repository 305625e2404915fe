/* read_sdmx.c — SDMX-CSV 1.0, 2.0 and 2.1 of a sender. Which column is what comes from the profile;
 * without its word, from the order that the format prescribes. Rows are the stream reader's views.
 */
#include "read.h"

enum role { ROLE_NONE, ROLE_DIM, ROLE_ATTR, ROLE_VALUE, ROLE_SENDER };

struct use {
    enum role role;
    size_t to; /* slot or attribute */
};

struct move { /* a column to where the desk looks for it */
    size_t from;
    struct str *to;
};

struct sdmx_read {
    struct desk *d;
    const struct profile *p;
    struct stage *st;
    struct sdmx_reader *in;
    struct arena arena;
    struct use *uses;
    struct move *moves;
    size_t nmoves, value, n;
    struct str first_id; /* the file's structure, when the profile names none */
    struct read_row row;
    bool good; /* structure and action of the row before were right */
};

static int fault(const struct sdmx_read *r, struct err *e)
{
    return err_place(e, "%s:1", desk_name(r->d));
}

/* What the format itself puts before the components. */
static bool is_frame(const char *name)
{
    static const char *const words[] = {"STRUCTURE", "STRUCTURE_ID", "STRUCTURE_NAME", "DATAFLOW",
                                        "ACTION",    "SERIES_KEY",   "OBS_KEY"};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (strcmp(name, words[i]) == 0)
            return true;
    return name[0] == '\0';
}

static int declared_use(struct sdmx_read *r, const struct profile_column *c, struct err *e)
{
    int i = c->number ? (int)c->number - 1 : sdmx_find(r->in, c->heading);
    if (i < 0 || (size_t)i >= r->n) {
        if (c->optional)
            return 0;
        err_set(e, RC_DATA, "READ-022", "there is no column %s",
                c->heading ? c->heading : "of that number");
        return fault(r, e);
    }
    struct use *u = &r->uses[i];
    if (c->dimension)
        *u = (struct use){ROLE_DIM, desk_dim(r->d, c->dimension)};
    else if (c->attribute)
        *u = (struct use){ROLE_ATTR, (size_t)profile_attribute(c->attribute)};
    else if (c->value)
        *u = (struct use){ROLE_VALUE, 0};
    return 0;
}

static int declared(struct sdmx_read *r, struct err *e)
{
    const struct profile_column *c = r->p->columns.items;
    int rc = 0;
    for (size_t i = 0; i < r->p->columns.n && rc >= 0; i++)
        rc = declared_use(r, &c[i], e);
    return rc;
}

/* By the format: dimensions stand before the measure, what follows are attributes. */
static void prescribed(struct sdmx_read *r)
{
    bool before = true;
    for (size_t i = 0; i < r->n; i++) {
        const char *name = sdmx_column(r->in, i);
        int attr = profile_attribute(name);
        if (is_frame(name))
            continue;
        if (strcmp(name, "OBS_VALUE") == 0) {
            r->uses[i] = (struct use){ROLE_VALUE, 0};
            before = false;
        } else if (attr >= 0) {
            r->uses[i] = (struct use){ROLE_ATTR, (size_t)attr};
        } else if (strcmp(name, "SENDER") == 0) {
            r->uses[i] = (struct use){ROLE_SENDER, 0};
        } else if (before) {
            r->uses[i] = (struct use){ROLE_DIM, desk_dim(r->d, name)};
        } else {
            stage_note(r->st, "column %s is not taken over", name);
        }
    }
}

static int check_uses(struct sdmx_read *r, struct err *e)
{
    size_t values = 0, time = 0, senders = r->p->sender != NULL;
    size_t slot = desk_dim(r->d, "TIME_PERIOD");
    for (size_t i = 0; i < r->n; i++) {
        const struct use *u = &r->uses[i];
        if (u->role == ROLE_VALUE)
            r->value = i;
        values += u->role == ROLE_VALUE;
        time += u->role == ROLE_DIM && u->to == slot;
        senders += u->role == ROLE_SENDER;
        if (u->role == ROLE_DIM && u->to >= READ_DIMS_MAX)
            return yaml_fault(e, r->p->at, "READ-029", "too many dimensions");
        if (u->role == ROLE_DIM)
            r->row.fields[u->to] = i + 1;
    }
    time += pair_find(&r->p->constants, STR("TIME_PERIOD")) != NULL;
    if (values == 1 && time == 1 && senders)
        return 0;
    if (values != 1 || time != 1)
        err_set(e, RC_DATA, "READ-023", "the file needs one column of values and one TIME_PERIOD");
    else
        err_set(e, RC_DATA, "READ-024", "neither the profile nor the file says who the sender is");
    return fault(r, e);
}

static void list_moves(struct sdmx_read *r)
{
    r->moves = arena_array(&r->arena, r->n, sizeof *r->moves);
    for (size_t i = 0; i < r->n; i++) {
        const struct use *u = &r->uses[i];
        struct str *to = u->role == ROLE_DIM      ? &r->row.dims[u->to]
                         : u->role == ROLE_ATTR   ? &r->row.attrs[u->to]
                         : u->role == ROLE_SENDER ? &r->row.sender
                                                  : NULL;
        if (to)
            r->moves[r->nmoves++] = (struct move){i, to};
    }
}

static int begin(struct sdmx_read *r, struct source *src, struct err *e)
{
    int rc = sdmx_open(&r->in, src, &(struct sdmx_options){.unsealed = true}, e);
    if (rc < 0)
        return rc;
    r->n = sdmx_columns(r->in);
    r->uses = arena_array(&r->arena, r->n, sizeof *r->uses);
    if (r->p->columns.n)
        rc = declared(r, e);
    else
        prescribed(r);
    if (rc >= 0)
        rc = check_uses(r, e);
    if (rc >= 0)
        list_moves(r);
    return rc < 0 ? rc : desk_start(r->d, e);
}

/* Is the row of the structure that is read, and an action that is taken? */
static bool check_front(struct sdmx_read *r, const struct sdmx_row *in, struct err *why)
{
    struct str id = sdmx_structure_id(r->in);
    if (!r->p->structure && !r->first_id.n)
        r->first_id = arena_str(&r->arena, id);
    struct str want = r->p->structure ? str_of(r->p->structure) : r->first_id;
    r->row.structure = want;
    if (in->action == 'D') {
        err_set(why, RC_DATA, "READ-015", "action D (delete) is not taken from a file");
        err_hint(why, "Send the corrected value, or an empty one with its status.");
    } else if (!str_eq(id, want)) {
        err_set(why, RC_DATA, "READ-016", "the row is of structure \"%.*s\", not \"%.*s\"",
                STR_ARG(id), STR_ARG(want));
        err_hint(why, "One run reads one structure: part the file, or name this one in a profile.");
    }
    return why->rc == RC_OK;
}

static bool fill_row(struct sdmx_read *r, const struct sdmx_row *in, struct err *why)
{
    r->row.action = in->action;
    for (size_t i = 0; i < r->nmoves; i++)
        *r->moves[i].to = in->cell[r->moves[i].from];
    if (!r->good || !sdmx_front_repeats(r->in))
        r->good = check_front(r, in, why);
    return r->good;
}

static int read_rows(struct sdmx_read *r, struct err *e)
{
    struct sdmx_row in;
    int rc;
    for (;;) {
        struct err why;
        why.rc = RC_OK;
        rc = sdmx_next(r->in, &in, &why);
        bool faulty = sdmx_row_fault(r->in); /* that row is refused, the run goes on */
        if (rc <= 0 && !faulty) {
            if (rc < 0)
                *e = why;
            return rc;
        }
        r->row.line = in.line;
        r->row.raw = in.raw;
        if (!faulty && fill_row(r, &in, &why))
            rc = desk_cell(r->d, &r->row, in.cell[r->value], r->value + 1, e);
        else
            rc = desk_refuse(r->d, &r->row, 0, 1, &why, e);
        if (rc < 0)
            return rc;
    }
}

static int read_sdmx(struct desk *d, const struct profile *p, struct source *src, struct err *e)
{
    struct sdmx_read r = {.d = d, .p = p, .st = desk_stage(d)};
    int rc = begin(&r, src, e);
    if (rc >= 0)
        rc = read_rows(&r, e);
    sdmx_close(r.in);
    arena_free(&r.arena);
    return rc;
}

const struct reader reader_sdmx = {"sdmx-csv", read_sdmx};
