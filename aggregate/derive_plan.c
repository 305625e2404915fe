/* derive_plan.c — the indicators of a structure, read and checked. All of it is the conf's arena's.
 */
#include "derive.h"

static const char *const kinds[] = {"count",        "rate",   "change", "percent-change",
                                    "year-to-date", "growth", "index",  "share",
                                    "point-change", "rank",   NULL};
static const char *const spans[] = {"period", "year", "rolling-year", NULL};
static const char *const directions[] = {"ambiguous", "higher-is-worse", "higher-is-better", NULL};
static const char *const breaks[] = {"flag", "empty", NULL};

#define IN(f) offsetof(struct indicator, f)
static const struct yaml_field indicator_fields[] = {
    {.key = "id", .kind = YAML_TEXT, .offset = IN(id), .required = true},
    {.key = "name", .kind = YAML_TEXT, .offset = IN(name), .required = true},
    {.key = "kind", .kind = YAML_ENUM, .offset = IN(kind), .words = kinds, .required = true},
    {.key = "unit", .kind = YAML_TEXT, .offset = IN(unit), .required = true},
    {.key = "decimals", .kind = YAML_INT, .offset = IN(decimals), .fallback = "-1"},
    {.key = "direction",
     .kind = YAML_ENUM,
     .offset = IN(direction),
     .words = directions,
     .required = true},
    {.key = "span", .kind = YAML_ENUM, .offset = IN(span), .words = spans, .fallback = "period"},
    {.key = "per", .kind = YAML_INT, .offset = IN(per)},
    {.key = "years", .kind = YAML_INT, .offset = IN(years)},
    {.key = "base", .kind = YAML_TEXT, .offset = IN(base)},
    {.key = "min_base", .kind = YAML_INT, .offset = IN(min_base), .fallback = "0"},
    {.key = "min_areas", .kind = YAML_INT, .offset = IN(min_areas), .fallback = "1"},
    {.key = "on_break",
     .kind = YAML_ENUM,
     .offset = IN(on_break),
     .words = breaks,
     .fallback = "flag"},
    {.key = "freq", .kind = YAML_LIST, .offset = IN(freq), .type = &yaml_text_type},
    {.key = "where", .kind = YAML_MAP, .offset = IN(where), .type = &yaml_group_type},
    {.key = "over", .kind = YAML_TEXT, .offset = IN(over)},
    {.key = "codes", .kind = YAML_LIST, .offset = IN(codes), .type = &yaml_text_type},
    {.key = "of", .kind = YAML_LIST, .offset = IN(of), .type = &yaml_text_type},
    {.key = "indicator", .kind = YAML_TEXT, .offset = IN(of_indicator)},
    {.kind = YAML_MARK, .offset = IN(at)},
};
static const struct yaml_type indicator_type = {sizeof(struct indicator), indicator_fields,
                                                ARRAY_LEN(indicator_fields)};

#define CH(f) offsetof(struct choice, f)
static const struct yaml_field choice_fields[] = {
    {.key = "source", .kind = YAML_TEXT, .offset = CH(source), .required = true},
    {.key = "vintage", .kind = YAML_TEXT, .offset = CH(vintage), .required = true},
    {.key = "from", .kind = YAML_INT, .offset = CH(from), .fallback = "1000"},
    {.key = "to", .kind = YAML_INT, .offset = CH(to), .fallback = "9999"},
    {.key = "areas", .kind = YAML_LIST, .offset = CH(areas), .type = &yaml_text_type},
    {.kind = YAML_MARK, .offset = CH(at)},
};
static const struct yaml_type choice_type = {sizeof(struct choice), choice_fields,
                                             ARRAY_LEN(choice_fields)};

#define PL(f) offsetof(struct plan, f)
#define PO(f) (PL(population.f) - PL(population))
static const struct yaml_field population_fields[] = {
    {.key = "structure", .kind = YAML_TEXT, .offset = PO(structure), .required = true},
    {.key = "select", .kind = YAML_MAP, .offset = PO(select), .type = &yaml_pair_type},
    {.key = "choices",
     .kind = YAML_LIST,
     .offset = PO(choices),
     .type = &choice_type,
     .required = true},
};
static const struct yaml_type population_type = {sizeof((struct plan){0}.population),
                                                 population_fields, ARRAY_LEN(population_fields)};
static const struct yaml_field plan_fields[] = {
    {.key = "structure", .kind = YAML_TEXT, .offset = PL(structure), .required = true},
    {.key = "unit", .kind = YAML_TEXT, .offset = PL(unit)},
    {.key = "population", .kind = YAML_OBJECT, .offset = PL(population), .type = &population_type},
    {.key = "indicators",
     .kind = YAML_LIST,
     .offset = PL(indicators),
     .type = &indicator_type,
     .required = true},
};
static const struct yaml_type plan_type = {sizeof(struct plan), plan_fields,
                                           ARRAY_LEN(plan_fields)};

