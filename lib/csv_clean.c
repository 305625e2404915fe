/* csv_clean.c — see csv_clean.h. Sixty-four bytes become masks of what would need quotes, of commas
 * and of blanks; what stands behind the record is masked off. Owns nothing. */
#include "csv_clean.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define ALWAYS_INLINE inline __attribute__((always_inline))

bool csv_clean_scalar(const char *p, size_t n, size_t commas)
{
    bool begins = true; /* of a field */
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)p[i];
        bool ends = i + 1 == n || p[i + 1] == ',';
        if (c < 0x20 || c == '"' || (c == ' ' && (begins || ends)))
            return false;
        begins = c == ',';
        if (begins && commas-- == 0)
            return false;
    }
    return commas == 0;
}

#if defined(__x86_64__)
struct look {
    uint64_t comma, blank; /* of the last byte of the block before, in bit 0 */
    size_t commas;
};

/* False when something in the block of `left` bytes needs quotes. */
static ALWAYS_INLINE bool block(struct look *k, uint64_t odd, uint64_t comma, uint64_t blank,
                                size_t left)
{
    uint64_t valid = left < 64 ? ((uint64_t)1 << left) - 1 : ~(uint64_t)0;
    comma &= valid;
    blank &= valid;
    k->commas += (size_t)__builtin_popcountll(comma);
    odd &= valid;
    odd |= (blank << 1 | k->blank) & (comma | ~valid); /* before a comma, or the end */
    odd |= blank & (comma << 1 | k->comma);
    k->blank = blank >> 63;
    k->comma = comma >> 63;
    return odd == 0;
}

__attribute__((target("avx2,bmi,bmi2,popcnt"))) static bool clean_avx2(const char *p, size_t n,
                                                                       size_t commas)
{
    const __m256i low = _mm256_set1_epi8(0x1f), quote = _mm256_set1_epi8('"');
    const __m256i sep = _mm256_set1_epi8(','), space = _mm256_set1_epi8(' ');
    struct look k = {1, 0, 0};
    for (size_t i = 0; i < n; i += 64) {
        uint64_t odd = 0, comma = 0, blank = 0;
        for (unsigned h = 0; h < 64; h += 32) {
            __m256i v = _mm256_loadu_si256((const __m256i *)(const void *)(p + i + h));
            __m256i bad = _mm256_or_si256(_mm256_cmpeq_epi8(_mm256_min_epu8(v, low), v),
                                          _mm256_cmpeq_epi8(v, quote));
            odd |= (uint64_t)(uint32_t)_mm256_movemask_epi8(bad) << h;
            comma |= (uint64_t)(uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(v, sep)) << h;
            blank |= (uint64_t)(uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(v, space)) << h;
        }
        if (!block(&k, odd, comma, blank, n - i))
            return false;
    }
    return k.commas == commas && !k.blank;
}

__attribute__((target("avx512bw,bmi,bmi2,popcnt"))) static bool
clean_avx512(const char *p, size_t n, size_t commas)
{
    const __m512i low = _mm512_set1_epi8(0x20), quote = _mm512_set1_epi8('"');
    const __m512i sep = _mm512_set1_epi8(','), space = _mm512_set1_epi8(' ');
    struct look k = {1, 0, 0};
    for (size_t i = 0; i < n; i += 64) {
        __m512i v = _mm512_loadu_si512(p + i);
        uint64_t odd = _mm512_cmplt_epu8_mask(v, low) | _mm512_cmpeq_epi8_mask(v, quote);
        if (!block(&k, odd, _mm512_cmpeq_epi8_mask(v, sep), _mm512_cmpeq_epi8_mask(v, space),
                   n - i))
            return false;
    }
    return k.commas == commas && !k.blank;
}
#endif

csv_cleaner csv_clean_nth(size_t i)
{
    csv_cleaner all[3] = {csv_clean_scalar};
#if defined(__x86_64__)
    __builtin_cpu_init();
    bool bits = __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2") &&
                __builtin_cpu_supports("popcnt");
    all[1] = bits && __builtin_cpu_supports("avx2") ? clean_avx2 : NULL;
    all[2] = all[1] && __builtin_cpu_supports("avx512bw") ? clean_avx512 : NULL;
#endif
    return i < ARRAY_LEN(all) ? all[i] : NULL;
}

csv_cleaner csv_clean_best(void)
{
    size_t i = 0;
    while (csv_clean_nth(i + 1))
        i++;
    return csv_clean_nth(i);
}
