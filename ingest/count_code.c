/* count_code.c — texts of a column to numbers of codes. What was asked lately is kept in small
 * tables by its text (registers say the same few things over and over): short texts as two words
 * that hold them whole, longer ones by a hash. Behind them stand the declared codes, bands or the
 * date format. A coder owns its tables; code texts live as long as it. */
#include "count.h"

#include "bounds.h"
#include "map.h"
#include "mem.h"

#define MEMO 4096
#define MEMO_TEXT 40
#define CODE_MAX 200 /* bytes of a code that is taken over as it stands */
#define PERIODS_MAX 16383

struct memo {
    uint32_t code; /* + 1; 0: free */
    uint8_t n;
    char text[MEMO_TEXT];
};

struct words { /* a text of 1 to 16 bytes: all of it, bytes in the middle twice */
    uint64_t first, last;
};

struct word_memo {
    struct words text;
    uint32_t code; /* + 1; 0: free */
    uint32_t n;
};

struct coder {
    const struct count_dim *d;
    const struct count_register *r;
    struct map *codes; /* code → its number, in the order met */
    size_t declared;   /* so many of them were declared */
    size_t max;
    uint32_t *ranks, *by_rank;
    struct word_memo words[MEMO];
    struct memo memo[MEMO];
};

/* How many bytes at this end of the view are to go: 0, 1, or 2 for a no-break blank. */
static size_t blank_at(struct str s, bool end, const char *also)
{
    if (s.n == 0)
        return 0;
    char c = end ? s.p[s.n - 1] : s.p[0];
    if (memchr(" \t\r\n", c, 4) || (also && c && strchr(also, c)))
        return 1;
    return s.n >= 2 && memcmp(end ? s.p + s.n - 2 : s.p, "\xc2\xa0", 2) == 0 ? 2 : 0;
}

struct str count_trim(struct str s, const char *also)
{
    size_t n;
    while ((n = blank_at(s, false, also)) > 0)
        s = str_cut(s, n);
    while ((n = blank_at(s, true, also)) > 0)
        s.n -= n;
    return s;
}

static uint32_t number_of(struct coder *c, const char *code)
{
    return (uint32_t)map_intern(c->codes, str_of(code), NULL);
}

/* The declared codes come first, in the order in which they are declared. */
static void declare(struct coder *c)
{
    const struct count_dim *d = c->d;
    const struct yaml_pair *pairs = d->codes.items;
    const struct count_band *bands = d->bands.items;
    for (size_t i = 0; i < d->codes.n; i++)
        (void)number_of(c, pairs[i].value);
    for (size_t i = 0; i < d->bands.n; i++)
        (void)number_of(c, bands[i].code);
    if (d->outside)
        (void)number_of(c, d->outside);
    if (d->kind == COUNT_CODES && strcmp(d->others, "keep") != 0 &&
        strcmp(d->others, "refuse") != 0)
        (void)number_of(c, d->others);
    if (d->blank)
        (void)number_of(c, d->blank);
    c->declared = map_count(c->codes);
}

struct coder *coder_new(const struct count_dim *d, const struct count_register *r)
{
    struct coder *c = mem_new(sizeof *c);
    c->d = d;
    c->r = r;
    c->codes = map_new(0);
    declare(c);
    bool open = d->kind == COUNT_CODES && strcmp(d->others, "keep") == 0;
    c->max = c->declared + (d->kind == COUNT_DATE ? PERIODS_MAX : open ? (size_t)d->max_codes : 0);
    return c;
}

void coder_free(struct coder *c)
{
    if (!c)
        return;
    map_free(c->codes);
    mem_free(c->ranks);
    mem_free(c->by_rank);
    mem_free(c);
}

unsigned coder_bits(const struct coder *c)
{
    unsigned bits = 1;
    while (((size_t)1 << bits) < c->max)
        bits++;
    return bits;
}

size_t coder_count(const struct coder *c) { return map_count(c->codes); }
size_t coder_declared(const struct coder *c) { return c->declared; }

static int too_many(const struct coder *c, struct err *e)
{
    err_set(e, RC_DATA, "COUNT-060", "more than %zu different codes of %s", c->max - c->declared,
            c->d->id);
    return err_hint(e, "is this column a code at all? Free text and identifiers are none; give the "
                       "codes under codes:, or raise max_codes");
}

int coder_put(struct coder *c, struct str code, uint32_t *ret, struct err *e)
{
    size_t number = map_intern(c->codes, code, NULL);
    if (number >= c->max)
        return too_many(c, e);
    *ret = (uint32_t)number;
    return 0;
}

/* A code that nobody declared: it will leave the house, so it is looked at, once. */
static int take_over(struct coder *c, struct str text, uint32_t *ret, struct err *e)
{
    bool fresh = false;
    if (text.n > CODE_MAX)
        return FAULT_LONG;
    size_t number = map_intern(c->codes, text, &fresh);
    if (fresh && c->d->kind == COUNT_CODES) {
        const char *what = personal_text(text);
        if (what && !personal_exempted(&c->r->personal, str_of(c->d->id)))
            return personal_in_text(e, what, "", 0, 0);
    }
    if (number >= c->max)
        return too_many(c, e);
    *ret = (uint32_t)number;
    return 0;
}

