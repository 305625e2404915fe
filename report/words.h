/* words.h — the words and marks of a report that belong to no single layout: marks for what is no
 * figure, status letters, reasons, number styles, small texts. config/reports/common/words.yaml. */
#ifndef RTA_WORDS_H
#define RTA_WORDS_H

#include "conf.h"
#include "yml.h"

/* mark: what stands in the cell; text: what the legend says, by language. */
struct word {
    const char *key;
    const char *mark;
    struct yaml_list text; /* struct yaml_pair */
};

struct number_style {
    const char *key; /* language */
    const char *decimal, *thousands, *minus;
};

struct words {
    struct yaml_list marks;    /* struct word: not-available, not-applicable, suppressed … */
    struct yaml_list statuses; /* struct word: by SDMX letter */
    struct yaml_list reasons;  /* struct word: mark is a key of marks */
    struct yaml_list units;    /* struct word: the unit in words */
    struct yaml_list texts;    /* struct word */
    struct yaml_list numbers;  /* struct number_style */
};

/* In the arena of conf. */
MUST_CHECK int words_load(struct conf *c, const struct words **ret, struct err *e);
/* NULL when the list has no such key. */
const struct word *word_find(const struct yaml_list *list, struct str key);
/* The text of a list of struct yaml_pair in a language, else English, else "". */
const char *text_in(const struct yaml_list *pairs, const char *lang);
/* The text of words.texts; the key itself when it is missing, so that a gap shows. */
const char *words_text(const struct words *w, const char *key, const char *lang);
const struct number_style *words_numbers(const struct words *w, const char *lang);

#endif
