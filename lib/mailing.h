/* mailing.h — config/policies/mail.yaml: whom letters go to, in which language, by which server.
 * All in the arena of the configuration. Tier 3. */
#ifndef RTA_MAILING_H
#define RTA_MAILING_H

#include "region.h"
#include "yml.h"

#define MAILING_ADDRESSES_MAX 64 /* of one partner */

struct mail_partner {
    const char *key;     /* partner */
    struct yaml_list to; /* const char * */
    const char *lang;    /* NULL: that of all */
};
struct mail_policy {
    const char *server, *netrc, *from, *name, *lang, *signature;
    bool tls;
    struct yaml_list partners; /* struct mail_partner */
    struct yaml_mark at;
    const char *path;
};

/* A missing file is a policy without a server. RC_CONFIG with the place: no partner [REM-001], no
 * address [-002], no language [-003], a server without a sender's address [-004], too many
 * addresses [-006], an address of a server that is none, or has a name or password in it [-007]. */
MUST_CHECK int mail_policy_load(struct conf *c, struct mail_policy *ret, struct err *e);
/* What is said of a partner; NULL: nothing. */
const struct mail_partner *mail_policy_partner(const struct mail_policy *m, const char *partner);
/* The folder of templates/letters for a partner: that of its language, else of the language of all,
 * else of English; *ret_lang is the language that it is in. */
const char *mail_policy_letters(struct conf *c, const struct mail_policy *m, const char *partner,
                                const char **ret_lang);

#endif
