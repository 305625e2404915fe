/* fuzz_period.c — any bytes as a period: one spelling out, read back to the same. Built with
 * -fsanitize=fuzzer (clang).
 * Covers: lib/period.c */
#include "period.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err e = {.rc = RC_OK};
    struct period p, back;
    char z[PERIOD_TEXT_MAX];
    if (period_parse(&p, (struct str){(const char *)data, size}, &e) < 0) {
        if (e.rc != RC_DATA || !e.text[0])
            abort();
        return 0;
    }
    size_t n = period_text(p, z);
    if (period_parse(&back, (struct str){z, n}, NULL) < 0 || !period_eq(p, back))
        abort();
    if (period_of_code(&back, p.freq, period_code(p), NULL) < 0 || !period_eq(p, back))
        abort();
    if (period_first_day(p) > period_last_day(p) || !period_eq(period_add(period_add(p, 1), -1), p))
        abort();
    return 0;
}
