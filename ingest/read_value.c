/* read_value.c — one cell's text to a value, as the profile declares: footnote marks, flags, marks
 * that stand for a value, numbers. Views into the text, or into the value's own digits. */
#include "read_desk.h"

#include <ctype.h>

static size_t blank_at(struct str s, bool end)
{
    if (!s.n)
        return 0;
    char c = end ? s.p[s.n - 1] : s.p[0];
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r')
        return 1;
    return s.n >= 2 && memcmp(end ? s.p + s.n - 2 : s.p, "\xc2\xa0", 2) == 0 ? 2 : 0;
}

/* Neither a blank nor half of one. */
static inline bool solid(char c) { return (unsigned char)c > ' ' && (unsigned char)c < 0x80; }

struct str read_trim(struct str s, const char *also)
{
    if (!also && s.n && solid(s.p[0]) && solid(s.p[s.n - 1]))
        return s;
    for (size_t n; s.n;) {
        if (also && strchr(also, s.p[0]))
            n = 1;
        else if (!(n = blank_at(s, false)))
            break;
        s = str_cut(s, n);
    }
    for (size_t n; s.n; s.n -= n) {
        if (also && strchr(also, s.p[s.n - 1]))
            n = 1;
        else if (!(n = blank_at(s, true)))
            break;
    }
    return s;
}

struct str read_unmark(const struct profile *p, struct str s, struct buf *comment)
{
    const struct yaml_pair *marks = p->footnotes.items;
    for (size_t i = 0; i < p->footnotes.n; i++) {
        size_t n = strlen(marks[i].key);
        if (!n || s.n < n || memcmp(s.p + s.n - n, marks[i].key, n) != 0)
            continue;
        if (marks[i].value[0] && comment) {
            buf_text(comment, comment->n ? "; " : "");
            buf_text(comment, marks[i].value);
        }
        s.n -= n;
        s = read_trim(s, NULL);
        i = (size_t)-1; /* another mark may stand before it */
    }
    return s;
}

/* --- flags --------------------------------------------------------------------------------------
 */

static void add_letters(uint32_t *status, const char *letters)
{
    for (; *letters; letters++)
        *status |= 1u << (*letters - 'A');
}

static int unknown_flag(const struct profile *p, struct str flag, struct err *e)
{
    err_set(e, RC_DATA, "READ-012", "the flag \"%.*s\" is not declared", STR_ARG(flag));
    return err_hint(e, "Say in profile %s under flags or confidentiality what it means.", p->name);
}

/* One flag: a status letter, else a confidentiality. */
static int add_flag(const struct profile *p, struct str flag, bool conf_only, struct read_value *v,
                    struct err *e)
{
    const char *to = conf_only ? NULL : pair_find(&p->flags, flag);
    if (to) {
        add_letters(&v->status, to);
        return 0;
    }
    to = pair_find(&p->confidentiality, flag);
    if (to) {
        v->conf = str_of(to);
        return 0;
    }
    return unknown_flag(p, flag, e);
}

/* A set of flags: the whole as one word, else letter by letter; after a bar confidentiality. */
static int add_flags(const struct profile *p, struct str flags, struct read_value *v, struct err *e)
{
    bool conf = false;
    if (pair_find(&p->flags, flags) || pair_find(&p->confidentiality, flags))
        return add_flag(p, flags, false, v, e);
    for (size_t i = 0; i < flags.n; i++) {
        char c = flags.p[i];
        if (c == '|') {
            conf = true;
        } else if (c != ' ' && c != ',' && c != ';') {
            int rc = add_flag(p, (struct str){flags.p + i, 1}, conf, v, e);
            if (rc < 0)
                return unknown_flag(p, flags, e);
        }
    }
    return 0;
}

/* SDMX letters as they are, where the profile declares no flags of its own. */
static int add_sdmx(const struct profile *p, struct str s, struct read_value *v, struct err *e)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] >= 'A' && s.p[i] <= 'Z')
            v->status |= 1u << (s.p[i] - 'A');
        else if (s.p[i] != ';' && s.p[i] != ',' && s.p[i] != ' ')
            return unknown_flag(p, s, e);
    }
    return 0;
}

int value_status(const struct profile *p, struct str status, struct str conf, struct read_value *v,
                 struct err *e)
{
    int rc = 0;
    status = read_trim(status, NULL);
    conf = read_trim(conf, NULL);
    if (status.n)
        rc = p->flags.n || p->format == FORMAT_JSONSTAT ? add_flags(p, status, v, e)
                                                        : add_sdmx(p, status, v, e);
    if (rc < 0 || !conf.n)
        return rc;
    if (p->confidentiality.n)
        return add_flag(p, conf, true, v, e);
    if (conf.n != 1 || conf.p[0] < 'A' || conf.p[0] > 'Z')
        return unknown_flag(p, conf, e);
    if (conf.p[0] != 'F') /* free: the normal state, which is empty */
        v->conf = conf;
    return 0;
}

