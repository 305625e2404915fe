/* figure.h — one observation as it is shown: a number in the manner of a language, or the mark that
 * says why there is none. Texts are the arena of the configuration. */
#ifndef RTA_FIGURE_H
#define RTA_FIGURE_H

#include "axis.h"
#include "notes.h"
#include "num.h"

struct figure {
    bool is_number;
    struct num num;        /* when is_number, rounded as shown */
    const char *text;      /* for people, in the manner of the language; or the mark */
    const char *raw;       /* plain: "1234.5"; "" for a gap */
    const char *gap;       /* key of words.marks; NULL for a number */
    const char *status;    /* letters as shown, "b", "b,p"; "" when normal */
    const unsigned *notes; /* numbers of notes, ascending */
    size_t nnotes;
    bool provisional, broken;   /* status has P, E or F; status has B */
    const struct cube_row *row; /* NULL: no row in the stream */
};

/* column: the item whose group says what to show and how. Notes and marks used are added to n. */
MUST_CHECK int figure_make(const struct view *v, const struct cube *c, const struct cube_row *row,
                           const struct item *column, struct notes *n, struct figure *ret,
                           struct err *e);
/* A number in the manner of a language: "1 234.5" with the style's marks. */
const char *figure_number(struct conf *c, const struct number_style *s, struct num v);

#endif
