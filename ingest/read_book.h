/* read_book.h — workbooks for `rta read` and `rta profile`: which sheets the profile means, and
 * their rows as tables. */
#ifndef RTA_READ_BOOK_H
#define RTA_READ_BOOK_H

#include "grid.h"
#include "whole.h"

/* All tables of all sheets that the profile declares, to the desk. Is it no file of that format at
 * all, the message says what it looks like. */
MUST_CHECK int book_read(struct desk *d, const struct profile *p, const struct whole *file,
                         struct err *e);
/* Does the file begin as one of the format? A fault that says what it looks like else. */
MUST_CHECK int book_looks(int format, const struct whole *file, const char *name, struct err *e);
/* The declared sheet that this one is, or NULL. With none declared: NULL. */
const struct profile_place *book_place(const struct profile *p, const struct grid_sheet *sheet);

#endif
