/* explain.h — the parts of `rta explain`. Everything that is found becomes one JSON document
 * (docs/contracts/explain.md): cells, the observations behind them, the submissions that brought
 * those. explain_store.c asks the store, explain_mapping.c the maps, explain_cells.c goes from the
 * cells of tables down to observations, explain_find.c finds a cell in an edition,
 * explain_text.c prints the document. Texts are the arena of conf unless said otherwise. */
#ifndef RTA_AGGREGATE_EXPLAIN_H
#define RTA_AGGREGATE_EXPLAIN_H

#include "db.h"
#include "json.h"
#include "map.h"
#include "region.h"
#include "stage.h"
#include "structure.h"
#include "wording.h"

struct explain_options {
    const char *key, *row, *column, *at, *as_of, *write, *lang;
    bool json, internal, recorded, version;
};

/* An observation that somebody asks about. */
struct wanted {
    const struct structure *s;
    struct str key;         /* key.h */
    struct json *versions;  /* array, as the store gave them; owned */
    struct json *described; /* object of the document; owned */
};

struct mappings; /* explain_mapping.c */
struct plan;     /* derive_plan.h */

struct explain {
    struct stage *st;
    const struct explain_options *o;
    struct conf *conf;
    const struct region *region;
    const char *lang;
    struct db *db;
    const char *store;    /* its id; "" unknown */
    int64_t version, now; /* explained as of; the latest */
    bool internal;        /* what is kept back is shown, to a coordinator */
    bool later;           /* versions after `version` are shown, too */
    struct map *index;    /* "STRUCTURE\tKEY" → number of the wanted */
    struct wanted *wanted;
    size_t nwanted, wanted_cap;
    struct map *subs;        /* ids of submissions, as text → number */
    struct json *submission; /* object by id; owned */
    struct mappings *mappings;
    const struct wording *words; /* NULL: not asked for yet */
};

/* explain_store.c */
/* Open the store in one snapshot and settle --as-of. */
MUST_CHECK int explain_open(struct explain *x, const char *as_of, struct err *e);
/* Remember that this observation is asked about; gives its number. */
size_t explain_want(struct explain *x, const struct structure *s, struct str key);
/* Ask for all that were remembered and not asked yet: wanted[i].described, submission. */
MUST_CHECK int explain_fetch(struct explain *x, struct err *e);
/* Is a person's word enough to see what is kept back? RC_DENIED [EXPLAIN-031] if not. */
MUST_CHECK int explain_may_see(struct explain *x, struct err *e);
void explain_close(struct explain *x);

/* explain_obs.c: one observation from the versions that the store gave. */
MUST_CHECK int explain_describe(struct explain *x, struct wanted *w, size_t n, struct err *e);

/* explain_mapping.c: lines of the maps that can have given these codes, as an array. codes: by
 * dimension of s, the period last. */
struct mapped {
    const struct structure *s;
    const struct str *codes;
    struct str sender, src_key;
};
MUST_CHECK int explain_mapping(struct explain *x, const struct mapped *m, struct json *ret,
                               struct err *e);
void mappings_free(struct mappings *m);

/* explain_words.c */
struct indicator;
/* The formula of an indicator, with its numbers; ind NULL: "". */
MUST_CHECK int explain_formula(struct explain *x, const struct indicator *ind, const char **ret,
                               struct err *e);
/* What sum number n is called. */
MUST_CHECK int explain_sum(struct explain *x, const struct indicator *ind, size_t n,
                           const char **ret, struct err *e);
/* Why a figure with these marks is kept back, or NULL. */
MUST_CHECK int explain_hidden(struct explain *x, struct str conf, struct str status,
                              const char **ret, struct err *e);
/* "Albania*, Intentional homicide, 2021": the codes that say something; the period last. */
const char *explain_label(struct explain *x, const struct structure *s, const struct str *codes);
const char *explain_code_label(struct explain *x, const struct dimension *d, struct str code);

/* explain_data.c: one dataset of an edition: its stream, and what rta derive traced. */
struct dataset {
    const char *name, *stream, *trace; /* trace NULL: none */
    const struct structure *s;         /* of the observations below; after dataset_read */
    struct plan *plan;                 /* indicators; NULL for plain observations */
    struct map *need;                  /* keys of results → number */
    struct json **row;                 /* by that number: object of the row's cells; owned */
    char *text;                        /* of the trace; owned */
    struct map *terms;                 /* result → where its terms begin in text */
};
void dataset_need(struct dataset *d, struct str key);
MUST_CHECK int dataset_read(struct explain *x, struct dataset *d, struct err *e);
/* Remember every observation behind the result and append the parts of a cell. key: a needed one.
 */
MUST_CHECK int dataset_parts(struct explain *x, struct dataset *d, struct str key,
                             struct json *parts, struct err *e);
/* The row of a needed key, or NULL. */
const struct json *dataset_row(const struct dataset *d, struct str key);
const struct indicator *dataset_indicator(const struct dataset *d, const struct json *row);
void dataset_free(struct dataset *d);

/* explain_cells.c */
/* One cell: {key, result, hidden, parts}; what is known of its place is set by the caller. */
MUST_CHECK int explain_cell(struct explain *x, struct dataset *d, struct str key, struct json **ret,
                            struct err *e);
/* Add `observations` and `submissions` that the cells of the document need. */
void explain_attach(struct explain *x, struct json *doc);

/* explain_write.c: all tables of an edition being built, as the plan file says. */
MUST_CHECK int explain_write(struct explain *x, const char *plan, struct err *e);
/* explain_key.c: one figure by its codes. The document is the caller's. */
MUST_CHECK int explain_key(struct explain *x, struct json **ret, struct err *e);
/* explain_find.c: one printed cell of an edition, with what the store knows today if it answers. */
MUST_CHECK int explain_printed(struct explain *x, struct json **ret, struct err *e);
/* explain_text.c */
void explain_text(struct buf *b, const struct json *doc);

#endif
