/* text.h — declared encodings to UTF-8 (iconv.h is included in text.c alone), and the few things we
 * do with characters: validity, width on a terminal, folding for matching. Tier 1. */
#ifndef RTA_TEXT_H
#define RTA_TEXT_H

#include "io.h"

struct buf;

/* A source of valid UTF-8 from one in the declared encoding: "UTF-8", "UTF-16" (BOM needed),
 * "UTF-16LE", "UTF-16BE", "Windows-1250", "Windows-1251", "Windows-1252", "ISO-8859-1", "-2",
 * "-5", "-16", "MacRoman"; names without regard to case, '-' and '_'. Takes over `below`. A byte
 * that is not valid in the encoding is RC_DATA [TEXT-002] with line and column; NUL bytes are
 * refused [TEXT-003]; a BOM that contradicts the declared encoding is refused with a hint that
 * names the one it says. A UTF-8 BOM is dropped. */
MUST_CHECK int source_text(struct source **ret, struct source *below, const char *encoding,
                           struct err *e);
/* Is the name one of those above? The canonical spelling, or NULL. */
const char *text_encoding(const char *name);

bool text_valid(struct str s); /* UTF-8, no NUL, no surrogate, shortest form */
/* Columns on a terminal (East Asian wide counts 2, combining 0). */
size_t text_width(struct str s);
/* The next character of a view, advancing it; U+FFFD for an invalid byte; 0 at the end. */
uint32_t text_next(struct str *s);

/* For matching names, never for storing: lower case, Cyrillic to Latin (Serbian and Macedonian
 * letters), diacritics dropped (đ and dj fold together), punctuation and blanks collapsed to one
 * blank, ends trimmed. Appends to b. */
void text_fold(struct buf *b, struct str s);
/* The same of each of n texts, in the arena, in the place of the text. */
struct arena;
void text_fold_all(const char **texts, size_t n, struct arena *a);
/* Damerau–Levenshtein distance over characters, given up past max (returns max + 1). */
size_t text_distance(struct str a, struct str b, size_t max);

#endif
