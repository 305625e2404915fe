/* status_data.c — the grid as CSV (one row a cell) and JSON (cells and partners' sums). Days are
 * ISO dates; what is not there is an empty cell or null. */
#include "status.h"

#include "csv.h"

static const char *const columns[] = {"structure",     "partner",
                                      "name",          "freq",
                                      "period",        "expected",
                                      "due",           "state",
                                      "submission",    "received",
                                      "days_late",     "days_to_receipt",
                                      "published",     "days_to_publication",
                                      "open_warnings", "deliveries",
                                      "returned",      "first_stood",
                                      "age_days"};

static void put_day(struct buf *b, int32_t day)
{
    char text[DAY_TEXT_MAX];
    buf_char(b, ',');
    if (day != NO_DAY)
        buf_text(b, day_text(day, text));
}

static void put_days(struct buf *b, int32_t day, int32_t from)
{
    buf_char(b, ',');
    if (day != NO_DAY)
        buf_fmt(b, "%d", day - from);
}

static void csv_cell_row(const struct status *s, struct buf *b, const struct block *bl,
                         const char *const who[2], const struct cell *c)
{
    char period[PERIOD_TEXT_MAX];
    int32_t end = period_last_day(c->period);
    size_t n = period_text(c->period, period);
    csv_put(b, str_of(bl->structure), ',');
    buf_char(b, ',');
    csv_put(b, str_of(who[0]), ',');
    buf_char(b, ',');
    csv_put(b, str_of(who[1]), ',');
    buf_fmt(b, ",%c,", (char)bl->freq);
    buf_add(b, period, n);
    buf_text(b, c->rule ? ",Y" : ",N");
    put_day(b, c->due);
    buf_char(b, ',');
    buf_text(b, state_word(c->state));
    buf_char(b, ',');
    if (c->submission)
        buf_fmt(b, "%lld", (long long)c->submission);
    put_day(b, c->received);
    buf_fmt(b, ",%d", cell_late(c, s->grid.today));
    put_days(b, c->received, end);
    put_day(b, c->published);
    put_days(b, c->published, end);
    buf_fmt(b, ",%d,%d,%d,", c->open, c->deliveries, c->sent_back);
    if (c->deliveries)
        buf_char(b, c->first_stood ? 'Y' : 'N');
    put_days(b, c->latest == NO_DAY ? NO_DAY : s->grid.today, c->latest);
    buf_char(b, '\n');
}

void status_csv(const struct status *s, struct out *out)
{
    struct buf b;
    buf_init(&b, (size_t)1 << 20);
    for (size_t i = 0; i < ARRAY_LEN(columns); i++)
        buf_fmt(&b, "%s%s", i ? "," : "", columns[i]);
    buf_char(&b, '\n');
    for (size_t i = 0; i < s->grid.nblocks; i++) {
        const struct block *bl = &s->grid.blocks[i];
        for (size_t p = 0; p < s->grid.npartners; p++) {
            const char *who[2] = {s->grid.partners[p], status_name(s, s->grid.partners[p])};
            for (size_t k = 0; k < bl->periods; k++) {
                const struct cell *c = grid_cell(&s->grid, bl, p, k);
                if (cell_there(c))
                    csv_cell_row(s, &b, bl, who, c);
            }
            out_str(out, buf_view(&b));
            buf_reset(&b);
        }
    }
    out_str(out, buf_view(&b));
    buf_free(&b);
}

static struct json *day_json(int32_t day)
{
    char text[DAY_TEXT_MAX];
    return day == NO_DAY ? js_null() : js_text(day_text(day, text));
}

static struct json *days_json(int32_t day, int32_t from)
{
    return day == NO_DAY || from == NO_DAY ? js_null() : js_int(day - from);
}

