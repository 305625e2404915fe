/* retention.c — see retention.h. */
#include "retention.h"

#include <stddef.h>

const char *const retention_states[] = {"any", "accepted", "refused", NULL};

static const struct yaml_field line_fields[] = {
    {.key = "state",
     .kind = YAML_ENUM,
     .offset = offsetof(struct retention_line, state),
     .words = retention_states,
     .fallback = "any"},
    {.key = "days",
     .kind = YAML_INT,
     .offset = offsetof(struct retention_line, days),
     .required = true},
    {.key = "partners",
     .kind = YAML_LIST,
     .offset = offsetof(struct retention_line, partners),
     .type = &yaml_text_type},
    {.key = "senders",
     .kind = YAML_LIST,
     .offset = offsetof(struct retention_line, senders),
     .type = &yaml_text_type},
    {.kind = YAML_MARK, .offset = offsetof(struct retention_line, at)},
};
static const struct yaml_type line_type = {sizeof(struct retention_line), line_fields,
                                           ARRAY_LEN(line_fields)};
static const struct yaml_field file_fields[] = {
    {.key = "retention",
     .kind = YAML_LIST,
     .offset = offsetof(struct retention, lines),
     .type = &line_type,
     .required = true},
};
static const struct yaml_type file_type = {sizeof(struct retention), file_fields,
                                           ARRAY_LEN(file_fields)};

int retention_load(struct conf *c, struct retention *ret, struct err *e)
{
    const char *path = NULL;
    struct err none = {0};
    *ret = (struct retention){.lines = {0}};
    if (conf_path(c, "policies", "retention", "yaml", &path, &none) < 0)
        return 0;
    int rc = yaml_bind_file(path, &file_type, ret, &c->arena, e);
    const struct retention_line *l = ret->lines.items;
    for (size_t i = 0; rc >= 0 && i < ret->lines.n; i++)
        if (l[i].days < 0 || l[i].days > 36500)
            rc = yaml_fault(e, l[i].at, "DB-110", "days are 0 (for good) to 36500");
    return rc;
}
