/* period.c — see period.h. Every frequency is a running number (ordinal) within itself, and days
 * are counted in the proleptic Gregorian calendar; nothing depends on time zone or locale. */
#include "period.h"

#define DAYS_MONDAY 4 /* 1970-01-05, the first Monday of the count */

/* --- the calendar --------------------------------------------------------------------------- */

static bool leap(int y) { return (y % 4 == 0 && y % 100 != 0) || y % 400 == 0; }

static int month_days(int y, int m)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[m - 1] + (m == 2 && leap(y));
}

/* Days since 1970-01-01; years of 400 make one era, and a year begins in March so that the leap day
 * is its last. Source: the calendar's own rule, 97 leap days in 400 years. */
static int32_t days_of(int y, int m, int d)
{
    y -= m <= 2;
    int era = (y >= 0 ? y : y - 399) / 400, yoe = y - era * 400;
    int doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

static int32_t year_start(int y) { return days_of(y, 1, 1); }

static int year_of_day(int32_t day)
{
    int y = 1970 + (int)((int64_t)day * 400 / 146097);
    while (year_start(y) > day)
        y--;
    while (year_start(y + 1) <= day)
        y++;
    return y;
}

static int floor_div(int a, int b) { return a / b - (a % b != 0 && (a < 0) != (b < 0)); }

static int32_t monday_of(int32_t day) { return DAYS_MONDAY + floor_div(day - DAYS_MONDAY, 7) * 7; }

/* The Monday of ISO week 1, the week that holds 4 January. */
static int32_t iso_start(int y) { return monday_of(days_of(y, 1, 4)); }

static int iso_weeks(int y) { return (iso_start(y + 1) - iso_start(y)) / 7; }

/* --- ordinals ------------------------------------------------------------------------------- */

int freq_per_year(enum freq freq)
{
    switch (freq) {
    case FREQ_ANNUAL:
        return 1;
    case FREQ_HALF:
        return 2;
    case FREQ_TRIMESTER:
        return 3;
    case FREQ_QUARTER:
        return 4;
    case FREQ_MONTH:
        return 12;
    case FREQ_WEEK:
    case FREQ_DAY:
        break;
    }
    return 0;
}

bool freq_valid(char c) { return c && strchr("ASTQMWD", c); }

static int index_max(enum freq freq, int year)
{
    if (freq == FREQ_WEEK)
        return iso_weeks(year);
    if (freq == FREQ_DAY)
        return 365 + leap(year);
    return freq_per_year(freq);
}

static int ordinal(struct period p)
{
    int n = freq_per_year(p.freq);
    if (n)
        return p.year * n + p.index - 1;
    if (p.freq == FREQ_DAY)
        return year_start(p.year) + p.index - 1;
    return (iso_start(p.year) - DAYS_MONDAY) / 7 + p.index - 1;
}

/* The day period that a day is. */
static struct period of_day(int32_t day)
{
    int y = year_of_day(day);
    return (struct period){FREQ_DAY, y, day - year_start(y) + 1};
}

static struct period of_ordinal(enum freq freq, int o)
{
    int n = freq_per_year(freq);
    if (n) {
        int y = floor_div(o, n);
        return (struct period){freq, y, o - y * n + 1};
    }
    if (freq == FREQ_DAY)
        return of_day(o);
    int32_t monday = DAYS_MONDAY + o * 7;
    int y = year_of_day(monday + 3); /* a week belongs to the year of its Thursday */
    return (struct period){freq, y, (monday - iso_start(y)) / 7 + 1};
}

int32_t period_first_day(struct period p)
{
    int n = freq_per_year(p.freq);
    if (n)
        return days_of(p.year, (p.index - 1) * (12 / n) + 1, 1);
    return p.freq == FREQ_DAY ? ordinal(p) : iso_start(p.year) + (p.index - 1) * 7;
}

int32_t period_last_day(struct period p)
{
    return period_first_day(of_ordinal(p.freq, ordinal(p) + 1)) - 1;
}

static struct period holding(enum freq freq, int32_t day)
{
    struct period d = of_day(day);
    if (freq == FREQ_DAY)
        return d;
    if (freq == FREQ_WEEK)
        return of_ordinal(freq, (monday_of(day) - DAYS_MONDAY) / 7);
    int month = 1, left = d.index;
    while (left > month_days(d.year, month))
        left -= month_days(d.year, month++);
    return (struct period){freq, d.year, (month - 1) / (12 / freq_per_year(freq)) + 1};
}

struct period period_add(struct period p, int n) { return of_ordinal(p.freq, ordinal(p) + n); }

int period_between(struct period a, struct period b) { return ordinal(b) - ordinal(a); }

bool period_parent(struct period p, enum freq freq, struct period *ret)
{
    struct period up = holding(freq, period_first_day(p));
    if (period_last_day(up) < period_last_day(p))
        return false;
    *ret = up;
    return true;
}

bool period_eq(struct period a, struct period b)
{
    return a.freq == b.freq && a.year == b.year && a.index == b.index;
}

int period_cmp(struct period a, struct period b)
{
    int32_t x = period_first_day(a), y = period_first_day(b);
    if (x != y)
        return x < y ? -1 : 1;
    x = period_last_day(a), y = period_last_day(b);
    return (x < y) - (x > y);
}

int32_t period_code(struct period p)
{
    return p.year * 1000 + (p.freq == FREQ_ANNUAL ? 0 : p.index);
}

int period_of_code(struct period *ret, enum freq freq, int32_t code, struct err *e)
{
    struct period p = {freq, code / 1000, code % 1000};
    bool annual = freq == FREQ_ANNUAL;
    if (annual)
        p.index++;
    if (!freq_valid((char)freq) || p.year < 1000 || p.year > 9999 || p.index < 1 ||
        p.index > index_max(freq, p.year))
        return err_set(e, RC_DATA, "PERIOD-004", "%d is no period code of frequency %c", code,
                       (char)freq);
    *ret = p;
    return 0;
}

/* --- text ----------------------------------------------------------------------------------- */

/* Years have four digits (period.h); written by hand, because streams hold millions of periods. */
static char *put_digits(char *at, int v, int width)
{
    for (int i = width; i-- > 0; v /= 10)
        at[i] = (char)('0' + v % 10);
    return at + width;
}

size_t period_text(struct period p, char ret[PERIOD_TEXT_MAX])
{
    char *at = put_digits(ret, p.year, 4);
    if (p.freq != FREQ_ANNUAL)
        *at++ = '-';
    if (p.freq == FREQ_DAY) {
        int32_t day = period_first_day(p);
        struct period m = holding(FREQ_MONTH, day);
        at = put_digits(at, m.index, 2);
        *at++ = '-';
        at = put_digits(at, day - period_first_day(m) + 1, 2);
    } else if (p.freq == FREQ_MONTH)
        at = put_digits(at, p.index, 2);
    else if (p.freq != FREQ_ANNUAL) {
        *at++ = (char)p.freq;
        at = put_digits(at, p.index, p.freq == FREQ_WEEK ? 2 : 1);
    }
    *at = '\0';
    return (size_t)(at - ret);
}

static int not_a_period(struct str text, struct err *e)
{
    int rc = err_set(e, RC_DATA, "PERIOD-001", "'%.*s' is not a period", STR_ARG(text));
    (void)err_hint(e, "write 2026, 2026-S1, 2026-Q1, 2026-03, 2026-W05 or 2026-03-31");
    return rc;
}

static int not_in_calendar(struct str text, struct err *e)
{
    return err_set(e, RC_DATA, "PERIOD-002", "there is no '%.*s' in the calendar", STR_ARG(text));
}

static int odd_range(struct str text, struct err *e)
{
    int rc = err_set(e, RC_DATA, "PERIOD-003", "'%.*s' is not one calendar period", STR_ARG(text));
    (void)err_hint(e, "a range must begin where a year, half-year, quarter, month or week begins");
    return rc;
}

/* Exactly n digits at the front, taken off; -1 when they are not there. */
static int digits(struct str *s, size_t n)
{
    int v = 0;
    if (s->n < n)
        return -1;
    for (size_t i = 0; i < n; i++) {
        if (s->p[i] < '0' || s->p[i] > '9')
            return -1;
        v = v * 10 + (s->p[i] - '0');
    }
    *s = str_cut(*s, n);
    return v;
}

static bool take(struct str *s, char c)
{
    if (!s->n || s->p[0] != c)
        return false;
    *s = str_cut(*s, 1);
    return true;
}

/* What follows year and letter: A1 S1 T1 Q1 take one digit, M03 and W05 two, D090 three. */
static int parse_lettered(struct period *p, struct str *s)
{
    static const char letters[] = "ASTQMWD", widths[] = "1111223";
    const char *at = s->n ? memchr(letters, s->p[0], 7) : NULL;
    if (!at)
        return -1;
    p->freq = (enum freq) * at;
    *s = str_cut(*s, 1);
    p->index = digits(s, (size_t)(widths[at - letters] - '0'));
    return p->index < 0 ? -1 : 0;
}

/* -MM or -MM-DD, with the midnight that SDMX dateTime adds. -1: not this; -2: no such date. */
static int parse_date(struct period *p, struct str *s)
{
    int month = digits(s, 2);
    if (month < 0)
        return -1;
    p->freq = FREQ_MONTH;
    p->index = month;
    if (!take(s, '-'))
        return 0;
    int day = digits(s, 2);
    if (day < 0)
        return -1;
    if (str_is(*s, "T00:00:00") || (s->n > 9 && memcmp(s->p, "T00:00:00/", 10) == 0))
        *s = str_cut(*s, 9);
    if (month < 1 || month > 12 || day < 1 || day > month_days(p->year, month))
        return -2;
    p->freq = FREQ_DAY;
    p->index = days_of(p->year, month, day) - year_start(p->year) + 1;
    return 0;
}

/* The period that begins on p's day and lasts as the ISO duration says. */
static bool parse_duration(struct period *p, struct str duration)
{
    static const struct {
        const char *text;
        enum freq freq;
    } known[] = {{"P1Y", FREQ_ANNUAL},    {"P12M", FREQ_ANNUAL}, {"P6M", FREQ_HALF},
                 {"P4M", FREQ_TRIMESTER}, {"P3M", FREQ_QUARTER}, {"P1M", FREQ_MONTH},
                 {"P7D", FREQ_WEEK},      {"P1W", FREQ_WEEK},    {"P1D", FREQ_DAY}};
    for (size_t i = 0; i < ARRAY_LEN(known); i++) {
        if (!str_is(duration, known[i].text))
            continue;
        int32_t day = period_first_day(*p);
        *p = holding(known[i].freq, day);
        return period_first_day(*p) == day;
    }
    return false;
}

/* Everything but a range's duration. -1: not a period; -2: not in the calendar. */
static int parse_plain(struct period *p, struct str *s)
{
    *p = (struct period){FREQ_ANNUAL, digits(s, 4), 1};
    if (p->year < 0)
        return -1;
    int rc = 0;
    if (s->n && s->p[0] != '/') {
        bool date = take(s, '-') && s->n && s->p[0] >= '0' && s->p[0] <= '9';
        rc = date ? parse_date(p, s) : parse_lettered(p, s);
    }
    if (rc < 0)
        return rc;
    bool known = p->year >= 1000 && p->index >= 1 && p->index <= index_max(p->freq, p->year);
    return known ? 0 : -2;
}

int period_parse(struct period *ret, struct str text, struct err *e)
{
    struct str s = text;
    struct period p;
    int rc = parse_plain(&p, &s);
    bool range = rc == 0 && p.freq == FREQ_DAY && s.n && s.p[0] == '/';
    if (rc == -1 || (s.n && rc == 0 && !range))
        return not_a_period(text, e);
    if (rc == -2)
        return not_in_calendar(text, e);
    if (range && !parse_duration(&p, str_cut(s, 1)))
        return odd_range(text, e);
    *ret = p;
    return 0;
}
