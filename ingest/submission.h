/* submission.h — the parts of `rta submission`: step (what changes a submission), view (what the
 * store says of it), page (text and HTML of that). */
#ifndef RTA_INGEST_SUBMISSION_H
#define RTA_INGEST_SUBMISSION_H

#include "buf.h"
#include "db.h"
#include "json.h"
#include "stage.h"

struct submission_options {
    const char *reason, *digest, *embargo, *at, *rule, *state, *partner, *structure;
    int64_t finding, limit;
    bool json, html, all, due;
};

struct desk_run {
    struct stage *st;
    const struct submission_options *o;
    struct conf *conf;
    struct db *db;
    const char *verb;
};

/* What is shown. A column names a member of the rows; note: a member that is printed below its row,
 * in the row's whole width (NULL: none). */
struct page_column {
    const char *key, *head;
    bool right;
};
struct page_table {
    const char *caption;
    const struct page_column *columns;
    size_t n;
    const char *note, *none; /* none: said in place of an empty table */
};

/* A page: title, lead, facts (name and text, where there is one), tables over arrays of objects. */
struct page {
    struct json *data; /* owned */
};
void page_begin(struct page *p, const char *title, const char *lead);
void page_fact(struct page *p, const char *name, struct str text);
void page_rows(struct page *p, const struct page_table *t, const struct json *rows);
void page_free(struct page *p);
/* At most 80 columns; nothing in it can drive a terminal. */
void page_text(const struct page *p, struct buf *b);
MUST_CHECK int page_html(const struct page *p, struct conf *c, struct buf *b, struct err *e);

/* The views: list, show, diff, history. */
MUST_CHECK int submission_view(struct desk_run *r, struct err *e);
/* The steps. */
MUST_CHECK int submission_step(struct desk_run *r, struct err *e);
/* The i-th argument after the verb as a submission's number [SUBM-003]. */
MUST_CHECK int submission_number(struct desk_run *r, int i, const char **ret, struct err *e);

#endif
