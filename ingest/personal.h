/* personal.h — does a heading or a text look like personal data? Tables of counts hold none, and
 * where one turns up the run stops before it can pass it on; nothing here ever repeats the text.
 * The headings are configuration (config/personal.yaml), the manners of numbers are here. */
#ifndef RTA_PERSONAL_H
#define RTA_PERSONAL_H

#include "conf.h"
#include "yml.h"

/* A column or dimension that is let through, and why, in words. Profiles and registers list them.
 */
struct personal_exempt {
    const char *name, *reason;
    struct yaml_mark at;
};
extern const struct yaml_type personal_exempt_type;
/* Every reason has words in it: RC_CONFIG else. list: struct personal_exempt. */
MUST_CHECK int personal_exempt_check(const struct yaml_list *list, struct err *e);
bool personal_exempted(const struct yaml_list *list, struct str name);

struct personal;
/* Loaded once per conf; a configuration without personal.yaml knows no headings. */
MUST_CHECK int personal_load(struct conf *c, const struct personal **ret, struct err *e);
/* What the heading says it holds ("date of birth"), or NULL. */
const char *personal_heading(const struct personal *p, struct str heading);
/* What the text is ("national identity number"), or NULL. Sure signs only: numbers with a right
 * check digit or an impossible chance of being anything else. */
const char *personal_text(struct str text);

/* The finding: RC_DATA, without the text. what: as given by the two above. */
int personal_in_heading(struct err *e, const char *what, const char *file, size_t line,
                        size_t field);
int personal_in_text(struct err *e, const char *what, const char *file, size_t line, size_t field);

/* A watch over what one run passes on: each text is looked at once, or nearly so. */
struct watch;
struct watch *watch_new(const struct personal *p, const struct yaml_list *exempt);
void watch_free(struct watch *w);
/* Is the text under this name (a dimension, COMMENT) free of personal data, or exempt? */
bool watch_passes(struct watch *w, const char *name, struct str text, const char **ret_what);
/* The same for a heading. */
bool watch_heading(const struct watch *w, const char *name, struct str text, const char **ret_what);

#endif
