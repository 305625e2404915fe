/* read_desk.c — where the cells of all readers arrive: dimensions in their order, values through
 * read_value.c, the stream out, the accounts. The desk owns the writer, the findings, the book of
 * totals and its buffers; names live in the arena of the conf. */
#include "read_desk.h"

#include "hash.h"
#include "bounds.h"
#include "mem.h"
#include "period.h"

#define FRONT 3 /* STRUCTURE, STRUCTURE_ID, ACTION */
#define PERIODS 256
#define LIMIT_HARMLESS 6 /* bytes: no shorter text is personal data (personal.c) */

enum tail { T_VALUE, T_STATUS, T_CONF, T_COMMENT, T_NATURE, T_SENDER, T_SRC, T_SRC_VALUE, T_N };
static const char *const tail_names[T_N] = {"OBS_VALUE", "OBS_STATUS[]", "CONF_STATUS",
                                            "COMMENT",   "NATURE",       "SENDER",
                                            "SRC[]",     "SRC_VALUE[]"};

/* Period texts seen lately and how SDMX writes them; most files have few. */
struct period_memo {
    char text[40], canonical[PERIOD_TEXT_MAX];
    size_t ntext, n;
    bool same; /* it is written so already */
};

struct desk {
    struct stage *st;
    const struct profile *p;
    struct desk_options o;
    struct read_counts counts;
    struct read_findings *findings;
    struct totals_book *totals;
    struct watch *watch; /* over personal data */
    struct sdmx_writer *writer;
    const char *dims[READ_DIMS_MAX]; /* by slot */
    size_t ndims, order[READ_DIMS_MAX], time;
    struct str fixed[READ_DIMS_MAX]; /* constants, by slot */
    struct str attrs[ATTR_N];        /* constants */
    struct str cells[FRONT + READ_DIMS_MAX + T_N];
    struct str structure, sender; /* the profile's */
    struct buf comment, raw;
    char *src; /* "name:" or "name#sheet!", and room for two numbers */
    size_t nsrc;
    size_t src_line, src_field, src_unit,
        src_end;           /* what stands behind it: its last digit, its end */
    const char *src_sheet; /* whose prefix src holds */
    struct period_memo periods[PERIODS], *period;
    struct scaling scaling;
};

static void set_prefix(struct desk *d, const char *sheet)
{
    struct buf name;
    struct buf whole;
    buf_init(&name, LIMIT_ROW_BYTES);
    buf_init(&whole, LIMIT_ROW_BYTES);
    buf_fmt(&whole, "%s%s%s", d->o.name, sheet ? "#" : "", sheet ? sheet : "");
    sdmx_item(&name, buf_view(&whole));
    buf_char(&name, sheet ? '!' : ':');
    buf_free(&whole);
    d->nsrc = name.n;
    d->src = mem_resize(d->src, name.n + 48);
    memcpy(d->src, name.p, name.n);
    d->src_sheet = sheet;
    d->src_line = 0;
    buf_free(&name);
}

int desk_open(struct desk **ret, struct stage *st, const struct profile *p,
              const struct desk_options *o, struct err *e)
{
    struct desk *d = mem_new(sizeof *d);
    d->st = st;
    d->p = p;
    d->o = *o;
    d->structure = str_of(p->structure);
    d->sender = str_of(p->sender);
    buf_init(&d->comment, LIMIT_ROW_BYTES);
    buf_init(&d->raw, LIMIT_ROW_BYTES);
    set_prefix(d, NULL);
    d->totals = totals_open(p);
    const struct personal *personal = NULL;
    int rc = personal_load(&st->conf, &personal, e);
    if (rc >= 0) {
        d->watch = watch_new(personal, &p->personal);
        rc = read_findings_open(&d->findings, st, o, e);
    }
    if (rc < 0) {
        desk_closep(&d);
        return rc;
    }
    *ret = d;
    return 0;
}

