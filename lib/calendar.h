/* calendar.h — what is expected from whom and when: config/calendar.yaml. Days are days since
 * 1970-01-01 of the civil calendar; no clock, no zone and no locale take part. Tier 2. */
#ifndef RTA_CALENDAR_H
#define RTA_CALENDAR_H

#include "period.h"
#include "region.h"

#define CALENDAR_STEPS_MAX 8
#define DAY_TEXT_MAX 16

/* One rule: these partners owe this structure for every period of a frequency in a span. Days count
 * from the last day of a period: T+30 is 30 days after it. */
struct calendar_rule {
    const char *structure;
    enum freq freq;
    struct period from, to; /* to is valid when ends */
    bool ends;
    struct yaml_list partners; /* const char *; empty: all partners of the region */
    const char *sender;        /* an outside source that delivers for them; NULL: they themselves */
    int due;                   /* received by T+due is on time */
    int steps[CALENDAR_STEPS_MAX]; /* T+ of the reminders, rising */
    size_t nsteps;
    int freeze, approval; /* T+ of the data vintage and of the approval */
    int answer;           /* days that a partner has to answer a warning */
    struct yaml_mark at;
};

struct calendar {
    const struct calendar_rule *rules; /* in file order */
    size_t n;
    const char *order; /* of region.yaml, for lists of partners; NULL: its file's */
};

/* Load once per conf. RC_CONFIG with place: a structure that is not there (conf_path's own),
 * unknown frequency [CAL-001], a period that is none of the frequency [-002], a span that ends
 * before it begins [-003], unknown partner [-004], unknown sender, or one of a partner [-005], days
 * that do not rise [-006], two rules for the same [-007]. A missing file is an empty calendar. */
MUST_CHECK int calendar_load(struct conf *c, const struct calendar **ret, struct err *e);
/* The rule for a partner's period: one that names the partner goes before one for all. NULL: it is
 * not expected. */
const struct calendar_rule *calendar_find(const struct calendar *cal, const char *structure,
                                          const char *partner, struct period p);
/* The region's partners in the calendar's order as of a date, in the arena of conf. */
MUST_CHECK int calendar_partners(struct conf *c, const struct calendar *cal, const char *date,
                                 const char *const **ret, size_t *ret_n, struct err *e);
/* Does the rule speak of this partner? */
bool calendar_covers(const struct calendar_rule *r, const char *partner);
/* T+days of a period. */
int32_t calendar_day(struct period p, int days);
/* The last reminder whose day has come: its T+, or -1 when none has. */
int calendar_step(const struct calendar_rule *r, struct period p, int32_t today);

/* "2026-01-31"; RC_USAGE [CAL-010] naming `what` for anything else. */
MUST_CHECK int day_parse(int32_t *ret, const char *text, const char *what, struct err *e);
const char *day_text(int32_t day, char ret[DAY_TEXT_MAX]);
/* The day it is by the system's clock, UTC. */
int32_t day_today(void);

#endif