static struct json *cell_json(const struct status *s, const struct block *bl, const char *partner,
                              const struct cell *c)
{
    struct json *j = js_object();
    char period[PERIOD_TEXT_MAX], freq[2] = {(char)bl->freq, 0};
    int32_t end = period_last_day(c->period);
    (void)period_text(c->period, period);
    js_set(j, "structure", js_text(bl->structure));
    js_set(j, "partner", js_text(partner));
    js_set(j, "freq", js_text(freq));
    js_set(j, "period", js_text(period));
    js_set(j, "expected", js_bool(c->rule != NULL));
    js_set(j, "due", day_json(c->due));
    js_set(j, "state", js_text(state_word(c->state)));
    js_set(j, "submission", c->submission ? js_int(c->submission) : js_null());
    js_set(j, "received", day_json(c->received));
    js_set(j, "days_late", js_int(cell_late(c, s->grid.today)));
    js_set(j, "days_to_receipt", days_json(c->received, end));
    js_set(j, "published", day_json(c->published));
    js_set(j, "days_to_publication", days_json(c->published, end));
    js_set(j, "open_warnings", js_int(c->open));
    js_set(j, "deliveries", js_int(c->deliveries));
    js_set(j, "returned", js_int(c->sent_back));
    js_set(j, "first_stood", c->deliveries ? js_bool(c->first_stood) : js_null());
    js_set(j, "age_days", days_json(c->latest == NO_DAY ? NO_DAY : s->grid.today, c->latest));
    return j;
}

static struct json *mean_json(int64_t sum, int64_t n)
{
    char text[32];
    return n ? js_number(str_of(mean_text(sum, n, text))) : js_null();
}

static struct json *tally_json(const struct status *s, const struct block *bl, size_t p)
{
    struct json *j = js_object();
    struct tally t = {0};
    char freq[2] = {(char)bl->freq, 0}, newest[PERIOD_TEXT_MAX];
    tally_block(&t, &s->grid, bl, p);
    js_set(j, "structure", js_text(bl->structure));
    js_set(j, "freq", js_text(freq));
    js_set(j, "partner", js_text(s->grid.partners[p]));
    js_set(j, "name", js_text(status_name(s, s->grid.partners[p])));
    js_set(j, "expected", js_int(t.expected));
    js_set(j, "came", js_int(t.came));
    js_set(j, "in_time", js_int(t.in_time));
    js_set(j, "missing", js_int(t.missing));
    js_set(j, "mean_days_late", mean_json(t.days_late, t.late));
    js_set(j, "mean_days_to_receipt", mean_json(t.to_receipt, t.came));
    js_set(j, "mean_days_to_publication", mean_json(t.to_publication, t.published));
    js_set(j, "first_stood", js_int(t.first_stood));
    js_set(j, "returned", js_int(t.sent_back));
    js_set(j, "open_warnings", js_int(t.open));
    if (t.any)
        (void)period_text(t.newest, newest);
    js_set(j, "newest", t.any ? js_text(newest) : js_null());
    js_set(j, "newest_age_days",
           t.any ? js_int(s->grid.today - period_last_day(t.newest)) : js_null());
    return j;
}

struct json *status_json(const struct status *s)
{
    struct json *j = js_object(), *cells = js_array(), *partners = js_array();
    js_set(j, "today", js_text(s->grid.today_text));
    js_set(j, "as_of", js_text(s->grid.moment));
    js_set(j, "cells", cells);
    js_set(j, "partners", partners);
    js_set(j, "notes", status_marks(s));
    for (size_t i = 0; i < s->grid.nblocks; i++) {
        const struct block *bl = &s->grid.blocks[i];
        for (size_t p = 0; p < s->grid.npartners; p++) {
            js_push(partners, tally_json(s, bl, p));
            for (size_t k = 0; k < bl->periods; k++) {
                const struct cell *c = grid_cell(&s->grid, bl, p, k);
                if (cell_there(c))
                    js_push(cells, cell_json(s, bl, s->grid.partners[p], c));
            }
        }
    }
    return j;
}

struct json *status_marks(const struct status *s)
{
    struct json *list = js_array();
    const char *last = NULL;
    for (size_t i = 0; i < s->grid.npartners; i++) {
        const struct partner *p = region_partner(s->grid.region, str_of(s->grid.partners[i]));
        const char *text =
            p && p->footnote ? region_footnote(s->grid.region, p->footnote, "en") : NULL;
        if (!text || !p->mark || text == last)
            continue;
        struct json *m = js_object();
        js_set(m, "mark", js_text(p->mark));
        js_set(m, "text", js_text(text));
        js_push(list, m);
        last = text;
    }
    return list;
}
