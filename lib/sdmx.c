/* sdmx.c — the reading half of sdmx.h. Rows are views into the CSV reader; only labels=both needs
 * cells of its own (an array, and a scratch buffer for multi-valued cells). The reader owns its CSV
 * reader, its replay of the first bytes, the header and the hash. */
#include "sdmx.h"

#include "arena.h"
#include "buf.h"
#include "hash.h"
#include "bounds.h"
#include "mem.h"

/* The first bytes are looked at before the CSV reader is opened, for the separator; they are handed
 * out again from here. Belongs to the reader; close does nothing. */
struct replay {
    struct source source;
    struct source *below;
    char head[96];
    size_t n, at;
};

struct column {
    const char *name;
    bool labelled; /* "ID: Name" */
    bool multi;    /* ID[] */
};

struct sdmx_reader {
    struct replay replay;
    struct sdmx_options options;
    struct csv_reader *csv;
    struct arena arena; /* names */
    struct xxh3 *hash;
    struct column *columns;
    size_t n;
    struct str *cells; /* labels=both only */
    struct buf scratch;
    enum { SDMX_CSV_1, SDMX_CSV_2 } version;
    char sep, sub;
    int id, action; /* columns */
    bool ended, row_fault, repeats;
    struct str structure_id;
    struct { /* what the row before began with, and was found to say; n 0: nothing */
        char bytes[256];
        size_t n, id, id_n;
        char action;
    } front;
    uint64_t rows, refused;
    char seal[XXH3_HEX];
};

static ssize_t replay_read(struct source *s, char *p, size_t n, struct err *e)
{
    struct replay *r = (struct replay *)s;
    if (r->at == r->n)
        return r->below->read(r->below, p, n, e);
    size_t k = r->n - r->at < n ? r->n - r->at : n;
    memcpy(p, r->head + r->at, k);
    r->at += k;
    return (ssize_t)k;
}

static void replay_close(struct source *s) { (void)s; }

static int replay_open(struct replay *r, struct source *below, struct err *e)
{
    r->below = below;
    r->source = (struct source){replay_read, replay_close, below->name};
    while (r->n < sizeof r->head) {
        ssize_t got = below->read(below, r->head + r->n, sizeof r->head - r->n, e);
        if (got < 0)
            return (int)got;
        if (got == 0)
            break;
        r->n += (size_t)got;
    }
    if (r->n)
        return 0;
    err_set(e, RC_DATA, "SDMX-001", "the stream is empty, not even a header came");
    err_hint(e, "The stage before this one has failed; its own message says why.");
    return err_place(e, "%s", below->name);
}

static bool starts(struct str s, const char *z)
{
    size_t n = strlen(z);
    return s.n >= n && memcmp(s.p, z, n) == 0;
}

static struct str without_bom(struct str s)
{
    return starts(s, "\xEF\xBB\xBF") ? str_cut(s, 3) : s;
}

/* What follows the first header: the separator. 0: this is no SDMX-CSV. */
static char sniff(struct sdmx_reader *r)
{
    struct str s = without_bom((struct str){r->replay.head, r->replay.n});
    bool quoted = starts(s, "\"");
    s = str_cut(s, quoted);
    if (starts(s, "DATAFLOW")) {
        r->version = SDMX_CSV_1;
        s = str_cut(s, 8);
    } else if (starts(s, "STRUCTURE")) {
        r->version = SDMX_CSV_2;
        s = str_cut(s, 9);
        const char *end = s.n > 2 && s.p[0] == '[' ? memchr(s.p + 2, ']', s.n - 2) : NULL;
        if (end) {
            r->sub = s.p[1];
            s = str_cut(s, (size_t)(end - s.p) + 1);
        }
    } else {
        return 0;
    }
    if (quoted)
        s = starts(s, "\"") ? str_cut(s, 1) : STR("");
    char c = s.n ? s.p[0] : 0;
    return c && strchr(",;\t|!#$%&*+/:<=>?@^~ ", c) ? c : 0;
}

static int place(const struct sdmx_reader *r, size_t line, struct err *e)
{
    return err_place(e, "%s:%zu", r->replay.source.name, line);
}

