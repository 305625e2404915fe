/* fetch_check.c — the structure behind a source: kept beside the data, and compared with what the
 * server says now, before anything is loaded. Owns nothing beyond the run. */
#include "fetch.h"

#include "csv.h"
#include "fetch_shape.h"
#include "mem.h"

#include <unistd.h>

struct teller {
    struct stage *st;
    const char *source;
};

static void put(struct stage *st, const char *text, char after)
{
    struct buf b;
    buf_init(&b, 1 << 20);
    csv_put(&b, str_of(text), ',');
    buf_char(&b, after);
    out_str(&st->out, buf_view(&b));
    buf_free(&b);
}

/* What the word is about: a name, a parent, or the list of a dimension. */
static const char *side(const char *word, const struct shape_item *item)
{
    if (!item)
        return "";
    bool parent = strcmp(word, "re-parented") == 0 || strcmp(word, "other-list") == 0;
    return parent ? item->parent : item->name;
}

static void tell(void *ctx, const char *word, const struct shape_item *before,
                 const struct shape_item *now)
{
    struct teller *t = ctx;
    const struct shape_item *item = now ? now : before;
    put(t->st, t->source, ',');
    put(t->st, item->list[0] ? "code" : "dimension", ',');
    put(t->st, word, ',');
    put(t->st, item->list, ',');
    put(t->st, item->id, ',');
    put(t->st, side(word, before), ',');
    put(t->st, side(word, now), '\n');
}

static const char *structure_file(struct arena *a, const struct fetch_source *s, const char *word)
{
    return arena_fmt(a, "%s.%s.%s", s->source, word,
                     s->builder.kind == KIND_PXWEB ? "json" : "xml");
}

static int get(struct stage *st, const struct fetch_source *s, const struct fetch_options *o,
               const char *file, struct err *e)
{
    struct arena *a = &st->conf.arena;
    struct fetch_outcome out;
    struct buf url;
    buf_init(&url, 65536);
    fetch_structure_url(&url, &s->builder);
    int rc = buf_ok(&url, "the URL", e);
    if (rc == 0) {
        bool json = s->builder.kind == KIND_PXWEB;
        struct fetch_source *x =
            fetch_clone(a, s, arena_text(a, buf_view(&url)), file, json ? FORMAT_JSON : FORMAT_XML);
        const char **lines = arena_array(a, 2, sizeof *lines);
        bool rest = s->builder.kind == KIND_REST_1 || s->builder.kind == KIND_REST_2;
        lines[0] = !rest ? NULL
                   : s->builder.kind == KIND_REST_1
                       ? "Accept: application/vnd.sdmx.structure+xml;version=2.1"
                       : "Accept: application/vnd.sdmx.structure+xml;version=3.0.0";
        x->lines = rest ? lines : s->lines;
        x->builder.flow = NULL; /* its answers are never prepared first */
        rc = fetch_get(st, x, o, &out, e);
    }
    buf_free(&url);
    return rc;
}

int fetch_structure(struct stage *st, const struct fetch_source *s, const struct fetch_options *o,
                    struct err *e)
{
    return get(st, s, o, structure_file(&st->conf.arena, s, "structure"), e);
}

static int move(const struct fetch_options *o, const char *from, const char *to, struct err *e)
{
    static const char *const ends[] = {"", ".receipt.json"};
    int rc = 0;
    for (size_t i = 0; i < ARRAY_LEN(ends) && rc == 0; i++) {
        char *a CLEANUP(mem_freep) = fetch_path(o, "", from, ends[i]);
        char *b CLEANUP(mem_freep) = fetch_path(o, "", to, ends[i]);
        if (rename(a, b) < 0)
            rc = err_sys(e, RC_CREATE, "FETCH-052", "cannot move the file");
    }
    return rc;
}

static int compare(struct stage *st, const struct fetch_source *s, const char *old_path,
                   const char *new_path, size_t *ret_n, struct err *e)
{
    struct shape before = {.n = 0}, now = {.n = 0};
    struct teller t = {st, s->source};
    int rc = shape_read(old_path, &before, e);
    if (rc == 0)
        rc = shape_read(new_path, &now, e);
    if (rc == 0)
        *ret_n = shape_diff(&before, &now, tell, &t);
    shape_free(&before);
    shape_free(&now);
    return rc;
}

int fetch_check(struct stage *st, const struct fetch_source *s, const struct fetch_options *o,
                struct err *e)
{
    if (!s->builder.flow) {
        err_set(e, RC_CONFIG, "FETCH-053", "a plain address has no structure to compare");
        return err_place(e, "%s", s->source);
    }
    struct arena *a = &st->conf.arena;
    const char *kept = structure_file(a, s, "structure"), *fresh = structure_file(a, s, "now");
    char *kept_path CLEANUP(mem_freep) = fetch_path(o, "", kept, "");
    char *fresh_path CLEANUP(mem_freep) = fetch_path(o, "", fresh, "");
    size_t n = 0;
    int rc = get(st, s, o, fresh, e);
    if (rc < 0)
        return rc;
    if (access(kept_path, R_OK) != 0) {
        struct shape first;
        rc = shape_read(fresh_path, &first, e);
        shape_free(&first);
        if (rc == 0)
            rc = move(o, fresh, kept, e);
        if (rc == 0)
            stage_note(st, "%s: the first structure that is seen; kept as %s", s->source, kept);
        return rc;
    }
    rc = compare(st, s, kept_path, fresh_path, &n, e);
    if (rc < 0)
        return rc;
    stage_note(st, "%s: %zu differences in the structure and its code lists", s->source, n);
    if (n == 0 || o->accept)
        return move(o, fresh, kept, e);
    stage_raise(st, RC_PARTIAL);
    return 0;
}
