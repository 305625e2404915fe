/* status_text.c — the grid for a terminal of 80 columns: words and marks; a colour only repeats
 * what the word says, and only on a terminal. */
#include "status.h"

#include "text.h"

#define NAME_WIDTH 22
#define CELL_WIDTH 14
#define PER_LINE 4

static void pad_to(struct buf *b, struct str text, size_t width)
{
    buf_str(b, text);
    for (size_t n = text_width(text); n < width; n++)
        buf_char(b, ' ');
}

/* The name, or the code with its mark where the name is too long for its column. */
static void put_name(const struct status *s, struct buf *b, const char *code)
{
    const char *name = status_name(s, code);
    const struct partner *p = region_partner(s->grid.region, str_of(code));
    char brief[64];
    if (text_width(str_of(name)) > NAME_WIDTH) {
        (void)snprintf(brief, sizeof brief, "%.40s%.8s", code, p && p->mark ? p->mark : "");
        name = brief;
    }
    pad_to(b, str_of(name), NAME_WIDTH + 1);
}

/* "published +12!": state, days late, open warnings. */
static void cell_words(const struct cell *c, int32_t today, char ret[48])
{
    int32_t late = cell_late(c, today);
    const char *word = cell_there(c) ? state_word(c->state) : ".", *mark = c->open ? "!" : "";
    char days[16] = "";
    if (late && cell_there(c))
        (void)snprintf(days, sizeof days, late > 999 ? ">999" : "+%d", late);
    bool tight = strlen(word) + strlen(days) + strlen(mark) + 1 > CELL_WIDTH - (*mark ? 0 : 1);
    (void)snprintf(ret, 48, "%s%s%s%s", word, *days && !tight ? " " : "", days, mark);
}

static const char *tint(const struct status *s, const struct cell *c)
{
    if (!s->color || !cell_there(c))
        return "";
    if (c->state == CELL_MISSING || (c->rule && !cell_came(c) && c->state < CELL_NOT_DUE))
        return "\033[31m";
    return c->open || c->state < CELL_PUBLISHED ? "\033[33m" : "";
}

static void put_line(const struct status *s, struct buf *b, const struct block *bl,
                     const size_t at[3])
{
    put_name(s, b, s->grid.partners[at[0]]);
    for (size_t k = at[1]; k < at[2]; k++) {
        const struct cell *c = grid_cell(&s->grid, bl, at[0], k);
        char words[48];
        const char *on = tint(s, c);
        cell_words(c, s->grid.today, words);
        buf_text(b, on);
        if (k + 1 == at[2])
            buf_text(b, words);
        else
            pad_to(b, str_of(words), CELL_WIDTH);
        buf_text(b, *on ? "\033[0m" : "");
    }
    buf_char(b, '\n');
}

static void put_grid(const struct status *s, struct buf *b, const struct block *bl)
{
    for (size_t k = status_from(s, bl); k < bl->periods; k += PER_LINE) {
        size_t to = k + PER_LINE < bl->periods ? k + PER_LINE : bl->periods;
        pad_to(b, STR(""), NAME_WIDTH + 1);
        for (size_t i = k; i < to; i++) {
            char text[PERIOD_TEXT_MAX];
            size_t n = period_text(period_add(bl->from, (int)i), text);
            if (i + 1 == to)
                buf_add(b, text, n);
            else
                pad_to(b, (struct str){text, n}, CELL_WIDTH);
        }
        buf_char(b, '\n');
        for (size_t p = 0; p < s->grid.npartners; p++)
            put_line(s, b, bl, (const size_t[3]){p, k, to});
        buf_char(b, '\n');
    }
}

static void share_text(int64_t part, int64_t of, char ret[32])
{
    if (of)
        (void)snprintf(ret, 32, "%lld/%lld", (long long)part, (long long)of);
    else
        (void)snprintf(ret, 32, "-");
}