static void desk_close(struct desk *d)
{
    if (!d)
        return;
    sdmx_free(d->writer);
    read_findings_close(d->findings);
    totals_close(d->totals);
    watch_free(d->watch);
    buf_free(&d->comment);
    buf_free(&d->raw);
    mem_free(d->src);
    mem_free(d);
}

void desk_closep(struct desk **d)
{
    desk_close(*d);
    *d = NULL;
}

int desk_heading(const struct desk *d, const char *id, struct str heading, size_t line,
                 size_t field, struct err *e)
{
    const char *what;
    if (watch_heading(d->watch, id, heading, &what))
        return 0;
    return personal_in_heading(e, what, d->o.name, line, field);
}

const char *desk_name(const struct desk *d) { return d->o.name; }
size_t desk_ndims(const struct desk *d) { return d->ndims; }
bool desk_keeps(const struct desk *d) { return d->o.quarantine != NULL; }
struct stage *desk_stage(const struct desk *d) { return d->st; }
void desk_blank_row(struct desk *d) { d->counts.blank_rows++; }
void desk_note_row(struct desk *d) { d->counts.note_rows++; }
void desk_outside_row(struct desk *d) { d->counts.outside_rows++; }
void desk_bare_code(struct desk *d, const struct read_row *row, size_t field)
{
    scale_bare(&d->scaling, row, field);
}

int desk_place(const struct desk *d, const char *sheet, size_t line, size_t field, struct err *e)
{
    char ref[CELL_REF_MAX];
    if (sheet && cell_ref(ref, line, field))
        return err_place(e, "%s#%s!%s", d->o.name, sheet, ref);
    return field ? err_place(e, "%s:%zu:%zu", d->o.name, line, field)
                 : err_place(e, "%s:%zu", d->o.name, line);
}

size_t desk_dim(struct desk *d, const char *id)
{
    for (size_t i = 0; i < d->ndims; i++)
        if (strcmp(d->dims[i], id) == 0)
            return i;
    if (d->ndims == READ_DIMS_MAX)
        return READ_DIMS_MAX;
    d->dims[d->ndims] = arena_text(&d->st->conf.arena, str_of(id));
    return d->ndims++;
}

static void take_constants(struct desk *d)
{
    const struct yaml_pair *c = d->p->constants.items;
    for (size_t i = 0; i < d->p->constants.n; i++) {
        int attr = profile_attribute(c[i].key);
        if (attr >= 0) {
            d->attrs[attr] = str_of(c[i].value);
            continue;
        }
        size_t slot = desk_dim(d, c[i].key);
        if (slot < READ_DIMS_MAX)
            d->fixed[slot] = str_of(c[i].value);
    }
}

/* The declared dimensions first, then the others as they came, the period last. */
static int fix_order(struct desk *d, struct err *e)
{
    const char *const *first = d->p->dimensions.items;
    bool used[READ_DIMS_MAX] = {false};
    size_t n = 0;
    d->time = desk_dim(d, "TIME_PERIOD");
    for (size_t i = 0; i < d->p->dimensions.n; i++) {
        size_t had = d->ndims, slot = desk_dim(d, first[i]);
        if (slot == had || slot >= READ_DIMS_MAX || used[slot])
            return yaml_fault(e, d->p->at, "READ-025", "the order of dimensions names %s, %s",
                              first[i], slot == had ? "which is none" : "twice or too many");
        used[slot] = true;
        if (slot != d->time)
            d->order[n++] = slot;
    }
    used[d->time < READ_DIMS_MAX ? d->time : 0] = true;
    for (size_t i = 0; i < d->ndims; i++)
        if (!used[i])
            d->order[n++] = i;
    if (d->time >= READ_DIMS_MAX || n + 1 != d->ndims)
        return yaml_fault(e, d->p->at, "READ-026", "more than %d dimensions", READ_DIMS_MAX);
    d->order[n] = d->time;
    return 0;
}

