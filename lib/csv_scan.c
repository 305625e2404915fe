/* csv_scan.c — see csv_scan.h. Blocks of 64 bytes become bit masks (one bit a byte) of separators,
 * quotes and line ends; "inside quotes" is the running XOR of the quote mask, so no byte is
 * branched on. The mask makers differ by processor (AVX-512, AVX2, SSE2, plain 64-bit words); what
 * follows is shared, but for the prefix XOR and the list of positions, where AVX-512 and the
 * carry-less multiply do better. Owns nothing. */
#include "csv_scan.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define ALWAYS_INLINE inline __attribute__((always_inline))

void csv_scan_init(struct csv_scan *s, char sep, char quote, bool cr_only, bool lazy)
{
    *s = (struct csv_scan){.sep = sep,
                           .quote = quote,
                           .eol = cr_only ? '\r' : '\n',
                           .other = cr_only ? '\n' : '\r',
                           .lazy = lazy,
                           .fresh = true,
                           .bad = SIZE_MAX};
}

/* A record ends at the position that was found last, or is about to be. */
static inline void note_end(struct csv_scan *s, size_t at, uint32_t lines, uint32_t escapes)
{
    s->end[s->ends++] = (struct csv_end){(uint32_t)at, lines, escapes};
}

/* One byte inside quotes. */
static void scalar_inside(struct csv_scan *s, char c, size_t at)
{
    if (c == s->quote) {
        s->inside = false;
        s->closed = true;
    } else if (c == s->eol) {
        s->lines++;
    } else if (c == '\0') {
        s->bad = at;
    }
}

static void scalar_end(struct csv_scan *s, char c, size_t at)
{
    s->pos[s->n++] = (uint32_t)at;
    s->fresh = true;
    if (c == s->eol)
        note_end(s, s->n - 1, ++s->lines, s->escapes);
}

/* One byte outside quotes; false: the byte breaks the rules. */
static bool scalar_outside(struct csv_scan *s, char c, size_t at)
{
    bool closed = s->closed, cr = s->cr, fresh = s->fresh;
    s->closed = s->cr = s->fresh = false;
    if (c == '\0' || (cr && c != '\n'))
        return false;
    if (c == s->sep || c == s->eol) {
        scalar_end(s, c, at);
        return true;
    }
    if (c == s->other) {
        s->cr = c == '\r';
        return s->cr;
    }
    if (s->quote && c == s->quote && (fresh || closed)) {
        s->inside = s->quoted = true;
        s->escapes += closed;
        return true;
    }
    return !closed && !(s->quote && c == s->quote && !s->lazy);
}

void csv_scan_scalar(struct csv_scan *s, const char *p, size_t from, size_t n)
{
    for (size_t i = from; i < from + n && s->bad == SIZE_MAX; i++) {
        if (s->inside)
            scalar_inside(s, p[i], i);
        else if (!scalar_outside(s, p[i], i))
            s->bad = i;
    }
}

struct masks {
    uint64_t sep, quote, eol, other, nul;
    uint64_t parity; /* bit i: the XOR of the quote bits 0 … i */
};

static ALWAYS_INLINE uint64_t running_xor(uint64_t x)
{
    x ^= x << 1;
    x ^= x << 2;
    x ^= x << 4;
    x ^= x << 8;
    x ^= x << 16;
    return x ^ x << 32;
}

/* Write the positions of the set bits. Eight at a time without asking: the room behind is there. */
static ALWAYS_INLINE void flatten(struct csv_scan *s, uint64_t m, size_t base)
{
    uint32_t *out = s->pos + s->n;
    int count = __builtin_popcountll(m);
    s->n += (size_t)count;
    do {
        for (int k = 0; k < 8; k++) {
            out[k] = (uint32_t)(base + (size_t)__builtin_ctzll(m | (uint64_t)1 << 63));
            m &= m - 1;
        }
        out += 8;
        count -= 8;
    } while (count > 0);
}

/* What quotes do to a block: which bytes are inside, which break the rules, which are the second of
 * a doubled quote. */
static ALWAYS_INLINE uint64_t quotes(struct csv_scan *s, const struct masks *m, uint64_t *ret_bad,
                                     uint64_t *ret_escapes)
{
    uint64_t inside = m->parity ^ (s->inside ? ~(uint64_t)0 : 0);
    uint64_t opening = m->quote & inside, closing = m->quote & ~inside;
    uint64_t ends = (m->sep | m->eol) & ~inside;
    uint64_t may_open = (ends | closing) << 1 | (uint64_t)(s->fresh || s->closed);
    uint64_t after = closing << 1 | (uint64_t)s->closed;
    *ret_bad |= opening & ~may_open;
    *ret_bad |= after & ~(ends | m->quote | (m->other & ~inside));
    *ret_escapes = opening & after;
    s->quoted |= opening != 0;
    s->inside = inside >> 63;
    s->closed = closing >> 63;
    return inside;
}

