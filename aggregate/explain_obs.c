/* explain_obs.c — one observation of the document from the versions that the store gave: which one
 * holds, what came before (and after, when asked), and what of it must not be told. */
#include "explain.h"

#include "bounds.h"
#include "key.h"
#include "sdmx.h"

static struct json *text_of(const struct json *v, const char *field)
{
    return js_string(js_str(js_get(v, field)));
}

/* Do two versions say the same? One that waits to be settled holds all rows of its delivery, also
 * those that change nothing. */
static bool same(const struct json *a, const struct json *b)
{
    static const char *const fields[] = {"value", "status", "conf", "comment", "nature"};
    for (size_t i = 0; i < ARRAY_LEN(fields); i++)
        if (!str_eq(js_str(js_get(a, fields[i])), js_str(js_get(b, fields[i]))))
            return false;
    return true;
}

static int64_t version_of(const struct json *v) { return js_integer(js_get(v, "version"), 0); }

/* When it ended: as recorded, else with the next version; 0 while it holds. */
static int64_t ends(const struct json *all, size_t i)
{
    int64_t to = js_integer(js_get(js_at(all, i), "to_version"), 0);
    return to || i + 1 == js_count(all) ? to : version_of(js_at(all, i + 1));
}

static int64_t ended_by(const struct json *all, size_t i)
{
    int64_t to = js_integer(js_get(js_at(all, i), "to_submission"), 0);
    return to || i + 1 == js_count(all) ? to
                                        : js_integer(js_get(js_at(all, i + 1), "submission"), 0);
}

/* "a.csv:1:2;b.csv:3:4" as a list of readable texts. */
static struct json *places(struct str cell)
{
    struct json *list = js_array();
    struct str one;
    struct buf text CLEANUP(buf_free) = {.max = LIMIT_ROW_BYTES};
    while (cell.n && sdmx_items(&cell, &one)) {
        buf_reset(&text);
        for (size_t i = 0; i < one.n; i++) {
            bool mark = one.p[i] == '%' && i + 2 < one.n;
            if (mark && one.p[i + 1] == '3' && one.p[i + 2] == 'B')
                buf_char(&text, ';');
            else if (mark && one.p[i + 1] == '2' && one.p[i + 2] == '5')
                buf_char(&text, '%');
            else
                mark = false, buf_char(&text, one.p[i]);
            i += mark ? 2 : 0;
        }
        js_push(list, js_string(buf_view(&text)));
    }
    return list;
}

/* The same as one text. */
static struct json *place_text(const struct json *v)
{
    CLEANUP(js_freep) struct json *list = places(js_str(js_get(v, "src")));
    struct buf text CLEANUP(buf_free) = {.max = LIMIT_ROW_BYTES};
    for (size_t i = 0; i < js_count(list); i++) {
        buf_text(&text, i ? ", " : "");
        buf_str(&text, js_str(js_at(list, i)));
    }
    return js_string(buf_view(&text));
}

static void put_marks(struct json *j, const struct json *v)
{
    js_set(j, "status", text_of(v, "status"));
    js_set(j, "conf", text_of(v, "conf"));
    js_set(j, "nature", text_of(v, "nature"));
    js_set(j, "submission", js_int(js_integer(js_get(v, "submission"), 0)));
    js_set(j, "version", js_int(version_of(v)));
}

/* What can disclose: the value, the sender's own text, where it stands, what was said about it. */
static void put_told(struct json *j, const struct json *v, bool tell)
{
    const struct json *value = js_get(v, "value");
    bool given = js_kind_of(value) == JS_STRING;
    js_set(j, "given", js_bool(tell && given));
    js_set(j, "value", tell && given ? js_share(value) : js_text(""));
    js_set(j, "comment", tell ? text_of(v, "comment") : js_text(""));
    js_set(j, "src_place", tell ? place_text(v) : js_text(""));
    js_set(j, "src", tell ? places(js_str(js_get(v, "src"))) : js_array());
    js_set(j, "src_value", tell ? text_of(v, "src_value") : js_text(""));
}

static int short_version(struct explain *x, const struct json *all, size_t i, bool tell,
                         struct json **ret, struct err *e)
{
    const struct json *v = js_at(all, i);
    const char *why = NULL;
    int rc = explain_hidden(x, js_str(js_get(v, "conf")), js_str(js_get(v, "status")), &why, e);
    if (rc < 0)
        return rc;
    struct json *j = js_object();
    put_marks(j, v);
    put_told(j, v, x->internal || (tell && !why));
    js_set(j, "hidden", js_text(x->internal ? "" : why ? why : tell ? "" : "kept back"));
    js_set(j, "until", js_int(ends(all, i)));
    js_set(j, "ended_by", js_int(ended_by(all, i)));
    *ret = j;
    return 0;
}

struct standing {
    const struct json *all; /* versions, in order, without repetitions */
    size_t at;              /* the one that holds; SIZE_MAX: none */
    const char *hidden;
};

