/* remote_curl.c — the kinds of remote.h that go over the network. One curl handle keeps one
 * connection for all that is done with a server. Certificates and host keys are always proved. */
#include <curl/curl.h> /* before ours: it uses names that base.h poisons */

#include "remote.h"

#include "http.h"
#include "io.h"
#include "mem.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#define PASSPHRASE_BYTES 1024
#define CONNECT_SECONDS 30L
#define SILENCE_SECONDS 60L

struct remote_curl {
    struct remote remote;
    CURL *curl;
    bool sftp;
    char *path;        /* of the base on the server, for commands; ends with '/'; owned */
    char *known_hosts; /* owned */
    char passphrase[PASSPHRASE_BYTES];
    char said[CURL_ERROR_SIZE];
};

/* ---- what an answer means ----------------------------------------------------------------------
 */

static int show_place(const struct remote_curl *r, const char *name, struct err *e)
{
    struct buf b;
    buf_init(&b, 4096);
    http_url_show(&b, r->remote.base);
    buf_text(&b, name);
    int rc = err_place(e, "%s", buf_z(&b));
    buf_free(&b);
    return rc;
}

static int denied(const struct remote_curl *r, CURLcode code, struct err *e)
{
    switch ((int)code) {
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_ISSUER_ERROR:
        err_set(e, RC_DENIED, "REMOTE-010", "this is not the server that we know: %s",
                r->sftp ? "its host key is unknown or another one" : r->said);
        return err_hint(e, r->sftp ? "compare the key with what the coordinator told you, then put "
                                     "it into the file of --known-hosts"
                                   : "name the coordinator's certificate with --ca");
    case CURLE_LOGIN_DENIED:
    case CURLE_REMOTE_ACCESS_DENIED:
        err_set(e, RC_DENIED, "REMOTE-011", "the server does not let us in");
        return err_hint(e, "is it the user and the key that the coordinator has entered?");
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ENGINE_NOTFOUND:
        return err_set(e, RC_CONFIG, "REMOTE-012", "our certificate cannot be used: %s", r->said);
    default:
        return 0;
    }
}

static int explain(const struct remote_curl *r, CURLcode code, const char *name, struct err *e)
{
    int rc = denied(r, code, e);
    if (rc < 0) {
        rc = -(int)e->rc;
    } else if (code == CURLE_COULDNT_CONNECT || code == CURLE_COULDNT_RESOLVE_HOST ||
               code == CURLE_COULDNT_RESOLVE_PROXY) {
        err_set(e, RC_UNAVAILABLE, "REMOTE-013", "the server cannot be reached: %s",
                code == CURLE_COULDNT_CONNECT ? "nobody answers there" : "its name is not known");
        rc = err_hint(e, "run it again later: what is packed is not lost");
    } else if (code == CURLE_REMOTE_DISK_FULL) {
        err_set(e, RC_RETRY, "REMOTE-014", "the server's disk is full");
        rc = err_hint(e, "tell the coordinator, and run it again later");
    } else {
        err_set(e, RC_UNAVAILABLE, "REMOTE-015", "the transfer broke off: %s",
                r->said[0] ? r->said : curl_easy_strerror(code));
        rc = err_hint(e, "run it again: it goes on where it ended");
    }
    (void)show_place(r, name, e);
    return rc;
}

/* 0 for a good status. */
static int explain_status(const struct remote_curl *r, long status, const char *name, struct err *e)
{
    if (status >= 200 && status < 300)
        return 0;
    if (status == 400 || status == 401 || status == 403 || status == 407 || status == 495 ||
        status == 496) {
        err_set(e, RC_DENIED, "REMOTE-016", "the server refuses with %ld", status);
        (void)err_hint(e, "is it the certificate that the coordinator has entered, and the folder "
                          "that belongs to it?");
    } else if (status == 413) {
        err_set(e, RC_DATA, "REMOTE-017", "the server takes no file so large");
        (void)err_hint(e, "ask the coordinator for more room, or send it in parts");
    } else if (status == 507) {
        err_set(e, RC_RETRY, "REMOTE-018", "the server's disk is full");
        (void)err_hint(e, "tell the coordinator, and run it again later");
    } else if (status >= 500 || status == 429 || status == 408) {
        err_set(e, RC_UNAVAILABLE, "REMOTE-019", "the server has a fault: %ld", status);
        (void)err_hint(e, "run it again later");
    } else {
        err_set(e, RC_CONFIG, "REMOTE-020", "the server answers %ld", status);
        (void)err_hint(e, "is the address right, and are there folders 'in' and 'out'?");
    }
    return show_place(r, name, e);
}

