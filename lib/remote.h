/* remote.h — a folder on somebody's server: put a file there whole, see whether one is there, fetch
 * a small one. SFTP and HTTPS with WebDAV by libcurl (remote_curl.c), or a folder of this machine.
 * Servers are ordinary ones (OpenSSH, nginx: docs/deploy); none is ours. Tier 3. */
#ifndef RTA_REMOTE_H
#define RTA_REMOTE_H

#include "buf.h"

/* Everything that opens a door is in a file: nothing of it stands in an argument or a message. */
struct remote_options {
    const char *url;         /* "sftp://al@host/", "https://host/AL/", "file:///…" or a folder */
    const char *ssh_key;     /* private key for SFTP; NULL: the agent's */
    const char *known_hosts; /* NULL: ~/.ssh/known_hosts; the host must be in it */
    const char *home;        /* the user's home folder, for that; may be NULL */
    const char *cert, *cert_key, *ca; /* PEM files for HTTPS; NULL: none, none, the system's */
    const char *netrc;                /* names and passwords for HTTPS; NULL: ~/.netrc if there */
    const char *passphrase;           /* file: the first line opens ssh_key or cert_key; or NULL */
    void (*progress)(void *ctx, uint64_t done, uint64_t total); /* may be NULL */
    void *ctx;
};

struct remote;

/* Does not connect yet. The options must outlive it. RC_USAGE [REMOTE-001…] for an address of no
 * known kind or with a password in it. */
MUST_CHECK int remote_open(struct remote **ret, const struct remote_options *o, struct err *e);
void remote_close(struct remote *r); /* NULL is fine */

/* Names are relative to the address: "in/AL-ASP-1.rtap"; letters, digits, '-', '_', '.', '/'. */

/* The file at path, under its name when it is all there and not before. Written as
 * "in/.AL-ASP-1.rtap.part" first; what an earlier attempt left there is taken up where the protocol
 * can (SFTP), else written again. A file that is there under its name already is left alone. The
 * same name must always mean the same bytes. 1: put, 0: it was there. RC_UNAVAILABLE and RC_RETRY
 * may pass, RC_DENIED and RC_CONFIG will not; RC_DATA when the server takes no file so large. */
MUST_CHECK int remote_put(struct remote *r, const char *name, const char *path, struct err *e);
/* 1 and its bytes, 0 when it is not there; more than b may hold is RC_DATA. */
MUST_CHECK int remote_get(struct remote *r, const char *name, struct buf *b, struct err *e);
/* The address for people, without user information. Appends to b. */
void remote_show(const struct remote *r, struct buf *b);

/* ---- private: one kind of server; remote.c dispatches ---- */
struct remote_kind {
    int (*put)(struct remote *r, const char *name, const char *path, struct err *e);
    int (*get)(struct remote *r, const char *name, struct buf *b, struct err *e);
    void (*close)(struct remote *r);
};
struct remote {
    const struct remote_kind *kind;
    const struct remote_options *o;
    char *base; /* owned, ends with '/' */
};
MUST_CHECK int remote_curl_open(struct remote **ret, const struct remote_options *o, struct err *e);

#endif
