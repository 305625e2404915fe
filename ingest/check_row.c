/* check_row.c — the rules that one row can break, and repeated rows. A finding is made of texts
 * only when there is one to make: a clean row costs comparisons. The checker owns all that it
 * allocates; configuration belongs to conf. */
#include "check_run.h"

enum row_rule {
    ROW_STRUCTURE,
    ROW_EMPTY,
    ROW_CODE,
    ROW_CODE_TIME,
    ROW_PERIOD,
    ROW_FREQ,
    ROW_NUMBER,
    ROW_WHOLE,
    ROW_NAN,
    ROW_MISSING,
    ROW_SENDER,
    ROW_AREA,
    ROW_STATUS,
    ROW_CONF,
    ROW_EMBARGO,
    ROW_NATURE,
    ROW_GRADE,
    ROW_TWICE
};

/* Permanent ids: docs/contracts/findings.md explains each. */
static const struct {
    const char *id;
    enum level level;
} row_rules[] = {
    [ROW_STRUCTURE] = {"CHECK-101", LEVEL_ERROR}, [ROW_EMPTY] = {"CHECK-102", LEVEL_ERROR},
    [ROW_CODE] = {"CHECK-103", LEVEL_ERROR},      [ROW_CODE_TIME] = {"CHECK-104", LEVEL_ERROR},
    [ROW_PERIOD] = {"CHECK-105", LEVEL_ERROR},    [ROW_FREQ] = {"CHECK-106", LEVEL_ERROR},
    [ROW_NUMBER] = {"CHECK-107", LEVEL_ERROR},    [ROW_WHOLE] = {"CHECK-108", LEVEL_ERROR},
    [ROW_NAN] = {"CHECK-109", LEVEL_WARNING},     [ROW_MISSING] = {"CHECK-110", LEVEL_WARNING},
    [ROW_SENDER] = {"CHECK-111", LEVEL_ERROR},    [ROW_AREA] = {"CHECK-112", LEVEL_ERROR},
    [ROW_STATUS] = {"CHECK-113", LEVEL_ERROR},    [ROW_CONF] = {"CHECK-114", LEVEL_ERROR},
    [ROW_EMBARGO] = {"CHECK-115", LEVEL_ERROR},   [ROW_NATURE] = {"CHECK-116", LEVEL_ERROR},
    [ROW_GRADE] = {"CHECK-117", LEVEL_ERROR},     [ROW_TWICE] = {"CHECK-118", LEVEL_ERROR},
};

/* CL_OBS_STATUS: the letters that say that there is no value. */
#define LETTER(c) (1u << ((c) - 'A'))
#define MISSING_SET (LETTER('H') | LETTER('L') | LETTER('M') | LETTER('O') | LETTER('Q'))

bool checker_refused(const struct checker *c, uint32_t record)
{
    return record / 64 < c->nwords && (c->refused[record / 64] >> (record % 64) & 1);
}

void checker_refuse(struct checker *c, uint32_t record, const char *rule)
{
    if (record / 64 >= c->nwords) {
        size_t n = c->nwords ? c->nwords * 2 : 64;
        while (n <= record / 64)
            n *= 2;
        c->refused = mem_resize(c->refused, n * sizeof *c->refused);
        memset(c->refused + c->nwords, 0, (n - c->nwords) * sizeof *c->refused);
        c->nwords = n;
    }
    if (!checker_refused(c, record))
        c->nrefused++;
    c->refused[record / 64] |= UINT64_C(1) << (record % 64);
    if (!c->keep_refusals)
        return;
    if (c->nrefusals == c->caprefusals) {
        c->caprefusals = c->caprefusals ? c->caprefusals * 2 : 64;
        c->refusals = mem_resize(c->refusals, c->caprefusals * sizeof *c->refusals);
    }
    c->refusals[c->nrefusals++] = (struct refusal){record, rule};
}

