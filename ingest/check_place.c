/* check_place.c — where every record stood, so that a finding can name two places ten million rows
 * apart. A place is a text with numbers in it (AL.csv:12:4); the text repeats and the numbers move
 * on by little, so a record costs one byte in a wide file and nothing in a long one.
 *
 * Coding, by record: 0x00 + count: as many more with the same text and the same steps as the last;
 * 0x01: text's number, then all numbers; 0x02: same text, a step for each number; 0x40 … 0xFF: same
 * text, all numbers as before but the last, which moves by the byte less 0x80. Every BLOCK records
 * a full one, so that reading is bounded. */
#include "buf.h"
#include "checking.h"

#define BLOCK 1024
#define PLACE_NUMBER '\0' /* stands for a number; no stream holds it (CSV-001) */
#define NUMBERS 6
#define GUESS 120

struct place {
    uint64_t text; /* number of the text with PLACE_NUMBER for each number */
    size_t n;
    uint64_t number[NUMBERS];
};

struct places {
    struct map *texts;
    struct buf code, text;
    size_t *blocks; /* where each block begins in code */
    size_t n, cap;
    struct place last;
    int64_t step[NUMBERS];
    size_t run_at; /* where the running count stands in code; 0: none */
    uint64_t run;
    char guess[GUESS]; /* the next place, when a run goes on that moves one number by one */
    size_t nguess;     /* 0: no guess */
    size_t moving, digit, digits; /* which number, and where its last digit and its first stand */
};

struct places *places_new(void)
{
    struct places *p = mem_new(sizeof *p);
    p->texts = map_new(WORDS_MAX);
    (void)map_intern(p->texts, (struct str){"", 0}, NULL);
    buf_init(&p->code, SIZE_MAX / 2);
    buf_init(&p->text, LIMIT_ROW_BYTES);
    return p;
}

void places_free(struct places *p)
{
    if (!p)
        return;
    map_free(p->texts);
    buf_free(&p->code);
    buf_free(&p->text);
    mem_free(p->blocks);
    mem_free(p);
}

size_t places_bytes(const struct places *p) { return p->code.cap; }

static void put_varint(struct buf *b, uint64_t v)
{
    for (; v >= 0x80; v >>= 7)
        buf_char(b, (char)(0x80 | (v & 0x7F)));
    buf_char(b, (char)v);
}

static uint64_t get_varint(const unsigned char **p)
{
    uint64_t v = 0;
    int shift = 0;
    for (; **p & 0x80; shift += 7)
        v |= (uint64_t)(*(*p)++ & 0x7F) << shift;
    return v | (uint64_t) * (*p)++ << shift;
}

static uint64_t zigzag(int64_t v) { return ((uint64_t)v << 1) ^ (uint64_t)(v >> 63); }
static int64_t unzigzag(uint64_t v) { return (int64_t)(v >> 1) ^ -(int64_t)(v & 1); }

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

/* The length of a number at the head that comes back as it was written, 0 when there is none. */
static size_t number_at(struct str s, uint64_t *ret)
{
    size_t n = 0;
    for (*ret = 0; n < s.n && n < 15 && is_digit(s.p[n]); n++)
        *ret = *ret * 10 + (uint64_t)(s.p[n] - '0');
    bool more = n < s.n && is_digit(s.p[n]);
    return more || (n > 1 && s.p[0] == '0') ? 0 : n;
}

/* The last place again, with other numbers? That is what nearly all are. */
static bool like_last(const struct places *p, struct str src, struct place *ret)
{
    struct str text = map_key(p->texts, p->last.text);
    size_t at = 0;
    ret->n = 0;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] != PLACE_NUMBER) {
            if (at == src.n || src.p[at] != text.p[i] || is_digit(src.p[at]))
                return false;
            at++;
            continue;
        }
        size_t n = number_at(str_cut(src, at), &ret->number[ret->n]);
        if (n == 0)
            return false;
        ret->n++;
        at += n;
    }
    ret->text = p->last.text;
    return at == src.n;
}

/* Split into text and numbers; a number that would not come back as written stays text. */
static struct place split(struct places *p, struct str src)
{
    struct place r;
    if (p->n && like_last(p, src, &r))
        return r;
    r = (struct place){0};
    buf_reset(&p->text);
    for (size_t i = 0; i < src.n;) {
        size_t n = r.n < NUMBERS ? number_at(str_cut(src, i), &r.number[r.n]) : 0;
        if (n) {
            buf_char(&p->text, PLACE_NUMBER);
            r.n++;
            i += n;
            continue;
        }
        do
            buf_char(&p->text, src.p[i++]);
        while (i < src.n && is_digit(src.p[i - 1]) && is_digit(src.p[i]));
    }
    r.text = map_intern(p->texts, buf_view(&p->text), NULL);
    if (r.text == SIZE_MAX)
        r = (struct place){0}; /* too many different texts: no place rather than a wrong one */
    return r;
}

static void put_full(struct places *p, const struct place *r)
{
    buf_char(&p->code, 1);
    put_varint(&p->code, r->text);
    for (size_t i = 0; i < r->n; i++)
        put_varint(&p->code, r->number[i]);
    memset(p->step, 0, sizeof p->step);
}

static void new_block(struct places *p, const struct place *r)
{
    if (p->n / BLOCK == p->cap) {
        p->cap = p->cap ? p->cap * 2 : 64;
        p->blocks = mem_resize(p->blocks, p->cap * sizeof *p->blocks);
    }
    p->blocks[p->n / BLOCK] = p->code.n;
    put_full(p, r);
    p->run_at = 0;
}