/* Note the records that end in the block, before its positions are listed. */
static ALWAYS_INLINE void note_ends(struct csv_scan *s, uint64_t ends, uint64_t inside,
                                    uint64_t eol, uint64_t escapes)
{
    for (uint64_t left = eol & ~inside; left; left &= left - 1) {
        uint64_t below = (left & -left) - 1, to = below | (left & -left);
        note_end(s, s->n + (size_t)__builtin_popcountll(ends & below),
                 s->lines + (uint32_t)__builtin_popcountll(eol & to),
                 escapes ? s->escapes + (uint32_t)__builtin_popcountll(escapes & to) : s->escapes);
    }
    s->lines += (uint32_t)__builtin_popcountll(eol);
    if (escapes)
        s->escapes += (uint32_t)__builtin_popcountll(escapes);
}

/* The positions in the block that end a field. */
static ALWAYS_INLINE uint64_t block(struct csv_scan *s, const struct masks *m, size_t base)
{
    uint64_t inside = 0, bad = m->nul, escapes = 0;
    if (m->quote || s->inside || s->closed)
        inside = quotes(s, m, &bad, &escapes);
    uint64_t ends = (m->sep | m->eol) & ~inside;
    uint64_t other = m->other & ~inside;
    if (other || s->cr) {
        bad |= s->eol == '\n' ? (other << 1 | (uint64_t)s->cr) & ~(m->eol & ~inside) : other;
        s->cr = s->eol == '\n' && other >> 63;
    }
    s->fresh = ends >> 63;
    if (__builtin_expect(bad != 0, 0))
        s->bad = base + (size_t)__builtin_ctzll(bad);
    if (m->eol || escapes)
        note_ends(s, ends, inside, m->eol, escapes);
    return ends;
}

static ALWAYS_INLINE uint64_t equal8(uint64_t word, char c)
{
    const uint64_t low = 0x7f7f7f7f7f7f7f7fULL, ones = 0x0101010101010101ULL;
    uint64_t x = word ^ ones * (unsigned char)c;
    x = ~(((x & low) + low) | x | low); /* 0x80 where the byte is equal, exactly */
    return (x >> 7) * 0x0102040810204080ULL >> 56;
}

static void scan_words(struct csv_scan *s, const char *p, size_t from, size_t n)
{
    size_t i = from, end = from + n;
    for (; end - i >= CSV_BLOCK && s->bad == SIZE_MAX; i += CSV_BLOCK) {
        struct masks m = {0};
        for (unsigned k = 0; k < 8; k++) {
            uint64_t w = 0;
            for (unsigned b = 0; b < 8; b++) /* one load on a little-endian machine */
                w |= (uint64_t)(unsigned char)p[i + k * 8 + b] << b * 8;
            m.sep |= equal8(w, s->sep) << k * 8;
            m.eol |= equal8(w, s->eol) << k * 8;
            m.other |= equal8(w, s->other) << k * 8;
            m.nul |= equal8(w, '\0') << k * 8;
            m.quote |= s->quote ? equal8(w, s->quote) << k * 8 : 0;
        }
        m.parity = running_xor(m.quote);
        uint64_t ends = block(s, &m, i);
        if (ends)
            flatten(s, ends, i);
    }
    if (s->bad == SIZE_MAX)
        csv_scan_scalar(s, p, i, end - i); /* shorter than a block */
}

#if defined(__x86_64__)
static ALWAYS_INLINE uint64_t sse2_mask(const __m128i v[4], char c)
{
    __m128i want = _mm_set1_epi8(c);
    uint64_t m = 0;
    for (unsigned k = 0; k < 4; k++)
        m |= (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(v[k], want)) << k * 16;
    return m;
}

static void scan_sse2(struct csv_scan *s, const char *p, size_t from, size_t n)
{
    size_t i = from, end = from + n;
    for (; end - i >= CSV_BLOCK && s->bad == SIZE_MAX; i += CSV_BLOCK) {
        __m128i v[4];
        for (unsigned k = 0; k < 4; k++)
            v[k] = _mm_loadu_si128((const __m128i *)(const void *)(p + i + k * 16));
        struct masks m = {sse2_mask(v, s->sep), s->quote ? sse2_mask(v, s->quote) : 0,
                          sse2_mask(v, s->eol), sse2_mask(v, s->other),
                          sse2_mask(v, '\0'),   0};
        m.parity = m.quote ? running_xor(m.quote) : 0;
        uint64_t ends = block(s, &m, i);
        if (ends)
            flatten(s, ends, i);
    }
    if (s->bad == SIZE_MAX)
        csv_scan_scalar(s, p, i, end - i); /* shorter than a block */
}

#define AVX2 __attribute__((target("avx2,bmi,bmi2,popcnt,pclmul")))
#define AVX512 __attribute__((target("avx512bw,avx512vbmi2,avx2,bmi,bmi2,popcnt,pclmul")))

/* Multiplying by all ones without carries adds up all lower bits. */
AVX2 static inline uint64_t clmul_xor(uint64_t x)
{
    __m128i ones = _mm_set1_epi8((char)-1), v = _mm_cvtsi64_si128((long long)x);
    return (uint64_t)_mm_cvtsi128_si64(_mm_clmulepi64_si128(v, ones, 0));
}

