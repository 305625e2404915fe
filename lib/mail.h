/* mail.h — one letter as a mail (RFC 5322, 2045, 2047) and its delivery by SMTP. Nothing that is
 * put in can begin a header of its own: addresses are checked, names and subjects are encoded.
 * curl.h is included in http*.c alone, so mail_send lives in http_mail.c. Tier 3. */
#ifndef RTA_MAIL_H
#define RTA_MAIL_H

#include "buf.h"

struct mail {
    const char *from;      /* address */
    const char *from_name; /* NULL: none */
    const char *const *to; /* addresses */
    size_t nto;
    const char *subject, *body; /* UTF-8, lines end with LF */
    const char *id;             /* of the message, without < and >; the same for the same letter */
    int64_t when;               /* seconds since 1970-01-01 UTC, for Date */
};

struct mail_server {
    const char *url;   /* smtp://host:port, smtps://host; no user information */
    const char *netrc; /* file with the login; NULL: none is needed */
    bool plain;        /* no TLS: a server of this machine alone */
    int64_t timeout_ms;
};

/* local@domain of printable ASCII without blanks, quotes, brackets, commas and the like. */
bool mail_address_ok(const char *z);
/* Append the whole message, CR LF at line ends, quoted-printable. RC_CONFIG for an address that is
 * none [MAIL-001] or no addressee [-002], RC_DATA for a message id that is none [-003]. */
MUST_CHECK int mail_compose(struct buf *b, const struct mail *m, struct err *e);
/* Hand it over; 0 once the server has taken responsibility for it. RC_UNAVAILABLE when it cannot be
 * reached or breaks off, RC_RETRY for a refusal that may pass (4xx), RC_DENIED for a refused login,
 * RC_DATA for a lasting refusal (5xx), RC_CONFIG for a bad URL [MAIL-010 … -013]. */
MUST_CHECK int mail_send(const struct mail_server *s, const struct mail *m, struct err *e);

#endif
