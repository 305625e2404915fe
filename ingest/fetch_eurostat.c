/* fetch_eurostat.c — the URLs of Eurostat's dissemination service, SDMX 2.1 and 3.0. The two ask
 * for sets differently: 2.1 joins codes by '+' inside a position of the key, 3.0 knows only one
 * code or
 * '*' there and takes sets as c[dimension]=A,B. Owns nothing. */
#include "fetch.h"

#include <ctype.h>

/* Characters that mean something in a key or a query may stand in no code. */
int fetch_check_word(const struct fetch_builder *x, const char *word, const char *more,
                     const char *what, struct err *e)
{
    for (const char *p = word; *p; p++) {
        if (isalnum((unsigned char)*p) || strchr(more, *p))
            continue;
        yaml_fault(e, x->at, "FETCH-004", "'%s' cannot be %s", word, what);
        return err_hint(e, "letters, digits and %s are allowed", more);
    }
    if (*word)
        return 0;
    return yaml_fault(e, x->at, "FETCH-021", "an empty word as %s", what);
}

void fetch_encode(struct buf *b, const char *text)
{
    static const char hex[] = "0123456789ABCDEF";
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (isalnum(c) || strchr("-._~", c)) {
            buf_char(b, *text);
        } else {
            buf_char(b, '%');
            buf_char(b, hex[c >> 4]);
            buf_char(b, hex[c & 15]);
        }
    }
}

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
    int rc = fetch_check_word(x, x->flow, "_,$@", "the name of a flow", e);
    if (rc == 0)
        rc = fetch_check_word(x, x->version, ".+~", "a version", e);
    if (rc == 0 && x->start)
        rc = fetch_check_word(x, x->start, "-", "a period", e);
    if (rc == 0 && x->end)
        rc = fetch_check_word(x, x->end, "-", "a period", e);
    if (rc == 0)
        rc = fetch_check_word(x, x->language, "", "a language", e);
    for (size_t i = 0; i < x->dimensions.n && rc == 0; i++) {
        const struct yaml_group *d = dimension(x, i);
        rc = fetch_check_word(x, d->key, "_", "the name of a dimension", e);
        for (size_t k = 0; k < d->values.n && rc == 0; k++)
            rc = fetch_check_word(x, code(d, k), "_-$@", "a code", e);
    }
    return rc;
}

void fetch_base(struct buf *b, const struct fetch_builder *x)
{
    size_t n = strlen(x->base);
    while (n && x->base[n - 1] == '/')
        n--;
    buf_add(b, x->base, n);
}

/* A.ICCS0101+ICCS0102..AL+RS — empty when everything is wanted. */
static void key_21(struct buf *b, const struct fetch_builder *x)
{
    bool any = false;
    for (size_t i = 0; i < x->dimensions.n; i++)
        any = any || dimension(x, i)->values.n;
    if (!any)
        return;
    for (size_t i = 0; i < x->dimensions.n; i++) {
        const struct yaml_group *d = dimension(x, i);
        buf_char(b, i ? '.' : '/');
        for (size_t k = 0; k < d->values.n; k++) {
            if (k)
                buf_char(b, '+');
            fetch_encode(b, code(d, k));
        }
    }
}

static void url_21(struct buf *b, const struct fetch_builder *x)
{
    static const char *const formats[] = {[FORMAT_CSV] = "SDMX-CSV",
                                          [FORMAT_TSV] = "TSV",
                                          [FORMAT_JSON] = "JSON",
                                          [FORMAT_XML] = "SDMX_2.1_STRUCTURED"};
    fetch_base(b, x);
    buf_fmt(b, "/sdmx/2.1/data/%s", x->flow);
    key_21(b, x);
    buf_fmt(b, "?format=%s", formats[x->format]);
    if (x->start)
        buf_fmt(b, "&startPeriod=%s", x->start);
    if (x->end)
        buf_fmt(b, "&endPeriod=%s", x->end);
    buf_fmt(b, "&lang=%s&compressed=false", x->language);
    if (x->updated_after) {
        buf_text(b, "&updatedAfter=");
        fetch_encode(b, x->updated_after);
    }
}

/* A.*.BE — '*' also for a set, which follows as c[…]. */
static void key_30(struct buf *b, const struct fetch_builder *x)
{
    for (size_t i = 0; i < x->dimensions.n; i++) {
        const struct yaml_group *d = dimension(x, i);
        buf_char(b, i ? '.' : '/');
        if (d->values.n == 1)
            fetch_encode(b, code(d, 0));
        else
            buf_char(b, '*');
    }
    if (x->dimensions.n == 0)
        buf_text(b, "/*");
}

static void sets_30(struct buf *b, const struct fetch_builder *x)
{
    for (size_t i = 0; i < x->dimensions.n; i++) {
        const struct yaml_group *d = dimension(x, i);
        if (d->values.n < 2)
            continue;
        buf_fmt(b, "c%%5B%s%%5D=", d->key);
        for (size_t k = 0; k < d->values.n; k++) {
            if (k)
                buf_char(b, ',');
            fetch_encode(b, code(d, k));
        }
        buf_char(b, '&');
    }
    if (!x->start && !x->end)
        return;
    buf_text(b, "c%5BTIME_PERIOD%5D=");
    if (x->start)
        buf_fmt(b, "ge:%s", x->start);
    if (x->end)
        buf_fmt(b, "%sle:%s", x->start ? "+" : "", x->end);
    buf_char(b, '&');
}

static void url_30(struct buf *b, const struct fetch_builder *x)
{
    static const char *const formats[] = {[FORMAT_CSV] = "csvdata&formatVersion=2.0",
                                          [FORMAT_TSV] = "tsv",
                                          [FORMAT_JSON] = "json",
                                          [FORMAT_XML] = "structurespecificdata"};
    fetch_base(b, x);
    buf_fmt(b, "/sdmx/3.0/data/dataflow/ESTAT/%s/%s", x->flow, x->version);
    key_30(b, x);
    buf_char(b, '?');
    sets_30(b, x);
    buf_fmt(b, "format=%s&lang=%s&labels=id&compress=false", formats[x->format], x->language);
}

int fetch_eurostat_url(struct buf *b, const struct fetch_builder *x, struct err *e)
{
    int rc = check(x, e);
    if (rc < 0)
        return rc;
    if (x->kind == KIND_SDMX_21)
        url_21(b, x);
    else
        url_30(b, x);
    return buf_ok(b, "the URL", e);
}
