/* cell_ref.c — what a desk writes of a cell in few letters: numbers, and where it stands in a
 * sheet. Nothing is allocated. */
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