/* --- numbers ------------------------------------------------------------------------------------
 */

/* Canonical already: digits, at most one decimal point inside, no zero in front. The common case,
 * in one pass. */
static bool plain_number(struct str s, char decimal)
{
    size_t point = 0;
    if (s.n == 0 || s.n > 18 || (s.p[0] == '0' && s.n > 1 && s.p[1] != '.'))
        return false;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] >= '0' && s.p[i] <= '9')
            continue;
        if (s.p[i] != '.' || decimal != '.' || point || i == 0 || i + 1 == s.n)
            return false;
        point = i;
    }
    return true;
}

/* Currency signs off either end, once. */
static struct str strip_currency(const struct profile *p, struct str s)
{
    const char *const *signs = p->currency.items;
    for (size_t i = 0; i < p->currency.n; i++) {
        size_t n = strlen(signs[i]);
        if (n && s.n > n && memcmp(s.p, signs[i], n) == 0)
            return read_trim(str_cut(s, n), NULL);
        if (n && s.n > n && memcmp(s.p + s.n - n, signs[i], n) == 0)
            return read_trim((struct str){s.p, s.n - n}, NULL);
    }
    return s;
}

static int put_digits(struct num n, struct read_value *v)
{
    v->text = (struct str){v->digits, num_text(n, v->digits)};
    return 0;
}

static int read_number(const struct profile *p, struct str s, struct read_value *v, struct err *e)
{
    struct num_style style = profile_style(p);
    v->kind = VALUE_GIVEN;
    if (p->currency.n)
        s = strip_currency(p, s);
    v->text = s;
    if (plain_number(s, style.decimal))
        return 0;
    struct num n;
    int rc = num_parse(&n, s, &style, e);
    return rc < 0 ? rc : put_digits(n, v);
}

/* Digits from *i on, and how many there are. */
static size_t some_digits(struct str s, size_t *i)
{
    size_t from = *i;
    while (*i < s.n && isdigit((unsigned char)s.p[*i]))
        ++*i;
    return *i - from;
}

static void skip_one(struct str s, size_t *i, const char *of)
{
    if (*i < s.n && memchr(of, s.p[*i], strlen(of)))
        ++*i;
}

/* Digits with at most a sign, a point and an exponent: a double of XML Schema, without its words.
 */
static bool cell_number(struct str s)
{
    size_t i = 0;
    skip_one(s, &i, "+-");
    size_t digits = some_digits(s, &i);
    skip_one(s, &i, ".");
    digits += some_digits(s, &i);
    if (digits && i < s.n && (s.p[i] == 'e' || s.p[i] == 'E')) {
        i++;
        skip_one(s, &i, "+-");
        digits = some_digits(s, &i);
    }
    return digits && i == s.n;
}

static int refuse_no_number(struct str s, struct err *e)
{
    err_set(e, RC_DATA, "TABLE-022", "the cell says that it holds a number, but holds \"%.*s\"",
            STR_ARG(s));
    return err_hint(e, "The workbook is damaged, or was written by a faulty program: open it in an "
                       "office program and save it again.");
}

/* A number cell of a sheet: the decimal text that stands in the file, exactly, unless the profile
 * declares how many digits of it are meant. */
static int read_cell_number(const struct profile *p, struct str s, struct read_value *v,
                            struct err *e)
{
    static const struct num_style style = {'.', "", true};
    v->kind = VALUE_GIVEN;
    v->text = s;
    if (plain_number(s, '.') && (!p->digits || s.n <= (size_t)p->digits))
        return 0;
    struct num n;
    int rc = p->digits ? num_digits(&n, s, (int)p->digits, e) : num_parse(&n, s, &style, NULL);
    if (rc < 0 && !p->digits) {
        if (!cell_number(s))
            return refuse_no_number(s, e);
        err_set(e, RC_DATA, "TABLE-018", "the number %.*s has more than %d decimals", STR_ARG(s),
                NUM_SCALE_MAX);
        err_hint(e, "A spreadsheet keeps numbers in binary and writes up to 17 digits of them; the "
                    "profile can say how many are meant: digits: 15.");
    }
    return rc < 0 ? rc : put_digits(n, v);
}

/* What a sheet calls a date, a truth or an error is no figure, and no stored result is none. */
static int refuse_kind(enum cell_kind kind, struct str s, struct err *e)
{
    switch (kind) {
    case CELL_DATE:
        err_set(e, RC_DATA, "TABLE-001", "the cell is a date (%.*s), not a number", STR_ARG(s));
        return err_hint(e,
                        "Its number format makes it one: the sender should format it as a number.");
    case CELL_FORMULA:
        err_set(e, RC_DATA, "TABLE-002", "the formula %.*s has no stored result", STR_ARG(s));
        return err_hint(e, "Open the file in an office program, let it calculate, and save it.");
    case CELL_ERROR:
        err_set(e, RC_DATA, "TABLE-003", "the cell holds the error %.*s", STR_ARG(s));
        return err_hint(
            e, "If the sender means something by it, the profile can say so under missing.");
    case CELL_NO_DATE:
        err_set(e, RC_DATA, "TABLE-025", "the cell is formatted as a date, but %.*s is none",
                STR_ARG(s));
        return err_hint(e, "The sender should format it as a number.");
    case CELL_TEXT:
    case CELL_NUMBER:
    case CELL_BOOL:
        break;
    }
    err_set(e, RC_DATA, "TABLE-004", "the cell is a truth value (%.*s), not a number", STR_ARG(s));
    return err_hint(e,
                    "If the sender means something by it, the profile can say so under missing.");
}

