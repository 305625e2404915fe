/* walk.c — see walk.h. Owns its scanner, its source and the key. */
#include "walk.h"

#include "bounds.h"

const struct jscan_place walk_start = {0, 1, 1};

int walk_at(struct walk *w, struct refeed *feed, struct jscan_place place, struct err *e)
{
    source_close(w->src);
    w->feed = feed;
    w->src = refeed_from(feed, place.at);
    bool again = w->j != NULL;
    if (!again) {
        w->j = jscan_open(w->src, NULL);
        buf_init(&w->key, LIMIT_JSON_STRING + 16);
    }
    if (again || place.at)
        jscan_seek(w->j, w->src, place);
    int rc = jscan_next(w->j, &w->t, e);
    return rc < 0 ? rc : 0;
}

void walk_free(struct walk *w)
{
    jscan_close(w->j);
    source_close(w->src);
    buf_free(&w->key);
    *w = (struct walk){0};
}

int walk_member(struct walk *w, struct err *e)
{
    int rc = jscan_next(w->j, &w->t, e);
    if (rc < 0 || w->t.kind == JSCAN_END)
        return rc < 0 ? rc : 0;
    buf_reset(&w->key);
    buf_str(&w->key, w->t.text);
    w->key_at = w->t.place;
    rc = jscan_next(w->j, &w->t, e);
    return rc < 0 ? rc : 1;
}

int walk_item(struct walk *w, struct err *e)
{
    int rc = jscan_next(w->j, &w->t, e);
    if (rc < 0)
        return rc;
    return w->t.kind != JSCAN_END;
}

int walk_skip(struct walk *w, struct err *e) { return jscan_skip(w->j, &w->t, e); }

int walk_fault(const struct walk *w, struct err *e) { return jscan_fault(w->j, w->t.place, e); }

int walk_want(struct walk *w, enum jscan_kind kind, const char *what, struct err *e)
{
    static const char *const kinds[] = {"null",  "true",      "false",    "a number", "a text",
                                        "a key", "an object", "an array", "an end"};
    if (w->t.kind == kind)
        return 0;
    err_set(e, RC_DATA, "WIRE-004", "%s is %s, not %s", what, kinds[w->t.kind], kinds[kind]);
    return walk_fault(w, e);
}

bool walk_scalar(const struct walk *w)
{
    return w->t.kind == JSCAN_STRING || w->t.kind == JSCAN_NUMBER || w->t.kind == JSCAN_TRUE ||
           w->t.kind == JSCAN_FALSE;
}

bool walk_number(struct str s, uint64_t most, uint64_t *ret)
{
    *ret = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9' || i > 18)
            return false;
        *ret = *ret * 10 + (uint64_t)(s.p[i] - '0');
    }
    return s.n > 0 && *ret <= most;
}
