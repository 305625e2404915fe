/* serial.c — see serial.h. */
#include "serial.h"

#include "num.h"

#define LAST_DAY 2958465 /* 9999-12-31, epoch 1900 */

/* Days since 1970-01-01 to a date (proleptic Gregorian; H. Hinnant, chrono-compatible date
 * algorithms, civil_from_days). */
static void civil(int64_t z, unsigned ret[3])
{
    z += 719468;
    int64_t era = z / 146097;
    unsigned doe = (unsigned)(z - era * 146097);
    unsigned yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    unsigned doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
    ret[2] = doy - (153 * mp + 2) / 5 + 1;
    ret[1] = mp < 10 ? mp + 3 : mp - 9;
    ret[0] = yoe + (unsigned)(era * 400) + (ret[1] <= 2);
}

static size_t put_day(int64_t day, bool epoch_1904, char *to)
{
    unsigned d[3] = {1900, 2, 29};
    if (epoch_1904)
        civil(day - 24107, d); /* day 0 is 1904-01-01 */
    else if (day < 60)
        civil(day - 25568, d); /* day 1 is 1900-01-01 */
    else if (day > 60)
        civil(day - 25569, d);
    if (!epoch_1904 && day == 0)
        d[0] = 1900, d[1] = 1, d[2] = 0;
    return (size_t)snprintf(to, SERIAL_TEXT_MAX, "%04u-%02u-%02u", d[0], d[1], d[2]);
}

bool serial_date(struct str number, bool epoch_1904, char ret[SERIAL_TEXT_MAX], size_t *ret_n)
{
    static const struct num_style style = {'.', "", true};
    struct num n;
    if (num_parse(&n, number, &style, NULL) < 0 || n.m < 0)
        return false;
    __int128 unit = 1;
    for (int i = 0; i < n.scale; i++)
        unit *= 10;
    __int128 day = n.m / unit, rest = n.m % unit;
    unsigned seconds = (unsigned)((rest * 86400 * 2 + unit) / (2 * unit));
    if (seconds == 86400) {
        seconds = 0;
        day++;
    }
    if (day > LAST_DAY - (epoch_1904 ? 1462 : 0))
        return false;
    size_t k = 0;
    if (day || rest == 0)
        k = put_day((int64_t)day, epoch_1904, ret);
    if (rest)
        k += (size_t)snprintf(ret + k, SERIAL_TEXT_MAX - k, "%s%02u:%02u:%02u", k ? "T" : "",
                              seconds / 3600, seconds / 60 % 60, seconds % 60);
    *ret_n = k;
    return true;
}

struct number_format format_of_id(unsigned id)
{
    bool date = (id >= 14 && id <= 22) || (id >= 27 && id <= 36) || (id >= 45 && id <= 47) ||
                (id >= 50 && id <= 58);
    return (struct number_format){.date = date, .percent = id == 9 || id == 10};
}

/* Past what is in brackets ([Red], [$-409]); [h] and [mm] are lengths of time. */
static size_t bracket(struct str s, size_t i, bool *ret_time)
{
    size_t end = i;
    while (end < s.n && s.p[end] != ']')
        end++;
    *ret_time = i + 1 < end;
    for (size_t k = i + 1; k < end; k++)
        *ret_time = *ret_time && strchr("hHmMsS", s.p[k]);
    return end;
}

static size_t quoted(struct str s, size_t i)
{
    for (i++; i < s.n && s.p[i] != '"';)
        i++;
    return i;
}

/* One sign of a code that shows digits; `other` counts what is no zero. */
static void number_sign(char c, struct number_format *f, size_t *other, bool *digits)
{
    bool digit = c == '0' || c == '#' || c == '?';
    if (digit)
        f->commas = 0; /* a comma before it was one between thousands */
    *digits = *digits || digit;
    f->percent = f->percent || c == '%';
    if (c == ',' && *digits && f->commas < 3)
        f->commas++;
    if (c == '0' && f->zeros < 30)
        f->zeros++;
    *other += c != '0';
}

struct number_format format_of_code(struct str s)
{
    struct number_format f = {.date = false};
    size_t other = 0;
    bool digits = false;
    for (size_t i = 0; i < s.n && s.p[i] != ';' && !f.date; i++) {
        switch (s.p[i]) {
        case '"':
            i = quoted(s, i);
            break;
        case '\\':
        case '_':
        case '*':
            i++;
            break;
        case '[':
            i = bracket(s, i, &f.date);
            break;
        default:
            f.date = s.p[i] && strchr("dDmMyYhHsS", s.p[i]);
            number_sign(s.p[i], &f, &other, &digits);
            continue;
        }
        other++;
    }
    if (f.date)
        return (struct number_format){.date = true};
    if (other || f.zeros < 2)
        f.zeros = 0;
    return f;
}
