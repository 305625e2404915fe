/* axis.h — groups of a layout laid out into items: the rows and columns of a table, the panels,
 * points and series of a chart. Items are the arena of the configuration. */
#ifndef RTA_AXIS_H
#define RTA_AXIS_H

#include "view.h"

struct item {
    const struct group *group;
    size_t group_no;
    const char *heading; /* the group's label when it lays out members; else "" */
    const char *label;
    const char *dim, *code; /* the member; NULL for a group without members */
    bool total;
    struct str pins[CUBE_DIMS_MAX]; /* codes by dimension of the stream; p NULL: open */
};

struct axis {
    struct item *items;
    size_t n;
};

/* base: pins that hold for the whole layout, for members left out because no row has them. */
MUST_CHECK int axis_build(const struct view *v, const struct cube *c,
                          const struct yaml_list *groups, const struct str *base, struct axis *ret,
                          struct err *e);
/* The members of a group that has `over`, in order. */
MUST_CHECK int axis_members(const struct view *v, const struct group *g, const char ***ret,
                            size_t *ret_n, struct err *e);
/* Pins of the layout's filter: dimensions with exactly one code. */
MUST_CHECK int axis_base(const struct view *v, const struct cube *c, struct str *ret,
                         struct err *e);
/* The row at the crossing of items (NULL ones are skipped; later ones win); *ret NULL when there is
 * none. RC_CONFIG [AXIS-003] when the layout leaves a dimension open that the stream varies in. */
MUST_CHECK int axis_find(const struct view *v, const struct cube *c, const struct str *base,
                         const struct item *const items[3], const struct cube_row **ret,
                         struct err *e);

#endif