static int find_separator(struct sdmx_reader *r, struct err *e)
{
    r->sep = sniff(r);
    if (!r->sep) {
        err_set(e, RC_DATA, "SDMX-002",
                "this is not SDMX-CSV: the header begins with neither "
                "STRUCTURE nor DATAFLOW and a separator");
        err_hint(e, "A file of another kind is read with `rta read --profile NAME`.");
        return place(r, 1, e);
    }
    if (r->options.sep && r->options.sep != r->sep) {
        err_set(e, RC_DATA, "SDMX-007", "the separator is '%c', not '%c' as declared", r->sep,
                r->options.sep);
        return place(r, 1, e);
    }
    return 0;
}

/* Without "[]" and "[en;fr]" at the end; "A[].B[]" is A[].B. */
static struct str without_brackets(struct str s)
{
    while (s.n && s.p[s.n - 1] == ']') {
        const char *open = memrchr(s.p, '[', s.n);
        if (!open)
            break;
        s.n = (size_t)(open - s.p);
    }
    return s;
}

/* "ID[]: Name" → ID, and what the rest says. */
static void name_column(struct sdmx_reader *r, struct column *c, struct str head)
{
    const char *colon = memmem(head.p, head.n, ": ", 2);
    if (colon) {
        c->labelled = true;
        head.n = (size_t)(colon - head.p);
    }
    struct str bare = without_brackets(head);
    c->multi = bare.n < head.n;
    if (head.n - bare.n > 2)
        c->labelled = false; /* [en;fr]: the prefix of a value is its language */
    c->name = arena_text(&r->arena, bare);
}

static int check_columns(struct sdmx_reader *r, bool names, struct err *e)
{
    for (size_t i = 0; i < r->n; i++) {
        bool empty = !r->columns[i].name[0];
        if (empty && names)
            continue;
        if (!empty && sdmx_find(r, r->columns[i].name) == (int)i)
            continue;
        err_set(e, RC_DATA, "SDMX-003",
                empty ? "column %zu of the header has no name%s"
                      : "column %zu of the header repeats the name %s",
                i + 1, r->columns[i].name);
        return place(r, 1, e);
    }
    if (r->version == SDMX_CSV_2 && sdmx_find(r, "STRUCTURE_ID") != 1)
        err_set(e, RC_DATA, "SDMX-008", "the second column must be STRUCTURE_ID");
    else if (r->n < 3)
        err_set(e, RC_DATA, "SDMX-009", "a header of %zu columns is too short", r->n);
    else
        return 0;
    return place(r, 1, e);
}

/* labels=name: each component is followed by a column of names, whose header is free text and may
 * repeat another's: those are known by their position alone. */
static void blank_name_columns(struct sdmx_reader *r)
{
    static const char *const fixed[] = {"STRUCTURE", "STRUCTURE_ID", "STRUCTURE_NAME",
                                        "ACTION",    "SERIES_KEY",   "OBS_KEY"};
    size_t i = 0;
    for (size_t f = 0; f < ARRAY_LEN(fixed) && i < r->n; f++)
        i += strcmp(r->columns[i].name, fixed[f]) == 0;
    for (i++; i < r->n; i += 2)
        r->columns[i].name = "";
}

static int read_header(struct sdmx_reader *r, struct err *e)
{
    struct csv_row row;
    int rc = csv_next(r->csv, &row, e);
    if (rc < 0)
        return rc;
    if (rc == 0) {
        err_set(e, RC_DATA, "SDMX-015", "there is no header");
        return place(r, 1, e);
    }
    r->n = row.n;
    r->columns = arena_array(&r->arena, row.n, sizeof *r->columns);
    bool labelled = false, names = row.n > 2 && str_is(row.cell[2], "STRUCTURE_NAME");
    for (size_t i = 0; i < row.n; i++) {
        name_column(r, &r->columns[i], row.cell[i]);
        labelled = labelled || r->columns[i].labelled;
    }
    if (names)
        blank_name_columns(r);
    rc = check_columns(r, names, e);
    if (rc < 0)
        return rc;
    r->id = r->version == SDMX_CSV_2 ? 1 : 0;
    r->action = r->version == SDMX_CSV_2 ? sdmx_find(r, "ACTION") : -1;
    if (labelled)
        r->cells = arena_array(&r->arena, row.n, sizeof *r->cells);
    return 0;
}

