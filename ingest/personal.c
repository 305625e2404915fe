/* personal.c — see personal.h. The lists live in the arena of the conf. */
#include "personal.h"

#include "buf.h"
#include "hash.h"
#include "mem.h"
#include "text.h"

#include <ctype.h>
#include <stddef.h>
#include <unistd.h>

#define SHORTEST 6 /* a@b.co */

struct kind {
    const char *key;
    struct yaml_list whole, words; /* const char *, folded after loading */
};

struct personal {
    struct yaml_list kinds; /* struct kind */
};

static const struct yaml_field kind_fields[] = {
    {.key = "whole",
     .kind = YAML_LIST,
     .offset = offsetof(struct kind, whole),
     .type = &yaml_text_type},
    {.key = "words",
     .kind = YAML_LIST,
     .offset = offsetof(struct kind, words),
     .type = &yaml_text_type},
};
static const struct yaml_type kind_type = {sizeof(struct kind), kind_fields,
                                           ARRAY_LEN(kind_fields)};
static const struct yaml_field personal_fields[] = {{.key = "personal",
                                                     .kind = YAML_MAP,
                                                     .offset = offsetof(struct personal, kinds),
                                                     .required = true,
                                                     .type = &kind_type}};
static const struct yaml_type personal_type = {sizeof(struct personal), personal_fields,
                                               ARRAY_LEN(personal_fields)};

static const struct yaml_field exempt_fields[] = {
    {.key = "name",
     .kind = YAML_TEXT,
     .offset = offsetof(struct personal_exempt, name),
     .required = true},
    {.key = "reason",
     .kind = YAML_TEXT,
     .offset = offsetof(struct personal_exempt, reason),
     .required = true},
    {.kind = YAML_MARK, .offset = offsetof(struct personal_exempt, at)},
};
const struct yaml_type personal_exempt_type = {sizeof(struct personal_exempt), exempt_fields,
                                               ARRAY_LEN(exempt_fields)};

int personal_exempt_check(const struct yaml_list *list, struct err *e)
{
    const struct personal_exempt *x = list->items;
    for (size_t i = 0; i < list->n; i++) {
        if (strlen(x[i].reason) >= 15 && strchr(x[i].reason, ' '))
            continue;
        yaml_fault(e, x[i].at, "PERS-001", "no reason is given why '%s' may pass", x[i].name);
        return err_hint(e, "say in a sentence why these are no personal data, or who allowed it");
    }
    return 0;
}

bool personal_exempted(const struct yaml_list *list, struct str name)
{
    const struct personal_exempt *x = list->items;
    for (size_t i = 0; i < list->n; i++)
        if (str_is(name, x[i].name))
            return true;
    return false;
}

int personal_load(struct conf *c, const struct personal **ret, struct err *e)
{
    void **kept = conf_keep(c, "personal", "");
    if (!*kept) {
        struct personal *p = arena_new(&c->arena, sizeof *p);
        const char *path = arena_fmt(&c->arena, "%s/personal.yaml", c->dir);
        int rc =
            access(path, R_OK) != 0 ? 0 : yaml_bind_file(path, &personal_type, p, &c->arena, e);
        if (rc < 0)
            return rc;
        struct kind *k = p->kinds.items;
        for (size_t i = 0; i < p->kinds.n; i++) {
            text_fold_all(k[i].whole.items, k[i].whole.n, &c->arena);
            text_fold_all(k[i].words.items, k[i].words.n, &c->arena);
        }
        *kept = p;
    }
    *ret = *kept;
    return 0;
}

/* Does the folded text hold the folded words, parted by blanks from the rest? */
static bool holds(struct str text, const char *words)
{
    size_t n = strlen(words);
    for (size_t i = 0; n && i + n <= text.n; i++)
        if (memcmp(text.p + i, words, n) == 0 && (i == 0 || text.p[i - 1] == ' ') &&
            (i + n == text.n || text.p[i + n] == ' '))
            return true;
    return false;
}

static bool one_of(const struct yaml_list *list, struct str text, bool whole)
{
    const char *const *words = list->items;
    for (size_t i = 0; i < list->n; i++)
        if (whole ? str_is(text, words[i]) : holds(text, words[i]))
            return true;
    return false;
}

