/* binary64.c — see binary64.h. Nothing is allocated. */
#include "binary64.h"

#include <stdlib.h>

size_t binary64_text(uint64_t bits, bool hundredths, char ret[BINARY64_TEXT_MAX])
{
    double v;
    int n = 0;
    _Static_assert(sizeof v == sizeof bits, "binary64");
    memcpy(&v, &bits, sizeof v);
    v = hundredths ? v / 100 : v;
    for (int digits = 1; digits <= 17;
         digits++) { /* printf and strtod are exact in glibc and musl */
        n = snprintf(ret, BINARY64_TEXT_MAX, "%.*g", digits, v);
        if (strtod(ret, NULL) == v)
            break;
    }
    return (size_t)n;
}
