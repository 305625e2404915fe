/* count_date.c — dates in a declared manner to periods. A format is the date with letters for its
 * digits: YYYY MM DD hh mm ss, where a single M or D also takes one digit; '*' at the end stands
 * for anything; everything else stands for itself. Owns nothing. */
#include "count.h"

struct date {
    unsigned year, month, day;
};

enum freq count_freq(int period)
{
    static const enum freq freqs[] = {FREQ_ANNUAL, FREQ_HALF, FREQ_QUARTER, FREQ_MONTH, FREQ_DAY};
    return freqs[period];
}

static size_t run_of(const char *f)
{
    size_t n = 1;
    while (f[n] == f[0])
        n++;
    return n;
}

bool date_format_ok(const char *f, char ret_finest[2])
{
    static const char letters[] = "YMDhms";
    unsigned seen = 0;
    while (*f) {
        size_t n = run_of(f);
        const char *at = strchr(letters, *f);
        if (*f == '*')
            return f[1] == '\0' && seen & 1;
        if (!at) {
            f++;
            continue;
        }
        unsigned bit = 1u << (at - letters);
        bool good = *f == 'Y' ? n == 4 : n <= 2;
        if (!good || seen & bit)
            return false;
        seen |= bit;
        *ret_finest = (seen & 7) == 7 ? 'D' : (seen & 3) == 3 ? 'M' : 'Y';
        f += n;
    }
    return (seen & 1) && (seen & 7) != 5;
}

/* `least` to `most` digits off the front; the value in ret. */
static bool take(struct str *s, size_t least, size_t most, unsigned *ret)
{
    size_t n = 0;
    *ret = 0;
    while (n < most && n < s->n && s->p[n] >= '0' && s->p[n] <= '9')
        *ret = *ret * 10 + (unsigned)(s->p[n++] - '0');
    *s = str_cut(*s, n);
    return n >= least;
}

/* One letter group of the format. */
static bool part(char letter, size_t n, struct str *s, struct date *d)
{
    unsigned v;
    if (!take(s, n, n < 2 ? 2 : n, &v))
        return false;
    switch (letter) {
    case 'Y':
        d->year = v;
        return v >= 1000;
    case 'M':
        d->month = v;
        return v >= 1 && v <= 12;
    case 'D':
        d->day = v;
        return v >= 1 && v <= 31;
    case 'h':
        return v <= 24;
    default:
        return v <= 60;
    }
}

static bool parse(const char *f, struct str s, struct date *ret)
{
    *ret = (struct date){0, 1, 1};
    while (*f) {
        if (*f == '*')
            return true;
        if (strchr("YMDhms", *f)) {
            size_t n = run_of(f);
            if (!part(*f, n, &s, ret))
                return false;
            f += n;
            continue;
        }
        if (s.n == 0 || s.p[0] != *f)
            return false;
        s = str_cut(s, 1);
        f++;
    }
    return s.n == 0;
}

static unsigned days_of(unsigned year, unsigned month)
{
    static const unsigned char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap ? 1u : 0);
}

bool date_read(const char *format, struct str text, enum freq freq, char ret[PERIOD_TEXT_MAX],
               size_t *ret_n)
{
    struct date d;
    if (!parse(format, text, &d) || d.day > days_of(d.year, d.month))
        return false;
    int n;
    switch ((int)freq) {
    case FREQ_HALF:
        n = snprintf(ret, PERIOD_TEXT_MAX, "%u-S%u", d.year, (d.month + 5) / 6);
        break;
    case FREQ_QUARTER:
        n = snprintf(ret, PERIOD_TEXT_MAX, "%u-Q%u", d.year, (d.month + 2) / 3);
        break;
    case FREQ_MONTH:
        n = snprintf(ret, PERIOD_TEXT_MAX, "%u-%02u", d.year, d.month);
        break;
    case FREQ_DAY:
        n = snprintf(ret, PERIOD_TEXT_MAX, "%u-%02u-%02u", d.year, d.month, d.day);
        break;
    default:
        n = snprintf(ret, PERIOD_TEXT_MAX, "%u", d.year);
    }
    *ret_n = (size_t)n;
    return true;
}

/* ---- moments ---- */

/* Past what fits the form: 0 a digit, T the letter or a blank, all else itself; NULL: it does not.
 */
static const char *past(const char *text, const char *form)
{
    for (; *form; form++, text++)
        if (*form == '0'   ? *text < '0' || *text > '9'
            : *form == 'T' ? *text != 'T' && *text != ' '
                           : *text != *form)
            return NULL;
    return text;
}

static const char *past_zone(const char *at)
{
    if (*at == 'Z')
        return at + 1;
    if (*at != '+' && *at != '-')
        return at;
    const char *hours = past(at + 1, "00"), *minutes = hours ? past(hours, ":00") : NULL;
    return minutes ? minutes : hours ? hours : at;
}

static const char *past_seconds(const char *at)
{
    const char *seconds = past(at, ":00"), *more = seconds ? past(seconds, ".0") : NULL;
    if (more)
        more += strspn(more, "0123456789");
    return more ? more : seconds ? seconds : at;
}

bool moment_ok(const char *text)
{
    struct period day;
    struct err ignored = {0};
    const char *at = past(text, "0000-00-00");
    if (!at || period_parse(&day, (struct str){text, 10}, &ignored) < 0)
        return false;
    if (!*at)
        return true;
    at = past(at, "T00:00");
    return at && *past_zone(past_seconds(at)) == '\0';
}