int desk_start(struct desk *d, struct err *e)
{
    const char *columns[FRONT + READ_DIMS_MAX + T_N] = {"STRUCTURE[;]", "STRUCTURE_ID", "ACTION"};
    take_constants(d);
    d->scaling.mult = d->attrs[ATTR_MULT];
    int rc = fix_order(d, e);
    if (rc < 0)
        return rc;
    size_t had = d->ndims;
    totals_bind(d->totals, d, d->ndims);
    if (d->ndims != had)
        return yaml_fault(e, d->p->at, "READ-027", "totals name %s, which is no dimension",
                          d->dims[had]);
    for (size_t i = 0; i < d->ndims; i++)
        columns[FRONT + i] = d->dims[d->order[i]];
    for (size_t i = 0; i < T_N; i++)
        columns[FRONT + d->ndims + i] = tail_names[i];
    d->cells[0] = STR("datastructure");
    if (!d->o.show)
        d->writer = sdmx_create(&d->st->out, columns, FRONT + d->ndims + T_N);
    return 0;
}

/* --- refusing -----------------------------------------------------------------------------------
 */

/* For people: v or why, not both. */
static void show(struct desk *d, struct desk_shown *c, const struct str *dims,
                 const struct read_value *v)
{
    char status[64] = "";
    const char *ids[READ_DIMS_MAX];
    struct str codes[READ_DIMS_MAX];
    for (size_t i = 0; i < d->ndims; i++) {
        size_t slot = d->order[i];
        ids[i] = d->dims[slot];
        codes[i] = dims[slot].n ? dims[slot] : d->fixed[slot];
    }
    if (v) {
        status[status_text(v->status & ~STATUS_BIT('A'), status).n] = '\0';
        c->value = v->text;
        c->conf = v->conf;
        c->missing = v->kind == VALUE_MISSING && !status[0] && !v->conf.n;
    }
    c->status = status;
    c->ids = ids;
    c->codes = codes;
    c->ndims = d->ndims;
    d->o.show(d->o.show_to, c);
}

static void list(struct desk *d, const struct read_row *row, size_t field, struct str value,
                 struct err *why)
{
    struct desk_shown c = {.row = row, .field = field, .raw = value, .why = why};
    if (d->o.show) {
        if (!value.n)
            c.raw = row->cell;
        show(d, &c, row->dims, NULL);
    } else {
        read_findings_add(d->findings, row, field, value, why, true);
    }
}

static void refuse(struct desk *d, const struct read_row *row, size_t field, struct str value,
                   struct err *why)
{
    d->counts.refused++;
    list(d, row, field, value, why);
}

int desk_refuse(struct desk *d, const struct read_row *row, size_t field, uint64_t cells,
                struct err *why, struct err *e)
{
    (void)e;
    d->counts.in += cells;
    d->counts.refused += cells;
    list(d, row, field, STR(""), why);
    return 0;
}

/* --- writing ------------------------------------------------------------------------------------
 */

static struct str put_src(struct desk *d, const struct read_row *row, size_t field)
{
    if (row->sheet != d->src_sheet)
        set_prefix(d, row->sheet);
    char *to = d->src + d->nsrc;
    if (row->sheet)
        return (struct str){d->src, d->nsrc + cell_ref(to, row->line, field)};
    bool next = row->line == d->src_line + 1 && field == d->src_field && d->src_line;
    d->src_line = row->line;
    if (next && d->src[d->src_unit] != '9') { /* mostly only the last digit changes */
        d->src[d->src_unit]++;
        return (struct str){d->src, d->src_end};
    }
    to = ref_number(to, row->line);
    d->src_unit = (size_t)(to - d->src) - 1;
    *to++ = ':';
    to = ref_number(to, field);
    d->src_field = field;
    d->src_end = (size_t)(to - d->src);
    return (struct str){d->src, d->src_end};
}

