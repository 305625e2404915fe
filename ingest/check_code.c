/* check_code.c — see check_code.h. */
#include "check_run.h"

/* Room for item `id`; what is new is zeroed. */
static void *grow(void *p, size_t *n, size_t id, size_t size)
{
    if (id < *n)
        return p;
    size_t to = *n ? *n * 2 : 64;
    while (to <= id)
        to *= 2;
    p = mem_resize(p, to * size);
    memset((char *)p + *n * size, 0, (to - *n) * size);
    *n = to;
    return p;
}

const struct code_state *code_state_look(struct checker *c, size_t dim, size_t id)
{
    const struct dimension *d = &c->s->dims[dim];
    c->codes[dim] = grow(c->codes[dim], &c->ncodes[dim], id, sizeof *c->codes[dim]);
    struct code_state *cs = &c->codes[dim][id];
    struct str text = words_text(&c->dims[dim], id);
    cs->known = true;
    cs->code = d->codes ? codelist_find(d->codes, text) : NULL;
    cs->bad = text.n == 0 || (d->codes && !cs->code);
    cs->dated = cs->code && (cs->code->valid_from.n || cs->code->valid_to.n);
    cs->letter = text.n == 1 ? text.p[0] : '\0';
    cs->bits = (cs->code ? (uint64_t)cs->code->order : (uint64_t)id) << c->fields[dim].shift;
    return cs;
}

uint32_t code_number(const struct checker *c, size_t dim, struct str code)
{
    const struct codelist *l = c->s->dims[dim].codes;
    const struct code *found = l ? codelist_find(l, code) : NULL;
    if (l)
        return found ? (uint32_t)found->order : STORE_NONE;
    return words_find(&c->dims[dim], code);
}

struct str code_text(const struct checker *c, size_t dim, uint32_t number)
{
    const struct codelist *l = c->s->dims[dim].codes;
    return l ? l->codes[number].id : words_text(&c->dims[dim], number);
}

void key_change(const struct checker *c, uint64_t *key, size_t dim, uint32_t number)
{
    const struct field *f = &c->fields[dim];
    key[f->word] = (key[f->word] & ~(f->mask << f->shift)) | (uint64_t)number << f->shift;
}

static void iso_day(int32_t day, char ret[11])
{
    struct period p = {FREQ_DAY, 1970, 1};
    char text[PERIOD_TEXT_MAX];
    p = period_add(p, day);
    size_t n = period_text(p, text);
    memcpy(ret, text, n < 10 ? n : 10);
    ret[n < 10 ? n : 10] = '\0';
}

static uint32_t moment_of(struct checker *c, struct period p)
{
    char text[PERIOD_TEXT_MAX];
    size_t n = period_text(p, text);
    size_t id = map_intern(c->moment_ids, (struct str){text, n}, NULL);
    if (id < c->nmoments && c->moments[id].p.year)
        return (uint32_t)id;
    c->moments = grow(c->moments, &c->nmoments, id, sizeof *c->moments);
    c->moments[id].p = p;
    iso_day(period_first_day(p), c->moments[id].first);
    iso_day(period_last_day(p), c->moments[id].last);
    return (uint32_t)id;
}

static const struct time_state *read_time(struct checker *c, size_t id)
{
    struct period p;
    struct err why = {0};
    c->times = grow(c->times, &c->ntimes, id, sizeof *c->times);
    struct time_state *t = &c->times[id];
    t->good = period_parse(&p, words_text(&c->dims[c->s->ndims - 1], id), &why) == 0;
    if (t->good)
        t->moment = moment_of(c, p);
    else
        (void)snprintf(t->why, sizeof t->why, "%.159s", why.text);
    return t;
}

const struct time_state *time_state(struct checker *c, size_t id)
{
    if (id < c->ntimes && (c->times[id].good || c->times[id].why[0]))
        return &c->times[id];
    return read_time(c, id);
}

static uint32_t letters(const struct codelist *l, struct str text, bool *bad)
{
    uint32_t set = 0;
    struct str one;
    while (sdmx_items(&text, &one)) {
        if (!codelist_find(l, one) || one.n != 1 || one.p[0] < 'A' || one.p[0] > 'Z')
            *bad = true;
        else
            set |= 1u << (one.p[0] - 'A');
    }
    return set;
}

static void read_attr(struct checker *c, enum attr_kind kind, struct str text, struct attr_state *a)
{
    switch (kind) {
    case ATTR_STATUS:
        a->set = letters(c->lists[kind], text, &a->bad);
        break;
    case ATTR_CONF:
    case ATTR_NATURE:
    case ATTR_GRADE:
        a->bad = text.n && !codelist_find(c->lists[kind], text);
        break;
    case ATTR_SENDER:
        a->sender = region_sender(c->region, text);
        a->bad = !a->sender;
        break;
    case ATTR_REVIEWED:
        a->no = str_is(text, "N");
        a->bad = text.n && !a->no && !str_is(text, "Y");
        break;
    case ATTRS:
        break;
    }
    a->known = true;
}

const struct attr_state *attr_state(struct checker *c, enum attr_kind kind, size_t id)
{
    if (id < c->nattrs[kind] && c->attr_states[kind][id].known)
        return &c->attr_states[kind][id];
    c->attr_states[kind] =
        grow(c->attr_states[kind], &c->nattrs[kind], id, sizeof *c->attr_states[kind]);
    struct attr_state *a = &c->attr_states[kind][id];
    read_attr(c, kind, words_text(&c->attrs[kind], id), a);
    return a;
}
