/* check_row.c — the rules that one row can break, and repeated rows. A finding is made of texts
 * only when there is one to make: a clean row costs comparisons. The checker owns all that it
 * allocates; configuration belongs to conf. */
#include "check_run.h"

#include "status_set.h"

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
#define MISSING_SET \
    (STATUS_BIT('H') | STATUS_BIT('L') | STATUS_BIT('M') | STATUS_BIT('O') | STATUS_BIT('Q'))

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

static struct str dim_cell(const struct checker *c, size_t d)
{
    return words_cell(&c->dims[d], c->row->cell);
}

static void row_key(struct checker *c)
{
    buf_reset(&c->key_text);
    for (size_t d = 0; d < c->s->ndims; d++)
        checker_key(c, d, dim_cell(c, d));
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
        x.key = buf_view(&c->key_text);
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
    struct str text = dim_cell(c, dim);
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
    return err_set(e, RC_DATA, "CHECK-030", "more than %zu different texts in %s", WORDS_MAX,
                   column);
}

static inline const struct code_state *code_state(struct checker *c, size_t dim, size_t id)
{
    if (id < c->ncodes[dim] && c->codes[dim][id].known)
        return &c->codes[dim][id];
    return code_state_look(c, dim, id);
}

static uint64_t word_kept(struct str text, struct str within)
{
    return text.n > WORD_BYTES ? WORD_NONE : word_of(text, within);
}

/* Another code than that of the row before. */
static int new_code(struct checker *c, size_t d, struct str text, struct err *e)
{
    const struct code_state *old = c->now[d];
    const struct code_state before = old ? *old : (struct code_state){0};
    uint32_t id = words_id(&c->dims[d], text, c->row->raw);
    if (id == WORDS_FULL)
        return too_many(e, c->s->dims[d].id);
    const struct code_state *cs = c->now[d] = code_state(c, d, id);
    c->now_word[d] = word_kept(text, c->row->raw);
    c->key[c->fields[d].word] ^= before.bits ^ cs->bits;
    c->nbad += (size_t)cs->bad - (size_t)before.bad;
    c->ndated += (size_t)cs->dated - (size_t)before.dated;
    return 0;
}

static int new_time(struct checker *c, struct str text, struct err *e)
{
    size_t last = c->s->ndims - 1;
    uint32_t id = words_id(&c->dims[last], text, c->row->raw);
    if (id == WORDS_FULL)
        return too_many(e, c->s->dims[last].id);
    c->time = time_state(c, id);
    c->time_word = word_kept(text, c->row->raw);
    return 0;
}

/* The codes of the row and the key that they make: only what is not as in the row before. */
static int read_codes(struct checker *c, struct err *e)
{
    size_t last = c->s->ndims - 1;
    int rc = 0;
    for (size_t d = 0; d < last; d++) {
        struct str text = c->row->cell[c->dims[d].at];
        if (!word_is(c->now_word[d], text, c->row->raw) && (rc = new_code(c, d, text, e)) < 0)
            return rc;
    }
    for (size_t d = 0; c->nbad && d < last; d++)
        if (c->now[d]->bad)
            bad_code(c, d);
    struct str text = c->row->cell[c->dims[last].at];
    return word_is(c->time_word, text, c->row->raw) ? 0 : new_time(c, text, e);
}

static void check_validity(struct checker *c, const struct moment *m)
{
    for (size_t d = 0; d + 1 < c->s->ndims; d++) {
        const struct code_state *cs = c->now[d];
        if (!cs->dated || code_valid(cs->code, str_of(m->first), str_of(m->last)))
            continue;
        buf_fmt(&c->reason, "%s %.*s is not valid in %.*s", c->s->dims[d].id, STR_ARG(cs->code->id),
                STR_ARG(dim_cell(c, c->s->ndims - 1)));
        buf_fmt(&c->fix, "valid from '%.*s' to '%.*s'", STR_ARG(cs->code->valid_from),
                STR_ARG(cs->code->valid_to));
        complain(c, ROW_CODE_TIME, (struct str){"", 0}, cs->code->id);
    }
}

/* The moment of the row, or STORE_NONE. */
static uint32_t check_period(struct checker *c)
{
    const struct time_state *t = c->time;
    struct str text = dim_cell(c, c->s->ndims - 1);
    if (!t->good) {
        buf_fmt(&c->reason, "%s", t->why);
        buf_text(&c->fix, "write 2025, 2025-Q1, 2025-S1 or 2025-03");
        complain_code(c, ROW_PERIOD, "TIME_PERIOD", text);
        return STORE_NONE;
    }
    const struct moment *m = &c->moments[t->moment];
    if (c->freq >= 0 && !c->now[c->freq]->bad && c->now[c->freq]->letter != (char)m->p.freq) {
        struct str freq = dim_cell(c, (size_t)c->freq);
        buf_fmt(&c->reason, "period %.*s does not fit FREQ %.*s", STR_ARG(text), STR_ARG(freq));
        buf_fmt(&c->fix, "its frequency is %c", (char)m->p.freq);
        complain(c, ROW_FREQ, (struct str){"", 0}, text);
    }
    if (c->ndated && !c->faulty)
        check_validity(c, m);
    return t->moment;
}

