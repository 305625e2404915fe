/* view.h — what the tables and charts of one run share: configuration, language, the variables
 * given with --set, and the naming of codes. Everything is the arena of the configuration. */
#ifndef RTA_VIEW_H
#define RTA_VIEW_H

#include "cube.h"
#include "layout.h"
#include "region.h"
#include "structure.h"
#include "words.h"

struct stage;

struct view_var {
    const char *name, *value;
};

struct view {
    struct conf *conf;
    const struct region *region;
    const struct words *words;
    const struct structure *structure; /* the layout's */
    const struct layout *layout;
    const char *name; /* of the layout, "rita/areas" */
    const char *lang;
    const char *date; /* names and orders as of this day */
    const struct view_var *vars;
    size_t nvars;
};

/* sets: "name=value" each. date NULL: the newest names and orders. */
struct view_options {
    const char *lang, *date;
    const char *const *sets;
    size_t nsets;
    bool unsealed; /* accept a stream without a seal */
};
MUST_CHECK int view_open(struct view *ret, struct conf *c, const char *layout, enum layout_use use,
                         const struct view_options *o, struct err *e);

/* A text with its variables filled: {name} is the value, {name:DIM} its label in that dimension,
 * {name+1}, {name-1} the next and the previous period; {{tags}} of Mustache stay as they are. An
 * unknown one is RC_CONFIG [VIEW-003]. */
MUST_CHECK int view_fill(const struct view *v, const char *text, const char **ret, struct err *e);
/* The same for a text by language; "" when there is none. */
MUST_CHECK int view_text(const struct view *v, const struct yaml_list *pairs, const char **ret,
                         struct err *e);
/* Label of a code of a dimension: partners with their mark, periods as they are. */
const char *view_label(const struct view *v, const char *dim, struct str code);
/* The code list of a dimension, or NULL. */
const struct codelist *view_codes(const struct view *v, const char *dim);
/* A small text of words.yaml. */
const char *view_word(const struct view *v, const char *key);
/* Read the stream with the layout's filter. */
MUST_CHECK int view_read(const struct view *v, struct cube *ret, struct source *src, bool unsealed,
                         struct err *e);
/* What rta table and rta chart begin with: open the layout that the first argument names and read
 * standard input with it. The cube is the caller's (cube_free), also after a fault. */
MUST_CHECK int view_stdin(struct stage *st, enum layout_use use, const struct view_options *o,
                          struct view *ret, struct cube *cube, struct err *e);

#endif
