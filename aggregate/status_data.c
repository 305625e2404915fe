/* status_data.c — the grid as CSV, one row a cell. Days are ISO dates; what is not there is an
 * empty cell. What is the same in every cell of a partner is written once and copied. */
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
        buf_int(b, day - from);
}

static void put_int(struct buf *b, int64_t n)
{
    buf_char(b, ',');
    buf_int(b, n);
}

/* "CRIME,AL,Albania,Q," */
static void put_head(const struct status *s, struct buf *b, const struct block *bl,
                     const char *partner)
{
    buf_reset(b);
    csv_put(b, str_of(bl->structure), ',');
    buf_char(b, ',');
    csv_put(b, str_of(partner), ',');
    buf_char(b, ',');
    csv_put(b, str_of(status_name(s, partner)), ',');
    buf_char(b, ',');
    buf_char(b, (char)bl->freq);
    buf_char(b, ',');
}

static void put_cell(const struct status *s, struct buf *b, const struct cell *c)
{
    char period[PERIOD_TEXT_MAX];
    int32_t end = period_last_day(c->period);
    buf_add(b, period, period_text(c->period, period));
    buf_text(b, c->rule ? ",Y" : ",N");
    put_day(b, c->due);
    buf_char(b, ',');
    buf_text(b, state_word(c->state));
    buf_char(b, ',');
    if (c->submission)
        buf_int(b, c->submission);
    put_day(b, c->received);
    put_int(b, cell_late(c, s->grid.today));
    put_days(b, c->received, end);
    put_day(b, c->published);
    put_days(b, c->published, end);
    put_int(b, c->open);
    put_int(b, c->deliveries);
    put_int(b, c->sent_back);
    buf_char(b, ',');
    if (c->first == FIRST_STOOD || c->first == FIRST_FELL)
        buf_char(b, c->first == FIRST_STOOD ? 'Y' : 'N');
    put_days(b, c->latest == NO_DAY ? NO_DAY : s->grid.today, c->latest);
    buf_char(b, '\n');
}

void status_csv(const struct status *s, struct out *out)
{
    struct buf b, head;
    buf_init(&b, (size_t)64 << 20);
    buf_init(&head, (size_t)1 << 20);
    for (size_t i = 0; i < ARRAY_LEN(columns); i++)
        buf_fmt(&b, "%s%s", i ? "," : "", columns[i]);
    buf_char(&b, '\n');
    for (size_t i = 0; i < s->grid.nblocks; i++) {
        const struct block *bl = &s->grid.blocks[i];
        for (size_t p = 0; p < s->grid.npartners; p++) {
            put_head(s, &head, bl, s->grid.partners[p]);
            for (size_t k = 0; k < bl->periods; k++) {
                const struct cell *c = grid_cell(&s->grid, bl, p, k);
                if (!cell_there(c))
                    continue;
                buf_str(&b, buf_view(&head));
                put_cell(s, &b, c);
            }
            out_str(out, buf_view(&b));
            buf_reset(&b);
        }
    }
    out_str(out, buf_view(&b));
    buf_free(&b);
    buf_free(&head);
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
