/* err.h — an error as a value: what, where, what next. Library functions fill it and return
 * -RC_x; only the edge (stage.h) prints. The first error wins: a later err_set on a filled value
 * changes nothing, so a cleanup that fails too cannot hide the cause. Tier 0. */
#ifndef RTA_ERR_H
#define RTA_ERR_H

#include "base.h"

struct err {
    enum rc rc;      /* RC_OK while nothing happened */
    char id[12];     /* permanent message id, "CSV-003"; each id stands once in the sources */
    char place[320]; /* "AL.csv:12:4", "config/region.yaml:3:1", "" when there is none */
    char text[768];  /* lower case, no full stop */
    char hint[512];  /* a sentence: what to do next; "" when there is nothing to say */
};

/* Fill e (unless it is filled already) and return -rc. e may be NULL. Text, place and hint are
 * disarmed: hostile input cannot drive a terminal. */
int err_set(struct err *e, enum rc rc, const char *id, const char *fmt, ...) PRINTF_LIKE(4, 5);

/* As err_set, with ": strerror(errno)" appended to the text. */
int err_sys(struct err *e, enum rc rc, const char *id, const char *fmt, ...) PRINTF_LIKE(4, 5);

/* Say where, and what next. They keep what is already set, and return -e->rc for tail calls. */
int err_place(struct err *e, const char *fmt, ...) PRINTF_LIKE(2, 3);
int err_hint(struct err *e, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* In place: '?' for every control character (C0, C1, DEL), line separator, mark of direction (a
 * message must read as it stands) and byte that is not UTF-8. Done on all of an error's text. */
void err_disarm(char *z);

/* Empty it, for reuse after it was reported or is to be ignored. */
void err_clear(struct err *e);

#endif
