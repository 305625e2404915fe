/* conf.h — where the configuration is, and how a file of it is found by kind and name. Tier 2. */
#ifndef RTA_CONF_H
#define RTA_CONF_H

#include "arena.h"
#include "err.h"

struct conf {
    const char *dir;        /* config/ */
    struct arena arena;     /* all configuration lives here */
    struct conf_kept *kept; /* private: what was loaded already; conf_open and conf_close zero it */
};

/* Load once: the slot in which a loader keeps its result for this kind and name; NULL in it when
 * nothing was loaded yet. Lives in the arena. */
void **conf_keep(struct conf *c, const char *kind, const char *name);

/* dir: given by the user, or NULL: <prefix>/share/rta/config beside the program, else the source
 * tree's config/. RC_CONFIG [CONF-001] when there is none. */
MUST_CHECK int conf_open(struct conf *c, const char *dir, struct err *e);
void conf_close(struct conf *c);

/* "<dir>/<kind>/<name>.<ext>" in the arena. A name may have folders ("rita/T3") but no "..", no
 * leading '/', no control character: RC_CONFIG [CONF-002]. Missing: [CONF-003] with the nearest
 * name that is there as hint. */
MUST_CHECK int conf_path(struct conf *c, const char *kind, const char *name, const char *ext,
                         const char **ret, struct err *e);
/* A YAML file of configuration by its name (conf_path), or, where the name is a path or ends in
 * .yaml, a file of the user's. Binds it into ret. 1: the user's, whose name need not be its own. */
struct yaml_type;
MUST_CHECK int conf_yaml(struct conf *c, const char *kind, const char *name,
                         const struct yaml_type *type, void *ret, struct err *e);
/* All names of a kind, sorted by bytes. */
MUST_CHECK int conf_list(struct conf *c, const char *kind, const char *ext, const char *const **ret,
                         size_t *ret_n, struct err *e);

/* A table of configuration (CSV, UTF-8, header row): columns addressed by name. */
struct conf_table;
/* columns: names that must be there (NULL-terminated); others are allowed only when listed in
 * `optional` (NULL-terminated) or named label_xx or note. */
MUST_CHECK int conf_table_open(struct conf_table **ret, const char *path,
                               const char *const *columns, const char *const *optional,
                               struct err *e);
/* 1 and the next row, 0 at the end. */
MUST_CHECK int conf_table_next(struct conf_table *t, struct err *e);
/* The cell of the current row; empty when the column is absent. */
struct str conf_cell(const struct conf_table *t, const char *column);
size_t conf_line(const struct conf_table *t);
void conf_table_close(struct conf_table *t);
void conf_table_closep(struct conf_table **t);
/* Visit header names in order: NULL past the last. */
const char *conf_column(const struct conf_table *t, size_t i);

#endif