/* SRC_VALUE, whose ';' and '%' are escaped; nothing when the value stands there as it came. */
static struct str put_raw(struct desk *d, struct str text, struct str value)
{
    if (text.p == value.p && text.n == value.n)
        return STR("");
    struct str s = read_trim(text, NULL);
    if (str_eq(s, value))
        return STR("");
    if (!s.n || (!memchr(s.p, ';', s.n) && !memchr(s.p, '%', s.n)))
        return s;
    buf_reset(&d->raw);
    sdmx_item(&d->raw, s);
    return buf_view(&d->raw);
}

static struct str put_comment(struct desk *d, struct str own)
{
    if (own.n || d->attrs[ATTR_COMMENT].n)
        own = own.n ? read_trim(own, NULL) : d->attrs[ATTR_COMMENT];
    if (!d->comment.n)
        return own;
    if (own.n) {
        buf_text(&d->comment, "; ");
        buf_str(&d->comment, own);
    }
    return buf_view(&d->comment);
}

static struct str action_text(char action)
{
    static const char letters[] = "RIAMD"; /* a file says all of what it says */
    const char *at = action ? memchr(letters, action, sizeof letters - 1) : NULL;
    return (struct str){at ? at : letters, 1};
}

/* An empty text as it stood in the file rather than one of ours: the writer passes on in one piece
 * what stood side by side. */
static struct str empty_as(struct str read) { return read.n ? STR("") : read; }

static void write_row(struct desk *d, const struct read_row *row, const struct str *dims,
                      const struct read_value *v, const struct str src[2])
{
    char status[64];
    struct str *c = d->cells, *t = c + FRONT + d->ndims;
    c[1] = row->structure.n ? row->structure : d->structure;
    c[2] = action_text(row->action);
    for (size_t i = 0; i < d->ndims; i++)
        c[FRONT + i] = dims[d->order[i]];
    const uint32_t letters = v->status & ~STATUS_BIT('A'); /* normal is the empty set */
    t[T_VALUE] = v->text;
    t[T_STATUS] = letters ? status_text(letters, status) : empty_as(row->attrs[ATTR_STATUS]);
    t[T_CONF] = v->conf.n ? v->conf : empty_as(row->attrs[ATTR_CONF]);
    t[T_COMMENT] = put_comment(d, row->attrs[ATTR_COMMENT]);
    t[T_NATURE] = row->attrs[ATTR_NATURE].n ? row->attrs[ATTR_NATURE] : d->attrs[ATTR_NATURE];
    t[T_SENDER] = row->sender.n ? row->sender : d->sender;
    t[T_SRC] = src[0];
    t[T_SRC_VALUE] = src[1];
    sdmx_write(d->writer, c);
}

/* --- one cell -----------------------------------------------------------------------------------
 */

static int parse_period(struct period_memo *m, struct str text, struct err *why)
{
    struct period parsed;
    int rc = period_parse(&parsed, text, why);
    if (rc < 0)
        return rc;
    m->ntext = text.n <= sizeof m->text ? text.n : 0;
    memcpy(m->text, text.p, m->ntext);
    m->n = period_text(parsed, m->canonical);
    m->same = str_eq(text, (struct str){m->canonical, m->n});
    return 0;
}

static bool remembered(const struct period_memo *m, struct str text)
{
    return m && m->ntext && str_eq(text, (struct str){m->text, m->ntext});
}

static int canonical_period(struct desk *d, struct str *period, struct err *why)
{
    struct period_memo *m = d->period; /* of the row before */
    if (!remembered(m, *period)) {
        m = &d->periods[hash64(*period) % PERIODS];
        int rc = remembered(m, *period) ? 0 : parse_period(m, *period, why);
        if (rc < 0)
            return rc;
        d->period = m;
    }
    if (!m->same)
        *period = (struct str){m->canonical, m->n};
    return 0;
}

