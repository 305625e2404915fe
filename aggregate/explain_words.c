/* explain_words.c — the words of config/explain.yaml and the labels of codes. */
#include "explain.h"

#include "derive_plan.h"

static int words(struct explain *x, struct err *e)
{
    return x->words ? 0 : wording_load(x->conf, &x->words, e);
}

/* In the language, else in English. */
static const char *in_language(const struct explain *x, const struct yaml_list *l)
{
    const struct yaml_pair *p = l->items;
    const char *english = "";
    for (size_t i = 0; i < l->n; i++) {
        if (strcmp(p[i].key, x->lang) == 0)
            return p[i].value;
        if (strcmp(p[i].key, "en") == 0)
            english = p[i].value;
    }
    return english;
}

/* The text with {name} in place of value. */
static const char *fill(struct explain *x, const char *text, const char *name, const char *value)
{
    char mark[32];
    (void)snprintf(mark, sizeof mark, "{%s}", name);
    const char *at = strstr(text, mark);
    if (!at)
        return text;
    return arena_fmt(&x->conf->arena, "%.*s%s%s", (int)(at - text), text, value, at + strlen(mark));
}

static const struct wording_kind *of_kind(const struct explain *x, const struct indicator *ind)
{
    const struct wording_kind *k = x->words->kinds.items;
    for (size_t i = 0; i < x->words->kinds.n; i++)
        if (strcmp(k[i].key, wording_kinds[ind->kind]) == 0)
            return &k[i];
    return NULL;
}

int explain_formula(struct explain *x, const struct indicator *ind, const char **ret, struct err *e)
{
    char number[32];
    *ret = "";
    int rc = ind ? words(x, e) : 0;
    const struct wording_kind *k = rc >= 0 && ind ? of_kind(x, ind) : NULL;
    if (!k)
        return rc;
    (void)snprintf(number, sizeof number, "%lld", (long long)ind->per);
    const char *text = fill(x, in_language(x, &k->formula), "per", number);
    text = fill(x, text, "of", ind->other ? ind->other->name : "");
    if (ind->decimals >= 0 && ind->kind != KIND_COUNT && ind->kind != KIND_RANK) {
        (void)snprintf(number, sizeof number, "%lld", (long long)ind->decimals);
        text = arena_fmt(&x->conf->arena, "%s; %s", text,
                         fill(x, in_language(x, &x->words->rounded), "decimals", number));
    }
    *ret = text;
    return 0;
}

int explain_sum(struct explain *x, const struct indicator *ind, size_t n, const char **ret,
                struct err *e)
{
    int rc = words(x, e);
    const struct wording_kind *k = rc >= 0 ? of_kind(x, ind) : NULL;
    const char *const *sums = k ? k->sums.items : NULL;
    *ret = k && n < k->sums.n ? sums[n] : "";
    return rc;
}

int explain_hidden(struct explain *x, struct str conf, struct str status, const char **ret,
                   struct err *e)
{
    bool q = status.n && memchr(status.p, 'Q', status.n);
    *ret = NULL;
    if ((!conf.n || str_is(conf, "F")) && !q)
        return 0;
    int rc = words(x, e);
    if (rc < 0)
        return rc;
    if (conf.n && !str_is(conf, "F"))
        *ret =
            fill(x, in_language(x, &x->words->hidden), "conf", arena_text(&x->conf->arena, conf));
    else
        *ret = in_language(x, &x->words->hidden_status);
    return 0;
}

const char *explain_code_label(struct explain *x, const struct dimension *d, struct str code)
{
    struct arena *a = &x->conf->arena;
    if (d->role == DIM_AREA && (region_partner(x->region, code) || str_is(code, x->region->id)))
        return region_partner(x->region, code)
                   ? region_name(x->conf, x->region, arena_text(a, code), x->lang, NULL)
                   : x->region->name;
    const struct code *c = d->codes ? codelist_find(d->codes, code) : NULL;
    return c ? code_label(d->codes, c, x->lang) : arena_text(a, code);
}

const char *explain_label(struct explain *x, const struct structure *s, const struct str *codes)
{
    struct buf b CLEANUP(buf_free) = {.max = 1 << 16};
    for (size_t i = 0; i < s->ndims; i++) {
        const struct dimension *d = &s->dims[i];
        bool dull = d->role == DIM_FREQ || d->role == DIM_UNIT || !codes[i].n ||
                    (d->total && str_is(codes[i], d->total)) || str_is(codes[i], "_Z");
        if (dull)
            continue;
        buf_text(&b, b.n ? ", " : "");
        buf_text(&b, explain_code_label(x, d, codes[i]));
    }
    return arena_text(&x->conf->arena, buf_view(&b));
}
