/* status_set.c — see status_set.h. */
#include "status_set.h"

uint32_t status_set(struct str cell)
{
    uint32_t set = 0;
    for (size_t i = 0; i < cell.n; i++)
        if (cell.p[i] >= 'A' && cell.p[i] <= 'Z')
            set |= STATUS_BIT(cell.p[i]);
    return set;
}

struct str status_text(uint32_t set, char text[STATUS_TEXT])
{
    size_t n = 0;
    for (char c = 'A'; c <= 'Z'; c++) {
        if (!(set & STATUS_BIT(c)))
            continue;
        if (n)
            text[n++] = ';';
        text[n++] = c;
    }
    return (struct str){text, n};
}