/* The others, before and after. */
static int put_others(struct explain *x, const struct standing *s, struct json *j, struct err *e)
{
    struct json *earlier = js_array(), *later = js_array();
    js_set(j, "earlier", earlier);
    js_set(j, "later", later);
    for (size_t i = 0; i < js_count(s->all); i++) {
        bool after = version_of(js_at(s->all, i)) > x->version;
        struct json *one = NULL;
        if (i == s->at || (after && !x->later))
            continue;
        int rc = short_version(x, s->all, i, !s->hidden || x->internal, &one, e);
        if (rc < 0)
            return rc;
        js_push(after ? later : earlier, one);
    }
    js_set(j, "has_earlier", js_bool(js_count(earlier) > 0));
    js_set(j, "has_later", js_bool(js_count(later) > 0));
    return 0;
}

static int put_mapping(struct explain *x, const struct mapped *m, struct json *j, bool tell,
                       struct err *e)
{
    struct json *list = js_array();
    js_set(j, "mapping", list);
    return tell ? explain_mapping(x, m, list, e) : 0;
}

static struct json *without_repeats(const struct json *versions)
{
    struct json *all = js_array();
    for (size_t i = 0; i < js_count(versions); i++) {
        struct json *v = js_at(versions, i);
        size_t n = js_count(all);
        const struct json *before = n ? js_at(all, n - 1) : NULL;
        bool ended = before && js_integer(js_get(before, "to_version"), 0) != 0;
        if (!before || ended || !same(before, v))
            js_push(all, js_share(v));
    }
    return all;
}

static void find_standing(const struct explain *x, struct standing *s)
{
    s->at = SIZE_MAX;
    for (size_t i = 0; i < js_count(s->all); i++) {
        int64_t to = ends(s->all, i);
        if (version_of(js_at(s->all, i)) <= x->version && (to == 0 || to > x->version))
            s->at = i;
    }
}

static struct json *codes_json(struct explain *x, const struct structure *s,
                               const struct str *codes)
{
    struct json *list = js_array();
    for (size_t i = 0; i < s->ndims; i++) {
        struct json *c = js_object();
        js_set(c, "dim", js_text(s->dims[i].id));
        js_set(c, "code", js_string(codes[i]));
        js_set(c, "label", js_text(explain_code_label(x, &s->dims[i], codes[i])));
        js_push(list, c);
    }
    return list;
}

static int describe(struct explain *x, const struct wanted *w, const struct str *codes,
                    struct json *j, struct err *e)
{
    CLEANUP(js_freep) struct json *all = without_repeats(w->versions);
    CLEANUP(js_freep) struct json *nothing = js_object();
    struct standing s = {.all = all};
    find_standing(x, &s);
    const struct json *v = s.at == SIZE_MAX ? nothing : js_at(all, s.at);
    int rc =
        explain_hidden(x, js_str(js_get(v, "conf")), js_str(js_get(v, "status")), &s.hidden, e);
    if (rc < 0)
        return rc;
    bool tell = !s.hidden || x->internal;
    js_set(j, "there", js_bool(s.at != SIZE_MAX));
    js_set(j, "hidden", js_text(tell ? "" : s.hidden));
    put_marks(j, v);
    put_told(j, v, tell);
    struct str sender = js_str(js_get(v, "sender"));
    const struct sender *known = region_sender(x->region, sender);
    js_set(j, "sender", js_string(sender));
    js_set(j, "sender_name", js_text(known && known->name ? known->name : ""));
    js_set(j, "src_key", tell ? text_of(v, "src_key") : js_text(""));
    js_set(j, "grade", text_of(v, "grade"));
    js_set(j, "reviewed", text_of(v, "reviewed"));
    struct mapped m = {w->s, codes, sender, js_str(js_get(v, "src_key"))};
    rc = put_mapping(x, &m, j, tell && s.at != SIZE_MAX, e);
    return rc < 0 ? rc : put_others(x, &s, j, e);
}

int explain_describe(struct explain *x, struct wanted *w, size_t n, struct err *e)
{
    struct buf scratch CLEANUP(buf_free) = {.max = LIMIT_ROW_BYTES};
    struct str codes[STRUCTURE_DIMS_MAX];
    char id[32];
    struct json *j = js_object();
    w->described = j;
    size_t k = key_split(w->key, &scratch, codes, ARRAY_LEN(codes));
    if (k != w->s->ndims)
        return err_set(e, RC_BUG, "EXPLAIN-032", "no key of %s: %.*s", w->s->id, STR_ARG(w->key));
    (void)snprintf(id, sizeof id, "o%zu", n + 1);
    js_set(j, "id", js_text(id));
    js_set(j, "structure", js_text(w->s->id));
    js_set(j, "key", js_string(w->key));
    js_set(j, "label", js_text(explain_label(x, w->s, codes)));
    js_set(j, "codes", codes_json(x, w->s, codes));
    return describe(x, w, codes, j, e);
}
