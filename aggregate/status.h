/* status.h — the forms of `rta status`: text, CSV, JSON, HTML of one grid. */
#ifndef RTA_AGGREGATE_STATUS_H
#define RTA_AGGREGATE_STATUS_H

#include "grid.h"
#include "json.h"

enum status_form { STATUS_TEXT, STATUS_CSV, STATUS_JSON, STATUS_HTML };

struct status_options {
    struct grid_want want;
    int to;
    int64_t columns; /* newest periods that text and HTML show when no --period is given; 0: all */
};

struct status {
    struct stage *st;
    const struct status_options *o;
    struct grid grid;
    bool color;
};

/* The first of the columns to show of a block. */
size_t status_from(const struct status *s, const struct block *b);
/* A partner's name with its mark, as of the day asked about. */
const char *status_name(const struct status *s, const char *code);
/* What waits for somebody, over all cells of the grid. */
struct waits {
    int64_t missing, returned, answers, decide, approve;
};
struct waits status_waits(const struct grid *g);

void status_text(const struct status *s, struct buf *b);
void status_csv(const struct status *s, struct out *out);
void status_json(const struct status *s, struct out *out);
MUST_CHECK int status_html(const struct status *s, struct buf *b, struct err *e);
/* One footnote for each mark of the partners shown: an array of {mark, text}. */
struct json *status_marks(const struct status *s);

#endif
