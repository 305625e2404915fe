/* load.h — the parts of `rta load`: rows (columns and checks), dictionaries (series and lineages to
 * numbers), copies (binary COPY in private tables), the store (one transaction and its receipt). */
#ifndef RTA_INGEST_LOAD_H
#define RTA_INGEST_LOAD_H

#include "buf.h"
#include "db.h"
#include "json.h"
#include "map.h"
#include "region.h"
#include "sdmx.h"
#include "stage.h"
#include "structure.h"

struct load_options {
    const char *partner, *sender, *reason, *received, *file, *receipt, *findings, *reason_code;
    bool unsealed, again, pending;
    int64_t refused, wait, supersedes;
};

/* A dictionary of the store: text key → number, preloaded when it is small, with numbers for new
 * keys from blocks that belong to us alone. */
struct load_dict {
    struct map *ids;      /* key → number (low 32 bits) and what the user keeps (high 32 bits) */
    const char *copy_sql; /* where new entries go */
    const char *block_sql;
    struct buf fresh;  /* COPY TEXT of new entries not sent yet */
    int32_t block[64]; /* first numbers of blocks, taken from the end */
    size_t nblocks, want;
    int32_t next, left;
};

/* A private table of the server with the rows that go there, not sent yet. */
struct load_table {
    int year;
    char name[96];
    struct buf rows;
    uint64_t n; /* rows in all */
};

enum load_col {
    LOAD_VALUE,
    LOAD_STATUS,
    LOAD_CONF,
    LOAD_COMMENT,
    LOAD_NATURE,
    LOAD_SENDER,
    LOAD_SRC,
    LOAD_SRC_KEY,
    LOAD_SRC_VALUE,
    LOAD_GRADE,
    LOAD_REVIEWED,
    LOAD_COLS
};

struct load {
    struct stage *st;
    const struct load_options *o;
    struct conf *conf;
    const struct region *region;
    struct sdmx_reader *reader;
    const struct structure *structure;
    const struct sender *sender;
    const char *partner;                         /* "" for a source outside the region */
    char tab[64];                                /* the structure's name in SQL */
    int dim[STRUCTURE_DIMS_MAX], col[LOAD_COLS]; /* columns; -1 absent */
    size_t ndims;                                /* without TIME_PERIOD */
    int freq, area, time;                        /* dims of that role; area may be -1 */

    struct db *db;
    char submission[16], structure_id[128];
    int32_t sub;
    struct load_dict series, lineage;
    struct load_table *tables; /* by year, in order of appearance */
    size_t ntables, last_table;
    struct load_table ordered; /* rows in order of appearance, once order matters */
    struct buf deletes;        /* COPY TEXT */
    struct map *coverage;      /* area, frequency and period → rows */
    size_t findings;           /* warnings and errors that check told */
    bool waits;                /* for approval: nothing is published */

    char first;    /* action of the first row: 'M', 'R', 'D' */
    bool in_order; /* order matters: other actions came */
    bool suspect;  /* an observation may stand twice */
    uint64_t rows, delete_rows;
    char area_seen[64], period_seen[64]; /* the last ones that were found good */
    struct period period;
    char prefix[512]; /* of SRC, see rta.src_text; only valid with has_prefix */
    bool has_prefix;
    struct buf key, src; /* scratch */
};

/* The counts of one delivery. */
struct load_counts {
    int64_t fresh, revised, unchanged, superseded, deleted, over_sender;
    int64_t submission, version, repeat_of, later;
    char published_at[40], received_at[40], state[16];
};

/* rows */
MUST_CHECK int load_columns(struct load *l, const struct sdmx_row *row, struct err *e);
MUST_CHECK int load_row(struct load *l, const struct sdmx_row *row, struct err *e);

/* dictionaries */
void load_dict_init(struct load_dict *d, const char *copy_sql, const char *block_sql);
void load_dict_free(struct load_dict *d);
/* Fill from the store: sql gives the number, then the parts of the key. */
MUST_CHECK int load_dict_fill(struct load_dict *d, struct db *db, const char *sql,
                              const char *const *params, size_t n, struct err *e);
/* The slot of a key; a new one gets a number and is sent to the server sooner or later. Parts are
 * parted by LOAD_SEP. *ret_new says. */
#define LOAD_SEP '\x1f'
MUST_CHECK int load_dict_put(struct load_dict *d, struct db *db, struct str key, uint64_t **ret,
                             bool *ret_new, struct err *e);
MUST_CHECK int load_dict_flush(struct load_dict *d, struct db *db, struct err *e);

/* copies */
struct load_obs {
    int32_t series, period, lineage;
    struct str value;   /* empty, NaN or a number in its canonical text */
    struct str text[6]; /* obs_status conf_status comment nature src src_value */
};
/* Append one observation as a row of COPY BINARY; seq < 0: without order and action. */
void load_encode(struct buf *b, const struct load_obs *o, int32_t sub, int64_t seq, char action);
/* PostgreSQL's binary numeric, with its length in front. */
void load_encode_numeric(struct buf *b, struct str value);
MUST_CHECK int load_put(struct load *l, const struct load_obs *o, int year, char action,
                        struct err *e);
MUST_CHECK int load_copy_text(struct db *db, const char *sql, struct buf *b, struct err *e);
MUST_CHECK int load_flush(struct load *l, struct err *e);
void load_tables_free(struct load *l);

/* beside the rows: coverage and findings, into the store's temporary tables */
MUST_CHECK int load_cover(struct load *l, struct str area, char freq, int32_t period,
                          struct err *e);
MUST_CHECK int load_extra(struct load *l, struct err *e);
/* --reason-code must be of the code list. */
MUST_CHECK int load_reason(struct load *l, struct err *e);

/* the store */
MUST_CHECK int load_begin(struct load *l, struct err *e);
MUST_CHECK int load_finish(struct load *l, struct load_counts *c, struct err *e);
/* Rows refused before the store: what the seal tells and what the user adds. */
int64_t load_refused(const struct load *l);
const char *load_file_name(const struct load *l); /* the sender's file, without folders */
MUST_CHECK int load_report(struct load *l, const struct load_counts *c, struct err *e);

#endif