static struct str attr_cell(const struct checker *c, enum attr_kind k)
{
    return words_cell(&c->attrs[k], c->row->cell);
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

static int new_attr(struct checker *c, enum attr_kind k, struct str text, struct err *e)
{
    bool was_bad = c->attr_now[k] && c->attr_now[k]->bad;
    uint32_t id = words_id(&c->attrs[k], text, c->row->raw);
    if (id == WORDS_FULL)
        return too_many(e, c->attrs[k].name);
    c->attr_now[k] = attr_state(c, k, id);
    c->attr_word[k] = word_kept(text, c->row->raw);
    c->nbad_attrs += (size_t)c->attr_now[k]->bad - (size_t)was_bad;
    if (k == ATTR_SENDER)
        c->sender = id;
    return 0;
}

/* A column that is not there is never looked at, but the sender's. */
static int check_attrs(struct checker *c, struct err *e)
{
    int rc = 0;
    for (enum attr_kind k = 0; k < ATTRS; k++) {
        if (c->attrs[k].at < 0 && k != ATTR_SENDER)
            continue;
        struct str text = attr_cell(c, k);
        if (!word_is(c->attr_word[k], text, c->row->raw) && (rc = new_attr(c, k, text, e)) < 0)
            return rc;
    }
    for (enum attr_kind k = 0; c->nbad_attrs && k < ATTRS; k++)
        if (c->attr_now[k] && c->attr_now[k]->bad)
            bad_attr(c, k);
    c->unreviewed += c->attr_now[ATTR_REVIEWED] && c->attr_now[ATTR_REVIEWED]->no;
    return 0;
}

/* Which areas the sender of the row was already found to be fair in. */
static uint64_t *fair_word(struct checker *c, uint32_t *ret_bit)
{
    const struct code *area = c->now[c->area]->code;
    if (!c->fair || !area)
        return NULL;
    if (c->fair_sender != c->sender + 1) {
        memset(c->fair, 0, (c->s->dims[c->area].codes->n / 64 + 1) * sizeof *c->fair);
        c->fair_sender = c->sender + 1;
    }
    *ret_bit = area->order % 64;
    return &c->fair[area->order / 64];
}

static void check_sender(struct checker *c)
{
    uint32_t bit = 0;
    uint64_t *word = c->area < 0 ? NULL : fair_word(c, &bit);
    if (word && *word >> bit & 1)
        return;
    const struct attr_state *a = attr_state(c, ATTR_SENDER, c->sender);
    if (!a->sender || c->area < 0)
        return;
    struct str code = dim_cell(c, (size_t)c->area);
    if (sender_may(a->sender, code)) {
        if (word)
            *word |= UINT64_C(1) << bit;
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

/* Digits, perhaps parted by one '.', few enough for a machine word: most values. What is not so may
 * yet be a number; num_parse says. */
static bool short_number(struct str s, struct num *ret)
{
    uint64_t m = 0;
    size_t point = s.n;
    if (s.n > 18)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        unsigned digit = (unsigned char)s.p[i] - (unsigned)'0';
        if (digit <= 9) {
            m = m * 10 + digit;
        } else if (s.p[i] == '.' && point == s.n && i && i + 1 < s.n) {
            point = i;
        } else {
            return false;
        }
    }
    *ret = (struct num){(__int128)m, point < s.n ? (int)(s.n - point) - 1 : 0};
    return true;
}

/* True and the number when there is a value; NaN and empty are none. */
static bool check_value(struct checker *c, uint32_t status, struct num *ret)
{
    struct str text = c->row->cell[c->at_value];
    if (text.n == 0 || str_is(text, "NaN"))
        return no_value(c, text, status);
    if (!short_number(text, ret) && num_parse(ret, text, &num_plain, NULL) < 0) {
        no_number(c, text);
        return false;
    }
    if (c->s->whole && (ret->m < 0 || (!is_whole(*ret) && !(status & STATUS_BIT('E'))))) {
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

/* The number of what this series has in common with others: its sender, and the content rules that
 * see it. */
static uint32_t kind_of(struct checker *c)
{
    struct kind kind = {.sender = c->sender};
    bool fresh = false;
    for (size_t i = 0; i < c->rules.n; i++)
        if (rule_applies(c, &c->rules.list[i], c->key))
            kind.rules |= UINT32_C(1) << i;
    size_t id = map_intern(c->kind_ids, (struct str){(const char *)&kind, sizeof kind}, &fresh);
    if (!fresh)
        return (uint32_t)id;
    if (id == c->nkinds) {
        c->nkinds = c->nkinds ? c->nkinds * 2 : 64;
        c->kinds = mem_resize(c->kinds, c->nkinds * sizeof *c->kinds);
    }
    c->kinds[id] = kind;
    return (uint32_t)id;
}

static void simple_finding(struct checker *c, const struct content *r)
{
    const struct attr_state *a = attr_state(c, ATTR_SENDER, c->sender);
    struct finding x = {.rule = r->id, .fix = r->fix};
    x.level = a->sender && a->sender->outside ? r->outside : r->level;
    if (x.level == LEVEL_ERROR)
        checker_refuse(c, c->record, r->id);
    if (findings_silent(c->findings, x.rule, x.level))
        return;
    x.place = src_of(c);
    x.value = c->row->cell[c->at_value];
    buf_reset(&c->reason);
    buf_fmt(&c->reason, "%s: %.*s", r->text, STR_ARG(x.value));
    x.reason = buf_z(&c->reason);
    row_key(c);
    x.key = buf_view(&c->key_text);
    x.brief = buf_view(&c->brief);
    findings_add(c->findings, &x);
    buf_reset(&c->reason);
}

/* The content rules about one value are asked at once. */
static void check_simple(struct checker *c, uint32_t mask, uint32_t status, struct num v)
{
    uint32_t bad = v.m < 0 ? mask & c->rules.nonneg : 0;
    if (v.scale && !(status & STATUS_BIT('E')) && !is_whole(v))
        bad |= mask & c->rules.whole;
    for (size_t i = 0; bad >> i; i++)
        if (bad >> i & 1)
            simple_finding(c, &c->rules.list[i]);
}

static void repeated(struct checker *c, uint32_t series, uint32_t moment)
{
    uint32_t first = checker_record(c, series, moment);
    places_get(c->places, first, &c->other);
    buf_text(&c->reason, "the same series and period twice");
    buf_text(&c->fix, "keep one of the two");
    complain(c, ROW_TWICE, (struct str){"", 0}, c->row->cell[c->at_value]);
    checker_refuse(c, first, row_rules[ROW_TWICE].id);
}

/* The series of the row, STORE_NONE when its period was there before. */
static uint32_t keep_value(struct checker *c, uint32_t moment, const struct num *v, uint32_t status)
{
    bool fresh = false;
    uint32_t series = store_series(&c->store, c->key, &fresh);
    struct series *one = store_at(&c->store, series);
    if (fresh)
        one->kind = kind_of(c);
    uint32_t mask = c->kinds[one->kind].rules;
    if (!store_add(&c->store, series, moment, mask ? v : NULL)) {
        repeated(c, series, moment);
        return STORE_NONE;
    }
    if (c->store.recorded)
        store_remember(&c->store, series, moment, c->record);
    if (v && mask)
        check_simple(c, mask, status, *v);
    return series;
}

static void other_structure(struct checker *c, struct str id)
{
    buf_fmt(&c->reason, "a row of structure %.*s among those of %.*s", STR_ARG(id),
            STR_ARG(c->structure_id));
    buf_text(&c->fix, "check one structure at a time");
    complain_code(c, ROW_STRUCTURE, "STRUCTURE_ID", id);
}

/* All that a row can be asked; the series and moment that it gave a value to, if any. */
static int ask_row(struct checker *c, uint32_t *ret_series, uint32_t *ret_moment, struct err *e)
{
    struct num v;
    int rc = read_codes(c, e);
    if (rc == 0)
        rc = check_attrs(c, e);
    if (rc < 0)
        return rc;
    uint32_t status = c->attr_now[ATTR_STATUS] ? c->attr_now[ATTR_STATUS]->set : 0;
    uint32_t moment = *ret_moment = check_period(c);
    check_sender(c);
    if (c->at_embargo >= 0 && c->row->cell[c->at_embargo].n)
        check_embargo(c, c->row->cell[c->at_embargo]);
    bool valued = check_value(c, status, &v);
    if (c->nbad == 0 && moment != STORE_NONE)
        *ret_series = keep_value(c, moment, valued && !c->faulty ? &v : NULL, status);
    return 0;
}

int checker_row(struct checker *c, const struct sdmx_reader *in, const struct sdmx_row *row,
                struct err *e)
{
    uint32_t series = STORE_NONE, moment = STORE_NONE;
    int rc = 0;
    c->row = row;
    c->record = (uint32_t)sdmx_records(in) - 1;
    c->faulty = false;
    places_add(c->places, src_of(c));
    if (!sdmx_front_repeats(in))
        c->ours = str_eq(sdmx_structure_id(in), c->structure_id);
    if (c->ours)
        rc = ask_row(c, &series, &moment, e);
    else
        other_structure(c, sdmx_structure_id(in));
    trail_add(c->trail, series, moment);
    if (rc == 0 && c->trouble.rc) {
        *e = c->trouble;
        rc = -(int)e->rc;
    }
    return rc;
}
