/* mem.h — the one home of malloc. Running out of memory ends the program with 71: a stage is short
 * and can be started again; hostile sizes are stopped before, by the limits (bounds.h). Tier 0. */
#ifndef RTA_MEM_H
#define RTA_MEM_H

#include "base.h"

/* Ends the program like that, for a library that could not get its memory elsewhere. */
NORETURN void mem_out(void);
/* n bytes, zeroed; never NULL. The caller frees with mem_free. */
void *mem_new(size_t n);
/* n items of size bytes, zeroed; an overflowing product ends the program. */
void *mem_array(size_t n, size_t size);
/* Grow or shrink; the contents stay. New bytes are not zeroed. */
void *mem_resize(void *p, size_t n);
/* Of n bytes from mem_new, say before they are used that they are asked here and there: they then
 * stand in large pages where the system has such, and a look-up does not wait for page tables. */
void mem_scattered(void *p, size_t n);
/* A NUL-terminated copy of a view. */
char *mem_text(struct str s);
/* NULL is fine. */
void mem_free(void *p);
/* For CLEANUP(mem_freep) on a char * or any other pointer variable. */
void mem_freep(void *pp);

#endif
