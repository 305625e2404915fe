/* http.h — one GET or POST over HTTP(S), or a file by SFTP or FTP over TLS, streamed into the
 * caller's hands (curl.h is included in http.c alone). It follows redirects itself, one by one, so
 * that a forbidden scheme is never contacted and a secret never leaves for another host. It does
 * not retry: reply.again says whether that makes sense. Proxies are taken from the environment, as
 * curl does. Tier 3. */
#ifndef RTA_HTTP_H
#define RTA_HTTP_H

#include "buf.h"

struct http_request {
    const char *url;
    const char *const *headers; /* more header lines, NULL-terminated; sent to every host */
    const char *secret;         /* a header line for the URL's own host only; NULL: none */
    const char *etag;           /* not NULL or "": If-None-Match */
    const char *last_modified;  /* likewise: If-Modified-Since */
    uint64_t from;              /* the body is wanted from this byte on … */
    const char *validator;      /* … if it is still this one (If-Range); needed when from > 0 */
    bool plain_http;            /* http:// is allowed, too */
    bool files;                 /* sftp://, ftps:// and ftp:// (with TLS from the start) as well */
    const char *ssh_key;        /* private key for SFTP; NULL: the agent's */
    const char *known_hosts;    /* the SFTP server's key must be in it */
    const char *netrc;          /* user names and passwords by host; NULL: none */
    const char *ca;             /* certificates to trust; NULL: the system's */
    const char *post;           /* a body to send by POST; NULL: GET */
    unsigned redirects;         /* at most so many */
    uint64_t max_bytes;         /* of the whole body, `from` included */
    int64_t timeout_ms;         /* for everything */
};

struct http_reply {
    int status;          /* 0: no answer came */
    bool again;          /* the failure may pass */
    int64_t retry_after; /* seconds the server asks for; -1: it does not */
    uint64_t first;      /* of a 206: the position of its first byte … */
    uint64_t total;      /* … and the bytes of the whole; 0: not said */
    uint64_t length;     /* of this body, 0: not said */
    uint64_t bytes;      /* of a wanted body, handed on */
    char url[2048]; /* that answered; without user information, and after a redirect without its
                       query, which may hold a signature */
    char etag[256], last_modified[64], date[64], type[128]; /* "" when not sent */
    char encoding[32];  /* of the content, although none was asked for */
    bool settled;       /* last_modified is a minute older than date, so it names one version */
    struct buf trouble; /* the body of another answer, at most LIMIT_REPLY_BYTES */
};

/* Where a wanted body (200, 203, 206) goes. begin is called once before its first byte, also when
 * the body is empty; a negative result of begin or body ends the transfer with it. */
struct http_sink {
    int (*begin)(void *ctx, const struct http_reply *r, struct err *e);
    int (*body)(void *ctx, struct str bytes, struct err *e);
    void (*progress)(void *ctx, uint64_t done, uint64_t total); /* may be NULL */
    void *ctx;
};

/* 0 when a whole answer came, whatever its status; else -RC_x. ret is filled in both cases;
 * http_reply_free it. RC_UNAVAILABLE when the server cannot be reached or breaks off, RC_DATA when
 * the body is too large, a part of nothing known, or a redirect leads where it may not, RC_CONFIG
 * for a bad URL. */
MUST_CHECK int http_get(const struct http_request *q, const struct http_sink *sink,
                        struct http_reply *ret, struct err *e);
void http_reply_free(struct http_reply *r);

/* The URL without user information, for people and receipts. Appends to b; an URL that cannot be
 * read becomes "(unreadable URL)". */
void http_url_show(struct buf *b, const char *url);
/* Does the URL carry a name or password? */
bool http_url_secret(const char *url);
/* "https", "http", …, lower case; "" when the URL cannot be read. */
void http_url_scheme(const char *url, char ret[16]);

#endif
