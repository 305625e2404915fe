/* map_merge.c — rows held back because rows of other source codes may fall on the same target. They
 * are summed exactly; a sum with a part missing is not made. A row whose source codes are those of
 * one held already is no part but a repetition: it stays a row of its own, so that `rta check`
 * shows both places. All memory is the buffer's own arena. */
#include "arena.h"
#include "buf.h"
#include "map.h"
#include "map_run.h"

struct part {
    struct part *next;
    struct str identity, original, *attr; /* OUT_N cells */
};

struct group {
    struct group *twin, *next; /* the same target again; the next in order of appearance */
    struct str *cells;         /* up to the last dimension */
    struct part *parts, *last;
    size_t n;
};

struct merge {
    const struct plan *plan;
    struct arena arena;
    struct map *index; /* target key → struct group * */
    struct buf key;
    struct group *first, *last;
    uint64_t unreviewed; /* rows written that a mapping without a reviewer made */
};

uint64_t merge_unreviewed(const struct merge *m) { return m->unreviewed; }

struct merge *merge_new(const struct plan *p)
{
    struct merge *m = mem_new(sizeof *m);
    m->plan = p;
    m->index = map_new(0);
    buf_init(&m->key, LIMIT_ROW_BYTES);
    return m;
}

void merge_free(struct merge *m)
{
    if (!m)
        return;
    arena_free(&m->arena);
    map_free(m->index);
    buf_free(&m->key);
    mem_free(m);
}

static size_t ncells(const struct merge *m) { return OUT_DIMS + m->plan->to->ndims; }

/* Sums stay within one sender and one nature, and one action. */
static struct str key_of(struct merge *m, const struct str *cells)
{
    buf_reset(&m->key);
    for (size_t i = 0; i < ncells(m) + OUT_N; i++) {
        size_t attr = i - ncells(m);
        if (i < ncells(m) || attr == OUT_SENDER || attr == OUT_NATURE) {
            buf_str(&m->key, cells[i]);
            buf_char(&m->key, '\0');
        }
    }
    return buf_view(&m->key);
}

static struct group *add_group(struct merge *m, const struct str *cells)
{
    struct group *g = arena_new(&m->arena, sizeof *g);
    g->cells = arena_array(&m->arena, ncells(m), sizeof *g->cells);
    for (size_t i = 0; i < ncells(m); i++)
        g->cells[i] = arena_str(&m->arena, cells[i]);
    if (m->last)
        m->last->next = g;
    else
        m->first = g;
    m->last = g;
    return g;
}

static bool has_part(const struct group *g, struct str identity)
{
    for (const struct part *p = g->parts; p; p = p->next)
        if (str_eq(p->identity, identity))
            return true;
    return false;
}

static void add_part(struct merge *m, struct group *g, const struct result *r)
{
    struct part *p = arena_new(&m->arena, sizeof *p);
    p->identity = arena_str(&m->arena, r->identity);
    p->original = arena_str(&m->arena, r->original);
    p->attr = arena_array(&m->arena, OUT_N, sizeof *p->attr);
    for (size_t i = 0; i < OUT_N; i++)
        p->attr[i] = arena_str(&m->arena, r->cells[ncells(m) + i]);
    if (g->last)
        g->last->next = p;
    else
        g->parts = p;
    g->last = p;
    g->n++;
}

bool merge_add(struct merge *m, const struct result *r)
{
    bool fresh = false;
    uint64_t *slot = map_put(m->index, key_of(m, r->cells), 0, &fresh);
    struct group *g = slot && !fresh ? (struct group *)(uintptr_t)*slot : NULL;
    struct group *before = NULL;
    for (; g && has_part(g, r->identity); g = g->twin)
        before = g;
    if (g) {
        add_part(m, g, r);
        return true;
    }
    g = add_group(m, r->cells);
    if (before)
        before->twin = g;
    else if (slot)
        *slot = (uint64_t)(uintptr_t)g;
    add_part(m, g, r);
    return false;
}

struct sum { /* of one group */
    struct num value;
    uint32_t status;
    size_t parts, missing, nan;
    char conf, grade, number[NUM_TEXT_MAX], letters[64];
    bool reviewed;
    struct buf comment, src, key, original;
};

static void join(struct buf *b, struct str s, const char *by)
{
    if (s.n == 0)
        return;
    if (b->n)
        buf_text(b, by);
    buf_str(b, s);
}

/* Confidential beats every other mark; among the others the first one stays. */
static char worse_conf(char a, struct str b)
{
    if (b.n == 0 || str_is(b, "F"))
        return a;
    return a == 0 || b.p[0] == 'C' ? b.p[0] : a;
}

