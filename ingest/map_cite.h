/* map_cite.h — citations of articles, and sets of paragraphs, to the sources of a map's table. */
#ifndef RTA_MAP_CITE_H
#define RTA_MAP_CITE_H

#include "buf.h"
#include "mapping.h"

/* config/citations.yaml, loaded once per conf. */
MUST_CHECK int cite_load(struct conf *c, const struct cite_words **ret, struct err *e);
/* "čl. 246a st. 1" of a law to LAW:246a:1 in ret. False when the text is a source already, is no
 * citation, or fits none or several articles of the table. */
bool cite_normal(const struct cite_words *w, const struct table *t, const char *law,
                 struct str text, struct buf *ret);
/* The one source that covers a paragraph: RS:185:2 is in RS:185:2,4,5. at: where the last separator
 * stands. -1 when none or several do. */
int32_t cite_cover(const struct table *t, struct str text, size_t at, struct str sep);

#endif
