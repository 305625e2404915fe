/* map_cite.c — articles of a law as people cite them ("čl. 246a st. 1", "neni 283/ç", "чл. 418-г")
 * to the sources of a table (LAW:246a:1). Nothing is guessed: a citation counts when exactly one
 * source fits it. The words are configuration (config/citations.yaml), folded, in the arena of the
 * conf. */
#include "map_cite.h"

#include "text.h"
#include "yml.h"

#include <unistd.h>

struct cite_words {
    struct yaml_list article, paragraph, item, attempt; /* const char * */
};

static const struct yaml_field fields[] = {
    {"article", YAML_LIST, offsetof(struct cite_words, article), true, &yaml_text_type, NULL, NULL},
    {"paragraph", YAML_LIST, offsetof(struct cite_words, paragraph), true, &yaml_text_type, NULL,
     NULL},
    {"item", YAML_LIST, offsetof(struct cite_words, item), true, &yaml_text_type, NULL, NULL},
    {"attempt", YAML_LIST, offsetof(struct cite_words, attempt), true, &yaml_text_type, NULL, NULL},
};
static const struct yaml_type words_type = {sizeof(struct cite_words), fields, ARRAY_LEN(fields)};

int cite_load(struct conf *c, const struct cite_words **ret, struct err *e)
{
    void **kept = conf_keep(c, "citations", "");
    if (!*kept) {
        struct cite_words *w = arena_new(&c->arena, sizeof *w);
        const char *path = arena_fmt(&c->arena, "%s/citations.yaml", c->dir);
        int rc = yaml_bind_file(path, &words_type, w, &c->arena, e);
        if (rc < 0)
            return rc;
        struct yaml_list *lists[] = {&w->article, &w->paragraph, &w->item, &w->attempt};
        for (size_t i = 0; i < ARRAY_LEN(lists); i++)
            text_fold_all(lists[i]->items, lists[i]->n, &c->arena);
        *kept = w;
    }
    *ret = *kept;
    return 0;
}

/* --- reading a citation -------------------------------------------------------------------------
 */

struct citation {
    struct str number, suffix;  /* of the article; suffix: one letter, or empty */
    struct str paragraph, item; /* digits, or a set as written: 1-3 */
    bool attempt;
};

static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80;
}

static struct str skip(struct str s, const char *what)
{
    while (s.n && memchr(what, s.p[0], strlen(what)))
        s = str_cut(s, 1);
    return s;
}

/* The letters at the front. */
static struct str word(struct str s)
{
    size_t n = 0;
    while (n < s.n && is_letter(s.p[n]))
        n++;
    return (struct str){s.p, n};
}

/* Digits at the front; `set`: with the rest of 2-4 or 1,3. */
static struct str digits(struct str s, bool set)
{
    size_t n = 0;
    while (n < s.n && (is_digit(s.p[n]) ||
                       (set && n && strchr("-,", s.p[n]) && n + 1 < s.n && is_digit(s.p[n + 1]))))
        n++;
    return (struct str){s.p, n};
}

static bool one_of(const struct yaml_list *list, struct str text)
{
    const char *const *words = list->items;
    struct buf b;
    bool found = false;
    buf_init(&b, 4096);
    text_fold(&b, text);
    for (size_t i = 0; i < list->n && !found; i++)
        found = b.n && str_is(buf_view(&b), words[i]);
    buf_free(&b);
    return found;
}

static size_t letters(struct str s)
{
    size_t n = 0;
    while (s.n) {
        (void)text_next(&s);
        n++;
    }
    return n;
}

/* A word of the list and a number behind it, off the front of *s; a number alone when `bare`. */
static bool take(struct str *s, const struct yaml_list *list, bool set, struct str *ret)
{
    struct str rest = skip(*s, " ,;.()"), w = word(rest);
    if (!w.n || !one_of(list, w))
        return false;
    rest = skip(str_cut(rest, w.n), " .");
    *ret = digits(rest, set);
    if (ret->n)
        *s = str_cut(rest, ret->n);
    return ret->n > 0;
}

/* The letter behind the number: 246a, 283/ç, 418-г, 246 a. */
static void take_suffix(const struct cite_words *w, struct str *s, struct citation *c)
{
    struct str rest = s->n && strchr("/- ", s->p[0]) ? str_cut(*s, 1) : *s, one = word(rest);
    if (letters(one) != 1 || one_of(&w->item, one) || one_of(&w->attempt, rest))
        return;
    c->suffix = one;
    *s = str_cut(rest, one.n);
}

static bool parse(const struct cite_words *w, struct str s, struct citation *c)
{
    *c = (struct citation){.attempt = false};
    if (!take(&s, &w->article, false, &c->number)) {
        s = skip(s, " ");
        c->number = digits(s, false);
        s = str_cut(s, c->number.n);
    }
    if (c->number.n == 0 || c->number.n > 6)
        return false;
    take_suffix(w, &s, c);
    struct str bracket = skip(s, " ");
    if (bracket.n && bracket.p[0] == '(' && digits(str_cut(bracket, 1), true).n) {
        c->paragraph = digits(str_cut(bracket, 1), true);
        s = skip(str_cut(bracket, 1 + c->paragraph.n), ")");
    } else {
        (void)take(&s, &w->paragraph, true, &c->paragraph);
    }
    if (c->paragraph.n)
        (void)take(&s, &w->item, false, &c->item);
    s = skip(s, " .,;()");
    c->attempt = s.n && !c->paragraph.n && one_of(&w->attempt, s);
    return s.n == 0 || c->attempt;
}