static struct str src_of(struct checker *c)
{
    struct str s = c->at_src < 0 ? (struct str){"", 0} : c->row->cell[c->at_src];
    if (s.n)
        return s;
    buf_reset(&c->place);
    buf_fmt(&c->place, "%s:%zu", c->name, c->row->line);
    return buf_view(&c->place);
}

static void row_key(struct checker *c)
{
    buf_reset(&c->key);
    for (size_t d = 0; d < c->s->ndims; d++)
        checker_key(c, d, column_cell(&c->dims[d], c->row->cell));
}

/* c->reason and c->fix say what; the value is the text at fault, and groups like findings. */
static void complain(struct checker *c, enum row_rule rule, struct str group, struct str value)
{
    struct finding x = {.rule = row_rules[rule].id, .level = row_rules[rule].level};
    x.group = group;
    x.place = src_of(c);
    x.other = buf_view(&c->other);
    x.value = value;
    x.reason = buf_z(&c->reason);
    x.fix = buf_z(&c->fix);
    if (group.n == 0) {
        row_key(c);
        x.key = buf_view(&c->key);
        x.brief = buf_view(&c->brief);
    }
    findings_add(c->findings, &x);
    if (x.level == LEVEL_ERROR) {
        c->faulty = true;
        checker_refuse(c, c->record, x.rule);
    }
    buf_reset(&c->reason);
    buf_reset(&c->fix);
    buf_reset(&c->other);
}

/* Findings about one text of one column are told once. */
static void complain_code(struct checker *c, enum row_rule rule, const char *column,
                          struct str code)
{
    buf_reset(&c->value);
    buf_fmt(&c->value, "%s=", column);
    buf_str(&c->value, code);
    complain(c, rule, buf_view(&c->value), code);
}

static void bad_code(struct checker *c, size_t dim)
{
    const struct dimension *d = &c->s->dims[dim];
    const struct code *near[3];
    struct str text = column_cell(&c->dims[dim], c->row->cell);
    if (text.n == 0) {
        buf_fmt(&c->reason, "%s is empty", d->id);
        buf_text(&c->fix, "every dimension needs a code");
        complain_code(c, ROW_EMPTY, d->id, text);
        return;
    }
    size_t n = codelist_nearest(d->codes, text, near);
    buf_fmt(&c->reason, "'%.*s' is no code of %s", STR_ARG(text), d->codes->id);
    for (size_t i = 0; i < n; i++)
        buf_fmt(&c->fix, "%s%.*s (%s)", i ? ", " : "nearest: ", STR_ARG(near[i]->id),
                code_label(d->codes, near[i], "en"));
    if (n == 0)
        buf_fmt(&c->fix, "the codes are in codelists/%s.csv", d->codes->id);
    complain_code(c, ROW_CODE, d->id, text);
}

static int too_many(struct err *e, const char *column)
{
    return err_set(e, RC_DATA, "CHECK-030", "more than %zu different texts in %s", COLUMN_CODES_MAX,
                   column);
}

/* The codes of the row, and whether they are those of the row before. */
static int read_codes(struct checker *c, bool *ret_same, bool *ret_good, struct err *e)
{
    *ret_same = c->started;
    *ret_good = true;
    for (size_t d = 0; d < c->s->ndims; d++) {
        size_t id = column_id(&c->dims[d], column_cell(&c->dims[d], c->row->cell));
        if (id == COLUMN_NONE)
            return too_many(e, c->s->dims[d].id);
        if (d + 1 < c->s->ndims) {
            *ret_same &= c->ids[d] == id;
            if (code_state(c, d, id)->bad) {
                bad_code(c, d);
                *ret_good = false;
            }
        }
        c->ids[d] = (uint32_t)id;
    }
    c->started = true;
    return 0;
}

