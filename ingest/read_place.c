/* read_place.c — see read_place.h. */
#include "read_place.h"

#include "mem.h"
#include "pattern.h"
#include "read_plan.h"

void place_reset(struct place_codes *c)
{
    for (size_t i = 0; i < c->n; i++)
        mem_free(c->codes[i].code);
    mem_free(c->time);
    *c = (struct place_codes){.n = 0};
}

void place_free(struct place_codes *c) { place_reset(c); }

static int add(struct place_codes *c, struct desk *d, struct str id, struct str code, struct err *e)
{
    if (str_is(id, "TIME_PERIOD")) {
        mem_free(c->time);
        c->time = mem_text(code);
        c->has_time = 1;
        return 0;
    }
    char *name = mem_text(id);
    size_t slot = desk_dim(d, name);
    mem_free(name);
    if (slot >= READ_DIMS_MAX || c->n == READ_DIMS_MAX)
        return err_set(e, RC_CONFIG, "TABLE-010", "too many dimensions in names and markers");
    c->codes[c->n++] = (struct place_code){slot, mem_text(code)};
    return 0;
}

static int add_sets(struct place_codes *c, struct desk *d, const struct yaml_list *sets,
                    struct err *e)
{
    const struct yaml_pair *pair = sets->items;
    int rc = 0;
    for (size_t i = 0; i < sets->n && rc >= 0; i++)
        rc = add(c, d, str_of(pair[i].key), str_of(pair[i].value), e);
    return rc;
}

/* 1 when text fits; its captures are added. */
static int add_captures(struct place_codes *c, struct desk *d, const char *pattern, struct str text,
                        const struct yaml_list *codes, struct err *e)
{
    struct pattern_capture caps[PATTERN_CAPTURES];
    size_t n;
    if (!pattern_match(pattern, text, caps, &n))
        return 0;
    for (size_t i = 0; i < n; i++) {
        struct str code = code_of(codes, read_trim(caps[i].text, NULL));
        int rc = caps[i].name.n ? add(c, d, caps[i].name, code, e) : 0;
        if (rc < 0)
            return rc;
    }
    return 1;
}

int place_file(struct place_codes *c, struct desk *d, const struct profile *p, struct err *e)
{
    if (!p->file.pattern)
        return 0;
    int rc = add_captures(c, d, p->file.pattern, str_of(desk_name(d)), &p->file.codes, e);
    if (rc == 0) {
        err_set(e, RC_DATA, "TABLE-009", "the name of the file does not fit the pattern \"%s\"",
                p->file.pattern);
        err_hint(e,
                 "The profile takes a code from the name: give the file its own name back, or say "
                 "it with --name.");
        return err_place(e, "%s", desk_name(d));
    }
    return rc < 0 ? rc : add_sets(c, d, &p->file.sets, e);
}

int place_sheet(struct place_codes *c, struct desk *d, const char *sheet,
                const struct profile_place *where, struct err *e)
{
    place_reset(c);
    if (!where)
        return 0;
    int rc =
        where->pattern ? add_captures(c, d, where->pattern, str_of(sheet), &where->codes, e) : 0;
    return rc < 0 ? rc : add_sets(c, d, &where->sets, e);
}

int place_table(struct place_codes *c, struct desk *d, const struct profile_table *table,
                const char *pattern, struct str text, struct err *e)
{
    struct pattern_capture caps[PATTERN_CAPTURES];
    size_t n;
    if (!pattern_match(pattern, text, caps, &n))
        return 0;
    place_reset(c);
    int rc = add_captures(c, d, pattern, text, &table->codes, e);
    if (rc >= 0)
        rc = add_sets(c, d, &table->sets, e);
    return rc < 0 ? rc : 1;
}
