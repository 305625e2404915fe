/* text_char.c — the part of text.h that looks at characters: decoding, width, folding, distance.
 * Owns nothing. The tables hold what each letter folds to; they follow the scripts of the region
 * (Serbian and Macedonian Cyrillic, Latin with the letters of all its neighbours). */
#include "text.h"

#include "arena.h"
#include "buf.h"
#include "mem.h"

/* U+00C0 … U+017F. */
static const char *const latin[] = {
    "a",  "a",  "a",  "a",  "a", "a", "ae", "c", "e", "e", "e", "e", "i", "i", "i",  "i",
    "d",  "n",  "o",  "o",  "o", "o", "o",  " ", "o", "u", "u", "u", "u", "y", "th", "ss",
    "a",  "a",  "a",  "a",  "a", "a", "ae", "c", "e", "e", "e", "e", "i", "i", "i",  "i",
    "d",  "n",  "o",  "o",  "o", "o", "o",  " ", "o", "u", "u", "u", "u", "y", "th", "y",
    "a",  "a",  "a",  "a",  "a", "a", "c",  "c", "c", "c", "c", "c", "c", "c", "d",  "d",
    "dj", "dj", "e",  "e",  "e", "e", "e",  "e", "e", "e", "e", "e", "g", "g", "g",  "g",
    "g",  "g",  "g",  "g",  "h", "h", "h",  "h", "i", "i", "i", "i", "i", "i", "i",  "i",
    "i",  "i",  "ij", "ij", "j", "j", "k",  "k", "k", "l", "l", "l", "l", "l", "l",  "l",
    "l",  "l",  "l",  "n",  "n", "n", "n",  "n", "n", "n", "n", "n", "o", "o", "o",  "o",
    "o",  "o",  "oe", "oe", "r", "r", "r",  "r", "r", "r", "s", "s", "s", "s", "s",  "s",
    "s",  "s",  "t",  "t",  "t", "t", "t",  "t", "u", "u", "u", "u", "u", "u", "u",  "u",
    "u",  "u",  "u",  "u",  "w", "w", "y",  "y", "y", "z", "z", "z", "z", "z", "z",  "s"};

/* U+0400 … U+045F. */
static const char *const cyrillic[] = {
    "e", "e", "dj", "gj", "e", "dz", "i", "i", "j", "lj", "nj", "c", "kj", "i", "u",  "dz",
    "a", "b", "v",  "g",  "d", "e",  "z", "z", "i", "j",  "k",  "l", "m",  "n", "o",  "p",
    "r", "s", "t",  "u",  "f", "h",  "c", "c", "s", "st", "a",  "y", "",   "e", "ju", "ja",
    "a", "b", "v",  "g",  "d", "e",  "z", "z", "i", "j",  "k",  "l", "m",  "n", "o",  "p",
    "r", "s", "t",  "u",  "f", "h",  "c", "c", "s", "st", "a",  "y", "",   "e", "ju", "ja",
    "e", "e", "dj", "gj", "e", "dz", "i", "i", "j", "lj", "nj", "c", "kj", "i", "u",  "dz"};

/* How many bytes the character that begins with c has; 0: none begins so. */
static size_t length_of(unsigned char c)
{
    return c < 0x80 ? 1 : c < 0xc2 ? 0 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : c < 0xf5 ? 4 : 0;
}

/* Decode at p, n > 0 bytes: the length, or 0 when they are no character. */
static size_t decode(const unsigned char *p, size_t n, uint32_t *ret)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t k = length_of(p[0]);
    if (k == 0 || k > n)
        return 0;
    uint32_t c = k == 1 ? p[0] : p[0] & (0x7fu >> k);
    for (size_t i = 1; i < k; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 0;
        c = c << 6 | (p[i] & 0x3fu);
    }
    if (c < least[k] || (c >= 0xd800 && c < 0xe000) || c > 0x10ffff)
        return 0;
    *ret = c;
    return k;
}

uint32_t text_next(struct str *s)
{
    if (s->n == 0)
        return 0;
    uint32_t c = 0xfffd;
    size_t k = decode((const unsigned char *)s->p, s->n, &c);
    *s = str_cut(*s, k ? k : 1);
    return c;
}

bool text_valid(struct str s)
{
    while (s.n) {
        uint32_t c = 0;
        size_t k = decode((const unsigned char *)s.p, s.n, &c);
        if (k == 0 || c == 0)
            return false;
        s = str_cut(s, k);
    }
    return true;
}

struct range {
    uint32_t first, last;
};

static bool is_in(uint32_t c, const struct range *r, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (c >= r[i].first && c <= r[i].last)
            return true;
    return false;
}

/* From EastAsianWidth.txt (W and F) and the general category Mn of Unicode, whole blocks. */
static const struct range wide[] = {
    {0x1100, 0x115f},   {0x2e80, 0x303e},   {0x3041, 0x33ff},   {0x3400, 0x4dbf},
    {0x4e00, 0xa4cf},   {0xa960, 0xa97c},   {0xac00, 0xd7a3},   {0xf900, 0xfaff},
    {0xfe30, 0xfe6f},   {0xff00, 0xff60},   {0xffe0, 0xffe6},   {0x1f300, 0x1f64f},
    {0x1f680, 0x1f6ff}, {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd},
};
static const struct range narrow[] = {
    {0x0000, 0x001f}, {0x007f, 0x009f}, {0x0300, 0x036f}, {0x0483, 0x0489}, {0x0591, 0x05bd},
    {0x064b, 0x065f}, {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff}, {0x200b, 0x200f}, {0x202a, 0x202e},
    {0x2060, 0x2064}, {0x20d0, 0x20ff}, {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f}, {0xfeff, 0xfeff},
};