static int sum_part(struct sum *s, const struct part *p, struct err *e)
{
    struct num v;
    struct str text = p->attr[OUT_VALUE], grade = p->attr[OUT_GRADE];
    s->status |= status_set(p->attr[OUT_STATUS]);
    s->conf = worse_conf(s->conf, p->attr[OUT_CONF]);
    s->reviewed &= str_is(p->attr[OUT_REVIEWED], "Y");
    if (grade.n && grade.p[0] > s->grade)
        s->grade = grade.p[0];
    if (!s->comment.n || !strstr(buf_z(&s->comment), p->attr[OUT_COMMENT].p))
        join(&s->comment, p->attr[OUT_COMMENT], " / ");
    join(&s->src, p->attr[OUT_SRC], ";");
    join(&s->key, p->attr[OUT_SRC_KEY], ";");
    if (s->parts++)
        buf_char(&s->original, ';');
    buf_str(&s->original, p->original);
    s->nan += str_is(text, "NaN");
    if (text.n == 0 || str_is(text, "NaN")) {
        s->missing++;
        return 0;
    }
    int rc = num_parse(&v, text, &num_plain, e);
    if (rc == 0)
        rc = num_add(&s->value, s->value, v, e);
    return rc;
}

/* A part without a value makes the sum unknown: O (missing), or Q where it was suppressed. */
static void missing_sum(const struct merge *m, const struct group *g, struct sum *s,
                        struct stage *st)
{
    struct err w = {0};
    const struct part *p = g->parts;
    if (s->missing == g->n)
        return;
    s->status |= s->conf ? STATUS_BIT('Q') : STATUS_BIT('O');
    err_set(&w, RC_DATA, "MAP-060", "%s: %zu of %zu parts of one sum have no value, so it has none",
            m->plan->name, s->missing, g->n);
    err_place(&w, "%.*s", STR_ARG(p->attr[OUT_SRC]));
    err_hint(&w, "the parts: %.*s", STR_ARG(buf_view(&s->key)));
    stage_warn(st, &w);
    stage_raise(st, RC_PARTIAL);
}

static void put_sum(struct merge *m, const struct group *g, struct sum *s, struct sdmx_writer *w)
{
    struct str cells[OUT_DIMS + STRUCTURE_DIMS_MAX + OUT_N];
    struct str *attr = cells + ncells(m);
    memcpy(cells, g->cells, ncells(m) * sizeof *cells);
    memcpy(attr, g->parts->attr, OUT_N * sizeof *cells);
    if (g->n > 1) {
        attr[OUT_VALUE] = (struct str){"", 0};
        if (s->nan == g->n)
            attr[OUT_VALUE] = STR("NaN");
        else if (s->missing == 0)
            attr[OUT_VALUE] = (struct str){s->number, num_text(s->value, s->number)};
        attr[OUT_STATUS] = status_text(s->status, s->letters);
        attr[OUT_CONF] = (struct str){&s->conf, s->conf != 0};
        attr[OUT_COMMENT] = buf_view(&s->comment);
        attr[OUT_SRC] = buf_view(&s->src);
        attr[OUT_SRC_KEY] = buf_view(&s->key);
        attr[OUT_SRC_VALUE] = s->original.n >= g->n ? buf_view(&s->original) : (struct str){"", 0};
        attr[OUT_GRADE] = (struct str){&s->grade, 1};
        attr[OUT_REVIEWED] = s->reviewed ? STR("Y") : STR("N");
    }
    m->unreviewed += str_is(attr[OUT_REVIEWED], "N");
    sdmx_write(w, cells);
}

static int write_group(struct merge *m, const struct group *g, struct sum *s, struct sdmx_writer *w,
                       struct stage *st, struct err *e)
{
    int rc = 0;
    buf_reset(&s->comment);
    buf_reset(&s->src);
    buf_reset(&s->key);
    buf_reset(&s->original);
    s->value = (struct num){0, 0};
    s->status = 0;
    s->parts = s->missing = s->nan = 0;
    s->conf = 0;
    s->grade = 'A';
    s->reviewed = true;
    for (const struct part *p = g->parts; g->n > 1 && p && rc == 0; p = p->next) {
        rc = sum_part(s, p, e);
        if (rc < 0)
            err_place(e, "%.*s", STR_ARG(p->attr[OUT_SRC]));
    }
    if (rc == 0 && s->missing)
        missing_sum(m, g, s, st);
    if (rc == 0)
        put_sum(m, g, s, w);
    return rc;
}

int merge_write(struct merge *m, struct sdmx_writer *w, struct stage *st, struct err *e)
{
    struct sum s = {0};
    struct buf *bufs[] = {&s.comment, &s.src, &s.key, &s.original};
    int rc = 0;
    for (size_t i = 0; i < ARRAY_LEN(bufs); i++)
        buf_init(bufs[i], LIMIT_ROW_BYTES);
    for (const struct group *g = m->first; g && rc == 0; g = g->next)
        rc = write_group(m, g, &s, w, st, e);
    for (size_t i = 0; i < ARRAY_LEN(bufs); i++) {
        if (rc == 0)
            rc = buf_ok(bufs[i], "the origin of a sum", e);
        buf_free(bufs[i]);
    }
    return rc;
}
