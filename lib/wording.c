/* wording.c — see wording.h. */
#include "wording.h"

const char *const wording_kinds[WORDING_KINDS] = {
    "count",  "rate",  "change", "percent-change", "year-to-date",
    "growth", "index", "share",  "point-change",   "rank"};

#define WORDS(of, field, name)                                                            \
    {                                                                                     \
        .key = (name), .kind = YAML_MAP, .offset = offsetof(of, field), .required = true, \
        .type = &yaml_pair_type                                                           \
    }
static const struct yaml_field kind_fields[] = {WORDS(struct wording_kind, formula, "formula"),
                                                {.key = "sums",
                                                 .kind = YAML_LIST,
                                                 .offset = offsetof(struct wording_kind, sums),
                                                 .required = true,
                                                 .type = &yaml_text_type}};
static const struct yaml_type kind_type = {sizeof(struct wording_kind), kind_fields,
                                           ARRAY_LEN(kind_fields)};
static const struct yaml_field fields[] = {
    {.key = "kinds",
     .kind = YAML_MAP,
     .offset = offsetof(struct wording, kinds),
     .required = true,
     .type = &kind_type},
    WORDS(struct wording, rounded, "rounded"),
    WORDS(struct wording, hidden, "hidden"),
    WORDS(struct wording, hidden_status, "hidden-status"),
    {.kind = YAML_MARK, .offset = offsetof(struct wording, at)}};
static const struct yaml_type wording_type = {sizeof(struct wording), fields, ARRAY_LEN(fields)};

static int check_english(const struct wording *w, const struct yaml_list *l, const char *what,
                         struct err *e)
{
    const struct yaml_pair *p = l->items;
    for (size_t i = 0; i < l->n; i++)
        if (strcmp(p[i].key, "en") == 0)
            return 0;
    return yaml_fault(e, w->at, "WORDING-003", "%s: no words in English (en)", what);
}

static int check(const struct wording *w, struct err *e)
{
    const struct wording_kind *k = w->kinds.items;
    bool said[WORDING_KINDS] = {false};
    int rc = check_english(w, &w->rounded, "rounded", e);
    if (rc >= 0)
        rc = check_english(w, &w->hidden, "hidden", e);
    if (rc >= 0)
        rc = check_english(w, &w->hidden_status, "hidden-status", e);
    for (size_t i = 0; i < w->kinds.n && rc >= 0; i++) {
        size_t n = 0;
        while (n < WORDING_KINDS && strcmp(wording_kinds[n], k[i].key) != 0)
            n++;
        if (n == WORDING_KINDS)
            return yaml_fault(e, w->at, "WORDING-002", "\"%s\" is no kind of indicator", k[i].key);
        said[n] = true;
        rc = check_english(w, &k[i].formula, k[i].key, e);
    }
    for (size_t n = 0; n < WORDING_KINDS && rc >= 0; n++)
        if (!said[n])
            rc = yaml_fault(e, w->at, "WORDING-001", "no words for the kind of indicator \"%s\"",
                            wording_kinds[n]);
    return rc;
}

int wording_load(struct conf *c, const struct wording **ret, struct err *e)
{
    void **kept = conf_keep(c, "", "wording");
    if (!*kept) {
        struct wording *w = arena_new(&c->arena, sizeof *w);
        int rc = yaml_bind_file(arena_fmt(&c->arena, "%s/explain.yaml", c->dir), &wording_type, w,
                                &c->arena, e);
        if (rc >= 0)
            rc = check(w, e);
        if (rc < 0)
            return rc;
        *kept = w;
    }
    *ret = *kept;
    return 0;
}