const char *personal_heading(const struct personal *p, struct str heading)
{
    const struct kind *k = p->kinds.items;
    const char *found = NULL;
    struct buf b;
    buf_init(&b, 65536);
    text_fold(&b, heading);
    for (size_t i = 0; i < p->kinds.n && !found; i++)
        if (one_of(&k[i].whole, buf_view(&b), true) || one_of(&k[i].words, buf_view(&b), false))
            found = k[i].key;
    buf_free(&b);
    return found;
}

/* --- texts --------------------------------------------------------------------------------------
 */

static unsigned digit(char c) { return (unsigned)(c - '0'); }

static bool all_digits(const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (p[i] < '0' || p[i] > '9')
            return false;
    return true;
}

/* JMBG, EMBG: DDMMYYYRRBBBK, with its check digit (modulo 11). */
static bool is_jmbg(const char *p, size_t n)
{
    static const unsigned char weights[] = {7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2};
    char whole[13] = {'0'};
    if (n == 12 && p[0] != '0') { /* a program that took it for a number has dropped its zero */
        memcpy(whole + 1, p, 12);
        return is_jmbg(whole, 13);
    }
    if (n != 13 || !all_digits(p, n))
        return false;
    unsigned day = digit(p[0]) * 10 + digit(p[1]), month = digit(p[2]) * 10 + digit(p[3]);
    if (day < 1 || day > 31 || month < 1 || month > 12 || (p[4] != '9' && p[4] != '0'))
        return false;
    unsigned sum = 0;
    for (size_t i = 0; i < sizeof weights; i++)
        sum += weights[i] * digit(p[i]);
    unsigned check = (11 - sum % 11) % 11;
    return check < 10 && check == digit(p[12]);
}

/* The Albanian NID: letter of the decade, digit of the year, month (women + 50), day, serial, check
 * letter. */
