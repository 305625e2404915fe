/* pattern.c — see pattern.h. A pattern is literal, wildcard, literal … : each literal is sought
 * once, from left to right, the last one at the end; no step is ever taken back, so no text can
 * make it slow. */
#include "pattern.h"

/* The literal that begins the pattern; what is left begins with a wildcard or is empty. */
static struct str literal(const char **pattern)
{
    const char *from = *pattern;
    *pattern += strcspn(from, "*{");
    return (struct str){from, (size_t)(*pattern - from)};
}

/* The wildcard that begins the pattern: is it a capture, and of what name? */
static bool wildcard(const char **pattern, struct str *ret_name)
{
    *ret_name = STR("");
    if (*(*pattern)++ == '*')
        return false;
    size_t n = strcspn(*pattern, "}");
    *ret_name = (struct str){*pattern, n};
    *pattern += n + ((*pattern)[n] == '}');
    return true;
}

/* Where `want` begins in s at `from` or later; when last, only at the end. s.n + 1: nowhere. */
static size_t seek(struct str s, size_t from, struct str want, bool last)
{
    if (s.n < want.n || s.n - want.n < from)
        return s.n + 1;
    if (last)
        return memcmp(s.p + s.n - want.n, want.p, want.n) == 0 ? s.n - want.n : s.n + 1;
    const char *at =
        want.n ? memmem(s.p + from, s.n - from, want.p, want.n) : (s.n >= from ? s.p + from : NULL);
    return at ? (size_t)(at - s.p) : s.n + 1;
}

bool pattern_match(const char *pattern, struct str text,
                   struct pattern_capture ret[PATTERN_CAPTURES], size_t *ret_n)
{
    size_t at, n = 0;
    struct str want = literal(&pattern);
    *ret_n = 0;
    if (text.n > PATTERN_TEXT_MAX || text.n < want.n ||
        (want.n && memcmp(text.p, want.p, want.n) != 0))
        return false;
    if (!*pattern)
        return text.n == want.n;
    for (at = want.n; *pattern;) {
        struct str name;
        bool capture = wildcard(&pattern, &name);
        want = literal(&pattern);
        size_t to = seek(text, at + capture, want, !*pattern);
        if (to > text.n || (capture && n == PATTERN_CAPTURES))
            return false;
        if (capture)
            ret[n++] = (struct pattern_capture){name, {text.p + at, to - at}};
        at = to + want.n;
    }
    *ret_n = n;
    return true;
}

const char *pattern_fault(const char *pattern)
{
    size_t captures = 0;
    if (!*pattern)
        return "it is empty";
    while (*pattern) {
        (void)literal(&pattern);
        if (!*pattern)
            break;
        if (*pattern == '{' && !strchr(pattern, '}'))
            return "a brace is not closed";
        struct str name;
        captures += wildcard(&pattern, &name);
        if (*pattern == '*' || *pattern == '{')
            return "two wildcards stand side by side";
    }
    return captures > PATTERN_CAPTURES ? "it has too many captures" : NULL;
}

bool pattern_names(const char *pattern, const char *id)
{
    while (pattern && *pattern) {
        struct str name;
        (void)literal(&pattern);
        if (*pattern && wildcard(&pattern, &name) && str_is(name, id))
            return true;
    }
    return false;
}
