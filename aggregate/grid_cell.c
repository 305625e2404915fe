/* grid_cell.c — questions to one cell, and the sums over many: timeliness, punctuality, first-time
 * acceptance. Whole numbers all the way; a mean is rounded once. */
#include "grid.h"

static const char *const words[] = {"superseded", "refused", "withdrawn",  "returned", "received",
                                    "checked",    "waiting", "accepted",   "approved", "published",
                                    "not due",    "missing", "not visible"};

const char *state_word(enum cell_state s) { return words[s]; }

bool cell_there(const struct cell *c) { return c->rule || c->deliveries > 0; }

bool cell_came(const struct cell *c) { return c->received != NO_DAY; }

int32_t cell_late(const struct cell *c, int32_t today)
{
    int32_t day = cell_came(c) ? c->received : c->state == CELL_UNSEEN ? NO_DAY : today;
    return c->due == NO_DAY || day <= c->due ? 0 : day - c->due;
}

const char *freq_word(enum freq f)
{
    switch (f) {
    case FREQ_ANNUAL:
        return "annual";
    case FREQ_HALF:
        return "half-yearly";
    case FREQ_TRIMESTER:
        return "four-monthly";
    case FREQ_QUARTER:
        return "quarterly";
    case FREQ_MONTH:
        return "monthly";
    case FREQ_WEEK:
        return "weekly";
    case FREQ_DAY:
        return "daily";
    }
    return "";
}

void tally_cell(struct tally *t, const struct cell *c, int32_t today)
{
    int32_t late = cell_late(c, today), end = period_last_day(c->period);
    bool came = cell_came(c);
    if (!c->rule || (!came && (c->state == CELL_NOT_DUE || c->state == CELL_UNSEEN)))
        return;
    t->expected++;
    t->came += came;
    t->in_time += came && late == 0;
    t->late += came && late > 0;
    t->missing += !came;
    t->sent_back += c->sent_back;
    t->open += c->open;
    t->first_decided += c->first == FIRST_STOOD || c->first == FIRST_FELL;
    t->first_stood += c->first == FIRST_STOOD;
    if (!came)
        return;
    t->days_late += late;
    t->to_receipt += c->received - end;
    if (c->published != NO_DAY) {
        t->published++;
        t->to_publication += c->published - end;
    }
    if (!t->any || period_cmp(t->newest, c->period) < 0)
        t->newest = c->period;
    t->any = true;
}

void tally_block(struct tally *t, const struct grid *g, const struct block *b, size_t partner)
{
    for (size_t k = 0; k < b->periods; k++)
        tally_cell(t, grid_cell(g, b, partner, k), g->today);
}

const char *mean_text(int64_t sum, int64_t n, char ret[32])
{
    if (n == 0)
        return "-";
    int64_t size = sum < 0 ? -sum : sum, tenths = (size * 20 + n) / (2 * n);
    (void)snprintf(ret, 32, "%s%lld.%lld", sum < 0 && tenths ? "-" : "", (long long)(tenths / 10),
                   (long long)(tenths % 10));
    return ret;
}
