/* read_ref.c — numbers and references of cells as SRC and places show them, and letters of a
 * status. Owns nothing. */
#include "read_desk.h"

char *ref_number(char *to, size_t v)
{
    char digits[24];
    size_t n = 0;
    do
        digits[n++] = (char)('0' + v % 10);
    while (v /= 10);
    while (n)
        *to++ = digits[--n];
    return to;
}

size_t cell_ref(char ret[CELL_REF_MAX], size_t line, size_t field)
{
    char letters[8], *to = ret;
    size_t n = 0;
    for (size_t f = field; f && n < sizeof letters; f = (f - 1) / 26)
        letters[n++] = (char)('A' + (f - 1) % 26);
    while (n)
        *to++ = letters[--n];
    to = ref_number(to, line);
    *to = '\0';
    return (size_t)(to - ret);
}

struct str status_letters(uint32_t status, char text[64])
{
    size_t n = 0;
    status &= ~1u; /* A, normal, is the empty set */
    for (int i = 0; status && i < 26; i++) {
        if (!(status >> i & 1))
            continue;
        if (n)
            text[n++] = ';';
        text[n++] = (char)('A' + i);
    }
    return (struct str){text, n};
}
