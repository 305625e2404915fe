/* mustache.h — Mustache templates over struct json: the whole core of the specification (comments,
 * delimiters, interpolation, sections, inverted sections, partials). No lambdas, no inheritance.
 *
 * What counts as false: a missing name, null, false, an empty list, an empty text. Zero is true: it
 * is a figure. {{name}} escapes & < > " ' for HTML, {{{name}}} and {{&name}} do not. */
#ifndef RTA_MUSTACHE_H
#define RTA_MUSTACHE_H

#include "json.h"

#define MUSTACHE_DEPTH 64 /* sections and partials inside each other, unless asked otherwise */

/* Find a partial: 1 and its text and name for messages (both stay valid until the rendering is
 * done), 0 when there is none, -RC_x when it cannot be read. */
typedef int (*mustache_partial)(void *ctx, struct str name, struct str *ret, const char **ret_name,
                                struct err *e);

struct mustache_options {
    mustache_partial partial; /* NULL: there are no partials */
    void *ctx;
    bool strict;    /* an unknown name or partial is an error; otherwise it is empty (the spec) */
    unsigned depth; /* 0: MUSTACHE_DEPTH */
};

/* Append the template, filled, to out. RC_CONFIG with place name:line:col for a faulty template
 * [MUS-001 … -005], RC_DATA when the data lack a name and strict is set [MUS-010]. The size is
 * limited by out's maximum, which the caller checks with buf_ok. */
MUST_CHECK int mustache_render(struct buf *out, struct str source, const char *name,
                               const struct json *data, const struct mustache_options *options,
                               struct err *e);

/* A loader of NAME.mustache from folders, the first that has it. A name with "..", a leading '/' or
 * a control character is refused. */
struct arena;
struct mustache_folders {
    const char *const *folders;
    size_t n;
    struct arena *arena; /* holds what was read */
};
int mustache_from_folders(void *ctx, struct str name, struct str *ret, const char **ret_name,
                          struct err *e);

/* HTML-escape. */
void html_escape(struct buf *b, struct str s);

#endif