/* ---- one request -------------------------------------------------------------------------------
 */

struct progress {
    const struct remote_options *o;
    uint64_t before;
};

static int on_progress(void *ctx, curl_off_t down_total, curl_off_t down, curl_off_t up_total,
                       curl_off_t up)
{
    const struct progress *p = ctx;
    (void)down_total, (void)down;
    if (up > 0)
        p->o->progress(p->o->ctx, p->before + (uint64_t)up, p->before + (uint64_t)up_total);
    return 0;
}

static size_t swallow(char *p, size_t size, size_t n, void *ctx)
{
    (void)p, (void)ctx;
    return size * n;
}

static void set_ssh(struct remote_curl *r)
{
    const struct remote_options *o = r->remote.o;
    CURL *h = r->curl;
    long types = CURLSSH_AUTH_PUBLICKEY | (o->ssh_key ? 0L : CURLSSH_AUTH_AGENT);
    (void)curl_easy_setopt(h, CURLOPT_SSH_AUTH_TYPES, types);
    (void)curl_easy_setopt(h, CURLOPT_SSH_KNOWNHOSTS, r->known_hosts);
    (void)curl_easy_setopt(h, CURLOPT_SSH_PUBLIC_KEYFILE, NULL);
    (void)curl_easy_setopt(h, CURLOPT_SSH_PRIVATE_KEYFILE, o->ssh_key);
    (void)curl_easy_setopt(h, CURLOPT_NEW_FILE_PERMS, 0640L);
}

static void set_tls(struct remote_curl *r)
{
    const struct remote_options *o = r->remote.o;
    CURL *h = r->curl;
    (void)curl_easy_setopt(h, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (o->cert)
        (void)curl_easy_setopt(h, CURLOPT_SSLCERT, o->cert);
    if (o->cert_key)
        (void)curl_easy_setopt(h, CURLOPT_SSLKEY, o->cert_key);
    if (o->ca)
        (void)curl_easy_setopt(h, CURLOPT_CAINFO, o->ca);
    (void)curl_easy_setopt(h, CURLOPT_NETRC, (long)CURL_NETRC_OPTIONAL);
    if (o->netrc)
        (void)curl_easy_setopt(h, CURLOPT_NETRC_FILE, o->netrc);
}

/* The handle, fresh, for one name. */
static void begin(struct remote_curl *r, const char *name)
{
    CURL *h = r->curl;
    struct buf url;
    buf_init(&url, 1 << 16);
    buf_fmt(&url, "%s%s", r->remote.base, name);
    curl_easy_reset(h); /* keeps the connection */
    r->said[0] = '\0';
    (void)curl_easy_setopt(h, CURLOPT_URL, buf_z(&url));
    (void)curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, r->sftp ? "sftp" : "https");
    (void)curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(h, CURLOPT_USERAGENT, "rta-submit");
    (void)curl_easy_setopt(h, CURLOPT_ERRORBUFFER, r->said);
    (void)curl_easy_setopt(h, CURLOPT_CONNECTTIMEOUT, CONNECT_SECONDS);
    (void)curl_easy_setopt(h, CURLOPT_LOW_SPEED_LIMIT, 1L);
    (void)curl_easy_setopt(h, CURLOPT_LOW_SPEED_TIME, SILENCE_SECONDS);
    (void)curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, swallow);
    if (r->passphrase[0])
        (void)curl_easy_setopt(h, CURLOPT_KEYPASSWD, r->passphrase);
    if (r->sftp)
        set_ssh(r);
    else
        set_tls(r);
    buf_free(&url);
}

static long status_of(struct remote_curl *r)
{
    long status = 0;
    (void)curl_easy_getinfo(r->curl, CURLINFO_RESPONSE_CODE, &status);
    return status;
}

/* "in/X" → "in/.X.part" */
static void part_name(const char *name, struct buf *b)
{
    const char *slash = strrchr(name, '/');
    int dir = slash ? (int)(slash + 1 - name) : 0;
    buf_init(b, 4096);
    buf_fmt(b, "%.*s.%s.part", dir, name, name + dir);
}

/* ---- SFTP --------------------------------------------------------------------------------------
 */

static size_t stop(char *p, size_t size, size_t n, void *ctx)
{
    (void)p, (void)size, (void)n, (void)ctx;
    return 0; /* its size is known now: that was all we wanted */
}

