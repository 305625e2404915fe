/* notes.h — what stands under a table or chart: footnotes of marks, the legend of gaps and status
 * letters, numbered notes in order of appearance, and the lines on coverage, population, sources
 * and review. Collected while figures are made; texts are the arena of the configuration. */
#ifndef RTA_NOTES_H
#define RTA_NOTES_H

#include "view.h"

struct note {
    const char *mark, *text;
};
struct note_list {
    struct note *items;
    size_t n, cap;
};

struct notes {
    const struct view *v;
    struct note_list marks;    /* "*": the footnote of a partner's mark */
    struct note_list legend;   /* ":": not available */
    struct note_list statuses; /* "b": break in the series */
    struct note_list numbered; /* "1": … in order of appearance */
    struct note_list lines;    /* filled by notes_finish; mark is the kind: coverage, source … */
    struct note_list senders, populations, coverage, natures; /* collected */
    bool brief;   /* charts: coverage and reasons are said once, not for each figure */
    bool partial; /* brief: some aggregate lacked partners */
    bool gaps;    /* brief: some figure is missing */
    size_t rows, unreviewed;
    size_t shown, made_up; /* figures with a row behind them; of these the illustrative ones */
    size_t grades[5];      /* A … E */
    struct str grade_worst;
};

void notes_init(struct notes *n, const struct view *v);
/* A partner is mentioned; also finds marked names within a text. */
void notes_mention(struct notes *n, struct str code);
void notes_mention_text(struct notes *n, const char *text);
/* The mark of a gap, put into the legend; key of words.marks. */
const char *notes_gap(struct notes *n, const char *key);
/* Letters for SDMX statuses joined by ';', put into the legend. */
const char *notes_status(struct notes *n, struct str statuses);
/* Number of a note, the same for the same text. */
unsigned notes_number(struct notes *n, const char *text);
/* The same for a remark of the stream, set as a sentence: a capital and a full stop. */
unsigned notes_remark(struct notes *n, struct str remark);
/* Who sent it, which population, reviewed or not, illustrative or not. */
void notes_row(struct notes *n, const struct cube *c, const struct cube_row *row);
/* The text on the partners behind an aggregate, or NULL when the row is none. */
const char *notes_coverage(struct notes *n, const struct cube *c, const struct cube_row *row);
/* A line on how many figures are there. */
void notes_complete(struct notes *n, size_t have, size_t of);
/* Make the lines. */
void notes_finish(struct notes *n);
/* What to say over figures that are made up, all or some of them; NULL: none is. */
const char *notes_illustrative(const struct notes *n);
/* Add unless the text is there; returns its index. */
size_t notes_add(struct notes *n, struct note_list *l, const char *mark, const char *text);

#endif