static void add_to_hash(void *hash, const void *p, size_t n) { xxh3_add(hash, p, n); }

int sdmx_open(struct sdmx_reader **ret, struct source *src, const struct sdmx_options *options,
              struct err *e)
{
    struct sdmx_reader *r = mem_new(sizeof *r);
    if (options)
        r->options = *options;
    r->hash = xxh3_new();
    buf_init(&r->scratch, LIMIT_ROW_BYTES);
    int rc = replay_open(&r->replay, src, e);
    if (rc >= 0)
        rc = find_separator(r, e);
    if (rc >= 0) {
        struct str head = {r->replay.head, r->replay.n};
        xxh3_add(r->hash, head.p, head.n - without_bom(head).n);
        r->csv = csv_open(&r->replay.source, &(struct csv_dialect){.sep = r->sep, .quote = '"'});
        csv_tap(r->csv, add_to_hash, r->hash);
        rc = read_header(r, e);
    }
    if (rc < 0) {
        sdmx_close(r);
        return rc;
    }
    *ret = r;
    return 0;
}

void sdmx_close(struct sdmx_reader *r)
{
    if (!r)
        return;
    csv_close(r->csv);
    xxh3_free(r->hash);
    buf_free(&r->scratch);
    arena_free(&r->arena);
    mem_free(r);
}

void sdmx_closep(struct sdmx_reader **r)
{
    sdmx_close(*r);
    *r = NULL;
}

/* The code of "CODE: Label"; the whole when what precedes the ": " is no code. */
static struct str code_of(struct str s)
{
    for (size_t i = 0; i + 1 < s.n; i++) {
        char c = s.p[i];
        if (c == ':' && s.p[i + 1] == ' ')
            return (struct str){s.p, i};
        if (c == ' ' || c == ',')
            break;
    }
    return s;
}

/* Each value of "A: Value A;B: Value B". The bytes go to the scratch buffer, whose memory may move:
 * the caller makes views only when the row is done. */
static void strip_values(struct sdmx_reader *r, struct str cell)
{
    while (cell.n) {
        const char *end = memchr(cell.p, r->sub, cell.n);
        struct str one = {cell.p, end ? (size_t)(end - cell.p) : cell.n};
        buf_str(&r->scratch, code_of(one));
        if (end)
            buf_char(&r->scratch, r->sub);
        cell = str_cut(cell, one.n + 1);
    }
}

static const struct str *strip_labels(struct sdmx_reader *r, const struct csv_row *row)
{
    if (!r->cells)
        return row->cell;
    buf_reset(&r->scratch);
    for (size_t i = 0; i < r->n; i++) {
        const struct column *c = &r->columns[i];
        size_t from = r->scratch.n;
        r->cells[i] = c->labelled ? code_of(row->cell[i]) : row->cell[i];
        if (!c->labelled || !c->multi || !r->sub)
            continue;
        strip_values(r, row->cell[i]);
        r->cells[i] = (struct str){NULL, r->scratch.n - from};
    }
    for (size_t i = 0, at = 0; i < r->n; i++)
        if (!r->cells[i].p) {
            r->cells[i].p = r->scratch.p + at;
            at += r->cells[i].n;
        }
    return r->cells;
}

static int check_width(const struct sdmx_reader *r, const struct csv_row *row, struct err *e)
{
    size_t n = row->n;
    while (r->options.slack && n > r->n && row->cell[n - 1].n == 0)
        n--;
    if (n == r->n)
        return 0;
    err_set(e, RC_DATA, "SDMX-004", "%zu fields under a header of %zu", row->n, r->n);
    if (n > r->n)
        err_hint(e, "A field that holds the separator must stand in quotes.");
    else
        err_hint(e, "The file may have been cut off, or a field lost.");
    return place(r, row->line, e);
}

static int read_action(struct sdmx_reader *r, struct sdmx_row *row, struct err *e)
{
    row->action = 'I';
    if (r->action < 0)
        return 0;
    struct str s = code_of(row->cell[r->action]);
    if (s.n == 1 && memchr("IAMRD", s.p[0], 5)) {
        row->action = s.p[0];
        return 0;
    }
    err_set(e, RC_DATA, "SDMX-005", "unknown action \"%.*s\"", STR_ARG(s));
    err_hint(e, "Actions are I, A, M, R and D.");
    return place(r, row->line, e);
}

