/* derive_plan.h — the indicators of one structure as config/indicators/ID.yaml defines them.
 * docs/contracts/indicators.md says what each kind means. */
#ifndef RTA_DERIVE_PLAN_H
#define RTA_DERIVE_PLAN_H

#include "conf.h"
#include "structure.h"
#include "yml.h"

enum kind {
    KIND_COUNT,
    KIND_RATE,
    KIND_CHANGE,
    KIND_PERCENT,
    KIND_TO_DATE,
    KIND_GROWTH,
    KIND_INDEX,
    KIND_SHARE,
    KIND_POINTS,
    KIND_RANK
};
enum span { SPAN_PERIOD, SPAN_YEAR, SPAN_ROLLING };
enum on_break { BREAK_FLAG, BREAK_EMPTY };

struct indicator {
    const char *id, *name, *unit, *over, *of_indicator, *base;
    int kind, span, direction, on_break;
    int64_t decimals; /* -1: those of the inputs */
    int64_t per, years, min_base, min_areas;
    struct yaml_list freq;      /* const char *; empty: every frequency */
    struct yaml_list where;     /* struct yaml_group: dimension and its codes */
    struct yaml_list codes, of; /* const char *: numerators and denominator of a share */
    struct yaml_mark at;
    const struct indicator *other; /* of_indicator, found */
    int over_dim;
    bool has_base;
    struct period base_period;
    bool wanted;
};

#define CHOICES_MAX 64
/* Which population is taken: the first choice that has one. */
struct choice {
    const char *source, *vintage;
    int64_t from, to;
    struct yaml_list areas; /* const char *; empty: every area */
    struct yaml_mark at;
};

#define INDICATORS_MAX 256
struct plan {
    const char *structure, *unit;
    struct yaml_list indicators; /* struct indicator */
    struct {
        const char *structure;    /* NULL: the file has no populations */
        struct yaml_list select;  /* struct yaml_pair: dimension and code */
        struct yaml_list choices; /* struct choice, at most CHOICES_MAX */
    } population;
};

/* config/indicators/ID.yaml, checked against the structure; names: the wanted ones, none = all. */
MUST_CHECK int plan_load(struct plan **ret, struct conf *c, const struct structure *s,
                         struct err *e);
MUST_CHECK int plan_want(struct plan *p, const char **names, int n, struct err *e);
MUST_CHECK int plan_base(struct plan *p, const char *base, struct err *e);

#endif