/* 1 and the size of a file, 0 when it is not there. */
static int sftp_size(struct remote_curl *r, const char *name, uint64_t *ret, struct err *e)
{
    curl_off_t size = -1;
    begin(r, name);
    (void)curl_easy_setopt(r->curl, CURLOPT_WRITEFUNCTION, stop);
    CURLcode code = curl_easy_perform(r->curl);
    if (code == CURLE_REMOTE_FILE_NOT_FOUND)
        return 0;
    if (code != CURLE_OK && code != CURLE_WRITE_ERROR)
        return explain(r, code, name, e);
    (void)curl_easy_getinfo(r->curl, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &size);
    *ret = code == CURLE_OK || size < 0 ? 0 : (uint64_t)size;
    return 1;
}

/* One command, with paths as the server sees them. */
static int sftp_command(struct remote_curl *r, const char *command, const char *from,
                        const char *to, struct err *e)
{
    struct buf b;
    buf_init(&b, 1 << 16);
    buf_fmt(&b, "%s \"%s%s\"", command, r->path, from);
    if (to)
        buf_fmt(&b, " \"%s%s\"", r->path, to);
    struct curl_slist *list = curl_slist_append(NULL, buf_z(&b));
    buf_free(&b);
    begin(r, "");
    (void)curl_easy_setopt(r->curl, CURLOPT_NOBODY, 1L);
    (void)curl_easy_setopt(r->curl, CURLOPT_QUOTE, list);
    CURLcode code = curl_easy_perform(r->curl);
    curl_slist_free_all(list);
    return code == CURLE_OK ? 0 : explain(r, code, to ? to : from, e);
}

/* The bytes from `from` on, appended to what is there. */
static int sftp_append(struct remote_curl *r, const char *name, FILE *in, uint64_t from,
                       uint64_t bytes, struct err *e)
{
    struct progress p = {r->remote.o, from};
    begin(r, name);
    CURL *h = r->curl;
    (void)curl_easy_setopt(h, CURLOPT_UPLOAD, 1L);
    (void)curl_easy_setopt(h, CURLOPT_READDATA, in);
    (void)curl_easy_setopt(h, CURLOPT_INFILESIZE_LARGE, (curl_off_t)(bytes - from));
    if (from)
        (void)curl_easy_setopt(h, CURLOPT_APPEND, 1L);
    if (p.o->progress) {
        (void)curl_easy_setopt(h, CURLOPT_NOPROGRESS, 0L);
        (void)curl_easy_setopt(h, CURLOPT_XFERINFOFUNCTION, on_progress);
        (void)curl_easy_setopt(h, CURLOPT_XFERINFODATA, &p);
    }
    CURLcode code = curl_easy_perform(h);
    return code == CURLE_OK ? 0 : explain(r, code, name, e);
}

/* Until the part is as long as the file. What a server lost at its own crash is found by the hash
 * when the packet is opened. */
static int sftp_fill(struct remote_curl *r, const char *part, FILE *in, uint64_t bytes,
                     struct err *e)
{
    uint64_t there = 0;
    int rc = sftp_size(r, part, &there, e);
    if (rc > 0 && there > bytes) {
        rc = sftp_command(r, "rm", part, NULL, e);
        there = 0;
    }
    if (rc >= 0 && there < bytes) {
        if (fseeko(in, (off_t)there, SEEK_SET) < 0)
            return err_sys(e, RC_IO, "REMOTE-021", "cannot read the packet");
        rc = sftp_append(r, part, in, there, bytes, e);
        if (rc == 0)
            rc = sftp_size(r, part, &there, e);
    }
    if (rc < 0)
        return rc;
    if (there == bytes)
        return 0;
    err_set(e, RC_UNAVAILABLE, "REMOTE-022", "the server kept %llu of %llu bytes",
            (unsigned long long)there, (unsigned long long)bytes);
    (void)err_hint(e, "its disk may be full; run it again later");
    return show_place(r, part, e);
}

static int sftp_put(struct remote_curl *r, const char *name, FILE *in, uint64_t bytes,
                    struct err *e)
{
    uint64_t there = 0;
    struct buf part;
    part_name(name, &part);
    int rc = sftp_size(r, name, &there, e);
    if (rc > 0) {
        buf_free(&part);
        return 0;
    }
    if (rc == 0)
        rc = sftp_fill(r, buf_z(&part), in, bytes, e);
    if (rc == 0)
        rc = sftp_command(r, "rename", buf_z(&part), name, e);
    buf_free(&part);
    return rc < 0 ? rc : 1;
}

