/* build_plan.h — what a report is made of, bound from config/reports/REPORT.yaml
 * (docs/contracts/reports.md), and the state of one building. Memory: the arena of conf. */
#ifndef RTA_BUILD_PLAN_H
#define RTA_BUILD_PLAN_H

#include "json.h"
#include "stage.h"
#include "view.h"

struct plan_step {
    const char *run;       /* verb: pull, derive, fetch … */
    struct yaml_list args; /* const char *, with {variables} */
    bool as_of;            /* append --as-of: the version that the edition is of */
    bool trace;            /* append --trace: what went into each result, for explanations */
};

struct plan_data {
    const char *name;
    struct yaml_list pipe; /* struct plan_step */
    bool hidden;           /* an input of others, not put beside the page */
    struct yaml_mark at;
};

struct plan_block {
    const char *table, *chart, *facts, *say; /* one of them: a layout */
    const char *data;
    struct yaml_list set;  /* struct yaml_pair */
    struct yaml_list text; /* struct yaml_pair: say: the sentence, a Mustache template */
    struct yaml_mark at;
};

struct plan_section {
    const char *id;
    struct yaml_list title, intro; /* struct yaml_pair */
    bool apart;                    /* set off from the rest: figures that are not the region's */
    const char *each;              /* name of the variable */
    struct group members;          /* of each */
    struct yaml_list blocks;       /* struct plan_block */
    struct yaml_mark at;
};

struct plan {
    const char *report, *template, *structure;
    struct yaml_list title, subtitle; /* struct yaml_pair */
    const char *partners;             /* order of the partners named on the cover */
    struct yaml_list texts;           /* struct word: for the template, texts.KEY */
    struct yaml_list datasets;        /* struct plan_data */
    struct yaml_list sections;        /* struct plan_section */
    struct yaml_mark at;
};

struct build_options {
    const char *period, *as_of, *out, *lang, *edition;
    struct opt_list data; /* NAME=FILE: a sealed stream instead of the pipe */
    bool force;
};

/* A file of the edition, for the manifest. */
struct build_file {
    const char *path; /* within the edition */
};

struct build {
    struct stage *st;
    struct conf *conf;
    const struct build_options *o;
    const struct plan *plan;
    struct view view; /* for texts; its layout is a stand-in */
    const char *lang, *date;
    const char *store;       /* version of the store that all is pulled at, or "" */
    const char *store_id;    /* of which store, or "" */
    const char *published;   /* when that version was published, or "" */
    const char *out, *fresh; /* the edition's folder, and the one being filled */
    const char *work;        /* folder of streams and parts, below fresh, removed at the end */
    int lock;
    struct json *inputs;    /* array for the manifest; owned */
    struct json *explained; /* array: tables whose figures shall be explained; owned */
    size_t ntables, ncharts;
    bool illustrative;
};

/* config/reports/NAME.yaml; RC_CONFIG with the place of the fault. */
MUST_CHECK int build_plan_load(struct conf *c, const char *name, const struct plan **ret,
                               struct err *e);

/* build_place.c: the folder, its lock, and putting it in place. */
MUST_CHECK int build_lock(struct build *b, struct err *e);
MUST_CHECK int build_begin(struct build *b, struct err *e);
MUST_CHECK int build_publish(struct build *b, struct err *e);
void build_abandon(struct build *b);

/* build_run.c: other programs of the family. */
MUST_CHECK int build_program(struct build *b, const char *const *argv, const char *in,
                             const char *out, struct err *e);
/* What the store holds now, into b->store; "" when every dataset is given as a file. */
MUST_CHECK int build_store(struct build *b, struct err *e);
/* Run the pipes of all datasets; notes their seals in b->inputs. */
MUST_CHECK int build_data(struct build *b, struct err *e);
const char *build_stream(const struct build *b, const char *name);
/* What the pipe's runs noted of what went into each result; NULL when they do not. */
const char *build_trace(const struct build *b, const struct plan_data *d);
/* Can the figures of the dataset be explained: are they from the store, with a trace where they
 * were computed? */
bool build_explains(const struct build *b, const char *data);

/* build_explain.c: explain/, what each printed figure stands on. */
MUST_CHECK int build_explain(struct build *b, struct err *e);

/* build_blocks.c: a section as JSON. */
MUST_CHECK int build_section(struct build *b, const struct plan_section *s, struct json **ret,
                             struct err *e);

/* build_page.c: page.json, index.html. */
MUST_CHECK int build_texts(struct build *b, struct json *ret, struct err *e);
MUST_CHECK int build_page(struct build *b, struct err *e);

/* build_manifest.c */
/* What decides whether there is anything to do: all but the data themselves. Owned by the caller.
 */
MUST_CHECK int build_key(struct build *b, struct json **ret, struct err *e);
/* Does the edition in place have this key? */
bool build_same(const struct build *b, const struct json *key);
/* Takes over key. */
MUST_CHECK int build_manifest(struct build *b, struct json *key, struct err *e);

#endif
