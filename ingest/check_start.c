/* check_start.c — a checker for the structure of a stream: columns found, code lists and rules
 * loaded, and everything given back at the end. */
#include "check_run.h"

static const char *const attr_names[ATTRS] = {"OBS_STATUS", "CONF_STATUS", "NATURE",
                                              "SENDER",     "GRADE",       "REVIEWED"};
static const char *const attr_lists[ATTRS] = {"OBS_STATUS", "CONF_STATUS", "NATURE",
                                              NULL,         "GRADE",       NULL};

/* Not one of ours: perhaps a map has it as its source. */
static int unknown_structure(struct checker *c, struct str id, struct err *e)
{
    const char *const *names = NULL;
    struct buf list;
    struct err why = {0};
    size_t n = 0;
    err_set(e, RC_DATA, "CHECK-031", "'%.*s' is no structure of ours", STR_ARG(id));
    if (conf_list(c->conf, "structures", "yaml", &names, &n, &why) < 0)
        return -(int)e->rc;
    buf_init(&list, 1 << 12);
    for (size_t i = 0; i < n; i++)
        buf_fmt(&list, "%s%s", i ? ", " : "", names[i]);
    err_hint(e, "there are: %s; a sender's own structure goes through `rta map` first",
             buf_z(&list));
    buf_free(&list);
    return -(int)e->rc;
}

static int find_columns(struct checker *c, const struct sdmx_reader *in, struct err *e)
{
    for (size_t d = 0; d < c->s->ndims; d++) {
        const char *id = c->s->dims[d].id;
        int at = sdmx_find(in, id);
        if (at < 0)
            return err_set(e, RC_DATA, "CHECK-032", "the stream has no column %s", id);
        words_init(&c->dims[d], id, at);
    }
    for (size_t k = 0; k < ATTRS; k++)
        words_init(&c->attrs[k], attr_names[k], sdmx_find(in, attr_names[k]));
    c->at_value = sdmx_find(in, "OBS_VALUE");
    c->at_src = sdmx_find(in, "SRC");
    c->at_embargo = sdmx_find(in, "EMBARGO_DATE");
    c->area = structure_role(c->s, DIM_AREA);
    c->freq = structure_role(c->s, DIM_FREQ);
    if (c->at_value < 0)
        return err_set(e, RC_DATA, "CHECK-033", "the stream has no column OBS_VALUE");
    return 0;
}

/* Each dimension gets as many bits as the numbers of its codes need, in words as few as possible;
 * the number of words. */
static size_t lay_out_key(struct checker *c)
{
    size_t word = 0;
    unsigned used = 0;
    for (size_t d = 0; d + 1 < c->s->ndims; d++) {
        const struct codelist *l = c->s->dims[d].codes;
        size_t most = l ? l->n : WORDS_MAX;
        unsigned bits = 1;
        while ((size_t)1 << bits < most)
            bits++;
        if (used + bits > 64) {
            word++;
            used = 0;
        }
        c->fields[d] = (struct field){word, used, (UINT64_C(1) << bits) - 1};
        used += bits;
    }
    return word + 1;
}

int checker_start(struct checker *c, const struct sdmx_reader *in, struct err *e)
{
    struct str id = sdmx_structure_id(in);
    int rc = structure_by_full_id(c->conf, id, &c->s, e);
    if (rc < 0)
        return rc;
    if (!c->s)
        return unknown_structure(c, id, e);
    rc = region_load(c->conf, &c->region, e);
    for (size_t k = 0; rc == 0 && k < ATTRS; k++)
        if (attr_lists[k])
            rc = codelist_load(c->conf, attr_lists[k], &c->lists[k], e);
    if (rc == 0)
        rc = rules_load(&c->rules, c->conf, c->s, e);
    if (rc == 0)
        rc = find_columns(c, in, e);
    if (rc < 0)
        return rc;
    c->structure_id = (struct str){mem_text(id), id.n};
    c->name = sdmx_name(in);
    c->ours = true;
    c->time_word = WORD_NONE;
    for (size_t d = 0; d < ARRAY_LEN(c->now_word); d++)
        c->now_word[d] = WORD_NONE;
    for (size_t k = 0; k < ARRAY_LEN(c->attr_word); k++)
        c->attr_word[k] = WORD_NONE;
    c->places = places_new();
    c->trail = trail_new();
    c->moment_ids = map_new(WORDS_MAX);
    c->kind_ids = map_new(0);
    store_init(&c->store, lay_out_key(c));
    if (c->area >= 0 && c->s->dims[c->area].codes)
        c->fair = mem_array(c->s->dims[c->area].codes->n / 64 + 1, sizeof *c->fair);
    struct buf *bufs[] = {&c->place,  &c->other, &c->key_text, &c->brief,
                          &c->reason, &c->fix,   &c->value};
    for (size_t i = 0; i < ARRAY_LEN(bufs); i++)
        buf_init(bufs[i], LIMIT_ROW_BYTES);
    return 0;
}

void checker_free(struct checker *c)
{
    struct buf *bufs[] = {&c->place,  &c->other, &c->key_text, &c->brief,
                          &c->reason, &c->fix,   &c->value};
    for (size_t i = 0; i < ARRAY_LEN(bufs); i++)
        buf_free(bufs[i]);
    for (size_t d = 0; d < STRUCTURE_DIMS_MAX; d++) {
        words_free(&c->dims[d]);
        mem_free(c->codes[d]);
    }
    for (size_t k = 0; k < ATTRS; k++) {
        words_free(&c->attrs[k]);
        mem_free(c->attr_states[k]);
    }
    mem_free((void *)(uintptr_t)c->structure_id.p);
    places_free(c->places);
    trail_free(c->trail);
    map_free(c->moment_ids);
    map_free(c->kind_ids);
    mem_free(c->kinds);
    mem_free(c->fair);
    mem_free(c->moments);
    mem_free(c->times);
    mem_free(c->refused);
    mem_free(c->refusals);
    store_free(&c->store);
    findings_free(c->findings);
}
