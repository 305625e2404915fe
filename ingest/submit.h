/* submit.h — the parts of rta-submit: the ledger of the outbox (submit_ledger.c), checking and
 * packing (submit_pack.c), sending and asking for receipts (submit_send.c), and what is shown
 * (submit_show.c). docs/contracts/delivery.md has the formats. */
#ifndef INGEST_SUBMIT_H
#define INGEST_SUBMIT_H

#include "packet.h"
#include "stage.h"

struct submit_options {
    const char *to, *profile, *sender, *reason, *reason_code, *key, *passphrase, *outbox, *new_key;
    const char *coordinator, *ssh_key, *known_hosts, *cert, *cert_key, *ca, *netrc, *login;
    struct opt_list periods;
    int64_t wait, poll;
    bool status, unchecked;
};

/* What happened to a packet last. */
enum sent {
    SENT_PACKED,   /* made, not sent */
    SENT_SENT,     /* on the server, no answer */
    SENT_HELD,     /* the answer is: it waits for another one */
    SENT_ACCEPTED, /* final */
    SENT_REFUSED,  /* final: correct and send anew */
    SENT_REJECTED  /* not taken at all (unknown key, damaged …): the same packet is sent again */
};

struct entry {
    const char *packet, *sha256, *key, *file, *file_sha256, *profile, *at, *note;
    int64_t sequence;
    enum sent state;
};

/* The ledger: one line of JSON a step, each synced; a line that a crash cut short is dropped. */
struct ledger {
    struct arena arena;
    const char *dir, *path;
    struct entry *entries;
    size_t n, cap;
    int lock; /* -1: looked at only */
};
extern const char *const sent_words[];
/* With `lock` for work (RC_RETRY when another submit of this outbox runs), else to look at. */
MUST_CHECK int ledger_open(struct ledger *l, const char *dir, bool lock, struct err *e);
void ledger_close(struct ledger *l);
/* A new packet; it is in the outbox already. Texts must outlive the ledger. */
MUST_CHECK int ledger_add(struct ledger *l, const struct entry *x, struct err *e);
/* Another step of it. */
MUST_CHECK int ledger_step(struct ledger *l, struct entry *x, enum sent state, const char *note,
                           struct err *e);

struct submit {
    struct stage *st;
    const struct submit_options *o;
    struct conf *conf;
    struct ledger ledger;
    const char *partner; /* of the sender; "" outside */
    const char *structure;
    const char *file, *name; /* the file to send; NULL: what is not finished yet */
    char file_sha256[SHA256_HEX];
    size_t current; /* entry of the file */
};

/* Sender and profile fit, and read | map | check find no error. */
MUST_CHECK int submit_check(struct submit *s, struct err *e);
/* Find the packet of the file, or make it. */
MUST_CHECK int submit_pack(struct submit *s, struct err *e);
/* Send what is not sent, in order; fetch the answers, waiting for them as long as asked. */
MUST_CHECK int submit_send(struct submit *s, struct err *e);
/* Append the ledger as a table. */
void submit_status(const struct ledger *l, struct buf *b);

#endif