/* --- marks --------------------------------------------------------------------------------------
 */

static bool declared_mark(const struct profile *p, struct str s, enum miss *ret)
{
    const struct profile_miss *m = p->missing.items;
    for (size_t i = 0; i < p->missing.n; i++)
        if (str_is(s, m[i].mark)) {
            *ret = (enum miss)m[i].meaning;
            return true;
        }
    *ret = s.n ? MISS_NOT_AVAILABLE : MISS_NOT_GIVEN;
    if (p->format == FORMAT_PX && str_is(s, "-")) { /* the format's own word for a true zero */
        *ret = MISS_ZERO;
        return true;
    }
    bool colon = p->format == FORMAT_TSV || p->format == FORMAT_JSONSTAT;
    return s.n == 0 || (colon && str_is(s, ":"));
}

static void read_mark(enum miss miss, struct read_value *v)
{
    v->text = STR("");
    v->kind = VALUE_MISSING;
    switch (miss) {
    case MISS_ZERO:
        v->kind = VALUE_GIVEN;
        v->text = STR("0");
        break;
    case MISS_NOT_APPLICABLE:
        add_letters(&v->status, "M");
        break;
    case MISS_SUPPRESSED:
        v->conf = STR("C");
        break;
    case MISS_UNKNOWN:
        add_letters(&v->status, "O");
        break;
    case MISS_NOT_GIVEN:
    case MISS_NOT_AVAILABLE:
        break;
    }
}

static enum value_flags manner(const struct profile *p)
{
    if (p->value_flags != FLAGS_DEFAULT)
        return (enum value_flags)p->value_flags;
    return p->format == FORMAT_TSV ? FLAGS_APART : FLAGS_NONE;
}

static bool flag_byte(char c) { return c == '|' || ((c | 32) >= 'a' && (c | 32) <= 'z'); }

/* "78115 b" → 78115 and b; glued: "78115b", too. "0n" always: less than half, not zero. */
static struct str split_flags(const struct profile *p, struct str s, struct str *ret_flags)
{
    enum value_flags how = manner(p);
    size_t cut = s.n;
    *ret_flags = STR("");
    while (how != FLAGS_NONE && cut > 0 && flag_byte(s.p[cut - 1]))
        cut--;
    if (cut == 0 || cut == s.n)
        return s;
    bool half = str_is(s, "0n");
    if (s.p[cut - 1] != ' ' && how != FLAGS_GLUED && !half)
        return s;
    *ret_flags = str_cut(s, cut);
    return read_trim((struct str){s.p, cut}, NULL);
}

/* What is no number as texts of delimited files are. */
static int read_kind(const struct profile *p, enum cell_kind kind, struct str s,
                     struct read_value *v, struct err *e)
{
    enum miss miss;
    if (declared_mark(p, s, &miss)) {
        read_mark(miss, v);
        return 0;
    }
    return kind == CELL_NUMBER ? read_cell_number(p, s, v, e) : refuse_kind(kind, s, e);
}

int value_read(const struct profile *p, enum cell_kind kind, struct str text,
               struct read_value *ret, struct buf *comment, struct err *e)
{
    enum miss miss;
    struct str flags, s = read_trim(text, NULL);
    ret->status = 0;
    ret->conf = STR("");
    if (kind != CELL_TEXT)
        return read_kind(p, kind, s, ret, e);
    if (plain_number(s, 0) && !p->missing.n) {
        ret->kind = VALUE_GIVEN;
        ret->text = s;
        return 0;
    }
    if (p->footnotes.n)
        s = read_unmark(p, s, comment);
    bool sdmx =
        p->format == FORMAT_SDMX || p->format == FORMAT_SDMXJSON || p->format == FORMAT_SDMXML;
    if (sdmx && (str_is(s, "NaN") || str_is(s, "#N/A"))) {
        ret->kind = VALUE_KEPT;
        ret->text = STR("NaN");
        return 0;
    }
    bool mark = declared_mark(p, s, &miss);
    if (!mark) {
        s = split_flags(p, s, &flags);
        mark = declared_mark(p, s, &miss);
        if (s.n && flags.n) {
            int rc = add_flags(p, flags, ret, e);
            if (rc < 0)
                return rc;
        }
    }
    if (!mark)
        return read_number(p, s, ret, e);
    read_mark(miss, ret);
    return 0;
}