/* ret_bad: the slot of the dimension at fault. */
static int fill_dims(struct desk *d, const struct read_row *row, struct str *dims, size_t *ret_bad,
                     struct err *why)
{
    for (size_t i = 0; i < d->ndims; i++) {
        dims[i] = row->dims[i].n ? row->dims[i] : d->fixed[i];
        if (dims[i].n)
            continue;
        *ret_bad = i;
        err_set(why, RC_DATA, "READ-010", "the code of %s is blank", d->dims[i]);
        return err_hint(why,
                        "Fill it in; where a blank means \"as above\", the profile can say so: "
                        "blank: as-above.");
    }
    *ret_bad = d->time;
    return row->time_canonical ? 0 : canonical_period(d, &dims[d->time], why);
}

static void book(struct desk *d, int which, const struct str *dims, const struct read_value *v,
                 const struct read_row *row, size_t field)
{
    struct num n;
    struct err ignored = {.rc = RC_OK};
    bool given = v && v->kind == VALUE_GIVEN && num_parse(&n, v->text, &num_plain, &ignored) >= 0;
    totals_add(d->totals, which, dims, given ? &n : NULL, row, field);
}

static void settle(struct desk *d, const struct read_row *row, const struct str *dims,
                   struct read_value *v, const struct str src[2])
{
    if (v->kind == VALUE_MISSING && (v->status & ~1u || v->conf.n))
        v->kind = VALUE_KEPT;
    d->counts.given += v->kind == VALUE_GIVEN;
    d->counts.missing += v->kind != VALUE_GIVEN;
    d->counts.kept += v->kind == VALUE_KEPT;
    if (v->kind != VALUE_MISSING && !d->o.show)
        write_row(d, row, dims, v, src);
}

/* Nothing that looks like personal data is passed on. */
static int personal_cell(const struct desk *d, const struct read_row *row, size_t field,
                         const char *what, struct err *e)
{
    int rc = personal_in_text(e, what, d->o.name, row->line, field);
    if (!row->sheet || !e)
        return rc;
    e->place[0] = '\0'; /* the cell of the sheet says it better */
    return desk_place(d, row->sheet, row->line, field, e);
}

static int watch_row(const struct desk *d, const struct read_row *row, const struct str *dims,
                     struct err *e)
{
    const char *what;
    for (size_t i = 0; i < d->ndims; i++)
        if (dims[i].n > LIMIT_HARMLESS && i != d->time && /* which was read as a period */
            !watch_passes(d->watch, d->dims[i], dims[i], &what))
            return personal_cell(d, row, row->fields[i], what, e);
    if (row->attrs[ATTR_COMMENT].n > LIMIT_HARMLESS &&
        !watch_passes(d->watch, "COMMENT", row->attrs[ATTR_COMMENT], &what))
        return personal_cell(d, row, 0, what, e);
    return 0;
}

/* from: the text of the cell, and its place. */
static int pass_on(struct desk *d, const struct read_row *row, const struct str *dims,
                   const struct str from[2], struct read_value *v, struct err *e)
{
    int rc = watch_row(d, row, dims, e);
    if (rc < 0)
        return rc;
    const struct str src[2] = {from[1], put_raw(d, from[0], v->text)};
    settle(d, row, dims, v, src);
    return 0;
}

/* The text with the status that stands beside it. */
static int value_of(struct desk *d, const struct read_row *row, size_t field, struct str text,
                    struct read_value *v, struct err *why)
{
    enum cell_kind kind = (enum cell_kind)(row->kind & CELL_KIND);
    int rc = value_read(d->p, kind, text, v, &d->comment, why);
    if (rc >= 0 && (row->kind & ~CELL_KIND || row->attrs[ATTR_MULT].n || d->scaling.mult.n))
        rc = scale_value(&d->scaling, d->p, row, field, v, &d->comment, why);
    struct str status = row->attrs[ATTR_STATUS].n ? row->attrs[ATTR_STATUS] : d->attrs[ATTR_STATUS];
    struct str conf = row->attrs[ATTR_CONF].n ? row->attrs[ATTR_CONF] : d->attrs[ATTR_CONF];
    return rc >= 0 && (status.n || conf.n) ? value_status(d->p, status, conf, v, why) : rc;
}