static struct indicator *find(const struct plan *p, const char *id)
{
    struct indicator *all = p->indicators.items;
    for (size_t i = 0; i < p->indicators.n; i++)
        if (strcmp(all[i].id, id) == 0)
            return &all[i];
    return NULL;
}

static int check_codes(const struct structure *s, int dim, const struct yaml_list *codes,
                       struct yaml_mark at, struct err *e)
{
    const struct codelist *list = s->dims[dim].codes;
    const char *const *code = codes->items;
    for (size_t i = 0; list && i < codes->n; i++)
        if (!codelist_find(list, str_of(code[i])))
            return yaml_fault(e, at, "DERIVE-001", "%s has no code '%s'", s->dims[dim].id, code[i]);
    return 0;
}

/* A dimension by name; -1 and an error when the structure has none such. */
static int check_dim(const struct structure *s, const char *id, struct yaml_mark at, struct err *e)
{
    int dim = structure_dim(s, id);
    if (dim < 0)
        return yaml_fault(e, at, "DERIVE-002", "structure %s has no dimension '%s'", s->id, id);
    if (s->dims[dim].role != DIM_PLAIN)
        return yaml_fault(e, at, "DERIVE-003", "an indicator cannot choose codes of %s", id);
    return dim;
}

static int check_share(struct indicator *ind, const struct structure *s, struct err *e)
{
    if (!ind->over)
        return yaml_fault(e, ind->at, "DERIVE-004",
                          "'%s' needs the dimension that it is a share "
                          "over: the key 'over'",
                          ind->id);
    int dim = check_dim(s, ind->over, ind->at, e);
    if (dim < 0)
        return dim;
    ind->over_dim = dim;
    if (!ind->of.n && !s->dims[dim].total)
        return yaml_fault(e, ind->at, "DERIVE-005",
                          "%s has no total in structure %s, so '%s' "
                          "needs the key 'of'",
                          ind->over, s->id, ind->id);
    int rc = check_codes(s, dim, &ind->codes, ind->at, e);
    return rc < 0 ? rc : check_codes(s, dim, &ind->of, ind->at, e);
}

/* The parameters that each kind cannot do without. */
static int check_kind(struct indicator *ind, const struct plan *p, const struct structure *s,
                      struct err *e)
{
    bool refers = ind->kind == KIND_POINTS || ind->kind == KIND_RANK;
    if (ind->kind == KIND_SHARE)
        return check_share(ind, s, e);
    if (ind->kind == KIND_RATE && ind->per < 1)
        return yaml_fault(e, ind->at, "DERIVE-006",
                          "'%s' needs the key 'per': how many "
                          "inhabitants",
                          ind->id);
    if (refers) {
        ind->other = ind->of_indicator ? find(p, ind->of_indicator) : NULL;
        int wanted = ind->kind == KIND_RANK ? KIND_RATE : KIND_SHARE;
        if (!ind->other || ind->other->kind != wanted)
            return yaml_fault(e, ind->at, "DERIVE-007",
                              "'%s' needs the key 'indicator' with a %s "
                              "of this file",
                              ind->id, kinds[wanted]);
    }
    return 0;
}

static int check_one(struct indicator *ind, const struct plan *p, const struct structure *s,
                     struct err *e)
{
    bool counts = ind->kind == KIND_COUNT || ind->kind == KIND_CHANGE;
    if (ind->decimals > 12 || (ind->decimals < 0 && !counts))
        return yaml_fault(e, ind->at, "DERIVE-008", "'%s' needs the key 'decimals': 0 … 12",
                          ind->id);
    if (find(p, ind->id) != ind)
        return yaml_fault(e, ind->at, "DERIVE-009", "the indicator '%s' stands here twice",
                          ind->id);
    const char *const *freq = ind->freq.items;
    for (size_t i = 0; i < ind->freq.n; i++)
        if (strlen(freq[i]) != 1 || !freq_valid(freq[i][0]))
            return yaml_fault(e, ind->at, "DERIVE-010", "'%s' is no frequency", freq[i]);
    const struct yaml_group *g = ind->where.items;
    for (size_t i = 0; i < ind->where.n; i++) {
        int dim = check_dim(s, g[i].key, ind->at, e);
        int rc = dim < 0 ? dim : check_codes(s, dim, &g[i].values, ind->at, e);
        if (rc < 0)
            return rc;
    }
    if (ind->base && period_parse(&ind->base_period, str_of(ind->base), NULL) < 0)
        return yaml_fault(e, ind->at, "DERIVE-011", "the base '%s' is not a period", ind->base);
    ind->has_base = ind->base != NULL;
    return check_kind(ind, p, s, e);
}

