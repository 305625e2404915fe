/* load.h — the parts of `rta load`: rows (columns and checks), keys (series and lineages to
 * numbers), dictionaries of the store, copies (binary COPY in private tables), the store (one
 * transaction and its receipt). */
#ifndef RTA_INGEST_LOAD_H
#define RTA_INGEST_LOAD_H

#include "buf.h"
#include "db.h"
#include "json.h"
#include "load_parts.h"
#include "map.h"
#include "region.h"
#include "sdmx.h"
#include "stage.h"
#include "structure.h"

struct load_options {
    const char *partner, *sender, *reason, *received, *file, *receipt, *findings, *reason_code;
    const char *known, *remember;
    bool unsealed, again, pending;
    int64_t refused, wait, supersedes;
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
    struct load_table *tables;        /* by year, in order of appearance */
    size_t ntables, last_table, held; /* held: bytes in all their buffers */
    struct load_table ordered;        /* rows in order of appearance, once order matters */
    struct load_table *open;          /* whose COPY is under way: it takes rows as they come */
    struct buf deletes;               /* COPY TEXT */
    struct load_mark *marks;          /* by place in `series` */
    size_t nmarks, at;                /* at: the series met last */
    struct load_cover cover;
    size_t findings; /* warnings and errors that check told */
    bool waits;      /* for approval: nothing is published */

    char first;    /* action of the first row: 'M', 'R', 'D' */
    bool in_order; /* order matters: other actions came */
    bool suspect;  /* an observation may stand twice */
    uint64_t rows, delete_rows;
    char period_seen[64]; /* the last one that was found good */
    struct period period;
    bool adjacent;    /* the dimensions' columns stand side by side, in their order */
    char prefix[512]; /* of SRC, see rta.src_text; only valid with has_prefix */
    bool has_prefix;
    struct buf key, lin, src; /* scratch; lin begins with the sender */
    size_t lin_head;
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

/* beside the rows: findings, and what load_parts.h counts, into the store's temporary tables */
MUST_CHECK int load_extra(struct load *l, struct err *e);
/* --reason-code must be of the code list. */
MUST_CHECK int load_reason(struct load *l, struct err *e);

/* the store */
MUST_CHECK int load_begin(struct load *l, struct err *e);
MUST_CHECK int load_finish(struct load *l, struct load_counts *c, struct err *e);
/* Rows refused before the store: what the seal tells and what the user adds. */
int64_t load_refused(const struct load *l);
const char *load_file_name(const struct load *l); /* the sender's file, without folders */
/* Is that stream published or on its way already? 1 and its submission, 0 when it is not. */
MUST_CHECK int load_repeated(struct load *l, const char *const ask[3], struct load_counts *c,
                             struct err *e);
MUST_CHECK int load_report(struct load *l, const struct load_counts *c, struct err *e);
/* --known: the receipt once more, without reading the stream, when what it tells of still stands;
 * else the exit code is 1. */
MUST_CHECK int load_known(struct load *l, struct err *e);

#endif
