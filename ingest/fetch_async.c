/* fetch_async.c — an answer that the server prepares first: its status is asked for, at a steady
 * pace, until the data can be fetched. Owns nothing beyond a call. */
#include "fetch.h"

struct said {
    struct buf text;
};

static int begin(void *ctx, const struct http_reply *r, struct err *e)
{
    struct said *s = ctx;
    (void)r, (void)e;
    buf_reset(&s->text);
    return 0;
}

static int body(void *ctx, struct str bytes, struct err *e)
{
    struct said *s = ctx;
    buf_str(&s->text, bytes);
    return buf_ok(&s->text, "the status of a request", e);
}

/* The word of the status; "" when this time no answer came that can be read. */
static void ask(const struct fetch_source *s, const char *url, int64_t left, char ret[32])
{
    struct said said;
    const struct http_sink sink = {begin, body, NULL, &said};
    struct http_request q = {.url = url,
                             .headers = s->lines,
                             .secret = s->secret,
                             .plain_http = s->plain_http,
                             .ca = s->ca,
                             .redirects = (unsigned)s->redirects,
                             .max_bytes = 65536,
                             .timeout_ms = left};
    struct http_reply r;
    struct err ignored = {.rc = RC_OK};
    ret[0] = '\0';
    buf_init(&said.text, 65536);
    if (http_get(&q, &sink, &r, &ignored) == 0) {
        struct str whole = r.status == 200 ? buf_view(&said.text) : buf_view(&r.trouble);
        struct str word = fetch_element(whole, "status");
        if (word.n && word.n < 32)
            (void)snprintf(ret, 32, "%.*s", STR_ARG(word));
    }
    http_reply_free(&r);
    buf_free(&said.text);
}

static int not_ready(const struct fetch_source *s, const char *id, struct err *e)
{
    err_set(e, RC_RETRY, "FETCH-043", "the server still prepares the data (request %s)", id);
    err_hint(e, "run it again later: the request is remembered; or raise time_limit of the source");
    return err_place(e, "%s", s->source);
}

int fetch_await(struct stage *st, const struct fetch_source *s, const struct fetch_options *o,
                const char *id, int64_t end_ms, struct buf *ret, struct err *e)
{
    struct buf url;
    char word[32];
    int rc = 1;
    buf_init(&url, 8192);
    fetch_base(&url, &s->builder);
    buf_fmt(&url, "/1.0/async/status/%s", id);
    stage_note(st, "%s: the server prepares the data (request %s)", s->source, id);
    while (rc > 0) {
        int64_t left = end_ms - fetch_now_ms();
        if (left <= o->poll_ms) {
            rc = not_ready(s, id, e);
            break;
        }
        ask(s, buf_z(&url), left, word);
        if (strcmp(word, "AVAILABLE") == 0) {
            rc = 0;
        } else if (strcmp(word, "EXPIRED") == 0 || strcmp(word, "UNKNOWN_REQUEST") == 0 ||
                   strcmp(word, "FAILED") == 0) {
            err_set(e, RC_DATA, "FETCH-044", "the server has given up request %s: %s", id, word);
            err_hint(e, "run it again: it is asked for anew");
            rc = err_place(e, "%s", s->source);
        } else {
            fetch_sleep_ms(o->poll_ms);
        }
    }
    buf_free(&url);
    if (rc == 0) {
        fetch_base(ret, &s->builder);
        buf_fmt(ret, "/1.0/async/data/%s", id);
        rc = buf_ok(ret, "the URL", e);
    }
    return rc;
}