/* A misspelt source would make every rate empty without a word, so the codes are looked up. */
static int check_choice(const struct choice *c, const struct structure *pop, struct err *e)
{
    static const char *const dims[] = {"POP_SOURCE", "POP_VINTAGE"};
    for (size_t i = 0; i < ARRAY_LEN(dims); i++) {
        int dim = structure_dim(pop, dims[i]);
        if (dim < 0)
            return yaml_fault(e, c->at, "DERIVE-015", "structure %s has no dimension %s", pop->id,
                              dims[i]);
        const struct yaml_list code = {(void *)(uintptr_t)(i ? &c->vintage : &c->source), 1};
        int rc = check_codes(pop, dim, &code, c->at, e);
        if (rc < 0)
            return rc;
    }
    if (c->from > c->to)
        return yaml_fault(e, c->at, "DERIVE-016", "the years from %lld to %lld are none",
                          (long long)c->from, (long long)c->to);
    int area = structure_role(pop, DIM_AREA);
    return area < 0 ? 0 : check_codes(pop, area, &c->areas, c->at, e);
}

static int check_population(const struct plan *p, struct conf *c, const char *path, struct err *e)
{
    const struct structure *pop = NULL;
    if (!p->population.structure)
        return 0;
    struct yaml_mark file = {.file = path};
    if (p->population.choices.n > CHOICES_MAX)
        return yaml_fault(e, file, "DERIVE-017", "more than %d populations to choose from",
                          CHOICES_MAX);
    int rc = structure_load(c, p->population.structure, &pop, e);
    const struct yaml_pair *s = p->population.select.items;
    for (size_t i = 0; i < p->population.select.n && rc == 0; i++) {
        int dim = check_dim(pop, s[i].key, file, e);
        const struct yaml_list code = {(void *)(uintptr_t)&s[i].value, 1};
        rc = dim < 0 ? dim : check_codes(pop, dim, &code, file, e);
    }
    const struct choice *choice = p->population.choices.items;
    for (size_t i = 0; i < p->population.choices.n && rc == 0; i++)
        rc = check_choice(&choice[i], pop, e);
    return rc;
}

int plan_load(struct plan **ret, struct conf *c, const struct structure *s, struct err *e)
{
    const char *path;
    int rc = conf_path(c, "indicators", s->id, "yaml", &path, e);
    struct plan *p = arena_new(&c->arena, sizeof *p);
    if (rc == 0)
        rc = yaml_bind_file(path, &plan_type, p, &c->arena, e);
    if (rc < 0)
        return rc;
    if (strcmp(p->structure, s->id) != 0)
        return yaml_fault(e, (struct yaml_mark){.file = path}, "DERIVE-012",
                          "the file is for structure %s, its name says %s", p->structure, s->id);
    if (p->indicators.n > INDICATORS_MAX)
        return yaml_fault(e, (struct yaml_mark){.file = path}, "DERIVE-018",
                          "more than %d indicators in one file", INDICATORS_MAX);
    rc = check_population(p, c, path, e);
    struct indicator *all = p->indicators.items;
    for (size_t i = 0; i < p->indicators.n && rc == 0; i++)
        rc = check_one(&all[i], p, s, e);
    if (rc < 0)
        return rc;
    *ret = p;
    return 0;
}

int plan_want(struct plan *p, const char **names, int n, struct err *e)
{
    struct indicator *all = p->indicators.items;
    for (size_t i = 0; i < p->indicators.n; i++)
        all[i].wanted = n == 0;
    for (int i = 0; i < n; i++) {
        struct indicator *ind = find(p, names[i]);
        if (ind) {
            ind->wanted = true;
            continue;
        }
        const char *near = NULL;
        for (size_t k = 0; k < p->indicators.n && !near; k++)
            near = word_nearest(str_of(names[i]), &all[k].id, 1);
        int rc =
            err_set(e, RC_USAGE, "DERIVE-013", "%s has no indicator '%s'", p->structure, names[i]);
        if (near)
            (void)err_hint(e, "did you mean '%s'?", near);
        else
            (void)err_hint(e, "config/indicators/%s.yaml lists them", p->structure);
        return rc;
    }
    return 0;
}

int plan_base(struct plan *p, const char *base, struct err *e)
{
    struct period period;
    int rc = base ? period_parse(&period, str_of(base), e) : 0;
    if (rc < 0) {
        if (e)
            e->rc = RC_USAGE;
        return -RC_USAGE;
    }
    struct indicator *all = p->indicators.items;
    for (size_t i = 0; i < p->indicators.n; i++) {
        bool uses = all[i].kind == KIND_INDEX || (all[i].kind == KIND_GROWTH && !all[i].years);
        if (!uses)
            continue;
        if (base) {
            all[i].base_period = period;
            all[i].has_base = true;
        }
        if (all[i].wanted && !all[i].has_base) {
            rc = yaml_fault(e, all[i].at, "DERIVE-014", "'%s' has no base period", all[i].id);
            (void)err_hint(e, "give --base-period, or write 'base' in the file");
            return rc;
        }
    }
    return 0;
}
