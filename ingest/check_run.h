/* check_run.h — one run of `rta check`: what the row rules (check_row.c), the content rules
 * (check_content.c, check_series.c) and the second look (check_spool.c) share. */
#ifndef RTA_CHECK_RUN_H
#define RTA_CHECK_RUN_H

#include "buf.h"
#include "checking.h"
#include "period.h"

struct code_state {
    const struct code *code; /* NULL: free text, or not in the list */
    bool known, bad, dated;
};

struct moment { /* a period, by number; the same for all its spellings */
    struct period p;
    char first[11], last[11]; /* ISO dates, for the validity of codes */
    uint32_t rank;            /* order in time, set at the end */
};

struct time_state { /* a text in TIME_PERIOD */
    bool good;
    uint32_t moment;
    char why[160];
};

enum attr_kind {
    ATTR_STATUS,
    ATTR_CONF,
    ATTR_NATURE,
    ATTR_SENDER,
    ATTR_GRADE,
    ATTR_REVIEWED,
    ATTRS
};

struct attr_state {
    uint32_t set; /* ATTR_STATUS: letters */
    bool bad;
    const struct sender *sender;
};

struct refusal {
    uint32_t record;
    const char *rule;
};

struct checker {
    struct stage *st;
    struct conf *conf;
    const struct structure *s;
    const struct region *region;
    const struct codelist *lists[ATTRS];
    struct findings *findings;
    struct places *places;
    struct store store;
    struct rules rules;

    struct column dims[STRUCTURE_DIMS_MAX]; /* the period last */
    struct code_state *codes[STRUCTURE_DIMS_MAX];
    size_t ncodes[STRUCTURE_DIMS_MAX];
    struct time_state *times;
    size_t ntimes;
    struct map *moment_ids; /* standard spelling → number */
    struct moment *moments;
    size_t nmoments;
    struct column attrs[ATTRS];
    struct attr_state *attr_states[ATTRS];
    size_t nattrs[ATTRS];
    int at_value, at_src, at_embargo, area, freq;
    struct str structure_id; /* of the first row; owned */

    /* the row at hand */
    const struct sdmx_row *row;
    const char *name; /* of the source */
    uint32_t record;  /* 0-based */
    uint32_t ids[STRUCTURE_DIMS_MAX], sender;
    uint32_t series; /* of the row before, when its codes are the same */
    size_t fair[2];  /* the last sender and area that fit together, + 1 */
    bool started, faulty;

    uint64_t no_value, unreviewed;
    uint64_t *refused; /* bitmap by record */
    size_t nrefused, nwords;
    struct refusal *refusals; /* kept when somebody will ask */
    size_t nrefusals, caprefusals;
    bool keep_refusals;
    struct buf place, other, key, brief, reason, fix, value;
};

/* check_row.c */
MUST_CHECK int checker_start(struct checker *c, const struct sdmx_reader *in, struct err *e);
MUST_CHECK int checker_row(struct checker *c, const struct sdmx_reader *in,
                           const struct sdmx_row *row, struct err *e);
void checker_free(struct checker *c);
bool checker_refused(const struct checker *c, uint32_t record);
void checker_refuse(struct checker *c, uint32_t record, const char *rule);

/* check_code.c: what a text in a column means, looked up once. NULL: too many texts. */
const struct code_state *code_state(struct checker *c, size_t dim, size_t id);
const struct time_state *time_state(struct checker *c, size_t id);
const struct attr_state *attr_state(struct checker *c, enum attr_kind kind, size_t id);

/* check_content.c */
/* Add a code to the key of a finding, and to the brief one that people read. */
void checker_key(struct checker *c, size_t dim, struct str code);
bool rule_applies(const struct checker *c, const struct content *r, const uint32_t *key);
MUST_CHECK int check_content(struct checker *c, struct err *e);

struct cell { /* one value of a series */
    uint32_t at, moment;
    struct num v;
};
/* A content finding about one cell, or two; refuses both records when it is an error. */
void content_finding(struct checker *c, const struct content *r, uint32_t series,
                     const struct cell *one, const struct cell *two, const char *detail);
/* The value of a series at a moment. */
bool value_at(struct checker *c, uint32_t series, uint32_t moment, struct cell *ret);
/* All cells of a series with a value, in no order; ret has room for all moments. */
size_t all_cells(struct checker *c, uint32_t series, struct cell *ret);

/* check_series.c: rules about time and rates. */
MUST_CHECK int check_jump(struct checker *c, const struct content *r, uint32_t series,
                          struct cell *cells, struct err *e);
MUST_CHECK int check_rates(struct checker *c, const struct content *r, struct err *e);

/* check_spool.c: rows held until it is known which are refused. */
struct spool;
MUST_CHECK int spool_open(struct spool **ret, const char *const *columns, size_t n, struct err *e);
void spool_write(struct spool *s, const struct str *cells);
/* Rows that are not refused to `pass` (NULL: nowhere), the refused ones to the file `quarantine`
 * (NULL: nowhere), each with its rules. */
MUST_CHECK int spool_part(struct spool *s, struct checker *c, struct sdmx_writer *pass,
                          const char *quarantine, struct err *e);
void spool_free(struct spool *s);

#endif