int desk_cell(struct desk *d, const struct read_row *row, struct str text, size_t field,
              struct err *e)
{
    struct str dims[READ_DIMS_MAX];
    struct read_value v;
    struct err why;
    size_t bad;
    why.rc = RC_OK; /* the rest is set when there is an error */
    d->counts.in++;
    buf_reset(&d->comment);
    if (fill_dims(d, row, dims, &bad, &why) < 0) {
        refuse(d, row, row->fields[bad] ? row->fields[bad] : field, row->dims[bad], &why);
        return 0;
    }
    int which = d->totals ? totals_which(d->totals, dims) : -1;
    int rc = value_of(d, row, field, text, &v, &why);
    if (d->totals)
        book(d, which, dims, rc < 0 ? NULL : &v, row, field);
    if (rc >= 0 && d->o.show) {
        struct desk_shown c = {.row = row, .field = field, .raw = text, .aside = which >= 0};
        show(d, &c, dims, &v);
    }
    if (rc < 0) {
        refuse(d, row, field, text, &why);
    } else if (which >= 0) {
        d->counts.aside++;
    } else {
        rc = pass_on(d, row, dims, (const struct str[2]){text, put_src(d, row, field)}, &v, e);
        if (rc < 0)
            return rc;
    }
    return buf_ok(&d->comment, "the remarks of one row", e);
}

/* --- the end ------------------------------------------------------------------------------------
 */

static void tell(struct desk *d)
{
    const struct read_counts *c = &d->counts;
    stage_note(d->st,
               "%llu cells: %llu given, %llu missing (%llu kept with a status), %llu aside "
               "as totals, %llu refused",
               (unsigned long long)c->in, (unsigned long long)c->given,
               (unsigned long long)c->missing, (unsigned long long)c->kept,
               (unsigned long long)c->aside, (unsigned long long)c->refused);
    if (c->note_rows || c->blank_rows)
        stage_note(d->st, "passed over: %llu lines of remarks, %llu rows without any cell filled",
                   (unsigned long long)c->note_rows, (unsigned long long)c->blank_rows);
    scale_tell(&d->scaling, d->st);
    if (c->outside_rows)
        stage_note(d->st, "%llu rows outside of the declared tables",
                   (unsigned long long)c->outside_rows);
    d->st->totals = (struct totals){.in = c->in,
                                    .passed = c->given + c->kept,
                                    .refused = c->refused,
                                    .aside = c->aside + c->missing - c->kept,
                                    .used = true,
                                    .unit = "cells"};
}

int desk_finish(struct desk *d, bool keep_going, struct err *e)
{
    const struct read_counts *c = &d->counts;
    if (!c->in) {
        err_set(e, RC_DATA, "READ-002", "the file has a header, but no data");
        return err_place(e, "%s", d->o.name);
    }
    if (d->totals && totals_check(d->totals, d->findings))
        stage_raise(d->st, RC_PARTIAL);
    int rc = findings_finish(d->findings, e);
    tell(d);
    if (rc < 0)
        return rc;
    if (d->o.show)
        return 0;
    if (c->refused && !keep_going) {
        err_set(e, RC_DATA, "READ-014", "%llu of %llu cells were refused: the stream has no seal",
                (unsigned long long)c->refused, (unsigned long long)c->in);
        err_hint(e, "Correct them, or take the rest with --keep-going; --quarantine FILE keeps the "
                    "refused records.");
        return err_place(e, "%s", d->o.name);
    }
    if (c->refused)
        stage_raise(d->st, RC_PARTIAL);
    sdmx_refuse(d->writer, c->refused);
    sdmx_finish(d->writer);
    return 0;
}
