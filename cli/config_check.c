/* config_check.c — see config_check.h. Code lists, structures and the region are loaded as the
 * programs load them. Of the other kinds the syntax is read, every reference by a known key is
 * followed, and the targets of map tables are looked up; what only their programs know, these are
 * asked (config_run.h). */
#include "config_check.h"

#include "calendar.h"
#include "codes.h"
#include "config_run.h"
#include "bounds.h"
#include "mailing.h"
#include "mem.h"
#include "policy.h"
#include "region.h"
#include "retention.h"
#include "structure.h"
#include "wording.h"
#include "yml_priv.h"

#include <unistd.h>

const struct config_kind config_kinds[] = {
    {"codelists", "csv"}, {"structures", "yaml"}, {"profiles", "yaml"}, {"maps", "yaml"},
    {"rules", "yaml"},    {"indicators", "yaml"}, {"reports", "yaml"},  {"sources", "yaml"},
    {"counts", "yaml"},   {"policies", "yaml"},   {"schema", "sql"},
};
const size_t config_kinds_count = ARRAY_LEN(config_kinds);

/* In files of `kind`, the scalar under `key` (at any depth) names a file of kind `names`. */
static const struct reference {
    const char *kind, *key, *names, *ext;
} references[] = {
    {"structures", "codelist", "codelists", "csv"},
    {"maps", "table", "maps", "csv"},
    {"maps", "to", "structures", "yaml"},
    {"rules", "structure", "structures", "yaml"},
    {"indicators", "structure", "structures", "yaml"},
};

struct check {
    struct stage *st;
    struct conf *c;
    uint64_t files, faults;
};

/* Tell a fault and go on; true when there was none. */
static bool sound(struct check *k, int rc, struct err *e)
{
    if (rc >= 0)
        return true;
    k->faults++;
    stage_error(k->st, e);
    err_clear(e);
    return false;
}

static void follow(struct check *k, const char *kind, const struct yml_node *n)
{
    struct err e = {.rc = RC_OK};
    for (size_t i = 0; i < ARRAY_LEN(references); i++) {
        const struct reference *r = &references[i];
        const char *path;
        if (strcmp(r->kind, kind) != 0 || n->shape != YML_SCALAR || !str_is(n->key, r->key))
            continue;
        int rc = conf_path(k->c, r->names, n->text.p, r->ext, &path, &e);
        if (rc < 0)
            (void)snprintf(e.place, sizeof e.place, "%s:%u:%u", n->at.file, n->at.line, n->at.col);
        (void)sound(k, rc, &e);
    }
    for (const struct yml_node *child = n->first; child; child = child->next)
        follow(k, kind, child);
}

static const struct yml_node *member(const struct yml_node *n, const char *key)
{
    for (const struct yml_node *m = n ? n->first : NULL; m; m = m->next)
        if (str_is(m->key, key))
            return m;
    return NULL;
}

static int check_target(const struct conf_table *t, const struct codelist *codes, const char *path,
                        struct err *e)
{
    struct str target = conf_cell(t, "target");
    if (!target.n || codelist_find(codes, target))
        return 0;
    err_set(e, RC_CONFIG, "CONFIG-003", "the code list %s has no code '%.*s'", codes->id,
            STR_ARG(target));
    const struct code *near[3];
    if (codelist_nearest(codes, target, near))
        err_hint(e, "did you mean %.*s?", STR_ARG(near[0]->id));
    return err_place(e, "%s:%zu", path, conf_line(t));
}

static void check_table(struct check *k, const char *path, const struct codelist *codes)
{
    static const char *const columns[] = {"source", "target", NULL};
    static const char *const optional[] = {"source_label", "weight",     "grade",
                                           "reviewed",     "valid_from", "valid_to",
                                           "authority",    "confidence", NULL};
    struct conf_table *t CLEANUP(conf_table_closep) = NULL;
    struct err e = {.rc = RC_OK};
    if (!sound(k, conf_table_open(&t, path, columns, optional, &e), &e))
        return;
    int rc;
    while ((rc = conf_table_next(t, &e)) > 0)
        (void)sound(k, check_target(t, codes, path, &e), &e);
    (void)sound(k, rc, &e);
}

