/* fetch_rest.c — the URLs of any SDMX server: REST 1.5 (SDMX 2.1) and 2.x (SDMX 3), and of the
 * structures of all services. Owns nothing. */
#include "fetch.h"

static const struct yaml_group *dimension(const struct fetch_builder *x, size_t i)
{
    return (const struct yaml_group *)x->dimensions.items + i;
}

static const char *code(const struct yaml_group *d, size_t i)
{
    return ((const char *const *)d->values.items)[i];
}

static int check(const struct fetch_builder *x, struct err *e)
{
    int rc = fetch_check_word(x, x->flow, "_-$@.", "the name of a flow", e);
    if (rc == 0)
        rc = fetch_check_word(x, x->agency, "_-.", "an agency", e);
    if (rc == 0)
        rc = fetch_check_word(x, x->version, ".+~*-", "a version", e);
    if (rc == 0 && x->provider)
        rc = fetch_check_word(x, x->provider, "_-.", "a provider", e);
    if (rc == 0 && x->start)
        rc = fetch_check_word(x, x->start, "-", "a period", e);
    if (rc == 0 && x->end)
        rc = fetch_check_word(x, x->end, "-", "a period", e);
    for (size_t i = 0; i < x->dimensions.n && rc == 0; i++) {
        const struct yaml_group *d = dimension(x, i);
        rc = fetch_check_word(x, d->key, "_-", "the name of a dimension", e);
        for (size_t k = 0; k < d->values.n && rc == 0; k++)
            rc = fetch_check_word(x, code(d, k), "_-$@", "a code", e);
    }
    return rc;
}

static bool any_code(const struct fetch_builder *x)
{
    for (size_t i = 0; i < x->dimensions.n; i++)
        if (dimension(x, i)->values.n)
            return true;
    return false;
}

/* A.B+C..D; "all" where nothing is named. */
static void key_1(struct buf *b, const struct fetch_builder *x)
{
    if (!any_code(x)) {
        buf_text(b, "all");
        return;
    }
    for (size_t i = 0; i < x->dimensions.n; i++) {
        const struct yaml_group *d = dimension(x, i);
        if (i)
            buf_char(b, '.');
        for (size_t k = 0; k < d->values.n; k++) {
            if (k)
                buf_char(b, '+');
            fetch_encode(b, code(d, k));
        }
    }
}

static void url_1(struct buf *b, const struct fetch_builder *x)
{
    fetch_base(b, x);
    buf_fmt(b, "/data/%s,%s,%s/", x->agency, x->flow, x->version);
    key_1(b, x);
    if (x->provider)
        buf_fmt(b, "/%s", x->provider);
    buf_text(b, "?dimensionAtObservation=AllDimensions");
    if (x->start)
        buf_fmt(b, "&startPeriod=%s", x->start);
    if (x->end)
        buf_fmt(b, "&endPeriod=%s", x->end);
}

/* The codes of the dimensions go into c[…], where a set needs no other form than a single one. */
static void url_2(struct buf *b, const struct fetch_builder *x)
{
    const char *sign = "?";
    fetch_base(b, x);
    buf_fmt(b, "/data/dataflow/%s/%s/%s/*", x->agency, x->flow, x->version);
    for (size_t i = 0; i < x->dimensions.n; i++) {
        const struct yaml_group *d = dimension(x, i);
        if (d->values.n == 0)
            continue;
        buf_fmt(b, "%sc%%5B%s%%5D=", sign, d->key);
        for (size_t k = 0; k < d->values.n; k++) {
            if (k)
                buf_char(b, ',');
            fetch_encode(b, code(d, k));
        }
        sign = "&";
    }
    if (!x->start && !x->end)
        return;
    buf_fmt(b, "%sc%%5BTIME_PERIOD%%5D=", sign);
    if (x->start)
        buf_fmt(b, "ge:%s", x->start);
    if (x->end)
        buf_fmt(b, "%sle:%s", x->start ? "+" : "", x->end);
}

int fetch_rest_url(struct buf *b, const struct fetch_builder *x, struct err *e)
{
    int rc = check(x, e);
    if (rc < 0)
        return rc;
    size_t from = b->n;
    if (x->kind == KIND_REST_1)
        url_1(b, x);
    else
        url_2(b, x);
    if (x->updated_after) {
        bool query = b->p && memchr(b->p + from, '?', b->n - from);
        buf_fmt(b, "%cupdatedAfter=", query ? '&' : '?');
        fetch_encode(b, x->updated_after);
    }
    return buf_ok(b, "the URL", e);
}

const char *fetch_accept(const struct fetch_builder *x)
{
    static const char *const accept[2][FORMAT_PX] = {
        {[FORMAT_CSV] = "Accept: application/vnd.sdmx.data+csv;version=1.0.0;labels=id",
         [FORMAT_JSON] = "Accept: application/vnd.sdmx.data+json;version=1.0.0",
         [FORMAT_XML] = "Accept: application/vnd.sdmx.structurespecificdata+xml;version=2.1"},
        {[FORMAT_CSV] = "Accept: application/vnd.sdmx.data+csv;version=2.0.0;labels=id",
         [FORMAT_JSON] = "Accept: application/vnd.sdmx.data+json;version=2.0.0",
         [FORMAT_XML] = "Accept: application/vnd.sdmx.data+xml;version=3.0.0"}};
    if ((x->kind != KIND_REST_1 && x->kind != KIND_REST_2) || x->format >= FORMAT_PX)
        return NULL;
    return accept[x->kind == KIND_REST_2][x->format];
}

void fetch_structure_url(struct buf *b, const struct fetch_builder *x)
{
    fetch_base(b, x);
    switch ((enum fetch_kind)x->kind) {
    case KIND_SDMX_21:
        buf_fmt(b, "/sdmx/2.1/dataflow/ESTAT/%s?references=descendants", x->flow);
        break;
    case KIND_SDMX_30:
        buf_fmt(b, "/sdmx/3.0/structure/dataflow/ESTAT/%s/%s?references=descendants", x->flow,
                x->version);
        break;
    case KIND_REST_1:
        buf_fmt(b, "/dataflow/%s/%s/%s?references=descendants", x->agency, x->flow, x->version);
        break;
    case KIND_REST_2:
        buf_fmt(b, "/structure/dataflow/%s/%s/%s?references=descendants", x->agency, x->flow,
                x->version);
        break;
    case KIND_PXWEB:
        buf_fmt(b, "/%s", x->flow);
        break;
    }
}
