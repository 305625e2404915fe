/* io.h — bytes in and bytes out: pull sources that can be stacked (file → gzip → encoding → CSV)
 * and a buffered output that proves its bytes arrived. Data never goes through FILE. Tier 0. */
#ifndef RTA_IO_H
#define RTA_IO_H

#include "err.h"

struct arena;

/* A pull source. read gives 1..n bytes, 0 at the end, -RC_x on failure; close frees everything,
 * the source below included, and accepts being called once only. */
struct source {
    ssize_t (*read)(struct source *s, char *p, size_t n, struct err *e);
    void (*close)(struct source *s);
    const char *name; /* for places: the path as given, or "stdin"; owned by the source */
};

/* Open a file for reading; "-" is standard input. The caller closes. A directory or a missing file
 * is RC_DATA [IO-001], with the path as place. */
MUST_CHECK int source_open(struct source **ret, const char *path, struct err *e);
/* From memory that outlives the source. */
struct source *source_memory(struct str bytes, const char *name);
/* Read all of it, at most max bytes (more is RC_DATA); ret is owned by the caller (mem_free),
 * NUL-terminated, *ret_n without the NUL. The source stays open. */
MUST_CHECK int source_slurp(struct source *s, size_t max, char **ret, size_t *ret_n, struct err *e);
/* NULL is fine. */
void source_close(struct source *s);
/* For CLEANUP(source_closep) on a struct source *. */
void source_closep(struct source **s);
/* Open, slurp, close. */
MUST_CHECK int file_slurp(const char *path, size_t max, char **ret, size_t *ret_n, struct err *e);

/* The first line of a file, without its end, into ret (size bytes with the NUL; a file that does
 * not fit is RC_DATA). Nothing of it stays elsewhere in memory: for passphrases. */
MUST_CHECK int file_secret(const char *path, char *ret, size_t size, struct err *e);

/* A buffered output on a file descriptor. The first failure sticks; out_close reports it. */
struct out {
    int fd;
    char *p;
    size_t n, cap;
    uint64_t written; /* bytes handed to the kernel */
    const char *name; /* for messages; not owned */
    int broken;       /* errno of the first failure */
    /* Sees all bytes on their way to the kernel, whoever flushes: for a running hash. */
    void (*tap)(void *to, const void *p, size_t n);
    void *tap_to;
};

/* fd stays the caller's until out_close. */
void out_init(struct out *o, int fd, const char *name);
void out_put(struct out *o, const void *p, size_t n);
void out_str(struct out *o, struct str s);
/* Hand everything to the kernel now. */
void out_flush(struct out *o);
/* Flush, close the descriptor, free; RC_IO [IO-004] when any byte did not arrive. */
MUST_CHECK int out_close(struct out *o, struct err *e);
/* Close and free without a word, for error paths. Accepts zeroed. */
void out_drop(struct out *o);

/* A file that appears whole or not at all: written beside its place under a temporary name, synced
 * and renamed by file_publish; file_abandon (accepts zeroed) removes it. A link keeps, and what it
 * points to is replaced; a device or pipe that is there already is written to directly. */
struct newfile {
    struct out out;
    char *path, *temp; /* owned */
};
MUST_CHECK int file_create(struct newfile *f, const char *path, struct err *e);
MUST_CHECK int file_publish(struct newfile *f, struct err *e);
void file_abandon(struct newfile *f);
/* file_create, write, file_publish. */
MUST_CHECK int file_write(const char *path, struct str bytes, struct err *e);

/* Rename within one file system, and make both folders keep it through a power cut. */
MUST_CHECK int file_move(const char *from, const char *to, struct err *e);
/* A lock file, made when it is not there and locked for us until the descriptor is closed. 1: ours,
 * 0: somebody else holds it. With `inherited`, programs that we start hold it too, so that it is
 * free only when the last of them ended. */
MUST_CHECK int file_lock(const char *path, bool inherited, int *ret_fd, struct err *e);

/* Make a directory and its parents (0777 less umask). */
MUST_CHECK int dir_make(const char *path, struct err *e);
/* What is in a folder, sorted by bytes, without "." and ".."; in the arena. */
MUST_CHECK int dir_names(const char *path, struct arena *a, const char *const **ret, size_t *ret_n,
                         struct err *e);
/* Make the folder keep its entries through a power cut. */
MUST_CHECK int dir_sync(const char *path, struct err *e);
/* Remove a tree; a missing one is no error. Does not follow links. */
MUST_CHECK int dir_remove(const char *path, struct err *e);

#endif