static int check_kind(const struct sdmx_reader *r, const struct sdmx_row *row, struct err *e)
{
    struct str s = row->cell[0];
    if (r->version == SDMX_CSV_1 || str_eq(s, STR("dataflow")) || str_eq(s, STR("datastructure")) ||
        str_eq(s, STR("dataprovision")))
        return 0;
    err_set(e, RC_DATA, "SDMX-006",
            "the first cell is \"%.*s\", not dataflow, datastructure or dataprovision", STR_ARG(s));
    return place(r, row->line, e);
}

/* "refused:3" in the seal's fourth cell, which the hash covers; anything else there leaves 0 and
 * fails the comparison that follows. */
static size_t read_refused(struct sdmx_reader *r, const struct csv_row *row,
                           char ret[SDMX_REFUSED_TEXT])
{
    ret[0] = '\0';
    if (row->n < 4 || row->cell[3].n < 9 || row->cell[3].n > 27)
        return 0;
    uint64_t rows = 0;
    for (size_t i = 8; i < row->cell[3].n; i++)
        rows = rows * 10 + (uint64_t)(row->cell[3].p[i] - '0');
    r->refused = rows;
    return sdmx_refused_text(rows, ret);
}

/* The seal is compared with the bytes that we would write ourselves: there is one spelling only. */
static int check_seal(struct sdmx_reader *r, const struct csv_row *row, struct err *e)
{
    char hex[XXH3_HEX], count[24], refused[SDMX_REFUSED_TEXT];
    struct buf want;
    csv_tap_now(r->csv); /* all rows before the seal, without it */
    csv_tap(r->csv, NULL, NULL);
    size_t told = read_refused(r, row, refused);
    xxh3_add(r->hash, refused, told);
    xxh3_hex(r->hash, hex);
    (void)snprintf(count, sizeof count, "%llu", (unsigned long long)r->rows);
    buf_init(&want, LIMIT_ROW_BYTES);
    buf_fmt(&want, "#seal%c%s%cxxh3:%s", r->sep, count, r->sep, hex);
    if (told)
        buf_fmt(&want, "%c%s", r->sep, refused);
    for (size_t i = told ? 4 : 3; i < r->n; i++)
        buf_char(&want, r->sep);
    buf_char(&want, '\n');
    bool same = str_eq(buf_view(&want), row->raw), blank = csv_blank(r->csv) > 0;
    buf_free(&want);
    if (same && !blank) {
        memcpy(r->seal, hex, sizeof hex);
        return 0;
    }
    if (row->n > 1 && !str_is(row->cell[1], count))
        err_set(e, RC_DATA, "SDMX-011", "the seal counts %.*s rows, but %s came",
                STR_ARG(row->cell[1]), count);
    else if (row->n > 2 && (row->cell[2].n != 37 || memcmp(row->cell[2].p + 5, hex, 32) != 0))
        err_set(e, RC_DATA, "SDMX-012", "the seal does not fit: the bytes before it were changed");
    else
        err_set(e, RC_DATA, "SDMX-014",
                blank ? "a sealed stream has no blank lines" : "the seal is damaged");
    err_hint(e, "Make the stream again; a stream that was edited on purpose is accepted with "
                "--unsealed once its seal is taken off.");
    return place(r, row->line, e);
}

static int read_end(struct sdmx_reader *r, const struct csv_row *seal, struct err *e)
{
    struct csv_row row;
    int rc = check_seal(r, seal, e);
    if (rc < 0)
        return rc;
    rc = csv_next(r->csv, &row, e);
    if (rc == 0 && csv_blank(r->csv) == 0) {
        r->ended = true;
        return 0;
    }
    if (rc >= 0)
        err_set(e, RC_DATA, "SDMX-013", "there is something after the seal");
    return place(r, rc > 0 ? row.line : seal->line + 1, e);
}