/* ---- HTTPS -------------------------------------------------------------------------------------
 */

/* 1: it is there, 0: it is not. */
static int https_has(struct remote_curl *r, const char *name, struct err *e)
{
    begin(r, name);
    (void)curl_easy_setopt(r->curl, CURLOPT_NOBODY, 1L);
    CURLcode code = curl_easy_perform(r->curl);
    if (code != CURLE_OK)
        return explain(r, code, name, e);
    long status = status_of(r);
    if (status == 404 || status == 410)
        return 0;
    int rc = explain_status(r, status, name, e);
    return rc < 0 ? rc : 1;
}

static int https_send(struct remote_curl *r, const char *name, FILE *in, uint64_t bytes,
                      struct err *e)
{
    struct progress p = {r->remote.o, 0};
    begin(r, name);
    CURL *h = r->curl;
    (void)curl_easy_setopt(h, CURLOPT_UPLOAD, 1L);
    (void)curl_easy_setopt(h, CURLOPT_READDATA, in);
    (void)curl_easy_setopt(h, CURLOPT_INFILESIZE_LARGE, (curl_off_t)bytes);
    if (p.o->progress) {
        (void)curl_easy_setopt(h, CURLOPT_NOPROGRESS, 0L);
        (void)curl_easy_setopt(h, CURLOPT_XFERINFOFUNCTION, on_progress);
        (void)curl_easy_setopt(h, CURLOPT_XFERINFODATA, &p);
    }
    CURLcode code = curl_easy_perform(h);
    long status =
        code == CURLE_OK || code == CURLE_SEND_ERROR || code == CURLE_RECV_ERROR ? status_of(r) : 0;
    if (code != CURLE_OK && status < 300)
        return explain(r, code, name, e);
    return explain_status(r, status, name, e);
}

/* WebDAV MOVE, never over a file that is there. */
static int https_move(struct remote_curl *r, const char *from, const char *to, struct err *e)
{
    struct buf b;
    buf_init(&b, 1 << 16);
    buf_text(&b, "Destination: ");
    http_url_show(&b, r->remote.base);
    buf_text(&b, to);
    struct curl_slist *list = curl_slist_append(NULL, buf_z(&b));
    list = curl_slist_append(list, "Overwrite: F");
    buf_free(&b);
    begin(r, from);
    (void)curl_easy_setopt(r->curl, CURLOPT_CUSTOMREQUEST, "MOVE");
    (void)curl_easy_setopt(r->curl, CURLOPT_HTTPHEADER, list);
    CURLcode code = curl_easy_perform(r->curl);
    curl_slist_free_all(list);
    if (code != CURLE_OK)
        return explain(r, code, to, e);
    long status = status_of(r);
    return status == 412 ? 0 : explain_status(r, status, to, e);
}

static int https_put(struct remote_curl *r, const char *name, FILE *in, uint64_t bytes,
                     struct err *e)
{
    struct buf part;
    part_name(name, &part);
    int rc = https_has(r, name, e);
    if (rc > 0) {
        buf_free(&part);
        return 0;
    }
    if (rc == 0)
        rc = https_send(r, buf_z(&part), in, bytes, e);
    if (rc == 0)
        rc = https_move(r, buf_z(&part), name, e);
    buf_free(&part);
    return rc < 0 ? rc : 1;
}

/* ---- both --------------------------------------------------------------------------------------
 */

static int curl_put(struct remote *remote, const char *name, const char *path, struct err *e)
{
    struct remote_curl *r = (struct remote_curl *)remote;
    struct stat st;
    FILE *in = fopen(path, "rbe");
    if (!in || fstat(fileno(in), &st) < 0) {
        if (in)
            (void)fclose(in);
        err_sys(e, RC_IO, "REMOTE-023", "cannot open the packet");
        return err_place(e, "%s", path);
    }
    uint64_t bytes = (uint64_t)st.st_size;
    int rc = r->sftp ? sftp_put(r, name, in, bytes, e) : https_put(r, name, in, bytes, e);
    (void)fclose(in);
    return rc;
}

static size_t keep(char *p, size_t size, size_t n, void *ctx)
{
    struct buf *b = ctx;
    buf_add(b, p, size * n);
    return b->full ? 0 : size * n;
}

