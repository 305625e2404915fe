/* fuzz_num.c — any bytes as a number in each style: what is accepted is written back to the same
 * value, and rounding stays near. Built with -fsanitize=fuzzer (clang).
 * Covers: lib/num.c */
#include "num.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct num_style styles[] = {{'.', "", false},
                                              {',', ".", false},
                                              {',', " ", false},
                                              {'.', "'", true},
                                              {'\0', "", false}};
    for (size_t i = 0; i < ARRAY_LEN(styles); i++) {
        struct err e = {.rc = RC_OK};
        struct num v, back;
        char z[NUM_TEXT_MAX];
        int rc = num_parse(&v, (struct str){(const char *)data, size}, &styles[i], &e);
        if (rc < 0) {
            if (e.rc != RC_DATA || !e.text[0])
                abort();
            continue;
        }
        size_t n = num_text(v, z);
        if (num_parse(&back, (struct str){z, n}, &num_plain, NULL) < 0 || num_cmp(v, back) != 0 ||
            back.scale != v.scale)
            abort();
        struct num whole = num_round(v, 0), apart;
        if (num_sub(&apart, v, whole, NULL) == 0 &&
            (num_cmp(apart, (struct num){5, 1}) > 0 || num_cmp(apart, (struct num){-5, 1}) < 0))
            abort();
    }
    return 0;
}
