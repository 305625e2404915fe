/* build_plan.c — binds config/reports/REPORT.yaml. All memory is the arena of the configuration. */
#include "build_plan.h"

#include <stddef.h>

#define FIELD(struct_, name_, kind_)                                            \
    {                                                                           \
        .key = #name_, .kind = kind_, .offset = offsetof(struct struct_, name_) \
    }
#define NEEDED(struct_, name_, kind_)                                                             \
    {                                                                                             \
        .key = #name_, .kind = kind_, .offset = offsetof(struct struct_, name_), .required = true \
    }
#define LIST(struct_, name_, kind_, type_)                                                      \
    {                                                                                           \
        .key = #name_, .kind = kind_, .offset = offsetof(struct struct_, name_), .type = &type_ \
    }
#define MARK(struct_)                                             \
    {                                                             \
        .kind = YAML_MARK, .offset = offsetof(struct struct_, at) \
    }
#define TYPE(struct_)                                                         \
    {                                                                         \
        sizeof(struct struct_), struct_##_fields, ARRAY_LEN(struct_##_fields) \
    }

static const struct yaml_field plan_step_fields[] = {
    NEEDED(plan_step, run, YAML_TEXT),
    LIST(plan_step, args, YAML_LIST, yaml_text_type),
    FIELD(plan_step, as_of, YAML_BOOL),
    FIELD(plan_step, trace, YAML_BOOL),
};
static const struct yaml_type step_type = TYPE(plan_step);

static const struct yaml_field plan_data_fields[] = {
    NEEDED(plan_data, name, YAML_TEXT),
    LIST(plan_data, pipe, YAML_LIST, step_type),
    FIELD(plan_data, hidden, YAML_BOOL),
    MARK(plan_data),
};
static const struct yaml_type data_type = TYPE(plan_data);

static const struct yaml_field plan_block_fields[] = {
    FIELD(plan_block, table, YAML_TEXT),
    FIELD(plan_block, chart, YAML_TEXT),
    FIELD(plan_block, facts, YAML_TEXT),
    FIELD(plan_block, say, YAML_TEXT),
    NEEDED(plan_block, data, YAML_TEXT),
    LIST(plan_block, set, YAML_MAP, yaml_pair_type),
    LIST(plan_block, text, YAML_MAP, yaml_pair_type),
    MARK(plan_block),
};
static const struct yaml_type block_type = TYPE(plan_block);

static const struct yaml_field plan_section_fields[] = {
    NEEDED(plan_section, id, YAML_TEXT),
    LIST(plan_section, title, YAML_MAP, yaml_pair_type),
    LIST(plan_section, intro, YAML_MAP, yaml_pair_type),
    FIELD(plan_section, apart, YAML_BOOL),
    FIELD(plan_section, each, YAML_TEXT),
    LIST(plan_section, members, YAML_OBJECT, layout_group_type),
    LIST(plan_section, blocks, YAML_LIST, block_type),
    MARK(plan_section),
};
static const struct yaml_type section_type = TYPE(plan_section);

static const struct yaml_field text_fields[] = {
    LIST(word, text, YAML_MAP, yaml_pair_type),
};
static const struct yaml_type text_type = {sizeof(struct word), text_fields,
                                           ARRAY_LEN(text_fields)};

static const struct yaml_field plan_fields[] = {
    NEEDED(plan, report, YAML_TEXT),
    NEEDED(plan, template, YAML_TEXT),
    NEEDED(plan, structure, YAML_TEXT),
    LIST(plan, title, YAML_MAP, yaml_pair_type),
    LIST(plan, subtitle, YAML_MAP, yaml_pair_type),
    NEEDED(plan, partners, YAML_TEXT),
    LIST(plan, texts, YAML_MAP, text_type),
    LIST(plan, datasets, YAML_LIST, data_type),
    LIST(plan, sections, YAML_LIST, section_type),
    MARK(plan),
};
static const struct yaml_type plan_type = TYPE(plan);

static bool has_data(const struct plan *p, const char *name)
{
    const struct plan_data *d = p->datasets.items;
    for (size_t i = 0; i < p->datasets.n; i++) {
        if (strcmp(d[i].name, name) == 0)
            return true;
    }
    return false;
}

static int check_section(const struct plan *p, const struct plan_section *s, struct err *e)
{
    const struct plan_block *k = s->blocks.items;
    if ((s->each != NULL) != (s->members.over != NULL))
        return yaml_fault(e, s->at, "PLAN-001", "each and members belong together");
    for (size_t i = 0; i < s->blocks.n; i++) {
        int kinds = !!k[i].table + !!k[i].chart + !!k[i].facts + !!k[i].say;
        if (kinds != 1)
            return yaml_fault(e, k[i].at, "PLAN-002",
                              "a block is one of table, chart, facts and say");
        if (k[i].say && k[i].text.n == 0)
            return yaml_fault(e, k[i].at, "PLAN-003", "say needs a text");
        if (!has_data(p, k[i].data))
            return yaml_fault(e, k[i].at, "PLAN-004", "there is no dataset %s", k[i].data);
    }
    return 0;
}

int build_plan_load(struct conf *c, const char *name, const struct plan **ret, struct err *e)
{
    const char *path = NULL;
    int rc = conf_path(c, "reports", name, "yaml", &path, e);
    if (rc < 0)
        return rc;
    struct plan *p = arena_new(&c->arena, sizeof *p);
    if ((rc = yaml_bind_file(path, &plan_type, p, &c->arena, e)) < 0)
        return rc;
    if (strcmp(p->report, name) != 0)
        return yaml_fault(e, p->at, "PLAN-005", "this report is called %s, its file %s", p->report,
                          name);
    const struct plan_section *s = p->sections.items;
    for (size_t i = 0; i < p->sections.n; i++) {
        if ((rc = check_section(p, &s[i], e)) < 0)
            return rc;
    }
    *ret = p;
    return 0;
}
