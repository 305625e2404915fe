/* mustache_parse.h — a template as a list of parts; private to the engine. */
#ifndef RTA_MUSTACHE_PARSE_H
#define RTA_MUSTACHE_PARSE_H

#include "arena.h"
#include "err.h"

enum part_kind {
    PART_TEXT,
    PART_VALUE,
    PART_RAW,
    PART_SECTION,
    PART_INVERTED,
    PART_END,
    PART_PARTIAL
};

struct part {
    enum part_kind kind;
    struct str text;   /* the text, or the name */
    struct str indent; /* PARTIAL: blanks before a tag that stands alone on its line */
    size_t pos;        /* byte offset, for places */
    struct part *next;
    struct part *end; /* SECTION, INVERTED: the part that closes it */
};

struct mtemplate {
    struct str source;
    const char *name;
    struct part *first;
};

/* All in the arena; source and name must outlive it. */
MUST_CHECK int mustache_parse(struct mtemplate *ret, struct str source, const char *name,
                              unsigned depth, struct arena *a, struct err *e);
/* Set the place of an error: name:line:col. */
int mustache_at(struct err *e, const struct mtemplate *t, size_t pos);

#endif
