/* http.c — see http.h. One curl handle lives as long as one http_get; the reply's texts are copies
 * in the reply. */
#include <curl/curl.h> /* before ours: it uses names that base.h poisons */

#include "http.h"

#include "bounds.h"
#include "mem.h"

#include <ctype.h>
#include <strings.h>

/* One request on its way. */
struct call {
    const struct http_request *q;
    const struct http_sink *sink;
    struct http_reply *r;
    struct err *e;
    CURL *curl;
    char *url;  /* the one asked now; owned */
    int failed; /* what a callback ended with */
    bool begun, file;
    char said[CURL_ERROR_SIZE];
};

/* One part of a URL, for curl_free; NULL when it has none or cannot be read. */
static char *url_part(const char *url, CURLUPart part)
{
    CURLU *u = curl_url();
    char *text = NULL;
    if (!u)
        return NULL;
    if (curl_url_set(u, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK &&
        curl_url_get(u, part, &text, 0) != CURLUE_OK)
        text = NULL;
    curl_url_cleanup(u);
    return text;
}

void http_url_show(struct buf *b, const char *url)
{
    CURLU *u = curl_url();
    char *text = NULL;
    if (u && curl_url_set(u, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK) {
        (void)curl_url_set(u, CURLUPART_USER, NULL, 0);
        (void)curl_url_set(u, CURLUPART_PASSWORD, NULL, 0);
        (void)curl_url_set(u, CURLUPART_OPTIONS, NULL, 0);
        if (curl_url_get(u, CURLUPART_URL, &text, 0) != CURLUE_OK)
            text = NULL;
    }
    buf_text(b, text ? text : "(unreadable URL)");
    curl_free(text);
    curl_url_cleanup(u);
}

bool http_url_secret(const char *url)
{
    char *user = url_part(url, CURLUPART_USER), *password = url_part(url, CURLUPART_PASSWORD);
    bool has = user || password;
    curl_free(user);
    curl_free(password);
    return has;
}

void http_url_scheme(const char *url, char ret[16])
{
    char *scheme = url_part(url, CURLUPART_SCHEME);
    size_t i = 0;
    for (; scheme && scheme[i] && i < 15; i++)
        ret[i] = (char)tolower((unsigned char)scheme[i]);
    ret[i] = '\0';
    curl_free(scheme);
}

/* A protocol without statuses and headers. */
static bool is_file_scheme(const char *url)
{
    char scheme[16];
    http_url_scheme(url, scheme);
    return strcmp(scheme, "sftp") == 0 || strcmp(scheme, "ftps") == 0 || strcmp(scheme, "ftp") == 0;
}

static bool allowed(const struct http_request *q, const char *url)
{
    char scheme[16];
    http_url_scheme(url, scheme);
    return strcmp(scheme, "https") == 0 || (q->plain_http && strcmp(scheme, "http") == 0) ||
           (q->files && is_file_scheme(url));
}

/* The same scheme, host and port? A secret goes nowhere else. */
static bool same_place(const char *a, const char *b)
{
    static const CURLUPart parts[] = {CURLUPART_SCHEME, CURLUPART_HOST, CURLUPART_PORT};
    bool same = true;
    for (size_t i = 0; i < ARRAY_LEN(parts) && same; i++) {
        char *x = url_part(a, parts[i]), *y = url_part(b, parts[i]);
        same = (!x && !y) || (x && y && strcmp(x, y) == 0);
        curl_free(x);
        curl_free(y);
    }
    return same;
}

/* The place of an error: the URL without secrets and without its query. */
static int place(struct call *c)
{
    struct buf b;
    buf_init(&b, 4096);
    http_url_show(&b, c->url);
    const char *query = strchr(buf_z(&b), '?');
    int n = query ? (int)(query - buf_z(&b)) : (int)b.n;
    int rc = err_place(c->e, "%.*s", n, buf_z(&b));
    buf_free(&b);
    return rc;
}

static bool wanted(const struct http_reply *r)
{
    return r->status == 200 || r->status == 203 || r->status == 206;
}

static int too_large(struct call *c)
{
    err_set(c->e, RC_DATA, "HTTP-003", "the answer is larger than the %llu bytes allowed",
            (unsigned long long)c->q->max_bytes);
    err_hint(c->e, "narrow what is asked for, or raise max_bytes of the source");
    return place(c);
}

/* Before the first byte: may it begin? */
static int begin(struct call *c)
{
    c->begun = true;
    if (c->r->status == 206 && c->r->first == UINT64_MAX) {
        err_set(c->e, RC_DATA, "HTTP-013", "the server sent a part and does not say which");
        err_hint(c->e, "run it again: the whole is asked for then");
        return place(c);
    }
    time_t date = curl_getdate(c->r->date, NULL), changed = curl_getdate(c->r->last_modified, NULL);
    c->r->settled = date > 0 && changed > 0 && date - changed >= 60;
    uint64_t from = c->r->status == 206 ? c->r->first : 0;
    if (c->r->length > c->q->max_bytes || from > c->q->max_bytes - c->r->length)
        return too_large(c);
    return c->sink->begin(c->sink->ctx, c->r, c->e);
}

static int take(struct call *c, const char *p, size_t n)
{
    struct http_reply *r = c->r;
    if (!wanted(r)) {
        buf_add(&r->trouble, p, n);
        return 0;
    }
    int rc = c->begun ? 0 : begin(c);
    if (rc < 0)
        return rc;
    uint64_t before = (r->status == 206 ? r->first : 0) + r->bytes;
    if (n > c->q->max_bytes - before)
        return too_large(c);
    r->bytes += n;
    return c->sink->body(c->sink->ctx, (struct str){p, n}, c->e);
}

static size_t on_body(char *p, size_t size, size_t n, void *ctx)
{
    struct call *c = ctx;
    if (c->file)
        c->r->status = 200;
    c->failed = take(c, p, size * n);
    return c->failed < 0 ? 0 : size * n;
}

/* The value of a header line when it has this name; a value that does not fit is dropped. */
static bool header(struct str line, const char *name, char *ret, size_t size)
{
    size_t n = strlen(name);
    if (line.n <= n || line.p[n] != ':' || strncasecmp(line.p, name, n) != 0)
        return false;
    struct str v = str_trim(str_cut(line, n + 1));
    (void)snprintf(ret, size, "%.*s", v.n < size ? (int)v.n : 0, v.p);
    return true;
}

static uint64_t number(const char *z)
{
    uint64_t v = 0;
    for (; *z >= '0' && *z <= '9' && v < UINT64_MAX / 100; z++)
        v = v * 10 + (uint64_t)(*z - '0');
    return v;
}

/* "HTTP/1.1 200 OK" begins an answer, also an interim one: forget the headers before. */
static void answer_begins(struct http_reply *r, struct str line)
{
    const char *blank = memchr(line.p, ' ', line.n);
    r->status = blank ? (int)number(blank + 1) : 0;
    r->first = r->status == 206 ? UINT64_MAX : 0; /* until Content-Range says it */
    r->length = r->total = 0;
    r->retry_after = -1;
    r->etag[0] = r->last_modified[0] = r->date[0] = r->type[0] = r->encoding[0] = '\0';
}

/* "bytes 100-199/1000", the whole may be "*". */
static void content_range(struct http_reply *r, const char *text)
{
    const char *slash = strchr(text, '/');
    r->first = strncmp(text, "bytes ", 6) == 0 && isdigit((unsigned char)text[6]) ? number(text + 6)
                                                                                  : UINT64_MAX;
    r->total = slash ? number(slash + 1) : 0;
}

/* Seconds, or a date; what cannot be read says nothing. */
static void retry_after(struct http_reply *r, const char *text)
{
    time_t now = time(NULL), date = isdigit((unsigned char)*text) ? -1 : curl_getdate(text, NULL);
    uint64_t seconds = number(text);
    if (date > now)
        seconds = (uint64_t)(date - now);
    if (seconds > 0)
        r->retry_after = seconds < INT64_MAX ? (int64_t)seconds : INT64_MAX;
}

static size_t on_header(char *p, size_t size, size_t n, void *ctx)
{
    struct http_reply *r = ((struct call *)ctx)->r;
    struct str line = {p, size * n};
    char text[64];
    if (((struct call *)ctx)->file)
        return size * n; /* a dialogue, not headers */
    while (line.n && (line.p[line.n - 1] == '\n' || line.p[line.n - 1] == '\r'))
        line.n--;
    if (line.n > 5 && memcmp(line.p, "HTTP/", 5) == 0)
        answer_begins(r, line);
    else if (header(line, "content-length", text, sizeof text))
        r->length = number(text);
    else if (header(line, "retry-after", text, sizeof text))
        retry_after(r, text);
    else if (header(line, "content-range", text, sizeof text))
        content_range(r, text);
    else if (!header(line, "etag", r->etag, sizeof r->etag) &&
             !header(line, "last-modified", r->last_modified, sizeof r->last_modified) &&
             !header(line, "date", r->date, sizeof r->date) &&
             !header(line, "content-encoding", r->encoding, sizeof r->encoding))
        (void)header(line, "content-type", r->type, sizeof r->type);
    return size * n;
}

static int on_progress(void *ctx, curl_off_t total, curl_off_t now, curl_off_t up_total,
                       curl_off_t up_now)
{
    (void)up_total, (void)up_now;
    struct call *c = ctx;
    if (wanted(c->r) && now > 0) {
        uint64_t from = c->r->status == 206 ? c->r->first : 0;
        c->sink->progress(c->sink->ctx, from + (uint64_t)now,
                          total > 0 ? from + (uint64_t)total : 0);
    }
    return 0;
}

static void add_header(struct curl_slist **list, const char *name, const char *value)
{
    struct buf b;
    buf_init(&b, 8192);
    buf_fmt(&b, "%s: %s", name, value);
    *list = curl_slist_append(*list, buf_z(&b));
    buf_free(&b);
}

static struct curl_slist *headers_of(const struct call *c)
{
    const struct http_request *q = c->q;
    struct curl_slist *list = NULL;
    add_header(&list, "Accept-Encoding", "identity");
    for (size_t i = 0; q->headers && q->headers[i]; i++)
        list = curl_slist_append(list, q->headers[i]);
    if (q->secret && same_place(q->url, c->url))
        list = curl_slist_append(list, q->secret);
    if (q->etag && q->etag[0])
        add_header(&list, "If-None-Match", q->etag);
    if (q->last_modified && q->last_modified[0])
        add_header(&list, "If-Modified-Since", q->last_modified);
    if (q->from && !c->file) {
        char range[48];
        (void)snprintf(range, sizeof range, "bytes=%llu-", (unsigned long long)q->from);
        add_header(&list, "Range", range);
        add_header(&list, "If-Range", q->validator);
    }
    return list;
}

/* Nobody there, or too slow, or gone in the middle: it may pass. */
static void unreachable(struct call *c, CURLcode code)
{
    c->r->again = true;
    if (code == CURLE_OPERATION_TIMEDOUT) {
        err_set(c->e, RC_UNAVAILABLE, "HTTP-004",
                "the server is too slow: the time limit has passed");
        err_hint(c->e, "try later, or raise time_limit of the source");
    } else if (code == CURLE_COULDNT_CONNECT || code == CURLE_COULDNT_RESOLVE_HOST ||
               code == CURLE_COULDNT_RESOLVE_PROXY) {
        err_set(c->e, RC_UNAVAILABLE, "HTTP-001", "the server cannot be reached: %s",
                code == CURLE_COULDNT_CONNECT ? "nobody answers there" : "its name is not known");
        err_hint(c->e, "check the network connection, the name of the server and the proxy");
    } else {
        err_set(c->e, RC_UNAVAILABLE, "HTTP-002", "the transfer broke off: %s",
                code == CURLE_PARTIAL_FILE ? "bytes are missing at its end" : c->said);
    }
}

static void not_held(struct call *c, CURLcode code)
{
    if (code == CURLE_OUT_OF_MEMORY && c->r->status) /* curl's word for it */
        err_set(c->e, RC_DATA, "HTTP-014", "the head of the server's answer is too long");
    else
        err_set(c->e, RC_SYSTEM, "HTTP-009", "the transfer cannot be started");
}

/* What curl's result means. */
static int explain(struct call *c, CURLcode code)
{
    struct err *e = c->e;
    if (code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE) {
        err_set(e, RC_UNAVAILABLE, "HTTP-008", "the server's %s cannot be trusted: %s",
                c->file && !*c->said ? "host key" : "certificate",
                *c->said ? c->said : "it is unknown or another one");
        err_hint(e, c->file
                        ? "compare the server's key with what its owner says, and put it into "
                          "known_hosts of the source"
                        : "install the ca-certificates package; if a proxy of your house opens the "
                          "traffic, its certificate must be installed");
    } else if (code == CURLE_LOGIN_DENIED || code == CURLE_REMOTE_ACCESS_DENIED) {
        err_set(e, RC_DENIED, "HTTP-010", "the server does not let us in");
        err_hint(e, "is it the right user and key, and may they read this file?");
    } else if (code == CURLE_REMOTE_FILE_NOT_FOUND) {
        err_set(e, RC_DATA, "HTTP-011", "there is no such file on the server");
    } else if (code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL) {
        err_set(e, RC_CONFIG, "HTTP-007", "this is not a URL that can be fetched");
    } else if (code == CURLE_FAILED_INIT || code == CURLE_OUT_OF_MEMORY) {
        not_held(c, code);
    } else {
        unreachable(c, code);
    }
    return place(c);
}

static const char *protocols(const struct call *c)
{
    if (c->file)
        return "sftp,ftps,ftp";
    return c->q->plain_http ? "http,https" : "https";
}

/* Who the server is, and who we are. A host key that is not known ends the transfer. */
static void set_doors(struct call *c)
{
    const struct http_request *q = c->q;
    CURL *h = c->curl;
    if (q->ca)
        (void)curl_easy_setopt(h, CURLOPT_CAINFO, q->ca);
    if (q->netrc) {
        (void)curl_easy_setopt(h, CURLOPT_NETRC, (long)CURL_NETRC_REQUIRED);
        (void)curl_easy_setopt(h, CURLOPT_NETRC_FILE, q->netrc);
    }
    if (q->post) {
        (void)curl_easy_setopt(h, CURLOPT_POSTFIELDS, q->post);
        (void)curl_easy_setopt(h, CURLOPT_POSTFIELDSIZE, (long)strlen(q->post));
    }
    if (!c->file)
        return;
    (void)curl_easy_setopt(h, CURLOPT_USE_SSL, (long)CURLUSESSL_ALL);
    (void)curl_easy_setopt(h, CURLOPT_SSH_KNOWNHOSTS, q->known_hosts ? q->known_hosts : "");
    (void)curl_easy_setopt(h, CURLOPT_SSH_AUTH_TYPES,
                           (long)(CURLSSH_AUTH_PUBLICKEY | CURLSSH_AUTH_AGENT |
                                  (q->netrc ? CURLSSH_AUTH_PASSWORD : 0)));
    if (q->ssh_key)
        (void)curl_easy_setopt(h, CURLOPT_SSH_PRIVATE_KEYFILE, q->ssh_key);
}

static void set_up(struct call *c, struct curl_slist *list, int64_t timeout_ms)
{
    CURL *h = c->curl;
    curl_easy_reset(h);
    (void)curl_easy_setopt(h, CURLOPT_URL, c->url);
    (void)curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, protocols(c));
    (void)curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(h, CURLOPT_USERAGENT, "rta-fetch");
    (void)curl_easy_setopt(h, CURLOPT_HTTPHEADER, list);
    set_doors(c);
    (void)curl_easy_setopt(h, CURLOPT_TIMEOUT_MS, (long)timeout_ms);
    (void)curl_easy_setopt(h, CURLOPT_LOW_SPEED_LIMIT, 1L); /* a minute without a byte */
    (void)curl_easy_setopt(h, CURLOPT_LOW_SPEED_TIME, 60L);
    (void)curl_easy_setopt(h, CURLOPT_ERRORBUFFER, c->said);
    (void)curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, on_body);
    (void)curl_easy_setopt(h, CURLOPT_WRITEDATA, c);
    (void)curl_easy_setopt(h, CURLOPT_HEADERFUNCTION, on_header);
    (void)curl_easy_setopt(h, CURLOPT_HEADERDATA, c);
    if (c->sink->progress) {
        (void)curl_easy_setopt(h, CURLOPT_NOPROGRESS, 0L);
        (void)curl_easy_setopt(h, CURLOPT_XFERINFOFUNCTION, on_progress);
        (void)curl_easy_setopt(h, CURLOPT_XFERINFODATA, c);
    }
}

