/* fetch.h — the parts of rta-fetch: what a source file says (fetch_source.c), the URLs of
 * Eurostat's services (fetch_eurostat.c) and of any SDMX server (fetch_rest.c), PxWeb
 * (fetch_pxweb.c), a source in one or several pieces (fetch_run.c), one transfer with its retries
 * (fetch_get.c), answers that are prepared first (fetch_async.c), what came (fetch_look.c), the
 * receipt (fetch_receipt.c), and structures compared (fetch_check.c, fetch_shape.c).
 * docs/contracts/sources.md has the formats. */
#ifndef INGEST_FETCH_H
#define INGEST_FETCH_H

#include "http.h"
#include "stage.h"
#include "yml.h"

/* eurostat-2.1, eurostat-3.0, sdmx-1.5, sdmx-2, pxweb */
enum fetch_kind { KIND_SDMX_21, KIND_SDMX_30, KIND_REST_1, KIND_REST_2, KIND_PXWEB };
/* Also the words of `expect`; FORMAT_ANY stands only there. */
enum fetch_format {
    FORMAT_CSV,
    FORMAT_TSV,
    FORMAT_JSON,
    FORMAT_XML,
    FORMAT_PX,
    FORMAT_XLSX,
    FORMAT_ANY
};

/* A query to a service. */
struct fetch_builder {
    struct yaml_mark at;
    int kind, format;
    const char *base, *agency, *flow, *version, *provider, *start, *end, *language;
    bool structure, delta;
    struct yaml_list dimensions; /* struct yaml_group, in the order of the structure */
    /* filled while running: */
    const char *updated_after; /* an instant for updatedAfter; NULL: everything */
};

struct fetch_source {
    struct yaml_mark at;
    const char *source, *title, *publisher, *licence, *note;
    const char *url, *file;
    struct fetch_builder builder;
    int expect;
    struct yaml_list schemes; /* const char *; empty: https */
    struct yaml_list headers; /* struct yaml_pair */
    int64_t max_bytes, time_limit, redirects;
    const char *token_file, *token_header;
    const char *ssh_key, *known_hosts, *netrc, *ca; /* files; absolute once read */
    /* filled by fetch_source_read: */
    const char *address;      /* the URL to ask */
    const char *const *lines; /* headers as lines, NULL-terminated */
    const char *secret;       /* "Header: value", read from token_file; NULL */
    bool plain_http, files;
    const char *post; /* a body to send; NULL: nothing */
};

struct fetch_options {
    const char *spool;
    bool print_url, force, check, accept;
    int64_t retries, backoff_ms, poll_ms;
};

/* How a transfer ended, beyond its error. */
struct fetch_outcome {
    bool changed; /* a new file is there */
    bool too_big; /* the server says that too much is asked for at once */
    bool nothing; /* the server has no data for the query */
};

/* Read config/sources/NAME.yaml and check it. All memory is the configuration's. */
MUST_CHECK int fetch_source_read(struct conf *c, const char *name, const char *home,
                                 struct fetch_source *ret, struct err *e);
/* Append the URL of a builder's data. RC_CONFIG for what would not come through as it is written.
 */
MUST_CHECK int fetch_eurostat_url(struct buf *b, const struct fetch_builder *x, struct err *e);
MUST_CHECK int fetch_rest_url(struct buf *b, const struct fetch_builder *x, struct err *e);
/* The same of its structure; never fails, once the data's URL was made. */
void fetch_structure_url(struct buf *b, const struct fetch_builder *x);
/* The Accept header that goes with the format; NULL: none is needed. */
const char *fetch_accept(const struct fetch_builder *x);
/* Parts of URLs for the files above. */
MUST_CHECK int fetch_check_word(const struct fetch_builder *x, const char *word, const char *more,
                                const char *what, struct err *e);
void fetch_encode(struct buf *b, const char *text);
void fetch_base(struct buf *b, const struct fetch_builder *x);

/* A copy of a source for another address and file, in the arena. The builder stays. */
struct fetch_source *fetch_clone(struct arena *a, const struct fetch_source *s, const char *address,
                                 const char *file, enum fetch_format expect);
/* Work out the address again, after the builder was changed. */
MUST_CHECK int fetch_readdress(struct fetch_source *s, struct arena *a, struct err *e);

/* Fetch a source, whatever it takes: in pieces, or only what changed. */
MUST_CHECK int fetch_run(struct stage *st, const struct fetch_source *s,
                         const struct fetch_options *o, struct err *e);
/* The same from a PxWeb table. */
MUST_CHECK int fetch_pxweb(struct stage *st, const struct fetch_source *s,
                           const struct fetch_options *o, struct err *e);
/* Fetch one address into one file of the spool folder. */
MUST_CHECK int fetch_get(struct stage *st, const struct fetch_source *s,
                         const struct fetch_options *o, struct fetch_outcome *ret, struct err *e);
/* Fetch the structure beside the data; check: compare it with the one there, print what differs,
 * and keep the old one unless there is none or --accept. */
MUST_CHECK int fetch_structure(struct stage *st, const struct fetch_source *s,
                               const struct fetch_options *o, struct err *e);
MUST_CHECK int fetch_check(struct stage *st, const struct fetch_source *s,
                           const struct fetch_options *o, struct err *e);
/* Wait until the server has prepared request `id`, asking its status; the address of the data goes
 * to `ret`. RC_RETRY when the time is over, RC_DATA when the request is lost. */
MUST_CHECK int fetch_await(struct stage *st, const struct fetch_source *s,
                           const struct fetch_options *o, const char *id, int64_t end_ms,
                           struct buf *ret, struct err *e);
int64_t fetch_now_ms(void);
void fetch_sleep_ms(int64_t ms);
/* A path in the spool; the caller's (mem_free). */
char *fetch_path(const struct fetch_options *o, const char *before, const char *file,
                 const char *after);

/* Look at what came with a good status: is it what the source expects? *ret_gzip: is it
 * compressed? name: what messages call it. Async answers are RC_RETRY, others RC_DATA. */
MUST_CHECK int fetch_look(const char *path, const char *name, enum fetch_format expect,
                          bool *ret_gzip, struct err *e);
/* The number of the request in an answer that says "later"; "" when it is none. */
void fetch_async_id(const char *path, char ret[128]);
/* The text of the first XML element of this local name; p NULL when absent. */
struct str fetch_element(struct str xml, const char *name);
/* What a server's fault says, one line of XML, JSON or text, into ret; "" when it says nothing. */
void fetch_fault_text(struct str body, struct buf *ret);

/* The receipt of the file that stands in the spool. */
struct fetch_receipt {
    const char *source, *file, *query; /* query: what was posted, or NULL */
    char url[2048], final_url[2048], etag[256], last_modified[64], date[64], type[128];
    char sha256[65];
    int64_t status, bytes;
    bool gzip;
};
/* 1 and the receipt, or 0 when there is none that can be read (a broken one is as good as none). */
int fetch_receipt_read(const char *path, struct fetch_receipt *ret);
MUST_CHECK int fetch_receipt_write(const char *path, const struct fetch_receipt *r, struct err *e);

#endif
