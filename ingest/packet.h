/* packet.h — what travels between a partner and the coordinator (docs/contracts/delivery.md): a
 * packet (one file with its signed manifest), a receipt (the signed answer), a bundle (several of
 * both for a stick), and the keys that prove who sent them. */
#ifndef INGEST_PACKET_H
#define INGEST_PACKET_H

#include "conf.h"
#include "hash.h"
#include "json.h"
#include "sign.h"
#include "yml.h"

#define PACKET_FORMAT "rta-packet/1"
#define RECEIPT_FORMAT "rta-receipt/1"
#define BUNDLE_FORMAT "rta-bundle/1"
#define PACKET_SUFFIX ".rtap"
#define RECEIPT_SUFFIX ".receipt"
#define PACKET_MANIFEST_BYTES 65536
#define PACKET_RECEIPT_BYTES ((size_t)4 << 20)
#define PACKET_MOMENT 21 /* 2026-01-31T12:00:00Z and the NUL */
#define PACKET_NAME 96   /* AL-ASP-1f3a5c7e-000007.rtap and the NUL */

/* ---- strict POSIX ustar (packet_tar.c): what we write is all that we read ---- */

#define TAR_BLOCK 512
#define TAR_FILE_BYTES ((INT64_C(1) << 33) - 1) /* what eleven octal digits hold */
struct tar_in {
    struct source *in; /* owned by whoever opened it */
    uint64_t left;     /* of the member */
    unsigned pad;      /* zeros after it */
    char name[101];
};
/* The next member: 1 with its name and `left`, 0 at the end, which must be the end of the file. Any
 * header that tar_header would not have written is RC_DATA. */
MUST_CHECK int tar_next(struct tar_in *t, struct err *e);
/* Bytes of the member, 0 at its end (its padding is proved then). */
MUST_CHECK ssize_t tar_read(struct tar_in *t, char *p, size_t n, struct err *e);
/* The whole member, at most max bytes; the caller frees. */
MUST_CHECK int tar_slurp(struct tar_in *t, size_t max, char **ret, size_t *ret_n, struct err *e);
/* The rest of the member into out (NULL: nowhere), and the SHA-256 of it. */
MUST_CHECK int tar_pass(struct tar_in *t, struct out *out, char ret[SHA256_HEX], struct err *e);
void tar_header(char ret[TAR_BLOCK], const char *name, uint64_t bytes);
void tar_member(struct out *o, const char *name, struct str bytes);
void tar_pad(struct out *o, uint64_t bytes); /* after a member of so many bytes */
void tar_end(struct out *o);

/* ---- the manifest (packet_manifest.c) ---- */

struct packet_manifest {
    const char *partner, *sender, *structure, *profile;
    const char *const *periods;
    size_t nperiods;
    const char *file;        /* the file's own name, without folders */
    const char *file_sha256; /* 64 hexadecimal digits */
    int64_t bytes;
    int64_t sequence;     /* 1, 2, 3 … for this sender and key */
    const char *previous; /* SHA-256 of the packet before, "" for the first */
    const char *created;  /* 2026-01-31T12:00:00Z */
    const char *reason, *reason_code, *config;
    const char *key; /* id of the public key that proves it */
};
/* Appends the one spelling of a manifest. */
void manifest_write(struct buf *b, const struct packet_manifest *m);
/* RC_DATA for anything that manifest_write would not have written, and for contents that are not
 * fit to travel. All texts in the arena. */
MUST_CHECK int manifest_read(struct packet_manifest *ret, struct str bytes, struct arena *a,
                             struct err *e);
MUST_CHECK int manifest_check(const struct packet_manifest *m, struct err *e);
/* The name of its packet. */
void manifest_packet_name(const struct packet_manifest *m, char ret[PACKET_NAME]);
/* A name that may become a file's name here: not empty, at most 200 bytes, no '/', not hidden,
 * nothing that drives a terminal. */
bool packet_file_name(struct str name);
/* Letters, digits, '-', '_', '.', at most 90, not beginning with '.' or '-'. */
bool packet_plain_name(struct str name);
/* The moment, UTC. */
void packet_now(char ret[PACKET_MOMENT]);

/* ---- a packet (packet.c) ---- */

struct packet {
    struct packet_manifest m;
    unsigned char signature[SIGN_BYTES];
    char *text; /* the manifest's bytes; owned */
    size_t ntext;
    struct arena arena;
    struct tar_in tar;
    struct source *in; /* owned */
};
/* Write it. The file's size and hash stand in the manifest; a file that changed since is RC_DATA.
 */
MUST_CHECK int packet_write(struct out *o, const struct packet_manifest *m,
                            const struct sign_key *key, const char *file, struct err *e);
/* The manifest and signature: well formed, not proved yet. Takes over `in`. */
MUST_CHECK int packet_open(struct packet *ret, struct source *in, struct err *e);
bool packet_signed_by(const struct packet *p, const struct sign_public *key);
/* The file into `out` (NULL: nowhere): RC_DATA unless it is as the manifest says and the packet
 * ends after it. */
MUST_CHECK int packet_file(struct packet *p, struct out *out, struct err *e);
void packet_close(struct packet *p); /* accepts zeroed */

/* ---- keys of senders (packet_keys.c) ---- */

struct packet_key {
    const char *public, *from, *to, *revoked, *note;
    struct yaml_mark at;
};
/* The key of a sender by its id in DIR/SENDER.yaml. RC_DENIED [KEY-001…] when it is not there, not
 * valid on the day (2026-01-31) or revoked. */
MUST_CHECK int packet_key_find(const char *dir, const char *sender, const char *id, const char *day,
                               struct sign_public *ret, struct err *e);

/* ---- receipts (packet_receipt.c) ---- */

/* Appends the receipt: one line of JSON, one line with key and signature of the first (both empty
 * without a key). */
MUST_CHECK int receipt_write(struct buf *b, const struct json *j, const struct sign_key *key,
                             struct err *e);
/* RC_DATA when it is none; RC_DENIED when `key` is given and did not sign it. */
MUST_CHECK int receipt_read(struct json **ret, struct str bytes, const struct sign_public *key,
                            struct err *e);
/* In plain words, 80 columns. Appends. */
void receipt_show(struct buf *b, const struct json *j);
void manifest_show(struct buf *b, const struct packet_manifest *m);

/* ---- the pipe (packet_pipe.c) ---- */

struct stage;
struct packet_pipe {
    struct stage *st;
    struct conf *conf;
    const char *profile, *file;
    const char *findings;    /* "--findings=FILE", or NULL */
    const char *log;         /* where the programs' words go; NULL: to people */
    const char *stream;      /* file for what was read; NULL: one without a name */
    const char *const *load; /* arguments of the last member; NULL: none */
    unsigned timeout_s;      /* of each half; 0: none */
};
/* read | map | check | load; 0, 1 with warnings, or what the first that failed ended with. A file
 * in a structure of ours is not mapped. */
MUST_CHECK int packet_pipe(const struct packet_pipe *p, struct err *e);

#endif
