/* xml.h — XML as a stream of tags and texts (expat.h is included in xml.c alone). Nothing is kept:
 * memory does not grow with the document. A document type is refused whole, so there are no
 * entities to expand and no files to fetch; depth, texts and single tags are bounded. Tier 1. */
#ifndef RTA_XML_H
#define RTA_XML_H

#include "io.h"

struct xml; /* a running parse: for xml_line and xml_column */

/* Views that live until the handler returns. */
struct xml_tag {
    struct str ns, name;      /* namespace URI ("" for none) and local name */
    const char *const *attrs; /* for xml_attr; NULL in `end` */
    size_t depth;             /* 1: the root */
};

/* Each gets `to` and gives 0 to go on, 1 to stop with success (enough was read), -RC_x to stop with
 * the error it filled; an error without a place gets "name:line:col". Any may be NULL. */
struct xml_handler {
    int (*start)(void *to, struct xml *x, const struct xml_tag *tag, struct err *e);
    /* All characters between two tags at once, blanks included; never called for none. */
    int (*text)(void *to, struct xml *x, struct str text, struct err *e);
    int (*end)(void *to, struct xml *x, const struct xml_tag *tag, struct err *e);
};

/* Read src, which stays the caller's, to its end (or until a handler stops): UTF-8, UTF-16,
 * ISO-8859-1 or ASCII, as the document declares; texts arrive in UTF-8. 0, 1 when a handler
 * stopped, or RC_DATA: XML-001 not well-formed or an unknown encoding, XML-002 a document type,
 * XML-003 nested too deeply, XML-004 a text or tag too long. */
MUST_CHECK int xml_read(struct source *src, const struct xml_handler *h, void *to, struct err *e);

/* An attribute's value: ns NULL for attributes without a prefix (the usual ones), "*" for any
 * namespace. p is NULL when it is absent. */
struct str xml_attr(const struct xml_tag *tag, const char *ns, const char *name);
/* By position, for walking all of them: false past the last. */
bool xml_attr_at(const struct xml_tag *tag, size_t i, struct xml_tag *ret_name, struct str *ret);

/* Where the tag or text now at hand begins, 1-based; the column in bytes. */
size_t xml_line(const struct xml *x);
size_t xml_column(const struct xml *x);

#endif
