/* load_parts.h — the parts of a load that rows pass through: keys (series and lineages to numbers,
 * what is covered), dictionaries of the store, rows as COPY BINARY in private tables. Everything
 * belongs to the struct load (load.h). */
#ifndef RTA_INGEST_LOAD_PARTS_H
#define RTA_INGEST_LOAD_PARTS_H

#include "buf.h"
#include "db.h"
#include "map.h"
#include "sdmx.h"

struct load;

/* A dictionary of the store: text key → number of the store, preloaded when it is small, with
 * numbers for new keys from blocks that belong to us alone. Keys are known by their place in ids.
 */
struct load_dict {
    struct map *ids;
    int32_t *number; /* of the store, by place */
    size_t cap;
    const char *copy_sql; /* where new entries go */
    const char *block_sql;
    struct buf fresh;  /* COPY TEXT of new entries not sent yet */
    int32_t block[64]; /* first numbers of blocks, taken from the end */
    size_t nblocks, want;
    int32_t next, left;
};

/* What is remembered of a series from row to row, by its place in the dictionary. */
struct load_mark {
    int32_t last;   /* the period met last; 0: not met in this delivery */
    uint32_t group; /* its area and frequency */
    size_t lineage; /* place of the lineage met last */
};

/* Rows of one area, frequency and period; `next` came after it the last time. */
struct load_cell {
    uint64_t rows;
    uint32_t group, next;
    int32_t period;
};

/* The delivery's coverage. */
struct load_cover {
    struct map *groups; /* area LOAD_SEP frequency */
    uint32_t *at;       /* the cell met last, by group */
    struct map *places; /* group and period → place in cells */
    struct load_cell *cells;
    size_t n, ngroups;
};

/* A private table of the server with the rows that go there, not sent yet. Only columns that are
 * filled in some row are sent: bit i of `filled` is load_obs.text[i]. */
struct load_table {
    int year;
    unsigned filled;
    bool ordered; /* with order and action */
    char name[96];
    struct buf rows;
    uint64_t n; /* rows in all */
};

/* what a row belongs to */
struct str load_dim(const struct load *l, const struct sdmx_row *row, size_t i);
/* The place of an error: where the figure stood, and the line of the stream. */
int load_fault_at(const struct load *l, const struct sdmx_row *row, struct err *e);
/* The codes of a row, joined by LOAD_SEP, in scratch; and the place of its series, SIZE_MAX when
 * it is not known yet. */
size_t load_series_find(struct load *l, const struct sdmx_row *row);
/* The series just looked for (place at, or new), at this period: its number. */
MUST_CHECK int load_series_take(struct load *l, const struct sdmx_row *row, size_t at, int32_t *ret,
                                struct err *e);
MUST_CHECK int load_lineage_take(struct load *l, const struct sdmx_row *row, int32_t *ret,
                                 struct err *e);
void load_keys_init(struct load *l);
void load_keys_free(struct load *l);

/* dictionaries */
void load_dict_init(struct load_dict *d, const char *copy_sql, const char *block_sql);
void load_dict_free(struct load_dict *d);
/* Fill from the store: sql gives the number, then the parts of the key. */
MUST_CHECK int load_dict_fill(struct load_dict *d, struct db *db, const char *sql,
                              const char *const *params, size_t n, struct err *e);
/* Enter a key that is not there: it gets a number and is sent to the server sooner or later. Parts
 * are parted by LOAD_SEP. */
#define LOAD_SEP '\x1f'
MUST_CHECK int load_dict_add(struct load *l, struct load_dict *d, struct str key, size_t *ret,
                             struct err *e);
MUST_CHECK int load_dict_flush(struct load *l, struct load_dict *d, struct err *e);

/* copies */
#define LOAD_TEXTS 6
struct load_obs {
    int32_t series, period, lineage;
    struct str value;            /* empty, NaN or a number; zeros in front do no harm */
    struct str text[LOAD_TEXTS]; /* obs_status conf_status comment nature src src_value */
};
/* Which of the texts are given, bit by bit. */
unsigned load_filled(const struct load_obs *o);
/* Append one observation as a row of COPY BINARY with the texts that `filled` names; seq < 0:
 * without order and action. */
void load_encode(struct buf *b, const struct load_obs *o, unsigned filled, int32_t sub, int64_t seq,
                 char action);
/* PostgreSQL's binary numeric, with its length in front. */
void load_encode_numeric(struct buf *b, struct str value);
MUST_CHECK int load_put(struct load *l, const struct load_obs *o, int year, char action,
                        struct err *e);
/* End the COPY that is under way, if one is: before every other statement. */
MUST_CHECK int load_pause(struct load *l, struct err *e);
MUST_CHECK int load_copy_text(struct load *l, const char *sql, struct buf *b, struct err *e);
MUST_CHECK int load_flush(struct load *l, struct err *e);
void load_tables_free(struct load *l);

/* coverage: one row more of a series at this period */
MUST_CHECK int load_cover(struct load *l, struct load_mark *m, int32_t period, struct err *e);
MUST_CHECK int load_cover_group(struct load *l, const struct sdmx_row *row, uint32_t *ret,
                                struct err *e);

#endif
