/* status_set.h — OBS_STATUS cells as sets of letters: "B;P" is bit 1 and bit 15. Nothing is owned.
 */
#ifndef RTA_STATUS_SET_H
#define RTA_STATUS_SET_H

#include "base.h"

#include <stdint.h>

#define STATUS_BIT(c) (1u << ((c) - 'A'))
#define STATUS_TEXT 64 /* every letter, with a ';' between */

/* The letters of a cell; what is no capital letter is passed over. */
uint32_t status_set(struct str cell);
/* "B;P", in the order of the alphabet; lies in `text`, without a NUL. */
struct str status_text(uint32_t set, char text[STATUS_TEXT]);

#endif
