/* derive_trace.c — see derive_trace.h. A trace is lines of text: "=", tab, the key of a result;
 * then for each figure behind it the number of the sum that it went into, tab, its structure, tab,
 * its key. Owns its buffers; the file is written at the end, whole or not at all. */
#include "derive_trace.h"

#include "bounds.h"
#include "key.h"
#include "mem.h"

#define TRACE_BYTES ((size_t)1 << 30)

struct trace {
    const char *path, *unit;
    const struct structure *people;
    const struct plan *plan;
    struct buf text, terms; /* written, and those of the result being made */
};

int trace_open(struct trace **ret, struct conf *c, const struct data *d, const char *path,
               struct err *e)
{
    struct trace *t = mem_new(sizeof *t);
    const char *id = d->plan->population.structure;
    t->path = path;
    t->plan = d->plan;
    buf_init(&t->text, TRACE_BYTES);
    buf_init(&t->terms, TRACE_BYTES);
    int rc = id ? structure_load(c, id, &t->people, e) : 0;
    if (rc < 0) {
        trace_free(t);
        return rc;
    }
    *ret = t;
    return 0;
}

void trace_free(struct trace *t)
{
    if (!t)
        return;
    buf_free(&t->text);
    buf_free(&t->terms);
    mem_free(t);
}

static void term(struct trace *t, const struct structure *s, const struct str *codes, size_t sum)
{
    buf_fmt(&t->terms, "%zu\t%s\t", sum, s->id);
    key_add(&t->terms, codes, s->ndims);
    buf_char(&t->terms, '\n');
}

void trace_figure(struct trace *t, const struct data *d, const struct cell_key *k, size_t sum)
{
    struct str codes[STRUCTURE_DIMS_MAX];
    char text[PERIOD_TEXT_MAX];
    struct period p;
    if (!t || k->group == UINT32_MAX || k->area == UINT32_MAX ||
        period_of_code(&p, d->group[k->group].freq, k->code, NULL) < 0)
        return;
    for (size_t i = 0; i < d->s->ndims; i++) {
        enum dim_role role = d->s->dims[i].role;
        codes[i] = role == DIM_AREA   ? map_key(d->areas, k->area)
                   : role == DIM_UNIT ? str_of(d->plan->unit ? d->plan->unit : "")
                                      : d->group[k->group].codes[i];
    }
    codes[d->s->ndims - 1] = (struct str){text, period_text(p, text)};
    term(t, d->s, codes, sum);
}

static struct str people_code(const struct trace *t, const struct dimension *d, struct str area,
                              const struct choice *c)
{
    const struct yaml_pair *s = t->plan->population.select.items;
    for (size_t i = 0; i < t->plan->population.select.n; i++)
        if (strcmp(s[i].key, d->id) == 0)
            return str_of(s[i].value);
    if (strcmp(d->id, "POP_SOURCE") == 0)
        return str_of(c->source);
    if (strcmp(d->id, "POP_VINTAGE") == 0)
        return str_of(c->vintage);
    return d->role == DIM_AREA ? area : d->role == DIM_FREQ ? STR("A") : STR("");
}

void trace_people(struct trace *t, struct str area, int year, const struct choice *c)
{
    struct str codes[STRUCTURE_DIMS_MAX];
    char text[16];
    if (!t || !t->people)
        return;
    for (size_t i = 0; i < t->people->ndims; i++)
        codes[i] = people_code(t, &t->people->dims[i], area, c);
    int n = snprintf(text, sizeof text, "%d", year);
    codes[t->people->ndims - 1] = (struct str){text, (size_t)n};
    term(t, t->people, codes, 1);
}

size_t trace_mark(const struct trace *t) { return t ? t->terms.n : 0; }

void trace_cut(struct trace *t, size_t mark)
{
    if (t && mark < t->terms.n)
        t->terms.n = mark;
}

void trace_result(struct trace *t, const struct str *codes, size_t n)
{
    if (!t)
        return;
    buf_text(&t->text, "=\t");
    key_add(&t->text, codes, n);
    buf_char(&t->text, '\n');
    buf_str(&t->text, buf_view(&t->terms));
    buf_reset(&t->terms);
}

int trace_finish(struct trace *t, struct err *e)
{
    if (!t)
        return 0;
    int rc = buf_ok(&t->text, "the trace", e);
    return rc < 0 ? rc : file_write(t->path, buf_view(&t->text), e);
}