size_t text_width(struct str s)
{
    size_t n = 0;
    while (s.n) {
        uint32_t c = text_next(&s);
        if (is_in(c, narrow, ARRAY_LEN(narrow)))
            continue;
        n += is_in(c, wide, ARRAY_LEN(wide)) ? 2 : 1;
    }
    return n;
}

/* What ASCII folds to: 0 is a blank. */
static char fold_ascii(uint32_t c)
{
    if (c >= 'A' && c <= 'Z')
        return (char)(c + ('a' - 'A'));
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? (char)c : '\0';
}

/* Letters outside the tables that the region's texts hold: Romanian commas, the digraphs of
 * Croatian typefaces, Macedonian in Latin letters. */
static const char *fold_rare(uint32_t c)
{
    static const struct {
        uint32_t c;
        const char *to;
    } rare[] = {{0x1c4, "dz"},  {0x1c5, "dz"},  {0x1c6, "dz"}, {0x1c7, "lj"}, {0x1c8, "lj"},
                {0x1c9, "lj"},  {0x1ca, "nj"},  {0x1cb, "nj"}, {0x1cc, "nj"}, {0x1f4, "gj"},
                {0x1f5, "gj"},  {0x218, "s"},   {0x219, "s"},  {0x21a, "t"},  {0x21b, "t"},
                {0x1e30, "kj"}, {0x1e31, "kj"}, {0xaa, "a"},   {0xba, "o"}};
    for (size_t i = 0; i < ARRAY_LEN(rare); i++)
        if (rare[i].c == c)
            return rare[i].to;
    return NULL;
}

static bool is_blank(uint32_t c)
{
    static const struct range blanks[] = {
        {0x80, 0xbf}, {0x2000, 0x206f}, {0x20a0, 0x20cf}, {0x2190, 0x2bff}, {0x3000, 0x303f}};
    return c == 0xfffd || is_in(c, blanks, ARRAY_LEN(blanks));
}

/* What a character folds to: "" nothing, " " a blank, NULL itself. */
static const char *fold_wide(uint32_t c)
{
    if (c >= 0xc0 && c < 0xc0 + ARRAY_LEN(latin))
        return latin[c - 0xc0];
    if (c >= 0x400 && c < 0x400 + ARRAY_LEN(cyrillic))
        return cyrillic[c - 0x400];
    if (c >= 0x300 && c < 0x370)
        return "";
    const char *to = fold_rare(c);
    return to ? to : is_blank(c) ? " " : NULL;
}

/* Appends to b as text_fold does, and knows whether a blank is due before the next letter. */
struct folding {
    struct buf *b;
    bool any, blank;
};

static void fold_put(struct folding *f, const char *p, size_t n)
{
    if (n == 0)
        return;
    if (*p == ' ') {
        f->blank = true;
        return;
    }
    if (f->blank && f->any)
        buf_char(f->b, ' ');
    f->blank = false;
    f->any = true;
    buf_add(f->b, p, n);
}

void text_fold(struct buf *b, struct str s)
{
    struct folding f = {b, false, false};
    while (s.n) {
        const char *from = s.p;
        uint32_t c = text_next(&s);
        if (c < 0x80) {
            char low = fold_ascii(c);
            fold_put(&f, low ? &low : " ", 1);
            continue;
        }
        const char *to = fold_wide(c);
        if (to)
            fold_put(&f, to, strlen(to));
        else
            fold_put(&f, from, (size_t)(s.p - from));
    }
}

void text_fold_all(const char **texts, size_t n, struct arena *a)
{
    struct buf b CLEANUP(buf_free) = {.max = 4096};
    for (size_t i = 0; i < n; i++) {
        buf_reset(&b);
        text_fold(&b, str_of(texts[i]));
        texts[i] = arena_text(a, buf_view(&b));
    }
}

static size_t characters(struct str s, uint32_t *ret)
{
    size_t n = 0;
    while (s.n)
        ret[n++] = text_next(&s);
    return n;
}

static size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

/* One row of the table of distances from a[0 … i] (the two rows above are given); its minimum. */
static size_t distance_row(const uint32_t *a, size_t i, const uint32_t *b, size_t n,
                           size_t *const row[3])
{
    size_t *now = row[0], best = now[0] = i;
    const size_t *up = row[1], *upper = row[2];
    for (size_t j = 1; j <= n; j++) {
        size_t d = smaller(up[j], now[j - 1]) + 1;
        d = smaller(d, up[j - 1] + (a[i - 1] != b[j - 1]));
        if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
            d = smaller(d, upper[j - 2] + 1);
        now[j] = d;
        best = smaller(best, d);
    }
    return best;
}

/* Each pair is transposed at most once ("optimal string alignment"). */
size_t text_distance(struct str a, struct str b, size_t max)
{
    uint32_t *x CLEANUP(mem_freep) = mem_array(a.n + b.n, sizeof *x);
    size_t na = characters(a, x), nb = characters(b, x + na);
    if ((na > nb ? na - nb : nb - na) > max)
        return max + 1;
    size_t *table CLEANUP(mem_freep) = mem_array((nb + 1) * 3, sizeof *table);
    size_t *row[3] = {table, table + nb + 1, table + 2 * (nb + 1)};
    for (size_t j = 0; j <= nb; j++)
        row[0][j] = j;
    size_t before = 0;
    for (size_t i = 1; i <= na; i++) {
        size_t *oldest = row[2];
        row[2] = row[1];
        row[1] = row[0];
        row[0] = oldest;
        size_t best = distance_row(x, i, x + na, nb, row);
        if (best > max && before > max) /* a transposition reaches back two rows */
            return max + 1;
        before = best;
    }
    return row[0][nb] > max ? max + 1 : row[0][nb];
}
