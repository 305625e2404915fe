/* read_digits.c — a number of a spreadsheet, rounded in decimal to the digits that the profile says
 * are meant: 0.30000000000000004 with digits: 15 is 0.3. The text is never turned into a binary
 * number. Owns nothing. */
#include "read_desk.h"

#define DIGITS_MAX 40

struct digits {
    char digit[DIGITS_MAX]; /* values 0 to 9, the first not 0 */
    int n, exp;             /* value = 0.digits * 10^exp */
    bool negative, seen;
};

static void take_digit(struct digits *d, char c, bool fraction)
{
    d->seen = true;
    if (d->n || c != '0') {
        if (d->n < DIGITS_MAX)
            d->digit[d->n++] = (char)(c - '0');
        d->exp += !fraction;
    } else if (fraction) {
        d->exp--;
    }
}

static bool take_exponent(struct digits *d, struct str s)
{
    int v = 0, sign = 1;
    s = str_cut(s, 1);
    if (s.n && (s.p[0] == '-' || s.p[0] == '+')) {
        sign = s.p[0] == '-' ? -1 : 1;
        s = str_cut(s, 1);
    }
    if (!s.n || s.n > 4)
        return false;
    for (; s.n; s = str_cut(s, 1)) {
        if (s.p[0] < '0' || s.p[0] > '9')
            return false;
        v = v * 10 + (s.p[0] - '0');
    }
    d->exp += sign * v;
    return true;
}

static bool scan(struct digits *d, struct str s)
{
    bool fraction = false;
    if (s.n && (s.p[0] == '-' || s.p[0] == '+')) {
        d->negative = s.p[0] == '-';
        s = str_cut(s, 1);
    }
    for (; s.n; s = str_cut(s, 1)) {
        char c = s.p[0];
        if (c >= '0' && c <= '9')
            take_digit(d, c, fraction);
        else if (c == '.' && !fraction)
            fraction = true;
        else
            return d->seen && (c == 'e' || c == 'E') && take_exponent(d, s);
    }
    return d->seen;
}

/* Keep n digits, half away from zero; zeros at the end go. */
static void round_to(struct digits *d, int n)
{
    if (n < 0) {
        d->n = 0;
    } else if (n < d->n) {
        bool up = d->digit[n] >= 5;
        d->n = n;
        for (int i = n - 1; up && i >= 0; i--) {
            up = d->digit[i] == 9;
            d->digit[i] = (char)(up ? 0 : d->digit[i] + 1);
        }
        if (up) { /* 999 became 1000 */
            d->digit[0] = 1;
            d->n = 1;
            d->exp++;
        }
    }
    while (d->n && d->digit[d->n - 1] == 0)
        d->n--;
}

int num_digits(struct num *ret, struct str text, int n, struct err *e)
{
    struct digits d = {.n = 0};
    if (!scan(&d, text) || d.exp > 36)
        return err_set(e, RC_DATA, "TABLE-005", "'%.*s' is not a number", STR_ARG(text));
    round_to(&d, n);
    round_to(&d, d.exp + NUM_SCALE_MAX); /* no stream has more decimals */
    __int128 m = 0;
    for (int i = 0; i < d.n; i++)
        m = m * 10 + d.digit[i];
    for (int i = d.n; i < d.exp; i++)
        m *= 10;
    *ret = (struct num){d.negative ? -m : m, d.n > d.exp ? d.n - d.exp : 0};
    if (!d.n)
        ret->scale = 0;
    return 0;
}
