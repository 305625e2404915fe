/* read_plan.h — what the header of a table turned out to be: which field feeds which dimension,
 * attribute or value. Made by read_plan.c from the profile and the header rows, used by
 * read_table.c for every record. All memory is the arena's. */
#ifndef RTA_READ_PLAN_H
#define RTA_READ_PLAN_H

#include "read.h"

struct plan_dim {
    size_t field, slot; /* field 0-based */
    const struct profile_column *column;
    bool time; /* a part of TIME_PERIOD, when there are several */
};

struct plan_value {
    size_t field;
    const struct str *sets; /* by plan.set_slots; empty: this column says nothing of it */
    struct str time;        /* the heading's part of TIME_PERIOD, when there are several parts */
};

struct plan {
    size_t width;
    struct plan_dim *dims;
    size_t ndims;
    struct plan_value *values;
    size_t nvalues;
    size_t set_slots[READ_DIMS_MAX], nsets;
    size_t attrs[ATTR_N]; /* field + 1; 0: none */
    size_t time, time_parts;
    bool *loose; /* by field: a sheet's column without a heading, in which nothing may stand */
    size_t nloose;
};

/* The header rows, blanks collapsed. */
struct heads {
    struct str *const *rows;
    const size_t *widths, *lines;
    size_t n, width;    /* width: of the table */
    const char *sheet;  /* NULL: delimited text */
    size_t time_before; /* parts of TIME_PERIOD that file name, sheet and table have said */
};

/* What each column of the file is, by its headings; memory is the arena's. RC_DATA: the file's
 * headings are not those declared; RC_CONFIG: the profile contradicts itself. */
MUST_CHECK int plan_make(struct plan *ret, struct desk *d, const struct profile *p,
                         const struct heads *h, struct arena *a, struct err *e);
/* A heading with its blanks and line breaks collapsed, in the arena. */
struct str heading_text(struct arena *a, struct str s);
/* Trim and footnote marks off; then the part that a pattern takes (p NULL: it does not fit). */
struct str dim_text(const struct profile *p, struct str s, const char *trim, bool footnotes);
struct str pattern_part(const char *pattern, struct str s);
/* The code declared for a text, or the text. */
static inline struct str code_of(const struct yaml_list *codes, struct str s)
{
    const char *to = codes->n ? pair_find(codes, s) : NULL;
    return to ? str_of(to) : s;
}
static inline struct str dim_code(const struct profile *p, struct str s, const char *trim,
                                  bool footnotes, const struct yaml_list *codes)
{
    return code_of(codes, dim_text(p, s, trim, footnotes));
}

#endif
