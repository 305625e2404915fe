/* layout.h — the layouts of tables and charts, bound from config/reports/REPORT/NAME.yaml
 * (docs/contracts/layouts.md). Everything is the arena of the configuration. */
#ifndef RTA_LAYOUT_H
#define RTA_LAYOUT_H

#include "conf.h"
#include "yml.h"

/* Rows, columns, panels, points: one group becomes one item, or, with `over`, one for each member.
 */
struct group {
    const char *id;
    struct yaml_list label; /* struct yaml_pair: heading of the group */
    struct yaml_list where; /* struct yaml_pair: DIM: code */
    const char *over;       /* dimension whose members are laid out */
    const char *partners;   /* members: partners in this order */
    struct yaml_list codes; /* members: const char *, as listed */
    const char *below;      /* members: the children of this code; "" … NULL: not used */
    int64_t periods;        /* members: so many periods up to the one in `where` or {period} */
    bool all;               /* members: the whole code list */
    bool present;           /* leave out members without a row in the stream */
    bool region;            /* the region itself as the last member, as a total */
    bool total;             /* set apart like a total */
    const char *show;       /* column of the stream; NULL: OBS_VALUE */
    const char *as;         /* number (default), signed, direction, text */
    const char *steady;     /* as: direction: a change smaller than this, either way, is little */
    const char *or_show;    /* id of words.marks for an empty cell; NULL: not-available */
    const char *total_or;   /* the same for an empty cell of a total row */
    int64_t decimals;       /* -1: as the stream says */
    struct yaml_mark at;
};

struct layout {
    const char *kind;                             /* charts: lines, multiples, bars, range */
    struct yaml_list title, subtitle, note, stub; /* struct yaml_pair */
    const char *structure;
    struct yaml_list filter;                                        /* struct yaml_group */
    struct yaml_list rows, columns;                                 /* struct group (tables) */
    struct yaml_list panels, points, series, background, highlight; /* struct group (charts) */
    struct yaml_list marks; /* struct yaml_pair: kind of gap: key of words.marks */
    bool heat;              /* shade cells of each row by their rank within the row */
    bool completeness;      /* say how many figures of the table are there */
    bool compact;           /* charts: small */
    int64_t height;         /* charts: of one panel, in px; 0: by kind */
    const char *legend;     /* "none": do not print a legend */
    struct yaml_mark at;
};

/* For binding a group elsewhere. */
extern const struct yaml_type layout_group_type;

enum layout_use { LAYOUT_TABLE, LAYOUT_CHART };
/* NAME is "rita/areas". RC_CONFIG with place for everything that is wrong in it. */
MUST_CHECK int layout_load(struct conf *c, const char *name, enum layout_use use,
                           const struct layout **ret, struct err *e);

#endif