/* A part may be less than what was left. */
static int check_end(struct call *c)
{
    const struct http_reply *r = c->r;
    if (r->status != 206 || !r->total || r->first + r->bytes == r->total)
        return 0;
    c->r->again = true;
    err_set(c->e, RC_UNAVAILABLE, "HTTP-012",
            "the transfer broke off: %llu of %llu bytes are there",
            (unsigned long long)(r->first + r->bytes), (unsigned long long)r->total);
    return place(c);
}

/* One request: 0 when an answer came whole. */
static int perform(struct call *c, int64_t timeout_ms)
{
    struct curl_slist *list = headers_of(c);
    c->said[0] = '\0';
    set_up(c, list, timeout_ms);
    CURLcode code = curl_easy_perform(c->curl);
    curl_slist_free_all(list);
    if (c->failed < 0)
        return c->failed;
    if (code != CURLE_OK)
        return explain(c, code);
    if (c->file)
        c->r->status = 200;                            /* also of an empty file */
    int rc = wanted(c->r) && !c->begun ? begin(c) : 0; /* an empty body */
    return rc < 0 ? rc : check_end(c);
}

/* Where a redirect leads: 1 when c->url was moved there, 0 when this is none. */
static int follow(struct call *c, unsigned *left)
{
    char *to = NULL;
    (void)curl_easy_getinfo(c->curl, CURLINFO_REDIRECT_URL, &to);
    if (c->r->status < 300 || c->r->status > 399 || c->r->status == 304 || !to)
        return 0;
    if (*left == 0) {
        err_set(c->e, RC_DATA, "HTTP-006", "more than %u redirects", c->q->redirects);
        err_hint(c->e, "open the address in a browser and write the one it ends at");
        return place(c);
    }
    if (!allowed(c->q, to)) {
        char scheme[16];
        http_url_scheme(to, scheme);
        err_set(c->e, RC_DATA, "HTTP-005", "the server redirects to an address of scheme '%s'",
                scheme);
        err_hint(c->e, "only the schemes listed by the source are followed");
        return place(c);
    }
    (*left)--;
    mem_free(c->url);
    c->url = mem_text(str_of(to));
    buf_reset(&c->r->trouble);
    return 1;
}