static void check_validity(struct checker *c, const struct moment *m)
{
    for (size_t d = 0; d + 1 < c->s->ndims; d++) {
        const struct code_state *cs = &c->codes[d][c->ids[d]];
        if (!cs->dated || code_valid(cs->code, str_of(m->first), str_of(m->last)))
            continue;
        buf_fmt(&c->reason, "%s %.*s is not valid in %.*s", c->s->dims[d].id, STR_ARG(cs->code->id),
                STR_ARG(column_cell(&c->dims[c->s->ndims - 1], c->row->cell)));
        buf_fmt(&c->fix, "valid from '%.*s' to '%.*s'", STR_ARG(cs->code->valid_from),
                STR_ARG(cs->code->valid_to));
        complain(c, ROW_CODE_TIME, (struct str){"", 0}, cs->code->id);
    }
}

/* The moment of the row, or STORE_NONE. */
static uint32_t check_period(struct checker *c)
{
    const struct time_state *t = time_state(c, c->ids[c->s->ndims - 1]);
    struct str text = column_cell(&c->dims[c->s->ndims - 1], c->row->cell);
    if (!t->good) {
        buf_fmt(&c->reason, "%s", t->why);
        buf_text(&c->fix, "write 2025, 2025-Q1, 2025-S1 or 2025-03");
        complain_code(c, ROW_PERIOD, "TIME_PERIOD", text);
        return STORE_NONE;
    }
    const struct moment *m = &c->moments[t->moment];
    if (c->freq >= 0 && !c->codes[c->freq][c->ids[c->freq]].bad) {
        struct str freq = column_cell(&c->dims[c->freq], c->row->cell);
        if (freq.n != 1 || freq.p[0] != (char)m->p.freq) {
            buf_fmt(&c->reason, "period %.*s does not fit FREQ %.*s", STR_ARG(text), STR_ARG(freq));
            buf_fmt(&c->fix, "its frequency is %c", (char)m->p.freq);
            complain(c, ROW_FREQ, (struct str){"", 0}, text);
        }
    }
    if (!c->faulty)
        check_validity(c, m);
    return t->moment;
}

static struct str attr_cell(const struct checker *c, enum attr_kind k)
{
    return column_cell(&c->attrs[k], c->row->cell);
}

static void bad_attr(struct checker *c, enum attr_kind k)
{
    static const enum row_rule rules[ATTRS] = {ROW_STATUS, ROW_CONF,  ROW_NATURE,
                                               ROW_SENDER, ROW_GRADE, ROW_GRADE};
    struct str text = attr_cell(c, k);
    const char *name = c->attrs[k].name;
    if (k == ATTR_SENDER) {
        buf_fmt(&c->reason, "'%.*s' is no sender of region.yaml", STR_ARG(text));
        buf_text(&c->fix, text.n ? "the profile names the sender" : "SENDER is empty");
    } else {
        buf_fmt(&c->reason, "%s '%.*s' is not known", name, STR_ARG(text));
        if (c->lists[k])
            buf_fmt(&c->fix, "the codes are in codelists/%s.csv%s", c->lists[k]->id,
                    k == ATTR_STATUS ? ", several are joined by ';'" : "");
        else
            buf_text(&c->fix, "Y or N");
    }
    complain_code(c, rules[k], name, text);
}

static int check_attrs(struct checker *c, uint32_t *ret_status, struct err *e)
{
    for (enum attr_kind k = 0; k < ATTRS; k++) {
        struct column *col = &c->attrs[k];
        if (col->at < 0 && k != ATTR_SENDER)
            continue;
        size_t id = column_id(col, column_cell(col, c->row->cell));
        if (id == COLUMN_NONE)
            return too_many(e, col->name);
        const struct attr_state *a = attr_state(c, k, id);
        if (k == ATTR_STATUS)
            *ret_status = a->set;
        if (k == ATTR_SENDER)
            c->sender = (uint32_t)id;
        if (k == ATTR_REVIEWED)
            c->unreviewed += str_is(column_cell(col, c->row->cell), "N");
        if (a->bad)
            bad_attr(c, k);
    }
    return 0;
}

