/* fetch_receipt.c — the receipt beside a fetched file: where it came from and what it was, and with
 * that what to ask for next time. No clock of ours stands in it: the same file makes the same
 * receipt. Owns nothing. */
#include "fetch.h"

#include "json.h"

static void text(const struct json *j, const char *key, char *ret, size_t size)
{
    struct str s = js_str(js_get(j, key));
    (void)snprintf(ret, size, "%.*s", s.n < size ? (int)s.n : 0, s.p ? s.p : "");
}

int fetch_receipt_read(const char *path, struct fetch_receipt *ret)
{
    struct json *j CLEANUP(js_freep) = NULL;
    struct err ignored = {.rc = RC_OK};
    *ret = (struct fetch_receipt){.status = 0};
    if (js_parse_file(&j, path, &ignored) < 0 || js_integer(js_get(j, "receipt"), 0) != 1)
        return 0;
    text(j, "url", ret->url, sizeof ret->url);
    text(j, "final_url", ret->final_url, sizeof ret->final_url);
    text(j, "etag", ret->etag, sizeof ret->etag);
    text(j, "last_modified", ret->last_modified, sizeof ret->last_modified);
    text(j, "date", ret->date, sizeof ret->date);
    text(j, "sha256", ret->sha256, sizeof ret->sha256);
    ret->status = js_integer(js_get(j, "status"), 0);
    ret->bytes = js_integer(js_get(j, "bytes"), -1);
    return 1;
}

/* null when the server did not say it. */
static struct json *said(const char *z) { return js_text(z[0] ? z : NULL); }

int fetch_receipt_write(const char *path, const struct fetch_receipt *r, struct err *e)
{
    struct json *j CLEANUP(js_freep) = js_object();
    js_set(j, "receipt", js_int(1));
    js_set(j, "source", js_text(r->source));
    js_set(j, "file", js_text(r->file));
    js_set(j, "url", js_text(r->url));
    js_set(j, "final_url", js_text(r->final_url));
    if (r->query)
        js_set(j, "query", js_text(r->query));
    js_set(j, "status", js_int(r->status));
    js_set(j, "etag", said(r->etag));
    js_set(j, "last_modified", said(r->last_modified));
    js_set(j, "date", said(r->date));
    js_set(j, "content_type", said(r->type));
    js_set(j, "compression", js_text(r->gzip ? "gzip" : NULL));
    js_set(j, "bytes", js_int(r->bytes));
    js_set(j, "sha256", js_text(r->sha256));
    struct buf b;
    buf_init(&b, 65536);
    js_write(&b, j, true);
    buf_char(&b, '\n');
    int rc = buf_ok(&b, "the receipt", e);
    if (rc == 0)
        rc = file_write(path, buf_view(&b), e);
    buf_free(&b);
    return rc;
}