AVX2 static inline uint64_t avx2_mask(__m256i a, __m256i b, char c)
{
    __m256i want = _mm256_set1_epi8(c);
    uint32_t low = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(a, want));
    uint32_t high = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(b, want));
    return (uint64_t)high << 32 | low;
}

/* Control characters: without one, but for line ends, neither `other` nor NUL need be sought. */
AVX2 static inline uint64_t avx2_controls(__m256i a, __m256i b)
{
    __m256i most = _mm256_set1_epi8(0x1f);
    uint32_t low = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_min_epu8(a, most), a));
    uint32_t high = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_min_epu8(b, most), b));
    return (uint64_t)high << 32 | low;
}

AVX2 static void scan_avx2(struct csv_scan *to, const char *p, size_t from, size_t n)
{
    struct csv_scan s = *to; /* a copy that nothing can alias */
    size_t i = from, end = from + n;
    for (; end - i >= CSV_BLOCK && s.bad == SIZE_MAX; i += CSV_BLOCK) {
        __m256i a = _mm256_loadu_si256((const __m256i *)(const void *)(p + i));
        __m256i b = _mm256_loadu_si256((const __m256i *)(const void *)(p + i + 32));
        struct masks m = {.sep = avx2_mask(a, b, s.sep), .eol = avx2_mask(a, b, s.eol)};
        m.quote = s.quote ? avx2_mask(a, b, s.quote) : 0;
        if (avx2_controls(a, b) & ~m.eol) {
            m.other = avx2_mask(a, b, s.other);
            m.nul = avx2_mask(a, b, '\0');
        }
        m.parity = m.quote ? clmul_xor(m.quote) : 0;
        uint64_t ends = block(&s, &m, i);
        if (ends)
            flatten(&s, ends, i);
    }
    *to = s;
    if (s.bad == SIZE_MAX)
        csv_scan_scalar(to, p, i, end - i); /* shorter than a block */
}

/* The numbers of the set bits, squeezed together, sixteen at a time. */
AVX512 static inline void flatten_avx512(struct csv_scan *s, uint64_t m, size_t base)
{
    const __m512i numbers = _mm512_set_epi8(
        63, 62, 61, 60, 59, 58, 57, 56, 55, 54, 53, 52, 51, 50, 49, 48, 47, 46, 45, 44, 43, 42, 41,
        40, 39, 38, 37, 36, 35, 34, 33, 32, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18,
        17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
    __m512i set = _mm512_maskz_compress_epi8(m, numbers), add = _mm512_set1_epi32((int)base);
    uint32_t *out = s->pos + s->n;
    int count = __builtin_popcountll(m);
    s->n += (size_t)count;
    for (;; out += 16) {
        __m512i wide = _mm512_cvtepu8_epi32(_mm512_castsi512_si128(set));
        _mm512_storeu_si512(out, _mm512_add_epi32(wide, add));
        if ((count -= 16) <= 0)
            return;
        set = _mm512_shuffle_i64x2(set, set, 0x39); /* the next sixteen */
    }
}

AVX512 static void scan_avx512(struct csv_scan *to, const char *p, size_t from, size_t n)
{
    struct csv_scan s = *to; /* a copy that nothing can alias */
    const __m512i sep = _mm512_set1_epi8(s.sep), quote = _mm512_set1_epi8(s.quote);
    const __m512i eol = _mm512_set1_epi8(s.eol), other = _mm512_set1_epi8(s.other);
    size_t i = from, end = from + n;
    for (; end - i >= CSV_BLOCK && s.bad == SIZE_MAX; i += CSV_BLOCK) {
        __m512i v = _mm512_loadu_si512(p + i);
        struct masks m = {.sep = _mm512_cmpeq_epi8_mask(v, sep),
                          .quote = s.quote ? _mm512_cmpeq_epi8_mask(v, quote) : 0,
                          .eol = _mm512_cmpeq_epi8_mask(v, eol),
                          .other = _mm512_cmpeq_epi8_mask(v, other),
                          .nul = _mm512_testn_epi8_mask(v, v)};
        m.parity = m.quote ? clmul_xor(m.quote) : 0;
        uint64_t ends = block(&s, &m, i);
        if (ends)
            flatten_avx512(&s, ends, i);
    }
    *to = s;
    if (s.bad == SIZE_MAX)
        csv_scan_scalar(to, p, i, end - i); /* shorter than a block */
}

static bool has_avx2(void)
{
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
           __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("popcnt") &&
           __builtin_cpu_supports("pclmul");
}

static bool has_avx512(void)
{
    return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vbmi2");
}
#endif

csv_scanner csv_scan_nth(size_t i)
{
    csv_scanner all[5] = {csv_scan_scalar, scan_words};
#if defined(__x86_64__)
    all[2] = scan_sse2;
    all[3] = has_avx2() ? scan_avx2 : NULL;
    all[4] = has_avx512() ? scan_avx512 : NULL;
#endif
    return i < ARRAY_LEN(all) ? all[i] : NULL;
}

csv_scanner csv_scan_best(void)
{
    size_t i = 0;
    while (csv_scan_nth(i + 1))
        i++;
    return csv_scan_nth(i);
}
