/* check_run.h — one run of `rta check`: what the row rules (check_row.c), the content rules
 * (check_content.c, check_series.c) and the second look (check_spool.c) share. */
#ifndef RTA_CHECK_RUN_H
#define RTA_CHECK_RUN_H

#include "buf.h"
#include "check_code.h"
#include "check_store.h"

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
    struct trail *trail;
    struct rules rules;

    struct words dims[STRUCTURE_DIMS_MAX]; /* the period last */
    struct field fields[STRUCTURE_DIMS_MAX];
    struct code_state *codes[STRUCTURE_DIMS_MAX]; /* by number of the text */
    size_t ncodes[STRUCTURE_DIMS_MAX];
    struct time_state *times;
    size_t ntimes;
    struct map *moment_ids; /* standard spelling → number */
    struct moment *moments;
    size_t nmoments;
    struct words attrs[ATTRS];
    struct attr_state *attr_states[ATTRS];
    size_t nattrs[ATTRS];
    struct kind *kinds;
    struct map *kind_ids;
    size_t nkinds;
    int at_value, at_src, at_embargo, area, freq;
    struct str structure_id; /* of the first row; owned */

    /* the row at hand */
    const struct sdmx_row *row;
    const char *name;                                 /* of the source */
    uint32_t record;                                  /* 0-based */
    const struct code_state *now[STRUCTURE_DIMS_MAX]; /* its codes, and their cells as words */
    uint64_t now_word[STRUCTURE_DIMS_MAX];
    size_t nbad, ndated; /* of its codes */
    const struct attr_state *attr_now[ATTRS];
    uint64_t attr_word[ATTRS];
    size_t nbad_attrs;
    uint64_t key[STRUCTURE_DIMS_MAX];
    const struct time_state *time;
    uint64_t time_word;
    uint32_t sender;      /* number of its text */
    uint64_t *fair;       /* areas that this sender may send figures of, as bits by number */
    uint32_t fair_sender; /* + 1 */
    bool ours, faulty;    /* ours: the structure is the right one */
    uint64_t looked;      /* bytes of the trail, for places */
    struct err trouble;   /* the places of earlier rows could not be found again */

    uint64_t no_value, unreviewed;
    uint64_t *refused; /* bitmap by record */
    size_t nrefused, nwords;
    struct refusal *refusals; /* kept when somebody will ask */
    size_t nrefusals, caprefusals;
    bool keep_refusals;
    struct buf place, other, key_text, brief, reason, fix, value;
};

/* check_start.c, check_row.c */
MUST_CHECK int checker_start(struct checker *c, const struct sdmx_reader *in, struct err *e);
MUST_CHECK int checker_row(struct checker *c, const struct sdmx_reader *in,
                           const struct sdmx_row *row, struct err *e);
void checker_free(struct checker *c);
bool checker_refused(const struct checker *c, uint32_t record);
void checker_refuse(struct checker *c, uint32_t record, const char *rule);

/* The number of a code in a key. */
static inline uint32_t key_number(const struct checker *c, const uint64_t *key, size_t dim)
{
    const struct field *f = &c->fields[dim];
    return (uint32_t)(key[f->word] >> f->shift & f->mask);
}

/* check_content.c */
/* Add a code to the key of a finding, and to the brief one that people read. */
void checker_key(struct checker *c, size_t dim, struct str code);
bool picked(const struct checker *c, const struct pick *list, size_t n, const uint64_t *key);
bool rule_applies(const struct checker *c, const struct content *r, const uint64_t *key);
MUST_CHECK int check_content(struct checker *c, struct err *e);
/* The place of the record that gave the value of a series at a moment. */
uint32_t checker_record(struct checker *c, uint32_t series, uint32_t moment);
struct told { /* what a content finding says; `write` makes the text, when somebody will read it */
    void (*write)(char *to, size_t n, const struct told *t);
    struct num a, b;
    struct str of;
    struct num c;
};
/* A content finding about one cell, or two; refuses both records when it is an error. */
void content_finding(struct checker *c, const struct content *r, const struct cell *one,
                     const struct cell *two, const struct told *told);
/* The key with the codes of a rule's right side; false when one of them was never seen. */
bool right_key(const struct checker *c, const struct content *r, uint64_t *key);

/* a > b * percent / 100 (check_series.c) */
MUST_CHECK int num_beyond(struct num a, struct num b, struct num percent, bool *ret, struct err *e);
/* check_series.c: rules about time; check_rates.c: about counts beside rates. */
MUST_CHECK int check_jump(struct checker *c, const struct content *r, uint32_t series,
                          struct cell *cells, struct err *e);
MUST_CHECK int check_rates(struct checker *c, const struct content *r, struct cell *cells,
                           struct err *e);

/* check_spool.c: rows held until it is known which are refused. */
struct spool;
MUST_CHECK int spool_open(struct spool **ret, const char *const *columns, size_t n, struct err *e);
struct sdmx_writer *spool_writer(struct spool *s);
/* Rows that are not refused to `pass` (NULL: nowhere), the refused ones to the file `quarantine`
 * (NULL: nowhere), each with its rules. */
MUST_CHECK int spool_part(struct spool *s, struct checker *c, struct sdmx_writer *pass,
                          const char *quarantine, struct err *e);
void spool_free(struct spool *s);

#endif
