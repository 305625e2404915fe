/* remind.h — the parts of `rta remind`: who is written to about what, the letter's text, and its
 * way out by file and mail. */
#ifndef RTA_AGGREGATE_REMIND_H
#define RTA_AGGREGATE_REMIND_H

#include "grid.h"
#include "json.h"
#include "mailing.h"

struct remind_options {
    const char *today, *out, *partner;
    bool dry_run, mail;
};

struct remind {
    struct stage *st;
    const struct remind_options *o;
    struct conf *conf;
    struct db *db;
    struct grid grid;
    struct mail_policy policy;
    const char *out;
    uint64_t made, written, mailed, waiting;
};

/* The letter to a partner, NULL in *ret when there is nothing new to say. */
struct letter {
    const char *partner, *lang, *folder; /* folder: of its templates */
    struct json *data;                   /* of the template */
    struct json *items;                  /* what it reminds of for the first time */
    struct buf text;
    char file[80], id[160];
    struct str subject, body; /* within text */
};
MUST_CHECK int letter_make(struct remind *r, const char *partner, struct letter *ret, bool *ret_any,
                           struct err *e);
void letter_free(struct letter *l);
/* Remember it. 1, or 0 when somebody else was quicker. */
MUST_CHECK int letter_keep(struct remind *r, const struct letter *l, struct err *e);

/* Write and send what is remembered and not marked as done, also of earlier runs. */
MUST_CHECK int remind_write(struct remind *r, struct err *e);
MUST_CHECK int remind_mail(struct remind *r, struct err *e);

#endif