static int code_of_text(struct coder *c, struct str text, uint32_t *ret, struct err *e)
{
    const struct yaml_pair *pairs = c->d->codes.items;
    for (size_t i = 0; i < c->d->codes.n; i++)
        if (str_is(text, pairs[i].key)) {
            *ret = number_of(c, pairs[i].value);
            return 0;
        }
    if (strcmp(c->d->others, "refuse") == 0)
        return FAULT_CODE;
    if (strcmp(c->d->others, "keep") == 0)
        return take_over(c, text, ret, e);
    *ret = number_of(c, c->d->others);
    return 0;
}

static int code_of_band(struct coder *c, struct str text, uint32_t *ret)
{
    const struct count_band *b = c->d->bands.items;
    struct err ignored = {.rc = RC_OK};
    struct num v;
    if (num_parse(&v, text, &c->r->style, &ignored) < 0)
        return FAULT_NUMBER;
    for (size_t i = 0; i < c->d->bands.n; i++)
        if ((!b[i].from || num_cmp(b[i].low, v) <= 0) && (!b[i].to || num_cmp(v, b[i].high) < 0)) {
            *ret = number_of(c, b[i].code);
            return 0;
        }
    if (!c->d->outside)
        return FAULT_BAND;
    *ret = number_of(c, c->d->outside);
    return 0;
}

static int code_of_date(struct coder *c, struct str text, uint32_t *ret, struct err *e)
{
    char period[PERIOD_TEXT_MAX];
    size_t n;
    if (!date_read(c->d->date, text, count_freq(c->d->period), period, &n))
        return FAULT_DATE;
    return take_over(c, (struct str){period, n}, ret, e);
}

static int look_up(struct coder *c, struct str raw, uint32_t *ret, struct err *e)
{
    struct str text = count_trim(raw, c->d->trim);
    if (text.n == 0 && c->d->blank) {
        *ret = number_of(c, c->d->blank);
        return 0;
    }
    if (text.n == 0)
        return FAULT_BLANK;
    if (c->d->kind == COUNT_BANDS)
        return code_of_band(c, text, ret);
    return c->d->kind == COUNT_DATE ? code_of_date(c, text, ret, e) : code_of_text(c, text, ret, e);
}

static int long_code(struct coder *c, struct str text, uint32_t *ret, struct err *e)
{
    struct memo *m = &c->memo[hash64(text) % MEMO];
    if (m->code && m->n == text.n && memcmp(m->text, text.p ? text.p : "", text.n) == 0) {
        *ret = m->code - 1;
        return 0;
    }
    int rc = look_up(c, text, ret, e);
    if (rc == 0 && text.n <= MEMO_TEXT) {
        m->code = *ret + 1;
        m->n = (uint8_t)text.n;
        if (text.n)
            memcpy(m->text, text.p, text.n);
    }
    return rc;
}

static inline struct words words_of(struct str s)
{
    struct words w = {0, 0};
    uint32_t a, b;
    if (s.n >= 8) {
        memcpy(&w.first, s.p, 8);
        memcpy(&w.last, s.p + s.n - 8, 8);
    } else if (s.n >= 4) {
        memcpy(&a, s.p, 4);
        memcpy(&b, s.p + s.n - 4, 4);
        w = (struct words){a, b};
    } else {
        w.first = (unsigned char)s.p[0] | (uint64_t)(unsigned char)s.p[s.n / 2] << 8 |
                  (uint64_t)(unsigned char)s.p[s.n - 1] << 16;
    }
    return w;
}

int coder_code(struct coder *c, struct str text, uint32_t *ret, struct err *e)
{
    if (text.n == 0 || text.n > 16)
        return long_code(c, text, ret, e);
    struct words w = words_of(text);
    uint64_t h = (w.first ^ (w.last << 25 | w.last >> 39)) * 0x9e3779b97f4a7c15ULL;
    struct word_memo *m = &c->words[(h ^ h >> 29) >> 32 & (MEMO - 1)];
    if (m->text.first == w.first && m->text.last == w.last && m->n == text.n) {
        *ret = m->code - 1;
        return 0;
    }
    int rc = look_up(c, text, ret, e);
    if (rc == 0)
        *m = (struct word_memo){w, *ret + 1, (uint32_t)text.n};
    return rc;
}

struct ranked {
    struct str text;
    uint32_t code;
};

static int by_text(const void *a, const void *b)
{
    return str_cmp(((const struct ranked *)a)->text, ((const struct ranked *)b)->text);
}

void coder_rank(struct coder *c)
{
    size_t n = map_count(c->codes);
    struct ranked *list = mem_array(n + 1, sizeof *list);
    for (size_t i = 0; i < n; i++)
        list[i] = (struct ranked){map_key(c->codes, i), (uint32_t)i};
    qsort(list + c->declared, n - c->declared, sizeof *list, by_text);
    c->ranks = mem_array(n + 1, sizeof *c->ranks);
    c->by_rank = mem_array(n + 1, sizeof *c->by_rank);
    for (size_t i = 0; i < n; i++) {
        c->ranks[list[i].code] = (uint32_t)i;
        c->by_rank[i] = list[i].code;
    }
    mem_free(list);
}

uint32_t coder_ranked(const struct coder *c, uint32_t code) { return c->ranks[code]; }

struct str coder_text(const struct coder *c, uint32_t rank)
{
    return map_key(c->codes, c->by_rank[rank]);
}
