/* structure_model.h — structures and code lists on their way in or out: what SDMX-ML, SDMX-JSON and
 * config/ have in common. Read by structure_conf.c, structure_xml.c and structure_json.c, written
 * by structure_out.c (SDMX) and structure_conf.c (config/). Everything lives in the model's arena.
 */
#ifndef RTA_STRUCTURE_MODEL_H
#define RTA_STRUCTURE_MODEL_H

#include "arena.h"
#include "buf.h"
#include "stage.h"
#include "structure.h"

#define SM_CELLS_MAX 64 /* columns of a code list */

/* A row of a code list by columns ("parent", "label_en", "valid_from" …); its code apart. */
struct sm_row {
    struct str code;
    struct str *cells;
    size_t n;
};

struct sm_list {
    const char *id, *agency, *version, *name;
    const char *cols[SM_CELLS_MAX]; /* without "code" */
    size_t ncols;
    struct sm_row *rows;
    size_t n, cap;
};

struct sm_dim {
    const char *id, *codelist, *name, *total; /* codelist, name, total may be NULL */
    size_t order;                             /* `position`, or as it came */
};

struct sm_structure {
    const char *id, *agency, *version, *name;
    bool count;
    struct sm_dim dims[STRUCTURE_DIMS_MAX];
    size_t ndims;
};

struct sm_concept { /* only while reading */
    const char *id, *name, *codelist;
};

struct model {
    struct arena arena;
    struct sm_list **lists;
    struct sm_structure **structures;
    struct sm_concept *concepts;
    size_t nlists, nstructures, nconcepts,
        dropped; /* dropped: annotations that config/ cannot keep */
};

void model_free(struct model *m);
/* Each: NULL when there are too many (65536). */
struct sm_list *model_list(struct model *m, struct str id);
struct sm_list *model_find(const struct model *m, const char *id);
struct sm_structure *model_structure(struct model *m, struct str id);
struct sm_concept *model_concept(struct model *m, struct str id);
struct sm_row *list_row(struct model *m, struct sm_list *l, struct str code);
/* false: more columns than SM_CELLS_MAX. */
bool list_set(struct model *m, struct sm_list *l, struct sm_row *row, const char *col,
              struct str value);
struct str list_get(const struct sm_list *l, const struct sm_row *row, const char *col);
const struct sm_row *list_find(const struct sm_list *l, struct str code);
/* What an annotation of a code says, kept when config/ has a column for it. */
void list_annotate(struct model *m, struct sm_list *l, struct sm_row *row, struct str type,
                   struct str text);
/* "label_en" of a language ("en-GB"). */
const char *label_column(struct model *m, struct str lang);
/* The id in "urn:…=AGENCY:ID(1.0)" or "…(1.0).ID"; the text itself when it is no URN. */
struct str urn_id(struct str urn);

/* Reading. name: for places. */
MUST_CHECK int model_read_xml(struct model *m, struct source *src, struct err *e);
MUST_CHECK int model_read_json(struct model *m, struct str bytes, const char *name, struct err *e);
/* columns: "code=Kodi,label_sq=Emri", or NULL when the file's are ours. */
MUST_CHECK int model_read_csv(struct model *m, struct source *src, const char *id,
                              const char *columns, struct err *e);
MUST_CHECK int model_read_conf(struct model *m, struct conf *c, const char *name, struct err *e);
/* By what the file begins with: '<' or '{'; a name that ends in .csv as CSV. */
MUST_CHECK int model_read_file(struct model *m, const char *path, const char *id,
                               const char *columns, struct err *e);
/* After reading: names and code lists of concepts go to the dimensions, order by position, ids are
 * checked; what config/ cannot hold is a fault. */
MUST_CHECK int model_settle(struct model *m, const char *name, struct err *e);

/* Writing. */
MUST_CHECK int model_write_conf(const struct model *m, struct stage *st, const char *dir,
                                bool force, struct err *e);
enum sm_format { SM_ML21, SM_ML30, SM_JSON };
MUST_CHECK int model_check_ids(const struct model *m, struct err *e);
void model_write_xml(const struct model *m, enum sm_format f, const char *prepared, struct buf *b);
void model_write_json(const struct model *m, const char *prepared, struct buf *b);

/* Differences of every list that both have, or of `id`; how many. */
enum diff_format { DIFF_TABLE, DIFF_CSV, DIFF_JSON };
size_t model_diff(const struct model *old, const struct model *new, const char *id,
                  enum diff_format f, struct out *out);

#endif