static void check_sender(struct checker *c)
{
    const struct attr_state *a = attr_state(c, ATTR_SENDER, c->sender);
    size_t area = c->area < 0 ? 0 : c->ids[c->area];
    if (!a->sender || c->area < 0 || (c->fair[0] == c->sender + 1u && c->fair[1] == area + 1))
        return;
    struct str code = column_cell(&c->dims[c->area], c->row->cell);
    if (sender_may(a->sender, code)) {
        c->fair[0] = c->sender + 1u;
        c->fair[1] = area + 1;
        return;
    }
    buf_fmt(&c->reason, "%s may not send figures of %.*s", a->sender->key, STR_ARG(code));
    buf_text(&c->fix, "see 'areas' of the sender in region.yaml, and the area in the file");
    complain(c, ROW_AREA, (struct str){"", 0}, code);
}

/* EMBARGO_DATE needs a date, and CONF_STATUS N (Eurostat) or E (SDMX since 2018). */
static void check_embargo(struct checker *c, struct str day)
{
    struct str conf = attr_cell(c, ATTR_CONF);
    struct period p;
    bool good = period_parse(&p, day, NULL) == 0 && p.freq == FREQ_DAY;
    if (good && (str_is(conf, "N") || str_is(conf, "E")))
        return;
    if (good)
        buf_fmt(&c->reason, "an embargo with CONF_STATUS '%.*s'", STR_ARG(conf));
    else
        buf_fmt(&c->reason, "EMBARGO_DATE '%.*s' is no day", STR_ARG(day));
    buf_text(&c->fix, good ? "CONF_STATUS must be N or E" : "write 2026-03-31");
    complain(c, ROW_EMBARGO, (struct str){"", 0}, day);
}

static bool is_whole(struct num v)
{
    __int128 m = v.m;
    for (int i = 0; i < v.scale; i++, m /= 10)
        if (m % 10 != 0)
            return false;
    return true;
}

static void no_number(struct checker *c, struct str text)
{
    struct err why = {0};
    struct num v;
    (void)(num_parse(&v, text, &num_plain, &why) < 0);
    buf_fmt(&c->reason, "%s", why.text);
    buf_fmt(&c->fix, "%s", why.hint[0] ? why.hint : "digits, with '.' for decimals");
    complain(c, ROW_NUMBER, (struct str){"", 0}, text);
}

static bool no_value(struct checker *c, struct str text, uint32_t status)
{
    c->no_value++;
    if (text.n && !(status & MISSING_SET)) {
        buf_text(&c->reason, "a value that is missing on purpose does not say why");
        buf_text(&c->fix, "OBS_STATUS M (cannot exist), L (not collected), Q (suppressed) or O");
        complain(c, ROW_NAN, (struct str){"", 0}, text);
    }
    return false;
}

/* True and the number when there is a value; NaN and empty are none. */
static bool check_value(struct checker *c, uint32_t status, struct num *ret)
{
    struct str text = c->row->cell[c->at_value];
    if (text.n == 0 || str_is(text, "NaN"))
        return no_value(c, text, status);
    if (num_parse(ret, text, &num_plain, NULL) < 0) {
        no_number(c, text);
        return false;
    }
    if (c->s->whole && (ret->m < 0 || (!is_whole(*ret) && !(status & LETTER('E'))))) {
        buf_text(&c->reason, "a count must be a whole number of zero or more");
        buf_text(&c->fix, "send the number of cases; an estimate is marked E in OBS_STATUS");
        complain(c, ROW_WHOLE, (struct str){"", 0}, text);
    }
    if (status & MISSING_SET) {
        buf_text(&c->reason, "there is a value, and OBS_STATUS says that there is none");
        buf_text(&c->fix, "leave one of the two out");
        complain(c, ROW_MISSING, (struct str){"", 0}, text);
    }
    return true;
}

/* Which content rules see this series; those of one row are asked at once. */
static uint32_t series_rules(struct checker *c)
{
    uint32_t mask = 0;
    for (size_t i = 0; i < c->rules.n; i++)
        if (rule_applies(c, &c->rules.list[i], c->ids))
            mask |= 1u << i;
    return mask;
}