/* --- the source that is meant -------------------------------------------------------------------
 */

/* A suffix in the other script: laws number in the order of their own alphabet. */
static const char *other_script(struct str s)
{
    static const char *const pairs[][2] = {{"a", "\xd0\xb0"},
                                           {"b", "\xd0\xb1"},
                                           {"v", "\xd0\xb2"},
                                           {"g", "\xd0\xb3"},
                                           {"d", "\xd0\xb4"}};
    for (size_t i = 0; i < ARRAY_LEN(pairs); i++)
        for (size_t k = 0; k < 2; k++)
            if (str_is(s, pairs[i][k]))
                return pairs[i][1 - k];
    return NULL;
}

static bool known(const struct table *t, struct buf *key, const struct citation *c)
{
    size_t n = key->n;
    bool found = table_find(t, buf_view(key)) >= 0;
    if (!found && (c->paragraph.n || c->attempt)) {
        buf_char(key, ':');
        buf_str(key, c->attempt ? STR("att") : c->paragraph);
        found = table_find(t, buf_view(key)) >= 0;
        key->n = n;
    }
    return found;
}

/* The article as the table writes it, into `key`; false when none or several fit. */
static bool find_article(const struct table *t, const char *law, const struct citation *c,
                         struct buf *key)
{
    static const char *const joins[] = {"", "/", "-"};
    const char *other = other_script(c->suffix);
    struct str suffixes[2] = {c->suffix, str_of(other ? other : "")};
    struct buf found;
    size_t hits = 0;
    buf_init(&found, LIMIT_CODE_BYTES);
    for (size_t s = 0; s < (other ? 2u : 1u); s++)
        for (size_t j = 0; j < (c->suffix.n ? ARRAY_LEN(joins) : 1); j++) {
            buf_reset(key);
            buf_fmt(key, "%s:%.*s%s%.*s", law, STR_ARG(c->number), joins[j], STR_ARG(suffixes[s]));
            if (!known(t, key, c))
                continue;
            hits++;
            buf_reset(&found);
            buf_str(&found, buf_view(key));
        }
    buf_reset(key);
    buf_str(key, buf_view(&found));
    buf_free(&found);
    return hits == 1;
}

bool cite_normal(const struct cite_words *w, const struct table *t, const char *law,
                 struct str text, struct buf *ret)
{
    struct citation c;
    buf_reset(ret);
    if (table_find(t, text) >= 0 || text.n > LIMIT_CODE_BYTES || !parse(w, text, &c) ||
        !find_article(t, law, &c, ret))
        return false;
    if (c.attempt)
        buf_text(ret, ":att");
    if (c.paragraph.n) {
        buf_char(ret, ':');
        buf_str(ret, c.paragraph);
    }
    if (c.item.n) {
        buf_char(ret, '.');
        buf_str(ret, c.item);
    }
    return !ret->full;
}

/* --- sets of paragraphs -------------------------------------------------------------------------
 */

/* Bits of a set such as 1-6,8-9; 0 when it is none. */
static uint64_t bits_of(struct str s)
{
    uint64_t bits = 0;
    while (s.n) {
        struct str a = digits(s, false);
        unsigned from = 0, to;
        for (size_t i = 0; i < a.n && from < 64; i++)
            from = from * 10 + (unsigned)(a.p[i] - '0');
        s = str_cut(s, a.n);
        to = from;
        if (s.n > 1 && s.p[0] == '-') {
            struct str b = digits(str_cut(s, 1), false);
            to = 0;
            for (size_t i = 0; i < b.n && to < 64; i++)
                to = to * 10 + (unsigned)(b.p[i] - '0');
            s = str_cut(s, 1 + b.n);
        }
        if (!a.n || from > to || to > 63 || (s.n && s.p[0] != ','))
            return 0;
        for (unsigned k = from; k <= to; k++)
            bits |= (uint64_t)1 << k;
        s = str_cut(s, 1);
    }
    return bits;
}

int32_t cite_cover(const struct table *t, struct str text, size_t at, struct str sep)
{
    uint64_t want = bits_of(str_cut(text, at + sep.n));
    int32_t found = -1;
    for (size_t i = 0; want && i < t->norigins; i++) {
        struct str source = t->entries[t->origins[i].first].source;
        if (source.n <= at + sep.n || memcmp(source.p, text.p, at + sep.n) != 0)
            continue;
        uint64_t have = bits_of(str_cut(source, at + sep.n));
        if ((have & want) != want)
            continue;
        if (found >= 0)
            return -1;
        found = (int32_t)i;
    }
    return found;
}