static int no_seal(struct sdmx_reader *r, struct err *e)
{
    r->ended = true;
    if (r->options.unsealed)
        return 0;
    err_set(e, RC_DATA, "SDMX-010", "the stream ends after %llu rows without a seal",
            (unsigned long long)r->rows);
    err_hint(e, "The stage before this one did not finish; its own message says why. A stream of "
                "another tool is accepted with --unsealed.");
    return err_place(e, "%s", r->replay.source.name);
}

static int take_row(struct sdmx_reader *r, const struct csv_row *row, struct sdmx_row *ret,
                    struct err *e)
{
    int rc = row->n != r->n ? check_width(r, row, e) : 0;
    if (rc < 0)
        return rc;
    ret->cell = strip_labels(r, row);
    rc = check_kind(r, ret, e);
    if (rc >= 0)
        rc = read_action(r, ret, e);
    if (rc < 0)
        return rc;
    r->structure_id = code_of(ret->cell[r->id]);
    return 1;
}

/* Most rows begin as the one before: kind, structure and action are looked at when they change. */
static void remember_front(struct sdmx_reader *r, const struct csv_row *row,
                           const struct sdmx_row *ret)
{
    int last = r->action > r->id ? r->action : r->id;
    for (int i = 0; i <= last; i++)
        if (r->cells || row->quoted[i])
            return;
    const struct str end = row->cell[last];
    size_t n = (size_t)(end.p - row->raw.p) + end.n + 1;
    if (n >= row->raw.n || n > sizeof r->front.bytes)
        return;
    memcpy(r->front.bytes, row->raw.p, n);
    r->front.id = (size_t)(r->structure_id.p - row->raw.p);
    r->front.id_n = r->structure_id.n;
    r->front.action = ret->action;
    r->front.n = n;
}

static bool known_front(struct sdmx_reader *r, const struct csv_row *row, struct sdmx_row *ret)
{
    size_t n = r->front.n;
    if (n == 0 || row->n != r->n || row->raw.n <= n || memcmp(row->raw.p, r->front.bytes, n) != 0)
        return false;
    ret->cell = row->cell;
    ret->action = r->front.action;
    r->structure_id = (struct str){row->raw.p + r->front.id, r->front.id_n};
    return true;
}

int sdmx_next(struct sdmx_reader *r, struct sdmx_row *ret, struct err *e)
{
    struct csv_row row;
    r->row_fault = false;
    if (r->ended)
        return 0;
    int rc = csv_next(r->csv, &row, e);
    if (rc < 0)
        return rc;
    if (rc == 0)
        return no_seal(r, e);
    if (row.raw.n > 5 && memcmp(row.raw.p, "#seal", 5) == 0)
        return read_end(r, &row, e);
    r->rows++;
    ret->line = row.line;
    ret->raw = row.raw;
    r->repeats = known_front(r, &row, ret);
    if (r->repeats)
        return 1;
    r->front.n = 0;
    rc = take_row(r, &row, ret, e);
    r->row_fault = rc < 0;
    if (rc > 0)
        remember_front(r, &row, ret);
    return rc;
}

bool sdmx_row_fault(const struct sdmx_reader *r) { return r->row_fault; }

size_t sdmx_columns(const struct sdmx_reader *r) { return r->n; }
const char *sdmx_column(const struct sdmx_reader *r, size_t i) { return r->columns[i].name; }
const char *sdmx_name(const struct sdmx_reader *r) { return r->replay.source.name; }
bool sdmx_front_repeats(const struct sdmx_reader *r) { return r->repeats; }
struct str sdmx_structure_id(const struct sdmx_reader *r) { return r->structure_id; }
uint64_t sdmx_records(const struct sdmx_reader *r) { return r->rows; }
bool sdmx_verbatim(const struct sdmx_reader *r)
{
    return r->sep == ',' && !r->cells && !r->options.slack;
}
const char *sdmx_seal(const struct sdmx_reader *r) { return r->seal; }
uint64_t sdmx_refused(const struct sdmx_reader *r) { return r->refused; }

int sdmx_find(const struct sdmx_reader *r, const char *name)
{
    struct str bare = without_brackets(str_of(name));
    for (size_t i = 0; bare.n && i < r->n; i++)
        if (str_is(bare, r->columns[i].name))
            return (int)i;
    return -1;
}