static int curl_get(struct remote *remote, const char *name, struct buf *b, struct err *e)
{
    struct remote_curl *r = (struct remote_curl *)remote;
    begin(r, name);
    (void)curl_easy_setopt(r->curl, CURLOPT_WRITEFUNCTION, keep);
    (void)curl_easy_setopt(r->curl, CURLOPT_WRITEDATA, b);
    CURLcode code = curl_easy_perform(r->curl);
    if (code == CURLE_REMOTE_FILE_NOT_FOUND)
        return 0;
    int rc = b->full ? buf_ok(b, "the answer", e) : 0;
    if (rc == 0 && code != CURLE_OK)
        rc = explain(r, code, name, e);
    if (rc < 0 || r->sftp)
        return rc < 0 ? rc : 1;
    long status = status_of(r);
    if (status == 404 || status == 410) {
        buf_reset(b);
        return 0;
    }
    rc = explain_status(r, status, name, e);
    return rc < 0 ? rc : 1;
}

static void curl_close(struct remote *remote)
{
    struct remote_curl *r = (struct remote_curl *)remote;
    curl_easy_cleanup(r->curl);
    explicit_bzero(r->passphrase, sizeof r->passphrase);
    mem_free(r->path);
    mem_free(r->known_hosts);
    mem_free(r->remote.base);
    mem_free(r);
}

static const struct remote_kind kind = {curl_put, curl_get, curl_close};

/* The address taken apart: no password in it, a path that commands can name. */
static int read_url(struct remote_curl *r, const char *url, struct err *e)
{
    CURLU *u = curl_url();
    char *path = NULL, *password = NULL, *query = NULL;
    bool ok = u && curl_url_set(u, CURLUPART_URL, url, 0) == CURLUE_OK &&
              curl_url_get(u, CURLUPART_PATH, &path, CURLU_URLDECODE) == CURLUE_OK;
    bool secret = ok && curl_url_get(u, CURLUPART_PASSWORD, &password, 0) == CURLUE_OK;
    bool odd = ok && (curl_url_get(u, CURLUPART_QUERY, &query, 0) == CURLUE_OK ||
                      strncmp(path, "/~", 2) == 0 || strpbrk(path, "\"\\\n\r"));
    int rc = 0;
    if (secret) {
        err_set(e, RC_USAGE, "REMOTE-006", "a password does not belong into an address");
        rc = err_hint(e, "SFTP takes a key (--ssh-key), HTTPS a certificate or a netrc file");
    } else if (!ok || odd) {
        rc = err_set(e, RC_USAGE, "REMOTE-007", "this is not an address that files can be sent to");
    } else {
        struct buf b, p;
        buf_init(&b, 1 << 16);
        buf_init(&p, 1 << 16);
        bool ends = url[strlen(url) - 1] == '/';
        buf_fmt(&b, "%s%s", url, ends ? "" : "/");
        buf_fmt(&p, "%s%s", path, path[strlen(path) - 1] == '/' ? "" : "/");
        r->remote.base = b.p;
        r->path = p.p;
    }
    curl_free(path);
    curl_free(password);
    curl_free(query);
    curl_url_cleanup(u);
    return rc;
}

int remote_curl_open(struct remote **ret, const struct remote_options *o, struct err *e)
{
    struct remote_curl *r = mem_new(sizeof *r);
    char scheme[16];
    struct buf hosts;
    r->remote = (struct remote){&kind, o, NULL};
    http_url_scheme(o->url, scheme);
    r->sftp = strcmp(scheme, "sftp") == 0;
    r->curl = curl_easy_init();
    buf_init(&hosts, 1 << 16);
    buf_fmt(&hosts, "%s", o->known_hosts ? o->known_hosts : o->home ? o->home : "");
    if (!o->known_hosts)
        buf_text(&hosts, "/.ssh/known_hosts");
    r->known_hosts = hosts.p;
    int rc = r->curl ? read_url(r, o->url, e)
                     : err_set(e, RC_SYSTEM, "REMOTE-008", "the transfer cannot be started");
    if (rc == 0 && o->passphrase)
        rc = file_secret(o->passphrase, r->passphrase, sizeof r->passphrase, e);
    if (rc == 0 && r->sftp && access(r->known_hosts, R_OK) < 0) {
        err_sys(e, RC_CONFIG, "REMOTE-009", "cannot read the known hosts");
        (void)err_hint(e, "ask the coordinator for the server's key and put it into this file");
        rc = err_place(e, "%s", r->known_hosts);
    }
    if (rc < 0) {
        curl_close(&r->remote);
        return rc;
    }
    *ret = &r->remote;
    return 0;
}