/* One more record with the same steps. */
static void go_on(struct places *p)
{
    if (!p->run_at) {
        buf_add(&p->code, "\0\0\0", 3);
        p->run_at = p->code.n - 2;
        p->run = 0;
    }
    p->run++;
    p->code.p[p->run_at] = (char)(p->run & 0xFF);
    p->code.p[p->run_at + 1] = (char)(p->run >> 8);
}

/* A run is written in two bytes that are filled as it goes on; a block is no longer than they hold.
 */
static void put_step(struct places *p, const struct place *r)
{
    int64_t step[NUMBERS] = {0};
    bool same = true, others = true;
    for (size_t i = 0; i < r->n; i++) {
        step[i] = (int64_t)(r->number[i] - p->last.number[i]);
        same &= step[i] == p->step[i];
        others &= i + 1 == r->n || step[i] == 0;
    }
    if (same) {
        go_on(p);
        return;
    }
    p->run_at = 0;
    memcpy(p->step, step, sizeof step);
    if (r->n && others && step[r->n - 1] >= -0x40 && step[r->n - 1] <= 0x7F) {
        buf_char(&p->code, (char)(step[r->n - 1] + 0x80));
        return;
    }
    buf_char(&p->code, 2);
    for (size_t i = 0; i < r->n; i++)
        put_varint(&p->code, zigzag(step[i]));
}

/* The text that stands next if the run goes on, where it moves one number by one. */
static void make_guess(struct places *p)
{
    struct str text = map_key(p->texts, p->last.text);
    size_t k = 0, moving = 0;
    for (size_t i = 0; i < p->last.n; i++) {
        if (p->step[i] != 0 && p->step[i] != 1)
            return;
        moving += p->step[i] == 1;
    }
    buf_reset(&p->text);
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] != PLACE_NUMBER) {
            buf_char(&p->text, text.p[i]);
            continue;
        }
        if (p->step[k]) {
            p->digits = p->text.n;
            p->moving = k;
        }
        buf_fmt(&p->text, "%llu", (unsigned long long)(p->last.number[k] + (uint64_t)p->step[k]));
        if (p->step[k])
            p->digit = p->text.n - 1;
        k++;
    }
    if (moving != 1 || p->text.n > GUESS)
        return;
    memcpy(p->guess, p->text.p, p->text.n);
    p->nguess = p->text.n;
}

/* The guess was right: write it down, and guess the next one. */
static void guessed(struct places *p)
{
    go_on(p);
    p->last.number[p->moving]++;
    p->n++;
    size_t i = p->digit;
    for (; p->guess[i] == '9'; i--) {
        p->guess[i] = '0';
        if (i == p->digits) {
            p->nguess = 0; /* one digit more */
            return;
        }
    }
    p->guess[i]++;
}

static void add_read(struct places *p, struct str src)
{
    struct place r = split(p, src);
    p->nguess = 0;
    if (p->n % BLOCK == 0) {
        new_block(p, &r);
    } else if (r.text != p->last.text || r.n != p->last.n) {
        put_full(p, &r);
        p->run_at = 0;
    } else {
        put_step(p, &r);
    }
    p->last = r;
    p->n++;
    if (p->run_at)
        make_guess(p);
}

void places_add(struct places *p, struct str src)
{
    if (src.n == p->nguess && src.n && p->n % BLOCK && memcmp(src.p, p->guess, src.n) == 0)
        guessed(p);
    else
        add_read(p, src);
}

static size_t count_numbers(struct str text)
{
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++)
        n += text.p[i] == PLACE_NUMBER;
    return n;
}

static void move(struct place *r, const int64_t *step)
{
    for (size_t k = 0; k < r->n; k++)
        r->number[k] += (uint64_t)step[k];
}

/* Read one code; how many records it stands for, at most `most`. */
static size_t read_code(const struct places *p, const unsigned char **at, struct place *r,
                        int64_t *step, size_t most)
{
    unsigned char c = *(*at)++;
    if (c == 0) {
        size_t run = (size_t)(*at)[0] | (size_t)(*at)[1] << 8;
        *at += 2;
        size_t done = run < most ? run : most;
        for (size_t k = 0; k < done; k++)
            move(r, step);
        return done;
    }
    if (c == 1) {
        r->text = get_varint(at);
        r->n = count_numbers(map_key(p->texts, r->text));
        for (size_t k = 0; k < r->n; k++)
            r->number[k] = get_varint(at);
        memset(step, 0, NUMBERS * sizeof *step);
        return 1;
    }
    memset(step, 0, NUMBERS * sizeof *step);
    if (c != 2)
        step[r->n - 1] = (int64_t)c - 0x80;
    for (size_t k = 0; c == 2 && k < r->n; k++)
        step[k] = unzigzag(get_varint(at));
    move(r, step);
    return 1;
}

void places_get(const struct places *p, uint32_t i, struct buf *b)
{
    struct place r = {0};
    int64_t step[NUMBERS] = {0};
    if (i >= p->n)
        return;
    const unsigned char *at = (const unsigned char *)p->code.p + p->blocks[i / BLOCK];
    for (size_t left = i % BLOCK + 1; left > 0;)
        left -= read_code(p, &at, &r, step, left);
    struct str text = map_key(p->texts, r.text);
    size_t k = 0;
    for (size_t c = 0; c < text.n; c++) {
        if (text.p[c] == PLACE_NUMBER)
            buf_fmt(b, "%llu", (unsigned long long)r.number[k++]);
        else
            buf_char(b, text.p[c]);
    }
}
