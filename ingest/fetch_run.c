/* fetch_run.c — a source, whatever it takes: whole; or in pieces, each a file of its own with its
 * receipt, when the server says that too much is asked for; or only what was updated since. Memory
 * is the configuration's arena. */
#include "fetch_pieces.h"

#include "gz.h"
#include "mem.h"

#include <unistd.h>

static struct yaml_group *groups(const struct fetch_builder *x) { return x->dimensions.items; }

/* The dimension with the most codes that are named, if there are two; else SIZE_MAX. */
static size_t longest(const struct fetch_builder *x)
{
    size_t best = SIZE_MAX, most = 1;
    for (size_t i = 0; i < x->dimensions.n; i++)
        if (groups(x)[i].values.n > most) {
            most = groups(x)[i].values.n;
            best = i;
        }
    return best;
}

static int year_of(const char *z)
{
    int v = 0;
    for (size_t i = 0; z && i < 4; i++) {
        if (z[i] < '0' || z[i] > '9')
            return 0;
        v = v * 10 + (z[i] - '0');
    }
    return z && z[4] == '\0' ? v : 0;
}

/* A copy of the source whose builder can be changed without touching the other one. */
struct fetch_source *pieces_copy(struct pieces *p, const struct fetch_source *s)
{
    struct fetch_source *ret =
        fetch_clone(p->a, s, s->address, s->file, (enum fetch_format)s->expect);
    struct yaml_group *g = arena_array(p->a, s->builder.dimensions.n + 1, sizeof *g);
    for (size_t i = 0; i < s->builder.dimensions.n; i++)
        g[i] = groups(&s->builder)[i];
    ret->builder.dimensions.items = g;
    return ret;
}

/* Cut in two; false when there is nothing to cut by. */
bool pieces_halve(struct pieces *p, const struct fetch_source *s, struct fetch_source *ret[2])
{
    size_t d = longest(&s->builder);
    int from = year_of(s->builder.start), to = year_of(s->builder.end);
    ret[0] = pieces_copy(p, s);
    ret[1] = pieces_copy(p, s);
    if (d != SIZE_MAX) {
        struct yaml_list *a = &groups(&ret[0]->builder)[d].values;
        struct yaml_list *b = &groups(&ret[1]->builder)[d].values;
        size_t n = a->n / 2;
        b->items = (const char **)a->items + n;
        b->n -= n;
        a->n = n;
        return true;
    }
    if (from == 0 || to <= from)
        return false;
    int middle = from + (to - from) / 2;
    ret[0]->builder.end = arena_fmt(p->a, "%d", middle);
    ret[1]->builder.start = arena_fmt(p->a, "%d", middle + 1);
    return true;
}

/* NAME-3.csv: the file of the third piece. */
const char *pieces_name(struct pieces *p, const char *file, size_t k)
{
    const char *dot = strrchr(file, '.');
    int n = dot ? (int)(dot - file) : (int)strlen(file);
    return arena_fmt(p->a, "%.*s-%zu%s", n, file, k, dot ? dot : "");
}

/* Pieces that the server made at different times may not fit together. */
void pieces_done(struct pieces *p, const char *file)
{
    struct fetch_receipt r;
    char *path CLEANUP(mem_freep) = fetch_path(p->o, "", file, ".receipt.json");
    p->n++;
    if (fetch_receipt_read(path, &r) != 1)
        return;
    if (p->n == 1) {
        (void)snprintf(p->vintage, sizeof p->vintage, "%s", r.last_modified);
    } else if (strcmp(p->vintage, r.last_modified) != 0) {
        struct err e = {.rc = RC_OK};
        err_set(&e, RC_DATA, "FETCH-045", "piece %zu was changed at another time than the first",
                p->n);
        err_hint(&e, "fetch all of it again with --force when the publisher is done");
        err_place(&e, "%s", p->whole->source);
        stage_warn(p->st, &e);
        stage_raise(p->st, RC_PARTIAL);
    }
}

static int fetch_piece(struct pieces *p, struct fetch_source *s, struct err *e);

static int fetch_halves(struct pieces *p, const struct fetch_source *s, struct err *e)
{
    struct fetch_source *half[2];
    if (p->n >= PIECES_MAX || !pieces_halve(p, s, half))
        return 1;
    int rc = fetch_piece(p, half[0], e);
    return rc < 0 ? rc : fetch_piece(p, half[1], e);
}

static int fetch_piece(struct pieces *p, struct fetch_source *s, struct err *e)
{
    struct fetch_outcome out;
    struct err why = {.rc = RC_OK};
    int rc = fetch_readdress(s, p->a, e);
    if (rc < 0)
        return rc;
    s->file = pieces_name(p, p->whole->file, p->n + 1);
    rc = fetch_get(p->st, s, p->o, &out, &why);
    if (rc == 0) {
        pieces_done(p, s->file);
        return 0;
    }
    rc = out.too_big ? fetch_halves(p, s, e) : rc;
    if (rc == 0 || (e->rc != RC_OK && rc < 0))
        return rc;
    *e = why;
    return -(int)why.rc;
}

static void drop(const struct fetch_options *o, const char *file)
{
    char *path = fetch_path(o, "", file, ""), *receipt = fetch_path(o, "", file, ".receipt.json");
    (void)unlink(path);
    (void)unlink(receipt);
    mem_free(path);
    mem_free(receipt);
}