static void check_simple(struct checker *c, uint32_t mask, uint32_t status, struct num v)
{
    const struct attr_state *a = attr_state(c, ATTR_SENDER, c->sender);
    for (size_t i = 0; i < c->rules.n; i++) {
        const struct content *r = &c->rules.list[i];
        bool bad = (r->kind == KIND_NONNEG && v.m < 0) ||
                   (r->kind == KIND_WHOLE && !(status & LETTER('E')) && !is_whole(v));
        if (!bad || !(mask >> i & 1))
            continue;
        struct finding x = {.rule = r->id, .reason = r->text, .fix = r->fix};
        x.level = a->sender && a->sender->outside ? r->outside : r->level;
        x.place = src_of(c);
        x.value = c->row->cell[c->at_value];
        buf_reset(&c->reason);
        buf_fmt(&c->reason, "%s: %.*s", r->text, STR_ARG(x.value));
        x.reason = buf_z(&c->reason);
        row_key(c);
        x.key = buf_view(&c->key);
        x.brief = buf_view(&c->brief);
        findings_add(c->findings, &x);
        if (x.level == LEVEL_ERROR)
            checker_refuse(c, c->record, r->id);
        buf_reset(&c->reason);
    }
}

static void repeated(struct checker *c, uint32_t first)
{
    places_get(c->places, first, &c->other);
    buf_text(&c->reason, "the same series and period twice");
    buf_text(&c->fix, "keep one of the two");
    complain(c, ROW_TWICE, (struct str){"", 0}, c->row->cell[c->at_value]);
    checker_refuse(c, first, row_rules[ROW_TWICE].id);
}

static void keep_value(struct checker *c, uint32_t moment, const struct num *v, uint32_t status)
{
    bool fresh = false;
    if (c->series == STORE_NONE) {
        c->series = store_series(&c->store, c->ids, true, &fresh);
        if (fresh) {
            struct series *one = store_at(&c->store, c->series);
            one->sender = c->sender;
            one->rules = series_rules(c);
        }
    }
    uint32_t cell = store_cell(&c->store, c->series, moment, true);
    uint32_t *record = store_record(&c->store, cell);
    if (*record) {
        repeated(c, *record - 1);
        return;
    }
    *record = c->record + 1;
    uint32_t mask = store_at(&c->store, c->series)->rules;
    if (!v || !mask)
        return;
    check_simple(c, mask, status, *v);
    store_put(&c->store, cell, *v);
}

static void other_structure(struct checker *c, struct str id)
{
    buf_fmt(&c->reason, "a row of structure %.*s among those of %.*s", STR_ARG(id),
            STR_ARG(c->structure_id));
    buf_text(&c->fix, "check one structure at a time");
    complain_code(c, ROW_STRUCTURE, "STRUCTURE_ID", id);
}

int checker_row(struct checker *c, const struct sdmx_reader *in, const struct sdmx_row *row,
                struct err *e)
{
    bool same = false, good = false;
    struct num v;
    uint32_t status = 0;
    c->row = row;
    c->record = (uint32_t)sdmx_records(in) - 1;
    c->faulty = false;
    places_add(c->places, src_of(c));
    if (!str_eq(sdmx_structure_id(in), c->structure_id)) {
        other_structure(c, sdmx_structure_id(in));
        return 0;
    }
    int rc = read_codes(c, &same, &good, e);
    if (rc == 0)
        rc = check_attrs(c, &status, e);
    if (rc < 0)
        return rc;
    uint32_t moment = check_period(c);
    check_sender(c);
    if (c->at_embargo >= 0 && row->cell[c->at_embargo].n)
        check_embargo(c, row->cell[c->at_embargo]);
    bool valued = check_value(c, status, &v);
    if (!same)
        c->series = STORE_NONE;
    if (good && moment != STORE_NONE)
        keep_value(c, moment, valued && !c->faulty ? &v : NULL, status);
    return 0;
}