/* Every code that a table of the map gives must stand in the code list of its dimension. */
static void check_map(struct check *k, const struct yml_node *root)
{
    const struct yml_node *to = member(root, "to"), *dims = member(root, "dimensions");
    const struct structure *s = NULL;
    struct err e = {.rc = RC_OK};
    if (!to || to->shape != YML_SCALAR || structure_load(k->c, to->text.p, &s, &e) < 0)
        return; /* told where the structure is checked, or by the reference */
    for (const struct yml_node *d = dims ? dims->first : NULL; d; d = d->next) {
        const struct yml_node *table = member(d, "table");
        int i = structure_dim(s, arena_text(&k->c->arena, d->key));
        const char *path;
        if (i < 0 || !s->dims[i].codes || !table || table->shape != YML_SCALAR)
            continue;
        if (conf_path(k->c, "maps", table->text.p, "csv", &path, &e) == 0)
            check_table(k, path, s->dims[i].codes);
        err_clear(&e);
    }
}

static int check_yaml(struct check *k, const char *kind, const char *name, struct err *e)
{
    const char *path;
    char *text CLEANUP(mem_freep) = NULL;
    size_t n;
    struct yml_node *root;
    int rc = conf_path(k->c, kind, name, "yaml", &path, e);
    if (rc == 0)
        rc = file_slurp(path, LIMIT_CONFIG_BYTES, &text, &n, e);
    if (rc == 0)
        rc = yml_parse((struct str){text, n}, path, &k->c->arena, &root, e);
    if (rc < 0)
        return rc;
    uint64_t before = k->faults;
    follow(k, kind, root);
    if (strcmp(kind, "maps") == 0)
        check_map(k, root);
    return k->faults == before ? config_run(k->st, k->c, kind, name, root, e) : 0;
}

static int check_one(struct check *k, const struct config_kind *kind, const char *name,
                     struct err *e)
{
    k->files++;
    if (strcmp(kind->kind, "codelists") == 0) {
        const struct codelist *l;
        return codelist_load(k->c, name, &l, e);
    }
    if (strcmp(kind->kind, "structures") == 0) {
        const struct structure *s;
        int rc = structure_load(k->c, name, &s, e);
        return rc < 0 ? rc : check_yaml(k, kind->kind, name, e);
    }
    if (strcmp(kind->kind, "policies") == 0 && strcmp(name, "approval") == 0) {
        struct policy policy;
        return policy_load(k->c, &policy, e);
    }
    if (strcmp(kind->kind, "policies") == 0 && strcmp(name, "retention") == 0) {
        struct retention retention;
        return retention_load(k->c, &retention, e);
    }
    if (strcmp(kind->kind, "policies") == 0 && strcmp(name, "mail") == 0) {
        struct mail_policy mail;
        return mail_policy_load(k->c, &mail, e);
    }
    return strcmp(kind->ext, "yaml") == 0 ? check_yaml(k, kind->kind, name, e) : 0;
}

/* What stands in files of its own: the region, the calendar, the words of explanations. */
static void check_single(struct check *k)
{
    const struct region *region;
    const struct calendar *calendar;
    const struct wording *words;
    const char *const *partners;
    size_t n;
    struct err e = {.rc = RC_OK};
    (void)sound(k, region_load(k->c, &region, &e), &e);
    if (sound(k, calendar_load(k->c, &calendar, &e), &e)) {
        k->files += calendar->n > 0;
        (void)sound(k, calendar_partners(k->c, calendar, NULL, &partners, &n, &e), &e);
    }
    if (access(arena_fmt(&k->c->arena, "%s/explain.yaml", k->c->dir), F_OK) == 0) {
        k->files++;
        (void)sound(k, wording_load(k->c, &words, &e), &e);
    }
}

int config_check(struct stage *st, struct conf *c, struct err *e)
{
    struct check k = {.st = st, .c = c, .files = 1};
    struct err fault = {.rc = RC_OK};
    check_single(&k);
    for (size_t i = 0; i < config_kinds_count; i++) {
        const char *const *names;
        size_t n = 0;
        if (conf_list(c, config_kinds[i].kind, config_kinds[i].ext, &names, &n, &fault) < 0)
            err_clear(&fault); /* a folder that is not needed need not be there */
        for (size_t j = 0; j < n; j++)
            (void)sound(&k, check_one(&k, &config_kinds[i], names[j], &fault), &fault);
    }
    if (k.faults) {
        err_set(e, RC_CONFIG, "CONFIG-004", "%llu faults in %llu files",
                (unsigned long long)k.faults, (unsigned long long)k.files);
        return err_place(e, "%s", c->dir);
    }
    stage_note(st, "%llu files are sound", (unsigned long long)k.files);
    return 0;
}