void pieces_finish(struct pieces *p)
{
    if (p->n > 0) {
        drop(p->o, p->whole->file);
        stage_note(p->st, "%s: too large for one answer, fetched in %zu pieces", p->whole->source,
                   p->n);
    }
    for (size_t k = p->n + 1; k <= PIECES_MAX; k++) {
        const char *name = pieces_name(p, p->whole->file, k);
        char *path CLEANUP(mem_freep) = fetch_path(p->o, "", name, "");
        if (access(path, F_OK) != 0)
            break;
        drop(p->o, name);
    }
}

/* The whole was refused as too big: in pieces then. */
static int in_pieces(struct pieces *p, struct err *why, struct err *e)
{
    int rc = fetch_halves(p, p->whole, e);
    if (rc > 0) {
        *e = *why;
        return -(int)why->rc;
    }
    if (rc < 0)
        return rc;
    pieces_finish(p);
    return 0;
}

/* --- only what was updated ----------------------------------------------------------------------
 */

/* "Fri, 02 Jan 2026 03:04:05 GMT" as 2026-01-02T03:04:05Z; false for another form. */
static bool instant(const char *date, char ret[32])
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    if (strlen(date) != 29 || strcmp(date + 25, " GMT") != 0)
        return false;
    char name[4] = {date[8], date[9], date[10], '\0'};
    const char *at = strstr(months, name);
    if (!at || (at - months) % 3)
        return false;
    (void)snprintf(ret, 32, "%.4s-%02d-%.2sT%.8sZ", date + 12, (int)(at - months) / 3 + 1, date + 5,
                   date + 17);
    return true;
}

/* The number of lines of a file, compressed or not. */
static uint64_t lines_of(const struct fetch_options *o, const char *file)
{
    char *path CLEANUP(mem_freep) = fetch_path(o, "", file, "");
    struct source *below = NULL, *s CLEANUP(source_closep) = NULL;
    struct err ignored = {.rc = RC_OK};
    char *chunk CLEANUP(mem_freep) = mem_new(65536);
    uint64_t n = 0;
    ssize_t got;
    if (source_open(&below, path, &ignored) < 0 || source_gunzip(&s, below, 0, &ignored) < 0)
        return 0;
    while ((got = s->read(s, chunk, 65536, &ignored)) > 0)
        for (ssize_t i = 0; i < got; i++)
            n += chunk[i] == '\n';
    return n;
}

/* A server that ignores updatedAfter sends everything: then that is the whole. */
static int settle_delta(struct stage *st, const struct fetch_source *s,
                        const struct fetch_options *o, const char *file, struct err *e)
{
    if (lines_of(o, file) < lines_of(o, s->file)) {
        stage_note(st, "%s: only what was updated, in %s", s->source, file);
        return 0;
    }
    struct err w = {.rc = RC_OK};
    err_set(&w, RC_DATA, "FETCH-046", "the server ignores updatedAfter: it sent everything");
    err_hint(&w, "take 'delta: true' out of the source");
    err_place(&w, "%s", s->source);
    stage_warn(st, &w);
    stage_raise(st, RC_PARTIAL);
    char *from = fetch_path(o, "", file, ""), *to = fetch_path(o, "", s->file, "");
    char *from_r = fetch_path(o, "", file, ".receipt.json");
    char *to_r = fetch_path(o, "", s->file, ".receipt.json");
    int rc = 0;
    if (rename(from, to) < 0 || rename(from_r, to_r) < 0)
        rc = err_sys(e, RC_CREATE, "FETCH-047", "cannot move the file");
    mem_free(from);
    mem_free(to);
    mem_free(from_r);
    mem_free(to_r);
    return rc;
}

/* 1: a delta cannot be asked for, because there is nothing yet that it would change. */
static int fetch_delta(struct pieces *p, struct err *e)
{
    struct fetch_receipt r;
    struct fetch_outcome out;
    struct err why = {.rc = RC_OK};
    char after[32];
    char *path CLEANUP(mem_freep) = fetch_path(p->o, "", p->whole->file, ".receipt.json");
    if (p->o->force || fetch_receipt_read(path, &r) != 1 || !instant(r.date, after))
        return 1;
    struct fetch_source *s = pieces_copy(p, p->whole);
    s->builder.updated_after = after;
    int rc = fetch_readdress(s, p->a, e);
    if (rc < 0)
        return rc;
    const char *dot = strrchr(s->file, '.');
    s->file = arena_fmt(p->a, "%.*s.delta%s", dot ? (int)(dot - s->file) : (int)strlen(s->file),
                        s->file, dot ? dot : "");
    rc = fetch_get(p->st, s, p->o, &out, &why);
    if (rc == 0)
        return out.changed ? settle_delta(p->st, p->whole, p->o, s->file, e) : 0;
    if (!out.nothing) {
        *e = why;
        return rc;
    }
    drop(p->o, s->file);
    stage_note(p->st, "%s: nothing was updated since %s", s->source, after);
    return 0;
}

int fetch_run(struct stage *st, const struct fetch_source *s, const struct fetch_options *o,
              struct err *e)
{
    struct pieces p = {.st = st, .whole = s, .o = o, .a = &st->conf.arena};
    struct fetch_outcome out;
    struct err why = {.rc = RC_OK};
    if (s->builder.flow && s->builder.kind == KIND_PXWEB)
        return fetch_pxweb(st, s, o, e);
    int rc = s->builder.flow && s->builder.delta ? fetch_delta(&p, e) : 1;
    if (rc > 0) {
        rc = fetch_get(st, s, o, &out, &why);
        if (rc < 0 && out.too_big && s->builder.flow)
            rc = in_pieces(&p, &why, e);
        else if (rc < 0)
            *e = why;
        else
            pieces_finish(&p);
    }
    if (rc == 0 && s->builder.flow && s->builder.structure)
        rc = fetch_structure(st, s, o, e);
    return rc;
}