static int64_t now_ms(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void keep_url(struct call *c)
{
    struct buf b;
    buf_init(&b, sizeof c->r->url - 1);
    http_url_show(&b, c->url);
    char *query = strcmp(c->url, c->q->url) != 0 ? strchr(buf_z(&b), '?') : NULL;
    if (query)
        *query = '\0';
    (void)snprintf(c->r->url, sizeof c->r->url, "%s", buf_z(&b));
    buf_free(&b);
}

int http_get(const struct http_request *q, const struct http_sink *sink, struct http_reply *ret,
             struct err *e)
{
    *ret = (struct http_reply){.retry_after = -1};
    buf_init(&ret->trouble, LIMIT_REPLY_BYTES);
    struct call c = {.q = q, .sink = sink, .r = ret, .e = e};
    c.file = is_file_scheme(q->url);
    c.curl = curl_easy_init();
    c.url = mem_text(str_of(q->url));
    int64_t end = now_ms() + q->timeout_ms;
    unsigned left = q->redirects;
    int rc = c.curl ? 1 : explain(&c, CURLE_FAILED_INIT);
    if (rc > 0 && !allowed(q, c.url))
        rc = explain(&c, CURLE_UNSUPPORTED_PROTOCOL);
    while (rc > 0) {
        int64_t time = end - now_ms();
        rc = time > 0 ? perform(&c, time) : explain(&c, CURLE_OPERATION_TIMEDOUT);
        if (rc == 0)
            rc = follow(&c, &left);
    }
    keep_url(&c);
    curl_easy_cleanup(c.curl);
    mem_free(c.url);
    return rc;
}

void http_reply_free(struct http_reply *r) { buf_free(&r->trouble); }