static void put_tally(const struct status *s, struct buf *b, const char *who, const struct tally *t)
{
    char in_time[32], stood[32], a[32], c[32], d[32], newest[PERIOD_TEXT_MAX] = "-";
    share_text(t->in_time, t->expected, in_time);
    share_text(t->first_stood, t->first_decided, stood);
    if (t->any)
        (void)period_text(t->newest, newest);
    if (who)
        put_name(s, b, who);
    else
        pad_to(b, STR("all"), NAME_WIDTH + 1);
    buf_fmt(b, "%8s %6s %6s %6s %7s %4lld  %s", in_time, mean_text(t->days_late, t->late, a),
            mean_text(t->to_receipt, t->came, c), mean_text(t->to_publication, t->published, d),
            stood, (long long)t->open, newest);
    if (t->any)
        buf_fmt(b, " %dd", s->grid.today - period_last_day(t->newest));
    buf_char(b, '\n');
}

static void put_tallies(const struct status *s, struct buf *b, const struct block *bl)
{
    struct tally all = {0};
    buf_fmt(b, "%-*s%8s %6s %6s %6s %7s %4s  %s\n", NAME_WIDTH + 1, "", "in time", "late", "to us",
            "to all", "at once", "open", "newest, age");
    for (size_t p = 0; p < s->grid.npartners; p++) {
        struct tally t = {0};
        tally_block(&t, &s->grid, bl, p);
        tally_block(&all, &s->grid, bl, p);
        put_tally(s, b, s->grid.partners[p], &t);
    }
    if (s->grid.npartners > 1)
        put_tally(s, b, NULL, &all);
    buf_char(b, '\n');
}

/* Words behind a mark, folded at blanks within 80 columns. */
static void put_folded(struct buf *b, struct str rest)
{
    size_t at = 1;
    while (rest.n) {
        const char *blank = memchr(rest.p, ' ', rest.n);
        struct str word = {rest.p, blank ? (size_t)(blank - rest.p) : rest.n};
        size_t width = text_width(word);
        if (at + 1 + width > 80) {
            buf_text(b, "\n ");
            at = 1;
        }
        buf_char(b, ' ');
        buf_str(b, word);
        at += 1 + width;
        rest = str_cut(rest, word.n + 1);
    }
    buf_char(b, '\n');
}

static void put_legend(const struct status *s, struct buf *b)
{
    struct waits w = status_waits(&s->grid);
    buf_fmt(b,
            "waits: %lld missing (%lld of them returned), %lld with open warnings,\n"
            "       %lld to decide, %lld to approve or publish\n"
            "+N days late, ! open warnings, . not expected. in time: of what was due;\n"
            "late: mean days of the late ones; to us, to all: mean days from the period's\n"
            "end to receipt and to publication; at once: first deliveries that stood,\n"
            "of those decided on.\n",
            (long long)w.missing, (long long)w.returned, (long long)w.answers, (long long)w.decide,
            (long long)w.approve);
    struct json *marks = status_marks(s);
    for (size_t i = 0; i < js_count(marks); i++) {
        const struct json *m = js_at(marks, i);
        buf_str(b, js_str(js_get(m, "mark")));
        put_folded(b, js_str(js_get(m, "text")));
    }
    js_free(marks);
}

void status_text(const struct status *s, struct buf *b)
{
    buf_fmt(b, "status on %s, as known at %.19sZ\n\n", s->grid.today_text, s->grid.moment);
    for (size_t i = 0; i < s->grid.nblocks; i++) {
        const struct block *bl = &s->grid.blocks[i];
        if (bl->periods == 0)
            continue;
        buf_fmt(b, "%s, %s: %s\n", bl->structure, freq_word(bl->freq), bl->name);
        size_t before = status_from(s, bl);
        if (before)
            buf_fmt(b, "(%zu earlier periods: --columns 0)\n", before);
        put_grid(s, b, bl);
        put_tallies(s, b, bl);
    }
    put_legend(s, b);
}
