/* region.h — the region: partners with dated names, footnotes and orders, and who may send what.
 * config/region.yaml. Tier 2. */
#ifndef RTA_REGION_H
#define RTA_REGION_H

#include "conf.h"
#include "yml.h"

struct region_name {
    const char *lang, *name, *from, *to; /* ISO dates, NULL = open; the mark is not in the name */
    const char *form;                    /* "short", "long", "adjective" */
};

struct partner {
    const char *code;
    const char *mark;       /* "*" or NULL: printed after every mention of name and code */
    const char *footnote;   /* id of the footnote that the mark points at, or NULL */
    struct yaml_list names; /* struct region_name */
    struct yaml_mark at;
};

struct sender {
    const char *key;     /* "AL-ASP", "ESTAT" */
    const char *partner; /* partner code; NULL for an outside source */
    const char *name;
    const char *group; /* "Contact points of": senders of one group are listed together by their
                          partners' names; NULL: by name */
    bool outside;      /* published figures of somebody else: content faults are warnings */
    struct yaml_list areas; /* const char *: what it may send; empty: its partner alone; "*" all */
};

struct region {
    const char *id, *name;          /* "WB6", "Western Balkans" */
    const struct partner *partners; /* in file order */
    size_t npartners;
    const struct sender *senders;
    size_t nsenders;
    struct region_data *data; /* private */
};

/* Load once per conf. RC_CONFIG with place: repeated partner [REGION-001], unknown footnote [-002],
 * no English short name [-003], a date that is none [-004], a span that ends before it begins
 * [-005], an order that does not list every partner once, or lists a stranger [-006], a sender of
 * an unknown partner [-007], repeated sender, order or footnote (the binder's own). */
MUST_CHECK int region_load(struct conf *c, const struct region **ret, struct err *e);
const struct partner *region_partner(const struct region *r, struct str code);
const struct sender *region_sender(const struct region *r, struct str key);
/* Short name with its mark ("Kosovo*"), in a language (else English), as it was on a date
 * ("2026-01-31", NULL: the newest); the code with its mark when there is none, the code for an
 * unknown partner. In the arena of conf. */
const char *region_name(struct conf *c, const struct region *r, const char *code, const char *lang,
                        const char *date);
/* The same in a form: "short", "long", "adjective"; else the short one. */
const char *region_name_form(struct conf *c, const struct region *r, const char *code,
                             const char *const lang_form[2], const char *date);
/* Partner codes in a named order ("eu_protocol", "english_alpha") as of a date (NULL: the newest).
 * RC_CONFIG: unknown order [REGION-008], none for that date [REGION-009]. */
MUST_CHECK int region_order(struct conf *c, const struct region *r, const char *order,
                            const char *date, const char *const **ret, size_t *ret_n,
                            struct err *e);
/* The text of a footnote in a language (else English); NULL when there is none. */
const char *region_footnote(const struct region *r, const char *id, const char *lang);
/* May this sender send figures of this area? */
bool sender_may(const struct sender *s, struct str area);

#endif
