/* yml.h — YAML bound to C structures by a const table (the name yaml.h is libyaml's, which is
 * included in yaml.c alone). Everything is checked: an unknown key, a duplicate key, a wrong type,
 * a missing required key is RC_CONFIG with file:line:col, and for an unknown key the nearest one.
 * Aliases, anchors and tags are refused. Depth and size are limited (bounds.h). Tier 1. */
#ifndef RTA_YML_H
#define RTA_YML_H

#include "arena.h"
#include "err.h"

/* Where a value stood; bind one with YAML_MARK to report later faults with their place. */
struct yaml_mark {
    const char *file;
    unsigned line, col; /* 1-based */
};

/* A bound list: n items of the element's size, one after another. */
struct yaml_list {
    void *items;
    size_t n;
};

enum yaml_kind {
    YAML_TEXT,   /* const char *; any scalar, as written */
    YAML_INT,    /* int64_t; decimal digits with a sign */
    YAML_BOOL,   /* bool; true or false, nothing else */
    YAML_CHAR,   /* char; one byte, or the words tab, comma, semicolon, pipe, space, none (0) */
    YAML_ENUM,   /* int; one of the words in `words`, NULL-terminated; the index is stored */
    YAML_OBJECT, /* struct laid out by `type`, in place */
    YAML_LIST,   /* struct yaml_list of `type`; one scalar or object stands for a list of one */
    YAML_MAP,    /* struct yaml_list of `type` in order of the file, whose first field is
                    const char *key: a mapping with free keys */
    YAML_MARK    /* struct yaml_mark of the object; key NULL */
};

struct yaml_type;
struct yaml_field {
    const char *key;
    enum yaml_kind kind;
    size_t offset;
    bool required;
    const struct yaml_type *type; /* OBJECT; LIST and MAP element */
    const char *const *words;     /* ENUM */
    const char *fallback;         /* parsed like a scalar when the key is absent; NULL: zeroed */
};

/* The layout of an object or of an element of a list or map. An element that is not an object (a
 * scalar, a list of its own) has one field with key NULL, and YAML_MARK fields if it likes. */
struct yaml_type {
    size_t size;
    const struct yaml_field *fields;
    size_t n;
};

/* A list or map element that is plain text: const char *. A map of texts: struct yaml_pair. */
extern const struct yaml_type yaml_text_type;
struct yaml_pair {
    const char *key, *value;
};
extern const struct yaml_type yaml_pair_type;
/* A map of lists of text: struct yaml_group. */
struct yaml_group {
    const char *key;
    struct yaml_list values; /* const char * */
};
extern const struct yaml_type yaml_group_type;

/* Bind a file or bytes into ret (type->size bytes, zeroed first). All memory is the arena's. */
MUST_CHECK int yaml_bind_file(const char *path, const struct yaml_type *type, void *ret,
                              struct arena *a, struct err *e);
MUST_CHECK int yaml_bind(struct str bytes, const char *name, const struct yaml_type *type,
                         void *ret, struct arena *a, struct err *e);
/* RC_CONFIG at a mark: for faults that the types cannot show. */
int yaml_fault(struct err *e, struct yaml_mark at, const char *id, const char *fmt, ...)
    PRINTF_LIKE(4, 5);
/* The nearest of n words to text (at most 1/3 of it wrong), or NULL; for hints. */
const char *word_nearest(struct str text, const char *const *words, size_t n);

#endif
