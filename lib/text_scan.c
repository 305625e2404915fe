/* text_scan.c — see text_scan.h. Owns nothing. */
#include "text_scan.h"

#if defined(__SSE2__)
#include <emmintrin.h>

static inline __m128i load(const char *p)
{
    return _mm_loadu_si128((const __m128i *)(const void *)p);
}

/* Sixty-four bytes at a time: the smallest and the union of all tell whether one is NUL or not
 * ASCII. */
static size_t plain_blocks(const char *p, size_t n)
{
    const __m128i zero = _mm_setzero_si128();
    size_t i = 0;
    for (; n - i >= 64; i += 64) {
        __m128i a = load(p + i), b = load(p + i + 16), c = load(p + i + 32), d = load(p + i + 48);
        __m128i any = _mm_or_si128(_mm_or_si128(a, b), _mm_or_si128(c, d));
        __m128i least = _mm_min_epu8(_mm_min_epu8(a, b), _mm_min_epu8(c, d));
        if (_mm_movemask_epi8(_mm_or_si128(any, _mm_cmpeq_epi8(least, zero))))
            break;
    }
    for (; n - i >= 16; i += 16) {
        __m128i a = load(p + i);
        if (_mm_movemask_epi8(_mm_or_si128(a, _mm_cmpeq_epi8(a, zero))))
            break;
    }
    return i;
}

size_t text_count(const char *p, size_t n, char c)
{
    const __m128i want = _mm_set1_epi8(c), zero = _mm_setzero_si128();
    __m128i sum = zero;
    size_t i = 0, count;
    while (n - i >= 16) {
        __m128i found = zero; /* bytes that count to 255 at most */
        size_t blocks = (n - i) / 16 < 255 ? (n - i) / 16 : 255;
        for (size_t k = 0; k < blocks; k++, i += 16)
            found = _mm_sub_epi8(found, _mm_cmpeq_epi8(load(p + i), want));
        sum = _mm_add_epi64(sum, _mm_sad_epu8(found, zero));
    }
    count = (size_t)_mm_cvtsi128_si32(sum) + (size_t)_mm_cvtsi128_si32(_mm_srli_si128(sum, 8));
    for (; i < n; i++)
        count += p[i] == c;
    return count;
}
#else
static size_t plain_blocks(const char *p, size_t n)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), high = ones * 0x80;
    size_t i = 0;
    for (; n - i >= 8; i += 8) {
        uint64_t w;
        memcpy(&w, p + i, 8);
        if ((w | (w - ones)) & high) /* with no high bit set, w - ones shows a zero byte */
            break;
    }
    return i;
}

size_t text_count(const char *p, size_t n, char c)
{
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        count += p[i] == c;
    return count;
}
#endif

static inline bool plain(char c) { return (unsigned char)((unsigned char)c - 1) < 0x7f; }

size_t text_plain(const char *p, size_t n)
{
    size_t i = plain_blocks(p, n);
    while (i < n && plain(p[i]))
        i++;
    return i;
}

size_t text_pairs(const char *p, size_t n)
{
    size_t i = 0;
    while (n - i >= 2 && (unsigned char)p[i] >= 0xc2 && (unsigned char)p[i] < 0xe0 &&
           ((unsigned char)p[i + 1] & 0xc0) == 0x80)
        i += 2;
    return i;
}
