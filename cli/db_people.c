/* db_people.c — senders and approval rules of the configuration into the store, so that the
 * database itself knows who may send what and what wants a second person. */
#include "db_parts.h"

#include "policy.h"
#include "region.h"

static void array_items(struct buf *b, const struct yaml_list *list)
{
    buf_char(b, '{');
    for (size_t i = 0; i < list->n; i++) {
        if (i)
            buf_char(b, ',');
        buf_char(b, '"');
        for (const char *z = ((const char *const *)list->items)[i]; *z; z++) {
            if (*z == '"' || *z == '\\')
                buf_char(b, '\\');
            buf_char(b, *z);
        }
        buf_char(b, '"');
    }
    buf_char(b, '}');
}

static int sync_senders(struct db *db, const struct region *r, struct err *e)
{
    struct buf areas;
    buf_init(&areas, 65536);
    int rc = db_script(db, "forget the senders", "DELETE FROM rta.sender", e);
    for (size_t i = 0; i < r->nsenders && rc >= 0; i++) {
        const struct sender *s = &r->senders[i];
        buf_reset(&areas);
        array_items(&areas, &s->areas);
        const char *params[] = {s->key, s->partner ? s->partner : "", s->outside ? "t" : "f",
                                buf_z(&areas)};
        rc = buf_ok(&areas, "the areas of a sender", e);
        if (rc >= 0)
            rc = db_query(db, "keep a sender",
                          "INSERT INTO rta.sender (key, partner, outside, areas)"
                          " VALUES ($1, $2, $3, $4)",
                          params, 4, NULL, e);
    }
    buf_free(&areas);
    return rc;
}

/* One line of the file is a row for each structure, partner and sender that it names. */
static int sync_line(struct db *db, const struct policy_line *l, struct err *e)
{
    struct buf list[3];
    const struct yaml_list *from[] = {&l->structures, &l->partners, &l->senders};
    int rc = 0;
    for (size_t i = 0; i < ARRAY_LEN(list); i++) {
        buf_init(&list[i], 65536);
        array_items(&list[i], from[i]);
        if (rc >= 0)
            rc = buf_ok(&list[i], "a line of the approval rules", e);
    }
    const char *params[] = {l->from,
                            l->to,
                            l->outside,
                            l->mode == POLICY_AUTO ? "auto" : "four-eyes",
                            l->answers ? "t" : "f",
                            buf_z(&list[0]),
                            buf_z(&list[1]),
                            buf_z(&list[2])};
    if (rc >= 0)
        rc = db_query(db, "keep an approval rule",
                      "SELECT rta.policy_add($1::date, $2::date, $3::boolean, $4, $5::boolean,"
                      " $6::text[], $7::text[], $8::text[])",
                      params, ARRAY_LEN(params), NULL, e);
    for (size_t i = 0; i < ARRAY_LEN(list); i++)
        buf_free(&list[i]);
    return rc;
}

int db_sync_people(struct stage *st, struct db *db, struct err *e)
{
    const struct region *r = NULL;
    struct policy policy;
    struct conf *c = NULL;
    int rc = stage_conf(st, &c, e);
    if (rc < 0 || (rc = region_load(c, &r, e)) < 0 || (rc = policy_load(c, &policy, e)) < 0 ||
        (rc = sync_senders(db, r, e)) < 0)
        return rc;
    const struct policy_line *l = policy.lines.items;
    rc = db_script(db, "forget the approval rules", "DELETE FROM rta.policy", e);
    for (size_t i = 0; i < policy.lines.n && rc >= 0; i++)
        rc = sync_line(db, &l[i], e);
    return rc;
}
