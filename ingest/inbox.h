/* inbox.h — the parts of rta-inbox: a partner's folder (inbox_desk.c), one packet through all its
 * proofs (inbox_judge.c), its file through the pipe into the store (inbox_load.c), the answer
 * (inbox_answer.c), what the store knows (inbox_store.c). docs/contracts/delivery.md has the layout
 * and what a kill between any two steps leaves. */
#ifndef INGEST_INBOX_H
#define INGEST_INBOX_H

#include "db.h"
#include "packet.h"
#include "region.h"
#include "stage.h"

struct inbox_options {
    const char *keys, *sign_key, *passphrase, *received;
    int gap; /* 0: hold, 1: refuse */
    int64_t max_bytes, timeout;
};

struct inbox {
    struct stage *st;
    const struct inbox_options *o;
    struct conf *conf;
    const struct region *region;
    struct db *db;
    struct sign_key *key; /* ours, for receipts; NULL: none */
    const char *dir, *keys;
    char received[PACKET_MOMENT]; /* when all this came in; "": now */
    char day[11];                 /* the day of that, for keys */
};

/* One partner's door. Texts in the arena. */
struct desk {
    struct inbox *in;
    const char *name; /* of the folder: a partner's code or a sender's key */
    const char *door, *out, *work, *held;
    int lock;
    struct arena arena;
};

enum verdict { VERDICT_ACCEPTED, VERDICT_REFUSED, VERDICT_HELD };

/* One packet at work. */
struct delivery {
    struct desk *desk;
    const char *name;        /* as it came in, or what we call it */
    const char *path, *copy; /* what was claimed; our own copy, which is what is examined */
    char sha256[SHA256_HEX]; /* of the copy */
    uint64_t bytes;
    struct packet packet;
    bool opened, proved;          /* proved: signature and integrity */
    const char *file;             /* the file, extracted; NULL before */
    char received[64], since[64]; /* when it came and was noted first, as the store says it */
    enum verdict verdict;
    bool consumed; /* its number is used up */
    const char *code;
    char reason[800], hint[600];
    struct json *load, *findings, *messages;
    int32_t submission; /* 0: none */
};

/* ---- inbox_desk.c ---- */
/* Everything that waits at one door. RC_RETRY when another inbox is at it. */
MUST_CHECK int desk_run(struct inbox *in, const char *name, struct err *e);

/* ---- inbox_judge.c ---- */
/* 0: there is a verdict. -RC_x: there is none for a reason that may pass; the packet stays where it
 * is. */
MUST_CHECK int delivery_judge(struct delivery *d, struct err *e);
/* Set the verdict; `why` gives reason and hint. Returns 0. */
int delivery_verdict(struct delivery *d, enum verdict v, const char *code, const struct err *why);

/* ---- inbox_load.c ---- */
MUST_CHECK int delivery_load(struct delivery *d, struct err *e);

/* ---- inbox_answer.c ---- */
/* Receipt into the store, then to the partner, then the packet to where it belongs. */
MUST_CHECK int delivery_answer(struct delivery *d, struct err *e);
/* The receipt that it got already, again. state: as the store says. */
MUST_CHECK int delivery_again(struct delivery *d, const char *state, const char *receipt,
                              struct err *e);

/* It was answered for good at another door: refused here, and the row of the store stays. */
MUST_CHECK int delivery_elsewhere(struct delivery *d, struct err *e);

/* ---- inbox_store.c ---- */
struct known {
    bool there, chained;
    char state[16], code[24], folder[96];
    char *receipt; /* owned */
};
MUST_CHECK int store_known(struct delivery *d, struct known *ret, struct err *e);
MUST_CHECK int store_take(struct delivery *d, struct err *e);
MUST_CHECK int store_last(struct delivery *d, int64_t *ret_sequence, char ret_sha[SHA256_HEX],
                          struct err *e);
/* 1 when another packet of this name has a final answer. */
MUST_CHECK int store_named(struct delivery *d, const char *name, struct err *e);
/* 1 and what load's receipt would say, when the file was loaded and nobody answered. */
MUST_CHECK int store_loaded(struct delivery *d, struct json **ret, struct err *e);
/* Into the audit alone: the packet was answered at another door. */
MUST_CHECK int store_elsewhere(struct delivery *d, struct err *e);
MUST_CHECK int store_answer(struct delivery *d, const char *receipt, struct err *e);

/* --received, understood; else today. */
MUST_CHECK int store_moment(struct inbox *in, struct err *e);

extern const char *const verdict_words[];

#endif
