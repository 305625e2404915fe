/* derive_trace.h — which figures went into each result, written beside the results as they are
 * made (rta derive --trace): what rta explain descends by, so that no second program has to know
 * what the first one did. docs/contracts/explain.md has the form. */
#ifndef RTA_DERIVE_TRACE_H
#define RTA_DERIVE_TRACE_H

#include "derive.h"

/* All accept NULL: nobody asked. */
MUST_CHECK int trace_open(struct trace **ret, struct conf *c, const struct data *d,
                          const char *path, struct err *e);
/* A figure that was looked at, given or not, for sum number `sum` (struct inputs). */
void trace_figure(struct trace *t, const struct data *d, const struct cell_key *k, size_t sum);
void trace_people(struct trace *t, struct str area, int year, const struct choice *c);
/* What was taken since the mark is not part of the result after all. */
size_t trace_mark(const struct trace *t);
void trace_cut(struct trace *t, size_t mark);
/* The result that they went into: its codes, the period last. */
void trace_result(struct trace *t, const struct str *codes, size_t n);
/* The whole file, or none. */
MUST_CHECK int trace_finish(struct trace *t, struct err *e);
void trace_free(struct trace *t);

#endif
