/* read_book.c — see read_book.h. A sheet's header is awaited when its first filled row comes:
 * sheets without any cell (an office program makes three) are nothing to ask about. */
#include "read_book.h"

#include "bounds.h"
#include "mem.h"
#include "pattern.h"

struct run {
    struct desk *d;
    const struct profile *p;
    struct grid *g;
    struct table *t;
    const char *sheet; /* the one at hand; in the arena of the conf */
    const struct profile_place *where;
    bool begun, any; /* this sheet; one before, without declaration */
    bool *found;     /* by declared sheet */
    uint64_t hidden_sheets;
    struct buf names; /* of all sheets, for messages */
};

const struct profile_place *book_place(const struct profile *p, const struct grid_sheet *sheet)
{
    const struct profile_place *w = p->sheets.items;
    struct pattern_capture caps[PATTERN_CAPTURES];
    size_t n;
    for (size_t i = 0; i < p->sheets.n; i++)
        if ((w[i].name && strcmp(w[i].name, sheet->name) == 0) ||
            (w[i].number && (size_t)w[i].number == sheet->number) ||
            (w[i].pattern && pattern_match(w[i].pattern, str_of(sheet->name), caps, &n)))
            return &w[i];
    return NULL;
}

static int on_sheet(void *to, const struct grid_sheet *sheet, struct err *e)
{
    struct run *r = to;
    if (r->names.n < 400)
        buf_fmt(&r->names, "%s\"%s\"", r->names.n ? ", " : "", sheet->name);
    r->where = book_place(r->p, sheet);
    r->begun = false;
    if (r->p->sheets.n && !r->where)
        return 0;
    if (r->where)
        r->found[r->where - (const struct profile_place *)r->p->sheets.items] = true;
    if (sheet->hidden) {
        r->hidden_sheets++;
        if (r->p->hidden == HIDDEN_SKIP || (!r->where && r->p->hidden == HIDDEN_REFUSE))
            return 0;
        if (r->p->hidden == HIDDEN_REFUSE) {
            err_set(e, RC_DATA, "BOOK-001", "the sheet is hidden");
            err_hint(e, "Say in the profile what hidden sheets are: hidden: include, or skip.");
            return grid_place(r->g, 0, 0, e);
        }
    }
    r->sheet = arena_text(&desk_stage(r->d)->conf.arena, str_of(sheet->name));
    return 1;
}

static int begin_sheet(struct run *r, struct err *e)
{
    if (!r->p->sheets.n && r->any) {
        err_set(e, RC_DATA, "BOOK-002", "a second sheet holds cells, and the profile names none");
        err_hint(e, "Say in the profile which sheets are meant: sheets: [{name: …}]. There are %s.",
                 buf_z(&r->names));
        return grid_place(r->g, 0, 0, e);
    }
    r->begun = r->any = true;
    return table_begin(r->t, r->sheet, r->where, e);
}

static int on_row(void *to, const struct table_row *row, struct err *e)
{
    struct run *r = to;
    int rc = 0;
    if (!r->begun) /* rows above the first filled one count as rows, too */
        rc = begin_sheet(r, e);
    return rc < 0 ? rc : table_row(r->t, row, e);
}

static int on_end(void *to, struct err *e)
{
    struct run *r = to;
    return r->begun ? table_end(r->t, e) : 0; /* an empty sheet has nothing to say */
}

static int all_found(const struct run *r, struct err *e)
{
    const struct profile_place *w = r->p->sheets.items;
    for (size_t i = 0; i < r->p->sheets.n; i++) {
        if (r->found[i])
            continue;
        if (w[i].number)
            err_set(e, RC_DATA, "BOOK-003", "there is no sheet number %lld",
                    (long long)w[i].number);
        else
            err_set(e, RC_DATA, "BOOK-004", "no sheet is named \"%s\"",
                    w[i].name ? w[i].name : w[i].pattern);
        err_hint(e, "There are %s.", buf_z(&r->names));
        return err_place(e, "%s", desk_name(r->d));
    }
    if (r->any)
        return 0;
    err_set(e, RC_DATA, "BOOK-005", "no sheet that could be meant holds a cell");
    err_hint(e, "There are %s.", buf_z(&r->names));
    return err_place(e, "%s", desk_name(r->d));
}

int book_looks(int format, const struct whole *file, const char *name, struct err *e)
{
    static const char cfb[] = "\xd0\xcf\x11\xe0";
    char head[8];
    ssize_t n = whole_peek(file, head, sizeof head);
    bool zip = n >= 4 && memcmp(head, "PK", 2) == 0, ole = n >= 4 && memcmp(head, cfb, 4) == 0;
    if (n < 0)
        return err_sys(e, RC_DATA, "BOOK-006", "the file cannot be read");
    if (format == FORMAT_XLS ? !zip : zip)
        return 0;
    err_set(e, RC_DATA, "BOOK-007", "the file is no workbook of the declared format");
    if (n == 0)
        err_hint(e, "It is empty.");
    else if (format == FORMAT_XLS)
        err_hint(e, "It is an archive, as XLSX and ODS are: format: xlsx or ods.");
    else if (ole)
        err_hint(e,
                 "It is an old Excel workbook (format: xls), or an XLSX with a password: ask the "
                 "sender for one without.");
    else
        err_hint(e, "It is no archive: a text file with the wrong ending?");
    return err_place(e, "%s", name);
}

int book_read(struct desk *d, const struct profile *p, const struct whole *file, struct err *e)
{
    struct run r = {.d = d, .p = p};
    const struct grid_sink sink = {&r, on_sheet, on_row, on_end};
    const struct grid_options o = {desk_name(d), p->hidden, p->merged == 1,
                                   p->formats.zeros == SHOWN_SHOWN};
    int rc = book_looks(p->format, file, desk_name(d), e);
    if (rc >= 0)
        rc = table_open(&r.t, d, p, e);
    if (rc < 0)
        return rc;
    r.found = mem_array(p->sheets.n + 1, sizeof *r.found);
    r.g = grid_new(&o, &sink);
    buf_init(&r.names, 4096);
    rc = book_of(p->format)->read(file->path, r.g, e);
    if (rc >= 0)
        rc = all_found(&r, e);
    if (rc >= 0) {
        grid_tell(r.g, desk_stage(d));
        if (r.hidden_sheets)
            stage_note(desk_stage(d), "%llu hidden sheets, %s", (unsigned long long)r.hidden_sheets,
                       p->hidden == HIDDEN_INCLUDE ? "taken in" : "left out");
    }
    grid_closep(&r.g);
    table_closep(&r.t);
    buf_free(&r.names);
    mem_free(r.found);
    return rc;
}
