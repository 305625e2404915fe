/* fetch.h — the parts of rta-fetch: what a source file says (fetch_source.c), the URLs of
 * Eurostat's services (fetch_eurostat.c), one transfer with its retries (fetch_get.c), what came
 * (fetch_look.c), and the receipt (fetch_receipt.c). docs/contracts/sources.md has the formats. */
#ifndef INGEST_FETCH_H
#define INGEST_FETCH_H

#include "http.h"
#include "stage.h"
#include "yml.h"

enum fetch_kind { KIND_SDMX_21, KIND_SDMX_30 };
/* Also the words of `expect`; FORMAT_ANY stands only there. */
enum fetch_format { FORMAT_CSV, FORMAT_TSV, FORMAT_JSON, FORMAT_XML, FORMAT_XLSX, FORMAT_ANY };

/* A query to Eurostat's dissemination service. */
struct fetch_builder {
    struct yaml_mark at;
    int kind, format;
    const char *base, *flow, *version, *start, *end, *language; /* flow NULL: no builder */
    struct yaml_list dimensions; /* struct yaml_group, in the order of the structure */
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
    /* filled by fetch_source_read: */
    const char *address;      /* the URL to ask */
    const char *const *lines; /* headers as lines, NULL-terminated */
    const char *secret;       /* "Header: value", read from token_file; NULL */
    bool plain_http;
};

struct fetch_options {
    const char *spool;
    bool print_url, force;
    int64_t retries, backoff_ms;
};

/* Read config/sources/NAME.yaml and check it. All memory is the configuration's. */
MUST_CHECK int fetch_source_read(struct conf *c, const char *name, const char *home,
                                 struct fetch_source *ret, struct err *e);
/* Append the URL of a builder. RC_CONFIG for what would not come through as it is written. */
MUST_CHECK int fetch_eurostat_url(struct buf *b, const struct fetch_builder *x, struct err *e);

/* Fetch one source into the spool folder; *ret_changed: is a new file there? */
MUST_CHECK int fetch_get(struct stage *st, const struct fetch_source *s,
                         const struct fetch_options *o, bool *ret_changed, struct err *e);

/* Look at what came with a good status: is it what the source expects? *ret_gzip: is it
 * compressed? name: what messages call it. Async answers are RC_RETRY, others RC_DATA. */
MUST_CHECK int fetch_look(const char *path, const char *name, enum fetch_format expect,
                          bool *ret_gzip, struct err *e);
/* What a server's fault says, one line of XML, JSON or text, into ret; "" when it says nothing. */
void fetch_fault_text(struct str body, struct buf *ret);

/* The receipt of the file that stands in the spool. */
struct fetch_receipt {
    const char *source, *file;
    char url[2048], final_url[2048], etag[256], last_modified[64], date[64], type[128];
    char sha256[65];
    int64_t status, bytes;
    bool gzip;
};
/* 1 and the receipt, or 0 when there is none that can be read (a broken one is as good as none). */
int fetch_receipt_read(const char *path, struct fetch_receipt *ret);
MUST_CHECK int fetch_receipt_write(const char *path, const struct fetch_receipt *r, struct err *e);

#endif