static bool is_nid(const char *p, size_t n)
{
    if (n != 10 || !isupper((unsigned char)p[0]) || !isupper((unsigned char)p[9]) ||
        !all_digits(p + 1, 8))
        return false;
    unsigned month = digit(p[2]) * 10 + digit(p[3]), day = digit(p[4]) * 10 + digit(p[5]);
    month = month > 50 ? month - 50 : month > 30 ? month - 30 : month;
    return month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

/* Letters of any script. */
static bool is_letter(char c) { return isalnum((unsigned char)c) || (unsigned char)c >= 0x80; }

static bool is_word_char(char c) { return is_letter(c) || strchr("._%+-", c); }

/* The host behind an @, with a dot and two letters after it. */
static bool is_host(const char *p, size_t n)
{
    size_t host = 0, dot = 0;
    while (host < n && (is_letter(p[host]) || strchr(".-", p[host]))) {
        if (p[host] == '.' && host + 1 < n && is_letter(p[host + 1]))
            dot = host;
        host++;
    }
    return dot > 0 && host > dot + 2;
}

static bool is_mail(const char *p, size_t n)
{
    for (size_t i = 1; i < n; i++)
        if (p[i] == '@' && is_word_char(p[i - 1]) && is_host(p + i + 1, n - i - 1))
            return true;
    return false;
}

/* +38344123456, 00 355 69 123 4567: an international number and nothing else. */
static bool is_international(const char *p, size_t n)
{
    size_t digits = 0, i = n && p[0] == '+' ? 1 : n > 2 && p[0] == '0' && p[1] == '0' ? 2 : 0;
    if (i == 0 || i >= n || p[i] < '1' || p[i] > '9')
        return false;
    for (; i < n; i++) {
        if (p[i] >= '0' && p[i] <= '9')
            digits++;
        else if (!strchr(" -/()", p[i]))
            return false;
    }
    return digits >= 9 && digits <= 15;
}

#define GROUPS 6

/* Groups of digits parted by what parts them in a telephone number: how many, 0 for anything else.
 */
static size_t digit_groups(const char *p, size_t n, size_t groups[GROUPS], size_t *ret_digits)
{
    size_t k = 0, digits = 0;
    for (size_t i = 0; i < n; i++) {
        if (p[i] >= '0' && p[i] <= '9') {
            digits++;
            groups[k]++;
        } else if (!strchr(" -/)", p[i])) {
            return 0;
        } else if (groups[k] && ++k == GROUPS) {
            return 0;
        }
    }
    *ret_digits = digits;
    return k + (groups[k] > 0);
}

/* 01-02-2024 and its like: what is grouped as a number may be a day. */
static bool is_day(const size_t *groups, size_t n, const char *p)
{
    unsigned first = digit(p[0]) * 10 + digit(p[1]), second = digit(p[3]) * 10 + digit(p[4]);
    return n == 3 && groups[0] == 2 && groups[1] == 2 && (groups[2] == 4 || groups[2] == 2) &&
           first <= 31 && second <= 31;
}

/* Two to four digits each and somewhere more than two, or one group of up to seven. */
static bool group_sizes(const size_t *groups, size_t n)
{
    size_t widest = 0, narrowest = SIZE_MAX;
    for (size_t i = 1; i < n; i++) {
        widest = groups[i] > widest ? groups[i] : widest;
        narrowest = groups[i] < narrowest ? groups[i] : narrowest;
    }
    return narrowest >= 2 && widest > 2 && widest <= (n == 2 ? 7u : 4u);
}

/* 044 123 456, 069/12-34-567, (033) 123-456: an area or network of two or three digits, parted from
 * one to four groups, and nothing else. Digits in one piece may be any code, and pass. */
static bool is_domestic(const char *p, size_t n)
{
    size_t groups[GROUPS] = {0}, digits = 0;
    bool open = n && p[0] == '(';
    p += open;
    n -= open;
    if (n < 2 || p[0] != '0' || p[1] < '1' || p[1] > '9')
        return false;
    size_t k = digit_groups(p, n, groups, &digits);
    return k >= 2 && k < GROUPS && groups[0] >= 2 && groups[0] <= 3 && group_sizes(groups, k) &&
           digits >= 8 && digits <= 10 && !is_day(groups, k, p);
}

static bool is_phone(const char *p, size_t n)
{
    return is_international(p, n) || is_domestic(p, n);
}

/* A number of the kind at any place of a longer text. */
static bool holds_jmbg(struct str s)
{
    for (size_t i = 0; i + 12 <= s.n; i++) {
        size_t n = 0;
        while (i + n < s.n && s.p[i + n] >= '0' && s.p[i + n] <= '9')
            n++;
        if (is_jmbg(s.p + i, n))
            return true;
        i += n;
    }
    return false;
}

const char *personal_text(struct str s)
{
    if (s.n < SHORTEST)
        return NULL;
    if (holds_jmbg(s) || is_nid(s.p, s.n))
        return "national identity number";
    if (is_mail(s.p, s.n))
        return "e-mail address";
    return is_phone(s.p, s.n) ? "telephone number" : NULL;
}

#define SEEN 1024

struct watch {
    const struct personal *p;
    const struct yaml_list *exempt;
    uint64_t seen[SEEN]; /* hashes of texts that passed */
};

struct watch *watch_new(const struct personal *p, const struct yaml_list *exempt)
{
    struct watch *w = mem_new(sizeof *w);
    w->p = p;
    w->exempt = exempt;
    return w;
}

void watch_free(struct watch *w) { mem_free(w); }

bool watch_passes(struct watch *w, const char *name, struct str text, const char **ret_what)
{
    if (text.n < SHORTEST)
        return true;
    uint64_t h = hash64(text);
    if (w->seen[h % SEEN] == h)
        return true;
    *ret_what = personal_text(text);
    if (*ret_what)
        return personal_exempted(w->exempt, str_of(name));
    w->seen[h % SEEN] = h;
    return true;
}

bool watch_heading(const struct watch *w, const char *name, struct str text, const char **ret_what)
{
    *ret_what = personal_heading(w->p, text);
    return !*ret_what || personal_exempted(w->exempt, str_of(name));
}

static const char remedy[] =
    "take the column out of the file or of the profile and count the records with rta count; if "
    "these are no personal data, say why under personal: in the profile";

int personal_in_heading(struct err *e, const char *what, const char *file, size_t line,
                        size_t field)
{
    err_set(e, RC_DATA, "PERS-002", "the heading of a column that would be passed on says: %s",
            what);
    err_hint(e, "%s", remedy);
    return err_place(e, "%s:%zu:%zu", file, line, field);
}

int personal_in_text(struct err *e, const char *what, const char *file, size_t line, size_t field)
{
    err_set(e, RC_DATA, "PERS-003", "a cell that would be passed on looks like personal data: %s",
            what);
    err_hint(e, "%s", remedy);
    if (field == 0)
        return err_place(e, "%s:%zu", file, line);
    return err_place(e, "%s:%zu:%zu", file, line, field);
}
