/* cell_ref.c — what a desk writes of a cell in few letters: where it stands in a sheet, and its
 * status. Nothing is allocated. */
#include "read_desk.h"

size_t cell_ref(char ret[CELL_REF_MAX], size_t line, size_t field)
{
    char letters[8], digits[24];
    size_t n = 0, k = 0, to = 0;
    for (size_t f = field; f && n < sizeof letters; f = (f - 1) / 26)
        letters[n++] = (char)('A' + (f - 1) % 26);
    do
        digits[k++] = (char)('0' + line % 10);
    while (line /= 10);
    while (n)
        ret[to++] = letters[--n];
    while (k)
        ret[to++] = digits[--k];
    ret[to] = '\0';
    return to;
}

struct str status_text(uint32_t status, char text[64])
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
